/* SPDX-License-Identifier: MIT
 * From YAML to struct cao_project, by the table of keys. */
#include "caochu/project.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/yaml.h"
#include "config/project_indices.h"
#include "config/project_keys.h"
#include "config/project_periods.h"
#include "config/project_sensors.h"

enum { MOST_KEYS = 160 };

struct reader {
    struct cao_project *p;
    struct cao_error *err;
    int given[MOST_KEYS]; /* the line of each key; 0: not given */
};

/* "FILE:LINE: KEY: " before what is wrong. */
CAO_PRINTF(4, 5)
static enum cao_status bad(struct reader *r, int line, const char *key, const char *fmt, ...)
{
    char text[sizeof r->err->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return cao_fail(r->err, CAO_EARG, "%s:%d: %s: %s", r->p->path, line, key, text);
}

static enum cao_status no_memory(struct reader *r)
{
    return cao_fail(r->err, CAO_ENOMEM, "%s: out of memory", r->p->path);
}

static void *field(struct reader *r, size_t offset)
{
    return (char *)r->p + offset;
}

static enum cao_status need_scalar(struct reader *r, const struct cao_key_row *row,
                                   const struct cao_yaml *node)
{
    if (node->kind != CAO_YAML_SCALAR)
        return bad(r, node->line, row->key.name, "is a %s, but a %s is wanted",
                   node->kind == CAO_YAML_MAP ? "group of keys" : "list", row->key.type);
    return CAO_OK;
}

static enum cao_status set_text(struct reader *r, char **to, const char *text)
{
    char *copy = cao_text_copy(text);
    if (!copy)
        return no_memory(r);
    free(*to);
    *to = copy;
    return CAO_OK;
}

/* A path relative to the project file, checked to be there. */
static enum cao_status set_path(struct reader *r, const struct cao_key_row *row,
                                const struct cao_yaml *node, char **to)
{
    char path[CAO_PATH_MAX];
    bool folder = row->kind == CAO_KEY_FOLDERS, out = row->kind == CAO_KEY_FOLDER_OUT;
    if (node->kind != CAO_YAML_SCALAR || !node->text[0])
        return bad(r, node->line, row->key.name, "a path is wanted");
    enum cao_status st = cao_path_join(path, r->p->dir, node->text, r->err);
    if (st)
        return st;
    if (folder && !cao_file_is_dir(path))
        return bad(r, node->line, row->key.name, "the folder %s is not there", path);
    if (!folder && !out && !cao_file_stat(path, NULL, NULL) && !cao_file_is_dir(path))
        return bad(r, node->line, row->key.name, "the file %s is not there", path);
    return set_text(r, to, path);
}

/* A list, or a single value standing for a list of one. */
static size_t list_length(const struct cao_yaml *node)
{
    return node->kind == CAO_YAML_LIST                      ? node->n
           : node->kind == CAO_YAML_SCALAR && node->text[0] ? 1
                                                            : 0;
}

static const struct cao_yaml *list_item(const struct cao_yaml *node, size_t i)
{
    return node->kind == CAO_YAML_LIST ? &node->items[i] : node;
}

static enum cao_status set_list(struct reader *r, const struct cao_key_row *row,
                                const struct cao_yaml *node)
{
    size_t n = list_length(node);
    if (node->kind == CAO_YAML_MAP)
        return bad(r, node->line, row->key.name, "a %s is wanted", row->key.type);
    char **items = calloc(n + 1, sizeof *items);
    if (!items)
        return no_memory(r);
    *(char ***)field(r, row->offset) = items;
    *(size_t *)field(r, row->offset_n) = n;
    for (size_t i = 0; i < n; i++) {
        const struct cao_yaml *item = list_item(node, i);
        enum cao_status st = need_scalar(r, row, item);
        if (!st)
            st = row->kind == CAO_KEY_FOLDERS ? set_path(r, row, item, &items[i])
                                              : set_text(r, &items[i], item->text);
        if (st)
            return st;
    }
    if (n == 0 && !row->key.fallback)
        return bad(r, node->line, row->key.name, "at least one is wanted");
    return CAO_OK;
}

static enum cao_status bad_number(struct reader *r, const struct cao_key_row *row,
                                  const struct cao_yaml *node, const char *what)
{
    char allowed[96] = "", multiple[48] = "";
    if (row->kind == CAO_KEY_INTEGER && row->base > 1)
        snprintf(multiple, sizeof multiple, ", a multiple of %d", row->base);
    if (!isnan(row->key.min))
        snprintf(allowed, sizeof allowed, "; allowed: %g to %g%s%s%s", row->key.min, row->key.max,
                 row->key.unit[0] && strcmp(row->key.unit, "1") != 0 ? " " : "",
                 strcmp(row->key.unit, "1") != 0 ? row->key.unit : "", multiple);
    return bad(r, node->line, row->key.name, "'%.80s' %s%s", node->text, what, allowed);
}

static enum cao_status set_number(struct reader *r, const struct cao_key_row *row,
                                  const struct cao_yaml *node)
{
    double v;
    int64_t i = 0;
    enum cao_status st = need_scalar(r, row, node);
    if (st)
        return st;
    bool integer = row->kind == CAO_KEY_INTEGER;
    if (integer ? !cao_text_int64(node->text, &i) : !cao_text_double(node->text, &v))
        return bad_number(r, row, node, integer ? "is not a whole number" : "is not a number");
    v = integer ? (double)i : v;
    if (v < row->key.min || v > row->key.max || (integer && row->base && i % row->base))
        return bad_number(r, row, node, "is not allowed");
    if (integer)
        *(int32_t *)field(r, row->offset) = (int32_t)i;
    else
        *(double *)field(r, row->offset) = v;
    return CAO_OK;
}

/* Position of a word among "a|b|c", or -1; the nearest one in near. */
static int choice_of(const char *choices, const char *word, char near[64])
{
    const char *known[32];
    char text[256];
    size_t n = 0;
    snprintf(text, sizeof text, "%s", choices);
    for (char *at = text; at && n < 32;) {
        known[n++] = at;
        at = strchr(at, '|');
        if (at)
            *at++ = '\0';
    }
    near[0] = '\0';
    for (size_t i = 0; i < n; i++)
        if (strcmp(known[i], word) == 0)
            return (int)i;
    size_t best = cao_text_nearest(word, known, n);
    if (best != SIZE_MAX)
        snprintf(near, 64, "%s", known[best]);
    return -1;
}

static enum cao_status bad_choice(struct reader *r, const struct cao_key_row *row,
                                  const struct cao_yaml *node, const char *near)
{
    return bad(r, node->line, row->key.name, "'%.80s' is not known; allowed: %s%s%s%s", node->text,
               row->key.choices, near[0] ? "; did you mean " : "", near, near[0] ? "?" : "");
}

/* A text; one of the choices where there are any. */
static enum cao_status set_word(struct reader *r, const struct cao_key_row *row,
                                const struct cao_yaml *node)
{
    char near[64];
    enum cao_status st = need_scalar(r, row, node);
    if (!st && !row->key.fallback && !node->text[0])
        st = bad(r, node->line, row->key.name, "is empty; a %s is wanted: %s", row->key.type,
                 row->key.help);
    if (!st && row->kind == CAO_KEY_WORD && choice_of(row->key.choices, node->text, near) < 0)
        st = bad_choice(r, row, node, near);
    return st ? st : set_text(r, field(r, row->offset), node->text);
}

static enum cao_status set_choice(struct reader *r, const struct cao_key_row *row,
                                  const struct cao_yaml *node)
{
    char near[64];
    enum cao_status st = need_scalar(r, row, node);
    if (st)
        return st;
    int i = choice_of(row->key.choices, node->text, near);
    if (i < 0)
        return bad_choice(r, row, node, near);
    *(int *)field(r, row->offset) =
        row->base + i; /* an enum of this program: see the assertion below */
    return CAO_OK;
}
_Static_assert(sizeof(enum cao_band) == sizeof(int) &&
                   sizeof(enum cao_smooth_method) == sizeof(int) &&
                   sizeof(enum cao_language) == sizeof(int) &&
                   sizeof(enum cao_fvc_form) == sizeof(int) &&
                   sizeof(enum cao_compression) == sizeof(int),
               "choices are stored as int");

static enum cao_status set_composite(struct reader *r, const struct cao_key_row *row,
                                     const struct cao_yaml *node)
{
    char near[64];
    enum cao_status st = need_scalar(r, row, node);
    if (!st && choice_of(row->key.choices, node->text, near) < 0)
        st = bad_choice(r, row, node, near);
    return st ? st : cao_composite_find(node->text, field(r, row->offset), r->err);
}

static enum cao_status set_switch(struct reader *r, const struct cao_key_row *row,
                                  const struct cao_yaml *node)
{
    enum cao_status st = need_scalar(r, row, node);
    if (st)
        return st;
    bool yes = strcmp(node->text, "true") == 0;
    if (!yes && strcmp(node->text, "false") != 0)
        return bad(r, node->line, row->key.name, "'%.80s' is neither true nor false", node->text);
    *(bool *)field(r, row->offset) = yes;
    return CAO_OK;
}

static enum cao_status set_reasons(struct reader *r, const struct cao_key_row *row,
                                   const struct cao_yaml *node)
{
    uint32_t bits = 0;
    if (node->kind == CAO_YAML_MAP)
        return bad(r, node->line, row->key.name, "a list is wanted; allowed: %s", row->key.choices);
    for (size_t i = 0; i < list_length(node); i++) {
        char near[64];
        enum cao_reason reason;
        const struct cao_yaml *item = list_item(node, i);
        enum cao_status st = need_scalar(r, row, item);
        if (st)
            return st;
        if (choice_of(row->key.choices, item->text, near) < 0 ||
            !cao_reason_find(item->text, &reason))
            return bad_choice(r, row, item, near);
        bits |= UINT32_C(1) << reason;
    }
    *(uint32_t *)field(r, row->offset) = bits;
    return CAO_OK;
}

static enum cao_status set_point(struct reader *r, const struct cao_key_row *row,
                                 const struct cao_yaml *node)
{
    double *v = field(r, row->offset);
    if (node->kind != CAO_YAML_LIST || node->n != 2 || node->items[0].kind != CAO_YAML_SCALAR ||
        node->items[1].kind != CAO_YAML_SCALAR || !cao_text_double(node->items[0].text, &v[0]) ||
        !cao_text_double(node->items[1].text, &v[1]))
        return bad(r, node->line, row->key.name, "two numbers are wanted: [x, y]");
    return CAO_OK;
}

static enum cao_status set_date(struct reader *r, const struct cao_key_row *row,
                                const struct cao_yaml *node)
{
    enum cao_status st = need_scalar(r, row, node);
    if (!st && !cao_date_parse(node->text, field(r, row->offset)))
        st = bad(r, node->line, row->key.name, "'%.80s' is not a date; allowed: YYYY-MM-DD",
                 node->text);
    return st;
}

/* {1: alpine_meadow, 2: none} */
static enum cao_status set_classes(struct reader *r, const struct cao_key_row *row,
                                   const struct cao_yaml *node)
{
    if (node->kind != CAO_YAML_MAP || node->n == 0)
        return bad(r, node->line, row->key.name,
                   "codes and their meaning are wanted: {1: alpine_meadow, 2: alpine_steppe}");
    struct cao_code_name *list = calloc(node->n, sizeof *list);
    if (!list)
        return no_memory(r);
    *(struct cao_code_name **)field(r, row->offset) = list;
    *(size_t *)field(r, row->offset_n) = node->n;
    for (size_t i = 0; i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        int64_t code;
        if (!cao_text_int64(item->key, &code) || code < 0 || code > 65534)
            return bad(r, item->line, row->key.name,
                       "'%.40s' is not a code of a raster; allowed: 0 to 65534", item->key);
        if (item->kind != CAO_YAML_SCALAR || !item->text[0])
            return bad(r, item->line, row->key.name, "code %.40s lacks its meaning", item->key);
        list[i].code = (int32_t)code;
        list[i].line = item->line;
        enum cao_status st = set_text(r, &list[i].name, item->text);
        if (st)
            return st;
    }
    return CAO_OK;
}

static enum cao_status set_key(struct reader *r, const struct cao_key_row *row,
                               const struct cao_yaml *node)
{
    switch (row->kind) {
    case CAO_KEY_TEXT:
    case CAO_KEY_WORD:
        return set_word(r, row, node);
    case CAO_KEY_FILE:
    case CAO_KEY_FOLDER_OUT:
        return set_path(r, row, node, field(r, row->offset));
    case CAO_KEY_FOLDERS:
    case CAO_KEY_TEXTS:
        return set_list(r, row, node);
    case CAO_KEY_NUMBER:
    case CAO_KEY_INTEGER:
        return set_number(r, row, node);
    case CAO_KEY_CHOICE:
        return set_choice(r, row, node);
    case CAO_KEY_COMPOSITE:
        return set_composite(r, row, node);
    case CAO_KEY_SWITCH:
        return set_switch(r, row, node);
    case CAO_KEY_REASONS:
        return set_reasons(r, row, node);
    case CAO_KEY_INDICES:
        return cao_indices_read(r->p->path, node, r->p, r->err);
    case CAO_KEY_DATE:
        return set_date(r, row, node);
    case CAO_KEY_POINT:
        return set_point(r, row, node);
    case CAO_KEY_PERIODS:
        return cao_periods_read(r->p->path, node, &r->p->periods, &r->p->n_periods, r->err);
    case CAO_KEY_CLASSES:
        return set_classes(r, row, node);
    case CAO_KEY_SENSORS:
        return cao_sensors_read(r->p->path, node, &r->p->sensors, &r->p->n_sensors, r->err);
    case CAO_KEY_PART:
        break;
    }
    return CAO_OK;
}

/* What a person may have meant: a key, a group of keys, or a key that belongs into a group. */
static bool nearest_key(const char *name, char near[80])
{
    enum { MOST_GROUPS = 16 };
    const char *known[MOST_KEYS + MOST_GROUPS], *last[MOST_KEYS];
    char groups[MOST_GROUPS][32];
    size_t n, n_groups = 0;
    const struct cao_key_row *rows = cao_key_rows(&n);
    for (size_t i = 0; i < n; i++) {
        const char *key = rows[i].key.name, *dot = strchr(key, '.');
        bool part = rows[i].kind == CAO_KEY_PART;
        known[i] = part ? NULL : key;
        last[i] = part ? NULL : dot ? dot + 1 : key;
        if (part || !dot || n_groups == MOST_GROUPS)
            continue;
        snprintf(groups[n_groups], sizeof groups[0], "%.*s", (int)(dot - key), key);
        known[n + n_groups] = groups[n_groups];
        n_groups += n_groups == 0 || strcmp(groups[n_groups], groups[n_groups - 1]) != 0;
    }
    size_t best = cao_text_nearest(name, known, n + n_groups);
    if (best == SIZE_MAX) {
        const char *dot = strrchr(name, '.');
        best = cao_text_nearest(dot ? dot + 1 : name, last, n);
    }
    if (best != SIZE_MAX)
        snprintf(near, 80, "%s", known[best]);
    return best != SIZE_MAX;
}

static enum cao_status unknown_key(struct reader *r, const struct cao_yaml *node, const char *name)
{
    char near[80];
    bool found = nearest_key(name, near);
    return bad(r, node->line, name, "unknown key%s%s%s; 'caochu list keys' lists them",
               found ? "; did you mean " : "", found ? near : "", found ? "?" : "");
}

/* Some key begins with "NAME.": then NAME is a group of keys. */
static bool is_group(const char *name)
{
    size_t n, length = strlen(name);
    const struct cao_key_row *rows = cao_key_rows(&n);
    for (size_t i = 0; i < n; i++)
        if (strncmp(rows[i].key.name, name, length) == 0 && rows[i].key.name[length] == '.')
            return true;
    return false;
}

static enum cao_status read_map(struct reader *r, const struct cao_yaml *map, const char *prefix)
{
    size_t n;
    const struct cao_key_row *rows = cao_key_rows(&n);
    for (size_t i = 0; i < map->n; i++) {
        const struct cao_yaml *node = &map->items[i];
        char name[128];
        enum cao_status st;
        size_t k = 0;
        snprintf(name, sizeof name, "%s%s%.80s", prefix, prefix[0] ? "." : "", node->key);
        while (k < n && (rows[k].kind == CAO_KEY_PART || strcmp(rows[k].key.name, name) != 0))
            k++;
        if (k < n && r->given[k]) { /* once in its group and once by its dotted name */
            st = bad(r, node->line, name, "the key is given twice, first in line %d", r->given[k]);
        } else if (k < n) {
            bool blank = node->kind == CAO_YAML_SCALAR && !node->text[0] && !node->quoted;
            bool skip = blank && rows[k].key.fallback; /* "key:" with nothing: as if not there */
            r->given[k] = skip ? 0 : node->line;
            st = skip ? CAO_OK : set_key(r, &rows[k], node);
        } else if (!prefix[0] && is_group(name) && node->kind == CAO_YAML_MAP) {
            st = read_map(r, node, name);
        } else if (!prefix[0] && is_group(name)) {
            st = node->kind == CAO_YAML_SCALAR && !node->text[0]
                     ? CAO_OK
                     : bad(r, node->line, name, "a group of keys is wanted");
        } else {
            st = unknown_key(r, node, name);
        }
        if (st)
            return st;
    }
    return CAO_OK;
}

/* Defaults come from the table's own text, by the same road as the user's. */
static enum cao_status set_default(struct reader *r, const struct cao_key_row *row)
{
    char text[256];
    struct cao_yaml *root = NULL;
    snprintf(text, sizeof text, "x: %s\n", row->key.fallback);
    enum cao_status st = cao_yaml_parse(text, strlen(text), "default", &root, r->err);
    if (!st)
        st = set_key(r, row, &root->items[0]);
    cao_yaml_destroy(root);
    return st;
}

static enum cao_status set_defaults(struct reader *r)
{
    size_t n;
    const struct cao_key_row *rows = cao_key_rows(&n);
    for (size_t i = 0; i < n; i++) {
        const struct cao_key_row *row = &rows[i];
        if (row->kind == CAO_KEY_TEXT || row->kind == CAO_KEY_WORD || row->kind == CAO_KEY_FILE) {
            enum cao_status st = set_text(r, field(r, row->offset), "");
            if (st)
                return st;
        }
        if (row->kind == CAO_KEY_DATE)
            *(int32_t *)field(r, row->offset) = CAO_NO_DAY;
        if (row->kind == CAO_KEY_NUMBER)
            *(double *)field(r, row->offset) = (double)NAN;
        if (row->kind == CAO_KEY_POINT)
            ((double *)field(r, row->offset))[0] = ((double *)field(r, row->offset))[1] =
                (double)NAN;
    }
    return CAO_OK;
}

/* What is not given: the default, or for a required key the error. */
static enum cao_status complete(struct reader *r)
{
    size_t n;
    const struct cao_key_row *rows = cao_key_rows(&n);
    for (size_t i = 0; i < n; i++) {
        if (r->given[i] || rows[i].kind == CAO_KEY_PART)
            continue;
        if (!rows[i].key.fallback)
            return cao_fail(r->err, CAO_EARG, "%s: %s is missing (%s: %s)", r->p->path,
                            rows[i].key.name, rows[i].key.type, rows[i].key.help);
        enum cao_status st = rows[i].key.fallback[0] ? set_default(r, &rows[i]) : CAO_OK;
        if (st)
            return st;
    }
    return CAO_OK;
}

/* The line of a key that was given, 0 where it was not. */
static int line_of(const struct reader *r, const char *name)
{
    size_t n;
    const struct cao_key_row *rows = cao_key_rows(&n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].key.name, name) == 0)
            return r->given[i];
    assert(false && "a key of the table");
    return 0;
}

