/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "support/support.h"
#include "run/sched.h"

enum { N = 200 };

struct board {
    int slot[N]; /* written by item i alone */
    size_t fails_from, fails_step;
    int started,
        stopped; /* only compared after the run; counted by one worker in the serial test */
};

static enum cao_status start(void *shared, void **worker, struct cao_error *err)
{
    (void)shared;
    int *mine = malloc(sizeof *mine);
    if (!mine)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    *mine = 0;
    *worker = mine;
    return CAO_OK;
}

static void stop(void *shared, void *worker)
{
    (void)shared;
    free(worker);
}

static enum cao_status square(void *shared, void *worker, size_t i, struct cao_error *err)
{
    struct board *b = shared;
    ++*(int *)worker;
    b->slot[i] = (int)(i * i) + 1;
    if (b->fails_step && i >= b->fails_from && (i - b->fails_from) % b->fails_step == 0)
        return cao_fail(err, CAO_EDATA, "item %zu is bad", i);
    return CAO_OK;
}

static void every_item_is_done_once_for_any_number_of_threads(void **state)
{
    (void)state;
    static const int threads[] = { 1, 2, 3, 7, 64 };
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
        struct board b = { 0 };
        struct cao_error err = { 0 };
        struct cao_job job = { .n = N, .shared = &b, .start = start, .work = square, .stop = stop };
        assert_ok(cao_sched_run(&job, threads[t], &err));
        for (size_t i = 0; i < N; i++)
            assert_int_equal(b.slot[i], (int)(i * i) + 1);
    }
}

static void the_lowest_failing_item_is_reported_for_any_timing(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 8; threads++)
        for (int again = 0; again < 20; again++) {
            struct board b = { .fails_from = 37, .fails_step = 3 };
            struct cao_error err = { 0 };
            struct cao_job job = {
                .n = N, .shared = &b, .start = start, .work = square, .stop = stop
            };
            assert_int_equal(cao_sched_run(&job, threads, &err), CAO_EDATA);
            assert_string_equal(err.text, "item 37 is bad");
            for (size_t i = 0; i < 37; i++)
                assert_int_not_equal(b.slot[i], 0);
        }
}

static enum cao_status refuse(void *shared, void **worker, struct cao_error *err)
{
    (void)shared;
    (void)worker;
    return cao_fail(err, CAO_ENOMEM, "no workspace");
}

static void a_worker_that_cannot_start_is_the_error(void **state)
{
    (void)state;
    struct board b = { 0 };
    struct cao_error err = { 0 };
    struct cao_job job = { .n = N, .shared = &b, .start = refuse, .work = square, .stop = stop };
    assert_int_equal(cao_sched_run(&job, 3, &err), CAO_ENOMEM);
    assert_string_equal(err.text, "no workspace");
    assert_int_equal(b.slot[0], 0);
}

static void cancelling_begins_nothing_further(void **state)
{
    (void)state;
    struct board b = { 0 };
    struct cao_error err = { 0 };
    atomic_int cancel = 1;
    struct cao_job job = {
        .n = N, .shared = &b, .start = start, .work = square, .stop = stop, .cancel = &cancel
    };
    assert_int_equal(cao_sched_run(&job, 2, &err), CAO_ECANCEL);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(b.slot[i], 0);
}

static void count_progress(void *context, size_t done, size_t n)
{
    size_t *last = context;
    assert_int_equal(n, N);
    assert_int_equal(done, *last + 1);
    *last = done;
}

static void progress_counts_each_item(void **state)
{
    (void)state;
    struct board b = { 0 };
    struct cao_error err = { 0 };
    size_t last = 0;
    struct cao_job job = { .n = N,
                           .shared = &b,
                           .start = start,
                           .work = square,
                           .stop = stop,
                           .progress = count_progress,
                           .progress_context = &last };
    assert_ok(cao_sched_run(&job, 4, &err));
    assert_int_equal(last, N);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_done_once_for_any_number_of_threads),
        cmocka_unit_test(the_lowest_failing_item_is_reported_for_any_timing),
        cmocka_unit_test(a_worker_that_cannot_start_is_the_error),
        cmocka_unit_test(cancelling_begins_nothing_further),
        cmocka_unit_test(progress_counts_each_item),
    };
    return cmocka_run_group_tests_name("sched", tests, NULL, NULL) != 0;
}
