/** @file caochu/scan.h  A catalogue of folders as a project wants it. SPDX-License-Identifier: MIT */
#ifndef CAO_SCAN_H
#define CAO_SCAN_H
#include <stdatomic.h>

#include "caochu/catalog.h"
#include "caochu/project.h"

struct cao_scan_options {
    const struct cao_project *project; /**< NULL: nothing is declared, no elevation model */
    const char *const *paths;          /**< folders and archives */
    size_t n_paths;
    const char *data_dir; /**< where the profiles are installed; the calibration file lies beside */
    const char *cache_dir; /**< where scans are remembered; NULL: nowhere */
    bool fresh;            /**< look at everything again, whatever is remembered */
    bool
        reads; /**< scenes of the project's periods, and a year about them, will be read: see is_needed of
                     struct cao_scan */
    int threads; /**< 0: all processors; changes no result */
    void (*progress)(void *context, size_t done,
                     size_t n); /**< may be NULL; one thread at a time */
    void *progress_context;
    const atomic_int *cancel; /**< may be NULL */
    const struct cao_log *log;
};
/** As cao_catalog_scan(). The project is borrowed for the catalogue's life. */
CAO_CHECKED enum cao_status cao_scan(const struct cao_scan_options *options,
                                     struct cao_catalog *catalog, struct cao_findings *findings,
                                     struct cao_error *err);
#endif
