/* SPDX-License-Identifier: MIT
 * Sentinel-2 L2A as public mirrors keep it: a folder of GeoTIFFs, one per band, with a STAC item.
 *
 * Whether the offset of baseline 04.00 has been taken out of the pixels differs between mirrors and
 * their years, so the item must say it: by "earthsearch:boa_offset_applied", else by the offset of its
 * red asset. An item that says neither is refused. */
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "sensor/agree.h"
#include "sensor/sensor.h"
#include "sensor/sentinel2.h"

static const double quantification = 10000, boa_offset = -1000;

/* "B04.tif", "B04.jp2", or "T47SMU_20240718T040551_B04_10m.tif". */
static bool is_band(const char *name, const char *band)
{
    static const char *const endings[] = { ".tif", "_10m.tif", "_20m.tif", "_60m.tif",
                                           ".jp2", "_10m.jp2", "_20m.jp2", "_60m.jp2" };
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char ending[32];
        snprintf(ending, sizeof ending, "%s%s", band, endings[i]);
        if (!cao_path_has_ending(name, ending))
            continue;
        size_t before = strlen(name) - strlen(ending);
        if (before == 0 || name[before - 1] == '_')
            return true;
    }
    return false;
}

static const char *name_of(const struct cao_names *names, const char *band)
{
    const char *best = NULL; /* names are sorted: the finest comes first */
    for (size_t i = 0; !best && i < names->n; i++)
        if (is_band(names->items[i], band))
            best = names->items[i];
    return best;
}

static const char *item_name(const struct cao_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (cao_path_has_ending(names->items[i], ".json") &&
            (strncmp(names->items[i], "S2", 2) == 0 || strstr(names->items[i], "L2A") ||
             cao_text_same(names->items[i], "item.json")))
            return names->items[i];
    return NULL;
}

static bool is_folder(const char *path, const struct cao_names *names)
{
    (void)path;
    return name_of(names, "B04") && name_of(names, "SCL");
}

static const char *text_in(json_object *o, const char *key)
{
    json_object *v = NULL;
    return o && json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_string)
               ? json_object_get_string(v)
               : NULL;
}

static bool number_in(json_object *o, const char *key, double *to)
{
    json_object *v = NULL;
    if (!o || !json_object_object_get_ex(o, key, &v) ||
        (!json_object_is_type(v, json_type_double) && !json_object_is_type(v, json_type_int)))
        return false;
    *to = json_object_get_double(v);
    return true;
}

/* The offset that the item's red asset declares, in reflectance. */
static bool asset_offset(json_object *item, double *offset)
{
    static const char *const keys[] = { "red", "B04" };
    json_object *assets = NULL, *asset = NULL, *bands = NULL;
    if (!json_object_object_get_ex(item, "assets", &assets))
        return false;
    for (size_t i = 0; i < 2; i++)
        if (json_object_object_get_ex(assets, keys[i], &asset) &&
            json_object_object_get_ex(asset, "raster:bands", &bands) &&
            json_object_is_type(bands, json_type_array) && json_object_array_length(bands) > 0)
            return number_in(json_object_array_get_idx(bands, 0), "offset", offset);
    return false;
}

static enum cao_status find_offset(json_object *item, json_object *p, const char *baseline,
                                   double *offset, struct cao_error *err)
{
    json_object *applied = NULL;
    double number, declared;
    if (!cao_text_double(baseline, &number))
        return cao_fail(err, CAO_EDATA, "its STAC item has no s2:processing_baseline");
    *offset = 0;
    if (number < 4)
        return CAO_OK;
    if (json_object_object_get_ex(p, "earthsearch:boa_offset_applied", &applied)) {
        *offset = json_object_get_boolean(applied) ? 0 : boa_offset;
        return CAO_OK;
    }
    if (asset_offset(item, &declared) && (declared == 0 || fabs(declared + 0.1) < 1e-9)) {
        *offset = declared * quantification;
        return CAO_OK;
    }
    return cao_fail(err, CAO_EDATA,
                    "its STAC item does not say whether the offset of baseline %s is still in the "
                    "pixels (earthsearch:boa_offset_applied, or raster:bands offset of the red "
                    "asset); get the SAFE product",
                    baseline);
}

