/* SPDX-License-Identifier: MIT */
#include "audit/check_parts.h"

#include <ctype.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/zonal_job.h"

static const char *text_of(json_object *o, const char *key)
{
    json_object *v;
    return json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_string)
               ? json_object_get_string(v)
               : "";
}

/* Empty where it is not a list. */
static size_t list_of(json_object *o, const char *key, json_object **list)
{
    bool there =
        json_object_object_get_ex(o, key, list) && json_object_is_type(*list, json_type_array);
    return there ? json_object_array_length(*list) : 0;
}

enum cao_status cao_check_tables(const char *dir, json_object *record, struct cao_hash *hash,
                                 struct cao_findings *findings, struct cao_error *err)
{
    json_object *tables = NULL;
    size_t n = list_of(record, "tables", &tables);
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < n; i++) {
        json_object *t = json_object_array_get_idx(tables, i);
        char path[CAO_PATH_MAX], text[CAO_HASH_TEXT];
        const char *name = text_of(t, "name");
        if (!name[0] || strchr(name, '/') || name[0] == '.')
            continue; /* not of our writing */
        st = cao_path_join(path, dir, name, err);
        if (!st && !cao_file_stat(path, NULL, NULL)) {
            st = cao_findings_add(findings, CAO_PROBLEM, "file-missing", path, 0, NULL,
                                  "is named in run.json and is not there");
            continue;
        }
        cao_hash_reset(hash);
        if (!st)
            st = cao_hash_file(hash, path, err);
        cao_hash_final(hash, text);
        if (!st && strcmp(text, text_of(t, "xxh128")) != 0)
            st = cao_findings_add(findings, CAO_PROBLEM, "file-changed", path, 0, NULL,
                                  "does not have the bytes that were written");
    }
    return st;
}

static size_t column_of(const struct cao_table *t, const char *name)
{
    size_t c = 0;
    while (c < t->n_columns && strcmp(t->columns[c].name, name) != 0)
        c++;
    return c;
}

/* Sums of the run are whole numbers of a quantum, so both agree to some 1e-8. A cell that is nothing
 * in one is nothing in the other. */
static bool same_number(const struct cao_table *t, size_t row, size_t a, size_t b, double scale,
                        double offset)
{
    const struct cao_value *x = &t->cells[row * t->n_columns + a];
    const struct cao_value *y = &t->cells[row * t->n_columns + b];
    if (!x->set || !y->set)
        return x->set == y->set;
    double told = x->number, found = y->number * scale + offset;
    return fabs(told - found) <= 1e-6 * (1 + fabs(told));
}

static enum cao_status compare(const char *map, const struct cao_zonal_result *r, const char *mean,
                               size_t *n, struct cao_findings *findings)
{
    const struct cao_table *t = &r->table;
    size_t told_mean = column_of(t, mean), told_valid = column_of(t, "valid_pct");
    size_t found_mean = column_of(t, "mean"), missing = column_of(t, "missing_share");
    size_t id = column_of(t, "pasture_id"), n_bad = 0, first = 0;
    if (told_mean == t->n_columns || told_valid == t->n_columns || found_mean == t->n_columns ||
        missing == t->n_columns || id == t->n_columns)
        return cao_findings_add(findings, CAO_PROBLEM, "statistics-differ", map, 0, NULL,
                                "cannot be compared with pastures.gpkg: it lacks a column");
    for (size_t i = 0; i < t->n_rows; i++) {
        bool same = same_number(t, i, told_mean, found_mean, 1, 0) &&
                    same_number(t, i, told_valid, missing, -100, 100);
        first = same || n_bad ? first : i;
        n_bad += !same;
        *n += 2;
    }
    if (n_bad == 0)
        return CAO_OK;
    const struct cao_value *row = &t->cells[first * t->n_columns];
    return cao_findings_add(
        findings, CAO_PROBLEM, "statistics-differ", map, 0, row[id].text,
        "%zu of %zu pastures have other numbers in pastures.gpkg than in the map; the first, %s: "
        "mean %.6f and %.6f, without a value %.4f and %.4f %%",
        n_bad, t->n_rows, row[id].text ? row[id].text : "", row[told_mean].number,
        row[found_mean].number, 100 - row[told_valid].number, 100 * row[missing].number);
}

static enum cao_status check_map(const char *dir, const char *period, const char *index, size_t *n,
                                 struct cao_findings *findings, struct cao_error *err)
{
    static const char *const stats[] = { "mean", "missing_share" };
    char name[64], mean[72], below[CAO_PATH_MAX], map[CAO_PATH_MAX], layer[CAO_PATH_MAX];
    char where[300];
    snprintf(name, sizeof name, "%s", index);
    for (char *c = name; *c; c++)
        *c = (char)(*c == '/' ? '_' : tolower((unsigned char)*c));
    snprintf(mean, sizeof mean, "%s_mean", name);
    snprintf(where, sizeof where, "period = '%s'", period);
    int k = snprintf(below, sizeof below, "%s/%s.vrt", period, name);
    if (k < 0 || k >= (int)sizeof below || strchr(period, '\''))
        return CAO_OK; /* not a period of a project file */
    enum cao_status st = cao_path_join(map, dir, below, err);
    if (!st)
        st = cao_path_join(layer, dir, "pastures.gpkg", err);
    if (st || !cao_file_stat(map, NULL, NULL))
        return st; /* not asked for, or no scene */
    const char *const columns[] = { mean, "valid_pct" }, *const maps[] = { map };
    const struct cao_zonal_options o = { .rasters = maps,
                                         .n_rasters = 1,
                                         .polygons = { .path = layer,
                                                       .layer = "pastures",
                                                       .id_field = "pasture_id",
                                                       .where = where,
                                                       .group_fields = columns,
                                                       .n_groups = 2 },
                                         .stats = stats,
                                         .n_stats = 2,
                                         .wide = true };
    struct cao_zonal_result r = { 0 };
    struct cao_error why = { 0 };
    if (cao_zonal(&o, &r, &why))
        st = cao_findings_add(findings, CAO_PROBLEM, "statistics-differ", map, 0, NULL,
                              "cannot be compared with pastures.gpkg: %s", why.text);
    else
        st = compare(map, &r, mean, n, findings);
    cao_zonal_result_release(&r);
    return st;
}

enum cao_status cao_check_statistics(const char *dir, json_object *record, size_t *n,
                                     struct cao_findings *findings, struct cao_error *err)
{
    json_object *settings = NULL, *periods = NULL, *indices = NULL;
    json_object_object_get_ex(record, "settings", &settings);
    size_t n_periods = list_of(settings, "periods", &periods);
    size_t n_indices = list_of(settings, "indices", &indices);
    char layer[CAO_PATH_MAX];
    enum cao_status st = cao_path_join(layer, dir, "pastures.gpkg", err);
    if (!st && !cao_file_stat(layer, NULL, NULL))
        return cao_findings_add(findings, CAO_PROBLEM, "file-missing", layer, 0, NULL,
                                "is not there");
    for (size_t p = 0; !st && p < n_periods; p++)
        for (size_t i = 0; !st && i < n_indices; i++) {
            json_object *index = json_object_array_get_idx(indices, i);
            if (json_object_is_type(index, json_type_string))
                st = check_map(dir, text_of(json_object_array_get_idx(periods, p), "name"),
                               json_object_get_string(index), n, findings, err);
        }
    return st;
}
