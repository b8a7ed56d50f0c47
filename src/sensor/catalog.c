/* SPDX-License-Identifier: MIT
 * Walks folders, asks the sensors, keeps one product per acquisition, sorts. */
#include "caochu/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "caochu/text.h"
#include "sensor/calibration.h"
#include "sensor/sensor.h"

enum { MOST_DEPTH = 24 };

static const struct cao_sensor *const built_in[] = {
    &cao_sensor_sentinel2, &cao_sensor_sentinel2_cog, &cao_sensor_landsat,
    &cao_sensor_hls,       &cao_sensor_modis,         &cao_sensor_gaofen
};
enum { N_BUILT_IN = sizeof built_in / sizeof built_in[0] };

/* The catalogue as it grows. */
struct builder {
    struct cao_catalog c;
    size_t capacity, refused_capacity;
    struct cao_findings *findings;
    const struct cao_log *log;
    struct cao_means means;
};

/* The i-th family: those that the project declares come first, so that they win. NULL past the last. */
static const struct cao_sensor *sensor_at(const struct builder *b, size_t i)
{
    if (i < b->c.n_declared)
        return &b->c.declared[i];
    i -= b->c.n_declared;
    return i < N_BUILT_IN ? built_in[i] : NULL;
}

const struct cao_sensor_info *cao_sensor_at(size_t i)
{
    return i < N_BUILT_IN ? &built_in[i]->info : NULL;
}

const char *cao_scene_sensor(const struct cao_scene *s)
{
    return s->sensor ? s->sensor->info.name : "";
}

static enum cao_status refuse(struct builder *b, const char *path, const char *id,
                              const char *sensor, const char *code, const char *reason,
                              struct cao_error *err)
{
    struct cao_refused r = { cao_text_copy(path), cao_text_copy(id), cao_text_copy(sensor),
                             cao_text_copy(code), cao_text_copy(reason) };
    bool room = b->c.n_refused < b->refused_capacity;
    if (!room) {
        size_t capacity = b->refused_capacity ? b->refused_capacity * 2 : 16;
        struct cao_refused *more = realloc(b->c.refused, capacity * sizeof *more);
        if (more) {
            b->c.refused = more;
            b->refused_capacity = capacity;
            room = true;
        }
    }
    if (!room || !r.path || !r.id || !r.sensor || !r.code || !r.reason) {
        free(r.path);
        free(r.id);
        free(r.sensor);
        free(r.code);
        free(r.reason);
        return cao_fail(err, CAO_ENOMEM, "out of memory for the catalogue");
    }
    b->c.refused[b->c.n_refused++] = r;
    enum cao_status st =
        cao_findings_add(b->findings, CAO_PROBLEM, code, path, 0, NULL, "%s", reason);
    return st ? cao_fail(err, st, "out of memory for the catalogue") : CAO_OK;
}

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

static enum cao_status keep(struct builder *b, struct cao_scene *s, struct cao_error *err)
{
    if (b->c.n == b->capacity) {
        size_t capacity = b->capacity ? b->capacity * 2 : 64;
        struct cao_scene *more = realloc(b->c.scenes, capacity * sizeof *more);
        if (!more)
            return cao_fail(err, CAO_ENOMEM, "out of memory for the catalogue");
        b->c.scenes = more;
        b->capacity = capacity;
    }
    b->c.scenes[b->c.n++] = *s;
    return CAO_OK;
}

/* @p path is how the product is called in messages; its files lie in the place. */
static enum cao_status add_product(struct builder *b, const struct cao_sensor *sensor,
                                   const char *path, const struct cao_place *place,
                                   struct cao_error *err)
{
    struct cao_scene scene;
    struct cao_error why = { 0 };
    const char *code = "product-unreadable";
    enum cao_status st = start_scene(&scene, sensor, path, err);
    if (st)
        return st;
    cao_log(b->log, CAO_DEBUG, "%s: %s", path, sensor->info.name);
    st = sensor->describe(sensor, place, &scene, b->findings, &code, &why);
    scene.has_offset = scene.band[CAO_BAND_R].path && scene.band[CAO_BAND_R].offset != 0;
    if (!st)
        st = keep(b, &scene, err);
    else if (st == CAO_ENOMEM)
        st = cao_fail(err, st, "%s", why.text);
    else
        st = refuse(b, path, scene.id[0] ? scene.id : cao_path_name(path), sensor->info.name, code,
                    why.text, err);
    bool kept = st == CAO_OK && b->c.n > 0 && b->c.scenes[b->c.n - 1].path == scene.path;
    if (!kept)
        cao_scene_release(&scene);
    return st;
}

