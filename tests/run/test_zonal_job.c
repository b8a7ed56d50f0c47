/* SPDX-License-Identifier: MIT
 * caochu zonal as a library call: rasters and polygons drawn here, and published values. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/layer_out.h"
#include "caochu/raster_in.h"
#include "caochu/text.h"
#include "caochu/zonal_job.h"

/* --- inputs --- */

struct picture {
    const char *path, *crs;
    int cols, rows, bands;
    GDALDataType type;
    double geotransform[6];
    const double *values; /* [band][row][col] */
    double nodata;        /* NaN: none */
    double scale, offset; /* 0, 0: none */
    int block;            /* 0: strips */
};

static void draw(const struct picture *p)
{
    char side[16], **options = NULL;
    if (p->block) {
        snprintf(side, sizeof side, "%d", p->block);
        options = CSLSetNameValue(options, "TILED", "YES");
        options = CSLSetNameValue(options, "BLOCKXSIZE", side);
        options = CSLSetNameValue(options, "BLOCKYSIZE", side);
    }
    GDALDatasetH d = GDALCreate(GDALGetDriverByName("GTiff"), p->path, p->cols, p->rows, p->bands,
                                p->type, options);
    CSLDestroy(options);
    assert_non_null(d);
    double t[6];
    memcpy(t, p->geotransform, sizeof t);
    GDALSetGeoTransform(d, t);
    if (p->crs) {
        OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
        OSRSetFromUserInput(srs, p->crs);
        GDALSetSpatialRef(d, srs);
        OSRDestroySpatialReference(srs);
    }
    for (int b = 0; b < p->bands; b++) {
        GDALRasterBandH band = GDALGetRasterBand(d, b + 1);
        if (!isnan(p->nodata))
            GDALSetRasterNoDataValue(band, p->nodata);
        if (p->scale != 0) {
            GDALSetRasterScale(band, p->scale);
            GDALSetRasterOffset(band, p->offset);
        }
        size_t n = (size_t)p->cols * (size_t)p->rows;
        double *copy = malloc(n * sizeof *copy);
        memcpy(copy, p->values + (size_t)b * n, n * sizeof *copy);
        assert_int_equal(GDALRasterIO(band, GF_Write, 0, 0, p->cols, p->rows, copy, p->cols,
                                      p->rows, GDT_Float64, 0, 0),
                         CE_None);
        free(copy);
    }
    GDALClose(d);
}

static void write_text(const char *path, const char *text)
{
    VSILFILE *f = VSIFOpenL(path, "wb");
    assert_non_null(f);
    VSIFWriteL(text, 1, strlen(text), f);
    VSIFCloseL(f);
}

/* Polygons as WKT in a CSV, with a CRS by --crs. */
static void write_polygons(const char *path, const char *rows)
{
    char text[8192];
    snprintf(text, sizeof text, "id,name,WKT\n%s", rows);
    write_text(path, text);
}

static const double nine[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
#define UTM "EPSG:32647"
/* Cells of 10 m from (500000, 4000030) down. */
static const struct picture small = {
    "/vsimem/small.tif", UTM, 3, 3, 1, GDT_Int16, { 500000, 10, 0, 4000030, 0, -10 }, nine,
    (double)NAN,         0,   0, 0
};

static struct cao_zonal_options options_of(const char *const *rasters, size_t n,
                                           const char *polygons)
{
    return (struct cao_zonal_options){ .rasters = rasters,
                                       .n_rasters = n,
                                       .polygons = { .path = polygons, .id_field = "id" },
                                       .crs = UTM,
                                       .threads = 2 };
}

static char *csv_of(const struct cao_zonal_options *o)
{
    struct cao_zonal_result r;
    struct cao_error err = { 0 };
    char *text;
    size_t size;
    assert_ok(cao_zonal(o, &r, &err));
    assert_ok(cao_table_csv(&r.table, false, &text, &size, &err));
    cao_zonal_result_release(&r);
    return text;
}

static void assert_csv(const struct cao_zonal_options *o, const char *want)
{
    char *got = csv_of(o);
    assert_string_equal(got + 3, want);
    free(got);
}

/* --- tests --- */

/* A square over the middles of a 3 x 3 grid: corners 1/4, sides 1/2, the middle whole.
 * Mean 5; variance (1/4 (16 + 4 + 4 + 16) + 1/2 (9 + 1 + 1 + 9)) / 4 = 5. */
static void a_square_drawn_by_hand(void **state)
{
    (void)state;
    const char *rasters[] = { "/vsimem/small.tif" };
    const char *stats[] = { "count,cells,sum,mean,min,max,variance,median", "p90,valid_area,mode" };
    draw(&small);
    write_polygons("/vsimem/p.csv",
                   "007,\"\xE9\x98\xBF, \xE6\x9F\x94\",\"POLYGON((500005 4000005,500025 4000005,"
                   "500025 4000025,500005 4000025,500005 4000005))\"\n"
                   "008,far,\"POLYGON((600005 4000005,600025 4000005,600025 4000025,600005 "
                   "4000005))\"\n"
                   "009,half,\"POLYGON((500010 4000020,500010 4000040,500020 4000040,500020 "
                   "4000020,500010 4000020))\"\n");
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
    const char *fields[] = { "name" };
    o.stats = stats;
    o.n_stats = 2;
    o.polygons.group_fields = fields;
    o.polygons.n_groups = 1;
    assert_csv(&o, "id,name,count,cells,sum,mean,min,max,variance,median,p90,valid_area,mode,"
                   "missing_share\r\n"
                   "007,\"\xE9\x98\xBF, \xE6\x9F\x94\",4,9,20,5,1,9,5,5,8,400,5,0\r\n"
                   "008,far,0,0,,,,,,,,0,,1\r\n"
                   "009,half,1,1,2,2,2,2,0,2,2,100,2,0.5\r\n");
}

static void only_values_count(void **state)
{
    (void)state;
    static const double v[9] = { 1, -99, 3, 4, 5, 6, -99, 8, 9 };
    struct picture p = small;
    p.values = v;
    p.nodata = -99;
    p.scale = 0.5;
    p.offset = 10;
    draw(&p);
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000030,500000 4000000))\"\n");
    const char *rasters[] = { "/vsimem/small.tif" }, *stats[] = { "count,mean,min,max,sum,p50" };
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
    o.stats = stats;
    o.n_stats = 1;
    /* 1 3 4 5 6 8 9 -> 10.5 11.5 12 12.5 13 14 14.5: sum 88 */
    assert_csv(&o, "id,count,mean,min,max,sum,p50,missing_share\r\n"
                   "1,7,12.571428571428571,10.5,14.5,88,12.5,0.2222222222222222\r\n");
}

