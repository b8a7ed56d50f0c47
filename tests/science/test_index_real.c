/* SPDX-License-Identifier: MIT
 * Indices of real bands against what others published for them: NASA's products and sen2r's outputs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>

#include "support/support.h"

#include "caochu/expression.h"

/* Values of a band times scale, NaN for no data; free() it. */
static float *read_band(const char *item, int number, double scale, double nodata, size_t *n)
{
    GDALDatasetH d = GDALOpen(test_data(item), GA_ReadOnly);
    if (!d)
        fail_msg("%s cannot be read", item);
    int w = GDALGetRasterXSize(d), h = GDALGetRasterYSize(d);
    *n = (size_t)w * (size_t)h;
    double *v = malloc(*n * sizeof *v);
    float *out = malloc(*n * sizeof *out);
    assert_true(v && out);
    assert_int_equal(
        GDALRasterIO(GDALGetRasterBand(d, number), GF_Read, 0, 0, w, h, v, w, h, GDT_Float64, 0, 0),
        CE_None);
    GDALClose(d);
    for (size_t i = 0; i < *n; i++)
        out[i] = v[i] == nodata ? NAN : (float)(v[i] * scale);
    free(v);
    return out;
}

static const struct cao_index *find(const char *name)
{
    const struct cao_index *ix = NULL;
    struct cao_error err = { 0 };
    assert_ok(cao_index_find(name, &ix, &err));
    return ix;
}

#define MYD "modis_myd13a1_h30v10/MYD13A1.A2020153.h30v10.006.2020170024036_"

/* NASA's own NDVI and EVI of MYD13A1, all valid pixels within one of its digital numbers (it truncates). */
static void modis_ndvi_and_evi_are_reproduced(void **state)
{
    (void)state;
    NEED_DATA("modis_myd13a1_h30v10");
    size_t n, compared[2] = { 0 }, dark[2] = { 0 }, n_two = 0;
    float *red = read_band(MYD "RR_B04.TIF", 1, 1e-4, -1000, &n);
    float *nir = read_band(MYD "NIRR_B05.TIF", 1, 1e-4, -1000, &n);
    float *blue = read_band(MYD "BR_B06.TIF", 1, 1e-4, -1000, &n);
    float *own[2] = { read_band(MYD "NDVI_B01.TIF", 1, 1e-4, -3000, &n),
                      read_band(MYD "EVI_B02.TIF", 1, 1e-4, -3000, &n) };
    const float *band[CAO_N_BANDS] = {
        [CAO_BAND_B] = blue, [CAO_BAND_R] = red, [CAO_BAND_N] = nir
    };
    float *vi = malloc(n * sizeof *vi), *two = malloc(n * sizeof *two);
    assert_true(vi && two);
    cao_index_compute(find("EVI2"), band, two, n);
    for (int k = 0; k < 2; k++) {
        cao_index_compute(find(k ? "EVI" : "NDVI"), band, vi, n);
        for (size_t i = 0; i < n; i++) {
            if (isnan(own[k][i]) || isnan(red[i]) || isnan(nir[i]))
                continue;
            compared[k]++;
            if (isnan(vi[i])) {
                /* a band at or below 0 is no data with us */
                assert_true(red[i] <= 0 || nir[i] <= 0 || (k && !(blue[i] > 0)));
                dark[k]++;
                continue;
            }
            if (fabsf(vi[i] - own[k][i]) < 1.01e-4f)
                continue;
            /* where its blue band is not trusted the product turns to the two-band form */
            assert_true(k == 1 && fabsf(two[i] - own[k][i]) < 1.01e-4f);
            n_two++;
        }
    }
    printf("      NDVI: %zu compared, %zu dark; EVI: %zu, %zu, %zu by two bands\n", compared[0],
           dark[0], compared[1], dark[1], n_two);
    assert_true(n_two <= 131); /* so many in double precision */
    assert_int_equal(compared[0], 146342);
    assert_true(dark[0] < 1500 && dark[1] < 1500);
    free(two);
    free(vi);
    free(own[1]);
    free(own[0]);
    free(blue);
    free(nir);
    free(red);
}

/* MOD13Q1 of Mato Grosso as dtwSat ships it: 137 dates of bands and the NDVI that belongs to them. */
static void every_date_of_mato_grosso_is_reproduced(void **state)
{
    (void)state;
    NEED_DATA("mod13q1_mt_2007_2013");
    size_t n, compared = 0;
    enum { DATES = 137 };
    for (int date = 1; date <= DATES; date++) {
        float *red = read_band("mod13q1_mt_2007_2013/red.tif", date, 1, -1.7e308, &n);
        float *nir = read_band("mod13q1_mt_2007_2013/nir.tif", date, 1, -1.7e308, &n);
        float *own = read_band("mod13q1_mt_2007_2013/ndvi.tif", date, 1, -1.7e308, &n);
        float *vi = malloc(n * sizeof *vi);
        const float *band[CAO_N_BANDS] = { [CAO_BAND_R] = red, [CAO_BAND_N] = nir };
        assert_non_null(vi);
        cao_index_compute(find("NDVI"), band, vi, n);
        for (size_t i = 0; i < n; i++)
            if (!isnan(vi[i]) && !isnan(own[i])) {
                if (fabsf(vi[i] - own[i]) > 1.01e-4f)
                    fail_msg("date %d cell %zu: %g instead of %g", date, i, (double)vi[i],
                             (double)own[i]);
                compared++;
            }
        free(vi);
        free(own);
        free(nir);
        free(red);
    }
    printf("      %zu values of %d dates\n", compared, DATES);
    assert_true((double)compared > 0.98 * DATES * 37 * 27);
}

