/* SPDX-License-Identifier: MIT
 * From the bases of a strip to the sums of its pastures' parts, lot by lot: a lot's cells lie one after
 * another in arrays that stay in the nearest cache while yield, cover and all layers are gone through. */
#include <math.h>

#include "run/tile_ground.h"
#include "run/tile_products.h"

/* What is the same for all cells of a part. */
struct part {
    struct cao_zone_sum *sums; /* [layers] */
    size_t type;               /* position in the job's types; SIZE_MAX: not known */
    const struct cao_grass_type *grass;
    const struct cao_yield_table *table; /* NULL: the index is not stored in few numbers */
    struct cao_yield_rule rule;
    const float *bare_by; /* of the lot; NULL: the equations see bare ground themselves */
    float bare;
};

/* The table of a type, filled. */
static const struct cao_yield_table *table_of(const struct cao_plan *plan,
                                              const struct cao_yield_rule *rule,
                                              const struct cao_tile_buffers *b, size_t type)
{
    struct cao_yield_table *t = &b->yield[type];
    if (t->steps.n == 0 || plan->project->smoothing_yield)
        return NULL;
    if (!t->rows) {
        t->rows = b->yield_rows[type];
        t->n_models = rule->n_models;
        t->values = b->value_of != NULL;
        t->slopes = b->slope_of != NULL;
        cao_yield_table_fill(t, rule);
    }
    return t;
}

static struct part part_of(const struct cao_plan *plan, const struct cao_tile_job *job,
                           const struct cao_tile_buffers *b, size_t k, struct cao_zone_sum *sums)
{
    struct part p = { .sums = sums + k * cao_zone_layers(plan), .type = b->terms[k + 1].type };
    if (p.type == SIZE_MAX)
        return p;
    p.grass = &plan->profile->types[job->types[p.type]];
    bool by_ndvi = cao_text_same(p.grass->index, "NDVI");
    double bare = plan->profile->bare_below.value;
    p.rule =
        (struct cao_yield_rule){ p.grass->models, p.grass->n_models, by_ndvi ? bare : -HUGE_VAL };
    p.table = table_of(plan, &p.rule, b, p.type);
    p.bare = (float)bare;
    p.bare_by = by_ndvi ? NULL : b->lot_index[plan->ndvi_index];
    return p;
}

/* Bare ground is told by NDVI: equations in another index do not see it themselves. */
static void clear_bare(const struct part *p, const struct cao_yield_parts *parts, float *fresh,
                       size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!(p->bare_by[i] < p->bare) || isnan(fresh[i]))
            continue;
        fresh[i] = parts->outside[i] = 0;
        for (size_t k = 0; k < p->rule.n_models; k++) {
            if (parts->value)
                parts->value[k][i] = 0;
            for (size_t t = 0; parts->slope && t < CAO_YIELD_TERMS; t++)
                parts->slope[k][t][i] = 0;
        }
    }
}

/* Fresh yield of a lot's cells, and its parts into the arrays of the lot. */
static void yield_of_lot(const struct part *p, const struct cao_tile_buffers *b, const float *vi,
                         size_t n)
{
    float *slope[CAO_MOST_PER_TYPE][CAO_YIELD_TERMS];
    struct cao_yield_parts parts = { b->outside, b->value_of, b->slope_of ? slope : NULL };
    for (size_t k = 0; b->slope_of && k < p->rule.n_models; k++)
        for (size_t t = 0; t < CAO_YIELD_TERMS; t++)
            slope[k][t] = b->slope_of[k * CAO_YIELD_TERMS + t];
    if (p->table)
        cao_yield_table_look_up(p->table, vi, b->lot_fresh, &parts, n);
    else
        cao_yield_fresh_parts(&p->rule, vi, b->lot_fresh, &parts, n);
    if (p->bare_by)
        clear_bare(p, &parts, b->lot_fresh, n);
}

static void add(const struct cao_tile_buffers *b, const struct part *p, size_t layer,
                const float *values)
{
    cao_zone_add_lot(&p->sums[layer], &b->scale[layer], b->lot, values);
}

/* A layer that the strip has as it is; NULL: it has none. */
static void add_taken(const struct cao_tile_buffers *b, const struct part *p, size_t layer,
                      const float *values)
{
    if (!values)
        return;
    cao_zone_take(b->lot, values, b->lot_other);
    add(b, p, layer, b->lot_other);
}

/* Yield and cover by the equations of a part's type, on the part alone: a cell on a border gets those of
 * both sides. What no pasture covers stays undefined and is never looked at. */
