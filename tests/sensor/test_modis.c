/* SPDX-License-Identifier: MIT
 * MODIS and HLS files as NASA made them. The numbers expected were read from the files with gdalinfo
 * and numpy. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/catalog.h"
#include "caochu/file.h"
#include "caochu/index.h"
#include "caochu/reader.h"

static void scan(const char *path, struct cao_catalog *c)
{
    struct cao_error err = { 0 };
    struct cao_findings f = { 0 };
    *c = (struct cao_catalog){ 0 };
    assert_ok(cao_catalog_scan(&path, 1, c, &f, NULL, &err));
    cao_findings_release(&f);
}

static const struct cao_scene *scene_of(const struct cao_catalog *c, const char *level)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->scenes[i].level, level) == 0)
            return &c->scenes[i];
    fail_msg("no %s", level);
    return NULL;
}

/* A layer's own grid as the target: its numbers come straight. */
static struct cao_reader *open_straight(const struct cao_scene *s, const struct cao_layer *l,
                                        struct cao_grid *g)
{
    struct cao_error err = { 0 };
    struct cao_reader *r = NULL;
    assert_ok(cao_grid_init(g, s->crs, l->geotransform[0], l->geotransform[3], l->geotransform[1],
                            l->width, l->height, 256, &err));
    assert_ok(cao_reader_open(s, g, &r, &err));
    return r;
}

static float *read_all(struct cao_reader *r, const struct cao_grid *g, enum cao_band b)
{
    struct cao_error err = { 0 };
    struct cao_window w = { 0, 0, g->cols, g->rows };
    float *v = malloc((size_t)g->cols * (size_t)g->rows * sizeof *v);
    assert_ok(cao_reader_band(r, b, &w, v, &err));
    return v;
}

static void count_reasons(const struct cao_scene *s, struct cao_reader *r, const struct cao_grid *g,
                          uint32_t removes, uint64_t counts[CAO_N_REASONS])
{
    static uint8_t table[CAO_QA_CODES];
    struct cao_error err = { 0 };
    struct cao_window w = { 0, 0, g->cols, g->rows };
    size_t n = (size_t)g->cols * (size_t)g->rows;
    static uint16_t meaning[CAO_QA_CODES];
    uint16_t *qa = malloc(n * sizeof *qa);
    uint8_t *reason = calloc(n, 1);
    for (size_t k = 0; k < CAO_MOST_QA && s->qa[k].layer.path; k++) {
        assert_ok(cao_reader_qa(r, k, &w, qa, &err));
        cao_mask_table(s->qa[k].rules, s->qa[k].n_rules, removes, table);
        cao_qa_meaning(table, NULL, meaning);
        cao_qa_translate(meaning, qa, n);
        cao_mask_join(qa, reason, n);
    }
    memset(counts, 0, CAO_N_REASONS * sizeof *counts);
    cao_mask_count(reason, n, counts);
    free(qa);
    free(reason);
}

#define BIT(r) (1u << (r))

static void close_to(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.9g is not %.9g", got, want);
}

