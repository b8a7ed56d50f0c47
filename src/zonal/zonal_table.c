/* SPDX-License-Identifier: MIT
 * From statistics to a table: long, one row for each polygon and band, or wide, one for each polygon. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/text.h"
#include "zonal/zonal_parts.h"

enum { MOST_CLASSES = 1000, NAME = 400 };

/* What a column shows. */
struct source {
    enum { ID, FIELD, RASTER, BAND, DATE, STAT, CLASS, OF_DATES } what;
    size_t at;   /* field; ask; class */
    size_t band; /* in a wide table */
};

struct maker {
    const struct cao_zonal_outcome *o;
    struct cao_zonal_result *r;
    struct cao_column *columns;
    struct source *sources;
    size_t n, capacity;
    uint64_t *classes;
    size_t n_classes;
    size_t *order; /* bands as the rows have them: by date, then as asked for */
    bool several_rasters, several_bands, dated;
    int levels; /* of a path that a raster's label shows */
};

static enum cao_status no_memory(struct cao_error *err)
{
    return cao_fail(err, CAO_ENOMEM, "out of memory for the table");
}

static const struct cao_raster_band_info *band_info(const struct maker *m, size_t band)
{
    return &m->o->bands[band].info->bands[m->o->bands[band].band];
}

/* A text that lives as long as the result. */
static const char *keep(struct maker *m, const char *text)
{
    char **more = realloc(m->r->texts, (m->r->n_texts + 1) * sizeof *more);
    if (!more)
        return NULL;
    m->r->texts = more;
    char *copy = cao_text_copy(text);
    if (copy)
        m->r->texts[m->r->n_texts++] = copy;
    return copy;
}

static bool is_taken(const struct maker *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (cao_text_same(m->columns[i].name, name))
            return true;
    return false;
}

/* Names are made unique: GPKG and Excel want them so. */
static enum cao_status add_column(struct maker *m, struct source source, const char *name,
                                  const char *zh, const char *unit, const char *help,
                                  enum cao_cell type, struct cao_error *err)
{
    char unique[NAME];
    snprintf(unique, sizeof unique, "%.*s", NAME - 16, name);
    for (int i = 2; is_taken(m, unique); i++)
        snprintf(unique, sizeof unique, "%.*s_%d", NAME - 16, name, i);
    if (m->n == m->capacity) {
        size_t capacity = m->capacity ? 2 * m->capacity : 32;
        struct cao_column *columns = realloc(m->columns, capacity * sizeof *columns);
        if (columns)
            m->columns = columns;
        struct source *sources = columns ? realloc(m->sources, capacity * sizeof *sources) : NULL;
        if (!sources)
            return no_memory(err);
        m->sources = sources;
        m->capacity = capacity;
    }
    const char *kept = keep(m, unique), *kept_zh = keep(m, zh);
    if (!kept || !kept_zh)
        return no_memory(err);
    m->columns[m->n] = (struct cao_column){ kept, kept_zh, unit, help, type, CAO_SHORTEST };
    m->sources[m->n++] = source;
    return CAO_OK;
}

/* --- classes --- */

static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static enum cao_status find_classes(struct maker *m, struct cao_error *err)
{
    size_t n_lists = m->r->polygons.n * m->o->n_bands;
    if (!m->o->classes)
        return CAO_OK;
    m->classes = calloc(MOST_CLASSES + 1, sizeof *m->classes);
    if (!m->classes)
        return no_memory(err);
    for (size_t i = 0; i < n_lists; i++)
        for (size_t k = 0; k < m->o->classes[i].n; k++) {
            uint64_t key = m->o->classes[i].items[k].key;
            if (bsearch(&key, m->classes, m->n_classes, sizeof key, by_key))
                continue;
            if (m->n_classes == MOST_CLASSES)
                return cao_fail(err, CAO_EARG,
                                "frac: the rasters hold more than %d values; it is for rasters of "
                                "classes",
                                MOST_CLASSES);
            m->classes[m->n_classes++] = key;
            qsort(m->classes, m->n_classes, sizeof key, by_key);
        }
    return CAO_OK;
}

/* --- columns --- */

