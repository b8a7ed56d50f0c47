/* SPDX-License-Identifier: MIT */
/* Pastures are the Voronoi cells of jittered sites. Each straight border is bent by midpoint
 * displacement, a function of the two cells beside it alone, so neighbours share it to the bit. */
#include "world/world.h"

#include <math.h>
#include <cpl_error.h>
#include <ogr_api.h>
#include <stdlib.h>

enum { REACH = 3, MAX_CELL = 48, BENDS = 16, MAX_CROSSINGS = 512 };
enum { STREAM_SITE = 11, STREAM_BEND, STREAM_HOLE, STREAM_VIGOUR };
static const double TURN = 6.283185307179586;
static const double JITTER = 0.36; /* of the site grid's spacing, each way */

struct field {
    uint64_t seed;
    double x0, y0, x1, y1; /* y0 south */
    int cols, rows;
};
struct cell {
    int n;
    struct world_point v[MAX_CELL];
    int beyond[MAX_CELL]; /* the cell on the other side of the edge from v[k]; negative: none */
};

static double snap(double v)
{
    return round(v * 1000.0) / 1000.0;
}

static struct world_point site(const struct field *f, int col, int row)
{
    double jx = world_uniform(f->seed, STREAM_SITE, (uint64_t)col, (uint64_t)row * 2) - 0.5;
    double jy = world_uniform(f->seed, STREAM_SITE, (uint64_t)col, (uint64_t)row * 2 + 1) - 0.5;
    return (
        struct world_point){ f->x0 + (col + 0.5 + 2.0 * JITTER * jx) * (f->x1 - f->x0) / f->cols,
                             f->y0 + (row + 0.5 + 2.0 * JITTER * jy) * (f->y1 - f->y0) / f->rows };
}

/* Cut away what is nearer to b than to a. */
static void clip(struct cell *cell, struct world_point a, struct world_point b, int beyond)
{
    double nx = b.x - a.x, ny = b.y - a.y, c = 0.5 * (nx * (a.x + b.x) + ny * (a.y + b.y));
    struct cell out = { .n = 0 };
    for (int k = 0; k < cell->n && out.n < MAX_CELL - 2; k++) {
        struct world_point p = cell->v[k], q = cell->v[(k + 1) % cell->n];
        double dp = nx * p.x + ny * p.y - c, dq = nx * q.x + ny * q.y - c;
        if (dp <= 0.0) {
            out.v[out.n] = p;
            out.beyond[out.n++] = cell->beyond[k];
        }
        if ((dp <= 0.0) != (dq <= 0.0)) {
            double t = dp / (dp - dq);
            out.v[out.n] = (struct world_point){ p.x + t * (q.x - p.x), p.y + t * (q.y - p.y) };
            out.beyond[out.n++] = dp <= 0.0 ? beyond : cell->beyond[k];
        }
    }
    *cell = out;
}

static struct cell cell_of(const struct field *f, int col, int row)
{
    struct cell cell = {
        .n = 4,
        .v = { { f->x0, f->y0 }, { f->x1, f->y0 }, { f->x1, f->y1 }, { f->x0, f->y1 } },
        .beyond = { -1, -1, -1, -1 }
    };
    for (int r = row - REACH; r <= row + REACH; r++)
        for (int c = col - REACH; c <= col + REACH; c++)
            if ((r != row || c != col) && r >= 0 && c >= 0 && r < f->rows && c < f->cols)
                clip(&cell, site(f, col, row), site(f, c, r), r * f->cols + c);
    /* a corner reckoned from three cells must come out as the same numbers */
    struct cell out = { .n = 0 };
    for (int k = 0; k < cell.n; k++)
        cell.v[k] = (struct world_point){ snap(cell.v[k].x), snap(cell.v[k].y) };
    for (int k = 0; k < cell.n; k++) {
        struct world_point p = cell.v[k], q = cell.v[(k + 1) % cell.n];
        if (p.x == q.x && p.y == q.y)
            continue;
        out.v[out.n] = p;
        out.beyond[out.n++] = cell.beyond[k];
    }
    return out;
}