/* The wide form of the livestock table has no columns of species and heads. */
static enum cao_status check_livestock(struct reader *r)
{
    static const char *const long_form[] = { "livestock.species", "livestock.heads" };
    for (size_t i = 0; r->p->n_livestock_columns && i < 2; i++)
        if (line_of(r, long_form[i]))
            return bad(r, line_of(r, long_form[i]), long_form[i],
                       "does not go with livestock.columns (line %d): give species and heads for "
                       "one row per species, or columns for one column per species",
                       line_of(r, "livestock.columns"));
    return CAO_OK;
}

/* A column of the pastures that another key stands on must be carried through. */
static enum cao_status check_group(struct reader *r, const char *key, const char *name)
{
    const struct cao_project *p = r->p;
    assert(name); /* of a project that was read: "" where it is not given */
    for (size_t i = 0; i < p->n_pastures_groups; i++)
        if (strcmp(p->pastures_groups[i], name) == 0)
            return CAO_OK;
    return name[0] ? bad(r, line_of(r, key), key,
                         "'%.60s' must be among pastures.groups, which carries columns of the "
                         "pasture layer",
                         name)
                   : CAO_OK;
}

/* A map of densities: heads without a species cannot be turned into sheep units. */
static enum cao_status check_map(struct reader *r)
{
    const struct cao_project *p = r->p;
    bool heads = cao_text_same(p->wildlife_map_unit, "heads/km2");
    if (!p->wildlife_map[0])
        return CAO_OK;
    if (!heads && !cao_text_same(p->wildlife_map_unit, "su/km2"))
        return bad(r, line_of(r, p->wildlife_map_unit[0] ? "wildlife.map_unit" : "wildlife.map"),
                   "wildlife.map_unit",
                   "%s%.40s%s; say what the numbers of %s are: heads/km2 or su/km2",
                   p->wildlife_map_unit[0] ? "'" : "is missing", p->wildlife_map_unit,
                   p->wildlife_map_unit[0] ? "' is not a unit of density" : "", p->wildlife_map);
    if (heads != (p->n_wildlife_map_species > 0))
        return bad(r, line_of(r, "wildlife.map_unit"), "wildlife.map_species",
                   heads ? "is missing: name the species of each band of %s, such as [kiang]"
                         : "does not go with su/km2, which holds all species of %s together",
                   p->wildlife_map);
    return CAO_OK;
}

