/* SPDX-License-Identifier: MIT */
#include "raster/removal.h"

#include <math.h>
#include <string.h>

/* --- which layers --- */

static bool asks(const struct cao_reader *r, const struct cao_removal *m, size_t q)
{
    return r->scene->qa[q].layer.path && m->table[q];
}

static bool asks_brightness(const struct cao_reader *r, const struct cao_removal *m)
{
    return m->bright && r->scene->bright_above > 0;
}

static const struct cao_layer *bright_layer(const struct cao_reader *r)
{
    return &r->scene->band[r->scene->bright_band];
}

static double n_pixels(const struct cao_layer *l)
{
    return (double)l->width * l->height;
}

/* Number of the layer whose pixels the masks lie on: a quality layer, or CAO_MOST_QA for the bright band;
 * one more where there is none. */
static size_t finest(const struct cao_reader *r, const struct cao_removal *m)
{
    size_t best = CAO_MOST_QA + 1;
    double most = 0;
    for (size_t q = 0; q < CAO_MOST_QA; q++)
        if (asks(r, m, q) && n_pixels(&r->scene->qa[q].layer) > most) {
            most = n_pixels(&r->scene->qa[q].layer);
            best = q;
        }
    if (asks_brightness(r, m) && n_pixels(bright_layer(r)) > most)
        best = CAO_MOST_QA;
    return best;
}

static bool same_place(const struct cao_layer *a, const struct cao_layer *b)
{
    return a->width == b->width && a->height == b->height &&
           memcmp((const void *)a->geotransform, (const void *)b->geotransform,
                  sizeof a->geotransform) == 0;
}

/* What masks and bands are to each other goes by column and by row. */
static bool comparable(const struct cao_layer *a, const struct cao_layer *b)
{
    bool turned = a->geotransform[2] != 0 || a->geotransform[4] != 0 || b->geotransform[2] != 0 ||
                  b->geotransform[4] != 0;
    return !turned || same_place(a, b);
}

enum cao_status cao_reader_masks_pixels(struct cao_reader *r, const struct cao_removal *m,
                                        const enum cao_band *bands, size_t n, bool *pixels,
                                        struct cao_error *err)
{
    struct cao_feed f = { .straight = false };
    uint32_t asked = 1; /* none at all is a question too */
    size_t base = finest(r, m);
    bool averaged = false, finer = base == CAO_MOST_QA, comparables = true;
    enum cao_status st = CAO_OK;
    for (size_t i = 0; i < n; i++)
        asked |= UINT32_C(2) << bands[i];
    *pixels = r->known.of == m && r->known.bands == asked && r->known.pixels;
    if (base > CAO_MOST_QA || (r->known.of == m && r->known.bands == asked))
        return CAO_OK;
    const struct cao_layer *l = base < CAO_MOST_QA ? &r->scene->qa[base].layer : bright_layer(r);
    for (size_t i = 0; !st && i < n; i++) {
        const struct cao_layer *band = &r->scene->band[cao_scene_band(r->scene, bands[i])];
        st = cao_feed_place(r, &f, band, err);
        averaged |= f.average;
        comparables &= comparable(band, l);
    }
    for (size_t q = 0; !st && q < CAO_MOST_QA; q++) {
        if (!asks(r, m, q))
            continue;
        st = cao_feed_place(r, &f, &r->scene->qa[q].layer, err);
        finer |= !f.straight && !f.nested; /* else every cell lies in one pixel of it */
        comparables &= comparable(&r->scene->qa[q].layer, l);
    }
    if (st)
        return st;
    *pixels = averaged && finer && comparables;
    r->known.of = m;
    r->known.bands = asked;
    r->known.pixels = *pixels;
    return CAO_OK;
}

static enum cao_status open_all(struct cao_reader *r, const struct cao_removal *m,
                                struct cao_error *err)
{
    enum cao_status st = cao_reader_kit_masks(r->kit, err);
    for (size_t q = 0; !st && q < CAO_MOST_QA; q++)
        if (asks(r, m, q))
            st = cao_feed_open(r, &r->qa[q], &r->scene->qa[q].layer, false, err);
    if (!st && asks_brightness(r, m))
        st = cao_feed_open(r, &r->bright, bright_layer(r), false, err);
    return st;
}

enum cao_status cao_removal_open(struct cao_reader *r, const struct cao_removal *m,
                                 const struct cao_feed **base, struct cao_error *err)
{
    size_t k = finest(r, m);
    enum cao_status st = open_all(r, m, err);
    if (!st && k > CAO_MOST_QA)
        return cao_fail(err, CAO_EDATA, "%s: the product has no quality layer", r->scene->path);
    *base = k < CAO_MOST_QA ? &r->qa[k] : &r->bright;
    return st;
}

