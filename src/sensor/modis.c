/* SPDX-License-Identifier: MIT
 * MODIS land products on the sinusoidal grid: surface reflectance MOD09 (Vermote et al., user guide of
 * collection 6) and vegetation indices MOD13 (Didan et al., user guide of collection 6.1), Terra and
 * Aqua, as HDF4-EOS or as GeoTIFF per layer (MRT, MODIStsp, cloud mirrors, AppEEARS).
 *
 * The scale is that of the product, 0.0001 of all layers used here. What files declare is only checked:
 * MOD13 declares 10000, to divide by, and MOD09 declares 0.0001, to multiply with. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "sensor/agree.h"
#include "sensor/sensor.h"

#define NONE ((double)NAN)
static const double scale = 1e-4;

/* VI Quality. MODLAND (bits 0, 1): 2 most probably cloudy, 3 not produced. Usefulness (2 to 5): from 13
 * on not useful. Land and water (11 to 13): 1 land, 2 shore, 4 ephemeral water. Bit 8, next to cloud, is
 * set in most of a rainy season's pixels and is not used. */
static const struct cao_qa_rule vi_quality[] = {
    { 3u, 3u, CAO_OUTSIDE },
    { 3u, 2u, CAO_CLOUD },
    { 0xFu << 2, 13u << 2, CAO_SATURATED },
    { 0xFu << 2, 14u << 2, CAO_SATURATED },
    { 0xFu << 2, 15u << 2, CAO_SATURATED },
    { 1u << 10, 1u << 10, CAO_CLOUD },
    { 1u << 14, 1u << 14, CAO_SNOW },
    { 1u << 15, 1u << 15, CAO_SHADOW },
    { 7u << 11, 0u << 11, CAO_WATER },
    { 7u << 11, 3u << 11, CAO_WATER },
    { 7u << 11, 5u << 11, CAO_WATER },
    { 7u << 11, 6u << 11, CAO_WATER },
    { 7u << 11, 7u << 11, CAO_WATER },
    { 3u << 6, 3u << 6, CAO_AEROSOL },
};
/* Pixel reliability: 0 good, 1 marginal, 2 snow, 3 cloud, 4 estimated from other years, -1 none. */
static const struct cao_qa_rule reliability[] = {
    { 0xFF, 0xFF, CAO_OUTSIDE },
    { 0xFF, 4, CAO_OUTSIDE },
    { 0xFF, 2, CAO_SNOW },
    { 0xFF, 3, CAO_CLOUD },
};
/* State of MOD09A1, Q1 and GA. Cloud (0, 1): 1 cloudy, 2 mixed; 2 shadow; land and water (3 to 5) as
 * above; aerosol (6, 7): 3 high; cirrus (8, 9): 2 average, 3 high; 10 internal cloud; 12 and 15 snow. */
static const struct cao_qa_rule state[] = {
    { 0xFFFF, 0xFFFF, CAO_OUTSIDE },
    { 3u, 1u, CAO_CLOUD },
    { 3u, 2u, CAO_CLOUD },
    { 1u << 10, 1u << 10, CAO_CLOUD },
    { 1u << 2, 1u << 2, CAO_SHADOW },
    { 3u << 8, 2u << 8, CAO_CIRRUS },
    { 3u << 8, 3u << 8, CAO_CIRRUS },
    { 1u << 12, 1u << 12, CAO_SNOW },
    { 1u << 15, 1u << 15, CAO_SNOW },
    { 7u << 3, 0u << 3, CAO_WATER },
    { 7u << 3, 3u << 3, CAO_WATER },
    { 7u << 3, 5u << 3, CAO_WATER },
    { 7u << 3, 6u << 3, CAO_WATER },
    { 7u << 3, 7u << 3, CAO_WATER },
    { 3u << 6, 3u << 6, CAO_AEROSOL },
};
/* QC of MOD09GQ. MODLAND: 2 cloud, 3 not produced; quality of band 1 (4 to 7) and 2 (8 to 11): from 7 on
 * the detector is noisy or dead, the sun too low, or the input missing. It does not know clouds but
 * those that stopped the correction: a brightness test stands in. */
static const struct cao_qa_rule gq_quality[] = {
    { 0xFFFF, 0xFFFF, CAO_OUTSIDE },
    { 3u, 3u, CAO_OUTSIDE },
    { 3u, 2u, CAO_CLOUD },
    { 8u << 4, 8u << 4, CAO_SATURATED },
    { 15u << 4, 7u << 4, CAO_SATURATED },
    { 8u << 8, 8u << 8, CAO_SATURATED },
    { 15u << 8, 7u << 8, CAO_SATURATED },
};
static const double gq_red_of_cloud = 0.3;
#define RULES(list) list, sizeof(list) / sizeof(list)[0]

