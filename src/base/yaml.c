/* SPDX-License-Identifier: MIT */
#include "caochu/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "caochu/file.h"
#include "caochu/text.h"

enum { LIMIT = 8 << 20, MOST_DEPTH = 32 };

struct builder {
    yaml_parser_t parser;
    const char *file, *text;
    size_t n;
    struct cao_error *err;
};

static enum cao_status fail_at(struct builder *b, size_t line, const char *what)
{
    return cao_fail(b->err, CAO_EARG, "%s:%zu: %s", b->file, line + 1, what);
}

/* The line of a parser's problem: bytes that are no characters have an offset only. */
static size_t problem_line(const struct builder *b)
{
    if (b->parser.error != YAML_READER_ERROR)
        return b->parser.problem_mark.line;
    size_t line = 0;
    for (size_t i = 0; i < b->parser.problem_offset && i < b->n; i++)
        line += b->text[i] == '\n';
    return line;
}

static enum cao_status next_event(struct builder *b, yaml_event_t *e)
{
    if (yaml_parser_parse(&b->parser, e))
        return CAO_OK;
    if (b->parser.error == YAML_MEMORY_ERROR)
        return cao_fail(b->err, CAO_ENOMEM, "%s: out of memory", b->file);
    return cao_fail(b->err, CAO_EARG, "%s:%zu: is not YAML: %s%s%s", b->file, problem_line(b) + 1,
                    b->parser.problem ? b->parser.problem : "unreadable",
                    b->parser.context ? " " : "", b->parser.context ? b->parser.context : "");
}

static void release(struct cao_yaml *node)
{
    for (size_t i = 0; i < node->n; i++)
        release(&node->items[i]);
    free(node->items);
    free(node->key);
    free(node->text);
    *node = (struct cao_yaml){ 0 };
}

static enum cao_status build(struct builder *b, const yaml_event_t *e, struct cao_yaml *node,
                             int depth);

/* Take the node into the parent; its contents are the parent's from then on. */
static enum cao_status append(struct builder *b, struct cao_yaml *parent, struct cao_yaml *child)
{
    struct cao_yaml *more = realloc(parent->items, (parent->n + 1) * sizeof *more);
    if (!more) {
        release(child);
        return cao_fail(b->err, CAO_ENOMEM, "%s: out of memory", b->file);
    }
    parent->items = more;
    parent->items[parent->n++] = *child;
    return CAO_OK;
}

static enum cao_status read_key(struct builder *b, const yaml_event_t *e,
                                const struct cao_yaml *map, char **key)
{
    if (e->type != YAML_SCALAR_EVENT)
        return fail_at(b, e->start_mark.line, "a key must be a plain word");
    const char *text = (const char *)e->data.scalar.value;
    if (strlen(text) != e->data.scalar.length || e->data.scalar.anchor || e->data.scalar.tag)
        return fail_at(b, e->start_mark.line, "a key must be a plain word, without anchor or tag");
    if (cao_yaml_find(map, text))
        return cao_fail(b->err, CAO_EARG, "%s:%zu: %s: the key is given twice, first in line %d",
                        b->file, e->start_mark.line + 1, text, cao_yaml_find(map, text)->line);
    *key = cao_text_copy(text);
    return *key ? CAO_OK : cao_fail(b->err, CAO_ENOMEM, "%s: out of memory", b->file);
}

/* The children of a map or list, up to its end event. */
static enum cao_status build_items(struct builder *b, struct cao_yaml *node, int depth)
{
    yaml_event_type_t end =
        node->kind == CAO_YAML_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    for (;;) {
        yaml_event_t e;
        struct cao_yaml child = { .kind = CAO_YAML_SCALAR };
        enum cao_status st = next_event(b, &e);
        if (st)
            return st;
        if (e.type == end) {
            yaml_event_delete(&e);
            return CAO_OK;
        }
        if (node->kind == CAO_YAML_MAP) {
            int line = (int)e.start_mark.line + 1;
            st = read_key(b, &e, node, &child.key);
            yaml_event_delete(&e);
            if (!st)
                st = next_event(b, &e);
            if (st) {
                release(&child);
                return st;
            }
            st = build(b, &e, &child, depth + 1);
            child.line = line; /* that of the key: where a person looks */
        } else {
            st = build(b, &e, &child, depth + 1);
        }
        yaml_event_delete(&e);
        if (st) {
            release(&child);
            return st;
        }
        st = append(b, node, &child);
        if (st)
            return st;
    }
}

