/* SPDX-License-Identifier: MIT
 * Masks, composites and resampling: what becomes of a look. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>

#include "support/support.h"

#include "caochu/composite.h"
#include "caochu/mask.h"
#include "caochu/resample.h"
#include "caochu/text.h"

static void the_first_fitting_rule_that_is_removed_decides(void **state)
{
    (void)state;
    static uint8_t table[CAO_QA_CODES];
    static const struct cao_qa_rule rules[] = { { 1, 1, CAO_OUTSIDE },
                                                { 2, 2, CAO_WATER },
                                                { 4, 4, CAO_CLOUD } };
    cao_mask_table(rules, 3, 1u << CAO_WATER | 1u << CAO_CLOUD, table);
    assert_int_equal(table[0], CAO_CLEAR);
    assert_int_equal(table[6], CAO_WATER);
    assert_int_equal(table[7], CAO_OUTSIDE);
    cao_mask_table(rules, 3, 1u << CAO_CLOUD, table); /* water stays: it must not hide the cloud */
    assert_int_equal(table[2], CAO_CLEAR);
    assert_int_equal(table[6], CAO_CLOUD);
    assert_int_equal(table[1], CAO_OUTSIDE); /* what is not there is never clear */
    static uint16_t meaning[CAO_QA_CODES];
    uint16_t qa[] = { 0, 4, 2, 1 };
    uint8_t reason[4] = { CAO_CLEAR, CAO_CLEAR, CAO_CLEAR, CAO_CLEAR };
    cao_qa_meaning(table, NULL, meaning);
    cao_qa_translate(meaning, qa, 4);
    assert_int_equal(cao_mask_join(qa, reason, 4), 2);
    const float red[] = { 0.1f, 0.1f, -0.01f, 0.1f };
    const float *bands[] = { red };
    assert_int_equal(cao_mask_invalid(bands, 1, reason, 4), 1);
    assert_int_equal(reason[2], CAO_INVALID);
    uint64_t counts[CAO_N_REASONS] = { 0 };
    cao_mask_count(reason, 4, counts);
    assert_true(counts[CAO_CLEAR] == 1 && counts[CAO_CLOUD] == 1 && counts[CAO_INVALID] == 1 &&
                counts[CAO_OUTSIDE] == 1);
    for (int r = 0; r < CAO_N_REASONS; r++) {
        enum cao_reason found;
        assert_true(cao_reason_find(cao_reason_name((enum cao_reason)r), &found));
        assert_int_equal(found, r);
    }
}

/* Three looks at four pixels: a rise, a tie, a cloud over the highest, never clear. */
static void the_best_look_keeps_its_whole_spectrum(void **state)
{
    (void)state;
    enum { N = 4 };
    static const uint8_t reason[3][N] = { { 0, 0, 0, CAO_CLOUD },
                                          { 0, 0, 0, CAO_SNOW },
                                          { 0, 0, CAO_CLOUD, 0 } };
    static const float score[3][N] = { { .2f, .5f, .3f, .9f },
                                       { .4f, .5f, .1f, .9f },
                                       { .3f, .4f, .9f, NAN } };
    static const float red[3][N] = { { 1, 1, 1, 1 }, { 2, 2, 2, 2 }, { 3, 3, 3, 3 } };
    float kept_score[N], kept_red[N], *band[] = { kept_red };
    uint16_t look[N], clear[N];
    struct cao_best best = { kept_score, look, clear, band, 1 };
    cao_best_start(&best, N);
    for (uint16_t k = 0; k < 3; k++) {
        const float *bands[] = { red[k] };
        cao_best_offer(&best, reason[k], score[k], bands, k, N);
    }
    assert_true(look[0] == 1 && kept_red[0] == 2);
    assert_true(look[1] == 0 && kept_red[1] == 1); /* a tie stays with the earlier */
    assert_true(look[2] == 0 && kept_score[2] == .3f);
    assert_true(look[3] == CAO_NO_LOOK && isnan(kept_red[3]) && isnan(kept_score[3]));
    assert_true(clear[0] == 3 && clear[2] == 2 && clear[3] == 1);
}

