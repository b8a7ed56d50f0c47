/* SPDX-License-Identifier: MIT
 * Sensors that a project declares, on real files of CBERS-4 AWFI and of sen2r. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/catalog.h"
#include "caochu/file.h"
#include "caochu/index.h"
#include "caochu/reader.h"
#include "caochu/yaml.h"
#include "config/project_sensors.h"
#include "sensor/pattern.h"

struct declared {
    struct cao_declared *list;
    size_t n;
};

static enum cao_status declare(const char *yaml, struct declared *d, struct cao_error *err)
{
    struct cao_yaml *root = NULL;
    enum cao_status st = cao_yaml_parse(yaml, strlen(yaml), "p.yaml", &root, err);
    *d = (struct declared){ 0 };
    if (!st)
        st = cao_sensors_read("p.yaml", &root->items[0], &d->list, &d->n, err);
    cao_yaml_destroy(root);
    return st;
}

static void scan(const struct declared *d, const char *path, struct cao_catalog *c)
{
    struct cao_error err = { 0 };
    struct cao_findings f = { 0 };
    *c = (struct cao_catalog){ 0 };
    struct cao_scan how = { .declared = d->list,
                            .n_declared = d->n,
                            .raw.calibration = "src/calibration/gaofen.yaml" };
    assert_ok(cao_catalog_scan_with(&how, &path, 1, c, &f, NULL, &err));
    cao_findings_release(&f);
}

static float *read_all(const struct cao_scene *s, enum cao_band b, struct cao_grid *g)
{
    struct cao_error err = { 0 };
    struct cao_reader *r = NULL;
    const struct cao_layer *l = &s->band[b];
    /* bands are a little taller than wide: the grid's square cells meet them by places */
    assert_ok(cao_grid_init(g, s->crs, l->geotransform[0], l->geotransform[3], l->geotransform[1],
                            l->width, l->height, 256, &err));
    assert_ok(cao_reader_open(s, g, &r, &err));
    struct cao_window w = { 0, 0, l->width, l->height };
    float *v = malloc((size_t)l->width * (size_t)l->height * sizeof *v);
    assert_ok(cao_reader_band(r, b, &w, v, &err));
    cao_reader_close(r);
    return v;
}

static void a_file_per_band_with_a_mask(void **state)
{
    (void)state;
    NEED_DATA("cbers4_wfi");
    struct declared d;
    struct cao_catalog c;
    struct cao_grid g;
    struct cao_error err = { 0 };
    assert_ok(declare("sensors:\n"
                      "  - name: cbers4-awfi\n"
                      "    files: 'CBERS-4_AWFI_{band}_{date}.tif'\n"
                      "    date: YYYY-MM-DD\n"
                      "    bands: {B: B13, G: B14, R: B15, N: B16}\n"
                      "    scale: 0.0001\n"
                      "    qa: {band: CMASK, cloud: [4], outside: 255}\n",
                      &d, &err));
    scan(&d, test_data("cbers4_wfi"), &c);
    assert_int_equal(c.n, 24);
    assert_int_equal(c.n_refused, 0);
    const struct cao_scene *s = NULL;
    for (size_t i = 0; i < c.n; i++)
        if (strstr(c.scenes[i].id, "2017-11-17"))
            s = &c.scenes[i];
    assert_non_null(s);
    assert_string_equal(s->id, "CBERS-4_AWFI_2017-11-17");
    assert_string_equal(s->platform, "cbers4-awfi");
    assert_string_equal(cao_scene_sensor(s), "cbers4-awfi");
    assert_int_equal(s->time, 1510876800); /* 2017-11-17 */
    float *red = read_all(s, CAO_BAND_R, &g);
    /* numpy: DN 594 of B15 and 4176 of B16 at row 25, column 25 */
    assert_true(fabs((double)red[25 * 50 + 25] - 0.0594) < 2e-4);
    free(red);
    cao_grid_release(&g);
    uint16_t *qa = malloc(50 * 50 * sizeof *qa);
    struct cao_reader *r;
    struct cao_window w = { 0, 0, 50, 50 };
    const struct cao_layer *l = &s->qa[0].layer;
    assert_ok(cao_grid_init(&g, s->crs, l->geotransform[0], l->geotransform[3], l->geotransform[1],
                            50, 50, 256, &err));
    assert_ok(cao_reader_open(s, &g, &r, &err));
    assert_ok(cao_reader_qa(r, 0, &w, qa, &err));
    static uint8_t table[CAO_QA_CODES];
    cao_mask_table(s->qa[0].rules, s->qa[0].n_rules, 0xFFFFFFFFu, table);
    size_t cloud = 0;
    for (int i = 0; i < 50 * 50; i++)
        cloud += table[qa[i]] == CAO_CLOUD;
    assert_in_range(cloud, 440, 460); /* 452 by numpy, of cells that are not quite the pixels */
    assert_int_equal(table[s->qa[0].outside], CAO_OUTSIDE);
    cao_reader_close(r);
    cao_grid_release(&g);
    free(qa);
    cao_catalog_release(&c);
    cao_sensors_free(d.list, d.n);
}

