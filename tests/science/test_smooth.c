/* SPDX-License-Identifier: MIT
 * Curves through a season of looks: against published coefficients, systems worked by hand and a dense
 * solution, and on a real series of MOD13Q1. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>

#include "support/support.h"

#include "caochu/smooth.h"

enum { L = CAO_SMOOTH_LANES, MOST = 60 };

static bool near(double a, double b, double tolerance)
{
    return isnan(b) ? isnan(a) : fabs(a - b) <= tolerance;
}

/* Savitzky & Golay 1964, tables I to III (as corrected by Steinier et al. 1972), and the ends of a window of
 * five after Gorry 1990, table I: numerators over a common divisor. */
static void weights_are_the_published_ones(void **state)
{
    (void)state;
    static const struct {
        int half, degree, at;
        double divisor, weight[9];
    } v[] = {
        { 2, 2, 0, 35, { -3, 12, 17, 12, -3 } },
        { 2, 3, 0, 35, { -3, 12, 17, 12, -3 } }, /* odd degrees add nothing in the middle */
        { 3, 2, 0, 21, { -2, 3, 6, 7, 6, 3, -2 } },
        { 4, 2, 0, 231, { -21, 14, 39, 54, 59, 54, 39, 14, -21 } },
        { 3, 4, 0, 231, { 5, -30, 75, 131, 75, -30, 5 } },
        { 2, 2, -2, 35, { 31, 9, -3, -5, 3 } },
        { 2, 2, -1, 35, { 9, 13, 12, 6, -5 } },
        { 2, 2, 2, 35, { 3, -5, -3, 9, 31 } },
        { 2, 1, 0, 5, { 1, 1, 1, 1, 1 } },
        { 2, 4, 1, 1, { 0, 0, 0, 1, 0 } }, /* through all points */
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++)
        for (int k = -v[i].half; k <= v[i].half; k++)
            assert_true(near(cao_savgol_weight(k, v[i].at, v[i].half, v[i].degree),
                             v[i].weight[k + v[i].half] / v[i].divisor, 1e-12));
}

/* A polynomial of the degree is kept, ends included; a season of few steps takes what it has. */
static void a_polynomial_passes_savitzky_golay(void **state)
{
    (void)state;
    double y[MOST * L], z[MOST * L];
    for (size_t n = 1; n < 20; n++) {
        for (size_t k = 0; k < n; k++)
            for (size_t i = 0; i < L; i++)
                y[k * L + i] = 0.3 + 0.01 * (double)i + 0.05 * (double)k - 0.002 * (double)(k * k);
        cao_smooth_savgol(y, n, 7, 2, z);
        for (size_t i = 0; n >= 3 && i < n * L; i++)
            assert_true(near(z[i], y[i], 1e-12));
        assert_true(n > 1 || near(z[0], y[0], 1e-15));
    }
}

static uint32_t seed = 5;
static double draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / 16777216.0;
}

/* (W + lambda D'D) z = W y by elimination over the whole matrix. */
static void dense(const double *y, const double *w, int n, double lambda, double *z)
{
    static double a[MOST][MOST + 1];
    memset(a, 0, sizeof a);
    for (int r = 0; r + 2 < n; r++) {
        static const double row[] = { 1, -2, 1 };
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                a[r + i][r + j] += lambda * row[i] * row[j];
    }
    for (int i = 0; i < n; i++) {
        a[i][i] += w[i];
        a[i][n] = w[i] > 0 ? w[i] * y[i] : 0;
    }
    for (int c = 0; c < n; c++) {
        int pivot = c;
        for (int r = c; r < n; r++)
            pivot = fabs(a[r][c]) > fabs(a[pivot][c]) ? r : pivot;
        for (int k = 0; k <= n; k++) {
            double swap = a[c][k];
            a[c][k] = a[pivot][k];
            a[pivot][k] = swap;
        }
        for (int r = 0; r < n; r++) {
            double times = r == c ? 0 : a[r][c] / a[c][c];
            for (int k = c; k <= n; k++)
                a[r][k] -= times * a[c][k];
        }
    }
    for (int i = 0; i < n; i++)
        z[i] = a[i][n] / a[i][i];
}

