/* SPDX-License-Identifier: MIT */
#include "run/herd_table.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct member {
    const char *household;
    const struct cao_pasture_result *row;
};

static int by_household(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int c = strcmp(x->household, y->household);
    return c ? c : x->row < y->row ? -1 : x->row > y->row;
}

enum column {
    PERIOD,
    HOUSEHOLD,
    N_PASTURES,
    AREA_HA,
    SEASON_SU, /* one a season */
    AVAILABLE_SU = SEASON_SU + CAO_N_SEASONS,
    HERD_SU = AVAILABLE_SU + CAO_N_SEASONS,
    A_MIN = HERD_SU + CAO_N_SEASONS,
    BOTTLENECK,
    A_YEAR,
    DAYS,
    OVERLOAD,
    OVERLOAD_YEAR,
    CLASS,
    CLASS_ZH,
    REDUCE,
    STATUS,
    STATUS_ZH,
    N_COLUMNS
};

#define T CAO_CELL_TEXT
#define R CAO_CELL_REAL
#define SU(name, zh, help)                                                                         \
    {                                                                                              \
        name, zh, "SU", help, R, 2                                                                 \
    }
static const struct cao_column columns[N_COLUMNS] = {
    [PERIOD] = { "period", "时段", "", "period of the project file", T, 0 },
    [HOUSEHOLD] = { "household", "牧户", "", "as in the pasture layer", T, 0 },
    [N_PASTURES] = { "n_pastures", "草场数", "1", "its pastures", CAO_CELL_INT, 0 },
    [AREA_HA] = { "area_ha", "面积_公顷", "ha", "their area", R, 4 },
    [SEASON_SU + CAO_YEAR_ROUND] = SU("capacity_year_round_su", "全年草场载畜量_羊单位",
                                      "its year-round pastures through their days"),
    [SEASON_SU + CAO_WARM] = SU("capacity_warm_su", "暖季草场载畜量_羊单位", "warm pastures"),
    [SEASON_SU + CAO_COLD] = SU("capacity_cold_su", "冷季草场载畜量_羊单位", "cold pastures"),
    [SEASON_SU + CAO_SPRING_AUTUMN] =
        SU("capacity_spring_autumn_su", "春秋草场载畜量_羊单位", "spring and autumn pastures"),
    [AVAILABLE_SU + CAO_YEAR_ROUND] =
        SU("available_year_round_su", "全年可养家畜_羊单位", "capacity less wildlife, with feed"),
    [AVAILABLE_SU + CAO_WARM] = SU("available_warm_su", "暖季可养家畜_羊单位", "the same, warm"),
    [AVAILABLE_SU + CAO_COLD] = SU("available_cold_su", "冷季可养家畜_羊单位", "the same, cold"),
    [AVAILABLE_SU + CAO_SPRING_AUTUMN] =
        SU("available_spring_autumn_su", "春秋可养家畜_羊单位", "the same, spring and autumn"),
    [HERD_SU + CAO_YEAR_ROUND] =
        SU("herd_year_round_su", "全年实际载畜量_羊单位", "its herd through the season"),
    [HERD_SU + CAO_WARM] = SU("herd_warm_su", "暖季实际载畜量_羊单位", "the same, warm"),
    [HERD_SU + CAO_COLD] = SU("herd_cold_su", "冷季实际载畜量_羊单位", "the same, cold"),
    [HERD_SU + CAO_SPRING_AUTUMN] =
        SU("herd_spring_autumn_su", "春秋实际载畜量_羊单位", "the same, spring and autumn"),
    [A_MIN] = SU("a_min_su", "最紧季节可养_羊单位",
                 "the most that its pastures of every season feed: the least of available"),
    [BOTTLENECK] = { "bottleneck", "瓶颈季节", "", "the season that feeds the least", T, 0 },
    [A_YEAR] =
        SU("a_year_su", "全年总草量可养_羊单位", "all its forage over 365 days, whenever it grows"),
    [DAYS] = { "days_covered", "季节天数合计", "d",
               "of its seasons: far from 365 where a pasture is missing in the layer", R, 0 },
    [OVERLOAD] = { "overload_pct", "超载率_%", "%",
                   "(herd - available) / available of the bottleneck season", R, 1 },
    [OVERLOAD_YEAR] = { "overload_year_pct", "全年超载率_%", "%",
                        "the same over the year's forage and herd", R, 1 },
    [CLASS] = { "class", "超载等级代码", "", "class of overload_pct", T, 0 },
    [CLASS_ZH] = { "class_zh", "超载等级", "", "class in Chinese", T, 0 },
    [REDUCE] =
        SU("reduce_su", "应减畜_羊单位", "what the herd has too much in the bottleneck season"),
    [STATUS] = { "status", "状态代码", "",
                 "ok, or the status of the pasture that keeps it from a verdict", T, 0 },
    [STATUS_ZH] = { "status_zh", "状态", "", "status in Chinese", T, 0 },
};

struct sums {
    size_t n;
    double area_ha, days[CAO_N_SEASONS], capacity[CAO_N_SEASONS], available[CAO_N_SEASONS],
        herd[CAO_N_SEASONS];
    enum cao_verdict worst; /* the first pasture without a verdict */
};

