/* SPDX-License-Identifier: MIT
 * Real metadata of real products; where they come without pixels, empty stand-ins are put in place. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/catalog.h"
#include "caochu/file.h"

struct scan {
    struct cao_catalog c;
    struct cao_findings f;
};

static void scan(struct scan *s, const char *path)
{
    struct cao_error err = { 0 };
    *s = (struct scan){ 0 };
    assert_ok(cao_catalog_scan(&path, 1, &s->c, &s->f, NULL, &err));
}

static void release(struct scan *s)
{
    cao_catalog_release(&s->c);
    cao_findings_release(&s->f);
}

/* The product's metadata copied into a folder, and the beginning of a code stream at each image that it lists. */
static void stand_in(const char *product, const char *dir)
{
    test_shell("cp -r --no-preserve=mode '%s' '%s/'", product, dir);
    test_shell("cd '%s' && for m in */MTD_MSIL2A.xml; do sed -n "
               "'s/.*<IMAGE_FILE>\\(.*\\)<.IMAGE_FILE>.*/\\1/p' \"$m\" | "
               "while read -r f; do p=\"$(dirname \"$m\")/$f.jp2\"; mkdir -p \"$(dirname "
               "\"$p\")\"; [ -e \"$p\" ] || "
               "printf '\\377\\117\\377\\121' > \"$p\"; done; done",
               dir);
}

static const struct cao_scene *scene_named(const struct scan *s, const char *part)
{
    for (size_t i = 0; i < s->c.n; i++)
        if (strstr(s->c.scenes[i].id, part))
            return &s->c.scenes[i];
    fail_msg("no scene with %s", part);
    return NULL;
}

static const struct cao_refused *refused_named(const struct scan *s, const char *part)
{
    for (size_t i = 0; i < s->c.n_refused; i++)
        if (strstr(s->c.refused[i].path, part))
            return &s->c.refused[i];
    fail_msg("nothing refused with %s", part);
    return NULL;
}

static double reflectance(const struct cao_layer *l, double dn)
{
    return dn * l->gain + l->offset;
}

static void sentinel2_offset_comes_from_the_metadata(void **state)
{
    (void)state;
    NEED_DATA("s2_safe_metadata");
    char *dir = test_folder("s2");
    struct scan s;
    char product[CAO_PATH_MAX];
    static const char *const names[] = {
        "S2B_MSIL2A_20220413T150759_N0400_R025_T33XWJ_20220414T082126.SAFE",
        "esa_S2B_MSIL2A_20210122T133229_N0214_R081_T22HBD_20210122T155500.SAFE",
    };
    for (size_t i = 0; i < 2; i++) {
        snprintf(product, sizeof product, "%s/%s", test_data("s2_safe_metadata"), names[i]);
        stand_in(product, dir);
    }
    scan(&s, dir);
    assert_int_equal(s.c.n, 2);
    const struct cao_scene *with = scene_named(&s, "N0400"), *without = scene_named(&s, "N0214");
    assert_string_equal(with->tile, "33XWJ");
    assert_string_equal(with->platform, "Sentinel-2B");
    assert_string_equal(with->baseline, "04.00");
    assert_string_equal(with->crs_name, "EPSG:32633");
    assert_int_equal(with->time, 1649862479); /* 2022-04-13T15:07:59Z */
    assert_true(fabs(with->cloud_pct - 98.944211) < 1e-9);
    /* DN 1600 and offset -1000 are 0.06; without an offset they are 0.16 */
    assert_true(fabs(reflectance(&with->band[CAO_BAND_R], 1600) - 0.06) < 1e-12);
    assert_true(fabs(reflectance(&without->band[CAO_BAND_R], 1600) - 0.16) < 1e-12);
    const struct cao_layer *red = &with->band[CAO_BAND_R], *swir = &with->band[CAO_BAND_S1];
    assert_non_null(strstr(red->path, "_B04_10m.jp2"));
    assert_non_null(strstr(swir->path, "_B11_20m.jp2"));
    assert_non_null(strstr(with->qa[0].layer.path, "_SCL_20m.jp2"));
    assert_int_equal(red->width, 10980);
    assert_int_equal(swir->width, 5490);
    assert_true(red->geotransform[0] == 499980 && red->geotransform[3] == 8900040 &&
                red->geotransform[1] == 10);
    assert_int_equal(red->fill, 0);
    assert_int_equal(red->saturated, 65535);
    release(&s);
    free(dir);
}

