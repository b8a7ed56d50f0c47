/* SPDX-License-Identifier: MIT
 * Landsat 4-9 Collection 2 Level 2 (USGS LSDS-1618, LSDS-1619, LSDS-1328). The same key stands in
 * several groups of the MTL with different values, so keys are looked up within their group. */
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "sensor/agree.h"
#include "sensor/mtl.h"
#include "sensor/sensor.h"

enum { FILL = 0 };

/* QA_PIXEL: bits decide, not the "clear" bit, which is unreliable over water. */
static const struct cao_qa_rule qa_rules[] = {
    { 1u << 0, 1u << 0, CAO_OUTSIDE }, { 1u << 3, 1u << 3, CAO_CLOUD },
    { 1u << 1, 1u << 1, CAO_CLOUD },   { 1u << 4, 1u << 4, CAO_SHADOW },
    { 1u << 2, 1u << 2, CAO_CIRRUS },  { 1u << 5, 1u << 5, CAO_SNOW },
    { 1u << 7, 1u << 7, CAO_WATER },
};

/* QA_RADSAT: bit i - 1 is band i, of those that become reflectance (band 6 of TM and ETM+ is thermal;
 * there bits 5 and 8 are set for hot ground). Bit 11: the ground is hidden behind a slope. */
static const struct cao_qa_rule radsat_rules[] = {
    { 1u << 0, 1u << 0, CAO_SATURATED },   { 1u << 1, 1u << 1, CAO_SATURATED },
    { 1u << 2, 1u << 2, CAO_SATURATED },   { 1u << 3, 1u << 3, CAO_SATURATED },
    { 1u << 4, 1u << 4, CAO_SATURATED },   { 1u << 6, 1u << 6, CAO_SATURATED },
    { 1u << 11, 1u << 11, CAO_SATURATED },
};
static const struct cao_qa_rule radsat_oli_rules[] = {
    { 1u << 0, 1u << 0, CAO_SATURATED }, { 1u << 1, 1u << 1, CAO_SATURATED },
    { 1u << 2, 1u << 2, CAO_SATURATED }, { 1u << 3, 1u << 3, CAO_SATURATED },
    { 1u << 4, 1u << 4, CAO_SATURATED }, { 1u << 5, 1u << 5, CAO_SATURATED },
    { 1u << 6, 1u << 6, CAO_SATURATED }, { 1u << 11, 1u << 11, CAO_SATURATED },
};
/* SR_QA_AEROSOL of LaSRC: level 3 of bits 6 and 7 is high. */
static const struct cao_qa_rule aerosol_rules[] = { { 3u << 6, 3u << 6, CAO_AEROSOL } };

static const struct more_qa {
    const char *key, *ending, *tells;
    const struct cao_qa_rule *rules;
    size_t n_rules;
} radsat = { "FILE_NAME_QUALITY_L1_RADIOMETRIC_SATURATION", "QA_RADSAT", "saturated", radsat_rules,
             sizeof radsat_rules / sizeof radsat_rules[0] },
  radsat_oli = { "FILE_NAME_QUALITY_L1_RADIOMETRIC_SATURATION", "QA_RADSAT", "saturated",
                 radsat_oli_rules, sizeof radsat_oli_rules / sizeof radsat_oli_rules[0] },
  aerosol = { "FILE_NAME_QUALITY_L2_AEROSOL", "SR_QA_AEROSOL", "hazy", aerosol_rules, 1 };

struct band_row {
    int number;
    enum cao_band band;
};
static const struct band_row oli[] = { { 1, CAO_BAND_A },  { 2, CAO_BAND_B },  { 3, CAO_BAND_G },
                                       { 4, CAO_BAND_R },  { 5, CAO_BAND_N2 }, { 6, CAO_BAND_S1 },
                                       { 7, CAO_BAND_S2 }, { 0, CAO_N_BANDS } };
static const struct band_row tm[] = { { 1, CAO_BAND_B }, { 2, CAO_BAND_G },  { 3, CAO_BAND_R },
                                      { 4, CAO_BAND_N }, { 5, CAO_BAND_S1 }, { 7, CAO_BAND_S2 },
                                      { 0, CAO_N_BANDS } };

static const char *mtl_name(const struct cao_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (cao_path_has_ending(names->items[i], "_MTL.txt"))
            return names->items[i];
    return NULL;
}

/* "LC08_L1TP_013032_20180131_..._B4.TIF": an image of a Landsat product, of any level. */
static bool is_image(const char *name)
{
    return name[0] == 'L' && strchr("CETMO", name[1]) && name[2] == '0' &&
           strncmp(name + 4, "_L", 2) == 0 && cao_path_has_ending(name, ".TIF");
}

