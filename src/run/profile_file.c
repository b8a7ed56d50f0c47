/* SPDX-License-Identifier: MIT
 * Profiles from YAML. A profile may be based on another: the base is read first, then what the
 * profile itself says goes over it. */
#include "caochu/profile_file.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/text.h"
#include "caochu/yaml.h"

enum { FORMAT = 1, MOST_BASES = 8, MOST_MODELS = 64, MOST_PER_TYPE = 8 };

/* Which equations a set gives to a type. */
struct set_entry {
    char *set, *type;
    char *models[MOST_PER_TYPE];
    size_t n_models;
};

struct model_entry {
    struct cao_yield_model m;
    char *source;
    enum cao_confidence confidence;
};

struct reader {
    struct cao_profile p;
    struct model_entry models[MOST_MODELS];
    size_t n_models;
    struct set_entry *sets;
    size_t n_sets;
    struct cao_class_scheme *schemes;
    size_t n_schemes;
    char *scheme, *default_set;
    const char *file; /* being read */
    struct cao_error *err;
};

CAO_PRINTF(4, 5)
static enum cao_status bad(struct reader *r, const struct cao_yaml *node, const char *key,
                           const char *fmt, ...)
{
    char text[700];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return cao_fail(r->err, CAO_EARG, "%s:%d: %s: %s", r->file, node->line, key, text);
}

static enum cao_status no_memory(struct reader *r)
{
    return cao_fail(r->err, CAO_ENOMEM, "%s: out of memory", r->file);
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

static enum cao_status need(struct reader *r, const struct cao_yaml *node, enum cao_yaml_kind kind)
{
    static const char *const names[] = { "a value", "a group of keys", "a list" };
    if (node->kind != kind)
        return bad(r, node, node->key ? node->key : "item", "%s is wanted", names[kind]);
    return CAO_OK;
}

static enum cao_status unknown(struct reader *r, const struct cao_yaml *node,
                               const char *const *known, size_t n)
{
    size_t near = cao_text_nearest(node->key, known, n);
    return bad(r, node, node->key, "unknown key%s%s%s", near == SIZE_MAX ? "" : "; did you mean ",
               near == SIZE_MAX ? "" : known[near], near == SIZE_MAX ? "" : "?");
}

/* One of the known keys, or an error that names the nearest; *which is its position. */
static enum cao_status key_among(struct reader *r, const struct cao_yaml *node,
                                 const char *const *known, size_t n, size_t *which)
{
    for (*which = 0; *which < n; ++*which)
        if (strcmp(node->key, known[*which]) == 0)
            return CAO_OK;
    return unknown(r, node, known, n);
}

static enum cao_status read_number(struct reader *r, const struct cao_yaml *node, const char *key,
                                   double min, double max, double *v)
{
    if (node->kind != CAO_YAML_SCALAR || !cao_text_double(node->text, v))
        return bad(r, node, key, "'%.60s' is not a number",
                   node->kind == CAO_YAML_SCALAR ? node->text : "...");
    if (*v < min || *v > max)
        return bad(r, node, key, "%g is not allowed; allowed: %g to %g", *v, min, max);
    return CAO_OK;
}

static enum cao_status read_confidence(struct reader *r, const struct cao_yaml *node,
                                       enum cao_confidence *c)
{
    static const char letters[] = "VCMU";
    const char *at = node->kind == CAO_YAML_SCALAR && strlen(node->text) == 1
                         ? strchr(letters, node->text[0])
                         : NULL;
    if (!at)
        return bad(r, node, "confidence",
                   "V (verified), C (computed), M (from memory) or U (unsure) is wanted");
    *c = (enum cao_confidence)(at - letters);
    return CAO_OK;
}

/* {value: 1.8, unit: ..., source: ..., confidence: V, note: ...}, or the bare number, which is then
 * the user's own. */
static enum cao_status read_coefficient(struct reader *r, const struct cao_yaml *node, double min,
                                        double max, struct cao_coefficient *out)
{
    static const char *const keys[] = { "value", "unit", "source", "confidence", "note" };
    struct cao_coefficient c = { (double)NAN, CAO_UNSURE, NULL };
    char own[CAO_PATH_MAX];
    const char *source = own;
    enum cao_status st = CAO_OK;
    snprintf(own, sizeof own, "%.3000s, without source", r->file);
    if (node->kind == CAO_YAML_SCALAR) {
        st = read_number(r, node, node->key, min, max, &c.value);
    } else if (node->kind == CAO_YAML_LIST) {
        st = bad(r, node, node->key, "a number, or {value, source, confidence}, is wanted");
    } else {
        for (size_t i = 0, k; !st && i < node->n; i++) {
            const struct cao_yaml *item = &node->items[i];
            st = key_among(r, item, keys, 5, &k);
            if (!st)
                st = need(r, item, CAO_YAML_SCALAR);
            if (!st && k == 0)
                st = read_number(r, item, node->key, min, max, &c.value);
            else if (!st && k == 2)
                source = item->text;
            else if (!st && k == 3)
                st = read_confidence(r, item, &c.confidence);
        }
        if (!st && isnan(c.value))
            st = bad(r, node, node->key, "lacks its value");
    }
    if (!st) {
        c.source = cao_text_copy(source);
        st = c.source ? CAO_OK : no_memory(r);
    }
    if (!st) {
        free(out->source);
        *out = c;
    }
    return st;
}

static enum cao_status init_coefficient(struct reader *r, struct cao_coefficient *c)
{
    *c = (struct cao_coefficient){ (double)NAN, CAO_UNSURE, cao_text_copy("not given") };
    return c->source ? CAO_OK : no_memory(r);
}

static enum cao_status read_season_map(struct reader *r, const struct cao_yaml *node, double max,
                                       struct cao_coefficient out[CAO_N_SEASONS])
{
    const char *names[CAO_N_SEASONS];
    enum cao_status st = need(r, node, CAO_YAML_MAP);
    for (int s = 0; s < CAO_N_SEASONS; s++)
        names[s] = cao_season_name((enum cao_season)s);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        st = key_among(r, &node->items[i], names, CAO_N_SEASONS, &k);
        if (!st)
            st = read_coefficient(r, &node->items[i], 0, max, &out[k]);
    }
    return st;
}

