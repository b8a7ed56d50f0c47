/* SPDX-License-Identifier: MIT
 * Fits against those of SciPy (testdata/vectors/fit.txt), lines worked by hand, and known truths. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/fit.h"
#include "caochu/uncertainty.h"

enum { MOST = 400 };
static double work[7 * MOST + 16];

static void near(double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("%.12g, not %.12g", got, want);
}

/* What SciPy gives: three terms, R2, RMSE, RMSE and bias of leave-one-out, then the upper triangles of
 * both covariances. */
static void check_fit(const char *form_name, const char *numbers, const double *x, const double *y,
                      size_t n)
{
    enum cao_yield_form form = CAO_YIELD_LINEAR;
    double want[19] = { 0 };
    const char *at = numbers;
    assert_true(cao_yield_form_find(form_name, &form));
    assert_true(n <= MOST && cao_fit_work(n) <= sizeof work / sizeof *work);
    size_t p = cao_yield_n_terms(form), n_want = 7 + p * (p + 1);
    for (size_t i = 0; i < n_want; i++) {
        char *end;
        want[i] = strtod(at, &end);
        assert_true(end != at);
        at = end;
    }
    struct cao_fit f = cao_fit_form(form, x, y, n, 0, work);
    assert_true(f.fitted && (size_t)f.n_terms == p && f.n == (int)n);
    for (size_t i = 0; i < p; i++)
        near(f.term[i], want[i], 2e-7);
    near(f.r2, want[3], 1e-8);
    near(f.rmse, want[4], 1e-8);
    near(f.loo_rmse, want[5], 1e-6);
    near(f.loo_bias, want[6], 2e-4); /* curves end within 1e-8 of each fit, the bias is their sum */
    size_t k = 7 + (f.proportional ? p * (p + 1) / 2 : 0);
    for (size_t i = 0; i < p; i++)
        for (size_t j = i; j < p; j++, k++) {
            near(f.covariance[i][j], want[k], 1e-5);
            assert_true(f.covariance[i][j] == f.covariance[j][i]);
        }
    assert_true(isnan(f.fold_rmse));
    /* as many folds as plots leave one out each */
    f = cao_fit_form(form, x, y, n, n, work);
    near(f.fold_rmse, want[5], 1e-6);
}

static void fits_are_those_of_scipy(void **state)
{
    (void)state;
    double x[MOST], y[MOST];
    size_t n = 0, n_fits = 0;
    char line[600], form[32];
    FILE *file = fopen("testdata/vectors/fit.txt", "r");
    assert_non_null(file);
    while (file && fgets(line, sizeof line, file)) {
        int used = 0;
        if (strncmp(line, "set ", 4) == 0) {
            n = 0;
        } else if (sscanf(line, "point %lf %lf", &x[n], &y[n]) == 2) {
            n++;
            assert_true(n < MOST);
        } else if (sscanf(line, "fit %31s %n", form, &used) == 1) {
            check_fit(form, line + used, x, y, n);
            n_fits++;
        }
    }
    if (file)
        fclose(file);
    assert_int_equal(n_fits, 15);
}

/* x = 0.2 .. 0.6, y = 1, 2, 2, 4, 6 (by hand): slope 12, line -1.8 + 12 x,
 * fitted .6 1.8 3 4.2 5.4; SSE = .16 + .04 + 1 + .04 + .36 = 1.6; SST = 16; R2 = 0.9; s2 = 1.6 / 3;
 * Sxx = 0.1; var b = s2 / 0.1; var a = s2 (1/5 + 0.16/0.1); cov = -s2 0.4 / 0.1. */
static void a_line_comes_out_as_by_hand(void **state)
{
    (void)state;
    static const double x[5] = { 0.2, 0.3, 0.4, 0.5, 0.6 }, y[5] = { 1, 2, 2, 4, 6 };
    struct cao_fit f = cao_fit_form(CAO_YIELD_LINEAR, x, y, 5, 0, work);
    double s2 = 1.6 / 3;
    assert_true(f.fitted && f.rises && !f.why_not);
    near(f.term[0], -1.8, 1e-12);
    near(f.term[1], 12, 1e-12);
    near(f.r2, 0.9, 1e-12);
    near(f.rmse, sqrt(1.6 / 5), 1e-12);
    near(f.sd, sqrt(s2), 1e-12);
    near(f.mean, 3, 1e-12);
    near(f.relative_error, sqrt(1.6 / 5) / 3, 1e-12);
    assert_true(!f.proportional);
    near(f.covariance[1][1], s2 / 0.1, 1e-11);
    near(f.covariance[0][0], s2 * (0.2 + 1.6), 1e-11);
    near(f.covariance[0][1], -s2 * 4, 1e-11);
    /* leave one out of a line is e / (1 - h), h = 1/5 + (x - .4)^2 / .1 */
    static const double e[5] = { 0.4, 0.2, -1, -0.2, 0.6 };
    double sum = 0;
    for (int i = 0; i < 5; i++) {
        double out = e[i] / (1 - 0.2 - (x[i] - 0.4) * (x[i] - 0.4) / 0.1);
        sum += out * out;
    }
    near(f.loo_rmse, sqrt(sum / 5), 1e-11);
    struct cao_yield_model m = cao_fit_model(&f, "L1");
    assert_true(fabs(cao_yield_at(&m, 0.5) - 4.2) < 1e-12 &&
                cao_yield_at(&m, 0.9) == cao_yield_at(&m, 0.6));
    assert_true(m.has_covariance && m.n == 5 && m.relative_error == 0 && strcmp(m.id, "L1") == 0);
}

