/* SPDX-License-Identifier: MIT
 * Sentinel-2 L2A in the SAFE format (ESA, Sentinel-2 Products Specification Document, S2-PDGS-TAS-DI-PSD).
 * Everything comes from the product's metadata: reprocessed products of old dates carry the offset
 * of baseline 04.00, so neither the date nor the name decides. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_minixml.h>
#include <ogr_srs_api.h>

#include "caochu/format.h"
#include "caochu/text.h"
#include "sensor/sensor.h"
#include "sensor/sentinel2.h"
#include "sensor/xml.h"

enum { N_RESOLUTIONS = 3 };
static const int resolutions[N_RESOLUTIONS] = { 10, 20, 60 };

/* Scene classes of Sen2Cor. 4, 5 and 7 (vegetation, bare, unclassified) are clear. */
const struct cao_qa_rule cao_scl_rules[CAO_N_SCL_RULES] = {
    { 0xFFFF, 0, CAO_OUTSIDE }, { 0xFFFF, 1, CAO_SATURATED }, { 0xFFFF, 2, CAO_DARK },
    { 0xFFFF, 3, CAO_SHADOW },  { 0xFFFF, 6, CAO_WATER },     { 0xFFFF, 8, CAO_CLOUD },
    { 0xFFFF, 9, CAO_CLOUD },   { 0xFFFF, 10, CAO_CIRRUS },   { 0xFFFF, 11, CAO_SNOW },
};

const struct cao_s2_band cao_s2_bands[CAO_N_S2_BANDS] = {
    { "B01", CAO_BAND_A, 0 },   { "B02", CAO_BAND_B, 1 },   { "B03", CAO_BAND_G, 2 },
    { "B04", CAO_BAND_R, 3 },   { "B05", CAO_BAND_RE1, 4 }, { "B06", CAO_BAND_RE2, 5 },
    { "B07", CAO_BAND_RE3, 6 }, { "B08", CAO_BAND_N, 7 },   { "B8A", CAO_BAND_N2, 8 },
    { "B09", CAO_BAND_WV, 9 },  { "B11", CAO_BAND_S1, 11 }, { "B12", CAO_BAND_S2, 12 },
};
enum { N_OFFSETS = 13 };

struct geocoding {
    int rows[N_RESOLUTIONS], cols[N_RESOLUTIONS];
    double ulx[N_RESOLUTIONS], uly[N_RESOLUTIONS];
};

static bool holds(const struct cao_names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (cao_text_same(names->items[i], name))
            return true;
    return false;
}

static bool is_metadata(const char *name)
{
    return strncmp(name, "MTD_MSI", 7) == 0 && cao_path_has_ending(name, ".xml");
}

static bool is_folder(const char *path, const struct cao_names *names)
{
    if (cao_path_has_ending(path, ".SAFE"))
        return strncmp(cao_path_name(path), "S2", 2) == 0 || holds(names, "MTD_MSIL2A.xml");
    for (size_t i = 0; i < names->n; i++)
        if (is_metadata(names->items[i]))
            return true;
    return false;
}

static enum cao_status need_text(CPLXMLNode *root, const char *file, const char *name,
                                 const char **text, struct cao_error *err)
{
    *text = cao_xml_text(root, name);
    return *text ? CAO_OK : cao_fail(err, CAO_EDATA, "%s: lacks %s", file, name);
}

/* "47SNA" out of "..._T47SNA_...", wherever it stands in a name. */
static bool tile_in(const char *name, char tile[6])
{
    for (const char *at = name; (at = strstr(at, "_T")) != NULL; at += 2)
        if (strspn(at + 2, "0123456789") == 2 && strspn(at + 4, "ABCDEFGHJKLMNPQRSTUVWXYZ") >= 3) {
            memcpy(tile, at + 2, 5);
            tile[5] = '\0';
            return true;
        }
    return false;
}

