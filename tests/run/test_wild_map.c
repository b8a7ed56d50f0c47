/* SPDX-License-Identifier: MIT
 * A map of wild herbivores through a whole run: tables, explanation, what-if, and what is wrong with one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>
#include <ogr_srs_api.h>

#include "support/support.h"

#include "caochu/file.h"

static char *dir;

/* In degrees, 0.005 a cell over the made valley: 1.25 in the west, 3.5 in the east, nothing known in the north. */
static void write_map(void)
{
    enum { COLS = 60, ROWS = 60 };
    char path[CAO_PATH_MAX];
    float values[COLS * ROWS];
    double place[6] = { 97.85, 0.005, 0, 35.30, 0, -0.005 };
    snprintf(path, sizeof path, "%s/kiang.tif", dir);
    for (int i = 0; i < COLS * ROWS; i++) {
        double x = 97.85 + 0.005 * (i % COLS), y = 35.30 - 0.005 * (i / COLS + 1);
        values[i] = y > 35.230 ? -9999.0f : x < 97.96 ? 1.25f : 3.5f;
    }
    GDALDatasetH d =
        GDALCreate(GDALGetDriverByName("GTiff"), path, COLS, ROWS, 1, GDT_Float32, NULL);
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(srs, 4326);
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    assert_int_equal(GDALSetSpatialRef(d, srs), CE_None);
    assert_int_equal(GDALSetGeoTransform(d, place), CE_None);
    assert_int_equal(GDALSetRasterNoDataValue(GDALGetRasterBand(d, 1), -9999), CE_None);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, 1), GF_Write, 0, 0, COLS, ROWS, values, COLS,
                                  ROWS, GDT_Float32, 0, 0),
                     CE_None);
    GDALClose(d);
    OSRDestroySpatialReference(srs);
}

static int set_up(void **state)
{
    const char *b = getenv("CAO_BUILD");
    if (test_gdal_set_up(state))
        return -1;
    dir = test_folder("wild");
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    write_map();
    test_shell("cd '%s' && cp park.yaml plain.yaml && printf 'wildlife: {map: kiang.tif, map_unit: "
               "heads/km2, map_species: [kiang]}\\n' >>park.yaml",
               dir);
    return 0;
}

static int tear_down(void **state)
{
    free(dir);
    return test_gdal_tear_down(state);
}

static void a_run_takes_it_apart_from_livestock(void **state)
{
    (void)state;
    static const char check[] =
        "import csv, json\n"
        "rows = list(csv.DictReader(open('results/pastures.csv', encoding='utf-8-sig')))\n"
        "f = lambda r, k: float(r[k])\n"
        "known = [r for r in rows if r['wildlife_map_su']]\n"
        "lost = [r for r in rows if r['status'] == 'wildlife-unknown']\n"
        "assert known and lost, (len(known), len(lost))\n"
        "pure = 0\n"
        "for r in known:\n"
        "    slack = .006 / 4 / (f(r, 'area_ha') / 100)\n"
        "    d = f(r, 'wildlife_map_su') / 4 / (f(r, 'area_ha') / 100)\n"
        "    assert 1.25 - slack < d < 3.5 + slack, d\n"
        "    pure += abs(d - 1.25) < slack or abs(d - 3.5) < slack\n"
        "    if r['status'] == 'ok':\n"
        "        assert abs(f(r, 'wildlife_su') - f(r, 'wildlife_map_su')) < .02\n"
        "        a = max(f(r, 'capacity_su') - f(r, 'wildlife_su'), 0)\n"
        "        assert abs(f(r, 'available_su') - a) < .03, r\n"
        "        assert not r['wildlife_share']\n"
        "assert pure >= 2\n"
        "for r in lost:\n"
        "    assert not r['wildlife_su'] and not r['available_su'] and not r['class'], r\n"
        "    assert r['certainty'] == 'not-enough-data', r['certainty']\n"
        "    assert 'wildlife.map has numbers for' in r['note'], r['note']\n"
        "open('ids', 'w').write(known[0]['pasture_id'] + ' ' + lost[0]['pasture_id'])\n";
    char path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/check.py", dir);
    assert_ok(cao_file_write(path, check, sizeof check - 1, &err));
    assert_int_equal(test_wait(test_start(dir, "run -q park.yaml")), 0);
    test_shell("cd '%s' && PYTHONUTF8=1 /usr/bin/python3 check.py", dir);
    char *ids;
    size_t n;
    char words[200];
    snprintf(path, sizeof path, "%s/ids", dir);
    assert_ok(cao_file_read(path, 100, &ids, &n, &err));
    snprintf(words, sizeof words, "explain results --id %.*s", (int)strcspn(ids, " "), ids);
    assert_int_equal(test_wait(test_start(dir, words)), 0);
    assert_true(test_file_says(dir, "out.txt", "heads/km2 *"));
    assert_true(test_file_says(dir, "out.txt", "kiang.tif, band 1"));
    snprintf(words, sizeof words, "explain results --id %s", strchr(ids, ' ') + 1);
    assert_int_equal(test_wait(test_start(dir, words)), 0);
    assert_true(test_file_says(dir, "out.txt", "wildlife-unknown"));
    free(ids);
    /* half the sheep units of a kiang: half the reserve */
    assert_int_equal(
        test_wait(test_start(dir, "balance results -q --set wild_su.kiang=2 -o half.csv")), 0);
    test_shell("cd '%s' && PYTHONUTF8=1 /usr/bin/python3 -c \"\n"
               "import csv\n"
               "a, b = (list(csv.DictReader(open(n, encoding='utf-8-sig'))) for n in "
               "('results/pastures.csv', 'half.csv'))\n"
               "n = [abs(float(x['wildlife_su']) / 2 - float(y['wildlife_su'])) < .01 for x, y in "
               "zip(a, b) if x['wildlife_su']]\n"
               "assert n and all(n)\n\"",
               dir);
}

