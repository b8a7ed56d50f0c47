/* SPDX-License-Identifier: MIT */
#include "caochu/pastures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_api.h>

#include "caochu/file.h"
#include "caochu/text.h"
#include "vector/geometry.h"
#include "vector/layer_in.h"

enum cao_status cao_pastures_extent(const struct cao_pasture_source *src, double lonlat[4],
                                    struct cao_error *err)
{
    struct cao_layer_in l;
    OGREnvelope e;
    enum cao_status st = cao_layer_in_open(src, &l, err);
    if (st)
        return st;
    OGRSpatialReferenceH wgs84 = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(wgs84, 4326);
    OSRSetAxisMappingStrategy(wgs84, OAMS_TRADITIONAL_GIS_ORDER);
    CPLErrorReset();
    OGRCoordinateTransformationH t = OCTNewCoordinateTransformation(l.srs, wgs84);
    if (OGR_L_GetExtent(l.layer, &e, TRUE) != OGRERR_NONE)
        st = cao_fail(err, CAO_EDATA, "%s: holds no polygon", src->path);
    else if (!t || !OCTTransformBounds(t, e.MinX, e.MinY, e.MaxX, e.MaxY, &lonlat[0], &lonlat[1],
                                       &lonlat[2], &lonlat[3], 21))
        st = cao_fail(err, CAO_EDATA,
                      "%s: its extent (%.1f, %.1f to %.1f, %.1f) is not a place in its coordinate "
                      "system; check the "
                      "layer's CRS",
                      src->path, e.MinX, e.MinY, e.MaxX, e.MaxY);
    OCTDestroyCoordinateTransformation(t);
    OSRDestroySpatialReference(wgs84);
    cao_layer_in_close(&l);
    return st;
}

static void release_pasture(struct cao_pasture *p, size_t n_groups)
{
    free(p->id);
    free(p->name);
    free(p->type);
    free(p->season);
    free(p->grade);
    free(p->zone);
    free(p->herd);
    for (size_t i = 0; p->groups && i < n_groups; i++)
        free(p->groups[i]);
    free(p->groups);
    free(p->wkb);
    free(p->xy);
    free(p->ring_end);
    *p = (struct cao_pasture){ 0 };
}

static enum cao_status read_attributes(const struct cao_pasture_source *src,
                                       const struct cao_layer_in *l, OGRFeatureH f,
                                       struct cao_pasture *p, bool *decoded, struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    if (l->id_is_fid) {
        char text[32];
        snprintf(text, sizeof text, "%lld", (long long)OGR_F_GetFID(f));
        p->id = cao_text_copy(text);
        if (!p->id)
            st = cao_fail(err, CAO_ENOMEM, "out of memory");
    } else {
        st = cao_layer_in_text(l, f, l->id, &p->id, decoded, err);
    }
    if (!st)
        st = cao_layer_in_text(l, f, l->name, &p->name, decoded, err);
    if (!st)
        st = cao_layer_in_text(l, f, l->type, &p->type, decoded, err);
    if (!st)
        st = cao_layer_in_text(l, f, l->season, &p->season, decoded, err);
    if (!st)
        st = cao_layer_in_text(l, f, l->grade, &p->grade, decoded, err);
    if (!st)
        st = cao_layer_in_text(l, f, l->zone, &p->zone, decoded, err);
    if (!st)
        st = cao_layer_in_text(l, f, l->herd, &p->herd, decoded, err);
    p->groups = calloc(src->n_groups + 1, sizeof *p->groups);
    if (!st && !p->groups)
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; !st && i < src->n_groups; i++)
        st = cao_layer_in_text(l, f, l->groups[i], &p->groups[i], decoded, err);
    return st;
}

/* The list as it grows, and its ids, for finding repeated ones. */
struct builder {
    struct cao_pastures p;
    size_t capacity;
    size_t *slots; /* open hashing: index + 1, or 0 */
    size_t n_slots;
    struct cao_findings *findings;
};

static size_t hash_id(const char *s)
{
    uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
    return (size_t)h;
}

