/* SPDX-License-Identifier: MIT
 * caochu zonal as one call: rasters into grids, polygons onto each grid, a pass for each. */
#include "caochu/zonal_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "caochu/text.h"
#include "run/sched.h"
#include "zonal/zonal_parts.h"

enum { MEMORY_MB = 1024, MOST_COORDINATE = 1 << 30 };

static const char *const usual_stats[] = { "count", "mean", "min", "max", "stdev" };

/* The polygons in one CRS. */
struct set {
    const char *crs; /* borrowed of a raster */
    double cell;     /* the smallest cell side of the rasters in it */
    struct cao_pastures polygons;
    bool loaded;
};

struct job {
    const struct cao_zonal_options *options;
    struct cao_zonal_result *result;
    int threads;
    struct cao_zone_ask *asks;
    size_t n_asks;
    unsigned gather;
    struct cao_raster_info *rasters, weights;
    size_t n_rasters;
    struct cao_zonal_band *bands; /* by grid, then as asked for */
    size_t n_bands;
    struct set *sets;
    size_t n_sets;
    double *results;
    struct cao_zonal_list *classes;
    struct cao_zonal_doubt *doubts; /* by band */
    bool *met;                      /* by polygon: it meets a raster */
};

static enum cao_status no_memory(struct cao_error *err)
{
    return cao_fail(err, CAO_ENOMEM, "out of memory");
}

/* --- what is asked for --- */

static enum cao_status add_ask(struct job *j, const char *text, struct cao_error *err)
{
    struct cao_zone_ask ask;
    enum cao_status st = cao_zone_ask_parse(text, &ask, err);
    for (size_t i = 0; !st && i < j->n_asks; i++)
        if (strcmp(j->asks[i].name, ask.name) == 0)
            return CAO_OK; /* asked for twice */
    struct cao_zone_ask *more = st ? NULL : realloc(j->asks, (j->n_asks + 1) * sizeof *more);
    if (st)
        return st;
    if (!more)
        return no_memory(err);
    j->asks = more;
    j->asks[j->n_asks++] = ask;
    j->gather |= ask.stat->gather;
    if ((ask.stat->gather & CAO_GATHER_WEIGHTED) && !j->options->weights)
        return cao_fail(err, CAO_EARG, "'%s' needs a raster of weights: --weights FILE", text);
    return CAO_OK;
}

/* Names separated by commas, not those within brackets. */
static enum cao_status add_asks(struct job *j, const char *texts, struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    for (const char *at = texts; !st;) {
        size_t n = 0;
        for (int depth = 0; at[n] && (at[n] != ',' || depth); n++)
            depth += at[n] == '(' ? 1 : at[n] == ')' ? -1 : 0;
        char *name = malloc(n + 1);
        if (!name)
            return no_memory(err);
        memcpy(name, at, n);
        name[n] = '\0';
        st = add_ask(j, cao_text_trim(name), err);
        free(name);
        if (!at[n])
            break;
        at += n + 1;
    }
    return st;
}

static enum cao_status read_asks(struct job *j, struct cao_error *err)
{
    const struct cao_zonal_options *o = j->options;
    size_t n_usual = sizeof usual_stats / sizeof usual_stats[0];
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < (o->n_stats ? o->n_stats : n_usual); i++)
        st = add_asks(j, o->n_stats ? o->stats[i] : usual_stats[i], err);
    for (size_t i = 0; !st && !o->n_stats && o->weights && i < 1; i++)
        st = add_asks(j, "weighted_mean,weighted_missing_share", err);
    return st ? st : add_ask(j, "missing_share", err); /* always told */
}

