/* SPDX-License-Identifier: MIT
 * Against GEOS, which intersects each cell with the polygon, and against fields whose mean is known. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/polygon_means.h"

enum { COLS = 7, ROWS = 6 };

static char *write_raster(const char *dir, const char *name, int epsg, const double place[6],
                          int n_bands, const double *values, double nodata, double scale)
{
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    GDALDatasetH d =
        GDALCreate(GDALGetDriverByName("GTiff"), path, COLS, ROWS, n_bands, GDT_Float64, NULL);
    assert_non_null(d);
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(srs, epsg);
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    assert_int_equal(GDALSetSpatialRef(d, srs), CE_None);
    double copy[6];
    memcpy(copy, place, sizeof copy);
    assert_int_equal(GDALSetGeoTransform(d, copy), CE_None);
    for (int b = 0; b < n_bands; b++) {
        double band[COLS * ROWS];
        memcpy(band, values + b * COLS * ROWS, sizeof band);
        GDALRasterBandH h = GDALGetRasterBand(d, b + 1);
        GDALSetRasterNoDataValue(h, nodata);
        GDALSetRasterScale(h, scale);
        assert_int_equal(
            GDALRasterIO(h, GF_Write, 0, 0, COLS, ROWS, band, COLS, ROWS, GDT_Float64, 0, 0),
            CE_None);
    }
    GDALClose(d);
    OSRDestroySpatialReference(srs);
    char *text = strdup(path);
    assert_non_null(text);
    return text;
}

/* A pasture with a hole, a bay and two parts; one that leaves the raster; one beside it. */
static const char *const shapes[] = {
    ("MULTIPOLYGON (((120 130, 610 90, 655 480, 400 330, 180 520, 120 130),(300 200, 300 290, 420 "
     "260, 300 200)),((30 30, 75 40, 50 95, 30 30)))"),
    "MULTIPOLYGON (((600 500, 900 500, 900 800, 600 800, 600 500)))",
    "MULTIPOLYGON (((5000 5000, 5100 5000, 5100 5100, 5000 5000)))",
};
enum { N_SHAPES = 3 };

struct land {
    struct cao_pasture items[N_SHAPES];
    struct cao_pastures p;
    char *wkt;
};

/* Corner of the world that the shapes are metres from, in EPSG:32647. */
static const double corner[2] = { 480000, 3900000 };

static OGRGeometryH shape(int i, const double scale)
{
    char *text = strdup(shapes[i]), *at = text;
    OGRGeometryH g = NULL;
    assert_int_equal(OGR_G_CreateFromWkt(&at, NULL, &g), OGRERR_NONE);
    free(text);
    for (int part = 0; part < OGR_G_GetGeometryCount(g); part++)
        for (int ring = 0; ring < OGR_G_GetGeometryCount(OGR_G_GetGeometryRef(g, part)); ring++) {
            OGRGeometryH r = OGR_G_GetGeometryRef(OGR_G_GetGeometryRef(g, part), ring);
            for (int k = 0; k < OGR_G_GetPointCount(r); k++)
                OGR_G_SetPoint_2D(r, k, corner[0] + scale * OGR_G_GetX(r, k),
                                  corner[1] + scale * OGR_G_GetY(r, k));
        }
    return g;
}

static void land_make(struct land *l, double scale)
{
    static char ids[N_SHAPES][4] = { "a", "b", "c" };
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(srs, 32647);
    OSRExportToWkt(srs, &l->wkt);
    OSRDestroySpatialReference(srs);
    for (int i = 0; i < N_SHAPES; i++) {
        OGRGeometryH g = shape(i, scale);
        size_t n = (size_t)OGR_G_WkbSize(g);
        l->items[i] = (struct cao_pasture){ .id = ids[i], .wkb = malloc(n), .wkb_size = n };
        assert_int_equal(OGR_G_ExportToWkb(g, wkbNDR, l->items[i].wkb), OGRERR_NONE);
        OGR_G_DestroyGeometry(g);
    }
    static char path[] = "land";
    l->p = (struct cao_pastures){
        .items = l->items, .n = N_SHAPES, .layer_crs = l->wkt, .path = path
    };
}

static void land_release(struct land *l)
{
    for (int i = 0; i < N_SHAPES; i++)
        free(l->items[i].wkb);
    CPLFree(l->wkt);
}

/* GEOS's answer: area by area of each cell with the polygon. */
static void by_geos(int i, const double place[6], const double *values, double nodata, double *mean,
                    double *known)
{
    OGRGeometryH g = shape(i, 1);
    double sum = 0, area = 0;
    for (int row = 0; row < ROWS; row++)
        for (int col = 0; col < COLS; col++) {
            OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing),
                         cell = OGR_G_CreateGeometry(wkbPolygon);
            static const int turn[5][2] = { { 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 }, { 0, 0 } };
            for (int k = 0; k < 5; k++) {
                double x = col + turn[k][0], y = row + turn[k][1];
                OGR_G_AddPoint_2D(ring, place[0] + place[1] * x + place[2] * y,
                                  place[3] + place[4] * x + place[5] * y);
            }
            OGR_G_AddGeometryDirectly(cell, ring);
            OGRGeometryH both = OGR_G_Intersection(g, cell);
            double v = values[row * COLS + col], part = both ? OGR_G_Area(both) : 0;
            if (v != nodata) {
                sum += part * v;
                area += part;
            }
            OGR_G_DestroyGeometry(both);
            OGR_G_DestroyGeometry(cell);
        }
    *mean = sum / area;
    *known = area / OGR_G_Area(g);
    OGR_G_DestroyGeometry(g);
}

