/* SPDX-License-Identifier: MIT
 * The only file with OpenMP. One level of parallelism: items; nothing inside an item is parallel. */
#include "run/sched.h"

#include <omp.h>
#include <stdint.h>

struct outcome {
    size_t lowest;        /* index of the lowest item that failed; SIZE_MAX: none */
    struct cao_error err; /* its error */
    size_t done;
};

static void note_failure(struct outcome *all, size_t i, const struct cao_error *err)
{
    if (i < all->lowest) {
        all->lowest = i;
        all->err = *err;
    }
}

enum cao_status cao_sched_run(const struct cao_job *job, int threads, struct cao_error *err)
{
    struct outcome all = { .lowest = SIZE_MAX };
    size_t next = 0;
    int cancelled = 0;
    if (threads < 1)
        threads = 1;
    if ((size_t)threads > job->n)
        threads = job->n ? (int)job->n : 1;

#pragma omp parallel default(none) shared(job, all, next, cancelled) num_threads(threads)
    {
        void *worker = NULL;
        struct cao_error mine = { 0 };
        enum cao_status st = job->start ? job->start(job->shared, &worker, &mine) : CAO_OK;
        size_t i;
        int go = st == CAO_OK;
        if (!go) {
#pragma omp critical(cao_sched)
            note_failure(&all, 0, &mine);
        }
        while (go) {
#pragma omp critical(cao_sched)
            {
                if (job->cancel && *job->cancel)
                    cancelled = 1;
                i = next;
                go = !cancelled && i < job->n && i < all.lowest;
                next += go != 0;
            }
            if (!go)
                break;
            mine = (struct cao_error){ 0 };
            st = job->work(job->shared, worker, i, &mine);
#pragma omp critical(cao_sched)
            {
                if (st)
                    note_failure(&all, i, &mine);
                all.done++;
                if (job->progress)
                    job->progress(job->progress_context, all.done, job->n);
            }
        }
        if (worker)
            job->stop(job->shared, worker);
    }

    if (all.lowest != SIZE_MAX) {
        if (err)
            *err = all.err;
        return all.err.code != CAO_OK ? all.err.code : CAO_EDATA;
    }
    if (cancelled)
        return cao_fail(err, CAO_ECANCEL, "stopped; what is finished is kept, run again to go on");
    return CAO_OK;
}

struct items {
    enum cao_status (*work)(void *shared, size_t i, struct cao_error *err);
    void *shared;
};

static enum cao_status work_one(void *shared, void *worker, size_t i, struct cao_error *err)
{
    const struct items *it = shared;
    (void)worker;
    return it->work(it->shared, i, err);
}

enum cao_status cao_sched_items(const struct cao_job *like, int threads, size_t n,
                                enum cao_status (*work)(void *shared, size_t i,
                                                        struct cao_error *err),
                                void *shared, struct cao_error *err)
{
    struct items items = { work, shared };
    struct cao_job job = like ? *like : (struct cao_job){ 0 };
    job.n = n;
    job.shared = &items;
    job.work = work_one;
    return n ? cao_sched_run(&job, threads, err) : CAO_OK;
}

int cao_sched_processors(void)
{
    int n = omp_get_num_procs();
    return n > 0 ? n : 1;
}
