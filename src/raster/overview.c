/* SPDX-License-Identifier: MIT */
#include "raster/overview.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* Mean of the stored numbers that are data. A mean lies between them, so it can meet the no-data
 * value only where that is no end of the range; then it takes the neighbour on its own side. */
#define MEAN(type)                                                                                 \
    static void mean_##type(const type *restrict a, const type *restrict b, size_t cols,           \
                            type nodata, type *restrict out)                                       \
    {                                                                                              \
        static const double share[] = { 0, 1, 1 / 2.0, 1 / 3.0, 1 / 4.0 };                         \
        for (size_t i = 0; i < (cols + 1) / 2; i++) {                                              \
            size_t l = 2 * i, r = l + 1 < cols ? l + 1 : l, two = r != l;                          \
            int p = a[l] != nodata, q = two && a[r] != nodata, s = b && b[l] != nodata,            \
                t = b && two && b[r] != nodata, n = p + q + s + t;                                 \
            int sum = (p ? a[l] : 0) + (q ? a[r] : 0) + (s ? b[l] : 0) + (t ? b[r] : 0);           \
            double mean = (double)sum * share[n];                                                  \
            int v = (int)(mean + (mean < 0 ? -0.5 : 0.5));                                         \
            v += v != nodata ? 0 : mean < (double)nodata ? -1 : 1;                                 \
            out[i] = n ? (type)v : nodata;                                                         \
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
        uint8_t v[4];
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
