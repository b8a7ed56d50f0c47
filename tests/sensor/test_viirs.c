/* SPDX-License-Identifier: MIT
 * VIIRS land products, and MOD09GQ with MOD09GA, as AppEEARS and mirrors hand them out: GeoTIFFs that are drawn here with the names,
 * numbers, fills and bits of the user guides of VNP09 and VNP13. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "support/support.h"

#include "caochu/catalog.h"
#include "caochu/file.h"
#include "caochu/reader.h"

enum { SIDE = 4 };
static const char sinusoidal[] = "+proj=sinu +R=6371007.181 +units=m +no_defs";

static void draw(const char *dir, const char *name, GDALDataType type, double scale,
                 const int16_t *v)
{
    char path[CAO_PATH_MAX];
    const double t[6] = { 7783653.6, 463.312716528, 0, 4447802.1, 0, -463.312716528 };
    snprintf(path, sizeof path, "%s/%s", dir, name);
    GDALDatasetH d = GDALCreate(GDALGetDriverByName("GTiff"), path, SIDE, SIDE, 1, type, NULL);
    assert_non_null(d);
    double copy[6];
    memcpy(copy, t, sizeof copy);
    char *wkt = NULL;
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    assert_int_equal(OSRSetFromUserInput(srs, sinusoidal), 0);
    assert_int_equal(OSRExportToWkt(srs, &wkt), 0);
    assert_int_equal(GDALSetProjection(d, wkt), CE_None);
    CPLFree(wkt);
    OSRDestroySpatialReference(srs);
    assert_int_equal(GDALSetGeoTransform(d, copy), CE_None);
    if (scale > 0)
        assert_int_equal(GDALSetRasterScale(GDALGetRasterBand(d, 1), scale), CE_None);
    int16_t again[SIDE * SIDE];
    memcpy(again, v, sizeof again);
    /* bit by bit: the codes of 16 bit are whole numbers without sign */
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, 1), GF_Write, 0, 0, SIDE, SIDE, again, SIDE,
                                  SIDE, type, 0, 0),
                     CE_None);
    GDALClose(d);
}

static void draw_all_same(const char *dir, const char *name, GDALDataType type, double scale,
                          int16_t value)
{
    int16_t v[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++)
        v[i] = value;
    draw(dir, name, type, scale, v);
}

static void scan(const char *path, struct cao_catalog *c)
{
    struct cao_error err = { 0 };
    struct cao_findings f = { 0 };
    *c = (struct cao_catalog){ 0 };
    assert_ok(cao_catalog_scan(&path, 1, c, &f, NULL, &err));
    cao_findings_release(&f);
}

/* The reasons of all cells by all quality layers, and a band. */
static void look(const struct cao_scene *s, enum cao_band band, uint8_t reason[SIDE * SIDE],
                 float v[SIDE * SIDE])
{
    static uint8_t table[CAO_QA_CODES];
    static uint16_t meaning[CAO_QA_CODES];
    struct cao_error err = { 0 };
    struct cao_grid g;
    struct cao_reader *r = NULL;
    struct cao_window w = { 0, 0, SIDE, SIDE };
    uint16_t qa[SIDE * SIDE];
    const struct cao_layer *l = &s->band[band];
    assert_ok(cao_grid_init(&g, s->crs, l->geotransform[0], l->geotransform[3], l->geotransform[1],
                            SIDE, SIDE, 256, &err));
    assert_ok(cao_reader_open(s, &g, &r, &err));
    assert_ok(cao_reader_band(r, band, &w, v, &err));
    memset(reason, CAO_CLEAR, SIDE * SIDE);
    for (size_t k = 0; k < CAO_MOST_QA && s->qa[k].layer.path; k++) {
        assert_ok(cao_reader_qa(r, k, &w, qa, &err));
        cao_mask_table(s->qa[k].rules, s->qa[k].n_rules, 0xFFFFFFFFu, table);
        cao_qa_meaning(table, NULL, meaning);
        cao_qa_translate(meaning, qa, SIDE * SIDE);
        cao_mask_join(qa, reason, SIDE * SIDE);
    }
    cao_reader_close(r);
    cao_grid_release(&g);
}

