/* SPDX-License-Identifier: MIT
 * Products inside archives, read in place: the same scene and the same numbers as unpacked. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_vsi.h>

#include "support/support.h"

#include "caochu/catalog.h"
#include "caochu/file.h"
#include "caochu/reader.h"

static void scan(const char *path, struct cao_catalog *c)
{
    struct cao_error err = { 0 };
    struct cao_findings f = { 0 };
    *c = (struct cao_catalog){ 0 };
    assert_ok(cao_catalog_scan(&path, 1, c, &f, NULL, &err));
    cao_findings_release(&f);
}

static void copy_into_zip(const char *folder, const char *zip, const char *prefix)
{
    struct cao_names names;
    struct cao_error err = { 0 };
    assert_ok(cao_list_dir(folder, &names, &err));
    char whole[CAO_PATH_MAX];
    snprintf(whole, sizeof whole, "/vsizip/%s", zip);
    VSILFILE *keep = VSIFOpenL(whole, "wb"); /* stays open over the entries */
    for (size_t i = 0; i < names.n; i++) {
        char from[CAO_PATH_MAX], to[2 * CAO_PATH_MAX], *data;
        size_t n;
        snprintf(to, sizeof to, "/vsizip/%s/%s%s", zip, prefix, names.items[i]);
        assert_ok(cao_path_join(from, folder, names.items[i], &err));
        assert_ok(cao_file_read(from, 1u << 26, &data, &n, &err));
        VSILFILE *f = VSIFOpenL(to, "wb");
        assert_non_null(f);
        assert_int_equal(VSIFWriteL(data, 1, n, f), n);
        assert_int_equal(VSIFCloseL(f), 0);
        free(data);
    }
    if (keep)
        VSIFCloseL(keep);
    cao_names_release(&names);
}

enum { SIDE = 64 };

static void read_part(const struct cao_scene *s, float red[SIDE * SIDE],
                      uint16_t qa[3][SIDE * SIDE])
{
    struct cao_error err = { 0 };
    struct cao_grid g;
    struct cao_reader *r;
    const struct cao_window w = { 0, 0, SIDE, SIDE };
    const double *t = s->band[CAO_BAND_R].geotransform;
    assert_ok(cao_grid_init(&g, "EPSG:32618", t[0] + 100 * t[1], t[3] + 200 * t[5], 300, SIDE, SIDE,
                            256, &err));
    assert_ok(cao_reader_open(s, &g, &r, &err));
    assert_ok(cao_reader_band(r, CAO_BAND_R, &w, red, &err));
    for (size_t k = 0; k < 3; k++)
        assert_ok(cao_reader_qa(r, k, &w, qa[k], &err));
    cao_reader_close(r);
    cao_grid_release(&g);
}

static void a_product_in_a_tar_or_zip_reads_as_unpacked(void **state)
{
    (void)state;
    NEED_DATA("landsat_c2l2_008059");
    static float want[SIDE * SIDE], got[SIDE * SIDE];
    static uint16_t want_qa[3][SIDE * SIDE], got_qa[3][SIDE * SIDE];
    char *dir = test_folder("archives"), path[CAO_PATH_MAX];
    struct cao_catalog c;
    char folder[CAO_PATH_MAX];
    snprintf(folder, sizeof folder, "%s", test_data("landsat_c2l2_008059"));
    scan(folder, &c);
    assert_int_equal(c.n, 1);
    assert_non_null(strstr(c.scenes[0].qa[1].layer.path, "_QA_RADSAT.TIF"));
    assert_non_null(strstr(c.scenes[0].qa[2].layer.path, "_SR_QA_AEROSOL.TIF"));
    read_part(&c.scenes[0], want, want_qa);
    cao_catalog_release(&c);
    size_t n_valid = 0;
    for (size_t i = 0; i < SIDE * SIDE; i++)
        n_valid += want[i] > 0;
    assert_true(n_valid > 100);
    for (int form = 0; form < 3; form++) {
        snprintf(path, sizeof path, "%s/LC08 %d.%s", dir, form, form ? "zip" : "tar");
        if (form == 0)
            test_shell("tar cf '%s' -C '%s' .", path, folder);
        else
            copy_into_zip(folder, path, form == 2 ? "LC08_L2SP/" : "");
        scan(path, &c);
        assert_int_equal(c.n, 1);
        assert_string_equal(c.scenes[0].path, path);
        assert_string_equal(c.scenes[0].id, "LC08_L2SP_008059_20191201_20200825_02_T1");
        read_part(&c.scenes[0], got, got_qa);
        assert_memory_equal(got, want, sizeof want);
        assert_memory_equal(got_qa, want_qa, sizeof want_qa);
        cao_catalog_release(&c);
    }
    scan(dir, &c); /* three copies of one acquisition: one is used, two are named */
    assert_int_equal(c.n, 1);
    assert_int_equal(c.n_refused, 2);
    assert_non_null(strstr(c.refused[0].reason, "another copy"));
    cao_catalog_release(&c);
    free(dir);
}