static size_t *slot_of(struct builder *b, const char *id)
{
    size_t at = hash_id(id) & (b->n_slots - 1);
    while (b->slots[at] && strcmp(b->p.items[b->slots[at] - 1].id, id) != 0)
        at = (at + 1) & (b->n_slots - 1);
    return &b->slots[at];
}

static enum cao_status make_room(struct builder *b, struct cao_error *err)
{
    if (b->p.n < b->capacity)
        return CAO_OK;
    size_t capacity = b->capacity ? b->capacity * 2 : 256;
    struct cao_pasture *items = realloc(b->p.items, capacity * sizeof *items);
    if (items)
        b->p.items = items;
    size_t *slots = items ? calloc(capacity * 4, sizeof *slots) : NULL;
    if (!slots)
        return cao_fail(err, CAO_ENOMEM, "out of memory for the pastures");
    free(b->slots);
    b->slots = slots;
    b->n_slots = capacity * 4;
    b->capacity = capacity;
    for (size_t i = 0; i < b->p.n; i++)
        *slot_of(b, b->p.items[i].id) = i + 1;
    return CAO_OK;
}

static enum cao_status leave_out(struct builder *b, const struct cao_pasture *p, const char *code,
                                 const char *why, struct cao_error *err)
{
    enum cao_status st = cao_findings_add(b->findings, CAO_PROBLEM, code, b->p.path, p->row, p->id,
                                          "left out: %s", why);
    return st ? cao_fail(err, st, "out of memory") : CAO_OK;
}

/* A feature on its way: read one after the other, prepared by any worker, taken in in the layer's order. */
struct arrival {
    struct cao_pasture p;
    OGRGeometryH geometry;
    enum cao_status read, prepared; /* of its attributes and its geometry */
    struct cao_error why;
    char repair[256];
};

/* Features are taken in by so many, so that memory does not grow with the layer. */
enum { BATCH = 2048, MOST_WORKERS = 64 };

struct batch {
    struct arrival *items; /* [BATCH] */
    size_t n, n_parts;
    const struct cao_frames *frames; /* [n_parts] */
};

static void prepare(struct arrival *a, const struct cao_frames *frames)
{
    if (a->read)
        return;
    a->prepared = cao_geometry_prepare(a->geometry, frames, &a->p, a->repair, &a->why);
    if (a->geometry)
        OGR_G_DestroyGeometry(a->geometry);
    a->geometry = NULL;
}

static enum cao_status prepare_part(void *shared, size_t i, struct cao_error *err)
{
    const struct batch *b = shared;
    (void)err;
    for (size_t k = b->n * i / b->n_parts; k < b->n * (i + 1) / b->n_parts; k++)
        prepare(&b->items[k], &b->frames[i]);
    return CAO_OK;
}

/* Take a feature in, or name why not. */
static enum cao_status add_arrival(struct builder *b, const struct cao_pasture_source *src,
                                   struct arrival *a, struct cao_error *err)
{
    struct cao_pasture *p = &a->p;
    enum cao_status st = make_room(b, err);
    if (st)
        return st;
    if (a->read == CAO_EDATA)
        return leave_out(b, p, "pasture-unreadable", a->why.text, err);
    if (a->read)
        return cao_fail(err, a->read, "%s", a->why.text);
    if (!src->any_id && !p->id[0])
        return leave_out(b, p, "pasture-without-id", "its id is empty", err);
    if (!src->any_id && *slot_of(b, p->id)) {
        char text[160];
        snprintf(text, sizeof text, "row %ld has the same id; ids must be unique",
                 b->p.items[*slot_of(b, p->id) - 1].row);
        return leave_out(b, p, "pasture-repeated", text, err);
    }
    if (a->prepared == CAO_EDATA)
        return leave_out(b, p, "geometry-unusable", a->why.text, err);
    if (a->prepared)
        return cao_fail(err, a->prepared, "%s", a->why.text);
    size_t *slot = slot_of(b, p->id);
    b->p.items[b->p.n++] = *p;
    *slot = b->p.n;
    char area[48] = "";
    if (!src->planar)
        snprintf(area, sizeof area, "; its area is %.4f ha now", p->area_geodesic_ha);
    if (p->repaired &&
        cao_findings_add(b->findings, CAO_PROBLEM, "geometry-repaired", b->p.path, p->row, p->id,
                         "was not a valid polygon (%s) and was repaired%s: check it", a->repair,
                         area))
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    *p = (struct cao_pasture){ 0 }; /* it is the list's now */
    return st;
}

