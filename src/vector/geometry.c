/* SPDX-License-Identifier: MIT */
#include "vector/geometry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>

#include "caochu/ring_area.h"
#include "vector/simple_rings.h"

/* WGS 84 (NIMA TR8350.2). */
static const double wgs84_a = 6378137.0, wgs84_f = 1 / 298.257223563;
/* Along a geographic or projected line of this length the geodesic strays by less than 1 mm. */
static const double geodesic_step_m = 250.0;
enum { MOST_SPLITS = 14, MOST_STEPS = 4096 };

/* A geometry as WKB, and its rings read from there. */
struct cao_geometry_room {
    unsigned char *wkb;
    size_t wkb_size, wkb_room;
    double *xy;
    size_t xy_room;
    size_t *end;
    bool *hole;
    size_t n_rings, end_room, hole_room;
    double *x, *y; /* of a ring while it is carried elsewhere */
    int *fine;     /* whether a point could be */
    size_t x_room, y_room, fine_room;
    double *lonlat;
    size_t lonlat_room;
    struct cao_rings_room simple;
};

/* A growing list of points. */
struct points {
    double *xy;
    size_t n, capacity;
};

struct point {
    double x, y;
};

static OGRSpatialReferenceH srs_of(const char *text)
{
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    if (OSRSetFromUserInput(srs, text) != OGRERR_NONE) {
        OSRDestroySpatialReference(srs);
        return NULL;
    }
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    return srs;
}

enum cao_status cao_frames_open(struct cao_frames *f, OGRSpatialReferenceH layer,
                                const char *grid_crs, double tolerance_m, struct cao_error *err)
{
    struct cao_frames made = { .tolerance_m = tolerance_m, .unit_m = 1 };
    OGRSpatialReferenceH grid = srs_of(grid_crs), lonlat = srs_of("EPSG:4326");
    if (!grid || !lonlat) {
        OSRDestroySpatialReference(grid);
        OSRDestroySpatialReference(lonlat);
        return cao_fail(err, CAO_EARG, "'%.60s' is not a coordinate system", grid_crs);
    }
    CPLErrorReset();
    if (!OSRIsSame(layer, grid))
        made.to_grid = OCTNewCoordinateTransformation(layer, grid);
    bool ok = OSRIsSame(layer, grid) || made.to_grid;
    bool is_lonlat = OSRIsSame(layer, lonlat) != 0;
    if (!is_lonlat)
        made.to_lonlat = OCTNewCoordinateTransformation(layer, lonlat);
    made.degrees = OSRIsGeographic(layer);
    if (!made.degrees)
        made.unit_m = OSRGetLinearUnits(layer, NULL);
    geod_init(&made.ellipsoid, wgs84_a, wgs84_f);
    OSRDestroySpatialReference(grid);
    OSRDestroySpatialReference(lonlat);
    made.room = calloc(1, sizeof *made.room);
    if (!made.room) {
        cao_frames_close(&made);
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    }
    if (!ok || !(is_lonlat || made.to_lonlat)) {
        cao_frames_close(&made);
        return cao_fail(err, CAO_EDATA,
                        "its coordinate system cannot be carried to the grid's: %.300s",
                        CPLGetLastErrorMsg());
    }
    *f = made;
    return CAO_OK;
}

enum cao_status cao_frames_copy(struct cao_frames *to, const struct cao_frames *from,
                                struct cao_error *err)
{
    struct cao_frames made = *from;
    made.to_grid = from->to_grid ? OCTClone(from->to_grid) : NULL;
    made.to_lonlat = from->to_lonlat ? OCTClone(from->to_lonlat) : NULL;
    made.room = calloc(1, sizeof *made.room);
    if (!made.room || !made.to_grid != !from->to_grid || !made.to_lonlat != !from->to_lonlat) {
        cao_frames_close(&made);
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    }
    *to = made;
    return CAO_OK;
}

