/* SPDX-License-Identifier: MIT */
#include "caochu/raster_in.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <geodesic.h>

#include "caochu/file.h"
#include "caochu/grid.h"
#include "caochu/text.h"
#include "raster/crs.h"
#include "raster/gdal_words.h"
#include "raster/tiff_blocks.h"
#include "raster/torn.h"

/* Products are read without side-cars, which other programs leave beside them. A raster that the user
 * names is what those files say too: its no data, its mask (.aux.xml, .msk). */
static void use_side_cars(bool use)
{
    CPLSetThreadLocalConfigOption("GDAL_PAM_ENABLED", use ? "YES" : NULL);
    CPLSetThreadLocalConfigOption("GDAL_DISABLE_READDIR_ON_OPEN", use ? "NO" : NULL);
}

static enum cao_status open_dataset(const char *path, GDALDatasetH *dataset, struct cao_error *err)
{
    char words[CAO_WORDS];
    CPLErrorReset();
    use_side_cars(true);
    *dataset = GDALOpenEx(path, GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, NULL,
                          NULL, NULL);
    if (*dataset && GDALGetRasterCount(*dataset) > 0) /* which looks for the mask's file */
        (void)GDALGetMaskFlags(GDALGetRasterBand(*dataset, 1));
    use_side_cars(false);
    if (*dataset) { /* OpenJPEG decodes a file that was cut short without a word */
        const char *driver = GDALGetDriverShortName(GDALGetDatasetDriver(*dataset));
        enum cao_status st = CAO_OK;
        if (strcmp(driver, "JP2OpenJPEG") == 0 && strncmp(path, "/vsi", 4) != 0)
            st = cao_jp2_whole(path, err);
        if (st)
            GDALClose(*dataset);
        return st;
    }
    int64_t size = 0, time;
    bool there = cao_file_stat(path, &size, &time) || strncmp(path, "/vsi", 4) == 0;
    if (!there && !cao_file_is_dir(path))
        return cao_fail(err, CAO_EIO, "%s: the raster is not there", path);
    return cao_fail(err, CAO_EDATA, "%s: cannot be opened as a raster: %s", path,
                    cao_gdal_words(words));
}

/* --- dates --- */

/* Digits from @p s on, at most @p most. */
static size_t digits(const char *s, size_t most)
{
    size_t n = 0;
    while (n < most && isdigit((unsigned char)s[n]))
        n++;
    return n;
}

static int32_t date_at(const char *s, size_t n)
{
    char text[12] = "";
    int32_t day;
    if (n == 8) { /* 20240715 */
        memcpy(text, s, 8);
        return cao_date_parse(text, &day) && s[0] <= '2' && s[0] >= '1' ? day : CAO_NO_DATE;
    }
    if (n == 7) { /* 2024193: day of the year */
        memcpy(text, s, 7);
        long v = strtol(text, NULL, 10);
        int32_t year = (int32_t)(v / 1000), of_year = (int32_t)(v % 1000);
        bool fine = year >= 1900 && year < 2200 && of_year >= 1 && of_year <= 366;
        return fine ? cao_date_of(year, 1, 1) + of_year - 1 : CAO_NO_DATE;
    }
    static const char shape[] = "dddd?dd?dd"; /* 2024-07-15, 2024_07_15, 2024.07.15 */
    for (size_t i = 0; i < 10; i++)
        if (shape[i] == 'd' ? !isdigit((unsigned char)s[i]) : !s[i] || !strchr("-_.", s[i]))
            return CAO_NO_DATE;
    memcpy(text, s, 10);
    text[4] = text[7] = '-';
    return cao_date_parse(text, &day) && s[0] <= '2' && s[0] >= '1' ? day : CAO_NO_DATE;
}

/* MODIS products have the date of acquisition first and that of production last: a day of the year
 * of seven digits counts only after an A, or where nothing else is found. */
