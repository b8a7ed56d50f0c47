/* SPDX-License-Identifier: MIT
 * Herds, feed and wildlife against numbers worked by hand. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/profile_file.h"
#include "run/demand.h"
#include "support/support.h"

enum { N = 3 };

/* Three pastures of one household: 100 ha warm, 150 and 50 ha cold. */
struct world {
    struct cao_project project;
    struct cao_profile profile;
    struct cao_pasture pasture[N];
    struct cao_pastures pastures;
    struct cao_holdings holdings;
    struct cao_findings findings;
};

static char blank[] = "", id[N][4] = { "001", "002", "003" }, warm[] = "warm", cold[] = "冷季",
            home[] = "H1", type[] = "alpine_meadow", north[] = "north", south[] = "south",
            density[] = "2.5", habitat_half[] = "0.5", habitat_full[] = "1";
static char *groups[N][2] = { { north, habitat_full },
                              { north, habitat_half },
                              { south, density } };
static char group_name[] = "zone", habitat_name[] = "habitat";
static char *group_names[] = { group_name, habitat_name };

static void init(struct world *w, const char *profile)
{
    struct cao_error err = { 0 };
    static const double area[N] = { 100, 150, 50 };
    char *const texts[] = { blank };
    memset(w, 0, sizeof *w);
    w->project.path = w->project.default_type = w->project.livestock_from = texts[0];
    w->project.livestock_to = w->project.livestock_days = w->project.pastures_herd = blank;
    w->project.wildlife_map = w->project.wildlife_map_unit = blank;
    w->project.wildlife_map_days = 365;
    w->project.min_valid_share = (double)NAN;
    w->project.wildlife_group = w->project.wildlife_habitat = w->project.wildlife_density = blank;
    w->project.default_season = blank;
    for (int k = 0; k < CAO_N_GROUND; k++)
        w->project.ground[k].file = blank;
    w->project.pastures_groups = group_names;
    w->project.n_pastures_groups = 2;
    assert_ok(cao_profile_load(profile, ".", "src/profiles", "", &w->profile, &err));
    for (int i = 0; i < N; i++)
        w->pasture[i] = (struct cao_pasture){ .id = id[i],
                                              .name = blank,
                                              .type = type,
                                              .season = i ? cold : warm,
                                              .grade = blank,
                                              .zone = blank,
                                              .herd = home,
                                              .groups = groups[i],
                                              .area_geodesic_ha = area[i] };
    w->pastures =
        (struct cao_pastures){ .items = w->pasture, .n = N, .n_groups = 2, .path = blank };
}

static void join(struct world *w, const struct cao_demand_tables *tables)
{
    struct cao_error err = { 0 };
    assert_ok(cao_holdings_join(&w->project, &w->profile, &w->pastures, tables, &w->holdings,
                                &w->findings, &err));
}

static void end(struct world *w)
{
    cao_holdings_release(&w->holdings);
    cao_findings_release(&w->findings);
    cao_profile_release(&w->profile);
}

static void near_to(double got, double want)
{
    if (!(fabs(got - want) < 1e-6 * (1 + fabs(want))))
        fail_msg("%.8g, not %.8g", got, want);
}

/* A row without further columns, and one with them. */
static struct cao_herd row(char *pasture, char *species, double heads)
{
    return (struct cao_herd){ .pasture_id = pasture,
                              .species = species,
                              .heads = heads,
                              .age = blank,
                              .weight_kg = (double)NAN,
                              .days = (double)NAN,
                              .from = CAO_NO_DAY,
                              .to = CAO_NO_DAY,
                              .sold = (double)NAN,
                              .sold_months = (double)NAN,
                              .row = 2 };
}

static struct cao_herd aged(struct cao_herd h, char *age)
{
    h.age = age;
    return h;
}

static struct cao_herd weighed(struct cao_herd h, double kg)
{
    h.weight_kg = kg;
    return h;
}

static struct cao_herd for_days(struct cao_herd h, double days)
{
    h.days = days;
    return h;
}

static struct cao_herd dated(struct cao_herd h, int32_t from, int32_t to)
{
    h.from = from;
    h.to = to;
    return h;
}

static struct cao_herd sold(struct cao_herd h, double heads, double months)
{
    h.sold = heads;
    h.sold_months = months;
    return h;
}