static const char *image_name(const struct cao_names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        const char *name = names->items[i];
        if (name && strlen(name) > 10 && is_image(name))
            return name;
    }
    return NULL;
}

/* "LC08_L2SP_008059_20191201_20200825_02_T1" at the start of a name. */
enum { ID_LENGTH = 40 };
static bool starts_with_id(const char *name)
{
    return cao_name_begins(name, "L?0#_L???_######_########_########_0#_??_");
}

/* One that lost its MTL is named, not passed over; of names that are not the original's the part
 * before "_B4.TIF" is the product's. */
static bool is_file(const struct cao_sensor *self, const char *name, char key[CAO_KEY_SIZE])
{
    (void)self;
    size_t n = strlen(name);
    if (n >= CAO_KEY_SIZE)
        return false;
    if (cao_path_has_ending(name, "_MTL.txt"))
        n -= strlen("_MTL.txt");
    else if (n <= 10 || !is_image(name))
        return false;
    else if (starts_with_id(name))
        n = ID_LENGTH;
    else
        n = (size_t)(strrchr(name, '_') - name);
    memcpy(key, name, n);
    key[n] = '\0';
    return true;
}

/* Images without an MTL: their name at least says the level. */
static enum cao_status without_mtl(const struct cao_place *place, struct cao_scene *s,
                                   const char **code, struct cao_error *err)
{
    const char *image = image_name(&place->names);
    enum cao_status st = cao_scene_text(&s->id, place->key, err);
    if (st)
        return st;
    if (image && strncmp(image + 5, "L1", 2) == 0) {
        *code = "level-unusable";
        return cao_fail(
            err, CAO_EDATA,
            "%.4s is not surface reflectance: Collection 2 Level 2 (L2SP or L2SR) is needed",
            image + 5);
    }
    *code = "missing-metadata";
    return cao_fail(err, CAO_EDATA, "its MTL.txt is missing; download the product again");
}

static enum cao_status need(const struct cao_mtl *m, const char *group, const char *key,
                            const char **value, struct cao_error *err)
{
    *value = cao_mtl_find(m, group, key);
    return *value ? CAO_OK : cao_fail(err, CAO_EDATA, "its MTL lacks %s in group %s", key, group);
}

static enum cao_status describe_product(const struct cao_mtl *m, struct cao_scene *s, bool *is_oli,
                                        const char **code, struct cao_error *err)
{
    const char *id, *level, *craft, *date, *clock, *path, *row, *made, *cloud;
    const char *collection = cao_mtl_find(m, "PRODUCT_CONTENTS", "COLLECTION_NUMBER");
    char text[64];
    if (!collection || strcmp(collection, "02") != 0) {
        *code = "level-unusable";
        return cao_fail(
            err, CAO_EDATA,
            "is of Collection 1; Collection 2 Level 2 (L2SP or L2SR) is needed, which USGS "
            "has for the same scene");
    }
    enum cao_status st = need(m, "PRODUCT_CONTENTS", "PROCESSING_LEVEL", &level, err);
    if (!st)
        st = need(m, "PRODUCT_CONTENTS", "LANDSAT_PRODUCT_ID", &id, err);
    if (!st)
        st = cao_scene_text(&s->id, id, err);
    if (!st && strncmp(level, "L2S", 3) != 0) {
        *code = "level-unusable";
        st = cao_fail(err, CAO_EDATA, "%s is not surface reflectance: L2SP or L2SR is needed",
                      level);
    }
    if (!st)
        st = need(m, "IMAGE_ATTRIBUTES", "SPACECRAFT_ID", &craft, err);
    if (!st)
        st = need(m, "IMAGE_ATTRIBUTES", "DATE_ACQUIRED", &date, err);
    if (!st)
        st = need(m, "IMAGE_ATTRIBUTES", "SCENE_CENTER_TIME", &clock, err);
    if (!st)
        st = need(m, "IMAGE_ATTRIBUTES", "WRS_PATH", &path, err);
    if (!st)
        st = need(m, "IMAGE_ATTRIBUTES", "WRS_ROW", &row, err);
    if (!st)
        st = need(m, "LEVEL2_PROCESSING_RECORD", "DATE_PRODUCT_GENERATED", &made, err);
    if (st)
        return st;
    int64_t number, wrs_path, wrs_row;
    snprintf(text, sizeof text, "%.16sT%.40s", date, clock);
    if (strncmp(craft, "LANDSAT_", 8) != 0 || !cao_text_int64(craft + 8, &number) || number < 4 ||
        number > 9 || !cao_time_parse(text, &s->time) || !cao_time_parse(made, &s->generated) ||
        !cao_text_int64(path, &wrs_path) || !cao_text_int64(row, &wrs_row))
        return cao_fail(err, CAO_EDATA,
                        "its MTL has a spacecraft, path, row or time that cannot be read");
    *is_oli = number >= 8;
    snprintf(text, sizeof text, "Landsat %d", (int)number);
    st = cao_scene_text(&s->platform, text, err);
    snprintf(text, sizeof text, "C2 %.16s", level);
    if (!st)
        st = cao_scene_text(&s->level, text, err);
    snprintf(text, sizeof text, "%03d%03d", (int)wrs_path % 1000, (int)wrs_row % 1000);
    if (!st)
        st = cao_scene_text(&s->tile, text, err);
    if (!st)
        st = cao_scene_text(&s->baseline, "C2", err);
    s->cloud_pct = (double)NAN;
    cloud = cao_mtl_find(m, "IMAGE_ATTRIBUTES", "CLOUD_COVER");
    if (cloud && (!cao_text_double(cloud, &s->cloud_pct) || s->cloud_pct < 0))
        s->cloud_pct = (double)NAN; /* -1 where it was not assessed */
    return st;
}

