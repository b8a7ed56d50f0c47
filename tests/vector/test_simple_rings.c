/* SPDX-License-Identifier: MIT
 * The quick proof of validity against GEOS: what it calls simple must be valid. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>
#include <ogr_api.h>

#include "support/support.h"

#include "vector/simple_rings.h"

static double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) * 0x1p-53;
}

enum { MOST = 4000, RINGS = 60 };

/* Polygons as they grow: a shell, or a hole of the last shell. */
struct drawing {
    double xy[2 * MOST];
    size_t end[RINGS];
    bool hole[RINGS];
    size_t n_rings, n;
};

static void close_ring(struct drawing *d, bool hole)
{
    d->end[d->n_rings] = d->n;
    d->hole[d->n_rings++] = hole;
}

static void add_point(struct drawing *d, double x, double y)
{
    d->xy[2 * d->n] = x;
    d->xy[2 * d->n++ + 1] = y;
}

static void add_star(struct drawing *d, double x, double y, double size, int corners, double spread,
                     bool hole, uint64_t *seed)
{
    for (int i = 0; i < corners; i++) {
        double a = 6.28318530717958 * (i + spread * uniform(seed)) / corners,
               r = size * (0.4 + 0.6 * uniform(seed));
        add_point(d, x + r * cos(a), y + r * sin(a));
    }
    close_ring(d, hole);
}

static bool is_simple(const struct drawing *d)
{
    struct cao_rings_room room = { 0 };
    bool simple =
        cao_rings_are_simple(&(struct cao_rings){ d->xy, d->end, d->hole, d->n_rings }, &room);
    free(room.at);
    return simple;
}

static void CPL_STDCALL quiet(CPLErr level, CPLErrorNum number, const char *text)
{
    (void)level;
    (void)number;
    (void)text;
}

static bool is_valid(const struct drawing *d)
{
    OGRGeometryH multi = OGR_G_CreateGeometry(wkbMultiPolygon), polygon = NULL;
    for (size_t i = 0, at = 0; i < d->n_rings; at = d->end[i++]) {
        if (!d->hole[i]) {
            polygon = OGR_G_CreateGeometry(wkbPolygon);
            OGR_G_AddGeometryDirectly(multi, polygon);
        }
        OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing);
        for (size_t k = at; k < d->end[i]; k++)
            OGR_G_AddPoint_2D(ring, d->xy[2 * k], d->xy[2 * k + 1]);
        OGR_G_AddPoint_2D(ring, d->xy[2 * at], d->xy[2 * at + 1]);
        OGR_G_AddGeometryDirectly(polygon, ring);
    }
    CPLPushErrorHandler(quiet);
    bool valid = OGR_G_IsValid(multi);
    CPLPopErrorHandler();
    OGR_G_DestroyGeometry(multi);
    return valid;
}

/* Stars whose corners may change places, with holes and parts in any place. */
static void what_is_simple_is_valid(void **state)
{
    (void)state;
    uint64_t seed = 5;
    static struct drawing d;
    size_t n_simple = 0, n_valid = 0;
    enum { TRIALS = 20000 };
    for (int trial = 0; trial < TRIALS; trial++) {
        d.n = d.n_rings = 0;
        double spread = trial % 3 ? 0.9 : 1.6;
        for (int part = 0; part < 1 + trial % 4 / 2; part++) {
            double x = 20 * uniform(&seed), y = 20 * uniform(&seed);
            add_star(&d, x, y, 10, 3 + (int)(30 * uniform(&seed)), spread, false, &seed);
            for (int hole = 0; hole < trial % 5; hole++)
                add_star(&d, x + 8 * (uniform(&seed) - 0.5), y + 8 * (uniform(&seed) - 0.5),
                         trial % 7 ? 1 : 5, 3 + trial % 6, 0.9, true, &seed);
        }
        if (trial % 11 == 0) /* on whole numbers: touching, collinear, repeated points */
            for (size_t i = 0; i < 2 * d.n; i++)
                d.xy[i] = round(d.xy[i] / 2);
        bool simple = is_simple(&d), valid = is_valid(&d);
        if (simple)
            assert_true(valid);
        n_simple += simple;
        n_valid += valid;
    }
    assert_true(n_valid > TRIALS / 5 && n_valid < TRIALS * 4 / 5);
    assert_true((double)n_simple > 0.9 * (double)n_valid); /* or it would be of no use */
}