static void the_median_is_the_middle_of_what_is_there(void **state)
{
    (void)state;
    static const float a[] = { 5, NAN, 1, NAN }, b[] = { 1, 2, NAN, NAN }, c[] = { 3, 8, NAN, NAN };
    static const int orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 } };
    const float *const all[] = { a, b, c };
    for (int o = 0; o < 3; o++) {
        const float *looks[3];
        _Alignas(64) char scratch[4096];
        float out[4];
        uint16_t n[4] = { 0 };
        for (int k = 0; k < 3; k++)
            looks[k] = all[orders[o][k]];
        cao_median(looks, 3, scratch, out, 4);
        for (int k = 0; k < 3; k++)
            cao_count_look(looks[k], n, 4);
        assert_true(out[0] == 3 && out[1] == 5 && out[2] == 1 && isnan(out[3]));
        assert_true(n[0] == 3 && n[1] == 2 && n[2] == 1 && n[3] == 0);
    }
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Any number of looks, against a plain sort per pixel. */
static void the_median_agrees_with_a_plain_sort(void **state)
{
    (void)state;
    enum { MOST = 41, N = 150 };
    static float store[MOST][N], out[N];
    static _Alignas(64) char scratch[65536];
    const float *looks[MOST];
    unsigned seed = 3;
    for (int k = 0; k < MOST; k++) {
        for (int i = 0; i < N; i++) {
            seed = seed * 1664525u + 1013904223u;
            store[k][i] = (seed >> 29) == 0 ? NAN : (float)(seed >> 20) / 4096.0f - 0.3f;
        }
        looks[k] = store[k];
    }
    for (size_t n_looks = 0; n_looks <= MOST; n_looks++) {
        cao_median(looks, n_looks, scratch, out, N);
        for (int i = 0; i < N; i++) {
            float v[MOST];
            size_t m = 0;
            for (size_t k = 0; k < n_looks; k++)
                if (!isnan(store[k][i]))
                    v[m++] = store[k][i];
            qsort(v, m, sizeof *v, by_value);
            if (m == 0)
                assert_true(isnan(out[i]));
            else
                assert_true(out[i] == (m % 2 ? v[m / 2] : 0.5f * (v[m / 2 - 1] + v[m / 2])));
        }
    }
}

/* Of 68 real acquisitions: how often a place was seen, and the highest NDVI, as eo-learn has them. */
static void published_counts_and_maxima_are_reproduced(void **state)
{
    (void)state;
    NEED_DATA("s2_ts_slovenia");
    GDALAllRegister();
    static const char *const names[] = { "NDVI.tif", "IS_VALID.tif", "MAX_NDVI.tif",
                                         "VALID_COUNT.tif", "CLM.tif" };
    float *v[5];
    size_t n = 0, looks = 0;
    for (int k = 0; k < 5; k++) {
        char item[100];
        snprintf(item, sizeof item, "s2_ts_slovenia/%s", names[k]);
        GDALDatasetH d = GDALOpen(test_data(item), GA_ReadOnly);
        assert_non_null(d);
        int w = GDALGetRasterXSize(d), h = GDALGetRasterYSize(d), bands = GDALGetRasterCount(d);
        n = (size_t)w * (size_t)h;
        looks = k < 2 ? (size_t)bands : looks;
        assert_true(k != 4 || (size_t)bands == looks);
        v[k] = malloc(n * (size_t)bands * sizeof *v[k]);
        assert_non_null(v[k]);
        assert_int_equal(GDALDatasetRasterIO(d, GF_Read, 0, 0, w, h, v[k], w, h, GDT_Float32, bands,
                                             NULL, 0, 0, 0),
                         CE_None);
        GDALClose(d);
    }
    float *score = malloc(n * sizeof *score);
    uint16_t *look = malloc(n * sizeof *look), *clear = malloc(n * sizeof *clear),
             *count = malloc(n * sizeof *count);
    uint8_t *reason = malloc(n);
    const float **valid = malloc(looks * sizeof *valid);
    assert_true(score && look && clear && count && reason && valid);
    struct cao_best best = { score, look, clear, NULL, 0 };
    cao_best_start(&best, n);
    /* their cloud mask as a quality layer whose code 1 is cloud: what it leaves is what they call valid */
    static const struct cao_qa_rule clm = { 0xFFFF, 1, CAO_CLOUD };
    static uint8_t table[CAO_QA_CODES];
    uint16_t *code = malloc(n * sizeof *code);
    assert_non_null(code);
    cao_mask_table(&clm, 1, 1u << CAO_CLOUD, table);
    for (size_t k = 0; k < looks; k++) {
        for (size_t i = 0; i < n; i++)
            code[i] = (uint16_t)v[4][k * n + i];
        memset(reason, CAO_CLEAR, n);
        static uint16_t meaning[CAO_QA_CODES];
        cao_qa_meaning(table, NULL, meaning);
        cao_qa_translate(meaning, code, n);
        cao_mask_join(code, reason, n);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(reason[i] == CAO_CLEAR, v[1][k * n + i] > 0);
        memset(reason, CAO_CLEAR, n); /* their maximum is not masked */
        cao_best_offer(&best, reason, v[0] + k * n, NULL, (uint16_t)k, n);
        for (size_t i = 0; i < n; i++)
            v[1][k * n + i] = v[1][k * n + i] > 0 ? 1.0f : NAN;
        valid[k] = v[1] + k * n;
    }
    memset(count, 0, n * sizeof *count);
    for (size_t k = 0; k < looks; k++)
        cao_count_look(valid[k], count, n);
    for (size_t i = 0; i < n; i++) {
        assert_true(score[i] == v[2][i]);
        assert_true((float)count[i] == v[3][i]);
    }
    free(code);
    free(valid);
    free(reason);
    free(count);
    free(clear);
    free(look);
    free(score);
    for (int k = 0; k < 5; k++)
        free(v[k]);
}

