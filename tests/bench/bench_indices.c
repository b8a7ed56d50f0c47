/* SPDX-License-Identifier: MIT
 * ns per pixel of each index: its kernel with rows in the cache and in memory, and its formula as an
 * expression, beside a copy of the same run, which is what memory allows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "caochu/elementary.h"
#include "caochu/expression.h"

enum { SMALL = 1 << 14, LARGE = 1 << 22, RUNS = 9 };

static float *rows[CAO_N_BANDS], *out;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What is to be timed: an index, or a function of a row, or (neither) a copy. */
struct work {
    const struct cao_index *index;
    void (*function)(const float *restrict x, float *restrict y, size_t n);
};

static void run(const struct work *w, size_t n)
{
    if (w->index)
        cao_index_compute(w->index, (const float *const *)rows, out, n);
    else if (w->function)
        w->function(rows[0], out, n);
    else
        memcpy(out, rows[0], n * sizeof *out);
}

/* The least of several runs: others on the machine only add. */
static double least_ns(const struct work *w, size_t n)
{
    double best = HUGE_VAL;
    size_t again = n < LARGE ? LARGE / n / 4 : 1;
    run(w, n);
    for (int i = 0; i < RUNS; i++) {
        double began = now();
        for (size_t k = 0; k < again; k++)
            run(w, n);
        double ns = (now() - began) * 1e9 / (double)(n * again);
        best = ns < best ? ns : best;
    }
    return best;
}

static void power_of_self(const float *restrict x, float *restrict y, size_t n)
{
    cao_power(x, rows[1], y, n);
}

static void fvc(const float *restrict x, float *restrict y, size_t n)
{
    cao_index_fvc(x, 0.05f, 0.85f, y, n);
}

static void report(const char *name, const struct work *kernel, const struct work *expression,
                   size_t planes, double copy)
{
    double small = least_ns(kernel, SMALL), large = least_ns(kernel, LARGE);
    printf("%-14s %8.2f %10.2f %9.1f %8.2f", name, small, large, 4.0 * (double)planes / large,
           large / (copy * (double)planes / 2));
    if (expression) {
        double own = least_ns(expression, SMALL);
        printf(" %10.2f %7.1f", own, own / small);
    }
    putchar('\n');
}

int main(void)
{
    out = malloc(LARGE * sizeof *out);
    for (int b = 0; b < CAO_N_BANDS; b++) {
        unsigned seed = (unsigned)b + 1;
        rows[b] = malloc(LARGE * sizeof *rows[b]);
        if (!rows[b] || !out)
            return 1;
        for (int i = 0; i < LARGE; i++) {
            seed = seed * 1664525u + 1013904223u;
            rows[b][i] =
                (seed >> 28) == 0 ? NAN : 0.02f + (float)(seed >> 8) * (0.5f / 16777216.0f);
        }
    }
    memset(out, 0, LARGE * sizeof *out);
    struct work copy = { 0 };
    double copy_ns = least_ns(&copy, LARGE);
    printf("ns per pixel   in cache  in memory      GB/s   x copy expression x kernel\n");
    report("copy", &copy, NULL, 2, copy_ns);
    size_t n;
    const struct cao_index *all = cao_index_all(&n);
    for (size_t i = 0; i < n; i++) {
        struct cao_program program;
        size_t planes = 1;
        if (cao_expression_compile(all[i].formula, NULL, 0, &program, NULL))
            return 1;
        for (uint32_t bits = all[i].needs; bits; bits &= bits - 1)
            planes++;
        struct cao_index own = all[i];
        own.compute = cao_program_compute;
        own.program = &program;
        struct work kernel = { .index = &all[i] }, expression = { .index = &own };
        report(all[i].name, &kernel, &expression, planes, copy_ns);
    }
    static const struct {
        const char *name;
        void (*function)(const float *restrict x, float *restrict y, size_t n);
        size_t planes;
    } functions[] = { { "fvc", fvc, 2 },
                      { "exp", cao_exp, 2 },
                      { "ln", cao_ln, 2 },
                      { "tanh", cao_tanh, 2 },
                      { "x^y", power_of_self, 3 } };
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        struct work w = { .function = functions[i].function };
        report(functions[i].name, &w, NULL, functions[i].planes, copy_ns);
    }
    return 0;
}
