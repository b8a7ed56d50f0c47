/** @file raster/nested.h  Cells of a layer whose pixels each hold whole cells of the grid.
 *
 *  A cell is its pixel's, whatever is asked of it. Where a cell lies is worked out in whole numbers, rows of
 *  pixels are spread over their cells, and cells of one pixel below each other are copies. Blocks of the file
 *  are read each by itself. SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_NESTED_H
#define CAO_RASTER_NESTED_H
#include "raster/feed.h"

/** What is wanted of a window, row-major: one of codes, values, and reason or sight. */
struct cao_nested {
    struct cao_window window;
    const uint16_t
        *meaning; /* of codes; NULL: they are wanted as they are. Of reason and sight never NULL */
    uint16_t outside; /* of cells beyond the image */
    uint16_t *codes;
    uint8_t *reason,
        *sight; /* what was clear, and ground, becomes what the code means; either may be NULL */
    float *values;
    const uint8_t *wanted; /* values are wanted where it is CAO_CLEAR; NULL: everywhere */
};

/** Read the window of a layer that is nested (f->nested). The kit's dn and value are lost. */
CAO_CHECKED enum cao_status cao_nested_read(const struct cao_reader *r, const struct cao_feed *f,
                                            const struct cao_nested *to, struct cao_error *err);
#endif
