/** @file science/composite_rows.h  The functions that the rows of the table of composites name.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_SCIENCE_COMPOSITE_ROWS_H
#define CAO_SCIENCE_COMPOSITE_ROWS_H
#include "caochu/composite.h"

cao_score_fn cao_score_ndvi, cao_score_bap, cao_score_latest, cao_score_first;
cao_reduce_fn cao_reduce_medoid, cao_reduce_geomedian, cao_reduce_median, cao_reduce_percentile;
size_t cao_medoid_scratch(size_t n_bands, size_t n_looks);
size_t cao_geomedian_scratch(size_t n_bands, size_t n_looks);
size_t cao_rank_scratch(size_t n_bands, size_t n_looks);
#endif
