/** @file caochu/sample.h  A raster's values at points. SPDX-License-Identifier: MIT */
#ifndef CAO_SAMPLE_H
#define CAO_SAMPLE_H
#include "caochu/raster_in.h"

/** Points in @p crs (anything that GDAL reads; x before y) to the raster's CRS, in place; NaN where there
 *  is no way. @retval CAO_EARG the CRS is not known, or there is no way between them */
CAO_CHECKED enum cao_status cao_points_to_raster(const struct cao_raster_info *info,
                                                 const char *crs, double *x, double *y, size_t n,
                                                 struct cao_error *err);

enum cao_sampled { CAO_SAMPLE_OK, CAO_SAMPLE_OUTSIDE, CAO_SAMPLE_NO_VALUE };

/** Mean of the valid cells of the window of @p side x @p side cells (odd) around the cell that holds a
 *  point of the raster's CRS, scale and offset applied. A window counts where more than half of its cells
 *  have a value.
 *  @param[out] cell [2] column and row of the cell */
CAO_CHECKED enum cao_status cao_sample(struct cao_raster_in *raster,
                                       const struct cao_raster_info *info, size_t band, double x,
                                       double y, int side, double *value, int32_t cell[2],
                                       enum cao_sampled *result, struct cao_error *err);
/** Metres along a cell, also of a raster in degrees (at the middle of its rows). */
double cao_raster_cell_m(const struct cao_raster_info *info);
#endif
