/* SPDX-License-Identifier: MIT
 * Profiles from YAML. A profile may be based on another: the base is read first, then what the
 * profile itself says goes over it. */
#include "caochu/profile_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/project.h"
#include "caochu/text.h"
#include "config/profile_parts.h"

enum { FORMAT = 1, MOST_BASES = CAO_MOST_BASES };

static enum cao_status check_format(struct cao_profile_reader *r, const struct cao_yaml *root)
{
    const struct cao_yaml *format = cao_yaml_find(root, "format");
    int64_t v;
    if (!format || format->kind != CAO_YAML_SCALAR || !cao_text_int64(format->text, &v) || v < 1)
        return cao_fail(r->err, CAO_EARG, "%s: is not a profile: 'format: %d' is missing", r->file,
                        FORMAT);
    if (v > FORMAT)
        return cao_profile_bad(r, format, "format",
                               "%d is newer than this program reads (%d); use a newer caochu",
                               (int)v, FORMAT);
    return CAO_OK;
}

enum cao_status cao_profile_path(const char *name, const char *base_dir, const char *data_dir,
                                 char path[CAO_PATH_MAX], struct cao_error *err)
{
    char file[CAO_PATH_MAX];
    if (strchr(name, '/') || cao_path_has_ending(name, ".yaml"))
        return cao_path_join(path, base_dir, name, err);
    snprintf(file, sizeof file, "%.200s.yaml", name);
    enum cao_status st = cao_path_join(path, data_dir, file, err);
    if (st || cao_file_stat(path, NULL, NULL))
        return st;
    struct cao_names names = { 0 };
    struct cao_buf known = { 0 };
    if (cao_list_dir(data_dir, &names, NULL) == CAO_OK)
        for (size_t i = 0; i < names.n; i++)
            if (cao_path_has_ending(names.items[i], ".yaml"))
                cao_buf_add(&known, "%s%.*s", known.n ? ", " : "", (int)strlen(names.items[i]) - 5,
                            names.items[i]);
    st = cao_fail(err, CAO_EARG, "profile '%s' is not known; there are: %s (in %s)", name,
                  known.text ? known.text : "none", data_dir[0] ? data_dir : "no data folder");
    cao_names_release(&names);
    cao_buf_release(&known);
    return st;
}

enum cao_status cao_profile_base_path(const char *path, const char *base, const char *data_dir,
                                      char out[CAO_PATH_MAX], struct cao_error *err)
{
    char dir[CAO_PATH_MAX], beside[CAO_PATH_MAX];
    cao_path_dir(dir, path);
    snprintf(beside, sizeof beside, "%s/%.200s.yaml", dir, base);
    if (cao_file_stat(beside, NULL, NULL) && strcmp(beside, path) != 0)
        return cao_path_join(out, "", beside, err);
    return cao_profile_path(base, dir, data_dir, out, err);
}

/* The base first, then the profile over it. */
static enum cao_status read_chain(struct cao_profile_reader *r, const char *path,
                                  const char *data_dir, int depth)
{
    struct cao_yaml *root = NULL;
    if (depth >= MOST_BASES)
        return cao_fail(r->err, CAO_EARG, "%s: based_on leads back or over more than %d profiles",
                        path, MOST_BASES);
    enum cao_status st = cao_yaml_read(path, &root, r->err);
    if (!st)
        st = cao_hash_file(r->content, path, r->err);
    st = st == CAO_EIO ? CAO_EARG : st;
    r->file = path;
    if (!st)
        st = check_format(r, root);
    if (!st && !cao_yaml_find(root, "name"))
        st =
            cao_fail(r->err, CAO_EARG,
                     "%s: name is missing: give the profile a name of its own, which stands beside "
                     "each number that comes from it",
                     path);
    const struct cao_yaml *base = cao_yaml_find(root, "based_on");
    if (!st && base) {
        char base_path[CAO_PATH_MAX];
        st = cao_profile_need(r, base, CAO_YAML_SCALAR);
        if (!st)
            st = cao_profile_base_path(path, base->text, data_dir, base_path, r->err);
        if (!st)
            st = read_chain(r, base_path, data_dir, depth + 1);
        r->file = path;
    }
    if (!st) /* the base's title would speak for numbers that are not the base's */
        st = cao_profile_set_text(r, &r->p.title, "");
    if (!st)
        st = cao_profile_read_root(r, root);
    cao_yaml_destroy(root);
    return st;
}

