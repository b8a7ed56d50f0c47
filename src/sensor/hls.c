/* SPDX-License-Identifier: MIT
 * Harmonized Landsat Sentinel-2 (NASA, HLS Product User Guide v2.0; v1.5 as HDF4). All is in the names:
 * the same number is another band in S30 and L30. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_string.h>

#include "caochu/text.h"
#include "sensor/agree.h"
#include "sensor/sensor.h"

enum { ID_LENGTH = 34, FILL = -9999, NO_CODE = 255 };
static const double scale = 1e-4;

/* Fmask. Bit 0 (cirrus) is not set to use in v2.0. What is next to cloud counts as cloud. */
#define FMASK_COMMON                                                                               \
    { 0xFF, NO_CODE, CAO_OUTSIDE }, { 1u << 1, 1u << 1, CAO_CLOUD },                               \
        { 1u << 3, 1u << 3, CAO_SHADOW }, { 1u << 2, 1u << 2, CAO_CLOUD },                         \
        { 1u << 4, 1u << 4, CAO_SNOW }, { 1u << 5, 1u << 5, CAO_WATER },                           \
    {                                                                                              \
        3u << 6, 3u << 6, CAO_AEROSOL                                                              \
    }
static const struct cao_qa_rule fmask_v2[] = { FMASK_COMMON };
static const struct cao_qa_rule fmask_v1[] = { FMASK_COMMON, { 1u << 0, 1u << 0, CAO_CIRRUS } };
enum { N_V2 = sizeof fmask_v2 / sizeof fmask_v2[0], N_V1 = sizeof fmask_v1 / sizeof fmask_v1[0] };

struct band_row {
    const char *name; /* in S30, L30; "" where it has none */
    const char *l30;
    enum cao_band band;
};
static const struct band_row bands[] = {
    { "B01", "B01", CAO_BAND_A }, { "B02", "B02", CAO_BAND_B },  { "B03", "B03", CAO_BAND_G },
    { "B04", "B04", CAO_BAND_R }, { "B05", "", CAO_BAND_RE1 },   { "B06", "", CAO_BAND_RE2 },
    { "B07", "", CAO_BAND_RE3 },  { "B08", "", CAO_BAND_N },     { "B8A", "B05", CAO_BAND_N2 },
    { "B09", "", CAO_BAND_WV },   { "B11", "B06", CAO_BAND_S1 }, { "B12", "B07", CAO_BAND_S2 },
};
enum { N_ROWS = sizeof bands / sizeof bands[0] };

static bool is_file(const struct cao_sensor *self, const char *name, char key[CAO_KEY_SIZE])
{
    (void)self;
    if (!cao_name_begins(name, "HLS.?30.T?????.#######T######.v#.#.") ||
        (name[4] != 'S' && name[4] != 'L'))
        return false;
    if (!cao_path_has_ending(name, ".tif") && !cao_path_has_ending(name, ".hdf"))
        return false;
    memcpy(key, name, ID_LENGTH);
    key[ID_LENGTH] = '\0';
    return true;
}

static const char *band_name(const struct band_row *row, bool l30)
{
    return l30 ? row->l30 : row->name;
}

/* What name and header say of the acquisition. */
static enum cao_status describe_name(const char *id, struct cao_scene *s, struct cao_error *err)
{
    char tile[6], version[5];
    snprintf(tile, sizeof tile, "%.5s", id + 9);
    snprintf(version, sizeof version, "%.4s", id + 30);
    enum cao_status st = cao_scene_text(&s->id, id, err);
    if (!st)
        st = cao_scene_text(&s->tile, tile, err);
    if (!st)
        st = cao_scene_text(&s->level, id[4] == 'S' ? "HLS S30" : "HLS L30", err);
    if (!st)
        st = cao_scene_text(&s->baseline, version, err);
    if (!st && !cao_time_ordinal(id + 15, &s->time))
        st = cao_fail(err, CAO_EDATA, "its name holds no time: '%.20s'", id + 15);
    s->generated = s->time;
    s->cloud_pct = (double)NAN;
    return st;
}

