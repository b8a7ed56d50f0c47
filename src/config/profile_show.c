/* SPDX-License-Identifier: MIT
 * A profile with its bases as one text. Maps are joined key by key, as they are read one over the other; a
 * coefficient, an equation, a list or a word is that of the last file that gives it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/profile_file.h"
#include "caochu/text.h"
#include "config/profile_parts.h"

enum { MOST = CAO_MOST_BASES + 1, FLOW_INDENT = 2 };

/* The same place in each of the files; 0 is the profile itself, the last its furthest base. NULL: not there. */
struct layers {
    const struct cao_yaml *node[MOST];
};
struct show {
    char path[MOST][CAO_PATH_MAX];
    struct cao_yaml *root[MOST];
    size_t n;
    struct cao_buf text;
    struct cao_error *err;
};

static enum cao_status read_files(struct show *s, const char *name, const char *base_dir,
                                  const char *data_dir)
{
    enum cao_status st = cao_profile_path(name, base_dir, data_dir, s->path[0], s->err);
    while (!st) {
        st = cao_yaml_read(s->path[s->n], &s->root[s->n], s->err);
        const struct cao_yaml *base = st ? NULL : cao_yaml_find(s->root[s->n], "based_on");
        s->n += !st;
        if (st || !base)
            break;
        if (base->kind != CAO_YAML_SCALAR || s->n == MOST)
            return cao_fail(s->err, CAO_EARG, "%s:%d: based_on leads nowhere", s->path[s->n - 1],
                            base->line);
        st = cao_profile_base_path(s->path[s->n - 1], base->text, data_dir, s->path[s->n], s->err);
    }
    return st;
}

/* --- scalars and lists in one line --- */

