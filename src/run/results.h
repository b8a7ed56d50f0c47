/** @file run/results.h  The result table that people read, its assumptions in each row.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_RESULTS_H
#define CAO_RUN_RESULTS_H
#include "caochu/table.h"
#include "run/fold.h"

/** Row i is fold->rows[i]; the table's columns borrow texts from here, plan and project. */
struct cao_results {
    struct cao_table table;
    size_t *row_pasture; /**< [n_rows] the pasture of each row */
    void *names;         /**< storage of headings */
};
CAO_CHECKED enum cao_status cao_results_make(const struct cao_plan *plan,
                                             const struct cao_fold *fold,
                                             struct cao_results *results, struct cao_error *err);
void cao_results_release(struct cao_results *r);
#endif