/* Is band @p at (from 1) in "1,3,5-8"? */
static enum cao_status band_asked(const char *list, int at, bool *asked, struct cao_error *err)
{
    *asked = !list || !list[0];
    if (*asked)
        return CAO_OK;
    for (const char *s = list; *s;) {
        char *end;
        long first = strtol(s, &end, 10), last = first;
        if (end == s || first < 1)
            break;
        s = end;
        if (*s == '-') {
            last = strtol(s + 1, &end, 10);
            if (end == s + 1 || last < first)
                break;
            s = end;
        }
        *asked = *asked || (at >= first && at <= last);
        if (!*s)
            return CAO_OK;
        if (*s++ != ',')
            break;
    }
    return cao_fail(err, CAO_EARG, "--bands: '%s' is not a list such as 1,3 or 2-5", list);
}

/* --- rasters --- */

static enum cao_status read_rasters(struct job *j, struct cao_error *err)
{
    const struct cao_zonal_options *o = j->options;
    j->rasters = calloc(o->n_rasters + 1, sizeof *j->rasters);
    if (!j->rasters)
        return no_memory(err);
    struct cao_error why = { 0 };
    for (size_t i = 0; i < o->n_rasters; i++) {
        enum cao_status st =
            cao_raster_info_read(o->rasters[i], o->crs, &j->rasters[j->n_rasters], &why);
        if (!st) {
            struct cao_raster_info *r = &j->rasters[j->n_rasters++];
            for (size_t b = 0; o->has_nodata && b < r->n_bands; b++)
                r->bands[b].also_nodata = o->nodata;
            continue;
        }
        if (st == CAO_ENOMEM || st == CAO_EARG || o->strict || o->n_rasters == 1)
            return cao_fail(err, st, "%s", why.text);
        if (cao_findings_add(&j->result->findings, CAO_PROBLEM, "raster-unusable", NULL, 0, NULL,
                             "%s; left out", why.text))
            return no_memory(err);
    }
    if (j->n_rasters == 0)
        return o->n_rasters ? cao_fail(err, CAO_EDATA, "none of the %zu rasters can be used: %s",
                                       o->n_rasters, why.text)
                            : cao_fail(err, CAO_EARG, "no raster is named; -r RASTER");
    if (!o->weights)
        return CAO_OK;
    enum cao_status st = cao_raster_info_read(o->weights, o->crs, &j->weights, err);
    if (!st && j->weights.n_bands != 1)
        return cao_fail(err, CAO_EARG, "--weights: %s holds %zu bands, not one", o->weights,
                        j->weights.n_bands);
    for (size_t i = 0; !st && i < j->n_rasters; i++)
        if (!cao_raster_same_grid(&j->rasters[i], &j->weights))
            return cao_fail(err, CAO_EARG,
                            "--weights: %s lies on another grid than %s; bring it onto that one, "
                            "with gdalwarp for example",
                            o->weights, j->rasters[i].path);
    return st;
}

/* The bands in the order of grids: all of the first raster's grid, then the next. */
static enum cao_status list_bands(struct job *j, size_t **grid_first, size_t *n_grids,
                                  struct cao_error *err)
{
    size_t n_all = 0, n = 0;
    for (size_t i = 0; i < j->n_rasters; i++)
        n_all += j->rasters[i].n_bands;
    j->bands = calloc(n_all + 1, sizeof *j->bands);
    bool *taken = calloc(j->n_rasters + 1, sizeof *taken);
    *grid_first = calloc(j->n_rasters + 2, sizeof **grid_first);
    enum cao_status st = j->bands && taken && *grid_first ? CAO_OK : no_memory(err);
    *n_grids = 0;
    for (size_t i = 0; !st && i < j->n_rasters; i++) {
        if (taken[i])
            continue;
        (*grid_first)[(*n_grids)++] = n;
        for (size_t k = i; !st && k < j->n_rasters; k++) {
            if (taken[k] || (k != i && !cao_raster_same_grid(&j->rasters[i], &j->rasters[k])))
                continue;
            taken[k] = true;
            for (size_t b = 0; !st && b < j->rasters[k].n_bands; b++) {
                bool asked;
                st = band_asked(j->options->bands, (int)b + 1, &asked, err);
                if (!st && asked)
                    j->bands[n++] = (struct cao_zonal_band){ k, b, &j->rasters[k] };
            }
        }
        (*grid_first)[*n_grids] = n;
    }
    free(taken);
    j->n_bands = n;
    if (!st && n == 0)
        st = cao_fail(err, CAO_EARG, "--bands: '%s' is in none of the rasters", j->options->bands);
    bool dated = false;
    for (size_t i = 0; i < n; i++)
        dated = dated || j->bands[i].info->bands[j->bands[i].band].date != CAO_NO_DATE;
    if (!st && !dated && j->gather & CAO_OF_DATES)
        st = cao_fail(err, CAO_EARG,
                      "first_date and last_date need rasters that tell their date: in the file's "
                      "name (20240715, 2024-07-15, A2024197), a band's name or its metadata");
    return st;
}

