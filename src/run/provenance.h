/** @file run/provenance.h  run.json: what was run, on what, with what, and what came of it.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_PROVENANCE_H
#define CAO_RUN_PROVENANCE_H
#include "caochu/run.h"
#include "run/tables.h"
#include "run/tile.h"

/** Write OUTPUT/run.json. Times of the run are in it, so it is the one output that differs from run
 *  to run. @param state "running", "done", "partial", "failed" or "stopped"
 *  @param exit_code what the program will end with; negative: not known yet
 *  @param failure why it failed or stopped; NULL: it did not
 *  @param memo of the tables, for the next run; it counts where the run ended
 *  @param past the record that lies there, where nothing was to do: one that says the same of the results stays, with
 *  the time and the workers of the run that made them; NULL: write in any case */
CAO_CHECKED enum cao_status cao_provenance_write(
    const char *path, const struct cao_plan *plan, const struct cao_tile_result *results,
    const struct cao_run_options *options, const struct cao_run_summary *summary, const char *state,
    int exit_code, const char *failure, const struct cao_tables_memo *memo,
    const struct cao_tables_past *past, struct cao_error *err);
/** The project file that a run.json names. @retval CAO_EIO no such record @retval CAO_EDATA it names
 *  none, or one that is not there */
CAO_CHECKED enum cao_status cao_provenance_project(const char *record, char project[CAO_PATH_MAX],
                                                   struct cao_error *err);
/** Version of the program, "0.1.0". */
const char *cao_version(void);
#endif
