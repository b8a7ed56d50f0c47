/** @file caochu/cover.h  The exact share of each cell that a polygon covers.
 *
 *  Signed area and cover are accumulated along each ring's edges, as font rasterisers do for
 *  anti-aliasing, so cost follows the length of the border; holes and multipolygons need no case.
 *
 *  Vertices are snapped to 2^-31 cell and so are the heights at which an edge crosses cell borders,
 *  always reckoned from the edge's own lower end. Hence: covers are exact sums, cells inside weigh
 *  exactly 1, a border shared by two polygons cancels, and a cell's weight is the same bits
 *  whatever window it is computed in. Pure, thread-safe, no allocation.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_COVER_H
#define CAO_COVER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "caochu/status.h"

/** A (multi)polygon in cells of the grid: x to the right from the grid's left edge, y DOWN from its
 *  top edge; |x|, |y| < 2^20. Rings are closed implicitly (a repeated first point is fine). Shells
 *  run one way and holes the other; which way does not matter. Parts do not overlap; where they do, a
 *  cell counts as covered once. */
struct cao_polygon {
    const double *xy;       /**< x0 y0 x1 y1 ... of all rings */
    const size_t *ring_end; /**< per ring: index of the point after its last */
    size_t n_rings;
};

/** A rectangle of cells of the grid. */
struct cao_window {
    int32_t col, row, cols, rows;
};

/** n cells from (col, row) to the right, all covered by @p weight, 0 < weight <= 1. */
struct cao_span {
    int32_t row, col, n;
    double weight;
};

/** Upper limit of the spans that cao_cover can give, and of the scratch it needs. */
struct cao_cover_need {
    size_t spans, scratch_bytes;
};
struct cao_cover_need cao_cover_need(const struct cao_polygon *p, const struct cao_window *w);

/** Spans of the cells of @p w that @p p covers, by row, then column; cells with no share are left
 *  out, and so are shares below 2^-41, which are no area to the sums of zonal.h.
 *  @param scratch 64-byte aligned, need.scratch_bytes large  @param spans at least need.spans  @retval number of spans */
size_t cao_cover(const struct cao_polygon *p, const struct cao_window *w, void *scratch,
                 struct cao_span *spans);

/** Spans, all of weight 1, of the cells of @p w whose centre lies inside of @p p (between an odd and
 *  an even crossing of its row; a centre on an edge belongs to the cell's right or lower side). */
struct cao_cover_need cao_cover_centers_need(const struct cao_polygon *p,
                                             const struct cao_window *w);
size_t cao_cover_centers(const struct cao_polygon *p, const struct cao_window *w, void *scratch,
                         struct cao_span *spans);

/** A polygon made ready to be covered in many windows: its vertices snapped once, and long borders in
 *  groups of edges that a window passes over. Borrows the polygon's ring_end and the memory. */
struct cao_shape_group {
    int32_t left, top, bottom; /**< first column, first and last row that the edges reach */
};
struct cao_shape {
    const int64_t *xy; /**< 2^-31 cell */
    const size_t *ring_end;
    size_t n_rings;
    const struct cao_shape_group *groups;
    size_t n_groups, n_records;
    int flip;    /**< -1: shells run backwards */
    double area; /**< cells, exact but for one rounding */
};
size_t cao_shape_bytes(const struct cao_polygon *p);
/** @param memory cao_shape_bytes large, aligned for int64_t; |x|, |y| < 2^30 */
void cao_shape_init(struct cao_shape *s, const struct cao_polygon *p, void *memory);
/** As of the polygon: the same spans, bit for bit. */
struct cao_cover_need cao_shape_cover_need(const struct cao_shape *s, const struct cao_window *w);
size_t cao_shape_cover(const struct cao_shape *s, const struct cao_window *w, void *scratch,
                       struct cao_span *spans);
struct cao_cover_need cao_shape_centers_need(const struct cao_shape *s, const struct cao_window *w);
size_t cao_shape_centers(const struct cao_shape *s, const struct cao_window *w, void *scratch,
                         struct cao_span *spans);
struct cao_window cao_shape_window(const struct cao_shape *s, const struct cao_window *w);

/** Bounding rectangle in whole cells, clipped to @p w; cols or rows 0 where they do not meet. */
struct cao_window cao_cover_window(const struct cao_polygon *p, const struct cao_window *w);
/** True only where cao_cover() finds a share of @p w, found from the area of the two's intersection at a small
 *  part of its cost; false where that is less than a hundredth of a cell, which says nothing. */
bool cao_cover_is_sure(const struct cao_polygon *p, const struct cao_window *w);
/** Unsigned area in cells (shoelace, holes subtracted). */
double cao_polygon_area(const struct cao_polygon *p);
#endif
