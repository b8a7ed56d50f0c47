/* SPDX-License-Identifier: MIT */
#include "caochu/reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "raster/nested.h"
#include "raster/removal.h"

enum {
    /* Pixels of an overview around one that holds cloud: they hold some of it. With none, cells beside cloud of
     * 7000 DN more than the ground kept up to 330 of it, with 1 17 (lanczos), with 2 below 2. */
    OVERVIEW_RIM = 2
};

enum cao_status cao_reader_open_with(const struct cao_scene *scene, const struct cao_grid *grid,
                                     struct cao_reader_kit *kit, struct cao_reader **reader,
                                     struct cao_error *err)
{
    enum { CACHE_OF_ONE = 8 << 20 };
    if (scene->unproven)
        return cao_fail(err, CAO_EARG, "%s: was only glanced at by a scan; scan it to be read",
                        scene->path);
    struct cao_reader *r = calloc(1, sizeof *r);
    if (!r)
        return cao_fail(err, CAO_ENOMEM, "%s: out of memory for reading", scene->path);
    r->scene = scene;
    r->grid = grid;
    enum cao_status st = kit ? CAO_OK : cao_reader_kit_create(grid, CACHE_OF_ONE, &r->own, err);
    r->kit = kit ? kit : r->own;
    if (!st)
        st = cao_reader_kit_link(r->kit, scene, &r->link, err);
    if (!st && scene->rpc)
        st = cao_camera_open(scene, true, &r->camera, err);
    if (st)
        cao_reader_close(r);
    else
        *reader = r;
    return st;
}

enum cao_status cao_reader_open(const struct cao_scene *scene, const struct cao_grid *grid,
                                struct cao_reader **reader, struct cao_error *err)
{
    return cao_reader_open_with(scene, grid, NULL, reader, err);
}

void cao_reader_resampling(struct cao_reader *r, enum cao_resampling how)
{
    r->how = how;
}

void cao_reader_close(struct cao_reader *r)
{
    if (!r)
        return;
    for (int i = 0; i < CAO_N_BANDS; i++) {
        cao_source_close(&r->band[i].source);
        cao_source_close(&r->whole[i].source);
    }
    for (int i = 0; i < CAO_MOST_QA; i++)
        cao_source_close(&r->qa[i].source);
    cao_source_close(&r->bright.source);
    cao_camera_close(r->camera);
    cao_reader_kit_destroy(r->own);
    free(r);
}

/* --- where a window goes: one of the two is set --- */

struct target {
    struct cao_window window;
    uint16_t *codes, outside;
    const uint16_t *meaning; /* of codes; NULL: they are wanted as they are */
    float *values;
    const uint8_t *reason; /* values are wanted where it is CAO_CLEAR; NULL: everywhere */
    bool gaps;             /* and where there is none yet */
};

static bool has_gap(const struct target *t, size_t at, size_t n)
{
    bool gap = false;
    for (size_t i = at; i < at + n; i++)
        gap |= t->reason[i] == CAO_CLEAR && !(t->values[i] == t->values[i]);
    return gap;
}

/* Whether any cell of a part is wanted. */
static bool is_wanted(const struct target *t, size_t at, size_t cols, size_t rows)
{
    bool wanted = !t->reason;
    for (size_t r = 0; t->gaps && !wanted && r < rows; r++)
        wanted = has_gap(t, at + r * (size_t)t->window.cols, cols);
    if (t->gaps)
        return wanted;
    for (size_t r = 0; !wanted && r < rows; r++)
        wanted = memchr(t->reason + at + r * (size_t)t->window.cols, CAO_CLEAR, cols) != NULL;
    return wanted;
}

static void fill_outside(const struct target *t, size_t at, size_t n)
{
    uint16_t *codes = t->codes + (t->codes ? at : 0), outside = t->outside;
    float *values = t->values + (t->values ? at : 0);
    for (size_t i = 0; codes && i < n; i++)
        codes[i] = outside;
    for (size_t i = 0; !codes && i < n; i++)
        values[i] = NAN;
}

static void translate(const struct target *t, uint16_t *codes, size_t n)
{
    if (t->meaning)
        cao_qa_translate(t->meaning, codes, n);
}