static enum cao_status choose_scheme(struct cao_profile_reader *r)
{
    for (size_t i = 0; r->scheme && i < r->n_schemes; i++)
        if (strcmp(r->schemes[i].name, r->scheme) == 0) {
            r->p.scheme = r->schemes[i];
            r->schemes[i] = (struct cao_class_scheme){ 0 };
            return CAO_OK;
        }
    return cao_fail(r->err, CAO_EARG, "%s: scheme: '%s' is not among schemes", r->file,
                    r->scheme ? r->scheme : "");
}

/* The names under which one thing of a profile is found. */
struct known_as {
    const char *name, *zh;
    char *const *aliases;
    size_t n_aliases;
};

static const char *name_at(const struct known_as *k, size_t i)
{
    return i == 0 ? k->name : i == 1 ? k->zh : i - 2 < k->n_aliases ? k->aliases[i - 2] : NULL;
}

/* A name that means two things would silently mean the first. */
static enum cao_status check_apart(struct cao_profile_reader *r, const char *what,
                                   const struct known_as *a, const struct known_as *b)
{
    const char *x, *y;
    for (size_t i = 0; (x = name_at(a, i)) != NULL; i++)
        for (size_t j = 0; (y = name_at(b, j)) != NULL; j++)
            if (strcmp(x, y) == 0)
                return cao_fail(r->err, CAO_EARG, "%s: %s: '%s' stands for both %s and %s", r->file,
                                what, x, a->name, b->name);
    return CAO_OK;
}

static enum cao_status check_items(struct cao_profile_reader *r, const char *what,
                                   const struct cao_items *items)
{
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < items->n; i++)
        for (size_t j = i + 1; !st && j < items->n; j++) {
            const struct cao_item *a = &items->rows[i], *b = &items->rows[j];
            st =
                check_apart(r, what, &(struct known_as){ a->name, a->zh, a->aliases, a->n_aliases },
                            &(struct known_as){ b->name, b->zh, b->aliases, b->n_aliases });
        }
    return st;
}

static enum cao_status check_species(struct cao_profile_reader *r, const char *what,
                                     const struct cao_species *list, size_t n)
{
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < n; i++) {
        const struct cao_species *a = &list[i];
        for (size_t j = i + 1; !st && j < n; j++) {
            const struct cao_species *b = &list[j];
            st =
                check_apart(r, what, &(struct known_as){ a->name, a->zh, a->aliases, a->n_aliases },
                            &(struct known_as){ b->name, b->zh, b->aliases, b->n_aliases });
        }
        if (!st)
            st = check_items(r, "ages", &a->ages);
    }
    return st;
}

static enum cao_status check_names(struct cao_profile_reader *r)
{
    const struct cao_profile *p = &r->p;
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < p->n_types; i++)
        for (size_t j = i + 1; !st && j < p->n_types; j++) {
            const struct cao_grass_type *a = &p->types[i], *b = &p->types[j];
            st = check_apart(r, "types",
                             &(struct known_as){ a->name, a->zh, a->aliases, a->n_aliases },
                             &(struct known_as){ b->name, b->zh, b->aliases, b->n_aliases });
        }
    if (!st)
        st = check_species(r, "species", p->species, p->n_species);
    if (!st)
        st = check_species(r, "wildlife", p->wild, p->n_wild);
    if (!st)
        st = check_items(r, "degradation", &p->grades);
    if (!st)
        st = check_items(r, "zones", &p->zones);
    if (!st)
        st = check_items(r, "feeds", &p->feeds);
    return st;
}

static enum cao_status check_whole(struct cao_profile_reader *r)
{
    struct cao_profile *p = &r->p;
    const char *missing = !p->name[0]                       ? "name"
                          : isnan(p->intake_kg_day.value)   ? "intake.kg_day"
                          : isnan(p->bare_below.value)      ? "bare_below"
                          : isnan(p->min_valid_share.value) ? "min_valid_share"
                          : isnan(p->wildlife_share.value)  ? "wildlife_share"
                          : p->n_types == 0                 ? "types"
                          : p->n_species == 0               ? "species"
                          : !p->yield_index[0]              ? "yield.index"
                                                            : NULL;
    if (missing)
        return cao_fail(r->err, CAO_EARG, "%s: %s is missing; add it, or 'based_on: PROFILE'",
                        r->file, missing);
    return check_names(r);
}

