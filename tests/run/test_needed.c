/* SPDX-License-Identifier: MIT
 * Nothing is decoded that is not needed. What must not be is filled with noise, which no decoder takes for an
 * image: the run says the same to the byte. Where one needed block is spoilt its scene is left out, so noise
 * does tell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/run.h"

static const char *build(void)
{
    const char *b = getenv("CAO_BUILD");
    return b ? b : "build/release";
}

#define NEED_PYTHON()                                                                              \
    do {                                                                                           \
        if (system("/usr/bin/python3 -c 'from osgeo import gdal' 2>/dev/null") != 0) {             \
            printf("SKIP  %s: needs python3-gdal\n", __func__);                                    \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

/* Two acquisitions in blocks of 256 (128 of 20 m), two a side. */
static char *make(const char *name, const char *format)
{
    char *dir = test_folder(name);
    test_shell(
        "%s/make-world '%s' --size 504 --pastures 24 --dates 2 --format %s >/dev/null && for "
        "f in $(cd '%s' && find imagery -name '*.jp2' -o -name '*_10m.tif' -o -name "
        "'*_20m.tif'); do /usr/bin/python3 tests/run/blocks.py reblock \"%s/$f\" $(case $f in "
        "*_20m*) echo 128;; *) echo 256;; esac) || exit 1; done && sed -i 's/^indices: "
        ".*/indices: [NDVI]/; s/tile: .*/tile: 256/' '%s/park.yaml'",
        build(), dir, format, dir, dir, dir);
    return dir;
}

static void on_band(const char *dir, const char *what, const char *band, const char *numbers)
{
    test_shell("f=$(find '%s/imagery' -name '*_%s.*' | sort | head -1) && /usr/bin/python3 "
               "tests/run/blocks.py %s \"$f\" %s",
               dir, band, what, numbers);
}

static void run(const char *dir, const char *out, size_t n_used)
{
    char path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    struct cao_run_summary s;
    test_shell("sed 's/^  folder: .*/  folder: %s/' '%s/park.yaml' > '%s/%s.yaml'", out, dir, dir,
               out);
    snprintf(path, sizeof path, "%s/%s.yaml", dir, out);
    struct cao_run_options options = { .project = path, .data_dir = "src/profiles", .threads = 2 };
    assert_ok(cao_run(&options, &s, &err));
    size_t torn = 0;
    for (size_t i = 0; i < s.findings.n; i++)
        torn += strcmp(s.findings.items[i].code, "scene-unreadable") == 0;
    if ((n_used == 2) != (torn == 0))
        for (size_t i = 0; i < s.findings.n; i++)
            fprintf(stderr, "  %s\n", s.findings.items[i].text);
    assert_true((n_used == 2) == (torn == 0));
    assert_int_equal(s.n_failed, 0);
    cao_run_summary_release(&s);
}

static void same_results(const char *dir, const char *a, const char *b)
{
    test_shell(
        "cd '%s' && n=$(find %s -name '*.tif' | wc -l) && [ $n -gt 4 ] && diff -r -x run.json "
        "-x '*.yaml' -x '*.gpkg' %s %s",
        dir, a, a, b);
}

static void blocks_under_cloud_are_not_decoded(const char *name, const char *format)
{
    static const char *const fine[] = { "B04_10m", "B08_10m" };
    char *dir = make(name, format);
    on_band(dir, "cloud", "SCL_20m", "128 128 124 124");
    run(dir, "sound", 2);
    for (size_t i = 0; i < 2; i++)
        on_band(dir, "spoil", fine[i], "1 1");
    run(dir, "noise", 2);
    same_results(dir, "sound", "noise");
    on_band(dir, "spoil", "B08_10m", "1 0"); /* which is not under cloud */
    run(dir, "less", 1);
    free(dir);
}

static void a_block_of_geotiff_under_cloud_is_not_decoded(void **state)
{
    (void)state;
    NEED_PYTHON();
    blocks_under_cloud_are_not_decoded("needed tif", "gtiff");
}

static void a_block_of_jpeg2000_under_cloud_is_not_decoded(void **state)
{
    (void)state;
    NEED_PYTHON();
    blocks_under_cloud_are_not_decoded("needed jp2", "jp2");
}

/* Bands that no index asks for, and the ground of tiles in which no pasture lies. */
static void other_bands_and_other_ground_are_not_decoded(void **state)
{
    (void)state;
    NEED_PYTHON();
    static const char *const other[] = { "B02_10m", "B03_10m", "B8A_20m", "B11_20m", "B12_20m" };
    static const char *const blocks[] = { "0 0", "1 0", "0 1", "1 1" };
    char *dir = make("needed ground", "gtiff");
    /* pastures that lie within the first block of 256 pixels alone, which is a tile of the grid */
    test_shell(
        "cd '%s' && ogr2ogr -f GPKG -nln pastures -nlt MULTIPOLYGON -clipsrc 97.902 35.2175 "
        "97.9265 35.2375 "
        "few.gpkg pastures.gpkg pastures && sed -i 's/pastures.gpkg/few.gpkg/; s/^  resolution: "
        "10/  resolution: 10\\n  origin: [399960, 3900000]/' park.yaml",
        dir);
    run(dir, "sound", 2);
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 4; k++)
            on_band(dir, "spoil", other[i], blocks[k]);
    for (size_t k = 1; k < 4; k++) {
        on_band(dir, "spoil", "B04_10m", blocks[k]);
        on_band(dir, "spoil", "B08_10m", blocks[k]);
        on_band(dir, "spoil", "SCL_20m", blocks[k]);
    }
    run(dir, "noise", 2);
    same_results(dir, "sound", "noise");
    on_band(dir, "spoil", "SCL_20m", blocks[0]);
    run(dir, "less", 1);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_of_geotiff_under_cloud_is_not_decoded),
        cmocka_unit_test(a_block_of_jpeg2000_under_cloud_is_not_decoded),
        cmocka_unit_test(other_bands_and_other_ground_are_not_decoded),
    };
    return cmocka_run_group_tests_name("needed", tests, test_gdal_set_up, test_gdal_tear_down) != 0;
}
