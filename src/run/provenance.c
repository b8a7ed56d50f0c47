/* SPDX-License-Identifier: MIT */
#include "run/provenance.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "caochu/reader.h"

const char *cao_version(void)
{
    return CAO_VERSION;
}

static void put_text(json_object *o, const char *key, const char *value)
{
    json_object_object_add(o, key, value ? json_object_new_string(value) : NULL);
}

static void put_count(json_object *o, const char *key, size_t value)
{
    json_object_object_add(o, key, json_object_new_int64((int64_t)value));
}

static void put_number(json_object *o, const char *key, double value)
{
    json_object_object_add(o, key, cao_json_number(value));
}

static json_object *findings_json(const struct cao_findings *f, enum cao_severity severity)
{
    json_object *list = json_object_new_array();
    for (size_t i = 0; i < f->n; i++) {
        const struct cao_finding *item = &f->items[i];
        if (item->severity != severity)
            continue;
        json_object *o = json_object_new_object();
        put_text(o, "code", item->code);
        if (item->file[0])
            put_text(o, "file", item->file);
        if (item->row > 0)
            json_object_object_add(o, "row", json_object_new_int64(item->row));
        if (item->item[0])
            put_text(o, "item", item->item);
        put_text(o, "text", item->text);
        json_object_array_add(list, o);
    }
    return list;
}

/* Where a scene stands among those of a job, which are in the catalog's order; SIZE_MAX: not there. */
static size_t position_of(const struct cao_tile_job *job, size_t scene)
{
    size_t low = 0, high = job->n_scenes;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (job->scenes[middle] < scene)
            low = middle + 1;
        else
            high = middle;
    }
    return low < job->n_scenes && job->scenes[low] == scene ? low : SIZE_MAX;
}

/* A scene as it was used: metadata and how many cells of all its tiles each reason took. */
static json_object *scene_json(const struct cao_plan *plan, const struct cao_tile_result *results,
                               size_t scene)
{
    const struct cao_scene *s = &plan->catalog->scenes[scene];
    uint64_t counts[CAO_N_REASONS] = { 0 };
    size_t n_tiles = 0;
    for (size_t j = 0; j < plan->n_jobs; j++) {
        size_t k = position_of(&plan->jobs[j], scene);
        if (k == SIZE_MAX || !results[j].done)
            continue;
        n_tiles++;
        for (int c = 0; c < CAO_N_REASONS; c++)
            counts[c] += results[j].counts[k][c];
    }
    char time_text[CAO_TIME_TEXT];
    cao_time_format(s->time, time_text);
    json_object *o = json_object_new_object(), *cells = json_object_new_object();
    put_text(o, "id", s->id);
    put_text(o, "path", s->path);
    put_text(o, "sensor", cao_scene_sensor(s));
    put_text(o, "platform", s->platform);
    put_text(o, "level", s->level);
    put_text(o, "time", time_text);
    put_text(o, "tile", s->tile);
    put_text(o, "baseline", s->baseline);
    put_text(o, "crs", s->crs_name);
    put_number(o, "cloud_pct", s->cloud_pct);
    enum cao_band red = cao_scene_band(s, CAO_BAND_R);
    if (red < CAO_N_BANDS) {
        put_number(o, "reflectance_gain", s->band[red].gain);
        put_number(o, "reflectance_offset", s->band[red].offset);
    }
    put_count(o, "tiles", n_tiles);
    for (int c = 0; c < CAO_N_REASONS; c++)
        put_count(cells, cao_reason_name((enum cao_reason)c), (size_t)counts[c]);
    json_object_object_add(o, "cells", cells);
    return o;
}

static json_object *inputs_json(const struct cao_plan *plan)
{
    const struct cao_project *p = plan->project;
    json_object *o = json_object_new_object(), *imagery = json_object_new_array();
    char *project = realpath(p->path, NULL); /* found again from any folder */
    put_text(o, "project", project ? project : p->path);
    free(project);
    for (size_t i = 0; i < p->n_imagery; i++)
        json_object_array_add(imagery, json_object_new_string(p->imagery[i]));
    json_object_object_add(o, "imagery", imagery);
    put_text(o, "pastures", p->pastures_file);
    put_text(o, "livestock", p->livestock_file[0] ? p->livestock_file : NULL);
    put_text(o, "profile", plan->profile->path);
    return o;
}

static json_object *own_indices_json(const struct cao_project *p)
{
    json_object *list = json_object_new_array();
    for (size_t i = 0; i < p->n_own_indices; i++) {
        const struct cao_own_index *own = &p->own_indices[i];
        json_object *o = json_object_new_object(), *constants = json_object_new_object();
        put_text(o, "name", own->index.name);
        put_text(o, "expression", own->index.formula);
        for (size_t k = 0; k < own->n_constants; k++)
            put_number(constants, own->constants[k].name, own->constants[k].value);
        json_object_object_add(o, "constants", constants);
        put_number(o, "lowest", (double)own->index.min);
        put_number(o, "highest", (double)own->index.max);
        put_text(o, "unit", own->index.unit);
        put_text(o, "source", own->index.source);
        json_object_array_add(list, o);
    }
    return list;
}

