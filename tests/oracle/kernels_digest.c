/* SPDX-License-Identifier: MIT
 * Prints a digest of what the kernels make of a large pseudo-random input: test_same_bits.c builds this
 * with several compilers and instruction sets and compares the lines. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/elementary.h"
#include "caochu/expression.h"

enum { N = 1 << 18 };

static float *rows[CAO_N_BANDS], *out;

static unsigned long long digest_of(const float *v, size_t n)
{
    unsigned long long h = 1469598103934665603ULL;
    for (size_t i = 0; i < n; i++) {
        unsigned u;
        memcpy(&u, &v[i], sizeof u);
        h = (h ^ u) * 1099511628211ULL;
    }
    return h;
}

static void report(const char *what)
{
    printf("%s %016llx\n", what, digest_of(out, N));
}

/* Reflectance with no data, 0, negatives and numbers near 0 among it. */
static void fill(void)
{
    unsigned seed = 3;
    out = malloc(N * sizeof *out);
    for (int b = 0; b < CAO_N_BANDS; b++) {
        rows[b] = malloc(N * sizeof *rows[b]);
        if (!rows[b] || !out)
            exit(1);
        for (int i = 0; i < N; i++) {
            seed = seed * 1664525u + 1013904223u;
            float v = (float)(seed >> 8) * (0.9f / 16777216.0f);
            unsigned kind = seed & 63;
            rows[b][i] = kind == 0   ? NAN
                         : kind == 1 ? 0
                         : kind == 2 ? -v
                         : kind == 3 ? v * 1e-6f
                                     : v;
        }
    }
}

int main(void)
{
    static const char *const texts[] = {
        "2.5*(N-R)/(N+6*R-7.5*B+1)",
        "exp(-3*R)*ln(1+N)-N^1.7+log10(G+1)",
        "min(N,R,G)+max(abs(N-R),sqrt(G))/(B+S1)",
        "(A+B+G+Y+R+RE1+RE2+RE3+N+N2+WV+S1+S2)^2",
        "((N-R)/(N+R)-(G-N)/(G+N))/((N-R)/(N+R)+(G-N)/(G+N))",
        "N^R-(R-N)^3+tanh(5*(G-R))",
    };
    size_t n;
    const struct cao_index *all = cao_index_all(&n);
    const float *const *band = (const float *const *)rows;
    fill();
    for (size_t i = 0; i < n; i++) {
        cao_index_compute(&all[i], band, out, N);
        report(all[i].name);
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct cao_program p;
        if (cao_expression_compile(texts[i], NULL, 0, &p, NULL))
            return 1;
        struct cao_index ix = {
            .min = -100, .max = 100, .compute = cao_program_compute, .program = &p
        };
        cao_index_compute(&ix, band, out, N);
        report(texts[i]);
    }
    cao_exp(rows[0], out, N);
    report("exp");
    cao_tanh(rows[1], out, N);
    report("tanh");
    cao_index_fvc(rows[2], 0.05f, 0.85f, out, N);
    report("fvc");
    cao_index_fvc_squared(rows[2], 0.05f, 0.85f, out, N);
    report("fvc squared");
    return 0;
}
