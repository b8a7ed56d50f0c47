/* SPDX-License-Identifier: MIT */
#include "run/pasture_layer.h"

#include <stdlib.h>

#include "caochu/file.h"
#include "caochu/pastures_memory.h"
#include "caochu/text.h"
#include "run/sched.h"

static void source_of(const struct cao_project *p, struct cao_pasture_source *src)
{
    *src = (struct cao_pasture_source){ .path = p->pastures_file,
                                        .layer = p->pastures_layer,
                                        .id_field = p->pastures_id,
                                        .name_field = p->pastures_name,
                                        .type_field = p->pastures_type,
                                        .season_field = p->pastures_season,
                                        .grade_field = p->pastures_grade,
                                        .zone_field = p->pastures_zone,
                                        .herd_field = p->pastures_herd,
                                        .crs = p->pastures_crs,
                                        .encoding = p->pastures_encoding,
                                        .where = p->pastures_where,
                                        .group_fields = (const char *const *)p->pastures_groups,
                                        .n_groups = p->n_pastures_groups };
}

static enum cao_status memory_path(const struct cao_project *p, char path[CAO_PATH_MAX],
                                   struct cao_error *err)
{
    return cao_path_join(path, p->output_dir, ".caochu.pastures", err);
}

static enum cao_status choose_crs(const struct cao_project *p, const struct cao_pasture_source *src,
                                  struct cao_pasture_layer *layer, struct cao_error *err)
{
    char text[32];
    const char *crs = p->grid_crs;
    if (cao_text_same(crs, "auto")) {
        double box[4];
        enum cao_status st = cao_pastures_extent(src, box, err);
        if (st)
            return st;
        cao_crs_utm((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, text);
        crs = text;
    }
    enum cao_status st = cao_crs_resolve(crs, &layer->crs_wkt, &layer->crs_name, err);
    return st ? cao_within(err, st, "%s: grid.crs", p->path) : CAO_OK;
}

static bool recall(const struct cao_project *p, const struct cao_pasture_source *src,
                   struct cao_pasture_layer *layer, struct cao_findings *findings)
{
    struct cao_pastures_made made;
    char path[CAO_PATH_MAX];
    if (memory_path(p, path, NULL) || !cao_pastures_recall(path, layer->key, src, &made))
        return false;
    size_t n = made.findings.n;
    if (cao_findings_take(findings, &made.findings)) {
        cao_pastures_made_release(&made);
        return false;
    }
    layer->pastures = made.pastures;
    layer->crs_wkt = made.crs_wkt;
    layer->crs_name = made.crs_name;
    layer->n_findings = n;
    layer->recalled = true;
    return true;
}

static enum cao_status run_items(void *context, size_t n,
                                 enum cao_status (*work)(void *shared, size_t i,
                                                         struct cao_error *err),
                                 void *shared, struct cao_error *err)
{
    const int *threads = context;
    return cao_sched_items(NULL, *threads, n, work, shared, err);
}

enum cao_status cao_pasture_layer_load(const struct cao_project *p, bool fresh, int threads,
                                       struct cao_pasture_layer *layer,
                                       struct cao_findings *findings, struct cao_error *err)
{
    struct cao_pasture_source src;
    int n = threads > 0 ? threads : cao_sched_processors();
    struct cao_pasture_workers workers = { .n = (size_t)n, .context = &n, .run = run_items };
    source_of(p, &src);
    src.workers = &workers;
    layer->first = findings->n;
    if (cao_pastures_key(&src, p->grid_crs, p->grid_resolution_m, layer->key, NULL))
        layer->key[0] = '\0';
    if (!fresh && layer->key[0] && recall(p, &src, layer, findings))
        return CAO_OK;
    enum cao_status st = choose_crs(p, &src, layer, err);
    if (!st)
        st = cao_pastures_load(&src, layer->crs_wkt, p->grid_resolution_m, &layer->pastures,
                               findings, err);
    layer->n_findings = findings->n - layer->first;
    return st;
}

void cao_pasture_layer_keep(const struct cao_project *p, const struct cao_pasture_layer *layer,
                            const struct cao_findings *findings)
{
    char path[CAO_PATH_MAX];
    if (!layer->key[0] || layer->recalled || memory_path(p, path, NULL))
        return;
    (void)!cao_pastures_remember(path, layer->key, &layer->pastures, layer->crs_wkt,
                                 layer->crs_name, findings, layer->first, layer->n_findings, NULL);
}

void cao_pasture_layer_release(struct cao_pasture_layer *layer)
{
    cao_pastures_release(&layer->pastures);
    free(layer->crs_wkt);
    free(layer->crs_name);
    *layer = (struct cao_pasture_layer){ 0 };
}
