/* SPDX-License-Identifier: MIT */
#include "caochu/uncertainty.h"

#include <math.h>
#include <string.h>

static const char *const error_names[CAO_N_ERRORS][2] = {
    [CAO_ERROR_TERMS] = { "equation terms", "方程系数" },
    [CAO_ERROR_YEAR] = { "year of the equation", "方程年份" },
    [CAO_ERROR_RESIDUAL] = { "plots about the equation", "样地残差" },
    [CAO_ERROR_GAPS] = { "ground not seen", "未见面积" },
    [CAO_ERROR_COEFFICIENTS] = { "coefficients with a range", "有取值范围的系数" },
    [CAO_ERROR_WILDLIFE] = { "wildlife", "野生动物" },
    [CAO_ERROR_HERD] = { "count of the herd", "家畜清点" },
    [CAO_ERROR_SHEEP_UNITS] = { "sheep units of its species", "畜种羊单位" },
};

const char *cao_error_name(enum cao_error_source s)
{
    return (unsigned)s < CAO_N_ERRORS ? error_names[s][0] : "unknown";
}

const char *cao_error_zh(enum cao_error_source s)
{
    return (unsigned)s < CAO_N_ERRORS ? error_names[s][1] : "不明";
}

static const char *const firmness_names[CAO_N_FIRMNESS][2] = {
    [CAO_NOT_SAID] = { "", "" },
    [CAO_NOT_ENOUGH] = { "not-enough-data", "数据不足" },
    [CAO_BORDERLINE] = { "borderline", "临界" },
    [CAO_FIRM] = { "firm", "可靠" },
};

const char *cao_firmness_name(enum cao_firmness f)
{
    return (unsigned)f < CAO_N_FIRMNESS ? firmness_names[f][0] : "unknown";
}

const char *cao_firmness_zh(enum cao_firmness f)
{
    return (unsigned)f < CAO_N_FIRMNESS ? firmness_names[f][1] : "不明";
}

struct cao_error_terms cao_error_terms_of(const struct cao_profile *p)
{
    const struct cao_error_numbers *n = &p->uncertainty;
    return (struct cao_error_terms){ .residual_error = n->residual_error.value,
                                     .year_error = n->year_error.value,
                                     .plots = n->plots.value,
                                     .block_ha = n->block_ha.value,
                                     .herd_error = n->herd_error.value,
                                     .wild_error = n->wild_error.value,
                                     .firm_at = n->firm_at.value,
                                     .interval = n->interval.value,
                                     .outside_limit = n->outside_limit.value };
}

/* --- the errors of one piece --- */

double cao_residual_error(const struct cao_yield_model *m, const struct cao_error_terms *e,
                          double yield_kg_ha)
{
    if (m->relative_error > 0)
        return m->relative_error;
    double rmse = m->rmse_kg_ha * (m->hay_ratio > 0 ? m->hay_ratio : 1);
    return rmse > 0 ? rmse / yield_kg_ha : e->residual_error;
}

/* The residual of a plot is one, however many equations are laid through the plots. */
static double residual_of(const struct cao_grass_type *t, const struct cao_error_terms *e,
                          const struct cao_piece *p)
{
    double sum = 0;
    for (size_t k = 0; k < t->n_models; k++) {
        double r = cao_residual_error(&t->models[k], e, p->yield_kg_ha);
        sum += r * r;
    }
    return sqrt(sum / (double)t->n_models);
}

/* Mean variance of a fitted curve over its own plots: p / n of the residual one. */
static double curve_error(const struct cao_yield_model *m, const struct cao_error_terms *e,
                          double yield_kg_ha)
{
    double n = m->n > 0 ? (double)m->n : e->plots;
    return cao_residual_error(m, e, yield_kg_ha) * sqrt((double)cao_yield_n_terms(m->form) / n);
}

static double blocks(double area_ha, const struct cao_error_terms *e)
{
    return area_ha > e->block_ha ? area_ha / e->block_ha : 1;
}

/* Standard error of the pasture's mean, as a share of it, for the part that was not seen. */
static double gap_error(const struct cao_error_terms *e, const struct cao_piece *p)
{
    double unseen = p->seen_share < 1 ? 1 - p->seen_share : 0;
    double each = 1 / blocks(unseen * p->area_ha, e) + 1 / blocks(p->seen_share * p->area_ha, e);
    return unseen > 0 ? unseen * p->spread_kg_ha / p->yield_kg_ha * sqrt(each) : 0;
}

