/* SPDX-License-Identifier: MIT
 * End-members of vegetation cover: estimated from a run, frozen in a file, used by others. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>

#include "support/support.h"

#include "caochu/explain.h"
#include "caochu/file.h"
#include "caochu/fvc.h"
#include "caochu/profile_file.h"

static const char only[] = "0632626009"; /* one pasture, so one grassland type */

static char *make_world(const char *name)
{
    const char *b = getenv("CAO_BUILD");
    char *dir = test_folder(name);
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    test_shell("cd '%s' && sed -i \"s/^  id: pasture_id/  id: pasture_id\\n  where: pasture_id = "
               "'%s'/\" park.yaml && sed -i '/^livestock/,/^  heads/d' park.yaml",
               dir, only);
    return dir;
}

static struct cao_run_options options_of(const char *dir, char path[CAO_PATH_MAX])
{
    snprintf(path, CAO_PATH_MAX, "%s/park.yaml", dir);
    return (struct cao_run_options){ .project = path, .data_dir = "src/profiles", .threads = 2 };
}

static void run_in(const char *dir)
{
    char path[CAO_PATH_MAX];
    struct cao_run_summary s;
    struct cao_error err = { 0 };
    struct cao_run_options options = options_of(dir, path);
    assert_ok(cao_run(&options, &s, &err));
    assert_true(s.n_done > 0);
    cao_run_summary_release(&s);
}

static enum cao_status estimate(const char *dir, const char *period, double low, double high,
                                char **text, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    size_t size;
    struct cao_run_summary s;
    struct cao_run_options options = options_of(dir, path);
    struct cao_fvc_baseline baseline = { period, low, high };
    enum cao_status st = cao_fvc_estimate(&options, &baseline, text, &size, &s, err);
    cao_run_summary_release(&s);
    return st;
}

static float *read_map(const char *dir, const char *name, size_t *n)
{
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/results/peak-2024/%s.vrt", dir, name);
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    assert_non_null(d);
    int w = GDALGetRasterXSize(d), h = GDALGetRasterYSize(d);
    *n = (size_t)w * (size_t)h;
    float *v = malloc(*n * sizeof *v);
    assert_non_null(v);
    assert_int_equal(
        GDALRasterIO(GDALGetRasterBand(d, 1), GF_Read, 0, 0, w, h, v, w, h, GDT_Float32, 0, 0),
        CE_None);
    GDALClose(d);
    return v;
}

