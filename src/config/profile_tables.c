/* SPDX-License-Identifier: MIT
 * The tables of a profile: rows with names (ages, grades, zones, feeds), steps of a quantity (weight,
 * slope, altitude, distance to water), and what goes by season or year. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "config/profile_parts.h"

static void free_item(struct cao_item *t)
{
    for (size_t i = 0; i < t->n_aliases; i++)
        free(t->aliases[i]);
    free(t->aliases);
    free(t->name);
    free(t->zh);
    free(t->value.source);
    free(t->use.source);
}

void cao_items_release(struct cao_items *items)
{
    for (size_t i = 0; i < items->n; i++)
        free_item(&items->rows[i]);
    free(items->rows);
    *items = (struct cao_items){ 0 };
}

void cao_steps_release(struct cao_steps *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->rows[i].value.source);
    free(s->rows);
    *s = (struct cao_steps){ 0 };
}

/* The row of that name, made where there is none. */
static enum cao_status item_named(struct cao_profile_reader *r, struct cao_items *items,
                                  const char *name, struct cao_item **item)
{
    for (size_t i = 0; i < items->n; i++)
        if (strcmp(items->rows[i].name, name) == 0) {
            *item = &items->rows[i];
            return CAO_OK;
        }
    struct cao_item *more = realloc(items->rows, (items->n + 1) * sizeof *more);
    if (!more)
        return cao_profile_no_memory(r);
    items->rows = more;
    *item = &more[items->n++];
    **item = (struct cao_item){ 0 };
    enum cao_status st = cao_profile_set_text(r, &(*item)->name, name);
    if (!st)
        st = cao_profile_set_text(r, &(*item)->zh, name);
    if (!st)
        st = cao_profile_init_coefficient(r, &(*item)->value);
    if (!st)
        st = cao_profile_init_coefficient(r, &(*item)->use);
    return st;
}

/* {zh: ..., aliases: [...], share: {...}}, or the bare number. */
static enum cao_status read_item(struct cao_profile_reader *r, const struct cao_yaml *node,
                                 const struct cao_item_kind *kind, struct cao_items *items)
{
    const char *keys[] = { "zh", "aliases", kind->key, kind->use ? "use" : "note", "note" };
    struct cao_item *t = NULL;
    enum cao_status st = item_named(r, items, node->key, &t);
    if (!st && node->kind == CAO_YAML_SCALAR)
        return cao_profile_coefficient(r, node, kind->min, kind->max, &t->value);
    if (!st)
        st = cao_profile_need(r, node, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = cao_profile_key(r, item, keys, 5, &k);
        if (st)
            break;
        if (k == 0)
            st = cao_profile_need(r, item, CAO_YAML_SCALAR)
                     ? CAO_EARG
                     : cao_profile_set_text(r, &t->zh, item->text);
        else if (k == 1)
            st = cao_profile_texts(r, item, &t->aliases, &t->n_aliases);
        else if (k == 2)
            st = cao_profile_coefficient(r, item, kind->min, kind->max, &t->value);
        else if (k == 3 && kind->use)
            st = cao_profile_coefficient(r, item, 0, 1, &t->use);
    }
    return st;
}

enum cao_status cao_profile_items(struct cao_profile_reader *r, const struct cao_yaml *node,
                                  const struct cao_item_kind *kind, struct cao_items *items)
{
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_MAP);
    for (size_t i = 0; !st && i < node->n; i++)
        st = read_item(r, &node->items[i], kind, items);
    return st;
}

/* {below: 25, KEY: 1, source: ..., confidence: U}; the last one without below. */
static enum cao_status read_step(struct cao_profile_reader *r, const struct cao_yaml *node,
                                 const char *key, double max, bool last, struct cao_step *out)
{
    bool has_below = false, has_value = false;
    struct cao_yaml *parts = NULL; /* the coefficient's keys, without the limit */
    struct cao_yaml own = *node;
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_MAP);
    char name[] = "value";
    out->below = HUGE_VAL;
    if (!st) {
        parts = calloc(node->n + 1, sizeof *parts);
        st = parts ? CAO_OK : cao_profile_no_memory(r);
    }
    own.items = parts;
    own.n = 0;
    for (size_t i = 0; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        assert(parts);
        if (strcmp(item->key, "below") == 0) {
            has_below = true;
            st = cao_profile_number(r, item, "below", -1e6, 1e6, &out->below);
            continue;
        }
        parts[own.n] = *item;
        if (strcmp(item->key, key) == 0) {
            parts[own.n].key = name;
            has_value = true;
        }
        own.n++;
    }
    if (!st && (has_below == last || !has_value))
        st = cao_profile_bad(r, node, key, "each row has its %s and, but for the last, 'below'",
                             key);
    if (!st) {
        char heading[64];
        snprintf(heading, sizeof heading, "%s", key);
        own.key = heading;
        st = cao_profile_coefficient(r, &own, 0, max, &out->value);
    }
    free(parts);
    return st;
}

