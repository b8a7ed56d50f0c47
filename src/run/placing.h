/** @file run/placing.h  The grid of a project, and which pastures touch which of its tiles: found once, and kept in
 *  the output folder, so that a run with nothing new goes through no border. What is torn, of another form, machine,
 *  layer or grid is no memory. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_PLACING_H
#define CAO_RUN_PLACING_H
#include "caochu/hash.h"
#include "caochu/pastures.h"
#include "caochu/project.h"

/** A pasture with a share of a tile, and upper limits of its cover there (see cover.h). */
struct cao_touch {
    int32_t tile_row, tile_col;
    size_t pasture, n_spans, scratch_bytes;
};

/** A tile that any pasture touches. */
struct cao_placed_tile {
    int32_t row, col;
    size_t first, n;             /**< its touches, by pasture */
    char borders[CAO_HASH_TEXT]; /**< digest of ids, areas and borders of its pastures */
};

/** Zero-initialise. */
struct cao_placing {
    struct cao_touch *touches; /**< by tile, then pasture */
    size_t n_touches, capacity;
    struct cao_placed_tile *tiles; /**< by row, then column */
    size_t n_tiles;
    char key[CAO_HASH_TEXT]; /**< of all that decides; "": it cannot be told */
    bool recalled;
};

/** @p pastures: their key, "" where it is not known. @p fresh: recall nothing. */
struct cao_placing_memory {
    const char *pastures;
    bool fresh;
};

/** @param crs of the grid, WKT  @retval CAO_EARG the pastures span more than a grid can hold */
CAO_CHECKED enum cao_status cao_placing_make(const struct cao_project *project,
                                             const struct cao_pastures *pastures, const char *crs,
                                             const struct cao_placing_memory *memory,
                                             struct cao_placing *place, struct cao_grid *grid,
                                             struct cao_error *err);
/** Remember it in the output folder, which is there and locked. A memory that cannot be written is none. */
void cao_placing_keep(const struct cao_project *project, const struct cao_placing *place,
                      const struct cao_grid *grid);
/** All pastures in cells of the grid; the caller frees both. */
CAO_CHECKED enum cao_status cao_placing_polygons(const struct cao_pastures *pastures,
                                                 const struct cao_grid *grid,
                                                 struct cao_polygon **polygons, double **xy_cells,
                                                 struct cao_error *err);
void cao_placing_release(struct cao_placing *place);
#endif
