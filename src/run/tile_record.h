/** @file run/tile_record.h  tile.json beside a tile's rasters: its digest, files and sums. Written
 *  last, so a tile without it is not done. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_TILE_RECORD_H
#define CAO_RUN_TILE_RECORD_H
#include "run/tile.h"

enum { CAO_WHY = 400 };
struct json_object;

/** Hashes of the files are filled in. */
CAO_CHECKED enum cao_status cao_tile_record_write(const struct cao_plan *plan,
                                                  const struct cao_tile_job *job,
                                                  struct cao_tile_result *result,
                                                  struct cao_error *err);
/** Take the record of an earlier state away, before its first raster changes: rasters of two states
 *  never stand under one record, wherever the power fails. */
CAO_CHECKED enum cao_status cao_tile_record_remove(const struct cao_plan *plan,
                                                   const struct cao_tile_job *job,
                                                   struct cao_error *err);
/** True, and @p result filled but for its parts, sums and reasons, where the record has the job's digest and its
 *  files are there with the sizes it says. Anything else, a torn or foreign record included, is "not fresh".
 *  @param why where it is not: the reason; "" where there is no record, so that the tile is new
 *  @param stage where it is not: from where the tile can be done again, by what the record says */
bool cao_tile_record_fresh(const struct cao_plan *plan, const struct cao_tile_job *job,
                           struct cao_tile_result *result, char why[CAO_WHY],
                           enum cao_stage *stage);
/** The parts, sums and reasons of a fresh result. False where the record does not have them whole; the result is
 *  then to be released. */
bool cao_tile_record_zones(const struct cao_plan *plan, const struct cao_tile_job *job,
                           struct cao_tile_result *result);
/** What the record of an earlier state says that the images alone could tell: counts, reasons and
 *  findings, and its files. False where the tile is to be done from the images.
 *  @param past zero-initialised; released by the caller in any case
 *  @param same_layout the rasters of its bases would be written the same */
bool cao_tile_record_recall(const struct cao_plan *plan, const struct cao_tile_job *job,
                            struct cao_tile_result *past, bool *same_layout);

/** The record in the folder of a tile, or NULL. json_object_put() it. */
struct json_object *cao_tile_record_read(const char *dir);
/** Its file @p i; false past the last or where it is not understood. */
bool cao_tile_record_file(struct json_object *record, size_t i, struct cao_tile_file *file);
#endif
