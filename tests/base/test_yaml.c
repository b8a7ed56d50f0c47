/* SPDX-License-Identifier: MIT
 * YAML as people write it: texts stay texts, lines are known, what makes small files large is out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/text.h"
#include "caochu/yaml.h"

static struct cao_yaml *parse(const char *text)
{
    struct cao_error err = { 0 };
    struct cao_yaml *root = NULL;
    assert_ok(cao_yaml_parse(text, strlen(text), "t.yaml", &root, &err));
    return root;
}

static const char *text_at(const struct cao_yaml *map, const char *key)
{
    const struct cao_yaml *node = cao_yaml_find(map, key);
    assert_non_null(node);
    assert_int_equal(node->kind, CAO_YAML_SCALAR);
    return node->text;
}

static void scalars_stay_the_text_that_was_written(void **state)
{
    (void)state;
    struct cao_yaml *root =
        parse("id: 007\nno: no\non: on\ndate: 2024-07-20\nnumber: 1_000\n"
              "quoted: '12'\nempty:\nblank: \"\"\n\"玛 多\": 县 # 注\nnull: ~\n");
    static const char *const want[][2] = {
        { "id", "007" },       { "no", "no" },     { "on", "on" },  { "date", "2024-07-20" },
        { "number", "1_000" }, { "quoted", "12" }, { "empty", "" }, { "blank", "" },
        { "玛 多", "县" },     { "null", "~" },
    };
    assert_int_equal(root->n, 10);
    for (size_t i = 0; i < 10; i++)
        assert_string_equal(text_at(root, want[i][0]), want[i][1]);
    assert_true(cao_yaml_find(root, "quoted")->quoted && cao_yaml_find(root, "blank")->quoted);
    assert_false(cao_yaml_find(root, "id")->quoted || cao_yaml_find(root, "empty")->quoted);
    cao_yaml_destroy(root);
}

static void every_node_knows_its_line(void **state)
{
    (void)state;
    struct cao_yaml *root = parse("# first\na: 1\n\nb:\n  c: [x,\n      y]\n  d:\n    - p: 1\n"
                                  "      q: 2\n    - 'r\n       s'\ntext: |\n  one\n  two\nz: 9\n");
    const struct cao_yaml *b = cao_yaml_find(root, "b"), *d = cao_yaml_find(b, "d");
    assert_int_equal(cao_yaml_find(root, "a")->line, 2);
    assert_int_equal(b->line, 4);
    assert_int_equal(cao_yaml_find(b, "c")->line, 5);
    assert_int_equal(cao_yaml_find(b, "c")->items[1].line, 6);
    assert_int_equal(d->n, 2);
    assert_int_equal(cao_yaml_find(&d->items[0], "q")->line, 9);
    assert_int_equal(d->items[1].line, 10);
    assert_string_equal(d->items[1].text, "r s");
    assert_string_equal(text_at(root, "text"), "one\ntwo\n");
    assert_int_equal(cao_yaml_find(root, "z")->line, 15);
    assert_null(cao_yaml_find(root, "c"));
    assert_null(cao_yaml_find(NULL, "a"));
    assert_null(cao_yaml_find(d, "p")); /* a list has no keys */
    cao_yaml_destroy(root);
    cao_yaml_destroy(NULL);
}

static void nothing_is_an_empty_map(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "\n\n", "# only a comment\n" };
    for (size_t i = 0; i < 3; i++) {
        struct cao_yaml *root = parse(texts[i]);
        assert_int_equal(root->kind, CAO_YAML_MAP);
        assert_int_equal(root->n, 0);
        cao_yaml_destroy(root);
    }
}

static void what_is_refused_is_named_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line, *want;
    } cases[] = {
        { "a: 1\nb: 2\na: 3\n", "t.yaml:3: ", "a: the key is given twice, first in line 1" },
        { "g:\n  a: 1\n  a: 2\n", "t.yaml:3: ", "given twice, first in line 2" },
        { "a: &x 1\nb: *x\n", "t.yaml:1: ", "anchors" },
        { "a: &x [1]\n", "t.yaml:1: ", "anchors" },
        { "a: &x {b: 1}\n", "t.yaml:1: ", "anchors" },
        { "b: *x\n", "t.yaml:1: ", "alias" },
        { "a: !!int 1\n", "t.yaml:1: ", "tags" },
        { "z: 1\na: !!map {b: 1}\n", "t.yaml:2: ", "tags" },
        { "a: !mine [1]\n", "t.yaml:1: ", "tags" },
        { "a: 1\n---\nb: 2\n", "t.yaml:2: ", "second document" },
        { "a: 1\n? [x]\n: 2\n", "t.yaml:2: ", "a key must be a plain word" },
        { "a: 1\n\tb: 2\n", "t.yaml:2: ", "is not YAML" },
        { "a: [1, 2\nb: 3\n", "t.yaml:2: ", "is not YAML" },
        { "a: 1\nb: \x01\n", "t.yaml:2: ", "control characters" },
        { "a: 1\nb: \"\\0\"\n", "t.yaml:2: ", "zero byte" },
        { "a: \"open\n", "t.yaml:", "is not YAML" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cao_error err = { 0 };
        struct cao_yaml *root = NULL;
        const char *text = cases[i].text;
        assert_int_equal(cao_yaml_parse(text, strlen(text), "t.yaml", &root, &err), CAO_EARG);
        assert_null(root);
        if (strncmp(err.text, cases[i].line, strlen(cases[i].line)) != 0 ||
            !strstr(err.text, cases[i].want) || strchr(err.text, '\n'))
            fail_msg("'%s' is not '%s%s'", err.text, cases[i].line, cases[i].want);
    }
}

