/* SPDX-License-Identifier: MIT */
#include "sensor/header.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "caochu/format.h"
#include "caochu/text.h"
#include "sensor/sensor.h"
#include "sensor/touched.h"

void cao_header_release(struct cao_header *h)
{
    CSLDestroy(h->metadata);
    *h = (struct cao_header){ 0 };
}

enum cao_status cao_layer_init(struct cao_layer *layer, const char *path, struct cao_error *err)
{
    struct cao_layer made = {
        .path = cao_text_copy(path), .gain = 1, .fill = (double)NAN, .saturated = (double)NAN
    };
    if (!made.path)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    free(layer->path);
    *layer = made;
    return CAO_OK;
}

static void name_crs(OGRSpatialReferenceH srs, char name[64])
{
    const char *authority = OSRGetAuthorityName(srs, NULL), *epsg = OSRGetAuthorityCode(srs, NULL),
               *own = OSRGetName(srs), *projection = OSRGetAttrValue(srs, "PROJECTION", 0);
    int north, zone = OSRGetUTMZone(srs, &north);
    if (authority && epsg)
        snprintf(name, 64, "%.20s:%.20s", authority, epsg);
    else if (zone)
        snprintf(name, 64, "UTM %d%c", zone, north ? 'N' : 'S');
    else if (!own || cao_text_same(own, "unnamed") || cao_text_same(own, "unknown"))
        snprintf(name, 64, "%.60s", projection ? projection : "unnamed");
    else
        snprintf(name, 64, "%.60s", own);
    char *to = name;
    for (const char *c = name; *c; c++) /* "PS         WGS84" */
        if (*c != ' ' || c[1] != ' ')
            *to++ = *c;
    *to = '\0';
}

static enum cao_status set_crs(struct cao_scene *s, OGRSpatialReferenceH srs, struct cao_error *err)
{
    char *wkt = NULL, name[64];
    name_crs(srs, name);
    enum cao_status st = OSRExportToWkt(srs, &wkt) == OGRERR_NONE
                             ? cao_scene_text(&s->crs, wkt, err)
                             : cao_fail(err, CAO_EDATA, "its CRS cannot be read");
    if (!st)
        st = cao_scene_text(&s->crs_name, name, err);
    CPLFree(wkt);
    return st;
}

enum cao_status cao_scene_crs(struct cao_scene *s, const char *wkt, struct cao_error *err)
{
    CPLPushErrorHandler(CPLQuietErrorHandler);
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    bool ok = OSRSetFromUserInput(srs, wkt) == OGRERR_NONE;
    enum cao_status st =
        ok ? set_crs(s, srs, err) : cao_fail(err, CAO_EDATA, "its CRS cannot be understood");
    OSRDestroySpatialReference(srs);
    CPLPopErrorHandler();
    return st;
}

static void read_numbers(GDALDatasetH d, int file_band, struct cao_header *h)
{
    int is;
    h->n_bands = GDALGetRasterCount(d);
    GDALRasterBandH band =
        GDALGetRasterBand(d, file_band >= 1 && file_band <= h->n_bands ? file_band : 1);
    h->scale = h->offset = h->nodata = (double)NAN;
    double v = band ? GDALGetRasterScale(band, &is) : 0;
    if (band && is)
        h->scale = v;
    v = band ? GDALGetRasterOffset(band, &is) : 0;
    if (band && is)
        h->offset = v;
    v = band ? GDALGetRasterNoDataValue(band, &is) : 0;
    if (band && is)
        h->nodata = v;
    h->metadata = CSLDuplicate(GDALGetMetadata(d, NULL));
}

static enum cao_status read_header(struct cao_layer *l, struct cao_scene *s,
                                   struct cao_header *header, bool may_lack_place,
                                   struct cao_error *err)
{
    double place[6];
    cao_touch(l->path);
    static const char *const drivers[] = { "GTiff", "JP2OpenJPEG", NULL };
    CPLErrorReset();
    CPLPushErrorHandler(CPLQuietErrorHandler);
    GDALDatasetH d = GDALOpenEx(l->path, GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                                drivers, NULL, NULL);
    CPLPopErrorHandler();
    if (!d) {
        const char *words = cao_format_words(l->path);
        return cao_fail(err, CAO_EDATA,
                        "%s: is not a readable GeoTIFF or JPEG 2000 image: %.300s; download it "
                        "again",
                        l->path, words ? words : CPLGetLastErrorMsg());
    }
    enum cao_status st = CAO_OK;
    OGRSpatialReferenceH srs = GDALGetSpatialRef(d);
    l->width = GDALGetRasterXSize(d);
    l->height = GDALGetRasterYSize(d);
    bool placed = GDALGetGeoTransform(d, place) == CE_None && srs;
    if (placed)
        memcpy(l->geotransform, place, sizeof place);
    else if (!may_lack_place)
        st = cao_fail(err, CAO_EDATA, "%s: has no place on the ground (no geotransform or CRS)",
                      l->path);
    if (!st && placed && !s->crs[0])
        st = set_crs(s, srs, err);
    if (!st && header) {
        read_numbers(d, l->file_band, header);
        header->placed = placed;
        header->crs_name[0] = '\0';
        if (placed)
            name_crs(srs, header->crs_name);
    }
    GDALClose(d);
    return st;
}

enum cao_status cao_header_read(struct cao_layer *l, struct cao_scene *s, struct cao_header *header,
                                struct cao_error *err)
{
    return read_header(l, s, header, false, err);
}

enum cao_status cao_header_read_raw(struct cao_layer *l, struct cao_scene *s,
                                    struct cao_header *header, struct cao_error *err)
{
    return read_header(l, s, header, true, err);
}