/* What the product says of itself; the level is what decides whether it can be used. */
static enum cao_status describe_product(CPLXMLNode *root, const char *file,
                                        const struct cao_place *place, struct cao_scene *s,
                                        const char **code, struct cao_error *err)
{
    const char *level = "", *baseline = "", *start = "", *generated = "",
               *platform = cao_xml_text(root, "SPACECRAFT_NAME");
    const char *cloud = cao_xml_text(root, "Cloud_Coverage_Assessment"),
               *uri = cao_xml_text(root, "PRODUCT_URI");
    char id[CAO_PATH_MAX];
    snprintf(id, sizeof id, "%s", uri ? uri : cao_path_name(place->dir));
    if (cao_path_has_ending(id, ".SAFE"))
        id[strlen(id) - 5] = '\0';
    enum cao_status st = cao_scene_text(&s->id, id, err);
    if (!st)
        st = cao_scene_text(&s->platform, platform ? platform : "Sentinel-2", err);
    if (!st)
        st = need_text(root, file, "PROCESSING_LEVEL", &level, err);
    if (!st && strncmp(level, "Level-2A", 8) != 0) {
        *code = "level-unusable";
        st = cao_fail(err, CAO_EDATA,
                      "%s is not surface reflectance: Level-2A is needed; download the L2A product "
                      "or run Sen2Cor",
                      level);
    }
    if (!st)
        st = need_text(root, file, "PROCESSING_BASELINE", &baseline, err);
    if (!st)
        st = need_text(root, file, "GENERATION_TIME", &generated, err);
    if (!st && !(start = cao_xml_text(root, "DATATAKE_SENSING_START")))
        st = need_text(root, file, "PRODUCT_START_TIME", &start, err);
    if (!st && (!cao_time_parse(start, &s->time) || !cao_time_parse(generated, &s->generated)))
        st = cao_fail(err, CAO_EDATA, "%s: its times cannot be read: '%s', '%s'", file, start,
                      generated);
    if (!st)
        st = cao_scene_text(&s->level, "L2A", err);
    if (!st)
        st = cao_scene_text(&s->baseline, baseline, err);
    s->cloud_pct = (double)NAN;
    if (!st && cloud && !cao_text_double(cloud, &s->cloud_pct))
        s->cloud_pct = (double)NAN;
    return st;
}

/* reflectance = (DN + offset) / quantification, by band_id; without a list the offset is 0. */
static enum cao_status read_scaling(CPLXMLNode *root, const char *file, double *quantification,
                                    double offset[N_OFFSETS], struct cao_error *err)
{
    const char *text = cao_xml_text(root, "BOA_QUANTIFICATION_VALUE");
    if (!text)
        text = cao_xml_text(root, "L2A_BOA_QUANTIFICATION_VALUE"); /* before baseline 02.07 */
    if (!text || !cao_text_double(text, quantification) || !(*quantification > 0))
        return cao_fail(err, CAO_EDATA, "%s: BOA_QUANTIFICATION_VALUE is missing or not a number",
                        file);
    for (int i = 0; i < N_OFFSETS; i++)
        offset[i] = 0;
    CPLXMLNode *list = cao_xml_search(root, "BOA_ADD_OFFSET_VALUES_LIST");
    int n = 0;
    for (CPLXMLNode *o = list ? list->psChild : NULL; o; o = o->psNext) {
        int64_t id;
        double v;
        if (o->eType != CXT_Element || strcmp(o->pszValue, "BOA_ADD_OFFSET") != 0)
            continue;
        const char *id_text = CPLGetXMLValue(o, "band_id", ""),
                   *value = CPLGetXMLValue(o, NULL, "");
        if (!cao_text_int64(id_text, &id) || id < 0 || id >= N_OFFSETS ||
            !cao_text_double(value, &v))
            return cao_fail(err, CAO_EDATA, "%s: BOA_ADD_OFFSET of band_id '%s' is '%s'", file,
                            id_text, value);
        offset[id] = v;
        n++;
    }
    if (list && n != N_OFFSETS)
        return cao_fail(err, CAO_EDATA, "%s: BOA_ADD_OFFSET_VALUES_LIST has %d of %d bands", file,
                        n, N_OFFSETS);
    return CAO_OK;
}

