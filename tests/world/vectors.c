/* SPDX-License-Identifier: MIT
 * pastures.gpkg in CGCS2000 longitude and latitude, as contracts have it. */
#include "world/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

static const char *const families[] = { "才仁", "扎西", "卓玛", "索南", "尕玛",
                                        "多杰", "旦增", "仁青", "拉毛", "文江" };
static const char *const given[] = { "多杰", "卓玛", "旺姆", "才旦", "加", "措", "东周", "闹布" };
static const char *const villages[] = { "尕泽村", "擦泽村", "卓让村" };
/* Spellings as they come from different offices. */
static const char *const type_names[WORLD_N_TYPES][2] = { { "alpine_meadow", "高寒草甸" },
                                                          { "alpine_steppe", "高寒草原" },
                                                          { "swampy_meadow", "高寒沼泽化草甸" },
                                                          { "alpine_desert", "高寒荒漠" } };

void world_pasture_id(size_t serial, char id[WORLD_ID_SIZE])
{
    snprintf(id, WORLD_ID_SIZE, "0632626%03zu", serial);
}

static OGRGeometryH ring_of(const struct world_ring *r, OGRCoordinateTransformationH to_lonlat)
{
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing);
    for (size_t i = 0; i < r->n; i++) {
        double x = r->v[i].x, y = r->v[i].y;
        OCTTransform(to_lonlat, 1, &x, &y, NULL);
        OGR_G_AddPoint_2D(ring, x, y);
    }
    return ring;
}

static OGRGeometryH geometry_of(const struct world_pasture *p,
                                OGRCoordinateTransformationH to_lonlat)
{
    OGRGeometryH multi = OGR_G_CreateGeometry(wkbMultiPolygon), part = NULL;
    for (size_t i = 0; i < p->n_rings; i++) {
        if (!p->rings[i].hole) {
            if (part)
                OGR_G_AddGeometryDirectly(multi, part);
            part = OGR_G_CreateGeometry(wkbPolygon);
        }
        OGR_G_AddGeometryDirectly(part, ring_of(&p->rings[i], to_lonlat));
    }
    OGR_G_AddGeometryDirectly(multi, part);
    return multi;
}

static enum cao_status put_feature(OGRLayerH layer, const char *id, size_t serial, int type,
                                   double area_ha, OGRGeometryH g, struct cao_error *err)
{
    char name[64];
    snprintf(name, sizeof name, "%s%s", families[serial % 10], given[(serial / 3) % 8]);
    OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    OGR_F_SetFieldString(f, 0, id);
    OGR_F_SetFieldString(f, 1, name);
    OGR_F_SetFieldString(f, 2, villages[serial % 3]);
    OGR_F_SetFieldString(f, 3, "扎陵湖乡");
    OGR_F_SetFieldString(f, 4, type_names[type][serial % 2]);
    OGR_F_SetFieldString(f, 5, "year-round");
    OGR_F_SetFieldDouble(f, 6, area_ha * 15);
    OGR_F_SetGeometryDirectly(f, g);
    OGRErr bad = OGR_L_CreateFeature(layer, f);
    OGR_F_Destroy(f);
    return bad == OGRERR_NONE ? CAO_OK
                              : cao_fail(err, CAO_EIO, "pastures.gpkg: %s", CPLGetLastErrorMsg());
}

/* An id that is there already, and a polygon that crosses itself. */
static enum cao_status put_bad_rows(OGRLayerH layer, const struct world_mosaic *m,
                                    OGRCoordinateTransformationH t, struct cao_error *err)
{
    char id[WORLD_ID_SIZE];
    struct world_point c = m->items[1].centre;
    struct world_point bow[] = {
        { c.x, c.y }, { c.x + 400, c.y + 400 }, { c.x + 400, c.y }, { c.x, c.y + 400 }, { c.x, c.y }
    };
    struct world_ring ring = { bow, 5, false };
    struct world_pasture crossed = { .rings = { ring }, .n_rings = 1 };
    world_pasture_id(m->items[0].serial, id);
    enum cao_status st =
        put_feature(layer, id, 1, WORLD_MEADOW, 1, geometry_of(&m->items[0], t), err);
    world_pasture_id(900, id);
    return st ? st : put_feature(layer, id, 900, WORLD_MEADOW, 8, geometry_of(&crossed, t), err);
}

enum cao_status world_pastures_write(const struct world_options *o, const struct world_mosaic *m,
                                     struct cao_error *err)
{
    static const struct {
        const char *name;
        OGRFieldType type;
    } fields[] = {
        { "pasture_id", OFTString },     { "name", OFTString },       { "village", OFTString },
        { "township", OFTString },       { "grass_type", OFTString }, { "season", OFTString },
        { "contract_area_mu", OFTReal },
    };
    char path[CAO_PATH_MAX], id[WORLD_ID_SIZE];
    snprintf(path, sizeof path, "%s/pastures.gpkg", o->dir);
    OGRSpatialReferenceH utm = OSRNewSpatialReference(NULL), lonlat = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(utm, WORLD_EPSG);
    OSRImportFromEPSG(lonlat, 4490);
    OSRSetAxisMappingStrategy(utm, OAMS_TRADITIONAL_GIS_ORDER);
    OSRSetAxisMappingStrategy(lonlat, OAMS_TRADITIONAL_GIS_ORDER);
    OGRCoordinateTransformationH t = OCTNewCoordinateTransformation(utm, lonlat);
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", "2024-01-01T00:00:00.000Z");
    GDALDatasetH d = GDALCreate(GDALGetDriverByName("GPKG"), path, 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH layer =
        d ? GDALDatasetCreateLayer(d, "pastures", lonlat, wkbMultiPolygon, NULL) : NULL;
    enum cao_status st =
        layer && t ? CAO_OK : cao_fail(err, CAO_EIO, "%s: %s", path, CPLGetLastErrorMsg());
    for (size_t i = 0; !st && i < sizeof fields / sizeof fields[0]; i++) {
        OGRFieldDefnH f = OGR_Fld_Create(fields[i].name, fields[i].type);
        OGR_L_CreateField(layer, f, FALSE);
        OGR_Fld_Destroy(f);
    }
    for (size_t i = 0; !st && i < m->n; i++) {
        world_pasture_id(m->items[i].serial, id);
        st = put_feature(layer, id, m->items[i].serial, m->items[i].type, m->items[i].area_ha,
                         geometry_of(&m->items[i], t), err);
    }
    if (!st && o->bad_rows)
        st = put_bad_rows(layer, m, t, err);
    if (d)
        GDALClose(d);
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", NULL);
    OCTDestroyCoordinateTransformation(t);
    OSRDestroySpatialReference(utm);
    OSRDestroySpatialReference(lonlat);
    return st;
}
