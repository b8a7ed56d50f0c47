/* SPDX-License-Identifier: MIT
 * Real images on grids of every odd kind: polar, across the 180th meridian, south of the equator in a
 * zone of the north, rotated, south up. Where a number comes to lie is compared with GDAL's own warper and
 * exact transformer; counts of codes were read from the files with numpy. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <gdal.h>
#include <gdalwarper.h>
#include <ogr_srs_api.h>

#include "support/support.h"

#include "caochu/catalog.h"
#include "caochu/file.h"
#include "caochu/reader.h"
#include "caochu/yaml.h"
#include "config/project_sensors.h"

enum { CELLS = 300 };

struct scan {
    struct cao_catalog c;
    struct cao_findings f;
    struct cao_declared *list;
    size_t n;
};

static void scan(struct scan *s, const char *yaml, const char *path)
{
    struct cao_error err = { 0 };
    struct cao_yaml *root = NULL;
    *s = (struct scan){ 0 };
    if (yaml) {
        assert_ok(cao_yaml_parse(yaml, strlen(yaml), "p.yaml", &root, &err));
        assert_ok(cao_sensors_read("p.yaml", &root->items[0], &s->list, &s->n, &err));
        cao_yaml_destroy(root);
    }
    struct cao_scan how = { .declared = s->list, .n_declared = s->n };
    assert_ok(cao_catalog_scan_with(&how, &path, 1, &s->c, &s->f, NULL, &err));
}

static void release(struct scan *s)
{
    cao_catalog_release(&s->c);
    cao_findings_release(&s->f);
    cao_sensors_free(s->list, s->n);
}

static const struct cao_scene *scene_named(const struct scan *s, const char *part)
{
    for (size_t i = 0; i < s->c.n; i++)
        if (strstr(s->c.scenes[i].id, part))
            return &s->c.scenes[i];
    fail_msg("no scene with %s", part);
    return NULL;
}

/* CELLS x CELLS cells around the middle of a layer, in a CRS of choice; NULL: its own. */
static void grid_over(struct cao_grid *g, const struct cao_scene *s, const struct cao_layer *l,
                      const char *crs, double res, double right_m)
{
    struct cao_error err = { 0 };
    const double *t = l->geotransform;
    double px = l->width / 2.0, py = l->height / 2.0;
    double x = t[0] + px * t[1] + py * t[2] + right_m, y = t[3] + px * t[4] + py * t[5];
    if (crs) {
        OGRSpatialReferenceH from = OSRNewSpatialReference(s->crs), to = OSRNewSpatialReference("");
        OSRSetAxisMappingStrategy(from, OAMS_TRADITIONAL_GIS_ORDER);
        assert_int_equal(OSRSetFromUserInput(to, crs), OGRERR_NONE);
        OSRSetAxisMappingStrategy(to, OAMS_TRADITIONAL_GIS_ORDER);
        OGRCoordinateTransformationH ct = OCTNewCoordinateTransformation(from, to);
        assert_true(OCTTransform(ct, 1, &x, &y, NULL));
        OCTDestroyCoordinateTransformation(ct);
        OSRDestroySpatialReference(from);
        OSRDestroySpatialReference(to);
    }
    assert_ok(cao_grid_init(g, crs ? crs : s->crs, res * floor(x / res - CELLS / 2.0),
                            res * ceil(y / res + CELLS / 2.0), res, CELLS, CELLS, 512, &err));
}

/* What GDAL puts into the grid's cells, nearest neighbour; -12345 where there is no image. */
static void warp(const char *path, int band, const struct cao_grid *g, float *out)
{
    GDALDatasetH from = GDALOpen(path, GA_ReadOnly);
    GDALDatasetH to =
        GDALCreate(GDALGetDriverByName("MEM"), "", g->cols, g->rows, 1, GDT_Float32, NULL);
    double t[6] = { g->x0, g->res_m, 0, g->y0, 0, -g->res_m };
    assert_non_null(from);
    assert_int_equal(GDALSetGeoTransform(to, t), CE_None);
    assert_int_equal(GDALSetProjection(to, g->crs), CE_None);
    assert_int_equal(GDALFillRaster(GDALGetRasterBand(to, 1), -12345, 0), CE_None);
    GDALWarpOptions *o = GDALCreateWarpOptions();
    o->hSrcDS = from;
    o->hDstDS = to;
    o->nBandCount = 1;
    o->panSrcBands = CPLMalloc(sizeof(int));
    o->panDstBands = CPLMalloc(sizeof(int));
    o->panSrcBands[0] = band;
    o->panDstBands[0] = 1;
    o->pfnTransformer = GDALGenImgProjTransform;
    o->pTransformerArg = GDALCreateGenImgProjTransformer(from, NULL, to, NULL, FALSE, 0, 0);
    assert_non_null(o->pTransformerArg);
    GDALWarpOperationH w = GDALCreateWarpOperation(o);
    assert_non_null(w);
    assert_int_equal(GDALChunkAndWarpImage(w, 0, 0, g->cols, g->rows), CE_None);
    GDALDestroyWarpOperation(w);
    GDALDestroyGenImgProjTransformer(o->pTransformerArg);
    GDALDestroyWarpOptions(o);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(to, 1), GF_Read, 0, 0, g->cols, g->rows, out,
                                  g->cols, g->rows, GDT_Float32, 0, 0),
                     CE_None);
    GDALClose(from);
    GDALClose(to);
}

