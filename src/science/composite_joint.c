/* SPDX-License-Identifier: MIT
 * Composites of all bands jointly: medoid and geometric median. Cells are worked on side by side, in
 * lanes, and no cell's result depends on its neighbours. */
#include "science/composite_rows.h"

#include <assert.h>
#include <math.h>

#include "base/lanes.h"

/* 30 looks of 5 bands then fill 19 kB, within the nearest cache. */
enum { LANES = 32 };

/* ---- medoid ---- */

struct medoid {
    float *value; /* [n_bands * n_looks][LANES], NaN where not clear */
    double *sum;  /* [n_looks][LANES] of distances to the others */
};

static size_t medoid_layout(size_t n_bands, size_t n_looks, void *scratch, struct medoid *m)
{
    size_t sums = (n_looks + 1) * LANES * sizeof(double);
    if (scratch) {
        m->sum = scratch;
        m->value = (void *)((char *)scratch + sums);
    }
    return sums + (n_bands * n_looks + 1) * LANES * sizeof(float);
}

size_t cao_medoid_scratch(size_t n_bands, size_t n_looks)
{
    return medoid_layout(n_bands, n_looks, NULL, NULL);
}

CAO_LANES_PART void load(const struct cao_gathered *all, size_t at, size_t m, float *restrict value)
{
    assert(value);
    for (size_t r = 0; r < all->n_bands * all->n_looks; r++) {
        const float *restrict from = all->kept[r] + at;
        float *restrict to = value + r * LANES;
        for (size_t i = 0; i < m; i++)
            to[i] = from[i];
        for (size_t i = m; i < LANES; i++)
            to[i] = NAN;
    }
}

/* Distances between looks a and b; 0 where one of them is not there. */
CAO_LANES_PART void distances(const struct medoid *m, size_t n_bands, size_t n_looks, size_t a,
                              size_t b, float *restrict d)
{
    for (size_t i = 0; i < LANES; i++)
        d[i] = 0;
    for (size_t band = 0; band < n_bands; band++) {
        const float *restrict x = m->value + (band * n_looks + a) * LANES;
        const float *restrict y = m->value + (band * n_looks + b) * LANES;
        for (size_t i = 0; i < LANES; i++) {
            float away = x[i] - y[i];
            d[i] += away * away;
        }
    }
    for (size_t i = 0; i < LANES; i++) {
        float root = sqrtf(d[i]);
        d[i] = root == root ? root : 0;
    }
}

/* Sums of floats are exact in doubles unless they differ by more than 2^29, so that which look wins does
 * not depend on the order of the others; a tie goes to the earlier one. */
CAO_LANES_PART void add_distances(const struct medoid *m, size_t n_bands, size_t n_looks)
{
    float d[LANES];
    assert(m->sum);
    for (size_t i = 0; i < n_looks * LANES; i++)
        m->sum[i] = 0;
    for (size_t a = 0; a < n_looks; a++)
        for (size_t b = a + 1; b < n_looks; b++) {
            double *restrict to_a = m->sum + a * LANES, *restrict to_b = m->sum + b * LANES;
            distances(m, n_bands, n_looks, a, b, d);
            for (size_t i = 0; i < LANES; i++)
                to_a[i] += (double)d[i];
            for (size_t i = 0; i < LANES; i++)
                to_b[i] += (double)d[i];
        }
}

/* The look of each lane with the least sum; CAO_NO_LOOK where none is there. */
CAO_LANES_PART void nearest_to_all(const struct medoid *m, size_t n_looks, int64_t *restrict best)
{
    double least[LANES];
    for (size_t i = 0; i < LANES; i++) {
        least[i] = HUGE_VAL;
        best[i] = CAO_NO_LOOK;
    }
    for (size_t k = 0; k < n_looks; k++) {
        const float *restrict v = m->value + k * LANES;
        const double *restrict sum = m->sum + k * LANES;
        for (size_t i = 0; i < LANES; i++) {
            double of_look = v[i] == v[i] ? sum[i] : HUGE_VAL;
            best[i] = of_look < least[i] ? (int64_t)k : best[i];
            least[i] = of_look < least[i] ? of_look : least[i];
        }
    }
}

