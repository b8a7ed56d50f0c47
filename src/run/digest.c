/* SPDX-License-Identifier: MIT */
#include "run/digest.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *words;
    enum cao_stage stage;
} parts[CAO_N_PARTS] = {
    [CAO_PART_PROGRAM] = { "made by another version of the program", CAO_STAGE_IMAGES },
    [CAO_PART_GRID] = { "the grid changed", CAO_STAGE_IMAGES },
    [CAO_PART_INDICES] = { "the indices, or how they are stored, changed", CAO_STAGE_IMAGES },
    [CAO_PART_PRODUCTS] = { "the list of products, or how they are stored, changed",
                            CAO_STAGE_BASES },
    [CAO_PART_MASK] = { "the mask changed", CAO_STAGE_IMAGES },
    [CAO_PART_COMPOSITE] = { "the composite changed", CAO_STAGE_IMAGES },
    [CAO_PART_STANDARD] = { "the profile's general numbers or class limits changed",
                            CAO_STAGE_BASES },
    [CAO_PART_PERIOD] = { "the days of the period changed", CAO_STAGE_IMAGES },
    [CAO_PART_BORDERS] = { "pastures of the tile changed", CAO_STAGE_IMAGES },
    [CAO_PART_COEFFICIENTS] = { "coefficients of its grassland types changed", CAO_STAGE_BASES },
    [CAO_PART_HERDS] = { "herds of its pastures changed", CAO_STAGE_BASES },
    [CAO_PART_GROUND] = { "the layers of ground or terrain, or their tables, changed",
                          CAO_STAGE_BASES },
};

const char *cao_part_words(enum cao_part part)
{
    return parts[part].words;
}

enum cao_stage cao_part_stage(enum cao_part part)
{
    return parts[part].stage;
}

static void add_grid(struct cao_hash *h, const struct cao_plan *p)
{
    cao_hash_text(h, p->grid.crs);
    cao_hash_double(h, p->grid.x0);
    cao_hash_double(h, p->grid.y0);
    cao_hash_double(h, p->grid.res_m);
    cao_hash_int(h, p->grid.tile);
}

/* What the bases hold, whether or not they are asked for as rasters. Of an expression its text and its
 * constants count, not what became of them: a version of the program may make other steps of it. */
static void add_indices(struct cao_hash *h, const struct cao_plan *p)
{
    cao_hash_int(h, p->project->output_float32);
    cao_hash_int(h, p->project->snow);
    for (size_t i = 0; i < p->products.n_bases; i++) {
        const struct cao_raster_layout *l = &p->products.bases[i].layout;
        cao_hash_text(h, l->name);
        cao_hash_text(h, l->description);
        cao_hash_int(h, l->pixel);
        cao_hash_double(h, l->scale);
        for (size_t k = 0; k < l->n_legend; k++) { /* codes of declared sensors go by their order */
            cao_hash_int(h, l->legend[k].value);
            cao_hash_text(h, l->legend[k].name);
        }
        if (p->products.bases[i].quantity == CAO_Q_TARGET_DAYS)
            cao_hash_int(h, p->project->target_day);
    }
    for (size_t i = 0; i < p->project->n_indices; i++) {
        const struct cao_index *ix = p->project->indices[i];
        cao_hash_text(h, ix->formula);
        cao_hash_double(h, (double)ix->min);
        cao_hash_double(h, (double)ix->max);
    }
    for (size_t i = 0; i < p->project->n_own_indices; i++) {
        const struct cao_own_index *own = &p->project->own_indices[i];
        for (size_t k = 0; k < own->n_constants; k++) {
            cao_hash_text(h, own->constants[k].name);
            cao_hash_double(h, own->constants[k].value);
        }
    }
}

/* The project's name stands in the rasters' tags. */
static void add_products(struct cao_hash *h, const struct cao_plan *p)
{
    cao_hash_text(h, p->project->name);
    cao_hash_int(h, (int)p->project->output_compression);
    cao_hash_int(h, (int64_t)cao_zone_layers(p));
    for (size_t i = 0; i < p->products.n; i++) {
        const struct cao_raster_layout *l = &p->products.items[i].layout;
        cao_hash_text(h, l->name);
        cao_hash_text(h, l->description);
        cao_hash_int(h, l->pixel);
        cao_hash_double(h, l->scale);
        for (size_t k = 0; k < l->n_legend; k++) {
            cao_hash_int(h, l->legend[k].value);
            cao_hash_text(h, l->legend[k].name);
            cao_hash_bytes(h, l->legend[k].rgb, 3);
        }
    }
}

static void add_mask(struct cao_hash *h, const struct cao_plan *p)
{
    cao_hash_int(h, p->project->mask_removes);
    cao_hash_double(h, p->project->mask_dilation_m);
    cao_hash_double(h, p->project->mask_least_clear);
}

