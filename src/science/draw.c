/* SPDX-License-Identifier: MIT
 * Normal distribution, numbers by counter, and verdicts by drawing from them. */
#include <math.h>

#include "caochu/balance.h"
#include "caochu/uncertainty.h"

double cao_normal_below(double z)
{
    return 0.5 * erfc(-z * 0.70710678118654752440);
}

static double ratio(const double *top, const double *bottom, int n, double r)
{
    double a = top[n - 1], b = bottom[n - 1];
    for (int i = n - 2; i >= 0; i--) {
        a = a * r + top[i];
        b = b * r + bottom[i];
    }
    return a / b;
}

double cao_normal_quantile(double p)
{
    /* Wichura 1988, Applied Statistics 37, AS 241, PPND16 */
    static const double a[8] = { 3.3871328727963666080e0, 1.3314166789178437745e2,
                                 1.9715909503065514427e3, 1.3731693765509461125e4,
                                 4.5921953931549871457e4, 6.7265770927008700853e4,
                                 3.3430575583588128105e4, 2.5090809287301226727e3 };
    static const double b[8] = { 1.0,
                                 4.2313330701600911252e1,
                                 6.8718700749205790830e2,
                                 5.3941960214247511077e3,
                                 2.1213794301586595867e4,
                                 3.9307895800092710610e4,
                                 2.8729085735721942674e4,
                                 5.2264952788528545610e3 };
    static const double c[8] = { 1.42343711074968357734e0,  4.63033784615654529590e0,
                                 5.76949722146069140550e0,  3.64784832476320460504e0,
                                 1.27045825245236838258e0,  2.41780725177450611770e-1,
                                 2.27238449892691845833e-2, 7.74545014278341407640e-4 };
    static const double d[8] = { 1.0,
                                 2.05319162663775882187e0,
                                 1.67638483018380384940e0,
                                 6.89767334985100004550e-1,
                                 1.48103976427480074590e-1,
                                 1.51986665636164571966e-2,
                                 5.47593808499534494600e-4,
                                 1.05075007164441684324e-9 };
    static const double e[8] = { 6.65790464350110377720e0,  5.46378491116411436990e0,
                                 1.78482653991729133580e0,  2.96560571828504891230e-1,
                                 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                 2.71155556874348757815e-5, 2.01033439929228813265e-7 };
    static const double f[8] = { 1.0,
                                 5.99832206555887937690e-1,
                                 1.36929880922735805310e-1,
                                 1.48753612908506148525e-2,
                                 7.86869131145613259100e-4,
                                 1.84631831751005468180e-5,
                                 1.42151175831644588870e-7,
                                 2.04426310338993978564e-15 };
    double q = p - 0.5;
    if (!(p > 0 && p < 1))
        return p == 0 ? -HUGE_VAL : p == 1 ? HUGE_VAL : (double)NAN;
    if (fabs(q) <= 0.425)
        return q * ratio(a, b, 8, 0.180625 - q * q);
    double r = sqrt(-log(q < 0 ? p : 1 - p));
    double z = r <= 5 ? ratio(c, d, 8, r - 1.6) : ratio(e, f, 8, r - 5);
    return q < 0 ? -z : z;
}

