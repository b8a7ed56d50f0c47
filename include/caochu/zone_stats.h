/** @file caochu/zone_stats.h  Every statistic of a raster over a zone, exact and mergeable.
 *
 *  A zone's record is a few exact sums (exact_sum.h) and, where a statistic asks for it, the list of
 *  its distinct values with the area of each. So results are the same bits for any cut into blocks,
 *  any order of adding and merging, any number of threads. Statistics are rows of one table: name,
 *  definition, what has to be gathered, and the function that evaluates it.
 *
 *  Values are the raster's stored numbers; its scale and offset are applied to the results, where
 *  nothing is lost. Numbers of 64-bit rasters enter the sums with 36 significant bits (7e-12 of the
 *  value; all 32-bit integers are exact), those of 32-bit rasters exactly. Not finite, or beyond
 *  2^128, counts as no data. Pure, thread-safe, no allocation. SPDX-License-Identifier: MIT */
#ifndef CAO_ZONE_STATS_H
#define CAO_ZONE_STATS_H
#include <stdbool.h>
#include "caochu/exact_sum.h"

/** What a statistic needs gathered, or'ed. */
enum {
    CAO_GATHER_SQUARES = 1,  /**< sums of squares */
    CAO_GATHER_VALUES = 2,   /**< the list of values */
    CAO_GATHER_WEIGHTED = 4, /**< sums weighted by a second raster */
    CAO_PER_CLASS = 8,       /**< gives one column for each value that occurs */
    CAO_OF_DATES = 16,       /**< of all rasters with a date together: one column, ISO dates */
};

/** A block of a raster, row-major over a window; one of values32 and values64 is set. NaN is none. */
struct cao_zone_field {
    const struct cao_window *window;
    const float *values32;
    const double *values64;
    const double *weights;   /**< NULL, or by cell; below 0 or not finite is none */
    const double *row_areas; /**< area of a cell per row of the window, m2; NULL: not known */
};

/** One zone and one band. Zero-initialise is "nothing added". */
struct cao_zone_record {
    cao_int128 area, valid;       /**< covered; covered with a value: quanta of 2^-40 cell */
    cao_int128 area_m2, valid_m2; /**< the same on the ground: quanta of 2^-56 m2 */
    uint64_t n_cells, n_valid;    /**< cells with a share; those with a value */
    uint64_t n_beyond;            /**< cells left out as infinite or beyond 2^128 */
    double min, max;              /**< undefined while n_valid == 0 */
    struct cao_moments moments;   /**< weighted by coverage */
};
/** Weighted by coverage times the second raster. */
struct cao_zone_weighted {
    struct cao_moments moments;
    cao_int128 valid; /**< covered, with a value and a weight: quanta of 2^-40 cell */
};

/** Add the cells of @p spans, which lie in the field's window. @param gather of the above
 *  @param weighted NULL unless the field has weights */
void cao_zone_record_add(struct cao_zone_record *z, struct cao_zone_weighted *weighted,
                         unsigned gather, const struct cao_span *spans, size_t n_spans,
                         const struct cao_zone_field *field);
void cao_zone_record_merge(struct cao_zone_record *into, const struct cao_zone_record *from);
void cao_zone_weighted_merge(struct cao_zone_weighted *into, const struct cao_zone_weighted *from);

/** A value and how much of the zone has it. Keys order as the values do. */
struct cao_zone_value {
    uint64_t key;
    int64_t area; /**< quanta of 2^-32 cell, up to 2^31 cells of one value */
};
/** Values of the cells into @p out, at most one a cell, in no order. Returns how many. */
size_t cao_zone_values_gather(const struct cao_span *spans, size_t n_spans,
                              const struct cao_zone_field *field, struct cao_zone_value *out);
/** Sort by value, join equal ones. @p scratch as large as the list. Returns how many are left. */
size_t cao_zone_values_settle(struct cao_zone_value *list, size_t n,
                              struct cao_zone_value *scratch);
/** Two settled lists into @p out (na + nb large, apart from both). Returns how many. */
size_t cao_zone_values_merge(const struct cao_zone_value *a, size_t na,
                             const struct cao_zone_value *b, size_t nb, struct cao_zone_value *out);
/** The number that a key stands for. */
double cao_zone_value_number(uint64_t key);

/** What a statistic is evaluated from. */
struct cao_zone_view {
    const struct cao_zone_record *record;
    const struct cao_zone_weighted *weighted; /**< may be NULL */
    const struct cao_zone_value *values;      /**< settled; may be NULL */
    size_t n_values;
    double scale, offset; /**< number = scale * stored + offset */
    double polygon_cells; /**< the whole zone, inside the raster or not */
    double date;          /**< of the raster, days since 1970; NaN: it tells none */
};

struct cao_zone_stat {
    const char *name, *alias; /**< alias "" where it has none */
    const char *zh;
    const char *unit; /**< "cells", "m2", "share", "value": as the raster, "" none */
    const char *help; /**< the definition, one sentence */
    unsigned gather;
    bool whole; /**< a whole number */
    double (*evaluate)(const struct cao_zone_view *v, double p);
};
const struct cao_zone_stat *cao_zone_stat_all(size_t *n);

/** A statistic as asked for: "mean", "p95", "quantile(0.95)". */
struct cao_zone_ask {
    const struct cao_zone_stat *stat;
    double p; /**< of a quantile, a multiple of 1e-6 */
    char name[32];
};
/** @retval CAO_EARG no such statistic: the text has near matches or all names */
CAO_CHECKED enum cao_status cao_zone_ask_parse(const char *text, struct cao_zone_ask *ask,
                                               struct cao_error *err);
/** NaN where there is nothing to tell. */
double cao_zone_evaluate(const struct cao_zone_ask *ask, const struct cao_zone_view *v);
/** Share of the valid area that has the value of @p key; NaN where nothing is valid. */
double cao_zone_fraction(const struct cao_zone_view *v, uint64_t key);
#endif