static enum cao_status read_texts(struct reader *r, const struct cao_yaml *node, char ***items,
                                  size_t *n)
{
    enum cao_status st = need(r, node, CAO_YAML_LIST);
    char **list = st ? NULL : calloc(node->n + 1, sizeof *list);
    if (!st && !list)
        st = no_memory(r);
    for (size_t i = 0; !st && i < node->n; i++) {
        st = need(r, &node->items[i], CAO_YAML_SCALAR);
        if (!st)
            st = set_text(r, &list[i], node->items[i].text);
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

static enum cao_status type_named(struct reader *r, const char *name, struct cao_grass_type **type)
{
    for (size_t i = 0; i < r->p.n_types; i++)
        if (strcmp(r->p.types[i].name, name) == 0) {
            *type = &r->p.types[i];
            return CAO_OK;
        }
    struct cao_grass_type *more = realloc(r->p.types, (r->p.n_types + 1) * sizeof *more);
    if (!more)
        return no_memory(r);
    r->p.types = more;
    struct cao_grass_type *t = &more[r->p.n_types];
    *t = (struct cao_grass_type){ 0 };
    r->p.n_types++;
    enum cao_status st = set_text(r, &t->name, name);
    if (!st)
        st = set_text(r, &t->zh, name);
    if (!st)
        st = set_text(r, &t->models_source, "");
    for (size_t i = 0; !st && i < N_TYPE_ROWS; i++)
        st = init_coefficient(r, type_field(t, i));
    for (size_t i = 0; !st && i < CAO_N_SEASONS; i++)
        st = init_coefficient(r, &t->utilisation[i]);
    *type = t;
    return st;
}

static enum cao_status read_type(struct reader *r, const struct cao_yaml *node)
{
    const char *keys[N_TYPE_ROWS + 3];
    struct cao_grass_type *t = NULL;
    enum cao_status st = need(r, node, CAO_YAML_MAP);
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
            st = need(r, item, CAO_YAML_SCALAR) ? CAO_EARG : set_text(r, &t->zh, item->text);
        else if (k == N_TYPE_ROWS + 1)
            st = read_texts(r, item, &t->aliases, &t->n_aliases);
        else
            st = read_season_map(r, item, 1, t->utilisation);
    }
    if (!st && t->fvc_full.value <= t->fvc_soil.value)
        st = bad(r, node, node->key, "fvc_full must be above fvc_soil");
    return st;
}

/* --- species --- */

static enum cao_status read_species(struct reader *r, const struct cao_yaml *node)
{
    static const char *const keys[] = { "su", "zh", "aliases" };
    struct cao_species *s = NULL;
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !s && i < r->p.n_species; i++)
        if (strcmp(r->p.species[i].name, node->key) == 0)
            s = &r->p.species[i];
    if (!s) {
        struct cao_species *more = realloc(r->p.species, (r->p.n_species + 1) * sizeof *more);
        if (!more)
            return no_memory(r);
        r->p.species = more;
        s = &more[r->p.n_species++];
        *s = (struct cao_species){ 0 };
        st = set_text(r, &s->name, node->key);
        if (!st)
            st = set_text(r, &s->zh, node->key);
        if (!st)
            st = init_coefficient(r, &s->su);
    }
    if (!st && node->kind == CAO_YAML_SCALAR) /* yak: 4.5 */
        return read_coefficient(r, node, 0.01, 50, &s->su);
    if (!st)
        st = need(r, node, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = key_among(r, item, keys, 3, &k);
        if (!st && k == 0)
            st = read_coefficient(r, item, 0.01, 50, &s->su);
        else if (!st && k == 1)
            st = need(r, item, CAO_YAML_SCALAR) ? CAO_EARG : set_text(r, &s->zh, item->text);
        else if (!st)
            st = read_texts(r, item, &s->aliases, &s->n_aliases);
    }
    return st;
}

