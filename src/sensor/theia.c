/* SPDX-License-Identifier: MIT
 * Sentinel-2 L2A of THEIA, made by MAJA (CNES): GeoTIFF per band, flat reflectance (FRE, corrected for slopes),
 * masks by bits. The format is CESBIO's "Theia's Sentinel-2 L2A product format". Bits of CLM and the order of
 * bands in SAT: as sertit/eoreader (s2_theia_product.py) cites that page; of CLM 1 and 7 and of MG2: the table of
 * CESBIO's own majamask (cesbio.cnrs.fr/maja, 2024-04-16). Both, with MG2 in full: cordmaur/WaterDetect. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "sensor/agree.h"
#include "sensor/sensor.h"
#include "sensor/xml.h"

enum { FILL = -10000 };
static const double scale = 1e-4;

/* EDG: 1 beyond the swath. */
static const struct cao_qa_rule edge_rules[] = { { 1u, 1u, CAO_OUTSIDE } };
/* CLM: 0 any cloud or shadow, 1 cloud but the thinnest, 2 and 3 how it was found, 4 the thinnest, 5 and 6
 * shadow of a cloud within and beyond the image, 7 high cloud. */
static const struct cao_qa_rule cloud_rules[] = {
    { 1u << 1, 1u << 1, CAO_CLOUD },  { 1u << 5, 1u << 5, CAO_SHADOW },
    { 1u << 6, 1u << 6, CAO_SHADOW }, { 1u << 4, 1u << 4, CAO_CIRRUS },
    { 1u << 7, 1u << 7, CAO_CIRRUS },
};
/* MG2: 0 water, 1 any cloud, 2 snow, 3 shadow of a cloud (both as in CLM), 4 shadow of terrain, 5 hidden by it,
 * 6 sun too low, 7 sun along the slope. */
static const struct cao_qa_rule ground_rules[] = {
    { 1u << 2, 1u << 2, CAO_SNOW }, { 1u << 0, 1u << 0, CAO_WATER }, { 1u << 4, 1u << 4, CAO_DARK },
    { 1u << 5, 1u << 5, CAO_DARK }, { 1u << 6, 1u << 6, CAO_DARK },  { 1u << 7, 1u << 7, CAO_DARK },
};
/* SAT of 10 m: a bit for each of B2, B3, B4, B8. */
static const struct cao_qa_rule saturation_rules[] = {
    { 1u << 0, 1u << 0, CAO_SATURATED },
    { 1u << 1, 1u << 1, CAO_SATURATED },
    { 1u << 2, 1u << 2, CAO_SATURATED },
    { 1u << 3, 1u << 3, CAO_SATURATED },
};

static const struct mask_row {
    const char *name;
    const struct cao_qa_rule *rules;
    size_t n_rules;
    uint16_t outside;
    bool may_lack;
} masks[CAO_MOST_QA] = {
    { "EDG_R1", edge_rules, sizeof edge_rules / sizeof edge_rules[0], 1, false },
    { "CLM_R1", cloud_rules, sizeof cloud_rules / sizeof cloud_rules[0], 0, false },
    { "MG2_R1", ground_rules, sizeof ground_rules / sizeof ground_rules[0], 0, false },
    { "SAT_R1", saturation_rules, sizeof saturation_rules / sizeof saturation_rules[0], 0, true },
};

static const struct band_row {
    const char *name;
    enum cao_band band;
} bands[] = {
    { "B2", CAO_BAND_B },   { "B3", CAO_BAND_G },   { "B4", CAO_BAND_R }, { "B5", CAO_BAND_RE1 },
    { "B6", CAO_BAND_RE2 }, { "B7", CAO_BAND_RE3 }, { "B8", CAO_BAND_N }, { "B8A", CAO_BAND_N2 },
    { "B11", CAO_BAND_S1 }, { "B12", CAO_BAND_S2 },
};
enum { N_ROWS = sizeof bands / sizeof bands[0] };

static const char *metadata_name(const struct cao_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (strncmp(names->items[i], "SENTINEL2", 9) == 0 &&
            cao_path_has_ending(names->items[i], "_MTD_ALL.xml"))
            return names->items[i];
    return NULL;
}

static bool is_folder(const char *path, const struct cao_names *names)
{
    (void)path;
    return metadata_name(names) != NULL;
}

/* The file whose name ends so; false: there is none that holds anything. */
static bool find_file(const char *dir, const struct cao_names *names, const char *ending,
                      char path[CAO_PATH_MAX])
{
    int64_t size = 0;
    for (size_t i = 0; i < names->n; i++)
        if (cao_path_has_ending(names->items[i], ending))
            return !cao_path_join(path, dir, names->items[i], NULL) &&
                   cao_place_stat(path, &size, NULL) && size > 0;
    return false;
}

static enum cao_status missing(const char *what, const char **code, struct cao_error *err)
{
    *code = "missing-band";
    return cao_fail(err, CAO_EDATA, "%s is missing or empty; download the product again", what);
}

