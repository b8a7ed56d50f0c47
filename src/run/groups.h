/** @file run/groups.h  Verdicts of townships, villages, ...: the pastures that share a value.
 *
 *  A group's rate is that of its sums, not the mean of its pastures' rates, over the pastures for
 *  which both supply and demand are known; how many those are stands beside it. Pastures of another
 *  season make another row: one herd grazes them in turn, and their capacities do not add up.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_GROUPS_H
#define CAO_RUN_GROUPS_H
#include "caochu/table.h"
#include "run/fold.h"

/** Rows by period: all pastures first, then each grouping column of the project in its order, its
 *  values in the order of their bytes, its seasons. */
struct cao_groups {
    struct cao_table table; /**< borrows texts from here, plan and project */
    void *names;            /**< storage of headings */
};
CAO_CHECKED enum cao_status cao_groups_make(const struct cao_plan *plan,
                                            const struct cao_fold *fold, struct cao_groups *groups,
                                            struct cao_error *err);
void cao_groups_release(struct cao_groups *g);
#endif
