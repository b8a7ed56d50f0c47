/** @file caochu/check.h  Whether results are what was written, and whether a machine and a folder are fit
 *  for the work. SPDX-License-Identifier: MIT */
#ifndef CAO_CHECK_H
#define CAO_CHECK_H
#include <stddef.h>
#include <stdint.h>
#include "caochu/findings.h"

struct cao_check_counts {
    size_t n_files, n_tiles, n_maps;
    size_t n_numbers; /**< of tables, compared with the maps */
    int64_t bytes;
};

/** Check a GeoTIFF, or an output folder with all tiles that its records name: that files are there,
 *  have the bytes that were written (XXH3-128), are laid out as Cloud-Optimized GeoTIFF (directories
 *  first, blocks in order and inside the file), that maps name only tiles that are there, that
 *  run.json says the run ended, that tables have the bytes that were written, and that no draft lies
 *  about. Where all that is well, means of indices and shares without a value are reckoned again from
 *  maps and polygons and compared with pastures.gpkg. What is wrong is a problem in
 *  @p findings. Adds to @p counts. @retval CAO_EIO @p path is not there or cannot be read */
CAO_CHECKED enum cao_status cao_check(const char *path, struct cao_check_counts *counts,
                                      struct cao_findings *findings, struct cao_error *err);

/** One line of the doctor's report. */
struct cao_health {
    enum cao_health_state { CAO_WELL, CAO_POOR, CAO_ILL } state; /**< ill: work will fail */
    char what[32];
    char text[300];
};
enum { CAO_MOST_HEALTH = 40 };

/** Look at libraries, limits, profiles in @p data_dir, and at @p folder, which results are to be written
 *  to: some small files are written there and removed. @return the number of lines */
size_t cao_doctor(const char *folder, const char *data_dir,
                  struct cao_health lines[CAO_MOST_HEALTH]);
#endif
