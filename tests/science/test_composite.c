/* SPDX-License-Identifier: MIT
 * Every composite: values worked by hand, and what holds for all of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/composite.h"
#include "caochu/mask.h"
#include "caochu/text.h"

enum { MOST_LOOKS = 41, MOST_BANDS = 5, MOST = 150 };

static const struct cao_composite_settings usual = { .percentile = 50,
                                                     .day_weight = 1,
                                                     .cloud_weight = 0.4,
                                                     .haze_weight = 0.3,
                                                     .day_spread = 20,
                                                     .cloud_distance_m = 1000 };

/* Looks of some pixels, as a tile has them one after the other. */
struct looks {
    size_t n_looks, n_bands, n;
    float band[MOST_LOOKS][MOST_BANDS][MOST];
    float days[MOST_LOOKS];
    float cloud_m[MOST_LOOKS][MOST], blue[MOST_LOOKS][MOST];
    bool has_cloud, has_blue;
};
struct picture {
    float band[MOST_BANDS][MOST];
    uint16_t chosen[MOST], n_clear[MOST];
};

/* NDVI of the first two bands; of one band that band itself. */
static void ndvi_of(const struct looks *l, size_t k, float *out)
{
    for (size_t i = 0; i < l->n; i++) {
        float r = l->band[k][0][i], n = l->n_bands > 1 ? l->band[k][1][i] : NAN;
        out[i] = l->n_bands > 1 ? (n - r) / (n + r) : r;
    }
}

static void compose(const struct cao_composite *c, const struct cao_composite_settings *set,
                    const struct looks *l, struct picture *p)
{
    static float score[MOST], best_score[MOST], ndvi[MOST];
    static double store[MOST_BANDS][MOST];
    uint8_t reason[MOST];
    float *band[MOST_BANDS];
    double *sum[MOST_BANDS];
    const float *kept[MOST_LOOKS * MOST_BANDS];
    memset(store, 0, sizeof store);
    for (size_t b = 0; b < l->n_bands; b++) {
        band[b] = p->band[b];
        sum[b] = store[b];
        for (size_t k = 0; k < l->n_looks; k++)
            kept[b * l->n_looks + k] = l->band[k][b];
    }
    struct cao_best best = { best_score, p->chosen, p->n_clear, band, l->n_bands };
    cao_best_start(&best, l->n);
    for (size_t k = 0; !c->reduce && k < l->n_looks; k++) {
        const float *look[MOST_BANDS];
        ndvi_of(l, k, ndvi);
        for (size_t b = 0; b < l->n_bands; b++)
            look[b] = l->band[k][b];
        for (size_t i = 0; i < l->n; i++)
            reason[i] = isnan(l->band[k][0][i]) ? CAO_CLOUD : CAO_CLEAR;
        struct cao_look_view view = { ndvi,       l->has_blue ? l->blue[k] : NULL,
                                      look[0],    l->has_cloud ? l->cloud_m[k] : NULL,
                                      l->days[k], (uint16_t)k,
                                      NULL };
        if (c->score) {
            cao_best_offer(&best, reason, c->score(set, &view, score, l->n), look, (uint16_t)k,
                           l->n);
        } else {
            cao_mean_add(reason, look, sum, p->n_clear, l->n_bands, l->n);
        }
    }
    if (c->reduce) {
        struct cao_gathered all = { kept, l->n_bands, l->n_looks,
                                    malloc(c->scratch(l->n_bands, l->n_looks)) };
        assert_non_null(all.scratch);
        c->reduce(set, &all, band, p->chosen, l->n);
        memset(p->n_clear, 0, l->n * sizeof *p->n_clear);
        for (size_t k = 0; k < l->n_looks; k++)
            cao_count_look(kept[k], p->n_clear, l->n);
        free(all.scratch);
    } else if (!c->score) {
        cao_mean_finish(sum, p->n_clear, band, l->n_bands, l->n);
    }
}

static size_t read_bands(char *text, float v[MOST_BANDS])
{
    size_t n = 0;
    for (char *save = NULL, *s = strtok_r(text, ",", &save); s; s = strtok_r(NULL, ",", &save)) {
        double x;
        assert_true(n < MOST_BANDS);
        v[n++] = strcmp(s, "nan") == 0 ? NAN : cao_text_double(s, &x) ? (float)x : -99;
        assert_false(v[n - 1] == -99);
    }
    return n;
}