/* --- between pixels of two layers --- */

static struct cao_under across(const struct cao_feed *base, const struct cao_feed *f, double x)
{
    const double *b = base->position.geotransform, *t = f->position.geotransform;
    return (struct cao_under){ (t[0] + x * t[1] - b[0]) / b[1], t[1] / b[1] };
}

static struct cao_under down(const struct cao_feed *base, const struct cao_feed *f, double y)
{
    const double *b = base->position.geotransform, *t = f->position.geotransform;
    return (struct cao_under){ (t[3] + y * t[5] - b[3]) / b[5], t[5] / b[5] };
}

static double within(double v, int size)
{
    return fmin(fmax(v, 0), (double)size);
}

struct cao_pixels cao_removal_under(const struct cao_feed *base, const struct cao_feed *f,
                                    const struct cao_pixels *p)
{
    struct cao_under x = across(base, f, p->x), y = down(base, f, p->y);
    int width = base->source.width, height = base->source.height;
    int x0 = (int)within(floor(x.first), width), y0 = (int)within(floor(y.first), height);
    int x1 = (int)within(ceil(x.first + p->width * x.step), width);
    int y1 = (int)within(ceil(y.first + p->height * y.step), height);
    return (struct cao_pixels){ x0, y0, x1 - x0, y1 - y0 };
}

/* --- reading --- */

/* How far masks are grown, in their pixels. */
static double radius_of(const struct cao_reader *r, const struct cao_removal *m,
                        const struct cao_feed *base)
{
    return m->dilation_m / r->grid->res_m * sqrt(base->cell_x * base->cell_y) * (1 + 1e-6);
}

bool cao_removal_fits(const struct cao_reader *r, const struct cao_removal *m,
                      const struct cao_feed *base, const struct cao_pixels *p)
{
    /* layers with pixels of their own may need a row and a column more on each side */
    int64_t more = 2 * (int64_t)radius_of(r, m, base) + 2;
    return (p->width + more) * (p->height + more) <= CAO_SOURCE_PIXELS;
}

int32_t cao_removal_chunk(const struct cao_reader *r, const struct cao_removal *m,
                          const struct cao_feed *base)
{
    double most = 0.8 * sqrt(CAO_SOURCE_PIXELS) - 2 * radius_of(r, m, base);
    double side = most / sqrt(base->cell_x * base->cell_y);
    return side >= CAO_CHUNK ? CAO_CHUNK : side >= 2.0 ? (int32_t)side : 1;
}

/* A rectangle of the masks within a wider one, of which it is the part that is in the image. */
struct part {
    struct cao_pixels p;
    uint8_t *reason; /* of its first pixel */
    size_t stride;
};

static void lay_codes(const struct cao_reader *r, const uint16_t *table, const struct part *to)
{
    size_t cols = (size_t)to->p.width, rows = (size_t)to->p.height;
    cao_qa_translate(table, r->kit->dn, cols * rows);
    for (size_t row = 0; row < rows; row++)
        (void)cao_mask_join(r->kit->dn + row * cols, to->reason + row * to->stride, cols);
}

/* Codes of a layer with pixels of its own: those that hold the centres of the masks'. */
static void lay_others(const struct cao_reader *r, const struct cao_feed *base,
                       const struct cao_feed *f, const struct cao_pixels *read,
                       const struct cao_qa *qa, const uint16_t *table, const struct part *to)
{
    struct cao_under x = across(f, base, 0), y = down(f, base, 0); /* the same for any rectangle */
    for (int row = 0; row < to->p.height; row++) {
        double at_y = floor(y.first + (to->p.y + row + 0.5) * y.step) - read->y;
        for (int col = 0; col < to->p.width; col++) {
            double at_x = floor(x.first + (to->p.x + col + 0.5) * x.step) - read->x;
            uint8_t *reason = to->reason + (size_t)row * to->stride + (size_t)col;
            bool in = at_x >= 0 && at_y >= 0 && at_x < read->width && at_y < read->height;
            uint16_t code =
                in ? r->kit->dn[(size_t)at_y * (size_t)read->width + (size_t)at_x] : qa->outside;
            *reason = *reason == CAO_CLEAR ? (uint8_t)table[code] : *reason;
        }
    }
}