/* --- yield equations --- */

static enum cao_status read_model(struct reader *r, const struct cao_yaml *node)
{
    static const char *const keys[] = {
        "form",       "a",  "b",    "c",      "x_min",      "x_max",
        "rmse_kg_ha", "r2", "year", "source", "confidence", "note"
    };
    struct cao_yield_model m = { .x_max = 1, .rmse_kg_ha = (double)NAN, .r2 = (double)NAN };
    double year = 0, *const number[] = { NULL,     &m.a,          &m.b,  &m.c, &m.x_min,
                                         &m.x_max, &m.rmse_kg_ha, &m.r2, &year };
    const char *source = "";
    enum cao_confidence confidence = CAO_UNSURE;
    bool has_form = false;
    enum cao_status st = need(r, node, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = key_among(r, item, keys, sizeof keys / sizeof keys[0], &k);
        if (!st)
            st = need(r, item, CAO_YAML_SCALAR);
        if (st)
            break;
        if (k == 0) {
            has_form = cao_yield_form_find(item->text, &m.form);
            st = has_form ? CAO_OK
                          : bad(r, item, "form",
                                "'%.60s' is not known; allowed: linear, quadratic, exponential, "
                                "power, logarithmic",
                                item->text);
        } else if (k <= 8) {
            st = read_number(r, item, keys[k], -1e9, 1e9, number[k]);
        } else if (k == 9) {
            source = item->text;
        } else if (k == 10) {
            st = read_confidence(r, item, &confidence);
        }
    }
    if (st)
        return st;
    if (!has_form || strlen(node->key) >= sizeof m.id || m.x_min >= m.x_max)
        return bad(r, node, node->key,
                   "an equation needs its form, a name of at most %zu letters and x_min "
                   "below x_max",
                   sizeof m.id - 1);
    /* Left of its vertex an upward parabola says that sparser grass yields more. */
    if (m.form == CAO_YIELD_QUADRATIC && m.c > 0 && m.x_min < -m.b / (2 * m.c) - 0.001)
        return bad(r, node, node->key, "x_min must be at or above the vertex %.3f",
                   -m.b / (2 * m.c));
    m.year = (int)year;
    snprintf(m.id, sizeof m.id, "%s", node->key);
    size_t at = 0;
    while (at < r->n_models && strcmp(r->models[at].m.id, m.id) != 0)
        at++;
    if (at == MOST_MODELS)
        return bad(r, node, node->key, "more than %d equations", MOST_MODELS);
    struct model_entry *e = &r->models[at];
    r->n_models += at == r->n_models;
    e->m = m;
    e->confidence = confidence;
    return set_text(r, &e->source, source);
}