/* A layer by the words that end its field's name, or stand in its file's name; '|' between them. */
struct layer_row {
    const char *names;
    int band; /* enum cao_band, or -1 - quality layer */
    double fill, saturated;
    const struct cao_qa_rule *rules;
    size_t n_rules;
    uint16_t outside;
};
static const struct layer_row vi_rows[] = {
    { "ndvi", CAO_BAND_NDVI, -3000, NONE, NULL, 0, 0 },
    { "evi", CAO_BAND_EVI, -3000, NONE, NULL, 0, 0 },
    { "red_reflectance|rr", CAO_BAND_R, -1000, 10001, NULL, 0, 0 },
    { "nir_reflectance|nirr", CAO_BAND_N2, -1000, 10001, NULL, 0, 0 },
    { "blue_reflectance|br", CAO_BAND_B, -1000, 10001, NULL, 0, 0 },
    { "mir_reflectance|mirr", CAO_BAND_S2, -1000, 10001, NULL, 0, 0 },
    { "vi_quality|viq", -1, NONE, NONE, RULES(vi_quality), 0xFFFF },
    { "pixel_reliability|pr", -2, NONE, NONE, RULES(reliability), 0xFF },
    { NULL, 0, 0, 0, NULL, 0, 0 },
};
static const struct layer_row sr_rows[] = {
    { "sur_refl_b01|sur_refl_b01_1", CAO_BAND_R, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_b02|sur_refl_b02_1", CAO_BAND_N2, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_b03|sur_refl_b03_1", CAO_BAND_B, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_b04|sur_refl_b04_1", CAO_BAND_G, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_b06|sur_refl_b06_1", CAO_BAND_S1, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_b07|sur_refl_b07_1", CAO_BAND_S2, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_state_500m|sur_refl_state_250m|state_1km|state_1km_1|sur_refl_state", -1, NONE,
      NONE, RULES(state), 0xFFFF },
    { NULL, 0, 0, 0, NULL, 0, 0 },
};