static double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) * 0x1p-53;
}

enum { BIG = 300, STARS = 60, POINTS = 12 };

/* Stars of some size, many one over the other. */
static void write_stars(const char *path, double x, double y, double reach)
{
    struct cao_buf b = { 0 };
    uint64_t seed = 9;
    cao_buf_add(&b, "id,name,WKT\n");
    for (int i = 0; i < STARS; i++) {
        double cx = x + reach * uniform(&seed), cy = y - reach * uniform(&seed),
               size = reach * (i % 5 ? 0.1 : 0.6), x0 = 0, y0 = 0;
        cao_buf_add(&b, "%03d,s,\"POLYGON((", i);
        for (int k = 0; k < POINTS; k++) {
            double r = size * (0.3 + 0.7 * uniform(&seed)), a = 2 * 3.14159265358979 * k / POINTS;
            double px = cx + r * cos(a), py = cy + r * sin(a);
            x0 = k ? x0 : px;
            y0 = k ? y0 : py;
            cao_buf_add(&b, "%.6f %.6f,", px, py);
        }
        cao_buf_add(&b, "%.6f %.6f))\"\n", x0, y0);
    }
    write_text(path, b.text);
    cao_buf_release(&b);
}

static double *noise(size_t n, uint64_t seed)
{
    double *v = malloc(n * sizeof *v);
    for (size_t i = 0; i < n; i++)
        v[i] = uniform(&seed) < 0.1 ? -9999 : (double)(float)(uniform(&seed) * 2 - 0.5);
    return v;
}

static void any_threads_and_memory_give_the_same_bytes(void **state)
{
    (void)state;
    double *v = noise(3 * BIG * BIG, 4);
    static const int blocks[] = { 16, 64, 0 };
    const char *rasters[] = { "/vsimem/a.tif", "/vsimem/b.tif", "/vsimem/c.tif" };
    for (int i = 0; i < 3; i++)
        draw(&(struct picture){ rasters[i],
                                UTM,
                                BIG,
                                BIG,
                                i == 1 ? 3 : 1,
                                i == 2 ? GDT_Float64 : GDT_Float32,
                                { 500000, 10, 0, 4000000, 0, -10 },
                                v,
                                -9999,
                                0,
                                0,
                                blocks[i] });
    write_stars("/vsimem/stars.csv", 500000, 4000000, 3000);
    const char *stats[] = { "count,coverage,area,valid_area,sum,mean,min,max,range,variance,stdev,"
                            "cv,median,p5,p95,mode,minority,variety,weights,weighted_mean,"
                            "weighted_sum,weighted_stdev,weighted_missing_share" };
    struct cao_zonal_options o = options_of(rasters, 3, "/vsimem/stars.csv");
    o.stats = stats;
    o.n_stats = 1;
    o.weights = "/vsimem/a.tif";
    char *first = NULL;
    static const struct {
        int threads;
        size_t memory;
    } ways[] = { { 1, 0 }, { 2, 0 }, { 7, 16 }, { 1, 16 }, { 64, 16 } };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        o.threads = ways[i].threads;
        o.memory_mb = ways[i].memory;
        char *text = csv_of(&o);
        if (first)
            assert_string_equal(text, first);
        else
            first = text;
        if (first != text)
            free(text);
    }
    /* the same numbers in another tiling, another type, and among other bands */
    char *line = strstr(first, "000,a,"), *again = strstr(first, "000,b,b1,"),
         *third = strstr(first, "000,c,");
    assert_true(line && again && third);
    free(first);
    free(v);
}

/* Is a point inside, by the number of edges to its right? */
static bool inside(const double *xy, int n, double x, double y)
{
    bool in = false;
    for (int i = 0, k = n - 1; i < n; k = i++)
        if ((xy[2 * i + 1] > y) != (xy[2 * k + 1] > y) &&
            x < (xy[2 * k] - xy[2 * i]) * (y - xy[2 * i + 1]) / (xy[2 * k + 1] - xy[2 * i + 1]) +
                    xy[2 * i])
            in = !in;
    return in;
}