static json_object *fvc_json(const struct cao_plan *plan)
{
    const struct cao_project *p = plan->project;
    json_object *o = json_object_new_object(), *types = json_object_new_object();
    put_text(o, "form", p->fvc_form == CAO_FVC_SQUARED ? "squared" : "linear");
    put_text(o, "end_members", p->fvc_end_members[0] ? p->fvc_end_members : NULL);
    for (size_t i = 0; i < plan->profile->n_types; i++) {
        const struct cao_grass_type *t = &plan->profile->types[i];
        json_object *one = json_object_new_object();
        put_number(one, "soil", t->fvc_soil.value);
        put_number(one, "full", t->fvc_full.value);
        put_text(one, "source", t->fvc_soil.source);
        json_object_object_add(types, t->name, one);
    }
    json_object_object_add(o, "types", types);
    return o;
}

static json_object *settings_json(const struct cao_plan *plan)
{
    const struct cao_project *p = plan->project;
    json_object *o = json_object_new_object(), *indices = json_object_new_array();
    json_object *mask = json_object_new_array(), *periods = json_object_new_array();
    put_text(o, "profile", plan->profile->name);
    put_text(o, "yield_set", plan->profile->yield_set);
    put_text(o, "class_scheme", plan->profile->scheme.name);
    put_number(o, "wildlife_share", plan->wildlife_share);
    put_text(o, "composite", p->composite->name);
    if (strcmp(p->composite->name, "percentile") == 0)
        put_number(o, "percentile", p->composite_settings.percentile);
    if (p->composite->asks_cloud) {
        const struct cao_composite_settings *set = &p->composite_settings;
        json_object *bap = json_object_new_object();
        put_number(bap, "target_day", p->target_day);
        put_number(bap, "day_weight", set->day_weight);
        put_number(bap, "day_spread_days", set->day_spread);
        put_number(bap, "cloud_weight", set->cloud_weight);
        put_number(bap, "cloud_distance_m", set->cloud_distance_m);
        put_number(bap, "haze_weight", set->haze_weight);
        json_object_object_add(o, "bap", bap);
    }
    if (p->smoothing_method != CAO_SMOOTH_NONE) {
        static const char *const methods[] = { "none", "linear", "savitzky-golay", "whittaker" };
        json_object *smooth = json_object_new_object();
        put_text(smooth, "method", methods[p->smoothing_method]);
        put_text(smooth, "index", p->indices[plan->smooth_index]->name);
        put_number(smooth, "step_days", p->smoothing_step);
        if (p->smoothing_method == CAO_SMOOTH_WHITTAKER)
            put_number(smooth, "lambda", p->smoothing_lambda);
        if (p->smoothing_method == CAO_SMOOTH_SAVGOL) {
            put_count(smooth, "window", (size_t)p->smoothing_window);
            put_count(smooth, "degree", (size_t)p->smoothing_degree);
        }
        put_count(smooth, "envelope", (size_t)p->smoothing_envelope);
        put_number(smooth, "cloud_distance_m", p->smoothing_cloud_distance_m);
        put_number(smooth, "cloud_weight", p->smoothing_cloud_weight);
        put_text(smooth, "peak_from", p->smoothing_peak_from);
        put_text(smooth, "peak_to", p->smoothing_peak_to);
        put_number(smooth, "max_gap_days", p->smoothing_max_gap);
        json_object_object_add(smooth, "yield", json_object_new_boolean(p->smoothing_yield));
        json_object_object_add(o, "smoothing", smooth);
    }
    put_text(o, "bandpass", p->bandpass == CAO_BANDPASS_OLI ? "oli" : "none");
    put_text(o, "resampling", p->resampling == CAO_CUBIC ? "cubic" : "bilinear");
    put_text(o, "near_infrared", p->nir == CAO_BAND_N ? "wide" : "narrow");
    for (size_t i = 0; i < p->n_indices; i++)
        json_object_array_add(indices, json_object_new_string(p->indices[i]->name));
    json_object_object_add(o, "indices", indices);
    json_object_object_add(o, "fvc", fvc_json(plan));
    if (p->n_own_indices)
        json_object_object_add(o, "own_indices", own_indices_json(p));
    for (int r = 0; r < CAO_N_REASONS; r++)
        if (p->mask_removes & (UINT32_C(1) << r))
            json_object_array_add(mask,
                                  json_object_new_string(cao_reason_name((enum cao_reason)r)));
    json_object_object_add(o, "mask", mask);
    put_number(o, "mask_dilation_m", p->mask_dilation_m);
    for (size_t i = 0; i < p->n_periods; i++) {
        char from[CAO_DATE_TEXT], to[CAO_DATE_TEXT];
        json_object *period = json_object_new_object();
        cao_date_format(p->periods[i].from, from);
        cao_date_format(p->periods[i].to, to);
        put_text(period, "name", p->periods[i].name);
        put_text(period, "from", from);
        put_text(period, "to", to);
        json_object_array_add(periods, period);
    }
    json_object_object_add(o, "periods", periods);
    return o;
}