struct product {
    const struct cao_mtl *mtl; /* NULL: the scale is that of all of Collection 2 */
    const char *dir;
    bool is_oli;
};

/* The file of a band: as the MTL names it, else by the product's id. *size -1: it is not there. */
static enum cao_status find_file(const struct product *p, const struct cao_scene *s,
                                 const char *key, const char *ending, char path[CAO_PATH_MAX],
                                 int64_t *size, struct cao_error *err)
{
    char name[300];
    const char *said = p->mtl ? cao_mtl_find(p->mtl, "PRODUCT_CONTENTS", key) : NULL;
    snprintf(name, sizeof name, "%.200s_%s.TIF", s->id, ending);
    enum cao_status st = cao_product_file(path, p->dir, said ? said : name, err);
    if (!st && !cao_place_stat(path, size, NULL))
        *size = -1;
    return st;
}

/* Scale and offset of surface reflectance stand in their own group; the same keys of the Level 1
 * group belong to another quantity. */
static enum cao_status scale_band(const struct cao_mtl *m, int number, struct cao_layer *l,
                                  struct cao_error *err)
{
    static const char group[] = "LEVEL2_SURFACE_REFLECTANCE_PARAMETERS";
    char key[40];
    const char *mult, *add;
    l->fill = FILL;
    if (!m) {
        l->gain = 2.75e-5;
        l->offset = -0.2;
        return CAO_OK;
    }
    snprintf(key, sizeof key, "REFLECTANCE_MULT_BAND_%d", number);
    enum cao_status st = need(m, group, key, &mult, err);
    if (st)
        return st;
    snprintf(key, sizeof key, "REFLECTANCE_ADD_BAND_%d", number);
    st = need(m, group, key, &add, err);
    if (st)
        return st;
    if (!cao_text_double(mult, &l->gain) || !cao_text_double(add, &l->offset))
        return cao_fail(err, CAO_EDATA, "its MTL has scale '%s' and offset '%s' for band %d", mult,
                        add, number);
    return CAO_OK;
}

static enum cao_status find_band(const struct product *p, const struct band_row *row,
                                 struct cao_scene *s, struct cao_findings *findings,
                                 const char **code, struct cao_error *err)
{
    char key[40], ending[16], path[CAO_PATH_MAX];
    int64_t size;
    struct cao_layer *l = &s->band[row->band];
    bool needed = row->band == CAO_BAND_R || row->band == CAO_BAND_N || row->band == CAO_BAND_N2;
    snprintf(key, sizeof key, "FILE_NAME_BAND_%d", row->number);
    snprintf(ending, sizeof ending, "SR_B%d", row->number);
    enum cao_status st = find_file(p, s, key, ending, path, &size, err);
    if (st)
        return st;
    if (size <= 0 && needed) {
        *code = "missing-band";
        return cao_fail(err, CAO_EDATA, "%s %s; download the product again", path,
                        size < 0 ? "is missing" : "is empty");
    }
    if (size <= 0)
        return cao_findings_add(findings, CAO_NOTE, "missing-band", path, 0, s->id, "band %d is %s",
                                row->number, size < 0 ? "missing" : "empty")
                   ? cao_fail(err, CAO_ENOMEM, "out of memory")
                   : CAO_OK;
    st = cao_layer_init(l, path, err);
    return st ? st : scale_band(p->mtl, row->number, l, err);
}