static void end_members_are_quantiles_of_the_area_and_hold_for_others(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    char *dir = make_world("fvc"), *text = NULL, word[200], file[CAO_PATH_MAX];
    double soil, full;
    run_in(dir);
    assert_ok(estimate(dir, "peak-2024", 5, 95, &text, &err));
    const char *at = strstr(text, "soil: ");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "soil: %lf, full: %lf", &soil, &full), 2);
    assert_true(soil > 0 && soil < full && full < 1);

    /* the other road to the same numbers: quantiles of the zone statistics; no NDVI is at 0 or below */
    test_shell("cd '%s' && CAOCHU=$OLDPWD/${CAO_BIN:-build/release/caochu} && "
               "$CAOCHU zonal -p pastures.gpkg --layer pastures --id pasture_id --where "
               "\"pasture_id = '%s'\" -r results/peak-2024/ndvi.vrt -s "
               "'min,p5,p95' --layout long --no-bom -q > quantiles.csv && "
               "awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i } NR == 2 { print "
               "$c[\"min\"], $c[\"p05\"], $c[\"p95\"] }' quantiles.csv > "
               "quantiles.txt",
               dir, only);
    double want[3] = { 0 };
    snprintf(file, sizeof file, "%s/quantiles.txt", dir);
    FILE *f = fopen(file, "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lf %lf %lf", &want[0], &want[1], &want[2]), 3);
    fclose(f);
    assert_true(want[0] > 0);
    assert_true(fabs(soil - want[1]) < 5.1e-5 && fabs(full - want[2]) < 5.1e-5);

    snprintf(file, sizeof file, "%s/fvc.yaml", dir);
    assert_ok(cao_file_write(file, text, strlen(text), &err));
    test_shell("echo 'fvc: {end_members: fvc.yaml, form: squared}' >> '%s/park.yaml'", dir);
    run_in(dir);
    size_t n, m, counted = 0;
    float *ndvi = read_map(dir, "ndvi", &n), *fvc = read_map(dir, "fvc", &m);
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++) {
        if (fvc[i] == -32768)
            continue;
        double share = ((double)ndvi[i] * 1e-4 - soil) / (full - soil);
        share = share < 0 ? 0 : share > 1 ? 1 : share;
        assert_true(fabs((double)fvc[i] * 1e-4 - share * share) < 0.51e-4 + 1e-6);
        counted++;
    }
    assert_true(counted > 1000);
    free(fvc);
    free(ndvi);
    snprintf(word, sizeof word, "\"soil\":%g", soil);
    assert_true(test_file_says(dir, "results/run.json", word));
    assert_true(test_file_says(dir, "results/run.json", "5 and 95 % of NDVI in peak-2024"));

    char path[CAO_PATH_MAX];
    struct cao_run_options options = options_of(dir, path);
    struct cao_run_summary s;
    struct cao_table table = { 0 };
    bool told = false;
    assert_ok(cao_explain(&options, only, &table, &s, &err));
    for (size_t i = 0; i < table.n_rows; i++) {
        const struct cao_value *v = &table.cells[i * table.n_columns + CAO_EXPLAIN_ITEM];
        const struct cao_value *source = v - CAO_EXPLAIN_ITEM + CAO_EXPLAIN_SOURCE;
        if (strcmp(v->text, "NDVI of full cover") == 0)
            told = strstr(source->text, "fvc.yaml: 5 and 95 %") != NULL;
    }
    assert_true(told);
    cao_table_release(&table);
    cao_run_summary_release(&s);
    free(text);
    free(dir);
}

/* A raster as large as the map of NDVI with the code 1 everywhere. */
static void write_codes(const char *dir)
{
    char path[CAO_PATH_MAX];
    double t[6];
    snprintf(path, sizeof path, "%s/results/peak-2024/ndvi.vrt", dir);
    GDALDatasetH like = GDALOpen(path, GA_ReadOnly);
    assert_non_null(like);
    snprintf(path, sizeof path, "%s/types.tif", dir);
    GDALDatasetH d = GDALCreate(GDALGetDriverByName("GTiff"), path, GDALGetRasterXSize(like),
                                GDALGetRasterYSize(like), 1, GDT_Byte, NULL);
    assert_non_null(d);
    assert_int_equal(GDALGetGeoTransform(like, t), CE_None);
    assert_int_equal(GDALSetGeoTransform(d, t), CE_None);
    assert_int_equal(GDALSetProjection(d, GDALGetProjectionRef(like)), CE_None);
    assert_int_equal(GDALFillRaster(GDALGetRasterBand(d, 1), 1, 0), CE_None);
    GDALClose(d);
    GDALClose(like);
}

static void types_by_place_come_from_their_layer(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    char *dir = make_world("fvc layer"), *columns = NULL, *layer = NULL;
    run_in(dir);
    assert_ok(estimate(dir, "peak-2024", 5, 95, &columns, &err));
    write_codes(dir);
    test_shell(
        "echo 'type_layer: {file: types.tif, classes: {1: alpine_steppe}}' >> '%s/park.yaml'", dir);
    run_in(dir);
    assert_ok(estimate(dir, "peak-2024", 5, 95, &layer, &err));
    char *was = strstr(columns, "alpine_meadow: {"), *is = strstr(layer, "alpine_steppe: {");
    assert_true(was && is && !strstr(layer, "alpine_meadow: {"));
    size_t n = strcspn(was, "}");
    assert_int_equal(n, strcspn(is, "}"));
    assert_memory_equal(was + strlen("alpine_meadow"), is + strlen("alpine_steppe"),
                        n - strlen("alpine_meadow"));
    free(layer);
    free(columns);
    free(dir);
}

