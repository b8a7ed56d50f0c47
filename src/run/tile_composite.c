/* SPDX-License-Identifier: MIT */
#include "run/tile_composite.h"

#include <math.h>
#include <string.h>

#include "base/lanes.h"
#include "caochu/composite.h"
#include "run/info.h"
#include "run/season.h"

/* One validity for all indices: a cell that lacks any of the bands is not used. How many are clear then. */
static size_t mask_bands(const struct cao_plan *plan, const struct cao_scene *s,
                         struct cao_tile_buffers *b, size_t n)
{
    static const float least_index = -1; /* VNP13 marks several kinds of nothing below it */
    const float *measured[CAO_N_BANDS];
    size_t n_bands = 0;
    for (size_t k = 0; k < plan->n_bands; k++) {
        const float *restrict band = b->look[k];
        if (cao_look_band(plan, s, plan->bands[k]) >= CAO_N_BANDS)
            continue;
        if (!s->qa[0].layer.path) /* then it is the reflectance that says where the image ends */
            cao_mask_missing(b->look[k], CAO_OUTSIDE, b->reason, n);
        if (cao_band_is_ready(plan->bands[k]))
            cao_mask_below(band, least_index, CAO_INVALID, b->reason, n);
        else
            measured[n_bands++] = band;
    }
    return cao_mask_invalid(measured, n_bands, b->reason, n);
}

/* Composites of all looks together keep each: it is read to where it is kept. */
static void read_to_kept(const struct cao_plan *plan, struct cao_tile_buffers *b, size_t k)
{
    for (size_t band = 0; band < plan->n_bands && b->n_kept > 0; band++)
        b->look[band] = b->kept[band * b->n_kept + k];
}

/* Of a look that is kept, what is not clear is NaN. */
static void keep_clear(const struct cao_plan *plan, struct cao_tile_buffers *b, size_t n)
{
    for (size_t band = 0; band < plan->n_bands; band++)
        cao_keep_clear(b->reason, b->look[band], n);
    cao_count_look(b->look[0], b->n_clear, n);
}

static void keep_nothing(const struct cao_plan *plan, struct cao_tile_buffers *b, size_t n)
{
    for (size_t band = 0; band < plan->n_bands && b->n_kept > 0; band++)
        for (size_t i = 0; i < n; i++)
            b->look[band][i] = NAN;
}

/* A look of a job, with what is the same for all its cells. */
struct look {
    const struct cao_scene *scene;
    size_t number;
    float days; /* after the target day */
};

static void offer_look(const struct cao_plan *plan, const struct look *look,
                       struct cao_tile_buffers *b, size_t n)
{
    const struct cao_composite *composite = plan->project->composite;
    const float *by_band[CAO_N_BANDS] = { 0 };
    for (size_t i = 0; i < plan->n_bands; i++)
        by_band[plan->bands[i]] = b->look[i];
    if (composite->asks_ndvi) {
        cao_index_compute(plan->project->indices[plan->ndvi_index], by_band, b->score, n);
        if (by_band[CAO_BAND_NDVI])
            cao_prefer_ready(by_band[CAO_BAND_NDVI], b->score, n);
    }
    bool blue = cao_look_band(plan, look->scene, CAO_BAND_B) < CAO_N_BANDS;
    struct cao_look_view view = { .ndvi = b->score,
                                  .blue = blue ? by_band[CAO_BAND_B] : NULL,
                                  .red = by_band[CAO_BAND_R],
                                  .cloud_m = b->cloud_m,
                                  .days = look->days,
                                  .after = b->after,
                                  .look = (uint16_t)look->number };
    /* what asks for NDVI takes it as it is, so that its array serves both */
    const float *score = composite->score(&plan->project->composite_settings, &view, b->score, n);
    struct cao_best best = { b->best_score, b->chosen, b->n_clear, b->band, plan->n_bands };
    cao_best_offer(&best, b->reason, score, (const float *const *)b->look, view.look, n);
}

/* Take the clear cells of a look into the picture as the project's composite does. */
static void take_look(const struct cao_plan *plan, const struct look *look,
                      struct cao_tile_buffers *b, size_t n)
{
    if (plan->project->composite->score)
        offer_look(plan, look, b, n);
    else
        cao_mean_add(b->reason, (const float *const *)b->look, b->sum, b->n_clear, plan->n_bands,
                     n);
}

/* Neighbouring tiles of one overpass show the same ground twice: that is one look, not two. Scenes
 * come in order of time, so those of an overpass follow one another. */
