/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/expression.h"
#include "caochu/text.h"

enum { MOST = 40 };

static struct cao_index index_of(const struct cao_program *p, float min, float max)
{
    return (struct cao_index){ .name = "X",
                               .needs = p->needs,
                               .min = min,
                               .max = max,
                               .compute = cao_program_compute,
                               .program = p };
}

static float value_at(const struct cao_program *p, const float reflectance[CAO_N_BANDS])
{
    const float *band[CAO_N_BANDS];
    struct cao_index ix = index_of(p, -1e6f, 1e6f);
    float got;
    for (int b = 0; b < CAO_N_BANDS; b++)
        band[b] = &reflectance[b];
    cao_index_compute(&ix, band, &got, 1);
    return got;
}

/* "L=1 M=2": names stay in the text. */
static size_t read_constants(char *text, struct cao_constant *c)
{
    size_t n = 0;
    for (char *s = strtok(text, " "); s; s = strtok(NULL, " "), n++) {
        char *equals = strchr(s, '=');
        assert_non_null(equals);
        *equals = '\0';
        c[n].name = s;
        assert_true(cao_text_double(equals + 1, &c[n].value));
    }
    return n;
}

/* At most so many fields: the last one may hold ';' itself. */
static int split(char *line, int most, char *field[5])
{
    int n = 0;
    for (char *at = line; at && n < most; n++) {
        char *end = n + 1 < most ? strchr(at, ';') : NULL;
        if (end)
            *end = '\0';
        field[n] = cao_text_trim(at);
        at = end ? end + 1 : NULL;
    }
    return n;
}

static void accept(char *field[5], int line)
{
    struct cao_constant constants[MOST];
    struct cao_program p;
    struct cao_error err = { 0 };
    float reflectance[CAO_N_BANDS];
    double tolerance, v, want = (double)NAN;
    for (int b = 0; b < CAO_N_BANDS; b++)
        reflectance[b] = NAN;
    size_t n = read_constants(field[1], constants);
    if (cao_expression_compile(field[0], constants, n, &p, &err))
        fail_msg("line %d: %s", line, err.text);
    for (char *s = strtok(field[2], " "); s; s = strtok(NULL, " ")) {
        enum cao_band b;
        char *equals = strchr(s, '=');
        *equals = '\0';
        assert_true(cao_band_find(s, &b));
        reflectance[b] = cao_text_double(equals + 1, &v) ? (float)v : NAN;
    }
    if (strcmp(field[3], "nan") != 0)
        assert_true(cao_text_double(field[3], &want));
    assert_true(cao_text_double(field[4], &tolerance));
    float got = value_at(&p, reflectance);
    if (isnan(want) ? !isnan(got) : !(fabs((double)got - want) <= tolerance))
        fail_msg("line %d: %s = %.9g instead of %.9g", line, field[0], (double)got, want);
}

static void reject(char *field[5], int line)
{
    struct cao_constant constants[MOST];
    struct cao_program p;
    struct cao_error err = { 0 };
    size_t n = read_constants(field[1], constants);
    if (cao_expression_compile(field[0], constants, n, &p, &err) != CAO_EARG)
        fail_msg("line %d: %s was taken", line, field[0]);
    if (strncmp(err.text, field[2], strlen(field[2])) != 0)
        fail_msg("line %d: %s: '%s' instead of '%s'", line, field[0], err.text, field[2]);
}

static void vectors_are_met(void **state)
{
    (void)state;
    FILE *f = fopen("testdata/vectors/expression.txt", "r");
    char line[500];
    int n = 0, number = 0;
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        char *field[5] = { 0 };
        number++;
        if (line[0] == '#' || line[0] == '\n')
            continue;
        bool accepted = strncmp(line, "accept ", 7) == 0;
        assert_true(accepted || strncmp(line, "reject ", 7) == 0);
        int fields = split(line + 7, accepted ? 5 : 3, field);
        assert_int_equal(fields, accepted ? 5 : 3);
        (accepted ? accept : reject)(field, number);
        n++;
    }
    fclose(f);
    assert_true(n > 100);
}