void cao_frames_close(struct cao_frames *f)
{
    OCTDestroyCoordinateTransformation(f->to_grid);
    OCTDestroyCoordinateTransformation(f->to_lonlat);
    if (f->room) {
        free(f->room->wkb);
        free(f->room->xy);
        free(f->room->end);
        free(f->room->hole);
        free(f->room->x);
        free(f->room->y);
        free(f->room->fine);
        free(f->room->lonlat);
        free(f->room->simple.at);
        free(f->room);
    }
    *f = (struct cao_frames){ 0 };
}

static enum cao_status push(struct points *p, double x, double y, struct cao_error *err)
{
    if (p->n == p->capacity) {
        size_t capacity = p->capacity ? p->capacity * 2 : 64;
        double *more = realloc(p->xy, capacity * 2 * sizeof *more);
        if (!more)
            return cao_fail(err, CAO_ENOMEM, "out of memory for a geometry");
        p->xy = more;
        p->capacity = capacity;
    }
    p->xy[2 * p->n] = x;
    p->xy[2 * p->n + 1] = y;
    p->n++;
    return CAO_OK;
}

static bool carry(OGRCoordinateTransformationH t, struct point from, struct point *to)
{
    *to = from;
    return (!t || OCTTransform(t, 1, &to->x, &to->y, NULL)) && isfinite(to->x) && isfinite(to->y);
}

static enum cao_status grow(void **at, size_t *room, size_t n, size_t size, struct cao_error *err)
{
    if (n <= *room)
        return CAO_OK;
    void *more = realloc(*at, (n + n / 2) * size);
    if (!more)
        return cao_fail(err, CAO_ENOMEM, "out of memory for a geometry");
    *at = more;
    *room = n + n / 2;
    return CAO_OK;
}

static enum cao_status cannot_carry(struct point p, struct cao_error *err)
{
    return cao_fail(err, CAO_EDATA,
                    "the point %.6f, %.6f cannot be carried to the grid's coordinate system", p.x,
                    p.y);
}

static enum cao_status make_room(struct cao_geometry_room *m, size_t n, struct cao_error *err)
{
    void *x = m->x, *y = m->y, *fine = m->fine;
    enum cao_status st = grow(&x, &m->x_room, n, sizeof *m->x, err);
    m->x = x;
    if (!st)
        st = grow(&y, &m->y_room, n, sizeof *m->y, err);
    m->y = y;
    if (!st)
        st = grow(&fine, &m->fine_room, n, sizeof *m->fine, err);
    m->fine = fine;
    return st;
}

/* The @p n points in the room's x and y at once. What becomes of a point depends on it alone (see the tests): each
 * goes through PROJ by itself, at a small part of the cost of calling GDAL for it. @retval index of the first that
 * cannot be carried; @p n: all can */
static size_t carry_all(OGRCoordinateTransformationH t, struct cao_geometry_room *m, size_t n)
{
    enum { PIECE = 1 << 20 };
    size_t i = 0;
    for (size_t at = 0; t && at < n; at += PIECE)
        (void)OCTTransformEx(t, (int)(n - at < PIECE ? n - at : PIECE), m->x + at, m->y + at, NULL,
                             m->fine + at);
    while (i < n && (!t || m->fine[i]) && isfinite(m->x[i]) && isfinite(m->y[i]))
        i++;
    return i;
}

static bool before(struct point a, struct point b)
{
    return a.x < b.x || (a.x == b.x && a.y < b.y);
}