static void reflectance_of_eight_days(void **state)
{
    (void)state;
    char *dir = test_folder("vnp09");
    struct cao_catalog c;
    uint8_t reason[SIDE * SIDE];
    float red[SIDE * SIDE];
    const int16_t i1[SIDE * SIDE] = { 800, -28672, -101, 16000, 16001 };
    /* land; cloudy; mixed; shadow; cirrus; internal cloud; snow; internal snow; shallow water; aerosol; fill */
    const int16_t qa[SIDE * SIDE] = {
        1 << 3, 1 << 3,          1 << 3, 1 << 3,        1 << 3,         9, 10, 12, 0x208, 0x408,
        0x1008, (int16_t)0x8008, 3 << 3, (int16_t)0xC8, 0x3FFF & ~0x1C, -1
    };
    draw(dir, "VNP09H1.002_SurfReflect_I1_doy2024193000000_aid0001.tif", GDT_Int16, 1e-4, i1);
    draw_all_same(dir, "VNP09H1.002_SurfReflect_I2_doy2024193000000_aid0001.tif", GDT_Int16, 1e-4,
                  3000);
    draw_all_same(dir, "VNP09H1.002_SurfReflect_I3_doy2024193000000_aid0001.tif", GDT_Int16, 1e-4,
                  2000);
    draw(dir, "VNP09H1.002_SurfReflect_State_500m_doy2024193000000_aid0001.tif", GDT_UInt16, 0, qa);
    draw_all_same(dir, "VNP09H1.002_SurfReflect_QC_500m_doy2024193000000_aid0001.tif", GDT_UInt16,
                  0, 3);
    scan(dir, &c);
    assert_int_equal(c.n, 1);
    assert_int_equal(c.n_refused, 0);
    const struct cao_scene *s = &c.scenes[0];
    assert_string_equal(s->level, "VNP09H1");
    assert_string_equal(s->platform, "Suomi NPP");
    assert_string_equal(s->baseline, "002");
    assert_string_equal(s->id, "VNP09H1.002.doy2024193.aid0001");
    assert_int_equal(s->time, 1720656000); /* 2024-07-11, day 193 */
    assert_non_null(strstr(s->band[CAO_BAND_S1].path, "_I3_"));
    assert_null(s->band[CAO_BAND_B].path);
    assert_non_null(strstr(s->qa[0].layer.path, "State"));
    look(s, CAO_BAND_R, reason, red);
    assert_true(fabs((double)red[0] - 0.08) < 1e-7 && isnan(red[1]) && red[2] < 0);
    assert_true(fabs((double)red[3] - 1.6) < 1e-6 && isnan(red[4]));
    static const uint8_t want[] = { CAO_CLEAR, CAO_CLEAR, CAO_CLEAR,  CAO_CLEAR,  CAO_CLEAR,
                                    CAO_CLOUD, CAO_CLOUD, CAO_SHADOW, CAO_CIRRUS, CAO_CLOUD,
                                    CAO_SNOW,  CAO_SNOW,  CAO_WATER,  CAO_AEROSOL };
    for (size_t i = 0; i < sizeof want; i++)
        if (reason[i] != want[i])
            fail_msg("cell %zu: %s, not %s", i, cao_reason_name((enum cao_reason)reason[i]),
                     cao_reason_name((enum cao_reason)want[i]));
    assert_int_equal(reason[15], CAO_OUTSIDE);
    cao_catalog_release(&c);
    free(dir);
}

