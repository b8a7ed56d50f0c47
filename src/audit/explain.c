/* SPDX-License-Identifier: MIT */
#include "caochu/explain.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "caochu/yield_text.h"
#include "audit/explain_words.h"
#include "run/certainty.h"
#include "run/fold.h"
#include "run/stored.h"

enum step { GROUND, IMAGERY, COVER, YIELD, FORAGE, CAPACITY, HERD, VERDICT, CERTAINTY };
static const char *const steps[][2] = {
    [GROUND] = { "pasture", "草场" },
    [IMAGERY] = { "imagery", "影像" },
    [COVER] = { "cover", "植被覆盖度" },
    [YIELD] = { "yield", "产量" },
    [FORAGE] = { "usable forage", "可利用牧草" },
    [CAPACITY] = { "capacity", "载畜量" },
    [HERD] = { "herd", "家畜" },
    [VERDICT] = { "verdict", "结论" },
    [CERTAINTY] = { "how sure", "可靠程度" },
};

/* The chain on its way: facts are put one after another, then become the table. */
struct fact {
    const char *period, *item, *zh, *unit, *confidence;
    enum step step;
    char value[400], source[600], source_zh[600];
};
struct chain {
    const char *id;
    struct cao_table *table;
    struct fact *facts;
    size_t n, capacity;
    bool failed; /* out of memory: facts go nowhere */
    struct fact nowhere;
    const char *period;
    enum step step;
};

static struct fact *next(struct chain *c, const char *item, const char *zh, const char *unit)
{

    if (c->n == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 64;
        struct fact *more = realloc(c->facts, capacity * sizeof *more);
        if (!more) {
            c->failed = true;
            return &c->nowhere;
        }
        c->facts = more;
        c->capacity = capacity;
    }
    struct fact *f = &c->facts[c->n++];
    *f = (struct fact){
        .period = c->period, .step = c->step, .item = item, .zh = zh, .unit = unit, .confidence = ""
    };
    return f;
}

CAO_PRINTF(5, 6)
static struct fact *say(struct chain *c, const char *item, const char *zh, const char *unit,
                        const char *fmt, ...)
{
    struct fact *f = next(c, item, zh, unit);
    va_list args;
    va_start(args, fmt);
    vsnprintf(f->value, sizeof f->value, fmt, args);
    va_end(args);
    return f;
}

/* A number that follows from those above it, by the formula. */
static void put(struct chain *c, const char *item, const char *zh, const char *unit, int decimals,
                double v, const char *formula)
{
    struct fact *f = next(c, item, zh, unit);
    if (!isnan(v))
        snprintf(f->value, sizeof f->value, "%.*f", decimals, v);
    snprintf(f->source, sizeof f->source, "%s", formula);
    cao_explain_words(formula, f->source_zh, sizeof f->source_zh);
}

static void put_coefficient(struct chain *c, const char *item, const char *zh, const char *unit,
                            const struct cao_coefficient *k)
{
    struct fact *f = next(c, item, zh, unit);
    if (isnan(k->value))
        snprintf(f->value, sizeof f->value, "not given");
    else
        snprintf(f->value, sizeof f->value, "%.6g", k->value);
    f->confidence = cao_confidence_name(k->confidence);
    snprintf(f->source, sizeof f->source, "%s", k->source);
}

/* --- the steps --- */

