/* SPDX-License-Identifier: MIT */
#include "run/demand.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum cao_status cao_holding_note(struct cao_holding *h, const char *text, struct cao_error *err)
{
    if (h->note[0])
        return CAO_OK; /* the first reason is the one to mend first */
    char *copy = cao_text_copy(text);
    if (!copy)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    free(h->note);
    h->note = copy;
    return CAO_OK;
}

bool cao_season_find(const char *name, enum cao_season *season)
{
    for (int s = 0; s < CAO_N_SEASONS; s++)
        if (cao_text_same(name, cao_season_name((enum cao_season)s))) {
            *season = (enum cao_season)s;
            return true;
        }
    static const struct {
        const char *zh;
        enum cao_season s;
    } chinese[] = {
        { "全年", CAO_YEAR_ROUND },
        { "暖季", CAO_WARM },
        { "夏秋", CAO_WARM },
        { "夏秋草场", CAO_WARM },
        { "冷季", CAO_COLD },
        { "冬春", CAO_COLD },
        { "冬春草场", CAO_COLD },
        { "春秋", CAO_SPRING_AUTUMN },
        { "春秋草场", CAO_SPRING_AUTUMN },
    };
    for (size_t i = 0; i < sizeof chinese / sizeof chinese[0]; i++)
        if (strcmp(name, chinese[i].zh) == 0) {
            *season = chinese[i].s;
            return true;
        }
    return false;
}

/* The profile's terms for a type in a season and year, on ground of a grade and in a zone (1 + position,
 * 0 none); what is missing is named. */
static enum cao_status terms_of(const struct cao_project *project, const struct cao_profile *p,
                                size_t type, enum cao_season season, size_t grade, size_t zone,
                                struct cao_forage_terms *terms, struct cao_error *err)
{
    enum cao_status st = cao_profile_complete(p, type, season, err);
    if (st)
        return st;
    struct cao_forage_terms t = cao_forage_terms_of(p, type, season);
    double drift = p->edible_drift[project->year_type].value;
    t.grade = grade ? p->grades.rows[grade - 1].value.value : 1;
    t.zone = zone ? p->zones.rows[zone - 1].value.value : 1;
    if (isnan(t.grade) || isnan(t.zone))
        return cao_fail(err, CAO_EARG, "profile %s lacks %s.%s: add it to a profile of your own",
                        p->name, isnan(t.grade) ? "degradation" : "zones",
                        isnan(t.grade) ? p->grades.rows[grade - 1].name
                                       : p->zones.rows[zone - 1].name);
    if (isnan(drift))
        return cao_fail(err, CAO_EARG,
                        "profile %s lacks edible_drift.%s, which year_type: %s asks for: add it to "
                        "a profile of your own",
                        p->name, cao_year_name(project->year_type),
                        cao_year_name(project->year_type));
    if (project->year_type != CAO_YEAR_NORMAL) {
        t.edible_share += drift;
        t.edible_share = t.edible_share < 0 ? 0 : t.edible_share > 1 ? 1 : t.edible_share;
    }
    *terms = t;
    return CAO_OK;
}

bool cao_holding_part_mapped(const struct cao_project *project, const struct cao_profile *profile,
                             const struct cao_ground_map *map, const struct cao_holding *h,
                             cao_ground part, size_t *type, struct cao_forage_terms *terms)
{
    if (part == CAO_GROUND_OWN) {
        *type = h->type;
        *terms = h->terms;
        return h->type != SIZE_MAX;
    }
    unsigned t = cao_ground_part(part, CAO_GROUND_TYPE);
    size_t grade = cao_ground_part(part, CAO_GROUND_GRADE);
    size_t zone = cao_ground_part(part, CAO_GROUND_ZONE);
    if (t == 0 || t == CAO_NOT_GRASS || h->no_terms)
        return false;
    *type = map ? map->type[t - 1] : t - 1;
    if (map &&
        ((grade && map->grade[grade - 1] == SIZE_MAX) || (zone && map->zone[zone - 1] == SIZE_MAX)))
        return false;
    if (map && grade)
        grade = map->grade[grade - 1] + 1;
    if (map && zone)
        zone = map->zone[zone - 1] + 1;
    return *type != SIZE_MAX &&
           terms_of(project, profile, *type, h->season, grade, zone, terms, NULL) == CAO_OK;
}

bool cao_holding_part(const struct cao_project *project, const struct cao_profile *profile,
                      const struct cao_holding *h, cao_ground part, size_t *type,
                      struct cao_forage_terms *terms)
{
    return cao_holding_part_mapped(project, profile, NULL, h, part, type, terms);
}

/* The grade of degradation or the zone of policy in a column: 1 + position, 0 none. */
static enum cao_status join_word(const struct cao_profile *profile,
                                 const struct cao_pastures *pastures, const struct cao_pasture *p,
                                 bool grade, size_t *at, struct cao_holding *h,
                                 struct cao_findings *findings, struct cao_error *err)
{
    struct cao_error why = { 0 };
    const char *word = grade ? p->grade : p->zone;
    *at = 0;
    if (!word[0])
        return CAO_OK;
    if (!cao_profile_item(profile, grade ? &profile->grades : &profile->zones,
                          grade ? "degradation" : "zone", word, at, &why)) {
        ++*at;
        return CAO_OK;
    }
    *at = SIZE_MAX;
    h->no_terms = true;
    enum cao_status st =
        cao_findings_add(findings, CAO_PROBLEM, grade ? "degradation-unknown" : "zone-unknown",
                         pastures->path, p->row, p->id, "%s", why.text);
    return st ? st : cao_holding_note(h, why.text, err);
}

