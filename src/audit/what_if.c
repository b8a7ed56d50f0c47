/* SPDX-License-Identifier: MIT
 * A set is laid over the profile as a text of YAML, so that its bounds and messages are those of
 * profiles; heads are changed in the herds before they are joined. */
#include "caochu/what_if.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/profile_file.h"
#include "caochu/text.h"
#include "run/fold.h"
#include "run/certainty.h"
#include "run/groups.h"
#include "run/herd_table.h"
#include "run/inputs.h"
#include "run/results.h"
#include "run/stored.h"

/* What stands in for %s: a grassland type, a season, a species. */
enum place { NOTHING, TYPE, TYPE_SEASON, SEASON, SPECIES, WILD, GRADE, ZONE, FEED, YEAR };

static const struct key {
    const char *name;
    enum place place;
    const char *yaml; /* 1$: the number, 2$: type or species, 3$: season */
} keys[] = {
    { "intake.kg_day", NOTHING, "intake: {kg_day: %1$s}" },
    { "wildlife_share", NOTHING, "wildlife_share: %1$s" },
    { "min_valid_share", NOTHING, "min_valid_share: %1$s" },
    { "days", SEASON, "days: {%3$s: %1$s}" },
    { "utilisation", TYPE_SEASON, "types: {%2$s: {utilisation: {%3$s: %1$s}}}" },
    { "edible_share", TYPE, "types: {%2$s: {edible_share: %1$s}}" },
    { "fresh_hay_ratio", TYPE, "types: {%2$s: {fresh_hay_ratio: %1$s}}" },
    { "hay_coefficient", TYPE, "types: {%2$s: {hay_coefficient: %1$s}}" },
    { "regrowth", TYPE, "types: {%2$s: {regrowth: %1$s}}" },
    { "su", SPECIES, "species: {%2$s: {su: %1$s}}" },
    { "wild_su", WILD, "wildlife: {%2$s: {su: %1$s}}" },
    { "degradation", GRADE, "degradation: {%2$s: {share: %1$s}}" },
    { "zones", ZONE, "zones: {%2$s: {usable: %1$s}}" },
    { "feeds", FEED, "feeds: {%2$s: {hay: %1$s}}" },
    { "feed_use", FEED, "feeds: {%2$s: {use: %1$s}}" },
    { "retention", SEASON, "retention: {%3$s: %1$s}" },
    { "edible_drift", YEAR, "edible_drift: {%2$s: %1$s}" },
    { "herd_error", NOTHING, "uncertainty: {herd_error: %1$s}" },
    { "wild_error", NOTHING, "uncertainty: {wild_error: %1$s}" },
    { "year_error", NOTHING, "uncertainty: {year_error: %1$s}" },
    { "residual_error", NOTHING, "uncertainty: {residual_error: %1$s}" },
    { "block_ha", NOTHING, "uncertainty: {block_ha: %1$s}" },
    { "firm_at", NOTHING, "uncertainty: {firm_at: %1$s}" },
    { "interval", NOTHING, "uncertainty: {interval: %1$s}" },
};
enum { N_KEYS = sizeof keys / sizeof keys[0], MOST_PATCHES = 256, PATCH_TEXT = 512 };

static const struct cao_what_if_row rows[] = {
    { "intake.kg_day", "daily intake of a sheep unit, kg" },
    { "wildlife_share", "share of usable forage kept for wildlife" },
    { "min_valid_share", "share of a pasture that must be seen for a verdict" },
    { "days.SEASON", "grazing days of a season" },
    { "utilisation.TYPE[.SEASON]",
      "proper-use rate of a grassland type; without a season, of all" },
    { "edible_share.TYPE", "edible share of the yield" },
    { "fresh_hay_ratio.TYPE", "kg of fresh grass per kg of hay" },
    { "hay_coefficient.TYPE", "conversion to standard hay" },
    { "regrowth.TYPE", "share of the peak yield that grows again" },
    { "su.SPECIES", "sheep units of a head" },
    { "wild_su.SPECIES", "sheep units of a wild herbivore" },
    { "degradation.GRADE", "share of the use that is left on degraded ground" },
    { "zones.ZONE", "share of the forage that may be grazed in a zone of policy" },
    { "feeds.FEED", "kg of standard hay in a kg of feed" },
    { "feed_use.FEED", "share of the feed that is eaten" },
    { "retention.SEASON", "share of the peak yield that still stands in the season" },
    { "edible_drift.YEAR", "what a dry or wet year adds to the edible share" },
    { "herd_error", "standard error of the heads, as a share" },
    { "wild_error", "standard error of counted or mapped wildlife, as a share" },
    { "year_error", "share of the yield by which one year's equation differs" },
    { "residual_error", "share of the yield, for equations that publish no error" },
    { "block_ha", "area within which the residual of an equation is one" },
    { "firm_at", "probability from which a class is firm" },
    { "interval", "probability that the interval of the overload rate holds" },
    { "head.SPECIES", "heads, as a change: -10% or +5%" },
    { "profile", "another profile of coefficients, where its yield equations are the same" },
};