static void ground(struct chain *c, const struct cao_plan *plan, size_t i)
{
    const struct cao_pasture *p = &plan->pastures->items[i];
    const struct cao_holding *h = &plan->holdings->items[i];
    const struct cao_profile *profile = plan->profile;
    c->step = GROUND;
    say(c, "id", "编号", "", "%s", p->id);
    if (p->name[0])
        say(c, "name", "名称", "", "%s", p->name);
    for (size_t g = 0; g < plan->project->n_pastures_groups; g++)
        say(c, plan->project->pastures_groups[g], plan->project->pastures_groups[g], "", "%s",
            p->groups[g]);
    put(c, "area", "面积", "ha", 4, p->area_geodesic_ha, "on the WGS 84 ellipsoid");
    if (p->repaired)
        say(c, "geometry", "几何", "", "repaired");
    if (h->type == SIZE_MAX && plan->ground->layer[CAO_GROUND_TYPE].used)
        say(c, "grassland type", "草地类型", "", "by place, see its parts");
    else if (h->type == SIZE_MAX)
        say(c, "grassland type", "草地类型", "", "not known: '%s'", p->type);
    else
        say(c, "grassland type", "草地类型", "", "%s (%s)%s%s", profile->types[h->type].name,
            profile->types[h->type].zh, p->type[0] ? ", in the layer: " : ", by default_type",
            p->type);
    if (p->grade[0])
        say(c, "degradation", "退化等级", "", "%s", p->grade);
    if (p->zone[0])
        say(c, "zone", "政策分区", "", "%s", p->zone);
    say(c, "season", "放牧季节", "", "%s", cao_season_name(h->season));
    if (plan->project->year_type != CAO_YEAR_NORMAL)
        say(c, "year", "年景", "", "%s", cao_year_name(plan->project->year_type));
    struct fact *f = say(c, "profile", "标准", "", "%s%s%s", profile->name,
                         profile->title[0] ? ": " : "", profile->title);
    snprintf(f->source, sizeof f->source, "%.590s", profile->path);
}

static void scenes(struct chain *c, const struct cao_stored *stored, size_t pasture, size_t period)
{
    const struct cao_plan *plan = stored->plan;
    for (size_t s = 0; s < plan->catalog->n; s++) {
        uint64_t clear = 0, all = 0;
        for (size_t j = 0; j < plan->n_jobs; j++) {
            const struct cao_tile_job *job = &plan->jobs[j];
            bool touches = false;
            for (size_t k = 0; job->period == period && !touches && k < job->n_pastures; k++)
                touches = job->pastures[k] == pasture;
            for (size_t k = 0; touches && k < job->n_scenes; k++)
                for (int r = 0; job->scenes[k] == s && r < CAO_N_REASONS; r++) {
                    uint64_t n = stored->results[j].counts ? stored->results[j].counts[k][r] : 0;
                    clear += r == CAO_CLEAR ? n : 0;
                    all += n;
                }
        }
        if (all == 0)
            continue;
        const struct cao_scene *scene = &plan->catalog->scenes[s];
        char time[CAO_TIME_TEXT];
        cao_time_format(scene->time, time);
        struct fact *f =
            say(c, "scene", "影像", "", "%s %s %s %s: %.1f %% of its tiles' cells clear", time,
                scene->platform, scene->level, scene->tile, 100 * (double)clear / (double)all);
        snprintf(f->source, sizeof f->source, "%.590s", scene->id);
    }
}

static void imagery(struct chain *c, const struct cao_stored *stored,
                    const struct cao_pasture_result *row)
{
    const struct cao_plan *plan = stored->plan;
    const struct cao_period *period = &plan->project->periods[row->period];
    char from[CAO_DATE_TEXT], to[CAO_DATE_TEXT];
    c->step = IMAGERY;
    cao_date_format(period->from, from);
    cao_date_format(period->to, to);
    say(c, "period", "时段", "", "%s to %s", from, to);
    scenes(c, stored, row->pasture, row->period);
    size_t clear = cao_zone_layer_at(plan->project, CAO_ZONE_CLEAR);
    struct cao_zone_scale scale = cao_zone_layer_scale(plan->project, clear);
    put(c, "seen", "有影像面积", "%", 2, row->seen_share * 100, "share of the area, cloudy or not");
    put(c, "valid", "有效面积", "%", 2, row->valid_share * 100,
        plan->project->smoothing_yield ? "share of the area with a smoothed maximum"
                                       : "share of the area with a clear look");
    put(c, "clear looks", "晴空次数", "1", 2, cao_zone_mean(&row->sums[clear], &scale),
        "mean of the area");
}

