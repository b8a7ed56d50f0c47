/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ogr_api.h>

#include "support/support.h"

#include "caochu/cover.h"
#include "caochu/file.h"

enum { SIDE = 24 };

/* A small generator of its own: the same everywhere. */
static double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) * 0x1p-53;
}

/* Weight of each cell of the window, row-major. */
/* A polygon made ready gives the same spans, in a window or by centres. */
static void assert_shape_same(const struct cao_polygon *p, const struct cao_window *w, bool centers,
                              const struct cao_span *want, size_t n_want)
{
    struct cao_shape shape;
    void *memory = malloc(cao_shape_bytes(p) + 1);
    assert_non_null(memory);
    cao_shape_init(&shape, p, memory);
    struct cao_cover_need need =
        centers ? cao_shape_centers_need(&shape, w) : cao_shape_cover_need(&shape, w);
    struct cao_span *spans = malloc((need.spans + 1) * sizeof *spans);
    void *scratch = aligned_alloc(64, (need.scratch_bytes + 64) / 64 * 64);
    size_t n = centers ? cao_shape_centers(&shape, w, scratch, spans)
                       : cao_shape_cover(&shape, w, scratch, spans);
    assert_int_equal(n, n_want);
    for (size_t i = 0; i < n; i++)
        assert_true(spans[i].row == want[i].row && spans[i].col == want[i].col &&
                    spans[i].n == want[i].n && spans[i].weight == want[i].weight);
    assert_true(fabs(shape.area - cao_polygon_area(p)) <= 1e-6 + 1e-9 * shape.area);
    struct cao_window a = cao_shape_window(&shape, w), b = cao_cover_window(p, w);
    assert_memory_equal(&a, &b, sizeof a);
    free(spans);
    free(scratch);
    free(memory);
}

static void weights_of(const struct cao_polygon *p, const struct cao_window *w, double *weights)
{
    const struct cao_cover_need need = cao_cover_need(p, w);
    size_t bound = need.spans, bytes = need.scratch_bytes;
    struct cao_span *spans = malloc((bound + 1) * sizeof *spans);
    void *scratch = aligned_alloc(64, (bytes + 64) / 64 * 64);
    assert_non_null(spans);
    assert_non_null(scratch);
    memset(weights, 0, (size_t)w->cols * (size_t)w->rows * sizeof *weights);
    size_t n = cao_cover(p, w, scratch, spans);
    assert_true(n <= bound);
    assert_shape_same(p, w, false, spans, n);
    for (size_t i = 0; i < n; i++) {
        assert_true(spans[i].weight > 0 && spans[i].weight <= 1 && spans[i].n > 0);
        if (i > 0) /* by row, then column, without overlap */
            assert_true(spans[i].row > spans[i - 1].row ||
                        (spans[i].row == spans[i - 1].row &&
                         spans[i].col >= spans[i - 1].col + spans[i - 1].n));
        for (int32_t k = 0; k < spans[i].n; k++)
            weights[(size_t)(spans[i].row - w->row) * (size_t)w->cols +
                    (size_t)(spans[i].col - w->col + k)] = spans[i].weight;
    }
    free(spans);
    free(scratch);
}

static void check_drawn(const double *xy, const size_t *ring_end, size_t n_rings,
                        const double want[9])
{
    struct cao_polygon p = { xy, ring_end, n_rings };
    struct cao_window w = { 0, 0, 3, 3 };
    double got[9], total = 0;
    weights_of(&p, &w, got);
    for (int i = 0; i < 9; i++) {
        if (!(fabs(got[i] - want[i]) < 1e-9))
            fail_msg("cell %d: %.12f instead of %.12f", i, got[i], want[i]);
        total += want[i];
    }
    assert_true(fabs(cao_polygon_area(&p) - total) < 1e-9);
}

