/* SPDX-License-Identifier: MIT
 * caochu zonal given odd, wrong and published inputs. */
#include <ogr_api.h>

#include "caochu/sample.h"
#include "zonal/zonal_fixture.h"

static void a_torn_raster_is_told_and_counts_as_missing(void **state)
{
    (void)state;
    double *v = noise(BIG * BIG, 8);
    char *dir = test_folder("zonal torn");
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/坏.tif", dir);
    draw(&(struct picture){ path,
                            UTM,
                            BIG,
                            BIG,
                            1,
                            GDT_Float32,
                            { 500000, 10, 0, 4000000, 0, -10 },
                            v,
                            -9999,
                            0,
                            0,
                            64 });
    free(v);
    int64_t size, time;
    assert_true(cao_file_stat(path, &size, &time));
    assert_int_equal(truncate(path, size * 2 / 3), 0);
    write_stars("/vsimem/stars.csv", 500000, 4000000, 3000);
    const char *rasters[] = { path };
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/stars.csv");
    struct cao_zonal_result r;
    struct cao_error err = { 0 };
    assert_ok(cao_zonal(&o, &r, &err));
    assert_true(r.findings.n_problems > 0);
    assert_true(strstr(r.findings.items[0].text, "坏.tif: cannot be read") != NULL);
    assert_true(strstr(r.findings.items[0].text, "counts as missing") != NULL);
    cao_zonal_result_release(&r);
    /* what is missing does not depend on how the work is cut, and it is not all of it */
    o.threads = 1;
    char *one = csv_of(&o);
    o.threads = 7;
    o.memory_mb = 16;
    char *seven = csv_of(&o);
    assert_string_equal(one, seven);
    free(one);
    free(seven);
    assert_ok(cao_zonal(&o, &r, &err));
    double total = 0;
    for (size_t i = 0; i < r.table.n_rows; i++)
        total += r.table.cells[i * r.table.n_columns + 1].number;
    assert_true(total > 0);
    cao_zonal_result_release(&r);
    o.strict = true;
    assert_int_equal(cao_zonal(&o, &r, &err), CAO_EDATA);
    cao_zonal_result_release(&r);
    free(dir);
}

static void wrong_requests_are_named(void **state)
{
    (void)state;
    draw(&small);
    struct picture shifted = small, placeless = small;
    shifted.path = "/vsimem/shifted.tif";
    shifted.geotransform[0] += 5;
    draw(&shifted);
    placeless.path = "/vsimem/placeless.tif";
    placeless.crs = NULL;
    draw(&placeless);
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000000))\"\n");
    static const struct {
        const char *raster, *weights, *stat, *bands, *crs, *says;
    } cases[] = {
        { "/vsimem/small.tif", NULL, "meen", NULL, UTM, "did you mean 'mean'?" },
        { "/vsimem/small.tif", NULL, "weighted_mean", NULL, UTM, "--weights" },
        { "/vsimem/small.tif", "/vsimem/shifted.tif", "mean", NULL, UTM, "lies on another grid" },
        { "/vsimem/small.tif", NULL, "mean", "2", UTM, "in none of the rasters" },
        { "/vsimem/small.tif", NULL, "mean", "a", UTM, "not a list such as" },
        { "/vsimem/small.tif", NULL, "mean", NULL, NULL, "p.csv: has no coordinate system" },
        { "/vsimem/placeless.tif", NULL, "mean", NULL, NULL, "name it with --crs" },
        { "/vsimem/none.tif", NULL, "mean", NULL, UTM, "/vsimem/none.tif" },
        { "/vsimem/p.csv", NULL, "mean", NULL, UTM, "cannot be opened as a raster" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *rasters[] = { cases[i].raster }, *stats[] = { cases[i].stat };
        struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
        struct cao_zonal_result r;
        struct cao_error err = { 0 };
        o.weights = cases[i].weights;
        o.stats = stats;
        o.n_stats = 1;
        o.bands = cases[i].bands;
        o.crs = cases[i].crs;
        assert_int_not_equal(cao_zonal(&o, &r, &err), CAO_OK);
        if (!strstr(err.text, cases[i].says))
            fail_msg("case %zu said: %s", i, err.text);
        cao_zonal_result_release(&r);
    }
}