static enum cao_status read_set_entry(struct reader *r, const char *set,
                                      const struct cao_yaml *node)
{
    struct set_entry *e = NULL;
    enum cao_status st = need(r, node, CAO_YAML_LIST);
    if (!st && (node->n == 0 || node->n > MOST_PER_TYPE))
        st = bad(r, node, node->key, "1 to %d equations are wanted", MOST_PER_TYPE);
    if (st)
        return st;
    for (size_t i = 0; !e && i < r->n_sets; i++)
        if (strcmp(r->sets[i].set, set) == 0 && strcmp(r->sets[i].type, node->key) == 0)
            e = &r->sets[i];
    if (!e) {
        struct set_entry *more = realloc(r->sets, (r->n_sets + 1) * sizeof *more);
        if (!more)
            return no_memory(r);
        r->sets = more;
        e = &more[r->n_sets++];
        *e = (struct set_entry){ 0 };
        st = set_text(r, &e->set, set);
        if (!st)
            st = set_text(r, &e->type, node->key);
    }
    for (size_t i = 0; i < e->n_models; i++)
        free(e->models[i]);
    memset(e->models, 0, sizeof e->models);
    e->n_models = 0;
    for (size_t i = 0; !st && i < node->n; i++) {
        st = need(r, &node->items[i], CAO_YAML_SCALAR);
        if (!st)
            st = set_text(r, &e->models[e->n_models], node->items[i].text);
        e->n_models += st == CAO_OK;
    }
    return st;
}

static enum cao_status read_yield(struct reader *r, const struct cao_yaml *node)
{
    static const char *const keys[] = { "index", "default_set", "models", "sets" };
    enum cao_status st = need(r, node, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = key_among(r, item, keys, 4, &k);
        if (!st)
            st = need(r, item, k < 2 ? CAO_YAML_SCALAR : CAO_YAML_MAP);
        if (!st && k < 2)
            st = set_text(r, k == 0 ? &r->p.yield_index : &r->default_set, item->text);
        for (size_t j = 0; !st && k == 2 && j < item->n; j++)
            st = read_model(r, &item->items[j]);
        for (size_t j = 0; !st && k == 3 && j < item->n; j++) {
            st = need(r, &item->items[j], CAO_YAML_MAP);
            for (size_t t = 0; !st && t < item->items[j].n; t++)
                st = read_set_entry(r, item->items[j].key, &item->items[j].items[t]);
        }
    }
    return st;
}

/* --- class schemes --- */

static void release_scheme(struct cao_class_scheme *s)
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

static enum cao_status read_class(struct reader *r, const struct cao_yaml *node, bool last,
                                  struct cao_class *c)
{
    static const char *const keys[] = { "name", "zh", "below", "color" };
    unsigned rgb[3] = { 0 };
    bool has_below = false;
    enum cao_status st = need(r, node, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = key_among(r, item, keys, 4, &k);
        if (!st)
            st = need(r, item, CAO_YAML_SCALAR);
        if (!st && k < 2) {
            st = set_text(r, k == 0 ? &c->name : &c->zh, item->text);
        } else if (!st && k == 2) {
            has_below = true;
            st = read_number(r, item, "below", -100, 1e6, &c->below_pct);
        } else if (!st) {
            if (strlen(item->text) != 7 ||
                sscanf(item->text, "#%2x%2x%2x", &rgb[0], &rgb[1], &rgb[2]) != 3)
                st = bad(r, item, "color", "'%.20s' is not of the form '#rrggbb'", item->text);
            for (int k2 = 0; !st && k2 < 3; k2++)
                c->rgb[k2] = (unsigned char)rgb[k2];
        }
    }
    if (!st && (!c->name || has_below == last))
        st = bad(r, node, "classes",
                 "each class has a name and, but for the last, its upper limit 'below'");
    if (!st && !c->zh)
        st = set_text(r, &c->zh, c->name);
    if (!st && last)
        c->below_pct = HUGE_VAL;
    return st;
}

