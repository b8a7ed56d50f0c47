/* SPDX-License-Identifier: MIT
 * Types, degradation, zones and terrain by place, against runs of whole pastures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>
#include <ogr_srs_api.h>

#include "caochu/file.h"
#include "support/support.h"
#include "world/world.h"

enum { SIZE = 408 };

static char *make_world(const char *name)
{
    const char *b = getenv("CAO_BUILD");
    char *dir = test_folder(name);
    test_shell("%s/make-world '%s' --size %d --pastures 16 --format gtiff --ground >/dev/null",
               b ? b : "build/release", dir, SIZE);
    /* all pastures of one type by default, and the yield as it is */
    test_shell("cd '%s' && sed -i '/type: grass_type/d' park.yaml && printf '%%s\\n' "
               "'output:' '  folder: results' '  float32: true' "
               "'  products: [yield_fresh, usable_forage, pressure_class, capacity]' > tail && "
               "sed -i '/^output:/,$d' park.yaml",
               dir);
    return dir;
}

/* A project over park.yaml with further lines, run; its results are in NAME. */
static void run_with(const char *dir, const char *name, const char *lines)
{
    char words[200];
    test_shell(
        "cd '%s' && (cat park.yaml; printf '%s\\n'; sed 's/folder: results/folder: %s/' tail) "
        "> %s.yaml",
        dir, lines, name, name);
    snprintf(words, sizeof words, "run -q %s.yaml", name);
    int code = test_wait(test_start(dir, words));
    if (code)
        test_shell("cat '%s/err.txt' >&2", dir);
    assert_int_equal(code, 0);
}

/* A raster over the whole world of pixels of res_m, each by a function of its middle (east and south of
 * the corner, m). */
static void write_raster(const char *dir, const char *name, double res_m, GDALDataType type,
                         double (*at)(double x, double y))
{
    char path[CAO_PATH_MAX];
    int n = (int)(SIZE * 10 / res_m);
    double t[6] = { WORLD_ULX, res_m, 0, WORLD_ULY, 0, -res_m };
    float *v = malloc((size_t)n * (size_t)n * sizeof *v);
    assert_non_null(v);
    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++)
            v[y * n + x] = (float)at((x + 0.5) * res_m, (y + 0.5) * res_m);
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(srs, WORLD_EPSG);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    GDALDatasetH d = GDALCreate(GDALGetDriverByName("GTiff"), path, n, n, 1, type, NULL);
    assert_non_null(d);
    GDALSetGeoTransform(d, t);
    GDALSetSpatialRef(d, srs);
    assert_int_equal(
        GDALRasterIO(GDALGetRasterBand(d, 1), GF_Write, 0, 0, n, n, v, n, n, GDT_Float32, 0, 0), 0);
    GDALClose(d);
    OSRDestroySpatialReference(srs);
    free(v);
}

/* The world's cells of a result; NaN where there is none. */
static float *read_result(const char *dir, const char *results, const char *product)
{
    char path[CAO_PATH_MAX];
    double t[6];
    float *v = malloc(SIZE * SIZE * sizeof *v);
    assert_non_null(v);
    snprintf(path, sizeof path, "%s/%s/peak-2024/%s.vrt", dir, results, product);
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    assert_non_null(d);
    GDALGetGeoTransform(d, t);
    int x = (int)lrint((WORLD_ULX - t[0]) / 10), y = (int)lrint((t[3] - WORLD_ULY) / 10);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, 1), GF_Read, x, y, SIZE, SIZE, v, SIZE, SIZE,
                                  GDT_Float32, 0, 0),
                     0);
    GDALClose(d);
    return v;
}

static double one(double x, double y)
{
    (void)x;
    (void)y;
    return 1;
}

static double halves(double x, double y)
{
    (void)y;
    return x < SIZE * 5 ? 1 : 2;
}

/* Three of a cell's four quarters are 2, but for the half: there three are 1. */
static double quarters(double x, double y)
{
    bool odd = fmod(x, 10) < 5 && fmod(y, 10) < 5;
    return (x < SIZE * 5) != odd ? 1 : 2;
}

