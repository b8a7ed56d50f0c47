/* SPDX-License-Identifier: MIT */
#include "vector/simple_rings.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RINGS = 48, MOST_ENTRIES_PER_EDGE = 8, MOST_PAIRS_PER_EDGE = 64 };

struct box {
    double x0, y0, x1, y1;
};

struct edges {
    const struct cao_rings *r;
    struct box *box;         /* of each edge; edge i begins at point i */
    uint32_t *next;          /* the point that it ends at */
    uint32_t *first, *entry; /* of each strip; edges by strip */
    uint32_t *spare;         /* room for the edges of a strip */
    size_t n, n_strips;
    double bottom, per_strip;
};

/* Twice the signed area of a, b, c where its sign is certain, else 0. */
static double turn(const double *a, const double *b, const double *c)
{
    const double bound = 3.3306690738754716e-16; /* (3 + 16 u) u, u = 2^-53: Shewchuk 1997 */
    double left = (a[0] - c[0]) * (b[1] - c[1]), right = (a[1] - c[1]) * (b[0] - c[0]);
    double d = left - right;
    return fabs(d) > bound * (fabs(left) + fabs(right)) ? d : 0;
}

static const double *point(const struct edges *e, size_t i)
{
    return e->r->xy + 2 * i;
}

static bool apart(const struct edges *e, size_t i, size_t k)
{
    const double *a = point(e, i), *b = point(e, e->next[i]);
    const double *c = point(e, k), *d = point(e, e->next[k]);
    if (e->next[i] == k || e->next[k] == i) { /* neighbours may not fold back */
        const double *from = e->next[i] == k ? a : c, *at = e->next[i] == k ? b : d,
                     *to = e->next[i] == k ? d : b;
        double dot = (from[0] - at[0]) * (to[0] - at[0]) + (from[1] - at[1]) * (to[1] - at[1]);
        return dot < 0 || turn(from, at, to) != 0;
    }
    return turn(a, b, c) * turn(a, b, d) > 0 || turn(c, d, a) * turn(c, d, b) > 0;
}

static uint32_t strip_of(const struct edges *e, double y)
{
    double at = (y - e->bottom) * e->per_strip;
    return at < 0 ? 0 : at >= (double)e->n_strips ? (uint32_t)e->n_strips - 1 : (uint32_t)at;
}

/* Boxes and ends of all edges; false where two points in a row are one, or a ring is none. */
static bool list_edges(struct edges *e, struct box *all, double *rise)
{
    size_t begin = 0;
    *all = (struct box){ HUGE_VAL, HUGE_VAL, -HUGE_VAL, -HUGE_VAL };
    *rise = 0;
    for (size_t ring = 0; ring < e->r->n_rings; begin = e->r->ring_end[ring++]) {
        size_t end = e->r->ring_end[ring];
        if (end - begin < 3)
            return false;
        for (size_t i = begin; i < end; i++) {
            size_t to = i + 1 < end ? i + 1 : begin;
            const double *a = point(e, i), *b = point(e, to);
            if (a[0] == b[0] && a[1] == b[1])
                return false;
            e->next[i] = (uint32_t)to;
            struct box o = { a[0] < b[0] ? a[0] : b[0], a[1] < b[1] ? a[1] : b[1],
                             a[0] < b[0] ? b[0] : a[0], a[1] < b[1] ? b[1] : a[1] };
            e->box[i] = o;
            *rise += o.y1 - o.y0;
            all->x0 = o.x0 < all->x0 ? o.x0 : all->x0;
            all->y0 = o.y0 < all->y0 ? o.y0 : all->y0;
            all->x1 = o.x1 > all->x1 ? o.x1 : all->x1;
            all->y1 = o.y1 > all->y1 ? o.y1 : all->y1;
        }
    }
    return all->y1 > all->y0 && *rise < HUGE_VAL;
}

/* Edges by the strips that they reach; false where those are too many. */
static bool fill_strips(struct edges *e)
{
    size_t n = 0;
    memset(e->first, 0, (e->n_strips + 2) * sizeof *e->first);
    for (size_t i = 0; i < e->n; i++) {
        uint32_t low = strip_of(e, e->box[i].y0), high = strip_of(e, e->box[i].y1);
        n += high - low + 1;
        if (n > MOST_ENTRIES_PER_EDGE * e->n)
            return false;
        for (uint32_t s = low; s <= high; s++)
            e->first[s + 2]++;
    }
    for (size_t s = 2; s < e->n_strips + 2; s++)
        e->first[s] += e->first[s - 1];
    for (size_t i = 0; i < e->n; i++) {
        uint32_t low = strip_of(e, e->box[i].y0), high = strip_of(e, e->box[i].y1);
        for (uint32_t s = low; s <= high; s++)
            e->entry[e->first[s + 1]++] = (uint32_t)i;
    }
    return true;
}

