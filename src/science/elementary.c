/* SPDX-License-Identifier: MIT
 * Reduction to a small interval, then the series, in double: Cody & Waite 1980, Software Manual for the
 * Elementary Functions. Bits are taken apart with integers of the width that SSE2 can shift. */
#include "caochu/elementary.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/lanes.h"

static inline uint64_t bits_of(double v)
{
    uint64_t u;
    memcpy(&u, &v, sizeof u);
    return u;
}

static inline double of_bits(uint64_t u)
{
    double v;
    memcpy(&v, &u, sizeof v);
    return v;
}

static inline uint32_t bits_of_float(float v)
{
    uint32_t u;
    memcpy(&u, &v, sizeof u);
    return u;
}

static inline float float_of_bits(uint32_t u)
{
    float v;
    memcpy(&v, &u, sizeof v);
    return v;
}

/* Adding it rounds to a whole number, which then stands in the lowest bits. */
static const double whole = 6755399441055744.0; /* 1.5 * 2^52 */
static const double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;

/* x = k ln 2 + r with |r| <= 0.347: the series to r^11 is off by 1.5e-14 of the value. */
static inline double exp_of(double x)
{
    double c = x < -400.0 ? -400.0 : x;
    c = c > 400.0 ? 400.0 : c;
    double t = c * 1.4426950408889634 + whole, k = t - whole;
    double r = (c - k * ln2_high) - k * ln2_low;
    double p = 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    double v = of_bits(bits_of(p) + (bits_of(t) << 52)); /* p * 2^k */
    return x == x ? v : x;
}

/* x = m 2^e with m in sqrt(1/2)..sqrt(2); ln m = 2 artanh((m-1)/(m+1)): to s^17 off by 2e-15. */
static inline double ln_of(float x)
{
    int tiny = x < 1.17549435e-38f; /* without the leading bit: made ordinary first */
    float scaled = tiny ? x * 16777216.0f : x;
    int32_t i = (int32_t)(bits_of_float(scaled) - UINT32_C(0x3F3504F3));
    int32_t e = (i >> 23) - (tiny ? 24 : 0);
    double m = (double)float_of_bits(((uint32_t)i & UINT32_C(0x007FFFFF)) + UINT32_C(0x3F3504F3));
    double s = (m - 1.0) / (m + 1.0), q = s * s, p = 1.0 / 17;
    p = p * q + 1.0 / 15;
    p = p * q + 1.0 / 13;
    p = p * q + 1.0 / 11;
    p = p * q + 1.0 / 9;
    p = p * q + 1.0 / 7;
    p = p * q + 1.0 / 5;
    p = p * q + 1.0 / 3;
    p = p * q + 1.0;
    double v = (double)e * 0.69314718055994530942 + 2.0 * s * p;
    v = x > 0.0f ? v : x == 0.0f ? -(double)INFINITY : (double)NAN;
    return x < INFINITY ? v : (double)x;
}

CAO_LANES void cao_exp(const float *restrict x, float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (float)exp_of((double)x[i]);
}

CAO_LANES void cao_ln(const float *restrict x, float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (float)ln_of(x[i]);
}

CAO_LANES void cao_log10(const float *restrict x, float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (float)(ln_of(x[i]) * 0.43429448190325182765);
}

/* Near 0 the quotient would lose what the difference 1 - e^-2a loses: there a - a^3/3. */
CAO_LANES void cao_tanh(const float *restrict x, float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double v = (double)x[i], a = v < 0 ? -v : v;
        double e = exp_of(-2.0 * a), t = (1.0 - e) / (1.0 + e);
        t = a < 1e-3 ? a - a * a * a * (1.0 / 3) : t;
        y[i] = (float)(v < 0 ? -t : t);
    }
}

/* ln 0 is -infinity, so a base of 0 takes care of itself. */
CAO_LANES void cao_power(const float *restrict base, const float *restrict exponent,
                         float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float b = base[i], x = exponent[i];
        double xd = (double)x, v = exp_of(xd * ln_of(b < 0.0f ? -b : b));
        double half = 0.5 * xd, below = (half + whole) - whole;
        int is_whole = ((xd + whole) - whole == xd) | (x > 16777216.0f) | (x < -16777216.0f);
        int is_odd = is_whole & (below != half) & (x < 16777216.0f) & (x > -16777216.0f);
        v = x == 0.0f ? 1.0 : v;
        double negative = is_odd ? -v : v;
        negative = is_whole ? negative : (double)NAN;
        v = b < 0.0f ? negative : v;
        v = b == b ? v : (double)NAN;
        y[i] = (float)v;
    }
}
