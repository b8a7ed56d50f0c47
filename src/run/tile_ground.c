/* SPDX-License-Identifier: MIT */
#include "run/tile_ground.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/distance.h"

/* --- what lies in the tile --- */

static bool windows_meet(const struct cao_window *a, const struct cao_window *b)
{
    return a->col < b->col + b->cols && b->col < a->col + a->cols && a->row < b->row + b->rows &&
           b->row < a->row + a->rows;
}

static void put_value(cao_ground *g, enum cao_ground_kind kind, unsigned value)
{
    *g = (cao_ground)(*g | cao_ground_pack(kind == CAO_GROUND_TYPE ? value : 0,
                                           kind == CAO_GROUND_GRADE ? value : 0,
                                           kind == CAO_GROUND_ZONE ? value : 0));
}

/* Each cell goes to the polygon with the largest share of it. */
static void take_polygons(const struct cao_ground_layer *l, enum cao_ground_kind kind,
                          const struct cao_window *w, struct cao_tile_buffers *b, cao_ground *out)
{
    size_t n = (size_t)w->cols * (size_t)w->rows;
    memset(b->ground_label, 0, n * sizeof *b->ground_label);
    memset(b->ground_weight, 0, n * sizeof *b->ground_weight);
    for (size_t i = 0; i < l->polygons.n; i++) {
        if (l->box[i].cols == 0 || !windows_meet(&l->box[i], w))
            continue;
        size_t n_spans = cao_cover(&l->cells[i], w, b->ground_scratch, b->ground_spans);
        cao_zone_label(b->ground_spans, n_spans, (int32_t)(i + 1), w, b->ground_label,
                       b->ground_weight);
    }
    for (size_t i = 0; i < n; i++)
        if (b->ground_label[i] > 0)
            put_value(&out[i], kind, l->value[b->ground_label[i] - 1]);
}

/* The class that most of a cell's finer cells have; of several as frequent the first one met. */
static uint16_t majority(const uint16_t *codes, size_t stride, int32_t fine)
{
    uint16_t best = 0;
    int most = 0;
    for (int32_t k = 0; k < fine * fine && most <= fine * fine - k; k++) {
        uint16_t c = codes[(size_t)(k / fine) * stride + (size_t)(k % fine)];
        int n = 0;
        for (int32_t j = 0; j < fine * fine; j++)
            n += codes[(size_t)(j / fine) * stride + (size_t)(j % fine)] == c;
        if (n > most) {
            most = n;
            best = c;
        }
    }
    return best;
}

static enum cao_status take_codes(const struct cao_ground_layer *l, enum cao_ground_kind kind,
                                  struct cao_reader *reader, const struct cao_window *w,
                                  struct cao_tile_buffers *b, cao_ground *out,
                                  struct cao_error *err)
{
    const int32_t f = l->fine;
    struct cao_window fine = { w->col * f, w->row * f, w->cols * f, w->rows * f };
    size_t stride = (size_t)fine.cols;
    enum cao_status st = cao_reader_qa(reader, 0, &fine, b->ground_codes, err);
    for (int32_t row = 0; !st && row < w->rows; row++)
        for (int32_t col = 0; col < w->cols; col++) {
            const uint16_t *at = b->ground_codes + (size_t)(row * f) * stride + (size_t)(col * f);
            uint16_t code = f == 1 ? *at : majority(at, stride, f);
            put_value(&out[(size_t)row * (size_t)w->cols + (size_t)col], kind, l->value[code]);
        }
    return st;
}

static enum cao_status take_layer(const struct cao_ground_layer *l, enum cao_ground_kind kind,
                                  const struct cao_tile_job *job, struct cao_reader_kit *kit,
                                  struct cao_tile_buffers *b, struct cao_error *err)
{
    struct cao_reader *reader = NULL;
    struct cao_window w = job->window;
    enum cao_status st = CAO_OK;
    if (l->is_raster)
        st = cao_reader_open_with(&l->scene, &l->grid, kit, &reader, err);
    for (int32_t row = 0; !st && row < job->window.rows; row += CAO_GROUND_ROWS) {
        int32_t left = job->window.rows - row;
        cao_ground *out = b->ground + (size_t)row * (size_t)w.cols;
        w.row = job->window.row + row;
        w.rows = left < CAO_GROUND_ROWS ? left : CAO_GROUND_ROWS;
        if (l->is_raster)
            st = take_codes(l, kind, reader, &w, b, out, err);
        else
            take_polygons(l, kind, &w, b, out);
    }
    cao_reader_close(reader);
    return st;
}

