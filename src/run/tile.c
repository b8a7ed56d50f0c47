/* SPDX-License-Identifier: MIT */
#include "run/tile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/arena.h"
#include "caochu/composite.h"
#include "caochu/reader.h"
#include "run/look.h"
#include "run/reach.h"
#include "run/tile_products.h"
#include "run/tile_record.h"

/* The look-up table of one sensor's quality codes; a worker meets a handful of sensors. */
struct qa_table {
    const struct cao_qa_rule *rules;
    bool idle; /* no code of it is removed: the layer need not be read */
    uint8_t sight[CAO_QA_CODES];
    uint8_t reason[CAO_QA_CODES];
};
enum { MOST_SENSORS = 64 };

struct cao_tile_worker {
    struct cao_arena arena;
    struct cao_crs_links *links;
    struct qa_table *tables[MOST_SENSORS];
    size_t n_tables;
};

/* Open scenes of the tile, and which of them turned out unreadable. */
struct looks {
    struct cao_crs_links *links;   /* the worker\'s */
    struct cao_reader **reader;    /* [n_scenes]; NULL: not open */
    struct cao_look_tables *table; /* [n_scenes] */
    bool *left_out;                /* [n_scenes] */
};

enum cao_status cao_tile_worker_create(const struct cao_plan *plan, struct cao_tile_worker **worker,
                                       struct cao_error *err)
{
    struct cao_tile_worker *w = calloc(1, sizeof *w);
    if (!w)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    enum cao_status st = cao_arena_init(&w->arena, plan->bytes_per_worker, err);
    if (!st)
        st = cao_crs_links_create(&plan->grid, &w->links, err);
    if (st)
        cao_tile_worker_destroy(w);
    else
        *worker = w;
    return st;
}

void cao_tile_worker_destroy(struct cao_tile_worker *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->n_tables; i++)
        free(w->tables[i]);
    cao_crs_links_destroy(w->links);
    cao_arena_release(&w->arena);
    free(w);
}

void cao_tile_result_release(struct cao_tile_result *r)
{
    cao_findings_release(&r->findings);
    free(r->counts);
    free(r->sums);
    free(r->files);
    *r = (struct cao_tile_result){ 0 };
}

static enum cao_status table_for(struct cao_tile_worker *w, const struct cao_plan *plan,
                                 const struct cao_qa *qa, const struct qa_table **table,
                                 struct cao_error *err)
{
    for (size_t i = 0; i < w->n_tables; i++)
        if (w->tables[i]->rules == qa->rules) {
            *table = w->tables[i];
            return CAO_OK;
        }
    if (w->n_tables == MOST_SENSORS)
        return cao_fail(err, CAO_EARG, "more than %d kinds of quality layer in one run",
                        MOST_SENSORS);
    struct qa_table *made = malloc(sizeof *made);
    if (!made)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    made->rules = qa->rules;
    cao_mask_table(qa->rules, qa->n_rules, plan->project->mask_removes, made->reason);
    made->idle = true;
    for (size_t i = 0; made->idle && i < CAO_QA_CODES; i++)
        made->idle = made->reason[i] == CAO_CLEAR;
    w->tables[w->n_tables++] = made;
    cao_sight_table(qa->rules, qa->n_rules, made->sight);
    *table = made;
    return CAO_OK;
}

static enum cao_status open_looks(struct cao_tile_worker *w, const struct cao_plan *plan,
                                  const struct cao_tile_job *job, struct looks *looks,
                                  struct cao_error *err)
{
    size_t n = job->n_scenes + 1;
    *looks = (struct looks){ w->links, calloc(n, sizeof *looks->reader),
                             calloc(n, sizeof *looks->table), calloc(n, sizeof *looks->left_out) };
    if (!looks->reader || !looks->table || !looks->left_out)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    enum cao_status st = CAO_OK;
    for (size_t k = 0; k < job->n_scenes; k++)
        for (size_t q = 0; !st && q < CAO_MOST_QA; q++) {
            const struct cao_qa *qa = &plan->catalog->scenes[job->scenes[k]].qa[q];
            const struct qa_table *table = NULL;
            if (qa->layer.path)
                st = table_for(w, plan, qa, &table, err);
            looks->table[k].reason[q] = table && !table->idle ? table->reason : NULL;
            looks->table[k].sight[q] = table && plan->project->snow ? table->sight : NULL;
        }
    return st;
}

static void close_looks(struct looks *looks, size_t n)
{
    for (size_t k = 0; looks->reader && k < n; k++)
        cao_reader_close(looks->reader[k]);
    free(looks->reader);
    free(looks->table);
    free(looks->left_out);
    *looks = (struct looks){ 0 };
}

/* One validity for all indices: a cell that lacks any of the bands is not used. The reflectances are
 * first brought together as the least of them (b->score, which is free until the choice), so that
 * reasons, four times as narrow, are gone over once. */
