/* SPDX-License-Identifier: MIT */
#include "world/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    STREAM_RELIEF = 100,
    STREAM_RIDGE,
    STREAM_WATER,
    STREAM_MOISTURE,
    STREAM_SWARD,
    STREAM_SOIL
};

/* Shares of the land under the desert line and of what lies beside the valley's axis. */
static const double DESERT_FROM = 0.84;
static const float PI = 3.14159265f;

/* Row of the valley's axis, as a share of the height. */
static float axis_at(float u)
{
    return 0.58f + 0.10f * sinf(2.0f * PI * (0.9f * u + 0.1f)) + 0.03f * sinf(17.0f * u);
}

static enum cao_status land_alloc(struct world_land *land, size_t size, struct cao_error *err)
{
    size_t n = size * size;
    float *planes = calloc(n, 7 * sizeof *planes);
    *land = (struct world_land){ .size = size, .type = calloc(n, 1) };
    land->elevation = planes;
    if (!planes || !land->type) {
        world_land_release(land);
        return cao_fail(err, CAO_ENOMEM, "out of memory for %zu x %zu pixels", size, size);
    }
    land->moisture = planes + n;
    land->slope_x = planes + 2 * n;
    land->slope_y = planes + 3 * n;
    land->cover = planes + 4 * n;
    land->water = planes + 5 * n;
    land->texture = planes + 6 * n;
    return CAO_OK;
}

void world_land_release(struct world_land *land)
{
    free(land->elevation);
    free(land->type);
    *land = (struct world_land){ 0 };
}

/* Elevation, moisture and water of one row. scratch holds 3 rows. */
static void shape_row(const struct world_options *o, struct world_land *land, size_t y,
                      float *scratch)
{
    size_t n = land->size;
    double s = (double)n, row = (double)y + 0.5;
    const struct world_octave relief[] = { { 0.45 * s, 180.0f },
                                           { 0.20 * s, 130.0f },
                                           { 0.08 * s, 70.0f },
                                           { 24.0, 14.0f },
                                           { 7.0, 4.0f } };
    const struct world_octave ridge[] = { { 0.30 * s, 0.7f }, { 0.12 * s, 0.4f } };
    const struct world_octave shore[] = { { 0.05 * s, 0.25f }, { 9.0, 0.10f } };
    const struct world_octave wet[] = { { 0.22 * s, 0.30f }, { 0.07 * s, 0.14f }, { 15.0, 0.05f } };
    float *ridges = scratch, *bank = scratch + n, *damp = scratch + 2 * n;
    memset(scratch, 0, 3 * n * sizeof *scratch);
    float *elevation = land->elevation + y * n;
    world_noise_row(elevation, n, 0.5, row, relief, 5, o->seed + STREAM_RELIEF);
    world_noise_row(ridges, n, 0.5, row, ridge, 2, o->seed + STREAM_RIDGE);
    world_noise_row(bank, n, 0.5, row, shore, 2, o->seed + STREAM_WATER);
    world_noise_row(damp, n, 0.5, row, wet, 3, o->seed + STREAM_MOISTURE);
    float steep = world_clamp((float)n / 1024.0f, 0.3f, 2.0f);
    for (size_t x = 0; x < n; x++) {
        float u = ((float)x + 0.5f) / (float)n, v = ((float)y + 0.5f) / (float)n;
        float away = fabsf(v - axis_at(u)); /* from the river, share of the height */
        float lake = hypotf((u - 0.36f) / 0.11f, (v - axis_at(0.36f)) / 0.07f) + bank[x];
        float river = away * (float)n - 2.5f - 2.0f * bank[x];
        float wall = world_step(0.04f, 0.55f, away);
        elevation[x] = 4230.0f + steep * (elevation[x] * (0.15f + 0.85f * wall) + 850.0f * wall +
                                          260.0f * wall * (1.0f - fabsf(ridges[x])));
        land->water[y * n + x] =
            fmaxf(world_step(1.0f, 0.96f, lake), world_clamp(1.0f - river, 0.0f, 1.0f));
        land->moisture[y * n + x] = world_clamp(0.88f - 0.55f * world_step(0.02f, 0.30f, away) +
                                                    damp[x] + 0.3f * world_step(1.6f, 1.0f, lake),
                                                0.0f, 1.0f);
    }
}

