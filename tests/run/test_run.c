/* SPDX-License-Identifier: MIT
 * The whole job on the made world, as a library call, in folders with blanks and Chinese names. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gdal.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/run.h"
#include "caochu/text.h"

enum { COMMAND = 3 * CAO_PATH_MAX };

static const char *build(void)
{
    const char *b = getenv("CAO_BUILD");
    return b ? b : "build/release";
}

/* A world in a fresh folder; free() it. */
static char *make_world(const char *name, const char *options)
{
    char *dir = test_folder(name);
    test_shell("%s/make-world '%s' --size 504 --pastures 24 %s >/dev/null", build(), dir, options);
    return dir;
}

/* Change the project file by a sed script. */
static void edit_project(const char *dir, const char *script)
{
    test_shell("sed -i -e '%s' '%s/park.yaml'", script, dir);
}

static enum cao_status run_in(const char *dir, int threads, bool strict,
                              struct cao_run_summary *summary, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    struct cao_run_options options = {
        .project = path, .data_dir = "src/profiles", .threads = threads, .strict = strict
    };
    return cao_run(&options, summary, err);
}

static void show(const struct cao_run_summary *s)
{
    for (size_t i = 0; i < s->findings.n; i++) {
        char text[2300];
        cao_finding_format(&s->findings.items[i], text, sizeof text);
        fprintf(stderr, "  %s: %s\n",
                s->findings.items[i].severity == CAO_PROBLEM ? "problem" : "note", text);
    }
}

static bool has_finding(const struct cao_run_summary *s, const char *code, const char *words)
{
    for (size_t i = 0; i < s->findings.n; i++) {
        char text[2300];
        cao_finding_format(&s->findings.items[i], text, sizeof text);
        if (strcmp(s->findings.items[i].code, code) == 0 && strstr(text, words))
            return true;
    }
    show(s);
    return false;
}

/* Digest of all results except run.json, which holds times. */
static void digest(const char *dir, char text[64])
{
    char command[COMMAND];
    snprintf(command, sizeof command,
             "cd '%s/results' && find . -type f ! -name run.json -print0 | sort -z | xargs -0 "
             "sha256sum | sha256sum",
             dir);
    FILE *p = popen(command, "r");
    assert_non_null(p);
    assert_non_null(fgets(text, 64, p));
    pclose(p);
}

static void the_world_gives_a_row_for_every_pasture(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    char *dir = make_world("world", "");
    assert_ok(run_in(dir, 2, false, &s, &err));
    if (s.findings.n_problems)
        show(&s);
    assert_int_equal(s.findings.n_problems, 0);
    assert_int_equal(s.n_scenes, 3);
    assert_int_equal(s.n_offset, 3); /* the world's baseline carries BOA_ADD_OFFSET */
    assert_true(s.n_pastures >= 24);
    assert_true(s.n_verdicts > s.n_pastures / 2);
    assert_int_equal(s.n_failed, 0);
    assert_true(cao_file_stat(s.csv, NULL, NULL));
    assert_true(cao_file_stat(s.gpkg, NULL, NULL));
    assert_true(cao_file_stat(s.record, NULL, NULL));
    cao_run_summary_release(&s);
    free(dir);
}

static void a_second_run_finds_nothing_to_do(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    char before[64], after[64];
    char *dir = make_world("again", "");
    assert_ok(run_in(dir, 2, false, &s, &err));
    assert_int_equal(s.n_fresh, 0);
    cao_run_summary_release(&s);
    digest(dir, before);
    assert_ok(run_in(dir, 2, false, &s, &err));
    assert_int_equal(s.n_fresh, s.n_tiles);
    assert_int_equal(s.n_done, 0);
    cao_run_summary_release(&s);
    digest(dir, after);
    assert_string_equal(before, after);
    /* a torn result counts as not done */
    test_shell("f=$(find '%s/results' -name ndvi.tif | head -n 1) && truncate -s 100 \"$f\"", dir);
    assert_ok(run_in(dir, 1, false, &s, &err));
    assert_int_equal(s.n_done, 1);
    cao_run_summary_release(&s);
    digest(dir, after);
    assert_string_equal(before, after);
    free(dir);
}

