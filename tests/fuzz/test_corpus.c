/* SPDX-License-Identifier: MIT
 * The corpora of the fuzz targets, each file as it is, cut short, and with bytes changed: what fuzzing
 * has found stays found. */
#include "support/support.h"

#include "fuzz/targets.h"

static void feed(const struct fuzz_target *t, const char *data, size_t n)
{
    /* exactly as large as the input, so that ASan sees a read past it */
    uint8_t *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, data, n);
    t->feed(copy, n);
    free(copy);
}

static void replay(const struct fuzz_target *t)
{
    char dir[CAO_PATH_MAX], path[CAO_PATH_MAX], *data;
    struct cao_names names;
    struct cao_error err = { 0 };
    size_t n;
    snprintf(dir, sizeof dir, "tests/fuzz/corpus/%s", t->name);
    assert_ok(cao_list_dir(dir, &names, &err));
    assert_true(names.n > 0);
    for (size_t i = 0; i < names.n; i++) {
        assert_ok(cao_path_join(path, dir, names.items[i], &err));
        assert_ok(cao_file_read(path, 1 << 20, &data, &n, &err));
        feed(t, data, n);
        for (size_t k = 0; k < 12; k++) {
            size_t at = n ? (k * 7919 + 13) % n : 0;
            feed(t, data, at);
            if (n == 0)
                continue;
            char was = data[at];
            data[at] = (char)(was ^ (1 << (k % 8)));
            feed(t, data, n);
            data[at] = was;
        }
        free(data);
    }
    cao_names_release(&names);
}

static void hostile_bytes_are_refused_or_used_as_promised(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_FUZZ_TARGETS; i++)
        replay(&fuzz_targets[i]);
}

/* What a data file names must not make the program read elsewhere, fetch or start anything. */
static void data_cannot_reach_out(void **state)
{
    (void)state;
    static const char bomb[] =
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\"><!ENTITY x SYSTEM "
        "\"file:///etc/passwd\">]><a>&b;&x;</a>";
    static const char *const drivers[] = { "HTTP",       "WMS",    "WCS",      "WFS",
                                           "PostgreSQL", "MySQL",  "DODS",     "OGCAPI",
                                           "STACTA",     "STACIT", "PLSCENES", "Zarr",
                                           "netCDF",     "PDF",    "EEDA",     "DERIVED" };
    fuzz_sentinel2((const uint8_t *)bomb, sizeof bomb - 1);
    for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++)
        if (GDALGetDriverByName(drivers[i]))
            fail_msg("GDAL's driver %s is there", drivers[i]);
}

static int clear_up(void **state)
{
    test_shell("rm -rf /tmp/caochu-fuzz-%ld", (long)getpid());
    return test_gdal_tear_down(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_bytes_are_refused_or_used_as_promised),
        cmocka_unit_test(data_cannot_reach_out),
    };
    return cmocka_run_group_tests_name("corpus", tests, test_gdal_set_up, clear_up) != 0;
}
