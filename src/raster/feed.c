/* SPDX-License-Identifier: MIT */
#include "raster/feed.h"

#include <math.h>
#include <string.h>

#include "base/lanes.h"

enum { MARGIN = 2 }; /* pixels around the outermost place: the neighbours of bilinear, and one */
/* A cell may need (this + margins)^2 source pixels, which must fit CAO_SOURCE_PIXELS however it lies. */
static const double most_pixels_a_cell = 400.0;
/* Scales of neighbouring projections differ by up to 2 in 1000; 20 m is twice 10 m in all of them. */
static const double average_from = 1.95;
/* Along a cell, of an overview that stands for the image. */
static const double least_pixels_a_cell = 4.0;

/* Whether cells and pixels coincide, to a ten thousandth of a pixel. */
static bool is_aligned(const struct cao_reader *r, const struct cao_layer *l, int64_t *col0,
                       int64_t *row0)
{
    const double *t = l->geotransform, res = r->grid->res_m, close = 1e-4;
    double col = (r->grid->x0 - t[0]) / res, row = (t[3] - r->grid->y0) / res;
    double reach_x = (double)l->width / res, reach_y = (double)l->height / res;
    if (!r->link->same || l->width > CAO_SOURCE_PIXELS || t[2] != 0.0 || t[4] != 0.0 ||
        fabs(t[1] - res) * reach_x > close || fabs(t[5] + res) * reach_y > close ||
        fabs(col - rint(col)) > close || fabs(row - rint(row)) > close || fabs(col) > 1e9 ||
        fabs(row) > 1e9)
        return false;
    *col0 = (int64_t)rint(col);
    *row0 = (int64_t)rint(row);
    return true;
}

/* Whether each pixel holds a whole number of cells, two or more a side, to a ten thousandth. */
static bool is_nested(const struct cao_reader *r, const struct cao_layer *l, struct cao_nest *nest)
{
    const double *t = l->geotransform, res = r->grid->res_m, close = 1e-4;
    double kx = t[1] / res, ky = -t[5] / res;
    double col = (t[0] - r->grid->x0) / res, row = (r->grid->y0 - t[3]) / res;
    if (!r->link->same || l->width > CAO_SOURCE_PIXELS || t[2] != 0.0 || t[4] != 0.0 ||
        !(kx > 1.5) || !(ky > 1.5) || kx > 1e6 || ky > 1e6 || fabs(col) > 1e9 || fabs(row) > 1e9 ||
        fabs(kx - rint(kx)) * l->width > close || fabs(ky - rint(ky)) * l->height > close ||
        fabs(col - rint(col)) > close || fabs(row - rint(row)) > close)
        return false;
    *nest = (struct cao_nest){ (int64_t)rint(col), (int64_t)rint(row), (int32_t)rint(kx),
                               (int32_t)rint(ky) };
    return true;
}

enum cao_status cao_feed_place(struct cao_reader *r, struct cao_feed *f, const struct cao_layer *l,
                               struct cao_error *err)
{
    const char *path = l->path;
    const double *t = l->geotransform;
    if (!(fabs(t[1] * t[5] - t[2] * t[4]) > 0.0))
        return cao_fail(err, CAO_EDATA, "%s: its pixels have no size", path);
    f->straight = is_aligned(r, l, &f->col0, &f->row0);
    f->position = (struct cao_position){ .grid = r->grid, .to_layer = r->link->to_scene };
    memcpy(f->position.geotransform, t, sizeof f->position.geotransform);
    enum cao_status st = CAO_OK;
    if (r->camera) /* the middle of the image may lie beyond the elevation model */
        st = cao_camera_open(r->scene, false, &f->position.camera, err);
    if (st)
        return st;
    bool scaled = cao_position_scale(&f->position, r->link->to_grid, l->width, l->height,
                                     &f->cell_x, &f->cell_y);
    cao_camera_close(f->position.camera);
    f->position.camera = r->camera;
    if (!scaled)
        return cao_fail(err, CAO_EDATA, "%s: the image lies where %s cannot be used", path,
                        r->grid->crs_name);
    if (f->cell_x > most_pixels_a_cell || f->cell_y > most_pixels_a_cell)
        return cao_fail(err, CAO_EARG,
                        "%s: a cell of %g m would hold over %g of its pixels a side; choose finer "
                        "cells",
                        path, r->grid->res_m, most_pixels_a_cell);
    f->nested = is_nested(r, l, &f->nest);
    f->average = sqrt(f->cell_x * f->cell_y) >= average_from;
    f->upright = cao_position_upright(&f->position) &&
                 (CAO_CHUNK * f->cell_x + 8 < CAO_CHUNK_CELLS - CAO_CHUNK);
    return CAO_OK;
}