/* Fill the points between p[0] and p[BENDS]. */
static void bend(struct world_point *p, uint64_t seed, int low, int high, double share)
{
    for (int span = BENDS; span > 1; span /= 2, share *= 0.65)
        for (int k = 0; k < BENDS; k += span) {
            struct world_point a = p[k], b = p[k + span];
            double r = share *
                       (2.0 * world_uniform(seed, STREAM_BEND, (uint64_t)low << 32 | (uint64_t)high,
                                            (uint64_t)(k + span / 2)) -
                        1.0);
            p[k + span / 2] = (struct world_point){ snap(0.5 * (a.x + b.x) - (b.y - a.y) * r),
                                                    snap(0.5 * (a.y + b.y) + (b.x - a.x) * r) };
        }
}

static enum cao_status shell_of(const struct field *f, int self, double share,
                                struct world_ring *ring, struct cao_error *err)
{
    struct cell cell = cell_of(f, self % f->cols, self / f->cols);
    *ring = (struct world_ring){ .v = calloc((size_t)cell.n * BENDS + 1, sizeof *ring->v) };
    if (!ring->v)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (int k = 0; k < cell.n; k++) {
        struct world_point p[BENDS + 1];
        int other = cell.beyond[k];
        bool forward = self < other; /* both neighbours walk the border from the lower one's side */
        ring->v[ring->n++] = cell.v[k];
        if (other < 0)
            continue;
        p[forward ? 0 : BENDS] = cell.v[k];
        p[forward ? BENDS : 0] = cell.v[(k + 1) % cell.n];
        bend(p, f->seed, forward ? self : other, forward ? other : self, share);
        for (int j = 1; j < BENDS; j++)
            ring->v[ring->n++] = p[forward ? j : BENDS - j];
    }
    ring->v[ring->n++] = ring->v[0];
    return CAO_OK;
}

static bool ring_is_valid(const struct world_ring *ring)
{
    OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon),
                 line = OGR_G_CreateGeometry(wkbLinearRing);
    for (size_t k = 0; k < ring->n; k++)
        OGR_G_AddPoint_2D(line, ring->v[k].x, ring->v[k].y);
    OGR_G_AddGeometryDirectly(polygon, line);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    bool valid = OGR_G_IsValid(polygon) != 0;
    CPLPopErrorHandler();
    OGR_G_DestroyGeometry(polygon);
    return valid;
}

/* All shells with borders bent as much as leaves every one of them simple. */
static enum cao_status bend_all(const struct field *f, struct world_ring *shells, int n,
                                struct cao_error *err)
{
    for (double share = 0.14;; share = share > 0.01 ? share * 0.75 : 0.0) {
        bool valid = true;
        for (int k = 0; k < n; k++) {
            free(shells[k].v);
            enum cao_status st = shell_of(f, k, share, &shells[k], err);
            if (st != CAO_OK)
                return st;
            valid = valid && ring_is_valid(&shells[k]);
        }
        if (valid || share == 0.0)
            return CAO_OK;
    }
}

static bool inside(const struct world_ring *ring, struct world_point p)
{
    bool in = false;
    for (size_t k = 0; k + 1 < ring->n; k++) {
        struct world_point a = ring->v[k], b = ring->v[k + 1];
        if ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x))
            in = !in;
    }
    return in;
}

static double clearance(const struct world_ring *ring, struct world_point c)
{
    double best = HUGE_VAL;
    for (size_t k = 0; k + 1 < ring->n; k++) {
        struct world_point p = ring->v[k], q = ring->v[k + 1];
        double dx = q.x - p.x, dy = q.y - p.y, l2 = dx * dx + dy * dy;
        double t = fmin(fmax(((c.x - p.x) * dx + (c.y - p.y) * dy) / l2, 0.0), 1.0);
        best = fmin(best, hypot(c.x - p.x - t * dx, c.y - p.y - t * dy));
    }
    return best;
}

