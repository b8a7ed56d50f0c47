/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/layer_out.h"
#include "caochu/pastures.h"
#include "caochu/text.h"

static const char utm47[] = "EPSG:32647";

struct loaded {
    struct cao_pastures p;
    struct cao_findings f;
};

static enum cao_status load(struct loaded *l, const char *path, const char *crs_of_layer,
                            const char *grid, struct cao_error *err)
{
    struct cao_pasture_source src = {
        .path = path, .id_field = "id", .type_field = "type", .crs = crs_of_layer
    };
    *l = (struct loaded){ 0 };
    return cao_pastures_load(&src, grid, 10, &l->p, &l->f, err);
}

static void release(struct loaded *l)
{
    cao_pastures_release(&l->p);
    cao_findings_release(&l->f);
}

/* A GeoJSON of polygons given as WKT-like coordinate lists. */
static char *geojson(const char *dir, const char *name, const char *features)
{
    char path[CAO_PATH_MAX], text[8192];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int n =
        snprintf(text, sizeof text, "{\"type\":\"FeatureCollection\",\"features\":[%s]}", features);
    assert_ok(cao_file_write(path, text, (size_t)n, &err));
    char *copy = strdup(path);
    assert_non_null(copy);
    return copy;
}

#define FEATURE(id, type, kind, coordinates)                                                       \
    "{\"type\":\"Feature\",\"properties\":{\"id\":\"" id "\",\"type\":\"" type                     \
    "\"},\"geometry\":{\"type\":\"" kind "\",\"coordinates\":" coordinates "}}"

static bool has(const struct cao_findings *f, const char *code, long row)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->items[i].code, code) == 0 && f->items[i].row == row)
            return true;
    return false;
}

/* Area of a cell between two parallels and meridians on WGS 84, in closed form (Snyder 1987, p. 17):
 * b^2 * dlon / 2 * [ sin/(1 - e^2 sin^2) + ln((1 + e sin)/(1 - e sin)) / (2e) ]. */
static double zone_area_ha(double south, double north, double west, double east)
{
    const double a = 6378137.0, f = 1 / 298.257223563, e2 = f * (2 - f), e = sqrt(e2),
                 b = a * (1 - f);
    double q[2], latitude[2] = { south, north };
    for (int i = 0; i < 2; i++) {
        double s = sin(latitude[i] * 0.017453292519943295);
        q[i] = s / (1 - e2 * s * s) + log((1 + e * s) / (1 - e * s)) / (2 * e);
    }
    return b * b / 2 * (q[1] - q[0]) * (east - west) * 0.017453292519943295 / 1e4;
}

static void geodesic_area_is_that_of_the_ellipsoid(void **state)
{
    (void)state;
    char *dir = test_folder("area");
    struct cao_error err = { 0 };
    struct loaded l;
    char *path = geojson(
        dir, "a.geojson",
        FEATURE(
            "1", "t", "Polygon",
            "[[[98,34],[98.02,34],[98.02,34.02],[98,34.02],[98,34]]]") "," FEATURE("2", "t",
                                                                                   "Polygon",
                                                                                   "[[[98,34],[98."
                                                                                   "5,34],[98.5,34."
                                                                                   "5],[98,34.5],["
                                                                                   "98,34]],"
                                                                                   "[[98.1,34.1],["
                                                                                   "98.2,34.1],[98."
                                                                                   "2,34.2],[98.1,"
                                                                                   "34.2],[98.1,34."
                                                                                   "1]]]"));
    assert_ok(load(&l, path, NULL, utm47, &err));
    assert_int_equal(l.p.n, 2);
    double small = zone_area_ha(34, 34.02, 98, 98.02);
    double large = zone_area_ha(34, 34.5, 98, 98.5) - zone_area_ha(34.1, 34.2, 98.1, 98.2);
    assert_true(fabs(l.p.items[0].area_geodesic_ha / small - 1) < 1e-8);
    assert_true(fabs(l.p.items[1].area_geodesic_ha / large - 1) < 1e-8);
    /* on the UTM plane the scale is 0.9996 squared near the central meridian, 99 E */
    assert_true(fabs(l.p.items[0].area_grid_ha / small / (0.9996 * 0.9996) - 1) < 5e-4);
    assert_false(l.p.items[0].repaired);
    release(&l);
    free(path);
    free(dir);
}

