/* SPDX-License-Identifier: MIT */
#include "caochu/resample.h"
#include <math.h>
#include <stdbool.h>
static bool inside(double x, double y, size_t w, size_t h)
{
    return x >= 0.0 && y >= 0.0 && x < (double)w && y < (double)h;
}
void cao_resample_nearest(const uint16_t *restrict s, size_t w, size_t h, const double *restrict x,
                          const double *restrict y, uint16_t outside, uint16_t *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = inside(x[i], y[i], w, h) ? s[(size_t)y[i] * w + (size_t)x[i]] : outside;
}
static double clampd(double v, double lo, double hi) { return v < lo ? lo : v > hi ? hi : v; }
void cao_resample_bilinear(const float *restrict s, size_t w, size_t h, const double *restrict x,
                           const double *restrict y, float *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = NAN;
        if (!inside(x[i], y[i], w, h) || isnan(s[(size_t)y[i] * w + (size_t)x[i]]))
            continue;
        double px = clampd(x[i] - 0.5, 0, (double)(w - 1)), py = clampd(y[i] - 0.5, 0, (double)(h - 1));
        size_t c = (size_t)px, r = (size_t)py, c1 = c + 1 < w ? c + 1 : c, r1 = r + 1 < h ? r + 1 : r;
        double u = px - (double)c, v = py - (double)r, sum = 0, ws = 0;
        double wt[4] = { (1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v };
        float val[4] = { s[r * w + c], s[r * w + c1], s[r1 * w + c], s[r1 * w + c1] };
        for (int k = 0; k < 4; k++)
            if (!isnan(val[k])) { sum += wt[k] * (double)val[k]; ws += wt[k]; }
        if (ws > 0) out[i] = (float)(sum / ws);
    }
}
void cao_resample_average(const float *restrict s, size_t w, size_t h, const double *restrict x,
                          const double *restrict y, double hx, double hy, float *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = NAN;
        if (isnan(x[i]) || isnan(y[i])) continue;
        double l = fmax(x[i] - hx, 0), r = fmin(x[i] + hx, (double)w), t = fmax(y[i] - hy, 0), b = fmin(y[i] + hy, (double)h);
        double sum = 0, ws = 0;
        for (size_t q = l < r && t < b ? (size_t)t : h; (double)q < b && q < h; q++)
            for (size_t p = (size_t)l; (double)p < r; p++) {
                double a = (fmin(r, (double)p + 1) - fmax(l, (double)p)) * (fmin(b, (double)q + 1) - fmax(t, (double)q));
                float v = s[q * w + p];
                if (!isnan(v)) { sum += a * (double)v; ws += a; }
            }
        if (ws >= 0.5 * 4 * hx * hy && ws > 0) out[i] = (float)(sum / ws);
    }
}
