/* SPDX-License-Identifier: MIT */
#include "caochu/profile.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "caochu/text.h"

const char *cao_confidence_name(enum cao_confidence c)
{
    static const char *const names[] = { "verified", "computed", "from memory", "unsure" };
    return (unsigned)c < sizeof names / sizeof names[0] ? names[c] : "unknown";
}

const char *cao_confidence_zh(enum cao_confidence c)
{
    static const char *const names[] = { "已核实", "推算", "凭记忆", "待核实" };
    return (unsigned)c < sizeof names / sizeof names[0] ? names[c] : "未知";
}

const char *cao_season_name(enum cao_season s)
{
    static const char *const names[CAO_N_SEASONS] = { "year-round", "warm", "cold",
                                                      "spring-autumn" };
    return (unsigned)s < CAO_N_SEASONS ? names[s] : "unknown";
}

const char *cao_year_name(enum cao_year y)
{
    static const char *const names[CAO_N_YEARS] = { "normal", "dry", "wet" };
    return (unsigned)y < CAO_N_YEARS ? names[y] : "unknown";
}

const char *cao_terrain_name(enum cao_terrain t)
{
    static const char *const names[CAO_N_TERRAIN] = { "slope", "altitude", "water_distance" };
    return (unsigned)t < CAO_N_TERRAIN ? names[t] : "unknown";
}

const char *cao_terrain_unit(enum cao_terrain t)
{
    return t == CAO_SLOPE ? "degree" : "m";
}

size_t cao_steps_at(const struct cao_steps *s, double v)
{
    if (s->n == 0 || isnan(v))
        return SIZE_MAX;
    size_t i = 0;
    while (i + 1 < s->n && !(v < s->rows[i].below))
        i++;
    return i;
}

static bool answers_to(const char *asked, const char *name, const char *zh, char *const *aliases,
                       size_t n_aliases)
{
    if (cao_text_same(asked, name) || (zh && cao_text_same(asked, zh)))
        return true;
    for (size_t i = 0; i < n_aliases; i++)
        if (cao_text_same(asked, aliases[i]))
            return true;
    return false;
}

enum { MOST_NAMES = 256 };

static enum cao_status not_known(const struct cao_profile *p, const char *what, const char *name,
                                 const char *const *known, size_t n, struct cao_error *err)
{
    size_t near = cao_text_nearest(name, known, n);
    return cao_fail(err, CAO_EARG,
                    "%s '%s' is not in profile %s%s%s; its %s and aliases can be edited", what,
                    name, p->name, near == SIZE_MAX ? "" : "; did you mean ",
                    near == SIZE_MAX ? "" : known[near], what);
}

enum cao_status cao_profile_type(const struct cao_profile *p, const char *name, size_t *index,
                                 struct cao_error *err)
{
    const char *known[MOST_NAMES];
    size_t n = 0;
    for (size_t i = 0; i < p->n_types; i++) {
        const struct cao_grass_type *t = &p->types[i];
        if (answers_to(name, t->name, t->zh, t->aliases, t->n_aliases)) {
            *index = i;
            return CAO_OK;
        }
        if (n < MOST_NAMES)
            known[n++] = t->name;
    }
    return not_known(p, "grassland type", name, known, n, err);
}

static enum cao_status species_of(const struct cao_profile *p, const struct cao_species *list,
                                  size_t n_list, const char *what, const char *name, size_t *index,
                                  struct cao_error *err)
{
    const char *known[MOST_NAMES];
    size_t n = 0;
    for (size_t i = 0; i < n_list; i++) {
        const struct cao_species *s = &list[i];
        if (answers_to(name, s->name, s->zh, s->aliases, s->n_aliases)) {
            *index = i;
            return CAO_OK;
        }
        if (n < MOST_NAMES)
            known[n++] = s->name;
    }
    return not_known(p, what, name, known, n, err);
}

enum cao_status cao_profile_species(const struct cao_profile *p, const char *name, size_t *index,
                                    struct cao_error *err)
{
    return species_of(p, p->species, p->n_species, "species", name, index, err);
}

enum cao_status cao_profile_wild(const struct cao_profile *p, const char *name, size_t *index,
                                 struct cao_error *err)
{
    return species_of(p, p->wild, p->n_wild, "wildlife", name, index, err);
}

enum cao_status cao_profile_item(const struct cao_profile *p, const struct cao_items *items,
                                 const char *what, const char *name, size_t *index,
                                 struct cao_error *err)
{
    const char *known[MOST_NAMES] = { NULL };
    char all[300] = "";
    size_t n = 0, used = 0;
    for (size_t i = 0; i < items->n; i++) {
        const struct cao_item *t = &items->rows[i];
        if (answers_to(name, t->name, t->zh, t->aliases, t->n_aliases)) {
            *index = i;
            return CAO_OK;
        }
        if (n < MOST_NAMES)
            known[n++] = t->name;
        int wrote =
            snprintf(all + used, sizeof all - used, "%s%s (%s)", used ? ", " : "", t->name, t->zh);
        used = wrote > 0 && used + (size_t)wrote < sizeof all ? used + (size_t)wrote : used;
    }
    size_t near = cao_text_nearest(name, known, n);
    return cao_fail(err, CAO_EARG, "%s '%s' is not in profile %s%s%s; there %s: %s", what, name,
                    p->name, near == SIZE_MAX ? "" : "; did you mean ",
                    near == SIZE_MAX ? "" : known[near], n == 1 ? "is" : "are",
                    all[0] ? all : "none");
}

enum cao_status cao_profile_complete(const struct cao_profile *p, size_t type,
                                     enum cao_season season, struct cao_error *err)
{
    const struct cao_grass_type *t = &p->types[type];
    const char *missing = NULL;
    if (isnan(t->edible_share.value))
        missing = "edible_share";
    else if (isnan(t->regrowth.value))
        missing = "regrowth";
    else if (isnan(t->fresh_hay_ratio.value))
        missing = "fresh_hay_ratio";
    else if (p->intake_basis == CAO_HAY && isnan(t->hay_coefficient.value))
        missing = "hay_coefficient";
    else if (isnan(t->fvc_soil.value) || isnan(t->fvc_full.value))
        missing = "fvc_soil or fvc_full";
    if (missing)
        return cao_fail(err, CAO_EARG,
                        "profile %s lacks types.%s.%s: add it to a profile of your own", p->name,
                        t->name, missing);
    if (isnan(t->utilisation[season].value))
        return cao_fail(err, CAO_EARG,
                        "profile %s lacks types.%s.utilisation.%s: add it to a profile of your own",
                        p->name, t->name, cao_season_name(season));
    if (t->n_models == 0)
        return cao_fail(
            err, CAO_EARG,
            "profile %s has no yield equation for %s in the set %s: add one to a profile of "
            "your own",
            p->name, t->name, p->yield_set);
    if (isnan(p->intake_kg_day.value) || isnan(p->days[season].value))
        return cao_fail(err, CAO_EARG, "profile %s lacks %s%s", p->name,
                        isnan(p->intake_kg_day.value) ? "intake" : "days.",
                        isnan(p->intake_kg_day.value) ? "" : cao_season_name(season));
    return CAO_OK;
}
