/** @file run/order.h  In which order tiles are worked on. What comes out is the same for any.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_ORDER_H
#define CAO_RUN_ORDER_H
#include "run/plan.h"

/** Put jobs in an order in which a worker finds blocks of the images still decoded that reach over the borders of
 *  tiles: column by column of bands that are as many rows of tiles high as there are workers. Then workers that
 *  take one tile each in turn go along a row. One alone goes along bands of two rows where tiles are
 *  small, and has the tile above and the one to the left just behind it.
 *  @param jobs numbers in plan->jobs, reordered  @retval CAO_ENOMEM */
CAO_CHECKED enum cao_status cao_tile_order(const struct cao_plan *plan, size_t *jobs, size_t n,
                                           int workers, struct cao_error *err);
#endif
