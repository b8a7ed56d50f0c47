/* SPDX-License-Identifier: MIT */
#include "run/certainty.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double mean_of(const struct cao_plan *plan, const struct cao_pasture_part *part,
                      size_t layer)
{
    if (layer == SIZE_MAX)
        return (double)NAN;
    struct cao_zone_scale scale = cao_zone_layer_scale(plan->project, layer);
    return cao_zone_mean(&part->sums[layer], &scale);
}

static int year_of(const struct cao_plan *plan, size_t period)
{
    char text[CAO_DATE_TEXT];
    cao_date_format(plan->project->periods[period].to, text);
    return (int)strtol(text, NULL, 10);
}

/* Sheep units that grass gives and that change with it: all of the capacity where wild herds are
 * counted, what a flat share leaves else. */
static double grass_su(const struct cao_plan *plan, const struct cao_pasture_result *row,
                       bool *by_share)
{
    const struct cao_balance *b = &row->balance;
    *by_share = isnan(plan->holdings->items[row->pasture].wild_su);
    return *by_share ? b->capacity_su * (1 - plan->wildlife_share) : b->capacity_su;
}

bool cao_piece_of_part(const struct cao_plan *plan, const struct cao_pasture_result *row,
                       size_t part, struct cao_piece *piece)
{
    const struct cao_pasture_part *p = &row->parts[part];
    bool by_share;
    double sum = 0, su = grass_su(plan, row, &by_share);
    if (p->type == SIZE_MAX || !(p->usable_kg_ha > 0) || !(su > 0))
        return false;
    for (size_t i = 0; i < row->n_parts; i++)
        sum += isnan(row->parts[i].usable_kg_ha)
                   ? 0
                   : row->parts[i].area_share * row->parts[i].usable_kg_ha;
    const struct cao_grass_type *t = &plan->profile->types[p->type];
    size_t fresh = cao_zone_layer_at(plan->project, CAO_ZONE_FRESH);
    struct cao_zone_scale scale = cao_zone_layer_scale(plan->project, fresh);
    *piece = (struct cao_piece){
        .type = p->type,
        .season = plan->holdings->items[row->pasture].season,
        .year = year_of(plan, row->period),
        .area_ha = p->area_share * plan->pastures->items[row->pasture].area_geodesic_ha,
        .seen_share = p->area_share > 0 ? p->valid_share / p->area_share : 0,
        .available_su = su * p->area_share * p->usable_kg_ha / sum,
        .yield_kg_ha = p->fresh_kg_ha,
        .spread_kg_ha = cao_zone_stdev(&p->sums[fresh], &scale),
        .wildlife_share = by_share ? plan->wildlife_share : (double)NAN,
        .outside_share = mean_of(plan, p, cao_zone_layer_at(plan->project, CAO_ZONE_OUTSIDE)),
    };
    for (size_t k = 0; k < t->n_models; k++) {
        size_t at = cao_zone_value_at(plan, k);
        piece->value[k] = t->n_models == 1 ? p->fresh_kg_ha : mean_of(plan, p, at);
        for (size_t i = 0; i < CAO_YIELD_TERMS; i++)
            piece->slope[k][i] = mean_of(plan, p, cao_zone_slope_at(plan, k, i));
    }
    return true;
}

/* What is not known of herd and wildlife. Wild herbivores that leave nothing of the grass, or stand on ground
 * where no livestock may graze, take nothing more from it. */
static void spread_of(const struct cao_plan *plan, const struct cao_pasture_result *row,
                      struct cao_demand_spread *spread)
{
    const struct cao_holding *h = &plan->holdings->items[row->pasture];
    const struct cao_balance *b = &row->balance;
    bool eats = !isnan(h->wild_su) && b->capacity_su > b->wildlife_su;
    double open = 1 - row->no_graze_share;
    memset(spread, 0, sizeof *spread);
    for (size_t i = 0; i < h->n_lines; i++) {
        const struct cao_demand_line *line = &h->lines[i];
        size_t k = line->species < CAO_MOST_SPREADS ? line->species : CAO_MOST_SPREADS - 1;
        if (line->kind == CAO_DEMAND_HERD)
            spread->herd[k] += line->spread_su;
        else if (line->kind == CAO_DEMAND_WILD && eats)
            spread->wild[k] += line->spread_su * open;
    }
    spread->wild_su = eats ? b->wildlife_su : 0;
}

void cao_certainty_add(const struct cao_plan *plan, const struct cao_error_terms *e,
                       const struct cao_pasture_result *row, struct cao_error_sum *sum)
{
    struct cao_piece piece;
    for (size_t i = 0; i < row->n_parts; i++)
        if (cao_piece_of_part(plan, row, i, &piece))
            cao_error_add(sum, plan->profile, e, &piece);
    struct cao_demand_spread spread;
    spread_of(plan, row, &spread);
    cao_error_add_demand(sum, &spread);
}

/* Nothing is said of a class where there is none for a reason of its own; where the reason is that too
 * little was seen, the data are not enough. */