/* The edges of a strip from left to right, by merging runs; @p spare has room for them. */
static uint32_t *sort_by_left(const struct edges *e, uint32_t *v, size_t n, uint32_t *spare)
{
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t at = 0; at < n; at += 2 * run) {
            size_t a = at, middle = at + run < n ? at + run : n, b = middle,
                   end = at + 2 * run < n ? at + 2 * run : n;
            for (size_t k = at; k < end; k++)
                spare[k] = b == end || (a < middle && e->box[v[a]].x0 <= e->box[v[b]].x0) ? v[a++]
                                                                                          : v[b++];
        }
        uint32_t *swap = v;
        v = spare;
        spare = swap;
    }
    return v;
}

/* In a strip of few edges each is compared with each, in one of many with those that begin before it
 * ends: a saw along a border has a thousand teeth beside each other in every strip. */
static bool none_meet(const struct edges *e)
{
    enum { FEW = 12 };
    size_t budget = MOST_PAIRS_PER_EDGE * e->n;
    for (size_t s = 0; s < e->n_strips; s++) {
        size_t n = e->first[s + 1] - e->first[s];
        uint32_t *v = e->entry + e->first[s];
        bool sorted = n > FEW;
        if (sorted)
            v = sort_by_left(e, v, n, e->spare);
        for (size_t i = 0; i < n; i++) {
            const struct box a = e->box[v[i]];
            for (size_t k = i + 1; k < n; k++) {
                const struct box *b = &e->box[v[k]];
                if (sorted && b->x0 > a.x1)
                    break;
                if (budget-- == 0)
                    return false;
                if ((b->x0 <= a.x1) & (b->x1 >= a.x0) & (b->y0 <= a.y1) & (b->y1 >= a.y0) &&
                    !apart(e, v[i], v[k]))
                    return false;
            }
        }
    }
    return true;
}

enum side { INSIDE, OUTSIDE, UNSURE };

/* Where a ring's first point lies of another ring; they do not touch. */
static enum side side_of(const struct edges *e, size_t ring, size_t of)
{
    const double *p = point(e, ring ? e->r->ring_end[ring - 1] : 0);
    bool in = false;
    for (size_t i = of ? e->r->ring_end[of - 1] : 0; i < e->r->ring_end[of]; i++) {
        const double *a = point(e, i), *b = point(e, e->next[i]);
        if ((a[1] > p[1]) == (b[1] > p[1]))
            continue;
        double t = turn(a, b, p);
        if (t == 0)
            return UNSURE;
        in ^= (t > 0) == (b[1] > a[1]);
    }
    return in ? INSIDE : OUTSIDE;
}

/* Holes in their shells and beside each other, shells beside each other. */
static bool in_order(const struct edges *e)
{
    const struct cao_rings *r = e->r;
    if (r->n_rings > MOST_RINGS)
        return false;
    for (size_t i = 1, shell = 0; i < r->n_rings; i++) {
        shell = r->is_hole[i] ? shell : i;
        if (r->is_hole[i] && side_of(e, i, shell) != INSIDE)
            return false;
        for (size_t k = 0; k < i; k++) {
            bool both = r->is_hole[i] ? r->is_hole[k] && k > shell : !r->is_hole[k];
            if (both && (side_of(e, i, k) != OUTSIDE || side_of(e, k, i) != OUTSIDE))
                return false;
        }
    }
    return true;
}

static bool make_room(struct edges *e, struct cao_rings_room *room)
{
    size_t n = e->n, bytes = n * sizeof *e->box + n * sizeof *e->next +
                             (e->n + 2) * sizeof *e->first +
                             2 * MOST_ENTRIES_PER_EDGE * n * sizeof *e->entry;
    if (bytes > room->size) {
        free(room->at);
        room->at = malloc(bytes + bytes / 2);
        room->size = room->at ? bytes + bytes / 2 : 0;
    }
    if (!room->at)
        return false;
    e->box = room->at;
    e->next = (void *)(e->box + n);
    e->first = e->next + n;
    e->entry = e->first + n + 2;
    e->spare = e->entry + MOST_ENTRIES_PER_EDGE * n;
    return true;
}

bool cao_rings_are_simple(const struct cao_rings *r, struct cao_rings_room *room)
{
    struct edges e = { .r = r, .n = r->n_rings ? r->ring_end[r->n_rings - 1] : 0 };
    struct box all;
    double rise;
    if (e.n < 3 || e.n > UINT32_MAX / (2 * MOST_ENTRIES_PER_EDGE) || r->is_hole[0] ||
        !make_room(&e, room) || !list_edges(&e, &all, &rise))
        return false;
    /* so many that a strip has few edges, but not that an edge reaches many strips */
    double n = (double)e.n, height = all.y1 - all.y0, most = 2 * n * (height / rise);
    most = most < n / 2 ? most : n / 2;
    e.n_strips = most > 1 ? (size_t)most : 1;
    e.bottom = all.y0;
    e.per_strip = (double)e.n_strips / height;
    return isfinite(e.per_strip) && fill_strips(&e) && none_meet(&e) && in_order(&e);
}
