/** @file raster/source.h  One layer of a scene as an open file. SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_SOURCE_H
#define CAO_RASTER_SOURCE_H
#include <gdal.h>

#include "caochu/scene.h"
#include "raster/block_cache.h"
#include "raster/reflectance.h"

enum { CAO_SOURCE_PIXELS = 1 << 19 }; /**< most pixels of one reading */

struct cao_source_file;
/** Zero: not open. */
struct cao_source {
    const struct cao_layer *layer;
    struct cao_source_file
        *file;         /**< as GDAL opens it; of a known plain TIFF only once it is needed */
    GDALDataType type; /**< GDT_UInt16; GDT_Int16 read bit by bit into uint16_t; GDT_Float32 */
    int block_cols, block_rows;
    bool is_jp2;
    bool is_parked;             /**< its dataset was open already, and was looked at then */
    bool is_sound;              /**< its dataset may be parked */
    int width, height;          /**< pixels of what is read: the layer's, or an overview's */
    struct cao_scaling scaling; /**< of 16 bit; set by the opener, see cao_reader_kit_scaling() */
    struct cao_tiff *tiff;      /**< of a plain one, beside GDAL's; else NULL */
    struct cao_block_cache *blocks;
    uint64_t name; /**< the file's in @p blocks */
};
/** A rectangle of pixels of a layer. */
struct cao_pixels {
    int x, y, width, height;
};

/** Open and compare with the description: size, place, CRS, one band of integers. A plain TIFF that was found
 *  to be so before, and has not changed since, is not looked at by GDAL again.
 *  @param blocks the worker's, borrowed
 *  @retval CAO_EIO not there  @retval CAO_EDATA not what the scene says, or torn */
CAO_CHECKED enum cao_status cao_source_open(struct cao_source *s, const struct cao_layer *layer,
                                            OGRSpatialReferenceH crs,
                                            struct cao_block_cache *blocks, struct cao_error *err);
void cao_source_close(struct cao_source *s);
/** From here on read the coarsest overview (of a GeoTIFF, or resolution level of JPEG 2000) whose pixels are
 *  at most @p most of the image's along both axes. False: there is none, nothing changes. */
bool cao_source_coarser(struct cao_source *s, double most);

/** Digital numbers of @p p, wholly inside the image, into rows @p stride numbers apart.
 *  @retval CAO_EDATA read error, or the layer holds no integers of 16 bit */
CAO_CHECKED enum cao_status cao_source_read(const struct cao_source *s, const struct cao_pixels *p,
                                            uint16_t *dn, size_t stride, struct cao_error *err);
/** Reflectance of @p p into rows @p stride numbers apart: float(gain * DN + offset) in double; NaN at
 *  fill and at or above saturated. @p dn is scratch for p->width * p->height numbers. */
CAO_CHECKED enum cao_status cao_source_values(const struct cao_source *s,
                                              const struct cao_pixels *p, uint16_t *dn,
                                              float *reflectance, size_t stride,
                                              struct cao_error *err);
/** How far one reading goes from a pixel on, in a rectangle that ends at @p x1, @p y1: to the end of its block, so
 *  that none is decoded twice and one that nobody wants not at all; of narrow or huge blocks as many rows as fit. */
void cao_source_part(const struct cao_source *s, int64_t x, int64_t y, int64_t x1, int64_t y1,
                     int64_t *right, int64_t *low);
#endif
