/* SPDX-License-Identifier: MIT
 * The steps of an expression over blocks of a row that stay in the processor's first cache: what it
 * costs to look at a step is spread over a block, and each loop is as simple as loops can be. */
#include <math.h>
#include <stdbool.h>

#include "base/lanes.h"
#include "caochu/elementary.h"
#include "caochu/expression.h"
#include "science/expression_steps.h"

enum { BLOCK = 512 };
static const float least_denominator = 1e-6f;

#define ROWS const float *restrict a, const float *restrict b, float k, float *restrict d, size_t n
#define STEP(name, value)                                                                          \
    CAO_LANES static void name(ROWS)                                                               \
    {                                                                                              \
        (void)a, (void)b, (void)k;                                                                 \
        for (size_t i = 0; i < n; i++)                                                             \
            d[i] = (value);                                                                        \
    }

/* NaN compares false: the second operand comes out, and a NaN in the first is put back. */
static inline float least(float x, float y)
{
    float v = x < y ? x : y;
    return x == x ? v : x;
}

static inline float most(float x, float y)
{
    float v = x > y ? x : y;
    return x == x ? v : x;
}

static inline float over(float x, float den)
{
    return fabsf(den) >= least_denominator ? x / den : NAN;
}

STEP(step_set, k)
STEP(step_add, a[i] + b[i])
STEP(step_sub, a[i] - b[i])
STEP(step_mul, a[i] * b[i])
STEP(step_div, over(a[i], b[i]))
STEP(step_min, least(a[i], b[i]))
STEP(step_max, most(a[i], b[i]))
STEP(step_neg, -a[i])
STEP(step_abs, fabsf(a[i]))
STEP(step_sqrt, sqrtf(a[i]))
STEP(step_add_k, a[i] + k)
STEP(step_k_sub, k - a[i])
STEP(step_mul_k, a[i] * k)
STEP(step_div_k, a[i] / k)
STEP(step_k_div, over(k, a[i]))
STEP(step_min_k, least(a[i], k))
STEP(step_max_k, most(a[i], k))
STEP(step_add_scaled, a[i] + k * b[i])

static void step_pow(ROWS)
{
    (void)k;
    cao_power(a, b, d, n);
}

#define CALL(name, function)                                                                       \
    static void name(ROWS)                                                                         \
    {                                                                                              \
        (void)b, (void)k;                                                                          \
        function(a, d, n);                                                                         \
    }
CALL(step_exp, cao_exp)
CALL(step_ln, cao_ln)
CALL(step_log10, cao_log10)
CALL(step_tanh, cao_tanh)

static void (*const steps[])(ROWS) = {
    [CAO_OP_SET] = step_set,
    [CAO_OP_ADD] = step_add,
    [CAO_OP_SUB] = step_sub,
    [CAO_OP_MUL] = step_mul,
    [CAO_OP_DIV] = step_div,
    [CAO_OP_POW] = step_pow,
    [CAO_OP_MIN] = step_min,
    [CAO_OP_MAX] = step_max,
    [CAO_OP_NEG] = step_neg,
    [CAO_OP_ABS] = step_abs,
    [CAO_OP_SQRT] = step_sqrt,
    [CAO_OP_EXP] = step_exp,
    [CAO_OP_LN] = step_ln,
    [CAO_OP_LOG10] = step_log10,
    [CAO_OP_TANH] = step_tanh,
    [CAO_OP_ADD_K] = step_add_k,
    [CAO_OP_K_SUB] = step_k_sub,
    [CAO_OP_MUL_K] = step_mul_k,
    [CAO_OP_DIV_K] = step_div_k,
    [CAO_OP_K_DIV] = step_k_div,
    [CAO_OP_MIN_K] = step_min_k,
    [CAO_OP_MAX_K] = step_max_k,
    [CAO_OP_ADD_SCALED] = step_add_scaled,
};

/* No data where one of two bands is. */
CAO_LANES static void need_two(const float *restrict value, const float *restrict a,
                               const float *restrict b, float *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int ok = (a[i] > 0.0f) & (b[i] > 0.0f);
        out[i] = ok ? value[i] : NAN;
    }
}

