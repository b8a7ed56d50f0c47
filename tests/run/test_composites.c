/* SPDX-License-Identifier: MIT
 * Every composite through the whole line: against the looks themselves, each run as a period of its own,
 * and the same bytes for any workers, memory and order of scenes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/composite.h"
#include "caochu/file.h"

enum { LOOKS = 5 };
static const char *const dates[LOOKS] = { "2024-07-18", "2024-07-28", "2024-08-12", "2024-08-17",
                                          "2024-08-22" };
static const int days_of_year[LOOKS] = { 200, 210, 225, 230, 235 }; /* of a leap year */

static char *dir;

static int set_up(void **state)
{
    const char *b = getenv("CAO_BUILD");
    dir = test_folder("composites");
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --dates 5 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    test_shell("cd '%s' && sed -i 's/tile: 512/tile: 256/; s/^indices:.*/indices: [NDVI, DVI]/; "
               "s/^output:/output:\\n  float32: true\\n  info: true/' park.yaml",
               dir);
    return test_gdal_set_up(state);
}

static int tear_down(void **state)
{
    free(dir);
    return test_gdal_tear_down(state);
}

static void run(const char *words, int code)
{
    int got = test_wait(test_start(dir, words));
    if (got != code)
        fail_msg("%s: exit code %d", words, got);
}

static void choose(const char *composite)
{
    test_shell("cd '%s' && sed -i 's/^composite:.*/composite: %s/' park.yaml && rm -rf results",
               dir, composite);
}

/* A product's map, free() it; NULL where there is none. */
static float *map_of(const char *period, const char *product, size_t *n)
{
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/results/%s/%s.vrt", dir, period, product);
    return cao_file_stat(path, NULL, NULL) ? test_map(path, n) : NULL;
}

struct look_maps {
    float *ndvi[LOOKS], *dvi[LOOKS];
    size_t n;
};

/* The looks as periods of a day each. */
static void read_looks(struct look_maps *m)
{
    size_t n;
    test_shell("cd '%s' && cp park.yaml kept.yaml && sed -i '/name: peak-2024/d' park.yaml", dir);
    for (int k = 0; k < LOOKS; k++)
        test_shell(
            "cd '%s' && sed -i 's/^composite:/  - {name: d%d, from: %s, to: %s}\\ncomposite:/' "
            "park.yaml",
            dir, k, dates[k], dates[k]);
    run("run park.yaml -q -j 2", 0);
    for (int k = 0; k < LOOKS; k++) {
        char period[8];
        snprintf(period, sizeof period, "d%d", k);
        assert_non_null(m->ndvi[k] = map_of(period, "ndvi", &n));
        assert_non_null(m->dvi[k] = map_of(period, "dvi", &n));
        assert_true(k == 0 || n == m->n);
        m->n = n;
    }
    test_shell("cd '%s' && mv kept.yaml park.yaml", dir);
}

/* Which look the composite must choose for the cell; -1: none. */
static int look_of(const char *composite, const struct look_maps *m, size_t i)
{
    int best = -1;
    for (int k = 0; k < LOOKS; k++) {
        if (isnan(m->ndvi[k][i]))
            continue;
        bool first = strcmp(composite, "first") == 0, latest = strcmp(composite, "latest") == 0;
        bool nearer = best < 0 || abs(days_of_year[k] - 217) < abs(days_of_year[best] - 217);
        bool higher = best < 0 || m->ndvi[k][i] > m->ndvi[best][i];
        bool takes = first                           ? best < 0
                     : latest                        ? true
                     : strcmp(composite, "bap") == 0 ? nearer
                                                     : higher;
        best = takes ? k : best;
    }
    return best;
}

static void the_chosen_look_is_the_right_one(void **state)
{
    (void)state;
    static const char *const names[] = { "max-ndvi", "first", "latest", "bap" };
    struct look_maps m = { 0 };
    choose("max-ndvi");
    read_looks(&m);
    test_shell("cd '%s' && cp park.yaml kept.yaml && sed -i 's/^output:/bap: {cloud_weight: 0, "
               "haze_weight: 0}\\noutput:/' park.yaml",
               dir);
    for (size_t c = 0; c < sizeof names / sizeof names[0]; c++) {
        choose(names[c]);
        run("run park.yaml -q -j 2", 0);
        size_t n, seen = 0;
        static const char *const layers[] = { "ndvi",    "day",     "days_to_target", "sensor",
                                              "n_clear", "n_looks", "masked_share" };
        float *v[7];
        for (int k = 0; k < 7; k++)
            assert_non_null(v[k] = map_of("peak-2024", layers[k], &n));
        assert_int_equal(n, m.n);
        for (size_t i = 0; i < n; i++) {
            int want = look_of(names[c], &m, i);
            float clear = 0;
            for (int k = 0; k < LOOKS; k++)
                clear += isnan(m.ndvi[k][i]) ? 0.0f : 1.0f;
            assert_true(want < 0 ? isnan(v[0][i]) : v[0][i] == m.ndvi[want][i]);
            assert_true(want < 0 ? isnan(v[1][i]) : v[1][i] == (float)days_of_year[want]);
            assert_true(want < 0 ? isnan(v[2][i]) : v[2][i] == (float)(days_of_year[want] - 217));
            assert_true(want < 0 ? isnan(v[3][i])
                                 : v[3][i] == (want == 0 || want == 1 || want == 3 ? 1 : 2));
            if (isnan(v[4][i])) /* a tile without pastures */
                continue;
            seen += clear > 0;
            assert_true(v[4][i] == clear && v[5][i] >= clear);
            assert_true(v[5][i] == 0 ? isnan(v[6][i])
                                     : fabsf(v[6][i] - (1 - clear / v[5][i])) < 1e-6f);
        }
        assert_true(seen > 10000);
        for (int k = 0; k < 7; k++)
            free(v[k]);
    }
    test_shell("cd '%s' && mv kept.yaml park.yaml", dir);
    /* DVI = N - R is linear: the difference of the means is the mean of the differences */
    choose("mean");
    run("run park.yaml -q -j 2", 0);
    size_t n;
    float *dvi = map_of("peak-2024", "dvi", &n);
    assert_non_null(dvi);
    assert_null(map_of("peak-2024", "day", &n));
    assert_null(map_of("peak-2024", "sensor", &n));
    for (size_t i = 0; i < n; i++) {
        double sum = 0, count = 0;
        for (int k = 0; k < LOOKS; k++) {
            sum += isnan(m.dvi[k][i]) ? 0 : (double)m.dvi[k][i];
            count += !isnan(m.dvi[k][i]);
        }
        assert_true(count == 0 ? isnan(dvi[i]) : fabs((double)dvi[i] - sum / count) < 1e-6);
    }
    free(dvi);
    for (int k = 0; k < LOOKS; k++) {
        free(m.ndvi[k]);
        free(m.dvi[k]);
    }
}

