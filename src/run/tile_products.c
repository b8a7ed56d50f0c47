/* SPDX-License-Identifier: MIT */
#include "run/tile_products.h"
#include "run/tile_redo.h"
#include "run/info.h"
#include "run/look.h"
#include "run/season.h"
#include "run/tile_ground.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "caochu/composite.h"

/* Hands out arrays, or only adds up what they would need: one description serves both. */
struct taker {
    struct cao_arena *arena; /* NULL: only count */
    size_t bytes;
    bool failed;
};

static void *take(struct taker *t, size_t n, size_t size)
{
    t->bytes += cao_arena_need(n, size);
    if (!t->arena)
        return NULL;
    void *p = cao_arena_take(t->arena, n, size);
    t->failed |= !p;
    return p;
}

/* The pointers themselves are needed only when arrays are really handed out. */
static float **take_rows(struct taker *t, size_t n_rows, size_t n)
{
    float **rows = take(t, n_rows + 1, sizeof *rows);
    for (size_t i = 0; i < n_rows; i++) {
        float *row = take(t, n, sizeof *row);
        if (rows)
            rows[i] = row;
    }
    return rows;
}

/* What the layers of ground and terrain take: nothing where the project has none. */
static void take_ground(const struct cao_plan *plan, const struct cao_tile_job *job,
                        struct taker *t, struct cao_tile_buffers *b)
{
    const struct cao_ground_layers *g = plan->ground;
    size_t cols = (size_t)job->window.cols, tile = cols * (size_t)job->window.rows;
    size_t lot = cols * CAO_GROUND_ROWS, fine = 0, reach = (size_t)g->reach;
    bool polygons = false;
    for (int k = 0; k < CAO_N_GROUND; k++) {
        const struct cao_ground_layer *l = &g->layer[k];
        size_t f = l->is_raster ? (size_t)l->fine : 0;
        fine = f > fine ? f : fine;
        polygons |= l->used && !l->is_raster;
    }
    b->ground = g->by_cell ? take(t, tile, sizeof *b->ground) : NULL;
    b->runs = g->by_cell ? take(t, CAO_RUN_SPANS, sizeof *b->runs) : NULL;
    b->ground_codes = fine ? take(t, lot * fine * fine, sizeof *b->ground_codes) : NULL;
    b->ground_label = polygons ? take(t, lot, sizeof *b->ground_label) : NULL;
    b->ground_weight = polygons ? take(t, lot, sizeof *b->ground_weight) : NULL;
    b->ground_spans = polygons ? take(t, job->ground_spans, sizeof *b->ground_spans) : NULL;
    b->ground_scratch = polygons ? take(t, job->ground_scratch, 1) : NULL;
    size_t far = 2 * (size_t)g->water_reach, wide_cols = cols + far;
    size_t wide_rows = (size_t)job->window.rows + far;
    size_t longer = wide_cols > wide_rows ? wide_cols : wide_rows;
    b->water = g->has_water ? take(t, wide_cols * wide_rows, sizeof *b->water) : NULL;
    b->water_scratch = g->has_water ? take(t, 3 * longer + 1, sizeof *b->water_scratch) : NULL;
    b->use = g->has_use ? take(t, tile, sizeof *b->use) : NULL;
    b->elevation = g->has_dem ? take(t, (cols + 2 * reach) * (CAO_GROUND_ROWS + 2 * reach),
                                     sizeof *b->elevation)
                              : NULL;
}

size_t cao_tile_ground_bytes(const struct cao_plan *plan, const struct cao_tile_job *job)
{
    struct taker t = { 0 };
    struct cao_tile_buffers b = { 0 };
    take_ground(plan, job, &t, &b);
    return t.bytes;
}

enum cao_status cao_tile_ground_take(const struct cao_plan *plan, const struct cao_tile_job *job,
                                     struct cao_arena *arena, struct cao_tile_buffers *b,
                                     struct cao_error *err)
{
    struct taker t = { .arena = arena };
    take_ground(plan, job, &t, b);
    return t.failed
               ? cao_fail(err, CAO_ENOMEM, "the workspace of %zu bytes is too small", arena->size)
               : CAO_OK;
}

