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
/** A table by the ending of @p path: .csv (as cao_table_csv), .xlsx and .ods without polygons; .gpkg,
 *  .geojson, .fgb and, where GDAL has its driver, .parquet with them. Written under a draft name and
 *  renamed. @p chinese: headings of a CSV, XLSX, ODS  @p bom: begin a CSV with a byte order mark
 *  @retval CAO_EARG unknown ending, or no driver for it: the text lists those there are */
CAO_CHECKED enum cao_status cao_table_write(const char *path, const char *layer,
                                            const struct cao_pastures *pastures,
                                            const size_t *row_pasture,
                                            const struct cao_table *table, bool chinese, bool bom,
                                            struct cao_error *err);
/** Does a table of that name hold the polygons too? */
bool cao_table_has_polygons(const char *path);
/** The same check of the ending, and of the folder, before any work. */
CAO_CHECKED enum cao_status cao_table_writable(const char *path, struct cao_error *err);
#endif
