/* SPDX-License-Identifier: MIT
 * caochu scan: what lies in folders. */
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/scan.h"
#include "caochu/text.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/scan_table.h"

/* What stands in a line for people; all columns are in the CSV. */
static const struct shown {
    enum cao_scan_column column;
    const char *heading;
} shown[] = {
    { CAO_SCAN_TIME, "time (UTC)" }, { CAO_SCAN_PLATFORM, "platform" },
    { CAO_SCAN_LEVEL, "level" },     { CAO_SCAN_TILE, "tile" },
    { CAO_SCAN_CRS, "CRS" },         { CAO_SCAN_SIZE, "size" },
    { CAO_SCAN_CLOUD, "cloud %" },   { CAO_SCAN_BASELINE, "baseline" },
    { CAO_SCAN_OFFSET, "offset" },   { CAO_SCAN_CLOUDS_BY, "clouds by" },
    { CAO_SCAN_BANDS, "bands" },     { CAO_SCAN_PRODUCT, "product" },
};
enum { COLUMNS = sizeof shown / sizeof shown[0] };

static void scene_cells(const struct cao_table *t, size_t row, char cell[COLUMNS][128])
{
    for (int k = 0; k < COLUMNS; k++) {
        cao_table_format(t, row, shown[k].column, cell[k], 128);
        if (!cell[k][0])
            strcpy(cell[k], "-");
    }
}

static void print_summary(const struct cao_catalog *catalog, bool chinese)
{
    if (chinese)
        printf("%zu 个产品可用，%zu 个未采用", catalog->n, catalog->n_refused);
    else
        printf("%zu product%s, %zu refused", catalog->n, catalog->n == 1 ? "" : "s",
               catalog->n_refused);
    if (catalog->n_remembered)
        printf(chinese ? "；%zu 个自上次扫描以来未变" : "; %zu as an earlier scan saw them",
               catalog->n_remembered);
    putchar('\n');
}

static void print_table(const struct cao_catalog *catalog, const struct cao_table *t, bool chinese)
{
    const char *heading[COLUMNS];
    size_t width[COLUMNS];
    for (int k = 0; k < COLUMNS; k++) {
        heading[k] = chinese ? t->columns[shown[k].column].zh : shown[k].heading;
        width[k] = cao_text_columns(heading[k]);
    }
    char cell[COLUMNS][128];
    for (size_t i = 0; i < catalog->n; i++) {
        scene_cells(t, i, cell);
        for (int k = 0; k < COLUMNS; k++)
            width[k] = cao_text_columns(cell[k]) > width[k] ? cao_text_columns(cell[k]) : width[k];
    }
    for (int k = 0; catalog->n && k < COLUMNS; k++)
        cao_print_cell(stdout, heading[k], width[k], k == COLUMNS - 1);
    if (catalog->n)
        putchar('\n');
    for (size_t i = 0; i < catalog->n; i++) {
        scene_cells(t, i, cell);
        for (int k = 0; k < COLUMNS; k++)
            cao_print_cell(stdout, cell[k], width[k], k == COLUMNS - 1);
        putchar('\n');
    }
    for (size_t i = 0; i < catalog->n_refused; i++) {
        const struct cao_refused *r = &catalog->refused[i];
        printf("%s   %s (%s): %s\n", chinese ? "未采用" : "refused", r->path,
               r->sensor[0] ? r->sensor
               : chinese    ? "压缩包"
                            : "archive",
               r->reason);
    }
    print_summary(catalog, chinese);
}

static int print_csv(const struct cao_line *line, const struct cao_table *t)
{
    char *text = NULL;
    size_t n = 0;
    struct cao_error err = { 0 };
    enum { BOM = 3 }; /* a pipe is no place for it */
    size_t skip = line->output ? 0 : BOM;
    enum cao_status st = cao_table_csv(t, line->chinese, &text, &n, &err);
    int code = st ? cao_say_error(&err, st) : cao_put_output(line, text + skip, n - skip);
    free(text);
    return code;
}

static void put(json_object *o, const char *key, const char *v)
{
    json_object_object_add(o, key, json_object_new_string(v));
}

static json_object *bands_json(const struct cao_scene *s)
{
    json_object *bands = json_object_new_object();
    for (int b = 0; b < CAO_N_BANDS; b++) {
        const struct cao_layer *l = &s->band[b];
        if (!l->path)
            continue;
        json_object *o = json_object_new_object();
        put(o, "path", l->path);
        json_object_object_add(o, "width", json_object_new_int(l->width));
        json_object_object_add(o, "height", json_object_new_int(l->height));
        json_object_object_add(o, "pixel_m", cao_json_number(l->geotransform[1]));
        json_object_object_add(o, "gain", cao_json_number(l->gain));
        json_object_object_add(o, "offset", cao_json_number(l->offset));
        json_object_object_add(bands, cao_band_letter((enum cao_band)b), o);
    }
    return bands;
}

