/** @file raster/tiff_blocks.h  The blocks of a plain tiled TIFF, decoded without GDAL.
 *
 *  GDAL goes through a cache under one lock and undoes the predictor number by number: decoding takes
 *  a quarter more there, three times as much with floating point. Only what is plain is taken: tiles of
 *  one band of 8 or 16 bit whole numbers or 32 bit floating point in this machine's byte order, stored
 *  as they are, deflated or with Zstandard, without predictor or with the differences of TIFF 6.0
 *  section 14 and of its Technical Note 3. All else, and every block with anything
 *  odd about it, is GDAL's, which says what is wrong with it. Offsets and sizes are a stranger's:
 *  nothing is believed. SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_TIFF_BLOCKS_H
#define CAO_RASTER_TIFF_BLOCKS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One open file. It belongs to one worker. */
struct cao_tiff;
struct cao_tiff_shape {
    int width, height, block_cols, block_rows;
    int bytes;      /**< of a number: 1, 2 or 4 */
    bool is_signed; /**< of 16 bit */
    bool is_float;  /**< of 32 bit; all of those are */
};
/** Decompressors and room of one worker. */
struct cao_tiff_decoder;

enum { CAO_TIFF_MOST_PIXELS = 1 << 20 }; /**< of a block */

/** NULL: not plain, not there, or no memory. @p path as GDAL opens it. */
struct cao_tiff *cao_tiff_open(const char *path);
void cao_tiff_close(struct cao_tiff *t);
const struct cao_tiff_shape *cao_tiff_shape(const struct cao_tiff *t);

/** NULL: no memory. */
struct cao_tiff_decoder *cao_tiff_decoder_create(void);
void cao_tiff_decoder_destroy(struct cao_tiff_decoder *d);

/** Decode the block in that column and row of blocks into @p dn [block_rows][block_cols]; a signed
 *  number bit by bit. false: let GDAL read it; then @p dn means nothing. */
bool cao_tiff_decode(struct cao_tiff *t, struct cao_tiff_decoder *d, int col, int row,
                     uint16_t *dn);
/** The same of floating point. */
bool cao_tiff_decode_floats(struct cao_tiff *t, struct cao_tiff_decoder *d, int col, int row,
                            float *values);
#endif
