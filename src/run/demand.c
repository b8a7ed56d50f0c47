/* SPDX-License-Identifier: MIT */
#include "run/demand.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/uncertainty.h"

static const double DAYS_A_MONTH = 365.0 / 12;

/* A pasture under the id that the tables name: its own, or that of the household whose herd grazes it. */
struct key {
    const char *id;
    size_t index;
};

struct join {
    const struct cao_project *project;
    const struct cao_profile *profile;
    const struct cao_pastures *pastures;
    struct cao_holdings *holdings;
    struct cao_findings *findings;
    struct cao_error *err;
    struct key *keys;        /* sorted */
    const char **ids;        /* of the keys */
    bool *no_herd, *no_feed; /* a part of it could not be counted */
    bool words;              /* lines are told in words too */
};

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    int c = strcmp(x->id, y->id);
    return c ? c : x->index < y->index ? -1 : x->index > y->index;
}

/* All pastures under the id: keys [*first, *end). */
static void range_of(const struct join *j, const char *id, size_t *first, size_t *end)
{
    size_t low = 0, high = j->holdings->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(j->keys[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *first = *end = low;
    while (*end < j->holdings->n && id[0] && strcmp(j->keys[*end].id, id) == 0)
        ++*end;
}

static struct cao_holding *holding(const struct join *j, size_t key)
{
    return &j->holdings->items[j->keys[key].index];
}

static double area_of(const struct join *j, size_t key)
{
    return j->pastures->items[j->keys[key].index].area_geodesic_ha;
}

/* Whether the pasture's own column bans grazing. */
static bool is_banned(const struct join *j, size_t key)
{
    unsigned zone = cao_ground_part(holding(j, key)->own, CAO_GROUND_ZONE);
    return zone > 0 && j->profile->zones.rows[zone - 1].value.value <= 0;
}

/* The share of a herd that a pasture has of all those of its season, by area; of those where it may graze,
 * if there are any. */
static double share_of(const struct join *j, size_t first, size_t end, size_t key)
{
    double all = 0, open = 0;
    for (size_t k = first; k < end; k++) {
        bool same = holding(j, k)->season == holding(j, key)->season;
        all += same ? area_of(j, k) : 0;
        open += same && !is_banned(j, k) ? area_of(j, k) : 0;
    }
    if (open > 0)
        return is_banned(j, key) ? 0 : area_of(j, key) / open;
    return all > 0 ? area_of(j, key) / all : 0;
}

CAO_PRINTF(7, 8)
static enum cao_status add_line(struct join *j, struct cao_holding *h, enum cao_demand_kind kind,
                                double su, size_t species, const struct cao_coefficient *from,
                                const char *fmt, ...)
{
    char text[300];
    if (j->words) {
        va_list args;
        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
    }
    struct cao_demand_line *more = realloc(h->lines, (h->n_lines + 1) * sizeof *more);
    if (!more)
        return cao_fail(j->err, CAO_ENOMEM, "out of memory");
    h->lines = more;
    more[h->n_lines] =
        (struct cao_demand_line){ .kind = kind,
                                  .text = j->words ? cao_text_copy(text) : NULL,
                                  .su = su,
                                  .species = species,
                                  .spread_su = species == SIZE_MAX ? 0 : su * cao_range_error(from),
                                  .confidence = from->confidence,
                                  .source = j->words ? cao_text_copy(from->source) : NULL };
    h->n_lines++;
    return !j->words || (more[h->n_lines - 1].text && more[h->n_lines - 1].source)
               ? CAO_OK
               : cao_fail(j->err, CAO_ENOMEM, "out of memory");
}

/* Name what is wrong with a row and let its pastures know. */
static enum cao_status spoil(struct join *j, bool *broken, size_t first, size_t end,
                             const char *code, const char *file, long row, const char *id,
                             const char *why, const char *then)
{
    enum cao_status st =
        cao_findings_add(j->findings, CAO_PROBLEM, code, file, row, id, "%s; %s", why, then);
    for (size_t k = first; !st && k < end; k++) {
        broken[j->keys[k].index] = true;
        st = cao_holding_note(holding(j, k), why, j->err);
    }
    return st;
}

/* --- days --- */

int32_t cao_season_begin(const struct cao_profile *p, enum cao_season season, int32_t year)
{
    int32_t first = cao_date_of(year, 1, 1), day = p->season_begins[season];
    bool leap = cao_date_of(year + 1, 1, 1) - first == 366;
    return first + day - 1 + (leap && day > 59); /* counted in a year without 29 February */
}

enum cao_status cao_season_days(const struct cao_profile *p, enum cao_season season, int32_t from,
                                int32_t to, double *days, struct cao_error *err)
{
    int32_t length = (int32_t)p->days[season].value, n = 0;
    if (p->season_begins[season] == 0)
        return cao_fail(err, CAO_EARG,
                        "profile %s lacks season_begins.%s, which dates on pasture ask for: add it "
                        "to a profile of your own, such as season_begins: {%s: '05-01'}",
                        p->name, cao_season_name(season), cao_season_name(season));
    if (from == CAO_NO_DAY)
        from = to - 364;
    if (to == CAO_NO_DAY)
        to = from + 364;
    int32_t year = 1970 + (int32_t)floor((double)from / 365.2425) - 1;
    for (int32_t y = year; cao_date_of(y, 1, 1) <= to; y++) {
        int32_t begin = cao_season_begin(p, season, y);
        int32_t a = from > begin ? from : begin,
                b = to < begin + length - 1 ? to : begin + length - 1;
        n += b >= a ? b - a + 1 : 0;
    }
    *days = n < length ? n : length;
    return CAO_OK;
}

/* Days of the pasture's season that the row's animals are on it. */
static enum cao_status days_of(const struct join *j, const struct cao_herd *row,
                               const struct cao_holding *h, double *days, struct cao_error *err)
{
    const struct cao_project *p = j->project;
    bool dated = p->livestock_from[0] || p->livestock_to[0] || p->livestock_days[0];
    *days = h->terms.days;
    if (!isnan(row->days)) {
        *days = row->days < h->terms.days ? row->days : h->terms.days;
        return CAO_OK;
    }
    if (row->from != CAO_NO_DAY || row->to != CAO_NO_DAY)
        return cao_season_days(j->profile, h->season, row->from, row->to, days, err);
    if (dated && h->season != CAO_YEAR_ROUND &&
        !p->pastures_herd[0]) /* a household has them all year */
        return cao_fail(err, CAO_EARG,
                        "heads without a date, which its %s season needs: fill in %s",
                        cao_season_name(h->season),
                        p->livestock_days[0]   ? p->livestock_days
                        : p->livestock_from[0] ? p->livestock_from
                                               : p->livestock_to);
    return CAO_OK;
}

/* --- livestock --- */

/* Sheep units of one head, by species, live weight and age class. */
static enum cao_status su_of(const struct cao_profile *p, const struct cao_herd *row, size_t *s,
                             double *su, struct cao_coefficient *from, char text[120],
                             struct cao_error *err)
{
    size_t at;
    enum cao_status st = cao_profile_species(p, row->species, s, err);
    if (st)
        return st;
    const struct cao_species *species = &p->species[*s];
    *from = species->su;
    snprintf(text, 120, "%.60s", row->species);
    if (!isnan(row->weight_kg)) {
        if (species->weights.n == 0)
            return cao_fail(err, CAO_EARG,
                            "profile %s lacks species.%s.weights, which a live weight asks for",
                            p->name, species->name);
        *from = species->weights.rows[cao_steps_at(&species->weights, row->weight_kg)].value;
        snprintf(text, 120, "%.60s of %g kg", row->species, row->weight_kg);
    }
    if (isnan(from->value))
        return cao_fail(err, CAO_EARG, "profile %s gives no sheep units for %s", p->name,
                        row->species);
    *su = from->value;
    if (!row->age[0])
        return CAO_OK;
    if (species->ages.n == 0)
        return cao_fail(err, CAO_EARG,
                        "profile %s lacks species.%s.ages, which the age class '%s' asks for",
                        p->name, species->name, row->age);
    st = cao_profile_item(p, &species->ages, "age class", row->age, &at, err);
    if (st)
        return st;
    const struct cao_item *age = &species->ages.rows[at];
    if (isnan(age->value.value))
        return cao_fail(err, CAO_EARG, "profile %s lacks species.%s.ages.%s", p->name,
                        species->name, age->name);
    *su *= age->value.value;
    if (age->value.value != 1) {
        if (age->value.confidence > from->confidence)
            from->confidence = age->value.confidence;
        from->source = age->value.source;
        size_t n = strlen(text);
        snprintf(text + n, 120 - n, ", %.40s", row->age);
    }
    return CAO_OK;
}

/* Sheep units that a row's animals are through the season of one pasture. Counts of the year's end lack the
 * animals that were sold before; counts of its middle hold them, for their months alone. */
static enum cao_status su_on(const struct join *j, const struct cao_herd *row,
                             const struct cao_holding *h, double head_su, double *su, double *days,
                             struct cao_error *err)
{
    double season = h->terms.days, heads = row->heads;
    enum cao_status st = days_of(j, row, h, days, err);
    if (st)
        return st;
    bool sold = !isnan(row->sold) && row->sold > 0;
    if (sold && isnan(row->sold_months))
        return cao_fail(err, CAO_EARG, "%g sold heads without their months on pasture", row->sold);
    if (sold && j->project->livestock_counted == CAO_MID_YEAR) {
        if (row->sold > heads)
            return cao_fail(err, CAO_EARG,
                            "%g sold heads of %g counted in mid year: more than there were",
                            row->sold, heads);
        heads -= row->sold;
    }
    *su = *days < season ? heads * head_su * (*days / season) : heads * head_su;
    if (sold) {
        /* a household's months are shared between its seasons by their days */
        double months = row->sold_months * DAYS_A_MONTH;
        double on = j->project->pastures_herd[0] ? months * season / 365 : months;
        *su += row->sold * head_su * ((on < season ? on : season) / season);
    }
    return CAO_OK;
}

/* "; yak 120" behind what is told of the herd. */
static enum cao_status tell_herd(struct cao_holding *h, const struct cao_herd *row,
                                 struct cao_error *err)
{
    char heads[400];
    bool whole = row->heads >= 0 && row->heads < 1e9 && row->heads == floor(row->heads);
    size_t at = sizeof heads - 1, was = strlen(h->herd_text), species = strlen(row->species);
    heads[at] = '\0';
    for (uint32_t n = whole ? (uint32_t)row->heads : 0; whole && (n || !heads[at]); n /= 10)
        heads[--at] = (char)('0' + n % 10); /* as %.0f has it, at a small part of the cost */
    if (!whole)
        snprintf(heads, sizeof heads, "%.0f", row->heads);
    const char *number = whole ? heads + at : heads, *between = was ? "; " : "";
    size_t digits = strlen(number), gap = strlen(between);
    char *text = realloc(h->herd_text, was + gap + species + 1 + digits + 1);
    if (!text)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    memcpy(text + was, between, gap);
    memcpy(text + was + gap, row->species, species);
    text[was + gap + species] = ' ';
    memcpy(text + was + gap + species + 1, number, digits + 1);
    h->herd_text = text;
    return CAO_OK;
}

static const char no_herd[] = "the pasture gets no herd";

static enum cao_status join_row(struct join *j, const struct cao_herd *row, const char *file,
                                size_t first, size_t end)
{
    double head_su = 0;
    struct cao_coefficient from;
    struct cao_error why = { 0 };
    char name[120];
    size_t s;
    if (su_of(j->profile, row, &s, &head_su, &from, name, &why)) {
        bool known = !cao_profile_species(j->profile, row->species, &s, NULL);
        return spoil(j, j->no_herd, first, end,
                     !known ? "species-unknown"
                     : strstr(why.text, "age class '") && strstr(why.text, "is not in")
                         ? "age-unknown"
                         : "coefficient-missing",
                     file, row->row, row->pasture_id, why.text, no_herd);
    }
    enum cao_status st = CAO_OK;
    for (size_t k = first; !st && k < end; k++) {
        struct cao_holding *h = holding(j, k);
        double su = 0, days = 0, share = end - first > 1 ? share_of(j, first, end, k) : 1;
        if (su_on(j, row, h, head_su, &su, &days, &why)) {
            st = spoil(j, j->no_herd, k, k + 1, "herd-undated", file, row->row, row->pasture_id,
                       why.text, no_herd);
            continue;
        }
        su = share < 1 ? su * share : su;
        if (isnan(h->herd_su))
            h->herd_su = 0;
        h->herd_su += su;
        char more[160] = "";
        if (j->words && days < h->terms.days)
            snprintf(more, sizeof more, " * %g of %g days", days, h->terms.days);
        if (j->words && !isnan(row->sold) && row->sold > 0)
            snprintf(more + strlen(more), sizeof more - strlen(more), ", %g sold after %g months",
                     row->sold, row->sold_months);
        if (j->words && share < 1)
            snprintf(more + strlen(more), sizeof more - strlen(more),
                     " * %.3f of the household's pastures of the season", share);
        st = add_line(j, h, CAO_DEMAND_HERD, su, s, &from, "%s %g * %g%s = %.2f SU (row %ld)", name,
                      row->heads, head_su, more, su, row->row);
        if (st)
            continue;
        st = tell_herd(h, row, j->err);
    }
    return st;
}

/* Rows that the reader refused name their pasture; a herd or a supply without them would be too small. */
static enum cao_status spoil_refused(struct join *j, const char *code, const char *table,
                                     bool *broken)
{
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < j->findings->n; i++) {
        const struct cao_finding *f = &j->findings->items[i];
        size_t first, end;
        char text[400];
        if (strcmp(f->code, code) != 0)
            continue;
        range_of(j, f->item, &first, &end);
        snprintf(text, sizeof text, "%s row %ld: %s", table, f->row, f->text);
        for (size_t k = first; !st && k < end; k++) {
            broken[j->keys[k].index] = true;
            st = cao_holding_note(holding(j, k), text, j->err);
        }
    }
    return st;
}

static enum cao_status name_stranger(struct join *j, const char *code, const char *file, long row,
                                     const char *id, const char *what)
{
    size_t near = cao_text_nearest(id, j->ids, j->holdings->n);
    return cao_findings_add(j->findings, CAO_PROBLEM, code, file, row, id,
                            "no %s has this id%s%s; the row's %s are not counted",
                            j->project->pastures_herd[0] ? "household of pastures.herd" : "pasture",
                            near == SIZE_MAX ? "" : "; the nearest is ",
                            near == SIZE_MAX ? "" : j->ids[near], what);
}

static enum cao_status join_herds(struct join *j, const struct cao_herds *herds)
{
    enum cao_status st = spoil_refused(j, "herd-row", "livestock", j->no_herd);
    for (size_t i = 0; !st && i < herds->n; i++) {
        const struct cao_herd *row = &herds->items[i];
        size_t first, end;
        char what[120];
        range_of(j, row->pasture_id, &first, &end);
        if (end > first) {
            st = join_row(j, row, herds->path, first, end);
            continue;
        }
        snprintf(what, sizeof what, "%.0f %.80s", row->heads, row->species);
        st = name_stranger(j, "herd-unknown-pasture", herds->path, row->row, row->pasture_id, what);
    }
    return st;
}

/* --- feed --- */

/* Feed of no named season goes to the cold one, where the herd has such pastures, else to all. */
static bool gets_feed(const struct join *j, size_t first, size_t end, size_t key, bool named,
                      enum cao_season season)
{
    bool any_cold = false;
    if (end - first > 1 && share_of(j, first, end, key) <= 0)
        return false; /* where the herd is not */
    if (named)
        return holding(j, key)->season == season;
    for (size_t k = first; k < end; k++)
        any_cold |= holding(j, k)->season == CAO_COLD;
    return !any_cold || holding(j, key)->season == CAO_COLD;
}

static const char no_feed[] = "the supply of the pasture is not known";

static enum cao_status join_feed(struct join *j, const struct cao_feed *row, const char *file,
                                 size_t first, size_t end)
{
    const struct cao_profile *p = j->profile;
    struct cao_error why = { 0 };
    enum cao_season season = CAO_YEAR_ROUND;
    size_t at = 0, n_fed = 0;
    bool named = row->season[0];
    if (named && !cao_season_find(row->season, &season))
        (void)cao_fail(&why, CAO_EARG, "season '%.40s' is not known", row->season);
    else if (!cao_profile_item(p, &p->feeds, "feed", row->feed, &at, &why) &&
             (isnan(p->feeds.rows[at].value.value) || isnan(p->feeds.rows[at].use.value)))
        (void)cao_fail(&why, CAO_EARG, "profile %s lacks feeds.%s.%s", p->name,
                       p->feeds.rows[at].name,
                       isnan(p->feeds.rows[at].value.value) ? "hay" : "use");
    for (size_t k = first; !why.code && k < end; k++)
        n_fed += gets_feed(j, first, end, k, named, season);
    if (!why.code && n_fed == 0)
        (void)cao_fail(&why, CAO_EARG, "feed for the %s season, of which there is no pasture",
                       cao_season_name(season));
    if (why.code)
        return spoil(j, j->no_feed, first, end, "feed-unknown", file, row->row, row->id, why.text,
                     no_feed);
    const struct cao_item *feed = &p->feeds.rows[at];
    double kg = row->kg * feed->value.value * feed->use.value, all = 0;
    for (size_t k = first; k < end; k++)
        all += gets_feed(j, first, end, k, named, season) ? area_of(j, k) : 0;
    enum cao_status st = CAO_OK;
    for (size_t k = first; !st && k < end; k++) {
        struct cao_holding *h = holding(j, k);
        if (!gets_feed(j, first, end, k, named, season))
            continue;
        double share = n_fed > 1 ? area_of(j, k) / all : 1;
        double su = kg * share / (h->terms.intake_kg_day * h->terms.days);
        h->feed_su += su;
        st = add_line(j, h, CAO_DEMAND_FEED, su, SIZE_MAX, &feed->value,
                      "%s %g kg%s * %g * %g / (intake * days) = %.2f SU (row %ld)", row->feed,
                      row->kg, n_fed > 1 ? " by area" : "", feed->value.value, feed->use.value, su,
                      row->row);
    }
    return st;
}

static enum cao_status join_feeds(struct join *j, const struct cao_feeds *feeds)
{
    enum cao_status st = spoil_refused(j, "feed-row", "feed", j->no_feed);
    for (size_t i = 0; !st && i < feeds->n; i++) {
        const struct cao_feed *row = &feeds->items[i];
        size_t first, end;
        char what[120];
        range_of(j, row->id, &first, &end);
        snprintf(what, sizeof what, "%g kg %.80s", row->kg, row->feed);
        st = end > first
                 ? join_feed(j, row, feeds->path, first, end)
                 : name_stranger(j, "feed-unknown-pasture", feeds->path, row->row, row->id, what);
    }
    return st;
}

/* --- wildlife --- */

static size_t group_column(const struct cao_project *p, const char *name)
{
    size_t i = 0;
    while (i < p->n_pastures_groups && strcmp(p->pastures_groups[i], name) != 0)
        i++;
    return i;
}

/* The habitat share of a pasture: 1 where the project names no column of it. */
static enum cao_status habitat_of(const struct join *j, size_t pasture, double *share)
{
    const struct cao_project *p = j->project;
    *share = 1;
    if (!p->wildlife_habitat[0])
        return CAO_OK;
    const struct cao_pasture *q = &j->pastures->items[pasture];
    const char *text = q->groups[group_column(p, p->wildlife_habitat)];
    if (!text[0])
        *share = 0;
    else if (!cao_text_double(text, share) || *share < 0)
        return cao_fail(j->err, CAO_EARG, "%s: row %ld: %s: '%.40s' is not a share of habitat",
                        j->pastures->path, q->row, p->wildlife_habitat, text);
    return CAO_OK;
}

static void reserve(struct cao_holding *h, double su)
{
    h->wild_su = (isnan(h->wild_su) ? 0 : h->wild_su) + su;
}

/* A count is spread over the pastures of its area by their area and share of habitat. Wild herbivores are
 * there all the year: on ground of a season they eat what it bears on the other days too. */
static enum cao_status join_count(struct join *j, const struct cao_wild_count *row,
                                  const char *file, double *habitat)
{
    const struct cao_profile *p = j->profile;
    struct cao_error why = { 0 };
    size_t s, column = group_column(j->project, j->project->wildlife_group);
    double all = 0;
    if (cao_profile_wild(p, row->species, &s, &why) || isnan(p->wild[s].su.value))
        return cao_fail(j->err, CAO_EARG, "%s: row %ld: %s", file, row->row,
                        why.code ? why.text : "the profile gives no sheep units for it");
    for (size_t i = 0; i < j->holdings->n; i++) {
        const struct cao_pasture *q = &j->pastures->items[i];
        bool here = !row->group[0] || strcmp(q->groups[column], row->group) == 0;
        all += here ? q->area_geodesic_ha * habitat[i] : 0;
    }
    if (!(all > 0))
        return cao_fail(j->err, CAO_EARG, "%s: row %ld: no pasture%s%s%s%s has room for its %g %s",
                        file, row->row, row->group[0] ? " of " : "", row->group,
                        j->project->wildlife_habitat[0] ? " with " : "",
                        j->project->wildlife_habitat, row->heads, row->species);
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < j->holdings->n; i++) {
        const struct cao_pasture *q = &j->pastures->items[i];
        struct cao_holding *h = &j->holdings->items[i];
        if (row->group[0] && strcmp(q->groups[column], row->group) != 0)
            continue;
        double share = q->area_geodesic_ha * habitat[i] / all;
        double su = row->heads * p->wild[s].su.value * share * row->days / h->terms.days;
        reserve(h, su);
        st =
            add_line(j, h, CAO_DEMAND_WILD, su, s, &p->wild[s].su,
                     "%s %g * %g * %.5f of the habitat * %g days / days = %.2f SU (row %ld)",
                     row->species, row->heads, p->wild[s].su.value, share, row->days, su, row->row);
    }
    return st;
}

