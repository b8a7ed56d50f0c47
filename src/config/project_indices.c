/* SPDX-License-Identifier: MIT */
#include "config/project_indices.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"

enum { NAME_BYTES = 32, UNIT_BYTES = 16, N_KEYS = 6 };
static const char *const keys[N_KEYS] = { "name",  "expression", "constants",
                                          "range", "unit",       "source" };
enum key { NAME, EXPRESSION, CONSTANTS, RANGE, UNIT, SOURCE };

struct at {
    const char *file;
    struct cao_error *err;
};

CAO_PRINTF(4, 5)
static enum cao_status bad(const struct at *at, int line, const char *key, const char *fmt, ...)
{
    char text[1000];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return cao_fail(at->err, CAO_EARG, "%s:%d: indices%s%s: %s", at->file, line,
                    key[0] ? "[]." : "", key, text);
}

static enum cao_status no_memory(const struct at *at)
{
    return cao_fail(at->err, CAO_ENOMEM, "%s: out of memory", at->file);
}

static size_t list_length(const struct cao_yaml *node)
{
    return node->kind == CAO_YAML_LIST ? node->n : node->kind == CAO_YAML_SCALAR && node->text[0];
}

/* It names a raster and columns. */
static enum cao_status check_name(const struct at *at, const struct cao_yaml *node)
{
    const struct cao_index *ix;
    const char *s = node->text;
    bool good = s[0] && !isdigit((unsigned char)s[0]) && s[0] != '-' && strlen(s) < NAME_BYTES;
    for (const char *c = s; *c; c++)
        good = good &&
               (isalnum((unsigned char)*c) || *c == '_' || *c == '-' || (unsigned char)*c >= 0x80);
    if (!good)
        return bad(at, node->line, "name",
                   "'%.60s' cannot name a raster and a column: letters, digits, '_' and '-', not a "
                   "digit first, fewer than %d bytes",
                   s, NAME_BYTES);
    if (cao_index_find(s, &ix, NULL) == CAO_OK)
        return bad(at, node->line, "name",
                   "%s is an index of the program (%s): give yours another name", ix->name,
                   ix->formula);
    return CAO_OK;
}

static enum cao_status read_constants(const struct at *at, const struct cao_yaml *node,
                                      struct cao_own_index *own)
{
    if (node->kind != CAO_YAML_MAP)
        return bad(at, node->line, "constants", "numbers by name are wanted: {L: 0.5}");
    if (node->n > CAO_EXPRESSION_CONSTANTS)
        return bad(at, node->line, "constants", "more than %d", CAO_EXPRESSION_CONSTANTS);
    own->constants = calloc(node->n + 1, sizeof *own->constants);
    own->constant_names = calloc(node->n + 1, sizeof *own->constant_names);
    if (!own->constants || !own->constant_names)
        return no_memory(at);
    for (size_t i = 0; i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        if (item->kind != CAO_YAML_SCALAR || !cao_text_double(item->text, &own->constants[i].value))
            return bad(at, item->line, "constants", "%.40s: a number is wanted", item->key);
        own->constants[i].name = own->constant_names[i] = cao_text_copy(item->key);
        if (!own->constant_names[i])
            return no_memory(at);
        own->n_constants++;
    }
    return CAO_OK;
}

static enum cao_status read_range(const struct at *at, const struct cao_yaml *node,
                                  struct cao_index *ix)
{
    double v[2];
    if (node->kind != CAO_YAML_LIST || node->n != 2)
        return bad(at, node->line, "range", "the lowest and the highest value are wanted: [-1, 1]");
    for (int k = 0; k < 2; k++)
        if (node->items[k].kind != CAO_YAML_SCALAR ||
            !cao_text_double(node->items[k].text, &v[k]) || fabs(v[k]) > 1e6)
            return bad(at, node->line, "range", "two numbers within -1e6 to 1e6 are wanted");
    if (!((float)v[0] < (float)v[1]))
        return bad(at, node->line, "range", "the first, %g, is to be below the second, %g", v[0],
                   v[1]);
    ix->min = (float)v[0];
    ix->max = (float)v[1];
    return CAO_OK;
}

