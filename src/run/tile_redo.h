/** @file run/tile_redo.h  A tile done again from its own rasters, where only what is reckoned from its
 *  indices changed: coefficients, types, equations, herds, classes, which products there are.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_TILE_REDO_H
#define CAO_RUN_TILE_REDO_H
#include "run/tile_products.h"

/** What an earlier run left of a tile. */
struct cao_tile_past {
    struct cao_tile_result record; /**< counts, reasons, findings and files; no sums */
    bool same_layout;              /**< the rasters of its bases stay as they are */
};

/** Read the bases of the tile into b->raster, where its record allows it and each raster still has the
 *  bytes that were written, and point b->past to @p past.
 *  @param b taken from its arena for this job
 *  @param past zero-initialised; to be released in any case, and to outlive the use of @p b
 *  @return false: the tile is to be done from the images; b->raster holds nothing of use */
bool cao_tile_recall(const struct cao_plan *plan, const struct cao_tile_job *job,
                     struct cao_tile_buffers *b, struct cao_tile_past *past);
void cao_tile_past_release(struct cao_tile_past *past);
#endif
