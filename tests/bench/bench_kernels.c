/* SPDX-License-Identifier: MIT
 * ns per pixel of the kernels, beside the memory bandwidth of the same run: ratios, not verdicts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "caochu/composite.h"
#include "caochu/index.h"
#include "caochu/mask.h"
#include "caochu/resample.h"
#include "caochu/yield.h"
#include "caochu/zonal.h"
#include "caochu/zone_stats.h"

enum { SIDE = 1024, N = SIDE * SIDE, LOOKS = 6, RUNS = 7 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *plane(unsigned seed)
{
    float *p = malloc(N * sizeof *p);
    if (!p)
        exit(1);
    for (unsigned i = 0; i < N; i++) {
        seed = seed * 1664525u + 1013904223u;
        p[i] = (seed >> 28) == 0 ? NAN : 0.02f + (float)(seed >> 8) * (0.5f / 16777216.0f);
    }
    return p;
}

struct bench {
    float *band[CAO_N_BANDS], *out, *kept[LOOKS];
    uint8_t *reason;
    uint16_t *look, *n_clear, *qa;
    double *x, *y;
    struct cao_spots spots;
    const struct cao_index *index;
    struct cao_span *spans;
    size_t n_spans;
};

static void run_copy(struct bench *b)
{
    memcpy(b->out, b->band[CAO_BAND_R], N * sizeof(float));
}

static void run_index(struct bench *b)
{
    cao_index_compute(b->index, (const float *const *)b->band, b->out, N);
}

static void run_best(struct bench *b)
{
    float *const kept[] = { b->kept[0], b->kept[1], b->kept[2], b->kept[3] };
    const float *const look[] = { b->band[CAO_BAND_B], b->band[CAO_BAND_G], b->band[CAO_BAND_R],
                                  b->band[CAO_BAND_N] };
    struct cao_best best = { b->out, b->look, b->n_clear, kept, 4 };
    cao_best_offer(&best, b->reason, b->band[CAO_BAND_S1], look, 1, N);
}

static void run_median(struct bench *b)
{
    void *scratch = malloc(cao_median_scratch(LOOKS));
    if (scratch)
        cao_median((const float *const *)b->kept, LOOKS, scratch, b->out, N);
    free(scratch);
}

static void run_spots(struct bench *b)
{
    cao_resample_spots(b->x, b->y, N, &(struct cao_frame){ 0, 0, SIDE, SIDE }, &b->spots);
}

static void run_bilinear(struct bench *b)
{
    cao_resample_bilinear(b->band[CAO_BAND_R], SIDE, SIDE, &b->spots, b->out, N);
}

static void run_cubic(struct bench *b)
{
    for (size_t r = 0; r < SIDE; r++)
        cao_resample_cubic(b->band[CAO_BAND_R], SIDE, SIDE, b->x + r * SIDE, b->y + r * SIDE,
                           b->out + r * SIDE, SIDE);
}

static void run_yield(struct bench *b)
{
    static const struct cao_yield_model m[] = {
        { .id = "Q5", .form = CAO_YIELD_EXPONENTIAL, .a = 391.34, .b = 2.92, .x_max = 1 },
        { .id = "Q10", .form = CAO_YIELD_EXPONENTIAL, .a = 191.78, .b = 3.88, .x_max = 1 },
    };
    struct cao_yield_rule rule = { m, 2, 0.1 };
    cao_yield_fresh(&rule, b->band[CAO_BAND_N], b->out, NULL, N);
}

static void run_zonal(struct bench *b)
{
    struct cao_zone_sum z = { 0 };
    struct cao_zone_scale scale = cao_zone_scale_for(1);
    struct cao_window w = { 0, 0, SIDE, SIDE };
    cao_zone_add(&z, &scale, b->spans, b->n_spans, b->band[CAO_BAND_R], &w);
    b->out[0] = (float)cao_zone_mean(&z, &scale);
}

static void run_zone_stats(struct bench *b)
{
    struct cao_zone_record z = { 0 };
    struct cao_window w = { 0, 0, SIDE, SIDE };
    struct cao_zone_field f = { &w, b->band[CAO_BAND_R], NULL, NULL, NULL };
    cao_zone_record_add(&z, NULL, CAO_GATHER_SQUARES, b->spans, b->n_spans, &f);
    b->out[0] = (float)cao_moments_variance(&z.moments);
}

static double median_ns(void (*run)(struct bench *), struct bench *b)
{
    double t[RUNS];
    run(b);
    for (int i = 0; i < RUNS; i++) {
        double began = now();
        run(b);
        t[i] = (now() - began) * 1e9 / N;
        for (int k = i; k > 0 && t[k] < t[k - 1]; k--) {
            double swap = t[k];
            t[k] = t[k - 1];
            t[k - 1] = swap;
        }
    }
    return t[RUNS / 2];
}

static void row(const char *name, double bytes, double ns, double copy_ns)
{
    printf("%-28s %8.3f ns/px  %7.1f GB/s  %6.2f x copy\n", name, ns, bytes / ns, ns / copy_ns);
}

int main(void)
{
    struct bench b = { 0 };
    for (int i = 0; i < CAO_N_BANDS; i++)
        b.band[i] = plane((unsigned)i + 1);
    for (int i = 0; i < LOOKS; i++)
        b.kept[i] = plane((unsigned)i + 100);
    b.out = plane(7);
    b.reason = calloc(N, 1);
    b.look = calloc(N, 2);
    b.n_clear = calloc(N, 2);
    b.x = malloc(N * sizeof(double));
    b.y = malloc(N * sizeof(double));
    b.spots = (struct cao_spots){ malloc(N * 4), malloc(N * 4), malloc(N * 4) };
    b.spans = malloc(SIDE * sizeof *b.spans);
    if (!b.reason || !b.look || !b.n_clear || !b.x || !b.y || !b.spans || !b.spots.at ||
        !b.spots.u || !b.spots.t)
        return 1;
    for (int i = 0; i < N; i++) {
        b.x[i] = 0.25 + 0.5 * (i % SIDE);
        b.y[i] = 0.25 + 0.5 * (i / SIDE);
    }
    for (int r = 0; r < SIDE; r++)
        b.spans[b.n_spans++] = (struct cao_span){ r, 0, SIDE, 1.0 };

    double copy = median_ns(run_copy, &b);
    row("copy (bandwidth)", 8, copy, copy);
    static const char *const indices[] = { "NDVI", "EVI", "EVI2", "MSAVI2", "NDMI", "kNDVI" };
    for (size_t i = 0; i < sizeof indices / sizeof indices[0]; i++)
        if (cao_index_find(indices[i], &b.index, NULL) == CAO_OK)
            row(indices[i], 12, median_ns(run_index, &b), copy);
    row("best look, 4 bands", 4.0 * 12, median_ns(run_best, &b), copy);
    row("median of 6 looks", 4.0 * (LOOKS + 1), median_ns(run_median, &b), copy);
    row("places to spots", 28, median_ns(run_spots, &b), copy);
    row("bilinear from 20 m", 20, median_ns(run_bilinear, &b), copy);
    row("cubic from 20 m", 24, median_ns(run_cubic, &b), copy);
    row("yield, mean of 2 exponentials", 8, median_ns(run_yield, &b), copy);
    row("zonal sums, one layer", 4, median_ns(run_zonal, &b), copy);
    row("zonal, exact mean and stdev", 4, median_ns(run_zone_stats, &b), copy);
    return 0;
}
