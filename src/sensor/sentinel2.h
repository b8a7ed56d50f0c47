/** @file sensor/sentinel2.h  What the forms of Sentinel-2 L2A share. SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_SENTINEL2_H
#define CAO_SENSOR_SENTINEL2_H
#include "caochu/mask.h"
#include "caochu/spectral.h"

/** Scene classes of Sen2Cor to reasons. */
enum { CAO_N_SCL_RULES = 9 };
extern const struct cao_qa_rule cao_scl_rules[CAO_N_SCL_RULES];
/** File name part, our band, and band_id in BOA_ADD_OFFSET. */
struct cao_s2_band {
    const char *name;
    enum cao_band band;
    int id;
};
enum { CAO_N_S2_BANDS = 12, CAO_S2_FILL = 0, CAO_S2_SATURATED = 65535 };
extern const struct cao_s2_band cao_s2_bands[CAO_N_S2_BANDS];
#endif
