/* SPDX-License-Identifier: MIT
 * The whole job: read what is asked, look what is there, plan, do the tiles, fold, write. */
#include "caochu/run.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "caochu/limits.h"
#include "caochu/lock.h"
#include "caochu/fvc.h"
#include "caochu/reader.h"
#include "caochu/scan.h"
#include "run/estimate.h"
#include "run/inputs.h"
#include "run/mosaics.h"
#include "run/stored.h"
#include "run/folder.h"
#include "run/freshness.h"
#include "run/pasture_layer.h"
#include "run/order.h"
#include "run/plan.h"
#include "run/provenance.h"
#include "run/sched.h"
#include "run/tables.h"
#include "run/tile_record.h"

/* All that a run holds; released in reverse. */
struct state {
    const struct cao_run_options *options;
    struct cao_run_summary *summary;
    struct cao_project project;
    struct cao_profile profile;
    struct cao_pasture_layer layer;
    struct cao_demand_set tables;
    struct cao_ground_layers ground;
    struct cao_holdings holdings;
    struct cao_catalog catalog;
    struct cao_plan plan;
    struct cao_tile_result *results; /* [plan.n_jobs] */
    size_t *stale;                   /* indices of jobs to do */
    size_t *order;                   /* the same as they are worked on */
    size_t n_stale;
    struct cao_error *tile_errors; /* [n_jobs] of tiles that failed */
    double *seconds;               /* [n_jobs] of one worker */
    atomic_size_t n_failing;       /* tiles, so far */
    struct cao_lock lock;
    struct cao_tables_past past; /* the folder's record, and what it says of the tables */
    struct cao_tables_memo tables_memo;
    bool tables_stand; /* no tile is to be done, and they are of these tiles */
    bool changes;      /* something in the folder is about to change */
    double began;
    bool words; /* of what the herds are reckoned from: they are to be explained */
};

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void report(const struct state *s, const char *what, size_t done, size_t n)
{
    if (s->options->progress)
        s->options->progress(s->options->progress_context, what, done, n);
}

/* With --strict the first problem ends the run. */
static enum cao_status obey_strict(const struct state *s, struct cao_error *err)
{
    const struct cao_findings *f = &s->summary->findings;
    if (!s->options->strict || f->n_problems == 0)
        return CAO_OK;
    for (size_t i = 0; i < f->n; i++)
        if (f->items[i].severity == CAO_PROBLEM) {
            char text[900];
            cao_finding_format(&f->items[i], text, sizeof text);
            return cao_fail(err, CAO_EDATA, "%s (--strict)", text);
        }
    return CAO_OK;
}

/* A scene that is left out of several tiles is one problem. */
static size_t distinct_problems(const struct cao_findings *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++) {
        const struct cao_finding *a = &f->items[i];
        bool seen = a->severity != CAO_PROBLEM;
        for (size_t k = 0; !seen && k < i && a->item[0]; k++) {
            const struct cao_finding *b = &f->items[k];
            seen = b->severity == CAO_PROBLEM && a->row == b->row &&
                   strcmp(a->code, b->code) == 0 && strcmp(a->item, b->item) == 0 &&
                   strcmp(a->file, b->file) == 0;
        }
        n += !seen;
    }
    return n;
}

/* With --max-failures so many problems are tolerated and no more. */
static bool too_many(const struct state *s, size_t n)
{
    const struct cao_run_options *o = s->options;
    size_t all = s->catalog.n + s->catalog.n_refused + s->plan.n_jobs + s->layer.pastures.n;
    return (o->limit == CAO_LIMIT_COUNT && n > o->max_failures) ||
           (o->limit == CAO_LIMIT_SHARE && (double)n > o->max_failures_share * (double)all);
}

