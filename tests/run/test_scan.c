/* SPDX-License-Identifier: MIT
 * What scans remember: a later scan says the same and looks only at what changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/scan.h"

static const char *build(void)
{
    const char *b = getenv("CAO_BUILD");
    return b ? b : "build/release";
}

/* Three acquisitions, a product that is refused, and one in an archive; all of them of last week. */
static char *archive(const char *name)
{
    char *dir = test_folder(name);
    test_shell("%s/make-world '%s' --size 96 --pastures 16 --dates 3 >/dev/null && cd '%s' && cd "
               "imagery && mkdir -p x/S2A_MSIL2A_20240701T000000_N0510_R004_T47SMU_20240701T000000."
               "SAFE zip && f=$(ls -d *.SAFE | head -1) && python3 -m zipfile -c zip/$f.zip $f && "
               "rm -r $f && find . -exec touch -d '1 week ago' {} +",
               build(), dir, dir);
    return dir;
}

struct scanned {
    struct cao_catalog c;
    struct cao_findings f;
};

static struct scanned scan(const char *dir, const struct cao_project *project, bool memory)
{
    struct cao_error err = { 0 };
    struct scanned s = { { 0 }, { 0 } };
    char imagery[CAO_PATH_MAX], cache[CAO_PATH_MAX];
    snprintf(imagery, sizeof imagery, "%s/imagery", dir);
    snprintf(cache, sizeof cache, "%s/cache", dir);
    const char *path = imagery;
    struct cao_scan_options o = { .project = project,
                                  .paths = &path,
                                  .n_paths = 1,
                                  .cache_dir = memory ? cache : NULL,
                                  .threads = 3 };
    assert_ok(cao_scan(&o, &s.c, &s.f, &err));
    return s;
}

static void release(struct scanned *s)
{
    cao_catalog_release(&s->c);
    cao_findings_release(&s->f);
}

static void same_text(const char *a, const char *b)
{
    assert_true((a == NULL) == (b == NULL));
    if (a)
        assert_string_equal(a, b);
}

static void same_layer(const struct cao_layer *a, const struct cao_layer *b)
{
    same_text(a->path, b->path);
    if (!a->path)
        return;
    assert_true(a->file_band == b->file_band && a->width == b->width && a->height == b->height);
    assert_memory_equal(a->geotransform, b->geotransform, sizeof a->geotransform);
    assert_memory_equal(&a->gain, &b->gain, sizeof a->gain);
    assert_memory_equal(&a->offset, &b->offset, sizeof a->offset);
    assert_memory_equal(&a->fill, &b->fill, sizeof a->fill);
    assert_memory_equal(&a->saturated, &b->saturated, sizeof a->saturated);
}

static void same_catalog(const struct scanned *a, const struct scanned *b)
{
    assert_int_equal(a->c.n, b->c.n);
    assert_int_equal(a->c.n_refused, b->c.n_refused);
    assert_int_equal(a->f.n, b->f.n);
    assert_int_equal(a->f.n_problems, b->f.n_problems);
    for (size_t i = 0; i < a->c.n; i++) {
        const struct cao_scene *x = &a->c.scenes[i], *y = &b->c.scenes[i];
        assert_string_equal(cao_scene_sensor(x), cao_scene_sensor(y));
        same_text(x->path, y->path);
        same_text(x->id, y->id);
        same_text(x->platform, y->platform);
        same_text(x->level, y->level);
        same_text(x->tile, y->tile);
        same_text(x->baseline, y->baseline);
        same_text(x->crs, y->crs);
        same_text(x->crs_name, y->crs_name);
        assert_string_equal(x->stamp, y->stamp);
        assert_true(x->time == y->time && x->generated == y->generated &&
                    x->has_offset == y->has_offset);
        assert_memory_equal(&x->cloud_pct, &y->cloud_pct, sizeof x->cloud_pct);
        for (int k = 0; k < CAO_N_BANDS; k++)
            same_layer(&x->band[k], &y->band[k]);
        for (int q = 0; q < CAO_MOST_QA; q++) {
            same_layer(&x->qa[q].layer, &y->qa[q].layer);
            assert_true(x->qa[q].n_rules == y->qa[q].n_rules &&
                        x->qa[q].outside == y->qa[q].outside);
            for (size_t k = 0; k < x->qa[q].n_rules; k++)
                assert_true(x->qa[q].rules[k].bits == y->qa[q].rules[k].bits &&
                            x->qa[q].rules[k].equals == y->qa[q].rules[k].equals &&
                            x->qa[q].rules[k].reason == y->qa[q].rules[k].reason);
        }
    }
    for (size_t i = 0; i < a->c.n_refused; i++) {
        same_text(a->c.refused[i].path, b->c.refused[i].path);
        same_text(a->c.refused[i].code, b->c.refused[i].code);
        same_text(a->c.refused[i].reason, b->c.refused[i].reason);
    }
    for (size_t i = 0; i < a->f.n; i++)
        same_text(a->f.items[i].text, b->f.items[i].text);
}

