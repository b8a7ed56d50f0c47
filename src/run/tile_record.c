/* SPDX-License-Identifier: MIT */
#include "run/tile_record.h"

#include <assert.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "run/digest.h"
#include "run/zone_text.h"

enum { RECORD_FORMAT = 6, RECORD_LIMIT = 256 << 20 };

static json_object *scenes_to_json(const struct cao_plan *plan, const struct cao_tile_job *job,
                                   const struct cao_tile_result *r)
{
    json_object *scenes = json_object_new_array();
    for (size_t k = 0; k < job->n_scenes; k++) {
        json_object *s = json_object_new_object(), *counts = json_object_new_object();
        const struct cao_scene *scene = &plan->catalog->scenes[job->scenes[k]];
        json_object_object_add(s, "id", json_object_new_string(scene->id));
        json_object_object_add(s, "stamp", json_object_new_string(scene->stamp));
        for (int c = 0; c < CAO_N_REASONS; c++)
            json_object_object_add(counts, cao_reason_name((enum cao_reason)c),
                                   json_object_new_int64((int64_t)r->counts[k][c]));
        json_object_object_add(s, "cells", counts);
        json_object_array_add(scenes, s);
    }
    return scenes;
}

static json_object *findings_to_json(const struct cao_findings *f)
{
    json_object *list = json_object_new_array();
    for (size_t i = 0; i < f->n; i++) {
        json_object *o = json_object_new_object();
        json_object_object_add(o, "problem",
                               json_object_new_boolean(f->items[i].severity == CAO_PROBLEM));
        json_object_object_add(o, "code", json_object_new_string(f->items[i].code));
        json_object_object_add(o, "file", json_object_new_string(f->items[i].file));
        json_object_object_add(o, "item", json_object_new_string(f->items[i].item));
        json_object_object_add(o, "text", json_object_new_string(f->items[i].text));
        json_object_array_add(list, o);
    }
    return list;
}

/* Words of the profile, so that a record does not depend on the order of its tables. */
static void ground_to_json(const struct cao_profile *p, cao_ground g, json_object *o)
{
    unsigned type = cao_ground_part(g, CAO_GROUND_TYPE);
    unsigned grade = cao_ground_part(g, CAO_GROUND_GRADE);
    unsigned zone = cao_ground_part(g, CAO_GROUND_ZONE);
    if (g == CAO_GROUND_OWN)
        return;
    json_object_object_add(o, "type",
                           json_object_new_string(type == 0 ? ""
                                                  : type == CAO_NOT_GRASS
                                                      ? "none"
                                                      : p->types[type - 1].name));
    json_object_object_add(o, "grade",
                           json_object_new_string(grade ? p->grades.rows[grade - 1].name : ""));
    json_object_object_add(o, "zone",
                           json_object_new_string(zone ? p->zones.rows[zone - 1].name : ""));
}

/* False without memory: the text is missing. */
static bool add_text(json_object *o, const char *key, struct cao_buf *text)
{
    bool whole = !text->failed;
    if (whole && text->text)
        json_object_object_add(o, key, json_object_new_string_len(text->text, (int)text->n));
    cao_buf_release(text);
    return whole;
}

/* *whole is set to false where a part is missing for want of memory: then it is no record. */
static json_object *zones_to_json(const struct cao_plan *plan, const struct cao_tile_job *job,
                                  const struct cao_tile_result *r, bool *whole)
{
    size_t layers = cao_zone_layers(plan), part = 0;
    json_object *zones = json_object_new_array();
    for (size_t k = 0; k < job->n_pastures; k++) {
        json_object *z = json_object_new_object(), *parts = json_object_new_array();
        struct cao_buf reasons = { 0 };
        json_object_object_add(z, "id",
                               json_object_new_string(plan->pastures->items[job->pastures[k]].id));
        for (; part < r->n_parts && r->parts[part].pasture == k; part++) {
            json_object *o = json_object_new_object();
            struct cao_buf sums = { 0 };
            ground_to_json(plan->profile, r->parts[part].ground, o);
            cao_zone_text_sums(&sums, r->sums + part * layers, layers);
            *whole &= add_text(o, "sums", &sums);
            json_object_array_add(parts, o);
        }
        json_object_object_add(z, "parts", parts);
        cao_zone_text_numbers(&reasons, r->reasons[k], CAO_N_REASONS);
        *whole &= add_text(z, "looks", &reasons);
        json_object_array_add(zones, z);
    }
    return zones;
}