static void add(const struct cao_plan *plan, struct sums *s, const struct cao_pasture_result *row)
{
    const struct cao_holding *h = &plan->holdings->items[row->pasture];
    const struct cao_balance *b = &row->balance;
    enum cao_season k = h->season;
    bool known = b->verdict == CAO_VERDICT_OK || b->verdict == CAO_VERDICT_GRAZED_BANNED ||
                 b->verdict == CAO_VERDICT_GRAZED_WITHOUT_FORAGE ||
                 b->verdict == CAO_VERDICT_NO_ANIMALS_NO_FORAGE;
    s->n++;
    s->area_ha += plan->pastures->items[row->pasture].area_geodesic_ha;
    s->days[k] = h->terms.days;
    s->capacity[k] += b->capacity_su;
    s->available[k] += b->available_su;
    s->herd[k] += h->herd_su;
    if (!known && s->worst == CAO_VERDICT_OK)
        s->worst = b->verdict;
}

static enum cao_status put_row(const struct cao_plan *plan, struct cao_table *t, size_t at,
                               size_t period, const char *household, const struct sums *s,
                               struct cao_error *err)
{
    const struct cao_class_scheme *scheme = &plan->profile->scheme;
    struct cao_herd_year year = cao_herd_year_of(s->available, s->days);
    double herd_year = 0, herd = s->herd[year.bottleneck], available = year.a_min;
    bool told = s->worst == CAO_VERDICT_OK && available > 0;
    double rate = told ? (herd - available) / available * 100 : (double)NAN;
    cao_table_set_number(t, at, N_PASTURES, (double)s->n);
    cao_table_set_number(t, at, AREA_HA, s->area_ha);
    for (size_t k = 0; k < CAO_N_SEASONS; k++) {
        if (!(s->days[k] > 0))
            continue;
        cao_table_set_number(t, at, SEASON_SU + k, s->capacity[k]);
        cao_table_set_number(t, at, AVAILABLE_SU + k, s->available[k]);
        cao_table_set_number(t, at, HERD_SU + k, s->herd[k]);
        herd_year += s->herd[k] * s->days[k] / 365;
    }
    cao_table_set_number(t, at, A_MIN, year.a_min);
    cao_table_set_number(t, at, A_YEAR, year.a_year);
    cao_table_set_number(t, at, DAYS, year.days);
    cao_table_set_number(t, at, OVERLOAD, rate);
    cao_table_set_number(t, at, OVERLOAD_YEAR,
                         told && year.a_year > 0 ? (herd_year - year.a_year) / year.a_year * 100
                                                 : (double)NAN);
    cao_table_set_number(t, at, REDUCE,
                         !told              ? (double)NAN
                         : herd > available ? herd - available
                                            : 0);
    const struct cao_class *c =
        told && scheme->n ? &scheme->classes[cao_class_of(scheme, rate)] : NULL;
    enum cao_verdict v =
        s->worst == CAO_VERDICT_OK && !told
            ? (herd > 0 ? CAO_VERDICT_GRAZED_WITHOUT_FORAGE : CAO_VERDICT_NO_ANIMALS_NO_FORAGE)
            : s->worst;
    const struct {
        enum column column;
        const char *text;
    } texts[] = {
        { PERIOD, plan->project->periods[period].name },
        { HOUSEHOLD, household },
        { BOTTLENECK, isnan(year.a_min) ? NULL : cao_season_name(year.bottleneck) },
        { CLASS, c ? c->name : NULL },
        { CLASS_ZH, c ? c->zh : NULL },
        { STATUS, cao_verdict_name(v) },
        { STATUS_ZH, cao_verdict_zh(v) },
    };
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].text)
            st = cao_table_set_text(t, at, texts[i].column, texts[i].text, err);
    return st;
}

/* The households of one period: counted, or put into the table. */
static enum cao_status put_period(const struct cao_plan *plan, const struct cao_fold *fold,
                                  size_t period, struct member *members, struct cao_table *t,
                                  size_t *n_rows, struct cao_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->pastures->n; i++)
        if (plan->pastures->items[i].herd[0])
            members[n++] = (struct member){ plan->pastures->items[i].herd,
                                            &fold->rows[period * plan->pastures->n + i] };
    if (n)
        qsort(members, n, sizeof *members, by_household);
    for (size_t i = 0; i < n; ++*n_rows) {
        const char *household = members[i].household;
        struct sums s = { .worst = CAO_VERDICT_OK };
        for (; i < n && strcmp(members[i].household, household) == 0; i++)
            add(plan, &s, members[i].row);
        enum cao_status st =
            t->cells ? put_row(plan, t, *n_rows, period, household, &s, err) : CAO_OK;
        if (st)
            return st;
    }
    return CAO_OK;
}

enum cao_status cao_herd_table_make(const struct cao_plan *plan, const struct cao_fold *fold,
                                    struct cao_table *table, struct cao_error *err)
{
    struct cao_table made = { 0 };
    struct member *members = calloc(plan->pastures->n + 1, sizeof *members);
    enum cao_status st = members ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    size_t n = 0;
    for (int pass = 0; !st && pass < 2; pass++) {
        if (pass)
            st = cao_table_init(&made, columns, N_COLUMNS, n, err);
        n = 0;
        for (size_t p = 0; !st && p < plan->project->n_periods; p++)
            st = put_period(plan, fold, p, members, &made, &n, err);
    }
    free(members);
    if (st)
        cao_table_release(&made);
    else
        *table = made;
    return st;
}
