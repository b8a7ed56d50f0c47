/* SPDX-License-Identifier: MIT
 * Periods of a project: named ranges, and ranges cut into months, thirds of months, the 8 and 16 days of
 * MODIS, and years. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/text.h"
#include "config/project_periods.h"

static enum cao_status read_text(const char *text, struct cao_period **list, size_t *n,
                                 struct cao_error *err)
{
    struct cao_yaml *root = NULL;
    struct cao_error why = { 0 };
    if (cao_yaml_parse(text, strlen(text), "park.yaml", &root, &why))
        fail_msg("%s", why.text);
    enum cao_status st = cao_periods_read("park.yaml", &root->items[0], list, n, err);
    cao_yaml_destroy(root);
    return st;
}

/* @param want "NAME FROM TO" of each period, '|' between; of many the first, the last and "..." between */
static void expect(const char *text, size_t n_want, const char *want)
{
    struct cao_period *list = NULL;
    struct cao_error err = { 0 };
    size_t n = 0;
    struct cao_buf b = { 0 };
    assert_ok(read_text(text, &list, &n, &err));
    for (size_t i = 0; i < n; i++) {
        char from[CAO_DATE_TEXT], to[CAO_DATE_TEXT];
        bool skip = n > 4 && i > 1 && i + 2 < n;
        cao_date_format(list[i].from, from);
        cao_date_format(list[i].to, to);
        if (!skip)
            cao_buf_add(&b, "%s%s %s %s", i ? "|" : "", list[i].name, from, to);
    }
    assert_string_equal(b.text, want);
    assert_int_equal(n, n_want);
    cao_buf_release(&b);
    cao_periods_free(list, n);
}

static void ranges_are_cut_as_the_calendar_has_it(void **state)
{
    (void)state;
    expect("periods: [{name: peak, from: 2024-07-20, to: 2024-08-31}]", 1,
           "peak 2024-07-20 2024-08-31");
    expect("periods: [{every: month, from: 2024-05-01, to: 2024-07-31}]", 3,
           "2024-05 2024-05-01 2024-05-31|2024-06 2024-06-01 2024-06-30|2024-07 2024-07-01 "
           "2024-07-31");
    /* the ends are cut, the names are not */
    expect("periods: [{every: month, from: 2023-12-15, to: 2024-02-10}]", 3,
           "2023-12 2023-12-15 2023-12-31|2024-01 2024-01-01 2024-01-31|2024-02 2024-02-01 "
           "2024-02-10");
    expect("periods: [{every: 10d, from: 2024-02-01, to: 2024-02-29}]", 3,
           "2024-02-01 2024-02-01 2024-02-10|2024-02-11 2024-02-11 2024-02-20|2024-02-21 "
           "2024-02-21 2024-02-29");
    /* MOD13Q1.A2024193 begins on 11 July, A2023193 on 12 July; 23 of them a year, 46 of 8 days, the last
     * to the end of the year */
    expect("periods: [{every: 16d, from: 2024-07-11, to: 2024-08-11}]", 2,
           "2024-D193 2024-07-11 2024-07-26|2024-D209 2024-07-27 2024-08-11");
    expect("periods: [{every: 16d, from: 2023-01-01, to: 2023-12-31}]", 23,
           "2023-D001 2023-01-01 2023-01-16|2023-D017 2023-01-17 2023-02-01|2023-D337 2023-12-03 "
           "2023-12-18|2023-D353 2023-12-19 2023-12-31");
    expect("periods: [{every: 8d, from: 2024-01-01, to: 2024-12-31}]", 46,
           "2024-D001 2024-01-01 2024-01-08|2024-D009 2024-01-09 2024-01-16|2024-D353 2024-12-18 "
           "2024-12-25|2024-D361 2024-12-26 2024-12-31");
    expect("periods: [{every: 16d, from: 2023-12-25, to: 2024-01-05}]", 2,
           "2023-D353 2023-12-25 2023-12-31|2024-D001 2024-01-01 2024-01-05");
}