/* The roomiest of a grid of points inside; returns its room. */
static double heart_of(const struct world_ring *ring, struct world_point *heart)
{
    enum { STEPS = 24 };
    double x0 = HUGE_VAL, x1 = -HUGE_VAL, y0 = HUGE_VAL, y1 = -HUGE_VAL, best = 0.0;
    for (size_t k = 0; k < ring->n; k++) {
        x0 = fmin(x0, ring->v[k].x), x1 = fmax(x1, ring->v[k].x);
        y0 = fmin(y0, ring->v[k].y), y1 = fmax(y1, ring->v[k].y);
    }
    *heart = ring->v[0];
    for (int i = 0; i < STEPS * STEPS; i++) {
        struct world_point p = { x0 + (i % STEPS + 0.5) * (x1 - x0) / STEPS,
                                 y0 + (i / STEPS + 0.5) * (y1 - y0) / STEPS };
        double room = inside(ring, p) ? clearance(ring, p) : 0.0;
        if (room > best) {
            best = room;
            *heart = p;
        }
    }
    return best;
}

/* A star around c; a hole runs clockwise. */
static enum cao_status star(uint64_t seed, uint64_t key, struct world_point c, double radius,
                            size_t corners, bool hole, struct world_ring *ring,
                            struct cao_error *err)
{
    *ring = (struct world_ring){ .v = calloc(corners + 1, sizeof *ring->v),
                                 .n = corners + 1,
                                 .hole = hole };
    if (!ring->v)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t k = 0; k < corners; k++) {
        size_t at = hole ? (corners - k) % corners : k;
        double r = radius * (0.7 + 0.3 * world_uniform(seed, STREAM_HOLE, key, at));
        double a = TURN * ((double)at + 0.125) / (double)corners;
        ring->v[k] = (struct world_point){ snap(c.x + r * cos(a)), snap(c.y + r * sin(a)) };
    }
    ring->v[corners] = ring->v[0];
    return CAO_OK;
}

static double ring_area(const struct world_ring *r)
{
    double twice = 0.0;
    for (size_t k = 0; k + 1 < r->n; k++)
        twice += (r->v[k].x - r->v[0].x) * (r->v[k + 1].y - r->v[0].y) -
                 (r->v[k + 1].x - r->v[0].x) * (r->v[k].y - r->v[0].y);
    return fabs(0.5 * twice);
}

static struct world_pasture *add_pasture(const struct world_options *o, struct world_mosaic *m,
                                         enum world_kind kind)
{
    struct world_pasture *p = &m->items[m->n++];
    *p = (struct world_pasture){ .kind = kind, .serial = m->n };
    p->vigour = (float)(0.70 + 0.35 * world_uniform(o->seed, STREAM_VIGOUR, m->n, 0));
    return p;
}

/* A hole in pasture k; @p inner, if not WORLD_PLAIN, is a pasture that fills it. */
static enum cao_status add_hole(const struct world_options *o, struct world_mosaic *m, size_t k,
                                enum world_kind inner, struct cao_error *err)
{
    struct world_pasture *p = &m->items[k];
    struct world_point heart;
    double radius = 0.5 * heart_of(&p->rings[0], &heart);
    size_t corners = inner == WORLD_TINY ? 4 : 14;
    if (inner == WORLD_TINY)
        radius = fmin(radius, 5.0); /* under the 100 m2 of a pixel */
    enum cao_status st = star(o->seed, k, heart, radius, corners, true, &p->rings[p->n_rings], err);
    if (st != CAO_OK)
        return st;
    p->n_rings++;
    if (inner == WORLD_PLAIN)
        return CAO_OK;
    struct world_pasture *in = add_pasture(o, m, inner);
    in->n_rings = 1;
    return star(o->seed, k, heart, radius, corners, false, &in->rings[0], err);
}

/* A pasture six kilometres east of all imagery. */
static enum cao_status add_outside(const struct world_options *o, struct world_mosaic *m,
                                   struct cao_error *err)
{
    struct world_pasture *p = add_pasture(o, m, WORLD_OUTSIDE);
    struct world_point c = { WORLD_ULX + o->size * WORLD_PIXEL + 6000.0,
                             WORLD_ULY - 0.5 * o->size * WORLD_PIXEL };
    p->n_rings = 1;
    return star(o->seed, 7777, c, 700.0, 24, false, &p->rings[0], err);
}

