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

enum { CAO_YIELD_TERMS = 3 }; /**< a, b, c */

/** One equation: x is the index, y is weight in kg/ha, fresh unless hay_ratio says otherwise. What is
 *  0 behind year is not known. */
struct cao_yield_model {
    char id[32]; /**< "Q5" */
    enum cao_yield_form form;
    double a, b, c;
    double x_min,
        x_max; /**< x is clamped to this; for a parabola x_min is at or above its vertex */
    double rmse_kg_ha, r2; /**< NaN: not published */
    int year;              /**< 0: not bound to one */
    int n_years;           /**< how many years its plots are of */
    int n;                 /**< plots it was fitted to */
    double
        relative_error; /**< residual standard deviation as a share of y; 0: rmse_kg_ha for all y */
    bool has_covariance;
    double covariance[CAO_YIELD_TERMS][CAO_YIELD_TERMS]; /**< of a, b, c as fitted */
    double cv_rmse_kg_ha;                                /**< by leaving plots out */
    double hay_ratio; /**< 0: y is fresh weight; else y is hay at 14 % water, times this is fresh */
    char index[24], sensor[40]; /**< what it was fitted on; "" not said */
};

/** Number of terms that the form uses: 2 or 3. */
size_t cao_yield_n_terms(enum cao_yield_form f);

/** Fresh weight, kg/ha, at x clamped to the range, not below 0. NaN for NaN. */
double cao_yield_at(const struct cao_yield_model *m, double x);
/** As cao_yield_at(); @p slope receives its derivatives by a, b and c: 0 where y is cut off at 0. */
double cao_yield_slope(const struct cao_yield_model *m, double x, double slope[CAO_YIELD_TERMS]);

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

/** What the error of a pasture's yield is reckoned from, cell by cell; arrays [n], NULL: not wanted.
 *  NaN where vi is NaN. */
struct cao_yield_parts {
    float *outside; /**< 1 where the index lay beyond an equation's range, else 0 */
    float **value;  /**< [n_models] kg/ha of each equation */
    float *(*slope)[CAO_YIELD_TERMS]; /**< [n_models] derivatives of each by a, b, c */
};
/** As cao_yield_fresh(), the same bits, and the parts besides. */
void cao_yield_fresh_parts(const struct cao_yield_rule *rule, const float *restrict vi,
                           float *restrict fresh, const struct cao_yield_parts *parts, size_t n);
#endif
