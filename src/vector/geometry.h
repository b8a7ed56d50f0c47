/** @file vector/geometry.h  From an OGR geometry to rings on the grid's CRS.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_VECTOR_GEOMETRY_H
#define CAO_VECTOR_GEOMETRY_H
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <proj.h>
#include <geodesic.h>

#include "caochu/pastures.h"

/** The coordinate systems at play; see cao_frames_open(). */
struct cao_frames {
    OGRCoordinateTransformationH to_grid;   /* NULL: the layer's CRS is the grid's */
    OGRCoordinateTransformationH to_lonlat; /* to WGS 84 degrees, longitude first; NULL: it is so */
    bool degrees;                           /* the layer's coordinates are degrees */
    double unit_m;                          /* else metres of one unit */
    double tolerance_m;                     /* by which an edge may stray from true */
    bool planar;                            /* no areas on the ellipsoid are wanted: they stay 0 */
    bool rings_only;                        /* no WKB is wanted: it stays NULL */
    struct cao_geometry_room *room;         /* buffers used again for each geometry */
    struct geod_geodesic ellipsoid;
};
CAO_CHECKED enum cao_status cao_frames_open(struct cao_frames *f, OGRSpatialReferenceH layer,
                                            const char *grid_crs, double tolerance_m,
                                            struct cao_error *err);
void cao_frames_close(struct cao_frames *f);
/** The same for another worker. */
CAO_CHECKED enum cao_status cao_frames_copy(struct cao_frames *to, const struct cao_frames *from,
                                            struct cao_error *err);

/** Fill in geometry, rings and areas of @p p. @p g is borrowed.
 *  @param repair filled with GEOS's words where the geometry had to be repaired
 *  @retval CAO_EDATA it cannot be used: the text says why */
CAO_CHECKED enum cao_status cao_geometry_prepare(OGRGeometryH g, const struct cao_frames *f,
                                                 struct cao_pasture *p, char repair[256],
                                                 struct cao_error *err);
#endif
