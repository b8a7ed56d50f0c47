/** @file run/season.h  The looks of a period as a smooth curve per cell, and its maximum: an alternative to
 *  the composite for yield equations that want a season's maximum. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_SEASON_H
#define CAO_RUN_SEASON_H
#include "caochu/smooth.h"
#include "run/tile_products.h"

/** Whether the project asks for it. */
bool cao_season_wanted(const struct cao_project *project);
/** What is smoothed, in the days of a period: step k lies k * step after its first day. */
struct cao_smoothing cao_season_of(const struct cao_plan *plan, size_t period);
/** The index is one of the project's, and each period has a day of the peak.
 *  Fills in plan->smooth_index. @retval CAO_EARG */
CAO_CHECKED enum cao_status cao_season_check(struct cao_plan *plan, struct cao_error *err);

/** Begin a strip; keep the index of a look that was read, from cell @p at on; end it with b->peak,
 *  b->peak_day (1 = 1 January of the period's first year) and b->peak_gap.
 *  Do nothing where b->series is NULL. */
void cao_season_start(const struct cao_plan *plan, const struct cao_tile_job *job,
                      struct cao_tile_buffers *b, size_t n);
void cao_season_keep(const struct cao_plan *plan, struct cao_tile_buffers *b, size_t look,
                     size_t n);
void cao_season_finish(const struct cao_plan *plan, const struct cao_tile_job *job,
                       struct cao_tile_buffers *b, size_t n);
#endif
