/* SPDX-License-Identifier: MIT */
#include "caochu/resample.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/lanes.h"

/* NaN compares false and is nowhere. */
static inline bool inside(double x, double y, size_t width, size_t height)
{
    return x >= 0 && y >= 0 && x < (double)width && y < (double)height;
}

enum { LANE = 64 }; /* places on their way at once, so that each loop runs in vectors */

CAO_LANES void cao_resample_holders(const double *restrict x, const double *restrict y, size_t n,
                                    const struct cao_frame *frame, int32_t *restrict at)
{
    const double w = (double)frame->width, h = (double)frame->height;
    const double left = frame->left, top = frame->top;
    const int32_t stride = (int32_t)frame->width;
    for (size_t i = 0; i < n; i++) {
        double px = x[i] - left, py = y[i] - top;
        int32_t in = (px >= 0) & (py >= 0) & (px < w) & (py < h);
        int32_t col = (int32_t)(in ? px : 0), row = (int32_t)(in ? py : 0);
        at[i] = in ? row * stride + col : -1;
    }
}

void cao_resample_nearest(const uint16_t *restrict source, const int32_t *restrict at,
                          uint16_t outside, uint16_t *restrict out, size_t n)
{
    enum { LOT = 8 }; /* rarely is any of these outside */
    size_t whole = n / LOT * LOT;
    for (size_t i = 0; i < whole; i += LOT) {
        const int32_t *a = at + i;
        uint16_t *o = out + i;
        if ((a[0] | a[1] | a[2] | a[3] | a[4] | a[5] | a[6] | a[7]) >= 0) {
            for (int k = 0; k < LOT; k++)
                o[k] = source[a[k]];
            continue;
        }
        for (int k = 0; k < LOT; k++)
            o[k] = a[k] < 0 ? outside : source[a[k]];
    }
    for (size_t i = whole; i < n; i++)
        out[i] = at[i] < 0 ? outside : source[at[i]];
}

/* The pixel whose centre is at or before v, the share of the next one, and whether there is one. */
struct between {
    size_t first, step;
    double share;
};

static inline struct between between(double v, size_t n)
{
    double at = v - 0.5;
    if (at <= 0)
        return (struct between){ 0, 0, 0 };
    size_t first = (size_t)at;
    if (first + 1 >= n)
        return (struct between){ n - 1, 0, 0 };
    return (struct between){ first, 1, at - (double)first };
}

/* Some of the four neighbours hold nothing: weigh those that do. */
static float partly(const float v[4], const double w[4])
{
    double sum = 0, weights = 0;
    for (int k = 0; k < 4; k++)
        if (v[k] == v[k]) {
            sum += w[k] * (double)v[k];
            weights += w[k];
        }
    return weights > 0 ? (float)(sum / weights) : NAN;
}

/* One place by the rule, whatever its neighbours hold. */
static float bilinear_at(const float *restrict source, size_t width, size_t height, double x,
                         double y)
{
    if (!inside(x, y, width, height))
        return NAN;
    struct between c = between(x, width), r = between(y, height);
    const float *upper = source + r.first * width + c.first, *lower = upper + r.step * width;
    const float v[4] = { upper[0], upper[c.step], lower[0], lower[c.step] };
    double u = c.share, t = r.share;
    const double w[4] = { (1 - u) * (1 - t), u * (1 - t), (1 - u) * t, u * t };
    float nearest = source[(size_t)y * width + (size_t)x];
    return nearest == nearest ? partly(v, w) : NAN;
}

CAO_LANES void cao_resample_spots(const double *restrict x, const double *restrict y, size_t n,
                                  const struct cao_frame *frame, const struct cao_spots *spots)
{
    const double w = (double)frame->width, h = (double)frame->height;
    const double left = frame->left, top = frame->top;
    const int32_t stride = (int32_t)frame->width, last_x = stride < 2 ? 0 : stride - 2;
    const int32_t last_y = frame->height < 2 ? 0 : (int32_t)frame->height - 2;
    int32_t *restrict at = spots->at;
    float *restrict u = spots->u, *restrict t = spots->t;
    for (size_t i = 0; i < n; i++) {
        double px = x[i] - left, py = y[i] - top;
        int in = (px >= 0) & (py >= 0) & (px < w) & (py < h);
        px = px > 0.5 ? px - 0.5 : 0; /* NaN too */
        py = py > 0.5 ? py - 0.5 : 0;
        px = px < w - 1 ? px : w - 1;
        py = py < h - 1 ? py : h - 1;
        int32_t col = (int32_t)px, row = (int32_t)py;
        col = col < last_x ? col : last_x; /* beside the outermost centre the share is 1 */
        row = row < last_y ? row : last_y;
        u[i] = in ? (float)(px - (double)col) : NAN;
        t[i] = (float)(py - (double)row);
        at[i] = row * stride + col;
    }
}

