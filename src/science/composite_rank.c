/* SPDX-License-Identifier: MIT
 * Composites by rank, band by band: median and percentile. */
#include "science/composite_rows.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/lanes.h"

/* Cells of a row that are sorted side by side: rows of 30 looks then fill 8 kB. */
enum { LANES = 64 };

/* One comparison of a network: the lesser goes to row a, the greater to row b; only one of the two
 * where the other is not looked at any more. */
struct step {
    uint16_t a, b;
    uint16_t wants; /* bit 0: the lesser, bit 1: the greater */
};

/* Batcher's merge exchange (Knuth, TAOCP vol. 3, 5.2.2 M): which rows are compared depends on their
 * number alone, so all lanes are sorted at once. Writes the steps unless @p steps is NULL. */
static size_t make_network(size_t n, struct step *steps)
{
    size_t made = 0;
    for (size_t p = 1; p < n; p *= 2)
        for (size_t k = p; k >= 1; k /= 2)
            for (size_t j = k % p; j + k < n; j += 2 * k)
                for (size_t i = j; i < j + k && i + k < n; i++)
                    if (i / (2 * p) == (i + k) / (2 * p)) {
                        if (steps)
                            steps[made] = (struct step){ (uint16_t)i, (uint16_t)(i + k), 3 };
                        made++;
                    }
    return made;
}

/* Leave out what cannot reach the rows from low to high: a selection network. */
static size_t prune(struct step *steps, size_t n_steps, uint8_t *wanted, size_t n, size_t low,
                    size_t high)
{
    assert(steps && wanted);
    for (size_t i = 0; i < n; i++)
        wanted[i] = i >= low && i <= high;
    for (size_t s = n_steps; s-- > 0;) {
        struct step *p = &steps[s];
        p->wants = (uint16_t)(wanted[p->a] | wanted[p->b] << 1);
        if (p->wants)
            wanted[p->a] = wanted[p->b] = 1;
    }
    size_t kept = 0;
    for (size_t s = 0; s < n_steps; s++)
        if (steps[s].wants)
            steps[kept++] = steps[s];
    return kept;
}

/* One question for each output: of two answers to the same one the compiler makes a branch. */
CAO_LANES_PART void both(float *restrict a, float *restrict b)
{
    for (size_t i = 0; i < LANES; i++) {
        float x = a[i], y = b[i];
        a[i] = x < y ? x : y;
        b[i] = y < x ? x : y;
    }
}

CAO_LANES_PART void lesser(float *restrict a, const float *restrict b)
{
    for (size_t i = 0; i < LANES; i++)
        a[i] = a[i] < b[i] ? a[i] : b[i];
}

CAO_LANES_PART void greater(const float *restrict a, float *restrict b)
{
    for (size_t i = 0; i < LANES; i++)
        b[i] = a[i] < b[i] ? b[i] : a[i];
}

CAO_LANES_PART void run(const struct step *steps, size_t n_steps, float *rows)
{
    assert(rows);
    for (size_t s = 0; s < n_steps; s++) {
        float *a = rows + (size_t)steps[s].a * LANES, *b = rows + (size_t)steps[s].b * LANES;
        if (steps[s].wants == 3)
            both(a, b);
        else if (steps[s].wants == 1)
            lesser(a, b);
        else
            greater(a, b);
    }
}

/* The parts of the scratch: rows of lanes, steps, a mark per row. */
struct bench {
    float *rows;
    struct step *steps;
    uint8_t *marks;
};

static size_t lay_out(size_t n_looks, void *scratch, struct bench *b)
{
    size_t rows = (n_looks + 1) * LANES * sizeof(float);
    size_t steps = (make_network(n_looks, NULL) + 1) * sizeof(struct step);
    if (scratch) {
        b->rows = scratch;
        b->steps = (void *)((char *)scratch + rows);
        b->marks = (void *)((char *)scratch + rows + steps);
    }
    return rows + steps + n_looks + 1;
}

size_t cao_median_scratch(size_t n_looks)
{
    return lay_out(n_looks, NULL, NULL);
}

size_t cao_rank_scratch(size_t n_bands, size_t n_looks)
{
    (void)n_bands;
    return cao_median_scratch(n_looks);
}

/* A choice of floats by bits: where the mask is all ones, the first. */
CAO_LANES_PART float pick(uint32_t mask, float a, float b)
{
    uint32_t x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    x = (x & mask) | (y & ~mask);
    memcpy(&a, &x, sizeof a);
    return a;
}

