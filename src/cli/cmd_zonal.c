/* SPDX-License-Identifier: MIT
 * caochu zonal: statistics of rasters for each polygon. */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/layer_out.h"
#include "caochu/layer_update.h"
#include "caochu/text.h"
#include "caochu/zonal_job.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/stop.h"

enum { MOST_LIST = 64 << 20 };

/* Words of the command line, split at commas or lines; texts stay alive in `copy`. */
struct words {
    const char **items;
    size_t n, capacity;
    char **copies;
    size_t n_copies;
};

static bool add_word(struct words *w, const char *text)
{
    if (w->n == w->capacity) {
        size_t capacity = w->capacity ? 2 * w->capacity : 16;
        const char **more = realloc(w->items, capacity * sizeof *more);
        if (!more)
            return false;
        w->items = more;
        w->capacity = capacity;
    }
    w->items[w->n++] = text;
    return true;
}

/* Takes @p text. */
static bool add_split(struct words *w, char *text, const char *separators)
{
    char **more = text ? realloc(w->copies, (w->n_copies + 1) * sizeof *more) : NULL;
    if (!more) {
        free(text);
        return false;
    }
    w->copies = more;
    w->copies[w->n_copies++] = text;
    for (char *at = text; at;) {
        char *end = strpbrk(at, separators), *next = end ? end + 1 : NULL;
        if (end)
            *end = '\0';
        at = cao_text_trim(at);
        if (at[0] && at[0] != '#' && !add_word(w, at))
            return false;
        at = next;
    }
    return true;
}

static void release_words(struct words *w)
{
    for (size_t i = 0; i < w->n_copies; i++)
        free(w->copies[i]);
    free(w->copies);
    free(w->items);
}

struct request {
    struct cao_zonal_options options;
    struct words rasters, fields, stats;
    const char **scratch;
};

static enum cao_status read_list(struct words *rasters, const char *path, struct cao_error *err)
{
    char *bytes, *text;
    size_t size, n;
    enum cao_encoding found;
    enum cao_status st = cao_file_read(path, MOST_LIST, &bytes, &size, err);
    if (st)
        return st;
    st = cao_text_utf8(bytes, size, &text, &n, &found, err);
    free(bytes);
    if (st)
        return cao_within(err, st, "%s", path);
    return add_split(rasters, text, "\r\n") ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
}

static bool is_pattern(const char *path)
{
    int64_t size, time;
    return strpbrk(path, "*?[") && strncmp(path, "/vsi", 4) != 0 && !cao_file_is_dir(path) &&
           !cao_file_stat(path, &size, &time);
}

static enum cao_status add_pattern(struct words *rasters, const char *pattern,
                                   struct cao_error *err)
{
    glob_t found;
    int failed = glob(pattern, GLOB_ERR, NULL, &found);
    enum cao_status st = CAO_OK;
    if (failed == GLOB_NOMATCH)
        return cao_fail(err, CAO_EDATA, "%s: no file has such a name", pattern);
    if (failed)
        return cao_fail(err, CAO_EIO, "%s: a folder cannot be read: %s", pattern, strerror(errno));
    for (size_t i = 0; !st && i < found.gl_pathc; i++)
        if (!add_split(rasters, cao_text_copy(found.gl_pathv[i]), "\n"))
            st = cao_fail(err, CAO_ENOMEM, "out of memory");
    globfree(&found);
    return st;
}

/* A raster, all of those in a folder, or those of a pattern. */
static enum cao_status add_raster(struct words *rasters, const char *path, struct cao_error *err)
{
    static const char *const endings[] = { ".tif", ".tiff", ".vrt", ".jp2" };
    struct cao_names names = { 0 };
    size_t before = rasters->n;
    if (is_pattern(path))
        return add_pattern(rasters, path, err);
    if (!cao_file_is_dir(path))
        return add_word(rasters, path) ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    enum cao_status st = cao_list_dir(path, &names, err);
    for (size_t i = 0; !st && i < names.n; i++) {
        char file[CAO_PATH_MAX];
        bool is_raster = false;
        for (size_t k = 0; k < sizeof endings / sizeof endings[0]; k++)
            is_raster = is_raster || cao_path_has_ending(names.items[i], endings[k]);
        if (!is_raster || names.items[i][0] == '.')
            continue;
        st = cao_path_join(file, path, names.items[i], err);
        if (!st && !add_split(rasters, cao_text_copy(file), "\n"))
            st = cao_fail(err, CAO_ENOMEM, "out of memory");
    }
    cao_names_release(&names);
    if (!st && rasters->n == before)
        st = cao_fail(err, CAO_EDATA, "%s: the folder holds no .tif, .vrt or .jp2", path);
    return st;
}