enum cao_status cao_profile_steps(struct cao_profile_reader *r, const struct cao_yaml *node,
                                  const char *key, double max, struct cao_steps *steps)
{
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_LIST);
    if (!st && node->n == 0)
        st = cao_profile_bad(r, node, node->key, "a row is wanted: [{below: 25, %s: 1}, {%s: 0}]",
                             key, key);
    struct cao_steps made = { st ? NULL : calloc(node->n, sizeof *made.rows), st ? 0 : node->n };
    if (!st && !made.rows)
        return cao_profile_no_memory(r);
    for (size_t i = 0; !st && i < made.n; i++) {
        st = read_step(r, &node->items[i], key, max, i + 1 == made.n, &made.rows[i]);
        if (!st && i > 0 && made.rows[i].below <= made.rows[i - 1].below)
            st = cao_profile_bad(r, &node->items[i], "below", "limits must rise");
    }
    if (st) {
        cao_steps_release(&made);
        return st;
    }
    cao_steps_release(steps);
    *steps = made;
    return CAO_OK;
}

enum cao_status cao_profile_terrain(struct cao_profile_reader *r, const struct cao_yaml *node)
{
    const char *names[CAO_N_TERRAIN];
    for (int t = 0; t < CAO_N_TERRAIN; t++)
        names[t] = cao_terrain_name((enum cao_terrain)t);
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        st = cao_profile_key(r, &node->items[i], names, CAO_N_TERRAIN, &k);
        if (!st)
            st = cao_profile_steps(r, &node->items[i], "share", 1, &r->p.terrain[k]);
    }
    return st;
}

enum cao_status cao_profile_years(struct cao_profile_reader *r, const struct cao_yaml *node)
{
    static const char *const names[] = { "dry", "wet" };
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        st = cao_profile_key(r, &node->items[i], names, 2, &k);
        if (!st)
            st = cao_profile_coefficient(r, &node->items[i], -0.5, 0.5,
                                         &r->p.edible_drift[CAO_YEAR_DRY + (int)k]);
    }
    return st;
}

/* "06-01" */
enum cao_status cao_profile_begins(struct cao_profile_reader *r, const struct cao_yaml *node)
{
    const char *names[CAO_N_SEASONS];
    enum cao_status st = cao_profile_need(r, node, CAO_YAML_MAP);
    for (int s = 0; s < CAO_N_SEASONS; s++)
        names[s] = cao_season_name((enum cao_season)s);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        char date[32];
        int32_t day;
        st = cao_profile_key(r, item, names, CAO_N_SEASONS, &k);
        if (!st)
            st = cao_profile_need(r, item, CAO_YAML_SCALAR);
        if (st)
            return st;
        snprintf(date, sizeof date, "2001-%.8s", item->text);
        if (!cao_date_parse(date, &day))
            return cao_profile_bad(r, item, "season_begins", "'%.20s' is no day: MM-DD is wanted",
                                   item->text);
        r->p.season_begins[k] = cao_date_day_of_year(day);
    }
    return st;
}

/* Livestock, or wild herbivores: those have sheep units alone. */
enum cao_status cao_profile_species_row(struct cao_profile_reader *r, const struct cao_yaml *node,
                                        struct cao_species **list, size_t *n)
{
    static const char *const keys[] = { "su", "zh", "aliases", "ages", "weights" };
    static const struct cao_item_kind age = { "share", 0, 1, false };
    size_t n_keys = list == &r->p.wild ? 3 : 5;
    struct cao_species *s = NULL;
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !s && i < *n; i++)
        if (strcmp((*list)[i].name, node->key) == 0)
            s = &(*list)[i];
    if (!s) {
        struct cao_species *more = realloc(*list, (*n + 1) * sizeof *more);
        if (!more)
            return cao_profile_no_memory(r);
        *list = more;
        s = &more[(*n)++];
        *s = (struct cao_species){ 0 };
        st = cao_profile_set_text(r, &s->name, node->key);
        if (!st)
            st = cao_profile_set_text(r, &s->zh, node->key);
        if (!st)
            st = cao_profile_init_coefficient(r, &s->su);
    }
    if (!st && node->kind == CAO_YAML_SCALAR) /* yak: 4.5 */
        return cao_profile_coefficient(r, node, 0.01, 50, &s->su);
    if (!st)
        st = cao_profile_need(r, node, CAO_YAML_MAP);
    for (size_t i = 0, k; !st && i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        st = cao_profile_key(r, item, keys, n_keys, &k);
        if (!st && k == 0)
            st = cao_profile_coefficient(r, item, 0.01, 50, &s->su);
        else if (!st && k == 1)
            st = cao_profile_need(r, item, CAO_YAML_SCALAR)
                     ? CAO_EARG
                     : cao_profile_set_text(r, &s->zh, item->text);
        else if (!st && k == 2)
            st = cao_profile_texts(r, item, &s->aliases, &s->n_aliases);
        else if (!st && k == 3)
            st = cao_profile_items(r, item, &age, &s->ages);
        else if (!st)
            st = cao_profile_steps(r, item, "su", 50, &s->weights);
    }
    return st;
}
