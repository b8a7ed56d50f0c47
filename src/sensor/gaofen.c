/* SPDX-License-Identifier: MIT
 * Gaofen-1 and -6 wide field cameras. Their Level 1A has neither map projection nor reflectance: raw
 * products are refused with what to do; images that were rectified since, with their digital numbers
 * kept, are calibrated to top-of-atmosphere reflectance where a project declares so.
 *
 * Gains of the China Centre for Resources Satellite Data and Application (CRESDA, one notice a year) and
 * solar irradiances as collected by the Gaofen-Batch project; those of 2020 agree with ACOLITE. */
#include "sensor/gaofen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "sensor/xml.h"

enum { MOST_BANDS = 8, BEIJING_H = 8 };

/* Bands 1, 2, ... of the camera in the order of its files. Those of GF-6 are not in order of wavelength. */
static const struct camera {
    const char *satellite, *sensor;
    int n_bands;
    enum cao_band band[MOST_BANDS];
    double esun[MOST_BANDS]; /* W/(m2 um) */
} cameras[] = {
    { "GF1",
      "WFV1",
      4,
      { CAO_BAND_B, CAO_BAND_G, CAO_BAND_R, CAO_BAND_N },
      { 1968.63, 1849.19, 1571.46, 1079.0 } },
    { "GF1",
      "WFV2",
      4,
      { CAO_BAND_B, CAO_BAND_G, CAO_BAND_R, CAO_BAND_N },
      { 1955.11, 1847.22, 1569.45, 1087.87 } },
    { "GF1",
      "WFV3",
      4,
      { CAO_BAND_B, CAO_BAND_G, CAO_BAND_R, CAO_BAND_N },
      { 1956.62, 1840.46, 1541.45, 1084.06 } },
    { "GF1",
      "WFV4",
      4,
      { CAO_BAND_B, CAO_BAND_G, CAO_BAND_R, CAO_BAND_N },
      { 1968.08, 1841.53, 1540.8, 1069.6 } },
    { "GF6",
      "WFV",
      8,
      { CAO_BAND_B, CAO_BAND_G, CAO_BAND_R, CAO_BAND_N, CAO_BAND_RE1, CAO_BAND_RE2, CAO_BAND_A,
        CAO_BAND_Y },
      { 1952.16, 1847.43, 1554.76, 1074.06, 1412.0, 1267.39, 1792.64, 1736.92 } },
};

static const struct gains {
    const char *satellite, *sensor;
    int year;
    double gain[MOST_BANDS]; /* W/(m2 sr um) per DN */
} table[] = {
    { "GF1", "WFV1", 2020, { 0.19319, 0.16041, 0.12796, 0.13405 } },
    { "GF1", "WFV2", 2020, { 0.2057, 0.1648, 0.1260, 0.1187 } },
    { "GF1", "WFV3", 2020, { 0.2106, 0.1825, 0.1346, 0.1187 } },
    { "GF1", "WFV4", 2020, { 0.2522, 0.2029, 0.1528, 0.1031 } },
    { "GF1", "WFV1", 2021, { 0.1722, 0.1496, 0.1227, 0.1262 } },
    { "GF1", "WFV2", 2021, { 0.1792, 0.1534, 0.1232, 0.1291 } },
    { "GF1", "WFV3", 2021, { 0.2044, 0.1844, 0.1429, 0.1453 } },
    { "GF1", "WFV4", 2021, { 0.2102, 0.1808, 0.1442, 0.1362 } },
    { "GF1", "WFV1", 2022, { 0.1889, 0.1495, 0.1228, 0.1352 } },
    { "GF1", "WFV2", 2022, { 0.1585, 0.1223, 0.0997, 0.1111 } },
    { "GF1", "WFV3", 2022, { 0.2085, 0.1743, 0.1385, 0.1438 } },
    { "GF1", "WFV4", 2022, { 0.2148, 0.1607, 0.1317, 0.1288 } },
    { "GF6", "WFV", 2019, { 0.0705, 0.0567, 0.0516, 0.0322, 0.0532, 0.0453, 0.0786, 0.0585 } },
    { "GF6", "WFV", 2020, { 0.0675, 0.0552, 0.0513, 0.0314, 0.0519, 0.0454, 0.0718, 0.0596 } },
    { "GF6", "WFV", 2021, { 0.0633, 0.0532, 0.0508, 0.0325, 0.0523, 0.0463, 0.0670, 0.0591 } },
    { "GF6", "WFV", 2022, { 0.0631, 0.0469, 0.0443, 0.0297, 0.0503, 0.0439, 0.0775, 0.0505 } },
};

