/* SPDX-License-Identifier: MIT */
#include "caochu/distance.h"

#include <math.h>

void cao_distance_mark(const struct cao_window *w, double x0, double y0, double x1, double y1,
                       float *cells)
{
    double left = w->col, top = w->row, right = left + w->cols, low = top + w->rows;
    double dx = x1 - x0, dy = y1 - y0, t0 = 0, t1 = 1;
    const double away[4] = { -dx, dx, -dy, dy };
    const double room[4] = { x0 - left, right - x0, y0 - top, low - y0 };
    for (int k = 0; k < 4; k++) { /* Liang & Barsky */
        if (away[k] == 0) {
            if (room[k] < 0)
                return;
            continue;
        }
        double t = room[k] / away[k];
        if (away[k] < 0)
            t0 = t > t0 ? t : t0;
        else
            t1 = t < t1 ? t : t1;
    }
    if (!(t0 <= t1))
        return;
    /* from border to border (Amanatides & Woo 1987): whole steps, so that rounding cannot skip a cell */
    double col = floor(x0 + t0 * dx), row = floor(y0 + t0 * dy);
    for (;;) {
        if (col >= left && row >= top && col < right && row < low)
            cells[(size_t)(row - top) * (size_t)w->cols + (size_t)(col - left)] = 0;
        double tx = dx != 0 ? (col + (dx > 0) - x0) / dx : HUGE_VAL;
        double ty = dy != 0 ? (row + (dy > 0) - y0) / dy : HUGE_VAL;
        if (!(tx < t1) && !(ty < t1))
            return;
        if (tx < ty)
            col += dx > 0 ? 1 : -1;
        else
            row += dy > 0 ? 1 : -1;
    }
}

/* Lower envelope of the parabolas over the cells of one line. */
static void along(const float *f, size_t n, float *out, size_t step, float *bottom, float *border)
{
    size_t k = 0, first = 0;
    while (first < n && f[first] == HUGE_VALF)
        first++;
    if (first == n)
        return; /* nothing is marked: all stays as it is */
    bottom[0] = (float)first;
    border[0] = -HUGE_VALF;
    for (size_t q = first + 1; q < n; q++) {
        if (f[q] == HUGE_VALF)
            continue;
        double s;
        for (;; k--) {
            double v = (double)bottom[k], x = (double)q;
            s = (((double)f[q] + x * x) - ((double)f[(size_t)v] + v * v)) / (2 * x - 2 * v);
            if (s > (double)border[k] || k == 0)
                break;
        }
        k = s > (double)border[k] ? k + 1 : k;
        bottom[k] = (float)q;
        border[k] = (float)s;
    }
    size_t n_parabolas = k + 1, at = 0;
    for (size_t q = 0; q < n; q++) {
        while (at + 1 < n_parabolas && (double)border[at + 1] < (double)q)
            at++;
        double d = (double)q - (double)bottom[at];
        out[q * step] = (float)(d * d + (double)f[(size_t)bottom[at]]);
    }
}

void cao_distance_squares(float *cells, size_t cols, size_t rows, float *scratch)
{
    size_t most = cols > rows ? cols : rows;
    float *line = scratch, *bottom = scratch + most, *border = scratch + 2 * most;
    for (size_t c = 0; c < cols; c++) {
        for (size_t r = 0; r < rows; r++)
            line[r] = cells[r * cols + c];
        along(line, rows, cells + c, cols, bottom, border);
    }
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < cols; c++)
            line[c] = cells[r * cols + c];
        along(line, cols, cells + r * cols, 1, bottom, border);
    }
}
