/* SPDX-License-Identifier: MIT
 * The table that people read: the columns and how each is filled. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/certainty.h"
#include "run/demand.h"
#include "run/fold.h"
#include "run/results.h"

/* What a cell is filled from. */
struct source {
    const struct cao_plan *plan;
    const struct cao_pasture_result *row;
    const struct cao_pasture *pasture;
    const struct cao_holding *holding;
    const struct cao_grass_type *type; /* of its one part; NULL: not known, or there are several */
    const struct cao_forage_terms *terms; /* as type */
    char *words;                          /* room for a text that is made up, WORDS long */
    bool beyond;                          /* an equation's range on too much of it */
    char note[400];
};
enum { WORDS = 600 };

/* Exactly one of number and text is set. */
struct cell_rule {
    struct cao_column column;
    double (*number)(const struct source *s);
    const char *(*text)(const struct source *s);
};

static const char *class_text(const struct source *s, bool chinese)
{
    size_t i = s->row->balance.class_index;
    const struct cao_class_scheme *scheme = &s->plan->profile->scheme;
    if (i == SIZE_MAX || i >= scheme->n)
        return NULL;
    return chinese ? scheme->classes[i].zh : scheme->classes[i].name;
}

static double layer_mean(const struct source *s, enum cao_zone_layer layer)
{
    size_t at = cao_zone_layer_at(s->plan->project, layer);
    struct cao_zone_scale scale = cao_zone_layer_scale(s->plan->project, at);
    return cao_zone_mean(&s->row->sums[at], &scale);
}

/* The type that most of it is. */
static const struct cao_grass_type *main_type(const struct source *s)
{
    const struct cao_pasture_part *best = NULL;
    for (size_t i = 0; i < s->row->n_parts; i++) {
        const struct cao_pasture_part *p = &s->row->parts[i];
        if (p->type != SIZE_MAX && (!best || p->area_share > best->area_share))
            best = p;
    }
    return best ? &s->plan->profile->types[best->type] : s->type;
}

/* What the parts are, with their shares of the area: nothing where it is of one piece. */
static const char *parts_text(const struct source *s)
{
    const struct cao_profile *p = s->plan->profile;
    size_t n = 0;
    if (s->row->n_parts < 2)
        return NULL;
    s->words[0] = '\0';
    for (size_t i = 0; i < s->row->n_parts && n < WORDS; i++) {
        const struct cao_pasture_part *part = &s->row->parts[i];
        unsigned grade = cao_ground_part(part->ground, CAO_GROUND_GRADE);
        unsigned zone = cao_ground_part(part->ground, CAO_GROUND_ZONE);
        bool grass = cao_ground_part(part->ground, CAO_GROUND_TYPE) != CAO_NOT_GRASS;
        int wrote = snprintf(s->words + n, WORDS - n, "%s%s%s%s%s%s %.1f %%", n ? "; " : "",
                             part->type != SIZE_MAX ? p->types[part->type].name
                             : grass                ? "not known"
                                                    : "no grassland",
                             grade && grade <= p->grades.n ? "/" : "",
                             grade && grade <= p->grades.n ? p->grades.rows[grade - 1].name : "",
                             zone && zone <= p->zones.n ? "/" : "",
                             zone && zone <= p->zones.n ? p->zones.rows[zone - 1].name : "",
                             part->area_share * 100);
        n += wrote > 0 ? (size_t)wrote : 0;
    }
    return s->words;
}

/* Days for which what livestock may use feeds the herd. */
static double grazing_days(const struct source *s)
{
    const struct cao_balance *b = &s->row->balance;
    return b->available_su > 0 && s->holding->herd_su > 0
               ? b->available_su * s->holding->terms.days / s->holding->herd_su
               : (double)NAN;
}