static bool number_of(CPLXMLNode *node, const char *name, double *v)
{
    const char *text = CPLGetXMLValue(node, name, NULL);
    return text && cao_text_double(text, v);
}

/* Size and place of the images per resolution, and the CRS. */
static enum cao_status read_geocoding(CPLXMLNode *root, const char *file, struct geocoding *g,
                                      struct cao_scene *s, struct cao_error *err)
{
    const char *crs;
    CPLXMLNode *node = cao_xml_search(root, "Tile_Geocoding");
    enum cao_status st = need_text(root, file, "HORIZONTAL_CS_CODE", &crs, err);
    if (st)
        return st;
    for (CPLXMLNode *n = node ? node->psChild : NULL; n; n = n->psNext) {
        double a, b;
        int64_t res = 0;
        if (n->eType != CXT_Element || !cao_text_int64(CPLGetXMLValue(n, "resolution", ""), &res))
            continue;
        for (int i = 0; i < N_RESOLUTIONS; i++) {
            if (res != resolutions[i])
                continue;
            if (strcmp(n->pszValue, "Size") == 0 && number_of(n, "NROWS", &a) &&
                number_of(n, "NCOLS", &b) && a >= 1 && b >= 1 && a <= 65536 && b <= 65536) {
                g->rows[i] = (int)a;
                g->cols[i] = (int)b;
            } else if (strcmp(n->pszValue, "Geoposition") == 0 && number_of(n, "ULX", &a) &&
                       number_of(n, "ULY", &b)) {
                g->ulx[i] = a;
                g->uly[i] = b;
            }
        }
    }
    for (int i = 0; i < N_RESOLUTIONS; i++)
        if (g->rows[i] == 0 || g->cols[i] == 0)
            return cao_fail(err, CAO_EDATA, "%s: Tile_Geocoding lacks the %d m grid", file,
                            resolutions[i]);
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    char *wkt = NULL;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    bool ok = strncmp(crs, "EPSG:", 5) == 0 &&
              OSRImportFromEPSG(srs, atoi(crs + 5)) == OGRERR_NONE &&
              OSRExportToWkt(srs, &wkt) == OGRERR_NONE;
    CPLPopErrorHandler();
    st = ok ? cao_scene_text(&s->crs, wkt, err)
            : cao_fail(err, CAO_EDATA, "%s: its CRS '%s' is not known", file, crs);
    if (!st)
        st = cao_scene_text(&s->crs_name, crs, err);
    CPLFree(wkt);
    OSRDestroySpatialReference(srs);
    return st;
}

/* A name without ending out of the metadata, or a pattern, to the file that is there: .jp2 or .tif. */
static bool existing_file(const char *stem, char path[CAO_PATH_MAX], int64_t *size)
{
    static const char *const endings[] = { ".jp2", ".tif", ".TIF", ".tiff" };
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        int n = snprintf(path, CAO_PATH_MAX, "%s%s", stem, endings[i]);
        if (n > 0 && n < CAO_PATH_MAX && cao_place_stat(path, size, NULL))
            return true;
    }
    snprintf(path, CAO_PATH_MAX, "%s.jp2", stem);
    return false;
}

/* The IMAGE_FILE entry that ends in "_B04_10m" (or, in names of before 2016, "_B04"). */
static const char *image_entry(CPLXMLNode *granules, const char *band, int res)
{
    char ending[32];
    snprintf(ending, sizeof ending, "_%s_%dm", band, res);
    for (CPLXMLNode *list = granules; list; list = list->psNext)
        for (CPLXMLNode *g = list->eType == CXT_Element ? list->psChild : NULL; g; g = g->psNext)
            for (CPLXMLNode *f = g->eType == CXT_Element ? g->psChild : NULL; f; f = f->psNext) {
                if (f->eType != CXT_Element || (strcmp(f->pszValue, "IMAGE_FILE") != 0 &&
                                                strcmp(f->pszValue, "IMAGE_FILE_2A") != 0))
                    continue;
                const char *text = CPLGetXMLValue(f, NULL, "");
                if (cao_path_has_ending(text, ending))
                    return text;
            }
    return NULL;
}

