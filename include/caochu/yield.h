/** @file caochu/yield.h  Above-ground fresh yield from a vegetation index, by published equations.
 *  Pure, thread-safe. SPDX-License-Identifier: MIT */
#ifndef CAO_YIELD_H
#define CAO_YIELD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cao_yield_form {
    CAO_YIELD_LINEAR,      /**< a + b x */
    CAO_YIELD_QUADRATIC,   /**< a + b x + c x^2 */
    CAO_YIELD_EXPONENTIAL, /**< a e^(b x) */
    CAO_YIELD_POWER,       /**< a x^b */
    CAO_YIELD_LOGARITHMIC, /**< a + b ln x */
    CAO_N_YIELD_FORMS
};
const char *cao_yield_form_name(enum cao_yield_form f); /**< "linear", ... */
bool cao_yield_form_find(const char *name, enum cao_yield_form *f);

/** One equation: x is the index, y is fresh weight in kg/ha. */
struct cao_yield_model {
    char id[32]; /**< "Q5" */
    enum cao_yield_form form;
    double a, b, c;
    double x_min,
        x_max; /**< x is clamped to this; for a parabola x_min is at or above its vertex */
    double rmse_kg_ha, r2; /**< NaN: not published */
    int year;              /**< 0: not bound to one */
};

/** y of the equation at x clamped to its range, not below 0. NaN for NaN. */
double cao_yield_at(const struct cao_yield_model *m, double x);

/** What applies to one grassland type: the mean of one or more equations. */
struct cao_yield_rule {
    const struct cao_yield_model *models; /**< borrowed */
    size_t n_models;                      /**< >= 1 */
    double bare_below;                    /**< index under which there is no sward: yield 0 */
};
/** @param[out] fresh kg/ha [n]; NaN where vi is NaN. @p n_outside (may be NULL) is increased by
 *  the pixels whose index lay beyond the range of any of the equations (above bare_below). */
void cao_yield_fresh(const struct cao_yield_rule *rule, const float *restrict vi,
                     float *restrict fresh, uint64_t *n_outside, size_t n);
#endif