static enum cao_status join_density(struct join *j, size_t i)
{
    const struct cao_project *p = j->project;
    const struct cao_pasture *q = &j->pastures->items[i];
    struct cao_holding *h = &j->holdings->items[i];
    const char *text = q->groups[group_column(p, p->wildlife_density)];
    double density = 0;
    if (text[0] && (!cao_text_double(text, &density) || density < 0))
        return cao_fail(j->err, CAO_EARG, "%s: row %ld: %s: '%.40s' is not a density, SU/km2",
                        j->pastures->path, q->row, p->wildlife_density, text);
    double su = density * q->area_geodesic_ha / 100 * 365 / h->terms.days;
    char source[] = "density of the pasture layer";
    const struct cao_coefficient from = { .value = density,
                                          .confidence = CAO_UNSURE,
                                          .source = source };
    reserve(h, su);
    return add_line(j, h, CAO_DEMAND_WILD, su, SIZE_MAX, &from,
                    "%g SU/km2 * area * 365 / days = %.2f SU", density, su);
}

/* What a map tells of a pasture: each band a species, or all of them in sheep units. Where it tells of too
 * little of the pasture nobody knows what wild herbivores eat there. */
static enum cao_status join_map(struct join *j, const struct cao_wild_map *map, size_t i,
                                const size_t *species)
{
    const struct cao_project *p = j->project;
    const struct cao_pasture *q = &j->pastures->items[i];
    struct cao_holding *h = &j->holdings->items[i];
    double min_known =
        isnan(p->min_valid_share) ? j->profile->min_valid_share.value : p->min_valid_share;
    char source[CAO_PATH_MAX + 40], text[120];
    enum cao_status st = CAO_OK;
    h->mapped_su = 0;
    reserve(h, 0); /* whatever the map tells, the flat share gives way to it */
    for (size_t b = 0; !st && b < map->n_bands; b++) {
        const struct cao_polygon_mean *m = &map->means[i * map->n_bands + b];
        if (!(m->known >= min_known)) {
            h->wild_unknown = true;
            h->mapped_su = (double)NAN;
            snprintf(text, sizeof text, "wildlife.map has numbers for %.1f %% of it",
                     100 * m->known);
            return cao_holding_note(h, text, j->err);
        }
        const struct cao_coefficient *each =
            p->n_wildlife_map_species ? &j->profile->wild[species[b]].su : NULL;
        double km2 = q->area_geodesic_ha / 100, su_each = each ? each->value : 1;
        double su = m->mean * km2 * su_each * p->wildlife_map_days / h->terms.days;
        snprintf(source, sizeof source, "%.3900s, band %zu%s%.90s", map->path, b + 1,
                 each ? "; " : "", each ? each->source : "");
        struct cao_coefficient from =
            each ? *each : (struct cao_coefficient){ .confidence = CAO_UNSURE };
        from.source = source;
        reserve(h, su);
        h->mapped_su += su;
        st = add_line(j, h, CAO_DEMAND_WILD, su, each ? species[b] : SIZE_MAX, &from,
                      each ? "%s %.6g heads/km2 * %.4f km2 * %g * %g days / days = %.2f SU (map)"
                           : "%s%.6g SU/km2 * %.4f km2 * %g * %g days / days = %.2f SU (map)",
                      each ? p->wildlife_map_species[b] : "", m->mean, km2, su_each,
                      p->wildlife_map_days, su);
    }
    return st;
}