static void read_look(char *s, struct looks *l)
{
    size_t k = l->n_looks++;
    float v[MOST_BANDS], more[MOST_BANDS];
    char *at = strchr(s, '@');
    if (at) {
        *at++ = '\0';
        for (char *c = at; *c; c++)
            *c = (char)(*c == '/' ? ',' : *c);
        size_t n = read_bands(at, more);
        l->days[k] = more[0];
        l->has_cloud |= n > 1;
        l->cloud_m[k][0] = n > 1 ? more[1] : 0;
        l->has_blue |= n > 2;
        l->blue[k][0] = n > 2 ? more[2] : 0;
    }
    l->n_bands = read_bands(s, v);
    for (size_t b = 0; b < l->n_bands; b++)
        l->band[k][b][0] = v[b];
}

/* One line of testdata/vectors/composite.txt; false for a comment. */
static bool run_vector(char *line, int *n_of)
{
    static struct looks l;
    static struct picture p;
    const struct cao_composite *c = NULL;
    struct cao_composite_settings set = usual;
    struct cao_error err = { 0 };
    char shown[300];
    double tolerance = 0;
    float want[MOST_BANDS];
    size_t n_want = 0;
    int word = 0, look = -2;
    snprintf(shown, sizeof shown, "%s", line);
    if (line[0] == '#' || line[0] == '\n')
        return false;
    memset(&l, 0, sizeof l);
    l.n = 1;
    for (char *save = NULL, *s = strtok_r(line, " \n", &save); s;
         s = strtok_r(NULL, " \n", &save), word++) {
        if (word == 0)
            assert_ok(cao_composite_find(s, &c, &err));
        else if (word == 1)
            assert_true(cao_text_double(s, &tolerance));
        else if (s[0] == 'p')
            assert_true(cao_text_double(s + 2, &set.percentile));
        else if (s[0] == '#')
            look = s[1] == 'n' ? CAO_NO_LOOK : atoi(s + 1);
        else if (strcmp(s, "expect") == 0)
            n_want = SIZE_MAX;
        else if (n_want == SIZE_MAX)
            n_want = read_bands(s, want);
        else
            read_look(s, &l);
    }
    l.n_bands = n_want;
    compose(c, &set, &l, &p);
    for (size_t b = 0; b < n_want; b++)
        if (isnan(want[b])
                ? !isnan(p.band[b][0])
                : !(fabs((double)p.band[b][0] - (double)want[b]) <= tolerance + 1e-9 * tolerance))
            fail_msg("%s  band %zu is %.8f", shown, b, (double)p.band[b][0]);
    if (c->chooses != (look != -2) || (look != -2 && p.chosen[0] != look))
        fail_msg("%s  look %d", shown, p.chosen[0]);
    size_t n;
    n_of[c - cao_composites(&n)]++;
    return true;
}

static void values_are_those_worked_by_hand(void **state)
{
    (void)state;
    FILE *f = fopen("testdata/vectors/composite.txt", "r");
    char line[300];
    int n = 0, n_of[32] = { 0 };
    size_t n_rows;
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        n += run_vector(line, n_of);
    fclose(f);
    assert_true(n >= 40);
    (void)cao_composites(&n_rows);
    for (size_t k = 0; k < n_rows; k++)
        assert_true(n_of[k] > 0); /* every row of the table has a vector */
}

static void the_table_is_whole(void **state)
{
    (void)state;
    size_t n;
    char names[256] = "";
    const struct cao_composite *all = cao_composites(&n), *found = NULL;
    struct cao_error err = { 0 };
    for (size_t i = 0; i < n; i++) {
        assert_true(all[i].name[0] && all[i].zh[0] && all[i].help[0] && all[i].help_zh[0]);
        assert_true(!all[i].reduce == !all[i].scratch && !(all[i].reduce && all[i].score));
        assert_true(all[i].chooses || !all[i].score);
        assert_ok(cao_composite_find(all[i].name, &found, &err));
        assert_ptr_equal(found, &all[i]);
        strcat(names, i ? "|" : "");
        strcat(names, all[i].name);
    }
    assert_string_equal(names, CAO_COMPOSITE_NAMES);
    found = NULL;
    assert_int_equal(cao_composite_find("mediod", &found, &err), CAO_EARG);
    assert_null(found);
    assert_non_null(strstr(err.text, "allowed: max-ndvi|"));
}

static uint32_t seed = 11;
static float draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) / 16777216.0f;
}