/* --- the straight path --- */

static enum cao_status read_part(struct cao_reader *r, const struct cao_feed *f,
                                 const struct cao_pixels *p, const struct target *t, size_t at,
                                 struct cao_error *err)
{
    size_t cols = (size_t)t->window.cols;
    if (t->codes) {
        enum cao_status st = cao_source_read(&f->source, p, t->codes + at, cols, err);
        for (int row = 0; !st && row < p->height; row++)
            translate(t, t->codes + at + (size_t)row * cols, (size_t)p->width);
        return st;
    }
    if (is_wanted(t, at, (size_t)p->width, (size_t)p->height))
        return cao_source_values(&f->source, p, r->kit->dn, t->values + at, cols, err);
    for (int row = 0; row < p->height; row++)
        fill_outside(t, at + (size_t)row * cols, (size_t)p->width);
    return CAO_OK;
}

static enum cao_status read_straight(struct cao_reader *r, const struct cao_feed *f,
                                     const struct target *t, struct cao_error *err)
{
    const struct cao_window *w = &t->window;
    const struct cao_layer *l = f->source.layer;
    int64_t x0 = f->col0 + w->col, y0 = f->row0 + w->row;
    int64_t x1 = x0 + w->cols < l->width ? x0 + w->cols : l->width;
    int64_t y1 = y0 + w->rows < l->height ? y0 + w->rows : l->height;
    int64_t left = x0 > 0 ? x0 : 0, top = y0 > 0 ? y0 : 0;
    size_t cols = (size_t)w->cols;
    bool meets = left < x1 && top < y1;
    for (int32_t row = 0; row < w->rows; row++) {
        int64_t y = y0 + row;
        size_t at = (size_t)row * cols;
        if (!meets || y < top || y >= y1) {
            fill_outside(t, at, cols);
            continue;
        }
        fill_outside(t, at, (size_t)(left - x0));
        fill_outside(t, at + (size_t)(x1 - x0), (size_t)(x0 + w->cols - x1));
    }
    enum cao_status st = CAO_OK;
    for (int64_t y = top, low = y1; !st && meets && y < y1; y = low) {
        for (int64_t x = left, right; !st && x < x1; x = right) {
            cao_source_part(&f->source, x, y, x1, y1, &right, &low);
            struct cao_pixels p = { (int)x, (int)y, (int)(right - x), (int)(low - y) };
            st = read_part(r, f, &p, t, (size_t)(y - y0) * cols + (size_t)(x - x0), err);
        }
    }
    return st;
}

/* --- the path by places --- */

static size_t place_in(const struct cao_window *c, int32_t row, const struct target *t)
{
    return (size_t)(c->row - t->window.row + row) * (size_t)t->window.cols +
           (size_t)(c->col - t->window.col);
}

static void sample_upright(struct cao_reader *r, const struct cao_feed *f,
                           const struct cao_pixels *p, const struct cao_window *c,
                           const struct target *t)
{
    struct cao_axis_place cols[CAO_CHUNK], rows[CAO_CHUNK];
    size_t width = (size_t)p->width, n = (size_t)c->cols;
    cao_resample_axis(r->kit->x, n, width, cols);
    cao_resample_axis(r->kit->y, (size_t)c->rows, (size_t)p->height, rows);
    for (int32_t row = 0; row < c->rows; row++) {
        size_t at = place_in(c, row, t), before = at - (size_t)t->window.cols;
        /* rows of cells that lie in one row of pixels are alike */
        bool alike = row > 0 && rows[row].pixel == rows[row - 1].pixel;
        if (alike && t->codes)
            memcpy(t->codes + at, t->codes + before, n * sizeof *t->codes);
        else if (alike && f->nested)
            memcpy(t->values + at, t->values + before, n * sizeof *t->values);
        else if (t->codes)
            cao_resample_nearest_row(r->kit->dn, width, &rows[row], cols, t->outside, t->codes + at,
                                     n);
        else if (f->nested)
            cao_resample_value_row(r->kit->value, width, &rows[row], cols, t->values + at, n);
        else
            cao_resample_bilinear_row(r->kit->value, width, &rows[row], cols, r->kit->x + CAO_CHUNK,
                                      t->values + at, n);
    }
}