/* Platform, processing time and cloud cover as the file's metadata have them. */
static enum cao_status describe_made(const char *platform, const char *landsat, const char *made,
                                     const char *cloud, struct cao_scene *s, struct cao_error *err)
{
    int64_t generated;
    double pct;
    const char *name = s->level[4] == 'S' ? "Sentinel-2" : "Landsat 8/9";
    if (platform && platform[0])
        name = platform;
    else if (landsat && strncmp(landsat, "LC08", 4) == 0)
        name = "Landsat 8";
    else if (landsat && strncmp(landsat, "LC09", 4) == 0)
        name = "Landsat 9";
    if (made && cao_time_parse(made, &generated))
        s->generated = generated;
    if (cloud && cao_text_double(cloud, &pct) && pct >= 0)
        s->cloud_pct = pct;
    return cao_scene_text(&s->platform, name, err);
}

static enum cao_status missing(const struct cao_scene *s, const char *what, const char **code,
                               struct cao_error *err)
{
    *code = "missing-band";
    return cao_fail(err, CAO_EDATA, "%s.%s is missing or empty; download it", s->id, what);
}

static void set_scale(struct cao_layer *l)
{
    l->gain = scale;
    l->fill = FILL;
}

static void set_fmask(struct cao_scene *s)
{
    bool v1 = s->baseline[1] == '1';
    s->qa[0].rules = v1 ? fmask_v1 : fmask_v2;
    s->qa[0].n_rules = v1 ? N_V1 : N_V2;
    s->qa[0].outside = NO_CODE;
}

/* The scale is fixed by the product; a file that declares another one was changed by somebody. */
static enum cao_status check_scale(const struct cao_layer *l, const struct cao_header *h,
                                   struct cao_error *err)
{
    bool ok = (isnan(h->scale) || h->scale == 1 || fabs(h->scale - scale) < 1e-9) &&
              (isnan(h->offset) || h->offset == 0) && (isnan(h->nodata) || h->nodata == FILL);
    return ok ? CAO_OK
              : cao_fail(err, CAO_EDATA,
                         "%s: scale %g, offset %g, nodata %g are not those of HLS (0.0001, 0, "
                         "-9999): the file was changed; download it again",
                         l->path, h->scale, h->offset, h->nodata);
}

static enum cao_status find_file(const struct cao_place *place, const char *what,
                                 char path[CAO_PATH_MAX], bool *there, struct cao_error *err)
{
    char name[CAO_KEY_SIZE + 16];
    int64_t size = 0;
    snprintf(name, sizeof name, "%s.%s.tif", place->key, what);
    enum cao_status st = cao_path_join(path, place->dir, name, err);
    *there = !st && cao_place_stat(path, &size, NULL) && size > 0;
    return st;
}

static enum cao_status describe_tifs(const struct cao_place *place, struct cao_scene *s,
                                     const char **code, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    bool there, l30 = s->level[4] == 'L';
    struct cao_header h = { 0 };
    struct cao_agreement agreement = { 0 };
    enum cao_status st = find_file(place, "Fmask", path, &there, err);
    if (!st && !there)
        return missing(s, "Fmask.tif", code, err);
    if (!st)
        st = cao_layer_init(&s->qa[0].layer, path, err);
    if (!st)
        st = cao_agreement_read(&agreement, &s->qa[0].layer, s, &h, err);
    if (!st)
        st = describe_made(CSLFetchNameValue(h.metadata, "SPACECRAFT_NAME"),
                           CSLFetchNameValue(h.metadata, "LANDSAT_PRODUCT_ID"),
                           CSLFetchNameValue(h.metadata, "HLS_PROCESSING_TIME"),
                           CSLFetchNameValue(h.metadata, "cloud_coverage"), s, err);
    cao_header_release(&h);
    for (size_t i = 0; !st && i < N_ROWS; i++) {
        const char *name = band_name(&bands[i], l30);
        struct cao_layer *l = &s->band[bands[i].band];
        if (!name[0])
            continue;
        st = find_file(place, name, path, &there, err);
        if (st || !there)
            continue;
        st = cao_layer_init(l, path, err);
        set_scale(l);
        l->width = s->qa[0].layer.width;
        l->height = s->qa[0].layer.height;
        memcpy(l->geotransform, s->qa[0].layer.geotransform, sizeof l->geotransform);
        if (!st && (bands[i].band == CAO_BAND_R || bands[i].band == CAO_BAND_N ||
                    bands[i].band == CAO_BAND_N2)) {
            struct cao_layer own = { .path = l->path };
            st = cao_agreement_read(&agreement, &own, s, &h, err);
            if (!st)
                st = check_scale(l, &h, err);
            cao_header_release(&h);
        }
    }
    return st ? st : cao_agreement_check(&agreement, true, err);
}

