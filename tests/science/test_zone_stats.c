/* SPDX-License-Identifier: MIT
 * Statistics of zones against plain loops in long double, hand-worked cases, and their merging. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/zone_stats.h"

enum { COLS = 700, ROWS = 24, ALL = 7 };

static double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) * 0x1p-53;
}

/* A made zone: spans of whole cells between cut ones, values of a given kind, weights. */
struct made {
    struct cao_window w;
    float v32[ROWS * COLS];
    double v64[ROWS * COLS], weights[ROWS * COLS], row_areas[ROWS];
    struct cao_span spans[ROWS * 8];
    size_t n_spans;
};

enum kind { NDVI, HEIGHT, COUNTS, CLASSES, WILD, CONSTANT, N_KINDS };

static double made_value(enum kind k, uint64_t *seed)
{
    double u = uniform(seed);
    switch (k) {
    case NDVI:
        return 1.2 * u - 0.2;
    case HEIGHT:
        return 4500 + 20 * u;
    case COUNTS:
        return floor(u * 65536) - 32768;
    case CLASSES:
        return floor(u * u * 6);
    case WILD:
        return (u - 0.5) * ldexp(1, (int)(uniform(seed) * 200) - 100);
    default:
        return (double)0.1f;
    }
}

static struct made *make(enum kind kind, uint64_t seed)
{
    struct made *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->w = (struct cao_window){ 100, 50, COLS, ROWS };
    for (size_t i = 0; i < ROWS * COLS; i++) {
        m->v32[i] = uniform(&seed) < 0.1 ? NAN : (float)made_value(kind, &seed);
        m->v64[i] = (double)m->v32[i];
        m->weights[i] = uniform(&seed) < 0.05 ? (double)NAN : (double)(float)(uniform(&seed) * 900);
    }
    for (int32_t r = 0; r < ROWS; r++) {
        m->row_areas[r] = 100 + r;
        for (int32_t k = 0; k < 2; k++) {
            int32_t col = k * 350 + (int32_t)(uniform(&seed) * 50),
                    run = 1 + (int32_t)(uniform(&seed) * 290);
            m->spans[m->n_spans++] =
                (struct cao_span){ r + 50, col + 100, 1,
                                   ldexp(floor(uniform(&seed) * 255) + 1, -8) };
            m->spans[m->n_spans++] = (struct cao_span){ r + 50, col + 101, run, 1 };
            m->spans[m->n_spans++] =
                (struct cao_span){ r + 50, col + 101 + run, 3, 0.01 + 0.98 * uniform(&seed) };
        }
    }
    return m;
}

static struct cao_zone_field field_of(const struct made *m, bool wide)
{
    return (struct cao_zone_field){ &m->w, wide ? NULL : m->v32, wide ? m->v64 : NULL, m->weights,
                                    m->row_areas };
}

static void assert_close(double got, long double want, double relative)
{
    if (!(fabsl((long double)got - want) <= (long double)relative * fabsl(want) + 1e-300L))
        fail_msg("got %.17g, not %.17Lg", got, want);
}

/* The same by a plain loop over cells, twice for the variance. */
struct plain {
    long double area, valid, sum, mean, variance, weight, w_sum, w_mean, w_variance, area_m2;
    double min, max;
};

static struct plain loop(const struct made *m)
{
    struct plain p = { .min = HUGE_VAL, .max = -HUGE_VAL };
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < m->n_spans; i++)
            for (int32_t c = 0; c < m->spans[i].n; c++) {
                const struct cao_span *s = &m->spans[i];
                size_t at = (size_t)(s->row - m->w.row) * COLS + (size_t)(s->col - m->w.col + c);
                long double k = rintl((long double)s->weight * 0x1p40L) * 0x1p-40L;
                long double x = (long double)m->v64[at], w = k * (long double)m->weights[at];
                if (pass == 0) {
                    p.area += k;
                    p.area_m2 += k * (long double)m->row_areas[s->row - m->w.row];
                }
                if (isnan(m->v64[at]))
                    continue;
                if (pass == 1) {
                    p.variance += k * (x - p.mean) * (x - p.mean);
                    p.w_variance += isnan(m->weights[at]) ? 0 : w * (x - p.w_mean) * (x - p.w_mean);
                    continue;
                }
                p.valid += k;
                p.sum += k * x;
                p.min = fmin(p.min, m->v64[at]);
                p.max = fmax(p.max, m->v64[at]);
                if (!isnan(m->weights[at])) {
                    p.weight += w;
                    p.w_sum += w * x;
                }
            }
        p.mean = p.sum / p.valid;
        p.w_mean = p.w_sum / p.weight;
    }
    p.variance /= p.valid;
    p.w_variance /= p.weight;
    return p;
}

