/* SPDX-License-Identifier: MIT
 * One digest over all outputs, whatever the workers, memory, open files, order of scenes, and whether
 * the run went through or was cut short: the program itself, in processes of its own. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/support.h"

#include "caochu/file.h"

static char *dir;

static int set_up(void **state)
{
    (void)state;
    const char *b = getenv("CAO_BUILD");
    dir = test_folder("same");
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    test_shell("sed -i 's/tile: 512/tile: 256/' '%s/park.yaml'", dir);
    assert_int_equal(test_wait(test_start(dir, "run park.yaml -q -j 1")), 0);
    test_shell("cd '%s' && mv results whole", dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(dir);
    return 0;
}

static void same_after(const char *words)
{
    test_shell("rm -rf '%s/results'", dir);
    if (test_wait(test_start(dir, words)) != 0)
        fail_msg("%s", words);
    test_shell("cd '%s' && diff -r -x run.json whole results", dir);
}

static void for_any_workers_and_memory(void **state)
{
    (void)state;
    static const char *const words[] = { "run park.yaml -q -j 2", "run park.yaml -q -j 7",
                                         "run park.yaml -q -j 2 --memory 150",
                                         "run park.yaml -q -j 3 --memory 4000" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        same_after(words[i]);
    assert_int_equal(test_wait(test_start(dir, "run park.yaml -q --memory 60")), 2);
    assert_true(test_file_says(dir, "err.txt", "MB more (--memory)"));
}

static void with_few_files_open(void **state)
{
    (void)state;
    test_shell("rm -rf '%s/results'; ulimit -n 72; cd '%s' && CAOCHU_DATA='%s' '%s' run park.yaml "
               "-q -j 1",
               dir, dir, realpath("src/profiles", (char[CAO_PATH_MAX]){ 0 }),
               realpath(getenv("CAO_BIN") ? getenv("CAO_BIN") : "build/release/caochu",
                        (char[CAO_PATH_MAX]){ 0 }));
    test_shell("cd '%s' && diff -r -x run.json whole results", dir);
}

/* Scenes come in order of time, wherever they lie and however they are named in the project. */
static void for_any_order_of_scenes(void **state)
{
    (void)state;
    test_shell(
        "cd '%s' && cp park.yaml kept.yaml && mkdir b && mv imagery/$(ls imagery | head -n 1) b/ "
        "&& sed -i 's/imagery: \\[imagery\\]/imagery: [imagery, b]/' park.yaml && "
        "grep -q 'imagery, b' park.yaml",
        dir);
    same_after("run park.yaml -q -j 2");
    test_shell("cd '%s' && sed -i 's/imagery, b/b, imagery/' park.yaml", dir);
    same_after("run park.yaml -q -j 2");
    test_shell("cd '%s' && mv b/* imagery/ && rmdir b && mv kept.yaml park.yaml", dir);
}

static void cut_short_and_resumed(void **state)
{
    (void)state;
    const struct timespec tick = { 0, 70000000 };
    test_shell("rm -rf '%s/results'", dir);
    for (int i = 0; i < 30; i++) {
        int process = test_start(dir, i % 2 ? "run park.yaml -q -j 2" : "run park.yaml -q -j 1");
        for (int k = 0; k < 4 + i; k++)
            nanosleep(&tick, NULL);
        kill(process, SIGTERM);
        int code = test_wait(process);
        if (code == 0)
            break;
        if (code != 1000 + SIGTERM) /* on a busy machine it has not begun to listen yet */
            assert_int_equal(code, 130);
    }
    assert_int_equal(test_wait(test_start(dir, "run park.yaml -q")), 0);
    test_shell("cd '%s' && diff -r -x run.json whole results", dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(for_any_workers_and_memory),
        cmocka_unit_test(with_few_files_open),
        cmocka_unit_test(for_any_order_of_scenes),
        cmocka_unit_test(cut_short_and_resumed),
    };
    return cmocka_run_group_tests_name("sameness", tests, set_up, tear_down) != 0;
}
