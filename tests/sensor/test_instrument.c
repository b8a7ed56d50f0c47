/* SPDX-License-Identifier: MIT
 * The table of instruments against what the readers find in real products. */
#include <stdio.h>
#include <string.h>

#include "support/support.h"

#include "caochu/catalog.h"
#include "caochu/index.h"
#include "caochu/instrument.h"

static uint32_t bands_of(const char *name)
{
    struct cao_instrument found;
    struct cao_error err = { 0 };
    assert_ok(cao_instrument_find(name, &found, &err));
    return found.bands;
}

static void readers_find_the_bands_of_the_table(void **state)
{
    (void)state;
    static const struct {
        const char *item, *sensor, *instrument;
        bool all; /* nothing was left out of the sample */
    } rows[] = {
        { "landsat_c2l2_008059", "landsat-c2l2", "landsat8", false },
        { "modis_hdf4", "MOD09A1", "mod09a1", true },
        { "modis_hdf4", "MOD13A2", "mod13", false },
        { "modis_myd13a1_h30v10", "MYD13A1", "mod13", false },
        { "s2_l2a_29RKH", "sentinel2", "sentinel2", false },
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        NEED_DATA(rows[r].item);
        struct cao_catalog c = { 0 };
        struct cao_findings f = { 0 };
        struct cao_error err = { 0 };
        const char *path = test_data(rows[r].item);
        size_t n = 0;
        uint32_t want = bands_of(rows[r].instrument);
        assert_ok(cao_catalog_scan(&path, 1, &c, &f, NULL, &err));
        for (size_t i = 0; i < c.n; i++) {
            const struct cao_scene *s = &c.scenes[i];
            if (!strstr(s->id, rows[r].sensor) && !strstr(cao_scene_sensor(s), rows[r].sensor))
                continue;
            uint32_t have = cao_scene_bands(s);
            if ((have & ~want) != 0 || (rows[r].all && have != want))
                fail_msg("%s: bands %#x, the table has %#x", s->id, have, want);
            n++;
        }
        if (n == 0)
            fail_msg("%s: no product of %s", rows[r].item, rows[r].sensor);
        cao_catalog_release(&c);
        cao_findings_release(&f);
    }
}

static void names_may_be_short_and_wrong_ones_are_named(void **state)
{
    (void)state;
    struct cao_instrument found = { 0 };
    struct cao_error err = { 0 };
    /* what all Landsats have in common: no coastal band, and a near infrared of neither kind in both */
    assert_int_equal(bands_of("landsat"), bands_of("landsat8") & bands_of("landsat7"));
    assert_int_equal(bands_of("MOD13"), bands_of("mod13"));
    assert_int_equal(cao_instrument_find("sentinal2", &found, &err), CAO_EARG);
    assert_non_null(strstr(err.text, "did you mean sentinel2?"));
    assert_int_equal(cao_instrument_find("", &found, &err), CAO_EARG);
}

static void what_is_possible_follows_from_the_bands(void **state)
{
    (void)state;
    static const struct {
        const char *index, *instrument;
        bool possible;
    } rows[] = {
        { "NDVI", "mod09q1", true },  { "EVI", "mod09q1", false },  { "EVI", "mod13", true },
        { "NDMI", "gf1-wfv", false }, { "NDMI", "landsat8", true }, { "NDRE", "landsat8", false },
        { "NDRE", "gf6-wfv", true },  { "MTCI", "gf6-wfv", true },  { "S2REP", "gf6-wfv", false },
        { "TCG", "sentinel2", true }, { "NDSI", "mod13", false },   { "GNDVI", "mod13", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct cao_index *ix;
        struct cao_error err = { 0 };
        assert_ok(cao_index_find(rows[i].index, &ix, &err));
        if (cao_index_possible(ix, bands_of(rows[i].instrument)) != rows[i].possible)
            fail_msg("%s from %s", rows[i].index, rows[i].instrument);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_find_the_bands_of_the_table),
        cmocka_unit_test(names_may_be_short_and_wrong_ones_are_named),
        cmocka_unit_test(what_is_possible_follows_from_the_bands),
    };
    return cmocka_run_group_tests_name("instruments", tests, test_gdal_set_up,
                                       test_gdal_tear_down) != 0;
}
