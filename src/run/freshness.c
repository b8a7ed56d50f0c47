/* SPDX-License-Identifier: MIT */
#include "run/freshness.h"

#include <stdio.h>
#include <stdlib.h>

#include "caochu/text.h"
#include "run/sched.h"

enum cao_status cao_freshness_look(const struct cao_plan *plan, bool again,
                                   struct cao_tile_result *results, struct cao_freshness *f,
                                   struct cao_error *err)
{
    f->jobs = calloc(plan->n_jobs + 1, sizeof *f->jobs);
    if (!f->jobs)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < plan->n_jobs; i++) {
        struct cao_tile_job *job = &plan->jobs[i];
        struct cao_why *why = &f->jobs[i];
        why->stale = !cao_tile_record_fresh(plan, job, &results[i], why->text, &job->stage);
        if (again) {
            if (!why->stale) {
                cao_tile_result_release(&results[i]);
                snprintf(why->text, sizeof why->text, "--again");
            }
            why->stale = true;
            job->stage = CAO_STAGE_IMAGES;
        }
        f->n_stale += why->stale;
    }
    return CAO_OK;
}

struct load {
    const struct cao_plan *plan;
    struct cao_tile_result *results;
    struct cao_freshness *f;
};

static enum cao_status load_one(void *shared, void *worker, size_t i, struct cao_error *err)
{
    struct load *l = shared;
    (void)worker;
    (void)err;
    if (l->f->jobs[i].stale || cao_tile_record_zones(l->plan, &l->plan->jobs[i], &l->results[i]))
        return CAO_OK;
    cao_tile_result_release(&l->results[i]);
    l->f->jobs[i].stale = true;
    l->plan->jobs[i].stage = CAO_STAGE_IMAGES;
    snprintf(l->f->jobs[i].text, CAO_WHY, "its rasters are missing or were changed");
    return CAO_OK;
}

enum cao_status cao_freshness_load(const struct cao_plan *plan, int threads,
                                   struct cao_tile_result *results, struct cao_freshness *f,
                                   struct cao_error *err)
{
    struct load l = { plan, results, f };
    struct cao_job job = { .n = plan->n_jobs, .shared = &l, .work = load_one };
    enum cao_status st = f->n_stale < plan->n_jobs ? cao_sched_run(&job, threads, err) : CAO_OK;
    f->n_stale = 0;
    for (size_t i = 0; i < plan->n_jobs; i++)
        f->n_stale += f->jobs[i].stale;
    return st;
}

enum cao_status cao_freshness_tell(const struct cao_plan *plan, const struct cao_freshness *f,
                                   size_t *stale, struct cao_run_summary *sum,
                                   struct cao_error *err)
{
    sum->todo = calloc(plan->n_jobs + 1, sizeof *sum->todo);
    if (!sum->todo)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    sum->n_fresh = plan->n_jobs - f->n_stale;
    for (size_t i = 0, n = 0; i < plan->n_jobs; i++) {
        const struct cao_tile_job *job = &plan->jobs[i];
        const char *why = f->jobs[i].text;
        if (!f->jobs[i].stale)
            continue;
        struct cao_run_todo *todo = &sum->todo[sum->n_todo++];
        todo->from_index = job->stage == CAO_STAGE_BASES;
        stale[n++] = i;
        sum->n_new += !why[0];
        cao_tile_name(job->tile_row, job->tile_col, todo->tile);
        todo->period = cao_text_copy(plan->project->periods[job->period].name);
        todo->why = cao_text_copy(why[0] ? why : "new");
        if (!todo->period || !todo->why)
            return cao_fail(err, CAO_ENOMEM, "out of memory");
    }
    return CAO_OK;
}

void cao_freshness_release(struct cao_freshness *f)
{
    free(f->jobs);
    *f = (struct cao_freshness){ 0 };
}
