/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/arena.h"
#include "caochu/findings.h"
#include "caochu/hash.h"
#include "caochu/table.h"
#include "caochu/text.h"

static void numbers_are_taken_whole_or_not_at_all(void **state)
{
    (void)state;
    static const char *const good[] = { "1", " 12.5 ", "-3e2", "+.5", "0", "1e-10" };
    static const double value[] = { 1, 12.5, -300, 0.5, 0, 1e-10 };
    static const char *const bad[] = { "",      " ",   "1,5", "0x10", "nan", "inf",
                                       "1e999", "12a", "--1", ".",    "1 2", "１" };
    double v;
    int64_t i;
    for (size_t k = 0; k < sizeof good / sizeof good[0]; k++) {
        assert_true(cao_text_double(good[k], &v));
        assert_true(v == value[k]);
    }
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
        assert_false(cao_text_double(bad[k], &v));
    assert_true(cao_text_int64("-9223372036854775808", &i) && i == INT64_MIN);
    assert_true(cao_text_int64("9223372036854775807", &i) && i == INT64_MAX);
    assert_false(cao_text_int64("9223372036854775808", &i));
    assert_false(cao_text_int64("1.0", &i));
    assert_false(cao_text_int64("", &i));
}

static void dates_are_gregorian(void **state)
{
    (void)state;
    int32_t d;
    int64_t t;
    char text[CAO_TIME_TEXT];
    assert_true(cao_date_parse("1970-01-01", &d) && d == 0);
    assert_true(cao_date_parse("20240229", &d) && d == 19782);
    assert_true(cao_date_parse("2000-03-01", &d) && d == 11017);
    assert_int_equal(cao_date_day_of_year(cao_date_of(2024, 12, 31)), 366);
    static const char *const bad[] = { "2023-02-29",  "2024-13-01", "2024-00-10", "2024-1-1",
                                       "2024-01-01x", "24-01-01",   "2024-0101",  "" };
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
        assert_false(cao_date_parse(bad[k], &d));
    assert_true(cao_time_parse("2022-04-13T15:07:59.024Z", &t) && t == 1649862479);
    cao_time_format(t, text);
    assert_string_equal(text, "2022-04-13T15:07:59Z");
    assert_false(cao_time_parse("2022-04-13T25:07:59Z", &t));
    assert_false(cao_time_parse("2022-04-13", &t));
    for (int32_t day = -700000; day < 800000; day += 311) { /* there and back */
        char date[CAO_DATE_TEXT];
        cao_date_format(day, date);
        if (strlen(date) == 10 && date[0] != '-') {
            assert_true(cao_date_parse(date, &d));
            assert_int_equal(d, day);
        }
    }
}

static void the_nearest_word_is_found_or_none(void **state)
{
    (void)state;
    static const char *const words[] = { "grid.resolution", "composite", "NDVI", "EVI" };
    assert_int_equal(cao_text_nearest("grid.resolutoin", words, 4), 0); /* two letters swapped */
    assert_int_equal(cao_text_nearest("compositte", words, 4), 1);
    assert_int_equal(cao_text_nearest("nvdi", words, 4), 2);
    assert_true(cao_text_nearest("herd", words, 4) == SIZE_MAX);
    assert_true(cao_text_nearest("", words, 4) == SIZE_MAX);
}

static void encodings_become_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t n;
        enum cao_encoding want;
    } cases[] = {
        { "牦牛", 6, CAO_UTF8 },
        { "\xEF\xBB\xBF牦牛", 9, CAO_UTF8_BOM },
        { "\xEA\xF3\xC5\xA3", 4, CAO_GB18030 },
        { "\xFF\xFE\x66\x72\x5B\x72", 6, CAO_UTF16 },
    };
    for (size_t i = 0; i < 4; i++) {
        struct cao_error err = { 0 };
        enum cao_encoding found;
        char *out;
        size_t n;
        assert_ok(cao_text_utf8(cases[i].in, cases[i].n, &out, &n, &found, &err));
        assert_string_equal(out, "牦牛");
        assert_int_equal(n, 6);
        assert_int_equal(found, cases[i].want);
        free(out);
    }
    struct cao_error err = { 0 };
    char *out;
    size_t n;
    assert_int_equal(cao_text_utf8("\xFF\xFF\xFF", 3, &out, &n, NULL, &err), CAO_EDATA);
    assert_false(cao_text_is_utf8("\xC0\x80", 2));     /* overlong */
    assert_false(cao_text_is_utf8("\xED\xA0\x80", 3)); /* surrogate */
    assert_int_equal(cao_text_columns("草畜ab"), 6);
}

static void errors_read_from_the_outside_in_and_end_on_a_character(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    assert_int_equal(cao_fail(&err, CAO_EIO, "read failed"), CAO_EIO);
    assert_int_equal(cao_within(&err, CAO_EIO, "tile %s", "r1c2"), CAO_EIO);
    assert_string_equal(err.text, "tile r1c2: read failed");
    char name[3000];
    for (size_t i = 0; i + 3 < sizeof name; i += 3)
        memcpy(name + i, "草", 4);
    for (size_t cut = 0; cut < 3; cut++) {
        (void)cao_fail(&err, CAO_EARG, "%.*s%s", (int)cut, "xyz", name);
        assert_true(strlen(err.text) < sizeof err.text);
        assert_true(cao_text_is_utf8(err.text, strlen(err.text)));
    }
    (void)cao_fail(&err, CAO_EARG, "%s", "inner");
    (void)cao_fail(&err, CAO_EARG, "outer: %s", err.text); /* an argument may be the text itself */
    assert_string_equal(err.text, "outer: inner");
    assert_int_equal(cao_fail(NULL, CAO_ENOMEM, "x"), CAO_ENOMEM);
    for (int s = 0; s < CAO_N_STATUS; s++)
        assert_string_not_equal(cao_status_name((enum cao_status)s), "unknown");
}

