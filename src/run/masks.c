/* SPDX-License-Identifier: MIT */
#include "run/masks.h"

#include <math.h>
#include <stdlib.h>

enum { PERIOD, ID, NAME, LOOKS, CLEAR, FIXED = CLEAR };

#define T CAO_CELL_TEXT
#define R CAO_CELL_REAL
static const struct cao_column columns[] = {
    { "period", "时段", "", "period of the project file", T, 0 },
    { "pasture_id", "草场编号", "", "id as in the pasture layer", T, 0 },
    { "name", "名称", "", "name as in the pasture layer", T, 0 },
    { "looks", "观测次数", "1",
      "looks of scenes that reached the pasture, mean over its area; where scenes of one overpass "
      "overlap, what was clear counts once",
      R, 3 },
    { "clear_pct", "晴空_%", "%", "of these looks, weighted by area: used", R, 2 },
    { "saturated_pct", "饱和或坏像元_%", "%", "detector saturated or defective", R, 2 },
    { "cloud_pct", "云_%", "%", "cloud", R, 2 },
    { "shadow_pct", "云影_%", "%", "cloud shadow", R, 2 },
    { "cirrus_pct", "卷云_%", "%", "cirrus", R, 2 },
    { "snow_pct", "雪_%", "%", "snow", R, 2 },
    { "water_pct", "水体_%", "%", "water", R, 2 },
    { "dark_pct", "暗区或地形阴影_%", "%", "dark ground or the shadow of terrain", R, 2 },
    { "invalid_pct", "反射率无效_%", "%", "a band without data, or not above 0", R, 2 },
    { "aerosol_high_pct", "高气溶胶_%", "%", "high aerosol", R, 2 },
};
#undef T
#undef R
enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

/* Reason of each column from CLEAR on. */
static const enum cao_reason reasons[N_COLUMNS - FIXED] = { CAO_CLEAR,  CAO_SATURATED, CAO_CLOUD,
                                                            CAO_SHADOW, CAO_CIRRUS,    CAO_SNOW,
                                                            CAO_WATER,  CAO_DARK,      CAO_INVALID,
                                                            CAO_AEROSOL };
_Static_assert(N_COLUMNS - FIXED == CAO_N_REASONS - 1, "a column for each reason but outside");

struct tally {
    cao_int128 by_reason[CAO_N_REASONS], area;
};

static void add_job(const struct cao_plan *plan, const struct cao_tile_job *job,
                    const struct cao_tile_result *r, struct tally *rows)
{
    size_t layers = cao_zone_layers(plan);
    for (size_t k = 0; k < job->n_pastures; k++) {
        struct tally *t = &rows[job->period * plan->pastures->n + job->pastures[k]];
        t->area += r->sums[k * layers].area;
        for (int c = 0; c < CAO_N_REASONS; c++)
            t->by_reason[c] += r->reasons[k][c];
    }
}

static enum cao_status fill_row(const struct cao_plan *plan, const struct tally *t, size_t row,
                                struct cao_table *table, struct cao_error *err)
{
    const struct cao_pasture *p = &plan->pastures->items[row % plan->pastures->n];
    const char *period = plan->project->periods[row / plan->pastures->n].name;
    cao_int128 looks = 0;
    for (int c = 0; c < CAO_N_REASONS; c++)
        looks += c == CAO_OUTSIDE ? 0 : t->by_reason[c];
    enum cao_status st = cao_table_set_text(table, row, PERIOD, period, err);
    if (!st)
        st = cao_table_set_text(table, row, ID, p->id, err);
    if (!st && p->name[0])
        st = cao_table_set_text(table, row, NAME, p->name, err);
    double all = cao_zone_cells(looks), area = cao_zone_cells(t->area);
    cao_table_set_number(table, row, LOOKS, area > 0 ? all / area : (double)NAN);
    for (size_t i = 0; i < N_COLUMNS - FIXED; i++)
        cao_table_set_number(table, row, FIXED + i,
                             all > 0 ? 100 * cao_zone_cells(t->by_reason[reasons[i]]) / all
                                     : (double)NAN);
    return st;
}

enum cao_status cao_masks_make(const struct cao_plan *plan, const struct cao_tile_result *results,
                               struct cao_table *table, struct cao_error *err)
{
    size_t n = plan->pastures->n * plan->project->n_periods;
    struct tally *rows = calloc(n + 1, sizeof *rows);
    if (!rows)
        return cao_fail(err, CAO_ENOMEM, "out of memory for the table of masks");
    for (size_t j = 0; j < plan->n_jobs; j++)
        if (results[j].done)
            add_job(plan, &plan->jobs[j], &results[j], rows);
    struct cao_table made = { 0 };
    enum cao_status st = cao_table_init(&made, columns, N_COLUMNS, n, err);
    for (size_t i = 0; !st && i < n; i++)
        st = fill_row(plan, &rows[i], i, &made, err);
    free(rows);
    if (st)
        cao_table_release(&made);
    else
        *table = made;
    return st;
}