/* The codes of layer @p l, read as a quality layer, are those that GDAL puts there. Returns the share of the
 * cells that the image reaches. */
static double placed_as_by_gdal(const struct cao_scene *of, const struct cao_layer *l,
                                const struct cao_grid *g)
{
    struct cao_error err = { 0 };
    struct cao_reader *r = NULL;
    struct cao_window w = { 0, 0, CELLS, CELLS };
    struct cao_scene s = *of;
    static uint16_t got[CELLS * CELLS];
    static float want[CELLS * CELLS];
    size_t same = 0, inside = 0;
    s.qa[0].layer = *l;
    s.qa[0].layer.fill = (double)NAN;
    s.qa[0].outside = 65535;
    assert_ok(cao_reader_open(&s, g, &r, &err));
    assert_ok(cao_reader_qa(r, 0, &w, got, &err));
    cao_reader_close(r);
    warp(l->path, l->file_band > 0 ? l->file_band : 1, g, want);
    for (int i = 0; i < CELLS * CELLS; i++) {
        bool in = want[i] > -12345;
        inside += in;
        same += in ? (float)got[i] == want[i] : got[i] == 65535;
    }
    if ((double)same < 0.998 * CELLS * CELLS)
        fail_msg("%s on %s: %zu of %d cells as by GDAL", l->path, g->crs_name, same, CELLS * CELLS);
    return (double)inside / (CELLS * CELLS);
}

static float *band_of(const struct cao_scene *s, enum cao_band b, const struct cao_grid *g)
{
    struct cao_error err = { 0 };
    struct cao_reader *r = NULL;
    struct cao_window w = { 0, 0, g->cols, g->rows };
    float *v = malloc((size_t)g->cols * (size_t)g->rows * sizeof *v);
    assert_ok(cao_reader_open(s, g, &r, &err));
    assert_ok(cao_reader_band(r, b, &w, v, &err));
    cao_reader_close(r);
    return v;
}

/* Pixels of the file by reason. */
static void count_file(const struct cao_scene *s, uint64_t counts[CAO_N_REASONS])
{
    static uint8_t table[CAO_QA_CODES];
    const struct cao_layer *l = &s->qa[0].layer;
    size_t n = (size_t)l->width * (size_t)l->height;
    uint16_t *qa = malloc(n * sizeof *qa);
    uint8_t *reason = calloc(n, 1);
    GDALDatasetH d = GDALOpen(l->path, GA_ReadOnly);
    assert_non_null(d);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, 1), GF_Read, 0, 0, l->width, l->height, qa,
                                  l->width, l->height, GDT_UInt16, 0, 0),
                     CE_None);
    GDALClose(d);
    cao_mask_table(s->qa[0].rules, s->qa[0].n_rules, 0xFFFFFFFFu, table);
    static uint16_t meaning[CAO_QA_CODES];
    cao_qa_meaning(table, NULL, meaning);
    cao_qa_translate(meaning, qa, n);
    cao_mask_join(qa, reason, n);
    memset(counts, 0, CAO_N_REASONS * sizeof *counts);
    cao_mask_count(reason, n, counts);
    free(qa);
    free(reason);
}

/* Landsat 8 over Greenland (UTM 24 north), Antarctica (polar stereographic) and the Amazon, 2 to 4 degrees
 * south with the negative northings of a northern zone. */
