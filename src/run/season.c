/* SPDX-License-Identifier: MIT */
#include "run/season.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"

bool cao_season_wanted(const struct cao_project *project)
{
    return project->smoothing_method != CAO_SMOOTH_NONE;
}

/* MM-DD, as days after the first of a period: of the years around, that which lies nearest to it. */
static double days_to(const struct cao_period *period, const char *month_day)
{
    char text[CAO_DATE_TEXT + 8];
    int32_t best = 0, middle = period->from + (period->to - period->from) / 2;
    cao_date_format(middle, text);
    int year = (int)strtol(text, NULL, 10);
    bool any = false;
    for (int y = year - 1; y <= year + 1; y++) {
        int32_t day;
        snprintf(text, sizeof text, "%04d-%.5s", y, month_day);
        if (!cao_date_parse(text, &day)) /* 29 February of a common year */
            day = cao_date_of(y, 3, 1);
        if (!any || abs(day - middle) < abs(best - middle))
            best = day;
        any = true;
    }
    return best - period->from;
}

struct cao_smoothing cao_season_of(const struct cao_plan *plan, size_t which)
{
    const struct cao_project *p = plan->project;
    const struct cao_period *period = &p->periods[which];
    const struct cao_index *ix = p->indices[plan->smooth_index];
    double days = period->to - period->from, longer = 16 / p->smoothing_step;
    struct cao_smoothing s = { .method = p->smoothing_method,
                               .step_days = p->smoothing_step,
                               .lambda = p->smoothing_lambda * longer * longer * longer,
                               .window = p->smoothing_window,
                               .degree = p->smoothing_degree,
                               .envelope = p->smoothing_envelope,
                               .peak_to = days,
                               .most_gap = p->smoothing_max_gap,
                               .low = ix->min,
                               .high = ix->max };
    s.n_steps = (size_t)ceil(days / s.step_days) + 1;
    if (p->smoothing_peak_from[0])
        s.peak_from = days_to(period, p->smoothing_peak_from);
    if (p->smoothing_peak_to[0])
        s.peak_to = days_to(period, p->smoothing_peak_to);
    s.peak_from = s.peak_from > 0 ? s.peak_from : 0;
    s.peak_to = s.peak_to < days ? s.peak_to : days;
    return s;
}

enum cao_status cao_season_check(struct cao_plan *plan, struct cao_error *err)
{
    const struct cao_project *p = plan->project;
    plan->smooth_index = plan->yield_index;
    if (!cao_season_wanted(p))
        return CAO_OK;
    size_t i = 0;
    while (i < p->n_indices && !cao_text_same(p->indices[i]->name, p->smoothing_index))
        i++;
    if (p->smoothing_index[0] && i == p->n_indices)
        return cao_fail(err, CAO_EARG, "%s: smoothing.index: %s is not among the indices", p->path,
                        p->smoothing_index);
    plan->smooth_index = p->smoothing_index[0] ? i : plan->yield_index;
    for (size_t t = 0; p->smoothing_yield && t < plan->profile->n_types; t++)
        if (plan->profile->types[t].n_models && cao_plan_index_of(plan, t) != plan->yield_index)
            return cao_fail(err, CAO_EARG,
                            "%s: smoothing.yield: equations of %s stand on %s, others on %s, and "
                            "one index is smoothed; set it to false, or choose equations in one "
                            "index",
                            p->path, plan->profile->types[t].name, plan->profile->types[t].index,
                            plan->profile->yield_index);
    if (p->smoothing_yield && plan->smooth_index != plan->yield_index)
        return cao_fail(
            err, CAO_EARG,
            "%s: smoothing.yield: the yield equations stand on %s, not on %s; leave out "
            "smoothing.index",
            p->path, plan->profile->yield_index, p->smoothing_index);
    for (size_t k = 0; k < p->n_periods; k++) {
        struct cao_smoothing s = cao_season_of(plan, k);
        if (s.peak_from > s.peak_to)
            return cao_fail(err, CAO_EARG,
                            "%s:%d: period %s has no day from smoothing.peak_from to "
                            "smoothing.peak_to; its maximum would be empty",
                            p->path, p->periods[k].line, p->periods[k].name);
    }
    return CAO_OK;
}

void cao_season_start(const struct cao_plan *plan, const struct cao_tile_job *job,
                      struct cao_tile_buffers *b, size_t n)
{
    if (!b->series)
        return;
    const struct cao_period *period = &plan->project->periods[job->period];
    for (size_t k = 0; k < job->n_scenes; k++) {
        b->series_days[k] =
            (float)(plan->catalog->scenes[job->scenes[k]].time / 86400 - period->from);
        for (size_t i = 0; i < n; i++)
            b->series[k][i] = NAN;
        if (b->series_weight)
            memset(b->series_weight[k], 100, n);
    }
}

void cao_season_keep(const struct cao_plan *plan, struct cao_tile_buffers *b, size_t look, size_t n)
{
    enum { PIECE = 8192 }; /* bands stay in the cache */
    const struct cao_project *p = plan->project;
    const struct cao_index *ix = p->indices[plan->smooth_index];
    enum cao_band ready = cao_band_ready(ix->name);
    for (size_t at = 0; b->series && at < n; at += PIECE) {
        const float *by_band[CAO_N_BANDS] = { 0 };
        size_t m = n - at < PIECE ? n - at : PIECE;
        float *restrict to = b->series[look] + at;
        for (size_t i = 0; i < plan->n_bands; i++)
            by_band[plan->bands[i]] = b->look[i] + at;
        cao_index_compute(ix, by_band, to, m);
        if (ready < CAO_N_BANDS && by_band[ready])
            cao_prefer_ready(by_band[ready], to, m);
        for (size_t i = 0; i < m; i++)
            to[i] = b->reason[at + i] == CAO_CLEAR ? to[i] : NAN;
        uint8_t marginal = (uint8_t)(100 * p->smoothing_cloud_weight + 0.5);
        for (size_t i = 0; b->series_weight && i < m; i++)
            b->series_weight[look][at + i] =
                (double)b->cloud_m[at + i] < p->smoothing_cloud_distance_m ? marginal : 100;
    }
}

void cao_season_finish(const struct cao_plan *plan, const struct cao_tile_job *job,
                       struct cao_tile_buffers *b, size_t n)
{
    if (!b->series)
        return;
    const struct cao_period *period = &plan->project->periods[job->period];
    struct cao_smoothing s = cao_season_of(plan, job->period);
    struct cao_series series = { (const float *const *)b->series,
                                 (const uint8_t *const *)b->series_weight, b->series_days,
                                 job->n_scenes, (const uint8_t *const *)b->kept_after };
    cao_smooth_max(&s, &series, b->season, b->peak, b->peak_day, b->peak_gap, n);
    float first = (float)cao_date_day_of_year(period->from);
    for (size_t i = 0; i < n; i++) {
        b->peak_day[i] += first;
        bool refused = plan->project->smoothing_yield && isnan(b->peak[i]) && b->n_clear[i] > 0;
        b->status[i] = refused ? CAO_STATUS_GAP : b->status[i];
    }
}
