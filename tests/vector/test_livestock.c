/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/livestock.h"

struct loaded {
    struct cao_herds h;
    struct cao_findings f;
    char *dir, path[CAO_PATH_MAX];
};

static void write_table(struct loaded *l, const char *name, const char *text, size_t n)
{
    struct cao_error err = { 0 };
    *l = (struct loaded){ .dir = test_folder("herds") };
    snprintf(l->path, sizeof l->path, "%s/%s", l->dir, name);
    assert_ok(cao_file_write(l->path, text, n, &err));
}

static enum cao_status load_long(struct loaded *l, struct cao_error *err)
{
    struct cao_livestock_source src = { .path = l->path,
                                        .id_field = "pasture_id",
                                        .species_field = "species",
                                        .heads_field = "heads" };
    return cao_livestock_load(&src, &l->h, &l->f, err);
}

static void release(struct loaded *l)
{
    cao_herds_release(&l->h);
    cao_findings_release(&l->f);
    free(l->dir);
}

static bool has(const struct loaded *l, long row, const char *words)
{
    for (size_t i = 0; i < l->f.n; i++)
        if (l->f.items[i].row == row && strstr(l->f.items[i].text, words))
            return true;
    return false;
}

static void a_table_is_read_in_any_usual_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
    } forms[] = {
#define FORM(s) { s, sizeof s - 1 }
        FORM("pasture_id,species,heads\n007,牦牛,12\n007,sheep,30\n"),
        FORM("\xEF\xBB\xBFpasture_id,species,heads\r\n007,牦牛,12\r\n007,sheep,30\r\n"),
        FORM("pasture_id;species;heads\n007;牦牛;12\n007;sheep;30"),
        FORM("pasture_id\tspecies\theads\n007\t牦牛\t12.0\n\n007\tsheep\t30\n"),
        FORM("\"Pasture_ID\",\"SPECIES\", heads \n\"007\",\"牦牛\",\"12\"\n 007 ,sheep,30\n"),
        FORM("pasture_id,species,heads\n007,\xEA\xF3\xC5\xA3,12\n007,sheep,30\n"), /* GBK: 牦牛 */
#undef FORM
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct loaded l;
        struct cao_error err = { 0 };
        write_table(&l, "h.csv", forms[i].text, forms[i].n);
        assert_ok(load_long(&l, &err));
        assert_int_equal(l.h.n, 2);
        assert_string_equal(l.h.items[0].pasture_id, "007");
        assert_string_equal(l.h.items[0].species, "牦牛");
        assert_true(l.h.items[0].heads == 12 && l.h.items[1].heads == 30);
        assert_int_equal(l.h.items[0].row, 2);
        assert_int_equal(l.f.n, 0);
        release(&l);
    }
}

static void bad_rows_are_named_with_their_line(void **state)
{
    (void)state;
    static const char text[] = "pasture_id,species,heads,note\n"
                               "1,yak,-3,\n"
                               "2,yak,abc,\n"
                               "3,yak,2.5,\n"
                               "4,yak,\"1,200\",\n"
                               "5,,7,\n"
                               ",yak,7,\n"
                               "6,yak,8,\"two\nlines\"\n"
                               "7,yak,nan,\n"
                               "8,yak,,\n";
    struct loaded l;
    struct cao_error err = { 0 };
    write_table(&l, "h.csv", text, sizeof text - 1);
    assert_ok(load_long(&l, &err));
    assert_int_equal(l.h.n, 1);
    assert_string_equal(l.h.items[0].pasture_id, "6");
    assert_int_equal(l.h.items[0].row, 8);
    assert_true(has(&l, 2, "negative"));
    assert_true(has(&l, 3, "'abc' is not a number"));
    assert_true(has(&l, 4, "not a whole number"));
    assert_true(has(&l, 5, "separators"));
    assert_true(has(&l, 6, "species is empty"));
    assert_true(has(&l, 7, "id is empty"));
    assert_true(has(&l, 10, "not a number")); /* the quoted line break counts as a line */
    assert_true(has(&l, 11, "not a number"));
    assert_int_equal(l.f.n_problems, 8);
    release(&l);
}