static void landsat_of_the_poles_and_across_the_equator(void **state)
{
    (void)state;
    NEED_DATA("landsat_odd_grids");
    static const struct {
        const char *id, *crs_name, *other;
        uint64_t outside, cloud, shadow, snow, clear;
    } cases[] = {
        /* numpy: bit 0; bits 3 or 1; 4; 5; none of them */
        { "005009_20150710", "EPSG:32624", "EPSG:32625", 124772,
          73833 + 1274 + 813 + 2909 + 440 + 1178, 2497 + 634, 52484 + 1310, 0 },
        { "099120_20191129", NULL, "EPSG:3031", 134818, 127326, 0, 0, 0 },
        { "001062_20201031", "EPSG:32620", "EPSG:32720", 44854, 24286 + 77092, 62, 0, 0 },
    };
    struct scan s;
    scan(&s, NULL, test_data("landsat_odd_grids"));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct cao_scene *l = scene_named(&s, cases[i].id);
        const struct cao_layer *qa = &l->qa[0].layer, *red = &l->band[CAO_BAND_R];
        struct cao_grid g;
        uint64_t counts[CAO_N_REASONS];
        if (cases[i].crs_name)
            assert_string_equal(l->crs_name, cases[i].crs_name);
        count_file(l, counts);
        assert_int_equal(counts[CAO_OUTSIDE], cases[i].outside);
        assert_int_equal(counts[CAO_CLOUD], cases[i].cloud);
        assert_int_equal(counts[CAO_SHADOW], cases[i].shadow);
        assert_int_equal(counts[CAO_SNOW], cases[i].snow);
        assert_int_equal(counts[CAO_CLEAR], cases[i].clear);
        grid_over(&g, l, qa, NULL, 540, 0);
        assert_true(placed_as_by_gdal(l, qa, &g) > 0.99);
        cao_grid_release(&g);
        grid_over(&g, l, qa, cases[i].other, 540, 0);
        assert_true(placed_as_by_gdal(l, qa, &g) > 0.99);
        assert_true(placed_as_by_gdal(l, red, &g) > 0.99);
        cao_grid_release(&g);
    }
    release(&s);
}

/* In zone 60 with its eastern part beyond 180 degrees: seen from zone 1 it lies as GDAL has it. */
static void an_image_across_the_antimeridian(void **state)
{
    (void)state;
    NEED_DATA("landsat_odd_grids/antimeridian/cog_dateline.tif");
    struct scan s;
    struct cao_grid g;
    char *dir = test_folder("antimeridian");
    test_shell("cp --no-preserve=mode '%s' '%s/a_20200101.tif'",
               test_data("landsat_odd_grids/antimeridian/cog_dateline.tif"), dir);
    scan(&s, "sensors: [{name: a, files: 'a_{date}.tif', bands: {R: 1, N: 1}, scale: 0.0001}]",
         dir);
    assert_int_equal(s.c.n, 1);
    const struct cao_scene *a = &s.c.scenes[0];
    const struct cao_layer *l = &a->band[CAO_BAND_R];
    assert_string_equal(a->crs_name, "EPSG:32660");
    static const char *const crs[] = { NULL, "EPSG:32601", "EPSG:3832" };
    for (size_t i = 0; i < 3;
         i++) /* on both sides of the meridian, which is 25 km right of the middle */
        for (int k = 0; k < 3; k++) {
            grid_over(&g, a, l, crs[i], 100, (double)(k - 1) * 60000);
            assert_true(placed_as_by_gdal(a, l, &g) > 0.99);
            cao_grid_release(&g);
        }
    release(&s);
    free(dir);
}

static void a_rotated_image(void **state)
{
    (void)state;
    NEED_DATA("landsat_odd_grids/rotated/rotated.tif");
    struct scan s;
    struct cao_grid g;
    struct cao_error err = { 0 };
    char *dir = test_folder("rotated");
    test_shell("cp --no-preserve=mode '%s' '%s/a_20200101.tif'",
               test_data("landsat_odd_grids/rotated/rotated.tif"), dir);
    test_shell("cd '%s' && gdal_translate -q -a_srs EPSG:32647 a_20200101.tif a_20200102.tif", dir);
    scan(&s, "sensors: [{name: a, files: 'a_{date}.tif', bands: {R: 1, N: 1}, scale: 0.001}]", dir);
    assert_int_equal(s.c.n, 1);
    assert_int_equal(s.c.n_refused, 1); /* as it is, it has no CRS */
    assert_non_null(strstr(s.c.refused[0].path, "a_20200101"));
    assert_non_null(strstr(s.c.refused[0].reason, "no place on the ground"));
    const struct cao_scene *a = &s.c.scenes[0];
    grid_over(&g, a, &a->band[CAO_BAND_R], NULL, 2, 0);
    double share = placed_as_by_gdal(a, &a->band[CAO_BAND_R], &g);
    assert_true(fabs(share - 150 * 200.0 / (600 * 600)) < 0.002); /* 150 pixels of 20 by 10 m */
    cao_grid_release(&g);
    /* the middle of pixel (column 4, row 7), whose number is 74: 10 x 7 + 4 */
    const double *t = a->band[CAO_BAND_R].geotransform;
    double x = t[0] + 4.5 * t[1] + 7.5 * t[2], y = t[3] + 4.5 * t[4] + 7.5 * t[5];
    assert_ok(cao_grid_init(&g, a->crs, x - 0.5, y + 0.5, 1, 1, 1, 256, &err));
    float *v = band_of(a, CAO_BAND_R, &g);
    assert_true(fabs((double)v[0] - 0.074) < 1e-5);
    free(v);
    cao_grid_release(&g);
    release(&s);
    free(dir);
}

