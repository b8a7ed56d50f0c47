/* SPDX-License-Identifier: MIT
 * A worker reads a block and adds it to a record of its own for each zone that the block touches. */
#include "zonal/zonal_block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OPEN = 800 };

static void *take(struct cao_zonal_room *r, size_t n, size_t size)
{
    if (n > SIZE_MAX / 2 / size)
        return NULL;
    size_t bytes = (n * size + 63) / 64 * 64 + 64;
    if (bytes > r->size) {
        free(r->at);
        r->size = bytes + bytes / 4 / 64 * 64;
        r->at = aligned_alloc(64, r->size);
        if (!r->at)
            r->size = 0;
    }
    return r->at;
}

static void close_all(const struct cao_zonal_pass *p, struct cao_zonal_worker *k)
{
    for (size_t i = 0; k->open && i <= p->n_bands; i++) {
        cao_raster_in_close(k->open[i]);
        k->open[i] = NULL;
    }
    k->n_open = 0;
}

/* The raster of a band; that of the weights has the number after the last. */
static enum cao_status open_band(const struct cao_zonal_pass *p, struct cao_zonal_worker *k,
                                 size_t band, struct cao_raster_in **raster, struct cao_error *err)
{
    bool weights = band == p->n_bands;
    const struct cao_raster_info *info = weights ? p->weights : p->bands[band].info;
    size_t slot = band;
    while (!weights && slot > 0 && p->bands[slot - 1].info == info)
        slot--; /* bands of one file share it */
    if (!k->open[slot] && k->n_open * (size_t)p->threads >= MOST_OPEN) /* of all workers */
        close_all(p, k);
    if (!k->open[slot]) {
        enum cao_status st = cao_raster_in_open(info, &k->open[slot], err);
        if (st)
            return st;
        k->n_open++;
    }
    *raster = k->open[slot];
    return CAO_OK;
}

/* They do meet. */
static struct cao_window meet(const struct cao_window *a, const struct cao_window *b)
{
    int32_t col = a->col > b->col ? a->col : b->col, row = a->row > b->row ? a->row : b->row;
    int32_t right_a = a->col + a->cols, right_b = b->col + b->cols;
    int32_t end_a = a->row + a->rows, end_b = b->row + b->rows;
    return (struct cao_window){ col, row, (right_a < right_b ? right_a : right_b) - col,
                                (end_a < end_b ? end_a : end_b) - row };
}

/* The whole window as no data, then one by one those of the file's own blocks that can be read: what
 * counts as missing must not depend on how the work was cut. */
static enum cao_status salvage(struct cao_zonal_worker *k, const struct cao_raster_info *info,
                               struct cao_raster_in *raster, size_t band,
                               const struct cao_window *w, struct cao_zone_field *f,
                               struct cao_error *err)
{
    const bool wide = f->values64 != NULL;
    const size_t size = wide ? sizeof(double) : sizeof(float);
    size_t n = (size_t)w->cols * (size_t)w->rows;
    for (size_t i = 0; i < n; i++)
        if (wide)
            ((double *)k->values.at)[i] = (double)NAN;
        else
            ((float *)k->values.at)[i] = NAN;
    if (!raster)
        return CAO_OK;
    int32_t bc = info->block_cols > 0 ? info->block_cols : w->cols,
            br = info->block_rows > 0 ? info->block_rows : w->rows;
    for (int32_t y = w->row / br * br; y < w->row + w->rows; y += br)
        for (int32_t x = w->col / bc * bc; x < w->col + w->cols; x += bc) {
            struct cao_window file_block = { x, y, bc, br }, part = meet(&file_block, w);
            size_t cells = (size_t)part.cols * (size_t)part.rows;
            void *piece = take(&k->piece, cells, size);
            unsigned char *hidden = take(&k->hidden, n, 1);
            if (!piece || !hidden)
                return cao_fail(err, CAO_ENOMEM, "out of memory for a block of %zu cells", cells);
            if ((wide ? cao_raster_in_read64(raster, band, &part, piece, hidden, NULL)
                      : cao_raster_in_read32(raster, band, &part, piece, hidden, NULL)) != CAO_OK)
                continue;
            for (int32_t r = 0; r < part.rows; r++)
                memcpy((char *)k->values.at + ((size_t)(part.row - w->row + r) * (size_t)w->cols +
                                               (size_t)(part.col - w->col)) *
                                                  size,
                       (char *)piece + (size_t)r * (size_t)part.cols * size,
                       (size_t)part.cols * size);
        }
    return CAO_OK;
}