static int years_behind(const struct cao_grass_type *t)
{
    int n = 0;
    for (size_t k = 0; k < t->n_models; k++)
        n += t->models[k].n_years > 0 ? t->models[k].n_years : 1;
    return n;
}

static bool is_of_its_year(const struct cao_grass_type *t, int year)
{
    return t->n_models == 1 && t->models[0].year == year && year != 0;
}

static double square(double x)
{
    return x * x;
}

/* --- sums --- */

void cao_error_start(struct cao_error_sum *s, struct cao_type_error *types, size_t n_types)
{
    memset(types, 0, n_types * sizeof *types);
    *s = (struct cao_error_sum){ .types = types };
}

void cao_error_add(struct cao_error_sum *s, const struct cao_profile *profile,
                   const struct cao_error_terms *e, const struct cao_piece *p)
{
    const struct cao_grass_type *t = &profile->types[p->type];
    struct cao_type_error *sum = &s->types[p->type];
    s->area_ha += p->area_ha;
    s->outside_ha += p->area_ha * p->outside_share;
    if (!(p->available_su > 0) || !(p->yield_kg_ha > 0) || t->n_models == 0)
        return;
    double su = p->available_su, per_kg = su / p->yield_kg_ha;
    s->su += su;
    /* a share that the project sets is the user's own: the range is that of the profile's */
    if (p->wildlife_share == profile->wildlife_share.value && p->wildlife_share < 1)
        s->wildlife_su += su / (1 - p->wildlife_share);
    sum->su[p->season] += su;
    sum->other_year += is_of_its_year(t, p->year) ? 0 : su;
    for (size_t k = 0; k < t->n_models; k++) {
        double value = per_kg * p->value[k];
        sum->value[k] += value;
        for (size_t i = 0; t->models[k].has_covariance && i < CAO_YIELD_TERMS; i++)
            sum->slope[k][i] += per_kg * p->slope[k][i];
        if (!t->models[k].has_covariance)
            sum->term_error[k] += value * curve_error(&t->models[k], e, p->yield_kg_ha);
    }
    s->residual += square(su * residual_of(t, e, p)) / blocks(p->area_ha, e);
    s->gaps += square(su * gap_error(e, p));
}

void cao_error_add_demand(struct cao_error_sum *s, const struct cao_demand_spread *d)
{
    for (size_t k = 0; k < CAO_MOST_SPREADS; k++) {
        s->demand.herd[k] += d->herd[k];
        s->demand.wild[k] += d->wild[k];
    }
    s->demand.wild_su += d->wild_su;
}

void cao_error_merge(struct cao_error_sum *into, const struct cao_error_sum *from, size_t n_types)
{
    for (size_t i = 0; i < n_types; i++) {
        struct cao_type_error *a = &into->types[i];
        const struct cao_type_error *b = &from->types[i];
        for (size_t k = 0; k < CAO_N_SEASONS; k++)
            a->su[k] += b->su[k];
        for (size_t k = 0; k < CAO_MOST_PER_TYPE; k++) {
            a->value[k] += b->value[k];
            a->term_error[k] += b->term_error[k];
            for (size_t j = 0; j < CAO_YIELD_TERMS; j++)
                a->slope[k][j] += b->slope[k][j];
        }
        a->other_year += b->other_year;
    }
    into->su += from->su;
    into->wildlife_su += from->wildlife_su;
    into->area_ha += from->area_ha;
    into->outside_ha += from->outside_ha;
    into->residual += from->residual;
    into->gaps += from->gaps;
    cao_error_add_demand(into, &from->demand);
}

struct cao_piece_error cao_piece_error_of(const struct cao_piece *p,
                                          const struct cao_profile *profile,
                                          const struct cao_error_terms *e)
{
    const struct cao_grass_type *t = &profile->types[p->type];
    struct cao_piece_error error = { .residual = residual_of(t, e, p) / sqrt(blocks(p->area_ha, e)),
                                     .gaps = gap_error(e, p) };
    double squares = 0;
    for (size_t k = 0; k < t->n_models; k++) {
        squares += square(p->value[k] - p->yield_kg_ha);
        error.curve[k] = curve_error(&t->models[k], e, p->yield_kg_ha);
    }
    double own = t->n_models > 1 ? sqrt(squares / (double)(t->n_models - 1)) / p->yield_kg_ha : 0;
    double s = own > e->year_error ? own : e->year_error;
    error.year = is_of_its_year(t, p->year) ? 0 : s * sqrt(1 + 1 / (double)years_behind(t));
    return error;
}

