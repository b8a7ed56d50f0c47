/* SPDX-License-Identifier: MIT */
#include "raster/position.h"

#include <math.h>
#include <string.h>

#include "base/lanes.h"

enum {
    SQUARE = 64,      /* cells along a square of the lattice */
    LEAST_SQUARE = 8, /* below this each cell is transformed */
    NODES = 9         /* corners, middles of the sides, centre */
};
static const double tolerance_px = 0.125;

/* Adding 1.5 * 2^32 leaves a double no room below 2^-20: the sum rounds to that, half to even. */
static inline double round_place(double v)
{
    const double room = 6442450944.0;
    double rounded = (v + room) - room;
    return v > -1073741824.0 && v < 1073741824.0 ? rounded : (double)NAN;
}

double cao_position_round(double v)
{
    return round_place(v);
}

/* Coordinates in the layer's CRS to its pixels. The quotient is exact for whole-metre grids. */
static inline void to_pixel(const double t[6], double x, double y, double *px, double *py)
{
    double dx = x - t[0], dy = y - t[3], det = t[1] * t[5] - t[2] * t[4];
    *px = (dx * t[5] - dy * t[2]) / det;
    *py = (dy * t[1] - dx * t[4]) / det;
}

/* Exact places of n points given in cells of the grid, as one batch: PROJ may choose its operation
 * by the batch, so a batch is always a whole set that belongs to a square, never to a window. */
static bool exact(const struct cao_position *p, const double *col, const double *row, int n,
                  double *x, double *y)
{
    int ok[LEAST_SQUARE * LEAST_SQUARE] = { 0 };
    bool all = true;
    for (int i = 0; i < n; i++) {
        x[i] = p->grid->x0 + col[i] * p->grid->res_m;
        y[i] = p->grid->y0 - row[i] * p->grid->res_m;
    }
    OCTTransformEx(p->to_layer, n, x, y, NULL, ok);
    if (p->camera)
        return cao_camera_pixels(p->camera, n, ok, x, y);
    for (int i = 0; i < n; i++) {
        if (ok[i] && isfinite(x[i]) && isfinite(y[i])) {
            to_pixel(p->geotransform, x[i], y[i], &x[i], &y[i]);
        } else {
            x[i] = y[i] = (double)NAN;
            all = false;
        }
    }
    return all;
}

struct square {
    int32_t col, row, side;
};

/* The part of a square that lies in a window, as half-open ranges of cells. */
struct part {
    int32_t c0, c1, r0, r1;
};

static struct part meet(const struct square *s, const struct cao_window *w)
{
    struct part m = { s->col, s->col + s->side, s->row, s->row + s->side };
    m.c0 = m.c0 < w->col ? w->col : m.c0;
    m.r0 = m.r0 < w->row ? w->row : m.r0;
    m.c1 = m.c1 > w->col + w->cols ? w->col + w->cols : m.c1;
    m.r1 = m.r1 > w->row + w->rows ? w->row + w->rows : m.r1;
    return m;
}

/* Linear between the corners of a square: v are its values at upper left, upper right, lower left,
 * lower right. */
CAO_LANES static void fill_linear(const struct square *s, const struct cao_window *w,
                                  const double v[4], double *restrict out)
{
    struct part m = meet(s, w);
    double step = 1.0 / (double)s->side;
    for (int32_t r = m.r0; r < m.r1; r++) {
        double down = ((double)(r - s->row) + 0.5) * step;
        double left = v[0] + (v[2] - v[0]) * down, right = v[1] + (v[3] - v[1]) * down;
        double *o = out + (size_t)(r - w->row) * (size_t)w->cols;
        for (int32_t c = m.c0; c < m.c1; c++)
            o[c - w->col] =
                round_place(left + (right - left) * (((double)(c - s->col) + 0.5) * step));
    }
}