/* perrygeo/python-rasterstats, tests/test_zonal.py. */
static void doubtful_inputs_are_told(void **state)
{
    (void)state;
    static const double v[9] = { 1, 2, 3, 4, -3.4028234663852886e38, 6, 7, 8, 9 };
    struct picture p = small;
    p.values = v;
    p.type = GDT_Float32;
    draw(&p);
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000030,500000 4000000))\"\n");
    const char *rasters[] = { "/vsimem/small.tif" }, *stats[] = { "count,mean" };
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
    struct cao_zonal_result r;
    struct cao_error err = { 0 };
    o.stats = stats;
    o.n_stats = 1;
    assert_ok(cao_zonal(&o, &r, &err));
    assert_int_equal(r.findings.n_problems, 1);
    assert_string_equal(r.findings.items[0].code, "nodata-undeclared");
    cao_zonal_result_release(&r);
    o.has_nodata = true;
    o.nodata = -3.4028235e38; /* as people write it: the float next to it is meant */
    assert_csv(&o, "id,count,mean,missing_share\r\n1,8,5,0.1111111111111111\r\n");

    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((0 0,30 0,30 30,0 30,0 0))\"\n");
    assert_ok(cao_zonal(&o, &r, &err));
    assert_int_equal(r.findings.n_problems, 1);
    assert_string_equal(r.findings.items[0].code, "polygons-outside");
    assert_true(strstr(r.findings.items[0].text, "check the coordinate systems") != NULL);
    cao_zonal_result_release(&r);
}

/* No data may stand in a file beside the raster, and so may a mask. */
static void side_cars_are_part_of_a_raster(void **state)
{
    (void)state;
    char *dir = test_folder("zonal side-cars"), path[CAO_PATH_MAX], beside[CAO_PATH_MAX + 16];
    const char *rasters[] = { path }, *stats[] = { "count,mean" };
    snprintf(path, sizeof path, "%s/a.tif", dir);
    snprintf(beside, sizeof beside, "%s.aux.xml", path);
    struct picture p = small;
    p.path = path;
    draw(&p);
    write_text(beside, "<PAMDataset><PAMRasterBand band=\"1\"><NoDataValue>9</NoDataValue>"
                       "</PAMRasterBand></PAMDataset>");
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000030,500000 4000000))\"\n");
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
    o.stats = stats;
    o.n_stats = 1;
    assert_csv(&o, "id,count,mean,missing_share\r\n1,8,4.5,0.1111111111111111\r\n");

    snprintf(path, sizeof path, "%s/b.tif", dir);
    draw(&p);
    unsigned char hidden[9] = { 0, 255, 255, 255, 255, 255, 255, 255, 0 };
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "NO");
    GDALDatasetH d = GDALOpen(path, GA_Update);
    assert_non_null(d);
    assert_int_equal(GDALCreateDatasetMaskBand(d, GMF_PER_DATASET), CE_None);
    assert_int_equal(GDALRasterIO(GDALGetMaskBand(GDALGetRasterBand(d, 1)), GF_Write, 0, 0, 3, 3,
                                  hidden, 3, 3, GDT_Byte, 0, 0),
                     CE_None);
    GDALClose(d);
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", NULL);
    assert_csv(&o, "id,count,mean,missing_share\r\n1,7,5,0.2222222222222222\r\n");
    free(dir);
}

