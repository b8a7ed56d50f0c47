/* SPDX-License-Identifier: MIT */
#include "caochu/layer_update.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_api.h>

#include "caochu/file.h"
#include "caochu/text.h"
#include "vector/layer_in.h"

static enum cao_status gdal_fail(const char *path, const char *what, struct cao_error *err)
{
    return cao_fail(err, CAO_EIO, "%s: %s: %.400s", path, what,
                    CPLGetLastErrorMsg()[0] ? CPLGetLastErrorMsg() : "no reason given");
}

/* What goes where: the source is read, the target written. */
struct update {
    struct cao_layer_in in;
    const char *path; /* as the user names the target */
    GDALDatasetH dataset;
    OGRLayerH layer;
    const struct cao_pastures *polygons;
    const size_t *row_polygon;
    const struct cao_table *table;
    size_t first_column;
    int *field; /* by column of the table */
};

/* --- before any work --- */

/* Changes that another program has not yet brought into the file itself. */
static enum cao_status check_open_elsewhere(const char *path, struct cao_error *err)
{
    char beside[CAO_PATH_MAX + 16];
    static const char *const endings[] = { "-wal", "-journal" };
    for (size_t i = 0; i < 2; i++) {
        int64_t size, time;
        snprintf(beside, sizeof beside, "%s%s", path, endings[i]);
        if (cao_file_stat(beside, &size, &time) && size > 0)
            return cao_fail(err, CAO_EIO,
                            "%s: another program has it open with changes under way (%s%s); close "
                            "it there, or name a copy with -o COPY.gpkg",
                            path, cao_path_name(path), endings[i]);
    }
    return CAO_OK;
}

enum cao_status cao_layer_updatable(const struct cao_pasture_source *source, const char *copy,
                                    struct cao_error *err)
{
    struct cao_layer_in in;
    if (copy && !cao_path_has_ending(copy, ".gpkg"))
        return cao_fail(err, CAO_EARG, "%s: a layer with its new columns is written as .gpkg",
                        copy);
    /* first: opening a file may tidy up what lies beside it */
    enum cao_status st = copy ? CAO_OK : check_open_elsewhere(source->path, err);
    if (!st)
        st = cao_layer_in_open(source, &in, err);
    if (st)
        return st;
    const char *driver = GDALGetDriverShortName(GDALGetDatasetDriver(in.dataset));
    if (!copy && (strcmp(driver, "GPKG") != 0 || strncmp(source->path, "/vsi", 4) == 0))
        st = cao_fail(err, CAO_EARG,
                      "%s: columns are added to a GeoPackage on disk; of this one name a copy with "
                      "-o COPY.gpkg",
                      source->path);
    cao_layer_in_close(&in);
    return st;
}

/* --- the target --- */

static enum cao_status copy_bytes(const char *from, const char *to, struct cao_error *err)
{
    enum { PIECE = 1 << 20 };
    VSILFILE *in = VSIFOpenL(from, "rb"), *out = in ? VSIFOpenL(to, "wb") : NULL;
    char *piece = malloc(PIECE);
    bool ok = in && out && piece;
    for (size_t n = 1; ok && n > 0;) {
        n = VSIFReadL(piece, 1, PIECE, in);
        ok = VSIFWriteL(piece, 1, n, out) == n && (n == PIECE || VSIFEofL(in));
        n = n == PIECE ? n : 0;
    }
    free(piece);
    if (in)
        VSIFCloseL(in);
    if (out && VSIFCloseL(out) != 0)
        ok = false;
    return ok ? CAO_OK : cao_fail(err, CAO_EIO, "%s: cannot be copied to %s", from, to);
}

static enum cao_status open_itself(struct update *u, const char *temp, struct cao_error *err)
{
    static const char *const drivers[] = { "GPKG", NULL };
    enum cao_status st = copy_bytes(u->path, temp, err);
    if (st)
        return st;
    u->dataset = GDALOpenEx(temp, GDAL_OF_VECTOR | GDAL_OF_UPDATE, drivers, NULL, NULL);
    if (u->dataset)
        u->layer = GDALDatasetGetLayerByName(u->dataset, OGR_L_GetName(u->in.layer));
    return u->layer ? CAO_OK : gdal_fail(u->path, "cannot be opened for writing", err);
}

