/* SPDX-License-Identifier: MIT
 * One ground in three families of products: what each says of the pastures agrees, and one project
 * takes them all. The Landsat and MODIS products are carried over from the Sentinel-2 one by GDAL's
 * tools, so they are as independent of our reading as those are. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/run.h"
#include "caochu/text.h"

static const char *build(void)
{
    const char *b = getenv("CAO_BUILD");
    return b ? b : "build/release";
}

static const char make_landsat[] =
    "cd '%s' && mkdir -p landsat && p=landsat/LC09_L2SP_135036_20240718_20240720_02_T1 && "
    "for b in 2:B02 3:B03 4:B04 5:B8A 6:B11 7:B12; do "
    "  src=$(find imagery -name \"*_${b#*:}_*m.jp2\" | sort | head -1); "
    /* (DN - 1000) / 10000 = DN' * 2.75e-5 - 0.2 */
    "  gdal_translate -q -ot UInt16 -scale 1000 11000 7272.7273 43636.3636 \"$src\" b.tif && "
    "  gdalwarp -q -overwrite -r average -tr 30 30 -tap b.tif ${p}_SR_B${b%%:*}.TIF || exit 1; "
    "done; rm b.tif; "
    "gdal_translate -q -ot UInt16 -scale 0 1 21824 21824 ${p}_SR_B4.TIF ${p}_QA_PIXEL.TIF && "
    "gdal_translate -q -ot UInt16 -scale 0 1 0 0 ${p}_SR_B4.TIF ${p}_QA_RADSAT.TIF && "
    "cat > ${p}_MTL.txt <<'END'\n"
    "GROUP = LANDSAT_METADATA_FILE\n"
    "  GROUP = PRODUCT_CONTENTS\n"
    "    LANDSAT_PRODUCT_ID = \"LC09_L2SP_135036_20240718_20240720_02_T1\"\n"
    "    PROCESSING_LEVEL = \"L2SP\"\n"
    "    COLLECTION_NUMBER = 02\n"
    "  END_GROUP = PRODUCT_CONTENTS\n"
    "  GROUP = IMAGE_ATTRIBUTES\n"
    "    SPACECRAFT_ID = \"LANDSAT_9\"\n"
    "    WRS_PATH = 135\n"
    "    WRS_ROW = 36\n"
    "    DATE_ACQUIRED = 2024-07-19\n"
    "    SCENE_CENTER_TIME = \"04:10:00.0000000Z\"\n"
    "  END_GROUP = IMAGE_ATTRIBUTES\n"
    "  GROUP = LEVEL2_PROCESSING_RECORD\n"
    "    DATE_PRODUCT_GENERATED = 2024-07-20T10:00:00Z\n"
    "  END_GROUP = LEVEL2_PROCESSING_RECORD\n"
    "  GROUP = LEVEL2_SURFACE_REFLECTANCE_PARAMETERS\n"
    "    REFLECTANCE_MULT_BAND_1 = 2.75e-05\n    REFLECTANCE_ADD_BAND_1 = -0.2\n"
    "    REFLECTANCE_MULT_BAND_2 = 2.75e-05\n    REFLECTANCE_ADD_BAND_2 = -0.2\n"
    "    REFLECTANCE_MULT_BAND_3 = 2.75e-05\n    REFLECTANCE_ADD_BAND_3 = -0.2\n"
    "    REFLECTANCE_MULT_BAND_4 = 2.75e-05\n    REFLECTANCE_ADD_BAND_4 = -0.2\n"
    "    REFLECTANCE_MULT_BAND_5 = 2.75e-05\n    REFLECTANCE_ADD_BAND_5 = -0.2\n"
    "    REFLECTANCE_MULT_BAND_6 = 2.75e-05\n    REFLECTANCE_ADD_BAND_6 = -0.2\n"
    "    REFLECTANCE_MULT_BAND_7 = 2.75e-05\n    REFLECTANCE_ADD_BAND_7 = -0.2\n"
    "  END_GROUP = LEVEL2_SURFACE_REFLECTANCE_PARAMETERS\n"
    "  GROUP = LEVEL1_RADIOMETRIC_RESCALING\n"
    "    REFLECTANCE_MULT_BAND_4 = 2.0E-05\n    REFLECTANCE_ADD_BAND_4 = -0.1\n"
    "  END_GROUP = LEVEL1_RADIOMETRIC_RESCALING\n"
    "END_GROUP = LANDSAT_METADATA_FILE\n"
    "END\n"
    "tar cf landsat/a.tar -C landsat $(cd landsat && ls *.TIF *.txt) && rm landsat/*.TIF "
    "landsat/*.txt";