static char banned[] = "禁牧", yak[] = "牦牛", sheep[] = "藏羊", lamb[] = "断奶羔",
            adult[] = "成年", calf[] = "weaned", yaak[] = "yaak", old[] = "老年",
            kiang[] = "藏野驴", hay[] = "燕麦干草", straw[] = "秸秆", oats[] = "oatz",
            concentrate[] = "精料", unknown[] = "999";

/* 30 adult yaks 120 SU; 10 yaks of 360 kg at 5.0: 50; 20 weaned calves 20 x 4 x 0.3 = 24; 100 sheep 100; 50
 * weaned lambs 50 x 0.6 = 30: together 324. */
static void a_herd_by_age_and_weight_comes_to_its_sheep_units(void **state)
{
    (void)state;
    static const char *const profiles[] = { "nyt635-2015", "nyt635-2002", "db63t2334-2024",
                                            "lyt3320-2022" };
    for (size_t p = 0; p < 4; p++) {
        struct world w;
        init(&w, profiles[p]);
        struct cao_herd rows[] = {
            aged(row(id[0], yak, 30), adult),  weighed(row(id[0], yak, 10), 360),
            aged(row(id[0], yak, 20), calf),   row(id[0], sheep, 100),
            aged(row(id[0], sheep, 50), lamb),
        };
        struct cao_herds herds = { rows, 5, blank };
        join(&w, &(struct cao_demand_tables){ .herds = &herds });
        near_to(w.holdings.items[0].herd_su, 324);
        assert_int_equal(w.holdings.items[0].n_lines, 5);
        assert_true(isnan(w.holdings.items[1].herd_su)); /* no row is not no animal */
        assert_int_equal(w.findings.n, 0);
        end(&w);
    }
    /* DB63/T 2298: adults alone, 30 x 4 + 100; its young are asked for by name */
    struct world w;
    init(&w, "db63t2298-2024");
    struct cao_herd rows[] = { row(id[0], yak, 30), row(id[0], sheep, 100),
                               aged(row(id[1], yak, 5), calf) };
    struct cao_herds herds = { rows, 3, blank };
    join(&w, &(struct cao_demand_tables){ .herds = &herds });
    near_to(w.holdings.items[0].herd_su, 220);
    assert_true(isnan(w.holdings.items[1].herd_su));
    assert_non_null(strstr(w.holdings.items[1].note, "edible_share")); /* the first to mend */
    bool named = false;
    for (size_t i = 0; i < w.findings.n; i++)
        named |= strstr(w.findings.items[i].text, "lacks species.yak.ages") != NULL;
    assert_true(named);
    end(&w);
}

/* Warm season 1 June to 28 October, 150 days; cold 29 October to 31 May, 215. */
static void days_on_pasture_count(void **state)
{
    (void)state;
    struct world w;
    struct cao_error err = { 0 };
    init(&w, "nyt635-2015");
    w.project.livestock_from = w.project.livestock_to = w.project.livestock_days = group_name;
    int32_t june = cao_date_of(2024, 6, 1), aug = cao_date_of(2024, 8, 14);
    struct cao_herd rows[] = {
        dated(row(id[0], sheep, 100), june, aug), /* 75 d */
        for_days(row(id[0], sheep, 30), 50),
        dated(row(id[1], sheep, 60), june,
              cao_date_of(2024, 11, 28)), /* 31 of the cold season's days */
        row(id[2], sheep, 7),
    };
    struct cao_herds herds = { rows, 4, blank };
    join(&w, &(struct cao_demand_tables){ .herds = &herds });
    near_to(w.holdings.items[0].herd_su, 100 * 75 / 150.0 + 30 * 50 / 150.0);
    near_to(w.holdings.items[1].herd_su, 60 * 31 / 215.0);
    assert_true(isnan(w.holdings.items[2].herd_su)); /* a season, dates asked for, and none given */
    assert_non_null(strstr(w.holdings.items[2].note, "heads without a date"));
    assert_string_equal(w.findings.items[0].code, "herd-undated");
    double days;
    assert_ok(cao_season_days(&w.profile, CAO_WARM, june, CAO_NO_DAY, &days, &err));
    near_to(days, 150);
    assert_ok(cao_season_days(&w.profile, CAO_COLD, june, june, &days, &err));
    near_to(days, 0);
    assert_int_equal(cao_season_days(&w.profile, CAO_SPRING_AUTUMN, june, aug, &days, &err),
                     CAO_EARG);
    assert_non_null(strstr(err.text, "season_begins.spring-autumn"));
    end(&w);
}

