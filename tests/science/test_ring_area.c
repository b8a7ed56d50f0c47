/* SPDX-License-Identifier: MIT
 * Beside PROJ's geodesics (Karney 2013), whose areas have an error of their own of some 1e-4 m2 a ring, and beside
 * geodesics integrated step by step in long doubles, whose error is a millionth of that. */
#include <math.h>
#include <stdlib.h>

#include <geodesic.h>

#include "support/support.h"

#include "caochu/ring_area.h"

static const double radius = 6378137.0, flattening = 1 / 298.257223563;

static double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) * 0x1p-53;
}

static double by_geodesics(const double *lonlat, size_t n)
{
    struct geod_geodesic g;
    struct geod_polygon p;
    double area, perimeter;
    geod_init(&g, radius, flattening);
    geod_polygon_init(&p, 0);
    for (size_t i = 0; i < n; i++)
        geod_polygon_addpoint(&g, &p, lonlat[2 * i + 1], lonlat[2 * i]);
    geod_polygon_compute(&g, &p, 0, 1, &area, &perimeter);
    return fabs(area);
}

/* A star around a place, its edges shorter than @p edge metres. */
static size_t make_star(double lon, double lat, double edge, uint64_t *seed, double *lonlat)
{
    size_t n = 5 + (size_t)(uniform(seed) * 200);
    /* a radius whose chords and jumps between corners stay below the edge */
    double r = fmin(edge * (double)n / 6.2832 * 0.8, 0.35 * edge / 0.5 * 8);
    for (size_t i = 0; i < n; i++) {
        double t = 6.283185307179586 * (double)i / (double)n;
        double at = r * (1 - 0.25 * edge / r * uniform(seed));
        lonlat[2 * i] = lon + at * cos(t) / (111320 * cos(lat * 0.017453292519943295));
        lonlat[2 * i + 1] = lat + at * sin(t) / 111320;
    }
    return n;
}

/* As long as the steps are. */
#define RADIUS     ((long double)radius)
#define FLATTENING ((long double)flattening)

/* On the ellipsoid, along a geodesic of azimuth t at the start, by its length: d2y/ds2 = -sin(latitude) in the
 * coordinates of ring_area.h, whence all else. */
struct state {
    long double x, y, lat, climb, area;
};
static struct state slope_of(const struct state *at, long double clairaut)
{
    const long double e2 = FLATTENING * (2 - FLATTENING);
    long double s = sinl(at->lat), w = 1 - e2 * s * s;
    long double h = RADIUS * cosl(at->lat) / sqrtl(w), m = RADIUS * (1 - e2) / (w * sqrtl(w));
    long double turn = clairaut / (h * h);
    return (struct state){ turn, at->climb, at->climb / (m * h), -s, at->y * turn };
}
static struct state moved(const struct state *a, const struct state *by, long double h)
{
    return (struct state){ a->x + h * by->x, a->y + h * by->y, a->lat + h * by->lat,
                           a->climb + h * by->climb, a->area + h * by->area };
}
static struct state walk(struct state at, long double east, long double north)
{
    enum { STEPS = 8 };
    const long double e2 = FLATTENING * (2 - FLATTENING);
    long double s = sinl(at.lat), radius_here = RADIUS * cosl(at.lat) / sqrtl(1 - e2 * s * s);
    long double length = hypotl(east, north), h = length / STEPS;
    long double clairaut = radius_here * east / length;
    at.climb = radius_here * north / length;
    for (int i = 0; i < STEPS; i++) { /* Runge and Kutta's four */
        struct state k1 = slope_of(&at, clairaut), p = moved(&at, &k1, h / 2);
        struct state k2 = slope_of(&p, clairaut), q = moved(&at, &k2, h / 2);
        struct state k3 = slope_of(&q, clairaut), r = moved(&at, &k3, h);
        struct state k4 = slope_of(&r, clairaut);
        at = moved(&at, &k1, h / 6);
        at = moved(&at, &k2, h / 3);
        at = moved(&at, &k3, h / 3);
        at = moved(&at, &k4, h / 6);
    }
    return at;
}
static double by_steps(const double *lonlat, size_t n)
{
    const long double degree = 3.141592653589793238462643383279503L / 180;
    const long double e2 = FLATTENING * (2 - FLATTENING), e = sqrtl(e2);
    long double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double *a = lonlat + 2 * i, *b = lonlat + 2 * ((i + 1) % n);
        long double lat = (long double)a[1] * degree, s = sinl(lat), w = 1 - e2 * s * s;
        long double h = RADIUS * cosl(lat) / sqrtl(w), m = RADIUS * (1 - e2) / (w * sqrtl(w));
        long double dx = remainderl((long double)b[0] - (long double)a[0], 360) * degree;
        struct state from = { .lat = lat }, to;
        from.y = RADIUS * RADIUS / 2 * (1 - e2) * (s / w + atanhl(e * s) / e);
        long double east = dx * h, north = ((long double)b[1] * degree - lat) * m;
        for (int k = 0; k < 5; k++) { /* until it ends where the edge does */
            to = walk(from, east, north);
            east += (dx - to.x) * h;
            north += ((long double)b[1] * degree - to.lat) * m;
        }
        sum += to.area;
    }
    return (double)fabsl(sum);
}

