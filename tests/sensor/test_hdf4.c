/* SPDX-License-Identifier: MIT
 * HDF4 files looked at without their library say what the library says; what cannot be understood so is left
 * to it, and nothing of a file that was only glanced at is read. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/catalog.h"
#include "caochu/file.h"
#include "caochu/reader.h"
#include "sensor/hdf4_glance.h"

static bool any_field(const char *field)
{
    (void)field;
    return true;
}

static void same_number(const char *what, const struct cao_hdf_field *f, double a, double b)
{
    if (!(a == b || (isnan(a) && isnan(b))))
        fail_msg("%s: %s: %.17g, the library has %.17g", f->path, what, a, b);
}

/* The oracle is GDAL's HDF4 driver with NASA's library beneath. */
static void a_glance_tells_what_the_library_tells(void **state)
{
    (void)state;
    NEED_DATA("modis_hdf4");
    NEED_DATA("hls");
    static const char *const items[] = {
        "modis_hdf4/MOD13A2.A2016145.h18v04.006.2016166145124.hdf",
        "modis_hdf4/MOD09A1.A2017193.h18v04.006.2017202035302.hdf",
        "modis_hdf4/MCD15A2H.A2016201.h18v05.006.2016215124658.hdf",
        "hls/HLS.S30.T48UXF.2020274T041601.v1.5.hdf",
    };
    static const char *const keys[] = { "SPACECRAFT_NAME", "LANDSAT_PRODUCT_ID",
                                        "HLS_PROCESSING_TIME", "cloud_coverage", NULL };
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        struct cao_error err = { 0 };
        struct cao_hdf seen = { 0 }, said = { 0 };
        char path[CAO_PATH_MAX];
        snprintf(path, sizeof path, "%s", test_data(items[i]));
        assert_ok(cao_hdf_read(path, any_field, keys, false, &said, &err));
        assert_false(said.glanced);
        assert_int_equal(cao_hdf_glance(path, any_field, keys, &seen), CAO_GLANCE_TOLD);
        assert_int_equal(seen.n, said.n);
        assert_true(said.n >= 3);
        for (int k = 0; k < 4; k++)
            assert_string_equal(seen.value[k], said.value[k]);
        for (size_t f = 0; f < said.n; f++) {
            const struct cao_hdf_field *a = &seen.fields[f], *b = &said.fields[f];
            assert_string_equal(a->name, b->name);
            assert_string_equal(a->path, b->path);
            assert_string_equal(a->crs, b->crs);
            assert_int_equal(a->width, b->width);
            assert_int_equal(a->height, b->height);
            for (int k = 0; k < 6; k++)
                same_number("geotransform", b, a->geotransform[k], b->geotransform[k]);
            same_number("scale", b, a->scale, b->scale);
            same_number("offset", b, a->offset, b->offset);
            same_number("no data", b, a->nodata, b->nodata);
        }
        free(seen.fields);
        free(said.fields);
    }
}

/* Whatever bytes there are, a glance ends, and well. */
static void a_glance_at_damaged_files_ends(void **state)
{
    (void)state;
    NEED_DATA("modis_hdf4");
    static const char *const keys[] = { NULL };
    struct cao_error err = { 0 };
    char *data, *dir = test_folder("glances"), path[CAO_PATH_MAX];
    size_t n, n_told = 0, n_torn = 0;
    assert_ok(cao_file_read(test_data("modis_hdf4/MOD13A2.A2016145.h18v04.006.2016166145124.hdf"),
                            1 << 26, &data, &n, &err));
    assert_ok(cao_path_join(path, dir, "x.hdf", &err));
    uint64_t seed = 7;
    for (int round = 0; round < 400; round++) {
        char *copy = malloc(n);
        memcpy(copy, data, n);
        size_t size = n, most = round % 3 == 0 ? 1200 : n;
        for (int k = 0; k < 1 + round % 9; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            /* the descriptors stand in front, names and texts behind 230000 */
            size_t at = round % 2 ? 230000 + (seed >> 33) % (n - 230000) : (seed >> 33) % most;
            copy[at] = (char)(seed >> 20);
        }
        if (round % 10 == 9)
            size = (seed >> 33) % n;
        struct cao_hdf seen = { 0 };
        assert_ok(cao_file_write(path, copy, size, &err));
        enum cao_glance g = cao_hdf_glance(path, any_field, keys, &seen);
        assert_true(g == CAO_GLANCE_TOLD || !seen.fields);
        n_told += g == CAO_GLANCE_TOLD;
        n_torn += g == CAO_GLANCE_TORN;
        free(seen.fields);
        free(copy);
    }
    assert_true(n_told > 10 && n_torn > 10);
    free(data);
    free(dir);
}

