/* SPDX-License-Identifier: MIT
 * caochu zonal as a library call: what its numbers are, for any threads, memory and grid. */
#include "zonal/zonal_fixture.h"

/* A square over the middles of a 3 x 3 grid: corners 1/4, sides 1/2, the middle whole.
 * Mean 5; variance (1/4 (16 + 4 + 4 + 16) + 1/2 (9 + 1 + 1 + 9)) / 4 = 5. */
static void a_square_drawn_by_hand(void **state)
{
    (void)state;
    const char *rasters[] = { "/vsimem/small.tif" };
    const char *stats[] = { "count,cells,sum,mean,min,max,variance,median", "p90,valid_area,mode" };
    draw(&small);
    write_polygons("/vsimem/p.csv",
                   "007,\"\xE9\x98\xBF, \xE6\x9F\x94\",\"POLYGON((500005 4000005,500025 4000005,"
                   "500025 4000025,500005 4000025,500005 4000005))\"\n"
                   "008,far,\"POLYGON((600005 4000005,600025 4000005,600025 4000025,600005 "
                   "4000005))\"\n"
                   "009,half,\"POLYGON((500010 4000020,500010 4000040,500020 4000040,500020 "
                   "4000020,500010 4000020))\"\n");
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
    const char *fields[] = { "name" };
    o.stats = stats;
    o.n_stats = 2;
    o.polygons.group_fields = fields;
    o.polygons.n_groups = 1;
    assert_csv(&o, "id,name,count,cells,sum,mean,min,max,variance,median,p90,valid_area,mode,"
                   "missing_share\r\n"
                   "007,\"\xE9\x98\xBF, \xE6\x9F\x94\",4,9,20,5,1,9,5,5,8,400,5,0\r\n"
                   "008,far,0,0,,,,,,,,0,,1\r\n"
                   "009,half,1,1,2,2,2,2,0,2,2,100,2,0.5\r\n");
}

static void only_values_count(void **state)
{
    (void)state;
    static const double v[9] = { 1, -99, 3, 4, 5, 6, -99, 8, 9 };
    struct picture p = small;
    p.values = v;
    p.nodata = -99;
    p.scale = 0.5;
    p.offset = 10;
    draw(&p);
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000030,500000 4000000))\"\n");
    const char *rasters[] = { "/vsimem/small.tif" }, *stats[] = { "count,mean,min,max,sum,p50" };
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
    o.stats = stats;
    o.n_stats = 1;
    /* 1 3 4 5 6 8 9 -> 10.5 11.5 12 12.5 13 14 14.5: sum 88 */
    assert_csv(&o, "id,count,mean,min,max,sum,p50,missing_share\r\n"
                   "1,7,12.571428571428571,10.5,14.5,88,12.5,0.2222222222222222\r\n");
}

static void any_threads_and_memory_give_the_same_bytes(void **state)
{
    (void)state;
    double *v = noise(3 * BIG * BIG, 4);
    static const int blocks[] = { 16, 64, 0 };
    const char *rasters[] = { "/vsimem/a.tif", "/vsimem/b.tif", "/vsimem/c.tif" };
    for (int i = 0; i < 3; i++)
        draw(&(struct picture){ rasters[i],
                                UTM,
                                BIG,
                                BIG,
                                i == 1 ? 3 : 1,
                                i == 2 ? GDT_Float64 : GDT_Float32,
                                { 500000, 10, 0, 4000000, 0, -10 },
                                v,
                                -9999,
                                0,
                                0,
                                blocks[i] });
    write_stars("/vsimem/stars.csv", 500000, 4000000, 3000);
    const char *stats[] = { "count,coverage,area,valid_area,sum,mean,min,max,range,variance,stdev,"
                            "cv,median,p5,p95,mode,minority,variety,weights,weighted_mean,"
                            "weighted_sum,weighted_stdev,weighted_missing_share" };
    struct cao_zonal_options o = options_of(rasters, 3, "/vsimem/stars.csv");
    o.stats = stats;
    o.n_stats = 1;
    o.weights = "/vsimem/a.tif";
    char *first = NULL;
    static const struct {
        int threads;
        size_t memory;
    } ways[] = { { 1, 0 }, { 2, 0 }, { 7, 16 }, { 1, 16 }, { 64, 16 } };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        o.threads = ways[i].threads;
        o.memory_mb = ways[i].memory;
        char *text = csv_of(&o);
        if (first)
            assert_string_equal(text, first);
        else
            first = text;
        if (first != text)
            free(text);
    }
    /* the same numbers in another tiling, another type, and among other bands */
    char *line = strstr(first, "000,a,"), *again = strstr(first, "000,b,b1,"),
         *third = strstr(first, "000,c,");
    assert_true(line && again && third);
    free(first);
    free(v);
}