/* Land is 0 and 1 there, and not the shallow ocean that 0 is in MOD13; all below -1 is no data; the file says to divide. */
static void indices_of_sixteen_days(void **state)
{
    (void)state;
    char *dir = test_folder("vnp13");
    struct cao_catalog c;
    uint8_t reason[SIDE * SIDE];
    float ndvi[SIDE * SIDE];
    const int16_t dn[SIDE * SIDE] = { 7123, -15000, 10000, -2000, -13000, -10001, -10000 };
    const int16_t qa[SIDE * SIDE] = { 0,      1 << 11, 2 << 11, 3 << 11, 5 << 11,
                                      2,      13 << 2, 1 << 10, 1 << 14, (int16_t)(1 << 15),
                                      3 << 6, 0,       0,       0,       0,
                                      -1 };
    const int16_t rank[SIDE * SIDE] = { 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 8, 9, 11, -4 };
    static const char *const names[] = { "EVI",
                                         "red_reflectance",
                                         "NIR_reflectance",
                                         "blue_reflectance",
                                         "green_reflectance",
                                         "SWIR1_reflectance",
                                         "SWIR2_reflectance",
                                         "SWIR3_reflectance",
                                         "EVI2" };
    const char *stem = "VJ113A1.A2024193.h25v05.002.2024210012345_500_m_16_days";
    char name[256];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(name, sizeof name, "%s_%s.tif", stem, names[i]);
        draw_all_same(dir, name, GDT_Int16, 1e4, (int16_t)(1000 + i));
    }
    snprintf(name, sizeof name, "%s_NDVI.tif", stem);
    draw(dir, name, GDT_Int16, 1e4, dn);
    snprintf(name, sizeof name, "%s_VI_Quality.tif", stem);
    draw(dir, name, GDT_UInt16, 0, qa);
    snprintf(name, sizeof name, "%s_pixel_reliability.tif", stem);
    draw(dir, name, GDT_Int16, 0, rank);
    scan(dir, &c);
    assert_int_equal(c.n, 1);
    const struct cao_scene *s = &c.scenes[0];
    assert_string_equal(s->platform, "NOAA-20");
    assert_string_equal(s->tile, "h25v05");
    assert_string_equal(s->id, "VJ113A1.A2024193.h25v05.002.2024210012345");
    assert_non_null(strstr(s->band[CAO_BAND_S1].path, "SWIR2"));
    assert_non_null(strstr(s->band[CAO_BAND_S2].path, "SWIR3"));
    assert_null(strstr(s->band[CAO_BAND_EVI].path, "EVI2"));
    look(s, CAO_BAND_NDVI, reason, ndvi);
    assert_true(fabs((double)ndvi[0] - 0.7123) < 1e-7 && isnan(ndvi[1]) && ndvi[2] == 1 &&
                fabs((double)ndvi[3] + 0.2) < 1e-7);
    assert_true(isnan(ndvi[4]) && isnan(ndvi[5]) && ndvi[6] == -1);
    static const uint8_t want[] = { CAO_CLEAR, CAO_CLEAR,  CAO_WATER,     CAO_WATER,
                                    CAO_CLEAR, CAO_CLOUD,  CAO_SATURATED, CAO_CLOUD,
                                    CAO_SNOW,  CAO_SHADOW, CAO_AEROSOL,   CAO_SHADOW,
                                    CAO_SNOW,  CAO_CLOUD,  CAO_OUTSIDE,   CAO_OUTSIDE };
    for (size_t i = 0; i < sizeof want; i++)
        if (reason[i] != want[i])
            fail_msg("cell %zu: %s, not %s", i, cao_reason_name((enum cao_reason)reason[i]),
                     cao_reason_name((enum cao_reason)want[i]));
    cao_catalog_release(&c);
    free(dir);
}

static void what_cannot_be_read_says_what_is_missing(void **state)
{
    (void)state;
    char *dir = test_folder("viirs refused");
    struct cao_catalog c;
    test_shell("cd '%s' && echo x > VNP13A1.A2024193.h25v05.002.2024210012345.h5 && "
               "echo x > VNP15A2H.A2024193.h25v05.002.2024210012345.h5",
               dir);
    draw_all_same(dir, "VNP09A1.002_SurfReflect_M5_doy2024193000000_aid0001.tif", GDT_Int16, 1e-4,
                  900);
    draw_all_same(dir, "VNP09A1.002_SurfReflect_M7_doy2024193000000_aid0001.tif", GDT_Int16, 1e-4,
                  900);
    draw_all_same(dir, "VNP09A1.002_SurfReflect_M5_doy2024201000000_aid0001.tif", GDT_Int16, 0.01,
                  900);
    scan(dir, &c);
    assert_int_equal(c.n, 0);
    assert_int_equal(c.n_refused, 4);
    static const char *const words[] = { "SurfReflect_State is missing", "scale 0.01",
                                         "get the layers as GeoTIFF", "VNP15A2 is not used" };
    for (size_t k = 0; k < 4; k++) {
        bool said = false;
        for (size_t i = 0; i < 4; i++)
            said |= strstr(c.refused[i].reason, words[k]) != NULL;
        if (!said)
            fail_msg("'%s' was not said", words[k]);
    }
    cao_catalog_release(&c);
    free(dir);
}