/* Half-degree cells of the whole earth, the south on top. The real file holds no data at all; a copy of its
 * grid gets numbers. */
static void a_south_up_image_in_degrees(void **state)
{
    (void)state;
    NEED_DATA("landsat_odd_grids/south_up/inverted_lat.tif");
    struct scan s;
    struct cao_grid g;
    char *dir = test_folder("south up"), path[CAO_PATH_MAX];
    test_shell("cp --no-preserve=mode '%s' '%s/a_20200101.tif'",
               test_data("landsat_odd_grids/south_up/inverted_lat.tif"), dir);
    snprintf(path, sizeof path, "%s/a_20200102.tif", dir);
    GDALDatasetH real = GDALOpen(test_data("landsat_odd_grids/south_up/inverted_lat.tif"),
                                 GA_ReadOnly),
                 d = GDALCreate(GDALGetDriverByName("GTiff"), path, 720, 360, 1, GDT_UInt16, NULL);
    double t[6];
    uint16_t *dn = malloc(720 * 360 * sizeof *dn);
    for (int i = 0; i < 720 * 360; i++)
        dn[i] = (uint16_t)(1 + i % 65000);
    assert_int_equal(GDALGetGeoTransform(real, t), CE_None);
    assert_true(t[5] > 0);
    assert_int_equal(GDALSetGeoTransform(d, t), CE_None);
    assert_int_equal(GDALSetProjection(d, GDALGetProjectionRef(real)), CE_None);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, 1), GF_Write, 0, 0, 720, 360, dn, 720, 360,
                                  GDT_UInt16, 0, 0),
                     CE_None);
    GDALClose(real);
    GDALClose(d);
    free(dn);
    scan(&s, "sensors: [{name: a, files: 'a_{date}.tif', bands: {R: 1, N: 1}, scale: 0.0001}]",
         dir);
    assert_int_equal(s.c.n, 2);
    const struct cao_scene *a = scene_named(&s, "20200102"), *empty = scene_named(&s, "20200101");
    struct cao_error err = { 0 };
    /* over Qinghai, and as far south */
    static const char *const crs[] = { "EPSG:32647", "EPSG:32747" };
    for (int k = 0; k < 2; k++) {
        assert_ok(cao_grid_init(&g, crs[k], 200000, k == 0 ? 4400000 : 6200000, 2000, CELLS, CELLS,
                                512, &err));
        struct cao_window reach;
        assert_ok(cao_grid_scene_window(&g, a, &reach, &err));
        assert_true(reach.cols == CELLS &&
                    reach.rows == CELLS); /* though its edges have no place there */
        assert_true(placed_as_by_gdal(a, &a->band[CAO_BAND_R], &g) == 1);
        float *v = band_of(empty, CAO_BAND_R, &g);
        for (int i = 0; i < CELLS * CELLS; i++)
            assert_true(isnan(v[i]));
        free(v);
        cao_grid_release(&g);
    }
    release(&s);
    free(dir);
}

/* Two bands of signed numbers, of which the file says each one's scale and offset: what the project says
 * counts, and where both differ the difference is named, of whichever band. */
