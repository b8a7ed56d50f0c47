/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/support.h"

#include "caochu/lock.h"

/* A process that takes the lock, says so, and waits to be killed. */
static pid_t hold(const char *dir)
{
    int pipe_ends[2];
    char said = 0;
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct cao_lock lock = { 0 };
        said = cao_lock_take(&lock, dir, "caochu run park.yaml", NULL) == CAO_OK ? 'y' : 'n';
        (void)!write(pipe_ends[1], &said, 1);
        for (;;)
            pause();
    }
    assert_int_equal(read(pipe_ends[0], &said, 1), 1);
    assert_int_equal(said, 'y');
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    return child;
}

static void the_second_is_told_who_holds_it(void **state)
{
    (void)state;
    char *dir = test_folder("lock"), who[256], pid[32];
    struct cao_error err = { 0 };
    struct cao_lock lock = { 0 };
    pid_t child = hold(dir);
    snprintf(pid, sizeof pid, "process %d on ", (int)child);
    assert_int_equal(cao_lock_take(&lock, dir, NULL, &err), CAO_EBUSY);
    assert_int_equal(lock.fd, 0);
    assert_non_null(strstr(err.text, pid));
    assert_non_null(strstr(err.text, "caochu run park.yaml"));
    assert_true(cao_lock_held(dir, who));
    assert_non_null(strstr(who, pid));
    kill(child, SIGKILL); /* it dies with its process, and leaves a file that bars nobody */
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(cao_lock_held(dir, who));
    assert_ok(cao_lock_take(&lock, dir, "x", &err));
    cao_lock_release(&lock);
    free(dir);
}

static void nothing_is_left_of_a_lock_given_back(void **state)
{
    (void)state;
    char *dir = test_folder("unlock"), who[256];
    struct cao_error err = { 0 };
    struct cao_lock lock = { 0 };
    struct cao_names names;
    cao_lock_release(&lock); /* not held */
    for (int i = 0; i < 3; i++) {
        assert_ok(cao_lock_take(&lock, dir, NULL, &err));
        cao_lock_release(&lock);
    }
    assert_false(cao_lock_held(dir, who));
    assert_ok(cao_list_dir(dir, &names, &err));
    assert_int_equal(names.n, 0);
    cao_names_release(&names);
    assert_int_equal(cao_lock_take(&lock, "/proc", NULL, &err), CAO_EIO);
    assert_int_equal(lock.fd, 0);
    free(dir);
}

/* Between opening the file and locking it the holder may remove it: two would each hold a lock, on
 * two files. Many processes at once, each of which must find itself alone. */
static void never_two_at_once(void **state)
{
    (void)state;
    enum { PROCESSES = 6, TURNS = 200 };
    char *dir = test_folder("race"), flag[CAO_PATH_MAX + 8];
    snprintf(flag, sizeof flag, "%s/inside", dir);
    pid_t children[PROCESSES];
    for (int p = 0; p < PROCESSES; p++) {
        children[p] = fork();
        assert_true(children[p] >= 0);
        if (children[p] != 0)
            continue;
        int bad = 0;
        for (int turns = 0; turns < TURNS;) {
            struct cao_lock lock = { 0 };
            enum cao_status st = cao_lock_take(&lock, dir, NULL, NULL);
            bad += st != CAO_OK && st != CAO_EBUSY;
            if (st)
                continue;
            FILE *f = fopen(flag, "wx"); /* fails where another is inside */
            bad += f == NULL;
            if (f)
                fclose(f);
            unlink(flag);
            cao_lock_release(&lock);
            turns++;
        }
        _exit(bad != 0);
    }
    for (int p = 0; p < PROCESSES; p++) {
        int status;
        assert_int_equal(waitpid(children[p], &status, 0), children[p]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_is_told_who_holds_it),
        cmocka_unit_test(nothing_is_left_of_a_lock_given_back),
        cmocka_unit_test(never_two_at_once),
    };
    return cmocka_run_group_tests_name("lock", tests, NULL, NULL) != 0;
}