/* sen2r writes round(10000 x) of B4 and B8 of its clips. */
static void sen2r_s_rasters_are_reproduced(void **state)
{
    (void)state;
    NEED_DATA("s2_l2a_barbellino");
    static const char *const days[] = { "20170703", "20190723" };
    static const char *const names[][2] = { { "NDVI", "NDVI" }, { "MSAVI2", "MSAVI2" } };
    for (int d = 0; d < 2; d++)
        for (int k = 0; k < 2; k++) {
            char item[200];
            size_t n, compared = 0;
            snprintf(item, sizeof item, "s2_l2a_barbellino/S2A2A_%s_022_Barbellino_BOA_10.tif",
                     days[d]);
            float *red = read_band(item, 4, 1e-4, 65535, &n),
                  *nir = read_band(item, 8, 1e-4, 65535, &n);
            snprintf(item, sizeof item, "s2_l2a_barbellino/S2A2A_%s_022_Barbellino_%s_10.tif",
                     days[d], names[k][1]);
            float *own = read_band(item, 1, 1, -32768, &n), *vi = malloc(n * sizeof *vi);
            const float *band[CAO_N_BANDS] = { [CAO_BAND_R] = red, [CAO_BAND_N] = nir };
            assert_non_null(vi);
            cao_index_compute(find(names[k][0]), band, vi, n);
            for (size_t i = 0; i < n; i++)
                if (!isnan(vi[i]) && !isnan(own[i])) {
                    if (fabs((double)vi[i] * 1e4 - (double)own[i]) > 0.5 + 0.02)
                        fail_msg("%s %s cell %zu: %g instead of %g", days[d], names[k][0], i,
                                 (double)vi[i] * 1e4, (double)own[i]);
                    compared++;
                }
            assert_int_equal(compared, 24 * 42);
            free(vi);
            free(own);
            free(nir);
            free(red);
        }
}

/* Means that sen2r's own tests expect of the TOA clip of 2019; OSAVI there with its factor of 1.16,
 * which here is an expression. */
static void sen2r_s_means_are_reproduced(void **state)
{
    (void)state;
    NEED_DATA("s2_l2a_barbellino");
    static const char item[] = "s2_l2a_barbellino/S2A1C_20190723_022_Barbellino_TOA_10.tif";
    struct cao_program program;
    struct cao_error err = { 0 };
    size_t n;
    float *blue = read_band(item, 2, 1e-4, 65535, &n), *red = read_band(item, 4, 1e-4, 65535, &n);
    float *nir = read_band(item, 8, 1e-4, 65535, &n), *vi = malloc(n * sizeof *vi);
    const float *band[CAO_N_BANDS] = {
        [CAO_BAND_B] = blue, [CAO_BAND_R] = red, [CAO_BAND_N] = nir
    };
    assert_non_null(vi);
    assert_ok(cao_expression_compile("1.16*OSAVI", NULL, 0, &program, &err));
    struct cao_index osavi_116 = {
        .min = -2, .max = 2, .compute = cao_program_compute, .program = &program
    };
    const struct cao_index *const indices[] = { find("EVI"), &osavi_116 };
    static const double want[] = { 0.3392678, 0.2820407 };
    for (int k = 0; k < 2; k++) {
        double sum = 0;
        cao_index_compute(indices[k], band, vi, n);
        for (size_t i = 0; i < n; i++) {
            assert_true(vi[i] == vi[i]);
            sum += (double)vi[i];
        }
        if (fabs(sum / (double)n - want[k]) > 1e-3 * want[k])
            fail_msg("mean %d: %.7f instead of %.7f", k, sum / (double)n, want[k]);
    }
    free(vi);
    free(nir);
    free(red);
    free(blue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modis_ndvi_and_evi_are_reproduced),
        cmocka_unit_test(every_date_of_mato_grosso_is_reproduced),
        cmocka_unit_test(sen2r_s_rasters_are_reproduced),
        cmocka_unit_test(sen2r_s_means_are_reproduced),
    };
    return cmocka_run_group_tests_name("index, real data", tests, test_gdal_set_up,
                                       test_gdal_tear_down) != 0;
}