/* Where cells hold many pixels, those of an overview: so many of them that it matters little how it was
 * made. Codes have no mean: overviews of them are not used. */
static void use_overview(struct cao_feed *f, const struct cao_layer *l)
{
    if (!f->average || f->position.camera ||
        !cao_source_coarser(&f->source, fmin(f->cell_x, f->cell_y) / least_pixels_a_cell))
        return;
    double across = (double)l->width / f->source.width, down = (double)l->height / f->source.height;
    if (f->source.is_jp2) { /* a sample of a level lies where the first of its pixels lies */
        across = down = exp2(rint(log2(across)));
        double half = 0.5 * (across - 1);
        f->position.geotransform[0] -= half * (l->geotransform[1] + l->geotransform[2]);
        f->position.geotransform[3] -= half * (l->geotransform[4] + l->geotransform[5]);
    }
    f->position.geotransform[1] *= across;
    f->position.geotransform[4] *= across;
    f->position.geotransform[2] *= down;
    f->position.geotransform[5] *= down;
    f->cell_x /= across;
    f->cell_y /= down;
    f->coarse = true;
}

enum cao_status cao_feed_open(struct cao_reader *r, struct cao_feed *f, const struct cao_layer *l,
                              bool values, struct cao_error *err)
{
    struct cao_feed made = { .straight = false };
    if (f->source.file)
        return CAO_OK;
    enum cao_status st = cao_feed_place(r, &made, l, err);
    if (!st)
        st = cao_source_open(&made.source, l, r->link->srs, r->kit->blocks, err);
    if (!st)
        made.source.scaling =
            cao_reader_kit_scaling(r->kit, l->gain, l->offset, made.source.type == GDT_Int16);
    if (!st && values)
        use_overview(&made, l);
    if (!st)
        *f = made;
    return st;
}

int32_t cao_feed_chunk(const struct cao_feed *f)
{
    double side = 0.8 * sqrt((double)CAO_SOURCE_PIXELS / fmax(f->cell_x * f->cell_y, 1e-12));
    return side >= CAO_CHUNK ? CAO_CHUNK : side >= 2.0 ? (int32_t)side : 1;
}

struct cao_pixels cao_feed_pixels(const struct cao_feed *f, bool alone, double x0, double x1,
                                  double y0, double y1)
{
    double more_x = MARGIN + (f->average ? 0.5 * f->cell_x : 0.0);
    double more_y = MARGIN + (f->average ? 0.5 * f->cell_y : 0.0);
    if (alone) /* no neighbours: a pixel more may lie in another block, to be decoded for nothing */
        more_x = more_y = 0.0;
    x0 = fmax(floor(x0 - more_x), 0.0);
    y0 = fmax(floor(y0 - more_y), 0.0);
    x1 = fmin(floor(x1 + more_x) + 1.0, (double)f->source.width);
    y1 = fmin(floor(y1 + more_y) + 1.0, (double)f->source.height);
    if (!(x1 > x0) || !(y1 > y0))
        return (struct cao_pixels){ 0, 0, 0, 0 };
    return (struct cao_pixels){ (int)x0, (int)y0, (int)(x1 - x0), (int)(y1 - y0) };
}