static void sums_agree_with_a_plain_loop(void **state)
{
    (void)state;
    for (int kind = 0; kind < N_KINDS; kind++)
        for (int wide = 0; wide < 2; wide++) {
            struct made *m = make((enum kind)kind, 11 + (uint64_t)kind);
            struct cao_zone_record z = { 0 };
            struct cao_zone_weighted zw = { 0 };
            struct cao_zone_field f = field_of(m, wide);
            cao_zone_record_add(&z, &zw, ALL, m->spans, m->n_spans, &f);
            struct plain p = loop(m);
            /* a sum that cancels is as good as its largest terms, in the plain loop */
            double loose = kind == WILD ? 1e-9 : 1e-12;
            assert_close(ldexp((double)z.area, -40), p.area, 1e-15);
            assert_close(ldexp((double)z.valid, -40), p.valid, 1e-15);
            assert_close(ldexp((double)z.area_m2, -56), p.area_m2, 1e-14);
            assert_true(z.min == p.min && z.max == p.max);
            assert_close(cao_moments_sum(&z.moments), p.sum, loose);
            assert_close(cao_moments_weight(&z.moments), p.valid, 1e-15);
            assert_close(cao_moments_variance(&z.moments), p.variance,
                         kind == CONSTANT ? 1 : loose);
            assert_close(cao_moments_weight(&zw.moments), p.weight, 1e-11);
            assert_close(cao_moments_sum(&zw.moments), p.w_sum, kind == WILD ? 1e-6 : 1e-11);
            assert_close(cao_moments_variance(&zw.moments), p.w_variance,
                         kind == CONSTANT ? 1 : 1e-9);
            if (kind == CONSTANT)
                assert_true(cao_moments_variance(&z.moments) == 0);
            free(m);
        }
}

static void settle(struct cao_zone_record *z, struct cao_zone_weighted *w)
{
    cao_moments_settle(&z->moments);
    cao_moments_settle(&w->moments);
}

static void any_cut_and_any_order_give_the_same_bits(void **state)
{
    (void)state;
    for (int kind = 0; kind < N_KINDS; kind++)
        for (int wide = 0; wide < 2; wide++) {
            struct made *m = make((enum kind)kind, 77);
            struct cao_zone_field f = field_of(m, wide);
            struct cao_zone_record whole = { 0 }, merged = { 0 };
            struct cao_zone_weighted whole_w = { 0 }, merged_w = { 0 };
            cao_zone_record_add(&whole, &whole_w, ALL, m->spans, m->n_spans, &f);
            settle(&whole, &whole_w);
            uint64_t seed = 5;
            for (size_t i = m->n_spans; i-- > 0;) { /* from the last, each span cut in two */
                int32_t cut = (int32_t)(uniform(&seed) * m->spans[i].n);
                struct cao_span part[2] = { m->spans[i], m->spans[i] };
                part[0].n = cut;
                part[1].col += cut;
                part[1].n -= cut;
                for (int k = 1; k >= 0; k--) {
                    struct cao_zone_record z = { 0 };
                    struct cao_zone_weighted zw = { 0 };
                    cao_zone_record_add(&z, &zw, ALL, &part[k], part[k].n > 0, &f);
                    cao_zone_record_merge(&merged, &z);
                    cao_zone_weighted_merge(&merged_w, &zw);
                }
            }
            settle(&merged, &merged_w);
            assert_memory_equal(&merged.moments, &whole.moments, sizeof whole.moments);
            assert_memory_equal(&merged_w.moments, &whole_w.moments, sizeof whole_w.moments);
            assert_true(merged.area == whole.area && merged.valid == whole.valid);
            assert_true(merged.valid_m2 == whole.valid_m2 && merged_w.valid == whole_w.valid);
            assert_true(merged.min == whole.min && merged.max == whole.max);
            assert_int_equal(merged.n_valid, whole.n_valid);
            free(m);
        }
}

