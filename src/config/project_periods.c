/* SPDX-License-Identifier: MIT */
#include "config/project_periods.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"

/* How a range is cut. */
enum unit { WHOLE, MONTH, TEN_DAYS, EIGHT_DAYS, SIXTEEN_DAYS, YEAR, N_UNITS };
static const char *const unit_names[N_UNITS] = { "", "month", "10d", "8d", "16d", "year" };

/* A day of some year, or of one. */
struct day {
    bool given, has_year;
    int32_t date; /* with a year */
    int32_t month, day;
    int line;
};
enum { MOST_YEARS = 200 };
struct item {
    const char *name; /* NULL: none */
    enum unit unit;
    struct day from, to;
    int32_t years[MOST_YEARS];
    size_t n_years;
    int line, years_line;
};

struct reading {
    const char *file;
    struct cao_error *err;
    struct cao_period *list;
    size_t n, capacity;
};

CAO_PRINTF(4, 5)
static enum cao_status bad(const struct reading *r, int line, const char *key, const char *fmt, ...)
{
    char text[700];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return cao_fail(r->err, CAO_EARG, "%s:%d: periods%s%.60s: %s", r->file, line,
                    key[0] ? "[]." : "", key, text);
}

/* A period's name becomes a folder's: nothing that means something in a path. */
static bool safe_name(const char *s)
{
    if (!s[0] || s[0] == '.' || s[0] == ' ' || strlen(s) > 100)
        return false;
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || strchr("/\\:*?\"<>|'", *s))
            return false;
    return true;
}

static int32_t year_of(int32_t date)
{
    char text[CAO_DATE_TEXT];
    cao_date_format(date, text);
    return (int32_t)strtol(text, NULL, 10);
}

static int32_t days_of_year(int32_t year)
{
    return cao_date_of(year + 1, 1, 1) - cao_date_of(year, 1, 1);
}

/* MM-DD, checked in a leap year. */
static bool parse_month_day(const char *s, struct day *d)
{
    char text[16];
    int32_t date;
    if (strlen(s) != 5)
        return false;
    snprintf(text, sizeof text, "2000-%s", s);
    if (!cao_date_parse(text, &date))
        return false;
    d->month = (int32_t)strtol(s, NULL, 10);
    d->day = (int32_t)strtol(s + 3, NULL, 10);
    return true;
}

static enum cao_status take_day(const struct reading *r, const struct cao_yaml *node, struct day *d)
{
    d->line = node->line;
    d->given = true;
    d->has_year = cao_date_parse(node->text, &d->date);
    if (!d->has_year && !parse_month_day(node->text, d))
        return bad(r, node->line, node->key,
                   "'%.80s' is not a date; allowed: YYYY-MM-DD, or with years MM-DD", node->text);
    return CAO_OK;
}

static enum cao_status take_unit(const struct reading *r, const struct cao_yaml *node,
                                 enum unit *unit)
{
    for (int u = MONTH; u < N_UNITS; u++)
        if (strcmp(unit_names[u], node->text) == 0) {
            *unit = (enum unit)u;
            return CAO_OK;
        }
    size_t near = cao_text_nearest(node->text, unit_names + 1, N_UNITS - 1);
    return bad(r, node->line, node->key,
               "'%.80s' is not known; allowed: month|10d|8d|16d|year%s%s%s", node->text,
               near == SIZE_MAX ? "" : "; did you mean ",
               near == SIZE_MAX ? "" : unit_names[near + 1], near == SIZE_MAX ? "" : "?");
}

/* "2024", or "2020-2024" for all of them. */
static enum cao_status add_years(const struct reading *r, const struct cao_yaml *node,
                                 const char *key, struct item *item)
{
    int64_t first = 0, last = 0;
    char text[16] = "";
    bool good = node->kind == CAO_YAML_SCALAR && strlen(node->text) < sizeof text;
    if (good) {
        snprintf(text, sizeof text, "%s", node->text);
        char *dash = strchr(text, '-');
        if (dash)
            *dash = '\0';
        good = cao_text_int64(text, &first) && cao_text_int64(dash ? dash + 1 : text, &last) &&
               first >= 1900 && last <= 2200 && first <= last;
    }
    if (!good)
        return bad(r, node->line, key,
                   "'%.80s' is no year; allowed: a year, 2020-2024 for five of them, or a list of "
                   "these, from 1900 to 2200",
                   node->kind == CAO_YAML_SCALAR ? node->text : "a list or group");
    for (int64_t y = first; y <= last; y++) {
        if (item->n_years == MOST_YEARS)
            return bad(r, node->line, key, "more than %d years", MOST_YEARS);
        item->years[item->n_years++] = (int32_t)y;
    }
    return CAO_OK;
}