static void share_grid(const struct cao_scene *s, struct cao_layer *l)
{
    const struct cao_layer *qa = &s->qa[0].layer;
    if (!l->path)
        return;
    l->width = qa->width;
    l->height = qa->height;
    memcpy(l->geotransform, qa->geotransform, sizeof l->geotransform);
}

/* QA_RADSAT and the aerosol layer refine QA_PIXEL where they are there: old downloads lack them. */
static enum cao_status find_more_qa(const struct product *p, struct cao_scene *s,
                                    const struct more_qa *row, struct cao_findings *findings,
                                    struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    int64_t size;
    size_t q = s->qa[1].layer.path ? 2 : 1;
    enum cao_status st = find_file(p, s, row->key, row->ending, path, &size, err);
    if (!st && size <= 0)
        return cao_findings_add(findings, CAO_NOTE, "missing-band", path, 0, s->id,
                                "%s is %s: %s pixels are not told apart", row->ending,
                                size < 0 ? "missing" : "empty", row->tells)
                   ? cao_fail(err, CAO_ENOMEM, "out of memory")
                   : CAO_OK;
    if (!st)
        st = cao_layer_init(&s->qa[q].layer, path, err);
    if (st)
        return st;
    share_grid(s, &s->qa[q].layer);
    s->qa[q].rules = row->rules;
    s->qa[q].n_rules = row->n_rules;
    s->qa[q].outside = 0; /* QA_PIXEL has said it */
    return CAO_OK;
}

/* All layers of a product lie on one grid. The headers of three say which; readers check the others. */
static enum cao_status check_grid(struct cao_scene *s, struct cao_agreement *a,
                                  struct cao_error *err)
{
    const struct cao_layer *const looked_at[] = { &s->band[CAO_BAND_R],
                                                  &s->band[cao_scene_band(s, CAO_BAND_N)] };
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < 2; i++) {
        struct cao_layer own = { .path = looked_at[i]->path };
        st = cao_agreement_read(a, &own, s, NULL, err);
    }
    return st ? st : cao_agreement_check(a, true, err);
}

static enum cao_status find_layers(const struct product *p, struct cao_scene *s,
                                   struct cao_findings *findings, const char **code,
                                   struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    struct cao_agreement agreement = { 0 };
    int64_t size;
    enum cao_status st =
        find_file(p, s, "FILE_NAME_QUALITY_L1_PIXEL", "QA_PIXEL", path, &size, err);
    if (!st && size <= 0) {
        *code = "missing-band";
        st = cao_fail(err, CAO_EDATA, "%s %s; download the product again", path,
                      size < 0 ? "is missing" : "is empty");
    }
    if (!st)
        st = cao_layer_init(&s->qa[0].layer, path, err);
    if (!st) /* copies may be decimated or clipped */
        st = cao_agreement_read(&agreement, &s->qa[0].layer, s, NULL, err);
    s->qa[0].rules = qa_rules;
    s->qa[0].n_rules = sizeof qa_rules / sizeof qa_rules[0];
    s->qa[0].outside = 1;
    for (const struct band_row *row = p->is_oli ? oli : tm; !st && row->number; row++) {
        st = find_band(p, row, s, findings, code, err);
        if (!st)
            share_grid(s, &s->band[row->band]);
    }
    if (!st)
        st = check_grid(s, &agreement, err);
    if (!st)
        st = find_more_qa(p, s, p->is_oli ? &radsat_oli : &radsat, findings, err);
    if (!st && p->is_oli) /* LEDAPS products of TM and ETM+ have an opacity instead */
        st = find_more_qa(p, s, &aerosol, findings, err);
    return st;
}

/* The STAC item of a mirror beside the images, where the MTL was not downloaded. */
static bool find_item(const struct cao_place *place, char path[CAO_PATH_MAX])
{
    static const char *const endings[] = { "_SR_stac.json", "_stac.json", ".json", "_SR.json" };
    char name[CAO_KEY_SIZE + 16];
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        snprintf(name, sizeof name, "%s%s", place->key, endings[i]);
        if (!cao_path_join(path, place->dir, name, NULL) && cao_place_stat(path, NULL, NULL))
            return true;
    }
    return false;
}

static json_object *property(json_object *item, const char *key)
{
    json_object *properties = NULL, *v = NULL;
    if (!item || !json_object_object_get_ex(item, "properties", &properties) ||
        !json_object_object_get_ex(properties, key, &v))
        return NULL;
    return v;
}