/* The one file below IMG_DATA/R10m whose name has "_B04_10m": for products whose files were renamed. */
static bool search_file(const char *granule, const char *band, int res, char path[CAO_PATH_MAX],
                        int64_t *size)
{
    char dir[CAO_PATH_MAX], part[64], wanted[32];
    struct cao_names names = { 0 };
    bool found = false;
    snprintf(part, sizeof part, "IMG_DATA/R%dm", res);
    snprintf(wanted, sizeof wanted, "_%s_%dm.", band, res);
    if (cao_path_join(dir, granule, part, NULL) || cao_place_list(dir, &names, NULL))
        return false;
    for (size_t i = 0; !found && i < names.n; i++)
        found = strstr(names.items[i], wanted) && !cao_path_has_ending(names.items[i], ".xml") &&
                cao_path_join(path, dir, names.items[i], NULL) == CAO_OK &&
                cao_place_stat(path, size, NULL);
    cao_names_release(&names);
    return found;
}

/* "T47SNA_20240718T040551_...", as images of products since 2016 are named: of other ground or time? */
static bool is_foreign(const char *path, const struct cao_scene *s)
{
    const char *name = cao_path_name(path);
    char when[16];
    int64_t time;
    if (!cao_name_begins(name, "T##???_########T######_"))
        return false;
    snprintf(when, sizeof when, "%.15s", name + 7);
    return strncmp(name + 1, s->tile, 5) != 0 ||
           (cao_time_parse(when, &time) && llabs(time - s->time) > 3600);
}

struct files {
    const char *product, *granule; /* folders of both */
    const struct cao_scene *scene;
    CPLXMLNode *granules; /* Product_Organisation */
    const struct geocoding *geocoding;
};

/* The finest image of a band. A listed file that is not there, or empty, is named; coarser copies of
 * it would silently change the resolution. *named is the file that should be there. */
static enum cao_status find_layer(const struct files *f, const char *band, struct cao_layer *layer,
                                  char named[CAO_PATH_MAX], struct cao_error *err)
{
    named[0] = '\0';
    for (int i = 0; i < N_RESOLUTIONS; i++) {
        char path[CAO_PATH_MAX];
        int64_t size = 0;
        const char *entry = image_entry(f->granules, band, resolutions[i]);
        bool there = false;
        if (entry) {
            char stem[CAO_PATH_MAX];
            enum cao_status st = cao_product_file(stem, f->product, entry, err);
            if (st)
                return st;
            there = existing_file(stem, path, &size);
            if (!there && !named[0])
                snprintf(named, CAO_PATH_MAX, "%s", path);
        }
        if (!there && (there = search_file(f->granule, band, resolutions[i], path, &size)) &&
            is_foreign(path, f->scene))
            return cao_fail(err, CAO_EDATA,
                            "%s: is by its name of another tile or time than the product (%s); "
                            "download the product again",
                            path, f->scene->tile);
        if (there && size == 0) {
            snprintf(named, CAO_PATH_MAX, "%s (empty)", path);
            return CAO_OK;
        }
        if (!there && entry)
            return CAO_OK;
        if (!there)
            continue;
        const struct geocoding *g = f->geocoding;
        double res = resolutions[i];
        *layer = (struct cao_layer){ .path = cao_text_copy(path),
                                     .width = g->cols[i],
                                     .height = g->rows[i],
                                     .geotransform = { g->ulx[i], res, 0, g->uly[i], 0, -res },
                                     .gain = 1,
                                     .offset = 0,
                                     .fill = CAO_S2_FILL,
                                     .saturated = (double)NAN };
        return layer->path ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    }
    return CAO_OK;
}