/* Each change touches one product, which alone is looked at again; what is said is what a scan without
 * memory says. */
static void a_later_scan_looks_at_what_changed(void **state)
{
    (void)state;
    static const struct {
        const char *change;
        size_t looked_at;
    } steps[] = {
        { "true", 0 },
        { "touch $(find . -name '*_B04_10m.*' | head -1)", 1 },
        { "rm $(find . -name '*_B03_10m.*' | head -1)", 1 },
        { "rm $(find . -name '*_SCL_20m.*' | head -1)", 1 },
        { "sed -i 's/PROCESSING_BASELINE>05/PROCESSING_BASELINE>06/' $(find . -name MTD_MSIL2A.xml "
          "| tail -1)",
          1 },
        { "touch zip/*.zip", 1 },
        { "mv $(ls -d S2*.SAFE | head -1) elsewhere.SAFE", 1 },
        { "rm -r zip", 0 },
        { "cp -r $(ls -d *.SAFE | tail -1) x/copy.SAFE && find x -exec touch -d '1 week ago' {} +",
          2 /* the one in x as well */ },
    };
    char *dir = archive("memory changes");
    struct scanned first = scan(dir, NULL, true);
    assert_int_equal(first.c.n, 3);
    assert_int_equal(first.c.n_refused, 1);
    assert_int_equal(first.c.n_remembered, 0);
    release(&first);
    size_t n_before = 4;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        test_shell(
            "cd '%s/imagery' && %s && find . -newermt '-1 minute' -exec touch -d '2 days ago' {} +",
            dir, steps[i].change);
        struct scanned now = scan(dir, NULL, true), plain = scan(dir, NULL, false);
        size_t n = now.c.n + now.c.n_refused;
        if (n - now.c.n_remembered != steps[i].looked_at)
            fail_msg("after '%s': %zu of %zu remembered", steps[i].change, now.c.n_remembered, n);
        same_catalog(&now, &plain);
        assert_int_equal(plain.c.n_remembered, 0);
        n_before = n;
        release(&now);
        release(&plain);
    }
    assert_int_equal(n_before, 4);
    free(dir);
}

/* What is written now may change within the same tick of the clock. */
static void what_has_just_changed_is_not_remembered(void **state)
{
    (void)state;
    char *dir = archive("memory restless");
    test_shell("cd '%s/imagery' && touch $(find . -name MTD_MSIL2A.xml | head -1)", dir);
    struct scanned s = scan(dir, NULL, true);
    release(&s);
    s = scan(dir, NULL, true);
    assert_int_equal(s.c.n_remembered, 3);
    release(&s);
    free(dir);
}

