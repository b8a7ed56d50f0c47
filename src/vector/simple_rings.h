/** @file vector/simple_rings.h  A quick proof that polygons are valid.
 *
 *  Nearly all polygons of a layer are valid, and asking GEOS about each costs more than all else that is
 *  done with them. Edges are put into strips by height and those of a strip compared, in time
 *  proportional to their number; orientations are taken only where rounding cannot turn them
 *  (Shewchuk 1997, the first filter). Pure, thread-safe. SPDX-License-Identifier: MIT */
#ifndef CAO_VECTOR_SIMPLE_RINGS_H
#define CAO_VECTOR_SIMPLE_RINGS_H
#include <stdbool.h>
#include <stddef.h>

/** Polygons of one geometry: a shell and its holes, one after the other. */
struct cao_rings {
    const double *xy;       /**< x0 y0 x1 y1 ..., finite, without the repeated last points */
    const size_t *ring_end; /**< per ring: index of the point after its last */
    const bool *is_hole;    /**< per ring; the first is none */
    size_t n_rings;
};

/** Memory that only grows; zero-initialise, free() at. */
struct cao_rings_room {
    void *at;
    size_t size;
};

/** True: no two edges cross or touch but neighbours at their vertex, holes lie in their shells and
 *  beside each other, shells beside each other: valid in the sense of OGC Simple Features. False: not
 *  valid, or not certain (touching rings, repeated points, a very crowded border); ask GEOS. */
bool cao_rings_are_simple(const struct cao_rings *r, struct cao_rings_room *room);
#endif