int32_t cao_date_in_name(const char *name)
{
    int32_t found = CAO_NO_DATE, weak = CAO_NO_DATE, strong = CAO_NO_DATE;
    for (const char *s = name; *s;) {
        size_t n = digits(s, 64);
        if (n == 0) {
            s++;
            continue;
        }
        int32_t day = date_at(s, n == 14 ? 8 : n); /* 20240715T040601, 20240715040601 */
        if (n == 7 && s > name && (s[-1] == 'A' || s[-1] == 'a'))
            strong = strong == CAO_NO_DATE ? day : strong;
        else if (n == 7)
            weak = weak == CAO_NO_DATE ? day : weak;
        else if (n == 4 || n == 8 || n == 14)
            found = found == CAO_NO_DATE ? day : found;
        s += n;
    }
    return strong != CAO_NO_DATE ? strong : found != CAO_NO_DATE ? found : weak;
}

/* The date that is the whole name of the file's folder: 2024-07-15/ndvi.tif. */
static int32_t folder_date(const char *path)
{
    char dir[CAO_PATH_MAX];
    cao_path_dir(dir, path);
    const char *name = cao_path_name(dir);
    size_t n = strlen(name);
    return n == 8 || n == 10 ? cao_date_in_name(name) : CAO_NO_DATE;
}

static int32_t band_date(GDALRasterBandH band, const char *name, const char *path, size_t n_bands)
{
    static const char *const keys[] = { "date", "DATE",     "acquisition_date",
                                        "time", "datetime", "TIFFTAG_DATETIME" };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *said = GDALGetMetadataItem(band, keys[i], NULL);
        int32_t day = said ? cao_date_in_name(said) : CAO_NO_DATE;
        if (day != CAO_NO_DATE)
            return day;
    }
    int32_t day = cao_date_in_name(name);
    if (day != CAO_NO_DATE)
        return day;
    /* a band of a VRT that is one file: that file's date */
    char **sources = n_bands > 1 ? GDALGetMetadata(band, "vrt_sources") : NULL;
    if (CSLCount(sources) == 1) {
        const char *from = strstr(sources[0], "<SourceFilename"), *end = NULL;
        from = from ? strchr(from, '>') : NULL;
        end = from ? strchr(from, '<') : NULL;
        if (end && end - from < CAO_PATH_MAX) {
            char file[CAO_PATH_MAX];
            snprintf(file, sizeof file, "%.*s", (int)(end - from - 1), from + 1);
            day = cao_date_in_name(cao_path_name(file));
        }
    }
    day = day != CAO_NO_DATE ? day : cao_date_in_name(cao_path_name(path));
    return day != CAO_NO_DATE ? day : folder_date(path);
}

/* --- description --- */

static enum cao_status describe_band(GDALDatasetH d, int at, const char *path,
                                     struct cao_raster_band_info *b, struct cao_error *err)
{
    GDALRasterBandH band = GDALGetRasterBand(d, at);
    GDALDataType type = GDALGetRasterDataType(band);
    int set = 0, flags = GDALGetMaskFlags(band);
    if (GDALDataTypeIsComplex(type))
        return cao_fail(err, CAO_EDATA, "%s: band %d holds complex numbers, which have no order",
                        path, at);
    b->nodata = GDALGetRasterNoDataValue(band, &set);
    b->has_nodata = set != 0;
    b->also_nodata = (double)NAN;
    b->masked =
        (flags & GMF_PER_DATASET) || (flags & GMF_ALPHA) || !(flags & (GMF_ALL_VALID | GMF_NODATA));
    b->scale = GDALGetRasterScale(band, &set);
    b->scale = set ? b->scale : 1;
    b->offset = GDALGetRasterOffset(band, &set);
    b->offset = set ? b->offset : 0;
    if (!isfinite(b->scale) || !isfinite(b->offset) || b->scale == 0)
        return cao_fail(err, CAO_EDATA,
                        "%s: band %d has scale %g and offset %g, which give no "
                        "numbers",
                        path, at, b->scale, b->offset);
    b->wide = type != GDT_Byte && type != GDT_UInt16 && type != GDT_Int16 && type != GDT_Float32;
    b->name = cao_text_copy(GDALGetDescription(band) ? GDALGetDescription(band) : "");
    b->type = cao_text_copy(GDALGetDataTypeName(type));
    if (!b->name || !b->type)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    b->date = band_date(band, b->name, path, (size_t)GDALGetRasterCount(d));
    return CAO_OK;
}