static enum cao_status lay_quality(struct cao_reader *r, const struct cao_removal *m, size_t q,
                                   const struct cao_feed *base, const struct part *to,
                                   struct cao_error *err)
{
    const struct cao_feed *f = &r->qa[q];
    bool same = same_place(f->source.layer, base->source.layer);
    struct cao_pixels p = same ? to->p : cao_removal_under(f, base, &to->p);
    enum cao_status st = CAO_OK;
    if (p.width > 0 && p.height > 0)
        st = cao_source_read(&f->source, &p, r->kit->dn, (size_t)p.width, err);
    if (!st && same)
        lay_codes(r, m->table[q], to);
    else if (!st)
        lay_others(r, base, f, &p, &r->scene->qa[q], m->table[q], to);
    return st;
}

/* The scene's test of brightness. Where nothing else tells the image's end, missing values do. */
static enum cao_status lay_brightness(struct cao_reader *r, const struct cao_feed *base,
                                      const struct part *to, struct cao_error *err)
{
    const struct cao_feed *f = &r->bright;
    struct cao_pixels p = cao_removal_under(f, base, &to->p);
    struct cao_under x = across(f, base, 0), y = down(f, base, 0);
    const uint8_t missing = r->scene->qa[0].layer.path ? CAO_INVALID : CAO_OUTSIDE;
    if (p.width < 1 || p.height < 1)
        return CAO_OK;
    enum cao_status st =
        cao_source_values(&f->source, &p, r->kit->dn, r->kit->value, (size_t)p.width, err);
    for (int row = 0; !st && row < to->p.height; row++) {
        double at_y = floor(y.first + (to->p.y + row + 0.5) * y.step) - p.y;
        for (int col = 0; col < to->p.width; col++) {
            double at_x = floor(x.first + (to->p.x + col + 0.5) * x.step) - p.x;
            uint8_t *reason = to->reason + (size_t)row * to->stride + (size_t)col;
            bool in = at_x >= 0 && at_y >= 0 && at_x < p.width && at_y < p.height;
            float v = in ? r->kit->value[(size_t)at_y * (size_t)p.width + (size_t)at_x] : NAN;
            if (*reason == CAO_CLEAR && !(v <= (float)r->scene->bright_above))
                *reason = v == v ? CAO_CLOUD : missing;
        }
    }
    return st;
}

enum cao_status cao_removal_read(struct cao_reader *r, const struct cao_removal *m,
                                 const struct cao_feed *base, const struct cao_pixels *p,
                                 struct cao_error *err)
{
    static const enum cao_reason grown[] = { CAO_CLOUD, CAO_SHADOW };
    double radius = radius_of(r, m, base);
    int margin = (int)radius;
    size_t cols = (size_t)p->width, rows = (size_t)p->height;
    size_t width = cols + 2 * (size_t)margin, height = rows + 2 * (size_t)margin;
    uint8_t *wide = margin ? r->kit->wide : r->kit->reason;
    int x0 = p->x - margin, y0 = p->y - margin;
    int left = x0 > 0 ? x0 : 0, top = y0 > 0 ? y0 : 0;
    int right = p->x + p->width + margin, low = p->y + p->height + margin;
    right = right < base->source.width ? right : base->source.width;
    low = low < base->source.height ? low : base->source.height;
    struct part to = { { left, top, right - left, low - top },
                       wide + (size_t)(top - y0) * width + (size_t)(left - x0),
                       width };
    memset(wide, CAO_OUTSIDE, width * height);
    for (int row = 0; row < to.p.height; row++)
        memset(to.reason + (size_t)row * width, CAO_CLEAR, (size_t)to.p.width);
    enum cao_status st = CAO_OK;
    for (size_t q = 0; !st && q < CAO_MOST_QA; q++)
        if (asks(r, m, q))
            st = lay_quality(r, m, q, base, &to, err);
    if (!st && asks_brightness(r, m))
        st = lay_brightness(r, base, &to, err);
    if (st || !margin)
        return st;
    for (size_t row = 0; row < rows; row++)
        memcpy(r->kit->reason + row * cols, wide + (row + (size_t)margin) * width + (size_t)margin,
               cols);
    for (size_t i = 0; i < sizeof grown / sizeof grown[0]; i++)
        cao_mask_grow(wide, cols, rows, (size_t)margin, radius, grown[i], r->kit->dn,
                      r->kit->reason);
    return CAO_OK;
}