static void mask_bands(const struct cao_plan *plan, const struct cao_scene *s,
                       struct cao_tile_buffers *b, size_t n)
{
    float *restrict least = b->score;
    size_t n_bands = 0;
    for (size_t k = 0; k < plan->n_bands; k++) {
        const float *restrict band = b->look[k];
        if (cao_look_band(plan, s, plan->bands[k]) >= CAO_N_BANDS)
            continue;
        if (!s->qa[0].layer.path) /* then it is the reflectance that says where the image ends */
            cao_mask_missing(b->look[k], CAO_OUTSIDE, b->reason, n);
        if (cao_band_is_ready(plan->bands[k]))
            cao_mask_missing(band, CAO_INVALID, b->reason, n);
        else if (n_bands++ == 0)
            memcpy(least, band, n * sizeof *least);
        else
            for (size_t i = 0; i < n; i++)
                least[i] = band[i] > 0.0f ? least[i] : 0.0f; /* NaN too */
    }
    if (n_bands > 0)
        cao_mask_invalid(least, b->reason, n);
}

/* Keep a look for the median: its clear cells, all others as NaN. */
static void keep_look(const struct cao_plan *plan, struct cao_tile_buffers *b, size_t k, size_t n)
{
    for (size_t band = 0; band < plan->n_bands; band++) {
        const float *restrict from = b->look[band];
        float *restrict to = b->kept[band * b->n_kept + k];
        for (size_t i = 0; i < n; i++)
            to[i] = b->reason[i] == CAO_CLEAR ? from[i] : NAN;
    }
}

static void offer_look(const struct cao_plan *plan, struct cao_tile_buffers *b, size_t k, size_t n)
{
    const float *by_band[CAO_N_BANDS] = { 0 };
    const struct cao_index *ndvi = plan->project->indices[plan->ndvi_index];
    for (size_t i = 0; i < plan->n_bands; i++)
        by_band[plan->bands[i]] = b->look[i];
    ndvi->compute(by_band, b->score, n);
    if (by_band[CAO_BAND_NDVI])
        cao_prefer_ready(by_band[CAO_BAND_NDVI], b->score, n);
    struct cao_best best = { b->best_score, b->chosen, b->n_clear, b->band, plan->n_bands };
    cao_best_offer(&best, b->reason, b->score, (const float *const *)b->look, (uint16_t)k, n);
}

/* Neighbouring tiles of one overpass show the same ground twice: that is one look, not two. Scenes
 * come in order of time, so those of an overpass follow one another. */
static bool same_overpass(const struct cao_scene *a, const struct cao_scene *b)
{
    enum { OVERPASS_S = 900 };
    return b->time - a->time <= OVERPASS_S && strcmp(a->platform, b->platform) == 0;
}

static size_t drop_repeated(struct cao_tile_buffers *b, size_t n)
{
    size_t clear = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_clear = b->reason[i] == CAO_CLEAR;
        b->reason[i] = is_clear && b->taken[i] ? CAO_OUTSIDE : b->reason[i];
        clear += is_clear && !b->taken[i];
        b->taken[i] |= is_clear;
    }
    return clear;
}

/* The reason shown where nothing could be used is that of the last look that reached the place. */
static void note_status(struct cao_tile_buffers *b, size_t n)
{
    const uint8_t *restrict reason = b->reason;
    uint8_t *restrict status = b->status;
    for (size_t i = 0; i < n; i++)
        status[i] = reason[i] == CAO_OUTSIDE ? status[i] : reason[i];
}

/* The cells of a strip from number @p at on, as a strip of their own (without the median's looks). */
static struct cao_tile_buffers part_of(const struct cao_tile_buffers *b,
                                       const struct cao_plan *plan, size_t at)
{
    struct cao_tile_buffers p = *b;
    p.reason += at;
    p.status += at;
    p.taken += at;
    p.score += at;
    p.best_score += at;
    p.chosen += at;
    p.n_clear += at;
    for (size_t i = 0; i < plan->n_bands; i++) {
        p.look[i] += at;
        p.band[i] += at;
    }
    return p;
}

/* Take a look that was read into the picture; piece by piece, so that a cell's bands, reason and
 * score stay in the cache from the masks to the choice. */
static void use_look(const struct cao_plan *plan, const struct cao_scene *s, size_t k,
                     bool was_read, struct cao_tile_buffers *b, size_t n,
                     uint64_t counts[CAO_N_REASONS])
{
    enum { PIECE = 8192 };
    bool median = plan->project->composite == CAO_COMPOSITE_MEDIAN;
    size_t n_clear = 0;
    for (size_t at = 0; at < n; at += PIECE) {
        size_t m = n - at < PIECE ? n - at : PIECE;
        struct cao_tile_buffers part = part_of(b, plan, at);
        if (was_read)
            mask_bands(plan, s, &part, m);
        size_t clear = drop_repeated(&part, m);
        cao_mask_count(part.reason, m, counts);
        note_status(&part, m);
        if (clear > 0 && !median)
            offer_look(plan, &part, k, m);
        n_clear += clear;
    }
    if (n_clear > 0 && median)
        keep_look(plan, b, k, n);
}