/* One spot by the rule, whatever its neighbours hold. Right and down: steps to them. */
static float bilinear_spot(const float *restrict source, size_t right, size_t down, int32_t at,
                           float share_x, float share_y)
{
    const float *upper = source + at, *lower = upper + down;
    const float v[4] = { upper[0], upper[right], lower[0], lower[right] };
    double u = (double)share_x, t = (double)share_y;
    const double w[4] = { (1 - u) * (1 - t), u * (1 - t), (1 - u) * t, u * t };
    float nearest = v[(u >= 0.5) + 2 * (t >= 0.5)];
    return nearest == nearest ? partly(v, w) : NAN; /* no share: no weights */
}

enum { SPOTS = 8 };
typedef float spot_floats __attribute__((vector_size(SPOTS * sizeof(float))));
typedef int32_t spot_ints __attribute__((vector_size(SPOTS * sizeof(int32_t))));
typedef uint64_t spot_pairs __attribute__((vector_size(SPOTS / 2 * sizeof(uint64_t))));

/* Two pixels beside each other. */
static inline uint64_t pair(const float *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* The pixels at four spots and those beside them, apart. The order of spots lets halves of vectors stay
 * where they are. */
static inline void fetch(const float *source, const int32_t *at, spot_floats *left,
                         spot_floats *right)
{
    spot_pairs a = { pair(source + at[0]), pair(source + at[1]), pair(source + at[4]),
                     pair(source + at[5]) };
    spot_pairs b = { pair(source + at[2]), pair(source + at[3]), pair(source + at[6]),
                     pair(source + at[7]) };
    *left = __builtin_shufflevector((spot_floats)a, (spot_floats)b, 0, 2, 8, 10, 4, 6, 12, 14);
    *right = __builtin_shufflevector((spot_floats)a, (spot_floats)b, 1, 3, 9, 11, 5, 7, 13, 15);
}

static inline bool any_of(const spot_ints *is)
{
    spot_pairs v;
    memcpy(&v, is, sizeof v);
    return (v[0] | v[1] | v[2] | v[3]) != 0;
}

/* As the vectors below do it, bit by bit. */
static inline float bilinear_one(const float *source, size_t down, int32_t at, float u, float t)
{
    const float *upper = source + at, *lower = upper + down;
    float above = (1 - u) * upper[0] + u * upper[1], below = (1 - u) * lower[0] + u * lower[1];
    return (1 - t) * above + t * below;
}

/* Eight spots at once, their neighbours fetched two by two. What comes out as NaN is looked at
 * again: a neighbour holds nothing. */
CAO_LANES void cao_resample_bilinear(const float *restrict source, size_t width, size_t height,
                                     const struct cao_spots *spots, float *restrict out, size_t n)
{
    const int32_t *restrict at = spots->at;
    const float *restrict us = spots->u, *restrict ts = spots->t;
    const size_t right = width > 1, down = height > 1 ? width : 0;
    const bool wide = right && down;
    size_t whole = wide ? n / SPOTS * SPOTS : 0;
    for (size_t i = 0; i < whole; i += SPOTS) {
        spot_floats a, b, c, d, u, t;
        fetch(source, at + i, &a, &b);
        fetch(source + down, at + i, &c, &d);
        memcpy(&u, us + i, sizeof u);
        memcpy(&t, ts + i, sizeof t);
        a = (1 - u) * a + u * b;
        c = (1 - u) * c + u * d;
        a = (1 - t) * a + t * c;
        memcpy(out + i, &a, sizeof a);
        spot_ints again = (a != a) & (u == u);
        for (size_t k = i; any_of(&again) && k < i + SPOTS; k++)
            if (out[k] != out[k])
                out[k] = bilinear_spot(source, right, down, at[k], us[k], ts[k]);
    }
    for (size_t i = whole; i < n; i++) {
        out[i] = wide ? bilinear_one(source, down, at[i], us[i], ts[i]) : NAN;
        if (out[i] != out[i])
            out[i] = bilinear_spot(source, right, down, at[i], us[i], ts[i]);
    }
}

/* Weights of the four pixels from the one before the place on. */
static inline void cubic_weights(float t, float w[4])
{
    w[0] = 0.5f * t * (t * (2 - t) - 1);
    w[1] = 0.5f * (t * t * (3 * t - 5) + 2);
    w[2] = 0.5f * t * (t * (4 - 3 * t) + 1);
    w[3] = 0.5f * t * t * (t - 1);
}

/* As above: fetched one by one, blended in vectors, and what comes out as NaN looked at again. */
CAO_LANES void cao_resample_cubic(const float *restrict source, size_t width, size_t height,
                                  const double *restrict x, const double *restrict y,
                                  float *restrict out, size_t n)
{
    const double most_x = (double)width - 1.5, most_y = (double)height - 1.5;
    for (size_t from = 0; from < n; from += LANE) {
        size_t m = n - from < LANE ? n - from : LANE;
        int32_t at[LANE], gaps = 0;
        float u[LANE], t[LANE], v[4][4][LANE];
        for (size_t i = 0; i < m; i++) {
            double px = x[from + i], py = y[from + i];
            int in = (px >= 1.5) & (py >= 1.5) & (px < most_x) & (py < most_y);
            px = in ? px - 1.5 : 0;
            py = in ? py - 1.5 : 0;
            int32_t col = (int32_t)px, row = (int32_t)py;
            u[i] = in ? (float)(px - (double)col) : NAN;
            t[i] = (float)(py - (double)row);
            at[i] = in ? row * (int32_t)width + col : -1;
        }
        for (size_t i = 0; i < m; i++)
            for (size_t k = 0; k < 4; k++)
                for (size_t j = 0; j < 4; j++)
                    v[k][j][i] = at[i] < 0 ? 0 : source[(size_t)at[i] + k * width + j];
        for (size_t i = 0; i < m; i++) {
            float across[4], down[4], sum = 0;
            cubic_weights(u[i], across);
            cubic_weights(t[i], down);
            for (int k = 0; k < 4; k++)
                sum += down[k] * (across[0] * v[k][0][i] + across[1] * v[k][1][i] +
                                  across[2] * v[k][2][i] + across[3] * v[k][3][i]);
            out[from + i] = sum;
            gaps += sum != sum;
        }
        for (size_t i = from; gaps && i < from + m; i++)
            if (out[i] != out[i])
                out[i] = bilinear_at(source, width, height, x[i], y[i]);
    }
}

void cao_resample_axis(const double *restrict v, size_t n, size_t size,
                       struct cao_axis_place *restrict out)
{
    for (size_t i = 0; i < n; i++) {
        if (!(v[i] >= 0 && v[i] < (double)size)) {
            out[i] = (struct cao_axis_place){ CAO_NOWHERE, 0, 0, 0 };
            continue;
        }
        struct between b = between(v[i], size);
        out[i] = (struct cao_axis_place){ (uint32_t)v[i], (uint32_t)b.first,
                                          (uint32_t)(b.first + b.step), b.share };
    }
}

void cao_resample_nearest_row(const uint16_t *restrict source, size_t width,
                              const struct cao_axis_place *row,
                              const struct cao_axis_place *restrict cols, uint16_t outside,
                              uint16_t *restrict out, size_t n)
{
    const uint16_t *line = row->pixel == CAO_NOWHERE ? NULL : source + row->pixel * width;
    for (size_t i = 0; i < n; i++)
        out[i] = line && cols[i].pixel != CAO_NOWHERE ? line[cols[i].pixel] : outside;
}

void cao_resample_value_row(const float *restrict source, size_t width,
                            const struct cao_axis_place *row,
                            const struct cao_axis_place *restrict cols, float *restrict out,
                            size_t n)
{
    const float *line = row->pixel == CAO_NOWHERE ? NULL : source + row->pixel * width;
    for (size_t i = 0; i < n; i++)
        out[i] = line && cols[i].pixel != CAO_NOWHERE ? line[cols[i].pixel] : NAN;
}

/* A place some of whose neighbours hold nothing. */
static float with_gaps(const float *source, size_t width, const struct cao_axis_place *row,
                       const struct cao_axis_place *col)
{
    const float *upper = source + row->first * width, *lower = source + row->next * width;
    float nearest = source[row->pixel * width + col->pixel];
    const float v[4] = { upper[col->first], upper[col->next], lower[col->first], lower[col->next] };
    double u = col->share, t = row->share;
    const double w[4] = { (1 - u) * (1 - t), u * (1 - t), (1 - u) * t, u * t };
    return nearest == nearest ? partly(v, w) : NAN;
}

void cao_resample_bilinear_row(const float *restrict source, size_t width,
                               const struct cao_axis_place *row,
                               const struct cao_axis_place *restrict cols, double *restrict blend,
                               float *restrict out, size_t n)
{
    if (row->pixel == CAO_NOWHERE) {
        for (size_t i = 0; i < n; i++)
            out[i] = NAN;
        return;
    }
    const float *restrict upper = source + row->first * width;
    const float *restrict lower = source + row->next * width;
    const double down = row->share, up = 1 - down;
    for (size_t i = 0; i < width; i++)
        blend[i] = up * (double)upper[i] + down * (double)lower[i];
    for (size_t i = 0; i < n; i++) {
        const struct cao_axis_place *c = &cols[i];
        double v = (1 - c->share) * blend[c->first] + c->share * blend[c->next];
        if (v == v && c->pixel != CAO_NOWHERE)
            out[i] = (float)v;
        else
            out[i] = c->pixel == CAO_NOWHERE ? NAN : with_gaps(source, width, row, c);
    }
}

/* How much of pixel p the range from low to high covers. */
static inline double overlap(double low, double high, double p)
{
    double a = low > p ? low : p, b = high < p + 1 ? high : p + 1;
    return b - a;
}

static float box_mean(const float *restrict source, size_t width, double left, double right,
                      double top, double bottom, double enough)
{
    double sum = 0, area = 0;
    size_t c0 = (size_t)left, c1 = (size_t)ceil(right), r0 = (size_t)top, r1 = (size_t)ceil(bottom);
    for (size_t r = r0; r < r1; r++) {
        const float *row = source + r * width;
        double row_sum = 0, row_area = 0;
        for (size_t c = c0; c < c1; c++) {
            double w = overlap(left, right, (double)c);
            float v = row[c];
            bool is = v == v;
            row_sum += is ? w * (double)v : 0;
            row_area += is ? w : 0;
        }
        double h = overlap(top, bottom, (double)r);
        sum += h * row_sum;
        area += h * row_area;
    }
    return area >= enough && area > 0 ? (float)(sum / area) : NAN;
}

void cao_resample_average(const float *restrict source, size_t width, size_t height,
                          const struct cao_boxes *b, double least, float *restrict out)
{
    double enough = least * (4 * b->half_x * b->half_y);
    for (size_t i = 0; i < b->n; i++) {
        double left = b->x[i] - b->half_x, right = b->x[i] + b->half_x, top = b->y[i] - b->half_y,
               bottom = b->y[i] + b->half_y;
        left = left < 0 ? 0 : left;
        top = top < 0 ? 0 : top;
        right = right > (double)width ? (double)width : right;
        bottom = bottom > (double)height ? (double)height : bottom;
        out[i] = left < right && top < bottom /* false for NaN */
                     ? box_mean(source, width, left, right, top, bottom, enough)
                     : NAN;
    }
}

void cao_resample_shrink(float *restrict values, size_t width, size_t height,
                         uint16_t *restrict scratch)
{
    enum { REACH = 2 };
    bool any = false;
    for (size_t r = 0; r < height; r++) {
        const float *row = values + r * width;
        uint16_t *near = scratch + r * width;
        size_t since = SIZE_MAX; /* pixels since the last hole */
        for (size_t c = 0; c < width; c++) {
            since = !(row[c] == row[c]) ? 0 : since == SIZE_MAX ? since : since + 1;
            near[c] = since <= REACH;
            any |= since == 0;
        }
        since = SIZE_MAX;
        for (size_t c = width; c-- > 0;) {
            since = !(row[c] == row[c]) ? 0 : since == SIZE_MAX ? since : since + 1;
            near[c] |= since <= REACH;
        }
    }
    for (size_t r = 0; any && r < height; r++) {
        size_t from = r > REACH ? r - REACH : 0, to = r + REACH < height ? r + REACH : height - 1;
        for (size_t k = from; k <= to; k++)
            for (size_t c = 0; c < width; c++)
                if (scratch[k * width + c])
                    values[r * width + c] = NAN;
    }
}
