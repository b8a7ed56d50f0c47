/* SPDX-License-Identifier: MIT
 * Gaofen and the cameras of the same ground segment (GF-1, GF-6, HJ-2). Their Level 1A has neither map
 * projection nor reflectance: it is rectified by its camera model (.rpb) and the project's elevation
 * model while it is read, and calibrated to top-of-atmosphere reflectance by the gains of its year.
 * Images that were rectified before, with their digital numbers kept, are calibrated where a project
 * declares so. */
#include "sensor/gaofen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "sensor/calibration.h"
#include "sensor/header.h"
#include "sensor/rpb.h"
#include "sensor/xml.h"

enum { BEIJING_H = 8 };
static const double usual_cloud_above = 0.25;

double cao_toa_factor(int day_of_year, double esun, double sun_zenith_deg)
{
    const double pi = 3.14159265358979323846, degree = pi / 180;
    double d = 1 - 0.01672 * cos(0.9856 * degree * (day_of_year - 4));
    return pi * d * d / (esun * cos(sun_zenith_deg * degree));
}

/* Length of "GF1_WFV3_E89.0_N23.9_20200523_L1A0004819525" at the start of a name; 0: it is none. */
static size_t product_length(const char *name)
{
    static const char *const families[] = { "GF", "HJ2" };
    bool known = false;
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        known |= strncmp(name, families[i], strlen(families[i])) == 0;
    if (!known || !(strstr(name, "_E") || strstr(name, "_W")))
        return 0;
    const char *level = strstr(name, "_L1A"), *two = strstr(name, "_L2A");
    level = level ? level : two;
    if (!level || strspn(level + 4, "0123456789") < 6)
        return 0;
    return (size_t)(level - name) + 4 + strspn(level + 4, "0123456789");
}

/* What the XML says: times of the image are Beijing time, and so is their year. */
struct facts {
    const struct cao_camera_calibration *camera;
    int year, day_of_year;
    double zenith, gsd;
    int64_t width, height; /* 0: not said */
};

static enum cao_status take_camera(const struct cao_place *place, const char *path,
                                   const char *satellite, const char *sensor, struct facts *f,
                                   struct cao_error *err)
{
    const struct cao_calibrations *known = place->means ? place->means->calibrations : NULL;
    if (!known)
        return cao_fail(err, CAO_EDATA, "%s: no calibration file is given (gaofen.gains)", path);
    f->camera = satellite && sensor ? cao_calibration_find(known, satellite, sensor) : NULL;
    if (!f->camera)
        return cao_fail(err, CAO_EDATA,
                        "no calibration of %s %s is known; add the camera to a copy of %s and name "
                        "it as gaofen.gains",
                        satellite ? satellite : "its satellite", sensor ? sensor : "", known->path);
    if (!f->camera->has_esun)
        return cao_fail(err, CAO_EDATA,
                        "the solar irradiance (esun) of %s %s is not known; add it to a copy of %s "
                        "and name it as gaofen.gains",
                        satellite, sensor, known->path);
    return CAO_OK;
}

