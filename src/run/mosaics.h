/** @file run/mosaics.h  The maps over the tiles: one VRT per product and period.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_MOSAICS_H
#define CAO_RUN_MOSAICS_H
#include "run/plan.h"
#include "run/tile.h"

/** Write OUTPUT/PERIOD/PRODUCT.vrt over all tiles that are done; one that says the same stays as it is, one of
 *  which no tile is left goes. @param results [plan->n_jobs] */
CAO_CHECKED enum cao_status cao_mosaics_write(const struct cao_plan *plan,
                                              const struct cao_tile_result *results,
                                              struct cao_error *err);
#endif
