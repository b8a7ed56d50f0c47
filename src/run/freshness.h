/** @file run/freshness.h  Which tiles of a plan are up to date, by the records beside their rasters.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_FRESHNESS_H
#define CAO_RUN_FRESHNESS_H
#include "caochu/run.h"
#include "run/plan.h"
#include "run/tile.h"
#include "run/tile_record.h"

/** Zero-initialise. */
struct cao_freshness {
    struct cao_why {
        bool stale;
        char text[CAO_WHY]; /**< where it is stale: why; "" it is new */
    } * jobs;               /**< [plan->n_jobs] */
    size_t n_stale;
};

/** Look at the heads of the records: fresh results have their files, counts and findings. The jobs are told where
 *  they can begin. @param again all are stale  @param results [plan->n_jobs], zero-initialised */
CAO_CHECKED enum cao_status cao_freshness_look(const struct cao_plan *plan, bool again,
                                               struct cao_tile_result *results,
                                               struct cao_freshness *f, struct cao_error *err);
/** Read the sums of all fresh tiles, by @p threads workers; one whose record does not have them whole is
 *  stale after all. */
CAO_CHECKED enum cao_status cao_freshness_load(const struct cao_plan *plan, int threads,
                                               struct cao_tile_result *results,
                                               struct cao_freshness *f, struct cao_error *err);
/** What there is to do, for people. @param stale [plan->n_jobs] gets the stale jobs, in order */
CAO_CHECKED enum cao_status cao_freshness_tell(const struct cao_plan *plan,
                                               const struct cao_freshness *f, size_t *stale,
                                               struct cao_run_summary *summary,
                                               struct cao_error *err);
void cao_freshness_release(struct cao_freshness *f);
#endif