static void cover(struct chain *c, const struct cao_plan *plan,
                  const struct cao_pasture_result *row)
{
    const struct cao_holding *h = &plan->holdings->items[row->pasture];
    size_t at = cao_zone_layer_at(plan->project, CAO_ZONE_FVC);
    struct cao_zone_scale scale = cao_zone_layer_scale(plan->project, at);
    bool squared = plan->project->fvc_form == CAO_FVC_SQUARED;
    if (h->type == SIZE_MAX)
        return;
    c->step = COVER;
    put_coefficient(c, "NDVI of bare soil", "裸土NDVI", "1",
                    &plan->profile->types[h->type].fvc_soil);
    put_coefficient(c, "NDVI of full cover", "全覆盖NDVI", "1",
                    &plan->profile->types[h->type].fvc_full);
    put(c, "vegetation cover", "植被覆盖度", "1", 4, cao_zone_mean(&row->sums[at], &scale),
        squared ? "((NDVI - soil) / (full - soil))^2 within 0 to 1, mean of the valid area"
                : "(NDVI - soil) / (full - soil) within 0 to 1, mean of the valid area");
}

/* What a part is and how much of the pasture, where there are several. */
static void part_line(struct chain *c, const struct cao_plan *plan,
                      const struct cao_pasture_result *row, const struct cao_pasture_part *part)
{
    const struct cao_profile *p = plan->profile;
    if (row->n_parts < 2)
        return;
    unsigned grade = cao_ground_part(part->ground, CAO_GROUND_GRADE);
    unsigned zone = cao_ground_part(part->ground, CAO_GROUND_ZONE);
    bool grass = cao_ground_part(part->ground, CAO_GROUND_TYPE) != CAO_NOT_GRASS;
    say(c, "part", "分区", "", "%s%s%s%s%s: %.2f %% of the area",
        part->type != SIZE_MAX ? p->types[part->type].name
        : grass                ? "of no known type"
                               : "no grassland",
        grade && grade <= p->grades.n ? ", " : "",
        grade && grade <= p->grades.n ? p->grades.rows[grade - 1].name : "",
        zone && zone <= p->zones.n ? ", " : "",
        zone && zone <= p->zones.n ? p->zones.rows[zone - 1].name : "", part->area_share * 100);
}

/* The yield of one part, by the equations of its type. */
static void equations(struct chain *c, const struct cao_plan *plan,
                      const struct cao_pasture_result *row, const struct cao_pasture_part *part)
{
    part_line(c, plan, row, part);
    if (part->type == SIZE_MAX)
        return;
    const struct cao_grass_type *t = &plan->profile->types[part->type];
    for (size_t k = 0; k < t->n_models; k++) {
        const struct cao_yield_model *m = &t->models[k];
        char text[160] = "", published[200] = "";
        cao_yield_text(m, 6, text, sizeof text);
        size_t n = 0;
        if (!isnan(m->r2))
            n += (size_t)snprintf(published + n, sizeof published - n, ", R2 %g", m->r2);
        if (!isnan(m->rmse_kg_ha))
            n += (size_t)snprintf(published + n, sizeof published - n, ", RMSE %g kg/ha",
                                  m->rmse_kg_ha);
        if (m->cv_rmse_kg_ha > 0)
            n += (size_t)snprintf(published + n, sizeof published - n, " (%g by plots left out)",
                                  m->cv_rmse_kg_ha);
        if (m->relative_error > 0)
            n += (size_t)snprintf(published + n, sizeof published - n, ", residual %.3g %%",
                                  100 * m->relative_error);
        if (m->n > 0)
            snprintf(published + n, sizeof published - n, ", %d plots", m->n);
        struct fact *f = say(c, "equation", "产量方程", "", "%s: %s kg/ha%s, x from %g to %g%s%s%s",
                             m->id, text, m->hay_ratio > 0 ? " of hay" : "", m->x_min, m->x_max,
                             published, m->sensor[0] ? ", " : "", m->sensor);
        f->confidence = cao_confidence_name(t->models_confidence);
        snprintf(f->source, sizeof f->source, "%.590s", t->models_source);
    }
    put_coefficient(c, "bare below", "裸地阈值", "NDVI", &plan->profile->bare_below);
    put(c, "fresh yield", "鲜草产量", "kg/ha", 1, part->fresh_kg_ha,
        t->n_models > 1 ? "mean over the cells of the equations' mean"
                        : "mean over the cells of the equation");
}

