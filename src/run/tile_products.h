/** @file run/tile_products.h  The second half of the tile line: from the composite to rasters and
 *  sums, and the working arrays of both halves. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_TILE_PRODUCTS_H
#define CAO_RUN_TILE_PRODUCTS_H
#include "caochu/arena.h"
#include "run/tile.h"
#include "run/yield_table.h"

/** A stretch of a row that belongs to one part. */
struct cao_owner {
    size_t at, n;
    int32_t label; /* 1 + position in parts; 0: none */
};

/** Arrays of one worker for one tile, all from its arena. "n" is the cells of a strip: a
 *  square of the tile that is worked on at a time. */
struct cao_tile_buffers {
    uint16_t *qa, *chosen, *n_clear; /* [n] */
    uint8_t *reason, *status;        /* [n] enum cao_reason */
    uint8_t *taken;                  /* [n] clear in this overpass already */
    uint8_t *sight, *counted;        /* [n] enum cao_sight; NULL where snow is not asked for */
    uint16_t *n_snow, *n_seen;       /* [n] looks with snow, and at the ground; NULL as well */
    float *snow;                     /* [n] share of them; NaN: none */
    uint8_t *wide_sight;             /* as wide_reason */
    uint8_t *wide_removed;           /* by the pixels, of used cells too; the strip's first */
    /* Days of each cell after the day of its look, where the job has composites of several days; else NULL:
     * of the look, with the margin and without [n], and of what the composite chose [n]. */
    uint8_t *wide_after, *after, *chosen_after;
    uint8_t *
        *kept_after; /* [n_scenes][n] of all looks, for what needs them together; NULL as well */
    uint8_t *wide_reason; /* [n with the mask's margin around], as are qa and bright */
    uint16_t *reach;      /* scratch of cao_mask_grow() */
    float *bright;
    float *score, *best_score; /* [n] */
    float *look[CAO_N_BANDS];  /* [n_bands][n] the look being read */
    float *band[CAO_N_BANDS];  /* [n_bands][n] the composite */
    float **series; /* [n_scenes][n] index of the looks to be smoothed; NULL: not asked for */
    uint8_t **series_weight;           /* [n_scenes][n] hundredths; NULL: all alike */
    float *series_days;                /* [n_scenes] */
    void *season;                      /* scratch of cao_smooth_max() */
    float *peak, *peak_day, *peak_gap; /* [n] its maximum; NULL as well */
    float *cloud_m;                    /* [n] distance to clouds; NULL where not asked for */
    double *sum[CAO_N_BANDS];          /* [n_bands][n] of the composite mean; NULL for others */
    float **kept;
    size_t n_kept;        /* composites of all looks together: [n_bands * n_kept][n] */
    void *reduce;         /* their scratch */
    uint8_t *overpass;    /* [n] reason of the cell in this overpass, where that is kept, and */
    uint16_t *by_reason;  /* [CAO_N_REASONS][n] their counts; NULL where not asked for */
    float *scratch;       /* [n_scenes] */
    float **index;        /* [n_indices][n] */
    float **fvc, **fresh; /* [n_types][n] by the job's types; NULL: no product shows it */
    struct cao_yield_table *yield; /* [n_types]; rows NULL: no table */
    float **yield_rows;            /* [n_types] of them, filled at first use */
    /* Of the lot of cells that is added up, [CAO_ZONE_LOT] each, see tile_sums.c: */
    struct cao_zone_lot *lot;
    struct cao_zone_scale *scale; /* [layers] */
    float **lot_index;            /* [n_indices] */
    float *lot_fresh, *lot_other;
    float *outside;      /* where the index lay beyond the range of an equation, and of these: */
    float **value_of;    /* [slots]; NULL: no such layers */
    float **slope_of;    /* [slots * CAO_YIELD_TERMS]; NULL: no such layers */
    float *clear, *seen; /* [n] counts as numbers; 1 where any look reached */
    float *day;          /* [n] of the chosen look; not used by a median */
    /* NULL: from the images. Else raster[] holds the bases of the tile as an earlier run stored them,
     * there is no composite, and where it is its layout's these rasters stay as they are. */
    const struct cao_tile_past *past;
    int32_t *label;
    float *weight;            /* [n] 1 + position in parts; 0: none */
    float *value;             /* [n] one product on its way to the raster */
    struct cao_owner *owners; /* [cols] of a row of the strip */
    float *class_from;        /* [classes] the least pressure of each class; NaN: none is so high */
    const struct cao_tile_part *parts; /* borrowed from the result, as terms */
    size_t n_parts;
    struct cao_cell_terms *terms; /* [n_parts + 1] by label */
    cao_ground *ground;           /* [tile] what the layers say; NULL: no such layers */
    float *use;             /* [tile] share that terrain leaves, NaN not known; NULL: no terrain */
    uint16_t *ground_codes; /* scratch of reading them, see tile_ground.c */
    int32_t *ground_label;
    float *ground_weight, *elevation;
    float *water, *water_scratch; /* squares of the distance to water around the tile */
    struct cao_span *ground_spans, *runs;
    void *ground_scratch;
    float *use_here;             /* [n] of the strip; NULL as well */
    struct cao_span *spans;      /* of all pastures of the job */
    size_t *span_end;            /* [n_pastures]: end of each pasture's spans */
    struct cao_window *reach_of; /* [n_pastures]: what these lie in */
    struct cao_span *cut;        /* as much of them as lies in the strip */
    size_t *cut_end;
    void *scratch_cover;
    void **raster;               /* [n_products] the whole tile as stored */
    unsigned char **base_raster; /* [n_bases] the one of each; NULL: it is not asked for */
};