static bool is_plain(const char *t)
{
    static const char word[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+/-";
    return t[0] && t[0] != '-' && strspn(t, word) == strlen(t);
}

static bool is_number(const char *t)
{
    double v;
    return cao_text_double(t, &v);
}

static void put_scalar(struct show *s, const struct cao_yaml *y)
{
    if (!y->quoted && (is_plain(y->text) || is_number(y->text))) {
        cao_buf_add(&s->text, "%s", y->text);
        return;
    }
    cao_buf_put(&s->text, "\"", 1);
    for (const char *t = y->text; *t; t++) {
        if (*t == '"' || *t == '\\')
            cao_buf_put(&s->text, "\\", 1);
        if (*t == '\n')
            cao_buf_put(&s->text, "\\n", 2);
        else
            cao_buf_put(&s->text, t, 1);
    }
    cao_buf_put(&s->text, "\"", 1);
}

static void put_key(struct show *s, const char *key)
{
    cao_buf_add(&s->text, is_plain(key) ? "%s:" : "\"%s\":", key);
}

static void put_flow(struct show *s, const struct cao_yaml *y)
{
    if (y->kind == CAO_YAML_SCALAR) {
        put_scalar(s, y);
        return;
    }
    bool map = y->kind == CAO_YAML_MAP;
    cao_buf_put(&s->text, map ? "{" : "[", 1);
    for (size_t i = 0; i < y->n; i++) {
        cao_buf_add(&s->text, "%s", i ? ", " : "");
        if (map) {
            put_key(s, y->items[i].key);
            cao_buf_put(&s->text, " ", 1);
        }
        put_flow(s, &y->items[i]);
    }
    cao_buf_put(&s->text, map ? "}" : "]", 1);
}

/* --- maps --- */

/* A coefficient or an equation: its parts belong together. */
static bool is_one(const struct cao_yaml *y)
{
    return y->kind != CAO_YAML_MAP || cao_yaml_find(y, "value") || cao_yaml_find(y, "form");
}

static size_t topmost(const struct show *s, const struct layers *l)
{
    size_t i = 0;
    while (i < s->n && !l->node[i])
        i++;
    return i;
}

static void put_map(struct show *s, const struct layers *l, int depth);

/* Files of equations are named relative to the file that names them. */
static void put_file(struct show *s, size_t from, const struct cao_yaml *y)
{
    char dir[CAO_PATH_MAX], path[CAO_PATH_MAX], *real = NULL;
    cao_path_dir(dir, s->path[from]);
    if (!cao_path_join(path, dir, y->text, NULL))
        real = realpath(path, NULL);
    struct cao_yaml whole = *y;
    if (real)
        whole.text = real;
    put_scalar(s, &whole);
    free(real);
}

static void put_item(struct show *s, const char *key, const struct layers *l, int depth)
{
    size_t from = topmost(s, l);
    const struct cao_yaml *y = l->node[from];
    cao_buf_add(&s->text, "%*s", depth * FLOW_INDENT, "");
    put_key(s, key);
    if (is_one(y)) {
        bool list = y->kind == CAO_YAML_LIST && y->n && y->items[0].kind != CAO_YAML_SCALAR;
        for (size_t i = 0; list && i < y->n; i++) {
            cao_buf_add(&s->text, "\n%*s- ", (depth + 1) * FLOW_INDENT, "");
            put_flow(s, &y->items[i]);
            cao_buf_add(&s->text, "  # %s:%d", cao_path_name(s->path[from]), y->items[i].line);
        }
        if (!list)
            cao_buf_put(&s->text, " ", 1);
        if (!list && strcmp(key, "equations") == 0 && y->kind == CAO_YAML_SCALAR)
            put_file(s, from, y);
        else if (!list)
            put_flow(s, y);
        if (!list)
            cao_buf_add(&s->text, "  # %s:%d", cao_path_name(s->path[from]), y->line);
        cao_buf_add(&s->text, "\n");
        return;
    }
    cao_buf_add(&s->text, "\n");
    struct layers maps = *l; /* what a later file replaced by something else is hidden */
    for (size_t i = from + 1; i < s->n; i++)
        if (maps.node[i] && is_one(maps.node[i]))
            while (i < s->n)
                maps.node[i++] = NULL;
    put_map(s, &maps, depth + 1);
}

/* What speaks of one file's numbers alone is not handed on. */
static bool is_of_one_file(const char *key)
{
    return strcmp(key, "title") == 0 || strcmp(key, "note") == 0;
}

/* Keys of the furthest base first, in its order; then what each profile over it adds. */
static void put_map(struct show *s, const struct layers *l, int depth)
{
    for (size_t i = s->n; i-- > 0;)
        for (size_t k = 0; l->node[i] && k < l->node[i]->n; k++) {
            const char *key = l->node[i]->items[k].key;
            struct layers below = { { NULL } };
            bool before = false;
            for (size_t j = 0; j < s->n; j++) {
                below.node[j] = l->node[j] ? cao_yaml_find(l->node[j], key) : NULL;
                before |= j > i && below.node[j];
            }
            bool hidden = depth == 0 &&
                          (strcmp(key, "based_on") == 0 || (!below.node[0] && is_of_one_file(key)));
            if (!before && !hidden)
                put_item(s, key, &below, depth);
        }
}

enum cao_status cao_profile_resolved(const char *name, const char *base_dir, const char *data_dir,
                                     char **out, size_t *size, struct cao_error *err)
{
    struct show *s = calloc(1, sizeof *s);
    if (!s)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    s->err = err;
    enum cao_status st = read_files(s, name, base_dir, data_dir);
    if (!st) {
        struct layers l = { { NULL } };
        cao_buf_add(&s->text, "# %s", cao_path_name(s->path[0]));
        for (size_t i = 0; i < s->n; i++) {
            l.node[i] = s->root[i];
            if (i)
                cao_buf_add(&s->text, ", based on %s", cao_path_name(s->path[i]));
        }
        cao_buf_add(&s->text, ": all that holds, with the file and line that it stands in.\n");
        put_map(s, &l, 0);
    }
    if (!st && s->text.failed)
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < s->n; i++)
        cao_yaml_destroy(s->root[i]);
    if (st) {
        cao_buf_release(&s->text);
    } else {
        *out = s->text.text;
        *size = s->text.n;
    }
    free(s);
    return st;
}
