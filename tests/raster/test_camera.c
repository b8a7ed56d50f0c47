/* SPDX-License-Identifier: MIT
 *
 * Raw images through a camera model and an elevation model. Oracle: gdalwarp -rpc, exact, on the same grid. */
#include "raster/fixture.h"

enum { WIDTH = 700, HEIGHT = 600, POSTS = 260, CELLS = 400 };

/* Looks to the east: 1000 m of height move the ground by 52 pixels. */
static const struct cao_rpc model = { .line_off = 300,
                                      .samp_off = 350,
                                      .lat_off = 37.0,
                                      .long_off = 99.0,
                                      .height_off = 3500,
                                      .line_scale = 300,
                                      .samp_scale = 350,
                                      .lat_scale = 0.0435,
                                      .long_scale = 0.063,
                                      .height_scale = 1000,
                                      .line_num = { 0.002, 0.05, -0.99, 0.01, 1e-3, 0, 2e-4 },
                                      .line_den = { 1, 1e-3, -2e-3, 1e-4 },
                                      .samp_num = { -0.001, 0.98, 0.04, 0.15, 0, 2e-4, 0, 1e-3 },
                                      .samp_den = { 1, 5e-4, 1e-3, -1e-4 } };

static void write_list(FILE *f, const char *name, const double *c)
{
    fprintf(f, "\t%s = (\n", name);
    for (int i = 0; i < 20; i++)
        fprintf(f, "\t\t\t%+.15E%s\n", c[i], i < 19 ? "," : ");");
}

static void write_rpb(const char *path, const struct cao_rpc *m)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(
        f,
        "satId = \"GF1\";\nbandId = \"GF1\";\nSpecId = \"RPC00B\";\nBEGIN_GROUP = IMAGE\n\terrBias "
        "= "
        "1.0;\n\terrRand = 0.0;\n\tlineOffset = %.17g;\n\tsampOffset = %.17g;\n\tlatOffset = "
        "%.17g;\n\tlongOffset = %.17g;\n\theightOffset = %.17g;\n\tlineScale = %.17g;\n\tsampScale "
        "= %.17g;\n\tlatScale = %.17g;\n\tlongScale = %.17g;\n\theightScale = %.17g;\n",
        m->line_off, m->samp_off, m->lat_off, m->long_off, m->height_off, m->line_scale,
        m->samp_scale, m->lat_scale, m->long_scale, m->height_scale);
    write_list(f, "lineNumCoef", m->line_num);
    write_list(f, "lineDenCoef", m->line_den);
    write_list(f, "sampNumCoef", m->samp_num);
    write_list(f, "sampDenCoef", m->samp_den);
    fprintf(f, "END_GROUP = IMAGE\nEND;\n");
    assert_int_equal(fclose(f), 0);
}

static void draw(const char *path, const char *place, int width, int height, uint16_t *dn)
{
    test_shell("gdal_create -q -of GTiff -co TILED=YES -ot UInt16 -outsize %d %d %s '%s'", width,
               height, place, path);
    GDALDatasetH d = GDALOpen(path, GA_Update);
    assert_non_null(d);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, 1), GF_Write, 0, 0, width, height, dn, width,
                                  height, GDT_UInt16, 0, 0),
                     CE_None);
    GDALClose(d);
}

/* The raw image, its camera model beside it, an elevation model, and the scene that they make. */
static struct cao_scene raw_scene(const char *folder)
{
    static const double pixels[6] = { 0, 16, 0, 0, 0, -16 };
    char *image = fx_path(folder, "raw.tif"), *dem = fx_path(folder, "dem.tif"),
         *rpb = fx_path(folder, "raw.RPB");
    uint16_t *dn = malloc(WIDTH * HEIGHT * sizeof *dn), *z = malloc(POSTS * POSTS * sizeof *z);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        dn[i] = (uint16_t)(4000 + 1500 * sin(i % WIDTH / 9.0) * cos(i / WIDTH / 7.0));
    for (int i = 0; i < POSTS * POSTS; i++)
        z[i] = (uint16_t)(3600 + 500 * sin(i % POSTS / 6.0) + 300 * cos(i / POSTS / 9.0));
    /* cao_crs_resolve() takes projected systems alone, and a raw image lies on no map */
    draw(image, "", WIDTH, HEIGHT, dn);
    draw(dem, "-a_srs EPSG:4326 -a_ullr 98.87 37.13 99.13 36.87", POSTS, POSTS, z);
    write_rpb(rpb, &model);
    struct cao_scene s = { .path = strdup("raw"), .crs_name = strdup("WGS 84") };
    s.crs = strdup("GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS "
                   "84\",6378137,298.257223563]],PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0."
                   "0174532925199433]]");
    s.rpc = malloc(sizeof *s.rpc);
    *s.rpc = model;
    s.dem = strdup(dem);
    s.band[CAO_BAND_R] = fx_layer(image, pixels, WIDTH, HEIGHT);
    s.band[CAO_BAND_N] = fx_layer(image, pixels, WIDTH, HEIGHT);
    s.band[CAO_BAND_R].gain = 1;
    s.band[CAO_BAND_R].offset = 0;
    s.band[CAO_BAND_N].gain = 2;
    s.band[CAO_BAND_N].offset = 0;
    s.qa[0].layer = fx_layer(image, pixels, WIDTH, HEIGHT);
    s.qa[0].outside = 1;
    free(image);
    free(dem);
    free(rpb);
    free(dn);
    free(z);
    return s;
}

