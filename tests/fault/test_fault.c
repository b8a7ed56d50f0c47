/* SPDX-License-Identifier: MIT
 * Fail the k-th call of a kind, for k = 0, 1, 2 ... until a run no longer makes so many: each time a
 * clean error, no torn file, and the next run ends as if nothing had been. The program's own calls are
 * caught by the linker (-Wl,--wrap); those inside GDAL are not.
 * `make check` tries a sample of k, `make fault` every one (CAO_FAULTS=1; N: each N-th). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cpl_vsi.h>

#include "support/support.h"

#include "caochu/catalog.h"
#include "caochu/check.h"
#include "caochu/file.h"
#include "caochu/run.h"
#include "caochu/what_if.h"
#include "caochu/zonal_job.h"

enum kind { ALLOCATE, OPEN, READ, WRITE, SYNC, RENAME, MAKE_DIR, LIST, CLOSE, N_KINDS };
static const char *const kind_names[N_KINDS] = { "allocation", "open",  "read", "write", "fsync",
                                                 "rename",     "mkdir", "list", "close" };
static struct {
    int kind; /* N_KINDS: none */
    long left;
    bool struck;
} fault = { N_KINDS, 0, false };

static bool strikes(enum kind kind)
{
    if (fault.kind != (int)kind || fault.left-- != 0)
        return false;
    fault.struck = true;
    return true;
}

/* The linker gives these names. */
#define WRAPPED(type, name, ...)                                                                   \
    type __real_##name(__VA_ARGS__);                                                               \
    type __wrap_##name(__VA_ARGS__);                                                               \
    type __wrap_##name(__VA_ARGS__)

WRAPPED(void *, malloc, size_t n)
{
    return strikes(ALLOCATE) ? NULL : __real_malloc(n);
}
WRAPPED(void *, calloc, size_t n, size_t size)
{
    return strikes(ALLOCATE) ? NULL : __real_calloc(n, size);
}
WRAPPED(void *, realloc, void *p, size_t n)
{
    return strikes(ALLOCATE) ? NULL : __real_realloc(p, n);
}
WRAPPED(void *, aligned_alloc, size_t align, size_t n)
{
    return strikes(ALLOCATE) ? NULL : __real_aligned_alloc(align, n);
}
WRAPPED(int, open, const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    errno = EMFILE;
    return strikes(OPEN) ? -1 : __real_open(path, flags, mode);
}
WRAPPED(FILE *, fopen, const char *path, const char *mode)
{
    errno = EMFILE;
    return strikes(OPEN) ? NULL : __real_fopen(path, mode);
}
WRAPPED(VSILFILE *, VSIFOpenL, const char *path, const char *mode)
{
    errno = EMFILE;
    return strikes(OPEN) ? NULL : __real_VSIFOpenL(path, mode);
}
WRAPPED(ssize_t, read, int fd, void *to, size_t n)
{
    errno = EIO;
    return strikes(READ) ? -1 : __real_read(fd, to, n);
}
WRAPPED(size_t, VSIFReadL, void *to, size_t size, size_t n, VSILFILE *f)
{
    return strikes(READ) ? 0 : __real_VSIFReadL(to, size, n, f);
}
/* A full disk: half of it goes through first. */
WRAPPED(ssize_t, write, int fd, const void *from, size_t n)
{
    if (strikes(WRITE)) {
        (void)!__real_write(fd, from, n / 2);
        errno = ENOSPC;
        return -1;
    }
    return __real_write(fd, from, n);
}
WRAPPED(size_t, VSIFWriteL, const void *from, size_t size, size_t n, VSILFILE *f)
{
    errno = ENOSPC;
    return strikes(WRITE) ? __real_VSIFWriteL(from, size, n / 2, f)
                          : __real_VSIFWriteL(from, size, n, f);
}
WRAPPED(int, fsync, int fd)
{
    errno = EIO;
    return strikes(SYNC) ? -1 : __real_fsync(fd);
}
WRAPPED(int, rename, const char *from, const char *to)
{
    errno = EIO;
    return strikes(RENAME) ? -1 : __real_rename(from, to);
}
WRAPPED(int, mkdir, const char *path, mode_t mode)
{
    errno = ENOSPC;
    return strikes(MAKE_DIR) ? -1 : __real_mkdir(path, mode);
}
WRAPPED(DIR *, opendir, const char *path)
{
    errno = EIO;
    return strikes(LIST) ? NULL : __real_opendir(path);
}
WRAPPED(int, close, int fd)
{
    int bad = strikes(CLOSE), rc = __real_close(fd);
    errno = EIO;
    return bad ? -1 : rc;
}
WRAPPED(int, VSIFCloseL, VSILFILE *f)
{
    int bad = strikes(CLOSE), rc = __real_VSIFCloseL(f);
    errno = EIO;
    return bad ? -1 : rc;
}