/* MOD13 of 2008-12-18, day 353 of a leap year: its last days are the first of the year after. */
static void days_of_the_year_are_days_of_a_composite(void **state)
{
    (void)state;
    uint8_t table[CAO_DAY_CODES], after[6], reason[6] = { 0 }, sight[6] = { 0 };
    const uint16_t codes[6] = { 353, 366, 1, 2, 3, 65535 };
    int32_t first = 14231; /* 2008-12-18 */
    reason[0] = CAO_CLOUD;
    cao_day_table(first, 16, table);
    /* of a period that ends on 2009-01-01, 14 days after the first */
    assert_int_equal(cao_day_apply(table, codes, -100, 14, after, reason, sight, 6), 2);
    static const uint8_t want_after[6] = { 0, 13, 14, 15, 0, 0 };
    static const uint8_t want_reason[6] = { CAO_CLOUD,   CAO_CLEAR,   CAO_CLEAR,
                                            CAO_OUTSIDE, CAO_OUTSIDE, CAO_OUTSIDE };
    for (int i = 0; i < 6; i++) {
        assert_int_equal(after[i], want_after[i]);
        assert_int_equal(reason[i], want_reason[i]);
        assert_int_equal(sight[i] == CAO_SIGHT_HIDDEN, want_reason[i] == CAO_OUTSIDE);
    }
}

/* Of 137 real MOD13Q1 of six years each of 136,863 pixels is of one of the composite's sixteen days. */
static void real_days_are_all_of_their_composites(void **state)
{
    (void)state;
    NEED_DATA("mod13q1_mt_2007_2013");
    GDALAllRegister();
    GDALDatasetH d = GDALOpen(test_data("mod13q1_mt_2007_2013/doy.tif"), GA_ReadOnly);
    FILE *f = fopen(test_data("mod13q1_mt_2007_2013/timeline"), "r");
    assert_true(d && f);
    int bands = GDALGetRasterCount(d), w = GDALGetRasterXSize(d), h = GDALGetRasterYSize(d);
    size_t n = (size_t)w * (size_t)h, late = 0;
    uint16_t *codes = malloc(n * sizeof *codes);
    uint8_t *after = malloc(n), *reason = malloc(n);
    assert_int_equal(bands, 137);
    for (int k = 1; k <= bands; k++) {
        char line[32];
        int32_t first;
        uint8_t table[CAO_DAY_CODES];
        assert_non_null(fgets(line, sizeof line, f));
        line[10] = '\0';
        assert_true(cao_date_parse(line, &first));
        assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, k), GF_Read, 0, 0, w, h, codes, w, h,
                                      GDT_UInt16, 0, 0),
                         CE_None);
        memset(reason, CAO_CLEAR, n);
        cao_day_table(first, 16, table);
        assert_int_equal(cao_day_apply(table, codes, 0, 15, after, reason, NULL, n), n);
        for (size_t i = 0; i < n; i++)
            late += codes[i] < cao_date_day_of_year(first);
    }
    assert_true(late > 0); /* some are of January, of a composite that began in December */
    free(reason);
    free(after);
    free(codes);
    fclose(f);
    GDALClose(d);
}