static enum cao_status read_facts(const struct cao_place *place, const char *path, char **xml,
                                  size_t *n_xml, struct cao_scene *s, struct facts *f,
                                  struct cao_error *err)
{
    CPLXMLNode *root = NULL;
    enum cao_status st = cao_xml_read(path, xml, n_xml, &root, err);
    if (st)
        return st;
    const char *satellite = cao_xml_text(root, "SatelliteID"),
               *sensor = cao_xml_text(root, "SensorID"), *time = cao_xml_text(root, "CenterTime"),
               *zenith = cao_xml_text(root, "SolarZenith"),
               *cloud = cao_xml_text(root, "CloudPercent"), *gsd = cao_xml_text(root, "ImageGSD"),
               *width = cao_xml_text(root, "WidthInPixels"),
               *height = cao_xml_text(root, "HeightInPixels");
    int64_t beijing = 0;
    double pct;
    char platform[48];
    snprintf(platform, sizeof platform, "%.20s %.20s", satellite ? satellite : "?",
             sensor ? sensor : "?");
    st = cao_scene_text(&s->platform, platform, err);
    if (!st && (!time || !cao_time_parse(time, &beijing)))
        st = cao_fail(err, CAO_EDATA, "%s: CenterTime is missing or no time", path);
    else if (!st &&
             (!zenith || !cao_text_double(zenith, &f->zenith) || f->zenith < 0 || f->zenith > 85))
        st = cao_fail(err, CAO_EDATA, "%s: SolarZenith is missing or not in 0 to 85", path);
    if (!st) {
        int32_t day = (int32_t)(beijing / 86400);
        char date[CAO_DATE_TEXT];
        cao_date_format(day, date);
        f->year = atoi(date);
        f->day_of_year = cao_date_day_of_year(day);
        f->width = f->height = 0;
        f->gsd = 16;
        s->time = s->generated = beijing - BEIJING_H * 3600;
        if (cloud && cao_text_double(cloud, &pct) && pct >= 0 && pct <= 100)
            s->cloud_pct = pct;
        if (gsd && (!cao_text_double(gsd, &f->gsd) || !(f->gsd > 0 && f->gsd < 1000)))
            f->gsd = 16;
        if (!width || !height || !cao_text_int64(width, &f->width) ||
            !cao_text_int64(height, &f->height))
            f->width = f->height = 0;
        st = take_camera(place, path, satellite, sensor, f, err);
    }
    CPLDestroyXMLNode(root);
    return st;
}

static enum cao_status no_gains(const struct cao_place *place, const struct facts *f,
                                struct cao_error *err)
{
    return cao_fail(
        err, CAO_EDATA,
        "no gains of %s %s of %d are known; take them from CRESDA's notice of that "
        "year into a copy of %s and name it as gaofen.gains, or allow those of the nearest year "
        "with gaofen.nearest_year: true",
        f->camera->satellite, f->camera->sensor, f->year, place->means->calibrations->path);
}

static const char *letters_of(const struct cao_camera_calibration *c, char text[64])
{
    size_t n = 0;
    text[0] = '\0';
    for (int i = 0; i < c->n_bands && n < 56; i++)
        n += (size_t)snprintf(text + n, 64 - n, "%s%s", i ? " " : "", cao_band_letter(c->band[i]));
    return text;
}

enum cao_status cao_gaofen_calibrate(const struct cao_declared *d, const struct cao_place *place,
                                     const char *image, struct cao_scene *s,
                                     double gain[CAO_N_BANDS], double offset[CAO_N_BANDS],
                                     struct cao_error *err)
{
    char name[CAO_KEY_SIZE], path[CAO_PATH_MAX], letters[64], *xml = NULL;
    struct facts f = { 0 };
    size_t length = product_length(image), n_xml = 0;
    if (length == 0 || length + 5 >= sizeof name)
        return cao_fail(err, CAO_EDATA,
                        "'%.80s' does not begin like a Gaofen product, so its XML cannot be found",
                        image);
    snprintf(name, sizeof name, "%.*s.xml", (int)length, image);
    enum cao_status st = cao_path_join(path, place->dir, name, err);
    if (!st && !cao_place_stat(path, NULL, NULL))
        st = cao_fail(err, CAO_EDATA, "its %s is missing: keep it beside the image", name);
    if (!st)
        st = read_facts(place, path, &xml, &n_xml, s, &f, err);
    free(xml);
    if (st)
        return st;
    const struct cao_gains *known =
        cao_calibration_gains(f.camera, f.year, place->means->raw.nearest_year);
    for (int b = 0; b < CAO_N_BANDS; b++) {
        int number = d->band[b].number;
        gain[b] = (double)NAN;
        if (!d->band[b].word[0])
            continue;
        if (number < 1 || number > f.camera->n_bands ||
            f.camera->band[number - 1] != (enum cao_band)b)
            return cao_fail(
                err, CAO_EDATA, "band %s of %s %s is not number %d; its bands 1 to %d are %s",
                cao_band_letter((enum cao_band)b), f.camera->satellite, f.camera->sensor, number,
                f.camera->n_bands, letters_of(f.camera, letters));
        if (!(d->gains[b] > 0) && !known)
            return no_gains(place, &f, err);
        double factor = cao_toa_factor(f.day_of_year, f.camera->esun[number - 1], f.zenith);
        bool own = d->gains[b] > 0;
        gain[b] = factor * (own ? d->gains[b] : known->gain[number - 1]);
        offset[b] = own ? 0 : factor * known->offset[number - 1];
    }
    return CAO_OK;
}

