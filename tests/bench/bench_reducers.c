/* SPDX-License-Identifier: MIT
 * ns per pixel and look of each composite and smoother, beside the memory bandwidth of the same run; the
 * median beside other ways to a median. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

#include "caochu/composite.h"
#include "caochu/mask.h"
#include "caochu/smooth.h"

/* 30 looks of 4 bands: 31 MB, beyond the caches near a core. */
enum { N = 1 << 16, LOOKS = 30, BANDS = 4, RUNS = 7 };

struct bench {
    float *kept[BANDS * LOOKS], *band[BANDS], *score, *best, *cloud_m, *copy_from, *copy_to;
    double *sum[BANDS];
    uint8_t *reason, *wide;
    uint16_t *chosen, *n_clear, *reach;
    void *scratch;
    const struct cao_composite *composite;
    struct cao_composite_settings set;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* of this process: the machine may be busy */
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *room(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p)
        exit(1);
    return p;
}

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static double median_s(void (*run)(struct bench *), struct bench *b)
{
    double t[RUNS];
    run(b);
    for (int i = 0; i < RUNS; i++) {
        double began = now();
        run(b);
        t[i] = now() - began;
        for (int k = i; k > 0 && t[k] < t[k - 1]; k--) {
            double swap = t[k];
            t[k] = t[k - 1];
            t[k - 1] = swap;
        }
    }
    return t[RUNS / 2];
}

static double bytes_per_second;

/* @param n_bands read per pixel and look */
static void row(const char *name, double seconds, int n_bands)
{
    double ns = seconds * 1e9 / N / LOOKS, bytes = 4.0 * n_bands;
    printf("%-28s %8.2f ns/px/look  %7.1f ns/px  %6.1f x reading its input\n", name, ns, ns * LOOKS,
           ns * 1e-9 * bytes_per_second / bytes);
}

static void run_copy(struct bench *b)
{
    memcpy(b->copy_to, b->copy_from, (size_t)N * LOOKS * BANDS * sizeof(float));
}

static void run_composite(struct bench *b)
{
    const struct cao_composite *c = b->composite;
    struct cao_best best = { b->best, b->chosen, b->n_clear, b->band, BANDS };
    if (c->reduce) {
        struct cao_gathered all = { (const float *const *)b->kept, BANDS, LOOKS, b->scratch };
        c->reduce(&b->set, &all, b->band, b->chosen, N);
        return;
    }
    cao_best_start(&best, N);
    for (int k = 0; k < BANDS; k++)
        memset(b->sum[k], 0, N * sizeof(double));
    enum { PIECE = 8192 }; /* as a strip is gone through */
    for (size_t k = 0; k < LOOKS; k++)
        for (size_t at = 0; at < N; at += PIECE) {
            const float *look[BANDS];
            float *band[BANDS];
            double *sum[BANDS];
            for (size_t i = 0; i < BANDS; i++) {
                look[i] = b->kept[i * LOOKS + k] + at;
                band[i] = b->band[i] + at;
                sum[i] = b->sum[i] + at;
            }
            struct cao_best part = { b->best + at, b->chosen + at, b->n_clear + at, band, BANDS };
            struct cao_look_view view = { look[3],       look[0],     look[2], b->cloud_m + at,
                                          (float)k - 15, (uint16_t)k, NULL };
            if (c->score)
                cao_best_offer(&part, b->reason + at, c->score(&b->set, &view, b->score, PIECE),
                               look, (uint16_t)k, PIECE);
            else
                cao_mean_add(b->reason + at, look, sum, b->n_clear + at, BANDS, PIECE);
        }
    if (!c->score)
        cao_mean_finish(b->sum, b->n_clear, b->band, BANDS, N);
}

static void run_median(struct bench *b)
{
    cao_median((const float *const *)b->kept, LOOKS, b->scratch, b->band[0], N);
}

static void run_percentile(struct bench *b)
{
    cao_percentile((const float *const *)b->kept, LOOKS, 25, b->scratch, b->band[0], N);
}

#ifdef __SSE__
/* The selection network for the two middle ones of 30, written out and kept in registers as far as they
 * go: 148 comparisons, 28 of them with one output. All looks must be there. */
