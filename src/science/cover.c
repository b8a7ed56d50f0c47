/* SPDX-License-Identifier: MIT
 * Coordinates are whole numbers of 2^-31 cell, a cell's area 2^63 units, sums of areas 128 bits
 * wide: all sums are exact. So neither the order of edges nor the window can change a bit. */
#include "caochu/cover.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SHIFT = 31, ALIGN = 64, GROUP = 64, FEW_POINTS = 256, FEW_RECORDS = 4096 };
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

/* A polygon as the walks see it: as it came, or made ready. */
struct outline {
    const double *xy; /* one of the two */
    const int64_t *snapped;
    const size_t *ring_end;
    size_t n_rings;
    const struct cao_shape_group *groups; /* may be NULL */
};

static struct outline outline_of(const struct cao_polygon *p)
{
    return (struct outline){ .xy = p->xy, .ring_end = p->ring_end, .n_rings = p->n_rings };
}

static struct outline outline_of_shape(const struct cao_shape *s)
{
    return (struct outline){ .snapped = s->xy,
                             .ring_end = s->ring_end,
                             .n_rings = s->n_rings,
                             .groups = s->n_groups ? s->groups : NULL };
}

static int64_t fixed(double v)
{
    return llrint(v * (double)ONE);
}

static size_t n_points(const struct cao_polygon *p)
{
    return p->n_rings ? p->ring_end[p->n_rings - 1] : 0;
}