/* --- raw products --- */

/* What follows the product's number: nothing, a part "-1", a camera "-MSS1", "-MUX". */
static size_t raw_length(const char *name)
{
    size_t n = product_length(name);
    if (n == 0 || name[n] != '-')
        return n;
    if (strncmp(name + n, "-PAN", 4) == 0) /* panchromatic */
        return 0;
    return n + 1 + strspn(name + n + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

static bool is_file(const struct cao_sensor *self, const char *name, char key[CAO_KEY_SIZE])
{
    size_t n = raw_length(name);
    (void)self;
    if (n == 0 || n >= CAO_KEY_SIZE ||
        (strcmp(name + n, ".tiff") != 0 && strcmp(name + n, ".tif") != 0))
        return false;
    snprintf(key, CAO_KEY_SIZE, "%.*s", (int)n, name);
    return true;
}

/* The file beside the image: of its own name, or of the product's whose part it is. */
static bool find_beside(const struct cao_place *place, const char *const *endings, bool or_whole,
                        char path[CAO_PATH_MAX])
{
    char name[CAO_KEY_SIZE + 16];
    size_t whole = product_length(place->key);
    size_t lengths[] = { strlen(place->key), whole };
    for (size_t i = 0; i < (or_whole ? 2U : 1U); i++)
        for (const char *const *e = endings; *e; e++) {
            snprintf(name, sizeof name, "%.*s%s", (int)lengths[i], place->key, *e);
            if (!cao_path_join(path, place->dir, name, NULL) && cao_place_stat(path, NULL, NULL))
                return true;
        }
    return false;
}

/* A mask that is supplied: 1 cloud, 2 cloud shadow, 3 snow, 4 water, 255 outside. */
static const struct cao_qa_rule mask_rules[] = {
    { 0xFFFF, 255, CAO_OUTSIDE }, { 0xFFFF, 1, CAO_CLOUD }, { 0xFFFF, 2, CAO_SHADOW },
    { 0xFFFF, 3, CAO_SNOW },      { 0xFFFF, 4, CAO_WATER },
};

static enum cao_status find_mask(const struct cao_place *place, const struct cao_layer *image,
                                 struct cao_scene *s, const char **code, struct cao_error *err)
{
    static const char *const endings[] = { "_cloud.tif", "_cloud.tiff", "_mask.tif", NULL };
    char path[CAO_PATH_MAX];
    struct cao_header h = { 0 };
    struct cao_layer *l = &s->qa[0].layer;
    double above = place->means->raw.cloud_above;
    if (!find_beside(place, endings, false, path)) {
        s->bright_band = CAO_BAND_B;
        s->bright_above = above > 0 ? above : usual_cloud_above;
        return CAO_OK;
    }
    enum cao_status st = cao_layer_init(l, path, err);
    if (!st)
        st = cao_header_read_raw(l, s, &h, err);
    if (!st && (l->width != image->width || l->height != image->height || h.n_bands != 1)) {
        *code = "missing-band";
        st = cao_fail(err, CAO_EDATA,
                      "its cloud mask %s has %d x %d pixels in %d bands, the image %d x %d: it "
                      "belongs to another product",
                      path, l->width, l->height, h.n_bands, image->width, image->height);
    }
    if (!st && s->rpc)
        memcpy(l->geotransform, image->geotransform, sizeof l->geotransform);
    s->qa[0].rules = mask_rules;
    s->qa[0].n_rules = sizeof mask_rules / sizeof mask_rules[0];
    s->qa[0].outside = 255;
    cao_header_release(&h);
    return st;
}

static enum cao_status read_model(const struct cao_place *place, struct cao_scene *s,
                                  struct cao_buf *stamp, const char **code, struct cao_error *err)
{
    static const char *const endings[] = { ".rpb", ".RPB", NULL };
    const struct cao_raw_images *raw = &place->means->raw;
    char path[CAO_PATH_MAX], *text = NULL;
    size_t n = 0;
    int64_t size = 0, mtime = 0;
    if (!raw->dem || !raw->dem[0]) {
        *code = "level-unusable";
        return cao_fail(
            err, CAO_EDATA,
            "is Level 1A, which lies on no map: name an elevation model as gaofen.dem in "
            "the project file and it is rectified and calibrated while it is read");
    }
    *code = "missing-metadata";
    if (!find_beside(place, endings, false, path))
        return cao_fail(err, CAO_EDATA,
                        "its camera model %s.rpb is missing; unpack the whole product", place->key);
    enum cao_status st = cao_metadata_read(path, &text, &n, err);
    if (!st && !(s->rpc = calloc(1, sizeof *s->rpc)))
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    if (!st)
        st = cao_rpb_parse(text, path, s->rpc, err);
    if (!st)
        st = cao_scene_text(&s->dem, raw->dem, err);
    if (!st)
        st = cao_scene_crs(s, "EPSG:4326", err);
    if (!st)
        st = cao_scene_text(&s->crs_name, "camera", err);
    s->dem_shift_m = raw->dem_shift_m;
    (void)cao_place_stat(raw->dem, &size, &mtime);
    cao_buf_add(stamp, "%s %s %lld %lld %.17g", text ? text : "", raw->dem, (long long)size,
                (long long)mtime, raw->dem_shift_m);
    free(text);
    return st;
}

/* "E89.0_N23.9", and which part of the product. */
static enum cao_status name_tile(const struct cao_place *place, struct cao_scene *s,
                                 struct cao_error *err)
{
    char tile[64] = "";
    const char *east = strstr(place->key, "_E"), *part = place->key + product_length(place->key);
    east = east ? east : strstr(place->key, "_W");
    const char *north = east ? strchr(east + 1, '_') : NULL;
    if (north)
        snprintf(tile, sizeof tile, "%.*s%.20s",
                 (int)((size_t)(north - east - 1) + 1 + strcspn(north + 1, "_")), east + 1, part);
    return cao_scene_text(&s->tile, tile, err);
}

static enum cao_status make_bands(const struct cao_place *place, const char *path,
                                  const struct facts *f, const struct cao_gains *g,
                                  const struct cao_layer *image, int n_bands, struct cao_scene *s,
                                  struct cao_buf *stamp, struct cao_error *err)
{
    if (n_bands < f->camera->n_bands)
        return cao_fail(err, CAO_EDATA, "%s holds %d bands, %s %s has %d", path, n_bands,
                        f->camera->satellite, f->camera->sensor, f->camera->n_bands);
    for (int i = 0; i < f->camera->n_bands; i++) {
        struct cao_layer *l = &s->band[f->camera->band[i]];
        double factor = cao_toa_factor(f->day_of_year, f->camera->esun[i], f->zenith);
        enum cao_status st = cao_layer_init(l, path, err);
        if (st)
            return st;
        l->file_band = i + 1;
        l->width = image->width;
        l->height = image->height;
        memcpy(l->geotransform, image->geotransform, sizeof l->geotransform);
        l->gain = factor * g->gain[i];
        l->offset = factor * g->offset[i];
        l->fill = 0;
        cao_buf_add(stamp, " %.17g %.17g", l->gain, l->offset);
    }
    cao_buf_add(stamp, " %.17g", s->bright_above);
    (void)place;
    return CAO_OK;
}

static enum cao_status say_what(const struct facts *f, const struct cao_gains *g,
                                const struct cao_scene *s, struct cao_findings *findings,
                                struct cao_error *err)
{
    char clouds[160] = "", gains[120];
    if (s->bright_above > 0)
        snprintf(clouds, sizeof clouds,
                 "; no cloud mask (%.60s_cloud.tif): what is brighter than %g in blue counts as "
                 "cloud, snow too",
                 s->id, s->bright_above);
    snprintf(gains, sizeof gains, "by the gains of %d%s%s", g->year,
             g->year != f->year ? ", the nearest year that is known" : "",
             g->verified && f->camera->esun_verified ? "" : " (not checked against the notice)");
    return cao_findings_add(findings, CAO_NOTE, "top-of-atmosphere", s->path, 0, s->id,
                            "calibrated to reflectance at the top of the atmosphere %s: haze stays "
                            "in and lowers NDVI%s",
                            gains, clouds)
               ? cao_fail(err, CAO_ENOMEM, "out of memory")
               : CAO_OK;
}

/* The image: its size, and where it lies if it lies on a map already. */
static enum cao_status read_image(const struct cao_place *place, const char *path,
                                  const struct facts *f, struct cao_layer *image, int *n_bands,
                                  struct cao_scene *s, struct cao_buf *stamp, const char **code,
                                  struct cao_error *err)
{
    struct cao_header h = { 0 };
    bool is_part = place->key[product_length(place->key)] == '-';
    enum cao_status st = cao_layer_init(image, path, err);
    if (!st)
        st = cao_header_read_raw(image, s, &h, err);
    if (st)
        return st;
    *n_bands = h.n_bands;
    cao_header_release(&h);
    if (!is_part && f->width > 0 && (image->width != f->width || image->height != f->height))
        return cao_fail(err, CAO_EDATA,
                        "%s has %d x %d pixels, its XML says %lld x %lld: it belongs to another "
                        "product or was resampled",
                        path, image->width, image->height, (long long)f->width,
                        (long long)f->height);
    if (h.placed)
        return CAO_OK;
    const double pixels[6] = { 0, f->gsd, 0, 0, 0, -f->gsd };
    memcpy(image->geotransform, pixels, sizeof pixels);
    return read_model(place, s, stamp, code, err);
}

static enum cao_status describe(const struct cao_sensor *self, const struct cao_place *place,
                                struct cao_scene *s, struct cao_findings *findings,
                                const char **code, struct cao_error *err)
{
    static const char *const endings[] = { ".xml", NULL };
    char path[CAO_PATH_MAX], xml_path[CAO_PATH_MAX], *xml = NULL;
    int64_t size = 0;
    size_t n_xml = 0;
    int n_bands = 0;
    struct facts f = { 0 };
    struct cao_layer image = { .path = NULL };
    struct cao_buf stamp = { 0 };
    const struct cao_gains *gains = NULL;
    (void)self;
    s->cloud_pct = (double)NAN;
    enum cao_status st = cao_scene_text(&s->id, place->key, err);
    if (!st)
        st = cao_scene_text(&s->level, "L1A TOA", err);
    if (!st)
        st = name_tile(place, s, err);
    if (!st)
        st = cao_path_join(path, place->dir, place->names.items[0], err);
    if (st)
        return st;
    *code = "missing-band";
    if (!cao_place_stat(path, &size, NULL) || size == 0)
        return cao_fail(err, CAO_EDATA, "%s is empty; download it again", path);
    *code = "missing-metadata";
    if (!find_beside(place, endings, true, xml_path))
        return cao_fail(err, CAO_EDATA, "its %s.xml is missing; unpack the whole product",
                        place->key);
    *code = "product-unreadable";
    st = read_facts(place, xml_path, &xml, &n_xml, s, &f, err);
    if (!st) {
        gains = cao_calibration_gains(f.camera, f.year, place->means->raw.nearest_year);
        st = gains ? CAO_OK : no_gains(place, &f, err);
    }
    if (!st)
        st = read_image(place, path, &f, &image, &n_bands, s, &stamp, code, err);
    if (!st)
        st = find_mask(place, &image, s, code, err);
    if (!st)
        st = make_bands(place, path, &f, gains, &image, n_bands, s, &stamp, err);
    if (!st)
        st = say_what(&f, gains, s, findings, err);
    cao_buf_add(&stamp, "%s", xml ? xml : "");
    if (!st)
        st = stamp.failed ? cao_fail(err, CAO_ENOMEM, "out of memory")
                          : cao_scene_stamp(s, stamp.text, stamp.n, err);
    cao_buf_release(&stamp);
    free(image.path);
    free(xml);
    return st;
}

const struct cao_sensor cao_sensor_gaofen = {
    { "gaofen-l1a",
      "Gaofen-1/6, HJ-2 Level 1A: rectified with gaofen.dem, top-of-atmosphere reflectance",
      "高分一号/六号、环境二号L1A", "GF*_L1A*.tiff with .xml and .rpb" },
    NULL,
    is_file,
    describe,
    NULL
};
