/* SPDX-License-Identifier: MIT
 * Numbers are added exactly. A tally holds what has been added lately, as whole numbers of a power of
 * two 2^base: those up to 44 bits long fit its window, and 256 of them, or of their half-length
 * products, add exactly in double, in vectors. What does not fit goes to the wide sums one by one. */
#include "caochu/zone_stats.h"

#include <math.h>
#include <string.h>

enum { RUN = 256, LANES = 8, WINDOW = 44, HALF = 22, HEADROOM = 4, SHORT = 6 };
enum { SINGLE = 24, REDUCED = 36 }; /* significant bits of a value of a 32-bit, a 64-bit raster */
enum { LEAST_BASE = -160, WEIGHT_BASE = -40 };
static const double beyond = 0x1p128, beyond_weight = 0x1p64;

struct tally {
    struct cao_moments *to;
    bool set, squares;
    int base, weight_base, bits;
    double scale; /* 2^-base */
    double least; /* of a scaled value that has no bits below 1 */
    cao_int128 weight, sum, hh, hl, ll;
};

static void flush(struct tally *t)
{
    cao_moments_add_weight(t->to, t->weight, t->weight_base);
    t->weight = 0;
    if (!t->set)
        return;
    int e = t->base, w = t->weight_base;
    cao_moments_add_sum(t->to, t->sum, e + w);
    cao_moments_add_square(t->to, t->hh, 2 * (e + HALF) + w);
    cao_moments_add_square(t->to, t->hl, 2 * e + HALF + 1 + w);
    cao_moments_add_square(t->to, t->ll, 2 * e + w);
    t->sum = t->hh = t->hl = t->ll = 0;
    t->set = false;
}

/* Place the window so that values of up to @p most fit with room to spare. */
static void aim(struct tally *t, double most)
{
    int exponent;
    if (t->set && most == 0)
        return;
    (void)frexp(most, &exponent);
    int base = exponent + HEADROOM - WINDOW;
    base = base < LEAST_BASE ? LEAST_BASE : base;
    if (t->set && most < ldexp(1, t->base + WINDOW) && base + 2 * HEADROOM >= t->base)
        return;
    flush(t);
    t->base = base;
    t->scale = ldexp(1, -base);
    t->least = base == LEAST_BASE ? 0 : ldexp(1, t->bits - 1);
    t->set = true;
}

/* x with at most 36 significant bits, none below 2^-160: depends on x alone. */
static double reduce(double x)
{
    double c = x * (0x1p17 + 1), r = c - (c - x);
    const double magic = 0x1.8p-108; /* has no bits below 2^-160 */
    return fabs(x) < 0x1p-124 ? (x + magic) - magic : r;
}

/* One cell of weight k 2^weight_base, |k| < 2^44. */
static void add_cell(struct tally *t, double x, int64_t k)
{
    t->weight += k;
    if (x == 0)
        return;
    double scaled = t->set ? x * t->scale : HUGE_VAL;
    if (fabs(scaled) < 0x1p44 && fabs(scaled) >= t->least) {
        int64_t m = (int64_t)scaled, h = (m + (INT64_C(1) << (HALF - 1))) >> HALF,
                l = m - h * (INT64_C(1) << HALF);
        t->sum += (cao_int128)k * m;
        if (t->squares) {
            t->hh += (cao_int128)k * (h * h);
            t->hl += (cao_int128)k * (h * l);
            t->ll += (cao_int128)k * (l * l);
        }
        return;
    }
    int e;
    int64_t m = (int64_t)ldexp(frexp(x, &e), REDUCED + 1);
    e -= REDUCED + 1;
    for (; m % 2 == 0; e++) /* so that tiny numbers stay above the lowest limb */
        m /= 2;
    cao_moments_add_sum(t->to, (cao_int128)k * m, e + t->weight_base);
    if (t->squares)
        cao_moments_add_square(t->to, (cao_int128)k * m * m, 2 * e + t->weight_base);
}

/* A stretch of values, as doubles, no data as NaN. */
struct stretch {
    double x[RUN];
    int n, n_valid;
    double most; /* the largest |x| */
};

