/* SPDX-License-Identifier: MIT */
#include "caochu/smooth.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { LANES = CAO_SMOOTH_LANES };

void cao_smooth_linear(const double *restrict y, const double *restrict w, size_t n_steps,
                       double *restrict room, double *restrict z)
{
    double *before = room, *since = room + n_steps * LANES; /* the last look and steps since it */
    double value[LANES], steps[LANES];
    for (size_t i = 0; i < LANES; i++) {
        value[i] = (double)NAN;
        steps[i] = 0;
    }
    for (size_t k = 0; k < n_steps; k++)
        for (size_t i = 0; i < LANES; i++) {
            size_t at = k * LANES + i;
            double here = y[at], weight = w[at], longer = steps[i] + 1;
            value[i] = weight > 0 ? here : value[i];
            steps[i] = weight > 0 ? 0.0 : longer;
            before[at] = value[i];
            since[at] = steps[i];
        }
    for (size_t i = 0; i < LANES; i++) {
        value[i] = (double)NAN;
        steps[i] = 0;
    }
    for (size_t k = n_steps; k-- > 0;)
        for (size_t i = 0; i < LANES; i++) {
            size_t at = k * LANES + i;
            double here = y[at], weight = w[at], longer = steps[i] + 1;
            value[i] = weight > 0 ? here : value[i];
            steps[i] = weight > 0 ? 0.0 : longer;
            double low = before[at], high = value[i], all = since[at] + steps[i];
            double share = since[at] / all, between; /* on a look 0 / 0 */
            low = low == low ? low
                             : high; /* before the first look, and after the last, it is level */
            high = high == high ? high : low;
            between = share == share ? low + share * (high - low) : low;
            z[at] = weight > 0 ? here : between;
        }
}

/* Rows of the penalty are 1 -2 1. What they add up to on the diagonals, for any number of steps. */
static double on_diagonal(size_t k, size_t n)
{
    return (k + 2 < n ? 1.0 : 0.0) + (k >= 1 && k + 1 < n ? 4.0 : 0.0) + (k >= 2 ? 1.0 : 0.0);
}

static double beside(size_t k, size_t n) /* k and k + 1 */
{
    return (k + 2 < n ? -2.0 : 0.0) + (k >= 1 && k + 1 < n ? -2.0 : 0.0);
}

/* Symmetric, five diagonals: L D L' in one pass down, solved in one pass up. */
void cao_smooth_whittaker(const double *restrict y, const double *restrict w, size_t n_steps,
                          double lambda, double *restrict room, double *restrict z)
{
    static const double none[LANES] = { 0 };
    double *d = room, *c = room + n_steps * LANES, *e = room + 2 * n_steps * LANES;
    for (size_t k = 0; k < n_steps; k++) {
        double diagonal = lambda * on_diagonal(k, n_steps), side = lambda * beside(k, n_steps);
        double far = k + 2 < n_steps ? lambda : 0.0;
        double *restrict dk = d + k * LANES, *restrict ck = c + k * LANES;
        double *restrict ek = e + k * LANES, *restrict zk = z + k * LANES;
        const double *c1 = k >= 1 ? ck - LANES : none, *d1 = k >= 1 ? dk - LANES : none;
        const double *e1 = k >= 1 ? ek - LANES : none, *z1 = k >= 1 ? zk - LANES : none;
        const double *e2 = k >= 2 ? ek - 2 * LANES : none, *d2 = k >= 2 ? dk - 2 * LANES : none;
        const double *z2 = k >= 2 ? zk - 2 * LANES : none;
        const double *restrict yk = y + k * LANES, *restrict wk = w + k * LANES;
        for (size_t i = 0; i < LANES; i++) {
            double weight = wk[i], product = weight * yk[i], right = weight > 0 ? product : 0.0;
            double pivot = weight + diagonal - c1[i] * c1[i] * d1[i] - e2[i] * e2[i] * d2[i];
            dk[i] = pivot;
            ck[i] = (side - d1[i] * c1[i] * e1[i]) / pivot;
            ek[i] = far / pivot;
            zk[i] = right - c1[i] * z1[i] - e2[i] * z2[i];
        }
    }
    for (size_t k = n_steps; k-- > 0;) {
        double *restrict zk = z + k * LANES;
        const double *next = k + 1 < n_steps ? zk + LANES : none;
        const double *after = k + 2 < n_steps ? zk + 2 * LANES : none;
        const double *dk = d + k * LANES, *ck = c + k * LANES, *ek = e + k * LANES;
        for (size_t i = 0; i < LANES; i++)
            zk[i] = zk[i] / dk[i] - ck[i] * next[i] - ek[i] * after[i];
    }
}

/* Gram's polynomial of degree k at offset i of a window of 2 half + 1. */
static double gram(int32_t i, int32_t half, int32_t k)
{
    double before = 0, now = 1;
    for (int32_t j = 1; j <= k; j++) {
        double scale = (double)j * (2 * half - j + 1);
        double next =
            (4.0 * j - 2) / scale * i * now - (j - 1.0) * (2.0 * half + j) / scale * before;
        before = now;
        now = next;
    }
    return now;
}

