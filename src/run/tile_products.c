/* SPDX-License-Identifier: MIT */
#include "run/tile_products.h"
#include "run/tile_redo.h"
#include "run/info.h"
#include "run/tile_ground.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static size_t type_position(const struct cao_tile_job *job, size_t type)
{
    for (size_t k = 0; k < job->n_types; k++)
        if (job->types[k] == type)
            return k;
    return SIZE_MAX;
}

static const struct cao_cell_terms nothing = { NAN, NAN, NAN, NAN, NAN, 0, NAN, SIZE_MAX };

/* All of hay, usable forage and capacity are proportional to fresh yield within a part. */
static struct cao_cell_terms terms_of(const struct cao_plan *plan, const struct cao_tile_job *job,
                                      const struct cao_tile_part *part)
{
    size_t pasture = job->pastures[part->pasture], type;
    const struct cao_holding *h = &plan->holdings->items[pasture];
    struct cao_cell_terms t = nothing;
    struct cao_forage_terms terms;
    if (!cao_holding_part(plan->project, plan->profile, h, part->ground, &type, &terms))
        return t;
    double usable = cao_usable_kg_ha(&terms, 1);
    double capacity = cao_capacity_su_ha(&terms, usable);
    double area = plan->pastures->items[pasture].area_geodesic_ha, density = h->herd_su / area;
    if (h->wild_unknown) /* nor is there a pressure where nobody knows what is left for livestock */
        density = (double)NAN;
    bool counted = !isnan(h->wild_su);
    t.type = type_position(job, type);
    t.hay = (float)cao_hay_kg_ha(&terms, 1);
    t.usable = (float)usable;
    t.capacity = (float)capacity;
    /* where nothing may be used (a utilisation of 0) no herd has a pressure: the table says so too */
    double available = capacity * (1 - (counted ? 0 : plan->wildlife_share));
    t.density = (float)density;
    t.available = (float)available;
    t.extra = (float)((h->feed_su - (counted ? h->wild_su : 0)) / area);
    t.pressure = available > 0 ? (float)(density / available) : NAN;
    return t;
}

void cao_tile_terms(const struct cao_plan *plan, const struct cao_tile_job *job,
                    struct cao_tile_buffers *b)
{
    b->terms[0] = nothing;
    for (size_t k = 0; k < b->n_parts; k++)
        b->terms[k + 1] = terms_of(plan, job, &b->parts[k]);
}

/* Sums of what the error of the yield is reckoned from; the arrays hold this pasture's values. */
static void add_yield_parts(const struct cao_plan *plan, const struct cao_window *strip,
                            const struct cao_tile_buffers *b, const struct cao_span *spans,
                            size_t n_spans, size_t n_models, struct cao_zone_sum *sums)
{
    size_t outside = cao_zone_layer_at(plan->project, CAO_ZONE_OUTSIDE);
    struct cao_zone_scale scale = cao_zone_layer_scale(plan->project, outside);
    cao_zone_add(&sums[outside], &scale, spans, n_spans, b->outside, strip);
    for (size_t k = 0; k < n_models; k++) {
        size_t at = cao_zone_value_at(plan, k);
        if (b->value_of) {
            scale = cao_zone_layer_scale(plan->project, at);
            cao_zone_add(&sums[at], &scale, spans, n_spans, b->value_of[k], strip);
        }
        for (size_t t = 0; b->slope_of && t < CAO_YIELD_TERMS; t++) {
            at = cao_zone_slope_at(plan, k, t);
            scale = cao_zone_layer_scale(plan->project, at);
            cao_zone_add(&sums[at], &scale, spans, n_spans, b->slope_of[k * CAO_YIELD_TERMS + t],
                         strip);
        }
    }
}

/* The table of a type, filled; NULL: the index is not stored in few numbers. */
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

/* Bare ground is told by NDVI: equations in another index do not see it themselves. */
static void clear_bare(const struct cao_yield_rule *rule, const struct cao_yield_parts *parts,
                       const float *ndvi, float bare, float *fresh, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!(ndvi[i] < bare) || isnan(fresh[i]))
            continue;
        fresh[i] = parts->outside[i] = 0;
        for (size_t k = 0; k < rule->n_models; k++) {
            if (parts->value)
                parts->value[k][i] = 0;
            for (size_t t = 0; parts->slope && t < CAO_YIELD_TERMS; t++)
                parts->slope[k][t][i] = 0;
        }
    }
}

