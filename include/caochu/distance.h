/** @file caochu/distance.h  Distance of cells from marked ones, exact. Pure, thread-safe, no allocation.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_DISTANCE_H
#define CAO_DISTANCE_H
#include <stddef.h>
#include "caochu/cover.h"

/** Set to 0 the cells of @p w through which the segment from (x0, y0) to (x1, y1) goes (cells of the grid, y
 *  down, as in cover.h). @param cells row-major over the window */
void cao_distance_mark(const struct cao_window *w, double x0, double y0, double x1, double y1,
                       float *cells);
/** Squares of the distance between cell centres: each cell's own value plus the square of the distance to it,
 *  least of all (Felzenszwalb & Huttenlocher 2012). Start with 0 where marked and HUGE_VALF elsewhere.
 *  @param cells [rows][cols], replaced  @param scratch 3 * most + 1 floats, most the larger of both */
void cao_distance_squares(float *cells, size_t cols, size_t rows, float *scratch);
#endif
