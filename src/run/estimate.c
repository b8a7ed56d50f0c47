/* SPDX-License-Identifier: MIT */
#include "run/estimate.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "run/tile_record.h"

enum { RECORD_LIMIT = 256 << 20 };

double cao_estimate_work(const struct cao_plan *plan, const struct cao_tile_job *job)
{
    double cells = (double)job->window.cols * job->window.rows;
    if (job->stage == CAO_STAGE_BASES)
        return cells * (double)(plan->products.n_bases + plan->products.n);
    /* Each look reads its bands and masks; a tile writes its products whatever the looks. */
    return cells * ((double)job->n_scenes * (double)(plan->n_bands + 1) +
                    (job->n_scenes ? (double)plan->products.n : 0));
}

/* Of a tile's rasters as numbers in memory, with overviews (1/4 + 1/16 + ...). */
static double raw_bytes(const struct cao_plan *plan, const struct cao_tile_job *job)
{
    double bytes = 0;
    if (job->n_scenes == 0)
        return 0;
    for (size_t i = 0; i < plan->products.n; i++)
        bytes += (double)cao_pixel_bytes(plan->products.items[i].layout.pixel);
    return bytes * (double)job->window.cols * (double)job->window.rows * 4 / 3;
}

static int64_t bytes_in(const char *dir)
{
    json_object *record = cao_tile_record_read(dir);
    struct cao_tile_file file;
    int64_t bytes = 0, size;
    char path[CAO_PATH_MAX];
    for (size_t i = 0; record && cao_tile_record_file(record, i, &file); i++)
        if (!cao_path_join(path, dir, file.name, NULL) && cao_file_stat(path, &size, NULL))
            bytes += size;
    if (record)
        json_object_put(record);
    return bytes;
}

/* Seconds of one worker per unit of work in the last run; NaN where it did not tell. */
static double last_rate(const char *dir)
{
    char path[CAO_PATH_MAX], *text;
    size_t n;
    json_object *v;
    double rate = (double)NAN;
    if (cao_path_join(path, dir, "run.json", NULL) ||
        cao_file_read(path, RECORD_LIMIT, &text, &n, NULL))
        return rate;
    json_object *root = json_tokener_parse(text);
    free(text);
    if (root && json_object_object_get_ex(root, "worker_seconds_per_gigacell", &v) &&
        json_object_get_double(v) > 0)
        rate = json_object_get_double(v);
    if (root)
        json_object_put(root);
    return rate;
}

enum cao_status cao_estimate(const struct cao_plan *plan, const struct cao_tile_result *results,
                             struct cao_run_summary *sum, struct cao_error *err)
{
    const char *out = plan->project->output_dir;
    double known_raw = 0, fresh_bytes = 0, todo_raw = 0, work = 0;
    int64_t replaced = 0;
    for (size_t i = 0; i < plan->n_jobs; i++) {
        const struct cao_tile_job *job = &plan->jobs[i];
        char dir[CAO_PATH_MAX];
        enum cao_status st = cao_plan_tile_dir(plan, job, dir, err);
        if (st)
            return st;
        if (results[i].fresh) {
            known_raw += raw_bytes(plan, job);
            for (size_t k = 0; k < results[i].n_files; k++)
                fresh_bytes += (double)results[i].files[k].size;
        } else {
            todo_raw += raw_bytes(plan, job);
            work += cao_estimate_work(plan, job);
            int64_t was = bytes_in(dir);
            known_raw += was > 0 ? raw_bytes(plan, job) : 0;
            replaced += was;
        }
    }
    /* Half of the raw size where nothing is there yet to tell: typical of int16 indices. */
    double ratio = known_raw > 0 ? (fresh_bytes + (double)replaced) / known_raw : 0.5;
    double grows = todo_raw * ratio - (double)replaced;
    sum->bytes_on_disk = (int64_t)fresh_bytes + replaced;
    sum->bytes_to_come = grows > 0 ? (int64_t)grows : 0;
    struct statvfs fs;
    char at[CAO_PATH_MAX], up[CAO_PATH_MAX];
    memcpy(at, out, strlen(out) + 1);
    while (!cao_file_is_dir(at) && strcmp(at, ".") != 0 && strcmp(at, "/") != 0) {
        cao_path_dir(up, at); /* the output folder need not be there yet */
        memcpy(at, up, sizeof at);
    }
    sum->bytes_free = statvfs(at, &fs) == 0 ? (int64_t)fs.f_bavail * (int64_t)fs.f_frsize : -1;
    sum->worker_rate = last_rate(out);
    size_t workers = (size_t)(sum->threads > 0 ? sum->threads : 1);
    workers = workers < sum->n_todo ? workers : sum->n_todo;
    sum->seconds_expected = workers == 0 ? 0 : work * 1e-9 * sum->worker_rate / (double)workers;
    return CAO_OK;
}