/* Those that are left at the project's balance_date, grazed since the season began. */
static double days_left(const struct source *s)
{
    const struct cao_profile *p = s->plan->profile;
    int32_t date = s->plan->project->balance_date;
    enum cao_season season = s->holding->season;
    double days = grazing_days(s);
    if (date == CAO_NO_DAY || isnan(days) || p->season_begins[season] == 0)
        return (double)NAN;
    for (int32_t y = 1970 + date / 365 + 1;; y--) {
        int32_t begin = cao_season_begin(p, season, y);
        if (begin > date)
            continue;
        double gone = date - begin < (int32_t)s->holding->terms.days ? date - begin : 0;
        return days > gone ? days - gone : 0;
    }
}

static double in_heads(const struct source *s, const char *species, double su)
{
    const struct cao_profile *p = s->plan->profile;
    for (size_t i = 0; i < p->n_species; i++)
        if (strcmp(p->species[i].name, species) == 0)
            return su / p->species[i].su.value;
    return (double)NAN;
}

/* Mean over the area of what terrain leaves. */
static double terrain_use(const struct source *s)
{
    return s->plan->ground->has_use ? layer_mean(s, CAO_ZONE_USE) * 100 : (double)NAN;
}

#define NUMBER(name, expr)                                                                         \
    static double name(const struct source *s)                                                     \
    {                                                                                              \
        return (expr);                                                                             \
    }
#define TEXT(name, expr)                                                                           \
    static const char *name(const struct source *s)                                                \
    {                                                                                              \
        return (expr);                                                                             \
    }

/* clang-format off */
TEXT(get_period, s->plan->project->periods[s->row->period].name)
TEXT(get_id, s->pasture->id)
TEXT(get_name, s->pasture->name[0] ? s->pasture->name : NULL)
TEXT(get_type, main_type(s) ? main_type(s)->name : s->pasture->type[0] ? s->pasture->type : NULL)
TEXT(get_type_zh, main_type(s) ? main_type(s)->zh : NULL)
TEXT(get_household, s->pasture->herd[0] ? s->pasture->herd : NULL)
TEXT(get_grade, s->pasture->grade[0] ? s->pasture->grade : NULL)
TEXT(get_zone, s->pasture->zone[0] ? s->pasture->zone : NULL)
NUMBER(get_no_graze, s->row->no_graze_share * 100)
NUMBER(get_terrain, terrain_use(s))
NUMBER(get_feed, s->row->balance.feed_su)
NUMBER(get_surplus_yak, in_heads(s, "yak", s->row->balance.surplus_su))
NUMBER(get_surplus_sheep, in_heads(s, "sheep", s->row->balance.surplus_su))
NUMBER(get_reduce_yak, ceil(in_heads(s, "yak", s->row->balance.reduce_su) - 1e-9))
NUMBER(get_reduce_sheep, ceil(in_heads(s, "sheep", s->row->balance.reduce_su) - 1e-9))
NUMBER(get_days_left, days_left(s))
NUMBER(get_retention, s->terms ? s->terms->retention : (double)NAN)
TEXT(get_year, cao_year_name(s->plan->project->year_type))
TEXT(get_season, cao_season_name(s->holding->season))
NUMBER(get_area, s->pasture->area_geodesic_ha)
NUMBER(get_area_mu, s->pasture->area_geodesic_ha * 15)
NUMBER(get_seen, s->row->seen_share * 100)
NUMBER(get_valid, s->row->valid_share * 100)
NUMBER(get_peak, layer_mean(s, CAO_ZONE_PEAK))
NUMBER(get_gap, layer_mean(s, CAO_ZONE_GAP))
NUMBER(get_snow, layer_mean(s, CAO_ZONE_SNOW) * 100)
NUMBER(get_fresh, s->row->fresh_kg_ha)
NUMBER(get_hay, s->row->hay_kg_ha)
NUMBER(get_hay_t, s->row->hay_kg_ha * s->pasture->area_geodesic_ha / 1000)
NUMBER(get_usable, s->row->usable_kg_ha)
NUMBER(get_usable_t, s->row->usable_kg_ha * s->pasture->area_geodesic_ha / 1000)
NUMBER(get_capacity, s->row->balance.capacity_su)
NUMBER(get_wildlife, s->row->balance.wildlife_su)
NUMBER(get_available, s->row->balance.available_su)
TEXT(get_herd, s->holding->herd_text[0] ? s->holding->herd_text : NULL)
NUMBER(get_herd_su, s->holding->herd_su)
NUMBER(get_surplus, s->row->balance.surplus_su)
NUMBER(get_overload, s->row->balance.overload_pct)
NUMBER(get_pressure, s->row->balance.pressure)
TEXT(get_class, class_text(s, false))
TEXT(get_class_zh, class_text(s, true))
NUMBER(get_reduce, s->row->balance.reduce_su)
NUMBER(get_area_unit, isnan(s->row->balance.capacity_su) ? (double)NAN
       : cao_area_unit_ha(&s->holding->terms, s->row->usable_kg_ha))
