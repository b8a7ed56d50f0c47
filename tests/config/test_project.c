/* SPDX-License-Identifier: MIT
 * The project file and the profiles: what is right is taken, what is wrong is named with its line. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/balance.h"
#include "caochu/file.h"
#include "caochu/profile_file.h"
#include "caochu/project.h"

static const char base[] = "imagery: [影像 文件夹]\n"
                           "pastures: {file: p.gpkg, id: id}\n"
                           "periods:\n"
                           "  - {name: 盛草期, from: 2024-07-20, to: 2024-08-31}\n";

static char *project_folder(void)
{
    char *dir = test_folder("project");
    test_shell("mkdir -p '%s/影像 文件夹' && touch '%s/p.gpkg' '%s/h.csv'", dir, dir, dir);
    return dir;
}

static enum cao_status read_text(const char *dir, const char *text, struct cao_project *p,
                                 struct cao_error *out)
{
    char path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    assert_ok(cao_file_write(path, text, strlen(text), &err));
    return cao_project_read(path, p, out);
}

static void the_smallest_project_takes_the_defaults(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_project p;
    char *dir = project_folder();
    assert_ok(read_text(dir, base, &p, &err));
    assert_string_equal(p.name, "park");
    assert_int_equal(p.n_imagery, 1);
    assert_true(cao_file_is_dir(p.imagery[0]));
    assert_string_equal(p.grid_crs, "auto");
    assert_true(p.grid_resolution_m == 10 && isnan(p.grid_origin[0]));
    assert_int_equal(p.grid_tile_px, 2048);
    assert_int_equal(p.n_periods, 1);
    assert_string_equal(p.periods[0].name, "盛草期");
    assert_int_equal(p.periods[0].from, cao_date_of(2024, 7, 20));
    assert_int_equal(p.periods[0].to, cao_date_of(2024, 8, 31));
    assert_string_equal(p.composite->name, "max-ndvi");
    assert_int_equal(p.nir, CAO_BAND_N);
    assert_int_equal(p.n_indices, 4);
    assert_string_equal(p.indices[0]->name, "NDVI");
    /* SCL 4 to 7 stay: water is not removed, dark is */
    assert_int_equal(p.mask_removes, 1u << CAO_SATURATED | 1u << CAO_CLOUD | 1u << CAO_SHADOW |
                                         1u << CAO_CIRRUS | 1u << CAO_SNOW | 1u << CAO_DARK);
    assert_string_equal(p.profile, "nyt635-2015");
    assert_true(isnan(p.wildlife_share));
    assert_string_equal(p.livestock_id, "id");
    assert_string_equal(p.livestock_file, "");
    cao_project_release(&p);
    free(dir);
}

