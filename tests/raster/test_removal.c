/* SPDX-License-Identifier: MIT
 *
 * Masks laid on pixels, against a slow loop over squares of one metre. */
#include "raster/fixture.h"

enum { BAND = 600, QA = 300, CLOUD = 9, SHADOW = 3, SNOW = 11, GROUND = 4 }; /* codes of SCL */
static const double tile_10[6] = { 600000, 10, 0, 4000000, 0, -10 };
static const double tile_20[6] = { 600000, 20, 0, 4000000, 0, -20 };

static const struct cao_qa_rule rules[] = {
    { 0xFFFF, 0, CAO_OUTSIDE },   { 0xFFFF, 999, CAO_OUTSIDE }, { 0xFFFF, SHADOW, CAO_SHADOW },
    { 0xFFFF, CLOUD, CAO_CLOUD }, { 0xFFFF, SNOW, CAO_SNOW },
};

struct sight {
    struct cao_scene scene;
    uint16_t *dn, *codes; /* [BAND * BAND], [QA * QA] */
    uint8_t *table;
    uint16_t *meaning;
    struct cao_removal removal;
    char *folder;
};

/* Discs of cloud with shadow beside them, specks of snow, a swath's edge. */
static uint16_t code_at(int x, int y, bool specks)
{
    static const int discs[][3] = { { 60, 60, 31 }, { 170, 80, 12 }, { 220, 230, 45 },
                                    { 90, 200, 7 }, { 280, 20, 18 }, { 150, 150, 3 } };
    if (x + y / 4 < 9)
        return 0;
    for (size_t i = 0; i < sizeof discs / sizeof discs[0]; i++) {
        int dx = x - discs[i][0], dy = y - discs[i][1], r = discs[i][2];
        if (dx * dx + dy * dy <= r * r)
            return CLOUD;
    }
    for (size_t i = 0; i < sizeof discs / sizeof discs[0]; i++) {
        int dx = x - discs[i][0] - 12, dy = y - discs[i][1] - 9, r = discs[i][2];
        if (dx * dx + dy * dy <= r * r)
            return SHADOW;
    }
    return specks && fx_noise((uint32_t)x, (uint32_t)y) % 97 == 0 ? SNOW : GROUND;
}

static uint16_t dn_at(int x, int y, uint16_t code)
{
    int ground = 1500 + x / 4 + (int)(fx_noise((uint32_t)(y * BAND + x), 3) % 20);
    return (uint16_t)(code == CLOUD ? 9000 : code == SHADOW ? 300 : code == SNOW ? 7000 : ground);
}

static void sight_make(struct sight *s, const char *name, bool specks)
{
    *s = (struct sight){ .folder = test_folder(name), .scene = fx_scene("EPSG:32647") };
    s->dn = malloc((size_t)BAND * BAND * sizeof *s->dn);
    s->codes = malloc((size_t)QA * QA * sizeof *s->codes);
    s->table = malloc(CAO_QA_CODES);
    for (int i = 0; i < QA * QA; i++)
        s->codes[i] = code_at(i % QA, i / QA, specks);
    for (int i = 0; i < BAND * BAND; i++)
        s->dn[i] = dn_at(i % BAND, i / BAND, s->codes[i / BAND / 2 * QA + i % BAND / 2]);
    char *red = fx_path(s->folder, "red.tif"), *qa = fx_path(s->folder, "qa.tif");
    fx_write(red, "GTiff", fx_tiled, "EPSG:32647", tile_10, BAND, BAND, GDT_UInt16, s->dn);
    fx_write(qa, "GTiff", fx_tiled, "EPSG:32647", tile_20, QA, QA, GDT_UInt16, s->codes);
    s->scene.band[CAO_BAND_R] = fx_layer(red, tile_10, BAND, BAND);
    s->scene.band[CAO_BAND_R].gain = 1;
    s->scene.band[CAO_BAND_R].offset = 0;
    s->scene.qa[0].layer = fx_layer(qa, tile_20, QA, QA);
    cao_mask_table(rules, sizeof rules / sizeof rules[0], UINT32_MAX, s->table);
    s->meaning = malloc(CAO_QA_CODES * sizeof *s->meaning);
    cao_qa_meaning(s->table, NULL, s->meaning);
    s->removal = (struct cao_removal){ .table = { s->meaning }, .least_clear = 0.5 };
    free(red);
    free(qa);
}