/* --- polygons --- */

static double cell_side(const struct cao_raster_info *r)
{
    const double *t = r->geotransform;
    return fmin(hypot(t[1], t[4]), hypot(t[2], t[5]));
}

static enum cao_status list_sets(struct job *j, struct cao_error *err)
{
    j->sets = calloc(j->n_rasters, sizeof *j->sets);
    if (!j->sets)
        return no_memory(err);
    for (size_t i = 0; i < j->n_rasters; i++) {
        const struct cao_raster_info *r = &j->rasters[i];
        size_t k = 0;
        while (k < j->n_sets && !cao_crs_same(j->sets[k].crs, r->crs))
            k++;
        if (k == j->n_sets)
            j->sets[j->n_sets++] = (struct set){ .crs = r->crs, .cell = cell_side(r) };
        j->sets[k].cell = fmin(j->sets[k].cell, cell_side(r));
    }
    return CAO_OK;
}

/* Polygons that the first CRS could take and this one cannot: they count as outside of its rasters. */
static enum cao_status note_new(struct job *j, const struct cao_findings *found,
                                struct cao_error *err)
{
    const struct cao_findings *known = &j->result->findings;
    for (size_t i = 0; i < found->n; i++) {
        const struct cao_finding *f = &found->items[i];
        bool repeated = f->severity != CAO_PROBLEM || strcmp(f->code, "geometry-unusable") != 0;
        for (size_t k = 0; !repeated && k < known->n; k++)
            repeated = known->items[k].row == f->row && strcmp(known->items[k].code, f->code) == 0;
        if (!repeated &&
            cao_findings_add(&j->result->findings, CAO_PROBLEM, f->code, f->file, f->row, f->item,
                             "in a second coordinate system: %s", f->text))
            return no_memory(err);
    }
    return CAO_OK;
}