static enum cao_status read_scheme(struct reader *r, const struct cao_yaml *node)
{
    static const char *const keys[] = { "source", "confidence", "classes", "note" };
    struct cao_class_scheme s = { .confidence = CAO_UNSURE };
    enum cao_status st = need(r, node, CAO_YAML_MAP);
    if (!st)
        st = set_text(r, &s.name, node->key);
    if (!st)
        st = set_text(r, &s.source, "");
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = key_among(r, item, keys, 4, &k);
        if (!st && k == 0)
            st = need(r, item, CAO_YAML_SCALAR) ? CAO_EARG : set_text(r, &s.source, item->text);
        else if (!st && k == 1)
            st = read_confidence(r, item, &s.confidence);
        else if (!st && k == 2) {
            st = need(r, item, CAO_YAML_LIST);
            assert(!s.classes); /* a key is never there twice */
            s.classes = st ? NULL : calloc(item->n + 1, sizeof *s.classes);
            s.n = s.classes ? item->n : 0;
            if (!st && !s.classes)
                st = no_memory(r);
            for (size_t c = 0; !st && c < s.n; c++) {
                st = read_class(r, &item->items[c], c + 1 == s.n, &s.classes[c]);
                if (!st && c > 0 && s.classes[c].below_pct <= s.classes[c - 1].below_pct)
                    st = bad(r, &item->items[c], "below", "limits must rise");
            }
        }
    }
    if (!st && s.n < 2)
        st = bad(r, node, node->key, "at least two classes are wanted");
    if (st) {
        release_scheme(&s);
        return st;
    }
    for (size_t i = 0; i < r->n_schemes; i++)
        if (strcmp(r->schemes[i].name, s.name) == 0) {
            release_scheme(&r->schemes[i]);
            r->schemes[i] = s;
            return CAO_OK;
        }
    struct cao_class_scheme *more = realloc(r->schemes, (r->n_schemes + 1) * sizeof *more);
    if (!more) {
        release_scheme(&s);
        return no_memory(r);
    }
    r->schemes = more;
    r->schemes[r->n_schemes++] = s;
    return CAO_OK;
}

/* --- the whole --- */

static enum cao_status read_intake(struct reader *r, const struct cao_yaml *node)
{
    static const char *const keys[] = { "basis", "kg_day" };
    enum cao_status st = need(r, node, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = key_among(r, item, keys, 2, &k);
        if (!st && k == 1)
            st = read_coefficient(r, item, 0.1, 50, &r->p.intake_kg_day);
        else if (!st && item->kind == CAO_YAML_SCALAR && strcmp(item->text, "hay") == 0)
            r->p.intake_basis = CAO_HAY;
        else if (!st && item->kind == CAO_YAML_SCALAR && strcmp(item->text, "fresh") == 0)
            r->p.intake_basis = CAO_FRESH;
        else if (!st)
            st = bad(r, item, "intake.basis", "hay or fresh is wanted");
    }
    return st;
}