double cao_savgol_weight(int32_t i, int32_t t, int32_t half, int32_t degree)
{
    double sum = 0,
           ratio = 1.0 / (2 * half + 1); /* (2 half)^(k) / (2 half + k + 1)^(k + 1), falling */
    for (int32_t k = 0; k <= degree; k++) {
        sum += (2.0 * k + 1) * ratio * gram(i, half, k) * gram(t, half, k);
        ratio *= (2.0 * half - k) / (2.0 * half + k + 2);
    }
    return sum;
}

void cao_smooth_savgol(const double *restrict y, size_t n_steps, int32_t window, int32_t degree,
                       double *restrict z)
{
    int32_t most = (int32_t)((n_steps - 1) / 2),
            half = (window - 1) / 2 < most ? (window - 1) / 2 : most;
    degree = degree < 2 * half ? degree : 2 * half;
    memset(z, 0, n_steps * LANES * sizeof *z);
    for (int32_t k = 0; k < (int32_t)n_steps; k++) {
        int32_t last = (int32_t)n_steps - 1 - half;
        int32_t middle = k < half ? half : k > last ? last : k;
        double *restrict to = z + (size_t)k * LANES;
        for (int32_t j = -half; j <= half; j++) {
            double weight = cao_savgol_weight(j, k - middle, half, degree);
            const double *restrict from = y + (size_t)(middle + j) * LANES;
            for (size_t i = 0; i < LANES; i++)
                to[i] += weight * from[i];
        }
    }
}

/* ---- the maximum of a season ---- */

struct room {
    double *y, *w, *z, *more; /* more: three times as much */
};

static size_t lay_out(const struct cao_smoothing *s, void *scratch, struct room *r)
{
    size_t one = s->n_steps * LANES;
    if (scratch)
        *r = (struct room){ scratch, (double *)scratch + one, (double *)scratch + 2 * one,
                            (double *)scratch + 3 * one };
    return 6 * one * sizeof(double);
}

size_t cao_smooth_scratch(const struct cao_smoothing *s)
{
    return lay_out(s, NULL, NULL);
}

/* What is known of the lanes besides their series. */
struct lanes {
    double first[LANES], last[LANES]; /* steps with a look */
    double n[LANES];                  /* how many steps have one */
    double sum[LANES];                /* of weights times values, for lanes of one step */
    double gap[LANES], in_peak[LANES];
};

static size_t step_of(const struct cao_smoothing *s, double day)
{
    double k = floor(day / s->step_days + 0.5);
    return k < 0 ? 0 : k > (double)(s->n_steps - 1) ? s->n_steps - 1 : (size_t)k;
}

static double day_of(const struct cao_series *series, size_t k, size_t at)
{
    return (double)series->days[k] + series->after[k][at];
}

/* The most days between looks of the peak, whatever their order: from each to the one that follows it. */
static double gap_of(const struct cao_smoothing *s, const struct cao_series *series, size_t at)
{
    double most = 0;
    for (size_t k = 0; k <= series->n_looks; k++) {
        double from = k < series->n_looks ? day_of(series, k, at) : s->peak_from, to = s->peak_to;
        if (k < series->n_looks &&
            (isnan(series->looks[k][at]) || from < s->peak_from || from > s->peak_to))
            continue;
        for (size_t j = 0; j < series->n_looks; j++) {
            double day = day_of(series, j, at);
            bool follows = day > from || (k == series->n_looks && day == from);
            to = !isnan(series->looks[j][at]) && follows && day < to ? day : to;
        }
        most = to - from > most ? to - from : most;
    }
    return most;
}

/* As load() does, for looks whose pixels are of days of their own. */
static void put_by_day(const struct cao_smoothing *s, const struct cao_series *series, size_t at,
                       size_t m, const struct room *r, struct lanes *l)
{
    for (size_t i = 0; i < m; i++) {
        for (size_t k = 0; k < series->n_looks; k++) {
            double v = (double)series->looks[k][at + i], day = day_of(series, k, at + i);
            double weight = series->weights ? 0.01 * series->weights[k][at + i] : 1.0;
            size_t step = step_of(s, day) * LANES + i;
            if (isnan(v))
                continue;
            r->w[step] += weight;
            r->y[step] += weight * v;
            l->in_peak[i] += day >= s->peak_from && day <= s->peak_to;
        }
        l->gap[i] = gap_of(s, series, at + i);
    }
}

