/* SPDX-License-Identifier: MIT
 * One grid's bands over all zones, block by block. A worker reads a block and adds it to a record of
 * its own for each zone that the block touches; records of a wave of blocks are then merged into the
 * zones', and a zone whose last block is in is evaluated and let go. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "run/sched.h"
#include "run/zonal_parts.h"

enum { WAVE_PER_WORKER = 8, MOST_OPEN = 800, MOST_CELLS = 4 << 20 };

/* Memory that only grows. */
struct room {
    void *at;
    size_t size;
};

static void *take(struct room *r, size_t n, size_t size)
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

/* A rectangle of the raster, and the zones that touch it. */
struct block {
    struct cao_window w;
    size_t first, n; /* in the list of zones */
    /* what was found, one for each zone and band */
    struct cao_zone_record *records;
    struct cao_zone_weighted *weighted;
    struct cao_zonal_list *lists;
    struct cao_error bad; /* of reading, in the order of bands the first */
    bool failed;
};

struct worker {
    atomic_bool busy;
    struct cao_raster_in **open; /* by band of the pass, then the weights */
    size_t n_open;
    struct room values, piece, weights, hidden, areas, scratch, spans, lists;
    struct room starts; /* first span of each zone of a chunk */
};

struct zone_state {
    size_t n_left; /* blocks to come */
    struct cao_zone_record *records;
    struct cao_zone_weighted *weighted;
    struct cao_zonal_list *lists;
};

struct job {
    struct cao_zonal_pass *pass;
    struct block *blocks;
    size_t n_blocks, wave; /* blocks; the first of this wave */
    size_t *zone_list;
    struct zone_state *zones;
    struct worker *workers;
};

/* --- blocks --- */

/* Size of a block: whole blocks of the file, of some million cells, within the memory. */
static void choose_size(const struct cao_zonal_pass *p, int32_t *cols, int32_t *rows)
{
    const struct cao_raster_info *g = p->grid;
    size_t memory = (p->options->memory_mb ? p->options->memory_mb : 1024) << 20;
    double per_cell = 9 + (p->weights ? 8 : 0) + (p->gather & CAO_GATHER_VALUES ? 40 : 0);
    double most = (double)memory / 2 / (p->threads * per_cell);
    most = fmin(most, MOST_CELLS);
    double bc = fmax(g->block_cols, 1), br = fmax(g->block_rows, 1);
    double wide = g->cols, high = floor(most / wide / br) * br;
    if (high < br) { /* not even one row of blocks */
        high = br;
        wide = fmax(floor(most / br / bc), 1) * bc;
    }
    if (wide * high > 8 * most) { /* the file is one huge block */
        wide = g->cols;
        high = fmax(floor(most / wide), 1);
    }
    /* some for each worker, however small the raster */
    double even = ceil(g->rows / (4.0 * p->threads) / br) * br;
    high = fmax(fmin(high, even), fmin(br, high));
    *cols = (int32_t)fmin(wide, g->cols);
    *rows = (int32_t)fmin(high, g->rows);
}

/* Blocks of a lattice that a window touches: first and last column and row of it. */
static void reach(const struct cao_window *w, int32_t cols, int32_t rows, int32_t at[4])
{
    at[0] = w->col / cols;
    at[1] = (w->col + w->cols - 1) / cols;
    at[2] = w->row / rows;
    at[3] = (w->row + w->rows - 1) / rows;
}

static enum cao_status make_blocks(struct job *j, struct cao_error *err)
{
    const struct cao_raster_info *g = j->pass->grid;
    const struct cao_zonal_zones *z = j->pass->zones;
    int32_t cols, rows, at[4];
    choose_size(j->pass, &cols, &rows);
    size_t across = (size_t)((g->cols + cols - 1) / cols),
           down = (size_t)((g->rows + rows - 1) / rows), total = 0;
    struct block *all = calloc(across * down + 1, sizeof *all);
    j->zones = calloc(z->n + 1, sizeof *j->zones);
    if (!all || !j->zones) {
        free(all);
        return cao_fail(err, CAO_ENOMEM, "out of memory for %zu polygons", z->n);
    }
    for (int fill = 0; fill < 2; fill++) {
        for (size_t i = j->pass->zone_first; i < j->pass->zone_end; i++) {
            if (z->windows[i].cols == 0)
                continue;
            reach(&z->windows[i], cols, rows, at);
            for (int32_t r = at[2]; r <= at[3]; r++)
                for (int32_t c = at[0]; c <= at[1]; c++) {
                    struct block *b = &all[(size_t)r * across + (size_t)c];
                    if (fill)
                        j->zone_list[b->first + b->n] = i;
                    b->n++;
                    total++;
                    j->zones[i].n_left += (size_t)!fill;
                }
        }
        if (fill)
            break;
        j->zone_list = malloc((total + 1) * sizeof *j->zone_list);
        if (!j->zone_list) {
            free(all);
            return cao_fail(err, CAO_ENOMEM, "out of memory for %zu polygons", z->n);
        }
        size_t first = 0;
        for (size_t i = 0; i < across * down; i++) {
            all[i].first = first;
            first += all[i].n;
            all[i].n = 0;
        }
    }
    for (size_t i = 0; i < across * down; i++) { /* those that no zone touches are not read */
        int32_t c = (int32_t)(i % across) * cols, r = (int32_t)(i / across) * rows;
        all[i].w = (struct cao_window){ c, r, g->cols - c < cols ? g->cols - c : cols,
                                        g->rows - r < rows ? g->rows - r : rows };
        if (all[i].n)
            all[j->n_blocks++] = all[i];
    }
    j->blocks = all;
    return CAO_OK;
}