/* The next features of the layer; fewer than BATCH at its end. */
static void read_batch(const struct cao_pasture_source *src, const struct cao_layer_in *l,
                       struct batch *b, long *row, bool *decoded)
{
    OGRFeatureH f;
    for (b->n = 0; b->n < BATCH && (f = OGR_L_GetNextFeature(l->layer)); b->n++) {
        struct arrival *a = &b->items[b->n];
        *a = (struct arrival){ .p.row = ++*row };
        a->read = read_attributes(src, l, f, &a->p, decoded, &a->why);
        a->geometry = OGR_F_StealGeometry(f);
        OGR_F_Destroy(f);
    }
}

static enum cao_status open_parts(const struct cao_pasture_workers *workers,
                                  const struct cao_frames *frames, struct cao_frames *parts,
                                  size_t *n, struct cao_error *err)
{
    size_t wanted = workers ? workers->n : 1;
    enum cao_status st = CAO_OK;
    wanted = wanted > MOST_WORKERS ? MOST_WORKERS : wanted;
    for (*n = 0; !st && *n < wanted; *n += st == CAO_OK)
        st = cao_frames_copy(&parts[*n], frames, err);
    return st;
}

/* All features of the layer: those of a batch are read, then prepared by all workers, then taken in. */
static enum cao_status add_all(struct builder *b, const struct cao_pasture_source *src,
                               const struct cao_layer_in *l, const struct cao_frames *frames,
                               bool *decoded, struct cao_error *err)
{
    struct cao_frames parts[MOST_WORKERS];
    struct batch batch = { .items = calloc(BATCH, sizeof *batch.items),
                           .n_parts = 1,
                           .frames = frames };
    size_t n_open = 0;
    long row = 0;
    enum cao_status st = batch.items ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    OGR_L_ResetReading(l->layer);
    CPLErrorReset();
    do {
        if (st)
            break;
        read_batch(src, l, &batch, &row, decoded);
        if (src->workers && src->workers->n > 1 && batch.n > 64) { /* worth waking them */
            if (n_open == 0)
                st = open_parts(src->workers, frames, parts, &n_open, err);
            batch.n_parts = n_open;
            batch.frames = parts;
            if (!st)
                st = src->workers->run(src->workers->context, n_open, prepare_part, &batch, err);
        } else {
            batch.n_parts = 1;
            batch.frames = frames;
            st = prepare_part(&batch, 0, err);
        }
        for (size_t i = 0; i < batch.n; i++) {
            if (!st)
                st = add_arrival(b, src, &batch.items[i], err);
            release_pasture(&batch.items[i].p, src->n_groups);
            if (batch.items[i].geometry)
                OGR_G_DestroyGeometry(batch.items[i].geometry);
        }
    } while (!st && batch.n == BATCH);
    for (size_t i = 0; i < n_open; i++)
        cao_frames_close(&parts[i]);
    free(batch.items);
    return st;
}

static enum cao_status note_types(const struct cao_layer_in *l, size_t n, struct cao_pastures *p,
                                  struct cao_error *err)
{
    OGRFeatureDefnH def = OGR_L_GetLayerDefn(l->layer);
    p->group_types = calloc(n + 1, sizeof *p->group_types);
    if (!p->group_types)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(def, l->groups[i]);
        OGRFieldType type = OGR_Fld_GetType(field);
        bool number = OGR_Fld_GetSubType(field) != OFSTBoolean;
        p->group_types[i] = !number                ? CAO_CELL_TEXT
                            : type == OFTInteger   ? CAO_CELL_INT
                            : type == OFTInteger64 ? CAO_CELL_INT
                            : type == OFTReal      ? CAO_CELL_REAL
                                                   : CAO_CELL_TEXT;
    }
    return CAO_OK;
}