/* Put m cells of each look into the rows and count what is there. What is not takes one of the ends:
 * with @p both_ends by turns, the upper first, so that the middle stays in the middle. */
CAO_LANES_PART void load(const float *const *looks, size_t n_looks, size_t at, size_t m,
                         bool both_ends, float *restrict rows, uint32_t *restrict count)
{
    float end[LANES];
    for (size_t i = 0; i < LANES; i++) {
        end[i] = INFINITY;
        count[i] = 0;
    }
    for (size_t k = 0; k < n_looks; k++) {
        float *restrict row = rows + k * LANES;
        const float *restrict look = looks[k] + at;
        for (size_t i = 0; i < m; i++) {
            float v = look[i];
            uint32_t there = v == v;
            row[i] = pick(-there, v + 0.0f, end[i]); /* -0 and 0 have no order of their own */
            if (both_ends)
                end[i] = pick(-there, end[i], -end[i]);
            count[i] += there;
        }
        for (size_t i = m; i < LANES; i++)
            row[i] = INFINITY;
    }
}

/* Of h - 1 and h, where h = looks / 2, either holds the middle or both are its sides: whatever is
 * missing was put to both ends by turns. */
CAO_LANES_PART void middle(const float *rows, size_t n_looks, const uint32_t *restrict count,
                           float *restrict out, size_t m)
{
    size_t h = n_looks / 2;
    assert(rows);
    const float *restrict high = rows + h * LANES, *restrict low = h > 0 ? high - LANES : high;
    const float *one = n_looks % 2 ? high : low;
    for (size_t i = 0; i < m; i++) {
        uint32_t odd = -(count[i] & 1), none = -(uint32_t)(count[i] == 0);
        float v = pick(odd, one[i], 0.5f * (low[i] + high[i]));
        out[i] = pick(none, NAN, v);
    }
}

CAO_LANES void cao_median(const float *const *looks, size_t n_looks, void *scratch,
                          float *restrict out, size_t n)
{
    struct bench b = { 0 };
    uint32_t count[LANES];
    (void)lay_out(n_looks, scratch, &b);
    size_t h = n_looks / 2, n_steps = make_network(n_looks, b.steps);
    n_steps = prune(b.steps, n_steps, b.marks, n_looks, h > 0 ? h - 1 : 0, h);
    for (size_t at = 0; at < n; at += LANES) {
        size_t m = n - at < LANES ? n - at : LANES;
        load(looks, n_looks, at, m, true, b.rows, count);
        run(b.steps, n_steps, b.rows);
        middle(b.rows, n_looks, count, out + at, m);
    }
}

static float ranked(const float *lane, uint32_t count, double share)
{
    if (count == 0)
        return NAN;
    assert(lane);
    double rank = share * (double)(count - 1);
    size_t below = (size_t)rank, above = below + 1 < count ? below + 1 : below;
    double low = (double)lane[below * LANES], high = (double)lane[above * LANES];
    return (float)(low + (rank - (double)below) * (high - low));
}

CAO_LANES void cao_percentile(const float *const *looks, size_t n_looks, double p, void *scratch,
                              float *restrict out, size_t n)
{
    struct bench b = { 0 };
    uint32_t count[LANES];
    (void)lay_out(n_looks, scratch, &b);
    size_t n_steps = make_network(n_looks, b.steps);
    for (size_t at = 0; at < n; at += LANES) {
        size_t m = n - at < LANES ? n - at : LANES;
        load(looks, n_looks, at, m, false, b.rows, count);
        run(b.steps, n_steps, b.rows);
        for (size_t i = 0; i < m; i++)
            out[at + i] = ranked(b.rows + i, count[i], p / 100);
    }
}

void cao_reduce_median(const struct cao_composite_settings *set, const struct cao_gathered *all,
                       float *const *band, uint16_t *restrict chosen, size_t n)
{
    (void)set;
    (void)chosen;
    for (size_t b = 0; b < all->n_bands; b++)
        cao_median(all->kept + b * all->n_looks, all->n_looks, all->scratch, band[b], n);
}

void cao_reduce_percentile(const struct cao_composite_settings *set, const struct cao_gathered *all,
                           float *const *band, uint16_t *restrict chosen, size_t n)
{
    (void)chosen;
    for (size_t b = 0; b < all->n_bands; b++)
        cao_percentile(all->kept + b * all->n_looks, all->n_looks, set->percentile, all->scratch,
                       band[b], n);
}