/* An index that equations of the pasture stand on. */
static void index_of(struct chain *c, const struct cao_plan *plan,
                     const struct cao_pasture_result *row, size_t index)
{
    bool smoothed = plan->project->smoothing_yield;
    size_t layer = smoothed ? cao_zone_layer_at(plan->project, CAO_ZONE_PEAK) : index;
    const struct cao_zone_sum *vi = &row->sums[layer];
    struct cao_zone_scale scale = cao_zone_layer_scale(plan->project, layer);
    const struct cao_index *ix = plan->project->indices[index];
    char formula[500];
    snprintf(formula, sizeof formula, "%.400s, %smean of the valid area", ix->formula,
             smoothed ? "maximum of the smoothed season, " : "");
    put(c, ix->name, ix->name, "1", 4, cao_zone_mean(vi, &scale), formula);
    put(c, "its spread", "标准差", "1", 4, cao_zone_stdev(vi, &scale),
        "standard deviation over the valid area");
}

static void yield(struct chain *c, const struct cao_plan *plan,
                  const struct cao_pasture_result *row)
{
    size_t n = 0;
    c->step = YIELD;
    for (size_t k = 0; k < plan->project->n_indices; k++) {
        bool used = false;
        for (size_t i = 0; !used && i < row->n_parts; i++)
            used =
                row->parts[i].type != SIZE_MAX && cao_plan_index_of(plan, row->parts[i].type) == k;
        n += used;
        if (used)
            index_of(c, plan, row, k);
    }
    if (n == 0)
        index_of(c, plan, row, plan->yield_index);
    for (size_t i = 0; i < row->n_parts; i++)
        equations(c, plan, row, &row->parts[i]);
    if (row->n_parts > 1)
        put(c, "fresh yield of the pasture", "全草场鲜草产量", "kg/ha", 1, row->fresh_kg_ha,
            "mean of its parts by their area");
}

/* A coefficient of the grade or the zone, where there is one. */
static void put_row(struct chain *c, const char *item, const char *zh, const struct cao_items *rows,
                    size_t at)
{
    if (at > 0 && at <= rows->n)
        put_coefficient(c, item, zh, "1", &rows->rows[at - 1].value);
}