/* Values of cells from @p at on; takes note of extremes and of what is beyond. */
static void load(struct stretch *s, const struct cao_zone_field *f, size_t at, int n,
                 struct cao_zone_record *z)
{
    double low[LANES], high[LANES];
    int valid[LANES] = { 0 }, is_number[LANES] = { 0 };
    s->n = n;
    if (f->values32)
        for (int i = 0; i < n; i++)
            s->x[i] = (double)f->values32[at + (size_t)i];
    else
        memcpy(s->x, f->values64 + at, (size_t)n * sizeof *s->x);
    int whole = n + (LANES - n % LANES) % LANES;
    for (int i = n; i < whole; i++)
        s->x[i] = (double)NAN;
    for (int k = 0; k < LANES; k++) {
        low[k] = HUGE_VAL;
        high[k] = -HUGE_VAL;
    }
    for (int i = 0; i < whole; i += LANES)
        for (int k = 0; k < LANES; k++) {
            double x = s->x[i + k];
            is_number[k] += x == x;
            x = fabs(x) < beyond ? x : (double)NAN;
            s->x[i + k] = x;
            valid[k] += x == x;
            low[k] = x < low[k] ? x : low[k];
            high[k] = x > high[k] ? x : high[k];
        }
    double min = HUGE_VAL, max = -HUGE_VAL;
    int n_valid = 0, n_numbers = 0;
    for (int k = 0; k < LANES; k++) {
        n_valid += valid[k];
        n_numbers += is_number[k];
        min = low[k] < min ? low[k] : min;
        max = high[k] > max ? high[k] : max;
    }
    s->n_valid = n_valid;
    s->most = n_valid ? fmax(fabs(min), fabs(max)) : 0;
    z->n_beyond += (uint64_t)(n_numbers - n_valid);
    if (n_valid) {
        z->min = z->n_valid == 0 || min < z->min ? min + 0.0 : z->min;
        z->max = z->n_valid == 0 || max > z->max ? max + 0.0 : z->max;
        z->n_valid += (uint64_t)n_valid;
    }
    if (f->values64)
        for (int i = 0; i < n; i++)
            s->x[i] = reduce(s->x[i]);
}

/* All of a stretch with one weight; the few that do not fit the window one by one. */
static void add_stretch(struct tally *t, struct stretch *s, int64_t k)
{
    const double scale = t->scale, least = t->least, magic = 0x1.8p74; /* no bits below 2^22 */
    double sum[LANES] = { 0 }, hh[LANES] = { 0 }, hl[LANES] = { 0 }, ll[LANES] = { 0 };
    int n_small[LANES] = { 0 }, small = 0;
    int whole = s->n + (LANES - s->n % LANES) % LANES;
    for (int i = s->n; i < whole; i++)
        s->x[i] = (double)NAN;
    for (int i = 0; i < whole; i += LANES)
        for (int j = 0; j < LANES; j++) {
            double x = s->x[i + j] * scale;
            bool fits = fabs(x) >= least;
            n_small[j] += (fabs(x) < least) & (x != 0);
            x = fits ? x : 0.0;
            double h = (x + magic) - magic, l = x - h;
            sum[j] += x;
            hh[j] += h * h;
            hl[j] += h * l;
            ll[j] += l * l;
        }
    double all = 0, all_hh = 0, all_hl = 0, all_ll = 0;
    for (int j = 0; j < LANES; j++) {
        all += sum[j];
        all_hh += hh[j];
        all_hl += hl[j];
        all_ll += ll[j];
        small += n_small[j];
    }
    t->weight += (cao_int128)k * s->n_valid;
    t->sum += (cao_int128)k * (int64_t)all;
    t->hh += (cao_int128)k * (int64_t)(all_hh * 0x1p-44);
    t->hl += (cao_int128)k * (int64_t)(all_hl * 0x1p-22);
    t->ll += (cao_int128)k * (int64_t)all_ll;
    for (int i = 0; small && i < s->n; i++)
        if (fabs(s->x[i]) * scale < least && s->x[i] != 0) {
            t->weight -= k; /* add_cell counts it again */
            add_cell(t, s->x[i], k);
            small--;
        }
}

/* The weight as k 2^f with k of at most 40 bits, no bits below 2^-96: depends on w alone. */
static int64_t split_weight(double w, int *f)
{
    int e;
    double m = frexp(w, &e);
    int bits = e + 96 < 40 ? e + 96 : 40;
    *f = e - bits;
    return bits > 0 ? llrint(ldexp(m, bits)) : 0;
}