/* 100 at the year's end and 40 sold after 3 months (91.25 days) on a warm pasture of 150 days; counted in
 * mid year those 40 are among the 100. */
static void sold_animals_count_for_their_months(void **state)
{
    (void)state;
    static const double want[] = { 100 + 40 * 91.25 / 150, 60 + 40 * 91.25 / 150 };
    for (int k = 0; k < 2; k++) {
        struct world w;
        init(&w, "nyt635-2015");
        w.project.livestock_counted = k ? CAO_MID_YEAR : CAO_YEAR_END;
        struct cao_herd rows[] = {
            sold(row(id[0], sheep, 100), 40, 3),
            sold(row(id[1], sheep, 9), 4, (double)NAN),
        };
        struct cao_herds herds = { rows, 2, blank };
        join(&w, &(struct cao_demand_tables){ .herds = &herds });
        near_to(w.holdings.items[0].herd_su, want[k]);
        assert_true(isnan(w.holdings.items[1].herd_su));
        assert_non_null(strstr(w.holdings.items[1].note, "without their months"));
        end(&w);
    }
}

/* 200 sheep of the household: all on the warm pasture, 150 and 50 on the two cold ones by area. */
static void a_household_grazes_its_pastures_in_turn(void **state)
{
    (void)state;
    struct world w;
    init(&w, "nyt635-2015");
    w.project.pastures_herd = group_name;
    struct cao_herd rows[] = { row(home, sheep, 200), row(unknown, sheep, 1) };
    struct cao_herds herds = { rows, 2, blank };
    struct cao_feed fed[] = { { home, hay, blank, 10000, 2 }, { home, straw, warm, 1000, 3 } };
    struct cao_feeds feeds = { fed, 2, blank };
    join(&w, &(struct cao_demand_tables){ .herds = &herds, .feeds = &feeds });
    near_to(w.holdings.items[0].herd_su, 200);
    near_to(w.holdings.items[1].herd_su, 150);
    near_to(w.holdings.items[2].herd_su, 50);
    /* feed without a season goes to the cold one: 10000 x 1.0 x 0.9 / (1.8 x 215), by area */
    near_to(w.holdings.items[1].feed_su, 0.75 * 9000 / (1.8 * 215));
    near_to(w.holdings.items[2].feed_su, 0.25 * 9000 / (1.8 * 215));
    near_to(w.holdings.items[0].feed_su, 1000 * 0.55 * 0.9 / (1.8 * 150));
    assert_int_equal(w.findings.n, 1);
    cao_holdings_release(
        &w.holdings); /* what is banned is not grazed by a herd that has other ground */
    w.pasture[2].zone = banned;
    join(&w, &(struct cao_demand_tables){ .herds = &herds, .feeds = &feeds });
    near_to(w.holdings.items[1].herd_su, 200);
    near_to(w.holdings.items[2].herd_su, 0);
    near_to(w.holdings.items[1].feed_su, 9000 / (1.8 * 215));
    near_to(w.holdings.items[2].feed_su, 0);
    assert_non_null(strstr(w.findings.items[0].text, "no household of pastures.herd has this id"));
    end(&w);
}

static void feed_without_conversion_is_named(void **state)
{
    (void)state;
    struct world w;
    init(&w, "nyt635-2015");
    struct cao_feed fed[] = { { id[0], oats, blank, 100, 5 }, { id[1], hay, blank, 387, 6 } };
    struct cao_feeds feeds = { fed, 2, blank };
    join(&w, &(struct cao_demand_tables){ .feeds = &feeds });
    assert_true(isnan(w.holdings.items[0].feed_su));
    assert_non_null(strstr(w.holdings.items[0].note, "feed 'oatz' is not in profile nyt635-2015"));
    assert_string_equal(w.findings.items[0].code, "feed-unknown");
    near_to(w.holdings.items[1].feed_su, 0.9); /* 387 x 0.9 / 387 */
    end(&w);
    /* DB63/T 2298: half a kilogram of compound feed is a sheep unit's day: 107.5 kg, a season's */
    init(&w, "db63t2298-2024");
    struct cao_feed compound[] = { { id[1], concentrate, blank, 107.5, 2 } };
    feeds = (struct cao_feeds){ compound, 1, blank };
    join(&w, &(struct cao_demand_tables){ .feeds = &feeds });
    near_to(w.holdings.items[1].feed_su, 1);
    end(&w);
}

