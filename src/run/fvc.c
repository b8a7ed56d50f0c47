/* SPDX-License-Identifier: MIT */
#include "caochu/fvc.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/raster_in.h"
#include "caochu/text.h"
#include "caochu/yaml.h"
#include "run/stored.h"
#include "run/tile_ground.h"
#include "run/tile_products.h"

/* --- from rasters to a file --- */

enum {
    N_BINS = 10001,
    STRIP_ROWS = 256,
    CACHE_BYTES = 16 << 20,
    LEAST_CELLS = 1000,
    PER_UNIT = 10000
};
static const double quantum = 1.0 / 16777216, least_span = 0.05;

/* Area by NDVI, in whole quanta of a cell: the same sums for any order of tiles. */
struct histogram {
    uint64_t bin[N_BINS], all;
};

struct estimate {
    const struct cao_fvc_baseline *baseline;
    char **text;
    size_t *size;
};

/* The grassland type of each cell of a tile, where a layer tells it. */
struct types {
    bool by_cell;
    struct cao_plan plan; /* with that layer alone */
    struct cao_ground_layers ground;
    struct cao_arena arena;
    struct cao_reader_kit *kit;
    struct cao_tile_buffers tile;
};

static enum cao_status open_types(const struct cao_plan *plan, struct types *t,
                                  struct cao_error *err)
{
    size_t most = 0;
    t->by_cell = plan->ground->layer[CAO_GROUND_TYPE].used;
    if (!t->by_cell)
        return CAO_OK;
    t->plan = *plan;
    t->plan.ground = &t->ground;
    t->ground.by_cell = true;
    t->ground.layer[CAO_GROUND_TYPE] = plan->ground->layer[CAO_GROUND_TYPE];
    for (size_t j = 0; j < plan->n_jobs; j++) {
        size_t bytes = cao_tile_ground_bytes(&t->plan, &plan->jobs[j]);
        most = bytes > most ? bytes : most;
    }
    enum cao_status st = cao_arena_init(&t->arena, most, err);
    return st ? st : cao_reader_kit_create(&plan->grid, CACHE_BYTES, &t->kit, err);
}

static enum cao_status read_types(struct types *t, const struct cao_tile_job *job,
                                  struct cao_error *err)
{
    if (!t->by_cell)
        return CAO_OK;
    t->arena.used = 0;
    enum cao_status st = cao_tile_ground_take(&t->plan, job, &t->arena, &t->tile, err);
    return st ? st : cao_tile_ground(&t->plan, job, t->kit, &t->tile, err);
}

static void close_types(struct types *t)
{
    cao_reader_kit_destroy(t->kit);
    cao_arena_release(&t->arena);
}

/* By the layer where it tells one, else by the pasture's own column. SIZE_MAX: none. */
static size_t type_at(const struct types *t, size_t own, size_t cell)
{
    unsigned told = t->by_cell ? cao_ground_part(t->tile.ground[cell], CAO_GROUND_TYPE) : 0;
    return told == 0 ? own : told == CAO_NOT_GRASS ? SIZE_MAX : told - 1;
}

/* Arrays of one tile. */
struct strip {
    float *values;
    unsigned char *hidden;
    struct cao_span *spans;
    void *scratch;
};

static void add_spans(struct histogram *by_type, const struct types *types, size_t own,
                      const struct cao_span *spans, size_t n, const struct cao_tile_job *job,
                      const struct cao_window *w, const float *values, double scale)
{
    for (size_t i = 0; i < n; i++) {
        const float *row = values + (size_t)(spans[i].row - w->row) * (size_t)w->cols +
                           (size_t)(spans[i].col - w->col);
        uint64_t area = (uint64_t)llround(spans[i].weight / quantum);
        for (int32_t k = 0; k < spans[i].n; k++) {
            double v = (double)row[k] * scale;
            if (!(v > 0 && v <= 1)) /* no data; water and snow, which are no soil */
                continue;
            size_t cell = (size_t)(spans[i].row - job->window.row) * (size_t)w->cols +
                          (size_t)(spans[i].col - w->col + k);
            size_t type = type_at(types, own, cell);
            if (type == SIZE_MAX)
                continue;
            by_type[type].bin[lround(v * PER_UNIT)] += area;
            by_type[type].all += area;
        }
    }
}