static void add_by_type(const struct cao_plan *plan, const struct cao_tile_job *job,
                        const struct cao_tile_buffers *b, const struct part *p)
{
    const struct cao_project *project = plan->project;
    size_t n = b->lot->n_whole + b->lot->n_partial;
    const float *vi = b->lot_index[cao_plan_index_of(plan, job->types[p->type])];
    void (*cover_of)(const float *restrict, float, float, float *restrict, size_t) =
        project->fvc_form == CAO_FVC_SQUARED ? cao_index_fvc_squared : cao_index_fvc;
    if (project->smoothing_yield) {
        cao_zone_take(b->lot, b->peak, b->lot_other);
        vi = b->lot_other;
    }
    yield_of_lot(p, b, vi, n);
    if (b->fresh)
        cao_zone_put(b->lot, b->lot_fresh, b->fresh[p->type]);
    add(b, p, cao_zone_layer_at(project, CAO_ZONE_FRESH), b->lot_fresh);
    add(b, p, cao_zone_layer_at(project, CAO_ZONE_OUTSIDE), b->outside);
    for (size_t k = 0; k < p->rule.n_models; k++) {
        if (b->value_of)
            add(b, p, cao_zone_value_at(plan, k), b->value_of[k]);
        for (size_t t = 0; b->slope_of && t < CAO_YIELD_TERMS; t++)
            add(b, p, cao_zone_slope_at(plan, k, t), b->slope_of[k * CAO_YIELD_TERMS + t]);
    }
    cover_of(b->lot_index[plan->ndvi_index], (float)p->grass->fvc_soil.value,
             (float)p->grass->fvc_full.value, b->lot_other, n);
    if (b->fvc)
        cao_zone_put(b->lot, b->lot_other, b->fvc[p->type]);
    add(b, p, cao_zone_layer_at(project, CAO_ZONE_FVC), b->lot_other);
}

/* What terrain leaves: the share itself, and the yield times it. Where it is not known, all is left. */
static void add_use(const struct cao_plan *plan, const struct cao_tile_buffers *b,
                    const struct part *p)
{
    size_t n = b->lot->n_whole + b->lot->n_partial;
    float *restrict use = b->lot_other;
    cao_zone_take(b->lot, b->use_here, use);
    add(b, p, cao_zone_layer_at(plan->project, CAO_ZONE_USE), use);
    if (p->type == SIZE_MAX)
        return;
    for (size_t i = 0; i < n; i++)
        use[i] = b->lot_fresh[i] * (isnan(use[i]) ? 1.0f : use[i]);
    add(b, p, cao_zone_layer_at(plan->project, CAO_ZONE_USED), use);
}

static void add_lot(const struct cao_plan *plan, const struct cao_tile_job *job,
                    const struct cao_tile_buffers *b, const struct part *p)
{
    const struct cao_project *project = plan->project;
    for (size_t i = 0; i < project->n_indices; i++) {
        cao_zone_take(b->lot, b->index[i], b->lot_index[i]);
        add(b, p, i, b->lot_index[i]);
    }
    add_taken(b, p, cao_zone_layer_at(project, CAO_ZONE_CLEAR), b->clear);
    add_taken(b, p, cao_zone_layer_at(project, CAO_ZONE_SEEN), b->seen);
    add_taken(b, p, cao_zone_layer_at(project, CAO_ZONE_SNOW), b->snow);
    add_taken(b, p, cao_zone_layer_at(project, CAO_ZONE_PEAK), b->peak);
    add_taken(b, p, cao_zone_layer_at(project, CAO_ZONE_GAP), b->peak_gap);
    if (p->type != SIZE_MAX)
        add_by_type(plan, job, b, p);
    if (b->use)
        add_use(plan, b, p);
}

void cao_tile_sums(const struct cao_plan *plan, const struct cao_tile_job *job,
                   const struct cao_window *strip, struct cao_tile_buffers *b,
                   struct cao_zone_sum *sums)
{
    const struct cao_span *spans;
    size_t n_spans;
    for (size_t k = 0; k < b->n_parts; k++) {
        struct cao_part_walk walk = cao_part_walk(plan, job, b, k);
        if (walk.n == 0)
            continue;
        struct part p = part_of(plan, job, b, k, sums);
        while (cao_part_spans(&walk, &spans, &n_spans)) {
            struct cao_zone_walk cells = { spans, n_spans, strip, 0, 0 };
            cao_zone_label(spans, n_spans, (int32_t)(k + 1), strip, b->label, b->weight);
            while (cao_zone_next(&cells, b->lot))
                add_lot(plan, job, b, &p);
        }
    }
}