static void drawn_polygons_cover_what_is_drawn(void **state)
{
    (void)state;
    static const size_t four[] = { 4 }, eight[] = { 4, 8 }, three[] = { 3 };
    /* a cell, along its borders */
    check_drawn((const double[]){ 1, 1, 2, 1, 2, 2, 1, 2 }, four, 1,
                (const double[]){ 0, 0, 0, 0, 1, 0, 0, 0, 0 });
    /* half a cell further right and down */
    check_drawn((const double[]){ .5, .5, 1.5, .5, 1.5, 1.5, .5, 1.5 }, four, 1,
                (const double[]){ .25, .25, 0, .25, .25, 0, 0, 0, 0 });
    /* smaller than a cell */
    check_drawn((const double[]){ 1.25, 1.25, 1.75, 1.25, 1.75, 1.5, 1.25, 1.5 }, four, 1,
                (const double[]){ 0, 0, 0, 0, .125, 0, 0, 0, 0 });
    /* a triangle through corners */
    check_drawn((const double[]){ 0, 0, 3, 3, 0, 3 }, three, 1,
                (const double[]){ .5, 0, 0, 1, .5, 0, 1, 1, .5 });
    /* all with a hole of the middle cell */
    check_drawn((const double[]){ 0, 0, 3, 0, 3, 3, 0, 3, 1, 1, 1, 2, 2, 2, 2, 1 }, eight, 2,
                (const double[]){ 1, 1, 1, 1, 0, 1, 1, 1, 1 });
    /* two parts that touch in a corner */
    check_drawn((const double[]){ 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 2, 1, 2, 2, 1, 2 }, eight, 2,
                (const double[]){ 1, 0, 0, 0, 1, 0, 0, 0, 0 });
    /* a diamond */
    check_drawn((const double[]){ 1.5, 0, 3, 1.5, 1.5, 3, 0, 1.5 }, four, 1,
                (const double[]){ .125, .75 + .0, .125, .75, 1, .75, .125, .75, .125 });
    /* a sliver of a thousandth */
    check_drawn((const double[]){ 0, 1.0, 3, 1.0, 3, 1.001, 0, 1.001 }, four, 1,
                (const double[]){ 0, 0, 0, .001, .001, .001, 0, 0, 0 });
    /* larger than the grid */
    struct cao_polygon p = { (const double[]){ -5, -5, 9, -5, 9, 9, -5, 9 }, four, 1 };
    struct cao_window w = { 0, 0, 3, 3 };
    double got[9];
    weights_of(&p, &w, got);
    for (int i = 0; i < 9; i++)
        assert_true(got[i] == 1); /* exactly */
}

/* A star about a centre: simple, with corners on cell borders now and then. */
static size_t star(uint64_t *seed, double *xy)
{
    size_t n = 3 + (size_t)(uniform(seed) * 40);
    double cx = 8 + 8 * uniform(seed), cy = 8 + 8 * uniform(seed);
    for (size_t i = 0; i < n; i++) {
        double r = 0.5 + 7 * uniform(seed), a = 6.283185307179586 * (double)i / (double)n;
        xy[2 * i] = cx + r * cos(a);
        xy[2 * i + 1] = cy + r * sin(a);
    }
    return n;
}

/* Area of the polygon in a cell by clipping at its four sides in turn (Sutherland & Hodgman 1974). */
static double clipped_area(const double *xy, size_t n, int col, int row)
{
    double a[512], b[512], twice = 0;
    memcpy(a, xy, 2 * n * sizeof *a);
    for (int side = 0; side < 4; side++) {
        size_t m = 0;
        for (size_t i = 0; i < n; i++) {
            const double *p = a + 2 * i, *q = a + 2 * ((i + 1) % n);
            double d[2];
            for (int k = 0; k < 2; k++) {
                const double *v = k ? q : p;
                d[k] = side == 0   ? v[0] - col
                       : side == 1 ? col + 1 - v[0]
                       : side == 2 ? v[1] - row
                                   : row + 1 - v[1];
            }
            if (d[0] >= 0) {
                b[2 * m] = p[0];
                b[2 * m++ + 1] = p[1];
            }
            if ((d[0] >= 0) != (d[1] >= 0)) {
                double t = d[0] / (d[0] - d[1]);
                b[2 * m] = p[0] + t * (q[0] - p[0]);
                b[2 * m++ + 1] = p[1] + t * (q[1] - p[1]);
            }
        }
        memcpy(a, b, 2 * m * sizeof *a);
        n = m;
    }
    for (size_t i = 0; i < n; i++) {
        const double *p = a + 2 * i, *q = a + 2 * ((i + 1) % n);
        twice += (p[0] - col) * (q[1] - row) - (q[0] - col) * (p[1] - row);
    }
    return fabs(twice) / 2;
}