static enum cao_status add_rows(const struct cao_plan *plan, const struct cao_tile_job *job,
                                const struct types *types, const struct cao_window *w,
                                struct strip *s, double scale, struct histogram *by_type,
                                struct cao_error *err)
{
    for (size_t k = 0; k < job->n_pastures; k++) {
        size_t type = plan->holdings->items[job->pastures[k]].type;
        const struct cao_polygon *p = &plan->polygons[job->pastures[k]];
        if (type == SIZE_MAX && !types->by_cell)
            continue;
        struct cao_cover_need need = cao_cover_need(p, w);
        s->spans = calloc(need.spans + 1, sizeof *s->spans);
        s->scratch = aligned_alloc(64, (need.scratch_bytes + 127) / 64 * 64);
        if (!s->spans || !s->scratch)
            return cao_fail(err, CAO_ENOMEM, "out of memory");
        size_t n = cao_cover(p, w, s->scratch, s->spans);
        add_spans(by_type, types, type, s->spans, n, job, w, s->values, scale);
        free(s->spans);
        free(s->scratch);
        s->spans = NULL;
        s->scratch = NULL;
    }
    return CAO_OK;
}

static enum cao_status add_tile(const struct cao_plan *plan, const struct cao_tile_job *job,
                                struct types *types, double scale, struct histogram *by_type,
                                struct cao_error *err)
{
    char dir[CAO_PATH_MAX], path[CAO_PATH_MAX];
    struct cao_raster_info info = { 0 };
    struct cao_raster_in *raster = NULL;
    struct strip s = { 0 };
    enum cao_status st = cao_plan_tile_dir(plan, job, dir, err);
    if (!st)
        st = cao_path_join(path, dir, "ndvi.tif", err);
    if (!st)
        st = cao_raster_info_read(path, NULL, &info, err);
    if (!st && (info.cols != job->window.cols || info.rows != job->window.rows))
        st = cao_fail(err, CAO_EDATA, "%s: is not of the tile's size", path);
    if (!st)
        st = cao_raster_in_open(&info, &raster, err);
    if (!st)
        st = read_types(types, job, err);
    size_t n = (size_t)job->window.cols * STRIP_ROWS;
    s.values = malloc(n * sizeof *s.values);
    s.hidden = malloc(n);
    if (!st && (!s.values || !s.hidden))
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    for (int32_t row = 0; !st && row < job->window.rows; row += STRIP_ROWS) {
        int32_t rows = job->window.rows - row < STRIP_ROWS ? job->window.rows - row : STRIP_ROWS;
        struct cao_window in = { 0, row, job->window.cols, rows };
        struct cao_window on = { job->window.col, job->window.row + row, job->window.cols, rows };
        st = cao_raster_in_read32(raster, 0, &in, s.values, s.hidden, err);
        if (!st)
            st = add_rows(plan, job, types, &on, &s, scale, by_type, err);
    }
    free(s.spans);
    free(s.scratch);
    free(s.hidden);
    free(s.values);
    if (raster)
        cao_raster_in_close(raster);
    cao_raster_info_release(&info);
    return st;
}

/* The least step that the share of the area does not exceed. */
static double quantile(const struct histogram *h, double pct)
{
    double want = (double)h->all * (pct / 100);
    uint64_t sum = 0;
    for (int i = 0; i < N_BINS; i++) {
        sum += h->bin[i];
        if ((double)sum >= want && sum > 0)
            return (double)i / PER_UNIT;
    }
    return 1;
}

static void write_head(struct cao_buf *b, const struct cao_project *project, size_t period,
                       const struct cao_fvc_baseline *baseline)
{
    char from[CAO_DATE_TEXT], to[CAO_DATE_TEXT];
    const struct cao_period *p = &project->periods[period];
    cao_date_format(p->from, from);
    cao_date_format(p->to, to);
    cao_buf_add(
        b, "# NDVI end-members of vegetation cover by grassland type: bare soil and full cover.\n"
           "# Estimated once from a baseline period and frozen, so that years compare; use it in\n"
           "# project files with  fvc: {end_members: THIS FILE}. Values may be edited.\n"
           "baseline:\n  project: '");
    for (const char *c = project->name; *c; c++)
        cao_buf_add(b, *c == '\'' ? "''" : "%c", *c);
    cao_buf_add(b,
                "'\n  period: '%s'\n  from: %s\n  to: %s\n  low_pct: %g\n  high_pct: %g\ntypes:\n",
                p->name, from, to, baseline->low_pct, baseline->high_pct);
}