/* Whether the project declares what some of the names are: then it knows better than we do. */
static bool has_declared(const struct builder *b, const struct cao_names *names)
{
    char key[CAO_KEY_SIZE];
    for (size_t d = 0; d < b->c.n_declared; d++)
        for (size_t i = 0; i < names->n; i++)
            if (b->c.declared[d].is_file(&b->c.declared[d], names->items[i], key))
                return true;
    return false;
}

/* A folder that is one product of a family that knows its folders. */
static enum cao_status add_folder(struct builder *b, const char *path, const char *dir,
                                  const struct cao_names *names, bool *is_product,
                                  struct cao_error *err)
{
    *is_product = false;
    if (has_declared(b, names))
        return CAO_OK;
    const struct cao_sensor *sensor;
    for (size_t i = 0; (sensor = sensor_at(b, i)) != NULL; i++)
        if (sensor->is_folder && sensor->is_folder(dir, names)) {
            struct cao_place place = { dir, *names, "", &b->means };
            *is_product = true;
            return add_product(b, sensor, path, &place, err);
        }
    return CAO_OK;
}

/* A file of a product: the product is its sensor and key. */
struct member {
    const struct cao_sensor *sensor;
    size_t family; /* its place among the sensors */
    char key[CAO_KEY_SIZE];
    char *name; /* borrowed */
};

/* The family of m->name and its product's key. */
static bool find_family(const struct builder *b, const char *dir, struct member *m)
{
    char path[CAO_PATH_MAX];
    const struct cao_sensor *sensor;
    for (size_t i = 0; (sensor = sensor_at(b, i)) != NULL; i++) {
        if (!sensor->is_file || !sensor->is_file(sensor, m->name, m->key))
            continue;
        m->sensor = sensor;
        m->family = i;
        return !cao_path_join(path, dir, m->name, NULL) && !cao_place_is_dir(path);
    }
    return false;
}

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    if (!order && x->family != y->family)
        return x->family < y->family ? -1 : 1;
    return order ? order : strcmp(x->name, y->name);
}

static bool same_product(const struct member *a, const struct member *b)
{
    return a->sensor == b->sensor && strcmp(a->key, b->key) == 0;
}

/* Products that are files of a folder. @p archive names the products of an archive. */
static enum cao_status add_files(struct builder *b, const char *archive, const char *dir,
                                 const struct cao_names *names, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    size_t n = 0;
    struct member *members = NULL;
    char **own = calloc(names->n + 1, sizeof *own);
    enum cao_status st = own ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; !st && i < names->n; i++) {
        struct member m = { .name = names->items[i] };
        if (!find_family(b, dir, &m))
            continue;
        if ((n & (n - 1)) == 0) { /* at every power of two */
            struct member *more = realloc(members, (n ? 2 * n : 1) * sizeof *more);
            if (!more) {
                st = cao_fail(err, CAO_ENOMEM, "out of memory");
                break;
            }
            members = more;
        }
        members[n++] = m;
    }
    if (n > 0)
        qsort(members, n, sizeof *members, compare_members);
    for (size_t i = 0, end; !st && i < n; i = end) {
        for (end = i; end < n && same_product(&members[i], &members[end]); end++)
            own[end - i] = members[end].name;
        struct cao_place place = { dir, { own, end - i }, members[i].key, &b->means };
        st = archive ? cao_path_join(path, "", archive, err)
                     : cao_path_join(path, dir, members[i].key, err);
        if (!st)
            st = add_product(b, members[i].sensor, path, &place, err);
    }
    free(members);
    free(own);
    return st;
}