const struct cao_what_if_row *cao_what_if_key(size_t i)
{
    return i < sizeof rows / sizeof rows[0] ? &rows[i] : NULL;
}

/* What the sets come to. */
struct assumptions {
    const char *profile; /* NULL: the project's */
    char yaml[MOST_PATCHES][PATCH_TEXT], names[MOST_PATCHES][256];
    struct cao_profile_patch patches[MOST_PATCHES];
    size_t n;
    struct head_change {
        size_t species; /* of the run's own profile */
        double factor;
    } heads[64];
    size_t n_heads;
    bool wildlife; /* the project's own share gives way */
    bool min_valid;
};

struct job {
    const struct cao_run_options *run;
    const struct cao_what_if *what;
    char **csv;
    size_t *size;
};

static bool season_of(const char *name, enum cao_season *season)
{
    for (int s = 0; s < CAO_N_SEASONS; s++)
        if (cao_text_same(name, cao_season_name((enum cao_season)s))) {
            *season = (enum cao_season)s;
            return true;
        }
    return false;
}

static enum cao_status unknown_key(const char *set, const char *key, struct cao_error *err)
{
    const char *names[N_KEYS + 2];
    for (size_t i = 0; i < N_KEYS; i++)
        names[i] = keys[i].name;
    names[N_KEYS] = "head";
    names[N_KEYS + 1] = "profile";
    size_t near = cao_text_nearest(key, names, N_KEYS + 2);
    return cao_fail(
        err, CAO_EARG,
        "--set %s: '%s' cannot be set here%s%s%s; what changes the yield itself needs a "
        "run; allowed: see 'caochu list what-if'",
        set, key, near == SIZE_MAX ? "" : "; did you mean ", near == SIZE_MAX ? "" : names[near],
        near == SIZE_MAX ? "" : "?");
}

static enum cao_status add_patch(struct assumptions *a, const char *set, const struct key *k,
                                 const char *value, const char *name, const char *season,
                                 struct cao_error *err)
{
    if (a->n == MOST_PATCHES)
        return cao_fail(err, CAO_EARG, "more than %d settings", MOST_PATCHES);
    char *yaml = a->yaml[a->n];
    const char *at = k->yaml;
    size_t n = 0;
    for (; *at && n + 1 < PATCH_TEXT; at++) {
        const char *put = NULL;
        if (at[0] == '%' && at[1] && at[2] == '$') {
            put = at[1] == '1' ? value : at[1] == '2' ? name : season;
            at += 3;
        }
        int wrote = snprintf(yaml + n, PATCH_TEXT - n, "%.*s", put ? 200 : 1, put ? put : at);
        n += wrote > 0 ? (size_t)wrote : 0;
    }
    if (*at || n + 1 >= PATCH_TEXT)
        return cao_fail(err, CAO_EARG, "--set %s: too long", set);
    snprintf(a->names[a->n], sizeof a->names[a->n], "--set %.200s", set);
    a->patches[a->n] = (struct cao_profile_patch){ yaml, a->names[a->n] };
    a->n++;
    return CAO_OK;
}

