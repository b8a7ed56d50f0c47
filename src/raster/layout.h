/** @file raster/layout.h  What COG and VRT share of a product's layout.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_LAYOUT_H
#define CAO_RASTER_LAYOUT_H
#include <gdal.h>

#include "caochu/geotiff.h"

enum { CAO_BLOCK = 512 }; /* cells along a block of a written GeoTIFF */

GDALDataType cao_pixel_gdal(enum cao_pixel p);
/** Least and largest stored value of an integer type. */
void cao_pixel_range(enum cao_pixel p, double *low, double *high);
/** GDAL's geotransform of a window of the grid. */
void cao_window_geotransform(const struct cao_grid *g, const struct cao_window *w, double t[6]);
/** Stored classes and their colours; GDALDestroyColorTable it. NULL: no legend or no memory. */
GDALColorTableH cao_legend_colors(const struct cao_raster_layout *l);
/** @retval CAO_EARG nodata does not fit the type, scale is 0, or classes are not in 0..255 */
CAO_CHECKED enum cao_status cao_layout_check(const struct cao_raster_layout *l,
                                             struct cao_error *err);
#endif
