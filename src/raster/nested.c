/* SPDX-License-Identifier: MIT */
#include "raster/nested.h"

#include <math.h>
#include <string.h>

#include "base/lanes.h"
#include "caochu/mask.h"

/* Numbers of pixels over their cells: k of each, of the first one all but @p skip. */
#define SPREAD(type)                                                                               \
    CAO_LANES static void spread_##type(const type *restrict from, size_t k, size_t skip,          \
                                        type *restrict to, size_t n)                               \
    {                                                                                              \
        size_t i = 0;                                                                              \
        for (size_t left = skip ? k - skip : 0; i < left && i < n; i++)                            \
            to[i] = *from;                                                                         \
        from += skip > 0;                                                                          \
        size_t whole = (n - i) / k;                                                                \
        if (k == 2)                                                                                \
            for (size_t p = 0; p < whole; p++)                                                     \
                to[i + 2 * p] = to[i + 2 * p + 1] = from[p];                                       \
        else                                                                                       \
            for (size_t p = 0; p < whole; p++)                                                     \
                for (size_t c = 0; c < k; c++)                                                     \
                    to[i + k * p + c] = from[p];                                                   \
        for (i += whole * k; i < n; i++)                                                           \
            to[i] = from[whole];                                                                   \
    }
SPREAD(uint8_t)
SPREAD(uint16_t)
SPREAD(float)

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q * b > a ? q - 1 : q;
}

/* The pixels under cells from @p cell on, n of them, that are in the image. */
static void pixels_under(int64_t cell, int64_t n, int64_t first, int32_t k, int size, int64_t *from,
                         int64_t *to)
{
    *from = floor_div(cell - first, k);
    *to = floor_div(cell + n - 1 - first, k) + 1;
    *from = *from > 0 ? *from : 0;
    *to = *to < size ? *to : size;
}

/* Cells of the window, counted from its first, in a rectangle of pixels. */
struct held {
    int64_t c0, c1, r0, r1;
};

static struct held cells_of(const struct cao_nest *g, const struct cao_window *w, int64_t x0,
                            int64_t y0, int64_t x1, int64_t y1)
{
    struct held h = { g->col + x0 * g->across - w->col, g->col + x1 * g->across - w->col,
                      g->row + y0 * g->down - w->row, g->row + y1 * g->down - w->row };
    h.c0 = h.c0 > 0 ? h.c0 : 0;
    h.r0 = h.r0 > 0 ? h.r0 : 0;
    h.c1 = h.c1 < w->cols ? h.c1 : w->cols;
    h.r1 = h.r1 < w->rows ? h.r1 : w->rows;
    return h;
}

_Static_assert(CAO_CLEAR == 0 && CAO_SIGHT_GROUND == 0, "what is laid under nothing shows");

/* By bits: of a choice the compiler makes a store under a condition, and uses no vectors. */
CAO_LANES static void lay_under(const uint8_t *restrict says, uint8_t *restrict to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)(to[i] | (says[i] & -(to[i] == 0)));
}

static void put_outside(const struct cao_nested *to, size_t at, size_t n)
{
    for (size_t i = at; i < at + n; i++) {
        if (to->codes)
            to->codes[i] = to->outside;
        if (to->values)
            to->values[i] = NAN;
        if (to->reason && to->reason[i] == CAO_CLEAR)
            to->reason[i] = (uint8_t)to->outside;
        if (to->sight && to->sight[i] == CAO_SIGHT_GROUND)
            to->sight[i] = (uint8_t)(to->outside >> 8);
    }
}

/* What of the window lies beyond the image. */
static void frame(const struct cao_nested *to, const struct held *in)
{
    size_t cols = (size_t)to->window.cols;
    for (int32_t row = 0; row < to->window.rows; row++) {
        size_t at = (size_t)row * cols;
        bool meets = row >= in->r0 && row < in->r1 && in->c0 < in->c1;
        if (!meets) {
            put_outside(to, at, cols);
            continue;
        }
        put_outside(to, at, (size_t)in->c0);
        put_outside(to, at + (size_t)in->c1, cols - (size_t)in->c1);
    }
}

static bool is_wanted(const struct cao_nested *to, const struct held *h)
{
    bool wanted = !to->wanted;
    for (int64_t row = h->r0; !wanted && row < h->r1; row++)
        wanted = memchr(to->wanted + row * to->window.cols + h->c0, CAO_CLEAR,
                        (size_t)(h->c1 - h->c0)) != NULL;
    return wanted;
}

/* A row of pixels of a part that was read, and where its cells begin. */
struct line {
    const uint16_t *dn;
    const float *value;
    size_t k, skip;
};

/* One of the bytes of what codes mean. Next to each other they are mostly alike: four that are those of the four
 * before are not looked up again. */
