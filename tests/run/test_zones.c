/* SPDX-License-Identifier: MIT
 * Tiles at the edge of a UTM zone show the same ground twice, once in each zone: between zones 47 and 48, and
 * across the 180th meridian between 60 and 1. One overpass is one look, whichever zone the results are in. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/run.h"

static const struct edge {
    const char *name;
    int west, east; /* EPSG codes */
    double x, y;    /* of the meridian between them, in the western one, by gdaltransform */
} edges[] = { { "zones 47 and 48", 32647, 32648, 770421, 3988112 },
              { "zones 60 and 1", 32660, 32601, 705929, 5765288 } };

/* Images of 4 km with the meridian in the middle, red 0.04 and near infrared 0.30, of the western zone, and the
 * same carried over to the eastern one; a pasture of 2 km across the meridian. */
static char *make(const struct edge *e)
{
    char *dir = test_folder(e->name);
    test_shell(
        "cd '%s' && mkdir im && gdal_create -q -of GTiff -ot UInt16 -bands 2 -burn 400 -burn 3000 "
        "-outsize 400 400 -a_srs EPSG:%d -a_ullr %.0f %.0f %.0f %.0f im/a_20240720T0410_W.tif && "
        "gdalwarp -q -t_srs EPSG:%d -tr 10 10 -tap -dstnodata 0 im/a_20240720T0410_W.tif "
        "im/a_20240720T0410_E.tif",
        dir, e->west, e->x - 2000, e->y + 2000, e->x + 2000, e->y - 2000, e->east);
    test_shell(
        "cat > '%s/p.geojson' <<'E'\n"
        "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":"
        "\"urn:ogc:def:crs:EPSG::%d\"}},\"features\":[{\"type\":\"Feature\",\"properties\":{"
        "\"id\":\"1\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[%.0f,%.0f],[%.0f,"
        "%.0f],[%.0f,%.0f],[%.0f,%.0f],[%.0f,%.0f]]]}}]}\nE",
        dir, e->west, e->x - 1000, e->y - 1000, e->x + 1000, e->y - 1000, e->x + 1000, e->y + 1000,
        e->x - 1000, e->y + 1000, e->x - 1000, e->y - 1000);
    return dir;
}

/* Row of the pasture: looks, valid share, NDVI, area and yield. */
static void run(const char *dir, int crs, const char *composite, size_t n_scenes, double row[5])
{
    char path[CAO_PATH_MAX], command[2 * CAO_PATH_MAX];
    struct cao_run_summary s;
    struct cao_error err = { 0 };
    test_shell(
        "cd '%s' && rm -rf results && printf '%%s\\n' 'imagery: im' 'pastures: {file: "
        "p.geojson, id: id}' 'default_type: alpine_meadow' 'indices: [NDVI]' 'sensors: "
        "[{name: a, files: \"a_{date}_{tile}.tif\", date: YYYYMMDDThhmm, bands: {R: 1, N: 2}, "
        "scale: 0.0001, nodata: 0}]' 'grid: {crs: \"EPSG:%d\", resolution: 10, tile: 256}' "
        "'composite: %s' 'periods: [{name: p, from: 2024-07-20, to: 2024-07-20}]' > park.yaml",
        dir, crs, composite);
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    struct cao_run_options options = { .project = path, .data_dir = "src/profiles", .threads = 2 };
    assert_ok(cao_run(&options, &s, &err));
    assert_int_equal(s.n_scenes_used, n_scenes);
    cao_run_summary_release(&s);
    snprintf(command, sizeof command,
             "python3 -c \"import csv; r=next(csv.DictReader(open('%s/results/pastures.csv', "
             "encoding='utf-8-sig'))); print(*[r[k] for k in ('clear_looks', 'valid_pct', "
             "'ndvi_mean', 'area_ha', 'yield_hay_t')])\"",
             dir);
    FILE *p = popen(command, "r");
    assert_non_null(p);
    assert_int_equal(fscanf(p, "%lf %lf %lf %lf %lf", &row[0], &row[1], &row[2], &row[3], &row[4]),
                     5);
    assert_int_equal(pclose(p), 0);
}

static void the_same_ground_in_two_zones_is_one_look(void **state)
{
    (void)state;
    static const char *const composites[] = { "max-ndvi", "mean", "median" };
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        char *dir = make(&edges[i]);
        double both[5], alone[5];
        for (size_t c = 0; c < 3; c++) {
            run(dir, c == 1 ? edges[i].east : edges[i].west, composites[c], 2, both);
            assert_true(both[0] == 1 && both[1] == 100);
            assert_true(fabs(both[2] - (3000 - 400) / 3400.0) < 1e-4);
            test_shell("mv '%s'/im/*_E.tif '%s/'", dir, dir);
            run(dir, c == 1 ? edges[i].east : edges[i].west, composites[c], 1, alone);
            test_shell("mv '%s'/*_E.tif '%s/im/'", dir, dir);
            for (int k = 0; k < 5; k++) /* nothing of the pasture is counted twice */
                assert_true(both[k] == alone[k]);
        }
        /* an hour later it is another look */
        test_shell("cd '%s/im' && mv a_20240720T0410_E.tif a_20240720T0510_E.tif", dir);
        run(dir, edges[i].west, "max-ndvi", 2, both);
        assert_true(both[0] == 2 && both[1] == 100);
        free(dir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_ground_in_two_zones_is_one_look),
    };
    return cmocka_run_group_tests_name("zones", tests, test_gdal_set_up, test_gdal_tear_down) != 0;
}