/* A line per type; returns how many have values. */
static size_t write_types(struct cao_buf *b, const struct cao_plan *plan,
                          const struct histogram *by_type, const struct cao_fvc_baseline *baseline)
{
    size_t n = 0;
    double cell_ha = plan->grid.res_m * plan->grid.res_m / 1e4;
    for (size_t t = 0; t < plan->profile->n_types; t++) {
        const struct histogram *h = &by_type[t];
        const struct cao_grass_type *type = &plan->profile->types[t];
        double cells = (double)h->all * quantum;
        if (h->all == 0)
            continue;
        double soil = quantile(h, baseline->low_pct), full = quantile(h, baseline->high_pct);
        if (cells < LEAST_CELLS || full - soil < least_span) {
            cao_buf_add(b, "  # %s (%s): %s (%.0f cells, NDVI %.4f to %.4f); the profile's stay\n",
                        type->name, type->zh,
                        cells < LEAST_CELLS ? "too few cells" : "too narrow a range", cells, soil,
                        full);
            continue;
        }
        cao_buf_add(b, "  %s: {soil: %.4f, full: %.4f, area_ha: %.1f}  # %s\n", type->name, soil,
                    full, cells * cell_ha, type->zh);
        n++;
    }
    return n;
}

static enum cao_status find_period(const struct cao_project *p, const char *name, size_t *period,
                                   struct cao_error *err)
{
    const char **names = calloc(p->n_periods + 1, sizeof *names);
    if (!names)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    size_t k = 0;
    for (size_t i = 0; i < p->n_periods; i++)
        names[i] = p->periods[i].name;
    while (k < p->n_periods && strcmp(names[k], name) != 0)
        k++;
    enum cao_status st = CAO_OK;
    if (k == p->n_periods) {
        size_t near = cao_text_nearest(name, names, p->n_periods);
        st = cao_fail(err, CAO_EARG, "%s: no period is named '%s'; %s %s", p->path, name,
                      near == SIZE_MAX ? "the first one is" : "did you mean",
                      names[near == SIZE_MAX ? 0 : near]);
    }
    free(names);
    *period = k;
    return st;
}

static enum cao_status use(void *context, const struct cao_stored *stored, struct cao_error *err)
{
    const struct estimate *e = context;
    const struct cao_plan *plan = stored->plan;
    const struct cao_product *ndvi = NULL;
    size_t period = 0;
    for (size_t i = 0; i < plan->products.n; i++)
        if (strcmp(plan->products.items[i].name, "ndvi") == 0)
            ndvi = &plan->products.items[i];
    enum cao_status st = find_period(plan->project, e->baseline->period, &period, err);
    if (st)
        return st;
    if (!ndvi)
        return cao_fail(err, CAO_EDATA, "%s: output.products leaves ndvi out; add it and run again",
                        plan->project->path);
    struct histogram *by_type = calloc(plan->profile->n_types + 1, sizeof *by_type);
    struct cao_buf b = { 0 };
    struct types types = { 0 };
    if (!by_type)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    st = open_types(plan, &types, err);
    for (size_t j = 0; !st && j < plan->n_jobs; j++)
        if (plan->jobs[j].period == period && !stored->results[j].empty)
            st = add_tile(plan, &plan->jobs[j], &types, ndvi->layout.scale, by_type, err);
    if (!st) {
        write_head(&b, plan->project, period, e->baseline);
        size_t n = write_types(&b, plan, by_type, e->baseline);
        if (n == 0)
            st = cao_fail(err, CAO_EARG,
                          "%s: in %s no grassland type has %d cells with NDVI and a range of %g: "
                          "choose another period",
                          plan->project->path, e->baseline->period, LEAST_CELLS, least_span);
        else if (b.failed)
            st = cao_fail(err, CAO_ENOMEM, "out of memory");
    }
    close_types(&types);
    free(by_type);
    if (st) {
        cao_buf_release(&b);
        return st;
    }
    *e->text = b.text;
    *e->size = b.n;
    return CAO_OK;
}

enum cao_status cao_fvc_estimate(const struct cao_run_options *run,
                                 const struct cao_fvc_baseline *baseline, char **text, size_t *size,
                                 struct cao_run_summary *summary, struct cao_error *err)
{
    struct estimate e = { baseline, text, size };
    if (!(baseline->low_pct >= 0 && baseline->low_pct < 50 && baseline->high_pct > 50 &&
          baseline->high_pct <= 100)) {
        *summary = (struct cao_run_summary){ 0 };
        return cao_fail(err, CAO_EARG,
                        "percentages of %g and %g: the low one is to be from 0 to below 50, the "
                        "high one above 50 to 100",
                        baseline->low_pct, baseline->high_pct);
    }
    return cao_run_stored(run, use, &e, summary, err);
}

