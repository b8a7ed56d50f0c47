/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/table.h"

static uint64_t state_of_chance = 20240715;
static double chance(void) /* 0..1 */
{
    state_of_chance =
        state_of_chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(state_of_chance >> 11) / 9007199254740992.0;
}

/* As the C library prints, halves away from zero and zero without a sign. */
static void as_printed(double v, int decimals, char text[64])
{
    snprintf(text, 64, "%.*f", decimals, nextafter(v, v < 0 ? -HUGE_VAL : HUGE_VAL));
    if (text[0] == '-' && strtod(text, NULL) == 0)
        memmove(text, text + 1, strlen(text));
}

static void same_as_printed(double v, int decimals)
{
    struct cao_error err = { 0 };
    struct cao_column column = { "a", "a", "", "", CAO_CELL_REAL, decimals };
    struct cao_table t;
    char got[64], want[64];
    assert_ok(cao_table_init(&t, &column, 1, 1, &err));
    cao_table_set_number(&t, 0, 0, v);
    cao_table_format(&t, 0, 0, got, sizeof got);
    as_printed(v, decimals, want);
    if (strcmp(got, want) != 0)
        fail_msg("%.17g with %d decimals: '%s', not '%s'", v, decimals, got, want);
    cao_table_release(&t);
}

static void numbers_are_written_as_the_library_prints_them(void **state)
{
    (void)state;
    static const double odd[] = { 0,      -0.0,    0.5,    1.5,       2.5,
                                  -0.5,   -2.5,    0.05,   0.25,      0.125,
                                  1.005,  2.675,   1e-9,   -1e-9,     9.99,
                                  9.995,  99.9996, 0.9996, 999999.5,  1e11,
                                  1e15,   -1e15,   1e22,   12345.678, 4503599627370496.5,
                                  -0.049, 0.449999 };
    for (int d = 0; d <= 8; d++) {
        for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
            same_as_printed(odd[i], d);
        for (int i = 0; i < 4000; i++) {
            double v = (chance() - 0.5) * pow(10, chance() * 20 - 6);
            same_as_printed(v, d);
            same_as_printed(floor(v * 1000) / 1000, d);         /* as people write them */
            same_as_printed((floor(v * 1000) + 0.5) / 1000, d); /* near halves */
        }
    }
}

static void a_number_worked_by_hand(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_column columns[] = { { "a", "a", "", "", CAO_CELL_REAL, 2 },
                                    { "b", "b", "", "", CAO_CELL_INT, 0 },
                                    { "c", "c", "", "", CAO_CELL_REAL, 1 } };
    struct cao_table t;
    char *csv = NULL;
    size_t size = 0;
    assert_ok(cao_table_init(&t, columns, 3, 2, &err));
    cao_table_set_number(&t, 0, 0, -12.3456);
    cao_table_set_number(&t, 0, 1, 7);
    cao_table_set_number(&t, 0, 2, 0.25);
    cao_table_set_number(&t, 1, 0, -0.001);
    cao_table_set_number(&t, 1, 2, 100);
    assert_ok(cao_table_csv(&t, false, &csv, &size, &err));
    assert_string_equal(csv, "\xEF\xBB\xBF"
                             "a,b,c\r\n-12.35,7,0.3\r\n0.00,,100.0\r\n");
    free(csv);
    cao_table_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_as_the_library_prints_them),
        cmocka_unit_test(a_number_worked_by_hand),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