static void bytes_are_the_same_for_any_number_of_workers(void **state)
{
    (void)state;
    static const int threads[] = { 1, 2, 7 };
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    char first[64] = "", now[64];
    char *dir = make_world("workers", "");
    for (size_t i = 0; i < 3; i++) {
        test_shell("rm -rf '%s/results'", dir);
        assert_ok(run_in(dir, threads[i], false, &s, &err));
        cao_run_summary_release(&s);
        digest(dir, now);
        if (i == 0)
            memcpy(first, now, sizeof first);
        assert_string_equal(first, now);
    }
    free(dir);
}

/* Sums are exact, so how the ground is cut into tiles cannot be seen in the table. */
static void the_table_is_the_same_for_any_tile_size(void **state)
{
    (void)state;
    static const char *const scripts[] = { "s/tile: 512/tile: 256/", "s/tile: 256/tile: 1024/" };
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    char *first = NULL, *now = NULL;
    size_t n_first = 0, n_now = 0;
    char *dir = make_world("tiles", "");
    for (size_t i = 0; i < 3; i++) {
        if (i > 0)
            edit_project(dir, scripts[i - 1]);
        test_shell("rm -rf '%s/results'", dir);
        assert_ok(run_in(dir, 2, false, &s, &err));
        assert_ok(cao_file_read(s.csv, 1 << 26, i ? &now : &first, i ? &n_now : &n_first, &err));
        cao_run_summary_release(&s);
        if (i > 0) {
            assert_int_equal(n_first, n_now);
            assert_memory_equal(first, now, n_now);
            free(now);
        }
    }
    free(first);
    free(dir);
}

/* The next tile of the same overpass shows the same ground: one look more would be a lie. */
static void tiles_of_one_overpass_count_as_one_look(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    char *before = NULL, *after = NULL, *dir = make_world("overpass", "");
    size_t n_before = 0, n_after = 0;
    assert_ok(run_in(dir, 2, false, &s, &err));
    assert_ok(cao_file_read(s.csv, 1 << 26, &before, &n_before, &err));
    cao_run_summary_release(&s);
    test_shell("cd '%s/imagery' && p=$(ls | head -n 1) && q=$(echo \"$p\" | sed s/T47SMU/T47SMV/) "
               "&& cp -r \"$p\" "
               "\"$q\" && sed -i s/T47SMU/T47SMV/ \"$q\"/GRANULE/*/MTD_TL.xml",
               dir);
    assert_ok(run_in(dir, 2, false, &s, &err));
    assert_int_equal(s.n_scenes, 4);
    assert_int_equal(s.n_fresh, s.n_empty); /* a new scene makes the tiles that it reaches stale */
    assert_ok(cao_file_read(s.csv, 1 << 26, &after, &n_after, &err));
    assert_int_equal(n_before, n_after);
    assert_memory_equal(before, after, n_after);
    cao_run_summary_release(&s);
    free(before);
    free(after);
    free(dir);
}

/* An independent slow recomputation from the files, by other code on other libraries. */
static void numbers_agree_with_an_independent_recomputation(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    if (system("/usr/bin/python3 -c 'import numpy; from osgeo import gdal' 2>/dev/null") != 0) {
        printf("SKIP  %s: needs python3-numpy and python3-gdal\n", __func__);
        skip();
    }
    char *dir = make_world("oracle", "");
    assert_ok(run_in(dir, 2, false, &s, &err));
    cao_run_summary_release(&s);
    test_shell("/usr/bin/python3 tests/oracle/compare.py '%s' '%s/results'", dir, dir);
    free(dir);
}

