/* SPDX-License-Identifier: MIT
 * caochu calibrate from end to end: a raster whose values are known by formula, plots of a known curve
 * among plots that must be set aside, and the file of equations read again by a run. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>
#include <json-c/json.h>

#include "support/support.h"

#include "caochu/calibrate.h"
#include "caochu/profile_file.h"
#include "caochu/raster_in.h"

enum { SIZE = 60, DAY_TWO_SHIFT = 500 };

/* NDVI x 10000 of cell (col, row): a plane, so that the mean of 3 x 3 cells is that of the middle. */
static int plane(int col, int row)
{
    return 1500 + 70 * col + 40 * row;
}

/* 10 m cells from (500000, 3850000) in UTM 47; rows 0 to 9 of the columns 50 to 59 are clouded. */
static void write_raster(const char *path, int shift)
{
    static short cells[SIZE * SIZE];
    double transform[6] = { 500000, 10, 0, 3850000, 0, -10 };
    for (int r = 0; r < SIZE; r++)
        for (int c = 0; c < SIZE; c++)
            cells[r * SIZE + c] = (short)(c >= 50 && r < 10 ? -32768 : plane(c, r) + shift);
    GDALDatasetH d = GDALCreate(GDALGetDriverByName("GTiff"), path, SIZE, SIZE, 1, GDT_Int16, NULL);
    assert_non_null(d);
    GDALSetGeoTransform(d, transform);
    GDALSetProjection(d, "EPSG:32647");
    GDALRasterBandH b = GDALGetRasterBand(d, 1);
    GDALSetRasterNoDataValue(b, -32768);
    GDALSetRasterScale(b, 1e-4);
    assert_int_equal(
        GDALRasterIO(b, GF_Write, 0, 0, SIZE, SIZE, cells, SIZE, SIZE, GDT_Int16, 0, 0), CE_None);
    GDALClose(d);
}

static double x_of(int col)
{
    return 500000 + 10 * col + 5;
}

static double y_of(int row)
{
    return 3850000 - 10 * row - 5;
}

/* y = 300 e^(3 x) exactly, kg/ha, for plots on 5 August; as g/m2 in the table. */
static void put_plot(FILE *f, const char *id, const char *date, int col, int row, const char *type,
                     double shift)
{
    double x = plane(col, row) * 1e-4 + shift;
    fprintf(f, "%s,%s,%.1f,%.1f,%s,%.9f\n", id, date, x_of(col), y_of(row), type,
            300 * exp(3 * x) / 10);
}

