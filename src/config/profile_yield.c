/* SPDX-License-Identifier: MIT
 * Yield equations of a profile, or of a file of their own, which types take which, and what is known of
 * errors besides. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/text.h"
#include "config/profile_parts.h"

/* --- one equation --- */

static const struct model_key {
    const char *key;
    size_t offset;
    double min, max;
} model_numbers[] = {
    { "a", offsetof(struct cao_yield_model, a), -1e9, 1e9 },
    { "b", offsetof(struct cao_yield_model, b), -1e9, 1e9 },
    { "c", offsetof(struct cao_yield_model, c), -1e9, 1e9 },
    { "x_min", offsetof(struct cao_yield_model, x_min), -1e3, 1e3 },
    { "x_max", offsetof(struct cao_yield_model, x_max), -1e3, 1e3 },
    { "rmse_kg_ha", offsetof(struct cao_yield_model, rmse_kg_ha), 0, 1e6 },
    { "r2", offsetof(struct cao_yield_model, r2), -1e9, 1 },
    { "relative_error", offsetof(struct cao_yield_model, relative_error), 0, 10 },
    { "cv_rmse_kg_ha", offsetof(struct cao_yield_model, cv_rmse_kg_ha), 0, 1e6 },
};
enum { N_NUMBERS = sizeof model_numbers / sizeof model_numbers[0] };
/* What stands for the reader alone is read too: a figure that is no number is a slip of the pen. */
enum model_word {
    M_FORM = N_NUMBERS,
    M_YEAR,
    M_N_YEARS,
    M_N,
    M_SOURCE,
    M_CONFIDENCE,
    M_NOTE,
    M_BASIS,
    M_INDEX,
    M_SENSOR,
    M_COVARIANCE,
    M_BIAS,
    M_MEAN,
    M_ACCURACY,
    M_KFOLD,
    N_MODEL_KEYS
};
static const char *const model_words[N_MODEL_KEYS - N_NUMBERS] = {
    "form",       "year",       "n_years",    "n",        "source",
    "confidence", "note",       "basis",      "index",    "sensor",
    "covariance", "bias_kg_ha", "mean_kg_ha", "accuracy", "kfold_rmse_kg_ha"
};

/* [[aa, ab], [ab, bb]], as many rows as the form has terms. */
static enum cao_status read_covariance(struct cao_profile_reader *r, const struct cao_yaml *node,
                                       struct cao_yield_model *m)
{
    size_t n = cao_yield_n_terms(m->form);
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_LIST);
    if (!st && node->n != n)
        st = cao_profile_bad(r, node, "covariance", "%zu rows are wanted, one a term", n);
    for (size_t i = 0; !st && i < n; i++) {
        const struct cao_yaml *row = &node->items[i];
        st = cao_profile_need(r, row, CAO_YAML_LIST);
        if (!st && row->n != n)
            st = cao_profile_bad(r, row, "covariance", "%zu numbers in a row are wanted", n);
        for (size_t k = 0; !st && k < n; k++)
            st = cao_profile_number(r, &row->items[k], "covariance", -1e18, 1e18,
                                    &m->covariance[i][k]);
    }
    for (size_t i = 0; !st && i < n; i++)
        for (size_t k = 0; !st && k <= i; k++) {
            double v = m->covariance[i][k], limit = m->covariance[i][i] * m->covariance[k][k];
            if (m->covariance[i][i] < 0 || v * v > limit * (1 + 1e-6) ||
                fabs(v - m->covariance[k][i]) > 1e-9 * (fabs(v) + 1e-300))
                st =
                    cao_profile_bad(r, node, "covariance",
                                    "is no covariance: it must be symmetric, variances not below 0 "
                                    "and no correlation beyond 1");
        }
    m->has_covariance = !st;
    return st;
}

static enum cao_status read_whole(struct cao_profile_reader *r, const struct cao_yaml *node,
                                  const char *key, double min, double max, int *v)
{
    double number = 0;
    enum cao_status st = cao_profile_number(r, node, key, min, max, &number);
    if (!st && number != floor(number))
        st = cao_profile_bad(r, node, key, "a whole number is wanted");
    if (!st)
        *v = (int)number;
    return st;
}

