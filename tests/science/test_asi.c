/* SPDX-License-Identifier: MIT
 * A second opinion: the formulas of awesome-spectral-indices, read as expressions and compared with our
 * kernels. Where the two differ, the table says who is followed and why. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "support/support.h"

#include "caochu/expression.h"
#include "caochu/text.h"

enum { RANDOM = 2000, MOST_CONSTANTS = 8 };

struct set {
    const char *name;
    double value;
};

/* differs NULL: the same everywhere. formula: instead of the catalogue's, whose names are no bands. */
static const struct opinion {
    const char *ours, *theirs;
    struct set set[3];
    const char *formula, *differs;
} opinions[] = {
    { "NDVI", "NDVI", { { 0 } }, NULL, NULL },
    { "EVI", "EVI", { { 0 } }, NULL, NULL },
    { "EVI2", "EVI2", { { 0 } }, NULL, NULL },
    { "SAVI", "SAVI", { { "L", 0.5 } }, NULL, NULL },
    { "SAVI", "SAVI", { { 0 } }, NULL, "its L is that of EVI, 1; Huete 1988 has 0.5" },
    { "MSAVI2", "MSAVI", { { 0 } }, NULL, NULL },
    { "OSAVI", "OSAVI", { { 0 } }, NULL, NULL },
    { "GNDVI", "GNDVI", { { 0 } }, NULL, NULL },
    { "NDRE", "NDREI", { { 0 } }, NULL, NULL },
    { "NDRE1", "RENDVI", { { 0 } }, NULL, NULL },
    { "NDRE", "RENDVI", { { 0 } }, NULL, "other bands: the name alone does not tell them" },
    { "kNDVI",
      "kNDVI",
      { { 0 } },
      "(1-exp(-(N-R)^2/(2*(0.5*(N+R))^2)))/(1+exp(-(N-R)^2/(2*(0.5*(N+R))^2)))",
      NULL },
    { "NIRv", "NIRv", { { 0 } }, NULL, NULL },
    { "NDWI", "NDWI", { { 0 } }, NULL, NULL },
    { "MNDWI", "MNDWI", { { 0 } }, NULL, NULL },
    { "NDSI", "NDSI", { { 0 } }, NULL, NULL },
    { "NDMI", "NDMI", { { 0 } }, NULL, NULL },
    { "LSWI", "LSWI", { { 0 } }, NULL, NULL },
    { "NDII", "NDII", { { 0 } }, NULL, NULL },
    { "BSI", "BI", { { 0 } }, NULL, NULL }, /* it has no key BSI */
    { "NBR", "NBR", { { 0 } }, NULL, NULL },
    { "ARVI",
      "ARVI",
      { { 0 } },
      NULL,
      "the sign of the blue term: Kaufman & Tanre 1992 have R - gamma (B - R)" },
    { "ARVI", "ARVI", { { "gamma", -1 } }, NULL, NULL },
    { "VARI", "VARI", { { 0 } }, NULL, NULL },
    { "TCARI", "TCARI", { { 0 } }, NULL, NULL },
    { "TCARI/OSAVI", "TCARIOSAVI", { { 0 } }, NULL, NULL },
    { "CIG", "CIG", { { 0 } }, NULL, NULL },
    { "CIRE", "CIRE", { { 0 } }, NULL, NULL },
    { "MTCI", "MTCI", { { 0 } }, NULL, NULL },
    { "S2REP", "S2REP", { { 0 } }, NULL, NULL },
    { "RVI", "SR", { { 0 } }, NULL, NULL },
    { "RVI", "RVI", { { 0 } }, NULL, "it has RE2/R under that name; Jordan 1969 has N/R" },
    { "DVI", "DVI", { { 0 } }, NULL, NULL },
    { "RDVI", "RDVI", { { 0 } }, NULL, NULL },
    { "NDPI", "NDPI", { { "alpha", 0.74 } }, NULL, NULL },
    { "NDPI", "NDPI", { { 0 } }, NULL, "its alpha is that of WDRVI, 0.1; Wang et al. 2017: 0.74" },
    { "PSRI", "PSRI", { { 0 } }, NULL, NULL },
    { "NDTI", "NBR2", { { 0 } }, NULL, NULL },
    { "NDTI", "NDTI", { { 0 } }, NULL, "it is turbidity there, (R-G)/(R+G); ours is tillage" },
    { "NDGI", "NDGI", { { "lambdaN", 860 }, { "lambdaR", 665 }, { "lambdaG", 560 } }, NULL, NULL },
    { "DBSI", "DBSI", { { 0 } }, NULL, NULL },
    { "SWI", "SWI", { { 0 } }, NULL, NULL },
    { "S3", "S3", { { 0 } }, NULL, NULL },
    { "AWEInsh",
      "AWEInsh",
      { { 0 } },
      NULL,
      "the sign of S2: Feyisa et al. 2014 have - (0.25 N + 2.75 S2)" },
    { "AWEIsh", "AWEIsh", { { 0 } }, NULL, NULL },
};
/* Not there: the tasselled cap. */
static const char *const ours_alone[] = { "TCB", "TCG", "TCW" };

