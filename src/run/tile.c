/* SPDX-License-Identifier: MIT */
#include "run/tile.h"

#include <stdlib.h>
#include <string.h>

#include "caochu/arena.h"
#include "run/tile_composite.h"
#include "run/tile_ground.h"
#include "run/tile_record.h"
#include "run/tile_redo.h"

struct cao_tile_worker {
    struct cao_arena arena;
    struct cao_reader_kit *kit;
    struct cao_qa_tables tables;
};

enum cao_status cao_tile_worker_create(const struct cao_plan *plan, struct cao_tile_worker **worker,
                                       struct cao_error *err)
{
    struct cao_tile_worker *w = calloc(1, sizeof *w);
    if (!w)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    enum cao_status st = cao_arena_init(&w->arena, plan->bytes_per_worker, err);
    if (!st)
        st = cao_reader_kit_create(&plan->grid, plan->cache_bytes, &w->kit, err);
    if (!st && plan->parks_files)
        cao_reader_kit_park(w->kit);
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
    cao_qa_tables_release(&w->tables);
    cao_reader_kit_destroy(w->kit);
    cao_arena_release(&w->arena);
    free(w);
}

void cao_tile_result_release(struct cao_tile_result *r)
{
    cao_findings_release(&r->findings);
    free(r->counts);
    free(r->sums);
    free(r->parts);
    free(r->terms);
    free(r->reasons);
    free(r->files);
    *r = (struct cao_tile_result){ 0 };
}

/* A tile is worked on in squares, in groups of four: a block of a 20 m layer reaches over four of them and is
 * soon needed again. Groups go column by column, as the tile to the right goes on. A square is gone through
 * in strips that stay in the processor's nearest caches. */
struct strips {
    size_t across, down;
};

static struct strips strips_of(const struct cao_plan *plan)
{
    int32_t side = plan->square_side;
    return (struct strips){ (size_t)((side + plan->strip_cols - 1) / plan->strip_cols),
                            (size_t)((side + plan->strip_rows - 1) / plan->strip_rows) };
}

static size_t n_places(const struct cao_plan *plan, const struct cao_tile_job *job)
{
    struct strips n = strips_of(plan);
    int32_t four = 2 * plan->square_side;
    return 4 * n.across * n.down * (size_t)((job->window.cols + four - 1) / four) *
           (size_t)((job->window.rows + four - 1) / four);
}

/* The strip at place @p i; false where it lies beyond the tile. */
static bool strip_at(const struct cao_plan *plan, const struct cao_tile_job *job, size_t i,
                     struct cao_window *strip)
{
    struct strips n = strips_of(plan);
    size_t in_square = i % (n.across * n.down), square = i / (n.across * n.down);
    int32_t side = plan->square_side, down = (job->window.rows + 2 * side - 1) / (2 * side);
    int32_t within = (int32_t)(square % 4), group = (int32_t)(square / 4);
    int32_t before = (int32_t)(in_square % n.across) * plan->strip_cols;
    int32_t above = (int32_t)(in_square / n.across) * plan->strip_rows;
    int32_t col = (group / down * 2 + within % 2) * side + before;
    int32_t row = (group % down * 2 + within / 2) * side + above;
    if (col >= job->window.cols || row >= job->window.rows)
        return false;
    int32_t cols = job->window.cols - col, rows = job->window.rows - row;
    int32_t most_cols = side - before < plan->strip_cols ? side - before : plan->strip_cols;
    int32_t most_rows = side - above < plan->strip_rows ? side - above : plan->strip_rows;
    *strip = (struct cao_window){ job->window.col + col, job->window.row + row,
                                  cols < most_cols ? cols : most_cols,
                                  rows < most_rows ? rows : most_rows };
    return true;
}

/* Move to *to what the images alone could tell. */
static void keep_past(struct cao_tile_result *from, struct cao_tile_result *to)
{
    free(to->counts);
    free(to->reasons);
    cao_findings_release(&to->findings);
    to->counts = from->counts;
    to->reasons = from->reasons;
    to->findings = from->findings;
    from->counts = NULL;
    from->reasons = NULL;
    from->findings = (struct cao_findings){ 0 };
}

/* What the pastures cover, and what the ground is there. */
static enum cao_status lay_out(struct cao_tile_worker *w, const struct cao_plan *plan,
                               const struct cao_tile_job *job, struct cao_tile_buffers *b,
                               struct cao_tile_result *r, struct cao_error *err)
{
    cao_tile_cover(plan, job, b);
    enum cao_status st = cao_tile_ground(plan, job, w->kit, b, err);
    if (!st)
        st = cao_tile_parts(plan, job, b, r, err);
    if (!st)
        cao_tile_terms(plan, job, b);
    return st;
}