/* Of the bytes as they stand under their names now. */
static enum cao_status hash_files(const char *dir, struct cao_tile_result *r, struct cao_error *err)
{
    struct cao_hash *h;
    char path[CAO_PATH_MAX];
    enum cao_status st = cao_hash_create(&h, err);
    if (st)
        return st;
    for (size_t i = 0; !st && i < r->n_files; i++) {
        cao_hash_reset(h);
        st = cao_path_join(path, dir, r->files[i].name, err);
        if (!st)
            st = cao_hash_file(h, path, err);
        cao_hash_final(h, r->files[i].hash);
    }
    cao_hash_destroy(h);
    return st;
}

enum cao_status cao_tile_record_write(const struct cao_plan *plan, const struct cao_tile_job *job,
                                      struct cao_tile_result *r, struct cao_error *err)
{
    char dir[CAO_PATH_MAX], path[CAO_PATH_MAX];
    enum cao_status st = cao_plan_tile_dir(plan, job, dir, err);
    if (!st)
        st = hash_files(dir, r, err);
    if (!st)
        st = cao_path_join(path, dir, "tile.json", err);
    if (st)
        return st;
    json_object *root = json_object_new_object(), *files = json_object_new_array();
    json_object *parts = json_object_new_array();
    for (int part = 0; part < CAO_N_PARTS; part++)
        json_object_array_add(parts, json_object_new_string(job->part[part]));
    json_object_object_add(root, "format", json_object_new_int(RECORD_FORMAT));
    json_object_object_add(root, "digest", json_object_new_string(job->digest));
    json_object_object_add(root, "parts", parts);
    for (size_t i = 0; i < r->n_files; i++) {
        json_object *f = json_object_new_object();
        json_object_object_add(f, "name", json_object_new_string(r->files[i].name));
        json_object_object_add(f, "bytes", json_object_new_int64(r->files[i].size));
        json_object_object_add(f, "xxh128", json_object_new_string(r->files[i].hash));
        json_object_array_add(files, f);
    }
    json_object_object_add(root, "files", files);
    json_object_object_add(root, "scenes", scenes_to_json(plan, job, r));
    json_object_object_add(root, "findings", findings_to_json(&r->findings));
    bool whole = true;
    json_object_object_add(root, "zones", zones_to_json(plan, job, r, &whole));
    size_t n;
    const char *text = json_object_to_json_string_length(root, JSON_C_TO_STRING_PLAIN, &n);
    st = text && whole ? cao_file_write(path, text, n, err)
                       : cao_fail(err, CAO_ENOMEM, "%s: out of memory", path);
    json_object_put(root);
    return st;
}

static const char *text_of(json_object *o, const char *key)
{
    json_object *v;
    return json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_string)
               ? json_object_get_string(v)
               : "";
}

static json_object *list_of(json_object *o, const char *key, size_t n)
{
    json_object *v;
    if (!json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, json_type_array) ||
        (n != SIZE_MAX && json_object_array_length(v) != n))
        return NULL;
    return v;
}

/* 1 + the row of that name, 0 for none; false: the profile has no such row. */
static bool row_named(const struct cao_items *items, const char *name, unsigned *at)
{
    *at = 0;
    for (size_t i = 0; name[0] && !*at && i < items->n; i++)
        if (strcmp(items->rows[i].name, name) == 0)
            *at = (unsigned)i + 1;
    return *at || !name[0];
}

static bool ground_from_json(const struct cao_profile *p, json_object *o, cao_ground *g)
{
    json_object *has;
    const char *name = text_of(o, "type");
    unsigned type = 0, grade, zone;
    *g = CAO_GROUND_OWN;
    if (!json_object_object_get_ex(o, "type", &has))
        return true;
    if (strcmp(name, "none") == 0)
        type = CAO_NOT_GRASS;
    for (size_t i = 0; name[0] && !type && i < p->n_types && i + 1 < CAO_NOT_GRASS; i++)
        if (strcmp(p->types[i].name, name) == 0)
            type = (unsigned)i + 1;
    bool known = (type || !name[0]) && row_named(&p->grades, text_of(o, "grade"), &grade) &&
                 row_named(&p->zones, text_of(o, "zone"), &zone);
    if (known)
        *g = cao_ground_pack(type, grade, zone);
    return known;
}

