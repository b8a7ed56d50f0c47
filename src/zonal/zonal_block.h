/** @file zonal/zonal_block.h  A worker's side of a zonal pass: a rectangle of the rasters is read and added
 *  to a record for each zone that it touches. SPDX-License-Identifier: MIT */
#ifndef CAO_ZONAL_ZONAL_BLOCK_H
#define CAO_ZONAL_ZONAL_BLOCK_H
#include <stdatomic.h>

#include "zonal/zonal_parts.h"

/** A rectangle of the raster, and the zones that touch it. */
struct cao_zonal_block {
    struct cao_window w;
    size_t first, n; /**< in the list of zones */
    const size_t *zones;
    /* what was found, one for each zone and band */
    struct cao_zone_record *records;
    struct cao_zone_weighted *weighted;
    struct cao_zonal_list *lists;
    struct cao_error bad; /**< of reading, in the order of bands the first */
    bool failed;
};

/** Memory that only grows. */
struct cao_zonal_room {
    void *at;
    size_t size;
};

/** What a worker holds from block to block: open rasters and buffers. Zero-initialise. */
struct cao_zonal_worker {
    atomic_bool busy;
    struct cao_raster_in **open; /**< by band of the pass, then the weights */
    size_t n_open;
    struct cao_zonal_room values, piece, weights, hidden, areas, scratch, spans, lists;
    struct cao_zonal_room starts; /**< first span of each zone of a chunk */
};

CAO_CHECKED enum cao_status cao_zonal_worker_init(const struct cao_zonal_pass *p,
                                                  struct cao_zonal_worker *k,
                                                  struct cao_error *err);
void cao_zonal_worker_release(const struct cao_zonal_pass *p, struct cao_zonal_worker *k);

/** Read the block's bands and fill in its records; release with cao_zonal_block_release(). What cannot
 *  be read is no data and leaves its error in the block, or fails where the options are strict. */
CAO_CHECKED enum cao_status cao_zonal_block_work(const struct cao_zonal_pass *p,
                                                 struct cao_zonal_worker *k,
                                                 struct cao_zonal_block *b, struct cao_error *err);
void cao_zonal_block_release(const struct cao_zonal_pass *p, struct cao_zonal_block *b);
/** Join @p from into @p into; @p from is left empty. */
CAO_CHECKED enum cao_status cao_zonal_list_merge(struct cao_zonal_list *into,
                                                 struct cao_zonal_list *from,
                                                 struct cao_error *err);
#endif