/* Reflectances as they come from files: tenths of thousandths; a fifth of the looks not clear. */
static void draw_looks(struct looks *l, size_t n_looks, size_t n_bands, size_t n)
{
    memset(l, 0, sizeof *l);
    l->n_looks = n_looks;
    l->n_bands = n_bands;
    l->n = n;
    l->has_cloud = l->has_blue = true;
    for (size_t k = 0; k < n_looks; k++) {
        l->days[k] = (float)k * 5 - 41; /* no two as far from the target: ties go by order */
        for (size_t i = 0; i < n; i++) {
            bool clear = draw() > 0.2f;
            for (size_t b = 0; b < n_bands; b++) {
                float v = floorf(draw() * 6000 + 1) * 1e-4f;
                l->band[k][b][i] = clear ? v : NAN;
            }
            l->cloud_m[k][i] = draw() * 1200;
            l->blue[k][i] = draw() * 0.2f;
        }
    }
}

static void no_cut_of_a_row_shows(void **state)
{
    (void)state;
    static struct looks l, part;
    static struct picture whole, p;
    size_t n_rows;
    const struct cao_composite *all = cao_composites(&n_rows);
    draw_looks(&l, 9, 3, 107);
    for (size_t c = 0; c < n_rows; c++) {
        compose(&all[c], &usual, &l, &whole);
        for (size_t cut = 1; cut < l.n; cut += 13) {
            part = l;
            part.n = l.n - cut;
            for (size_t k = 0; k < l.n_looks; k++) {
                for (size_t b = 0; b < l.n_bands; b++)
                    memmove(part.band[k][b], l.band[k][b] + cut, part.n * sizeof(float));
                memmove(part.cloud_m[k], l.cloud_m[k] + cut, part.n * sizeof(float));
                memmove(part.blue[k], l.blue[k] + cut, part.n * sizeof(float));
            }
            compose(&all[c], &usual, &part, &p);
            for (size_t b = 0; b < l.n_bands; b++)
                assert_memory_equal(p.band[b], whole.band[b] + cut, part.n * sizeof(float));
        }
    }
}

/* The same looks in another order of arrival. latest and first are about the order; all others give the
 * same values, bit for bit (the geometric median to a part of its last step). */
static void the_order_of_the_looks_does_not_matter(void **state)
{
    (void)state;
    static struct looks l, turned;
    static struct picture p, q;
    size_t n_rows;
    const struct cao_composite *all = cao_composites(&n_rows);
    draw_looks(&l, 17, 4, 120);
    turned = l;
    for (size_t k = 0; k < l.n_looks; k++) {
        size_t from = (k * 5 + 3) % l.n_looks;
        memcpy(turned.band[k], l.band[from], sizeof l.band[k]);
        memcpy(turned.cloud_m[k], l.cloud_m[from], sizeof l.cloud_m[k]);
        memcpy(turned.blue[k], l.blue[from], sizeof l.blue[k]);
        turned.days[k] = l.days[from];
    }
    for (size_t c = 0; c < n_rows; c++) {
        if (strcmp(all[c].name, "latest") == 0 || strcmp(all[c].name, "first") == 0)
            continue;
        bool iterates = strcmp(all[c].name, "geomedian") == 0;
        compose(&all[c], &usual, &l, &p);
        compose(&all[c], &usual, &turned, &q);
        assert_memory_equal(p.n_clear, q.n_clear, l.n * sizeof p.n_clear[0]);
        for (size_t b = 0; b < l.n_bands; b++)
            for (size_t i = 0; i < l.n; i++)
                if (iterates ? !(fabsf(p.band[b][i] - q.band[b][i]) <= 1e-7f)
                             : memcmp(&p.band[b][i], &q.band[b][i], sizeof(float)) != 0)
                    fail_msg("%s: %.9g and %.9g", all[c].name, (double)p.band[b][i],
                             (double)q.band[b][i]);
    }
}

/* One clear look is the picture; looks all alike are it too; none gives none. */
static void what_all_composites_agree_upon(void **state)
{
    (void)state;
    static struct looks l;
    static struct picture p;
    size_t n_rows;
    const struct cao_composite *all = cao_composites(&n_rows);
    for (size_t c = 0; c < n_rows; c++) {
        draw_looks(&l, 7, 3, 3);
        for (size_t k = 0; k < 7; k++)
            for (size_t b = 0; b < 3; b++) {
                l.band[k][b][0] = k == 4 ? 0.1f * (float)(b + 1) : NAN;
                l.band[k][b][1] = 0.25f + 0.125f * (float)b;
                l.band[k][b][2] = NAN;
            }
        compose(&all[c], &usual, &l, &p);
        assert_true(p.n_clear[0] == 1 && p.n_clear[1] == 7 && p.n_clear[2] == 0);
        for (size_t b = 0; b < 3; b++) {
            assert_true(p.band[b][0] == 0.1f * (float)(b + 1));
            assert_true(p.band[b][1] == 0.25f + 0.125f * (float)b);
            assert_true(isnan(p.band[b][2]));
        }
        if (all[c].chooses) {
            bool late = strcmp(all[c].name, "latest") == 0, bap = strcmp(all[c].name, "bap") == 0;
            assert_int_equal(p.chosen[0], 4);
            assert_true(bap || p.chosen[1] == (late ? 6 : 0));
            assert_int_equal(p.chosen[2], CAO_NO_LOOK);
        }
    }
}