static void torn_archives_of_products_are_refused_by_name(void **state)
{
    (void)state;
    NEED_DATA("landsat_c2l2_008059");
    char *dir = test_folder("torn archives");
    struct cao_catalog c;
    const char *data = test_data("landsat_c2l2_008059");
    test_shell("cd '%s' && tar cf LC08_whole.tar -C '%s' . 2>/dev/null || tar cf LC08_whole.tar -C "
               "\"$OLDPWD/%s\" . && head -c 400000 LC08_whole.tar > LC08_half.tar && rm "
               "LC08_whole.tar && : > LC08_packed.tar.gz && echo PK > S2A_torn.zip && echo x > "
               "notes.zip",
               dir, data, data);
    scan(dir, &c);
    assert_int_equal(c.n, 0);
    assert_int_equal(c.n_refused, 3); /* what does not look like a product is not our business */
    assert_non_null(strstr(c.refused[0].path, "LC08_half.tar"));
    assert_non_null(strstr(c.refused[0].reason, "incomplete"));
    assert_non_null(strstr(c.refused[1].reason, "unpack it"));
    assert_non_null(strstr(c.refused[2].path, "S2A_torn.zip"));
    cao_catalog_release(&c);
    free(dir);
}

/* LSDS-1618: in the names of TM and ETM+ blue is band 1, near infrared band 4, 2.2 um band 7. */
static void bands_of_etm_are_numbered_as_etm(void **state)
{
    (void)state;
    NEED_DATA("landsat_c2l2_008059");
    char *dir = test_folder("etm");
    struct cao_catalog c;
    char folder[CAO_PATH_MAX];
    snprintf(folder, sizeof folder, "%s", test_data("landsat_c2l2_008059"));
    test_shell(
        "for f in '%s'/*; do b=$(basename \"$f\"); case $b in *MTL.txt|*.TIF) cp "
        "--no-preserve=mode \"$f\" '%s'/LE07${b#LC08};; esac; done; cd '%s' && cp *_B2.TIF "
        "$(ls *_B2.TIF | sed s/B2/B1/) && sed -i 's/LC08_L2/LE07_L2/; s/LANDSAT_8/LANDSAT_7/' "
        "*_MTL.txt",
        folder, dir, dir);
    scan(dir, &c);
    assert_int_equal(c.n, 1);
    const struct cao_scene *s = &c.scenes[0];
    assert_string_equal(s->platform, "Landsat 7");
    assert_non_null(strstr(s->band[CAO_BAND_B].path, "LE07_"));
    assert_non_null(strstr(s->band[CAO_BAND_B].path, "_SR_B1.TIF"));
    assert_non_null(strstr(s->band[CAO_BAND_R].path, "_SR_B3.TIF"));
    assert_non_null(strstr(s->band[CAO_BAND_N].path, "_SR_B4.TIF"));
    assert_null(s->band[CAO_BAND_N2].path);
    assert_non_null(strstr(s->band[CAO_BAND_S1].path, "_SR_B5.TIF"));
    assert_non_null(strstr(s->band[CAO_BAND_S2].path, "_SR_B7.TIF"));
    /* bit 5 of QA_RADSAT is the thermal band 6 of ETM+: hot ground is not lost for it */
    static uint8_t table[CAO_QA_CODES];
    cao_mask_table(s->qa[1].rules, s->qa[1].n_rules, 0xFFFFFFFFu, table);
    assert_int_equal(table[1u << 5], CAO_CLEAR);
    assert_int_equal(table[1u << 3], CAO_SATURATED);
    assert_int_equal(table[0], CAO_CLEAR);
    cao_catalog_release(&c);
    scan(folder, &c);
    cao_mask_table(c.scenes[0].qa[1].rules, c.scenes[0].qa[1].n_rules, 0xFFFFFFFFu, table);
    assert_int_equal(table[1u << 5], CAO_SATURATED); /* band 6 of OLI is shortwave infrared */
    assert_int_equal(table[1u << 11], CAO_SATURATED);
    cao_mask_table(c.scenes[0].qa[2].rules, c.scenes[0].qa[2].n_rules, 0xFFFFFFFFu, table);
    assert_int_equal(table[0xC0 | 2], CAO_AEROSOL);
    assert_int_equal(table[0x80 | 2], CAO_CLEAR);
    cao_catalog_release(&c);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_in_a_tar_or_zip_reads_as_unpacked),
        cmocka_unit_test(torn_archives_of_products_are_refused_by_name),
        cmocka_unit_test(bands_of_etm_are_numbered_as_etm),
    };
    return cmocka_run_group_tests_name("archive", tests, test_gdal_set_up, test_gdal_tear_down) !=
           0;
}
