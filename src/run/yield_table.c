/* SPDX-License-Identifier: MIT */
#include "run/yield_table.h"

#include <math.h>
#include <string.h>

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

/* Numbers of one stored number: fresh, outside, then what there is of values and slopes. */
static size_t n_fields(size_t n_models, bool values, bool slopes)
{
    return 2 + n_models * ((values ? 1 : 0) + (slopes ? (size_t)CAO_YIELD_TERMS : 0));
}

size_t cao_yield_table_floats(const struct cao_yield_steps *steps, size_t n_models, bool values,
                              bool slopes)
{
    return steps->n ? n_fields(n_models, values, slopes) * (steps->n + 1) : 0;
}

enum { MOST_FIELDS = 2 + CAO_MOST_PER_TYPE * (1 + CAO_YIELD_TERMS) };

/* The arrays that an equation fills, in the order of the fields. */
static size_t fields_of(const struct cao_yield_table *t, float *fresh,
                        const struct cao_yield_parts *parts, float *field[MOST_FIELDS])
{
    size_t n = 0;
    field[n++] = fresh;
    field[n++] = parts->outside;
    for (size_t k = 0; t->values && k < t->n_models; k++)
        field[n++] = parts->value[k];
    for (size_t k = 0; t->slopes && k < t->n_models; k++)
        for (size_t i = 0; i < CAO_YIELD_TERMS; i++)
            field[n++] = parts->slope[k][i];
    return n;
}

void cao_yield_table_fill(struct cao_yield_table *t, const struct cao_yield_rule *rule)
{
    float lane[MOST_FIELDS][LANE], *field[MOST_FIELDS], vi[LANE];
    float *value[CAO_MOST_PER_TYPE], *slope[CAO_MOST_PER_TYPE][CAO_YIELD_TERMS];
    int16_t codes[LANE];
    size_t next = 2;
    for (size_t k = 0; t->values && k < t->n_models; k++)
        value[k] = lane[next++];
    for (size_t k = 0; t->slopes && k < t->n_models; k++)
        for (size_t i = 0; i < CAO_YIELD_TERMS; i++)
            slope[k][i] = lane[next++];
    struct cao_yield_parts parts = { lane[1], t->values ? value : NULL, t->slopes ? slope : NULL };
    size_t width = fields_of(t, lane[0], &parts, field);
    for (size_t at = 0; at <= t->steps.n; at += LANE) {
        size_t left = t->steps.n + 1 - at, m = left < LANE ? left : LANE;
        for (size_t i = 0; i < m; i++)
            codes[i] = (int16_t)(t->steps.low + (int32_t)(at + i));
        cao_unpack(t->steps.layout, codes, vi, m);
        if (at + m == t->steps.n + 1)
            vi[m - 1] = NAN;
        cao_yield_fresh_parts(rule, vi, lane[0], &parts, m);
        for (size_t i = 0; i < m; i++)
            for (size_t k = 0; k < width; k++)
                t->rows[(at + i) * width + k] = field[k][i];
    }
}

/* The place of each number in the table; numbers that are none stand at the end. */
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

typedef float four __attribute__((vector_size(16)));

/* Four fields, which two equations take: four cells at a time are turned from rows to columns. */
static size_t take_fours(const float *restrict rows, const int32_t *restrict at,
                         float *const field[4], size_t from, size_t n)
{
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        four a, b, c, d;
        memcpy(&a, rows + 4 * (size_t)at[i], sizeof a);
        memcpy(&b, rows + 4 * (size_t)at[i + 1], sizeof b);
        memcpy(&c, rows + 4 * (size_t)at[i + 2], sizeof c);
        memcpy(&d, rows + 4 * (size_t)at[i + 3], sizeof d);
        four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
        four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
        four first = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
        four second = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
        ab = __builtin_shufflevector(a, b, 2, 6, 3, 7);
        cd = __builtin_shufflevector(c, d, 2, 6, 3, 7);
        four third = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
        four fourth = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
        memcpy(field[0] + from + i, &first, sizeof first);
        memcpy(field[1] + from + i, &second, sizeof second);
        memcpy(field[2] + from + i, &third, sizeof third);
        memcpy(field[3] + from + i, &fourth, sizeof fourth);
    }
    return i;
}

void cao_yield_table_look_up(const struct cao_yield_table *t, const float *restrict vi,
                             float *restrict fresh, const struct cao_yield_parts *parts, size_t n)
{
    float *field[MOST_FIELDS];
    size_t width = fields_of(t, fresh, parts, field);
    for (size_t from = 0; from < n; from += LANE) {
        size_t m = n - from < LANE ? n - from : LANE;
        int32_t at[LANE];
        find(&t->steps, vi + from, at, m);
        size_t i = width == 4 ? take_fours(t->rows, at, field, from, m) : 0;
        for (; i < m; i++)
            for (size_t k = 0; k < width; k++)
                field[k][from + i] = t->rows[(size_t)at[i] * width + k];
    }
}