/* Pseudo-random reflectance, with no data and values at or below 0 among it. */
static void fill(float *v, size_t n, unsigned seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        unsigned kind = seed >> 28;
        float x = 0.005f + (float)(seed >> 8 & 0xFFFFF) * (0.7f / 1048576.0f);
        v[i] = kind == 0 ? NAN : kind == 1 ? -x : kind == 2 && x < 0.1f ? 0 : x;
    }
}

/* The formula that a record shows, read as an expression, against the record's own kernel. */
static void each_index_is_what_its_formula_says(void **state)
{
    (void)state;
    enum { N = 5000 };
    static float store[CAO_N_BANDS][N], kernel[N], read[N];
    const float *band[CAO_N_BANDS];
    size_t n;
    const struct cao_index *all = cao_index_all(&n);
    for (int b = 0; b < CAO_N_BANDS; b++) {
        fill(store[b], N, (unsigned)b * 77 + 5);
        band[b] = store[b];
    }
    for (size_t k = 0; k < n; k++) {
        struct cao_program p;
        struct cao_error err = { 0 };
        int apart = 0, values = 0;
        if (cao_expression_compile(all[k].formula, NULL, 0, &p, &err))
            fail_msg("%s: %s", all[k].name, err.text);
        assert_int_equal(p.needs, all[k].needs);
        struct cao_index ix = index_of(&p, all[k].min, all[k].max);
        cao_index_compute(&all[k], band, kernel, N);
        cao_index_compute(&ix, band, read, N);
        for (int i = 0; i < N; i++) {
            values += !isnan(kernel[i]);
            double scale = fmax(1, fabs((double)kernel[i]));
            /* a quotient near its pole shows how far the two roundings are apart */
            if (isnan(kernel[i]) != isnan(read[i]) ||
                fabs((double)kernel[i] - (double)read[i]) > 2e-5 * scale)
                apart++;
        }
        if (apart > N / 1000)
            fail_msg("%s: %d of %d cells differ from %s", all[k].name, apart, N, all[k].formula);
        assert_true(values > N / 4);
    }
}

static const char *const texts[] = {
    "2.5*(N-R)/(N+6*R-7.5*B+1)",
    "tanh(((N-R)/(N+R))^2)",
    "exp(-3*R)*ln(1+N)-N^1.7+log10(G+1)",
    "min(N,R,G)+max(abs(N-R),sqrt(G))/(B+S1)",
    "(A+B+G+R+RE1+RE2+RE3+N+S1+S2)^2",
    "((N-R)/(N+R)-(G-N)/(G+N))/((N-R)/(N+R)+(G-N)/(G+N))",
    "N^R",
};
enum { N_TEXTS = sizeof texts / sizeof texts[0] };

static void cutting_a_row_changes_no_bit(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    enum { N = 700 };
    static float store[CAO_N_BANDS][N], whole[N], parts[N];
    const float *band[CAO_N_BANDS], *shifted[CAO_N_BANDS];
    for (int b = 0; b < CAO_N_BANDS; b++) {
        fill(store[b], N, (unsigned)b + 1);
        band[b] = store[b];
    }
    for (size_t k = 0; k < N_TEXTS; k++) {
        struct cao_program p;
        assert_ok(cao_expression_compile(texts[k], NULL, 0, &p, &err));
        struct cao_index ix = index_of(&p, -100, 100);
        cao_index_compute(&ix, band, whole, N);
        for (size_t cut = 0; cut <= N; cut += 13) {
            for (int b = 0; b < CAO_N_BANDS; b++)
                shifted[b] = band[b] + cut;
            cao_index_compute(&ix, band, parts, cut);
            cao_index_compute(&ix, shifted, parts + cut, N - cut);
            assert_memory_equal(parts, whole, sizeof whole);
        }
    }
}