static bool parts_read(const struct cao_plan *plan, json_object *parts, size_t pasture,
                       struct cao_tile_result *r)
{
    size_t layers = cao_zone_layers(plan);
    for (size_t i = 0; i < json_object_array_length(parts); i++) {
        json_object *o = json_object_array_get_idx(parts, i);
        struct cao_tile_part *part = &r->parts[r->n_parts];
        part->pasture = pasture;
        if (!ground_from_json(plan->profile, o, &part->ground) ||
            !cao_zone_text_read_sums(text_of(o, "sums"), r->sums + r->n_parts * layers, layers))
            return false;
        r->n_parts++;
    }
    return true;
}

static bool zones_read(const struct cao_plan *plan, const struct cao_tile_job *job,
                       json_object *zones, struct cao_tile_result *r)
{
    size_t layers = cao_zone_layers(plan), n_parts = 0;
    for (size_t k = 0; k < job->n_pastures; k++) {
        json_object *parts = list_of(json_object_array_get_idx(zones, k), "parts", SIZE_MAX);
        n_parts += parts ? json_object_array_length(parts) : 0;
    }
    r->parts = calloc(n_parts + 1, sizeof *r->parts);
    r->sums = calloc(n_parts * layers + 1, sizeof *r->sums);
    if (!r->parts || !r->sums)
        return false;
    for (size_t k = 0; k < job->n_pastures; k++) {
        json_object *parts = list_of(json_object_array_get_idx(zones, k), "parts", SIZE_MAX);
        if (!parts || json_object_array_length(parts) == 0 || !parts_read(plan, parts, k, r))
            return false;
    }
    return true;
}

static bool reasons_read(const struct cao_plan *plan, const struct cao_tile_job *job,
                         json_object *zones, struct cao_tile_result *r)
{
    r->reasons = calloc(job->n_pastures + 1, sizeof *r->reasons);
    if (!r->reasons)
        return false;
    for (size_t k = 0; k < job->n_pastures; k++) {
        json_object *z = json_object_array_get_idx(zones, k);
        if (strcmp(text_of(z, "id"), plan->pastures->items[job->pastures[k]].id) != 0 ||
            !cao_zone_text_read_numbers(text_of(z, "looks"), r->reasons[k], CAO_N_REASONS))
            return false;
    }
    return true;
}

static bool scenes_read(const struct cao_tile_job *job, json_object *scenes,
                        struct cao_tile_result *r)
{
    assert(job->n_scenes < SIZE_MAX);
    r->counts = calloc(job->n_scenes + 1, sizeof *r->counts);
    if (!r->counts)
        return false;
    for (size_t k = 0; k < job->n_scenes; k++) {
        json_object *cells;
        if (!json_object_object_get_ex(json_object_array_get_idx(scenes, k), "cells", &cells))
            return false;
        for (int c = 0; c < CAO_N_REASONS; c++) {
            json_object *v;
            if (json_object_object_get_ex(cells, cao_reason_name((enum cao_reason)c), &v))
                r->counts[k][c] = (uint64_t)json_object_get_int64(v);
        }
    }
    return true;
}

static bool findings_read(json_object *list, struct cao_tile_result *r)
{
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *o = json_object_array_get_idx(list, i), *problem;
        bool is_problem =
            json_object_object_get_ex(o, "problem", &problem) && json_object_get_boolean(problem);
        const struct cao_code *code = cao_code_find(text_of(o, "code"));
        if (!code || strcmp(code->name, "scene-unreachable") == 0) /* this time it may answer */
            return false;
        if (cao_findings_add(&r->findings, is_problem ? CAO_PROBLEM : CAO_NOTE, code->name,
                             text_of(o, "file"), 0, text_of(o, "item"), "%s", text_of(o, "text")))
            return false;
    }
    return true;
}

json_object *cao_tile_record_read(const char *dir)
{
    char path[CAO_PATH_MAX], *text = NULL;
    size_t size;
    if (cao_path_join(path, dir, "tile.json", NULL) ||
        cao_file_read(path, RECORD_LIMIT, &text, &size, NULL))
        return NULL;
    json_object *root = json_tokener_parse(text);
    free(text);
    if (root && json_object_is_type(root, json_type_object) && list_of(root, "files", SIZE_MAX))
        return root;
    if (root)
        json_object_put(root);
    return NULL;
}

/* The record without its zones, which are by far the most of it and its last part: within texts a quote is
 * written with a backslash, so that what begins them stands nowhere else. */