static void every_key_is_taken(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_project p;
    char *dir = project_folder();
    char text[2000];
    snprintf(
        text, sizeof text,
        "%sname: 'x: y'\nlanguage: zh\nlivestock: {file: h.csv, id: 编号, columns: [牦牛, 藏羊]}\n"
        "grid: {crs: 'EPSG:32647', resolution: 30, origin: [399960, 4000020], tile: "
        "512}\ncomposite: median\n"
        "nir: narrow\nmask: [cloud, water]\nindices: [EVI2, kndvi]\nprofile: my.yaml\nyield_set: "
        "s\n"
        "wildlife_share: 0.2\nmin_valid_share: 0.5\ndefault_type: 高寒草甸\ndefault_season: warm\n"
        "output: {folder: 'out put', float32: true, compression: deflate}\n",
        base);
    assert_ok(read_text(dir, text, &p, &err));
    assert_string_equal(p.name, "x: y");
    assert_int_equal(p.language, CAO_CHINESE);
    assert_int_equal(p.output_compression, CAO_DEFLATE);
    assert_string_equal(p.livestock_id, "编号");
    assert_int_equal(p.n_livestock_columns, 2);
    assert_string_equal(p.livestock_columns[1], "藏羊");
    assert_true(p.grid_resolution_m == 30 && p.grid_origin[1] == 4000020);
    assert_int_equal(p.grid_tile_px, 512);
    assert_string_equal(p.composite->name, "median");
    assert_int_equal(p.nir, CAO_BAND_N2);
    assert_int_equal(p.mask_removes, 1u << CAO_CLOUD | 1u << CAO_WATER);
    assert_int_equal(p.n_indices, 3); /* and NDVI, on which yield stands */
    assert_string_equal(p.indices[2]->name, "NDVI");
    assert_true(p.wildlife_share == 0.2 && p.min_valid_share == 0.5 && p.output_float32);
    assert_non_null(strstr(p.output_dir, "out put"));
    cao_project_release(&p);
    free(dir);
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *line, *want[3];
    } cases[] = {
        { "grid: {resolutoin: 10}",
          { "park.yaml:5: grid.resolutoin: unknown key", "did you mean grid.resolution?" } },
        { "compositte: median",
          { "park.yaml:5: compositte: unknown key", "did you mean composite?" } },
        { "grid:\n  resolution: ten",
          { "park.yaml:6: grid.resolution: 'ten' is not a number", "1 to 10000 m" } },
        { "grid: {resolution: 0}", { "park.yaml:5", "allowed: 1 to 10000 m" } },
        { "grid: {tile: 500}", { "grid.tile: '500' is not allowed", "a multiple of 256" } },
        { "composite: mediam", { "allowed: max-ndvi|bap|", "did you mean median?" } },
        { "mask: [cloud, shadwo]", { "mask: 'shadwo' is not known", "did you mean shadow?" } },
        { "indices: [NVDI]", { "indices: unknown index 'NVDI'", "did you mean NDVI" } },
        { "livestock: {file: none.csv}", { "livestock.file: the file", "none.csv is not there" } },
        { "output: {float32: yes}", { "neither true nor false" } },
        { "wildlife_share: 1.5", { "allowed: 0 to 0.95" } },
        { "bandpass: oli", { "park.yaml:5: bandpass", "add nir: narrow" } },
        { "imagery: x", { "given twice, first in line 1" } },
        { "grid: {origin: [1]}", { "[x, y]" } },
        { "name: [a, b]", { "is a list" } },
        { "pasture: {where: x}", { "pasture: unknown key", "did you mean pastures?" } },
        { "resolution: 30", { "resolution: unknown key", "did you mean grid.resolution?" } },
        { "default_season: summer", { "'summer' is not known", "allowed: year-round|warm|cold" } },
        { "default_season: wram", { "did you mean warm?" } },
        { "livestock:\n  file: h.csv\n  heads: 头数\n  columns: [牦牛]",
          { "park.yaml:7: livestock.heads: does not go with livestock.columns (line 8)" } },
        { "grid.tile: 512\ngrid: {tile: 256}",
          { "park.yaml:6: grid.tile: the key is given twice, first in line 5" } },
        { "pastures.id: x", { "park.yaml:5: pastures.id: the key is given twice" } },
        { "profile: [a]\ncomposite: x", { "park.yaml:5: profile" } }, /* the first is told */
        { "grid: 10", { "park.yaml:5: grid: a group of keys is wanted" } },
        { "x: &a 1", { "park.yaml:5: anchors" } },
        { "name: \"open", { "park.yaml:", "is not YAML" } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cao_error err = { 0 };
        struct cao_project p;
        char text[1000], *dir = project_folder();
        snprintf(text, sizeof text, "%s%s\n", base, cases[i].line);
        assert_int_equal(read_text(dir, text, &p, &err), CAO_EARG);
        for (int k = 0; k < 3 && cases[i].want[k]; k++)
            if (!strstr(err.text, cases[i].want[k]))
                fail_msg("'%s' lacks '%s'", err.text, cases[i].want[k]);
        free(dir);
    }
}

