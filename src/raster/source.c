/* SPDX-License-Identifier: MIT */
#include "raster/source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>
#include <cpl_vsi.h>
#include <xxhash.h>

#include "caochu/file.h"
#include "caochu/format.h"
#include "raster/crs.h"
#include "raster/gdal_words.h"
#include "raster/torn.h"

/* Only files of this machine, and only formats that products come in: a VRT could point anywhere. */
static const char *const formats[] = { "GTiff", "JP2OpenJPEG", NULL };
static const char *const hdf_formats[] = { "HDF4Image", NULL };

struct cao_source_file {
    GDALDatasetH dataset; /* NULL: not opened yet */
    GDALRasterBandH band;
};

/* Inside an archive of this machine, as the catalogue writes it. */
static bool is_in_archive(const char *path)
{
    bool known = strncmp(path, "/vsizip/{", 9) == 0 || strncmp(path, "/vsitar/{", 9) == 0;
    return known && strncmp(path + 9, "/vsi", 4) != 0;
}

/* HDF4_EOS:EOS_GRID:"FILE":GRID:FIELD, as the catalogue writes it after it has looked at the file. */
static const char hdf_start[] = "HDF4_EOS:EOS_GRID:\"";

static bool is_hdf(const char *path)
{
    return strncmp(path, hdf_start, sizeof hdf_start - 1) == 0;
}

static enum cao_status is_there(const char *named, struct cao_error *err)
{
    VSIStatBufL stat;
    char path[CAO_PATH_MAX];
    const char *at = is_hdf(named) ? named + sizeof hdf_start - 1 : named;
    snprintf(path, sizeof path, "%.*s", (int)(is_hdf(named) ? strcspn(at, "\"") : strlen(at)), at);
    if (strncmp(path, "/vsi", 4) == 0 && strncmp(path, "/vsimem/", 8) != 0 && !is_in_archive(path))
        return cao_fail(err, CAO_EARG,
                        "%s: not a file of this machine; download or unpack it first", path);
    if (VSIStatExL(path, &stat, VSI_STAT_EXISTS_FLAG | VSI_STAT_NATURE_FLAG | VSI_STAT_SIZE_FLAG) !=
        0)
        return cao_fail(err, CAO_EIO, "%s: the file is not there", path);
    if (!VSI_ISREG(stat.st_mode))
        return cao_fail(err, CAO_EIO, "%s: not a file", path);
    if (stat.st_size == 0)
        return cao_fail(err, CAO_EDATA, "%s: the file is empty; download it again", path);
    return CAO_OK;
}

static enum cao_status check_bands(struct cao_source *s, struct cao_error *err)
{
    const char *path = s->layer->path;
    int n = GDALGetRasterCount(s->file->dataset), wanted = s->layer->file_band;
    if (wanted == 0 && n != 1)
        return cao_fail(err, CAO_EDATA, "%s: holds %d bands, a scene's layer holds one", path, n);
    if (wanted > n)
        return cao_fail(err, CAO_EDATA, "%s: holds %d bands, band %d is wanted", path, n, wanted);
    s->file->band = GDALGetRasterBand(s->file->dataset, wanted ? wanted : 1);
    GDALDataType type = GDALGetRasterDataType(s->file->band);
    if (GDALDataTypeIsComplex(type) || GDALGetDataTypeSizeBytes(type) == 0)
        return cao_fail(err, CAO_EDATA, "%s: holds %s numbers, not reflectance or codes", path,
                        GDALGetDataTypeName(type));
    GDALGetBlockSize(s->file->band, &s->block_cols, &s->block_rows);
    s->type = type == GDT_Int16                        ? GDT_Int16
              : type == GDT_Byte || type == GDT_UInt16 ? GDT_UInt16
                                                       : GDT_Float32;
    return CAO_OK;
}

static enum cao_status check_place(const struct cao_source *s, OGRSpatialReferenceH said,
                                   struct cao_error *err)
{
    const struct cao_layer *l = s->layer;
    int width = GDALGetRasterXSize(s->file->dataset), height = GDALGetRasterYSize(s->file->dataset);
    double t[6];
    if (width != l->width || height != l->height)
        return cao_fail(
            err, CAO_EDATA,
            "%s: %d x %d pixels, but the scene's metadata say %d x %d; the file belongs to "
            "another product or was resampled",
            l->path, width, height, l->width, l->height);
    if (GDALGetGeoTransform(s->file->dataset, t) == CE_None) {
        double tolerance = 1e-3 * hypot(l->geotransform[1], l->geotransform[2]);
        for (int i = 0; i < 6; i++) {
            double reach = i % 3 == 0 ? 1.0 : i % 3 == 1 ? l->width : l->height;
            if (!(fabs(t[i] - l->geotransform[i]) * reach <= tolerance))
                return cao_fail(
                    err, CAO_EDATA,
                    "%s: starts at (%.10g, %.10g) with pixels of %.10g x %.10g, but the "
                    "scene's metadata say (%.10g, %.10g) and %.10g x %.10g; the file "
                    "belongs to another product",
                    l->path, t[0], t[3], t[1], t[5], l->geotransform[0], l->geotransform[3],
                    l->geotransform[1], l->geotransform[5]);
        }
    }
    OGRSpatialReferenceH here = GDALGetSpatialRef(s->file->dataset);
    if (here && !cao_srs_same(here, said))
        return cao_fail(
            err, CAO_EDATA,
            "%s: its coordinate system is %s, not that of its scene; the file belongs to "
            "another product",
            l->path, OSRGetName(here) ? OSRGetName(here) : "unnamed");
    return CAO_OK;
}