static uint64_t mixed(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

double cao_draw_uniform(uint64_t seed, uint64_t draw, uint64_t source)
{
    uint64_t x = mixed(mixed(mixed(seed) ^ draw) ^ source);
    return ((double)(x >> 11) + 0.5) * 0x1p-53;
}

double cao_draw_normal(uint64_t seed, uint64_t draw, uint64_t source)
{
    return cao_normal_quantile(cao_draw_uniform(seed, draw, source));
}

/* --- verdicts by drawing --- */

/* Numbers of the sources, so that each draws its own: those of types go on from OF_TYPES. */
enum {
    YEAR = 1,
    HERD,
    INTAKE,
    WILDLIFE,
    DAYS,
    OF_WILD_COUNT,
    OF_PIECES = 16,
    OF_TYPES = 1 << 20,
    PER_TYPE = 64,
    OF_SPECIES = 1 << 29
};
enum { RATIO = 32, EDIBLE, REGROWTH, HAY, USE };

struct drawer {
    const struct cao_profile *profile;
    uint64_t seed, draw;
};

static double normal(const struct drawer *d, uint64_t source)
{
    return cao_draw_normal(d->seed, d->draw, source);
}

/* Log-normal of median 1 and the coefficient of variation. */
static double factor(const struct drawer *d, uint64_t source, double cv)
{
    return cv > 0 ? exp(sqrt(log1p(cv * cv)) * normal(d, source)) : 1;
}

/* A coefficient as a share of its value: uniform in its range, where it has one. */
static double drawn(const struct drawer *d, uint64_t source, const struct cao_coefficient *c)
{
    if (!(c->high > c->low) || c->value == 0)
        return 1;
    return (c->low + (c->high - c->low) * cao_draw_uniform(d->seed, d->draw, source)) / c->value;
}

/* Lower triangle L of covariance = L L'; a term without variance stays where it is. */
static void cholesky(double covariance[CAO_YIELD_TERMS][CAO_YIELD_TERMS],
                     double l[CAO_YIELD_TERMS][CAO_YIELD_TERMS])
{
    for (int i = 0; i < CAO_YIELD_TERMS; i++)
        for (int j = 0; j < CAO_YIELD_TERMS; j++) {
            double sum = covariance[i][j];
            for (int k = 0; k < j && j <= i; k++)
                sum -= l[i][k] * l[j][k];
            l[i][j] = j > i         ? 0
                      : i == j      ? sqrt(sum > 0 ? sum : 0)
                      : l[j][j] > 0 ? sum / l[j][j]
                                    : 0;
        }
}

/* Mean of the equations with other terms, as a share of the estimate. */
static double terms_factor(const struct drawer *d, const struct cao_piece *p,
                           const struct cao_piece_error *error)
{
    const struct cao_grass_type *t = &d->profile->types[p->type];
    uint64_t first = OF_TYPES + PER_TYPE * (uint64_t)p->type;
    double sum = 0;
    for (size_t k = 0; k < t->n_models; k++) {
        struct cao_yield_model m = t->models[k];
        double z[CAO_YIELD_TERMS], l[CAO_YIELD_TERMS][CAO_YIELD_TERMS] = { { 0 } };
        for (uint64_t i = 0; i < CAO_YIELD_TERMS; i++)
            z[i] = normal(d, first + k * CAO_YIELD_TERMS + i);
        sum += p->value[k];
        if (!m.has_covariance) {
            sum += p->value[k] * error->curve[k] * z[0];
            continue;
        }
        cholesky(m.covariance, l);
        for (int i = 0; i < CAO_YIELD_TERMS; i++)
            for (int j = 0; j <= i; j++)
                sum += p->slope[k][i] * l[i][j] * z[j];
    }
    return sum / (double)t->n_models / p->yield_kg_ha;
}

static double coefficients_factor(const struct drawer *d, const struct cao_piece *p)
{
    const struct cao_grass_type *t = &d->profile->types[p->type];
    uint64_t first = OF_TYPES + PER_TYPE * (uint64_t)p->type;
    double f = drawn(d, first + EDIBLE, &t->edible_share) *
               drawn(d, first + USE + (uint64_t)p->season, &t->utilisation[p->season]) /
               drawn(d, INTAKE, &d->profile->intake_kg_day) /
               drawn(d, DAYS + (uint64_t)p->season, &d->profile->days[p->season]);
    if (d->profile->intake_basis == CAO_HAY)
        f *= drawn(d, first + HAY, &t->hay_coefficient) /
             drawn(d, first + RATIO, &t->fresh_hay_ratio);
    const struct cao_coefficient *g = &t->regrowth, *w = &d->profile->wildlife_share;
    if (g->high > g->low)
        f *= (1 + g->low +
              (g->high - g->low) * cao_draw_uniform(d->seed, d->draw, first + REGROWTH)) /
             (1 + g->value);
    if (w->high > w->low && p->wildlife_share == w->value && w->value < 1)
        f *= (1 - w->low - (w->high - w->low) * cao_draw_uniform(d->seed, d->draw, WILDLIFE)) /
             (1 - w->value);
    return f;
}

/* What all species' sheep units differ from their values, each uniform within its range's width. */
static double species_error(const struct drawer *d, const double *spread, uint64_t first)
{
    double sum = 0;
    for (uint64_t k = 0; k < CAO_MOST_SPREADS; k++)
        if (spread[k] > 0)
            sum += spread[k] * sqrt(12.0) *
                   (cao_draw_uniform(d->seed, d->draw, OF_SPECIES + first + k) - 0.5);
    return sum;
}

/* Heap sort, which needs no memory. */
static void sift(double *v, size_t root, size_t n)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        child += child + 1 < n && v[child] < v[child + 1];
        if (v[root] >= v[child])
            return;
        double swap = v[root];
        v[root] = v[child];
        v[child] = swap;
    }
}