static void wrong_periods_and_missing_keys_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "pastures: {file: p.gpkg, id: id}\nperiods: [{name: a, from: 2024-01-01, to: "
          "2024-02-01}]\n",
          "imagery is missing" },
        { "imagery: [nowhere]\npastures: {file: p.gpkg, id: id}\n", "is not there" },
        { "imagery: ['影像 文件夹']\npastures: {file: p.gpkg}\nperiods: [{name: a, from: "
          "2024-01-01, to: 2024-02-01}]\n",
          "pastures.id is missing" },
        { "periods: [{name: a, from: 2024-02-30, to: 2024-03-01}]\n",
          "'2024-02-30' is not a date" },
        { "periods: [{name: a, from: 2024-03-01, to: 2024-02-01}]\n", "ends before it begins" },
        { "periods: [{name: a/b, from: 2024-01-01, to: 2024-02-01}]\n",
          "cannot be the name of a folder" },
        { "periods: [{name: a, from: 2024-01-01}]\n", "lacks its to" },
        { "periods: [{name: a, form: 2024-01-01}]\n", "did you mean from" },
        { "periods: []\n", "a list is wanted" },
        { "periods: [{name: a, from: 2024-01-01, to: 2024-02-01}, {name: A, from: 2024-01-01, to: "
          "2024-02-01}]\n",
          "twice" },
        { "imagery: ['影像 文件夹']\npastures: {file: p.gpkg, id: }\n",
          "park.yaml:2: pastures.id: is empty" },
        { "imagery: []\n", "park.yaml:1: imagery: at least one is wanted" },
        { "[1, 2]\n", "is not a project file" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cao_error err = { 0 };
        struct cao_project p;
        char *dir = project_folder();
        assert_int_equal(read_text(dir, cases[i].text, &p, &err), CAO_EARG);
        if (!strstr(err.text, cases[i].want))
            fail_msg("'%s' lacks '%s'", err.text, cases[i].want);
        free(dir);
    }
}

static void the_template_is_a_project_and_shows_every_key(void **state)
{
    (void)state;
    for (int language = CAO_ENGLISH; language <= CAO_CHINESE; language++) {
        struct cao_error err = { 0 };
        struct cao_project p;
        char *dir = project_folder(), *text = cao_project_template((enum cao_language)language);
        assert_non_null(text);
        test_shell("mkdir -p '%s/imagery' && touch '%s/pastures.gpkg'", dir, dir);
        assert_ok(read_text(dir, text, &p, &err));
        cao_project_release(&p);
        for (size_t i = 0; cao_project_key(i); i++) {
            const struct cao_key *k = cao_project_key(i);
            const char *last = strrchr(k->name, '.') ? strrchr(k->name, '.') + 1 : k->name;
            if (!strstr(text, last))
                fail_msg("the template lacks %s", k->name);
            assert_true(k->help[0] && k->help_zh[0]);
        }
        /* with all defaults uncommented it is the same project */
        test_shell("sed -i -E 's/^( *)# ([a-z_0-9]+: .*[^ ])$/\\1\\2/; s/^( *)# ([a-z_0-9]+): "
                   "*$/\\1\\2:/' '%s/park.yaml'",
                   dir);
        char path[CAO_PATH_MAX];
        snprintf(path, sizeof path, "%s/park.yaml", dir);
        assert_ok(cao_project_read(path, &p, &err));
        assert_int_equal(p.grid_tile_px, 2048);
        assert_int_equal(p.n_indices, 4);
        cao_project_release(&p);
        free(text);
        free(dir);
    }
}

/* Key by key in the table's order: its help, then its line with the default. */
static void the_template_shows_the_defaults_of_the_table(void **state)
{
    (void)state;
    for (int language = CAO_ENGLISH; language <= CAO_CHINESE; language++) {
        char *text = cao_project_template((enum cao_language)language), want[400];
        const char *at = text;
        assert_non_null(text);
        for (size_t i = 0; cao_project_key(i); i++) {
            const struct cao_key *k = cao_project_key(i);
            const char *dot = strchr(k->name, '.'), *last = dot ? dot + 1 : k->name;
            if (strchr(k->name, '['))
                continue;
            const char *help = strstr(at, language == CAO_CHINESE ? k->help_zh : k->help);
            const char *optional = k->fallback ? "# " : "", *indent = dot ? "  " : "";
            const char *shown = k->fallback && k->fallback[0] ? k->fallback : "";
            snprintf(want, sizeof want, "\n%s%s%s:%s%s%s", indent, optional, last,
                     shown[0] ? " " : "", shown, k->fallback ? "\n" : "");
            const char *line = help ? strchr(help, '\n') : NULL;
            if (!line || strncmp(line, want, strlen(want)) != 0)
                fail_msg("%s: the template lacks '%s'", k->name, want);
            if (!isnan(k->min)) {
                snprintf(want, sizeof want, "%g", k->max);
                assert_true(strstr(help, want) && strstr(help, want) < line);
            }
            at = line;
        }
        free(text);
    }
}

/* --- profiles --- */

