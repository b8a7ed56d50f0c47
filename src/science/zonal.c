/* SPDX-License-Identifier: MIT
 * Adding that cannot lose or reorder: each term is rounded once to a multiple of the layer's
 * quantum; a run of multiples adds exactly in double, its total goes to 128-bit integers. */
#include "caochu/zonal.h"

#include <math.h>

#include "base/lanes.h"

enum { LANES = 8, RUN = 1024, AREA_BITS = 40 };

struct cao_zone_scale cao_zone_scale_for(double max_abs)
{
    int bits, bits_square;
    (void)frexp(max_abs, &bits);
    (void)frexp(max_abs * max_abs, &bits_square);
    /* RUN terms of up to 2^bits stay below 2^52 quanta, so their sum is exact */
    return (struct cao_zone_scale){ max_abs, 41 - bits, 41 - bits_square };
}

/* Sums on their way: exact in double for up to RUN cells, then given to the 128-bit ones. */
struct tally {
    double m_sum, m_square, weight_sum, weight_square; /* magic numbers; 2^q */
    double sum, square;
    float most, min, max;
    int cells;
    uint64_t n_clamped;
};

static void start(struct tally *t, const struct cao_zone_scale *s, const struct cao_zone_sum *z)
{
    /* x + 1.5 * 2^(52 - q) has no bits below 2^-q: taking it off again leaves x rounded */
    *t = (struct tally){ .m_sum = ldexp(1.5, 52 - s->q_sum),
                         .m_square = ldexp(1.5, 52 - s->q_square),
                         .weight_sum = ldexp(1, s->q_sum),
                         .weight_square = ldexp(1, s->q_square),
                         .most = (float)s->max_abs,
                         .min = z->valid ? z->min : HUGE_VALF,
                         .max = z->valid ? z->max : -HUGE_VALF };
}

static void flush(struct tally *t, struct cao_zone_sum *z)
{
    z->sum += llrint(t->sum * t->weight_sum);
    z->square += llrint(t->square * t->weight_square);
    t->sum = t->square = 0;
    t->cells = 0;
}

/* One value; 1 where there is one. */
static inline int add_cell(struct tally *t, float x, double weight)
{
    if (!(x == x))
        return 0;
    float c = x > t->most ? t->most : x < -t->most ? -t->most : x;
    double d = (double)c, w = weight * d;
    t->sum += (w + t->m_sum) - t->m_sum;
    t->square += (w * d + t->m_square) - t->m_square;
    t->n_clamped += c != x;
    t->min = x < t->min ? x : t->min;
    t->max = x > t->max ? x : t->max;
    return 1;
}

/* Whether a run is one number throughout: of what was seen or counted, most are. */
static inline __attribute__((always_inline)) int is_constant(const float *restrict v, int n)
{
    enum { AT_ONCE = 32 };
    const float first = v[0];
    int from = 0;
    for (; from + AT_ONCE <= n; from += AT_ONCE) {
        int32_t differ = 0;
        for (int k = 0; k < AT_ONCE; k++)
            differ |= -(v[from + k] != first); /* NaN too */
        if (differ)
            return 0;
    }
    for (; from < n; from++)
        if (v[from] != first)
            return 0;
    return 1;
}

/* At most RUN values, LANES at least, that are one number: n times the rounded term is the sum of n. */
static inline __attribute__((always_inline)) int add_constant(struct tally *t, float x, int n,
                                                              double weight)
{
    double sum = t->sum, square = t->square;
    t->sum = t->square = 0;
    (void)add_cell(t, x, weight);
    t->n_clamped += (x > t->most || x < -t->most) ? (uint64_t)n - 1 : 0;
    t->sum = sum + t->sum * n;
    t->square = square + t->square * n;
    return n;
}

