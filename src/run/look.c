/* SPDX-License-Identifier: MIT */
#include "run/look.h"

#include <math.h>
#include <string.h>

static double bap_distance_m(const struct cao_project *p)
{
    return p->composite->asks_cloud && p->composite_settings.cloud_weight > 0
               ? p->composite_settings.cloud_distance_m
               : 0;
}

double cao_look_distance_m(const struct cao_project *p)
{
    double bap = bap_distance_m(p);
    double smoothing = p->smoothing_method != CAO_SMOOTH_NONE ? p->smoothing_cloud_distance_m : 0;
    return bap > smoothing ? bap : smoothing;
}

static double margin_m(const struct cao_project *p)
{
    double distance = cao_look_distance_m(p);
    return distance > p->mask_dilation_m ? distance : p->mask_dilation_m;
}

int32_t cao_look_margin(const struct cao_project *project, double res_m)
{
    return (int32_t)floor(margin_m(project) / res_m + 1e-9);
}

const char *cao_look_margin_key(const struct cao_project *project)
{
    double most = margin_m(project);
    return most <= project->mask_dilation_m  ? "mask_dilation"
           : most <= bap_distance_m(project) ? "bap.cloud_distance"
                                             : "smoothing.cloud_distance";
}

enum cao_band cao_look_band(const struct cao_plan *plan, const struct cao_scene *s, enum cao_band b)
{
    return cao_scene_band(s, b == CAO_BAND_N ? plan->project->nir : b);
}

/* The plan's bands that the scene has, and where they go. */
static size_t bands_of(const struct cao_plan *plan, const struct cao_scene *s,
                       const struct cao_tile_buffers *b, enum cao_band *bands, float **looks)
{
    size_t n = 0;
    for (size_t k = 0; k < plan->n_bands; k++) {
        enum cao_band band = cao_look_band(plan, s, plan->bands[k]);
        if (band == CAO_N_BANDS)
            continue;
        bands[n] = band;
        looks[n++] = b->look[k];
    }
    return n;
}

/* What the cells of a window show of the ground, by the codes at their centres. */
static enum cao_status read_sights(const struct cao_scene *s, struct cao_reader *reader,
                                   const struct cao_look_tables *tables, const struct cao_window *w,
                                   struct cao_tile_buffers *b, struct cao_error *err)
{
    size_t n = (size_t)w->cols * (size_t)w->rows;
    if (!b->wide_sight)
        return CAO_OK;
    memset(b->wide_sight, s->qa[0].layer.path ? CAO_SIGHT_GROUND : CAO_SIGHT_HIDDEN, n);
    for (size_t q = 0; q < CAO_MOST_QA && s->qa[q].layer.path; q++) {
        if (!tables->meaning[q])
            continue;
        enum cao_status st =
            cao_reader_lay(reader, q, w, tables->meaning[q], b->qa, NULL, b->wide_sight, err);
        if (st)
            return st;
    }
    return CAO_OK;
}

/* The day of each cell of a composite; what is of a day beyond the period is not there. It is read whatever the
 * masks left: what is counted where must not depend on how the tile is cut. */
static enum cao_status read_days(const struct cao_scene *s, struct cao_reader *reader,
                                 const struct cao_look_tables *tables, const struct cao_window *w,
                                 struct cao_tile_buffers *b, uint8_t *reason, size_t *n_clear,
                                 struct cao_error *err)
{
    size_t n = (size_t)w->cols * (size_t)w->rows;
    uint8_t table[CAO_DAY_CODES];
    if (!s->day_layer) {
        memset(b->wide_after, 0, n);
        return CAO_OK;
    }
    enum cao_status st = cao_reader_qa(reader, (size_t)s->day_layer - 1, w, b->qa, err);
    if (st)
        return st;
    cao_day_table((int32_t)(s->time / 86400), s->day_span, table);
    *n_clear = cao_day_apply(table, b->qa, tables->from, tables->to, b->wide_after, reason,
                             b->wide_sight, n);
    return CAO_OK;
}