/* Cells of the stretch, each with coverage times its own weight. */
static void add_weighted(struct tally *t, const struct stretch *s, const double *weights,
                         double coverage, int64_t quanta, struct cao_zone_weighted *z)
{
    for (int i = 0; i < s->n; i++) {
        double w = weights[i];
        int f;
        if (!(s->x[i] == s->x[i]) || !(w >= 0 && w < beyond_weight))
            continue;
        z->valid += quanta;
        int64_t k = split_weight(w * coverage, &f);
        if (k == 0)
            continue;
        for (; f < t->weight_base && k % 2 == 0; f++) /* most weights are short numbers */
            k /= 2;
        int shift = f - t->weight_base;
        if (shift < 0 || shift > 3) { /* to where weights of this size and a little more fit */
            flush(t);
            aim(t, s->most > 0 ? s->most : 1);
            t->weight_base = f > -96 + 2 ? f - 2 : -96;
            shift = f - t->weight_base;
        }
        add_cell(t, s->x[i], k * (INT64_C(1) << shift));
    }
}

static void add_span(struct cao_zone_record *z, struct cao_zone_weighted *weighted,
                     struct tally t[2], const struct cao_span *span, const struct cao_zone_field *f)
{
    const struct cao_window *w = f->window;
    size_t row = (size_t)(span->row - w->row),
           at = row * (size_t)w->cols + (size_t)(span->col - w->col);
    int64_t quanta = (int64_t)(span->weight * 0x1p40 + 0.5);
    cao_int128 ground = f->row_areas ? (cao_int128)quanta * llrint(f->row_areas[row] * 0x1p16) : 0;
    uint64_t before = z->n_valid;
    for (int32_t done = 0; done < span->n; done += RUN) {
        struct stretch s;
        int n = span->n - done < RUN ? span->n - done : RUN;
        load(&s, f, at + (size_t)done, n, z);
        if (s.n_valid == 0)
            continue;
        if (n >= SHORT || !t[0].set)
            aim(&t[0], s.most);
        if (n >= SHORT)
            add_stretch(&t[0], &s, quanta);
        for (int i = 0; n < SHORT && i < n; i++)
            if (s.x[i] == s.x[i])
                add_cell(&t[0], s.x[i], quanta);
        if (weighted) {
            if (n >= SHORT || !t[1].set)
                aim(&t[1], s.most);
            add_weighted(&t[1], &s, f->weights + at + (size_t)done, span->weight, quanta, weighted);
        }
    }
    cao_int128 n_valid = (cao_int128)(z->n_valid - before);
    z->n_cells += (uint64_t)span->n;
    z->area += (cao_int128)quanta * span->n;
    z->valid += quanta * n_valid;
    z->area_m2 += ground * span->n;
    z->valid_m2 += ground * n_valid;
}

void cao_zone_record_add(struct cao_zone_record *z, struct cao_zone_weighted *weighted,
                         unsigned gather, const struct cao_span *spans, size_t n_spans,
                         const struct cao_zone_field *field)
{
    struct tally t[2] = { { .to = &z->moments,
                            .squares = gather & CAO_GATHER_SQUARES,
                            .weight_base = WEIGHT_BASE,
                            .bits = field->values32 ? SINGLE : REDUCED } };
    t[1] = t[0];
    t[1].to = weighted ? &weighted->moments : NULL;
    for (size_t i = 0; i < n_spans; i++)
        add_span(z, weighted, t, &spans[i], field);
    flush(&t[0]);
    if (weighted)
        flush(&t[1]);
}

void cao_zone_record_merge(struct cao_zone_record *into, const struct cao_zone_record *from)
{
    if (from->n_valid) {
        into->min = into->n_valid == 0 || from->min < into->min ? from->min : into->min;
        into->max = into->n_valid == 0 || from->max > into->max ? from->max : into->max;
    }
    into->area += from->area;
    into->valid += from->valid;
    into->area_m2 += from->area_m2;
    into->valid_m2 += from->valid_m2;
    into->n_cells += from->n_cells;
    into->n_valid += from->n_valid;
    into->n_beyond += from->n_beyond;
    cao_moments_merge(&into->moments, &from->moments);
}

void cao_zone_weighted_merge(struct cao_zone_weighted *into, const struct cao_zone_weighted *from)
{
    into->valid += from->valid;
    cao_moments_merge(&into->moments, &from->moments);
}