static void start_strip(const struct cao_plan *plan, struct cao_tile_buffers *b, size_t n)
{
    memset(b->status, CAO_OUTSIDE, n);
    if (b->n_snow) {
        memset(b->n_snow, 0, n * sizeof *b->n_snow);
        memset(b->n_seen, 0, n * sizeof *b->n_seen);
    }
    struct cao_best best = { b->best_score, b->chosen, b->n_clear, b->band, plan->n_bands };
    cao_best_start(&best, n);
    for (size_t i = 0; i < plan->n_bands * b->n_kept; i++)
        for (size_t c = 0; c < n; c++)
            b->kept[i][c] = NAN;
}

/* A share that does not answer for a moment must not cost a scene: once more at once, then, where the
 * system cannot read the files either, after a while. A torn file is given up after the second time.
 * @retval CAO_EIO the system does not give the files @retval CAO_EDATA what they hold is wrong */
static enum cao_status read_patiently(const struct cao_plan *plan, const struct cao_scene *s,
                                      size_t k, struct looks *looks, const struct cao_window *strip,
                                      struct cao_tile_buffers *b,
                                      const volatile sig_atomic_t *cancel, size_t *n_clear,
                                      struct cao_error *err)
{
    static const double pauses[] = { 0.1, 1, 4 };
    enum { TRIES = sizeof pauses / sizeof pauses[0] + 1 };
    enum cao_reach reach = CAO_REACH_TROUBLE;
    for (size_t i = 0;; i++) {
        enum cao_status st = CAO_OK;
        if (!looks->reader[k])
            st = cao_reader_open_linked(s, &plan->grid, looks->links, &looks->reader[k], err);
        if (!st)
            st = cao_look_read(plan, s, looks->reader[k], &looks->table[k], strip, b, n_clear, err);
        if (st != CAO_EDATA && st != CAO_EIO)
            return st;
        cao_reader_close(looks->reader[k]);
        looks->reader[k] = NULL;
        if (cancel && *cancel)
            return cao_fail(err, CAO_ECANCEL, "stopped");
        if (i > 0)
            reach = cao_scene_reach(s);
        if (reach == CAO_REACH_WHOLE)
            return err ? err->code = CAO_EDATA : CAO_EDATA;
        if (reach == CAO_REACH_GONE || i + 1 == TRIES)
            return err ? err->code = CAO_EIO : CAO_EIO;
        cao_wait(pauses[i], cancel);
    }
}

/* Bring all looks at a strip into one picture: b->band, b->chosen, b->n_clear, b->status.
 * *unreadable is the look that could not be read where the status says so, else untouched. */
static enum cao_status composite_strip(const struct cao_plan *plan, const struct cao_tile_job *job,
                                       struct looks *looks, const struct cao_window *strip,
                                       struct cao_tile_buffers *b,
                                       uint64_t (*counts)[CAO_N_REASONS],
                                       const volatile sig_atomic_t *cancel, size_t *unreadable,
                                       struct cao_error *err)
{
    size_t n = (size_t)strip->cols * (size_t)strip->rows;
    bool median = plan->project->composite == CAO_COMPOSITE_MEDIAN;
    const struct cao_scene *last = NULL;
    start_strip(plan, b, n);
    for (size_t k = 0; k < job->n_scenes; k++) {
        const struct cao_scene *s = &plan->catalog->scenes[job->scenes[k]];
        size_t n_clear = 0;
        if (looks->left_out[k])
            continue;
        if (cancel && *cancel)
            return cao_fail(err, CAO_ECANCEL, "stopped");
        enum cao_status st = read_patiently(plan, s, k, looks, strip, b, cancel, &n_clear, err);
        if (st) {
            *unreadable = k;
            return st;
        }
        bool new_overpass = !last || !same_overpass(last, s);
        if (new_overpass)
            memset(b->taken, 0, n);
        if (new_overpass && b->counted)
            memset(b->counted, 0, n);
        if (b->counted)
            cao_sight_count(b->sight, b->counted, b->n_snow, b->n_seen, n);
        last = s;
        use_look(plan, s, k, n_clear > 0, b, n, counts[k]);
        if (!plan->keep_open) {
            cao_reader_close(looks->reader[k]);
            looks->reader[k] = NULL;
        }
    }
    for (size_t i = 0; b->snow && i < n; i++)
        b->snow[i] = b->n_seen[i] ? (float)b->n_snow[i] / (float)b->n_seen[i] : NAN;
    for (size_t band = 0; median && band < plan->n_bands; band++)
        cao_median((const float *const *)&b->kept[band * b->n_kept], job->n_scenes, b->keys,
                   b->band[band], n);
    if (median)
        cao_count_looks((const float *const *)b->kept, job->n_scenes, b->n_clear, n);
    for (size_t i = 0; i < n; i++)
        b->status[i] = b->n_clear[i] ? CAO_CLEAR : b->status[i];
    return CAO_OK;
}

