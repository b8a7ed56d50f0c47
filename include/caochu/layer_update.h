/** @file caochu/layer_update.h  Columns of a table added to the layer that its rows came from.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_LAYER_UPDATE_H
#define CAO_LAYER_UPDATE_H
#include "caochu/pastures.h"
#include "caochu/table.h"

/** Can that be done? Before any work. @param copy NULL: into the file itself
 *  @retval CAO_EARG not a GeoPackage; a column of that name holds texts
 *  @retval CAO_EIO another program has changes under way, or it cannot be opened */
CAO_CHECKED enum cao_status cao_layer_updatable(const struct cao_pasture_source *source,
                                                const char *copy, struct cao_error *err);

/** The layer of @p source with all that it has, and the table's columns from @p first_column on:
 *  in the GeoPackage itself, or in a new one named @p copy. Columns that are there already get the new
 *  values. Rows belong to polygons->items[row_polygon[i]], one row a polygon, in order; features of
 *  the source without a row get nothing in these columns, those that its condition leaves out stay as
 *  they are (a copy has not got them). Geometry stays as it was, repaired or not. Written under a draft
 *  name and renamed: at no time is the layer half done. */
CAO_CHECKED enum cao_status cao_layer_update(const struct cao_pasture_source *source,
                                             const char *copy, const struct cao_pastures *polygons,
                                             const size_t *row_polygon,
                                             const struct cao_table *table, size_t first_column,
                                             struct cao_error *err);
#endif