#define CLASSES "type_layer: {file: types.tif, classes: {1: alpine_meadow, 2: 高寒草原, 9: none}}"

static void a_class_of_all_is_the_pastures_own_type(void **state)
{
    (void)state;
    char *dir = make_world("ground one");
    write_raster(dir, "types.tif", 30, GDT_Byte, one);
    run_with(dir, "plain", "default_type: alpine_meadow");
    run_with(dir, "layer", CLASSES);
    /* one pasture lies beyond all imagery and beyond the types */
    test_shell("cd '%s' && for r in plain layer; do grep -v 0632626016 $r/pastures.csv > $r.csv; "
               "done; cmp plain.csv layer.csv && for p in yield_fresh "
               "usable_forage "
               "pressure_class; do for t in plain/peak-2024/tiles/*/; do n=$(basename $t); "
               "test ! -e plain/peak-2024/tiles/$n/$p.tif || cmp plain/peak-2024/tiles/$n/$p.tif "
               "layer/peak-2024/tiles/$n/$p.tif || exit 1; "
               "done; done",
               dir);
    free(dir);
}

static void each_cell_has_the_yield_of_its_own_type(void **state)
{
    (void)state;
    char *dir = make_world("ground two");
    run_with(dir, "meadow", "default_type: alpine_meadow");
    run_with(dir, "steppe", "default_type: alpine_steppe");
    float *meadow = read_result(dir, "meadow", "usable_forage"),
          *steppe = read_result(dir, "steppe", "usable_forage");
    for (int fine = 0; fine < 2; fine++) {
        write_raster(dir, fine ? "quarters.tif" : "types.tif", fine ? 5 : 30,
                     fine ? GDT_UInt16 : GDT_Byte, fine ? quarters : halves);
        run_with(dir, fine ? "fine" : "both",
                 fine ? "type_layer: {file: quarters.tif, classes: {1: alpine_meadow, 2: 高寒草原}}"
                      : CLASSES);
        float *both = read_result(dir, fine ? "fine" : "both", "usable_forage");
        int n = 0, differ = 0;
        for (int i = 0; i < SIZE * SIZE; i++) {
            float want = i % SIZE < SIZE / 2 ? meadow[i] : steppe[i];
            differ += isnan(want) ? !isnan(both[i]) : want != both[i];
            n += !isnan(want);
        }
        assert_int_equal(differ, 0);
        assert_true(n > SIZE * SIZE / 2);
        free(both);
    }
    free(meadow);
    free(steppe);
    /* the sums of a run say what a run with other numbers would, and do not depend on the cut */
    assert_int_equal(test_wait(test_start(dir, "balance -q both.yaml -o same.csv")), 0);
    test_shell("cd '%s' && cmp same.csv both/pastures.csv", dir);
    assert_int_equal(test_wait(test_start(dir, "balance -q both.yaml --set "
                                               "utilisation.alpine_steppe=0.2 -o less.csv")),
                     0);
    test_shell("cd '%s' && cp -r both first && rm -rf both", dir);
    assert_int_equal(test_wait(test_start(dir, "run -q -j 1 --memory 200 both.yaml")), 0);
    test_shell("cd '%s' && for f in pastures.csv groups.csv $(cd both && find . -name '*.tif'); do "
               "cmp both/$f first/$f || exit 1; done",
               dir);
    test_shell("cd '%s' && printf '%%s\\n' 'format: 1' 'name: nyt635-2015 + "
               "utilisation.alpine_steppe=0.2' 'based_on: nyt635-2015' 'types: {alpine_steppe: "
               "{utilisation: {year-round: 0.2, warm: 0.2, cold: 0.2, spring-autumn: 0.2}}}' > "
               "less.yaml && sed -e 's/^profile:.*/profile: less.yaml/; s/folder: both/folder: "
               "other/' both.yaml > other.yaml",
               dir);
    assert_int_equal(test_wait(test_start(dir, "run -q other.yaml")), 0);
    test_shell("cd '%s' && cmp less.csv other/pastures.csv && ! cmp -s less.csv same.csv", dir);
    free(dir);
}