CAO_LANES void cao_reduce_medoid(const struct cao_composite_settings *set,
                                 const struct cao_gathered *all, float *const *band,
                                 uint16_t *restrict chosen, size_t n)
{
    struct medoid m = { 0 };
    int64_t best[LANES];
    (void)set;
    (void)medoid_layout(all->n_bands, all->n_looks, all->scratch, &m);
    assert(m.value && m.sum);
    for (size_t at = 0; at < n; at += LANES) {
        size_t some = n - at < LANES ? n - at : LANES;
        load(all, at, some, m.value);
        add_distances(&m, all->n_bands, all->n_looks);
        nearest_to_all(&m, all->n_looks, best);
        for (size_t i = 0; i < some; i++)
            chosen[at + i] = (uint16_t)best[i];
        for (size_t b = 0; b < all->n_bands; b++) {
            const float *of_band = m.value + b * all->n_looks * LANES;
            for (size_t i = 0; i < some; i++)
                band[b][at + i] =
                    best[i] == CAO_NO_LOOK ? NAN : of_band[(size_t)best[i] * LANES + i];
        }
    }
}

/* ---- geometric median ---- */

/* In doubles: an iteration ends by a step of 1e-7. A lane whose cell has come to its end takes the next cell, so
 * that none waits for the slowest of its neighbours. */
struct geomedian {
    float *value; /* as in struct medoid */
    double *at, *next,
        *way;             /* [n_bands][LANES] the point, the weighted mean, sum of (look - point) /
                                distance */
    double weight[LANES]; /* sum of 1 / distance over looks that are not the point itself */
    double same[LANES];   /* looks that are the point itself */
    double moving[LANES]; /* 1 until the iteration has come to its end */
    int turns[LANES];     /* of the lane's cell so far */
    size_t cell[LANES];   /* SIZE_MAX: none is left */
    size_t next_cell;
};

static size_t geomedian_layout(size_t n_bands, size_t n_looks, void *scratch, struct geomedian *g)
{
    size_t point = (n_bands + 1) * LANES * sizeof(double);
    if (scratch) {
        g->at = scratch;
        g->next = (void *)((char *)scratch + point);
        g->way = (void *)((char *)scratch + 2 * point);
        g->value = (void *)((char *)scratch + 3 * point);
    }
    return 3 * point + (n_bands * n_looks + 1) * LANES * sizeof(float);
}

size_t cao_geomedian_scratch(size_t n_bands, size_t n_looks)
{
    return geomedian_layout(n_bands, n_looks, NULL, NULL);
}

/* A cell's looks into a lane, and their mean, from which the iteration sets out. How many there are. */
static double start(struct geomedian *g, const struct cao_gathered *all, size_t cell, size_t lane)
{
    double count = 0;
    for (size_t k = 0; k < all->n_looks; k++)
        count += all->kept[k][cell] == all->kept[k][cell];
    for (size_t b = 0; b < all->n_bands; b++) {
        double sum = 0;
        for (size_t k = 0; k < all->n_looks; k++) {
            size_t row = b * all->n_looks + k;
            float v = all->kept[row][cell];
            g->value[row * LANES + lane] = v;
            sum += v == v ? (double)v : 0.0;
        }
        g->at[b * LANES + lane] = sum / count;
    }
    return count;
}

static void put(const struct geomedian *g, double count, size_t cell, size_t lane,
                float *const *band, size_t n_bands)
{
    for (size_t b = 0; b < n_bands; b++)
        band[b][cell] = count > 0 ? (float)g->at[b * LANES + lane] : NAN;
}

/* The next cell that has two looks or more into a lane; those before it are told already. */
static void take_next(struct geomedian *g, const struct cao_gathered *all, size_t lane,
                      float *const *band, size_t n)
{
    while (g->next_cell < n) {
        size_t cell = g->next_cell++;
        double count = start(g, all, cell, lane);
        if (count > 1) {
            g->cell[lane] = cell;
            g->moving[lane] = 1;
            g->turns[lane] = 0;
            return;
        }
        put(g, count, cell, lane, band, all->n_bands);
    }
    g->cell[lane] = SIZE_MAX;
    for (size_t r = 0; r < all->n_bands * all->n_looks; r++)
        g->value[r * LANES + lane] = NAN;
}

/* A sum that the first of its parts sets: short arrays are not laid out with 0 first, which takes longer than what
 * follows. */
CAO_LANES_PART void add(double *sum, double part, bool first)
{
    *sum = first ? part : *sum + part;
}

