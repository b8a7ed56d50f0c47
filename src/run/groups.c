/* SPDX-License-Identifier: MIT */
#include "run/groups.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/certainty.h"

enum { NAME_TEXT = 64 };

/* A pasture under one of its groups. */
struct member {
    const char *value;
    enum cao_season season;
    const struct cao_pasture_result *row;
};

struct sums {
    size_t n, n_verdicts, *n_class;
    double area_ha, verdict_area_ha, hay_t, capacity_su, wildlife_su, feed_su, available_su,
        herd_su, reduce_su;
    struct cao_error_sum error;
    struct cao_error_terms terms;
};

/* Both sides are known: also where one of them is zero, and no rate can be given. */
static bool is_known(const struct cao_balance *b)
{
    return b->verdict == CAO_VERDICT_OK || b->verdict == CAO_VERDICT_GRAZED_BANNED ||
           b->verdict == CAO_VERDICT_GRAZED_WITHOUT_FORAGE ||
           b->verdict == CAO_VERDICT_NO_ANIMALS_NO_FORAGE;
}

static void add(const struct cao_plan *plan, struct sums *s, const struct cao_pasture_result *row)
{
    double area = plan->pastures->items[row->pasture].area_geodesic_ha;
    const struct cao_balance *b = &row->balance;
    s->n++;
    s->area_ha += area;
    if (!isnan(row->hay_kg_ha))
        s->hay_t += row->hay_kg_ha * area / 1000;
    if (!is_known(b))
        return;
    s->n_verdicts++;
    s->verdict_area_ha += area;
    s->capacity_su += b->capacity_su;
    s->wildlife_su += b->wildlife_su;
    s->feed_su += b->feed_su;
    s->available_su += b->available_su;
    s->herd_su += b->herd_su;
    s->reduce_su += b->reduce_su;
    cao_certainty_add(plan, &s->terms, row, &s->error);
    if (b->class_index < plan->profile->scheme.n)
        s->n_class[b->class_index]++;
}

enum column {
    PERIOD,
    GROUP_BY,
    GROUP,
    SEASON,
    N_PASTURES,
    N_VERDICTS,
    AREA_HA,
    AREA_MU,
    VERDICT_AREA,
    HAY_T,
    CAPACITY,
    WILDLIFE,
    FEED,
    AVAILABLE,
    HERD,
    SURPLUS,
    SURPLUS_YAK,
    SURPLUS_SHEEP,
    OVERLOAD,
    PRESSURE,
    CLASS,
    CLASS_ZH,
    PROBABILITY,
    CERTAINTY,
    CERTAINTY_ZH,
    LOW,
    HIGH,
    OVER,
    ERROR,
    REDUCE,
    STATUS,
    STATUS_ZH,
    N_COLUMNS
};

