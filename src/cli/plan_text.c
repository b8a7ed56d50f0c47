/* SPDX-License-Identifier: MIT */
#include "cli/plan_text.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_LINES = 12 };
static const double mb = 1048576;

static bool same_reason(const struct cao_run_todo *a, const struct cao_run_todo *b)
{
    return a->from_index == b->from_index && strcmp(a->why, b->why) == 0;
}

/* Tiles with the same reason in one line; the first reasons that come up. */
static void print_reasons(const struct cao_run_summary *s)
{
    const struct cao_run_todo *first[MOST_LINES];
    size_t n[MOST_LINES], lines = 0, left = 0;
    for (size_t i = 0; i < s->n_todo; i++) {
        size_t k = 0;
        while (k < lines && !same_reason(first[k], &s->todo[i]))
            k++;
        if (k < lines) {
            n[k]++;
        } else if (lines < MOST_LINES) {
            first[lines] = &s->todo[i];
            n[lines++] = 1;
        } else {
            left++;
        }
    }
    for (size_t k = 0; k < lines; k++)
        printf("          %4zu %s%s (%s/%s%s)\n", n[k], first[k]->why,
               first[k]->from_index ? ": from the stored index" : "", first[k]->period,
               first[k]->tile, n[k] > 1 ? ", ..." : "");
    if (left)
        printf("          %4zu for other reasons; --json lists all\n", left);
}

static void print_orphans(const struct cao_run_summary *s)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < s->n_orphans; i++)
        bytes += s->orphans[i].bytes;
    if (s->n_orphans)
        printf(
            "orphans   %zu tiles and maps no longer of the project, %.1f MB; run --prune removes "
            "them\n",
            s->n_orphans, (double)bytes / mb);
    for (size_t i = 0; i < s->n_orphans && i < MOST_LINES; i++)
        printf("               %s\n", s->orphans[i].path);
    if (s->n_orphans > MOST_LINES)
        printf("               and %zu more; --json lists all\n", s->n_orphans - MOST_LINES);
}

static void print_time(const struct cao_run_summary *s)
{
    double t = s->seconds_expected;
    const char *workers = s->threads == 1 ? "" : "s";
    if (isnan(t))
        printf("time      not known before a first run, %d worker%s\n", s->threads, workers);
    else if (t < 90)
        printf("time      about %.0f s for the tiles, %d worker%s\n", ceil(t), s->threads, workers);
    else if (t < 5400)
        printf("time      about %.0f min for the tiles, %d worker%s\n", ceil(t / 60), s->threads,
               workers);
    else
        printf("time      about %.1f h for the tiles, %d worker%s\n", t / 3600, s->threads,
               workers);
}

static void print_text(const struct cao_run_summary *s)
{
    printf("scenes    %zu found, %zu used, %zu refused; reflectance offset applied to %zu of %zu\n",
           s->n_scenes, s->n_scenes_used, s->n_refused, s->n_offset, s->n_scenes_used);
    printf("pastures  %zu\n", s->n_pastures);
    printf("grid      %s, %g m, %d x %d cells\n", s->crs_name, s->res_m, s->grid_cols,
           s->grid_rows);
    printf("tiles     %zu: %zu new, %zu stale, %zu up to date; %zu without a scene\n", s->n_tiles,
           s->n_new, s->n_todo - s->n_new, s->n_fresh, s->n_empty);
    print_reasons(s);
    print_orphans(s);
    printf("disk      %.1f MB in tiles now, about %.1f MB more to come",
           (double)s->bytes_on_disk / mb, (double)s->bytes_to_come / mb);
    if (s->bytes_free >= 0)
        printf(", %.0f MB free", (double)s->bytes_free / mb);
    printf("\nmemory    %.0f MB per worker, about %.0f MB in all\n",
           (double)s->bytes_per_worker / mb, (double)s->bytes_expected / mb);
    print_time(s);
    printf("standard  %s, yield equations %s\n", s->profile, s->yield_set);
}

static void put(json_object *o, const char *key, int64_t v)
{
    json_object_object_add(o, key, json_object_new_int64(v));
}

static void put_text(json_object *o, const char *key, const char *v)
{
    json_object_object_add(o, key, json_object_new_string(v ? v : ""));
}

static json_object *tiles_json(const struct cao_run_summary *s)
{
    json_object *list = json_object_new_array();
    for (size_t i = 0; i < s->n_todo; i++) {
        json_object *t = json_object_new_object();
        put_text(t, "period", s->todo[i].period);
        put_text(t, "tile", s->todo[i].tile);
        put_text(t, "why", s->todo[i].why);
        put_text(t, "from", s->todo[i].from_index ? "stored index" : "images");
        json_object_array_add(list, t);
    }
    return list;
}

static json_object *orphans_json(const struct cao_run_summary *s)
{
    json_object *list = json_object_new_array();
    for (size_t i = 0; i < s->n_orphans; i++) {
        json_object *t = json_object_new_object();
        put_text(t, "path", s->orphans[i].path);
        put(t, "bytes", s->orphans[i].bytes);
        json_object_array_add(list, t);
    }
    return list;
}

static json_object *problems_json(const struct cao_run_summary *s)
{
    json_object *list = json_object_new_array();
    for (size_t i = 0; i < s->findings.n; i++) {
        char text[2300];
        if (s->findings.items[i].severity != CAO_PROBLEM)
            continue;
        json_object *p = json_object_new_object();
        cao_finding_format(&s->findings.items[i], text, sizeof text);
        put_text(p, "code", s->findings.items[i].code);
        put_text(p, "text", text);
        json_object_array_add(list, p);
    }
    return list;
}

static void print_json(const struct cao_run_summary *s, int code)
{
    json_object *o = json_object_new_object();
    put(o, "exit_code", code);
    put(o, "scenes", (int64_t)s->n_scenes);
    put(o, "scenes_used", (int64_t)s->n_scenes_used);
    put(o, "scenes_refused", (int64_t)s->n_refused);
    put(o, "pastures", (int64_t)s->n_pastures);
    put_text(o, "crs", s->crs_name);
    put(o, "columns", s->grid_cols);
    put(o, "rows", s->grid_rows);
    put(o, "tiles", (int64_t)s->n_tiles);
    put(o, "tiles_new", (int64_t)s->n_new);
    put(o, "tiles_stale", (int64_t)(s->n_todo - s->n_new));
    put(o, "tiles_fresh", (int64_t)s->n_fresh);
    put(o, "tiles_without_scene", (int64_t)s->n_empty);
    put(o, "bytes_on_disk", s->bytes_on_disk);
    put(o, "bytes_to_come", s->bytes_to_come);
    json_object_object_add(o, "bytes_free",
                           s->bytes_free < 0 ? NULL : json_object_new_int64(s->bytes_free));
    put(o, "bytes_per_worker", (int64_t)s->bytes_per_worker);
    put(o, "bytes_expected", s->bytes_expected);
    put(o, "workers", s->threads);
    json_object_object_add(
        o, "seconds_expected",
        isnan(s->seconds_expected) ? NULL : json_object_new_double(s->seconds_expected));
    put_text(o, "output", s->output_dir);
    json_object_object_add(o, "todo", tiles_json(s));
    json_object_object_add(o, "orphans", orphans_json(s));
    json_object_object_add(o, "problems", problems_json(s));
    puts(json_object_to_json_string_ext(o,
                                        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(o);
}

void cao_print_plan(const struct cao_run_summary *s, bool json, int code)
{
    if (json)
        print_json(s, code);
    else
        print_text(s);
}