static char *dir;

static enum cao_status run(struct cao_run_summary *s, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    struct cao_run_options options = { .project = path, .data_dir = "src/profiles", .threads = 1 };
    return cao_run(&options, s, err);
}

static int set_up(void **state)
{
    const char *b = getenv("CAO_BUILD");
    struct cao_run_summary s;
    struct cao_error err = { 0 };
    if (test_gdal_set_up(state))
        return -1;
    dir = test_folder("fault");
    test_shell("%s/make-world '%s' --size 204 --pastures 16 --dates 2 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    assert_ok(run(&s, &err));
    assert_int_equal(s.findings.n_problems, 0);
    cao_run_summary_release(&s);
    test_shell(
        "cd '%s' && mv results whole && cp park.yaml kept.yaml && echo 'wildlife_share: 0.3' "
        ">>park.yaml",
        dir);
    assert_ok(run(&s, &err));
    cao_run_summary_release(&s);
    test_shell("cd '%s' && mv results before && mv kept.yaml park.yaml", dir);
    return 0;
}

static int tear_down(void **state)
{
    free(dir);
    return test_gdal_tear_down(state);
}

static bool says(const char *command)
{
    char text[2 * CAO_PATH_MAX];
    snprintf(text, sizeof text, "cd '%s' && %s", dir, command);
    return system(text) == 0;
}

/* A memory that cannot be written is none. */
static bool as_whole(void)
{
    return says("diff -r -x run.json -x .caochu.pastures -x .caochu.tiles whole results >&2");
}

/* What stands under its own name is whole, and nothing else stands there. */
static bool nothing_torn(bool same_scenes)
{
    if (!says("test ! -e results || ! find results -name '.part-*' -o -name .caochu.lock | grep . "
              ">&2"))
        return false;
    return !same_scenes || says("test ! -e results || { cd results && find . -type f ! -name "
                                "run.json | while read -r f; do cmp -s $f ../before/$f || cmp $f "
                                "../whole/$f || exit 1; done; }");
}

/* One run with the fault, from nothing or from what a run with another setting stored; false once the
 * run makes no k-th call. */
static bool try_one(enum kind kind, long k, bool stored)
{
    struct cao_run_summary s;
    struct cao_error err = { 0 };
    assert_true(says(stored ? "rm -rf results && cp -a before results" : "rm -rf results"));
    fault.kind = (int)kind;
    fault.left = k;
    fault.struck = false;
    enum cao_status st = run(&s, &err);
    fault.kind = N_KINDS;
    bool struck = fault.struck, partial = s.findings.n_problems > 0, fine = true;
    if (st) {
        fine = err.text[0] && st != CAO_ECANCEL && st != CAO_EBUSY && nothing_torn(!partial);
    } else if (!partial) { /* it got over it: then nothing may be missing */
        fine = as_whole();
    } else {
        fine = nothing_torn(false);
    }
    if (!fine)
        fprintf(stderr, "%s %ld: status %d '%s', %zu problems\n", kind_names[kind], k, (int)st,
                err.text, s.findings.n_problems);
    for (size_t i = 0; !fine && i < s.findings.n; i++)
        fprintf(stderr, "  %s\n", s.findings.items[i].text);
    cao_run_summary_release(&s);
    assert_true(fine);
    if (!struck)
        return false;
    err = (struct cao_error){ 0 };
    assert_ok(run(&s, &err));
    fine = s.findings.n_problems == 0 && as_whole();
    if (!fine)
        fprintf(stderr, "%s %ld: the next run does not end as undisturbed\n", kind_names[kind], k);
    cao_run_summary_release(&s);
    assert_true(fine);
    return true;
}

static void try_all(const char *what, bool (*try)(enum kind kind, long k))
{
    const char *how = getenv("CAO_FAULTS"), *only = getenv("CAO_FAULT_KIND");
    long every = how ? atol(how) : 0; /* 0: a sample, denser at the beginning */
    size_t n = 0;
    for (int kind = 0; kind < N_KINDS; kind++) {
        const char *from = getenv("CAO_FAULT_FROM");
        long k = from ? atol(from) : 0, step = 1, tried = 0;
        if (only && strcmp(only, kind_names[kind]) != 0)
            continue;
        for (; try((enum kind)kind, k); k += step, tried++)
            step = every > 0 ? every : 3 * k + 1;
        printf("      %s: %-10s %ld tried, at most %ld calls\n", what, kind_names[kind], tried, k);
        n += (size_t)tried;
    }
    printf("      %s: %zu faults, nothing torn, nothing lost\n", what, n);
}

static bool from_images(enum kind kind, long k)
{
    return try_one(kind, k, false);
}

static bool from_stored_indices(enum kind kind, long k)
{
    return try_one(kind, k, true);
}

static void whatever_call_fails_nothing_is_torn_or_lost(void **state)
{
    (void)state;
    try_all("run", from_images);
    try_all("run from the stored indices", from_stored_indices);
}

/* --- commands that only read --- */

static enum cao_status check_job(char **text, bool *problems, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    struct cao_check_counts counts = { 0 };
    struct cao_findings f = { 0 };
    snprintf(path, sizeof path, "%s/whole", dir);
    enum cao_status st = cao_check(path, &counts, &f, err);
    *problems = f.n_problems > 0;
    cao_findings_release(&f);
    (void)text;
    return st;
}

static enum cao_status scan_job(char **text, bool *problems, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    const char *paths[] = { path };
    struct cao_catalog c = { 0 };
    struct cao_findings f = { 0 };
    snprintf(path, sizeof path, "%s/imagery", dir);
    enum cao_status st = cao_catalog_scan(paths, 1, &c, &f, NULL, err);
    *problems = f.n_problems > 0 || c.n_refused > 0;
    if (!st && !*problems)
        assert_int_equal(c.n, 2);
    if (!st)
        cao_catalog_release(&c);
    cao_findings_release(&f);
    (void)text;
    return st;
}

static enum cao_status balance_job(char **text, bool *problems, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    static const char *const sets[] = { "head.yak=-10%" };
    const struct cao_what_if what = { .sets = sets, .n_sets = 1 };
    struct cao_run_summary s;
    size_t n;
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    struct cao_run_options options = { .project = path, .data_dir = "src/profiles", .threads = 1 };
    enum cao_status st = cao_what_if_csv(&options, &what, text, &n, &s, err);
    *problems = s.findings.n_problems > 0;
    cao_run_summary_release(&s);
    return st;
}

static enum cao_status zonal_job(char **text, bool *problems, struct cao_error *err)
{
    char raster[CAO_PATH_MAX], layer[CAO_PATH_MAX];
    const char *rasters[] = { raster };
    struct cao_zonal_result r = { 0 };
    size_t n;
    snprintf(raster, sizeof raster, "%s/whole/peak-2024/ndvi.vrt", dir);
    snprintf(layer, sizeof layer, "%s/pastures.gpkg", dir);
    const struct cao_zonal_options o = { .rasters = rasters,
                                         .n_rasters = 1,
                                         .polygons = { .path = layer, .id_field = "pasture_id" },
                                         .threads = 1 };
    enum cao_status st = cao_zonal(&o, &r, err);
    *problems = r.findings.n_problems > 0;
    if (!st)
        st = cao_table_csv(&r.table, false, text, &n, err);
    cao_zonal_result_release(&r);
    return st;
}

typedef enum cao_status job_fn(char **text, bool *problems, struct cao_error *err);
static job_fn *reading;
static char *undisturbed;

/* A clean error, a problem that is named, or the whole answer. */
static bool try_reading(enum kind kind, long k)
{
    struct cao_error err = { 0 };
    char *text = NULL;
    bool problems = false;
    fault.kind = (int)kind;
    fault.left = k;
    fault.struck = false;
    enum cao_status st = reading(&text, &problems, &err);
    fault.kind = N_KINDS;
    bool fine = st ? err.text[0] != '\0'
                   : problems || !undisturbed || (text && strcmp(text, undisturbed) == 0);
    if (!fine)
        fprintf(stderr, "%s %ld: status %d '%s'\n", kind_names[kind], k, (int)st, err.text);
    free(text);
    assert_true(fine);
    return fault.struck;
}

static void commands_that_read_answer_wholly_or_say_why(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        job_fn *job;
    } jobs[] = { { "check", check_job },
                 { "scan", scan_job },
                 { "balance", balance_job },
                 { "zonal", zonal_job } };
    assert_true(says("rm -rf results && cp -a whole results"));
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        struct cao_error err = { 0 };
        bool problems;
        undisturbed = NULL;
        assert_ok(jobs[i].job(&undisturbed, &problems, &err));
        assert_false(problems);
        reading = jobs[i].job;
        try_all(jobs[i].what, try_reading);
        free(undisturbed);
    }
    assert_true(as_whole()); /* not a byte was touched */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_call_fails_nothing_is_torn_or_lost),
        cmocka_unit_test(commands_that_read_answer_wholly_or_say_why),
    };
    return cmocka_run_group_tests_name("fault", tests, set_up, tear_down) != 0;
}
