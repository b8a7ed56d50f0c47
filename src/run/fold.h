/** @file run/fold.h  From the sums of tiles to one row per pasture and period.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_FOLD_H
#define CAO_RUN_FOLD_H
#include "caochu/uncertainty.h"
#include "run/tile.h"

/** A part of a pasture with its own type, grade and zone: all of it where these go by its columns. */
struct cao_pasture_part {
    cao_ground ground;               /**< by the profile of the tiles */
    const struct cao_zone_sum *sums; /**< [layers] */
    size_t type; /**< of the plan's profile; SIZE_MAX: not known or no grassland */
    struct cao_forage_terms terms; /**< where type is known */
    double area_share,
        valid_share;               /**< of the pasture's area, 0..1; no grassland counts as valid */
    double fresh_kg_ha, hay_kg_ha; /**< mean over what is valid; NaN: nothing is */
    double use; /**< share of the use that terrain leaves, weighted by yield; 1 */
    double usable_kg_ha;
};

/** One pasture in one period. */
struct cao_pasture_result {
    size_t pasture, period;
    const struct cao_zone_sum *sums; /**< [layers] over all tiles and parts */
    struct cao_pasture_part *parts;
    size_t n_parts;
    bool complete;                               /**< every tile it touches is done */
    double seen_share, valid_share;              /**< of its area, 0..1 */
    double fresh_kg_ha, hay_kg_ha, usable_kg_ha; /**< mean over what is valid, parts by their area;
                                                    NaN: nothing is */
    double no_graze_share; /**< of its area: zones in which nothing may be grazed */
    struct cao_balance balance;
    struct cao_certainty certainty;
};

/** Rows by period, then in the pastures' order. */
struct cao_fold {
    struct cao_pasture_result *rows;
    size_t n;
    struct cao_pasture_part *parts;
    struct cao_zone_sum *sums;
    size_t layers;
};

/** Merge the tiles' sums, then reckon the balance. @param results [plan->n_jobs] */
CAO_CHECKED enum cao_status cao_fold(const struct cao_plan *plan,
                                     const struct cao_tile_result *results, struct cao_fold *fold,
                                     struct cao_error *err);
void cao_fold_release(struct cao_fold *f);

#endif
