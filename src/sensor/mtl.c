/* SPDX-License-Identifier: MIT */
#include "sensor/mtl.h"

#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"

enum { MOST_DEPTH = 8, MOST_ENTRIES = 10000 };

/* Cut "KEY = VALUE" in place. */
static bool split(char *line, char **key, char **value)
{
    char *equals = strchr(line, '=');
    if (!equals)
        return false;
    *equals = '\0';
    *key = cao_text_trim(line);
    *value = cao_text_trim(equals + 1);
    size_t n = strlen(*value);
    if (n >= 2 && (*value)[0] == '"' && (*value)[n - 1] == '"') {
        (*value)[n - 1] = '\0';
        ++*value;
    }
    return (*key)[0] != '\0';
}

static enum cao_status add(struct cao_mtl *m, size_t *capacity, struct cao_mtl_entry e,
                           struct cao_error *err)
{
    if (m->n == *capacity) {
        size_t more = *capacity ? *capacity * 2 : 256;
        struct cao_mtl_entry *items = realloc(m->items, more * sizeof *items);
        if (!items)
            return cao_fail(err, CAO_ENOMEM, "out of memory");
        m->items = items;
        *capacity = more;
    }
    m->items[m->n++] = e;
    return CAO_OK;
}

enum cao_status cao_mtl_parse(const char *text, size_t n, struct cao_mtl *out,
                              struct cao_error *err)
{
    struct cao_mtl m = { .text = malloc(n + 1) };
    const char *group[MOST_DEPTH] = { "" };
    size_t depth = 0, capacity = 0;
    enum cao_status st = m.text ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    if (st)
        return st;
    memcpy(m.text, text, n);
    m.text[n] = '\0';
    for (char *line = m.text, *next; !st && line; line = next) {
        char *key, *value;
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (!split(line, &key, &value))
            continue; /* blank lines and END */
        if (strcmp(key, "GROUP") == 0 && depth + 1 < MOST_DEPTH)
            group[++depth] = value;
        else if (strcmp(key, "END_GROUP") == 0)
            depth -= depth > 0;
        else if (strcmp(key, "GROUP") == 0 || m.n == MOST_ENTRIES)
            st = cao_fail(err, CAO_EDATA, "its MTL is not of the known form");
        else
            st = add(&m, &capacity, (struct cao_mtl_entry){ group[depth], key, value }, err);
    }
    if (!st && m.n == 0)
        st = cao_fail(err, CAO_EDATA, "its MTL holds no key; download the product again");
    if (st)
        cao_mtl_release(&m);
    else
        *out = m;
    return st;
}

const char *cao_mtl_find(const struct cao_mtl *m, const char *group, const char *key)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->items[i].group, group) == 0 && strcmp(m->items[i].key, key) == 0)
            return m->items[i].value;
    return NULL;
}

void cao_mtl_release(struct cao_mtl *m)
{
    free(m->text);
    free(m->items);
    *m = (struct cao_mtl){ 0 };
}