static enum cao_status read_root(struct reader *r, const struct cao_yaml *root)
{
    static const char *const keys[] = { "format",         "name",       "title",
                                        "based_on",       "intake",     "days",
                                        "wildlife_share", "bare_below", "min_valid_share",
                                        "types",          "species",    "yield",
                                        "schemes",        "scheme",     "note" };
    enum cao_status st = need(r, root, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < root->n; i++) {
        const struct cao_yaml *item = &root->items[i];
        st = key_among(r, item, keys, sizeof keys / sizeof keys[0], &k);
        if (st)
            break;
        if ((k >= 1 && k <= 3) || k == 13)
            st = need(r, item, CAO_YAML_SCALAR);
        else if (k == 9 || k == 10 || k == 12)
            st = need(r, item, CAO_YAML_MAP);
        if (!st && k == 1)
            st = set_text(r, &r->p.name, item->text);
        else if (!st && k == 2)
            st = set_text(r, &r->p.title, item->text);
        else if (!st && k == 4)
            st = read_intake(r, item);
        else if (!st && k == 5)
            st = read_season_map(r, item, 366, r->p.days);
        else if (!st && k == 6)
            st = read_coefficient(r, item, 0, 0.95, &r->p.wildlife_share);
        else if (!st && k == 7)
            st = read_coefficient(r, item, -1, 1, &r->p.bare_below);
        else if (!st && k == 8)
            st = read_coefficient(r, item, 0, 1, &r->p.min_valid_share);
        else if (!st && k == 11)
            st = read_yield(r, item);
        else if (!st && k == 13)
            st = set_text(r, &r->scheme, item->text);
        for (size_t j = 0; !st && k == 9 && j < item->n; j++)
            st = read_type(r, &item->items[j]);
        for (size_t j = 0; !st && k == 10 && j < item->n; j++)
            st = read_species(r, &item->items[j]);
        for (size_t j = 0; !st && k == 12 && j < item->n; j++)
            st = read_scheme(r, &item->items[j]);
    }
    return st;
}

static enum cao_status check_format(struct reader *r, const struct cao_yaml *root)
{
    const struct cao_yaml *format = cao_yaml_find(root, "format");
    int64_t v;
    if (!format || format->kind != CAO_YAML_SCALAR || !cao_text_int64(format->text, &v) || v < 1)
        return cao_fail(r->err, CAO_EARG, "%s: is not a profile: 'format: %d' is missing", r->file,
                        FORMAT);
    if (v > FORMAT)
        return bad(r, format, "format",
                   "%d is newer than this program reads (%d); use a newer caochu", (int)v, FORMAT);
    return CAO_OK;
}

static enum cao_status find_file(const char *name, const char *base_dir, const char *data_dir,
                                 char path[CAO_PATH_MAX], struct cao_error *err)
{
    char file[CAO_PATH_MAX];
    if (strchr(name, '/') || cao_path_has_ending(name, ".yaml"))
        return cao_path_join(path, base_dir, name, err);
    snprintf(file, sizeof file, "%.200s.yaml", name);
    enum cao_status st = cao_path_join(path, data_dir, file, err);
    if (st || cao_file_stat(path, NULL, NULL))
        return st;
    struct cao_names names = { 0 };
    struct cao_buf known = { 0 };
    if (cao_list_dir(data_dir, &names, NULL) == CAO_OK)
        for (size_t i = 0; i < names.n; i++)
            if (cao_path_has_ending(names.items[i], ".yaml"))
                cao_buf_add(&known, "%s%.*s", known.n ? ", " : "", (int)strlen(names.items[i]) - 5,
                            names.items[i]);
    st = cao_fail(err, CAO_EARG, "profile '%s' is not known; there are: %s (in %s)", name,
                  known.text ? known.text : "none", data_dir[0] ? data_dir : "no data folder");
    cao_names_release(&names);
    cao_buf_release(&known);
    return st;
}