static void sight_free(struct sight *s)
{
    fx_scene_free(&s->scene);
    free(s->dn);
    free(s->codes);
    free(s->table);
    free(s->meaning);
    free(s->folder);
}

struct look {
    struct cao_window window;
    uint8_t *reason, *removed;
    float *red;
};

static void look_make(struct look *l, const struct cao_window *w)
{
    size_t n = (size_t)w->cols * (size_t)w->rows;
    *l = (struct look){ *w, malloc(n), malloc(n), malloc(n * sizeof *l->red) };
}

static void look_free(struct look *l)
{
    free(l->reason);
    free(l->removed);
    free(l->red);
}

static void look_read(struct cao_reader *r, const struct cao_removal *m, struct look *l)
{
    struct cao_error err = { 0 };
    const enum cao_band red = CAO_BAND_R;
    bool pixels = false;
    assert_ok(cao_reader_masks_pixels(r, m, &red, 1, &pixels, &err));
    assert_true(pixels);
    assert_ok(cao_reader_reasons(r, m, &l->window, l->reason, l->removed, &err));
    assert_ok(cao_reader_clear_bands(r, m, &red, 1, &l->window, l->reason, &l->red, &err));
}

/* --- the slow loop --- */

/* Reasons of the quality layer's pixels, grown by looking at all pixels around. */
static uint8_t *slow_reasons(const struct sight *s, double radius)
{
    uint8_t *out = malloc((size_t)QA * QA);
    const int reach = (int)radius;
    for (int y = 0; y < QA; y++)
        for (int x = 0; x < QA; x++) {
            uint8_t r = s->table[s->codes[y * QA + x]];
            for (int pass = 0; r == CAO_CLEAR && pass < 2; pass++)
                for (int dy = -reach; dy <= reach; dy++)
                    for (int dx = -reach; dx <= reach; dx++) {
                        int px = x + dx, py = y + dy;
                        bool in = px >= 0 && py >= 0 && px < QA && py < QA;
                        uint8_t grown = pass == 0 ? CAO_CLOUD : CAO_SHADOW;
                        if (in && r == CAO_CLEAR && hypot(dx, dy) <= radius + 1e-9 &&
                            s->table[s->codes[py * QA + px]] == grown)
                            r = grown;
                    }
            out[y * QA + x] = r;
        }
    return out;
}

/* A cell by squares of one metre; its edges lie on whole metres. */
static void slow_cell(const struct sight *s, const uint8_t *masks, double left, double top, int res,
                      double least, uint8_t *reason, uint8_t *removed, double *mean)
{
    double count[CAO_N_REASONS] = { 0 }, sum = 0;
    for (int dy = 0; dy < res; dy++)
        for (int dx = 0; dx < res; dx++) {
            double x = left + dx + 0.5 - tile_10[0], y = tile_10[3] - (top - dy - 0.5);
            int px = (int)floor(x / 10), py = (int)floor(y / 10);
            bool in = px >= 0 && py >= 0 && px < BAND && py < BAND;
            uint8_t r = in ? masks[py / 2 * QA + px / 2] : CAO_OUTSIDE;
            count[r]++;
            sum += r == CAO_CLEAR ? s->dn[py * BAND + px] : 0;
        }
    *removed = CAO_CLEAR;
    for (uint8_t r = CAO_N_REASONS; r-- > 1;)
        if (count[r] > 0 && (*removed == CAO_CLEAR || count[r] >= count[*removed]))
            *removed = r;
    *reason = count[CAO_CLEAR] >= least * res * res ? CAO_CLEAR : *removed;
    *mean = sum / count[CAO_CLEAR];
}

