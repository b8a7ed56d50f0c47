/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/zonal.h"

enum { COLS = 1500, ROWS = 40 };

static double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) * 0x1p-53;
}

struct field {
    float values[ROWS * COLS];
    struct cao_span spans[ROWS * 8];
    size_t n_spans;
};

static struct field *make_field(double most, uint64_t seed)
{
    struct field *f = calloc(1, sizeof *f);
    assert_non_null(f);
    for (size_t i = 0; i < ROWS * COLS; i++)
        f->values[i] = uniform(&seed) < 0.1 ? NAN : (float)(most * (2 * uniform(&seed) - 1));
    for (int32_t r = 0; r < ROWS; r++)
        for (int32_t k = 0; k < 4; k++) {
            int32_t col = k * 370 + (int32_t)(uniform(&seed) * 50);
            int32_t run = 1 + (int32_t)(uniform(&seed) * 290);
            f->spans[f->n_spans++] = (struct cao_span){ r, col, 1, 0.01 + 0.98 * uniform(&seed) };
            f->spans[f->n_spans++] = (struct cao_span){ r, col + 1, run, 1 };
        }
    return f;
}

static void sums_agree_with_a_plain_loop(void **state)
{
    (void)state;
    static const double ranges[] = { 1, 30, 65536 };
    for (size_t k = 0; k < 3; k++) {
        struct field *f = make_field(ranges[k], 5 + k);
        struct cao_window w = { 0, 0, COLS, ROWS };
        struct cao_zone_scale scale = cao_zone_scale_for(ranges[k]);
        struct cao_zone_sum z = { 0 };
        long double area = 0, valid = 0, sum = 0, square = 0;
        float low = HUGE_VALF, high = -HUGE_VALF;
        cao_zone_add(&z, &scale, f->spans, f->n_spans, f->values, &w);
        for (size_t i = 0; i < f->n_spans; i++)
            for (int32_t c = 0; c < f->spans[i].n; c++) {
                float v = f->values[f->spans[i].row * COLS + f->spans[i].col + c];
                long double weight = (long double)f->spans[i].weight;
                area += weight;
                if (isnan(v))
                    continue;
                valid += weight;
                sum += weight * (long double)v;
                square += weight * (long double)v * (long double)v;
                low = fminf(low, v);
                high = fmaxf(high, v);
            }
        double mean = (double)(sum / valid),
               sd = (double)sqrtl(square / valid - (sum / valid) * (sum / valid));
        assert_true(fabs(cao_zone_area(&z) - (double)area) < 1e-8);
        assert_true(fabs(cao_zone_valid(&z) - (double)valid) < 1e-8);
        assert_true(fabs(cao_zone_mean(&z, &scale) - mean) < 1e-9 * ranges[k]);
        assert_true(fabs(cao_zone_stdev(&z, &scale) - sd) < 1e-9 * ranges[k]);
        assert_true(fabs(cao_zone_total(&z, &scale) - (double)sum) <
                    1e-9 * ranges[k] * (double)valid);
        assert_true(z.min == low && z.max == high);
        assert_int_equal(z.n_clamped, 0);
        free(f);
    }
}

static void same(const struct cao_zone_sum *a, const struct cao_zone_sum *b)
{
    assert_true(a->area == b->area && a->valid == b->valid && a->sum == b->sum &&
                a->square == b->square);
    assert_true(a->min == b->min && a->max == b->max && a->n_clamped == b->n_clamped);
}

/* Strips of any height, and columns cut anywhere, merged in any order. */
static void any_cut_and_any_order_give_the_same_bits(void **state)
{
    (void)state;
    struct field *f = make_field(1, 23);
    struct cao_window w = { 0, 0, COLS, ROWS };
    struct cao_zone_scale scale = cao_zone_scale_for(1);
    struct cao_zone_sum whole = { 0 };
    cao_zone_add(&whole, &scale, f->spans, f->n_spans, f->values, &w);
    for (int32_t height = 1; height <= ROWS; height += 3) {
        struct cao_zone_sum strips = { 0 };
        for (int32_t row = ROWS / height * height; row >= 0; row -= height) { /* from below */
            struct cao_window s = { 0, row, COLS, row + height > ROWS ? ROWS - row : height };
            struct cao_zone_sum part = { 0 };
            if (s.rows <= 0)
                continue;
            cao_zone_add(&part, &scale, f->spans, f->n_spans, f->values + (size_t)row * COLS, &s);
            cao_zone_merge(&strips, &part);
        }
        same(&whole, &strips);
    }
    float *block = malloc(ROWS * COLS * sizeof *block);
    assert_non_null(block);
    for (int32_t cut = 1; cut < COLS; cut += 211) {
        struct cao_zone_sum halves = { 0 };
        for (int side = 1; side >= 0; side--) {
            struct cao_window s = { side ? cut : 0, 0, side ? COLS - cut : cut, ROWS };
            for (int32_t r = 0; r < ROWS; r++)
                memcpy(block + (size_t)r * (size_t)s.cols, f->values + (size_t)r * COLS + s.col,
                       (size_t)s.cols * sizeof *block);
            cao_zone_add(&halves, &scale, f->spans, f->n_spans, block, &s);
        }
        same(&whole, &halves);
    }
    free(block);
    free(f);
}