static enum cao_status obey_limit(const struct state *s, struct cao_error *err)
{
    const struct cao_findings *f = &s->summary->findings;
    size_t n = s->options->limit == CAO_LIMIT_NONE ? 0 : distinct_problems(f);
    for (size_t i = 0; too_many(s, n) && i < f->n; i++)
        if (f->items[i].severity == CAO_PROBLEM) {
            char text[700];
            cao_finding_format(&f->items[i], text, sizeof text);
            return cao_fail(err, CAO_EMANY,
                            "%zu problems, more than --max-failures allows; the first: %s", n,
                            text);
        }
    return CAO_OK;
}

static enum cao_status load_pastures(struct state *s, struct cao_error *err)
{
    report(s, "pastures", 0, 1);
    enum cao_status st = cao_pasture_layer_load(&s->project, s->options->fresh, s->options->threads,
                                                &s->layer, &s->summary->findings, err);
    return st ? st : obey_strict(s, err);
}

static void scan_progress(void *context, size_t done, size_t n)
{
    report(context, "scan", done, n);
}

static enum cao_status gather(struct state *s, struct cao_error *err)
{
    const struct cao_run_options *o = s->options;
    enum cao_status st = cao_project_read(o->project, &s->project, err);
    if (!st)
        st = cao_project_profile(&s->project, NULL, o->data_dir, NULL, 0, &s->profile, err);
    if (!st && s->project.fvc_end_members[0])
        st = cao_fvc_read(s->project.fvc_end_members, &s->profile, err);
    for (size_t i = 0; !st && i < s->profile.n_types; i++)
        if (s->profile.types[i].n_models)
            st = cao_project_need_index(&s->project, s->profile.types[i].index, err);
    if (!st)
        st = load_pastures(s, err);
    if (!st)
        st = cao_demand_set_load(&s->project, &s->layer, &s->tables, &s->summary->findings, err);
    if (!st)
        st = obey_strict(s, err);
    if (!st)
        st = cao_ground_load(&s->project, &s->profile, s->layer.crs_wkt, &s->ground,
                             &s->summary->findings, err);
    struct cao_demand_tables tables = { 0 };
    if (!st) {
        tables = cao_demand_set_tables(&s->project, &s->tables);
        tables.words = s->words;
        st = cao_holdings_join(&s->project, &s->profile, &s->layer.pastures, &tables, &s->holdings,
                               &s->summary->findings, err);
    }
    if (!st)
        st = obey_strict(s, err);
    if (st)
        return st;
    report(s, "scan", 0, 1);
    struct cao_scan_options scan = { .project = &s->project,
                                     .paths = (const char *const *)s->project.imagery,
                                     .n_paths = s->project.n_imagery,
                                     .data_dir = o->data_dir,
                                     .cache_dir = o->cache_dir,
                                     .reads = true,
                                     .fresh = o->fresh,
                                     .threads = o->threads,
                                     .progress = scan_progress,
                                     .progress_context = s,
                                     .cancel = o->cancel,
                                     .log = o->log };
    st = cao_scan(&scan, &s->catalog, &s->summary->findings, err);
    if (!st && s->project.bandpass == CAO_BANDPASS_OLI)
        cao_bandpass_to_oli(&s->catalog);
    return st ? st : obey_strict(s, err);
}

static void count_scenes(struct state *s)
{
    struct cao_run_summary *sum = s->summary;
    for (size_t i = 0; i < s->catalog.n; i++) {
        bool used = false;
        for (size_t j = 0; !used && j < s->plan.n_jobs; j++)
            for (size_t k = 0; !used && k < s->plan.jobs[j].n_scenes; k++)
                used = s->plan.jobs[j].scenes[k] == i;
        sum->n_scenes_used += used;
        sum->n_offset += used && s->catalog.scenes[i].has_offset;
    }
}

