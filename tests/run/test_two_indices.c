/* SPDX-License-Identifier: MIT
 * Grassland types whose equations are in different indices: each by its own, cell by cell from the maps,
 * whose indices are stored in steps of 0.0001. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"

static char *dir;

static float *map_of(const char *folder, const char *name, const char *tile, size_t *n)
{
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s/peak-2024/tiles/%s/%s.tif", dir, folder, tile, name);
    return cao_file_stat(path, NULL, NULL) ? test_map(path, n) : NULL;
}

static int set_up(void **state)
{
    const char *b = getenv("CAO_BUILD");
    if (test_gdal_set_up(state))
        return -1;
    dir = test_folder("two");
    test_shell(
        "%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null && cd '%s' && "
        "sed -i -e 's/tile: 512/tile: 256/' -e 's/^indices: .*/indices: [NDVI]/' park.yaml && "
        "printf 'format: 1\\nname: own\\nindex: EVI\\nmodels:\\n"
        "  E1: {form: linear, a: 40, b: 3000, x_min: -1, x_max: 1, rmse_kg_ha: 300, n: 40, "
        "source: by hand, confidence: U}\\ntypes: {alpine_meadow: [E1]}\\n' >evi.yaml && "
        "(sed 's/folder: results/folder: both/' park.yaml; echo 'yield_models: evi.yaml') "
        ">both.yaml",
        b ? b : "build/release", dir, dir);
    return 0;
}

static int tear_down(void **state)
{
    free(dir);
    return test_gdal_tear_down(state);
}

static void each_type_yields_by_its_own_index(void **state)
{
    (void)state;
    static const char *const tiles[] = { "r000c000", "r000c001", "r001c000", "r001c001" };
    size_t by_evi = 0, as_before = 0, bare = 0;
    assert_int_equal(test_wait(test_start(dir, "run -q park.yaml")), 0);
    assert_int_equal(test_wait(test_start(dir, "run -q both.yaml")), 0);
    for (size_t t = 0; t < sizeof tiles / sizeof tiles[0]; t++) {
        size_t n = 0;
        float *evi = map_of("both", "evi", tiles[t], &n), *was, *now, *ndvi;
        if (!evi)
            continue;
        was = map_of("results", "yield_fresh", tiles[t], &n);
        now = map_of("both", "yield_fresh", tiles[t], &n);
        ndvi = map_of("both", "ndvi", tiles[t], &n);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(isnan(was[i]), isnan(now[i]));
            if (isnan(now[i]))
                continue;
            double y = ndvi[i] < 1000 ? 0 : fmax(40 + 0.3 * (double)evi[i], 0);
            if (now[i] == was[i]) /* another type, or bare either way */
                as_before++;
            else if (fabs(y - (double)now[i]) <= 0.51) {
                by_evi++;
                bare += y == 0;
            } else {
                fail_msg("cell %zu of %s: %g, neither %g nor %g", i, tiles[t], (double)now[i],
                         (double)was[i], y);
            }
        }
        free(evi);
        free(was);
        free(now);
        free(ndvi);
    }
    assert_true(by_evi > 1000 && as_before > 1000);
    assert_int_equal(bare, 0); /* bare ground bears nothing by either */
}

/* The index that no one listed is made, and said where the numbers come from. */
static void the_explanation_names_the_index_of_each(void **state)
{
    (void)state;
    test_shell(
        "cd '%s' && /usr/bin/python3 -c \"\n"
        "import csv\n"
        "rows = list(csv.DictReader(open('both/pastures.csv', encoding='utf-8-sig')))\n"
        "assert 'evi_mean' in rows[0] or any(k.startswith('evi') for k in rows[0]), rows[0]\n"
        "for t in ('alpine_meadow', 'alpine_steppe'):\n"
        "    r = [r for r in rows if r['grass_type'] == t and r['yield_fresh_kg_ha']]\n"
        "    open(t, 'w').write(r[0]['pasture_id'])\n\"",
        dir);
    static const char *const types[] = { "alpine_meadow", "alpine_steppe" };
    for (int i = 0; i < 2; i++) {
        char path[CAO_PATH_MAX], words[100], *id;
        size_t n;
        struct cao_error err = { 0 };
        snprintf(path, sizeof path, "%s/%s", dir, types[i]);
        assert_ok(cao_file_read(path, 100, &id, &n, &err));
        snprintf(words, sizeof words, "explain both --id %s", id);
        assert_int_equal(test_wait(test_start(dir, words)), 0);
        assert_true(test_file_says(dir, "out.txt", i == 0 ? "EVI" : "NDVI"));
        assert_int_equal(test_file_says(dir, "out.txt", "E1: "), i == 0);
        free(id);
    }
}

static void what_does_not_go_together_is_named(void **state)
{
    (void)state;
    test_shell("cd '%s' && sed 's/\\[E1\\]/[E1, Q5]/' evi.yaml >mixed.yaml && sed "
               "'s/evi.yaml/mixed.yaml/' both.yaml >m.yaml",
               dir);
    assert_int_equal(test_wait(test_start(dir, "run -q m.yaml")), 2);
    assert_true(test_file_says(dir, "err.txt", "one grassland type must be in one index"));
    test_shell("cd '%s' && (cat both.yaml; echo 'smoothing: {method: whittaker, yield: true}') "
               ">s.yaml",
               dir);
    assert_int_equal(test_wait(test_start(dir, "run -q s.yaml")), 2);
    assert_true(test_file_says(dir, "err.txt", "one index is smoothed"));
    test_shell("cd '%s' && sed 's/index: EVI/index: EVIX/' evi.yaml >x.yaml && sed "
               "'s/evi.yaml/x.yaml/' both.yaml >m.yaml",
               dir);
    assert_int_equal(test_wait(test_start(dir, "run -q m.yaml")), 2);
    assert_true(test_file_says(dir, "err.txt", "the yield equations stand on EVIX"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_yields_by_its_own_index),
        cmocka_unit_test(the_explanation_names_the_index_of_each),
        cmocka_unit_test(what_does_not_go_together_is_named),
    };
    return cmocka_run_group_tests_name("two_indices", tests, set_up, tear_down);
}
