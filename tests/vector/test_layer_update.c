/* SPDX-License-Identifier: MIT
 * Statistics as columns of the layer they belong to: in place, and in a copy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/layer_update.h"

/* Five features: 1, 2 and 5 are polygons, 3 has none, 4 is a point. */
static void make_layer(const char *path, const char *driver, bool old_mean)
{
    static const char *const wkt[] = { "POLYGON ((0 0,10 0,10 10,0 10,0 0))",
                                       "POLYGON ((20 0,30 0,30 10,20 10,20 0))", NULL,
                                       "POINT (5 5)", "POLYGON ((40 0,50 0,50 10,40 10,40 0))" };
    GDALDatasetH d = GDALCreate(GDALGetDriverByName(driver), path, 0, 0, 0, GDT_Unknown, NULL);
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    assert_non_null(d);
    OSRImportFromEPSG(srs, 32647);
    OGRLayerH layer = GDALDatasetCreateLayer(d, "\xE8\x8D\x89\xE5\x9C\xBA", srs, wkbUnknown, NULL);
    OSRDestroySpatialReference(srs);
    static const char *const names[] = { "code", "fid", "mean" };
    static const OGRFieldType types[] = { OFTString, OFTInteger, OFTString };
    bool packaged = strcmp(driver, "GPKG") == 0;
    for (int i = 0; i < (old_mean ? 3 : 2); i++) {
        if (i == 1 && packaged)
            continue;
        OGRFieldDefnH field = OGR_Fld_Create(names[i], types[i]);
        assert_int_equal(OGR_L_CreateField(layer, field, FALSE), OGRERR_NONE);
        OGR_Fld_Destroy(field);
    }
    for (int i = 0; i < 5; i++) {
        OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        char code[8], text[64], *at = text;
        snprintf(code, sizeof code, "00%d", i + 1);
        OGR_F_SetFieldString(f, 0, code);
        OGRGeometryH g = NULL;
        snprintf(text, sizeof text, "%s", wkt[i] ? wkt[i] : "");
        if (wkt[i])
            assert_int_equal(OGR_G_CreateFromWkt(&at, NULL, &g), OGRERR_NONE);
        OGR_F_SetGeometryDirectly(f, g);
        assert_int_equal(OGR_L_CreateFeature(layer, f), OGRERR_NONE);
        OGR_F_Destroy(f);
    }
    GDALClose(d);
}

static const struct cao_column columns[] = {
    { "feature", "", "", "", CAO_CELL_TEXT, 0 },
    { "mean", "\xE5\xB9\xB3\xE5\x9D\x87", "", "", CAO_CELL_REAL, CAO_SHORTEST },
    { "cells", "", "", "", CAO_CELL_INT, 0 },
    { "first_date", "", "", "", CAO_CELL_TEXT, 0 },
};

/* A row for each polygon: mean base, base + 1, ...; the second's mean is nothing. */
static enum cao_status update(const struct cao_pasture_source *source, const char *copy,
                              double base, struct cao_error *why)
{
    struct cao_error err = { 0 };
    struct cao_pastures p;
    struct cao_findings findings = { 0 };
    struct cao_table t = { 0 };
    size_t rows[8];
    assert_ok(cao_pastures_load(source, "EPSG:32647", 1, &p, &findings, &err));
    assert_ok(cao_table_init(&t, columns, 4, p.n, &err));
    for (size_t i = 0; i < p.n; i++) {
        rows[i] = i;
        if (i != 1)
            cao_table_set_number(&t, i, 1, base + (double)i);
        cao_table_set_number(&t, i, 2, 7);
        assert_ok(cao_table_set_text(&t, i, 3, "2024-07-15", &err));
    }
    enum cao_status st = cao_layer_update(source, copy, &p, rows, &t, 1, why);
    cao_table_release(&t);
    cao_pastures_release(&p);
    cao_findings_release(&findings);
    return st;
}

/* "code mean cells date" of each feature, by lines. */
static void assert_layer(const char *path, const char *want)
{
    char got[1024] = "";
    GDALDatasetH d = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    assert_non_null(d);
    assert_int_equal(GDALDatasetGetLayerCount(d), 1);
    OGRLayerH layer = GDALDatasetGetLayer(d, 0);
    OGR_L_ResetReading(layer);
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(layer)) != NULL; OGR_F_Destroy(f)) {
        static const char *const names[] = { "code", "mean", "cells", "first_date" };
        size_t n = strlen(got);
        for (int i = 0; i < 4; i++) {
            int at = OGR_F_GetFieldIndex(f, names[i]);
            bool set = at >= 0 && OGR_F_IsFieldSetAndNotNull(f, at);
            n += (size_t)snprintf(got + n, sizeof got - n, "%s%s", i ? " " : "",
                                  set ? OGR_F_GetFieldAsString(f, at) : "-");
        }
        snprintf(got + n, sizeof got - n, "\n");
    }
    GDALClose(d);
    assert_string_equal(got, want);
}

