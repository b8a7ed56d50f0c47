/* SPDX-License-Identifier: MIT
 * Coordinates are whole numbers of 2^-31 cell, a cell's area 2^63 units, sums of areas 128 bits
 * wide: all sums are exact. So neither the order of edges nor the window can change a bit. */
#include "caochu/cover.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SHIFT = 31, ALIGN = 64 };
#define ONE (INT64_C(1) << SHIFT)

/* What a piece of edge adds to its cell and, as cover, to all cells to the right of it. */
struct record {
    int32_t row, col;
    int64_t cover; /* signed height, ONE is the whole cell */
    uint64_t area; /* without sign, 2^63 is the whole cell */
};

__extension__ typedef __int128 wide;

struct edge {
    int64_t x0, y0, x1, y1; /* y0 < y1 */
    double dx, dy;
    int sign;
};

struct walk {
    const struct cao_window *w;
    int32_t right; /* first column beyond the window */
    struct record *records;
    size_t n;
    uint32_t *count; /* per row of the window */
};

static int64_t fixed(double v)
{
    return llrint(v * (double)ONE);
}

static size_t n_points(const struct cao_polygon *p)
{
    return p->n_rings ? p->ring_end[p->n_rings - 1] : 0;
}

/* The edge from a to b in its canonical direction, downwards; false where it is level. */
static bool make_edge(const double *a, const double *b, struct edge *e)
{
    int64_t xa = fixed(a[0]), ya = fixed(a[1]), xb = fixed(b[0]), yb = fixed(b[1]);
    if (ya == yb)
        return false;
    *e = ya < yb ? (struct edge){ xa, ya, xb, yb, 0, 0, 1 }
                 : (struct edge){ xb, yb, xa, ya, 0, 0, -1 };
    e->dx = (double)(e->x1 - e->x0);
    e->dy = (double)(e->y1 - e->y0);
    return true;
}

static int64_t x_at(const struct edge *e, int64_t y)
{
    return e->x0 + llrint((double)(y - e->y0) / e->dy * e->dx);
}

static int64_t y_at(const struct edge *e, int64_t x)
{
    return e->y0 + llrint((double)(x - e->x0) / e->dx * e->dy);
}