static void add_smoothing(struct cao_hash *h, const struct cao_plan *plan)
{
    const struct cao_project *p = plan->project;
    if (p->smoothing_method == CAO_SMOOTH_NONE)
        return;
    const int64_t whole[] = { (int64_t)p->smoothing_method, (int64_t)plan->smooth_index,
                              p->smoothing_window,          p->smoothing_degree,
                              p->smoothing_envelope,        p->smoothing_yield };
    const double numbers[] = { p->smoothing_step, p->smoothing_lambda,
                               p->smoothing_cloud_distance_m, p->smoothing_cloud_weight,
                               p->smoothing_max_gap };
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
        cao_hash_int(h, whole[i]);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        cao_hash_double(h, numbers[i]);
    cao_hash_text(h, p->smoothing_peak_from);
    cao_hash_text(h, p->smoothing_peak_to);
}

static void add_composite(struct cao_hash *h, const struct cao_plan *p)
{
    const struct cao_composite *c = p->project->composite;
    const struct cao_composite_settings *set = &p->project->composite_settings;
    cao_hash_text(h, c->name);
    if (strcmp(c->name, "percentile") == 0)
        cao_hash_double(h, set->percentile);
    if (c->asks_cloud) {
        cao_hash_int(h, p->project->target_day);
        const double scores[] = { set->day_weight, set->day_spread, set->cloud_weight,
                                  set->cloud_distance_m, set->haze_weight };
        for (size_t i = 0; i < sizeof scores / sizeof scores[0]; i++)
            cao_hash_double(h, scores[i]);
    }
    add_smoothing(h, p);
    cao_hash_int(h, p->project->nir);
    cao_hash_int(h, p->project->bandpass);
    if (p->project->resampling != CAO_BILINEAR)
        cao_hash_text(h, "cubic");
}

/* The names too: they stand in the rasters' tags. */
static void add_standard(struct cao_hash *h, const struct cao_plan *p)
{
    cao_hash_text(h, p->profile->name);
    cao_hash_text(h, p->profile->yield_set);
    cao_hash_int(h, (int64_t)p->yield_index);
    cao_hash_double(h, p->wildlife_share);
    cao_hash_double(h, p->profile->bare_below.value);
    cao_hash_int(h, (int64_t)p->project->fvc_form);
    for (size_t i = 0; i < p->profile->scheme.n; i++)
        cao_hash_double(h, p->profile->scheme.classes[i].below_pct);
}

static void add_program(struct cao_hash *h, const struct cao_plan *p)
{
    (void)p;
    cao_hash_int(h, CAO_RESULT_VERSION);
}

static void add_terms(struct cao_hash *h, const struct cao_forage_terms *t)
{
    cao_hash_int(h, t->basis);
    const double terms[] = {
        t->fresh_hay_ratio, t->regrowth, t->edible_share, t->utilisation, t->hay_coefficient,
        t->intake_kg_day,   t->days,     t->grade,        t->zone,        t->retention
    };
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++)
        cao_hash_double(h, terms[i]);
}

static void add_equations(struct cao_hash *h, const struct cao_plan *p,
                          const struct cao_grass_type *type)
{
    if (type->n_models && !cao_text_same(type->index, p->profile->yield_index))
        cao_hash_text(h, type->index);
    for (size_t k = 0; k < type->n_models; k++) {
        const struct cao_yield_model *m = &type->models[k];
        cao_hash_int(h, m->form);
        const double terms[] = { m->a, m->b, m->c, m->x_min, m->x_max, m->hay_ratio };
        for (size_t j = 0; j < sizeof terms / sizeof terms[0]; j++)
            cao_hash_double(h, terms[j]);
    }
}

/* By size and time: polygons of the whole province may stand in them. */
static void add_ground(struct cao_hash *h, const struct cao_plan *p)
{
    const struct cao_ground_layers *g = p->ground;
    for (int k = 0; k < CAO_N_GROUND + 2; k++)
        cao_hash_text(h, g->stamp[k]);
    for (int k = 0; k < CAO_N_GROUND; k++) {
        const struct cao_ground_key *key = &p->project->ground[k];
        cao_hash_text(h, key->file);
        cao_hash_text(h, key->layer);
        cao_hash_text(h, key->field);
        cao_hash_text(h, key->crs);
        for (size_t i = 0; i < key->n_classes; i++) {
            cao_hash_int(h, key->classes[i].code);
            cao_hash_int(h, g->layer[k].value[key->classes[i].code]);
        }
    }
    cao_hash_text(h, p->project->terrain_dem);
    cao_hash_text(h, p->project->terrain_water);
    cao_hash_text(h, p->project->terrain_layer);
    cao_hash_text(h, p->project->terrain_crs);
    for (int t = 0; g->has_use && t < CAO_N_TERRAIN; t++)
        for (size_t i = 0; i < p->profile->terrain[t].n; i++) {
            cao_hash_double(h, p->profile->terrain[t].rows[i].below);
            cao_hash_double(h, p->profile->terrain[t].rows[i].value.value);
        }
    if (!g->by_cell)
        return;
    /* what the cells are is reckoned with the tables themselves, not with the pastures' own terms */
    for (size_t t = 0; t < p->profile->n_types; t++) {
        const struct cao_grass_type *type = &p->profile->types[t];
        cao_hash_double(h, type->fvc_soil.value);
        cao_hash_double(h, type->fvc_full.value);
        add_equations(h, p, type);
        for (int season = 0; season < CAO_N_SEASONS; season++) {
            struct cao_forage_terms terms =
                cao_forage_terms_of(p->profile, t, (enum cao_season)season);
            add_terms(h, &terms);
        }
    }
    cao_hash_double(h, p->profile->edible_drift[p->project->year_type].value);
    const struct cao_items *const items[] = { &p->profile->grades, &p->profile->zones };
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < items[k]->n; i++)
            cao_hash_double(h, items[k]->rows[i].value.value);
}