/* Against 40 x 40 points in each cell, on a plain, a south-up and a rotated raster. */
static void agrees_with_sampling_inside_cells(void **state)
{
    (void)state;
    enum { N = 12, SUB = 40 };
    static const double placed[3][6] = { { 500000, 10, 0, 4000000, 0, -10 },
                                         { 500000, 10, 0, 3999880, 0, 10 },
                                         { 500020, 8, 3, 3999990, 2, -9 } };
    static const double star[] = { 500031.7, 3999981.2, 500077.1, 3999962.9, 500093.3, 3999921.4,
                                   500060.0, 3999940.0, 500022.2, 3999905.5, 500041.0, 3999950.0 };
    double v[N * N];
    for (int i = 0; i < N * N; i++)
        v[i] = (i * 37 % 101) - 20;
    write_polygons("/vsimem/p.csv",
                   "1,,\"POLYGON((500031.7 3999981.2,500077.1 3999962.9,500093.3 3999921.4,"
                   "500060.0 3999940.0,500022.2 3999905.5,500041.0 3999950.0,500031.7 "
                   "3999981.2))\"\n");
    for (int i = 0; i < 3; i++) {
        const double *t = placed[i];
        struct picture p = { "/vsimem/r.tif", UTM, N,           N, 1, GDT_Float32,
                             { 0 },           v,   (double)NAN, 0, 0, 0 };
        memcpy(p.geotransform, t, sizeof p.geotransform);
        draw(&p);
        double count = 0, sum = 0;
        int n_center = 0;
        for (int r = 0; r < N; r++)
            for (int c = 0; c < N; c++)
                for (int k = 0; k <= SUB * SUB; k++) {
                    bool centre = k == SUB * SUB;
                    double px = c + (centre ? 0.5 : (k % SUB + 0.5) / SUB),
                           py = r + (centre ? 0.5 : ((double)(k / SUB) + 0.5) / SUB);
                    bool in =
                        inside(star, 6, t[0] + px * t[1] + py * t[2], t[3] + px * t[4] + py * t[5]);
                    n_center += in && centre;
                    count += in && !centre ? 1.0 / (SUB * SUB) : 0;
                    sum += in && !centre ? v[r * N + c] / (SUB * SUB) : 0;
                }
        const char *rasters[] = { "/vsimem/r.tif" }, *stats[] = { "count,sum,cells" };
        struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
        struct cao_zonal_result res;
        struct cao_error err = { 0 };
        o.stats = stats;
        o.n_stats = 1;
        assert_ok(cao_zonal(&o, &res, &err));
        double got_count = res.table.cells[1].number, got_sum = res.table.cells[2].number;
        cao_zonal_result_release(&res);
        assert_true(fabs(got_count - count) < 0.01 * count);
        assert_true(fabs(got_sum - sum) < 0.01 * fabs(sum) + 0.5);
        o.pixels = CAO_PIXELS_CENTER;
        assert_ok(cao_zonal(&o, &res, &err));
        assert_true(res.table.cells[1].number == n_center);
        cao_zonal_result_release(&res);
    }
}

static void polygons_in_degrees_are_brought_onto_the_raster(void **state)
{
    (void)state;
    double *v = noise(BIG * BIG, 8);
    const char *rasters[] = { "/vsimem/a.tif" }, *stats[] = { "count,mean" };
    draw(&(struct picture){ rasters[0],
                            UTM,
                            BIG,
                            BIG,
                            1,
                            GDT_Float32,
                            { 500000, 10, 0, 4000000, 0, -10 },
                            v,
                            -9999,
                            0,
                            0,
                            64 });
    free(v);
    /* a rectangle of 0.02 x 0.01 degrees, and the same with 200 points along each side */
    write_text("/vsimem/few.csv", "id,WKT\n1,\"POLYGON((99.005 36.12,99.025 36.12,99.025 36.13,"
                                  "99.005 36.13,99.005 36.12))\"\n");
    struct cao_buf b = { 0 };
    cao_buf_add(&b, "id,WKT\n1,\"POLYGON((");
    static const double corner[5][2] = { { 99.005, 36.12 },
                                         { 99.025, 36.12 },
                                         { 99.025, 36.13 },
                                         { 99.005, 36.13 },
                                         { 99.005, 36.12 } };
    for (int side = 0; side < 4; side++)
        for (int k = 0; k < 200; k++)
            cao_buf_add(&b, "%.12f %.12f,",
                        corner[side][0] + (corner[side + 1][0] - corner[side][0]) * k / 200,
                        corner[side][1] + (corner[side + 1][1] - corner[side][1]) * k / 200);
    cao_buf_add(&b, "99.005 36.12))\"\n");
    write_text("/vsimem/many.csv", b.text);
    cao_buf_release(&b);
    double counts[2];
    for (int i = 0; i < 2; i++) {
        struct cao_zonal_options o =
            options_of(rasters, 1, i ? "/vsimem/many.csv" : "/vsimem/few.csv");
        struct cao_zonal_result r;
        struct cao_error err = { 0 };
        o.crs = "EPSG:4326";
        o.stats = stats;
        o.n_stats = 1;
        assert_ok(cao_zonal(&o, &r, &err));
        assert_true(r.reprojected);
        assert_string_equal(r.crs_rasters, UTM);
        counts[i] = r.table.cells[1].number;
        cao_zonal_result_release(&r);
    }
    /* the ellipsoid has 1.7995 x 1.1097 km of it: some 19 970 cells, less a tenth without a value */
    assert_true(counts[0] > 17500 && counts[0] < 18500);
    assert_true(fabs(counts[0] - counts[1]) < 1);
}

