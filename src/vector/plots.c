/* SPDX-License-Identifier: MIT */
#include "caochu/plots.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "vector/sheet.h"

static const struct column_row {
    const char *name;
    const char *usual[24]; /* headings, before any unit in brackets or behind a '_' */
} columns[CAO_N_PLOT_COLUMNS] = {
    [CAO_PLOT_ID] = { "id",
                      { "id", "plot", "plot_id", "plotid", "plot_no", "样地号", "样地编号", "样地",
                        "样点号", "样点编号", "编号", "样方号", "样方编号", NULL } },
    [CAO_PLOT_DATE] = { "date",
                        { "date", "day", "sampling_date", "日期", "调查日期", "采样日期",
                          "取样日期", "测定日期", "调查时间", "采样时间", NULL } },
    [CAO_PLOT_X] = { "x", { "lon", "longitude", "long", "经度", "东经", "x", "easting", NULL } },
    [CAO_PLOT_Y] = { "y", { "lat", "latitude", "纬度", "北纬", "y", "northing", NULL } },
    [CAO_PLOT_TYPE] = { "type",
                        { "type", "grass_type", "grassland_type", "grassland", "草地类型", "草地类",
                          "草原类型", "草原类", "类型", NULL } },
    [CAO_PLOT_FRESH] = { "fresh",
                         { "fresh", "fresh_weight", "fresh_yield", "fresh_biomass", "yield_fresh",
                           "鲜重", "鲜草重", "鲜草产量", "鲜草", "总鲜重", "地上鲜重", "鲜草总重",
                           NULL } },
    [CAO_PLOT_DRY] = { "dry",
                       { "dry", "dry_weight", "dry_matter", "dry_yield", "dry_biomass", "biomass",
                         "agb", "hay", "干重", "干草重", "干草产量", "总干重", "烘干重", "风干重",
                         "地上生物量", "生物量", NULL } },
};

static const struct unit_row {
    const char *name;
    double to_kg_ha;
    const char *spellings[8];
} units[CAO_N_PLOT_UNITS] = {
    [CAO_PLOT_G_M2] = { "g/m2",
                        10,
                        { "g/m2", "g_m2", "gm2", "g/m²", "g·m-2", "克/平方米", "克每平方米",
                          NULL } },
    [CAO_PLOT_KG_HA] = { "kg/ha",
                         1,
                         { "kg/ha", "kg_ha", "kgha", "kg/hm2", "kg/hm²", "公斤/公顷", "千克/公顷",
                           NULL } },
    [CAO_PLOT_KG_MU] = { "kg/mu",
                         15,
                         { "kg/mu", "kg_mu", "kgmu", "kg/亩", "公斤/亩", "千克/亩", NULL } },
};

const char *cao_plot_column_name(enum cao_plot_column c)
{
    return (unsigned)c < CAO_N_PLOT_COLUMNS ? columns[c].name : "unknown";
}

const char *cao_plot_unit_name(enum cao_plot_unit u)
{
    return (unsigned)u < CAO_N_PLOT_UNITS ? units[u].name : "unknown";
}

/* --- headings --- */

static bool unit_in(const char *text, enum cao_plot_unit *unit)
{
    char low[128];
    size_t n = 0;
    for (; text[n] && n + 1 < sizeof low; n++)
        low[n] = (char)tolower((unsigned char)text[n]);
    low[n] = '\0';
    for (int u = 0; u < CAO_N_PLOT_UNITS; u++)
        for (size_t i = 0; units[u].spellings[i]; i++)
            if (strstr(low, units[u].spellings[i])) {
                *unit = (enum cao_plot_unit)u;
                return true;
            }
    return false;
}

/* The heading is the usual one, or goes on behind it with a unit: "fresh_g_m2", "鲜重（g/m2）". */
static bool is_usual(const char *heading, const char *usual)
{
    size_t n = strlen(usual);
    char start[64];
    enum cao_plot_unit unit;
    if (strlen(heading) < n || n >= sizeof start)
        return false;
    memcpy(start, heading, n);
    start[n] = '\0';
    for (size_t i = 0; i < n; i++)
        start[i] = start[i] == ' ' ? '_' : start[i];
    if (!cao_text_same(start, usual))
        return false;
    const char *rest = heading + n;
    return rest[0] == '\0' || unit_in(rest, &unit) || rest[0] == '(' || strncmp(rest, "（", 3) == 0;
}

static size_t usual_column(const struct cao_sheet *s, const struct column_row *c)
{
    for (size_t k = 0; c->usual[k]; k++)
        for (size_t i = 0; i < s->n_columns; i++)
            if (is_usual(s->headings[i], c->usual[k]))
                return i;
    return SIZE_MAX;
}

static enum cao_status no_column(const struct cao_sheet *s, const char *path, const char *what,
                                 const char *option, struct cao_error *err)
{
    struct cao_buf names = { 0 };
    for (size_t i = 0; i < s->n_columns; i++)
        cao_buf_add(&names, "%s%s", i ? ", " : "", s->headings[i]);
    enum cao_status st = cao_fail(
        err, CAO_EARG, "%s: there is no column %s; name it with --column %s=HEADING; there are: %s",
        path, what, option, names.text ? names.text : "none");
    cao_buf_release(&names);
    return st;
}