/* -10% or +5%: a factor. */
static bool change_of(const char *text, double *factor)
{
    char number[32];
    size_t n = strlen(text);
    double v;
    if (n < 3 || n > sizeof number || text[n - 1] != '%' || (text[0] != '-' && text[0] != '+'))
        return false;
    memcpy(number, text, n - 1);
    number[n - 1] = '\0';
    if (!cao_text_double(number[0] == '+' ? number + 1 : number, &v) || v < -100 || v > 1000)
        return false;
    *factor = 1 + v / 100;
    return true;
}

static enum cao_status set_heads(struct assumptions *a, const struct cao_profile *own,
                                 const char *set, const char *species, const char *value,
                                 struct cao_error *err)
{
    struct head_change c;
    enum cao_status st = cao_profile_species(own, species, &c.species, err);
    if (st)
        return cao_within(err, st, "--set %s", set);
    if (!change_of(value, &c.factor))
        return cao_fail(err, CAO_EARG,
                        "--set %s: a change such as -10%% or +5%% is wanted (-100%% to +1000%%)",
                        set);
    if (a->n_heads == sizeof a->heads / sizeof a->heads[0])
        return cao_fail(err, CAO_EARG, "more changes of heads than %zu", a->n_heads);
    a->heads[a->n_heads++] = c;
    return CAO_OK;
}

/* "KEY=VALUE" in its parts; the parts live in @p text. */
static enum cao_status read_set(struct assumptions *a, const struct cao_profile *own,
                                const char *set, char *text, struct cao_error *err)
{
    char *value = strchr(text, '='), *name = strchr(text, '.');
    double number;
    if (!value || value == text || !value[1])
        return cao_fail(err, CAO_EARG, "--set %s: KEY=VALUE is wanted", set);
    *value++ = '\0';
    if (strcmp(text, "profile") == 0) {
        a->profile = set + (value - text);
        return CAO_OK;
    }
    const struct key *k = NULL;
    for (size_t i = 0; !k && i < N_KEYS; i++)
        if (strcmp(text, keys[i].name) == 0 && keys[i].place == NOTHING)
            k = &keys[i];
    if (!k && name && name < value)
        *name++ = '\0';
    if (!k && strcmp(text, "head") == 0 && name)
        return set_heads(a, own, set, name, value, err);
    for (size_t i = 0; !k && name && i < N_KEYS; i++)
        if (strcmp(text, keys[i].name) == 0 && keys[i].place != NOTHING)
            k = &keys[i];
    if (!k)
        return unknown_key(set, text, err);
    if (!cao_text_double(value, &number))
        return cao_fail(err, CAO_EARG, "--set %s: '%s' is not a number", set, value);
    a->wildlife |= strcmp(k->name, "wildlife_share") == 0;
    a->min_valid |= strcmp(k->name, "min_valid_share") == 0;
    size_t i = 0;
    enum cao_season season = CAO_YEAR_ROUND;
    enum cao_status st = CAO_OK;
    char *dot = k->place == TYPE_SEASON ? strrchr(name, '.') : NULL;
    bool one = dot && season_of(dot + 1, &season);
    if (one)
        *dot = '\0';
    if (k->place == TYPE || k->place == TYPE_SEASON)
        st = cao_profile_type(own, name, &i, err);
    else if (k->place == SPECIES)
        st = cao_profile_species(own, name, &i, err);
    else if (k->place == WILD)
        st = cao_profile_wild(own, name, &i, err);
    else if (k->place == GRADE)
        st = cao_profile_item(own, &own->grades, "degradation", name, &i, err);
    else if (k->place == ZONE)
        st = cao_profile_item(own, &own->zones, "zone", name, &i, err);
    else if (k->place == FEED)
        st = cao_profile_item(own, &own->feeds, "feed", name, &i, err);
    else if (k->place == YEAR && strcmp(name, "dry") != 0 && strcmp(name, "wet") != 0)
        st = cao_fail(err, CAO_EARG, "'%s' is neither dry nor wet", name);
    else if (k->place == SEASON && !season_of(name, &season))
        st = cao_fail(err, CAO_EARG, "'%s' is no season: year-round, warm, cold, spring-autumn",
                      name);
    if (st)
        return cao_within(err, st, "--set %s", set);
    const char *canon = k->place == SPECIES                           ? own->species[i].name
                        : k->place == WILD                            ? own->wild[i].name
                        : k->place == GRADE                           ? own->grades.rows[i].name
                        : k->place == ZONE                            ? own->zones.rows[i].name
                        : k->place == FEED                            ? own->feeds.rows[i].name
                        : k->place == YEAR                            ? name
                        : k->place == TYPE || k->place == TYPE_SEASON ? own->types[i].name
                                                                      : "";
    for (int s = 0; !st && s < CAO_N_SEASONS; s++)
        if (k->place != TYPE_SEASON || one ? s == (int)season : true)
            st = add_patch(a, set, k, value, canon, cao_season_name((enum cao_season)s), err);
    return st;
}