static enum cao_status take_years(const struct reading *r, const struct cao_yaml *node,
                                  struct item *item)
{
    enum cao_status st = CAO_OK;
    item->years_line = node->line;
    if (node->kind != CAO_YAML_LIST)
        return add_years(r, node, node->key, item);
    for (size_t i = 0; !st && i < node->n; i++)
        st = add_years(r, &node->items[i], node->key, item);
    return st              ? st
           : item->n_years ? CAO_OK
                           : bad(r, node->line, node->key, "at least one year is wanted");
}

static enum cao_status take_key(const struct reading *r, const struct cao_yaml *node,
                                struct item *item)
{
    static const char *const keys[] = { "name", "from", "to", "every", "years" };
    enum { N_KEYS = sizeof keys / sizeof keys[0] };
    size_t k = 0;
    while (k < N_KEYS && strcmp(node->key, keys[k]) != 0)
        k++;
    if (k == N_KEYS) {
        size_t near = cao_text_nearest(node->key, keys, N_KEYS);
        return bad(r, node->line, node->key,
                   "unknown key; allowed: name, from, to, every, years%s%s%s",
                   near == SIZE_MAX ? "" : "; did you mean ", near == SIZE_MAX ? "" : keys[near],
                   near == SIZE_MAX ? "" : "?");
    }
    if (k == 4)
        return take_years(r, node, item);
    if (node->kind != CAO_YAML_SCALAR)
        return bad(r, node->line, node->key, "a %s is wanted", k == 1 || k == 2 ? "date" : "text");
    if (k == 3)
        return take_unit(r, node, &item->unit);
    if (k > 0)
        return take_day(r, node, k == 1 ? &item->from : &item->to);
    if (!safe_name(node->text))
        return bad(r, node->line, node->key, "'%.80s' cannot be the name of a folder", node->text);
    item->name = node->text;
    return CAO_OK;
}

static enum cao_status check_item(const struct reading *r, const struct item *item)
{
    if ((!item->name && item->unit == WHOLE) || !item->from.given || !item->to.given)
        return bad(r, item->line, "", "a period lacks its %s",
                   !item->from.given ? "from"
                   : !item->to.given ? "to"
                                     : "name (or every: month, to have one for each month)");
    const struct day *with = item->from.has_year ? &item->from : &item->to;
    const struct day *without = item->from.has_year ? &item->to : &item->from;
    if (with->has_year && !without->has_year)
        return bad(r, without->line, without == &item->from ? "from" : "to",
                   "has no year, but the other end has one; give both as YYYY-MM-DD, or both as "
                   "MM-DD with years");
    if (!with->has_year && item->n_years == 0)
        return bad(r, item->from.line, "from",
                   "has no year; give YYYY-MM-DD, or the years: years: 2020-2024");
    if (with->has_year && item->n_years > 0)
        return bad(r, item->years_line, "years",
                   "goes with from and to as MM-DD, such as from: 07-20");
    if (item->unit == WHOLE && item->n_years > 1)
        return bad(r, item->years_line, "years",
                   "of several years each is a period: add every: year");
    return CAO_OK;
}

static enum cao_status push(struct reading *r, const struct item *item, const char *own,
                            int32_t from, int32_t to)
{
    char name[160];
    snprintf(name, sizeof name, "%s%s%s", item->name ? item->name : "",
             item->name && own[0] ? "-" : "", own);
    if (r->n == CAO_MOST_PERIODS)
        return bad(r, item->line, "", "more than %d periods", CAO_MOST_PERIODS);
    for (size_t k = 0; k < r->n; k++)
        if (cao_text_same(r->list[k].name, name))
            return bad(r, item->line, "", "the name %s is given twice, first in line %d%s", name,
                       r->list[k].line,
                       item->unit != WHOLE ? "; with every, a name is put before each" : "");
    if (r->n == r->capacity) {
        size_t capacity = r->capacity ? r->capacity * 2 : 16;
        struct cao_period *more = realloc(r->list, capacity * sizeof *more);
        if (!more)
            return cao_fail(r->err, CAO_ENOMEM, "%s: out of memory", r->file);
        r->list = more;
        r->capacity = capacity;
    }
    char *copy = cao_text_copy(name);
    if (!copy)
        return cao_fail(r->err, CAO_ENOMEM, "%s: out of memory", r->file);
    r->list[r->n++] = (struct cao_period){ copy, from, to, item->line, item->unit != WHOLE };
    return CAO_OK;
}

/* The piece that holds @p date: its first and last day, not cut yet, and its name. 8 and 16 days begin
 * with each year anew, as those of MODIS do; ten days are the first, second and last third of a month. */