static void nothing_valid_is_nothing_and_no_infinity(void **state)
{
    (void)state;
    float values[4] = { NAN, NAN, NAN, NAN };
    struct cao_span span = { 0, 0, 4, 0.5 };
    struct cao_window w = { 0, 0, 4, 1 };
    struct cao_zone_scale scale = cao_zone_scale_for(1);
    struct cao_zone_sum z = { 0 };
    cao_zone_add(&z, &scale, &span, 1, values, &w);
    assert_true(cao_zone_area(&z) == 2 && cao_zone_valid(&z) == 0);
    assert_true(isnan(cao_zone_mean(&z, &scale)) && isnan(cao_zone_stdev(&z, &scale)));
    assert_true(cao_zone_total(&z, &scale) == 0);
    values[1] =
        7.0f; /* beyond the range that was declared: clamped and counted, never lost in the sum */
    cao_zone_add(&z, &scale, &span, 1, values, &w);
    assert_int_equal(z.n_clamped, 1);
    assert_true(cao_zone_mean(&z, &scale) == 1);
}

static void a_zero_has_no_sign_to_depend_on(void **state)
{
    (void)state;
    const float values[2] = { -0.0f, 0.0f };
    struct cao_window w = { 0, 0, 2, 1 };
    struct cao_zone_scale scale = cao_zone_scale_for(1);
    for (int first = 0; first < 2; first++) {
        struct cao_span one = { 0, first, 1, 1 }, other = { 0, 1 - first, 1, 1 };
        struct cao_zone_sum z = { 0 };
        cao_zone_add(&z, &scale, &one, 1, values, &w);
        cao_zone_add(&z, &scale, &other, 1, values, &w);
        assert_true(z.min == 0 && !signbit(z.min) && z.max == 0 && !signbit(z.max));
    }
}

static void a_cell_belongs_to_the_zone_with_the_largest_share(void **state)
{
    (void)state;
    struct cao_window w = { 10, 5, 4, 1 };
    const struct cao_span a[] = { { 5, 9, 3, 0.5 }, { 4, 10, 4, 1 } },
                          b[] = { { 5, 11, 1, 0.5 }, { 5, 12, 5, 0.7 } };
    int32_t labels[4] = { 0 };
    float weights[4] = { 0 };
    cao_zone_label(a, 2, 1, &w, labels, weights);
    cao_zone_label(b, 2, 2, &w, labels, weights);
    assert_int_equal(labels[0], 1);
    assert_int_equal(labels[1], 1); /* a tie stays with the first */
    assert_int_equal(labels[2], 2);
    assert_int_equal(labels[3], 2);
}

/* Of each class, against a plain loop, and the same bits however the window is cut. */
static void classes_are_counted_by_the_share_of_their_cells(void **state)
{
    (void)state;
    enum { CLASSES = 5 };
    struct field *f = make_field(1, 77);
    struct cao_window w = { 0, 0, COLS, ROWS };
    static uint8_t classes[ROWS * COLS];
    uint64_t seed = 9;
    cao_int128 whole[CLASSES] = { 0 }, strips[CLASSES] = { 0 };
    double want[CLASSES] = { 0 };
    for (size_t i = 0; i < ROWS * COLS; i++)
        classes[i] = (uint8_t)(uniform(&seed) * CLASSES);
    cao_zone_count(whole, CLASSES, f->spans, f->n_spans, classes, &w);
    for (size_t i = 0; i < f->n_spans; i++)
        for (int32_t c = 0; c < f->spans[i].n; c++)
            want[classes[f->spans[i].row * COLS + f->spans[i].col + c]] += f->spans[i].weight;
    for (int32_t row = ROWS - 7; row > -7; row -= 7) {
        int32_t top = row < 0 ? 0 : row;
        struct cao_window s = { 0, top, COLS, row + 7 - top };
        cao_zone_count(strips, CLASSES, f->spans, f->n_spans, classes + (size_t)top * COLS, &s);
    }
    for (size_t k = 0; k < CLASSES; k++) {
        assert_true(fabs(cao_zone_cells(whole[k]) - want[k]) < 1e-7);
        assert_true(whole[k] == strips[k]);
    }
    free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_agree_with_a_plain_loop),
        cmocka_unit_test(any_cut_and_any_order_give_the_same_bits),
        cmocka_unit_test(nothing_valid_is_nothing_and_no_infinity),
        cmocka_unit_test(a_zero_has_no_sign_to_depend_on),
        cmocka_unit_test(a_cell_belongs_to_the_zone_with_the_largest_share),
        cmocka_unit_test(classes_are_counted_by_the_share_of_their_cells),
    };
    return cmocka_run_group_tests_name("zonal", tests, NULL, NULL) != 0;
}
