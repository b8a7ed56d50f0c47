/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sys/stat.h>

#include "raster/fixture.h"

enum { SIZE = 600 };
static const double tile_10[6] = { 399960, 10, 0, 4100040, 0, -10 };
static const double tile_20[6] = { 399960, 20, 0, 4100040, 0, -20 };

static uint16_t *noise_image(int width, int height, uint32_t seed)
{
    uint16_t *dn = malloc((size_t)width * (size_t)height * sizeof *dn);
    for (int i = 0; i < width * height; i++) {
        uint32_t h = fx_noise((uint32_t)i, seed);
        dn[i] = h % 23 == 0 ? 0 : h % 29 == 0 ? 65535 : (uint16_t)(h >> 16);
    }
    return dn;
}

/* Red at 10 m and QA at 20 m of one product in the test's folder. */
struct product {
    char *folder, *red_path, *qa_path;
    uint16_t *red, *qa;
    struct cao_scene scene;
};

static void product_make(struct product *p, const char *name, const char *crs)
{
    p->folder = test_folder(name);
    p->red_path = fx_path(p->folder, "红 B04.tif");
    p->qa_path = fx_path(p->folder, "SCL.tif");
    p->red = noise_image(SIZE, SIZE, 1);
    p->qa = noise_image(SIZE / 2, SIZE / 2, 2);
    for (int i = 0; i < SIZE * SIZE / 4; i++)
        p->qa[i] %= 12;
    fx_write(p->red_path, "GTiff", fx_tiled, crs, tile_10, SIZE, SIZE, GDT_UInt16, p->red);
    fx_write(p->qa_path, "GTiff", fx_tiled, crs, tile_20, SIZE / 2, SIZE / 2, GDT_Byte, p->qa);
    p->scene = fx_scene(crs);
    p->scene.band[CAO_BAND_R] = fx_layer(p->red_path, tile_10, SIZE, SIZE);
    p->scene.qa[0].layer = fx_layer(p->qa_path, tile_20, SIZE / 2, SIZE / 2);
}

static void product_free(struct product *p)
{
    fx_scene_free(&p->scene);
    free(p->red);
    free(p->qa);
    free(p->red_path);
    free(p->qa_path);
    free(p->folder);
}

static void read_red(const struct cao_scene *s, const struct cao_grid *g,
                     const struct cao_window *w, float *out)
{
    struct cao_error err = { 0 };
    struct cao_reader *r = NULL;
    assert_ok(cao_reader_open(s, g, &r, &err));
    assert_ok(cao_reader_band(r, CAO_BAND_R, w, out, &err));
    cao_reader_close(r);
}

static float red_of(uint16_t dn)
{
    return dn == 0 || dn == 65535 ? NAN : (float)(1e-4 * (double)dn - 0.1);
}

/* The grid starts 5 columns left of the image and 7 rows above it, and ends beyond it. */
static void aligned_pixels_come_straight_with_gain_and_offset(void **state)
{
    (void)state;
    struct product p;
    product_make(&p, "reader straight", "EPSG:32647");
    struct cao_grid g = fx_grid("EPSG:32647", 399960 - 50, 4100040 + 70, 10, SIZE + 20, SIZE + 20);
    static const struct cao_window windows[] = {
        { 0, 0, SIZE + 20, SIZE + 20 },
        { 100, 131, 77, 300 },
        { 0, 0, 5, 620 },
        { 0, 0, 620, 7 },
        { 605, 0, 15, 620 },
        { 604, 606, 3, 3 },
        { 5, 7, 1, 1 },
    };
    for (size_t k = 0; k < sizeof windows / sizeof windows[0]; k++) {
        const struct cao_window *w = &windows[k];
        float *got = malloc((size_t)w->cols * (size_t)w->rows * sizeof *got);
        read_red(&p.scene, &g, w, got);
        for (int r = 0; r < w->rows; r++)
            for (int c = 0; c < w->cols; c++) {
                int x = w->col + c - 5, y = w->row + r - 7;
                bool in = x >= 0 && y >= 0 && x < SIZE && y < SIZE;
                float want = in ? red_of(p.red[y * SIZE + x]) : NAN;
                assert_true(fx_same(got[r * w->cols + c], want));
            }
        free(got);
    }
    cao_grid_release(&g);
    product_free(&p);
}

static void codes_of_20_m_on_aligned_10_m_cells_are_those_of_half_the_place(void **state)
{
    (void)state;
    struct product p;
    struct cao_error err = { 0 };
    struct cao_reader *r = NULL;
    product_make(&p, "reader codes", "EPSG:32647");
    struct cao_grid g = fx_grid("EPSG:32647", 399960, 4100040, 10, SIZE + 4, SIZE + 4);
    struct cao_window w = { 0, 0, SIZE + 4, SIZE + 4 };
    uint16_t *got = malloc((size_t)w.cols * (size_t)w.rows * sizeof *got);
    assert_ok(cao_reader_open(&p.scene, &g, &r, &err));
    assert_ok(cao_reader_qa(r, 0, &w, got, &err));
    for (int y = 0; y < w.rows; y++)
        for (int x = 0; x < w.cols; x++) {
            bool in = x < SIZE && y < SIZE;
            int want = in ? p.qa[(y >> 1) * (SIZE / 2) + (x >> 1)] : 999;
            assert_int_equal(got[y * w.cols + x], want);
        }
    cao_reader_close(r);
    free(got);
    cao_grid_release(&g);
    product_free(&p);
}