static void fill_exact(const struct cao_position *p, const struct square *s,
                       const struct cao_window *w, double *restrict x, double *restrict y)
{
    enum { N = LEAST_SQUARE * LEAST_SQUARE };
    double col[N], row[N], px[N], py[N];
    struct part m = meet(s, w);
    for (int i = 0; i < N; i++) {
        col[i] = (double)s->col + i % LEAST_SQUARE + 0.5;
        row[i] = (double)s->row + i / LEAST_SQUARE + 0.5;
    }
    exact(p, col, row, N, px, py);
    for (int32_t r = m.r0; r < m.r1; r++)
        for (int32_t c = m.c0; c < m.c1; c++) {
            size_t to = (size_t)(r - w->row) * (size_t)w->cols + (size_t)(c - w->col);
            int from = (r - s->row) * LEAST_SQUARE + (c - s->col);
            x[to] = round_place(px[from]);
            y[to] = round_place(py[from]);
        }
}

/* Nodes are numbered row by row, 0 1 2 / 3 4 5 / 6 7 8. The sides' middles are looked at and not the
 * centre alone: between conformal projections the bends along x and y are opposite, so at the centre
 * they cancel whatever their size. The error is that of the whole square; what is used are its four
 * quarters, whose error is a fourth of it. */
static bool is_straight(const double v[NODES])
{
    const double bend[5] = { v[1] - 0.5 * (v[0] + v[2]), v[3] - 0.5 * (v[0] + v[6]),
                             v[5] - 0.5 * (v[2] + v[8]), v[7] - 0.5 * (v[6] + v[8]),
                             v[4] - 0.25 * (v[0] + v[2] + v[6] + v[8]) };
    for (int i = 0; i < 5; i++)
        if (!(fabs(bend[i]) <= tolerance_px))
            return false;
    return true;
}

static void fill_square(const struct cao_position *p, const struct square *s,
                        const struct cao_window *w, double *restrict x, double *restrict y)
{
    double col[NODES], row[NODES], px[NODES], py[NODES];
    struct part m = meet(s, w);
    if (m.c0 >= m.c1 || m.r0 >= m.r1)
        return;
    for (int i = 0; i < NODES; i++) {
        col[i] = (double)s->col + 0.5 * s->side * (i % 3);
        row[i] = (double)s->row + 0.5 * s->side * (i / 3);
    }
    bool fine = exact(p, col, row, NODES, px, py) && is_straight(px) && is_straight(py);
    if (!fine && s->side <= LEAST_SQUARE) {
        fill_exact(p, s, w, x, y);
        return;
    }
    for (int i = 0; i < 4; i++) {
        int32_t half = s->side / 2, right = i % 2, down = i / 2;
        struct square q = { s->col + right * half, s->row + down * half, half };
        int a = down * 3 + right;
        if (fine) {
            fill_linear(&q, w, (const double[4]){ px[a], px[a + 1], px[a + 3], px[a + 4] }, x);
            fill_linear(&q, w, (const double[4]){ py[a], py[a + 1], py[a + 3], py[a + 4] }, y);
        } else {
            fill_square(p, &q, w, x, y);
        }
    }
}

bool cao_position_upright(const struct cao_position *p)
{
    return !p->to_layer && p->geotransform[2] == 0.0 && p->geotransform[4] == 0.0;
}

void cao_position_axes(const struct cao_position *p, const struct cao_window *w, double *restrict x,
                       double *restrict y)
{
    const struct cao_grid *g = p->grid;
    double other;
    for (int32_t c = 0; c < w->cols; c++) {
        double gx = g->x0 + ((double)w->col + (double)c + 0.5) * g->res_m;
        to_pixel(p->geotransform, gx, g->y0, &x[c], &other);
        x[c] = round_place(x[c]);
    }
    for (int32_t r = 0; r < w->rows; r++) {
        double gy = g->y0 - ((double)(w->row + r) + 0.5) * g->res_m;
        to_pixel(p->geotransform, g->x0, gy, &other, &y[r]);
        y[r] = round_place(y[r]);
    }
}

/* Turned against the grid: each cell has a place of its own. */
static void fill_affine(const struct cao_position *p, const struct cao_window *w,
                        double *restrict x, double *restrict y)
{
    const struct cao_grid *g = p->grid;
    size_t n = (size_t)w->cols;
    for (int32_t r = 0; r < w->rows; r++) {
        double gy = g->y0 - ((double)(w->row + r) + 0.5) * g->res_m;
        double *px = x + (size_t)r * n, *py = y + (size_t)r * n;
        for (size_t c = 0; c < n; c++) {
            double gx = g->x0 + ((double)w->col + (double)c + 0.5) * g->res_m;
            to_pixel(p->geotransform, gx, gy, &px[c], &py[c]);
            px[c] = round_place(px[c]);
            py[c] = round_place(py[c]);
        }
    }
}