static bool same_overpass(const struct cao_scene *a, const struct cao_scene *b)
{
    enum { OVERPASS_S = 900 };
    return b->time - a->time <= OVERPASS_S && strcmp(a->platform, b->platform) == 0;
}

/* Whether the next scene that is looked at is of the same overpass. */
static bool goes_on(const struct cao_plan *plan, const struct cao_tile_job *job,
                    const struct cao_looks *looks, size_t k)
{
    const struct cao_scene *scenes = plan->catalog->scenes;
    size_t next = k + 1;
    while (next < job->n_scenes && looks->left_out[next])
        next++;
    return next < job->n_scenes &&
           same_overpass(&scenes[job->scenes[k]], &scenes[job->scenes[next]]);
}

/* A byte may lie anywhere, the arrays' addresses included: they are named apart. */
CAO_LANES static size_t drop_repeated(uint8_t *restrict reason, uint8_t *restrict taken, size_t n)
{
    uint32_t clear = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t is_clear = reason[i] == CAO_CLEAR, again = taken[i];
        reason[i] = is_clear & again ? CAO_OUTSIDE : reason[i];
        clear += (uint8_t)(is_clear & !again);
        taken[i] = again | is_clear;
    }
    return clear;
}

/* The reason shown where nothing could be used is that of the last look that reached the place. */
CAO_LANES static void note_status(const uint8_t *restrict reason, uint8_t *restrict status,
                                  size_t n)
{
    for (size_t i = 0; i < n; i++)
        status[i] = reason[i] == CAO_OUTSIDE ? status[i] : reason[i];
}

CAO_LANES static void show_clear(const uint16_t *restrict n_clear, uint8_t *restrict status,
                                 size_t n)
{
    enum { LOT = 512 };
    uint8_t none[LOT];
    for (size_t at = 0; at < n; at += LOT) {
        size_t m = n - at < LOT ? n - at : LOT;
        for (size_t i = 0; i < m; i++)
            none[i] = n_clear[at + i] == 0;
        for (size_t i = 0; i < m; i++)
            status[at + i] = none[i] ? status[at + i] : CAO_CLEAR;
    }
}

/* The cells of a strip from number @p at on, as a strip of their own. */
static struct cao_tile_buffers part_of(const struct cao_tile_buffers *b,
                                       const struct cao_plan *plan, size_t at)
{
    struct cao_tile_buffers p = *b;
    p.reason += at;
    p.status += at;
    p.taken += at;
    p.score += at;
    p.best_score += at;
    p.chosen += at;
    p.n_clear += at;
    p.cloud_m = b->cloud_m ? b->cloud_m + at : NULL;
    p.after = b->after ? b->after + at : NULL;
    for (size_t i = 0; i < plan->n_bands; i++) {
        p.look[i] += at;
        p.band[i] += at;
        p.sum[i] = b->sum[i] ? b->sum[i] + at : NULL;
    }
    return p;
}

/* The days of a look's cells, for the composite that has just chosen some of them, and for all together. */
static void keep_days(struct cao_tile_buffers *b, uint16_t look, size_t n)
{
    if (b->kept_after)
        memcpy(b->kept_after[look], b->after, n);
    for (size_t i = 0; i < n; i++)
        b->chosen_after[i] = b->chosen[i] == look ? b->after[i] : b->chosen_after[i];
}

/* Take a look that was read into the picture; piece by piece, so that a cell's bands, reason and
 * score stay in the cache from the masks to the choice. */
static void use_look(const struct cao_plan *plan, const struct look *look, bool was_read,
                     bool shared, struct cao_tile_buffers *b, size_t n,
                     uint64_t counts[CAO_N_REASONS])
{
    enum { PIECE = 2048 };
    bool keep = plan->project->composite->reduce;
    size_t n_clear = 0;
    for (size_t at = 0; at < n; at += PIECE) {
        size_t m = n - at < PIECE ? n - at : PIECE;
        struct cao_tile_buffers part = part_of(b, plan, at);
        size_t clear = was_read ? mask_bands(plan, look->scene, &part, m) : 0;
        if (shared)
            clear = drop_repeated(part.reason, part.taken, m);
        cao_mask_count(part.reason, m, counts);
        if (clear < m || keep) /* of what was clear in any look no other reason is shown */
            note_status(part.reason, part.status, m);
        if (clear > 0 && !keep)
            take_look(plan, look, &part, m);
        else if (was_read && keep)
            keep_clear(plan, &part, m);
        n_clear += clear;
    }
    if (!was_read)
        keep_nothing(plan, b, n);
    if (n_clear > 0)
        cao_season_keep(plan, b, look->number, n);
    if (n_clear > 0 && b->after)
        keep_days(b, (uint16_t)look->number, n);
}

