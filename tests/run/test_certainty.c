/* SPDX-License-Identifier: MIT
 * How sure verdicts are, as a run writes it: beside each class, in groups, in the chain of explain, by
 * formula and by draws. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static char *make_world(const char *name)
{
    const char *b = getenv("CAO_BUILD");
    char *dir = test_folder(name);
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    return dir;
}

static int caochu(const char *dir, const char *words)
{
    return test_wait(test_start(dir, words));
}

/* A CSV of ours without quotes in the columns that are asked for. */
struct csv {
    char *text, *row[64];
    size_t n;
};

static void read_csv(const char *dir, const char *name, struct csv *t)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    *t = (struct csv){ .text = calloc(1, 1 << 20) };
    assert_non_null(t->text);
    if (!f || !t->text)
        return;
    size_t n = fread(t->text, 1, (1 << 20) - 1, f);
    fclose(f);
    t->text[n] = '\0';
    for (char *s = strtok(t->text, "\r\n"); s && t->n < 64; s = strtok(NULL, "\r\n"))
        t->row[t->n++] = s;
}

/* The field of a line, quotes obeyed; "" where it has none. The text is static: use it before the next. */
static const char *field(const char *line, size_t at)
{
    static char out[400];
    size_t n = 0, column = 0;
    bool quoted = false;
    for (const char *s = line; *s; s++) {
        if (*s == '"')
            quoted = !quoted;
        else if (*s == ',' && !quoted)
            column++;
        else if (column == at && n + 1 < sizeof out)
            out[n++] = *s;
    }
    out[n] = '\0';
    return out;
}

static const char *cell(const struct csv *t, size_t row, const char *name)
{
    for (size_t i = 0; i < 200; i++)
        if (strcmp(field(t->row[0], i), name) == 0)
            return field(t->row[row], i);
    fail_msg("no column %s", name);
    return "";
}

static double number(const struct csv *t, size_t row, const char *name)
{
    const char *text = cell(t, row, name);
    return text[0] ? atof(text) : (double)NAN;
}

static void each_class_says_how_sure_it_is(void **state)
{
    (void)state;
    static const char *const classes[] = { "p_potential", "p_balance", "p_light", "p_moderate",
                                           "p_severe" };
    char *dir = make_world("how sure"), words[200];
    struct csv t;
    size_t n_class = 0, n_firm = 0, n_border = 0;
    assert_int_equal(caochu(dir, "run -q park.yaml"), 0);
    read_csv(dir, "results/pastures.csv", &t);
    for (size_t i = 1; i < t.n; i++) {
        double sum = 0, rate = number(&t, i, "overload_pct");
        if (!cell(&t, i, "class")[0]) {
            bool unseen = strcmp(cell(&t, i, "status"), "data-insufficient") == 0 ||
                          strcmp(cell(&t, i, "status"), "no-imagery") == 0;
            assert_string_equal(cell(&t, i, "certainty"), unseen ? "not-enough-data" : "");
            assert_true(isnan(number(&t, i, "overload_low_pct")));
            continue;
        }
        n_class++;
        n_firm += strcmp(cell(&t, i, "certainty"), "firm") == 0;
        n_border += strcmp(cell(&t, i, "certainty"), "borderline") == 0;
        for (int k = 0; k < 5; k++)
            sum += number(&t, i, classes[k]);
        assert_true(fabs(sum - 1) < 0.003);
        assert_true(number(&t, i, "overload_low_pct") < rate &&
                    rate < number(&t, i, "overload_high_pct"));
        double p = number(&t, i, "class_probability");
        assert_int_equal(strcmp(cell(&t, i, "certainty"), "firm") == 0, p >= 0.7995);
        if (rate > 10 && rate < 20) /* a class of ten per cent is never firm at such errors */
            assert_string_equal(cell(&t, i, "certainty"), "borderline");
        assert_int_equal(number(&t, i, "over_probability") > 0.5, rate > 0);
    }
    assert_true(n_class > 5 && n_class == n_firm + n_border && n_firm > 0 && n_border > 0);

    /* draws agree with the formula to what 4000 of them can tell, and are the same each time */
    struct csv d;
    assert_int_equal(caochu(dir, "balance -q results --monte-carlo 4000 -o drawn.csv"), 0);
    assert_int_equal(caochu(dir, "balance -q results --monte-carlo 4000 -o again.csv"), 0);
    test_shell("cd '%s' && cmp drawn.csv again.csv && ! cmp -s drawn.csv results/pastures.csv",
               dir);
    read_csv(dir, "drawn.csv", &d);
    for (size_t i = 1; i < t.n; i++)
        for (int k = 0; k < 5 && cell(&t, i, "class")[0]; k++) {
            double by_formula = number(&t, i, classes[k]), drawn = number(&d, i, classes[k]);
            if (fabs(by_formula - drawn) > 0.05)
                fail_msg("%s %s: %.3f, drawn %.3f", cell(&t, i, "pasture_id"), classes[k],
                         by_formula, drawn);
        }
    assert_int_equal(caochu(dir, "balance -q results --monte-carlo 4000 --groups"), 2);
    assert_int_equal(caochu(dir, "balance -q results --monte-carlo few"), 2);

    /* the project's own numbers go over the profile's: heads known to 90 % leave less firm */
    test_shell(
        "cd '%s' && (cat park.yaml; echo 'herd_error: 0.9'; echo 'firm_at: 0.99') > wild.yaml",
        dir);
    assert_int_equal(caochu(dir, "balance -q wild.yaml -o wild.csv"), 0);
    assert_int_equal(
        caochu(dir, "balance -q results --set herd_error=0.9 --set firm_at=0.99 -o set.csv"), 0);
    test_shell("cd '%s' && test $(grep -c ',firm,' wild.csv) -lt $(grep -c ',firm,' "
               "results/pastures.csv) && sed 's/ + herd_error=0.9 + firm_at=0.99//' "
               "set.csv | cmp - wild.csv",
               dir);

    /* all pastures together are surer than most of them alone, and never surer than what they share */
    struct csv g;
    read_csv(dir, "results/groups.csv", &g);
    assert_true(number(&g, 1, "supply_error_pct") > 5);
    assert_true(number(&g, 1, "supply_error_pct") < number(&t, 1, "supply_error_pct"));

    snprintf(words, sizeof words, "explain -q results --zh --id %s", cell(&t, 1, "pasture_id"));
    assert_int_equal(caochu(dir, words), 0);
    assert_true(test_file_says(dir, "out.txt", "可靠程度") &&
                test_file_says(dir, "out.txt", "方程年份") &&
                test_file_says(dir, "out.txt", "超载率下限"));
    free(t.text);
    free(d.text);
    free(g.text);
    free(dir);
}

