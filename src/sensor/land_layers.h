/** @file sensor/land_layers.h  Layers of MODIS and VIIRS land products: what they are called and what
 *  their numbers mean. All bands are stored as 10000 times the value. SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_LAND_LAYERS_H
#define CAO_SENSOR_LAND_LAYERS_H
#include "caochu/scene.h"

/** A layer by the words that end its field's name, or stand in its file's name; '|' between them. */
struct cao_land_layer {
    const char *names; /**< lower case, '_' between words; NULL ends a list */
    int band; /**< enum cao_band, or -1 - quality layer: the last is of each pixel's day of the year */
    double fill, saturated;
    const struct cao_qa_rule *rules;
    size_t n_rules;
    uint16_t outside;
};

struct cao_land_product {
    const char *name; /**< without MOD, MYD, VNP, VJ1 or VJ2: four characters */
    const struct cao_land_layer *layers;
    const char *quality; /**< what it must have besides bands */
    int32_t days;        /**< that it takes its pixels from */
    double
        bright_above; /**< without cloud codes: red above which a pixel counts as cloud; 0: no test */
};
/** The state word of MOD09GA alone, as the second quality layer of another product. */
extern const struct cao_land_layer cao_land_second_state[];
/** The product of a granule's name; NULL: none that is used. */
const struct cao_land_product *cao_land_product(bool of_viirs, const char *id);
/** Whether any layer of the MODIS products is named so. */
bool cao_land_layer_wanted(const char *field,
                           bool (*names_it)(const struct cao_land_layer *row, const char *field));
#endif