CAO_LANES void cao_places_shift(const double *restrict from, double by, double *restrict to,
                                size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = from[i] - by;
}

static void work_out(const struct cao_feed *f, const struct cao_window *c, double *x, double *y,
                     struct cao_places *p)
{
    size_t n = (size_t)c->cols * (size_t)c->rows;
    cao_position_window(&f->position, c, x, y);
    cao_places_range(x, n, &p->x0, &p->x1);
    cao_places_range(y, n, &p->y0, &p->y1);
}

/* Kept or still to be worked out; what a camera sees is known by its reader alone. */
static enum cao_status find_places(struct cao_reader *r, const struct cao_feed *f,
                                   enum cao_places_kind kind, const struct cao_window *c,
                                   struct cao_places **places, struct cao_error *err)
{
    struct cao_places like = { .to_layer = f->position.to_layer,
                               .width = f->source.width,
                               .height = f->source.height,
                               .kind = kind,
                               .window = *c };
    memcpy(like.geotransform, f->position.geotransform, sizeof like.geotransform);
    *places = cao_reader_kit_places(r->kit, &like);
    return *places ? CAO_OK
                   : cao_fail(err, CAO_ENOMEM, "%s: out of memory for reading", r->scene->path);
}

enum cao_status cao_feed_places(struct cao_reader *r, const struct cao_feed *f, bool upright,
                                const struct cao_window *c, struct cao_places *places,
                                struct cao_error *err)
{
    struct cao_places *kept;
    if (!upright && !r->camera) {
        enum cao_status st = find_places(r, f, CAO_PLACES_EXACT, c, &kept, err);
        if (st)
            return st;
        if (!kept->used)
            work_out(f, c, kept->x, kept->y, kept);
        cao_reader_kit_keep(r->kit, kept);
        *places = *kept;
        return CAO_OK;
    }
    *places = (struct cao_places){ .x = r->kit->x, .y = r->kit->y };
    if (!upright) {
        work_out(f, c, places->x, places->y, places);
        return CAO_OK;
    }
    cao_position_axes(&f->position, c, places->x, places->y);
    cao_places_range(places->x, (size_t)c->cols, &places->x0, &places->x1);
    cao_places_range(places->y, (size_t)c->rows, &places->y0, &places->y1);
    return CAO_OK;
}

enum cao_status cao_feed_spots(struct cao_reader *r, const struct cao_feed *f,
                               enum cao_places_kind kind, const struct cao_window *c,
                               struct cao_places *places, struct cao_error *err)
{
    struct cao_places *s;
    double *x = r->kit->x, *y = r->kit->y;
    enum cao_status st = find_places(r, f, kind, c, &s, err);
    if (st)
        return st;
    if (s->used) {
        *places = *s;
        return CAO_OK;
    }
    size_t n = (size_t)c->cols * (size_t)c->rows;
    work_out(f, c, x, y, s);
    struct cao_pixels p =
        cao_feed_pixels(f, kind == CAO_PLACES_HOLDERS, s->x0, s->x1, s->y0, s->y1);
    struct cao_frame frame = { p.x, p.y, (size_t)p.width, (size_t)p.height };
    bool fits = p.width > 0 && frame.width * frame.height <= CAO_SOURCE_PIXELS;
    s->pixels = p;
    if (fits && kind == CAO_PLACES_HOLDERS)
        cao_resample_holders(x, y, n, &frame, s->spots.at);
    else if (fits)
        cao_resample_spots(x, y, n, &frame, &s->spots);
    if (!r->camera)
        cao_reader_kit_keep(r->kit, s);
    *places = *s;
    return CAO_OK;
}

void cao_window_halve(const struct cao_window *c, struct cao_window *a, struct cao_window *b)
{
    *a = *b = *c;
    if (c->cols >= c->rows) {
        a->cols = c->cols / 2;
        b->col += a->cols;
        b->cols -= a->cols;
    } else {
        a->rows = c->rows / 2;
        b->row += a->rows;
        b->rows -= a->rows;
    }
}