static bool never(const void *context, int64_t time)
{
    (void)context;
    (void)time;
    return false;
}

static bool when_told(const void *context, int64_t time)
{
    (void)time;
    return *(const bool *)context;
}

/* The compressed pixels of a real granule are noise: only the library notices, and only where it is asked. */
static void what_is_to_be_read_is_opened_apart_first(void **state)
{
    (void)state;
    NEED_DATA("modis_hdf4");
    struct cao_error err = { 0 };
    char *dir = test_folder("unproven"), *memory = test_folder("unproven memory");
    const char *path = dir, *data = test_data("modis_hdf4");
    static const char spoil[] = /* what holds compressed pixels (tag 40) */
        "import sys, struct; d = bytearray(open(sys.argv[1], \"rb\").read()); at = 4\n"
        "while at:\n"
        "    n, nx = struct.unpack(\">Hi\", d[at:at+6])\n"
        "    for i in range(n):\n"
        "        t, r, o, l = struct.unpack(\">HHii\", d[at+6+12*i:at+18+12*i])\n"
        "        if t == 40: d[o:o+l] = bytes(j * 151 % 251 for j in range(l))\n"
        "    at = nx\n"
        "open(sys.argv[1], \"wb\").write(d)";
    test_shell("cp --no-preserve=mode '%s'/MOD09A1* '%s/' && cp '%s'/MOD09A1* "
               "'%s/MOD09A1.A2018193.h18v04.006.2018202035302.hdf' && python3 -c '%s' \"$(ls "
               "'%s'/*2018193*)\" && touch -d '1 week ago' '%s'/*",
               data, dir, dir, dir, spoil, dir, dir);
    bool needed = false;
    struct cao_scan how = { .memory = memory, .is_needed = when_told, .needed_context = &needed };
    for (int round = 0; round < 4; round++) { /* glanced at, remembered; opened, remembered */
        struct cao_catalog c = { 0 };
        struct cao_findings f = { 0 };
        needed = round >= 2;
        assert_ok(cao_catalog_scan_with(&how, &path, 1, &c, &f, NULL, &err));
        assert_int_equal(c.n, needed ? 1 : 2);
        assert_int_equal(c.n_refused, needed ? 1 : 0);
        assert_int_equal(c.n_remembered, round % 2 ? 2 : 0);
        assert_true(c.scenes[0].unproven == !needed);
        if (needed)
            assert_non_null(strstr(c.refused[0].path, "A2018193"));
        struct cao_grid g;
        struct cao_reader *r = NULL;
        const double *t = c.scenes[0].band[CAO_BAND_R].geotransform;
        assert_ok(cao_grid_init(&g, c.scenes[0].crs, t[0], t[3], 463, 8, 8, 256, &err));
        assert_int_equal(cao_reader_open(&c.scenes[0], &g, &r, &err), needed ? CAO_OK : CAO_EARG);
        if (!needed)
            assert_non_null(strstr(err.text, "only glanced at"));
        cao_reader_close(r);
        cao_grid_release(&g);
        cao_catalog_release(&c);
        cao_findings_release(&f);
    }
    /* the same is said of what can be read, either way */
    struct cao_catalog a = { 0 }, b = { 0 };
    struct cao_findings f = { 0 };
    test_shell("rm '%s'/*2018193*", dir);
    assert_ok(cao_catalog_scan_with(&(struct cao_scan){ .is_needed = never }, &path, 1, &a, &f,
                                    NULL, &err));
    assert_ok(cao_catalog_scan_with(NULL, &path, 1, &b, &f, NULL, &err));
    assert_int_equal(a.n, 1);
    assert_int_equal(b.n, 1);
    assert_string_equal(a.scenes[0].stamp, b.scenes[0].stamp);
    assert_string_equal(a.scenes[0].crs, b.scenes[0].crs);
    for (int k = 0; k < CAO_N_BANDS; k++) {
        const struct cao_layer *x = &a.scenes[0].band[k], *y = &b.scenes[0].band[k];
        assert_true(!x->path == !y->path);
        if (!x->path)
            continue;
        assert_string_equal(x->path, y->path);
        assert_memory_equal(x->geotransform, y->geotransform, sizeof x->geotransform);
    }
    cao_catalog_release(&a);
    cao_catalog_release(&b);
    cao_findings_release(&f);
    free(memory);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_glance_tells_what_the_library_tells),
        cmocka_unit_test(a_glance_at_damaged_files_ends),
        cmocka_unit_test(what_is_to_be_read_is_opened_apart_first),
    };
    return cmocka_run_group_tests_name("hdf4", tests, test_gdal_set_up, test_gdal_tear_down) != 0;
}
