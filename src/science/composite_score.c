/* SPDX-License-Identifier: MIT
 * Scores of a look: the composite keeps the look with the highest. */
#include "science/composite_rows.h"

#include <math.h>
#include <string.h>

#include "base/lanes.h"

const float *cao_score_ndvi(const struct cao_composite_settings *set,
                            const struct cao_look_view *look, float *restrict score, size_t n)
{
    (void)set;
    (void)score;
    (void)n;
    return look->ndvi;
}

static void fill(float *restrict score, float value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        score[i] = value;
}

const float *cao_score_latest(const struct cao_composite_settings *set,
                              const struct cao_look_view *look, float *restrict score, size_t n)
{
    (void)set;
    fill(score, (float)look->look, n);
    return score;
}

const float *cao_score_first(const struct cao_composite_settings *set,
                             const struct cao_look_view *look, float *restrict score, size_t n)
{
    (void)set;
    fill(score, -(float)look->look, n);
    return score;
}

/* 1 / (1 + e^x). e^x as 2^whole * 2^part with a polynomial for the part (Cephes' exp2f, 1e-7): plain
 * arithmetic, so that it is vectorised and the same bits everywhere. */
CAO_LANES_PART float falling(float x)
{
    float y = x * 1.44269504f;
    y = y > -120.0f ? y : -120.0f; /* NaN too: it is of a look that is not clear */
    y = y < 120.0f ? y : 120.0f;
    int32_t whole = (int32_t)(y + 128.5f) - 128; /* nearest, by cutting off above 0 */
    float part = y - (float)whole;
    float p = 1.535336188319500e-4f;
    p = p * part + 1.339887440266574e-3f;
    p = p * part + 9.618437357674640e-3f;
    p = p * part + 5.550332471162809e-2f;
    p = p * part + 2.402264791363012e-1f;
    p = p * part + 6.931472028550421e-1f;
    p = p * part + 1.0f;
    int32_t bits;
    memcpy(&bits, &p, sizeof bits);
    bits += whole * (1 << 23);
    memcpy(&p, &bits, sizeof p);
    return 1.0f / (1.0f + p);
}

/* FORCE: 1 / (1 + exp(-10 / required (distance - required / 2))) */
CAO_LANES static void add_cloud(const struct cao_composite_settings *set,
                                const float *restrict cloud_m, float share, float *restrict score,
                                size_t n)
{
    float steep = -(float)(10 / set->cloud_distance_m), middle = (float)(set->cloud_distance_m / 2);
    float most = (float)set->cloud_distance_m; /* it may be known farther */
    for (size_t i = 0; i < n; i++) {
        float away = cloud_m[i] < most ? cloud_m[i] : most;
        score[i] += share * falling(steep * (away - middle));
    }
}

/* FORCE: the haze-optimised transform blue - 0.5 red - 0.08 (Zhu & Woodcock 2012), scored as
 * 1 / (1 + exp(10 / 0.02 (HOT + 0.015))). */
CAO_LANES static void add_haze(const float *restrict blue, const float *restrict red, float share,
                               float *restrict score, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float hot = blue[i] - 0.5f * red[i] - 0.08f;
        score[i] += share * falling(500.0f * (hot + 0.015f));
    }
}

const float *cao_score_bap(const struct cao_composite_settings *set,
                           const struct cao_look_view *look, float *restrict score, size_t n)
{
    bool cloud = look->cloud_m && set->cloud_distance_m > 0 && set->cloud_weight > 0;
    bool haze = look->blue && look->red && set->haze_weight > 0;
    double all = set->day_weight + (cloud ? set->cloud_weight : 0) + (haze ? set->haze_weight : 0);
    all = all > 0 ? all : 1;
    double away = (double)look->days / set->day_spread;
    fill(score, (float)(set->day_weight / all * exp(-0.5 * away * away)), n);
    for (size_t i = 0; look->after && i < n; i++) {
        away = ((double)look->days + look->after[i]) / set->day_spread;
        score[i] = (float)(set->day_weight / all * exp(-0.5 * away * away));
    }
    if (cloud)
        add_cloud(set, look->cloud_m, (float)(set->cloud_weight / all), score, n);
    if (haze)
        add_haze(look->blue, look->red, (float)(set->haze_weight / all), score, n);
    return score;
}
