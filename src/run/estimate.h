/** @file run/estimate.h  What a run will take: room on disk, and time by what the last one took.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_ESTIMATE_H
#define CAO_RUN_ESTIMATE_H
#include "caochu/run.h"
#include "run/tile.h"

/** Fill in bytes_on_disk, bytes_to_come, bytes_free and seconds_expected of @p sum, whose todo list and
 *  threads are set. @p results are those of the fresh tiles. */
CAO_CHECKED enum cao_status cao_estimate(const struct cao_plan *plan,
                                         const struct cao_tile_result *results,
                                         struct cao_run_summary *sum, struct cao_error *err);
/** The work of a tile in cells read and written; what seconds are measured by. */
double cao_estimate_work(const struct cao_plan *plan, const struct cao_tile_job *job);
#endif