/* The edge from a to b in its canonical direction, downwards; false where it is level. */
static bool make_edge(const int64_t a[2], const int64_t b[2], struct edge *e)
{
    if (a[1] == b[1])
        return false;
    *e = a[1] < b[1] ? (struct edge){ a[0], a[1], b[0], b[1], 0, 0, 1 }
                     : (struct edge){ b[0], b[1], a[0], a[1], 0, 0, -1 };
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

/* Goes through the edges that are not level, but for groups that a window has no use for. */
struct cursor {
    const struct outline *o;
    const struct cao_window *w; /* NULL: all edges */
    bool right_too;             /* those right of the window count as well */
    size_t ring, begin, at, group, left_in_group;
    bool loaded;
    int64_t from[2]; /* the vertex at `at` */
};

static void load(const struct outline *o, size_t at, int64_t xy[2])
{
    assert(o->snapped || o->xy);
    xy[0] = o->snapped ? o->snapped[2 * at] : fixed(o->xy[2 * at]);
    xy[1] = o->snapped ? o->snapped[2 * at + 1] : fixed(o->xy[2 * at + 1]);
}

static bool is_wanted(const struct cursor *c, const struct cao_shape_group *g)
{
    const struct cao_window *w = c->w;
    return !w || (g->bottom >= w->row && g->top < (int64_t)w->row + w->rows &&
                  (c->right_too || g->left < (int64_t)w->col + w->cols));
}

static bool next_edge(struct cursor *c, struct edge *e)
{
    const struct outline *o = c->o;
    while (c->ring < o->n_rings) {
        size_t end = o->ring_end[c->ring];
        if (c->at >= end) {
            c->begin = c->at = end;
            c->ring++;
            c->loaded = false;
            continue;
        }
        if (o->groups && c->left_in_group == 0) {
            size_t n = end - c->at < GROUP ? end - c->at : GROUP;
            if (!is_wanted(c, &o->groups[c->group++])) {
                c->at += n;
                c->loaded = false;
                continue;
            }
            c->left_in_group = n;
        }
        c->left_in_group--;
        int64_t from[2], to[2];
        if (!c->loaded)
            load(o, c->at, c->from);
        memcpy(from, c->from, sizeof from);
        load(o, c->at + 1 < end ? c->at + 1 : c->begin, to);
        memcpy(c->from, to, sizeof to);
        c->loaded = true;
        c->at++;
        if (make_edge(from, to, e))
            return true;
    }
    return false;
}

static size_t record_bound(const struct outline *o, const struct cao_window *w)
{
    size_t n = 0;
    struct edge e;
    int64_t bottom = w ? (int64_t)w->row + w->rows - 1 : INT64_MAX,
            right = w ? (int64_t)w->col + w->cols : INT64_MAX, top = w ? w->row : INT64_MIN,
            begin = w ? (int64_t)w->col - 1 : INT64_MIN;
    for (struct cursor c = { .o = o, .w = w }; next_edge(&c, &e);) {
        int64_t first = e.y0 >> SHIFT, last = (e.y1 - 1) >> SHIFT;
        int64_t left = (e.x0 < e.x1 ? e.x0 : e.x1) >> SHIFT,
                most = (e.x0 < e.x1 ? e.x1 : e.x0) >> SHIFT;
        if (last < top || first > bottom || left >= right)
            continue;
        first = first < top ? top : first;
        last = last > bottom ? bottom : last;
        left = left < begin ? begin : left;
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

static struct cao_cover_need need_of(size_t n_records, size_t n_spans, const struct cao_window *w)
{
    return (struct cao_cover_need){ n_spans + 1,
                                    2 * padded((n_records + 1) * sizeof(struct record)) +
                                        padded(((size_t)w->rows + 1) * sizeof(uint32_t)) };
}

struct cao_cover_need cao_cover_need(const struct cao_polygon *p, const struct cao_window *w)
{
    struct outline o = outline_of(p);
    size_t n = record_bound(&o, w);
    return need_of(n, 2 * n, w);
}

struct cao_cover_need cao_shape_cover_need(const struct cao_shape *s, const struct cao_window *w)
{
    struct outline o = outline_of_shape(s);
    size_t n = s->n_records <= FEW_RECORDS ? s->n_records : record_bound(&o, w);
    return need_of(n, 2 * n, w);
}

/* Twice the polygon's area in units of 2^-62 cell, with the sign of the way its shells run. */
static wide twice_area(const struct outline *o)
{
    wide twice = 0;
    struct edge e;
    for (struct cursor c = { .o = o }; next_edge(&c, &e);) {
        wide part = (wide)(e.x0 + e.x1) * (e.y1 - e.y0);
        twice += e.sign * part;
    }
    return twice;
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

static size_t cover(const struct outline *o, int64_t flip, const struct cao_window *w,
                    void *scratch, struct cao_span *spans)
{
    if (w->cols <= 0 || w->rows <= 0)
        return 0;
    size_t rows = (size_t)w->rows;
    unsigned char *at = scratch;
    struct walk k = { .w = w, .right = w->col + w->cols, .count = (void *)at };
    k.records = (void *)(at + padded((rows + 1) * sizeof *k.count));
    memset(k.count, 0, (rows + 1) * sizeof *k.count);
    struct edge e;
    for (struct cursor c = { .o = o, .w = w }; next_edge(&c, &e);)
        walk_edge(&k, &e);
    struct record *sorted = k.records + k.n;

    rows_begin(&k, rows, sorted);
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

size_t cao_cover(const struct cao_polygon *p, const struct cao_window *w, void *scratch,
                 struct cao_span *spans)
{
    struct outline o = outline_of(p);
    return cover(&o, twice_area(&o) > 0 ? -1 : 1, w, scratch, spans);
}

size_t cao_shape_cover(const struct cao_shape *s, const struct cao_window *w, void *scratch,
                       struct cao_span *spans)
{
    struct outline o = outline_of_shape(s);
    return cover(&o, s->flip, w, scratch, spans);
}

/* --- polygons made ready --- */

static size_t n_groups(const struct cao_polygon *p)
{
    size_t n = 0;
    for (size_t ring = 0, at = 0; ring < p->n_rings; at = p->ring_end[ring++])
        n += (p->ring_end[ring] - at + GROUP - 1) / GROUP;
    return n_points(p) > FEW_POINTS ? n : 0;
}

size_t cao_shape_bytes(const struct cao_polygon *p)
{
    return 2 * n_points(p) * sizeof(int64_t) + n_groups(p) * sizeof(struct cao_shape_group);
}

/* Rows and the first column that edges @p at to @p last of a ring reach. */
static struct cao_shape_group reach(const int64_t *xy, size_t at, size_t last, size_t begin,
                                    size_t end)
{
    int64_t left = INT64_MAX, top = INT64_MAX, bottom = INT64_MIN;
    for (size_t i = at; i <= last; i++) {
        const int64_t *v = xy + 2 * (i < end ? i : begin);
        left = v[0] < left ? v[0] : left;
        top = v[1] < top ? v[1] : top;
        bottom = v[1] > bottom ? v[1] : bottom;
    }
    return (struct cao_shape_group){ (int32_t)(left >> SHIFT), (int32_t)(top >> SHIFT),
                                     (int32_t)(bottom >> SHIFT) };
}

void cao_shape_init(struct cao_shape *s, const struct cao_polygon *p, void *memory)
{
    size_t n = n_points(p), groups = n_groups(p);
    int64_t *xy = memory;
    struct cao_shape_group *g = (void *)(xy + 2 * n);
    for (size_t i = 0; i < 2 * n; i++)
        xy[i] = fixed(p->xy[i]);
    for (size_t ring = 0, begin = 0; groups && ring < p->n_rings; begin = p->ring_end[ring++])
        for (size_t at = begin, end = p->ring_end[ring]; at < end; at += GROUP)
            *g++ = reach(xy, at, at + GROUP < end ? at + GROUP : end, begin, end);
    *s = (struct cao_shape){ .xy = xy,
                             .ring_end = p->ring_end,
                             .n_rings = p->n_rings,
                             .groups = (void *)(xy + 2 * n),
                             .n_groups = groups };
    struct outline o = outline_of_shape(s);
    wide twice = twice_area(&o);
    s->flip = twice > 0 ? -1 : 1;
    s->area = ldexp((double)(twice < 0 ? -twice : twice), -2 * SHIFT - 1);
    s->n_records = record_bound(&o, NULL);
}

struct cao_window cao_shape_window(const struct cao_shape *s, const struct cao_window *w)
{
    int64_t box[4] = { INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN };
    size_t n = s->n_rings ? s->ring_end[s->n_rings - 1] : 0;
    for (size_t i = 0; i < n; i++) {
        int64_t x = s->xy[2 * i], y = s->xy[2 * i + 1];
        box[0] = x < box[0] ? x : box[0];
        box[1] = y < box[1] ? y : box[1];
        box[2] = x > box[2] ? x : box[2];
        box[3] = y > box[3] ? y : box[3];
    }
    if (n == 0)
        return (struct cao_window){ w->col, w->row, 0, 0 };
    int64_t c0 = between(box[0] >> SHIFT, w->col, INT64_MAX),
            r0 = between(box[1] >> SHIFT, w->row, INT64_MAX),
            c1 = between((box[2] + ONE - 1) >> SHIFT, INT64_MIN, (int64_t)w->col + w->cols),
            r1 = between((box[3] + ONE - 1) >> SHIFT, INT64_MIN, (int64_t)w->row + w->rows);
    if (c1 <= c0 || r1 <= r0)
        return (struct cao_window){ w->col, w->row, 0, 0 };
    return (struct cao_window){ (int32_t)c0, (int32_t)r0, (int32_t)(c1 - c0), (int32_t)(r1 - r0) };
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

static struct cao_cover_need centers_need(const struct outline *o, const struct cao_window *w)
{
    size_t n = 0;
    struct edge e;
    int64_t first, last;
    for (struct cursor c = { .o = o, .w = w, .right_too = true }; next_edge(&c, &e);)
        if (centre_rows(&e, w, &first, &last))
            n += (size_t)(last - first + 1);
    return need_of(n, n / 2, w);
}

struct cao_cover_need cao_cover_centers_need(const struct cao_polygon *p,
                                             const struct cao_window *w)
{
    struct outline o = outline_of(p);
    return centers_need(&o, w);
}

struct cao_cover_need cao_shape_centers_need(const struct cao_shape *s, const struct cao_window *w)
{
    struct outline o = outline_of_shape(s);
    return centers_need(&o, w);
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

static size_t centers(const struct outline *o, const struct cao_window *w, void *scratch,
                      struct cao_span *spans)
{
    if (w->cols <= 0 || w->rows <= 0)
        return 0;
    size_t rows = (size_t)w->rows, n_spans = 0;
    struct walk k = { .w = w, .count = scratch };
    k.records = (void *)((unsigned char *)scratch + padded((rows + 1) * sizeof *k.count));
    memset(k.count, 0, (rows + 1) * sizeof *k.count);
    struct edge e;
    for (struct cursor c = { .o = o, .w = w, .right_too = true }; next_edge(&c, &e);)
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

size_t cao_cover_centers(const struct cao_polygon *p, const struct cao_window *w, void *scratch,
                         struct cao_span *spans)
{
    struct outline o = outline_of(p);
    return centers(&o, w, scratch, spans);
}

size_t cao_shape_centers(const struct cao_shape *s, const struct cao_window *w, void *scratch,
                         struct cao_span *spans)
{
    struct outline o = outline_of_shape(s);
    return centers(&o, w, scratch, spans);
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

/* Area to the right of the window's left side that the edge bounds within the window, with the edge's
 * sign: the edge is straight, so what it leaves of each row is cut off at the two sides. */
static double within(const double *a, const double *b, const double side[4])
{
    double y0 = fmin(fmax(a[1], side[1]), side[3]), y1 = fmin(fmax(b[1], side[1]), side[3]);
    double dy = y1 - y0, width = side[2] - side[0];
    if (dy == 0)
        return 0;
    double slope = (b[0] - a[0]) / (b[1] - a[1]);
    double x0 = a[0] + (y0 - a[1]) * slope - side[0], x1 = a[0] + (y1 - a[1]) * slope - side[0];
    double low = x0 < x1 ? x0 : x1, high = x0 < x1 ? x1 : x0;
    if (low >= 0 && high <= width)
        return (low + high) / 2 * dy;
    if (high <= 0 || low >= width)
        return high <= 0 ? 0 : width * dy;
    double from = low < 0 ? 0 : low, to = high > width ? width : high;
    return dy / (high - low) * ((from + to) / 2 * (to - from) + width * (high - to));
}

bool cao_cover_is_sure(const struct cao_polygon *p, const struct cao_window *w)
{
    const double side[4] = { w->col, w->row, (double)w->col + w->cols, (double)w->row + w->rows };
    double inside = 0, moved = 0, twice = 0, turned = 0;
    for (size_t ring = 0, at = 0; ring < p->n_rings; ring++)
        for (size_t begin = at, end = p->ring_end[ring]; at < end; at++) {
            const double *a = p->xy + 2 * at, *b = p->xy + 2 * (at + 1 < end ? at + 1 : begin);
            double part = within(a, b, side);
            double turn = (a[0] + b[0] - 2 * side[0]) * (b[1] - a[1]);
            inside += part;
            moved += fabs(part);
            twice += turn;
            turned += fabs(turn);
        }
    /* far beyond what rounding or snapping to cells can make */
    return fabs(inside) > 0.01 + 1e-9 * moved && fabs(twice) > 0.01 + 1e-9 * turned &&
           (inside > 0) == (twice > 0);
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