static enum cao_status read_words(const struct cao_line *line, struct request *r,
                                  struct cao_error *err)
{
    const char **values = r->scratch;
    bool fine = true;
    size_t n = cao_line_values(line, "raster", values);
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < n; i++)
        st = add_raster(&r->rasters, values[i], err);
    for (size_t i = 0; !st && i < line->n_words; i++)
        st = add_raster(&r->rasters, line->words[i], err);
    n = cao_line_values(line, "stat", values);
    for (size_t i = 0; fine && i < n; i++)
        fine = add_word(&r->stats, values[i]);
    n = cao_line_values(line, "include-field", values);
    for (size_t i = 0; fine && i < n; i++)
        fine = add_split(&r->fields, cao_text_copy(values[i]), ",");
    n = cao_line_values(line, "input-list", values);
    if (!st && !fine)
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; !st && i < n; i++)
        st = read_list(&r->rasters, values[i], err);
    return st;
}

/* Which of the words a value is; SIZE_MAX, and a message, where it is none. */
static size_t choose(const struct cao_command *c, const char *option, const char *value,
                     const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (cao_text_same(words[i], value))
            return i;
    struct cao_buf all = { 0 };
    for (size_t i = 0; i < n; i++)
        cao_buf_add(&all, "%s%s", i ? ", " : "", words[i]);
    cao_say_usage(c, "--%s: '%s' is not one of: %s", option, value, all.text ? all.text : "");
    cao_buf_release(&all);
    return SIZE_MAX;
}

/* False: something was wrong and was said. */
static bool read_choices(const struct cao_command *c, const struct cao_line *line,
                         struct cao_zonal_options *o)
{
    static const char *const rules[] = { "exact", "center", "all-touched" };
    static const char *const layouts[] = { "long", "wide" };
    const char *pixels = cao_line_value(line, "pixels"), *layout = cao_line_value(line, "layout"),
               *memory = cao_line_value(line, "memory");
    size_t at = pixels ? choose(c, "pixels", pixels, rules, 3) : 0;
    if (at == SIZE_MAX)
        return false;
    o->pixels = (enum cao_pixel_rule)at;
    at = layout ? choose(c, "layout", layout, layouts, 2) : 0;
    if (at == SIZE_MAX)
        return false;
    bool update = cao_line_value(line, "update") != NULL;
    if (update && layout && at == 0) {
        cao_say_usage(c, "--update: a layer has a row for each polygon: --layout wide");
        return false;
    }
    o->wide = at == 1 || update;
    const char *nodata = cao_line_value(line, "nodata");
    if (nodata && !cao_text_double(nodata, &o->nodata)) {
        cao_say_usage(c, "--nodata: '%s' is not a number", nodata);
        return false;
    }
    o->has_nodata = nodata != NULL;
    int64_t mb = 0;
    if (memory && (!cao_text_int64(memory, &mb) || mb < 16 || mb > 1 << 24)) {
        cao_say_usage(c, "--memory: '%s' is not a number of MB from 16 to 16777216", memory);
        return false;
    }
    o->memory_mb = (size_t)mb;
    return true;
}

static void print_findings(const struct cao_findings *f, bool quiet)
{
    for (size_t i = 0; i < f->n; i++) {
        char text[2300];
        if (quiet && f->items[i].severity == CAO_NOTE)
            continue;
        cao_finding_format(&f->items[i], text, sizeof text);
        fprintf(stderr, "caochu: %s: %s\n",
                f->items[i].severity == CAO_PROBLEM ? "problem" : "note", text);
    }
}

static void print_done(const struct cao_zonal_result *r)
{
    fprintf(stderr, "rasters   %zu, %zu band%s, %zu grid%s, %s\n", r->n_rasters, r->n_bands,
            r->n_bands == 1 ? "" : "s", r->n_grids, r->n_grids == 1 ? "" : "s", r->crs_rasters);
    fprintf(stderr, "polygons  %zu, %s%s; %zu outside of all rasters\n", r->polygons.n,
            r->crs_polygons, r->reprojected ? ", reprojected" : "", r->n_outside);
    fprintf(stderr, "time      %.2f s, %d worker%s, %zu blocks\n", r->seconds, r->threads,
            r->threads == 1 ? "" : "s", r->n_blocks);
}

