/* SPDX-License-Identifier: MIT
 * Raw Gaofen products, described from the real XML and camera model of GF-1 WFV3 of 2020-05-23 (the image is
 * drawn: the sample's is empty), and the calibration file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/catalog.h"
#include "caochu/file.h"
#include "sensor/calibration.h"
#include "sensor/rpb.h"

static const char id[] = "GF1_WFV3_E89.0_N23.9_20200523_L1A0004819525";
static const char gains[] = "src/calibration/gaofen.yaml";

struct scanned {
    struct cao_catalog c;
    struct cao_findings f;
};

static struct scanned scan(const char *dir, const struct cao_raw_images *raw)
{
    struct cao_error err = { 0 };
    struct scanned s = { { 0 }, { 0 } };
    struct cao_scan how = { .raw = *raw };
    assert_ok(cao_catalog_scan_with(&how, &dir, 1, &s.c, &s.f, NULL, &err));
    return s;
}

static void release(struct scanned *s)
{
    cao_catalog_release(&s->c);
    cao_findings_release(&s->f);
}

static char *product(const char *name)
{
    char *dir = test_folder(name);
    test_shell("cp --no-preserve=mode '%s'/*.xml '%s'/*.rpb '%s/'", test_data("gf1_wfv3_metadata"),
               test_data("gf1_wfv3_metadata"), dir);
    test_shell(
        "cd '%s' && gdal_create -q -of GTiff -co SPARSE_OK=YES -co TILED=YES -ot UInt16 -bands "
        "4 -outsize 12000 13719 %s.tiff && gdal_create -q -of GTiff -ot Int16 -outsize 30 30 "
        "-a_srs EPSG:4326 -a_ullr 86 26 91.5 22 dem.tif",
        dir, id);
    return dir;
}

static void a_raw_product_is_described_by_its_xml_and_camera_model(void **state)
{
    (void)state;
    NEED_DATA("gf1_wfv3_metadata");
    char *dir = product("gf raw"), dem[CAO_PATH_MAX];
    snprintf(dem, sizeof dem, "%s/dem.tif", dir);
    struct scanned s =
        scan(dir, &(struct cao_raw_images){ .dem = dem, .dem_shift_m = -50, .calibration = gains });
    assert_int_equal(s.c.n, 1);
    const struct cao_scene *x = &s.c.scenes[0];
    assert_string_equal(x->id, id);
    assert_string_equal(x->platform, "GF1 WFV3");
    assert_string_equal(x->level, "L1A TOA");
    assert_string_equal(x->tile, "E89.0_N23.9");
    assert_int_equal(x->time, 1590210188); /* 13:03:08 in Beijing is 05:03:08 UTC */
    assert_true(x->cloud_pct == 38);
    assert_string_equal(x->dem, dem);
    assert_true(x->dem_shift_m == -50);
    assert_int_equal(x->band[CAO_BAND_N].file_band, 4);
    assert_int_equal(x->band[CAO_BAND_N].width, 12000);
    /* by Python from the gain of 2020, ESUN, zenith 13.7242 and day 144 */
    assert_true(fabs(x->band[CAO_BAND_B].gain - 0.0003567837891) < 1e-12);
    assert_true(fabs(x->band[CAO_BAND_N].gain - 0.00036295320359) < 1e-12);
    assert_true(x->band[CAO_BAND_N].fill == 0);
    assert_true(x->bright_band == CAO_BAND_B && x->bright_above == 0.25);
    assert_non_null(x->rpc);
    assert_true(x->rpc->line_off == 7130 && x->rpc->samp_scale == 7168 &&
                x->rpc->lat_off == 23.843588814663839 &&
                x->rpc->height_scale == 2041.238296302082745);
    assert_true(x->rpc->line_num[0] == 1.228301980059526E-03 &&
                x->rpc->line_num[19] == -9.348480620273735E-11 && x->rpc->line_den[0] == 1 &&
                x->rpc->samp_num[0] == 1.062675341057866E-02);
    release(&s);
    /* a mask in the image's pixels takes the place of the test of brightness */
    test_shell(
        "cd '%s' && gdal_create -q -of GTiff -co SPARSE_OK=YES -co TILED=YES -ot Byte -outsize "
        "12000 13719 %s_cloud.tif",
        dir, id);
    s = scan(dir, &(struct cao_raw_images){ .dem = dem, .calibration = gains });
    assert_int_equal(s.c.n, 1);
    assert_true(s.c.scenes[0].bright_above == 0);
    assert_non_null(strstr(s.c.scenes[0].qa[0].layer.path, "_cloud.tif"));
    static uint8_t table[CAO_QA_CODES];
    cao_mask_table(s.c.scenes[0].qa[0].rules, s.c.scenes[0].qa[0].n_rules, UINT32_MAX, table);
    assert_int_equal(table[0], CAO_CLEAR);
    assert_int_equal(table[1], CAO_CLOUD);
    assert_int_equal(table[2], CAO_SHADOW);
    assert_int_equal(table[3], CAO_SNOW);
    assert_int_equal(table[255], CAO_OUTSIDE);
    release(&s);
    free(dir);
}