/* Reflectance of 10 m on cells of 5 m that start a cell before the image: each cell its pixel's. */
static void pixels_that_hold_whole_cells_are_taken_as_they_are(void **state)
{
    (void)state;
    struct product p;
    product_make(&p, "reader nested", "EPSG:32647");
    struct cao_grid g = fx_grid("EPSG:32647", 399960 - 5, 4100040 + 15, 5, 2 * SIZE + 8, 700);
    struct cao_window w = { 0, 0, 2 * SIZE + 8, 700 }, part = { 511, 301, 7, 9 };
    float *got = malloc((size_t)w.cols * (size_t)w.rows * sizeof *got), few[63];
    read_red(&p.scene, &g, &w, got);
    for (int y = 0; y < w.rows; y++)
        for (int x = 0; x < w.cols; x++) {
            bool in = x >= 1 && y >= 3 && x - 1 < 2 * SIZE;
            float want = in ? red_of(p.red[(y - 3) / 2 * SIZE + (x - 1) / 2]) : NAN;
            assert_true(fx_same(got[y * w.cols + x], want));
        }
    read_red(&p.scene, &g, &part, few);
    for (int i = 0; i < 63; i++)
        assert_true(fx_same(few[i], got[(301 + i / 7) * w.cols + 511 + i % 7]));
    free(got);
    cao_grid_release(&g);
    product_free(&p);
}

/* Codes, what they mean, and reflectance of pixels of 2, 3, 6 and 9 cells a side, in windows that start and end
 * anywhere, beyond the image too. */
static void cells_of_wide_pixels_are_found_in_whole_numbers(void **state)
{
    (void)state;
    enum { PX = 150, LEFT = 5, ABOVE = 8, CELLS = 1400 };
    static const int across[] = { 2, 3, 6, 9 };
    static const struct cao_window windows[] = {
        { 0, 0, CELLS, CELLS }, { -40, -30, 71, 64 },   { 17, 401, 260, 32 }, { 18, 402, 1, 1 },
        { 251, 0, 300, 3 },     { 1340, 1340, 90, 90 }, { 5, 8, 7, 7 },
    };
    static uint16_t table[CAO_QA_CODES];
    char *folder = test_folder("reader wide pixels"), *path = fx_path(folder, "wide.tif");
    uint16_t *dn = noise_image(PX, PX, 5);
    for (uint32_t i = 0; i < CAO_QA_CODES; i++)
        table[i] = (uint16_t)((fx_noise(i, 6) % 3) | (fx_noise(i, 7) % 3) << 8);
    for (size_t a = 0; a < sizeof across / sizeof across[0]; a++) {
        int k = across[a];
        const double t[6] = { 399960, 10 * k, 0, 4100040, 0, -10 * k };
        fx_write(path, "GTiff", fx_tiled, "EPSG:32647", t, PX, PX, GDT_UInt16, dn);
        struct cao_scene s = fx_scene("EPSG:32647");
        s.band[CAO_BAND_R] = fx_layer(path, t, PX, PX);
        s.qa[0].layer = fx_layer(path, t, PX, PX);
        struct cao_grid g =
            fx_grid("EPSG:32647", 399960 - 10 * LEFT, 4100040 + 10 * ABOVE, 10, CELLS, CELLS);
        struct cao_reader *r = NULL;
        struct cao_error err = { 0 };
        assert_ok(cao_reader_open(&s, &g, &r, &err));
        for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
            const struct cao_window *w = &windows[i];
            size_t n = (size_t)w->cols * (size_t)w->rows;
            uint16_t *codes = malloc(2 * n), *means = malloc(2 * n);
            uint8_t *reason = malloc(n), *sight = malloc(n), *wanted = malloc(n);
            float *red = malloc(4 * n), *few = malloc(4 * n);
            for (size_t c = 0; c < n; c++) {
                reason[c] = (uint8_t)(fx_noise((uint32_t)c, 8) % 2 * 3);
                sight[c] = (uint8_t)(fx_noise((uint32_t)c, 9) % 2);
                wanted[c] = fx_noise((uint32_t)c, 10) % 50 ? CAO_CLOUD : CAO_CLEAR;
            }
            assert_ok(cao_reader_qa(r, 0, w, codes, &err));
            assert_ok(cao_reader_meaning(r, 0, w, table, means, &err));
            assert_ok(cao_reader_lay(r, 0, w, table, NULL, reason, sight, &err));
            assert_ok(cao_reader_band(r, CAO_BAND_R, w, red, &err));
            enum cao_band band = CAO_BAND_R;
            assert_ok(cao_reader_bands(r, &band, 1, w, wanted, &few, &err));
            for (size_t c = 0; c < n; c++) {
                int x = w->col + (int)(c % (size_t)w->cols) - LEFT;
                int y = w->row + (int)(c / (size_t)w->cols) - ABOVE;
                bool in = x >= 0 && y >= 0 && x < k * PX && y < k * PX;
                uint16_t code = in ? dn[y / k * PX + x / k] : 999;
                int was_reason = fx_noise((uint32_t)c, 8) % 2 * 3;
                int was_sight = fx_noise((uint32_t)c, 9) % 2;
                float value = in ? red_of(code) : NAN;
                assert_int_equal(codes[c], code);
                assert_int_equal(means[c], table[code]);
                assert_int_equal(reason[c],
                                 was_reason == CAO_CLEAR ? table[code] % 256 : was_reason);
                assert_int_equal(sight[c],
                                 was_sight == CAO_SIGHT_GROUND ? table[code] / 256 : was_sight);
                assert_true(fx_same(red[c], value));
                assert_true(wanted[c] != CAO_CLEAR || fx_same(few[c], value));
            }
            free(codes);
            free(means);
            free(reason);
            free(sight);
            free(wanted);
            free(red);
            free(few);
        }
        cao_reader_close(r);
        fx_scene_free(&s);
        cao_grid_release(&g);
    }
    free(dn);
    free(path);
    free(folder);
}