static enum cao_status describe_place(GDALDatasetH d, const char *crs, struct cao_raster_info *r,
                                      struct cao_error *err)
{
    bool placed = GDALGetGeoTransform(d, r->geotransform) == CE_None;
    if (placed && !GDALInvGeoTransform(r->geotransform, r->inverse))
        return cao_fail(err, CAO_EDATA,
                        "%s: its geotransform (%g, %g, %g, %g, %g, %g) gives cells without area",
                        r->path, r->geotransform[0], r->geotransform[1], r->geotransform[2],
                        r->geotransform[3], r->geotransform[4], r->geotransform[5]);
    if (!placed)
        return cao_fail(err, CAO_EDATA,
                        "%s: has no geotransform, so its place is not known; give it one with "
                        "gdal_translate -a_ullr",
                        r->path);
    OGRSpatialReferenceH own = GDALGetSpatialRef(d);
    own = own && cao_srs_is_a_place(own) ? own : NULL;
    bool said = !own && crs && crs[0];
    OGRSpatialReferenceH srs = own ? OSRClone(own) : said ? cao_srs_import(crs) : NULL;
    if (!srs)
        return said ? cao_fail(err, CAO_EARG, "--crs: '%s' is not a coordinate system", crs)
                    : cao_fail(err, CAO_EDATA,
                               "%s: has no coordinate system, so its place is not known; name it "
                               "with --crs, such as EPSG:32647",
                               r->path);
    char *wkt = NULL, name[128];
    r->degrees = OSRIsGeographic(srs);
    r->unit_m = r->degrees ? 1 : OSRGetLinearUnits(srs, NULL);
    static const char *const wkt2[] = { "FORMAT=WKT2_2019", NULL };
    if (OSRExportToWktEx(srs, &wkt, wkt2) == OGRERR_NONE)
        r->crs = cao_text_copy(wkt);
    if (r->crs) {
        cao_crs_name(r->crs, name, sizeof name);
        r->crs_name = cao_text_copy(name);
    }
    CPLFree(wkt);
    OSRDestroySpatialReference(srs);
    return r->crs && r->crs_name ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
}

enum cao_status cao_raster_info_read(const char *path, const char *crs,
                                     struct cao_raster_info *info, struct cao_error *err)
{
    GDALDatasetH d;
    struct cao_raster_info made = { .path = cao_text_copy(path) };
    enum cao_status st = open_dataset(path, &d, err);
    if (st) {
        free(made.path);
        return st;
    }
    made.cols = GDALGetRasterXSize(d);
    made.rows = GDALGetRasterYSize(d);
    int n = GDALGetRasterCount(d);
    made.bands = calloc((size_t)n + 1, sizeof *made.bands);
    if (!made.path || !made.bands)
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    else if (n == 0)
        st = cao_fail(err, CAO_EDATA,
                      "%s: holds no band of its own; name one of its subdatasets (gdalinfo lists "
                      "them)",
                      path);
    else if (made.cols >= 1 << 20 || made.rows >= 1 << 20)
        st = cao_fail(err, CAO_EDATA, "%s: %d x %d cells are too many (limit %d a side)", path,
                      (int)made.cols, (int)made.rows, (1 << 20) - 1);
    if (!st)
        st = describe_place(d, crs, &made, err);
    for (int i = 0; !st && i < n; i++) {
        made.n_bands++;
        st = describe_band(d, i + 1, path, &made.bands[i], err);
    }
    if (!st)
        GDALGetBlockSize(GDALGetRasterBand(d, 1), &made.block_cols, &made.block_rows);
    GDALClose(d);
    if (st)
        cao_raster_info_release(&made);
    else
        *info = made;
    return st;
}

