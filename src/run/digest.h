/** @file run/digest.h  The digest of all that goes into a tile: same digest, no work.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_DIGEST_H
#define CAO_RUN_DIGEST_H
#include "run/plan.h"

/** Version of what the program makes of the same inputs: raise it with any change of results. */
enum { CAO_RESULT_VERSION = 16 };

/** Why a tile is to be done again where this part of its digest differs. */
const char *cao_part_words(enum cao_part part);
/** From where: what only the images can answer, or what is reckoned from a tile's stored bases. */
enum cao_stage cao_part_stage(enum cao_part part);

/** Fill in the digest of every job of the plan. */
CAO_CHECKED enum cao_status cao_digest_jobs(struct cao_plan *plan, struct cao_error *err);
#endif
