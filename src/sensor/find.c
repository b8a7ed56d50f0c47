/* SPDX-License-Identifier: MIT */
#include "sensor/find.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_DEPTH = 24 };

static const struct cao_sensor *const built_in[] = {
    &cao_sensor_sentinel2, &cao_sensor_sentinel2_cog, &cao_sensor_theia, &cao_sensor_landsat,
    &cao_sensor_hls,       &cao_sensor_modis,         &cao_sensor_viirs, &cao_sensor_gaofen
};
enum { N_BUILT_IN = sizeof built_in / sizeof built_in[0] };

const struct cao_sensor *cao_finder_sensor(const struct cao_finder *f, size_t i)
{
    if (i < f->n_declared)
        return &f->declared[i];
    i -= f->n_declared;
    return i < N_BUILT_IN ? built_in[i] : NULL;
}

const struct cao_sensor *cao_finder_named(const struct cao_finder *f, const char *name)
{
    const struct cao_sensor *sensor;
    for (size_t i = 0; (sensor = cao_finder_sensor(f, i)) != NULL; i++)
        if (strcmp(sensor->info.name, name) == 0)
            return sensor;
    return NULL;
}

const struct cao_sensor_info *cao_sensor_at(size_t i)
{
    return i < N_BUILT_IN ? &built_in[i]->info : NULL;
}

/* Whether the project declares what some of the names are: then it knows better than we do. */
static bool has_declared(const struct cao_finder *f, const struct cao_names *names)
{
    char key[CAO_KEY_SIZE];
    for (size_t d = 0; d < f->n_declared; d++)
        for (size_t i = 0; i < names->n; i++)
            if (f->declared[d].is_file(&f->declared[d], names->items[i], key))
                return true;
    return false;
}