static enum cao_status load(const char *name, const char *dir, const char *set,
                            struct cao_profile *p, struct cao_error *err)
{
    return cao_profile_load(name, dir, "src/profiles", set, p, err);
}

static void installed_profiles_load_and_hold_their_standards(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum cao_basis basis;
        double intake;
        enum cao_confidence confidence;
    } want[] = {
        { "nyt635-2015", CAO_HAY, 1.8, CAO_VERIFIED },
        { "nyt635-2002", CAO_HAY, 1.8, CAO_VERIFIED },
        { "db63t2334-2024", CAO_HAY, 1.8, CAO_VERIFIED },
        { "db63t2298-2024", CAO_FRESH, 4, CAO_VERIFIED },
        { "lyt3320-2022", CAO_HAY, 1.8, CAO_UNSURE }, /* its text was not seen */
    };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct cao_error err = { 0 };
        struct cao_profile p;
        assert_ok(load(want[i].name, ".", "", &p, &err));
        assert_string_equal(p.name, want[i].name);
        assert_int_equal(p.intake_basis, want[i].basis);
        assert_true(p.intake_kg_day.value == want[i].intake);
        assert_int_equal(p.intake_kg_day.confidence, want[i].confidence);
        assert_string_equal(p.scheme.name, "xu_yang_2009");
        assert_int_equal(p.scheme.n, 5);
        /* the paper has equations for alpine meadow; swampy meadow takes them as a proposal */
        size_t type;
        assert_ok(cao_profile_type(&p, "alpine_meadow", &type, &err));
        assert_int_equal(p.types[type].models_confidence, CAO_VERIFIED);
        assert_ok(cao_profile_type(&p, "swampy_meadow", &type, &err));
        assert_int_equal(p.types[type].n_models, 2);
        assert_int_equal(p.types[type].models_confidence, CAO_UNSURE);
        cao_profile_release(&p);
    }
}

/* Yang Fan et al. 2018, 2019: heads of the Yellow River Source park and of Madoi in winter 2017, and the
 * sheep units that the papers print. Their blue sheep is somewhere from 0.6 to 1. */
static void counts_of_the_yellow_river_source_come_to_the_printed_totals(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_profile p;
    static const struct {
        const char *name;
        bool wild;
        double park, madoi;
    } heads[] = { { "牦牛", false, 53400, 70800 },  { "藏羊", false, 76800, 102200 },
                  { "马", false, 800, 1200 },       { "藏野驴", true, 12900, 17100 },
                  { "藏原羚", true, 12100, 16000 }, { "岩羊", true, 0, 9300 } };
    double park = 0, madoi = 0, wild = 0, domestic = 0;
    assert_ok(load("nyt635-2015", ".", "", &p, &err));
    for (size_t i = 0; i < 6; i++) {
        size_t k;
        if (heads[i].wild)
            assert_ok(cao_profile_wild(&p, heads[i].name, &k, &err));
        else
            assert_ok(cao_profile_species(&p, heads[i].name, &k, &err));
        double su = heads[i].wild ? p.wild[k].su.value : p.species[k].su.value;
        park += heads[i].park * su;
        madoi += heads[i].madoi * su;
        wild += heads[i].wild ? heads[i].park * su : 0;
        domestic += heads[i].wild ? 0 : heads[i].park * su;
    }
    assert_true(fabs(park - 353200) < 0.003 * 353200);
    assert_true(fabs(madoi - 475000) < 0.005 * 475000);
    assert_true(domestic / wild > 4.9 && domestic / wild < 5.2); /* 1 : 5 */
    cao_profile_release(&p);
}

