/* SPDX-License-Identifier: MIT */
#include "caochu/composite.h"

#include <math.h>
#include <string.h>

#include "caochu/mask.h"

void cao_best_start(const struct cao_best *best, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        best->score[i] = NAN;
        best->look[i] = CAO_NO_LOOK;
        best->n_clear[i] = 0;
    }
    for (size_t b = 0; b < best->n_bands; b++)
        for (size_t i = 0; i < n; i++)
            best->band[b][i] = NAN;
}

/* a where the mask is all ones, b where it is 0. Chosen bit by bit: a plain choice would let the
 * compiler store under a condition, and then it uses no vectors. */
static inline float pick(int32_t mask, float a, float b)
{
    int32_t x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    x = (x & mask) | (y & ~mask);
    memcpy(&a, &x, sizeof a);
    return a;
}

void cao_best_offer(const struct cao_best *best, const uint8_t *restrict reason,
                    const float *restrict score, const float *const *band, uint16_t look, size_t n)
{
    enum { BLOCK = 1024 };
    int32_t take[BLOCK];
    for (size_t at = 0; at < n; at += BLOCK) { /* in blocks that stay in the nearest cache */
        size_t m = n - at < BLOCK ? n - at : BLOCK;
        float *restrict kept = best->score + at;
        const float *restrict offered = score + at;
        const uint8_t *restrict why = reason + at;
        uint16_t *restrict kept_look = best->look + at, *restrict n_clear = best->n_clear + at;
        for (size_t i = 0; i < m; i++) {
            float s = offered[i];
            int32_t better = (s == s) & !(s <= kept[i]); /* NaN kept: the comparison is false */
            take[i] = -(better & (why[i] == CAO_CLEAR));
        }
        for (size_t i = 0; i < m; i++)
            n_clear[i] = (uint16_t)(n_clear[i] + (why[i] == CAO_CLEAR));
        for (size_t i = 0; i < m; i++)
            kept[i] = pick(take[i], offered[i], kept[i]);
        for (size_t i = 0; i < m; i++)
            kept_look[i] = (uint16_t)((look & take[i]) | (kept_look[i] & ~take[i]));
        for (size_t b = 0; b < best->n_bands; b++) {
            float *restrict to = best->band[b] + at;
            const float *restrict from = band[b] + at;
            for (size_t i = 0; i < m; i++)
                to[i] = pick(take[i], from[i], to[i]);
        }
    }
}

/* Floats are sorted as whole numbers of the same order: those are compared without branches, and
 * what is not there can be given the end of the row. */
static inline int32_t to_key(float v)
{
    int32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return v == v ? bits ^ (bits < 0 ? INT32_MAX : 0) : INT32_MAX;
}

static inline float from_key(int32_t key)
{
    float v;
    key ^= key < 0 ? INT32_MAX : 0;
    memcpy(&v, &key, sizeof v);
    return v;
}

/* The lesser of two rows of lanes into a, the greater into b. */
static void order(int32_t *restrict a, int32_t *restrict b)
{
    for (size_t i = 0; i < CAO_MEDIAN_LANES; i++) {
        int32_t x = a[i], y = b[i];
        a[i] = x < y ? x : y;
        b[i] = x > y ? x : y;
    }
}

/* Batcher's merge exchange (Knuth, TAOCP vol. 3, 5.2.2 M): which rows are compared depends on their
 * number alone, so all lanes are sorted at once. */
static void sort_lanes(int32_t *rows, size_t n)
{
    for (size_t p = 1; p < n; p *= 2)
        for (size_t k = p; k >= 1; k /= 2)
            for (size_t j = k % p; j + k < n; j += 2 * k)
                for (size_t i = j; i < j + k && i + k < n; i++)
                    if (i / (2 * p) == (i + k) / (2 * p))
                        order(rows + i * CAO_MEDIAN_LANES, rows + (i + k) * CAO_MEDIAN_LANES);
}

void cao_median(const float *const *looks, size_t n_looks, int32_t *restrict scratch,
                float *restrict out, size_t n)
{
    for (size_t at = 0; at < n; at += CAO_MEDIAN_LANES) {
        size_t m = n - at < CAO_MEDIAN_LANES ? n - at : CAO_MEDIAN_LANES;
        uint32_t count[CAO_MEDIAN_LANES] = { 0 };
        for (size_t k = 0; k < n_looks; k++) {
            int32_t *restrict row = scratch + k * CAO_MEDIAN_LANES;
            const float *restrict look = looks[k] + at;
            for (size_t i = 0; i < m; i++) {
                row[i] = to_key(look[i]);
                count[i] += look[i] == look[i];
            }
            for (size_t i = m; i < CAO_MEDIAN_LANES; i++)
                row[i] = INT32_MAX;
        }
        sort_lanes(scratch, n_looks);
        for (size_t i = 0; i < m; i++) {
            const int32_t *lane = scratch + i;
            size_t c = count[i], upper = c / 2;
            float high = c ? from_key(lane[upper * CAO_MEDIAN_LANES]) : NAN;
            out[at + i] = c == 0 || c % 2
                              ? high
                              : 0.5f * (from_key(lane[(upper - 1) * CAO_MEDIAN_LANES]) + high);
        }
    }
}

void cao_count_looks(const float *const *looks, size_t n_looks, uint16_t *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = 0;
    for (size_t k = 0; k < n_looks; k++)
        for (size_t i = 0; i < n; i++)
            out[i] = (uint16_t)(out[i] + (looks[k][i] == looks[k][i]));
}