double cao_toa_factor(int day_of_year, double esun, double sun_zenith_deg)
{
    const double pi = 3.14159265358979323846, degree = pi / 180;
    double d = 1 - 0.01672 * cos(0.9856 * degree * (day_of_year - 4));
    return pi * d * d / (esun * cos(sun_zenith_deg * degree));
}

/* Length of "GF1_WFV3_E89.0_N23.9_20200523_L1A0004819525" at the start of a name; 0: it is none. */
static size_t product_length(const char *name)
{
    if (strncmp(name, "GF", 2) != 0 || !strstr(name, "_E"))
        return 0;
    const char *level = strstr(name, "_L1A"), *two = strstr(name, "_L2A");
    level = level ? level : two;
    if (!level || strspn(level + 4, "0123456789") < 6)
        return 0;
    return (size_t)(level - name) + 4 + strspn(level + 4, "0123456789");
}

static const struct camera *camera_of(const char *satellite, const char *sensor)
{
    for (size_t i = 0; i < sizeof cameras / sizeof cameras[0]; i++)
        if (strcmp(cameras[i].satellite, satellite) == 0 && strcmp(cameras[i].sensor, sensor) == 0)
            return &cameras[i];
    return NULL;
}

static const double *gains_of(const struct camera *c, int year)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].year == year && strcmp(table[i].satellite, c->satellite) == 0 &&
            strcmp(table[i].sensor, c->sensor) == 0)
            return table[i].gain;
    return NULL;
}

/* What the XML says: times of the image are Beijing time, and so is their year. */
struct facts {
    const struct camera *camera;
    int year, day_of_year;
    double zenith;
};

static enum cao_status read_facts(const char *path, struct cao_scene *s, struct facts *f,
                                  struct cao_error *err)
{
    char *text = NULL;
    size_t n = 0;
    CPLXMLNode *root = NULL;
    enum cao_status st = cao_xml_read(path, &text, &n, &root, err);
    if (st)
        return st;
    const char *satellite = cao_xml_text(root, "SatelliteID"),
               *sensor = cao_xml_text(root, "SensorID"), *time = cao_xml_text(root, "CenterTime"),
               *zenith = cao_xml_text(root, "SolarZenith"),
               *cloud = cao_xml_text(root, "CloudPercent");
    int64_t beijing = 0;
    double pct;
    char platform[32];
    f->camera = satellite && sensor ? camera_of(satellite, sensor) : NULL;
    if (!f->camera)
        st = cao_fail(err, CAO_EDATA, "%s: no calibration is known of %s %s", path,
                      satellite ? satellite : "its satellite", sensor ? sensor : "");
    else if (!time || !cao_time_parse(time, &beijing))
        st = cao_fail(err, CAO_EDATA, "%s: CenterTime is missing or no time", path);
    else if (!zenith || !cao_text_double(zenith, &f->zenith) || f->zenith < 0 || f->zenith > 85)
        st = cao_fail(err, CAO_EDATA, "%s: SolarZenith is missing or not in 0 to 85", path);
    if (!st) {
        int32_t day = (int32_t)(beijing / 86400);
        char date[CAO_DATE_TEXT];
        cao_date_format(day, date);
        f->year = atoi(date);
        f->day_of_year = cao_date_day_of_year(day);
        s->time = s->generated = beijing - BEIJING_H * 3600;
        if (cloud && cao_text_double(cloud, &pct) && pct >= 0 && pct <= 100)
            s->cloud_pct = pct;
        snprintf(platform, sizeof platform, "%.10s %.10s", satellite, sensor);
        st = cao_scene_text(&s->platform, platform, err);
    }
    CPLDestroyXMLNode(root);
    free(text);
    return st;
}

