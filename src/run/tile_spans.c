/* SPDX-License-Identifier: MIT
 * What the pastures cover of a tile, and of the strip that is worked on. */
#include <string.h>

#include "run/tile_products.h"

/* Make a rectangle hold a span too; one without columns holds none yet. */
static void widen(struct cao_window *w, const struct cao_span *s)
{
    if (w->cols == 0)
        *w = (struct cao_window){ s->col, s->row, s->n, 1 };
    int32_t right = w->col + w->cols, end = s->col + s->n;
    w->col = s->col < w->col ? s->col : w->col;
    w->cols = (end > right ? end : right) - w->col;
    w->rows = s->row - w->row + 1; /* spans are sorted by row */
}

static bool meet(const struct cao_window *a, const struct cao_window *b)
{
    return a->col < b->col + b->cols && b->col < a->col + a->cols && a->row < b->row + b->rows &&
           b->row < a->row + a->rows;
}

void cao_tile_cover(const struct cao_plan *plan, const struct cao_tile_job *job,
                    struct cao_tile_buffers *b)
{
    size_t n = 0;
    for (size_t k = 0; k < job->n_pastures; k++) {
        const struct cao_polygon *p = &plan->polygons[job->pastures[k]];
        size_t begin = n;
        struct cao_window *reach = &b->reach_of[k];
        n += cao_cover(p, &job->window, b->scratch_cover, b->spans + n);
        b->span_end[k] = n;
        *reach = (struct cao_window){ 0, 0, 0, 0 };
        for (size_t i = begin; i < n; i++)
            widen(reach, &b->spans[i]);
    }
}

/* The first of a pasture's spans, which are sorted by row, at or below a row. */
static size_t first_below(const struct cao_span *spans, size_t begin, size_t end, int32_t row)
{
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (spans[middle].row < row)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

void cao_tile_cut(const struct cao_tile_job *job, const struct cao_window *strip,
                  struct cao_tile_buffers *b)
{
    size_t n = 0, begin = 0, cols = (size_t)strip->cols;
    int32_t right = strip->col + strip->cols, low = strip->row + strip->rows;
    for (size_t k = 0; k < job->n_pastures; begin = b->span_end[k++]) {
        bool meets = meet(&b->reach_of[k], strip);
        size_t i =
            meets ? first_below(b->spans, begin, b->span_end[k], strip->row) : b->span_end[k];
        for (; i < b->span_end[k] && b->spans[i].row < low; i++) {
            const struct cao_span *s = &b->spans[i];
            int32_t from = s->col > strip->col ? s->col : strip->col;
            int32_t to = s->col + s->n < right ? s->col + s->n : right;
            if (from < to)
                b->cut[n++] = (struct cao_span){ s->row, from, to - from, s->weight };
        }
        b->cut_end[k] = n;
    }
    for (int32_t row = 0; b->use && row < strip->rows; row++)
        memcpy(b->use_here + (size_t)row * cols, b->use + cao_tile_place(job, strip, row),
               cols * sizeof *b->use);
}

const struct cao_span *cao_strip_spans(const struct cao_tile_buffers *b, size_t k, size_t *n)
{
    size_t begin = k ? b->cut_end[k - 1] : 0;
    *n = b->cut_end[k] - begin;
    return b->cut + begin;
}

size_t cao_tile_place(const struct cao_tile_job *job, const struct cao_window *strip, int32_t row)
{
    return (size_t)(strip->row - job->window.row + row) * (size_t)job->window.cols +
           (size_t)(strip->col - job->window.col);
}

/* Whether all of n bytes are the same. */
static bool is_uniform(const uint8_t *bytes, size_t n)
{
    return n == 0 || memcmp(bytes, bytes + 1, n - 1) == 0;
}

static int64_t area_of(const struct cao_span *spans, size_t n)
{
    int64_t area = 0;
    for (size_t i = 0; i < n; i++)
        area += (int64_t)(spans[i].weight * 0x1p40 + 0.5) * spans[i].n;
    return area;
}

void cao_tile_count_reasons(const struct cao_tile_job *job, const struct cao_window *strip,
                            const struct cao_tile_buffers *b, const uint8_t *reason,
                            cao_int128 (*reasons)[CAO_N_REASONS])
{
    bool uniform = is_uniform(reason, (size_t)strip->cols * (size_t)strip->rows);
    for (size_t k = 0; k < job->n_pastures; k++) {
        size_t n_spans;
        const struct cao_span *spans = cao_strip_spans(b, k, &n_spans);
        if (n_spans == 0)
            continue;
        if (uniform)
            reasons[k][reason[0]] += area_of(spans, n_spans);
        else
            cao_zone_count(reasons[k], CAO_N_REASONS, spans, n_spans, reason, strip);
    }
}
