/* SPDX-License-Identifier: MIT */
#include "caochu/mask_share.h"

#include <math.h>
#include <string.h>

struct edges {
    double left, right, top, bottom;
};

/* Runs of one reason are added up at once: masks have few borders. */
static void add_row(const uint8_t *restrict row, double left, double right, double height,
                    double area[CAO_N_REASONS])
{
    size_t c = (size_t)left, end = (size_t)ceil(right);
    while (c < end) {
        uint8_t r = row[c];
        double from = (double)c > left ? (double)c : left;
        while (c < end && row[c] == r)
            c++;
        double to = (double)c < right ? (double)c : right;
        area[r] += height * (to - from);
    }
}

static void areas(const uint8_t *restrict pixel, size_t width, const struct edges *e,
                  double area[CAO_N_REASONS])
{
    for (size_t r = (size_t)e->top; r < (size_t)ceil(e->bottom); r++) {
        double top = (double)r > e->top ? (double)r : e->top;
        double low = (double)r + 1 < e->bottom ? (double)r + 1 : e->bottom;
        add_row(pixel + r * width, e->left, e->right, low - top, area);
    }
}

static uint8_t greatest_but_clear(const double area[CAO_N_REASONS], double whole)
{
    uint8_t most = CAO_CLEAR;
    double least = 1e-9 * whole; /* less is rounding */
    for (uint8_t r = 0; r < CAO_N_REASONS; r++)
        if (r != CAO_CLEAR && area[r] > least) {
            most = r;
            least = area[r];
        }
    return most;
}

void cao_mask_share(const uint8_t *restrict pixel, size_t width, size_t height,
                    const struct cao_boxes *b, double least, uint8_t *restrict reason,
                    uint8_t *restrict removed)
{
    const double whole = 4 * b->half_x * b->half_y, w = (double)width, h = (double)height;
    for (size_t i = 0; i < b->n; i++) {
        double area[CAO_N_REASONS] = { 0 };
        struct edges e = { fmax(b->x[i] - b->half_x, 0), fmin(b->x[i] + b->half_x, w),
                           fmax(b->y[i] - b->half_y, 0), fmin(b->y[i] + b->half_y, h) };
        bool meets =
            b->x[i] == b->x[i] && b->y[i] == b->y[i] && e.left < e.right && e.top < e.bottom;
        double inside = meets ? (e.right - e.left) * (e.bottom - e.top) : 0;
        if (meets)
            areas(pixel, width, &e, area);
        area[CAO_OUTSIDE] += whole - inside;
        removed[i] = greatest_but_clear(area, whole);
        reason[i] = area[CAO_CLEAR] >= least * whole * (1 - 1e-9) ? CAO_CLEAR : removed[i];
    }
}

/* Whether any of a span's pixels is not clear. */
static uint8_t any_hit(const uint8_t *restrict row, size_t n)
{
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= row[i];
    return any != CAO_CLEAR;
}

/* The mask's pixels under pixel i; false where it reaches beyond them. */
static bool span(const struct cao_under *u, size_t i, size_t size, size_t *first, size_t *n)
{
    const double rim = 1e-3;
    double from = floor(u->first + (double)i * u->step + rim);
    double to = ceil(u->first + (double)(i + 1) * u->step - rim);
    if (!(from >= 0 && to > from && to <= (double)size))
        return false;
    *first = (size_t)from;
    *n = (size_t)(to - from);
    return true;
}

void cao_mask_under(const uint8_t *restrict pixel, size_t width, size_t height,
                    const struct cao_under *across, const struct cao_under *down, size_t cols,
                    size_t rows, uint8_t *restrict hit)
{
    enum { PIECE = 256 }; /* columns whose spans are worked out once for all rows */
    _Static_assert(CAO_CLEAR == 0, "reasons are brought together by or");
    for (size_t at = 0; at < cols; at += PIECE) {
        size_t m = cols - at < PIECE ? cols - at : PIECE, first[PIECE], n[PIECE];
        for (size_t c = 0; c < m; c++)
            if (!span(across, at + c, width, &first[c], &n[c]))
                n[c] = 0;
        for (size_t r = 0; r < rows; r++) {
            uint8_t *restrict out = hit + r * cols + at;
            size_t top, high;
            if (!span(down, r, height, &top, &high)) {
                memset(out, 1, m);
                continue;
            }
            for (size_t c = 0; c < m; c++)
                out[c] = n[c] == 0;
            for (size_t k = top; k < top + high; k++)
                for (size_t c = 0; c < m; c++)
                    out[c] |= any_hit(pixel + k * width + first[c] * (n[c] > 0), n[c]);
        }
    }
}

void cao_mask_drop(const uint8_t *restrict hit, size_t cols, size_t rows, size_t rim,
                   float *restrict values)
{
    for (size_t r = 0; r < rows; r++) {
        size_t top = r > rim ? r - rim : 0, low = r + rim < rows ? r + rim : rows - 1;
        for (size_t k = top; k <= low; k++)
            for (size_t c = 0; c < cols; c++) {
                if (!hit[k * cols + c])
                    continue;
                size_t from = c > rim ? c - rim : 0, to = c + rim < cols ? c + rim : cols - 1;
                for (size_t i = from; i <= to; i++)
                    values[r * cols + i] = NAN;
            }
    }
}