static json_object *counts_json(const struct cao_run_summary *s)
{
    json_object *o = json_object_new_object();
    put_count(o, "scenes", s->n_scenes);
    put_count(o, "scenes_refused", s->n_refused);
    put_count(o, "scenes_used", s->n_scenes_used);
    put_count(o, "scenes_with_offset", s->n_offset);
    put_count(o, "pastures", s->n_pastures);
    put_count(o, "rows", s->n_rows);
    put_count(o, "verdicts", s->n_verdicts);
    put_count(o, "tiles", s->n_tiles);
    put_count(o, "tiles_computed", s->n_done);
    put_count(o, "tiles_from_stored_index", s->n_redone);
    put_count(o, "tiles_fresh", s->n_fresh);
    put_count(o, "tiles_failed", s->n_failed);
    put_count(o, "tiles_without_scene", s->n_empty);
    put_count(o, "problems", s->findings.n_problems);
    return o;
}

static json_object *grid_json(const struct cao_plan *plan)
{
    json_object *o = json_object_new_object();
    put_text(o, "crs", plan->grid.crs_name);
    put_number(o, "x0", plan->grid.x0);
    put_number(o, "y0", plan->grid.y0);
    put_number(o, "resolution_m", plan->grid.res_m);
    put_count(o, "columns", (size_t)plan->grid.cols);
    put_count(o, "rows", (size_t)plan->grid.rows);
    put_count(o, "tile_px", (size_t)plan->grid.tile);
    return o;
}

/* Tables of a run that ended, with the hashes of their bytes. pastures.gpkg is not among them: QGIS
 * changes bytes of a GeoPackage by looking at it. */
static enum cao_status tables_json(const char *record, json_object *list, struct cao_error *err)
{
    static const char *const names[] = { "pastures.csv", "groups.csv", "masks.csv", "herds.csv" };
    char dir[CAO_PATH_MAX], path[CAO_PATH_MAX], text[CAO_HASH_TEXT];
    struct cao_hash *h = NULL;
    enum cao_status st = cao_hash_create(&h, err);
    cao_path_dir(dir, record);
    for (size_t i = 0; !st && i < sizeof names / sizeof names[0]; i++) {
        st = cao_path_join(path, dir, names[i], err);
        if (st || !cao_file_stat(path, NULL, NULL))
            continue;
        json_object *t = json_object_new_object();
        cao_hash_reset(h);
        st = cao_hash_file(h, path, err);
        cao_hash_final(h, text);
        put_text(t, "name", names[i]);
        put_text(t, "xxh128", text);
        json_object_array_add(list, t);
    }
    cao_hash_destroy(h);
    return st;
}

/* A copy: the root's own text goes with its next change. */
static char *json_text(json_object *root, size_t *n)
{
    const char *text = json_object_to_json_string_length(
        root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE, n);
    char *copy = text ? malloc(*n + 1) : NULL;
    if (copy)
        memcpy(copy, text, *n + 1);
    return copy;
}

/* Take from the past record what tells of the run and not of the results. */
static bool take_past(json_object *root, json_object *past, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        json_object *now, *then;
        if (!json_object_object_get_ex(root, keys[i], &now) ||
            !json_object_object_get_ex(past, keys[i], &then))
            return false;
        json_object_object_add(root, keys[i], json_object_get(then));
    }
    return true;
}

/* Whether the record that lies there says the same of the results: then it stays, with the day on which they
 * were made. */
static bool says_same(json_object *root, const struct cao_tables_past *past)
{
    static const char *const of_run[] = {
        "command", "finished",         "seconds",
        "threads", "bytes_per_worker", "worker_seconds_per_gigacell",
    };
    static const char *const of_counts[] = { "tiles_computed", "tiles_from_stored_index",
                                             "tiles_fresh" };
    json_object *now, *then;
    size_t n;
    if (!json_object_object_get_ex(root, "counts", &now) ||
        !json_object_object_get_ex(past->root, "counts", &then) ||
        !take_past(root, past->root, of_run, sizeof of_run / sizeof of_run[0]) ||
        !take_past(now, then, of_counts, sizeof of_counts / sizeof of_counts[0]))
        return false;
    char *text = json_text(root, &n);
    bool same = text && n == past->size && memcmp(text, past->text, n) == 0;
    free(text);
    return same;
}