static void random_stars_agree_with_clipping_each_cell(void **state)
{
    (void)state;
    uint64_t seed = 7;
    struct cao_window w = { 0, 0, SIDE, SIDE };
    static double got[SIDE * SIDE];
    for (int t = 0; t < 400; t++) {
        double xy[128];
        size_t n = star(&seed, xy);
        struct cao_polygon p = { xy, &n, 1 };
        weights_of(&p, &w, got);
        for (int r = 0; r < SIDE; r++)
            for (int c = 0; c < SIDE; c++)
                assert_true(fabs(got[r * SIDE + c] - clipped_area(xy, n, c, r)) < 2e-9);
    }
}

static void direction_start_and_place_change_no_bit(void **state)
{
    (void)state;
    uint64_t seed = 11;
    struct cao_window w = { 0, 0, SIDE, SIDE }, far = { 1000, 70000, SIDE, SIDE };
    static double first[SIDE * SIDE], again[SIDE * SIDE];
    for (int t = 0; t < 100; t++) {
        double xy[128], other[128];
        size_t n = star(&seed, xy);
        for (size_t i = 0; i < 2 * n; i++)
            xy[i] =
                ldexp(floor(ldexp(xy[i], 20)), -20); /* so that moving by whole cells is exact */
        struct cao_polygon p = { xy, &n, 1 }, q = { other, &n, 1 };
        weights_of(&p, &w, first);
        for (size_t i = 0; i < n; i++) { /* the other way round, from another corner */
            size_t k = (2 * n + 3 - i) % n;
            other[2 * i] = xy[2 * k];
            other[2 * i + 1] = xy[2 * k + 1];
        }
        weights_of(&q, &w, again);
        assert_memory_equal(first, again, sizeof first);
        for (size_t i = 0; i < n; i++) {
            other[2 * i] = xy[2 * i] + 1000;
            other[2 * i + 1] = xy[2 * i + 1] + 70000;
        }
        weights_of(&q, &far, again);
        assert_memory_equal(first, again, sizeof first);
    }
}

static void any_window_gives_the_same_bits(void **state)
{
    (void)state;
    uint64_t seed = 13;
    struct cao_window w = { 0, 0, SIDE, SIDE };
    static double whole[SIDE * SIDE], part[SIDE * SIDE];
    for (int t = 0; t < 200; t++) {
        double xy[128];
        size_t n = star(&seed, xy);
        struct cao_polygon p = { xy, &n, 1 };
        weights_of(&p, &w, whole);
        for (int cut = 0; cut < 6; cut++) {
            struct cao_window v = { (int32_t)(uniform(&seed) * 20), (int32_t)(uniform(&seed) * 20),
                                    1, 1 };
            v.cols += (int32_t)(uniform(&seed) * (SIDE - 1 - v.col));
            v.rows += (int32_t)(uniform(&seed) * (SIDE - 1 - v.row));
            weights_of(&p, &v, part);
            for (int32_t r = 0; r < v.rows; r++)
                for (int32_t c = 0; c < v.cols; c++)
                    assert_true(part[r * v.cols + c] == whole[(v.row + r) * SIDE + v.col + c]);
        }
    }
}