/* From fresh yield to usable forage of one part. */
static void forage_of(struct chain *c, const struct cao_plan *plan,
                      const struct cao_pasture_result *row, const struct cao_pasture_part *part)
{
    const struct cao_holding *h = &plan->holdings->items[row->pasture];
    const struct cao_profile *profile = plan->profile;
    bool hay = profile->intake_basis == CAO_HAY;
    cao_ground ground = part->ground == CAO_GROUND_OWN ? h->own : part->ground;
    const struct cao_grass_type *t = &profile->types[part->type];
    const struct cao_coefficient *drift = &profile->edible_drift[plan->project->year_type];
    const struct cao_coefficient *retention = &profile->retention[h->season];
    char formula[300];
    part_line(c, plan, row, part);
    if (hay)
        put_coefficient(c, "fresh to hay", "鲜干比", "1", &t->fresh_hay_ratio);
    put(c, "hay at 14 % water", "干草产量", "kg/ha", 1, part->hay_kg_ha,
        "fresh yield / fresh to hay");
    put_coefficient(c, "regrowth", "再生率", "1", &t->regrowth);
    put_coefficient(c, "edible share", "可食牧草比例", "1", &t->edible_share);
    if (plan->project->year_type != CAO_YEAR_NORMAL)
        put_coefficient(c, "drift of the year", "年景调整", "1", drift);
    put_coefficient(c, "utilisation", "放牧利用率", "1", &t->utilisation[h->season]);
    if (hay)
        put_coefficient(c, "to standard hay", "标准干草折算系数", "1", &t->hay_coefficient);
    put_row(c, "left by degradation", "退化折减", &profile->grades,
            cao_ground_part(ground, CAO_GROUND_GRADE));
    put_row(c, "left by policy", "政策分区折减", &profile->zones,
            cao_ground_part(ground, CAO_GROUND_ZONE));
    bool stands = !isnan(retention->value) && retention->value < 1;
    if (stands)
        put_coefficient(c, "retention", "牧草保存率", "1", retention);
    if (plan->ground->has_use)
        put(c, "left by terrain", "地形折减", "1", 4, part->use,
            "mean of slope, altitude and distance to water by terrain of the profile, weighted by "
            "yield");
    snprintf(formula, sizeof formula,
             "%s * (1 + regrowth) * edible share%s * utilisation%s%s%s%s%s",
             hay ? "hay" : "fresh yield",
             plan->project->year_type != CAO_YEAR_NORMAL ? " with drift" : "",
             hay ? " * to standard hay" : "",
             cao_ground_part(ground, CAO_GROUND_GRADE) ? " * left by degradation" : "",
             cao_ground_part(ground, CAO_GROUND_ZONE) ? " * left by policy" : "",
             stands ? " * retention" : "", plan->ground->has_use ? " * left by terrain" : "");
    put(c, "usable forage", "可利用牧草", "kg/ha", 1, part->usable_kg_ha, formula);
}

static void lines(struct chain *c, const struct cao_holding *h, enum cao_demand_kind kind,
                  const char *item, const char *zh);

static void forage(struct chain *c, const struct cao_plan *plan,
                   const struct cao_pasture_result *row)
{
    const struct cao_holding *h = &plan->holdings->items[row->pasture];
    const struct cao_pasture *p = &plan->pastures->items[row->pasture];
    const struct cao_profile *profile = plan->profile;
    c->step = FORAGE;
    for (size_t i = 0; i < row->n_parts; i++)
        if (row->parts[i].type != SIZE_MAX)
            forage_of(c, plan, row, &row->parts[i]);
    if (row->n_parts > 1)
        put(c, "usable forage of its parts", "分区平均可利用牧草", "kg/ha", 1, row->usable_kg_ha,
            "mean of its parts by their area; no grassland bears none");
    put(c, "usable forage of the pasture", "可利用牧草总量", "kg", 0,
        row->usable_kg_ha * p->area_geodesic_ha, "usable forage * area");
    c->step = CAPACITY;
    put_coefficient(c, "intake of a sheep unit", "羊单位日食量", "kg/d", &profile->intake_kg_day);
    put_coefficient(c, "days of the season", "放牧天数", "d", &profile->days[h->season]);
    put(c, "carrying capacity", "理论载畜量", "SU", 2, row->balance.capacity_su,
        "usable forage of the pasture / (intake * days)");
    if (!isnan(h->wild_su) || h->wild_unknown)
        lines(c, h, CAO_DEMAND_WILD, "wildlife", "野生动物");
    else if (isnan(plan->project->wildlife_share))
        put_coefficient(c, "share for wildlife", "野生动物预留比例", "1", &profile->wildlife_share);
    else
        put(c, "share for wildlife", "野生动物预留比例", "1", 3, plan->wildlife_share,
            "wildlife_share of the project file");
    put(c, "for wildlife", "野生动物预留", "SU", 2, row->balance.wildlife_su,
        h->wild_unknown     ? "not known: wildlife.map tells of too little of the pasture"
        : isnan(h->wild_su) ? "capacity * share"
                            : "by counts, on what may be grazed");
    lines(c, h, CAO_DEMAND_FEED, "feed", "补饲");
    bool fed = h->feed_su > 0 || isnan(h->feed_su);
    if (fed)
        put(c, "sustained by feed", "补饲承载", "SU", 2, h->feed_su, "sum of the lines");
    put(c, "available to livestock", "可养家畜", "SU", 2, row->balance.available_su,
        fed ? "capacity - for wildlife, not below 0, + sustained by feed"
            : "capacity - for wildlife, not below 0");
}