/* From the tile's own rasters. *done is false where they do not serve: then from the images. */
static enum cao_status redo_pass(struct cao_tile_worker *w, const struct cao_plan *plan,
                                 const struct cao_tile_job *job, const atomic_int *cancel,
                                 struct cao_tile_buffers *b, struct cao_tile_past *past,
                                 struct cao_tile_result *r, bool *done, struct cao_error *err)
{
    w->arena.used = 0;
    enum cao_status st = cao_tile_buffers_take(plan, job, &w->arena, b, err);
    if (st || !cao_tile_recall(plan, job, b, past))
        return st;
    st = lay_out(w, plan, job, b, r, err);
    if (st)
        return st;
    for (size_t i = 0; i < n_places(plan, job); i++) {
        struct cao_window strip;
        if (cancel && *cancel)
            return cao_fail(err, CAO_ECANCEL, "stopped");
        if (!strip_at(plan, job, i, &strip))
            continue;
        cao_tile_cut(job, &strip, b);
        cao_tile_strip_products(plan, job, &strip, b, r->sums);
    }
    keep_past(&past->record, r);
    r->redone = *done = true;
    return CAO_OK;
}

/* All strips of the tile with the scenes that are not left out. */
static enum cao_status tile_pass(struct cao_tile_worker *w, const struct cao_plan *plan,
                                 const struct cao_tile_job *job, struct cao_looks *looks,
                                 const atomic_int *cancel, size_t *unreadable,
                                 struct cao_tile_buffers *b, struct cao_tile_result *r,
                                 struct cao_error *err)
{
    memset(r->counts, 0, (job->n_scenes + 1) * sizeof *r->counts);
    memset(r->reasons, 0, job->n_pastures * sizeof *r->reasons);
    w->arena.used = 0;
    enum cao_status st = cao_tile_buffers_take(plan, job, &w->arena, b, err);
    if (!st)
        st = lay_out(w, plan, job, b, r, err);
    for (size_t i = 0; !st && i < n_places(plan, job); i++) {
        struct cao_window strip;
        if (!strip_at(plan, job, i, &strip))
            continue;
        cao_tile_cut(job, &strip, b);
        st = cao_tile_composite(plan, job, looks, &strip, b, r->counts, r->reasons, cancel,
                                unreadable, err);
        if (!st)
            cao_tile_strip_products(plan, job, &strip, b, r->sums);
    }
    return st;
}

static enum cao_status leave_out(const struct cao_plan *plan, const struct cao_tile_job *job,
                                 size_t k, struct cao_looks *looks, struct cao_tile_result *r,
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
    r->counts = calloc(job->n_scenes + 1, sizeof *r->counts);
    r->reasons = calloc(job->n_pastures + 1, sizeof *r->reasons);
    r->files = calloc(plan->products.n + 1, sizeof *r->files);
    if (!r->counts || !r->reasons || !r->files)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    r->empty = job->n_scenes == 0;
    return CAO_OK;
}

static enum cao_status image_passes(struct cao_tile_worker *w, const struct cao_plan *plan,
                                    const struct cao_tile_job *job, bool strict,
                                    const atomic_int *cancel, struct cao_tile_buffers *b,
                                    struct cao_tile_result *result, struct cao_error *err)
{
    struct cao_looks looks = { 0 };
    struct cao_error why = { 0 };
    enum cao_status st = cao_looks_open(&w->tables, w->kit, plan, job, &looks, err);
    while (!st) {
        size_t unreadable = SIZE_MAX;
        st = tile_pass(w, plan, job, &looks, cancel, &unreadable, b, result, &why);
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
    cao_looks_close(&looks, job->n_scenes);
    return st;
}

enum cao_status cao_tile_work(struct cao_tile_worker *w, const struct cao_plan *plan,
                              const struct cao_tile_job *job, bool strict, const atomic_int *cancel,
                              struct cao_tile_result *result, struct cao_error *err)
{
    struct cao_tile_buffers buffers;
    struct cao_tile_past past = { 0 };
    bool done = false;
    enum cao_status st = make_result(plan, job, result, err);
    if (!st && job->stage == CAO_STAGE_BASES)
        st = redo_pass(w, plan, job, cancel, &buffers, &past, result, &done, err);
    if (!st && !done)
        st = image_passes(w, plan, job, strict, cancel, &buffers, result, err);
    if (!st)
        st = cao_tile_record_remove(plan, job, err);
    if (!st)
        st = cao_tile_write(plan, job, &buffers, result, err);
    if (!st)
        st = cao_tile_record_write(plan, job, result, err);
    cao_tile_past_release(&past);
    result->done = st == CAO_OK;
    return st;
}

size_t cao_tile_bytes(const struct cao_plan *plan, const struct cao_tile_job *job)
{
    return cao_tile_buffers_bytes(plan, job);
}
