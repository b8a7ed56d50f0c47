/* SPDX-License-Identifier: MIT
 * The whole text of a profile, read again, is the profile; and it says where each value stands. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/profile_file.h"

static void same_number(const struct cao_coefficient *a, const struct cao_coefficient *b)
{
    assert_true(a->value == b->value || (isnan(a->value) && isnan(b->value)));
    assert_true(a->low == b->low && a->high == b->high);
    assert_int_equal(a->confidence, b->confidence);
    if (!isnan(a->value) && !strstr(a->source, "without source"))
        assert_string_equal(a->source, b->source);
}

static void same_items(const struct cao_items *a, const struct cao_items *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        assert_string_equal(a->rows[i].name, b->rows[i].name);
        assert_string_equal(a->rows[i].zh, b->rows[i].zh);
        assert_int_equal(a->rows[i].n_aliases, b->rows[i].n_aliases);
        same_number(&a->rows[i].value, &b->rows[i].value);
        same_number(&a->rows[i].use, &b->rows[i].use);
    }
}

static void same_steps(const struct cao_steps *a, const struct cao_steps *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        assert_true(a->rows[i].below == b->rows[i].below);
        same_number(&a->rows[i].value, &b->rows[i].value);
    }
}

static void same_species(const struct cao_species *a, const struct cao_species *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(a[i].name, b[i].name);
        assert_string_equal(a[i].zh, b[i].zh);
        assert_int_equal(a[i].n_aliases, b[i].n_aliases);
        for (size_t k = 0; k < a[i].n_aliases; k++)
            assert_string_equal(a[i].aliases[k], b[i].aliases[k]);
        same_number(&a[i].su, &b[i].su);
        same_items(&a[i].ages, &b[i].ages);
        same_steps(&a[i].weights, &b[i].weights);
    }
}

static void same_type(const struct cao_grass_type *a, const struct cao_grass_type *b)
{
    const struct cao_coefficient *x[] = { &a->fresh_hay_ratio, &a->edible_share, &a->regrowth,
                                          &a->hay_coefficient, &a->fvc_soil,     &a->fvc_full };
    const struct cao_coefficient *y[] = { &b->fresh_hay_ratio, &b->edible_share, &b->regrowth,
                                          &b->hay_coefficient, &b->fvc_soil,     &b->fvc_full };
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->zh, b->zh);
    for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)
        same_number(x[i], y[i]);
    for (int s = 0; s < CAO_N_SEASONS; s++)
        same_number(&a->utilisation[s], &b->utilisation[s]);
    assert_int_equal(a->n_models, b->n_models);
    assert_string_equal(a->index, b->index);
    for (size_t k = 0; k < a->n_models; k++) {
        const struct cao_yield_model *m = &a->models[k], *n = &b->models[k];
        assert_string_equal(m->id, n->id);
        assert_true(m->form == n->form && m->a == n->a && m->b == n->b && m->c == n->c &&
                    m->x_min == n->x_min && m->x_max == n->x_max && m->year == n->year &&
                    m->n == n->n && m->relative_error == n->relative_error);
    }
}

static void same(const struct cao_profile *a, const struct cao_profile *b)
{
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->title, b->title);
    assert_string_equal(a->yield_set, b->yield_set);
    assert_string_equal(a->yield_index, b->yield_index);
    assert_int_equal(a->intake_basis, b->intake_basis);
    same_number(&a->intake_kg_day, &b->intake_kg_day);
    same_number(&a->wildlife_share, &b->wildlife_share);
    same_number(&a->bare_below, &b->bare_below);
    same_number(&a->min_valid_share, &b->min_valid_share);
    for (int s = 0; s < CAO_N_SEASONS; s++) {
        same_number(&a->days[s], &b->days[s]);
        same_number(&a->retention[s], &b->retention[s]);
        assert_int_equal(a->season_begins[s], b->season_begins[s]);
    }
    for (int y = 0; y < CAO_N_YEARS; y++)
        same_number(&a->edible_drift[y], &b->edible_drift[y]);
    assert_int_equal(a->n_types, b->n_types);
    for (size_t i = 0; i < a->n_types; i++)
        same_type(&a->types[i], &b->types[i]);
    assert_int_equal(a->n_species, b->n_species);
    same_species(a->species, b->species, a->n_species);
    assert_int_equal(a->n_wild, b->n_wild);
    same_species(a->wild, b->wild, a->n_wild);
    same_items(&a->grades, &b->grades);
    same_items(&a->zones, &b->zones);
    same_items(&a->feeds, &b->feeds);
    for (int t = 0; t < CAO_N_TERRAIN; t++)
        same_steps(&a->terrain[t], &b->terrain[t]);
    same_number(&a->uncertainty.herd_error, &b->uncertainty.herd_error);
    same_number(&a->uncertainty.wild_error, &b->uncertainty.wild_error);
    same_number(&a->uncertainty.block_ha, &b->uncertainty.block_ha);
    assert_string_equal(a->scheme.name, b->scheme.name);
    assert_int_equal(a->scheme.n, b->scheme.n);
    for (size_t i = 0; i < a->scheme.n; i++) {
        assert_string_equal(a->scheme.classes[i].zh, b->scheme.classes[i].zh);
        assert_true(a->scheme.classes[i].below_pct == b->scheme.classes[i].below_pct);
    }
}

/* The text of @p name read again is the same; returns it. */
static char *again(const char *dir, const char *name, const char *base_dir)
{
    struct cao_error err = { 0 };
    struct cao_profile own, whole;
    char path[CAO_PATH_MAX], *text;
    size_t n;
    snprintf(path, sizeof path, "%s/whole.yaml", dir);
    assert_ok(cao_profile_resolved(name, base_dir, "src/profiles", &text, &n, &err));
    assert_null(strstr(text, "\nbased_on"));
    assert_ok(cao_file_write(path, text, n, &err));
    assert_ok(cao_profile_load(name, base_dir, "src/profiles", "", &own, &err));
    assert_ok(cao_profile_load(path, ".", "/nowhere", "", &whole, &err));
    same(&own, &whole);
    cao_profile_release(&own);
    cao_profile_release(&whole);
    return text;
}