static bool is_wanted(const char *field)
{
    if (strcmp(field, "Fmask") == 0 || strcmp(field, "QA") == 0)
        return true;
    for (size_t i = 0; i < N_ROWS; i++)
        if (strcmp(field, bands[i].name) == 0 || strcmp(field, bands[i].l30) == 0)
            return true;
    /* L30 of v1.5 calls its bands band01 ... */
    return cao_name_begins(field, "band0#") || strcmp(field, "band10") == 0;
}

static const struct cao_hdf_field *find_field(const struct cao_hdf *hdf, const char *name)
{
    char other[16];
    snprintf(other, sizeof other, "band%.8s", name[0] == 'B' ? name + 1 : name);
    for (size_t i = 0; i < hdf->n; i++)
        if (strcmp(hdf->fields[i].name, name) == 0 || strcmp(hdf->fields[i].name, other) == 0)
            return &hdf->fields[i];
    return NULL;
}

static enum cao_status describe_hdf(const struct cao_place *place, struct cao_scene *s,
                                    const char **code, struct cao_error *err)
{
    static const char *const keys[] = { "SPACECRAFT_NAME", "LANDSAT_PRODUCT_ID",
                                        "HLS_PROCESSING_TIME", "cloud_coverage", NULL };
    char path[CAO_PATH_MAX];
    struct cao_hdf hdf = { 0 };
    bool l30 = s->level[4] == 'L';
    enum cao_status st = cao_path_join(path, place->dir, place->names.items[0], err);
    if (!st && strncmp(path, "/vsi", 4) == 0)
        st = cao_fail(err, CAO_EDATA, "HDF4 cannot be read inside an archive; unpack it");
    if (!st)
        st = cao_hdf_read(path, is_wanted, keys, place->means->glance, &hdf, err);
    if (st)
        return st;
    s->unproven = hdf.glanced;
    const struct cao_hdf_field *qa = find_field(&hdf, "Fmask");
    qa = qa ? qa : find_field(&hdf, "QA");
    st = describe_made(hdf.value[0], hdf.value[1], hdf.value[2], hdf.value[3], s, err);
    if (!st && !qa)
        st = missing(s, "hdf: Fmask", code, err);
    if (!st)
        st = cao_hdf_layer(qa, &s->qa[0].layer, s, err);
    for (size_t i = 0; !st && i < N_ROWS; i++) {
        const char *name = band_name(&bands[i], l30);
        const struct cao_hdf_field *f = name[0] ? find_field(&hdf, name) : NULL;
        struct cao_header h = { .n_bands = 1,
                                .scale = f ? f->scale : 0,
                                .offset = f ? f->offset : 0,
                                .nodata = f ? f->nodata : 0 };
        if (!f)
            continue;
        st = cao_hdf_layer(f, &s->band[bands[i].band], s, err);
        set_scale(&s->band[bands[i].band]);
        if (!st)
            st = check_scale(&s->band[bands[i].band], &h, err);
    }
    free(hdf.fields);
    return st;
}

static enum cao_status describe(const struct cao_sensor *self, const struct cao_place *place,
                                struct cao_scene *s, struct cao_findings *findings,
                                const char **code, struct cao_error *err)
{
    (void)self;
    (void)findings;
    bool hdf = cao_path_has_ending(place->names.items[0], ".hdf");
    enum cao_status st = describe_name(place->key, s, err);
    if (!st)
        st = hdf ? describe_hdf(place, s, code, err) : describe_tifs(place, s, code, err);
    if (!st && !cao_scene_has(s, CAO_BAND_R))
        st = missing(s, "B04", code, err);
    if (!st && !cao_scene_has(s, CAO_BAND_N2) && !cao_scene_has(s, CAO_BAND_N))
        st = missing(s, s->level[4] == 'L' ? "B05" : "B8A", code, err);
    if (!st) {
        set_fmask(s);
        st = cao_scene_stamp(s, place->key, strlen(place->key), err);
    }
    return st;
}

const struct cao_sensor cao_sensor_hls = { { "hls", "HLS S30 and L30, v2.0 GeoTIFF or v1.5 HDF4",
                                             "哨兵陆地卫星协调产品HLS", "HLS.?30.T*.tif" },
                                           NULL,
                                           is_file,
                                           describe,
                                           NULL };