/* --- from sums to variances --- */

static double type_su(const struct cao_type_error *t)
{
    double sum = 0;
    for (size_t k = 0; k < CAO_N_SEASONS; k++)
        sum += t->su[k];
    return sum;
}

static double terms_variance(const struct cao_type_error *sum, const struct cao_grass_type *t)
{
    double variance = 0;
    for (size_t k = 0; k < t->n_models; k++) {
        const struct cao_yield_model *m = &t->models[k];
        double of_one = square(sum->term_error[k]);
        for (int i = 0; m->has_covariance && i < CAO_YIELD_TERMS; i++)
            for (int j = 0; j < CAO_YIELD_TERMS; j++)
                of_one += sum->slope[k][i] * m->covariance[i][j] * sum->slope[k][j];
        variance += of_one > 0 ? of_one : 0;
    }
    return variance / square((double)t->n_models);
}

/* Standard deviation between years, of the whole type in SU; not the error yet. */
static double between_years(const struct cao_type_error *sum, const struct cao_grass_type *t,
                            const struct cao_error_terms *e)
{
    double su = type_su(sum), mean = 0, squares = 0;
    for (size_t k = 0; k < t->n_models; k++)
        mean += sum->value[k] / (double)t->n_models;
    for (size_t k = 0; k < t->n_models; k++)
        squares += square(sum->value[k] - mean);
    double own = t->n_models > 1 ? sqrt(squares / (double)(t->n_models - 1)) : 0;
    double least = e->year_error * su;
    return (own > least ? own : least) * (su > 0 ? sum->other_year / su : 0);
}

double cao_range_error(const struct cao_coefficient *c)
{
    return c->high > c->low && c->value > 0 ? (c->high - c->low) / (sqrt(12.0) * c->value) : 0;
}

/* What enters the supply as a factor, by type. */
static double by_type_error(const struct cao_profile *p, const struct cao_grass_type *t)
{
    bool hay = p->intake_basis == CAO_HAY;
    double regrowth = t->regrowth.high > t->regrowth.low ? (t->regrowth.high - t->regrowth.low) /
                                                               sqrt(12.0) / (1 + t->regrowth.value)
                                                         : 0;
    return sqrt(square(cao_range_error(&t->edible_share)) + square(regrowth) +
                (hay ? square(cao_range_error(&t->fresh_hay_ratio)) +
                           square(cao_range_error(&t->hay_coefficient))
                     : 0));
}

static double sum_of_squares(const double *v)
{
    double sum = 0;
    for (size_t k = 0; k < CAO_MOST_SPREADS; k++)
        sum += square(v[k]);
    return sum;
}

static double wild_variance(const struct cao_demand_spread *d, const struct cao_error_terms *e)
{
    double counts = e->wild_error > 0 ? e->wild_error * d->wild_su : 0;
    return square(counts) + sum_of_squares(d->wild);
}

static double coefficient_variance(const struct cao_error_sum *s, const struct cao_profile *p)
{
    double variance = square(s->su * cao_range_error(&p->intake_kg_day));
    double season[CAO_N_SEASONS] = { 0 };
    const struct cao_coefficient *w = &p->wildlife_share;
    if (w->high > w->low)
        variance += square(s->wildlife_su * (w->high - w->low)) / 12;
    for (size_t i = 0; i < p->n_types; i++) {
        const struct cao_type_error *sum = &s->types[i];
        for (size_t k = 0; k < CAO_N_SEASONS; k++) {
            season[k] += sum->su[k];
            variance += square(sum->su[k] * cao_range_error(&p->types[i].utilisation[k]));
        }
        variance += square(type_su(sum) * by_type_error(p, &p->types[i]));
    }
    for (size_t k = 0; k < CAO_N_SEASONS; k++)
        variance += square(season[k] * cao_range_error(&p->days[k]));
    return variance;
}

static double year_variance(const struct cao_error_sum *s, const struct cao_profile *p,
                            const struct cao_error_terms *e)
{
    double sum = 0;
    for (size_t i = 0; i < p->n_types; i++)
        if (type_su(&s->types[i]) > 0)
            sum += between_years(&s->types[i], &p->types[i], e) *
                   sqrt(1 + 1 / (double)years_behind(&p->types[i]));
    return square(sum);
}

