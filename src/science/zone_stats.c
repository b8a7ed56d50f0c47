/* SPDX-License-Identifier: MIT
 * Numbers are added exactly. A tally holds what has been added lately, as whole numbers of a power of
 * two 2^base: those up to 44 bits long fit its window, and 256 of them, or of their half-length
 * products, add exactly in double, in vectors. What does not fit goes to the wide sums one by one. */
#include "caochu/zone_stats.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "science/vectors.h"

enum { RUN = 256, LANES = 8, WINDOW = 44, HALF = 22, HEADROOM = 4 };
enum { AHEAD = 6, FETCHED = 4 };    /* spans; lines of 64 bytes */
enum { SINGLE = 24, REDUCED = 36 }; /* significant bits of a value of a 32-bit, a 64-bit raster */
enum { LEAST_BASE = -160, WEIGHT_BASE = -40 };
#define WHOLE (INT64_C(1) << 40) /* quanta of a cell */
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

/* One value of weight k 2^weight_base, |k| < 2^44; the weight is counted elsewhere. */
static void add_value(struct tally *t, double x, int64_t k)
{
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

/* Cells of one weight that wait to be added together; NaN up to whole lanes. */
struct stage {
    int64_t quanta;
    int n;
    union {
        float v32[RUN];
        double v64[RUN];
    } at;
};

/* What a stage holds, 0 where there is no value. */
struct stretch {
    union {
        float v32[RUN];
        double v64[RUN];
    } x;
    int n_valid, n_beyond;
    double min, max, tiny; /* tiny: the least |x| above 0 */
};

static double lesser(double a, double b)
{
    return b < a ? b : a;
}

static double greater(double a, double b)
{
    return b > a ? b : a;
}

/* Lanes are written out so that both compilers put them in vectors; n is a multiple of LANES. */
CAO_VECTORS
static void load32(struct stretch *restrict s, const float *restrict v, int n)
{
    float low[LANES], high[LANES], tiny[LANES];
    int valid[LANES] = { 0 }, number[LANES] = { 0 };
    for (int k = 0; k < LANES; k++) {
        low[k] = tiny[k] = HUGE_VALF;
        high[k] = -HUGE_VALF;
    }
    for (int i = 0; i < n; i += LANES)
        for (int k = 0; k < LANES; k++) {
            float x = v[i + k], size = fabsf(x);
            int is = size <= FLT_MAX;
            float below = is ? x : HUGE_VALF, above = is ? x : -HUGE_VALF;
            float some = size > 0 ? size : HUGE_VALF;
            valid[k] += is;
            number[k] += x == x;
            low[k] = below < low[k] ? below : low[k];
            high[k] = above > high[k] ? above : high[k];
            tiny[k] = some < tiny[k] ? some : tiny[k];
            s->x.v32[i + k] = is ? x : 0.0f;
        }
    s->n_valid = s->n_beyond = 0;
    s->min = s->tiny = HUGE_VAL;
    s->max = -HUGE_VAL;
    for (int k = 0; k < LANES; k++) {
        s->n_valid += valid[k];
        s->n_beyond += number[k] - valid[k];
        s->min = lesser(s->min, (double)low[k]);
        s->max = greater(s->max, (double)high[k]);
        s->tiny = lesser(s->tiny, (double)tiny[k]);
    }
}

CAO_VECTORS
static void load64(struct stretch *restrict s, const double *restrict v, int n)
{
    double low[LANES], high[LANES], tiny[LANES], valid[LANES] = { 0 }, number[LANES] = { 0 };
    for (int k = 0; k < LANES; k++) {
        low[k] = tiny[k] = HUGE_VAL;
        high[k] = -HUGE_VAL;
    }
    for (int i = 0; i < n; i += LANES)
        for (int k = 0; k < LANES; k++) {
            double x = v[i + k], size = fabs(x);
            double below = size < beyond ? x : HUGE_VAL, above = size < beyond ? x : -HUGE_VAL;
            valid[k] += size < beyond ? 1.0 : 0.0;
            number[k] += x == x ? 1.0 : 0.0;
            low[k] = below < low[k] ? below : low[k];
            high[k] = above > high[k] ? above : high[k];
            x = reduce(size < beyond ? x : 0.0);
            size = x != 0 ? fabs(x) : HUGE_VAL;
            tiny[k] = size < tiny[k] ? size : tiny[k];
            s->x.v64[i + k] = x;
        }
    s->n_valid = s->n_beyond = 0;
    s->min = s->tiny = HUGE_VAL;
    s->max = -HUGE_VAL;
    for (int k = 0; k < LANES; k++) {
        s->n_valid += (int)valid[k];
        s->n_beyond += (int)(number[k] - valid[k]);
        s->min = lesser(s->min, low[k]);
        s->max = greater(s->max, high[k]);
        s->tiny = lesser(s->tiny, tiny[k]);
    }
}

/* Sums over a stretch, exact in double: of x, and of its square in two or three parts. */
struct totals {
    double sum, high, middle, low;
};

/* Compilers find no vectors for these by themselves: four sums at once. */
typedef double quad __attribute__((vector_size(32)));
typedef float quad32 __attribute__((vector_size(16)));

static inline double across(const quad *v)
{
    return ((*v)[0] + (*v)[1]) + ((*v)[2] + (*v)[3]);
}

/* The square of a number of 24 bits is exact in double; it is cut at 2^44 units. */
CAO_VECTORS
static void sum32(struct totals *t, const float *restrict x, int n, double unit, bool squares)
{
    const double cut = 0x1.8p96 * unit * unit;
    const quad magic = { cut, cut, cut, cut };
    quad sum = { 0 }, high = { 0 }, low = { 0 };
    for (int i = 0; i < n; i += 4) {
        quad32 v;
        memcpy(&v, x + i, sizeof v);
        quad d = __builtin_convertvector(v, quad);
        sum += d;
        if (squares) {
            quad q = d * d, h = (q + magic) - magic;
            high += h;
            low += q - h;
        }
    }
    *t = (struct totals){ across(&sum), across(&high), 0, across(&low) };
}

/* Numbers of up to 36 bits are cut at 2^22 units before they are multiplied. */
CAO_VECTORS
static void sum64(struct totals *t, const double *restrict x, int n, double unit, bool squares)
{
    const double cut = 0x1.8p74 * unit;
    const quad magic = { cut, cut, cut, cut };
    quad sum = { 0 }, hh = { 0 }, hl = { 0 }, ll = { 0 };
    for (int i = 0; i < n; i += 4) {
        quad d;
        memcpy(&d, x + i, sizeof d);
        sum += d;
        if (squares) {
            quad h = (d + magic) - magic, l = d - h;
            hh += h * h;
            hl += h * l;
            ll += l * l;
        }
    }
    *t = (struct totals){ across(&sum), across(&hh), across(&hl), across(&ll) };
}

static double value_at(const struct stretch *s, bool single, int i)
{
    return single ? (double)s->x.v32[i] : s->x.v64[i];
}

/* All of a stretch with one weight; the few that do not fit the window one by one. */
static void add_stretch(struct tally *t, struct stretch *s, int n, bool single, int64_t k)
{
    const double unit = ldexp(1, t->base), units = t->scale * t->scale;
    struct totals all;
    for (int i = 0; s->tiny * t->scale < t->least && i < n; i++) {
        double x = value_at(s, single, i);
        if (x == 0 || !(fabs(x) * t->scale < t->least))
            continue;
        add_value(t, x, k);
        if (single)
            s->x.v32[i] = 0;
        else
            s->x.v64[i] = 0;
    }
    if (single)
        sum32(&all, s->x.v32, n, unit, t->squares);
    else
        sum64(&all, s->x.v64, n, unit, t->squares);
    t->sum += (cao_int128)k * (int64_t)(all.sum * t->scale);
    t->hh += (cao_int128)k * (int64_t)(all.high * units * 0x1p-44);
    t->hl += (cao_int128)k * (int64_t)(all.middle * units * 0x1p-22);
    t->ll += (cao_int128)k * (int64_t)(all.low * units);
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

/* A cell with coverage times its own weight. */
static void add_weighted(struct tally *t, double x, double w, double coverage, int64_t quanta,
                         struct cao_zone_weighted *z)
{
    int f;
    if (!(w >= 0 && w < beyond_weight))
        return;
    z->valid += quanta;
    int64_t k = split_weight(w * coverage, &f);
    if (k == 0)
        return;
    for (; f < t->weight_base && k % 2 == 0; f++) /* most weights are short numbers */
        k /= 2;
    int shift = f - t->weight_base;
    if (shift < 0 || shift > 3) { /* to where weights of this size and a little more fit */
        flush(t);
        t->weight_base = f > -96 + 2 ? f - 2 : -96;
        shift = f - t->weight_base;
    }
    if (!t->set)
        aim(t, x != 0 ? fabs(x) : 1);
    k *= INT64_C(1) << shift;
    t->weight += k;
    add_value(t, x, k);
}

/* A zone's record on its way: what changes with each cell is kept at hand. */
struct adder {
    struct cao_zone_record *z;
    struct cao_zone_weighted *weighted;
    const struct cao_zone_field *f;
    struct tally plain, by_weight;
    struct stage stage;
    size_t row;                  /* of the window */
    int64_t row_area, row_valid; /* of rows with its ground area: quanta of 2^-40 cell */
    uint64_t n_valid, n_beyond;
    double min, max;
};

static void add_stage(struct adder *a)
{
    const bool single = a->f->values32 != NULL;
    struct stretch s;
    int n = a->stage.n;
    if (n == 0)
        return;
    for (; n % LANES; n++)
        if (single)
            a->stage.at.v32[n] = NAN;
        else
            a->stage.at.v64[n] = (double)NAN;
    if (single)
        load32(&s, a->stage.at.v32, n);
    else
        load64(&s, a->stage.at.v64, n);
    a->stage.n = 0;
    a->n_beyond += (uint64_t)s.n_beyond;
    if (s.n_valid == 0)
        return;
    a->min = lesser(a->min, s.min);
    a->max = greater(a->max, s.max);
    a->n_valid += (uint64_t)s.n_valid;
    a->row_valid += a->stage.quanta * s.n_valid;
    aim(&a->plain, greater(fabs(s.min), fabs(s.max)));
    add_stretch(&a->plain, &s, n, single, a->stage.quanta);
}

static void end_row(struct adder *a)
{
    struct cao_zone_record *z = a->z;
    add_stage(a);
    z->area += a->row_area;
    z->valid += a->row_valid;
    a->plain.weight += a->row_valid;
    if (a->f->row_areas) {
        int64_t ground = llrint(a->f->row_areas[a->row] * 0x1p16);
        z->area_m2 += (cao_int128)a->row_area * ground;
        z->valid_m2 += (cao_int128)a->row_valid * ground;
    }
    a->row_area = a->row_valid = 0;
}

/* Rows of one ground area, all of a raster that is not in degrees, are counted together. */
static void begin_row(struct adder *a, size_t row)
{
    const double *areas = a->f->row_areas;
    if ((areas && areas[row] != areas[a->row]) || a->row_area >= INT64_C(1) << 59)
        end_row(a);
    a->row = row;
}

static void add_cell(struct adder *a, size_t at, int64_t quanta)
{
    const struct cao_zone_field *f = a->f;
    double x = f->values32 ? (double)f->values32[at] : f->values64[at];
    if (!(fabs(x) < beyond)) {
        a->n_beyond += x == x;
        return;
    }
    a->min = x < a->min ? x : a->min;
    a->max = x > a->max ? x : a->max;
    a->n_valid++;
    a->row_valid += quanta;
    if (!a->plain.set)
        aim(&a->plain, x != 0 ? fabs(x) : 1);
    add_value(&a->plain, f->values32 ? x : reduce(x), quanta);
}

/* Cells from @p at on with one weight go to the stage. */
static void add_run(struct adder *a, size_t at, int32_t n, int64_t quanta)
{
    struct stage *g = &a->stage;
    if (g->quanta != quanta)
        add_stage(a);
    g->quanta = quanta;
    for (int32_t done = 0; done < n;) {
        int part = n - done < RUN - g->n ? n - done : RUN - g->n;
        size_t from = at + (size_t)done;
        if (a->f->values32)
            memcpy(g->at.v32 + g->n, a->f->values32 + from, (size_t)part * sizeof(float));
        else
            memcpy(g->at.v64 + g->n, a->f->values64 + from, (size_t)part * sizeof(double));
        g->n += part;
        done += part;
        if (g->n == RUN)
            add_stage(a);
    }
}

static void add_span(struct adder *a, const struct cao_span *span)
{
    const struct cao_zone_field *f = a->f;
    size_t row = (size_t)(span->row - f->window->row);
    size_t at = row * (size_t)f->window->cols + (size_t)(span->col - f->window->col);
    int64_t quanta = (int64_t)(span->weight * 0x1p40 + 0.5);
    if (row != a->row)
        begin_row(a, row);
    if (quanta == WHOLE || span->n >= LANES)
        add_run(a, at, span->n, quanta);
    else
        for (size_t k = at; k < at + (size_t)span->n; k++)
            add_cell(a, k, quanta);
    for (size_t k = at; a->weighted && k < at + (size_t)span->n; k++) {
        double x = f->values32 ? (double)f->values32[k] : f->values64[k];
        if (fabs(x) < beyond)
            add_weighted(&a->by_weight, f->values32 ? x : reduce(x), f->weights[k], span->weight,
                         quanta, a->weighted);
    }
    a->z->n_cells += (uint64_t)span->n;
    a->row_area += quanta * span->n;
}

/* A zone's rows lie far apart in a block larger than the caches: waiting for each row's first cells
 * was a third of all time. */
static void fetch_ahead(const struct cao_zone_field *f, const struct cao_span *span)
{
    const struct cao_window *w = f->window;
    size_t at = (size_t)(span->row - w->row) * (size_t)w->cols + (size_t)(span->col - w->col);
    if (f->values32)
        __builtin_prefetch(f->values32 + at);
    else
        __builtin_prefetch(f->values64 + at);
}

void cao_zone_record_add(struct cao_zone_record *z, struct cao_zone_weighted *weighted,
                         unsigned gather, const struct cao_span *spans, size_t n_spans,
                         const struct cao_zone_field *field)
{
    if (n_spans == 0)
        return;
    struct adder a; /* not initialised as one: its stage is large */
    a.z = z;
    a.weighted = weighted;
    a.f = field;
    a.plain = (struct tally){ .to = &z->moments,
                              .squares = gather & CAO_GATHER_SQUARES,
                              .weight_base = WEIGHT_BASE,
                              .bits = field->values32 ? SINGLE : REDUCED };
    a.stage.n = 0;
    a.stage.quanta = WHOLE;
    a.row = (size_t)(spans[0].row - field->window->row);
    a.row_area = a.row_valid = 0;
    a.n_valid = a.n_beyond = 0;
    a.min = HUGE_VAL;
    a.max = -HUGE_VAL;
    a.by_weight = a.plain;
    a.by_weight.to = weighted ? &weighted->moments : NULL;
    for (size_t i = 0; i < n_spans; i++) {
        fetch_ahead(field, i + AHEAD < n_spans ? &spans[i + AHEAD] : &spans[i]);
        add_span(&a, &spans[i]);
    }
    end_row(&a);
    flush(&a.plain);
    if (weighted)
        flush(&a.by_weight);
    if (a.n_valid) { /* -0 becomes 0, whichever of the two came first */
        z->min = z->n_valid == 0 || a.min < z->min ? a.min + 0.0 : z->min;
        z->max = z->n_valid == 0 || a.max > z->max ? a.max + 0.0 : z->max;
    }
    z->n_valid += a.n_valid;
    z->n_beyond += a.n_beyond;
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
