/* SPDX-License-Identifier: MIT */
#include "caochu/balance.h"

#include <math.h>
#include <stdint.h>

struct cao_forage_terms cao_forage_terms_of(const struct cao_profile *p, size_t type,
                                            enum cao_season season)
{
    const struct cao_grass_type *t = &p->types[type];
    return (struct cao_forage_terms){ .basis = p->intake_basis,
                                      .fresh_hay_ratio = t->fresh_hay_ratio.value,
                                      .regrowth = t->regrowth.value,
                                      .edible_share = t->edible_share.value,
                                      .utilisation = t->utilisation[season].value,
                                      .hay_coefficient = t->hay_coefficient.value,
                                      .intake_kg_day = p->intake_kg_day.value,
                                      .days = p->days[season].value,
                                      .grade = 1,
                                      .zone = 1,
                                      .retention = isnan(p->retention[season].value)
                                                       ? 1
                                                       : p->retention[season].value };
}

double cao_hay_kg_ha(const struct cao_forage_terms *t, double fresh_kg_ha)
{
    return fresh_kg_ha / t->fresh_hay_ratio;
}

double cao_usable_kg_ha(const struct cao_forage_terms *t, double fresh_kg_ha)
{
    double annual =
        (t->basis == CAO_HAY ? cao_hay_kg_ha(t, fresh_kg_ha) : fresh_kg_ha) * (1 + t->regrowth);
    double usable = annual * t->edible_share * t->utilisation * (t->grade * t->zone * t->retention);
    return t->basis == CAO_HAY ? usable * t->hay_coefficient : usable;
}

double cao_capacity_su_ha(const struct cao_forage_terms *t, double usable_kg_ha)
{
    return usable_kg_ha / (t->intake_kg_day * t->days);
}

double cao_area_unit_ha(const struct cao_forage_terms *t, double usable_kg_ha)
{
    return usable_kg_ha > 0 ? t->intake_kg_day * t->days / usable_kg_ha : (double)NAN;
}

double cao_time_unit_days(const struct cao_forage_terms *t, double usable_kg_ha, double area_ha,
                          double su)
{
    return su > 0 ? usable_kg_ha * area_ha / (t->intake_kg_day * su) : (double)NAN;
}

struct verdict {
    const char *name, *zh;
};

static const struct verdict verdicts[CAO_N_VERDICTS] = {
    [CAO_VERDICT_OK] = { "ok", "正常" },
    [CAO_VERDICT_NO_ANIMALS_NO_FORAGE] = { "not-applicable", "无草无畜" },
    [CAO_VERDICT_GRAZED_BANNED] = { "grazed-no-graze-land", "禁牧区有畜" },
    [CAO_VERDICT_GRAZED_WITHOUT_FORAGE] = { "grazed-without-forage", "无可利用牧草而有畜" },
    [CAO_VERDICT_DATA_INSUFFICIENT] = { "data-insufficient", "有效数据不足" },
    [CAO_VERDICT_NO_IMAGERY] = { "no-imagery", "无影像覆盖" },
    [CAO_VERDICT_NO_HERD] = { "no-herd", "无家畜数据" },
    [CAO_VERDICT_NO_FEED] = { "feed-unknown", "饲草折算不明" },
    [CAO_VERDICT_NO_WILDLIFE] = { "wildlife-unknown", "野生动物密度不明" },
    [CAO_VERDICT_NO_TYPE] = { "no-type", "草地类型不明" },
};

const char *cao_verdict_name(enum cao_verdict v)
{
    return (unsigned)v < CAO_N_VERDICTS ? verdicts[v].name : "unknown";
}

const char *cao_verdict_zh(enum cao_verdict v)
{
    return (unsigned)v < CAO_N_VERDICTS ? verdicts[v].zh : "不明";
}

size_t cao_class_of(const struct cao_class_scheme *s, double rate_pct)
{
    /* 1e-9 % is far below what any head count can tell, and far above what rounding does to a rate
     * that is exactly at a limit: such a rate must not fall into the class below. */
    double rate = rate_pct + 1e-9;
    size_t i = 0;
    while (i + 1 < s->n && rate >= s->classes[i].below_pct)
        i++;
    return i;
}

