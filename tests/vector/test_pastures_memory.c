/* SPDX-License-Identifier: MIT
 * What is remembered of a layer is what reading it gave, and nothing else is ever believed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/pastures_memory.h"

static const char two[] =
    "{\"type\":\"FeatureCollection\",\"features\":["
    "{\"type\":\"Feature\",\"properties\":{\"id\":\"007\",\"type\":\"高寒草甸\",\"村\":\"甲\"},"
    "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[98,34],[98.5,34],[98.5,34.5],[98,34.5],"
    "[98,34]],[[98.1,34.1],[98.2,34.1],[98.2,34.2],[98.1,34.2],[98.1,34.1]]]}},"
    "{\"type\":\"Feature\",\"properties\":{\"id\":\"007\",\"type\":\"b\",\"村\":\"乙\"},"
    "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[97,34],[97.1,34],[97,34.1],[97,34]]]}},"
    "{\"type\":\"Feature\",\"properties\":{\"id\":\"8\",\"type\":\"\",\"村\":\"\"},"
    "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[98,35],[98.1,35.1],[98.1,35],[98,35.1],"
    "[98,35]]]}}]}";

static const char *groups[] = { "村" };

struct world {
    char layer[CAO_PATH_MAX], memory[CAO_PATH_MAX], key[CAO_HASH_TEXT];
    struct cao_pasture_source src;
    struct cao_pastures pastures;
    struct cao_findings findings;
};

static void make(struct world *w, const char *name)
{
    struct cao_error err = { 0 };
    char *dir = test_folder(name);
    *w = (struct world){ 0 };
    snprintf(w->layer, sizeof w->layer, "%s/草场.geojson", dir);
    snprintf(w->memory, sizeof w->memory, "%s/.memory", dir);
    free(dir);
    assert_ok(cao_file_write(w->layer, two, sizeof two - 1, &err));
    w->src = (struct cao_pasture_source){ .path = w->layer,
                                          .id_field = "id",
                                          .type_field = "type",
                                          .group_fields = groups,
                                          .n_groups = 1 };
    assert_ok(cao_pastures_load(&w->src, "EPSG:32647", 10, &w->pastures, &w->findings, &err));
    assert_int_equal(w->pastures.n, 2);
    assert_int_equal(w->findings.n, 2); /* the repeated id, the bow that was repaired */
    assert_ok(cao_pastures_key(&w->src, "auto", 10, w->key, &err));
    assert_ok(cao_pastures_remember(w->memory, w->key, &w->pastures, "WKT", "a name", &w->findings,
                                    0, w->findings.n, &err));
}

static void release(struct world *w)
{
    cao_pastures_release(&w->pastures);
    cao_findings_release(&w->findings);
}

static void same_pasture(const struct cao_pasture *a, const struct cao_pasture *b)
{
    const char *const x[] = { a->id,    a->name, a->type, a->season,
                              a->grade, a->zone, a->herd, a->groups[0] };
    const char *const y[] = { b->id,    b->name, b->type, b->season,
                              b->grade, b->zone, b->herd, b->groups[0] };
    for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)
        assert_string_equal(x[i], y[i]);
    assert_int_equal(a->wkb_size, b->wkb_size);
    assert_memory_equal(a->wkb, b->wkb, a->wkb_size);
    assert_int_equal(a->n_rings, b->n_rings);
    assert_memory_equal(a->ring_end, b->ring_end, a->n_rings * sizeof *a->ring_end);
    assert_memory_equal(a->xy, b->xy, a->ring_end[a->n_rings - 1] * 2 * sizeof *a->xy);
    assert_memory_equal(&a->area_geodesic_ha, &b->area_geodesic_ha, sizeof a->area_geodesic_ha);
    assert_memory_equal(&a->area_grid_ha, &b->area_grid_ha, sizeof a->area_grid_ha);
    assert_int_equal(a->repaired, b->repaired);
    assert_int_equal(a->row, b->row);
}

