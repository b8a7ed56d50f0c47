/* SPDX-License-Identifier: MIT */
#include "config/profile_parts.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/text.h"

enum cao_status cao_profile_bad(struct cao_profile_reader *r, const struct cao_yaml *node,
                                const char *key, const char *fmt, ...)
{
    char text[700];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return cao_fail(r->err, CAO_EARG, "%s:%d: %s: %s", r->file, node->line, key, text);
}

enum cao_status cao_profile_no_memory(struct cao_profile_reader *r)
{
    return cao_fail(r->err, CAO_ENOMEM, "%s: out of memory", r->file);
}

enum cao_status cao_profile_set_text(struct cao_profile_reader *r, char **to, const char *text)
{
    char *copy = cao_text_copy(text);
    if (!copy)
        return cao_profile_no_memory(r);
    free(*to);
    *to = copy;
    return CAO_OK;
}

enum cao_status cao_profile_need(struct cao_profile_reader *r, const struct cao_yaml *node,
                                 enum cao_yaml_kind kind)
{
    static const char *const names[] = { "a value", "a group of keys", "a list" };
    if (node->kind != kind)
        return cao_profile_bad(r, node, node->key ? node->key : "item", "%s is wanted",
                               names[kind]);
    return CAO_OK;
}

static enum cao_status unknown(struct cao_profile_reader *r, const struct cao_yaml *node,
                               const char *const *known, size_t n)
{
    size_t near = cao_text_nearest(node->key, known, n);
    return cao_profile_bad(r, node, node->key, "unknown key%s%s%s",
                           near == SIZE_MAX ? "" : "; did you mean ",
                           near == SIZE_MAX ? "" : known[near], near == SIZE_MAX ? "" : "?");
}

/* One of the known keys, or an error that names the nearest; *which is its position. */
static enum cao_status key_among(struct cao_profile_reader *r, const struct cao_yaml *node,
                                 const char *const *known, size_t n, size_t *which)
{
    for (*which = 0; *which < n; ++*which)
        if (strcmp(node->key, known[*which]) == 0)
            return CAO_OK;
    return unknown(r, node, known, n);
}

static enum cao_status read_number(struct cao_profile_reader *r, const struct cao_yaml *node,
                                   const char *key, double min, double max, double *v)
{
    if (node->kind != CAO_YAML_SCALAR || !cao_text_double(node->text, v))
        return cao_profile_bad(r, node, key, "'%.60s' is not a number",
                               node->kind == CAO_YAML_SCALAR ? node->text : "...");
    if (*v < min || *v > max)
        return cao_profile_bad(r, node, key, "%g is not allowed; allowed: %g to %g", *v, min, max);
    return CAO_OK;
}

enum cao_status cao_profile_confidence(struct cao_profile_reader *r, const struct cao_yaml *node,
                                       enum cao_confidence *c)
{
    static const char letters[] = "VCMU";
    const char *at = node->kind == CAO_YAML_SCALAR && strlen(node->text) == 1
                         ? strchr(letters, node->text[0])
                         : NULL;
    if (!at)
        return cao_profile_bad(
            r, node, "confidence",
            "V (verified), C (computed), M (from memory) or U (unsure) is wanted");
    *c = (enum cao_confidence)(at - letters);
    return CAO_OK;
}

/* {value: 1.8, unit: ..., source: ..., confidence: V, note: ...}, or the bare number, which is then
 * the user's own. */
static enum cao_status read_coefficient(struct cao_profile_reader *r, const struct cao_yaml *node,
                                        double min, double max, struct cao_coefficient *out)
{
    static const char *const keys[] = { "value", "unit", "source", "confidence",
                                        "note",  "low",  "high" };
    struct cao_coefficient c = { .value = (double)NAN, .confidence = CAO_UNSURE };
    char own[CAO_PATH_MAX];
    const char *source = own;
    enum cao_status st = CAO_OK;
    snprintf(own, sizeof own, "%.3000s, without source", r->file);
    if (node->kind == CAO_YAML_SCALAR) {
        st = read_number(r, node, node->key, min, max, &c.value);
    } else if (node->kind == CAO_YAML_LIST) {
        st = cao_profile_bad(r, node, node->key,
                             "a number, or {value, source, confidence}, is wanted");
    } else {
        for (size_t i = 0, k; !st && i < node->n; i++) {
            const struct cao_yaml *item = &node->items[i];
            st = key_among(r, item, keys, sizeof keys / sizeof keys[0], &k);
            if (!st)
                st = cao_profile_need(r, item, CAO_YAML_SCALAR);
            if (!st && (k == 0 || k >= 5))
                st = read_number(r, item, node->key, min, max,
                                 k == 0   ? &c.value
                                 : k == 5 ? &c.low
                                          : &c.high);
            else if (!st && k == 2)
                source = item->text;
            else if (!st && k == 3)
                st = cao_profile_confidence(r, item, &c.confidence);
        }
        if (!st && isnan(c.value))
            st = cao_profile_bad(r, node, node->key, "lacks its value");
        if (!st && (c.low != 0 || c.high != 0) && !(c.low <= c.value && c.value <= c.high))
            st = cao_profile_bad(r, node, node->key,
                                 "a range is 'low' and 'high' with the value between them");
    }
    if (!st) {
        c.source = cao_text_copy(source);
        st = c.source ? CAO_OK : cao_profile_no_memory(r);
    }
    if (!st) {
        free(out->source);
        *out = c;
    }
    return st;
}

