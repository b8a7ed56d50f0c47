/* SPDX-License-Identifier: MIT
 * Two tiles of one overpass in two UTM zones, which show the ground between them twice, against one tile that
 * shows it all. GDAL's warper has carried the second one over. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/run.h"

static void run_in(const char *dir, size_t n_scenes)
{
    char path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    struct cao_run_options options = { .project = path, .data_dir = "src/profiles", .threads = 2 };
    assert_ok(cao_run(&options, &s, &err));
    assert_int_equal(s.n_scenes_used, n_scenes);
    cao_run_summary_release(&s);
}

static float *map_of(const char *dir, const char *results, const char *name, size_t *n)
{
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s/peak-2024/%s.vrt", dir, results, name);
    return test_map(path, n);
}

static void ground_in_two_zones_counts_once(void **state)
{
    (void)state;
    const char *b = getenv("CAO_BUILD");
    size_t n, m, clear = 0, apart = 0, both = 0;
    double sum = 0;
    if (system("/usr/bin/python3 -c 'from osgeo import gdal' 2>/dev/null") != 0) {
        printf("SKIP  %s: needs python3-gdal\n", __func__);
        skip();
    }
    char *dir = test_folder("zone edge");
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff --dates 1 >/dev/null",
               b ? b : "build/release", dir);
    /* the grid's zone must not hang on which product comes first */
    test_shell("sed -i 's/crs: auto/crs: EPSG:32647/' '%s/park.yaml'", dir);
    run_in(dir, 1);
    test_shell("cd '%s' && mv results whole", dir);
    test_shell("/usr/bin/python3 tests/oracle/zone_edge.py '%s'", dir);
    run_in(dir, 2);
    float *one = map_of(dir, "whole", "n_clear", &n), *two = map_of(dir, "results", "n_clear", &m);
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++) {
        assert_true(!(two[i] > 1)); /* one overpass is one look */
        clear += one[i] == 1;
        apart += (one[i] == 1) != (two[i] == 1);
    }
    assert_true(clear > 50000 && apart < clear / 100); /* along clouds that were carried over */
    free(one);
    free(two);
    one = map_of(dir, "whole", "ndvi", &n);
    two = map_of(dir, "results", "ndvi", &m);
    for (size_t i = 0; i < n; i++)
        if (one[i] == one[i] && two[i] == two[i]) {
            both++;
            sum += (double)two[i] - (double)one[i];
        }
    assert_true(both > 50000 && fabs(sum) < 10 * (double)both); /* stored in steps of 0.0001 */
    free(one);
    free(two);
    /* the same pastures are seen, by one look each, and with the same area and index */
    test_shell(
        "/usr/bin/python3 - '%s' <<'END'\n"
        "import csv, sys\n"
        "def table(name):\n"
        "    return {r['pasture_id']: r for r in csv.DictReader(open(sys.argv[1] + name,\n"
        "                                                            encoding='utf-8-sig'))}\n"
        "a, b = table('/whole/pastures.csv'), table('/results/pastures.csv')\n"
        "assert a.keys() == b.keys() and len(a) == 16\n"
        "for k in a:\n"
        "    for name, most in ('area_ha', 0), ('seen_pct', 0), ('valid_pct', 1), ('ndvi_mean', "
        ".01):\n"
        "        x, y = a[k][name], b[k][name]\n"
        "        assert x == y or abs(float(x) - float(y)) <= most, (k, name, x, y)\n"
        "a, b = table('/whole/masks.csv'), table('/results/masks.csv')\n"
        "assert a.keys() == b.keys()\n"
        "for k in a:\n"
        "    for name, most in ('looks', 0), ('clear_pct', 1), ('cloud_pct', 1.5):\n"
        "        x, y = a[k][name], b[k][name]\n"
        "        assert x == y or abs(float(x) - float(y)) <= most, (k, name, x, y)\n"
        "END",
        dir);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ground_in_two_zones_counts_once),
    };
    return cmocka_run_group_tests_name("zone edge", tests, test_gdal_set_up, test_gdal_tear_down);
}