/* Is a point inside, by the number of edges to its right? */
static bool inside(const double *xy, int n, double x, double y)
{
    bool in = false;
    for (int i = 0, k = n - 1; i < n; k = i++)
        if ((xy[2 * i + 1] > y) != (xy[2 * k + 1] > y) &&
            x < (xy[2 * k] - xy[2 * i]) * (y - xy[2 * i + 1]) / (xy[2 * k + 1] - xy[2 * i + 1]) +
                    xy[2 * i])
            in = !in;
    return in;
}

/* Against 40 x 40 points in each cell, on a plain, a south-up and a rotated raster. */
static void agrees_with_sampling_inside_cells(void **state)
{
    (void)state;
    enum { N = 12, SUB = 40 };
    static const double placed[3][6] = { { 500000, 10, 0, 4000000, 0, -10 },
                                         { 500000, 10, 0, 3999880, 0, 10 },
                                         { 500020, 8, 3, 3999990, 2, -9 } };
    static const double star[] = { 500031.7, 3999981.2, 500077.1, 3999962.9, 500093.3, 3999921.4,
                                   500060.0, 3999940.0, 500022.2, 3999905.5, 500041.0, 3999950.0 };
    double v[N * N];
    for (int i = 0; i < N * N; i++)
        v[i] = (i * 37 % 101) - 20;
    write_polygons("/vsimem/p.csv",
                   "1,,\"POLYGON((500031.7 3999981.2,500077.1 3999962.9,500093.3 3999921.4,"
                   "500060.0 3999940.0,500022.2 3999905.5,500041.0 3999950.0,500031.7 "
                   "3999981.2))\"\n");
    for (int i = 0; i < 3; i++) {
        const double *t = placed[i];
        struct picture p = { "/vsimem/r.tif", UTM, N,           N, 1, GDT_Float32,
                             { 0 },           v,   (double)NAN, 0, 0, 0 };
        memcpy(p.geotransform, t, sizeof p.geotransform);
        draw(&p);
        double count = 0, sum = 0;
        int n_center = 0;
        for (int r = 0; r < N; r++)
            for (int c = 0; c < N; c++)
                for (int k = 0; k <= SUB * SUB; k++) {
                    bool centre = k == SUB * SUB;
                    double px = c + (centre ? 0.5 : (k % SUB + 0.5) / SUB),
                           py = r + (centre ? 0.5 : ((double)(k / SUB) + 0.5) / SUB);
                    bool in =
                        inside(star, 6, t[0] + px * t[1] + py * t[2], t[3] + px * t[4] + py * t[5]);
                    n_center += in && centre;
                    count += in && !centre ? 1.0 / (SUB * SUB) : 0;
                    sum += in && !centre ? v[r * N + c] / (SUB * SUB) : 0;
                }
        const char *rasters[] = { "/vsimem/r.tif" }, *stats[] = { "count,sum,cells" };
        struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
        struct cao_zonal_result res;
        struct cao_error err = { 0 };
        o.stats = stats;
        o.n_stats = 1;
        assert_ok(cao_zonal(&o, &res, &err));
        double got_count = res.table.cells[1].number, got_sum = res.table.cells[2].number;
        cao_zonal_result_release(&res);
        assert_true(fabs(got_count - count) < 0.01 * count);
        assert_true(fabs(got_sum - sum) < 0.01 * fabs(sum) + 0.5);
        o.pixels = CAO_PIXELS_CENTER;
        assert_ok(cao_zonal(&o, &res, &err));
        assert_true(res.table.cells[1].number == n_center);
        cao_zonal_result_release(&res);
    }
}