/* Of 2,000 random rings: the worst beside steps, relative. Beside PROJ it is asked for 1e-10 and PROJ's own error. */
static double worst_at(double low, double high, double edge, uint64_t seed)
{
    double worst = 0, lonlat[2 * 256];
    int n_answered = 0;
    for (int trial = 0; trial < 2000; trial++) {
        double lat = low + (high - low) * uniform(&seed), lon = 360 * uniform(&seed) - 180;
        size_t n = make_star(lon, trial % 2 ? lat : -lat, edge, &seed, lonlat);
        double area, want = by_geodesics(lonlat, n);
        if (!cao_ring_area(lonlat, n, radius, flattening, &area))
            continue;
        n_answered++;
        assert_true(fabs(area - want) < 1e-10 * want + 2e-3);
        if (trial % 10)
            continue;
        want = by_steps(lonlat, n);
        worst = fmax(worst, fabs(area - want) / want);
    }
    assert_true(n_answered > 1600);
    print_message("%.0f to %.0f degrees, edges to %.0f m: %.2g\n", low, high, edge, worst);
    return worst;
}

static void areas_agree_with_geodesics(void **state)
{
    (void)state;
    assert_true(worst_at(31, 40, 250, 1) < 3e-12); /* Qinghai */
    assert_true(worst_at(31, 40, 20, 2) < 1e-11);  /* rings of a few hundred m2 */
    assert_true(worst_at(0, 31, 250, 3) < 1e-11);
    assert_true(worst_at(60, 74.9, 250, 4) < 1e-11);
    assert_true(worst_at(60, 74.9, 480, 5) < 1e-10);
}

static void the_antimeridian_is_a_meridian_like_any(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (int trial = 0; trial < 500; trial++) {
        double here[2 * 256], there[2 * 256], a, b;
        uint64_t same = seed = seed * 31 + 7;
        size_t n = make_star(100, 35, 200, &seed, here);
        make_star(180, 35, 200, &same, there);
        for (size_t i = 0; i < n; i++)
            there[2 * i] -= there[2 * i] > 180 ? 360 : 0;
        assert_true(cao_ring_area(here, n, radius, flattening, &a));
        assert_true(cao_ring_area(there, n, radius, flattening, &b));
        assert_true(fabs(a - b) < 1e-10 * a);
        assert_true(fabs(b - by_geodesics(there, n)) < 1e-10 * b + 2e-3);
    }
}

static void what_it_cannot_answer_it_says(void **state)
{
    (void)state;
    double area, one = 1.0 / 111320;
    double ring[] = { 100, 35, 100 + 100 * one, 35, 100, 35 + 100 * one };
    assert_true(cao_ring_area(ring, 3, radius, flattening, &area));
    assert_false(cao_ring_area(ring, 2, radius, flattening, &area));
    ring[5] = 35 + 600 * one;
    assert_false(cao_ring_area(ring, 3, radius, flattening, &area));
    ring[5] = (double)NAN;
    assert_false(cao_ring_area(ring, 3, radius, flattening, &area));
    ring[5] = 35 + 100 * one;
    ring[0] = (double)INFINITY;
    assert_false(cao_ring_area(ring, 3, radius, flattening, &area));
    double polar[] = { 100, 75.5, 100 + 100 * one, 75.5, 100, 75.5 + 100 * one };
    assert_false(cao_ring_area(polar, 3, radius, flattening, &area));
    /* all around the earth in small steps, at 74 degrees, where its circle has 11,000 km */
    enum { STEPS = 30000 };
    double *around = malloc(2 * STEPS * sizeof *around);
    assert_non_null(around);
    for (int i = 0; i < STEPS; i++) {
        around[2 * i] = 360.0 * i / STEPS - 180;
        around[2 * i + 1] = 74;
    }
    assert_false(cao_ring_area(around, STEPS, radius, flattening, &area));
    free(around);
}

/* A cell of a graticule has parallels for its sides, not geodesics: with ever more points on them its area is that
 * between two parallels, which Snyder (1987, eq. 3-12) gives in closed form. */
static void a_strip_of_the_graticule_has_its_closed_form(void **state)
{
    (void)state;
    enum { STEPS = 2000 };
    static double lonlat[4 * STEPS];
    const double e2 = flattening * (2 - flattening), e = sqrt(e2);
    double lat[2] = { 35.0, 35.004 }, q[2], area, degree = 3.14159265358979323846 / 180;
    for (int k = 0; k < 2; k++) {
        double s = sin(lat[k] * degree);
        q[k] = (1 - e2) * (s / (1 - e2 * s * s) - log((1 - e * s) / (1 + e * s)) / (2 * e));
    }
    double want = radius * radius / 2 * (q[1] - q[0]) * 0.02 * degree;
    for (int i = 0; i < STEPS; i++) {
        lonlat[2 * i] = 97 + 0.02 * i / (STEPS - 1);
        lonlat[2 * i + 1] = lat[0];
        lonlat[2 * (STEPS + i)] = 97.02 - 0.02 * i / (STEPS - 1);
        lonlat[2 * (STEPS + i) + 1] = lat[1];
    }
    assert_true(cao_ring_area(lonlat, 2 * STEPS, radius, flattening, &area));
    assert_true(fabs(area - want) < 3e-11 * want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas_agree_with_geodesics),
        cmocka_unit_test(the_antimeridian_is_a_meridian_like_any),
        cmocka_unit_test(what_it_cannot_answer_it_says),
        cmocka_unit_test(a_strip_of_the_graticule_has_its_closed_form),
    };
    return cmocka_run_group_tests_name("ring_area", tests, NULL, NULL) != 0;
}