static void cells_of_two_and_three_pixels_are_their_mean(void **state)
{
    (void)state;
    struct product p;
    product_make(&p, "reader mean", "EPSG:32647");
    for (int k = 2; k <= 3; k++) {
        int n = SIZE / k;
        struct cao_grid g = fx_grid("EPSG:32647", 399960, 4100040, 10 * k, n, n);
        struct cao_window w = { 0, 0, n, n };
        float *got = malloc((size_t)n * (size_t)n * sizeof *got);
        read_red(&p.scene, &g, &w, got);
        for (int y = 0; y < n; y++)
            for (int x = 0; x < n; x++) {
                double sum = 0;
                int held = 0;
                for (int i = 0; i < k * k; i++) {
                    float v = red_of(p.red[(y * k + i / k) * SIZE + x * k + i % k]);
                    sum += isnan(v) ? 0 : (double)v;
                    held += !isnan(v);
                }
                float v = got[y * n + x];
                if (2 * held < k * k)
                    assert_true(isnan(v));
                else
                    assert_true(fabs((double)v - sum / held) < 1e-6);
            }
        free(got);
        cao_grid_release(&g);
    }
    product_free(&p);
}

/* A plane is what bilinear interpolation reproduces. The grid is shifted by odd parts of a pixel. */
static void a_plane_stays_a_plane_on_a_shifted_grid(void **state)
{
    (void)state;
    char *folder = test_folder("reader plane"), *path = fx_path(folder, "plane.tif");
    uint16_t *dn = malloc((size_t)SIZE * SIZE * sizeof *dn);
    for (int i = 0; i < SIZE * SIZE; i++)
        dn[i] = (uint16_t)(1000 + 40 * (i % SIZE) + 30 * (i / SIZE));
    fx_write(path, "GTiff", fx_tiled, "EPSG:32647", tile_10, SIZE, SIZE, GDT_UInt16, dn);
    struct cao_scene s = fx_scene("EPSG:32647");
    s.band[CAO_BAND_R] = fx_layer(path, tile_10, SIZE, SIZE);
    struct cao_grid g = fx_grid("EPSG:32647", 399960 + 103.3, 4100040 - 207.9, 12.5, 400, 400);
    struct cao_window w = { 0, 0, 400, 400 };
    float *got = malloc((size_t)400 * 400 * sizeof *got);
    read_red(&s, &g, &w, got);
    for (int y = 0; y < 400; y++)
        for (int x = 0; x < 400; x++) {
            double px = (103.3 + (x + 0.5) * 12.5) / 10 - 0.5,
                   py = (207.9 + (y + 0.5) * 12.5) / 10 - 0.5;
            double want = 1e-4 * (1000 + 40 * px + 30 * py) - 0.1;
            assert_true(fabs((double)got[y * 400 + x] - want) < 2e-6);
        }
    free(got);
    free(dn);
    cao_grid_release(&g);
    fx_scene_free(&s);
    free(path);
    free(folder);
}

/* --- cuts --- */