/* Grassland type, season and coefficients of one pasture. */
static enum cao_status join_profile(const struct cao_project *project,
                                    const struct cao_profile *profile,
                                    const struct cao_pastures *pastures, size_t i,
                                    struct cao_holding *h, struct cao_findings *findings,
                                    struct cao_error *err)
{
    const struct cao_pasture *p = &pastures->items[i];
    struct cao_error why = { 0 };
    bool by_place = project->ground[CAO_GROUND_TYPE].file[0];
    const char *type = p->type[0] ? p->type : project->default_type;
    const char *season = p->season[0] ? p->season : project->default_season;
    size_t index = SIZE_MAX, grade, zone;
    enum cao_status st = CAO_OK;
    if (!cao_season_find(season, &h->season)) {
        st =
            cao_findings_add(findings, CAO_PROBLEM, "season-unknown", pastures->path, p->row, p->id,
                             "season '%s' is not known; use year-round (全年), warm (暖季), cold "
                             "(冷季) or spring-autumn (春秋)",
                             season);
        h->no_terms = true;
        return st ? st : cao_holding_note(h, "season not known", err);
    }
    h->terms.basis = profile->intake_basis;
    h->terms.intake_kg_day = profile->intake_kg_day.value;
    h->terms.days = profile->days[h->season].value;
    st = join_word(profile, pastures, p, true, &grade, h, findings, err);
    if (!st)
        st = join_word(profile, pastures, p, false, &zone, h, findings, err);
    if (st)
        return st;
    if (!h->no_terms)
        h->own = cao_ground_pack(0, (unsigned)grade, (unsigned)zone);
    if (!type[0] && by_place)
        return CAO_OK;
    if (!type[0]) {
        st = cao_findings_add(findings, CAO_PROBLEM, "type-missing", pastures->path, p->row, p->id,
                              "has no grassland type; name its column with pastures.type, or a "
                              "default_type");
        return st ? st : cao_holding_note(h, "no grassland type", err);
    }
    if (cao_profile_type(profile, type, &index, &why) != CAO_OK) {
        st = cao_findings_add(findings, CAO_PROBLEM, "type-unknown", pastures->path, p->row, p->id,
                              "%s", why.text);
        return st ? st : cao_holding_note(h, why.text, err);
    }
    if (h->no_terms)
        return CAO_OK; /* how far it may be grazed is not known: no verdict */
    h->own = cao_ground_pack((unsigned)index + 1, (unsigned)grade, (unsigned)zone);
    if (terms_of(project, profile, index, h->season, grade, zone, &h->terms, &why) != CAO_OK) {
        st = cao_findings_add(findings, CAO_PROBLEM, "coefficient-missing", profile->path, 0, p->id,
                              "%s", why.text);
        return st ? st : cao_holding_note(h, why.text, err);
    }
    h->type = index;
    h->fvc_soil = profile->types[index].fvc_soil.value;
    h->fvc_full = profile->types[index].fvc_full.value;
    return CAO_OK;
}

enum cao_status cao_holdings_join(const struct cao_project *project,
                                  const struct cao_profile *profile,
                                  const struct cao_pastures *pastures,
                                  const struct cao_demand_tables *tables,
                                  struct cao_holdings *holdings, struct cao_findings *findings,
                                  struct cao_error *err)
{
    struct cao_holdings made = { calloc(pastures->n + 1, sizeof *made.items), pastures->n };
    enum cao_status st = CAO_OK;
    if (!made.items)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; !st && i < made.n; i++) {
        struct cao_holding *h = &made.items[i];
        *h = (struct cao_holding){ .type = SIZE_MAX,
                                   .herd_su = (double)NAN,
                                   .wild_su = (double)NAN,
                                   .mapped_su = (double)NAN };
        h->herd_text = cao_text_copy("");
        h->note = cao_text_copy("");
        if (!h->herd_text || !h->note)
            st = cao_fail(err, CAO_ENOMEM, "out of memory");
        else
            st = join_profile(project, profile, pastures, i, h, findings, err);
    }
    if (!st)
        st = cao_demand_join(project, profile, pastures, tables, &made, findings, err);
    if (st)
        cao_holdings_release(&made);
    else
        *holdings = made;
    return st;
}

void cao_holdings_release(struct cao_holdings *h)
{
    for (size_t i = 0; i < h->n; i++) {
        for (size_t k = 0; k < h->items[i].n_lines; k++) {
            free(h->items[i].lines[k].text);
            free(h->items[i].lines[k].source);
        }
        free(h->items[i].lines);
        free(h->items[i].herd_text);
        free(h->items[i].note);
    }
    free(h->items);
    *h = (struct cao_holdings){ 0 };
}