/* "a/b/ndvi.tif" -> "ndvi"; with two levels "b/ndvi". */
static void label_of(const char *path, int levels, char label[NAME])
{
    const char *from = path + strlen(path);
    for (int slashes = 0; from > path; from--) {
        slashes += from[-1] == '/';
        if (slashes == levels)
            break;
    }
    snprintf(label, NAME, "%.*s", NAME - 64, from);
    char *dot = strrchr(label, '.'), *name = strrchr(label, '/');
    name = name ? name + 1 : label;
    if (dot && dot > name)
        *dot = '\0';
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t n_different(char **texts, size_t n)
{
    size_t different = n > 0;
    qsort(texts, n, sizeof *texts, by_text);
    for (size_t i = 1; i < n; i++)
        different += strcmp(texts[i - 1], texts[i]) != 0;
    return different;
}

/* How many levels of their paths tell the rasters apart: results/spring/ndvi.vrt and
 * results/autumn/ndvi.vrt are not both "ndvi". */
static enum cao_status choose_levels(struct maker *m, struct cao_error *err)
{
    enum { MOST_LEVELS = 8 };
    size_t n = m->o->n_rasters, wanted = 0;
    char *room = malloc(n * NAME + 1), **texts = malloc((n + 1) * sizeof *texts);
    for (m->levels = MOST_LEVELS; room && texts && m->levels > 0; m->levels--) {
        for (size_t i = 0; i < n; i++) {
            texts[i] = room + i * NAME;
            label_of(m->o->rasters[i].path, m->levels, texts[i]);
        }
        size_t different = n_different(texts, n);
        wanted = m->levels == MOST_LEVELS ? different : wanted;
        if (different < wanted)
            break;
    }
    m->levels++;
    free(texts);
    free(room);
    return room && texts ? CAO_OK : no_memory(err);
}

static void band_name(const struct maker *m, size_t band, char name[NAME])
{
    const struct cao_raster_band_info *info = band_info(m, band);
    if (info->name[0])
        snprintf(name, NAME, "%.*s", NAME - 64, info->name);
    else
        snprintf(name, NAME, "b%zu", m->o->bands[band].band + 1);
}

/* What stands before the statistic in a wide table: as much as tells the bands apart. */
static void prefix_of(const struct maker *m, size_t band, char prefix[NAME])
{
    char stem[NAME], name[NAME];
    label_of(m->o->bands[band].info->path, m->levels, stem);
    for (char *c = stem; *c; c++)
        *c = *c == '/' ? '_' : *c;
    band_name(m, band, name);
    bool with_band = m->several_bands && m->o->bands[band].info->n_bands > 1;
    snprintf(prefix, NAME, "%.*s%s%.*s%s", m->several_rasters ? 180 : 0, stem,
             m->several_rasters && with_band ? "_" : "", with_band ? 180 : 0, name,
             m->several_rasters || with_band ? "_" : "");
}

static enum cao_status add_stats(struct maker *m, size_t band, const char *prefix,
                                 struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < m->o->n_asks; i++) {
        const struct cao_zone_ask *ask = &m->o->asks[i];
        const struct cao_zone_stat *stat = ask->stat;
        char name[NAME], zh[NAME];
        if (stat->gather & CAO_OF_DATES)
            continue;
        if (!(stat->gather & CAO_PER_CLASS)) {
            bool plain = strcmp(ask->name, stat->name) == 0;
            snprintf(name, sizeof name, "%.300s%s", prefix, ask->name);
            snprintf(zh, sizeof zh, "%.300s%s%s", prefix, stat->zh, plain ? "" : ask->name);
            st = add_column(m, (struct source){ STAT, i, band }, name, zh, stat->unit, stat->help,
                            stat->whole ? CAO_CELL_INT : CAO_CELL_REAL, err);
            continue;
        }
        for (size_t k = 0; !st && k < m->n_classes; k++) {
            const struct cao_raster_band_info *b = band_info(m, band == SIZE_MAX ? 0 : band);
            double value = cao_zone_value_number(m->classes[k]) * b->scale + b->offset;
            snprintf(name, sizeof name, "%.300s%s_%.9g", prefix, ask->name, value);
            snprintf(zh, sizeof zh, "%.300s%s_%.9g", prefix, stat->zh, value);
            st = add_column(m, (struct source){ CLASS, k, band }, name, zh, stat->unit, stat->help,
                            CAO_CELL_REAL, err);
        }
    }
    return st;
}