/* --- the verdict --- */

static struct cao_certainty unknown(enum cao_firmness f)
{
    double nan = (double)NAN;
    struct cao_certainty c = { .supply_error = nan,
                               .sd_log = nan,
                               .low_pct = nan,
                               .high_pct = nan,
                               .p_over = nan,
                               .outside_share = nan,
                               .firmness = f };
    for (int i = 0; i < CAO_N_ERRORS; i++)
        c.relative[i] = nan;
    for (int i = 0; i < CAO_MOST_CLASSES; i++)
        c.p_class[i] = nan;
    return c;
}

/* Share of ln P below the limit of the rate. */
static double below(double limit_pct, double log_pressure, double sd)
{
    double limit = limit_pct >= HUGE_VAL ? HUGE_VAL : 1 + limit_pct / 100;
    if (limit <= 0)
        return 0;
    if (limit >= HUGE_VAL)
        return 1;
    double d = log(limit) - log_pressure;
    return sd > 0 ? cao_normal_below(d / sd) : d > 0 ? 1 : 0;
}

struct cao_certainty cao_certainty_of(const struct cao_error_sum *s,
                                      const struct cao_profile *profile,
                                      const struct cao_error_terms *e, double available_su,
                                      double herd_su, size_t class_index)
{
    const struct cao_class_scheme *scheme = &profile->scheme;
    struct cao_certainty c = unknown(CAO_NOT_SAID);
    c.outside_share = s->area_ha > 0 ? s->outside_ha / s->area_ha : (double)NAN;
    if (!(available_su > 0) || scheme->n > CAO_MOST_CLASSES)
        return c;
    double terms = 0;
    for (size_t i = 0; i < profile->n_types; i++)
        if (type_su(&s->types[i]) > 0)
            terms += terms_variance(&s->types[i], &profile->types[i]);
    const double variance[CAO_N_ERRORS] = { [CAO_ERROR_TERMS] = terms,
                                            [CAO_ERROR_YEAR] = year_variance(s, profile, e),
                                            [CAO_ERROR_RESIDUAL] = s->residual,
                                            [CAO_ERROR_GAPS] = s->gaps,
                                            [CAO_ERROR_COEFFICIENTS] =
                                                coefficient_variance(s, profile),
                                            [CAO_ERROR_WILDLIFE] = wild_variance(&s->demand, e) };
    double sum = 0;
    for (int i = 0; i < CAO_ERROR_HERD; i++) {
        c.relative[i] = sqrt(variance[i]) / available_su;
        sum += variance[i];
    }
    c.relative[CAO_ERROR_HERD] = e->herd_error;
    c.relative[CAO_ERROR_SHEEP_UNITS] =
        herd_su > 0 ? sqrt(sum_of_squares(s->demand.herd)) / herd_su : 0;
    c.supply_error = sqrt(sum) / available_su;
    if (!(herd_su >= 0) || class_index == SIZE_MAX)
        return c;
    c.firmness = CAO_NOT_ENOUGH;
    c.sd_log = sqrt(log1p(square(c.supply_error)) + log1p(square(e->herd_error)) +
                    log1p(square(c.relative[CAO_ERROR_SHEEP_UNITS])));
    if (!(c.sd_log >= 0) || !(e->interval > 0 && e->interval < 1))
        return c;                                      /* some number of the profile is not given */
    double log_pressure = log(herd_su / available_su); /* of no herd: -Inf, for sure below all */
    double z = cao_normal_quantile((1 + e->interval) / 2);
    c.low_pct = 100 * expm1(log_pressure - z * c.sd_log);
    c.high_pct = 100 * expm1(log_pressure + z * c.sd_log);
    double before = 0;
    for (size_t i = 0; i < scheme->n; i++) {
        double to =
            i + 1 < scheme->n ? below(scheme->classes[i].below_pct, log_pressure, c.sd_log) : 1;
        c.p_class[i] = to > before ? to - before : 0;
        before = to > before ? to : before;
    }
    c.p_over = 1 - below(0, log_pressure, c.sd_log);
    if (c.outside_share <= e->outside_limit)
        c.firmness = c.p_class[class_index] >= e->firm_at ? CAO_FIRM : CAO_BORDERLINE;
    return c;
}