/* The same file found to be the same of the same layer. */
static uint64_t digest_of(const struct cao_layer *l, OGRSpatialReferenceH said)
{
    struct {
        double geotransform[6];
        int64_t width, height, file_band;
        OGRSpatialReferenceH said;
    } key = { .width = l->width, .height = l->height, .file_band = l->file_band, .said = said };
    memcpy(key.geotransform, l->geotransform, sizeof key.geotransform);
    uint64_t digest = XXH3_64bits(&key, sizeof key);
    return digest ? digest : 1;
}

/* With GDAL, which looks at all of the file's claims. */
static enum cao_status open_with_gdal(struct cao_source *s, struct cao_error *err)
{
    const char *path = s->layer->path;
    char words[CAO_WORDS];
    s->file->dataset = cao_block_cache_unpark(s->blocks, s->name);
    s->is_parked = s->file->dataset != NULL;
    if (s->file->dataset)
        return check_bands(s, err);
    CPLErrorReset();
    s->file->dataset = GDALOpenEx(path, GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                                  is_hdf(path) ? hdf_formats : formats, NULL, NULL);
    const char *kind = s->file->dataset || is_hdf(path) ? NULL : cao_format_words(path);
    if (kind)
        return cao_fail(err, CAO_EDATA,
                        "%s: is not a GeoTIFF or JPEG 2000 image: %s; download it again", path,
                        kind);
    if (!s->file->dataset)
        return cao_fail(
            err, CAO_EDATA,
            "%s: cannot be opened: %s; the file is probably incomplete, download it again", path,
            cao_gdal_words(words));
    return check_bands(s, err);
}

/* What was opened as a plain TIFF alone, for what only GDAL can do. */
static enum cao_status need_gdal(const struct cao_source *s, struct cao_error *err)
{
    struct cao_source again = *s;
    return s->file->dataset ? CAO_OK : open_with_gdal(&again, err);
}

static GDALDataType type_in(const struct cao_tiff_shape *p)
{
    return p->bytes == 1 ? GDT_Byte : p->is_signed ? GDT_Int16 : GDT_UInt16;
}

/* Beside GDAL, which has looked at the file before and stands in for what is not plain. */
static void open_plain(struct cao_source *s)
{
    struct cao_tiff *t = cao_tiff_open(s->layer->path);
    if (!t)
        return;
    const struct cao_tiff_shape *p = cao_tiff_shape(t);
    if (p->width != s->layer->width || p->height != s->layer->height ||
        GDALGetRasterDataType(s->file->band) != type_in(p) || p->block_cols != s->block_cols ||
        p->block_rows != s->block_rows) {
        cao_tiff_close(t);
        return;
    }
    s->tiff = t;
}

/* A file that was found to be a plain TIFF of this layer, and has not changed since. */
static bool open_known(struct cao_source *s)
{
    struct cao_tiff *t = cao_tiff_open(s->layer->path);
    if (!t)
        return false;
    const struct cao_tiff_shape *p = cao_tiff_shape(t);
    s->tiff = t;
    s->type = type_in(p) == GDT_Int16 ? GDT_Int16 : GDT_UInt16;
    s->block_cols = p->block_cols;
    s->block_rows = p->block_rows;
    return true;
}

