/** @file sensor/pattern.h  File name patterns of declared sensors. SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_PATTERN_H
#define CAO_SENSOR_PATTERN_H
#include "caochu/declared.h"
#include "sensor/sensor.h"

/** What a name gave for the parts of a pattern. */
struct cao_pattern_parts {
    int64_t time;                 /**< seconds UTC */
    char key[CAO_KEY_SIZE];       /**< the name with "{band}" where the band's word stands */
    char place[CAO_KEY_SIZE];     /**< {tile}, else what stands for the '*'s */
    char word[CAO_DECLARED_WORD]; /**< what stands for {band}; "": the pattern has none */
};
/** Whether the whole of @p name fits the pattern and its date is one. */
bool cao_pattern_fits(const struct cao_declared *d, const char *name,
                      struct cao_pattern_parts *parts);
#endif
