/* SPDX-License-Identifier: MIT */
#include "caochu/scan.h"

#include <stdint.h>
#include <string.h>

#include "caochu/file.h"
#include "run/sched.h"

/* The project's own calibration file, or the one installed beside the profiles. */
static const char *calibration_of(const struct cao_scan_options *o, char path[CAO_PATH_MAX])
{
    const struct cao_project *p = o->project;
    char dir[CAO_PATH_MAX];
    if (p && p->gaofen_gains[0])
        return p->gaofen_gains;
    if (!o->data_dir || !o->data_dir[0] || strlen(o->data_dir) >= sizeof dir)
        return NULL;
    cao_path_dir(dir, o->data_dir);
    if (cao_path_join(path, dir, "calibration/gaofen.yaml", NULL) ||
        !cao_file_stat(path, NULL, NULL))
        return NULL;
    return path;
}

static enum cao_status run_items(void *context, size_t n,
                                 enum cao_status (*work)(void *shared, size_t i,
                                                         struct cao_error *err),
                                 void *shared, struct cao_error *err)
{
    const struct cao_scan_options *o = context;
    const struct cao_job like = { .progress = o->progress,
                                  .progress_context = o->progress_context,
                                  .cancel = o->cancel };
    int threads = o->threads > 0 ? o->threads : cao_sched_processors();
    return cao_sched_items(&like, threads, n, work, shared, err);
}

/* Smoothing, and composites of many days, draw on more than the periods themselves. */
static bool is_needed(const void *context, int64_t time)
{
    const struct cao_scan_options *o = context;
    const struct cao_project *p = o->project;
    const int32_t year = 366;
    bool needed = o->reads && !p;
    for (size_t i = 0; o->reads && p && i < p->n_periods; i++)
        needed |=
            time / 86400 >= p->periods[i].from - year && time / 86400 <= p->periods[i].to + year;
    return needed;
}

enum cao_status cao_scan(const struct cao_scan_options *o, struct cao_catalog *catalog,
                         struct cao_findings *findings, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    const struct cao_project *p = o->project;
    char memory[CAO_PATH_MAX];
    struct cao_scan scan = { .raw.calibration = calibration_of(o, path),
                             .look_again = o->fresh,
                             .is_needed = is_needed,
                             .needed_context = o,
                             .run = run_items };
    scan.run_context = (void *)(uintptr_t)o;
    if (o->cache_dir && !cao_path_join(memory, o->cache_dir, "scans", NULL))
        scan.memory = memory;
    if (p) {
        scan.declared = p->sensors;
        scan.n_declared = p->n_sensors;
        scan.raw.dem = p->gaofen_dem;
        scan.raw.dem_shift_m = p->gaofen_dem_shift_m;
        scan.raw.nearest_year = p->gaofen_nearest_year;
        scan.raw.cloud_above = p->gaofen_cloud_above;
    }
    return cao_catalog_scan_with(&scan, o->paths, o->n_paths, catalog, findings, o->log, err);
}