static char *make_folder(void)
{
    char *dir = test_folder("calibrate"), path[600];
    snprintf(path, sizeof path, "%s/ndvi_20240805.tif", dir);
    write_raster(path, 0);
    snprintf(path, sizeof path, "%s/ndvi_20240815.tif", dir);
    write_raster(path, DAY_TWO_SHIFT);
    snprintf(path, sizeof path, "%s/plots.csv", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    if (!f)
        return dir;
    fprintf(f, "样地号,调查日期,x,y,草地类型,鲜重(g/m2)\n");
    for (int i = 0; i < 12; i++) {
        char id[16];
        snprintf(id, sizeof id, "A%02d", i);
        put_plot(f, id, "2024-08-05", 4 + 4 * i, 5 + 4 * i, "高寒草甸", 0);
    }
    /* nearer to the second image, whose index is 0.05 higher; dates as clerks write them */
    put_plot(f, "B01", "2024/8/14", 20, 40, "alpine_meadow", 0.05);
    put_plot(f, "B02", "2024年8月16日", 30, 40, "alpine_meadow", 0.05);
    put_plot(f, "in-A03", "2024-08-05", 16, 17, "高寒草甸", 0); /* the cell of A03 */
    put_plot(f, "late", "2024-09-20", 30, 30, "高寒草甸", 0);
    put_plot(f, "clouded", "2024-08-05", 55, 4, "高寒草甸", 0);
    put_plot(f, "edge", "2024-08-05", 50, 10, "高寒草甸", 0); /* 7 of 9 cells are clear */
    put_plot(f, "away", "2024-08-05", 70, 4, "高寒草甸", 0);
    put_plot(f, "typo", "2024-08-05", 30, 30, "高寒草店", 0);
    fprintf(f, "nothing,2024-08-05,%.1f,%.1f,高寒草甸,\n", x_of(30), y_of(30));
    fprintf(f, "words,2024-08-05,%.1f,%.1f,高寒草甸,many\n", x_of(30), y_of(30));
    fprintf(f, "undated,,%.1f,%.1f,高寒草甸,120\n", x_of(30), y_of(30));
    fprintf(f, "heap,2024-08-05,%.1f,%.1f,高寒草甸,3000\n", x_of(31), y_of(30));
    fclose(f);
    return dir;
}

static json_object *member(json_object *o, const char *key)
{
    json_object *v = NULL;
    json_object_object_get_ex(o, key, &v);
    return v;
}

static json_object *plot_named(json_object *root, const char *id)
{
    json_object *plots = member(root, "plots");
    for (size_t i = 0; i < json_object_array_length(plots); i++) {
        json_object *p = json_object_array_get_idx(plots, i);
        if (strcmp(json_object_get_string(member(p, "id")), id) == 0)
            return p;
    }
    fail_msg("no plot %s", id);
    return NULL;
}

static json_object *run_json(const char *dir, const char *words)
{
    char path[600];
    int code = test_wait(test_start(dir, words));
    assert_int_equal(code, 3); /* a grassland type is not known */
    snprintf(path, sizeof path, "%s/out.txt", dir);
    json_object *root = json_object_from_file(path);
    assert_non_null(root);
    return root;
}

static double index_of(json_object *root, const char *id)
{
    return json_object_get_double(member(plot_named(root, id), "index"));
}

static const char *why(json_object *root, const char *id)
{
    json_object *v = member(plot_named(root, id), "why_not");
    return v ? json_object_get_string(v) : "";
}

static void plots_get_the_index_of_their_cells_or_a_reason(void **state)
{
    (void)state;
    char *dir = make_folder();
    json_object *root = run_json(dir, "calibrate -q plots.csv -r ndvi_20240805.tif "
                                      "ndvi_20240815.tif --crs EPSG:32647 --json");
    for (int i = 0; i < 12; i++) {
        char id[16];
        snprintf(id, sizeof id, "A%02d", i);
        assert_true(fabs(index_of(root, id) - plane(4 + 4 * i, 5 + 4 * i) * 1e-4) < 1e-9);
        assert_string_equal(why(root, id), "");
    }
    assert_true(fabs(index_of(root, "B01") - (plane(20, 40) + DAY_TWO_SHIFT) * 1e-4) < 1e-9);
    assert_string_equal(json_object_get_string(member(plot_named(root, "B02"), "image_date")),
                        "2024-08-15");
    assert_string_equal(why(root, "late"), "no image within 10 days");
    assert_string_equal(why(root, "clouded"), "no clear value in the images of its days");
    assert_string_equal(why(root, "away"), "outside of the images");
    assert_string_equal(why(root, "typo"), "its grassland type is not known");
    assert_string_equal(why(root, "nothing"), "the weight is missing");
    assert_string_equal(why(root, "words"), "a weight is not a number of 0 or above");
    assert_string_equal(why(root, "undated"), "the date is missing");
    assert_non_null(strstr(why(root, "heap"), "outside the mean of its type"));
    assert_string_equal(why(root, "in-A03"), "averaged with A03, in the same cell");
    /* the mean of the seven clear cells around (50, 10): rows 10 and 11, and column 49 of row 9 */
    double edge = 0;
    static const int clear[][2] = { { 49, 9 },  { 49, 10 }, { 50, 10 }, { 51, 10 },
                                    { 49, 11 }, { 50, 11 }, { 51, 11 } };
    for (int i = 0; i < 7; i++)
        edge += plane(clear[i][0], clear[i][1]) * 1e-4 / 7;
    assert_true(fabs(index_of(root, "edge") - edge) < 1e-9);
    assert_int_equal(json_object_get_int(member(root, "used")), 15);
    assert_int_equal(json_object_get_int(member(root, "averaged")), 1);
    assert_int_equal(json_object_get_int(member(root, "set_aside")), 8);
    json_object_put(root);

    /* single cells, maximum of both images: the second for all */
    root =
        run_json(dir, "calibrate -q plots.csv -r . --crs EPSG:32647 --json --take max --window 1 "
                      "--sd 0");
    assert_true(fabs(index_of(root, "A05") - (plane(24, 25) + DAY_TWO_SHIFT) * 1e-4) < 1e-9);
    assert_string_equal(why(root, "heap"), "");
    json_object_put(root);
    free(dir);
}

/* Fits from the table are those of the points by hand; the file that is written says the same when a
 * profile reads it. */
static void the_file_of_equations_is_what_was_fitted(void **state)
{
    (void)state;
    char *dir = make_folder(), path[600], yaml[700];
    double x[20], y[20], *work = calloc(cao_fit_work(20), sizeof *work);
    int n = 0;
    test_shell("cd '%s' && grep -v edge plots.csv > few.csv", dir);
    json_object *root = run_json(dir, "calibrate -q few.csv -r ndvi_20240805.tif ndvi_20240815.tif "
                                      "--crs EPSG:32647 --json -o county.yaml --chart c.svg "
                                      "--sensor plane");
    for (int i = 0; i < 12; i++)
        x[n++] = plane(4 + 4 * i, 5 + 4 * i) * 1e-4;
    x[n++] = (plane(20, 40) + DAY_TWO_SHIFT) * 1e-4;
    x[n++] = (plane(30, 40) + DAY_TWO_SHIFT) * 1e-4;
    for (int i = 0; i < n; i++)
        y[i] = 300 * exp(3 * x[i]);
    json_object *set = json_object_array_get_idx(member(root, "types"), 0),
                *fits = member(set, "fits");
    assert_string_equal(json_object_get_string(member(set, "equation")), "alpine_meadow_exp");
    for (int k = 0; k < CAO_N_YIELD_FORMS; k++) {
        struct cao_fit f = cao_fit_form((enum cao_yield_form)k, x, y, (size_t)n, 10, work);
        json_object *o = json_object_array_get_idx(fits, (size_t)k);
        double r2 = json_object_get_double(member(o, "r2"));
        assert_true(fabs(r2 - f.r2) < 1e-6);
        assert_int_equal(json_object_get_int(member(o, "n")), n);
    }
    json_object_put(root);
    free(work);

    struct cao_profile p = { 0 };
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/county.yaml", dir);
    snprintf(yaml, sizeof yaml, "yield: {equations: '%s'}", path);
    struct cao_profile_patch patch = { yaml, "test" };
    if (cao_profile_load_patched("nyt635-2015", ".", "src/profiles", "", &patch, 1, &p, &err))
        fail_msg("%s", err.text);
    size_t type;
    assert_int_equal(cao_profile_type(&p, "高寒草甸", &type, &err), CAO_OK);
    const struct cao_yield_model *m = &p.types[type].models[0];
    assert_int_equal(p.types[type].n_models, 1);
    assert_true(m->has_covariance && m->n == n && m->year == 2024 && m->n_years == 1);
    assert_true(fabs(m->a - 300) < 1e-3 && fabs(m->b - 3) < 1e-4);
    assert_string_equal(m->sensor, "plane");
    assert_string_equal(p.yield_set, "huang2020_mean + few");
    assert_int_equal(p.types[type].models_confidence, CAO_COMPUTED);
    assert_int_equal(cao_profile_type(&p, "alpine_steppe", &type, &err), CAO_OK);
    assert_int_equal(p.types[type].n_models, 2); /* keeps those of the profile */
    cao_profile_release(&p);
    assert_true(test_file_says(dir, "c.svg", "</svg>"));
    assert_true(test_file_says(dir, "c.svg", "alpine_meadow (n = 14)"));
    free(dir);
}

static void what_is_asked_wrongly_is_refused_with_a_remedy(void **state)
{
    (void)state;
    char *dir = make_folder();
    static const struct {
        const char *words, *say;
        int code;
    } cases[] = {
        { "calibrate plots.csv", "no image is named: -r", 2 },
        { "calibrate none.csv -r .", "none.csv", 1 },
        { "calibrate plots.csv -r .", "name their CRS with --crs", 2 },
        { "calibrate plots.csv -r . --crs EPSG:99999", "is not a coordinate system", 2 },
        { "calibrate plots.csv -r nothing.tif --crs EPSG:32647", "nothing.tif", 1 },
        { "calibrate plots.csv -r . --crs EPSG:32647 --basis hay", "wants a column of dry weights",
          2 },
        { "calibrate plots.csv -r . --crs EPSG:32647 --column wet=x", "is not KEY=HEADING", 2 },
        { "calibrate plots.csv -r . --crs EPSG:32647 --column fresh=wet",
          "there is no column 'wet'; name it with --column fresh=HEADING; there are: 样地号", 2 },
        { "calibrate plots.csv -r . --crs EPSG:32647 --window 4", "4 is even", 2 },
        { "calibrate plots.csv -r . --crs EPSG:32647 --unit stone", "g/m2, kg/ha, kg/mu", 2 },
        { "calibrate plots.csv -r . --crs EPSG:32647 -o m.yaml --least-plots 90",
          "no equation is fit to be used", 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int code = test_wait(test_start(dir, cases[i].words));
        if (code != cases[i].code || !test_file_says(dir, "err.txt", cases[i].say))
            fail_msg("%s: code %d", cases[i].words, code);
    }
    /* a raster that lost its scale */
    test_shell("cd '%s' && gdal_translate -q -a_scale 1 ndvi_20240805.tif raw_20240805.tif", dir);
    assert_int_equal(
        test_wait(test_start(dir, "calibrate plots.csv -r raw_20240805.tif --crs EPSG:32647")), 1);
    assert_true(test_file_says(dir, "err.txt", "their scale is not set"));
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plots_get_the_index_of_their_cells_or_a_reason),
        cmocka_unit_test(the_file_of_equations_is_what_was_fitted),
        cmocka_unit_test(what_is_asked_wrongly_is_refused_with_a_remedy),
    };
    return cmocka_run_group_tests_name("calibrate", tests, test_gdal_set_up, test_gdal_tear_down);
}