/* Share of a cell that must hold values. An overview stands for cells that are clear from side to side alone.
 * Shares by a layer's own pixels and by those of the masks, which have the word, may differ by rounding. */
static double least_share(const struct cao_feed *f, const struct cao_removal *m)
{
    return !m ? 0.5 : f->coarse ? 1 - 1e-6 : 0.99 * m->least_clear;
}

static void average_row(const struct cao_reader *r, const struct cao_feed *f,
                        const struct cao_pixels *p, const struct cao_boxes *boxes,
                        const struct cao_removal *m, const struct target *t, size_t at)
{
    float row[CAO_CHUNK], *values = t->values + at, *to = t->gaps ? row : values;
    cao_resample_average(r->kit->value, (size_t)p->width, (size_t)p->height, boxes,
                         least_share(f, m), to);
    for (size_t i = 0; t->gaps && i < boxes->n; i++)
        values[i] = values[i] == values[i] ? values[i] : row[i];
}

/* The spots of a row of a chunk. */
static struct cao_spots spots_from(const struct cao_spots *s, size_t at)
{
    return (struct cao_spots){ s->at + at, s->u + at, s->t + at };
}

static void sample(const struct cao_reader *r, const struct cao_feed *f,
                   const struct cao_places *places, const struct cao_pixels *p,
                   const struct cao_window *c, const struct cao_removal *m, const struct target *t)
{
    const double half_x = cao_position_round(0.5 * f->cell_x);
    const double half_y = cao_position_round(0.5 * f->cell_y);
    size_t width = (size_t)p->width, height = (size_t)p->height, n = (size_t)c->cols;
    for (int32_t row = 0; row < c->rows; row++) {
        size_t at = place_in(c, row, t), from = (size_t)row * n;
        const double *x = r->kit->x + from, *y = r->kit->y + from;
        struct cao_spots spots = spots_from(&places->spots, from);
        if (places->kind == CAO_PLACES_HOLDERS)
            cao_resample_nearest(r->kit->dn, spots.at, t->outside, t->codes + at, n);
        else if (places->kind == CAO_PLACES_SPOTS)
            cao_resample_bilinear(r->kit->value, width, height, &spots, t->values + at, n);
        else if (f->average)
            average_row(r, f, p, &(struct cao_boxes){ x, y, half_x, half_y, n }, m, t, at);
        else
            cao_resample_cubic(r->kit->value, width, height, x, y, t->values + at, n);
    }
}

/* Layers that share their pixels, read together: where cells lie in them is worked out once. */
struct lot {
    const struct cao_feed *feed[CAO_N_BANDS];
    struct target target[CAO_N_BANDS];
    size_t n;
    const struct cao_removal *removal; /* NULL: masks are not laid on pixels */
    const struct cao_feed *masks;
};

static void fill_chunk(const struct lot *lot, const struct cao_window *c)
{
    for (size_t i = 0; i < lot->n; i++)
        for (int32_t row = 0; !lot->target[i].gaps && row < c->rows; row++)
            fill_outside(&lot->target[i], place_in(c, row, &lot->target[i]), (size_t)c->cols);
}

/* Whether the scratch holds the pixels of a chunk, and those of the masks under them. */
static bool fits(const struct cao_reader *r, const struct lot *lot, const struct cao_pixels *p)
{
    if ((int64_t)p->width * p->height > CAO_SOURCE_PIXELS)
        return false;
    if (!lot->removal)
        return true;
    struct cao_pixels under = cao_removal_under(lot->masks, lot->feed[0], p);
    return cao_removal_fits(r, lot->removal, lot->masks, &under);
}

static bool is_wanted_of_any(const struct lot *lot, const struct cao_window *c)
{
    bool wanted = false;
    for (size_t i = 0; !wanted && i < lot->n; i++)
        wanted = is_wanted(&lot->target[i], place_in(c, 0, &lot->target[0]), (size_t)c->cols,
                           (size_t)c->rows);
    return wanted;
}