static void assert_cuts_agree(const struct cao_scene *s, const struct cao_grid *g)
{
    struct cao_error err = { 0 };
    size_t n = (size_t)g->cols * (size_t)g->rows, held = 0, coded = 0;
    float *whole = malloc(n * sizeof *whole), *part = malloc(n * sizeof *part);
    uint16_t *codes = malloc(n * sizeof *codes), *code_part = malloc(n * sizeof *code_part);
    struct cao_window all = { 0, 0, g->cols, g->rows };
    struct cao_reader *r = NULL;
    assert_ok(cao_reader_open(s, g, &r, &err));
    assert_ok(cao_reader_band(r, CAO_BAND_R, &all, whole, &err));
    assert_ok(cao_reader_qa(r, 0, &all, codes, &err));
    for (size_t i = 0; i < n; i++) {
        held += isnan(whole[i]) ? 0u : 1u;
        coded += codes[i] != 999;
    }
    assert_true(held > n / 4 && coded > n / 4 && coded < n);
    for (uint32_t k = 0; k < 40; k++) {
        struct cao_window w;
        w.col = (int32_t)(fx_noise(k, 11) % (uint32_t)g->cols);
        w.row = (int32_t)(fx_noise(k, 12) % (uint32_t)g->rows);
        w.cols = 1 + (int32_t)(fx_noise(k, 13) % (uint32_t)(g->cols - w.col));
        w.rows = 1 + (int32_t)(fx_noise(k, 14) % (uint32_t)(g->rows - w.row));
        assert_ok(cao_reader_band(r, CAO_BAND_R, &w, part, &err));
        assert_ok(cao_reader_qa(r, 0, &w, code_part, &err));
        for (int y = 0; y < w.rows; y++) {
            size_t at = (size_t)(w.row + y) * (size_t)g->cols + (size_t)w.col;
            size_t from = (size_t)y * (size_t)w.cols, bytes = (size_t)w.cols * sizeof *part;
            assert_memory_equal(part + from, whole + at, bytes);
            assert_memory_equal(code_part + from, codes + at, bytes / 2);
        }
    }
    cao_reader_close(r);
    free(whole);
    free(part);
    free(codes);
    free(code_part);
}

static const char albers[] =
    "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +x_0=0 +y_0=0 +datum=WGS84 +units=m";

static void any_cut_of_the_grid_gives_the_same_bits(void **state)
{
    (void)state;
    struct product p;
    product_make(&p, "reader cuts", "EPSG:32647");
    static const struct {
        const char *crs;
        double res, shift;
        int n;
    } grids[] = {
        { "EPSG:32648", 10, 0, 700 },     /* the next zone, bilinear */
        { "EPSG:32648", 33.3, 3.7, 220 }, /* averaged */
        { albers, 10, 0.25, 800 },        { albers, 27.1, 0, 300 },
        { "EPSG:32647", 10, 1.7, 620 },   { "EPSG:32647", 20, 0, 310 },
        { "EPSG:32647", 10, 0, 620 },     { "EPSG:32647", 170, 11, 38 },
    };
    for (size_t i = 0; i < sizeof grids / sizeof grids[0]; i++) {
        struct cao_grid g = fx_grid_around(grids[i].crs, "EPSG:32647", 402960, 4097040,
                                           grids[i].res, grids[i].shift, grids[i].n);
        assert_cuts_agree(&p.scene, &g);
        cao_grid_release(&g);
    }
    product_free(&p);
}

/* --- what is refused --- */

static enum cao_status try_red(struct cao_scene *s, struct cao_error *err)
{
    struct cao_grid g = fx_grid("EPSG:32647", 399960, 4100040, 10, SIZE, SIZE);
    struct cao_window w = { 0, 0, SIZE, SIZE };
    struct cao_reader *r = NULL;
    float *got = malloc((size_t)SIZE * SIZE * sizeof *got);
    enum cao_status st = cao_reader_open(s, &g, &r, err);
    if (!st)
        st = cao_reader_band(r, CAO_BAND_R, &w, got, err);
    cao_reader_close(r);
    free(got);
    cao_grid_release(&g);
    return st;
}

static void assert_refused(struct cao_scene *s, enum cao_status want, const char *says)
{
    struct cao_error err = { 0 };
    enum cao_status st = try_red(s, &err);
    if (st != want || !strstr(err.text, says) ||
        !strstr(err.text, cao_path_name(s->band[CAO_BAND_R].path)))
        fprintf(stderr, "status %d: %s\n", st, err.text);
    assert_int_equal(st, want);
    assert_non_null(strstr(err.text, says));
    assert_non_null(strstr(err.text, cao_path_name(s->band[CAO_BAND_R].path)));
}