#define T CAO_CELL_TEXT
#define R CAO_CELL_REAL
#define I CAO_CELL_INT
static const struct cao_column fixed[N_COLUMNS] = {
    [PERIOD] = { "period", "时段", "", "period of the project file", T, 0 },
    [GROUP_BY] = { "group_by", "汇总字段", "", "column of the pasture layer, or 'all'", T, 0 },
    [GROUP] = { "group", "汇总单位", "", "its value", T, 0 },
    [SEASON] = { "season", "放牧季节", "",
                 "of its pastures: a herd grazes those of each season in turn, so seasons do not "
                 "add up",
                 T, 0 },
    [N_PASTURES] = { "n_pastures", "草场数", "1", "pastures of the group", I, 0 },
    [N_VERDICTS] = { "n_verdicts", "有结论草场数", "1",
                     "of them with known supply and demand; the sums are over these", I, 0 },
    [AREA_HA] = { "area_ha", "面积_公顷", "ha", "area of all pastures", R, 4 },
    [AREA_MU] = { "area_mu", "面积_亩", "mu", "area, 15 mu a hectare", R, 2 },
    [VERDICT_AREA] = { "verdict_area_pct", "有结论面积_%", "%",
                       "share of the area whose pastures have a verdict", R, 2 },
    [HAY_T] = { "yield_hay_t", "干草总产_t", "t", "hay of the pastures that were seen", R, 2 },
    [CAPACITY] = { "capacity_su", "理论载畜量_羊单位", "SU", "sum over pastures with a verdict", R,
                   2 },
    [WILDLIFE] = { "wildlife_su", "野生动物预留_羊单位", "SU", "of it kept for wild herbivores", R,
                   2 },
    [FEED] = { "feed_su", "补饲承载_羊单位", "SU", "what feed and sown pasture sustain", R, 2 },
    [AVAILABLE] = { "available_su", "可养家畜_羊单位", "SU", "capacity less wildlife, with feed", R,
                    2 },
    [HERD] = { "herd_su", "实际载畜量_羊单位", "SU", "livestock of pastures with a verdict", R, 2 },
    [SURPLUS] = { "surplus_su", "盈亏_羊单位", "SU", "available less herd; negative is overload", R,
                  2 },
    [SURPLUS_YAK] = { "surplus_yak", "盈亏_折牦牛", "head", "the same in yak of the profile", R,
                      1 },
    [SURPLUS_SHEEP] = { "surplus_sheep", "盈亏_折藏羊", "head", "the same in sheep of the profile",
                        R, 1 },
    [OVERLOAD] = { "overload_pct", "超载率_%", "%", "(herd - available) / available, of the sums",
                   R, 1 },
    [PRESSURE] = { "pressure", "载畜压力指数", "1", "herd / available, of the sums", R, 3 },
    [CLASS] = { "class", "超载等级代码", "", "class of the overload rate", T, 0 },
    [CLASS_ZH] = { "class_zh", "超载等级", "", "class in Chinese", T, 0 },
    [PROBABILITY] = { "class_probability", "等级概率", "1",
                      "that the true rate of the sums is of this class: what pastures share adds "
                      "up, what is their own evens out",
                      R, 3 },
    [CERTAINTY] = { "certainty", "可靠程度代码", "", "firm, borderline or not-enough-data", T, 0 },
    [CERTAINTY_ZH] = { "certainty_zh", "可靠程度", "", "certainty in Chinese", T, 0 },
    [LOW] = { "overload_low_pct", "超载率下限_%", "%", "lower end of the rate's interval", R, 1 },
    [HIGH] = { "overload_high_pct", "超载率上限_%", "%", "upper end of it", R, 1 },
    [OVER] = { "over_probability", "超载概率", "1", "that the herds are above what is available", R,
               3 },
    [ERROR] = { "supply_error_pct", "可养家畜误差_%", "%", "standard error of what is available", R,
                1 },
    [REDUCE] = { "reduce_su", "应减畜_羊单位", "SU",
                 "sum of what overloaded pastures have too much; others' surplus is not set off", R,
                 2 },
    [STATUS] = { "status", "状态代码", "", "ok; partial: some pastures have no verdict; none", T,
                 0 },
    [STATUS_ZH] = { "status_zh", "状态", "", "status in Chinese", T, 0 },
};

/* One column a class: how many of the pastures it holds. */
static size_t list_columns(const struct cao_class_scheme *scheme, char (*names)[NAME_TEXT],
                           struct cao_column *out)
{
    memcpy(out, fixed, sizeof fixed);
    for (size_t i = 0; i < scheme->n; i++) {
        snprintf(names[2 * i], NAME_TEXT, "n_%.50s", scheme->classes[i].name);
        snprintf(names[2 * i + 1], NAME_TEXT, "%.40s_草场数", scheme->classes[i].zh);
        out[N_COLUMNS + i] = (struct cao_column){
            names[2 * i], names[2 * i + 1], "1", "pastures of this class", I, 0
        };
    }
    return N_COLUMNS + scheme->n;
}