/* --- work on a block --- */

static enum cao_status start(void *shared, void **worker, struct cao_error *err)
{
    struct job *j = shared;
    for (int i = 0; i < j->pass->threads; i++) {
        bool free_one = false;
        if (atomic_compare_exchange_strong(&j->workers[i].busy, &free_one, true)) {
            *worker = &j->workers[i];
            return CAO_OK;
        }
    }
    return cao_fail(err, CAO_EDATA, "more workers than asked for");
}

static void stop(void *shared, void *worker)
{
    (void)shared;
    atomic_store(&((struct worker *)worker)->busy, false);
}

static void close_all(struct job *j, struct worker *k)
{
    for (size_t i = 0; k->open && i <= j->pass->n_bands; i++) {
        cao_raster_in_close(k->open[i]);
        k->open[i] = NULL;
    }
    k->n_open = 0;
}

/* The raster of a band; that of the weights has the number after the last. */
static enum cao_status open_band(struct job *j, struct worker *k, size_t band,
                                 struct cao_raster_in **raster, struct cao_error *err)
{
    const struct cao_zonal_pass *p = j->pass;
    bool weights = band == p->n_bands;
    const struct cao_raster_info *info = weights ? p->weights : p->bands[band].info;
    size_t slot = band;
    while (!weights && slot > 0 && p->bands[slot - 1].info == info)
        slot--; /* bands of one file share it */
    if (!k->open[slot] && k->n_open * (size_t)p->threads >= MOST_OPEN) /* of all workers */
        close_all(j, k);
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
static enum cao_status salvage(struct worker *k, const struct cao_raster_info *info,
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
static enum cao_status read_band(struct job *j, struct worker *k, struct block *b, size_t band,
                                 struct cao_zone_field *f, struct cao_error *err)
{
    const struct cao_zonal_pass *p = j->pass;
    const struct cao_raster_band_info *info = &p->bands[band].info->bands[p->bands[band].band];
    size_t n = (size_t)b->w.cols * (size_t)b->w.rows;
    struct cao_raster_in *raster = NULL;
    struct cao_error why = { 0 };
    void *values = take(&k->values, n, info->wide ? sizeof(double) : sizeof(float));
    unsigned char *hidden = info->masked ? take(&k->hidden, n, 1) : NULL;
    if (!values || (info->masked && !hidden))
        return cao_fail(err, CAO_ENOMEM, "out of memory for a block of %zu cells", n);
    enum cao_status st = open_band(j, k, band, &raster, &why);
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

static enum cao_status read_weights(struct job *j, struct worker *k, struct block *b,
                                    struct cao_zone_field *f, struct cao_error *err)
{
    const struct cao_zonal_pass *p = j->pass;
    size_t n = (size_t)b->w.cols * (size_t)b->w.rows;
    struct cao_raster_in *raster = NULL;
    f->weights = NULL;
    if (!(p->gather & CAO_GATHER_WEIGHTED))
        return CAO_OK;
    double *weights = take(&k->weights, n, sizeof *weights);
    unsigned char *hidden = p->weights->bands[0].masked ? take(&k->hidden, n, 1) : NULL;
    if (!weights || (p->weights->bands[0].masked && !hidden))
        return cao_fail(err, CAO_ENOMEM, "out of memory for a block of %zu cells", n);
    enum cao_status st = open_band(j, k, p->n_bands, &raster, err);
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
static size_t cover(const struct job *j, struct worker *k, size_t zone, struct cao_window *w,
                    struct cao_span **spans)
{
    const struct cao_zonal_pass *p = j->pass;
    const struct cao_polygon *polygon = &p->zones->polygons[zone];
    bool centers = p->options->pixels == CAO_PIXELS_CENTER;
    struct cao_window part = *w;
    struct cao_cover_need need;
    for (;;) {
        need = centers ? cao_cover_centers_need(polygon, &part) : cao_cover_need(polygon, &part);
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
    size_t n = centers ? cao_cover_centers(polygon, &part, scratch, *spans)
                       : cao_cover(polygon, &part, scratch, *spans);
    for (size_t i = 0; p->options->pixels == CAO_PIXELS_TOUCHED && i < n; i++)
        (*spans)[i].weight = 1;
    return n;
}

static enum cao_status merge_list(struct cao_zonal_list *into, struct cao_zonal_list *from,
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

static enum cao_status gather_values(struct worker *k, const struct cao_span *spans, size_t n,
                                     const struct cao_zone_field *f, struct cao_zonal_list *out,
                                     struct cao_error *err)
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
    enum cao_status st = merge_list(out, &more, err);
    free(more.items);
    return st;
}

static enum cao_status add_zone(struct job *j, struct worker *k, struct block *b, size_t at,
                                size_t band, const struct cao_span *spans, size_t n,
                                const struct cao_zone_field *f, struct cao_error *err)
{
    const struct cao_zonal_pass *p = j->pass;
    size_t slot = at * p->n_bands + band;
    cao_zone_record_add(&b->records[slot], b->weighted ? &b->weighted[slot] : NULL, p->gather,
                        spans, n, f);
    return b->lists ? gather_values(k, spans, n, f, &b->lists[slot], err) : CAO_OK;
}

static double *ground_areas(const struct job *j, struct worker *k, const struct block *b)
{
    double *areas = take(&k->areas, (size_t)b->w.rows, sizeof *areas);
    for (int32_t r = 0; areas && r < b->w.rows; r++) {
        double area = r > 0 && !j->pass->grid->degrees
                          ? areas[0]
                          : cao_raster_cell_area(j->pass->grid, b->w.row + r);
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
static enum cao_status take_zone(struct job *j, struct worker *k, struct block *b, size_t at,
                                 const struct cao_zone_field *f, struct kept *kept,
                                 struct cao_error *err)
{
    size_t zone = j->zone_list[b->first + at];
    struct cao_window w = meet(&j->pass->zones->windows[zone], &b->w);
    enum cao_status st = CAO_OK;
    while (!st && w.rows > 0) {
        struct cao_span *spans = NULL;
        size_t n = cover(j, k, zone, &w, &spans);
        if (n == SIZE_MAX)
            st = cao_fail(err, CAO_ENOMEM, "out of memory for a polygon's cells");
        else if (j->pass->n_bands == 1)
            st = add_zone(j, k, b, at, 0, spans, n, f, err);
        else
            st = keep_spans(kept, spans, n, err);
    }
    return st;
}

/* With one band the block is read first and each zone's spans are used at once. With several, spans
 * of as many zones as fit are kept, so that each band is read but once for them. */
static enum cao_status work_zones(struct job *j, struct worker *k, struct block *b,
                                  struct cao_zone_field *f, struct kept *kept,
                                  struct cao_error *err)
{
    const struct cao_zonal_pass *p = j->pass;
    const size_t most_kept = memory_share(p, 8) / sizeof *kept->spans;
    size_t *starts = take(&k->starts, b->n + 1, sizeof *starts);
    enum cao_status st =
        starts ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory for a block of the raster");
    if (!st && p->n_bands == 1)
        st = read_band(j, k, b, 0, f, err);
    for (size_t zone = 0; !st && zone < b->n;) {
        size_t first = zone;
        kept->n = 0;
        for (; !st && zone < b->n && (zone == first || kept->n < most_kept); zone++) {
            starts[zone - first] = kept->n;
            st = take_zone(j, k, b, zone, f, kept, err);
            starts[zone - first + 1] = kept->n;
        }
        for (size_t band = 0; !st && p->n_bands > 1 && band < p->n_bands; band++) {
            st = read_band(j, k, b, band, f, err);
            for (size_t z = first; !st && z < zone; z++)
                st = add_zone(j, k, b, z, band, kept->spans + starts[z - first],
                              starts[z - first + 1] - starts[z - first], f, err);
        }
    }
    return st;
}

static enum cao_status work(void *shared, void *worker, size_t i, struct cao_error *err)
{
    struct job *j = shared;
    struct worker *k = worker;
    const struct cao_zonal_pass *p = j->pass;
    struct block *b = &j->blocks[j->wave + i];
    struct cao_zone_field f = { .window = &b->w, .row_areas = ground_areas(j, k, b) };
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
    enum cao_status st = read_weights(j, k, b, &f, err);
    if (!st)
        st = work_zones(j, k, b, &f, &kept, err);
    free(kept.spans);
    return st;
}

/* --- from blocks to zones --- */

void cao_zonal_evaluate(const struct cao_zonal_pass *p, size_t zone, size_t band,
                        const struct cao_zone_record *record,
                        const struct cao_zone_weighted *weighted, const struct cao_zonal_list *list)
{
    const struct cao_raster_band_info *info = &p->bands[band].info->bands[p->bands[band].band];
    double covered = ldexp((double)record->area, -40), cells = p->zones->cells[zone];
    struct cao_zone_view v = { .record = record,
                               .weighted = weighted,
                               .values = list ? list->items : NULL,
                               .n_values = list ? list->n : 0,
                               .scale = info->scale,
                               .offset = info->offset,
                               .polygon_cells =
                                   p->zones->inside[zone] ? covered : fmax(covered, cells) };
    double *to = p->results + (zone * p->n_all_bands + p->first_band + band) * p->n_asks;
    for (size_t i = 0; i < p->n_asks; i++)
        to[i] = cao_zone_evaluate(&p->asks[i], &v);
}

static enum cao_status grow_list(struct cao_zonal_pass *p, struct cao_zonal_list *into,
                                 struct cao_zonal_list *from, struct cao_error *err)
{
    size_t before = into->n;
    enum cao_status st = merge_list(into, from, err);
    p->list_bytes += (into->n - before) * sizeof *into->items;
    return st;
}

static void release_zone(struct cao_zonal_pass *p, struct zone_state *z)
{
    for (size_t i = 0; z->lists && i < p->n_bands; i++) {
        p->list_bytes -= z->lists[i].n * sizeof *z->lists[i].items;
        free(z->lists[i].items);
    }
    free(z->lists);
    free(z->records);
    free(z->weighted);
    *z = (struct zone_state){ 0 };
}

/* -3.4e38 is what many programs write for no data, and some forget to declare. */
static void note_doubt(struct cao_zonal_doubt *d, const struct cao_zone_record *z)
{
    const double hardly = 1e37;
    d->n_beyond += z->n_beyond > 0;
    if (z->n_valid == 0 || (fabs(z->min) < hardly && fabs(z->max) < hardly))
        return;
    d->huge = fabs(z->min) >= hardly ? z->min : z->max;
    d->n_huge++;
}

static enum cao_status finish_zone(struct job *j, size_t zone)
{
    struct cao_zonal_pass *p = j->pass;
    struct zone_state *z = &j->zones[zone];
    for (size_t band = 0; band < p->n_bands; band++) {
        note_doubt(&p->doubts[band], &z->records[band]);
        cao_zonal_evaluate(p, zone, band, &z->records[band],
                           z->weighted ? &z->weighted[band] : NULL,
                           z->lists ? &z->lists[band] : NULL);
        if (p->classes && z->lists) {
            struct cao_zonal_list *kept = &p->classes[zone * p->n_all_bands + p->first_band + band];
            free(kept->items); /* of a pass that was given up */
            *kept = z->lists[band];
            p->list_bytes -= z->lists[band].n * sizeof *z->lists[band].items;
            z->lists[band] = (struct cao_zonal_list){ 0 };
        }
    }
    release_zone(p, z);
    return CAO_OK;
}

static enum cao_status fold_zone(struct job *j, struct block *b, size_t at, struct cao_error *err)
{
    struct cao_zonal_pass *p = j->pass;
    size_t zone = j->zone_list[b->first + at];
    struct zone_state *z = &j->zones[zone];
    if (!z->records) {
        z->records = calloc(p->n_bands, sizeof *z->records);
        if (b->weighted)
            z->weighted = calloc(p->n_bands, sizeof *z->weighted);
        if (b->lists)
            z->lists = calloc(p->n_bands, sizeof *z->lists);
        if (!z->records || (b->weighted && !z->weighted) || (b->lists && !z->lists))
            return cao_fail(err, CAO_ENOMEM, "out of memory for a polygon's sums");
    }
    enum cao_status st = CAO_OK;
    for (size_t band = 0; !st && band < p->n_bands; band++) {
        size_t slot = at * p->n_bands + band;
        cao_zone_record_merge(&z->records[band], &b->records[slot]);
        if (b->weighted)
            cao_zone_weighted_merge(&z->weighted[band], &b->weighted[slot]);
        if (b->lists)
            st = grow_list(p, &z->lists[band], &b->lists[slot], err);
    }
    if (!st && --z->n_left == 0)
        st = finish_zone(j, zone);
    return st;
}

static void release_block(const struct cao_zonal_pass *p, struct block *b)
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

static enum cao_status fold_block(struct job *j, struct block *b, struct cao_error *err)
{
    struct cao_zonal_pass *p = j->pass;
    size_t memory = p->options->memory_mb ? p->options->memory_mb : 1024;
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < b->n; i++)
        st = fold_zone(j, b, i, err);
    if (!st && p->list_bytes >> 20 > memory) {
        p->overflow = true;
        st = cao_fail(err, CAO_ENOMEM, "lists of values need more than %zu MB", memory);
    }
    if (!st && b->failed &&
        cao_findings_add(p->findings, CAO_PROBLEM, "block-unreadable", NULL, 0, NULL,
                         "%s; what cannot be read between columns %d and %d, rows %d and %d "
                         "counts as missing",
                         b->bad.text, (int)b->w.col, (int)(b->w.col + b->w.cols), (int)b->w.row,
                         (int)(b->w.row + b->w.rows)))
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    release_block(p, b);
    return st;
}

static void show_progress(void *context, size_t done, size_t n)
{
    const struct job *j = context;
    const struct cao_zonal_pass *p = j->pass;
    (void)n;
    if (p->options->progress)
        p->options->progress(p->options->progress_context, "blocks",
                             p->blocks_before + j->wave + done,
                             p->blocks_before + j->n_blocks + p->blocks_all);
}

static enum cao_status run_waves(struct job *j, struct cao_error *err)
{
    struct cao_zonal_pass *p = j->pass;
    size_t size = (size_t)(p->threads * WAVE_PER_WORKER);
    enum cao_status st = CAO_OK;
    for (j->wave = 0; !st && j->wave < j->n_blocks; j->wave += size) {
        size_t n = j->n_blocks - j->wave < size ? j->n_blocks - j->wave : size;
        struct cao_job wave = { .n = n,
                                .shared = j,
                                .start = start,
                                .work = work,
                                .stop = stop,
                                .progress = show_progress,
                                .progress_context = j,
                                .cancel = p->options->cancel };
        st = cao_sched_run(&wave, p->threads, err);
        for (size_t i = 0; !st && i < n; i++)
            st = fold_block(j, &j->blocks[j->wave + i], err);
    }
    return st;
}

static void release_worker(struct job *j, struct worker *k)
{
    struct room *rooms[] = { &k->values,  &k->piece, &k->weights, &k->hidden, &k->areas,
                             &k->scratch, &k->spans, &k->lists,   &k->starts };
    close_all(j, k);
    free(k->open);
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++)
        free(rooms[i]->at);
}

enum cao_status cao_zonal_pass_run(struct cao_zonal_pass *p, struct cao_error *err)
{
    struct job j = { .pass = p };
    static const struct cao_zone_record nothing = { 0 };
    static const struct cao_zone_weighted nothing_weighted = { 0 };
    enum cao_status st = make_blocks(&j, err);
    j.workers = calloc((size_t)p->threads, sizeof *j.workers);
    if (!st && !j.workers)
        st = cao_fail(err, CAO_ENOMEM, "out of memory for the workers");
    for (int i = 0; !st && i < p->threads; i++) {
        j.workers[i].open = calloc(p->n_bands + 1, sizeof(struct cao_raster_in *));
        if (!j.workers[i].open)
            st = cao_fail(err, CAO_ENOMEM, "out of memory for the workers");
    }
    for (size_t zone = p->zone_first; !st && zone < p->zone_end;
         zone++) /* those outside keep this */
        for (size_t band = 0; band < p->n_bands; band++)
            cao_zonal_evaluate(p, zone, band, &nothing, &nothing_weighted, NULL);
    if (!st)
        st = run_waves(&j, err);
    *p->n_blocks += j.n_blocks;
    for (int i = 0; j.workers && i < p->threads; i++)
        release_worker(&j, &j.workers[i]);
    for (size_t i = 0; i < j.n_blocks; i++)
        release_block(p, &j.blocks[i]);
    for (size_t i = 0; j.zones && i < p->zones->n; i++)
        release_zone(p, &j.zones[i]);
    free(j.workers);
    free(j.blocks);
    free(j.zones);
    free(j.zone_list);
    return st;
}
