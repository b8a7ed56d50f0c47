/* SPDX-License-Identifier: MIT
 * Half resolution, worked by hand: 5 x 3 pixels become 3 x 2. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "support/support.h"

#include "raster/overview.h"

enum { NO = -32768 };

static void quantities_take_the_mean_of_what_has_data(void **state)
{
    (void)state;
    static const int16_t pixels[] = { 1,  2,  NO, -3, 7,  /* */
                                      3,  5,  -4, NO, NO, /* */
                                      NO, NO, 9,  10, -8 };
    const struct cao_raster_layout l = { .pixel = CAO_INT16, .nodata = NO };
    int16_t half[6];
    cao_overview_half(&l, pixels, 5, 3, half);
    /* 11/4 = 2.75; -7/2 = -3.5, away from zero; 7 alone; none; 19/2 = 9.5; -8 alone */
    static const int16_t want[] = { 3, -4, 7, NO, 10, -8 };
    assert_memory_equal(half, want, sizeof want);
    const struct cao_raster_layout zero = { .pixel = CAO_INT16, .nodata = 0 };
    static const int16_t about_zero[] = { -1, 2, 1, -2 }; /* 0 would be read as no data */
    cao_overview_half(&zero, about_zero, 2, 2, half);
    assert_int_equal(half[0], 1);
    static const int16_t below_zero[] = { -1, 2, 1, -3 }; /* -0.25 */
    cao_overview_half(&zero, below_zero, 2, 2, half);
    assert_int_equal(half[0], -1);
}

static void unsigned_and_real_ones_too(void **state)
{
    (void)state;
    const struct cao_raster_layout wide = { .pixel = CAO_UINT16, .nodata = 65535 },
                                   small = { .pixel = CAO_UINT8, .nodata = 255 },
                                   real = { .pixel = CAO_FLOAT32, .nodata = (double)NAN };
    static const uint16_t w[] = { 65534, 65533, 65535, 65534 };
    uint16_t half_w;
    cao_overview_half(&wide, w, 2, 2, &half_w);
    assert_int_equal(half_w, 65534); /* 65533.67 */
    static const uint8_t s[] = { 0, 1, 255, 255 };
    uint8_t half_s;
    cao_overview_half(&small, s, 2, 2, &half_s);
    assert_int_equal(half_s, 1); /* 0.5 */
    static const float r[] = { 0.25f, NAN, 1, NAN, NAN, NAN };
    float half_r[2];
    cao_overview_half(&real, r, 2, 3, half_r);
    assert_true(half_r[0] == 0.625f && isnan(half_r[1]));
}

static void classes_take_the_commonest_and_on_ties_the_first(void **state)
{
    (void)state;
    static const struct cao_legend legend[] = { { 1, "a", "甲", { 1, 2, 3 } } };
    const struct cao_raster_layout l = {
        .pixel = CAO_UINT8, .nodata = 255, .legend = legend, .n_legend = 1
    };
    static const uint8_t pixels[] = { 4, 2, 255, 255, 7, /* */
                                      2, 4, 255, 3,   7, /* */
                                      5, 9, 255, 255, 255 };
    uint8_t half[6];
    cao_overview_half(&l, pixels, 5, 3, half);
    static const uint8_t want[] = { 4, 3, 7, 5, 255, 255 };
    assert_memory_equal(half, want, sizeof want);
}

/* A plain loop in whole numbers. */
static int mean_by_hand(const int *v, int n, int nodata)
{
    long sum = 0, count = 0;
    for (int k = 0; k < n; k++)
        if (v[k] != nodata) {
            sum += v[k];
            count++;
        }
    if (count == 0)
        return nodata;
    long twice = 2 * labs(sum) + count, mean = (sum < 0 ? -1 : 1) * (twice / (2 * count));
    if (mean == nodata)
        mean += sum < nodata * count ? -1 : 1;
    return (int)mean;
}

