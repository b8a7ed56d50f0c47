/* SPDX-License-Identifier: MIT */
#include "raster/reflectance.h"

#include <limits.h>
#include <math.h>

#include "base/lanes.h"

/* A number that no DN of 16 bit has stands for none, and for what lies out of their range. */
static int32_t whole(double v)
{
    return v >= -32768 && v <= 65535 ? (int32_t)v : 1 << 20;
}

/* What is no data among DN. */
struct gaps {
    int32_t fill, below, saturated;
};

/* Reflectance of one DN in one of two ways; both and the kind of DN are known where it is compiled. */
static inline __attribute__((always_inline)) void convert(const struct cao_scaling *s,
                                                          const struct gaps *g, bool is_signed,
                                                          bool quotient,
                                                          const uint16_t *restrict dn,
                                                          float *restrict out, size_t n)
{
    const double gain = s->gain, offset = s->offset;
    const float per = s->per;
    const int32_t plus = s->plus, fill = g->fill, below = g->below, saturated = g->saturated;
    for (size_t i = 0; i < n; i++) {
        int32_t v = is_signed ? (int16_t)dn[i] : dn[i];
        float value = quotient ? (float)(v + plus) / per : (float)(gain * (double)v + offset);
        bool none = v == fill || v >= saturated || (is_signed && v <= below);
        out[i] = none ? NAN : value;
    }
}

CAO_LANES static void all_ways(const struct cao_scaling *s, const struct gaps *g,
                               const uint16_t *restrict dn, float *restrict out, size_t n)
{
    if (s->per > 0 && s->is_signed)
        convert(s, g, true, true, dn, out, n);
    else if (s->per > 0)
        convert(s, g, false, true, dn, out, n);
    else if (s->is_signed)
        convert(s, g, true, false, dn, out, n);
    else
        convert(s, g, false, false, dn, out, n);
}

void cao_reflectance(const struct cao_scaling *s, double fill, double saturated,
                     const uint16_t *restrict dn, float *restrict reflectance, size_t n)
{
    struct gaps g = { .fill = whole(fill), .below = INT32_MIN, .saturated = whole(saturated) };
    if (g.fill < 0)
        g.below = g.fill;
    all_ways(s, &g, dn, reflectance, n);
}

struct cao_scaling cao_scaling_make(double gain, double offset, bool is_signed)
{
    enum { LOT = 1024, CODES = 65536 };
    const double most = 1 << 22; /* sums with a DN, and quotients' parts, are whole in a float */
    struct cao_scaling exact = { .gain = gain, .offset = offset, .is_signed = is_signed };
    double per = rint(1 / gain), plus = rint(offset / gain);
    if (!(gain > 0) || !(per >= 1 && per <= most) || !(fabs(plus) <= most))
        return exact;
    struct cao_scaling tried = exact;
    tried.per = (float)per;
    tried.plus = (int32_t)plus;
    for (uint32_t at = 0; at < CODES; at += LOT) {
        uint16_t dn[LOT];
        float want[LOT], got[LOT];
        const struct gaps none = { INT32_MIN, INT32_MIN, INT32_MAX };
        for (uint32_t i = 0; i < LOT; i++)
            dn[i] = (uint16_t)(at + i);
        all_ways(&exact, &none, dn, want, LOT);
        all_ways(&tried, &none, dn, got, LOT);
        for (uint32_t i = 0; i < LOT; i++)
            if (!(want[i] == got[i]))
                return exact;
    }
    return tried;
}