/* --- from a file into a profile --- */

struct at {
    const char *file;
    struct cao_error *err;
};

CAO_PRINTF(3, 4)
static enum cao_status bad(const struct at *at, int line, const char *fmt, ...)
{
    char text[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return cao_fail(at->err, CAO_EARG, "%s:%d: %s", at->file, line, text);
}

static const char *text_of(const struct cao_yaml *map, const char *key)
{
    const struct cao_yaml *node = cao_yaml_find(map, key);
    return node && node->kind == CAO_YAML_SCALAR ? node->text : "?";
}

static enum cao_status set(struct cao_coefficient *c, double value, const char *source,
                           struct cao_error *err)
{
    char *copy = cao_text_copy(source);
    if (!copy)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    free(c->source);
    *c = (struct cao_coefficient){ .value = value, .confidence = CAO_COMPUTED, .source = copy };
    return CAO_OK;
}

static enum cao_status read_type(const struct at *at, const struct cao_yaml *node,
                                 const char *baseline, struct cao_profile *profile)
{
    double v[3] = { (double)NAN, (double)NAN, (double)NAN };
    static const char *const keys[] = { "soil", "full", "area_ha" };
    struct cao_error why = { 0 };
    size_t type;
    if (cao_profile_type(profile, node->key, &type, &why))
        return bad(at, node->line, "types.%.40s: %.300s", node->key, why.text);
    if (node->kind != CAO_YAML_MAP)
        return bad(at, node->line, "types.%.40s: {soil: ..., full: ...} is wanted", node->key);
    for (size_t i = 0; i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        size_t k = 0;
        while (k < 3 && strcmp(item->key, keys[k]) != 0)
            k++;
        if (k == 3)
            return bad(at, item->line,
                       "types.%.40s.%.40s: unknown key; allowed: soil, full, area_ha", node->key,
                       item->key);
        if (item->kind != CAO_YAML_SCALAR || !cao_text_double(item->text, &v[k]))
            return bad(at, item->line, "types.%.40s.%s: a number is wanted", node->key, keys[k]);
    }
    if (!(v[0] >= -1 && v[0] < v[1] && v[1] <= 1))
        return bad(at, node->line, "types.%.40s: soil below full, both from -1 to 1, are wanted",
                   node->key);
    char source[CAO_PATH_MAX + 300];
    snprintf(source, sizeof source, "%s: %s", at->file, baseline);
    enum cao_status st = set(&profile->types[type].fvc_soil, v[0], source, at->err);
    return st ? st : set(&profile->types[type].fvc_full, v[1], source, at->err);
}

enum cao_status cao_fvc_read(const char *path, struct cao_profile *profile, struct cao_error *err)
{
    struct at at = { path, err };
    struct cao_yaml *root = NULL;
    char baseline[300];
    enum cao_status st = cao_yaml_read(path, &root, err);
    if (st)
        return st == CAO_EIO ? CAO_EARG : st;
    const struct cao_yaml *b = cao_yaml_find(root, "baseline"),
                          *types = cao_yaml_find(root, "types");
    snprintf(baseline, sizeof baseline,
             "%.20s and %.20s %% of NDVI in %.60s of %.60s, %.12s to %.12s", text_of(b, "low_pct"),
             text_of(b, "high_pct"), text_of(b, "period"), text_of(b, "project"),
             text_of(b, "from"), text_of(b, "to"));
    if (!b)
        snprintf(baseline, sizeof baseline, "set by hand");
    if (!types || types->kind != CAO_YAML_MAP || types->n == 0)
        st = bad(&at, types ? types->line : 1,
                 "types is missing: {TYPE: {soil: ..., full: ...}}; 'caochu fvc-baseline' makes "
                 "such a file");
    for (size_t i = 0; !st && i < root->n; i++)
        if (strcmp(root->items[i].key, "types") != 0 && strcmp(root->items[i].key, "baseline") != 0)
            st = bad(&at, root->items[i].line, "%.40s: unknown key; allowed: baseline, types",
                     root->items[i].key);
    for (size_t i = 0; !st && types && i < types->n; i++)
        st = read_type(&at, &types->items[i], baseline, profile);
    cao_yaml_destroy(root);
    return st;
}
