/* SPDX-License-Identifier: MIT */
#include "run/order.h"

#include <stdlib.h>

struct place {
    size_t period, job;
    int32_t band, col, row;
};

static int compare(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->period != y->period)
        return x->period < y->period ? -1 : 1;
    if (x->band != y->band)
        return x->band < y->band ? -1 : 1;
    if (x->col != y->col)
        return x->col < y->col ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return 0;
}

enum cao_status cao_tile_order(const struct cao_plan *plan, size_t *jobs, size_t n, int workers,
                               struct cao_error *err)
{
    enum { HIGH = 2048 }; /* cells */
    int32_t alone = plan->grid.tile < HIGH ? 2 : 1;
    int32_t high = workers > 1 ? workers : alone;
    struct place *places = calloc(n + 1, sizeof *places);
    if (!places)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        const struct cao_tile_job *job = &plan->jobs[jobs[i]];
        places[i] = (struct place){ job->period, jobs[i], job->tile_row / high, job->tile_col,
                                    job->tile_row };
    }
    qsort(places, n, sizeof *places, compare);
    for (size_t i = 0; i < n; i++)
        jobs[i] = places[i].job;
    free(places);
    return CAO_OK;
}