/* Numbers of a band over the block; what cannot be read is no data, and the block says so. */
static enum cao_status read_band(const struct cao_zonal_pass *p, struct cao_zonal_worker *k,
                                 struct cao_zonal_block *b, size_t band, struct cao_zone_field *f,
                                 struct cao_error *err)
{
    const struct cao_raster_band_info *info = &p->bands[band].info->bands[p->bands[band].band];
    size_t n = (size_t)b->w.cols * (size_t)b->w.rows;
    struct cao_raster_in *raster = NULL;
    struct cao_error why = { 0 };
    void *values = take(&k->values, n, info->wide ? sizeof(double) : sizeof(float));
    unsigned char *hidden = info->masked ? take(&k->hidden, n, 1) : NULL;
    if (!values || (info->masked && !hidden))
        return cao_fail(err, CAO_ENOMEM, "out of memory for a block of %zu cells", n);
    enum cao_status st = open_band(p, k, band, &raster, &why);
    if (!st)
        st = info->wide
                 ? cao_raster_in_read64(raster, p->bands[band].band, &b->w, values, hidden, &why)
                 : cao_raster_in_read32(raster, p->bands[band].band, &b->w, values, hidden, &why);
    f->values32 = info->wide ? NULL : values;
    f->values64 = info->wide ? values : NULL;
    if (!st)
        return CAO_OK;
    if (st == CAO_ENOMEM || p->options->strict)
        return cao_fail(err, st, "%s", why.text);
    if (!b->failed)
        b->bad = why;
    b->failed = true;
    return salvage(k, p->bands[band].info, raster, p->bands[band].band, &b->w, f, err);
}

static enum cao_status read_weights(const struct cao_zonal_pass *p, struct cao_zonal_worker *k,
                                    struct cao_zonal_block *b, struct cao_zone_field *f,
                                    struct cao_error *err)
{
    size_t n = (size_t)b->w.cols * (size_t)b->w.rows;
    struct cao_raster_in *raster = NULL;
    f->weights = NULL;
    if (!(p->gather & CAO_GATHER_WEIGHTED))
        return CAO_OK;
    double *weights = take(&k->weights, n, sizeof *weights);
    unsigned char *hidden = p->weights->bands[0].masked ? take(&k->hidden, n, 1) : NULL;
    if (!weights || (p->weights->bands[0].masked && !hidden))
        return cao_fail(err, CAO_ENOMEM, "out of memory for a block of %zu cells", n);
    enum cao_status st = open_band(p, k, p->n_bands, &raster, err);
    if (!st)
        st = cao_raster_in_read64(raster, 0, &b->w, weights, hidden, err);
    const double scale = p->weights->bands[0].scale, offset = p->weights->bands[0].offset;
    for (size_t i = 0; !st && (scale != 1 || offset != 0) && i < n; i++)
        weights[i] = scale * weights[i] + offset;
    f->weights = weights;
    return st;
}

static size_t memory_share(const struct cao_zonal_pass *p, size_t parts)
{
    size_t memory = p->options->memory_mb ? p->options->memory_mb : 1024;
    return (memory << 20) / (size_t)p->threads / parts;
}

/* Spans of a zone in as many rows of @p w from its top as the memory allows, at *spans (valid until
 * the next call); @p w is left with the rows after them. SIZE_MAX: out of memory. A polygon of a
 * hundred thousand long edges has that many crossings in each row. */
static size_t cover(const struct cao_zonal_pass *p, struct cao_zonal_worker *k, size_t zone,
                    struct cao_window *w, struct cao_span **spans)
{
    const struct cao_shape *shape = &p->zones->shapes[zone];
    bool centers = p->options->pixels == CAO_PIXELS_CENTER;
    struct cao_window part = *w;
    struct cao_cover_need need;
    for (;;) {
        need = centers ? cao_shape_centers_need(shape, &part) : cao_shape_cover_need(shape, &part);
        if (part.rows == 1 || need.scratch_bytes <= memory_share(p, 8))
            break;
        double fits = (double)memory_share(p, 8) / (double)need.scratch_bytes * part.rows;
        part.rows = fits < 1 ? 1 : fits < part.rows / 2 ? (int32_t)fits : part.rows / 2;
    }
    w->row += part.rows;
    w->rows -= part.rows;
    void *scratch = take(&k->scratch, need.scratch_bytes, 1);
    *spans = take(&k->spans, need.spans, sizeof **spans);
    if (!scratch || !*spans)
        return SIZE_MAX;
    size_t n = centers ? cao_shape_centers(shape, &part, scratch, *spans)
                       : cao_shape_cover(shape, &part, scratch, *spans);
    for (size_t i = 0; p->options->pixels == CAO_PIXELS_TOUCHED && i < n; i++)
        (*spans)[i].weight = 1;
    return n;
}