static void bad_inputs_are_named_and_the_rest_goes_on(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    char *dir = make_world("bad", "--bad-rows --duplicate --l1c");
    assert_ok(run_in(dir, 2, false, &s, &err));
    assert_true(has_finding(&s, "scene-superseded", "SAFE"));
    assert_true(has_finding(&s, "herd-row", "livestock.csv:"));
    assert_true(has_finding(&s, "herd-unknown-pasture", "livestock.csv:"));
    assert_true(has_finding(&s, "geometry-repaired", "pastures.gpkg"));
    assert_true(s.n_refused >= 2);
    assert_true(s.n_verdicts > s.n_pastures / 2);
    cao_run_summary_release(&s);
    assert_int_equal(run_in(dir, 2, true, &s, &err), CAO_EDATA);
    assert_non_null(strstr(err.text, "--strict"));
    cao_run_summary_release(&s);
    free(dir);
}

static void a_torn_band_leaves_out_its_scene_alone(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    char *dir = make_world("torn", "");
    test_shell("f=$(find '%s/imagery' -name '*_B04_10m.jp2' | sort | head -n 1) && "
               "truncate -s 40000 \"$f\"",
               dir);
    assert_ok(run_in(dir, 2, false, &s, &err));
    assert_true(has_finding(&s, "scene-unreadable", "B04"));
    assert_int_equal(s.n_failed, 0);
    assert_true(s.n_verdicts > 0);
    cao_run_summary_release(&s);
    free(dir);
}

static void a_period_without_scenes_is_a_problem(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    char *dir = make_world("empty", "");
    edit_project(dir, "s/2024-07-15/2019-07-15/; s/2024-08-31/2019-08-31/");
    assert_ok(run_in(dir, 1, false, &s, &err));
    assert_true(has_finding(&s, "period-empty", "park.yaml"));
    assert_int_equal(s.n_verdicts, 0);
    cao_run_summary_release(&s);
    free(dir);
}

static void a_wrong_project_file_ends_before_any_work(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    char *dir = make_world("typo", "");
    edit_project(dir, "s/resolution:/resolutoin:/");
    assert_int_equal(run_in(dir, 1, false, &s, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "park.yaml:"));
    assert_non_null(strstr(err.text, "grid.resolution"));
    char results[CAO_PATH_MAX];
    snprintf(results, sizeof results, "%s/results", dir);
    assert_false(cao_file_is_dir(results));
    cao_run_summary_release(&s);
    free(dir);
}

static void the_median_composite_runs(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    char *dir = make_world("median", "");
    edit_project(dir,
                 "s/max-ndvi/median/; s/^output:/output:\\n  products: [pressure_class, nvdi]/");
    assert_int_equal(run_in(dir, 2, false, &s, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "'nvdi' is none of this project; did you mean ndvi?"));
    cao_run_summary_release(&s);
    edit_project(dir, "s/nvdi/ndvi/");
    assert_ok(run_in(dir, 2, false, &s, &err));
    assert_int_equal(s.findings.n_problems, 0);
    assert_true(s.n_verdicts > s.n_pastures / 2);
    static const char *const there[] = { "ndvi.vrt", "pressure_class.vrt" }, *const not_there[] = {
        "evi.vrt", "status.vrt", "day.vrt"
    };
    char path[CAO_PATH_MAX];
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/results/peak-2024/%s", dir, not_there[i]);
        assert_false(cao_file_stat(path, NULL, NULL));
        snprintf(path, sizeof path, "%s/results/peak-2024/%s", dir, there[i % 2]);
        assert_true(cao_file_stat(path, NULL, NULL));
    }
    cao_run_summary_release(&s);
    free(dir);
}

/* No herd may graze a type whose utilisation is 0: no pressure, not an infinite one, in map and
 * table alike. */