static enum cao_status read_word(struct cao_profile_reader *r, const struct cao_yaml *item,
                                 const char *key, char *to, size_t size)
{
    if (strlen(item->text) >= size)
        return cao_profile_bad(r, item, key, "at most %zu bytes are wanted", size - 1);
    snprintf(to, size, "%s", item->text);
    return CAO_OK;
}

static enum cao_status read_form(struct cao_profile_reader *r, const struct cao_yaml *item,
                                 enum cao_yield_form *form)
{
    return cao_yield_form_find(item->text, form)
               ? CAO_OK
               : cao_profile_bad(r, item, "form",
                                 "'%.60s' is not known; allowed: linear, quadratic, exponential, "
                                 "power, logarithmic",
                                 item->text);
}

static enum cao_status read_model_key(struct cao_profile_reader *r, size_t k,
                                      const struct cao_yaml *item, struct cao_yield_model *m,
                                      const char **source, enum cao_confidence *confidence)
{
    const char *key = item->key;
    double ignored;
    if (k < N_NUMBERS)
        return cao_profile_number(r, item, key, model_numbers[k].min, model_numbers[k].max,
                                  (double *)(void *)((char *)m + model_numbers[k].offset));
    switch ((enum model_word)k) {
    case M_FORM:
        return read_form(r, item, &m->form);
    case M_YEAR:
        return read_whole(r, item, key, 1970, 2200, &m->year);
    case M_N_YEARS:
        return read_whole(r, item, key, 1, 100, &m->n_years);
    case M_N:
        return read_whole(r, item, key, 1, 1e6, &m->n);
    case M_SOURCE:
        *source = item->text;
        return CAO_OK;
    case M_CONFIDENCE:
        return cao_profile_confidence(r, item, confidence);
    case M_BASIS:
        m->hay_ratio = strcmp(item->text, "hay") == 0; /* the ratio itself is the type's */
        return m->hay_ratio > 0 || strcmp(item->text, "fresh") == 0
                   ? CAO_OK
                   : cao_profile_bad(r, item, key, "'%.40s' is not known; allowed: fresh, hay",
                                     item->text);
    case M_INDEX:
        return read_word(r, item, key, m->index, sizeof m->index);
    case M_SENSOR:
        return read_word(r, item, key, m->sensor, sizeof m->sensor);
    case M_BIAS:
    case M_MEAN:
    case M_ACCURACY:
    case M_KFOLD:
        return cao_profile_number(r, item, key, -1e9, 1e9, &ignored);
    case M_COVARIANCE:
    case M_NOTE:
    case N_MODEL_KEYS:
        break;
    }
    return CAO_OK;
}

static enum cao_status check_model(struct cao_profile_reader *r, const struct cao_yaml *node,
                                   const struct cao_yield_model *m)
{
    if (!cao_yaml_find(node, "form") || strlen(node->key) >= sizeof m->id || m->x_min >= m->x_max)
        return cao_profile_bad(
            r, node, node->key,
            "an equation needs its form, a name of at most %zu letters and x_min "
            "below x_max",
            sizeof m->id - 1);
    /* Left of its vertex an upward parabola says that sparser grass yields more. */
    if (m->form == CAO_YIELD_QUADRATIC && m->c > 0 && m->x_min < -m->b / (2 * m->c) - 0.001)
        return cao_profile_bad(r, node, node->key, "x_min must be at or above the vertex %.3f",
                               -m->b / (2 * m->c));
    if ((m->form == CAO_YIELD_EXPONENTIAL || m->form == CAO_YIELD_POWER) && !(m->a > 0))
        return cao_profile_bad(r, node, node->key, "a must be above 0 in this form");
    return CAO_OK;
}