/* Limits; infinity minus infinity is no 0. */
static inline float choose(int ok, float v, float low, float high)
{
    float kept = v < low ? low : v;
    kept = kept > high ? high : kept;
    return (ok & (v - v == 0.0f)) ? kept : NAN;
}

/* The last pass: two or four bands, limits, and the division with which most indices end. */
struct last {
    const float *value, *divisor; /* divisor NULL: none */
    const float *band[4];         /* a band may stand here twice */
    float low, high;
};

#define LAST(name, valid, result)                                                                  \
    CAO_LANES static void name(const struct last *l, float *restrict out, size_t n)                \
    {                                                                                              \
        const float *restrict v = l->value, *restrict w = l->divisor;                              \
        const float *restrict a = l->band[0], *restrict b = l->band[1];                            \
        const float *restrict c = l->band[2], *restrict d = l->band[3];                            \
        float low = l->low, high = l->high;                                                        \
        (void)w, (void)c, (void)d;                                                                 \
        for (size_t i = 0; i < n; i++) {                                                           \
            int ok = (valid);                                                                      \
            out[i] = choose(ok, (result), low, high);                                              \
        }                                                                                          \
    }
#define TWO  (a[i] > 0.0f) & (b[i] > 0.0f)
#define FOUR TWO &(c[i] > 0.0f) & (d[i] > 0.0f)
LAST(last_two, TWO, v[i])
LAST(last_four, FOUR, v[i])
LAST(last_two_over, (TWO) & (fabsf(w[i]) >= least_denominator), v[i] / w[i])
LAST(last_four_over, (FOUR) & (fabsf(w[i]) >= least_denominator), v[i] / w[i])

static void run_last(struct last *l, const float *const *needed, int n_needed,
                     float spare[2][BLOCK], float *restrict vi, size_t n)
{
    int k = 0;
    for (; n_needed - k > 4; k += 2) { /* from one spare row to the other */
        float *next = spare[k / 2 % 2];
        need_two(l->value, needed[k], needed[k + 1], next, n);
        l->value = next;
    }
    bool two = n_needed - k <= 2;
    for (int i = 0; i < 4; i++)
        l->band[i] = needed[k + i < n_needed ? k + i : n_needed - 1];
    if (l->divisor)
        (two ? last_two_over : last_four_over)(l, vi, n);
    else
        (two ? last_two : last_four)(l, vi, n);
}

void cao_program_compute(const struct cao_index *self, const float *const band[CAO_N_BANDS],
                         float *restrict vi, size_t n)
{
    const struct cao_program *p = self->program;
    float store[CAO_PROGRAM_REGISTERS][BLOCK], spare[2][BLOCK];
    bool over = p->n > 0 && p->steps[p->n - 1].op == CAO_OP_DIV;
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t m = n - at < BLOCK ? n - at : BLOCK;
        const float *row[CAO_PROGRAM_REGISTERS + CAO_N_BANDS], *needed[CAO_N_BANDS];
        int n_needed = 0;
        for (int r = 0; r < CAO_PROGRAM_REGISTERS; r++)
            row[r] = store[r];
        for (int b = 0; b < CAO_N_BANDS; b++) {
            bool read = p->needs & CAO_BAND_BIT(b);
            row[CAO_PROGRAM_REGISTERS + b] = read ? band[b] + at : NULL;
            if (read)
                needed[n_needed++] = band[b] + at;
        }
        for (size_t s = 0; s < p->n - over; s++) {
            const struct cao_program_step *step = &p->steps[s];
            steps[step->op](row[step->a], row[step->b], step->k, store[step->to], m);
        }
        const struct cao_program_step *end = &p->steps[p->n - over];
        struct last last = { .value = over ? row[end->a] : row[p->result],
                             .divisor = over ? row[end->b] : NULL,
                             .low = self->min,
                             .high = self->max };
        run_last(&last, needed, n_needed, spare, vi + at, m);
    }
}