static const struct layer_row gq_rows[] = {
    { "sur_refl_b01|sur_refl_b01_1", CAO_BAND_R, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_b02|sur_refl_b02_1", CAO_BAND_N2, -28672, 16001, NULL, 0, 0 },
    { "qc_250m|qc_250m_1", -1, NONE, NONE, RULES(gq_quality), 0xFFFF },
    { NULL, 0, 0, 0, NULL, 0, 0 },
};

static const struct product_row {
    const char *name; /* without MOD or MYD */
    const struct layer_row *layers;
    const char *quality; /* what it must have besides bands */
} products[] = {
    { "09A1", sr_rows, "sur_refl_state_500m" },
    { "09GA", sr_rows, "state_1km" },
    { "09Q1", sr_rows, "sur_refl_state_250m" },
    { "09GQ", gq_rows, "QC_250m" },
    { "13Q1", vi_rows, "VI Quality or pixel reliability" },
    { "13A1", vi_rows, "VI Quality or pixel reliability" },
    { "13A2", vi_rows, "VI Quality or pixel reliability" },
};

static const struct product_row *product_of(const char *id)
{
    for (size_t i = 0; i < sizeof products / sizeof products[0]; i++)
        if (strncmp(id + 3, products[i].name, 4) == 0)
            return &products[i];
    return NULL;
}

/* "MOD13Q1.A2024193.h25v05.061.2024210012345" before ".hdf", "_NDVI.tif" and the like. */
static const char granule_form[] = "M?D????.A#######.h##v##.###.#############";
enum { GRANULE_LENGTH = sizeof granule_form - 1 };
/* "MOD13Q1.061__250m_16_days_NDVI_doy2024193_aid0001.tif" of AppEEARS. */
static const char appeears_form[] = "M?D????.###_";

static bool is_file(const struct cao_sensor *self, const char *name, char key[CAO_KEY_SIZE])
{
    (void)self;
    bool hdf = cao_path_has_ending(name, ".hdf");
    if (strlen(name) >= CAO_KEY_SIZE || (!hdf && !cao_path_has_ending(name, ".tif")))
        return false;
    if (hdf &&
        (cao_name_begins(name, "M?D????.A#######") || cao_name_begins(name, "M?D?????.A#######"))) {
        snprintf(key, CAO_KEY_SIZE, "%s", name);
        return true;
    }
    if (!hdf && cao_name_begins(name, granule_form)) {
        snprintf(key, CAO_KEY_SIZE, "%.*s", (int)GRANULE_LENGTH, name);
        return true;
    }
    const char *day = strstr(name, "_doy"), *area = day ? strstr(day, "_aid") : NULL;
    if (!hdf && cao_name_begins(name, appeears_form) && area &&
        cao_name_begins(day, "_doy#######")) {
        snprintf(key, CAO_KEY_SIZE, "%.11s.%.10s.%.*s", name, day + 1, (int)strcspn(area + 1, "."),
                 area + 1);
        return true;
    }
    return false;
}

/* Lower case, and one '_' for whatever stands between words; '_' at both ends. */
static void normalise(const char *text, char out[160])
{
    size_t n = 0;
    out[n++] = '_';
    for (; *text && n < 157; text++) {
        if (isalnum((unsigned char)*text))
            out[n++] = (char)tolower((unsigned char)*text);
        else if (out[n - 1] != '_')
            out[n++] = '_';
    }
    if (out[n - 1] != '_')
        out[n++] = '_';
    out[n] = '\0';
}

/* Whether one of the row's names stands in the text; a field's name must end in it. */
static bool names_it(const struct layer_row *row, const char *text, bool at_end)
{
    char words[160], wanted[64];
    normalise(text, words);
    for (const char *at = row->names; *at;) {
        size_t n = strcspn(at, "|");
        snprintf(wanted, sizeof wanted, "_%.*s_", (int)n, at);
        const char *found = strstr(words, wanted);
        if (found && (!at_end || found[strlen(wanted)] == '\0'))
            return true;
        at += n + (at[n] == '|');
    }
    return false;
}

static bool is_wanted(const char *field)
{
    for (const struct layer_row *row = vi_rows; row->names; row++)
        if (names_it(row, field, true))
            return true;
    for (const struct layer_row *row = sr_rows; row->names; row++)
        if (names_it(row, field, true))
            return true;
    for (const struct layer_row *row = gq_rows; row->names; row++)
        if (names_it(row, field, true))
            return true;
    return false;
}

static enum cao_status check_scale(const char *path, double declared, struct cao_error *err)
{
    bool ok = isnan(declared) || declared == 1 || fabs(declared - 1e-4) < 1e-9 || declared == 1e4;
    return ok ? CAO_OK
              : cao_fail(
                    err, CAO_EDATA,
                    "%s: declares the scale %g, which no MODIS product of reflectance or index "
                    "has: the file was changed; get the original",
                    path, declared);
}

/* The scene's layer that a row describes. */
static struct cao_layer *layer_of(struct cao_scene *s, const struct layer_row *row)
{
    return row->band >= 0 ? &s->band[row->band] : &s->qa[-1 - row->band].layer;
}

static void set_meaning(struct cao_scene *s, const struct layer_row *row)
{
    struct cao_layer *l = layer_of(s, row);
    if (row->band >= 0) {
        l->gain = scale;
        l->fill = row->fill;
        l->saturated = row->saturated;
        return;
    }
    struct cao_qa *qa = &s->qa[-1 - row->band];
    qa->rules = row->rules;
    qa->n_rules = row->n_rules;
    qa->outside = row->outside;
}

static enum cao_status read_hdf(const struct cao_place *place, const struct layer_row *rows,
                                struct cao_scene *s, struct cao_error *err)
{
    static const char *const no_keys[] = { NULL };
    char path[CAO_PATH_MAX];
    struct cao_hdf hdf = { 0 };
    enum cao_status st = cao_path_join(path, place->dir, place->names.items[0], err);
    if (!st && strncmp(path, "/vsi", 4) == 0)
        st = cao_fail(err, CAO_EDATA, "HDF4 cannot be read inside an archive; unpack it");
    if (!st)
        st = cao_hdf_read(path, is_wanted, no_keys, place->means->glance, &hdf, err);
    for (size_t i = 0; !st && i < hdf.n; i++)
        for (const struct layer_row *row = rows; !st && row->names; row++) {
            const struct cao_hdf_field *f = &hdf.fields[i];
            if (layer_of(s, row)->path || !names_it(row, f->name, true))
                continue;
            st = row->band >= 0 ? check_scale(f->name, f->scale, err) : CAO_OK;
            if (!st)
                st = cao_hdf_layer(f, layer_of(s, row), s, err);
            if (!st)
                set_meaning(s, row);
        }
    s->unproven = hdf.glanced;
    free(hdf.fields);
    return st;
}

static enum cao_status read_tifs(const struct cao_place *place, const struct layer_row *rows,
                                 struct cao_scene *s, struct cao_error *err)
{
    bool granule = cao_name_begins(place->key, granule_form);
    struct cao_agreement agreement = { 0 };
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < place->names.n; i++) {
        const char *name = place->names.items[i];
        const char *words = granule ? name + GRANULE_LENGTH : name + sizeof appeears_form - 2;
        for (const struct layer_row *row = rows; !st && row->names; row++) {
            char path[CAO_PATH_MAX];
            struct cao_header h = { 0 };
            struct cao_layer *l = layer_of(s, row);
            if (l->path || !names_it(row, words, false))
                continue;
            st = cao_path_join(path, place->dir, name, err);
            if (!st)
                st = cao_layer_init(l, path, err);
            if (!st)
                st = cao_agreement_read(&agreement, l, s, &h, err);
            if (!st && row->band >= 0)
                st = check_scale(path, h.scale, err);
            if (!st)
                set_meaning(s, row);
            cao_header_release(&h);
            break;
        }
    }
    return st ? st : cao_agreement_check(&agreement, false, err);
}

