/** @file raster/camera.h  Where the ground lies in a raw image, by its camera model and an elevation
 *  model. SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_CAMERA_H
#define CAO_RASTER_CAMERA_H
#include <stdbool.h>

#include "caochu/scene.h"

/** Belongs to one worker. */
struct cao_camera;
/** @param terrain false: without the elevation model, for cao_camera_ground() alone
 *  @retval CAO_EDATA the elevation model cannot be opened */
CAO_CHECKED enum cao_status cao_camera_open(const struct cao_scene *scene, bool terrain,
                                            struct cao_camera **camera, struct cao_error *err);
void cao_camera_close(struct cao_camera *c);

/** Longitudes and latitudes to pixels, in place; NaN where @p ok is 0, beyond the elevation model, or far
 *  beyond the image. The first pixel's centre is (0.5, 0.5). True where all have a place. */
bool cao_camera_pixels(struct cao_camera *c, int n, const int *ok, double *x, double *y);
/** Pixels to longitudes and latitudes where the ground lies @p height_m above the ellipsoid (NaN: at the
 *  middle of the model's heights); ok[i] becomes 0 where there is none. */
void cao_camera_ground(struct cao_camera *c, double height_m, int n, int *ok, double *x, double *y);
#endif