void cao_raster_info_release(struct cao_raster_info *info)
{
    for (size_t i = 0; i < info->n_bands; i++) {
        free(info->bands[i].name);
        free(info->bands[i].type);
    }
    free(info->bands);
    free(info->path);
    free(info->crs);
    free(info->crs_name);
    *info = (struct cao_raster_info){ 0 };
}

bool cao_raster_same_grid(const struct cao_raster_info *a, const struct cao_raster_info *b)
{
    if (a->cols != b->cols || a->rows != b->rows || !cao_crs_same(a->crs, b->crs))
        return false;
    /* to a thousandth of a pixel over the whole of it: writers round */
    double tolerance = 1e-3 * hypot(a->geotransform[1], a->geotransform[4]);
    for (int i = 0; i < 6; i++) {
        double reach = i % 3 == 0 ? 1 : i % 3 == 1 ? a->cols : a->rows;
        if (!(fabs(a->geotransform[i] - b->geotransform[i]) * reach <= tolerance))
            return false;
    }
    return true;
}

double cao_raster_cell_area(const struct cao_raster_info *info, int32_t row)
{
    const double *t = info->geotransform;
    if (!info->degrees || t[2] != 0 || t[4] != 0)
        return info->degrees ? (double)NAN
                             : fabs(t[1] * t[5] - t[2] * t[4]) * info->unit_m * info->unit_m;
    struct geod_geodesic earth;
    struct geod_polygon cell;
    double area, perimeter, top = t[3] + row * t[5], bottom = top + t[5];
    top = fmax(fmin(top, 90), -90);
    bottom = fmax(fmin(bottom, 90), -90);
    geod_init(&earth, 6378137.0, 1 / 298.257223563);
    geod_polygon_init(&cell, 0);
    enum { STEPS = 8 }; /* parallels are no geodesics */
    double width = fmin(fabs(t[1]), 90);
    for (int i = 0; i <= STEPS; i++)
        geod_polygon_addpoint(&earth, &cell, bottom, width * i / STEPS);
    for (int i = STEPS; i >= 0; i--)
        geod_polygon_addpoint(&earth, &cell, top, width * i / STEPS);
    geod_polygon_compute(&earth, &cell, 0, 1, &area, &perimeter);
    return fabs(area) * fabs(t[1]) / width;
}

/* --- numbers --- */

/* The file's blocks beside GDAL, where they are plain: tiff_blocks.h. */
struct plain {
    struct cao_tiff *tiff;
    struct cao_tiff_decoder *decoder;
    float *block;
    uint16_t *dn; /* of whole numbers */
    int col, row; /* of the block that is decoded; -1: none */
};

struct cao_raster_in {
    const struct cao_raster_info *info;
    GDALDatasetH dataset;
    struct plain plain;
};

static void close_plain(struct plain *p)
{
    cao_tiff_close(p->tiff);
    cao_tiff_decoder_destroy(p->decoder);
    free(p->block);
    free(p->dn);
    *p = (struct plain){ .col = -1 };
}

static bool same_shape(const struct cao_raster_info *info, GDALDataType type,
                       const struct cao_tiff_shape *s)
{
    GDALDataType here = s->is_float     ? GDT_Float32
                        : s->bytes == 1 ? GDT_Byte
                        : s->is_signed  ? GDT_Int16
                                        : GDT_UInt16;
    return s->width == info->cols && s->height == info->rows && s->block_cols == info->block_cols &&
           s->block_rows == info->block_rows && here == type;
}

