/** @file tests/fuzz/targets.h  What is fed with hostile bytes: one function for each kind of input.
 *
 *  Each must come back with a status, never crash, leak or read outside; what it accepts must keep the
 *  promises of its header. fuzz_main.c runs one under libFuzzer; test_corpus.c replays the corpora.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_TESTS_FUZZ_TARGETS_H
#define CAO_TESTS_FUZZ_TARGETS_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "caochu/arena.h"
#include "caochu/catalog.h"
#include "caochu/cover.h"
#include "caochu/expression.h"
#include "caochu/file.h"
#include "caochu/grid.h"
#include "caochu/livestock.h"
#include "caochu/mask.h"
#include "caochu/pastures.h"
#include "caochu/profile_file.h"
#include "caochu/project.h"
#include "sensor/mtl.h"
#include "vector/geometry.h"

/* A broken promise ends the program, with or without NDEBUG. */
#define PROMISE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A file of this process with the bytes in it, in a folder that is made once. */
static inline const char *fuzz_file(const char *name, const void *data, size_t n)
{
    static char dir[64], path[CAO_PATH_MAX];
    if (!dir[0]) {
        snprintf(dir, sizeof dir, "/tmp/caochu-fuzz-%ld", (long)getpid());
        PROMISE(cao_make_dirs(dir, NULL) == CAO_OK);
    }
    PROMISE(cao_path_join(path, dir, name, NULL) == CAO_OK);
    char parent[CAO_PATH_MAX];
    cao_path_dir(parent, path);
    PROMISE(cao_make_dirs(parent, NULL) == CAO_OK);
    FILE *f = fopen(path, "wb");
    PROMISE(f && fwrite(data, 1, n, f) == n && fclose(f) == 0);
    return path;
}

static inline void fuzz_project(const uint8_t *data, size_t n)
{
    struct cao_project p = { 0 };
    struct cao_error err = { 0 };
    if (cao_project_read(fuzz_file("park.yaml", data, n), &p, &err) == CAO_OK) {
        PROMISE(p.n_periods > 0 && p.grid_resolution_m > 0 && p.grid_tile_px > 0);
        for (size_t i = 0; i < p.n_periods; i++) /* a period is a folder of the output */
            PROMISE(!strchr(p.periods[i].name, '/') && strcmp(p.periods[i].name, "..") != 0);
        cao_project_release(&p);
    } else {
        PROMISE(err.text[0]);
    }
}

static inline void fuzz_profile(const uint8_t *data, size_t n)
{
    struct cao_profile p = { 0 };
    struct cao_error err = { 0 };
    const char *path = fuzz_file("p.yaml", data, n);
    if (cao_profile_load(path, ".", "src/profiles", "", &p, &err) == CAO_OK)
        cao_profile_release(&p);
    else
        PROMISE(err.text[0]);
}

static inline void fuzz_mtl(const uint8_t *data, size_t n)
{
    struct cao_mtl m = { 0 };
    struct cao_error err = { 0 };
    if (cao_mtl_parse((const char *)data, n, &m, &err) == CAO_OK) {
        (void)cao_mtl_find(&m, "IMAGE_ATTRIBUTES", "SUN_ELEVATION");
        cao_mtl_release(&m);
    } else {
        PROMISE(err.text[0]);
    }
}

/* Bytes that name the product's files must not lead out of it. */
static inline void scan(const char *folder)
{
    struct cao_catalog c = { 0 };
    struct cao_findings findings = { 0 };
    struct cao_error err = { 0 };
    if (cao_catalog_scan(&folder, 1, &c, &findings, NULL, &err) == CAO_OK) {
        for (size_t i = 0; i < c.n; i++)
            for (int b = 0; b < CAO_N_BANDS; b++)
                PROMISE(!c.scenes[i].band[b].path ||
                        strncmp(c.scenes[i].band[b].path, folder, strlen(folder)) == 0);
        cao_catalog_release(&c);
    }
    cao_findings_release(&findings);
}

static inline void fuzz_sentinel2(const uint8_t *data, size_t n)
{
    static const char name[] = "S2A_MSIL2A_20240718T040551_N0510_R047_T47SMU_20240718T092625.SAFE";
    char at[CAO_PATH_MAX], folder[CAO_PATH_MAX];
    snprintf(at, sizeof at, "s2/%s/MTD_MSIL2A.xml", name);
    cao_path_dir(folder, fuzz_file(at, data, n));
    scan(folder);
}