/* Yield along one span, and its parts into the arrays of the strip. @p ndvi where the equations are in
 * another index; else NULL. */
static void yield_of_span(const struct cao_yield_rule *rule, const struct cao_yield_table *table,
                          const struct cao_tile_buffers *b, const float *vi, const float *ndvi,
                          float bare, float *fresh, size_t at, size_t n)
{
    float *value[CAO_MOST_PER_TYPE], *slope[CAO_MOST_PER_TYPE][CAO_YIELD_TERMS];
    struct cao_yield_parts parts = { b->outside + at, b->value_of ? value : NULL,
                                     b->slope_of ? slope : NULL };
    for (size_t k = 0; k < rule->n_models; k++) {
        value[k] = b->value_of ? b->value_of[k] + at : NULL;
        for (size_t t = 0; t < CAO_YIELD_TERMS; t++)
            slope[k][t] = b->slope_of ? b->slope_of[k * CAO_YIELD_TERMS + t] + at : NULL;
    }
    if (table)
        cao_yield_table_look_up(table, vi + at, fresh + at, &parts, n);
    else
        cao_yield_fresh_parts(rule, vi + at, fresh + at, &parts, n);
    if (ndvi)
        clear_bare(rule, &parts, ndvi + at, bare, fresh + at, n);
}

/* Yield and cover by the equations of a pasture's type, on the pasture alone: a cell on a border
 * gets those of both sides. What no pasture covers stays undefined and is never looked at. */
static void compute_by_type(const struct cao_plan *plan, const struct cao_tile_job *job,
                            const struct cao_window *strip, struct cao_tile_buffers *b,
                            struct cao_zone_sum *sums)
{
    size_t layers = cao_zone_layers(plan), n_spans;
    const struct cao_span *spans;
    const float *ndvi = b->index[plan->ndvi_index];
    void (*cover_of)(const float *restrict, float, float, float *restrict, size_t) =
        plan->project->fvc_form == CAO_FVC_SQUARED ? cao_index_fvc_squared : cao_index_fvc;
    for (size_t k = 0; k < b->n_parts; k++) {
        size_t type = b->terms[k + 1].type;
        if (type == SIZE_MAX)
            continue;
        const struct cao_grass_type *t = &plan->profile->types[job->types[type]];
        const float *vi = plan->project->smoothing_yield
                              ? b->peak
                              : b->index[cao_plan_index_of(plan, job->types[type])];
        bool by_ndvi = cao_text_same(t->index, "NDVI");
        double bare = plan->profile->bare_below.value;
        struct cao_yield_rule rule = { t->models, t->n_models, by_ndvi ? bare : -HUGE_VAL };
        const struct cao_yield_table *table = table_of(plan, &rule, b, type);
        struct cao_part_walk walk = cao_part_walk(plan, job, b, k);
        while (cao_part_spans(&walk, &spans, &n_spans)) {
            for (size_t i = 0; i < n_spans; i++) {
                const struct cao_span *s = &spans[i];
                size_t at = (size_t)(s->row - strip->row) * (size_t)strip->cols +
                            (size_t)(s->col - strip->col);
                yield_of_span(&rule, table, b, vi, by_ndvi ? NULL : ndvi, (float)bare,
                              b->fresh[type], at, (size_t)s->n);
                cover_of(ndvi + at, (float)t->fvc_soil.value, (float)t->fvc_full.value,
                         b->fvc[type] + at, (size_t)s->n);
            }
            add_yield_parts(plan, strip, b, spans, n_spans, t->n_models, sums + k * layers);
        }
    }
}

