/* SPDX-License-Identifier: MIT */
#include "caochu/exact_sum.h"

#include <math.h>
#include <string.h>

enum { BITS = 32, LOW_WEIGHT = -96, LOW_SUM = -256, LOW_SQUARE = -416, MOST_ADDED = 1 << 24 };
static const uint64_t mask = (UINT64_C(1) << BITS) - 1;

__extension__ typedef unsigned __int128 wide;

static void carry(int64_t *limb, int n)
{
    int64_t over = 0;
    for (int i = 0; i < n - 1; i++) {
        int64_t t = limb[i] + over;
        limb[i] = (int64_t)((uint64_t)t & mask);
        over = t >> BITS; /* of negative numbers too: gcc and clang shift the sign in */
    }
    limb[n - 1] += over;
}

void cao_moments_settle(struct cao_moments *m)
{
    carry(m->weight, CAO_LIMBS_WEIGHT);
    carry(m->sum, CAO_LIMBS_SUM);
    carry(m->square, CAO_LIMBS_SQUARE);
    m->n_added = 0;
}

/* Each add changes a limb by less than 2^34, so 2^24 of them stay far from 2^63. */
static void add(struct cao_moments *m, int64_t *limb, cao_int128 v, int position)
{
    if (v == 0)
        return;
    if (++m->n_added >= MOST_ADDED)
        cao_moments_settle(m);
    int64_t sign = v < 0 ? -1 : 1;
    wide u = v < 0 ? (wide)-v : (wide)v;
    wide low = (wide)(uint64_t)u << (position % BITS), high = (u >> 64) << (position % BITS);
    int64_t *at = limb + position / BITS;
    at[0] += sign * (int64_t)((uint64_t)low & mask);
    at[1] += sign * (int64_t)((uint64_t)(low >> BITS) & mask);
    uint64_t third = (uint64_t)(low >> 64) + ((uint64_t)high & mask);
    if (third)
        at[2] += sign * (int64_t)third;
    if (high >> BITS)
        at[3] += sign * (int64_t)((uint64_t)(high >> BITS) & mask);
    if (high >> 64)
        at[4] += sign * (int64_t)(high >> 64);
}

void cao_moments_add_weight(struct cao_moments *m, cao_int128 v, int exponent)
{
    add(m, m->weight, v, exponent - LOW_WEIGHT);
}

void cao_moments_add_sum(struct cao_moments *m, cao_int128 v, int exponent)
{
    add(m, m->sum, v, exponent - LOW_SUM);
}

void cao_moments_add_square(struct cao_moments *m, cao_int128 v, int exponent)
{
    add(m, m->square, v, exponent - LOW_SQUARE);
}

static void merge(int64_t *into, const int64_t *from, int n)
{
    for (int i = 0; i < n; i++)
        into[i] += from[i];
}

void cao_moments_merge(struct cao_moments *into, const struct cao_moments *from)
{
    merge(into->weight, from->weight, CAO_LIMBS_WEIGHT);
    merge(into->sum, from->sum, CAO_LIMBS_SUM);
    merge(into->square, from->square, CAO_LIMBS_SQUARE);
    uint64_t n = (uint64_t)into->n_added + from->n_added + 1;
    into->n_added = n < MOST_ADDED ? (uint32_t)n : MOST_ADDED;
    if (n >= MOST_ADDED)
        cao_moments_settle(into);
}

/* An unevaluated sum of two doubles: 106 bits (Dekker 1971). */
struct twofold {
    double high, low;
};

static struct twofold two_sum(double a, double b)
{
    double s = a + b, t = s - a;
    return (struct twofold){ s, (a - (s - t)) + (b - t) };
}

static struct twofold times(struct twofold a, struct twofold b)
{
    double p = a.high * b.high;
    double low = fma(a.high, b.high, -p) + (a.high * b.low + a.low * b.high);
    return two_sum(p, low);
}

static struct twofold minus(struct twofold a, struct twofold b)
{
    struct twofold s = two_sum(a.high, -b.high);
    return two_sum(s.high, s.low + (a.low - b.low));
}

static struct twofold value(const int64_t *limbs, int n, int low)
{
    int64_t limb[CAO_LIMBS_SQUARE];
    memcpy(limb, limbs, (size_t)n * sizeof *limb);
    carry(limb, n);
    double sign = limb[n - 1] < 0 ? -1 : 1;
    if (limb[n - 1] < 0) {
        for (int i = 0; i < n; i++)
            limb[i] = -limb[i];
        carry(limb, n);
    }
    int top = n - 1;
    while (top > 0 && limb[top] == 0)
        top--;
    struct twofold sum = { 0, 0 };
    for (int i = top; i >= 0 && i > top - 5; i--) { /* at least 129 bits */
        struct twofold s = two_sum(sum.high, sign * ldexp((double)limb[i], low + BITS * i));
        sum = two_sum(s.high, s.low + sum.low);
    }
    return sum;
}

double cao_moments_weight(const struct cao_moments *m)
{
    return value(m->weight, CAO_LIMBS_WEIGHT, LOW_WEIGHT).high;
}

double cao_moments_sum(const struct cao_moments *m)
{
    return value(m->sum, CAO_LIMBS_SUM, LOW_SUM).high;
}

double cao_moments_mean(const struct cao_moments *m)
{
    double w = cao_moments_weight(m);
    return w > 0 ? cao_moments_sum(m) / w : (double)NAN;
}

double cao_moments_variance(const struct cao_moments *m)
{
    struct twofold w = value(m->weight, CAO_LIMBS_WEIGHT, LOW_WEIGHT);
    struct twofold s = value(m->sum, CAO_LIMBS_SUM, LOW_SUM);
    struct twofold q = value(m->square, CAO_LIMBS_SQUARE, LOW_SQUARE);
    if (!(w.high > 0))
        return (double)NAN;
    struct twofold scatter = minus(times(q, w), times(s, s));
    double variance = scatter.high / w.high / w.high;
    /* what 106 bits cannot tell from no scatter at all is none */
    double noise = ldexp(s.high / w.high * (s.high / w.high), -98);
    return variance > noise ? variance : 0;
}