static size_t count_points(const struct cao_pasture *p)
{
    return p->n_rings ? p->ring_end[p->n_rings - 1] : 0;
}

/* Two neighbours share an edge and walk it in opposite ways. */
static void neighbours_share_the_points_added_to_their_border(void **state)
{
    (void)state;
    char *dir = test_folder("border");
    struct cao_error err = { 0 };
    struct loaded l;
    char *path = geojson(
        dir, "b.geojson",
        FEATURE(
            "w", "t", "Polygon",
            "[[[98,34],[98.4,34.03],[98.35,34.6],[98,34.6],[98,34]]]") "," FEATURE("e", "t",
                                                                                   "Polygon",
                                                                                   "[[[98.4,34.03],"
                                                                                   "[98.8,34],[98."
                                                                                   "8,34.6],[98.35,"
                                                                                   "34.6],[98.4,34."
                                                                                   "03]]]"));
    assert_ok(load(&l, path, NULL, utm47, &err));
    const struct cao_pasture *w = &l.p.items[0], *e = &l.p.items[1];
    assert_true(count_points(w) > 4 && count_points(e) > 4);
    size_t shared = 0;
    for (size_t i = 0; i < count_points(w); i++)
        for (size_t k = 0; k < count_points(e); k++)
            shared += memcmp(&w->xy[2 * i], &e->xy[2 * k], 2 * sizeof(double)) == 0;
    assert_true(shared >= 3);
    double sum = w->area_grid_ha + e->area_grid_ha;
    struct loaded whole;
    char *one = geojson(
        dir, "c.geojson",
        FEATURE("x", "t", "Polygon",
                "[[[98,34],[98.4,34.03],[98.8,34],[98.8,34.6],[98.35,34.6],[98,34.6],[98,34]]]"));
    assert_ok(load(&whole, one, NULL, utm47, &err));
    assert_true(fabs(whole.p.items[0].area_grid_ha - sum) < 1e-6); /* no sliver, no gap: 0.01 m2 */
    release(&whole);
    release(&l);
    free(one);
    free(path);
    free(dir);
}

static void edges_stay_true_to_a_hundredth_of_a_cell(void **state)
{
    (void)state;
    char *dir = test_folder("true");
    struct cao_error err = { 0 };
    struct loaded l;
    char *path =
        geojson(dir, "t.geojson",
                FEATURE("1", "t", "Polygon", "[[[97,34],[99,34],[99,35],[97,35],[97,34]]]"));
    assert_ok(load(&l, path, NULL, utm47, &err));
    /* every point of the southern edge, carried back, lies on the parallel: check the middles */
    OGRSpatialReferenceH utm = OSRNewSpatialReference(NULL), lonlat = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(utm, 32647);
    OSRImportFromEPSG(lonlat, 4326);
    OSRSetAxisMappingStrategy(utm, OAMS_TRADITIONAL_GIS_ORDER);
    OSRSetAxisMappingStrategy(lonlat, OAMS_TRADITIONAL_GIS_ORDER);
    OGRCoordinateTransformationH back = OCTNewCoordinateTransformation(utm, lonlat);
    const struct cao_pasture *p = &l.p.items[0];
    size_t n = count_points(p), on_edge = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = (i + 1) % n;
        double x = (p->xy[2 * i] + p->xy[2 * k]) / 2, y = (p->xy[2 * i + 1] + p->xy[2 * k + 1]) / 2;
        OCTTransform(back, 1, &x, &y, NULL);
        double off = fmin(fmin(fabs(y - 34), fabs(y - 35)) * 110940,
                          fmin(fabs(x - 97), fabs(x - 99)) * 92300);
        assert_true(off < 0.11);
        on_edge++;
    }
    assert_true(on_edge > 20);
    OCTDestroyCoordinateTransformation(back);
    OSRDestroySpatialReference(utm);
    OSRDestroySpatialReference(lonlat);
    release(&l);
    free(path);
    free(dir);
}

/* Edges that are taken for true without a look at their middles, 283 m on a grid of 10 m: from degrees and from
 * Gauss-Krueger, to the grids that counties, provinces and the country use, all over them and far beyond. And a ring
 * that is carried at once lands where each of its points does. */