static void start_strip(const struct cao_plan *plan, const struct cao_tile_job *job,
                        struct cao_tile_buffers *b, size_t n)
{
    memset(b->status, CAO_OUTSIDE, n);
    if (b->n_snow) {
        memset(b->n_snow, 0, n * sizeof *b->n_snow);
        memset(b->n_seen, 0, n * sizeof *b->n_seen);
    }
    struct cao_best best = { b->best_score, b->chosen, b->n_clear, b->band, plan->n_bands };
    cao_best_start(&best, n);
    for (size_t i = 0; i < plan->n_bands; i++)
        if (b->sum[i])
            memset(b->sum[i], 0, n * sizeof *b->sum[i]);
    if (b->after)
        memset(b->chosen_after, 0, n);
    for (size_t k = 0; b->kept_after && k < job->n_scenes; k++)
        memset(b->kept_after[k], 0, n);
    cao_info_start(b, n);
    cao_season_start(plan, job, b, n);
}

/* What is left to do when all looks were taken. */
static void finish_strip(const struct cao_plan *plan, const struct cao_tile_job *job,
                         struct cao_tile_buffers *b, size_t n)
{
    const struct cao_composite *composite = plan->project->composite;
    cao_info_next_overpass(b, n);
    if (composite->reduce) {
        const float *const *kept = (const float *const *)b->kept;
        struct cao_gathered all = { kept, plan->n_bands, job->n_scenes, b->reduce };
        composite->reduce(&plan->project->composite_settings, &all, b->band, b->chosen, n);
        for (size_t i = 0; b->kept_after && i < n; i++)
            b->chosen_after[i] = b->chosen[i] == CAO_NO_LOOK ? 0 : b->kept_after[b->chosen[i]][i];
    } else if (!composite->score) {
        cao_mean_finish(b->sum, b->n_clear, b->band, plan->n_bands, n);
    }
    for (size_t i = 0; b->snow && i < n; i++)
        b->snow[i] = b->n_seen[i] ? (float)b->n_snow[i] / (float)b->n_seen[i] : NAN;
    show_clear(b->n_clear, b->status, n);
    cao_season_finish(plan, job, b, n);
}

enum cao_status cao_tile_composite(const struct cao_plan *plan, const struct cao_tile_job *job,
                                   struct cao_looks *looks, const struct cao_window *strip,
                                   struct cao_tile_buffers *b, uint64_t (*counts)[CAO_N_REASONS],
                                   cao_int128 (*reasons)[CAO_N_REASONS], const atomic_int *cancel,
                                   size_t *unreadable, struct cao_error *err)
{
    size_t n = (size_t)strip->cols * (size_t)strip->rows;
    int32_t target =
        cao_period_target(&plan->project->periods[job->period], plan->project->target_day);
    const struct cao_scene *last = NULL;
    start_strip(plan, job, b, n);
    for (size_t k = 0; k < job->n_scenes; k++) {
        const struct cao_scene *s = &plan->catalog->scenes[job->scenes[k]];
        size_t n_clear = 0;
        read_to_kept(plan, b, k);
        if (looks->left_out[k]) {
            keep_nothing(plan, b, n);
            continue;
        }
        if (cancel && *cancel)
            return cao_fail(err, CAO_ECANCEL, "stopped");
        enum cao_status st = cao_looks_read(looks, plan, s, k, strip, b, cancel, &n_clear, err);
        if (st) {
            *unreadable = k;
            return st;
        }
        bool new_overpass = !last || !same_overpass(last, s);
        bool more = goes_on(plan, job, looks, k), shared = !new_overpass || more;
        if (new_overpass) {
            cao_info_next_overpass(b, n);
            if (shared) {
                memset(b->taken, 0, n);
                memset(b->overpass, CAO_OUTSIDE, n);
            }
        }
        if (new_overpass && b->counted)
            memset(b->counted, 0, n);
        if (b->counted)
            cao_sight_count(b->sight, b->counted, b->n_snow, b->n_seen, n);
        last = s;
        struct look look = { s, k, (float)(s->time / 86400 - target) };
        use_look(plan, &look, n_clear > 0, shared, b, n, counts[k]);
        if (shared || b->by_reason)
            cao_info_note(b, n);
        if (!more) /* of ground that several tiles show, one look is told of */
            cao_tile_count_reasons(job, strip, b, shared ? b->overpass : b->reason, reasons);
        if (!plan->keep_open)
            cao_looks_close_one(looks, k);
    }
    finish_strip(plan, job, b, n);
    return CAO_OK;
}
