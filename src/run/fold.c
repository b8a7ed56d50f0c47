/* SPDX-License-Identifier: MIT */
#include "run/fold.h"

#include <math.h>
#include <stdlib.h>

/* Verdicts in the order in which they hide one another. */
static enum cao_verdict verdict_before_balance(const struct cao_plan *plan,
                                               const struct cao_pasture_result *row,
                                               double min_valid_share)
{
    const struct cao_holding *h = &plan->holdings->items[row->pasture];
    if (h->type == SIZE_MAX)
        return CAO_VERDICT_NO_TYPE;
    if (row->seen_share <= 0)
        return CAO_VERDICT_NO_IMAGERY;
    if (!row->complete || !(row->valid_share >= min_valid_share))
        return CAO_VERDICT_DATA_INSUFFICIENT;
    return CAO_VERDICT_OK;
}

static void reckon(const struct cao_plan *plan, struct cao_pasture_result *row)
{
    const struct cao_pasture *p = &plan->pastures->items[row->pasture];
    const struct cao_holding *h = &plan->holdings->items[row->pasture];
    size_t layer = cao_zone_layer_at(plan->project, CAO_ZONE_FRESH);
    struct cao_zone_scale scale = cao_zone_layer_scale(plan->project, layer);
    const struct cao_zone_sum *seen = &row->sums[cao_zone_layer_at(plan->project, CAO_ZONE_SEEN)];
    const struct cao_zone_sum *valid = &row->sums[plan->ndvi_index];
    double area = cao_zone_area(seen);
    double min_valid = isnan(plan->project->min_valid_share) ? plan->profile->min_valid_share.value
                                                             : plan->project->min_valid_share;
    row->seen_share = area > 0 ? cao_zone_valid(seen) / area : 0;
    row->valid_share = area > 0 ? cao_zone_valid(valid) / area : 0;
    row->fresh_kg_ha = row->hay_kg_ha = row->usable_kg_ha = (double)NAN;
    row->balance = (struct cao_balance){ .capacity_su = (double)NAN,
                                         .wildlife_su = (double)NAN,
                                         .available_su = (double)NAN,
                                         .herd_su = h->herd_su,
                                         .surplus_su = (double)NAN,
                                         .overload_pct = (double)NAN,
                                         .pressure = (double)NAN,
                                         .reduce_su = (double)NAN,
                                         .class_index = SIZE_MAX };
    row->balance.verdict = verdict_before_balance(plan, row, min_valid);
    if (h->type == SIZE_MAX || row->valid_share <= 0)
        return;
    row->fresh_kg_ha = cao_zone_mean(&row->sums[layer], &scale);
    row->hay_kg_ha = cao_hay_kg_ha(&h->terms, row->fresh_kg_ha);
    row->usable_kg_ha = cao_usable_kg_ha(&h->terms, row->fresh_kg_ha);
    if (row->balance.verdict != CAO_VERDICT_OK)
        return; /* the yield of what was seen is shown, but no capacity is claimed */
    struct cao_balance_input in = { .usable_kg = row->usable_kg_ha * p->area_geodesic_ha,
                                    .wildlife_share = plan->wildlife_share,
                                    .herd_su = h->herd_su,
                                    .valid_share = row->valid_share,
                                    .min_valid_share = min_valid };
    row->balance = cao_balance_of(&h->terms, &plan->profile->scheme, &in);
}

enum cao_status cao_fold(const struct cao_plan *plan, const struct cao_tile_result *results,
                         struct cao_fold *fold, struct cao_error *err)
{
    size_t n_pastures = plan->pastures->n, layers = cao_zone_layers(plan);
    struct cao_fold f = { .n = n_pastures * plan->project->n_periods, .layers = layers };
    f.rows = calloc(f.n + 1, sizeof *f.rows);
    f.sums = calloc(f.n * layers + 1, sizeof *f.sums);
    if (!f.rows || !f.sums) {
        cao_fold_release(&f);
        return cao_fail(err, CAO_ENOMEM, "out of memory for %zu result rows", f.n);
    }
    for (size_t i = 0; i < f.n; i++)
        f.rows[i] = (struct cao_pasture_result){ .pasture = i % n_pastures,
                                                 .period = i / n_pastures,
                                                 .sums = f.sums + i * layers,
                                                 .complete = true };
    for (size_t j = 0; j < plan->n_jobs; j++) {
        const struct cao_tile_job *job = &plan->jobs[j];
        for (size_t k = 0; k < job->n_pastures; k++) {
            size_t row = job->period * n_pastures + job->pastures[k];
            f.rows[row].complete &= results[j].done;
            for (size_t l = 0; results[j].done && l < layers; l++)
                cao_zone_merge(&f.sums[row * layers + l], &results[j].sums[k * layers + l]);
        }
    }
    for (size_t i = 0; i < f.n; i++)
        reckon(plan, &f.rows[i]);
    *fold = f;
    return CAO_OK;
}

void cao_fold_release(struct cao_fold *f)
{
    free(f->rows);
    free(f->sums);
    *f = (struct cao_fold){ 0 };
}