static void of_two_processings_the_newer_counts_and_the_older_is_named(void **state)
{
    (void)state;
    NEED_DATA("s2_safe_metadata");
    char *dir = test_folder("twice");
    char product[CAO_PATH_MAX];
    struct scan s;
    for (int i = 7; i <= 8; i++) {
        snprintf(product, sizeof product,
                 "%s/S2A_MSIL2A_20230625T234621_N0509_R073_T01WCP_20230626T02215%d.SAFE",
                 test_data("s2_safe_metadata"), i);
        stand_in(product, dir);
    }
    scan(&s, dir);
    assert_int_equal(s.c.n, 1);
    assert_int_equal(s.c.n_refused, 1);
    assert_non_null(strstr(s.c.scenes[0].id, "T022158"));
    assert_string_equal(s.c.refused[0].code, "scene-superseded");
    assert_non_null(strstr(s.c.refused[0].path, "T022157"));
    assert_non_null(strstr(s.c.refused[0].reason, "T022158"));
    assert_int_equal(s.f.n_problems, 1);
    release(&s);
    free(dir);
}

static void unusable_levels_are_refused_with_what_is_needed(void **state)
{
    (void)state;
    NEED_DATA("s2_safe_metadata");
    NEED_DATA("landsat_odd_grids");
    struct scan s;
    scan(&s, test_data("s2_safe_metadata"));
    const struct cao_refused *r = refused_named(&s, "MSIL1C");
    assert_string_equal(r->code, "level-unusable");
    assert_non_null(strstr(r->reason, "Level-2A is needed"));
    release(&s);
    scan(&s, test_data("landsat_odd_grids"));
    assert_int_equal(s.c.n, 3);
    r = refused_named(&s, "LC08_L1TP_013032_20180131");
    assert_string_equal(r->code, "level-unusable");
    assert_non_null(strstr(r->reason, "L1TP"));
    assert_int_equal(s.c.n_refused, 19 + 1);
    r = refused_named(&s, "19UDP"); /* bands of a mirror that lost their item */
    assert_string_equal(r->code, "missing-metadata");
    assert_non_null(strstr(r->reason, "STAC item"));
    release(&s);
}

static void a_missing_or_empty_band_refuses_the_product_by_name(void **state)
{
    (void)state;
    NEED_DATA("s2_safe_metadata");
    NEED_DATA("bad_inputs");
    struct scan s;
    scan(&s, test_data("s2_safe_metadata"));
    const struct cao_refused *r = refused_named(&s, "T33XWJ");
    assert_string_equal(r->code, "missing-band");
    assert_non_null(strstr(r->reason, "_SCL_20m"));
    release(&s);
    scan(&s, test_data("bad_inputs"));
    assert_int_equal(s.c.n, 0);
    r = refused_named(&s, "zero_byte");
    assert_string_equal(r->code, "missing-band");
    assert_non_null(strstr(r->reason, "is empty"));
    release(&s);
}

/* Nothing of an image is decoded by a scan, but its first bytes tell the size. */
static void an_image_of_another_size_is_told_by_the_scan(void **state)
{
    (void)state;
    NEED_DATA("s2_safe_metadata");
    static const char *const bands[] = { "SCL_20m", "B04_10m", "B08_10m", "B8A_20m" };
    for (size_t i = 0; i < 4; i++) {
        char *dir = test_folder("other size"), product[CAO_PATH_MAX];
        struct scan s;
        snprintf(product, sizeof product,
                 "%s/S2B_MSIL2A_20220413T150759_N0400_R025_T33XWJ_20220414T082126.SAFE",
                 test_data("s2_safe_metadata"));
        stand_in(product, dir);
        test_shell(
            "cd '%s' && gdal_create -q -ot Byte -outsize 40 30 a.tif && gdal_translate -q -of "
            "JP2OpenJPEG a.tif $(find . -name '*_%s.jp2')",
            dir, bands[i]);
        scan(&s, dir);
        assert_int_equal(s.c.n, 0);
        assert_int_equal(s.c.n_refused, 1);
        assert_non_null(
            strstr(s.c.refused[0].reason, "40 x 30 pixels, but the scene's metadata say"));
        assert_non_null(strstr(s.c.refused[0].reason, bands[i]));
        release(&s);
        free(dir);
    }
}