static void dates_order_a_long_table(void **state)
{
    (void)state;
    static const char *const rasters[] = { "/vsimem/S2_20240820T041 x.tif",
                                           "/vsimem/MOD13Q1.A2024001.tif",
                                           "/vsimem/ndvi_2024-07-15.tif" };
    for (int i = 0; i < 3; i++) {
        double v[9];
        for (int k = 0; k < 9; k++)
            v[k] = i + 1;
        struct picture p = small;
        p.path = rasters[i];
        p.values = v;
        draw(&p);
    }
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000030,500000 4000000))\"\n");
    struct cao_zonal_options o = options_of(rasters, 3, "/vsimem/p.csv");
    const char *stats[] = { "mean,frac" };
    o.stats = stats;
    o.n_stats = 1;
    assert_csv(&o, "id,raster,date,mean,frac_1,frac_2,frac_3,missing_share\r\n"
                   "1,MOD13Q1.A2024001,2024-01-01,2,0,1,0,0\r\n"
                   "1,ndvi_2024-07-15,2024-07-15,3,0,0,1,0\r\n"
                   "1,S2_20240820T041 x,2024-08-20,1,1,0,0,0\r\n");
    o.wide = true;
    const char *mean[] = { "mean" };
    o.stats = mean;
    assert_csv(&o, "id,MOD13Q1.A2024001_mean,MOD13Q1.A2024001_missing_share,ndvi_2024-07-15_mean,"
                   "ndvi_2024-07-15_missing_share,S2_20240820T041 x_mean,"
                   "S2_20240820T041 x_missing_share\r\n1,2,0,3,0,1,0\r\n");
}

/* As gdalbuildvrt -separate writes it: each band is one dated file. */
static void a_stack_of_dates_is_a_time_series(void **state)
{
    (void)state;
    static const char *const files[] = { "/vsimem/ndvi_20240801.tif", "/vsimem/ndvi_20240702.tif" };
    struct cao_buf vrt = { 0 };
    cao_buf_add(&vrt, "<VRTDataset rasterXSize=\"3\" rasterYSize=\"3\"><SRS>" UTM "</SRS>"
                      "<GeoTransform>500000, 10, 0, 4000030, 0, -10</GeoTransform>");
    for (int i = 0; i < 2; i++) {
        double v[9];
        for (int k = 0; k < 9; k++)
            v[k] = 10 * (i + 1) + k;
        struct picture p = small;
        p.path = files[i];
        p.values = v;
        draw(&p);
        cao_buf_add(&vrt,
                    "<VRTRasterBand dataType=\"Int16\" band=\"%d\"><SimpleSource>"
                    "<SourceFilename relativeToVRT=\"0\">%s</SourceFilename>"
                    "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>",
                    i + 1, files[i]);
    }
    cao_buf_add(&vrt, "</VRTDataset>");
    write_text("/vsimem/stack.vrt", vrt.text);
    cao_buf_release(&vrt);
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000030,500000 4000000))\"\n");
    const char *rasters[] = { "/vsimem/stack.vrt" }, *stats[] = { "mean" };
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
    o.stats = stats;
    o.n_stats = 1;
    assert_csv(&o, "id,band,date,mean,missing_share\r\n1,b2,2024-07-02,24,0\r\n"
                   "1,b1,2024-08-01,14,0\r\n");
    o.bands = "2";
    assert_csv(&o, "id,band,date,mean,missing_share\r\n1,b2,2024-07-02,24,0\r\n");
}

/* Four dates; the second polygon has values on the middle two alone, the third on none. */
static void first_and_last_dates_are_those_with_a_value(void **state)
{
    (void)state;
    static const char *const rasters[] = { "/vsimem/n_20240601.tif", "/vsimem/n_20240911.tif",
                                           "/vsimem/n_20240703.tif", "/vsimem/n_20240805.tif",
                                           "/vsimem/slope.tif" };
    for (int i = 0; i < 5; i++) {
        double v[9];
        for (int k = 0; k < 9; k++)
            v[k] = k % 3 == 2 || (k % 3 == 1 && i < 2) ? -1 : 5;
        struct picture p = small;
        p.path = rasters[i];
        p.values = v;
        p.nodata = -1;
        draw(&p);
    }
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500010 4000000,500010 "
                                    "4000030,500000 4000030,500000 4000000))\"\n"
                                    "2,,\"POLYGON((500010 4000000,500020 4000000,500020 "
                                    "4000030,500010 4000030,500010 4000000))\"\n"
                                    "3,,\"POLYGON((500020 4000000,500030 4000000,500030 "
                                    "4000030,500020 4000030,500020 4000000))\"\n");
    struct cao_zonal_options o = options_of(rasters, 4, "/vsimem/p.csv");
    const char *stats[] = { "last_date,first_date" };
    o.stats = stats;
    o.n_stats = 1;
    o.wide = true;
    char *text = csv_of(&o), *line = text;
    static const char *const ends[] = { "last_date,first_date", "2024-09-11,2024-06-01",
                                        "2024-08-05,2024-07-03", ",," };
    for (int i = 0; i < 4; i++) {
        char *end = strstr(line, "\r\n");
        assert_non_null(end);
        assert_true((size_t)(end - line) > strlen(ends[i]) &&
                    strncmp(end - strlen(ends[i]), ends[i], strlen(ends[i])) == 0);
        line = end + 2;
    }
    free(text);
    o.wide = false; /* each row tells those of its polygon; a raster without a date adds none */
    o.n_rasters = 5;
    text = csv_of(&o);
    assert_non_null(strstr(text, "2,n_20240703,2024-07-03,0,2024-08-05,2024-07-03\r\n"));
    assert_non_null(strstr(text, "2,slope,,0,2024-08-05,2024-07-03\r\n"));
    free(text);
    struct cao_zonal_result r;
    struct cao_error err = { 0 };
    o.rasters = rasters + 4;
    o.n_rasters = 1;
    assert_int_equal(cao_zonal(&o, &r, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "need rasters that tell their date"));
    cao_zonal_result_release(&r);
}

