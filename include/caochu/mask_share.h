/** @file caochu/mask_share.h  Cells coarser than the image: what share of each is clear, and which pixels
 *  may go into its mean.
 *
 *  A cell half under cloud is not the ground, whatever its middle shows. So masks are laid on pixels, clear
 *  pixels alone are averaged, and a cell with too few of them is taken out for the reason that takes most of
 *  it. Places are pixels of the buffer, the centre of the first is (0.5, 0.5). Pure, thread-safe.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_MASK_SHARE_H
#define CAO_MASK_SHARE_H
#include "caochu/mask.h"
#include "caochu/resample.h"

/** Each box by the exact area of each reason in it; what lies beyond the buffer is CAO_OUTSIDE.
 *  @param[in]  pixel   enum cao_reason [width * height]
 *  @param      least   clear share of a box that is used, above 0, at most 1
 *  @param[out] reason  [n] CAO_CLEAR, or the reason of the greatest area but clear, on ties the first
 *  @param[out] removed [n] that reason too where the box is used; CAO_CLEAR where all of it is clear */
void cao_mask_share(const uint8_t *restrict pixel, size_t width, size_t height,
                    const struct cao_boxes *boxes, double least, uint8_t *restrict reason,
                    uint8_t *restrict removed);

/** How pixels of one layer lie on those of the masks, along an axis: pixel i from first + i * step on. */
struct cao_under {
    double first, step;
};
/** 1 for each pixel of a layer with anything but clear under it (a thousandth of a mask's pixel at its
 *  rim does not count), or nothing.
 *  @param[in]  pixel enum cao_reason [width * height]
 *  @param[out] hit   [cols * rows] */
void cao_mask_under(const uint8_t *restrict pixel, size_t width, size_t height,
                    const struct cao_under *across, const struct cao_under *down, size_t cols,
                    size_t rows, uint8_t *restrict hit);
/** Take away values that are hit, and those within @p rim pixels of one: an overview's pixel holds
 *  something of its neighbours'. @param hit,values [cols * rows] */
void cao_mask_drop(const uint8_t *restrict hit, size_t cols, size_t rows, size_t rim,
                   float *restrict values);
#endif