static void files_that_are_not_what_the_scene_says_are_refused(void **state)
{
    (void)state;
    struct product p;
    product_make(&p, "reader refused", "EPSG:32647");
    struct cao_layer *red = &p.scene.band[CAO_BAND_R], right = *red;
    red->width = 10980;
    assert_refused(&p.scene, CAO_EDATA,
                   "600 x 600 pixels, but the scene's metadata say 10980 x 600");
    *red = right;
    red->geotransform[0] += 10;
    assert_refused(&p.scene, CAO_EDATA, "another product");
    *red = right;
    red->geotransform[1] = 10.0001;
    assert_refused(&p.scene, CAO_EDATA, "another product");
    *red = right;
    struct cao_error err = { 0 };
    assert_ok(try_red(&p.scene, &err));
    p.scene.band[CAO_BAND_N2] = *red; /* no N: the narrow one serves */
    free(p.scene.crs);
    p.scene.crs = fx_wkt("EPSG:32648");
    struct cao_grid g = fx_grid("EPSG:32648", 399960, 4100040, 10, 10, 10);
    struct cao_window w = { 0, 0, 10, 10 }, beyond = { 5, 5, 6 + CAO_READER_AROUND, 5 };
    struct cao_reader *r = NULL;
    float got[100];
    assert_ok(cao_reader_open(&p.scene, &g, &r, &err));
    assert_int_equal(cao_reader_band(r, CAO_BAND_R, &w, got, &err), CAO_EDATA);
    assert_non_null(strstr(err.text, "coordinate system is WGS 84 / UTM zone 47N"));
    assert_int_equal(cao_reader_band(r, CAO_BAND_N, &w, got, &err), CAO_EDATA);
    assert_int_equal(cao_reader_band(r, CAO_BAND_B, &w, got, &err), CAO_EARG);
    assert_int_equal(cao_reader_band(r, CAO_BAND_R, &beyond, got, &err), CAO_EARG);
    cao_reader_close(r);
    p.scene.band[CAO_BAND_N2].path = NULL;
    cao_grid_release(&g);
    product_free(&p);
}

static void missing_empty_and_remote_files_are_named(void **state)
{
    (void)state;
    struct product p;
    struct cao_error err = { 0 };
    product_make(&p, "reader missing", "EPSG:32647");
    struct cao_layer *red = &p.scene.band[CAO_BAND_R];
    char *empty = fx_path(p.folder, "empty.tif"), *vrt = fx_path(p.folder, "a.vrt");
    char *kept = red->path;
    char missing[] = "no such/B04.jp2", remote[] = "/vsicurl/http://127.0.0.1:9/B04.tif";
    red->path = missing;
    assert_refused(&p.scene, CAO_EIO, "not there");
    red->path = remote;
    assert_refused(&p.scene, CAO_EARG, "not a file of this machine");
    assert_ok(cao_file_write(empty, "", 0, &err));
    red->path = empty;
    assert_refused(&p.scene, CAO_EDATA, "empty");
    fx_write(vrt, "VRT", NULL, "EPSG:32647", tile_10, SIZE, SIZE, GDT_UInt16, p.red);
    red->path = vrt;
    assert_refused(&p.scene, CAO_EDATA, "it is a VRT");
    red->path = kept;
    free(empty);
    free(vrt);
    product_free(&p);
}

/* A VRT that someone sends must not have us ask the network, or read what is typed. */
static void a_file_that_is_named_is_one_of_this_machine(void **state)
{
    (void)state;
    static const char *const paths[] = { "/vsicurl/http://127.0.0.1:9/x.tif",
                                         "/vsicurl_streaming/http://127.0.0.1:9/x.tif",
                                         "/vsis3/bucket/x.tif", "/vsiaz/c/x.tif", "/vsistdin/" };
    char *folder = test_folder("network"), *vrt = fx_path(folder, "a.vrt");
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        char text[1024], pixel[4];
        struct cao_error err = { 0 };
        VSIStatBufL stat;
        assert_int_equal(VSIStatL(paths[i], &stat), -1);
        int n = snprintf(text, sizeof text,
                         "<VRTDataset rasterXSize=\"2\" rasterYSize=\"2\"><VRTRasterBand "
                         "dataType=\"Byte\" band=\"1\"><SimpleSource><SourceFilename>%s"
                         "</SourceFilename><SourceBand>1</SourceBand></SimpleSource>"
                         "</VRTRasterBand></VRTDataset>",
                         paths[i]);
        assert_ok(cao_file_write(vrt, text, (size_t)n, &err));
        CPLErrorReset();
        GDALDatasetH d = GDALOpen(vrt, GA_ReadOnly);
        if (d) {
            assert_int_not_equal(GDALDatasetRasterIO(d, GF_Read, 0, 0, 2, 2, pixel, 2, 2, GDT_Byte,
                                                     1, NULL, 0, 0, 0),
                                 CE_None);
            GDALClose(d);
        }
        assert_non_null(strstr(CPLGetLastErrorMsg(), "is not a file of this machine"));
    }
    free(vrt);
    free(folder);
}

/* Copy the first n bytes; from is damaged there by zeros over the rest where pad is set. */
static void torn_copy(const char *from, const char *to, double share, bool pad)
{
    struct cao_error err = { 0 };
    char *data;
    size_t size;
    assert_ok(cao_file_read(from, 1 << 24, &data, &size, &err));
    size_t keep = (size_t)((double)size * share);
    memset(data + keep, 0, size - keep);
    assert_ok(cao_file_write(to, data, pad ? size : keep, &err));
    free(data);
}