static void truths_without_noise_come_back(void **state)
{
    (void)state;
    static const struct {
        enum cao_yield_form form;
        double t[3];
    } truths[] = {
        { CAO_YIELD_LINEAR, { -80, 3100, 0 } },
        { CAO_YIELD_QUADRATIC, { 2333.9, -5800.9, 10332 } },
        { CAO_YIELD_EXPONENTIAL, { 391.34, 2.92, 0 } },
        { CAO_YIELD_POWER, { 4570.7, 1.56, 0 } },
        { CAO_YIELD_LOGARITHMIC, { 3369, 1894, 0 } },
    };
    for (size_t k = 0; k < 5; k++) {
        double x[20], y[20];
        struct cao_yield_model m = { .form = truths[k].form,
                                     .a = truths[k].t[0],
                                     .b = truths[k].t[1],
                                     .c = truths[k].t[2],
                                     .x_max = 1 };
        for (int i = 0; i < 20; i++) {
            x[i] = 0.3 + 0.03 * i;
            y[i] = cao_yield_at(&m, x[i]);
        }
        struct cao_fit f = cao_fit_form(truths[k].form, x, y, 20, 5, work);
        for (int t = 0; t < f.n_terms; t++)
            near(f.term[t], truths[k].t[t], 1e-8);
        assert_true(f.r2 > 1 - 1e-12 && f.loo_rmse < 1e-4 && f.fold_rmse < 1e-4);
    }
}

/* 200 plots of a known curve with residuals of a quarter of the yield: terms within 3 standard errors in
 * most of 100 worlds, the form of the truth or one as good is picked, residuals are seen to grow. */
static void standard_errors_cover_the_truth(void **state)
{
    (void)state;
    double x[200], y[200];
    int covered = 0, grew = 0, picked = 0;
    for (uint64_t world = 0; world < 100; world++) {
        struct cao_fit fits[CAO_N_YIELD_FORMS];
        for (uint64_t i = 0; i < 200; i++) {
            x[i] = 0.15 + 0.65 * cao_draw_uniform(world, i, 1);
            y[i] = 300 * exp(3.2 * x[i]) * (1 + 0.25 * cao_draw_normal(world, i, 2));
        }
        struct cao_fit *f = &fits[CAO_YIELD_EXPONENTIAL];
        for (int k = 0; k < CAO_N_YIELD_FORMS; k++)
            fits[k] = cao_fit_form((enum cao_yield_form)k, x, y, 200, 10, work);
        covered += fabs(f->term[1] - 3.2) < 1.96 * sqrt(f->covariance[1][1]);
        grew += f->proportional && fabs(f->share - 0.25) < 0.05;
        picked += cao_fit_pick(fits, CAO_N_YIELD_FORMS) == CAO_YIELD_EXPONENTIAL;
        assert_true(fits[CAO_YIELD_LINEAR].loo_rmse > f->loo_rmse);
        assert_true(f->loo_rmse > f->rmse && fabs(f->fold_rmse / f->loo_rmse - 1) < 0.05);
    }
    assert_in_range(covered, 88, 100); /* 95 expected, binomial sd 2.2 */
    assert_in_range(grew, 95, 100);
    assert_in_range(picked, 60, 100); /* a parabola comes near */
}

static void folds_are_even_and_fixed(void **state)
{
    (void)state;
    double fold[MOST], again[MOST], order[MOST];
    for (size_t n = 7; n <= 103; n += 12) {
        int count[10] = { 0 };
        cao_fit_folds(n, 7, fold, order);
        cao_fit_folds(n, 7, again, order);
        assert_memory_equal(fold, again, n * sizeof *fold);
        for (size_t i = 0; i < n; i++)
            count[(int)fold[i]]++;
        for (int k = 0; k < 7; k++)
            assert_in_range(count[k], n / 7, n / 7 + 1);
    }
}

static void what_cannot_be_fitted_says_why(void **state)
{
    (void)state;
    static const double x[6] = { 0, 0.2, 0.3, 0.4, 0.5, 0.6 }, same[6] = { 1, 1, 1, 1, 1, 1 };
    static const double y[6] = { 500, 400, 300, 200, 100, 50 };
    assert_string_equal(cao_fit_form(CAO_YIELD_LINEAR, x, y, 4, 0, work).why_not,
                        "fewer than 5 plots");
    assert_string_equal(cao_fit_form(CAO_YIELD_LINEAR, same, y, 6, 0, work).why_not,
                        "all plots have the same index");
    assert_string_equal(cao_fit_form(CAO_YIELD_POWER, x, y, 6, 0, work).why_not,
                        "an index of 0 or below has no logarithm");
    struct cao_fit f = cao_fit_form(CAO_YIELD_LINEAR, x, y, 6, 0, work);
    assert_true(f.fitted && !f.rises && f.why_not);
    assert_true(cao_fit_pick(&f, 1) == SIZE_MAX);
    /* three different indices are two too few for a parabola with an error */
    static const double twice[6] = { 0.2, 0.2, 0.2, 0.4, 0.4, 0.4 };
    f = cao_fit_form(CAO_YIELD_QUADRATIC, twice, y, 6, 0, work);
    assert_true(!f.fitted && f.why_not);
    static const double nothing[6] = { 0 };
    assert_false(cao_fit_form(CAO_YIELD_EXPONENTIAL, x, nothing, 6, 0, work).fitted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_are_those_of_scipy),
        cmocka_unit_test(a_line_comes_out_as_by_hand),
        cmocka_unit_test(truths_without_noise_come_back),
        cmocka_unit_test(standard_errors_cover_the_truth),
        cmocka_unit_test(folds_are_even_and_fixed),
        cmocka_unit_test(what_cannot_be_fitted_says_why),
    };
    return cmocka_run_group_tests_name("fit", tests, NULL, NULL);
}