/* What the name of a Collection 2 Level 2 product says, time and clouds by the item. */
static enum cao_status describe_item(const struct cao_place *place, json_object *item,
                                     struct cao_scene *s, bool *is_oli, struct cao_error *err)
{
    const char *id = place->key;
    char text[64];
    int32_t day, made;
    json_object *when = property(item, "datetime"), *cloud = property(item, "eo:cloud_cover");
    snprintf(text, sizeof text, "%.8s", id + 17);
    bool ok = cao_date_parse(text, &day);
    snprintf(text, sizeof text, "%.8s", id + 26);
    ok = ok && cao_date_parse(text, &made);
    if (!ok)
        return cao_fail(err, CAO_EDATA, "its name '%.60s' holds no dates", id);
    s->time = (int64_t)day * 86400;
    s->generated = (int64_t)made * 86400;
    int64_t said;
    if (json_object_is_type(when, json_type_string) &&
        cao_time_parse(json_object_get_string(when), &said)) {
        if (said < s->time || said >= s->time + 86400)
            return cao_fail(err, CAO_EDATA,
                            "its STAC item is of %.30s: it belongs to another product",
                            json_object_get_string(when));
        s->time = said;
    }
    s->cloud_pct = (double)NAN;
    if (json_object_is_type(cloud, json_type_double) || json_object_is_type(cloud, json_type_int))
        s->cloud_pct = json_object_get_double(cloud);
    if (!(s->cloud_pct >= 0 && s->cloud_pct <= 100))
        s->cloud_pct = (double)NAN;
    *is_oli = id[3] >= '8';
    snprintf(text, sizeof text, "Landsat %c", id[3]);
    enum cao_status st = cao_scene_text(&s->platform, text, err);
    snprintf(text, sizeof text, "C2 %.4s", id + 5);
    if (!st)
        st = cao_scene_text(&s->level, text, err);
    snprintf(text, sizeof text, "%.6s", id + 10);
    if (!st)
        st = cao_scene_text(&s->tile, text, err);
    return st ? st : cao_scene_text(&s->baseline, "C2", err);
}

static enum cao_status describe_by_item(const struct cao_place *place, const char *path,
                                        struct cao_scene *s, struct cao_findings *findings,
                                        const char **code, struct cao_error *err)
{
    char *text = NULL;
    size_t n = 0;
    bool is_oli = false;
    json_object *item = NULL;
    enum cao_status st = cao_scene_text(&s->id, place->key, err);
    if (!st)
        st = cao_metadata_read(path, &text, &n, err);
    if (!st) {
        item = json_tokener_parse(text);
        if (!item || !property(item, "datetime"))
            st = cao_fail(err, CAO_EDATA, "%s: is not a STAC item", path);
    }
    if (!st)
        st = describe_item(place, item, s, &is_oli, err);
    if (!st)
        st = find_layers(&(struct product){ NULL, place->dir, is_oli }, s, findings, code, err);
    if (!st)
        st = cao_scene_stamp(s, text, n, err);
    json_object_put(item);
    free(text);
    return st;
}

static enum cao_status describe(const struct cao_sensor *self, const struct cao_place *place,
                                struct cao_scene *s, struct cao_findings *findings,
                                const char **code, struct cao_error *err)
{
    (void)self;
    char file[CAO_PATH_MAX], *text = NULL;
    size_t n = 0;
    bool is_oli = false;
    struct cao_mtl mtl = { 0 };
    const char *name = mtl_name(&place->names);
    if (!name && cao_name_begins(place->key, "L?0#_L2S?_######_########_########_02_") &&
        find_item(place, file))
        return describe_by_item(place, file, s, findings, code, err);
    if (!name)
        return without_mtl(place, s, code, err);
    enum cao_status st = cao_path_join(file, place->dir, name, err);
    if (!st)
        st = cao_metadata_read(file, &text, &n, err);
    if (!st)
        st = cao_mtl_parse(text, n, &mtl, err);
    if (!st)
        st = describe_product(&mtl, s, &is_oli, code, err);
    if (!st)
        st = find_layers(&(struct product){ &mtl, place->dir, is_oli }, s, findings, code, err);
    if (!st)
        st = cao_scene_stamp(s, text, n, err);
    cao_mtl_release(&mtl);
    free(text);
    return st;
}

const struct cao_sensor cao_sensor_landsat = {
    { "landsat-c2l2", "Landsat 4-9 Collection 2 Level 2, folder or .tar; MTL or STAC item",
      "陆地卫星二级产品", "*_MTL.txt" },
    NULL,
    is_file,
    describe,
    NULL
};