static void landsat_scale_is_that_of_its_group(void **state)
{
    (void)state;
    NEED_DATA("landsat_c2l2_008059");
    struct scan s;
    scan(&s, test_data("landsat_c2l2_008059"));
    assert_int_equal(s.c.n, 1);
    const struct cao_scene *l = &s.c.scenes[0];
    assert_string_equal(l->id, "LC08_L2SP_008059_20191201_20200825_02_T1");
    assert_string_equal(l->platform, "Landsat 8");
    assert_string_equal(l->tile, "008059");
    assert_string_equal(l->crs_name, "EPSG:32618");
    assert_int_equal(l->time, 1575213231); /* 2019-12-01T15:13:51Z */
    assert_true(fabs(l->cloud_pct - 81.02) < 1e-9);
    /* 2.75e-5 and -0.2 of Level 2, not 2.0e-5 and -0.1 of Level 1 */
    const struct cao_layer *red = &l->band[CAO_BAND_R];
    assert_true(fabs(reflectance(red, 9455) - 0.0600125) < 1e-12);
    assert_true(fabs(reflectance(&l->band[CAO_BAND_N2], 9455) - 0.0600125) < 1e-12);
    assert_non_null(strstr(red->path, "_SR_B4.TIF"));
    assert_int_equal(red->width, 512); /* of the header: the copy is coarser than its MTL says */
    assert_int_equal(cao_scene_band(l, CAO_BAND_N), CAO_BAND_N2);
    release(&s);
}

/* Codes of the USGS and ESA documents: 21824 is clear, 22280 cloud; class 11 is snow. */
static void quality_codes_become_reasons(void **state)
{
    (void)state;
    NEED_DATA("landsat_c2l2_008059");
    NEED_DATA("s2_safe_metadata");
    static uint8_t table[CAO_QA_CODES];
    struct scan s;
    scan(&s, test_data("landsat_c2l2_008059"));
    cao_mask_table(s.c.scenes[0].qa[0].rules, s.c.scenes[0].qa[0].n_rules, 0xFFFFFFFFu, table);
    assert_int_equal(table[21824], CAO_CLEAR);
    assert_int_equal(table[22280], CAO_CLOUD);
    assert_int_equal(table[1], CAO_OUTSIDE);
    assert_int_equal(table[1u << 5], CAO_SNOW);
    assert_int_equal(table[1u << 4], CAO_SHADOW);
    assert_int_equal(table[s.c.scenes[0].qa[0].outside], CAO_OUTSIDE);
    release(&s);
    char *dir = test_folder("codes"), product[CAO_PATH_MAX];
    snprintf(product, sizeof product,
             "%s/S2B_MSIL2A_20220413T150759_N0400_R025_T33XWJ_20220414T082126.SAFE",
             test_data("s2_safe_metadata"));
    stand_in(product, dir);
    scan(&s, dir);
    static const uint8_t want[] = { CAO_OUTSIDE, CAO_SATURATED, CAO_DARK,   CAO_SHADOW,
                                    CAO_CLEAR,   CAO_CLEAR,     CAO_WATER,  CAO_CLEAR,
                                    CAO_CLOUD,   CAO_CLOUD,     CAO_CIRRUS, CAO_SNOW };
    assert_true(s.c.n > 0);
    cao_mask_table(s.c.scenes[0].qa[0].rules, s.c.scenes[0].qa[0].n_rules, 0xFFFFFFFFu, table);
    for (size_t i = 0; i < sizeof want; i++)
        assert_int_equal(table[i], want[i]);
    release(&s);
    free(dir);
}

