/** @file raster/position.h  Where the centres of the grid's cells lie in a layer, in its pixels.
 *
 *  The place of a cell depends on the cell alone: nodes are anchored to the grid, and places are
 *  rounded to 2^-20 pixel, so that they are the same bits whatever window asks and stay exact when a
 *  whole number of pixels is taken off. SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_POSITION_H
#define CAO_RASTER_POSITION_H
#include <ogr_srs_api.h>

#include "caochu/grid.h"
#include "raster/camera.h"

struct cao_position {
    const struct cao_grid *grid;
    double geotransform[6];                /**< of the layer */
    OGRCoordinateTransformationH to_layer; /**< borrowed; NULL where the CRS is the same */
    struct cao_camera
        *camera; /**< borrowed; of a raw image, in place of the geotransform; else NULL */
};

/** The multiple of @p step at or before @p v, which may be negative. */
static inline int32_t cao_lattice(int32_t v, int32_t step)
{
    int32_t down = v / step * step;
    return down > v ? down - step : down;
}

/** Round to 2^-20 of a pixel; NaN where |v| is not below 2^30. */
double cao_position_round(double v);
/** Centres of the cells of @p w, row-major [cols * rows]; the first pixel's centre is (0.5, 0.5);
 *  NaN where the cell has no place in the layer's CRS. */
void cao_position_window(const struct cao_position *p, const struct cao_window *w,
                         double *restrict x, double *restrict y);
/** Whether places are the same for all cells of a column, and of a row: the same CRS, nothing
 *  turned. Then the columns' x [cols] and the rows' y [rows] say it all, with the same bits. */
bool cao_position_upright(const struct cao_position *p);
void cao_position_axes(const struct cao_position *p, const struct cao_window *w, double *restrict x,
                       double *restrict y);
/** Size of a grid cell in pixels of the layer along both axes, measured at the image's centre,
 *  or at the grid's where that has no place on the grid; false where neither has. @p to_grid NULL where the CRS is the same. */
bool cao_position_scale(const struct cao_position *p, OGRCoordinateTransformationH to_grid,
                        int width, int height, double *cell_x, double *cell_y);
#endif