static void torn_files_are_errors_and_never_zeros(void **state)
{
    (void)state;
    struct product p;
    struct cao_error err = { 0 };
    product_make(&p, "reader torn", "EPSG:32647");
    static const char *const lossless[] = { "QUALITY=100", "REVERSIBLE=YES", "BLOCKXSIZE=128",
                                            "BLOCKYSIZE=128", NULL };
    static const char *const after[] = { "QUALITY=100", "REVERSIBLE=YES", "GEOBOXES_AFTER_JP2C=YES",
                                         NULL };
    static const char *const bare[] = { "QUALITY=100", "REVERSIBLE=YES", "CODEC=J2K", NULL };
    const struct {
        const char *name, *driver;
        const char *const *options;
    } kinds[] = {
        { "tiled.jp2", "JP2OpenJPEG", lossless }, { "after.jp2", "JP2OpenJPEG", after },
        { "bare.j2k", "JP2OpenJPEG", bare },      { "tiled.tif", "GTiff", fx_tiled },
        { "strips.tif", "GTiff", NULL },
    };
    struct cao_layer *red = &p.scene.band[CAO_BAND_R];
    char *kept = red->path;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char *whole = fx_path(p.folder, kinds[i].name);
        fx_write(whole, kinds[i].driver, kinds[i].options, "EPSG:32647", tile_10, SIZE, SIZE,
                 GDT_UInt16, p.red);
        red->path = whole;
        assert_ok(try_red(&p.scene, &err));
        static const double shares[] = { 0.999, 0.9, 0.5, 0.1, 0.001 };
        for (size_t k = 0; k < 5; k++) {
            char name[64];
            snprintf(name, sizeof name, "torn-%zu-%s", k, kinds[i].name);
            char *torn = fx_path(p.folder, name);
            red->path = torn;
            torn_copy(whole, torn, shares[k], false);
            assert_refused(&p.scene, CAO_EDATA, "download it again");
            free(torn);
        }
        red->path = kept;
        free(whole);
    }
    product_free(&p);
}

/* The last quarter of the file is cut off: blocks that nobody wants are not missed, one that is wanted
 * is an error. Straight and through places, and where anything is wanted it is as ever. */
static void blocks_that_nobody_wants_are_not_read(void **state)
{
    (void)state;
    struct product p;
    product_make(&p, "reader wanted", "EPSG:32647");
    char *torn = fx_path(p.folder, "torn.tif"), *kept = p.scene.band[CAO_BAND_R].path;
    float *whole = malloc(SIZE * SIZE * sizeof *whole), *got = malloc(SIZE * SIZE * sizeof *got);
    uint8_t *reason = malloc(SIZE * SIZE);
    const enum cao_band red = CAO_BAND_R;
    torn_copy(kept, torn, 0.75, false);
    for (int shift = 0; shift < 2; shift++) { /* of the grid in tenths of a cell */
        struct cao_error err = { 0 };
        struct cao_reader *r = NULL;
        struct cao_grid g =
            fx_grid("EPSG:32647", tile_10[0] + shift * 4.0, tile_10[3], 10, SIZE, SIZE);
        struct cao_window w = { 0, 0, SIZE, SIZE };
        read_red(&p.scene, &g, &w, whole);
        p.scene.band[CAO_BAND_R].path = torn;
        memset(reason, CAO_CLOUD, SIZE * SIZE);
        reason[5 * SIZE + 7] = CAO_CLEAR;
        assert_ok(cao_reader_open(&p.scene, &g, &r, &err));
        assert_ok(cao_reader_bands(r, &red, 1, &w, reason, &got, &err));
        assert_true(fx_same(got[5 * SIZE + 7], whole[5 * SIZE + 7]));
        assert_true(isnan(got[SIZE * SIZE - 1]));
        reason[SIZE * SIZE - 2] = CAO_CLEAR;
        assert_int_equal(cao_reader_bands(r, &red, 1, &w, reason, &got, &err), CAO_EDATA);
        cao_reader_close(r);
        p.scene.band[CAO_BAND_R].path = kept;
        memset(reason, CAO_CLEAR, SIZE * SIZE);
        assert_ok(cao_reader_open(&p.scene, &g, &r, &err));
        assert_ok(cao_reader_bands(r, &red, 1, &w, reason, &got, &err));
        for (size_t i = 0; i < SIZE * SIZE; i++)
            assert_true(fx_same(got[i], whole[i]));
        cao_reader_close(r);
        cao_grid_release(&g);
    }
    free(whole);
    free(got);
    free(reason);
    free(torn);
    product_free(&p);
}

/* A download that was laid out in full but stopped: the length is right, the end is zeros. */
static void a_jp2_padded_with_zeros_is_torn(void **state)
{
    (void)state;
    struct product p;
    product_make(&p, "reader padded", "EPSG:32647");
    static const char *const lossless[] = { "QUALITY=100", "REVERSIBLE=YES", NULL };
    struct cao_layer *red = &p.scene.band[CAO_BAND_R];
    char *whole = fx_path(p.folder, "B04.jp2"), *torn = fx_path(p.folder, "padded.jp2");
    char *kept = red->path;
    fx_write(whole, "JP2OpenJPEG", lossless, "EPSG:32647", tile_10, SIZE, SIZE, GDT_UInt16, p.red);
    torn_copy(whole, torn, 0.6, true);
    red->path = torn;
    assert_refused(&p.scene, CAO_EDATA, "incomplete");
    red->path = kept;
    free(whole);
    free(torn);
    product_free(&p);
}

