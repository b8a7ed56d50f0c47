/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/support.h"

#include "caochu/check.h"
#include "caochu/cog_check.h"
#include "caochu/file.h"

static char *dir;

static int set_up(void **state)
{
    const char *b = getenv("CAO_BUILD");
    if (test_gdal_set_up(state))
        return -1;
    dir = test_folder("check");
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    assert_int_equal(test_wait(test_start(dir, "run park.yaml -q")), 0);
    return 0;
}

static int tear_down(void **state)
{
    free(dir);
    return test_gdal_tear_down(state);
}

/* How many problems the folder has, and that one of them has the code and names the file. */
static size_t problems(const char *code, const char *file)
{
    char path[CAO_PATH_MAX];
    struct cao_check_counts counts = { 0 };
    struct cao_findings f = { 0 };
    struct cao_error err = { 0 };
    bool found = code == NULL;
    snprintf(path, sizeof path, "%s/results", dir);
    assert_ok(cao_check(path, &counts, &f, &err));
    assert_true(counts.n_maps > 10);
    assert_true(code || counts.n_numbers == 2 * 4 * 16); /* indices x pastures */
    for (size_t i = 0; i < f.n; i++)
        found |= code && strcmp(f.items[i].code, code) == 0 && strstr(f.items[i].file, file);
    size_t n = f.n_problems;
    cao_findings_release(&f);
    assert_true(found);
    return n;
}

static void each_harm_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *harm, *code, *file;
    } harms[] = {
        { "printf x | dd of=$f bs=1 seek=3000 conv=notrunc 2>/dev/null", "file-changed",
          "ndvi.tif" },
        { "truncate -s 2000 $f", "not-cog", "ndvi.tif" },
        { "rm $f", "file-missing", "ndvi.tif" },
        { "echo >$(dirname $f)/tile.json", "record-missing", "tiles/r" },
        { "touch $(dirname $f)/.part-1-0-evi.tif", "draft-left", ".part-1-0-evi.tif" },
        { "sed -i s/done/running/ results/run.json", "run-unfinished", "run.json" },
        { "rm results/run.json", "run-unfinished", "run.json" },
        { "sed -i s/0632626001/0632626991/ results/pastures.csv", "file-changed", "pastures.csv" },
        { "rm results/groups.csv", "file-missing", "groups.csv" },
        { "rm results/pastures.gpkg", "file-missing", "pastures.gpkg" },
        /* a number of the table, and one of the maps, that no hash betrays */
        { "ogrinfo -q results/pastures.gpkg -dialect SQLite -sql \"UPDATE pastures SET ndvi_mean = "
          "ndvi_mean + 0.0001 WHERE pasture_id = '0632626002'\" >/dev/null",
          "statistics-differ", "ndvi.vrt" },
        { "sed -i 's/SrcRect xOff=\"0\" yOff=\"0\"/SrcRect xOff=\"0\" yOff=\"1\"/' "
          "results/*/evi.vrt",
          "statistics-differ", "evi.vrt" },
        { "sed -i s/ndvi.tif/ndwi.tif/ results/*/ndvi.vrt", "file-missing", "ndwi.tif" },
    };
    assert_int_equal(problems(NULL, NULL), 0);
    test_shell("cd '%s' && cp -r results whole", dir);
    for (size_t i = 0; i < sizeof harms / sizeof harms[0]; i++) {
        test_shell("cd '%s' && f=$(find results -name ndvi.tif | sort | head -n 1) && %s", dir,
                   harms[i].harm);
        assert_true(problems(harms[i].code, harms[i].file) > 0);
        test_shell("cd '%s' && rm -rf results && cp -r whole results", dir);
    }
    assert_int_equal(problems(NULL, NULL), 0);
    assert_int_equal(test_wait(test_start(dir, "check results")), 0);
    assert_int_equal(test_wait(test_start(dir, "check nowhere")), 1);
    test_shell("rm '%s/results/run.json'", dir);
    assert_int_equal(test_wait(test_start(dir, "check results")), 3);
}

/* Judged as GDAL's own validator judges. */
static void the_layout_is_what_gdal_calls_cog(void **state)
{
    (void)state;
    char path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    if (system("command -v gdal_translate >/dev/null") != 0) {
        printf("SKIP  %s: needs gdal-bin\n", __func__);
        skip();
    }
    test_shell(
        "cd '%s' && f=$(find whole -name ndvi.tif | sort | head -n 1) && "
        "gdal_translate -q -of COG $f cog.tif && gdal_translate -q -co TILED=YES $f plain.tif "
        "&& gdal_translate -q $f strips.tif",
        dir);
    snprintf(path, sizeof path, "%s/cog.tif", dir);
    assert_ok(cao_cog_check(path, &err));
    snprintf(path, sizeof path, "%s/plain.tif", dir);
    assert_int_equal(cao_cog_check(path, &err), CAO_EDATA);
    snprintf(path, sizeof path, "%s/strips.tif", dir);
    assert_int_equal(cao_cog_check(path, &err), CAO_EDATA);
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    assert_int_equal(cao_cog_check(path, &err), CAO_EDATA);
}

/* Whatever bytes are changed or cut: an answer, no crash (run it under ASan too). */
static void any_bytes_are_judged(void **state)
{
    (void)state;
    char path[CAO_PATH_MAX], copy[CAO_PATH_MAX], *data;
    struct cao_error err = { 0 };
    size_t n;
    snprintf(path, sizeof path, "%s/cog.tif", dir);
    snprintf(copy, sizeof copy, "%s/bent.tif", dir);
    if (!cao_file_stat(path, NULL, NULL))
        skip();
    assert_ok(cao_file_read(path, 1 << 26, &data, &n, &err));
    srand(1);
    for (int i = 0; i < 300; i++) {
        size_t at = (size_t)rand() % (n < 2000 ? n : 2000), cut = i % 3 ? n : (size_t)rand() % n;
        char was = data[at];
        data[at] = (char)rand();
        FILE *f = fopen(copy, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(data, 1, cut, f), cut);
        fclose(f);
        enum cao_status st = cao_cog_check(copy, &err);
        assert_true(st == CAO_OK || st == CAO_EDATA);
        assert_true(cut == n || st == CAO_EDATA);
        data[at] = was;
    }
    free(data);
}

static void the_doctor_answers(void **state)
{
    (void)state;
    struct cao_health lines[CAO_MOST_HEALTH];
    struct cao_names names;
    struct cao_error err = { 0 };
    char *empty = test_folder("doctor");
    size_t n = cao_doctor(empty, "src/profiles", lines);
    assert_in_range(n, 10, CAO_MOST_HEALTH);
    for (size_t i = 0; i < n; i++)
        if (lines[i].state == CAO_ILL)
            fail_msg("%s: %s", lines[i].what, lines[i].text);
    assert_ok(cao_list_dir(empty, &names, &err));
    assert_int_equal(names.n, 0); /* it leaves nothing behind */
    cao_names_release(&names);
    n = cao_doctor("/nowhere", "/nowhere", lines);
    size_t ill = 0;
    for (size_t i = 0; i < n; i++)
        ill += lines[i].state == CAO_ILL;
    assert_int_equal(ill, 2);
    free(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_harm_is_named),
        cmocka_unit_test(the_layout_is_what_gdal_calls_cog),
        cmocka_unit_test(any_bytes_are_judged),
        cmocka_unit_test(the_doctor_answers),
    };
    return cmocka_run_group_tests_name("check", tests, set_up, tear_down) != 0;
}