static enum cao_status compile(const struct at *at, const struct cao_yaml *node,
                               struct cao_own_index *own)
{
    struct cao_error why = { 0 };
    if (cao_expression_compile(own->texts[EXPRESSION], own->constants, own->n_constants,
                               &own->program, &why))
        return bad(at, node->line, "expression", "'%.200s': %s", own->texts[EXPRESSION], why.text);
    if (!isnan(own->program.kelvin) && own->program.kelvin != 0 &&
        (!own->texts[UNIT] || strcmp(own->texts[UNIT], "1") == 0))
        return bad(at, node->line, "unit",
                   "'%.200s' is in kelvin%s: say so with unit, or divide by a temperature",
                   own->texts[EXPRESSION], own->program.kelvin == 1 ? "" : ", or a power of it");
    return CAO_OK;
}

static enum cao_status read_own(const struct at *at, const struct cao_yaml *node,
                                struct cao_own_index *own)
{
    const struct cao_yaml *given[N_KEYS] = { 0 };
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        size_t k = 0;
        while (k < N_KEYS && strcmp(item->key, keys[k]) != 0)
            k++;
        if (k == N_KEYS) {
            size_t near = cao_text_nearest(item->key, keys, N_KEYS);
            return bad(at, item->line, item->key,
                       "unknown key%s%s%s; allowed: name, expression, constants, range, unit, "
                       "source",
                       near == SIZE_MAX ? "" : "; did you mean ",
                       near == SIZE_MAX ? "" : keys[near], near == SIZE_MAX ? "" : "?");
        }
        given[k] = item;
        if (k == CONSTANTS) {
            st = read_constants(at, item, own);
        } else if (k == RANGE) {
            st = read_range(at, item, &own->index);
        } else if (item->kind != CAO_YAML_SCALAR || !item->text[0]) {
            st = bad(at, item->line, keys[k], "a text is wanted");
        } else {
            own->texts[k] = cao_text_copy(item->text);
            st = own->texts[k] ? CAO_OK : no_memory(at);
        }
    }
    static const char *const needed[N_KEYS] = {
        [NAME] = "",
        [EXPRESSION] = ": the formula over band letters, such as 2.4*(N-R)/(N+R+1)",
        [RANGE] = ": [lowest, highest] value; what lies beyond is set to it, and it decides the "
                  "steps that rasters are stored in"
    };
    for (int k = 0; !st && k < N_KEYS; k++)
        if (needed[k] && !given[k])
            st = bad(at, node->line, keys[k], "is missing%s", needed[k]);
    if (!st)
        st = check_name(at, given[NAME]);
    if (!st && own->texts[UNIT] && strlen(own->texts[UNIT]) >= UNIT_BYTES)
        st = bad(at, given[UNIT]->line, "unit", "'%.40s' is too long", own->texts[UNIT]);
    if (!st)
        st = compile(at, given[EXPRESSION], own);
    if (st)
        return st;
    own->index.name = own->index.zh = own->texts[NAME];
    own->index.formula = own->texts[EXPRESSION];
    own->index.source = own->texts[SOURCE] ? own->texts[SOURCE] : "the project file";
    own->index.unit = own->texts[UNIT] ? own->texts[UNIT] : "1";
    own->index.needs = own->program.needs;
    own->index.compute = cao_program_compute;
    own->index.program = &own->program;
    return CAO_OK;
}

