/* SPDX-License-Identifier: MIT */
#include "run/fold.h"

#include <math.h>
#include <stdlib.h>

#include "run/certainty.h"

/* One part of one tile, on its way to those of its pasture. */
struct piece {
    size_t row;
    cao_ground ground;
    const struct cao_zone_sum *sums;
};

static int compare_pieces(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return (int)x->ground - (int)y->ground; /* sums are exact: the tiles' order does not matter */
}

/* Verdicts in the order in which they hide one another. */
static enum cao_verdict verdict_before_balance(const struct cao_plan *plan,
                                               const struct cao_pasture_result *row, bool any_known,
                                               double min_valid_share)
{
    const struct cao_holding *h = &plan->holdings->items[row->pasture];
    if (row->n_parts == 0 ? h->type == SIZE_MAX && !plan->ground->layer[CAO_GROUND_TYPE].used
                          : !any_known)
        return CAO_VERDICT_NO_TYPE;
    if (row->seen_share <= 0)
        return CAO_VERDICT_NO_IMAGERY;
    if (!row->complete || !(row->valid_share >= min_valid_share))
        return CAO_VERDICT_DATA_INSUFFICIENT;
    return CAO_VERDICT_OK;
}

static void reckon_part(const struct cao_plan *plan, const struct cao_holding *h, double area,
                        struct cao_pasture_part *part)
{
    size_t fresh = cao_zone_layer_at(plan->project, CAO_ZONE_FRESH),
           used = cao_zone_layer_at(plan->project, CAO_ZONE_USED);
    struct cao_zone_scale scale = cao_zone_layer_scale(plan->project, fresh),
                          scale_used = cao_zone_layer_scale(plan->project, used);
    double own = cao_zone_area(&part->sums[cao_zone_layer_at(plan->project, CAO_ZONE_SEEN)]);
    bool grass = part->ground == CAO_GROUND_OWN ||
                 cao_ground_part(part->ground, CAO_GROUND_TYPE) != CAO_NOT_GRASS;
    part->area_share = area > 0 ? own / area : 0;
    size_t valid = plan->project->smoothing_yield ? cao_zone_layer_at(plan->project, CAO_ZONE_PEAK)
                                                  : plan->ndvi_index;
    part->valid_share = area > 0 ? cao_zone_valid(&part->sums[valid]) / area : 0;
    part->fresh_kg_ha = part->hay_kg_ha = part->usable_kg_ha = (double)NAN;
    part->use = 1;
    part->type = SIZE_MAX;
    if (!grass) {
        part->valid_share = part->area_share;
        part->fresh_kg_ha = part->hay_kg_ha = part->usable_kg_ha = 0;
        return;
    }
    if (!cao_holding_part_mapped(plan->project, plan->profile, plan->ground_map, h, part->ground,
                                 &part->type, &part->terms)) {
        part->type = SIZE_MAX;
        return;
    }
    if (part->valid_share <= 0)
        return;
    part->fresh_kg_ha = cao_zone_mean(&part->sums[fresh], &scale);
    part->hay_kg_ha = cao_hay_kg_ha(&part->terms, part->fresh_kg_ha);
    part->usable_kg_ha = cao_usable_kg_ha(&part->terms, part->fresh_kg_ha);
    if (plan->ground->has_use && part->fresh_kg_ha > 0) {
        part->use = cao_zone_mean(&part->sums[used], &scale_used) / part->fresh_kg_ha;
        part->usable_kg_ha *= part->use;
    }
}

/* The pasture's means: of its one part, or of the parts by their areas. A part of which nothing was seen
 * counts as the others' mean, as a gap within a part does. */
