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

double cao_yield_at(const struct cao_yield_model *m, double x)
{
    double y = (double)NAN;
    if (isnan(x))
        return y;
    x = x < m->x_min ? m->x_min : x > m->x_max ? m->x_max : x;
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
    return y > 0 || isnan(y) ? y : 0;
}

void cao_yield_fresh(const struct cao_yield_rule *rule, const float *restrict vi,
                     float *restrict fresh, uint64_t *n_outside, size_t n)
{
    uint64_t outside = 0;
    for (size_t i = 0; i < n; i++) {
        double x = (double)vi[i], sum = 0;
        bool beyond = false;
        if (isnan(x) || x < rule->bare_below) {
            fresh[i] = isnan(x) ? NAN : 0.0f;
            continue;
        }
        for (size_t k = 0; k < rule->n_models; k++) {
            const struct cao_yield_model *m = &rule->models[k];
            sum += cao_yield_at(m, x);
            beyond |= x < m->x_min || x > m->x_max;
        }
        fresh[i] = (float)(sum / (double)rule->n_models);
        outside += beyond;
    }
    if (n_outside)
        *n_outside += outside;
}
