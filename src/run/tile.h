/** @file run/tile.h  The straight line for one tile: read, mask, composite, index, yield, capacity,
 *  then rasters and sums, in one pass in memory. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_TILE_H
#define CAO_RUN_TILE_H
#include <stdatomic.h>
#include "caochu/findings.h"
#include "caochu/log.h"
#include "run/plan.h"

/** What a tile leaves behind besides its rasters; the same read from its record. */
struct cao_tile_result {
    bool done;                         /**< sums are there */
    bool fresh;                        /**< nothing was to do */
    bool redone;                       /**< from its own rasters, without an image */
    bool empty;                        /**< no scene reached it: no rasters */
    struct cao_findings findings;      /**< scenes that could not be read, ... */
    uint64_t (*counts)[CAO_N_REASONS]; /**< [n_scenes]: cells of the tile by reason */
    struct cao_tile_part {
        size_t pasture;    /**< position in the job's pastures */
        cao_ground ground; /**< what this part of it is */
    } * parts;
    size_t n_parts;               /**< by pasture; one each where all is as its columns say */
    struct cao_zone_sum *sums;    /**< [n_parts][layers] */
    struct cao_cell_terms *terms; /**< [n_parts + 1] while the tile is worked on */
    /** [n_pastures]: area of all looks at the pasture by reason, quanta of 2^-40 cell */
    cao_int128 (*reasons)[CAO_N_REASONS];
    struct cao_tile_file {
        char name[48];
        int64_t size;
        char hash[CAO_HASH_TEXT]; /**< of its bytes */
    } * files;
    size_t n_files;
};
void cao_tile_result_release(struct cao_tile_result *r);

struct cao_tile_worker;
CAO_CHECKED enum cao_status cao_tile_worker_create(const struct cao_plan *plan,
                                                   struct cao_tile_worker **worker,
                                                   struct cao_error *err);
void cao_tile_worker_destroy(struct cao_tile_worker *w);

/** Compute one tile and write its rasters and its record: from its stored bases where job->stage says
 *  so and they serve, else from the images; the same bytes either way. A scene that cannot be read is left out of
 *  the whole tile and named in the findings, or with @p strict is the error.
 *  @param result zero-initialised */
CAO_CHECKED enum cao_status cao_tile_work(struct cao_tile_worker *w, const struct cao_plan *plan,
                                          const struct cao_tile_job *job, bool strict,
                                          const atomic_int *cancel, struct cao_tile_result *result,
                                          struct cao_error *err);
/** Workspace that the job takes with the plan's squares and strips. */
size_t cao_tile_bytes(const struct cao_plan *plan, const struct cao_tile_job *job);
#endif
