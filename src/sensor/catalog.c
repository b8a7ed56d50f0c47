/* SPDX-License-Identifier: MIT
 * Finds candidates, has them described or remembered, keeps one product per acquisition, sorts. */
#include "caochu/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "sensor/calibration.h"
#include "sensor/find.h"
#include "sensor/memory.h"
#include "sensor/outcome.h"
#include "sensor/touched.h"

/* A product, or an archive (without a sensor), that was found; and what came of looking at it. */
struct candidate {
    const struct cao_sensor *sensor;
    char *path, *dir, *key;
    struct cao_names names;
    char digest[CAO_HASH_TEXT]; /* of all of that */
    struct cao_memory_entry entry;
    bool known, holds; /* there is an entry; it holds still */
    bool alone;        /* a glance does not do */
    struct cao_outcome outcome;
    struct cao_touched touched;
};

/* The scan of one folder or archive. */
struct search {
    struct candidate *items;
    size_t n, capacity;
    struct cao_finder finder;
    struct cao_means means;
    const struct cao_scan *scan;
    const struct cao_log *log;
    struct cao_memory *memory; /* NULL: none */
    struct cao_hash *hash;
    char salt[CAO_HASH_TEXT]; /* of what descriptions draw on besides the product's files */
};

static enum cao_status no_memory(struct cao_error *err)
{
    return cao_fail(err, CAO_ENOMEM, "out of memory for the catalogue");
}

const char *cao_scene_sensor(const struct cao_scene *s)
{
    return s->sensor ? s->sensor->info.name : "";
}

/* --- describing a candidate: any thread --- */

static enum cao_status start_scene(struct cao_scene *s, const struct cao_sensor *sensor,
                                   const char *path, struct cao_error *err)
{
    *s = (struct cao_scene){ .sensor = sensor };
    char **texts[] = { &s->id,       &s->platform, &s->level,   &s->tile,
                       &s->baseline, &s->crs,      &s->crs_name };
    enum cao_status st = cao_scene_text(&s->path, path, err);
    for (size_t i = 0; !st && i < sizeof texts / sizeof texts[0]; i++)
        st = cao_scene_text(texts[i], "", err);
    return st;
}

/* A reason that begins with the product's path, which is told apart, without it. */
static const char *without_path(const char *reason, const char *path)
{
    size_t n = strlen(path);
    return strncmp(reason, path, n) == 0 && strncmp(reason + n, ": ", 2) == 0 ? reason + n + 2
                                                                              : reason;
}

struct describing {
    const struct search *search;
    struct cao_outcome *outcome;
    bool glance, again; /* is asked for; does not do */
};

/* @p path is how the product is called in messages; its files lie in the place. */
static enum cao_status describe(void *context, const struct cao_sensor *sensor, const char *path,
                                const struct cao_place *place, struct cao_error *err)
{
    struct describing *d = context;
    struct cao_means means = d->search->means;
    struct cao_place with_means = *place;
    struct cao_scene scene;
    struct cao_error why = { 0 };
    const char *code = "product-unreadable";
    means.glance = d->glance;
    with_means.means = &means;
    enum cao_status st = start_scene(&scene, sensor, path, err);
    if (st) {
        cao_scene_release(&scene);
        return st;
    }
    st = sensor->describe(sensor, &with_means, &scene, &d->outcome->findings, &code, &why);
    scene.has_offset = scene.band[CAO_BAND_R].path && scene.band[CAO_BAND_R].offset != 0;
    if (!st) {
        st = cao_outcome_keep(d->outcome, &scene, err);
        if (st)
            cao_scene_release(&scene);
        return st;
    }
    if (st == CAO_ENOMEM)
        st = cao_fail(err, st, "%s", why.text);
    else if (st == CAO_ECANCEL && d->glance) {
        d->again = true;
        st = CAO_OK;
    } else
        st = cao_outcome_refuse(d->outcome, path, scene.id[0] ? scene.id : cao_path_name(path),
                                sensor->info.name, code, without_path(why.text, path), err);
    cao_scene_release(&scene);
    return st;
}