/* 30 kiangs, 120 SU all the year, over 300 ha: the warm pasture of 100 ha bears 40, and all of their year on
 * its 150 days: 40 x 365 / 150. With half of 002 as habitat: 100 + 75 + 50 = 225 ha. */
static void wildlife_by_counts_is_spread_by_habitat(void **state)
{
    (void)state;
    struct world w;
    init(&w, "nyt635-2015");
    struct cao_wild_count counts[] = { { kiang, blank, 30, 365, 2 } };
    struct cao_wildlife wildlife = { counts, 1, blank };
    join(&w, &(struct cao_demand_tables){ .wildlife = &wildlife });
    near_to(w.holdings.items[0].wild_su, 40 * 365 / 150.0);
    near_to(w.holdings.items[1].wild_su, 60 * 365 / 215.0);
    end(&w);
    init(&w, "nyt635-2015");
    counts[0].group = north; /* 100 + 150 ha */
    w.project.wildlife_group = group_name;
    join(&w, &(struct cao_demand_tables){ .wildlife = &wildlife });
    near_to(w.holdings.items[0].wild_su, 48 * 365 / 150.0);
    near_to(w.holdings.items[2].wild_su, 0); /* counted, and none here */
    end(&w);
    init(&w, "nyt635-2015");
    w.project.wildlife_group = group_name;
    w.project.wildlife_habitat = habitat_name;
    join(&w, &(struct cao_demand_tables){ .wildlife = &wildlife }); /* 100 + 75 ha */
    near_to(w.holdings.items[1].wild_su, 120 * 75 / 175.0 * 365 / 215);
    end(&w);
}

/* 1.5 kiangs a km2 on 1 km2 are 6 SU all the year, on 150 days' ground 6 x 365 / 150; gazelles 2 a km2 of 0.5
 * SU beside them. Counts come on top. Where the map knows of less than the profile asks for, nobody knows. */
static void wildlife_by_a_map_is_density_times_area(void **state)
{
    (void)state;
    static char gazelle[] = "gazelle", map_path[] = "wild.tif", heads[] = "heads/km2";
    char *species[] = { kiang, gazelle };
    struct cao_polygon_mean means[2 * N] = { { 1.5, 1 }, { 2, 0.95 }, { 0, 1 },
                                             { 0, 1 },   { 3, 1 },    { (double)NAN, 0 } };
    struct cao_wild_map map = { .means = means, .n_bands = 2, .path = map_path };
    struct world w;
    init(&w, "nyt635-2015");
    w.project.wildlife_map = map_path;
    w.project.wildlife_map_unit = heads;
    w.project.wildlife_map_species = species;
    w.project.n_wildlife_map_species = 2;
    join(&w, &(struct cao_demand_tables){ .wild_map = &map, .words = true });
    near_to(w.holdings.items[0].wild_su, (1.5 * 4 + 2 * 0.5) * 365 / 150.0);
    near_to(w.holdings.items[0].mapped_su, 7 * 365 / 150.0);
    near_to(w.holdings.items[1].wild_su, 0); /* known: none here */
    assert_false(w.holdings.items[0].wild_unknown || w.holdings.items[1].wild_unknown);
    assert_true(w.holdings.items[2].wild_unknown && isnan(w.holdings.items[2].mapped_su));
    assert_non_null(strstr(w.holdings.items[2].note, "wildlife.map has numbers for 0.0 %"));
    assert_int_equal(w.holdings.items[0].n_lines, 2);
    assert_non_null(strstr(w.holdings.items[0].lines[1].text, "2 heads/km2 * 1.0000 km2 * 0.5"));
    end(&w);
    init(&w, "nyt635-2015");
    struct cao_wild_count counts[] = { { kiang, blank, 30, 365, 2 } };
    struct cao_wildlife wildlife = { counts, 1, blank };
    w.project.wildlife_map = map_path;
    map.n_bands = 1; /* sheep units, both species and all others */
    w.project.wildlife_map_days = 100;
    join(&w, &(struct cao_demand_tables){ .wildlife = &wildlife, .wild_map = &map });
    near_to(w.holdings.items[0].wild_su, 40 * 365 / 150.0 + 1.5 * 100 / 150.0);
    end(&w);
}