/* Eleven bands in one file and the scene classes in another; sen2r published the NDVI. */
static void many_bands_in_one_file_and_the_mask_in_another(void **state)
{
    (void)state;
    NEED_DATA("s2_l2a_barbellino");
    struct declared d;
    struct cao_catalog c;
    struct cao_grid g;
    struct cao_error err = { 0 };
    assert_ok(
        declare("sensors:\n"
                "  - {name: sen2r, files: 'S2A2A_{date}_*_{band}_10.tif', bands: {R: 'BOA:4', "
                "N: 'BOA:8'}, scale: 0.0001, qa: {band: SCL, cloud: [8, 9], water: 6}}\n"
                "  - {name: theirs, files: 'S2A2A_{date}_022_Barbellino_{band}_10.tif', bands: "
                "{NDVI: NDVI}, scale: 0.0001}\n",
                &d, &err));
    scan(&d, test_data("s2_l2a_barbellino"), &c);
    assert_int_equal(c.n, 4);
    for (int date = 0; date < 2; date++) {
        const struct cao_scene *ours = &c.scenes[2 * date], *theirs = ours + 1;
        if (strcmp(ours->platform, "sen2r") != 0)
            theirs = ours++;
        assert_string_equal(ours->platform, "sen2r");
        assert_string_equal(theirs->platform, "theirs");
        assert_non_null(strstr(ours->qa[0].layer.path, "_SCL_10.tif"));
        assert_int_equal(ours->qa[0].layer.width, 12);
        float *red = read_all(ours, CAO_BAND_R, &g);
        cao_grid_release(&g);
        float *nir = read_all(ours, CAO_BAND_N, &g);
        cao_grid_release(&g);
        float *want = read_all(theirs, CAO_BAND_NDVI, &g), got[24 * 42];
        cao_grid_release(&g);
        const float *bands[CAO_N_BANDS] = { [CAO_BAND_R] = red, [CAO_BAND_N] = nir };
        const struct cao_index *ix = NULL;
        assert_ok(cao_index_find("NDVI", &ix, &err));
        cao_index_compute(ix, bands, got, 24 * 42);
        for (int i = 0; i < 24 * 42; i++)
            assert_true(fabs((double)got[i] - (double)want[i]) <= 0.501e-4);
        free(red);
        free(nir);
        free(want);
    }
    cao_catalog_release(&c);
    cao_sensors_free(d.list, d.n);
}

/* sen2r's mask 'clear_sky' takes out SCL 0, 1, 3 and 7 to 10: of its clip of 2019 188 pixels of 10 m, the mean of
 * the first band's others is 1392. On a grid of 10 m, with the codes of 20 m. */
