/* SPDX-License-Identifier: MIT */
#include "caochu/ring_area.h"

#include <math.h>

static const double DEGREE = 3.14159265358979323846 / 180;

bool cao_ring_area(const double *lonlat, size_t n, double a, double flattening, double *area)
{
    const double e2 = flattening * (2 - flattening), a2 = a * a, b2 = a2 * (1 - e2);
    bool fine = n >= 3;
    for (size_t i = 0; i < n; i++)
        fine &= fabs(lonlat[2 * i + 1]) <= CAO_RING_LATITUDE && fabs(lonlat[2 * i]) <= 1e6;
    if (!fine)
        return false;
    double sum = 0, turn = 0, longest = 0;
    double y =
        0; /* from the first vertex's parallel: a small ring far from the equator loses nothing */
    for (size_t i = 0; i < n; i++) {
        const double *from = lonlat + 2 * i, *to = lonlat + (i + 1 < n ? 2 * (i + 1) : 0);
        double step = to[0] - from[0], lat = (from[1] + to[1]) / 2 * DEGREE;
        if (fabs(step) > 180)
            step = remainder(step, 360);
        double dx = step * DEGREE, rise = (to[1] - from[1]) * DEGREE;
        double s = sin(lat), c = cos(lat), w = 1 - e2 * s * s;
        /* dy is the integral of b2 / (1 - e2 s2)2 over the sine, about its middle */
        double ds = c * rise * (1 - rise * rise / 24);
        double bend = 4 * e2 / (w * w * w) + 24 * e2 * e2 * s * s / (w * w * w * w);
        double dy = b2 * ds * (1 / (w * w) + bend * ds * ds / 24);
        double h2 = a2 * c * c / w, along2 = h2 * dx * dx, up2 = dy * dy / h2;
        sum += dx * (y + dy / 2 + s * (along2 + 3 * up2) / 12);
        y += dy;
        turn += step;
        longest = fmax(longest, along2 + up2);
    }
    *area = fabs(sum);
    return longest <= CAO_RING_EDGE_M * CAO_RING_EDGE_M && fabs(turn) < 1;
}