static enum cao_status describe_name(const char *key, struct cao_scene *s, struct cao_error *err)
{
    char id[CAO_KEY_SIZE], level[8], tile[32], version[4];
    bool granule = cao_name_begins(key, granule_form);
    const char *day = granule ? strstr(key, ".A") + 2 : strstr(key, ".doy") + 4;
    snprintf(id, sizeof id, "%s", key);
    if (cao_path_has_ending(id, ".hdf"))
        id[strlen(id) - 4] = '\0';
    snprintf(level, sizeof level, "%.7s", key);
    snprintf(version, sizeof version, "%.3s", granule ? key + 24 : key + 8);
    snprintf(tile, sizeof tile, "%.30s", granule ? key + 17 : strrchr(key, '.') + 1);
    if (granule)
        tile[6] = '\0';
    enum cao_status st = cao_scene_text(&s->id, id, err);
    if (!st)
        st = cao_scene_text(&s->level, level, err);
    if (!st)
        st = cao_scene_text(&s->baseline, version, err);
    if (!st)
        st = cao_scene_text(&s->tile, tile, err);
    if (!st)
        st = cao_scene_text(&s->platform, key[1] == 'O' ? "Terra" : "Aqua", err);
    if (!st && !cao_time_ordinal(day, &s->time))
        st = cao_fail(err, CAO_EDATA, "its name holds no day: '%.10s'", day);
    s->generated = s->time;
    if (!st && granule)
        cao_time_ordinal(key + 28, &s->generated);
    s->cloud_pct = (double)NAN;
    return st;
}

/* The first quality layer comes first: a product with the second alone has that as its first. */
static void close_gap(struct cao_scene *s)
{
    if (s->qa[0].layer.path || !s->qa[1].layer.path)
        return;
    s->qa[0] = s->qa[1];
    s->qa[1] = (struct cao_qa){ 0 };
}

static enum cao_status describe(const struct cao_sensor *self, const struct cao_place *place,
                                struct cao_scene *s, struct cao_findings *findings,
                                const char **code, struct cao_error *err)
{
    (void)self;
    (void)findings;
    const char *key = place->key;
    const struct product_row *product = product_of(key);
    bool hdf = cao_path_has_ending(key, ".hdf");
    if (!product || (key[1] != 'O' && key[1] != 'Y')) {
        *code = "product-unusable";
        return cao_fail(
            err, CAO_EDATA,
            "%.7s is not used: MOD09A1, 09Q1, 09GA, 09GQ, 13Q1, 13A1, 13A2 and their MYD twins "
            "are",
            key);
    }
    if (hdf && !cao_name_begins(key, granule_form)) {
        *code = "product-unusable";
        return cao_fail(err, CAO_EDATA, "is not named like a MODIS granule: %s", granule_form);
    }
    enum cao_status st = describe_name(key, s, err);
    if (!st)
        st = hdf ? read_hdf(place, product->layers, s, err)
                 : read_tifs(place, product->layers, s, err);
    close_gap(s);
    if (product->layers == gq_rows) {
        s->bright_band = CAO_BAND_R;
        s->bright_above = gq_red_of_cloud;
    }
    *code = "missing-band";
    if (!st && !s->qa[0].layer.path)
        st = cao_fail(err, CAO_EDATA, "its layer %s is missing: without it clouds cannot be told",
                      product->quality);
    if (!st && !cao_scene_has(s, CAO_BAND_NDVI) &&
        (!cao_scene_has(s, CAO_BAND_R) || !cao_scene_has(s, CAO_BAND_N2)))
        st = cao_fail(err, CAO_EDATA, "has neither NDVI nor red and near infrared");
    return st ? st : cao_scene_stamp(s, key, strlen(key), err);
}

const struct cao_sensor cao_sensor_modis = {
    { "modis", "MODIS MOD09A1/Q1/GA/GQ, MOD13Q1/A1/A2 and MYD, HDF4 or GeoTIFF",
      "MODIS地表反射率与植被指数", "M?D??*.A*.hdf, .tif" },
    NULL,
    is_file,
    describe,
    NULL
};