static enum cao_status read_model(struct cao_profile_reader *r, const struct cao_yaml *node,
                                  const struct cao_yield_model *common)
{
    const char *keys[N_MODEL_KEYS];
    struct cao_yield_model m = *common;
    const char *source = "";
    enum cao_confidence confidence = CAO_UNSURE;
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_MAP);
    for (size_t i = 0; i < N_MODEL_KEYS; i++)
        keys[i] = i < N_NUMBERS ? model_numbers[i].key : model_words[i - N_NUMBERS];
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = cao_profile_key(r, item, keys, N_MODEL_KEYS, &k);
        if (!st && k != M_COVARIANCE)
            st = cao_profile_need(r, item, CAO_YAML_SCALAR);
        if (!st)
            st = read_model_key(r, k, item, &m, &source, &confidence);
    }
    if (!st)
        st = check_model(r, node, &m);
    const struct cao_yaml *covariance = cao_yaml_find(node, "covariance");
    if (!st && covariance)
        st = read_covariance(r, covariance, &m);
    if (st)
        return st;
    snprintf(m.id, sizeof m.id, "%s", node->key);
    size_t at = 0;
    while (at < r->n_models && strcmp(r->models[at].m.id, m.id) != 0)
        at++;
    if (at == CAO_MOST_MODELS)
        return cao_profile_bad(r, node, node->key, "more than %d equations", CAO_MOST_MODELS);
    struct cao_model_entry *e = &r->models[at];
    r->n_models += at == r->n_models;
    e->m = m;
    e->confidence = confidence;
    return cao_profile_set_text(r, &e->source, source);
}

static const struct cao_yield_model no_model = { .x_max = 1,
                                                 .rmse_kg_ha = (double)NAN,
                                                 .r2 = (double)NAN };

/* --- sets --- */

/* [Q1, Q6], or {equations: [Q1, Q6], confidence: U} where they were made for another type. */
static enum cao_status set_entry_list(struct cao_profile_reader *r, const struct cao_yaml *node,
                                      const struct cao_yaml **list, enum cao_confidence *confidence)
{
    static const char *const keys[] = { "equations", "confidence", "note" };
    enum cao_status st = CAO_OK;
    *list = node;
    *confidence = CAO_VERIFIED;
    if (node->kind == CAO_YAML_MAP) {
        *list = NULL;
        for (size_t i = 0, k; !st && i < node->n; i++) {
            st = cao_profile_key(r, &node->items[i], keys, 3, &k);
            if (!st && k == 0)
                *list = &node->items[i];
            else if (!st && k == 1)
                st = cao_profile_confidence(r, &node->items[i], confidence);
        }
        if (st)
            return st;
        if (!*list)
            return cao_profile_bad(r, node, node->key, "lacks its equations");
    }
    st = cao_profile_need(r, *list, CAO_YAML_LIST);
    if (!st && ((*list)->n == 0 || (*list)->n > CAO_MOST_PER_TYPE))
        st = cao_profile_bad(r, node, node->key, "1 to %d equations are wanted", CAO_MOST_PER_TYPE);
    return st;
}

static enum cao_status read_set_entry(struct cao_profile_reader *r, const char *set,
                                      const struct cao_yaml *node)
{
    struct cao_set_entry *e = NULL;
    const struct cao_yaml *list = NULL;
    enum cao_confidence confidence = CAO_UNSURE;
    enum cao_status st = set_entry_list(r, node, &list, &confidence);
    if (st || !list)
        return st;
    for (size_t i = 0; !e && i < r->n_sets; i++)
        if (strcmp(r->sets[i].set, set) == 0 && strcmp(r->sets[i].type, node->key) == 0)
            e = &r->sets[i];
    if (!e) {
        struct cao_set_entry *more = realloc(r->sets, (r->n_sets + 1) * sizeof *more);
        if (!more)
            return cao_profile_no_memory(r);
        r->sets = more;
        e = &more[r->n_sets++];
        *e = (struct cao_set_entry){ 0 };
        st = cao_profile_set_text(r, &e->set, set);
        if (!st)
            st = cao_profile_set_text(r, &e->type, node->key);
    }
    for (size_t i = 0; i < e->n_models; i++)
        free(e->models[i]);
    memset(e->models, 0, sizeof e->models);
    e->n_models = 0;
    e->confidence = confidence;
    for (size_t i = 0; !st && i < list->n; i++) {
        st = cao_profile_need(r, &list->items[i], CAO_YAML_SCALAR);
        if (!st)
            st = cao_profile_set_text(r, &e->models[e->n_models], list->items[i].text);
        e->n_models += st == CAO_OK;
    }
    return st;
}

