/* SPDX-License-Identifier: MIT
 *
 * Oracle: GDAL's own warper with the exact transformer, on the same images and grids. */
#include "raster/fixture.h"

#include <gdalwarper.h>

enum { SIZE = 900, CELLS = 1000 };
static const double tile_10[6] = { 699960, 10, 0, 4000020, 0, -10 };

static const char albers[] =
    "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +x_0=0 +y_0=0 +datum=WGS84 +units=m";

/* Hills and texture, smooth enough that a hundredth of a pixel does not show. */
static uint16_t *hills(void)
{
    uint16_t *dn = malloc((size_t)SIZE * SIZE * sizeof *dn);
    for (int i = 0; i < SIZE * SIZE; i++) {
        double x = i % SIZE, y = i / SIZE;
        dn[i] = (uint16_t)(4000 + 1500 * sin(x / 9) * cos(y / 7) + 800 * sin((x + 2 * y) / 31));
    }
    return dn;
}

static uint16_t *codes(void)
{
    uint16_t *dn = malloc((size_t)SIZE * SIZE * sizeof *dn);
    for (int i = 0; i < SIZE * SIZE; i++)
        dn[i] = (uint16_t)(1 + fx_noise((uint32_t)i, 5) % 11);
    return dn;
}

static GDALDatasetH blank(const struct cao_grid *g, GDALDataType type, double value)
{
    GDALDatasetH d = GDALCreate(GDALGetDriverByName("MEM"), "", g->cols, g->rows, 1, type, NULL);
    double t[6] = { g->x0, g->res_m, 0, g->y0, 0, -g->res_m };
    assert_int_equal(GDALSetGeoTransform(d, t), CE_None);
    assert_int_equal(GDALSetProjection(d, g->crs), CE_None);
    assert_int_equal(GDALFillRaster(GDALGetRasterBand(d, 1), value, 0), CE_None);
    return d;
}

static void warp(const char *path, const struct cao_grid *g, GDALResampleAlg how, GDALDataType type,
                 double outside, void *out)
{
    GDALDatasetH from = GDALOpen(path, GA_ReadOnly), to = blank(g, type, outside);
    assert_non_null(from);
    assert_int_equal(GDALReprojectImage(from, NULL, to, NULL, how, 0, 0.0, NULL, NULL, NULL),
                     CE_None);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(to, 1), GF_Read, 0, 0, g->cols, g->rows, out,
                                  g->cols, g->rows, type, 0, 0),
                     CE_None);
    GDALClose(from);
    GDALClose(to);
}

static void compare_codes(const struct cao_scene *s, const struct cao_grid *g)
{
    struct cao_error err = { 0 };
    struct cao_reader *r = NULL;
    struct cao_window w = { 0, 0, g->cols, g->rows };
    size_t n = (size_t)g->cols * (size_t)g->rows, inside = 0, equal = 0;
    uint16_t *got = malloc(n * sizeof *got), *want = malloc(n * sizeof *want);
    assert_ok(cao_reader_open(s, g, &r, &err));
    assert_ok(cao_reader_qa(r, 0, &w, got, &err));
    warp(s->qa[0].layer.path, g, GRA_NearestNeighbour, GDT_UInt16, 999, want);
    for (size_t i = 0; i < n; i++) {
        inside += want[i] != 999;
        equal += got[i] == want[i];
    }
    if ((double)equal < 0.999 * (double)n)
        fprintf(stderr, "%s: %zu of %zu codes equal\n", g->crs_name, equal, n);
    assert_true(inside > n / 2);
    assert_true((double)equal >= 0.999 * (double)n);
    cao_reader_close(r);
    free(got);
    free(want);
}

static void compare_values(const struct cao_scene *s, const struct cao_grid *g, GDALResampleAlg how,
                           double most)
{
    struct cao_error err = { 0 };
    struct cao_reader *r = NULL;
    struct cao_window w = { 0, 0, g->cols, g->rows };
    size_t n = (size_t)g->cols * (size_t)g->rows, both = 0, one = 0, edge = 4 * (size_t)g->cols;
    float *got = malloc(n * sizeof *got), *want = malloc(n * sizeof *want);
    double worst = 0, sum = 0;
    assert_ok(cao_reader_open(s, g, &r, &err));
    cao_reader_resampling(r, how == GRA_Cubic ? CAO_CUBIC : CAO_BILINEAR);
    assert_ok(cao_reader_band(r, CAO_BAND_R, &w, got, &err));
    for (int32_t i = 0; how == GRA_Cubic && i < g->cols * g->rows; i += 20011) {
        struct cao_window cell = { i % g->cols, i / g->cols, 1,
                                   1 }; /* the same bits from any cut */
        float v;
        assert_ok(cao_reader_band(r, CAO_BAND_R, &cell, &v, &err));
        assert_true(fx_same(v, got[i]));
    }
    warp(s->band[CAO_BAND_R].path, g, how, GDT_Float32, -1, want);
    for (size_t i = 0; i < n; i++) {
        bool here = !isnan(got[i]), there = want[i] > 0;
        both += here && there ? 1u : 0u;
        one += here != there ? 1u : 0u;
        double off = here && there ? (double)got[i] - (double)want[i] : 0;
        worst = fmax(worst, fabs(off));
        sum += off;
    }
    if (worst > most || one > edge)
        fprintf(stderr, "%s: worst %g DN, %zu cells in both, %zu in one\n", g->crs_name, worst,
                both, one);
    assert_true(both > n / 2);
    assert_true(one <= edge); /* along the image's edge */
    assert_true(fabs(sum) < 1.0 * (double)both);
    assert_true(worst <= most);
    cao_reader_close(r);
    free(got);
    free(want);
}

