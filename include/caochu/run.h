/** @file caochu/run.h  The whole job as one call: from a project file to GeoTIFFs and tables.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_H
#define CAO_RUN_H
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "caochu/findings.h"
#include "caochu/log.h"
#include "caochu/status.h"

struct cao_run_options {
    const char *project;       /**< path of the project file */
    const char *data_dir;      /**< where the profiles are installed */
    const char *cache_dir;     /**< where scans are remembered; NULL: nowhere */
    bool fresh;                /**< look at every product again, whatever is remembered */
    int threads;               /**< 0: all processors */
    size_t max_failures;       /**< with CAO_LIMIT_COUNT: stop above this many problems */
    double max_failures_share; /**< with CAO_LIMIT_SHARE: or above this share of all scenes,
                                    tiles and pastures, 0..1 */
    enum cao_limit { CAO_LIMIT_NONE, CAO_LIMIT_COUNT, CAO_LIMIT_SHARE } limit;
    bool strict;         /**< stop at the first problem */
    bool again;          /**< recompute tiles that are up to date */
    int64_t memory;      /**< bytes that the run may take; 0: three quarters of what is available */
    bool prune;          /**< remove what is no longer of the project from the output folder */
    bool plan_only;      /**< stop after planning; nothing is written */
    const char *command; /**< as typed, for the run record; may be NULL */
    const struct cao_log *log;
    /** May be NULL; one thread at a time. @p what names the stage: "pastures", "scan",
     *  "plan", "write" (the folder is locked; from here on files change), "tiles", "tables". */
    void (*progress)(void *context, const char *what, size_t done, size_t n);
    void *progress_context;
    const atomic_int *cancel; /**< may be NULL */
};

/** What was done, for people and scripts. Release with cao_run_summary_release(). */
struct cao_run_summary {
    size_t n_scenes, n_refused;    /**< in the catalogue */
    size_t n_scenes_used;          /**< fall in a period and touch a pasture's tile */
    size_t n_offset;               /**< scenes whose reflectance offset was not 0 */
    size_t n_pastures, n_verdicts; /**< loaded; rows with a class */
    size_t n_rows;                 /**< pastures x periods */
    size_t n_tiles, n_fresh, n_done, n_failed,
        n_empty;     /**< tile x period; fresh: nothing to do; empty: no scene */
    size_t n_redone; /**< of those done: from their own stored indices, without an image */
    size_t n_swept;  /**< drafts of killed runs that were removed */
    int threads;
    size_t bytes_per_worker;
    int64_t memory;         /**< the bound that was kept to */
    int64_t bytes_expected; /**< of memory, for all workers together */
    size_t n_new;           /**< of those to do: never done before */
    struct cao_run_todo {
        char *period, tile[32];
        char *why;       /**< "new", or what changed */
        bool from_index; /**< to be done from its own stored indices, without an image */
    } * todo;
    size_t n_todo; /**< tiles to do, in order */
    struct cao_run_orphan {
        char *path; /**< below the output folder */
        int64_t bytes;
    } * orphans; /**< tiles and maps that are no longer of the project, in order of name */
    size_t n_orphans;
    int64_t bytes_on_disk; /**< of the tiles that are there */
    int64_t bytes_to_come; /**< that the folder will probably grow by */
    int64_t bytes_free;    /**< of the output's file system; negative: not known */
    double worker_rate; /**< seconds of one worker per 1e9 cells read or written; NaN: not known */
    double seconds_expected; /**< for the tiles to do; NaN where no earlier run tells */
    char *crs_name;
    double res_m;
    int grid_cols, grid_rows;
    char *profile, *yield_set;
    char *output_dir, *csv, *gpkg, *record; /**< paths written; NULL: not written */
    struct cao_run_class {
        char *name, *zh;
        size_t n, n_firm; /**< pastures; of them where the class is firm */
        double area_ha;
    } * classes;
    size_t n_classes;
    struct cao_findings findings;
    double seconds;
};

/** @retval CAO_OK all done, or partly: then findings.n_problems > 0
 *  @retval CAO_EARG the project file or a named input is wrong; nothing was written
 *  @retval CAO_EMANY more problems than the limit; tables and maps were not touched
 *  @retval CAO_EBUSY another run is at work on the output folder; nothing was written
 *  @retval CAO_ECANCEL stopped; what is finished is kept
 *  @retval others  the run failed; the text says where */
CAO_CHECKED enum cao_status cao_run(const struct cao_run_options *options,
                                    struct cao_run_summary *summary, struct cao_error *err);
void cao_run_summary_release(struct cao_run_summary *s);
#endif