static json_object *read_head(const char *dir)
{
    static const char zones[] = ",\"zones\":[";
    char path[CAO_PATH_MAX], *text = NULL, *at = NULL;
    size_t size = 0;
    if (cao_path_join(path, dir, "tile.json", NULL))
        return NULL;
    for (size_t most = 1 << 15; most <= RECORD_LIMIT; most *= 8) {
        free(text);
        text = NULL;
        if (cao_file_read_start(path, most, &text, &size, NULL))
            return NULL;
        at = strstr(text, zones);
        if (at || size < most)
            break;
    }
    if (!at) {
        free(text);
        return cao_tile_record_read(dir);
    }
    at[0] = '}';
    at[1] = '\0';
    json_object *root = json_tokener_parse(text);
    free(text);
    if (root && json_object_is_type(root, json_type_object) && list_of(root, "files", SIZE_MAX))
        return root;
    json_object_put(root);
    return NULL;
}

bool cao_tile_record_file(json_object *record, size_t i, struct cao_tile_file *file)
{
    json_object *files = list_of(record, "files", SIZE_MAX);
    json_object *f =
        files && i < json_object_array_length(files) ? json_object_array_get_idx(files, i) : NULL;
    json_object *bytes;
    const char *name = f ? text_of(f, "name") : "", *hash = f ? text_of(f, "xxh128") : "";
    if (!name[0] || name[0] == '.' || strchr(name, '/') || strlen(name) >= sizeof file->name ||
        !json_object_object_get_ex(f, "bytes", &bytes) ||
        !json_object_is_type(bytes, json_type_int) || strlen(hash) + 1 != sizeof file->hash)
        return false;
    snprintf(file->name, sizeof file->name, "%s", name);
    snprintf(file->hash, sizeof file->hash, "%s", hash);
    file->size = json_object_get_int64(bytes);
    return true;
}

static bool is_product(const struct cao_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->products.n; i++) {
        const char *product = plan->products.items[i].layout.name;
        size_t n = strlen(product);
        if (strncmp(name, product, n) == 0 && strcmp(name + n, ".tif") == 0)
            return true;
    }
    return false;
}

enum cao_status cao_tile_record_remove(const struct cao_plan *plan, const struct cao_tile_job *job,
                                       struct cao_error *err)
{
    char dir[CAO_PATH_MAX], path[CAO_PATH_MAX];
    enum cao_status st = cao_plan_tile_dir(plan, job, dir, err);
    json_object *record = st ? NULL : cao_tile_record_read(dir);
    struct cao_tile_file file;
    for (size_t i = 0; !st && record && cao_tile_record_file(record, i, &file); i++) {
        if (is_product(plan, file.name))
            continue;
        st = cao_path_join(path, dir, file.name, err); /* a product dropped from the project */
        if (!st)
            st = cao_file_remove(path, err);
    }
    if (record)
        json_object_put(record);
    if (!st)
        st = cao_path_join(path, dir, "tile.json", err);
    return st ? st : cao_file_remove(path, err);
}

/* Scenes that came, changed or went, by id and stamp. */
static void say_scenes(const struct cao_plan *plan, const struct cao_tile_job *job,
                       json_object *scenes, struct cao_buf *b)
{
    size_t n_old = json_object_array_length(scenes), n_new = 0, n_changed = 0, n_kept = 0;
    const char *new_id = "", *changed_id = "";
    for (size_t k = 0; k < job->n_scenes; k++) {
        const struct cao_scene *s = &plan->catalog->scenes[job->scenes[k]];
        size_t i = 0;
        while (i < n_old && strcmp(text_of(json_object_array_get_idx(scenes, i), "id"), s->id) != 0)
            i++;
        if (i == n_old) {
            new_id = n_new++ ? new_id : s->id;
        } else {
            n_kept++;
            if (strcmp(text_of(json_object_array_get_idx(scenes, i), "stamp"), s->stamp) != 0)
                changed_id = n_changed++ ? changed_id : s->id;
        }
    }
    if (n_new)
        cao_buf_add(b, "%s%zu new scene%s (%s%s)", b->n ? "; " : "", n_new, n_new > 1 ? "s" : "",
                    new_id, n_new > 1 ? ", ..." : "");
    if (n_changed)
        cao_buf_add(b, "%s%zu scene%s changed (%s%s)", b->n ? "; " : "", n_changed,
                    n_changed > 1 ? "s" : "", changed_id, n_changed > 1 ? ", ..." : "");
    if (n_old > n_kept)
        cao_buf_add(b, "%s%zu scene%s gone", b->n ? "; " : "", n_old - n_kept,
                    n_old - n_kept > 1 ? "s" : "");
}

