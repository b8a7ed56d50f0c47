/* SPDX-License-Identifier: MIT
 * What a station has of the ground besides pastures: grassland types and elevations at 30 m, zones. */
#include <stdio.h>
#include <stdlib.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "world/world.h"

enum { STEP = 3 };

static OGRSpatialReferenceH utm(void)
{
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(srs, WORLD_EPSG);
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    return srs;
}

static enum cao_status write_raster(const struct world_options *o, const char *name, void *pixels,
                                    size_t size, GDALDataType type, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    double t[6] = { WORLD_ULX, WORLD_PIXEL * STEP, 0, WORLD_ULY, 0, -WORLD_PIXEL * STEP };
    OGRSpatialReferenceH srs = utm();
    snprintf(path, sizeof path, "%s/%s", o->dir, name);
    GDALDatasetH d =
        GDALCreate(GDALGetDriverByName("GTiff"), path, (int)size, (int)size, 1, type, NULL);
    enum cao_status st = CAO_OK;
    if (!d || GDALSetGeoTransform(d, t) != CE_None || GDALSetSpatialRef(d, srs) != CE_None ||
        GDALRasterIO(GDALGetRasterBand(d, 1), GF_Write, 0, 0, (int)size, (int)size, pixels,
                     (int)size, (int)size, type, 0, 0) != CE_None)
        st = cao_fail(err, CAO_EIO, "%s: %s", path, CPLGetLastErrorMsg());
    if (d)
        GDALClose(d);
    OSRDestroySpatialReference(srs);
    return st;
}

static enum cao_status put_zone(OGRLayerH layer, const char *zone, double x0, double y0, double x1,
                                double y1, struct cao_error *err)
{
    OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing), g = OGR_G_CreateGeometry(wkbPolygon);
    const double xy[][2] = { { x0, y0 }, { x1, y0 }, { x1, y1 }, { x0, y1 }, { x0, y0 } };
    for (size_t i = 0; i < 5; i++)
        OGR_G_AddPoint_2D(ring, xy[i][0], xy[i][1]);
    OGR_G_AddGeometryDirectly(g, ring);
    OGR_F_SetGeometryDirectly(f, g);
    OGR_F_SetFieldString(f, 0, zone);
    enum cao_status st = OGR_L_CreateFeature(layer, f) == OGRERR_NONE
                             ? CAO_OK
                             : cao_fail(err, CAO_EIO, "zones: %s", CPLGetLastErrorMsg());
    OGR_F_Destroy(f);
    return st;
}

static enum cao_status write_zones(const struct world_options *o, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    double side = (double)o->size * WORLD_PIXEL, x = WORLD_ULX, y = WORLD_ULY;
    OGRSpatialReferenceH srs = utm();
    snprintf(path, sizeof path, "%s/zones.gpkg", o->dir);
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", "2024-01-01T00:00:00.000Z");
    GDALDatasetH d = GDALCreate(GDALGetDriverByName("GPKG"), path, 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH layer = d ? GDALDatasetCreateLayer(d, "zones", srs, wkbPolygon, NULL) : NULL;
    enum cao_status st =
        layer ? CAO_OK : cao_fail(err, CAO_EIO, "%s: %s", path, CPLGetLastErrorMsg());
    if (!st) {
        OGRFieldDefnH field = OGR_Fld_Create("zone", OFTString);
        OGR_L_CreateField(layer, field, FALSE);
        OGR_Fld_Destroy(field);
        st = put_zone(layer, "禁牧", x, y - side / 2, x + side / 2, y, err);
    }
    if (!st)
        st = put_zone(layer, "草畜平衡", x + side / 2, y - side, x + side, y, err);
    if (!st)
        st = put_zone(layer, "草畜平衡", x, y - side, x + side / 2, y - side / 2, err);
    if (d)
        GDALClose(d);
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", NULL);
    OSRDestroySpatialReference(srs);
    return st;
}

enum cao_status world_ground_write(const struct world_options *o, const struct world_land *land,
                                   struct cao_error *err)
{
    size_t size = land->size / STEP;
    uint8_t *types = calloc(size * size, 1);
    float *dem = calloc(size * size, sizeof *dem);
    enum cao_status st = types && dem ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t y = 0; !st && y < size; y++)
        for (size_t x = 0; x < size; x++) {
            size_t at = (y * STEP + STEP / 2) * land->size + x * STEP + STEP / 2;
            types[y * size + x] =
                land->water[at] > 0.5f ? 9 : (uint8_t)(land->type[at] + 1); /* its middle pixel */
            dem[y * size + x] = land->elevation[at];
        }
    if (!st)
        st = write_raster(o, "types.tif", types, size, GDT_Byte, err);
    if (!st)
        st = write_raster(o, "dem.tif", dem, size, GDT_Float32, err);
    if (!st)
        st = write_zones(o, err);
    free(types);
    free(dem);
    return st;
}
