/* SPDX-License-Identifier: MIT
 * The project's resampling through the whole job: onto a grid of another zone, so that all is warped. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/run.h"

/* Run as the project file says and take the table of pastures; free() it. */
static char *table_of(const char *dir, int threads, size_t *n_todo)
{
    char path[CAO_PATH_MAX], *csv = NULL;
    size_t n = 0;
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    struct cao_run_options options = { .project = path,
                                       .data_dir = "src/profiles",
                                       .threads = threads };
    assert_ok(cao_run(&options, &s, &err));
    assert_ok(cao_file_read(s.csv, 1 << 26, &csv, &n, &err));
    *n_todo = s.n_done;
    cao_run_summary_release(&s);
    return csv;
}

static void cubic_is_another_result_and_the_same_for_any_cut(void **state)
{
    (void)state;
    const char *b = getenv("CAO_BUILD");
    char *dir = test_folder("cubic");
    size_t todo = 0, again = 0;
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    test_shell("cd '%s' && sed -i 's/tile: 512/tile: 256/; s/crs: .*/crs: EPSG:32648/' park.yaml "
               "&& grep -q 'crs: EPSG:32648' park.yaml",
               dir);
    char *linear = table_of(dir, 2, &todo);
    assert_true(todo > 1);
    test_shell("echo 'resampling: bilinear' >>'%s/park.yaml'", dir); /* as it is without */
    free(table_of(dir, 2, &again));
    assert_int_equal(again, 0);
    test_shell("sed -i 's/resampling: .*/resampling: cubic/' '%s/park.yaml'", dir);
    char *cubic = table_of(dir, 1, &again);
    assert_int_equal(again, todo);
    assert_string_not_equal(linear, cubic);
    test_shell("cd '%s' && grep -q '\"resampling\": *\"cubic\"' results/run.json && mv results one",
               dir);
    char *two = table_of(dir, 2, &again);
    assert_string_equal(cubic, two);
    test_shell("cd '%s' && diff -r -x run.json one results && rm -r results && "
               "sed -i 's/tile: 256/tile: 512/' park.yaml",
               dir);
    char *tiles = table_of(dir, 2, &again);
    assert_string_equal(cubic, tiles);
    free(linear);
    free(cubic);
    free(two);
    free(tiles);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cubic_is_another_result_and_the_same_for_any_cut),
    };
    return cmocka_run_group_tests_name("resampling", tests, test_gdal_set_up, test_gdal_tear_down);
}