/* A net of ragged quadrangles that share their corners fills the plane once. */
static void a_mosaic_adds_up_to_one_in_every_cell(void **state)
{
    (void)state;
    enum { NET = 9 };
    uint64_t seed = 17;
    struct cao_window w = { 0, 0, SIDE, SIDE };
    static double sum[SIDE * SIDE], one[SIDE * SIDE];
    double net[NET + 1][NET + 1][2];
    for (int r = 0; r <= NET; r++)
        for (int c = 0; c <= NET; c++) {
            bool rim = r == 0 || c == 0 || r == NET || c == NET;
            net[r][c][0] = -2 + 28.0 * c / NET + (rim ? 0 : 2.4 * (uniform(&seed) - 0.5));
            net[r][c][1] = -2 + 28.0 * r / NET + (rim ? 0 : 2.4 * (uniform(&seed) - 0.5));
        }
    memset(sum, 0, sizeof sum);
    for (int r = 0; r < NET; r++)
        for (int c = 0; c < NET; c++) {
            double xy[8];
            size_t end = 4;
            static const int corner[4][2] = { { 0, 0 }, { 0, 1 }, { 1, 1 }, { 1, 0 } };
            for (int k = 0; k < 4; k++) /* neighbours turn in different ways */
                memcpy(xy + 2 * k,
                       net[r + corner[(r + c) % 2 ? k : 3 - k][0]]
                          [c + corner[(r + c) % 2 ? k : 3 - k][1]],
                       2 * sizeof *xy);
            struct cao_polygon p = { xy, &end, 1 };
            weights_of(&p, &w, one);
            for (int i = 0; i < SIDE * SIDE; i++)
                sum[i] += one[i];
        }
    for (int i = 0; i < SIDE * SIDE; i++)
        assert_true(fabs(sum[i] - 1) < 1e-12);
}

/* Coastlines with thousands of vertices, against GEOS's area. */
static void hard_polygons_keep_their_area(void **state)
{
    (void)state;
    NEED_DATA("polygons_zonal/exactextract_wkt");
    static const char *const names[] = { "russia.wkt", "regression6.wkt", "antarctica.wkt" };
    for (size_t f = 0; f < 3; f++) {
        char item[200], *text;
        size_t size, n = 0;
        struct cao_error err = { 0 };
        snprintf(item, sizeof item, "polygons_zonal/exactextract_wkt/%s", names[f]);
        assert_ok(cao_file_read(test_data(item), 1 << 24, &text, &size, &err));
        char *at = text + (text[0] == '"'); /* the files hold a quoted text */
        OGRGeometryH g = NULL;
        assert_int_equal(OGR_G_CreateFromWkt(&at, NULL, &g), OGRERR_NONE);
        OGREnvelope e;
        OGR_G_GetEnvelope(g, &e);
        double scale = 200 / fmax(e.MaxX - e.MinX, e.MaxY - e.MinY);
        double *xy = malloc(200000 * 2 * sizeof *xy);
        size_t *end = malloc(20000 * sizeof *end), rings = 0;
        bool multi = OGR_GT_Flatten(OGR_G_GetGeometryType(g)) == wkbMultiPolygon;
        int parts = multi ? OGR_G_GetGeometryCount(g) : 1;
        for (int p = 0; p < parts; p++) {
            OGRGeometryH part = multi ? OGR_G_GetGeometryRef(g, p) : g;
            for (int r = 0; r < OGR_G_GetGeometryCount(part); r++) {
                OGRGeometryH ring = OGR_G_GetGeometryRef(part, r);
                int m = OGR_G_GetPointCount(ring) - 1;
                double twice = 0;
                for (int i = 0; i < m; i++)
                    twice += OGR_G_GetX(ring, i) * OGR_G_GetY(ring, i + 1) -
                             OGR_G_GetX(ring, i + 1) * OGR_G_GetY(ring, i);
                for (int i = 0; i < m; i++) { /* shells one way, holes the other */
                    int k = (twice > 0) == (r == 0) ? i : m - 1 - i;
                    xy[2 * n] = (OGR_G_GetX(ring, k) - e.MinX) * scale;
                    xy[2 * n++ + 1] = (e.MaxY - OGR_G_GetY(ring, k)) * scale;
                }
                end[rings++] = n;
            }
        }
        struct cao_polygon p = { xy, end, rings };
        struct cao_window w = { 0, 0, 201, 201 };
        double *weights = malloc(201 * 201 * sizeof *weights), sum = 0;
        weights_of(&p, &w, weights);
        for (int i = 0; i < 201 * 201; i++)
            sum += weights[i];
        double area = OGR_G_Area(g) * scale * scale;
        assert_true(fabs(sum / area - 1) < 1e-9);
        assert_true(fabs(cao_polygon_area(&p) / area - 1) < 1e-9);
        OGR_G_DestroyGeometry(g);
        free(weights);
        free(end);
        free(xy);
        free(text);
    }
}