static void raw_free(struct cao_scene *s)
{
    free(s->rpc);
    free(s->dem);
    fx_scene_free(s);
}

static float *oracle(const char *folder, const struct cao_grid *g, const char *how, double shift)
{
    char *path = fx_path(folder, "oracle.tif");
    size_t n = (size_t)g->cols * (size_t)g->rows;
    float *v = malloc(n * sizeof *v);
    test_shell(
        "cd '%s' && rm -f oracle.tif && gdalwarp -q -rpc -to RPC_DEM=dem.tif -to RPC_HEIGHT=%g "
        "-et 0 -r %s -ot Float32 -srcnodata 0 -dstnodata -1 -t_srs EPSG:32647 -tr %g %g -te "
        "%.3f %.3f %.3f %.3f raw.tif oracle.tif",
        folder, shift, how, g->res_m, g->res_m, g->x0, g->y0 - g->rows * g->res_m,
        g->x0 + g->cols * g->res_m, g->y0);
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    assert_non_null(d);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, 1), GF_Read, 0, 0, g->cols, g->rows, v,
                                  g->cols, g->rows, GDT_Float32, 0, 0),
                     CE_None);
    GDALClose(d);
    free(path);
    return v;
}

/* With and without a shift of the heights; both bands at once, and the codes. */
static void raw_images_agree_with_gdalwarp(void **state)
{
    (void)state;
    char *folder = test_folder("camera oracle");
    struct cao_scene s = raw_scene(folder);
    struct cao_grid g = fx_grid_around("EPSG:32647", "EPSG:4326", 98.98, 37.0, 16, 3.1, CELLS);
    struct cao_window w = { 0, 0, CELLS, CELLS };
    size_t n = CELLS * CELLS;
    float *red = malloc(n * sizeof *red), *nir = malloc(n * sizeof *nir);
    uint16_t *qa = malloc(n * sizeof *qa);
    static const double shifts[] = { 0, -45 };
    for (size_t k = 0; k < 2; k++) {
        struct cao_error err = { 0 };
        struct cao_reader *r = NULL;
        enum cao_band bands[] = { CAO_BAND_R, CAO_BAND_N };
        s.dem_shift_m = shifts[k];
        assert_ok(cao_reader_open(&s, &g, &r, &err));
        assert_ok(cao_reader_bands(r, bands, 2, &w, NULL, (float *[]){ red, nir }, &err));
        assert_ok(cao_reader_qa(r, 0, &w, qa, &err));
        cao_reader_close(r);
        float *want = oracle(folder, &g, "bilinear", shifts[k]),
              *codes = oracle(folder, &g, "near", shifts[k]);
        size_t both = 0, equal = 0;
        double worst = 0;
        for (size_t i = 0; i < n; i++) {
            bool here = !isnan(red[i]), there = want[i] > 0;
            both += here && there;
            if (here && there)
                worst = fmax(worst, fabs((double)red[i] - (double)want[i]));
            if (here)
                assert_true(fabs((double)nir[i] - 2 * (double)red[i]) < 1e-3);
            equal += (float)qa[i] == (codes[i] > 0 ? codes[i] : 1);
        }
        if (worst > 2 || both < n * 9 / 10)
            fprintf(stderr, "shift %g: worst %g DN, %zu of %zu in both\n", shifts[k], worst, both,
                    n);
        assert_true(worst <=
                    2); /* hills of 1500 DN and 60 pixels: 2 DN are a hundredth of a pixel */
        assert_true(both >= n * 9 / 10);
        assert_true((double)equal >= 0.999 * (double)n);
        free(want);
        free(codes);
    }
    free(red);
    free(nir);
    free(qa);
    cao_grid_release(&g);
    raw_free(&s);
    free(folder);
}