static int write_result(const struct cao_line *line, const struct cao_zonal_options *o,
                        const struct cao_zonal_result *r)
{
    struct cao_error err = { 0 };
    enum cao_status st;
    if (cao_line_value(line, "update")) {
        st = cao_layer_update(&o->polygons, line->output, &r->polygons, r->row_polygon, &r->table,
                              r->n_keys, &err);
        return st ? cao_say_error(&err, st) : CAO_EXIT_DONE;
    }
    if (line->output) {
        st = cao_table_write(line->output, "zonal", &r->polygons, r->row_polygon, &r->table,
                             line->chinese, !cao_line_value(line, "no-bom"), &err);
        return st ? cao_say_error(&err, st) : CAO_EXIT_DONE;
    }
    char *text;
    size_t size;
    enum { BOM = 3 }; /* a pipe is no place for it */
    st = cao_table_csv(&r->table, line->chinese, &text, &size, &err);
    if (st)
        return cao_say_error(&err, st);
    int code = cao_put_output(line, text + BOM, size - BOM);
    free(text);
    return code;
}

static int run(const struct cao_command *c, const struct cao_line *line, struct request *r)
{
    struct cao_progress progress;
    struct cao_zonal_result result;
    struct cao_error err = { 0 };
    struct cao_zonal_options *o = &r->options;
    bool update = cao_line_value(line, "update") != NULL;
    enum cao_status st = read_words(line, r, &err);
    if (!st && line->output)
        st = cao_table_writable(line->output, &err);
    if (!st && update && o->polygons.path)
        st = cao_layer_updatable(&o->polygons, line->output, &err);
    if (st)
        return cao_say_error(&err, st);
    if (!read_choices(c, line, o))
        return CAO_EXIT_USAGE;
    if (r->rasters.n == 0)
        return cao_say_usage(c, "zonal: no raster is named; -r RASTER");
    if (!o->polygons.path)
        return cao_say_usage(c, "zonal: the polygons are not named; -p LAYER");
    o->rasters = r->rasters.items;
    o->n_rasters = r->rasters.n;
    o->stats = r->stats.items;
    o->n_stats = r->stats.n;
    o->polygons.group_fields = r->fields.items;
    o->polygons.n_groups = r->fields.n;
    o->geometry = line->output && !update && cao_table_has_polygons(line->output);
    cao_progress_init(&progress, line->quiet);
    o->progress = cao_progress_show;
    o->progress_context = &progress;
    o->cancel = cao_stop_init();
    st = cao_zonal(o, &result, &err);
    cao_progress_end(&progress);
    print_findings(&result.findings, line->quiet);
    cao_stop_in_order();
    if (st == CAO_ECANCEL)
        st = cao_fail(&err, CAO_ECANCEL, "stopped; nothing was written");
    int code = st ? cao_say_error(&err, st) : write_result(line, o, &result);
    if (code == CAO_EXIT_DONE && !line->quiet)
        print_done(&result);
    if (code == CAO_EXIT_DONE && result.findings.n_problems)
        code = CAO_EXIT_PARTIAL;
    cao_zonal_result_release(&result);
    return code;
}

int cao_cmd_zonal(const struct cao_command *c, const struct cao_line *line)
{
    const char *own_crs = cao_line_value(line, "polygons-crs");
    struct request r = { .options = {
                             .weights = cao_line_value(line, "weights"),
                             .bands = cao_line_value(line, "bands"),
                             .crs = cao_line_value(line, "crs"),
                             .polygons = { .path = cao_line_value(line, "polygons"),
                                           .layer = cao_line_value(line, "layer"),
                                           .id_field = cao_line_value(line, "id"),
                                           .crs = own_crs ? own_crs : cao_line_value(line, "crs"),
                                           .crs_wins = own_crs != NULL,
                                           .any_id = true,
                                           .from_options = true,
                                           .encoding = cao_line_value(line, "encoding"),
                                           .where = cao_line_value(line, "where") },
                             .strict = line->strict,
                             .threads = line->jobs,
                         } };
    struct cao_error err = { 0 };
    r.scratch = calloc(line->n_given + 1, sizeof *r.scratch);
    int code = r.scratch ? run(c, line, &r) : cao_say_error(&err, CAO_ENOMEM);
    free(r.scratch);
    release_words(&r.rasters);
    release_words(&r.fields);
    release_words(&r.stats);
    return code;
}
