/* SPDX-License-Identifier: MIT
 * Where only what is reckoned from the indices changed, tiles are done again from their own rasters: no
 * scene is opened, and the bytes are those of a run from the images. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/run.h"

static char *make_world(const char *name, const char *settings)
{
    const char *b = getenv("CAO_BUILD");
    char *dir = test_folder(name);
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    test_shell("cp src/profiles/nyt635-2015.yaml '%s/my.yaml' && cd '%s' && "
               "sed -i -e 's/tile: 512/tile: 256/' -e 's/nyt635-2015/my.yaml/' park.yaml && "
               "printf '%s' >>park.yaml && cp -a imagery kept",
               dir, dir, settings);
    return dir;
}

static void run_in(const char *dir, bool plan_only, struct cao_run_summary *s)
{
    char path[600];
    struct cao_error err = { 0 };
    snprintf(path, sizeof path, "%s/park.yaml", dir);
    struct cao_run_options options = {
        .project = path, .data_dir = "src/profiles", .threads = 2, .plan_only = plan_only
    };
    assert_ok(cao_run(&options, s, &err));
    assert_int_equal(s->findings.n_problems, 0);
}

/* Zeros behind the first bytes, at which a scan looks, and nothing else to tell the files apart from what they
 * were. */
static void spoil_images(const char *dir)
{
    test_shell("cd '%s' && find imagery -name '*.tif' | while read -r f; do "
               "head -c $(($(stat -c %%s \"$f\") - 1024)) /dev/zero >zeros && dd if=zeros "
               "of=\"$f\" bs=1024 "
               "seek=1 conv=notrunc status=none && touch -r \"kept${f#imagery}\" \"$f\"; done; rm "
               "-f zeros",
               dir);
}

static void restore_images(const char *dir)
{
    test_shell("cd '%s' && rm -rf imagery && cp -a kept imagery", dir);
}

/* The results are those of a run that begins with nothing. */
static void same_as_from_the_images(const char *dir, const char *what)
{
    struct cao_run_summary s;
    test_shell("cd '%s' && mv results again", dir);
    restore_images(dir);
    run_in(dir, false, &s);
    assert_int_equal(s.n_redone, 0);
    assert_int_equal(s.n_done, s.n_tiles);
    cao_run_summary_release(&s);
    printf("      %s\n", what);
    test_shell("cd '%s' && diff -r -x run.json results again && rm -rf again", dir);
}

/* Edit, run without images, compare. Returns how many tiles were done again. */
static size_t redo(const char *dir, const char *edit, const char *words)
{
    struct cao_run_summary s;
    size_t n = 0;
    test_shell("cd '%s' && %s", dir, edit);
    spoil_images(dir);
    run_in(dir, true, &s);
    for (size_t i = 0; i < s.n_todo; i++) {
        if (!strstr(s.todo[i].why, words))
            fail_msg("'%s' was expected, not '%s'", words, s.todo[i].why);
        n += s.todo[i].from_index;
    }
    assert_true(n > 0);
    cao_run_summary_release(&s);
    run_in(dir, false, &s);
    assert_int_equal(s.n_redone, n);
    cao_run_summary_release(&s);
    same_as_from_the_images(dir, words);
    return n;
}

static const char change_coefficient[] =
    "sed -i 's/year-round: {value: 0.525/year-round: {value: 0.512/' my.yaml && "
    "grep -q 0.512 my.yaml";
static const char change_herd[] =
    "awk -F, 'NR == 2 {$NF += 900} {print}' OFS=, livestock.csv >l && mv l livestock.csv";