static void write_gpkg(const char *path, const char *const wkt[], size_t n)
{
    GDALDatasetH d = GDALCreate(GDALGetDriverByName("GPKG"), path, 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH layer = GDALDatasetCreateLayer(d, "p", NULL, wkbUnknown, NULL);
    assert_non_null(layer);
    for (size_t i = 0; i < n; i++) {
        OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGRGeometryH g = NULL;
        char text[512], *at = text;
        snprintf(text, sizeof text, "%s", wkt[i]);
        if (text[0])
            assert_int_equal(OGR_G_CreateFromWkt(&at, NULL, &g), OGRERR_NONE);
        if (strcmp(wkt[i], "POLYGON ((0 0,1 1,2 2,0 0))") == 0)
            OGR_G_SetPoint_2D(OGR_G_GetGeometryRef(g, 0), 1, (double)NAN, 0);
        OGR_F_SetGeometryDirectly(f, g);
        assert_int_equal(OGR_L_CreateFeature(layer, f), OGRERR_NONE);
        OGR_F_Destroy(f);
    }
    GDALClose(d);
}

/* A GeoPackage without a coordinate system says "undefined", which is none; each bad geometry is
 * mended or left out, and named. The cells are 1 to 9; all good ones are the middle cell. */
static void bad_geometries_and_no_crs_are_named(void **state)
{
    (void)state;
    static const char *const wkt[] = {
        "POLYGON ((500010 4000010,500020 4000010,500020 4000020,500010 4000020,500010 4000010))",
        /* a bow tie of half the cell */
        "POLYGON ((500010 4000010,500020 4000020,500020 4000010,500010 4000020,500010 4000010))",
        "POLYGON ((0 0,1 1,2 2,0 0))", /* becomes NaN */
        "POLYGON EMPTY",
        "",
        "POINT (500015 4000015)",
        "POLYGON ((500010 4000010,500020 4000010,500020 4000020,500010 4000020))", /* open */
        ("GEOMETRYCOLLECTION (POINT (500000 4000000),POLYGON ((500010 4000010,500020 4000010,"
         "500020 4000020,500010 4000020,500010 4000010)))"),
        "CURVEPOLYGON (CIRCULARSTRING (500010 4000015,500020 4000015,500010 4000015))",
    };
    static const char *const says[] = {
        "Self-intersection", "not numbers", "no geometry",
        "no geometry",       "is a POINT",  "a ring was not closed"
    };
    draw(&small);
    write_gpkg("/vsimem/bad.gpkg", wkt, sizeof wkt / sizeof wkt[0]);
    const char *rasters[] = { "/vsimem/small.tif" }, *stats[] = { "count,mean" };
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/bad.gpkg");
    struct cao_zonal_result r;
    struct cao_error err = { 0 };
    o.polygons.id_field = NULL;
    o.stats = stats;
    o.n_stats = 1;
    o.crs = NULL;
    assert_int_equal(cao_zonal(&o, &r, &err), CAO_EDATA);
    assert_non_null(strstr(err.text, "bad.gpkg: has no coordinate system"));
    cao_zonal_result_release(&r);
    o.crs = UTM;
    assert_ok(cao_zonal(&o, &r, &err));
    assert_int_equal(r.findings.n_problems, 6);
    for (size_t i = 0; i < 6; i++)
        if (!strstr(r.findings.items[i].text, says[i]))
            fail_msg("problem %zu says: %s", i, r.findings.items[i].text);
    static const double count[] = { 1, 0.5, 1, 1, 0.7854 };
    assert_int_equal(r.table.n_rows, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(fabs(r.table.cells[i * 4 + 1].number - count[i]) < 1e-3);
        assert_true(fabs(r.table.cells[i * 4 + 2].number - 5) < 1e-9);
    }
    cao_zonal_result_release(&r);
    o.strict = true;
    assert_int_equal(cao_zonal(&o, &r, &err), CAO_EDATA);
    cao_zonal_result_release(&r);
}

static void published_counts_with_a_nodata_number_told(void **state)
{
    (void)state;
    NEED_DATA("polygons_zonal/rasterstats/slope_classes.tif");
    char raster[CAO_PATH_MAX], polygons[CAO_PATH_MAX];
    snprintf(raster, sizeof raster, "%s/slope_classes.tif",
             test_data("polygons_zonal/rasterstats"));
    snprintf(polygons, sizeof polygons, "%s/polygons.shp", test_data("polygons_zonal/rasterstats"));
    const char *rasters[] = { raster }, *stats[] = { "count" };
    struct cao_zonal_options o = options_of(rasters, 1, polygons);
    o.polygons.id_field = NULL;
    o.pixels = CAO_PIXELS_CENTER;
    o.stats = stats;
    o.n_stats = 1;
    o.has_nodata = true;
    o.nodata = 1;
    assert_csv(&o, "feature,count,missing_share\r\n0,0,1\r\n1,49,0.02\r\n");
}

static void published_counts_of_rasterstats(void **state)
{
    (void)state;
    NEED_DATA("polygons_zonal/rasterstats/slope.tif");
    static const struct {
        const char *raster;
        enum cao_pixel_rule rule;
        double count[2], missing[2];
    } cases[] = {
        { "slope", CAO_PIXELS_CENTER, { 75, 50 }, { 0, 0 } },
        { "slope", CAO_PIXELS_TOUCHED, { 95, 73 }, { 0, 0 } },
        { "slope_nodata", CAO_PIXELS_CENTER, { 39, 31 }, { 36 / 75.0, 19 / 50.0 } },
        { "all_nodata", CAO_PIXELS_CENTER, { 0, 0 }, { 1, 1 } },
        { "dataset_mask", CAO_PIXELS_CENTER, { 75, 0 }, { 0, 1 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char raster[CAO_PATH_MAX], polygons[CAO_PATH_MAX];
        snprintf(raster, sizeof raster, "%s/%s.tif", test_data("polygons_zonal/rasterstats"),
                 cases[i].raster);
        snprintf(polygons, sizeof polygons, "%s/polygons.shp",
                 test_data("polygons_zonal/rasterstats"));
        const char *rasters[] = { raster }, *stats[] = { "count,mean,missing_share" };
        struct cao_zonal_options o = options_of(rasters, 1, polygons);
        struct cao_zonal_result r;
        struct cao_error err = { 0 };
        o.polygons.id_field = NULL;
        o.pixels = cases[i].rule;
        o.stats = stats;
        o.n_stats = 1;
        assert_ok(cao_zonal(&o, &r, &err));
        for (size_t k = 0; k < 2; k++) {
            assert_true(r.table.cells[k * 4 + 1].number == cases[i].count[k]);
            assert_true(fabs(r.table.cells[k * 4 + 3].number - cases[i].missing[k]) < 1e-12);
        }
        if (i == 0)
            assert_true(fabs(r.table.cells[2].number - 14.66) < 0.005);
        cao_zonal_result_release(&r);
    }
}

/* The layer with the wrong .prj (its numbers are those of the raster's own system), one outside, one
 * that overlaps in part, and points, which are no polygons. */
static void published_counts_of_odd_layers(void **state)
{
    (void)state;
    NEED_DATA("polygons_zonal/rasterstats/slope.tif");
    char folder[CAO_PATH_MAX], raster[CAO_PATH_MAX], polygons[CAO_PATH_MAX];
    static const struct {
        const char *layer;
        double least, most; /* count of each polygon */
        bool own_crs;
    } cases[] = { { "multipolygons", 125, 125, false },
                  { "polygons_no_overlap", 0, 0, true },
                  { "polygons_partial_overlap", 1, 1e9, true } };
    snprintf(folder, sizeof folder, "%s", test_data("polygons_zonal/rasterstats"));
    snprintf(raster, sizeof raster, "%s/slope.tif", folder);
    const char *rasters[] = { raster }, *stats[] = { "count" };
    GDALDatasetH d = GDALOpen(raster, GA_ReadOnly);
    assert_non_null(d);
    char *wkt = CPLStrdup(GDALGetProjectionRef(d));
    GDALClose(d);
    for (size_t i = 0; i < 3; i++) {
        snprintf(polygons, sizeof polygons, "%s/%s.shp", folder, cases[i].layer);
        struct cao_zonal_options o = options_of(rasters, 1, polygons);
        struct cao_zonal_result r;
        struct cao_error err = { 0 };
        o.polygons.id_field = NULL;
        o.pixels = CAO_PIXELS_CENTER;
        o.stats = stats;
        o.n_stats = 1;
        if (!cases[i].own_crs) {
            assert_int_equal(cao_zonal(&o, &r, &err), CAO_EDATA);
            cao_zonal_result_release(&r);
            o.polygons.crs = wkt;
            o.polygons.crs_wins = true;
        }
        assert_ok(cao_zonal(&o, &r, &err));
        for (size_t row = 0; row < r.table.n_rows; row++) {
            double count = r.table.cells[row * r.table.n_columns + 1].number;
            assert_true(count >= cases[i].least && count <= cases[i].most);
        }
        cao_zonal_result_release(&r);
    }
    CPLFree(wkt);
    snprintf(polygons, sizeof polygons, "%s/points.shp", folder);
    struct cao_zonal_options o = options_of(rasters, 1, polygons);
    struct cao_zonal_result r;
    struct cao_error err = { 0 };
    o.polygons.id_field = NULL;
    assert_int_equal(cao_zonal(&o, &r, &err), CAO_EDATA);
    assert_non_null(strstr(r.findings.items[0].text, "is a POINT, not a polygon"));
    cao_zonal_result_release(&r);
}

/* rasterstats' values of slope.tif under points 0 and 1 of points.shp. */
static void published_values_under_points(void **state)
{
    (void)state;
    NEED_DATA("polygons_zonal/rasterstats/slope.tif");
    static const double want[] = { 11.386, 35.547 };
    struct cao_raster_info info = { 0 };
    struct cao_raster_in *raster = NULL;
    struct cao_error err = { 0 };
    GDALDatasetH d = GDALOpenEx(test_data("polygons_zonal/rasterstats/points.shp"), GDAL_OF_VECTOR,
                                NULL, NULL, NULL);
    assert_non_null(d);
    OGRLayerH layer = GDALDatasetGetLayer(d, 0);
    assert_ok(
        cao_raster_info_read(test_data("polygons_zonal/rasterstats/slope.tif"), NULL, &info, &err));
    assert_ok(cao_raster_in_open(&info, &raster, &err));
    for (int i = 0; i < 2; i++) {
        OGRFeatureH f = OGR_L_GetFeature(layer, i);
        OGRGeometryH p = OGR_F_GetGeometryRef(f);
        double value;
        int32_t cell[2];
        enum cao_sampled result;
        assert_ok(cao_sample(raster, &info, 0, OGR_G_GetX(p, 0), OGR_G_GetY(p, 0), 1, &value, cell,
                             &result, &err));
        assert_int_equal(result, CAO_SAMPLE_OK);
        assert_true(fabs(value - want[i]) < 5e-4);
        OGR_F_Destroy(f);
    }
    cao_raster_in_close(raster);
    cao_raster_info_release(&info);
    GDALClose(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_torn_raster_is_told_and_counts_as_missing),
        cmocka_unit_test(wrong_requests_are_named),
        cmocka_unit_test(doubtful_inputs_are_told),
        cmocka_unit_test(side_cars_are_part_of_a_raster),
        cmocka_unit_test(bad_geometries_and_no_crs_are_named),
        cmocka_unit_test(published_counts_with_a_nodata_number_told),
        cmocka_unit_test(published_counts_of_rasterstats),
        cmocka_unit_test(published_counts_of_odd_layers),
        cmocka_unit_test(published_values_under_points),
    };
    return cmocka_run_group_tests_name("zonal_inputs", tests, test_gdal_set_up,
                                       test_gdal_tear_down);
}
