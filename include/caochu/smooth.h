/** @file caochu/smooth.h  A season of looks at a pixel as a smooth curve, and its maximum.
 *
 *  Looks are brought to the nearest of equal steps of days (of several, the weighted mean); the curve is
 *  fitted to the steps. Values are an index; NaN is no data, in and out. All is reckoned in doubles, pixel
 *  by pixel, so that no neighbour and no cut shows. Pure, thread-safe, no allocation.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_SMOOTH_H
#define CAO_SMOOTH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cao_smooth_method {
    CAO_SMOOTH_NONE,
    CAO_SMOOTH_LINEAR,    /**< straight lines between looks */
    CAO_SMOOTH_SAVGOL,    /**< Savitzky & Golay 1964 over straight lines */
    CAO_SMOOTH_WHITTAKER, /**< Eilers 2003: least squares with a penalty on second differences */
};
/** "none", "linear", "savitzky-golay", "whittaker". */
#define CAO_SMOOTH_NAMES "none|linear|savitzky-golay|whittaker"

struct cao_smoothing {
    enum cao_smooth_method method;
    size_t n_steps;   /**< of the season; step k lies k * step_days after its first day */
    double step_days; /**< > 0 */
    double lambda;    /**< Whittaker: penalty at this step, > 0 */
    int32_t window,
        degree; /**< Savitzky-Golay: steps (odd) and degree, at most window - 1; a season of
                                 fewer steps takes as many as it has */
    int32_t
        envelope; /**< rounds in which looks below the curve are lifted to it (Chen et al. 2004) */
    double peak_from,
        peak_to;     /**< days after the first in which the maximum is sought, both included */
    double most_gap; /**< no maximum where the days of the peak without a look are more; NaN: any */
    float low, high; /**< the curve is cut off at the range of the index */
};

/** Looks of n pixels. */
struct cao_series {
    const float *const *looks;     /**< n_looks arrays [n]; NaN: not clear */
    const uint8_t *const *weights; /**< n_looks arrays [n], hundredths; NULL: all the same */
    const float *days;             /**< [n_looks] after the season's first day, in order */
    size_t n_looks;
    const uint8_t *const
        *after; /**< n_looks arrays [n] of further days of each pixel, by which its looks need
                                      not be in order; NULL: none */
};

/** Bytes of scratch for any n. */
size_t cao_smooth_scratch(const struct cao_smoothing *s);
/** The maximum of the curve within the peak, from the first look of the season to the last: beyond them a
 *  curve is a guess. NaN where no look lies in the peak, or its gap is longer than allowed.
 *  @param[out] max,day [n] and the day after the season's first on which it is (the earliest of equals)
 *  @param[out] gap [n] the most days of the peak between looks, its ends included; all of it where none is */
void cao_smooth_max(const struct cao_smoothing *s, const struct cao_series *series, void *scratch,
                    float *restrict max, float *restrict day, float *restrict gap, size_t n);

/** The curves themselves, over series side by side: arrays [n_steps][CAO_SMOOTH_LANES]. */
enum { CAO_SMOOTH_LANES = 16 };
/** Straight lines between steps with weight, level before the first and after the last.
 *  @param room [n_steps][CAO_SMOOTH_LANES] x 2 */
void cao_smooth_linear(const double *restrict y, const double *restrict w, size_t n_steps,
                       double *restrict room, double *restrict z);
/** Least sum of w (y - z)^2 + lambda (second differences of z)^2. At least two steps of a series have a
 *  weight. @param room [n_steps][CAO_SMOOTH_LANES] x 3 */
void cao_smooth_whittaker(const double *restrict y, const double *restrict w, size_t n_steps,
                          double lambda, double *restrict room, double *restrict z);
/** Weight of the value at offset @p i (-half..half) in the polynomial of @p degree through a window,
 *  taken at offset @p t (Gorry 1990, Anal. Chem. 62:570). */
double cao_savgol_weight(int32_t i, int32_t t, int32_t half, int32_t degree);
/** Every step by the polynomial of its window; near the ends by that of the outermost window. */
void cao_smooth_savgol(const double *restrict y, size_t n_steps, int32_t window, int32_t degree,
                       double *restrict z);
#endif