static void what_comes_after_the_indices_needs_no_image(void **state)
{
    (void)state;
    static const struct {
        const char *edit, *words;
    } t[] = {
        { change_coefficient, "coefficients of its grassland types changed" },
        { "sed -i 's/391\\.34/392.5/' my.yaml && grep -q 392.5 my.yaml",
          "coefficients of its grassland types changed" },
        { "sed -i 's/fvc_full: {value: 0.85/fvc_full: {value: 0.84/' my.yaml",
          "coefficients of its grassland types changed" },
        { "ogrinfo -q pastures.gpkg -dialect SQLite -sql \"UPDATE pastures SET grass_type = "
          "'高寒草原' WHERE pasture_id = '0632626001'\" >/dev/null",
          "coefficients of its grassland types changed" },
        { "printf 'wildlife_share: 0.21\\n' >>park.yaml",
          "the profile's general numbers or class limits changed" },
        { "sed -i 's/示范区/二区/' park.yaml",
          "the list of products, or how they are stored, changed" },
        { "sed -i 's/^output:/output:\\n  compression: deflate/' park.yaml",
          "the list of products, or how they are stored, changed" },
        { "sed -i 's/^output:/output:\\n  products: [ndvi, evi, msavi2, ndmi, n_clear, status, "
          "day, capacity]/' park.yaml",
          "the list of products, or how they are stored, changed" },
    };
    struct cao_run_summary s;
    char *dir = make_world("redo", "");
    run_in(dir, false, &s);
    size_t n = s.n_tiles, n_empty = s.n_empty;
    cao_run_summary_release(&s);
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        size_t redone = redo(dir, t[i].edit, t[i].words);
        if (i >= 4) /* what all tiles share */
            assert_int_equal(redone, n - n_empty);
    }
    /* products that were not asked for come back from the indices too */
    (void)redo(dir, "sed -i '/products:/d' park.yaml", "the list of products");
    /* a herd is of its pasture's tiles alone */
    size_t touched = redo(dir, change_herd, "herds of its pastures changed");
    assert_in_range(touched, 1, n - n_empty - 1);
    free(dir);
}

static void for_every_way_of_storing_and_composing(void **state)
{
    (void)state;
    static const char *const settings[] = { "  float32: true\\nsnow: true\\n",
                                            "snow: true\\nmask: [cloud, shadow]\\n",
                                            ("  info: true\\nsmoothing: {method: whittaker, "
                                             "yield: true}\\n") };
    static const char *const names[] = { "redo float", "redo median", "redo smooth" };
    for (size_t i = 0; i < 3; i++) {
        struct cao_run_summary s;
        char *dir = make_world(names[i], settings[i]);
        if (i == 1)
            test_shell("sed -i s/max-ndvi/median/ '%s/park.yaml'", dir);
        run_in(dir, false, &s);
        cao_run_summary_release(&s);
        (void)redo(dir, change_coefficient, "coefficients of its grassland types changed");
        (void)redo(dir, change_herd, "herds of its pastures changed");
        free(dir);
    }
}

/* Nothing is reckoned from rasters that are not there, or are not what a run wrote. */
static void else_the_images_are_read(void **state)
{
    (void)state;
    struct cao_run_summary s;
    char *dir = make_world("redo from images", "");
    test_shell("sed -i 's/^output:/output:\\n  products: [yield_fresh, status, n_clear]/' "
               "'%s/park.yaml'",
               dir);
    run_in(dir, false, &s);
    cao_run_summary_release(&s);
    test_shell("cd '%s' && %s", dir, change_coefficient);
    run_in(dir, true, &s);
    assert_true(s.n_todo > 0);
    for (size_t i = 0; i < s.n_todo; i++)
        assert_false(s.todo[i].from_index);
    cao_run_summary_release(&s);
    test_shell("sed -i '/products:/d' '%s/park.yaml'", dir);
    run_in(dir, false, &s);
    assert_int_equal(s.n_redone, 0);
    cao_run_summary_release(&s);
    /* one byte of one index, its size and place in the record kept */
    test_shell("cd '%s' && f=$(find results -name ndvi.tif | head -n 1) && n=$(stat -c %%s $f) && "
               "printf x | dd of=$f bs=1 seek=$((n / 2)) conv=notrunc status=none && "
               "sed -i 's/示范区/三区/' park.yaml",
               dir);
    run_in(dir, true, &s);
    size_t n = s.n_tiles - s.n_empty;
    cao_run_summary_release(&s);
    run_in(dir, false, &s);
    assert_int_equal(s.n_redone, n - 1);
    cao_run_summary_release(&s);
    same_as_from_the_images(dir, "a changed raster is not trusted");
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_after_the_indices_needs_no_image),
        cmocka_unit_test(for_every_way_of_storing_and_composing),
        cmocka_unit_test(else_the_images_are_read),
    };
    return cmocka_run_group_tests_name("redo", tests, test_gdal_set_up, test_gdal_tear_down) != 0;
}