enum cao_status cao_removal_hit(struct cao_reader *r, const struct cao_removal *m,
                                const struct cao_feed *f, const struct cao_pixels *p,
                                struct cao_error *err)
{
    const struct cao_feed *base = NULL;
    enum cao_status st = cao_removal_open(r, m, &base, err);
    if (st)
        return st;
    struct cao_pixels under = cao_removal_under(base, f, p);
    size_t cols = (size_t)p->width, rows = (size_t)p->height;
    if (under.width < 1 || under.height < 1) {
        memset(r->kit->hit, 1, cols * rows);
        return CAO_OK;
    }
    st = cao_removal_read(r, m, base, &under, err);
    if (st)
        return st;
    struct cao_under x = across(base, f, p->x), y = down(base, f, p->y);
    x.first -= under.x;
    y.first -= under.y;
    cao_mask_under(r->kit->reason, (size_t)under.width, (size_t)under.height, &x, &y, cols, rows,
                   r->kit->hit);
    return CAO_OK;
}

/* --- cells --- */

struct shares {
    uint8_t *reason, *removed;
    const struct cao_window *window;
};

static size_t place_in(const struct shares *to, const struct cao_window *c, int32_t row)
{
    const struct cao_window *w = to->window;
    return (size_t)(c->row - w->row + row) * (size_t)w->cols + (size_t)(c->col - w->col);
}

static enum cao_status share_chunk(struct cao_reader *r, const struct cao_removal *m,
                                   const struct cao_feed *base, const struct cao_window *c,
                                   const struct shares *to, struct cao_error *err)
{
    size_t n = (size_t)c->cols * (size_t)c->rows, cols = (size_t)c->cols;
    struct cao_feed boxes = *base;
    struct cao_places at;
    boxes.average = true;
    enum cao_status st = cao_feed_places(r, base, false, c, &at, err);
    if (st)
        return st;
    struct cao_pixels p = cao_feed_pixels(&boxes, false, at.x0, at.x1, at.y0, at.y1);
    for (int32_t row = 0; p.width == 0 && row < c->rows; row++) {
        memset(to->reason + place_in(to, c, row), CAO_OUTSIDE, cols);
        memset(to->removed + place_in(to, c, row), CAO_OUTSIDE, cols);
    }
    if (p.width == 0)
        return CAO_OK;
    if (!cao_removal_fits(r, m, base, &p)) {
        struct cao_window a, b;
        if (n == 1)
            return cao_fail(
                err, CAO_EARG,
                "%s: a cell of %g m, with mask_dilation around it, holds too many of its "
                "pixels; choose finer cells or a smaller distance",
                base->source.layer->path, r->grid->res_m);
        cao_window_halve(c, &a, &b);
        st = share_chunk(r, m, base, &a, to, err);
        return st ? st : share_chunk(r, m, base, &b, to, err);
    }
    cao_places_shift(at.x, p.x, r->kit->x, n);
    cao_places_shift(at.y, p.y, r->kit->y, n);
    st = cao_removal_read(r, m, base, &p, err);
    for (int32_t row = 0; !st && row < c->rows; row++) {
        size_t from = (size_t)row * cols;
        struct cao_boxes b = { r->kit->x + from, r->kit->y + from,
                               cao_position_round(0.5 * base->cell_x),
                               cao_position_round(0.5 * base->cell_y), cols };
        cao_mask_share(r->kit->reason, (size_t)p.width, (size_t)p.height, &b, m->least_clear,
                       to->reason + place_in(to, c, row), to->removed + place_in(to, c, row));
    }
    return st;
}

enum cao_status cao_reader_reasons(struct cao_reader *r, const struct cao_removal *m,
                                   const struct cao_window *w, uint8_t *reason, uint8_t *removed,
                                   struct cao_error *err)
{
    const struct shares to = { reason, removed, w };
    const struct cao_feed *base = NULL;
    enum cao_status st = cao_reader_check(r, w, err);
    if (!st)
        st = cao_reader_kit_room(r->kit, true, err);
    if (!st)
        st = cao_removal_open(r, m, &base, err);
    int32_t side = st ? 1 : cao_removal_chunk(r, m, base);
    for (int32_t row = w->row; !st && row < w->row + w->rows; row = cao_lattice(row, side) + side)
        for (int32_t col = w->col; !st && col < w->col + w->cols;
             col = cao_lattice(col, side) + side) {
            int32_t right = cao_lattice(col, side) + side, low = cao_lattice(row, side) + side;
            right = right < w->col + w->cols ? right : w->col + w->cols;
            low = low < w->row + w->rows ? low : w->row + w->rows;
            struct cao_window c = { col, row, right - col, low - row };
            st = share_chunk(r, m, base, &c, &to, err);
        }
    return st;
}