/* GDAL's cache only holds what was decoded once: small is slower, not wrong. */
static enum cao_status fit_memory(struct state *s, struct cao_error *err)
{
    enum { MB = 1 << 20, PROGRAM = 64 * MB, LEAST_CACHE = 16 * MB, MOST_CACHE = 256 * MB };
    struct cao_run_summary *sum = s->summary;
    int64_t memory = s->options->memory;
    if (memory <= 0) {
        memory = cao_memory_available();
        memory = memory == INT64_MAX ? INT64_MAX / 2 : memory / 4 * 3;
    }
    int64_t cache = memory / 8;
    cache = cache < LEAST_CACHE ? LEAST_CACHE : cache > MOST_CACHE ? MOST_CACHE : cache;
    enum cao_status st;
    for (;; cache = LEAST_CACHE) {
        int64_t left = memory - PROGRAM - cache;
        st = cao_plan_fit(&s->plan, left > 0 ? (size_t)left : 0, cao_files_limit(), &sum->threads,
                          err);
        if (st != CAO_EARG || cache == LEAST_CACHE)
            break;
    }
    if (st)
        return st;
    cao_raster_cache((size_t)cache);
    sum->memory = memory;
    sum->bytes_expected =
        PROGRAM + cache +
        sum->threads * (int64_t)(s->plan.bytes_per_worker + s->plan.reader_bytes + 24 * MB);
    return CAO_OK;
}

static enum cao_status make_plan(struct state *s, struct cao_error *err)
{
    struct cao_run_summary *sum = s->summary;
    struct cao_placing_memory memory = { s->layer.key, s->options->fresh };
    report(s, "plan", 0, 1);
    enum cao_status st =
        cao_plan_make(&s->project, &s->profile, &s->layer.pastures, &s->holdings, &s->ground,
                      &s->catalog, s->layer.crs_wkt, &memory, &s->plan, &sum->findings, err);
    if (!st)
        st = cao_plan_periods_check(&s->plan, &s->summary->findings);
    if (!st)
        st = obey_strict(s, err);
    if (!st)
        st = obey_limit(s, err);
    if (st)
        return st;
    size_t n = s->plan.n_jobs;
    s->results = calloc(n + 1, sizeof *s->results);
    s->stale = calloc(n + 1, sizeof *s->stale);
    s->order = calloc(n + 1, sizeof *s->order);
    s->tile_errors = calloc(n + 1, sizeof *s->tile_errors);
    s->seconds = calloc(n + 1, sizeof *s->seconds);
    if (!s->results || !s->stale || !s->order || !s->tile_errors || !s->seconds)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        sum->n_empty += s->plan.jobs[i].n_scenes == 0;
    sum->threads = s->options->threads > 0 ? s->options->threads : cao_sched_processors();
    st = fit_memory(s, err);
    if (st)
        return st;
    sum->n_scenes = s->catalog.n;
    sum->n_refused = s->catalog.n_refused;
    sum->n_pastures = s->layer.pastures.n;
    sum->n_rows = s->layer.pastures.n * s->project.n_periods;
    sum->n_tiles = n;
    sum->bytes_per_worker = s->plan.bytes_per_worker + s->plan.reader_bytes;
    sum->crs_name = cao_text_copy(s->plan.grid.crs_name);
    sum->res_m = s->plan.grid.res_m;
    sum->grid_cols = s->plan.grid.cols;
    sum->grid_rows = s->plan.grid.rows;
    sum->profile = cao_text_copy(s->profile.name);
    sum->yield_set = cao_text_copy(s->profile.yield_set);
    sum->output_dir = cao_text_copy(s->project.output_dir);
    count_scenes(s);
    return CAO_OK;
}

/* Which tiles are to be done. Sums of the others are read where anything comes of them: not where tables lie
 * there already that are made of the same. */
