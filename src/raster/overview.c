/* SPDX-License-Identifier: MIT */
#include "raster/overview.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/lanes.h"

/* Two pixels of 16 bits lie in a lane of 32: sums of pairs need no pixels to change places. */
typedef int32_t lanes __attribute__((vector_size(32)));
typedef float lanes_f __attribute__((vector_size(32)));
typedef int16_t lanes_16 __attribute__((vector_size(32)));
typedef int16_t halves __attribute__((vector_size(16)));
enum { LANES = 8 };

#define EACH(x) ((lanes){ x, x, x, x, x, x, x, x })

/* The first and the second pixel of each lane. */
#define FIRST(x, is_signed)  ((is_signed) ? ((x) << 16) >> 16 : (x)&0xffff)
#define SECOND(x, is_signed) ((is_signed) ? (x) >> 16 : ((x) >> 16) & 0xffff)

/* Means of as many pairs as there are lanes, of two rows. The sum of four numbers of 16 bits is exact in float,
 * and so are its half and its quarter; a third lies a sixth or more from where rounding turns. A mean lies
 * between the numbers it is of, so it can meet the no-data value only where that is no end of the range; then it
 * takes the neighbour on its own side. */
static inline __attribute__((always_inline)) void mean_of(const void *a, const void *b,
                                                          int16_t nodata, bool is_signed, void *out)
{
    const lanes_16 none = (lanes_16){ 0 } + nodata;
    const lanes empty = EACH(is_signed ? nodata : (uint16_t)nodata);
    lanes_16 p, q;
    memcpy(&p, a, sizeof p);
    memcpy(&q, b, sizeof q);
    lanes_16 is_p = p != none, is_q = q != none;
    p &= is_p;
    q &= is_q;
    lanes sum = FIRST((lanes)p, is_signed) + SECOND((lanes)p, is_signed) +
                FIRST((lanes)q, is_signed) + SECOND((lanes)q, is_signed);
    lanes is = (lanes)(is_p + is_q); /* two small numbers below 0 */
    lanes count = -(FIRST(is, true) + SECOND(is, true));
    /* by 1, 2, 3 and 4 numbers, picked bit by bit */
    const lanes_f one = (lanes_f){ 0 } + 1.0f, half = one * 0.5f, third = one / 3.0f;
    lanes two = count == 2, three = count == 3, four = count == 4;
    lanes share = ((lanes)one & ~(two | three | four)) | ((lanes)half & two) |
                  ((lanes)third & three) | ((lanes)(half * half) & four);
    lanes_f mean = __builtin_convertvector(sum, lanes_f) * (lanes_f)share;
    lanes_f turn = (lanes_f)((lanes)half | ((lanes)mean & EACH(INT32_MIN)));
    lanes v = __builtin_convertvector(mean + turn, lanes);
    lanes met = v == empty, below = mean < __builtin_convertvector(empty, lanes_f);
    v += met & (EACH(1) + (below & EACH(-2)));
    lanes any = count > 0;
    v = (v & any) | (empty & ~any);
    halves packed = __builtin_convertvector(v, halves);
    memcpy(out, &packed, sizeof packed);
}

/* A row of pairs from two rows, which may be the same: each number then counts twice, which is the same mean. */
static inline __attribute__((always_inline)) void mean_16(const void *a, const void *b, size_t cols,
                                                          int16_t nodata, bool is_signed,
                                                          uint16_t *restrict out)
{
    const uint16_t *from = a, *below = b;
    size_t pairs = (cols + 1) / 2, i = 0;
    for (; i + LANES <= cols / 2; i += LANES)
        mean_of(from + 2 * i, below + 2 * i, nodata, is_signed, out + i);
    if (i == pairs)
        return;
    uint16_t rest[2][2 * LANES], v[LANES];
    for (size_t k = 0; k < 2 * LANES; k++) {
        bool is = 2 * i + k < cols;
        rest[0][k] = is ? from[2 * i + k] : (uint16_t)nodata;
        rest[1][k] = is ? below[2 * i + k] : (uint16_t)nodata;
    }
    mean_of(rest[0], rest[1], nodata, is_signed, v);
    memcpy(out + i, v, (pairs - i) * sizeof *v);
}

CAO_LANES static void mean_int16(const void *a, const void *b, size_t cols, int16_t nodata,
                                 uint16_t *restrict out)
{
    mean_16(a, b, cols, nodata, true, out);
}

CAO_LANES static void mean_uint16(const void *a, const void *b, size_t cols, int16_t nodata,
                                  uint16_t *restrict out)
{
    mean_16(a, b, cols, nodata, false, out);
}

