/* SPDX-License-Identifier: MIT
 * A smoothed season through the whole line: against the looks themselves, each run as a period of its own;
 * what is refused; the same bytes however it was run, and when it is done again from its rasters. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"

enum { LOOKS = 5 };
static const char *const dates[LOOKS] = { "2024-07-18", "2024-07-28", "2024-08-12", "2024-08-17",
                                          "2024-08-22" };
static const int days[LOOKS] = { 200, 210, 225, 230, 235 }; /* of a leap year */

static char *dir;

static int set_up(void **state)
{
    const char *b = getenv("CAO_BUILD");
    dir = test_folder("season");
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --dates 5 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    test_shell(
        "cd '%s' && sed -i 's/tile: 512/tile: 256/; s/^indices:.*/indices: [NDVI]/; "
        "s/^output:/output:\\n  float32: true\\n  info: true/; /name: peak-2024/d' park.yaml",
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

/* A project of its own beside park.yaml. */
static void write_project(const char *name, const char *periods, const char *more)
{
    test_shell("cd '%s' && sed 's/^composite:/%s\\n%s\\ncomposite:/' park.yaml > %s", dir, periods,
               more, name);
}

static float *map_of(const char *folder, const char *period, const char *product, size_t *n)
{
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s/%s/%s.vrt", dir, folder, period, product);
    return test_map(path, n);
}

enum { PEAK_FROM = 202, PEAK_TO = 228, MAX_GAP = 20 }; /* 20 July, 15 August */
static const char peak[] = "peak_from: 07-20, peak_to: 08-15, max_gap: 20";

/* By a loop over days. */
static void expected(float *const ndvi[LOOKS], size_t i, double *max, int *day, int *gap)
{
    int since = PEAK_FROM, within = 0;
    *max = (double)NAN;
    *day = *gap = 0;
    for (int k = 0; k < LOOKS; k++)
        if (!isnan(ndvi[k][i]) && days[k] >= PEAK_FROM && days[k] <= PEAK_TO) {
            *gap = days[k] - since > *gap ? days[k] - since : *gap;
            since = days[k];
            within++;
        }
    *gap = PEAK_TO - since > *gap ? PEAK_TO - since : *gap;
    for (int d = PEAK_FROM; within > 0 && *gap <= MAX_GAP && d <= PEAK_TO; d++) {
        int before = -1, after = -1;
        for (int k = 0; k < LOOKS; k++) {
            before = !isnan(ndvi[k][i]) && days[k] <= d ? k : before;
            after = after < 0 && !isnan(ndvi[k][i]) && days[k] >= d ? k : after;
        }
        if (before < 0 || after < 0)
            continue;
        double share =
            before == after ? 0 : (double)(d - days[before]) / (days[after] - days[before]);
        double v = (double)ndvi[before][i] * (1 - share) + (double)ndvi[after][i] * share;
        if (isnan(*max) || v > *max + 1e-9) {
            *max = v;
            *day = d;
        }
    }
}

static void the_maximum_is_that_of_the_looks(void **state)
{
    (void)state;
    char periods[600] = "", more[300];
    float *ndvi[LOOKS];
    size_t n, n_seen = 0, n_refused = 0;
    for (int k = 0; k < LOOKS; k++) {
        size_t used = strlen(periods);
        snprintf(periods + used, sizeof periods - used, "%s  - {name: d%d, from: %s, to: %s}",
                 k ? "\\n" : "", k, dates[k], dates[k]);
    }
    write_project("looks.yaml", periods, "");
    test_shell("cd '%s' && sed -i 's/folder: results/folder: looks/' looks.yaml", dir);
    run("run looks.yaml -q -j 2", 0);
    for (int k = 0; k < LOOKS; k++) {
        char period[8];
        snprintf(period, sizeof period, "d%d", k);
        ndvi[k] = map_of("looks", period, "ndvi", &n);
    }
    snprintf(more, sizeof more, "smoothing: {method: linear, yield: true, step: 1, %s}", peak);
    write_project("season.yaml", "  - {name: season, from: 2024-07-01, to: 2024-09-10}", more);
    run("run season.yaml -q -j 2", 0);
    float *max = map_of("results", "season", "ndvi_max", &n);
    float *day = map_of("results", "season", "peak_day", &n);
    float *gap = map_of("results", "season", "max_gap", &n);
    float *status = map_of("results", "season", "status", &n);
    float *yield = map_of("results", "season", "yield_fresh", &n);
    float *clear = map_of("results", "season", "n_clear", &n);
    for (size_t i = 0; i < n; i++) {
        double want;
        int want_day, want_gap;
        if (isnan(clear[i])) /* a tile without pastures */
            continue;
        expected(ndvi, i, &want, &want_day, &want_gap);
        assert_true(isnan(want) ? isnan(max[i]) : fabs((double)max[i] - want) < 1e-6);
        assert_true(isnan(want) ? isnan(day[i]) : day[i] == (float)want_day);
        assert_true(gap[i] == (float)want_gap);
        assert_true(!isnan(want) || isnan(yield[i]));
        bool refused = isnan(want) && clear[i] > 0;
        assert_true((status[i] == 100) == refused);
        n_seen += isnan(want) ? 0 : 1;
        n_refused += refused;
    }
    assert_true(n_seen > 5000 && n_refused > 500);
    free(max);
    free(day);
    free(gap);
    free(status);
    free(yield);
    free(clear);
    for (int k = 0; k < LOOKS; k++)
        free(ndvi[k]);
}

static void bytes_do_not_depend_on_how_it_was_run(void **state)
{
    (void)state;
    static const char *const methods[] = { "linear", "savitzky-golay", "whittaker" };
    for (size_t m = 0; m < sizeof methods / sizeof methods[0]; m++) {
        char more[300];
        snprintf(more, sizeof more,
                 "smoothing: {method: %s, yield: true, window: 5, cloud_distance: 60, envelope: 1}",
                 methods[m]);
        write_project("season.yaml", "  - {name: season, from: 2024-07-01, to: 2024-09-10}", more);
        test_shell("rm -rf '%s/results' '%s/whole'", dir, dir);
        run("run season.yaml -q -j 1", 0);
        test_shell("cd '%s' && mv results whole", dir);
        run("run season.yaml -q -j 2 --memory 150", 0);
        test_shell("cd '%s' && diff -r -x run.json whole results", dir);
    }
    /* another share for wildlife needs no image: the same as all from the beginning */
    test_shell("cd '%s' && sed -i 's/^composite:/wildlife_share: 0.3\\ncomposite:/' season.yaml",
               dir);
    run("run season.yaml -q -j 2", 0);
    test_shell("cd '%s' && rm -rf whole && mv results whole", dir);
    run("run season.yaml -q -j 2", 0);
    test_shell("cd '%s' && diff -r -x run.json whole results && grep -q smoothing results/run.json",
               dir);
}

static void what_does_not_go_together_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *more, *want;
    } cases[] = {
        { "smoothing: {method: wittaker}", "did you mean whittaker?" },
        { "smoothing: {yield: true}", "smoothing.yield: needs a smoothing.method" },
        { "smoothing: {method: linear, window: 6}", "smoothing.window: 6 is even" },
        { "smoothing: {method: savitzky-golay, window: 3, degree: 3}",
          "smoothing.degree: 3 is not less than the window of 3 steps" },
        { "smoothing: {method: linear, peak_from: 7-20}",
          "smoothing.peak_from: '7-20' is not a day; allowed: MM-DD" },
        { "smoothing: {method: linear, index: EVI}",
          "smoothing.index: EVI is not among the indices" },
        { "smoothing: {method: linear, peak_from: 03-01, peak_to: 04-30}",
          "season.yaml:23: period season has no day from smoothing.peak_from to "
          "smoothing.peak_to" },
        { "smoothing: {method: whittaker, cloud_distance: 5000}\\nmask_dilation: 2000\\n",
          "" }, /* 500 cells are within the margin */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_project("season.yaml", "  - {name: season, from: 2024-07-01, to: 2024-09-10}",
                      cases[i].more);
        run("plan season.yaml", cases[i].want[0] ? 2 : 0);
        assert_true(!cases[i].want[0] || test_file_says(dir, "err.txt", cases[i].want));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_maximum_is_that_of_the_looks),
        cmocka_unit_test(bytes_do_not_depend_on_how_it_was_run),
        cmocka_unit_test(what_does_not_go_together_is_named),
    };
    return cmocka_run_group_tests_name("season", tests, set_up, tear_down) != 0;
}