/* The base first, then the profile over it. */
static enum cao_status read_chain(struct reader *r, const char *path, const char *data_dir,
                                  int depth)
{
    struct cao_yaml *root = NULL;
    if (depth >= MOST_BASES)
        return cao_fail(r->err, CAO_EARG, "%s: based_on leads back or over more than %d profiles",
                        path, MOST_BASES);
    enum cao_status st = cao_yaml_read(path, &root, r->err);
    st = st == CAO_EIO ? CAO_EARG : st;
    r->file = path;
    if (!st)
        st = check_format(r, root);
    const struct cao_yaml *base = cao_yaml_find(root, "based_on");
    if (!st && base) {
        char dir[CAO_PATH_MAX], base_path[CAO_PATH_MAX], beside[CAO_PATH_MAX];
        st = need(r, base, CAO_YAML_SCALAR);
        cao_path_dir(dir, path);
        snprintf(beside, sizeof beside, "%s/%.200s.yaml", dir,
                 base->kind == CAO_YAML_SCALAR ? base->text : "");
        if (!st && cao_file_stat(beside, NULL, NULL) && strcmp(beside, path) != 0)
            memcpy(base_path, beside, sizeof base_path);
        else if (!st)
            st = find_file(base->text, dir, data_dir, base_path, r->err);
        if (!st)
            st = read_chain(r, base_path, data_dir, depth + 1);
        r->file = path;
    }
    if (!st)
        st = read_root(r, root);
    cao_yaml_destroy(root);
    return st;
}

/* Give each type the equations of the chosen set. */
static enum cao_status choose_models(struct reader *r, const char *wanted)
{
    const char *set = wanted[0] ? wanted : r->default_set ? r->default_set : "";
    bool known = false;
    enum cao_status st = set_text(r, &r->p.yield_set, set);
    for (size_t i = 0; !st && i < r->n_sets; i++) {
        const struct set_entry *e = &r->sets[i];
        struct cao_grass_type *t = NULL;
        if (strcmp(e->set, set) != 0)
            continue;
        known = true;
        for (size_t k = 0; !t && k < r->p.n_types; k++)
            if (strcmp(r->p.types[k].name, e->type) == 0)
                t = &r->p.types[k];
        if (!t)
            return cao_fail(r->err, CAO_EARG,
                            "%s: yield.sets.%s names the grassland type %s, which types lacks",
                            r->file, set, e->type);
        t->models = calloc(e->n_models, sizeof *t->models);
        if (!t->models)
            return no_memory(r);
        for (size_t k = 0; k < e->n_models; k++) {
            size_t m = 0;
            while (m < r->n_models && strcmp(r->models[m].m.id, e->models[k]) != 0)
                m++;
            if (m == r->n_models)
                return cao_fail(r->err, CAO_EARG,
                                "%s: yield.sets.%s.%s names the equation %s, which models lacks",
                                r->file, set, e->type, e->models[k]);
            t->models[t->n_models++] = r->models[m].m;
            t->models_confidence = r->models[m].confidence;
            st = set_text(r, &t->models_source, r->models[m].source);
            if (st)
                return st;
        }
    }
    if (!st && !known) {
        struct cao_buf names = { 0 };
        for (size_t i = 0; i < r->n_sets; i++)
            if (i == 0 || strcmp(r->sets[i].set, r->sets[i - 1].set) != 0)
                cao_buf_add(&names, "%s%s", names.n ? ", " : "", r->sets[i].set);
        st = cao_fail(r->err, CAO_EARG,
                      "%s: the set of yield equations '%s' is not known; there are: %s", r->file,
                      set, names.text ? names.text : "none");
        cao_buf_release(&names);
    }
    return st;
}

static enum cao_status choose_scheme(struct reader *r)
{
    for (size_t i = 0; r->scheme && i < r->n_schemes; i++)
        if (strcmp(r->schemes[i].name, r->scheme) == 0) {
            r->p.scheme = r->schemes[i];
            r->schemes[i] = (struct cao_class_scheme){ 0 };
            return CAO_OK;
        }
    return cao_fail(r->err, CAO_EARG, "%s: scheme: '%s' is not among schemes", r->file,
                    r->scheme ? r->scheme : "");
}

