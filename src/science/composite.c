/* SPDX-License-Identifier: MIT */
#include "caochu/composite.h"

#include <math.h>
#include <stdbool.h>

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

void cao_best_offer(const struct cao_best *best, const uint8_t *restrict reason,
                    const float *restrict score, const float *const *band, uint16_t look, size_t n)
{
    enum { BLOCK = 1024 };
    uint8_t take[BLOCK];
    for (size_t at = 0; at < n; at += BLOCK) { /* in blocks that stay in the nearest cache */
        size_t m = n - at < BLOCK ? n - at : BLOCK;
        float *restrict kept = best->score + at;
        uint16_t *restrict kept_look = best->look + at, *restrict n_clear = best->n_clear + at;
        for (size_t i = 0; i < m; i++) {
            bool clear = reason[at + i] == CAO_CLEAR;
            float s = score[at + i];
            take[i] = clear & (s == s) & !(s <= kept[i]); /* NaN kept: the comparison is false */
            n_clear[i] = (uint16_t)(n_clear[i] + clear);
        }
        for (size_t i = 0; i < m; i++) {
            kept[i] = take[i] ? score[at + i] : kept[i];
            kept_look[i] = take[i] ? look : kept_look[i];
        }
        for (size_t b = 0; b < best->n_bands; b++) {
            float *restrict to = best->band[b] + at;
            const float *restrict from = band[b] + at;
            for (size_t i = 0; i < m; i++)
                to[i] = take[i] ? from[i] : to[i];
        }
    }
}

static float middle(float *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        float item = v[i];
        size_t k = i;
        for (; k > 0 && v[k - 1] > item; k--)
            v[k] = v[k - 1];
        v[k] = item;
    }
    if (n == 0)
        return NAN;
    return n % 2 ? v[n / 2] : 0.5f * (v[n / 2 - 1] + v[n / 2]);
}

void cao_median(const float *const *looks, size_t n_looks, float *restrict scratch,
                float *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t m = 0;
        for (size_t k = 0; k < n_looks; k++) {
            float v = looks[k][i];
            scratch[m] = v;
            m += v == v;
        }
        out[i] = middle(scratch, m);
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