/* sen2r crops its images of Barbellino to the dam: 8 x 26 pixels, (580620, 5101790) to (580700, 5102050). */
static void a_published_crop_is_the_window_of_the_polygon(void **state)
{
    (void)state;
    NEED_DATA("s2_l2a_barbellino/vector/dam.geojson");
    const double x0 = 580560, y0 = 5102120, res = 10; /* of the images, 24 x 42 */
    char *text, *at;
    size_t size, n = 0;
    double xy[64];
    struct cao_error err = { 0 };
    assert_ok(cao_file_read(test_data("s2_l2a_barbellino/vector/dam.geojson"), 1 << 20, &text,
                            &size, &err));
    at = strstr(text, "\"coordinates\"");
    assert_non_null(at);
    while ((at = strpbrk(at, "0123456789")) != NULL && n < 64) {
        xy[n] = strtod(at, &at);
        xy[n] = n % 2 == 0 ? (xy[n] - x0) / res : (y0 - xy[n]) / res;
        n++;
    }
    assert_int_equal(n, 20);
    size_t end = n / 2;
    struct cao_polygon p = { xy, &end, 1 };
    struct cao_window image = { 0, 0, 24, 42 }, got = cao_cover_window(&p, &image);
    assert_int_equal(got.cols, 8);
    assert_int_equal(got.rows, 26);
    assert_true(x0 + got.col * res == 580620 && y0 - got.row * res == 5102050);
    double weights[24 * 42];
    weights_of(&p, &image,
               weights); /* and no cell beyond it has a share, each of its rows and columns one */
    bool col_seen[24] = { false }, row_seen[42] = { false };
    for (int i = 0; i < 24 * 42; i++)
        if (weights[i] > 0)
            col_seen[i % 24] = row_seen[i / 24] = true;
    for (int c = 0; c < 24; c++)
        assert_true(col_seen[c] == (c >= 6 && c < 14));
    for (int r = 0; r < 42; r++)
        assert_true(row_seen[r] == (r >= 7 && r < 33));
    free(text);
}

/* Two squares of which the second lies half on the first: the cells under both count once. */
/* A comb with far more teeth than columns: rows of thousands of crossings, sorted by digits. */
static void rows_of_many_crossings_keep_their_area(void **state)
{
    (void)state;
    enum { TEETH = 3000, WIDE = 700, HIGH = 9 };
    double *xy = malloc((2 * TEETH + 2) * 2 * sizeof *xy), weights[WIDE * HIGH], sum = 0;
    size_t n = 0;
    for (int k = 0; k < TEETH; k++) {
        double left = (double)WIDE * k / TEETH;
        xy[2 * n] = left;
        xy[2 * n++ + 1] = 1;
        xy[2 * n] = left + 0.5 * WIDE / TEETH + (k * 37 % 101) * 0.3; /* leaning to the right */
        xy[2 * n++ + 1] = 8.25;
    }
    xy[2 * n] = WIDE;
    xy[2 * n++ + 1] = 0.5;
    xy[2 * n] = 0;
    xy[2 * n++ + 1] = 0.5;
    struct cao_polygon p = { xy, &n, 1 };
    struct cao_window w = { 0, 0, WIDE, HIGH };
    weights_of(&p, &w, weights);
    /* the first row is a bar of half a cell's height; below it, each column's share only shrinks in
     * sum from row to row, since teeth taper */
    double row_sum[HIGH] = { 0 };
    for (int i = 0; i < WIDE * HIGH; i++) {
        row_sum[i / WIDE] += weights[i];
        sum += weights[i];
    }
    assert_true(fabs(row_sum[0] - WIDE * 0.5) < 1e-6);
    for (int r = 2; r < HIGH; r++)
        assert_true(row_sum[r] < row_sum[r - 1]);
    assert_true(sum > 0);
    double parts[WIDE * HIGH];
    for (int32_t col = 0; col < WIDE;
         col += 233) { /* windows with fewer crossings: the same bits */
        struct cao_window part = { col, 0, WIDE - col < 233 ? WIDE - col : 233, HIGH };
        weights_of(&p, &part, parts);
        for (int32_t r = 0; r < HIGH; r++)
            assert_memory_equal(parts + r * part.cols, weights + r * WIDE + col,
                                (size_t)part.cols * sizeof *parts);
    }
    free(xy);
}