static double grade_30(double x, double y)
{
    return 4000 + x * tan(30 * 3.14159265358979 / 180) + 0 * y;
}

static double grade_40(double x, double y)
{
    return 4000 + y * tan(40 * 3.14159265358979 / 180) + 0 * x;
}

static double grade_24(double x, double y)
{
    return 4000 + (x + y) * tan(24 * 3.14159265358979 / 180) / sqrt(2);
}

/* Under 25 degrees all is used, from 25 to 35 half, above nothing: as the profile says. */
static void steep_ground_is_used_less(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double res_m, (*at)(double, double), share;
    } cases[] = { { "s30", 30, grade_30, 0.5 },
                  { "s10", 10, grade_30, 0.5 },
                  { "s40", 30, grade_40, 0 },
                  { "s24", 20, grade_24, 1 } };
    char *dir = make_world("ground steep");
    run_with(dir, "plain", "default_type: alpine_meadow");
    float *plain = read_result(dir, "plain", "usable_forage");
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        write_raster(dir, "slope.tif", cases[k].res_m, GDT_Float32, cases[k].at);
        run_with(dir, cases[k].name, "default_type: alpine_meadow\\nterrain: {dem: slope.tif}");
        float *got = read_result(dir, cases[k].name, "usable_forage");
        int differ = 0, n = 0;
        for (int y = 20; y < SIZE - 20; y++) /* beyond the model nothing is known */
            for (int x = 20; x < SIZE - 20; x++) {
                float want = plain[y * SIZE + x] * (float)cases[k].share;
                differ += !isnan(want) && got[y * SIZE + x] != want;
                n += !isnan(want);
            }
        assert_int_equal(differ, 0);
        assert_true(n > 10000);
        free(got);
    }
    free(plain);
    free(dir);
}

/* A river along the western border: up to 1600 m all is used, up to 3200 m half, beyond nothing. The share is
 * that of a double loop over the river's cells, across the borders of tiles. */
static void ground_far_from_water_is_used_less(void **state)
{
    (void)state;
    char *dir = make_world("ground water"), path[CAO_PATH_MAX], text[300];
    struct cao_error err = { 0 };
    enum {
        X = 2,
        BEND = 200
    }; /* column of the first reach, and where it turns to the south-east */
    run_with(dir, "plain", "default_type: alpine_meadow");
    float *plain = read_result(dir, "plain", "usable_forage");
    snprintf(text, sizeof text, "id,WKT\n1,\"LINESTRING(%d %d,%d %d)\"\n2,\"POINT(%d %d)\"\n",
             WORLD_ULX + X * 10 + 5, WORLD_ULY - 5, WORLD_ULX + X * 10 + 5,
             WORLD_ULY - BEND * 10 - 5, WORLD_ULX + 60 * 10 + 5, WORLD_ULY - 395 * 10 - 5);
    snprintf(path, sizeof path, "%s/river.csv", dir);
    assert_ok(cao_file_write(path, text, strlen(text), &err));
    run_with(dir, "near",
             "default_type: alpine_meadow\\nterrain: {water: river.csv, crs: EPSG:32647}");
    float *near = read_result(dir, "near", "usable_forage");
    int differ = 0, n[3] = { 0 };
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++) {
            double least = hypot(x - 60, y - 395);
            for (int r = 0; r <= BEND; r++)
                least = fmin(least, hypot(x - X, y - r));
            int step = least < 160 ? 0 : least < 320 ? 1 : 2;
            float want = plain[y * SIZE + x] * (step == 0 ? 1.0f : step == 1 ? 0.5f : 0.0f);
            if (isnan(want))
                continue;
            differ += near[y * SIZE + x] != want;
            n[step]++;
        }
    assert_int_equal(differ, 0);
    assert_true(n[0] > 1000 && n[1] > 1000 && n[2] > 100);
    free(plain);
    free(near);
    free(dir);
}

