/* SPDX-License-Identifier: MIT */
#include "raster/fixture.h"

#include "raster/position.h"

static const char albers[] =
    "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +x_0=0 +y_0=0 +datum=WGS84 +units=m";
static const char sinusoidal[] = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m";

static OGRCoordinateTransformationH transform(const char *from, const char *to)
{
    OGRSpatialReferenceH a = OSRNewSpatialReference(NULL), b = OSRNewSpatialReference(NULL);
    assert_int_equal(OSRSetFromUserInput(a, from), OGRERR_NONE);
    assert_int_equal(OSRSetFromUserInput(b, to), OGRERR_NONE);
    OGRCoordinateTransformationH ct = OCTNewCoordinateTransformation(a, b);
    assert_non_null(ct);
    OSRDestroySpatialReference(a);
    OSRDestroySpatialReference(b);
    return ct;
}

/* Oracle: every cell's centre through PROJ. Largest distance along an axis, in pixels. */
static double worst_error(const char *layer_crs, const double t[6], const struct cao_grid *g)
{
    size_t n = (size_t)g->cols * (size_t)g->rows;
    double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y), worst = 0;
    double *ex = malloc((size_t)g->cols * sizeof *ex), *ey = malloc((size_t)g->cols * sizeof *ey);
    struct cao_window w = { 0, 0, g->cols, g->rows };
    OGRCoordinateTransformationH ct = transform(g->crs, layer_crs);
    struct cao_position p = { .grid = g, .to_layer = ct };
    memcpy(p.geotransform, t, sizeof p.geotransform);
    cao_position_window(&p, &w, x, y);
    for (int r = 0; r < g->rows; r++) {
        for (int c = 0; c < g->cols; c++) {
            ex[c] = g->x0 + (c + 0.5) * g->res_m;
            ey[c] = g->y0 - (r + 0.5) * g->res_m;
        }
        assert_true(OCTTransform(ct, g->cols, ex, ey, NULL));
        for (int c = 0; c < g->cols; c++) {
            size_t i = (size_t)r * (size_t)g->cols + (size_t)c;
            assert_false(isnan(x[i]) || isnan(y[i]));
            worst = fmax(worst, fabs(x[i] - (ex[c] - t[0]) / t[1]));
            worst = fmax(worst, fabs(y[i] - (ey[c] - t[3]) / t[5]));
        }
    }
    OCTDestroyCoordinateTransformation(ct);
    free(x);
    free(y);
    free(ex);
    free(ey);
    return worst;
}

static void places_are_within_an_eighth_of_a_pixel_of_the_exact_ones(void **state)
{
    (void)state;
    static const double fine[6] = { 300000, 10, 0, 4000020, 0, -10 };
    static const double modis[6] = { 8895604.157, 463.3127, 0, 4447802.079, 0, -463.3127 };
    static const struct {
        const char *layer, *grid;
        double res;
        int n;
        double most;
    } v[] = {
        { "EPSG:32648", "EPSG:32647", 10, 500, 0.001 },
        { "EPSG:32648", albers, 10, 500, 0.001 },
        /* Cells of 500 and 2000 m on pixels of 10 m: squares are cut, down to single cells. Both
         * projections are conformal, where the bend at a square's centre is 0. */
        { "EPSG:32648", "EPSG:32647", 500, 300, 0.125 },
        { "EPSG:32648", "EPSG:32647", 2000, 100, 0.125 },
        { "EPSG:32648", albers, 500, 300, 0.125 },
        { sinusoidal, "EPSG:32647", 250, 700, 0.125 },
        { sinusoidal, "EPSG:32647", 10, 300, 0.125 },
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        bool coarse = v[i].layer == sinusoidal;
        struct cao_grid g =
            fx_grid_around(v[i].grid, "EPSG:32647", 800000, 3950000, v[i].res, 0.3, v[i].n);
        double worst = worst_error(v[i].layer, coarse ? modis : fine, &g);
        if (worst > v[i].most)
            fprintf(stderr, "%zu: %g px\n", i, worst);
        assert_true(worst <= v[i].most);
        cao_grid_release(&g);
    }
}