static struct cao_scene drawn_scene(const char *folder)
{
    struct cao_scene s = fx_scene("EPSG:32647");
    uint16_t *red = hills(), *qa = codes();
    char *red_path = fx_path(folder, "red.tif"), *qa_path = fx_path(folder, "qa.tif");
    fx_write(red_path, "GTiff", fx_tiled, "EPSG:32647", tile_10, SIZE, SIZE, GDT_UInt16, red);
    fx_write(qa_path, "GTiff", fx_tiled, "EPSG:32647", tile_10, SIZE, SIZE, GDT_UInt16, qa);
    s.band[CAO_BAND_R] = fx_layer(red_path, tile_10, SIZE, SIZE);
    s.band[CAO_BAND_R].gain = 1; /* digital numbers as they are, to compare with the oracle's */
    s.band[CAO_BAND_R].offset = 0;
    s.qa[0].layer = fx_layer(qa_path, tile_10, SIZE, SIZE);
    free(red);
    free(qa);
    free(red_path);
    free(qa_path);
    return s;
}

static void reprojection_agrees_with_gdals_warper(void **state)
{
    (void)state;
    char *folder = test_folder("warp oracle");
    struct cao_scene s = drawn_scene(folder);
    static const char *const crs[] = { "EPSG:32648", albers, "EPSG:32646", "EPSG:32647" };
    for (size_t i = 0; i < sizeof crs / sizeof crs[0]; i++) {
        struct cao_grid g = fx_grid_around(crs[i], "EPSG:32647", 704460, 3995520, 10, 3.1, CELLS);
        compare_codes(&s, &g);
        compare_values(&s, &g, GRA_Bilinear, 2.0);
        compare_values(&s, &g, GRA_Cubic, 0.2);
        cao_grid_release(&g);
    }
    fx_scene_free(&s);
    free(folder);
}

static void averaging_agrees_with_gdals_warper(void **state)
{
    (void)state;
    char *folder = test_folder("warp average");
    struct cao_scene s = drawn_scene(folder);
    static const char *const crs[] = { "EPSG:32648", albers, "EPSG:32647" };
    for (size_t i = 0; i < sizeof crs / sizeof crs[0]; i++) {
        /* GDAL takes the box around the cell's turned outline, ours keeps the cell's size: the
         * tolerance is for that. */
        struct cao_grid g = fx_grid_around(crs[i], "EPSG:32647", 704460, 3995520, 60, 3.1, 160);
        compare_values(&s, &g, GRA_Average, 150.0);
        cao_grid_release(&g);
    }
    fx_scene_free(&s);
    free(folder);
}

/* Cells of 320 m from pixels of 10 m: the overview of 80 m is read. It was made of other numbers than the image
 * holds now, which is how one sees that it is; with its own it says what the image says, but for the fraction
 * of a pixel (150 DN of this texture) by which 113 pixels do not divide 900. */