/* Horn's slope over cells as far apart as the elevation model's pixels, degrees. */
static double slope_at(const float *z, size_t stride, size_t at, size_t d, double res_m)
{
    const float *up = z + at - d * stride, *mid = z + at, *low = z + at + d * stride;
    double east = (double)up[d] + 2.0 * (double)mid[d] + (double)low[d];
    double west = (double)*(up - d) + 2.0 * (double)*(mid - d) + (double)*(low - d);
    double south = (double)*(low - d) + 2.0 * (double)low[0] + (double)low[d];
    double north = (double)*(up - d) + 2.0 * (double)up[0] + (double)up[d];
    double step = 8.0 * (double)d * res_m;
    return atan(hypot((east - west) / step, (south - north) / step)) *
           (180 / 3.14159265358979323846);
}

static enum cao_status take_terrain(const struct cao_plan *plan, const struct cao_tile_job *job,
                                    struct cao_reader_kit *kit, struct cao_tile_buffers *b,
                                    struct cao_error *err)
{
    const struct cao_ground_layers *g = plan->ground;
    const int32_t d = g->reach;
    struct cao_reader *reader = NULL;
    enum cao_status st = cao_reader_open_with(&g->dem, &plan->grid, kit, &reader, err);
    for (int32_t row = 0; !st && row < job->window.rows; row += CAO_GROUND_ROWS) {
        int32_t left = job->window.rows - row,
                rows = left < CAO_GROUND_ROWS ? left : CAO_GROUND_ROWS;
        struct cao_window wide = { job->window.col - d, job->window.row + row - d,
                                   job->window.cols + 2 * d, rows + 2 * d };
        size_t stride = (size_t)wide.cols;
        st = cao_reader_band(reader, CAO_BAND_R, &wide, b->elevation, err);
        for (int32_t r = 0; !st && r < rows; r++)
            for (int32_t c = 0; c < job->window.cols; c++) {
                size_t at = (size_t)(r + d) * stride + (size_t)(c + d);
                b->use[(size_t)(row + r) * (size_t)job->window.cols + (size_t)c] = cao_ground_use(
                    plan->profile, slope_at(b->elevation, stride, at, (size_t)d, plan->grid.res_m),
                    (double)b->elevation[at]);
            }
    }
    cao_reader_close(reader);
    return st;
}

/* Squares of distances around the tile, as far as they make a difference. */
static void take_water(const struct cao_plan *plan, const struct cao_tile_job *job,
                       struct cao_tile_buffers *b)
{
    const struct cao_ground_layers *g = plan->ground;
    const int32_t m = g->water_reach;
    const struct cao_window w = { job->window.col - m, job->window.row - m,
                                  job->window.cols + 2 * m, job->window.rows + 2 * m };
    size_t cols = (size_t)w.cols, rows = (size_t)w.rows;
    for (size_t i = 0; i < cols * rows; i++)
        b->water[i] = HUGE_VALF;
    for (size_t i = 0; i < g->water.n; i++) {
        const double *box = g->water_box[i];
        size_t first = i ? g->water.end[i - 1] : 0, end = g->water.end[i];
        if (box[0] > w.col + w.cols || box[2] < w.col || box[1] > w.row + w.rows || box[3] < w.row)
            continue;
        for (size_t k = first; k < end; k++) { /* a point is a line to itself */
            const double *a = g->water.xy + 2 * (k > first ? k - 1 : k), *z = g->water.xy + 2 * k;
            cao_distance_mark(&w, a[0], a[1], z[0], z[1], b->water);
        }
    }
    cao_distance_squares(b->water, cols, rows, b->water_scratch);
    for (int32_t r = 0; r < job->window.rows; r++)
        for (int32_t c = 0; c < job->window.cols; c++) {
            double d = sqrt((double)b->water[(size_t)(r + m) * cols + (size_t)(c + m)]);
            float *use = &b->use[(size_t)r * (size_t)job->window.cols + (size_t)c];
            *use =
                (g->has_dem ? *use : 1.0f) * cao_ground_near(plan->profile, d * plan->grid.res_m);
        }
}

enum cao_status cao_tile_ground(const struct cao_plan *plan, const struct cao_tile_job *job,
                                struct cao_reader_kit *kit, struct cao_tile_buffers *b,
                                struct cao_error *err)
{
    const struct cao_ground_layers *g = plan->ground;
    enum cao_status st = CAO_OK;
    if (g->by_cell)
        memset(b->ground, 0,
               (size_t)job->window.cols * (size_t)job->window.rows * sizeof *b->ground);
    for (int k = 0; !st && k < CAO_N_GROUND; k++)
        if (g->layer[k].used)
            st = take_layer(&g->layer[k], (enum cao_ground_kind)k, job, kit, b, err);
    if (!st && g->has_dem)
        st = take_terrain(plan, job, kit, b, err);
    if (!st && g->has_water)
        take_water(plan, job, b);
    return st;
}

/* --- parts --- */

/* What the layers do not say, the pasture's own columns do. */
static cao_ground filled(cao_ground g, cao_ground own)
{
    for (int k = 0; k < CAO_N_GROUND; k++)
        if (cao_ground_part(g, (enum cao_ground_kind)k) == 0)
            put_value(&g, (enum cao_ground_kind)k, cao_ground_part(own, (enum cao_ground_kind)k));
    return g;
}