static void columns_come_into_the_layer_itself(void **state)
{
    (void)state;
    char *dir = test_folder("layer update"), path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/\xE8\x8D\x89\xE5\x9C\xBA.gpkg", dir);
    make_layer(path, "GPKG", false);
    struct cao_pasture_source source = { .path = path, .any_id = true, .from_options = true };
    assert_ok(cao_layer_updatable(&source, NULL, &err));
    assert_ok(update(&source, NULL, 10, &err));
    assert_layer(path, "001 10 7 2024-07-15\n002 - 7 2024-07-15\n003 - - -\n004 - - -\n"
                       "005 12 7 2024-07-15\n");
    /* again: the columns are there and get the new values; a condition leaves the others alone */
    source.where = "code >= '003'";
    assert_ok(update(&source, NULL, 20, &err));
    assert_layer(path, "001 10 7 2024-07-15\n002 - 7 2024-07-15\n003 - - -\n004 - - -\n"
                       "005 20 7 2024-07-15\n");
    /* nothing else lies about */
    struct cao_names names = { 0 };
    assert_ok(cao_list_dir(dir, &names, &err));
    assert_int_equal(names.n, 1);
    cao_names_release(&names);
    free(dir);
}

static void a_copy_has_all_that_the_layer_has(void **state)
{
    (void)state;
    char *dir = test_folder("layer copy"), path[CAO_PATH_MAX], copy[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/a.geojson", dir);
    snprintf(copy, sizeof copy, "%s/b.gpkg", dir);
    make_layer(path, "GeoJSON", false);
    struct cao_pasture_source source = { .path = path, .any_id = true, .from_options = true };
    assert_int_equal(cao_layer_updatable(&source, NULL, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "name a copy with -o"));
    assert_int_equal(cao_layer_updatable(&source, "x.csv", &err), CAO_EARG);
    assert_ok(cao_layer_updatable(&source, copy, &err));
    assert_ok(update(&source, copy, 10, &err));
    assert_layer(copy, "001 10 7 2024-07-15\n002 - 7 2024-07-15\n003 - - -\n004 - - -\n"
                       "005 12 7 2024-07-15\n");
    assert_ok(update(&source, copy, 30, &err));
    assert_layer(copy, "001 30 7 2024-07-15\n002 - 7 2024-07-15\n003 - - -\n004 - - -\n"
                       "005 32 7 2024-07-15\n");
    free(dir);
}

/* A column of texts, and changes of another program: the file stays byte by byte as it was. */
static void what_cannot_be_done_leaves_the_layer_as_it_was(void **state)
{
    (void)state;
    char *dir = test_folder("layer refused"), path[CAO_PATH_MAX], wal[CAO_PATH_MAX + 8], *before,
         *after;
    size_t n_before, n_after;
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/a.gpkg", dir);
    make_layer(path, "GPKG", true);
    assert_ok(cao_file_read(path, 1 << 24, &before, &n_before, &err));
    struct cao_pasture_source source = { .path = path, .any_id = true, .from_options = true };
    assert_int_equal(update(&source, NULL, 1, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "has a column 'mean' already"));
    assert_ok(cao_file_read(path, 1 << 24, &after, &n_after, &err));
    assert_int_equal(n_before, n_after);
    assert_memory_equal(before, after, n_before);
    free(before);
    free(after);
    snprintf(wal, sizeof wal, "%s-wal", path);
    assert_ok(cao_file_write(wal, "x", 1, &err));
    assert_int_equal(cao_layer_updatable(&source, NULL, &err), CAO_EIO);
    assert_non_null(strstr(err.text, "another program has it open"));
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_come_into_the_layer_itself),
        cmocka_unit_test(a_copy_has_all_that_the_layer_has),
        cmocka_unit_test(what_cannot_be_done_leaves_the_layer_as_it_was),
    };
    return cmocka_run_group_tests_name("layer_update", tests, test_gdal_set_up,
                                       test_gdal_tear_down);
}