enum cao_status cao_profile_init_coefficient(struct cao_profile_reader *r,
                                             struct cao_coefficient *c)
{
    *c = (struct cao_coefficient){ .value = (double)NAN,
                                   .confidence = CAO_UNSURE,
                                   .source = cao_text_copy("not given") };
    return c->source ? CAO_OK : cao_profile_no_memory(r);
}

static enum cao_status read_season_map(struct cao_profile_reader *r, const struct cao_yaml *node,
                                       double min, double max,
                                       struct cao_coefficient out[CAO_N_SEASONS])
{
    const char *names[CAO_N_SEASONS];
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_MAP);
    for (int s = 0; s < CAO_N_SEASONS; s++)
        names[s] = cao_season_name((enum cao_season)s);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        st = key_among(r, &node->items[i], names, CAO_N_SEASONS, &k);
        if (!st)
            st = read_coefficient(r, &node->items[i], min, max, &out[k]);
    }
    return st;
}

static enum cao_status read_texts(struct cao_profile_reader *r, const struct cao_yaml *node,
                                  char ***items, size_t *n)
{
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_LIST);
    char **list = st ? NULL : calloc(node->n + 1, sizeof *list);
    if (!st && !list)
        st = cao_profile_no_memory(r);
    for (size_t i = 0; !st && i < node->n; i++) {
        st = cao_profile_need(r, &node->items[i], CAO_YAML_SCALAR);
        if (!st)
            st = cao_profile_set_text(r, &list[i], node->items[i].text);
    }
    if (st) {
        for (size_t i = 0; list && i < node->n; i++)
            free(list[i]);
        free(list);
        return st;
    }
    for (size_t i = 0; i < *n; i++)
        free((*items)[i]);
    free(*items);
    *items = list;
    *n = node->n;
    return CAO_OK;
}

/* --- grassland types --- */

static const struct type_row {
    const char *key;
    size_t offset;
    double min, max;
} type_rows[] = {
    { "fresh_hay_ratio", offsetof(struct cao_grass_type, fresh_hay_ratio), 1, 10 },
    { "edible_share", offsetof(struct cao_grass_type, edible_share), 0, 1 },
    { "regrowth", offsetof(struct cao_grass_type, regrowth), 0, 2 },
    { "hay_coefficient", offsetof(struct cao_grass_type, hay_coefficient), 0.1, 2 },
    { "fvc_soil", offsetof(struct cao_grass_type, fvc_soil), -0.5, 0.9 },
    { "fvc_full", offsetof(struct cao_grass_type, fvc_full), 0.1, 1 },
};
enum { N_TYPE_ROWS = sizeof type_rows / sizeof type_rows[0] };

static struct cao_coefficient *type_field(struct cao_grass_type *t, size_t row)
{
    return (struct cao_coefficient *)(void *)((char *)t + type_rows[row].offset);
}

static enum cao_status type_named(struct cao_profile_reader *r, const char *name,
                                  struct cao_grass_type **type)
{
    for (size_t i = 0; i < r->p.n_types; i++)
        if (strcmp(r->p.types[i].name, name) == 0) {
            *type = &r->p.types[i];
            return CAO_OK;
        }
    struct cao_grass_type *more = realloc(r->p.types, (r->p.n_types + 1) * sizeof *more);
    if (!more)
        return cao_profile_no_memory(r);
    r->p.types = more;
    struct cao_grass_type *t = &more[r->p.n_types];
    *t = (struct cao_grass_type){ 0 };
    r->p.n_types++;
    enum cao_status st = cao_profile_set_text(r, &t->name, name);
    if (!st)
        st = cao_profile_set_text(r, &t->zh, name);
    if (!st)
        st = cao_profile_set_text(r, &t->models_source, "");
    for (size_t i = 0; !st && i < N_TYPE_ROWS; i++)
        st = cao_profile_init_coefficient(r, type_field(t, i));
    for (size_t i = 0; !st && i < CAO_N_SEASONS; i++)
        st = cao_profile_init_coefficient(r, &t->utilisation[i]);
    *type = t;
    return st;
}

