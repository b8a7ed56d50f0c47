/* SPDX-License-Identifier: MIT */
#include "run/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ROWS = 5, COLS = 3, PERIODS = 2, N = ROWS * COLS * PERIODS };

/* As the plan has them: period by period, row by row. */
static void make_jobs(struct cao_tile_job *jobs, size_t *order)
{
    for (size_t i = 0; i < N; i++) {
        size_t tile = i % (ROWS * COLS);
        jobs[i] = (struct cao_tile_job){ .period = i / (ROWS * COLS),
                                         .tile_row = (int32_t)(tile / COLS),
                                         .tile_col = (int32_t)(tile % COLS) };
        order[i] = i;
    }
}

static void bands_of_tiles_are_gone_through_column_by_column(void **state)
{
    (void)state;
    /* rows 0 and 1, 2 and 3, and 4 alone, of three columns */
    static const size_t want[ROWS * COLS] = { 0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11, 12, 13, 14 };
    static const size_t by_three[ROWS * COLS] = {
        0, 3, 6, 1, 4, 7, 2, 5, 8, 9, 12, 10, 13, 11, 14
    };
    struct cao_tile_job jobs[N];
    size_t order[N];
    struct cao_plan plan = { .jobs = jobs, .n_jobs = N };
    for (int workers = 0; workers <= 3; workers++) {
        const size_t *of = workers < 3 ? want : by_three;
        plan.grid.tile = 1024;
        make_jobs(jobs, order);
        assert_int_equal(cao_tile_order(&plan, order, N, workers, NULL), CAO_OK);
        for (size_t i = 0; i < N; i++)
            assert_int_equal(order[i], of[i % (ROWS * COLS)] + i / (ROWS * COLS) * ROWS * COLS);
    }
    plan.grid.tile = 2048; /* a row of large tiles is as high */
    make_jobs(jobs, order);
    assert_int_equal(cao_tile_order(&plan, order, N, 1, NULL), CAO_OK);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(order[i], i);
}

static void only_the_given_jobs_are_put_in_order(void **state)
{
    (void)state;
    struct cao_tile_job jobs[N];
    size_t all[N], some[] = { 1, 2, 4, 17, 3 }, none[1] = { 7 };
    struct cao_plan plan = { .jobs = jobs, .n_jobs = N };
    make_jobs(jobs, all);
    assert_int_equal(cao_tile_order(&plan, some, 5, 1, NULL), CAO_OK);
    static const size_t want[] = { 3, 1, 4, 2, 17 };
    assert_memory_equal(some, want, sizeof want);
    assert_int_equal(cao_tile_order(&plan, none, 0, 1, NULL), CAO_OK);
    assert_int_equal(none[0], 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_of_tiles_are_gone_through_column_by_column),
        cmocka_unit_test(only_the_given_jobs_are_put_in_order),
    };
    return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
