/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/index.h"
#include "caochu/text.h"

enum { N = 67 };

/* One line of testdata/vectors/index.txt; false for a comment. Which kinds of value each index had. */
enum { MOST_INDICES = 100 };
static struct {
    bool value, no_data;
} had[MOST_INDICES];

static bool run_vector(char *line)
{
    float value[CAO_N_BANDS], got, want = NAN;
    const float *band[CAO_N_BANDS];
    const struct cao_index *ix = NULL;
    struct cao_error err = { 0 };
    double tolerance = 0, v;
    bool has_want = false;
    int word = 0;
    for (int b = 0; b < CAO_N_BANDS; b++) {
        value[b] = NAN;
        band[b] = &value[b];
    }
    if (line[0] == '#' || line[0] == '\n')
        return false;
    for (char *s = strtok(line, " \n"); s; s = strtok(NULL, " \n"), word++) {
        char *equals = strchr(s, '=');
        enum cao_band b;
        if (word == 0) {
            assert_ok(cao_index_find(s, &ix, &err));
        } else if (word == 1) {
            assert_true(cao_text_double(s, &tolerance));
        } else if (equals) {
            *equals = '\0';
            assert_true(cao_band_find(s, &b));
            value[b] = cao_text_double(equals + 1, &v) ? (float)v : NAN;
        } else if (strcmp(s, "expect") != 0) {
            want = cao_text_double(s, &v) ? (float)v : NAN;
            has_want = true;
        }
    }
    assert_true(has_want);
    cao_index_compute(ix, band, &got, 1);
    size_t n, at = (size_t)(ix - cao_index_all(&n));
    assert_true(n <= MOST_INDICES && at < n);
    had[at].value |= !isnan(want);
    had[at].no_data |= isnan(want);
    if (isnan(want) ? !isnan(got)
                    : !(fabs((double)got - (double)want) <= tolerance + 4e-7 * fabs((double)want)))
        fail_msg("%s: %.8f instead of %.8f", ix->name, (double)got, (double)want);
    return true;
}

static void values_are_those_of_the_published_formulas(void **state)
{
    (void)state;
    FILE *f = fopen("testdata/vectors/index.txt", "r");
    char line[500];
    int n = 0;
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        n += run_vector(line);
    fclose(f);
    size_t n_indices;
    const struct cao_index *all = cao_index_all(&n_indices);
    for (size_t i = 0; i < n_indices; i++)
        if (!had[i].value || !had[i].no_data)
            fail_msg("%s has no vector with %s", all[i].name, had[i].value ? "no data" : "a value");
    assert_true(n >= 100);
}

static void fill(float store[CAO_N_BANDS][N], const float *band[CAO_N_BANDS])
{
    for (int b = 0; b < CAO_N_BANDS; b++) {
        for (int i = 0; i < N; i++)
            store[b][i] =
                (i + 7 * b) % 13 == 0 ? NAN : (float)((i * 37 + b * 53) % 101 - 3) / 101.0f;
        band[b] = store[b];
    }
}

static void every_index_keeps_its_rules(void **state)
{
    (void)state;
    static float store[CAO_N_BANDS][N];
    const float *band[CAO_N_BANDS];
    size_t n;
    const struct cao_index *all = cao_index_all(&n);
    fill(store, band);
    assert_true(n >= 34);
    for (size_t k = 0; k < n; k++) {
        float vi[N];
        assert_true(all[k].name[0] && all[k].zh[0] && all[k].formula[0] && all[k].source[0] &&
                    all[k].needs);
        assert_true(all[k].min < all[k].max);
        for (size_t j = 0; j < k; j++)
            assert_false(cao_text_same(all[k].name, all[j].name));
        cao_index_compute(&all[k], band, vi, N);
        for (int i = 0; i < N; i++) {
            bool usable = true;
            for (int b = 0; b < CAO_N_BANDS; b++)
                if (all[k].needs & CAO_BAND_BIT(b))
                    usable = usable && store[b][i] > 0;
            assert_true(isnan(vi[i]) || (usable && vi[i] >= all[k].min && vi[i] <= all[k].max));
        }
    }
}

static void cutting_a_row_changes_no_bit(void **state)
{
    (void)state;
    static float store[CAO_N_BANDS][N];
    const float *band[CAO_N_BANDS], *shifted[CAO_N_BANDS];
    size_t n;
    const struct cao_index *all = cao_index_all(&n);
    fill(store, band);
    for (size_t k = 0; k < n; k++) {
        float whole[N], parts[N];
        cao_index_compute(&all[k], band, whole, N);
        for (size_t cut = 0; cut <= N; cut += 5) {
            for (int b = 0; b < CAO_N_BANDS; b++)
                shifted[b] = band[b] + cut;
            cao_index_compute(&all[k], band, parts, cut);
            cao_index_compute(&all[k], shifted, parts + cut, N - cut);
            assert_memory_equal(parts, whole, sizeof whole);
        }
    }
}

static void unknown_names_say_what_to_do(void **state)
{
    (void)state;
    const struct cao_index *ix = NULL;
    struct cao_error err = { 0 };
    assert_int_equal(cao_index_find("NVDI", &ix, &err), CAO_EARG);
    assert_null(ix);
    assert_string_equal(err.text,
                        "unknown index 'NVDI'; did you mean NDVI; see 'caochu list indices'");
    assert_ok(cao_index_find("kndvi", &ix, &err));
    assert_string_equal(ix->name, "kNDVI");
}

static void cover_runs_from_soil_to_full(void **state)
{
    (void)state;
    const float vi[] = { NAN, -0.2f, 0.05f, 0.45f, 0.85f, 0.99f };
    float fvc[6];
    cao_index_fvc(vi, 0.05f, 0.85f, fvc, 6);
    assert_true(isnan(fvc[0]));
    assert_true(fvc[1] == 0 && fvc[2] == 0 && fvc[4] == 1 && fvc[5] == 1);
    assert_true(fabsf(fvc[3] - 0.5f) < 1e-6f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_the_published_formulas),
        cmocka_unit_test(every_index_keeps_its_rules),
        cmocka_unit_test(cutting_a_row_changes_no_bit),
        cmocka_unit_test(unknown_names_say_what_to_do),
        cmocka_unit_test(cover_runs_from_soil_to_full),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL) != 0;
}
