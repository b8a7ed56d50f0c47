/* SPDX-License-Identifier: MIT */
#include "raster/overview.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/lanes.h"

enum { LANE = 512 }; /* columns on their way at once, so that each loop runs in vectors */

/* Means of n pairs of columns, from their sums and counts. A mean lies between the numbers it is of,
 * so it can meet the no-data value only where that is no end of the range; then it takes the
 * neighbour on its own side. */
CAO_LANES static void mean_pairs(const int *restrict sum, const int *restrict count, int nodata,
                                 int *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int c = count[2 * i] + count[2 * i + 1];
        double share = c == 1 ? 1.0 : c == 2 ? 0.5 : c == 3 ? 1 / 3.0 : 0.25;
        double mean = (double)(sum[2 * i] + sum[2 * i + 1]) * share;
        int v = (int)(mean + (mean < 0 ? -0.5 : 0.5));
        int aside = mean < (double)nodata ? -1 : 1;
        v += v == nodata ? aside : 0;
        out[i] = c ? v : nodata;
    }
}

#define MEAN(type)                                                                                 \
    CAO_LANES static void mean_##type(const type *restrict a, const type *restrict b, size_t cols, \
                                      type nodata, type *restrict out)                             \
    {                                                                                              \
        int sum[LANE + 1], count[LANE + 1], mean[LANE / 2 + 1];                                    \
        for (size_t at = 0; at < cols; at += LANE) {                                               \
            size_t m = cols - at < LANE ? cols - at : LANE, pairs = (m + 1) / 2;                   \
            for (size_t i = 0; i < m; i++) {                                                       \
                int p = a[at + i], is = p != nodata;                                               \
                sum[i] = is ? p : 0;                                                               \
                count[i] = is;                                                                     \
            }                                                                                      \
            for (size_t i = 0; b && i < m; i++) {                                                  \
                int q = b[at + i], is = q != nodata;                                               \
                sum[i] += is ? q : 0;                                                              \
                count[i] += is;                                                                    \
            }                                                                                      \
            sum[m] = count[m] = 0; /* beside the last of an odd number of columns */               \
            mean_pairs(sum, count, nodata, mean, pairs);                                           \
            for (size_t i = 0; i < pairs; i++)                                                     \
                out[at / 2 + i] = (type)mean[i];                                                   \
        }                                                                                          \
    }
MEAN(uint8_t)
MEAN(uint16_t)
MEAN(int16_t)

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

static void commonest(const uint8_t *restrict a, const uint8_t *restrict b, size_t cols,
                      uint8_t nodata, uint8_t *restrict out)
{
    for (size_t i = 0; i < (cols + 1) / 2; i++) {
        uint8_t v[4] = { 0 };
        int n = 0, best = 0;
        const uint8_t *const pairs[] = { a + 2 * i, b ? b + 2 * i : NULL };
        for (int k = 0; k < 2; k++)
            for (size_t x = 0; pairs[k] && x < 2 && 2 * i + x < cols; x++)
                v[n++] = pairs[k][x];
        out[i] = nodata;
        for (int k = 0; k < n; k++) {
            int count = 0;
            for (int m = 0; v[k] != nodata && m < n; m++)
                count += v[m] == v[k];
            if (count > best) {
                best = count;
                out[i] = v[k];
            }
        }
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
            commonest((const void *)a, b, cols, (uint8_t)l->nodata, out);
        else if (l->pixel == CAO_INT16)
            mean_int16_t((const void *)a, b, cols, (int16_t)l->nodata, out);
        else if (l->pixel == CAO_UINT16)
            mean_uint16_t((const void *)a, b, cols, (uint16_t)l->nodata, out);
        else
            mean_uint8_t((const void *)a, b, cols, (uint8_t)l->nodata, out);
    }
}
