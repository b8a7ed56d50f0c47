/** @file caochu/composite.h  One picture from many looks, the same for any order of arrival.
 *
 *  Looks are offered in the plan's order (time, then product id); ties keep the earlier look.
 *  Pure, thread-safe, no allocation. SPDX-License-Identifier: MIT */
#ifndef CAO_COMPOSITE_H
#define CAO_COMPOSITE_H
#include <stddef.h>
#include <stdint.h>

/** No look has been chosen. */
enum { CAO_NO_LOOK = 0xFFFF };

/** State of the best-look composite for n pixels: the whole spectrum of the chosen date.
 *  All arrays are the caller's, [n]. */
struct cao_best {
    float *score;       /**< of the chosen look; NaN: none yet */
    uint16_t *look;     /**< number of the chosen look; CAO_NO_LOOK: none yet */
    uint16_t *n_clear;  /**< clear looks offered so far */
    float *const *band; /**< n_bands arrays: the chosen look's bands; NaN: none yet */
    size_t n_bands;
};
/** No look yet: NaN, CAO_NO_LOOK, 0. */
void cao_best_start(const struct cao_best *best, size_t n);
/** Offer a look: where reason is CAO_CLEAR the look counts, and where its score (not NaN) is above
 *  the kept one, or none is kept, the look's bands replace the kept ones.
 *  @param reason enum cao_reason [n]  @param score e.g. NDVI [n]  @param band n_bands x [n] */
void cao_best_offer(const struct cao_best *best, const uint8_t *restrict reason,
                    const float *restrict score, const float *const *band, uint16_t look, size_t n);

/** Cells of a row that the median sorts side by side. */
enum { CAO_MEDIAN_LANES = 64 };
/** Median over looks, per pixel: the mean of the two middle values for an even count; NaN where no
 *  look has a value. @param looks n_looks arrays [n], NaN where not clear
 *  @param scratch n_looks * CAO_MEDIAN_LANES keys  @param[out] out [n] */
void cao_median(const float *const *looks, size_t n_looks, int32_t *restrict scratch,
                float *restrict out, size_t n);
/** Count of values that are not NaN per pixel. */
void cao_count_looks(const float *const *looks, size_t n_looks, uint16_t *restrict out, size_t n);
#endif