/* Points strictly between a and b (at A and B on the grid) that keep the edge within tolerance. */
static enum cao_status split(const struct cao_frames *f, struct point a, struct point at_a,
                             struct point b, struct point at_b, int depth, struct points *out,
                             struct cao_error *err)
{
    struct point m = { a.x + (b.x - a.x) / 2, a.y + (b.y - a.y) / 2 }, at_m;
    if (!carry(f->to_grid, m, &at_m))
        return cannot_carry(m, err);
    double off = hypot(at_m.x - (at_a.x + at_b.x) / 2, at_m.y - (at_a.y + at_b.y) / 2);
    if (off <= f->tolerance_m || depth >= MOST_SPLITS)
        return CAO_OK;
    enum cao_status st = split(f, a, at_a, m, at_m, depth + 1, out, err);
    if (!st)
        st = push(out, at_m.x, at_m.y, err);
    return st ? st : split(f, m, at_m, b, at_b, depth + 1, out, err);
}

/* Whether an edge is too short to stray: a line that is straight in one usual coordinate system is nowhere bent to
 * less than some 1,000 km of radius in another, 10 degrees off the poles. A tenth of that is asked for. */
static bool stays_true(const struct cao_frames *f, struct point a, struct point at_a,
                       struct point b, struct point at_b)
{
    static const double radius_m = 1e5, most_degrees = 0.05, most_m = 5000, most_latitude = 80;
    double x = at_b.x - at_a.x, y = at_b.y - at_a.y; /* the arrow of an arc is chord2 / 8 radius */
    double most = f->degrees ? most_degrees : most_m / f->unit_m;
    return x * x + y * y <= 8 * radius_m * f->tolerance_m && fabs(b.x - a.x) <= most &&
           fabs(b.y - a.y) <= most && (!f->degrees || fabs(a.y) <= most_latitude);
}

/* The edge from a to b, at A and B on the grid, without b. Points are found from the edge's lesser end,
 * so two neighbours that walk it in opposite ways get the same ones. */
static enum cao_status add_edge(const struct cao_frames *f, struct point a, struct point at_a,
                                struct point b, struct point at_b, struct points *out,
                                struct cao_error *err)
{
    enum cao_status st = push(out, at_a.x, at_a.y, err);
    if (st || !f->to_grid || stays_true(f, a, at_a, b, at_b))
        return st;
    size_t first = out->n;
    st = before(a, b) ? split(f, a, at_a, b, at_b, 0, out, err)
                      : split(f, b, at_b, a, at_a, 0, out, err);
    if (!st && !before(a, b) && out->n > first)
        for (size_t i = first, k = out->n - 1; i < k; i++, k--)
            for (int axis = 0; axis < 2; axis++) {
                double swap = out->xy[2 * i + (size_t)axis];
                out->xy[2 * i + (size_t)axis] = out->xy[2 * k + (size_t)axis];
                out->xy[2 * k + (size_t)axis] = swap;
            }
    return st;
}

static double signed_area(const double *xy, size_t n)
{
    double twice = 0;
    for (size_t i = 0; i < n; i++) {
        const double *a = xy + 2 * i, *b = xy + 2 * ((i + 1) % n);
        twice += (a[0] - xy[0]) * (b[1] - xy[1]) - (b[0] - xy[0]) * (a[1] - xy[1]);
    }
    return twice / 2;
}

static void reverse(double *xy, size_t n)
{
    for (size_t i = 0, k = n - 1; i < k; i++, k--)
        for (size_t axis = 0; axis < 2; axis++) {
            double swap = xy[2 * i + axis];
            xy[2 * i + axis] = xy[2 * k + axis];
            xy[2 * k + axis] = swap;
        }
}

static struct point point_at(const double *xy, size_t i)
{
    return (struct point){ xy[2 * i], xy[2 * i + 1] };
}

static int steps_of(const struct cao_frames *f, struct point a, struct point b)
{
    double length = hypot(b.x - a.x, b.y - a.y) * (f->degrees ? 111320.0 : f->unit_m);
    return length / geodesic_step_m < MOST_STEPS ? (int)(length / geodesic_step_m) + 1 : MOST_STEPS;
}