static void whittaker_solves_its_system(void **state)
{
    (void)state;
    static double y[MOST * L], w[MOST * L], z[MOST * L], room[3 * MOST * L];
    static const double lambdas[] = { 0.1, 2, 15, 400, 1e5 };
    /* Three steps by hand: z = y - lambda / (w + 6 lambda) (1 -2 1)' (1 -2 1) y with w = 1; of 0 1 0 and
     * lambda 1: 2/7 3/7 2/7. */
    for (size_t i = 0; i < 3 * L; i++) {
        y[i] = i / L == 1;
        w[i] = 1;
    }
    cao_smooth_whittaker(y, w, 3, 1, room, z);
    assert_true(near(z[0], 2.0 / 7, 1e-15) && near(z[L + 3], 3.0 / 7, 1e-15) &&
                near(z[2 * L + 1], 2.0 / 7, 1e-15));
    for (size_t n = 3; n <= MOST; n += n < 8 ? 1 : 13)
        for (size_t c = 0; c < sizeof lambdas / sizeof lambdas[0]; c++) {
            for (size_t k = 0; k < n; k++)
                for (size_t i = 0; i < L; i++) {
                    bool there = k == 0 || k == n - 1 || draw() < 0.4;
                    w[k * L + i] = there ? 0.2 + 0.8 * draw() : 0;
                    y[k * L + i] = there ? draw() : (double)NAN;
                }
            cao_smooth_whittaker(y, w, n, lambdas[c], room, z);
            for (size_t i = 0; i < L; i++) {
                double one_y[MOST], one_w[MOST], want[MOST];
                for (size_t k = 0; k < n; k++) {
                    one_y[k] = y[k * L + i];
                    one_w[k] = w[k * L + i];
                }
                dense(one_y, one_w, (int)n, lambdas[c], want);
                for (size_t k = 0; k < n; k++)
                    assert_true(near(z[k * L + i], want[k], 1e-7));
            }
        }
}

/* One pixel's season: what the maximum, its day and the gap must be. */
struct season {
    struct cao_smoothing set;
    float day[12], value[12]; /* NaN: not clear */
    size_t n;
    double max, max_day, gap;
};

static void seasons_worked_by_hand(void **state)
{
    (void)state;
    const struct cao_smoothing plain = { .method = CAO_SMOOTH_LINEAR,
                                         .n_steps = 11,
                                         .step_days = 10,
                                         .peak_to = 100,
                                         .most_gap = (double)NAN,
                                         .low = -1,
                                         .high = 1,
                                         .window = 5,
                                         .degree = 2,
                                         .lambda = 1 };
    struct cao_smoothing narrow = plain, strict = plain, envelope = plain, savgol = plain;
    narrow.peak_from = 40;
    narrow.peak_to = 60;
    strict.most_gap = 45;
    savgol.method = CAO_SMOOTH_SAVGOL;
    envelope.method = CAO_SMOOTH_SAVGOL;
    envelope.envelope = 1;
    const struct season v[] = {
        { plain, { 0, 50, 100 }, { .2f, .6f, .3f }, 3, .6, 50, 50 },
        /* the earliest of equals; a look that is not clear is none */
        { plain, { 0, 30, 50, 100 }, { .2f, .6f, .6f, .3f }, 4, .6, 30, 50 },
        { plain, { 0, 50, 70 }, { .2f, NAN, .3f }, 3, .3, 70, 70 },
        { plain, { 50 }, { .4f }, 1, .4, 50, 50 },
        { plain, { 50 }, { NAN }, 1, (double)NAN, (double)NAN, 100 },
        { plain, { 0 }, { NAN }, 0, (double)NAN, (double)NAN, 100 },
        /* two looks of one step: their mean; the index' range holds */
        { plain, { 18, 22, 80 }, { .4f, .6f, .1f }, 3, .5, 20, 58 },
        { plain, { 0, 50, 100 }, { .2f, 1.6f, .3f }, 3, 1, 50, 50 },
        /* between .2 at 0 and .6 at 80 the line reaches .5 at 60; no look lies in 40..60: refused */
        { narrow, { 0, 80 }, { .2f, .6f }, 2, (double)NAN, (double)NAN, 20 },
        { narrow, { 0, 50, 80 }, { .2f, .5f, .6f }, 3, .5 + .1 / 3, 60, 10 },
        { strict, { 0, 50, 100 }, { .2f, .6f, .3f }, 3, (double)NAN, (double)NAN, 50 },
        { strict, { 0, 40, 80, 100 }, { .2f, .6f, .3f, .3f }, 4, .6, 40, 40 },
        /* one look above the rest, 11 steps: 17/35 of it */
        { savgol,
          { 0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100 },
          { 0, 0, 0, 0, 0, .7f, 0, 0, 0, 0, 0 },
          11,
          .7 * 17 / 35,
          50,
          10 },
        /* lifted once: steps 4, 6 to .24, 3, 7 stay 0 (their curve is below); 5 stays at .7:
         * 17/35 .7 + 2 12/35 .24 */
        { envelope,
          { 0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100 },
          { 0, 0, 0, 0, 0, .7f, 0, 0, 0, 0, 0 },
          11,
          .7 * 17 / 35 + 2 * .24 * 12 / 35,
          50,
          10 },
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        const float *looks[12];
        float max, day, gap;
        for (size_t k = 0; k < 12; k++)
            looks[k] = &v[i].value[k];
        struct cao_series series = { looks, NULL, v[i].day, v[i].n, NULL };
        void *scratch = malloc(cao_smooth_scratch(&v[i].set));
        assert_non_null(scratch);
        cao_smooth_max(&v[i].set, &series, scratch, &max, &day, &gap, 1);
        free(scratch);
        if (!near((double)max, v[i].max, 1e-6) || !near((double)day, v[i].max_day, 1e-6) ||
            !near((double)gap, v[i].gap, 1e-6))
            fail_msg("season %zu: maximum %g on day %g, gap %g", i, (double)max, (double)day,
                     (double)gap);
    }
}