/* The name of one of the table, or of one that the list declares, before or behind. */
static enum cao_status find(const struct at *at, const struct cao_project *p,
                            const struct cao_yaml *item, const struct cao_index **found)
{
    struct cao_error why = { 0 };
    for (size_t i = 0; i < p->n_own_indices; i++)
        if (cao_text_same(item->text, p->own_indices[i].index.name)) {
            *found = &p->own_indices[i].index;
            return CAO_OK;
        }
    return cao_index_find(item->text, found, &why) ? bad(at, item->line, "", "%s", why.text)
                                                   : CAO_OK;
}

static enum cao_status read_all_own(const struct at *at, const struct cao_yaml *node,
                                    struct cao_project *p)
{
    for (size_t i = 0; node->kind == CAO_YAML_LIST && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        if (item->kind != CAO_YAML_MAP)
            continue;
        struct cao_own_index *own = &p->own_indices[p->n_own_indices++];
        enum cao_status st = read_own(at, item, own);
        if (st)
            return st;
        for (size_t k = 0; k + 1 < p->n_own_indices; k++)
            if (cao_text_same(p->own_indices[k].index.name, own->index.name))
                return bad(at, item->line, "name", "%s is given twice", own->index.name);
    }
    return CAO_OK;
}

enum cao_status cao_indices_read(const char *file, const struct cao_yaml *node,
                                 struct cao_project *p, struct cao_error *err)
{
    struct at at = { file, err };
    size_t n = list_length(node), kept = 0, own = 0;
    cao_indices_release(p);
    if (node->kind == CAO_YAML_MAP)
        return bad(&at, node->line, "",
                   "a list is wanted, of names and of {name: ..., expression: ..., range: [...]}");
    const struct cao_index **list = calloc(n + 2, sizeof *list), *ndvi = NULL;
    p->indices = list;
    p->own_indices = calloc(n + 1, sizeof *p->own_indices);
    if (!list || !p->own_indices)
        return no_memory(&at);
    enum cao_status st = read_all_own(&at, node, p);
    for (size_t i = 0; !st && i < n; i++) {
        const struct cao_yaml *item = node->kind == CAO_YAML_LIST ? &node->items[i] : node;
        if (item->kind == CAO_YAML_LIST)
            return bad(&at, item->line, "", "a name or {name: ..., expression: ...} is wanted");
        if (item->kind == CAO_YAML_MAP)
            list[kept] = &p->own_indices[own++].index;
        else
            st = find(&at, p, item, &list[kept]);
        size_t k = 0;
        while (list[k] != list[kept])
            k++;
        kept += !st && k == kept; /* named twice counts once */
    }
    if (!st)
        st = cao_index_find("NDVI", &ndvi, err);
    size_t k = 0;
    while (k < kept && list[k] != ndvi)
        k++;
    if (k == kept)
        list[kept++] = ndvi;
    p->n_indices = kept;
    return st;
}

enum cao_status cao_project_need_index(struct cao_project *p, const char *name,
                                       struct cao_error *err)
{
    const struct cao_index *found;
    for (size_t i = 0; i < p->n_indices; i++)
        if (cao_text_same(p->indices[i]->name, name))
            return CAO_OK;
    enum cao_status st = cao_index_find(name, &found, err);
    if (st)
        return cao_within(err, st, "%s: the yield equations stand on %s", p->path, name);
    const struct cao_index **more = realloc(p->indices, (p->n_indices + 1) * sizeof *more);
    if (!more)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    p->indices = more;
    p->indices[p->n_indices++] = found;
    return CAO_OK;
}

void cao_indices_release(struct cao_project *p)
{
    for (size_t i = 0; i < p->n_own_indices; i++) {
        struct cao_own_index *own = &p->own_indices[i];
        for (size_t k = 0; k < own->n_constants; k++)
            free(own->constant_names[k]);
        free(own->constant_names);
        free(own->constants);
        for (int k = 0; k < CAO_OWN_INDEX_TEXTS; k++)
            free(own->texts[k]);
    }
    free(p->own_indices);
    free(p->indices);
    p->own_indices = NULL;
    p->indices = NULL;
    p->n_own_indices = p->n_indices = 0;
}