/* The values of one layer in the strip for a part; NULL: it has none. */
static const float *layer_values(const struct cao_plan *plan, const struct cao_tile_buffers *b,
                                 size_t layer, size_t type)
{
    const struct cao_project *project = plan->project;
    if (layer < project->n_indices)
        return b->index[layer];
    switch ((enum cao_zone_layer)(layer - project->n_indices)) {
    case CAO_ZONE_CLEAR:
        return b->clear;
    case CAO_ZONE_SEEN:
        return b->seen;
    case CAO_ZONE_SNOW:
        return b->snow;
    case CAO_ZONE_PEAK:
        return b->peak;
    case CAO_ZONE_GAP:
        return b->peak_gap;
    case CAO_ZONE_FVC: /* no equation and no end-members without a grassland type */
        return type == SIZE_MAX ? NULL : b->fvc[type];
    case CAO_ZONE_FRESH:
        return type == SIZE_MAX ? NULL : b->fresh[type];
    case CAO_ZONE_USE:
    case CAO_ZONE_USED:
    case CAO_ZONE_OUTSIDE:
    case CAO_N_ZONE_LAYERS:
        break;
    }
    return NULL;
}

/* What terrain leaves: the share itself, and the yield times it. Where it is not known, all is left. */
static void add_use(const struct cao_plan *plan, const struct cao_window *strip,
                    struct cao_tile_buffers *b, size_t part, const struct cao_span *spans,
                    size_t n_spans, struct cao_zone_sum *sums)
{
    size_t type = b->terms[part + 1].type;
    size_t at_use = cao_zone_layer_at(plan->project, CAO_ZONE_USE),
           at_used = cao_zone_layer_at(plan->project, CAO_ZONE_USED);
    struct cao_zone_scale scale = cao_zone_layer_scale(plan->project, at_use);
    const float *use = b->use_here;
    cao_zone_add(&sums[at_use], &scale, spans, n_spans, use, strip);
    if (type == SIZE_MAX)
        return;
    for (size_t i = 0; i < n_spans; i++) {
        const struct cao_span *s = &spans[i];
        size_t at =
            (size_t)(s->row - strip->row) * (size_t)strip->cols + (size_t)(s->col - strip->col);
        for (size_t c = at; c < at + (size_t)s->n; c++)
            b->value[c] = b->fresh[type][c] * (isnan(use[c]) ? 1.0f : use[c]);
    }
    scale = cao_zone_layer_scale(plan->project, at_used);
    cao_zone_add(&sums[at_used], &scale, spans, n_spans, b->value, strip);
}

static void add_sums(const struct cao_plan *plan, const struct cao_tile_job *job,
                     const struct cao_window *strip, struct cao_tile_buffers *b,
                     struct cao_zone_sum *sums)
{
    const struct cao_project *project = plan->project;
    size_t layers = cao_zone_layers(plan), plain = cao_zone_layer_at(project, CAO_ZONE_OUTSIDE);
    const struct cao_span *spans;
    size_t n_spans;
    for (size_t k = 0; k < b->n_parts; k++) {
        struct cao_part_walk walk = cao_part_walk(plan, job, b, k);
        while (cao_part_spans(&walk, &spans, &n_spans)) {
            for (size_t layer = 0; layer < plain; layer++) {
                const float *values = layer_values(plan, b, layer, b->terms[k + 1].type);
                struct cao_zone_scale scale = cao_zone_layer_scale(project, layer);
                if (values)
                    cao_zone_add(&sums[k * layers + layer], &scale, spans, n_spans, values, strip);
            }
            if (b->use)
                add_use(plan, strip, b, k, spans, n_spans, sums + k * layers);
        }
    }
}

/* Values of a per-type array at each cell, by the type of the pasture that the cell belongs to. */
static void by_type(const struct cao_tile_buffers *b, float *const *by, float *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t type = b->terms[b->label[i]].type;
        out[i] = type == SIZE_MAX ? NAN : by[type][i];
    }
}

static float days_of(const struct cao_plan *plan, const struct cao_tile_job *job)
{
    const struct cao_period *period = &plan->project->periods[job->period];
    return (float)(period->to - period->from + 1);
}

static float class_value(const struct cao_plan *plan, float pressure)
{
    if (isnan(pressure))
        return NAN;
    /* a float tells rates near a limit apart to some 1e-5 %; one at the limit belongs above it */
    double rate_pct = ((double)pressure - 1) * 100 + 3e-5;
    return 1.0f + (float)cao_class_of(&plan->profile->scheme, rate_pct);
}