/* Neighbours, the cut of a row and looks that are clear nowhere change no bit; the envelope lifts the
 * maxima. */
static void properties_hold(void **state)
{
    (void)state;
    enum { N = 75, LOOKS = 14 };
    static float store[LOOKS][N], max[N], day[N], gap[N], part[3][N], lifted[N];
    static uint8_t weight[LOOKS][N];
    const float *looks[LOOKS], *cut[LOOKS];
    const uint8_t *weights[LOOKS], *cut_weights[LOOKS];
    float days[LOOKS];
    struct cao_smoothing s = { .n_steps = 31,
                               .step_days = 5,
                               .lambda = 30,
                               .window = 7,
                               .degree = 2,
                               .peak_to = 150,
                               .most_gap = (double)NAN,
                               .low = -1,
                               .high = 1 };
    for (size_t k = 0; k < LOOKS; k++) {
        days[k] = (float)(k * 11);
        for (size_t i = 0; i < N; i++) {
            store[k][i] = draw() < 0.3 ? NAN : (float)(0.6 * draw());
            weight[k][i] = draw() < 0.3 ? 30 : 100;
        }
        looks[k] = store[k];
        weights[k] = weight[k];
    }
    struct cao_series series = { looks, weights, days, LOOKS, NULL };
    for (int m = CAO_SMOOTH_LINEAR; m <= CAO_SMOOTH_WHITTAKER; m++) {
        s.method = (enum cao_smooth_method)m;
        s.envelope = 0;
        void *scratch = malloc(cao_smooth_scratch(&s));
        assert_non_null(scratch);
        cao_smooth_max(&s, &series, scratch, max, day, gap, N);
        for (size_t at = 1; at < N; at += 7) {
            for (size_t k = 0; k < LOOKS; k++) {
                cut[k] = looks[k] + at;
                cut_weights[k] = weights[k] + at;
            }
            struct cao_series rest = { cut, cut_weights, days, LOOKS, NULL };
            cao_smooth_max(&s, &rest, scratch, part[0], part[1], part[2], N - at);
            assert_memory_equal(part[0], max + at, (N - at) * sizeof(float));
            assert_memory_equal(part[1], day + at, (N - at) * sizeof(float));
            assert_memory_equal(part[2], gap + at, (N - at) * sizeof(float));
        }
        /* the same looks the other way round, each pixel with a day of its own: no bit changes */
        static uint8_t after[LOOKS][N];
        const uint8_t *const_after[LOOKS];
        static const float none[LOOKS];
        for (size_t k = 0; k < LOOKS; k++) {
            memset(after[k], (int)days[LOOKS - 1 - k], N);
            const_after[k] = after[k];
            cut[k] = looks[LOOKS - 1 - k];
            cut_weights[k] = weights[LOOKS - 1 - k];
        }
        struct cao_series own = { cut, cut_weights, none, LOOKS, const_after };
        cao_smooth_max(&s, &own, scratch, part[0], part[1], part[2], N);
        assert_memory_equal(part[0], max, sizeof max);
        assert_memory_equal(part[1], day, sizeof day);
        assert_memory_equal(part[2], gap, sizeof gap);
        s.envelope = 3;
        cao_smooth_max(&s, &series, scratch, lifted, part[1], part[2], N);
        double higher = 0;
        for (size_t i = 0; i < N; i++) {
            assert_true(isnan(max[i]) == isnan(lifted[i]));
            higher += isnan(max[i]) ? 0 : (double)lifted[i] - (double)max[i];
        }
        assert_true(m == CAO_SMOOTH_LINEAR ? higher == 0 : higher > 0.01 * N);
        free(scratch);
    }
}

