/** @file run/demand.h  Livestock, feed and wildlife, joined to the pastures of a herd.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_DEMAND_H
#define CAO_RUN_DEMAND_H
#include "run/holdings.h"

/** Fill herd_su, feed_su, wild_su and lines of the holdings. What does not fit is named in @p findings, and
 *  the pasture's note says so. */
CAO_CHECKED enum cao_status cao_demand_join(const struct cao_project *project,
                                            const struct cao_profile *profile,
                                            const struct cao_pastures *pastures,
                                            const struct cao_demand_tables *tables,
                                            struct cao_holdings *holdings,
                                            struct cao_findings *findings, struct cao_error *err);
/** The first reason stays: it is the one to mend first. */
CAO_CHECKED enum cao_status cao_holding_note(struct cao_holding *h, const char *text,
                                             struct cao_error *err);
/** Days from @p from to @p to (both counted; CAO_NO_DAY: a year from or up to the other) that lie in the
 *  season, at most the days it has. @retval CAO_EARG the profile does not say when it begins */
CAO_CHECKED enum cao_status cao_season_days(const struct cao_profile *p, enum cao_season season,
                                            int32_t from, int32_t to, double *days,
                                            struct cao_error *err);
/** First day of the season that begins in @p year. @pre the profile says when it begins */
int32_t cao_season_begin(const struct cao_profile *p, enum cao_season season, int32_t year);
/** A season by its English or Chinese name. */
bool cao_season_find(const char *name, enum cao_season *season);
#endif
