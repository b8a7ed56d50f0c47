/** @file raster/reflectance.h  Numbers of 16 bit to reflectance.
 *
 *  Reflectance is float(gain * DN + offset), worked out in double. Where gain is one part of a whole number, and
 *  offset so many of them, as with most products, it is the quotient of two floats, (DN + plus) / per, to the last
 *  bit: half the work. That is not believed but tried with every number that there is.
 *  Pure, any thread. SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_REFLECTANCE_H
#define CAO_RASTER_REFLECTANCE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What makes reflectance of a DN. */
struct cao_scaling {
    double gain, offset;
    bool is_signed; /**< DN are int16_t bit by bit, else uint16_t */
    float per;      /**< 0: no quotient of floats is the same */
    int32_t plus;
};
/** Find the quotient, trying all DN: some 0.1 ms. */
struct cao_scaling cao_scaling_make(double gain, double offset, bool is_signed);

/** @param fill,saturated NaN at the one, and at and above the other; a negative fill of signed numbers takes those
 *  below with it  @param[out] reflectance [n] */
void cao_reflectance(const struct cao_scaling *s, double fill, double saturated,
                     const uint16_t *restrict dn, float *restrict reflectance, size_t n);
#endif
