/** @file run/tile_ground.h  A tile's ground: what each cell is, and the parts that its pastures fall into.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_TILE_GROUND_H
#define CAO_RUN_TILE_GROUND_H
#include "caochu/reader.h"
#include "run/tile_products.h"

enum { CAO_GROUND_ROWS = 32, CAO_RUN_SPANS = 2048 };

/** Fill b->ground and b->use for the whole tile, where the project has such layers.
 *  @retval CAO_EIO, CAO_EDATA a layer cannot be read: its path is in the text */
CAO_CHECKED enum cao_status cao_tile_ground(const struct cao_plan *plan,
                                            const struct cao_tile_job *job,
                                            struct cao_reader_kit *kit, struct cao_tile_buffers *b,
                                            struct cao_error *err);
/** The parts of the tile's pastures, in order of pasture, then of appearance: one a pasture where all is as
 *  its columns say. Sums for them are made and zeroed. b->span_end and b->ground are set. */
CAO_CHECKED enum cao_status cao_tile_parts(const struct cao_plan *plan,
                                           const struct cao_tile_job *job,
                                           struct cao_tile_buffers *b, struct cao_tile_result *r,
                                           struct cao_error *err);

/** A part's spans in a strip, handed out in lots so that a scattered type needs no more room. */
struct cao_part_walk {
    const struct cao_plan *plan;
    const struct cao_tile_job *job;
    const struct cao_tile_buffers *b;
    cao_ground code;
    cao_ground own;
    const struct cao_span *spans;
    size_t n, at;
    int32_t col; /* of the span at: where to go on */
    bool done;
};
struct cao_part_walk cao_part_walk(const struct cao_plan *plan, const struct cao_tile_job *job,
                                   const struct cao_tile_buffers *b, size_t part);
/** The next lot; false: there are no more. */
bool cao_part_spans(struct cao_part_walk *w, const struct cao_span **spans, size_t *n);
#endif
