/* SPDX-License-Identifier: MIT
 * Indices that a project declares as expressions: read, refused, computed, summed, yielded from. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/project.h"
#include "caochu/run.h"

static const char base[] = "imagery: [imagery]\n"
                           "pastures: {file: p.gpkg, id: id}\n"
                           "periods:\n"
                           "  - {name: peak, from: 2024-07-20, to: 2024-08-31}\n";

static enum cao_status read_text(const char *dir, const char *indices, struct cao_project *p,
                                 struct cao_error *out)
{
    char path[CAO_PATH_MAX], text[4000];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    snprintf(text, sizeof text, "%s%s", base, indices);
    assert_ok(cao_file_write(path, text, strlen(text), &err));
    return cao_project_read(path, p, out);
}

static char *project_folder(const char *name)
{
    char *dir = test_folder(name);
    test_shell("mkdir -p '%s/imagery' && touch '%s/p.gpkg'", dir, dir);
    return dir;
}

static void an_expression_is_an_index_like_others(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_project p;
    char *dir = project_folder("own index");
    assert_ok(read_text(dir,
                        "indices:\n"
                        "  - EVI\n"
                        "  - {name: MYVI, expression: '2.5*(N-R)/(N+6*R-7.5*B+L)', constants: {L: "
                        "1}, range: [-1, 1]}\n"
                        "  - myvi\n"
                        "  - {name: 湿度, expression: (N-S1)/(N+S1), range: [-1, 1], unit: '1', "
                        "source: trial 2024}\n",
                        &p, &err));
    assert_int_equal(p.n_indices, 4); /* EVI, MYVI once, 湿度, and NDVI */
    assert_int_equal(p.n_own_indices, 2);
    const struct cao_index *evi = p.indices[0], *own = p.indices[1];
    assert_string_equal(own->name, "MYVI");
    assert_string_equal(own->unit, "1");
    assert_int_equal(own->needs, evi->needs);
    assert_string_equal(p.indices[2]->source, "trial 2024");
    assert_string_equal(p.indices[3]->name, "NDVI");
    const float b = .04f, r = .06f, n = .35f;
    const float *band[CAO_N_BANDS] = { [CAO_BAND_B] = &b, [CAO_BAND_R] = &r, [CAO_BAND_N] = &n };
    float got, want;
    cao_index_compute(own, band, &got, 1);
    cao_index_compute(evi, band, &want, 1);
    assert_true(got == want && fabsf(got - 0.514184f) < 1e-6f);
    cao_project_release(&p);
    free(dir);
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    (void)state;
#define OWN(rest) "indices:\n  - {name: V, " rest "}"
    static const struct {
        const char *text, *want[2];
    } cases[] = {
        { OWN("expression: N-X, range: [0, 1]"),
          { "park.yaml:6: indices[].expression: 'N-X': column 3: 'X' is no band",
            "bands are A B G Y R" } },
        { OWN("expression: (N-R)/(L-1), constants: {L: 1}, range: [0, 1]"),
          { "column 6: division by a constant zero", "" } },
        { OWN("expression: N-R"), { "indices[].range: is missing: [lowest, highest] value", "" } },
        { OWN("range: [0, 1]"), { "indices[].expression: is missing", "" } },
        { "indices: [{expression: N, range: [0, 1]}]", { "indices[].name: is missing", "" } },
        { OWN("expression: N-R, range: [1, 0]"), { "the first, 1, is to be below", "" } },
        { OWN("expression: N-R, range: 1"), { "the lowest and the highest value", "" } },
        { OWN("expression: N-R, range: [0, x]"), { "two numbers", "" } },
        { OWN("expresion: N-R, range: [0, 1]"),
          { "indices[].expresion: unknown key", "did you mean expression?" } },
        { OWN("expression: N*L, constants: {L: one}, range: [0, 1]"),
          { "constants: L: a number is wanted", "" } },
        { OWN("expression: N*L, constants: [1], range: [0, 1]"), { "numbers by name", "" } },
        { OWN("expression: N, constants: {L: 1}, range: [0, 1]"),
          { "the constant L is not in the expression", "" } },
        { OWN("expression: T1, range: [200, 350]"), { "is in kelvin", "unit" } },
        { OWN("expression: N, range: [0, 1], unit: thousands of sheep units"), { "too long", "" } },
        { "indices:\n  - {name: ndvi, expression: N, range: [0, 1]}",
          { "NDVI is an index of the program", "another name" } },
        { "indices:\n  - {name: a/b, expression: N, range: [0, 1]}",
          { "cannot name a raster", "" } },
        { "indices:\n  - {name: 2x, expression: N, range: [0, 1]}",
          { "cannot name a raster", "" } },
        { "indices:\n  - {name: V, expression: N, range: [0, 1]}\n  - {name: v, expression: R, "
          "range: [0, 1]}",
          { "park.yaml:7: indices[].name: v is given twice", "" } },
        { "indices: {name: V, expression: N, range: [0, 1]}", { "a list is wanted", "" } },
        { "indices: [[NDVI]]", { "a name or {name", "" } },
        { "indices: [NVDI]", { "unknown index 'NVDI'; did you mean NDVI", "" } },
    };
    char *dir = project_folder("wrong index");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cao_project p;
        struct cao_error err = { 0 };
        assert_int_equal(read_text(dir, cases[i].text, &p, &err), CAO_EARG);
        for (int k = 0; k < 2; k++)
            if (!strstr(err.text, cases[i].want[k]))
                fail_msg("'%s' says '%s', not '%s'", cases[i].text, err.text, cases[i].want[k]);
    }
    free(dir);
}

static char *make_world(const char *name)
{
    const char *b = getenv("CAO_BUILD");
    char *dir = test_folder(name);
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    return dir;
}