static void sort(double *v, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(v, i, n);
    for (size_t end = n; end-- > 1;) {
        double swap = v[0];
        v[0] = v[end];
        v[end] = swap;
        sift(v, 0, end);
    }
}

/* Halfway between the two where the place falls between them. */
static double quantile(const double *sorted, size_t n, double q)
{
    double at = q * (double)n - 0.5;
    size_t i = at < 0 ? 0 : (size_t)at, j = i + 1 < n ? i + 1 : i;
    double share = at < 0 ? 0 : at - (double)i;
    return isinf(sorted[j]) ? sorted[j] : sorted[i] + (sorted[j] - sorted[i]) * share;
}

static double draw_supply(const struct drawer *d, const struct cao_piece *pieces, size_t n,
                          const struct cao_error_terms *e, double available_su)
{
    double supply = available_su;
    for (size_t i = 0; i < n; i++) {
        const struct cao_piece *p = &pieces[i];
        if (!(p->available_su > 0) || !(p->yield_kg_ha > 0))
            continue;
        struct cao_piece_error error = cao_piece_error_of(p, d->profile, e);
        double f = terms_factor(d, p, &error) * factor(d, YEAR, error.year) *
                   factor(d, OF_PIECES + 2 * i, error.residual) *
                   factor(d, OF_PIECES + 2 * i + 1, error.gaps) * coefficients_factor(d, p);
        supply += p->available_su * (f - 1);
    }
    return supply;
}

struct cao_certainty cao_certainty_drawn(const struct cao_piece *pieces, size_t n_pieces,
                                         const struct cao_profile *profile,
                                         const struct cao_error_terms *e, double available_su,
                                         double herd_su, const struct cao_demand_spread *demand,
                                         uint64_t seed, size_t n_draws, double *pressures)
{
    static const struct cao_demand_spread none = { .wild_su = 0 };
    struct cao_certainty c = { .supply_error = (double)NAN, .sd_log = (double)NAN };
    const struct cao_demand_spread *s = demand ? demand : &none;
    size_t over = 0, by_class[CAO_MOST_CLASSES] = { 0 };
    for (int i = 0; i < CAO_N_ERRORS; i++)
        c.relative[i] = (double)NAN;
    for (size_t i = 0; i < n_draws; i++) {
        struct drawer d = { profile, seed, i };
        double supply = draw_supply(&d, pieces, n_pieces, e, available_su);
        supply -= s->wild_su * (factor(&d, OF_WILD_COUNT, e->wild_error) - 1) +
                  species_error(&d, s->wild, CAO_MOST_SPREADS);
        double herd = (herd_su + species_error(&d, s->herd, 0)) * factor(&d, HERD, e->herd_error);
        double p = supply > 0 ? herd / supply : HUGE_VAL;
        pressures[i] = p;
        over += p > 1;
        by_class[cao_class_of(&profile->scheme, (p - 1) * 100)]++;
    }
    sort(pressures, n_draws);
    c.low_pct = 100 * (quantile(pressures, n_draws, (1 - e->interval) / 2) - 1);
    c.high_pct = 100 * (quantile(pressures, n_draws, (1 + e->interval) / 2) - 1);
    c.p_over = (double)over / (double)n_draws;
    for (int i = 0; i < CAO_MOST_CLASSES; i++)
        c.p_class[i] = (double)by_class[i] / (double)n_draws;
    return c;
}