void cao_position_window(const struct cao_position *p, const struct cao_window *w,
                         double *restrict x, double *restrict y)
{
    if (!p->to_layer) {
        fill_affine(p, w, x, y);
        return;
    }
    if (p->camera) { /* terrain bends between any two nodes */
        for (int32_t r = cao_lattice(w->row, LEAST_SQUARE); r < w->row + w->rows; r += LEAST_SQUARE)
            for (int32_t c = cao_lattice(w->col, LEAST_SQUARE); c < w->col + w->cols;
                 c += LEAST_SQUARE)
                fill_exact(p, &(struct square){ c, r, LEAST_SQUARE }, w, x, y);
        return;
    }
    for (int32_t r = cao_lattice(w->row, SQUARE); r < w->row + w->rows; r += SQUARE)
        for (int32_t c = cao_lattice(w->col, SQUARE); c < w->col + w->cols; c += SQUARE) {
            struct square s = { c, r, SQUARE };
            fill_square(p, &s, w, x, y);
        }
}

/* At the grid's centre, for images whose own has no place on it, such as one of the whole earth. */
static bool scale_there(const struct cao_position *p, double *cell_x, double *cell_y)
{
    const double *t = p->geotransform, det = t[1] * t[5] - t[2] * t[4];
    double x[3], y[3], px[3], py[3];
    int ok[3] = { 1, 1, 1 };
    for (int i = 0; i < 3; i++) {
        x[i] = p->grid->x0 + (0.5 * p->grid->cols + (i == 1)) * p->grid->res_m;
        y[i] = p->grid->y0 - (0.5 * p->grid->rows + (i == 2)) * p->grid->res_m;
    }
    if (!p->to_layer || p->camera || !OCTTransformEx(p->to_layer, 3, x, y, NULL, ok) || !ok[0] ||
        !ok[1] || !ok[2])
        return false;
    for (int i = 0; i < 3; i++) {
        px[i] = ((x[i] - t[0]) * t[5] - (y[i] - t[3]) * t[2]) / det;
        py[i] = ((y[i] - t[3]) * t[1] - (x[i] - t[0]) * t[4]) / det;
    }
    double a = px[1] - px[0], b = px[2] - px[0], c = py[1] - py[0], d = py[2] - py[0];
    double cell = fabs(a * d - b * c); /* pixels that a cell holds */
    *cell_x = cell / hypot(c, d);
    *cell_y = cell / hypot(a, b);
    return isfinite(*cell_x) && isfinite(*cell_y) && *cell_x > 0.0 && *cell_y > 0.0;
}

bool cao_position_scale(const struct cao_position *p, OGRCoordinateTransformationH to_grid,
                        int width, int height, double *cell_x, double *cell_y)
{
    const double *t = p->geotransform, dx[3] = { 0.0, 1.0, 0.0 }, dy[3] = { 0.0, 0.0, 1.0 };
    double x[3], y[3];
    int ok[3] = { 1, 1, 1 };
    for (int i = 0; i < 3; i++) {
        double px = 0.5 * width + dx[i], py = 0.5 * height + dy[i];
        x[i] = p->camera ? px : t[0] + px * t[1] + py * t[2];
        y[i] = p->camera ? py : t[3] + px * t[4] + py * t[5];
    }
    if (p->camera)
        cao_camera_ground(p->camera, (double)NAN, 3, ok, x, y);
    if (to_grid)
        OCTTransformEx(to_grid, 3, x, y, NULL, ok);
    double along_x = hypot(x[1] - x[0], y[1] - y[0]), along_y = hypot(x[2] - x[0], y[2] - y[0]);
    if (!ok[0] || !ok[1] || !ok[2] || !isfinite(along_x) || !isfinite(along_y) ||
        !(along_x > 0.0) || !(along_y > 0.0))
        return scale_there(p, cell_x, cell_y);
    *cell_x = p->grid->res_m / along_x;
    *cell_y = p->grid->res_m / along_y;
    return true;
}
