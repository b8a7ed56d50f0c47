/** @file run/sched.h  Many independent items on several threads: the only place that knows threads.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_SCHED_H
#define CAO_RUN_SCHED_H
#include <stdatomic.h>
#include <stddef.h>
#include "caochu/status.h"

/** start opens a worker, work does item i of n with it, stop closes it; both may be NULL. `shared` is read-only
 *  meanwhile, except that item i may write what belongs to item i. */
struct cao_job {
    size_t n;
    void *shared;
    enum cao_status (*start)(void *shared, void **worker, struct cao_error *err);
    enum cao_status (*work)(void *shared, void *worker, size_t i, struct cao_error *err);
    void (*stop)(void *shared, void *worker);
    /** May be NULL. Called by one thread at a time, after each item. */
    void (*progress)(void *context, size_t done, size_t n);
    void *progress_context;
    const atomic_int *cancel; /**< may be NULL; not 0: no further item is begun */
};

/** Items are begun in order. After a failure items above the lowest failing one are no longer
 *  begun, and that lowest one's error is reported, for any number of threads and any timing.
 *  @param threads at least 1. @retval CAO_ECANCEL stopped through cancel */
CAO_CHECKED enum cao_status cao_sched_run(const struct cao_job *job, int threads,
                                          struct cao_error *err);
/** Items that need no worker of their own, as other rooms hand them over: work does item i of @p n.
 *  @param like progress and cancel are taken from it; NULL: neither */
CAO_CHECKED enum cao_status cao_sched_items(const struct cao_job *like, int threads, size_t n,
                                            enum cao_status (*work)(void *shared, size_t i,
                                                                    struct cao_error *err),
                                            void *shared, struct cao_error *err);
/** Processors this process may use, at least 1. */
int cao_sched_processors(void);
#endif