static void ground_that_may_not_be_used_has_no_pressure(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    char *dir = make_world("banned", ""), path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/none.yaml", dir);
    static const char none[] = "format: 1\nname: none\nbased_on: nyt635-2015\ntypes:\n"
                               "  alpine_meadow: {utilisation: {year-round: 0}}\n"
                               "  alpine_steppe: {utilisation: {year-round: 0}}\n"
                               "  swampy_meadow: {utilisation: {year-round: 0}}\n"
                               "  alpine_desert: {utilisation: {year-round: 0}}\n";
    assert_ok(cao_file_write(path, none, strlen(none), &err));
    edit_project(dir, "s/^profile:.*/profile: none.yaml/");
    assert_ok(run_in(dir, 2, false, &s, &err));
    assert_int_equal(s.n_verdicts, 0);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/results/peak-2024/%s.vrt", dir,
                 i ? "pressure_class" : "pressure");
        GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
        assert_non_null(d);
        int n = GDALGetRasterXSize(d) * GDALGetRasterYSize(d), nodata = i ? 255 : -32768;
        int16_t *v = malloc((size_t)n * sizeof *v);
        assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, 1), GF_Read, 0, 0, GDALGetRasterXSize(d),
                                      GDALGetRasterYSize(d), v, GDALGetRasterXSize(d),
                                      GDALGetRasterYSize(d), GDT_Int16, 0, 0),
                         CE_None);
        for (int k = 0; k < n; k++)
            assert_int_equal(v[k], nodata);
        free(v);
        GDALClose(d);
    }
    cao_run_summary_release(&s);
    free(dir);
}

/* A real product, 11 % clear, on a grid of its own: means against a plain loop over its pixels. */
static void a_real_landsat_product_gives_its_ndvi(void **state)
{
    (void)state;
    NEED_DATA("landsat_c2l2_008059");
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    char *dir = test_folder("landsat"), path[CAO_PATH_MAX], text[2000];
    /* a square of 9 by 9 km over clear forest, in the product's own UTM zone */
    GDALDatasetH d = GDALOpen(
        test_data("landsat_c2l2_008059/LC08_L2SP_008059_20191201_20200825_02_T1_QA_PIXEL.TIF"),
        GA_ReadOnly);
    assert_non_null(d);
    double t[6], sum = 0, x0 = 0, y0 = 0;
    uint16_t qa[512 * 512], red[512 * 512], nir[512 * 512];
    GDALGetGeoTransform(d, t);
    static const char *const names[] = { "QA_PIXEL", "SR_B4", "SR_B5" };
    uint16_t *const to[] = { qa, red, nir };
    GDALClose(d);
    for (int k = 0; k < 3; k++) {
        char item[200];
        snprintf(item, sizeof item,
                 "landsat_c2l2_008059/LC08_L2SP_008059_20191201_20200825_02_T1_%s.TIF", names[k]);
        d = GDALOpen(test_data(item), GA_ReadOnly);
        assert_non_null(d);
        assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, 1), GF_Read, 0, 0, 512, 512, to[k], 512,
                                      512, GDT_UInt16, 0, 0),
                         CE_None);
        GDALClose(d);
    }
    int best = 0, best_row = 0, best_col = 0, n = 0;
    for (int r = 0; r + 20 < 512; r += 4) /* the clearest block of 20 by 20 pixels */
        for (int c = 0; c + 20 < 512; c += 4) {
            int clear = 0;
            for (int i = 0; i < 400; i++)
                clear += (qa[(r + i / 20) * 512 + c + i % 20] & 0x3F) == 0;
            if (clear > best) {
                best = clear;
                best_row = r;
                best_col = c;
            }
        }
    assert_true(best > 350);
    for (int i = 0; i < 400; i++) {
        int at = (best_row + i / 20) * 512 + best_col + i % 20;
        double b4 = red[at] * 2.75e-5 - 0.2, b5 = nir[at] * 2.75e-5 - 0.2; /* LSDS-1619 */
        if ((qa[at] & 0x3F) == 0 && b4 > 0 && b5 > 0) {
            sum += (b5 - b4) / (b5 + b4);
            n++;
        }
    }
    x0 = t[0] + best_col * t[1];
    y0 = t[3] + best_row * t[5];
    snprintf(text, sizeof text,
             "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":"
             "\"urn:ogc:def:crs:EPSG::32618\"}},"
             "\"features\":[{\"type\":\"Feature\",\"properties\":{\"id\":\"1\"},\"geometry\":{"
             "\"type\":\"Polygon\",\"coordinates\":"
             "[[[%f,%f],[%f,%f],[%f,%f],[%f,%f],[%f,%f]]]}}]}",
             x0, y0, x0 + 20 * t[1], y0, x0 + 20 * t[1], y0 + 20 * t[5], x0, y0 + 20 * t[5], x0,
             y0);
    snprintf(path, sizeof path, "%s/p.geojson", dir);
    assert_ok(cao_file_write(path, text, strlen(text), &err));
    char folder[CAO_PATH_MAX];
    assert_non_null(realpath(test_data("landsat_c2l2_008059"), folder));
    snprintf(text, sizeof text,
             "imagery: ['%s']\npastures: {file: p.geojson, id: id}\ndefault_type: alpine_meadow\n"
             "grid: {crs: 'EPSG:32618', resolution: 30, tile: 512}\nmin_valid_share: 0.1\n"
             "periods: [{name: d, from: 2019-12-01, to: 2019-12-01}]\n",
             folder);
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    assert_ok(cao_file_write(path, text, strlen(text), &err));
    assert_ok(run_in(dir, 2, false, &s, &err));
    char *csv;
    size_t size;
    double ndvi;
    assert_ok(cao_file_read(s.csv, 1 << 20, &csv, &size, &err));
    char *cell = strstr(csv, "\nd,1,");
    assert_non_null(cell);
    for (int k = 0; k < 14; k++)
        cell = strchr(cell, ',') + 1;
    *strchr(cell, ',') = '\0';
    assert_true(cao_text_double(cell, &ndvi));
    if (fabs(ndvi - sum / n) > 0.005)
        fail_msg("NDVI %f, by a plain loop %f over %d pixels", ndvi, sum / n, n);
    free(csv);
    cao_run_summary_release(&s);
    free(dir);
}