static void slopes(struct world_land *land)
{
    size_t n = land->size;
    for (size_t y = 0; y < n; y++)
        for (size_t x = 0; x < n; x++) {
            size_t w = x ? x - 1 : x, e = x + 1 < n ? x + 1 : x;
            size_t a = y ? y - 1 : y, b = y + 1 < n ? y + 1 : y;
            const float *z = land->elevation;
            land->slope_x[y * n + x] =
                (z[y * n + e] - z[y * n + w]) / (float)((e - w) * WORLD_PIXEL);
            land->slope_y[y * n + x] =
                (z[b * n + x] - z[a * n + x]) / (float)((b - a) * WORLD_PIXEL);
        }
}

/* Sward and soil of one row, once the desert line is known. */
static void dress_row(const struct world_options *o, struct world_land *land, size_t y, float line,
                      float *scratch)
{
    static const struct world_octave sward[] = { { 60.0, 0.05f }, { 14.0, 0.05f }, { 4.0, 0.05f } };
    static const struct world_octave soil[] = { { 90.0, 0.10f }, { 20.0, 0.06f }, { 5.0, 0.05f } };
    size_t n = land->size;
    memset(scratch, 0, 2 * n * sizeof *scratch);
    world_noise_row(scratch, n, 0.5, (double)y + 0.5, sward, 3, o->seed + STREAM_SWARD);
    world_noise_row(scratch + n, n, 0.5, (double)y + 0.5, soil, 3, o->seed + STREAM_SOIL);
    for (size_t x = 0; x < n; x++) {
        size_t i = y * n + x;
        float m = land->moisture[i],
              high = world_step(line - 50.0f, line + 50.0f, land->elevation[i]);
        float cover = 0.28f + 0.62f * world_step(0.15f, 0.60f, m) + scratch[x];
        land->cover[i] = world_clamp(cover * (1.0f - high) + 0.05f * high, 0.0f, 0.97f);
        land->texture[i] = 1.0f + scratch[n + x] - 0.25f * world_step(0.5f, 0.9f, m);
        land->type[i] = (uint8_t)(high > 0.5f ? WORLD_DESERT
                                  : m > 0.88f ? WORLD_MARSH
                                  : m > 0.36f ? WORLD_MEADOW
                                              : WORLD_STEPPE);
    }
}

enum cao_status world_land_build(const struct world_options *o, struct world_land *land,
                                 struct cao_error *err)
{
    size_t n = (size_t)o->size;
    float line = 0.0f, *scratch = calloc(n, 3 * sizeof *scratch);
    if (!scratch)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    enum cao_status st = land_alloc(land, n, err);
    for (size_t y = 0; y < n && st == CAO_OK; y++)
        shape_row(o, land, y, scratch);
    if (st == CAO_OK)
        st = world_quantile(land->elevation, n * n, DESERT_FROM, &line, err);
    if (st == CAO_OK) {
        slopes(land);
        for (size_t y = 0; y < n; y++)
            dress_row(o, land, y, line, scratch);
    }
    free(scratch);
    return st;
}

void world_land_types(const struct world_land *land, const uint16_t *labels, struct world_mosaic *m)
{
    for (size_t k = 0; k < m->n; k++) {
        size_t count[WORLD_N_TYPES] = { 0 };
        for (size_t i = 0; i < land->size * land->size; i++)
            if (labels[i] == k + 1)
                count[land->type[i]]++;
        int best = WORLD_MEADOW;
        for (int t = 0; t < WORLD_N_TYPES; t++)
            if (count[t] > count[best])
                best = t;
        m->items[k].type = best;
    }
}