/* The pixels of a chunk, layer by layer, and what they give its cells. */
static enum cao_status read_pixels(struct cao_reader *r, const struct lot *lot,
                                   const struct cao_window *c, const struct cao_places *places,
                                   bool upright, const struct cao_pixels *p, struct cao_error *err)
{
    size_t width = (size_t)p->width, height = (size_t)p->height;
    enum cao_status st =
        lot->removal ? cao_removal_hit(r, lot->removal, lot->feed[0], p, err) : CAO_OK;
    for (size_t i = 0; !st && i < lot->n; i++) {
        const struct cao_feed *f = lot->feed[i];
        const struct target *t = &lot->target[i];
        st = t->values ? cao_source_values(&f->source, p, r->kit->dn, r->kit->value, width, err)
                       : cao_source_read(&f->source, p, r->kit->dn, width, err);
        if (!st && f->coarse && t->values)
            cao_resample_shrink(r->kit->value, width, height, r->kit->dn);
        if (!st && t->codes)
            translate(t, r->kit->dn, width * height);
        if (!st && lot->removal)
            cao_mask_drop(r->kit->hit, width, height, f->coarse ? OVERVIEW_RIM : 0, r->kit->value);
        if (!st && upright)
            sample_upright(r, f, p, c, t);
        else if (!st)
            sample(r, f, places, p, c, lot->removal, t);
    }
    return st;
}

static enum cao_status read_chunk(struct cao_reader *r, const struct lot *lot,
                                  const struct cao_window *c, struct cao_error *err)
{
    const struct cao_feed *f = lot->feed[0];
    const struct target *t = &lot->target[0];
    size_t n = (size_t)c->cols * (size_t)c->rows;
    if (!is_wanted_of_any(lot, c)) {
        fill_chunk(lot, c);
        return CAO_OK;
    }
    bool linear = !f->average && r->how == CAO_BILINEAR, alone = t->codes || f->nested;
    bool upright = f->upright && (alone || linear);
    bool exact = upright || (!t->codes && !linear);
    size_t n_x = upright ? (size_t)c->cols : n, n_y = upright ? (size_t)c->rows : n;
    struct cao_places at;
    enum cao_status st =
        exact ? cao_feed_places(r, f, upright, c, &at, err)
              : cao_feed_spots(r, f, t->codes ? CAO_PLACES_HOLDERS : CAO_PLACES_SPOTS, c, &at, err);
    if (st)
        return st;
    struct cao_pixels p = exact ? cao_feed_pixels(f, alone, at.x0, at.x1, at.y0, at.y1) : at.pixels;
    if (p.width == 0) {
        fill_chunk(lot, c);
        return CAO_OK;
    }
    if (!fits(r, lot, &p)) {
        struct cao_window a, b;
        if (n == 1)
            return cao_fail(err, CAO_EARG,
                            "%s: a cell of %g m holds too many of its pixels; choose "
                            "finer cells",
                            f->source.layer->path, r->grid->res_m);
        cao_window_halve(c, &a, &b);
        st = read_chunk(r, lot, &a, err);
        return st ? st : read_chunk(r, lot, &b, err);
    }
    if (exact) {
        cao_places_shift(at.x, p.x, r->kit->x, n_x);
        cao_places_shift(at.y, p.y, r->kit->y, n_y);
    }
    return read_pixels(r, lot, c, &at, upright, &p, err);
}

static enum cao_status read_places(struct cao_reader *r, const struct lot *lot,
                                   struct cao_error *err)
{
    const struct cao_window *w = &lot->target[0].window;
    int32_t side = cao_feed_chunk(lot->feed[0]);
    if (lot->removal) {
        int32_t of_masks = cao_removal_chunk(r, lot->removal, lot->masks);
        side = of_masks < side ? of_masks : side;
    }
    /* Chunks start on a lattice of the grid: fewer squares of the lattice of nodes are cut. */
    for (int32_t row = w->row; row < w->row + w->rows; row = cao_lattice(row, side) + side)
        for (int32_t col = w->col; col < w->col + w->cols; col = cao_lattice(col, side) + side) {
            int32_t right = cao_lattice(col, side) + side, low = cao_lattice(row, side) + side;
            right = right < w->col + w->cols ? right : w->col + w->cols;
            low = low < w->row + w->rows ? low : w->row + w->rows;
            struct cao_window c = { col, row, right - col, low - row };
            enum cao_status st = read_chunk(r, lot, &c, err);
            if (st)
                return st;
        }
    return CAO_OK;
}

