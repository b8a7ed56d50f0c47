/** @file calibrate/calibrate_images.h  The index at plots, from rasters. SPDX-License-Identifier: MIT */
#ifndef CAO_CALIBRATE_CALIBRATE_IMAGES_H
#define CAO_CALIBRATE_CALIBRATE_IMAGES_H
#include "caochu/calibrate.h"

/** Fill index, image, cell and why of the points that have none yet. */
CAO_CHECKED enum cao_status cao_calibrate_images(const struct cao_calibrate_options *o,
                                                 struct cao_calibration *c, struct cao_error *err);
#endif
