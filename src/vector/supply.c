/* SPDX-License-Identifier: MIT
 * Tables of feed and of wildlife. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/livestock.h"
#include "caochu/text.h"
#include "vector/sheet.h"

/* A column that need not be there: SIZE_MAX where it is not named. */
static enum cao_status optional(const struct cao_sheet *s, const char *path, const char *key,
                                const char *name, size_t *at, struct cao_error *err)
{
    *at = SIZE_MAX;
    return name && name[0] ? cao_sheet_column(s, path, key, name, at, err) : CAO_OK;
}

static const char *cell(char *const *row, size_t at)
{
    return at == SIZE_MAX ? "" : row[at];
}

static bool amount(const char *text, double *v)
{
    return cao_text_double(text, v) && *v >= 0 && *v <= 1e12;
}

struct feed_columns {
    size_t id, feed, kg, area, yield, season;
};

/* Why the row is of no use; NULL: it is. */
static const char *read_feed(char *const *row, const struct feed_columns *c, struct cao_feed *f)
{
    double area, yield;
    const char *kg = cell(row, c->kg);
    if (!row[c->id][0])
        return "the id is empty";
    if (!row[c->feed][0])
        return "the feed is empty";
    if (kg[0])
        return amount(kg, &f->kg) ? NULL : "the amount is not a number of kg from 0 on";
    if (!amount(cell(row, c->area), &area) || !amount(cell(row, c->yield), &yield))
        return "neither an amount in kg nor an area in ha and a yield in kg/ha is given";
    f->kg = area * yield;
    return NULL;
}

enum cao_status cao_feed_load(const struct cao_feed_source *src, struct cao_feeds *feeds,
                              struct cao_findings *findings, struct cao_error *err)
{
    struct cao_sheet s;
    struct feed_columns c = { 0, 0, 0, 0, 0, 0 };
    enum cao_status st = cao_sheet_read(src->path, src->sheet, &s, err);
    if (st)
        return st;
    struct cao_feeds f = { calloc(s.n_rows + 1, sizeof *f.items), 0, cao_text_copy(src->path) };
    st = f.items && f.path ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    if (!st)
        st = cao_sheet_column(&s, src->path, "feed.id", src->id_field, &c.id, err);
    if (!st)
        st = cao_sheet_column(&s, src->path, "feed.feed", src->feed_field, &c.feed, err);
    if (!st)
        st = optional(&s, src->path, "feed.kg", src->kg_field, &c.kg, err);
    if (!st)
        st = optional(&s, src->path, "feed.area", src->area_field, &c.area, err);
    if (!st)
        st = optional(&s, src->path, "feed.yield", src->yield_field, &c.yield, err);
    if (!st)
        st = optional(&s, src->path, "feed.season", src->season_field, &c.season, err);
    for (size_t r = 0; !st && r < s.n_rows; r++) {
        char *const *row = s.cells + r * s.n_columns;
        struct cao_feed *to = &f.items[f.n];
        to->row = s.line[r];
        const char *why = read_feed(row, &c, to);
        if (why) {
            st = cao_findings_add(findings, CAO_PROBLEM, "feed-row", src->path, s.line[r],
                                  row[c.id], "%s; the row is not counted", why);
            continue;
        }
        to->id = cao_text_copy(row[c.id]);
        to->feed = cao_text_copy(row[c.feed]);
        to->season = cao_text_copy(cell(row, c.season));
        f.n++;
        if (!to->id || !to->feed || !to->season)
            st = cao_fail(err, CAO_ENOMEM, "out of memory");
    }
    cao_sheet_release(&s);
    if (st)
        cao_feeds_release(&f);
    else
        *feeds = f;
    return st;
}

void cao_feeds_release(struct cao_feeds *f)
{
    for (size_t i = 0; i < f->n; i++) {
        free(f->items[i].id);
        free(f->items[i].feed);
        free(f->items[i].season);
    }
    free(f->items);
    free(f->path);
    *f = (struct cao_feeds){ 0 };
}

enum cao_status cao_wildlife_load(const struct cao_wildlife_source *src,
                                  struct cao_wildlife *wildlife, struct cao_error *err)
{
    struct cao_sheet s;
    size_t species = 0, heads = 0, group = 0, days = 0;
    enum cao_status st = cao_sheet_read(src->path, src->sheet, &s, err);
    if (st)
        return st;
    struct cao_wildlife w = { calloc(s.n_rows + 1, sizeof *w.items), 0, cao_text_copy(src->path) };
    st = w.items && w.path ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    if (!st)
        st = cao_sheet_column(&s, src->path, "wildlife.species", src->species_field, &species, err);
    if (!st)
        st = cao_sheet_column(&s, src->path, "wildlife.heads", src->heads_field, &heads, err);
    if (!st)
        st = optional(&s, src->path, "wildlife.group", src->group_field, &group, err);
    if (!st)
        st = optional(&s, src->path, "wildlife.days", src->days_field, &days, err);
    for (size_t r = 0; !st && r < s.n_rows; r++) {
        char *const *row = s.cells + r * s.n_columns;
        struct cao_wild_count *to = &w.items[w.n++];
        *to = (struct cao_wild_count){ cao_text_copy(row[species]), cao_text_copy(cell(row, group)),
                                       0, 365, s.line[r] };
        const char *count = row[heads], *time = cell(row, days);
        if (!to->species || !to->group)
            st = cao_fail(err, CAO_ENOMEM, "out of memory");
        else if (!row[species][0])
            st = cao_fail(err, CAO_EARG, "%s: row %ld: the species is empty", src->path, to->row);
        else if (!amount(count, &to->heads))
            st = cao_fail(err, CAO_EARG, "%s: row %ld: '%.40s' is not a number of heads", src->path,
                          to->row, count);
        else if (time[0] && (!amount(time, &to->days) || to->days > 366))
            st = cao_fail(err, CAO_EARG, "%s: row %ld: '%.40s' is not a number of days, 0 to 366",
                          src->path, to->row, time);
    }
    cao_sheet_release(&s);
    if (st)
        cao_wildlife_release(&w);
    else
        *wildlife = w;
    return st;
}

void cao_wildlife_release(struct cao_wildlife *w)
{
    for (size_t i = 0; i < w->n; i++) {
        free(w->items[i].species);
        free(w->items[i].group);
    }
    free(w->items);
    free(w->path);
    *w = (struct cao_wildlife){ 0 };
}
