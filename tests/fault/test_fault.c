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

#include "caochu/file.h"
#include "caochu/run.h"

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
    test_shell("mv '%s/results' '%s/whole'", dir, dir);
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

static bool as_whole(void)
{
    return says("diff -r -x run.json whole results >&2");
}

/* What stands under its own name is whole, and nothing else stands there. */
static bool nothing_torn(bool same_scenes)
{
    if (!says("test ! -e results || ! find results -name '.part-*' -o -name .caochu.lock | grep . "
              ">&2"))
        return false;
    return !same_scenes || says("test ! -e results || { cd results && find . -type f ! -name "
                                "run.json | while read -r "
                                "f; do cmp $f ../whole/$f || exit 1; done; }");
}

/* One run with the fault; false once the run makes no k-th call. */
static bool try_one(enum kind kind, long k)
{
    struct cao_run_summary s;
    struct cao_error err = { 0 };
    assert_true(says("rm -rf results"));
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

static void whatever_call_fails_nothing_is_torn_or_lost(void **state)
{
    (void)state;
    const char *how = getenv("CAO_FAULTS");
    long every = how ? atol(how) : 0; /* 0: a sample, denser at the beginning */
    const char *only = getenv("CAO_FAULT_KIND");
    size_t n = 0;
    for (int kind = 0; kind < N_KINDS; kind++) {
        const char *from = getenv("CAO_FAULT_FROM");
        long k = from ? atol(from) : 0, step = 1, tried = 0;
        if (only && strcmp(only, kind_names[kind]) != 0)
            continue;
        for (; try_one((enum kind)kind, k); k += step, tried++)
            step = every > 0 ? every : 3 * k + 1;
        printf("      %-10s %ld tried, at most %ld calls\n", kind_names[kind], tried, k);
        n += (size_t)tried;
    }
    printf("      %zu faults, nothing torn, nothing lost\n", n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_call_fails_nothing_is_torn_or_lost),
    };
    return cmocka_run_group_tests_name("fault", tests, set_up, tear_down) != 0;
}