static enum cao_status join_maps(struct join *j, const struct cao_wild_map *map)
{
    const struct cao_project *p = j->project;
    size_t *species = calloc(p->n_wildlife_map_species + 1, sizeof *species);
    enum cao_status st = species ? CAO_OK : cao_fail(j->err, CAO_ENOMEM, "out of memory");
    for (size_t b = 0; !st && b < p->n_wildlife_map_species; b++) {
        struct cao_error why = { 0 };
        if (cao_profile_wild(j->profile, p->wildlife_map_species[b], &species[b], &why) ||
            isnan(j->profile->wild[species[b]].su.value))
            st = cao_fail(j->err, CAO_EARG, "%s: wildlife.map_species: %s", p->path,
                          why.code ? why.text : "the profile gives no sheep units for it");
    }
    for (size_t i = 0; !st && i < j->holdings->n; i++)
        st = join_map(j, map, i, species);
    free(species);
    return st;
}

static enum cao_status join_wildlife(struct join *j, const struct cao_wildlife *wildlife,
                                     const struct cao_wild_map *map)
{
    double *habitat = calloc(j->holdings->n + 1, sizeof *habitat);
    enum cao_status st = habitat ? CAO_OK : cao_fail(j->err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; !st && wildlife && i < j->holdings->n; i++)
        st = habitat_of(j, i, &habitat[i]);
    for (size_t i = 0; !st && wildlife && i < j->holdings->n; i++)
        reserve(&j->holdings->items[i], 0);
    for (size_t i = 0; !st && wildlife && i < wildlife->n; i++)
        st = join_count(j, &wildlife->items[i], wildlife->path, habitat);
    for (size_t i = 0; !st && j->project->wildlife_density[0] && i < j->holdings->n; i++)
        st = join_density(j, i);
    if (!st && map)
        st = join_maps(j, map);
    free(habitat);
    return st;
}