static inline void fuzz_landsat(const uint8_t *data, size_t n)
{
    char folder[CAO_PATH_MAX];
    cao_path_dir(folder, fuzz_file("l8/LC08_L2SP_133036_20240722_20240730_02_T1/"
                                   "LC08_L2SP_133036_20240722_20240730_02_T1_MTL.txt",
                                   data, n));
    scan(folder);
}

static inline void fuzz_csv(const uint8_t *data, size_t n)
{
    struct cao_herds h = { 0 };
    struct cao_findings findings = { 0 };
    struct cao_error err = { 0 };
    const struct cao_livestock_source src = { .path = fuzz_file("herds.csv", data, n),
                                              .id_field = "pasture_id",
                                              .species_field = "species",
                                              .heads_field = "heads" };
    if (cao_livestock_load(&src, &h, &findings, &err) == CAO_OK)
        cao_herds_release(&h);
    else
        PROMISE(err.text[0]);
    cao_findings_release(&findings);
}

/* From WKB through GEOS and projection to shares of cells. */
static inline void fuzz_wkb(const uint8_t *data, size_t n)
{
    enum { SIDE = 64 };
    OGRGeometryH g = NULL;
    struct cao_frames frames = { 0 };
    struct cao_pasture p = { 0 };
    struct cao_grid grid = { 0 };
    struct cao_error err = { 0 };
    char repair[256], *wkt = NULL, *name = NULL;
    if (n > 1 << 14 || OGR_G_CreateFromWkb(data, NULL, &g, (int)n) != OGRERR_NONE)
        return;
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    PROMISE(OSRImportFromEPSG(srs, 32647) == OGRERR_NONE);
    PROMISE(cao_crs_resolve("EPSG:32647", &wkt, &name, &err) == CAO_OK);
    PROMISE(cao_grid_init(&grid, wkt, 500000, 3800640, 10, SIDE, SIDE, SIDE, &err) == CAO_OK);
    PROMISE(cao_frames_open(&frames, srs, wkt, 0.1, &err) == CAO_OK);
    size_t n_points = 0;
    if (cao_geometry_prepare(g, &frames, &p, repair, &err) == CAO_OK) {
        n_points = p.n_rings ? p.ring_end[p.n_rings - 1] : 0;
        PROMISE(p.area_geodesic_ha >= 0 && p.area_grid_ha >= 0);
    } else {
        PROMISE(err.text[0]);
    }
    double *xy = calloc(2 * n_points + 2, sizeof *xy);
    struct cao_polygon polygon;
    bool near = xy && n_points > 0;
    if (near)
        cao_pasture_on_grid(&p, &grid, xy, &polygon);
    for (size_t i = 0; near && i < 2 * n_points; i++)
        near = xy[i] > -1048576 && xy[i] < 1048576; /* what cover.h asks of its caller */
    if (near) {
        const struct cao_window w = { 0, 0, SIDE, SIDE };
        const struct cao_cover_need need = cao_cover_need(&polygon, &w);
        struct cao_span *spans = calloc(need.spans + 1, sizeof *spans);
        void *scratch = aligned_alloc(64, (need.scratch_bytes + 64) / 64 * 64);
        PROMISE(spans && scratch);
        size_t n_spans = cao_cover(&polygon, &w, scratch, spans);
        PROMISE(n_spans <= need.spans);
        for (size_t i = 0; i < n_spans; i++)
            PROMISE(spans[i].row >= 0 && spans[i].row < SIDE && spans[i].col >= 0 &&
                    spans[i].n > 0 && spans[i].n <= SIDE - spans[i].col && spans[i].weight > 0 &&
                    spans[i].weight <= 1);
        free(scratch);
        free(spans);
    }
    free(xy);
    free(p.wkb);
    free(p.xy);
    free(p.ring_end);
    cao_frames_close(&frames);
    cao_grid_release(&grid);
    free(wkt);
    free(name);
    OSRDestroySpatialReference(srs);
    OGR_G_DestroyGeometry(g);
}