/* At places of the whole source, as the reader asks. */
static void bilinear(const float *source, size_t width, size_t height, const double *x,
                     const double *y, float *out, size_t n)
{
    enum { MOST = 256 };
    int32_t at[MOST];
    float u[MOST], t[MOST];
    struct cao_spots spots = { at, u, t };
    assert_true(n <= MOST);
    cao_resample_spots(x, y, n, &(struct cao_frame){ 0, 0, width, height }, &spots);
    cao_resample_bilinear(source, width, height, &spots, out, n);
}

static void nearest_of(const uint16_t *source, size_t width, size_t height, const double *x,
                       const double *y, uint16_t outside, uint16_t *out, size_t n)
{
    enum { MOST = 256 };
    int32_t at[MOST];
    assert_true(n <= MOST);
    cao_resample_holders(x, y, n, &(struct cao_frame){ 0, 0, width, height }, at);
    cao_resample_nearest(source, at, outside, out, n);
}

static void places_take_their_value_by_rule(void **state)
{
    (void)state;
    static const float source[] = { 1, 2, 3, 4, 5, NAN }; /* 3 x 2 */
    static const uint16_t codes[] = { 1, 2, 3, 4, 5, 6 };
    const double x[] = { 0.5, 1.0, 0.1, 2.9, 2.0, 3.0, -0.1, (double)NAN };
    const double y[] = { 0.5, 1.0, 0.1, 0.4, 0.5, 0.5, 0.5, 0.5 };
    float out[8];
    uint16_t nearest[8];
    bilinear(source, 3, 2, x, y, out, 8);
    assert_true(out[0] == 1);                  /* a centre */
    assert_true(fabsf(out[1] - 3.0f) < 1e-6f); /* the middle of four */
    assert_true(out[2] == 1);                  /* beyond the outermost centre the edge holds */
    assert_true(out[3] == 3 && out[4] == 2.5f);
    assert_true(isnan(out[5]) && isnan(out[6]) && isnan(out[7]));
    const double gap_x[] = { 1.9, 2.1 }, gap_y[] = { 1.2, 1.2 };
    bilinear(source, 3, 2, gap_x, gap_y, out, 2);
    /* weights .6 .4 across, .3 .7 down: the empty fourth's share goes to the others */
    assert_true(fabsf(out[0] - (float)((.18 * 2 + .12 * 3 + .42 * 5) / .72)) < 1e-6f);
    assert_true(isnan(out[1])); /* the nearest pixel holds nothing */
    nearest_of(codes, 3, 2, x, y, 99, nearest, 8);
    assert_true(nearest[0] == 1 && nearest[1] == 5 && nearest[3] == 3 && nearest[5] == 99 &&
                nearest[7] == 99);
    const double bx[] = { 1.0, 2.0, 2.5 }, by[] = { 1.0, 1.0, 1.5 };
    cao_resample_average(source, 3, 2, &(struct cao_boxes){ bx, by, 1.0, 1.0, 2 }, 0.5, out);
    assert_true(fabsf(out[0] - 3.0f) < 1e-6f);                       /* (1+2+4+5)/4 */
    assert_true(fabsf(out[1] - (float)((2 + 3 + 5) / 3.0)) < 1e-6f); /* a quarter holds nothing */
    cao_resample_average(source, 3, 2, &(struct cao_boxes){ bx + 2, by + 2, 0.5, 0.5, 1 }, 0.5,
                         out);
    assert_true(isnan(out[0]));
}

static void indices_below_their_range_are_none(void **state)
{
    (void)state;
    const float v[] = { 0.5f, -1.0f, -1.3f, NAN, -1.5f };
    uint8_t reason[] = { CAO_CLEAR, CAO_CLEAR, CAO_CLEAR, CAO_CLEAR, CAO_CLOUD };
    assert_int_equal(cao_mask_below(v, -1.0f, CAO_INVALID, reason, 5), 2);
    const uint8_t want[] = { CAO_CLEAR, CAO_CLEAR, CAO_INVALID, CAO_INVALID, CAO_CLOUD };
    assert_memory_equal(reason, want, sizeof want);
}