static uint64_t clear_cells(const char *dir)
{
    char command[COMMAND], text[64];
    snprintf(command, sizeof command,
             "python3 -c \"import json; r=json.load(open('%s/results/run.json')); "
             "print(sum(s['cells']['clear'] for s in r['scenes']))\"",
             dir);
    FILE *p = popen(command, "r");
    assert_non_null(p);
    assert_non_null(fgets(text, sizeof text, p));
    pclose(p);
    return strtoull(text, NULL, 10);
}

/* Grown masks reach over strips, tiles and the border of the grid: any cut gives the same maps. */
static void grown_masks_do_not_show_the_cut(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    char sums[2][64];
    uint64_t without = 0, with = 0;
    for (int i = 0; i < 3; i++) {
        char *dir = make_world("grown", "");
        if (i)
            edit_project(dir, "s/^composite:/mask_dilation: 95\\ncomposite:/");
        if (i == 2)
            edit_project(dir, "s/tile: .*/tile: 256/");
        assert_ok(run_in(dir, 2, false, &s, &err));
        cao_run_summary_release(&s);
        if (i == 1)
            with = clear_cells(dir);
        else if (i == 0)
            without = clear_cells(dir);
        if (i) {
            char command[COMMAND];
            snprintf(command, sizeof command,
                     "cut -d, -f1-30 '%s/results/pastures.csv' | sha256sum; gdalinfo -checksum "
                     "'%s/results/peak-2024/n_clear.vrt' >/dev/null",
                     dir, dir);
            FILE *p = popen(command, "r");
            assert_non_null(p);
            assert_non_null(fgets(sums[i - 1], 64, p));
            pclose(p);
        }
        free(dir);
    }
    assert_true(with < without && with > without / 3);
    assert_string_equal(sums[0], sums[1]);
}