static void what_a_row_says_wrong_spoils_its_pasture(void **state)
{
    (void)state;
    struct world w;
    struct cao_error err = { 0 };
    init(&w, "nyt635-2015");
    struct cao_herd rows[] = { row(id[0], yaak, 3), aged(row(id[1], yak, 3), old) };
    struct cao_herds herds = { rows, 2, blank };
    join(&w, &(struct cao_demand_tables){ .herds = &herds });
    assert_string_equal(w.findings.items[0].code, "species-unknown");
    assert_non_null(strstr(w.findings.items[0].text, "did you mean yak"));
    assert_string_equal(w.findings.items[1].code, "age-unknown");
    assert_non_null(strstr(w.findings.items[1].text, "成年"));
    assert_true(isnan(w.holdings.items[0].herd_su) && isnan(w.holdings.items[1].herd_su));
    end(&w);
    init(&w, "nyt635-2015");
    struct cao_wild_count counts[] = { { yaak, blank, 30, 365, 2 } };
    struct cao_wildlife wildlife = { counts, 1, blank };
    assert_int_equal(cao_holdings_join(&w.project, &w.profile, &w.pastures,
                                       &(struct cao_demand_tables){ .wildlife = &wildlife },
                                       &w.holdings, &w.findings, &err),
                     CAO_EARG);
    assert_non_null(strstr(err.text, "wildlife 'yaak' is not in profile"));
    end(&w);
}

/* Five pastures of two households on made imagery, with all that a table can tell; herds.csv against sums
 * of pastures.csv by another program. */