/* MOD09GQ of 250 m has no cloud codes: those of MOD09GA, 1 km, of the same day, where it lies beside. */
static void gq_takes_the_clouds_of_ga(void **state)
{
    (void)state;
    char *dir = test_folder("gq and ga");
    struct cao_catalog c;
    uint8_t reason[SIDE * SIDE];
    float red[SIDE * SIDE];
    const char *gq = "MOD09GQ.A2024193.h25v05.061.2024195012345_";
    char name[128];
    const int16_t own[SIDE * SIDE] = { [1] = 2 }; /* cloud that stopped the correction */
    /* land; land; cloud; shadow; snow */
    const int16_t ga[SIDE * SIDE] = { 1 << 3, 1 << 3, 9, 12, 0x1008 };
    snprintf(name, sizeof name, "%ssur_refl_b01_1.tif", gq);
    draw_all_same(dir, name, GDT_Int16, 1e-4, 3500);
    snprintf(name, sizeof name, "%ssur_refl_b02_1.tif", gq);
    draw_all_same(dir, name, GDT_Int16, 1e-4, 4000);
    snprintf(name, sizeof name, "%sQC_250m_1.tif", gq);
    draw(dir, name, GDT_UInt16, 0, own);
    /* of another day, and an older processing of this one: neither counts */
    draw_all_same(dir, "MOD09GA.A2024194.h25v05.061.2024195012345_state_1km_1.tif", GDT_UInt16, 0,
                  9);
    scan(dir, &c);
    assert_int_equal(c.n, 1);
    assert_null(c.scenes[0].qa[1].layer.path);
    assert_true(c.scenes[0].bright_above > 0.29 && c.scenes[0].bright_band == CAO_BAND_R);
    cao_catalog_release(&c);
    draw_all_same(dir, "MOD09GA.A2024193.h25v05.061.2024195000000_state_1km_1.tif", GDT_UInt16, 0,
                  9);
    draw(dir, "MOD09GA.A2024193.h25v05.061.2024195012345_state_1km_1.tif", GDT_UInt16, 0, ga);
    draw_all_same(dir, "MOD09GA.A2024193.h25v05.061.2024195012345_sur_refl_b01_1.tif", GDT_Int16,
                  1e-4, 1);
    scan(dir, &c);
    assert_int_equal(c.n, 1);
    const struct cao_scene *s = &c.scenes[0];
    assert_string_equal(s->level, "MOD09GQ");
    assert_non_null(strstr(s->qa[1].layer.path, "2024195012345_state_1km_1.tif"));
    assert_true(s->bright_above == 0);
    look(s, CAO_BAND_R, reason, red);
    assert_true(fabs((double)red[0] - 0.35) < 1e-6);
    static const uint8_t want[] = { CAO_CLEAR, CAO_CLOUD, CAO_CLOUD, CAO_SHADOW, CAO_SNOW };
    assert_memory_equal(reason, want, sizeof want);
    cao_catalog_release(&c);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reflectance_of_eight_days),
        cmocka_unit_test(indices_of_sixteen_days),
        cmocka_unit_test(gq_takes_the_clouds_of_ga),
        cmocka_unit_test(what_cannot_be_read_says_what_is_missing),
    };
    return cmocka_run_group_tests_name("viirs", tests, test_gdal_set_up, test_gdal_tear_down) != 0;
}