/* Sums of cells and tables are two ways to one number. */
static void tables_and_rasters_say_the_same(void **state)
{
    (void)state;
    char *dir = make_world("ground same");
    test_shell("cd '%s' && sed -n '/^type_layer/,/^terrain/p' ground.yaml >> park.yaml", dir);
    run_with(dir, "all", "default_type: alpine_meadow");
    assert_int_equal(test_wait(test_start(dir, "zonal -q -p pastures.gpkg --id pasture_id -r "
                                               "all/peak-2024/usable_forage.vrt -s "
                                               "mean,missing_share -o z.csv")),
                     0);
    /* 14 pastures are seen; those without a gap have the raster's own mean over the grassland */
    test_shell("cd '%s' && awk -F, 'NR == FNR {for (i = 1; i <= NF; i++) {sub(/\r/, \"\", $i); if "
               "(FNR == 1) at[$i] = i}; if (FNR > 1 && $at[\"valid_pct\"] == 100) want[$2] = "
               "$at[\"usable_kg_ha\"]; next} FNR > 1 && ($1 in want) {n++; d = $2 * (1 - $3) - "
               "want[$1]; if (d > 0.06 || d < -0.06) {print $1, $2, $3, want[$1]; bad = 1}} END "
               "{exit bad || n < 4}' all/pastures.csv z.csv",
               dir);
    assert_true(test_file_says(dir, "all/pastures.csv", "grazed-no-graze-land"));
    assert_true(test_file_says(dir, "all/pastures.csv", "禁牧区有畜"));
    /* the chain of each part leads to the capacity in the table */
    static const char chain[] =
        "import csv, json, subprocess, sys\n"
        "n = 0\n"
        "for r in csv.DictReader(open('all/pastures.csv', encoding='utf-8-sig')):\n"
        "    if not r['capacity_su'] or not r['parts']: continue\n"
        "    chain = json.loads(subprocess.check_output([sys.argv[1], 'explain', 'all.yaml', "
        "'--json', '--id', r['pasture_id']]))\n"
        "    steps = [c for c in chain if c['step'] == 'usable forage']\n"
        "    share = usable = 0.0\n"
        "    part = fresh = None\n"
        "    shares = {c['value'].rsplit(':', 1)[0]: float(c['value'].rsplit(':', "
        "1)[1].split()[0]) "
        "for c in chain if c['item'] == 'part'}\n"
        "    v = {}\n"
        "    for c in steps:\n"
        "        if c['item'] == 'part': v = {'part': c['value'].rsplit(':', 1)[0]}\n"
        "        elif c['value'] not in ('', 'not given') and c['unit'] in ('1', 'kg/ha'): "
        "v[c['item']] = float(c['value'])\n"
        "        if c['item'] == 'usable forage' and 'hay at 14 % water' in v:\n"
        "            want = v['hay at 14 % water'] * v['edible share'] * v['utilisation'] * v['to "
        "standard hay'] * v.get('left by policy', 1) * v.get('left by terrain', 1)\n"
        "            assert abs(want - v['usable forage']) < 0.2 + 0.001 * want, (r['pasture_id'], "
        "v)\n"
        "            usable += shares[v['part']] / 100 * v['usable forage']; n += 1\n"
        "    su = usable * float(r['area_ha']) / 657\n"
        "    if float(r['valid_pct']) > 99.9: assert abs(su - float(r['capacity_su'])) < 0.02 + "
        "0.002 * "
        "su, (r['pasture_id'], su, r['capacity_su'])\n"
        "assert n > 10, n\n";
    char path[5000], where[4100];
    const char *bin = getenv("CAO_BIN");
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/chain.py", dir);
    assert_ok(cao_file_write(path, chain, sizeof chain - 1, &err));
    assert_non_null(realpath(bin ? bin : "build/release/caochu", where));
    test_shell("cd '%s' && /usr/bin/python3 chain.py '%s'", dir, where);
    free(dir);
}