/* results/spring/ndvi.tif and results/autumn/ndvi.tif are told apart; a folder may be the date. */
static void rasters_of_one_name_are_told_apart(void **state)
{
    (void)state;
    static const char *const rasters[] = { "/vsimem/r/spring/ndvi.tif", "/vsimem/r/autumn/ndvi.tif",
                                           "/vsimem/r/2024-07-15/ndvi.tif" };
    for (int i = 0; i < 3; i++) {
        double v[9];
        for (int k = 0; k < 9; k++)
            v[k] = i + 1;
        struct picture p = small;
        p.path = rasters[i];
        p.values = v;
        draw(&p);
    }
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000030,500000 4000000))\"\n");
    struct cao_zonal_options o = options_of(rasters, 3, "/vsimem/p.csv");
    const char *stats[] = { "mean" };
    o.stats = stats;
    o.n_stats = 1;
    assert_csv(&o, "id,raster,date,mean,missing_share\r\n"
                   "1,2024-07-15/ndvi,2024-07-15,3,0\r\n"
                   "1,spring/ndvi,,1,0\r\n"
                   "1,autumn/ndvi,,2,0\r\n");
    o.wide = true;
    o.n_rasters = 2;
    assert_csv(&o, "id,spring_ndvi_mean,spring_ndvi_missing_share,autumn_ndvi_mean,"
                   "autumn_ndvi_missing_share\r\n1,1,0,2,0\r\n");
}

static void dates_are_found_in_names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *date;
    } cases[] = {
        { "S2A_MSIL2A_20240718T040551_N0510_R047_T47SMU_20240719T092625", "2024-07-18" },
        { "LC08_L2SP_133035_20240715_20240722_02_T1_SR_B4.TIF", "2024-07-15" },
        { "MOD13Q1.A2024193.h25v05.061.2024210123456.hdf", "2024-07-11" },
        { "ndvi 2024-02-29.tif", "2024-02-29" },
        { "2024.07.01", "2024-07-01" },
        { "evi_2024060", "2024-02-29" },
        { "ndvi_20240230.tif", "" },
        { "tile_00012345_99999999", "" },
        { "b1", "" },
        { "", "" },
        { "2024-07", "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[CAO_DATE_TEXT] = "";
        int32_t day = cao_date_in_name(cases[i].name);
        if (day != CAO_NO_DATE)
            cao_date_format(day, text);
        assert_string_equal(text, cases[i].date);
    }
}

static void a_torn_raster_is_told_and_counts_as_missing(void **state)
{
    (void)state;
    double *v = noise(BIG * BIG, 8);
    char *dir = test_folder("zonal torn");
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/坏.tif", dir);
    draw(&(struct picture){ path,
                            UTM,
                            BIG,
                            BIG,
                            1,
                            GDT_Float32,
                            { 500000, 10, 0, 4000000, 0, -10 },
                            v,
                            -9999,
                            0,
                            0,
                            64 });
    free(v);
    int64_t size, time;
    assert_true(cao_file_stat(path, &size, &time));
    assert_int_equal(truncate(path, size * 2 / 3), 0);
    write_stars("/vsimem/stars.csv", 500000, 4000000, 3000);
    const char *rasters[] = { path };
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/stars.csv");
    struct cao_zonal_result r;
    struct cao_error err = { 0 };
    assert_ok(cao_zonal(&o, &r, &err));
    assert_true(r.findings.n_problems > 0);
    assert_true(strstr(r.findings.items[0].text, "坏.tif: cannot be read") != NULL);
    assert_true(strstr(r.findings.items[0].text, "counts as missing") != NULL);
    cao_zonal_result_release(&r);
    /* what is missing does not depend on how the work is cut, and it is not all of it */
    o.threads = 1;
    char *one = csv_of(&o);
    o.threads = 7;
    o.memory_mb = 16;
    char *seven = csv_of(&o);
    assert_string_equal(one, seven);
    free(one);
    free(seven);
    assert_ok(cao_zonal(&o, &r, &err));
    double total = 0;
    for (size_t i = 0; i < r.table.n_rows; i++)
        total += r.table.cells[i * r.table.n_columns + 1].number;
    assert_true(total > 0);
    cao_zonal_result_release(&r);
    o.strict = true;
    assert_int_equal(cao_zonal(&o, &r, &err), CAO_EDATA);
    cao_zonal_result_release(&r);
    free(dir);
}

static void wrong_requests_are_named(void **state)
{
    (void)state;
    draw(&small);
    struct picture shifted = small, placeless = small;
    shifted.path = "/vsimem/shifted.tif";
    shifted.geotransform[0] += 5;
    draw(&shifted);
    placeless.path = "/vsimem/placeless.tif";
    placeless.crs = NULL;
    draw(&placeless);
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000000))\"\n");
    static const struct {
        const char *raster, *weights, *stat, *bands, *crs, *says;
    } cases[] = {
        { "/vsimem/small.tif", NULL, "meen", NULL, UTM, "did you mean 'mean'?" },
        { "/vsimem/small.tif", NULL, "weighted_mean", NULL, UTM, "--weights" },
        { "/vsimem/small.tif", "/vsimem/shifted.tif", "mean", NULL, UTM, "lies on another grid" },
        { "/vsimem/small.tif", NULL, "mean", "2", UTM, "in none of the rasters" },
        { "/vsimem/small.tif", NULL, "mean", "a", UTM, "not a list such as" },
        { "/vsimem/small.tif", NULL, "mean", NULL, NULL, "p.csv: has no coordinate system" },
        { "/vsimem/placeless.tif", NULL, "mean", NULL, NULL, "name it with --crs" },
        { "/vsimem/none.tif", NULL, "mean", NULL, UTM, "/vsimem/none.tif" },
        { "/vsimem/p.csv", NULL, "mean", NULL, UTM, "cannot be opened as a raster" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *rasters[] = { cases[i].raster }, *stats[] = { cases[i].stat };
        struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
        struct cao_zonal_result r;
        struct cao_error err = { 0 };
        o.weights = cases[i].weights;
        o.stats = stats;
        o.n_stats = 1;
        o.bands = cases[i].bands;
        o.crs = cases[i].crs;
        assert_int_not_equal(cao_zonal(&o, &r, &err), CAO_OK);
        if (!strstr(err.text, cases[i].says))
            fail_msg("case %zu said: %s", i, err.text);
        cao_zonal_result_release(&r);
    }
}