/* Columns that are of all rasters together. */
static enum cao_status add_common(struct maker *m, struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < m->o->n_asks; i++) {
        const struct cao_zone_stat *stat = m->o->asks[i].stat;
        if (stat->gather & CAO_OF_DATES)
            st = add_column(m, (struct source){ OF_DATES, i, 0 }, stat->name, stat->zh, stat->unit,
                            stat->help, CAO_CELL_TEXT, err);
    }
    return st;
}

static enum cao_status add_columns(struct maker *m, struct cao_error *err)
{
    const struct cao_zonal_options *o = m->o->options;
    const struct cao_pasture_source *s = &o->polygons;
    bool named = s->id_field && s->id_field[0];
    enum cao_status st =
        add_column(m, (struct source){ ID, 0, 0 }, named ? s->id_field : "feature",
                   named ? s->id_field : "要素号", "", "the polygon", CAO_CELL_TEXT, err);
    for (size_t i = 0; !st && i < s->n_groups; i++) {
        if (named && cao_text_same(s->group_fields[i], s->id_field))
            continue;
        st = add_column(m, (struct source){ FIELD, i, 0 }, s->group_fields[i], s->group_fields[i],
                        "", "from the layer", m->r->polygons.group_types[i], err);
    }
    m->r->n_keys = m->n;
    if (o->wide) {
        for (size_t i = 0; !st && i < m->o->n_bands; i++) {
            char prefix[NAME];
            prefix_of(m, m->order[i], prefix);
            st = add_stats(m, m->order[i], prefix, err);
        }
        return st ? st : add_common(m, err);
    }
    if (!st && m->several_rasters)
        st = add_column(m, (struct source){ RASTER, 0, 0 }, "raster", "栅格", "", "file name",
                        CAO_CELL_TEXT, err);
    if (!st && m->several_bands)
        st = add_column(m, (struct source){ BAND, 0, 0 }, "band", "波段", "", "band", CAO_CELL_TEXT,
                        err);
    if (!st && m->dated)
        st = add_column(m, (struct source){ DATE, 0, 0 }, "date", "日期", "", "date in the name",
                        CAO_CELL_TEXT, err);
    if (!st)
        st = add_stats(m, SIZE_MAX, "", err);
    return st ? st : add_common(m, err);
}

/* --- cells --- */

static enum cao_status set_field(struct cao_table *t, size_t row, size_t column, const char *text,
                                 struct cao_error *err)
{
    double number;
    if (!text[0])
        return CAO_OK;
    if (t->columns[column].type == CAO_CELL_TEXT)
        return cao_table_set_text(t, row, column, text, err);
    if (cao_text_double(text, &number))
        cao_table_set_number(t, row, column, number);
    return CAO_OK;
}

static double fraction(const struct maker *m, size_t zone, size_t band, uint64_t key)
{
    const struct cao_zonal_list *l = &m->o->classes[zone * m->o->n_bands + band];
    struct cao_zone_view view = { .values = l->items, .n_values = l->n };
    return cao_zone_fraction(&view, key);
}

/* The first or the last of the dates that the bands gave; NaN where none has a value. */
static double extreme_date(const struct maker *m, size_t zone, size_t ask)
{
    bool last = strcmp(m->o->asks[ask].stat->name, "last_date") == 0;
    double found = (double)NAN;
    for (size_t band = 0; band < m->o->n_bands; band++) {
        double day = m->o->results[(zone * m->o->n_bands + band) * m->o->n_asks + ask];
        if (!isnan(day) && (isnan(found) || (last ? day > found : day < found)))
            found = day;
    }
    return found;
}

static enum cao_status set_date(struct cao_table *t, size_t row, size_t column, double day,
                                struct cao_error *err)
{
    char text[CAO_DATE_TEXT];
    if (isnan(day))
        return CAO_OK;
    cao_date_format((int32_t)day, text);
    return cao_table_set_text(t, row, column, text, err);
}

