/** @file raster/block_codec.h  A block of pixels as a TIFF stores it: predictor, then compression.
 *
 *  TIFF 6.0 section 14 (differences along a row) and Adobe Photoshop TIFF Technical Note 3 (bytes
 *  of floats by significance, then differences). One codec belongs to one thread.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_BLOCK_CODEC_H
#define CAO_RASTER_BLOCK_CODEC_H
#include <stddef.h>

#include "caochu/geotiff.h"

struct cao_block_codec;

/** For square blocks of @p side pixels. @retval CAO_ENOMEM */
CAO_CHECKED enum cao_status cao_block_codec_create(enum cao_pixel pixel,
                                                   enum cao_compression compression, int side,
                                                   struct cao_block_codec **codec,
                                                   struct cao_error *err);
void cao_block_codec_destroy(struct cao_block_codec *c);

/** One row of the block, 1 <= @p n <= side pixels; the last is repeated to the end. All rows, before each
 *  cao_block_encode(). */
void cao_block_row(struct cao_block_codec *c, size_t row, const void *pixels, size_t n);
/** Encode the block. @p data is the codec's, with CAO_BLOCK_FRAME bytes before and behind it that the caller may
 *  fill, and holds until the next call. Same pixels, same bytes. @retval CAO_EDATA the compressor refused */
enum { CAO_BLOCK_FRAME = 4 };
CAO_CHECKED enum cao_status cao_block_encode(struct cao_block_codec *c, unsigned char **data,
                                             size_t *size, struct cao_error *err);
#endif