static void bytes_do_not_depend_on_how_it_was_run(void **state)
{
    (void)state;
    size_t n;
    const struct cao_composite *all = cao_composites(&n);
    for (size_t c = 0; c < n; c++) {
        choose(all[c].name);
        test_shell("rm -rf '%s/whole'", dir);
        run("run park.yaml -q -j 1", 0);
        test_shell("cd '%s' && mv results whole", dir);
        run("run park.yaml -q -j 2 --memory 150", 0);
        test_shell("cd '%s' && diff -r -x run.json whole results && rm -rf results", dir);
        test_shell(
            "cd '%s' && mkdir b && mv imagery/$(ls imagery | head -n 1) b/ && cp park.yaml "
            "kept.yaml && sed -i 's/imagery: \\[imagery\\]/imagery: [b, imagery]/' park.yaml",
            dir);
        run("run park.yaml -q -j 2", 0);
        test_shell("cd '%s' && diff -r -x run.json whole results && mv b/* imagery/ && rmdir b && "
                   "mv kept.yaml park.yaml",
                   dir);
    }
}

/* A changed weight of the composite that is used makes tiles stale, one of another does not. */
static void only_settings_of_the_composite_in_use_matter(void **state)
{
    (void)state;
    choose("max-ndvi");
    run("run park.yaml -q -j 2", 0);
    test_shell("cd '%s' && sed -i 's/^output:/percentile: 90\\nbap: {day_spread: 5}\\noutput:/' "
               "park.yaml",
               dir);
    run("run park.yaml -j 2", 0);
    assert_true(test_file_says(dir, "err.txt", ": 0 computed, 7 up to date"));
    choose("percentile");
    run("run park.yaml -q -j 2", 0);
    test_shell("cd '%s' && sed -i 's/^percentile: 90/percentile: 80/' park.yaml", dir);
    run("plan park.yaml", 0);
    assert_true(test_file_says(dir, "out.txt", "the composite changed"));
    test_shell("cd '%s' && sed -i 's/^percentile: 80/percentile: 101/' park.yaml", dir);
    run("plan park.yaml", 2);
    assert_true(test_file_says(dir, "err.txt", "allowed: 0 to 100"));
    test_shell("cd '%s' && sed -i 's/^percentile: 101/percentile: 50/' park.yaml", dir);
}

/* Of a range cut into pieces the empty ones are told once, and are no fault; all empty is one. */
static void empty_pieces_of_a_range_are_told_once(void **state)
{
    (void)state;
    choose("max-ndvi");
    test_shell("cd '%s' && sed -i 's/  - {name: peak-2024.*/  - {every: 16d, from: 2024-05-01, to: "
               "2024-09-30}/' park.yaml",
               dir);
    run("run park.yaml -j 2", 0);
    assert_true(test_file_says(dir, "results/run.json",
                               "no scene reaches the pastures in 8 of 11 periods: 2024-D113, "));
    test_shell("cd '%s' && test -f results/2024-D193/ndvi.vrt && test $(grep -c 2024-D209 "
               "results/pastures.csv) = $(grep -c 2024-D129 results/pastures.csv)",
               dir);
    test_shell("cd '%s' && sed -i 's/from: 2024-05-01, to: 2024-09-30/from: 2022-05-01, to: "
               "2022-09-30/' park.yaml",
               dir);
    run("run park.yaml -q -j 2", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chosen_look_is_the_right_one),
        cmocka_unit_test(bytes_do_not_depend_on_how_it_was_run),
        cmocka_unit_test(only_settings_of_the_composite_in_use_matter),
        cmocka_unit_test(empty_pieces_of_a_range_are_told_once),
    };
    return cmocka_run_group_tests_name("composites", tests, set_up, tear_down) != 0;
}