static enum cao_status read_type(struct cao_profile_reader *r, const struct cao_yaml *node)
{
    const char *keys[N_TYPE_ROWS + 3];
    struct cao_grass_type *t = NULL;
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_MAP);
    for (size_t i = 0; i < N_TYPE_ROWS; i++)
        keys[i] = type_rows[i].key;
    keys[N_TYPE_ROWS] = "zh";
    keys[N_TYPE_ROWS + 1] = "aliases";
    keys[N_TYPE_ROWS + 2] = "utilisation";
    if (!st)
        st = type_named(r, node->key, &t);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = key_among(r, item, keys, N_TYPE_ROWS + 3, &k);
        if (st)
            break;
        if (k < N_TYPE_ROWS)
            st = read_coefficient(r, item, type_rows[k].min, type_rows[k].max, type_field(t, k));
        else if (k == N_TYPE_ROWS)
            st = cao_profile_need(r, item, CAO_YAML_SCALAR)
                     ? CAO_EARG
                     : cao_profile_set_text(r, &t->zh, item->text);
        else if (k == N_TYPE_ROWS + 1)
            st = read_texts(r, item, &t->aliases, &t->n_aliases);
        else
            st = read_season_map(r, item, 0, 1, t->utilisation);
    }
    if (!st && t->fvc_full.value <= t->fvc_soil.value)
        st = cao_profile_bad(r, node, node->key, "fvc_full must be above fvc_soil");
    return st;
}

/* --- class schemes --- */

void cao_class_scheme_release(struct cao_class_scheme *s)
{
    for (size_t i = 0; s->classes && i < s->n; i++) {
        free(s->classes[i].name);
        free(s->classes[i].zh);
    }
    free(s->classes);
    free(s->name);
    free(s->source);
    *s = (struct cao_class_scheme){ 0 };
}

static enum cao_status read_class(struct cao_profile_reader *r, const struct cao_yaml *node,
                                  bool last, struct cao_class *c)
{
    static const char *const keys[] = { "name", "zh", "below", "color" };
    unsigned rgb[3] = { 0 };
    bool has_below = false, has_color = false;
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = key_among(r, item, keys, 4, &k);
        if (!st)
            st = cao_profile_need(r, item, CAO_YAML_SCALAR);
        if (!st && k < 2) {
            st = cao_profile_set_text(r, k == 0 ? &c->name : &c->zh, item->text);
        } else if (!st && k == 2) {
            has_below = true;
            st = read_number(r, item, "below", -100, 1e6, &c->below_pct);
        } else if (!st) {
            if (strlen(item->text) != 7 ||
                sscanf(item->text, "#%2x%2x%2x", &rgb[0], &rgb[1], &rgb[2]) != 3)
                st = cao_profile_bad(r, item, "color", "'%.20s' is not of the form '#rrggbb'",
                                     item->text);
            for (int k2 = 0; !st && k2 < 3; k2++)
                c->rgb[k2] = (unsigned char)rgb[k2];
            has_color = true;
        }
    }
    if (!st && !has_color)
        st = cao_profile_bad(r, node, "classes",
                             "a class lacks its color, such as '#d7191c': maps could not show it");
    if (!st && (!c->name || has_below == last))
        st =
            cao_profile_bad(r, node, "classes",
                            "each class has a name and, but for the last, its upper limit 'below'");
    if (!st && !c->zh)
        st = cao_profile_set_text(r, &c->zh, c->name);
    if (!st && last)
        c->below_pct = HUGE_VAL;
    return st;
}