static enum cao_status init_profile(struct cao_profile_reader *r, const char *path)
{
    struct cao_coefficient *const all[] = { &r->p.intake_kg_day, &r->p.wildlife_share,
                                            &r->p.bare_below, &r->p.min_valid_share };
    enum cao_status st = cao_profile_set_text(r, &r->p.path, path);
    if (!st)
        st = cao_profile_set_text(r, &r->p.name, "");
    if (!st)
        st = cao_profile_set_text(r, &r->p.title, "");
    if (!st)
        st = cao_profile_set_text(r, &r->p.yield_index, "");
    for (size_t i = 0; !st && i < sizeof all / sizeof all[0]; i++)
        st = cao_profile_init_coefficient(r, all[i]);
    for (size_t i = 0; !st && i < CAO_N_SEASONS; i++)
        st = cao_profile_init_coefficient(r, &r->p.days[i]);
    for (size_t i = 0; !st && i < CAO_N_SEASONS; i++)
        st = cao_profile_init_coefficient(r, &r->p.retention[i]);
    for (size_t i = 0; !st && i < CAO_N_YEARS; i++)
        st = cao_profile_init_coefficient(r, &r->p.edible_drift[i]);
    r->p.edible_drift[CAO_YEAR_NORMAL].value = 0;
    return st ? st : cao_profile_uncertainty_init(r);
}

static enum cao_status read_patches(struct cao_profile_reader *r,
                                    const struct cao_profile_patch *patches, size_t n)
{
    enum cao_status st = CAO_OK;
    const char *file = r->file;
    for (size_t i = 0; !st && i < n; i++) {
        struct cao_yaml *root = NULL;
        r->file = patches[i].name;
        cao_hash_text(r->content, patches[i].yaml);
        st = cao_yaml_parse(patches[i].yaml, strlen(patches[i].yaml), patches[i].name, &root,
                            r->err);
        if (!st)
            st = cao_profile_read_root(r, root);
        cao_yaml_destroy(root);
    }
    r->file = file;
    return st;
}

enum cao_status cao_profile_load(const char *name, const char *base_dir, const char *data_dir,
                                 const char *yield_set, struct cao_profile *profile,
                                 struct cao_error *err)
{
    return cao_profile_load_patched(name, base_dir, data_dir, yield_set, NULL, 0, profile, err);
}

enum cao_status cao_profile_load_patched(const char *name, const char *base_dir,
                                         const char *data_dir, const char *yield_set,
                                         const struct cao_profile_patch *patches, size_t n_patches,
                                         struct cao_profile *profile, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    struct cao_profile_reader *r = calloc(1, sizeof *r);
    if (!r)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    r->err = err;
    enum cao_status st = cao_hash_create(&r->content, err);
    if (!st)
        st = cao_profile_path(name, base_dir, data_dir, path, err);
    r->file = path;
    if (!st)
        st = init_profile(r, path);
    if (!st)
        st = read_chain(r, path, data_dir, 0);
    if (!st)
        st = read_patches(r, patches, n_patches);
    if (!st)
        st = check_whole(r);
    if (!st)
        st = cao_profile_choose_models(r, yield_set);
    if (!st)
        st = choose_scheme(r);
    if (!st)
        cao_hash_final(r->content, r->p.content);
    cao_hash_destroy(r->content);
    for (size_t i = 0; i < r->n_models; i++)
        free(r->models[i].source);
    for (size_t i = 0; i < r->n_sets; i++) {
        for (size_t k = 0; k < r->sets[i].n_models; k++)
            free(r->sets[i].models[k]);
        free(r->sets[i].set);
        free(r->sets[i].type);
    }
    for (size_t i = 0; i < r->n_schemes; i++)
        cao_class_scheme_release(&r->schemes[i]);
    free(r->sets);
    free(r->schemes);
    free(r->scheme);
    free(r->default_set);
    free(r->own_set);
    if (st)
        cao_profile_release(&r->p);
    else
        *profile = r->p;
    free(r);
    return st;
}

