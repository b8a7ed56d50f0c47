/** @file run/plan.h  What there is to do: a pure function of the project, pastures and scenes.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_PLAN_H
#define CAO_RUN_PLAN_H
#include "caochu/catalog.h"
#include "caochu/file.h"
#include "caochu/hash.h"
#include "caochu/project.h"
#include "run/ground.h"
#include "run/holdings.h"
#include "run/placing.h"
#include "run/product.h"

/** What a tile's digest is made of, besides its scenes: kept apart so that a plan can say why. */
enum cao_part {
    CAO_PART_PROGRAM,
    CAO_PART_GRID,
    CAO_PART_INDICES,
    CAO_PART_PRODUCTS,
    CAO_PART_MASK,
    CAO_PART_COMPOSITE,
    CAO_PART_STANDARD,
    CAO_PART_PERIOD,
    CAO_PART_BORDERS,
    CAO_PART_COEFFICIENTS,
    CAO_PART_HERDS,
    CAO_PART_GROUND,
    CAO_N_PARTS
};

/** Where the work on a tile begins: with the images, or with the indices and other bases that an
 *  earlier run stored of them (see product.h). */
enum cao_stage { CAO_STAGE_IMAGES, CAO_STAGE_BASES };

/** One tile of one period. Lists are in the order of the plan's arrays. */
struct cao_tile_job {
    size_t period;
    int32_t tile_row, tile_col;
    struct cao_window window;
    size_t *scenes;
    size_t n_scenes; /**< looks in order: indices into the catalog */
    size_t *pastures;
    size_t n_pastures; /**< those with a share of the tile */
    size_t *types;
    size_t n_types;                      /**< grassland types among them */
    size_t n_spans, scratch_bytes;       /**< upper bounds of their coverage */
    size_t ground_spans, ground_scratch; /**< of one polygon of the ground's layers */
    char part[CAO_N_PARTS][CAO_HASH_TEXT];
    char digest[CAO_HASH_TEXT]; /**< of all that goes into it: its parts and scenes */
    enum cao_stage stage;       /**< where it is not fresh: what its record allows */
};

/** Read-only once made; shared by all workers. */
struct cao_plan {
    const struct cao_project *project;
    const struct cao_profile *profile;
    const struct cao_pastures *pastures;
    const struct cao_holdings *holdings;
    const struct cao_ground_layers *ground;
    const struct cao_ground_map *ground_map; /**< NULL: parts are numbered by this profile */
    const struct cao_catalog *catalog;
    struct cao_grid grid;
    struct cao_products products;
    struct cao_placing placing;   /**< which pastures touch which tiles */
    struct cao_polygon *polygons; /**< per pasture, in cells; NULL until cao_plan_polygons() */
    double *xy_cells;
    double wildlife_share;
    size_t yield_index; /**< position of the profile's yield index in project->indices; see below */
    size_t ndvi_index;  /**< of NDVI, for vegetation cover */
    struct cao_yield_layers yield_layers;
    enum cao_band bands[CAO_N_BANDS];
    size_t n_bands;      /**< needed by the indices and the composite */
    size_t smooth_index; /**< of the index that is smoothed, where the project asks for it */
    bool counts_reasons; /**< some product tells what looks were lost to */
    struct cao_tile_job *jobs;
    size_t n_jobs;
    /** A tile is worked on in squares, these in strips, row by row of them; changes no bit. */
    int32_t square_side, strip_cols, strip_rows;
    size_t bytes_per_worker; /**< of the workspace */
    bool keep_open;          /**< a tile's scenes stay open from strip to strip */
    bool parks_files;        /**< some stay open for the next tile */
    size_t cache_bytes;      /**< for decoded blocks of one worker that are soon needed again */
    size_t reader_bytes;     /**< of what a worker's readers share, the cache included */
};

CAO_CHECKED enum cao_status cao_plan_make(
    const struct cao_project *project, const struct cao_profile *profile,
    const struct cao_pastures *pastures, const struct cao_holdings *holdings,
    struct cao_ground_layers *ground, const struct cao_catalog *catalog, const char *crs,
    const struct cao_placing_memory *memory, struct cao_plan *plan, struct cao_findings *findings,
    struct cao_error *err);
/** Bring the pastures' borders onto the grid, for those who work on tiles or tell where pastures lie. */
CAO_CHECKED enum cao_status cao_plan_polygons(struct cao_plan *plan, struct cao_error *err);
/** Choose strips and lower *workers so that their workspaces stay within @p memory bytes, and scenes
 *  are closed between strips where @p files could not all be open. Changes no bit of the results.
 *  @retval CAO_EARG one worker with the smallest strips does not fit */
CAO_CHECKED enum cao_status cao_plan_fit(struct cao_plan *plan, size_t memory, size_t files,
                                         int *workers, struct cao_error *err);
void cao_plan_release(struct cao_plan *p);
/** Position in project->indices of the index that the equations of a type of the profile are in. */
size_t cao_plan_index_of(const struct cao_plan *plan, size_t type);

/** Tell periods that no scene falls into: a problem each, but of a range cut into pieces a note that names
 *  them, unless all are empty. */
CAO_CHECKED enum cao_status cao_plan_periods_check(const struct cao_plan *plan,
                                                   struct cao_findings *findings);
/** "OUTPUT/PERIOD/tiles/r000c000". */
CAO_CHECKED enum cao_status cao_plan_tile_dir(const struct cao_plan *p,
                                              const struct cao_tile_job *job,
                                              char out[CAO_PATH_MAX], struct cao_error *err);
#endif