static enum cao_status assemble(const struct world_options *o, struct world_ring *shells, int cells,
                                int cols, struct world_mosaic *m, struct cao_error *err)
{
    int second = 2 * cols + 2; /* two columns and rows from the first, so they do not touch */
    for (int k = 0; k < cells; k++) {
        if (k == second)
            continue;
        struct world_pasture *p = add_pasture(o, m, k == 0 ? WORLD_TWO_PARTS : WORLD_PLAIN);
        p->rings[p->n_rings++] = shells[k];
        shells[k].v = NULL;
        if (k == 0) {
            p->rings[p->n_rings++] = shells[second];
            shells[second].v = NULL;
        }
    }
    size_t plain = m->n;
    enum cao_status st = add_hole(o, m, plain / 2, WORLD_FENCED, err);
    if (st == CAO_OK)
        st = add_hole(o, m, plain / 3, WORLD_TINY, err);
    for (size_t k = 4; k < plain && st == CAO_OK; k += 9)
        if (k != plain / 2 && k != plain / 3)
            st = add_hole(o, m, k, WORLD_PLAIN, err);
    return st == CAO_OK ? add_outside(o, m, err) : st;
}

enum cao_status world_mosaic_build(const struct world_options *o, struct world_mosaic *m,
                                   struct cao_error *err)
{
    /* one pasture takes two cells; three more are not cells: fenced, tiny, outside */
    int cells = o->pastures - 2;
    double side = (double)o->size * WORLD_PIXEL, rim = 0.02 * side;
    struct field f = { o->seed,
                       WORLD_ULX + rim,
                       WORLD_ULY - side + rim,
                       WORLD_ULX + side - rim,
                       WORLD_ULY - rim,
                       0,
                       0 };
    f.cols = (int)ceil(sqrt((double)cells));
    f.rows = (cells + f.cols - 1) / f.cols;
    struct world_ring *shells = calloc((size_t)(f.cols * f.rows), sizeof *shells);
    *m = (struct world_mosaic){ .items = calloc((size_t)o->pastures, sizeof *m->items) };
    enum cao_status st = shells && m->items ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    if (st == CAO_OK)
        st = bend_all(&f, shells, f.cols * f.rows, err);
    if (st == CAO_OK)
        st = assemble(o, shells, cells, f.cols, m, err);
    for (size_t k = 0; k < m->n; k++) {
        struct world_pasture *p = &m->items[k];
        heart_of(&p->rings[0], &p->centre);
        for (size_t r = 0; r < p->n_rings; r++)
            p->area_ha += (p->rings[r].hole ? -1.0 : 1.0) * ring_area(&p->rings[r]) / 1e4;
    }
    for (int k = 0; shells && k < f.cols * f.rows; k++)
        free(shells[k].v);
    free(shells);
    if (st != CAO_OK)
        world_mosaic_release(m);
    return st;
}

void world_mosaic_release(struct world_mosaic *m)
{
    for (size_t k = 0; k < m->n; k++)
        for (size_t r = 0; r < m->items[k].n_rings; r++)
            free(m->items[k].rings[r].v);
    free(m->items);
    *m = (struct world_mosaic){ 0 };
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Where the borders cross the middle of a row of pixels, in pixels, sorted. */
static size_t crossings(const struct world_pasture *p, double y, double x[MAX_CROSSINGS])
{
    size_t n = 0;
    for (size_t r = 0; r < p->n_rings; r++)
        for (size_t k = 0; k + 1 < p->rings[r].n && n < MAX_CROSSINGS; k++) {
            struct world_point a = p->rings[r].v[k], b = p->rings[r].v[k + 1];
            if ((a.y > y) != (b.y > y))
                x[n++] = (a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x) - WORLD_ULX) / WORLD_PIXEL;
        }
    qsort(x, n, sizeof *x, compare_doubles);
    return n;
}

void world_mosaic_label(const struct world_mosaic *m, size_t size, uint16_t *labels)
{
    double x[MAX_CROSSINGS];
    for (size_t k = 0; k < m->n; k++)
        for (size_t row = 0; row < size; row++) {
            size_t n = crossings(&m->items[k], WORLD_ULY - ((double)row + 0.5) * WORLD_PIXEL, x);
            for (size_t c = 0; c + 1 < n; c += 2) {
                double from = fmax(ceil(x[c] - 0.5), 0.0),
                       to = fmin(x[c + 1] - 0.5, (double)size - 1.0);
                for (double col = from; col <= to; col += 1.0)
                    labels[row * size + (size_t)col] = (uint16_t)(k + 1);
            }
        }
}