static void a_damaged_memory_is_none(void **state)
{
    (void)state;
    char *dir = archive("memory damage"), path[CAO_PATH_MAX], *bytes = NULL;
    struct cao_error err = { 0 };
    struct cao_names names = { 0 };
    struct scanned plain = scan(dir, NULL, false), s = scan(dir, NULL, true);
    release(&s);
    snprintf(path, sizeof path, "%s/cache/scans", dir);
    assert_ok(cao_list_dir(path, &names, &err));
    assert_int_equal(names.n, 1);
    snprintf(path, sizeof path, "%s/cache/scans/%s", dir, names.items[0]);
    size_t n = 0;
    assert_ok(cao_file_read(path, 1 << 24, &bytes, &n, &err));
    for (size_t k = 0; k < 24; k++) {
        size_t at = n * k / 24;
        char *bad = malloc(n);
        memcpy(bad, bytes, n);
        bad[at] = (char)(bad[at] ^ 0x41);
        assert_ok(cao_file_write(path, bad, k % 2 ? n : at, &err));
        free(bad);
        s = scan(dir, NULL, true);
        assert_int_equal(s.c.n_remembered, 0);
        same_catalog(&s, &plain);
        release(&s);
        s = scan(dir, NULL, true); /* and it is whole again */
        assert_int_equal(s.c.n_remembered, 4);
        same_catalog(&s, &plain);
        release(&s);
    }
    /* where none can be kept, nothing else suffers */
    test_shell("cd '%s' && rm -r cache && touch cache", dir);
    s = scan(dir, NULL, true);
    assert_int_equal(s.c.n_remembered, 0);
    same_catalog(&s, &plain);
    release(&s);
    release(&plain);
    cao_names_release(&names);
    free(bytes);
    free(dir);
}

/* Several programs at the same archive and memory at once, over and over, while products come and go: each
 * says what there is, and what is left behind is a whole memory. */
static void scans_at_the_same_time_spoil_nothing(void **state)
{
    (void)state;
    enum { N = 4, ROUNDS = 6 };
    char *dir = archive("memory together"), *sub[N], path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/cache-of-all", dir);
    assert_ok(cao_make_dirs(path, &err));
    char *all = realpath(path, NULL), *before = getenv("XDG_CACHE_HOME");
    before = before ? strdup(before) : NULL;
    assert_int_equal(setenv("XDG_CACHE_HOME", all, 1), 0);
    for (int i = 0; i < N; i++) { /* where each writes what it says */
        char name[32];
        snprintf(name, sizeof name, "p%d", i);
        assert_ok(cao_path_join(path, dir, name, &err));
        assert_ok(cao_make_dirs(path, &err));
        sub[i] = strdup(path);
        test_shell("ln -s ../imagery '%s/imagery'", path);
    }
    for (int round = 0; round < ROUNDS; round++) {
        int process[N];
        for (int i = 0; i < N; i++)
            process[i] =
                test_start(sub[i], i % 2 ? "scan --json imagery" : "scan --json --fresh imagery");
        for (int i = 0; i < N; i++)
            assert_int_equal(test_wait(process[i]), 3); /* one product is refused */
        for (int i = 1; i < N; i++)
            test_shell("cmp '%s/out.txt' '%s/out.txt'", sub[0], sub[i]);
        /* nothing but whole memories is left, and the next scan takes all from them */
        test_shell("[ $(find '%s' -type f ! -name '*.scan' | wc -l) = 0 ]", all);
        assert_int_equal(test_wait(test_start(sub[0], "scan imagery")), 3);
        assert_true(test_file_says(sub[0], "out.txt", "4 as an earlier scan saw them"));
        test_shell(
            "cd '%s/imagery' && touch -d '%d days ago' $(find . -name MTD_MSIL2A.xml | head -1)",
            dir, round + 2);
    }
    /* the memory of another archive under this one's name holds nothing of it, nor do other bytes */
    test_shell("cd '%s' && cp -a imagery other && cd p1 && rm imagery && ln -s ../other imagery",
               dir);
    assert_int_equal(test_wait(test_start(sub[1], "scan imagery")), 3);
    test_shell("cd '%s'/*/scans && set -- *.scan && [ $# = 2 ] && mv $1 t && mv $2 $1 && mv t $2",
               all);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(test_wait(test_start(sub[i], "scan --json imagery")), 3);
        assert_int_equal(test_wait(test_start(sub[i], "scan imagery")), 3);
        assert_true(test_file_says(sub[i], "out.txt", "4 as an earlier scan saw them"));
    }
    if (before)
        setenv("XDG_CACHE_HOME", before, 1);
    else
        unsetenv("XDG_CACHE_HOME");
    free(before);
    free(all);
    for (int i = 0; i < N; i++)
        free(sub[i]);
    free(dir);
}