enum cao_status cao_zonal_list_merge(struct cao_zonal_list *into, struct cao_zonal_list *from,
                                     struct cao_error *err)
{
    if (into->n == 0 || from->n == 0) {
        if (from->n)
            *into = *from;
        *from = (struct cao_zonal_list){ 0 };
        return CAO_OK;
    }
    size_t most = into->n + from->n;
    struct cao_zone_value *merged = malloc(most * sizeof *merged);
    if (!merged)
        return cao_fail(err, CAO_ENOMEM, "out of memory for lists of values");
    size_t n = cao_zone_values_merge(into->items, into->n, from->items, from->n, merged);
    free(into->items);
    free(from->items);
    *into = (struct cao_zonal_list){ merged, n };
    struct cao_zone_value *less = realloc(merged, n * sizeof *merged);
    if (less)
        into->items = less;
    *from = (struct cao_zonal_list){ 0 };
    return CAO_OK;
}

static enum cao_status gather_values(struct cao_zonal_worker *k, const struct cao_span *spans,
                                     size_t n, const struct cao_zone_field *f,
                                     struct cao_zonal_list *out, struct cao_error *err)
{
    size_t cells = 0;
    for (size_t i = 0; i < n; i++)
        cells += (size_t)spans[i].n;
    struct cao_zone_value *list = take(&k->lists, 2 * cells, sizeof *list);
    if (!list)
        return cao_fail(err, CAO_ENOMEM, "out of memory for the values of %zu cells", cells);
    size_t found = cao_zone_values_gather(spans, n, f, list);
    found = cao_zone_values_settle(list, found, list + cells);
    if (found == 0)
        return CAO_OK;
    struct cao_zonal_list more = { malloc(found * sizeof *list), found };
    if (!more.items)
        return cao_fail(err, CAO_ENOMEM, "out of memory for the values of %zu cells", cells);
    memcpy(more.items, list, found * sizeof *list);
    enum cao_status st = cao_zonal_list_merge(out, &more, err);
    free(more.items);
    return st;
}

static enum cao_status add_zone(const struct cao_zonal_pass *p, struct cao_zonal_worker *k,
                                struct cao_zonal_block *b, size_t at, size_t band,
                                const struct cao_span *spans, size_t n,
                                const struct cao_zone_field *f, struct cao_error *err)
{
    size_t slot = at * p->n_bands + band;
    cao_zone_record_add(&b->records[slot], b->weighted ? &b->weighted[slot] : NULL, p->gather,
                        spans, n, f);
    return b->lists ? gather_values(k, spans, n, f, &b->lists[slot], err) : CAO_OK;
}

static double *ground_areas(const struct cao_zonal_pass *p, struct cao_zonal_worker *k,
                            const struct cao_zonal_block *b)
{
    double *areas = take(&k->areas, (size_t)b->w.rows, sizeof *areas);
    for (int32_t r = 0; areas && r < b->w.rows; r++) {
        double area =
            r > 0 && !p->grid->degrees ? areas[0] : cao_raster_cell_area(p->grid, b->w.row + r);
        areas[r] = isfinite(area) && area < 0x1p46 ? area : 0;
    }
    return areas;
}

/* Spans of zones that wait for their turn with each band. */
struct kept {
    struct cao_span *spans;
    size_t n, capacity;
};

static enum cao_status keep_spans(struct kept *kept, const struct cao_span *spans, size_t n,
                                  struct cao_error *err)
{
    if (kept->n + n > kept->capacity) {
        size_t capacity = 2 * (kept->n + n);
        struct cao_span *more = realloc(kept->spans, capacity * sizeof *more);
        if (!more)
            return cao_fail(err, CAO_ENOMEM, "out of memory for a polygon's cells");
        kept->spans = more;
        kept->capacity = capacity;
    }
    if (n)
        memcpy(kept->spans + kept->n, spans, n * sizeof *spans);
    kept->n += n;
    return CAO_OK;
}