static enum cao_status find_columns(const struct cao_sheet *s, const struct cao_plots_source *src,
                                    size_t at[CAO_N_PLOT_COLUMNS], struct cao_error *err)
{
    for (int c = 0; c < CAO_N_PLOT_COLUMNS; c++) {
        const char *named = src->heading[c];
        at[c] = SIZE_MAX;
        for (size_t i = 0; named && i < s->n_columns; i++)
            if (cao_text_same(s->headings[i], named))
                at[c] = i;
        if (named && at[c] == SIZE_MAX) {
            char what[200];
            snprintf(what, sizeof what, "'%.150s'", named);
            return no_column(s, src->path, what, columns[c].name, err);
        }
        if (!named)
            at[c] = usual_column(s, &columns[c]);
    }
    if (at[CAO_PLOT_DATE] == SIZE_MAX)
        return no_column(s, src->path, "with the date", "date", err);
    if (at[CAO_PLOT_X] == SIZE_MAX)
        return no_column(s, src->path, "with longitude or x", "x", err);
    if (at[CAO_PLOT_Y] == SIZE_MAX)
        return no_column(s, src->path, "with latitude or y", "y", err);
    if (at[CAO_PLOT_FRESH] == SIZE_MAX && at[CAO_PLOT_DRY] == SIZE_MAX)
        return no_column(s, src->path, "with fresh or dry weight", "fresh", err);
    return CAO_OK;
}

/* --- cells --- */

/* 2024-08-05, 20240805, 2024/8/5, 2024.8.5, 2024年8月5日, with a time behind it or not. */
static bool read_date(const char *s, int32_t *day)
{
    long part[3] = { 0 };
    int n = 0;
    if (cao_date_parse(s, day))
        return true;
    for (const char *c = s; *c && n < 3;) {
        if (!isdigit((unsigned char)*c)) {
            if (n > 0 && (*c == ' ' || *c == 'T') && n < 3)
                return false;
            c++;
            continue;
        }
        char *end;
        part[n++] = strtol(c, &end, 10);
        c = end;
    }
    char text[CAO_DATE_TEXT];
    if (n < 3 || part[0] < 1970 || part[0] > 9999 || part[1] < 1 || part[1] > 12 || part[2] < 1 ||
        part[2] > 31)
        return false;
    snprintf(text, sizeof text, "%04d-%02d-%02d", (int)part[0], (int)part[1], (int)part[2]);
    return cao_date_parse(text, day);
}

static const char *cell(const struct cao_sheet *s, size_t row, size_t column)
{
    return column == SIZE_MAX ? "" : s->cells[row * s->n_columns + column];
}

static bool read_weight(const char *text, double factor, double *v)
{
    *v = (double)NAN;
    if (!text[0])
        return true;
    bool fine = cao_text_double(text, v) && *v >= 0;
    *v *= factor;
    return fine;
}

static enum cao_status read_plot(const struct cao_sheet *s, size_t row,
                                 const size_t at[CAO_N_PLOT_COLUMNS], double factor, bool air_dry,
                                 struct cao_plot *p, struct cao_error *err)
{
    const char *id = cell(s, row, at[CAO_PLOT_ID]);
    char own[32];
    snprintf(own, sizeof own, "row %ld", s->line[row]);
    *p = (struct cao_plot){ .id = cao_text_copy(id[0] ? id : own),
                            .type = cao_text_copy(cell(s, row, at[CAO_PLOT_TYPE])),
                            .quadrats = 1,
                            .row = s->line[row] };
    if (!p->id || !p->type)
        return cao_fail(err, CAO_ENOMEM, "out of memory for the plots");
    if (!cell(s, row, at[CAO_PLOT_DATE])[0])
        p->why = "the date is missing";
    else if (!read_date(cell(s, row, at[CAO_PLOT_DATE]), &p->date))
        p->why = "the date is not understood; write YYYY-MM-DD";
    bool place = cell(s, row, at[CAO_PLOT_X])[0] && cell(s, row, at[CAO_PLOT_Y])[0];
    if (!p->why && !place)
        p->why = "the place is missing";
    bool x_fine = cao_text_double(cell(s, row, at[CAO_PLOT_X]), &p->x);
    bool y_fine = cao_text_double(cell(s, row, at[CAO_PLOT_Y]), &p->y);
    if (!p->why && !(x_fine && y_fine))
        p->why = "the place is not a pair of numbers; write decimal degrees or metres";
    bool fresh_fine = read_weight(cell(s, row, at[CAO_PLOT_FRESH]), factor, &p->fresh_kg_ha);
    bool dry_fine = read_weight(cell(s, row, at[CAO_PLOT_DRY]), factor, &p->hay_kg_ha);
    if (!p->why && !(fresh_fine && dry_fine))
        p->why = "a weight is not a number of 0 or above";
    if (!air_dry)
        p->hay_kg_ha /= 0.86; /* hay is taken at 14 % water */
    if (!p->why && isnan(p->fresh_kg_ha) && isnan(p->hay_kg_ha))
        p->why = "the weight is missing";
    return CAO_OK;
}

