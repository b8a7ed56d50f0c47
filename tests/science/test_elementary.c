/* SPDX-License-Identifier: MIT
 * The oracle is the C library in double precision, rounded once. */
#include <math.h>
#include <stdlib.h>

#include "support/support.h"

#include "caochu/elementary.h"

enum { N = 1 << 14 };

/* Distance in units of the last place of the right float. */
static double off_by(float got, double want)
{
    float right = (float)want;
    if (isnan(want))
        return isnan(got) ? 0 : HUGE_VAL;
    if (isinf(right) || right == 0)
        return got == right ? 0 : HUGE_VAL;
    float size = fabsf(right), step = nextafterf(size, INFINITY) - size;
    return fabs((double)got - want) / (double)step;
}

static void functions_are_right_to_half_a_unit_in_the_last_place(void **state)
{
    (void)state;
    static const struct {
        void (*ours)(const float *restrict, float *restrict, size_t);
        double (*libm)(double);
        float from, to;
    } rows[] = {
        { cao_exp, exp, -104, 89 },   { cao_exp, exp, -1, 1 },        { cao_ln, log, 0, 3 },
        { cao_ln, log, 0.9f, 1.1f },  { cao_ln, log, 0, 3e38f },      { cao_ln, log, 0, 1e-37f },
        { cao_log10, log10, 0, 100 }, { cao_tanh, tanh, -3, 3 },      { cao_tanh, tanh, -25, 25 },
        { cao_tanh, tanh, 0, 0.01f }, { cao_tanh, tanh, 0, 1.0e-9f },
    };
    static float x[N], y[N];
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        for (int i = 0; i < N; i++)
            x[i] = rows[r].from + (rows[r].to - rows[r].from) * ((float)i / (float)N);
        rows[r].ours(x, y, N);
        for (int i = 0; i < N; i++) {
            double off = off_by(y[i], rows[r].libm((double)x[i]));
            if (off > 0.51)
                fail_msg("row %zu: f(%.9g) = %.9g is off by %g", r, (double)x[i], (double)y[i],
                         off);
        }
    }
}

static void powers_are_those_of_c_but_for_no_data(void **state)
{
    (void)state;
    static float base[N], exponent[N], y[N];
    unsigned seed = 7;
    for (int i = 0; i < N; i++) {
        seed = seed * 1664525u + 1013904223u;
        base[i] = (float)((int)(seed >> 16) % 3000 - 1000) / 500.0f;
        seed = seed * 1664525u + 1013904223u;
        exponent[i] = i % 3 ? (float)((int)(seed >> 16) % 2001 - 1000) / 100.0f
                            : (float)((int)(seed >> 16) % 11 - 5);
    }
    cao_power(base, exponent, y, N);
    for (int i = 0; i < N; i++) {
        double want = pow((double)base[i], (double)exponent[i]);
        if (isinf(want))
            assert_true(isinf(y[i]));
        else if (off_by(y[i], want) > 0.51)
            fail_msg("%g^%g = %.9g, not %.9g", (double)base[i], (double)exponent[i], (double)y[i],
                     want);
    }
    const float odd_base[] = { NAN, 1, 0, 0, -2, -2, 2, -1, 0.5f };
    const float odd_exponent[] = { 0, NAN, 0, 2, 3, 0.5f, 200, 16777215, -3 };
    const float want[] = { NAN, NAN, 1, 0, -8, NAN, INFINITY, -1, 8 };
    float got[9];
    cao_power(odd_base, odd_exponent, got, 9);
    for (int i = 0; i < 9; i++)
        assert_true(isnan(want[i]) ? isnan(got[i]) : got[i] == want[i]);
}

static void edges_are_as_the_header_says(void **state)
{
    (void)state;
    const float x[] = { NAN, INFINITY, -INFINITY, 0, 89, -104, -1 };
    const float e[] = { NAN, INFINITY, 0, 1, INFINITY, 0, 0.36787945f };
    const float l[] = { NAN, INFINITY, NAN, -INFINITY, 4.48863637f, NAN, NAN };
    const float t[] = { NAN, 1, -1, 0, 1, -1, -0.76159416f };
    float y[7];
    cao_exp(x, y, 7);
    for (int i = 0; i < 7; i++)
        assert_true(isnan(e[i]) ? isnan(y[i]) : y[i] == e[i]);
    cao_ln(x, y, 7);
    for (int i = 0; i < 7; i++)
        assert_true(isnan(l[i]) ? isnan(y[i]) : y[i] == l[i]);
    cao_tanh(x, y, 7);
    for (int i = 0; i < 7; i++)
        assert_true(isnan(t[i]) ? isnan(y[i]) : y[i] == t[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_are_right_to_half_a_unit_in_the_last_place),
        cmocka_unit_test(powers_are_those_of_c_but_for_no_data),
        cmocka_unit_test(edges_are_as_the_header_says),
    };
    return cmocka_run_group_tests_name("elementary", tests, NULL, NULL) != 0;
}