/* Zeros over the second half of a file, in place. */
static void spoil(const char *path)
{
    struct stat s;
    assert_int_equal(stat(path, &s), 0);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, (long)s.st_size / 2, SEEK_SET), 0);
    for (long i = (long)s.st_size / 2; i < (long)s.st_size; i++)
        assert_int_equal(fputc(0, f), 0);
    assert_int_equal(fclose(f), 0);
}

/* One reader after the other decodes what both want once: the second does not look into the file, which
 * seems unchanged here. A file that did change is another one. */
static void parked_files_are_not_decoded_again_unless_they_changed(void **state)
{
    (void)state;
    struct product p;
    product_make(&p, "reader parked", "EPSG:32647");
    static const char *const lossless[] = { "QUALITY=100", "REVERSIBLE=YES", NULL };
    struct cao_layer *red = &p.scene.band[CAO_BAND_R];
    char *path = fx_path(p.folder, "B04.jp2"), *kept = red->path;
    struct cao_grid g = fx_grid("EPSG:32647", tile_10[0], tile_10[3], 10, SIZE, SIZE);
    struct cao_window w = { 0, 0, SIZE, SIZE };
    float *got = malloc((size_t)SIZE * SIZE * sizeof *got);
    for (int parks = 0; parks < 2; parks++) {
        struct cao_error err = { 0 };
        struct cao_reader_kit *kit = NULL;
        struct cao_reader *r = NULL;
        struct stat before;
        red->path = path;
        fx_write(path, "JP2OpenJPEG", lossless, "EPSG:32647", tile_10, SIZE, SIZE, GDT_UInt16,
                 p.red);
        assert_int_equal(stat(path, &before), 0);
        assert_ok(cao_reader_kit_create(&g, 1 << 20, &kit, &err));
        if (parks)
            cao_reader_kit_park(kit);
        for (int changed = 0; changed < 3; changed++) {
            const struct timespec times[] = { before.st_atim, before.st_mtim };
            enum cao_status st = cao_reader_open_with(&p.scene, &g, kit, &r, &err);
            if (!st)
                st = cao_reader_band(r, CAO_BAND_R, &w, got, &err);
            cao_reader_close(r);
            r = NULL;
            assert_int_equal(st, changed < 1 + parks ? CAO_OK : CAO_EDATA);
            for (size_t i = 0; !st && i < (size_t)SIZE * SIZE; i++)
                assert_true(fx_same(got[i], red_of(p.red[i])));
            if (changed == 0)
                spoil(path);
            if (changed == 0)
                assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
            else
                assert_int_equal(utimensat(AT_FDCWD, path, NULL, 0), 0);
        }
        cao_reader_kit_destroy(kit);
    }
    red->path = kept;
    cao_grid_release(&g);
    free(got);
    free(path);
    product_free(&p);
}

/* Each file is read whole as what it claims to be, if it opens at all: an error or not, no crash. */
static void bad_inputs_of_others_fail_in_one_line(void **state)
{
    (void)state;
    NEED_DATA("bad_inputs");
    static const char *const must_fail[] = {
        "small_world_truncated.jp2",
        "truncated.jp2",
        "byte_truncated.tif",
        "corrupted_deflate_singlestrip.tif",
        "lzw_corrupted.tif",
        "many_blocks_truncated.tif",
        "tiled_bad_offset.tif",
        "corrupted_gtiff_tags.tif",
        "huge4GB.tif",
        "hugeblocksize.tif",
        "one_byte_LC80330352013157LGN00_BQA.TIF",
    };
    for (size_t i = 0; i < sizeof must_fail / sizeof must_fail[0]; i++) {
        char item[256];
        snprintf(item, sizeof item, "bad_inputs/%s", must_fail[i]);
        NEED_DATA(item);
        const char *path = test_data(item);
        static const char *const formats[] = { "GTiff", "JP2OpenJPEG", NULL };
        int width = 1000, height = 1000;
        double t[6] = { 500000, 10, 0, 4000000, 0, -10 };
        GDALDatasetH d = GDALOpenEx(path, GDAL_OF_RASTER, formats, NULL, NULL);
        if (d) {
            width = GDALGetRasterXSize(d);
            height = GDALGetRasterYSize(d);
            GDALGetGeoTransform(d, t);
            GDALClose(d);
        }
        struct cao_error err = { 0 };
        struct cao_scene s = fx_scene("EPSG:32647");
        s.band[CAO_BAND_R] = fx_layer(path, t, width, height);
        struct cao_grid g =
            fx_grid("EPSG:32647", t[0], t[3], fabs(t[1]) > 0 ? fabs(t[1]) : 1.0, 64, 64);
        struct cao_reader *r = NULL;
        float *got = malloc(64 * 64 * sizeof *got);
        struct cao_window w = { 0, 0, 64, 64 };
        enum cao_status st = cao_reader_open(&s, &g, &r, &err);
        if (!st)
            st = cao_reader_band(r, CAO_BAND_R, &w, got, &err);
        if (st == CAO_OK)
            fprintf(stderr, "%s was read\n", item);
        assert_int_not_equal(st, CAO_OK);
        assert_null(strchr(err.text, '\n'));
        assert_non_null(strstr(err.text, must_fail[i]));
        cao_reader_close(r);
        free(got);
        cao_grid_release(&g);
        fx_scene_free(&s);
    }
}