NUMBER(get_grazing_days, grazing_days(s))
TEXT(get_status, s->beyond ? "outside-model-range" : cao_verdict_name(s->row->balance.verdict))
TEXT(get_status_zh, s->beyond ? "超出产量方程适用范围" : cao_verdict_zh(s->row->balance.verdict))
NUMBER(get_error, s->row->certainty.supply_error * 100)
NUMBER(get_low, s->row->certainty.low_pct)
NUMBER(get_high, s->row->certainty.high_pct)
NUMBER(get_over, s->row->certainty.p_over)
NUMBER(get_probability, s->row->balance.class_index < CAO_MOST_CLASSES
       ? s->row->certainty.p_class[s->row->balance.class_index] : (double)NAN)
TEXT(get_firmness, s->row->certainty.firmness ? cao_firmness_name(s->row->certainty.firmness) : NULL)
TEXT(get_firmness_zh, s->row->certainty.firmness ? cao_firmness_zh(s->row->certainty.firmness) : NULL)
NUMBER(get_outside, s->row->certainty.outside_share * 100)
TEXT(get_note, s->note[0] ? s->note : NULL)
TEXT(get_profile, s->plan->profile->name)
TEXT(get_equations, s->plan->profile->yield_set)
TEXT(get_yield_confidence, s->type && s->type->n_models ? cao_confidence_name(s->type->models_confidence) : NULL)
TEXT(get_scheme, s->plan->profile->scheme.name)
NUMBER(get_intake, s->plan->profile->intake_kg_day.value)
NUMBER(get_days, s->row->n_parts && !s->holding->no_terms ? s->holding->terms.days : (double)NAN)
NUMBER(get_ratio, s->terms ? s->terms->fresh_hay_ratio : (double)NAN)
NUMBER(get_edible, s->terms ? s->terms->edible_share : (double)NAN)
NUMBER(get_use, s->terms ? s->terms->utilisation : (double)NAN)
NUMBER(get_hay_coefficient, s->terms ? s->terms->hay_coefficient : (double)NAN)
NUMBER(get_mapped, s->holding->mapped_su)
NUMBER(get_wildlife_share, isnan(s->holding->wild_su) ? s->plan->wildlife_share : (double)NAN)
/* clang-format on */

#define T CAO_CELL_TEXT
#define R CAO_CELL_REAL

static const struct cell_rule identity[] = {
    { { "period", "时段", "", "period of the project file", T, 0 }, NULL, get_period },
    { { "pasture_id", "草场编号", "", "id as in the pasture layer", T, 0 }, NULL, get_id },
    { { "name", "名称", "", "name as in the pasture layer", T, 0 }, NULL, get_name },
};

