/* SPDX-License-Identifier: MIT
 * caochu list: what the program knows, printed from its own tables. */
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/what_if.h"
#include "caochu/catalog.h"
#include "caochu/composite.h"
#include "caochu/file.h"
#include "caochu/findings.h"
#include "caochu/index.h"
#include "caochu/profile_file.h"
#include "caochu/project.h"
#include "caochu/zone_stats.h"
#include "cli/cli.h"

enum { MOST_COLUMNS = 6, MOST_ROWS = 256 };

/* Rows of borrowed or owned texts, printed as a table or as JSON by the same headings. */
struct listing {
    size_t n_columns, n_rows;
    const char *heading[MOST_COLUMNS];
    char *cell[MOST_ROWS][MOST_COLUMNS];
};

static void put(struct listing *l, size_t column, const char *text)
{
    if (column == 0 && l->n_rows < MOST_ROWS)
        l->n_rows++;
    if (l->n_rows > 0)
        l->cell[l->n_rows - 1][column] = cao_text_copy(text);
}

static void release(struct listing *l)
{
    for (size_t r = 0; r < l->n_rows; r++)
        for (size_t c = 0; c < l->n_columns; c++)
            free(l->cell[r][c]);
    free(l);
}

static const char *text_at(const struct listing *l, size_t r, size_t c)
{
    return l->cell[r][c] ? l->cell[r][c] : "";
}

static void print_table(const struct listing *l)
{
    size_t width[MOST_COLUMNS] = { 0 };
    for (size_t c = 0; c < l->n_columns; c++) {
        width[c] = cao_text_columns(l->heading[c]);
        for (size_t r = 0; r < l->n_rows; r++) {
            size_t w = cao_text_columns(text_at(l, r, c));
            width[c] = w > width[c] ? w : width[c];
        }
    }
    for (size_t c = 0; c < l->n_columns; c++)
        cao_print_cell(stdout, l->heading[c], width[c], c + 1 == l->n_columns);
    putchar('\n');
    for (size_t r = 0; r < l->n_rows; r++) {
        for (size_t c = 0; c < l->n_columns; c++)
            cao_print_cell(stdout, text_at(l, r, c), width[c], c + 1 == l->n_columns);
        putchar('\n');
    }
}