/* perrygeo/python-rasterstats, tests/test_zonal.py. */
static void doubtful_inputs_are_told(void **state)
{
    (void)state;
    static const double v[9] = { 1, 2, 3, 4, -3.4028234663852886e38, 6, 7, 8, 9 };
    struct picture p = small;
    p.values = v;
    p.type = GDT_Float32;
    draw(&p);
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000030,500000 4000000))\"\n");
    const char *rasters[] = { "/vsimem/small.tif" }, *stats[] = { "count,mean" };
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
    struct cao_zonal_result r;
    struct cao_error err = { 0 };
    o.stats = stats;
    o.n_stats = 1;
    assert_ok(cao_zonal(&o, &r, &err));
    assert_int_equal(r.findings.n_problems, 1);
    assert_string_equal(r.findings.items[0].code, "nodata-undeclared");
    cao_zonal_result_release(&r);
    o.has_nodata = true;
    o.nodata = -3.4028235e38; /* as people write it: the float next to it is meant */
    assert_csv(&o, "id,count,mean,missing_share\r\n1,8,5,0.1111111111111111\r\n");

    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((0 0,30 0,30 30,0 30,0 0))\"\n");
    assert_ok(cao_zonal(&o, &r, &err));
    assert_int_equal(r.findings.n_problems, 1);
    assert_string_equal(r.findings.items[0].code, "polygons-outside");
    assert_true(strstr(r.findings.items[0].text, "check the coordinate systems") != NULL);
    cao_zonal_result_release(&r);
}

/* No data may stand in a file beside the raster, and so may a mask. */
static void side_cars_are_part_of_a_raster(void **state)
{
    (void)state;
    char *dir = test_folder("zonal side-cars"), path[CAO_PATH_MAX], beside[CAO_PATH_MAX + 16];
    const char *rasters[] = { path }, *stats[] = { "count,mean" };
    snprintf(path, sizeof path, "%s/a.tif", dir);
    snprintf(beside, sizeof beside, "%s.aux.xml", path);
    struct picture p = small;
    p.path = path;
    draw(&p);
    write_text(beside, "<PAMDataset><PAMRasterBand band=\"1\"><NoDataValue>9</NoDataValue>"
                       "</PAMRasterBand></PAMDataset>");
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000030,500000 4000000))\"\n");
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
    o.stats = stats;
    o.n_stats = 1;
    assert_csv(&o, "id,count,mean,missing_share\r\n1,8,4.5,0.1111111111111111\r\n");

    snprintf(path, sizeof path, "%s/b.tif", dir);
    draw(&p);
    unsigned char hidden[9] = { 0, 255, 255, 255, 255, 255, 255, 255, 0 };
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "NO");
    GDALDatasetH d = GDALOpen(path, GA_Update);
    assert_non_null(d);
    assert_int_equal(GDALCreateDatasetMaskBand(d, GMF_PER_DATASET), CE_None);
    assert_int_equal(GDALRasterIO(GDALGetMaskBand(GDALGetRasterBand(d, 1)), GF_Write, 0, 0, 3, 3,
                                  hidden, 3, 3, GDT_Byte, 0, 0),
                     CE_None);
    GDALClose(d);
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", NULL);
    assert_csv(&o, "id,count,mean,missing_share\r\n1,7,5,0.2222222222222222\r\n");
    free(dir);
}

