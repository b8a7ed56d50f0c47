/* SPDX-License-Identifier: MIT */
#include "caochu/layer_out.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "caochu/file.h"
#include "caochu/text.h"

static enum cao_status gdal_fail(const char *path, const char *what, struct cao_error *err)
{
    return cao_fail(err, CAO_EIO, "%s: %s: %.400s", path, what,
                    CPLGetLastErrorMsg()[0] ? CPLGetLastErrorMsg() : "no reason given");
}

/* A format: how its files end, and whether polygons go in. */
struct format {
    const char *ending, *driver;
    bool polygons;
};
static const struct format formats[] = {
    { ".csv", NULL, false },        { ".gpkg", "GPKG", true },
    { ".xlsx", "XLSX", false },     { ".geojson", "GeoJSON", true },
    { ".fgb", "FlatGeobuf", true }, { ".parquet", "Parquet", true },
    { ".ods", "ODS", false },
};
enum { N_FORMATS = sizeof formats / sizeof formats[0] };

static enum cao_status add_columns(OGRLayerH layer, const char *path, const struct cao_table *t,
                                   bool chinese, struct cao_error *err)
{
    static const OGRFieldType types[] = {
        [CAO_CELL_TEXT] = OFTString, [CAO_CELL_REAL] = OFTReal, [CAO_CELL_INT] = OFTInteger64
    };
    for (size_t c = 0; c < t->n_columns; c++) {
        OGRFieldDefnH f = OGR_Fld_Create(chinese ? t->columns[c].zh : t->columns[c].name,
                                         types[t->columns[c].type]);
        if (!chinese)
            OGR_Fld_SetAlternativeName(f, t->columns[c].zh);
        OGRErr bad = OGR_L_CreateField(layer, f, FALSE);
        OGR_Fld_Destroy(f);
        if (bad != OGRERR_NONE)
            return gdal_fail(path, "a column cannot be made", err);
    }
    return CAO_OK;
}

static enum cao_status add_row(OGRLayerH layer, const char *path, const struct cao_pasture *p,
                               const struct cao_table *t, size_t row, struct cao_error *err)
{
    OGRGeometryH g = NULL;
    assert(!p || p->wkb);
    if (p && OGR_G_CreateFromWkb(p->wkb, NULL, &g, (int)p->wkb_size) != OGRERR_NONE)
        return cao_fail(err, CAO_EDATA, "%s: the geometry of %s cannot be written", path, p->id);
    OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    for (size_t c = 0; c < t->n_columns; c++) {
        const struct cao_value *v = &t->cells[row * t->n_columns + c];
        if (!v->set)
            OGR_F_SetFieldNull(f, (int)c);
        else if (t->columns[c].type == CAO_CELL_TEXT)
            OGR_F_SetFieldString(f, (int)c, v->text);
        else if (t->columns[c].type == CAO_CELL_INT)
            OGR_F_SetFieldInteger64(f, (int)c, (GIntBig)v->number);
        else
            OGR_F_SetFieldDouble(f, (int)c, v->number);
    }
    if (g)
        OGR_F_SetGeometryDirectly(f, g);
    OGRErr bad = OGR_L_CreateFeature(layer, f);
    OGR_F_Destroy(f);
    return bad == OGRERR_NONE ? CAO_OK : gdal_fail(path, "a row cannot be written", err);
}

static enum cao_status fill(GDALDatasetH d, const char *path, const char *name,
                            const struct format *format, const struct cao_pastures *pastures,
                            const size_t *row_pasture, const struct cao_table *t, bool chinese,
                            struct cao_error *err)
{
    OGRSpatialReferenceH srs = OSRNewSpatialReference(pastures->layer_crs);
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    OGRLayerH layer = GDALDatasetCreateLayer(d, name, format->polygons ? srs : NULL,
                                             format->polygons ? wkbMultiPolygon : wkbNone, NULL);
    OSRDestroySpatialReference(srs);
    enum cao_status st = layer ? add_columns(layer, path, t, chinese && !format->polygons, err)
                               : gdal_fail(path, "the layer cannot be made", err);
    bool whole = GDALDatasetTestCapability(d, ODsCTransactions);
    if (!st && whole && GDALDatasetStartTransaction(d, FALSE) != OGRERR_NONE)
        st = gdal_fail(path, "cannot be written", err);
    for (size_t r = 0; !st && r < t->n_rows; r++)
        st = add_row(layer, path, format->polygons ? &pastures->items[row_pasture[r]] : NULL, t, r,
                     err);
    if (!st && whole && GDALDatasetCommitTransaction(d) != OGRERR_NONE)
        st = gdal_fail(path, "cannot be written", err);
    return st;
}

