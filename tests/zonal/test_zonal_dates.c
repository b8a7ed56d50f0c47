/* SPDX-License-Identifier: MIT
 * caochu zonal over time: dates in names, stacks, and rasters told apart. */
#include "zonal/zonal_fixture.h"

static void dates_order_a_long_table(void **state)
{
    (void)state;
    static const char *const rasters[] = { "/vsimem/S2_20240820T041 x.tif",
                                           "/vsimem/MOD13Q1.A2024001.tif",
                                           "/vsimem/ndvi_2024-07-15.tif" };
    for (int i = 0; i < 3; i++) {
        double v[9];
        for (int k = 0; k < 9; k++)
            v[k] = i + 1;
        struct picture p = small;
        p.path = rasters[i];
        p.values = v;
        draw(&p);
    }
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000030,500000 4000000))\"\n");
    struct cao_zonal_options o = options_of(rasters, 3, "/vsimem/p.csv");
    const char *stats[] = { "mean,frac" };
    o.stats = stats;
    o.n_stats = 1;
    assert_csv(&o, "id,raster,date,mean,frac_1,frac_2,frac_3,missing_share\r\n"
                   "1,MOD13Q1.A2024001,2024-01-01,2,0,1,0,0\r\n"
                   "1,ndvi_2024-07-15,2024-07-15,3,0,0,1,0\r\n"
                   "1,S2_20240820T041 x,2024-08-20,1,1,0,0,0\r\n");
    o.wide = true;
    const char *mean[] = { "mean" };
    o.stats = mean;
    assert_csv(&o, "id,MOD13Q1.A2024001_mean,MOD13Q1.A2024001_missing_share,ndvi_2024-07-15_mean,"
                   "ndvi_2024-07-15_missing_share,S2_20240820T041 x_mean,"
                   "S2_20240820T041 x_missing_share\r\n1,2,0,3,0,1,0\r\n");
}

/* As gdalbuildvrt -separate writes it: each band is one dated file. */
static void a_stack_of_dates_is_a_time_series(void **state)
{
    (void)state;
    static const char *const files[] = { "/vsimem/ndvi_20240801.tif", "/vsimem/ndvi_20240702.tif" };
    struct cao_buf vrt = { 0 };
    cao_buf_add(&vrt, "<VRTDataset rasterXSize=\"3\" rasterYSize=\"3\"><SRS>" UTM "</SRS>"
                      "<GeoTransform>500000, 10, 0, 4000030, 0, -10</GeoTransform>");
    for (int i = 0; i < 2; i++) {
        double v[9];
        for (int k = 0; k < 9; k++)
            v[k] = 10 * (i + 1) + k;
        struct picture p = small;
        p.path = files[i];
        p.values = v;
        draw(&p);
        cao_buf_add(&vrt,
                    "<VRTRasterBand dataType=\"Int16\" band=\"%d\"><SimpleSource>"
                    "<SourceFilename relativeToVRT=\"0\">%s</SourceFilename>"
                    "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>",
                    i + 1, files[i]);
    }
    cao_buf_add(&vrt, "</VRTDataset>");
    write_text("/vsimem/stack.vrt", vrt.text);
    cao_buf_release(&vrt);
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000030,500000 4000000))\"\n");
    const char *rasters[] = { "/vsimem/stack.vrt" }, *stats[] = { "mean" };
    struct cao_zonal_options o = options_of(rasters, 1, "/vsimem/p.csv");
    o.stats = stats;
    o.n_stats = 1;
    assert_csv(&o, "id,band,date,mean,missing_share\r\n1,b2,2024-07-02,24,0\r\n"
                   "1,b1,2024-08-01,14,0\r\n");
    o.bands = "2";
    assert_csv(&o, "id,band,date,mean,missing_share\r\n1,b2,2024-07-02,24,0\r\n");
}

