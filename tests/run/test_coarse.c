/* SPDX-License-Identifier: MIT
 * Cells of several pixels through the whole job: masks are laid on the pixels. */
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

/* Onto a grid of another zone, with cloud grown and snow told, so that masks reach over every cut. */
static void clear_shares_are_the_same_for_any_cut(void **state)
{
    (void)state;
    const char *b = getenv("CAO_BUILD");
    char *dir = test_folder("coarse cells");
    size_t todo = 0, again = 0;
    test_shell("%s/make-world '%s' --size 1440 --dates 2 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    test_shell("cd '%s' && sed -i 's/tile: 512/tile: 256/; s/crs: .*/crs: EPSG:32648/; "
               "s/resolution: .*/resolution: 37/' park.yaml && "
               "printf 'mask_dilation: 90\nsnow: true\n' >>park.yaml",
               dir);
    char *half = table_of(dir, 1, &todo);
    assert_true(todo > 1);
    test_shell("cp -r '%s/results' '%s/one' && echo 'mask_least_clear: 0.5' >>'%s/park.yaml'", dir,
               dir, dir); /* as it is without */
    free(table_of(dir, 2, &again));
    assert_int_equal(again, 0);
    test_shell("rm -r '%s/results'", dir);
    char *two = table_of(dir, 2, &again);
    assert_string_equal(half, two);
    test_shell("cd '%s' && diff -r -x run.json one results && rm -r results && "
               "sed -i 's/tile: 256/tile: 512/' park.yaml",
               dir);
    char *tiles = table_of(dir, 2, &again);
    assert_string_equal(half, tiles);
    size_t large = again;
    test_shell("sed -i 's/least_clear: .*/least_clear: 1/' '%s/park.yaml'", dir);
    char *all = table_of(dir, 2, &again);
    assert_int_equal(again, large);
    assert_string_not_equal(half, all);
    free(half);
    free(two);
    free(tiles);
    free(all);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clear_shares_are_the_same_for_any_cut),
    };
    return cmocka_run_group_tests_name("coarse", tests, test_gdal_set_up, test_gdal_tear_down);
}