static enum cao_status find_fresh(struct state *s, bool whole, struct cao_error *err)
{
    struct cao_run_summary *sum = s->summary;
    struct cao_freshness f = { 0 };
    if (!whole) {
        cao_tables_digest(&s->plan, s->layer.key, &s->tables_memo);
        cao_tables_look(s->project.output_dir, &s->past);
    }
    enum cao_status st = cao_freshness_look(&s->plan, s->options->again, s->results, &f, err);
    s->tables_stand =
        !st && f.n_stale == 0 && cao_tables_agree(&s->past, &s->tables_memo, &s->plan);
    if (!st && (whole || !s->tables_stand))
        st = cao_plan_polygons(&s->plan, err);
    if (!st && (whole || !s->tables_stand))
        st = cao_freshness_load(&s->plan, sum->threads, s->results, &f, err);
    s->tables_stand &= f.n_stale == 0;
    s->n_stale = f.n_stale;
    if (!st)
        st = cao_freshness_tell(&s->plan, &f, s->stale, sum, err);
    cao_freshness_release(&f);
    if (!st)
        st = cao_folder_orphans(&s->plan, s->results, &sum->orphans, &sum->n_orphans, err);
    return st ? st : cao_estimate(&s->plan, s->results, sum, err);
}

static enum cao_status start_worker(void *shared, void **worker, struct cao_error *err)
{
    struct cao_tile_worker *w = NULL;
    enum cao_status st = cao_tile_worker_create(&((struct state *)shared)->plan, &w, err);
    *worker = w;
    return st;
}

static void stop_worker(void *shared, void *worker)
{
    (void)shared;
    cao_tile_worker_destroy(worker);
}

/* A tile that fails is set aside and named; with --strict, or when stopped, it ends the run. */
static enum cao_status work_tile(void *shared, void *worker, size_t i, struct cao_error *err)
{
    struct state *s = shared;
    size_t j = s->order[i];
    const struct cao_tile_job *job = &s->plan.jobs[j];
    double began = seconds_now();
    enum cao_status st = cao_tile_work(worker, &s->plan, job, s->options->strict,
                                       s->options->cancel, &s->results[j], err);
    s->seconds[j] = seconds_now() - began;
    if (!st)
        return CAO_OK;
    char tile[32];
    cao_tile_name(job->tile_row, job->tile_col, tile);
    if (st == CAO_ECANCEL)
        return st;
    struct cao_error local = { 0 };
    if (err)
        local = *err;
    (void)cao_within(&local, st, "tile %s of %s", tile, s->project.periods[job->period].name);
    s->tile_errors[j] = local;
    if (err)
        *err = local;
    if (s->options->strict)
        return st;
    size_t n = atomic_fetch_add(&s->n_failing, 1) + 1;
    return too_many(s, n) ? cao_fail(err, CAO_EMANY,
                                     "%zu tiles failed, more than --max-failures allows: %.900s", n,
                                     local.text)
                          : CAO_OK;
}

static void tile_progress(void *context, size_t done, size_t n)
{
    report(context, "tiles", done, n);
}