static int commonest_by_hand(const int *v, int n, int nodata)
{
    int best = nodata, most = 0;
    for (int k = 0; k < n; k++) {
        int count = 0;
        for (int m = 0; m < n; m++)
            count += v[m] == v[k] && v[k] != nodata;
        best = count > most ? v[k] : best;
        most = count > most ? count : most;
    }
    return best;
}

static int pixel_at(enum cao_pixel type, const void *pixels, size_t i)
{
    return type == CAO_INT16    ? ((const int16_t *)pixels)[i]
           : type == CAO_UINT16 ? ((const uint16_t *)pixels)[i]
                                : ((const uint8_t *)pixels)[i];
}

/* Long rows go in vectors: every length around theirs, all types, few numbers so that ties are met. */
static void long_rows_agree_with_a_plain_loop(void **state)
{
    (void)state;
    enum { ROWS = 5, MOST = 75 };
    static const struct cao_legend legend[] = { { 1, "a", "甲", { 1, 2, 3 } } };
    static const struct {
        enum cao_pixel pixel;
        int nodata, low, high;
    } cases[] = { { CAO_INT16, -32768, -32767, 32767 },
                  { CAO_INT16, 0, -3, 3 },
                  { CAO_INT16, 32767, -32768, 32766 },
                  { CAO_UINT16, 65535, 0, 65534 },
                  { CAO_UINT16, 2, 0, 5 },
                  { CAO_UINT8, 255, 0, 254 },
                  { CAO_UINT8, 3, 0, 6 },
                  { CAO_UINT8, 0, 1, 3 } };
    const size_t n_cases = sizeof cases / sizeof cases[0];
    for (size_t c = 0; c < 2 * n_cases; c++)
        for (size_t cols = 1; cols <= MOST; cols++) {
            bool classes = c >= n_cases;
            enum cao_pixel type = cases[c % n_cases].pixel;
            int nodata = cases[c % n_cases].nodata, low = cases[c % n_cases].low;
            int range = cases[c % n_cases].high - low + 1;
            struct cao_raster_layout l = { .pixel = type, .nodata = nodata };
            uint16_t pixels[ROWS * MOST] = { 0 }, half[(ROWS + 1) / 2 * ((MOST + 1) / 2)];
            uint64_t seed = 77 * c + cols;
            if (classes && type != CAO_UINT8)
                continue;
            l.legend = classes ? legend : NULL;
            l.n_legend = classes;
            for (size_t i = 0; i < ROWS * cols; i++) {
                seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
                int r = (int)(seed >> 40), v = r % 5 == 0 ? nodata : low + r / 5 % range;
                if (type == CAO_UINT8)
                    ((uint8_t *)pixels)[i] = (uint8_t)v;
                else
                    pixels[i] = (uint16_t)v;
            }
            cao_overview_half(&l, pixels, cols, ROWS, half);
            for (size_t y = 0; y < (ROWS + 1) / 2; y++)
                for (size_t x = 0; x < (cols + 1) / 2; x++) {
                    int v[4], n = 0;
                    for (size_t k = 0; k < 4; k++)
                        if (2 * y + k / 2 < ROWS && 2 * x + k % 2 < cols)
                            v[n++] = pixel_at(type, pixels, (2 * y + k / 2) * cols + 2 * x + k % 2);
                    int want =
                        classes ? commonest_by_hand(v, n, nodata) : mean_by_hand(v, n, nodata);
                    assert_int_equal(pixel_at(type, half, y * ((cols + 1) / 2) + x), want);
                }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantities_take_the_mean_of_what_has_data),
        cmocka_unit_test(unsigned_and_real_ones_too),
        cmocka_unit_test(classes_take_the_commonest_and_on_ties_the_first),
        cmocka_unit_test(long_rows_agree_with_a_plain_loop),
    };
    return cmocka_run_group_tests_name("overview", tests, NULL, NULL) != 0;
}