/* The lines of one table, as they were reckoned. */
static void lines(struct chain *c, const struct cao_holding *h, enum cao_demand_kind kind,
                  const char *item, const char *zh)
{
    for (size_t i = 0; i < h->n_lines; i++) {
        const struct cao_demand_line *line = &h->lines[i];
        if (line->kind != kind)
            continue;
        struct fact *f = say(c, item, zh, "", "%s", line->text);
        f->confidence = cao_confidence_name(line->confidence);
        snprintf(f->source, sizeof f->source, "%.590s", line->source);
    }
}

static void herd(struct chain *c, const struct cao_plan *plan, const struct cao_pasture_result *row)
{
    const struct cao_holding *h = &plan->holdings->items[row->pasture];
    const struct cao_pasture *p = &plan->pastures->items[row->pasture];
    c->step = HERD;
    if (plan->project->pastures_herd[0])
        say(c, "household", "牧户", "", "%s", p->herd);
    lines(c, h, CAO_DEMAND_HERD, "species", "畜种");
    put(c, "herd", "实际载畜量", "SU", 2, h->herd_su, "sum of the lines");
}

static void verdict(struct chain *c, const struct cao_plan *plan,
                    const struct cao_pasture_result *row)
{
    const struct cao_balance *b = &row->balance;
    const struct cao_class_scheme *scheme = &plan->profile->scheme;
    const struct cao_holding *h = &plan->holdings->items[row->pasture];
    c->step = VERDICT;
    put(c, "surplus", "盈亏", "SU", 2, b->surplus_su, "available - herd; negative is overload");
    put(c, "overload rate", "超载率", "%", 1, b->overload_pct, "(herd - available) / available");
    put(c, "pressure", "载畜压力指数", "1", 3, b->pressure, "herd / available");
    if (b->class_index < scheme->n) {
        const struct cao_class *k = &scheme->classes[b->class_index];
        char from[40] = "", to[40] = "";
        if (b->class_index > 0)
            snprintf(from, sizeof from, " from %g %%",
                     scheme->classes[b->class_index - 1].below_pct);
        if (b->class_index + 1 < scheme->n)
            snprintf(to, sizeof to, " below %g %%", k->below_pct);
        struct fact *f = say(c, "class", "超载等级", "", "%s (%s):%s%s of scheme %s", k->name,
                             k->zh, from, to, scheme->name);
        f->confidence = cao_confidence_name(scheme->confidence);
        snprintf(f->source, sizeof f->source, "%.590s", scheme->source);
        put(c, "to be reduced", "应减畜", "SU", 2, b->reduce_su, "herd above what is available");
    }
    if (b->verdict == CAO_VERDICT_OK && cao_is_beyond_range(plan, row))
        say(c, "status", "状态", "", "outside-model-range (超出产量方程适用范围)");
    else
        say(c, "status", "状态", "", "%s (%s)", cao_verdict_name(b->verdict),
            cao_verdict_zh(b->verdict));
    if (h->note[0])
        say(c, "note", "备注", "", "%s", h->note);
}

static const char *const error_rules[CAO_N_ERRORS] = {
    [CAO_ERROR_TERMS] = "of the fitted terms: their covariance, or residual * sqrt(terms / plots)",
    [CAO_ERROR_YEAR] = "between the years' equations, not below year_error; * sqrt(1 + 1 / years)",
    [CAO_ERROR_RESIDUAL] = "residual / sqrt(area in blocks of block_ha)",
    [CAO_ERROR_GAPS] = "unseen share * spread of the yield * sqrt(1 / unseen + 1 / seen blocks)",
    [CAO_ERROR_COEFFICIENTS] = "uniform within the ranges that the profile gives",
    [CAO_ERROR_WILDLIFE] = "wild_error of counts or map, and the ranges of its sheep units",
    [CAO_ERROR_HERD] = "of the count; share of the herd",
    [CAO_ERROR_SHEEP_UNITS] = "uniform within the ranges that the profile gives; share of the herd",
};