/* Area of a ring on the ellipsoid, m2, unsigned; edges are straight in the layer's own CRS. */
static enum cao_status geodesic_area(const struct cao_frames *f, const double *xy, size_t n,
                                     double *area, struct cao_error *err)
{
    struct cao_geometry_room *m = f->room;
    size_t n_all = 0, bad;
    for (size_t i = 0; i < n; i++)
        n_all += (size_t)steps_of(f, point_at(xy, i), point_at(xy, (i + 1) % n));
    void *lonlat = m->lonlat;
    enum cao_status st = make_room(m, n_all, err);
    if (!st)
        st = grow(&lonlat, &m->lonlat_room, n_all, 2 * sizeof *m->lonlat, err);
    m->lonlat = lonlat;
    if (st)
        return st;
    for (size_t i = 0, at = 0; i < n; i++) {
        struct point a = point_at(xy, i), b = point_at(xy, (i + 1) % n);
        int steps = steps_of(f, a, b);
        for (int k = 0; k < steps; k++, at++) {
            double share = (double)k / steps;
            m->x[at] = m->lonlat[2 * at] = a.x + (b.x - a.x) * share;
            m->y[at] = m->lonlat[2 * at + 1] = a.y + (b.y - a.y) * share;
        }
    }
    if ((bad = carry_all(f->to_lonlat, m, n_all)) < n_all)
        return cannot_carry(point_at(m->lonlat, bad), err);
    for (size_t i = 0; i < n_all; i++) {
        m->lonlat[2 * i] = m->x[i];
        m->lonlat[2 * i + 1] = m->y[i];
    }
    if (cao_ring_area(m->lonlat, n_all, wgs84_a, wgs84_f, area))
        return CAO_OK;
    struct geod_polygon polygon;
    double perimeter;
    geod_polygon_init(&polygon, 0);
    for (size_t i = 0; i < n_all; i++)
        geod_polygon_addpoint(&f->ellipsoid, &polygon, m->y[i], m->x[i]);
    geod_polygon_compute(&f->ellipsoid, &polygon, 0, 1, area, &perimeter);
    *area = fabs(*area);
    return CAO_OK;
}

struct rings {
    struct points points;
    size_t *end;
    size_t n;
    double area_grid, area_geodesic;
};

static enum cao_status add_ring(const struct cao_frames *f, const double *xy, size_t n, bool hole,
                                struct rings *out, struct cao_error *err)
{
    if (n < 3)
        return CAO_OK;
    size_t begin = out->points.n;
    struct cao_geometry_room *m = f->room;
    double area = 0;
    enum cao_status st = make_room(m, n, err);
    if (st)
        return st;
    for (size_t i = 0; i < n; i++) {
        m->x[i] = xy[2 * i];
        m->y[i] = xy[2 * i + 1];
    }
    size_t bad = carry_all(f->to_grid, m, n);
    if (bad < n)
        return cannot_carry(point_at(xy, bad), err);
    for (size_t i = 0; !st && i < n; i++) {
        size_t k = i + 1 < n ? i + 1 : 0;
        struct point at_a = { m->x[i], m->y[i] }, at_b = { m->x[k], m->y[k] };
        st = add_edge(f, point_at(xy, i), at_a, point_at(xy, k), at_b, &out->points, err);
    }
    if (!st && !f->planar)
        st = geodesic_area(f, xy, n, &area, err);
    if (st)
        return st;
    out->end[out->n++] = out->points.n;
    double planar = signed_area(out->points.xy + 2 * begin, out->points.n - begin);
    if ((planar < 0) != hole)
        reverse(out->points.xy + 2 * begin, out->points.n - begin);
    out->area_grid += hole ? -fabs(planar) : fabs(planar);
    out->area_geodesic += hole ? -area : area;
    return CAO_OK;
}

/* --- from OGR to rings --- */

static uint32_t word_at(const unsigned char *wkb)
{
    uint32_t v;
    memcpy(&v, wkb, sizeof v);
    return v;
}

enum { WKB_HEAD = 9 }; /* order of bytes, type, number of parts */