/* --- the two questions --- */

enum cao_status cao_reader_check(const struct cao_reader *r, const struct cao_window *w,
                                 struct cao_error *err)
{
    const struct cao_grid *g = r->grid;
    const int32_t around = CAO_READER_AROUND;
    if (w->cols < 1 || w->rows < 1 || w->col < -around || w->row < -around ||
        w->cols > g->cols + around - w->col || w->rows > g->rows + around - w->row)
        return cao_fail(err, CAO_EARG,
                        "a window of %d x %d cells at column %d, row %d is not on the "
                        "grid of %d x %d",
                        (int)w->cols, (int)w->rows, (int)w->col, (int)w->row, (int)g->cols,
                        (int)g->rows);
    return CAO_OK;
}

static bool same_pixels(const struct cao_feed *a, const struct cao_feed *b)
{
    return a->source.width == b->source.width && a->source.height == b->source.height &&
           memcmp((const void *)a->position.geotransform, (const void *)b->position.geotransform,
                  sizeof a->position.geotransform) == 0;
}

/* Each cell is its pixel's, and nothing else is asked of the pixels. */
static bool by_nest(const struct cao_feed *f, const struct target *t, const struct cao_removal *m)
{
    return f->nested && !m && !t->gaps;
}

static enum cao_status read_nested(const struct cao_reader *r, const struct cao_feed *f,
                                   const struct target *t, struct cao_error *err)
{
    struct cao_nested to = { .window = t->window,
                             .meaning = t->meaning,
                             .outside = t->outside,
                             .codes = t->codes,
                             .values = t->values,
                             .wanted = t->reason };
    return cao_nested_read(r, f, &to, err);
}

/* Read @p n targets of one window: straight and nested ones each by itself, others lot by lot. */
static enum cao_status read_targets(struct cao_reader *r, struct cao_feed *const *feeds,
                                    const struct target *targets, size_t n,
                                    const struct cao_removal *removal, struct cao_error *err)
{
    const struct cao_feed *masks = NULL;
    bool done[CAO_N_BANDS] = { false };
    enum cao_status st = removal ? cao_removal_open(r, removal, &masks, err) : CAO_OK;
    for (size_t i = 0; !st && i < n; i++) {
        struct lot lot = { .removal = removal, .masks = masks };
        if (done[i])
            continue;
        bool nest = by_nest(feeds[i], &targets[i], removal), alone = nest || feeds[i]->straight;
        st = cao_reader_kit_room(r->kit, !alone, err);
        if (!st && alone) {
            st = nest ? read_nested(r, feeds[i], &targets[i], err)
                      : read_straight(r, feeds[i], &targets[i], err);
            continue;
        }
        for (size_t k = i; k < n; k++) {
            if (done[k] || feeds[k]->straight || !same_pixels(feeds[i], feeds[k]))
                continue;
            lot.feed[lot.n] = feeds[k];
            lot.target[lot.n++] = targets[k];
            done[k] = true;
        }
        if (!st)
            st = read_places(r, &lot, err);
    }
    return st;
}

enum cao_status cao_reader_meaning(struct cao_reader *r, size_t k, const struct cao_window *w,
                                   const uint16_t *table, uint16_t *meaning, struct cao_error *err)
{
    const struct cao_qa *q = &r->scene->qa[k];
    struct target t = { .window = *w,
                        .codes = meaning,
                        .outside = table ? table[q->outside] : q->outside,
                        .meaning = table };
    if (!q->layer.path)
        return cao_fail(err, CAO_EDATA, "%s: the product has no quality layer", r->scene->path);
    struct cao_feed *f = &r->qa[k];
    enum cao_status st = cao_reader_check(r, w, err);
    if (!st)
        st = cao_feed_open(r, f, &q->layer, false, err);
    return st ? st : read_targets(r, &f, &t, 1, NULL, err);
}

