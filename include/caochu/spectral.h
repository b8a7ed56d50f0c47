/** @file caochu/spectral.h  The spectral bands, by the letters of the field (awesome-spectral-indices).
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_SPECTRAL_H
#define CAO_SPECTRAL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cao_band {
    CAO_BAND_A,   /**< coastal aerosol, 443 nm */
    CAO_BAND_B,   /**< blue */
    CAO_BAND_G,   /**< green */
    CAO_BAND_Y,   /**< yellow */
    CAO_BAND_R,   /**< red */
    CAO_BAND_RE1, /**< red edge 705 nm */
    CAO_BAND_RE2, /**< red edge 740 nm */
    CAO_BAND_RE3, /**< red edge 783 nm */
    CAO_BAND_N,   /**< near infrared, wide (S2 B8) */
    CAO_BAND_N2,  /**< near infrared, narrow (S2 B8A, OLI B5, MODIS B2) */
    CAO_BAND_WV,  /**< water vapour */
    CAO_BAND_S1,  /**< shortwave infrared 1.6 um */
    CAO_BAND_S2,  /**< shortwave infrared 2.2 um */
    CAO_BAND_T1,  /**< thermal 10.9 um, kelvin */
    /* Indices that a product brings ready-made (MOD13), read, warped and composited like bands. */
    CAO_BAND_NDVI, /**< ready-made NDVI */
    CAO_BAND_EVI,  /**< ready-made EVI */
    CAO_N_BANDS
};
#define CAO_BAND_BIT(b) (UINT32_C(1) << (b))

/** "B", "RE1", "S2" ...; never NULL. */
const char *cao_band_letter(enum cao_band b);
bool cao_band_find(const char *letter, enum cao_band *b);
/** The ready-made form of the index of that name (ASCII case ignored); CAO_N_BANDS: none is known. */
enum cao_band cao_band_ready(const char *index_name);
/** Whether @p b is an index and no reflectance: it may be 0 or less. */
bool cao_band_is_ready(enum cao_band b);
/** Where the ready-made index has a value, that one. @param[in] ready @param[in,out] vi index [n] */
void cao_prefer_ready(const float *restrict ready, float *restrict vi, size_t n);
#endif