static void what_is_remembered_is_what_was_read(void **state)
{
    (void)state;
    struct world w;
    struct cao_pastures_made made;
    make(&w, "remember");
    assert_true(cao_pastures_recall(w.memory, w.key, &w.src, &made));
    assert_string_equal(made.crs_wkt, "WKT");
    assert_string_equal(made.crs_name, "a name");
    assert_string_equal(made.pastures.layer_crs, w.pastures.layer_crs);
    assert_string_equal(made.pastures.path, w.layer);
    assert_int_equal(made.pastures.n, 2);
    assert_int_equal(made.pastures.n_groups, 1);
    assert_int_equal(made.pastures.group_types[0], CAO_CELL_TEXT);
    for (size_t i = 0; i < 2; i++)
        same_pasture(&made.pastures.items[i], &w.pastures.items[i]);
    assert_int_equal(made.findings.n, w.findings.n);
    assert_int_equal(made.findings.n_problems, w.findings.n_problems);
    for (size_t i = 0; i < w.findings.n; i++) {
        char a[512], b[512];
        cao_finding_format(&w.findings.items[i], a, sizeof a);
        cao_finding_format(&made.findings.items[i], b, sizeof b);
        assert_string_equal(a, b);
        assert_string_equal(made.findings.items[i].code, w.findings.items[i].code);
    }
    cao_pastures_made_release(&made);
    release(&w);
}

/* One bit of it changed, cut anywhere, nothing, or something else. */
static void a_torn_or_foreign_file_is_no_memory(void **state)
{
    (void)state;
    struct world w;
    struct cao_pastures_made made;
    struct cao_error err = { 0 };
    char *bytes;
    size_t n;
    make(&w, "torn");
    assert_ok(cao_file_read(w.memory, 1 << 20, &bytes, &n, &err));
    for (size_t i = 0; i < n; i += 7) {
        bytes[i] = (char)(bytes[i] ^ 4);
        assert_ok(cao_file_write(w.memory, bytes, n, &err));
        assert_false(cao_pastures_recall(w.memory, w.key, &w.src, &made));
        bytes[i] = (char)(bytes[i] ^ 4);
        assert_ok(cao_file_write(w.memory, bytes, i, &err));
        assert_false(cao_pastures_recall(w.memory, w.key, &w.src, &made));
    }
    assert_ok(cao_file_write(w.memory, bytes, n, &err));
    assert_true(cao_pastures_recall(w.memory, w.key, &w.src, &made));
    cao_pastures_made_release(&made);
    assert_ok(cao_file_remove(w.memory, &err));
    assert_false(cao_pastures_recall(w.memory, w.key, &w.src, &made));
    free(bytes);
    release(&w);
}

static void another(struct world *w, const char *grid, double res_m, bool differs)
{
    struct cao_error err = { 0 };
    char key[CAO_HASH_TEXT];
    struct cao_pastures_made made;
    assert_ok(cao_pastures_key(&w->src, grid, res_m, key, &err));
    assert_int_equal(strcmp(key, w->key) != 0, differs);
    bool recalled = cao_pastures_recall(w->memory, key, &w->src, &made);
    assert_int_equal(recalled, !differs);
    cao_pastures_made_release(&made);
}

static void whatever_decides_is_asked_for(void **state)
{
    (void)state;
    struct world w;
    struct cao_error err = { 0 };
    char beside[CAO_PATH_MAX], text[sizeof two];
    make(&w, "decides");
    another(&w, "auto", 10, false);
    another(&w, "EPSG:32646", 10, true);
    another(&w, "auto", 20, true);
    const struct cao_pasture_source own = w.src;
    w.src.where = "id = '8'";
    another(&w, "auto", 10, true);
    w.src = own;
    w.src.name_field = "村";
    another(&w, "auto", 10, true);
    w.src = own;
    w.src.n_groups = 0;
    another(&w, "auto", 10, true);
    w.src = own;
    w.src.crs = "EPSG:4490";
    another(&w, "auto", 10, true);
    w.src = own;
    memcpy(text, two, sizeof two); /* as long as before, one coordinate differs */
    *strstr(text, "98.5") = '7';
    assert_ok(cao_file_write(w.layer, text, sizeof two - 1, &err));
    another(&w, "auto", 10, true);
    assert_ok(cao_file_write(w.layer, two, sizeof two - 1, &err));
    another(&w, "auto", 10, false);
    snprintf(beside, sizeof beside, "%.*s.cpg", (int)(strlen(w.layer) - 8), w.layer);
    assert_ok(cao_file_write(beside, "GBK", 3, &err));
    another(&w, "auto", 10, true);
    release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_remembered_is_what_was_read),
        cmocka_unit_test(a_torn_or_foreign_file_is_no_memory),
        cmocka_unit_test(whatever_decides_is_asked_for),
    };
    return cmocka_run_group_tests_name("pastures_memory", tests, test_gdal_set_up,
                                       test_gdal_tear_down);
}