/* By way of 16 bits. */
static void mean_uint8(const uint8_t *restrict a, const uint8_t *restrict b, size_t cols,
                       uint8_t nodata, uint8_t *restrict out)
{
    enum { LANE = 512 };
    uint16_t wide[2][LANE], means[LANE / 2];
    for (size_t at = 0; at < cols; at += LANE) {
        size_t m = cols - at < LANE ? cols - at : LANE;
        for (size_t i = 0; i < m; i++) {
            wide[0][i] = a[at + i];
            wide[1][i] = b[at + i];
        }
        mean_uint16(wide[0], wide[1], m, nodata, means);
        for (size_t i = 0; i < (m + 1) / 2; i++)
            out[at / 2 + i] = (uint8_t)means[i];
    }
}

static void mean_float(const float *restrict a, const float *restrict b, size_t cols, float nodata,
                       float *restrict out)
{
    for (size_t i = 0; i < (cols + 1) / 2; i++) {
        const float *const pairs[] = { a + 2 * i, b ? b + 2 * i : NULL };
        double sum = 0, n = 0;
        for (int k = 0; k < 2; k++)
            for (size_t x = 0; pairs[k] && x < 2 && 2 * i + x < cols; x++) {
                float v = pairs[k][x];
                bool is = v == v && v != nodata;
                sum += is ? (double)v : 0;
                n += is;
            }
        out[i] = n > 0 ? (float)(sum / n) : nodata;
    }
}

/* The commonest of four classes, the first of several as common; no data does not count. Two classes of 8 bits
 * lie in a lane of 16. */
CAO_LANES static void commonest(const uint8_t *restrict a, const uint8_t *restrict b, size_t cols,
                                uint8_t nodata, uint8_t *restrict out)
{
    typedef uint16_t pairs_of __attribute__((vector_size(32)));
    enum { PAIRS = 16 };
    const pairs_of none = (pairs_of){ 0 } + nodata;
    for (size_t i = 0; i < (cols + 1) / 2; i += PAIRS) {
        uint8_t rest[2][2 * PAIRS];
        const uint8_t *above = a + 2 * i, *below = b + 2 * i;
        size_t left = cols - 2 * i < 2 * PAIRS ? cols - 2 * i : 2 * PAIRS;
        pairs_of v[4], is[4], best, most;
        if (left < 2 * PAIRS) {
            memset(rest, nodata, sizeof rest);
            above = memcpy(rest[0], above, left);
            below = memcpy(rest[1], below, left);
        }
        memcpy(&v[0], above, sizeof v[0]);
        memcpy(&v[2], below, sizeof v[2]);
        v[1] = v[0] >> 8;
        v[3] = v[2] >> 8;
        v[0] &= 0xff;
        v[2] &= 0xff;
        for (int k = 0; k < 4; k++)
            is[k] = (pairs_of)(v[k] != none) & 1;
        best = none;
        most = (pairs_of){ 0 };
        for (int k = 0; k < 4; k++) {
            pairs_of count = is[k];
            for (int m = k + 1; m < 4; m++) /* one met before stands at its first place already */
                count += (pairs_of)(v[k] == v[m]) & is[k];
            pairs_of more = (pairs_of)(count > most);
            best = (v[k] & more) | (best & ~more);
            most = (count & more) | (most & ~more);
        }
        for (size_t k = 0; k < (left + 1) / 2; k++)
            out[i + k] = (uint8_t)best[k];
    }
}

void cao_overview_half(const struct cao_raster_layout *l, const void *pixels, size_t cols,
                       size_t rows, void *half)
{
    size_t size = cao_pixel_bytes(l->pixel), out_cols = (cols + 1) / 2;
    for (size_t row = 0; row < rows; row += 2) {
        const char *a = (const char *)pixels + row * cols * size;
        const void *b = row + 1 < rows ? a + cols * size : NULL;
        void *out = (char *)half + row / 2 * out_cols * size;
        if (l->pixel == CAO_FLOAT32)
            mean_float((const void *)a, b, cols, (float)l->nodata, out);
        else if (l->n_legend)
            commonest((const void *)a, b ? b : a, cols, (uint8_t)l->nodata, out);
        else if (l->pixel == CAO_INT16)
            mean_int16(a, b ? b : a, cols, (int16_t)l->nodata, out);
        else if (l->pixel == CAO_UINT16)
            mean_uint16(a, b ? b : a, cols, (int16_t)(uint16_t)l->nodata, out);
        else
            mean_uint8((const void *)a, b ? b : (const void *)a, cols, (uint8_t)l->nodata, out);
    }
}
