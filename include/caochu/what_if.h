/** @file caochu/what_if.h  Verdicts again from a finished run's sums, under other assumptions.
 *
 *  Sums of yield and cover per pasture stay as they are; what comes after them (hay, usable forage,
 *  capacity, herds, class) is reckoned anew. What would change the yield itself (equations, index,
 *  grassland type, bare_below) cannot be answered so and is refused. No pixel is read.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_WHAT_IF_H
#define CAO_WHAT_IF_H
#include "caochu/run.h"

struct cao_what_if {
    const char *const *sets; /**< "KEY=VALUE", applied in order; see cao_what_if_key() */
    size_t n_sets;
    bool compare_profiles; /**< all installed profiles side by side, each with the sets */
    bool by_group;         /**< groups instead of pastures */
    bool by_herd;          /**< households instead of pastures, where the project tells them */
    bool chinese;          /**< headings */
    size_t n_draws; /**< of pastures: intervals and probabilities by so many draws; 0: reckoned */
};

/** The table as CSV (see table.h), free() it. @p run: project (a project file or a results folder),
 *  data_dir and log count. @p summary as after planning; release it in any case.
 *  @retval CAO_EARG an unknown key (the text names the nearest), a value out of bounds */
CAO_CHECKED enum cao_status cao_what_if_csv(const struct cao_run_options *run,
                                            const struct cao_what_if *what, char **csv,
                                            size_t *size, struct cao_run_summary *summary,
                                            struct cao_error *err);

/** The keys that a set may name, for help and manual; NULL past the last. */
struct cao_what_if_row {
    const char *key, *help;
};
const struct cao_what_if_row *cao_what_if_key(size_t i);
#endif