/* --- a file of equations --- */

enum { EQUATIONS_FORMAT = 1 };

static enum cao_status read_equations(struct cao_profile_reader *r, const struct cao_yaml *root)
{
    static const char *const keys[] = { "format", "name",  "index", "sensor",
                                        "models", "types", "note" };
    struct cao_yield_model common = no_model;
    const struct cao_yaml *format = cao_yaml_find(root, "format"), *name, *models, *types;
    int64_t v;
    enum cao_status st = cao_profile_need(r, root, CAO_YAML_MAP);
    if (!st &&
        (!format || format->kind != CAO_YAML_SCALAR || !cao_text_int64(format->text, &v) || v < 1))
        st = cao_fail(r->err, CAO_EARG,
                      "%s: is not a file of yield equations: 'format: %d' is missing", r->file,
                      EQUATIONS_FORMAT);
    else if (!st && v > EQUATIONS_FORMAT)
        st = cao_profile_bad(r, format, "format",
                             "%d is newer than this program reads (%d); use a newer caochu", (int)v,
                             EQUATIONS_FORMAT);
    for (size_t i = 0, k; !st && i < root->n; i++) {
        const struct cao_yaml *item = &root->items[i];
        st = cao_profile_key(r, item, keys, sizeof keys / sizeof keys[0], &k);
        if (!st)
            st = cao_profile_need(r, item, k == 4 || k == 5 ? CAO_YAML_MAP : CAO_YAML_SCALAR);
        if (!st && k == 2)
            st = read_word(r, item, "index", common.index, sizeof common.index);
        else if (!st && k == 3)
            st = read_word(r, item, "sensor", common.sensor, sizeof common.sensor);
    }
    if (st)
        return st;
    name = cao_yaml_find(root, "name");
    models = cao_yaml_find(root, "models");
    types = cao_yaml_find(root, "types");
    if (!name || !models || !types || models->n == 0 || types->n == 0)
        return cao_fail(r->err, CAO_EARG,
                        "%s: a file of yield equations has a name, models and types, such as "
                        "'types: {alpine_meadow: [M1]}'",
                        r->file);
    st = cao_profile_set_text(r, &r->own_set, name->text);
    for (size_t j = 0; !st && j < models->n; j++)
        st = read_model(r, &models->items[j], &common);
    for (size_t j = 0; !st && j < types->n; j++)
        st = read_set_entry(r, name->text, &types->items[j]);
    return st;
}

/* Relative to the file that names it. */
static enum cao_status read_equations_file(struct cao_profile_reader *r,
                                           const struct cao_yaml *node)
{
    char dir[CAO_PATH_MAX], path[CAO_PATH_MAX];
    struct cao_yaml *root = NULL;
    const char *file = r->file;
    cao_path_dir(dir, file);
    enum cao_status st = cao_path_join(path, dir, node->text, r->err);
    if (!st && !cao_file_stat(path, NULL, NULL))
        st = cao_profile_bad(r, node, "equations", "%s is not there", path);
    if (!st)
        st = cao_yaml_read(path, &root, r->err);
    if (!st)
        st = cao_hash_file(r->content, path, r->err);
    st = st == CAO_EIO ? CAO_EARG : st;
    r->file = path;
    if (!st)
        st = read_equations(r, root);
    r->file = file;
    cao_yaml_destroy(root);
    return st;
}

enum cao_status cao_profile_yield(struct cao_profile_reader *r, const struct cao_yaml *node)
{
    static const char *const keys[] = { "index", "default_set", "equations", "models", "sets" };
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = cao_profile_key(r, item, keys, sizeof keys / sizeof keys[0], &k);
        if (!st)
            st = cao_profile_need(r, item, k < 3 ? CAO_YAML_SCALAR : CAO_YAML_MAP);
        if (!st && k < 2)
            st = cao_profile_set_text(r, k == 0 ? &r->p.yield_index : &r->default_set, item->text);
        else if (!st && k == 2)
            st = read_equations_file(r, item);
        for (size_t j = 0; !st && k == 3 && j < item->n; j++)
            st = read_model(r, &item->items[j], &no_model);
        for (size_t j = 0; !st && k == 4 && j < item->n; j++) {
            st = cao_profile_need(r, &item->items[j], CAO_YAML_MAP);
            for (size_t t = 0; !st && t < item->items[j].n; t++)
                st = read_set_entry(r, item->items[j].key, &item->items[j].items[t]);
        }
    }
    return st;
}