static enum cao_status read_sets(struct assumptions *a, const struct cao_profile *own,
                                 const struct cao_what_if *what, struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < what->n_sets; i++) {
        char *text = cao_text_copy(what->sets[i]);
        st = text ? read_set(a, own, what->sets[i], text, err)
                  : cao_fail(err, CAO_ENOMEM, "out of memory");
        free(text);
    }
    return st;
}

/* --- a world of other assumptions --- */

struct world {
    struct cao_project project; /* a shallow copy: only its shares differ */
    struct cao_profile profile;
    struct cao_herds herds; /* a shallow copy with other heads */
    struct cao_holdings holdings;
    struct cao_ground_map map;
    struct cao_plan plan; /* a shallow copy that points to these */
    struct cao_fold fold;
};

static void world_release(struct world *w)
{
    cao_fold_release(&w->fold);
    cao_holdings_release(&w->holdings);
    cao_profile_release(&w->profile);
    free(w->herds.items);
    *w = (struct world){ 0 };
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Whether both profiles make the same yield of a type: then the stored sums hold for both. */
static bool same_yield(const struct cao_profile *a, size_t i, const struct cao_profile *b, size_t k)
{
    const struct cao_grass_type *x = &a->types[i], *y = &b->types[k];
    bool same = x->n_models == y->n_models && cao_text_same(x->index, y->index) &&
                same_number(a->bare_below.value, b->bare_below.value);
    for (size_t m = 0; same && m < x->n_models; m++) {
        const struct cao_yield_model *p = &x->models[m], *q = &y->models[m];
        same = p->form == q->form && same_number(p->a, q->a) && same_number(p->b, q->b) &&
               same_number(p->c, q->c) && same_number(p->x_min, q->x_min) &&
               same_number(p->x_max, q->x_max);
    }
    return same;
}

static enum cao_status change_heads(const struct cao_stored *stored, const struct assumptions *a,
                                    struct world *w, struct cao_error *err)
{
    size_t species;
    if (!stored->tables.herds)
        return CAO_OK;
    w->herds = *stored->tables.herds;
    w->herds.items = calloc(w->herds.n + 1, sizeof *w->herds.items);
    if (!w->herds.items)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < w->herds.n; i++) {
        w->herds.items[i] = stored->tables.herds->items[i];
        for (size_t k = 0; k < a->n_heads; k++)
            if (!cao_profile_species(stored->plan->profile, w->herds.items[i].species, &species,
                                     NULL) &&
                species == a->heads[k].species)
                w->herds.items[i].heads *= a->heads[k].factor;
    }
    return CAO_OK;
}

/* The type of the pasture in the other profile must yield the same, or there is no verdict. */
static enum cao_status drop_other_yields(const struct cao_plan *own, struct world *w,
                                         struct cao_error *err)
{
    for (size_t i = 0; i < w->holdings.n; i++) {
        struct cao_holding *h = &w->holdings.items[i];
        size_t mine = own->holdings->items[i].type;
        if (h->type == SIZE_MAX || mine == SIZE_MAX ||
            same_yield(own->profile, mine, &w->profile, h->type))
            continue;
        char *note = cao_text_copy("its equations give another yield: run with this profile");
        if (!note)
            return cao_fail(err, CAO_ENOMEM, "out of memory");
        free(h->note);
        h->note = note;
        h->type = SIZE_MAX;
    }
    return CAO_OK;
}

