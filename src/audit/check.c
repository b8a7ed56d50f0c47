/* SPDX-License-Identifier: MIT */
#include "caochu/check.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/cog_check.h"
#include "audit/check_parts.h"
#include "run/tile_record.h"

enum { RECORD_LIMIT = 256 << 20 };

struct checker {
    struct cao_check_counts *counts;
    struct cao_findings *findings;
    struct cao_hash *hash;
    struct cao_error *err;
};

static enum cao_status bad(struct checker *c, const char *code, const char *path, const char *text)
{
    return cao_findings_add(c->findings, CAO_PROBLEM, code, path, 0, NULL, "%s", text);
}

static enum cao_status check_layout(struct checker *c, const char *path)
{
    struct cao_error why = { 0 };
    enum cao_status st = cao_cog_check(path, &why);
    const char *text =
        strncmp(why.text, path, strlen(path)) == 0 ? why.text + strlen(path) + 2 : why.text;
    c->counts->n_files++;
    return st ? bad(c, "not-cog", path, text) : CAO_OK;
}

static enum cao_status check_raster(struct checker *c, const char *dir,
                                    const struct cao_tile_file *file)
{
    char path[CAO_PATH_MAX], hash[CAO_HASH_TEXT];
    int64_t size;
    enum cao_status st = cao_path_join(path, dir, file->name, c->err);
    if (st)
        return st;
    if (!cao_file_stat(path, &size, NULL))
        return bad(c, "file-missing", path, "is named in the tile's record and is not there");
    c->counts->bytes += size;
    cao_hash_reset(c->hash);
    st = cao_hash_file(c->hash, path, c->err);
    if (st)
        return st;
    cao_hash_final(c->hash, hash);
    if (size != file->size || strcmp(hash, file->hash) != 0)
        st = bad(c, "file-changed", path, "does not have the bytes that were written");
    return st ? st : check_layout(c, path);
}

static enum cao_status check_tile(struct checker *c, const char *dir)
{
    json_object *record = cao_tile_record_read(dir);
    struct cao_tile_file file;
    enum cao_status st = CAO_OK;
    if (!record)
        return bad(c, "record-missing", dir,
                   "has no record that can be read: the tile is not done; run again");
    c->counts->n_tiles++;
    size_t i = 0;
    for (; !st && cao_tile_record_file(record, i, &file); i++)
        st = check_raster(c, dir, &file);
    json_object *files;
    if (!st && json_object_object_get_ex(record, "files", &files) &&
        i != json_object_array_length(files))
        st = bad(c, "record-missing", dir, "has a record with a line that is not understood");
    json_object_put(record);
    return st;
}

/* The tiles that a map names, by the one form in which it is written. */
static enum cao_status check_map(struct checker *c, const char *dir, const char *name)
{
    static const char key[] = "relativeToVRT=\"1\">";
    char path[CAO_PATH_MAX], part[CAO_PATH_MAX], *text;
    size_t n;
    enum cao_status st = cao_path_join(path, dir, name, c->err);
    if (!st)
        st = cao_file_read(path, RECORD_LIMIT, &text, &n, c->err);
    if (st)
        return st;
    c->counts->n_maps++;
    for (const char *at = text; !st && (at = strstr(at, key)) != NULL;) {
        at += sizeof key - 1;
        int length = (int)strcspn(at, "<");
        char below[512];
        snprintf(below, sizeof below, "%.*s", length, at);
        st = cao_path_join(part, dir, below, c->err);
        if (!st && !cao_file_stat(part, NULL, NULL))
            st = bad(c, "file-missing", part, "is named in a map and is not there");
    }
    free(text);
    return st;
}

static enum cao_status check_names(struct checker *c, const char *dir,
                                   const struct cao_names *names, bool maps)
{
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < names->n; i++) {
        char path[CAO_PATH_MAX];
        st = cao_path_join(path, dir, names->items[i], c->err);
        if (!st && strncmp(names->items[i], ".part-", 6) == 0)
            st = bad(c, "draft-left", path, "is a draft of a killed run; the next run removes it");
        else if (!st && maps && cao_path_has_ending(names->items[i], ".vrt"))
            st = check_map(c, dir, names->items[i]);
    }
    return st;
}

