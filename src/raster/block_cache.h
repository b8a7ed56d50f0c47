/** @file raster/block_cache.h  Decoded blocks of plain TIFFs that one worker may need again soon.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_BLOCK_CACHE_H
#define CAO_RASTER_BLOCK_CACHE_H
#include <gdal.h>

#include "caochu/reader.h"
#include "raster/tiff_blocks.h"

struct cao_block_cache;

/** To hold up to @p bytes of blocks; the one in use comes on top. NULL: no memory. */
struct cao_block_cache *cao_block_cache_create(size_t bytes);
void cao_block_cache_destroy(struct cao_block_cache *c);
/** What blocks of CAO_TIFF_MOST_PIXELS may take beside the @p bytes given at creation. */
size_t cao_block_cache_besides(void);
/** A file whose blocks are kept. */
struct cao_block_file {
    uint64_t name;  /**< of this content */
    uint64_t found; /**< digest of what it was last found to be; 0: not looked at */
};
/** The file at @p path, the same whenever it is opened again unchanged: tiles beside each other share
 *  its blocks. Good until 4,096 other files were asked for. */
struct cao_block_file *cao_block_cache_file(struct cao_block_cache *c, const char *path);

/** Keep a dataset of GDAL open for who reads that file next: with it GDAL keeps the blocks that it has decoded,
 *  which the tile beside wants too. The cache closes it: at once where it may park none, else when
 *  CAO_READER_PARKED others were parked later, at the latest when the cache is destroyed. */
void cao_block_cache_park(struct cao_block_cache *c, uint64_t name, GDALDatasetH dataset);
/** Whether any may be parked; none until this is called. */
void cao_block_cache_may_park(struct cao_block_cache *c, bool may);
/** A dataset that was parked, now the caller's; NULL: there is none of that name. */
GDALDatasetH cao_block_cache_unpark(struct cao_block_cache *c, uint64_t name);

/** The block's numbers [block_rows][block_cols], as cao_tiff_decode() gives them, until the next
 *  call. The longest unused ones make room.
 *  @param keep whether it may be asked for again; else it is not kept
 *  @return NULL: GDAL must read it */
const uint16_t *cao_block_cache_get(struct cao_block_cache *c, struct cao_tiff *t, uint64_t name,
                                    int col, int row, bool keep);
#endif