/* A new GeoPackage with the layer's own columns. */
static enum cao_status make_copy(struct update *u, const char *temp, struct cao_error *err)
{
    OGRFeatureDefnH def = OGR_L_GetLayerDefn(u->in.layer);
    /* a column may have the name that GeoPackages give to the feature's number */
    char **options = CSLSetNameValue(
        NULL, "FID", OGR_FD_GetFieldIndex(def, "fid") >= 0 ? "feature_number" : "fid");
    u->dataset = GDALCreate(GDALGetDriverByName("GPKG"), temp, 0, 0, 0, GDT_Unknown, NULL);
    if (u->dataset)
        u->layer = GDALDatasetCreateLayer(u->dataset, OGR_L_GetName(u->in.layer), u->in.srs,
                                          wkbUnknown, options);
    CSLDestroy(options);
    bool ok = u->layer != NULL;
    for (int i = 0; ok && i < OGR_FD_GetFieldCount(def); i++)
        ok = OGR_L_CreateField(u->layer, OGR_FD_GetFieldDefn(def, i), TRUE) == OGRERR_NONE;
    return ok ? CAO_OK : gdal_fail(u->path, "cannot be made", err);
}

static bool is_number(OGRFieldType type)
{
    return type == OFTInteger || type == OFTInteger64 || type == OFTReal;
}

/* The table's columns in the layer: those that are there, or new ones. */
static enum cao_status find_fields(struct update *u, struct cao_error *err)
{
    static const OGRFieldType types[] = {
        [CAO_CELL_TEXT] = OFTString, [CAO_CELL_REAL] = OFTReal, [CAO_CELL_INT] = OFTInteger64
    };
    OGRFeatureDefnH def = OGR_L_GetLayerDefn(u->layer);
    u->field = calloc(u->table->n_columns + 1, sizeof *u->field);
    if (!u->field)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t c = u->first_column; c < u->table->n_columns; c++) {
        const struct cao_column *column = &u->table->columns[c];
        int at = OGR_FD_GetFieldIndex(def, column->name);
        if (at >= 0) {
            OGRFieldType has = OGR_Fld_GetType(OGR_FD_GetFieldDefn(def, at));
            bool text = column->type == CAO_CELL_TEXT;
            if (text                            ? has != OFTString
                : column->type == CAO_CELL_REAL ? has != OFTReal
                                                : !is_number(has))
                return cao_fail(err, CAO_EARG,
                                "%s: has a column '%s' already, of another type (%s); rename it "
                                "there",
                                u->path, column->name, OGR_GetFieldTypeName(has));
            u->field[c] = at;
            continue;
        }
        OGRFieldDefnH field = OGR_Fld_Create(column->name, types[column->type]);
        OGR_Fld_SetAlternativeName(field, column->zh);
        OGRErr bad = OGR_L_CreateField(u->layer, field, FALSE);
        OGR_Fld_Destroy(field);
        u->field[c] = OGR_FD_GetFieldIndex(def, column->name);
        if (bad != OGRERR_NONE || u->field[c] < 0)
            return gdal_fail(u->path, "a column cannot be made", err);
    }
    return CAO_OK;
}

/* --- features --- */

/* @param row SIZE_MAX: the feature has none */
static void set_columns(const struct update *u, OGRFeatureH f, size_t row)
{
    const struct cao_table *t = u->table;
    for (size_t c = u->first_column; c < t->n_columns; c++) {
        const struct cao_value *v = row == SIZE_MAX ? NULL : &t->cells[row * t->n_columns + c];
        if (!v || !v->set)
            OGR_F_SetFieldNull(f, u->field[c]);
        else if (t->columns[c].type == CAO_CELL_TEXT)
            OGR_F_SetFieldString(f, u->field[c], v->text);
        else if (t->columns[c].type == CAO_CELL_INT)
            OGR_F_SetFieldInteger64(f, u->field[c], (GIntBig)v->number);
        else
            OGR_F_SetFieldDouble(f, u->field[c], v->number);
    }
}

