/* SPDX-License-Identifier: MIT
 * Adding that cannot lose or reorder: each term is rounded once to a multiple of the layer's
 * quantum; a lot of multiples adds as whole numbers of 64 bits, its total goes to those of 128. */
#include "caochu/zonal.h"

#include <math.h>
#include <string.h>

#include "base/lanes.h"

enum { AREA_BITS = 40 };
#define WHOLE (INT64_C(1) << AREA_BITS)

struct cao_zone_scale cao_zone_scale_for(double max_abs)
{
    int bits, bits_square;
    (void)frexp(max_abs, &bits);
    (void)frexp(max_abs * max_abs, &bits_square);
    /* CAO_ZONE_LOT terms, of up to 2^41 quanta each, fit 64 bits */
    return (struct cao_zone_scale){ max_abs, 41 - bits, 41 - bits_square };
}

/* --- lots --- */

bool cao_zone_next(struct cao_zone_walk *walk, struct cao_zone_lot *lot)
{
    const struct cao_window *w = walk->window;
    uint32_t left = CAO_ZONE_LOT;
    lot->n_runs = lot->n_whole = lot->n_partial = 0;
    lot->partial_area = 0;
    while (walk->i < walk->n && left > 0) {
        const struct cao_span *s = &walk->spans[walk->i];
        int64_t row = (int64_t)s->row - w->row, begin = (int64_t)s->col - w->col,
                end = begin + s->n;
        begin = (begin < 0 ? 0 : begin) + walk->done;
        end = end > w->cols ? w->cols : end;
        if (row < 0 || row >= w->rows || begin >= end) {
            walk->i++;
            walk->done = 0;
            continue;
        }
        uint32_t at = (uint32_t)(row * w->cols + begin),
                 n = end - begin < left ? (uint32_t)(end - begin) : left;
        int64_t weight = (int64_t)(s->weight * 0x1p40 + 0.5);
        if (s->weight == 1.0) {
            lot->run[lot->n_runs++] = (struct cao_zone_run){ at, n };
            lot->n_whole += n;
        } else {
            for (uint32_t k = 0; k < n; k++) {
                lot->partial[lot->n_partial] = at + k;
                lot->weight[lot->n_partial] = s->weight;
                lot->quanta[lot->n_partial++] = weight;
            }
            lot->partial_area += weight * n;
        }
        left -= n;
        walk->done += n;
        if (begin + n == end) {
            walk->i++;
            walk->done = 0;
        }
    }
    return left < CAO_ZONE_LOT;
}

void cao_zone_take(const struct cao_zone_lot *lot, const float *restrict values,
                   float *restrict taken)
{
    for (size_t i = 0; i < lot->n_runs; i++) {
        const struct cao_zone_run *r = &lot->run[i];
        memcpy(taken, values + r->at, r->n * sizeof *taken);
        taken += r->n;
    }
    for (size_t i = 0; i < lot->n_partial; i++)
        taken[i] = values[lot->partial[i]];
}

void cao_zone_put(const struct cao_zone_lot *lot, const float *restrict taken,
                  float *restrict values)
{
    for (size_t i = 0; i < lot->n_runs; i++) {
        const struct cao_zone_run *r = &lot->run[i];
        memcpy(values + r->at, taken, r->n * sizeof *taken);
        taken += r->n;
    }
    for (size_t i = 0; i < lot->n_partial; i++)
        values[lot->partial[i]] = taken[i];
}

/* --- sums --- */

/* x + 1.5 * 2^(52 - q) has no bits below 2^-q, and its own bits, read as a whole number, are those of
 * 1.5 * 2^(52 - q) and x in quanta: taken off, the quanta are left. */
struct magic {
    double sum, square;
    int64_t sum_bits, square_bits;
};

/* Sums on their way, quanta: those of a lot fit 64 bits. */
struct tally {
    struct magic magic;
    float most, min, max;
    int64_t sum, square;
    int64_t valid; /* quanta of area */
    uint64_t n_clamped;
};