static void say_why(const struct cao_plan *plan, const struct cao_tile_job *job,
                    json_object *record, char text[CAO_WHY])
{
    struct cao_buf b = { 0 };
    json_object *parts = list_of(record, "parts", CAO_N_PARTS), *format;
    json_object *scenes = list_of(record, "scenes", SIZE_MAX);
    if (!json_object_object_get_ex(record, "format", &format) ||
        json_object_get_int(format) != RECORD_FORMAT || !parts || !scenes) {
        snprintf(text, CAO_WHY, "%s", cao_part_words(CAO_PART_PROGRAM));
        return;
    }
    if (strcmp(text_of(record, "digest"), job->digest) == 0) {
        const char *all = json_object_to_json_string(list_of(record, "findings", SIZE_MAX));
        snprintf(text, CAO_WHY, "%s",
                 all && strstr(all, "\"scene-unreachable\"")
                     ? "a scene's files could not be reached the last time"
                     : "its rasters are missing or were changed");
        return;
    }
    for (int part = 0; part < CAO_N_PARTS; part++) {
        json_object *was = json_object_array_get_idx(parts, (size_t)part);
        if (!json_object_is_type(was, json_type_string) ||
            strcmp(json_object_get_string(was), job->part[part]) != 0)
            cao_buf_add(&b, "%s%s", b.n ? "; " : "", cao_part_words((enum cao_part)part));
    }
    say_scenes(plan, job, scenes, &b);
    snprintf(text, CAO_WHY, "%s", b.text && b.text[0] ? b.text : "the order of its scenes changed");
    cao_buf_release(&b);
}

/* A record of this program's form whose scenes are the job's, in their order, and in which nothing
 * differs that only the images can answer. */
static enum cao_stage stage_of(const struct cao_plan *plan, const struct cao_tile_job *job,
                               json_object *record)
{
    json_object *parts = list_of(record, "parts", CAO_N_PARTS), *format;
    json_object *scenes = list_of(record, "scenes", job->n_scenes);
    if (!json_object_object_get_ex(record, "format", &format) ||
        json_object_get_int(format) != RECORD_FORMAT || !parts || !scenes || job->n_scenes == 0)
        return CAO_STAGE_IMAGES;
    for (int part = 0; part < CAO_N_PARTS; part++) {
        json_object *was = json_object_array_get_idx(parts, (size_t)part);
        if (cao_part_stage((enum cao_part)part) == CAO_STAGE_IMAGES &&
            (!json_object_is_type(was, json_type_string) ||
             strcmp(json_object_get_string(was), job->part[part]) != 0))
            return CAO_STAGE_IMAGES;
    }
    for (size_t k = 0; k < job->n_scenes; k++) {
        const struct cao_scene *s = &plan->catalog->scenes[job->scenes[k]];
        json_object *was = json_object_array_get_idx(scenes, k);
        if (strcmp(text_of(was, "id"), s->id) != 0 || strcmp(text_of(was, "stamp"), s->stamp) != 0)
            return CAO_STAGE_IMAGES;
    }
    for (size_t i = 0; i < plan->products.n_bases; i++) { /* each is there, with its size */
        struct cao_tile_file file = { 0 };
        char dir[CAO_PATH_MAX], path[CAO_PATH_MAX], name[sizeof file.name];
        int64_t size;
        size_t k = 0;
        snprintf(name, sizeof name, "%s.tif", plan->products.bases[i].name);
        while (cao_tile_record_file(record, k, &file) && strcmp(file.name, name) != 0)
            k++;
        if (strcmp(file.name, name) != 0 || cao_plan_tile_dir(plan, job, dir, NULL) ||
            cao_path_join(path, dir, name, NULL) || !cao_file_stat(path, &size, NULL) ||
            size != file.size)
            return CAO_STAGE_IMAGES;
    }
    return CAO_STAGE_BASES;
}

