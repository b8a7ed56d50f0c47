/** @file sensor/hdf4_glance.h  What an HDF4-EOS file says of its grids, read without the HDF4 library, which
 *  is slow to open files, crashes on hostile ones and serves one thread alone. SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_HDF4_GLANCE_H
#define CAO_SENSOR_HDF4_GLANCE_H
#include "sensor/header.h"

enum cao_glance {
    CAO_GLANCE_TOLD,    /**< @p hdf holds what the library would say */
    CAO_GLANCE_TORN,    /**< something in it lies beyond the file's end */
    CAO_GLANCE_UNKNOWN, /**< not of the plain kind that is understood here: ask the library */
    CAO_GLANCE_NO_MEMORY
};
/** As cao_hdf_read(), of files as MODIS and HLS have them: grids in UTM or sinusoidal projection, fields of two
 *  dimensions, attributes of one number. @p hdf is filled in when it is told. Any thread. */
enum cao_glance cao_hdf_glance(const char *path, bool (*wanted)(const char *field),
                               const char *const *keys, struct cao_hdf *hdf);
#endif