/* --- which type takes which --- */

static bool type_has_model(const struct cao_grass_type *t, const char *id)
{
    for (size_t i = 0; i < t->n_models; i++)
        if (strcmp(t->models[i].id, id) == 0)
            return true;
    return false;
}

static enum cao_status give_model(struct cao_profile_reader *r, const struct cao_set_entry *e,
                                  const char *id, struct cao_grass_type *t)
{
    size_t m = 0;
    while (m < r->n_models && strcmp(r->models[m].m.id, id) != 0)
        m++;
    if (m == r->n_models)
        return cao_fail(r->err, CAO_EARG,
                        "%s: yield.sets.%s.%s names the equation %s, which models lacks", r->file,
                        e->set, e->type, id);
    if (type_has_model(t, id))
        return cao_fail(r->err, CAO_EARG, "%s: yield.sets.%s.%s names the equation %s twice",
                        r->file, e->set, e->type, id);
    struct cao_yield_model *to = &t->models[t->n_models++];
    *to = r->models[m].m;
    if (to->hay_ratio > 0) {
        to->hay_ratio = t->fresh_hay_ratio.value;
        if (!(to->hay_ratio > 0))
            return cao_fail(
                r->err, CAO_EARG,
                "%s: types.%s.fresh_hay_ratio is missing, which the equation %s, in hay, "
                "needs",
                r->file, t->name, id);
    }
    enum cao_confidence own = r->models[m].confidence;
    t->models_confidence = own > t->models_confidence ? own : t->models_confidence;
    const char *source = r->models[m].source;
    if (strstr(t->models_source, source))
        return CAO_OK;
    struct cao_buf all = { 0 };
    cao_buf_add(&all, "%s%s%s", t->models_source, t->models_source[0] ? "; " : "", source);
    enum cao_status st = cao_profile_set_text(r, &t->models_source, all.text ? all.text : source);
    cao_buf_release(&all);
    return st;
}

static enum cao_status give_models(struct cao_profile_reader *r, const struct cao_set_entry *e,
                                   struct cao_grass_type *t)
{
    free(t->models);
    t->n_models = 0;
    t->models = calloc(e->n_models, sizeof *t->models);
    if (!t->models)
        return cao_profile_no_memory(r);
    t->models_confidence = e->confidence; /* no better than the least of the equations' */
    enum cao_status st = cao_profile_set_text(r, &t->models_source, "");
    for (size_t k = 0; !st && k < e->n_models; k++)
        st = give_model(r, e, e->models[k], t);
    return st;
}

static enum cao_status give_set(struct cao_profile_reader *r, const char *set, bool *known)
{
    enum cao_status st = CAO_OK;
    for (int named = 0; named < 2; named++) /* what is said of all first, then of types by name */
        for (size_t i = 0; !st && i < r->n_sets; i++) {
            const struct cao_set_entry *e = &r->sets[i];
            bool all = strcmp(e->type, "all") == 0;
            size_t type = 0;
            if (strcmp(e->set, set) != 0 || all == (named == 1))
                continue;
            *known = true;
            for (size_t k = 0; !st && all && k < r->p.n_types; k++)
                st = give_models(r, e, &r->p.types[k]);
            if (!all && cao_profile_type(&r->p, e->type, &type, NULL))
                return cao_fail(r->err, CAO_EARG,
                                "%s: yield.sets.%s names the grassland type %s, which types lacks",
                                r->file, set, e->type);
            if (!st && !all)
                st = give_models(r, e, &r->p.types[type]);
        }
    return st;
}

/* A type's equations are in one index, whose mean over a cell they are; types may differ. The profile's stays
 * where any type stands on it, else it is that of the first. */
