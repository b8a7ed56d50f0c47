/** @file caochu/raster_in.h  Any raster that GDAL reads, by bands, as numbers with NaN for no data.
 *
 *  No data is the band's nodata number, a further one that the caller sets in also_nodata, what its mask or alpha band hides, and NaN. Numbers are those
 *  stored: scale and offset are told, not applied. A rotated or south-up geotransform is fine.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_IN_H
#define CAO_RASTER_IN_H
#include <stdbool.h>
#include <stddef.h>
#include "caochu/cover.h"
#include "caochu/status.h"

enum { CAO_NO_DATE = INT32_MIN };

struct cao_raster_band_info {
    char *name; /**< its description, "" where it has none */
    char *type; /**< GDAL's name of the stored type */
    bool wide;  /**< read as double: 32-bit floats would not hold its numbers */
    bool has_nodata, masked;
    double nodata, scale, offset;
    double also_nodata; /**< told by the caller on top; NaN: none */
    int32_t date;       /**< days since 1970 told by its name or metadata, or CAO_NO_DATE */
};

struct cao_raster_info {
    char *path;
    int32_t cols, rows, block_cols, block_rows;
    double geotransform[6], inverse[6]; /**< pixels to CRS, CRS to pixels */
    char *crs, *crs_name;               /**< WKT and short name; NULL where it has none */
    bool degrees;                       /**< of a geographic CRS */
    double unit_m;                      /**< else metres of one unit */
    size_t n_bands;
    struct cao_raster_band_info *bands;
};

/** @p crs is taken for a raster that names none; NULL or "": it is refused.
 *  @retval CAO_EIO not there  @retval CAO_EDATA not a raster, torn, without a place */
CAO_CHECKED enum cao_status cao_raster_info_read(const char *path, const char *crs,
                                                 struct cao_raster_info *info,
                                                 struct cao_error *err);
void cao_raster_info_release(struct cao_raster_info *info);
/** Same size, place and CRS: a window means the same cells in both. */
bool cao_raster_same_grid(const struct cao_raster_info *a, const struct cao_raster_info *b);
/** Ground area, m2, of a cell of @p row: on the ellipsoid for degrees, planar in the CRS else. */
double cao_raster_cell_area(const struct cao_raster_info *info, int32_t row);
/** The date in a name such as S2_20240715, NDVI.2024-07-15, MOD13Q1.A2024193; the first one that
 *  stands there. CAO_NO_DATE where there is none. */
int32_t cao_date_in_name(const char *name);

/** An open raster; belongs to one worker. */
struct cao_raster_in;
CAO_CHECKED enum cao_status cao_raster_in_open(const struct cao_raster_info *info,
                                               struct cao_raster_in **raster,
                                               struct cao_error *err);
/** Numbers of @p w (wholly inside) of band 0.., row-major. @p hidden: w's cells bytes of scratch,
 *  may be NULL where the band is not masked. The one of 32 bits is for bands that are not wide.
 *  @retval CAO_EDATA torn: with GDAL's words and the path */
CAO_CHECKED enum cao_status cao_raster_in_read32(struct cao_raster_in *raster, size_t band,
                                                 const struct cao_window *w, float *values,
                                                 unsigned char *hidden, struct cao_error *err);
CAO_CHECKED enum cao_status cao_raster_in_read64(struct cao_raster_in *raster, size_t band,
                                                 const struct cao_window *w, double *values,
                                                 unsigned char *hidden, struct cao_error *err);
void cao_raster_in_close(struct cao_raster_in *raster);
#endif