/* Looks into steps, as sums of weights and of weighted values, then as their means; and the gaps. */
static void load(const struct cao_smoothing *s, const struct cao_series *series, size_t at,
                 size_t m, const struct room *r, struct lanes *l)
{
    double since[LANES];
    assert(r->y && r->w);
    memset(r->y, 0, s->n_steps * LANES * sizeof *r->y);
    memset(r->w, 0, s->n_steps * LANES * sizeof *r->w);
    for (size_t i = 0; i < LANES; i++) {
        l->first[i] = HUGE_VAL;
        l->last[i] = -1;
        l->n[i] = l->gap[i] = l->in_peak[i] = 0;
        since[i] = s->peak_from;
    }
    if (series->after)
        put_by_day(s, series, at, m, r, l);
    for (size_t k = 0; !series->after && k < series->n_looks; k++) {
        double day = (double)series->days[k];
        bool peak = day >= s->peak_from && day <= s->peak_to;
        double *y = r->y + step_of(s, day) * LANES, *w = r->w + step_of(s, day) * LANES;
        for (size_t i = 0; i < m; i++) {
            double v = (double)series->looks[k][at + i];
            bool there = v == v;
            double weight = series->weights ? 0.01 * series->weights[k][at + i] : 1.0;
            w[i] += there ? weight : 0.0;
            y[i] += there ? weight * v : 0.0;
            double away = day - since[i];
            l->gap[i] = there && peak && away > l->gap[i] ? away : l->gap[i];
            since[i] = there && peak ? day : since[i];
            l->in_peak[i] += there && peak;
        }
    }
    for (size_t i = 0; !series->after && i < LANES; i++)
        l->gap[i] = s->peak_to - since[i] > l->gap[i] ? s->peak_to - since[i] : l->gap[i];
    for (size_t k = 0; k < s->n_steps; k++)
        for (size_t i = 0; i < LANES; i++) {
            double *w = r->w + k * LANES + i, *y = r->y + k * LANES + i;
            bool there = *w > 0;
            *y = there ? *y / *w : 0.0;
            l->n[i] += there;
            l->first[i] = there && (double)k < l->first[i] ? (double)k : l->first[i];
            l->last[i] = there ? (double)k : l->last[i];
            l->sum[i] = there ? *y : l->sum[i];
        }
    /* Of a single step no curve can be made: a level one, and the same for lanes without any. */
    for (size_t k = 0; k < s->n_steps; k++)
        for (size_t i = 0; i < LANES; i++) {
            r->w[k * LANES + i] = l->n[i] < 2 ? 1.0 : r->w[k * LANES + i];
            r->y[k * LANES + i] = l->n[i] == 1 ? l->sum[i] : r->y[k * LANES + i];
        }
}

static void fit(const struct cao_smoothing *s, const struct room *r)
{
    if (s->method == CAO_SMOOTH_WHITTAKER && s->n_steps > 2)
        cao_smooth_whittaker(r->y, r->w, s->n_steps, s->lambda, r->more, r->z);
    else if (s->method == CAO_SMOOTH_SAVGOL)
        cao_smooth_savgol(r->y, s->n_steps, s->window, s->degree, r->z);
    else
        cao_smooth_linear(r->y, r->w, s->n_steps, r->more, r->z);
}

static void smooth(const struct cao_smoothing *s, const struct room *r)
{
    size_t all = s->n_steps * LANES;
    if (s->method == CAO_SMOOTH_SAVGOL) { /* stands on a series without gaps */
        cao_smooth_linear(r->y, r->w, s->n_steps, r->more, r->z);
        memcpy(r->y, r->z, all * sizeof *r->y);
    }
    fit(s, r);
    for (int32_t turn = 0; turn < s->envelope; turn++) {
        for (size_t i = 0; i < all; i++)
            r->y[i] = r->y[i] < r->z[i] ? r->z[i] : r->y[i];
        fit(s, r);
    }
}

static void take_max(const struct cao_smoothing *s, const struct room *r, const struct lanes *l,
                     double max[LANES], double day[LANES])
{
    for (size_t i = 0; i < LANES; i++) {
        max[i] = -HUGE_VAL;
        day[i] = (double)NAN;
    }
    for (size_t k = 0; k < s->n_steps; k++) {
        double at = (double)k * s->step_days;
        /* a look's own step may lie half a step outside of the peak */
        if (at < s->peak_from - s->step_days / 2 || at > s->peak_to + s->step_days / 2)
            continue;
        at = at < s->peak_from ? s->peak_from : at > s->peak_to ? s->peak_to : at;
        for (size_t i = 0; i < LANES; i++) {
            double v = r->z[k * LANES + i];
            bool takes = v > max[i] && (double)k >= l->first[i] && (double)k <= l->last[i];
            max[i] = takes ? v : max[i];
            day[i] = takes ? at : day[i];
        }
    }
}

void cao_smooth_max(const struct cao_smoothing *s, const struct cao_series *series, void *scratch,
                    float *restrict max, float *restrict day, float *restrict gap, size_t n)
{
    struct room r = { 0 };
    struct lanes l = { 0 };
    double most[LANES], when[LANES];
    (void)lay_out(s, scratch, &r);
    for (size_t at = 0; at < n; at += LANES) {
        size_t m = n - at < LANES ? n - at : LANES;
        load(s, series, at, m, &r, &l);
        smooth(s, &r);
        take_max(s, &r, &l, most, when);
        for (size_t i = 0; i < m; i++) {
            bool known = l.in_peak[i] > 0 && when[i] == when[i] && !(l.gap[i] > s->most_gap);
            float v = (float)most[i];
            v = v < s->low ? s->low : v > s->high ? s->high : v;
            max[at + i] = known ? v : NAN;
            day[at + i] = known ? (float)when[i] : NAN;
            gap[at + i] = (float)l.gap[i];
        }
    }
}
