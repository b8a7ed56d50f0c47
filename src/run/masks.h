/** @file run/masks.h  How often each pasture was looked at, and what took the looks away.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_MASKS_H
#define CAO_RUN_MASKS_H
#include "caochu/table.h"
#include "run/tile.h"

/** A row per pasture and period, in the order of pastures.csv: looks that reached it (mean over its area) and
 *  the share of them by reason, "clear" among them. What lies beyond a scene's image is no look.
 *  @param results [plan->n_jobs]; tiles that are not done count nothing. cao_table_release() it. */
CAO_CHECKED enum cao_status cao_masks_make(const struct cao_plan *plan,
                                           const struct cao_tile_result *results,
                                           struct cao_table *table, struct cao_error *err);
#endif