static void scale_and_offset_that_the_file_declares(void **state)
{
    (void)state;
    NEED_DATA("landsat_odd_grids/scale_offset/cog_scale.tif");
    static const struct {
        const char *yaml, *code, *words;
        double gain, offset;
    } cases[] = {
        { "sensors: [{name: a, files: 'a_{date}.tif', bands: {R: 1, N: 1}, scale: 0.0001, offset: "
          "1000, cloud_above: {R: 2}}]",
          NULL, NULL, 1e-4, 1000 },
        { "sensors: [{name: a, files: 'a_{date}.tif', bands: {R: 1, N: 2}, scale: 0.0001, offset: "
          "1000, cloud_above: {R: 2}}]",
          "scale-differs", "band 2 of the file declares the scale 0.001", 1e-4, 1000 },
        { "sensors: [{name: a, files: 'a_{date}.tif', bands: {R: 1, N: 1}, scale: 0.0001, "
          "cloud_above: {R: 2}}]",
          "offset-differs", "band 1 of the file declares the offset 1000", 1e-4, 0 },
    };
    char *dir = test_folder("scale and offset");
    const char *real = test_data("landsat_odd_grids/scale_offset/cog_scale.tif");
    int16_t dn[256 * 256];
    GDALDatasetH d = GDALOpen(real, GA_ReadOnly);
    assert_non_null(d);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, 1), GF_Read, 0, 0, 256, 256, dn, 256, 256,
                                  GDT_Int16, 0, 0),
                     CE_None);
    GDALClose(d);
    test_shell("cp --no-preserve=mode '%s' '%s/a_20200101.tif'", real, dir);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scan s;
        struct cao_grid g;
        struct cao_error err = { 0 };
        scan(&s, cases[i].yaml, dir);
        assert_int_equal(s.c.n, 1);
        assert_int_equal(s.f.n, cases[i].code ? 1 : 0);
        if (cases[i].code) {
            assert_string_equal(s.f.items[0].code, cases[i].code);
            assert_non_null(strstr(s.f.items[0].text, cases[i].words));
        }
        const struct cao_layer *l = &s.c.scenes[0].band[CAO_BAND_R];
        const double *t = l->geotransform;
        assert_ok(cao_grid_init(&g, s.c.scenes[0].crs, t[0], t[3], t[1], 256, 256, 256, &err));
        float *v = band_of(&s.c.scenes[0], CAO_BAND_R, &g);
        size_t below = 0;
        for (int k = 0; k < 256 * 256; k++) {
            double want = dn[k] * cases[i].gain + cases[i].offset;
            below += dn[k] < 0;
            assert_true(dn[k] == 0 ? isnan(v[k]) /* the file's no data */
                                   : fabs((double)v[k] - want) <= 1e-4);
        }
        assert_true(below > 0); /* numbers below 0 stay what they are */
        free(v);
        cao_grid_release(&g);
        release(&s);
    }
    free(dir);
}

/* Real bands of tile 19UDP and the scene classes of another tile, in zone 1 south, under names that end in .jp2
 * although they are GeoTIFFs. */
static void a_mask_of_another_tile_is_refused(void **state)
{
    (void)state;
    NEED_DATA("landsat_odd_grids/s2_l2a_scl_grid_mismatch_19UDP");
    struct scan s;
    struct cao_grid g;
    char *dir = test_folder("another tile");
    test_shell("for b in B04 B8A SCL; do cp --no-preserve=mode '%s'/$b.jp2 '%s'/${b}_20200101.jp2; "
               "done",
               test_data("landsat_odd_grids/s2_l2a_scl_grid_mismatch_19UDP"), dir);
    scan(&s,
         "sensors: [{name: a, files: '{band}_{date}.jp2', bands: {R: B04, N2: B8A}, scale: 0.0001, "
         "qa: {band: SCL, cloud: 9}}]",
         dir);
    assert_int_equal(s.c.n, 0);
    assert_non_null(strstr(s.c.refused[0].reason, "SCL_20200101.jp2: lies elsewhere"));
    assert_non_null(strstr(s.c.refused[0].reason, "in EPSG:32701) than the bands"));
    release(&s);
    scan(&s,
         "sensors: [{name: a, files: '{band}_{date}.jp2', bands: {R: B04, N2: B8A}, scale: 0.0001, "
         "cloud_above: {R: 0.4}}]",
         dir);
    assert_int_equal(s.c.n, 1);
    grid_over(&g, &s.c.scenes[0], &s.c.scenes[0].band[CAO_BAND_R], "EPSG:32618", 300, 0);
    assert_true(placed_as_by_gdal(&s.c.scenes[0], &s.c.scenes[0].band[CAO_BAND_R], &g) > 0.99);
    cao_grid_release(&g);
    release(&s);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(landsat_of_the_poles_and_across_the_equator),
        cmocka_unit_test(an_image_across_the_antimeridian),
        cmocka_unit_test(a_rotated_image),
        cmocka_unit_test(a_south_up_image_in_degrees),
        cmocka_unit_test(scale_and_offset_that_the_file_declares),
        cmocka_unit_test(a_mask_of_another_tile_is_refused),
    };
    return cmocka_run_group_tests_name("odd grids", tests, test_gdal_set_up, test_gdal_tear_down) !=
           0;
}