static void a_published_mask_leaves_the_published_mean(void **state)
{
    (void)state;
    NEED_DATA("s2_l2a_barbellino");
    struct declared d;
    struct cao_catalog c;
    struct cao_grid g;
    struct cao_error err = { 0 };
    char *dir = test_folder("clear sky");
    test_shell("cp --no-preserve=mode '%s'/S2A1C_20190723_022_Barbellino_TOA_10.tif "
               "'%s/x_20190723_TOA.tif'",
               test_data("s2_l2a_barbellino"), dir);
    test_shell("cp --no-preserve=mode '%s'/S2A2A_20190723_022_Barbellino_SCL_10.tif "
               "'%s/x_20190723_SCL.tif'",
               test_data("s2_l2a_barbellino"), dir);
    assert_ok(declare(
        "sensors: [{name: a, files: 'x_{date}_{band}.tif', bands: {A: 'TOA:1', R: 'TOA:4', N: "
        "'TOA:8'}, scale: 0.0001, qa: {band: SCL, cloud: [7, 8, 9], shadow: 3, "
        "cirrus: 10, saturated: 1, outside: 0}}]",
        &d, &err));
    scan(&d, dir, &c);
    assert_int_equal(c.n, 1);
    const struct cao_scene *s = &c.scenes[0];
    float *first = read_all(s, CAO_BAND_A, &g);
    struct cao_reader *r = NULL;
    struct cao_window w = { 0, 0, 24, 42 };
    uint16_t qa[24 * 42];
    uint8_t reason[24 * 42] = { CAO_CLEAR };
    static uint8_t table[CAO_QA_CODES];
    assert_ok(cao_reader_open(s, &g, &r, &err));
    assert_ok(cao_reader_qa(r, 0, &w, qa, &err));
    cao_reader_close(r);
    cao_mask_table(s->qa[0].rules, s->qa[0].n_rules, 0xFFFFFFFFu, table);
    static uint16_t meaning[CAO_QA_CODES];
    cao_qa_meaning(table, NULL, meaning);
    cao_qa_translate(meaning, qa, 24 * 42);
    size_t clear = cao_mask_join(qa, reason, 24 * 42);
    assert_int_equal(24 * 42 - clear, 188);
    double sum = 0;
    for (int i = 0; i < 24 * 42; i++)
        sum += reason[i] == CAO_CLEAR ? (double)first[i] * 1e4 : 0;
    assert_true(lrint(sum / (double)clear) == 1392);
    free(first);
    cao_grid_release(&g);
    cao_catalog_release(&c);
    cao_sensors_free(d.list, d.n);
    free(dir);
}

static void patterns_find_date_band_and_place(void **state)
{
    (void)state;
    struct declared d;
    struct cao_error err = { 0 };
    struct cao_pattern_parts p;
    assert_ok(declare("sensors:\n"
                      "  - {name: a, files: 'GF1_*_{date}_{tile}_B{band}.tif', date: "
                      "YYYYJJJThhmm, utc_offset: 8, bands: {R: 3, N: 4, B: 10}, scale: 1}\n",
                      &d, &err));
    /* 13:03 in Beijing on day 144 of 2020, 23 May, is 05:03 UTC */
    assert_true(cao_pattern_fits(d.list, "GF1_WFV3_x_2020144T1303_47SMU_B4.tif", &p));
    assert_int_equal(p.time, 1590210180);
    assert_string_equal(p.place, "47SMU");
    assert_string_equal(p.word, "4");
    assert_string_equal(p.key, "GF1_WFV3_x_2020144T1303_47SMU_B{band}.tif");
    assert_true(cao_pattern_fits(d.list, "GF1__2020144T1303_a_B10.tif", &p));
    assert_string_equal(p.word, "10");
    assert_false(
        cao_pattern_fits(d.list, "GF1_WFV3_2020144T1303_47SMU_B5.tif", &p)); /* no such band */
    assert_false(
        cao_pattern_fits(d.list, "GF1_WFV3_2020366T2403_47SMU_B4.tif", &p)); /* no such hour */
    assert_false(
        cao_pattern_fits(d.list, "GF1_WFV3_2021366T1303_47SMU_B4.tif", &p)); /* no such day */
    assert_false(cao_pattern_fits(d.list, "GF1_WFV3_2020144T1303_47SMU_B4.tif.xml", &p));
    cao_sensors_free(d.list, d.n);
}

