/** @file tests/support/support.h  What the tests share. SPDX-License-Identifier: MIT */
#ifndef CAO_TESTS_SUPPORT_H
#define CAO_TESTS_SUPPORT_H
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/** Path of an item of the real-data folder (../shared/data beside the checkout, or $CAO_TEST_DATA),
 *  or NULL where it is absent. The text is static, one at a time. */
const char *test_data(const char *item);
/** Skip the running test, loudly, where the real-data item is absent. */
#define NEED_DATA(item)                                                                            \
    do {                                                                                           \
        if (!test_data(item)) {                                                                    \
            printf("SKIP  %s: needs the real data item %s\n", __func__, item);                     \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

/** A fresh empty folder for one test, with blanks and Chinese in its name, under the build folder.
 *  free() it. */
char *test_folder(const char *name);
/** Run a command of the shell and assert that it succeeds. */
__attribute__((format(printf, 1, 2))) void test_shell(const char *format, ...);
/** The first band of a raster, no data as NaN; free() it. Fails the test where it cannot be read.
 *  @param[out] n pixels */
float *test_map(const char *path, size_t *n);
/** Start the built program in @p dir with words separated by blanks; its output goes to
 *  DIR/out.txt and DIR/err.txt. Returns the process. */
int test_start(const char *dir, const char *words);
/** Wait for it: the exit code, or 1000 + signal. */
int test_wait(int process);
/** True if DIR/NAME holds the words. */
bool test_file_says(const char *dir, const char *name, const char *words);
/** Group fixtures of tests that use GDAL: set up as the program does; a dataset left open fails. */
int test_gdal_set_up(void **state);
int test_gdal_tear_down(void **state);
/** Assert a status with its text shown on failure. */
#define assert_ok(call) test_status((int)(call), &err, __FILE__, __LINE__)
struct cao_error;
void test_status(int status, const struct cao_error *err, const char *file, int line);
#endif