static enum cao_status check_demand(struct reader *r)
{
    const struct cao_project *p = r->p;
    static const char *const further[] = { "livestock.age",        "livestock.weight",
                                           "livestock.from",       "livestock.to",
                                           "livestock.days",       "livestock.sold",
                                           "livestock.sold_months" };
    enum cao_status st = check_group(r, "wildlife.group", p->wildlife_group);
    if (!st)
        st = check_group(r, "wildlife.habitat", p->wildlife_habitat);
    if (!st)
        st = check_group(r, "wildlife.density", p->wildlife_density);
    for (size_t i = 0; !st && p->n_livestock_columns && i < sizeof further / sizeof further[0]; i++)
        if (line_of(r, further[i]))
            st = bad(r, line_of(r, further[i]), further[i],
                     "does not go with livestock.columns: give one row per species");
    if (!st)
        st = check_map(r);
    bool counted = p->wildlife_file[0] || p->wildlife_density[0] || p->wildlife_map[0];
    if (!st && counted && !isnan(p->wildlife_share))
        st = bad(r, line_of(r, "wildlife_share"), "wildlife_share",
                 "does not go with counts of wildlife (wildlife.file, wildlife.density or "
                 "wildlife.map): choose one");
    if (!st && p->pastures_herd[0] && p->livestock_days[0])
        st =
            bad(r, line_of(r, "livestock.days"), "livestock.days",
                "a household's herd grazes several pastures: give livestock.from and livestock.to, "
                "by which its days are shared between seasons");
    if (!st && p->livestock_sold[0] && !p->livestock_sold_months[0])
        st = bad(r, line_of(r, "livestock.sold"), "livestock.sold",
                 "needs livestock.sold_months too: the months that sold animals were on pasture");
    return st;
}

