/** @file caochu/ring_area.h  Area of a ring of short geodesics on an ellipsoid of revolution.
 *
 *  With y(latitude), the area from the equator to a parallel per radian of longitude x (authalic; Snyder 1987,
 *  USGS PP 1395, eq. 3-12), the ground is ds2 = dy2 / H2 + H2 dx2, H the radius of the parallel. A geodesic bends
 *  there by d2y/dx2 = -sin(latitude) (H2 + 3 (dy/dx)2 / H2), so below an edge from (x1, y1) to (x2, y2) lies
 *      (x2 - x1) [(y1 + y2) / 2 + sin(latitude) (H2 (x2 - x1)2 + 3 (y2 - y1)2 / H2) / 12]
 *  and what is left out is of the fifth order: for edges of CAO_RING_EDGE_M below CAO_RING_LATITUDE less than
 *  1e-6 m2 each, of changing signs. Areas of rings with edges to 250 m are
 *  true to 1e-11 (tests/science). Pure.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RING_AREA_H
#define CAO_RING_AREA_H
#include <stdbool.h>
#include <stddef.h>

/** Longest edge, metres, and greatest latitude, degrees, that are answered. */
#define CAO_RING_EDGE_M   500.0
#define CAO_RING_LATITUDE 75.0

/** @param lonlat longitude and latitude in degrees, longitudes in any turn; [2 * n], closed implicitly
 *  @param a equatorial radius, metres  @param flattening of the ellipsoid, 0 < flattening < 0.01
 *  @param[out] area m2, unsigned  @retval false an edge is longer, a point beyond that latitude or no number, or the
 *  ring runs around a pole: reckon it with full geodesics */
bool cao_ring_area(const double *lonlat, size_t n, double a, double flattening, double *area);
#endif