static enum cao_status do_tiles(struct state *s, struct cao_error *err)
{
    struct cao_run_summary *sum = s->summary;
    struct cao_job job = { .n = s->n_stale,
                           .shared = s,
                           .start = start_worker,
                           .work = work_tile,
                           .stop = stop_worker,
                           .progress = tile_progress,
                           .progress_context = s,
                           .cancel = s->options->cancel };
    enum cao_status st = CAO_OK;
    memcpy(s->order, s->stale, s->n_stale * sizeof *s->order);
    /* a strict run ends with the first tile that fails: the same one for any number of workers */
    if (!s->options->strict)
        st = cao_tile_order(&s->plan, s->order, s->n_stale, sum->threads, err);
    if (!st && s->n_stale)
        st = cao_sched_run(&job, sum->threads, err);
    if (st)
        return st;
    const struct cao_error *first = NULL;
    double seconds = 0, work = 0;
    for (size_t i = 0; !st && i < s->n_stale; i++) {
        size_t j = s->stale[i];
        sum->n_done += s->results[j].done;
        sum->n_redone += s->results[j].done && s->results[j].redone;
        if (s->results[j].done) {
            seconds += s->seconds[j];
            work += cao_estimate_work(&s->plan, &s->plan.jobs[j]);
        }
        if (s->results[j].done)
            continue;
        sum->n_failed++;
        first = first ? first : &s->tile_errors[j];
        st = cao_findings_add(&sum->findings, CAO_PROBLEM, "tile-failed", NULL, 0, NULL, "%s",
                              s->tile_errors[j].text);
    }
    if (work > 0)
        sum->worker_rate = seconds / work * 1e9;
    for (size_t j = 0; !st && j < s->plan.n_jobs; j++)
        for (size_t k = 0; !st && k < s->results[j].findings.n; k++) {
            const struct cao_finding *f = &s->results[j].findings.items[k];
            st = cao_findings_add(&sum->findings, f->severity, f->code, f->file, f->row, f->item,
                                  "%s", f->text);
        }
    if (!st) /* problems of tiles that were up to date count too */
        st = obey_strict(s, err);
    if (!st)
        st = obey_limit(s, err);
    if (!st && first && sum->n_failed == s->plan.n_jobs) {
        if (err)
            *err = *first;
        return first->code;
    }
    return st;
}

/* Where no tile changed and all that the tables are made of is as it was when they were written, they are
 * theirs still. */
static enum cao_status make_tables(struct state *s, struct cao_error *err)
{
    report(s, "tables", 0, 1);
    if (s->tables_stand)
        return cao_tables_recall(&s->past, &s->tables_memo, &s->plan, s->summary, err);
    return cao_tables_write(&s->plan, s->results, &s->tables_memo, s->summary, err);
}

/* run.json always says what the folder holds: "running" from the first change to the last, so that
 * tables of one state beside rasters of another never pass for a finished run. */
static enum cao_status write_record(struct state *s, const char *state, int exit_code,
                                    const char *failure, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    struct cao_run_summary *sum = s->summary;
    enum cao_status st = cao_path_join(path, s->project.output_dir, "run.json", err);
    sum->seconds = seconds_now() - s->began;
    if (!st)
        st = cao_provenance_write(path, &s->plan, s->results, s->options, sum, state, exit_code,
                                  failure, &s->tables_memo,
                                  s->tables_stand && !s->changes ? &s->past : NULL, err);
    if (!st && exit_code >= 0 && !sum->record)
        sum->record = cao_text_copy(path);
    return st;
}

static enum cao_status end_record(struct state *s, enum cao_status st, struct cao_error *err)
{
    if (!st) {
        bool partial = s->summary->findings.n_problems > 0;
        return write_record(s, partial ? "partial" : "done",
                            partial ? CAO_EXIT_PARTIAL : CAO_EXIT_DONE, NULL, err);
    }
    /* The first error is the one to tell of, whether or not it can be written down. */
    (void)!write_record(s, st == CAO_ECANCEL ? "stopped" : "failed", (int)cao_status_exit(st),
                        err ? err->text : cao_status_name(st), NULL);
    return st;
}

static enum cao_status stopped(const struct state *s, struct cao_error *err)
{
    return s->options->cancel && *s->options->cancel
               ? cao_fail(err, CAO_ECANCEL, "stopped; what is finished is kept, run again to go on")
               : CAO_OK;
}

static enum cao_status lock_folder(struct state *s, struct cao_error *err)
{
    const char *dir = s->project.output_dir;
    enum cao_status st = cao_make_dirs(dir, err);
    if (!st)
        st = cao_lock_take(&s->lock, dir, s->options->command, err);
    if (!st && s->lock.blind)
        st = cao_findings_add(&s->summary->findings, CAO_NOTE, "no-lock", dir, 0, NULL,
                              "its file system knows no locks: see to it that no second run works "
                              "on it");
    if (st)
        return st;
    report(s, "write", 0, 1);
    s->summary->n_swept = cao_folder_sweep(dir);
    cao_pasture_layer_keep(&s->project, &s->layer, &s->summary->findings);
    cao_placing_keep(&s->project, &s->plan.placing, &s->plan.grid);
    cao_demand_set_keep(&s->project, &s->tables, s->layer.pastures.n);
    return CAO_OK;
}

