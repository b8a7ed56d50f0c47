/** @file caochu/lines.h  Lines, borders of polygons and points of any OGR layer, on the grid's CRS.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_LINES_H
#define CAO_LINES_H
#include "caochu/pastures.h"

/** Line i has the points end[i - 1] .. end[i] - 1; a single one is a point. Metres in the grid's CRS. */
struct cao_lines {
    double *xy;
    size_t *end;
    size_t n;
};
/** @p src: path, layer, crs, where, keys. Edges are cut at every kilometre, so that they stay true.
 *  @retval as cao_pastures_load(); CAO_EDATA nothing usable in it */
CAO_CHECKED enum cao_status cao_lines_load(const struct cao_pasture_source *src, const char *crs,
                                           struct cao_lines *lines, struct cao_error *err);
void cao_lines_release(struct cao_lines *lines);
#endif