/* What the project says besides is laid over the profile as texts of YAML, like any other assumption. */
enum cao_status cao_profile_of_project(const struct cao_project *project, const char *name,
                                       const char *data_dir,
                                       const struct cao_profile_patch *patches, size_t n_patches,
                                       struct cao_profile *profile, struct cao_error *err)
{
    enum { OWN = 3 };
    struct cao_buf equations = { 0 };
    char herd[80], firm[80];
    struct cao_profile_patch *all = calloc(n_patches + OWN, sizeof *all);
    size_t n = 0;
    cao_buf_add(&equations, "yield: {equations: '");
    for (const char *s = project->yield_models; *s; s++)
        cao_buf_put(&equations, *s == '\'' ? "''" : s, *s == '\'' ? 2 : 1);
    cao_buf_add(&equations, "'}");
    if (!all || equations.failed) {
        free(all);
        cao_buf_release(&equations);
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    }
    snprintf(herd, sizeof herd, "uncertainty: {herd_error: %.15g}", project->herd_error);
    snprintf(firm, sizeof firm, "uncertainty: {firm_at: %.15g}", project->firm_at);
    if (project->yield_models[0])
        all[n++] = (struct cao_profile_patch){ equations.text, "yield_models" };
    if (!isnan(project->herd_error))
        all[n++] = (struct cao_profile_patch){ herd, project->path };
    if (!isnan(project->firm_at))
        all[n++] = (struct cao_profile_patch){ firm, project->path };
    for (size_t i = 0; i < n_patches; i++)
        all[n++] = patches[i];
    enum cao_status st =
        cao_profile_load_patched(name ? name : project->profile, project->dir, data_dir,
                                 project->yield_set, all, n, profile, err);
    free(all);
    cao_buf_release(&equations);
    return st;
}

static void free_texts(char **items, size_t n)
{
    for (size_t i = 0; items && i < n; i++)
        free(items[i]);
    free(items);
}

static void free_species(struct cao_species *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(list[i].name);
        free(list[i].zh);
        free_texts(list[i].aliases, list[i].n_aliases);
        free(list[i].su.source);
        cao_items_release(&list[i].ages);
        cao_steps_release(&list[i].weights);
    }
    free(list);
}

void cao_profile_release(struct cao_profile *p)
{
    for (size_t i = 0; i < p->n_types; i++) {
        struct cao_grass_type *t = &p->types[i];
        free(t->name);
        free(t->zh);
        free_texts(t->aliases, t->n_aliases);
        struct cao_coefficient *const coefficients[] = { &t->fresh_hay_ratio, &t->edible_share,
                                                         &t->regrowth,        &t->hay_coefficient,
                                                         &t->fvc_soil,        &t->fvc_full };
        for (size_t k = 0; k < sizeof coefficients / sizeof coefficients[0]; k++)
            free(coefficients[k]->source);
        for (size_t k = 0; k < CAO_N_SEASONS; k++)
            free(t->utilisation[k].source);
        free(t->models);
        free(t->models_source);
    }
    free_species(p->species, p->n_species);
    free_species(p->wild, p->n_wild);
    cao_items_release(&p->grades);
    cao_items_release(&p->zones);
    cao_items_release(&p->feeds);
    for (size_t k = 0; k < CAO_N_TERRAIN; k++)
        cao_steps_release(&p->terrain[k]);
    for (size_t k = 0; k < CAO_N_SEASONS; k++)
        free(p->retention[k].source);
    for (size_t k = 0; k < CAO_N_YEARS; k++)
        free(p->edible_drift[k].source);
    for (size_t k = 0; k < CAO_N_SEASONS; k++)
        free(p->days[k].source);
    free(p->types);
    free(p->name);
    free(p->title);
    free(p->path);
    free(p->yield_set);
    free(p->yield_index);
    free(p->intake_kg_day.source);
    free(p->wildlife_share.source);
    free(p->bare_below.source);
    free(p->min_valid_share.source);
    cao_profile_uncertainty_release(&p->uncertainty);
    cao_class_scheme_release(&p->scheme);
    *p = (struct cao_profile){ 0 };
}