static int64_t between(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

/* A piece within one cell: its height, and its two distances from the cell's left side. */
static void put(struct walk *k, int32_t row, int32_t col, int sign, int64_t height, int64_t left)
{
    uint64_t area = (uint64_t)height * (uint64_t)(2 * ONE - left);
    k->records[k->n++] = (struct record){ row, col, sign * height, area };
    k->count[row - k->w->row]++;
}

/* A piece within one row, from left (xl, yl) to right (xr, yr), cut at the columns. */
static void walk_row(struct walk *k, const struct edge *e, int32_t row, int64_t xl, int64_t yl,
                     int64_t xr, int64_t yr)
{
    int64_t low = yl < yr ? yl : yr, high = yl < yr ? yr : yl;
    int64_t first = xl >> SHIFT, last = xr > xl ? (xr - 1) >> SHIFT : first;
    if (first >= k->right)
        return;
    if (first < k->w->col) { /* all that is left of the window counts as cover alone */
        int64_t border = k->w->col * ONE;
        bool all = last < k->w->col;
        int64_t y = all ? yr : between(y_at(e, border), low, high);
        put(k, row, k->w->col - 1, e->sign, y > yl ? y - yl : yl - y, 0);
        if (all)
            return;
        xl = border;
        yl = y;
        first = k->w->col;
    }
    for (int64_t col = first; col <= last && col < k->right; col++) {
        int64_t side = col * ONE, x = xr, y = yr;
        if (col < last) {
            x = side + ONE;
            y = between(y_at(e, x), low, high);
        }
        put(k, row, (int32_t)col, e->sign, y > yl ? y - yl : yl - y, (xl - side) + (x - side));
        xl = x;
        yl = y;
    }
}

static void walk_edge(struct walk *k, const struct edge *e)
{
    int64_t first = e->y0 >> SHIFT, last = (e->y1 - 1) >> SHIFT;
    int64_t top = k->w->row, bottom = (int64_t)k->w->row + k->w->rows - 1;
    if (last < top || first > bottom || (e->x0 >> SHIFT >= k->right && e->x1 >> SHIFT >= k->right))
        return;
    int64_t x = e->x0, y = e->y0;
    if (first < top) {
        first = top;
        y = top * ONE;
        x = x_at(e, y);
    }
    last = last > bottom ? bottom : last;
    for (int64_t row = first; row <= last; row++) {
        int64_t y2 = (row + 1) * ONE, x2;
        if (y2 >= e->y1) {
            y2 = e->y1;
            x2 = e->x1;
        } else {
            x2 = x_at(e, y2);
        }
        if (x <= x2)
            walk_row(k, e, (int32_t)row, x, y, x2, y2);
        else
            walk_row(k, e, (int32_t)row, x2, y2, x, y);
        x = x2;
        y = y2;
    }
}

/* Goes through the edges of a polygon that are not level. */
struct cursor {
    const struct cao_polygon *p;
    size_t ring, begin, at;
};

static bool next_edge(struct cursor *c, struct edge *e)
{
    while (c->ring < c->p->n_rings) {
        size_t end = c->p->ring_end[c->ring];
        if (c->at >= end) {
            c->begin = c->at = end;
            c->ring++;
            continue;
        }
        size_t to = c->at + 1 < end ? c->at + 1 : c->begin;
        if (make_edge(c->p->xy + 2 * c->at++, c->p->xy + 2 * to, e))
            return true;
    }
    return false;
}

static size_t record_bound(const struct cao_polygon *p, const struct cao_window *w)
{
    size_t n = 0;
    struct edge e;
    int64_t bottom = (int64_t)w->row + w->rows - 1, right = (int64_t)w->col + w->cols;
    for (struct cursor c = { .p = p }; next_edge(&c, &e);) {
        int64_t first = e.y0 >> SHIFT, last = (e.y1 - 1) >> SHIFT;
        int64_t left = (e.x0 < e.x1 ? e.x0 : e.x1) >> SHIFT,
                most = (e.x0 < e.x1 ? e.x1 : e.x0) >> SHIFT;
        if (last < w->row || first > bottom || left >= right)
            continue;
        first = first < w->row ? w->row : first;
        last = last > bottom ? bottom : last;
        left = left < w->col - 1 ? w->col - 1 : left;
        most = most > right ? right : most;
        /* rounding may put a crossing one column aside: one spare record a row */
        n += (size_t)(2 * (last - first + 1)) + (size_t)(most > left ? most - left : 0) + 1;
    }
    return n;
}

static size_t padded(size_t bytes)
{
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

struct cao_cover_need cao_cover_need(const struct cao_polygon *p, const struct cao_window *w)
{
    size_t n = record_bound(p, w);
    return (struct cao_cover_need){ 2 * n + 1,
                                    2 * padded((n + 1) * sizeof(struct record)) +
                                        padded(((size_t)w->rows + 1) * sizeof(uint32_t)) };
}

size_t cao_cover_span_bound(const struct cao_polygon *p, const struct cao_window *w)
{
    return cao_cover_need(p, w).spans;
}

size_t cao_cover_scratch_bytes(const struct cao_polygon *p, const struct cao_window *w)
{
    return cao_cover_need(p, w).scratch_bytes;
}

/* Sign of the whole polygon's area: with it shells count as covering, whichever way they run. */
static bool runs_backwards(const struct cao_polygon *p)
{
    wide twice = 0;
    struct edge e;
    for (struct cursor c = { .p = p }; next_edge(&c, &e);) {
        wide part = (wide)(e.x0 + e.x1) * (e.y1 - e.y0);
        twice += e.sign * part;
    }
    return twice > 0;
}

/* By column. Equal columns may come in any order: their sum is exact. Short rows, nearly all, by
 * insertion; long ones by digits of the column, so that cost stays in line with the border. Returns
 * where the sorted ones are: @p r, or @p spare of the same size. */
static struct record *sort_row(struct record *r, size_t n, struct record *spare)
{
    enum { FEW = 24, DIGIT = 8, DIGITS = 1 << DIGIT };
    if (n <= FEW) {
        for (size_t i = 1; i < n; i++) {
            struct record item = r[i];
            size_t k = i;
            for (; k > 0 && r[k - 1].col > item.col; k--)
                r[k] = r[k - 1];
            r[k] = item;
        }
        return r;
    }
    int32_t low = r[0].col, high = low;
    for (size_t i = 1; i < n; i++) {
        low = r[i].col < low ? r[i].col : low;
        high = r[i].col > high ? r[i].col : high;
    }
    for (int shift = 0; (high - low) >> shift; shift += DIGIT) {
        size_t begin[DIGITS] = { 0 }, sum = 0;
        for (size_t i = 0; i < n; i++)
            begin[((r[i].col - low) >> shift) & (DIGITS - 1)]++;
        for (int d = 0; d < DIGITS; d++) {
            size_t here = begin[d];
            begin[d] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            spare[begin[((r[i].col - low) >> shift) & (DIGITS - 1)]++] = r[i];
        struct record *swap = r;
        r = spare;
        spare = swap;
    }
    return r;
}

/* Units of 2^-63 cell as a share; overlapping parts stay within 0..1. A share that is no area to
 * the sums (they count in 2^-40 cell) is no share: it must not set a minimum either. */
static double share(wide units)
{
    if (units < (wide)1 << (63 - 41))
        return 0;
    return units >= (wide)1 << 63 ? 1 : (double)(uint64_t)units * 0x1p-63;
}

static size_t push(struct cao_span *spans, size_t n, int32_t row, int64_t col, int64_t end,
                   double weight)
{
    if (weight <= 0 || end <= col)
        return n;
    if (n > 0 && spans[n - 1].row == row && spans[n - 1].weight == weight &&
        spans[n - 1].col + spans[n - 1].n == col) {
        spans[n - 1].n += (int32_t)(end - col);
        return n;
    }
    spans[n] = (struct cao_span){ row, (int32_t)col, (int32_t)(end - col), weight };
    return n + 1;
}

/* From a row's records, sorted by column, to its spans. */
static size_t sweep(const struct record *r, size_t n, const struct cao_window *w, int32_t row,
                    int64_t flip, struct cao_span *spans, size_t n_spans)
{
    int64_t cover = 0, next = w->col, right = (int64_t)w->col + w->cols;
    for (size_t i = 0; i < n;) {
        int32_t col = r[i].col;
        int64_t heights = 0;
        wide area = 0;
        for (; i < n && r[i].col == col; i++) {
            heights += r[i].cover;
            area += r[i].cover < 0 ? -(wide)r[i].area : (wide)r[i].area;
        }
        if (col >= w->col) {
            wide before = (wide)cover * ((wide)1 << 32);
            n_spans = push(spans, n_spans, row, next, col, share(flip * before));
            n_spans =
                push(spans, n_spans, row, col, (int64_t)col + 1, share(flip * (before + area)));
            next = (int64_t)col + 1;
        }
        cover += heights;
    }
    return push(spans, n_spans, row, next, right, share(flip * ((wide)cover * ((wide)1 << 32))));
}

/* Records by row; counts become where each row ends. */
static void rows_begin(struct walk *k, size_t rows, struct record *sorted)
{
    uint32_t begin = 0;
    for (size_t row = 0; row <= rows; row++) {
        uint32_t n = k->count[row];
        k->count[row] = begin;
        begin += n;
    }
    for (size_t i = 0; i < k->n; i++)
        sorted[k->count[k->records[i].row - k->w->row]++] = k->records[i];
}

size_t cao_cover(const struct cao_polygon *p, const struct cao_window *w, void *scratch,
                 struct cao_span *spans)
{
    if (w->cols <= 0 || w->rows <= 0 || n_points(p) < 3)
        return 0;
    size_t rows = (size_t)w->rows;
    unsigned char *at = scratch;
    struct walk k = { .w = w, .right = w->col + w->cols, .count = (void *)at };
    k.records = (void *)(at + padded((rows + 1) * sizeof *k.count));
    memset(k.count, 0, (rows + 1) * sizeof *k.count);
    struct edge e;
    for (struct cursor c = { .p = p }; next_edge(&c, &e);)
        walk_edge(&k, &e);
    struct record *sorted = k.records + k.n;

    rows_begin(&k, rows, sorted);
    int64_t flip = runs_backwards(p) ? -1 : 1;
    size_t n_spans = 0;
    for (size_t row = 0; row < rows; row++) {
        size_t first = row ? k.count[row - 1] : 0, n = k.count[row] - first;
        if (n == 0)
            continue;
        struct record *line = sort_row(sorted + first, n, k.records);
        n_spans = sweep(line, n, w, w->row + (int32_t)row, flip, spans, n_spans);
    }
    return n_spans;
}

/* --- by centres --- */

/* Rows of @p w whose centre line the edge crosses: those with y0 <= centre < y1. */
static bool centre_rows(const struct edge *e, const struct cao_window *w, int64_t *first,
                        int64_t *last)
{
    *first = (e->y0 + ONE / 2 - 1) >> SHIFT;
    *last = ((e->y1 + ONE / 2 - 1) >> SHIFT) - 1;
    *first = *first < w->row ? w->row : *first;
    *last = *last > (int64_t)w->row + w->rows - 1 ? (int64_t)w->row + w->rows - 1 : *last;
    return *first <= *last;
}

struct cao_cover_need cao_cover_centers_need(const struct cao_polygon *p,
                                             const struct cao_window *w)
{
    size_t n = 0;
    struct edge e;
    int64_t first, last;
    for (struct cursor c = { .p = p }; next_edge(&c, &e);)
        if (centre_rows(&e, w, &first, &last))
            n += (size_t)(last - first + 1);
    return (struct cao_cover_need){ n / 2 + 1,
                                    2 * padded((n + 1) * sizeof(struct record)) +
                                        padded(((size_t)w->rows + 1) * sizeof(uint32_t)) };
}

/* Where each edge crosses the rows' centre lines, as the first column whose centre is right of it. */
static void walk_centres(struct walk *k, const struct edge *e)
{
    int64_t first, last, left = k->w->col, right = left + k->w->cols;
    if (!centre_rows(e, k->w, &first, &last))
        return;
    for (int64_t row = first; row <= last; row++) {
        int64_t x = x_at(e, row * ONE + ONE / 2);
        int64_t col = between((x + ONE / 2 - 1) >> SHIFT, left, right);
        k->records[k->n++] = (struct record){ .row = (int32_t)row, .col = (int32_t)col };
        k->count[row - k->w->row]++;
    }
}

size_t cao_cover_centers(const struct cao_polygon *p, const struct cao_window *w, void *scratch,
                         struct cao_span *spans)
{
    if (w->cols <= 0 || w->rows <= 0 || n_points(p) < 3)
        return 0;
    size_t rows = (size_t)w->rows, n_spans = 0;
    struct walk k = { .w = w, .count = scratch };
    k.records = (void *)((unsigned char *)scratch + padded((rows + 1) * sizeof *k.count));
    memset(k.count, 0, (rows + 1) * sizeof *k.count);
    struct edge e;
    for (struct cursor c = { .p = p }; next_edge(&c, &e);)
        walk_centres(&k, &e);
    struct record *sorted = k.records + k.n;
    rows_begin(&k, rows, sorted);
    for (size_t row = 0; row < rows; row++) {
        size_t first = row ? k.count[row - 1] : 0, n = k.count[row] - first;
        struct record *line = sort_row(sorted + first, n, k.records);
        for (size_t i = 0; i + 1 < n; i += 2)
            n_spans = push(spans, n_spans, w->row + (int32_t)row, line[i].col, line[i + 1].col, 1);
    }
    return n_spans;
}

struct cao_window cao_cover_window(const struct cao_polygon *p, const struct cao_window *w)
{
    double box[4] = { HUGE_VAL, HUGE_VAL, -HUGE_VAL, -HUGE_VAL };
    for (size_t i = 0; i < n_points(p); i++) {
        double x = p->xy[2 * i], y = p->xy[2 * i + 1];
        box[0] = x < box[0] ? x : box[0];
        box[1] = y < box[1] ? y : box[1];
        box[2] = x > box[2] ? x : box[2];
        box[3] = y > box[3] ? y : box[3];
    }
    double c0 = fmax(floor(box[0]), w->col), r0 = fmax(floor(box[1]), w->row);
    double c1 = fmin(ceil(box[2]), (double)w->col + w->cols),
           r1 = fmin(ceil(box[3]), (double)w->row + w->rows);
    if (!(c1 > c0 && r1 > r0))
        return (struct cao_window){ w->col, w->row, 0, 0 };
    return (struct cao_window){ (int32_t)c0, (int32_t)r0, (int32_t)(c1 - c0), (int32_t)(r1 - r0) };
}

double cao_polygon_area(const struct cao_polygon *p)
{
    double twice = 0;
    for (size_t ring = 0, at = 0; ring < p->n_rings; ring++) {
        size_t begin = at, end = p->ring_end[ring];
        if (end == begin)
            continue;
        const double *o =
            p->xy + 2 * begin; /* about the first point: no loss far from the origin */
        for (; at < end; at++) {
            const double *a = p->xy + 2 * at, *b = p->xy + 2 * (at + 1 < end ? at + 1 : begin);
            twice += (a[0] - o[0]) * (b[1] - o[1]) - (b[0] - o[0]) * (a[1] - o[1]);
        }
    }
    return fabs(twice) / 2;
}