/* Leaves all to GDAL where anything is not plain. */
static void open_plain(struct cao_raster_in *r)
{
    struct plain *p = &r->plain;
    const char *driver = GDALGetDriverShortName(GDALGetDatasetDriver(r->dataset));
    *p = (struct plain){ .col = -1 };
    if (strcmp(driver, "GTiff") != 0 || r->info->n_bands != 1)
        return;
    p->tiff = cao_tiff_open(r->info->path);
    if (!p->tiff)
        return;
    const struct cao_tiff_shape *s = cao_tiff_shape(p->tiff);
    size_t n = (size_t)s->block_cols * (size_t)s->block_rows;
    p->decoder = cao_tiff_decoder_create();
    p->block = malloc(n * sizeof *p->block);
    p->dn = s->is_float ? NULL : malloc(n * sizeof *p->dn);
    if (!p->decoder || !p->block || (!s->is_float && !p->dn) ||
        !same_shape(r->info, GDALGetRasterDataType(GDALGetRasterBand(r->dataset, 1)), s))
        close_plain(p);
}

static bool decode_plain(struct plain *p, int col, int row)
{
    const struct cao_tiff_shape *s = cao_tiff_shape(p->tiff);
    size_t n = (size_t)s->block_cols * (size_t)s->block_rows;
    if (p->col == col && p->row == row)
        return true;
    p->col = -1;
    if (s->is_float && !cao_tiff_decode_floats(p->tiff, p->decoder, col, row, p->block))
        return false;
    if (!s->is_float && !cao_tiff_decode(p->tiff, p->decoder, col, row, p->dn))
        return false;
    for (size_t i = 0; !s->is_float && s->is_signed && i < n; i++)
        p->block[i] = (float)(int16_t)p->dn[i];
    for (size_t i = 0; !s->is_float && !s->is_signed && i < n; i++)
        p->block[i] = (float)p->dn[i];
    p->col = col;
    p->row = row;
    return true;
}

/* What is no data becomes NaN. A text such as -3.4e38 in the header means the float next to it. */
static void take_row32(const struct cao_raster_band_info *b, const float *restrict from,
                       float *restrict to, size_t n)
{
    const float none = b->has_nodata ? (float)b->nodata : NAN, other = (float)b->also_nodata;
    for (size_t i = 0; i < n; i++)
        to[i] = from[i] == none || from[i] == other ? NAN : from[i];
}

static void take_row64(const struct cao_raster_band_info *b, const float *restrict from,
                       double *restrict to, size_t n)
{
    const double none = b->has_nodata ? b->nodata : (double)NAN, other = b->also_nodata;
    for (size_t i = 0; i < n; i++) {
        double x = (double)from[i];
        to[i] = x == none || x == other ? (double)NAN : x;
    }
}

/* A window block by block, into one of the two. False: GDAL must read it. */
static bool read_plain(struct cao_raster_in *r, const struct cao_window *w, float *to32,
                       double *to64)
{
    struct plain *p = &r->plain;
    const struct cao_raster_band_info *b = &r->info->bands[0];
    if (!p->tiff)
        return false;
    const int cols = r->info->block_cols, rows = r->info->block_rows;
    for (int y = w->row / rows; y * rows < w->row + w->rows; y++)
        for (int x = w->col / cols; x * cols < w->col + w->cols; x++) {
            if (!decode_plain(p, x, y))
                return false;
            int left = x * cols > w->col ? x * cols : w->col,
                top = y * rows > w->row ? y * rows : w->row,
                right = (x + 1) * cols < w->col + w->cols ? (x + 1) * cols : w->col + w->cols,
                end = (y + 1) * rows < w->row + w->rows ? (y + 1) * rows : w->row + w->rows;
            for (int line = top; line < end; line++) {
                const float *from =
                    p->block + (size_t)(line - y * rows) * (size_t)cols + (size_t)(left - x * cols);
                size_t at = (size_t)(line - w->row) * (size_t)w->cols + (size_t)(left - w->col);
                if (to32)
                    take_row32(b, from, to32 + at, (size_t)(right - left));
                else
                    take_row64(b, from, to64 + at, (size_t)(right - left));
            }
        }
    return true;
}