/* NDVI and EVI as our own run of the Sentinel-2 product gave them, onto the sinusoidal grid. */
static const char make_modis[] =
    "cd '%s' && mkdir -p modis && b=modis/MOD13Q1.A2024201.h25v05.061.2024220012345_250m_16_days "
    "&& "
    "for i in NDVI:ndvi EVI:evi; do gdalwarp -q -r average -t_srs '+proj=sinu +R=6371007.181 "
    "+units=m +no_defs' -tr 231.656358264 231.656358264 -ot Int16 -srcnodata -32768 -dstnodata "
    "-3000 "
    "results/peak-2024/${i#*:}.vrt ${b}_${i%%:*}.tif && gdal_edit.py -scale 10000 "
    "${b}_${i%%:*}.tif; done && gdal_translate -q -ot UInt16 -scale -3000 10000 2048 2048 "
    "-a_nodata "
    "none ${b}_NDVI.tif ${b}_VI_Quality.tif && gdal_edit.py -unsetstats ${b}_VI_Quality.tif";

static void run_on(const char *dir, const char *imagery, const char *out, int resolution,
                   struct cao_run_summary *s)
{
    char path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/%s.yaml", dir, out);
    test_shell("sed -e 's/^imagery: .*/imagery: [%s]/; s/^  folder: .*/  folder: %s/; s/^  "
               "resolution: .*/  resolution: %d/; s/^indices: .*/indices: [NDVI, EVI]/; "
               "s/^composite:/mask: [cloud]\\ncomposite:/' '%s/park.yaml' > '%s'",
               imagery, out, resolution, dir, path);
    struct cao_run_options options = { .project = path, .data_dir = "src/profiles", .threads = 2 };
    assert_ok(cao_run(&options, s, &err));
    for (size_t i = 0; i < s->findings.n; i++)
        if (s->findings.items[i].severity == CAO_PROBLEM)
            fail_msg("%s", s->findings.items[i].text);
}

/* Column @p name of every pasture that is at least @p least_ha large and wholly seen. */
static size_t column(const char *dir, const char *out, const char *name, double least_ha,
                     char id[64][32], double value[64])
{
    char command[2 * CAO_PATH_MAX], line[128];
    size_t n = 0;
    snprintf(command, sizeof command,
             "python3 - <<'END'\nimport csv\nfor r in csv.DictReader(open('%s/%s/pastures.csv', "
             "encoding='utf-8-sig')):\n  if r['%s'] and float(r['area_ha']) > %g and "
             "float(r['valid_pct']) > 99: print(r['pasture_id'], r['%s'])\nEND",
             dir, out, name, least_ha, name);
    FILE *p = popen(command, "r");
    assert_non_null(p);
    while (n < 64 && fgets(line, sizeof line, p))
        n += sscanf(line, "%31s %lf", id[n], &value[n]) == 2;
    assert_int_equal(pclose(p), 0);
    return n;
}

static void same_values(const char *dir, const char *a, const char *b, const char *name,
                        double least_ha, double tolerance)
{
    static char id_a[64][32], id_b[64][32];
    double va[64], vb[64];
    size_t n = column(dir, a, name, least_ha, id_a, va),
           m = column(dir, b, name, least_ha, id_b, vb);
    size_t compared = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++) {
            if (strcmp(id_a[i], id_b[k]) != 0)
                continue;
            compared++;
            if (!(fabs(va[i] - vb[k]) <= tolerance))
                fail_msg("%s of %s: %g of %s, %g of %s", name, id_a[i], va[i], a, vb[k], b);
        }
    assert_in_range(compared, 5, 64);
}

