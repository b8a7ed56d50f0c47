/** @file raster/overview.h  A raster at half its resolution, from stored pixels.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_OVERVIEW_H
#define CAO_RASTER_OVERVIEW_H
#include "caochu/geotiff.h"

/** Halve a raster of cols x rows to (cols + 1) / 2 x (rows + 1) / 2: quantities by the mean of the
 *  up to four pixels that have data, rounded half away from zero and never to the no-data value;
 *  classes by the commonest with data, on ties the one that comes first (left to right, then down).
 *  No data where all four have none. Pure. */
void cao_overview_half(const struct cao_raster_layout *layout, const void *pixels, size_t cols,
                       size_t rows, void *half);
#endif
