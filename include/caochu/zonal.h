/** @file caochu/zonal.h  Sums over a pasture that do not depend on the order of adding.
 *
 *  Each weighted value is rounded once to a multiple of a quantum 2^-q fixed per layer, and
 *  multiples are added exactly in 128 bits. So sums are the same bits for any cut into strips,
 *  tiles, shards or threads, and merge(sum A, sum B) = sum(A + B) exactly. The quantum is chosen
 *  from the layer's range so that rounding is under 1e-9 of the range for every cell.
 *  Pure, thread-safe, no allocation. SPDX-License-Identifier: MIT */
#ifndef CAO_ZONAL_H
#define CAO_ZONAL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "caochu/cover.h"

__extension__ typedef __int128 cao_int128;

/** How the values of a layer are added up: |value| <= max_abs is expected, larger ones are clamped
 *  to it (and counted). */
struct cao_zone_scale {
    double max_abs;
    int q_sum, q_square; /**< quanta are 2^-q */
};
struct cao_zone_scale cao_zone_scale_for(double max_abs);

/** One zone (pasture) and one layer. Zero-initialise is "nothing added". Areas are in cells. */
struct cao_zone_sum {
    cao_int128 area;    /**< quanta of 2^-40 cell: covered */
    cao_int128 valid;   /**< quanta of 2^-40 cell: covered and not NaN */
    cao_int128 sum;     /**< of weight * value */
    cao_int128 square;  /**< of weight * value^2 */
    uint64_t n_clamped; /**< cells whose value was beyond max_abs */
    float min, max;     /**< over cells with a value; undefined while valid == 0 */
};

/** Add the cells of @p spans. @param values row-major over window @p w, NaN is no data; spans
 *  outside of @p w are skipped (so a strip of a tile can be added with the tile's spans) */
void cao_zone_add(struct cao_zone_sum *z, const struct cao_zone_scale *scale,
                  const struct cao_span *spans, size_t n_spans, const float *values,
                  const struct cao_window *w);
/** Cells of a zone that are added up together, laid out once for all layers: those covered wholly, then
 *  those covered in part. */
enum { CAO_ZONE_LOT = 1024 };
struct cao_zone_run {
    uint32_t at, n; /**< from position @p at of the window's cells on */
};
struct cao_zone_lot {
    struct cao_zone_run run[CAO_ZONE_LOT]; /**< of whole cells */
    size_t n_runs, n_whole, n_partial;     /**< n_whole + n_partial <= CAO_ZONE_LOT */
    uint32_t partial[CAO_ZONE_LOT];        /**< positions */
    double weight[CAO_ZONE_LOT];
    int64_t quanta[CAO_ZONE_LOT]; /**< the weights as 2^-40 cell */
    int64_t partial_area;
};
/** Start with { spans, n, window, 0, 0 }; the window has fewer than 2^32 cells. */
struct cao_zone_walk {
    const struct cao_span *spans;
    size_t n;
    const struct cao_window *window;
    size_t i;
    int64_t done; /**< cells of the span @p i */
};
/** The next lot of the spans' cells; false: there are no more. */
bool cao_zone_next(struct cao_zone_walk *walk, struct cao_zone_lot *lot);
/** The lot's cells of a layer, [n_whole + n_partial], out of the window's and back into them. */
void cao_zone_take(const struct cao_zone_lot *lot, const float *restrict values,
                   float *restrict taken);
void cao_zone_put(const struct cao_zone_lot *lot, const float *restrict taken,
                  float *restrict values);
/** As cao_zone_add() of the lot's cells, whose values were taken or worked out in their order. */
void cao_zone_add_lot(struct cao_zone_sum *z, const struct cao_zone_scale *scale,
                      const struct cao_zone_lot *lot, const float *taken);
/** Add the covered area of each class, quanta of 2^-40 cell, to @p counts [n_classes].
 *  @param classes row-major over @p w, each below @p n_classes, which is 32 at most */
void cao_zone_count(cao_int128 *counts, size_t n_classes, const struct cao_span *spans,
                    size_t n_spans, const uint8_t *classes, const struct cao_window *w);
/** Quanta of 2^-40 cell as cells. */
double cao_zone_cells(cao_int128 quanta);
void cao_zone_merge(struct cao_zone_sum *into, const struct cao_zone_sum *from);

double cao_zone_area(const struct cao_zone_sum *z);  /**< cells */
double cao_zone_valid(const struct cao_zone_sum *z); /**< cells */
/** Coverage-weighted; NaN where nothing is valid. Standard deviation is of the population. */
double cao_zone_mean(const struct cao_zone_sum *z, const struct cao_zone_scale *scale);
double cao_zone_stdev(const struct cao_zone_sum *z, const struct cao_zone_scale *scale);
/** Sum of weight * value in cells; 0 where nothing is valid. */
double cao_zone_total(const struct cao_zone_sum *z, const struct cao_zone_scale *scale);

/** Label cells by zone: each cell of @p w goes to the zone with the largest weight so far; on ties
 *  the zone offered first keeps it. Start with labels 0 and weights 0; @p label is >= 1. */
void cao_zone_label(const struct cao_span *spans, size_t n_spans, int32_t label,
                    const struct cao_window *w, int32_t *restrict labels, float *restrict weights);
#endif
