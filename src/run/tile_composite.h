/** @file run/tile_composite.h  The first half of the tile line: all looks at a strip, read, masked and
 *  brought into one picture. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_TILE_COMPOSITE_H
#define CAO_RUN_TILE_COMPOSITE_H
#include "run/tile_looks.h"

/** Bring all looks at a strip into one picture: b->band, b->chosen, b->n_clear, b->status, b->snow.
 *  @param counts [n_scenes]: cells by reason are added
 *  @param reasons [n_pastures]: looks at each pasture by reason are added, see cao_tile_result
 *  @param unreadable the look that could not be read where the status says so, else untouched */
CAO_CHECKED enum cao_status cao_tile_composite(
    const struct cao_plan *plan, const struct cao_tile_job *job, struct cao_looks *looks,
    const struct cao_window *strip, struct cao_tile_buffers *b, uint64_t (*counts)[CAO_N_REASONS],
    cao_int128 (*reasons)[CAO_N_REASONS], const atomic_int *cancel, size_t *unreadable,
    struct cao_error *err);
#endif