/* Each is one step from valid, drawn so that the step is all that is wrong. */
static void one_wrong_step_is_seen(void **state)
{
    (void)state;
    static const struct {
        int n[3]; /* points of the rings */
        int hole[3];
        double xy[24];
        bool simple;
    } v[] = {
        { { 4 }, { 0 }, { 0, 0, 4, 0, 4, 4, 0, 4 }, true },
        { { 4 }, { 0 }, { 0, 0, 4, 4, 4, 0, 0, 4 }, false },       /* a bow tie */
        { { 5 }, { 0 }, { 0, 0, 4, 0, 2, 0, 4, 4, 0, 4 }, false }, /* folds back */
        { { 5 }, { 0 }, { 0, 0, 2, 0, 4, 0, 4, 4, 0, 4 }, true },  /* a point on a side */
        { { 5 }, { 0 }, { 0, 0, 4, 0, 4, 4, 2, 0, 0, 4 }, false }, /* touches its own side */
        { { 5 }, { 0 }, { 0, 0, 4, 0, 4, 0, 4, 4, 0, 4 }, false }, /* a point twice: not sure */
        { { 3 }, { 0 }, { 0, 0, 1, 1, 2, 2 }, false },             /* a line */
        { { 2 }, { 0 }, { 0, 0, 1, 1 }, false },
        { { 4, 3 }, { 0, 1 }, { 0, 0, 4, 0, 4, 4, 0, 4, 1, 1, 2, 1, 1, 2 }, true },
        { { 4, 3 }, { 0, 1 }, { 0, 0, 4, 0, 4, 4, 0, 4, 5, 5, 6, 5, 5, 6 }, false }, /* outside */
        { { 4, 3 }, { 0, 1 }, { 0, 0, 4, 0, 4, 4, 0, 4, 0, 1, 2, 1, 1, 2 }, false }, /* touches */
        { { 4, 3, 3 },
          { 0, 1, 1 },
          { 0, 0, 9, 0, 9, 9, 0, 9, 1, 1, 6, 1, 1, 6, 2, 2, 3, 2, 2, 3 },
          false }, /* a hole in a hole */
        { { 4, 3 }, { 0, 0 }, { 0, 0, 4, 0, 4, 4, 0, 4, 5, 5, 6, 5, 5, 6 }, true },  /* two parts */
        { { 4, 3 }, { 0, 0 }, { 0, 0, 4, 0, 4, 4, 0, 4, 1, 1, 2, 1, 1, 2 }, false }, /* nested */
        { { 3, 4 }, { 0, 0 }, { 1, 1, 2, 1, 1, 2, 0, 0, 4, 0, 4, 4, 0, 4 }, false },
        { { 4 }, { 1 }, { 0, 0, 4, 0, 4, 4, 0, 4 }, false }, /* a hole of nothing */
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct drawing d = { .n = 0 };
        memcpy(d.xy, v[i].xy, sizeof v[i].xy);
        for (int ring = 0; ring < 3 && v[i].n[ring]; ring++) {
            d.n += (size_t)v[i].n[ring];
            close_ring(&d, v[i].hole[ring]);
        }
        if (is_simple(&d) != v[i].simple)
            fail_msg("polygon %zu: %d", i, v[i].simple);
    }
}

/* A comb of 1,500 teeth, a spiral, a level line: work stays in bounds, and the answer is safe. */
static void crowded_borders_end_in_an_answer(void **state)
{
    (void)state;
    static struct drawing d;
    d.n = d.n_rings = 0;
    for (int i = 0; i < 1500; i++)
        add_point(&d, i, i % 2 ? 1000 : 1);
    add_point(&d, 1499, 0);
    add_point(&d, 0, 0);
    close_ring(&d, false);
    assert_true(is_valid(&d));
    (void)is_simple(&d);
    d.n = d.n_rings = 0;
    for (int i = 0; i < 1500; i++)
        add_point(&d, i * cos(i / 50.0), i * sin(i / 50.0));
    for (int i = 1499; i >= 0; i--)
        add_point(&d, (i + 3) * cos(i / 50.0), (i + 3) * sin(i / 50.0));
    close_ring(&d, false);
    if (is_simple(&d))
        assert_true(is_valid(&d));
    d.n = d.n_rings = 0;
    for (int i = 0; i < 5; i++)
        add_point(&d, i, 7);
    close_ring(&d, false);
    assert_false(is_simple(&d));
    for (int i = 0; i < 10; i++)
        d.xy[i] *= 1e308;
    assert_false(is_simple(&d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_simple_is_valid),
        cmocka_unit_test(one_wrong_step_is_seen),
        cmocka_unit_test(crowded_borders_end_in_an_answer),
    };
    return cmocka_run_group_tests_name("simple_rings", tests, NULL, NULL);
}