/** The linear terms of the part of a pasture that a cell belongs to: NaN where they are not known. */
struct cao_cell_terms {
    float hay, usable, capacity; /* per kg/ha of fresh yield */
    float pressure;              /* herd density over (available capacity per kg/ha fresh) */
    float density, extra;        /* SU/ha of the herd; of feed less counted wildlife */
    float available;             /* capacity less the wildlife's share, per kg/ha of fresh yield */
    size_t type;                 /* position in the job's types; SIZE_MAX: not known */
};

size_t cao_tile_buffers_bytes(const struct cao_plan *plan, const struct cao_tile_job *job);
CAO_CHECKED enum cao_status cao_tile_buffers_take(const struct cao_plan *plan,
                                                  const struct cao_tile_job *job,
                                                  struct cao_arena *arena,
                                                  struct cao_tile_buffers *b,
                                                  struct cao_error *err);
/** The arrays of ground and terrain alone, for who looks at nothing else. */
size_t cao_tile_ground_bytes(const struct cao_plan *plan, const struct cao_tile_job *job);
CAO_CHECKED enum cao_status cao_tile_ground_take(const struct cao_plan *plan,
                                                 const struct cao_tile_job *job,
                                                 struct cao_arena *arena,
                                                 struct cao_tile_buffers *b, struct cao_error *err);

/** Coverage of the tile by its pastures, once for all products. */
void cao_tile_cover(const struct cao_plan *plan, const struct cao_tile_job *job,
                    struct cao_tile_buffers *b);
/** Fill b->terms for the parts, and b->scale and b->class_from. */
void cao_tile_terms(const struct cao_plan *plan, const struct cao_tile_job *job,
                    struct cao_tile_buffers *b);
/** Begin with a strip: the pastures' spans and the use are cut to it. */
void cao_tile_cut(const struct cao_tile_job *job, const struct cao_window *strip,
                  struct cao_tile_buffers *b);
/** The spans of the job's pasture @p k (sorted by row) that lie in the strip. */
const struct cao_span *cao_strip_spans(const struct cao_tile_buffers *b, size_t k, size_t *n);
/** Where a row of the strip begins in a raster of the tile. */
size_t cao_tile_place(const struct cao_tile_job *job, const struct cao_window *strip, int32_t row);
/** Add a look, or an overpass of several, to what each pasture's looks came to. @param reason [n] */
void cao_tile_count_reasons(const struct cao_tile_job *job, const struct cao_window *strip,
                            const struct cao_tile_buffers *b, const uint8_t *reason,
                            cao_int128 (*reasons)[CAO_N_REASONS]);
/** Fill in b->index, clear, seen, day and snow over the strip, as they are stored: from its composite,
 *  whose rasters it writes, or where b->past is set from b->raster. */
void cao_tile_bases(const struct cao_plan *plan, const struct cao_tile_job *job,
                    const struct cao_window *strip, struct cao_tile_buffers *b);
/** Whether cao_tile_bases() writes the raster of a quantity too. */
bool cao_tile_base_is_packed(enum cao_quantity q);
/** Add the strip's bases, and the yield and cover that they give, to the parts' sums; fill in b->label, and
 *  b->fresh and b->fvc where there are pastures. b->label and b->weight begin with 0. */
void cao_tile_sums(const struct cao_plan *plan, const struct cao_tile_job *job,
                   const struct cao_window *strip, struct cao_tile_buffers *b,
                   struct cao_zone_sum *sums);
/** From the strip's composite, or where b->past is set from the bases in b->raster, to the tile's rasters
 *  and the pastures' sums. */
void cao_tile_strip_products(const struct cao_plan *plan, const struct cao_tile_job *job,
                             const struct cao_window *strip, struct cao_tile_buffers *b,
                             struct cao_zone_sum *sums);
/** Write the tile's rasters, whole or not at all, and list them in the result. */
CAO_CHECKED enum cao_status cao_tile_write(const struct cao_plan *plan,
                                           const struct cao_tile_job *job,
                                           const struct cao_tile_buffers *b,
                                           struct cao_tile_result *result, struct cao_error *err);
#endif
