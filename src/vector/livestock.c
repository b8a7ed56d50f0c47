/* SPDX-License-Identifier: MIT */
#include "caochu/livestock.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "vector/sheet.h"

struct builder {
    struct cao_herds h;
    size_t capacity;
    struct cao_findings *findings;
    struct cao_error *err;
};

static enum cao_status find_column(const struct cao_sheet *s, const char *path, const char *key,
                                   const char *name, size_t *at, struct cao_error *err)
{
    for (*at = 0; *at < s->n_columns; ++*at)
        if (cao_text_same(s->headings[*at], name))
            return CAO_OK;
    struct cao_buf names = { 0 };
    size_t near = cao_text_nearest(name, (const char *const *)s->headings, s->n_columns);
    for (size_t i = 0; i < s->n_columns; i++)
        cao_buf_add(&names, "%s%s", i ? ", " : "", s->headings[i]);
    enum cao_status st =
        cao_fail(err, CAO_EARG, "%s: livestock.%s: there is no column '%s'%s%s; there are: %s",
                 path, key, name, near == SIZE_MAX ? "" : "; did you mean ",
                 near == SIZE_MAX ? "" : s->headings[near], names.text ? names.text : "none");
    cao_buf_release(&names);
    return st;
}

/* @param text the cell; NULL: the row as a whole */
static enum cao_status refuse(struct builder *b, long row, const char *id, const char *text,
                              const char *why)
{
    enum cao_status st =
        text ? cao_findings_add(b->findings, CAO_PROBLEM, "herd-row", b->h.path, row, id,
                                "heads '%.40s' %s; the row is not counted", text, why)
             : cao_findings_add(b->findings, CAO_PROBLEM, "herd-row", b->h.path, row, id,
                                "%s; the row is not counted", why);
    return st ? cao_fail(b->err, st, "out of memory") : CAO_OK;
}

static enum cao_status keep(struct builder *b, const char *id, const char *species, double heads,
                            long row)
{
    if (b->h.n == b->capacity) {
        size_t capacity = b->capacity ? b->capacity * 2 : 256;
        struct cao_herd *items = realloc(b->h.items, capacity * sizeof *items);
        if (!items)
            return cao_fail(b->err, CAO_ENOMEM, "out of memory for the livestock table");
        b->h.items = items;
        b->capacity = capacity;
    }
    struct cao_herd *herd = &b->h.items[b->h.n];
    *herd = (struct cao_herd){ cao_text_copy(id), cao_text_copy(species), heads, row };
    b->h.n++;
    return herd->pasture_id && herd->species
               ? CAO_OK
               : cao_fail(b->err, CAO_ENOMEM, "out of memory for the livestock table");
}

/* One count of one species on one pasture, or why it cannot be used. */
static enum cao_status add_count(struct builder *b, const char *id, const char *species,
                                 const char *text, long row)
{
    double heads;
    if (!id[0])
        return refuse(b, row, NULL, NULL, "the pasture's id is empty");
    if (!species[0])
        return refuse(b, row, id, NULL, "the species is empty");
    if (!cao_text_double(text, &heads)) {
        bool grouped =
            text[0] >= '0' && text[0] <= '9' && strspn(text, "0123456789,. ") == strlen(text);
        return refuse(b, row, id, text,
                      grouped ? "has separators, write the digits alone" : "is not a number");
    }
    if (heads < 0)
        return refuse(b, row, id, text, "is negative");
    if (heads != floor(heads) || heads > 1e7)
        return refuse(b, row, id, text, "is not a whole number of animals");
    return keep(b, id, species, heads, row);
}

static enum cao_status read_long(struct builder *b, const struct cao_livestock_source *src,
                                 const struct cao_sheet *s)
{
    size_t id = 0, species = 0, heads = 0;
    enum cao_status st = find_column(s, src->path, "id", src->id_field, &id, b->err);
    if (!st)
        st = find_column(s, src->path, "species", src->species_field, &species, b->err);
    if (!st)
        st = find_column(s, src->path, "heads", src->heads_field, &heads, b->err);
    for (size_t r = 0; !st && r < s->n_rows; r++) {
        char *const *row = s->cells + r * s->n_columns;
        st = add_count(b, row[id], row[species], row[heads], s->line[r]);
    }
    return st;
}

static enum cao_status read_wide(struct builder *b, const struct cao_livestock_source *src,
                                 const struct cao_sheet *s)
{
    size_t id, *at = calloc(src->n_species_columns, sizeof *at);
    enum cao_status st = at ? CAO_OK : cao_fail(b->err, CAO_ENOMEM, "out of memory");
    if (!st)
        st = find_column(s, src->path, "id", src->id_field, &id, b->err);
    for (size_t i = 0; !st && i < src->n_species_columns; i++)
        st = find_column(s, src->path, "columns", src->species_columns[i], &at[i], b->err);
    for (size_t r = 0; !st && r < s->n_rows; r++) {
        char *const *row = s->cells + r * s->n_columns;
        for (size_t i = 0; !st && i < src->n_species_columns; i++)
            if (row[at[i]][0])
                st = add_count(b, row[id], src->species_columns[i], row[at[i]], s->line[r]);
    }
    free(at);
    return st;
}

enum cao_status cao_livestock_load(const struct cao_livestock_source *src, struct cao_herds *herds,
                                   struct cao_findings *findings, struct cao_error *err)
{
    struct cao_sheet sheet;
    struct builder b = { .findings = findings, .err = err };
    enum cao_status st = cao_sheet_read(src->path, src->sheet, &sheet, err);
    if (st)
        return st;
    b.h.path = cao_text_copy(src->path);
    if (!b.h.path)
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    if (!st)
        st = src->n_species_columns ? read_wide(&b, src, &sheet) : read_long(&b, src, &sheet);
    cao_sheet_release(&sheet);
    if (st)
        cao_herds_release(&b.h);
    else
        *herds = b.h;
    return st;
}

void cao_herds_release(struct cao_herds *h)
{
    for (size_t i = 0; i < h->n; i++) {
        free(h->items[i].pasture_id);
        free(h->items[i].species);
    }
    free(h->items);
    free(h->path);
    *h = (struct cao_herds){ 0 };
}
