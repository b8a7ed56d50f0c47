/** @file caochu/resample.h  Values of a source image at given places.
 *
 *  Places are in source pixels: the centre of the first pixel of the buffer is (0.5, 0.5). The
 *  result at a place depends on the place and the pixels around it alone, so any cut of the target
 *  gives the same bits. Pure, thread-safe. SPDX-License-Identifier: MIT */
#ifndef CAO_RESAMPLE_H
#define CAO_RESAMPLE_H
#include <stddef.h>
#include <stdint.h>

/** @param x,y places [n]; NaN: nowhere  @param out [n]; @p outside where the place is not inside */
void cao_resample_nearest(const uint16_t *restrict source, size_t width, size_t height,
                          const double *restrict x, const double *restrict y, uint16_t outside,
                          uint16_t *restrict out, size_t n);
/** Bilinear over the 2x2 neighbours that hold a value (weights rescaled); NaN where the nearest
 *  pixel holds none or the place is not inside. Beyond the outermost centres the edge holds. */
void cao_resample_bilinear(const float *restrict source, size_t width, size_t height,
                           const double *restrict x, const double *restrict y, float *restrict out,
                           size_t n);
/** Mean of the source over the box x +- half_x, y +- half_y (pixels), by exact share of each
 *  pixel; NaN where under half of the box holds values. For targets coarser than the source. */
void cao_resample_average(const float *restrict source, size_t width, size_t height,
                          const double *restrict x, const double *restrict y, double half_x,
                          double half_y, float *restrict out, size_t n);
#endif