/* By numpy, from the scene classes: looks of class 11 over those that are not 0, 1, 3, 8, 9, 10. */
static const char snow_oracle[] =
    "/usr/bin/python3 - '%s' <<'END'\n"
    "import sys, glob\n"
    "import numpy as np\n"
    "from osgeo import gdal\n"
    "gdal.UseExceptions()\n"
    "d = sys.argv[1]\n"
    "v = gdal.Open(d + '/results/peak-2024/snow_share.vrt')\n"
    "t = v.GetGeoTransform(); got = v.ReadAsArray()\n"
    "snow = np.zeros(got.shape, int); seen = np.zeros(got.shape, int)\n"
    "x = t[0] + 10 * (np.arange(got.shape[1]) + .5); y = t[3] - 10 * (np.arange(got.shape[0]) + "
    ".5)\n"
    "for f in glob.glob(d + '/imagery/*/GRANULE/*/IMG_DATA/R20m/*SCL*.jp2'):\n"
    "    s = gdal.Open(f); g = s.GetGeoTransform(); a = s.ReadAsArray()\n"
    "    c = np.floor((x - g[0]) / 20).astype(int); r = np.floor((g[3] - y) / 20).astype(int)\n"
    "    ok = ((r >= 0) & (r < a.shape[0]))[:, None] & ((c >= 0) & (c < a.shape[1]))[None, :]\n"
    "    k = np.where(ok, a[np.clip(r, 0, a.shape[0]-1)][:, np.clip(c, 0, a.shape[1]-1)], 0)\n"
    "    seen += ~np.isin(k, [0, 1, 3, 8, 9, 10]); snow += k == 11\n"
    "want = np.where(seen > 0, np.rint(1e4 * snow / np.maximum(seen, 1)), -32768)\n"
    "done = v.GetRasterBand(1).GetMaskBand().ReadAsArray() > 0\n"
    "assert (want[done] == got[done]).all(), (want[done] != got[done]).sum()\n"
    "assert (snow[done] > 0).sum() > 100 and (snow[done] == 0).sum() > 100\n"
    "n = gdal.Open(d + '/results/peak-2024/snow_days.vrt').ReadAsArray()\n"
    "assert abs(n[done] / 10. - 48 * (got[done] / 1e4)).max() < .06\n"
    "END";

static void snow_is_a_product_whatever_is_masked(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    for (int i = 0; i < 2; i++) {
        char *dir = make_world("snow", "");
        edit_project(dir, i ? "s/^composite:/snow: true\\nmask: [cloud]\\nmask_dilation: "
                              "30\\ncomposite:/"
                            : "s/^composite:/snow: true\\ncomposite:/");
        assert_ok(run_in(dir, 2, false, &s, &err));
        cao_run_summary_release(&s);
        test_shell(snow_oracle, dir);
        free(dir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snow_is_a_product_whatever_is_masked),
        cmocka_unit_test(grown_masks_do_not_show_the_cut),
        cmocka_unit_test(the_world_gives_a_row_for_every_pasture),
        cmocka_unit_test(a_second_run_finds_nothing_to_do),
        cmocka_unit_test(bytes_are_the_same_for_any_number_of_workers),
        cmocka_unit_test(the_table_is_the_same_for_any_tile_size),
        cmocka_unit_test(tiles_of_one_overpass_count_as_one_look),
        cmocka_unit_test(numbers_agree_with_an_independent_recomputation),
        cmocka_unit_test(bad_inputs_are_named_and_the_rest_goes_on),
        cmocka_unit_test(a_torn_band_leaves_out_its_scene_alone),
        cmocka_unit_test(a_period_without_scenes_is_a_problem),
        cmocka_unit_test(a_wrong_project_file_ends_before_any_work),
        cmocka_unit_test(the_median_composite_runs),
        cmocka_unit_test(ground_that_may_not_be_used_has_no_pressure),
        cmocka_unit_test(a_real_landsat_product_gives_its_ndvi),
    };
    return cmocka_run_group_tests_name("run", tests, test_gdal_set_up, test_gdal_tear_down) != 0;
}