enum cao_status cao_gaofen_calibrate(const struct cao_declared *d, const struct cao_place *place,
                                     const char *image, struct cao_scene *s,
                                     double gain[CAO_N_BANDS], struct cao_error *err)
{
    char name[CAO_KEY_SIZE], path[CAO_PATH_MAX];
    struct facts f = { 0 };
    size_t length = product_length(image);
    if (length == 0 || length + 5 >= sizeof name)
        return cao_fail(err, CAO_EDATA,
                        "'%.80s' does not begin like a Gaofen product, so its XML cannot be found",
                        image);
    snprintf(name, sizeof name, "%.*s.xml", (int)length, image);
    enum cao_status st = cao_path_join(path, place->dir, name, err);
    if (!st && !cao_place_stat(path, NULL, NULL))
        st = cao_fail(err, CAO_EDATA, "its %s is missing: keep it beside the image", name);
    if (!st)
        st = read_facts(path, s, &f, err);
    if (st)
        return st;
    const double *known = gains_of(f.camera, f.year);
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
                f.camera->n_bands, f.camera->n_bands == 8 ? "B G R N RE1 RE2 A Y" : "B G R N");
        double g = d->gains[b] > 0 ? d->gains[b] : known ? known[number - 1] : 0;
        if (!(g > 0))
            return cao_fail(err, CAO_EDATA,
                            "no gains of %s %s of %d are known; give them from CRESDA's notice of "
                            "that year: gains: {%s: ...}",
                            f.camera->satellite, f.camera->sensor, f.year,
                            cao_band_letter((enum cao_band)b));
        gain[b] = g * cao_toa_factor(f.day_of_year, f.camera->esun[number - 1], f.zenith);
    }
    return CAO_OK;
}

/* --- raw products: named, and refused with what to do --- */

static bool is_file(const struct cao_sensor *self, const char *name, char key[CAO_KEY_SIZE])
{
    size_t n = product_length(name);
    (void)self;
    if (n == 0 || n >= CAO_KEY_SIZE ||
        (strcmp(name + n, ".tiff") != 0 && strcmp(name + n, ".tif") != 0))
        return false;
    snprintf(key, CAO_KEY_SIZE, "%.*s", (int)n, name);
    return true;
}

static enum cao_status describe(const struct cao_sensor *self, const struct cao_place *place,
                                struct cao_scene *s, struct cao_findings *findings,
                                const char **code, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    int64_t size = 0;
    (void)self;
    (void)findings;
    enum cao_status st = cao_scene_text(&s->id, place->key, err);
    if (!st)
        st = cao_path_join(path, place->dir, place->names.items[0], err);
    if (st)
        return st;
    *code = "missing-band";
    if (!cao_place_stat(path, &size, NULL) || size == 0)
        return cao_fail(err, CAO_EDATA, "%s is empty; download it again", path);
    *code = "level-unusable";
    return cao_fail(err, CAO_EDATA,
                    "is Level 1A, without place and reflectance: rectify it (gdalwarp -rpc -to "
                    "RPC_DEM=dem.tif -t_srs EPSG:326zz -tr 16 16 %s %s_ortho.tif) and declare the "
                    "result under sensors, with scale: gaofen for digital numbers",
                    place->names.items[0], place->key);
}

const struct cao_sensor cao_sensor_gaofen = {
    { "gaofen-l1a", "Gaofen-1/6 Level 1A: refused with what to do; rectified images are declared",
      "高分一号/六号L1A", "GF?_WFV*_L1A*.tiff" },
    NULL,
    is_file,
    describe,
    NULL
};
