/* SPDX-License-Identifier: MIT */
#include "caochu/lines.h"

#include <math.h>
#include <stdlib.h>

#include <cpl_error.h>

#include "vector/layer_in.h"

struct builder {
    struct cao_lines l;
    size_t n_points, points_room, lines_room;
    struct cao_error *err;
};

static enum cao_status add_line(struct builder *b, OGRGeometryH line)
{
    size_t n = (size_t)OGR_G_GetPointCount(line);
    if (n == 0)
        return CAO_OK;
    if (b->n_points + n > b->points_room) {
        size_t room = 2 * (b->n_points + n);
        double *xy = realloc(b->l.xy, 2 * room * sizeof *xy);
        if (!xy)
            return cao_fail(b->err, CAO_ENOMEM, "out of memory for lines");
        b->l.xy = xy;
        b->points_room = room;
    }
    if (b->l.n == b->lines_room) {
        size_t room = b->lines_room ? 2 * b->lines_room : 256;
        size_t *ends = realloc(b->l.end, room * sizeof *ends);
        if (!ends)
            return cao_fail(b->err, CAO_ENOMEM, "out of memory for lines");
        b->l.end = ends;
        b->lines_room = room;
    }
    for (size_t i = 0; i < n; i++, b->n_points++) {
        b->l.xy[2 * b->n_points] = OGR_G_GetX(line, (int)i);
        b->l.xy[2 * b->n_points + 1] = OGR_G_GetY(line, (int)i);
    }
    b->l.end[b->l.n++] = b->n_points;
    return CAO_OK;
}

static enum cao_status add_parts(struct builder *b, OGRGeometryH g)
{
    OGRwkbGeometryType type = OGR_GT_Flatten(OGR_G_GetGeometryType(g));
    if (type == wkbLineString || type == wkbLinearRing || type == wkbPoint)
        return add_line(b, g);
    enum cao_status st = CAO_OK;
    for (int i = 0; !st && i < OGR_G_GetGeometryCount(g); i++)
        st = add_parts(b, OGR_G_GetGeometryRef(g, i));
    return st;
}

static enum cao_status add_feature(struct builder *b, OGRFeatureH f, double step,
                                   OGRCoordinateTransformationH t)
{
    OGRGeometryH g = OGR_F_GetGeometryRef(f);
    OGRGeometryH flat = g ? OGR_G_GetLinearGeometry(g, 0, NULL) : NULL;
    enum cao_status st = CAO_OK;
    if (flat) {
        OGR_G_Segmentize(flat, step);
        if (!t || OGR_G_Transform(flat, t) == OGRERR_NONE) /* what has no place there is not near */
            st = add_parts(b, flat);
        OGR_G_DestroyGeometry(flat);
    }
    return st;
}

enum cao_status cao_lines_load(const struct cao_pasture_source *src, const char *crs,
                               struct cao_lines *lines, struct cao_error *err)
{
    struct cao_layer_in l;
    struct builder b = { .err = err };
    enum cao_status st = cao_layer_in_open(src, &l, err);
    if (st)
        return st;
    OGRSpatialReferenceH to = OSRNewSpatialReference(NULL);
    OGRCoordinateTransformationH t = NULL;
    CPLErrorReset();
    if (OSRSetFromUserInput(to, crs) == OGRERR_NONE) {
        OSRSetAxisMappingStrategy(to, OAMS_TRADITIONAL_GIS_ORDER);
        t = OCTNewCoordinateTransformation(l.srs, to);
    }
    if (!t)
        st = cao_fail(err, CAO_EDATA, "%s: cannot be brought to the grid: %.300s", src->path,
                      CPLGetLastErrorMsg());
    double step = OSRIsGeographic(l.srs) ? 0.01 : 1000 / OSRGetLinearUnits(l.srs, NULL);
    OGR_L_ResetReading(l.layer);
    while (!st) {
        OGRFeatureH f = OGR_L_GetNextFeature(l.layer);
        if (!f)
            break;
        st = add_feature(&b, f, step, t);
        OGR_F_Destroy(f);
    }
    if (!st && b.l.n == 0)
        st = cao_fail(err, CAO_EDATA, "%s: holds no line, polygon or point", src->path);
    OCTDestroyCoordinateTransformation(t);
    OSRDestroySpatialReference(to);
    cao_layer_in_close(&l);
    if (st)
        cao_lines_release(&b.l);
    else
        *lines = b.l;
    return st;
}

void cao_lines_release(struct cao_lines *lines)
{
    free(lines->xy);
    free(lines->end);
    *lines = (struct cao_lines){ 0 };
}