static const struct cell_rule ground[] = {
    { { "grass_type", "草地类型代码", "", "grassland type of the profile", T, 0 }, NULL, get_type },
    { { "grass_type_zh", "草地类型", "", "grassland type in Chinese", T, 0 }, NULL, get_type_zh },
    { { "parts", "分区构成", "",
        "types, grades and zones that it holds by place, with their shares of its area; then "
        "grass_type is that of the most, and its coefficients are in 'caochu explain'",
        T, 0 },
      NULL,
      parts_text },
    { { "degradation", "退化等级", "", "grade as in the pasture layer", T, 0 }, NULL, get_grade },
    { { "zone", "政策分区", "", "zone as in the pasture layer", T, 0 }, NULL, get_zone },
    { { "household", "牧户", "", "whose herd grazes it", T, 0 }, NULL, get_household },
    { { "season", "放牧季节", "", "grazing season", T, 0 }, NULL, get_season },
    { { "area_ha", "面积_公顷", "ha", "area on the WGS 84 ellipsoid", R, 4 }, get_area, NULL },
    { { "area_mu", "面积_亩", "mu", "area, 15 mu a hectare", R, 2 }, get_area_mu, NULL },
    { { "seen_pct", "有影像面积_%", "%", "share of the area that any look reached", R, 2 },
      get_seen,
      NULL },
    { { "valid_pct", "有效面积_%", "%", "share of the area with a clear look", R, 2 },
      get_valid,
      NULL },
};

