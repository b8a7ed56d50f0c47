/* SPDX-License-Identifier: MIT */
#include "vector/layer_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>

#include "caochu/file.h"
#include "caochu/text.h"
#include "raster/crs.h"

static const char *const drivers[] = { "GPKG", "ESRI Shapefile", "GeoJSON", "FlatGeobuf", "LIBKML",
                                       "KML",  "OpenFileGDB",    "SQLite",  "GeoJSONSeq", "CSV",
                                       NULL };

struct cao_key_name cao_layer_key(const struct cao_pasture_source *src, const char *key)
{
    struct cao_key_name k;
    if (src->from_options)
        snprintf(k.text, sizeof k.text, "--%s", strcmp(key, "groups") == 0 ? "include-field" : key);
    else
        snprintf(k.text, sizeof k.text, "%s.%s", src->keys ? src->keys : "pastures",
                 src->keys && strcmp(key, "type") == 0 ? "field" : key);
    return k;
}

void cao_layer_in_close(struct cao_layer_in *l)
{
    if (l->srs)
        OSRDestroySpatialReference(l->srs);
    if (l->dataset)
        GDALClose(l->dataset);
    free(l->groups);
    *l = (struct cao_layer_in){ 0 };
}

static GDALDatasetH open_dataset(const char *path, const char *encoding)
{
    char **options = encoding ? CSLSetNameValue(NULL, "ENCODING", encoding) : NULL;
    CPLErrorReset();
    GDALDatasetH d = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, drivers,
                                (const char *const *)options, NULL);
    CSLDestroy(options);
    return d;
}

/* Shapefiles tell their code page in a .cpg or in a byte of the DBF that says "ANSI" for all of China:
 * then the bytes are taken as they are and decoded as UTF-8 or else GB18030. */
static enum cao_status open_source(const struct cao_pasture_source *src, struct cao_layer_in *l,
                                   struct cao_error *err)
{
    bool asked = src->encoding && src->encoding[0];
    l->dataset = open_dataset(src->path, asked ? src->encoding : NULL);
    int64_t size, time;
    if (!l->dataset && strncmp(src->path, "/vsi", 4) != 0 && !cao_file_is_dir(src->path) &&
        !cao_file_stat(src->path, &size, &time))
        return cao_fail(err, CAO_EIO, "%s: the file is not there", src->path);
    if (!l->dataset)
        return cao_fail(err, CAO_EIO, "%s: cannot be opened as a layer: %.400s", src->path,
                        CPLGetLastErrorMsg()[0] ? CPLGetLastErrorMsg()
                                                : "not a format that is known here");
    bool shapefile =
        cao_text_same(GDALGetDriverShortName(GDALGetDatasetDriver(l->dataset)), "ESRI Shapefile");
    if (!shapefile || asked || GDALDatasetGetLayerCount(l->dataset) < 1)
        return CAO_OK;
    OGRLayerH first = GDALDatasetGetLayer(l->dataset, 0);
    const char *cpg = GDALGetMetadataItem(first, "ENCODING_FROM_CPG", "SHAPEFILE");
    const char *ldid = GDALGetMetadataItem(first, "ENCODING_FROM_LDID", "SHAPEFILE");
    if (cpg || (ldid && !strstr(ldid, "8859")))
        return CAO_OK;
    GDALDatasetH raw = open_dataset(src->path, "");
    if (raw) {
        GDALClose(l->dataset);
        l->dataset = raw;
        l->raw = true;
    }
    return CAO_OK;
}

static enum cao_status choose_layer(const struct cao_pasture_source *src, struct cao_layer_in *l,
                                    struct cao_error *err)
{
    int n = GDALDatasetGetLayerCount(l->dataset);
    bool named = src->layer && src->layer[0];
    if (named)
        l->layer = GDALDatasetGetLayerByName(l->dataset, src->layer);
    else if (n == 1)
        l->layer = GDALDatasetGetLayer(l->dataset, 0);
    if (!l->layer && !named) { /* tables without geometry do not count */
        int spatial = 0;
        for (int i = 0; i < n; i++) {
            OGRLayerH layer = GDALDatasetGetLayer(l->dataset, i);
            if (OGR_L_GetGeomType(layer) != wkbNone) {
                l->layer = layer;
                spatial++;
            }
        }
        l->layer = spatial == 1 ? l->layer : NULL;
    }
    if (l->layer)
        return CAO_OK;
    struct cao_buf names = { 0 };
    for (int i = 0; i < n; i++)
        cao_buf_add(&names, "%s%s", i ? ", " : "",
                    OGR_L_GetName(GDALDatasetGetLayer(l->dataset, i)));
    enum cao_status st = cao_fail(err, CAO_EARG, "%s: %s%s; there are: %s", src->path,
                                  named ? "has no layer " : "holds several layers: name one with ",
                                  named ? src->layer : cao_layer_key(src, "layer").text,
                                  names.text ? names.text : "none");
    cao_buf_release(&names);
    return st;
}