/* Red, near infrared and SCL make a product usable; any other missing band is named and left out. */
static enum cao_status find_layers(const struct files *f, double quantification,
                                   const double offset[N_OFFSETS], struct cao_scene *s,
                                   struct cao_findings *findings, const char **code,
                                   struct cao_error *err)
{
    char named[CAO_PATH_MAX];
    char missing_nir[CAO_PATH_MAX] = "";
    enum cao_status st = find_layer(f, "SCL", &s->qa[0].layer, named, err);
    if (!st && !s->qa[0].layer.path) {
        *code = "missing-band";
        return cao_fail(err, CAO_EDATA, "SCL is missing: %s; download the product again",
                        named[0] ? named : "no file of it");
    }
    s->qa[0].rules = cao_scl_rules;
    s->qa[0].n_rules = CAO_N_SCL_RULES;
    s->qa[0].outside = 0;
    for (size_t i = 0; !st && i < CAO_N_S2_BANDS; i++) {
        struct cao_layer *l = &s->band[cao_s2_bands[i].band];
        st = find_layer(f, cao_s2_bands[i].name, l, named, err);
        if (st || !l->path) {
            if (!st && cao_s2_bands[i].band == CAO_BAND_R) {
                *code = "missing-band";
                return cao_fail(err, CAO_EDATA, "%s is missing: %s; download the product again",
                                cao_s2_bands[i].name, named[0] ? named : "no file of it");
            }
            if (!st && cao_s2_bands[i].band == CAO_BAND_N)
                snprintf(missing_nir, sizeof missing_nir, "%s", named);
            if (!st && named[0] &&
                cao_findings_add(findings, CAO_NOTE, "missing-band", named, 0, s->id,
                                 "band %s is missing or empty", cao_s2_bands[i].name))
                st = cao_fail(err, CAO_ENOMEM, "out of memory");
            continue;
        }
        l->gain = 1 / quantification;
        l->offset = offset[cao_s2_bands[i].id] / quantification;
        l->saturated = CAO_S2_SATURATED;
    }
    if (!st && !cao_scene_has(s, CAO_BAND_N) && !cao_scene_has(s, CAO_BAND_N2)) {
        *code = "missing-band";
        st = cao_fail(err, CAO_EDATA,
                      "near infrared (B08, B8A) is missing: %s; download the product again",
                      missing_nir[0] ? missing_nir : "no file of it");
    }
    return st;
}

/* What can be told of the images that each run reads without opening them: 13 headers of a product would
 * take longer than all its metadata. */
static enum cao_status glance_at_images(const struct cao_scene *s, struct cao_error *err)
{
    const struct cao_layer *const layers[] = { &s->qa[0].layer, &s->band[CAO_BAND_R],
                                               &s->band[CAO_BAND_N], &s->band[CAO_BAND_N2] };
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        const struct cao_layer *l = layers[i];
        int width, height;
        const char *words = l->path ? cao_format_words(l->path) : NULL;
        if (words)
            return cao_fail(err, CAO_EDATA,
                            "%s: is not a GeoTIFF or JPEG 2000 image: %s; download it again",
                            l->path, words);
        if (l->path && cao_format_jp2_size(l->path, &width, &height) &&
            (width != l->width || height != l->height))
            return cao_fail(err, CAO_EDATA,
                            "%s: %d x %d pixels, but the scene's metadata say %d x %d; the file "
                            "belongs to another product or was resampled",
                            l->path, width, height, l->width, l->height);
    }
    return CAO_OK;
}

/* The granule of the product: products of today have one; old ones with several are refused. */
static enum cao_status find_granule(const char *path, char granule[CAO_PATH_MAX],
                                    struct cao_error *err)
{
    char dir[CAO_PATH_MAX];
    struct cao_names names = { 0 };
    enum cao_status st = cao_path_join(dir, path, "GRANULE", err);
    if (!st && cao_place_list(dir, &names, err))
        st = cao_fail(err, CAO_EDATA, "GRANULE is missing; unpack the whole product");
    size_t n = 0;
    for (size_t i = 0; !st && i < names.n; i++) {
        char child[CAO_PATH_MAX];
        if (cao_path_join(child, dir, names.items[i], NULL) || !cao_place_is_dir(child))
            continue;
        n++;
        memcpy(granule, child, sizeof child);
    }
    cao_names_release(&names);
    if (!st && n != 1)
        st =
            cao_fail(err, CAO_EDATA,
                     n == 0 ? "GRANULE is empty; unpack the whole product"
                            : "has %zu granules; products of one tile each are needed (since 2016)",
                     n);
    return st;
}

