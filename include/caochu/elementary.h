/** @file caochu/elementary.h  exp, ln, tanh and powers over rows, the same bits on every machine.
 *
 *  The C library's own differ from machine to machine and from release to release in the last bit, and
 *  so would the maps. These use nothing but additions, multiplications, divisions and comparisons in
 *  double precision, so every compiler and processor rounds alike; their results are within 0.51 units
 *  in the last place of a float. They are loops without branches and vectorise.
 *  Pure, thread-safe. NaN gives NaN. @p x and @p y are [n] and do not overlap.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_ELEMENTARY_H
#define CAO_ELEMENTARY_H
#include <stddef.h>

/** e^x; infinite above 88.72, 0 below -103.97. */
void cao_exp(const float *restrict x, float *restrict y, size_t n);
/** Natural logarithm; NaN below 0, -infinity at 0. */
void cao_ln(const float *restrict x, float *restrict y, size_t n);
/** Logarithm to base 10; as cao_ln(). */
void cao_log10(const float *restrict x, float *restrict y, size_t n);
void cao_tanh(const float *restrict x, float *restrict y, size_t n);
/** base^exponent. NaN where the base is below 0 and the exponent not whole, and where either is NaN
 *  (C has 1 for 1^NaN and NaN^0); infinite where 0 is raised to less than 0. */
void cao_power(const float *restrict base, const float *restrict exponent, float *restrict y,
               size_t n);
#endif