/* Against slow loops in doubles. */
static double summed_distance(const struct looks *l, size_t i, const double *at)
{
    double sum = 0;
    for (size_t k = 0; k < l->n_looks; k++) {
        double d = 0;
        for (size_t b = 0; b < l->n_bands; b++)
            d += pow((double)l->band[k][b][i] - at[b], 2);
        sum += isnan(d) ? 0 : sqrt(d);
    }
    return sum;
}

static void medoid_and_geometric_median_are_the_least(void **state)
{
    (void)state;
    static struct looks l;
    static struct picture medoid, median;
    struct cao_error err = { 0 };
    const struct cao_composite *c = NULL;
    for (size_t n_looks = 1; n_looks <= MOST_LOOKS; n_looks += 4) {
        draw_looks(&l, n_looks, 5, 70);
        assert_ok(cao_composite_find("medoid", &c, &err));
        compose(c, &usual, &l, &medoid);
        assert_ok(cao_composite_find("geomedian", &c, &err));
        compose(c, &usual, &l, &median);
        for (size_t i = 0; i < l.n; i++) {
            double at[MOST_BANDS], least = HUGE_VAL;
            uint16_t best = CAO_NO_LOOK;
            for (size_t k = 0; k < n_looks; k++) {
                for (size_t b = 0; b < 5; b++)
                    at[b] = (double)l.band[k][b][i];
                double sum = isnan(at[0]) ? (double)INFINITY : summed_distance(&l, i, at);
                if (sum < least - 1e-6) {
                    least = sum;
                    best = (uint16_t)k;
                }
            }
            assert_int_equal(medoid.chosen[i], best);
            if (best == CAO_NO_LOOK) {
                assert_true(isnan(median.band[0][i]));
                continue;
            }
            for (size_t b = 0; b < 5; b++)
                at[b] = (double)median.band[b][i];
            double here = summed_distance(&l, i, at);
            assert_true(here <= least + 1e-6);
            for (int way = 0; way < 10; way++) { /* no step from it leads lower */
                at[way / 2] += way % 2 ? -1e-3 : 1e-3;
                assert_true(summed_distance(&l, i, at) >= here - 1e-7);
                at[way / 2] -= way % 2 ? -1e-3 : 1e-3;
            }
        }
    }
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void percentiles_agree_with_a_plain_sort(void **state)
{
    (void)state;
    static struct looks l;
    static struct picture p;
    static const double shares[] = { 0, 10, 33.3, 50, 75, 90, 100 };
    struct cao_error err = { 0 };
    const struct cao_composite *c = NULL;
    assert_ok(cao_composite_find("percentile", &c, &err));
    for (size_t n_looks = 1; n_looks <= MOST_LOOKS; n_looks++)
        for (size_t s = 0; s < sizeof shares / sizeof shares[0]; s++) {
            struct cao_composite_settings set = { .percentile = shares[s] };
            draw_looks(&l, n_looks, 1, 90);
            compose(c, &set, &l, &p);
            for (size_t i = 0; i < l.n; i++) {
                float v[MOST_LOOKS];
                size_t m = 0;
                for (size_t k = 0; k < n_looks; k++)
                    if (!isnan(l.band[k][0][i]))
                        v[m++] = l.band[k][0][i];
                qsort(v, m, sizeof *v, by_value);
                double rank = m ? (double)(m - 1) * shares[s] / 100 : 0, low = floor(rank);
                double want = m ? (double)v[(int)low] * (low + 1 - rank) : (double)NAN;
                want += m && rank > low ? (double)v[(int)low + 1] * (rank - low) : 0;
                assert_true(isnan(want) ? isnan(p.band[0][i])
                                        : fabs((double)p.band[0][i] - want) < 1e-6);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_worked_by_hand),
        cmocka_unit_test(the_table_is_whole),
        cmocka_unit_test(no_cut_of_a_row_shows),
        cmocka_unit_test(the_order_of_the_looks_does_not_matter),
        cmocka_unit_test(what_all_composites_agree_upon),
        cmocka_unit_test(medoid_and_geometric_median_are_the_least),
        cmocka_unit_test(percentiles_agree_with_a_plain_sort),
    };
    return cmocka_run_group_tests_name("composite", tests, NULL, NULL) != 0;
}
