/** @file run/yield_table.h  What a grassland type's equations give at each stored number of the index.
 *
 *  Yield stands on the index as it is stored, and that is one of some twenty thousand numbers: they are
 *  worked out once for a tile, by the equations themselves, and looked up cell by cell. Same bits.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_YIELD_TABLE_H
#define CAO_RUN_YIELD_TABLE_H
#include "caochu/yield.h"
#include "run/plan.h"

/** What the stored numbers of the yield's index are; n 0: not few, there is no table. */
struct cao_yield_steps {
    const struct cao_raster_layout *layout;
    int32_t low; /**< the least code */
    size_t n;
};
/** @param index position in the project's */
struct cao_yield_steps cao_yield_steps(const struct cao_plan *plan, size_t index);

/** One type's table: n + 1 rows, the last for no data, so that what belongs to a number lies together: fresh,
 *  outside, then what there is of values [n_models] and slopes [n_models][CAO_YIELD_TERMS]. */
struct cao_yield_table {
    struct cao_yield_steps steps;
    size_t n_models;
    bool values, slopes;
    float *rows; /* borrowed */
};
/** Floats that a table for up to @p n_models needs, with @p n_models values and slopes. */
size_t cao_yield_table_floats(const struct cao_yield_steps *steps, size_t n_models, bool values,
                              bool slopes);
/** Fill t->rows by @p rule, whose equations are t->n_models. */
void cao_yield_table_fill(struct cao_yield_table *t, const struct cao_yield_rule *rule);
/** As cao_yield_fresh_parts() with the rule, for stored numbers @p vi. */
void cao_yield_table_look_up(const struct cao_yield_table *t, const float *restrict vi,
                             float *restrict fresh, const struct cao_yield_parts *parts, size_t n);
#endif