static enum cao_status check_month_day(struct reader *r, const char *key, const char *text)
{
    char date[24];
    int32_t day;
    snprintf(date, sizeof date, "2000-%.12s", text);
    if (text[0] && (strlen(text) != 5 || !cao_date_parse(date, &day)))
        return bad(r, line_of(r, key), key, "'%.80s' is not a day; allowed: MM-DD, such as 07-20",
                   text);
    return CAO_OK;
}

static enum cao_status check_smoothing(struct reader *r)
{
    const struct cao_project *p = r->p;
    enum cao_status st = check_month_day(r, "smoothing.peak_from", p->smoothing_peak_from);
    if (!st)
        st = check_month_day(r, "smoothing.peak_to", p->smoothing_peak_to);
    if (!st && p->smoothing_window % 2 == 0)
        st = bad(r, line_of(r, "smoothing.window"), "smoothing.window",
                 "%d is even; an odd number is wanted, so that the window has a middle",
                 (int)p->smoothing_window);
    if (!st && p->smoothing_degree >= p->smoothing_window)
        st = bad(r, line_of(r, "smoothing.degree"), "smoothing.degree",
                 "%d is not less than the window of %d steps", (int)p->smoothing_degree,
                 (int)p->smoothing_window);
    if (!st && p->smoothing_yield && p->smoothing_method == CAO_SMOOTH_NONE)
        st = bad(r, line_of(r, "smoothing.yield"), "smoothing.yield",
                 "needs a smoothing.method: linear|savitzky-golay|whittaker");
    return st;
}

