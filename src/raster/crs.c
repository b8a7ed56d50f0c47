/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>

#include "caochu/grid.h"
#include "caochu/text.h"
#include "raster/crs.h"
#include "raster/gdal_words.h"

/* GDAL would fetch a CRS from any address; opengis.net names are resolved without the network. */
static bool is_remote(const char *text)
{
    return (strncasecmp(text, "http", 4) == 0 && !strstr(text, "opengis.net/def/")) ||
           strstr(text, "/vsi") != NULL;
}

OGRSpatialReferenceH cao_srs_import(const char *text)
{
    if (!text || !text[0] || is_remote(text))
        return NULL;
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    if (!srs)
        return NULL;
    if (OSRSetFromUserInput(srs, text) != OGRERR_NONE) {
        OSRDestroySpatialReference(srs);
        return NULL;
    }
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    return srs;
}

bool cao_srs_same(OGRSpatialReferenceH a, OGRSpatialReferenceH b)
{
    static const char *const lax[] = { "IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES",
                                       "CRITERION=EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS", NULL };
    return OSRIsSameEx(a, b, lax) != 0;
}

bool cao_crs_same(const char *crs_a, const char *crs_b)
{
    if (!crs_a || !crs_b)
        return false;
    if (strcmp(crs_a, crs_b) == 0)
        return true;
    OGRSpatialReferenceH a = cao_srs_import(crs_a), b = cao_srs_import(crs_b);
    bool same = a && b && cao_srs_same(a, b);
    OSRDestroySpatialReference(a);
    OSRDestroySpatialReference(b);
    return same;
}

bool cao_srs_is_a_place(OGRSpatialReferenceH srs)
{
    const char *name = OSRGetName(srs);
    return !OSRIsLocal(srs) && !(name && strncmp(name, "Undefined ", 10) == 0); /* GeoPackage */
}

/* "EPSG:32647" where the CRS states its code or GDAL recognises it, else its own name. */
static char *short_name(OGRSpatialReferenceH srs)
{
    char text[256];
    const char *authority = OSRGetAuthorityName(srs, NULL), *code = OSRGetAuthorityCode(srs, NULL);
    if ((!authority || !code) && OSRAutoIdentifyEPSG(srs) == OGRERR_NONE) {
        authority = OSRGetAuthorityName(srs, NULL);
        code = OSRGetAuthorityCode(srs, NULL);
    }
    if (authority && code)
        snprintf(text, sizeof text, "%s:%s", authority, code);
    else
        snprintf(text, sizeof text, "%s", OSRGetName(srs) ? OSRGetName(srs) : "unnamed");
    return cao_text_copy(text);
}

void cao_crs_name(const char *crs_text, char *name, size_t size)
{
    OGRSpatialReferenceH srs = cao_srs_import(crs_text);
    char *text = srs ? short_name(srs) : NULL;
    snprintf(name, size, "%s", text ? text : "unknown");
    free(text);
    OSRDestroySpatialReference(srs);
}

static char *as_wkt(OGRSpatialReferenceH srs)
{
    /* WKT 1 where it can say it all: its text does not change with the edition of PROJ's database. */
    static const char *const forms[][2] = { { "FORMAT=WKT1_GDAL", NULL },
                                            { "FORMAT=WKT2_2019", NULL } };
    char *copy = NULL;
    for (size_t i = 0; i < 2 && !copy; i++) {
        char *wkt = NULL;
        if (OSRExportToWktEx(srs, &wkt, forms[i]) == OGRERR_NONE && wkt && wkt[0])
            copy = cao_text_copy(wkt);
        CPLFree(wkt);
    }
    return copy;
}

enum cao_status cao_crs_resolve(const char *crs_text, char **wkt, char **name,
                                struct cao_error *err)
{
    char words[CAO_WORDS];
    CPLErrorReset();
    OGRSpatialReferenceH srs = cao_srs_import(crs_text);
    if (!srs)
        return cao_fail(
            err, CAO_EARG,
            "'%.100s' is not a coordinate system that GDAL knows (%s); write one such as "
            "EPSG:32647",
            crs_text ? crs_text : "", cao_gdal_words(words));
    enum cao_status st = CAO_OK;
    char *made_wkt = NULL, *made_name = NULL;
    if (!OSRIsProjected(srs))
        st =
            cao_fail(err, CAO_EARG,
                     "'%.100s' is not a projected coordinate system; areas need one in metres such "
                     "as EPSG:32647",
                     crs_text);
    else if (fabs(OSRGetLinearUnits(srs, NULL) - 1.0) > 1e-9)
        st = cao_fail(err, CAO_EARG,
                      "'%.100s' is not in metres; write a coordinate system in metres such as "
                      "EPSG:32647",
                      crs_text);
    else {
        /* The text first: recognising a code adds it to the CRS, and so to its text. */
        made_wkt = as_wkt(srs);
        made_name = short_name(srs);
        if (!made_wkt || !made_name)
            st = cao_fail(err, CAO_ENOMEM, "'%.100s': the coordinate system cannot be copied",
                          crs_text);
    }
    OSRDestroySpatialReference(srs);
    if (st) {
        free(made_wkt);
        free(made_name);
        return st;
    }
    *wkt = made_wkt;
    *name = made_name;
    return CAO_OK;
}

void cao_crs_utm(double lon, double lat, char text[32])
{
    double turned = lon - 360.0 * floor((lon + 180.0) / 360.0);
    int zone = (int)floor((turned + 180.0) / 6.0) + 1;
    zone = zone < 1 ? 1 : zone > 60 ? 60 : zone;
    snprintf(text, 32, "EPSG:%d%02d", lat < 0.0 ? 327 : 326, zone);
}