static enum cao_status check_period(struct checker *c, const char *dir)
{
    char tiles[CAO_PATH_MAX], tile[CAO_PATH_MAX];
    struct cao_names names = { 0 }, files = { 0 };
    enum cao_status st = cao_path_join(tiles, dir, "tiles", c->err);
    if (st || !cao_file_is_dir(tiles))
        return st;
    st = cao_list_dir(dir, &files, c->err);
    if (!st)
        st = check_names(c, dir, &files, true);
    cao_names_release(&files);
    if (!st)
        st = cao_list_dir(tiles, &names, c->err);
    for (size_t i = 0; !st && i < names.n; i++) {
        st = cao_path_join(tile, tiles, names.items[i], c->err);
        if (st || !cao_file_is_dir(tile))
            continue;
        st = cao_list_dir(tile, &files, c->err);
        if (!st)
            st = check_names(c, tile, &files, false);
        cao_names_release(&files);
        if (!st)
            st = check_tile(c, tile);
    }
    cao_names_release(&names);
    return st;
}

/* run.json says whether tables and maps belong together. *record is NULL where it does not say so. */
static enum cao_status check_state(struct checker *c, const char *dir, json_object **record)
{
    char path[CAO_PATH_MAX], *text;
    size_t n;
    json_object *state;
    enum cao_status st = cao_path_join(path, dir, "run.json", c->err);
    if (st)
        return st;
    if (cao_file_read(path, RECORD_LIMIT, &text, &n, NULL))
        return bad(c, "run-unfinished", path, "is not there: no run ended in this folder");
    json_object *root = json_tokener_parse(text);
    free(text);
    const char *said = root && json_object_object_get_ex(root, "state", &state)
                           ? json_object_get_string(state)
                           : "";
    if (strcmp(said, "done") == 0 || strcmp(said, "partial") == 0) {
        *record = root;
        return CAO_OK;
    }
    if (root)
        json_object_put(root);
    return bad(c, "run-unfinished", path,
               "says that the last run did not end well: tables and maps may be older than tiles; "
               "run again");
}

static enum cao_status check_folder(struct checker *c, const char *dir)
{
    struct cao_names names = { 0 };
    json_object *record = NULL;
    size_t before = c->findings->n_problems;
    enum cao_status st = cao_list_dir(dir, &names, c->err);
    if (!st)
        st = check_state(c, dir, &record);
    if (!st)
        st = check_names(c, dir, &names, false);
    for (size_t i = 0; !st && i < names.n; i++) {
        char path[CAO_PATH_MAX];
        st = cao_path_join(path, dir, names.items[i], c->err);
        if (!st && cao_file_is_dir(path))
            st = check_period(c, path);
    }
    if (!st && record)
        st = cao_check_tables(dir, record, c->hash, c->findings, c->err);
    if (!st && record && c->findings->n_problems == before) /* of whole files only */
        st = cao_check_statistics(dir, record, &c->counts->n_numbers, c->findings, c->err);
    if (record)
        json_object_put(record);
    cao_names_release(&names);
    return st;
}

enum cao_status cao_check(const char *path, struct cao_check_counts *counts,
                          struct cao_findings *findings, struct cao_error *err)
{
    struct checker c = { counts, findings, NULL, err };
    int64_t size;
    bool folder = cao_file_is_dir(path);
    if (!folder && !cao_file_stat(path, &size, NULL))
        return cao_fail(err, CAO_EIO, "%s: is neither a file nor a folder", path);
    enum cao_status st = cao_hash_create(&c.hash, err);
    if (st)
        return st;
    if (!folder)
        counts->bytes += size;
    st = folder ? check_folder(&c, path) : check_layout(&c, path);
    cao_hash_destroy(c.hash);
    if (st && err && !err->text[0])
        (void)cao_fail(err, st, "out of memory");
    return st;
}
