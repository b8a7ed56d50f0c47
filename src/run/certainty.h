/** @file run/certainty.h  How sure the verdicts of a fold are. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_CERTAINTY_H
#define CAO_RUN_CERTAINTY_H
#include "caochu/uncertainty.h"
#include "run/fold.h"

/** The part of a pasture as its errors see it. @retval false nothing of it is known, or it gives
 *  nothing to livestock */
bool cao_piece_of_part(const struct cao_plan *plan, const struct cao_pasture_result *row,
                       size_t part, struct cao_piece *piece);
/** Add a row's parts. */
void cao_certainty_add(const struct cao_plan *plan, const struct cao_error_terms *e,
                       const struct cao_pasture_result *row, struct cao_error_sum *sum);
/** Of one row with a balance. @param types scratch [profile->n_types] */
struct cao_certainty cao_certainty_of_row(const struct cao_plan *plan,
                                          const struct cao_error_terms *e,
                                          const struct cao_pasture_result *row,
                                          struct cao_type_error *types);
/** True where an equation was used beyond its range on more of the row than the profile allows. */
bool cao_is_beyond_range(const struct cao_plan *plan, const struct cao_pasture_result *row);
/** Replace the delta method by draws for all rows. @retval CAO_ENOMEM */
CAO_CHECKED enum cao_status cao_certainty_draw(const struct cao_plan *plan, struct cao_fold *fold,
                                               size_t n_draws, struct cao_error *err);
/** What a run says once of it: equations beyond their range, numbers that the profile lacks. */
CAO_CHECKED enum cao_status cao_certainty_note(const struct cao_plan *plan,
                                               const struct cao_fold *fold,
                                               struct cao_findings *findings,
                                               struct cao_error *err);
#endif
