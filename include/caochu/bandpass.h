/** @file caochu/bandpass.h  Reflectance of one sensor as another's bands would see it.
 *
 *  Sentinel-2 MSI to Landsat 8 OLI by the coefficients of NASA's HLS (Claverie et al. 2018, RSE 219:145,
 *  and the HLS user guide for Sentinel-2C), Landsat 7 ETM+ to OLI by Roy et al. 2016 (RSE 185:57,
 *  surface reflectance, ordinary least squares). What has no published line stays as it is.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_BANDPASS_H
#define CAO_BANDPASS_H
#include "caochu/catalog.h"

enum cao_bandpass { CAO_BANDPASS_NONE, CAO_BANDPASS_OLI };

/** The line of a platform's band: OLI = slope * reflectance + offset. false: none is known. */
bool cao_bandpass_line(const char *platform, enum cao_band band, double *slope, double *offset);
/** Put the lines into gain and offset of the layers of Sentinel-2 L2A and Landsat scenes; HLS has been
 *  adjusted by its makers. Returns how many scenes changed. Call once. */
size_t cao_bandpass_to_oli(struct cao_catalog *catalog);
#endif
