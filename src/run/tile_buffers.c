/* SPDX-License-Identifier: MIT
 * The working arrays of a tile: one description both counts them and hands them out. */
#include <string.h>

#include "caochu/composite.h"
#include "run/look.h"
#include "run/season.h"
#include "run/tile_ground.h"
#include "run/tile_products.h"

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

static bool shows_cover(const struct cao_plan *plan)
{
    for (size_t i = 0; i < plan->products.n; i++)
        if (plan->products.items[i].quantity == CAO_Q_FVC)
            return true;
    return false;
}

static bool shows_yield(const struct cao_plan *plan)
{
    for (size_t i = 0; i < plan->products.n; i++)
        if (cao_product_is_of_yield(plan->products.items[i].quantity))
            return true;
    return false;
}

static void describe(const struct cao_plan *plan, const struct cao_tile_job *job, struct taker *t,
                     struct cao_tile_buffers *b)
{
    int32_t wide_as = plan->strip_cols, high = plan->strip_rows;
    size_t cols = (size_t)(job->window.cols < wide_as ? job->window.cols : wide_as);
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
        b->look[i] =
            composite->reduce ? NULL : take(t, n, sizeof(float)); /* else where it is kept */
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
    b->fvc = shows_cover(plan) ? take_rows(t, job->n_types, n) : NULL;
    b->fresh = shows_yield(plan) ? take_rows(t, job->n_types, n) : NULL;
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
    b->lot = take(t, 1, sizeof *b->lot);
    b->scale = take(t, cao_zone_layers(plan), sizeof *b->scale);
    b->lot_index = take_rows(t, plan->project->n_indices, CAO_ZONE_LOT);
    b->lot_fresh = take(t, CAO_ZONE_LOT, sizeof(float));
    b->lot_other = take(t, CAO_ZONE_LOT, sizeof(float));
    b->outside = take(t, CAO_ZONE_LOT, sizeof(float));
    b->value_of = l->values ? take_rows(t, l->n_slots, CAO_ZONE_LOT) : NULL;
    b->slope_of = l->slopes ? take_rows(t, l->n_slots * CAO_YIELD_TERMS, CAO_ZONE_LOT) : NULL;
    b->clear = take(t, n, sizeof(float));
    b->seen = take(t, n, sizeof(float));
    b->day = take(t, n, sizeof(float));
    b->label = take(t, n, sizeof *b->label);
    b->weight = take(t, n, sizeof(float));
    b->value = take(t, n, sizeof(float));
    b->owners = take(t, cols, sizeof *b->owners);
    b->class_from = take(t, plan->profile->scheme.n + 1, sizeof(float));
    b->use_here = plan->ground->has_use ? take(t, n, sizeof *b->use_here) : NULL;
    b->spans = take(t, job->n_spans, sizeof *b->spans);
    b->cut = take(t, job->n_spans, sizeof *b->cut);
    b->cut_end = take(t, job->n_pastures + 1, sizeof *b->cut_end);
    b->span_end = take(t, job->n_pastures + 1, sizeof *b->span_end);
    b->reach_of = take(t, job->n_pastures + 1, sizeof *b->reach_of);
    b->scratch_cover = take(t, job->scratch_bytes, 1);
    take_ground(plan, job, t, b);
    b->raster = take(t, plan->products.n, sizeof *b->raster);
    b->base_raster = take(t, plan->products.n_bases + 1, sizeof *b->base_raster);
    for (size_t i = 0; i < plan->products.n; i++) {
        void *raster = take(t, tile, cao_pixel_bytes(plan->products.items[i].layout.pixel));
        if (b->raster)
            b->raster[i] = raster;
    }
}

static void find_base_rasters(const struct cao_products *p, struct cao_tile_buffers *b)
{
    for (size_t k = 0; k < p->n_bases; k++) {
        b->base_raster[k] = NULL;
        for (size_t i = 0; i < p->n; i++)
            if (strcmp(p->items[i].name, p->bases[k].name) == 0)
                b->base_raster[k] = b->raster[i];
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
    if (t.failed)
        return cao_fail(err, CAO_ENOMEM, "the workspace of %zu bytes is too small", arena->size);
    find_base_rasters(&plan->products, b);
    return CAO_OK;
}