/* What terrain leaves of a quantity; all of it where that is not known. */
static void leave(const float *use, float *out, size_t n)
{
    for (size_t i = 0; use && i < n; i++)
        out[i] *= isnan(use[i]) ? 1.0f : use[i];
}

/* Herd density over what livestock may use, where there is any. */
static float pressure_at(const struct cao_cell_terms *t, float fresh)
{
    if (t->extra == 0.0f)
        return fresh > 0 ? t->pressure / fresh : NAN;
    float available = t->available * fresh + t->extra;
    return available > 0 ? t->density / available : NAN;
}

/* Fill b->value with one product over the strip. */
static const float *product_values(const struct cao_plan *plan, const struct cao_tile_job *job,
                                   const struct cao_window *strip,
                                   const struct cao_product *product, struct cao_tile_buffers *b)
{
    float *out = b->value;
    size_t n = (size_t)strip->cols * (size_t)strip->rows;
    const float *use = b->use_here;
    switch (product->quantity) {
    case CAO_Q_INDEX:
        for (size_t i = 0; i < plan->project->n_indices; i++)
            if (plan->project->indices[i] == product->index)
                return b->index[i];
        break;
    case CAO_Q_FVC:
        by_type(b, b->fvc, out, n);
        break;
    case CAO_Q_FRESH:
        by_type(b, b->fresh, out, n);
        break;
    case CAO_Q_HAY:
        by_type(b, b->fresh, out, n);
        for (size_t i = 0; i < n; i++)
            out[i] *= b->terms[b->label[i]].hay;
        break;
    case CAO_Q_USABLE:
        by_type(b, b->fresh, out, n);
        for (size_t i = 0; i < n; i++)
            out[i] *= b->terms[b->label[i]].usable;
        leave(use, out, n);
        break;
    case CAO_Q_CAPACITY:
        by_type(b, b->fresh, out, n);
        for (size_t i = 0; i < n; i++)
            out[i] *= b->terms[b->label[i]].capacity;
        leave(use, out, n);
        break;
    case CAO_Q_PRESSURE:
    case CAO_Q_PRESSURE_CLASS:
        by_type(b, b->fresh, out, n);
        leave(use, out, n);
        for (size_t i = 0; i < n; i++)
            out[i] = pressure_at(&b->terms[b->label[i]], out[i]);
        for (size_t i = 0; product->quantity == CAO_Q_PRESSURE_CLASS && i < n; i++)
            out[i] = class_value(plan, out[i]);
        break;
    case CAO_Q_TYPE:
        for (size_t i = 0; i < n; i++) {
            size_t type = b->terms[b->label[i]].type;
            out[i] = type == SIZE_MAX ? NAN : 1.0f + (float)job->types[type];
        }
        break;
    case CAO_Q_USE:
        return use;
    case CAO_Q_SNOW_SHARE:
        return b->snow;
    case CAO_Q_SNOW_DAYS:
        for (size_t i = 0; i < n; i++)
            out[i] = b->snow[i] * days_of(plan, job);
        break;
    case CAO_Q_N_CLEAR:
        return b->clear;
    case CAO_Q_DAY:
        return b->day;
    case CAO_Q_STATUS:
        for (size_t i = 0; i < n; i++)
            out[i] = (float)b->status[i];
        break;
    case CAO_Q_PEAK:
        return b->peak;
    case CAO_Q_PEAK_DAY:
        return b->peak_day;
    case CAO_Q_GAP:
        return b->peak_gap;
    case CAO_Q_SENSOR:
    case CAO_Q_TARGET_DAYS:
    case CAO_Q_N_LOOKS:
    case CAO_Q_MASKED_SHARE:
    case CAO_Q_MASK_REASON:
        (void)cao_info_values(plan, job, product->quantity, b, out, n);
        break;
    }
    return out;
}