struct cao_balance_input cao_balance_grass(double usable_kg, double share, double herd_su,
                                           double valid_share, double min_valid_share)
{
    return (struct cao_balance_input){ .usable_kg = usable_kg,
                                       .wildlife_share = share,
                                       .wild_su = (double)NAN,
                                       .herd_su = herd_su,
                                       .valid_share = valid_share,
                                       .min_valid_share = min_valid_share };
}

struct cao_balance cao_balance_of(const struct cao_forage_terms *t,
                                  const struct cao_class_scheme *scheme,
                                  const struct cao_balance_input *in)
{
    double nan = (double)NAN;
    struct cao_balance b = { nan, nan, nan, nan,      in->herd_su,   nan,
                             nan, nan, nan, SIZE_MAX, CAO_VERDICT_OK };
    bool counted = !isnan(in->wild_su);
    /* not-a-number fails each comparison: what is not known gives no verdict */
    if (!(in->valid_share >= in->min_valid_share) || !(in->usable_kg >= 0) ||
        !(counted || in->wildlife_share >= 0)) {
        b.verdict = CAO_VERDICT_DATA_INSUFFICIENT;
        return b;
    }
    b.capacity_su = in->usable_kg / (t->intake_kg_day * t->days);
    if (in->wild_unknown) {
        b.verdict = CAO_VERDICT_NO_WILDLIFE;
        return b;
    }
    b.wildlife_su = counted ? in->wild_su : b.capacity_su * in->wildlife_share;
    if (isnan(in->feed_su)) {
        b.verdict = CAO_VERDICT_NO_FEED;
        return b;
    }
    b.feed_su = in->feed_su;
    double left = b.capacity_su - b.wildlife_su; /* below 0 wildlife lacks forage, not livestock */
    b.available_su = (left > 0 ? left : 0) + b.feed_su;
    if (isnan(in->herd_su)) {
        b.verdict = CAO_VERDICT_NO_HERD;
        return b;
    }
    b.surplus_su = b.available_su - in->herd_su;
    b.reduce_su = b.surplus_su < 0 ? -b.surplus_su : 0;
    if (b.reduce_su > in->herd_su) /* more than there are cannot be sold */
        b.reduce_su = in->herd_su;
    if (!(b.available_su > 0)) {
        b.verdict =
            in->herd_su > 0 ? CAO_VERDICT_GRAZED_WITHOUT_FORAGE : CAO_VERDICT_NO_ANIMALS_NO_FORAGE;
        return b;
    }
    b.pressure = in->herd_su / b.available_su;
    b.overload_pct = (in->herd_su - b.available_su) / b.available_su * 100;
    b.class_index = scheme->n ? cao_class_of(scheme, b.overload_pct) : SIZE_MAX;
    return b;
}

void cao_balance_ban(struct cao_balance *b, double no_graze_share)
{
    bool graded = b->verdict == CAO_VERDICT_OK && no_graze_share > 0.99;
    bool bare = b->verdict == CAO_VERDICT_GRAZED_WITHOUT_FORAGE && no_graze_share > 0;
    if (!graded && !bare)
        return;
    b->verdict = b->herd_su > 0 ? CAO_VERDICT_GRAZED_BANNED : CAO_VERDICT_NO_ANIMALS_NO_FORAGE;
    b->overload_pct = b->pressure = (double)NAN;
    b->class_index = SIZE_MAX;
}

struct cao_herd_year cao_herd_year_of(const double su[CAO_N_SEASONS],
                                      const double days[CAO_N_SEASONS])
{
    struct cao_herd_year y = { (double)NAN, CAO_YEAR_ROUND, 0, 0 };
    bool known = true;
    for (int s = 0; s < CAO_N_SEASONS; s++) {
        if (!(days[s] > 0))
            continue;
        known &= !isnan(su[s]);
        y.a_year += su[s] * days[s] / 365;
        y.days += days[s];
        if (isnan(y.a_min) || su[s] < y.a_min) {
            y.a_min = su[s];
            y.bottleneck = (enum cao_season)s;
        }
    }
    if (!known || y.days <= 0)
        y.a_min = y.a_year = (double)NAN;
    return y;
}