static void mod09_declares_a_factor_and_mod13_a_divisor_both_come_out_right(void **state)
{
    (void)state;
    NEED_DATA("modis_hdf4");
    struct cao_catalog c;
    struct cao_grid g;
    uint64_t counts[CAO_N_REASONS];
    scan(test_data("modis_hdf4"), &c);
    assert_int_equal(c.n, 2);
    assert_int_equal(c.n_refused, 2); /* MCD15A2 is no reflectance */
    const struct cao_scene *s = scene_of(&c, "MOD09A1");
    assert_string_equal(s->platform, "Terra");
    assert_string_equal(s->tile, "h18v04");
    assert_string_equal(s->baseline, "006");
    assert_int_equal(s->time, 1499817600);      /* 2017-07-12, day 193 */
    assert_int_equal(s->generated, 1500609182); /* 2017-07-21T03:53:02Z, day 202 */
    struct cao_reader *r = open_straight(s, &s->band[CAO_BAND_R], &g);
    float *red = read_all(r, &g, CAO_BAND_R), *nir = read_all(r, &g, CAO_BAND_N);
    assert_int_equal(g.cols, 66);
    close_to((double)red[10 * 66 + 20], 0.0143, 1e-7);
    close_to((double)nir[10 * 66 + 20], 0.2839, 1e-7);
    count_reasons(s, r, &g, BIT(CAO_CLOUD) | BIT(CAO_SHADOW) | BIT(CAO_CIRRUS) | BIT(CAO_SNOW),
                  counts);
    assert_int_equal(counts[CAO_CLEAR], 4359);
    assert_int_equal(counts[CAO_CLOUD], 173);
    assert_int_equal(counts[CAO_SHADOW], 286);
    cao_reader_close(r);
    cao_grid_release(&g);
    free(red);
    free(nir);
    /* its days are those of the period of eight, 193 to 200 by gdalinfo, as codes without a rule */
    assert_int_equal(s->day_layer, 2);
    assert_int_equal(s->day_span, 8);
    assert_non_null(strstr(s->qa[1].layer.path, "sur_refl_day_of_year"));
    uint16_t *codes = malloc(66 * 73 * sizeof *codes), least = 65535, most = 0;
    struct cao_window whole = { 0, 0, 66, 73 };
    struct cao_error err = { 0 };
    r = open_straight(s, &s->band[CAO_BAND_R], &g);
    assert_ok(cao_reader_qa(r, 1, &whole, codes, &err));
    for (int i = 0; i < 66 * 73; i++) {
        least = codes[i] < least ? codes[i] : least;
        most = codes[i] > most && codes[i] != 65535 ? codes[i] : most;
    }
    assert_true(least == 193 && most == 200);
    free(codes);
    cao_reader_close(r);
    cao_grid_release(&g);
    s = scene_of(&c, "MOD13A2"); /* NDVI and quality alone, as many have ordered it */
    assert_null(s->band[CAO_BAND_R].path);
    assert_int_equal(s->day_layer, 0);
    r = open_straight(s, &s->band[CAO_BAND_NDVI], &g);
    float *ndvi = read_all(r, &g, CAO_BAND_NDVI);
    close_to((double)ndvi[100 * 219 + 100], 0.6699, 1e-7);
    double sum = 0;
    for (size_t i = 0; i < 219 * 185; i++)
        sum += (double)ndvi[i];
    close_to(sum / (219 * 185), 0.7830280908, 1e-7);
    count_reasons(s, r, &g, BIT(CAO_CLOUD), counts);
    assert_true(counts[CAO_CLOUD] >=
                406); /* those of the reliability layer, and those of VI Quality */
    cao_reader_close(r);
    cao_grid_release(&g);
    free(ndvi);
    cao_catalog_release(&c);
}

static void compute(const char *name, const float *const bands[CAO_N_BANDS], float *out, size_t n)
{
    const struct cao_index *ix = NULL;
    struct cao_error err = { 0 };
    assert_ok(cao_index_find(name, &ix, &err));
    cao_index_compute(ix, bands, out, n);
}

/* Cells whose values differ from both others by more than one digital number. */
static size_t count_apart(const float *v, const float *a, const float *b, size_t n)
{
    size_t apart = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(v[i]))
            continue;
        bool as_a = fabs((double)v[i] - (double)a[i]) <= 1.01e-4;
        bool as_b = b && fabs((double)v[i] - (double)b[i]) <= 1.01e-4;
        apart += !as_a && !as_b;
    }
    return apart;
}

/* NASA's own NDVI and EVI are those of its own bands, within a digital number: it truncates. */
static void ready_made_indices_are_those_of_the_bands(void **state)
{
    (void)state;
    NEED_DATA("modis_myd13a1_h30v10");
    struct cao_catalog c;
    struct cao_grid g;
    scan(test_data("modis_myd13a1_h30v10"), &c);
    assert_int_equal(c.n, 1);
    const struct cao_scene *s = &c.scenes[0];
    assert_string_equal(s->level, "MYD13A1");
    assert_string_equal(s->platform, "Aqua");
    assert_string_equal(s->tile, "h30v10");
    assert_int_equal(s->time, 1590969600); /* 2020-06-01, day 153 */
    assert_non_null(strstr(s->qa[0].layer.path, "VIQ_B03"));
    assert_non_null(strstr(s->qa[1].layer.path, "PR_B12"));
    assert_non_null(strstr(s->qa[2].layer.path, "CDOY_B11"));
    assert_int_equal(s->day_layer, 3);
    assert_int_equal(s->day_span, 16);
    struct cao_reader *r = open_straight(s, &s->band[CAO_BAND_R], &g);
    static const enum cao_band of[] = { CAO_BAND_R, CAO_BAND_N2, CAO_BAND_B, CAO_BAND_NDVI,
                                        CAO_BAND_EVI };
    float *v[5];
    for (int i = 0; i < 5; i++)
        v[i] = read_all(r, &g, of[i]);
    size_t at = 240 * 480 + 240, n = 0;
    close_to((double)v[0][at], 0.1486, 1e-7);
    close_to((double)v[1][at], 0.2154, 1e-7);
    close_to((double)v[3][at], 0.1835, 1e-7);
    close_to((double)v[4][at], 0.1094, 1e-7);
    const float *bands[CAO_N_BANDS] = {
        [CAO_BAND_R] = v[0], [CAO_BAND_N] = v[1], [CAO_BAND_B] = v[2]
    };
    size_t cells = 480 * 480;
    float *out = malloc(cells * sizeof *out), *backup = malloc(cells * sizeof *backup);
    compute("NDVI", bands, out, cells);
    assert_int_equal(count_apart(v[3], out, NULL, cells), 0);
    /* MOD13 takes the EVI of two bands where blue is not to be trusted: 131 pixels here, by numpy */
    compute("EVI", bands, out, cells);
    compute("EVI2", bands, backup, cells);
    assert_int_equal(count_apart(v[4], out, NULL, cells), 131);
    assert_int_equal(count_apart(v[4], out, backup, cells), 0);
    for (size_t i = 0; i < cells; i++)
        n += v[3][i] == v[3][i];
    assert_int_equal(n, 146342);
    free(backup);
    for (int i = 0; i < 5; i++)
        free(v[i]);
    free(out);
    cao_reader_close(r);
    cao_grid_release(&g);
    cao_catalog_release(&c);
}