void cao_tile_strip_products(const struct cao_plan *plan, const struct cao_tile_job *job,
                             const struct cao_window *strip, struct cao_tile_buffers *b,
                             struct cao_zone_sum *sums)
{
    size_t n = (size_t)strip->cols * (size_t)strip->rows;
    cao_tile_bases(plan, job, strip, b);
    compute_by_type(plan, job, strip, b, sums);
    memset(b->label, 0, n * sizeof *b->label);
    memset(b->weight, 0, n * sizeof *b->weight);
    for (size_t k = 0; k < b->n_parts; k++) {
        size_t n_spans;
        const struct cao_span *spans;
        struct cao_part_walk walk = cao_part_walk(plan, job, b, k);
        while (cao_part_spans(&walk, &spans, &n_spans))
            cao_zone_label(spans, n_spans, (int32_t)(k + 1), strip, b->label, b->weight);
    }
    add_sums(plan, job, strip, b, sums);
    size_t cols = (size_t)strip->cols;
    for (size_t i = 0; i < plan->products.n; i++) {
        const struct cao_product *product = &plan->products.items[i];
        if (b->past && cao_product_is_base(product->quantity))
            continue;
        const float *values = product_values(plan, job, strip, product, b);
        size_t bytes = cao_pixel_bytes(product->layout.pixel);
        for (int32_t row = 0; row < strip->rows; row++)
            cao_pack(&product->layout, values + (size_t)row * cols,
                     (unsigned char *)b->raster[i] + cao_tile_place(job, strip, row) * bytes, cols);
    }
}

static enum cao_status product_path(const char *dir, const struct cao_product *product,
                                    char name[48], char path[CAO_PATH_MAX], struct cao_error *err)
{
    snprintf(name, 48, "%s.tif", product->layout.name);
    return cao_path_join(path, dir, name, err);
}

static enum cao_status write_product(const struct cao_plan *plan, const struct cao_tile_job *job,
                                     const struct cao_product *product, const void *pixels,
                                     const char *path, struct cao_error *err)
{
    const struct cao_period *period = &plan->project->periods[job->period];
    char from[CAO_DATE_TEXT], to[CAO_DATE_TEXT];
    cao_date_format(period->from, from);
    cao_date_format(period->to, to);
    const struct cao_tag tags[] = {
        { "CAOCHU_PROJECT", plan->project->name },
        { "CAOCHU_PERIOD", period->name },
        { "CAOCHU_FROM", from },
        { "CAOCHU_TO", to },
        /* what a base does not stand on; last, so that it can be left out */
        { "CAOCHU_PROFILE", plan->profile->name },
        { "CAOCHU_YIELD_SET", plan->profile->yield_set },
    };
    size_t n_tags = sizeof tags / sizeof tags[0];
    n_tags -= cao_product_is_base(product->quantity) ? 2 : 0;
    struct cao_draft draft;
    enum cao_status st = cao_draft_init(&draft, path, 0, err);
    if (st)
        return st;
    st = cao_cog_write(draft.temp, &plan->grid, &job->window, &product->layout, tags, n_tags,
                       pixels, err);
    if (st) {
        cao_draft_rename_error(&draft, err);
        cao_draft_abandon(&draft);
    }
    return st ? st : cao_draft_commit(&draft, err);
}

/* The raster of a base that an earlier run wrote just so. */
static bool stays(const struct cao_product *product, const struct cao_tile_buffers *b)
{
    return b->past && b->past->same_layout && cao_product_is_base(product->quantity);
}

enum cao_status cao_tile_write(const struct cao_plan *plan, const struct cao_tile_job *job,
                               const struct cao_tile_buffers *b, struct cao_tile_result *result,
                               struct cao_error *err)
{
    char dir[CAO_PATH_MAX], path[CAO_PATH_MAX];
    enum cao_status st = cao_plan_tile_dir(plan, job, dir, err);
    if (!st)
        st = cao_make_dirs(dir, err);
    for (size_t i = 0; !st && i < plan->products.n; i++) {
        struct cao_tile_file *file = &result->files[result->n_files];
        st = product_path(dir, &plan->products.items[i], file->name, path, err);
        if (!st && result->empty) {
            unlink(path); /* left from when scenes reached it */
            continue;
        }
        if (!st && !stays(&plan->products.items[i], b))
            st = write_product(plan, job, &plan->products.items[i], b->raster[i], path, err);
        if (!st && !cao_file_stat(path, &file->size, NULL))
            st = cao_fail(err, CAO_EIO, "%s: is gone right after it was written", path);
        result->n_files += st == CAO_OK;
    }
    return st;
}