static void ranges_recur_in_years(void **state)
{
    (void)state;
    expect("periods: [{every: year, from: 07-20, to: 08-31, years: 2020-2022}]", 3,
           "2020 2020-07-20 2020-08-31|2021 2021-07-20 2021-08-31|2022 2022-07-20 2022-08-31");
    expect("periods: [{name: peak, every: year, from: 07-20, to: 08-31, years: [2018, 2020-2021]}]",
           3,
           "peak-2018 2018-07-20 2018-08-31|peak-2020 2020-07-20 2020-08-31|peak-2021 2021-07-20 "
           "2021-08-31");
    expect("periods: [{name: winter, every: year, from: 11-01, to: 03-31, years: 2023}]", 1,
           "winter-2023 2023-11-01 2024-03-31");
    expect("periods: [{every: year, from: 02-29, to: 02-29, years: [2024]}]", 1,
           "2024 2024-02-29 2024-02-29");
    expect("periods: [{every: year, from: 01-01, to: 02-29, years: 2023}]", 1,
           "2023 2023-01-01 2023-02-28");
    expect("periods: [{every: year, from: 2022-06-01, to: 2023-05-31}]", 2,
           "2022 2022-06-01 2022-12-31|2023 2023-01-01 2023-05-31");
    expect("periods: [{every: month, from: 08-01, to: 09-30, years: 2023-2024}]", 4,
           "2023-08 2023-08-01 2023-08-31|2023-09 2023-09-01 2023-09-30|2024-08 2024-08-01 "
           "2024-08-31|2024-09 2024-09-01 2024-09-30");
    expect("periods: [{name: rest, from: 05-01, to: 06-15, years: 2024}, {name: b, every: month, "
           "from: 2024-05-01, to: 2024-05-31}]",
           2, "rest 2024-05-01 2024-06-15|b-2024-05 2024-05-01 2024-05-31");
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "periods:\n  - {every: moth, from: 2024-05-01, to: 2024-07-31}",
          "park.yaml:2: periods[].every: 'moth' is not known; allowed: month|10d|8d|16d|year; did "
          "you mean month?" },
        { "periods:\n  - {every: month, from: 05-01, to: 07-31}",
          "park.yaml:2: periods[].from: has no year; give YYYY-MM-DD, or the years: years: "
          "2020-2024" },
        { "periods:\n  - {every: month, from: 2024-05-01, to: 07-31}",
          "park.yaml:2: periods[].to: has no year, but the other end has one" },
        { "periods:\n  - {every: year, from: 2024-05-01, to: 2024-07-31, years: 2024}",
          "periods[].years: goes with from and to as MM-DD" },
        { "periods:\n  - {name: a, from: 05-01, to: 07-31, years: 2023-2024}",
          "periods[].years: of several years each is a period: add every: year" },
        { "periods:\n  - {every: year, from: 05-01, to: 07-31, years: 2024-2020}",
          "'2024-2020' is no year" },
        { "periods:\n  - {every: year, from: 05-01, to: 07-31, years: []}",
          "at least one year is wanted" },
        { "periods:\n  - {every: year, from: 13-01, to: 07-31, years: 2024}",
          "'13-01' is not a date; allowed: YYYY-MM-DD, or with years MM-DD" },
        { "periods:\n  - {from: 2024-05-01, to: 2024-07-31}",
          "park.yaml:2: periods: a period lacks its name (or every: month" },
        { "periods:\n  - {every: month, from: 2024-05-01}", "a period lacks its to" },
        { "periods:\n  - {every: month, from: 2024-08-01, to: 2024-07-31}",
          "the range ends before it begins" },
        { "periods:\n  - {every: month, from: 2024-05-01, to: 2024-07-31}\n  - {every: month, "
          "from: "
          "2024-07-01, to: 2024-09-30}",
          "park.yaml:3: periods: the name 2024-07 is given twice, first in line 2; with every, a "
          "name is put before each" },
        { "periods:\n  - {evry: month, from: 2024-05-01, to: 2024-07-31}",
          "periods[].evry: unknown key; allowed: name, from, to, every, years; did you mean "
          "every?" },
        { "periods:\n  - {every: 8d, from: 1950-05-01, to: 2024-07-31}", "more than 2000 periods" },
        { "periods: [3]", "each is wanted as" },
        { "periods: {every: month}", "a list is wanted" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cao_period *list = NULL;
        struct cao_error err = { 0 };
        size_t n = 0;
        assert_int_equal(read_text(cases[i].text, &list, &n, &err), CAO_EARG);
        assert_true(list == NULL && n == 0);
        if (!strstr(err.text, cases[i].want))
            fail_msg("'%s' lacks '%s'", err.text, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_cut_as_the_calendar_has_it),
        cmocka_unit_test(ranges_recur_in_years),
        cmocka_unit_test(what_is_wrong_is_named_with_its_line),
    };
    return cmocka_run_group_tests_name("periods", tests, NULL, NULL) != 0;
}
