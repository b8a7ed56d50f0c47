/* SPDX-License-Identifier: MIT
 * Composites of all bands jointly: medoid and geometric median. Cells are worked on side by side, in
 * lanes, and no cell's result depends on its neighbours. */
#include "science/composite_rows.h"

#include <assert.h>
#include <math.h>

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

static void load(const struct cao_gathered *all, size_t at, size_t m, float *restrict value)
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
static void distances(const struct medoid *m, size_t n_bands, size_t n_looks, size_t a, size_t b,
                      float *restrict d)
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
static void add_distances(const struct medoid *m, size_t n_bands, size_t n_looks)
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

static uint16_t nearest_to_all(const struct medoid *m, size_t n_looks, size_t lane)
{
    uint16_t best = CAO_NO_LOOK;
    double least = HUGE_VAL;
    for (size_t k = 0; k < n_looks; k++) {
        float v = m->value[k * LANES + lane];
        double sum = m->sum[k * LANES + lane];
        if (v == v && sum < least) {
            least = sum;
            best = (uint16_t)k;
        }
    }
    return best;
}

void cao_reduce_medoid(const struct cao_composite_settings *set, const struct cao_gathered *all,
                       float *const *band, uint16_t *restrict chosen, size_t n)
{
    struct medoid m = { 0 };
    (void)set;
    (void)medoid_layout(all->n_bands, all->n_looks, all->scratch, &m);
    assert(m.value && m.sum);
    for (size_t at = 0; at < n; at += LANES) {
        size_t some = n - at < LANES ? n - at : LANES;
        load(all, at, some, m.value);
        add_distances(&m, all->n_bands, all->n_looks);
        for (size_t i = 0; i < some; i++) {
            uint16_t k = nearest_to_all(&m, all->n_looks, i);
            chosen[at + i] = k;
            for (size_t b = 0; b < all->n_bands; b++)
                band[b][at + i] =
                    k == CAO_NO_LOOK ? NAN : m.value[(b * all->n_looks + k) * LANES + i];
        }
    }
}

/* ---- geometric median ---- */

/* In doubles: an iteration ends by a step of 1e-7. */
struct geomedian {
    float *value; /* as in struct medoid */
    double *at, *next,
        *way;             /* [n_bands][LANES] the point, the weighted mean, sum of (look - point) /
                                distance */
    double weight[LANES]; /* sum of 1 / distance over looks that are not the point itself */
    double same[LANES];   /* looks that are the point itself */
    double moving[LANES]; /* 1 until the iteration has come to its end */
    double count[LANES];
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

/* The mean, from which the iteration sets out. */
static void start(struct geomedian *g, size_t n_bands, size_t n_looks)
{
    for (size_t i = 0; i < LANES; i++)
        g->count[i] = 0;
    for (size_t k = 0; k < n_looks; k++)
        for (size_t i = 0; i < LANES; i++) {
            float v = g->value[k * LANES + i];
            g->count[i] += v == v;
        }
    for (size_t b = 0; b < n_bands; b++) {
        double *restrict at = g->at + b * LANES;
        for (size_t i = 0; i < LANES; i++)
            at[i] = 0;
        for (size_t k = 0; k < n_looks; k++) {
            const float *restrict v = g->value + (b * n_looks + k) * LANES;
            for (size_t i = 0; i < LANES; i++)
                at[i] += v[i] == v[i] ? (double)v[i] : 0.0;
        }
        for (size_t i = 0; i < LANES; i++)
            at[i] /= g->count[i];
    }
    for (size_t i = 0; i < LANES; i++)
        g->moving[i] = g->count[i] > 1;
}

/* What look k adds to the next point. */
static void add_look(struct geomedian *g, size_t n_bands, size_t n_looks, size_t k)
{
    double d[LANES];
    for (size_t i = 0; i < LANES; i++)
        d[i] = 0;
    for (size_t b = 0; b < n_bands; b++) {
        const float *restrict v = g->value + (b * n_looks + k) * LANES;
        const double *restrict at = g->at + b * LANES;
        for (size_t i = 0; i < LANES; i++) {
            double away = (double)v[i] - at[i];
            d[i] += away * away;
        }
    }
    for (size_t i = 0; i < LANES; i++) {
        double far = sqrt(d[i]), inverse = 1 / far;
        g->same[i] += far <= 1e-12;
        d[i] = far > 1e-12 ? inverse : 0.0; /* not there: NaN, and 0 */
        g->weight[i] += d[i];
    }
    for (size_t b = 0; b < n_bands; b++) {
        const float *restrict v = g->value + (b * n_looks + k) * LANES;
        double *restrict next = g->next + b * LANES;
        for (size_t i = 0; i < LANES; i++)
            next[i] += d[i] > 0 ? d[i] * (double)v[i] : 0.0;
    }
}

/* Vardi & Zhang: towards the weighted mean, but held back by looks that are the point itself. A lane
 * that has come to its end stays, whatever the others do. Returns whether any goes on. */
static bool move(struct geomedian *g, size_t n_bands)
{
    double pull[LANES], keep[LANES], farthest[LANES];
    for (size_t i = 0; i < LANES; i++)
        pull[i] = farthest[i] = 0;
    for (size_t b = 0; b < n_bands; b++)
        for (size_t i = 0; i < LANES; i++) {
            size_t at = b * LANES + i;
            g->way[at] = g->next[at] - g->weight[i] * g->at[at];
            pull[i] += g->way[at] * g->way[at];
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
            farthest[i] = farthest[i] > size ? farthest[i] : size;
        }
    double any = 0;
    for (size_t i = 0; i < LANES; i++) {
        g->moving[i] = farthest[i] > CAO_GEOMEDIAN_STEP ? g->moving[i] : 0.0;
        any += g->moving[i];
    }
    return any > 0;
}

static void iterate(struct geomedian *g, size_t n_bands, size_t n_looks)
{
    bool any = true;
    for (int turn = 0; any && turn < CAO_GEOMEDIAN_MOST; turn++) {
        for (size_t i = 0; i < LANES; i++)
            g->weight[i] = g->same[i] = 0;
        for (size_t i = 0; i < n_bands * LANES; i++)
            g->next[i] = 0;
        for (size_t k = 0; k < n_looks; k++)
            add_look(g, n_bands, n_looks, k);
        any = move(g, n_bands);
    }
}

void cao_reduce_geomedian(const struct cao_composite_settings *set, const struct cao_gathered *all,
                          float *const *band, uint16_t *restrict chosen, size_t n)
{
    struct geomedian g = { 0 };
    (void)set;
    (void)chosen;
    (void)geomedian_layout(all->n_bands, all->n_looks, all->scratch, &g);
    for (size_t at = 0; at < n; at += LANES) {
        size_t some = n - at < LANES ? n - at : LANES;
        load(all, at, some, g.value);
        start(&g, all->n_bands, all->n_looks);
        iterate(&g, all->n_bands, all->n_looks);
        for (size_t b = 0; b < all->n_bands; b++)
            for (size_t i = 0; i < some; i++)
                band[b][at + i] = g.count[i] > 0 ? (float)g.at[b * LANES + i] : NAN;
    }
}