/* Of stars with a hole, in windows all around them: sure is what has a share, and what has two hundredths of a
 * cell is sure. */
static void what_is_surely_covered_is(void **state)
{
    (void)state;
    enum { CORNERS = 9, TRIALS = 4000 };
    uint64_t seed = 77;
    int n_sure = 0, n_bare = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
        double xy[4 * CORNERS], weights[SIDE * SIDE], sum = 0;
        size_t ends[2] = { CORNERS, 2 * CORNERS };
        for (int i = 0; i < CORNERS; i++) {
            double a = 6.28318530717958 * i / CORNERS, r = 6 + 5 * uniform(&seed);
            xy[2 * i] = SIDE / 2.0 + r * cos(a);
            xy[2 * i + 1] = SIDE / 2.0 + r * sin(a);
            xy[2 * (CORNERS + i)] = SIDE / 2.0 + 4 * cos(-a);
            xy[2 * (CORNERS + i) + 1] = SIDE / 2.0 + 4 * sin(-a);
        }
        if (trial % 3 == 0) /* level and upright edges on the cells' borders */
            for (int i = 0; i < 4 * CORNERS; i++)
                xy[i] = rint(xy[i]);
        struct cao_polygon p = { xy, ends, trial % 2 ? 2 : 1 };
        struct cao_window w = { (int32_t)(uniform(&seed) * SIDE), (int32_t)(uniform(&seed) * SIDE),
                                1 + (int32_t)(uniform(&seed) * 5),
                                1 + (int32_t)(uniform(&seed) * 5) };
        weights_of(&p, &w, weights);
        for (int i = 0; i < w.cols * w.rows; i++)
            sum += weights[i];
        bool sure = cao_cover_is_sure(&p, &w);
        if (sure)
            assert_true(sum > 0.009);
        else
            assert_true(sum < 0.02);
        n_sure += sure;
        n_bare += sum == 0;
    }
    assert_true(n_sure > TRIALS / 10 && n_bare > TRIALS / 10);
}

static bool contains(const double *xy, size_t n, double x, double y)
{
    bool in = false;
    for (size_t i = 0, k = n - 1; i < n; k = i++)
        if ((xy[2 * i + 1] > y) != (xy[2 * k + 1] > y) &&
            x < (xy[2 * k] - xy[2 * i]) * (y - xy[2 * i + 1]) / (xy[2 * k + 1] - xy[2 * i + 1]) +
                    xy[2 * i])
            in = !in;
    return in;
}

static size_t centers_of(const struct cao_polygon *p, const struct cao_window *w, int *marks)
{
    struct cao_cover_need need = cao_cover_centers_need(p, w);
    struct cao_span *spans = malloc(need.spans * sizeof *spans);
    void *scratch = aligned_alloc(64, (need.scratch_bytes + 64) / 64 * 64);
    size_t n = cao_cover_centers(p, w, scratch, spans), cells = 0;
    assert_true(n <= need.spans);
    assert_shape_same(p, w, true, spans, n);
    for (size_t i = 0; i < n; i++)
        for (int32_t k = 0; k < spans[i].n; k++, cells++) {
            assert_true(spans[i].weight == 1);
            marks[(spans[i].row - w->row) * w->cols + spans[i].col - w->col + k]++;
        }
    free(spans);
    free(scratch);
    return cells;
}