static void places_on_the_same_crs_are_exact(void **state)
{
    (void)state;
    struct cao_grid g = fx_grid("EPSG:32647", 399960, 4100040, 10, 1000, 1000);
    struct cao_position p = { .grid = &g, .geotransform = { 399960, 20, 0, 4100040, 0, -20 } };
    struct cao_window w = { 700, 900, 2, 3 };
    double x[6], y[6];
    cao_position_window(&p, &w, x, y);
    for (int i = 0; i < 6; i++) {
        assert_true(x[i] == (700 + i % 2 + 0.5) / 2);
        assert_true(y[i] == (900 + i / 2 + 0.5) / 2);
    }
    /* A turned image: x to the south, y to the east. */
    struct cao_position q = { .grid = &g, .geotransform = { 399960, 0, 10, 4100040, -10, 0 } };
    cao_position_window(&q, &w, x, y);
    for (int i = 0; i < 6; i++) {
        assert_true(x[i] == 900 + i / 2 + 0.5);
        assert_true(y[i] == 700 + i % 2 + 0.5);
    }
    cao_grid_release(&g);
}

static void rounding_keeps_whole_pixels_exact(void **state)
{
    (void)state;
    assert_true(cao_position_round(0.5) == 0.5);
    assert_true(cao_position_round(-10979.25) == -10979.25);
    assert_true(cao_position_round(1.0 / 3) == rint(1048576.0 / 3) / 1048576.0);
    assert_true(isnan(cao_position_round((double)NAN)));
    assert_true(isnan(cao_position_round(HUGE_VAL)));
    assert_true(isnan(cao_position_round(2e9)));
}

static void a_cells_size_in_pixels_is_measured_where_the_image_lies(void **state)
{
    (void)state;
    struct cao_grid g = fx_grid("EPSG:32647", 399960, 4100040, 30, 10, 10);
    struct cao_position p = { .grid = &g, .geotransform = { 399960, 10, 0, 4100040, 0, -15 } };
    double cx = 0, cy = 0;
    assert_true(cao_position_scale(&p, NULL, 1000, 1000, &cx, &cy));
    assert_true(cx == 3.0 && cy == 2.0);
    OGRCoordinateTransformationH ct = transform("EPSG:32648", "EPSG:32647");
    /* Zone 48's image lies 3 to 4 degrees from zone 47's meridian: scale 1.0006 to 1.0014 there */
    assert_true(cao_position_scale(&p, ct, 1000, 1000, &cx, &cy));
    assert_true(fabs(cx - 3.0) < 0.01 && fabs(cy - 2.0) < 0.01);
    OCTDestroyCoordinateTransformation(ct);
    cao_grid_release(&g);
}

static void cells_without_a_place_are_nowhere(void **state)
{
    (void)state;
    /* The layer's projection shows half the globe; the grid lies on the other half. */
    struct cao_grid g = fx_grid("EPSG:32647", 399960, 4100040, 1000, 50, 50);
    OGRCoordinateTransformationH ct =
        transform("EPSG:32647", "+proj=ortho +lat_0=-36 +lon_0=-80 +datum=WGS84");
    struct cao_position p = { .grid = &g,
                              .geotransform = { 0, 1000, 0, 0, 0, -1000 },
                              .to_layer = ct };
    struct cao_window w = { 3, 3, 40, 40 };
    double *x = malloc(1600 * sizeof *x), *y = malloc(1600 * sizeof *y);
    cao_position_window(&p, &w, x, y);
    for (int i = 0; i < 1600; i++)
        assert_true(isnan(x[i]) && isnan(y[i]));
    free(x);
    free(y);
    OCTDestroyCoordinateTransformation(ct);
    cao_grid_release(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_within_an_eighth_of_a_pixel_of_the_exact_ones),
        cmocka_unit_test(places_on_the_same_crs_are_exact),
        cmocka_unit_test(rounding_keeps_whole_pixels_exact),
        cmocka_unit_test(a_cells_size_in_pixels_is_measured_where_the_image_lies),
        cmocka_unit_test(cells_without_a_place_are_nowhere),
    };
    return cmocka_run_group_tests_name("position", tests, fx_setup, fx_teardown);
}