static enum cao_status update_feature(const struct update *u, OGRFeatureH from, size_t row,
                                      struct cao_error *err)
{
    OGRFeatureH f = OGR_L_GetFeature(u->layer, OGR_F_GetFID(from));
    if (!f)
        return gdal_fail(u->path, "a feature is not there any more", err);
    set_columns(u, f, row);
    OGRErr bad = OGR_L_SetFeature(u->layer, f);
    OGR_F_Destroy(f);
    return bad == OGRERR_NONE ? CAO_OK : gdal_fail(u->path, "a feature cannot be written", err);
}

static enum cao_status copy_feature(const struct update *u, OGRFeatureH from, size_t row,
                                    struct cao_error *err)
{
    OGRFeatureDefnH def = OGR_L_GetLayerDefn(u->in.layer);
    OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(u->layer));
    char *text = NULL;
    bool decoded = false;
    enum cao_status st = OGR_F_SetFrom(f, from, TRUE) == OGRERR_NONE
                             ? CAO_OK
                             : gdal_fail(u->path, "a feature cannot be copied", err);
    for (int i = 0; !st && u->in.raw && i < OGR_FD_GetFieldCount(def); i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(def, i);
        if (OGR_Fld_GetType(field) != OFTString || !OGR_F_IsFieldSetAndNotNull(from, i))
            continue;
        st = cao_layer_in_text(&u->in, from, i, &text, &decoded, err);
        int at = OGR_F_GetFieldIndex(f, OGR_Fld_GetNameRef(field));
        if (!st && at >= 0)
            OGR_F_SetFieldString(f, at, text);
    }
    if (!st) {
        OGR_F_SetFID(f, OGR_F_GetFID(from));
        set_columns(u, f, row);
        if (OGR_L_CreateFeature(u->layer, f) != OGRERR_NONE)
            st = gdal_fail(u->path, "a feature cannot be written", err);
    }
    free(text);
    OGR_F_Destroy(f);
    return st;
}

/* The source's features come in the order in which the polygons were loaded. */
static enum cao_status write_features(const struct update *u, bool copy, struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    size_t next = 0;
    if (GDALDatasetStartTransaction(u->dataset, FALSE) != OGRERR_NONE)
        return gdal_fail(u->path, "cannot be written", err);
    OGR_L_ResetReading(u->in.layer);
    for (long row = 1; !st; row++) {
        OGRFeatureH from = OGR_L_GetNextFeature(u->in.layer);
        if (!from)
            break;
        while (next < u->table->n_rows && u->polygons->items[u->row_polygon[next]].row < row)
            next++;
        bool found = next < u->table->n_rows && u->polygons->items[u->row_polygon[next]].row == row;
        st = copy ? copy_feature(u, from, found ? next : SIZE_MAX, err)
                  : update_feature(u, from, found ? next : SIZE_MAX, err);
        OGR_F_Destroy(from);
    }
    if (!st && GDALDatasetCommitTransaction(u->dataset) != OGRERR_NONE)
        st = gdal_fail(u->path, "cannot be written", err);
    return st;
}

enum cao_status cao_layer_update(const struct cao_pasture_source *source, const char *copy,
                                 const struct cao_pastures *polygons, const size_t *row_polygon,
                                 const struct cao_table *table, size_t first_column,
                                 struct cao_error *err)
{
    struct cao_draft draft;
    struct update u = { .path = copy ? copy : source->path,
                        .polygons = polygons,
                        .row_polygon = row_polygon,
                        .table = table,
                        .first_column = first_column };
    enum cao_status st = cao_draft_init(&draft, u.path, 0, err);
    if (!st && !copy)
        st = check_open_elsewhere(u.path, err);
    if (!st)
        st = cao_layer_in_open(source, &u.in, err);
    if (st)
        return st;
    CPLErrorReset();
    st = copy ? make_copy(&u, draft.temp, err) : open_itself(&u, draft.temp, err);
    if (!st)
        st = find_fields(&u, err);
    if (!st)
        st = write_features(&u, copy != NULL, err);
    if (u.dataset) { /* closing writes too, and tells of a full disk through the error handler alone */
        CPLErrorReset();
        GDALClose(u.dataset);
        if (!st && CPLGetLastErrorType() >= CE_Failure)
            st = gdal_fail(u.path, "cannot be written", err);
    }
    cao_layer_in_close(&u.in);
    free(u.field);
    if (st) {
        cao_draft_abandon(&draft);
        return st;
    }
    return cao_draft_commit(&draft, err);
}