static json_object *read_json(const char *name)
{
    char item[200];
    snprintf(item, sizeof item, "spectral_indices_formulas/%s", name);
    json_object *o = json_object_from_file(test_data(item));
    assert_non_null(o);
    return o;
}

static json_object *child(json_object *o, const char *key)
{
    json_object *found = NULL;
    json_object_object_get_ex(o, key, &found);
    return found;
}

/* The names of a formula that are constants, with the catalogue's defaults or the row's own. */
static size_t constants_of(json_object *entry, json_object *defaults, const struct opinion *row,
                           struct cao_constant *out)
{
    json_object *names = child(entry, "bands");
    size_t n = 0;
    for (size_t i = 0; i < json_object_array_length(names); i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(names, i));
        json_object *one = child(defaults, name);
        enum cao_band b;
        double value = one ? json_object_get_double(child(one, "default")) : 0;
        bool known = one && child(one, "default");
        for (int k = 0; row && k < 3; k++)
            if (row->set[k].name && strcmp(row->set[k].name, name) == 0) {
                value = row->set[k].value;
                known = true;
            }
        if (!cao_band_find(name, &b) && known && n < MOST_CONSTANTS)
            out[n++] = (struct cao_constant){ name, value };
    }
    return n;
}

static void fill(float store[CAO_N_BANDS][RANDOM])
{
    static const struct {
        enum cao_band band;
        float value;
    } meadow[] = { { CAO_BAND_B, .04f },   { CAO_BAND_G, .08f },   { CAO_BAND_R, .06f },
                   { CAO_BAND_RE1, .12f }, { CAO_BAND_RE2, .25f }, { CAO_BAND_RE3, .30f },
                   { CAO_BAND_N, .35f },   { CAO_BAND_S1, .20f },  { CAO_BAND_S2, .10f } };
    unsigned seed = 11;
    for (int i = 0; i < RANDOM; i++)
        for (int b = 0; b < CAO_N_BANDS; b++) {
            seed = seed * 1664525u + 1013904223u;
            store[b][i] = 0.01f + (float)(seed >> 8) * (0.6f / 16777216.0f);
        }
    for (size_t k = 0; k < sizeof meadow / sizeof meadow[0]; k++)
        store[meadow[k].band][0] = meadow[k].value;
}

static bool same(float a, float b)
{
    return isnan(a) ? isnan(b) : fabs((double)a - (double)b) <= 3e-5 * fmax(1, fabs((double)a));
}