static bool is_period(const struct cao_project *p, const char *path)
{
    for (size_t i = 0; i < p->n_periods; i++) {
        size_t n = strlen(p->periods[i].name);
        if (strncmp(path, p->periods[i].name, n) == 0 && path[n] == '/')
            return true;
    }
    return false;
}

static bool is_map(const struct state *s, const struct cao_run_orphan *o)
{
    return cao_path_has_ending(o->path, ".vrt") && is_period(&s->project, o->path);
}

/* Whether the run takes anything away. */
static bool clears(const struct state *s)
{
    const struct cao_run_summary *sum = s->summary;
    bool any = s->options->prune && sum->n_orphans > 0;
    for (size_t i = 0; !any && i < sum->n_orphans; i++)
        any = is_map(s, &sum->orphans[i]);
    return any;
}

/* Maps of products that the project dropped go now, before their tiles do: a map with holes is worse
 * than none. All else that is no longer of the project stays unless it is to be pruned: it may be
 * last year's results. */
static enum cao_status clear_orphans(struct state *s, struct cao_error *err)
{
    struct cao_run_summary *sum = s->summary;
    enum cao_status st = CAO_OK;
    size_t left = 0;
    int64_t bytes = 0;
    for (size_t i = 0; !st && i < sum->n_orphans; i++) {
        const struct cao_run_orphan *o = &sum->orphans[i];
        if (is_map(s, o)) {
            st = cao_folder_prune(&s->plan, o, 1, err);
        } else {
            left++;
            bytes += o->bytes;
        }
    }
    if (st || left == 0)
        return st;
    if (s->options->prune)
        return cao_folder_prune(&s->plan, sum->orphans, sum->n_orphans, err);
    return cao_findings_add(&sum->findings, CAO_NOTE, "orphans", s->project.output_dir, 0, NULL,
                            "holds %zu tiles and maps, %.1f MB, that are no longer of the project, "
                            "such as %s; 'caochu plan' names them, 'caochu run --prune' removes "
                            "them",
                            left, (double)bytes / 1048576, sum->orphans[0].path);
}

/* Better now than at 99 percent. */
static enum cao_status check_room(const struct state *s, struct cao_error *err)
{
    const struct cao_run_summary *sum = s->summary;
    if (sum->bytes_free < 0 || sum->bytes_to_come <= sum->bytes_free)
        return CAO_OK;
    return cao_fail(err, CAO_EIO,
                    "%s: about %.1f MB more are needed and %.1f MB are free; make room or choose "
                    "another output.folder (nothing was begun)",
                    s->project.output_dir, (double)sum->bytes_to_come / 1048576,
                    (double)sum->bytes_free / 1048576);
}

/* All that changes files. What is fresh is found out under the lock. */
static enum cao_status write_all(struct state *s, struct cao_error *err)
{
    enum cao_status st = lock_folder(s, err);
    if (!st)
        st = find_fresh(s, false, err);
    if (!st)
        st = check_room(s, err);
    if (st)
        return st;
    s->changes = !s->tables_stand || clears(s);
    if (s->changes)
        st = write_record(s, "running", -1, NULL, err);
    if (!st)
        st = clear_orphans(s, err);
    if (!st)
        st = do_tiles(s, err);
    if (!st)
        st = stopped(s, err);
    if (!st)
        st = cao_mosaics_write(&s->plan, s->results, err);
    if (!st)
        st = stopped(s, err);
    if (!st)
        st = make_tables(s, err);
    return end_record(s, st, err);
}

