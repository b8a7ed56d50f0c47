/** @file sensor/gaofen.h  Calibration of Gaofen images. SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_GAOFEN_H
#define CAO_SENSOR_GAOFEN_H
#include "caochu/declared.h"
#include "sensor/place.h"
#include "sensor/sensor.h"

/** From the XML of the product that @p image belongs to ("GF1_WFV1_..._L1A0006459246" and what follows):
 *  the scene's time (CenterTime is Beijing time) and platform, and gain and offset per layer of @p d such
 *  that gain * DN + offset is top-of-atmosphere reflectance. @retval CAO_EDATA no XML, an unknown
 *  satellite or year, or a band that is not what the project says */
CAO_CHECKED enum cao_status cao_gaofen_calibrate(const struct cao_declared *d,
                                                 const struct cao_place *place, const char *image,
                                                 struct cao_scene *scene, double gain[CAO_N_BANDS],
                                                 double offset[CAO_N_BANDS], struct cao_error *err);
/** pi d^2 / (ESUN cos(zenith)), which times radiance is reflectance; day of the year from 1.
 *  Distance d = 1 - 0.01672 cos(0.9856 deg (day - 4)) in astronomical units. */
double cao_toa_factor(int day_of_year, double esun, double sun_zenith_deg);
#endif
