/** @file caochu/polygon_means.h  Means of a raster's bands over polygons, each cell with the exact share of its
 *  area inside: of densities, so that mean times area is the number there. SPDX-License-Identifier: MIT */
#ifndef CAO_POLYGON_MEANS_H
#define CAO_POLYGON_MEANS_H
#include "caochu/pastures.h"

struct cao_polygon_mean {
    double mean;  /**< of the area that has a number; NaN: no part of it has */
    double known; /**< share of the polygon's area that has a number, 0..1 */
};

/** Polygons are brought onto the raster's CRS with vertices added so that edges stay true to a hundredth of a
 *  cell; cells count by their area on the ground where the raster is in degrees. Scale and offset of a band are
 *  applied. One thread; at most some MB at a time.
 *  @param p with their WKB  @param crs for a raster that names none; NULL or "": it is refused
 *  @param[out] n_bands of the raster  @param[out] means [p->n * n_bands], by polygon, then band; free() it
 *  @retval CAO_EIO CAO_EDATA as of cao_raster_info_read(), or torn */
CAO_CHECKED enum cao_status cao_polygon_means(const struct cao_pastures *p, const char *raster,
                                              const char *crs, size_t *n_bands,
                                              struct cao_polygon_mean **means,
                                              struct cao_error *err);
#endif
