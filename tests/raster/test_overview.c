/* SPDX-License-Identifier: MIT
 * Half resolution, worked by hand: 5 x 3 pixels become 3 x 2. */
#include <math.h>
#include <stdint.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantities_take_the_mean_of_what_has_data),
        cmocka_unit_test(unsigned_and_real_ones_too),
        cmocka_unit_test(classes_take_the_commonest_and_on_ties_the_first),
    };
    return cmocka_run_group_tests_name("overview", tests, NULL, NULL) != 0;
}