static void the_csv_is_what_excel_and_people_read(void **state)
{
    (void)state;
    static const struct cao_column columns[] = { { "id", "编号", "", "", CAO_CELL_TEXT, 0 },
                                                 { "su", "羊单位", "SU", "", CAO_CELL_REAL, 2 },
                                                 { "n", "个数", "", "", CAO_CELL_INT, 0 } };
    struct cao_error err = { 0 };
    struct cao_table t;
    char *csv;
    size_t n;
    assert_ok(cao_table_init(&t, columns, 3, 3, &err));
    assert_ok(cao_table_set_text(&t, 0, 0, "007", &err));
    assert_ok(cao_table_set_text(&t, 1, 0, "a,\"b\"", &err));
    cao_table_set_number(&t, 0, 1, 0.125); /* an exact half goes away from zero */
    cao_table_set_number(&t, 1, 1, -0.125);
    cao_table_set_number(&t, 2, 1, -0.001); /* no "-0.00" */
    cao_table_set_number(&t, 0, 2, 3);
    cao_table_set_number(&t, 1, 2, (double)NAN); /* nothing, not NaN */
    cao_table_set_number(&t, 2, 2, HUGE_VAL);
    assert_ok(cao_table_csv(&t, false, &csv, &n, &err));
    assert_string_equal(
        csv, "\xEF\xBB\xBFid,su,n\r\n007,0.13,3\r\n\"a,\"\"b\"\"\",-0.13,\r\n,0.00,\r\n");
    free(csv);
    assert_ok(cao_table_csv(&t, true, &csv, &n, &err));
    assert_memory_equal(csv, "\xEF\xBB\xBF编号,羊单位,个数\r\n", 28);
    free(csv);
    cao_table_release(&t);
}

static void digests_tell_texts_apart(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_hash *h;
    char a[CAO_HASH_TEXT], b[CAO_HASH_TEXT];
    assert_ok(cao_hash_create(&h, &err));
    cao_hash_text(h, "ab");
    cao_hash_text(h, "c");
    cao_hash_final(h, a);
    cao_hash_reset(h);
    cao_hash_text(h, "a");
    cao_hash_text(h, "bc");
    cao_hash_final(h, b);
    assert_string_not_equal(a, b);
    cao_hash_reset(h);
    cao_hash_double(h, 0.0);
    cao_hash_final(h, a);
    cao_hash_reset(h);
    cao_hash_double(h, -0.0);
    cao_hash_final(h, b);
    assert_string_equal(a, b);
    assert_int_equal(strlen(a), 32);
    cao_hash_destroy(h);
}

static void an_arena_gives_what_it_has_and_no_more(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_arena a;
    assert_ok(cao_arena_init(&a, cao_arena_need(10, 4) + cao_arena_need(3, 100), &err));
    void *p = cao_arena_take(&a, 10, 4);
    size_t mark = a.used;
    void *q = cao_arena_take(&a, 3, 100);
    assert_non_null(p);
    assert_non_null(q);
    assert_int_equal((uintptr_t)q % 64, 0);
    assert_null(cao_arena_take(&a, 1, 1));
    a.used = mark;
    assert_ptr_equal(cao_arena_take(&a, 300, 1), q);
    assert_true(cao_arena_need(SIZE_MAX, 2) == SIZE_MAX);
    assert_null(cao_arena_take(&a, SIZE_MAX, 2));
    cao_arena_release(&a);
}

static void findings_keep_their_order_and_count_problems(void **state)
{
    (void)state;
    struct cao_findings a = { 0 }, b = { 0 };
    char text[200];
    assert_int_equal(cao_findings_add(&a, CAO_NOTE, "n", NULL, 0, NULL, "plain"), CAO_OK);
    assert_int_equal(
        cao_findings_add(&b, CAO_PROBLEM, "p", "h.csv", 7, "007", "heads '%d' is negative", -3),
        CAO_OK);
    assert_int_equal(cao_findings_take(&a, &b), CAO_OK);
    assert_int_equal(a.n, 2);
    assert_int_equal(a.n_problems, 1);
    assert_int_equal(b.n, 0);
    cao_finding_format(&a.items[1], text, sizeof text);
    assert_string_equal(text, "h.csv:7: 007: heads '-3' is negative");
    cao_finding_format(&a.items[0], text, sizeof text);
    assert_string_equal(text, "plain");
    cao_findings_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_taken_whole_or_not_at_all),
        cmocka_unit_test(dates_are_gregorian),
        cmocka_unit_test(the_nearest_word_is_found_or_none),
        cmocka_unit_test(encodings_become_utf8),
        cmocka_unit_test(errors_read_from_the_outside_in_and_end_on_a_character),
        cmocka_unit_test(the_csv_is_what_excel_and_people_read),
        cmocka_unit_test(digests_tell_texts_apart),
        cmocka_unit_test(an_arena_gives_what_it_has_and_no_more),
        cmocka_unit_test(findings_keep_their_order_and_count_problems),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL) != 0;
}