static void run_network(struct bench *b)
{
#define B(x, y)                                                                                    \
    {                                                                                              \
        __m128 low = _mm_min_ps(v[x], v[y]);                                                       \
        v[y] = _mm_max_ps(v[x], v[y]);                                                             \
        v[x] = low;                                                                                \
    }
#define L(x, y) v[x] = _mm_min_ps(v[x], v[y]);
#define G(x, y) v[y] = _mm_max_ps(v[x], v[y]);
    for (size_t at = 0; at < N; at += 4) {
        __m128 v[LOOKS];
        for (size_t k = 0; k < LOOKS; k++)
            v[k] = _mm_loadu_ps(b->kept[k] + at);
        /* clang-format off */
        B(0, 1) B(2, 3) B(4, 5) B(6, 7) B(8, 9) B(10, 11) B(12, 13) B(14, 15) B(16, 17) B(18, 19)
        B(20, 21) B(22, 23) B(24, 25) B(26, 27) B(28, 29) B(0, 2) B(1, 3) B(4, 6) B(5, 7) B(8, 10)
        B(9, 11) B(12, 14) B(13, 15) B(16, 18) B(17, 19) B(20, 22) B(21, 23) B(24, 26) B(25, 27)
        B(1, 2) B(5, 6) B(9, 10) B(13, 14) B(17, 18) B(21, 22) B(25, 26) B(0, 4) B(1, 5) B(2, 6)
        B(3, 7) B(8, 12) B(9, 13) B(10, 14) B(11, 15) B(16, 20) B(17, 21) B(18, 22) B(19, 23)
        B(24, 28) B(25, 29) B(2, 4) B(3, 5) B(10, 12) B(11, 13) B(18, 20) B(19, 21) B(26, 28)
        B(27, 29) B(1, 2) B(3, 4) B(5, 6) B(9, 10) B(11, 12) B(13, 14) B(17, 18) B(19, 20) B(21, 22)
        B(25, 26) B(27, 28) B(0, 8) B(1, 9) B(2, 10) B(3, 11) B(4, 12) B(5, 13) B(6, 14) B(7, 15)
        B(16, 24) B(17, 25) B(18, 26) B(19, 27) B(20, 28) B(21, 29) B(4, 8) B(5, 9) B(6, 10) B(7, 11)
        B(20, 24) B(21, 25) B(22, 26) B(23, 27) B(2, 4) B(3, 5) B(6, 8) B(7, 9) B(10, 12) B(11, 13)
        B(18, 20) B(19, 21) B(22, 24) B(23, 25) B(26, 28) B(27, 29) B(1, 2) B(3, 4) B(5, 6) B(7, 8)
        B(9, 10) B(11, 12) B(13, 14) B(17, 18) B(19, 20) B(21, 22) B(23, 24) B(25, 26) B(27, 28)
        G(0, 16) G(1, 17) G(2, 18) G(3, 19) G(4, 20) G(5, 21) G(6, 22) B(7, 23) L(8, 24) L(9, 25)
        L(10, 26) L(11, 27) L(12, 28) L(13, 29) G(8, 16) G(9, 17) G(10, 18) B(11, 19) L(12, 20)
        L(13, 21) L(14, 22) L(15, 23) G(7, 11) G(12, 16) B(13, 17) L(14, 18) L(15, 19) G(11, 13)
        B(14, 16) L(15, 17) G(13, 14) L(15, 16)
            /* clang-format on */
            _mm_storeu_ps(b->band[0] + at, _mm_mul_ps(_mm_set1_ps(0.5f), _mm_add_ps(v[14], v[15])));
    }
#undef B
#undef L
#undef G
}
#endif

/* Hoare's selection per pixel, as numpy's partition and std::nth_element do. */
static void run_select(struct bench *b)
{
    for (size_t i = 0; i < N; i++) {
        float v[LOOKS];
        int n = 0;
        for (int k = 0; k < LOOKS; k++)
            if (!isnan(b->kept[k][i]))
                v[n++] = b->kept[k][i];
        int low = 0, high = n - 1, want = n / 2;
        while (low < high) {
            float pivot = v[want];
            int x = low, y = high;
            while (x <= y) {
                while (v[x] < pivot)
                    x++;
                while (pivot < v[y])
                    y--;
                if (x <= y) {
                    float swap = v[x];
                    v[x++] = v[y];
                    v[y--] = swap;
                }
            }
            low = x <= want ? x : low;
            high = y >= want ? y : high;
            if (y < want && x > want)
                break;
        }
        float upper = n ? v[want] : NAN, lower = upper;
        for (int k = 0; n % 2 == 0 && k < want; k++)
            lower = k == 0 || v[k] > lower ? v[k] : lower;
        b->band[0][i] = n % 2 ? upper : 0.5f * (lower + upper);
    }
}

/* Histograms of a thousandth each: 1,024 counters a pixel. */
static void run_histogram(struct bench *b)
{
    for (size_t i = 0; i < N; i++) {
        uint8_t count[1024] = { 0 };
        int n = 0, so_far = 0, at = 0;
        for (int k = 0; k < LOOKS; k++)
            if (!isnan(b->kept[k][i])) {
                count[(int)(b->kept[k][i] * 1000)]++;
                n++;
            }
        while (so_far <= n / 2 && at < 1023)
            so_far += count[at++];
        b->band[0][i] = (float)at * 1e-3f;
    }
}