static enum cao_status find_field(const struct cao_pasture_source *src, OGRFeatureDefnH def,
                                  const char *key, const char *name, int *at, struct cao_error *err)
{
    *at = -1;
    if (!name || !name[0])
        return CAO_OK;
    int n = OGR_FD_GetFieldCount(def);
    const char **known = calloc((size_t)n + 1, sizeof *known);
    if (!known)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (int i = 0; i < n; i++)
        known[i] = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(def, i));
    for (int i = 0; i < n && *at < 0; i++)
        *at = strcmp(known[i], name) == 0 ? i : -1;
    for (int i = 0; i < n && *at < 0; i++)
        *at = cao_text_same(known[i], name) ? i : -1;
    enum cao_status st = CAO_OK;
    if (*at < 0) {
        struct cao_buf names = { 0 };
        size_t near = cao_text_nearest(name, known, (size_t)n);
        for (int i = 0; i < n; i++)
            cao_buf_add(&names, "%s%s", i ? ", " : "", known[i]);
        st =
            cao_fail(err, CAO_EARG, "%s: %s: there is no column '%s'%s%s; there are: %s", src->path,
                     cao_layer_key(src, key).text, name, near == SIZE_MAX ? "" : "; did you mean ",
                     near == SIZE_MAX ? "" : known[near], names.text ? names.text : "none");
        cao_buf_release(&names);
    }
    free(known);
    return st;
}

static enum cao_status find_columns(const struct cao_pasture_source *src, struct cao_layer_in *l,
                                    struct cao_error *err)
{
    OGRFeatureDefnH def = OGR_L_GetLayerDefn(l->layer);
    const char *fid = OGR_L_GetFIDColumn(l->layer);
    l->groups = calloc(src->n_groups + 1, sizeof *l->groups);
    if (!l->groups)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    bool named = src->id_field && src->id_field[0];
    if (!named && !src->any_id)
        return cao_fail(err, CAO_EARG, "%s: %s: name the column with the id", src->path,
                        cao_layer_key(src, "id").text);
    enum cao_status st = CAO_OK;
    l->id_is_fid = !named || (fid && fid[0] && cao_text_same(fid, src->id_field) &&
                              OGR_FD_GetFieldIndex(def, src->id_field) < 0);
    if (!l->id_is_fid)
        st = find_field(src, def, "id", src->id_field, &l->id, err);
    if (!st)
        st = find_field(src, def, "name", src->name_field, &l->name, err);
    if (!st)
        st = find_field(src, def, "type", src->type_field, &l->type, err);
    if (!st)
        st = find_field(src, def, "season", src->season_field, &l->season, err);
    if (!st)
        st = find_field(src, def, "degradation", src->grade_field, &l->grade, err);
    if (!st)
        st = find_field(src, def, "zone", src->zone_field, &l->zone, err);
    if (!st)
        st = find_field(src, def, "herd", src->herd_field, &l->herd, err);
    for (size_t i = 0; !st && i < src->n_groups; i++)
        st = find_field(src, def, "groups", src->group_fields[i], &l->groups[i], err);
    return st;
}

static enum cao_status find_srs(const struct cao_pasture_source *src, struct cao_layer_in *l,
                                struct cao_error *err)
{
    OGRSpatialReferenceH own = OGR_L_GetSpatialRef(l->layer);
    if (src->crs_wins && src->crs && src->crs[0])
        own = NULL;
    if (own && cao_srs_is_a_place(own)) {
        l->srs = OSRClone(own);
    } else if (src->crs && src->crs[0]) {
        l->srs = OSRNewSpatialReference(NULL);
        if (OSRSetFromUserInput(l->srs, src->crs) != OGRERR_NONE)
            return cao_fail(err, CAO_EARG, "%s: %s: '%s' is not a coordinate system", src->path,
                            cao_layer_key(src, "crs").text, src->crs);
    } else {
        return cao_fail(err, CAO_EDATA,
                        "%s: has no coordinate system, so its place is not known; name it with "
                        "%s, such as EPSG:4490",
                        src->path, cao_layer_key(src, "crs").text);
    }
    OSRSetAxisMappingStrategy(l->srs, OAMS_TRADITIONAL_GIS_ORDER);
    return CAO_OK;
}

enum cao_status cao_layer_in_open(const struct cao_pasture_source *src, struct cao_layer_in *l,
                                  struct cao_error *err)
{
    struct cao_layer_in made = { 0 };
    enum cao_status st = open_source(src, &made, err);
    if (!st)
        st = choose_layer(src, &made, err);
    if (!st)
        st = find_columns(src, &made, err);
    if (!st)
        st = find_srs(src, &made, err);
    CPLErrorReset();
    if (!st && src->where && src->where[0] &&
        OGR_L_SetAttributeFilter(made.layer, src->where) != OGRERR_NONE)
        st = cao_fail(err, CAO_EARG, "%s: %s: '%s' is not understood: %.300s", src->path,
                      cao_layer_key(src, "where").text, src->where, CPLGetLastErrorMsg());
    if (st)
        cao_layer_in_close(&made);
    else
        *l = made;
    return st;
}

enum cao_status cao_layer_in_text(const struct cao_layer_in *l, OGRFeatureH f, int at, char **out,
                                  bool *decoded, struct cao_error *err)
{
    const char *s =
        at >= 0 && OGR_F_IsFieldSetAndNotNull(f, at) ? OGR_F_GetFieldAsString(f, at) : "";
    size_t n = strlen(s), n_out;
    enum cao_encoding found;
    char *text = NULL;
    if (!l->raw || cao_text_is_utf8(s, n)) {
        text = cao_text_copy(s);
    } else {
        enum cao_status st = cao_text_utf8(s, n, &text, &n_out, &found, err);
        if (st)
            return st;
        *decoded = true;
    }
    if (!text)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    char *trimmed = cao_text_trim(text);
    memmove(text, trimmed, strlen(trimmed) + 1);
    free(*out);
    *out = text;
    return CAO_OK;
}