/* Each change to the product, and what the refusal says. */
static void what_is_wrong_with_a_raw_product_is_named(void **state)
{
    (void)state;
    NEED_DATA("gf1_wfv3_metadata");
    static const struct {
        const char *change, *words;
    } cases[] = {
        { "true", NULL },
        { "mv *.rpb x.txt",
          "camera model GF1_WFV3_E89.0_N23.9_20200523_L1A0004819525.rpb is missing" },
        { "sed -i 's/latScale/latScald/' *.rpb", "lacks latScale" },
        { "sed -i 's/sampNumCoef = (/sampNumCoef = (x/' *.rpb", "sampNumCoef is not a list" },
        { "sed -i 's/lineScale = 8064.*/lineScale = 0.0;/' *.rpb",
          "lineScale is not a number above 0" },
        { "head -c 900 *.rpb > x && mv x *.rpb", "lineNumCoef is not a list" },
        { "mv *.xml x.txt", "20200523_L1A0004819525.xml is missing" },
        { "sed -i 's/>13.7242</>113.7</' *.xml", "SolarZenith is missing or not in 0 to 85" },
        { "sed -i 's/2020-05-23 13:03:08/yesterday/' *.xml", "CenterTime is missing or no time" },
        { "sed -i 's/2020-05-23 13:03:08/2012-05-23 13:03:08/' *.xml",
          "no gains of GF1 WFV3 of 2012" },
        { "sed -i 's/>GF1</>GF9</' *.xml", "no calibration of GF9 WFV3 is known" },
        { "sed -i 's/>GF1</>GF1B</; s/>WFV3</>PMS</' *.xml",
          "solar irradiance (esun) of GF1B PMS" },
        { "sed -i 's/>GF1</>HJ2B</; s/>WFV3</>CCD4</' *.xml",
          "solar irradiance (esun) of HJ2B CCD4" },
        { "sed -i 's/>GF1</>HJ2B</; s/>WFV3</>CCD3</; s/2020-05-23 13/2022-05-23 13/' *.xml && "
          "gdal_create -q -ot UInt16 -bands 5 -outsize 12000 13719 -co SPARSE_OK=YES x.tif && mv "
          "x.tif $f",
          NULL },
        { "sed -i 's/>12000</>12001</' *.xml", "its XML says 12001 x 13719" },
        { "sed -i 's/<ProductMetaData>/<!DOCTYPE x [<!ENTITY a \"b\">]><ProductMetaData>/' *.xml",
          "is not readable XML" },
        { ": > $f", "is empty" },
        { "printf II > $f", "is not a readable GeoTIFF" },
        { "printf '<VRTDataset/>' > $f", "it is a VRT" },
        { "gdal_create -q -ot UInt16 -bands 3 -outsize 12000 13719 -co SPARSE_OK=YES x.tif && mv "
          "x.tif $f",
          "holds 3 bands, GF1 WFV3 has 4" },
        { "gdal_create -q -ot Byte -outsize 100 100 $(basename *.tiff .tiff)_cloud.tif",
          "has 100 x 100 pixels" },
    };
    char *clean = product("gf wrong clean"), dem[CAO_PATH_MAX];
    snprintf(dem, sizeof dem, "%s/dem.tif", clean);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *dir = test_folder("gf wrong");
        test_shell("cp '%s'/GF1* '%s/' && cd '%s' && f=$(ls *.tiff) && (%s)", clean, dir, dir,
                   cases[i].change);
        struct scanned s = scan(dir, &(struct cao_raw_images){ .dem = dem, .calibration = gains });
        if (cases[i].words) {
            if (s.c.n != 0 || s.c.n_refused != 1)
                fail_msg("taken in spite of: %s", cases[i].change);
            if (!strstr(s.c.refused[0].reason, cases[i].words))
                fail_msg("'%s' lacks '%s'", s.c.refused[0].reason, cases[i].words);
        } else {
            assert_int_equal(s.c.n, 1);
        }
        release(&s);
        free(dir);
    }
    /* with leave, the gains of the nearest year; without an elevation model, none */
    test_shell("cd '%s' && sed -i 's/2020-05-23 13:03:08/2012-05-23 13:03:08/' *.xml", clean);
    struct scanned s = scan(
        clean, &(struct cao_raw_images){ .dem = dem, .calibration = gains, .nearest_year = true });
    assert_int_equal(s.c.n, 1);
    assert_non_null(strstr(s.f.items[0].text, "by the gains of 2014, the nearest year"));
    release(&s);
    s = scan(clean, &(struct cao_raw_images){ .calibration = gains, .nearest_year = true });
    assert_int_equal(s.c.n, 0);
    assert_string_equal(s.c.refused[0].code, "level-unusable");
    assert_non_null(strstr(s.c.refused[0].reason, "gaofen.dem"));
    release(&s);
    free(clean);
}