static void three_families_say_the_same_and_go_into_one_project(void **state)
{
    (void)state;
    struct cao_run_summary s;
    char *dir = test_folder("mixed");
    test_shell("%s/make-world '%s' --size 504 --pastures 24 --dates 1 >/dev/null", build(), dir);
    run_on(dir, "imagery", "results", 10, &s);
    assert_int_equal(s.n_scenes_used, 1);
    assert_int_equal(s.n_offset, 1);
    cao_run_summary_release(&s);
    test_shell(make_landsat, dir);
    test_shell(make_modis, dir);
    run_on(dir, "landsat", "of-landsat", 10, &s);
    assert_int_equal(s.n_scenes_used, 1);
    cao_run_summary_release(&s);
    run_on(dir, "modis", "of-modis", 10, &s);
    assert_int_equal(s.n_scenes_used, 1);
    assert_int_equal(s.n_offset, 0);
    cao_run_summary_release(&s);
    same_values(dir, "results", "of-landsat", "ndvi_mean", 20, 0.03);
    same_values(dir, "results", "of-landsat", "evi_mean", 20, 0.03);
    same_values(dir, "results", "of-modis", "ndvi_mean", 60, 0.06);
    same_values(dir, "results", "of-modis", "evi_mean", 60, 0.06);
    run_on(dir, "imagery, landsat, modis", "of-all", 10, &s);
    assert_int_equal(s.n_scenes, 3);
    assert_int_equal(s.n_scenes_used, 3);
    assert_int_equal(s.n_refused, 0);
    cao_run_summary_release(&s);
    free(dir);
}

/* Raw images of two cameras over relief of 800 m, their pixels computed from the Sentinel-2 product by GDAL's
 * own camera model: rectified and calibrated within the run, they say of the pastures what that says. */
static void raw_gaofen_images_say_the_same(void **state)
{
    (void)state;
    struct cao_run_summary s;
    char path[CAO_PATH_MAX], *dir = test_folder("raw");
    struct cao_error err = { 0 };
    test_shell(
        "%s/make-world '%s' --size 504 --pastures 24 --dates 1 >/dev/null && /usr/bin/python3 "
        "tests/oracle/make_gaofen.py '%s' '%s/gaofen'",
        build(), dir, dir, dir);
    run_on(dir, "imagery", "results", 10, &s);
    cao_run_summary_release(&s);
    test_shell("cd '%s' && mkdir one six && mv gaofen/GF1* one/ && mv gaofen/GF6* six/ && printf "
               "'gaofen: {dem: gaofen/dem.tif, nearest_year: true}\\n' >> park.yaml",
               dir);
    run_on(dir, "one", "of-gf1", 10, &s);
    assert_int_equal(s.n_scenes_used, 1);
    cao_run_summary_release(&s);
    run_on(dir, "six", "of-gf6", 10, &s);
    assert_int_equal(s.n_scenes_used, 1);
    cao_run_summary_release(&s);
    same_values(dir, "results", "of-gf1", "ndvi_mean", 10, 0.02);
    same_values(dir, "results", "of-gf1", "evi_mean", 10, 0.01);
    same_values(dir, "results", "of-gf6", "ndvi_mean", 10, 0.02);
    same_values(dir, "results", "of-gf6", "evi_mean", 10, 0.01);
    /* without leave for another year's gains both are refused, and the run says so */
    test_shell(
        "cd '%s' && sed -e 's/, nearest_year: true//; s/^imagery: .*/imagery: [one, six]/; s/^  "
        "folder: .*/  folder: none/' park.yaml > none.yaml",
        dir);
    snprintf(path, sizeof path, "%s/none.yaml", dir);
    struct cao_run_options options = { .project = path, .data_dir = "src/profiles", .threads = 1 };
    assert_ok(cao_run(&options, &s, &err));
    assert_int_equal(s.n_refused, 2);
    cao_run_summary_release(&s);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_families_say_the_same_and_go_into_one_project),
        cmocka_unit_test(raw_gaofen_images_say_the_same),
    };
    return cmocka_run_group_tests_name("mixed", tests, test_gdal_set_up, test_gdal_tear_down) != 0;
}
