/* SPDX-License-Identifier: MIT */
#include "run/mosaics.h"

#include <stdio.h>
#include <stdlib.h>

enum cao_status cao_mosaics_write(const struct cao_plan *plan,
                                  const struct cao_tile_result *results, struct cao_error *err)
{
    const struct cao_project *project = plan->project;
    struct cao_mosaic_part *parts = calloc(plan->n_jobs + 1, sizeof *parts);
    char(*names)[128] = calloc(plan->n_jobs + 1, sizeof *names);
    enum cao_status st = parts && names ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t p = 0; !st && p < project->n_periods; p++)
        for (size_t i = 0; !st && i < plan->products.n; i++) {
            const struct cao_raster_layout *layout = &plan->products.items[i].layout;
            char dir[CAO_PATH_MAX], path[CAO_PATH_MAX], file[64], tile[32];
            size_t n = 0;
            for (size_t j = 0; j < plan->n_jobs; j++) {
                const struct cao_tile_job *job = &plan->jobs[j];
                if (job->period != p || !results[j].done || results[j].empty)
                    continue;
                cao_tile_name(job->tile_row, job->tile_col, tile);
                snprintf(names[n], sizeof names[n], "tiles/%s/%s.tif", tile, layout->name);
                parts[n] = (struct cao_mosaic_part){ job->window, names[n] };
                n++;
            }
            snprintf(file, sizeof file, "%s.vrt", layout->name);
            st = cao_path_join(dir, project->output_dir, project->periods[p].name, err);
            if (!st)
                st = cao_path_join(path, dir, file, err);
            if (!st && n == 0) /* of a time when there were tiles */
                st = cao_file_remove(path, err);
            else if (!st)
                st = cao_vrt_write(path, &plan->grid, layout, parts, n, err);
        }
    free(parts);
    free(names);
    return st;
}