enum cao_status cao_pastures_load(const struct cao_pasture_source *src, const char *crs,
                                  double res_m, struct cao_pastures *pastures,
                                  struct cao_findings *findings, struct cao_error *err)
{
    struct cao_layer_in l;
    struct cao_frames frames = { 0 };
    struct builder b = { .findings = findings };
    char *wkt = NULL;
    bool decoded = false;
    enum cao_status st = cao_layer_in_open(src, &l, err);
    if (st)
        return st;
    b.p.n_groups = src->n_groups;
    b.p.path = cao_text_copy(src->path);
    if (!b.p.path || OSRExportToWkt(l.srs, &wkt) != OGRERR_NONE ||
        !(b.p.layer_crs = cao_text_copy(wkt)))
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    CPLFree(wkt);
    if (!st)
        st = note_types(&l, src->n_groups, &b.p, err);
    if (!st) {
        st = cao_frames_open(&frames, l.srs, crs, res_m * 0.01, err);
        frames.planar = src->planar;
        frames.rings_only = src->rings_only;
        if (st)
            (void)cao_within(err, st, "%s", src->path);
    }
    if (!st)
        st = add_all(&b, src, &l, &frames, &decoded, err);
    if (!st && decoded)
        st = cao_findings_add(findings, CAO_NOTE, "pastures-encoding", src->path, 0, NULL,
                              "its texts are not UTF-8 and no code page is told; read as GB18030 "
                              "(%s says otherwise)",
                              cao_layer_key(src, "encoding").text);
    if (!st && b.p.n == 0 && src->where && src->where[0] && !(findings && findings->n_problems))
        st = cao_fail(err, CAO_EDATA, "%s: %s: no polygon meets \"%s\"", src->path,
                      cao_layer_key(src, "where").text, src->where);
    if (!st && b.p.n == 0)
        st = cao_fail(err, CAO_EDATA, "%s: holds no %s that can be used%s", src->path,
                      src->from_options ? "polygon" : "pasture",
                      findings && findings->n_problems ? "; see the problems above" : "");
    cao_frames_close(&frames);
    cao_layer_in_close(&l);
    free(b.slots);
    if (st)
        cao_pastures_release(&b.p);
    else
        *pastures = b.p;
    return st;
}

void cao_pastures_bounds(const struct cao_pastures *p, double box[4])
{
    box[0] = box[1] = HUGE_VAL;
    box[2] = box[3] = -HUGE_VAL;
    for (size_t i = 0; i < p->n; i++) {
        const struct cao_pasture *q = &p->items[i];
        for (size_t k = 0; q->n_rings && k < q->ring_end[q->n_rings - 1]; k++) {
            double x = q->xy[2 * k], y = q->xy[2 * k + 1]; /* finite, all of them */
            box[0] = x < box[0] ? x : box[0];
            box[1] = y < box[1] ? y : box[1];
            box[2] = x > box[2] ? x : box[2];
            box[3] = y > box[3] ? y : box[3];
        }
    }
}

void cao_pasture_on_grid(const struct cao_pasture *p, const struct cao_grid *g, double *xy_cells,
                         struct cao_polygon *out)
{
    size_t n = p->n_rings ? p->ring_end[p->n_rings - 1] : 0;
    for (size_t i = 0; i < n; i++) {
        xy_cells[2 * i] = (p->xy[2 * i] - g->x0) / g->res_m;
        xy_cells[2 * i + 1] = (g->y0 - p->xy[2 * i + 1]) / g->res_m;
    }
    *out = (struct cao_polygon){ xy_cells, p->ring_end, p->n_rings };
}

void cao_pastures_release(struct cao_pastures *p)
{
    for (size_t i = 0; !p->block && i < p->n; i++)
        release_pasture(&p->items[i], p->n_groups);
    free(p->block);
    free(p->block_groups);
    free(p->items);
    free(p->layer_crs);
    free(p->group_types);
    free(p->path);
    *p = (struct cao_pastures){ 0 };
}