/* At most RUN values of one weight, in lanes that the compiler can put in vectors. */
static inline __attribute__((always_inline)) int add_run(struct tally *t, const float *restrict v,
                                                         int n, double weight)
{
    double sum[LANES] = { 0 }, square[LANES] = { 0 };
    int valid[LANES] = { 0 }, clamped[LANES] = { 0 }, n_valid = 0, i = 0;
    float low[LANES], high[LANES];
    const double m_sum = t->m_sum, m_square = t->m_square;
    const float most = t->most;
    for (int k = 0; k < LANES; k++) {
        low[k] = t->min;
        high[k] = t->max;
    }
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++) {
            float x = v[i + k];
            int is = x == x;
            low[k] = x < low[k] ? x : low[k];
            high[k] = x > high[k] ? x : high[k];
            clamped[k] += (x > most) | (x < -most);
            float c = is ? x : 0.0f;
            c = c > most ? most : c;
            c = c < -most ? -most : c;
            double d = (double)c, w = weight * d;
            sum[k] += (w + m_sum) - m_sum;
            square[k] += (w * d + m_square) - m_square;
            valid[k] += is;
        }
    for (int k = 0; k < LANES; k++) {
        t->sum += sum[k];
        t->square += square[k];
        n_valid += valid[k];
        t->n_clamped += (uint64_t)clamped[k];
        t->min = low[k] < t->min ? low[k] : t->min;
        t->max = high[k] > t->max ? high[k] : t->max;
    }
    for (; i < n; i++)
        n_valid += add_cell(t, v[i], weight);
    return n_valid;
}

/* Areas on their way, in 63 bits: FLUSH cells of weight 2^40 fit. */
enum { FLUSH = 1 << 22 };

CAO_LANES void cao_zone_add(struct cao_zone_sum *z, const struct cao_zone_scale *scale,
                            const struct cao_span *spans, size_t n_spans, const float *values,
                            const struct cao_window *w)
{
    struct tally t;
    int64_t area = 0, valid = 0, cells = 0;
    start(&t, scale, z);
    for (size_t i = 0; i < n_spans; i++) {
        const struct cao_span *s = &spans[i];
        int64_t row = (int64_t)s->row - w->row, begin = (int64_t)s->col - w->col,
                end = begin + s->n;
        begin = begin < 0 ? 0 : begin;
        end = end > w->cols ? w->cols : end;
        if (row < 0 || row >= w->rows || begin >= end)
            continue;
        int64_t weight = (int64_t)(s->weight * 0x1p40 + 0.5);
        const float *line = values + row * w->cols;
        for (int64_t at = begin; at < end; at += RUN) {
            int n = (int)(end - at < RUN ? end - at : RUN), n_valid = 0;
            if (t.cells + n > RUN)
                flush(&t, z);
            t.cells += n;
            if (n >= LANES)
                n_valid = is_constant(line + at, n) ? add_constant(&t, line[at], n, s->weight)
                                                    : add_run(&t, line + at, n, s->weight);
            else /* most spans are single cells of a border */
                for (int k = 0; k < n; k++)
                    n_valid += add_cell(&t, line[at + k], s->weight);
            area += weight * n;
            valid += weight * n_valid;
            cells += n;
            if (cells >= FLUSH - RUN) {
                z->area += area;
                z->valid += valid;
                area = valid = cells = 0;
            }
        }
    }
    flush(&t, z);
    z->area += area;
    z->valid += valid;
    z->n_clamped += t.n_clamped;
    if (z->valid) { /* -0 becomes 0, whichever of the two came first */
        z->min = t.min + 0.0f;
        z->max = t.max + 0.0f;
    }
}

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

void cao_zone_label(const struct cao_span *spans, size_t n_spans, int32_t label,
                    const struct cao_window *w, int32_t *restrict labels, float *restrict weights)
{
    for (size_t i = 0; i < n_spans; i++) {
        const struct cao_span *s = &spans[i];
        int64_t row = (int64_t)s->row - w->row, begin = (int64_t)s->col - w->col,
                end = begin + s->n;
        begin = begin < 0 ? 0 : begin;
        end = end > w->cols ? w->cols : end;
        if (row < 0 || row >= w->rows)
            continue;
        float weight = (float)s->weight;
        for (int64_t k = row * w->cols + begin; k < row * w->cols + end; k++)
            if (weight > weights[k]) {
                labels[k] = label;
                weights[k] = weight;
            }
    }
}
