/** @file caochu/layer_out.h  The result tables with their polygons, for QGIS.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_LAYER_OUT_H
#define CAO_LAYER_OUT_H
#include "caochu/pastures.h"
#include "caochu/table.h"

/** A GeoPackage with one layer named @p layer: the pastures' own geometry in their own CRS, the
 *  table's cells as typed columns (texts stay texts), nothing as NULL. Row i belongs to
 *  pastures->items[row_pasture[i]]. Written under a draft name and renamed; the same input gives
 *  the same bytes (@p date, days since 1970, is put where the format wants the present). */
CAO_CHECKED enum cao_status cao_layer_write(const char *path, const char *layer,
                                            const struct cao_pastures *pastures,
                                            const size_t *row_pasture,
                                            const struct cao_table *table, int32_t date,
                                            struct cao_error *err);
#endif
