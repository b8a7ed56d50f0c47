/** @file run/fold.h  From the sums of tiles to one row per pasture and period.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_FOLD_H
#define CAO_RUN_FOLD_H
#include "run/tile.h"

/** One pasture in one period. */
struct cao_pasture_result {
    size_t pasture, period;
    const struct cao_zone_sum *sums;             /**< [layers] over all tiles */
    bool complete;                               /**< every tile it touches is done */
    double seen_share, valid_share;              /**< of its area, 0..1 */
    double fresh_kg_ha, hay_kg_ha, usable_kg_ha; /**< mean over what is valid; NaN: nothing is */
    struct cao_balance balance;
};

/** Rows by period, then in the pastures' order. */
struct cao_fold {
    struct cao_pasture_result *rows;
    size_t n;
    struct cao_zone_sum *sums;
    size_t layers;
};

/** Merge the tiles' sums, then reckon the balance. @param results [plan->n_jobs] */
CAO_CHECKED enum cao_status cao_fold(const struct cao_plan *plan,
                                     const struct cao_tile_result *results, struct cao_fold *fold,
                                     struct cao_error *err);
void cao_fold_release(struct cao_fold *f);

#endif
