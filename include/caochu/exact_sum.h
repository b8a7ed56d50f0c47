/** @file caochu/exact_sum.h  Weighted sums of any numbers that never round, so no order matters.
 *
 *  Each term is a whole number of 128 bits at a power of two, added into a fixed-point number wide
 *  enough for every term (a "superaccumulator": Kulisch 1971; Neal 2015, arXiv:1505.05571). Values
 *  are multiples of 2^-160 below 2^128 with at most 44 significant bits, weights multiples of 2^-96
 *  below 2^64. Up to 2^40 terms. Pure, thread-safe, no allocation. SPDX-License-Identifier: MIT */
#ifndef CAO_EXACT_SUM_H
#define CAO_EXACT_SUM_H
#include <stdint.h>
#include "caochu/zonal.h"

enum { CAO_LIMBS_WEIGHT = 7, CAO_LIMBS_SUM = 16, CAO_LIMBS_SQUARE = 26 };

/** sum of w, of w x and of w x^2. Zero-initialise is "nothing added". A limb holds 32 bits and
 *  what it has not yet carried. */
struct cao_moments {
    int64_t weight[CAO_LIMBS_WEIGHT], sum[CAO_LIMBS_SUM], square[CAO_LIMBS_SQUARE];
    uint32_t n_added; /**< since the last carrying */
};

/** Add @p v times 2^@p exponent; |v| < 2^120. */
void cao_moments_add_weight(struct cao_moments *m, cao_int128 v, int exponent);
void cao_moments_add_sum(struct cao_moments *m, cao_int128 v, int exponent);
void cao_moments_add_square(struct cao_moments *m, cao_int128 v, int exponent);
void cao_moments_merge(struct cao_moments *into, const struct cao_moments *from);
/** Carry: afterwards equal sums are equal bytes. */
void cao_moments_settle(struct cao_moments *m);

/** Rounded once. */
double cao_moments_weight(const struct cao_moments *m);
double cao_moments_sum(const struct cao_moments *m);
/** NaN where the weight is not above 0. Variance is of the population, never negative; the
 *  cancellation in it is carried out with 106 bits. */
double cao_moments_mean(const struct cao_moments *m);
double cao_moments_variance(const struct cao_moments *m);
#endif
