/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/support.h"

#include "caochu/file.h"

static void a_file_is_whole_or_absent(void **state)
{
    (void)state;
    char *dir = test_folder("draft"), path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    struct cao_draft d;
    struct cao_names names;
    snprintf(path, sizeof path, "%s/结果 表.csv", dir);
    assert_ok(cao_draft_init(&d, path, 3, &err));
    assert_true(cao_path_has_ending(d.temp, ".csv")); /* drivers look at it */
    FILE *f = fopen(d.temp, "w");
    assert_non_null(f);
    fputs("half", f);
    fclose(f);
    assert_false(cao_file_stat(path, NULL, NULL));
    cao_draft_abandon(&d);
    assert_ok(cao_list_dir(dir, &names, &err));
    assert_int_equal(names.n, 0);
    cao_names_release(&names);
    assert_ok(cao_file_write(path, "whole", 5, &err));
    assert_ok(cao_file_write(path, "again", 5, &err));
    char *text;
    size_t n;
    assert_ok(cao_file_read(path, 100, &text, &n, &err));
    assert_int_equal(n, 5);
    assert_string_equal(text, "again");
    free(text);
    assert_int_equal(cao_file_read(path, 4, &text, &n, &err), CAO_EDATA);
    assert_non_null(strstr(err.text, "结果 表.csv"));
    assert_ok(cao_list_dir(dir, &names, &err));
    assert_int_equal(names.n, 1);
    cao_names_release(&names);
    free(dir);
}

static void what_cannot_be_written_leaves_the_old_file(void **state)
{
    (void)state;
    char *dir = test_folder("full"), path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/no/such/folder/x", dir);
    assert_int_equal(cao_file_write(path, "x", 1, &err), CAO_EIO);
    assert_non_null(strstr(err.text, "cannot be written"));
    assert_int_equal(cao_file_write("/dev/full/x", "x", 1, &err), CAO_EIO);
    snprintf(path, sizeof path, "%s/in the way", dir);
    assert_ok(cao_file_write(path, "x", 1, &err));
    strcat(path, "/below");
    assert_int_equal(cao_make_dirs(path, &err), CAO_EIO);
    assert_non_null(strstr(err.text, "in the way"));
    free(dir);
}

static void paths_are_joined_and_taken_apart(void **state)
{
    (void)state;
    char out[CAO_PATH_MAX], *longest = malloc(CAO_PATH_MAX + 1);
    struct cao_error err = { 0 };
    assert_ok(cao_path_join(out, "a/b", "c.tif", &err));
    assert_string_equal(out, "a/b/c.tif");
    assert_ok(cao_path_join(out, "a/", "c", &err));
    assert_string_equal(out, "a/c");
    assert_ok(cao_path_join(out, "a", "/c", &err));
    assert_string_equal(out, "/c");
    assert_ok(cao_path_join(out, ".", "c", &err));
    assert_string_equal(out, "c");
    cao_path_dir(out, "x");
    assert_string_equal(out, ".");
    cao_path_dir(out, "/x");
    assert_string_equal(out, "/");
    cao_path_dir(out, "a/b/c");
    assert_string_equal(out, "a/b");
    assert_string_equal(cao_path_name("a/b/c"), "c");
    assert_true(cao_path_has_ending("X.JP2", ".jp2"));
    assert_non_null(longest);
    memset(longest, 'x', CAO_PATH_MAX);
    longest[CAO_PATH_MAX] = '\0';
    assert_int_equal(cao_path_join(out, "a", longest, &err), CAO_EARG);
    free(longest);
}

static void folders_are_listed_in_byte_order(void **state)
{
    (void)state;
    char *dir = test_folder("list");
    struct cao_error err = { 0 };
    struct cao_names names;
    test_shell("cd '%s' && touch b a 草 '10' '9' && mkdir -p d/e", dir);
    assert_ok(cao_list_dir(dir, &names, &err));
    static const char *const want[] = { "10", "9", "a", "b", "d", "草" };
    assert_int_equal(names.n, 6);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(names.items[i], want[i]);
    cao_names_release(&names);
    assert_int_equal(cao_list_dir("no/such", &names, &err), CAO_EIO);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_whole_or_absent),
        cmocka_unit_test(what_cannot_be_written_leaves_the_old_file),
        cmocka_unit_test(paths_are_joined_and_taken_apart),
        cmocka_unit_test(folders_are_listed_in_byte_order),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL) != 0;
}
