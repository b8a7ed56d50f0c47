/** @file run/info.h  Layers that tell about the composite itself: which look a cell is of, and what the
 *  other looks were lost to. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_INFO_H
#define CAO_RUN_INFO_H
#include "run/tile_products.h"

/** Codes of platforms are the same in every run: built-in ones below 100, CAO_PLATFORM_OTHER for one that
 *  is not in the table, CAO_PLATFORM_DECLARED + i for the i-th sensor of the project file. */
enum { CAO_PLATFORM_OTHER = 99, CAO_PLATFORM_DECLARED = 100, CAO_MOST_DECLARED_CODES = 150 };
int cao_platform_code(const struct cao_project *project, const struct cao_scene *scene);
/** Legend of these codes; free() it. Names are borrowed from the project. NULL: out of memory. */
struct cao_legend *cao_platform_legend(const struct cao_project *project, size_t *n);

/** The target day of a period, days since 1970-01-01: that of the years around which lies nearest to the
 *  period's middle. */
int32_t cao_period_target(const struct cao_period *period, int32_t day_of_year);

/** Begin and end an overpass; where b->by_reason is asked for. */
void cao_info_start(struct cao_tile_buffers *b, size_t n);
void cao_info_next_overpass(struct cao_tile_buffers *b, size_t n);
/** Bring a look's b->reason into that of its overpass, b->overpass. */
void cao_info_note(struct cao_tile_buffers *b, size_t n);

/** Fill @p out with one of the layers over the strip; false: the quantity is none of them. */
bool cao_info_values(const struct cao_plan *plan, const struct cao_tile_job *job,
                     enum cao_quantity quantity, const struct cao_tile_buffers *b,
                     float *restrict out, size_t n);
#endif