static void signed_and_8_bit_layers_keep_their_numbers(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    char *folder = test_folder("reader types"), *path = fx_path(folder, "signed.tif");
    char *bytes = fx_path(folder, "bytes.tif");
    uint16_t dn[64], small[64];
    for (int i = 0; i < 64; i++) {
        dn[i] = (uint16_t)(int16_t)(i * 1000 - 32000);
        small[i] = (uint16_t)(i * 4);
    }
    const double t[6] = { 399960, 10, 0, 4100040, 0, -10 };
    fx_write(path, "GTiff", NULL, "EPSG:32647", t, 8, 8, GDT_Int16, dn);
    fx_write(bytes, "GTiff", NULL, "EPSG:32647", t, 8, 8, GDT_Byte, small);
    struct cao_scene s = fx_scene("EPSG:32647");
    s.band[CAO_BAND_R] = fx_layer(path, t, 8, 8);
    s.band[CAO_BAND_R].fill = -32000;
    s.band[CAO_BAND_R].saturated = 30000;
    s.band[CAO_BAND_B] = fx_layer(bytes, t, 8, 8);
    s.band[CAO_BAND_B].fill = s.band[CAO_BAND_B].saturated = (double)NAN;
    struct cao_grid g = fx_grid("EPSG:32647", 399960, 4100040, 10, 8, 8);
    struct cao_window w = { 0, 0, 8, 8 };
    struct cao_reader *r = NULL;
    float a[64], b[64];
    assert_ok(cao_reader_open(&s, &g, &r, &err));
    assert_ok(cao_reader_band(r, CAO_BAND_R, &w, a, &err));
    assert_ok(cao_reader_band(r, CAO_BAND_B, &w, b, &err));
    for (int i = 0; i < 64; i++) {
        int v = i * 1000 - 32000;
        float want = v == -32000 || v >= 30000 ? NAN : (float)(1e-4 * v - 0.1);
        assert_true(fx_same(a[i], want));
        assert_true(fx_same(b[i], (float)(1e-4 * (i * 4) - 0.1)));
    }
    cao_reader_close(r);
    cao_grid_release(&g);
    fx_scene_free(&s);
    free(path);
    free(bytes);
    free(folder);
}

static void cells_far_too_coarse_are_refused_and_memory_is_bounded(void **state)
{
    (void)state;
    struct product p;
    struct cao_error err = { 0 };
    struct cao_reader *r = NULL;
    product_make(&p, "reader coarse", "EPSG:32647");
    struct cao_grid g = fx_grid("EPSG:32647", 399960, 4100040, 5000, 2, 2);
    struct cao_window w = { 0, 0, 2, 2 };
    float got[4];
    assert_ok(cao_reader_open(&p.scene, &g, &r, &err));
    assert_int_equal(cao_reader_band(r, CAO_BAND_R, &w, got, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "finer cells"));
    cao_reader_close(r);
    assert_true(cao_reader_kit_bytes(0) < (size_t)32 << 20);
    cao_grid_release(&g);
    product_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aligned_pixels_come_straight_with_gain_and_offset),
        cmocka_unit_test(codes_of_20_m_on_aligned_10_m_cells_are_those_of_half_the_place),
        cmocka_unit_test(pixels_that_hold_whole_cells_are_taken_as_they_are),
        cmocka_unit_test(cells_of_wide_pixels_are_found_in_whole_numbers),
        cmocka_unit_test(cells_of_two_and_three_pixels_are_their_mean),
        cmocka_unit_test(a_plane_stays_a_plane_on_a_shifted_grid),
        cmocka_unit_test(any_cut_of_the_grid_gives_the_same_bits),
        cmocka_unit_test(files_that_are_not_what_the_scene_says_are_refused),
        cmocka_unit_test(missing_empty_and_remote_files_are_named),
        cmocka_unit_test(a_file_that_is_named_is_one_of_this_machine),
        cmocka_unit_test(torn_files_are_errors_and_never_zeros),
        cmocka_unit_test(blocks_that_nobody_wants_are_not_read),
        cmocka_unit_test(a_jp2_padded_with_zeros_is_torn),
        cmocka_unit_test(parked_files_are_not_decoded_again_unless_they_changed),
        cmocka_unit_test(bad_inputs_of_others_fail_in_one_line),
        cmocka_unit_test(signed_and_8_bit_layers_keep_their_numbers),
        cmocka_unit_test(cells_far_too_coarse_are_refused_and_memory_is_bounded),
    };
    return cmocka_run_group_tests_name("reader", tests, fx_setup, fx_teardown);
}