static void the_catalogue_agrees_or_is_decided_upon(void **state)
{
    (void)state;
    NEED_DATA("spectral_indices_formulas");
    static float store[CAO_N_BANDS][RANDOM];
    const float *band[CAO_N_BANDS];
    json_object *root = read_json("spectral-indices-dict.json"),
                *defaults = read_json("constants.json");
    json_object *all = child(root, "SpectralIndices");
    fill(store);
    for (int b = 0; b < CAO_N_BANDS; b++)
        band[b] = store[b];
    for (size_t r = 0; r < sizeof opinions / sizeof opinions[0]; r++) {
        const struct opinion *row = &opinions[r];
        struct cao_constant constants[MOST_CONSTANTS];
        struct cao_program program;
        struct cao_error err = { 0 };
        const struct cao_index *ours;
        float mine[RANDOM], theirs[RANDOM];
        int apart = 0;
        json_object *entry = child(all ? all : root, row->theirs);
        if (!entry)
            fail_msg("%s is not in the catalogue", row->theirs);
        const char *formula =
            row->formula ? row->formula : json_object_get_string(child(entry, "formula"));
        size_t n = row->formula ? 0 : constants_of(entry, defaults, row, constants);
        if (cao_expression_compile(formula, constants, n, &program, &err))
            fail_msg("%s: %s: %s", row->theirs, formula, err.text);
        assert_ok(cao_index_find(row->ours, &ours, &err));
        struct cao_index ix = {
            .min = ours->min, .max = ours->max, .compute = cao_program_compute, .program = &program
        };
        cao_index_compute(ours, band, mine, RANDOM);
        cao_index_compute(&ix, band, theirs, RANDOM);
        for (int i = 0; i < RANDOM; i++)
            apart += !same(mine[i], theirs[i]);
        if (row->differs && same(mine[0], theirs[0]))
            fail_msg("%s and %s do not differ any more: %s", row->ours, row->theirs, row->differs);
        /* where a denominator is near 0 the two ways to write it round apart */
        if (!row->differs && (!same(mine[0], theirs[0]) || apart > RANDOM / 200))
            fail_msg("%s = %g, %s = %g, %d of %d apart: %s", row->ours, (double)mine[0],
                     row->theirs, (double)theirs[0], apart, RANDOM, formula);
        if (row->differs)
            printf("      %s %.6f, there %.6f: %s\n", row->ours, (double)mine[0], (double)theirs[0],
                   row->differs);
    }
    json_object_put(defaults);
    json_object_put(root);
}

static void every_index_of_ours_has_an_opinion(void **state)
{
    (void)state;
    size_t n;
    const struct cao_index *all = cao_index_all(&n);
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t k = 0; k < sizeof opinions / sizeof opinions[0]; k++)
            found = found || (strcmp(opinions[k].ours, all[i].name) == 0 && !opinions[k].differs);
        for (size_t k = 0; k < sizeof ours_alone / sizeof ours_alone[0]; k++)
            found = found || strcmp(ours_alone[k], all[i].name) == 0;
        if (!found && strcmp(all[i].name, "AWEInsh") != 0)
            fail_msg("%s is compared with nothing", all[i].name);
    }
}

/* All formulas of bands that satellites have are read, but for those with constants without a default. */
static void every_formula_of_the_catalogue_is_read(void **state)
{
    (void)state;
    NEED_DATA("spectral_indices_formulas");
    json_object *root = read_json("spectral-indices-dict.json"),
                *defaults = read_json("constants.json");
    json_object *all = child(root, "SpectralIndices");
    int n_read = 0, n_foreign = 0, n_units = 0;
    json_object_object_foreach(all ? all : root, key, entry)
    {
        struct cao_constant constants[MOST_CONSTANTS];
        struct cao_program program;
        struct cao_error err = { 0 };
        size_t n = constants_of(entry, defaults, NULL, constants);
        const char *formula = json_object_get_string(child(entry, "formula"));
        if (cao_expression_compile(formula, constants, n, &program, &err) == CAO_OK)
            n_read++;
        else if (strstr(err.text, "' is no band, constant, function or index"))
            n_foreign++; /* radar, kernels, thermal 'T', wavelengths */
        else if (strstr(err.text, "different units"))
            n_units++; /* kelvins minus reflectance, such as B - T1 */
        else
            fail_msg("%s: %s: %s", key, formula, err.text);
    }
    printf("      %d formulas read, %d have names that are no bands here, %d mix units\n", n_read,
           n_foreign, n_units);
    assert_true(n_read >= 230);
    json_object_put(defaults);
    json_object_put(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_catalogue_agrees_or_is_decided_upon),
        cmocka_unit_test(every_index_of_ours_has_an_opinion),
        cmocka_unit_test(every_formula_of_the_catalogue_is_read),
    };
    return cmocka_run_group_tests_name("catalogue of indices", tests, NULL, NULL) != 0;
}