static void any_window_gives_the_same_bits(void **state)
{
    (void)state;
    char *folder = test_folder("camera windows");
    struct cao_error err = { 0 };
    struct cao_scene s = raw_scene(folder);
    struct cao_grid g = fx_grid_around("EPSG:32647", "EPSG:4326", 98.98, 37.0, 16, 3.1, CELLS);
    struct cao_reader *r = NULL;
    struct cao_window all = { 0, 0, CELLS, CELLS };
    float *whole = malloc(CELLS * CELLS * sizeof *whole),
          *part = malloc(CELLS * CELLS * sizeof *part);
    assert_ok(cao_reader_open(&s, &g, &r, &err));
    assert_ok(cao_reader_band(r, CAO_BAND_R, &all, whole, &err));
    for (uint32_t k = 0; k < 40; k++) {
        struct cao_window w = { (int32_t)(fx_noise(k, 1) % (CELLS - 1)),
                                (int32_t)(fx_noise(k, 2) % (CELLS - 1)), 1, 1 };
        w.cols += (int32_t)(fx_noise(k, 3) % (uint32_t)(CELLS - w.col));
        w.rows += (int32_t)(fx_noise(k, 4) % (uint32_t)(CELLS - w.row) / 4);
        assert_ok(cao_reader_band(r, CAO_BAND_R, &w, part, &err));
        for (int32_t row = 0; row < w.rows; row++)
            for (int32_t col = 0; col < w.cols; col++)
                assert_true(
                    fx_same(part[row * w.cols + col], whole[(w.row + row) * CELLS + w.col + col]));
    }
    cao_reader_close(r);
    free(whole);
    free(part);
    cao_grid_release(&g);
    raw_free(&s);
    free(folder);
}

/* The window holds every cell that the image has a value for. */
static void a_raw_image_is_found_on_the_grid(void **state)
{
    (void)state;
    char *folder = test_folder("camera place");
    struct cao_error err = { 0 };
    struct cao_scene s = raw_scene(folder);
    struct cao_grid g = fx_grid_around("EPSG:32647", "EPSG:4326", 98.98, 37.0, 16, 3.1, 2400);
    struct cao_window w, all = { 0, 0, 2400, 2400 };
    struct cao_reader *r = NULL;
    float *v = malloc(2400 * 2400 * sizeof *v);
    assert_ok(cao_grid_scene_window(&g, &s, &w, &err));
    assert_true(w.cols > 600 && w.cols < 1600 && w.rows > 500 && w.rows < 800);
    assert_ok(cao_reader_open(&s, &g, &r, &err));
    assert_ok(cao_reader_band(r, CAO_BAND_R, &all, v, &err));
    size_t n = 0;
    for (int32_t i = 0; i < 2400 * 2400; i++) {
        int32_t col = i % 2400, row = i / 2400;
        if (isnan(v[i]))
            continue;
        n++;
        assert_true(col >= w.col && col < w.col + w.cols && row >= w.row && row < w.row + w.rows);
    }
    assert_true(n > WIDTH * HEIGHT / 2);
    cao_reader_close(r);
    free(v);
    cao_grid_release(&g);
    raw_free(&s);
    free(folder);
}

static void an_elevation_model_that_is_not_there_is_named(void **state)
{
    (void)state;
    char *folder = test_folder("camera none");
    struct cao_error err = { 0 };
    struct cao_scene s = raw_scene(folder);
    struct cao_grid g = fx_grid_around("EPSG:32647", "EPSG:4326", 98.98, 37.0, 16, 3.1, 64);
    struct cao_reader *r = NULL;
    free(s.dem);
    s.dem = strdup("/nowhere/dem.tif");
    assert_int_equal(cao_reader_open(&s, &g, &r, &err), CAO_EDATA);
    assert_non_null(strstr(err.text, "the elevation model /nowhere/dem.tif"));
    cao_grid_release(&g);
    raw_free(&s);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw_images_agree_with_gdalwarp),
        cmocka_unit_test(any_window_gives_the_same_bits),
        cmocka_unit_test(a_raw_image_is_found_on_the_grid),
        cmocka_unit_test(an_elevation_model_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests_name("camera", tests, fx_setup, fx_teardown) != 0;
}
