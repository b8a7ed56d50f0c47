/* SPDX-License-Identifier: MIT */
#include "caochu/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"

static bool make_room(struct cao_findings *f, size_t more)
{
    if (f->capacity - f->n >= more)
        return true;
    size_t capacity = f->capacity ? f->capacity * 2 : 16;
    while (capacity - f->n < more)
        capacity *= 2;
    struct cao_finding *items = realloc(f->items, capacity * sizeof *items);
    if (!items)
        return false;
    f->items = items;
    f->capacity = capacity;
    return true;
}

enum cao_status cao_findings_add(struct cao_findings *f, enum cao_severity severity,
                                 const char *code, const char *file, long row, const char *item,
                                 const char *fmt, ...)
{
    if (!f)
        return CAO_OK;
    char text[2048];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    struct cao_finding found = { severity,
                                 code,
                                 cao_text_copy(file ? file : ""),
                                 row,
                                 cao_text_copy(item ? item : ""),
                                 cao_text_copy(text) };
    if (!found.file || !found.item || !found.text || !make_room(f, 1)) {
        free(found.file);
        free(found.item);
        free(found.text);
        return CAO_ENOMEM;
    }
    f->items[f->n++] = found;
    f->n_problems += severity == CAO_PROBLEM;
    return CAO_OK;
}

enum cao_status cao_findings_take(struct cao_findings *to, struct cao_findings *from)
{
    if (from->n == 0) {
        cao_findings_release(from);
        return CAO_OK;
    }
    if (!make_room(to, from->n))
        return CAO_ENOMEM;
    memcpy(to->items + to->n, from->items, from->n * sizeof *from->items);
    to->n += from->n;
    to->n_problems += from->n_problems;
    free(from->items);
    *from = (struct cao_findings){ 0 };
    return CAO_OK;
}

void cao_finding_format(const struct cao_finding *f, char *text, size_t size)
{
    char row[32] = "";
    if (f->row > 0)
        snprintf(row, sizeof row, ":%ld", f->row);
    snprintf(text, size, "%s%s%s%s%s%s", f->file, row, f->file[0] ? ": " : "", f->item,
             f->item[0] ? ": " : "", f->text);
}

void cao_findings_release(struct cao_findings *f)
{
    for (size_t i = 0; i < f->n; i++) {
        free(f->items[i].file);
        free(f->items[i].item);
        free(f->items[i].text);
    }
    free(f->items);
    *f = (struct cao_findings){ 0 };
}
