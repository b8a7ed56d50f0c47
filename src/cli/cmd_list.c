/* SPDX-License-Identifier: MIT
 * caochu list: what the program knows, printed from its own tables. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/what_if.h"
#include "caochu/catalog.h"
#include "caochu/composite.h"
#include "caochu/file.h"
#include "caochu/findings.h"
#include "caochu/profile_file.h"
#include "caochu/project.h"
#include "caochu/zone_stats.h"
#include "cli/listing.h"

static void list_composites(struct cao_listing *l)
{
    size_t n;
    const struct cao_composite *c = cao_composites(&n);
    static const char *const heading[] = { "name", "zh", "gives", "meaning", "source" };
    l->n_columns = 5;
    memcpy(l->heading, heading, sizeof heading);
    for (size_t i = 0; i < n; i++) {
        cao_listing_put(l, 0, c[i].name);
        cao_listing_put(l, 1, c[i].zh);
        cao_listing_put(l, 2, c[i].chooses ? "a look" : "a value");
        cao_listing_put(l, 3, c[i].help);
        cao_listing_put(l, 4, c[i].source);
    }
}

static void list_sensors(struct cao_listing *l)
{
    const struct cao_sensor_info *s;
    static const char *const heading[] = { "name", "title", "zh", "recognised by" };
    l->n_columns = 4;
    memcpy(l->heading, heading, sizeof heading);
    for (size_t i = 0; (s = cao_sensor_at(i)) != NULL; i++) {
        cao_listing_put(l, 0, s->name);
        cao_listing_put(l, 1, s->title);
        cao_listing_put(l, 2, s->zh);
        cao_listing_put(l, 3, s->recognised_by);
    }
}

static void list_keys(struct cao_listing *l)
{
    const struct cao_key *k;
    static const char *const heading[] = { "key", "type", "unit", "default", "allowed", "help" };
    l->n_columns = 6;
    memcpy(l->heading, heading, sizeof heading);
    for (size_t i = 0; (k = cao_project_key(i)) != NULL; i++) {
        char allowed[64] = "";
        if (!isnan(k->min) || !isnan(k->max))
            snprintf(allowed, sizeof allowed, "%g..%g", k->min, k->max);
        cao_listing_put(l, 0, k->name);
        cao_listing_put(l, 1, k->type);
        cao_listing_put(l, 2, k->unit);
        cao_listing_put(l, 3, k->fallback ? k->fallback : "(required)");
        cao_listing_put(l, 4, k->choices && k->choices[0] ? k->choices : allowed);
        cao_listing_put(l, 5, k->help);
    }
}

static void list_statistics(struct cao_listing *l)
{
    size_t n;
    const struct cao_zone_stat *s = cao_zone_stat_all(&n);
    static const char *const heading[] = { "name", "also", "zh", "unit", "definition" };
    l->n_columns = 5;
    memcpy(l->heading, heading, sizeof heading);
    for (size_t i = 0; i < n; i++) {
        cao_listing_put(l, 0, s[i].name);
        cao_listing_put(l, 1, s[i].alias);
        cao_listing_put(l, 2, s[i].zh);
        cao_listing_put(l, 3, s[i].unit);
        cao_listing_put(l, 4, s[i].help);
    }
}

static void list_what_if(struct cao_listing *l)
{
    const struct cao_what_if_row *k;
    l->n_columns = 2;
    l->heading[0] = "key";
    l->heading[1] = "meaning";
    for (size_t i = 0; (k = cao_what_if_key(i)) != NULL; i++) {
        cao_listing_put(l, 0, k->key);
        cao_listing_put(l, 1, k->help);
    }
}

static void list_exits(struct cao_listing *l)
{
    size_t n;
    const struct cao_exit_row *e = cao_exit_all(&n);
    l->n_columns = 2;
    l->heading[0] = "code";
    l->heading[1] = "meaning";
    for (size_t i = 0; i < n; i++) {
        char code[16];
        snprintf(code, sizeof code, "%d", e[i].code);
        cao_listing_put(l, 0, code);
        cao_listing_put(l, 1, e[i].meaning);
    }
}

static void list_errors(struct cao_listing *l)
{
    size_t n;
    const struct cao_code *c = cao_code_all(&n);
    static const char *const heading[] = { "code", "meaning", "remedy" };
    l->n_columns = 3;
    memcpy(l->heading, heading, sizeof heading);
    for (size_t i = 0; i < n; i++) {
        cao_listing_put(l, 0, c[i].name);
        cao_listing_put(l, 1, c[i].meaning);
        cao_listing_put(l, 2, c[i].remedy);
    }
}

static int list_profiles(struct cao_listing *l, const struct cao_line *line)
{
    struct cao_names names = { 0 };
    struct cao_error err = { 0 };
    enum cao_status st = cao_list_dir(line->data_dir, &names, &err);
    if (st)
        return cao_say_error(&err, st);
    static const char *const heading[] = { "name", "title", "intake_kg_day", "types", "classes" };
    l->n_columns = 5;
    memcpy(l->heading, heading, sizeof heading);
    for (size_t i = 0; i < names.n; i++) {
        struct cao_profile p = { 0 };
        char path[CAO_PATH_MAX], text[64];
        if (!cao_path_has_ending(names.items[i], ".yaml") || names.items[i][0] == '.')
            continue;
        st = cao_path_join(path, line->data_dir, names.items[i], &err);
        if (!st)
            st = cao_profile_load(path, ".", line->data_dir, "", &p, &err);
        if (st) { /* a broken one must not hide the others */
            fprintf(stderr, "caochu: problem: %s\n", err.text);
            continue;
        }
        cao_listing_put(l, 0, p.name);
        cao_listing_put(l, 1, p.title);
        snprintf(text, sizeof text, "%g %s", p.intake_kg_day.value,
                 p.intake_basis == CAO_FRESH ? "fresh" : "hay");
        cao_listing_put(l, 2, text);
        snprintf(text, sizeof text, "%zu", p.n_types);
        cao_listing_put(l, 3, text);
        cao_listing_put(l, 4, p.scheme.name);
        cao_profile_release(&p);
    }
    cao_names_release(&names);
    return CAO_EXIT_DONE;
}

int cao_cmd_list(const struct cao_command *c, const struct cao_line *line)
{
    const char *topic = line->words[0];
    int code = CAO_EXIT_DONE;
    if (line->n_words > 1 && strcmp(topic, "indices") != 0)
        return cao_say_usage(c, "list %s takes no further words", topic);
    struct cao_listing *l = calloc(1, sizeof *l);
    struct cao_error err = { 0 };
    if (!l)
        return cao_say_error(&err, CAO_ENOMEM);
    if (strcmp(topic, "indices") == 0)
        code = cao_list_indices(l, c, line);
    else if (strcmp(topic, "composites") == 0)
        list_composites(l);
    else if (strcmp(topic, "sensors") == 0)
        list_sensors(l);
    else if (strcmp(topic, "keys") == 0)
        list_keys(l);
    else if (strcmp(topic, "statistics") == 0)
        list_statistics(l);
    else if (strcmp(topic, "what-if") == 0)
        list_what_if(l);
    else if (strcmp(topic, "exits") == 0)
        list_exits(l);
    else if (strcmp(topic, "errors") == 0)
        list_errors(l);
    else if (strcmp(topic, "profiles") == 0)
        code = list_profiles(l, line);
    else
        code = cao_say_usage(c, "list: '%s' is not one of: %s", topic, c->choices);
    if (code == CAO_EXIT_DONE)
        cao_listing_print(l, line->json);
    cao_listing_release(l);
    return code;
}