static void what_is_declared_wrongly_is_said_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *words;
    } cases[] = {
        { "sensors: [{name: a, files: 'x_{date}.tif', bands: {R: 1, N: 2}}]", "scale: is missing" },
        { "sensors: [{name: a, files: 'x.tif', bands: {R: 1, N: 2}, scale: 1}]", "{date} once" },
        { "sensors: [{name: a, files: 'x_{date}.tif', bands: {R: 1}, scale: 1}]", "R and N" },
        { "sensors: [{name: a, files: 'x_{date}.tif', bands: {R: B3, N: B4}, scale: 1}]",
          "no {band}" },
        { "sensors: [{name: a, files: 'x_{date}.tif', bands: {R: 1, X: 2}, scale: 1}]",
          "'X' is no band" },
        { "sensors: [{name: a, files: 'x_{date}.tif', bands: {R: 1, N: 2}, scale: 1, sclae: 2}]",
          "did you mean scale?" },
        { "sensors: [{name: a, files: 'x_{date}.tif', bands: {R: 1, N: 2}, scale: 1, qa: {band: 3, "
          "clouds: 1}}]",
          "'clouds' is not known" },
        { "sensors: [{name: a, files: 'x_{date}.tif', bands: {R: 1, N: 2}, scale: 1, qa: {band: 3, "
          "cloud: 'bit 16'}}]",
          "is no rule" },
        { "sensors: [{name: a, files: 'x_{date}.tif', bands: {R: 1, N: 2}, scale: 1, qa: {cloud: "
          "1}}]",
          "band is missing" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct declared d;
        struct cao_error err = { 0 };
        assert_int_equal(declare(cases[i].yaml, &d, &err), CAO_EARG);
        if (!strstr(err.text, cases[i].words) || strncmp(err.text, "p.yaml:1: ", 10) != 0)
            fail_msg("'%s' lacks '%s'", err.text, cases[i].words);
    }
    struct cao_qa_rule r;
    struct cao_error err = { 0 };
    assert_ok(cao_declared_rule("bits 8-9 = 2", CAO_CLOUD, &r, &err));
    assert_int_equal(r.bits, 0x300);
    assert_int_equal(r.equals, 0x200);
    assert_ok(cao_declared_rule("bit 3", CAO_CLOUD, &r, &err));
    assert_int_equal(r.bits, 8);
    assert_int_equal(r.equals, 8);
    assert_ok(cao_declared_rule("255", CAO_CLOUD, &r, &err));
    assert_int_equal(r.bits, 0xFFFF);
    assert_int_equal(cao_declared_rule("bits 8-9 = 4", CAO_CLOUD, &r, &err), CAO_EARG);
    assert_int_equal(cao_declared_rule("0x10", CAO_CLOUD, &r, &err), CAO_EARG);
}

/* Reflectance as floats, as many programs export it; no quality layer: brightness stands in. */
static void floats_are_read_and_bright_pixels_count_as_cloud(void **state)
{
    (void)state;
    NEED_DATA("s2_l2a_barbellino");
    struct declared d;
    struct cao_catalog c;
    struct cao_grid g;
    struct cao_error err = { 0 };
    char *dir = test_folder("floats");
    test_shell("gdal_translate -q -ot Float32 -b 2 -b 4 -b 8 -scale 0 10000 0 1 -a_nodata nan "
               "'%s/S2A2A_20190723_022_Barbellino_BOA_10.tif' '%s/x_20190723.tif'",
               test_data("s2_l2a_barbellino"), dir);
    assert_ok(
        declare("sensors: [{name: a, files: 'x_{date}.tif', bands: {B: 1, R: 2, N: 3}, scale: "
                "1, cloud_above: {B: 0.06}}]",
                &d, &err));
    scan(&d, dir, &c);
    assert_int_equal(c.n, 1);
    assert_true(c.scenes[0].bright_band == CAO_BAND_B && c.scenes[0].bright_above == 0.06);
    float *nir = read_all(&c.scenes[0], CAO_BAND_N, &g);
    cao_grid_release(&g);
    float *blue = read_all(&c.scenes[0], CAO_BAND_B, &g);
    cao_grid_release(&g);
    double sum = 0;
    for (int i = 0; i < 24 * 42; i++)
        sum += (double)nir[i];
    assert_true(fabs(sum / (24 * 42) - 0.240246726 /* numpy */) < 1e-6);
    uint8_t reason[24 * 42] = { 0 };
    reason[0] = CAO_SNOW;
    size_t clear = cao_mask_bright(blue, 0.06f, reason, 24 * 42);
    assert_int_equal(24 * 42 - clear, 726 /* numpy, with the one of snow */);
    assert_int_equal(reason[0], CAO_SNOW);
    free(nir);
    free(blue);
    cao_catalog_release(&c);
    cao_sensors_free(d.list, d.n);
    free(dir);
}

/* The real XML of GF-1 WFV3 of 2020-05-23; factors by Python from gain, ESUN, zenith 13.7242 and day 144.
 * The image is stood in for: the sample's is empty. */