enum cao_status cao_source_open(struct cao_source *s, const struct cao_layer *layer,
                                OGRSpatialReferenceH crs, struct cao_block_cache *blocks,
                                struct cao_error *err)
{
    struct cao_source made = {
        .layer = layer, .width = layer->width, .height = layer->height, .blocks = blocks
    };
    enum cao_status st = is_there(layer->path, err);
    if (st)
        return st;
    made.file = calloc(1, sizeof *made.file);
    if (!made.file)
        return cao_fail(err, CAO_ENOMEM, "%s: out of memory for reading", layer->path);
    struct cao_block_file *known = cao_block_cache_file(blocks, layer->path);
    uint64_t digest = digest_of(layer, crs);
    made.name = known->name;
    if (known->found == digest && open_known(&made)) {
        *s = made;
        return CAO_OK;
    }
    st = open_with_gdal(&made, err);
    const char *driver = st ? "" : GDALGetDriverShortName(GDALGetDatasetDriver(made.file->dataset));
    made.is_jp2 = strcmp(driver, "JP2OpenJPEG") == 0;
    if (made.is_jp2 && !made.is_parked)
        st = cao_jp2_whole(layer->path, err);
    if (!st)
        st = check_place(&made, crs, err);
    if (!st && strcmp(driver, "GTiff") == 0)
        open_plain(&made);
    known->found = made.tiff ? digest : 0;
    /* the name of what lies in an archive is not used again */
    made.is_sound = !st && made.is_jp2 && strncmp(layer->path, "/vsi", 4) != 0;
    if (st)
        cao_source_close(&made);
    else
        *s = made;
    return st;
}

bool cao_source_coarser(struct cao_source *s, double most)
{
    const struct cao_layer *l = s->layer;
    if (need_gdal(s, NULL)) { /* reading will say why; without GDAL it would pass over overviews */
        cao_tiff_close(s->tiff);
        s->tiff = NULL;
        return false;
    }
    GDALRasterBandH best = NULL, band = s->file->band;
    for (int i = 0; i < GDALGetOverviewCount(band); i++) {
        GDALRasterBandH o = GDALGetOverview(band, i);
        int width = o ? GDALGetRasterBandXSize(o) : 0, height = o ? GDALGetRasterBandYSize(o) : 0;
        if (width < 1 || height < 1 || (double)l->width > most * width ||
            (double)l->height > most * height || width >= l->width ||
            GDALGetRasterDataType(o) != GDALGetRasterDataType(band) ||
            (best && width >= GDALGetRasterBandXSize(best)))
            continue;
        best = o;
    }
    if (!best)
        return false;
    if (s->tiff) /* it knows the image itself alone */
        cao_tiff_close(s->tiff);
    s->tiff = NULL;
    s->file->band = best;
    s->width = GDALGetRasterBandXSize(best);
    s->height = GDALGetRasterBandYSize(best);
    GDALGetBlockSize(best, &s->block_cols, &s->block_rows);
    return true;
}

void cao_source_close(struct cao_source *s)
{
    cao_tiff_close(s->tiff);
    if (s->file && s->file->dataset && s->is_sound)
        cao_block_cache_park(s->blocks, s->name, s->file->dataset);
    else if (s->file && s->file->dataset)
        GDALClose(s->file->dataset);
    free(s->file);
    *s = (struct cao_source){ 0 };
}

static enum cao_status read_as(const struct cao_source *s, const struct cao_pixels *p, void *out,
                               size_t stride, struct cao_error *err)
{
    char words[CAO_WORDS];
    GSpacing size = s->type == GDT_Float32 ? 4 : 2;
    enum cao_status st = need_gdal(s, err);
    if (st)
        return st;
    CPLErrorReset();
    CPLErr failed =
        GDALRasterIOEx(s->file->band, GF_Read, p->x, p->y, p->width, p->height, out, p->width,
                       p->height, s->type, size, size * (GSpacing)stride, NULL);
    /* A decoder that had to guess says so as a warning and hands over what it has. */
    if (failed == CE_None && CPLGetLastErrorType() < CE_Warning)
        return CAO_OK;
    return cao_fail(err, CAO_EDATA,
                    "%s: cannot be read: %s; the file is probably incomplete, download it again",
                    s->layer->path, cao_gdal_words(words));
}

static void from_floats(const struct cao_layer *l, float *v, size_t n)
{
    const float fill = (float)l->fill, saturated = (float)l->saturated;
    const float below = fill < 0 ? fill : -INFINITY;
    for (size_t i = 0; i < n; i++) { /* NaN compares false: none */
        float value = (float)(l->gain * (double)v[i] + l->offset);
        v[i] = v[i] == fill || v[i] <= below || v[i] >= saturated || !isfinite(v[i]) ? NAN : value;
    }
}

/* --- block by block --- */

/* What becomes of a rectangle: numbers as they are, or reflectance. One of the two is set. */
struct sink {
    uint16_t *dn;
    float *reflectance;
    size_t stride;
};

static void pour(const struct cao_source *s, const uint16_t *from, size_t from_stride,
                 const struct sink *to, size_t at, size_t cols, size_t rows)
{
    enum { AHEAD = 2, LINE = 32 }; /* rows; numbers along a line of the cache */
    for (size_t r = 0; r < rows; r++, from += from_stride, at += to->stride) {
        /* a part of a kept block: its rows lie too far apart for the processor to guess the next */
        for (size_t c = 0; c < cols && r + AHEAD < rows; c += LINE)
            __builtin_prefetch(from + AHEAD * from_stride + c);
        if (to->dn)
            memcpy(to->dn + at, from, cols * sizeof *from);
        else
            cao_reflectance(&s->scaling, s->layer->fill, s->layer->saturated, from,
                            to->reflectance + at, cols);
    }
}