/* Names that products are downloaded under: an archive of such a name that cannot be read is a loss. */
static bool looks_like_product(const char *name)
{
    static const char *const starts[] = { "S2A_", "S2B_", "S2C_", "LC0", "LE0",  "LT0",
                                          "LO0",  "GF1",  "GF6",  "HJ2", "HLS.", "CBERS" };
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (strncmp(name, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

/* What an archive holds: files of products, or folders that are products or hold such files. */
static enum cao_status add_archive(struct builder *b, const char *path, struct cao_error *err)
{
    char inside[CAO_PATH_MAX], child[CAO_PATH_MAX];
    const char *name = cao_path_name(path);
    struct cao_names names = { 0 };
    struct cao_error why = { 0 };
    bool is_product = false;
    enum cao_status st = cao_archive_open(path, inside, &why);
    if (!st)
        st = cao_place_list(inside, &names, &why);
    if (st == CAO_ENOMEM)
        return cao_fail(err, st, "%s", why.text);
    if (st) /* the text begins with the path, which refuse() is told apart */
        return looks_like_product(name)
                   ? refuse(b, path, name, "", "archive-unreadable",
                            strncmp(why.text, path, strlen(path)) == 0 ? why.text + strlen(path) + 2
                                                                       : why.text,
                            err)
                   : CAO_OK;
    st = add_folder(b, path, inside, &names, &is_product, err);
    if (!st && !is_product)
        st = add_files(b, path, inside, &names, err);
    for (size_t i = 0; !st && !is_product && i < names.n; i++) {
        struct cao_names below = { 0 };
        if (cao_path_join(child, inside, names.items[i], NULL) || !cao_place_is_dir(child) ||
            cao_place_list(child, &below, NULL))
            continue;
        bool one = false;
        st = add_folder(b, path, child, &below, &one, err);
        if (!st && !one)
            st = add_files(b, path, child, &below, err);
        cao_names_release(&below);
    }
    cao_names_release(&names);
    return st;
}

/* A folder being searched, and those it lies in: a link back to one of them is a loop. */
struct trail {
    const struct trail *above;
    dev_t device;
    ino_t inode;
};

static bool is_loop(const struct trail *t)
{
    for (const struct trail *up = t->above; up; up = up->above)
        if (up->device == t->device && up->inode == t->inode)
            return true;
    return false;
}

static enum cao_status walk(struct builder *b, const char *path, int depth,
                            const struct trail *above, struct cao_error *err);

static enum cao_status walk_children(struct builder *b, const char *path, int depth,
                                     const struct trail *here, const struct cao_names *names,
                                     struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < names->n; i++) {
        char child[CAO_PATH_MAX];
        if (names->items[i][0] == '.' || cao_path_join(child, path, names->items[i], NULL))
            continue;
        if (cao_archive_is(child) && cao_file_stat(child, NULL, NULL)) {
            st = add_archive(b, child, err);
            continue;
        }
        if (!cao_file_is_dir(child))
            continue;
        if (depth >= MOST_DEPTH)
            return cao_findings_add(b->findings, CAO_PROBLEM, "folder-too-deep", path, 0, NULL,
                                    "folders lie deeper than %d levels; not searched", MOST_DEPTH);
        st = walk(b, child, depth + 1, here, err);
    }
    return st;
}

/* A folder is a product, or holds files of products, archives and folders. One that cannot be listed
 * is named and passed over. */
static enum cao_status walk(struct builder *b, const char *path, int depth,
                            const struct trail *above, struct cao_error *err)
{
    struct stat place;
    struct trail here = { .above = above };
    if (stat(path, &place) == 0) {
        here.device = place.st_dev;
        here.inode = place.st_ino;
        if (is_loop(&here))
            return CAO_OK;
    }
    struct cao_names names = { 0 };
    struct cao_error why = { 0 };
    bool is_product = false;
    enum cao_status st = cao_list_dir(path, &names, &why);
    if (st == CAO_ENOMEM)
        return cao_fail(err, st, "%s", why.text);
    if (st) {
        st = cao_findings_add(b->findings, CAO_PROBLEM, "folder-unreadable", path, 0, NULL,
                              "cannot be searched: %s", why.text);
        return st ? cao_fail(err, st, "out of memory") : CAO_OK;
    }
    st = add_folder(b, path, path, &names, &is_product, err);
    if (!st && !is_product)
        st = add_files(b, NULL, path, &names, err);
    if (!st && !is_product)
        st = walk_children(b, path, depth, &here, &names, err);
    cao_names_release(&names);
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

/* Sorted by acquisition, the newest processing last: all before it are superseded. */
static enum cao_status drop_superseded(struct builder *b, struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    size_t n = 0;
    for (size_t i = 0; i < b->c.n; i++) {
        struct cao_scene *s = &b->c.scenes[i];
        if (i + 1 < b->c.n && same_acquisition(s, &b->c.scenes[i + 1])) {
            char reason[700];
            size_t last = i + 1;
            while (last + 1 < b->c.n && same_acquisition(s, &b->c.scenes[last + 1]))
                last++;
            snprintf(
                reason, sizeof reason, "%s of the acquisition of %.200s, which is used instead",
                s->generated < b->c.scenes[last].generated ? "older processing" : "another copy",
                b->c.scenes[last].path);
            if (!st)
                st = refuse(b, s->path, s->id, s->sensor->info.name, "scene-superseded", reason,
                            err);
            cao_scene_release(s);
            continue;
        }
        if (n != i)
            b->c.scenes[n] = *s;
        n++;
    }
    b->c.n = n;
    return st;
}

enum cao_status cao_catalog_scan(const char *const *paths, size_t n_paths,
                                 struct cao_catalog *catalog, struct cao_findings *findings,
                                 const struct cao_log *log, struct cao_error *err)
{
    return cao_catalog_scan_with(NULL, paths, n_paths, catalog, findings, log, err);
}

enum cao_status cao_catalog_scan_with(const struct cao_scan *scan, const char *const *paths,
                                      size_t n_paths, struct cao_catalog *catalog,
                                      struct cao_findings *findings, const struct cao_log *log,
                                      struct cao_error *err)
{
    static const struct cao_scan nothing;
    struct cao_calibrations calibrations = { 0 };
    scan = scan ? scan : &nothing;
    struct builder b = { .findings = findings, .log = log, .means.raw = scan->raw };
    enum cao_status st = CAO_OK;
    if (scan->raw.calibration) {
        st = cao_calibrations_read(scan->raw.calibration, &calibrations, err);
        if (st)
            return st;
        b.means.calibrations = &calibrations;
    }
    b.c.declared = calloc(scan->n_declared + 1, sizeof *b.c.declared);
    if (!b.c.declared)
        st = cao_fail(err, CAO_ENOMEM, "out of memory for the catalogue");
    for (size_t i = 0; !st && i < scan->n_declared; i++)
        cao_sensor_declare(&scan->declared[i], &b.c.declared[b.c.n_declared++]);
    for (size_t i = 0; !st && i < n_paths; i++) {
        size_t before = b.c.n + b.c.n_refused;
        if (cao_archive_is(paths[i]) && cao_file_stat(paths[i], NULL, NULL))
            st = add_archive(&b, paths[i], err);
        else if (!cao_file_is_dir(paths[i]))
            st = cao_fail(err, CAO_EIO, "%s: is not a folder that can be read", paths[i]);
        else
            st = walk(&b, paths[i], 0, NULL, err);
        if (!st && b.c.n + b.c.n_refused == before)
            st = cao_findings_add(findings, CAO_PROBLEM, "no-products", paths[i], 0, NULL,
                                  "holds no product that is known; see 'caochu list sensors'");
    }
    if (!st && b.c.n) {
        qsort(b.c.scenes, b.c.n, sizeof *b.c.scenes, compare);
        st = drop_superseded(&b, err);
        qsort(b.c.scenes, b.c.n, sizeof *b.c.scenes, compare_kept);
    }
    if (!st && b.c.n_refused)
        qsort(b.c.refused, b.c.n_refused, sizeof *b.c.refused, compare_refused);
    cao_calibrations_release(&calibrations);
    if (st)
        cao_catalog_release(&b.c);
    else
        *catalog = b.c;
    return st;
}

void cao_catalog_release(struct cao_catalog *c)
{
    for (size_t i = 0; i < c->n; i++)
        cao_scene_release(&c->scenes[i]);
    for (size_t i = 0; i < c->n_refused; i++) {
        free(c->refused[i].path);
        free(c->refused[i].id);
        free(c->refused[i].sensor);
        free(c->refused[i].code);
        free(c->refused[i].reason);
    }
    free(c->scenes);
    free(c->refused);
    free(c->declared);
    *c = (struct cao_catalog){ 0 };
}