static enum cao_status check_together(struct reader *r)
{
    struct cao_project *p = r->p;
    enum cao_status st = check_livestock(r);
    if (!st)
        st = check_demand(r);
    if (!st)
        st = check_smoothing(r);
    if (!st && p->bandpass == CAO_BANDPASS_OLI && p->nir != CAO_BAND_N2)
        st = bad(r, line_of(r, "bandpass"), "bandpass",
                 "oli is known for the narrow near infrared of Sentinel-2 alone; add nir: narrow");
    assert(p->livestock_id && p->pastures_id &&
           p->name); /* texts are never NULL once defaults are set */
    if (!st && !p->livestock_id[0])
        st = set_text(r, &p->livestock_id, p->pastures_herd[0] ? p->pastures_herd : p->pastures_id);
    if (!st && !p->feed_id[0])
        st = set_text(r, &p->feed_id, p->livestock_id);
    if (!st && !p->name[0]) {
        char name[CAO_PATH_MAX];
        snprintf(name, sizeof name, "%s", cao_path_name(p->path));
        char *dot = strrchr(name, '.');
        if (dot && dot != name)
            *dot = '\0';
        st = set_text(r, &p->name, name);
    }
    return st;
}

enum cao_status cao_project_read(const char *path, struct cao_project *project,
                                 struct cao_error *err)
{
    struct cao_project p = { 0 };
    struct reader r = { .p = &p, .err = err };
    struct cao_yaml *root = NULL;
    char dir[CAO_PATH_MAX];
    cao_path_dir(dir, path);
    enum cao_status st = set_text(&r, &p.path, path);
    if (!st)
        st = set_text(&r, &p.dir, dir);
    if (!st)
        st = set_defaults(&r);
    if (!st) {
        st = cao_yaml_read(path, &root, err);
        st = st == CAO_EIO ? CAO_EARG : st; /* a project file that is not there is wrong usage */
    }
    if (!st && root->kind != CAO_YAML_MAP)
        st = cao_fail(err, CAO_EARG,
                      "%s:1: is not a project file: keys are wanted; see 'caochu template'", path);
    if (!st)
        st = read_map(&r, root, "");
    if (!st)
        st = complete(&r);
    if (!st)
        st = check_together(&r);
    cao_yaml_destroy(root);
    if (st)
        cao_project_release(&p);
    else
        *project = p;
    return st;
}