/* The reason of each cell of a window by the pixels in it. */
static enum cao_status share_reasons(const struct cao_scene *s, struct cao_reader *reader,
                                     const struct cao_look_tables *tables,
                                     const struct cao_window *w, struct cao_tile_buffers *b,
                                     uint8_t *reason, size_t *n_clear, struct cao_error *err)
{
    size_t n = (size_t)w->cols * (size_t)w->rows;
    enum cao_status st =
        cao_reader_reasons(reader, &tables->removal, w, reason, b->wide_removed, err);
    *n_clear = st ? 0 : cao_mask_clear(reason, n);
    if (!st)
        st = read_sights(s, reader, tables, w, b, err);
    return st || !b->wide_after ? st : read_days(s, reader, tables, w, b, reason, n_clear, err);
}

/* The reason of each cell of a window: that of the first quality layer which gives one. */
static enum cao_status read_reasons(const struct cao_plan *plan, const struct cao_scene *s,
                                    struct cao_reader *reader, const struct cao_look_tables *tables,
                                    const struct cao_window *w, struct cao_tile_buffers *b,
                                    uint8_t *reason, size_t *n_clear, struct cao_error *err)
{
    size_t n = (size_t)w->cols * (size_t)w->rows;
    memset(reason, CAO_CLEAR, n);
    *n_clear = n;
    if (b->wide_sight)
        memset(b->wide_sight, s->qa[0].layer.path ? CAO_SIGHT_GROUND : CAO_SIGHT_HIDDEN, n);
    for (size_t q = 0; q < CAO_MOST_QA && s->qa[q].layer.path; q++) {
        bool removes = tables->removes[q] && *n_clear > 0;
        if (!tables->meaning[q] || (!b->wide_sight && !removes))
            continue;
        enum cao_status st = cao_reader_lay(reader, q, w, tables->meaning[q], b->qa,
                                            removes ? reason : NULL, b->wide_sight, err);
        if (st)
            return st;
        if (removes)
            *n_clear = cao_mask_clear(reason, n);
    }
    if (b->wide_after) {
        enum cao_status st = read_days(s, reader, tables, w, b, reason, n_clear, err);
        if (st)
            return st;
    }
    if (s->bright_above > 0 && *n_clear > 0 &&
        (plan->project->mask_removes & UINT32_C(1) << CAO_CLOUD)) {
        enum cao_status st =
            cao_reader_bands(reader, &s->bright_band, 1, w, reason, &b->bright, err);
        if (st)
            return st;
        *n_clear = cao_mask_bright(b->bright, (float)s->bright_above, reason, n);
    }
    return CAO_OK;
}

/* The strip's reasons, with cloud and shadow grown by the project's distance. What lies around the
 * strip is read with it, so that no cut of the tile shows. */