static void a_missing_column_lists_those_there_are(void **state)
{
    (void)state;
    static const char text[] = "编号,畜种,head\n1,牦牛,3\n";
    struct loaded l;
    struct cao_error err = { 0 };
    write_table(&l, "h.csv", text, sizeof text - 1);
    struct cao_livestock_source src = {
        .path = l.path, .id_field = "编号", .species_field = "畜种", .heads_field = "heads"
    };
    assert_int_equal(cao_livestock_load(&src, &l.h, &l.f, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "did you mean head"));
    assert_non_null(strstr(err.text, "编号, 畜种, head"));
    release(&l);
}

static void a_wide_table_has_a_column_per_species(void **state)
{
    (void)state;
    static const char text[] = "id,牦牛,藏羊,马\n01,10,,2\n02,,200,\n03,x,1,\n";
    static const char *const columns[] = { "牦牛", "藏羊", "马" };
    struct loaded l;
    struct cao_error err = { 0 };
    write_table(&l, "h.csv", text, sizeof text - 1);
    struct cao_livestock_source src = {
        .path = l.path, .id_field = "id", .species_columns = columns, .n_species_columns = 3
    };
    assert_ok(cao_livestock_load(&src, &l.h, &l.f, &err));
    assert_int_equal(l.h.n, 4);
    assert_string_equal(l.h.items[2].species, "藏羊");
    assert_true(l.h.items[2].heads == 200);
    assert_true(has(&l, 4, "'x' is not a number"));
    release(&l);
}

static void torn_tables_end_in_a_message(void **state)
{
    (void)state;
    struct loaded l;
    struct cao_error err = { 0 };
    write_table(&l, "h.csv", "pasture_id,species,heads\n1,\"yak,3\n", 34);
    assert_int_equal(load_long(&l, &err), CAO_EDATA);
    assert_non_null(strstr(err.text, "h.csv:2"));
    release(&l);
    write_table(&l, "h.csv", "", 0);
    assert_int_equal(load_long(&l, &err), CAO_EDATA);
    release(&l);
    write_table(&l, "h.csv", "pasture_id,species,heads\n1,yak,3,4\n", 36);
    assert_int_equal(load_long(&l, &err), CAO_EDATA);
    release(&l);
    write_table(&l, "h.xlsx", "not a workbook", 14);
    assert_int_equal(load_long(&l, &err), CAO_EIO);
    release(&l);
}

static void a_workbook_keeps_ids_and_row_numbers(void **state)
{
    (void)state;
    const char *build = getenv("CAO_BUILD");
    struct loaded l = { .dir = test_folder("xlsx") };
    struct cao_error err = { 0 };
    test_shell("'%s/make-world' '%s' --size 240 --pastures 16 --dates 1 --herds xlsx --bad-rows",
               build ? build : "build/release", l.dir);
    struct loaded csv = { .dir = strdup(l.dir) };
    snprintf(csv.path, sizeof csv.path, "%s/livestock.csv", l.dir);
    snprintf(l.path, sizeof l.path, "%s/livestock.xlsx", l.dir);
    assert_ok(load_long(&l, &err));
    assert_ok(load_long(&csv, &err));
    assert_true(l.h.n > 5);
    assert_int_equal(l.h.n, csv.h.n);
    for (size_t i = 0; i < l.h.n; i++) {
        assert_string_equal(l.h.items[i].pasture_id, csv.h.items[i].pasture_id);
        assert_string_equal(l.h.items[i].species, csv.h.items[i].species);
        assert_true(l.h.items[i].heads == csv.h.items[i].heads);
        assert_int_equal(l.h.items[i].row, csv.h.items[i].row);
    }
    release(&csv);
    release(&l);
}