enum cao_status cao_provenance_write(const char *path, const struct cao_plan *plan,
                                     const struct cao_tile_result *results,
                                     const struct cao_run_options *options,
                                     const struct cao_run_summary *summary, const char *state,
                                     int exit_code, const char *failure,
                                     const struct cao_tables_memo *memo,
                                     const struct cao_tables_past *past, struct cao_error *err)
{
    char now[CAO_TIME_TEXT], libraries[128];
    cao_time_format((int64_t)time(NULL), now);
    json_object *root = json_object_new_object(), *scenes = json_object_new_array();
    put_text(root, "program", "caochu");
    put_text(root, "version", CAO_VERSION);
    cao_raster_versions(libraries, sizeof libraries);
    put_text(root, "libraries", libraries);
    put_text(root, "command", options->command);
    put_text(root, "state", state);
    if (failure)
        put_text(root, "error", failure);
    put_text(root, exit_code < 0 ? "began" : "finished", now);
    put_number(root, "seconds", summary->seconds);
    put_count(root, "threads", (size_t)summary->threads);
    put_count(root, "bytes_per_worker", summary->bytes_per_worker);
    put_number(root, "worker_seconds_per_gigacell", summary->worker_rate);
    json_object_object_add(root, "exit_code",
                           exit_code < 0 ? NULL : json_object_new_int(exit_code));
    json_object_object_add(root, "inputs", inputs_json(plan));
    json_object_object_add(root, "settings", settings_json(plan));
    json_object_object_add(root, "grid", grid_json(plan));
    json_object_object_add(root, "counts", counts_json(summary));
    for (size_t i = 0; i < plan->catalog->n; i++)
        json_object_array_add(scenes, scene_json(plan, results, i));
    json_object_object_add(root, "scenes", scenes);
    enum cao_status st = CAO_OK;
    if (strcmp(state, "done") == 0 || strcmp(state, "partial") == 0) {
        json_object *tables;
        if (past && json_object_object_get_ex(past->root, "tables", &tables)) {
            json_object_object_add(root, "tables", json_object_get(tables));
        } else {
            tables = json_object_new_array();
            json_object_object_add(root, "tables", tables);
            st = tables_json(path, tables, err);
        }
        json_object_object_add(root, "tables_from", cao_tables_json(memo, plan, summary));
    }
    json_object_object_add(root, "failures", findings_json(&summary->findings, CAO_PROBLEM));
    json_object_object_add(root, "notes", findings_json(&summary->findings, CAO_NOTE));
    size_t n;
    char *text = json_text(root, &n);
    if (!st && !text)
        st = cao_fail(err, CAO_ENOMEM, "%s: out of memory", path);
    if (!st && !(past && says_same(root, past)))
        st = cao_file_write(path, text, n, err);
    free(text);
    json_object_put(root);
    return st;
}

/* Results that were moved together with their project file: it lies beside or above them still. */
static bool find_above(const char *record, const char *name, char project[CAO_PATH_MAX])
{
    const char *base = strrchr(name, '/');
    char dir[CAO_PATH_MAX], above[CAO_PATH_MAX], try[CAO_PATH_MAX];
    cao_path_dir(dir, record);
    for (int i = 0; i < 3; i++) {
        if (cao_path_join(above, dir, "..", NULL) ||
            cao_path_join(try, above, base ? base + 1 : name, NULL))
            return false;
        if (cao_file_stat(try, NULL, NULL))
            return !cao_path_join(project, "", try, NULL);
        memcpy(dir, above, sizeof dir);
    }
    return false;
}

enum cao_status cao_provenance_project(const char *record, char project[CAO_PATH_MAX],
                                       struct cao_error *err)
{
    if (!cao_file_stat(record, NULL, NULL))
        return cao_fail(err, CAO_EIO,
                        "%s: is not there; name the project file, or the results folder of a run",
                        record);
    json_object *root = json_object_from_file(record), *inputs = NULL, *name = NULL;
    enum cao_status st = CAO_OK;
    if (!json_object_object_get_ex(root, "inputs", &inputs) ||
        !json_object_object_get_ex(inputs, "project", &name))
        st = cao_fail(err, CAO_EDATA, "%s: names no project file", record);
    if (!st)
        st = cao_path_join(project, "", json_object_get_string(name), err);
    if (!st && !cao_file_stat(project, NULL, NULL) &&
        !find_above(record, json_object_get_string(name), project))
        st = cao_fail(err, CAO_EDATA,
                      "%s: the project file %s that it names is not there; name the project file "
                      "itself",
                      record, project);
    json_object_put(root);
    return st;
}