static enum cao_status agree_on_index(struct cao_profile_reader *r)
{
    const char *first = NULL;
    bool any = false;
    for (size_t i = 0; i < r->p.n_types; i++) {
        struct cao_grass_type *t = &r->p.types[i];
        t->index[0] = '\0';
        for (size_t k = 0; k < t->n_models; k++) {
            const struct cao_yield_model *m = &t->models[k];
            const char *own = m->index[0] ? m->index : r->p.yield_index;
            if (k > 0 && !cao_text_same(t->index, own))
                return cao_fail(r->err, CAO_EARG,
                                "%s: the equations of one grassland type must be in one index: of "
                                "%s, %s is in %s, %s in %s",
                                r->file, t->name, m->id, own, t->models[0].id, t->index);
            if (k == 0)
                snprintf(t->index, sizeof t->index, "%s", own);
            first = first ? first : t->index;
            any |= cao_text_same(own, r->p.yield_index);
        }
    }
    return first && !any ? cao_profile_set_text(r, &r->p.yield_index, first) : CAO_OK;
}

enum cao_status cao_profile_choose_models(struct cao_profile_reader *r, const char *wanted)
{
    const char *set = wanted[0] ? wanted : r->default_set ? r->default_set : "";
    bool known = false;
    enum cao_status st = cao_profile_set_text(r, &r->p.yield_set, set);
    if (!st)
        st = give_set(r, set, &known);
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
    if (!st && r->own_set && r->own_set[0]) {
        struct cao_buf name = { 0 };
        st = give_set(r, r->own_set, &known);
        cao_buf_add(&name, "%s + %s", set, r->own_set);
        if (!st)
            st = cao_profile_set_text(r, &r->p.yield_set, name.text ? name.text : set);
        cao_buf_release(&name);
    }
    return st ? st : agree_on_index(r);
}

/* --- what is known of errors --- */

static const struct error_key {
    const char *key;
    size_t offset;
    double min, max;
} error_keys[] = {
    { "residual_error", offsetof(struct cao_error_numbers, residual_error), 0, 5 },
    { "year_error", offsetof(struct cao_error_numbers, year_error), 0, 5 },
    { "plots", offsetof(struct cao_error_numbers, plots), 1, 1e6 },
    { "block_ha", offsetof(struct cao_error_numbers, block_ha), 0.01, 1e6 },
    { "herd_error", offsetof(struct cao_error_numbers, herd_error), 0, 1 },
    { "wild_error", offsetof(struct cao_error_numbers, wild_error), 0, 1 },
    { "firm_at", offsetof(struct cao_error_numbers, firm_at), 0.5, 1 },
    { "interval", offsetof(struct cao_error_numbers, interval), 0.1, 0.999 },
    { "outside_limit", offsetof(struct cao_error_numbers, outside_limit), 0, 1 },
};
enum { N_ERROR_KEYS = sizeof error_keys / sizeof error_keys[0] };

static struct cao_coefficient *error_number(struct cao_error_numbers *n, size_t i)
{
    return (struct cao_coefficient *)(void *)((char *)n + error_keys[i].offset);
}

enum cao_status cao_profile_uncertainty(struct cao_profile_reader *r, const struct cao_yaml *node)
{
    const char *keys[N_ERROR_KEYS];
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_MAP);
    for (size_t i = 0; i < N_ERROR_KEYS; i++)
        keys[i] = error_keys[i].key;
    for (size_t i = 0, k; !st && i < node->n; i++) {
        st = cao_profile_key(r, &node->items[i], keys, N_ERROR_KEYS, &k);
        if (!st)
            st = cao_profile_coefficient(r, &node->items[i], error_keys[k].min, error_keys[k].max,
                                         error_number(&r->p.uncertainty, k));
    }
    return st;
}

enum cao_status cao_profile_uncertainty_init(struct cao_profile_reader *r)
{
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < N_ERROR_KEYS; i++)
        st = cao_profile_init_coefficient(r, error_number(&r->p.uncertainty, i));
    return st;
}

void cao_profile_uncertainty_release(struct cao_error_numbers *n)
{
    for (size_t i = 0; i < N_ERROR_KEYS; i++)
        free(error_number(n, i)->source);
}
