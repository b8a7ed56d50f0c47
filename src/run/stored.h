/** @file run/stored.h  What a finished run left behind, read again without touching a pixel.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_STORED_H
#define CAO_RUN_STORED_H
#include "caochu/livestock.h"
#include "caochu/run.h"
#include "run/tile.h"

/** Borrowed while it is used. */
struct cao_stored {
    const struct cao_plan *plan;
    const struct cao_tile_result *results; /**< [plan->n_jobs], all done */
    struct cao_demand_tables tables;
    const struct cao_findings
        *findings; /**< of reading all that: refused rows of tables are among them */
};
typedef enum cao_status cao_stored_use(void *context, const struct cao_stored *stored,
                                       struct cao_error *err);

/** Read project, pastures, herds and the tiles' sums, and hand them to @p use. options->project may
 *  be the results folder of a run, whose record names the project file.
 *  @retval CAO_EDATA some tile is not up to date: the text says to run first */
CAO_CHECKED enum cao_status cao_run_stored(const struct cao_run_options *options,
                                           cao_stored_use *use, void *context,
                                           struct cao_run_summary *summary, struct cao_error *err);
#endif
