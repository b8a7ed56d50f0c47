/* SPDX-License-Identifier: MIT
 *
 * Shares of a cell by reason, worked by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "caochu/mask_share.h"

enum { W = 4, H = 3, O = CAO_CLEAR, C = CAO_CLOUD, S = CAO_SHADOW };
static const uint8_t pixels[W * H] = { O, O, C, C, /**/ O, O, S, C, /**/ O, O, O, O };

static void a_cell_is_clear_by_the_share_of_its_area(void **state)
{
    (void)state;
    /* 2 x 2 pixels each: all clear; half clear (cloud 1, shadow 1: cloud comes first); cloud 2, and 2 beyond,
     * which comes first; from 1.5 to 3.5 and .5 to 2.5: clear 1 + .5 + .25, cloud .5 + .25 + .5, shadow 1;
     * beyond everything; nowhere */
    const double x[] = { 1, 2, 4, 2.5, 9, (double)NAN }, y[] = { 1, 1, 1, 1.5, 1, 1 };
    const struct cao_boxes boxes = { x, y, 1, 1, 6 };
    uint8_t reason[6], removed[6];
    cao_mask_share(pixels, W, H, &boxes, 0.5, reason, removed);
    static const uint8_t half[6] = { O, O, CAO_OUTSIDE, C, CAO_OUTSIDE, CAO_OUTSIDE };
    static const uint8_t taken[6] = { O, C, CAO_OUTSIDE, C, CAO_OUTSIDE, CAO_OUTSIDE };
    assert_memory_equal(reason, half, 6);
    assert_memory_equal(removed, taken, 6);
    cao_mask_share(pixels, W, H, &boxes, 0.4375, reason, removed); /* 1.75 of 4 */
    assert_int_equal(reason[3], O);
    cao_mask_share(pixels, W, H, &boxes, 0.4376, reason, removed);
    assert_int_equal(reason[3], C);
    cao_mask_share(pixels, W, H, &boxes, 1, reason, removed);
    assert_int_equal(reason[0], O);
    assert_int_equal(reason[1], C);
}

static void a_pixel_is_hit_by_anything_under_it(void **state)
{
    (void)state;
    /* pixels of half the size, of twice the size, and shifted by half a pixel, beyond the edge at last */
    const struct cao_under half = { 1, 0.5 }, twice = { 0, 2 }, shifted = { 0.5, 1 },
                           whole = { 0, 1 };
    uint8_t hit[12];
    cao_mask_under(pixels, W, H, &half, &whole, 4, 1,
                   hit); /* columns 1, 1, 2, 2 of the first row */
    assert_memory_equal(hit, ((uint8_t[]){ 0, 0, 1, 1 }), 4);
    cao_mask_under(pixels, W, H, &twice, &whole, 2, 3, hit);
    assert_memory_equal(hit, ((uint8_t[]){ 0, 1, 0, 1, 0, 0 }), 6);
    cao_mask_under(pixels, W, H, &shifted, &whole, 4, 3, hit);
    assert_memory_equal(hit, ((uint8_t[]){ 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1 }), 12);
    cao_mask_under(pixels, W, H, &whole, &twice, 4, 2,
                   hit); /* the second row of them ends beyond */
    assert_memory_equal(hit, ((uint8_t[]){ 0, 0, 1, 1, 1, 1, 1, 1 }), 8);
}

static void values_near_a_hit_are_dropped(void **state)
{
    (void)state;
    static const uint8_t hit[15] = { [7] = 1 }; /* the middle of 5 x 3 */
    for (size_t rim = 0; rim < 4; rim++) {
        float v[15] = { 0 };
        cao_mask_drop(hit, 5, 3, rim, v);
        for (int i = 0; i < 15; i++) {
            int dx = i % 5 - 2, dy = i / 5 - 1;
            int away = dx * dx > dy * dy ? (dx < 0 ? -dx : dx) : (dy < 0 ? -dy : dy);
            assert_int_equal(isnan(v[i]) ? 1 : 0, away <= (int)rim ? 1 : 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_is_clear_by_the_share_of_its_area),
        cmocka_unit_test(a_pixel_is_hit_by_anything_under_it),
        cmocka_unit_test(values_near_a_hit_are_dropped),
    };
    return cmocka_run_group_tests_name("mask share", tests, NULL, NULL);
}
