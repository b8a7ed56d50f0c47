/** @file zonal/zonal_parts.h  What the parts of the zonal job share. SPDX-License-Identifier: MIT */
#ifndef CAO_ZONAL_ZONAL_PARTS_H
#define CAO_ZONAL_ZONAL_PARTS_H
#include "caochu/raster_in.h"
#include "caochu/zonal_job.h"
#include "caochu/zone_stats.h"

/** A band that is asked for. */
struct cao_zonal_band {
    size_t raster, band; /**< band counts from 0 */
    const struct cao_raster_info *info;
};

/** Values and their areas, on the heap. */
struct cao_zonal_list {
    struct cao_zone_value *items;
    size_t n;
};

/** Numbers of a band that make one wonder, by polygons that have them. */
struct cao_zonal_doubt {
    size_t n_beyond, n_huge;
    double huge;
};

/** Zones on one grid, in its cells. */
struct cao_zonal_zones {
    size_t n;
    struct cao_shape *shapes;
    struct cao_window *windows; /**< where they meet the raster; cols 0: nowhere */
    bool *inside;               /**< wholly inside the raster */
    void *memory;               /**< of the shapes */
};

/** Bands of one grid, and what is made of them. */
struct cao_zonal_pass {
    const struct cao_zonal_options *options;
    const struct cao_raster_info *grid, *weights; /**< weights NULL: none */
    const struct cao_zonal_band *bands;
    size_t n_bands, first_band; /**< the first one's number among all */
    const struct cao_zonal_zones *zones;
    size_t zone_first, zone_end; /**< those of this pass */
    const struct cao_zone_ask *asks;
    size_t n_asks, n_all_bands;
    unsigned gather;
    int threads;
    double *results;                /**< [zone][band of all][ask] */
    struct cao_zonal_list *classes; /**< [zone][band of all]; NULL: no statistic by class */
    struct cao_zonal_doubt *doubts; /**< [n_bands], added to */
    struct cao_findings *findings;
    size_t *n_blocks, blocks_before, blocks_all;
    size_t list_bytes;
    bool overflow; /**< it failed because lists of values outgrew the memory: try fewer zones */
};

/** Run a pass. Blocks that cannot be read are findings, or fail it where the options are strict. */
CAO_CHECKED enum cao_status cao_zonal_pass_run(struct cao_zonal_pass *pass, struct cao_error *err);
/** Evaluate all statistics of a zone and band into the results. */
void cao_zonal_evaluate(const struct cao_zonal_pass *pass, size_t zone, size_t band,
                        const struct cao_zone_record *record,
                        const struct cao_zone_weighted *weighted,
                        const struct cao_zonal_list *list);

/** From results to the table. */
struct cao_zonal_outcome {
    const struct cao_zonal_options *options;
    const struct cao_raster_info *rasters;
    size_t n_rasters;
    const struct cao_zonal_band *bands;
    size_t n_bands;
    const struct cao_zone_ask *asks;
    size_t n_asks;
    const double *results;
    const struct cao_zonal_list *classes;
};
CAO_CHECKED enum cao_status cao_zonal_table(const struct cao_zonal_outcome *o,
                                            struct cao_zonal_result *result, struct cao_error *err);
#endif