/* A folder that is one product of a family that knows its folders. */
static enum cao_status add_folder(const struct cao_finder *f, const char *path, const char *dir,
                                  const struct cao_names *names, bool *is_product,
                                  struct cao_error *err)
{
    *is_product = false;
    if (has_declared(f, names))
        return CAO_OK;
    const struct cao_sensor *sensor;
    for (size_t i = 0; (sensor = cao_finder_sensor(f, i)) != NULL; i++)
        if (sensor->is_folder && sensor->is_folder(dir, names)) {
            struct cao_place place = { dir, *names, "", NULL };
            *is_product = true;
            return f->product(f->context, sensor, path, &place, err);
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
static bool find_family(const struct cao_finder *f, const char *dir, struct member *m)
{
    char path[CAO_PATH_MAX];
    const struct cao_sensor *sensor;
    for (size_t i = 0; (sensor = cao_finder_sensor(f, i)) != NULL; i++) {
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

static bool is_image(const char *name)
{
    static const char *const endings[] = { ".tif", ".tiff", ".jp2", ".hdf", ".h5",
                                           ".he5", ".nc",   ".img", ".dat" };
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (cao_path_has_ending(name, endings[i]))
            return true;
    return false;
}

static void count_stray(const struct cao_finder *f, const char *dir, const char *name,
                        bool *is_counted)
{
    if (!f->strays || !is_image(name))
        return;
    if (f->strays->n++ == 0 && cao_path_join(f->strays->first, dir, name, NULL))
        f->strays->first[0] = '\0';
    f->strays->n_folders += !*is_counted;
    *is_counted = true;
}

/* Products that are files of a folder. @p archive names the products of an archive. */
static enum cao_status add_files(const struct cao_finder *f, const char *archive, const char *dir,
                                 const struct cao_names *names, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    size_t n = 0;
    bool has_strays = false;
    struct member *members = NULL;
    char **own = calloc(names->n + 1, sizeof *own);
    enum cao_status st = own ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; !st && i < names->n; i++) {
        struct member m = { .name = names->items[i] };
        if (!find_family(f, dir, &m)) {
            count_stray(f, dir, m.name, &has_strays);
            continue;
        }
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
        struct cao_place place = { dir, { own, end - i }, members[i].key, NULL };
        st = archive ? cao_path_join(path, "", archive, err)
                     : cao_path_join(path, dir, members[i].key, err);
        if (!st)
            st = f->product(f->context, members[i].sensor, path, &place, err);
    }
    free(members);
    free(own);
    return st;
}

enum cao_status cao_find_inside(const struct cao_finder *f, const char *path, const char *inside,
                                struct cao_error *err)
{
    char child[CAO_PATH_MAX];
    struct cao_names names = { 0 };
    bool is_product = false;
    enum cao_status st = cao_place_list(inside, &names, err);
    if (st)
        return st;
    st = add_folder(f, path, inside, &names, &is_product, err);
    if (!st && !is_product)
        st = add_files(f, path, inside, &names, err);
    for (size_t i = 0; !st && !is_product && i < names.n; i++) {
        struct cao_names below = { 0 };
        if (cao_path_join(child, inside, names.items[i], NULL) || !cao_place_is_dir(child) ||
            cao_place_list(child, &below, NULL))
            continue;
        bool one = false;
        st = add_folder(f, path, child, &below, &one, err);
        if (!st && !one)
            st = add_files(f, path, child, &below, err);
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

static enum cao_status walk(const struct cao_finder *f, const char *path, int depth,
                            const struct trail *above, struct cao_error *err);

static enum cao_status walk_children(const struct cao_finder *f, const char *path, int depth,
                                     const struct trail *here, const struct cao_names *names,
                                     struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < names->n; i++) {
        char child[CAO_PATH_MAX];
        if (names->items[i][0] == '.' || cao_path_join(child, path, names->items[i], NULL))
            continue;
        if (cao_archive_is(child) && cao_file_stat(child, NULL, NULL)) {
            st = f->archive(f->context, child, err);
            continue;
        }
        if (!cao_file_is_dir(child))
            continue;
        if (depth >= MOST_DEPTH)
            return cao_findings_add(f->findings, CAO_PROBLEM, "folder-too-deep", path, 0, NULL,
                                    "folders lie deeper than %d levels; not searched", MOST_DEPTH);
        st = walk(f, child, depth + 1, here, err);
    }
    return st;
}

/* A folder is a product, or holds files of products, archives and folders. One that cannot be listed
 * is named and passed over. */
static enum cao_status walk(const struct cao_finder *f, const char *path, int depth,
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
        st = cao_findings_add(f->findings, CAO_PROBLEM, "folder-unreadable", path, 0, NULL,
                              "cannot be searched: %s", why.text);
        return st ? cao_fail(err, st, "out of memory") : CAO_OK;
    }
    st = add_folder(f, path, path, &names, &is_product, err);
    if (!st && !is_product)
        st = add_files(f, NULL, path, &names, err);
    if (!st && !is_product)
        st = walk_children(f, path, depth, &here, &names, err);
    cao_names_release(&names);
    return st;
}

enum cao_status cao_find_below(const struct cao_finder *f, const char *path, struct cao_error *err)
{
    return walk(f, path, 0, NULL, err);
}

enum cao_status cao_find_of_file(const struct cao_finder *f, const char *path,
                                 struct cao_error *err)
{
    char dir[CAO_PATH_MAX];
    struct cao_names names = { 0 }, own = { 0 };
    struct member wanted = { .name = (char *)(uintptr_t)cao_path_name(path) };
    bool is_product = false;
    cao_path_dir(dir, path);
    enum cao_status st = cao_list_dir(dir, &names, err);
    if (!st)
        st = add_folder(f, dir, dir, &names, &is_product, err);
    if (!st && !is_product && find_family(f, dir, &wanted)) {
        own.items = calloc(names.n + 1, sizeof *own.items);
        if (!own.items)
            st = cao_fail(err, CAO_ENOMEM, "out of memory");
        for (size_t i = 0; !st && i < names.n; i++) {
            struct member m = { .name = names.items[i] };
            if (find_family(f, dir, &m) && same_product(&m, &wanted))
                own.items[own.n++] = names.items[i];
        }
        if (!st)
            st = add_files(f, NULL, dir, &own, err);
        free(own.items);
    }
    cao_names_release(&names);
    return st;
}
