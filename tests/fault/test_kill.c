/* SPDX-License-Identifier: MIT
 * Runs that end in the middle: killed at any instant, stopped, started twice. The program itself is
 * run, in processes of its own. CAO_KILLS sets the number of kills (scripts/kill-test). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/support.h"

#include "caochu/file.h"

/* Of all tests: a world, "whole": the results of an undisturbed run, and "before": those of a run with
 * another setting, from which a run goes on with the stored indices. */
static char *dir;
static double whole_s;

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void wait_s(double s)
{
    struct timespec t = { (time_t)s, (long)((s - (double)(time_t)s) * 1e9) };
    nanosleep(&t, NULL);
}

static int run(const char *words)
{
    return test_wait(test_start(dir, words));
}

static int set_up(void **state)
{
    (void)state;
    const char *build = getenv("CAO_BUILD");
    dir = test_folder("kill");
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               build ? build : "build/release", dir);
    test_shell("cd '%s' && sed -i 's/tile: 512/tile: 256/' park.yaml && cp park.yaml kept.yaml && "
               "echo 'wildlife_share: 0.3' >>park.yaml",
               dir);
    assert_int_equal(run("run park.yaml -q -j 2"), 0);
    test_shell("cd '%s' && mv results before && mv kept.yaml park.yaml", dir);
    double began = seconds_now();
    assert_int_equal(run("run park.yaml -q -j 2"), 0);
    whole_s = seconds_now() - began;
    test_shell("cd '%s' && mv results whole", dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(dir);
    return 0;
}

/* Whatever has its own name is what an undisturbed run wrote there, or what was there before it. */
static void nothing_is_torn(void)
{
    test_shell("cd '%s' && test ! -e results || { cd results && find . -type f ! -name '.part-*' ! "
               "-name .caochu.lock ! -name run.json | while read -r f; do cmp -s \"$f\" "
               "\"../before/$f\" || cmp \"$f\" \"../whole/$f\" || exit 1; done; }",
               dir);
    test_shell(
        "cd '%s' && test ! -e results/run.json || tail -n 1 results/run.json | grep -q '^}$'", dir);
}

static void all_is_as_undisturbed(void)
{
    test_shell("cd '%s' && diff -r -x run.json whole results", dir);
    assert_true(test_file_says(dir, "results/run.json", "\"state\":\"done\""));
}

static void killed_at_any_instant_it_goes_on_to_the_same_bytes(void **state)
{
    (void)state;
    const char *said = getenv("CAO_KILLS");
    int n = said ? atoi(said) : 6, killed = 0, torn_drafts = 0;
    char look[CAO_PATH_MAX + 64];
    srand(20240715);
    for (int i = 0; killed < n && i < 20 * n; i++) {
        if (i % 4 == 0) /* then four kills in a row, each going on from the last */
            test_shell("cd '%s' && rm -rf results && %s", dir,
                       i % 8 ? "cp -a before results" : "true");
        int process = test_start(dir, "run park.yaml -q -j 2");
        wait_s(whole_s * ((double)rand() / RAND_MAX));
        kill(process, SIGKILL);
        killed += test_wait(process) == 1000 + SIGKILL;
        nothing_is_torn();
        snprintf(look, sizeof look, "find '%s' -name '.part-*' | grep -q .", dir);
        torn_drafts += system(look) == 0;
        if (i % 4 == 3 || killed == n) {
            assert_int_equal(run("run park.yaml -q -j 1"), 0);
            all_is_as_undisturbed();
        }
    }
    assert_int_equal(killed, n);
    printf("      %d runs killed, %d left drafts behind, nothing lost\n", killed, torn_drafts);
}

static void a_second_run_is_turned_away(void **state)
{
    (void)state;
    test_shell("rm -rf '%s/results'", dir);
    int first = test_start(dir, "run park.yaml -q -j 1");
    char lock[CAO_PATH_MAX + 32];
    snprintf(lock, sizeof lock, "%s/results/run.json", dir);
    for (int i = 0; i < 1000 && !cao_file_stat(lock, NULL, NULL); i++)
        wait_s(0.01);
    assert_true(test_file_says(dir, "results/run.json", "\"state\":\"running\""));
    kill(first, SIGSTOP); /* it is at work for as long as this test looks */
    assert_int_equal(run("run park.yaml -q"), 5);
    assert_true(test_file_says(dir, "err.txt", "another run is at work"));
    assert_true(test_file_says(dir, "err.txt", "caochu run park.yaml -q -j 1"));
    kill(first, SIGCONT);
    assert_int_equal(test_wait(first), 0);
    all_is_as_undisturbed();
}

static void a_stopped_run_ends_in_order(void **state)
{
    (void)state;
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    int tries = 0;
    char record[CAO_PATH_MAX + 32];
    snprintf(record, sizeof record, "%s/results/run.json", dir);
    for (size_t i = 0; i < 3; i++) {
        test_shell("rm -rf '%s/results'", dir);
        int process = test_start(dir, "run park.yaml -q -j 1");
        for (int k = 0; k < 1000 && !cao_file_stat(record, NULL, NULL); k++)
            wait_s(0.01);
        double began = seconds_now();
        kill(process, signals[i]);
        int code = test_wait(process);
        if (code == 0 && tries++ < 20) { /* on a busy machine it may be done before we look */
            i--;
            continue;
        }
        assert_int_equal(code, 130);
        assert_true(seconds_now() - began < 5);
        nothing_is_torn();
        assert_true(test_file_says(dir, "results/run.json", "\"state\":\"stopped\""));
        test_shell("cd '%s' && ! find results -name '.part-*' | grep . && test ! -e "
                   "results/.caochu.lock",
                   dir);
    }
    assert_int_equal(run("run park.yaml -q"), 0);
    all_is_as_undisturbed();
}

static void drafts_of_others_are_left_alone(void **state)
{
    (void)state;
    test_shell(
        "cd '%s/results' && t=$(ls -d */tiles/* | head -n 1) && touch .part-999999999-0-a.csv "
        ".part-1-0-alive.csv .part-mine .part-12x-3 $t/.part-1-0-b.tif && "
        "mkdir .part-999999998-0-dir",
        dir);
    assert_int_equal(run("run park.yaml -q"), 0);
    test_shell("cd '%s/results' && t=$(ls -d */tiles/* | head -n 1) && test ! -e "
               ".part-999999999-0-a.csv && test ! -e $t/.part-1-0-b.tif && test -e "
               ".part-1-0-alive.csv && test -e .part-mine && test -e .part-12x-3 && test -d "
               ".part-999999998-0-dir",
               dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_any_instant_it_goes_on_to_the_same_bytes),
        cmocka_unit_test(a_second_run_is_turned_away),
        cmocka_unit_test(a_stopped_run_ends_in_order),
        cmocka_unit_test(drafts_of_others_are_left_alone),
    };
    return cmocka_run_group_tests_name("kill", tests, set_up, tear_down) != 0;
}