static struct cao_certainty no_class(const struct cao_balance *b, struct cao_certainty c)
{
    if (b->verdict == CAO_VERDICT_DATA_INSUFFICIENT || b->verdict == CAO_VERDICT_NO_IMAGERY ||
        b->verdict == CAO_VERDICT_NO_WILDLIFE)
        c.firmness = CAO_NOT_ENOUGH;
    return c;
}

struct cao_certainty cao_certainty_of_row(const struct cao_plan *plan,
                                          const struct cao_error_terms *e,
                                          const struct cao_pasture_result *row,
                                          struct cao_type_error *types)
{
    struct cao_error_sum sum;
    const struct cao_balance *b = &row->balance;
    cao_error_start(&sum, types, plan->profile->n_types);
    cao_certainty_add(plan, e, row, &sum);
    struct cao_certainty c =
        cao_certainty_of(&sum, plan->profile, e, b->available_su, b->herd_su, b->class_index);
    return b->class_index == SIZE_MAX ? no_class(b, c) : c;
}

bool cao_is_beyond_range(const struct cao_plan *plan, const struct cao_pasture_result *row)
{
    return row->certainty.outside_share > plan->profile->uncertainty.outside_limit.value;
}

enum cao_status cao_certainty_draw(const struct cao_plan *plan, struct cao_fold *fold,
                                   size_t n_draws, struct cao_error *err)
{
    struct cao_error_terms e = cao_error_terms_of(plan->profile);
    size_t most = 1;
    for (size_t i = 0; i < fold->n; i++)
        most = fold->rows[i].n_parts > most ? fold->rows[i].n_parts : most;
    struct cao_piece *pieces = calloc(most, sizeof *pieces);
    double *pressures = calloc(n_draws, sizeof *pressures);
    for (size_t i = 0; pieces && pressures && i < fold->n; i++) {
        struct cao_pasture_result *row = &fold->rows[i];
        const struct cao_balance *b = &row->balance;
        struct cao_certainty *c = &row->certainty;
        if (isnan(c->sd_log) || b->class_index == SIZE_MAX)
            continue;
        size_t n = 0;
        for (size_t k = 0; k < row->n_parts; k++)
            n += cao_piece_of_part(plan, row, k, &pieces[n]);
        struct cao_demand_spread spread;
        spread_of(plan, row, &spread);
        struct cao_certainty drawn =
            cao_certainty_drawn(pieces, n, plan->profile, &e, b->available_su, b->herd_su, &spread,
                                (uint64_t)i, n_draws, pressures);
        c->low_pct = drawn.low_pct;
        c->high_pct = drawn.high_pct;
        c->p_over = drawn.p_over;
        for (size_t k = 0; k < CAO_MOST_CLASSES; k++)
            c->p_class[k] = drawn.p_class[k];
        if (c->firmness == CAO_FIRM || c->firmness == CAO_BORDERLINE)
            c->firmness = c->p_class[b->class_index] >= e.firm_at ? CAO_FIRM : CAO_BORDERLINE;
    }
    bool fine = pieces && pressures;
    free(pieces);
    free(pressures);
    return fine ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory for %zu draws", n_draws);
}

/* Equations beyond their range on much of a pasture, and numbers without which nothing can be said of how
 * sure verdicts are: once a run, since tables tell each row. */
enum cao_status cao_certainty_note(const struct cao_plan *plan, const struct cao_fold *fold,
                                   struct cao_findings *findings, struct cao_error *err)
{
    const struct cao_profile *profile = plan->profile;
    struct cao_error_terms e = cao_error_terms_of(profile);
    const char *missing = isnan(e.residual_error)  ? "residual_error"
                          : isnan(e.year_error)    ? "year_error"
                          : isnan(e.plots)         ? "plots"
                          : isnan(e.block_ha)      ? "block_ha"
                          : isnan(e.herd_error)    ? "herd_error"
                          : isnan(e.firm_at)       ? "firm_at"
                          : isnan(e.interval)      ? "interval"
                          : isnan(e.outside_limit) ? "outside_limit"
                                                   : NULL;
    size_t n = 0, first = 0;
    for (size_t i = 0; i < fold->n; i++)
        if (fold->rows[i].balance.verdict == CAO_VERDICT_OK &&
            cao_is_beyond_range(plan, &fold->rows[i]))
            first = n++ ? first : i;
    enum cao_status st = CAO_OK;
    if (n)
        st = cao_findings_add(findings, CAO_NOTE, "model-range", profile->path, 0,
                              plan->pastures->items[fold->rows[first].pasture].id,
                              "%zu row%s (this is the first) where equations of %s are used beyond "
                              "their range on more "
                              "than %.0f %% of the area",
                              n, n > 1 ? "s" : "", profile->yield_set, 100 * e.outside_limit);
    if (!st && missing)
        st = cao_findings_add(findings, CAO_NOTE, "coefficient-missing", profile->path, 0, NULL,
                              "lacks uncertainty.%s: nothing is said of how sure verdicts are",
                              missing);
    return st ? cao_fail(err, st, "out of memory") : CAO_OK;
}