static enum cao_status set_cell(struct maker *m, size_t row, size_t column, size_t zone,
                                size_t row_band, struct cao_error *err)
{
    struct cao_table *t = &m->r->table;
    const struct source *s = &m->sources[column];
    const struct cao_pasture *p = &m->r->polygons.items[zone];
    size_t band = m->o->options->wide ? s->band : row_band;
    char text[NAME];
    switch (s->what) {
    case ID:
        return cao_table_set_text(t, row, column, p->id, err);
    case FIELD:
        return set_field(t, row, column, p->groups[s->at], err);
    case RASTER:
        label_of(m->o->bands[band].info->path, m->levels, text);
        return cao_table_set_text(t, row, column, text, err);
    case BAND:
        band_name(m, band, text);
        return cao_table_set_text(t, row, column, text, err);
    case DATE:
        return set_date(t, row, column,
                        band_info(m, band)->date == CAO_NO_DATE ? (double)NAN
                                                                : (double)band_info(m, band)->date,
                        err);
    case OF_DATES:
        return set_date(t, row, column, extreme_date(m, zone, s->at), err);
    case STAT:
        cao_table_set_number(t, row, column,
                             m->o->results[(zone * m->o->n_bands + band) * m->o->n_asks + s->at]);
        return CAO_OK;
    default:
        cao_table_set_number(t, row, column, fraction(m, zone, band, m->classes[s->at]));
        return CAO_OK;
    }
}

static enum cao_status fill(struct maker *m, struct cao_error *err)
{
    bool wide = m->o->options->wide;
    size_t per_zone = wide ? 1 : m->o->n_bands, n = m->r->polygons.n * per_zone;
    enum cao_status st = cao_table_init(&m->r->table, m->columns, m->n, n, err);
    if (st)
        return st;
    m->r->row_polygon = malloc((n + 1) * sizeof *m->r->row_polygon);
    if (!m->r->row_polygon)
        return no_memory(err);
    for (size_t zone = 0; !st && zone < m->r->polygons.n; zone++)
        for (size_t k = 0; !st && k < per_zone; k++) {
            size_t row = zone * per_zone + k;
            m->r->row_polygon[row] = zone;
            for (size_t c = 0; !st && c < m->n; c++)
                st = set_cell(m, row, c, zone, m->order[k], err);
        }
    return st;
}

/* By date, then as asked for; those without a date last. */
static enum cao_status order_bands(struct maker *m, struct cao_error *err)
{
    size_t n = m->o->n_bands;
    m->order = calloc(n + 1, sizeof *m->order);
    if (!m->order)
        return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        const struct cao_raster_band_info *b = band_info(m, i);
        size_t k = i;
        for (; k > 0; k--) {
            const struct cao_raster_band_info *before = band_info(m, m->order[k - 1]);
            bool later =
                b->date != CAO_NO_DATE && (before->date == CAO_NO_DATE || before->date > b->date);
            bool as_asked = before->date == b->date &&
                            m->o->bands[m->order[k - 1]].raster > m->o->bands[i].raster;
            if (!later && !as_asked)
                break;
            m->order[k] = m->order[k - 1];
        }
        m->order[k] = i;
        m->dated = m->dated || b->date != CAO_NO_DATE;
        m->several_rasters = m->several_rasters || m->o->bands[i].raster != m->o->bands[0].raster;
        m->several_bands = m->several_bands || m->o->bands[i].info->n_bands > 1;
    }
    return CAO_OK;
}

enum cao_status cao_zonal_table(const struct cao_zonal_outcome *o, struct cao_zonal_result *result,
                                struct cao_error *err)
{
    struct maker m = { .o = o, .r = result };
    enum cao_status st = order_bands(&m, err);
    if (!st)
        st = choose_levels(&m, err);
    if (!st)
        st = find_classes(&m, err);
    if (!st)
        st = add_columns(&m, err);
    if (!st)
        st = fill(&m, err);
    free(m.columns);
    free(m.sources);
    free(m.classes);
    free(m.order);
    return st;
}
