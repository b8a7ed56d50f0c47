/* SPDX-License-Identifier: MIT */
#include "caochu/livestock.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
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

enum cao_status cao_sheet_column(const struct cao_sheet *s, const char *path, const char *key,
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
        cao_fail(err, CAO_EARG, "%s: %s: there is no column '%s'%s%s; there are: %s", path, key,
                 name, near == SIZE_MAX ? "" : "; did you mean ",
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

static enum cao_status keep(struct builder *b, const struct cao_herd *row)
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
    *herd = *row;
    herd->pasture_id = cao_text_copy(row->pasture_id);
    herd->species = cao_text_copy(row->species);
    herd->age = cao_text_copy(row->age);
    b->h.n++;
    return herd->pasture_id && herd->species && herd->age
               ? CAO_OK
               : cao_fail(b->err, CAO_ENOMEM, "out of memory for the livestock table");
}

/* One count of one species on one pasture, or why it cannot be used. @param more what else its row says */
static enum cao_status add_count(struct builder *b, char *id, char *species, const char *text,
                                 const struct cao_herd *more)
{
    double heads;
    long row = more->row;
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
    struct cao_herd herd = *more;
    herd.pasture_id = id;
    herd.species = species;
    herd.heads = heads;
    return keep(b, &herd);
}

static char none[] = "";
static const struct cao_herd blank = { .age = none,
                                       .weight_kg = (double)NAN,
                                       .days = (double)NAN,
                                       .from = CAO_NO_DAY,
                                       .to = CAO_NO_DAY,
                                       .sold = (double)NAN,
                                       .sold_months = (double)NAN };

/* The columns that need not be there. */
enum more { AGE, WEIGHT, FROM, TO, DAYS, SOLD, SOLD_MONTHS, N_MORE };
static const struct {
    const char *key, *what;
    double most;
} mores[N_MORE] = {
    [AGE] = { "livestock.age", "", 0 },
    [WEIGHT] = { "livestock.weight", "a live weight in kg, 1 to 2000", 2000 },
    [FROM] = { "livestock.from", "a date, YYYY-MM-DD", 0 },
    [TO] = { "livestock.to", "a date, YYYY-MM-DD", 0 },
    [DAYS] = { "livestock.days", "a number of days, 0 to 366", 366 },
    [SOLD] = { "livestock.sold", "a number of heads", 1e7 },
    [SOLD_MONTHS] = { "livestock.sold_months", "a number of months, 0 to 12", 12 },
};

static enum cao_status find_mores(const struct cao_livestock_source *src, const struct cao_sheet *s,
                                  size_t at[N_MORE], struct cao_error *err)
{
    const char *const names[N_MORE] = { src->age_field,        src->weight_field, src->from_field,
                                        src->to_field,         src->days_field,   src->sold_field,
                                        src->sold_months_field };
    enum cao_status st = CAO_OK;
    for (int i = 0; !st && i < N_MORE; i++) {
        at[i] = SIZE_MAX;
        if (names[i] && names[i][0])
            st = cao_sheet_column(s, src->path, mores[i].key, names[i], &at[i], err);
    }
    return st;
}

/* What the further columns of a row say; *wrong is the one that cannot be read, N_MORE none. */
static void read_mores(char *const *row, const size_t at[N_MORE], struct cao_herd *h, int *wrong)
{
    double *const numbers[N_MORE] = { [WEIGHT] = &h->weight_kg,
                                      [DAYS] = &h->days,
                                      [SOLD] = &h->sold,
                                      [SOLD_MONTHS] = &h->sold_months };
    int32_t *const dates[N_MORE] = { [FROM] = &h->from, [TO] = &h->to };
    *wrong = N_MORE;
    for (int i = 0; i < N_MORE; i++) {
        const char *text = at[i] == SIZE_MAX ? "" : row[at[i]];
        double v;
        if (!text[0])
            continue;
        if (i == AGE)
            h->age = row[at[i]];
        else if (dates[i] && !cao_date_parse(text, dates[i]))
            *wrong = i;
        else if (numbers[i] && (!cao_text_double(text, &v) || v < 0 || v > mores[i].most ||
                                (i == WEIGHT && v < 1)))
            *wrong = i;
        else if (numbers[i])
            *numbers[i] = v;
    }
    if (*wrong == N_MORE && h->from != CAO_NO_DAY && h->to != CAO_NO_DAY && h->from > h->to)
        *wrong = TO;
}

static enum cao_status read_long(struct builder *b, const struct cao_livestock_source *src,
                                 const struct cao_sheet *s)
{
    size_t id = 0, species = 0, heads = 0, more[N_MORE];
    enum cao_status st = cao_sheet_column(s, src->path, "livestock.id", src->id_field, &id, b->err);
    if (!st)
        st = cao_sheet_column(s, src->path, "livestock.species", src->species_field, &species,
                              b->err);
    if (!st)
        st = cao_sheet_column(s, src->path, "livestock.heads", src->heads_field, &heads, b->err);
    if (!st)
        st = find_mores(src, s, more, b->err);
    for (size_t r = 0; !st && r < s->n_rows; r++) {
        char *const *row = s->cells + r * s->n_columns;
        struct cao_herd h = blank;
        int wrong;
        h.row = s->line[r];
        read_mores(row, more, &h, &wrong);
        if (wrong == N_MORE) {
            st = add_count(b, row[id], row[species], row[heads], &h);
            continue;
        }
        char why[200];
        snprintf(why, sizeof why, "'%.40s' in %s is not %s%s", row[more[wrong]],
                 s->headings[more[wrong]], mores[wrong].what,
                 wrong == TO ? ", at or after the first day" : "");
        st = refuse(b, s->line[r], row[id], NULL, why);
    }
    return st;
}

static enum cao_status read_wide(struct builder *b, const struct cao_livestock_source *src,
                                 const struct cao_sheet *s)
{
    size_t id, *at = calloc(src->n_species_columns, sizeof *at);
    enum cao_status st = at ? CAO_OK : cao_fail(b->err, CAO_ENOMEM, "out of memory");
    if (!st)
        st = cao_sheet_column(s, src->path, "livestock.id", src->id_field, &id, b->err);
    for (size_t i = 0; !st && i < src->n_species_columns; i++)
        st = cao_sheet_column(s, src->path, "livestock.columns", src->species_columns[i], &at[i],
                              b->err);
    for (size_t r = 0; !st && r < s->n_rows; r++) {
        char *const *row = s->cells + r * s->n_columns;
        struct cao_herd h = blank;
        h.row = s->line[r];
        for (size_t i = 0; !st && i < src->n_species_columns; i++)
            if (row[at[i]][0])
                st = add_count(b, row[id], s->headings[at[i]], row[at[i]], &h);
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
        free(h->items[i].age);
    }
    free(h->items);
    free(h->path);
    *h = (struct cao_herds){ 0 };
}