static enum cao_status check_whole(struct reader *r)
{
    struct cao_profile *p = &r->p;
    const char *missing = !p->name[0]                       ? "name"
                          : isnan(p->intake_kg_day.value)   ? "intake.kg_day"
                          : isnan(p->bare_below.value)      ? "bare_below"
                          : isnan(p->min_valid_share.value) ? "min_valid_share"
                          : isnan(p->wildlife_share.value)  ? "wildlife_share"
                          : p->n_types == 0                 ? "types"
                          : p->n_species == 0               ? "species"
                          : !p->yield_index[0]              ? "yield.index"
                                                            : NULL;
    if (missing)
        return cao_fail(r->err, CAO_EARG, "%s: %s is missing", r->file, missing);
    return CAO_OK;
}

static enum cao_status init_profile(struct reader *r, const char *path)
{
    struct cao_coefficient *const all[] = { &r->p.intake_kg_day, &r->p.wildlife_share,
                                            &r->p.bare_below, &r->p.min_valid_share };
    enum cao_status st = set_text(r, &r->p.path, path);
    if (!st)
        st = set_text(r, &r->p.name, "");
    if (!st)
        st = set_text(r, &r->p.title, "");
    if (!st)
        st = set_text(r, &r->p.yield_index, "");
    for (size_t i = 0; !st && i < sizeof all / sizeof all[0]; i++)
        st = init_coefficient(r, all[i]);
    for (size_t i = 0; !st && i < CAO_N_SEASONS; i++)
        st = init_coefficient(r, &r->p.days[i]);
    return st;
}

enum cao_status cao_profile_load(const char *name, const char *base_dir, const char *data_dir,
                                 const char *yield_set, struct cao_profile *profile,
                                 struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    struct reader *r = calloc(1, sizeof *r);
    if (!r)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    r->err = err;
    enum cao_status st = find_file(name, base_dir, data_dir, path, err);
    r->file = path;
    if (!st)
        st = init_profile(r, path);
    if (!st)
        st = read_chain(r, path, data_dir, 0);
    if (!st)
        st = check_whole(r);
    if (!st)
        st = choose_models(r, yield_set);
    if (!st)
        st = choose_scheme(r);
    for (size_t i = 0; i < r->n_models; i++)
        free(r->models[i].source);
    for (size_t i = 0; i < r->n_sets; i++) {
        for (size_t k = 0; k < r->sets[i].n_models; k++)
            free(r->sets[i].models[k]);
        free(r->sets[i].set);
        free(r->sets[i].type);
    }
    for (size_t i = 0; i < r->n_schemes; i++)
        release_scheme(&r->schemes[i]);
    free(r->sets);
    free(r->schemes);
    free(r->scheme);
    free(r->default_set);
    if (st)
        cao_profile_release(&r->p);
    else
        *profile = r->p;
    free(r);
    return st;
}

static void free_texts(char **items, size_t n)
{
    for (size_t i = 0; items && i < n; i++)
        free(items[i]);
    free(items);
}

void cao_profile_release(struct cao_profile *p)
{
    for (size_t i = 0; i < p->n_types; i++) {
        struct cao_grass_type *t = &p->types[i];
        free(t->name);
        free(t->zh);
        free_texts(t->aliases, t->n_aliases);
        for (size_t k = 0; k < N_TYPE_ROWS; k++)
            free(type_field(t, k)->source);
        for (size_t k = 0; k < CAO_N_SEASONS; k++)
            free(t->utilisation[k].source);
        free(t->models);
        free(t->models_source);
    }
    for (size_t i = 0; i < p->n_species; i++) {
        free(p->species[i].name);
        free(p->species[i].zh);
        free_texts(p->species[i].aliases, p->species[i].n_aliases);
        free(p->species[i].su.source);
    }
    for (size_t k = 0; k < CAO_N_SEASONS; k++)
        free(p->days[k].source);
    free(p->types);
    free(p->species);
    free(p->name);
    free(p->title);
    free(p->path);
    free(p->yield_set);
    free(p->yield_index);
    free(p->intake_kg_day.source);
    free(p->wildlife_share.source);
    free(p->bare_below.source);
    free(p->min_valid_share.source);
    release_scheme(&p->scheme);
    *p = (struct cao_profile){ 0 };
}
