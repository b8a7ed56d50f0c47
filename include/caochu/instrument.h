/** @file caochu/instrument.h  Which bands the known instruments have, for asking what can be computed.
 *
 *  A run never asks this table: it looks at each product. SPDX-License-Identifier: MIT */
#ifndef CAO_INSTRUMENT_H
#define CAO_INSTRUMENT_H
#include "caochu/scene.h"

struct cao_instrument {
    const char *name;  /**< "sentinel2", "landsat8", "mod13", ... */
    const char *title; /**< products that are meant */
    uint32_t bands;    /**< CAO_BAND_BIT, ready-made indices among them */
};

const struct cao_instrument *cao_instrument_all(size_t *n);
/** By name, ASCII case ignored, or by a beginning that several may share ("landsat": all bits of them
 *  in common). @retval CAO_EARG none; the text names them */
CAO_CHECKED enum cao_status cao_instrument_find(const char *name, struct cao_instrument *found,
                                                struct cao_error *err);
/** The bands that a scene has. */
uint32_t cao_scene_bands(const struct cao_scene *s);
#endif