static void add_coefficients(struct cao_hash *h, const struct cao_plan *p, size_t i)
{
    const struct cao_holding *holding = &p->holdings->items[i];
    cao_hash_int(h, holding->type == SIZE_MAX ? -1 : (int64_t)holding->type);
    if (holding->type == SIZE_MAX)
        return;
    add_terms(h, &holding->terms);
    cao_hash_double(h, holding->fvc_soil);
    cao_hash_double(h, holding->fvc_full);
    add_equations(h, p, &p->profile->types[holding->type]);
}

static void add_herd(struct cao_hash *h, const struct cao_plan *p, size_t i)
{
    cao_hash_double(h, p->holdings->items[i].herd_su);
    cao_hash_double(h, p->holdings->items[i].feed_su);
    cao_hash_double(h, p->holdings->items[i].wild_su);
    cao_hash_int(h, p->holdings->items[i].wild_unknown);
}

/* What all tiles share, and what is summed up over the pastures of a tile. */
static const struct {
    enum cao_part part;
    void (*add)(struct cao_hash *h, const struct cao_plan *p);
} common[] = {
    { CAO_PART_PROGRAM, add_program },   { CAO_PART_GRID, add_grid },
    { CAO_PART_INDICES, add_indices },   { CAO_PART_PRODUCTS, add_products },
    { CAO_PART_MASK, add_mask },         { CAO_PART_COMPOSITE, add_composite },
    { CAO_PART_STANDARD, add_standard }, { CAO_PART_GROUND, add_ground },
};
static const struct {
    enum cao_part part;
    void (*add)(struct cao_hash *h, const struct cao_plan *p, size_t pasture);
} by_pasture[] = {
    { CAO_PART_COEFFICIENTS, add_coefficients },
    { CAO_PART_HERDS, add_herd },
};

static void digest_job(struct cao_hash *h, const struct cao_plan *plan, struct cao_tile_job *job)
{
    const struct cao_period *period = &plan->project->periods[job->period];
    cao_hash_reset(h);
    cao_hash_int(h, period->from);
    cao_hash_int(h, period->to);
    cao_hash_final(h, job->part[CAO_PART_PERIOD]);
    for (size_t i = 0; i < sizeof by_pasture / sizeof by_pasture[0]; i++) {
        cao_hash_reset(h);
        for (size_t k = 0; k < job->n_pastures; k++)
            by_pasture[i].add(h, plan, job->pastures[k]);
        cao_hash_final(h, job->part[by_pasture[i].part]);
    }
    cao_hash_reset(h);
    for (int part = 0; part < CAO_N_PARTS; part++)
        cao_hash_text(h, job->part[part]);
    cao_hash_int(h, job->tile_row);
    cao_hash_int(h, job->tile_col);
    cao_hash_int(h, job->window.cols);
    cao_hash_int(h, job->window.rows);
    for (size_t k = 0; k < job->n_scenes; k++) {
        cao_hash_text(h, plan->catalog->scenes[job->scenes[k]].id);
        cao_hash_text(h, plan->catalog->scenes[job->scenes[k]].stamp);
    }
    cao_hash_final(h, job->digest);
}

enum cao_status cao_digest_jobs(struct cao_plan *plan, struct cao_error *err)
{
    struct cao_hash *h;
    char shared[CAO_N_PARTS][CAO_HASH_TEXT] = { "" };
    enum cao_status st = cao_hash_create(&h, err);
    if (st)
        return st;
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
        cao_hash_reset(h);
        common[i].add(h, plan);
        cao_hash_final(h, shared[common[i].part]);
    }
    for (size_t i = 0; i < plan->n_jobs; i++) {
        memcpy(shared[CAO_PART_BORDERS], plan->jobs[i].part[CAO_PART_BORDERS],
               sizeof shared[CAO_PART_BORDERS]); /* of its tile, known already */
        memcpy(plan->jobs[i].part, shared, sizeof shared);
        digest_job(h, plan, &plan->jobs[i]);
    }
    cao_hash_destroy(h);
    return CAO_OK;
}
