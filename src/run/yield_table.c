/* SPDX-License-Identifier: MIT */
#include "run/yield_table.h"

#include <math.h>

#include "base/lanes.h"
#include "caochu/geotiff.h"

enum { LANE = 256 };

struct cao_yield_steps cao_yield_steps(const struct cao_plan *plan, size_t index)
{
    enum { MOST = 32768 };
    const struct cao_index *ix = plan->project->indices[index];
    struct cao_yield_steps s = { 0 };
    for (size_t i = 0; i < plan->products.n_bases; i++) {
        const struct cao_product *base = &plan->products.bases[i];
        const struct cao_raster_layout *l = &base->layout;
        if (base->quantity != CAO_Q_INDEX || base->index != ix || l->pixel != CAO_INT16)
            continue;
        double low = floor(((double)ix->min - l->offset) / l->scale) - 1;
        double high = ceil(((double)ix->max - l->offset) / l->scale) + 1;
        if (low >= INT16_MIN && high <= INT16_MAX && high - low < MOST)
            s = (struct cao_yield_steps){ l, (int32_t)low, (size_t)(high - low) + 1 };
    }
    return s;
}

static size_t n_rows(size_t n_models, bool values, bool slopes)
{
    return 2 + n_models * ((values ? 1 : 0) + (slopes ? (size_t)CAO_YIELD_TERMS : 0));
}

size_t cao_yield_table_floats(const struct cao_yield_steps *steps, size_t n_models, bool values,
                              bool slopes)
{
    return steps->n ? n_rows(n_models, values, slopes) * (steps->n + 1) : 0;
}

/* The rows from number @p at of each on, as the arrays that an equation fills. */
static struct cao_yield_parts rows_at(const struct cao_yield_table *t, size_t at, float **fresh,
                                      float *value[CAO_MOST_PER_TYPE],
                                      float *slope[CAO_MOST_PER_TYPE][CAO_YIELD_TERMS])
{
    size_t length = t->steps.n + 1;
    float *row = t->rows + at;
    *fresh = row;
    float *outside = row += length;
    for (size_t k = 0; t->values && k < t->n_models; k++)
        value[k] = row += length;
    for (size_t k = 0; t->slopes && k < t->n_models; k++)
        for (size_t i = 0; i < CAO_YIELD_TERMS; i++)
            slope[k][i] = row += length;
    return (struct cao_yield_parts){ outside, t->values ? value : NULL, t->slopes ? slope : NULL };
}

void cao_yield_table_fill(struct cao_yield_table *t, const struct cao_yield_rule *rule)
{
    float *value[CAO_MOST_PER_TYPE], *slope[CAO_MOST_PER_TYPE][CAO_YIELD_TERMS], *fresh, vi[LANE];
    int16_t codes[LANE];
    for (size_t at = 0; at <= t->steps.n; at += LANE) {
        size_t left = t->steps.n + 1 - at, m = left < LANE ? left : LANE;
        for (size_t i = 0; i < m; i++)
            codes[i] = (int16_t)(t->steps.low + (int32_t)(at + i));
        cao_unpack(t->steps.layout, codes, vi, m);
        if (at + m == t->steps.n + 1)
            vi[m - 1] = NAN;
        struct cao_yield_parts parts = rows_at(t, at, &fresh, value, slope);
        cao_yield_fresh_parts(rule, vi, fresh, &parts, m);
    }
}

/* The place of each number in the rows; numbers that are none stand at the end. */
CAO_LANES static void find(const struct cao_yield_steps *s, const float *restrict vi,
                           int32_t *restrict at, size_t n)
{
    const double inverse = 1 / s->layout->scale, last = (double)s->n;
    const double first = s->layout->offset * inverse + (double)s->low - 0.5;
    for (size_t i = 0; i < n; i++) {
        double k = (double)vi[i] * inverse - first;
        k = k < last ? k : last; /* NaN too */
        at[i] = (int32_t)(k > 0 ? k : 0);
    }
}

static void take(const float *restrict row, const int32_t *restrict at, float *restrict out,
                 size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = row[at[i]];
}

void cao_yield_table_look_up(const struct cao_yield_table *t, const float *restrict vi,
                             float *restrict fresh, const struct cao_yield_parts *parts, size_t n)
{
    float *value[CAO_MOST_PER_TYPE], *slope[CAO_MOST_PER_TYPE][CAO_YIELD_TERMS], *row;
    const struct cao_yield_parts rows = rows_at(t, 0, &row, value, slope);
    for (size_t from = 0; from < n; from += LANE) {
        size_t m = n - from < LANE ? n - from : LANE;
        int32_t at[LANE];
        find(&t->steps, vi + from, at, m);
        take(row, at, fresh + from, m);
        take(rows.outside, at, parts->outside + from, m);
        for (size_t k = 0; t->values && k < t->n_models; k++)
            take(value[k], at, parts->value[k] + from, m);
        for (size_t k = 0; t->slopes && k < t->n_models; k++)
            for (size_t i = 0; i < CAO_YIELD_TERMS; i++)
                take(slope[k][i], at, parts->slope[k][i] + from, m);
    }
}