/* MOD13Q1 of Mato Grosso, 137 dates of 16 days: the curve's maximum of each year stays by that of the series;
 * between straight lines it is that of the series. */
static void a_real_series_keeps_its_maximum(void **state)
{
    (void)state;
    NEED_DATA("mod13q1_mt_2007_2013/ndvi.tif");
    GDALAllRegister();
    GDALDatasetH d = GDALOpen(test_data("mod13q1_mt_2007_2013/ndvi.tif"), GA_ReadOnly);
    assert_non_null(d);
    enum { YEAR = 23 };
    int w = GDALGetRasterXSize(d), h = GDALGetRasterYSize(d), bands = GDALGetRasterCount(d);
    size_t n = (size_t)w * (size_t)h;
    float *v = malloc(n * (size_t)bands * sizeof *v), *out = malloc(3 * n * sizeof *out);
    float days[YEAR];
    const float *looks[YEAR];
    assert_true(v && out && bands == 137);
    assert_int_equal(
        GDALDatasetRasterIO(d, GF_Read, 0, 0, w, h, v, w, h, GDT_Float32, bands, NULL, 0, 0, 0),
        CE_None);
    GDALClose(d);
    for (int k = 0; k < YEAR; k++)
        days[k] = (float)(16 * k);
    struct cao_smoothing s = { .method = CAO_SMOOTH_LINEAR,
                               .n_steps = YEAR,
                               .step_days = 16,
                               .lambda = 2,
                               .window = 5,
                               .degree = 2,
                               .peak_to = 352,
                               .most_gap = (double)NAN,
                               .low = -1,
                               .high = 1 };
    double sum[4] = { 0 }, count = 0, far = 0;
    void *scratch = malloc(cao_smooth_scratch(&s));
    assert_non_null(scratch);
    for (int year = 0; (year + 1) * YEAR <= bands; year++) {
        for (int k = 0; k < YEAR; k++)
            looks[k] = v + (size_t)(year * YEAR + k) * n;
        struct cao_series series = { looks, NULL, days, YEAR, NULL };
        for (int m = CAO_SMOOTH_LINEAR; m <= CAO_SMOOTH_WHITTAKER; m++) {
            s.method = (enum cao_smooth_method)m;
            cao_smooth_max(&s, &series, scratch, out, out + n, out + 2 * n, n);
            for (size_t i = 0; i < n; i++) {
                float most = -1;
                for (int k = 0; k < YEAR; k++)
                    most = looks[k][i] > most ? looks[k][i] : most;
                if (m == CAO_SMOOTH_LINEAR)
                    assert_true(out[i] == most && out[2 * n + i] == 16);
                far += fabsf(out[i] - most) > 0.2f ? 1 : 0;
                sum[m] += (double)(out[i] - most);
                count += m == CAO_SMOOTH_LINEAR;
            }
        }
    }
    if (far > 0.05 * 2 * count)
        fail_msg("%g of %g maxima are far from those of the series", far, 2 * count);
    /* smooth maxima lie a little lower, as spikes do not carry them */
    for (int m = CAO_SMOOTH_SAVGOL; m <= CAO_SMOOTH_WHITTAKER; m++)
        if (!(sum[m] < 0 && sum[m] / count > -0.1))
            fail_msg("maxima differ from those of the series by %g in the mean", sum[m] / count);
    free(scratch);
    free(out);
    free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_the_published_ones),
        cmocka_unit_test(a_polynomial_passes_savitzky_golay),
        cmocka_unit_test(whittaker_solves_its_system),
        cmocka_unit_test(seasons_worked_by_hand),
        cmocka_unit_test(properties_hold),
        cmocka_unit_test(a_real_series_keeps_its_maximum),
    };
    return cmocka_run_group_tests_name("smooth", tests, NULL, NULL) != 0;
}