static void tables_of_a_profile_hold_what_is_known(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_profile p;
    size_t k, i;
    assert_ok(load("nyt635-2015", ".", "", &p, &err));
    static const struct {
        const char *grade;
        double share;
    } grades[] = { { "未退化", 1 }, { "轻度退化", 0.8 }, { "moderate", 0.5 }, { "重度", 0 } };
    for (i = 0; i < 4; i++) {
        assert_ok(cao_profile_item(&p, &p.grades, "degradation", grades[i].grade, &k, &err));
        assert_true(p.grades.rows[k].value.value == grades[i].share);
    }
    static const double at[][2] = { { 0, 1 }, { 24.9, 1 }, { 25, 0.5 }, { 34.9, 0.5 }, { 35, 0 } };
    for (i = 0; i < 5; i++)
        assert_true(
            p.terrain[CAO_SLOPE].rows[cao_steps_at(&p.terrain[CAO_SLOPE], at[i][0])].value.value ==
            at[i][1]);
    assert_true(cao_steps_at(&p.terrain[CAO_ALTITUDE], 4000) == SIZE_MAX); /* not given */
    assert_ok(cao_profile_species(&p, "yak", &i, &err));
    assert_true(p.species[i].weights.rows[cao_steps_at(&p.species[i].weights, 320)].value.value ==
                4.5);
    assert_ok(cao_profile_item(&p, &p.species[i].ages, "age", "weaned", &k, &err));
    assert_true(p.species[i].ages.rows[k].value.value == 0.3);
    assert_int_equal(cao_profile_item(&p, &p.zones, "zone", "baned", &k, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "did you mean banned"));
    assert_non_null(strstr(err.text, "休牧"));
    assert_true(isnan(p.edible_drift[CAO_YEAR_DRY].value)); /* 2015 knows no year factor */
    cao_profile_release(&p);
    assert_ok(load("db63t2298-2024", ".", "", &p, &err));
    assert_true(p.edible_drift[CAO_YEAR_DRY].value == -0.075);
    assert_int_equal(p.species[0].ages.n, 0); /* unseen, so not there */
    assert_true(p.feeds.rows[0].value.value == 8);
    cao_profile_release(&p);
}

/* The worked pasture of the domain notes, with the coefficients as shipped. */
static void the_worked_pasture_comes_out_to_the_digit(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        double wildlife, capacity, rate;
        const char *name;
    } want[] = {
        { "huang2020_2015", 0, 100.58, 19.3, "light" },
        { "huang2020_2015", 0.15, 85.49, 40.4, "moderate" },
        { "huang2020_2016", 0, 87.68, 36.9, "moderate" },
    };
    for (size_t i = 0; i < 3; i++) {
        struct cao_error err = { 0 };
        struct cao_profile p;
        size_t type;
        float vi = 0.6f, fresh;
        assert_ok(load("nyt635-2015", ".", want[i].set, &p, &err));
        assert_ok(cao_profile_type(&p, "高寒草甸", &type, &err));
        assert_ok(cao_profile_complete(&p, type, CAO_YEAR_ROUND, &err));
        struct cao_forage_terms t = cao_forage_terms_of(&p, type, CAO_YEAR_ROUND);
        struct cao_yield_rule rule = { p.types[type].models, p.types[type].n_models,
                                       p.bare_below.value };
        cao_yield_fresh(&rule, &vi, &fresh, NULL, 1);
        double usable = cao_usable_kg_ha(&t, (double)fresh);
        struct cao_balance_input in =
            cao_balance_grass(usable * 200, want[i].wildlife, 120, 1, 0.8);
        struct cao_balance b = cao_balance_of(&t, &p.scheme, &in);
        assert_true(fabs(b.available_su - want[i].capacity) < 0.005);
        assert_true(fabs(b.overload_pct - want[i].rate) < 0.05);
        assert_string_equal(p.scheme.classes[b.class_index].name, want[i].name);
        if (i == 0) {
            assert_true(fabs((double)fresh - 2256.5) < 0.05);
            assert_true(fabs(cao_hay_kg_ha(&t, (double)fresh) - 705.16) < 0.01);
            assert_true(fabs(usable - 330.41) < 0.005);
            assert_true(fabs(cao_area_unit_ha(&t, usable) - 1.988) < 0.0005);
            assert_true(fabs(cao_time_unit_days(&t, usable, 200, 120) - 305.9) < 0.05);
        }
        cao_profile_release(&p);
    }
}

/* Printed totals that the coefficients as shipped must be able to say: natural grassland of Qinghai yielded
 * 22.89 to 23.20 Mt of hay (黄鑫等 2020) and was surveyed to feed 12.83 M sheep units (2009); 320.2943 Mt fed
 * 251.756 M nationally (2016 report), which is within the utilisation table; 30.20 M kept where 16.08 M are
 * fed is an overload of 87.8 %, a pressure of 1.88, "severe". */