/* Another declaration of the same files is another question. */
static void another_project_asks_anew(void **state)
{
    (void)state;
    char *dir = archive("memory declared"), path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    static const char *const scales[] = { "0.0001", "0.0002" };
    test_shell(
        "cd '%s/imagery' && rm -r * && gdal_create -q -ot UInt16 -bands 2 -outsize 8 8 -a_srs "
        "EPSG:32647 -a_ullr 500000 4000000 500080 3999920 a_20240718.tif && touch -d '1 week "
        "ago' *",
        dir);
    for (size_t k = 0; k < 2; k++) {
        struct cao_project p = { 0 };
        test_shell(
            "cd '%s' && sed '/^sensors/d' park.yaml > p.yaml && printf 'sensors: [{name: a, files: "
            "\"a_{date}.tif\", bands: {R: 1, N: 2}, scale: %s}]\\n' >> p.yaml",
            dir, scales[k]);
        snprintf(path, sizeof path, "%s/p.yaml", dir);
        assert_ok(cao_project_read(path, &p, &err));
        struct scanned s = scan(dir, &p, true);
        assert_int_equal(s.c.n, 1);
        assert_int_equal(s.c.n_remembered, 0);
        assert_true(s.c.scenes[0].band[CAO_BAND_R].gain == (k ? 0.0002 : 0.0001));
        release(&s);
        s = scan(dir, &p, true);
        assert_int_equal(s.c.n_remembered, 1);
        assert_string_equal(cao_scene_sensor(&s.c.scenes[0]), "a");
        assert_true(s.c.scenes[0].band[CAO_BAND_R].gain == (k ? 0.0002 : 0.0001));
        release(&s);
        cao_project_release(&p);
    }
    free(dir);
}

/* Real products of three families, with HDF4 among them. */
static void real_products_are_remembered_as_they_are(void **state)
{
    (void)state;
    NEED_DATA("modis_hdf4");
    char *dir = test_folder("memory real");
    test_shell(
        "mkdir '%s/imagery' && cp -r ../shared/data/modis_hdf4 ../shared/data/hls "
        "../shared/data/landsat_c2l2_008059 ../shared/data/s2_l2a_29RKH "
        "../shared/data/modis_myd13a1_h30v10 '%s/imagery/' && chmod -R u+w '%s/imagery' && find "
        "'%s/imagery' -exec touch -d '1 week ago' {} +",
        dir, dir, dir, dir);
    struct scanned plain = scan(dir, NULL, false), s = scan(dir, NULL, true);
    same_catalog(&s, &plain);
    size_t n = s.c.n + s.c.n_refused;
    release(&s);
    s = scan(dir, NULL, true);
    assert_int_equal(s.c.n_remembered, n);
    same_catalog(&s, &plain);
    release(&s);
    release(&plain);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_later_scan_looks_at_what_changed),
        cmocka_unit_test(what_has_just_changed_is_not_remembered),
        cmocka_unit_test(a_damaged_memory_is_none),
        cmocka_unit_test(scans_at_the_same_time_spoil_nothing),
        cmocka_unit_test(another_project_asks_anew),
        cmocka_unit_test(real_products_are_remembered_as_they_are),
    };
    return cmocka_run_group_tests_name("scan", tests, test_gdal_set_up, test_gdal_tear_down) != 0;
}
