/** @file caochu/fvc.h  End-members of vegetation cover, estimated once and then frozen in a file.
 *
 *  Cover by pixel dichotomy is (NDVI - soil) / (full - soil). Where a profile's fixed end-members do not
 *  fit, they are taken from a baseline period of one's own: per grassland type, the NDVI below which a
 *  small share of the type's area lies, and the one above which another does. The file that holds them
 *  is then used for all years (fvc.end_members of the project file), so that years compare: end-members
 *  estimated anew each year would take the change out that one looks for.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_FVC_H
#define CAO_FVC_H
#include "caochu/profile.h"
#include "caochu/run.h"

struct cao_fvc_baseline {
    const char *period;       /**< a period of the project */
    double low_pct, high_pct; /**< of the area with a value: 0.5 and 99.5 */
};

/** End-members by type from the NDVI rasters of a finished run, as the text of a YAML file; free() it.
 *  Each cell with an NDVI above 0 (at and below it lie water and snow, which are no soil) counts by the
 *  exact share of its area inside the type's pastures. For a percentage p the
 *  NDVI is the least of the raster's steps of 1e-4 that at least p percent of the area do not exceed.
 *  Types with fewer than 1000 cells, or whose two values are less than 0.05 apart, are named as comments.
 *  @param run as in explain.h; @p summary is to be released in any case
 *  @retval CAO_EARG no such period (the nearest is named), bad percentages, or no type has enough
 *  @retval CAO_EDATA a tile is not up to date, or its NDVI raster is not among the products */
CAO_CHECKED enum cao_status cao_fvc_estimate(const struct cao_run_options *run,
                                             const struct cao_fvc_baseline *baseline, char **text,
                                             size_t *size, struct cao_run_summary *summary,
                                             struct cao_error *err);

/** Put the end-members of the file into the profile, with the file and its baseline as their source.
 *  Types that the file does not name keep those of the profile.
 *  @retval CAO_EARG not such a file, an unknown type or key: "FILE:LINE: ..." */
CAO_CHECKED enum cao_status cao_fvc_read(const char *path, struct cao_profile *profile,
                                         struct cao_error *err);
#endif
