/** @file caochu/zonal_job.h  Statistics of any rasters over any polygons, as one call.
 *
 *  Rasters are grouped by grid. Polygons are brought into each grid's CRS with vertices added so that
 *  edges stay true to a hundredth of a cell. A block of a raster is read once for all polygons that
 *  touch it; blocks that none touches are never read. The table is the same bytes for any number of
 *  threads and any memory limit. SPDX-License-Identifier: MIT */
#ifndef CAO_ZONAL_JOB_H
#define CAO_ZONAL_JOB_H
#include <stdatomic.h>
#include <stdbool.h>
#include "caochu/findings.h"
#include "caochu/pastures.h"
#include "caochu/table.h"

/** Which cells a polygon has. */
enum cao_pixel_rule {
    CAO_PIXELS_EXACT,   /**< each by the share of its area inside */
    CAO_PIXELS_CENTER,  /**< wholly, those whose centre is inside */
    CAO_PIXELS_TOUCHED, /**< wholly, all with a share */
};

struct cao_zonal_options {
    const char *const *rasters;
    size_t n_rasters;
    const char *weights;                /**< a raster of one band on the same grid; NULL none */
    const char *bands;                  /**< "1,3"; NULL or "" all */
    struct cao_pasture_source polygons; /**< group_fields are the columns to carry over */
    const char *crs;                    /**< of rasters and layers that name none */
    bool has_nodata;
    double nodata; /**< a stored number of all rasters that is no data, besides their own */
    const char *const *stats;
    size_t n_stats; /**< 0: count, mean, min, max, stdev */
    enum cao_pixel_rule pixels;
    bool geometry;    /**< the polygons keep their WKB, for a layer to be written */
    bool wide;        /**< one row a polygon; else one row a polygon and band */
    bool strict;      /**< the first problem ends it */
    int threads;      /**< 0: all processors */
    size_t memory_mb; /**< for blocks and lists of values; 0: 1024 */
    void (*progress)(void *context, const char *what, size_t done, size_t n); /**< may be NULL */
    void *progress_context;
    const atomic_int *cancel; /**< may be NULL */
};

/** Release with cao_zonal_result_release(). Column texts of the table are owned here too. */
struct cao_zonal_result {
    struct cao_table table;
    struct cao_pastures polygons;
    size_t *row_polygon; /**< index into polygons per row of the table */
    size_t n_keys;       /**< columns before the first statistic: those of the polygons */
    char **texts;        /**< names and headings of columns */
    size_t n_texts;
    size_t n_rasters, n_bands, n_grids, n_outside; /**< outside: polygons that meet no raster */
    size_t n_blocks;
    char *crs_polygons, *crs_rasters; /**< names, for people */
    bool reprojected;
    int threads;
    double seconds;
    struct cao_findings findings;
};

/** @param result to be released in any case, a failure too
 *  @retval CAO_OK done, or partly: then findings.n_problems > 0
 *  @retval CAO_EARG an option or a named input is wrong  @retval others it failed */
CAO_CHECKED enum cao_status cao_zonal(const struct cao_zonal_options *options,
                                      struct cao_zonal_result *result, struct cao_error *err);
void cao_zonal_result_release(struct cao_zonal_result *r);
#endif