/* All strips of the tile with the scenes that are not left out. */
static enum cao_status tile_pass(struct cao_tile_worker *w, const struct cao_plan *plan,
                                 const struct cao_tile_job *job, struct looks *looks,
                                 const volatile sig_atomic_t *cancel, size_t *unreadable,
                                 struct cao_tile_buffers *b, struct cao_tile_result *r,
                                 struct cao_error *err)
{
    size_t layers = cao_zone_layers(plan->project);
    memset(r->counts, 0, (job->n_scenes + 1) * sizeof *r->counts);
    memset(r->sums, 0, job->n_pastures * layers * sizeof *r->sums);
    w->arena.used = 0;
    enum cao_status st = cao_tile_buffers_take(plan, job, &w->arena, b, err);
    if (st)
        return st;
    cao_tile_cover(plan, job, b);
    struct cao_window strip = job->window;
    for (int32_t row = 0; !st && row < job->window.rows; row += plan->strip_rows) {
        int32_t left = job->window.rows - row;
        strip.row = job->window.row + row;
        strip.rows = left < plan->strip_rows ? left : plan->strip_rows;
        st = composite_strip(plan, job, looks, &strip, b, r->counts, cancel, unreadable, err);
        if (!st)
            cao_tile_strip_products(plan, job, &strip, b, r->sums);
    }
    return st;
}

static enum cao_status leave_out(const struct cao_plan *plan, const struct cao_tile_job *job,
                                 size_t k, struct looks *looks, struct cao_tile_result *r,
                                 const struct cao_error *why)
{
    const struct cao_scene *s = &plan->catalog->scenes[job->scenes[k]];
    char tile[32];
    cao_tile_name(job->tile_row, job->tile_col, tile);
    looks->left_out[k] = true;
    const char *code = why->code == CAO_EIO ? "scene-unreachable" : "scene-unreadable";
    return cao_findings_add(&r->findings, CAO_PROBLEM, code, s->path, 0, s->id,
                            "left out of tile %s of %s: %s", tile,
                            plan->project->periods[job->period].name, why->text);
}

static enum cao_status make_result(const struct cao_plan *plan, const struct cao_tile_job *job,
                                   struct cao_tile_result *r, struct cao_error *err)
{
    size_t layers = cao_zone_layers(plan->project);
    r->counts = calloc(job->n_scenes + 1, sizeof *r->counts);
    r->sums = calloc(job->n_pastures * layers + 1, sizeof *r->sums);
    r->files = calloc(plan->products.n + 1, sizeof *r->files);
    if (!r->counts || !r->sums || !r->files)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    r->empty = job->n_scenes == 0;
    return CAO_OK;
}

enum cao_status cao_tile_work(struct cao_tile_worker *w, const struct cao_plan *plan,
                              const struct cao_tile_job *job, bool strict,
                              const volatile sig_atomic_t *cancel, struct cao_tile_result *result,
                              struct cao_error *err)
{
    struct looks looks = { 0 };
    struct cao_tile_buffers buffers;
    struct cao_error why = { 0 };
    enum cao_status st = make_result(plan, job, result, err);
    if (!st)
        st = open_looks(w, plan, job, &looks, err);
    while (!st) {
        size_t unreadable = SIZE_MAX;
        st = tile_pass(w, plan, job, &looks, cancel, &unreadable, &buffers, result, &why);
        if (!st)
            break;
        bool data = st == CAO_EDATA || st == CAO_EIO;
        if (unreadable == SIZE_MAX || strict || !data) {
            if (err)
                *err = why;
            break;
        }
        /* A look is used for the whole tile or not at all: begin again without it. */
        st = leave_out(plan, job, unreadable, &looks, result, &why);
    }
    close_looks(&looks, job->n_scenes);
    if (!st)
        st = cao_tile_record_remove(plan, job, err);
    if (!st)
        st = cao_tile_write(plan, job, &buffers, result, err);
    if (!st)
        st = cao_tile_record_write(plan, job, result, err);
    result->done = st == CAO_OK;
    return st;
}

size_t cao_tile_bytes(const struct cao_plan *plan, const struct cao_tile_job *job)
{
    return cao_tile_buffers_bytes(plan, job);
}
