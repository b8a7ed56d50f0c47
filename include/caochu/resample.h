/** @file caochu/resample.h  Values of a source image at given places.
 *
 *  Places are in source pixels: the centre of the first pixel of the buffer is (0.5, 0.5). The
 *  result at a place depends on the place and the pixels around it alone, so any cut of the target
 *  gives the same bits. Pure, thread-safe. SPDX-License-Identifier: MIT */
#ifndef CAO_RESAMPLE_H
#define CAO_RESAMPLE_H
#include <stddef.h>
#include <stdint.h>

/** How reflectance is taken between the pixels of another grid, where cells are not much coarser. */
enum cao_resampling { CAO_BILINEAR, CAO_CUBIC };

/** A buffer of pixels: which of the image's pixels is its first. */
struct cao_frame {
    int32_t left, top;
    size_t width, height;
};
/** Where places lie among the pixels of a buffer, worked out once for all layers that share these. */
struct cao_spots {
    int32_t *at; /**< [n] the upper left one of the four pixels around */
    float *u,
        *t; /**< [n] share of the next one across, down; u NaN where the place is not inside */
};
/** @param x,y places in the image [n], NaN: nowhere. Multiples of 2^-20 are held exactly, others as near as a
 *  float is. */
void cao_resample_spots(const double *restrict x, const double *restrict y, size_t n,
                        const struct cao_frame *frame, const struct cao_spots *spots);
/** The pixel that holds each place; -1 where it is not inside. @param x,y as above  @param[out] at [n] */
void cao_resample_holders(const double *restrict x, const double *restrict y, size_t n,
                          const struct cao_frame *frame, int32_t *restrict at);
/** @param at as above [n]  @param out [n]; @p outside where it is -1 */
void cao_resample_nearest(const uint16_t *restrict source, const int32_t *restrict at,
                          uint16_t outside, uint16_t *restrict out, size_t n);
/** Bilinear over the 2x2 neighbours that hold a value (weights rescaled); NaN where the nearest
 *  pixel holds none or the place is not inside. Beyond the outermost centres the edge holds. */
void cao_resample_bilinear(const float *restrict source, size_t width, size_t height,
                           const struct cao_spots *spots, float *restrict out, size_t n);
/** Cubic convolution over the 4x4 pixels around (Keys 1981, IEEE Trans. ASSP 29:1153, a = -0.5); where one
 *  of them holds no value or lies beyond the image, bilinear by the rule above. As GDAL's warper has it.
 *  Beside sharp edges it overshoots, below 0 too. */
void cao_resample_cubic(const float *restrict source, size_t width, size_t height,
                        const double *restrict x, const double *restrict y, float *restrict out,
                        size_t n);
/** A place along one axis of the source, worked out once for all rows or columns that share it. */
struct cao_axis_place {
    uint32_t pixel;       /**< the one that holds it; CAO_NOWHERE: not inside */
    uint32_t first, next; /**< the neighbours of bilinear, alike at the edge */
    double share;         /**< of next */
};
#define CAO_NOWHERE UINT32_MAX
/** @param v places along an axis of @p size pixels [n]  @param[out] out [n] */
void cao_resample_axis(const double *restrict v, size_t n, size_t size,
                       struct cao_axis_place *restrict out);
/** A row of the target where source and target run along the same axes: the rules of the functions
 *  above, several times faster; of values, nearest takes the pixel's own. @param cols [n]  @param blend scratch [width] */
void cao_resample_nearest_row(const uint16_t *restrict source, size_t width,
                              const struct cao_axis_place *row,
                              const struct cao_axis_place *restrict cols, uint16_t outside,
                              uint16_t *restrict out, size_t n);
void cao_resample_value_row(const float *restrict source, size_t width,
                            const struct cao_axis_place *row,
                            const struct cao_axis_place *restrict cols, float *restrict out,
                            size_t n);
void cao_resample_bilinear_row(const float *restrict source, size_t width,
                               const struct cao_axis_place *row,
                               const struct cao_axis_place *restrict cols, double *restrict blend,
                               float *restrict out, size_t n);
/** Take away values within two pixels of one without: an overview mixes what lies beyond the image's edge
 *  into its outermost pixels. @param scratch [width * height] */
void cao_resample_shrink(float *restrict values, size_t width, size_t height,
                         uint16_t *restrict scratch);
/** Boxes x +- half_x, y +- half_y, in pixels. */
struct cao_boxes {
    const double *x, *y; /**< [n]; NaN: nowhere */
    double half_x, half_y;
    size_t n;
};
/** Mean of the source over each box x +- half_x, y +- half_y (pixels), by exact share of each
 *  pixel; NaN where under the share @p least of the box holds values. For targets coarser than the source. */
void cao_resample_average(const float *restrict source, size_t width, size_t height,
                          const struct cao_boxes *boxes, double least, float *restrict out);
#endif
