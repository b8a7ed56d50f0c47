/* SPDX-License-Identifier: MIT
 * Sums as text: what is written is what is read, to the bit, and what is not sums is refused. */
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "run/zone_text.h"

static void sums_come_back_to_the_bit(void **state)
{
    (void)state;
    struct cao_zone_sum in[4] = { { 0 } }, out[4];
    in[1] = (struct cao_zone_sum){ .area = (cao_int128)1 << 100,
                                   .valid = ((cao_int128)1 << 100) - 1,
                                   .sum = -(((cao_int128)1 << 110) + 12345),
                                   .square = ((cao_int128)0x123456789abcdefLL << 60) + 7,
                                   .n_clamped = 18446744073709551615u,
                                   .min = -0.1f,
                                   .max = 3.4e38f };
    in[2] = (struct cao_zone_sum){ .area = 1 }; /* covered, nothing valid */
    in[3] = (struct cao_zone_sum){ .area = 10, .valid = 16, .sum = -1, .square = 255, .min = 1 };
    struct cao_buf text = { 0 };
    cao_zone_text_sums(&text, in, 4);
    assert_true(cao_zone_text_read_sums(text.text, out, 4));
    for (int i = 0; i < 4; i++) {
        assert_true(out[i].area == in[i].area && out[i].valid == in[i].valid &&
                    out[i].sum == in[i].sum && out[i].square == in[i].square &&
                    out[i].n_clamped == in[i].n_clamped);
        assert_memory_equal(&out[i].min, &in[i].min, sizeof in[i].min);
        assert_memory_equal(&out[i].max, &in[i].max, sizeof in[i].max);
    }
    /* by hand: 10, 16, -1 and 255 in base 16, no clamped cell, the bits of 1.0f and 0 */
    assert_non_null(strstr(text.text, ";a 10 -1 ff 0 3f800000 0;"));
    assert_true(text.text[0] == ';');
    cao_buf_release(&text);

    cao_int128 v[3] = { 0, -1, (cao_int128)1 << 126 }, got[3];
    cao_zone_text_numbers(&text, v, 3);
    assert_string_equal(text.text, "0 -1 40000000000000000000000000000000 ");
    assert_true(cao_zone_text_read_numbers(text.text, got, 3));
    assert_memory_equal(v, got, sizeof v);
    cao_buf_release(&text);
}

static void what_is_no_sums_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "",
                                       "1 2 3 4 5 6;",
                                       "1 2 3 4 5 6 7",
                                       "1 2 3 4 5 6 7;;",
                                       "g 2 3 4 5 6 7;",
                                       "1  2 3 4 5 6 7;",
                                       "1 2 3 4 5 6 7; ",
                                       "000000000000000000000000000000001 2 3 4 5 6 7;",
                                       "- 2 3 4 5 6 7;" };
    struct cao_zone_sum z;
    cao_int128 v[2];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(cao_zone_text_read_sums(bad[i], &z, 1));
    assert_true(cao_zone_text_read_sums("1 2 3 4 5 6 7;", &z, 1));
    assert_false(cao_zone_text_read_numbers("1 2 3 ", v, 2));
    assert_false(cao_zone_text_read_numbers("1 2", v, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_come_back_to_the_bit),
        cmocka_unit_test(what_is_no_sums_is_refused),
    };
    return cmocka_run_group_tests_name("zone_text", tests, NULL, NULL);
}