static void further_columns_are_read_and_checked(void **state)
{
    (void)state;
    static const char text[] = "id,畜种,头数,年龄,活重,入场,出场,出栏,月数\n"
                               "1,yak,12,成年,320,2024-06-01,2024-10-28,3,4\n"
                               "2,yak,12,,,,,,\n"
                               "3,yak,12,,heavy,,,,\n"
                               "4,yak,12,,,2024-10-01,2024-06-01,,\n"
                               "5,yak,12,,,1.6.2024,,,\n"
                               "6,yak,12,,,,,3,14\n";
    struct loaded l;
    struct cao_error err = { 0 };
    write_table(&l, "h.csv", text, sizeof text - 1);
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/h.csv", l.dir);
    struct cao_livestock_source src = { .path = path,
                                        .id_field = "id",
                                        .species_field = "畜种",
                                        .heads_field = "头数",
                                        .age_field = "年龄",
                                        .weight_field = "活重",
                                        .from_field = "入场",
                                        .to_field = "出场",
                                        .sold_field = "出栏",
                                        .sold_months_field = "月数" };
    assert_ok(cao_livestock_load(&src, &l.h, &l.f, &err));
    assert_int_equal(l.h.n, 2);
    assert_string_equal(l.h.items[0].age, "成年");
    assert_true(l.h.items[0].weight_kg == 320 && l.h.items[0].sold == 3 &&
                l.h.items[0].sold_months == 4);
    assert_int_equal(l.h.items[0].to - l.h.items[0].from, 149);
    assert_true(isnan(l.h.items[1].weight_kg) && l.h.items[1].from == CAO_NO_DAY);
    assert_true(has(&l, 4, "'heavy' in 活重 is not a live weight"));
    assert_true(has(&l, 5, "at or after the first day"));
    assert_true(has(&l, 6, "is not a date"));
    assert_true(has(&l, 7, "number of months, 0 to 12"));
    release(&l);
    write_table(&l, "h.csv", text, sizeof text - 1);
    src.age_field = "年岭";
    assert_int_equal(cao_livestock_load(&src, &l.h, &l.f, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "livestock.age: there is no column '年岭'"));
    release(&l);
}

static void feed_and_wildlife_tables_are_read(void **state)
{
    (void)state;
    static const char feed[] =
        "id,feed,kg,ha,kg_ha,season\n1,oat_hay,500,,,cold\n2,sown_pasture,,3,2500,\n"
        "3,oat_hay,,,,\n,oat_hay,5,,,\n";
    static const char wild[] = "species,heads,zone\nkiang,129,\n";
    struct loaded l;
    struct cao_error err = { 0 };
    struct cao_feeds f = { 0 };
    struct cao_wildlife w = { 0 };
    char path[CAO_PATH_MAX];
    write_table(&l, "f.csv", feed, sizeof feed - 1);
    snprintf(path, sizeof path, "%s/f.csv", l.dir);
    struct cao_feed_source src = { path, NULL, "id", "feed", "kg", "ha", "kg_ha", "season" };
    assert_ok(cao_feed_load(&src, &f, &l.f, &err));
    assert_int_equal(f.n, 2);
    assert_true(f.items[0].kg == 500 && f.items[1].kg == 7500);
    assert_true(has(&l, 4, "neither an amount in kg nor"));
    assert_true(has(&l, 5, "the id is empty"));
    cao_feeds_release(&f);
    release(&l);
    write_table(&l, "w.csv", wild, sizeof wild - 1);
    snprintf(path, sizeof path, "%s/w.csv", l.dir);
    struct cao_wildlife_source of = { path, NULL, "species", "heads", "zone", NULL };
    assert_ok(cao_wildlife_load(&of, &w, &err));
    assert_true(w.n == 1 && w.items[0].heads == 129 && w.items[0].days == 365);
    cao_wildlife_release(&w);
    of.heads_field = "zone";
    assert_int_equal(cao_wildlife_load(&of, &w, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "row 2: '' is not a number of heads"));
    release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_read_in_any_usual_form),
        cmocka_unit_test(bad_rows_are_named_with_their_line),
        cmocka_unit_test(a_missing_column_lists_those_there_are),
        cmocka_unit_test(a_wide_table_has_a_column_per_species),
        cmocka_unit_test(torn_tables_end_in_a_message),
        cmocka_unit_test(a_workbook_keeps_ids_and_row_numbers),
        cmocka_unit_test(further_columns_are_read_and_checked),
        cmocka_unit_test(feed_and_wildlife_tables_are_read),
    };
    return cmocka_run_group_tests_name("livestock", tests, test_gdal_set_up, test_gdal_tear_down) !=
           0;
}