static void release(struct state *s)
{
    for (size_t i = 0; s->results && i < s->plan.n_jobs; i++)
        cao_tile_result_release(&s->results[i]);
    free(s->results);
    free(s->stale);
    free(s->order);
    free(s->tile_errors);
    free(s->seconds);
    cao_tables_forget(&s->past);
    cao_plan_release(&s->plan);
    cao_catalog_release(&s->catalog);
    cao_holdings_release(&s->holdings);
    cao_ground_release(&s->ground);
    cao_demand_set_release(&s->tables);
    cao_pasture_layer_release(&s->layer);
    cao_profile_release(&s->profile);
    cao_project_release(&s->project);
}

/* The project file that a results folder's record names. */
static enum cao_status project_of(const char *path, char out[CAO_PATH_MAX], struct cao_error *err)
{
    char record[CAO_PATH_MAX];
    if (!cao_file_is_dir(path))
        return cao_path_join(out, "", path, err);
    enum cao_status st = cao_path_join(record, path, "run.json", err);
    return st ? st : cao_provenance_project(record, out, err);
}

enum cao_status cao_run_stored(const struct cao_run_options *options, cao_stored_use *use,
                               void *context, struct cao_run_summary *summary,
                               struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    struct cao_run_options own = *options;
    *summary = (struct cao_run_summary){ 0 };
    struct state s = { .options = &own, .summary = summary, .began = seconds_now(), .words = true };
    enum cao_status st = project_of(options->project, path, err);
    own.project = path;
    own.again = false;
    if (!st)
        st = gather(&s, err);
    if (!st)
        st = make_plan(&s, err);
    if (!st)
        st = find_fresh(&s, true, err);
    if (!st && s.n_stale > 0)
        st = cao_fail(err, CAO_EDATA,
                      "%s: %zu of %zu tiles are not up to date (see 'caochu plan'); "
                      "run 'caochu run %s' first",
                      path, s.n_stale, s.plan.n_jobs, path);
    if (!st) {
        struct cao_stored stored = { &s.plan, s.results,
                                     cao_demand_set_tables(&s.project, &s.tables),
                                     &s.summary->findings };
        stored.tables.words = true;
        st = use(context, &stored, err);
    }
    if (st && err && !err->text[0])
        (void)cao_fail(err, st, "out of memory"); /* of a finding, which has no error of its own */
    summary->seconds = seconds_now() - s.began;
    release(&s);
    return st;
}

enum cao_status cao_run(const struct cao_run_options *options, struct cao_run_summary *summary,
                        struct cao_error *err)
{
    *summary = (struct cao_run_summary){ 0 };
    struct state s = { .options = options, .summary = summary, .began = seconds_now() };
    enum cao_status st = gather(&s, err);
    if (!st)
        st = make_plan(&s, err);
    if (!st)
        st = options->plan_only ? find_fresh(&s, false, err) : write_all(&s, err);
    if (st && err && !err->text[0])
        (void)cao_fail(err, st, "out of memory"); /* of a finding, which has no error of its own */
    cao_lock_release(&s.lock);
    summary->seconds = seconds_now() - s.began;
    release(&s);
    return st;
}

void cao_run_summary_release(struct cao_run_summary *s)
{
    for (size_t i = 0; i < s->n_classes; i++) {
        free(s->classes[i].name);
        free(s->classes[i].zh);
    }
    free(s->classes);
    for (size_t i = 0; s->todo && i < s->n_todo; i++) {
        free(s->todo[i].period);
        free(s->todo[i].why);
    }
    free(s->todo);
    for (size_t i = 0; i < s->n_orphans; i++)
        free(s->orphans[i].path);
    free(s->orphans);
    free(s->crs_name);
    free(s->profile);
    free(s->yield_set);
    free(s->output_dir);
    free(s->csv);
    free(s->gpkg);
    free(s->record);
    cao_findings_release(&s->findings);
    *s = (struct cao_run_summary){ 0 };
}
