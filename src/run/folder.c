/* SPDX-License-Identifier: MIT */
#include "run/folder.h"

#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "caochu/text.h"
#include "run/tile_record.h"

/* The process of a draft's name; 0: not the name of a draft. */
static long draft_process(const char *name)
{
    static const char prefix[] = ".part-";
    char *end;
    if (strncmp(name, prefix, sizeof prefix - 1) != 0)
        return 0;
    const char *at = name + sizeof prefix - 1;
    if (*at < '1' || *at > '9')
        return 0;
    errno = 0;
    long pid = strtol(at, &end, 10);
    return errno == 0 && pid > 0 && end[0] == '-' && end[1] >= '0' && end[1] <= '9' ? pid : 0;
}

/* A number of our own can only be that of a process long gone: we have written nothing yet. */
static bool lives(long pid)
{
    return pid != (long)getpid() && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

static size_t sweep_one(const char *dir, const struct cao_names *names, bool only_dead)
{
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++) {
        char path[CAO_PATH_MAX];
        struct stat s;
        long pid = draft_process(names->items[i]);
        if (pid == 0 || (only_dead && lives(pid)) ||
            cao_path_join(path, dir, names->items[i], NULL) || lstat(path, &s) != 0)
            continue;
        n += S_ISREG(s.st_mode) && unlink(path) == 0;
    }
    return n;
}

static size_t sweep_tiles(const char *period)
{
    char tiles[CAO_PATH_MAX], tile[CAO_PATH_MAX];
    struct cao_names names = { 0 }, files = { 0 };
    size_t n = 0;
    if (cao_path_join(tiles, period, "tiles", NULL) || cao_list_dir(tiles, &names, NULL))
        return 0;
    for (size_t i = 0; i < names.n; i++) {
        if (cao_path_join(tile, tiles, names.items[i], NULL) || cao_list_dir(tile, &files, NULL))
            continue;
        n += sweep_one(tile, &files, false);
        cao_names_release(&files);
    }
    cao_names_release(&names);
    return n;
}

size_t cao_folder_sweep(const char *dir)
{
    struct cao_names names = { 0 }, files = { 0 };
    size_t n = 0;
    if (cao_list_dir(dir, &names, NULL))
        return 0;
    n += sweep_one(dir, &names, true);
    for (size_t i = 0; i < names.n; i++) {
        char period[CAO_PATH_MAX];
        if (cao_path_join(period, dir, names.items[i], NULL) || !cao_file_is_dir(period) ||
            cao_list_dir(period, &files, NULL))
            continue;
        n += sweep_one(period, &files, true);
        cao_names_release(&files);
        n += sweep_tiles(period);
    }
    cao_names_release(&names);
    return n;
}

/* --- what is no longer of the project --- */

struct search {
    const struct cao_plan *plan;
    const struct cao_tile_result *results; /* [plan->n_jobs] */
    struct cao_run_orphan *items;
    size_t n, capacity;
    const char *period;  /* of the project, or NULL where it is gone */
    char (*dropped)[48]; /* names of maps that are gone, of this period */
    size_t n_dropped;
    struct cao_error *err;
};

static enum cao_status add_orphan(struct search *s, const char *path, int64_t bytes)
{
    if (s->n == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 32;
        struct cao_run_orphan *more = realloc(s->items, capacity * sizeof *more);
        if (!more)
            return cao_fail(s->err, CAO_ENOMEM, "out of memory");
        s->items = more;
        s->capacity = capacity;
    }
    s->items[s->n].bytes = bytes;
    s->items[s->n].path = cao_text_copy(path);
    if (!s->items[s->n].path)
        return cao_fail(s->err, CAO_ENOMEM, "out of memory");
    s->n++;
    return CAO_OK;
}

/* Jobs stand in the order of period, row and column. */
static int by_place(const void *key, const void *item)
{
    const struct cao_tile_job *a = key, *b = item;
    if (a->period != b->period)
        return a->period < b->period ? -1 : 1;
    if (a->tile_row != b->tile_row)
        return a->tile_row < b->tile_row ? -1 : 1;
    return a->tile_col < b->tile_col ? -1 : a->tile_col > b->tile_col;
}

/* The job whose folder it is; NULL: none of the plan. */
static const struct cao_tile_job *job_of(const struct cao_plan *plan, const char *period,
                                         const char *tile)
{
    struct cao_tile_job key = { 0 };
    char *end, name[32];
    while (key.period < plan->project->n_periods &&
           strcmp(plan->project->periods[key.period].name, period) != 0)
        key.period++;
    if (tile[0] != 'r')
        return NULL;
    key.tile_row = (int32_t)strtol(tile + 1, &end, 10);
    if (*end != 'c')
        return NULL;
    key.tile_col = (int32_t)strtol(end + 1, &end, 10);
    cao_tile_name(key.tile_row, key.tile_col, name);
    if (strcmp(name, tile) != 0)
        return NULL;
    return bsearch(&key, plan->jobs, plan->n_jobs, sizeof key, by_place);
}

static bool is_product(const struct cao_plan *plan, const char *stem)
{
    for (size_t i = 0; i < plan->products.n; i++)
        if (strcmp(plan->products.items[i].layout.name, stem) == 0)
            return true;
    return false;
}

