/* SPDX-License-Identifier: MIT
 * What a second run does again, why, and what it leaves behind: on the made world. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gdal.h>
#include <ogr_api.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/run.h"

static char *make_world(const char *name)
{
    const char *b = getenv("CAO_BUILD");
    char *dir = test_folder(name);
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    test_shell("sed -i 's/tile: 512/tile: 256/' '%s/park.yaml'", dir);
    return dir;
}

static void run_in(const char *dir, bool plan_only, bool prune, struct cao_run_summary *s)
{
    char path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    struct cao_run_options options = { .project = path,
                                       .data_dir = "src/profiles",
                                       .threads = 2,
                                       .plan_only = plan_only,
                                       .prune = prune };
    assert_ok(cao_run(&options, s, &err));
}

static void run_once(const char *dir)
{
    struct cao_run_summary s;
    run_in(dir, false, false, &s);
    assert_int_equal(s.n_done + s.n_fresh, s.n_tiles);
    cao_run_summary_release(&s);
}

/* All tiles to do say the words; returns how many there are. */
static size_t todo(const char *dir, const char *words)
{
    struct cao_run_summary s;
    run_in(dir, true, false, &s);
    size_t n = s.n_todo;
    assert_int_equal(s.n_todo + s.n_fresh, s.n_tiles);
    for (size_t i = 0; i < n; i++)
        if (!strstr(s.todo[i].why, words))
            fail_msg("'%s' was expected, not '%s'", words, s.todo[i].why);
    cao_run_summary_release(&s);
    return n;
}

static void a_plan_says_why(void **state)
{
    (void)state;
    struct cao_run_summary s;
    char *dir = make_world("why");
    run_in(dir, true, false, &s);
    size_t n = s.n_tiles, n_empty = s.n_empty;
    assert_int_equal(s.n_new, n);
    assert_true(s.bytes_to_come > 0);
    assert_true(s.seconds_expected != s.seconds_expected); /* no earlier run tells */
    cao_run_summary_release(&s);
    test_shell("cd '%s' && test ! -e results && mkdir away && mv imagery/$(ls imagery | tail -n 1) "
               "away",
               dir);
    run_once(dir);
    assert_int_equal(todo(dir, ""), 0);
    test_shell("cd '%s' && mv away/* imagery/", dir);
    assert_int_equal(todo(dir, "1 new scene (S2"), n - n_empty);
    run_once(dir);
    run_in(dir, true, false, &s);
    assert_int_equal(s.n_todo, 0);
    assert_true(s.bytes_on_disk > 0);
    assert_true(s.seconds_expected == 0);
    cao_run_summary_release(&s);
    test_shell("cd '%s' && touch -d 2001-01-01 $(find imagery -name '*B04*' | sort | head -n 1)",
               dir);
    assert_int_equal(todo(dir, "1 scene changed (S2"), n - n_empty);
    run_once(dir);
    test_shell("cd '%s' && sed -i s/2024-08-31/2024-08-30/ park.yaml", dir);
    assert_int_equal(todo(dir, "the days of the period changed"), n);
    test_shell("cd '%s' && sed -i s/2024-08-30/2024-08-31/ park.yaml && "
               "echo 'mask: [cloud, shadow]' >>park.yaml",
               dir);
    assert_int_equal(todo(dir, "the mask changed"), n);
    test_shell(
        "cd '%s' && sed -i '$d' park.yaml && f=$(find results -name ndvi.tif | head -n 1) && "
        "truncate -s 9 $f",
        dir);
    assert_int_equal(todo(dir, "its rasters are missing or were changed"), 1);
    run_once(dir);
    test_shell("cd '%s' && f=$(find results -name tile.json | head -n 1) && echo '{' >$f", dir);
    assert_int_equal(todo(dir, "new"), 1);
    free(dir);
}

