/* SPDX-License-Identifier: MIT
 * MODIS land products on the sinusoidal grid: surface reflectance MOD09 (Vermote et al., user guide of
 * collection 6) and vegetation indices MOD13 (Didan et al., user guide of collection 6.1), Terra and
 * Aqua, as HDF4-EOS or as GeoTIFF per layer (MRT, MODIStsp, cloud mirrors, AppEEARS); and their successors
 * of VIIRS, VNP09 and VNP13 of Suomi NPP, NOAA-20 (VJ1) and NOAA-21 (VJ2), as GeoTIFF per layer.
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
#include "sensor/land_layers.h"
#include "sensor/sensor.h"

static const double scale = 1e-4;

/* "MOD13Q1.A2024193.h25v05.061.2024210012345" before ".hdf", "_NDVI.tif" and the like. */
static const char granule_form[] = "???????.A#######.h##v##.###.#############";
enum { GRANULE_LENGTH = sizeof granule_form - 1 };
/* "MOD13Q1.061__250m_16_days_NDVI_doy2024193_aid0001.tif" of AppEEARS. */
static const char appeears_form[] = "???????.###_";

static bool is_viirs(const struct cao_sensor *self)
{
    return self == &cao_sensor_viirs;
}

static bool is_file(const struct cao_sensor *self, const char *name, char key[CAO_KEY_SIZE])
{
    bool of_family = is_viirs(self)
                         ? cao_name_begins(name, "VNP") || cao_name_begins(name, "VJ1") ||
                               cao_name_begins(name, "VJ2")
                         : cao_name_begins(name, "M?D");
    bool hdf = cao_path_has_ending(name, is_viirs(self) ? ".h5" : ".hdf");
    if (!of_family || strlen(name) >= CAO_KEY_SIZE || (!hdf && !cao_path_has_ending(name, ".tif")))
        return false;
    if (hdf &&
        (cao_name_begins(name, "???????.A#######") || cao_name_begins(name, "????????.A#######"))) {
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
static bool names_it(const struct cao_land_layer *row, const char *text, bool at_end)
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

static bool ends_in_it(const struct cao_land_layer *row, const char *field)
{
    return names_it(row, field, true);
}

static bool is_wanted(const char *field)
{
    return cao_land_layer_wanted(field, ends_in_it);
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
static struct cao_layer *layer_of(struct cao_scene *s, const struct cao_land_layer *row)
{
    return row->band >= 0 ? &s->band[row->band] : &s->qa[-1 - row->band].layer;
}

static void set_meaning(struct cao_scene *s, const struct cao_land_layer *row)
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

static enum cao_status read_hdf(const struct cao_place *place, const struct cao_land_layer *rows,
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
        for (const struct cao_land_layer *row = rows; !st && row->names; row++) {
            const struct cao_hdf_field *f = &hdf.fields[i];
            if (layer_of(s, row)->path || !names_it(row, f->name, true))
                continue;
            st = row->band >= 0 ? check_scale(f->name, f->scale, err) : CAO_OK;
            if (!st)
                st = cao_hdf_layer(f, layer_of(s, row), s, err);
            if (!st)
                set_meaning(s, row);
        }
    s->unproven |= hdf.glanced;
    free(hdf.fields);
    return st;
}

static enum cao_status read_tifs(const struct cao_place *place, const struct cao_land_layer *rows,
                                 struct cao_scene *s, struct cao_error *err)
{
    bool granule = cao_name_begins(place->key, granule_form);
    struct cao_agreement agreement = { 0 };
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < place->names.n; i++) {
        const char *name = place->names.items[i];
        const char *words = granule ? name + GRANULE_LENGTH : name + sizeof appeears_form - 2;
        for (const struct cao_land_layer *row = rows; !st && row->names; row++) {
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

static const char *platform_of(const char *key)
{
    static const char *const names[][2] = { { "MOD", "Terra" },
                                            { "MYD", "Aqua" },
                                            { "VNP", "Suomi NPP" },
                                            { "VJ1", "NOAA-20" },
                                            { "VJ2", "NOAA-21" } };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp(key, names[i][0], 3) == 0)
            return names[i][1];
    return NULL;
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
        st = cao_scene_text(&s->platform, platform_of(key), err);
    if (!st && !cao_time_ordinal(day, &s->time))
        st = cao_fail(err, CAO_EDATA, "its name holds no day: '%.10s'", day);
    s->generated = s->time;
    if (!st && granule)
        cao_time_ordinal(key + 28, &s->generated);
    s->cloud_pct = (double)NAN;
    return st;
}

/* MOD09GQ knows no clouds: where MOD09GA of its day, tile and collection lies in the same folder, the state
 * word of that becomes its second quality layer. */
static enum cao_status add_state(const struct cao_place *place, struct cao_scene *s,
                                 struct cao_error *err)
{
    enum { SAME = sizeof "MOD09GA.A2024193.h25v05.061." - 1 };
    char twin[SAME + 1];
    struct cao_names all = { 0 };
    if (!cao_name_begins(place->key, granule_form))
        return CAO_OK;
    snprintf(twin, sizeof twin, "%s", place->key);
    twin[6] = 'A';
    enum cao_status st = cao_place_list(place->dir, &all, err);
    size_t first = 0, n = 0;
    for (size_t i = 0; !st && i < all.n; i++) {
        const char *name = all.items[i];
        if (strncmp(name, twin, SAME) != 0 || !cao_name_begins(name, granule_form) ||
            (!cao_path_has_ending(name, ".hdf") && !cao_path_has_ending(name, ".tif")))
            continue;
        if (n == 0 || strncmp(name, all.items[first], GRANULE_LENGTH) != 0) {
            first = i; /* names are sorted: of several processings the last is the newest */
            n = 0;
        }
        n++;
    }
    if (!st && n > 0) {
        const struct cao_place other = {
            place->dir, { .items = all.items + first, .n = n }, all.items[first], place->means
        };
        st = cao_path_has_ending(all.items[first], ".hdf")
                 ? read_hdf(&other, cao_land_second_state, s, err)
                 : read_tifs(&other, cao_land_second_state, s, err);
    }
    cao_names_release(&all);
    return st;
}

/* Quality layers follow one another without a gap, that of days after them. */
static void close_gaps(struct cao_scene *s)
{
    bool days = s->qa[CAO_MOST_QA - 1].layer.path != NULL;
    int n = 0;
    for (int i = 0; i < CAO_MOST_QA; i++) {
        struct cao_qa qa = s->qa[i];
        s->qa[i] = (struct cao_qa){ 0 };
        if (qa.layer.path)
            s->qa[n++] = qa;
    }
    s->day_layer = days ? n : 0;
}

/* What a composite of several days says of each pixel's day. */
static enum cao_status note_days(struct cao_scene *s, int32_t days, struct cao_findings *findings,
                                 struct cao_error *err)
{
    s->day_span = s->day_layer ? days : 0;
    if (s->day_layer || days == 1)
        return CAO_OK;
    return cao_findings_add(findings, CAO_NOTE, "day-unknown", s->path, 0, s->id,
                            "composite of %d days without a layer of each pixel's day: all count "
                            "for its first day",
                            (int)days)
               ? cao_fail(err, CAO_ENOMEM, "out of memory")
               : CAO_OK;
}

static enum cao_status describe(const struct cao_sensor *self, const struct cao_place *place,
                                struct cao_scene *s, struct cao_findings *findings,
                                const char **code, struct cao_error *err)
{
    const char *key = place->key;
    bool of_viirs = is_viirs(self), hdf = cao_path_has_ending(key, of_viirs ? ".h5" : ".hdf");
    const struct cao_land_product *product =
        platform_of(key) ? cao_land_product(of_viirs, key) : NULL;
    if (!product) {
        *code = "product-unusable";
        return cao_fail(err, CAO_EDATA, "%.7s is not used: %s are", key,
                        of_viirs
                            ? "VNP09A1, 09H1, 13A1, 13A2 and their VJ1 and VJ2 twins"
                            : "MOD09A1, 09Q1, 09GA, 09GQ, 13Q1, 13A1, 13A2 and their MYD twins");
    }
    if (hdf && of_viirs) {
        *code = "product-unusable";
        return cao_fail(
            err, CAO_EDATA,
            "HDF5 of VIIRS bears no coordinates that this GDAL reads and is not used: get "
            "the layers as GeoTIFF (AppEEARS gives them), or convert them to "
            "%.*s_LAYER.tif",
            (int)(strlen(key) - 3), key);
    }
    if (hdf && !cao_name_begins(key, granule_form)) {
        *code = "product-unusable";
        return cao_fail(err, CAO_EDATA, "is not named like a MODIS granule: %s", granule_form);
    }
    enum cao_status st = describe_name(key, s, err);
    if (!st)
        st = hdf ? read_hdf(place, product->layers, s, err)
                 : read_tifs(place, product->layers, s, err);
    if (!st && product->bright_above > 0)
        st = add_state(place, s, err);
    bool has_state = s->qa[1].layer.path != NULL;
    close_gaps(s);
    if (product->bright_above > 0 && !has_state) {
        s->bright_band = CAO_BAND_R;
        s->bright_above = product->bright_above;
    }
    *code = "missing-band";
    if (!st && (!s->qa[0].layer.path || s->day_layer == 1))
        st = cao_fail(err, CAO_EDATA, "its layer %s is missing: without it clouds cannot be told",
                      product->quality);
    if (!st && !cao_scene_has(s, CAO_BAND_NDVI) &&
        (!cao_scene_has(s, CAO_BAND_R) || !cao_scene_has(s, CAO_BAND_N2)))
        st = cao_fail(err, CAO_EDATA, "has neither NDVI nor red and near infrared");
    if (!st)
        st = note_days(s, product->days, findings, err);
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
const struct cao_sensor cao_sensor_viirs = {
    { "viirs", "VIIRS VNP09A1/H1, VNP13A1/A2 and VJ1, VJ2, GeoTIFF", "VIIRS地表反射率与植被指数",
      "VNP*.A*_*.tif, VNP*_doy*_aid*.tif" },
    NULL,
    is_file,
    describe,
    NULL
};
