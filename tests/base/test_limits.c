/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <sys/resource.h>

#include "support/support.h"

#include "caochu/limits.h"

static void put(const char *root, const char *path, const char *text)
{
    test_shell("mkdir -p \"$(dirname '%s%s')\" && printf '%s' >'%s%s'", root, path, text, root,
               path);
}

/* The files as the kernel's documentation shows them (cgroup-v2.rst, memory.rst). */
static void the_tightest_limit_counts(void **state)
{
    (void)state;
    char *root = test_folder("limits");
    assert_int_equal(cao_memory_available_in(root), INT64_MAX);
    put(root, "/proc/meminfo",
        "MemTotal:       16000000 kB\\nMemFree: 10 kB\\nMemAvailable:    "
        "8000000 kB\\n");
    assert_int_equal(cao_memory_available_in(root), 8000000LL * 1024);
    put(root, "/proc/self/cgroup", "0::/user.slice/job\\n");
    put(root, "/sys/fs/cgroup/user.slice/job/memory.max", "max\\n");
    assert_int_equal(cao_memory_available_in(root), 8000000LL * 1024);
    put(root, "/sys/fs/cgroup/user.slice/memory.max", "1000000000\\n"); /* of the level above */
    put(root, "/sys/fs/cgroup/user.slice/memory.current", "600000000\\n");
    assert_int_equal(cao_memory_available_in(root), 400000000);
    put(root, "/sys/fs/cgroup/user.slice/memory.stat", "anon 7\\ninactive_file 100000000\\n");
    assert_int_equal(cao_memory_available_in(root), 500000000);
    put(root, "/sys/fs/cgroup/user.slice/memory.current", "2000000000\\n");
    assert_int_equal(cao_memory_available_in(root), 0);
    put(root, "/proc/self/cgroup", "5:cpu,memory:/docker\\n1:name=systemd:/\\n");
    put(root, "/sys/fs/cgroup/memory/docker/memory.limit_in_bytes", "300000000\\n");
    put(root, "/sys/fs/cgroup/memory/docker/memory.usage_in_bytes", "100000000\\n");
    put(root, "/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\\n");
    assert_int_equal(cao_memory_available_in(root), 200000000);
    assert_true(cao_memory_available() > 1 << 20);
    free(root);
}

static void the_soft_limit_on_files_is_raised(void **state)
{
    (void)state;
    struct rlimit was, low;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    low = was;
    low.rlim_cur = 100;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    assert_true(cao_files_limit() >= 100);
    assert_true(was.rlim_max < 200 || cao_files_limit() > 100);
    setrlimit(RLIMIT_NOFILE, &was);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tightest_limit_counts),
        cmocka_unit_test(the_soft_limit_on_files_is_raised),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL) != 0;
}