static void hostile_metadata_ends_in_a_refusal(void **state)
{
    (void)state;
    NEED_DATA("s2_safe_metadata");
    static const char *const spoils[] = {
        "1i <!DOCTYPE x [<!ENTITY a \"b\">]>",                          /* entities */
        "s#<IMAGE_FILE>GRANULE/#<IMAGE_FILE>../../../../etc/GRANULE/#", /* out of the product */
        "s/<BOA_QUANTIFICATION_VALUE[^>]*>10000/<BOA_QUANTIFICATION_VALUE>nan/",
        "s/band_id=\"12\"/band_id=\"99\"/",
        "300,$d", /* torn */
    };
    for (size_t i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        char *dir = test_folder("hostile");
        char product[CAO_PATH_MAX];
        struct scan s;
        snprintf(product, sizeof product,
                 "%s/S2B_MSIL2A_20220413T150759_N0400_R025_T33XWJ_20220414T082126.SAFE",
                 test_data("s2_safe_metadata"));
        stand_in(product, dir);
        test_shell("sed -i '%s' '%s'/*/MTD_MSIL2A.xml", spoils[i], dir);
        scan(&s, dir);
        assert_int_equal(s.c.n, 0);
        assert_int_equal(s.c.n_refused, 1);
        release(&s);
        free(dir);
    }
}

static void an_empty_folder_is_a_problem_and_a_missing_one_an_error(void **state)
{
    (void)state;
    char *dir = test_folder("nothing");
    struct cao_error err = { 0 };
    struct cao_catalog c;
    struct scan s;
    scan(&s, dir);
    assert_int_equal(s.c.n, 0);
    assert_string_equal(s.f.items[0].code, "no-products");
    assert_int_equal(s.f.n_problems, 1);
    release(&s);
    test_shell("cd '%s' && ln -s . a && ln -s . b && mkdir c && ln -s .. c/d && ln -s ../c c/e",
               dir);
    scan(&s, dir); /* links that lead back end, however many there are */
    assert_int_equal(s.c.n, 0);
    release(&s);
    const char *missing = "no/such/folder";
    assert_int_equal(cao_catalog_scan(&missing, 1, &c, NULL, NULL, &err), CAO_EIO);
    assert_non_null(strstr(err.text, "no/such/folder"));
    free(dir);
}

/* A file stands for the product that it belongs to; every bad sample is named, and nothing crashes. */
static void a_file_is_taken_for_its_product_or_named(void **state)
{
    (void)state;
    NEED_DATA("bad_inputs");
    struct cao_error err = { 0 };
    struct cao_names names = { 0 };
    char path[CAO_PATH_MAX];
    assert_ok(cao_list_dir(test_data("bad_inputs"), &names, &err));
    for (size_t i = 0; i < names.n; i++) {
        struct cao_catalog c = { 0 };
        struct cao_findings f = { 0 };
        snprintf(path, sizeof path, "%s/%s", test_data("bad_inputs"), names.items[i]);
        const char *one = path;
        assert_ok(cao_catalog_scan(&one, 1, &c, &f, NULL, &err));
        assert_int_equal(c.n, 0);
        assert_int_equal(f.n_problems, 1);
        assert_non_null(strstr(f.items[0].file, names.items[i]));
        cao_catalog_release(&c);
        cao_findings_release(&f);
    }
    cao_names_release(&names);
    snprintf(path, sizeof path, "%s",
             test_data("landsat_c2l2_008059/LC08_L2SP_008059_20191201_20200825_02_T1_SR_B4.TIF"));
    struct cao_catalog c = { 0 };
    struct cao_findings f = { 0 };
    const char *one = path;
    assert_ok(cao_catalog_scan(&one, 1, &c, &f, NULL, &err));
    assert_int_equal(c.n, 1);
    assert_string_equal(c.scenes[0].id, "LC08_L2SP_008059_20191201_20200825_02_T1");
    assert_non_null(c.scenes[0].band[CAO_BAND_N2].path);
    cao_catalog_release(&c);
    cao_findings_release(&f);
}