static void a_run_tells_households_what_they_may_keep(void **state)
{
    (void)state;
    static const char again[] =
        "def box(a, b, c, d):\n"
        "    p = [(a, b), (c, b), (c, d), (a, d), (a, b)]\n"
        "    return '\"POLYGON((' + ','.join('%d %d' % (399960 + x, 3900000 - y) for x, y in p) + "
        "'))\"'\n"
        "rows = [('W1', 'H1', '暖季', '高寒草甸', '', '', box(500, 2200, 2000, 3500)),\n"
        "        ('C1', 'H1', '冷季', '高寒草甸', '', '轻度退化', box(2100, 2200, 2800, 3000)),\n"
        "        ('C2', 'H1', '冷季', '高寒草甸', '禁牧', '', box(2850, 2200, 3300, 3000)),\n"
        "        ('W2', 'H2', 'warm', 'alpine_steppe', '', 'moderate', box(500, 500, 1500, "
        "1500)),\n"
        "        ('C3', 'H2', 'cold', 'alpine_meadow', '', '', box(1600, 500, 2500, 1500))]\n"
        "put = lambda name, lines: open(name, 'w').write('\\n'.join(lines) + '\\n')\n"
        "put('p.csv', ['id,household,season,type,zone,grade,WKT'] + [','.join(r) for r in rows])\n"
        "put('h.csv', ['household,species,heads,age,weight,from,to', 'H1,牦牛,20,,,,', "
        "'H1,yak,10,weaned,,,',\n"
        "    'H1,藏羊,60,,46,2024-06-01,2025-05-31', 'H2,yak,9,,,,'])\n"
        "put('f.csv', ['household,feed,kg', 'H1,oat_hay,6000'])\n"
        "put('wl.csv', ['species,heads', '藏野驴,6', '藏原羚,20'])\n"
        "put('full.yaml', ['imagery: [imagery]',\n"
        "    'pastures: {file: p.csv, id: id, type: type, season: season, zone: zone, "
        "degradation: grade, herd: household, crs: \"EPSG:32647\"}',\n"
        "    'livestock: {file: h.csv, age: age, weight: weight, from: from, to: to}',\n"
        "    'feed: {file: f.csv}', 'wildlife: {file: wl.csv}', 'cold_retention: 0.7', "
        "'class_scheme: national_bi',\n"
        "    'balance_date: 2024-08-15', 'periods: [{name: peak-2024, from: 2024-07-15, to: "
        "2024-08-31}]', 'output: {folder: full}'])\n";
    static const char check[] =
        "import csv\n"
        "read = lambda name, key: {r[key]: r for r in csv.DictReader(open(name, "
        "encoding='utf-8-sig'))}\n"
        "p, h = read('full/pastures.csv', 'pasture_id'), read('full/herds.csv', 'household')\n"
        "f = lambda r, k: float(r[k] or 0)\n"
        "def near(a, b):\n"
        "    assert abs(a - b) < 0.03 + 1e-3 * abs(b), (a, b)\n"
        "assert p['C1']['class_scheme'] == 'national_bi'\n"
        "near(f(p['W1'], 'herd_su'), 20 * 4 + 10 * 4 * .3 + 60)\n"
        "near(f(p['C1'], 'herd_su'), 152)\n"
        "near(f(p['C2'], 'herd_su'), 0)\n"
        "near(f(p['C1'], 'feed_su'), 6000 * .9 / (1.8 * 215))\n"
        "near(f(p['C1'], 'usable_kg_ha'), f(p['C1'], 'yield_hay_kg_ha') * .85 * .65 * 1.05 * .8 * "
        ".7)\n"
        "area = sum(f(r, 'area_ha') for r in p.values())\n"
        "near(f(p['W1'], 'wildlife_su'), (6 * 4 + 20 * .5) * f(p['W1'], 'area_ha') / area * 365 / "
        "150)\n"
        "near(f(p['W1'], 'days_left'), f(p['W1'], 'available_su') * 150 / 152 - 75)\n"
        "assert p['C2']['status'] == 'not-applicable', p['C2']['status']\n"
        "for k, warm, cold in (('H1', ['W1'], ['C1', 'C2']), ('H2', ['W2'], ['C3'])):\n"
        "    a = [sum(f(p[i], 'available_su') for i in ids) for ids in (warm, cold)]\n"
        "    near(f(h[k], 'available_warm_su'), a[0])\n"
        "    near(f(h[k], 'available_cold_su'), a[1])\n"
        "    near(f(h[k], 'a_min_su'), min(a))\n"
        "    near(f(h[k], 'a_year_su'), (a[0] * 150 + a[1] * 215) / 365)\n"
        "    assert h[k]['bottleneck'] == ('warm' if a[0] < a[1] else 'cold')\n"
        "    herd = 152 if k == 'H1' else 36\n"
        "    assert abs(f(h[k], 'overload_pct') - (herd / min(a) - 1) * 100) < 0.2\n";
    const char *b = getenv("CAO_BUILD");
    char *dir = test_folder("households"), path[5000];
    struct cao_error err = { 0 };
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    snprintf(path, sizeof path, "%s/again.py", dir);
    assert_ok(cao_file_write(path, again, sizeof again - 1, &err));
    snprintf(path, sizeof path, "%s/check.py", dir);
    assert_ok(cao_file_write(path, check, sizeof check - 1, &err));
    test_shell("cd '%s' && PYTHONUTF8=1 /usr/bin/python3 again.py", dir);
    assert_int_equal(test_wait(test_start(dir, "run -q full.yaml")), 0);
    test_shell("cd '%s' && PYTHONUTF8=1 /usr/bin/python3 check.py", dir);
    assert_int_equal(test_wait(test_start(dir, "balance -q full --herds -o again.csv")), 0);
    test_shell("cd '%s' && cmp again.csv full/herds.csv", dir);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_herd_by_age_and_weight_comes_to_its_sheep_units),
        cmocka_unit_test(days_on_pasture_count),
        cmocka_unit_test(sold_animals_count_for_their_months),
        cmocka_unit_test(a_household_grazes_its_pastures_in_turn),
        cmocka_unit_test(feed_without_conversion_is_named),
        cmocka_unit_test(wildlife_by_counts_is_spread_by_habitat),
        cmocka_unit_test(wildlife_by_a_map_is_density_times_area),
        cmocka_unit_test(what_a_row_says_wrong_spoils_its_pasture),
        cmocka_unit_test(a_run_tells_households_what_they_may_keep),
    };
    return cmocka_run_group_tests_name("demand", tests, NULL, NULL) != 0;
}