static void published_totals_are_within_reach(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_profile p;
    assert_ok(load("nyt635-2015", ".", "", &p, &err));
    double least = HUGE_VAL, most = 0, low = 1, high = 0;
    static const char *const main_types[] = { "alpine_meadow", "alpine_steppe" };
    for (size_t i = 0; i < 2; i++) {
        size_t type;
        assert_ok(cao_profile_type(&p, main_types[i], &type, &err));
        struct cao_forage_terms t = cao_forage_terms_of(&p, type, CAO_YEAR_ROUND);
        double usable = cao_usable_kg_ha(&t, t.fresh_hay_ratio); /* of a kilogram of hay */
        double su = 1e9 * usable / (t.intake_kg_day * t.days);   /* of a million tonnes */
        least = fmin(least, 22.89 * su);
        most = fmax(most, 23.20 * su);
    }
    assert_true(least < 12.83e6 && 12.83e6 < most);
    for (size_t i = 0; i < p.n_types; i++) {
        double u = p.types[i].utilisation[CAO_YEAR_ROUND].value;
        low = fmin(low, u);
        high = fmax(high, u);
    }
    double national = p.intake_kg_day.value * 365 / (320.2943e9 / 251.756e6);
    assert_true(fabs(national - 0.516) < 0.001 && low < national && national < high);
    struct cao_forage_terms t = { .intake_kg_day = 1.8, .days = 365 };
    struct cao_balance_input in = cao_balance_grass(16.08e6 * 657, 0, 30.20e6, 1, 0.8);
    struct cao_balance b = cao_balance_of(&t, &p.scheme, &in);
    assert_true(fabs(b.overload_pct - 87.81) < 0.05 && fabs(b.pressure - 1.88) < 0.005);
    assert_string_equal(p.scheme.classes[b.class_index].name, "severe");
    /* Hainan prefecture, FAO table 8.5: every row is 730 kg a sheep unit and year without a use factor */
    static const double fao[][2] = { { 934, 0.78 }, { 594, 1.23 }, { 623, 1.17 }, { 345, 2.11 } };
    for (size_t i = 0; i < 4; i++)
        assert_true(fabs(fao[i][0] * fao[i][1] - 730) < 5);
    struct cao_forage_terms two = { .intake_kg_day = 2, .days = 365 };
    assert_true(fabs(cao_area_unit_ha(&two, 934) - 0.78) < 0.005);
    cao_profile_release(&p);
}

static void a_coefficient_that_is_not_given_is_asked_for_by_name(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_profile p;
    size_t type;
    assert_ok(load("db63t2298-2024", ".", "", &p, &err));
    assert_ok(cao_profile_type(&p, "alpine_meadow", &type, &err));
    assert_int_equal(cao_profile_complete(&p, type, CAO_YEAR_ROUND, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "types.alpine_meadow.edible_share"));
    assert_int_equal(cao_profile_type(&p, "alpine_medow", &type, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "did you mean alpine_meadow"));
    cao_profile_release(&p);
}

static void a_profile_of_ones_own_is_based_on_another(void **state)
{
    (void)state;
    static const char own[] =
        "format: 1\nname: 玛多县\nbased_on: nyt635-2015\nscheme: national_bi\n"
        "types:\n  alpine_meadow:\n    utilisation: {year-round: 0.45}\n"
        "species:\n  yak: 4.5\n";
    struct cao_error err = { 0 };
    struct cao_profile p;
    char path[CAO_PATH_MAX], *dir = test_folder("profile");
    size_t i;
    snprintf(path, sizeof path, "%s/county.yaml", dir);
    assert_ok(cao_file_write(path, own, sizeof own - 1, &err));
    assert_ok(load("county.yaml", dir, "", &p, &err));
    assert_string_equal(p.name, "玛多县");
    assert_ok(cao_profile_type(&p, "alpine_meadow", &i, &err));
    assert_true(p.types[i].utilisation[CAO_YEAR_ROUND].value == 0.45);
    assert_non_null(strstr(p.types[i].utilisation[CAO_YEAR_ROUND].source, "county.yaml"));
    assert_true(p.types[i].utilisation[CAO_WARM].value == 0.6); /* the base's */
    assert_true(p.types[i].fresh_hay_ratio.value == 3.2);
    assert_ok(cao_profile_species(&p, "牦牛", &i, &err));
    assert_true(p.species[i].su.value == 4.5);
    assert_string_equal(p.scheme.name, "national_bi");
    cao_profile_release(&p);
    free(dir);
}