static void centres_inside_are_whole_cells(void **state)
{
    (void)state;
    uint64_t seed = 21;
    for (int trial = 0; trial < 300; trial++) {
        enum { CORNERS = 11 };
        double xy[2 * CORNERS];
        size_t end = CORNERS;
        for (int i = 0; i < CORNERS; i++) {
            double a = 6.28318530717958 * i / CORNERS, r = 2 + 14 * uniform(&seed);
            xy[2 * i] = SIDE / 2.0 + r * cos(a) + 3 * uniform(&seed);
            xy[2 * i + 1] = SIDE / 2.0 + r * sin(a);
        }
        struct cao_polygon p = { xy, &end, 1 };
        struct cao_window w = { 3, 2, SIDE - 6, SIDE - 5 };
        int marks[SIDE * SIDE] = { 0 };
        centers_of(&p, &w, marks);
        for (int r = 0; r < w.rows; r++)
            for (int c = 0; c < w.cols; c++)
                assert_int_equal(marks[r * w.cols + c],
                                 contains(xy, CORNERS, w.col + c + 0.5, w.row + r + 0.5));
    }
    /* two halves whose border runs through centres share them without gap or overlap */
    static const double left[] = { 0, 0, 2.5, 0, 2.5, 6, 0, 6 },
                        right[] = { 2.5, 0, 6, 0, 6, 6, 2.5, 6 },
                        upper[] = { 0, 0, 6, 0, 6, 2.5, 0, 2.5 },
                        lower[] = { 0, 2.5, 6, 2.5, 6, 6, 0, 6 };
    static const double *const halves[2][2] = { { left, right }, { upper, lower } };
    size_t end = 4;
    for (int k = 0; k < 2; k++) {
        int marks[36] = { 0 };
        struct cao_window w = { 0, 0, 6, 6 };
        for (int h = 0; h < 2; h++) {
            struct cao_polygon p = { halves[k][h], &end, 1 };
            centers_of(&p, &w, marks);
        }
        for (int i = 0; i < 36; i++)
            assert_int_equal(marks[i], 1);
    }
}

static void ground_under_two_parts_counts_once(void **state)
{
    (void)state;
    static const double xy[] = { 0, 0, 2, 0, 2, 2, 0, 2, 1, 0, 3, 0, 3, 2, 1, 2 };
    static const size_t ends[] = { 4, 8 };
    struct cao_polygon p = { xy, ends, 2 };
    struct cao_window w = { 0, 0, 3, 3 };
    double got[9];
    weights_of(&p, &w, got);
    for (int i = 0; i < 9; i++)
        assert_true(got[i] == (i < 6 ? 1 : 0));
}

/* Long borders are walked in groups of edges, of which a window passes over those it does not need:
 * a ring of 3,000 points with two holes, in windows left, right, above, below and within. */