static bool reckon_parts(const struct cao_plan *plan, struct cao_pasture_result *row, double area)
{
    const struct cao_holding *h = &plan->holdings->items[row->pasture];
    double sum = 0, fresh = 0, hay = 0, usable = 0;
    bool any = false;
    row->fresh_kg_ha = row->hay_kg_ha = row->usable_kg_ha = (double)NAN;
    row->valid_share = row->no_graze_share = 0;
    for (size_t i = 0; i < row->n_parts; i++) {
        struct cao_pasture_part *p = &row->parts[i];
        reckon_part(plan, h, area, p);
        bool grass = p->ground == CAO_GROUND_OWN ||
                     cao_ground_part(p->ground, CAO_GROUND_TYPE) != CAO_NOT_GRASS;
        any |= p->type != SIZE_MAX || !grass;
        if (p->type != SIZE_MAX && p->terms.zone <= 0)
            row->no_graze_share += p->area_share;
        if (row->n_parts == 1 || p->type != SIZE_MAX ||
            !grass) /* else nobody knows what it bears */
            row->valid_share += p->valid_share;
        if (isnan(p->usable_kg_ha))
            continue;
        sum += p->area_share;
        fresh += p->area_share * p->fresh_kg_ha;
        hay += p->area_share * p->hay_kg_ha;
        usable += p->area_share * p->usable_kg_ha;
    }
    if (row->n_parts == 1) {
        row->fresh_kg_ha = row->parts[0].fresh_kg_ha;
        row->hay_kg_ha = row->parts[0].hay_kg_ha;
        row->usable_kg_ha = row->parts[0].usable_kg_ha;
    } else if (sum > 0) {
        row->fresh_kg_ha = fresh / sum;
        row->hay_kg_ha = hay / sum;
        row->usable_kg_ha = usable / sum;
    }
    return any;
}

static void reckon(const struct cao_plan *plan, struct cao_pasture_result *row)
{
    const struct cao_pasture *p = &plan->pastures->items[row->pasture];
    const struct cao_holding *h = &plan->holdings->items[row->pasture];
    const struct cao_zone_sum *seen = &row->sums[cao_zone_layer_at(plan->project, CAO_ZONE_SEEN)];
    double area = cao_zone_area(seen);
    double min_valid = isnan(plan->project->min_valid_share) ? plan->profile->min_valid_share.value
                                                             : plan->project->min_valid_share;
    row->seen_share = area > 0 ? cao_zone_valid(seen) / area : 0;
    bool any = reckon_parts(plan, row, area);
    row->balance = (struct cao_balance){ .capacity_su = (double)NAN,
                                         .wildlife_su = (double)NAN,
                                         .feed_su = (double)NAN,
                                         .available_su = (double)NAN,
                                         .herd_su = h->herd_su,
                                         .surplus_su = (double)NAN,
                                         .overload_pct = (double)NAN,
                                         .pressure = (double)NAN,
                                         .reduce_su = (double)NAN,
                                         .class_index = SIZE_MAX };
    row->balance.verdict = verdict_before_balance(plan, row, any, min_valid);
    if (row->balance.verdict != CAO_VERDICT_OK)
        return; /* the yield of what was seen is shown, but no capacity is claimed */
    struct cao_balance_input in = { .usable_kg = row->usable_kg_ha * p->area_geodesic_ha,
                                    .wildlife_share = plan->wildlife_share,
                                    /* on banned ground it eats what no livestock may */
                                    .wild_su = h->wild_su * (1 - row->no_graze_share),
                                    .wild_unknown = h->wild_unknown,
                                    .feed_su = h->feed_su,
                                    .herd_su = h->herd_su,
                                    .valid_share = row->valid_share,
                                    .min_valid_share = min_valid };
    row->balance = cao_balance_of(&h->terms, &plan->profile->scheme, &in);
    cao_balance_ban(&row->balance, row->no_graze_share);
}

