/* SPDX-License-Identifier: MIT
 * caochu run and caochu plan. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/run.h"
#include "caochu/text.h"
#include "cli/cli.h"
#include "cli/plan_text.h"
#include "cli/progress.h"
#include "cli/stop.h"

/* Files are written from the moment that the folder is locked. */
static void show_progress(void *context, const char *what, size_t done, size_t n)
{
    if (strcmp(what, "write") == 0)
        cao_stop_in_order();
    else
        cao_progress_show(context, what, done, n);
}

static void print_findings(const struct cao_run_summary *s, bool quiet)
{
    for (size_t i = 0; i < s->findings.n; i++) {
        const struct cao_finding *f = &s->findings.items[i];
        char text[2300];
        if (quiet && f->severity == CAO_NOTE)
            continue;
        cao_finding_format(f, text, sizeof text);
        fprintf(stderr, "caochu: %s: %s\n", f->severity == CAO_PROBLEM ? "problem" : "note", text);
    }
}

static void print_done(FILE *to, const struct cao_run_summary *s)
{
    fprintf(
        to,
        "scenes    %zu used of %zu found, %zu refused; reflectance offset applied to %zu of %zu\n",
        s->n_scenes_used, s->n_scenes, s->n_refused, s->n_offset, s->n_scenes_used);
    fprintf(to, "tiles     %zu: %zu computed, ", s->n_tiles, s->n_done);
    if (s->n_redone)
        fprintf(to, "%zu of them from their stored index, ", s->n_redone);
    fprintf(to, "%zu up to date, %zu failed, %zu without a scene\n", s->n_fresh, s->n_failed,
            s->n_empty);
    fprintf(to, "pastures  %zu, %zu rows, %zu with a class (%s, %s)\n", s->n_pastures, s->n_rows,
            s->n_verdicts, s->profile, s->yield_set);
    for (size_t i = 0; i < s->n_classes; i++)
        if (s->classes[i].n)
            fprintf(to, "          %4zu %s (%s), %.1f ha, %zu of them firm\n", s->classes[i].n,
                    s->classes[i].name, s->classes[i].zh, s->classes[i].area_ha,
                    s->classes[i].n_firm);
    fprintf(to,
            "results   %s: pastures.csv, pastures.gpkg, groups.csv, masks.csv, PERIOD/*.vrt, "
            "run.json\n",
            s->output_dir);
    if (s->findings.n_problems)
        fprintf(to, "problems  %zu, listed above and in run.json: the results are partial\n",
                s->findings.n_problems);
    fprintf(to, "time      %.1f s, %d worker%s\n", s->seconds, s->threads,
            s->threads == 1 ? "" : "s");
}

static void put(json_object *o, const char *key, size_t v)
{
    json_object_object_add(o, key, json_object_new_int64((int64_t)v));
}

static void put_text(json_object *o, const char *key, const char *v)
{
    if (v)
        json_object_object_add(o, key, json_object_new_string(v));
}

static void print_json(const struct cao_run_summary *s, int code)
{
    json_object *o = json_object_new_object(), *problems = json_object_new_array();
    put(o, "exit_code", (size_t)code);
    put(o, "scenes", s->n_scenes);
    put(o, "scenes_used", s->n_scenes_used);
    put(o, "scenes_refused", s->n_refused);
    put(o, "pastures", s->n_pastures);
    put(o, "verdicts", s->n_verdicts);
    put(o, "tiles", s->n_tiles);
    put(o, "tiles_fresh", s->n_fresh);
    put(o, "tiles_computed", s->n_done);
    put(o, "tiles_from_stored_index", s->n_redone);
    put(o, "tiles_failed", s->n_failed);
    put(o, "bytes_per_worker", s->bytes_per_worker);
    put_text(o, "output", s->output_dir);
    put_text(o, "csv", s->csv);
    put_text(o, "gpkg", s->gpkg);
    put_text(o, "record", s->record);
    for (size_t i = 0; i < s->findings.n; i++) {
        char text[2300];
        if (s->findings.items[i].severity != CAO_PROBLEM)
            continue;
        json_object *p = json_object_new_object();
        cao_finding_format(&s->findings.items[i], text, sizeof text);
        put_text(p, "code", s->findings.items[i].code);
        put_text(p, "text", text);
        json_object_array_add(problems, p);
    }
    json_object_object_add(o, "problems", problems);
    puts(json_object_to_json_string_ext(o,
                                        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(o);
}

/* "12" or "5%". */
static bool set_limit(struct cao_run_options *o, const char *value)
{
    char text[32];
    int64_t n;
    double share;
    size_t length = value ? strlen(value) : 0;
    if (!value)
        return true;
    if (length > 1 && length < sizeof text && value[length - 1] == '%') {
        memcpy(text, value, length - 1);
        text[length - 1] = '\0';
        o->limit = CAO_LIMIT_SHARE;
        if (!cao_text_double(text, &share) || !(share >= 0 && share <= 100))
            return false;
        o->max_failures_share = share / 100;
        return true;
    }
    o->limit = CAO_LIMIT_COUNT;
    if (!cao_text_int64(value, &n) || n < 0)
        return false;
    o->max_failures = (size_t)n;
    return true;
}

static int run(const struct cao_command *c, const struct cao_line *line, bool plan_only)
{
    struct cao_progress progress;
    struct cao_run_summary summary;
    struct cao_error err = { 0 };
    cao_progress_init(&progress, line->quiet);
    struct cao_log log = { cao_progress_log, &progress, line->verbose ? CAO_DEBUG : CAO_WARNING };
    struct cao_run_options options = { .project = line->words[0],
                                       .data_dir = line->data_dir,
                                       .threads = line->jobs,
                                       .strict = line->strict,
                                       .again = line->again,
                                       .cache_dir = cao_line_value(line, "no-cache")
                                                        ? NULL
                                                        : line->cache_dir,
                                       .fresh = cao_line_value(line, "fresh") != NULL,
                                       .prune = cao_line_value(line, "prune") != NULL,
                                       .plan_only = plan_only,
                                       .command = line->text,
                                       .log = &log,
                                       .progress = show_progress,
                                       .progress_context = &progress,
                                       .cancel = cao_stop_init() };
    const char *limit = cao_line_value(line, "max-failures");
    if (!set_limit(&options, limit))
        return cao_say_usage(c,
                             "--max-failures: '%s' is not a number of problems or a share such as "
                             "5%%",
                             limit);
    const char *memory = cao_line_value(line, "memory");
    int64_t megabytes;
    if (memory && (!cao_text_int64(memory, &megabytes) || megabytes < 1 || megabytes > 1 << 30))
        return cao_say_usage(c, "--memory: '%s' is not a number of megabytes", memory);
    options.memory = memory ? megabytes << 20 : 0;
    enum cao_status st = cao_run(&options, &summary, &err);
    cao_progress_end(&progress);
    print_findings(&summary, line->quiet);
    int code = st                            ? cao_say_error(&err, st)
               : summary.findings.n_problems ? CAO_EXIT_PARTIAL
                                             : CAO_EXIT_DONE;
    if (!st && plan_only)
        cao_print_plan(&summary, line->json, code);
    else if (!st && line->json)
        print_json(&summary, code);
    else if (!st && !line->quiet)
        print_done(stderr, &summary);
    cao_run_summary_release(&summary);
    return code;
}

int cao_cmd_run(const struct cao_command *c, const struct cao_line *line)
{
    return run(c, line, false);
}

int cao_cmd_plan(const struct cao_command *c, const struct cao_line *line)
{
    return run(c, line, true);
}