/* In how many heads of a species the surplus would be; NaN where the profile lacks it. */
static double in_heads(const struct cao_profile *p, const char *species, double su)
{
    for (size_t i = 0; i < p->n_species; i++)
        if (strcmp(p->species[i].name, species) == 0)
            return su / p->species[i].su.value;
    return (double)NAN;
}

static enum cao_status put_texts(struct cao_table *t, size_t row, const int *columns,
                                 const char *const *texts, size_t n, struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < n; i++)
        st = cao_table_set_text(t, row, (size_t)columns[i], texts[i], err);
    return st;
}

static enum cao_status put_row(const struct cao_plan *plan, struct cao_table *t, size_t row,
                               size_t period, const char *by, const char *value,
                               enum cao_season season, const struct sums *s, struct cao_error *err)
{
    const struct cao_profile *profile = plan->profile;
    const struct cao_class_scheme *scheme = &profile->scheme;
    bool any = s->n_verdicts > 0, all = s->n_verdicts == s->n;
    double nan = (double)NAN, surplus = any ? s->available_su - s->herd_su : nan;
    double rate = any && s->available_su > 0 ? -surplus / s->available_su * 100 : nan;
    size_t class_index = isnan(rate) || scheme->n == 0 ? SIZE_MAX : cao_class_of(scheme, rate);
    struct cao_certainty sure = cao_certainty_of(
        &s->error, profile, &s->terms, any ? s->available_su : nan, s->herd_su, class_index);
    const struct {
        enum column column;
        double value;
    } numbers[] = {
        { N_PASTURES, (double)s->n },
        { N_VERDICTS, (double)s->n_verdicts },
        { AREA_HA, s->area_ha },
        { AREA_MU, s->area_ha * 15 },
        { VERDICT_AREA, s->area_ha > 0 ? s->verdict_area_ha / s->area_ha * 100 : nan },
        { HAY_T, s->hay_t },
        { CAPACITY, any ? s->capacity_su : nan },
        { WILDLIFE, any ? s->wildlife_su : nan },
        { FEED, any ? s->feed_su : nan },
        { AVAILABLE, any ? s->available_su : nan },
        { HERD, any ? s->herd_su : nan },
        { SURPLUS, surplus },
        { SURPLUS_YAK, in_heads(profile, "yak", surplus) },
        { SURPLUS_SHEEP, in_heads(profile, "sheep", surplus) },
        { OVERLOAD, rate },
        { PRESSURE, any && s->available_su > 0 ? s->herd_su / s->available_su : nan },
        { REDUCE, any ? s->reduce_su : nan },
        { PROBABILITY, class_index < CAO_MOST_CLASSES ? sure.p_class[class_index] : nan },
        { LOW, sure.low_pct },
        { HIGH, sure.high_pct },
        { OVER, sure.p_over },
        { ERROR, 100 * sure.supply_error },
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        cao_table_set_number(t, row, numbers[i].column, numbers[i].value);
    for (size_t i = 0; i < scheme->n; i++)
        cao_table_set_number(t, row, N_COLUMNS + i, (double)s->n_class[i]);
    static const int names[] = { PERIOD, GROUP_BY, GROUP, SEASON, STATUS, STATUS_ZH };
    const char *const texts[] = { plan->project->periods[period].name,
                                  by,
                                  value,
                                  cao_season_name(season),
                                  all   ? "ok"
                                  : any ? "partial"
                                        : "none",
                                  all   ? "正常"
                                  : any ? "部分草场无结论"
                                        : "无结论" };
    enum cao_status st = put_texts(t, row, names, texts, 6, err);
    if (st || class_index == SIZE_MAX)
        return st;
    const struct cao_class *c = &scheme->classes[class_index];
    static const int classes[] = { CLASS, CLASS_ZH, CERTAINTY, CERTAINTY_ZH };
    return put_texts(t, row, classes,
                     (const char *const[]){ c->name, c->zh, cao_firmness_name(sure.firmness),
                                            cao_firmness_zh(sure.firmness) },
                     4, err);
}

/* By value; pastures keep the fold's order, so that sums are added in one order for all. */
static int by_value(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int c = strcmp(x->value, y->value);
    c = c ? c : (int)x->season - (int)y->season;
    return c ? c : x->row < y->row ? -1 : x->row > y->row;
}

/* The groups of one column (-1: all in one) in one period: counted, or put into the table. */
static enum cao_status put_groups(const struct cao_plan *plan, const struct cao_fold *fold,
                                  size_t period, int column, struct member *members,
                                  struct sums *sums, struct cao_table *t, size_t *row,
                                  struct cao_error *err)
{
    size_t n = plan->pastures->n;
    const char *by = column < 0 ? "all" : plan->project->pastures_groups[column];
    for (size_t i = 0; i < n; i++) {
        members[i].row = &fold->rows[period * n + i];
        members[i].season = plan->holdings->items[i].season;
        members[i].value = column < 0 ? "" : plan->pastures->items[i].groups[column];
    }
    qsort(members, n, sizeof *members, by_value);
    for (size_t i = 0; i < n;) {
        size_t *n_class = sums->n_class;
        struct cao_type_error *types = sums->error.types;
        *sums = (struct sums){ .n_class = n_class, .terms = cao_error_terms_of(plan->profile) };
        cao_error_start(&sums->error, types, plan->profile->n_types);
        memset(n_class, 0, plan->profile->scheme.n * sizeof *n_class);
        const char *value = members[i].value;
        enum cao_season season = members[i].season;
        for (; i < n && strcmp(members[i].value, value) == 0 && members[i].season == season; i++)
            add(plan, sums, members[i].row);
        enum cao_status st =
            t->cells ? put_row(plan, t, *row, period, by, value, season, sums, err) : CAO_OK;
        if (st)
            return st;
        ++*row;
    }
    return CAO_OK;
}

static enum cao_status put_all(const struct cao_plan *plan, const struct cao_fold *fold,
                               struct member *members, struct sums *sums, struct cao_table *t,
                               size_t *n_rows, struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    int n_columns = (int)plan->project->n_pastures_groups;
    *n_rows = 0;
    for (size_t p = 0; !st && p < plan->project->n_periods; p++)
        for (int c = -1; !st && c < n_columns; c++)
            st = put_groups(plan, fold, p, c, members, sums, t, n_rows, err);
    return st;
}

enum cao_status cao_groups_make(const struct cao_plan *plan, const struct cao_fold *fold,
                                struct cao_groups *groups, struct cao_error *err)
{
    const struct cao_class_scheme *scheme = &plan->profile->scheme;
    struct cao_groups made = { .names = calloc(2 * scheme->n + 1, NAME_TEXT) };
    struct member *members = calloc(plan->pastures->n + 1, sizeof *members);
    struct sums sums = { .n_class = calloc(scheme->n + 1, sizeof *sums.n_class),
                         .error = { .types = calloc(plan->profile->n_types + 1,
                                                    sizeof *sums.error.types) } };
    struct cao_type_error *types = sums.error.types;
    struct cao_column *columns = calloc(N_COLUMNS + scheme->n, sizeof *columns);
    size_t n_rows = 0, n = 0;
    enum cao_status st = made.names && members && sums.n_class && types && columns
                             ? CAO_OK
                             : cao_fail(err, CAO_ENOMEM, "out of memory for the groups");
    if (!st)
        st = put_all(plan, fold, members, &sums, &made.table, &n_rows, err);
    if (!st) {
        n = list_columns(scheme, made.names, columns);
        st = cao_table_init(&made.table, columns, n, n_rows, err);
    }
    if (!st)
        st = put_all(plan, fold, members, &sums, &made.table, &n_rows, err);
    free(members);
    free(sums.n_class);
    free(types);
    free(columns);
    if (st)
        cao_groups_release(&made);
    else
        *groups = made;
    return st;
}

void cao_groups_release(struct cao_groups *g)
{
    cao_table_release(&g->table);
    free(g->names);
    *g = (struct cao_groups){ 0 };
}