/* The numbers of the profile that the errors rest on. */
static void error_numbers(struct chain *c, const struct cao_plan *plan)
{
    const struct cao_error_numbers *n = &plan->profile->uncertainty;
    put_coefficient(c, "residual_error", "残差相对误差", "1", &n->residual_error);
    put_coefficient(c, "year_error", "年际误差", "1", &n->year_error);
    put_coefficient(c, "block_ha", "残差独立面积", "ha", &n->block_ha);
    put_coefficient(c, "herd_error", "清点误差", "1", &n->herd_error);
    if (!isnan(n->wild_error.value))
        put_coefficient(c, "wild_error", "野生动物数量误差", "1", &n->wild_error);
    put_coefficient(c, "firm_at", "可靠的概率下限", "1", &n->firm_at);
    put_coefficient(c, "outside_limit", "超范围面积上限", "1", &n->outside_limit);
}

static void certainty(struct chain *c, const struct cao_plan *plan,
                      const struct cao_pasture_result *row)
{
    const struct cao_certainty *sure = &row->certainty;
    const struct cao_class_scheme *scheme = &plan->profile->scheme;
    double interval = plan->profile->uncertainty.interval.value;
    char low_words[80];
    c->step = CERTAINTY;
    if (!isnan(sure->outside_share))
        put(c, "beyond the equations' range", "超出方程范围面积", "%", 1, 100 * sure->outside_share,
            "of the valid area; the index is held at the end of the range there");
    for (int i = 0; i < CAO_N_ERRORS && !isnan(sure->supply_error); i++)
        put(c, cao_error_name((enum cao_error_source)i), cao_error_zh((enum cao_error_source)i),
            "%", 1, 100 * sure->relative[i], error_rules[i]);
    if (!isnan(sure->supply_error))
        put(c, "error of what is available", "可养家畜误差", "%", 1, 100 * sure->supply_error,
            "root of the squares of those of the supply");
    if (!isnan(sure->sd_log)) {
        snprintf(low_words, sizeof low_words,
                 "%g %% of true rates lie between; log-normal pressure", 100 * interval);
        put(c, "rate at least", "超载率下限", "%", 1, sure->low_pct, low_words);
        put(c, "rate at most", "超载率上限", "%", 1, sure->high_pct, low_words);
        put(c, "probability of overload", "超载概率", "1", 3, sure->p_over,
            "that the herd is above what is available");
        for (size_t i = 0; i < scheme->n && i < CAO_MOST_CLASSES; i++)
            put(c, scheme->classes[i].name, scheme->classes[i].zh, "1", 3, sure->p_class[i],
                "probability of this class");
    }
    if (sure->firmness == CAO_NOT_SAID)
        return;
    struct fact *f = say(c, "certainty", "可靠程度", "", "%s (%s)",
                         cao_firmness_name(sure->firmness), cao_firmness_zh(sure->firmness));
    snprintf(
        f->source, sizeof f->source,
        "firm where the class has the probability firm_at; not enough data where too little was "
        "seen, or more than outside_limit lies beyond the equations' range");
    cao_explain_words(f->source, f->source_zh, sizeof f->source_zh);
    error_numbers(c, plan);
}

/* --- the whole --- */

static enum cao_status no_such_pasture(const struct cao_plan *plan, const char *id,
                                       struct cao_error *err)
{
    size_t n = plan->pastures->n, near = SIZE_MAX;
    const char **ids = calloc(n + 1, sizeof *ids);
    for (size_t i = 0; ids && i < n; i++)
        ids[i] = plan->pastures->items[i].id;
    if (ids)
        near = cao_text_nearest(id, ids, n);
    enum cao_status st =
        cao_fail(err, CAO_EARG, "%s: no pasture has the id '%s'%s%s%s", plan->pastures->path, id,
                 near == SIZE_MAX ? "" : "; did you mean ", near == SIZE_MAX ? "" : ids[near],
                 near == SIZE_MAX ? "" : "?");
    free(ids);
    return st;
}

