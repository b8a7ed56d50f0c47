/** @file caochu/geotiff.h  Products as Cloud-Optimized GeoTIFF per tile and a VRT over them.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_GEOTIFF_H
#define CAO_GEOTIFF_H
#include "caochu/grid.h"

enum cao_pixel { CAO_UINT8, CAO_UINT16, CAO_INT16, CAO_FLOAT32 };
size_t cao_pixel_bytes(enum cao_pixel p);
/** ZSTD is the faster by far at the same size; DEFLATE is read by programs older than 2018. */
enum cao_compression { CAO_ZSTD, CAO_DEFLATE };

struct cao_legend {
    int value;
    const char *name, *zh;
    unsigned char rgb[3];
};

/** How a product is stored: value = stored * scale + offset. */
struct cao_raster_layout {
    const char *name;        /**< file and layer name: "ndvi" */
    const char *description; /**< band description, with what the number is */
    const char *unit;        /**< "" if none */
    enum cao_pixel pixel;
    double scale, offset;
    double nodata;
    const struct cao_legend *legend;
    size_t n_legend;                  /**< classes; NULL: a continuous quantity */
    enum cao_compression compression; /**< CAO_ZSTD becomes CAO_DEFLATE where libtiff lacks it */
};
struct cao_tag {
    const char *key, *value;
};

/** Write a window of the grid as COG (512 blocks, overviews by average, for classes by the commonest)
 *  to @p path, which should be a draft's temp. @p pixels row-major in layout->pixel. Same pixels and
 *  tags, same bytes. Classes get a colour table. Takes a third of the pixels' bytes, and some MB,
 *  while it works. Nothing is left at @p path after a failure. @retval CAO_EIO with the cause */
CAO_CHECKED enum cao_status cao_cog_write(const char *path, const struct cao_grid *grid,
                                          const struct cao_window *window,
                                          const struct cao_raster_layout *layout,
                                          const struct cao_tag *tags, size_t n_tags,
                                          const void *pixels, struct cao_error *err);

/** A VRT over tiles, with relative paths: nodata, scale, offset, unit, description, class names and
 *  colours set. Written atomically. */
struct cao_mosaic_part {
    struct cao_window window;
    const char *relative_path;
};
CAO_CHECKED enum cao_status cao_vrt_write(const char *path, const struct cao_grid *grid,
                                          const struct cao_raster_layout *layout,
                                          const struct cao_mosaic_part *parts, size_t n_parts,
                                          struct cao_error *err);

/** Store floats as integers: round half away from zero after (v - offset) / scale, saturate to the
 *  type's range without ever hitting nodata, NaN to nodata. Float32 is copied, NaN kept. */
void cao_pack(const struct cao_raster_layout *layout, const float *restrict values, void *out,
              size_t n);
/** The numbers that stored pixels stand for: stored * scale + offset, rounded once to float; NaN for
 *  nodata. Packed again they are the same pixels. */
void cao_unpack(const struct cao_raster_layout *layout, const void *stored, float *restrict values,
                size_t n);
/** Bring values to what cao_unpack() gives after cao_pack(): what a reader of the file would see. */
void cao_as_stored(const struct cao_raster_layout *layout, float *values, size_t n);

/** The pixels of a raster that cao_cog_write() wrote for the window, as they are stored.
 *  @param pixels room for the window's cells of layout->pixel
 *  @retval CAO_EIO not there or not read  @retval CAO_EDATA not of the window's size and layout */
CAO_CHECKED enum cao_status cao_cog_read(const char *path, const struct cao_window *window,
                                         const struct cao_raster_layout *layout, void *pixels,
                                         struct cao_error *err);
#endif
