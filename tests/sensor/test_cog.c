/* SPDX-License-Identifier: MIT
 * Sentinel-2 as a public mirror keeps it, and the adjustment of bands to those of OLI. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/bandpass.h"
#include "caochu/catalog.h"
#include "caochu/file.h"
#include "caochu/reader.h"

static void scan(const char *path, struct cao_catalog *c)
{
    struct cao_error err = { 0 };
    struct cao_findings f = { 0 };
    *c = (struct cao_catalog){ 0 };
    assert_ok(cao_catalog_scan(&path, 1, c, &f, NULL, &err));
    cao_findings_release(&f);
}

static void close_to(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.9g is not %.9g", got, want);
}

/* DN 3341 of B04 and 3934 of B08 at row 500, column 600, and the counts of SCL, are numpy's. */
static void a_folder_of_a_mirror_is_a_scene(void **state)
{
    (void)state;
    NEED_DATA("s2_l2a_29RKH");
    struct cao_catalog c;
    struct cao_grid g;
    struct cao_error err = { 0 };
    struct cao_reader *r = NULL;
    scan(test_data("s2_l2a_29RKH"), &c);
    assert_int_equal(c.n, 1);
    const struct cao_scene *s = &c.scenes[0];
    assert_string_equal(s->platform, "Sentinel-2A");
    assert_string_equal(s->tile, "29RKH");
    assert_string_equal(s->baseline, "02.14");
    assert_int_equal(s->time, 1582111271); /* 2020-02-19T11:21:11Z, as the SAFE product has it */
    assert_int_equal(s->generated, 1582115987); /* 12:39:47Z */
    close_to(s->cloud_pct, 4.051854, 1e-9);
    const struct cao_layer *l = &s->band[CAO_BAND_R];
    assert_ok(cao_grid_init(&g, s->crs, l->geotransform[0], l->geotransform[3], 100, 1098, 1098,
                            256, &err));
    assert_ok(cao_reader_open(s, &g, &r, &err));
    struct cao_window w = { 600, 500, 1, 1 };
    float v;
    assert_ok(cao_reader_band(r, CAO_BAND_R, &w, &v, &err));
    close_to((double)v, 0.3341, 1e-7);
    assert_ok(cao_reader_band(r, CAO_BAND_N, &w, &v, &err));
    close_to((double)v, 0.3934, 1e-7);
    cao_reader_close(r);
    cao_grid_release(&g);
    static uint16_t qa[549 * 549];
    static uint8_t reason[549 * 549], table[CAO_QA_CODES];
    uint64_t counts[CAO_N_REASONS] = { 0 };
    struct cao_window all = { 0, 0, 549, 549 };
    l = &s->qa[0].layer;
    assert_ok(cao_grid_init(&g, s->crs, l->geotransform[0], l->geotransform[3], 200, 549, 549, 256,
                            &err));
    assert_ok(cao_reader_open(s, &g, &r, &err));
    assert_ok(cao_reader_qa(r, 0, &all, qa, &err));
    cao_mask_table(s->qa[0].rules, s->qa[0].n_rules, 0xFFFFFFFFu, table);
    static uint16_t meaning[CAO_QA_CODES];
    cao_qa_meaning(table, NULL, meaning);
    cao_qa_translate(meaning, qa, 549 * 549);
    cao_mask_join(qa, reason, 549 * 549);
    cao_mask_count(reason, 549 * 549, counts);
    assert_int_equal(counts[CAO_CLEAR], 289159 + 3);
    assert_int_equal(counts[CAO_CLOUD], 967 + 837);
    assert_int_equal(counts[CAO_CIRRUS], 10434);
    assert_int_equal(counts[CAO_DARK], 1);
    cao_reader_close(r);
    cao_grid_release(&g);
    cao_catalog_release(&c);
}

/* The same item with a baseline of the offset, and all that mirrors say of it. */
static void the_offset_is_what_the_item_says(void **state)
{
    (void)state;
    NEED_DATA("s2_l2a_29RKH");
    static const struct {
        const char *script;
        double offset; /* NaN: refused */
    } cases[] = {
        { "", 0 }, /* 02.14, and not applied: there was none */
        { "s/\"02.14\"/\"05.09\"/", -0.1 },
        { "s/\"02.14\"/\"05.09\"/; s/boa_offset_applied\": false/boa_offset_applied\": true/", 0 },
        { "s/\"02.14\"/\"05.09\"/; s/earthsearch:boa_offset_applied/x/", 0 }, /* of the red asset */
        { "s/\"02.14\"/\"05.09\"/; s/earthsearch:boa_offset_applied/x/; s/\"offset\": "
          "0/\"offset\": "
          "-0.1/",
          -0.1 },
        { "s/\"02.14\"/\"05.09\"/; s/earthsearch:boa_offset_applied/x/; s/raster:bands/y/",
          (double)NAN },
        { "s/s2:processing_baseline/z/", (double)NAN },
        { "20,$d", (double)NAN },
    };
    char data[CAO_PATH_MAX];
    snprintf(data, sizeof data, "%s", test_data("s2_l2a_29RKH"));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *dir = test_folder("mirror");
        struct cao_catalog c;
        test_shell(
            "cp --no-preserve=mode '%s'/B04.tif '%s'/B08.tif '%s'/SCL.tif '%s'/*.json '%s' && "
            "cd '%s' && /usr/bin/python3 -m json.tool S2*.json > t && mv t $(ls S2*.json) && "
            "sed -i -e '%s' S2*.json",
            data, data, data, data, dir, dir, cases[i].script);
        scan(dir, &c);
        assert_int_equal(c.n, isnan(cases[i].offset) ? 0 : 1);
        assert_int_equal(c.n_refused, isnan(cases[i].offset) ? 1 : 0);
        if (c.n) {
            close_to(c.scenes[0].band[CAO_BAND_R].offset, cases[i].offset, 1e-12);
            close_to(c.scenes[0].band[CAO_BAND_N].offset, cases[i].offset, 1e-12);
        }
        cao_catalog_release(&c);
        free(dir);
    }
}