static const char *confidence_zh(const char *name)
{
    for (int k = 0; k < 4; k++)
        if (strcmp(cao_confidence_name((enum cao_confidence)k), name) == 0)
            return cao_confidence_zh((enum cao_confidence)k);
    return "";
}

static enum cao_status make_table(const struct chain *c, struct cao_table *t, struct cao_error *err)
{
#define COLUMN(name, zh, help)                                                                     \
    {                                                                                              \
        name, zh, "", help, CAO_CELL_TEXT, 0                                                       \
    }
    static const struct cao_column columns[CAO_N_EXPLAIN_COLUMNS] = {
        COLUMN("period", "时段", "period"),
        COLUMN("step", "步骤", "step"),
        COLUMN("step_zh", "步骤_中文", "step"),
        COLUMN("item", "项目", "what it is"),
        COLUMN("item_zh", "项目_中文", "what"),
        COLUMN("value", "值", "its value"),
        COLUMN("unit", "单位", "unit"),
        COLUMN("confidence", "可信度", "how far checked"),
        COLUMN("confidence_zh", "可信度_中文", "how far checked"),
        COLUMN("source", "依据", "source or formula"),
        COLUMN("source_zh", "依据_中文", "source, as it is given, or formula"),
    };
    enum cao_status st = cao_table_init(t, columns, CAO_N_EXPLAIN_COLUMNS, c->n, err);
    for (size_t i = 0; !st && i < c->n; i++) {
        const struct fact *f = &c->facts[i];
        const char *const texts[CAO_N_EXPLAIN_COLUMNS] = { f->period,
                                                           steps[f->step][0],
                                                           steps[f->step][1],
                                                           f->item,
                                                           f->zh,
                                                           f->value,
                                                           f->unit,
                                                           f->confidence,
                                                           confidence_zh(f->confidence),
                                                           f->source,
                                                           f->source_zh[0] ? f->source_zh
                                                                           : f->source };
        for (size_t k = 0; !st && k < CAO_N_EXPLAIN_COLUMNS; k++)
            st = texts[k][0] ? cao_table_set_text(t, i, k, texts[k], err) : CAO_OK;
    }
    return st;
}

static enum cao_status use(void *context, const struct cao_stored *stored, struct cao_error *err)
{
    struct chain *c = context;
    const struct cao_plan *plan = stored->plan;
    struct cao_fold fold = { 0 };
    size_t i = 0;
    while (i < plan->pastures->n && strcmp(plan->pastures->items[i].id, c->id) != 0)
        i++;
    if (i == plan->pastures->n)
        return no_such_pasture(plan, c->id, err);
    enum cao_status st = cao_fold(plan, stored->results, &fold, err);
    for (size_t p = 0; !st && p < plan->project->n_periods; p++) {
        const struct cao_pasture_result *row = &fold.rows[p * plan->pastures->n + i];
        c->period = plan->project->periods[p].name;
        ground(c, plan, i);
        imagery(c, stored, row);
        cover(c, plan, row);
        yield(c, plan, row);
        bool known = false;
        for (size_t k = 0; k < row->n_parts; k++)
            known |= row->parts[k].type != SIZE_MAX;
        if (known)
            forage(c, plan, row);
        herd(c, plan, row);
        verdict(c, plan, row);
        certainty(c, plan, row);
    }
    if (!st && c->failed)
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    if (!st)
        st = make_table(c, c->table, err);
    cao_fold_release(&fold);
    return st;
}

enum cao_status cao_explain(const struct cao_run_options *run, const char *pasture_id,
                            struct cao_table *table, struct cao_run_summary *summary,
                            struct cao_error *err)
{
    struct chain c = { .id = pasture_id, .table = table };
    enum cao_status st = cao_run_stored(run, use, &c, summary, err);
    free(c.facts);
    return st;
}
