/** @file vector/layer_in.h  A polygon layer as the user names it: file, layer, columns, CRS, encoding.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_VECTOR_LAYER_IN_H
#define CAO_VECTOR_LAYER_IN_H
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "caochu/pastures.h"

/* An open layer and where its columns are; -1: not given. */
struct cao_layer_in {
    GDALDatasetH dataset;
    OGRLayerH layer;
    OGRSpatialReferenceH srs; /* a copy, in traditional axis order */
    bool raw;                 /* texts come as the file's bytes, to be decoded here */
    int id, name, type, season, grade, zone, herd, *groups;
    bool id_is_fid;
};
/** Read-only, with the condition set. @retval as cao_pastures_load() */
CAO_CHECKED enum cao_status cao_layer_in_open(const struct cao_pasture_source *src,
                                              struct cao_layer_in *l, struct cao_error *err);
void cao_layer_in_close(struct cao_layer_in *l);
/** Text of a column as UTF-8, on the heap; "" where it is not set. What stood in *out is freed.
 *  @param decoded set where the bytes were not UTF-8 */
CAO_CHECKED enum cao_status cao_layer_in_text(const struct cao_layer_in *l, OGRFeatureH f, int at,
                                              char **out, bool *decoded, struct cao_error *err);

/** How the user would say it: a key of the project file, or an option. */
struct cao_key_name {
    char text[64];
};
struct cao_key_name cao_layer_key(const struct cao_pasture_source *src, const char *key);
#endif
