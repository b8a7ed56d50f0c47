/** @file raster/crs.h  CRS handles, inside the room. SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_CRS_H
#define CAO_RASTER_CRS_H
#include <ogr_srs_api.h>

/** Anything GDAL understands, x before y; NULL where it does not. OSRDestroySpatialReference it. */
OGRSpatialReferenceH cao_srs_import(const char *text);
/** False for what GDAL puts where a file names none, and for drawings on a plane of their own. */
bool cao_srs_is_a_place(OGRSpatialReferenceH srs);
bool cao_srs_same(OGRSpatialReferenceH a, OGRSpatialReferenceH b);
#endif