static enum cao_status build(struct builder *b, const yaml_event_t *e, struct cao_yaml *node,
                             int depth)
{
    size_t line = e->start_mark.line;
    node->line = (int)line + 1;
    if (depth > MOST_DEPTH)
        return fail_at(b, line, "is nested too deeply");
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        if (e->data.scalar.anchor || (e->data.scalar.tag && !e->data.scalar.plain_implicit &&
                                      !e->data.scalar.quoted_implicit))
            return fail_at(b, line, "anchors and tags are not used here");
        if (strlen((const char *)e->data.scalar.value) != e->data.scalar.length)
            return fail_at(b, line, "holds a zero byte");
        node->kind = CAO_YAML_SCALAR;
        node->quoted = e->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                       e->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
        node->text = cao_text_copy((const char *)e->data.scalar.value);
        return node->text ? CAO_OK : cao_fail(b->err, CAO_ENOMEM, "%s: out of memory", b->file);
    case YAML_MAPPING_START_EVENT:
        if (e->data.mapping_start.anchor || e->data.mapping_start.tag)
            return fail_at(b, line, "anchors and tags are not used here");
        node->kind = CAO_YAML_MAP;
        return build_items(b, node, depth);
    case YAML_SEQUENCE_START_EVENT:
        if (e->data.sequence_start.anchor || e->data.sequence_start.tag)
            return fail_at(b, line, "anchors and tags are not used here");
        node->kind = CAO_YAML_LIST;
        return build_items(b, node, depth);
    case YAML_ALIAS_EVENT:
        return fail_at(b, line, "aliases (*name) are not used here: write the value out");
    default:
        return fail_at(b, line, "is not a value");
    }
}

/* One document, or none, which is an empty map. */
static enum cao_status build_document(struct builder *b, struct cao_yaml *root)
{
    bool seen = false;
    for (;;) {
        yaml_event_t e;
        enum cao_status st = next_event(b, &e);
        if (st)
            return st;
        yaml_event_type_t type = e.type;
        size_t line = e.start_mark.line;
        if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_END_EVENT) {
            yaml_event_delete(&e);
            continue;
        }
        if (type == YAML_STREAM_END_EVENT) {
            yaml_event_delete(&e);
            return CAO_OK;
        }
        if (type == YAML_DOCUMENT_START_EVENT) {
            yaml_event_delete(&e);
            if (seen)
                return fail_at(b, line, "holds a second document (---): one is read");
            seen = true;
            continue;
        }
        st = build(b, &e, root, 0);
        yaml_event_delete(&e);
        if (st)
            return st;
    }
}

enum cao_status cao_yaml_parse(const char *text, size_t n, const char *file, struct cao_yaml **root,
                               struct cao_error *err)
{
    struct builder b = { .file = file, .text = text, .n = n, .err = err };
    if (n > LIMIT)
        return cao_fail(err, CAO_EARG, "%s: longer than %d MB; not read", file, LIMIT >> 20);
    struct cao_yaml *made = calloc(1, sizeof *made);
    if (!made || !yaml_parser_initialize(&b.parser)) {
        free(made);
        return cao_fail(err, CAO_ENOMEM, "%s: out of memory", file);
    }
    made->kind = CAO_YAML_MAP;
    made->line = 1;
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)text, n);
    enum cao_status st = build_document(&b, made);
    yaml_parser_delete(&b.parser);
    if (st)
        cao_yaml_destroy(made);
    else
        *root = made;
    return st;
}

enum cao_status cao_yaml_read(const char *path, struct cao_yaml **root, struct cao_error *err)
{
    char *raw = NULL, *text = NULL;
    size_t n, n_text;
    enum cao_status st = cao_file_read(path, LIMIT, &raw, &n, err);
    if (st)
        return st;
    if (!cao_text_is_utf8(raw, n)) {
        free(raw);
        return cao_fail(err, CAO_EARG, "%s: is not UTF-8; save it as UTF-8", path);
    }
    st = cao_text_utf8(raw, n, &text, &n_text, NULL, err);
    free(raw);
    if (!st)
        st = cao_yaml_parse(text, n_text, path, root, err);
    free(text);
    return st;
}

const struct cao_yaml *cao_yaml_find(const struct cao_yaml *map, const char *key)
{
    if (!map || map->kind != CAO_YAML_MAP)
        return NULL;
    for (size_t i = 0; i < map->n; i++)
        if (strcmp(map->items[i].key, key) == 0)
            return &map->items[i];
    return NULL;
}

void cao_yaml_destroy(struct cao_yaml *root)
{
    if (!root)
        return;
    release(root);
    free(root);
}