static void bytes_of(const uint16_t *meaning, const uint16_t *codes, int shift, uint8_t *out,
                     size_t n)
{
    enum { FOUR = 4 };
    uint64_t here, before = 0;
    uint8_t says[FOUR];
    for (size_t k = 0; k < FOUR; k++)
        says[k] = (uint8_t)(meaning[0] >> shift);
    size_t i = 0;
    for (; i + FOUR <= n; i += FOUR) {
        memcpy(&here, codes + i, sizeof here);
        for (size_t k = 0; here != before && k < FOUR; k++)
            says[k] = (uint8_t)(meaning[codes[i + k]] >> shift);
        before = here;
        memcpy(out + i, says, sizeof says);
    }
    for (; i < n; i++)
        out[i] = (uint8_t)(meaning[codes[i]] >> shift);
}

/* One of the bytes of what the codes of a row mean, under n rows of cells. */
static void lay_bytes(const struct line *l, const uint16_t *meaning, int shift, uint8_t *to,
                      size_t stride, size_t n, size_t rows)
{
    enum { PIECE = 1024 };
    uint8_t of_pixel[PIECE], of_cell[PIECE];
    size_t skip = l->skip, from = 0;
    for (size_t at = 0, m; at < n; at += m) {
        m = n - at < PIECE ? n - at : PIECE;
        size_t pixels = (skip + m + l->k - 1) / l->k;
        bytes_of(meaning, l->dn + from, shift, of_pixel, pixels);
        spread_uint8_t(of_pixel, l->k, skip, of_cell, m);
        for (size_t r = 0; r < rows; r++)
            lay_under(of_cell, to + r * stride + at, m);
        from += (skip + m) / l->k;
        skip = (skip + m) % l->k;
    }
}

static void put_row(const struct cao_nested *to, const struct line *l, size_t at, size_t n,
                    size_t rows)
{
    size_t cols = (size_t)to->window.cols;
    if (to->reason)
        lay_bytes(l, to->meaning, 0, to->reason + at, cols, n, rows);
    if (to->sight)
        lay_bytes(l, to->meaning, 8, to->sight + at, cols, n, rows);
    if (to->codes)
        spread_uint16_t(l->dn, l->k, l->skip, to->codes + at, n);
    if (to->values)
        spread_float(l->value, l->k, l->skip, to->values + at, n);
    for (size_t r = 1; to->codes && r < rows; r++)
        memcpy(to->codes + at + r * cols, to->codes + at, n * sizeof *to->codes);
    for (size_t r = 1; to->values && r < rows; r++)
        memcpy(to->values + at + r * cols, to->values + at, n * sizeof *to->values);
}

static enum cao_status read_part(const struct cao_reader *r, const struct cao_feed *f,
                                 const struct cao_pixels *p, const struct cao_nested *to,
                                 struct cao_error *err)
{
    const struct cao_window *w = &to->window;
    const struct cao_nest *g = &f->nest;
    size_t width = (size_t)p->width, pixels = width * (size_t)p->height, cols = (size_t)w->cols;
    struct held h = cells_of(g, w, p->x, p->y, p->x + p->width, p->y + p->height);
    size_t n = (size_t)(h.c1 - h.c0);
    enum cao_status st;
    if (to->values && !is_wanted(to, &h)) {
        for (int64_t row = h.r0; row < h.r1; row++)
            put_outside(to, (size_t)row * cols + (size_t)h.c0, n);
        return CAO_OK;
    }
    if (to->values)
        st = cao_source_values(&f->source, p, r->kit->dn, r->kit->value, width, err);
    else
        st = cao_source_read(&f->source, p, r->kit->dn, width, err);
    if (!st && to->codes && to->meaning)
        cao_qa_translate(to->meaning, r->kit->dn, pixels);
    int64_t skip = w->col + h.c0 - (g->col + (int64_t)p->x * g->across);
    for (int64_t row = h.r0, next; !st && row < h.r1; row = next) {
        int64_t y = floor_div(w->row + row - g->row, g->down);
        size_t from = (size_t)(y - p->y) * width;
        struct line l = { r->kit->dn + from, r->kit->value + from, (size_t)g->across,
                          (size_t)skip };
        next = g->row + (y + 1) * g->down - w->row;
        next = next < h.r1 ? next : h.r1;
        put_row(to, &l, (size_t)row * cols + (size_t)h.c0, n, (size_t)(next - row));
    }
    return st;
}

enum cao_status cao_nested_read(const struct cao_reader *r, const struct cao_feed *f,
                                const struct cao_nested *to, struct cao_error *err)
{
    const struct cao_window *w = &to->window;
    const struct cao_nest *g = &f->nest;
    int64_t x0, x1, y0, y1;
    pixels_under(w->col, w->cols, g->col, g->across, f->source.width, &x0, &x1);
    pixels_under(w->row, w->rows, g->row, g->down, f->source.height, &y0, &y1);
    bool meets = x0 < x1 && y0 < y1;
    struct held in = { 0, 0, 0, 0 };
    if (meets)
        in = cells_of(g, w, x0, y0, x1, y1);
    frame(to, &in);
    enum cao_status st = CAO_OK;
    for (int64_t y = y0, low = y1; !st && meets && y < y1; y = low)
        for (int64_t x = x0, right; !st && x < x1; x = right) {
            cao_source_part(&f->source, x, y, x1, y1, &right, &low);
            struct cao_pixels p = { (int)x, (int)y, (int)(right - x), (int)(low - y) };
            st = read_part(r, f, &p, to, err);
        }
    return st;
}
