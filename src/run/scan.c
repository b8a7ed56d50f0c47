/* SPDX-License-Identifier: MIT */
#include "caochu/scan.h"

#include <string.h>

#include "caochu/file.h"

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

enum cao_status cao_scan(const struct cao_scan_options *o, struct cao_catalog *catalog,
                         struct cao_findings *findings, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    const struct cao_project *p = o->project;
    struct cao_scan scan = { .raw.calibration = calibration_of(o, path) };
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