/* A part of one block. A block that is taken whole is not asked for again. */
static enum cao_status read_block(const struct cao_source *s, const struct cao_pixels *p,
                                  uint16_t *dn, const struct sink *to, size_t at,
                                  struct cao_error *err)
{
    size_t cols = (size_t)p->width, rows = (size_t)p->height, stride = (size_t)s->block_cols;
    int col = p->x / s->block_cols, row = p->y / s->block_rows;
    int x = p->x % s->block_cols, y = p->y % s->block_rows;
    bool to_right = p->x + p->width == s->layer->width,
         to_end = p->y + p->height == s->layer->height;
    bool keep = x > 0 || y > 0 || (p->width < s->block_cols && !to_right) ||
                (p->height < s->block_rows && !to_end);
    const uint16_t *block = cao_block_cache_get(s->blocks, s->tiff, s->name, col, row, keep);
    if (block) {
        pour(s, block + (size_t)y * stride + (size_t)x, stride, to, at, cols, rows);
        return CAO_OK;
    }
    if (to->dn)
        return read_as(s, p, to->dn + at, to->stride, err);
    enum cao_status st = read_as(s, p, dn, cols, err);
    if (!st)
        pour(s, dn, cols, to, at, cols, rows);
    return st;
}

static enum cao_status read_blocks(const struct cao_source *s, const struct cao_pixels *p,
                                   uint16_t *dn, const struct sink *to, struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    int right = p->x + p->width, low = p->y + p->height;
    for (int y = p->y, next_y; !st && y < low; y = next_y) {
        next_y = (y / s->block_rows + 1) * s->block_rows;
        next_y = next_y < low ? next_y : low;
        for (int x = p->x, next_x; !st && x < right; x = next_x) {
            next_x = (x / s->block_cols + 1) * s->block_cols;
            next_x = next_x < right ? next_x : right;
            struct cao_pixels part = { x, y, next_x - x, next_y - y };
            size_t at = (size_t)(y - p->y) * to->stride + (size_t)(x - p->x);
            st = read_block(s, &part, dn, to, at, err);
        }
    }
    return st;
}

enum cao_status cao_source_read(const struct cao_source *s, const struct cao_pixels *p,
                                uint16_t *dn, size_t stride, struct cao_error *err)
{
    if (s->type == GDT_Float32)
        return cao_fail(err, CAO_EDATA,
                        "%s: holds %s numbers; quality codes are whole numbers of 8 or 16 bit",
                        s->layer->path, GDALGetDataTypeName(GDALGetRasterDataType(s->file->band)));
    if (!s->tiff)
        return read_as(s, p, dn, stride, err);
    return read_blocks(s, p, NULL, &(struct sink){ .dn = dn, .stride = stride }, err);
}

enum cao_status cao_source_values(const struct cao_source *s, const struct cao_pixels *p,
                                  uint16_t *dn, float *reflectance, size_t stride,
                                  struct cao_error *err)
{
    size_t n = (size_t)p->width, rows = (size_t)p->height;
    struct sink to = { .reflectance = reflectance, .stride = stride };
    if (s->tiff)
        return read_blocks(s, p, dn, &to, err);
    if (s->type == GDT_Float32) {
        enum cao_status st = read_as(s, p, reflectance, stride, err);
        for (size_t i = 0; !st && i < rows; i++)
            from_floats(s->layer, reflectance + i * stride, n);
        return st;
    }
    enum cao_status st = read_as(s, p, dn, n, err);
    if (!st)
        pour(s, dn, n, &to, 0, n, rows);
    return st;
}

void cao_source_part(const struct cao_source *s, int64_t x, int64_t y, int64_t x1, int64_t y1,
                     int64_t *right, int64_t *low)
{
    enum { LEAST_PART = 64 }; /* pixels along a block that is read on its own */
    int64_t cols = s->block_cols, rows = s->block_rows;
    *right = x1;
    if (cols >= LEAST_PART && rows >= LEAST_PART && cols * rows <= CAO_SOURCE_PIXELS) {
        *right = (x / cols + 1) * cols;
        *low = (y / rows + 1) * rows;
    } else {
        int64_t fits = CAO_SOURCE_PIXELS / (x1 - x);
        fits = fits > 1 ? fits : 1;
        *low = y + fits;
        if (rows > 0 && *low<y1 && * low / rows * rows> y)
            *low = *low / rows * rows;
    }
    *right = *right < x1 ? *right : x1;
    *low = *low < y1 ? *low : y1;
}