/* The parts of a GF-6 product are scenes of their own; the panchromatic image of a PMS product is none. */
static void parts_and_cameras_have_names_of_their_own(void **state)
{
    (void)state;
    NEED_DATA("gf1_wfv3_metadata");
    char *dir = test_folder("gf parts"), dem[CAO_PATH_MAX];
    snprintf(dem, sizeof dem, "%s/dem.tif", dir);
    test_shell(
        "r=$PWD && cd '%s' && x=\"$r/%s/%s\" && g=GF6_WFV_E89.0_N23.9_20200523_L1A1119837169 && "
        "p=GF1_PMS1_E89.0_N23.9_20180523_L1A0004819525 && "
        "gdal_create -q -ot Int16 -outsize 30 30 -a_srs EPSG:4326 -a_ullr 86 26 91.5 22 dem.tif && "
        "sed 's/>GF1</>GF6</; s/>WFV3</>WFV</' $x.xml > $g.xml && for k in 1 2 3; do cp $x.rpb "
        "$g-$k.rpb; "
        "gdal_create -q -ot UInt16 -bands 8 -outsize 400 300 $g-$k.tiff; done && "
        "sed 's/>WFV3</>PMS1</; s/2020-05-23/2018-05-23/; s/>12000</>400</; s/>13719</>300</' "
        "$x.xml > "
        "$p-MSS1.xml && cp $x.rpb $p-MSS1.rpb && gdal_create -q -ot UInt16 -bands 4 -outsize 400 "
        "300 "
        "$p-MSS1.tiff && gdal_create -q -ot UInt16 -bands 1 -outsize 1600 1200 $p-PAN1.tiff",
        dir, test_data("gf1_wfv3_metadata"), id);
    struct scanned s = scan(dir, &(struct cao_raw_images){ .dem = dem, .calibration = gains });
    for (size_t i = 0; i < s.c.n_refused; i++)
        print_message("%s\n", s.c.refused[i].reason);
    assert_int_equal(s.c.n, 4);
    assert_int_equal(s.c.n_refused, 0);
    assert_string_equal(s.c.scenes[0].platform, "GF1 PMS1");
    assert_string_equal(s.c.scenes[1].tile, "E89.0_N23.9-1");
    assert_string_equal(s.c.scenes[3].tile, "E89.0_N23.9-3");
    /* B1 blue, B2 green, B3 red, B4 near infrared, B5 and B6 red edge, B7 coastal, B8 yellow */
    const struct cao_scene *g = &s.c.scenes[1];
    assert_int_equal(g->band[CAO_BAND_RE1].file_band, 5);
    assert_int_equal(g->band[CAO_BAND_RE2].file_band, 6);
    assert_int_equal(g->band[CAO_BAND_A].file_band, 7);
    assert_int_equal(g->band[CAO_BAND_Y].file_band, 8);
    release(&s);
    free(dir);
}