static void depth_and_length_are_bounded(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_yaml *root = NULL;
    char deep[200];
    for (size_t depth = 31; depth <= 33; depth++) { /* the root is not a level */
        snprintf(deep, sizeof deep, "%.*s1%.*s\n", (int)depth,
                 "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", (int)depth,
                 "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
        enum cao_status st = cao_yaml_parse(deep, strlen(deep), "t.yaml", &root, &err);
        assert_int_equal(st, depth <= 32 ? CAO_OK : CAO_EARG);
        if (!st)
            cao_yaml_destroy(root);
    }
    assert_non_null(strstr(err.text, "t.yaml:1: is nested too deeply"));
    size_t n = ((size_t)8 << 20) + 1;
    char *text = malloc(n + 1);
    assert_non_null(text);
    memset(text, '#', n);
    text[n] = '\0';
    assert_int_equal(cao_yaml_parse(text, n, "t.yaml", &root, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "longer than 8 MB"));
    free(text);
}

static void files_are_utf8_with_or_without_bom(void **state)
{
    (void)state;
    char *dir = test_folder("yaml"), path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    struct cao_yaml *root = NULL;
    snprintf(path, sizeof path, "%s/项目.yaml", dir);
    static const char with_bom[] = "\xEF\xBB\xBF名: 草\r\nb: 2\r\n", gbk[] = "a: \xB2\xDD\n";
    assert_ok(cao_file_write(path, with_bom, sizeof with_bom - 1, &err));
    assert_ok(cao_yaml_read(path, &root, &err));
    assert_string_equal(text_at(root, "名"), "草");
    assert_int_equal(cao_yaml_find(root, "b")->line, 2);
    cao_yaml_destroy(root);
    assert_ok(cao_file_write(path, gbk, sizeof gbk - 1, &err));
    assert_int_equal(cao_yaml_read(path, &root, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "项目.yaml: is not UTF-8"));
    snprintf(path, sizeof path, "%s/none.yaml", dir);
    assert_int_equal(cao_yaml_read(path, &root, &err), CAO_EIO);
    assert_non_null(strstr(err.text, "none.yaml"));
    free(dir);
}

/* Any cut and any changed byte of a real file gives a tree or an error, never a crash. */
static void torn_files_are_answered(void **state)
{
    (void)state;
    static const char text[] = "a: {b: [1, 'x', \"y\\u8349\"], c: |\n    t}\n"
                               "d:\n  - {e: 1}\n  - f: >-\n      g\n    h: 草 # i\n";
    unsigned seed = 7;
    for (size_t i = 0; i < 4000; i++) {
        char torn[sizeof text];
        struct cao_error err = { 0 };
        struct cao_yaml *root = NULL;
        memcpy(torn, text, sizeof text);
        seed = seed * 1103515245u + 12345u;
        size_t n = i < sizeof text ? i : sizeof text - 1;
        if (i >= sizeof text)
            torn[(seed >> 8) % n] = "{}[]:-,'\"|>&*!#%@`\n\t \\a\x80"[(seed >> 20) % 24];
        if (cao_yaml_parse(torn, n, "t.yaml", &root, &err) == CAO_OK)
            cao_yaml_destroy(root);
        else
            assert_memory_equal(err.text, "t.yaml:", 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_stay_the_text_that_was_written),
        cmocka_unit_test(every_node_knows_its_line),
        cmocka_unit_test(nothing_is_an_empty_map),
        cmocka_unit_test(what_is_refused_is_named_with_its_line),
        cmocka_unit_test(depth_and_length_are_bounded),
        cmocka_unit_test(files_are_utf8_with_or_without_bom),
        cmocka_unit_test(torn_files_are_answered),
    };
    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL) != 0;
}