/* Keys (1981): with a = -0.5 cubic convolution gives back any polynomial of second degree. */
static void cubic_gives_back_a_curved_surface(void **state)
{
    (void)state;
    enum { W = 8, H = 7, N = 200 };
    float source[W * H], out[N], linear[N];
    double x[N], y[N];
    for (int i = 0; i < W * H; i++) {
        double u = i % W + 0.5, v = i / W + 0.5;
        source[i] =
            (float)(0.3 + 0.05 * u - 0.02 * v + 0.01 * u * u - 0.004 * v * v + 0.003 * u * v);
    }
    for (int i = 0; i < N; i++) { /* from the second centre to the last but one */
        x[i] = 1.5 + 5.0 * ((i * 37) % N) / N;
        y[i] = 1.5 + 4.0 * i / N;
    }
    cao_resample_cubic(source, W, H, x, y, out, N);
    for (int i = 0; i < N; i++) {
        double want = 0.3 + 0.05 * x[i] - 0.02 * y[i] + 0.01 * x[i] * x[i] - 0.004 * y[i] * y[i] +
                      0.003 * x[i] * y[i];
        assert_true(fabs((double)out[i] - want) < 2e-6);
    }
    /* beyond these centres, outside, and where one of the sixteen is empty: bilinear */
    const double bx[] = { 1.375, 0.25, 6.625, 3.25, -0.125, (double)NAN, 4.375 };
    const double by[] = { 3, 3, 3, 6.875, 3, 3, 4.375 };
    source[2 * W + 2] = NAN;
    cao_resample_cubic(source, W, H, bx, by, out, 7);
    bilinear(source, W, H, bx, by, linear, 7);
    for (int i = 0; i < 7; i++)
        assert_true(isnan(linear[i]) ? isnan(out[i]) : out[i] == linear[i]);
    assert_true(isnan(out[4]) && isnan(out[5]) && !isnan(out[6]));
}

/* The rule by itself, in double: a plain loop over the four pixels around. */
static float by_rule(const float *source, int width, int height, double x, double y)
{
    double sum = 0, weights = 0;
    if (!(x >= 0 && y >= 0 && x < width && y < height) || isnan(source[(int)y * width + (int)x]))
        return NAN;
    for (int row = 0; row < height; row++)
        for (int col = 0; col < width; col++) {
            double px = fmin(fmax(x, 0.5), width - 0.5), py = fmin(fmax(y, 0.5), height - 0.5);
            double w = fmax(0, 1 - fabs(px - (col + 0.5))) * fmax(0, 1 - fabs(py - (row + 0.5)));
            float v = source[row * width + col];
            sum += w > 0 && !isnan(v) ? w * (double)v : 0;
            weights += w > 0 && !isnan(v) ? w : 0;
        }
    return weights > 0 ? (float)(sum / weights) : NAN;
}

/* Of images of many sizes, one pixel wide ones too, cut to a frame; places go beyond all sides. */
static void spots_in_a_frame_give_what_the_rule_says(void **state)
{
    (void)state;
    static const int sizes[][2] = { { 1, 1 }, { 1, 6 }, { 7, 1 }, { 2, 2 }, { 3, 9 }, { 11, 8 } };
    enum { N = 211, LEFT = 37, TOP = 1000 };
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        int width = sizes[k][0], height = sizes[k][1];
        float source[11 * 9], u[N], t[N], out[N];
        double x[N], y[N];
        int32_t at[N], holder[N];
        struct cao_spots spots = { at, u, t };
        for (int i = 0; i < width * height; i++)
            source[i] = i % 7 == 5 ? NAN : (float)((i * 37 + 11) % 101) / 101.0f;
        for (int i = 0; i < N; i++) {
            x[i] = LEFT - 1 + ldexp(rint(ldexp((width + 2.0) * ((i * 89) % N) / N, 20)), -20);
            y[i] = TOP - 1 + ldexp(rint(ldexp((height + 2.0) * i / N, 20)), -20);
        }
        x[100] = (double)NAN;
        struct cao_frame frame = { LEFT, TOP, (size_t)width, (size_t)height };
        cao_resample_spots(x, y, N, &frame, &spots);
        cao_resample_bilinear(source, (size_t)width, (size_t)height, &spots, out, N);
        cao_resample_holders(x, y, N, &frame, holder);
        for (int i = 0; i < N; i++) {
            double in_x = x[i] - LEFT, in_y = y[i] - TOP;
            float want = by_rule(source, width, height, in_x, in_y);
            bool in = in_x >= 0 && in_y >= 0 && in_x < width && in_y < height;
            assert_true(isnan(want) ? isnan(out[i]) : fabsf(out[i] - want) < 2e-7f);
            assert_int_equal(holder[i], in ? (int)in_y * width + (int)in_x : -1);
        }
    }
}