/* --- quadrats to plots --- */

static int by_plot(const void *a, const void *b)
{
    const struct cao_plot *x = a, *y = b;
    int c = strcmp(x->id, y->id);
    c = c ? c : (x->date > y->date) - (x->date < y->date);
    c = c ? c : (x->why != NULL) - (y->why != NULL);
    return c ? c : (x->row > y->row) - (x->row < y->row);
}

static void free_plot(struct cao_plot *p)
{
    free(p->id);
    free(p->type);
}

/* A mean where both say something; a quadrat without a weight says nothing of it. */
static double mean_of(double a, int n, double b)
{
    return isnan(a) || isnan(b) ? (double)NAN : (a * n + b) / (n + 1);
}

static void merge_quadrats(struct cao_plots *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        struct cao_plot *q = &p->items[i], *last = n ? &p->items[n - 1] : NULL;
        if (!last || last->why || q->why || last->date != q->date || strcmp(last->id, q->id) != 0 ||
            strcmp(last->type, q->type) != 0) {
            if (n != i)
                p->items[n] = *q;
            n++;
            continue;
        }
        last->x = mean_of(last->x, last->quadrats, q->x);
        last->y = mean_of(last->y, last->quadrats, q->y);
        last->fresh_kg_ha = mean_of(last->fresh_kg_ha, last->quadrats, q->fresh_kg_ha);
        last->hay_kg_ha = mean_of(last->hay_kg_ha, last->quadrats, q->hay_kg_ha);
        last->quadrats++;
        free_plot(q);
    }
    p->n = n;
}

static bool look_like_degrees(const struct cao_plots *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (!p->items[i].why && (fabs(p->items[i].x) > 180 || fabs(p->items[i].y) > 90))
            return false;
    return true;
}

static enum cao_status choose_unit(const struct cao_sheet *s, const struct cao_plots_source *src,
                                   const size_t at[CAO_N_PLOT_COLUMNS], struct cao_plots *p,
                                   struct cao_error *err)
{
    bool said = false;
    p->unit = CAO_PLOT_G_M2;
    if (src->unit)
        return unit_in(src->unit, &p->unit)
                   ? CAO_OK
                   : cao_fail(err, CAO_EARG, "--unit: '%s' is not one of: g/m2, kg/ha, kg/mu",
                              src->unit);
    for (int c = CAO_PLOT_FRESH; c <= CAO_PLOT_DRY; c++) {
        enum cao_plot_unit u;
        if (at[c] == SIZE_MAX || !unit_in(s->headings[at[c]], &u))
            continue;
        if (said && u != p->unit)
            return cao_fail(err, CAO_EARG,
                            "%s: fresh and dry weights are in different units (%s, %s); leave one "
                            "out with --column",
                            src->path, units[p->unit].name, units[u].name);
        p->unit = u;
        said = true;
    }
    p->unit_assumed = !said;
    return CAO_OK;
}

enum cao_status cao_plots_load(const struct cao_plots_source *src, struct cao_plots *plots,
                               struct cao_error *err)
{
    struct cao_sheet s = { 0 };
    struct cao_plots made = { 0 };
    size_t at[CAO_N_PLOT_COLUMNS];
    enum cao_status st = cao_sheet_read(src->path, src->sheet, &s, err);
    if (st)
        return st;
    st = find_columns(&s, src, at, err);
    if (!st)
        st = choose_unit(&s, src, at, &made, err);
    if (!st) {
        made.items = calloc(s.n_rows + 1, sizeof *made.items);
        st = made.items ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory for the plots");
    }
    for (int c = 0; !st && c < CAO_N_PLOT_COLUMNS; c++) {
        made.headings[c] = at[c] == SIZE_MAX ? NULL : cao_text_copy(s.headings[at[c]]);
        if (at[c] != SIZE_MAX && !made.headings[c])
            st = cao_fail(err, CAO_ENOMEM, "out of memory");
    }
    for (size_t i = 0; !st && i < s.n_rows; i++) {
        struct cao_plot *p = &made.items[made.n++];
        st = read_plot(&s, i, at, units[made.unit].to_kg_ha, src->air_dry, p, err);
    }
    cao_sheet_release(&s);
    if (st) {
        cao_plots_release(&made);
        return st;
    }
    made.degrees = look_like_degrees(&made);
    made.has_type = at[CAO_PLOT_TYPE] != SIZE_MAX;
    made.has_fresh = at[CAO_PLOT_FRESH] != SIZE_MAX;
    made.has_dry = at[CAO_PLOT_DRY] != SIZE_MAX;
    if (made.n)
        qsort(made.items, made.n, sizeof *made.items, by_plot);
    merge_quadrats(&made);
    *plots = made;
    return CAO_OK;
}

void cao_plots_release(struct cao_plots *p)
{
    for (size_t i = 0; i < p->n; i++)
        free_plot(&p->items[i]);
    free(p->items);
    for (int c = 0; c < CAO_N_PLOT_COLUMNS; c++)
        free(p->headings[c]);
    *p = (struct cao_plots){ 0 };
}
