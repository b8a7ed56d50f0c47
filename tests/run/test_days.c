/* SPDX-License-Identifier: MIT
 * Composites whose layer tells each pixel's day: the real MYD13A1 of 2020-06-01 to 16, tile h30v10, whose days
 * are brought to the grid by GDAL's own warper. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/run.h"

enum { SIDE = 100, FIRST_DAY = 153 };

static char *dir;

static int set_up(void **state)
{
    if (test_data("modis_myd13a1_h30v10")) {
        dir = test_folder("days");
        test_shell("mkdir '%s/im' && cp --no-preserve=mode '%s'/* '%s/im/'", dir,
                   test_data("modis_myd13a1_h30v10"), dir);
        test_shell("cd '%s' && gdalwarp -q -overwrite -et 0 -r near -t_srs EPSG:32752 -te 500000 "
                   "8000000 700000 8200000 -tr 2000 2000 -ot Float32 -srcnodata -1 -dstnodata nan "
                   "im/*_CDOY_B11.TIF want.tif",
                   dir);
        test_shell("cat > '%s/p.geojson' <<'E'\n"
                   "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{"
                   "\"name\":\"urn:ogc:def:crs:EPSG::32752\"}},\"features\":[{\"type\":\"Feature\","
                   "\"properties\":{\"id\":\"1\"},\"geometry\":{\"type\":\"Polygon\","
                   "\"coordinates\":[[[500000,8000000],[700000,8000000],[700000,8200000],[500000,"
                   "8200000],[500000,8000000]]]}}]}\nE",
                   dir);
    }
    return test_gdal_set_up(state);
}

static int tear_down(void **state)
{
    free(dir);
    return test_gdal_tear_down(state);
}

/* The map of a product for a period, cut to the pasture's square: SIDE x SIDE. */
static float *map_of(const char *product)
{
    char path[CAO_PATH_MAX];
    size_t n;
    test_shell("cd '%s' && gdal_translate -q -projwin 500000 8200000 700000 8000000 "
               "results/p/%s.vrt cut.tif",
               dir, product);
    snprintf(path, sizeof path, "%s/cut.tif", dir);
    float *v = test_map(path, &n);
    assert_int_equal(n, SIDE * SIDE);
    return v;
}

static float *run(const char *from, const char *to, const char *more, const char *product)
{
    char path[CAO_PATH_MAX];
    struct cao_run_summary s;
    struct cao_error err = { 0 };
    test_shell(
        "cd '%s' && rm -rf results && printf '%%s\\n' 'imagery: im' 'pastures: {file: p.geojson, "
        "id: id}' "
        "'default_type: alpine_meadow' 'indices: [NDVI]' 'grid: {crs: \"EPSG:32752\", "
        "resolution: 2000, origin: [500000, 8200000], tile: 256}' 'periods: [{name: p, from: "
        "%s, to: %s}]' '%s' > park.yaml",
        dir, from, to, more);
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    struct cao_run_options options = { .project = path, .data_dir = "src/profiles", .threads = 1 };
    assert_ok(cao_run(&options, &s, &err));
    assert_int_equal(s.n_scenes_used, 1);
    cao_run_summary_release(&s);
    return map_of(product);
}

/* Each period of the composite has the pixels of its days, at their true day, and no others. */
static void each_pixel_is_of_its_own_day(void **state)
{
    (void)state;
    NEED_DATA("modis_myd13a1_h30v10");
    static const struct {
        const char *from, *to, *more;
        int first, last;
    } cases[] = {
        { "2020-06-01", "2020-06-16", "composite: max-ndvi", 153, 168 },
        { "2020-06-11", "2020-06-12", "composite: max-ndvi", 163, 164 }, /* within the composite */
        { "2020-05-01", "2020-06-04", "composite: medoid", 153, 156 },
        { "2020-06-11", "2020-07-31", "composite: bap", 163, 168 }, /* that has begun before it */
        { "2020-06-11", "2020-06-30", "mask_dilation: 2000", 163, 168 },
    };
    char path[CAO_PATH_MAX];
    size_t n, all = 0;
    snprintf(path, sizeof path, "%s/want.tif", dir);
    float *want = test_map(path, &n), *whole = NULL;
    assert_int_equal(n, SIDE * SIDE);
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        float *day = run(cases[c].from, cases[c].to, cases[c].more, "day");
        size_t seen = 0, other = 0, expected = 0;
        bool grown = strstr(cases[c].more, "dilation") != NULL;
        for (size_t i = 0; i < n; i++) {
            bool in = want[i] >= (float)cases[c].first && want[i] <= (float)cases[c].last;
            seen += isnan(day[i]) ? 0u : 1u;
            other += !isnan(day[i]) && (!in || day[i] != want[i]) ? 1u : 0u;
            expected += in && (!whole || !isnan(whole[i])) ? 1u : 0u; /* and not masked */
        }
        all = c == 0 ? seen : all;
        printf("      %s to %s: %zu cells, %zu by the layer, %zu of another day\n", cases[c].from,
               cases[c].to, seen, expected, other);
        assert_true(seen > 200);
        assert_true(other <= seen / 100); /* borders of pixels */
        if (whole && !grown)
            assert_true(fabs((double)seen - (double)expected) <= 0.005 * (double)expected + 2);
        if (!whole)
            whole = day;
        else
            free(day);
    }
    free(whole);
    free(want);
}

/* The season's maximum lies on the day of the pixel; so does what is told of the target day. */
static void curves_and_targets_stand_on_those_days(void **state)
{
    (void)state;
    NEED_DATA("modis_myd13a1_h30v10");
    static const char more[] =
        "smoothing: {method: linear, step: 1}' 'output: {info: true}' 'target_day: 160";
    float *day = run("2020-05-01", "2020-07-31", more, "day"), *peak = map_of("peak_day"),
          *target = map_of("days_to_target"), *gap = map_of("max_gap");
    size_t seen = 0;
    for (size_t i = 0; i < SIDE * SIDE; i++) {
        if (isnan(day[i]))
            continue;
        seen++;
        assert_true(peak[i] == day[i]);
        assert_true(target[i] == day[i] - 160);
        /* the longer of the two stretches of the period, days 122 to 213, beside the one look */
        assert_true(gap[i] == fmaxf(day[i] - 122, 213 - day[i]));
    }
    assert_true(seen > 1000);
    free(day);
    free(peak);
    free(target);
    free(gap);
}

/* Without the layer all is of the composite's first day, and the scan says so. */
static void without_the_layer_the_first_day_is_told(void **state)
{
    (void)state;
    NEED_DATA("modis_myd13a1_h30v10");
    test_shell("cd '%s' && mv im/*CDOY* .", dir);
    float *day = run("2020-06-01", "2020-06-16", "composite: max-ndvi", "day");
    test_shell("cd '%s' && mv *CDOY* im/ && grep -q day-unknown results/run.json", dir);
    size_t seen = 0;
    for (size_t i = 0; i < SIDE * SIDE; i++) {
        seen += isnan(day[i]) ? 0u : 1u;
        assert_true(isnan(day[i]) || day[i] == FIRST_DAY);
    }
    assert_true(seen > 1000);
    free(day);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pixel_is_of_its_own_day),
        cmocka_unit_test(curves_and_targets_stand_on_those_days),
        cmocka_unit_test(without_the_layer_the_first_day_is_told),
    };
    return cmocka_run_group_tests_name("days", tests, set_up, tear_down) != 0;
}