static const struct cell_rule verdict[] = {
    { { "snow_pct", "积雪频率_%", "%",
        "share of the looks at the ground that show snow, mean of the area; with snow: true", R,
        2 },
      get_snow,
      NULL },
    { { "smoothed_max", "平滑最大值", "1",
        "maximum of the smoothed index, mean of the area that has one; with smoothing", R, 4 },
      get_peak,
      NULL },
    { { "max_gap_days", "最长无晴空_d", "d",
        "longest stretch of the peak's days between clear looks, mean of the area; with smoothing",
        R, 1 },
      get_gap,
      NULL },
    { { "yield_fresh_kg_ha", "鲜草产量_kg/ha", "kg/ha",
        "above-ground fresh yield, mean of the valid area", R, 1 },
      get_fresh,
      NULL },
    { { "yield_hay_kg_ha", "干草产量_kg/ha", "kg/ha", "hay at 14 % water", R, 1 }, get_hay, NULL },
    { { "yield_hay_t", "干草总产_t", "t", "hay of the whole pasture", R, 2 }, get_hay_t, NULL },
    { { "usable_kg_ha", "可利用牧草_kg/ha", "kg/ha",
        "after edible share, proper use and, on the hay basis, standard-hay coefficient", R, 1 },
      get_usable,
      NULL },
    { { "usable_t", "可利用牧草_t", "t", "usable forage of the whole pasture", R, 2 },
      get_usable_t,
      NULL },
    { { "capacity_su", "理论载畜量_羊单位", "SU",
        "sheep units that the usable forage feeds through the season", R, 2 },
      get_capacity,
      NULL },
    { { "wildlife_su", "野生动物预留_羊单位", "SU", "of it kept for wild herbivores", R, 2 },
      get_wildlife,
      NULL },
    { { "wildlife_map_su", "密度图野生动物_羊单位", "SU",
        "wild herbivores on it by wildlife.map, before what is banned to livestock is taken off", R,
        2 },
      get_mapped,
      NULL },
    { { "feed_su", "补饲承载_羊单位", "SU", "what feed and sown pasture sustain", R, 2 },
      get_feed,
      NULL },
    { { "available_su", "可养家畜_羊单位", "SU", "capacity less wildlife, with feed", R, 2 },
      get_available,
      NULL },
    { { "area_unit_ha", "每羊单位面积_公顷", "ha", "area that one sheep unit needs for the season",
        R, 3 },
      get_area_unit,
      NULL },
    { { "herd", "家畜", "", "livestock as in the table", T, 0 }, NULL, get_herd },
    { { "herd_su", "实际载畜量_羊单位", "SU", "livestock in sheep units", R, 2 },
      get_herd_su,
      NULL },
    { { "surplus_su", "盈亏_羊单位", "SU", "available less herd; negative is overload", R, 2 },
      get_surplus,
      NULL },
    { { "surplus_yak", "盈亏_折牦牛", "head", "the same in yak of the profile", R, 1 },
      get_surplus_yak,
      NULL },
    { { "surplus_sheep", "盈亏_折藏羊", "head", "the same in sheep of the profile", R, 1 },
      get_surplus_sheep,
      NULL },
    { { "overload_pct", "超载率_%", "%", "(herd - available) / available", R, 1 },
      get_overload,
      NULL },
    { { "pressure", "载畜压力指数", "1", "herd / available", R, 3 }, get_pressure, NULL },
    { { "grazing_days", "可放牧天数", "d", "days for which what livestock may use feeds the herd",
        R, 1 },
      get_grazing_days,
      NULL },
    { { "days_left", "剩余可放牧天数", "d",
        "of these left at balance_date, grazed since the season began", R, 1 },
      get_days_left,
      NULL },
    { { "class", "超载等级代码", "", "class of the overload rate", T, 0 }, NULL, get_class },
    { { "class_zh", "超载等级", "", "class in Chinese", T, 0 }, NULL, get_class_zh },
    { { "class_probability", "等级概率", "1",
        "that the true rate is of this class, from the errors of yield, coefficients and herd", R,
        3 },
      get_probability,
      NULL },
    { { "certainty", "可靠程度代码", "",
        "firm: the class has the probability that the profile asks for; borderline: it has not; "
        "not-enough-data",
        T, 0 },
      NULL,
      get_firmness },
    { { "certainty_zh", "可靠程度", "", "certainty in Chinese", T, 0 }, NULL, get_firmness_zh },
    { { "overload_low_pct", "超载率下限_%", "%",
        "lower end of the rate's interval, 90 % unless the profile says otherwise", R, 1 },
      get_low,
      NULL },
    { { "overload_high_pct", "超载率上限_%", "%", "upper end of it", R, 1 }, get_high, NULL },
    { { "over_probability", "超载概率", "1", "that the herd is above what is available", R, 3 },
      get_over,
      NULL },
    { { "supply_error_pct", "可养家畜误差_%", "%", "standard error of what is available", R, 1 },
      get_error,
      NULL },
    { { "outside_model_pct", "超出方程范围面积_%", "%",
        "share of the valid area whose index is beyond the range of a yield equation", R, 1 },
      get_outside,
      NULL },
    { { "reduce_su", "应减畜_羊单位", "SU", "sheep units over what is available", R, 2 },
      get_reduce,
      NULL },
    { { "reduce_yak", "应减畜_折牦牛", "head", "in whole yaks, if yaks alone go", R, 0 },
      get_reduce_yak,
      NULL },
    { { "reduce_sheep", "应减畜_折藏羊", "head", "in whole sheep, if sheep alone go", R, 0 },
      get_reduce_sheep,
      NULL },
    { { "status", "状态代码", "", "ok, or why there is no verdict", T, 0 }, NULL, get_status },
    { { "status_zh", "状态", "", "status in Chinese", T, 0 }, NULL, get_status_zh },
    { { "note", "备注", "", "what to mend", T, 0 }, NULL, get_note },
    { { "profile", "标准", "", "profile of coefficients", T, 0 }, NULL, get_profile },
    { { "yield_set", "产量模型", "", "set of yield equations", T, 0 }, NULL, get_equations },
    { { "yield_confidence", "产量模型可信度", "",
        "how far the yield equations were checked for this grassland type", T, 0 },
      NULL,
      get_yield_confidence },
    { { "class_scheme", "分级方案", "", "scheme of the classes", T, 0 }, NULL, get_scheme },
    { { "intake_kg_day", "日食量_kg", "kg/(SU d)", "intake of a sheep unit and day", R, 2 },
      get_intake,
      NULL },
    { { "season_days", "放牧天数", "d", "days of the season", R, 0 }, get_days, NULL },
    { { "fresh_hay_ratio", "鲜干比", "1", "fresh to hay", R, 3 }, get_ratio, NULL },
    { { "edible_share", "可食牧草比例", "1", "edible share of the yield", R, 3 },
      get_edible,
      NULL },
    { { "utilisation", "放牧利用率", "1", "proper-use rate", R, 3 }, get_use, NULL },
    { { "hay_coefficient", "标准干草折算系数", "1", "to standard hay", R, 3 },
      get_hay_coefficient,
      NULL },
    { { "no_graze_pct", "禁休牧面积_%", "%", "share of the area where nothing may be grazed", R,
        2 },
      get_no_graze,
      NULL },
    { { "terrain_use_pct", "地形可利用_%", "%",
        "share of the use that terrain leaves, mean of the area", R, 2 },
      get_terrain,
      NULL },
    { { "retention", "牧草保存率", "1", "share of the peak yield that still stands in the season",
        R, 3 },
      get_retention,
      NULL },
    { { "year_type", "年景", "", "normal, dry or wet, as the project says", T, 0 },
      NULL,
      get_year },
    { { "wildlife_share", "野生动物预留比例", "1",
        "share of usable forage; empty where wildlife was counted or mapped", R, 3 },
      get_wildlife_share,
      NULL },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { NAME_TEXT = 48 };

/* Columns of a layer: mean and spread. The texts live in the results. */
static void layer_columns(const char *base, const char *zh, const char *unit, int decimals,
                          const char *help, char (*names)[NAME_TEXT], struct cao_column *out)
{
    snprintf(names[0], NAME_TEXT, "%s_mean", base);
    snprintf(names[1], NAME_TEXT, "%s_sd", base);
    snprintf(names[2], NAME_TEXT, "%s均值", zh);
    snprintf(names[3], NAME_TEXT, "%s标准差", zh);
    out[0] = (struct cao_column){ names[0], names[2], unit, help, R, decimals };
    out[1] = (struct cao_column){ names[1], names[3], unit, "its standard deviation over the area",
                                  R,        decimals };
}

static void lower(char *s)
{
    for (; *s; s++)
        *s = (char)(*s == '/' ? '_' : tolower((unsigned char)*s));
}

static bool among(const char *name, const struct cell_rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (cao_text_same(name, rules[i].column.name))
            return true;
    return false;
}

/* A column carried through from the layer must not have the name of one of ours. */
static bool is_taken(const char *name)
{
    return among(name, identity, COUNT(identity)) || among(name, ground, COUNT(ground)) ||
           among(name, verdict, COUNT(verdict)) || cao_text_same(name, "fid") ||
           cao_text_same(name, "geom");
}

/* One a class of the scheme: its probability. */
static size_t class_columns(const struct cao_plan *plan)
{
    size_t n = plan->profile->scheme.n;
    return n < CAO_MOST_CLASSES ? n : CAO_MOST_CLASSES;
}

/* Columns in their order: identity, groups, ground, indices and cover, clear looks, verdict,
 * probabilities. */
static size_t list_columns(const struct cao_plan *plan, char (*names)[NAME_TEXT],
                           struct cao_column *out)
{
    const struct cao_project *project = plan->project;
    size_t n = 0;
    for (size_t i = 0; i < COUNT(identity); i++)
        out[n++] = identity[i].column;
    for (size_t i = 0; i < project->n_pastures_groups; i++) {
        const char *name = project->pastures_groups[i];
        char *own = names[4 * (project->n_indices + 1) + i];
        if (is_taken(name)) {
            snprintf(own, NAME_TEXT, "layer_%.40s", name);
            name = own;
        }
        out[n++] = (struct cao_column){ name, name, "", "as in the pasture layer", T, 0 };
    }
    for (size_t i = 0; i < COUNT(ground); i++)
        out[n++] = ground[i].column;
    for (size_t i = 0; i <= project->n_indices; i++) {
        char base[40];
        bool cover = i == project->n_indices;
        snprintf(base, sizeof base, "%s", cover ? "fvc" : project->indices[i]->name);
        lower(base);
        const struct cao_index *ix = cover ? NULL : project->indices[i];
        int decimals = ix ? (int)lround(-log10(cao_index_scale(ix))) : 4;
        layer_columns(base, cover ? "植被覆盖度" : ix->name, cover ? "1" : ix->unit,
                      decimals < 4 ? 4 : decimals,
                      cover ? "fractional vegetation cover, mean of the valid area"
                            : "index, mean of the valid area",
                      names + 4 * i, out + n);
        n += 2;
    }
    out[n++] = (struct cao_column){
        "clear_looks", "晴空次数均值", "1", "number of clear looks, mean of the area", R, 2
    };
    for (size_t i = 0; i < COUNT(verdict); i++)
        out[n++] = verdict[i].column;
    const struct cao_class_scheme *scheme = &plan->profile->scheme;
    names += 4 * (project->n_indices + 1) + project->n_pastures_groups;
    for (size_t i = 0; i < class_columns(plan); i++) {
        snprintf(names[2 * i], NAME_TEXT, "p_%.40s", scheme->classes[i].name);
        snprintf(names[2 * i + 1], NAME_TEXT, "%.36s_概率", scheme->classes[i].zh);
        out[n++] = (struct cao_column){
            names[2 * i], names[2 * i + 1], "1", "probability of this class", R, 3
        };
    }
    return n;
}

static enum cao_status set_cells(struct cao_table *t, size_t row, size_t *column,
                                 const struct cell_rule *rules, size_t n, const struct source *s,
                                 struct cao_error *err)
{
    for (size_t i = 0; i < n; i++, (*column)++) {
        if (rules[i].number) {
            cao_table_set_number(t, row, *column, rules[i].number(s));
            continue;
        }
        const char *text = rules[i].text(s);
        enum cao_status st = text ? cao_table_set_text(t, row, *column, text, err) : CAO_OK;
        if (st)
            return st;
    }
    return CAO_OK;
}

/* One status hides another; what a second run would then say is told at once. NULL: nothing more. */
static const char *other_reason(const struct source *s)
{
    const struct cao_plan *plan = s->plan;
    enum cao_verdict why = s->row->balance.verdict;
    if (why == CAO_VERDICT_NO_TYPE && !(s->row->seen_share > 0))
        return "no scene covers it either";
    if (why != CAO_VERDICT_NO_IMAGERY || s->holding->type != SIZE_MAX ||
        !plan->ground->layer[CAO_GROUND_TYPE].used)
        return NULL;
    struct cao_window whole = { 0, 0, plan->grid.cols, plan->grid.rows };
    struct cao_window at = cao_cover_window(&plan->polygons[s->row->pasture], &whole);
    return cao_ground_may_tell(plan->ground, CAO_GROUND_TYPE, &at)
               ? NULL
               : "no grassland type is told there either";
}

/* What to mend: the holding's own note, then the equations that were used beyond their range. */
static void write_note(struct source *s)
{
    size_t n = 0, size = sizeof s->note;
    const char *own = s->holding->note[0]    ? s->holding->note
                      : s->pasture->repaired ? "geometry repaired"
                                             : "";
    n = (size_t)snprintf(s->note, size, "%.200s", own);
    const char *also = other_reason(s);
    if (also)
        n += (size_t)snprintf(s->note + n, size - n, "%s%s", n ? "; " : "", also);
    if (!s->beyond)
        return;
    n += (size_t)snprintf(s->note + n, size - n, "%sbeyond the range of", n ? "; " : "");
    for (size_t i = 0; i < s->row->n_parts; i++) {
        const struct cao_pasture_part *part = &s->row->parts[i];
        struct cao_piece piece;
        if (!cao_piece_of_part(s->plan, s->row, i, &piece) || !(piece.outside_share > 0))
            continue;
        const struct cao_grass_type *t = &s->plan->profile->types[part->type];
        for (size_t k = 0; k < t->n_models && n + 40 < size; k++)
            if (!strstr(s->note, t->models[k].id))
                n += (size_t)snprintf(s->note + n, size - n, " %s", t->models[k].id);
    }
    snprintf(s->note + n, size - n, " on %.0f %% of the area",
             100 * s->row->certainty.outside_share);
}

static enum cao_status fill_row(const struct cao_plan *plan, const struct cao_fold *fold, size_t i,
                                struct cao_table *t, struct cao_error *err)
{
    const struct cao_project *project = plan->project;
    const struct cao_pasture_result *row = &fold->rows[i];
    const struct cao_holding *h = &plan->holdings->items[row->pasture];
    char words[WORDS];
    bool one = row->n_parts < 2;
    size_t own = one && row->n_parts == 1 ? row->parts[0].type : h->type;
    struct source s = { .plan = plan,
                        .row = row,
                        .pasture = &plan->pastures->items[row->pasture],
                        .holding = h,
                        .words = words,
                        .beyond = row->balance.verdict == CAO_VERDICT_OK &&
                                  cao_is_beyond_range(plan, row) };
    if (one && own != SIZE_MAX) {
        s.type = &plan->profile->types[own];
        s.terms = row->n_parts ? &row->parts[0].terms : &h->terms;
    }
    write_note(&s);
    size_t c = 0;
    enum cao_status st = set_cells(t, i, &c, identity, COUNT(identity), &s, err);
    for (size_t g = 0; !st && g < project->n_pastures_groups; g++)
        st = cao_table_set_text(t, i, c++, s.pasture->groups[g], err);
    if (!st)
        st = set_cells(t, i, &c, ground, COUNT(ground), &s, err);
    if (st)
        return st;
    for (size_t l = 0; l <= project->n_indices; l++) {
        size_t layer = l < project->n_indices ? l : cao_zone_layer_at(project, CAO_ZONE_FVC);
        struct cao_zone_scale scale = cao_zone_layer_scale(project, layer);
        cao_table_set_number(t, i, c++, cao_zone_mean(&row->sums[layer], &scale));
        cao_table_set_number(t, i, c++, cao_zone_stdev(&row->sums[layer], &scale));
    }
    size_t clear = cao_zone_layer_at(project, CAO_ZONE_CLEAR);
    struct cao_zone_scale scale = cao_zone_layer_scale(project, clear);
    cao_table_set_number(t, i, c++, cao_zone_mean(&row->sums[clear], &scale));
    st = set_cells(t, i, &c, verdict, COUNT(verdict), &s, err);
    for (size_t k = 0; !st && k < class_columns(plan); k++)
        cao_table_set_number(t, i, c++, row->certainty.p_class[k]);
    return st;
}

enum cao_status cao_results_make(const struct cao_plan *plan, const struct cao_fold *fold,
                                 struct cao_results *results, struct cao_error *err)
{
    const struct cao_project *project = plan->project;
    size_t n_layers = project->n_indices + 1;
    size_t most = COUNT(identity) + COUNT(ground) + COUNT(verdict) + 2 * n_layers + 1 +
                  project->n_pastures_groups + class_columns(plan);
    struct cao_results made = { .row_pasture = calloc(fold->n + 1, sizeof *made.row_pasture),
                                .names = calloc(n_layers * 4 + project->n_pastures_groups +
                                                    2 * class_columns(plan),
                                                NAME_TEXT) };
    struct cao_column *columns = calloc(most, sizeof *columns);
    enum cao_status st = CAO_OK;
    if (!made.row_pasture || !made.names || !columns)
        st = cao_fail(err, CAO_ENOMEM, "out of memory for the result table");
    if (!st) {
        size_t n = list_columns(plan, (char(*)[NAME_TEXT])made.names, columns);
        st = cao_table_init(&made.table, columns, n, fold->n, err);
    }
    for (size_t i = 0; !st && i < fold->n; i++) {
        made.row_pasture[i] = fold->rows[i].pasture;
        st = fill_row(plan, fold, i, &made.table, err);
    }
    free(columns);
    if (st)
        cao_results_release(&made);
    else
        *results = made;
    return st;
}

void cao_results_release(struct cao_results *r)
{
    cao_table_release(&r->table);
    free(r->row_pasture);
    free(r->names);
    *r = (struct cao_results){ 0 };
}
