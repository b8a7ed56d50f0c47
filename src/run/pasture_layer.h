/** @file run/pasture_layer.h  The pastures of a run: as remembered beside its results, or from their layer.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_PASTURE_LAYER_H
#define CAO_RUN_PASTURE_LAYER_H
#include "caochu/hash.h"
#include "caochu/project.h"
#include "caochu/pastures.h"

/** Zero-initialise. */
struct cao_pasture_layer {
    struct cao_pastures pastures;
    char *crs_wkt, *crs_name; /**< of the grid: as asked, or the UTM zone of the pastures' middle */
    char key[CAO_HASH_TEXT];  /**< of all that decides; "" where that cannot be told */
    size_t first, n_findings; /**< which of the findings are the layer's */
    bool recalled;            /**< nothing was read but the memory */
};
/** @param fresh read the layer, whatever is remembered  @param threads to read it with; 0: as many as there are
 *  processors. @p findings get what the layer gave, remembered or
 *  not. @retval as cao_pastures_load() */
CAO_CHECKED enum cao_status cao_pasture_layer_load(const struct cao_project *project, bool fresh,
                                                   int threads, struct cao_pasture_layer *layer,
                                                   struct cao_findings *findings,
                                                   struct cao_error *err);
/** Remember it in the output folder, which is there and locked. A memory that cannot be written is none. */
void cao_pasture_layer_keep(const struct cao_project *project,
                            const struct cao_pasture_layer *layer,
                            const struct cao_findings *findings);
void cao_pasture_layer_release(struct cao_pasture_layer *layer);
#endif