static void describe_season(const struct cao_plan *plan, const struct cao_tile_job *job, size_t n,
                            struct taker *t, struct cao_tile_buffers *b)
{
    b->series = NULL;
    b->series_weight = NULL;
    b->peak = b->peak_day = b->peak_gap = NULL;
    if (!cao_season_wanted(plan->project))
        return;
    struct cao_smoothing s = cao_season_of(plan, job->period);
    b->series = take_rows(t, job->n_scenes, n);
    b->series_days = take(t, job->n_scenes + 1, sizeof(float));
    b->season = take(t, cao_smooth_scratch(&s), 1);
    b->peak = take(t, n, sizeof(float));
    b->peak_day = take(t, n, sizeof(float));
    b->peak_gap = take(t, n, sizeof(float));
    if (plan->project->smoothing_cloud_distance_m <= 0)
        return;
    b->series_weight = take(t, job->n_scenes + 1, sizeof *b->series_weight);
    for (size_t k = 0; k < job->n_scenes; k++) {
        uint8_t *row = take(t, n, 1);
        if (b->series_weight)
            b->series_weight[k] = row;
    }
}

static bool has_days(const struct cao_plan *plan, const struct cao_tile_job *job)
{
    for (size_t k = 0; k < job->n_scenes; k++)
        if (plan->catalog->scenes[job->scenes[k]].day_layer)
            return true;
    return false;
}

static void describe_days(const struct cao_plan *plan, const struct cao_tile_job *job, size_t n,
                          size_t wide, struct taker *t, struct cao_tile_buffers *b)
{
    b->wide_after = b->after = b->chosen_after = NULL;
    b->kept_after = NULL;
    if (!has_days(plan, job))
        return;
    b->wide_after = take(t, wide, 1);
    b->after = take(t, n, 1);
    b->chosen_after = take(t, n, 1);
    if (!plan->project->composite->reduce && !cao_season_wanted(plan->project))
        return;
    b->kept_after = take(t, job->n_scenes + 1, sizeof *b->kept_after);
    for (size_t k = 0; k < job->n_scenes; k++) {
        uint8_t *row = take(t, n, 1);
        if (b->kept_after)
            b->kept_after[k] = row;
    }
}