static void what_the_map_comes_to_is_remembered(void **state)
{
    (void)state;
    static const char *const harms[] = {
        "true", "rm results/.caochu.wildlife", "printf x >>results/.caochu.wildlife",
        ("dd if=/dev/zero of=results/.caochu.wildlife bs=1 count=9 "
         "seek=140 conv=notrunc status=none")
    };
    test_shell("cd '%s' && cp -a results kept && test -s results/.caochu.wildlife", dir);
    for (size_t i = 0; i < sizeof harms / sizeof harms[0]; i++) {
        test_shell("cd '%s' && %s", dir, harms[i]);
        assert_int_equal(test_wait(test_start(dir, "balance results -q -o same.csv")), 0);
        test_shell("cd '%s' && cmp same.csv results/pastures.csv", dir);
        assert_int_equal(test_wait(test_start(dir, "run -q park.yaml")), 0);
        test_shell("cd '%s' && diff -r -x run.json kept results", dir);
    }
    /* another raster of the same name */
    test_shell("cd '%s' && cp kiang.tif kept.tif", dir);
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/kiang.tif", dir);
    GDALDatasetH d = GDALOpen(path, GA_Update);
    assert_non_null(d);
    assert_int_equal(GDALFillRaster(GDALGetRasterBand(d, 1), 2, 0), CE_None);
    GDALClose(d);
    assert_int_equal(test_wait(test_start(dir, "run -q park.yaml")), 0);
    test_shell("cd '%s' && ! cmp -s kept/pastures.csv results/pastures.csv && ! grep -q "
               "wildlife-unknown results/pastures.csv && mv kept.tif kiang.tif",
               dir);
}

static void refused(const char *lines, const char *words)
{
    test_shell("cd '%s' && cp plain.yaml bad.yaml && printf '%s' >>bad.yaml", dir, lines);
    assert_int_equal(test_wait(test_start(dir, "run -q bad.yaml")), 2);
    if (!test_file_says(dir, "err.txt", words))
        fail_msg("'%s' was expected of '%s'", words, lines);
}

static void a_map_that_cannot_be_used_is_named(void **state)
{
    (void)state;
    refused("wildlife: {map: kiang.tif}\\n", "wildlife.map_unit: is missing; say what the numbers");
    refused("wildlife: {map: kiang.tif, map_unit: n/ha}\\n", "'n/ha' is not a unit of density");
    refused("wildlife: {map: kiang.tif, map_unit: heads/km2}\\n",
            "wildlife.map_species: is missing");
    refused("wildlife: {map: kiang.tif, map_unit: su/km2, map_species: [kiang]}\\n",
            "does not go with");
    refused("wildlife: {map: kiang.tif, map_unit: heads/km2, map_species: [kian]}\\n",
            "did you mean kiang");
    refused("wildlife: {map: kiang.tif, map_unit: heads/km2, map_species: [kiang, gazelle]}\\n",
            "has 1 bands, wildlife.map_species names 2");
    refused("wildlife_share: 0.1\\nwildlife: {map: kiang.tif, map_unit: su/km2}\\n", "choose one");
    refused("wildlife: {map: park.yaml, map_unit: su/km2}\\n", "park.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_takes_it_apart_from_livestock),
        cmocka_unit_test(what_the_map_comes_to_is_remembered),
        cmocka_unit_test(a_map_that_cannot_be_used_is_named),
    };
    return cmocka_run_group_tests_name("wild_map", tests, set_up, tear_down);
}