static void long_borders_give_the_same_bits_in_any_window(void **state)
{
    (void)state;
    enum { POINTS = 1000, ACROSS = 64 };
    uint64_t seed = 33;
    double *xy = malloc(6 * POINTS * sizeof *xy);
    static const double middle[3][3] = { { 32, 32, 29 }, { 22, 30, 6 }, { 43, 35, 7 } };
    size_t ends[3];
    for (int ring = 0; ring < 3; ring++) {
        for (int i = 0; i < POINTS; i++) {
            int turn = ring ? POINTS - 1 - i : i; /* holes the other way */
            double a = 6.28318530717958 * turn / POINTS,
                   r = middle[ring][2] * (0.8 + 0.2 * uniform(&seed));
            double *at = xy + 2 * (ring * POINTS + i);
            at[0] = middle[ring][0] + r * cos(a);
            at[1] = middle[ring][1] + r * sin(a);
        }
        ends[ring] = (size_t)(ring + 1) * POINTS;
    }
    struct cao_polygon p = { xy, ends, 3 };
    struct cao_window whole = { 0, 0, ACROSS, ACROSS };
    double *all = malloc(ACROSS * ACROSS * sizeof *all), part[ACROSS * ACROSS], sum = 0;
    int marks[ACROSS * ACROSS];
    weights_of(&p, &whole, all);
    for (int i = 0; i < ACROSS * ACROSS; i++)
        sum += all[i];
    assert_true(fabs(sum - cao_polygon_area(&p)) < 1e-6);
    for (int trial = 0; trial < 60; trial++) {
        int32_t c = (int32_t)(60 * uniform(&seed)), r = (int32_t)(60 * uniform(&seed));
        struct cao_window w = { c, r, 1 + (int32_t)(uniform(&seed) * (ACROSS - c)),
                                1 + (int32_t)(uniform(&seed) * (ACROSS - r)) };
        weights_of(&p, &w, part);
        for (int32_t y = 0; y < w.rows; y++)
            assert_memory_equal(part + y * w.cols, all + (w.row + y) * ACROSS + w.col,
                                (size_t)w.cols * sizeof *part);
        centers_of(&p, &w, marks);
    }
    free(xy);
    free(all);
}

/* 2^-41 of a cell is the least that the sums can count. */
static void a_share_that_is_no_area_is_left_out(void **state)
{
    (void)state;
    static const size_t four[] = { 4 };
    struct cao_window w = { 0, 0, 2, 1 };
    double got[2];
    for (int bits = 20; bits <= 21; bits++) {
        double d = ldexp(1, -bits); /* a square of d x d in the second cell: d^2 of it */
        const double xy[] = { 0, 0, 1, 0, 1, d, 0, d },
                     corner[] = { 1, 0, 1 + d, 0, 1 + d, d, 1, d };
        struct cao_polygon p = { xy, four, 1 }, q = { corner, four, 1 };
        weights_of(&p, &w, got);
        assert_true(got[0] == d && got[1] == 0);
        weights_of(&q, &w, got);
        assert_true(got[0] == 0 && got[1] == (bits == 20 ? d * d : 0));
    }
}

/* Windows that begin before the grid's first row and column are windows like others. */
static void a_window_before_the_grid_is_no_trap(void **state)
{
    (void)state;
    static const double xy[] = { -3.5, -2.5, 1.5, -2.5, 1.5, 0.5, -3.5, 0.5 };
    static const size_t four[] = { 4 };
    struct cao_polygon p = { xy, four, 1 };
    struct cao_window w = { -5, -4, 8, 6 };
    double got[48], sum = 0;
    weights_of(&p, &w, got);
    for (int i = 0; i < 48; i++)
        sum += got[i];
    assert_true(sum == 15 && got[8 + 1] == 0.25 && got[2 * 8 + 1] == 0.5 && got[2 * 8 + 2] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_polygons_cover_what_is_drawn),
        cmocka_unit_test(rows_of_many_crossings_keep_their_area),
        cmocka_unit_test(what_is_surely_covered_is),
        cmocka_unit_test(centres_inside_are_whole_cells),
        cmocka_unit_test(ground_under_two_parts_counts_once),
        cmocka_unit_test(long_borders_give_the_same_bits_in_any_window),
        cmocka_unit_test(a_share_that_is_no_area_is_left_out),
        cmocka_unit_test(a_window_before_the_grid_is_no_trap),
        cmocka_unit_test(random_stars_agree_with_clipping_each_cell),
        cmocka_unit_test(direction_start_and_place_change_no_bit),
        cmocka_unit_test(any_window_gives_the_same_bits),
        cmocka_unit_test(a_mosaic_adds_up_to_one_in_every_cell),
        cmocka_unit_test(hard_polygons_keep_their_area),
        cmocka_unit_test(a_published_crop_is_the_window_of_the_polygon),
    };
    return cmocka_run_group_tests_name("cover", tests, NULL, NULL) != 0;
}