static void free_list(char **list, size_t n)
{
    for (size_t i = 0; list && i < n; i++)
        free(list[i]);
    free(list);
}

void cao_project_release(struct cao_project *p)
{
    size_t n;
    const struct cao_key_row *rows = cao_key_rows(&n);
    for (size_t i = 0; i < n; i++) {
        char *at = (char *)p + rows[i].offset;
        if (rows[i].kind == CAO_KEY_TEXT || rows[i].kind == CAO_KEY_WORD ||
            rows[i].kind == CAO_KEY_FILE || rows[i].kind == CAO_KEY_FOLDER_OUT)
            free(*(char **)(void *)at);
        else if (rows[i].kind == CAO_KEY_TEXTS || rows[i].kind == CAO_KEY_FOLDERS)
            free_list(*(char ***)(void *)at, *(size_t *)(void *)((char *)p + rows[i].offset_n));
    }
    for (size_t g = 0; g < CAO_N_GROUND; g++) {
        for (size_t i = 0; i < p->ground[g].n_classes; i++)
            free(p->ground[g].classes[i].name);
        free(p->ground[g].classes);
    }
    cao_periods_free(p->periods, p->n_periods);
    cao_sensors_free(p->sensors, p->n_sensors);
    cao_indices_release(p);
    free(p->path);
    free(p->dir);
    *p = (struct cao_project){ 0 };
}