static inline int64_t bits_of(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* @p n cells of one value and one weight; whether there is a value. */
static inline bool add_cells(struct tally *t, float x, double weight, int64_t n)
{
    if (!(x == x))
        return false;
    float c = x > t->most ? t->most : x < -t->most ? -t->most : x;
    double d = (double)c, w = weight * d;
    t->sum += (bits_of(w + t->magic.sum) - t->magic.sum_bits) * n;
    t->square += (bits_of(w * d + t->magic.square) - t->magic.square_bits) * n;
    t->n_clamped += c != x ? (uint64_t)n : 0;
    t->min = x < t->min ? x : t->min;
    t->max = x > t->max ? x : t->max;
    return true;
}

/* Whether a run is one number throughout: of what was seen or counted, most are. */
static inline __attribute__((always_inline)) bool is_constant(const float *restrict v, size_t n)
{
    enum { AT_ONCE = 32 };
    const float first = v[0];
    size_t from = 0;
    for (; from + AT_ONCE <= n; from += AT_ONCE) {
        int32_t differ = 0;
        for (size_t k = 0; k < AT_ONCE; k++)
            differ |= -(v[from + k] != first); /* NaN too */
        if (differ)
            return false;
    }
    for (; from < n; from++)
        if (v[from] != first)
            return false;
    return true;
}

/* Compilers find no vectors for this by themselves: four cells at once. */
typedef float four __attribute__((vector_size(16)));
typedef int32_t four_signs __attribute__((vector_size(16)));
typedef double four_wide __attribute__((vector_size(32)));
typedef uint64_t four_quanta __attribute__((vector_size(32)));

/* Whole cells within the range, n a multiple of 4. */
static inline __attribute__((always_inline)) void add_fours(struct tally *t,
                                                            const float *restrict v, size_t n)
{
    const four_wide m_sum = { t->magic.sum, t->magic.sum, t->magic.sum, t->magic.sum };
    const four_wide m_square = { t->magic.square, t->magic.square, t->magic.square,
                                 t->magic.square };
    four_quanta sum = { 0 }, square = { 0 };
    four_signs valid = { 0 };
    for (size_t i = 0; i < n; i += 4) {
        four x;
        memcpy(&x, v + i, sizeof x);
        four_signs is = x == x;
        valid += is;
        four_wide d = __builtin_convertvector((four)((four_signs)x & is), four_wide);
        sum += (four_quanta)(d + m_sum);
        square += (four_quanta)(d * d + m_square);
    }
    int64_t n_valid = -((int64_t)valid[0] + valid[1] + valid[2] + valid[3]);
    uint64_t all = sum[0] + sum[1] + sum[2] + sum[3];
    t->sum += (int64_t)(all - n * (uint64_t)t->magic.sum_bits);
    all = square[0] + square[1] + square[2] + square[3];
    t->square += (int64_t)(all - n * (uint64_t)t->magic.square_bits);
    t->valid += WHOLE * n_valid;
}

typedef float eight __attribute__((vector_size(32)));
typedef int32_t eight_signs __attribute__((vector_size(32)));
enum { LANES = 8 };

/* The least and the largest of n values, a multiple of LANES; NaN is passed over. */
static inline __attribute__((always_inline)) void range_of(const float *restrict v, size_t n,
                                                           float *least, float *most)
{
    eight low, high;
    for (size_t k = 0; k < LANES; k++) {
        low[k] = HUGE_VALF;
        high[k] = -HUGE_VALF;
    }
    for (size_t i = 0; i < n; i += LANES) {
        eight_signs x, is;
        memcpy(&x, v + i, sizeof x);
        is = (eight)x < low;
        low = (eight)((x & is) | ((eight_signs)low & ~is));
        is = (eight)x > high;
        high = (eight)((x & is) | ((eight_signs)high & ~is));
    }
    *least = HUGE_VALF;
    *most = -HUGE_VALF;
    for (size_t k = 0; k < LANES; k++) {
        *least = low[k] < *least ? low[k] : *least;
        *most = high[k] > *most ? high[k] : *most;
    }
}

static inline __attribute__((always_inline)) void add_whole(struct tally *t,
                                                            const float *restrict v, size_t n)
{
    size_t in_lanes = n / LANES * LANES;
    float least, most;
    range_of(v, in_lanes, &least, &most);
    if (most > t->most || least < -t->most) { /* some are to be clamped */
        in_lanes = 0;
    } else {
        add_fours(t, v, in_lanes);
        t->min = least < t->min ? least : t->min;
        t->max = most > t->max ? most : t->max;
    }
    for (size_t i = in_lanes; i < n; i++)
        t->valid += add_cells(t, v[i], 1, 1) ? WHOLE : 0;
}

CAO_LANES void cao_zone_add_lot(struct cao_zone_sum *z, const struct cao_zone_scale *scale,
                                const struct cao_zone_lot *lot, const float *taken)
{
    const size_t n = lot->n_whole;
    const double sum = ldexp(1.5, 52 - scale->q_sum), square = ldexp(1.5, 52 - scale->q_square);
    struct tally t = { .magic = { sum, square, bits_of(sum), bits_of(square) },
                       .most = (float)scale->max_abs,
                       .min = z->valid ? z->min : HUGE_VALF,
                       .max = z->valid ? z->max : -HUGE_VALF };
    if (n > 0 && is_constant(taken, n))
        t.valid += add_cells(&t, taken[0], 1, (int64_t)n) ? WHOLE * (int64_t)n : 0;
    else
        add_whole(&t, taken, n);
    for (size_t i = 0; i < lot->n_partial; i++)
        t.valid += add_cells(&t, taken[n + i], lot->weight[i], 1) ? lot->quanta[i] : 0;
    z->sum += t.sum;
    z->square += t.square;
    z->area += WHOLE * (int64_t)n + lot->partial_area;
    z->valid += t.valid;
    z->n_clamped += t.n_clamped;
    if (z->valid) { /* -0 becomes 0, whichever of the two came first */
        z->min = t.min + 0.0f;
        z->max = t.max + 0.0f;
    }
}

void cao_zone_add(struct cao_zone_sum *z, const struct cao_zone_scale *scale,
                  const struct cao_span *spans, size_t n_spans, const float *values,
                  const struct cao_window *w)
{
    struct cao_zone_walk walk = { spans, n_spans, w, 0, 0 };
    struct cao_zone_lot lot;
    float taken[CAO_ZONE_LOT];
    while (cao_zone_next(&walk, &lot)) {
        cao_zone_take(&lot, values, taken);
        cao_zone_add_lot(z, scale, &lot, taken);
    }
}

/* Areas on their way, in 63 bits: FLUSH cells of weight 2^40 fit. */
enum { FLUSH = 1 << 22 };

CAO_LANES static uint32_t count_equal(const uint8_t *restrict classes, size_t n, uint8_t k)
{
    enum { PIECE = 4096 };
    uint32_t cells = 0;
    for (size_t at = 0; at < n; at += PIECE) {
        size_t m = n - at < PIECE ? n - at : PIECE;
        const uint8_t *restrict from = classes + at;
        uint16_t is = 0;
        for (size_t i = 0; i < m; i++)
            is = (uint16_t)(is + (from[i] == k));
        cells += is;
    }
    return cells;
}

/* Class by class, in vectors, which one tally by value does not allow: first that of the first cell, which
 * most runs hold alone, then the others until all cells are found. */
static void count_run(const uint8_t *classes, size_t n, size_t n_classes, int64_t weight,
                      int64_t *counts)
{
    size_t found = count_equal(classes, n, classes[0]);
    counts[classes[0]] += weight * (int64_t)found;
    for (size_t k = 0; found < n && k < n_classes; k++) {
        uint32_t cells = k == classes[0] ? 0 : count_equal(classes, n, (uint8_t)k);
        counts[k] += weight * cells;
        found += cells;
    }
}

void cao_zone_count(cao_int128 *counts, size_t n_classes, const struct cao_span *spans,
                    size_t n_spans, const uint8_t *classes, const struct cao_window *w)
{
    enum { MOST = 32, SHORT = 12 };
    int64_t here[MOST] = { 0 }, cells = 0;
    for (size_t i = 0; i < n_spans; i++) {
        const struct cao_span *s = &spans[i];
        int64_t row = (int64_t)s->row - w->row, begin = (int64_t)s->col - w->col,
                end = begin + s->n;
        begin = begin < 0 ? 0 : begin;
        end = end > w->cols ? w->cols : end;
        if (row < 0 || row >= w->rows || begin >= end)
            continue;
        const uint8_t *line = classes + row * w->cols;
        int64_t weight = (int64_t)(s->weight * 0x1p40 + 0.5);
        for (int64_t at = begin, next; at < end; at = next) {
            next = end - at < FLUSH ? end : at + FLUSH;
            cells += next - at;
            for (size_t k = 0; cells > FLUSH && k < n_classes; k++) {
                counts[k] += here[k];
                here[k] = 0;
            }
            cells = cells > FLUSH ? next - at : cells;
            if (next - at > SHORT)
                count_run(line + at, (size_t)(next - at), n_classes, weight, here);
            else /* most spans are single cells of a border */
                for (int64_t c = at; c < next; c++)
                    here[line[c] % MOST] += weight;
        }
    }
    for (size_t k = 0; k < n_classes; k++)
        counts[k] += here[k];
}

void cao_zone_merge(struct cao_zone_sum *into, const struct cao_zone_sum *from)
{
    if (from->valid != 0) {
        into->min = into->valid == 0 || from->min < into->min ? from->min : into->min;
        into->max = into->valid == 0 || from->max > into->max ? from->max : into->max;
    }
    into->area += from->area;
    into->valid += from->valid;
    into->sum += from->sum;
    into->square += from->square;
    into->n_clamped += from->n_clamped;
}

static double quanta(cao_int128 n, int q)
{
    return ldexp((double)n, -q);
}

double cao_zone_cells(cao_int128 n)
{
    return quanta(n, AREA_BITS);
}

double cao_zone_area(const struct cao_zone_sum *z)
{
    return quanta(z->area, AREA_BITS);
}

double cao_zone_valid(const struct cao_zone_sum *z)
{
    return quanta(z->valid, AREA_BITS);
}

double cao_zone_total(const struct cao_zone_sum *z, const struct cao_zone_scale *scale)
{
    return quanta(z->sum, scale->q_sum);
}

double cao_zone_mean(const struct cao_zone_sum *z, const struct cao_zone_scale *scale)
{
    return z->valid > 0 ? cao_zone_total(z, scale) / cao_zone_valid(z) : (double)NAN;
}

double cao_zone_stdev(const struct cao_zone_sum *z, const struct cao_zone_scale *scale)
{
    if (z->valid <= 0)
        return (double)NAN;
    double mean = cao_zone_mean(z, scale);
    double variance = quanta(z->square, scale->q_square) / cao_zone_valid(z) - mean * mean;
    return variance > 0 ? sqrt(variance) : 0;
}

CAO_LANES static void label_run(float weight, int32_t label, int32_t *restrict labels,
                                float *restrict weights, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool more = weight > weights[i];
        labels[i] = more ? label : labels[i];
        weights[i] = more ? weight : weights[i];
    }
}

void cao_zone_label(const struct cao_span *spans, size_t n_spans, int32_t label,
                    const struct cao_window *w, int32_t *restrict labels, float *restrict weights)
{
    for (size_t i = 0; i < n_spans; i++) {
        const struct cao_span *s = &spans[i];
        int64_t row = (int64_t)s->row - w->row, begin = (int64_t)s->col - w->col,
                end = begin + s->n;
        begin = begin < 0 ? 0 : begin;
        end = end > w->cols ? w->cols : end;
        if (row < 0 || row >= w->rows || begin >= end)
            continue;
        size_t at = (size_t)(row * w->cols + begin), n = (size_t)(end - begin);
        if (n > 1)
            label_run((float)s->weight, label, labels + at, weights + at, n);
        else if ((float)s->weight > weights[at]) { /* most spans are single cells of a border */
            labels[at] = label;
            weights[at] = (float)s->weight;
        }
    }
}