/* A polygon or multipolygon in two dimensions as the WKB of a multipolygon, in this machine's order
 * of bytes. */
static enum cao_status export_wkb(OGRGeometryH g, struct cao_geometry_room *m,
                                  struct cao_error *err)
{
    bool single = OGR_GT_Flatten(OGR_G_GetGeometryType(g)) == wkbPolygon;
    size_t head = single ? WKB_HEAD : 0, size = (size_t)OGR_G_WkbSize(g);
    void *wkb = m->wkb;
    enum cao_status st = grow(&wkb, &m->wkb_room, head + size, 1, err);
    m->wkb = wkb;
    if (st)
        return st;
    if (OGR_G_ExportToWkb(g, wkbNDR, m->wkb + head) != OGRERR_NONE)
        return cao_fail(err, CAO_ENOMEM, "out of memory for a geometry");
    const uint32_t type = wkbMultiPolygon, one = 1;
    if (single) {
        m->wkb[0] = wkbNDR;
        memcpy(m->wkb + 1, &type, sizeof type);
        memcpy(m->wkb + 5, &one, sizeof one);
    }
    m->wkb_size = head + size;
    return CAO_OK;
}

/* Rings of the exported WKB, without their repeated last points. @p odd: empty, or not closed. */
static enum cao_status read_rings(struct cao_geometry_room *m, bool *odd, struct cao_error *err)
{
    void *xy = m->xy, *end = m->end, *hole = m->hole;
    size_t n_points = 0, most = m->wkb_size / sizeof(uint32_t);
    enum cao_status st =
        grow(&xy, &m->xy_room, m->wkb_size / sizeof(double) + 2, sizeof *m->xy, err);
    m->xy = xy;
    m->n_rings = 0;
    *odd = false;
    const unsigned char *at = m->wkb + WKB_HEAD;
    for (uint32_t part = 0, n = word_at(m->wkb + 5); !st && part < n; part++) {
        uint32_t n_rings = word_at(at + 5);
        at += WKB_HEAD;
        *odd = *odd || n_rings == 0;
        size_t before = m->n_rings, wanted = before + n_rings;
        if (wanted > most)
            return cao_fail(err, CAO_EDATA, "is damaged");
        st = grow(&end, &m->end_room, wanted, sizeof *m->end, err);
        m->end = end;
        if (!st)
            st = grow(&hole, &m->hole_room, wanted, sizeof *m->hole, err);
        m->hole = hole;
        for (uint32_t ring = 0; !st && ring < n_rings; ring++) {
            size_t points = word_at(at);
            at += sizeof(uint32_t);
            double *to = m->xy + 2 * n_points;
            memcpy(to, at, points * 2 * sizeof *to);
            at += points * 2 * sizeof *to;
            bool closed =
                points > 1 && memcmp((const void *)to, (const void *)(to + 2 * (points - 1)),
                                     2 * sizeof *to) == 0;
            *odd = *odd || !closed;
            n_points += closed ? points - 1 : points;
            m->end[m->n_rings] = n_points;
            m->hole[m->n_rings++] = ring > 0;
        }
    }
    return st;
}

static bool all_finite(const struct cao_geometry_room *m)
{
    size_t n = m->n_rings ? 2 * m->end[m->n_rings - 1] : 0;
    double sum = 0; /* 0 x is NaN for what is not finite */
    for (size_t i = 0; i < n; i++)
        sum += 0 * m->xy[i];
    return sum == 0;
}

/* The polygons of a geometry of any kind, as a multipolygon of its own. */
static void collect(OGRGeometryH g, OGRGeometryH multi)
{
    OGRwkbGeometryType type = OGR_GT_Flatten(OGR_G_GetGeometryType(g));
    if (type == wkbPolygon) {
        if (!OGR_G_IsEmpty(g))
            OGR_G_AddGeometry(multi, g);
        return;
    }
    if (type == wkbMultiPolygon || type == wkbGeometryCollection)
        for (int i = 0; i < OGR_G_GetGeometryCount(g); i++)
            collect(OGR_G_GetGeometryRef(g, i), multi);
}

