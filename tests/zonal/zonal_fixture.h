/** @file tests/zonal/zonal_fixture.h  Rasters and polygons drawn for the tests of caochu zonal.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_TEST_ZONAL_FIXTURE_H
#define CAO_TEST_ZONAL_FIXTURE_H
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

static inline void draw(const struct picture *p)
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

static inline void write_text(const char *path, const char *text)
{
    VSILFILE *f = VSIFOpenL(path, "wb");
    assert_non_null(f);
    VSIFWriteL(text, 1, strlen(text), f);
    VSIFCloseL(f);
}

/* Polygons as WKT in a CSV, with a CRS by --crs. */
static inline void write_polygons(const char *path, const char *rows)
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

static inline struct cao_zonal_options options_of(const char *const *rasters, size_t n,
                                                  const char *polygons)
{
    return (struct cao_zonal_options){ .rasters = rasters,
                                       .n_rasters = n,
                                       .polygons = { .path = polygons, .id_field = "id" },
                                       .crs = UTM,
                                       .threads = 2 };
}

static inline char *csv_of(const struct cao_zonal_options *o)
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

static inline void assert_csv(const struct cao_zonal_options *o, const char *want)
{
    char *got = csv_of(o);
    assert_string_equal(got + 3, want);
    free(got);
}

static inline double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) * 0x1p-53;
}

enum { BIG = 300, STARS = 60, POINTS = 12 };

/* Stars of some size, many one over the other. */
static inline void write_stars(const char *path, double x, double y, double reach)
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

static inline double *noise(size_t n, uint64_t seed)
{
    double *v = malloc(n * sizeof *v);
    for (size_t i = 0; i < n; i++)
        v[i] = uniform(&seed) < 0.1 ? -9999 : (double)(float)(uniform(&seed) * 2 - 0.5);
    return v;
}
#endif
