/* SPDX-License-Identifier: MIT
 * One grid's bands over all zones, block by block: records of a wave of blocks are merged into the
 * zones', and a zone whose last block is in is evaluated and let go. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/sched.h"
#include "zonal/zonal_block.h"

/* A block of a tiled file stays in the cache from decoding to adding; of strips, more rows at once cut
 * fewer polygons. */
enum { WAVE_PER_WORKER = 16, MOST_CELLS = 4 << 20, MOST_TILED = 1 << 18 };

struct zone_state {
    size_t n_left; /* blocks to come */
    struct cao_zone_record *records;
    struct cao_zone_weighted *weighted;
    struct cao_zonal_list *lists;
};

struct job {
    struct cao_zonal_pass *pass;
    struct cao_zonal_block *blocks;
    size_t n_blocks, wave; /* blocks; the first of this wave */
    size_t *zone_list;
    struct zone_state *zones;
    struct cao_zonal_worker *workers;
};

/* --- blocks --- */

/* Size of a block: whole blocks of the file, of some million cells, within the memory. */
static void choose_size(const struct cao_zonal_pass *p, int32_t *cols, int32_t *rows)
{
    const struct cao_raster_info *g = p->grid;
    size_t memory = (p->options->memory_mb ? p->options->memory_mb : 1024) << 20;
    double per_cell = 9 + (p->weights ? 8 : 0) + (p->gather & CAO_GATHER_VALUES ? 40 : 0);
    double most = (double)memory / 2 / (p->threads * per_cell);
    most = fmin(most, g->block_cols < g->cols ? MOST_TILED : MOST_CELLS);
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
    struct cao_zonal_block *all = calloc(across * down + 1, sizeof *all);
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
                    struct cao_zonal_block *b = &all[(size_t)r * across + (size_t)c];
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
    atomic_store(&((struct cao_zonal_worker *)worker)->busy, false);
}

static enum cao_status work(void *shared, void *worker, size_t i, struct cao_error *err)
{
    struct job *j = shared;
    struct cao_zonal_block *b = &j->blocks[j->wave + i];
    b->zones = j->zone_list + b->first;
    return cao_zonal_block_work(j->pass, worker, b, err);
}

/* --- from blocks to zones --- */

void cao_zonal_evaluate(const struct cao_zonal_pass *p, size_t zone, size_t band,
                        const struct cao_zone_record *record,
                        const struct cao_zone_weighted *weighted, const struct cao_zonal_list *list)
{
    const struct cao_raster_band_info *info = &p->bands[band].info->bands[p->bands[band].band];
    double covered = ldexp((double)record->area, -40), cells = p->zones->shapes[zone].area;
    struct cao_zone_view v = { .record = record,
                               .weighted = weighted,
                               .values = list ? list->items : NULL,
                               .n_values = list ? list->n : 0,
                               .scale = info->scale,
                               .offset = info->offset,
                               .date = info->date == CAO_NO_DATE ? (double)NAN : (double)info->date,
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
    enum cao_status st = cao_zonal_list_merge(into, from, err);
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

static enum cao_status fold_zone(struct job *j, struct cao_zonal_block *b, size_t at,
                                 struct cao_error *err)
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

static enum cao_status fold_block(struct job *j, struct cao_zonal_block *b, struct cao_error *err)
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
    cao_zonal_block_release(p, b);
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

enum cao_status cao_zonal_pass_run(struct cao_zonal_pass *p, struct cao_error *err)
{
    struct job j = { .pass = p };
    static const struct cao_zone_record nothing = { 0 };
    static const struct cao_zone_weighted nothing_weighted = { 0 };
    enum cao_status st = make_blocks(&j, err);
    j.workers = calloc((size_t)p->threads, sizeof *j.workers);
    if (!st && !j.workers)
        st = cao_fail(err, CAO_ENOMEM, "out of memory for the workers");
    for (int i = 0; !st && i < p->threads; i++)
        st = cao_zonal_worker_init(p, &j.workers[i], err);
    for (size_t zone = p->zone_first; !st && zone < p->zone_end;
         zone++) /* those outside keep this */
        for (size_t band = 0; band < p->n_bands; band++)
            cao_zonal_evaluate(p, zone, band, &nothing, &nothing_weighted, NULL);
    if (!st)
        st = run_waves(&j, err);
    *p->n_blocks += j.n_blocks;
    for (int i = 0; j.workers && i < p->threads; i++)
        cao_zonal_worker_release(p, &j.workers[i]);
    for (size_t i = 0; i < j.n_blocks; i++)
        cao_zonal_block_release(p, &j.blocks[i]);
    for (size_t i = 0; j.zones && i < p->zones->n; i++)
        release_zone(p, &j.zones[i]);
    free(j.workers);
    free(j.blocks);
    free(j.zones);
    free(j.zone_list);
    return st;
}