/* Of 1e30, 1, -1e30 a sum in double keeps nothing of the 1. */
static void nothing_is_lost_beside_large_numbers(void **state)
{
    (void)state;
    struct cao_window w = { 0, 0, 40, 1 };
    float v[40] = { 1e30f, 1, -1e30f, 0x1p-149f, -0x1p-149f, 3e38f, -3e38f, 1e-20f, -1e-20f };
    struct cao_span row = { 0, 0, 40, 1 };
    struct cao_zone_field f = { &w, v, NULL, NULL, NULL };
    struct cao_zone_record z = { 0 };
    cao_zone_record_add(&z, NULL, CAO_GATHER_SQUARES, &row, 1, &f);
    assert_true(cao_moments_sum(&z.moments) == 1);
    double d[3] = { 1e30, 1, -1e30 };
    struct cao_zone_record y = { 0 };
    f = (struct cao_zone_field){ &w, NULL, d, NULL, NULL };
    w.cols = row.n = 3;
    cao_zone_record_add(&y, NULL, CAO_GATHER_SQUARES, &row, 1, &f);
    assert_true(cao_moments_sum(&y.moments) == 1);
}

static void what_is_not_finite_is_no_data_and_is_counted(void **state)
{
    (void)state;
    struct cao_window w = { 0, 0, 5, 1 };
    double v[5] = { 1, HUGE_VAL, -HUGE_VAL, (double)NAN, -1.7976931348623157e308 };
    struct cao_span row = { 0, 0, 5, 1 };
    struct cao_zone_field f = { &w, NULL, v, NULL, NULL };
    struct cao_zone_record z = { 0 };
    cao_zone_record_add(&z, NULL, 0, &row, 1, &f);
    assert_int_equal(z.n_beyond, 3);
    assert_int_equal(z.n_valid, 1);
    assert_true(z.max == 1 && z.min == 1);
}

static double ask(const struct cao_zone_view *v, const char *name)
{
    struct cao_zone_ask a = { 0 };
    struct cao_error err = { 0 };
    assert_ok(cao_zone_ask_parse(name, &a, &err));
    return cao_zone_evaluate(&a, v);
}

/* Five cells 1 2 2 5 9 with shares 1, 1/2, 1/4, 1, 1/4: three cells of area.
 * 1 up to 1, 2 up to 1.75, 5 up to 2.75, 9 up to 3. */