static void polygons_in_degrees_are_brought_onto_the_raster(void **state)
{
    (void)state;
    double *v = noise(BIG * BIG, 8);
    const char *rasters[] = { "/vsimem/a.tif" }, *stats[] = { "count,mean" };
    draw(&(struct picture){ rasters[0],
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
    /* a rectangle of 0.02 x 0.01 degrees, and the same with 200 points along each side */
    write_text("/vsimem/few.csv", "id,WKT\n1,\"POLYGON((99.005 36.12,99.025 36.12,99.025 36.13,"
                                  "99.005 36.13,99.005 36.12))\"\n");
    struct cao_buf b = { 0 };
    cao_buf_add(&b, "id,WKT\n1,\"POLYGON((");
    static const double corner[5][2] = { { 99.005, 36.12 },
                                         { 99.025, 36.12 },
                                         { 99.025, 36.13 },
                                         { 99.005, 36.13 },
                                         { 99.005, 36.12 } };
    for (int side = 0; side < 4; side++)
        for (int k = 0; k < 200; k++)
            cao_buf_add(&b, "%.12f %.12f,",
                        corner[side][0] + (corner[side + 1][0] - corner[side][0]) * k / 200,
                        corner[side][1] + (corner[side + 1][1] - corner[side][1]) * k / 200);
    cao_buf_add(&b, "99.005 36.12))\"\n");
    write_text("/vsimem/many.csv", b.text);
    cao_buf_release(&b);
    double counts[2];
    for (int i = 0; i < 2; i++) {
        struct cao_zonal_options o =
            options_of(rasters, 1, i ? "/vsimem/many.csv" : "/vsimem/few.csv");
        struct cao_zonal_result r;
        struct cao_error err = { 0 };
        o.crs = "EPSG:4326";
        o.stats = stats;
        o.n_stats = 1;
        assert_ok(cao_zonal(&o, &r, &err));
        assert_true(r.reprojected);
        assert_string_equal(r.crs_rasters, UTM);
        counts[i] = r.table.cells[1].number;
        cao_zonal_result_release(&r);
    }
    /* the ellipsoid has 1.7995 x 1.1097 km of it: some 19 970 cells, less a tenth without a value */
    assert_true(counts[0] > 17500 && counts[0] < 18500);
    assert_true(fabs(counts[0] - counts[1]) < 1);
}

static void tables_are_written_in_each_format(void **state)
{
    (void)state;
    draw(&small);
    write_polygons("/vsimem/p.csv", "007,\xE9\x98\xBF,\"POLYGON((500000 4000000,500030 4000000,"
                                    "500030 4000030,500000 4000000))\"\n");
    const char *rasters[] = { "/vsimem/small.tif" }, *fields[] = { "name" };
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
    struct cao_zonal_result r;
    struct cao_error err = { 0 };
    o.polygons.group_fields = fields;
    o.polygons.n_groups = 1;
    o.geometry = true;
    assert_ok(cao_zonal(&o, &r, &err));
    char *dir = test_folder("zonal \xE8\xA1\xA8");
    static const char *const endings[] = { "csv", "gpkg", "xlsx", "ods", "geojson", "fgb" };
    for (size_t i = 0; i < 6; i++) {
        char path[CAO_PATH_MAX];
        snprintf(path, sizeof path, "%s/\xE7\xBB\x93\xE6\x9E\x9C.%s", dir, endings[i]);
        assert_ok(cao_table_write(path, "zonal", &r.polygons, r.row_polygon, &r.table, false, true,
                                  &err));
        GDALDatasetH d = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
        assert_non_null(d);
        OGRLayerH layer = GDALDatasetGetLayer(d, 0);
        OGRFeatureH f = OGR_L_GetNextFeature(layer);
        assert_string_equal(OGR_F_GetFieldAsString(f, OGR_F_GetFieldIndex(f, "id")), "007");
        assert_string_equal(OGR_F_GetFieldAsString(f, OGR_F_GetFieldIndex(f, "name")),
                            "\xE9\x98\xBF");
        assert_true(OGR_F_GetFieldAsDouble(f, OGR_F_GetFieldIndex(f, "count")) == 4.5);
        assert_int_equal(OGR_F_GetGeometryRef(f) != NULL, i == 1 || i > 3);
        OGR_F_Destroy(f);
        GDALClose(d);
    }
    assert_int_equal(
        cao_table_write("x.doc", "zonal", &r.polygons, r.row_polygon, &r.table, false, true, &err),
        CAO_EARG);
    assert_true(strstr(err.text, "must end in one of .csv, .gpkg") != NULL);
    cao_zonal_result_release(&r);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_square_drawn_by_hand),
        cmocka_unit_test(only_values_count),
        cmocka_unit_test(any_threads_and_memory_give_the_same_bytes),
        cmocka_unit_test(agrees_with_sampling_inside_cells),
        cmocka_unit_test(polygons_in_degrees_are_brought_onto_the_raster),
        cmocka_unit_test(tables_are_written_in_each_format),
    };
    return cmocka_run_group_tests_name("zonal_job", tests, test_gdal_set_up, test_gdal_tear_down);
}