static enum cao_status read_scheme(struct cao_profile_reader *r, const struct cao_yaml *node)
{
    static const char *const keys[] = { "source", "confidence", "classes", "note" };
    struct cao_class_scheme s = { .confidence = CAO_UNSURE };
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_MAP);
    if (!st)
        st = cao_profile_set_text(r, &s.name, node->key);
    if (!st)
        st = cao_profile_set_text(r, &s.source, "");
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = key_among(r, item, keys, 4, &k);
        if (!st && k == 0)
            st = cao_profile_need(r, item, CAO_YAML_SCALAR)
                     ? CAO_EARG
                     : cao_profile_set_text(r, &s.source, item->text);
        else if (!st && k == 1)
            st = cao_profile_confidence(r, item, &s.confidence);
        else if (!st && k == 2) {
            st = cao_profile_need(r, item, CAO_YAML_LIST);
            assert(!s.classes); /* a key is never there twice */
            s.classes = st ? NULL : calloc(item->n + 1, sizeof *s.classes);
            s.n = s.classes ? item->n : 0;
            if (!st && !s.classes)
                st = cao_profile_no_memory(r);
            for (size_t c = 0; !st && c < s.n; c++) {
                st = read_class(r, &item->items[c], c + 1 == s.n, &s.classes[c]);
                if (!st && c > 0 && s.classes[c].below_pct <= s.classes[c - 1].below_pct)
                    st = cao_profile_bad(r, &item->items[c], "below", "limits must rise");
            }
        }
    }
    if (!st && s.n < 2)
        st = cao_profile_bad(r, node, node->key, "at least two classes are wanted");
    if (st) {
        cao_class_scheme_release(&s);
        return st;
    }
    for (size_t i = 0; i < r->n_schemes; i++)
        if (strcmp(r->schemes[i].name, s.name) == 0) {
            cao_class_scheme_release(&r->schemes[i]);
            r->schemes[i] = s;
            return CAO_OK;
        }
    struct cao_class_scheme *more = realloc(r->schemes, (r->n_schemes + 1) * sizeof *more);
    if (!more) {
        cao_class_scheme_release(&s);
        return cao_profile_no_memory(r);
    }
    r->schemes = more;
    r->schemes[r->n_schemes++] = s;
    return CAO_OK;
}

/* --- the whole --- */

static enum cao_status read_intake(struct cao_profile_reader *r, const struct cao_yaml *node)
{
    static const char *const keys[] = { "basis", "kg_day" };
    enum cao_basis before = r->p.intake_basis;
    bool has_amount = false;
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = key_among(r, item, keys, 2, &k);
        has_amount |= !st && k == 1;
        if (!st && k == 1)
            st = read_coefficient(r, item, 0.1, 50, &r->p.intake_kg_day);
        else if (!st && item->kind == CAO_YAML_SCALAR && strcmp(item->text, "hay") == 0)
            r->p.intake_basis = CAO_HAY;
        else if (!st && item->kind == CAO_YAML_SCALAR && strcmp(item->text, "fresh") == 0)
            r->p.intake_basis = CAO_FRESH;
        else if (!st)
            st = cao_profile_bad(r, item, "intake.basis", "hay or fresh is wanted");
    }
    if (!st && r->p.intake_basis != before && !has_amount)
        st =
            cao_profile_bad(r, node, "intake",
                            "another basis than that of the profile it is based on, but no kg_day: "
                            "an intake of hay is no intake of fresh grass");
    return st;
}

enum cao_status cao_profile_coefficient(struct cao_profile_reader *r, const struct cao_yaml *node,
                                        double min, double max, struct cao_coefficient *out)
{
    return read_coefficient(r, node, min, max, out);
}

enum cao_status cao_profile_key(struct cao_profile_reader *r, const struct cao_yaml *node,
                                const char *const *known, size_t n, size_t *which)
{
    return key_among(r, node, known, n, which);
}

enum cao_status cao_profile_texts(struct cao_profile_reader *r, const struct cao_yaml *node,
                                  char ***items, size_t *n)
{
    return read_texts(r, node, items, n);
}

enum cao_status cao_profile_number(struct cao_profile_reader *r, const struct cao_yaml *node,
                                   const char *key, double min, double max, double *v)
{
    return read_number(r, node, key, min, max, v);
}

enum root_key {
    K_FORMAT,
    K_NAME,
    K_TITLE,
    K_BASED_ON,
    K_INTAKE,
    K_DAYS,
    K_WILDLIFE_SHARE,
    K_BARE_BELOW,
    K_MIN_VALID,
    K_TYPES,
    K_SPECIES,
    K_YIELD,
    K_SCHEMES,
    K_SCHEME,
    K_NOTE,
    K_DEGRADATION,
    K_ZONES,
    K_FEEDS,
    K_WILDLIFE,
    K_TERRAIN,
    K_RETENTION,
    K_DRIFT,
    K_BEGINS,
    K_UNCERTAINTY,
    N_ROOT_KEYS
};