/* Four dates; the second polygon has values on the middle two alone, the third on none. */
static void first_and_last_dates_are_those_with_a_value(void **state)
{
    (void)state;
    static const char *const rasters[] = { "/vsimem/n_20240601.tif", "/vsimem/n_20240911.tif",
                                           "/vsimem/n_20240703.tif", "/vsimem/n_20240805.tif",
                                           "/vsimem/slope.tif" };
    for (int i = 0; i < 5; i++) {
        double v[9];
        for (int k = 0; k < 9; k++)
            v[k] = k % 3 == 2 || (k % 3 == 1 && i < 2) ? -1 : 5;
        struct picture p = small;
        p.path = rasters[i];
        p.values = v;
        p.nodata = -1;
        draw(&p);
    }
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500010 4000000,500010 "
                                    "4000030,500000 4000030,500000 4000000))\"\n"
                                    "2,,\"POLYGON((500010 4000000,500020 4000000,500020 "
                                    "4000030,500010 4000030,500010 4000000))\"\n"
                                    "3,,\"POLYGON((500020 4000000,500030 4000000,500030 "
                                    "4000030,500020 4000030,500020 4000000))\"\n");
    struct cao_zonal_options o = options_of(rasters, 4, "/vsimem/p.csv");
    const char *stats[] = { "last_date,first_date" };
    o.stats = stats;
    o.n_stats = 1;
    o.wide = true;
    char *text = csv_of(&o), *line = text;
    static const char *const ends[] = { "last_date,first_date", "2024-09-11,2024-06-01",
                                        "2024-08-05,2024-07-03", ",," };
    for (int i = 0; i < 4; i++) {
        char *end = strstr(line, "\r\n");
        assert_non_null(end);
        assert_true((size_t)(end - line) > strlen(ends[i]) &&
                    strncmp(end - strlen(ends[i]), ends[i], strlen(ends[i])) == 0);
        line = end + 2;
    }
    free(text);
    o.wide = false; /* each row tells those of its polygon; a raster without a date adds none */
    o.n_rasters = 5;
    text = csv_of(&o);
    assert_non_null(strstr(text, "2,n_20240703,2024-07-03,0,2024-08-05,2024-07-03\r\n"));
    assert_non_null(strstr(text, "2,slope,,0,2024-08-05,2024-07-03\r\n"));
    free(text);
    struct cao_zonal_result r;
    struct cao_error err = { 0 };
    o.rasters = rasters + 4;
    o.n_rasters = 1;
    assert_int_equal(cao_zonal(&o, &r, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "need rasters that tell their date"));
    cao_zonal_result_release(&r);
}

/* results/spring/ndvi.tif and results/autumn/ndvi.tif are told apart; a folder may be the date. */
static void rasters_of_one_name_are_told_apart(void **state)
{
    (void)state;
    static const char *const rasters[] = { "/vsimem/r/spring/ndvi.tif", "/vsimem/r/autumn/ndvi.tif",
                                           "/vsimem/r/2024-07-15/ndvi.tif" };
    for (int i = 0; i < 3; i++) {
        double v[9];
        for (int k = 0; k < 9; k++)
            v[k] = i + 1;
        struct picture p = small;
        p.path = rasters[i];
        p.values = v;
        draw(&p);
    }
    write_polygons("/vsimem/p.csv", "1,,\"POLYGON((500000 4000000,500030 4000000,500030 4000030,"
                                    "500000 4000030,500000 4000000))\"\n");
    struct cao_zonal_options o = options_of(rasters, 3, "/vsimem/p.csv");
    const char *stats[] = { "mean" };
    o.stats = stats;
    o.n_stats = 1;
    assert_csv(&o, "id,raster,date,mean,missing_share\r\n"
                   "1,2024-07-15/ndvi,2024-07-15,3,0\r\n"
                   "1,spring/ndvi,,1,0\r\n"
                   "1,autumn/ndvi,,2,0\r\n");
    o.wide = true;
    o.n_rasters = 2;
    assert_csv(&o, "id,spring_ndvi_mean,spring_ndvi_missing_share,autumn_ndvi_mean,"
                   "autumn_ndvi_missing_share\r\n1,1,0,2,0\r\n");
}

static void dates_are_found_in_names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *date;
    } cases[] = {
        { "S2A_MSIL2A_20240718T040551_N0510_R047_T47SMU_20240719T092625", "2024-07-18" },
        { "LC08_L2SP_133035_20240715_20240722_02_T1_SR_B4.TIF", "2024-07-15" },
        { "MOD13Q1.A2024193.h25v05.061.2024210123456.hdf", "2024-07-11" },
        { "ndvi 2024-02-29.tif", "2024-02-29" },
        { "2024.07.01", "2024-07-01" },
        { "evi_2024060", "2024-02-29" },
        { "ndvi_20240230.tif", "" },
        { "tile_00012345_99999999", "" },
        { "b1", "" },
        { "", "" },
        { "2024-07", "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[CAO_DATE_TEXT] = "";
        int32_t day = cao_date_in_name(cases[i].name);
        if (day != CAO_NO_DATE)
            cao_date_format(day, text);
        assert_string_equal(text, cases[i].date);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_order_a_long_table),
        cmocka_unit_test(a_stack_of_dates_is_a_time_series),
        cmocka_unit_test(first_and_last_dates_are_those_with_a_value),
        cmocka_unit_test(rasters_of_one_name_are_told_apart),
        cmocka_unit_test(dates_are_found_in_names),
    };
    return cmocka_run_group_tests_name("zonal_dates", tests, test_gdal_set_up, test_gdal_tear_down);
}