static void cells_are_the_mean_of_their_clear_pixels(void **state)
{
    (void)state;
    static const struct {
        int res, shift;
        double dilation, least;
    } cases[] = { { 100, 0, 0, 0.5 },  { 100, 7, 0, 0.5 },    { 30, 0, 0, 0.5 }, { 250, 3, 0, 0.5 },
                  { 100, 0, 45, 0.5 }, { 250, 13, 200, 0.3 }, { 60, 5, 0, 1 } };
    struct sight s;
    sight_make(&s, "clear pixels", true);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct cao_error err = { 0 };
        struct cao_reader *r = NULL;
        struct look look;
        int res = cases[k].res, n = 6000 / res + 2;
        struct cao_grid g = fx_grid("EPSG:32647", 600000 - res + cases[k].shift,
                                    4000000 + res + cases[k].shift, res, n, n);
        uint8_t *masks = slow_reasons(&s, cases[k].dilation / 20);
        size_t used = 0, partly = 0, out = 0;
        s.removal.dilation_m = cases[k].dilation;
        s.removal.least_clear = cases[k].least;
        look_make(&look, &(struct cao_window){ 0, 0, n, n });
        assert_ok(cao_reader_open(&s.scene, &g, &r, &err));
        look_read(r, &s.removal, &look);
        for (int i = 0; i < n * n; i++) {
            uint8_t reason, removed;
            double mean;
            slow_cell(&s, masks, g.x0 + i % n * res, g.y0 - i / n * res, res, cases[k].least,
                      &reason, &removed, &mean);
            if (look.reason[i] != reason || look.removed[i] != removed)
                fail_msg("case %zu, cell %d, %d: reason %d, %d by the slow loop; removed %d, %d", k,
                         i % n, i / n, look.reason[i], reason, look.removed[i], removed);
            used += reason == CAO_CLEAR;
            out += reason != CAO_CLEAR;
            partly += reason == CAO_CLEAR && removed != CAO_CLEAR;
            if (reason == CAO_CLEAR && !(fabs((double)look.red[i] - mean) < 1e-3))
                fail_msg("case %zu, cell %d, %d: %g, %g by the slow loop", k, i % n, i / n,
                         (double)look.red[i], mean);
        }
        assert_true(used > 50 && out > 50 && (partly > 20 || cases[k].least == 1));
        cao_reader_close(r);
        look_free(&look);
        free(masks);
        cao_grid_release(&g);
    }
    sight_free(&s);
}

static void any_cut_gives_the_same_bits(void **state)
{
    (void)state;
    static const struct {
        const char *crs;
        double res, shift, dilation;
        int overviews;
    } cases[] = { { "EPSG:32648", 100, 3, 0, 0 },
                  { "EPSG:32648", 47, 1.7, 130, 0 },
                  { "EPSG:32647", 30, 0, 0, 0 },
                  { "EPSG:32648", 330, 11, 60, 1 } };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct cao_error err = { 0 };
        struct cao_reader *r = NULL;
        struct look whole;
        struct sight s;
        int n = (int)(6600 / cases[k].res);
        sight_make(&s, "clear cuts", k % 2 == 0);
        if (cases[k].overviews)
            test_shell("gdaladdo -q -r average '%s' 2 4 8", s.scene.band[CAO_BAND_R].path);
        struct cao_grid g = fx_grid_around(cases[k].crs, "EPSG:32647", 603000, 3997000,
                                           cases[k].res, cases[k].shift, n);
        s.removal.dilation_m = cases[k].dilation;
        look_make(&whole, &(struct cao_window){ 0, 0, n, n });
        assert_ok(cao_reader_open(&s.scene, &g, &r, &err));
        look_read(r, &s.removal, &whole);
        for (uint32_t i = 0; i < 40; i++) {
            struct cao_window w;
            struct look part;
            w.col = (int32_t)(fx_noise(i, 11) % (uint32_t)n);
            w.row = (int32_t)(fx_noise(i, 12) % (uint32_t)n);
            w.cols = 1 + (int32_t)(fx_noise(i, 13) % (uint32_t)(n - w.col));
            w.rows = 1 + (int32_t)(fx_noise(i, 14) % (uint32_t)(n - w.row));
            look_make(&part, &w);
            look_read(r, &s.removal, &part);
            for (int32_t c = 0; c < w.cols * w.rows; c++) {
                int32_t at = (w.row + c / w.cols) * n + w.col + c % w.cols;
                assert_int_equal(part.reason[c], whole.reason[at]);
                assert_int_equal(part.removed[c], whole.removed[at]);
                /* of cells that nobody wants what is read is by the way */
                assert_true(part.reason[c] != CAO_CLEAR || fx_same(part.red[c], whole.red[at]));
            }
            look_free(&part);
        }
        cao_reader_close(r);
        look_free(&whole);
        cao_grid_release(&g);
        sight_free(&s);
    }
}

/* Cells of 320 m are read from pixels of 80 m, which hold cloud (9000), shadow (300) and snow (7000) that
 * lie in or beside them, whatever made them. Cells with anything of it come from the image, the others within
 * what one of 16 pixels (nearest) differs from their mean. */