/* Names that products are downloaded under: an archive of such a name that cannot be read is a loss. */
static bool looks_like_product(const char *name)
{
    static const char *const starts[] = { "S2A_", "S2B_", "S2C_", "SENTINEL2", "LC0",
                                          "LE0",  "LT0",  "LO0",  "GF1",       "GF6",
                                          "HJ2",  "HLS.", "CBERS" };
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (strncmp(name, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

/* What an archive holds: files of products, or folders that are products or hold such files. */
static enum cao_status open_archive(const struct search *s, const char *path, struct describing *d,
                                    struct cao_error *err)
{
    char inside[CAO_PATH_MAX];
    const char *name = cao_path_name(path);
    struct cao_error why = { 0 };
    struct cao_finder f = s->finder;
    f.context = d;
    f.product = describe;
    f.findings = &d->outcome->findings;
    cao_touch(path);
    enum cao_status st = cao_archive_open(path, inside, &why);
    if (!st)
        st = cao_find_inside(&f, path, inside, &why);
    if (st == CAO_ENOMEM)
        return cao_fail(err, st, "%s", why.text);
    if (!st || !looks_like_product(name))
        return CAO_OK;
    return cao_outcome_refuse(d->outcome, path, name, "", "archive-unreadable",
                              without_path(why.text, path), err);
}

/* HDF4 is opened in a process of its own, and a process must not be split while others work in it. */
static bool is_hdf4(const struct candidate *c)
{
    return c->names.n > 0 && cao_path_has_ending(c->names.items[0], ".hdf");
}

static enum cao_status look_at(const struct search *s, struct candidate *c, bool glance,
                               struct cao_error *err)
{
    struct describing d = { s, &c->outcome, glance, false };
    cao_outcome_release(&c->outcome);
    cao_touched_release(&c->touched);
    cao_touched_note(&c->touched);
    enum cao_status st;
    if (c->sensor) {
        struct cao_place place = { c->dir, c->names, c->key, NULL };
        if (!c->key[0])
            cao_touch(c->dir);
        for (size_t i = 0; c->key[0] && i < c->names.n; i++) { /* they may go, or change */
            char path[CAO_PATH_MAX];
            if (!cao_path_join(path, c->dir, c->names.items[i], NULL))
                cao_touch(path);
        }
        st = describe(&d, c->sensor, c->path, &place, err);
    } else {
        st = open_archive(s, c->path, &d, err);
    }
    cao_touched_note(NULL);
    c->alone = d.again;
    return st;
}

static enum cao_status work(void *shared, size_t i, struct cao_error *err)
{
    const struct search *s = shared;
    struct candidate *c = &s->items[i];
    c->holds = c->known && cao_memory_holds(&c->entry);
    c->alone = !c->holds && is_hdf4(c) && !s->scan->is_needed;
    return c->holds || c->alone ? CAO_OK : look_at(s, c, is_hdf4(c), err);
}

/* --- candidates --- */

static void digest_candidate(const struct search *s, struct candidate *c)
{
    cao_hash_reset(s->hash);
    cao_hash_text(s->hash, s->salt);
    cao_hash_text(s->hash, c->sensor ? c->sensor->info.name : "");
    cao_hash_text(s->hash, c->path);
    cao_hash_text(s->hash, c->dir);
    cao_hash_text(s->hash, c->key);
    for (size_t i = 0; i < c->names.n; i++)
        cao_hash_text(s->hash, c->names.items[i]);
    cao_hash_final(s->hash, c->digest);
}

static enum cao_status add_candidate(struct search *s, const struct cao_sensor *sensor,
                                     const char *path, const struct cao_place *place,
                                     struct cao_error *err)
{
    if (s->n == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 64;
        struct candidate *more = realloc(s->items, capacity * sizeof *more);
        if (!more)
            return no_memory(err);
        s->items = more;
        s->capacity = capacity;
    }
    struct candidate *c = &s->items[s->n++];
    *c = (struct candidate){ .sensor = sensor,
                             .path = cao_text_copy(path),
                             .dir = cao_text_copy(place ? place->dir : ""),
                             .key = cao_text_copy(place ? place->key : "") };
    bool ok = c->path && c->dir && c->key;
    if (place) {
        c->names.items = calloc(place->names.n + 1, sizeof *c->names.items);
        ok = ok && c->names.items;
        for (size_t i = 0; ok && i < place->names.n; i++) {
            c->names.items[i] = cao_text_copy(place->names.items[i]);
            ok = c->names.items[i] != NULL;
            c->names.n += ok;
        }
    }
    if (!ok)
        return no_memory(err);
    cao_log(s->log, CAO_DEBUG, "%s: %s", path, sensor ? sensor->info.name : "archive");
    digest_candidate(s, c);
    c->known =
        s->memory && !s->scan->look_again && cao_memory_find(s->memory, c->digest, &c->entry);
    return CAO_OK;
}

static enum cao_status found_product(void *context, const struct cao_sensor *sensor,
                                     const char *path, const struct cao_place *place,
                                     struct cao_error *err)
{
    return add_candidate(context, sensor, path, place, err);
}

static enum cao_status found_archive(void *context, const char *path, struct cao_error *err)
{
    return add_candidate(context, NULL, path, NULL, err);
}

static void release_candidates(struct search *s)
{
    for (size_t i = 0; i < s->n; i++) {
        struct candidate *c = &s->items[i];
        free(c->path);
        free(c->dir);
        free(c->key);
        cao_names_release(&c->names);
        cao_outcome_release(&c->outcome);
        cao_touched_release(&c->touched);
    }
    free(s->items);
    s->items = NULL;
    s->n = s->capacity = 0;
}

static enum cao_status look_at_all(struct search *s, struct cao_error *err)
{
    enum { FEW = 64 };
    enum cao_status st = CAO_OK;
    bool all_known =
        s->n <= FEW; /* then there are a few files' times to ask for: no work for many */
    for (size_t i = 0; all_known && i < s->n; i++)
        all_known = s->items[i].known;
    bool alone = !s->scan->run || all_known;
    if (!alone)
        st = s->scan->run(s->scan->run_context, s->n, work, s, err);
    for (size_t i = 0; alone && !st && i < s->n; i++)
        st = work(s, i, err);
    for (size_t i = 0; !st && i < s->n; i++)
        if (s->items[i].alone)
            st = look_at(s, &s->items[i], false, err);
    return st;
}

/* --- the catalogue --- */

/* What was remembered, as if it had been described now. */
static enum cao_status recall(struct search *s, struct candidate *c, struct cao_rule_store *rules,
                              struct cao_error *err)
{
    enum cao_status st = cao_outcome_unpack(c->entry.outcome, c->entry.n_outcome, &s->finder, rules,
                                            &c->outcome, err);
    if (st != CAO_EDATA)
        return st;
    c->holds = false;
    return look_at(s, c, false, err);
}

/* Whether a scene of it will be read that was only glanced at. */
static bool must_be_proven(const struct search *s, const struct candidate *c)
{
    bool must = false;
    for (size_t i = 0; i < c->outcome.n; i++)
        must |= c->outcome.scenes[i].unproven &&
                (!s->scan->is_needed ||
                 s->scan->is_needed(s->scan->needed_context, c->outcome.scenes[i].time));
    return must;
}

static enum cao_status append(struct cao_catalog *c, struct cao_findings *findings,
                              struct cao_outcome *o, struct cao_error *err)
{
    struct cao_scene *scenes = realloc(c->scenes, (c->n + o->n + 1) * sizeof *scenes);
    if (scenes)
        c->scenes = scenes;
    struct cao_refused *refused =
        realloc(c->refused, (c->n_refused + o->n_refused + 1) * sizeof *refused);
    if (refused)
        c->refused = refused;
    if (!scenes || !refused)
        return no_memory(err);
    if (o->n)
        memcpy(c->scenes + c->n, o->scenes, o->n * sizeof *scenes);
    if (o->n_refused)
        memcpy(c->refused + c->n_refused, o->refused, o->n_refused * sizeof *refused);
    c->n += o->n;
    c->n_refused += o->n_refused;
    o->n = o->n_refused = 0;
    if (!findings) {
        cao_findings_release(&o->findings);
        return CAO_OK;
    }
    return cao_findings_take(findings, &o->findings) ? no_memory(err) : CAO_OK;
}

/* Everything that holds is kept as it is; what was looked at is packed. */
static enum cao_status remember(const struct search *s, const struct candidate *c,
                                struct cao_buf *entries, struct cao_error *err)
{
    if (c->holds) {
        cao_buf_put(entries, c->entry.entry, c->entry.n_entry);
        return CAO_OK;
    }
    struct cao_buf packed = { 0 };
    (void)s;
    enum cao_status st = cao_outcome_pack(&c->outcome, &packed, err);
    if (!st)
        (void)!cao_memory_pack(c->digest, &c->touched, &packed, entries);
    cao_buf_release(&packed);
    return st;
}

static enum cao_status gather(struct search *s, const char *path, struct cao_catalog *catalog,
                              struct cao_findings *findings, struct cao_error *err)
{
    struct cao_buf entries = { 0 };
    enum cao_status st = CAO_OK;
    bool changed = false;
    for (size_t i = 0; !st && i < s->n; i++) {
        struct candidate *c = &s->items[i];
        if (c->holds)
            st = recall(s, c, &catalog->rules, err);
        if (!st && must_be_proven(s, c)) {
            c->holds = false;
            st = look_at(s, c, false, err);
        }
        changed |= !c->holds;
        catalog->n_remembered += c->holds;
        if (!st && s->memory)
            st = remember(s, c, &entries, err);
        if (!st)
            st = append(catalog, findings, &c->outcome, err);
    }
    /* A memory that cannot be kept costs time the next time, nothing else. */
    if (!st && s->memory && changed && entries.n) {
        struct cao_error why = { 0 };
        if (cao_memory_save(s->scan->memory, path, &entries, &why))
            cao_log(s->log, CAO_DEBUG, "the scan is not remembered: %s", why.text);
    }
    cao_buf_release(&entries);
    return st;
}

static enum cao_status scan_path(struct search *s, const char *path, struct cao_catalog *catalog,
                                 struct cao_findings *findings, struct cao_error *err)
{
    size_t before = catalog->n + catalog->n_refused;
    enum cao_status st = CAO_OK;
    struct cao_strays strays = { 0 };
    bool file = cao_file_stat(path, NULL, NULL), archive = file && cao_archive_is(path);
    if (!file && !cao_file_is_dir(path))
        return cao_fail(err, CAO_EIO, "%s: is not a folder that can be read", path);
    if (s->scan->memory)
        st = cao_memory_open(s->scan->memory, path, &s->memory, err);
    s->finder.strays = &strays;
    if (!st)
        st = archive ? found_archive(s, path, err)
             : file  ? cao_find_of_file(&s->finder, path, err)
                     : cao_find_below(&s->finder, path, err);
    s->finder.strays = NULL; /* what lies inside archives is their makers' */
    if (!st)
        st = look_at_all(s, err);
    if (!st)
        st = gather(s, path, catalog, findings, err);
    release_candidates(s);
    cao_memory_close(s->memory);
    s->memory = NULL;
    if (!st && strays.n && !file)
        st = cao_findings_add(
            findings, CAO_NOTE, "images-unknown", path, 0, NULL,
            "%zu image%s in %zu folder%s belong%s to no product that is known, such as "
            "%s; declare them under sensors in a project file",
            strays.n, strays.n == 1 ? "" : "s", strays.n_folders, strays.n_folders == 1 ? "" : "s",
            strays.n == 1 ? "s" : "", strays.first);
    if (!st && catalog->n + catalog->n_refused == before)
        st = cao_findings_add(findings, CAO_PROBLEM, "no-products", path, 0, NULL, "%s",
                              file ? "is named like no product that is known and lies in no "
                                     "product's folder; see 'caochu list sensors', or declare it "
                                     "under sensors in a project file"
                                   : "holds no product that is known; see 'caochu list sensors'");
    return st;
}

static int compare(const void *a, const void *b)
{
    const struct cao_scene *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    int order = strcmp(x->tile, y->tile);
    if (!order)
        order = strcmp(x->platform, y->platform);
    if (!order)
        order = strcmp(x->level, y->level);
    if (!order) /* the newest processing last */
        order = x->generated < y->generated ? -1 : x->generated > y->generated;
    if (!order)
        order = strcmp(x->id, y->id);
    return order ? order : strcmp(x->path, y->path);
}

static int compare_kept(const void *a, const void *b)
{
    const struct cao_scene *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    int order = strcmp(x->id, y->id);
    return order ? order : strcmp(x->path, y->path);
}

static int compare_refused(const void *a, const void *b)
{
    return strcmp(((const struct cao_refused *)a)->path, ((const struct cao_refused *)b)->path);
}

static bool same_acquisition(const struct cao_scene *a, const struct cao_scene *b)
{
    return a->sensor == b->sensor && a->time == b->time && strcmp(a->tile, b->tile) == 0 &&
           strcmp(a->platform, b->platform) == 0 && strcmp(a->level, b->level) == 0;
}

static enum cao_status refuse(struct cao_catalog *c, struct cao_findings *findings,
                              const struct cao_scene *s, const char *reason, struct cao_error *err)
{
    struct cao_outcome o = { 0 };
    enum cao_status st = cao_outcome_refuse(&o, s->path, s->id, s->sensor->info.name,
                                            "scene-superseded", reason, err);
    if (!st)
        st = append(c, findings, &o, err);
    cao_outcome_release(&o);
    return st;
}

/* Sorted by acquisition, the newest processing last: all before it are superseded. */
static enum cao_status drop_superseded(struct cao_catalog *c, struct cao_findings *findings,
                                       struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    size_t n = 0, n_all = c->n;
    for (size_t i = 0; i < n_all; i++) {
        struct cao_scene *s = &c->scenes[i];
        if (i + 1 < n_all && same_acquisition(s, s + 1)) {
            char reason[700];
            size_t last = i + 1;
            while (last + 1 < n_all && same_acquisition(s, &c->scenes[last + 1]))
                last++;
            snprintf(reason, sizeof reason,
                     "%s of the acquisition of %.200s, which is used instead",
                     s->generated < c->scenes[last].generated ? "older processing" : "another copy",
                     c->scenes[last].path);
            if (!st)
                st = refuse(c, findings, s, reason, err);
            cao_scene_release(&c->scenes[i]);
            continue;
        }
        if (n != i)
            c->scenes[n] = *s;
        n++;
    }
    c->n = n;
    return st;
}

enum cao_status cao_catalog_scan(const char *const *paths, size_t n_paths,
                                 struct cao_catalog *catalog, struct cao_findings *findings,
                                 const struct cao_log *log, struct cao_error *err)
{
    return cao_catalog_scan_with(NULL, paths, n_paths, catalog, findings, log, err);
}

/* All that a description may depend on and that is no file of the product. */
static enum cao_status make_salt(struct search *s, struct cao_error *err)
{
    const struct cao_raw_images *raw = &s->scan->raw;
    enum cao_status st = cao_hash_create(&s->hash, err);
    if (st)
        return st;
    cao_hash_text(s->hash, raw->dem);
    cao_hash_double(s->hash, raw->dem_shift_m);
    cao_hash_text(s->hash, raw->calibration);
    cao_hash_int(s->hash, raw->nearest_year);
    cao_hash_double(s->hash, raw->cloud_above);
    if (raw->calibration)
        st = cao_hash_file(s->hash, raw->calibration, err);
    for (size_t i = 0; i < s->scan->n_declared; i++)
        cao_declared_hash(&s->scan->declared[i], s->hash);
    cao_hash_final(s->hash, s->salt);
    return st;
}

enum cao_status cao_catalog_scan_with(const struct cao_scan *scan, const char *const *paths,
                                      size_t n_paths, struct cao_catalog *catalog,
                                      struct cao_findings *findings, const struct cao_log *log,
                                      struct cao_error *err)
{
    static const struct cao_scan nothing;
    struct cao_calibrations calibrations = { 0 };
    struct cao_catalog c = { 0 };
    struct search s = { .scan = scan ? scan : &nothing, .log = log };
    const struct cao_scan *how = s.scan;
    enum cao_status st = make_salt(&s, err);
    if (!st && how->raw.calibration)
        st = cao_calibrations_read(how->raw.calibration, &calibrations, err);
    c.declared = calloc(how->n_declared + 1, sizeof *c.declared);
    if (!st && !c.declared)
        st = no_memory(err);
    for (size_t i = 0; !st && i < how->n_declared; i++)
        cao_sensor_declare(&how->declared[i], &c.declared[c.n_declared++]);
    s.means = (struct cao_means){ how->raw, how->raw.calibration ? &calibrations : NULL, false };
    s.finder = (struct cao_finder){ c.declared, c.n_declared,  findings,     NULL,
                                    &s,         found_product, found_archive };
    for (size_t i = 0; !st && i < n_paths; i++)
        st = scan_path(&s, paths[i], &c, findings, err);
    cao_hash_destroy(s.hash);
    if (!st && c.n) {
        qsort(c.scenes, c.n, sizeof *c.scenes, compare);
        st = drop_superseded(&c, findings, err);
        qsort(c.scenes, c.n, sizeof *c.scenes, compare_kept);
    }
    if (!st && c.n_refused)
        qsort(c.refused, c.n_refused, sizeof *c.refused, compare_refused);
    cao_calibrations_release(&calibrations);
    if (st)
        cao_catalog_release(&c);
    else
        *catalog = c;
    return st;
}

void cao_catalog_release(struct cao_catalog *c)
{
    for (size_t i = 0; i < c->n; i++)
        cao_scene_release(&c->scenes[i]);
    for (size_t i = 0; i < c->n_refused; i++)
        cao_refused_release(&c->refused[i]);
    free(c->scenes);
    free(c->refused);
    free(c->declared);
    cao_rule_store_release(&c->rules);
    *c = (struct cao_catalog){ 0 };
}
