/* SPDX-License-Identifier: MIT */
#include "run/tile_redo.h"

#include <stdio.h>
#include <string.h>

#include "run/tile_record.h"

/* The bytes are those that were written, by their hash: what is reckoned from them is what a run from
 * the images would reckon. */
static bool is_whole(const struct cao_tile_result *record, const char *dir, const char *name,
                     struct cao_hash *hash, char path[CAO_PATH_MAX])
{
    char text[CAO_HASH_TEXT];
    for (size_t i = 0; i < record->n_files; i++) {
        if (strcmp(record->files[i].name, name) != 0)
            continue;
        cao_hash_reset(hash);
        if (cao_path_join(path, dir, name, NULL) || cao_hash_file(hash, path, NULL))
            return false;
        cao_hash_final(hash, text);
        return strcmp(text, record->files[i].hash) == 0;
    }
    return false;
}

static bool read_base(const struct cao_plan *plan, const struct cao_tile_job *job,
                      const struct cao_product *base, const char *dir, struct cao_hash *hash,
                      const struct cao_tile_result *record, struct cao_tile_buffers *b)
{
    char path[CAO_PATH_MAX], name[48];
    size_t i = 0;
    while (i < plan->products.n && strcmp(plan->products.items[i].name, base->name) != 0)
        i++;
    snprintf(name, sizeof name, "%s.tif", base->name);
    return i < plan->products.n && is_whole(record, dir, name, hash, path) &&
           cao_cog_read(path, &job->window, &base->layout, b->raster[i], NULL) == CAO_OK;
}

bool cao_tile_recall(const struct cao_plan *plan, const struct cao_tile_job *job,
                     struct cao_tile_buffers *b, struct cao_tile_past *past)
{
    char dir[CAO_PATH_MAX];
    struct cao_hash *hash = NULL;
    bool able = cao_tile_record_recall(plan, job, &past->record, &past->same_layout) &&
                !cao_plan_tile_dir(plan, job, dir, NULL) && !cao_hash_create(&hash, NULL);
    for (size_t i = 0; able && i < plan->products.n_bases; i++)
        able = read_base(plan, job, &plan->products.bases[i], dir, hash, &past->record, b);
    cao_hash_destroy(hash);
    b->past = able ? past : NULL;
    return able;
}

void cao_tile_past_release(struct cao_tile_past *past)
{
    cao_tile_result_release(&past->record);
}
