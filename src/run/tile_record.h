/** @file run/tile_record.h  tile.json beside a tile's rasters: its digest, files and sums. Written
 *  last, so a tile without it is not done. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_TILE_RECORD_H
#define CAO_RUN_TILE_RECORD_H
#include "run/tile.h"

CAO_CHECKED enum cao_status cao_tile_record_write(const struct cao_plan *plan,
                                                  const struct cao_tile_job *job,
                                                  const struct cao_tile_result *result,
                                                  struct cao_error *err);
/** Take the record of an earlier state away, before its first raster changes: rasters of two states
 *  never stand under one record, wherever the power fails. */
CAO_CHECKED enum cao_status cao_tile_record_remove(const struct cao_plan *plan,
                                                   const struct cao_tile_job *job,
                                                   struct cao_error *err);
/** True, and @p result filled, where the record has the job's digest and its files are there with
 *  the sizes it says. Anything else, a torn or foreign record included, is "not fresh". */
bool cao_tile_record_fresh(const struct cao_plan *plan, const struct cao_tile_job *job,
                           struct cao_tile_result *result);
#endif