static enum cao_status add_part(struct cao_tile_result *r, size_t *capacity, size_t pasture,
                                cao_ground code, struct cao_error *err)
{
    if (r->n_parts == *capacity) {
        size_t more = *capacity ? *capacity * 2 : 64;
        struct cao_tile_part *parts = realloc(r->parts, more * sizeof *parts);
        if (!parts)
            return cao_fail(err, CAO_ENOMEM, "out of memory");
        r->parts = parts;
        *capacity = more;
    }
    r->parts[r->n_parts++] = (struct cao_tile_part){ pasture, code };
    return CAO_OK;
}

/* All codes that occur in the pasture. */
static enum cao_status parts_of(const struct cao_plan *plan, const struct cao_tile_job *job,
                                const struct cao_tile_buffers *b, size_t k,
                                struct cao_tile_result *r, size_t *capacity, struct cao_error *err)
{
    cao_ground own = plan->holdings->items[job->pastures[k]].own;
    size_t first = r->n_parts, begin = k ? b->span_end[k - 1] : 0;
    enum cao_status st = CAO_OK;
    for (size_t i = begin; !st && i < b->span_end[k]; i++) {
        const struct cao_span *s = &b->spans[i];
        const cao_ground *at = b->ground +
                               (size_t)(s->row - job->window.row) * (size_t)job->window.cols +
                               (size_t)(s->col - job->window.col);
        for (int32_t c = 0; !st && c < s->n; c++) {
            if (c > 0 && at[c] == at[c - 1])
                continue;
            cao_ground code = filled(at[c], own);
            size_t p = first;
            while (p < r->n_parts && r->parts[p].ground != code)
                p++;
            if (p == r->n_parts)
                st = add_part(r, capacity, k, code, err);
        }
    }
    if (!st && r->n_parts == first) /* of no cell here: it has its record all the same */
        st = add_part(r, capacity, k, own, err);
    return st;
}

enum cao_status cao_tile_parts(const struct cao_plan *plan, const struct cao_tile_job *job,
                               struct cao_tile_buffers *b, struct cao_tile_result *r,
                               struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    size_t capacity = 0;
    free(r->parts);
    free(r->sums);
    free(r->terms);
    r->parts = NULL;
    r->sums = NULL;
    r->terms = NULL;
    r->n_parts = 0;
    for (size_t k = 0; !st && k < job->n_pastures; k++)
        st = plan->ground->by_cell ? parts_of(plan, job, b, k, r, &capacity, err)
                                   : add_part(r, &capacity, k, CAO_GROUND_OWN, err);
    if (st)
        return st;
    r->sums = calloc(r->n_parts * cao_zone_layers(plan) + 1, sizeof *r->sums);
    b->parts = r->parts;
    b->n_parts = r->n_parts;
    b->terms = r->terms = calloc(r->n_parts + 1, sizeof *r->terms);
    return r->sums && r->terms ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
}

struct cao_part_walk cao_part_walk(const struct cao_plan *plan, const struct cao_tile_job *job,
                                   const struct cao_tile_buffers *b, size_t part)
{
    struct cao_part_walk w = { .plan = plan, .job = job, .b = b };
    size_t pasture = b->parts[part].pasture;
    w.code = b->parts[part].ground;
    w.own = plan->holdings->items[job->pastures[pasture]].own;
    w.spans = cao_strip_spans(b, pasture, &w.n);
    w.col = w.n ? w.spans[0].col : 0;
    return w;
}

bool cao_part_spans(struct cao_part_walk *w, const struct cao_span **spans, size_t *n)
{
    if (w->code == CAO_GROUND_OWN) { /* all of the pasture */
        *spans = w->spans;
        *n = w->n;
        bool first = !w->done;
        w->done = true;
        return first && w->n > 0;
    }
    struct cao_span *runs = w->b->runs;
    *n = 0;
    *spans = runs;
    while (w->at < w->n && *n < CAO_RUN_SPANS) {
        const struct cao_span *s = &w->spans[w->at];
        const cao_ground *row =
            w->b->ground + (size_t)(s->row - w->job->window.row) * (size_t)w->job->window.cols;
        int32_t end = s->col + s->n, left = w->job->window.col;
        for (int32_t c = w->col; c < end && *n < CAO_RUN_SPANS;) {
            cao_ground raw = row[c - left];
            int32_t stop = c + 1;
            while (stop < end && row[stop - left] == raw)
                stop++;
            if (filled(raw, w->own) == w->code)
                runs[(*n)++] = (struct cao_span){ s->row, c, stop - c, s->weight };
            w->col = c = stop;
        }
        if (w->col >= end && ++w->at < w->n)
            w->col = w->spans[w->at].col;
    }
    return *n > 0;
}
