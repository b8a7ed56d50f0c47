/* SPDX-License-Identifier: MIT */
#include "support/support.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gdal.h>

#include "caochu/file.h"
#include "caochu/reader.h"

const char *test_data(const char *item)
{
    static char path[CAO_PATH_MAX];
    const char *root = getenv("CAO_TEST_DATA");
    struct stat s;
    snprintf(path, sizeof path, "%s/%s", root ? root : "../shared/data", item);
    return stat(path, &s) == 0 ? path : NULL;
}

char *test_folder(const char *name)
{
    const char *build = getenv("CAO_BUILD");
    char path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/scratch/%s 草场", build ? build : "build", name);
    assert_ok(cao_make_dirs(path, &err));
    char command[CAO_PATH_MAX + 64];
    snprintf(command, sizeof command, "find '%s' -mindepth 1 -delete", path);
    assert_int_equal(system(command), 0);
    char *copy = strdup(path);
    assert_non_null(copy);
    return copy;
}

void test_shell(const char *format, ...)
{
    char command[4 * CAO_PATH_MAX];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(command, sizeof command, format, args);
    va_end(args);
    assert_in_range(n, 1, (int)sizeof command - 1);
    assert_int_equal(system(command), 0);
}

int test_start(const char *dir, const char *words)
{
    char program[CAO_PATH_MAX], data[CAO_PATH_MAX], line[1000], *argv[32] = { "caochu" };
    const char *said = getenv("CAO_BIN");
    assert_non_null(realpath(said ? said : "build/release/caochu", program));
    assert_non_null(realpath("src/profiles", data));
    assert_true(strlen(words) < sizeof line);
    strcpy(line, words);
    int n = 1;
    for (char *at, *word = strtok_r(line, " ", &at); word && n < 31;
         word = strtok_r(NULL, " ", &at))
        argv[n++] = word;
    int process = fork();
    assert_true(process >= 0);
    if (process > 0)
        return process;
    static const int heard[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
    for (int i = 0; i < 4; i++) /* a script's background job begins deaf to some of these */
        signal(heard[i], SIG_DFL);
    int fine = chdir(dir) == 0 && freopen("/dev/null", "r", stdin) &&
               freopen("out.txt", "w", stdout) && freopen("err.txt", "w", stderr) &&
               setenv("CAOCHU_DATA", data, 1) == 0;
    if (fine)
        execv(program, argv);
    _exit(99);
}

int test_wait(int process)
{
    int status;
    assert_int_equal(waitpid(process, &status, 0), process);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

bool test_file_says(const char *dir, const char *name, const char *words)
{
    char path[CAO_PATH_MAX], *text;
    size_t n;
    struct cao_error err = { 0 };
    assert_ok(cao_path_join(path, dir, name, &err));
    assert_ok(cao_file_read(path, 1 << 24, &text, &n, &err));
    bool says = strstr(text, words) != NULL;
    if (!says)
        fprintf(stderr, "%s does not say '%s' but:\n%.2000s\n", path, words, text);
    free(text);
    return says;
}

float *test_map(const char *path, size_t *n)
{
    int has = 0;
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    if (!d)
        fail_msg("%s cannot be opened", path);
    GDALRasterBandH band = GDALGetRasterBand(d, 1);
    int w = GDALGetRasterXSize(d), h = GDALGetRasterYSize(d);
    double nodata = GDALGetRasterNoDataValue(band, &has);
    *n = (size_t)w * (size_t)h;
    float *v = malloc(*n * sizeof *v);
    assert_non_null(v);
    assert_int_equal(GDALRasterIO(band, GF_Read, 0, 0, w, h, v, w, h, GDT_Float32, 0, 0), CE_None);
    for (size_t i = 0; i < *n; i++)
        v[i] = has && (double)v[i] == nodata ? (float)NAN : v[i];
    GDALClose(d);
    return v;
}

int test_gdal_set_up(void **state)
{
    (void)state;
    return cao_raster_setup(128, NULL) == CAO_OK ? 0 : -1;
}

int test_gdal_tear_down(void **state)
{
    (void)state;
    int open = GDALDumpOpenDatasets(stderr);
    cao_raster_teardown();
    return open;
}

void test_status(int status, const struct cao_error *err, const char *file, int line)
{
    if (status != CAO_OK) {
        fprintf(stderr, "%s:%d: %s\n", file, line, err->text);
        _assert_int_equal((unsigned)status, CAO_OK, file, line);
    }
}