static void a_wrong_profile_is_named_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "format: 2\nname: x\n", "format: 2 is newer than this program reads (1)" },
        { "name: x\n", "'format: 1' is missing" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\ntypes:\n  alpine_meadow: {utilisation: "
          "{year-round: 1.4}}\n",
          "w.yaml:5: year-round: 1.4 is not allowed" },
        { "format: 1\nbased_on: nyt635-2015\nintake: {kg_day: 1.6}\n", "name is missing" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\nintake: {basis: fresh}\n", "no kg_day" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\ndays: {warm: 0}\n", "1 to 366" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\nspecies: {goat: {aliases: [牦牛]}}\n",
          "'牦牛' stands for both" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\ntypes: {alpine_steppe: {zh: 高寒草甸}}\n",
          "'高寒草甸' stands for both" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\nschemes: {s: {classes: [{name: a, below: 0}, "
          "{name: b, color: '#ffffff'}]}}\n",
          "lacks its color" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\nspecies: {yak: {sus: 4}}\n",
          "did you mean su" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\nterrain: {slope: [{below: 30, share: 1}, "
          "{below: 20, share: 0}]}\n",
          "each row has its share and, but for the last, 'below'" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\nterrain: {slop: [{share: 1}]}\n",
          "did you mean slope" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\nzones: {banned: {usable: 2}}\n", "0 to 1" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\nzones: {own: {zh: 禁牧, usable: 0}}\n",
          "'禁牧' stands for both" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\nwildlife: {kiang: {weights: []}}\n",
          "unknown key" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\nseason_begins: {warm: '13-01'}\n",
          "MM-DD is wanted" },
        { "format: 1\nname: x\nbased_on: w\n", "is not known" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\nscheme: nope\n",
          "'nope' is not among schemes" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\nyield: {models: {Z: {form: quadratic, a: 1, "
          "b: -1, c: 2, x_min: 0}}}\n",
          "vertex 0.250" },
        { "format: 1\nname: x\nbased_on: nyt635-2015\nyield: {sets: {s: {alpine_meadow: "
          "{confidence: "
          "U}}}}\n",
          "lacks its equations" },
        { "format: 1\nname: x\n", "is missing" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cao_error err = { 0 };
        struct cao_profile p;
        char path[CAO_PATH_MAX], *dir = test_folder("wrong");
        snprintf(path, sizeof path, "%s/w.yaml", dir);
        assert_ok(cao_file_write(path, cases[i].text, strlen(cases[i].text), &err));
        assert_int_equal(load("w.yaml", dir, "", &p, &err), CAO_EARG);
        if (!strstr(err.text, cases[i].want))
            fail_msg("'%s' lacks '%s'", err.text, cases[i].want);
        free(dir);
    }
    struct cao_error err = { 0 };
    struct cao_profile p;
    assert_int_equal(load("nyt635-2051", ".", "", &p, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "nyt635-2015"));
    assert_int_equal(load("nyt635-2015", ".", "nope", &p, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "huang2020_mean"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_project_takes_the_defaults),
        cmocka_unit_test(every_key_is_taken),
        cmocka_unit_test(what_is_wrong_is_named_with_its_line),
        cmocka_unit_test(wrong_periods_and_missing_keys_are_named),
        cmocka_unit_test(the_template_is_a_project_and_shows_every_key),
        cmocka_unit_test(the_template_shows_the_defaults_of_the_table),
        cmocka_unit_test(installed_profiles_load_and_hold_their_standards),
        cmocka_unit_test(counts_of_the_yellow_river_source_come_to_the_printed_totals),
        cmocka_unit_test(tables_of_a_profile_hold_what_is_known),
        cmocka_unit_test(the_worked_pasture_comes_out_to_the_digit),
        cmocka_unit_test(published_totals_are_within_reach),
        cmocka_unit_test(a_coefficient_that_is_not_given_is_asked_for_by_name),
        cmocka_unit_test(a_profile_of_ones_own_is_based_on_another),
        cmocka_unit_test(a_wrong_profile_is_named_with_its_line),
    };
    return cmocka_run_group_tests_name("project", tests, NULL, NULL) != 0;
}
