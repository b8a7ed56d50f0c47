/** @file sensor/calibration.h  How digital numbers of cameras become reflectance, by year: a data file
 *  that people may copy and edit (src/calibration). SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_CALIBRATION_H
#define CAO_SENSOR_CALIBRATION_H
#include <stdbool.h>
#include <stddef.h>

#include "caochu/spectral.h"
#include "caochu/status.h"

enum { CAO_CAMERA_BANDS = 12, CAO_CAMERA_WORD = 16 };

/** radiance = gain * DN + offset, W/(m2 sr um), by the file's bands in their order. */
struct cao_gains {
    int year;
    double gain[CAO_CAMERA_BANDS], offset[CAO_CAMERA_BANDS];
    bool verified; /**< two sources, or the notice itself */
};

struct cao_camera_calibration {
    char satellite[CAO_CAMERA_WORD], sensor[CAO_CAMERA_WORD];
    int n_bands;
    enum cao_band band[CAO_CAMERA_BANDS];
    bool has_esun, esun_verified;
    double esun[CAO_CAMERA_BANDS]; /**< W/(m2 um) */
    struct cao_gains *gains;       /**< by year */
    size_t n_gains;
};

struct cao_calibrations {
    char *path; /**< of the file */
    struct cao_camera_calibration *cameras;
    size_t n;
};

/** @retval CAO_EARG not such a file: FILE:LINE: what is wrong */
CAO_CHECKED enum cao_status cao_calibrations_read(const char *path, struct cao_calibrations *c,
                                                  struct cao_error *err);
void cao_calibrations_release(struct cao_calibrations *c);

/** NULL: the camera is not in the file. */
const struct cao_camera_calibration *cao_calibration_find(const struct cao_calibrations *c,
                                                          const char *satellite,
                                                          const char *sensor);
/** Gains of the year, or with @p nearest of the year nearest to it (the earlier of two). NULL: none. */
const struct cao_gains *cao_calibration_gains(const struct cao_camera_calibration *camera, int year,
                                              bool nearest);
#endif