/* Platform, tile and times; that of the data take, as in the SAFE product, where its name is told. */
static enum cao_status describe_item(json_object *item, json_object *p, struct cao_scene *s,
                                     struct cao_error *err)
{
    const char *uri = text_in(p, "s2:product_uri"), *id = text_in(item, "id");
    const char *platform = text_in(p, "platform"), *made = text_in(p, "s2:generation_time");
    const char *when = text_in(p, "datetime"), *grid = text_in(p, "grid:code");
    const char *tile = text_in(p, "s2:mgrs_tile"), *type = text_in(p, "s2:product_type");
    char name[128], craft[16], take[32];
    if ((uri && !strstr(uri, "MSIL2A")) || (type && !strstr(type, "2A")))
        return cao_fail(err, CAO_EDATA, "is not surface reflectance: Level-2A is needed");
    snprintf(name, sizeof name, "%.120s", id ? id : uri ? uri : "");
    if (!name[0] || !platform || !when)
        return cao_fail(err, CAO_EDATA, "its STAC item lacks id, platform or datetime");
    const char *letter = strrchr(platform, '-');
    snprintf(craft, sizeof craft, "Sentinel-2%c",
             letter && letter[1] == '2' && letter[2] ? letter[2] & ~0x20 : 'A');
    bool ok = cao_time_parse(when, &s->time);
    if (uri && cao_name_begins(uri, "S2?_MSIL2A_########T######_")) {
        snprintf(take, sizeof take, "%.15s", uri + 11);
        ok = cao_time_parse(take, &s->time);
    }
    if (!ok)
        return cao_fail(err, CAO_EDATA, "its times cannot be read: '%.40s'", when);
    if (!made || !cao_time_parse(made, &s->generated))
        s->generated = s->time;
    if (!tile && grid && strncmp(grid, "MGRS-", 5) == 0)
        tile = grid + 5;
    s->cloud_pct = (double)NAN;
    if (!number_in(p, "eo:cloud_cover", &s->cloud_pct))
        s->cloud_pct = (double)NAN;
    enum cao_status st = cao_scene_text(&s->id, name, err);
    if (!st)
        st = cao_scene_text(&s->platform, craft, err);
    if (!st)
        st = cao_scene_text(&s->level, "L2A", err);
    return st ? st : cao_scene_text(&s->tile, tile ? tile : "", err);
}

static enum cao_status find_layer(const struct cao_place *place, const char *name,
                                  struct cao_layer *l, struct cao_scene *s, struct cao_agreement *a,
                                  struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    int64_t size;
    enum cao_status st = cao_path_join(path, place->dir, name, err);
    if (!st && (!cao_place_stat(path, &size, NULL) || size == 0))
        st = cao_fail(err, CAO_EDATA, "%s is empty; download it again", path);
    if (!st)
        st = cao_layer_init(l, path, err);
    return st ? st : cao_agreement_read(a, l, s, NULL, err);
}

static enum cao_status find_layers(const struct cao_place *place, double offset,
                                   struct cao_scene *s, const char **code, struct cao_error *err)
{
    struct cao_agreement a = { 0 };
    enum cao_status st =
        find_layer(place, name_of(&place->names, "SCL"), &s->qa[0].layer, s, &a, err);
    s->qa[0].rules = cao_scl_rules;
    s->qa[0].n_rules = CAO_N_SCL_RULES;
    s->qa[0].outside = 0;
    for (size_t i = 0; !st && i < CAO_N_S2_BANDS; i++) {
        struct cao_layer *l = &s->band[cao_s2_bands[i].band];
        const char *name = name_of(&place->names, cao_s2_bands[i].name);
        if (!name)
            continue;
        st = find_layer(place, name, l, s, &a, err);
        l->gain = 1 / quantification;
        l->offset = offset / quantification;
        l->fill = CAO_S2_FILL;
        l->saturated = CAO_S2_SATURATED;
    }
    if (!st && cao_scene_band(s, CAO_BAND_N) == CAO_N_BANDS) {
        *code = "missing-band";
        st = cao_fail(err, CAO_EDATA, "near infrared (B08, B8A) is missing; download it");
    }
    return st ? st : cao_agreement_check(&a, false, err);
}

static enum cao_status describe(const struct cao_sensor *self, const struct cao_place *place,
                                struct cao_scene *s, struct cao_findings *findings,
                                const char **code, struct cao_error *err)
{
    char file[CAO_PATH_MAX], *text = NULL;
    size_t n = 0;
    double offset = 0;
    json_object *item = NULL, *p = NULL;
    (void)self;
    (void)findings;
    const char *item_file = item_name(&place->names);
    if (!item_file) {
        *code = "missing-metadata";
        return cao_fail(
            err, CAO_EDATA,
            "looks like Sentinel-2 bands, but has neither MTD_MSIL2A.xml nor a STAC item "
            "(.json): without one, date and offset are not known; get it, or declare the "
            "files under sensors");
    }
    enum cao_status st = cao_path_join(file, place->dir, item_file, err);
    if (!st)
        st = cao_metadata_read(file, &text, &n, err);
    if (!st) {
        item = json_tokener_parse(text);
        if (!item || !json_object_object_get_ex(item, "properties", &p))
            st = cao_fail(err, CAO_EDATA, "%s: is not a STAC item", file);
    }
    const char *baseline = st ? NULL : text_in(p, "s2:processing_baseline");
    if (!st)
        st = describe_item(item, p, s, err);
    if (!st)
        st = find_offset(item, p, baseline ? baseline : "", &offset, err);
    if (!st)
        st = cao_scene_text(&s->baseline, baseline, err);
    if (!st)
        st = find_layers(place, offset, s, code, err);
    if (!st)
        st = cao_scene_stamp(s, text, n, err);
    json_object_put(item);
    free(text);
    return st;
}

const struct cao_sensor cao_sensor_sentinel2_cog = {
    { "sentinel2-cog", "Sentinel-2 MSI Level-2A, GeoTIFFs with a STAC item",
      "哨兵二号L2A（COG镜像）", "B04.tif, SCL.tif, S2*.json" },
    is_folder,
    NULL,
    describe,
    NULL
};