static enum cao_status load_set(struct job *j, struct set *s, struct cao_error *err)
{
    if (s->loaded)
        return CAO_OK;
    struct cao_pasture_source source = j->options->polygons;
    source.any_id = source.from_options = source.planar = true;
    source.rings_only = !j->options->geometry;
    if (!source.crs || !source.crs[0]) {
        source.crs = j->options->crs;
        source.crs_wins = false;
    }
    /* those of a second CRS repeat the first's, but for what cannot be carried into it */
    struct cao_findings again = { 0 };
    bool first = s == j->sets;
    enum cao_status st = cao_pastures_load(&source, s->crs, s->cell, &s->polygons,
                                           first ? &j->result->findings : &again, err);
    if (!st && !first)
        st = note_new(j, &again, err);
    cao_findings_release(&again);
    s->loaded = !st;
    if (!st && j->options->strict && j->result->findings.n_problems) {
        char text[900];
        for (size_t i = 0; i < j->result->findings.n; i++)
            if (j->result->findings.items[i].severity == CAO_PROBLEM) {
                cao_finding_format(&j->result->findings.items[i], text, sizeof text);
                return cao_fail(err, CAO_EDATA, "%s", text);
            }
    }
    return st;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum cao_status note_repeated(struct job *j, struct cao_error *err)
{
    const struct cao_pastures *p = &j->sets[0].polygons;
    if (!j->options->polygons.id_field || !j->options->polygons.id_field[0] || p->n < 2)
        return CAO_OK;
    const char **ids = malloc(p->n * sizeof *ids), *example = NULL;
    size_t n = 0;
    if (!ids)
        return no_memory(err);
    for (size_t i = 0; i < p->n; i++)
        ids[i] = p->items[i].id;
    qsort(ids, p->n, sizeof *ids, by_id);
    for (size_t i = 1; i < p->n; i++)
        if (strcmp(ids[i - 1], ids[i]) == 0) {
            example = example ? example : ids[i];
            n++;
        }
    enum cao_status st = CAO_OK;
    if (n &&
        cao_findings_add(&j->result->findings, CAO_NOTE, "polygon-repeated", p->path, 0, example,
                         "%zu polygon%s the id of another one; each has a row of its own", n,
                         n == 1 ? " has" : "s have"))
        st = no_memory(err);
    free(ids);
    return st;
}

/* A polygon's points in cells of the grid; false where one lies absurdly far away. */
static bool on_grid(const struct cao_pasture *p, const double v[6], double *xy)
{
    bool near = true;
    for (size_t c = 0; c < p->ring_end[p->n_rings - 1]; c++) {
        double x = p->xy[2 * c], y = p->xy[2 * c + 1];
        xy[2 * c] = v[0] + x * v[1] + y * v[2];
        xy[2 * c + 1] = v[3] + x * v[4] + y * v[5];
        near = near && fabs(xy[2 * c]) < MOST_COORDINATE && fabs(xy[2 * c + 1]) < MOST_COORDINATE;
    }
    return near;
}

/* Memory for all shapes, and for the points of the largest. */
static enum cao_status make_zones(const struct set *s, size_t n, struct cao_zonal_zones *z,
                                  double **xy, struct cao_error *err)
{
    size_t bytes = 0, most = 0;
    for (size_t i = 0; i < s->polygons.n; i++) {
        const struct cao_pasture *p = &s->polygons.items[i];
        size_t points = p->ring_end[p->n_rings - 1];
        bytes += cao_shape_bytes(&(struct cao_polygon){ NULL, p->ring_end, p->n_rings }) +
                 sizeof(int64_t);
        most = points > most ? points : most;
    }
    *z = (struct cao_zonal_zones){ .n = n };
    z->shapes = calloc(n + 1, sizeof *z->shapes);
    z->windows = calloc(n + 1, sizeof *z->windows);
    z->inside = calloc(n + 1, sizeof *z->inside);
    z->memory = malloc(bytes + sizeof(int64_t));
    *xy = malloc((2 * most + 1) * sizeof **xy);
    return z->shapes && z->windows && z->inside && z->memory && *xy ? CAO_OK : no_memory(err);
}

/* Onto the grid, in its cells. Polygons of the first set that this one has not stay empty. */
static enum cao_status place(const struct job *j, const struct set *s,
                             const struct cao_raster_info *g, struct cao_zonal_zones *z,
                             struct cao_error *err)
{
    const struct cao_pastures *base = &j->sets[0].polygons;
    const struct cao_window whole = { 0, 0, g->cols, g->rows };
    const struct cao_window all = { -MOST_COORDINATE, -MOST_COORDINATE, 2147483647, 2147483647 };
    double *xy = NULL;
    enum cao_status st = make_zones(s, base->n, z, &xy, err);
    unsigned char *at = z->memory;
    for (size_t i = 0, k = 0; !st && i < s->polygons.n; i++) {
        const struct cao_pasture *p = &s->polygons.items[i];
        while (k < base->n && base->items[k].row < p->row)
            k++;
        if (k == base->n || base->items[k].row != p->row)
            continue;
        struct cao_polygon polygon = { xy, p->ring_end, p->n_rings };
        if (!on_grid(p, g->inverse, xy)) {
            st = cao_fail(err, CAO_EDATA,
                          "%s: %s reaches more than a thousand million cells beyond %s; check "
                          "the coordinate systems",
                          base->path, p->id, g->path);
            break;
        }
        cao_shape_init(&z->shapes[k], &polygon, at);
        at += cao_shape_bytes(&polygon) + sizeof(int64_t) - 1;
        at -= (uintptr_t)at % sizeof(int64_t);
        z->windows[k] = cao_shape_window(&z->shapes[k], &whole);
        struct cao_window box = cao_shape_window(&z->shapes[k], &all);
        z->inside[k] = memcmp(&box, &z->windows[k], sizeof box) == 0;
    }
    free(xy);
    return st;
}

static void release_zones(struct cao_zonal_zones *z)
{
    free(z->shapes);
    free(z->windows);
    free(z->inside);
    free(z->memory);
}

/* --- the passes --- */

/* Bands whose records fit a quarter of the memory go together. */
static size_t bands_together(const struct job *j)
{
    size_t memory = (j->options->memory_mb ? j->options->memory_mb : MEMORY_MB) << 20;
    size_t each = 2 * j->sets[0].polygons.n *
                  (sizeof(struct cao_zone_record) +
                   (j->gather & CAO_GATHER_WEIGHTED ? sizeof(struct cao_zone_weighted) : 0));
    size_t n = memory / 4 / (each ? each : 1);
    return n ? n : 1;
}

/* Where the lists of values of all zones and bands at once outgrow the memory, half of the bands or of
 * the zones at a time. No result depends on that. */
static enum cao_status run_pass(struct job *j, const struct cao_zonal_pass *as,
                                struct cao_error *err)
{
    struct cao_findings findings = { 0 };
    struct cao_zonal_pass pass = *as;
    pass.findings = &findings;
    pass.blocks_before = j->result->n_blocks;
    if (as->zone_first == 0) /* of a pass that was given up */
        memset(as->doubts, 0, as->n_bands * sizeof *as->doubts);
    enum cao_status st = cao_zonal_pass_run(&pass, err);
    if (!pass.overflow) {
        enum cao_status taken = cao_findings_take(&j->result->findings, &findings);
        cao_findings_release(&findings);
        return st ? st : taken ? no_memory(err) : CAO_OK;
    }
    cao_findings_release(&findings);
    size_t n_zones = as->zone_end - as->zone_first;
    if (as->n_bands == 1 && n_zones == 1)
        return cao_fail(err, CAO_EARG,
                        "%s: medians, quantiles and classes of polygon %s alone need more than the "
                        "%zu MB allowed; raise --memory, or leave these statistics out",
                        as->bands[0].info->path, j->sets[0].polygons.items[as->zone_first].id,
                        j->options->memory_mb ? j->options->memory_mb : MEMORY_MB);
    struct cao_zonal_pass half[2] = { *as, *as };
    if (as->n_bands > 1) {
        half[0].n_bands = as->n_bands / 2;
        half[1].n_bands -= half[0].n_bands;
        half[1].bands += half[0].n_bands;
        half[1].first_band += half[0].n_bands;
        half[1].doubts += half[0].n_bands;
    } else {
        half[0].zone_end = half[1].zone_first = as->zone_first + n_zones / 2;
    }
    st = run_pass(j, &half[0], err);
    return st ? st : run_pass(j, &half[1], err);
}

static enum cao_status run_grid(struct job *j, size_t first, size_t end, struct cao_error *err)
{
    const struct cao_raster_info *grid = j->bands[first].info;
    struct set *s = j->sets;
    while (!cao_crs_same(s->crs, grid->crs))
        s++;
    struct cao_zonal_zones zones = { 0 };
    enum cao_status st = load_set(j, s, err);
    if (!st)
        st = place(j, s, grid, &zones, err);
    for (size_t i = 0; !st && i < zones.n; i++)
        j->met[i] = j->met[i] || zones.windows[i].cols > 0;
    size_t together = bands_together(j);
    for (size_t at = first; !st && at < end; at += together) {
        struct cao_zonal_pass pass = { .options = j->options,
                                       .grid = grid,
                                       .weights = j->options->weights ? &j->weights : NULL,
                                       .bands = j->bands + at,
                                       .n_bands = end - at < together ? end - at : together,
                                       .first_band = at,
                                       .zones = &zones,
                                       .zone_end = zones.n,
                                       .asks = j->asks,
                                       .n_asks = j->n_asks,
                                       .n_all_bands = j->n_bands,
                                       .gather = j->gather,
                                       .threads = j->threads,
                                       .results = j->results,
                                       .classes = j->classes,
                                       .doubts = j->doubts + at,
                                       .n_blocks = &j->result->n_blocks };
        st = run_pass(j, &pass, err);
    }
    release_zones(&zones);
    return st;
}

static enum cao_status make_results(struct job *j, struct cao_error *err)
{
    size_t n = j->sets[0].polygons.n;
    if (n > SIZE_MAX / 64 / (j->n_bands * j->n_asks))
        return no_memory(err);
    j->results = malloc((n * j->n_bands * j->n_asks + 1) * sizeof *j->results);
    j->met = calloc(n + 1, sizeof *j->met);
    j->doubts = calloc(j->n_bands + 1, sizeof *j->doubts);
    if (j->gather & CAO_PER_CLASS)
        j->classes = calloc(n * j->n_bands + 1, sizeof *j->classes);
    return j->results && j->met && j->doubts && (j->classes || !(j->gather & CAO_PER_CLASS))
               ? CAO_OK
               : no_memory(err);
}

static enum cao_status describe(struct job *j, size_t n_grids, struct cao_error *err)
{
    struct cao_zonal_result *r = j->result;
    struct cao_buf names = { 0 };
    for (size_t i = 0; i < j->n_sets; i++)
        for (size_t k = 0; k < j->n_rasters; k++)
            if (j->rasters[k].crs == j->sets[i].crs)
                cao_buf_add(&names, "%s%s", i ? ", " : "", j->rasters[k].crs_name);
    char name[128];
    cao_crs_name(j->sets[0].polygons.layer_crs, name, sizeof name);
    r->crs_rasters = names.text;
    r->crs_polygons = cao_text_copy(name);
    r->reprojected = false;
    for (size_t i = 0; i < j->n_sets; i++)
        r->reprojected =
            r->reprojected || !cao_crs_same(j->sets[i].crs, j->sets[0].polygons.layer_crs);
    r->n_rasters = j->n_rasters;
    r->n_bands = j->n_bands;
    r->n_grids = n_grids;
    r->threads = j->threads;
    for (size_t i = 0; i < j->sets[0].polygons.n; i++)
        r->n_outside += !j->met[i];
    return names.failed || !r->crs_polygons ? no_memory(err) : CAO_OK;
}

/* What looks well and is not: no polygon met, numbers that can only be an undeclared no data. */
static enum cao_status note_doubts(struct job *j, struct cao_error *err)
{
    struct cao_zonal_result *r = j->result;
    size_t n = r->polygons.n, first = 0;
    while (first < n && j->met[first])
        first++;
    bool failed = false;
    if (r->n_outside == n)
        failed = cao_findings_add(&r->findings, CAO_PROBLEM, "polygons-outside", r->polygons.path,
                                  0, NULL,
                                  "none of the %zu polygons (%s) meets a raster (%s); check the "
                                  "coordinate systems",
                                  n, r->crs_polygons, r->crs_rasters);
    else if (r->n_outside)
        failed = cao_findings_add(&r->findings, CAO_NOTE, "polygons-outside", r->polygons.path, 0,
                                  r->polygons.items[first].id,
                                  "%zu of %zu polygons meet no raster; their count is 0",
                                  r->n_outside, n);
    for (size_t i = 0; !failed && i < j->n_bands; i++) {
        const struct cao_zonal_doubt *d = &j->doubts[i];
        const char *path = j->bands[i].info->path;
        if (d->n_beyond)
            failed = cao_findings_add(&r->findings, CAO_NOTE, "values-beyond", path, 0, NULL,
                                      "band %zu: infinite numbers and those beyond 3.4e38 count as "
                                      "missing (in %zu polygons)",
                                      j->bands[i].band + 1, d->n_beyond);
        if (!failed && d->n_huge)
            failed = cao_findings_add(&r->findings, CAO_PROBLEM, "nodata-undeclared", path, 0, NULL,
                                      "band %zu: holds the number %.9g (in %zu polygons), which is "
                                      "hardly a value; tell it with --nodata",
                                      j->bands[i].band + 1, d->huge, d->n_huge);
    }
    return failed ? no_memory(err) : CAO_OK;
}

static enum cao_status run(struct job *j, struct cao_error *err)
{
    size_t *grid_first = NULL, n_grids = 0;
    enum cao_status st = read_asks(j, err);
    if (!st)
        st = read_rasters(j, err);
    if (!st)
        st = list_bands(j, &grid_first, &n_grids, err);
    if (!st)
        st = list_sets(j, err);
    if (!st)
        st = load_set(j, &j->sets[0], err);
    if (!st)
        st = note_repeated(j, err);
    if (!st)
        st = make_results(j, err);
    for (size_t g = 0; !st && g < n_grids; g++)
        if (grid_first[g] < grid_first[g + 1])
            st = run_grid(j, grid_first[g], grid_first[g + 1], err);
    struct cao_zonal_outcome outcome = { j->options, j->rasters, j->n_rasters,
                                         j->bands,   j->n_bands, j->asks,
                                         j->n_asks,  j->results, j->classes };
    if (!st)
        st = describe(j, n_grids, err);
    if (!st) {
        j->result->polygons = j->sets[0].polygons;
        j->sets[0].polygons = (struct cao_pastures){ 0 };
        st = cao_zonal_table(&outcome, j->result, err);
        if (!st)
            st = note_doubts(j, err);
    }
    free(grid_first);
    return st;
}

static void release(struct job *j)
{
    size_t n =
        j->result->polygons.n ? j->result->polygons.n : (j->sets ? j->sets[0].polygons.n : 0);
    for (size_t i = 0; j->classes && i < n * j->n_bands; i++)
        free(j->classes[i].items);
    free(j->classes);
    for (size_t i = 0; i < j->n_sets; i++)
        cao_pastures_release(&j->sets[i].polygons);
    for (size_t i = 0; i < j->n_rasters; i++)
        cao_raster_info_release(&j->rasters[i]);
    cao_raster_info_release(&j->weights);
    free(j->sets);
    free(j->rasters);
    free(j->bands);
    free(j->asks);
    free(j->results);
    free(j->met);
    free(j->doubts);
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum cao_status cao_zonal(const struct cao_zonal_options *options, struct cao_zonal_result *result,
                          struct cao_error *err)
{
    double began = seconds_now();
    *result = (struct cao_zonal_result){ 0 };
    struct job j = { .options = options,
                     .result = result,
                     .threads = options->threads ? options->threads : cao_sched_processors() };
    enum cao_status st = run(&j, err);
    if (st && err && !err->text[0])
        (void)cao_fail(err, st, "out of memory"); /* of a finding, which has no error of its own */
    release(&j);
    result->seconds = seconds_now() - began;
    return st;
}

void cao_zonal_result_release(struct cao_zonal_result *r)
{
    cao_table_release(&r->table);
    cao_pastures_release(&r->polygons);
    for (size_t i = 0; i < r->n_texts; i++)
        free(r->texts[i]);
    free(r->texts);
    free(r->row_polygon);
    free(r->crs_polygons);
    free(r->crs_rasters);
    cao_findings_release(&r->findings);
    *r = (struct cao_zonal_result){ 0 };
}
