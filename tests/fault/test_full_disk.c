/* SPDX-License-Identifier: MIT
 * A disk that fills up in the middle of a run: a small tmpfs, the program itself. Each size of disk must
 * give a clean error or the whole results, and what an undisturbed run writes once there is room. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"

static char *dir;
static bool may_mount;

/* Mounts in a name space of our own where that is allowed, so that none is left behind. */
static int in_mounts(const char *script)
{
    char path[CAO_PATH_MAX], command[2 * CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/mounts.sh", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fprintf(f, "set -u\ncd '%s' || exit 99\n%s\n", dir, script) > 0);
    assert_int_equal(fclose(f), 0);
    snprintf(command, sizeof command,
             "CAOCHU_DATA='%s' CAO='%s' unshare -m%s sh '%s' >'%s/mounts.txt' 2>&1",
             realpath("src/profiles", (char[CAO_PATH_MAX]){ 0 }),
             realpath(getenv("CAO_BIN") ? getenv("CAO_BIN") : "build/release/caochu",
                      (char[CAO_PATH_MAX]){ 0 }),
             system("test $(id -u) = 0") == 0 ? "" : "r", path, dir);
    int rc = system(command);
    return rc == 0 ? 0 : rc / 256;
}

static int set_up(void **state)
{
    (void)state;
    const char *b = getenv("CAO_BUILD");
    dir = test_folder("full");
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    test_shell("cd '%s' && sed -i -e 's/tile: 512/tile: 256/' park.yaml && mkdir disk", dir);
    may_mount = in_mounts("mount -t tmpfs -o size=64k none disk") == 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(dir);
    return 0;
}

/* The plan knows only what is free at the start: another program takes the rest meanwhile. Here the
 * disk is as large as the plan asks for, and a file fills it but for some pages once tiles come. */
static const char fill[] =
    "sed 's|folder: results|folder: disk/results|' park.yaml >disk.yaml\n"
    "\"$CAO\" run park.yaml -q || exit 90\n"
    "bad=0 whole=0\n"
    "for left in 0 16 64 200 400 800 1200 1600 1800 1900 2000 2600 4000; do\n"
    "  mount -t tmpfs -o size=30m none disk || exit 98\n"
    "  \"$CAO\" run disk.yaml -q -j 2 >run.txt 2>&1 & process=$!\n"
    "  while ! grep -q running disk/results/run.json 2>/dev/null && kill -0 $process 2>/dev/null; "
    "do :; done\n"
    "  free=$(df --output=avail -k disk | tail -n 1)\n"
    "  test $free -gt $left && head -c $(((free - left) * 1024)) /dev/zero >disk/others\n"
    "  wait $process; code=$?\n"
    "  (cd disk/results && find . -path '*/tiles/*' -type f) >names.txt\n"
    "  while read -r f; do cmp \"disk/results/$f\" \"results/$f\" || exit 91; done <names.txt\n"
    "  if test $code = 0; then whole=$((whole + 1)); diff -r -x run.json results disk/results || "
    "exit "
    "92\n"
    "  else bad=$((bad + 1)); grep -q 'o space' run.txt || exit 93\n"
    "    test $code = 1 -o $code = 3 || exit 94\n"
    "  fi\n"
    "  rm -f disk/others\n"
    "  \"$CAO\" run disk.yaml -q -j 2 || exit 95\n"
    "  diff -r -x run.json results disk/results || exit 96\n"
    "  grep -q '\"state\":\"done\"' disk/results/run.json || exit 97\n"
    "  umount disk || exit 98\n"
    "done\n"
    "echo $bad of $((bad + whole)) disks were full\n"
    "test $bad -gt 3 -a $whole -gt 0 || exit 89\n";

static void a_disk_that_fills_up_loses_nothing(void **state)
{
    (void)state;
    if (!may_mount) {
        printf("SKIP  %s: needs the right to mount a tmpfs (root)\n", __func__);
        skip();
    }
    int rc = in_mounts(fill);
    if (rc != 0)
        test_shell("tail -n 20 '%s/mounts.txt' '%s/run.txt' >&2", dir, dir);
    assert_int_equal(rc, 0);
    test_shell("sed 's/^/      /' '%s/mounts.txt' | tail -n 1", dir);
}

static const char small[] = "sed 's|folder: results|folder: disk/results|' park.yaml >disk.yaml\n"
                            "mount -t tmpfs -o size=512k none disk || exit 98\n"
                            "\"$CAO\" run disk.yaml -q >run.txt 2>&1; code=$?\n"
                            "test $code = 1 || exit 90\n"
                            "grep -q 'more are needed and .* are free' run.txt || exit 91\n"
                            "test -z \"$(find disk -name '*.tif')\" || exit 92\n";

static void too_small_a_disk_is_told_before_anything_is_begun(void **state)
{
    (void)state;
    if (!may_mount) {
        printf("SKIP  %s: needs the right to mount a tmpfs (root)\n", __func__);
        skip();
    }
    assert_int_equal(in_mounts(small), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disk_that_fills_up_loses_nothing),
        cmocka_unit_test(too_small_a_disk_is_told_before_anything_is_begun),
    };
    return cmocka_run_group_tests_name("full_disk", tests, set_up, tear_down) != 0;
}