enum cao_status cao_demand_join(const struct cao_project *project,
                                const struct cao_profile *profile,
                                const struct cao_pastures *pastures,
                                const struct cao_demand_tables *tables,
                                struct cao_holdings *holdings, struct cao_findings *findings,
                                struct cao_error *err)
{
    size_t n = holdings->n;
    struct join j = { project,
                      profile,
                      pastures,
                      holdings,
                      findings,
                      err,
                      calloc(n + 1, sizeof *j.keys),
                      calloc(n + 1, sizeof *j.ids),
                      calloc(n + 1, sizeof *j.no_herd),
                      calloc(n + 1, sizeof *j.no_feed),
                      tables->words };
    enum cao_status st = j.keys && j.ids && j.no_herd && j.no_feed
                             ? CAO_OK
                             : cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; !st && i < n; i++) {
        const struct cao_pasture *p = &pastures->items[i];
        j.keys[i] = (struct key){ project->pastures_herd[0] ? p->herd : p->id, i };
    }
    if (!st && n)
        qsort(j.keys, n, sizeof *j.keys, compare_keys);
    for (size_t i = 0; !st && i < n; i++)
        j.ids[i] = j.keys[i].id;
    if (!st && tables->herds)
        st = join_herds(&j, tables->herds);
    if (!st && tables->feeds)
        st = join_feeds(&j, tables->feeds);
    if (!st)
        st = join_wildlife(&j, tables->wildlife, tables->wild_map);
    for (size_t i = 0; !st && i < n; i++) {
        if (j.no_herd[i])
            holdings->items[i].herd_su = (double)NAN;
        if (j.no_feed[i])
            holdings->items[i].feed_su = (double)NAN;
    }
    free(j.keys);
    free(j.ids);
    free(j.no_herd);
    free(j.no_feed);
    return st;
}