/* A herd is of one pasture: only the tiles that it has a share of are touched. */
static void a_herd_touches_the_tiles_of_its_pasture_alone(void **state)
{
    (void)state;
    char *dir = make_world("herd");
    struct cao_run_summary s;
    run_once(dir);
    run_in(dir, true, false, &s);
    size_t n = s.n_tiles;
    cao_run_summary_release(&s);
    test_shell("cd '%s' && awk -F, 'NR == 2 {$NF += 900} {print}' OFS=, livestock.csv >l && mv l "
               "livestock.csv",
               dir);
    size_t touched = todo(dir, "herds of its pastures changed");
    assert_in_range(touched, 1, n - 1);
    free(dir);
}

static void what_left_the_project_is_named_and_pruned(void **state)
{
    (void)state;
    char *dir = make_world("orphans");
    struct cao_run_summary s;
    run_once(dir);
    test_shell("cd '%s' && grep -q 'indices: .*NDMI' park.yaml && sed -i 's/, NDMI//' park.yaml",
               dir);
    run_in(dir, true, false, &s);
    assert_int_equal(s.n_orphans, 1);
    assert_string_equal(s.orphans[0].path, "peak-2024/ndmi.vrt");
    cao_run_summary_release(&s);
    run_once(dir); /* a map must not stay behind its rasters */
    test_shell("cd '%s' && ! find results -name 'ndmi.*' | grep .", dir);
    /* another name for the period: the old one's results may still be wanted */
    test_shell("cd '%s' && touch results/peak-2024/mine.txt && "
               "sed -i 's/name: peak-2024/name: high/' park.yaml",
               dir);
    run_in(dir, false, false, &s);
    assert_true(s.n_orphans > 2);
    assert_int_equal(s.findings.n_problems, 0);
    cao_run_summary_release(&s);
    test_shell("test -e '%s/results/peak-2024/ndvi.vrt'", dir);
    run_in(dir, false, true, &s);
    assert_int_equal(s.n_fresh, s.n_tiles);
    cao_run_summary_release(&s);
    /* what the run did not write stays */
    test_shell("cd '%s/results/peak-2024' && test \"$(find . -type f)\" = ./mine.txt", dir);
    run_in(dir, true, false, &s);
    assert_int_equal(s.n_orphans, 0);
    cao_run_summary_release(&s);
    free(dir);
}

static void sql(const char *dir, const char *words)
{
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/pastures.gpkg", dir);
    GDALDatasetH d = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_UPDATE, NULL, NULL, NULL);
    assert_non_null(d);
    GDALDatasetReleaseResultSet(d, GDALDatasetExecuteSQL(d, words, NULL, NULL));
    GDALClose(d);
}

/* Whether pastures and tables come from memory or are made again, bytes and what is told are the same. */
static void what_is_remembered_changes_no_byte(void **state)
{
    (void)state;
    struct cao_run_summary first, again;
    char *dir = make_world("memory");
    run_in(dir, false, false, &first);
    assert_true(first.n_verdicts > 0);
    test_shell("cd '%s' && cp -a results kept && test -s results/.caochu.pastures && "
               "test -s results/.caochu.tiles",
               dir);
    run_in(dir, false, false, &again);
    assert_int_equal(again.n_done, 0);
    assert_int_equal(again.n_verdicts, first.n_verdicts);
    assert_int_equal(again.n_classes, first.n_classes);
    for (size_t i = 0; i < first.n_classes; i++) {
        assert_string_equal(again.classes[i].name, first.classes[i].name);
        assert_int_equal(again.classes[i].n, first.classes[i].n);
        assert_int_equal(again.classes[i].n_firm, first.classes[i].n_firm);
        assert_true(again.classes[i].area_ha - first.classes[i].area_ha < 1e-6);
    }
    assert_string_equal(again.csv, first.csv);
    assert_string_equal(again.gpkg, first.gpkg);
    assert_int_equal(again.findings.n, first.findings.n);
    for (size_t i = 0; i < first.findings.n; i++)
        assert_string_equal(again.findings.items[i].text, first.findings.items[i].text);
    cao_run_summary_release(&again);
    cao_run_summary_release(&first);
    static const char *const harms[] = { "true",
                                         "rm results/.caochu.pastures",
                                         "rm results/.caochu.tiles",
                                         "printf x >>results/.caochu.tiles",
                                         "truncate -s 900 results/.caochu.tiles",
                                         ("dd if=/dev/urandom of=results/.caochu.tiles bs=1 "
                                          "seek=300 count=9 conv=notrunc 2>/dev/null"),
                                         "cp kept/.caochu.pastures results/.caochu.tiles",
                                         "printf x >>results/.caochu.pastures",
                                         "printf x >>results/pastures.csv",
                                         "rm results/groups.csv",
                                         "printf x >results/pastures.gpkg",
                                         "rm results/masks.csv results/run.json",
                                         "printf '{' >results/run.json",
                                         "printf x >results/herds.csv" };
    for (size_t i = 0; i < sizeof harms / sizeof harms[0]; i++) {
        test_shell("cd '%s' && %s", dir, harms[i]);
        run_once(dir);
        test_shell("cd '%s' && diff -r -x run.json kept results", dir);
    }
    free(dir);
}