static void layers_of_other_names_are_found_and_a_foreign_scale_is_refused(void **state)
{
    (void)state;
    NEED_DATA("modis_myd13a1_h30v10");
    char *dir = test_folder("appeears");
    const char *data = test_data("modis_myd13a1_h30v10");
    struct cao_catalog c;
    test_shell("f='%s/MYD13A1.A2020153.h30v10.006.2020170024036'; cd '%s'; case $f in /*) ;; *) "
               "f=\"$OLDPWD/$f\";; esac; "
               "cp --no-preserve=mode \"${f}_NDVI_B01.TIF\" "
               "MYD13A1.061__500m_16_days_NDVI_doy2020153000000_aid0001.tif && cp "
               "--no-preserve=mode \"${f}_VIQ_B03.TIF\" "
               "MYD13A1.061__500m_16_days_VI_Quality_doy2020153000000_aid0001.tif; gdal_translate "
               "-q -a_scale 0.01 -co COMPRESS=DEFLATE \"${f}_NDVI_B01.TIF\" "
               "MYD13A1.061__500m_16_days_NDVI_doy2020169000000_aid0001.tif; cp "
               "--no-preserve=mode \"${f}_NDVI_B01.TIF\" "
               "MYD13A1.061__500m_16_days_NDVI_doy2020185000000_aid0001.tif; rm -f *.aux.xml",
               data, dir);
    scan(dir, &c);
    assert_int_equal(c.n, 1);
    assert_string_equal(c.scenes[0].id, "MYD13A1.061.doy2020153.aid0001");
    assert_string_equal(c.scenes[0].tile, "aid0001");
    assert_string_equal(c.scenes[0].baseline, "061");
    assert_int_equal(c.scenes[0].time, 1590969600);
    assert_int_equal(c.n_refused, 2);
    assert_non_null(strstr(c.refused[0].path, "doy2020169"));
    assert_non_null(strstr(c.refused[0].reason, "scale 0.01"));
    assert_non_null(strstr(c.refused[1].reason, "clouds cannot be told"));
    cao_catalog_release(&c);
    free(dir);
}

static void a_file_that_crashes_the_hdf_library_is_refused(void **state)
{
    (void)state;
    NEED_DATA("bad_inputs");
    char *dir = test_folder("hostile hdf");
    struct cao_catalog c;
    const char *data = test_data("bad_inputs");
    test_shell("cp --no-preserve=mode '%s/issue_14356.he4' "
               "'%s/MOD13Q1.A2024193.h25v05.061.2024210012345.hdf'",
               data, dir);
    test_shell("head -c 5000 /dev/urandom > '%s/MOD09A1.A2024193.h25v05.061.2024210012345.hdf'",
               dir);
    test_shell(": > '%s/MOD13A1.A2024193.h25v05.061.2024210012345.hdf'", dir);
    scan(dir, &c);
    assert_int_equal(c.n, 0);
    assert_int_equal(c.n_refused, 3);
    cao_catalog_release(&c);
    free(dir);
}