enum cao_status cao_raster_in_open(const struct cao_raster_info *info,
                                   struct cao_raster_in **raster, struct cao_error *err)
{
    struct cao_raster_in *made = calloc(1, sizeof *made);
    if (!made)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    made->info = info;
    enum cao_status st = open_dataset(info->path, &made->dataset, err);
    if (!st && (GDALGetRasterXSize(made->dataset) != info->cols ||
                GDALGetRasterYSize(made->dataset) != info->rows ||
                GDALGetRasterCount(made->dataset) != (int)info->n_bands)) {
        GDALClose(made->dataset);
        st = cao_fail(err, CAO_EDATA, "%s: changed while it was worked on", info->path);
    }
    if (st) {
        free(made);
        return st;
    }
    open_plain(made);
    *raster = made;
    return CAO_OK;
}

static enum cao_status read_window(struct cao_raster_in *r, GDALRasterBandH band,
                                   const struct cao_window *w, void *to, GDALDataType type,
                                   struct cao_error *err)
{
    char words[CAO_WORDS];
    CPLErrorReset();
    CPLErr failed = GDALRasterIO(band, GF_Read, w->col, w->row, w->cols, w->rows, to, w->cols,
                                 w->rows, type, 0, 0);
    /* A decoder that had to guess says so as a warning and hands over what it has. */
    if (failed == CE_None && CPLGetLastErrorType() < CE_Warning)
        return CAO_OK;
    return cao_fail(err, CAO_EDATA, "%s: cannot be read: %s; the file is probably incomplete",
                    r->info->path, cao_gdal_words(words));
}

static enum cao_status read_hidden(struct cao_raster_in *r, size_t band, const struct cao_window *w,
                                   unsigned char *hidden, struct cao_error *err)
{
    GDALRasterBandH b = GDALGetRasterBand(r->dataset, (int)band + 1);
    return read_window(r, GDALGetMaskBand(b), w, hidden, GDT_Byte, err);
}

enum cao_status cao_raster_in_read32(struct cao_raster_in *r, size_t band,
                                     const struct cao_window *w, float *values,
                                     unsigned char *hidden, struct cao_error *err)
{
    const struct cao_raster_band_info *b = &r->info->bands[band];
    size_t n = (size_t)w->cols * (size_t)w->rows;
    enum cao_status st = CAO_OK;
    if (!read_plain(r, w, values, NULL)) {
        st = read_window(r, GDALGetRasterBand(r->dataset, (int)band + 1), w, values, GDT_Float32,
                         err);
        const float none[2] = { b->has_nodata ? (float)b->nodata : NAN, (float)b->also_nodata };
        for (int k = 0; !st && k < 2; k++)
            for (size_t i = 0; none[k] == none[k] && i < n; i++)
                values[i] = values[i] == none[k] ? NAN : values[i];
    }
    if (!st && b->masked)
        st = read_hidden(r, band, w, hidden, err);
    for (size_t i = 0; !st && b->masked && i < n; i++)
        values[i] = hidden[i] ? values[i] : NAN;
    return st;
}

enum cao_status cao_raster_in_read64(struct cao_raster_in *r, size_t band,
                                     const struct cao_window *w, double *values,
                                     unsigned char *hidden, struct cao_error *err)
{
    const struct cao_raster_band_info *b = &r->info->bands[band];
    size_t n = (size_t)w->cols * (size_t)w->rows;
    enum cao_status st = CAO_OK;
    if (!read_plain(r, w, NULL, values)) {
        st = read_window(r, GDALGetRasterBand(r->dataset, (int)band + 1), w, values, GDT_Float64,
                         err);
        const double none[2] = { b->has_nodata ? b->nodata : (double)NAN, b->also_nodata };
        for (int k = 0; !st && k < 2; k++)
            for (size_t i = 0; none[k] == none[k] && i < n; i++)
                values[i] = values[i] == none[k] ? (double)NAN : values[i];
    }
    if (!st && b->masked)
        st = read_hidden(r, band, w, hidden, err);
    for (size_t i = 0; !st && b->masked && i < n; i++)
        values[i] = hidden[i] ? values[i] : (double)NAN;
    return st;
}

void cao_raster_in_close(struct cao_raster_in *r)
{
    if (!r)
        return;
    close_plain(&r->plain);
    GDALClose(r->dataset);
    free(r);
}