/* The files of the record are there with their sizes. */
static bool files_whole(const struct cao_plan *plan, json_object *record, json_object *files,
                        const char *dir, struct cao_tile_result *r)
{
    size_t n = json_object_array_length(files);
    if (n != 0 && n != plan->products.n)
        return false;
    r->files = calloc(plan->products.n + 1, sizeof *r->files);
    if (!r->files)
        return false;
    for (size_t i = 0; i < n; i++) {
        char path[CAO_PATH_MAX];
        int64_t size;
        if (!cao_tile_record_file(record, i, &r->files[i]) ||
            cao_path_join(path, dir, r->files[i].name, NULL) || !cao_file_stat(path, &size, NULL) ||
            size != r->files[i].size)
            return false;
    }
    r->n_files = n;
    return true;
}

bool cao_tile_record_fresh(const struct cao_plan *plan, const struct cao_tile_job *job,
                           struct cao_tile_result *result, char why[CAO_WHY], enum cao_stage *stage)
{
    char dir[CAO_PATH_MAX];
    struct cao_tile_result r = { 0 };
    json_object *files, *scenes, *findings;
    json_object *root = cao_plan_tile_dir(plan, job, dir, NULL) ? NULL : read_head(dir);
    why[0] = '\0';
    *stage = CAO_STAGE_IMAGES;
    if (!root)
        return false;
    bool fresh = strcmp(text_of(root, "digest"), job->digest) == 0 &&
                 (files = list_of(root, "files", SIZE_MAX)) != NULL &&
                 (scenes = list_of(root, "scenes", job->n_scenes)) != NULL &&
                 (findings = list_of(root, "findings", SIZE_MAX)) != NULL &&
                 files_whole(plan, root, files, dir, &r) && scenes_read(job, scenes, &r) &&
                 findings_read(findings, &r);
    if (!fresh) {
        struct cao_tile_result past = { 0 };
        bool recalled = (findings = list_of(root, "findings", SIZE_MAX)) != NULL &&
                        findings_read(findings, &past) &&
                        stage_of(plan, job, root) == CAO_STAGE_BASES;
        cao_tile_result_release(&past);
        *stage = recalled ? CAO_STAGE_BASES : CAO_STAGE_IMAGES;
        say_why(plan, job, root, why);
    }
    json_object_put(root);
    if (!fresh) {
        cao_tile_result_release(&r);
        return false;
    }
    r.done = r.fresh = true;
    r.empty = job->n_scenes == 0;
    *result = r;
    return true;
}

bool cao_tile_record_zones(const struct cao_plan *plan, const struct cao_tile_job *job,
                           struct cao_tile_result *result)
{
    char dir[CAO_PATH_MAX];
    json_object *root = cao_plan_tile_dir(plan, job, dir, NULL) ? NULL : cao_tile_record_read(dir);
    json_object *zones = root ? list_of(root, "zones", job->n_pastures) : NULL;
    bool whole = zones && strcmp(text_of(root, "digest"), job->digest) == 0 &&
                 zones_read(plan, job, zones, result) && reasons_read(plan, job, zones, result);
    json_object_put(root);
    return whole;
}

bool cao_tile_record_recall(const struct cao_plan *plan, const struct cao_tile_job *job,
                            struct cao_tile_result *past, bool *same_layout)
{
    char dir[CAO_PATH_MAX];
    json_object *files, *scenes, *zones, *findings;
    json_object *root = cao_plan_tile_dir(plan, job, dir, NULL) ? NULL : cao_tile_record_read(dir);
    if (!root)
        return false;
    bool able = stage_of(plan, job, root) == CAO_STAGE_BASES &&
                (files = list_of(root, "files", SIZE_MAX)) != NULL &&
                (scenes = list_of(root, "scenes", job->n_scenes)) != NULL &&
                (zones = list_of(root, "zones", job->n_pastures)) != NULL &&
                (findings = list_of(root, "findings", SIZE_MAX)) != NULL &&
                scenes_read(job, scenes, past) && reasons_read(plan, job, zones, past) &&
                findings_read(findings, past);
    if (able) {
        size_t n = json_object_array_length(files);
        past->files = calloc(n + 1, sizeof *past->files);
        able = past->files != NULL;
        while (able && past->n_files < n &&
               cao_tile_record_file(root, past->n_files, &past->files[past->n_files]))
            past->n_files++;
        json_object *was =
            json_object_array_get_idx(list_of(root, "parts", CAO_N_PARTS), CAO_PART_PRODUCTS);
        *same_layout = json_object_is_type(was, json_type_string) &&
                       strcmp(json_object_get_string(was), job->part[CAO_PART_PRODUCTS]) == 0;
    }
    json_object_put(root);
    return able;
}