/* Counts of the real Fmask by numpy; the bands, which the sample lacks, are stood in for. */
static void hls_bits_and_band_numbers(void **state)
{
    (void)state;
    NEED_DATA("hls");
    char *dir = test_folder("hls");
    struct cao_catalog c;
    struct cao_grid g;
    uint64_t counts[CAO_N_REASONS];
    const char *data = test_data("hls");
    test_shell(
        "f='%s/HLS.L30.T06WVS.2024120T211159.v2.0'; cd '%s'; case $f in /*) ;; *) "
        "f=\"$OLDPWD/$f\";; esac; cp --no-preserve=mode \"$f.Fmask.tif\" . ; "
        "for b in B04 B05 B11; do gdal_translate -q -ot Int16 -a_nodata -9999 -a_scale 0.0001 "
        "-co COMPRESS=DEFLATE -co TILED=YES \"$f.Fmask.tif\" "
        "$(basename \"$f\").$b.tif; done",
        data, dir);
    scan(dir, &c);
    assert_int_equal(c.n, 1);
    const struct cao_scene *s = &c.scenes[0];
    assert_string_equal(s->id, "HLS.L30.T06WVS.2024120T211159.v2.0");
    assert_string_equal(s->platform, "Landsat 8");
    assert_string_equal(s->tile, "06WVS");
    assert_int_equal(s->time, 1714425119);      /* 2024-04-29T21:11:59Z */
    assert_int_equal(s->generated, 1714569886); /* 2024-05-01T13:24:46Z */
    close_to(s->cloud_pct, 6, 0);
    assert_non_null(strstr(s->band[CAO_BAND_N2].path, "B05"));
    assert_null(s->band[CAO_BAND_S1].path); /* B11 of L30 is thermal */
    struct cao_reader *r = open_straight(s, &s->band[CAO_BAND_R], &g);
    count_reasons(s, r, &g, 0xFFFFFFFFu, counts);
    static const uint64_t want[CAO_N_REASONS] = {
        [CAO_OUTSIDE] = 18160, [CAO_CLOUD] = 606087 + 412333, [CAO_SHADOW] = 209824,
        [CAO_SNOW] = 913090,   [CAO_WATER] = 121175,          [CAO_AEROSOL] = 666042,
        [CAO_CLEAR] = 10448889
    };
    for (int k = 0; k < CAO_N_REASONS; k++)
        if (counts[k] != want[k])
            fail_msg("%s: %llu, not %llu", cao_reason_name((enum cao_reason)k),
                     (unsigned long long)counts[k], (unsigned long long)want[k]);
    cao_reader_close(r);
    cao_grid_release(&g);
    cao_catalog_release(&c);
    free(dir);
}

/* HLS.S30.T48UXF of 2020-09-30, every pixel of it without data. */
static void hls_of_hdf4_has_the_bands_of_s30(void **state)
{
    (void)state;
    NEED_DATA("hls");
    struct cao_catalog c;
    struct cao_grid g;
    scan(test_data("hls"), &c);
    assert_int_equal(c.n, 1);
    const struct cao_scene *s = &c.scenes[0];
    assert_string_equal(s->platform, "Sentinel-2A");
    assert_string_equal(s->level, "HLS S30");
    assert_non_null(strstr(s->band[CAO_BAND_S1].path, ":B11"));
    assert_non_null(strstr(s->band[CAO_BAND_N2].path, ":B8A"));
    assert_int_equal(s->generated, 1602895295); /* 2020-10-17T00:41:35Z */
    struct cao_reader *r = open_straight(s, &s->band[CAO_BAND_R], &g);
    struct cao_error err = { 0 };
    struct cao_window w = { 1000, 1000, 64, 64 };
    float v[64 * 64];
    uint16_t qa[64 * 64];
    assert_ok(cao_reader_band(r, CAO_BAND_R, &w, v, &err));
    assert_ok(cao_reader_qa(r, 0, &w, qa, &err));
    for (int i = 0; i < 64 * 64; i++)
        assert_true(isnan(v[i]) && qa[i] == 255);
    cao_reader_close(r);
    cao_grid_release(&g);
    assert_int_equal(c.n_refused, 1);
    assert_non_null(strstr(c.refused[0].reason, "B04 is missing"));
    cao_catalog_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mod09_declares_a_factor_and_mod13_a_divisor_both_come_out_right),
        cmocka_unit_test(ready_made_indices_are_those_of_the_bands),
        cmocka_unit_test(layers_of_other_names_are_found_and_a_foreign_scale_is_refused),
        cmocka_unit_test(a_file_that_crashes_the_hdf_library_is_refused),
        cmocka_unit_test(hls_bits_and_band_numbers),
        cmocka_unit_test(hls_of_hdf4_has_the_bands_of_s30),
    };
    return cmocka_run_group_tests_name("modis", tests, test_gdal_set_up, test_gdal_tear_down) != 0;
}