static void short_edges_are_true_everywhere(void **state)
{
    (void)state;
    static const char *const layers[] = { "EPSG:4326", "EPSG:4490", "EPSG:4525", "EPSG:32646" };
    static const char *const grids[] = {
        "EPSG:32647",
        "EPSG:4543",
        "EPSG:3857",
        "+proj=aea +lat_0=0 +lon_0=105 +lat_1=25 +lat_2=47 +ellps=GRS80 +units=m",
        "+proj=lcc +lat_0=0 +lon_0=95 +lat_1=30 +lat_2=62 +ellps=GRS80 +units=m",
        "+proj=laea +lat_0=90 +lon_0=0 +ellps=WGS84 +units=m"
    };
    enum { EDGES = 400 };
    uint64_t seed = 3;
    for (size_t a = 0; a < 4; a++)
        for (size_t b = 0; b < sizeof grids / sizeof grids[0]; b++) {
            OGRSpatialReferenceH from = OSRNewSpatialReference(NULL),
                                 to = OSRNewSpatialReference(NULL),
                                 lonlat = OSRNewSpatialReference(NULL);
            assert_int_equal(OSRSetFromUserInput(from, layers[a]), OGRERR_NONE);
            assert_int_equal(OSRSetFromUserInput(to, grids[b]), OGRERR_NONE);
            OSRImportFromEPSG(lonlat, 4326);
            OSRSetAxisMappingStrategy(from, OAMS_TRADITIONAL_GIS_ORDER);
            OSRSetAxisMappingStrategy(to, OAMS_TRADITIONAL_GIS_ORDER);
            OSRSetAxisMappingStrategy(lonlat, OAMS_TRADITIONAL_GIS_ORDER);
            OGRCoordinateTransformationH t = OCTNewCoordinateTransformation(from, to);
            OGRCoordinateTransformationH place = OCTNewCoordinateTransformation(lonlat, from);
            assert_true(t && place);
            double x[3 * EDGES], y[3 * EDGES], worst = 0;
            int fine[3 * EDGES];
            for (int i = 0; i < EDGES; i++) { /* both ends and the middle */
                double e[6],
                    angle = 6.2832 * (double)(seed = seed * 48271 % 2147483647) / 2147483647;
                double wide = a < 2 ? 40 : 6; /* degrees about 97 E, 37 N */
                e[0] = 97 + wide * ((double)(seed = seed * 48271 % 2147483647) / 2147483647 - 0.5);
                e[1] = 37 + wide * ((double)(seed = seed * 48271 % 2147483647) / 2147483647 - 0.5);
                OCTTransform(place, 1, &e[0], &e[1], NULL);
                double size = a < 2 ? 283.0 / 111320 : 283;
                e[4] = e[0] + size * cos(angle);
                e[5] = e[1] + size * sin(angle);
                e[2] = e[0] + (e[4] - e[0]) / 2;
                e[3] = e[1] + (e[5] - e[1]) / 2;
                for (int k = 0; k < 3; k++) {
                    x[3 * i + k] = e[2 * k];
                    y[3 * i + k] = e[2 * k + 1];
                }
            }
            double x1[3 * EDGES], y1[3 * EDGES];
            memcpy(x1, x, sizeof x);
            memcpy(y1, y, sizeof y);
            assert_true(OCTTransformEx(t, 3 * EDGES, x, y, NULL, fine));
            for (int i = 0; i < 3 * EDGES; i++) {
                assert_true(OCTTransform(t, 1, &x1[i], &y1[i], NULL));
                assert_true(x1[i] == x[i] && y1[i] == y[i]);
            }
            for (int i = 0; i < EDGES; i++) {
                double *p = x + 3 * i, *q = y + 3 * i;
                double length = hypot(p[2] - p[0], q[2] - q[0]);
                double off = hypot(p[1] - (p[0] + p[2]) / 2, q[1] - (q[0] + q[2]) / 2);
                worst = fmax(worst, off * (283 / length) * (283 / length)); /* of one that long */
            }
            assert_true(worst < 0.1 / 4);
            OCTDestroyCoordinateTransformation(t);
            OCTDestroyCoordinateTransformation(place);
            OSRDestroySpatialReference(from);
            OSRDestroySpatialReference(to);
            OSRDestroySpatialReference(lonlat);
        }
}