enum cao_status cao_reader_lay(struct cao_reader *r, size_t k, const struct cao_window *w,
                               const uint16_t *table, uint16_t *scratch, uint8_t *reason,
                               uint8_t *sight, struct cao_error *err)
{
    const struct cao_qa *q = &r->scene->qa[k];
    struct cao_feed *f = &r->qa[k];
    size_t n = (size_t)w->cols * (size_t)w->rows;
    enum cao_status st = cao_reader_check(r, w, err);
    if (!st && q->layer.path)
        st = cao_feed_open(r, f, &q->layer, false, err);
    if (!st && f->nested) {
        struct cao_nested to = { .window = *w,
                                 .meaning = table,
                                 .outside = table[q->outside],
                                 .reason = reason,
                                 .sight = sight };
        st = cao_reader_kit_room(r->kit, false, err);
        return st ? st : cao_nested_read(r, f, &to, err);
    }
    if (!st)
        st = cao_reader_meaning(r, k, w, table, scratch, err);
    if (!st && reason)
        (void)cao_mask_join(scratch, reason, n);
    if (!st && sight)
        cao_sight_join(scratch, sight, n);
    return st;
}

/* What overviews left open, from the images themselves. */
static enum cao_status fill_gaps(struct cao_reader *r, const enum cao_band *have,
                                 const struct target *targets, size_t n,
                                 const struct cao_removal *m, struct cao_error *err)
{
    struct cao_feed *feeds[CAO_N_BANDS];
    struct target open[CAO_N_BANDS];
    size_t n_open = 0;
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < n; i++) {
        struct target t = targets[i];
        t.gaps = true;
        if (!r->band[have[i]].coarse ||
            !is_wanted(&t, 0, (size_t)t.window.cols, (size_t)t.window.rows))
            continue;
        feeds[n_open] = &r->whole[have[i]];
        open[n_open++] = t;
        st = cao_feed_open(r, &r->whole[have[i]], &r->scene->band[have[i]], false, err);
    }
    return st || n_open == 0 ? st : read_targets(r, feeds, open, n_open, m, err);
}

enum cao_status cao_reader_clear_bands(struct cao_reader *r, const struct cao_removal *m,
                                       const enum cao_band *bands, size_t n,
                                       const struct cao_window *w, const uint8_t *reason,
                                       float *const *reflectance, struct cao_error *err)
{
    struct cao_feed *feeds[CAO_N_BANDS];
    struct target targets[CAO_N_BANDS];
    enum cao_band have[CAO_N_BANDS];
    enum cao_status st = cao_reader_check(r, w, err);
    for (size_t i = 0; !st && i < n; i++) {
        have[i] = cao_scene_band(r->scene, bands[i]);
        if (have[i] >= CAO_N_BANDS)
            return cao_fail(err, CAO_EARG, "%s: the product has no band %s", r->scene->path,
                            cao_band_letter(bands[i]));
        feeds[i] = &r->band[have[i]];
        targets[i] = (struct target){ .window = *w, .values = reflectance[i], .reason = reason };
        st = cao_feed_open(r, feeds[i], &r->scene->band[have[i]], true, err);
    }
    if (!st)
        st = read_targets(r, feeds, targets, n, m, err);
    return st || !m ? st : fill_gaps(r, have, targets, n, m, err);
}

enum cao_status cao_reader_qa(struct cao_reader *r, size_t k, const struct cao_window *w,
                              uint16_t *qa, struct cao_error *err)
{
    return cao_reader_meaning(r, k, w, NULL, qa, err);
}

enum cao_status cao_reader_bands(struct cao_reader *r, const enum cao_band *bands, size_t n,
                                 const struct cao_window *w, const uint8_t *reason,
                                 float *const *reflectance, struct cao_error *err)
{
    return cao_reader_clear_bands(r, NULL, bands, n, w, reason, reflectance, err);
}

enum cao_status cao_reader_band(struct cao_reader *r, enum cao_band band,
                                const struct cao_window *w, float *reflectance,
                                struct cao_error *err)
{
    return cao_reader_bands(r, &band, 1, w, NULL, &reflectance, err);
}