static void no_cloud_passes_through_an_overview(void **state)
{
    (void)state;
    static const char *const how[] = { "average", "nearest", "bilinear", "cubic", "lanczos", "" };
    static const char *const lossless[] = { "QUALITY=100", "REVERSIBLE=YES", "RESOLUTIONS=5",
                                            NULL };
    for (size_t k = 0; k < sizeof how / sizeof how[0]; k++) {
        struct sight s;
        struct look look;
        struct cao_error err = { 0 };
        struct cao_reader *r = NULL;
        const int n = 18;
        size_t used = 0, partly = 0, coarse = 0;
        sight_make(&s, "clear overviews", false);
        struct cao_layer *l = &s.scene.band[CAO_BAND_R];
        if (how[k][0]) {
            test_shell("gdaladdo -q -r %s '%s' 2 4 8", how[k], l->path);
        } else {
            free(l->path);
            l->path = fx_path(s.folder, "red.jp2");
            fx_write(l->path, "JP2OpenJPEG", lossless, "EPSG:32647", tile_10, BAND, BAND,
                     GDT_UInt16, s.dn);
        }
        struct cao_grid g = fx_grid("EPSG:32647", 600000, 4000000, 320, n, n);
        look_make(&look, &(struct cao_window){ 0, 0, n, n });
        assert_ok(cao_reader_open(&s.scene, &g, &r, &err));
        look_read(r, &s.removal, &look);
        uint8_t *masks = slow_reasons(&s, 0);
        for (int i = 0; i < n * n; i++) {
            uint8_t reason, removed;
            double mean;
            slow_cell(&s, masks, g.x0 + i % n * 320, g.y0 - i / n * 320, 320, 0.5, &reason,
                      &removed, &mean);
            assert_int_equal(look.reason[i], reason);
            used += reason == CAO_CLEAR;
            partly += reason == CAO_CLEAR && removed != CAO_CLEAR;
            double off = reason == CAO_CLEAR ? fabs((double)look.red[i] - mean) : 0;
            coarse += off > 1e-3; /* the image itself would give the mean */
            if (!(off < 5) || (removed != CAO_CLEAR && !(off < 1e-3)))
                fail_msg("%s: cell %d, %d: %g, %g of the image itself", how[k], i % n, i / n,
                         (double)look.red[i], mean);
        }
        assert_true(used > 250 && partly > 30 && coarse > 100);
        free(masks);
        cao_reader_close(r);
        look_free(&look);
        cao_grid_release(&g);
        sight_free(&s);
    }
}

/* Where each cell lies in one pixel of the quality layer its code is the mask; where no band is averaged there
 * is nothing to keep apart. */
static void masks_are_laid_on_pixels_where_it_matters(void **state)
{
    (void)state;
    static const struct {
        double res, shift;
        bool pixels;
    } cases[] = { { 10, 0, false }, { 20, 0, false }, { 20, 7, true }, { 30, 0, true },
                  { 10, 3, false }, { 5, 0, false },  { 40, 0, true } };
    struct sight s;
    sight_make(&s, "clear where", true);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct cao_error err = { 0 };
        struct cao_reader *r = NULL;
        const enum cao_band red = CAO_BAND_R;
        const struct cao_removal none = { .least_clear = 0.5 };
        bool pixels = !cases[k].pixels;
        struct cao_grid g =
            fx_grid("EPSG:32647", 600000 + cases[k].shift, 4000000, cases[k].res, 50, 50);
        assert_ok(cao_reader_open(&s.scene, &g, &r, &err));
        assert_ok(cao_reader_masks_pixels(r, &s.removal, &red, 1, &pixels, &err));
        assert_int_equal(pixels, cases[k].pixels);
        assert_ok(cao_reader_masks_pixels(r, &none, &red, 1, &pixels, &err));
        assert_false(pixels);
        cao_reader_close(r);
        cao_grid_release(&g);
    }
    sight_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_the_mean_of_their_clear_pixels),
        cmocka_unit_test(any_cut_gives_the_same_bits),
        cmocka_unit_test(no_cloud_passes_through_an_overview),
        cmocka_unit_test(masks_are_laid_on_pixels_where_it_matters),
    };
    return cmocka_run_group_tests_name("removal", tests, fx_setup, fx_teardown);
}
