/* SPDX-License-Identifier: MIT
 * caochu list indices: for all sensors, for one, for products, for a project with its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static char *dir;

static int set_up(void **state)
{
    (void)state;
    const char *b = getenv("CAO_BUILD");
    dir = test_folder("list");
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

static int run(const char *words)
{
    return test_wait(test_start(dir, words));
}

/* The row of an index in the table that was printed; false: none. */
static bool row_of(const char *name, char row[1000])
{
    char path[1000];
    bool found = false;
    snprintf(path, sizeof path, "%s/out.txt", dir);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (!found && fgets(row, 1000, f))
        found = strncmp(row, name, strlen(name)) == 0 && row[strlen(name)] == ' ';
    fclose(f);
    return found;
}

static void sensors_are_told_for_each_index(void **state)
{
    (void)state;
    char row[1000];
    assert_int_equal(run("list indices"), 0);
    assert_true(row_of("NDRE", row));
    assert_true(strstr(row, "sentinel2") && strstr(row, "gf6-wfv") && !strstr(row, "landsat8"));
    assert_int_equal(run("list indices --sensor landsat8"), 0);
    assert_true(row_of("NDMI", row));
    assert_false(row_of("NDRE", row));
    assert_int_equal(run("list indices --sensor mod13 --zh"), 0);
    assert_true(row_of("EVI", row));
    assert_false(row_of("GNDVI", row));
    assert_true(test_file_says(dir, "out.txt", "传感器"));
    assert_int_equal(run("list indices --sensor gf1-wfv --json"), 0);
    assert_true(test_file_says(dir, "out.txt", "\"name\":\"VARI\""));
}

static void products_are_counted_and_own_indices_shown(void **state)
{
    (void)state;
    char row[1000];
    assert_int_equal(run("list indices imagery"), 0);
    assert_true(row_of("NDVI", row));
    assert_non_null(strstr(row, " 3/3 "));
    test_shell("cd '%s' && sed 's/^indices:.*/indices: [{name: mine, expression: N-Y, range: [-1, "
               "1]}]/' park.yaml > own.yaml",
               dir);
    assert_int_equal(run("list indices own.yaml"), 0);
    assert_true(row_of("mine", row)); /* there is no yellow band */
    assert_non_null(strstr(row, " 0/3: no Y "));
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    assert_int_equal(run("list indices --sensor sentinal2"), 2);
    assert_true(test_file_says(dir, "err.txt", "did you mean sentinel2?"));
    assert_int_equal(run("list indices --sensor mod13 imagery"), 2);
    assert_int_equal(run("list sensors imagery"), 2);
    assert_true(run("list indices nowhere") != 0);
    assert_true(test_file_says(dir, "err.txt", "nowhere"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sensors_are_told_for_each_index),
        cmocka_unit_test(products_are_counted_and_own_indices_shown),
        cmocka_unit_test(what_is_wrong_is_said),
    };
    return cmocka_run_group_tests_name("list", tests, set_up, tear_down) != 0;
}