static void coarse_cells_are_read_from_overviews(void **state)
{
    (void)state;
    char *folder = test_folder("warp overviews"), *path = fx_path(folder, "red.tif"),
         *jp2 = fx_path(folder, "red.jp2");
    struct cao_error err = { 0 };
    uint16_t *dn = hills();
    for (int i = 0; i < SIZE * SIZE; i++)
        if (i % SIZE < 100) /* beyond the swath */
            dn[i] = 0;
    static const char *const lossless[] = { "QUALITY=100", "REVERSIBLE=YES", "RESOLUTIONS=4",
                                            NULL };
    fx_write(path, "GTiff", fx_tiled, "EPSG:32647", tile_10, SIZE, SIZE, GDT_UInt16, dn);
    fx_write(jp2, "JP2OpenJPEG", lossless, "EPSG:32647", tile_10, SIZE, SIZE, GDT_UInt16, dn);
    struct cao_grid g = fx_grid("EPSG:32647", tile_10[0] - 320, tile_10[3] + 320, 320,
                                SIZE / 32 + 2, SIZE / 32 + 2);
    struct cao_window w = { 0, 0, g.cols, g.rows };
    size_t n = (size_t)g.cols * (size_t)g.rows;
    float *plain = malloc(n * sizeof *plain), *got = malloc(n * sizeof *got);
    for (int step = 0; step < 4; step++) {
        struct cao_scene s = fx_scene("EPSG:32647");
        struct cao_reader *r = NULL;
        if (step == 1) /* averages, as they are usually made */
            test_shell("gdaladdo -q -r average '%s' 2 4 8 16", path);
        if (step == 2) { /* the image becomes brighter, the overviews stay */
            GDALDatasetH d = GDALOpen(path, GA_Update);
            for (int i = 0; i < SIZE * SIZE; i++)
                dn[i] = dn[i] ? (uint16_t)(dn[i] + 3000) : 0;
            assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, 1), GF_Write, 0, 0, SIZE, SIZE, dn,
                                          SIZE, SIZE, GDT_UInt16, 0, 0),
                             CE_None);
            GDALClose(d);
        }
        s.band[CAO_BAND_R] = fx_layer(step == 3 ? jp2 : path, tile_10, SIZE, SIZE);
        s.band[CAO_BAND_R].gain = 1;
        s.band[CAO_BAND_R].offset = 0;
        assert_ok(cao_reader_open(&s, &g, &r, &err));
        assert_ok(cao_reader_band(r, CAO_BAND_R, &w, step ? got : plain, &err));
        size_t both = 0, lost = 0;
        for (size_t i = 0; step && i < n; i++) {
            lost += isnan(got[i]) && !isnan(plain[i]);
            if (isnan(got[i]))
                continue;
            both++;
            assert_true(plain[i] == plain[i]);
            int32_t col = (int32_t)i % g.cols, row = (int32_t)i / g.cols;
            bool inner = col >= 6 && col <= 27 && row >= 2 && row <= 27; /* whole, off the edge */
            if (inner && !(fabs((double)got[i] - (double)plain[i]) < 150))
                fail_msg("step %d, cell %d, %d: %g, %g of the image itself", step, (int)col,
                         (int)row, (double)got[i], (double)plain[i]);
        }
        assert_true(!step || (both > n / 2 && lost <= (size_t)g.rows + 2)); /* along the edge */
        /* the same bits from windows of one cell */
        for (int32_t i = 0; step && i < g.cols * g.rows; i += 7) {
            struct cao_window one = { i % g.cols, i / g.cols, 1, 1 };
            float v;
            assert_ok(cao_reader_band(r, CAO_BAND_R, &one, &v, &err));
            assert_true(fx_same(v, got[i]));
        }
        cao_reader_close(r);
        fx_scene_free(&s);
    }
    free(plain);
    free(got);
    free(dn);
    free(path);
    free(jp2);
    cao_grid_release(&g);
    free(folder);
}

/* A real whole-tile product at a zone's edge, when it is at hand. */
static void a_real_tile_agrees_with_gdals_warper(void **state)
{
    (void)state;
    NEED_DATA("s2_l2a_29RKH");
    char item[256], path[CAO_PATH_MAX];
    snprintf(item, sizeof item, "s2_l2a_29RKH/B04.tif");
    NEED_DATA(item);
    snprintf(path, sizeof path, "%s", test_data(item));
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    assert_non_null(d);
    double t[6];
    int width = GDALGetRasterXSize(d), height = GDALGetRasterYSize(d);
    assert_int_equal(GDALGetGeoTransform(d, t), CE_None);
    GDALClose(d);
    struct cao_scene s = fx_scene("EPSG:32629");
    s.band[CAO_BAND_R] = fx_layer(path, t, width, height);
    s.band[CAO_BAND_R].gain = 1;
    s.band[CAO_BAND_R].offset = 0;
    struct cao_grid g = fx_grid_around("EPSG:32628", "EPSG:32629", t[0] + 0.5 * width * t[1],
                                       t[3] + 0.5 * height * t[5], t[1], 7, width);
    compare_values(&s, &g, GRA_Bilinear, 3.0);
    compare_values(&s, &g, GRA_Cubic, 6.0);
    cao_grid_release(&g);
    fx_scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reprojection_agrees_with_gdals_warper),
        cmocka_unit_test(averaging_agrees_with_gdals_warper),
        cmocka_unit_test(coarse_cells_are_read_from_overviews),
        cmocka_unit_test(a_real_tile_agrees_with_gdals_warper),
    };
    return cmocka_run_group_tests_name("warp", tests, fx_setup, fx_teardown);
}
