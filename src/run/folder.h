/** @file run/folder.h  The output folder: what killed runs left in it is cleared away.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_FOLDER_H
#define CAO_RUN_FOLDER_H
#include <stddef.h>
#include "caochu/run.h"
#include "run/tile.h"

/** Remove drafts (".part-PID-N-NAME") in @p dir, its periods and their tiles. To be called under
 *  the folder's lock: no run is at work there then. Outside of the tiles' own folders a draft of a
 *  process that lives is left, since other programs may write there. What cannot be removed is
 *  left without a word: it harms nothing. @return how many were removed */
size_t cao_folder_sweep(const char *dir);
/** What lies in the output folder and is no longer of the project: tiles that no pasture touches any
 *  more, periods that are gone, maps of products that are gone. Found by the records that tiles carry,
 *  so that nothing is named that a run did not write. @p results tell which tiles of the plan are
 *  fresh: their files are known. free() the paths and the list. */
CAO_CHECKED enum cao_status cao_folder_orphans(const struct cao_plan *plan,
                                               const struct cao_tile_result *results,
                                               struct cao_run_orphan **orphans, size_t *n,
                                               struct cao_error *err);
/** Remove them: the files that a run wrote, and folders that are empty then. */
CAO_CHECKED enum cao_status cao_folder_prune(const struct cao_plan *plan,
                                             const struct cao_run_orphan *orphans, size_t n,
                                             struct cao_error *err);
#endif