/* What look k adds to the next point. */
CAO_LANES_PART void add_look(struct geomedian *g, size_t n_bands, size_t n_looks, size_t k,
                             bool first)
{
    double d[LANES];
    for (size_t b = 0; b < n_bands; b++) {
        const float *restrict v = g->value + (b * n_looks + k) * LANES;
        const double *restrict at = g->at + b * LANES;
        for (size_t i = 0; i < LANES; i++) {
            double away = (double)v[i] - at[i];
            add(&d[i], away * away, b == 0);
        }
    }
    for (size_t i = 0; i < LANES; i++) {
        double far = sqrt(d[i]), inverse = 1 / far;
        add(&g->same[i], far <= 1e-12, first);
        d[i] = far > 1e-12 ? inverse : 0.0; /* not there: NaN, and 0 */
        add(&g->weight[i], d[i], first);
    }
    for (size_t b = 0; b < n_bands; b++) {
        const float *restrict v = g->value + (b * n_looks + k) * LANES;
        double *restrict next = g->next + b * LANES;
        for (size_t i = 0; i < LANES; i++)
            add(&next[i], d[i] > 0 ? d[i] * (double)v[i] : 0.0, first);
    }
}

/* Vardi & Zhang: towards the weighted mean, but held back by looks that are the point itself. */
CAO_LANES_PART void move(struct geomedian *g, size_t n_bands)
{
    double pull[LANES], keep[LANES], farthest[LANES];
    for (size_t b = 0; b < n_bands; b++)
        for (size_t i = 0; i < LANES; i++) {
            size_t at = b * LANES + i;
            g->way[at] = g->next[at] - g->weight[i] * g->at[at];
            add(&pull[i], g->way[at] * g->way[at], b == 0);
        }
    for (size_t i = 0; i < LANES; i++) {
        double r = sqrt(pull[i]), held = g->same[i] / r;
        held = g->same[i] > 0 ? (held < 1 ? held : 1.0) : 0.0; /* of 0 / 0: does not move */
        keep[i] = g->moving[i] > 0 && g->weight[i] > 0 ? (1 - held) / g->weight[i] : 0.0;
    }
    for (size_t b = 0; b < n_bands; b++)
        for (size_t i = 0; i < LANES; i++) {
            size_t at = b * LANES + i;
            double step = keep[i] > 0 ? g->way[at] * keep[i] : 0.0, size = fabs(step);
            g->at[at] += step;
            farthest[i] = b == 0 || !(farthest[i] > size) ? size : farthest[i];
        }
    for (size_t i = 0; i < LANES; i++)
        g->moving[i] = farthest[i] > CAO_GEOMEDIAN_STEP ? g->moving[i] : 0.0;
}

CAO_LANES_PART void turn(struct geomedian *g, size_t n_bands, size_t n_looks)
{
    assert(n_bands > 0);
    for (size_t k = 0; k < n_looks; k++)
        if (k == 0)
            add_look(g, n_bands, n_looks, k, true);
        else
            add_look(g, n_bands, n_looks, k, false);
    move(g, n_bands);
}

/* Tell the lanes' cells that have come to their end, and take others. Whether any is left. */
static bool go_on(struct geomedian *g, const struct cao_gathered *all, float *const *band, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < LANES; i++) {
        if (g->cell[i] == SIZE_MAX)
            continue;
        if (!(g->moving[i] > 0) || ++g->turns[i] == CAO_GEOMEDIAN_MOST) {
            put(g, 2, g->cell[i], i, band, all->n_bands);
            take_next(g, all, i, band, n);
        }
        any |= g->cell[i] != SIZE_MAX;
    }
    return any;
}

CAO_LANES void cao_reduce_geomedian(const struct cao_composite_settings *set,
                                    const struct cao_gathered *all, float *const *band,
                                    uint16_t *restrict chosen, size_t n)
{
    struct geomedian g = { 0 };
    (void)set;
    (void)chosen;
    (void)geomedian_layout(all->n_bands, all->n_looks, all->scratch, &g);
    for (size_t i = 0; i < all->n_bands * LANES; i++)
        g.at[i] = 0;
    bool any = false;
    for (size_t i = 0; i < LANES; i++) {
        take_next(&g, all, i, band, n);
        any |= g.cell[i] != SIZE_MAX;
    }
    while (any) {
        turn(&g, all->n_bands, all->n_looks);
        any = go_on(&g, all, band, n);
    }
}