/* Times of change and places on disk of all files stay, those of the record too; a map that is missing comes back
 * alone. With sums torn within a record nothing is noticed while nobody asks for them, then all is mended. */
static void a_run_with_nothing_new_writes_nothing(void **state)
{
    (void)state;
    static const char list[] = "find results -printf '%p %i %T@ %s\\n' | sort";
    struct cao_run_summary s;
    char *dir = make_world("quiet");
    run_once(dir);
    test_shell("cd '%s' && cp -a results kept && %s >was", dir, list);
    for (int i = 0; i < 2; i++)
        run_once(dir);
    test_shell("cd '%s' && %s | grep -v '^results ' >now && grep -v '^results ' was | cmp - now",
               dir, list);
    test_shell("cd '%s' && grep -q '\"state\": *\"done\"' results/run.json && "
               "rm results/peak-2024/ndvi.vrt",
               dir);
    run_once(dir);
    test_shell("cd '%s' && diff -r kept results", dir);
    test_shell("cd '%s' && f=$(ls results/peak-2024/tiles/*/tile.json | head -n 1) && "
               "sed -i 's/\"zones\":.*/\"zones\":[/' $f && ! diff -rq kept results",
               dir);
    run_in(dir, true, false, &s);
    assert_int_equal(s.n_todo, 0);
    cao_run_summary_release(&s);
    test_shell("cd '%s' && rm results/pastures.csv", dir);
    assert_int_equal(todo(dir, "its rasters are missing or were changed"), 1);
    run_in(dir, false, false, &s);
    assert_int_equal(s.n_done, 1);
    cao_run_summary_release(&s);
    test_shell("cd '%s' && diff -r -x run.json kept results", dir);
    test_shell("cd '%s' && grep -q '\"tiles_computed\": *1,' results/run.json", dir);
    free(dir);
}

static void a_name_that_changed_is_in_the_tables(void **state)
{
    (void)state;
    char *dir = make_world("renamed");
    run_once(dir);
    sql(dir, "UPDATE pastures SET name = '新名' WHERE pasture_id = '0632626001'");
    run_once(dir);
    test_shell("cd '%s' && grep -q '0632626001.*新名' results/pastures.csv", dir);
    test_shell("cd '%s' && sed -i 's/^language: en/language: zh/' park.yaml", dir);
    run_once(dir);
    test_shell("cd '%s' && head -n 1 results/pastures.csv | grep -q 草场编号", dir);
    test_shell(
        "cd '%s' && printf 'firm_at: 0.95\\n' >>park.yaml && cp results/pastures.csv was.csv", dir);
    run_once(dir);
    test_shell("cd '%s' && ! cmp -s results/pastures.csv was.csv", dir);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_says_why),
        cmocka_unit_test(a_herd_touches_the_tiles_of_its_pasture_alone),
        cmocka_unit_test(what_is_remembered_changes_no_byte),
        cmocka_unit_test(a_run_with_nothing_new_writes_nothing),
        cmocka_unit_test(a_name_that_changed_is_in_the_tables),
        cmocka_unit_test(what_left_the_project_is_named_and_pruned),
    };
    return cmocka_run_group_tests_name("freshness", tests, test_gdal_set_up, test_gdal_tear_down) !=
           0;
}