static enum cao_status read_root_key(struct cao_profile_reader *r, enum root_key k,
                                     const struct cao_yaml *item)
{
    static const struct cao_item_kind grade = { "share", 0, 1, false },
                                      zone = { "usable", 0, 1, false },
                                      feed = { "hay", 0, 20, true };
    static const bool maps[N_ROOT_KEYS] = {
        [K_TYPES] = true, [K_SPECIES] = true, [K_SCHEMES] = true, [K_WILDLIFE] = true
    };
    enum cao_status st = maps[k] ? cao_profile_need(r, item, CAO_YAML_MAP) : CAO_OK;
    if (k == K_NAME || k == K_TITLE || k == K_BASED_ON || k == K_SCHEME)
        st = cao_profile_need(r, item, CAO_YAML_SCALAR);
    if (st)
        return st;
    switch (k) {
    case K_NAME:
        return cao_profile_set_text(r, &r->p.name, item->text);
    case K_TITLE:
        return cao_profile_set_text(r, &r->p.title, item->text);
    case K_INTAKE:
        return read_intake(r, item);
    case K_DAYS:
        return read_season_map(r, item, 1, 366, r->p.days);
    case K_WILDLIFE_SHARE:
        return read_coefficient(r, item, 0, 0.95, &r->p.wildlife_share);
    case K_BARE_BELOW:
        return read_coefficient(r, item, -1, 1, &r->p.bare_below);
    case K_MIN_VALID:
        return read_coefficient(r, item, 0, 1, &r->p.min_valid_share);
    case K_YIELD:
        return cao_profile_yield(r, item);
    case K_UNCERTAINTY:
        return cao_profile_uncertainty(r, item);
    case K_SCHEME:
        return cao_profile_set_text(r, &r->scheme, item->text);
    case K_DEGRADATION:
        return cao_profile_items(r, item, &grade, &r->p.grades);
    case K_ZONES:
        return cao_profile_items(r, item, &zone, &r->p.zones);
    case K_FEEDS:
        return cao_profile_items(r, item, &feed, &r->p.feeds);
    case K_TERRAIN:
        return cao_profile_terrain(r, item);
    case K_RETENTION:
        return read_season_map(r, item, 0.1, 1, r->p.retention);
    case K_DRIFT:
        return cao_profile_years(r, item);
    case K_BEGINS:
        return cao_profile_begins(r, item);
    case K_TYPES:
        for (size_t j = 0; !st && j < item->n; j++)
            st = read_type(r, &item->items[j]);
        return st;
    case K_SPECIES:
        for (size_t j = 0; !st && j < item->n; j++)
            st = cao_profile_species_row(r, &item->items[j], &r->p.species, &r->p.n_species);
        return st;
    case K_WILDLIFE:
        for (size_t j = 0; !st && j < item->n; j++)
            st = cao_profile_species_row(r, &item->items[j], &r->p.wild, &r->p.n_wild);
        return st;
    case K_SCHEMES:
        for (size_t j = 0; !st && j < item->n; j++)
            st = read_scheme(r, &item->items[j]);
        return st;
    case K_FORMAT:
    case K_BASED_ON:
    case K_NOTE:
    case N_ROOT_KEYS:
        break;
    }
    return st;
}

enum cao_status cao_profile_read_root(struct cao_profile_reader *r, const struct cao_yaml *root)
{
    static const char *const keys[N_ROOT_KEYS] = {
        [K_FORMAT] = "format",
        [K_NAME] = "name",
        [K_TITLE] = "title",
        [K_BASED_ON] = "based_on",
        [K_INTAKE] = "intake",
        [K_DAYS] = "days",
        [K_WILDLIFE_SHARE] = "wildlife_share",
        [K_BARE_BELOW] = "bare_below",
        [K_MIN_VALID] = "min_valid_share",
        [K_TYPES] = "types",
        [K_SPECIES] = "species",
        [K_YIELD] = "yield",
        [K_SCHEMES] = "schemes",
        [K_SCHEME] = "scheme",
        [K_NOTE] = "note",
        [K_DEGRADATION] = "degradation",
        [K_ZONES] = "zones",
        [K_FEEDS] = "feeds",
        [K_WILDLIFE] = "wildlife",
        [K_TERRAIN] = "terrain",
        [K_RETENTION] = "retention",
        [K_DRIFT] = "edible_drift",
        [K_BEGINS] = "season_begins",
        [K_UNCERTAINTY] = "uncertainty",
    };
    enum cao_status st = cao_profile_need(r, root, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < root->n; i++) {
        st = key_among(r, &root->items[i], keys, N_ROOT_KEYS, &k);
        if (!st)
            st = read_root_key(r, (enum root_key)k, &root->items[i]);
    }
    return st;
}
