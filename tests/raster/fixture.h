/** @file tests/raster/fixture.h  Drawn images, scenes described by hand.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_TESTS_RASTER_FIXTURE_H
#define CAO_TESTS_RASTER_FIXTURE_H
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/reader.h"

static inline int fx_setup(void **state)
{
    struct cao_error err = { 0 };
    (void)state;
    return cao_raster_setup(64, &err) != CAO_OK;
}

/* A dataset that stays open is invisible to leak checkers. */
static inline int fx_teardown(void **state)
{
    (void)state;
    int open = GDALDumpOpenDatasets(stderr);
    cao_raster_teardown();
    return open;
}

/* A repeatable number that looks random. */
static inline uint32_t fx_noise(uint32_t a, uint32_t b)
{
    uint32_t h = a * 0x9E3779B1u ^ (b + 0x7F4A7C15u) * 0x85EBCA77u;
    h ^= h >> 15;
    h *= 0xC2B2AE3Du;
    return h ^ h >> 13;
}

static inline char *fx_wkt(const char *crs)
{
    char *wkt = NULL, *name = NULL;
    struct cao_error err = { 0 };
    assert_ok(cao_crs_resolve(crs, &wkt, &name, &err));
    free(name);
    return wkt;
}

/* Write 16 or 8 bit numbers with GDAL itself. */
static inline void fx_write(const char *path, const char *driver, const char *const *options,
                            const char *crs, const double t[6], int width, int height,
                            GDALDataType type, const uint16_t *dn)
{
    double place[6];
    char *wkt = crs ? fx_wkt(crs) : NULL;
    GDALDatasetH m = GDALCreate(GDALGetDriverByName("MEM"), "", width, height, 1, type, NULL);
    memcpy(place, t, sizeof place);
    assert_int_equal(GDALSetGeoTransform(m, place), CE_None);
    if (wkt)
        assert_int_equal(GDALSetProjection(m, wkt), CE_None);
    uint16_t *copy = malloc((size_t)width * (size_t)height * sizeof *copy);
    memcpy(copy, dn, (size_t)width * (size_t)height * sizeof *copy);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(m, 1), GF_Write, 0, 0, width, height, copy,
                                  width, height, type == GDT_Int16 ? GDT_Int16 : GDT_UInt16, 0, 0),
                     CE_None);
    char **list = NULL;
    for (; options && *options; options++)
        list = CSLAddString(list, *options);
    GDALDatasetH d = GDALCreateCopy(GDALGetDriverByName(driver), path, m, FALSE, list, NULL, NULL);
    if (!d)
        fprintf(stderr, "%s: %s\n", path, CPLGetLastErrorMsg());
    assert_non_null(d);
    GDALClose(d);
    GDALClose(m);
    CSLDestroy(list);
    free(copy);
    free(wkt);
}

static const char *const fx_tiled[] = { "TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128",
                                        "COMPRESS=DEFLATE", NULL };

static inline struct cao_layer fx_layer(const char *path, const double t[6], int width, int height)
{
    struct cao_layer l = { .path = strdup(path),
                           .width = width,
                           .height = height,
                           .gain = 1e-4,
                           .offset = -0.1,
                           .fill = 0,
                           .saturated = 65535 };
    memcpy(l.geotransform, t, sizeof l.geotransform);
    return l;
}

/* A scene without layers; fx_scene_free() frees the layers' paths too. */
static inline struct cao_scene fx_scene(const char *crs)
{
    struct cao_scene s = { 0 };
    s.path = strdup("product");
    s.crs = fx_wkt(crs);
    s.crs_name = strdup(crs);
    s.qa[0].outside = 999;
    return s;
}

static inline void fx_scene_free(struct cao_scene *s)
{
    for (int i = 0; i < CAO_N_BANDS; i++)
        free(s->band[i].path);
    free(s->qa[0].layer.path);
    free(s->path);
    free(s->crs);
    free(s->crs_name);
}

static inline struct cao_grid fx_grid(const char *crs, double x0, double y0, double res, int cols,
                                      int rows)
{
    struct cao_grid g;
    struct cao_error err = { 0 };
    assert_ok(cao_grid_init(&g, crs, x0, y0, res, cols, rows, 2048, &err));
    return g;
}

/* n x n cells around a place of another CRS, starting at a multiple of res, shifted. */
static inline struct cao_grid fx_grid_around(const char *crs, const char *of, double x, double y,
                                             double res, double shift, int n)
{
    OGRSpatialReferenceH from = OSRNewSpatialReference(NULL), to = OSRNewSpatialReference(NULL);
    assert_int_equal(OSRSetFromUserInput(from, of), OGRERR_NONE);
    assert_int_equal(OSRSetFromUserInput(to, crs), OGRERR_NONE);
    OGRCoordinateTransformationH ct = OCTNewCoordinateTransformation(from, to);
    assert_true(OCTTransform(ct, 1, &x, &y, NULL));
    OCTDestroyCoordinateTransformation(ct);
    OSRDestroySpatialReference(from);
    OSRDestroySpatialReference(to);
    return fx_grid(crs, res * floor(x / res - 0.5 * n) + shift,
                   res * ceil(y / res + 0.5 * n) + shift, res, n, n);
}

static inline bool fx_same(float a, float b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* A file's name inside a test's folder; free() it. */
static inline char *fx_path(const char *folder, const char *name)
{
    char *path = malloc(CAO_PATH_MAX);
    struct cao_error err = { 0 };
    assert_ok(cao_path_join(path, folder, name, &err));
    return path;
}
#endif