static void hand_worked_zone(void **state)
{
    (void)state;
    struct cao_window w = { 0, 0, 6, 1 };
    float v[6] = { 1, 2, 2, 5, 9, NAN };
    double weights[6] = { 2, 0, 4, 1, (double)NAN, 1 };
    double areas[1] = { 100 };
    struct cao_span spans[] = { { 0, 0, 1, 1 }, { 0, 1, 1, 0.5 },  { 0, 2, 1, 0.25 },
                                { 0, 3, 1, 1 }, { 0, 4, 1, 0.25 }, { 0, 5, 1, 1 } };
    struct cao_zone_field f = { &w, v, NULL, weights, areas };
    struct cao_zone_record z = { 0 };
    struct cao_zone_weighted zw = { 0 };
    struct cao_zone_value list[6], scratch[6];
    cao_zone_record_add(&z, &zw, ALL, spans, 6, &f);
    size_t n = cao_zone_values_settle(list, cao_zone_values_gather(spans, 6, &f, list), scratch);
    struct cao_zone_view view = { &z, &zw, list, n, 1, 0, 8, (double)NAN };
    static const struct {
        const char *name;
        double want;
    } cases[] = {
        { "count", 3 },
        { "cells", 5 },
        { "coverage", 4 },
        { "area", 400 },
        { "valid_area", 300 },
        { "missing_share", 0.625 },
        { "sum", 9.75 },
        { "mean", 3.25 },
        { "min", 1 },
        { "max", 9 },
        { "range", 8 },
        { "variance", (1 + 3 + 25 + 20.25) / 3 - 3.25 * 3.25 }, /* 5.854166... */
        { "median", 2 },
        { "p0", 1 },
        { "p100", 9 },
        { "quantile(0.333333)", 1 },
        { "quantile(0.333334)", 2 },
        { "p58", 2 },
        { "p59", 5 },
        { "p95", 9 },
        { "mode", 1 },     /* 1 and 5 have an area of 1 each: the smaller */
        { "minority", 9 }, /* 0.25 */
        { "variety", 4 },
        { "weights", 4 }, /* 2 + 0 + 1 + 1 */
        { "weighted_sum", 2 + 2 + 5 },
        { "weighted_mean", 2.25 },
        { "weighted_variance", (2 + 4 + 25) / 4.0 - 2.25 * 2.25 },
        { "weighted_missing_share", 1 - 2.75 / 8 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_close(ask(&view, cases[i].name), (long double)cases[i].want, 1e-14);
    assert_close(ask(&view, "stdev"), sqrtl(5.854166666666667L), 1e-14);
    assert_close(ask(&view, "cv"), sqrtl(5.854166666666667L) / 3.25L, 1e-14);
    assert_close(cao_zone_fraction(&view, list[1].key), 0.25L, 1e-15);
}

static void scale_and_offset_apply_to_results(void **state)
{
    (void)state;
    struct cao_window w = { 0, 0, 4, 1 };
    float v[4] = { 10, 20, 20, 40 };
    struct cao_span row = { 0, 0, 4, 1 };
    struct cao_zone_field f = { &w, v, NULL, NULL, NULL };
    struct cao_zone_record z = { 0 };
    struct cao_zone_value list[4], scratch[4];
    cao_zone_record_add(&z, NULL, ALL, &row, 1, &f);
    size_t n = cao_zone_values_settle(list, cao_zone_values_gather(&row, 1, &f, list), scratch);
    /* number = 100 - 2 stored: 80 60 60 20 */
    struct cao_zone_view view = { &z, NULL, list, n, -2, 100, 4, (double)NAN };
    assert_true(ask(&view, "sum") == 220 && ask(&view, "mean") == 55);
    assert_true(ask(&view, "min") == 20 && ask(&view, "max") == 80 && ask(&view, "range") == 60);
    assert_true(ask(&view, "median") == 60 && ask(&view, "p25") == 40 && ask(&view, "mode") == 60);
    assert_true(ask(&view, "minority") == 20);
    assert_close(ask(&view, "variance"), 475, 1e-15); /* 625 + 25 + 25 + 1225 over 4 */
}

static void an_empty_zone_has_count_0_and_nothing_else(void **state)
{
    (void)state;
    struct cao_zone_record z = { 0 };
    struct cao_zone_weighted zw = { 0 };
    struct cao_zone_view view = { &z, &zw, NULL, 0, 1, 0, 12, (double)NAN };
    size_t n;
    const struct cao_zone_stat *s = cao_zone_stat_all(&n);
    for (size_t i = 0; i < n; i++) {
        double got = s[i].evaluate(&view, 0.5);
        if (strstr(s[i].name, "missing"))
            assert_true(got == 1);
        else if (s[i].unit[0] == 'c' || s[i].unit[0] == 'm' || s[i].whole ||
                 strcmp(s[i].name, "weights") == 0)
            assert_true(got == 0);
        else
            assert_true(isnan(got));
    }
}

/* Shares in eighths: each cell repeated that often, sorted, and the middle one taken. */
static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void quantiles_are_those_of_cells_repeated_by_their_share(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int trial = 0; trial < 400; trial++) {
        enum { MOST = 120 };
        struct cao_window w = { 0, 0, MOST, 1 };
        int n_cells = 1 + (int)(uniform(&seed) * (MOST - 1)), n_repeated = 0;
        float v[MOST];
        struct cao_span spans[MOST];
        static double repeated[MOST * 8];
        for (int i = 0; i < n_cells; i++) {
            int eighths = 1 + (int)(uniform(&seed) * 8);
            v[i] = (float)(trial % 2 ? floor(uniform(&seed) * 20) - 10 : uniform(&seed) - 0.5);
            spans[i] = (struct cao_span){ 0, i, 1, eighths / 8.0 };
            for (int k = 0; k < eighths; k++)
                repeated[n_repeated++] = (double)v[i];
        }
        qsort(repeated, (size_t)n_repeated, sizeof *repeated, by_value);
        struct cao_zone_field f = { &w, v, NULL, NULL, NULL };
        struct cao_zone_value a[MOST], b[MOST], both[2 * MOST], scratch[MOST];
        size_t cut = (size_t)(uniform(&seed) * n_cells), n = (size_t)n_cells;
        size_t na = cao_zone_values_gather(spans, cut, &f, a);
        size_t nb = cao_zone_values_gather(spans + cut, n - cut, &f, b);
        na = cao_zone_values_settle(a, na, scratch);
        nb = cao_zone_values_settle(b, nb, scratch);
        struct cao_zone_record z = { .n_valid = 1 };
        struct cao_zone_view view = { &z, NULL, both, cao_zone_values_merge(a, na, b, nb, both),
                                      1,  0,    1,    (double)NAN };
        for (int q = 0; q <= 20; q++) {
            char name[24];
            snprintf(name, sizeof name, "quantile(%.2f)", q / 20.0);
            int over = q * n_repeated % 20, at = q * n_repeated / 20;
            double want = at >= n_repeated ? repeated[n_repeated - 1]
                          : over || q == 0 ? repeated[at]
                                           : repeated[at - 1] / 2 + repeated[at] / 2;
            assert_true(ask(&view, name) == want);
        }
    }
}

static void names_are_checked_with_near_matches(void **state)
{
    (void)state;
    struct cao_zone_ask a = { 0 };
    struct cao_error err = { 0 };
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "meen", "did you mean 'mean'?" }, { "majorty", "did you mean 'majority'?" },
        { "p101", "between p0 and p100" },  { "quantile(1.5)", "between 0 and 1" },
        { "quantile", "which quantile?" },  { "zzzzzz", "there are: count, cells" },
        { "p9x", "no statistic 'p9x'" },    { "", "no statistic ''" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(cao_zone_ask_parse(bad[i].text, &a, &err), CAO_EARG);
        if (!strstr(err.text, bad[i].says))
            fail_msg("'%s' said: %s", bad[i].text, err.text);
    }
    assert_ok(cao_zone_ask_parse("p97.5", &a, &err));
    assert_string_equal(a.name, "p97_5");
    assert_ok(cao_zone_ask_parse("quantile(0.05)", &a, &err));
    assert_string_equal(a.name, "p05");
    assert_ok(cao_zone_ask_parse("majority", &a, &err));
    assert_string_equal(a.name, "mode");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_agree_with_a_plain_loop),
        cmocka_unit_test(any_cut_and_any_order_give_the_same_bits),
        cmocka_unit_test(nothing_is_lost_beside_large_numbers),
        cmocka_unit_test(what_is_not_finite_is_no_data_and_is_counted),
        cmocka_unit_test(hand_worked_zone),
        cmocka_unit_test(scale_and_offset_apply_to_results),
        cmocka_unit_test(an_empty_zone_has_count_0_and_nothing_else),
        cmocka_unit_test(quantiles_are_those_of_cells_repeated_by_their_share),
        cmocka_unit_test(names_are_checked_with_near_matches),
    };
    return cmocka_run_group_tests_name("zone_stats", tests, NULL, NULL);
}
