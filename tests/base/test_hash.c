/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "support/support.h"

#include "caochu/hash.h"

/* Whatever length pieces have inside, and with the two numbers that have more than one form. */
static void many_numbers_are_each_in_turn(void **state)
{
    (void)state;
    enum { MOST = 1500 };
    double v[MOST];
    char one[CAO_HASH_TEXT], all[CAO_HASH_TEXT], plain[CAO_HASH_TEXT];
    struct cao_hash *h;
    for (int i = 0; i < MOST; i++)
        v[i] = i % 7 == 3 ? -0.0 : i % 11 == 5 ? -(double)NAN : 1e5 * sin(i);
    assert_int_equal(cao_hash_create(&h, NULL), CAO_OK);
    for (size_t n = 0; n <= MOST; n += n < 4 ? 1 : 249) {
        cao_hash_reset(h);
        for (size_t i = 0; i < n; i++)
            cao_hash_double(h, v[i]);
        cao_hash_final(h, one);
        cao_hash_reset(h);
        cao_hash_doubles(h, v, n);
        cao_hash_final(h, all);
        assert_string_equal(all, one);
    }
    for (int i = 0; i < MOST; i++)
        v[i] = v[i] == 0 ? 0 : isnan(v[i]) ? (double)NAN : v[i];
    cao_hash_reset(h);
    cao_hash_doubles(h, v, MOST);
    cao_hash_final(h, all);
    cao_hash_reset(h);
    cao_hash_bytes(h, v, sizeof v); /* of a little-endian machine, as all that run this are */
    cao_hash_final(h, plain);
    assert_string_equal(all, plain);
    cao_hash_destroy(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(many_numbers_are_each_in_turn) };
    return cmocka_run_group_tests_name("hash", tests, NULL, NULL) != 0;
}
