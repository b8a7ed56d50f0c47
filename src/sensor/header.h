/** @file sensor/header.h  What raster files say of themselves: grid, type, scale, metadata.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_HEADER_H
#define CAO_SENSOR_HEADER_H
#include <stdbool.h>

#include "caochu/file.h"
#include "caochu/scene.h"

struct cao_header {
    int n_bands;
    double scale, offset, nodata; /**< of the layer's file_band, else of the first; NaN: not said */
    char crs_name[64];            /**< "EPSG:32647", else the system's own name; "": none */
    char **metadata;              /**< CSLDestroy() through cao_header_release() */
    bool placed;                  /**< it lies on a map: always, but by cao_header_read_raw() */
};
void cao_header_release(struct cao_header *h);

/** Take size and place of @p layer (path is set) from its GeoTIFF or JPEG 2000 header, and the scene's
 *  CRS where it has none yet. @p header may be NULL. @retval CAO_EDATA not readable, no place */
CAO_CHECKED enum cao_status cao_header_read(struct cao_layer *layer, struct cao_scene *scene,
                                            struct cao_header *header, struct cao_error *err);
/** The same of an image that may lie on no map: then header->placed is false, and neither the layer's
 *  geotransform nor the scene's CRS is touched. */
CAO_CHECKED enum cao_status cao_header_read_raw(struct cao_layer *layer, struct cao_scene *scene,
                                                struct cao_header *header, struct cao_error *err);
/** A WKT as the scene's CRS with its short name. */
CAO_CHECKED enum cao_status cao_scene_crs(struct cao_scene *scene, const char *wkt,
                                          struct cao_error *err);
/** A layer of that path, without fill and saturation, gain 1. */
CAO_CHECKED enum cao_status cao_layer_init(struct cao_layer *layer, const char *path,
                                           struct cao_error *err);

/** One field of a grid in an HDF4-EOS file. */
enum { CAO_HDF_FIELDS = 24, CAO_HDF_KEYS = 6 };
struct cao_hdf_field {
    char name[96];
    char path[CAO_PATH_MAX + 256]; /**< as GDAL opens it */
    char crs[2048];
    int width, height;
    double geotransform[6], scale, offset, nodata; /**< NaN: not said */
};
struct cao_hdf {
    struct cao_hdf_field *fields; /**< free() */
    size_t n;
    char value[CAO_HDF_KEYS][96]; /**< of the keys asked for; "" where there is none */
    bool glanced;                 /**< the library has not opened it */
};
/** Fields of the grids in @p path for which @p wanted holds. The file is opened in a process of its
 *  own first: GDAL's HDF4 library crashes on some hostile files, and a crash there is a refusal here.
 *  One thread at a time. With @p glance it is looked at without the library, from any thread; then a
 *  crash would come with the first reading of pixels.
 *  @param keys up to CAO_HDF_KEYS names of metadata, NULL-terminated
 *  @retval CAO_EDATA cannot be read, or this GDAL has no HDF4
 *  @retval CAO_ECANCEL only the library can tell: ask again without @p glance */
CAO_CHECKED enum cao_status cao_hdf_read(const char *path, bool (*wanted)(const char *field),
                                         const char *const *keys, bool glance, struct cao_hdf *hdf,
                                         struct cao_error *err);
/** The layer of a field, and the scene's CRS where it has none yet. */
CAO_CHECKED enum cao_status cao_hdf_layer(const struct cao_hdf_field *field,
                                          struct cao_layer *layer, struct cao_scene *scene,
                                          struct cao_error *err);
#endif
