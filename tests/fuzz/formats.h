/** @file tests/fuzz/formats.h  Targets of the formats that people write themselves, of TIFF blocks and of
 *  the records that runs leave behind. Included by targets.h. SPDX-License-Identifier: MIT */
#ifndef CAO_TESTS_FUZZ_FORMATS_H
#define CAO_TESTS_FUZZ_FORMATS_H
#include "fuzz/targets.h"

#include "caochu/check.h"
#include "caochu/fvc.h"
#include "caochu/plots.h"
#include "raster/tiff_blocks.h"
#include "sensor/calibration.h"
#include "sensor/hdf4_glance.h"
#include "sensor/rpb.h"

static inline void fuzz_plots(const uint8_t *data, size_t n)
{
    struct cao_plots p = { 0 };
    struct cao_error err = { 0 };
    const struct cao_plots_source src = { .path = fuzz_file("plots.csv", data, n) };
    if (cao_plots_load(&src, &p, &err) != CAO_OK) {
        PROMISE(err.text[0]);
        return;
    }
    for (size_t i = 0; i < p.n; i++) /* what can be used has all it needs */
        PROMISE(p.items[i].why || (p.items[i].x == p.items[i].x && p.items[i].y == p.items[i].y &&
                                   p.items[i].quadrats > 0));
    cao_plots_release(&p);
}

static inline void fuzz_calibration(const uint8_t *data, size_t n)
{
    struct cao_calibrations c = { 0 };
    struct cao_error err = { 0 };
    if (cao_calibrations_read(fuzz_file("gaofen.yaml", data, n), &c, &err) == CAO_OK)
        cao_calibrations_release(&c);
    else
        PROMISE(err.text[0]);
}

static inline void fuzz_endmembers(const uint8_t *data, size_t n)
{
    struct cao_profile p = { 0 };
    struct cao_error err = { 0 };
    PROMISE(cao_profile_load("nyt635-2015", ".", "src/profiles", "", &p, &err) == CAO_OK);
    if (cao_fvc_read(fuzz_file("cover.yaml", data, n), &p, &err) == CAO_OK) {
        for (size_t i = 0; i < p.n_types; i++)
            PROMISE(p.types[i].fvc_soil.value < p.types[i].fvc_full.value);
    } else {
        PROMISE(err.text[0]);
    }
    cao_profile_release(&p);
}

/* The camera model of a raw image. */
static inline void fuzz_rpb(const uint8_t *data, size_t n)
{
    struct cao_rpc rpc = { 0 };
    struct cao_error err = { 0 };
    char *text = malloc(n + 1);
    PROMISE(text);
    memcpy(text, data, n);
    text[n] = '\0';
    if (cao_rpb_parse(text, "a.rpb", &rpc, &err) == CAO_OK)
        PROMISE(rpc.line_scale > 0 && rpc.samp_scale > 0 && rpc.lat_scale > 0 &&
                rpc.long_scale > 0 && rpc.height_scale > 0);
    else
        PROMISE(err.text[0]);
    free(text);
}

static inline void fuzz_tiff(const uint8_t *data, size_t n)
{
    const char *path = fuzz_file("a.tif", data, n);
    struct cao_tiff *t = cao_tiff_open(path);
    struct cao_tiff_decoder *d = cao_tiff_decoder_create();
    PROMISE(d);
    if (t) {
        const struct cao_tiff_shape *s = cao_tiff_shape(t);
        size_t cells = (size_t)s->block_cols * (size_t)s->block_rows;
        PROMISE(s->width > 0 && s->height > 0 && s->block_cols > 0 && s->block_rows > 0 &&
                cells <= CAO_TIFF_MOST_PIXELS);
        void *room = malloc(cells * (s->is_float ? sizeof(float) : sizeof(uint16_t)));
        PROMISE(room);
        int cols = (s->width - 1) / s->block_cols + 1, rows = (s->height - 1) / s->block_rows + 1;
        for (int r = 0; r < rows && r < 3; r++)
            for (int c = 0; c < cols && c < 3; c++)
                (void)(s->is_float ? cao_tiff_decode_floats(t, d, c, r, room)
                                   : cao_tiff_decode(t, d, c, r, room));
        free(room);
    }
    cao_tiff_decoder_destroy(d);
    cao_tiff_close(t);
    struct cao_check_counts counts = { 0 };
    struct cao_findings findings = { 0 };
    struct cao_error err = { 0 };
    PROMISE(cao_check(path, &counts, &findings, &err) == CAO_OK);
    cao_findings_release(&findings);
}

static inline bool fuzz_any_field(const char *field)
{
    return field[0] != '\0';
}

/* What is told of a file's grids is whole. */
static inline void fuzz_hdf4(const uint8_t *data, size_t n)
{
    static const char *const keys[] = { "scale_factor", "HDFEOSVersion", NULL };
    struct cao_hdf hdf = { 0 };
    if (cao_hdf_glance(fuzz_file("a.hdf", data, n), fuzz_any_field, keys, &hdf) != CAO_GLANCE_TOLD)
        return;
    PROMISE(hdf.n > 0);
    for (size_t i = 0; i < hdf.n; i++) {
        const struct cao_hdf_field *f = &hdf.fields[i];
        PROMISE(f->name[0] && f->path[0] && f->crs[0] && f->width > 0 && f->height > 0 &&
                f->geotransform[1] > 0 && f->geotransform[5] < 0);
    }
    free(hdf.fields);
}

/* run.json and tile.json of a results folder that someone sends. */
static inline void fuzz_record(const uint8_t *data, size_t n)
{
    struct cao_check_counts counts = { 0 };
    struct cao_findings findings = { 0 };
    struct cao_error err = { 0 };
    char folder[CAO_PATH_MAX];
    (void)fuzz_file("results/peak/tiles/r000c000/tile.json", data, n);
    (void)fuzz_file("results/peak/ndvi.vrt", data, n);
    cao_path_dir(folder, fuzz_file("results/run.json", data, n));
    PROMISE(cao_check(folder, &counts, &findings, &err) == CAO_OK);
    cao_findings_release(&findings);
}
#endif