static void what_a_layer_says_wrong_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *say;
    } cases[] = {
        { "type_layer: {file: types.tif, classes: {1: alpine_medow}}",
          "type_layer.classes: grassland type 'alpine_medow' is not in profile nyt635-2015; did "
          "you "
          "mean alpine_meadow" },
        { "type_layer: {file: types.tif}", "name the column of a polygon layer with field, or" },
        { "type_layer: {file: types.tif, classes: {a: alpine_meadow}}", "'a' is not a code" },
        { "zone_layer: {file: zones.gpkg, field: zon}",
          "zone_layer.field: there is no column 'zon'; did you mean zone" },
        { "degradation_layer: {file: types.tif, classes: {1: sligt}}", "did you mean slight" },
        { "terrain: {dem: zones.gpkg}", "zones.gpkg" },
        { "terrain: {water: zones.gpkg, layer: rivers}", "has no layer rivers; there are: zones" },
        { "terrain: {dem: none.tif}", "terrain.dem: the file" },
        { "year_type: dry", "lacks edible_drift.dry" },
    };
    char *dir = make_world("ground wrong");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        test_shell("cd '%s' && (cat park.yaml; echo 'default_type: alpine_meadow'; echo '%s'; cat "
                   "tail) > w.yaml",
                   dir, cases[i].lines);
        int code = test_wait(test_start(dir, "plan w.yaml"));
        if (code == 0 || !(test_file_says(dir, "err.txt", cases[i].say))) {
            test_shell("cat '%s/err.txt' >&2", dir);
            fail_msg("%s: exit %d", cases[i].lines, code);
        }
    }
    free(dir);
}

/* In the layer and the imagery; in neither; in the imagery alone. The one status hides the other reason, the note
 * tells it. */
static void what_lies_outside_of_both_is_told_of_both(void **state)
{
    (void)state;
    char *dir = make_world("beside");
    test_shell(
        "cd '%s' && /usr/bin/python3 -c \"\n"
        "def box(x, y, s):\n"
        "    p = [(x, y), (x + s, y), (x + s, y - s), (x, y - s), (x, y)]\n"
        "    return '\\\"POLYGON((' + ','.join('%%d %%d' %% (399960 + a, 3900000 - b) for a, b "
        "in p) + '))\\\"'\n"
        "put = lambda n, l: open(n, 'w').write('\\n'.join(l) + '\\n')\n"
        "put('p.csv', ['id,WKT', 'in,' + box(1000, 1500, 400), 'far,' + box(9000, 1500, 400), "
        "'seen,' + box(2500, 1500, 400)])\n"
        "put('t.csv', ['kind,WKT', 'alpine_meadow,' + box(900, 1600, 700)])\n"
        "put('b.yaml', ['imagery: [imagery]', 'pastures: {file: p.csv, id: id, crs: "
        "EPSG:32647}', 'type_layer: {file: t.csv, field: kind, crs: EPSG:32647}', 'grid: "
        "{crs: EPSG:32647, tile: 256}', 'periods: [{name: peak, from: 2024-07-15, to: "
        "2024-08-31}]', 'output: {folder: b}'])\n\"",
        dir);
    int code = test_wait(test_start(dir, "run -q b.yaml"));
    assert_true(code == 0 || code == 3);
    test_shell("cd '%s' && /usr/bin/python3 -c \"\n"
               "import csv\n"
               "r = {x['pasture_id']: (x['status'], x['note']) for x in "
               "csv.DictReader(open('b/pastures.csv', encoding='utf-8-sig'))}\n"
               "print(r)\n"
               "assert r['in'][0] in ('no-herd', 'data-insufficient'), r\n"
               "assert 'either' not in r['in'][1] and 'either' not in r['seen'][1], r\n"
               "assert r['seen'][0] == 'no-type', r\n"
               "assert r['far'] in (('no-imagery', 'no grassland type is told there either'), "
               "('no-type', 'no scene covers it either')), r\n\"",
               dir);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_class_of_all_is_the_pastures_own_type),
        cmocka_unit_test(each_cell_has_the_yield_of_its_own_type),
        cmocka_unit_test(steep_ground_is_used_less),
        cmocka_unit_test(ground_far_from_water_is_used_less),
        cmocka_unit_test(tables_and_rasters_say_the_same),
        cmocka_unit_test(what_a_layer_says_wrong_is_named),
        cmocka_unit_test(what_lies_outside_of_both_is_told_of_both),
    };
    return cmocka_run_group_tests_name("ground", tests, test_gdal_set_up, test_gdal_tear_down) != 0;
}
