/* SPDX-License-Identifier: MIT
 * Yield equations: values, derivatives, and the parts from which the error is reckoned. */
#include <math.h>
#include <string.h>

#include "support/support.h"

#include "caochu/yield.h"

static const struct cao_yield_model forms[] = {
    { .id = "lin", .form = CAO_YIELD_LINEAR, .a = -100, .b = 3000, .x_min = 0.05, .x_max = 0.9 },
    { .id = "Q1",
      .form = CAO_YIELD_QUADRATIC,
      .a = 2333.9,
      .b = -5800.9,
      .c = 10332,
      .x_min = 0.281,
      .x_max = 1 },
    { .id = "Q5", .form = CAO_YIELD_EXPONENTIAL, .a = 391.34, .b = 2.92, .x_max = 1 },
    { .id = "Q2", .form = CAO_YIELD_POWER, .a = 3261.3, .b = 1.4281, .x_min = 0.01, .x_max = 1 },
    { .id = "log",
      .form = CAO_YIELD_LOGARITHMIC,
      .a = 3000,
      .b = 900,
      .x_min = 0.1,
      .x_max = 0.9,
      .hay_ratio = 3.2 },
};
enum { N_FORMS = sizeof forms / sizeof forms[0] };

/* Domain figures of the worked pasture: Q5 gives 2,256.5 at NDVI 0.60, Q10 1,967.2. */
static void published_equations_give_published_yields(void **state)
{
    (void)state;
    const struct cao_yield_model q10 = {
        .form = CAO_YIELD_EXPONENTIAL, .a = 191.78, .b = 3.88, .x_max = 1
    };
    assert_true(fabs(cao_yield_at(&forms[2], 0.6) - 2256.5) < 0.05);
    assert_true(fabs(cao_yield_at(&q10, 0.6) - 1967.2) < 0.05);
    /* hay by its equation, as fresh: 3.2 (3000 + 900 ln 0.5) */
    assert_true(fabs(cao_yield_at(&forms[4], 0.5) - 3.2 * (3000 + 900 * log(0.5))) < 1e-9);
}

static double moved(struct cao_yield_model m, int term, double x, double by)
{
    double *const terms[] = { &m.a, &m.b, &m.c };
    *terms[term] += by;
    return cao_yield_at(&m, x);
}

static void slopes_are_the_derivatives(void **state)
{
    (void)state;
    static const double at[] = { 0.0, 0.2, 0.3, 0.55, 0.7, 0.95, 1.2 };
    for (size_t k = 0; k < N_FORMS; k++)
        for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
            const struct cao_yield_model *m = &forms[k];
            double slope[CAO_YIELD_TERMS];
            double y = cao_yield_slope(m, at[i], slope);
            assert_true(y == cao_yield_at(m, at[i]));
            for (int t = 0; t < CAO_YIELD_TERMS; t++) {
                double h = 1e-4;
                double want = (moved(*m, t, at[i], h) - moved(*m, t, at[i], -h)) / (2 * h);
                want = y > 0 && t < (int)cao_yield_n_terms(m->form) ? want : 0;
                assert_true(fabs(slope[t] - want) < 1e-4 * (1 + fabs(want)));
            }
        }
    double none[CAO_YIELD_TERMS];
    assert_true(isnan(cao_yield_slope(&forms[0], (double)NAN, none)) && isnan(none[1]));
}

static void parts_add_up_to_the_yield_and_tell_what_lies_outside(void **state)
{
    (void)state;
    enum { N = 8 };
    static const float vi[N] = { NAN, 0.05f, 0.2f, 0.282f, 0.5f, 0.9f, 1.0f, 1.1f };
    static const float outside[N] = { NAN, 0, 1, 0, 0, 0, 0, 1 };
    float fresh[N], plain[N], out[N], a[N], b[N], slopes[6][N];
    const struct cao_yield_model two[2] = { forms[1], forms[2] };
    const struct cao_yield_rule rule = { two, 2, 0.1 };
    float *value[] = { a, b };
    float *slope[2][CAO_YIELD_TERMS] = { { slopes[0], slopes[1], slopes[2] },
                                         { slopes[3], slopes[4], slopes[5] } };
    struct cao_yield_parts parts = { out, value, slope };
    uint64_t n_outside = 0;
    cao_yield_fresh(&rule, vi, plain, &n_outside, N);
    cao_yield_fresh_parts(&rule, vi, fresh, &parts, N);
    assert_int_equal(n_outside, 2);
    assert_memory_equal(fresh, plain, sizeof fresh);
    for (int i = 0; i < N; i++) {
        assert_true(isnan(outside[i]) ? isnan(out[i]) : out[i] == outside[i]);
        if (isnan(vi[i])) {
            assert_true(isnan(a[i]) && isnan(slopes[4][i]));
            continue;
        }
        bool bare = vi[i] < 0.1f; /* no sward: nothing of it depends on the equation */
        assert_true(a[i] == (bare ? 0 : (float)cao_yield_at(&two[0], (double)vi[i])));
        assert_true(b[i] == (bare ? 0 : (float)cao_yield_at(&two[1], (double)vi[i])));
        double want[CAO_YIELD_TERMS];
        cao_yield_slope(&two[1], (double)vi[i], want);
        for (int t = 0; t < CAO_YIELD_TERMS; t++)
            assert_true(slopes[3 + t][i] == (bare ? 0 : (float)want[t]));
    }
    struct cao_yield_parts none = { 0 };
    cao_yield_fresh_parts(&rule, vi, fresh, &none, N);
    assert_memory_equal(fresh, plain, sizeof fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_equations_give_published_yields),
        cmocka_unit_test(slopes_are_the_derivatives),
        cmocka_unit_test(parts_add_up_to_the_yield_and_tell_what_lies_outside),
    };
    return cmocka_run_group_tests_name("yield", tests, NULL, NULL);
}