/* The real item of a mirror in place of the MTL: the same bands, scale and quality rules. */
static void landsat_with_a_stac_item_instead_of_its_mtl(void **state)
{
    (void)state;
    NEED_DATA("landsat_c2l2_008059");
    struct cao_error err = { 0 };
    struct cao_catalog a = { 0 }, b = { 0 };
    struct cao_findings f = { 0 };
    char *dir = test_folder("landsat item");
    const char *with_mtl = test_data("landsat_c2l2_008059");
    assert_ok(cao_catalog_scan(&with_mtl, 1, &a, &f, NULL, &err));
    test_shell("cp --no-preserve=mode '%s'/*.TIF '%s'/*_stac.json '%s/'",
               test_data("landsat_c2l2_008059"), test_data("landsat_c2l2_008059"), dir);
    const char *with_item = dir;
    assert_ok(cao_catalog_scan(&with_item, 1, &b, &f, NULL, &err));
    assert_int_equal(a.n, 1);
    assert_int_equal(b.n, 1);
    const struct cao_scene *x = &a.scenes[0], *y = &b.scenes[0];
    assert_string_equal(x->id, y->id);
    assert_string_equal(x->platform, y->platform);
    assert_string_equal(x->level, y->level);
    assert_string_equal(x->tile, y->tile);
    assert_int_equal(x->time / 86400, y->time / 86400); /* this old item has the day alone */
    assert_true(fabs(y->cloud_pct - 81.02) < 1e-9);
    for (int k = 0; k < CAO_N_BANDS; k++) {
        assert_true((x->band[k].path == NULL) == (y->band[k].path == NULL));
        if (x->band[k].path)
            assert_true(x->band[k].gain == y->band[k].gain &&
                        x->band[k].offset == y->band[k].offset &&
                        x->band[k].fill == y->band[k].fill && x->band[k].width == y->band[k].width);
    }
    for (int q = 0; q < CAO_MOST_QA; q++)
        assert_true(x->qa[q].rules == y->qa[q].rules);
    cao_catalog_release(&b);
    test_shell("cd '%s' && sed -i 's/\"datetime\": *\"2019-12-01\"/\"datetime\": "
               "\"2019-12-02T10:00:00Z\"/' *.json",
               dir);
    assert_ok(cao_catalog_scan(&with_item, 1, &b, &f, NULL, &err));
    assert_int_equal(b.n, 0);
    assert_non_null(strstr(b.refused[0].reason, "belongs to another product"));
    cao_catalog_release(&a);
    cao_catalog_release(&b);
    cao_findings_release(&f);
    free(dir);
}