/* Rules and codes by themselves: 6 bytes a rule, up to 20, then codes. */
static inline void fuzz_qa(const uint8_t *data, size_t n)
{
    enum { MOST = 20 };
    static uint8_t table[CAO_QA_CODES];
    struct cao_qa_rule rules[MOST];
    size_t n_rules = n ? data[0] % (MOST + 1) : 0, at = n != 0;
    uint32_t removes = 0;
    if (n < at + 4 + 5 * n_rules)
        return;
    memcpy(&removes, data + at, 4);
    at += 4;
    for (size_t i = 0; i < n_rules; i++, at += 5) {
        memcpy(&rules[i].bits, data + at, 2);
        memcpy(&rules[i].equals, data + at + 2, 2);
        rules[i].reason = (enum cao_reason)(data[at + 4] % CAO_N_REASONS);
    }
    cao_mask_table(rules, n_rules, removes, table);
    size_t n_codes = (n - at) / 2, clear = 0;
    uint16_t *qa = calloc(n_codes + 1, sizeof *qa);
    uint8_t *reason = calloc(n_codes + 1, 1);
    uint64_t counts[CAO_N_REASONS] = { 0 }, sum = 0;
    PROMISE(qa && reason);
    memcpy(qa, data + at, 2 * n_codes);
    static uint16_t meaning[CAO_QA_CODES];
    cao_qa_meaning(table, NULL, meaning);
    cao_qa_translate(meaning, qa, n_codes);
    size_t said = cao_mask_join(qa, reason, n_codes);
    for (size_t i = 0; i < n_codes; i++) {
        PROMISE(reason[i] < CAO_N_REASONS);
        clear += reason[i] == CAO_CLEAR;
    }
    cao_mask_count(reason, n_codes, counts);
    for (int r = 0; r < CAO_N_REASONS; r++)
        sum += counts[r];
    PROMISE(said == clear && sum == n_codes && counts[CAO_CLEAR] == clear);
    free(qa);
    free(reason);
}

/* An expression; what is taken gives no data or a value within the range for any reflectance. */
static inline void fuzz_expression(const uint8_t *data, size_t n)
{
    enum { CELLS = 520 };
    static float rows[CAO_N_BANDS][CELLS];
    static const struct cao_constant constants[] = { { "L", 0.5 }, { "k", 3 } };
    const float *band[CAO_N_BANDS];
    struct cao_program program;
    struct cao_error err = { 0 };
    char *text = calloc(n + 1, 1);
    float vi[CELLS];
    PROMISE(text);
    memcpy(text, data, n);
    for (int b = 0; b < CAO_N_BANDS; b++) {
        for (int i = 0; i < CELLS; i++)
            rows[b][i] =
                i % 7 == 0 ? (float)(b - 3) * 1e-7f : (float)((i * 13 + b * 29) % 101) / 99;
        band[b] = rows[b];
    }
    size_t with = strstr(text, "L") ? 1 + (strstr(text, "k") != NULL) : 0;
    if (cao_expression_compile(text, constants, with, &program, &err) == CAO_OK) {
        struct cao_index ix = {
            .min = -2, .max = 3, .compute = cao_program_compute, .program = &program
        };
        PROMISE(program.needs && program.n <= CAO_PROGRAM_STEPS);
        cao_index_compute(&ix, band, vi, CELLS);
        for (int i = 0; i < CELLS; i++)
            PROMISE(vi[i] != vi[i] || (vi[i] >= -2 && vi[i] <= 3));
    } else {
        PROMISE(err.text[0]);
    }
    free(text);
}

#include "fuzz/formats.h"

static const struct fuzz_target {
    const char *name; /* and that of its corpus' folder */
    void (*feed)(const uint8_t *data, size_t n);
} fuzz_targets[] = {
    { "project", fuzz_project },
    { "profile", fuzz_profile },
    { "mtl", fuzz_mtl },
    { "sentinel2", fuzz_sentinel2 },
    { "landsat", fuzz_landsat },
    { "csv", fuzz_csv },
    { "wkb", fuzz_wkb },
    { "qa", fuzz_qa },
    { "expression", fuzz_expression },
    { "plots", fuzz_plots },
    { "calibration", fuzz_calibration },
    { "endmembers", fuzz_endmembers },
    { "rpb", fuzz_rpb },
    { "tiff", fuzz_tiff },
    { "record", fuzz_record },
    { "hdf4", fuzz_hdf4 },
};
enum { N_FUZZ_TARGETS = sizeof fuzz_targets / sizeof fuzz_targets[0] };
#endif