static void run_distance(struct bench *b)
{
    cao_mask_distance(b->wide, 256, 256, 50, 1u << CAO_CLOUD, 10, 500, b->reach, b->cloud_m);
}

static struct cao_smoothing season = { .n_steps = 31,
                                       .step_days = 5,
                                       .lambda = 300,
                                       .window = 7,
                                       .degree = 2,
                                       .peak_to = 150,
                                       .most_gap = (double)NAN,
                                       .low = -1,
                                       .high = 1 };
static void run_smooth(struct bench *b)
{
    float days[LOOKS];
    for (int k = 0; k < LOOKS; k++)
        days[k] = (float)(5 * k);
    struct cao_series series = { (const float *const *)b->kept, NULL, days, LOOKS, NULL };
    cao_smooth_max(&season, &series, b->scratch, b->band[0], b->band[1], b->band[2], N);
}

int main(void)
{
    struct bench b = { .set = { 25, 1, 0.4, 0.3, 20, 500 } };
    uint32_t seed = 1;
    float *all = room((size_t)BANDS * LOOKS * N, sizeof *all);
    for (size_t k = 0; k < BANDS * LOOKS; k++)
        b.kept[k] = all + k * N;
    for (size_t k = 0; k < LOOKS; k++)
        for (size_t i = 0; i < N; i++) {
            bool clear = draw(&seed) >> 20 > 2;
            for (size_t c = 0; c < BANDS; c++)
                b.kept[c * LOOKS + k][i] =
                    clear ? 0.02f + (float)draw(&seed) * (0.5f / 16777216.0f) : NAN;
        }
    b.copy_from = all;
    b.copy_to = room((size_t)BANDS * LOOKS * N, sizeof(float));
    for (int c = 0; c < BANDS; c++) {
        b.band[c] = room(N, sizeof(float));
        b.sum[c] = room(N, sizeof(double));
    }
    b.score = room(N, sizeof(float));
    b.best = room(N, sizeof(float));
    b.cloud_m = room(N, sizeof(float));
    b.reason = room(N, 1);
    b.chosen = room(N, 2);
    b.n_clear = room(N, 2);
    enum { WIDE = 356 * 356 };
    b.wide = room(WIDE, 1);
    b.reach = room(WIDE, 2);
    for (int i = 0; i < WIDE; i++) { /* round clouds, a sixth of the place */
        int x = i % 356 % 120 - 60, y = i / 356 % 120 - 60;
        b.wide[i] = x * x + y * y < 800 ? CAO_CLOUD : CAO_CLEAR;
    }
    size_t scratch = 0, n;
    const struct cao_composite *table = cao_composites(&n);
    for (size_t i = 0; i < n; i++) {
        size_t need = table[i].scratch ? table[i].scratch(BANDS, LOOKS) : 0;
        scratch = need > scratch ? need : scratch;
    }
    scratch = cao_smooth_scratch(&season) > scratch ? cao_smooth_scratch(&season) : scratch;
    b.scratch = room(scratch, 1);

    double copy = median_s(run_copy, &b);
    bytes_per_second = (double)N * LOOKS * BANDS * 8 / copy; /* read and written */
    printf("%-28s %8.1f GB/s\n", "memory bandwidth (copy)", bytes_per_second * 1e-9);
    for (size_t i = 0; i < n; i++) {
        char name[64];
        b.composite = &table[i];
        snprintf(name, sizeof name, "%s, %d bands", table[i].name, BANDS);
        row(name, median_s(run_composite, &b), BANDS);
    }
    double median = median_s(run_median, &b), best = (double)INFINITY, t;
    row("distance to cloud, 500 m", median_s(run_distance, &b) * LOOKS, 1);
    row("percentile of 30, 1 band", median_s(run_percentile, &b), 1);
    row("median of 30, 1 band", median, 1);
#ifdef __SSE__
    row("  written-out network", t = median_s(run_network, &b), 1);
    best = t < best ? t : best;
#endif
    row("  selection by pixel", t = median_s(run_select, &b), 1);
    best = t < best ? t : best;
    row("  histogram by pixel", t = median_s(run_histogram, &b), 1);
    best = t < best ? t : best;
    static const char *const smoothers[] = { "", "linear, 31 steps", "Savitzky-Golay, 31 steps",
                                             "Whittaker, 31 steps" };
    double ratio = median / best;
    for (int m = CAO_SMOOTH_LINEAR; m <= CAO_SMOOTH_WHITTAKER; m++) {
        season.method = (enum cao_smooth_method)m;
        row(smoothers[m], median_s(run_smooth, &b), 1);
    }
    printf("%-28s %8.2f x the fastest of these\n", "median of 30, 1 band", ratio);
    return 0;
}
