/** @file raster/predictor.h  What a predictor did to the numbers of a block, undone.
 *
 *  In the file stands how each number of a row differs from the one before it: TIFF 6.0, section 14, and for floating
 *  point its Technical Note 3. A block is [rows][cols]; sums wrap round. Nothing fails, any thread.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_PREDICTOR_H
#define CAO_RASTER_PREDICTOR_H
#include <stddef.h>
#include <stdint.h>

/** Differences of whole numbers of 8, 16 and 32 bit, in place; the words may be those of floats (predictor 2). */
void cao_undo_8(unsigned char *bytes, size_t cols, size_t rows);
void cao_undo_16(uint16_t *dn, size_t cols, size_t rows);
void cao_undo_32(uint32_t *words, size_t cols, size_t rows);
/** Differences of the bytes of floats in planes, most significant first (predictor 3).
 *  @param words room for a row [cols] */
void cao_undo_planes(const unsigned char *restrict raw, uint32_t *restrict words,
                     float *restrict values, size_t cols, size_t rows);
#endif