/* The two ways to the same place: cell by cell, and along the axes. */
static void axes_lead_to_the_same_values_as_places(void **state)
{
    (void)state;
    enum { W = 9, H = 7, NX = 31, NY = 23 };
    float source[W * H], values[NX], row_values[NX];
    uint16_t codes[W * H], nearest[NX], row_nearest[NX];
    double x[NX], y[NY], at_y[NX], blend[W];
    struct cao_axis_place cols[NX], rows[NY];
    for (int i = 0; i < W * H; i++) {
        source[i] = i % 11 == 3 ? NAN : (float)((i * 37) % 101) / 101.0f;
        codes[i] = (uint16_t)(i + 1);
    }
    for (int i = 0; i < NX; i++) /* from before the image to beyond it */
        x[i] = -0.7 + (W + 1.5) * i / (NX - 1);
    for (int i = 0; i < NY; i++)
        y[i] = -0.4 + (H + 1.1) * i / (NY - 1);
    cao_resample_axis(x, NX, W, cols);
    cao_resample_axis(y, NY, H, rows);
    for (int r = 0; r < NY; r++) {
        for (int i = 0; i < NX; i++)
            at_y[i] = y[r];
        nearest_of(codes, W, H, x, at_y, 99, nearest, NX);
        cao_resample_nearest_row(codes, W, &rows[r], cols, 99, row_nearest, NX);
        assert_memory_equal(nearest, row_nearest, sizeof nearest);
        bilinear(source, W, H, x, at_y, values, NX);
        cao_resample_bilinear_row(source, W, &rows[r], cols, blend, row_values, NX);
        for (int i = 0; i < NX; i++)
            assert_true(isnan(values[i]) ? isnan(row_values[i])
                                         : fabsf(values[i] - row_values[i]) < 1e-6f);
        cao_resample_value_row(source, W, &rows[r], cols, row_values, NX);
        for (int i = 0; i < NX; i++)
            assert_true(nearest[i] == 99 || isnan(source[nearest[i] - 1])
                            ? isnan(row_values[i])
                            : row_values[i] == source[nearest[i] - 1]);
    }
}

/* The definition itself: a clear cell with a cell of the reason within the radius. */
static void masks_grow_by_the_distance_and_no_further(void **state)
{
    (void)state;
    enum { COLS = 23, ROWS = 17, M = 4, W = COLS + 2 * M, H = ROWS + 2 * M };
    static const double radii[] = { 0.5, 1, 1.5, 2.9, 4 };
    uint8_t wide[W * H], reason[COLS * ROWS];
    uint16_t reach[W * H];
    uint32_t seed = 7;
    for (size_t i = 0; i < W * H; i++) {
        seed = seed * 1664525u + 1013904223u;
        wide[i] = seed >> 24 < 12 ? CAO_CLOUD : seed >> 24 < 24 ? CAO_SNOW : CAO_CLEAR;
    }
    wide[0] = CAO_CLOUD; /* seen from the margin alone */
    for (size_t k = 0; k < sizeof radii / sizeof radii[0]; k++) {
        for (size_t r = 0; r < ROWS; r++)
            memcpy(reason + r * COLS, wide + (r + M) * W + M, COLS);
        cao_mask_grow(wide, COLS, ROWS, M, radii[k], CAO_CLOUD, reach, reason);
        for (int r = 0; r < ROWS; r++)
            for (int c = 0; c < COLS; c++) {
                uint8_t want = wide[(r + M) * W + c + M];
                for (int y = 0; want == CAO_CLEAR && y < H; y++)
                    for (int x = 0; want == CAO_CLEAR && x < W; x++)
                        if (wide[y * W + x] == CAO_CLOUD && hypot(y - r - M, x - c - M) <= radii[k])
                            want = CAO_CLOUD;
                assert_int_equal(reason[r * COLS + c], want);
            }
    }
}

