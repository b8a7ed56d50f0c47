/* SPDX-License-Identifier: MIT */
#include "caochu/yield.h"

#include <math.h>
#include <string.h>

static const char *const form_names[CAO_N_YIELD_FORMS] = { "linear", "quadratic", "exponential",
                                                           "power", "logarithmic" };

const char *cao_yield_form_name(enum cao_yield_form f)
{
    return (unsigned)f < CAO_N_YIELD_FORMS ? form_names[f] : "unknown";
}

bool cao_yield_form_find(const char *name, enum cao_yield_form *f)
{
    for (int i = 0; i < CAO_N_YIELD_FORMS; i++)
        if (strcmp(name, form_names[i]) == 0) {
            *f = (enum cao_yield_form)i;
            return true;
        }
    return false;
}

size_t cao_yield_n_terms(enum cao_yield_form f)
{
    return f == CAO_YIELD_QUADRATIC ? 3 : 2;
}

static double clamped(const struct cao_yield_model *m, double x)
{
    return x < m->x_min ? m->x_min : x > m->x_max ? m->x_max : x;
}

double cao_yield_at(const struct cao_yield_model *m, double x)
{
    double y = (double)NAN;
    if (isnan(x))
        return y;
    x = clamped(m, x);
    switch (m->form) {
    case CAO_YIELD_LINEAR:
        y = m->a + m->b * x;
        break;
    case CAO_YIELD_QUADRATIC:
        y = m->a + (m->b + m->c * x) * x;
        break;
    case CAO_YIELD_EXPONENTIAL:
        y = m->a * exp(m->b * x);
        break;
    case CAO_YIELD_POWER:
        y = x > 0 ? m->a * pow(x, m->b) : 0;
        break;
    case CAO_YIELD_LOGARITHMIC:
        y = x > 0 ? m->a + m->b * log(x) : 0;
        break;
    case CAO_N_YIELD_FORMS:
        break;
    }
    if (m->hay_ratio > 0)
        y *= m->hay_ratio;
    return y > 0 || isnan(y) ? y : 0;
}

double cao_yield_slope(const struct cao_yield_model *m, double x, double slope[CAO_YIELD_TERMS])
{
    double y = cao_yield_at(m, x), unit = m->hay_ratio > 0 ? m->hay_ratio : 1;
    slope[0] = slope[1] = slope[2] = isnan(y) ? y : 0;
    if (!(y > 0))
        return y;
    x = clamped(m, x);
    switch (m->form) {
    case CAO_YIELD_LINEAR:
    case CAO_YIELD_QUADRATIC:
        slope[0] = unit;
        slope[1] = unit * x;
        slope[2] = m->form == CAO_YIELD_QUADRATIC ? unit * x * x : 0;
        break;
    case CAO_YIELD_EXPONENTIAL:
        slope[0] = y / m->a;
        slope[1] = y * x;
        break;
    case CAO_YIELD_POWER:
        slope[0] = y / m->a;
        slope[1] = y * log(x);
        break;
    case CAO_YIELD_LOGARITHMIC:
        slope[0] = unit;
        slope[1] = unit * log(x);
        break;
    case CAO_N_YIELD_FORMS:
        break;
    }
    return y;
}

/* One cell: the mean of the equations. */
static inline double fresh_of(const struct cao_yield_rule *rule, double x, bool *beyond)
{
    double sum = 0;
    *beyond = false;
    if (isnan(x) || x < rule->bare_below)
        return isnan(x) ? x : 0;
    for (size_t k = 0; k < rule->n_models; k++) {
        const struct cao_yield_model *m = &rule->models[k];
        sum += cao_yield_at(m, x);
        *beyond |= x < m->x_min || x > m->x_max;
    }
    return sum / (double)rule->n_models;
}

void cao_yield_fresh(const struct cao_yield_rule *rule, const float *restrict vi,
                     float *restrict fresh, uint64_t *n_outside, size_t n)
{
    uint64_t outside = 0;
    for (size_t i = 0; i < n; i++) {
        bool beyond;
        fresh[i] = (float)fresh_of(rule, (double)vi[i], &beyond);
        outside += beyond;
    }
    if (n_outside)
        *n_outside += outside;
}

/* What one equation gives, and its derivatives; 0 on bare ground. */
static double part_of(const struct cao_yield_rule *rule, size_t k, double x,
                      const struct cao_yield_parts *parts, size_t i)
{
    double slope[CAO_YIELD_TERMS] = { 0 }, y = 0;
    if (isnan(x))
        y = slope[0] = slope[1] = slope[2] = x;
    else if (x >= rule->bare_below)
        y = parts->slope ? cao_yield_slope(&rule->models[k], x, slope)
                         : cao_yield_at(&rule->models[k], x);
    if (parts->value)
        parts->value[k][i] = (float)y;
    for (int t = 0; parts->slope && t < CAO_YIELD_TERMS; t++)
        parts->slope[k][t][i] = (float)slope[t];
    return y;
}

void cao_yield_fresh_parts(const struct cao_yield_rule *rule, const float *restrict vi,
                           float *restrict fresh, const struct cao_yield_parts *parts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double x = (double)vi[i], sum = 0;
        bool beyond = false, sward = x >= rule->bare_below;
        for (size_t k = 0; k < rule->n_models; k++) {
            const struct cao_yield_model *m = &rule->models[k];
            sum += part_of(rule, k, x, parts, i);
            beyond |= sward && (x < m->x_min || x > m->x_max);
        }
        fresh[i] = (float)(sum / (double)rule->n_models);
        if (parts->outside)
            parts->outside[i] = isnan(x) ? NAN : (float)beyond;
    }
}
