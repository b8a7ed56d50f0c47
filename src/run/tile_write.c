/* SPDX-License-Identifier: MIT
 * A tile's rasters on their way to the disk: all are written before the first is waited for, so that the disk
 * works while the next ones are encoded. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "run/tile_products.h"
#include "run/tile_redo.h"

static enum cao_status product_path(const char *dir, const struct cao_product *product,
                                    char name[48], char path[CAO_PATH_MAX], struct cao_error *err)
{
    snprintf(name, 48, "%s.tif", product->layout.name);
    return cao_path_join(path, dir, name, err);
}

static enum cao_status write_product(const struct cao_plan *plan, const struct cao_tile_job *job,
                                     const struct cao_product *product, const void *pixels,
                                     const char *path, struct cao_draft *draft,
                                     struct cao_error *err)
{
    const struct cao_period *period = &plan->project->periods[job->period];
    char from[CAO_DATE_TEXT], to[CAO_DATE_TEXT];
    cao_date_format(period->from, from);
    cao_date_format(period->to, to);
    const struct cao_tag tags[] = {
        { "CAOCHU_PROJECT", plan->project->name },
        { "CAOCHU_PERIOD", period->name },
        { "CAOCHU_FROM", from },
        { "CAOCHU_TO", to },
        /* what a base does not stand on; last, so that it can be left out */
        { "CAOCHU_PROFILE", plan->profile->name },
        { "CAOCHU_YIELD_SET", plan->profile->yield_set },
    };
    size_t n_tags = sizeof tags / sizeof tags[0];
    n_tags -= cao_product_is_base(product->quantity) ? 2 : 0;
    enum cao_status st = cao_draft_init(draft, path, 0, err);
    if (st)
        return st;
    st = cao_cog_write(draft->temp, &plan->grid, &job->window, &product->layout, tags, n_tags,
                       pixels, err);
    if (st) {
        cao_draft_rename_error(draft, err);
        cao_draft_abandon(draft);
    } else {
        cao_draft_begin_sync(draft);
    }
    return st;
}

/* The raster of a base that an earlier run wrote just so. */
static bool stays(const struct cao_product *product, const struct cao_tile_buffers *b)
{
    return b->past && b->past->same_layout && cao_product_is_base(product->quantity);
}

/* Write the rasters as drafts; what was written before a failure is removed again. */
static enum cao_status write_drafts(const struct cao_plan *plan, const struct cao_tile_job *job,
                                    const struct cao_tile_buffers *b, const char *dir,
                                    struct cao_draft *drafts, size_t *n_drafts,
                                    struct cao_error *err)
{
    char name[48], path[CAO_PATH_MAX];
    enum cao_status st = CAO_OK;
    *n_drafts = 0;
    for (size_t i = 0; !st && i < plan->products.n; i++) {
        const struct cao_product *product = &plan->products.items[i];
        if (stays(product, b))
            continue;
        st = product_path(dir, product, name, path, err);
        if (!st)
            st = write_product(plan, job, product, b->raster[i], path, &drafts[*n_drafts], err);
        *n_drafts += st == CAO_OK;
    }
    for (size_t i = 0; st && i < *n_drafts; i++)
        cao_draft_abandon(&drafts[i]);
    return st;
}

static enum cao_status list_files(const struct cao_plan *plan, const char *dir,
                                  struct cao_tile_result *result, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    for (size_t i = 0; i < plan->products.n; i++) {
        struct cao_tile_file *file = &result->files[i];
        enum cao_status st = product_path(dir, &plan->products.items[i], file->name, path, err);
        if (st)
            return st;
        if (!cao_file_stat(path, &file->size, NULL))
            return cao_fail(err, CAO_EIO, "%s: is gone right after it was written", path);
        result->n_files = i + 1;
    }
    return CAO_OK;
}

/* Where no scene reaches the tile any more: what is left from when they did goes. */
static enum cao_status remove_files(const struct cao_plan *plan, const char *dir,
                                    struct cao_error *err)
{
    char name[48], path[CAO_PATH_MAX];
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < plan->products.n; i++) {
        st = product_path(dir, &plan->products.items[i], name, path, err);
        if (!st)
            unlink(path);
    }
    return st;
}

enum cao_status cao_tile_write(const struct cao_plan *plan, const struct cao_tile_job *job,
                               const struct cao_tile_buffers *b, struct cao_tile_result *result,
                               struct cao_error *err)
{
    char dir[CAO_PATH_MAX];
    size_t n = 0;
    enum cao_status st = cao_plan_tile_dir(plan, job, dir, err);
    if (!st)
        st = cao_make_dirs(dir, err);
    if (st || result->empty)
        return st ? st : remove_files(plan, dir, err);
    struct cao_draft *drafts = malloc((plan->products.n + 1) * sizeof *drafts);
    if (!drafts)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    st = write_drafts(plan, job, b, dir, drafts, &n, err);
    if (!st)
        st = cao_drafts_commit(drafts, n, err);
    free(drafts);
    return st ? st : list_files(plan, dir, result, err);
}