/* By hand: 0.9765 * 0.1 + 0.0009 (HLS, red of Sentinel-2A); 0.9047 * 0.1 + 0.0061 (Roy, ETM+). */
static void bands_are_brought_to_those_of_oli(void **state)
{
    (void)state;
    NEED_DATA("s2_l2a_29RKH");
    NEED_DATA("landsat_c2l2_008059");
    struct cao_catalog c;
    scan(test_data("s2_l2a_29RKH"), &c);
    assert_int_equal(cao_bandpass_to_oli(&c), 1);
    const struct cao_layer *red = &c.scenes[0].band[CAO_BAND_R];
    close_to(1000 * red->gain + red->offset, 0.09855, 1e-12);
    const struct cao_layer *wide = &c.scenes[0].band[CAO_BAND_N];
    close_to(1000 * wide->gain + wide->offset, 0.1, 1e-12); /* no line is known */
    cao_catalog_release(&c);
    scan(test_data("landsat_c2l2_008059"), &c);
    assert_int_equal(cao_bandpass_to_oli(&c), 0); /* is OLI */
    free(c.scenes[0].platform);
    c.scenes[0].platform = strdup("Landsat 7");
    assert_int_equal(cao_bandpass_to_oli(&c), 1);
    red = &c.scenes[0].band[CAO_BAND_R];
    double dn = (0.1 + 0.2) / 2.75e-5;
    close_to(dn * red->gain + red->offset, 0.09657, 1e-12);
    assert_true(c.scenes[0].has_offset);
    cao_catalog_release(&c);
}

static void what_the_project_declares_is_not_taken_for_a_mirror(void **state)
{
    (void)state;
    NEED_DATA("s2_l2a_29RKH");
    struct cao_declared d = { .name = (char[]){ "own" },
                              .files = (char[]){ "{tile}_{date}_{band}.tif" },
                              .date = (char[]){ "YYYYMMDD" },
                              .scale = 1e-4,
                              .nodata = 0,
                              .saturated = (double)NAN,
                              .n_rules = 1,
                              .rules = { { 0xFFFF, 9, CAO_CLOUD } } };
    struct cao_catalog c = { 0 };
    struct cao_findings f = { 0 };
    struct cao_error err = { 0 };
    char data[CAO_PATH_MAX], *dir = test_folder("own bands");
    const char *path = dir;
    snprintf(data, sizeof data, "%s", test_data("s2_l2a_29RKH"));
    strcpy(d.band[CAO_BAND_R].word, "B04");
    strcpy(d.band[CAO_BAND_N].word, "B08");
    strcpy(d.qa.word, "SCL");
    assert_ok(cao_declared_check(&d, &err));
    test_shell(
        "for b in B04 B08 SCL; do cp --no-preserve=mode '%s'/$b.tif '%s'/T29RKH_20200219_$b.tif; "
        "done",
        data, dir);
    scan(dir, &c);
    assert_int_equal(c.n_refused, 1); /* without the declaration */
    cao_catalog_release(&c);
    assert_ok(cao_catalog_scan_with(&(struct cao_scan){ .declared = &d, .n_declared = 1 }, &path, 1,
                                    &c, &f, NULL, &err));
    assert_int_equal(c.n, 1);
    assert_string_equal(c.scenes[0].platform, "own");
    assert_string_equal(c.scenes[0].tile, "T29RKH");
    cao_catalog_release(&c);
    cao_findings_release(&f);
    free(dir);
}

/* A file of a mirror tells its own place: one of another tile, or a quality layer that was cut, must not
 * pass for the product's. */
static void a_layer_of_other_ground_is_refused_by_name(void **state)
{
    (void)state;
    NEED_DATA("s2_l2a_29RKH");
    static const char *const changes[][2] = {
        { "B04.tif", "-a_ullr $((x + 100020)) $y $((x + 209820)) $((y - 109800))" },
        { "SCL.tif", "-srcwin 0 0 340 340" },
    };
    for (size_t i = 0; i < 2; i++) {
        char *dir = test_folder("foreign layer");
        struct cao_catalog c;
        test_shell("cp '%s'/* '%s'/ && chmod -R u+w '%s' && cd '%s' && "
                   "set -- $(gdalinfo %s | sed -n 's/^Origin = "
                   "(\\([0-9]*\\)[^,]*,\\([0-9]*\\).*/\\1 \\2/p') && "
                   "x=$1 y=$2 && gdal_translate -q %s %s moved.tif && mv moved.tif %s",
                   test_data("s2_l2a_29RKH"), dir, dir, dir, changes[i][0], changes[i][1],
                   changes[i][0], changes[i][0]);
        scan(dir, &c);
        assert_int_equal(c.n, 0);
        assert_int_equal(c.n_refused, 1);
        assert_non_null(strstr(c.refused[0].reason, "covers other ground"));
        assert_non_null(strstr(c.refused[0].reason, changes[i][0]));
        cao_catalog_release(&c);
        free(dir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_of_a_mirror_is_a_scene),
        cmocka_unit_test(a_layer_of_other_ground_is_refused_by_name),
        cmocka_unit_test(what_the_project_declares_is_not_taken_for_a_mirror),
        cmocka_unit_test(the_offset_is_what_the_item_says),
        cmocka_unit_test(bands_are_brought_to_those_of_oli),
    };
    return cmocka_run_group_tests_name("cog", tests, test_gdal_set_up, test_gdal_tear_down) != 0;
}