static enum cao_status find_masks(const struct cao_place *place, struct cao_scene *s,
                                  struct cao_agreement *a, struct cao_findings *findings,
                                  const char **code, struct cao_error *err)
{
    char dir[CAO_PATH_MAX], path[CAO_PATH_MAX], ending[32];
    struct cao_names names = { 0 };
    enum cao_status st = cao_path_join(dir, place->dir, "MASKS", err);
    if (!st && cao_place_list(dir, &names, NULL))
        return missing("the folder MASKS", code, err);
    for (int q = 0; !st && q < CAO_MOST_QA; q++) {
        snprintf(ending, sizeof ending, "_%s.tif", masks[q].name);
        if (!find_file(dir, &names, ending, path) && masks[q].may_lack) {
            if (cao_findings_add(findings, CAO_NOTE, "missing-band", dir, 0, s->id,
                                 "%s is missing or empty: saturated pixels are not told apart",
                                 masks[q].name))
                st = cao_fail(err, CAO_ENOMEM, "out of memory");
            break;
        }
        if (!find_file(dir, &names, ending, path)) {
            st = missing(masks[q].name, code, err);
            break;
        }
        st = cao_layer_init(&s->qa[q].layer, path, err);
        if (!st)
            st = cao_agreement_read(a, &s->qa[q].layer, s, NULL, err);
        s->qa[q].rules = masks[q].rules;
        s->qa[q].n_rules = masks[q].n_rules;
        s->qa[q].outside = masks[q].outside;
    }
    cao_names_release(&names);
    return st;
}

static enum cao_status find_bands(const struct cao_place *place, struct cao_scene *s,
                                  struct cao_agreement *a, const char **code, struct cao_error *err)
{
    char path[CAO_PATH_MAX], ending[32];
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < N_ROWS; i++) {
        struct cao_layer *l = &s->band[bands[i].band];
        snprintf(ending, sizeof ending, "_FRE_%s.tif", bands[i].name);
        if (!find_file(place->dir, &place->names, ending, path)) {
            if (bands[i].band == CAO_BAND_R)
                st = missing("FRE_B4", code, err);
            continue;
        }
        st = cao_layer_init(l, path, err);
        if (!st)
            st = cao_agreement_read(a, l, s, NULL, err);
        l->gain = scale;
        l->fill = FILL;
    }
    if (!st && cao_scene_band(s, CAO_BAND_N) == CAO_N_BANDS)
        st = missing("FRE_B8 (and FRE_B8A)", code, err);
    return st;
}

static enum cao_status describe(const struct cao_sensor *self, const struct cao_place *place,
                                struct cao_scene *s, struct cao_findings *findings,
                                const char **code, struct cao_error *err)
{
    char file[CAO_PATH_MAX], *text = NULL, craft[16];
    size_t n = 0;
    CPLXMLNode *root = NULL;
    struct cao_agreement agreement = { 0 };
    const char *name = metadata_name(&place->names);
    (void)self;
    s->cloud_pct = (double)NAN;
    enum cao_status st = cao_path_join(file, place->dir, name ? name : "", err);
    if (!st)
        st = cao_xml_read(file, &text, &n, &root, err);
    if (st)
        return st;
    const char *id = cao_xml_text(root, "IDENTIFIER"),
               *zone = cao_xml_text(root, "GEOGRAPHICAL_ZONE"),
               *when = cao_xml_text(root, "ACQUISITION_DATE"),
               *made = cao_xml_text(root, "PRODUCTION_DATE");
    if (!id || !zone || !when || strncmp(id, "SENTINEL2", 9) != 0 || !id[9] ||
        !cao_time_parse(when, &s->time))
        st = cao_fail(err, CAO_EDATA,
                      "%s: IDENTIFIER, GEOGRAPHICAL_ZONE or ACQUISITION_DATE is "
                      "missing or wrong",
                      file);
    if (!st && (!made || !cao_time_parse(made, &s->generated)))
        s->generated = s->time;
    snprintf(craft, sizeof craft, "Sentinel-2%c", id && strlen(id) > 9 ? id[9] : 'A');
    if (!st)
        st = cao_scene_text(&s->id, id, err);
    if (!st)
        st = cao_scene_text(&s->platform, craft, err);
    if (!st)
        st = cao_scene_text(&s->level, "L2A MAJA", err);
    if (!st)
        st = cao_scene_text(&s->tile, zone[0] == 'T' ? zone + 1 : zone, err);
    CPLDestroyXMLNode(root);
    if (!st)
        st = find_masks(place, s, &agreement, findings, code, err);
    if (!st)
        st = find_bands(place, s, &agreement, code, err);
    if (!st)
        st = cao_agreement_check(&agreement, false, err);
    if (!st)
        st = cao_scene_stamp(s, text, n, err);
    free(text);
    return st;
}

const struct cao_sensor cao_sensor_theia = {
    { "sentinel2-maja", "Sentinel-2 MSI Level-2A of THEIA (MAJA), folder or .zip",
      "哨兵二号L2A（THEIA MAJA）", "SENTINEL2*_MTD_ALL.xml" },
    is_folder,
    NULL,
    describe,
    NULL
};