static enum cao_status read_grown(const struct cao_plan *plan, const struct cao_scene *s,
                                  struct cao_reader *reader, const struct cao_look_tables *tables,
                                  bool pixels, const struct cao_window *strip,
                                  struct cao_tile_buffers *b, size_t *n_clear,
                                  struct cao_error *err)
{
    int32_t margin = cao_look_margin(plan->project, plan->grid.res_m);
    if (margin == 0) {
        enum cao_status st =
            pixels ? share_reasons(s, reader, tables, strip, b, b->reason, n_clear, err)
                   : read_reasons(plan, s, reader, tables, strip, b, b->reason, n_clear, err);
        size_t inner = (size_t)strip->cols * (size_t)strip->rows;
        if (!st && b->wide_sight)
            memcpy(b->sight, b->wide_sight, inner);
        if (!st && b->wide_after)
            memcpy(b->after, b->wide_after, inner);
        for (size_t i = 0; b->cloud_m && i < inner; i++) /* nearer than that is no other cell */
            b->cloud_m[i] = (float)cao_look_distance_m(plan->project);
        return st;
    }
    struct cao_window wide = { strip->col - margin, strip->row - margin, strip->cols + 2 * margin,
                               strip->rows + 2 * margin };
    size_t cols = (size_t)strip->cols, rows = (size_t)strip->rows, n = cols * rows;
    size_t wide_cols = (size_t)wide.cols, m = (size_t)margin;
    enum cao_status st =
        pixels ? share_reasons(s, reader, tables, &wide, b, b->wide_reason, n_clear, err)
               : read_reasons(plan, s, reader, tables, &wide, b, b->wide_reason, n_clear, err);
    if (st)
        return st;
    for (size_t r = 0; r < rows; r++)
        memcpy(b->reason + r * cols, b->wide_reason + (r + m) * wide_cols + m, cols);
    for (size_t r = 0; pixels && r < rows; r++) /* to the front of itself */
        memmove(b->wide_removed + r * cols, b->wide_removed + (r + m) * wide_cols + m, cols);
    for (size_t r = 0; b->wide_sight && r < rows; r++)
        memcpy(b->sight + r * cols, b->wide_sight + (r + m) * wide_cols + m, cols);
    for (size_t r = 0; b->wide_after && r < rows; r++)
        memcpy(b->after + r * cols, b->wide_after + (r + m) * wide_cols + m, cols);
    static const enum cao_reason grown[] = { CAO_CLOUD, CAO_SHADOW };
    bool grow =
        !pixels && plan->project->mask_dilation_m > 0; /* on pixels they are grown already */
    for (size_t i = 0; grow && i < sizeof grown / sizeof grown[0]; i++)
        cao_mask_grow(b->wide_reason, cols, rows, m,
                      plan->project->mask_dilation_m / plan->grid.res_m, grown[i], b->reach,
                      b->reason);
    *n_clear = cao_mask_clear(b->reason, n);
    if (b->cloud_m && *n_clear > 0)
        cao_mask_distance(
            b->wide_reason, cols, rows, m,
            UINT32_C(1) << CAO_CLOUD | UINT32_C(1) << CAO_SHADOW | UINT32_C(1) << CAO_CIRRUS,
            plan->grid.res_m, cao_look_distance_m(plan->project), b->reach, b->cloud_m);
    return CAO_OK;
}

/* A cell of which a band kept too little is out for what was taken from it. */
static void lacks_clear_pixels(const float *restrict look, const uint8_t *restrict removed,
                               uint8_t *restrict reason, size_t n)
{
    for (size_t i = 0; i < n; i++)
        reason[i] = reason[i] == CAO_CLEAR && !(look[i] == look[i]) ? removed[i] : reason[i];
}

enum cao_status cao_look_read(const struct cao_plan *plan, const struct cao_scene *s,
                              struct cao_reader *reader, const struct cao_look_tables *tables,
                              const struct cao_window *strip, struct cao_tile_buffers *b,
                              size_t *n_clear, struct cao_error *err)
{
    size_t n = (size_t)strip->cols * (size_t)strip->rows;
    enum cao_band bands[CAO_N_BANDS];
    float *looks[CAO_N_BANDS];
    size_t n_bands = bands_of(plan, s, b, bands, looks);
    bool pixels;
    enum cao_status st =
        cao_reader_masks_pixels(reader, &tables->removal, bands, n_bands, &pixels, err);
    if (!st)
        st = read_grown(plan, s, reader, tables, pixels, strip, b, n_clear, err);
    if (st || *n_clear == 0)
        return st;
    for (size_t k = 0; k < plan->n_bands; k++) /* see lacking() of the plan */
        for (size_t i = 0; cao_look_band(plan, s, plan->bands[k]) == CAO_N_BANDS && i < n; i++)
            b->look[k][i] = NAN;
    if (!pixels)
        return cao_reader_bands(reader, bands, n_bands, strip, b->reason, looks, err);
    st = cao_reader_clear_bands(reader, &tables->removal, bands, n_bands, strip, b->reason, looks,
                                err);
    for (size_t k = 0; !st && k < n_bands; k++)
        lacks_clear_pixels(looks[k], b->wide_removed, b->reason, n);
    return st;
}