static void the_calibration_file_is_read_and_its_mistakes_have_lines(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_calibrations c = { 0 };
    assert_ok(cao_calibrations_read(gains, &c, &err));
    const struct cao_camera_calibration *w = cao_calibration_find(&c, "GF1", "WFV2");
    assert_non_null(w);
    /* CRESDA's notice of 2017 */
    const struct cao_gains *g = cao_calibration_gains(w, 2017, false);
    assert_true(g && g->verified && g->gain[0] == 0.2097 && g->gain[1] == 0.1630 &&
                g->gain[2] == 0.1339 && g->gain[3] == 0.1521);
    g = cao_calibration_gains(cao_calibration_find(&c, "GF1", "PMS2"), 2017, false);
    assert_true(g && g->gain[0] == 0.1460 && g->gain[3] == 0.1255);
    assert_null(cao_calibration_gains(w, 2030, false));
    assert_int_equal(cao_calibration_gains(w, 2030, true)->year, 2022);
    assert_int_equal(cao_calibration_gains(w, 1999, true)->year, 2014);
    assert_null(cao_calibration_find(&c, "GF1", "WFV9"));
    assert_false(cao_calibration_find(&c, "HJ2B", "CCD4")->has_esun);
    const struct cao_camera_calibration *hj = cao_calibration_find(&c, "HJ2B", "CCD3");
    assert_true(hj->has_esun && !hj->esun_verified && hj->band[4] == CAO_BAND_RE1);
    g = cao_calibration_gains(hj, 2022, false); /* as ACOLITE has it */
    assert_true(g && g->verified && g->gain[0] == 0.0692 && g->gain[4] == 0.0542);
    assert_false(cao_calibration_gains(hj, 2021, false)->verified);
    /* bands of a name lie close together, and so does the sun's light in them */
    static const double sun[CAO_N_BANDS] = {
        [CAO_BAND_B] = 1952, [CAO_BAND_G] = 1846, [CAO_BAND_R] = 1554, [CAO_BAND_N] = 1078
    };
    for (size_t i = 0; i < c.n; i++)
        for (int b = 0; c.cameras[i].has_esun && b < c.cameras[i].n_bands; b++)
            if (sun[c.cameras[i].band[b]] > 0)
                assert_true(fabs(c.cameras[i].esun[b] / sun[c.cameras[i].band[b]] - 1) < 0.02);
    for (size_t i = 0; i < c.n;
         i++) /* gains and irradiances that no camera of the kind has are typos */
        for (size_t k = 0; k < c.cameras[i].n_gains; k++)
            for (int b = 0; b < c.cameras[i].n_bands; b++)
                assert_true(c.cameras[i].gains[k].gain[b] > 0.02 &&
                            c.cameras[i].gains[k].gain[b] < 0.3);
    cao_calibrations_release(&c);
    static const struct {
        const char *text, *words;
    } wrong[] = {
        { "cameras: []\n", "'format: 1' is missing" },
        { "format: 1\ncameras:\n  - {satellite: GF1, sensor: X, bands: [B, Q]}\n",
          ":3: bands: 'Q' is no band" },
        { "format: 1\ncameras:\n  - {satellite: GF1, sensor: X, bands: [B, B]}\n",
          "B stands twice" },
        { "format: 1\ncameras:\n  - {satellite: GF1, sensor: X, bands: [B], gians: []}\n",
          "unknown key 'gians'" },
        { "format: 1\ncameras:\n  - {satellite: GF1, sensor: X, bands: [B, G], gains: [{year: "
          "2020, gain: [1]}]}\n",
          "2 numbers are wanted" },
        { "format: 1\ncameras:\n  - {satellite: GF1, sensor: X, bands: [B], gains: [{year: 2020, "
          "gain: [5.8e3]}]}\n",
          "a number from" },
        { "format: 1\ncameras:\n  - {satellite: GF1, sensor: X, bands: [B]}\n  - {satellite: GF1, "
          "sensor: X, bands: [B]}\n",
          ":4: GF1 X stands twice" },
    };
    char *dir = test_folder("gf calibration"), path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/own.yaml", dir);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_ok(cao_file_write(path, wrong[i].text, strlen(wrong[i].text), &err));
        assert_int_equal(cao_calibrations_read(path, &c, &err), CAO_EARG);
        if (!strstr(err.text, wrong[i].words))
            fail_msg("'%s' lacks '%s'", err.text, wrong[i].words);
    }
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_raw_product_is_described_by_its_xml_and_camera_model),
        cmocka_unit_test(what_is_wrong_with_a_raw_product_is_named),
        cmocka_unit_test(parts_and_cameras_have_names_of_their_own),
        cmocka_unit_test(the_calibration_file_is_read_and_its_mistakes_have_lines),
    };
    return cmocka_run_group_tests_name("gaofen", tests, test_gdal_set_up, test_gdal_tear_down) != 0;
}
