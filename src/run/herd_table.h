/** @file run/herd_table.h  What the seasonal pastures of each household's herd feed together.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_HERD_TABLE_H
#define CAO_RUN_HERD_TABLE_H
#include "caochu/table.h"
#include "run/fold.h"

/** A row per period and household of pastures.herd, households in the order of their bytes; pastures without
 *  one are left out. cao_table_release() it; it borrows texts from plan and project. */
CAO_CHECKED enum cao_status cao_herd_table_make(const struct cao_plan *plan,
                                                const struct cao_fold *fold,
                                                struct cao_table *table, struct cao_error *err);
#endif