/* A zone's spans in the block: used at once with the one band that is read, or kept. */
static enum cao_status take_zone(const struct cao_zonal_pass *p, struct cao_zonal_worker *k,
                                 struct cao_zonal_block *b, size_t at,
                                 const struct cao_zone_field *f, struct kept *kept,
                                 struct cao_error *err)
{
    size_t zone = b->zones[at];
    struct cao_window w = meet(&p->zones->windows[zone], &b->w);
    enum cao_status st = CAO_OK;
    while (!st && w.rows > 0) {
        struct cao_span *spans = NULL;
        size_t n = cover(p, k, zone, &w, &spans);
        if (n == SIZE_MAX)
            st = cao_fail(err, CAO_ENOMEM, "out of memory for a polygon's cells");
        else if (p->n_bands == 1)
            st = add_zone(p, k, b, at, 0, spans, n, f, err);
        else
            st = keep_spans(kept, spans, n, err);
    }
    return st;
}

/* With one band the block is read first and each zone's spans are used at once. With several, spans
 * of as many zones as fit are kept, so that each band is read but once for them. */
static enum cao_status work_zones(const struct cao_zonal_pass *p, struct cao_zonal_worker *k,
                                  struct cao_zonal_block *b, struct cao_zone_field *f,
                                  struct kept *kept, struct cao_error *err)
{
    const size_t most_kept = memory_share(p, 8) / sizeof *kept->spans;
    size_t *starts = take(&k->starts, b->n + 1, sizeof *starts);
    enum cao_status st =
        starts ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory for a block of the raster");
    if (!st && p->n_bands == 1)
        st = read_band(p, k, b, 0, f, err);
    for (size_t zone = 0; !st && zone < b->n;) {
        size_t first = zone;
        kept->n = 0;
        for (; !st && zone < b->n && (zone == first || kept->n < most_kept); zone++) {
            starts[zone - first] = kept->n;
            st = take_zone(p, k, b, zone, f, kept, err);
            starts[zone - first + 1] = kept->n;
        }
        for (size_t band = 0; !st && p->n_bands > 1 && band < p->n_bands; band++) {
            st = read_band(p, k, b, band, f, err);
            for (size_t z = first; !st && z < zone; z++)
                st = add_zone(p, k, b, z, band, kept->spans + starts[z - first],
                              starts[z - first + 1] - starts[z - first], f, err);
        }
    }
    return st;
}

enum cao_status cao_zonal_block_work(const struct cao_zonal_pass *p, struct cao_zonal_worker *k,
                                     struct cao_zonal_block *b, struct cao_error *err)
{
    struct cao_zone_field f = { .window = &b->w, .row_areas = ground_areas(p, k, b) };
    struct kept kept = { 0 };
    size_t n_slots = b->n * p->n_bands;
    b->records = calloc(n_slots, sizeof *b->records);
    if (p->gather & CAO_GATHER_WEIGHTED)
        b->weighted = calloc(n_slots, sizeof *b->weighted);
    if (p->gather & CAO_GATHER_VALUES)
        b->lists = calloc(n_slots, sizeof *b->lists);
    if (!f.row_areas || !b->records || (p->gather & CAO_GATHER_WEIGHTED && !b->weighted) ||
        (p->gather & CAO_GATHER_VALUES && !b->lists))
        return cao_fail(err, CAO_ENOMEM, "out of memory for a block of the raster");
    enum cao_status st = read_weights(p, k, b, &f, err);
    if (!st)
        st = work_zones(p, k, b, &f, &kept, err);
    free(kept.spans);
    return st;
}

void cao_zonal_block_release(const struct cao_zonal_pass *p, struct cao_zonal_block *b)
{
    for (size_t i = 0; b->lists && i < b->n * p->n_bands; i++)
        free(b->lists[i].items);
    free(b->lists);
    free(b->records);
    free(b->weighted);
    b->lists = NULL;
    b->records = NULL;
    b->weighted = NULL;
}

enum cao_status cao_zonal_worker_init(const struct cao_zonal_pass *p, struct cao_zonal_worker *k,
                                      struct cao_error *err)
{
    k->open = calloc(p->n_bands + 1, sizeof(struct cao_raster_in *));
    return k->open ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory for the workers");
}

void cao_zonal_worker_release(const struct cao_zonal_pass *p, struct cao_zonal_worker *k)
{
    struct cao_zonal_room *rooms[] = { &k->values,  &k->piece, &k->weights, &k->hidden, &k->areas,
                                       &k->scratch, &k->spans, &k->lists,   &k->starts };
    close_all(p, k);
    free(k->open);
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++)
        free(rooms[i]->at);
}