static enum cao_status write_dataset(const char *at, const char *path, const char *layer,
                                     const struct format *format,
                                     const struct cao_pastures *pastures, const size_t *row_pasture,
                                     const struct cao_table *table, int32_t date, bool chinese,
                                     struct cao_error *err)
{
    char day[CAO_DATE_TEXT], moment[40];
    cao_date_format(date, day);
    snprintf(moment, sizeof moment, "%sT00:00:00.000Z", day);
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", moment);
    CPLErrorReset();
    GDALDatasetH d =
        GDALCreate(GDALGetDriverByName(format->driver), at, 0, 0, 0, GDT_Unknown, NULL);
    enum cao_status st =
        d ? fill(d, path, layer, format, pastures, row_pasture, table, chinese, err)
          : gdal_fail(path, "cannot be made", err);
    if (d) { /* closing writes too, and tells of a full disk through the error handler alone */
        CPLErrorReset();
        GDALClose(d);
        if (!st && CPLGetLastErrorType() >= CE_Failure)
            st = gdal_fail(path, "cannot be written", err);
    }
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", NULL);
    return st;
}

/* A GeoPackage is a database, which asks its file system for locks that network shares often lack, and
 * for many small flushed writes: it is made in memory, where it fits well, and written in one go. */
static bool fits_memory(const struct format *format, const struct cao_pastures *pastures,
                        const size_t *row_pasture, const struct cao_table *table)
{
    enum { MOST = 256 << 20, OF_CELL = 24 };
    size_t n = table->n_rows * table->n_columns * OF_CELL;
    for (size_t r = 0; r < table->n_rows && n <= MOST; r++)
        n += 2 * pastures->items[row_pasture[r]].wkb_size;
    return strcmp(format->driver, "GPKG") == 0 && n <= MOST;
}

static enum cao_status write_format(const char *path, const char *layer,
                                    const struct format *format,
                                    const struct cao_pastures *pastures, const size_t *row_pasture,
                                    const struct cao_table *table, int32_t date, bool chinese,
                                    struct cao_error *err)
{
    struct cao_draft draft;
    if (format->polygons && fits_memory(format, pastures, row_pasture, table)) {
        char memory[64];
        vsi_l_offset n = 0;
        snprintf(memory, sizeof memory, "/vsimem/caochu-%p.gpkg", (const void *)&draft);
        enum cao_status st = write_dataset(memory, path, layer, format, pastures, row_pasture,
                                           table, date, chinese, err);
        const GByte *bytes = st ? NULL : VSIGetMemFileBuffer(memory, &n, FALSE);
        if (!st)
            st = bytes ? cao_file_write(path, bytes, (size_t)n, err)
                       : cao_fail(err, CAO_ENOMEM, "%s: out of memory", path);
        VSIUnlink(memory);
        return st;
    }
    enum cao_status st = cao_draft_init(&draft, path, 0, err);
    if (st)
        return st;
    st = write_dataset(draft.temp, path, layer, format, pastures, row_pasture, table, date, chinese,
                       err);
    if (st) {
        cao_draft_abandon(&draft);
        return st;
    }
    return cao_draft_commit(&draft, err);
}

enum cao_status cao_layer_write(const char *path, const char *layer,
                                const struct cao_pastures *pastures, const size_t *row_pasture,
                                const struct cao_table *table, int32_t date, struct cao_error *err)
{
    static const struct format geopackage = { ".gpkg", "GPKG", true };
    return write_format(path, layer, &geopackage, pastures, row_pasture, table, date, false, err);
}

static bool is_here(const struct format *f)
{
    return !f->driver || GDALGetDriverByName(f->driver) != NULL;
}

static const struct format *format_of(const char *path)
{
    for (size_t i = 0; i < N_FORMATS; i++)
        if (cao_path_has_ending(path, formats[i].ending))
            return &formats[i];
    return NULL;
}

bool cao_table_has_polygons(const char *path)
{
    const struct format *f = format_of(path);
    return f && f->polygons;
}

enum cao_status cao_table_writable(const char *path, struct cao_error *err)
{
    const struct format *f = format_of(path);
    char dir[CAO_PATH_MAX];
    if (f && is_here(f)) {
        cao_path_dir(dir, path);
        return cao_file_is_dir(dir)
                   ? CAO_OK
                   : cao_fail(err, CAO_EIO, "%s: there is no folder %s", path, dir);
    }
    struct cao_buf here = { 0 };
    for (size_t i = 0; i < N_FORMATS; i++)
        if (is_here(&formats[i]))
            cao_buf_add(&here, "%s%s", i ? ", " : "", formats[i].ending);
    enum cao_status st =
        f ? cao_fail(err, CAO_EARG, "%s: this GDAL has no %s driver; write one of %s", path,
                     f->driver, here.text ? here.text : "")
          : cao_fail(err, CAO_EARG, "%s: the name must end in one of %s", path,
                     here.text ? here.text : "");
    cao_buf_release(&here);
    return st;
}

enum cao_status cao_table_write(const char *path, const char *layer,
                                const struct cao_pastures *pastures, const size_t *row_pasture,
                                const struct cao_table *table, bool chinese, bool bom,
                                struct cao_error *err)
{
    enum { BOM = 3 };
    char *text;
    size_t size;
    enum cao_status st = cao_table_writable(path, err);
    if (st)
        return st;
    const struct format *f = format_of(path);
    if (f->driver)
        return write_format(path, layer, f, pastures, row_pasture, table, 0, chinese, err);
    st = cao_table_csv(table, chinese, &text, &size, err);
    if (st)
        return st;
    size_t skip = bom ? 0 : BOM;
    st = cao_file_write(path, text + skip, size - skip, err);
    free(text);
    return st;
}