static void describe(const struct cao_plan *plan, const struct cao_tile_job *job, struct taker *t,
                     struct cao_tile_buffers *b)
{
    int32_t side = plan->square_side, high = plan->strip_rows;
    size_t cols = (size_t)(job->window.cols < side ? job->window.cols : side);
    size_t rows = (size_t)(job->window.rows < high ? job->window.rows : high), n = cols * rows;
    size_t tile = (size_t)job->window.cols * (size_t)job->window.rows;
    const struct cao_composite *composite = plan->project->composite;
    size_t margin = (size_t)cao_look_margin(plan->project, plan->grid.res_m);
    size_t wide = (cols + 2 * margin) * (rows + 2 * margin);
    b->qa = take(t, wide, sizeof *b->qa);
    b->bright = take(t, wide, sizeof(float));
    b->past = NULL;
    describe_days(plan, job, n, wide, t, b);
    b->sight = b->counted = b->wide_sight = NULL;
    b->n_snow = b->n_seen = NULL;
    b->snow = NULL;
    if (plan->project->snow) {
        b->wide_sight = take(t, wide, 1);
        b->sight = take(t, n, 1);
        b->counted = take(t, n, 1);
        b->n_snow = take(t, n, sizeof *b->n_snow);
        b->n_seen = take(t, n, sizeof *b->n_seen);
        b->snow = take(t, n, sizeof(float));
    }
    b->wide_removed = take(t, wide, 1);
    b->wide_reason = take(t, margin ? wide : 0, 1);
    b->reach = take(t, margin ? wide : 0, sizeof *b->reach);
    b->chosen = take(t, n, sizeof *b->chosen);
    b->n_clear = take(t, n, sizeof *b->n_clear);
    b->reason = take(t, n, 1);
    b->status = take(t, n, 1);
    b->taken = take(t, n, 1);
    b->score = take(t, n, sizeof(float));
    b->best_score = take(t, n, sizeof(float));
    for (size_t i = 0; i < plan->n_bands; i++) {
        b->look[i] = take(t, n, sizeof(float));
        b->band[i] = take(t, n, sizeof(float));
    }
    bool mean = !composite->score && !composite->reduce;
    for (size_t i = 0; i < plan->n_bands; i++)
        b->sum[i] = mean ? take(t, n, sizeof(double)) : NULL;
    b->cloud_m = cao_look_distance_m(plan->project) > 0 ? take(t, n, sizeof(float)) : NULL;
    describe_season(plan, job, n, t, b);
    b->n_kept = composite->reduce ? job->n_scenes : 0;
    b->kept = take_rows(t, plan->n_bands * b->n_kept, n);
    b->reduce = composite->reduce ? take(t, composite->scratch(plan->n_bands, b->n_kept), 1) : NULL;
    bool reasons = plan->counts_reasons;
    b->overpass = take(t, n, 1);
    b->by_reason = reasons ? take(t, n * CAO_N_REASONS, sizeof *b->by_reason) : NULL;
    b->scratch = take(t, job->n_scenes + 1, sizeof(float));
    b->index = take_rows(t, plan->project->n_indices, n);
    b->fvc = take_rows(t, job->n_types, n);
    b->fresh = take_rows(t, job->n_types, n);
    size_t longest = 0;
    for (size_t i = 0; i < job->n_types; i++) {
        struct cao_yield_steps s = cao_yield_steps(plan, cao_plan_index_of(plan, job->types[i]));
        size_t floats = cao_yield_table_floats(
            &s, plan->yield_layers.n_slots, plan->yield_layers.values, plan->yield_layers.slopes);
        longest = floats > longest ? floats : longest;
    }
    b->yield = take(t, job->n_types + 1, sizeof *b->yield);
    b->yield_rows = take_rows(t, longest ? job->n_types : 0, longest);
    for (size_t i = 0; b->yield && i < job->n_types; i++)
        b->yield[i] = (struct cao_yield_table){ .steps = cao_yield_steps(
                                                    plan, cao_plan_index_of(plan, job->types[i])) };
    const struct cao_yield_layers *l = &plan->yield_layers;
    b->outside = take(t, n, sizeof(float));
    b->value_of = l->values ? take_rows(t, l->n_slots, n) : NULL;
    b->slope_of = l->slopes ? take_rows(t, l->n_slots * CAO_YIELD_TERMS, n) : NULL;
    b->clear = take(t, n, sizeof(float));
    b->seen = take(t, n, sizeof(float));
    b->day = take(t, n, sizeof(float));
    b->label = take(t, n, sizeof *b->label);
    b->weight = take(t, n, sizeof(float));
    b->value = take(t, n, sizeof(float));
    b->use_here = plan->ground->has_use ? take(t, n, sizeof *b->use_here) : NULL;
    b->spans = take(t, job->n_spans, sizeof *b->spans);
    b->cut = take(t, job->n_spans, sizeof *b->cut);
    b->cut_end = take(t, job->n_pastures + 1, sizeof *b->cut_end);
    b->span_end = take(t, job->n_pastures + 1, sizeof *b->span_end);
    b->reach_of = take(t, job->n_pastures + 1, sizeof *b->reach_of);
    b->scratch_cover = take(t, job->scratch_bytes, 1);
    take_ground(plan, job, t, b);
    b->raster = take(t, plan->products.n, sizeof *b->raster);
    for (size_t i = 0; i < plan->products.n; i++) {
        void *raster = take(t, tile, cao_pixel_bytes(plan->products.items[i].layout.pixel));
        if (b->raster)
            b->raster[i] = raster;
    }
}

size_t cao_tile_buffers_bytes(const struct cao_plan *plan, const struct cao_tile_job *job)
{
    struct taker t = { 0 };
    struct cao_tile_buffers b = { 0 };
    describe(plan, job, &t, &b);
    return t.bytes;
}