static void the_range_clamps_and_masked_stays_masked(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    const float n[] = { .9f, .1f, NAN, .5f }, r[] = { .1f, .9f, .5f, 0 };
    const float *band[CAO_N_BANDS] = { [CAO_BAND_N] = n, [CAO_BAND_R] = r };
    struct cao_program p;
    float vi[4];
    assert_ok(cao_expression_compile("3*(N-R)", NULL, 0, &p, &err));
    struct cao_index ix = index_of(&p, -1, 2);
    cao_index_compute(&ix, band, vi, 4);
    assert_true(vi[0] == 2 && vi[1] == -1 && isnan(vi[2]) && isnan(vi[3]));
}

/* What stands there twice is computed once; a sum takes a scaled band along. */
static void programs_are_short(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    static const struct {
        const char *text;
        size_t steps;
    } rows[] = {
        { "N", 0 },           { "(N-R)/(N+R)", 3 }, { "2.5*(N-R)/(N+6*R-7.5*B+1)", 6 },
        { "(N-R)*(N-R)", 2 }, { "2*3*N", 1 },       { "(1-0.74)*N", 1 },
        { "N-1", 1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cao_program p;
        assert_ok(cao_expression_compile(rows[i].text, NULL, 0, &p, &err));
        assert_int_equal(p.n, rows[i].steps);
    }
}

static void sizes_are_bounded(void **state)
{
    (void)state;
    static char text[CAO_EXPRESSION_BYTES + 100];
    struct cao_program p;
    struct cao_error err = { 0 };
    memset(text, '(', 1000);
    assert_int_equal(cao_expression_compile(text, NULL, 0, &p, &err), CAO_EARG);
    assert_string_equal(err.text, "column 61: the expression is nested too deep");
    memset(text, '-', 1000);
    assert_int_equal(cao_expression_compile(text, NULL, 0, &p, &err), CAO_EARG);
    memset(text, 'N', sizeof text - 1);
    assert_int_equal(cao_expression_compile(text, NULL, 0, &p, &err), CAO_EARG);
    text[0] = '\0';
    for (int i = 0; i < 150; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%sN^1.%d", i ? "+" : "", i + 1);
    assert_int_equal(cao_expression_compile(text, NULL, 0, &p, &err), CAO_EARG);
    text[0] = '\0';
    for (int i = 0; i < 20; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "N*%d*R/(", i + 3);
    strcat(text, "G");
    for (int i = 0; i < 20; i++)
        strcat(text, ")");
    assert_int_equal(cao_expression_compile(text, NULL, 0, &p, &err), CAO_EARG);
}

/* Nested sums take more rows at a time the deeper they go; up to the limit they are right. */
static void many_intermediate_results_are_kept_apart(void **state)
{
    (void)state;
    float reflectance[CAO_N_BANDS] = { 0 };
    reflectance[CAO_BAND_N] = 0.5f;
    reflectance[CAO_BAND_R] = 0.25f;
    for (int depth = 1; depth <= 14; depth++) {
        char text[600] = "";
        double want = 0.25;
        for (int i = 0; i < depth; i++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "N*%d-(", i + 2);
        strcat(text, "R");
        for (int i = depth; i-- > 0;) {
            strcat(text, ")");
            want = 0.5 * (i + 2) - want;
        }
        struct cao_program p;
        struct cao_error err = { 0 };
        if (cao_expression_compile(text, NULL, 0, &p, &err))
            fail_msg("%s: %s", text, err.text);
        assert_true((double)value_at(&p, reflectance) == want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_met),
        cmocka_unit_test(each_index_is_what_its_formula_says),
        cmocka_unit_test(cutting_a_row_changes_no_bit),
        cmocka_unit_test(the_range_clamps_and_masked_stays_masked),
        cmocka_unit_test(programs_are_short),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(many_intermediate_results_are_kept_apart),
    };
    return cmocka_run_group_tests_name("expression", tests, NULL, NULL) != 0;
}