static void print_json(const struct listing *l)
{
    json_object *list = json_object_new_array();
    for (size_t r = 0; r < l->n_rows; r++) {
        json_object *o = json_object_new_object();
        for (size_t c = 0; c < l->n_columns; c++)
            json_object_object_add(o, l->heading[c], json_object_new_string(text_at(l, r, c)));
        json_object_array_add(list, o);
    }
    puts(json_object_to_json_string_ext(list,
                                        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(list);
}

static void list_indices(struct listing *l)
{
    size_t n;
    const struct cao_index *ix = cao_index_all(&n);
    static const char *const heading[] = { "name", "zh", "bands", "range", "formula", "source" };
    l->n_columns = 6;
    memcpy(l->heading, heading, sizeof heading);
    for (size_t i = 0; i < n; i++) {
        char bands[64] = "", range[48];
        for (int b = 0; b < CAO_N_BANDS; b++)
            if (ix[i].needs & CAO_BAND_BIT(b)) {
                size_t used = strlen(bands);
                snprintf(bands + used, sizeof bands - used, "%s%s", used ? " " : "",
                         cao_band_letter((enum cao_band)b));
            }
        snprintf(range, sizeof range, "%g..%g", (double)ix[i].min, (double)ix[i].max);
        put(l, 0, ix[i].name);
        put(l, 1, ix[i].zh);
        put(l, 2, bands);
        put(l, 3, range);
        put(l, 4, ix[i].formula);
        put(l, 5, ix[i].source);
    }
}

static void list_composites(struct listing *l)
{
    size_t n;
    const struct cao_composite *c = cao_composites(&n);
    static const char *const heading[] = { "name", "zh", "gives", "meaning", "source" };
    l->n_columns = 5;
    memcpy(l->heading, heading, sizeof heading);
    for (size_t i = 0; i < n; i++) {
        put(l, 0, c[i].name);
        put(l, 1, c[i].zh);
        put(l, 2, c[i].chooses ? "a look" : "a value");
        put(l, 3, c[i].help);
        put(l, 4, c[i].source);
    }
}

static void list_sensors(struct listing *l)
{
    const struct cao_sensor_info *s;
    static const char *const heading[] = { "name", "title", "zh", "recognised by" };
    l->n_columns = 4;
    memcpy(l->heading, heading, sizeof heading);
    for (size_t i = 0; (s = cao_sensor_at(i)) != NULL; i++) {
        put(l, 0, s->name);
        put(l, 1, s->title);
        put(l, 2, s->zh);
        put(l, 3, s->recognised_by);
    }
}

static void list_keys(struct listing *l)
{
    const struct cao_key *k;
    static const char *const heading[] = { "key", "type", "unit", "default", "allowed", "help" };
    l->n_columns = 6;
    memcpy(l->heading, heading, sizeof heading);
    for (size_t i = 0; (k = cao_project_key(i)) != NULL; i++) {
        char allowed[64] = "";
        if (!isnan(k->min) || !isnan(k->max))
            snprintf(allowed, sizeof allowed, "%g..%g", k->min, k->max);
        put(l, 0, k->name);
        put(l, 1, k->type);
        put(l, 2, k->unit);
        put(l, 3, k->fallback ? k->fallback : "(required)");
        put(l, 4, k->choices && k->choices[0] ? k->choices : allowed);
        put(l, 5, k->help);
    }
}

static void list_statistics(struct listing *l)
{
    size_t n;
    const struct cao_zone_stat *s = cao_zone_stat_all(&n);
    static const char *const heading[] = { "name", "also", "zh", "unit", "definition" };
    l->n_columns = 5;
    memcpy(l->heading, heading, sizeof heading);
    for (size_t i = 0; i < n; i++) {
        put(l, 0, s[i].name);
        put(l, 1, s[i].alias);
        put(l, 2, s[i].zh);
        put(l, 3, s[i].unit);
        put(l, 4, s[i].help);
    }
}

static void list_what_if(struct listing *l)
{
    const struct cao_what_if_row *k;
    l->n_columns = 2;
    l->heading[0] = "key";
    l->heading[1] = "meaning";
    for (size_t i = 0; (k = cao_what_if_key(i)) != NULL; i++) {
        put(l, 0, k->key);
        put(l, 1, k->help);
    }
}

static void list_exits(struct listing *l)
{
    size_t n;
    const struct cao_exit_row *e = cao_exit_all(&n);
    l->n_columns = 2;
    l->heading[0] = "code";
    l->heading[1] = "meaning";
    for (size_t i = 0; i < n; i++) {
        char code[16];
        snprintf(code, sizeof code, "%d", e[i].code);
        put(l, 0, code);
        put(l, 1, e[i].meaning);
    }
}

static void list_errors(struct listing *l)
{
    size_t n;
    const struct cao_code *c = cao_code_all(&n);
    static const char *const heading[] = { "code", "meaning", "remedy" };
    l->n_columns = 3;
    memcpy(l->heading, heading, sizeof heading);
    for (size_t i = 0; i < n; i++) {
        put(l, 0, c[i].name);
        put(l, 1, c[i].meaning);
        put(l, 2, c[i].remedy);
    }
}

static int list_profiles(struct listing *l, const struct cao_line *line)
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
        put(l, 0, p.name);
        put(l, 1, p.title);
        snprintf(text, sizeof text, "%g %s", p.intake_kg_day.value,
                 p.intake_basis == CAO_FRESH ? "fresh" : "hay");
        put(l, 2, text);
        snprintf(text, sizeof text, "%zu", p.n_types);
        put(l, 3, text);
        put(l, 4, p.scheme.name);
        cao_profile_release(&p);
    }
    cao_names_release(&names);
    return CAO_EXIT_DONE;
}

int cao_cmd_list(const struct cao_command *c, const struct cao_line *line)
{
    const char *topic = line->words[0];
    int code = CAO_EXIT_DONE;
    struct listing *l = calloc(1, sizeof *l);
    struct cao_error err = { 0 };
    if (!l)
        return cao_say_error(&err, CAO_ENOMEM);
    if (strcmp(topic, "indices") == 0)
        list_indices(l);
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
    if (code == CAO_EXIT_DONE && line->json)
        print_json(l);
    else if (code == CAO_EXIT_DONE)
        print_table(l);
    release(l);
    return code;
}
