/* SPDX-License-Identifier: MIT */
#include "raster/fixture.h"

#include "caochu/grid.h"

static void a_crs_is_named_and_must_be_projected_in_metres(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    char *wkt = NULL, *name = NULL, *again = NULL, *name2 = NULL;
    assert_ok(cao_crs_resolve("EPSG:32647", &wkt, &name, &err));
    assert_string_equal(name, "EPSG:32647");
    assert_non_null(strstr(wkt, "UTM zone 47N"));
    assert_ok(cao_crs_resolve(wkt, &again, &name2, &err));
    assert_string_equal(again, wkt);
    assert_string_equal(name2, "EPSG:32647");
    free(again);
    free(name2);
    again = name2 = NULL;
    static const char *const wrong[][2] = {
        { "EPSG:4326", "projected" },
        { "EPSG:2263", "metres" },
        { "EPSG:99999999", "know" },
        { "nonsense", "know" },
        { "", "know" },
        { "http://localhost:1/x", "know" },
        { "/vsicurl/http://x", "know" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(cao_crs_resolve(wrong[i][0], &again, &name2, &err), CAO_EARG);
        assert_null(again);
        assert_non_null(strstr(err.text, wrong[i][1]));
        assert_null(strchr(err.text, '\n'));
    }
    free(wkt);
    free(name);
}

/* Operations of the EPSG register for Qinghai, by projinfo: none but ballparks for the old datums. */
static void the_way_of_a_datum_to_wgs84_is_told(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_crs_way way;
    assert_ok(cao_crs_way_to_wgs84("EPSG:4326", &way, &err));
    assert_true(way.accuracy_m == 0 && way.n_missing == 0);
    assert_ok(cao_crs_way_to_wgs84("EPSG:4610", &way, &err));
    assert_true(way.accuracy_m < 0);
    assert_int_equal(cao_crs_way_to_wgs84("EPSG:99999999", &way, &err), CAO_EARG);
}

static void custom_projections_keep_their_own_name(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    char *wkt = NULL, *name = NULL;
    assert_ok(cao_crs_resolve("+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84",
                              &wkt, &name, &err));
    assert_int_not_equal(strlen(name), 0);
    assert_true(
        cao_crs_same(wkt, "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84"));
    free(wkt);
    free(name);
}

static void the_same_crs_in_other_words_is_the_same(void **state)
{
    (void)state;
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    const char *const wkt2[] = { "FORMAT=WKT2_2019", NULL };
    char *text = NULL;
    assert_int_equal(OSRImportFromEPSG(srs, 32647), OGRERR_NONE);
    assert_int_equal(OSRExportToWktEx(srs, &text, wkt2), OGRERR_NONE);
    assert_true(cao_crs_same("EPSG:32647", text));
    assert_true(cao_crs_same("EPSG:32647", "EPSG:32647"));
    assert_false(cao_crs_same("EPSG:32647", "EPSG:32648"));
    assert_false(cao_crs_same("EPSG:32647", "EPSG:32747"));
    assert_false(cao_crs_same("EPSG:32647", "nonsense"));
    CPLFree(text);
    OSRDestroySpatialReference(srs);
}

static void utm_zones_follow_the_meridians(void **state)
{
    (void)state;
    static const struct {
        double lon, lat;
        const char *want;
    } v[] = {
        { 101.78, 36.62, "EPSG:32647" }, /* Xining */
        { 94.90, 36.42, "EPSG:32646" },  /* Golmud */
        { 102.0, 35.0, "EPSG:32648" },   { 101.9999, 35.0, "EPSG:32647" },
        { -180.0, 10.0, "EPSG:32601" },  { 180.0, 10.0, "EPSG:32601" },
        { 179.9, -10.0, "EPSG:32760" },  { 461.78, 36.0, "EPSG:32647" },
        { 4.5, 60.0, "EPSG:32631" }, /* 32V would be zone 32 */
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        char text[32];
        cao_crs_utm(v[i].lon, v[i].lat, text);
        assert_string_equal(text, v[i].want);
    }
}

/* Corners as the tiles' own metadata (MTD_TL.xml) state them. */
static void grids_start_where_sentinel_2_tiles_start(void **state)
{
    (void)state;
    static const struct {
        const char *crs;
        double x, y, res, x0, y0;
    } v[] = {
        { "EPSG:32646", 520000, 3050000, 10, 499980, 3100020 }, /* T46RER */
        { "EPSG:32722", 250000, 5850000, 10, 199980, 5900020 }, /* T22HBD, south */
        { "EPSG:32633", 599999, 8899999, 20, 499980, 8900040 }, /* T33XWJ */
        { "EPSG:32634", 300000, 6000000, 60, 300000, 6100020 }, /* T34UCF */
        { "EPSG:32634", 600000, 6399999, 10, 600000, 6400020 }, /* T34VFJ */
        { "EPSG:32601", 355555, 7333333, 30, 300000, 7400040 }, /* T01WCP */
        { "EPSG:32647", 444444, 4050000, 15, 399960, 4100040 },
        { "EPSG:32647", 400000, 3999999.5, 10, 399960, 4000020 },
        /* 250 m does not divide 60 m; nor is this one UTM: multiples of the tile, up-left */
        { "EPSG:32647", 520000, 4050000, 250, 512000, 4096000 },
        { "EPSG:3857", 11330000, 4380000, 10, 11325440, 4382720 },
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        double x0 = 0, y0 = 0;
        cao_grid_anchor(v[i].crs, v[i].x, v[i].y, v[i].res, v[i].res > 100 ? 256 : 2048, &x0, &y0);
        assert_true(x0 == v[i].x0);
        assert_true(y0 == v[i].y0);
        assert_true(x0 <= v[i].x && y0 >= v[i].y);
    }
}

static void a_grid_that_cannot_be_is_refused(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_grid g = { .cols = 7 };
    assert_int_equal(cao_grid_init(&g, "EPSG:32647", 0, 0, 0.0, 1, 1, 1, &err), CAO_EARG);
    assert_int_equal(cao_grid_init(&g, "EPSG:32647", (double)NAN, 0, 1.0, 1, 1, 1, &err), CAO_EARG);
    assert_int_equal(cao_grid_init(&g, "EPSG:32647", 0, 0, 1.0, 0, 1, 1, &err), CAO_EARG);
    assert_int_equal(cao_grid_init(&g, "EPSG:32647", 0, 0, 1.0, 1 << 20, 1, 1, &err), CAO_EARG);
    assert_int_equal(cao_grid_init(&g, "EPSG:4326", 0, 0, 1.0, 1, 1, 1, &err), CAO_EARG);
    assert_int_equal(g.cols, 7);
}

static void tiles_are_named_and_cut_at_the_edge(void **state)
{
    (void)state;
    char text[32];
    struct cao_error err = { 0 };
    struct cao_grid g = fx_grid("EPSG:32647", 399960, 4100040, 10, 5000, 2048), copy;
    cao_tile_name(3, 12, text);
    assert_string_equal(text, "r003c012");
    struct cao_window w = cao_tile_window(&g, 0, 2);
    assert_true(w.col == 4096 && w.row == 0 && w.cols == 904 && w.rows == 2048);
    w = cao_tile_window(&g, 1, 0);
    assert_true(w.cols == 0 && w.rows == 0);
    assert_ok(cao_grid_copy(&copy, &g, &err));
    cao_grid_release(&g);
    assert_string_equal(copy.crs_name, "EPSG:32647");
    assert_int_equal(copy.cols, 5000);
    cao_grid_release(&copy);
}

/* --- where a scene lies --- */

static const double tile_48[6] = { 300000, 10, 0, 4000020, 0, -10 };

static struct cao_scene scene_of(const char *crs, const double t[6], int width, int height)
{
    struct cao_scene s = fx_scene(crs);
    s.band[CAO_BAND_R] = fx_layer("none.tif", t, width, height);
    return s;
}

static void a_scene_on_the_grids_own_crs_takes_its_cells_and_one_more(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_grid g = fx_grid("EPSG:32648", 299990, 4000040, 10, 9000, 20000);
    struct cao_scene s = scene_of("EPSG:32648", tile_48, 10980, 10980);
    struct cao_window w = { 0 };
    assert_ok(cao_grid_scene_window(&g, &s, &w, &err));
    assert_true(w.col == 0 && w.row == 1 && w.cols == 9000 && w.rows == 10982);
    cao_grid_release(&g);
    fx_scene_free(&s);
}

/* Oracle: every pixel corner along the edge, carried on its own. */
static void a_scene_of_the_next_zone_lies_within_its_window(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_grid g = fx_grid("EPSG:32647", 700020, 4100040, 10, 40000, 40000);
    struct cao_scene s = scene_of("EPSG:32648", tile_48, 10980, 10980);
    struct cao_window w = { 0 };
    double low_x = 1e30, high_x = -1e30, low_y = 1e30, high_y = -1e30;
    OGRSpatialReferenceH from = OSRNewSpatialReference(s.crs), to = OSRNewSpatialReference(g.crs);
    OGRCoordinateTransformationH ct = OCTNewCoordinateTransformation(from, to);
    for (int i = 0; i <= 10980; i++) {
        double x[4] = { 300000 + 10.0 * i, 300000 + 10.0 * i, 300000, 409800 };
        double y[4] = { 4000020, 3890220, 4000020 - 10.0 * i, 4000020 - 10.0 * i };
        assert_true(OCTTransform(ct, 4, x, y, NULL));
        for (int k = 0; k < 4; k++) {
            low_x = fmin(low_x, x[k]);
            high_x = fmax(high_x, x[k]);
            low_y = fmin(low_y, y[k]);
            high_y = fmax(high_y, y[k]);
        }
    }
    assert_ok(cao_grid_scene_window(&g, &s, &w, &err));
    double left = (low_x - 700020) / 10, right = (high_x - 700020) / 10;
    double top = (4100040 - high_y) / 10, bottom = (4100040 - low_y) / 10;
    assert_true(w.col <= left && w.col > left - 3 && w.col + w.cols >= right);
    assert_true(w.col + w.cols < right + 3);
    assert_true(w.row <= top && w.row > top - 3 && w.row + w.rows >= bottom);
    assert_true(w.row + w.rows < bottom + 3);
    OCTDestroyCoordinateTransformation(ct);
    OSRDestroySpatialReference(from);
    OSRDestroySpatialReference(to);
    cao_grid_release(&g);
    fx_scene_free(&s);
}

static void scenes_elsewhere_do_not_meet_the_grid(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_grid g = fx_grid("EPSG:32647", 399960, 4100040, 10, 20000, 20000);
    static const double dateline[6] = { 699960, 10, 0, 7300020, 0, -10 };
    static const double polar[6] = { -2e6, 30, 0, 2e6, 0, -30 };
    struct cao_scene s[4] = {
        scene_of("EPSG:32647", (const double[6]){ 699960, 10, 0, 4100040, 0, -10 }, 100, 100),
        scene_of("EPSG:32660", dateline, 10980, 10980), /* crosses 180 degrees */
        scene_of("EPSG:3031", polar, 4000, 4000),       /* Antarctica */
        scene_of("EPSG:32719", tile_48, 10980, 10980),  /* Chile */
    };
    for (int i = 0; i < 4; i++) {
        struct cao_window w = { 1, 1, 1, 1 };
        assert_ok(cao_grid_scene_window(&g, &s[i], &w, &err));
        assert_true(w.cols == 0 && w.rows == 0);
        fx_scene_free(&s[i]);
    }
    cao_grid_release(&g);
}

static void a_scene_without_a_readable_crs_is_an_error(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_grid g = fx_grid("EPSG:32647", 399960, 4100040, 10, 2000, 2000);
    struct cao_scene s = scene_of("EPSG:32647", tile_48, 100, 100);
    struct cao_window w = { 0 };
    free(s.crs);
    s.crs = strdup("torn WKT");
    assert_int_equal(cao_grid_scene_window(&g, &s, &w, &err), CAO_EDATA);
    assert_non_null(strstr(err.text, "product"));
    cao_grid_release(&g);
    fx_scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crs_is_named_and_must_be_projected_in_metres),
        cmocka_unit_test(the_way_of_a_datum_to_wgs84_is_told),
        cmocka_unit_test(custom_projections_keep_their_own_name),
        cmocka_unit_test(the_same_crs_in_other_words_is_the_same),
        cmocka_unit_test(utm_zones_follow_the_meridians),
        cmocka_unit_test(grids_start_where_sentinel_2_tiles_start),
        cmocka_unit_test(a_grid_that_cannot_be_is_refused),
        cmocka_unit_test(tiles_are_named_and_cut_at_the_edge),
        cmocka_unit_test(a_scene_on_the_grids_own_crs_takes_its_cells_and_one_more),
        cmocka_unit_test(a_scene_of_the_next_zone_lies_within_its_window),
        cmocka_unit_test(scenes_elsewhere_do_not_meet_the_grid),
        cmocka_unit_test(a_scene_without_a_readable_crs_is_an_error),
    };
    return cmocka_run_group_tests_name("grid", tests, fx_setup, fx_teardown);
}