struct call {
    enum cao_status (*work)(void *shared, size_t i, struct cao_error *err);
    void *shared;
    size_t i;
};

static void *call(void *at)
{
    const struct call *c = at;
    return c->work(c->shared, c->i, NULL) ? at : NULL;
}

static enum cao_status at_once(void *context, size_t n,
                               enum cao_status (*work)(void *shared, size_t i,
                                                       struct cao_error *err),
                               void *shared, struct cao_error *err)
{
    pthread_t threads[8];
    struct call calls[8];
    (void)err;
    ++*(int *)context;
    for (size_t i = 0; i < n; i++) {
        calls[i] = (struct call){ work, shared, i };
        assert_int_equal(pthread_create(&threads[i], NULL, call, &calls[i]), 0);
    }
    for (size_t i = 0; i < n; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    return CAO_OK;
}

/* More features than are taken in at once, some repeated (behind one that cannot be used, too), some bows, some
 * empty: the same list and the same words from any number of workers. */
static void workers_change_no_bit(void **state)
{
    (void)state;
    enum { FEATURES = 5000 };
    char *dir = test_folder("workers"), path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    struct cao_buf b = { 0 };
    cao_buf_add(&b, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (int i = 0; i < FEATURES; i++) {
        double x = 97 + 0.01 * (i % 70), y = 34 + 0.01 * (i / 70), s = 0.006;
        double right = i % 97 == 5 ? x : x + s, left = i % 97 == 5 ? x + s : x; /* a bow */
        double up = i % 211 == 7 ? 0 : s;                                       /* no area */
        cao_buf_add(&b,
                    "%s{\"type\":\"Feature\",\"properties\":{\"id\":\"%d\",\"type\":\"t\"},"
                    "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[%.6f,%.6f],[%.6f,%.6f],"
                    "[%.6f,%.6f],[%.6f,%.6f],[%.6f,%.6f]]]}}",
                    i ? "," : "", i % 211 == 8 || i % 500 == 499 ? i - 1 : i, x, y, x + s, y, right,
                    y + up, left, y + up, x, y);
    }
    cao_buf_add(&b, "]}");
    assert_false(b.failed);
    snprintf(path, sizeof path, "%s/many.geojson", dir);
    assert_ok(cao_file_write(path, b.text, b.n, &err));
    cao_buf_release(&b);
    struct loaded alone;
    assert_ok(load(&alone, path, NULL, utm47, &err));
    assert_true(alone.p.n > FEATURES - 100 && alone.p.n < FEATURES);
    assert_true(has(&alone.f, "geometry-repaired", 6) && has(&alone.f, "geometry-unusable", 8));
    assert_true(has(&alone.f, "pasture-repeated", 500));
    for (size_t n = 2; n <= 5; n += 3) {
        int calls = 0;
        struct cao_pasture_workers workers = { n, &calls, at_once };
        struct cao_pasture_source src = {
            .path = path, .id_field = "id", .type_field = "type", .workers = &workers
        };
        struct loaded l = { 0 };
        assert_ok(cao_pastures_load(&src, utm47, 10, &l.p, &l.f, &err));
        assert_int_equal(calls, 3);
        assert_int_equal(l.p.n, alone.p.n);
        for (size_t i = 0; i < l.p.n; i++) {
            const struct cao_pasture *p = &l.p.items[i], *q = &alone.p.items[i];
            assert_string_equal(p->id, q->id);
            assert_int_equal(p->row, q->row);
            assert_true(p->area_geodesic_ha == q->area_geodesic_ha);
            assert_int_equal(count_points(p), count_points(q));
            assert_memory_equal(p->xy, q->xy, 2 * count_points(p) * sizeof *p->xy);
        }
        assert_int_equal(l.f.n, alone.f.n);
        for (size_t i = 0; i < l.f.n; i++) {
            assert_string_equal(l.f.items[i].text, alone.f.items[i].text);
            assert_int_equal(l.f.items[i].row, alone.f.items[i].row);
        }
        release(&l);
    }
    release(&alone);
    free(dir);
}

static void bad_geometries_are_named_or_repaired(void **state)
{
    (void)state;
    char *dir = test_folder("bad");
    struct cao_error err = { 0 };
    struct loaded l;
    char *path = geojson(
        dir, "b.geojson",
        FEATURE("1", "t", "Polygon", "[[[98,34],[98.01,34],[98.01,34.01],[98,34.01],[98,34]]]") "," FEATURE("2", "t", "Polygon", "[[[98,34],[98.01,34.01],[98.01,34],[98,34.01],[98,34]]]") "," FEATURE(
            "3", "t", "Point",
            "[98,34]") ","
                       "{\"type\":\"Feature\",\"properties\":{\"id\":\"4\"},\"geometry\":"
                       "null}," FEATURE("1", "t", "Polygon",
                                        "[[[98,35],[98.01,35],[98.01,35.01],[98,35.01],["
                                        "98,35]]]") "," FEATURE("", "t", "Polygon",
                                                                "[[[98,35],[98.01,35],[98."
                                                                "01,35.01],[98,35.01],[98,"
                                                                "35]]]") "," FEATURE("7", "t",
                                                                                     "Poly"
                                                                                     "gon",
                                                                                     "[[["
                                                                                     "98,"
                                                                                     "34],"
                                                                                     "[98."
                                                                                     "01,"
                                                                                     "34],"
                                                                                     "[98."
                                                                                     "02,"
                                                                                     "34],"
                                                                                     "[98,"
                                                                                     "34]]"
                                                                                     "]"));
    assert_ok(load(&l, path, NULL, utm47, &err));
    assert_int_equal(l.p.n, 2);
    assert_string_equal(l.p.items[0].id, "1");
    assert_string_equal(l.p.items[1].id, "2");
    assert_true(l.p.items[1].repaired);
    assert_true(fabs(l.p.items[1].area_geodesic_ha / l.p.items[0].area_geodesic_ha - 0.5) <
                1e-3); /* a bow tie is half its box */
    assert_true(has(&l.f, "geometry-repaired", 2));
    assert_true(has(&l.f, "geometry-unusable", 3));
    assert_true(has(&l.f, "geometry-unusable", 4));
    assert_true(has(&l.f, "pasture-repeated", 5));
    assert_true(has(&l.f, "pasture-without-id", 6));
    assert_true(has(&l.f, "geometry-unusable", 7));
    assert_int_equal(l.f.n_problems, 6);
    release(&l);
    free(path);
    free(dir);
}

static void a_missing_layer_column_or_crs_says_what_there_is(void **state)
{
    (void)state;
    NEED_DATA("polygons_zonal/zurich_parcels");
    char *dir = test_folder("missing");
    struct cao_error err = { 0 };
    struct loaded l;
    char *path = geojson(
        dir, "m.geojson",
        FEATURE("1", "t", "Polygon", "[[[98,34],[98.01,34],[98.01,34.01],[98,34.01],[98,34]]]"));
    struct cao_pasture_source src = { .path = path, .id_field = "idd" };
    assert_int_equal(cao_pastures_load(&src, utm47, 10, &l.p, NULL, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "did you mean id"));
    assert_non_null(strstr(err.text, "id, type"));
    src.id_field = "id";
    src.layer = "nope";
    assert_int_equal(cao_pastures_load(&src, utm47, 10, &l.p, NULL, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "there are: m"));
    test_shell("cp '%s'/*.shp '%s'/*.dbf '%s'/*.shx '%s/'",
               test_data("polygons_zonal/zurich_parcels"),
               test_data("polygons_zonal/zurich_parcels"),
               test_data("polygons_zonal/zurich_parcels"), dir);
    char shp[CAO_PATH_MAX];
    snprintf(shp, sizeof shp, "%s/ZH_Polygons_2020_ESCH_EPSG32632.shp", dir);
    src = (struct cao_pasture_source){ .path = shp, .id_field = "GIS_ID" };
    assert_int_equal(cao_pastures_load(&src, "EPSG:32632", 10, &l.p, NULL, &err), CAO_EDATA);
    assert_non_null(strstr(err.text, "pastures.crs"));
    src.path = "no/such.gpkg";
    assert_int_equal(cao_pastures_load(&src, utm47, 10, &l.p, NULL, &err), CAO_EIO);
    free(path);
    free(dir);
}

/* Attributes in GBK and no word of it: as the township sends them. */
static void chinese_attributes_are_read_whatever_their_encoding(void **state)
{
    (void)state;
    char *dir = test_folder("gbk");
    struct cao_error err = { 0 };
    struct loaded l;
    char *path = geojson(dir, "u.geojson",
                         FEATURE("007", "高寒草甸", "Polygon",
                                 "[[[98,34],[98.01,34],[98.01,34.01],[98,34.01],[98,34]]]"));
    static const char *const encodings[] = { "GBK", "UTF-8" };
    for (int with_cpg = 0; with_cpg < 2; with_cpg++)
        for (size_t e = 0; e < 2; e++) {
            char shp[CAO_PATH_MAX];
            snprintf(shp, sizeof shp, "%s/s%d%zu.shp", dir, with_cpg, e);
            test_shell("cd '%s' && ogr2ogr -q -lco ENCODING=%s s%d%zu.shp u.geojson", dir,
                       encodings[e], with_cpg, e);
            if (!with_cpg) /* no .cpg, and the language byte of the DBF cleared */
                test_shell("cd '%s' && rm -f s%d%zu.cpg && printf '\\000' | dd of=s%d%zu.dbf bs=1 "
                           "seek=29 conv=notrunc 2>/dev/null",
                           dir, with_cpg, e, with_cpg, e);
            assert_ok(load(&l, shp, NULL, utm47, &err));
            assert_string_equal(l.p.items[0].id, "007"); /* leading zeros stay */
            assert_string_equal(l.p.items[0].type, "高寒草甸");
            release(&l);
        }
    free(path);
    free(dir);
}

/* 281 real parcels: our plane area is OGR's, our geodesic area fits the UTM scale there. */
static void real_parcels_keep_their_area(void **state)
{
    (void)state;
    NEED_DATA("polygons_zonal/zurich_parcels");
    char shp[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    struct cao_pastures p = { 0 };
    struct cao_findings f = { 0 };
    snprintf(shp, sizeof shp, "%s/ZH_Polygons_2020_ESCH_EPSG32632.shp",
             test_data("polygons_zonal/zurich_parcels"));
    struct cao_pasture_source src = { .path = shp, .id_field = "FID" };
    GDALDatasetH d = GDALOpenEx(shp, GDAL_OF_VECTOR, NULL, NULL, NULL);
    OGRLayerH layer = GDALDatasetGetLayer(d, 0);
    OGRFeatureDefnH def = OGR_L_GetLayerDefn(layer);
    src.id_field = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(def, 0));
    assert_ok(cao_pastures_load(&src, "EPSG:32632", 10, &p, &f, &err));
    assert_true(p.n > 0);
    for (size_t i = 0; i < p.n; i++) {
        OGRFeatureH feature = OGR_L_GetFeature(layer, p.items[i].row - 1);
        double plane = OGR_G_Area(OGR_F_GetGeometryRef(feature)) / 1e4;
        OGR_F_Destroy(feature);
        if (!p.items[i].repaired)
            assert_true(fabs(p.items[i].area_grid_ha - plane) < 1e-9 * plane + 1e-12);
        assert_true(fabs(p.items[i].area_grid_ha / p.items[i].area_geodesic_ha - 1) < 1e-3);
    }
    GDALClose(d);
    cao_pastures_release(&p);
    cao_findings_release(&f);
}

/* Gauss-Kruger with the zone's number before the easting, as in contracts: same place, same area. */
static void gauss_kruger_with_zone_prefix_lands_on_the_same_place(void **state)
{
    (void)state;
    char *dir = test_folder("gk");
    struct cao_error err = { 0 };
    struct loaded a, b;
    char gk[CAO_PATH_MAX];
    char *path = geojson(
        dir, "g.geojson",
        FEATURE("1", "t", "Polygon", "[[[99,34],[99.05,34],[99.05,34.05],[99,34.05],[99,34]]]"));
    snprintf(gk, sizeof gk, "%s/gk.gpkg", dir);
    test_shell("cd '%s' && ogr2ogr -q -t_srs EPSG:4521 gk.gpkg g.geojson", dir);
    assert_ok(load(&a, path, NULL, utm47, &err));
    assert_ok(load(&b, gk, NULL, utm47, &err));
    double box_a[4], box_b[4];
    cao_pastures_bounds(&a.p, box_a);
    cao_pastures_bounds(&b.p, box_b);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(box_a[i] - box_b[i]) < 1.5); /* edges are straight in other planes */
    assert_true(fabs(a.p.items[0].area_geodesic_ha / b.p.items[0].area_geodesic_ha - 1) < 1e-5);
    release(&a);
    release(&b);
    free(path);
    free(dir);
}

static void the_result_layer_is_the_same_bytes_and_has_typed_columns(void **state)
{
    (void)state;
    char *dir = test_folder("out");
    struct cao_error err = { 0 };
    struct loaded l;
    char *path = geojson(
        dir, "o.geojson",
        FEATURE(
            "001", "t", "Polygon",
            "[[[98,34],[98.01,34],[98.01,34.01],[98,34.01],[98,34]]]") "," FEATURE("002", "t",
                                                                                   "Polygon",
                                                                                   "[[[98.01,34],["
                                                                                   "98.02,34],[98."
                                                                                   "02,34.01],[98."
                                                                                   "01,34.01],[98."
                                                                                   "01,34]]]"));
    static const struct cao_column columns[] = {
        { "pasture_id", "草场编号", "", "", CAO_CELL_TEXT, 0 },
        { "ndvi_mean", "NDVI均值", "1", "", CAO_CELL_REAL, 4 }
    };
    const size_t row_pasture[] = { 0, 1 };
    struct cao_table t;
    char a[CAO_PATH_MAX], b[CAO_PATH_MAX];
    assert_ok(load(&l, path, NULL, utm47, &err));
    assert_ok(cao_table_init(&t, columns, 2, 2, &err));
    assert_ok(cao_table_set_text(&t, 0, 0, "001", &err));
    assert_ok(cao_table_set_text(&t, 1, 0, "002", &err));
    cao_table_set_number(&t, 0, 1, 0.625);
    snprintf(a, sizeof a, "%s/a.gpkg", dir);
    snprintf(b, sizeof b, "%s/b.gpkg", dir);
    assert_ok(cao_layer_write(a, "pastures", &l.p, row_pasture, &t, 19950, &err));
    assert_ok(cao_layer_write(b, "pastures", &l.p, row_pasture, &t, 19950, &err));
    test_shell("cmp '%s' '%s' && test \"$(ls -A '%s' | grep -c part)\" = 0", a, b, dir);
    GDALDatasetH d = GDALOpenEx(a, GDAL_OF_VECTOR, NULL, NULL, NULL);
    OGRLayerH layer = GDALDatasetGetLayer(d, 0);
    assert_string_equal(OGR_L_GetName(layer), "pastures");
    OGRFeatureH f = OGR_L_GetNextFeature(layer);
    assert_int_equal(OGR_Fld_GetType(OGR_F_GetFieldDefnRef(f, 0)), OFTString);
    assert_string_equal(OGR_F_GetFieldAsString(f, 0), "001");
    assert_true(OGR_F_GetFieldAsDouble(f, 1) == 0.625);
    OGR_F_Destroy(f);
    f = OGR_L_GetNextFeature(layer);
    assert_true(OGR_F_IsFieldNull(f, 1)); /* nothing is NULL, not 0 */
    OGR_F_Destroy(f);
    GDALClose(d);
    cao_table_release(&t);
    release(&l);
    free(path);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(geodesic_area_is_that_of_the_ellipsoid),
        cmocka_unit_test(neighbours_share_the_points_added_to_their_border),
        cmocka_unit_test(edges_stay_true_to_a_hundredth_of_a_cell),
        cmocka_unit_test(short_edges_are_true_everywhere),
        cmocka_unit_test(workers_change_no_bit),
        cmocka_unit_test(bad_geometries_are_named_or_repaired),
        cmocka_unit_test(a_missing_layer_column_or_crs_says_what_there_is),
        cmocka_unit_test(chinese_attributes_are_read_whatever_their_encoding),
        cmocka_unit_test(real_parcels_keep_their_area),
        cmocka_unit_test(gauss_kruger_with_zone_prefix_lands_on_the_same_place),
        cmocka_unit_test(the_result_layer_is_the_same_bytes_and_has_typed_columns),
    };
    return cmocka_run_group_tests_name("pastures", tests, test_gdal_set_up, test_gdal_tear_down) !=
           0;
}