static void gaofen_numbers_become_reflectance_by_year_and_sun(void **state)
{
    (void)state;
    NEED_DATA("gf1_wfv3_metadata");
    static const char id[] = "GF1_WFV3_E89.0_N23.9_20200523_L1A0004819525";
    static const char yaml[] =
        "sensors: [{name: gf1, files: 'GF1_WFV3_*_{date}_*_ortho.tif', bands: {%s}, scale: gaofen, "
        "nodata: 0, cloud_above: {B: 0.3}%s}]";
    char *dir = test_folder("gaofen"), text[512];
    struct cao_error err = { 0 };
    struct declared d;
    struct cao_catalog c;
    test_shell(
        "cp --no-preserve=mode '%s/%s.xml' '%s/'; cd '%s' && gdal_create -q -of GTiff -ot "
        "UInt16 -bands 4 -burn 300 -burn 310 -burn 320 -burn 900 -outsize 16 16 -a_srs EPSG:32646 "
        "-a_ullr 400000 2600000 400256 2599744 %s_ortho.tif",
        test_data("gf1_wfv3_metadata"), id, dir, dir, id);
    snprintf(text, sizeof text, yaml, "B: 1, G: 2, R: 3, N: 4", "");
    assert_ok(declare(text, &d, &err));
    scan(&d, dir, &c);
    assert_int_equal(c.n, 1);
    const struct cao_scene *s = &c.scenes[0];
    assert_string_equal(s->platform, "GF1 WFV3");
    assert_string_equal(s->level, "TOA");
    assert_int_equal(s->time, 1590210188); /* 13:03:08 in Beijing is 05:03:08 UTC */
    assert_true(s->cloud_pct == 38);
    assert_true(fabs(s->band[CAO_BAND_B].gain - 0.0003567837891) < 1e-12);
    assert_true(fabs(s->band[CAO_BAND_R].gain - 0.00028944686685) < 1e-12);
    assert_true(fabs(s->band[CAO_BAND_N].gain - 0.00036295320359) < 1e-12);
    struct cao_grid g;
    float *nir = read_all(s, CAO_BAND_N, &g);
    assert_true(fabs((double)nir[5] - 900 * 0.00036295320359) < 1e-6);
    free(nir);
    cao_grid_release(&g);
    cao_catalog_release(&c);
    cao_sensors_free(d.list, d.n);
    static const struct {
        const char *bands, *more, *year, *words;
    } wrong[] = {
        { "B: 3, G: 2, R: 1, N: 4", "", "2020", "band B of GF1 WFV3 is not number 3" },
        { "B: 1, G: 2, R: 3, N: 4", "", "2012", "no gains of GF1 WFV3 of 2012" },
        { "B: 1, G: 2, R: 3, N: 4", ", gains: {B: 0.2, G: 0.2, R: 0.2, N: 0.2}", "2012", NULL },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        test_shell("cd '%s' && sed -i -E 's/>[0-9]{4}-05-23 13/>%s-05-23 13/' *.xml", dir,
                   wrong[i].year);
        snprintf(text, sizeof text, yaml, wrong[i].bands, wrong[i].more);
        assert_ok(declare(text, &d, &err));
        scan(&d, dir, &c);
        assert_int_equal(c.n, wrong[i].words ? 0 : 1);
        if (wrong[i].words && !strstr(c.refused[0].reason, wrong[i].words))
            fail_msg("%s", c.refused[0].reason);
        cao_catalog_release(&c);
        cao_sensors_free(d.list, d.n);
    }
    test_shell("rm '%s'/*.xml && mv '%s/%s_ortho.tif' '%s/%s.tiff'", dir, dir, id, dir, id);
    scan(&(struct declared){ NULL, 0 }, dir, &c);
    assert_int_equal(c.n_refused, 1);
    assert_non_null(
        strstr(c.refused[0].reason, "its GF1_WFV3_E89.0_N23.9_20200523_L1A0004819525.xml "));
    cao_catalog_release(&c);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_per_band_with_a_mask),
        cmocka_unit_test(many_bands_in_one_file_and_the_mask_in_another),
        cmocka_unit_test(a_published_mask_leaves_the_published_mean),
        cmocka_unit_test(patterns_find_date_band_and_place),
        cmocka_unit_test(what_is_declared_wrongly_is_said_with_its_line),
        cmocka_unit_test(gaofen_numbers_become_reflectance_by_year_and_sun),
        cmocka_unit_test(floats_are_read_and_bright_pixels_count_as_cloud),
    };
    return cmocka_run_group_tests_name("declared", tests, test_gdal_set_up, test_gdal_tear_down) !=
           0;
}