static OGRGeometryH polygons_of(OGRGeometryH g)
{
    OGRGeometryH multi = OGR_G_CreateGeometry(wkbMultiPolygon);
    OGRGeometryH linear =
        OGR_G_HasCurveGeometry(g, FALSE) ? OGR_G_GetLinearGeometry(g, 0, NULL) : OGR_G_Clone(g);
    if (linear) {
        OGR_G_FlattenTo2D(linear);
        OGR_G_SetMeasured(linear, FALSE);
        collect(linear, multi);
        OGR_G_DestroyGeometry(linear);
    }
    return multi;
}

/* Rings that end elsewhere than they began, as some programs leave them. */
static bool close_rings(OGRGeometryH multi)
{
    bool any = false;
    for (int i = 0; i < OGR_G_GetGeometryCount(multi); i++) {
        OGRGeometryH polygon = OGR_G_GetGeometryRef(multi, i);
        for (int k = 0; k < OGR_G_GetGeometryCount(polygon); k++) {
            OGRGeometryH ring = OGR_G_GetGeometryRef(polygon, k);
            int last = OGR_G_GetPointCount(ring) - 1;
            any = any || (last > 0 && (OGR_G_GetX(ring, 0) != OGR_G_GetX(ring, last) ||
                                       OGR_G_GetY(ring, 0) != OGR_G_GetY(ring, last)));
        }
    }
    if (any)
        OGR_G_CloseRings(multi);
    return any;
}

/* *valid: what to use instead of @p multi where it had to be repaired; else NULL. */
static enum cao_status repair_geometry(OGRGeometryH multi, OGRGeometryH *valid, char repair[256],
                                       struct cao_error *err)
{
    *valid = NULL;
    repair[0] = '\0';
    CPLErrorReset();
    if (OGR_G_IsValid(multi))
        return CAO_OK;
    snprintf(repair, 256, "%.200s", CPLGetLastErrorMsg()[0] ? CPLGetLastErrorMsg() : "invalid");
    OGRGeometryH made = OGR_G_MakeValid(multi);
    *valid = made ? polygons_of(made) : NULL;
    if (made)
        OGR_G_DestroyGeometry(made);
    if (!*valid || OGR_G_IsEmpty(*valid)) {
        if (*valid)
            OGR_G_DestroyGeometry(*valid);
        *valid = NULL;
        return cao_fail(err, CAO_EDATA, "is not a valid polygon and cannot be repaired: %s",
                        repair);
    }
    return CAO_OK;
}

static bool finite_everywhere(OGRGeometryH g)
{
    for (int i = 0; i < OGR_G_GetPointCount(g); i++)
        if (!isfinite(OGR_G_GetX(g, i)) || !isfinite(OGR_G_GetY(g, i)))
            return false;
    for (int i = 0; i < OGR_G_GetGeometryCount(g); i++)
        if (!finite_everywhere(OGR_G_GetGeometryRef(g, i)))
            return false;
    return true;
}

/* The rings of @p g in the frames' room where they are plain and surely valid; else *sure is false. */
static enum cao_status read_plain(OGRGeometryH g, const struct cao_frames *f, bool *sure,
                                  struct cao_error *err)
{
    struct cao_geometry_room *m = f->room;
    OGRwkbGeometryType type = OGR_G_GetGeometryType(g);
    bool odd = true;
    *sure = false;
    if (type != wkbPolygon && type != wkbMultiPolygon)
        return CAO_OK;
    enum cao_status st = export_wkb(g, m, err);
    if (!st)
        st = read_rings(m, &odd, err);
    struct cao_rings rings = { m->xy, m->end, m->hole, m->n_rings };
    *sure = !st && !odd && all_finite(m) && cao_rings_are_simple(&rings, &m->simple);
    return st;
}