/* A map is named once, whatever the number of its tiles. */
static enum cao_status note_dropped(struct search *s, const char *file)
{
    char stem[48];
    size_t n = strlen(file);
    if (n < 5 || strcmp(file + n - 4, ".tif") != 0)
        return CAO_OK;
    snprintf(stem, sizeof stem, "%.*s", (int)(n - 4), file);
    if (s->period && is_product(s->plan, stem))
        return CAO_OK;
    for (size_t i = 0; i < s->n_dropped; i++)
        if (strcmp(s->dropped[i], stem) == 0)
            return CAO_OK;
    void *more = realloc(s->dropped, (s->n_dropped + 1) * sizeof *s->dropped);
    if (!more)
        return cao_fail(s->err, CAO_ENOMEM, "out of memory");
    s->dropped = more;
    memcpy(s->dropped[s->n_dropped++], stem, sizeof stem);
    return CAO_OK;
}

static enum cao_status search_tile(struct search *s, const char *dir, const char *period,
                                   const char *tile)
{
    char below[CAO_PATH_MAX], path[CAO_PATH_MAX], at[CAO_PATH_MAX];
    int n = snprintf(below, sizeof below, "%s/tiles/%s", period, tile);
    if (n < 0 || n >= (int)sizeof below || cao_path_join(path, dir, below, NULL))
        return CAO_OK; /* not a path that we could have written */
    const struct cao_tile_job *job = s->period ? job_of(s->plan, period, tile) : NULL;
    if (job && s->results[job - s->plan->jobs].fresh)
        return CAO_OK; /* its files are those of the plan: that was looked at */
    json_object *record = cao_tile_record_read(path);
    struct cao_tile_file file;
    int64_t bytes = 0, size;
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && record && cao_tile_record_file(record, i, &file); i++) {
        if (!cao_path_join(at, path, file.name, NULL) && cao_file_stat(at, &size, NULL))
            bytes += size;
        st = note_dropped(s, file.name);
    }
    if (!st && record && !job)
        st = add_orphan(s, below, bytes);
    if (record)
        json_object_put(record);
    return st;
}

static enum cao_status search_period(struct search *s, const char *dir, const char *period)
{
    char tiles[CAO_PATH_MAX], below[CAO_PATH_MAX], path[CAO_PATH_MAX];
    struct cao_names names = { 0 };
    enum cao_status st = CAO_OK;
    int n = snprintf(below, sizeof below, "%s/tiles", period);
    if (n < 0 || n >= (int)sizeof below || cao_path_join(tiles, dir, below, NULL) ||
        cao_list_dir(tiles, &names, NULL))
        return CAO_OK;
    s->period = NULL;
    for (size_t i = 0; i < s->plan->project->n_periods; i++)
        if (strcmp(s->plan->project->periods[i].name, period) == 0)
            s->period = period;
    s->n_dropped = 0;
    for (size_t i = 0; !st && i < names.n; i++)
        st = search_tile(s, dir, period, names.items[i]);
    for (size_t i = 0; !st && i < s->n_dropped; i++) {
        int64_t size;
        n = snprintf(below, sizeof below, "%s/%s.vrt", period, s->dropped[i]);
        if (n > 0 && n < (int)sizeof below && !cao_path_join(path, dir, below, NULL) &&
            cao_file_stat(path, &size, NULL))
            st = add_orphan(s, below, size);
    }
    cao_names_release(&names);
    return st;
}

static int by_path(const void *a, const void *b)
{
    const struct cao_run_orphan *x = a, *y = b;
    return strcmp(x->path, y->path);
}

enum cao_status cao_folder_orphans(const struct cao_plan *plan,
                                   const struct cao_tile_result *results,
                                   struct cao_run_orphan **orphans, size_t *n,
                                   struct cao_error *err)
{
    const char *dir = plan->project->output_dir;
    struct search s = { .plan = plan, .results = results, .err = err };
    struct cao_names names = { 0 };
    enum cao_status st = CAO_OK;
    if (!cao_file_is_dir(dir))
        return CAO_OK;
    st = cao_list_dir(dir, &names, err);
    for (size_t i = 0; !st && i < names.n; i++)
        if (names.items[i][0] != '.')
            st = search_period(&s, dir, names.items[i]);
    cao_names_release(&names);
    free(s.dropped);
    if (s.n)
        qsort(s.items, s.n, sizeof *s.items, by_path);
    *orphans = s.items; /* also where it failed: the caller releases them */
    *n = s.n;
    return st;
}

/* Record last: until then it says what else is to go. */
static enum cao_status prune_tile(const char *tile, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    struct cao_tile_file file;
    json_object *record = cao_tile_record_read(tile);
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && record && cao_tile_record_file(record, i, &file); i++) {
        st = cao_path_join(path, tile, file.name, err);
        if (!st)
            st = cao_file_remove(path, err);
    }
    if (record)
        json_object_put(record);
    if (!st)
        st = cao_path_join(path, tile, "tile.json", err);
    if (!st)
        st = cao_file_remove(path, err);
    if (!st)
        st = cao_path_join(path, "", tile, err);
    for (int up = 0; !st && up < 3 && rmdir(path) == 0; up++) /* TILE, tiles, PERIOD if empty */
        *strrchr(path, '/') = '\0';
    return st;
}

enum cao_status cao_folder_prune(const struct cao_plan *plan, const struct cao_run_orphan *orphans,
                                 size_t n, struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    char path[CAO_PATH_MAX];
    for (int maps = 1; maps >= 0; maps--) /* a period's folder is empty once its maps are gone */
        for (size_t i = 0; !st && i < n; i++) {
            if (cao_path_has_ending(orphans[i].path, ".vrt") != (maps == 1))
                continue;
            st = cao_path_join(path, plan->project->output_dir, orphans[i].path, err);
            if (!st)
                st = maps ? cao_file_remove(path, err) : prune_tile(path, err);
        }
    return st;
}