static void each_installed_profile_is_told_whole(void **state)
{
    (void)state;
    char *dir = test_folder("show");
    static const char *const names[] = { "nyt635-2015", "nyt635-2002", "db63t2298-2024",
                                         "db63t2334-2024", "lyt3320-2022" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        free(again(dir, names[i], "."));
    char *text = again(dir, "db63t2334-2024", ".");
    assert_non_null(strstr(text, "confidence: V}  # db63t2334-2024.yaml:10\n"));
    assert_non_null(strstr(text, "  warm: {value: 150, unit: d, source: \"June to October"));
    assert_non_null(strstr(text, "# nyt635-2015.yaml:13\n"));
    free(text);
    free(dir);
}

static void what_a_county_says_goes_over_its_base(void **state)
{
    (void)state;
    static const char own[] =
        "format: 1\nname: county\nbased_on: nyt635-2015\ndays: {warm: 140}\n"
        "types:\n  alpine_meadow: {utilisation: {cold: {value: 0.5, source: \"a \\\"rule\\\": "
        "ours\"}}}\n"
        "species:\n  yak: {su: 4.4, ages: {weaned: {share: 0.35}}}\n  dog: {zh: 犬, su: 0.5}\n"
        "terrain: {altitude: [{below: 4800, share: 1}, {share: 0.5}]}\n"
        "yield: {default_set: ours, models: {M1: {form: linear, a: 1, b: 2000, x_min: 0, x_max: "
        "1}},"
        " sets: {ours: {all: [M1]}}}\n";
    char *dir = test_folder("county"), path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/county.yaml", dir);
    assert_ok(cao_file_write(path, own, sizeof own - 1, &err));
    char *text = again(dir, path, ".");
    assert_non_null(strstr(text, "su: 4.4  # county.yaml:8\n"));
    assert_non_null(strstr(text, "warm: 140  # county.yaml:4\n"));
    assert_non_null(strstr(text, "# nyt635-2015.yaml:14\n")); /* the cold days are the base's */
    free(text);
    free(dir);
}

static void what_leads_nowhere_is_named(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    char *text = NULL;
    size_t n;
    assert_int_equal(cao_profile_resolved("nyt", ".", "src/profiles", &text, &n, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "profile 'nyt' is not known; there are: "));
    assert_null(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_installed_profile_is_told_whole),
        cmocka_unit_test(what_a_county_says_goes_over_its_base),
        cmocka_unit_test(what_leads_nowhere_is_named),
    };
    return cmocka_run_group_tests_name("profile_show", tests, NULL, NULL);
}