/* The definition itself, near and far, of cells of 10 m and of an odd size; and where there is nothing. */
static void distances_are_those_to_the_nearest_cell(void **state)
{
    (void)state;
    enum { COLS = 300, ROWS = 9, M = 12, W = COLS + 2 * M, H = ROWS + 2 * M };
    static const struct {
        double cell_m, most_m;
        unsigned share;
    } t[] = { { 10, 120, 2 }, { 10, 55.5, 60 }, { 7.3, 80, 1 }, { 0.05, 12, 1 }, { 10, 120, 0 } };
    static uint8_t wide[W * H];
    static uint16_t reach[W * H];
    static float away[COLS * ROWS];
    for (size_t k = 0; k < sizeof t / sizeof t[0]; k++) {
        uint32_t seed = 5;
        for (size_t i = 0; i < W * H; i++) {
            seed = seed * 1664525u + 1013904223u;
            bool hit = (seed >> 16) % 1000 < t[k].share;
            wide[i] = hit ? (seed & 1 ? CAO_CLOUD : CAO_SHADOW) : seed >> 28 ? CAO_CLEAR : CAO_SNOW;
        }
        cao_mask_distance(wide, COLS, ROWS, M, 1u << CAO_CLOUD | 1u << CAO_SHADOW, t[k].cell_m,
                          t[k].most_m, reach, away);
        float most = (float)(t[k].most_m / t[k].cell_m);
        for (int r = 0; r < ROWS; r++)
            for (int c = 0; c < COLS; c++) {
                float least = most * most;
                for (int y = 0; y < H; y++)
                    for (int x = 0; x < W; x++) {
                        bool is = wide[y * W + x] == CAO_CLOUD || wide[y * W + x] == CAO_SHADOW;
                        int dy = y - r - M, dx = x - c - M;
                        if (is && abs(dy) <= M && (float)(dx * dx + dy * dy) < least)
                            least = (float)(dx * dx + dy * dy);
                    }
                assert_true(away[r * COLS + c] == sqrtf(least) * (float)t[k].cell_m);
            }
    }
}

/* Beside a plain loop, at lengths around those that are gone through together. */
static void a_cell_that_lacks_any_band_is_invalid(void **state)
{
    (void)state;
    enum { MOST = 1100, BANDS = 3 };
    static float values[BANDS][MOST];
    static uint8_t reason[MOST], want[MOST];
    const float *const bands[BANDS] = { values[0], values[1], values[2] };
    const float odd[] = { NAN, 0, -0.0f, -1, INFINITY, 1e-30f, 0.2f, 0.2f };
    for (size_t n_bands = 0; n_bands <= BANDS; n_bands++)
        for (size_t n = 0; n <= MOST; n += n < 520 ? 1 : 97) {
            size_t clear = 0;
            for (size_t i = 0; i < n; i++) {
                want[i] = reason[i] = i % 5 ? CAO_CLEAR : CAO_SNOW;
                for (size_t b = 0; b < BANDS; b++)
                    values[b][i] = odd[(i * (2 * b + 3) + i / 8 + b) % 8];
                for (size_t b = 0; b < n_bands; b++)
                    if (want[i] == CAO_CLEAR && (isnan(values[b][i]) || values[b][i] <= 0))
                        want[i] = CAO_INVALID;
                clear += want[i] == CAO_CLEAR;
            }
            assert_int_equal(cao_mask_invalid(bands, n_bands, reason, n), clear);
            assert_memory_equal(reason, want, n);
            assert_int_equal(cao_mask_clear(reason, n), clear);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_that_lacks_any_band_is_invalid),
        cmocka_unit_test(distances_are_those_to_the_nearest_cell),
        cmocka_unit_test(masks_grow_by_the_distance_and_no_further),
        cmocka_unit_test(the_first_fitting_rule_that_is_removed_decides),
        cmocka_unit_test(the_best_look_keeps_its_whole_spectrum),
        cmocka_unit_test(the_median_is_the_middle_of_what_is_there),
        cmocka_unit_test(the_median_agrees_with_a_plain_sort),
        cmocka_unit_test(published_counts_and_maxima_are_reproduced),
        cmocka_unit_test(days_of_the_year_are_days_of_a_composite),
        cmocka_unit_test(real_days_are_all_of_their_composites),
        cmocka_unit_test(places_take_their_value_by_rule),
        cmocka_unit_test(indices_below_their_range_are_none),
        cmocka_unit_test(cubic_gives_back_a_curved_surface),
        cmocka_unit_test(spots_in_a_frame_give_what_the_rule_says),
        cmocka_unit_test(axes_lead_to_the_same_values_as_places),
    };
    return cmocka_run_group_tests_name("looks", tests, NULL, NULL) != 0;
}
