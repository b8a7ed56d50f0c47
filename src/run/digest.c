/* SPDX-License-Identifier: MIT */
#include "run/digest.h"

#include <math.h>

/* What all tiles share: grid, products, masks, composite, class limits. */
static void add_common(struct cao_hash *h, const struct cao_plan *p)
{
    const struct cao_project *project = p->project;
    cao_hash_int(h, CAO_RESULT_VERSION);
    cao_hash_text(h, p->grid.crs);
    cao_hash_double(h, p->grid.x0);
    cao_hash_double(h, p->grid.y0);
    cao_hash_double(h, p->grid.res_m);
    cao_hash_int(h, p->grid.tile);
    cao_hash_int(h, project->composite);
    cao_hash_int(h, project->nir);
    cao_hash_int(h, project->mask_removes);
    cao_hash_double(h, project->mask_dilation_m);
    cao_hash_int(h, project->output_float32);
    cao_hash_int(h, (int)project->output_compression);
    cao_hash_double(h, p->wildlife_share);
    cao_hash_double(h, p->profile->bare_below.value);
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
    for (size_t i = 0; i < p->profile->scheme.n; i++)
        cao_hash_double(h, p->profile->scheme.classes[i].below_pct);
}

static void add_terms(struct cao_hash *h, const struct cao_forage_terms *t)
{
    cao_hash_int(h, t->basis);
    const double terms[] = { t->fresh_hay_ratio, t->regrowth,      t->edible_share, t->utilisation,
                             t->hay_coefficient, t->intake_kg_day, t->days };
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++)
        cao_hash_double(h, terms[i]);
}

static void add_pasture(struct cao_hash *h, const struct cao_plan *p, size_t i)
{
    const struct cao_pasture *pasture = &p->pastures->items[i];
    const struct cao_holding *holding = &p->holdings->items[i];
    cao_hash_text(h, pasture->id);
    cao_hash_double(h, pasture->area_geodesic_ha);
    cao_hash_int(h, (int64_t)pasture->n_rings);
    for (size_t r = 0; r < pasture->n_rings; r++)
        cao_hash_int(h, (int64_t)pasture->ring_end[r]);
    for (size_t k = 0; pasture->n_rings && k < 2 * pasture->ring_end[pasture->n_rings - 1]; k++)
        cao_hash_double(h, pasture->xy[k]);
    cao_hash_double(h, holding->herd_su);
    cao_hash_int(h, holding->type == SIZE_MAX ? -1 : (int64_t)holding->type);
    if (holding->type == SIZE_MAX)
        return;
    add_terms(h, &holding->terms);
    cao_hash_double(h, holding->fvc_soil);
    cao_hash_double(h, holding->fvc_full);
    const struct cao_grass_type *type = &p->profile->types[holding->type];
    for (size_t k = 0; k < type->n_models; k++) {
        const struct cao_yield_model *m = &type->models[k];
        cao_hash_int(h, m->form);
        const double terms[] = { m->a, m->b, m->c, m->x_min, m->x_max };
        for (size_t j = 0; j < sizeof terms / sizeof terms[0]; j++)
            cao_hash_double(h, terms[j]);
    }
}

enum cao_status cao_digest_jobs(struct cao_plan *plan, struct cao_error *err)
{
    struct cao_hash *h;
    enum cao_status st = cao_hash_create(&h, err);
    if (st)
        return st;
    char common[CAO_HASH_TEXT];
    add_common(h, plan);
    cao_hash_final(h, common);
    for (size_t i = 0; i < plan->n_jobs; i++) {
        struct cao_tile_job *job = &plan->jobs[i];
        const struct cao_period *period = &plan->project->periods[job->period];
        cao_hash_reset(h);
        cao_hash_text(h, common);
        cao_hash_int(h, period->from);
        cao_hash_int(h, period->to);
        cao_hash_int(h, job->tile_row);
        cao_hash_int(h, job->tile_col);
        cao_hash_int(h, job->window.cols);
        cao_hash_int(h, job->window.rows);
        for (size_t k = 0; k < job->n_scenes; k++) {
            cao_hash_text(h, plan->catalog->scenes[job->scenes[k]].id);
            cao_hash_text(h, plan->catalog->scenes[job->scenes[k]].stamp);
        }
        for (size_t k = 0; k < job->n_pastures; k++)
            add_pasture(h, plan, job->pastures[k]);
        cao_hash_final(h, job->digest);
    }
    cao_hash_destroy(h);
    return CAO_OK;
}