static void piece_of(enum unit unit, int32_t date, int32_t *first, int32_t *last, char name[32])
{
    char text[CAO_DATE_TEXT];
    int32_t year = year_of(date), days = unit == EIGHT_DAYS ? 8 : 16;
    int32_t new_year = cao_date_of(year, 1, 1), year_end = new_year + days_of_year(year) - 1;
    cao_date_format(date, text);
    int32_t month = (int32_t)strtol(text + 5, NULL, 10), day = (int32_t)strtol(text + 8, NULL, 10);
    int32_t month_end = (month == 12 ? year_end + 1 : cao_date_of(year, month + 1, 1)) - 1;
    switch (unit) {
    case MONTH:
        *first = cao_date_of(year, month, 1);
        *last = month_end;
        snprintf(name, 32, "%d-%02d", (int)year, (int)month);
        break;
    case TEN_DAYS: {
        int32_t third = day > 20 ? 2 : (day - 1) / 10;
        *first = cao_date_of(year, month, third * 10 + 1);
        *last = third == 2 ? month_end : *first + 9;
        cao_date_format(*first, text);
        snprintf(name, 32, "%s", text);
        break;
    }
    case EIGHT_DAYS:
    case SIXTEEN_DAYS:
        *first = date - (cao_date_day_of_year(date) - 1) % days;
        *last = *first + days - 1 < year_end ? *first + days - 1 : year_end;
        snprintf(name, 32, "%d-D%03d", (int)year, (int)cao_date_day_of_year(*first));
        break;
    default:
        *first = new_year;
        *last = year_end;
        snprintf(name, 32, "%d", (int)year);
    }
}

static enum cao_status cut(struct reading *r, const struct item *item, int32_t from, int32_t to)
{
    enum cao_status st = CAO_OK;
    for (int32_t at = from; !st && at <= to;) {
        int32_t first, last;
        char name[32];
        piece_of(item->unit, at, &first, &last, name);
        st = push(r, item, name, at, last < to ? last : to);
        at = last + 1;
    }
    return st;
}

/* 29 February is the last of the month as an end, and the day after it as a beginning. */
static int32_t in_year(const struct day *d, int32_t year, bool is_end)
{
    bool leap_day = d->month == 2 && d->day == 29 && days_of_year(year) == 365;
    return leap_day ? cao_date_of(year, is_end ? 2 : 3, is_end ? 28 : 1)
                    : cao_date_of(year, d->month, d->day);
}

static enum cao_status add_item(struct reading *r, const struct item *item)
{
    if (item->n_years == 0) {
        if (item->from.date > item->to.date)
            return bad(r, item->line, "", "%s ends before it begins",
                       item->name ? item->name : "the range");
        return item->unit == WHOLE ? push(r, item, "", item->from.date, item->to.date)
                                   : cut(r, item, item->from.date, item->to.date);
    }
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < item->n_years; i++) {
        int32_t year = item->years[i], from = in_year(&item->from, year, false);
        int32_t to = in_year(&item->to, year, true);
        to = to < from ? in_year(&item->to, year + 1, true) : to; /* over the turn of the year */
        char name[32];
        snprintf(name, sizeof name, "%d", (int)year);
        if (item->unit == WHOLE)
            st = push(r, item, "", from, to);
        else
            st = item->unit == YEAR ? push(r, item, name, from, to) : cut(r, item, from, to);
    }
    return st;
}

enum cao_status cao_periods_read(const char *file, const struct cao_yaml *node,
                                 struct cao_period **list, size_t *n, struct cao_error *err)
{
    struct reading r = { .file = file, .err = err };
    enum cao_status st = CAO_OK;
    if (node->kind != CAO_YAML_LIST || node->n == 0)
        st = bad(&r, node->line, "",
                 "a list is wanted: - {name: peak, from: 2024-07-20, to: 2024-08-31}, or "
                 "- {every: month, from: 2024-05-01, to: 2024-09-30}");
    for (size_t i = 0; !st && i < node->n; i++) {
        const struct cao_yaml *map = &node->items[i];
        struct item item = { .line = map->line };
        if (map->kind != CAO_YAML_MAP)
            st = bad(&r, map->line, "", "each is wanted as {name: ..., from: ..., to: ...}");
        for (size_t k = 0; !st && k < map->n; k++)
            st = take_key(&r, &map->items[k], &item);
        if (!st)
            st = check_item(&r, &item);
        if (!st)
            st = add_item(&r, &item);
    }
    if (st) {
        cao_periods_free(r.list, r.n);
        return st;
    }
    *list = r.list;
    *n = r.n;
    return CAO_OK;
}

void cao_periods_free(struct cao_period *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(list[i].name);
    free(list);
}
