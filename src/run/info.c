/* SPDX-License-Identifier: MIT */
#include "run/info.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"

/* Colours: a family has a hue, its members shades of it. */
static const struct cao_legend platforms[] = {
    { 1, "Sentinel-2A", "哨兵2A", { 0, 68, 136 } },
    { 2, "Sentinel-2B", "哨兵2B", { 51, 119, 187 } },
    { 3, "Sentinel-2C", "哨兵2C", { 119, 170, 221 } },
    { 9, "Sentinel-2", "哨兵2", { 170, 204, 238 } },
    { 14, "Landsat 4", "陆地卫星4", { 85, 51, 0 } },
    { 15, "Landsat 5", "陆地卫星5", { 119, 68, 0 } },
    { 17, "Landsat 7", "陆地卫星7", { 170, 102, 0 } },
    { 18, "Landsat 8", "陆地卫星8", { 221, 136, 0 } },
    { 19, "Landsat 9", "陆地卫星9", { 255, 187, 51 } },
    { 20, "Landsat 8/9", "陆地卫星8/9", { 255, 221, 136 } },
    { 31, "Terra", "Terra", { 17, 119, 51 } },
    { 32, "Aqua", "Aqua", { 68, 170, 153 } },
    { 33, "Suomi NPP", "Suomi NPP", { 102, 204, 170 } },
    { 34, "NOAA-20", "NOAA-20", { 153, 221, 119 } },
    { 35, "NOAA-21", "NOAA-21", { 187, 238, 153 } },
    { CAO_PLATFORM_OTHER, "other", "其他", { 153, 153, 153 } },
};
enum { N_PLATFORMS = sizeof platforms / sizeof platforms[0] };

int cao_platform_code(const struct cao_project *project, const struct cao_scene *scene)
{
    const char *sensor = cao_scene_sensor(scene);
    for (size_t i = 0; i < project->n_sensors && i < CAO_MOST_DECLARED_CODES; i++)
        if (strcmp(project->sensors[i].name, sensor) == 0)
            return CAO_PLATFORM_DECLARED + (int)i;
    for (size_t i = 0; i < N_PLATFORMS; i++)
        if (strcmp(platforms[i].name, scene->platform) == 0)
            return platforms[i].value;
    return CAO_PLATFORM_OTHER;
}

struct cao_legend *cao_platform_legend(const struct cao_project *project, size_t *n)
{
    static const unsigned char hues[][3] = {
        { 136, 34, 85 },   { 204, 102, 119 }, { 170, 68, 153 },
        { 221, 204, 119 }, { 153, 153, 51 },  { 51, 34, 136 }
    };
    size_t declared =
        project->n_sensors < CAO_MOST_DECLARED_CODES ? project->n_sensors : CAO_MOST_DECLARED_CODES;
    struct cao_legend *all = calloc(N_PLATFORMS + declared, sizeof *all);
    if (!all)
        return NULL;
    memcpy(all, platforms, sizeof platforms);
    for (size_t i = 0; i < declared; i++) {
        const unsigned char *hue = hues[i % (sizeof hues / sizeof hues[0])];
        all[N_PLATFORMS + i] = (struct cao_legend){ CAO_PLATFORM_DECLARED + (int)i,
                                                    project->sensors[i].name,
                                                    project->sensors[i].name,
                                                    { hue[0], hue[1], hue[2] } };
    }
    *n = N_PLATFORMS + declared;
    return all;
}

int32_t cao_period_target(const struct cao_period *period, int32_t day_of_year)
{
    int32_t middle = period->from + (period->to - period->from) / 2, best = 0;
    for (int year = -1; year <= 1; year++) {
        /* 1 January of the year before, of, and after that of the middle */
        int32_t first = middle - cao_date_day_of_year(middle) + 1;
        first = year < 0   ? first - cao_date_day_of_year(first - 1)
                : year > 0 ? first + 366 - cao_date_day_of_year(first + 366) + 1
                           : first;
        int32_t day = first + day_of_year - 1;
        if (year == -1 || abs(day - middle) < abs(best - middle))
            best = day;
    }
    return best;
}

void cao_info_start(struct cao_tile_buffers *b, size_t n)
{
    if (!b->by_reason)
        return;
    memset(b->by_reason, 0, n * CAO_N_REASONS * sizeof *b->by_reason);
    memset(b->overpass, CAO_OUTSIDE, n);
}

void cao_info_next_overpass(struct cao_tile_buffers *b, size_t n)
{
    for (size_t i = 0; b->by_reason && i < n; i++)
        b->by_reason[b->overpass[i] * n + i]++;
    if (b->by_reason)
        memset(b->overpass, CAO_OUTSIDE, n);
}

/* Neighbouring tiles of one overpass may tell different reasons: clear counts before any other, then the
 * first. */
void cao_info_note(struct cao_tile_buffers *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t now = b->reason[i], before = b->overpass[i];
        bool takes = now != CAO_OUTSIDE && (before == CAO_OUTSIDE || now == CAO_CLEAR);
        b->overpass[i] = takes ? now : before;
    }
}

static void by_look(const struct cao_tile_buffers *b, const float *of_look, float *restrict out,
                    size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = b->chosen[i] == CAO_NO_LOOK ? NAN : of_look[b->chosen[i]];
}

/* Overpasses that reached the place, and of these the masked ones and what most of them were lost to. */
static void by_reason(const struct cao_tile_buffers *b, enum cao_quantity quantity,
                      float *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t clear = b->by_reason[CAO_CLEAR * n + i], masked = 0, most = 0;
        int main_reason = CAO_CLEAR;
        for (int r = CAO_CLEAR + 1; r < CAO_N_REASONS; r++) {
            uint32_t count = r == CAO_OUTSIDE ? 0 : b->by_reason[(size_t)r * n + i];
            masked += count;
            main_reason = count > most ? r : main_reason;
            most = count > most ? count : most;
        }
        uint32_t all = clear + masked;
        if (quantity == CAO_Q_N_LOOKS)
            out[i] = (float)all;
        else if (quantity == CAO_Q_MASKED_SHARE)
            out[i] = all ? (float)masked / (float)all : NAN;
        else
            out[i] = all ? (float)main_reason : NAN;
    }
}

bool cao_info_values(const struct cao_plan *plan, const struct cao_tile_job *job,
                     enum cao_quantity quantity, const struct cao_tile_buffers *b,
                     float *restrict out, size_t n)
{
    const struct cao_project *project = plan->project;
    int32_t target = cao_period_target(&project->periods[job->period], project->target_day);
    for (size_t k = 0; k < job->n_scenes; k++) {
        const struct cao_scene *s = &plan->catalog->scenes[job->scenes[k]];
        if (quantity == CAO_Q_SENSOR)
            b->scratch[k] = (float)cao_platform_code(project, s);
        else if (quantity == CAO_Q_TARGET_DAYS)
            b->scratch[k] = (float)(s->time / 86400 - target);
    }
    switch (quantity) {
    case CAO_Q_SENSOR:
        by_look(b, b->scratch, out, n);
        return true;
    case CAO_Q_TARGET_DAYS:
        by_look(b, b->scratch, out, n);
        for (size_t i = 0; b->chosen_after && i < n; i++)
            out[i] += b->chosen_after[i];
        return true;
    case CAO_Q_N_LOOKS:
    case CAO_Q_MASKED_SHARE:
    case CAO_Q_MASK_REASON:
        by_reason(b, quantity, out, n);
        return true;
    default:
        return false;
    }
}