static size_t row_like(const struct cao_items *items, const char *name)
{
    for (size_t i = 0; i < items->n; i++)
        if (strcmp(items->rows[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

/* Types, grades and zones by name; a type whose equations give another yield has none. */
static void map_ground(const struct cao_profile *own, struct world *w)
{
    struct cao_ground_map *m = &w->map;
    memset(m, 0xff, sizeof *m);
    for (size_t i = 0; i < own->n_types && i < 256; i++)
        for (size_t k = 0; k < w->profile.n_types; k++)
            if (strcmp(own->types[i].name, w->profile.types[k].name) == 0 &&
                same_yield(own, i, &w->profile, k))
                m->type[i] = k;
    for (size_t i = 0; i < own->grades.n && i < 16; i++)
        m->grade[i] = row_like(&w->profile.grades, own->grades.rows[i].name);
    for (size_t i = 0; i < own->zones.n && i < 16; i++)
        m->zone[i] = row_like(&w->profile.zones, own->zones.rows[i].name);
}

/* The numbers are no longer those of the standard: its name alone would say they are. */
static enum cao_status name_changes(const struct cao_what_if *what, struct cao_profile *p,
                                    struct cao_error *err)
{
    struct cao_buf name = { 0 };
    cao_buf_add(&name, "%s", p->name);
    for (size_t i = 0; i < what->n_sets; i++) {
        const char *set = what->sets[i];
        if (set && strncmp(set, "profile=", strlen("profile=")) != 0)
            cao_buf_add(&name, " + %s", set);
    }
    char *copy = cao_text_copy(name.text ? name.text : "");
    cao_buf_release(&name);
    if (!copy)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    free(p->name);
    p->name = copy;
    return CAO_OK;
}

/* Rows of tables that were refused: their pastures have no herd, or no supply, in any world. */
static enum cao_status recall_refused(const struct cao_findings *from, struct cao_findings *to)
{
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < from->n; i++) {
        const struct cao_finding *f = &from->items[i];
        if (strcmp(f->code, "herd-row") == 0 || strcmp(f->code, "feed-row") == 0)
            st =
                cao_findings_add(to, f->severity, f->code, f->file, f->row, f->item, "%s", f->text);
    }
    return st;
}

static enum cao_status world_make(const struct job *job, const struct cao_stored *stored,
                                  const struct assumptions *a, const char *profile, struct world *w,
                                  struct cao_error *err)
{
    const struct cao_plan *own = stored->plan;
    struct cao_findings ignored = { 0 }; /* the run has named them */
    enum cao_status st = cao_project_profile(own->project, profile, job->run->data_dir, a->patches,
                                             a->n, &w->profile, err);
    if (st)
        return st;
    w->project = *own->project;
    if (a->wildlife)
        w->project.wildlife_share = (double)NAN;
    if (a->min_valid)
        w->project.min_valid_share = (double)NAN;
    st = change_heads(stored, a, w, err);
    struct cao_demand_tables tables = stored->tables;
    if (tables.herds)
        tables.herds = &w->herds;
    if (!st && recall_refused(stored->findings, &ignored))
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    if (!st)
        st = cao_holdings_join(&w->project, &w->profile, own->pastures, &tables, &w->holdings,
                               &ignored, err);
    cao_findings_release(&ignored);
    if (st)
        return st;
    st = name_changes(job->what, &w->profile, err);
    if (st)
        return st;
    st = drop_other_yields(own, w, err);
    if (st)
        return st;
    map_ground(own->profile, w);
    w->plan = *own;
    w->plan.ground_map = &w->map;
    w->plan.project = &w->project;
    w->plan.profile = &w->profile;
    w->plan.holdings = &w->holdings;
    w->plan.wildlife_share = isnan(w->project.wildlife_share) ? w->profile.wildlife_share.value
                                                              : w->project.wildlife_share;
    return cao_fold(&w->plan, stored->results, &w->fold, err);
}

/* --- tables --- */

static enum cao_status one_world(const struct job *job, const struct cao_stored *stored,
                                 const struct assumptions *a, struct cao_error *err)
{
    struct world w = { 0 };
    struct cao_results results = { 0 };
    struct cao_groups groups = { 0 };
    struct cao_table herds = { 0 };
    const struct cao_what_if *what = job->what;
    enum cao_status st = CAO_OK;
    if (what->by_herd && !stored->plan->project->pastures_herd[0])
        return cao_fail(err, CAO_EARG, "%s: households are asked for, but pastures.herd is not set",
                        stored->plan->project->path);
    st = world_make(job, stored, a, a->profile, &w, err);
    if (!st && job->what->n_draws)
        st = cao_certainty_draw(&w.plan, &w.fold, job->what->n_draws, err);
    if (!st)
        st = what->by_herd    ? cao_herd_table_make(&w.plan, &w.fold, &herds, err)
             : what->by_group ? cao_groups_make(&w.plan, &w.fold, &groups, err)
                              : cao_results_make(&w.plan, &w.fold, &results, err);
    if (!st)
        st = cao_table_csv(what->by_herd    ? &herds
                           : what->by_group ? &groups.table
                                            : &results.table,
                           what->chinese, job->csv, job->size, err);
    cao_table_release(&herds);
    cao_groups_release(&groups);
    cao_results_release(&results);
    world_release(&w);
    return st;
}

enum { N_SHARED = 6, N_EACH = 7, HEADING = 160 };
static const struct cao_column shared[N_SHARED] = {
    { "period", "时段", "", "period", CAO_CELL_TEXT, 0 },
    { "pasture_id", "草场编号", "", "id", CAO_CELL_TEXT, 0 },
    { "name", "名称", "", "name", CAO_CELL_TEXT, 0 },
    { "grass_type", "草地类型代码", "", "grassland type", CAO_CELL_TEXT, 0 },
    { "area_ha", "面积_公顷", "ha", "area", CAO_CELL_REAL, 4 },
    { "yield_fresh_kg_ha", "鲜草产量_kg/ha", "kg/ha", "fresh yield, the same for all",
      CAO_CELL_REAL, 1 },
};
static const struct cao_column each[N_EACH] = {
    { "available_su", "可养家畜_羊单位", "SU", "capacity less wildlife", CAO_CELL_REAL, 2 },
    { "herd_su", "实际载畜量_羊单位", "SU", "livestock", CAO_CELL_REAL, 2 },
    { "overload_pct", "超载率_%", "%", "overload rate", CAO_CELL_REAL, 1 },
    { "class", "超载等级代码", "", "class", CAO_CELL_TEXT, 0 },
    { "certainty", "可靠程度代码", "", "firm, borderline or not-enough-data", CAO_CELL_TEXT, 0 },
    { "status", "状态代码", "", "ok, or why there is no verdict", CAO_CELL_TEXT, 0 },
    { "note", "备注", "", "what the profile lacks", CAO_CELL_TEXT, 0 },
};

static enum cao_status put_shared(const struct cao_plan *plan, const struct world *w,
                                  struct cao_table *t, size_t i, struct cao_error *err)
{
    const struct cao_pasture_result *row = &w->fold.rows[i];
    const struct cao_pasture *p = &plan->pastures->items[row->pasture];
    size_t type = plan->holdings->items[row->pasture].type;
    const char *const texts[] = { plan->project->periods[row->period].name, p->id, p->name,
                                  type == SIZE_MAX ? p->type : plan->profile->types[type].name };
    enum cao_status st = CAO_OK;
    for (size_t c = 0; !st && c < 4; c++)
        st = texts[c][0] ? cao_table_set_text(t, i, c, texts[c], err) : CAO_OK;
    cao_table_set_number(t, i, 4, p->area_geodesic_ha);
    return st;
}

static enum cao_status put_profile(const struct world *w, struct cao_table *t, size_t first,
                                   struct cao_error *err)
{
    const struct cao_class_scheme *scheme = &w->profile.scheme;
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < w->fold.n; i++) {
        const struct cao_pasture_result *row = &w->fold.rows[i];
        const struct cao_holding *h = &w->holdings.items[row->pasture];
        const struct cao_balance *b = &row->balance;
        if (!isnan(row->fresh_kg_ha))
            cao_table_set_number(t, i, N_SHARED - 1, row->fresh_kg_ha);
        cao_table_set_number(t, i, first, b->available_su);
        cao_table_set_number(t, i, first + 1, h->herd_su);
        cao_table_set_number(t, i, first + 2, b->overload_pct);
        if (b->class_index < scheme->n)
            st = cao_table_set_text(t, i, first + 3, scheme->classes[b->class_index].name, err);
        if (!st && row->certainty.firmness)
            st = cao_table_set_text(t, i, first + 4, cao_firmness_name(row->certainty.firmness),
                                    err);
        if (!st)
            st = cao_table_set_text(t, i, first + 5, cao_verdict_name(b->verdict), err);
        if (!st && h->note[0])
            st = cao_table_set_text(t, i, first + 6, h->note, err);
    }
    return st;
}

/* Names of the installed profiles. */
static enum cao_status list_profiles(const struct job *job, struct cao_names *names,
                                     struct cao_error *err)
{
    enum cao_status st = cao_list_dir(job->run->data_dir, names, err);
    size_t n = 0;
    for (size_t i = 0; !st && i < names->n; i++) {
        char *name = names->items[i];
        if (cao_path_has_ending(name, ".yaml")) {
            name[strlen(name) - strlen(".yaml")] = '\0';
            names->items[n++] = name;
        } else {
            free(name);
        }
    }
    names->n = st ? names->n : n;
    return st;
}

static enum cao_status compare(const struct job *job, const struct cao_stored *stored,
                               const struct assumptions *a, struct cao_error *err)
{
    struct cao_names names = { 0 };
    struct cao_table t = { 0 };
    enum cao_status st = list_profiles(job, &names, err);
    size_t n_columns = N_SHARED + N_EACH * names.n;
    struct cao_column *columns = calloc(n_columns, sizeof *columns);
    char(*headings)[HEADING] = calloc(2 * N_EACH * names.n + 1, sizeof *headings);
    if (!st && (!columns || !headings))
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    if (!st && columns && headings) {
        memcpy(columns, shared, sizeof shared);
        for (size_t p = 0; p < names.n; p++)
            for (size_t k = 0; k < N_EACH; k++) {
                char *name = headings[2 * (p * N_EACH + k)], *zh = name + HEADING;
                snprintf(name, HEADING, "%.90s_%s", names.items[p], each[k].name);
                snprintf(zh, HEADING, "%.90s_%s", names.items[p], each[k].zh);
                columns[N_SHARED + p * N_EACH + k] = each[k];
                columns[N_SHARED + p * N_EACH + k].name = name;
                columns[N_SHARED + p * N_EACH + k].zh = zh;
            }
        st = cao_table_init(&t, columns, n_columns,
                            stored->plan->pastures->n * stored->plan->project->n_periods, err);
    }
    for (size_t p = 0; !st && p < names.n; p++) {
        struct world w = { 0 };
        st = world_make(job, stored, a, names.items[p], &w, err);
        for (size_t i = 0; !st && p == 0 && i < w.fold.n; i++)
            st = put_shared(stored->plan, &w, &t, i, err);
        if (!st)
            st = put_profile(&w, &t, N_SHARED + p * N_EACH, err);
        world_release(&w);
        if (st)
            (void)cao_within(err, st, "profile %s", names.items[p]);
    }
    if (!st)
        st = cao_table_csv(&t, job->what->chinese, job->csv, job->size, err);
    cao_table_release(&t);
    cao_names_release(&names);
    free(columns);
    free(headings);
    return st;
}

static enum cao_status use(void *context, const struct cao_stored *stored, struct cao_error *err)
{
    const struct job *job = context;
    struct assumptions *a = calloc(1, sizeof *a);
    if (!a)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    enum cao_status st = read_sets(a, stored->plan->profile, job->what, err);
    if (!st && job->what->compare_profiles && a->profile)
        st = cao_fail(err, CAO_EARG, "--compare-profiles shows all; leave out --set profile=%s",
                      a->profile);
    if (!st)
        st = job->what->compare_profiles ? compare(job, stored, a, err)
                                         : one_world(job, stored, a, err);
    free(a);
    return st;
}

enum cao_status cao_what_if_csv(const struct cao_run_options *run, const struct cao_what_if *what,
                                char **csv, size_t *size, struct cao_run_summary *summary,
                                struct cao_error *err)
{
    struct job job = { run, what, csv, size };
    return cao_run_stored(run, use, &job, summary, err);
}