/* The product's own metadata file: of L2A where there is one, else of what level it is. */
static enum cao_status find_metadata(const char *path, const struct cao_names *names,
                                     char file[CAO_PATH_MAX], struct cao_error *err)
{
    const char *name = NULL;
    for (size_t i = 0; i < names->n; i++)
        if (is_metadata(names->items[i]) &&
            (!name || strcmp(names->items[i], "MTD_MSIL2A.xml") == 0))
            name = names->items[i];
    for (size_t i = 0; !name && i < names->n; i++) /* before 2016-12: S2A_USER_MTD_SAFL2A_... */
        if (strstr(names->items[i], "_MTD_") && cao_path_has_ending(names->items[i], ".xml"))
            name = names->items[i];
    if (!name)
        return cao_fail(err, CAO_EDATA, "MTD_MSIL2A.xml is missing; unpack the whole product");
    return cao_path_join(file, path, name, err);
}

static enum cao_status describe(const struct cao_sensor *self, const struct cao_place *place,
                                struct cao_scene *s, struct cao_findings *findings,
                                const char **code, struct cao_error *err)
{
    (void)self;
    const char *path = place->dir;
    char file[CAO_PATH_MAX], granule[CAO_PATH_MAX], tile_file[CAO_PATH_MAX], tile[6];
    char *text = NULL, *tile_text = NULL;
    size_t n = 0, tile_n = 0;
    CPLXMLNode *root = NULL, *tile_root = NULL;
    double quantification = 0, offset[N_OFFSETS];
    struct geocoding geocoding = { { 0 }, { 0 }, { 0 }, { 0 } };
    enum cao_status st = find_metadata(path, &place->names, file, err);
    if (!st)
        st = cao_xml_read_without(file, "Spectral_Information_List", &text, &n, &root, err);
    if (!st)
        st = describe_product(root, file, place, s, code, err);
    if (!st)
        st = read_scaling(root, file, &quantification, offset, err);
    if (!st)
        st = find_granule(path, granule, err);
    if (!st)
        st = cao_path_join(tile_file, granule, "MTD_TL.xml", err);
    if (!st)
        st = cao_xml_read_without(tile_file, "Tile_Angles", &tile_text, &tile_n, &tile_root, err);
    if (!st)
        st = read_geocoding(tile_root, tile_file, &geocoding, s, err);
    if (!st) {
        const char *tile_id = cao_xml_text(tile_root, "TILE_ID");
        if ((tile_id && tile_in(tile_id, tile)) || tile_in(cao_path_name(granule), tile) ||
            tile_in(s->id, tile))
            st = cao_scene_text(&s->tile, tile, err);
        else
            st = cao_fail(err, CAO_EDATA, "%s: names no tile", tile_file);
    }
    if (!st) {
        CPLXMLNode *organisation = cao_xml_search(root, "Product_Organisation");
        struct files f = { path, granule, s, organisation ? organisation->psChild : NULL,
                           &geocoding };
        st = find_layers(&f, quantification, offset, s, findings, code, err);
    }
    if (!st)
        st = glance_at_images(s, err);
    if (!st)
        st = cao_scene_stamp(s, text, n, err);
    CPLDestroyXMLNode(root);
    CPLDestroyXMLNode(tile_root);
    free(text);
    free(tile_text);
    return st;
}

const struct cao_sensor cao_sensor_sentinel2 = { { "sentinel2-l2a",
                                                   "Sentinel-2 MSI Level-2A, SAFE folder or .zip",
                                                   "哨兵二号L2A", "MTD_MSIL2A.xml, *.SAFE" },
                                                 is_folder,
                                                 NULL,
                                                 describe,
                                                 NULL };
