/* SPDX-License-Identifier: MIT
 * Every row of the table of exit codes, and of the table of error codes, by running the program. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/findings.h"
#include "caochu/lock.h"

static char *dir;

static int run(const char *words)
{
    return test_wait(test_start(dir, words));
}

static int set_up(void **state)
{
    (void)state;
    const char *b = getenv("CAO_BUILD");
    dir = test_folder("exits");
    test_shell("%s/make-world '%s' --size 204 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(dir);
    return 0;
}

static void the_table_has_no_row_that_is_not_tested_here(void **state)
{
    (void)state;
    assert_int_equal(run("list exits"), 0);
    test_shell(
        "cd '%s' && test \"$(awk 'NR > 1 {printf \"%%s \", $1}' out.txt)\" = '0 1 2 3 4 5 130 '",
        dir); /* 130: tests/fault/test_kill.c */
}

static void done_is_0(void **state)
{
    (void)state;
    assert_int_equal(run("plan park.yaml -q"), 0);
    assert_int_equal(run("run park.yaml -q --max-failures 0"), 0);
    assert_int_equal(run("run park.yaml -q --json"), 0);
    assert_true(test_file_says(dir, "out.txt", "\"exit_code\":0"));
    assert_true(test_file_says(dir, "results/run.json", "\"exit_code\":0"));
}

/* The record names its project file so that it is found from any folder, and after both were moved. */
static void results_find_their_project_from_any_folder(void **state)
{
    (void)state;
    char results[CAO_PATH_MAX];
    snprintf(results, sizeof results, "%s/results", dir);
    assert_int_equal(run("run park.yaml -q"), 0);
    assert_int_equal(test_wait(test_start(results, "balance .. -q")), 1); /* a folder of no run */
    assert_int_equal(test_wait(test_start(results, "balance . -q")), 0);
    test_shell("cd '%s' && sed -i 's|\"project\":\"[^\"]*/|\"project\":\"/nowhere/|' "
               "results/run.json",
               dir);
    assert_int_equal(test_wait(test_start(results, "balance . -q")), 0);
    test_shell("rm -f '%s/out.txt' '%s/err.txt'", results, results);
}

static void failed_is_1(void **state)
{
    (void)state;
    test_shell("cd '%s' && sed 's/folder: results/folder: park.yaml\\/in/' park.yaml >away.yaml",
               dir);
    assert_int_equal(run("run away.yaml -q"), 1);
    assert_true(test_file_says(dir, "err.txt", "park.yaml/in: the folder cannot be made"));
    test_shell("cd '%s' && ! CAOCHU_DATA=/ '%s' list exits >/dev/full 2>/dev/null", dir,
               realpath(getenv("CAO_BIN") ? getenv("CAO_BIN") : "build/release/caochu",
                        (char[CAO_PATH_MAX]){ 0 }));
    /* a limit on file size, as a full disk: nothing torn, what was there stays */
    test_shell("cd '%s' && cp -r results before && (ulimit -f 8; trap '' XFSZ; CAOCHU_DATA='%s' "
               "'%s' run park.yaml --again -q >out.txt 2>err.txt; test $? -eq 1) && "
               "! find results -name '.part-*' | grep .",
               dir, realpath("src/profiles", (char[CAO_PATH_MAX]){ 0 }),
               realpath(getenv("CAO_BIN") ? getenv("CAO_BIN") : "build/release/caochu",
                        (char[CAO_PATH_MAX]){ 0 }));
    assert_true(test_file_says(dir, "err.txt", "File too large"));
    assert_int_equal(run("run park.yaml -q"), 0);
    test_shell("cd '%s' && diff -r -x run.json before results", dir);
}

static void usage_is_2(void **state)
{
    (void)state;
    static const char *const wrong[] = { "rnu",
                                         "run",
                                         "run nowhere.yaml",
                                         "run park.yaml --jbos 2",
                                         "run park.yaml --max-failures many",
                                         "run park.yaml --max-failures 101%" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(run(wrong[i]), 2);
    test_shell("cd '%s' && sed 's/resolution:/resolutoin:/' park.yaml >typo.yaml", dir);
    assert_int_equal(run("run typo.yaml -q"), 2);
}

static void busy_is_5(void **state)
{
    (void)state;
    struct cao_lock lock = { 0 };
    struct cao_error err = { 0 };
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/results", dir);
    assert_ok(cao_lock_take(&lock, path, "a test", &err));
    assert_int_equal(run("run park.yaml -q"), 5);
    assert_true(test_file_says(dir, "err.txt", "a test"));
    assert_int_equal(run("plan park.yaml -q"), 0); /* which only looks */
    cao_lock_release(&lock);
    assert_int_equal(run("run park.yaml -q"), 0);
}

/* Last, since it spoils the world. */
static void partial_is_3_and_too_many_is_4(void **state)
{
    (void)state;
    test_shell(
        "cd '%s' && truncate -s 3000 $(find imagery -name '*_B04_10m.*' | sort | head -n 1) && "
        "cp results/pastures.csv before.csv",
        dir);
    assert_int_equal(run("run park.yaml -q --max-failures 0"), 4);
    assert_true(test_file_says(dir, "err.txt", "more than --max-failures allows; the first: "));
    assert_true(test_file_says(dir, "results/run.json", "\"state\":\"failed\""));
    test_shell("cd '%s' && cmp before.csv results/pastures.csv", dir);
    assert_int_equal(run("run park.yaml -q --max-failures 50%"), 3);
    assert_int_equal(run("run park.yaml -q --max-failures 1"), 3);
    assert_true(test_file_says(dir, "results/run.json", "\"code\":\"scene-unreadable\""));
    assert_int_equal(run("run park.yaml -q --again --strict"), 1);
}

/* The codes that stand in the sources, found by reading them. */
static void every_code_is_in_the_table(void **state)
{
    (void)state;
    FILE *p =
        popen("cat src/*/*.c | grep -v '^static const struct cao_code' | tr -s ' \\n' ' ' | "
              "grep -oE '(CAO_PROBLEM|CAO_NOTE|code =|refuse\\([^;\"]*|why->code == CAO_EIO "
              "\\?|:|severity), ?\"[a-z]+(-[a-z]+)+\"|(code = |CAO_EIO \\? )\"[a-z]+(-[a-z]+)+\"' "
              "| grep -oE '\"[a-z-]+\"' | tr -d '\"' | sort -u",
              "r");
    char name[100];
    size_t n = 0;
    assert_non_null(p);
    for (; fgets(name, sizeof name, p); n++) {
        name[strcspn(name, "\n")] = '\0';
        if (!cao_code_find(name))
            fail_msg("%s is not a row of src/base/codes.c: add its meaning and remedy", name);
    }
    pclose(p);
    assert_in_range(n, 20, 200);
    size_t rows;
    const struct cao_code *c = cao_code_all(&rows);
    for (size_t i = 1; i < rows; i++)
        assert_true(strcmp(c[i - 1].name, c[i].name) < 0);
    assert_int_equal(run("list errors --json"), 0);
    assert_true(test_file_says(dir, "out.txt", "scene-unreachable"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_no_row_that_is_not_tested_here),
        cmocka_unit_test(done_is_0),
        cmocka_unit_test(results_find_their_project_from_any_folder),
        cmocka_unit_test(failed_is_1),
        cmocka_unit_test(usage_is_2),
        cmocka_unit_test(busy_is_5),
        cmocka_unit_test(partial_is_3_and_too_many_is_4),
        cmocka_unit_test(every_code_is_in_the_table),
    };
    return cmocka_run_group_tests_name("exits", tests, set_up, tear_down) != 0;
}