/* Drawn after the format's description: no real sample is at hand. */
static void a_maja_product_is_described_by_its_metadata(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_catalog c = { 0 };
    struct cao_findings f = { 0 };
    char *dir = test_folder("maja");
    test_shell(
        "cd '%s' && n=SENTINEL2B_20240718-040549-024_L2A_T47SMU_C_V3-1 && mkdir -p $n/MASKS "
        "&& cd $n && "
        "for b in B2 B3 B4 B8; do gdal_create -q -ot Int16 -outsize 8 8 -a_srs EPSG:32647 "
        "-a_ullr 500000 "
        "4000000 500080 3999920 ${n}_FRE_$b.tif; done && for b in B8A B11; do gdal_create "
        "-q -ot Int16 "
        "-outsize 4 4 -a_srs EPSG:32647 -a_ullr 500000 4000000 500080 3999920 "
        "${n}_FRE_$b.tif; done && for m "
        "in EDG CLM MG2 SAT; do gdal_create -q -ot Byte -outsize 8 8 -a_srs EPSG:32647 -a_ullr "
        "500000 4000000 "
        "500080 3999920 MASKS/${n}_${m}_R1.tif; done && printf "
        "'<Muscate_Metadata_Document><D><IDENTIFIER>'"
        "$n'</IDENTIFIER></D><G><GEOGRAPHICAL_ZONE>T47SMU</GEOGRAPHICAL_ZONE></"
        "G><P><ACQUISITION_DATE>2024-"
        "07-18T04:05:49.024Z</ACQUISITION_DATE></P></Muscate_Metadata_Document>' > "
        "${n}_MTD_ALL.xml",
        dir);
    const char *path = dir;
    assert_ok(cao_catalog_scan(&path, 1, &c, &f, NULL, &err));
    assert_int_equal(c.n, 1);
    const struct cao_scene *s = &c.scenes[0];
    assert_string_equal(cao_scene_sensor(s), "sentinel2-maja");
    assert_string_equal(s->platform, "Sentinel-2B");
    assert_string_equal(s->tile, "47SMU");
    assert_int_equal(s->time, 1721275549);
    assert_true(s->band[CAO_BAND_R].gain == 1e-4 && s->band[CAO_BAND_R].offset == 0 &&
                s->band[CAO_BAND_R].fill == -10000);
    assert_int_equal(s->band[CAO_BAND_N2].width, 4);
    static uint8_t table[CAO_QA_CODES];
    cao_mask_table(s->qa[1].rules, s->qa[1].n_rules, UINT32_MAX, table);
    assert_int_equal(table[0], CAO_CLEAR);
    assert_int_equal(table[1 | 2 | 4], CAO_CLOUD);
    assert_int_equal(table[1 | 32], CAO_SHADOW);
    assert_int_equal(table[16], CAO_CIRRUS);
    assert_int_equal(table[128], CAO_CIRRUS);
    assert_int_equal(table[64], CAO_SHADOW);
    assert_int_equal(s->qa[0].outside, 1);
    /* CESBIO's majamask: MG2 0 water, 2 snow, 4 shadow and 5 hidden by terrain, 6 and 7 sun low or tangent */
    cao_mask_table(s->qa[2].rules, s->qa[2].n_rules, UINT32_MAX, table);
    static const uint8_t ground[8] = { CAO_WATER, CAO_CLEAR, CAO_SNOW, CAO_CLEAR,
                                       CAO_DARK,  CAO_DARK,  CAO_DARK, CAO_DARK };
    for (int bit = 0; bit < 8; bit++)
        assert_int_equal(table[1 << bit], ground[bit]);
    /* eoreader: SAT_R1 has B2, B3, B4, B8 */
    cao_mask_table(s->qa[3].rules, s->qa[3].n_rules, UINT32_MAX, table);
    for (int bit = 0; bit < 8; bit++)
        assert_int_equal(table[1 << bit], bit < 4 ? CAO_SATURATED : CAO_CLEAR);
    cao_catalog_release(&c);
    test_shell("rm '%s'/*/MASKS/*_SAT_R1.tif", dir); /* old downloads may lack it */
    assert_ok(cao_catalog_scan(&path, 1, &c, &f, NULL, &err));
    assert_int_equal(c.n, 1);
    assert_null(c.scenes[0].qa[3].layer.path);
    cao_catalog_release(&c);
    test_shell("rm '%s'/*/MASKS/*_CLM_R1.tif", dir);
    assert_ok(cao_catalog_scan(&path, 1, &c, &f, NULL, &err));
    assert_int_equal(c.n, 0);
    assert_non_null(strstr(c.refused[0].reason, "CLM_R1 is missing"));
    cao_catalog_release(&c);
    cao_findings_release(&f);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_maja_product_is_described_by_its_metadata),
        cmocka_unit_test(landsat_with_a_stac_item_instead_of_its_mtl),
        cmocka_unit_test(a_file_is_taken_for_its_product_or_named),
        cmocka_unit_test(sentinel2_offset_comes_from_the_metadata),
        cmocka_unit_test(of_two_processings_the_newer_counts_and_the_older_is_named),
        cmocka_unit_test(unusable_levels_are_refused_with_what_is_needed),
        cmocka_unit_test(a_missing_or_empty_band_refuses_the_product_by_name),
        cmocka_unit_test(an_image_of_another_size_is_told_by_the_scan),
        cmocka_unit_test(landsat_scale_is_that_of_its_group),
        cmocka_unit_test(quality_codes_become_reasons),
        cmocka_unit_test(hostile_metadata_ends_in_a_refusal),
        cmocka_unit_test(an_empty_folder_is_a_problem_and_a_missing_one_an_error),
    };
    return cmocka_run_group_tests_name("catalog", tests, test_gdal_set_up, test_gdal_tear_down) !=
           0;
}