/* The same of any geometry, by way of GEOS where need be. */
static enum cao_status read_any(OGRGeometryH g, const struct cao_frames *f, char repair[256],
                                struct cao_error *err)
{
    if (!finite_everywhere(g))
        return cao_fail(err, CAO_EDATA, "has coordinates that are not numbers");
    bool odd;
    OGRGeometryH multi = polygons_of(g), valid = NULL;
    enum cao_status st = CAO_OK;
    if (OGR_G_IsEmpty(multi))
        st = cao_fail(err, CAO_EDATA, "is a %s, not a polygon", OGR_G_GetGeometryName(g));
    bool was_open = !st && close_rings(multi);
    if (!st)
        st = repair_geometry(multi, &valid, repair, err);
    if (!st && was_open && !repair[0])
        snprintf(repair, 256, "a ring was not closed");
    if (!st)
        st = export_wkb(valid ? valid : multi, f->room, err);
    if (!st)
        st = read_rings(f->room, &odd, err);
    OGR_G_DestroyGeometry(multi);
    if (valid)
        OGR_G_DestroyGeometry(valid);
    return st;
}

static enum cao_status keep_wkb(const struct cao_geometry_room *m, struct cao_pasture *p,
                                struct cao_error *err)
{
    p->wkb = malloc(m->wkb_size);
    if (!p->wkb)
        return cao_fail(err, CAO_ENOMEM, "out of memory for a geometry");
    memcpy(p->wkb, m->wkb, m->wkb_size);
    p->wkb_size = m->wkb_size;
    return CAO_OK;
}

/* Points of the grid, oriented; room for as many as the layer's own rings have, to begin with. */
static enum cao_status make_rings(const struct cao_frames *f, struct rings *rings,
                                  struct cao_error *err)
{
    const struct cao_geometry_room *m = f->room;
    size_t n = m->n_rings ? m->end[m->n_rings - 1] : 0;
    rings->end = malloc((m->n_rings + 1) * sizeof *rings->end);
    rings->points.capacity = n + 1;
    rings->points.xy = malloc((n + 1) * 2 * sizeof *rings->points.xy);
    if (!rings->end || !rings->points.xy)
        return cao_fail(err, CAO_ENOMEM, "out of memory for a geometry");
    enum cao_status st = CAO_OK;
    for (size_t i = 0, at = 0; !st && i < m->n_rings; at = m->end[i++])
        st = add_ring(f, m->xy + 2 * at, m->end[i] - at, m->hole[i], rings, err);
    return st;
}

enum cao_status cao_geometry_prepare(OGRGeometryH g, const struct cao_frames *f,
                                     struct cao_pasture *p, char repair[256], struct cao_error *err)
{
    bool sure;
    struct rings rings = { { NULL, 0, 0 }, NULL, 0, 0, 0 };
    repair[0] = '\0';
    if (!g || OGR_G_IsEmpty(g))
        return cao_fail(err, CAO_EDATA, "has no geometry");
    enum cao_status st = read_plain(g, f, &sure, err);
    if (!st && !sure)
        st = read_any(g, f, repair, err);
    if (!st)
        st = make_rings(f, &rings, err);
    if (!st && (rings.n == 0 || !(rings.area_grid > 0)))
        st = cao_fail(err, CAO_EDATA, "has no area");
    if (!st && !f->rings_only)
        st = keep_wkb(f->room, p, err);
    if (st) {
        free(rings.points.xy);
        free(rings.end);
        return st;
    }
    p->xy = rings.points.xy;
    p->ring_end = rings.end;
    p->n_rings = rings.n;
    p->area_grid_ha = rings.area_grid / 1e4;
    p->area_geodesic_ha = rings.area_geodesic / 1e4;
    p->repaired = repair[0] != '\0';
    return CAO_OK;
}