static void write_gpkg(const char *path, const char *const wkt[], size_t n)
{
    GDALDatasetH d = GDALCreate(GDALGetDriverByName("GPKG"), path, 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH layer = GDALDatasetCreateLayer(d, "p", NULL, wkbUnknown, NULL);
    assert_non_null(layer);
    for (size_t i = 0; i < n; i++) {
        OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGRGeometryH g = NULL;
        char text[512], *at = text;
        snprintf(text, sizeof text, "%s", wkt[i]);
        if (text[0])
            assert_int_equal(OGR_G_CreateFromWkt(&at, NULL, &g), OGRERR_NONE);
        if (strcmp(wkt[i], "POLYGON ((0 0,1 1,2 2,0 0))") == 0)
            OGR_G_SetPoint_2D(OGR_G_GetGeometryRef(g, 0), 1, (double)NAN, 0);
        OGR_F_SetGeometryDirectly(f, g);
        assert_int_equal(OGR_L_CreateFeature(layer, f), OGRERR_NONE);
        OGR_F_Destroy(f);
    }
    GDALClose(d);
}

/* A GeoPackage without a coordinate system says "undefined", which is none; each bad geometry is
 * mended or left out, and named. The cells are 1 to 9; all good ones are the middle cell. */
static void bad_geometries_and_no_crs_are_named(void **state)
{
    (void)state;
    static const char *const wkt[] = {
        "POLYGON ((500010 4000010,500020 4000010,500020 4000020,500010 4000020,500010 4000010))",
        /* a bow tie of half the cell */
        "POLYGON ((500010 4000010,500020 4000020,500020 4000010,500010 4000020,500010 4000010))",
        "POLYGON ((0 0,1 1,2 2,0 0))", /* becomes NaN */
        "POLYGON EMPTY",
        "",
        "POINT (500015 4000015)",
        "POLYGON ((500010 4000010,500020 4000010,500020 4000020,500010 4000020))", /* open */
        "GEOMETRYCOLLECTION (POINT (500000 4000000),POLYGON ((500010 4000010,500020 4000010,"
        "500020 4000020,500010 4000020,500010 4000010)))",
        "CURVEPOLYGON (CIRCULARSTRING (500010 4000015,500020 4000015,500010 4000015))",
    };
    static const char *const says[] = {
        "Self-intersection", "not numbers", "no geometry",
        "no geometry",       "is a POINT",  "a ring was not closed"
    };
    draw(&small);
    write_gpkg("/vsimem/bad.gpkg", wkt, sizeof wkt / sizeof wkt[0]);
    const char *rasters[] = { "/vsimem/small.tif" }, *stats[] = { "count,mean" };
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/bad.gpkg");
    struct cao_zonal_result r;
    struct cao_error err = { 0 };
    o.polygons.id_field = NULL;
    o.stats = stats;
    o.n_stats = 1;
    o.crs = NULL;
    assert_int_equal(cao_zonal(&o, &r, &err), CAO_EDATA);
    assert_non_null(strstr(err.text, "bad.gpkg: has no coordinate system"));
    cao_zonal_result_release(&r);
    o.crs = UTM;
    assert_ok(cao_zonal(&o, &r, &err));
    assert_int_equal(r.findings.n_problems, 6);
    for (size_t i = 0; i < 6; i++)
        if (!strstr(r.findings.items[i].text, says[i]))
            fail_msg("problem %zu says: %s", i, r.findings.items[i].text);
    static const double count[] = { 1, 0.5, 1, 1, 0.7854 };
    assert_int_equal(r.table.n_rows, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(fabs(r.table.cells[i * 4 + 1].number - count[i]) < 1e-3);
        assert_true(fabs(r.table.cells[i * 4 + 2].number - 5) < 1e-9);
    }
    cao_zonal_result_release(&r);
    o.strict = true;
    assert_int_equal(cao_zonal(&o, &r, &err), CAO_EDATA);
    cao_zonal_result_release(&r);
}

static void published_counts_with_a_nodata_number_told(void **state)
{
    (void)state;
    NEED_DATA("polygons_zonal/rasterstats/slope_classes.tif");
    char raster[CAO_PATH_MAX], polygons[CAO_PATH_MAX];
    snprintf(raster, sizeof raster, "%s/slope_classes.tif",
             test_data("polygons_zonal/rasterstats"));
    snprintf(polygons, sizeof polygons, "%s/polygons.shp", test_data("polygons_zonal/rasterstats"));
    const char *rasters[] = { raster }, *stats[] = { "count" };
    struct cao_zonal_options o = options_of(rasters, 1, polygons);
    o.polygons.id_field = NULL;
    o.pixels = CAO_PIXELS_CENTER;
    o.stats = stats;
    o.n_stats = 1;
    o.has_nodata = true;
    o.nodata = 1;
    assert_csv(&o, "feature,count,missing_share\r\n0,0,1\r\n1,49,0.02\r\n");
}

static void published_counts_of_rasterstats(void **state)
{
    (void)state;
    NEED_DATA("polygons_zonal/rasterstats/slope.tif");
    static const struct {
        const char *raster;
        enum cao_pixel_rule rule;
        double count[2], missing[2];
    } cases[] = {
        { "slope", CAO_PIXELS_CENTER, { 75, 50 }, { 0, 0 } },
        { "slope", CAO_PIXELS_TOUCHED, { 95, 73 }, { 0, 0 } },
        { "slope_nodata", CAO_PIXELS_CENTER, { 39, 31 }, { 36 / 75.0, 19 / 50.0 } },
        { "all_nodata", CAO_PIXELS_CENTER, { 0, 0 }, { 1, 1 } },
        { "dataset_mask", CAO_PIXELS_CENTER, { 75, 0 }, { 0, 1 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char raster[CAO_PATH_MAX], polygons[CAO_PATH_MAX];
        snprintf(raster, sizeof raster, "%s/%s.tif", test_data("polygons_zonal/rasterstats"),
                 cases[i].raster);
        snprintf(polygons, sizeof polygons, "%s/polygons.shp",
                 test_data("polygons_zonal/rasterstats"));
        const char *rasters[] = { raster }, *stats[] = { "count,mean,missing_share" };
        struct cao_zonal_options o = options_of(rasters, 1, polygons);
        struct cao_zonal_result r;
        struct cao_error err = { 0 };
        o.polygons.id_field = NULL;
        o.pixels = cases[i].rule;
        o.stats = stats;
        o.n_stats = 1;
        assert_ok(cao_zonal(&o, &r, &err));
        for (size_t k = 0; k < 2; k++) {
            assert_true(r.table.cells[k * 4 + 1].number == cases[i].count[k]);
            assert_true(fabs(r.table.cells[k * 4 + 3].number - cases[i].missing[k]) < 1e-12);
        }
        if (i == 0)
            assert_true(fabs(r.table.cells[2].number - 14.66) < 0.005);
        cao_zonal_result_release(&r);
    }
}

/* The layer with the wrong .prj (its numbers are those of the raster's own system), one outside, one
 * that overlaps in part, and points, which are no polygons. */
static void published_counts_of_odd_layers(void **state)
{
    (void)state;
    NEED_DATA("polygons_zonal/rasterstats/slope.tif");
    char folder[CAO_PATH_MAX], raster[CAO_PATH_MAX], polygons[CAO_PATH_MAX];
    static const struct {
        const char *layer;
        double least, most; /* count of each polygon */
        bool own_crs;
    } cases[] = { { "multipolygons", 125, 125, false },
                  { "polygons_no_overlap", 0, 0, true },
                  { "polygons_partial_overlap", 1, 1e9, true } };
    snprintf(folder, sizeof folder, "%s", test_data("polygons_zonal/rasterstats"));
    snprintf(raster, sizeof raster, "%s/slope.tif", folder);
    const char *rasters[] = { raster }, *stats[] = { "count" };
    GDALDatasetH d = GDALOpen(raster, GA_ReadOnly);
    assert_non_null(d);
    char *wkt = CPLStrdup(GDALGetProjectionRef(d));
    GDALClose(d);
    for (size_t i = 0; i < 3; i++) {
        snprintf(polygons, sizeof polygons, "%s/%s.shp", folder, cases[i].layer);
        struct cao_zonal_options o = options_of(rasters, 1, polygons);
        struct cao_zonal_result r;
        struct cao_error err = { 0 };
        o.polygons.id_field = NULL;
        o.pixels = CAO_PIXELS_CENTER;
        o.stats = stats;
        o.n_stats = 1;
        if (!cases[i].own_crs) {
            assert_int_equal(cao_zonal(&o, &r, &err), CAO_EDATA);
            cao_zonal_result_release(&r);
            o.polygons.crs = wkt;
            o.polygons.crs_wins = true;
        }
        assert_ok(cao_zonal(&o, &r, &err));
        for (size_t row = 0; row < r.table.n_rows; row++) {
            double count = r.table.cells[row * r.table.n_columns + 1].number;
            assert_true(count >= cases[i].least && count <= cases[i].most);
        }
        cao_zonal_result_release(&r);
    }
    CPLFree(wkt);
    snprintf(polygons, sizeof polygons, "%s/points.shp", folder);
    struct cao_zonal_options o = options_of(rasters, 1, polygons);
    struct cao_zonal_result r;
    struct cao_error err = { 0 };
    o.polygons.id_field = NULL;
    assert_int_equal(cao_zonal(&o, &r, &err), CAO_EDATA);
    assert_non_null(strstr(r.findings.items[0].text, "is a POINT, not a polygon"));
    cao_zonal_result_release(&r);
}

static void tables_are_written_in_each_format(void **state)
{
    (void)state;
    draw(&small);
    write_polygons("/vsimem/p.csv", "007,\xE9\x98\xBF,\"POLYGON((500000 4000000,500030 4000000,"
                                    "500030 4000030,500000 4000000))\"\n");
    const char *rasters[] = { "/vsimem/small.tif" }, *fields[] = { "name" };
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
    struct cao_zonal_result r;
    struct cao_error err = { 0 };
    o.polygons.group_fields = fields;
    o.polygons.n_groups = 1;
    o.geometry = true;
    assert_ok(cao_zonal(&o, &r, &err));
    char *dir = test_folder("zonal \xE8\xA1\xA8");
    static const char *const endings[] = { "csv", "gpkg", "xlsx", "ods", "geojson", "fgb" };
    for (size_t i = 0; i < 6; i++) {
        char path[CAO_PATH_MAX];
        snprintf(path, sizeof path, "%s/\xE7\xBB\x93\xE6\x9E\x9C.%s", dir, endings[i]);
        assert_ok(cao_table_write(path, "zonal", &r.polygons, r.row_polygon, &r.table, false, true,
                                  &err));
        GDALDatasetH d = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
        assert_non_null(d);
        OGRLayerH layer = GDALDatasetGetLayer(d, 0);
        OGRFeatureH f = OGR_L_GetNextFeature(layer);
        assert_string_equal(OGR_F_GetFieldAsString(f, OGR_F_GetFieldIndex(f, "id")), "007");
        assert_string_equal(OGR_F_GetFieldAsString(f, OGR_F_GetFieldIndex(f, "name")),
                            "\xE9\x98\xBF");
        assert_true(OGR_F_GetFieldAsDouble(f, OGR_F_GetFieldIndex(f, "count")) == 4.5);
        assert_int_equal(OGR_F_GetGeometryRef(f) != NULL, i == 1 || i > 3);
        OGR_F_Destroy(f);
        GDALClose(d);
    }
    assert_int_equal(
        cao_table_write("x.doc", "zonal", &r.polygons, r.row_polygon, &r.table, false, true, &err),
        CAO_EARG);
    assert_true(strstr(err.text, "must end in one of .csv, .gpkg") != NULL);
    cao_zonal_result_release(&r);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_square_drawn_by_hand),
        cmocka_unit_test(only_values_count),
        cmocka_unit_test(any_threads_and_memory_give_the_same_bytes),
        cmocka_unit_test(agrees_with_sampling_inside_cells),
        cmocka_unit_test(polygons_in_degrees_are_brought_onto_the_raster),
        cmocka_unit_test(dates_order_a_long_table),
        cmocka_unit_test(a_stack_of_dates_is_a_time_series),
        cmocka_unit_test(first_and_last_dates_are_those_with_a_value),
        cmocka_unit_test(rasters_of_one_name_are_told_apart),
        cmocka_unit_test(dates_are_found_in_names),
        cmocka_unit_test(a_torn_raster_is_told_and_counts_as_missing),
        cmocka_unit_test(wrong_requests_are_named),
        cmocka_unit_test(doubtful_inputs_are_told),
        cmocka_unit_test(side_cars_are_part_of_a_raster),
        cmocka_unit_test(bad_geometries_and_no_crs_are_named),
        cmocka_unit_test(published_counts_with_a_nodata_number_told),
        cmocka_unit_test(published_counts_of_rasterstats),
        cmocka_unit_test(published_counts_of_odd_layers),
        cmocka_unit_test(tables_are_written_in_each_format),
    };
    return cmocka_run_group_tests_name("zonal_job", tests, test_gdal_set_up, test_gdal_tear_down);
}