static void cells_count_by_their_share_as_geos_has_it(void **state)
{
    (void)state;
    static const double places[2][6] = { { 480000 - 13, 100, 0, 3900000 + 577, 0, -100 },
                                         { 480000 - 60, 95, 40, 3900000 + 560, 38, -97 } };
    struct cao_error err = { 0 };
    struct land l;
    double values[2 * COLS * ROWS];
    char *dir = test_folder("means");
    for (int i = 0; i < 2 * COLS * ROWS; i++)
        values[i] = i * 37 % 19 == 3 ? -1 : (double)(i * 53 % 29) / 7;
    land_make(&l, 1);
    for (int k = 0; k < 2; k++) {
        struct cao_polygon_mean *means;
        size_t n_bands;
        char *path =
            write_raster(dir, k ? "turned.tif" : "plain.tif", 32647, places[k], 2, values, -1, 2);
        assert_ok(cao_polygon_means(&l.p, path, NULL, &n_bands, &means, &err));
        assert_int_equal(n_bands, 2);
        for (int i = 0; i < 2; i++)
            for (int b = 0; b < 2; b++) {
                double mean, known;
                by_geos(i, places[k], values + b * COLS * ROWS, -1, &mean, &known);
                assert_true(known > 0.05 && known < 0.999);
                const struct cao_polygon_mean *got = &means[i * 2 + b];
                if (!(fabs(got->mean - 2 * mean) < 1e-7 && fabs(got->known - known) < 1e-7))
                    fail_msg("%d %d: %.9g of %.9g, not %.9g of %.9g", i, b, got->mean, got->known,
                             2 * mean, known);
            }
        assert_true(isnan(means[4].mean) && means[4].known == 0); /* beside the raster */
        free(means);
        free(path);
    }
    land_release(&l);
    free(dir);
}

/* In degrees, pastures of some km: a field of one value has it as its mean; one that is 1 east of a meridian
 * has the share of the area there, which GEOS tells with the meridian as a chain of points in UTM. */
static void a_raster_in_degrees_is_met_on_the_ground(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct land l;
    double values[COLS * ROWS];
    char *dir = test_folder("degrees");
    static const double place[6] = { 98.5, 0.1, 0, 35.6, 0, -0.1 };
    for (int i = 0; i < COLS * ROWS; i++)
        values[i] = 5;
    land_make(&l, 30);
    char *path = write_raster(dir, "even.tif", 4326, place, 1, values, -1, 1);
    struct cao_polygon_mean *means;
    size_t n_bands;
    assert_ok(cao_polygon_means(&l.p, path, NULL, &n_bands, &means, &err));
    assert_true(fabs(means[0].mean - 5) < 1e-9 && fabs(means[0].known - 1) < 1e-9);
    free(means);
    free(path);
    for (int i = 0; i < COLS * ROWS; i++) /* cut along a meridian: west 0, east 1 */
        values[i] = i % COLS >= 4;
    path = write_raster(dir, "halves.tif", 4326, place, 1, values, -1, 1);
    assert_ok(cao_polygon_means(&l.p, path, NULL, &n_bands, &means, &err));
    OGRSpatialReferenceH from = OSRNewSpatialReference(NULL), to = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(from, 4326);
    OSRImportFromEPSG(to, 32647);
    OSRSetAxisMappingStrategy(from, OAMS_TRADITIONAL_GIS_ORDER);
    OGRCoordinateTransformationH t = OCTNewCoordinateTransformation(from, to);
    enum { SAMPLES = 2000 };
    OGRGeometryH g = shape(0, 30);
    /* the polygon east of the meridian, as a long chain of points that PROJ carries */
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing),
                 half = OGR_G_CreateGeometry(wkbPolygon);
    for (int i = 0; i <= SAMPLES; i++) {
        double x = 98.9, y = 35.05 + 0.5 * i / SAMPLES;
        OCTTransform(t, 1, &x, &y, NULL);
        OGR_G_AddPoint_2D(ring, x, y);
    }
    OGR_G_AddPoint_2D(ring, 600000, 3960000);
    OGR_G_AddPoint_2D(ring, 600000, 3870000);
    OGR_G_CloseRings(ring);
    OGR_G_AddGeometryDirectly(half, ring);
    OGR_G_CloseRings(half);
    OGRGeometryH both = OGR_G_Intersection(g, half);
    double east = OGR_G_Area(both) / OGR_G_Area(g);
    assert_true(east > 0.01 && east < 0.99);
    if (!(fabs(means[0].mean - east) < 2e-5)) /* UTM's scale differs by so much over the pasture */
        fail_msg("%.8g east of the meridian, not %.8g", means[0].mean, east);
    OGR_G_DestroyGeometry(both);
    OGR_G_DestroyGeometry(half);
    OGR_G_DestroyGeometry(g);
    OCTDestroyCoordinateTransformation(t);
    OSRDestroySpatialReference(from);
    OSRDestroySpatialReference(to);
    free(means);
    free(path);
    land_release(&l);
    free(dir);
}

static void what_is_no_raster_is_named(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct land l;
    size_t n_bands;
    struct cao_polygon_mean *means = NULL;
    land_make(&l, 1);
    assert_int_equal(cao_polygon_means(&l.p, "/nowhere.tif", NULL, &n_bands, &means, &err),
                     CAO_EIO);
    assert_non_null(strstr(err.text, "/nowhere.tif"));
    assert_null(means);
    land_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_count_by_their_share_as_geos_has_it),
        cmocka_unit_test(a_raster_in_degrees_is_met_on_the_ground),
        cmocka_unit_test(what_is_no_raster_is_named),
    };
    return cmocka_run_group_tests_name("polygon_means", tests, test_gdal_set_up,
                                       test_gdal_tear_down);
}