static void what_cannot_be_estimated_says_why(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    char *dir = make_world("fvc wrong"), *text = NULL;
    assert_int_equal(estimate(dir, "peak-2024", 0.5, 99.5, &text, &err), CAO_EDATA);
    assert_non_null(strstr(err.text, "run first") ? err.text : strstr(err.text, "caochu run"));
    run_in(dir);
    assert_int_equal(estimate(dir, "peak-204", 0.5, 99.5, &text, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "did you mean peak-2024"));
    assert_int_equal(estimate(dir, "peak-2024", 99.5, 0.5, &text, &err), CAO_EARG);
    assert_int_equal(estimate(dir, "peak-2024", -1, 99.5, &text, &err), CAO_EARG);
    test_shell("cd '%s' && sed -i '/folder: results/a\\  products: [evi]' park.yaml", dir);
    run_in(dir);
    assert_int_equal(estimate(dir, "peak-2024", 0.5, 99.5, &text, &err), CAO_EDATA);
    assert_non_null(strstr(err.text, "output.products leaves ndvi out"));
    assert_null(text);
    free(dir);
}

static void a_wrong_file_is_named_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "types:\n  alpine_medow: {soil: 0, full: 1}", "fvc.yaml:2: types.alpine_medow: " },
        { "types: {alpine_meadow: {soil: 1, full: 0}}", "soil below full" },
        { "types: {alpine_meadow: {soil: 0.1}}", "soil below full" },
        { "types: {alpine_meadow: {sol: 1}}", "types.alpine_meadow.sol: unknown key" },
        { "types: {alpine_meadow: {soil: x, full: 1}}", "a number is wanted" },
        { "types: {alpine_meadow: 0.1}", "{soil: ..., full: ...} is wanted" },
        { "typs: {}", "types is missing" },
        { "types: {}", "types is missing" },
        { "[1, 2]", "types is missing" },
        { "types: {alpine_meadow: {soil: 0, full: 1}}\nother: 1",
          "fvc.yaml:2: other: unknown key" },
    };
    char *dir = test_folder("fvc files"), path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    struct cao_profile p = { 0 };
    assert_ok(cao_profile_load("nyt635-2015", ".", "src/profiles", "", &p, &err));
    snprintf(path, sizeof path, "%s/fvc.yaml", dir);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_ok(cao_file_write(path, cases[i].text, strlen(cases[i].text), &err));
        assert_int_equal(cao_fvc_read(path, &p, &err), CAO_EARG);
        if (!strstr(err.text, cases[i].want))
            fail_msg("'%s' says '%s'", cases[i].text, err.text);
    }
    const char good[] = "types: {高寒草甸: {soil: 0.07, full: 0.91}}";
    size_t type;
    assert_ok(cao_file_write(path, good, strlen(good), &err));
    assert_ok(cao_fvc_read(path, &p, &err));
    assert_ok(cao_profile_type(&p, "alpine_meadow", &type, &err));
    assert_true(p.types[type].fvc_soil.value == 0.07 && p.types[type].fvc_full.value == 0.91);
    assert_non_null(strstr(p.types[type].fvc_full.source, "set by hand"));
    cao_profile_release(&p);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(end_members_are_quantiles_of_the_area_and_hold_for_others),
        cmocka_unit_test(types_by_place_come_from_their_layer),
        cmocka_unit_test(what_cannot_be_estimated_says_why),
        cmocka_unit_test(a_wrong_file_is_named_with_its_line),
    };
    return cmocka_run_group_tests_name("fvc", tests, test_gdal_set_up, test_gdal_tear_down) != 0;
}