static void equations_beyond_their_range_are_named(void **state)
{
    (void)state;
    char *dir = make_world("beyond");
    struct csv t;
    size_t n_beyond = 0;
    test_shell(
        "cd '%s' && printf '%%s\\n' 'format: 1' 'name: narrow' 'index: NDVI' 'models:' "
        "'  N1: {form: linear, a: 0, b: 3000, x_min: 0.69, x_max: 0.7, n: 20, rmse_kg_ha: 300, "
        "covariance: [[2500, -5000], [-5000, 12000]], source: a test, confidence: U}' "
        "'types:' '  高寒草甸: [N1]' > narrow.yaml && "
        "(cat park.yaml; echo 'yield_models: narrow.yaml') > own.yaml",
        dir);
    assert_int_equal(caochu(dir, "run own.yaml"), 0);
    assert_true(test_file_says(dir, "err.txt", "beyond their range on more than 10 %"));
    read_csv(dir, "results/pastures.csv", &t);
    for (size_t i = 1; i < t.n; i++) {
        bool meadow = strcmp(cell(&t, i, "grass_type"), "alpine_meadow") == 0;
        if (!cell(&t, i, "class")[0] || !meadow)
            continue;
        n_beyond++;
        assert_true(number(&t, i, "outside_model_pct") > 10);
        assert_string_equal(cell(&t, i, "status"), "outside-model-range");
        assert_string_equal(cell(&t, i, "certainty"), "not-enough-data");
        assert_non_null(strstr(cell(&t, i, "note"), "beyond the range of N1 on "));
        assert_string_equal(cell(&t, i, "yield_set"), "huang2020_mean + narrow");
    }
    assert_true(n_beyond > 0);

    /* a covariance that changes alone changes no tile: sums hold the derivatives */
    test_shell("cd '%s' && sed -i 's/2500, -5000/250000, -5000/; s/n: 20/n: 21/' narrow.yaml", dir);
    assert_int_equal(caochu(dir, "balance -q own.yaml -o wider.csv"), 0);
    test_shell("cd '%s' && ! cmp -s wider.csv results/pastures.csv", dir);
    free(t.text);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_class_says_how_sure_it_is),
        cmocka_unit_test(equations_beyond_their_range_are_named),
    };
    return cmocka_run_group_tests_name("certainty", tests, NULL, NULL);
}