enum cao_status cao_tile_buffers_take(const struct cao_plan *plan, const struct cao_tile_job *job,
                                      struct cao_arena *arena, struct cao_tile_buffers *b,
                                      struct cao_error *err)
{
    struct taker t = { .arena = arena };
    describe(plan, job, &t, b);
    return t.failed
               ? cao_fail(err, CAO_ENOMEM, "the workspace of %zu bytes is too small", arena->size)
               : CAO_OK;
}

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

/* Make a rectangle hold a span too; one without columns holds none yet. */
static void widen(struct cao_window *w, const struct cao_span *s)
{
    if (w->cols == 0)
        *w = (struct cao_window){ s->col, s->row, s->n, 1 };
    int32_t right = w->col + w->cols, end = s->col + s->n;
    w->col = s->col < w->col ? s->col : w->col;
    w->cols = (end > right ? end : right) - w->col;
    w->rows = s->row - w->row + 1; /* spans are sorted by row */
}

static bool meet(const struct cao_window *a, const struct cao_window *b)
{
    return a->col < b->col + b->cols && b->col < a->col + a->cols && a->row < b->row + b->rows &&
           b->row < a->row + a->rows;
}

void cao_tile_cover(const struct cao_plan *plan, const struct cao_tile_job *job,
                    struct cao_tile_buffers *b)
{
    size_t n = 0;
    for (size_t k = 0; k < job->n_pastures; k++) {
        const struct cao_polygon *p = &plan->polygons[job->pastures[k]];
        size_t begin = n;
        struct cao_window *reach = &b->reach_of[k];
        n += cao_cover(p, &job->window, b->scratch_cover, b->spans + n);
        b->span_end[k] = n;
        *reach = (struct cao_window){ 0, 0, 0, 0 };
        for (size_t i = begin; i < n; i++)
            widen(reach, &b->spans[i]);
    }
}

/* The first of a pasture's spans, which are sorted by row, at or below a row. */
static size_t first_below(const struct cao_span *spans, size_t begin, size_t end, int32_t row)
{
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (spans[middle].row < row)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

void cao_tile_cut(const struct cao_tile_job *job, const struct cao_window *strip,
                  struct cao_tile_buffers *b)
{
    size_t n = 0, begin = 0, cols = (size_t)strip->cols;
    int32_t right = strip->col + strip->cols, low = strip->row + strip->rows;
    for (size_t k = 0; k < job->n_pastures; begin = b->span_end[k++]) {
        bool meets = meet(&b->reach_of[k], strip);
        size_t i =
            meets ? first_below(b->spans, begin, b->span_end[k], strip->row) : b->span_end[k];
        for (; i < b->span_end[k] && b->spans[i].row < low; i++) {
            const struct cao_span *s = &b->spans[i];
            int32_t from = s->col > strip->col ? s->col : strip->col;
            int32_t to = s->col + s->n < right ? s->col + s->n : right;
            if (from < to)
                b->cut[n++] = (struct cao_span){ s->row, from, to - from, s->weight };
        }
        b->cut_end[k] = n;
    }
    for (int32_t row = 0; b->use && row < strip->rows; row++)
        memcpy(b->use_here + (size_t)row * cols, b->use + cao_tile_place(job, strip, row),
               cols * sizeof *b->use);
}

const struct cao_span *cao_strip_spans(const struct cao_tile_buffers *b, size_t k, size_t *n)
{
    size_t begin = k ? b->cut_end[k - 1] : 0;
    *n = b->cut_end[k] - begin;
    return b->cut + begin;
}

size_t cao_tile_place(const struct cao_tile_job *job, const struct cao_window *strip, int32_t row)
{
    return (size_t)(strip->row - job->window.row + row) * (size_t)job->window.cols +
           (size_t)(strip->col - job->window.col);
}

void cao_tile_count_reasons(const struct cao_tile_job *job, const struct cao_window *strip,
                            const struct cao_tile_buffers *b, const uint8_t *reason,
                            cao_int128 (*reasons)[CAO_N_REASONS])
{
    for (size_t k = 0; k < job->n_pastures; k++) {
        size_t n_spans;
        const struct cao_span *spans = cao_strip_spans(b, k, &n_spans);
        cao_zone_count(reasons[k], CAO_N_REASONS, spans, n_spans, reason, strip);
    }
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