static void run_in(const char *dir, bool plan_only, struct cao_run_summary *s)
{
    char path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    struct cao_run_options options = {
        .project = path, .data_dir = "src/profiles", .threads = 2, .plan_only = plan_only
    };
    assert_ok(cao_run(&options, s, &err));
}

static void set_indices(const char *dir, const char *text)
{
    test_shell("cd '%s' && sed -i '/^indices/d' park.yaml && cat >> park.yaml <<'END'\n%s\nEND\n",
               dir, text);
}

static float *read_map(const char *dir, const char *name, size_t *n)
{
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/results/peak-2024/%s.vrt", dir, name);
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    assert_non_null(d);
    int w = GDALGetRasterXSize(d), h = GDALGetRasterYSize(d);
    *n = (size_t)w * (size_t)h;
    float *v = malloc(*n * sizeof *v);
    assert_non_null(v);
    assert_int_equal(
        GDALRasterIO(GDALGetRasterBand(d, 1), GF_Read, 0, 0, w, h, v, w, h, GDT_Float32, 0, 0),
        CE_None);
    GDALClose(d);
    return v;
}

static void a_run_writes_and_sums_it_like_the_index_of_the_table(void **state)
{
    (void)state;
    struct cao_run_summary s;
    char *dir = make_world("own run");
    set_indices(dir, "indices:\n"
                     "  - EVI\n"
                     "  - {name: MYVI, expression: '2.5*(N-R)/(N+6*R-7.5*B+L)', constants: {L: 1},"
                     " range: [-1, 1]}\n"
                     "  - {name: small, expression: 'NDVI/1000', range: [-0.001, 0.001]}");
    run_in(dir, false, &s);
    assert_true(s.n_done > 0 && s.n_failed == 0);
    cao_run_summary_release(&s);
    size_t n, m;
    float *evi = read_map(dir, "evi", &n), *own = read_map(dir, "myvi", &m);
    assert_int_equal(n, m);
    assert_memory_equal(evi, own, n * sizeof *evi);
    free(own);
    free(evi);
    float *ndvi = read_map(dir, "ndvi", &n), *small = read_map(dir, "small", &m);
    for (size_t i = 0; i < n; i++) /* stored in steps of 1e-7: the same digits */
        assert_true(fabsf(small[i] - ndvi[i]) <= 1 || ndvi[i] == -32768);
    free(small);
    free(ndvi);
    test_shell("cd '%s/results' && head -n 1 pastures.csv | tr , '\\n' | grep -n '^evi_mean\\|"
               "^myvi_mean' | cut -d: -f1 | paste -sd, > ../columns && "
               "tail -n +2 pastures.csv | awk -F, -v at=$(cat ../columns) 'BEGIN { split(at, c, "
               "\",\") } $c[1] != $c[2] { exit 1 }'",
               dir);
    assert_true(test_file_says(dir, "results/run.json", "\"expression\":\"2.5*(N-R)"));

    run_in(dir, true, &s);
    assert_int_equal(s.n_todo, 0);
    cao_run_summary_release(&s);
    test_shell("sed -i 's/{L: 1}/{L: 1.1}/' '%s/park.yaml'", dir);
    run_in(dir, true, &s);
    assert_true(s.n_todo > 0);
    assert_non_null(strstr(s.todo[0].why, "the indices, or how they"));
    cao_run_summary_release(&s);
    free(dir);
}

/* The same equations over an expression that is NDVI under another name give the same yields. */
static void yields_can_stand_on_it(void **state)
{
    (void)state;
    struct cao_run_summary s;
    char *dir = make_world("own yield");
    run_in(dir, false, &s);
    cao_run_summary_release(&s);
    test_shell("cd '%s' && cp -r results first", dir);
    test_shell("sed 's/^\\( *\\)index: NDVI/\\1index: 绿度/' src/profiles/nyt635-2015.yaml > "
               "'%s/mine.yaml' && grep -q 绿度 '%s/mine.yaml' && "
               "sed -i 's/^profile:.*/profile: mine.yaml/' '%s/park.yaml'",
               dir, dir, dir);
    set_indices(dir, "indices:\n  - {name: 绿度, expression: (N-R)/(N+R), range: [-1, 1]}");
    run_in(dir, false, &s);
    assert_true(s.n_done > 0);
    cao_run_summary_release(&s);
    size_t n, m;
    float *now = read_map(dir, "yield_fresh", &n);
    test_shell("cd '%s' && mv results second && mv first results", dir);
    float *before = read_map(dir, "yield_fresh", &m);
    assert_int_equal(n, m);
    assert_memory_equal(now, before, n * sizeof *now);
    free(before);
    free(now);
    free(dir);
}

static void a_name_of_another_product_is_refused(void **state)
{
    (void)state;
    char path[CAO_PATH_MAX];
    struct cao_run_summary s;
    struct cao_error err = { 0 };
    char *dir = make_world("own name");
    set_indices(dir, "indices:\n  - {name: Capacity, expression: N-R, range: [-1, 1]}");
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    struct cao_run_options options = { .project = path, .data_dir = "src/profiles" };
    assert_int_equal(cao_run(&options, &s, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "Capacity would be written as 'capacity', which is another"));
    cao_run_summary_release(&s);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_expression_is_an_index_like_others),
        cmocka_unit_test(what_is_wrong_is_named_with_its_line),
        cmocka_unit_test(a_run_writes_and_sums_it_like_the_index_of_the_table),
        cmocka_unit_test(yields_can_stand_on_it),
        cmocka_unit_test(a_name_of_another_product_is_refused),
    };
    return cmocka_run_group_tests_name("own index", tests, test_gdal_set_up, test_gdal_tear_down) !=
           0;
}