/* All parts of all tiles, by row and ground. */
static enum cao_status collect(const struct cao_plan *plan, const struct cao_tile_result *results,
                               struct cao_fold *f, struct piece **pieces, size_t *n,
                               struct cao_error *err)
{
    size_t most = 0;
    for (size_t j = 0; j < plan->n_jobs; j++)
        most += results[j].n_parts;
    *n = 0;
    *pieces = calloc(most + 1, sizeof **pieces);
    if (!*pieces)
        return cao_fail(err, CAO_ENOMEM, "out of memory for %zu parts of pastures", most);
    for (size_t j = 0; j < plan->n_jobs; j++) {
        const struct cao_tile_job *job = &plan->jobs[j];
        for (size_t k = 0; k < job->n_pastures; k++)
            f->rows[job->period * plan->pastures->n + job->pastures[k]].complete &= results[j].done;
        for (size_t i = 0; results[j].done && i < results[j].n_parts; i++) {
            const struct cao_tile_part *part = &results[j].parts[i];
            (*pieces)[(*n)++] =
                (struct piece){ job->period * plan->pastures->n + job->pastures[part->pasture],
                                part->ground, results[j].sums + i * f->layers };
        }
    }
    if (*n)
        qsort(*pieces, *n, sizeof **pieces, compare_pieces);
    return CAO_OK;
}

/* Merge what belongs together. Rows of one part share its sums. */
static enum cao_status merge(struct cao_fold *f, const struct piece *pieces, size_t n,
                             struct cao_error *err)
{
    size_t n_parts = 0;
    for (size_t i = 0; i < n; i++)
        n_parts += i == 0 || compare_pieces(&pieces[i - 1], &pieces[i]) != 0;
    f->parts = calloc(n_parts + 1, sizeof *f->parts);
    f->sums = calloc((n_parts + f->n) * f->layers + 1, sizeof *f->sums);
    if (!f->parts || !f->sums)
        return cao_fail(err, CAO_ENOMEM, "out of memory for %zu result rows", f->n);
    struct cao_zone_sum *whole = f->sums + n_parts * f->layers;
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        struct cao_pasture_result *row = &f->rows[pieces[i].row];
        at += i > 0 && compare_pieces(&pieces[i - 1], &pieces[i]) != 0;
        struct cao_zone_sum *into = f->sums + at * f->layers;
        if (row->n_parts == 0)
            row->parts = &f->parts[at];
        if (row->n_parts == 0 || row->parts[row->n_parts - 1].sums != into)
            row->parts[row->n_parts++] =
                (struct cao_pasture_part){ .ground = pieces[i].ground, .sums = into };
        for (size_t l = 0; l < f->layers; l++) {
            cao_zone_merge(&into[l], &pieces[i].sums[l]);
            cao_zone_merge(&whole[pieces[i].row * f->layers + l], &pieces[i].sums[l]);
        }
    }
    for (size_t i = 0; i < f->n; i++)
        f->rows[i].sums = whole + i * f->layers;
    return CAO_OK;
}

enum cao_status cao_fold(const struct cao_plan *plan, const struct cao_tile_result *results,
                         struct cao_fold *fold, struct cao_error *err)
{
    size_t n_pastures = plan->pastures->n, n = 0;
    struct piece *pieces = NULL;
    struct cao_fold f = { .n = n_pastures * plan->project->n_periods,
                          .layers = cao_zone_layers(plan) };
    f.rows = calloc(f.n + 1, sizeof *f.rows);
    enum cao_status st =
        f.rows ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory for %zu result rows", f.n);
    for (size_t i = 0; !st && i < f.n; i++)
        f.rows[i] = (struct cao_pasture_result){ .pasture = i % n_pastures,
                                                 .period = i / n_pastures,
                                                 .complete = true };
    if (!st)
        st = collect(plan, results, &f, &pieces, &n, err);
    if (!st)
        st = merge(&f, pieces, n, err);
    free(pieces);
    if (st) {
        cao_fold_release(&f);
        return st;
    }
    struct cao_type_error *types = calloc(plan->profile->n_types + 1, sizeof *types);
    if (!types) {
        cao_fold_release(&f);
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    }
    struct cao_error_terms terms = cao_error_terms_of(plan->profile);
    for (size_t i = 0; i < f.n; i++) {
        reckon(plan, &f.rows[i]);
        f.rows[i].certainty = cao_certainty_of_row(plan, &terms, &f.rows[i], types);
    }
    free(types);
    *fold = f;
    return CAO_OK;
}

void cao_fold_release(struct cao_fold *f)
{
    free(f->rows);
    free(f->parts);
    free(f->sums);
    *f = (struct cao_fold){ 0 };
}