static json_object *scene_json(const struct cao_scene *s)
{
    char text[CAO_TIME_TEXT], masks[160];
    json_object *o = json_object_new_object();
    put(o, "id", s->id);
    put(o, "path", s->path);
    put(o, "sensor", cao_scene_sensor(s));
    put(o, "platform", s->platform);
    put(o, "level", s->level);
    cao_time_format(s->time, text);
    put(o, "time", text);
    cao_time_format(s->generated, text);
    put(o, "generated", text);
    put(o, "tile", s->tile);
    put(o, "baseline", s->baseline);
    put(o, "crs", s->crs_name);
    json_object_object_add(o, "cloud_pct", cao_json_number(s->cloud_pct));
    json_object_object_add(o, "offset", json_object_new_boolean(s->has_offset));
    json_object_object_add(o, "bands", bands_json(s));
    put(o, "qa", s->qa[0].layer.path ? s->qa[0].layer.path : "");
    put(o, "clouds_by", cao_scan_clouds_by(s));
    cao_scan_masks(s, masks, sizeof masks);
    put(o, "masks", masks);
    return o;
}

static void print_json(const struct cao_catalog *catalog)
{
    json_object *root = json_object_new_object(), *scenes = json_object_new_array();
    json_object *refused = json_object_new_array();
    for (size_t i = 0; i < catalog->n; i++)
        json_object_array_add(scenes, scene_json(&catalog->scenes[i]));
    for (size_t i = 0; i < catalog->n_refused; i++) {
        json_object *o = json_object_new_object();
        put(o, "path", catalog->refused[i].path);
        put(o, "id", catalog->refused[i].id);
        put(o, "sensor", catalog->refused[i].sensor);
        put(o, "code", catalog->refused[i].code);
        put(o, "reason", catalog->refused[i].reason);
        json_object_array_add(refused, o);
    }
    json_object_object_add(root, "scenes", scenes);
    json_object_object_add(root, "refused", refused);
    puts(json_object_to_json_string_ext(root,
                                        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(root);
}

/* Findings that are not refusals: a missing band of a usable product, an empty folder. */
static void print_findings(const struct cao_catalog *catalog, const struct cao_findings *findings)
{
    for (size_t i = 0; i < findings->n; i++) {
        bool listed = false;
        for (size_t k = 0; !listed && k < catalog->n_refused; k++)
            listed = strcmp(catalog->refused[k].path, findings->items[i].file) == 0;
        if (listed)
            continue;
        char text[2300];
        cao_finding_format(&findings->items[i], text, sizeof text);
        fprintf(stderr, "caochu: %s: %s\n",
                findings->items[i].severity == CAO_PROBLEM ? "problem" : "note", text);
    }
}

/* Lines of progress would be all that most scans print. */
static void show_progress(void *context, size_t done, size_t n)
{
    const struct cao_progress *p = context;
    if (p->terminal)
        cao_progress_show(context, "scan", done, n);
}

int cao_cmd_scan(const struct cao_command *c, const struct cao_line *line)
{
    (void)c;
    struct cao_progress progress;
    struct cao_catalog catalog = { 0 };
    struct cao_findings findings = { 0 };
    struct cao_table table = { 0 };
    struct cao_error err = { 0 };
    cao_progress_init(&progress, line->quiet);
    struct cao_log log = { cao_progress_log, &progress, line->verbose ? CAO_DEBUG : CAO_WARNING };
    struct cao_project project = { 0 };
    bool is_project = line->n_words == 1 && (cao_path_has_ending(line->words[0], ".yaml") ||
                                             cao_path_has_ending(line->words[0], ".yml"));
    enum cao_status st = is_project ? cao_project_read(line->words[0], &project, &err) : CAO_OK;
    struct cao_scan_options options = {
        .project = is_project ? &project : NULL,
        .paths = (const char *const *)(is_project ? project.imagery : line->words),
        .n_paths = is_project ? project.n_imagery : line->n_words,
        .data_dir = line->data_dir,
        .cache_dir = cao_line_value(line, "no-cache") ? NULL : line->cache_dir,
        .fresh = cao_line_value(line, "fresh") != NULL,
        .threads = line->jobs,
        .progress = show_progress,
        .progress_context = &progress,
        .log = &log
    };
    if (!st)
        st = cao_scan(&options, &catalog, &findings, &err);
    if (!st)
        st = cao_scan_table(&catalog, &table, &err);
    cao_progress_end(&progress);
    int code;
    if (st) {
        code = cao_say_error(&err, st);
    } else {
        code = CAO_EXIT_DONE;
        if (line->json)
            print_json(&catalog);
        else if (line->output || cao_line_value(line, "csv"))
            code = print_csv(line, &table);
        else
            print_table(&catalog, &table, line->chinese);
        if (!line->quiet)
            print_findings(&catalog, &findings);
        if (code == CAO_EXIT_DONE && findings.n_problems)
            code = CAO_EXIT_PARTIAL;
    }
    cao_table_release(&table);
    cao_catalog_release(&catalog);
    cao_project_release(&project);
    cao_findings_release(&findings);
    return code;
}
