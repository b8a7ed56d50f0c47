/* SPDX-License-Identifier: MIT */
#include "caochu/grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>

#include "caochu/text.h"
#include "raster/camera.h"
#include "raster/crs.h"

/* The cover of polygons counts in cells below 2^20. */
enum { MOST_CELLS = 1 << 20 };

enum cao_status cao_grid_init(struct cao_grid *g, const char *crs_text, double x0, double y0,
                              double res_m, int32_t cols, int32_t rows, int32_t tile,
                              struct cao_error *err)
{
    if (!(res_m > 0.0) || !isfinite(res_m) || !isfinite(x0) || !isfinite(y0))
        return cao_fail(err, CAO_EARG, "a grid of %g m cells from (%g, %g) cannot be", res_m, x0,
                        y0);
    if (cols < 1 || rows < 1 || tile < 1 || tile > MOST_CELLS)
        return cao_fail(err, CAO_EARG, "a grid of %d x %d cells in tiles of %d cannot be",
                        (int)cols, (int)rows, (int)tile);
    if (cols >= MOST_CELLS || rows >= MOST_CELLS)
        return cao_fail(err, CAO_EARG,
                        "a grid of %d x %d cells is too large (limit %d a side); choose coarser "
                        "cells or a smaller area",
                        (int)cols, (int)rows, MOST_CELLS - 1);
    struct cao_grid made = {
        .x0 = x0, .y0 = y0, .res_m = res_m, .cols = cols, .rows = rows, .tile = tile
    };
    enum cao_status st = cao_crs_resolve(crs_text, &made.crs, &made.crs_name, err);
    if (!st)
        *g = made;
    return st;
}

enum cao_status cao_grid_copy(struct cao_grid *to, const struct cao_grid *from,
                              struct cao_error *err)
{
    struct cao_grid made = *from;
    made.crs = cao_text_copy(from->crs);
    made.crs_name = cao_text_copy(from->crs_name);
    if (!made.crs || !made.crs_name) {
        cao_grid_release(&made);
        return cao_fail(err, CAO_ENOMEM, "out of memory for a grid's coordinate system");
    }
    *to = made;
    return CAO_OK;
}

void cao_grid_release(struct cao_grid *g)
{
    free(g->crs);
    free(g->crs_name);
    g->crs = g->crs_name = NULL;
}

/* 1 north, -1 south, 0 not WGS 84 / UTM. */
static int utm_half(const char *crs)
{
    int north = 0, half = 0;
    OGRSpatialReferenceH srs = cao_srs_import(crs);
    if (!srs)
        return 0;
    int zone = OSRGetUTMZone(srs, &north);
    if (zone) {
        char text[32];
        snprintf(text, sizeof text, "EPSG:%d%02d", north ? 326 : 327, zone);
        half = !cao_crs_same(crs, text) ? 0 : north ? 1 : -1;
    }
    OSRDestroySpatialReference(srs);
    return half;
}

void cao_grid_anchor(const char *crs, double x, double y, double res_m, int32_t tile, double *x0,
                     double *y0)
{
    /* Sentinel-2 tiles start on a lattice of 60 m, the largest of its pixels, at or up-left of the
     * corner of their 100 km square of the MGRS. In the south the lattice counts from the equator,
     * 10 000 km of false northing away: T22HBD starts at 5900020, not at 5900040. */
    double whole = 60.0 / res_m;
    int half = fabs(whole - rint(whole)) < 1e-9 ? utm_half(crs) : 0;
    if (half) {
        double equator = half < 0 ? 1e7 : 0.0;
        *x0 = 60.0 * floor(1e5 * floor(x / 1e5) / 60.0);
        *y0 = 60.0 * ceil((1e5 * (floor(y / 1e5) + 1.0) - equator) / 60.0) + equator;
    } else {
        double side = res_m * (double)tile;
        *x0 = side * floor(x / side);
        *y0 = side * ceil(y / side);
    }
}

/* --- where a scene lies on the grid --- */

enum { PER_EDGE = 64, N_EDGE = 4 * PER_EDGE };

/* Points around a layer's image in the scene's CRS. */
static void image_edge(const struct cao_layer *l, double x[N_EDGE], double y[N_EDGE])
{
    const double *t = l->geotransform;
    for (int i = 0; i < PER_EDGE; i++) {
        double along = (double)i / PER_EDGE, w = l->width, h = l->height;
        double px[4] = { w * along, w, w * (1.0 - along), 0.0 };
        double py[4] = { 0.0, h * along, h, h * (1.0 - along) };
        for (int e = 0; e < 4; e++) {
            x[e * PER_EDGE + i] = t[0] + px[e] * t[1] + py[e] * t[2];
            y[e * PER_EDGE + i] = t[3] + px[e] * t[4] + py[e] * t[5];
        }
    }
}

struct bounds {
    double x_min, y_min, x_max, y_max;
    size_t n, lost;
    bool holds; /**< cells of the grid lie within an image of which edges are lost */
};

static void bounds_add(struct bounds *b, double x, double y)
{
    b->x_min = fmin(b->x_min, x);
    b->x_max = fmax(b->x_max, x);
    b->y_min = fmin(b->y_min, y);
    b->y_max = fmax(b->y_max, y);
    b->n++;
}

/* A point counts where it comes back to where it was: beyond the reach of a projection PROJ may
 * give numbers that mean nothing. @p pixel is the size of a source pixel in the scene's units. */
static void bounds_carry(struct bounds *b, OGRCoordinateTransformationH there,
                         OGRCoordinateTransformationH back, const double *x, const double *y,
                         double pixel)
{
    double gx[N_EDGE], gy[N_EDGE], bx[N_EDGE], by[N_EDGE];
    int ok[N_EDGE] = { 0 }, ok_back[N_EDGE] = { 0 };
    memcpy(gx, x, sizeof gx);
    memcpy(gy, y, sizeof gy);
    OCTTransformEx(there, N_EDGE, gx, gy, NULL, ok);
    for (int i = 0; i < N_EDGE; i++) {
        bool fine = ok[i] && isfinite(gx[i]) && isfinite(gy[i]);
        bx[i] = fine ? gx[i] : 0.0;
        by[i] = fine ? gy[i] : 0.0;
        ok[i] = fine;
    }
    OCTTransformEx(back, N_EDGE, bx, by, NULL, ok_back);
    for (int i = 0; i < N_EDGE; i++) {
        if (ok[i] && ok_back[i] && fabs(bx[i] - x[i]) < pixel && fabs(by[i] - y[i]) < pixel)
            bounds_add(b, gx[i], gy[i]);
        else
            b->lost++;
    }
}

/* A raw image, wherever between the sea and the highest mountain the ground under it may lie. */
static enum cao_status raw_bounds(const struct cao_scene *s, OGRCoordinateTransformationH there,
                                  OGRCoordinateTransformationH back, struct bounds *b,
                                  struct cao_error *err)
{
    static const double heights_m[] = { -200, 4000, 9000 };
    const struct cao_layer *l = NULL;
    for (int i = 0; !l && i < CAO_N_BANDS; i++)
        l = s->band[i].path ? &s->band[i] : NULL;
    struct cao_camera *camera = NULL;
    enum cao_status st = l ? cao_camera_open(s, false, &camera, err) : CAO_OK;
    for (size_t h = 0; !st && l && h < sizeof heights_m / sizeof heights_m[0]; h++) {
        struct cao_layer pixels = { .width = l->width,
                                    .height = l->height,
                                    .geotransform = { 0, 1, 0, 0, 0, 1 } };
        double x[N_EDGE], y[N_EDGE];
        int ok[N_EDGE];
        image_edge(&pixels, x, y);
        for (int i = 0; i < N_EDGE; i++)
            ok[i] = 1;
        cao_camera_ground(camera, heights_m[h], N_EDGE, ok, x, y);
        for (int i = 0; i < N_EDGE; i++) {
            x[i] = ok[i] ? x[i] : HUGE_VAL;
            y[i] = ok[i] ? y[i] : HUGE_VAL;
        }
        if (there && back)
            bounds_carry(b, there, back, x, y, 1e-3);
    }
    cao_camera_close(camera);
    return st;
}

/* Whether one of the grid's cells lies within the image: an image of half the earth has edges that have no
 * place in the grid's projection, and yet holds the grid. */
static bool holds_cells(const struct cao_grid *g, const struct cao_layer *l,
                        OGRCoordinateTransformationH back)
{
    enum { SIDE = 9 };
    double x[SIDE * SIDE], y[SIDE * SIDE];
    const double *t = l->geotransform, det = t[1] * t[5] - t[2] * t[4];
    int ok[SIDE * SIDE] = { 0 };
    for (int i = 0; i < SIDE * SIDE; i++) {
        x[i] = g->x0 + g->res_m * g->cols * (i % SIDE) / (SIDE - 1);
        y[i] = g->y0 - g->res_m * g->rows * (i / SIDE) / (SIDE - 1);
    }
    OCTTransformEx(back, SIDE * SIDE, x, y, NULL, ok);
    for (int i = 0; i < SIDE * SIDE; i++) {
        double px = ((x[i] - t[0]) * t[5] - (y[i] - t[3]) * t[2]) / det;
        double py = ((y[i] - t[3]) * t[1] - (x[i] - t[0]) * t[4]) / det;
        if (ok[i] && px >= 0 && px <= l->width && py >= 0 && py <= l->height)
            return true;
    }
    return false;
}

static enum cao_status scene_bounds(const struct cao_grid *g, const struct cao_scene *s,
                                    struct bounds *b, struct cao_error *err)
{
    OGRCoordinateTransformationH there = NULL, back = NULL;
    bool same = cao_crs_same(g->crs, s->crs);
    if (!same) {
        OGRSpatialReferenceH from = cao_srs_import(s->crs), to = cao_srs_import(g->crs);
        if (from && to) {
            there = OCTNewCoordinateTransformation(from, to);
            back = OCTNewCoordinateTransformation(to, from);
        }
        bool known = from != NULL;
        OSRDestroySpatialReference(from);
        OSRDestroySpatialReference(to);
        if (!known)
            return cao_fail(err, CAO_EDATA, "%s: its coordinate system cannot be understood",
                            s->path);
    }
    enum cao_status st = s->rpc ? raw_bounds(s, there, back, b, err) : CAO_OK;
    for (int i = 0; !s->rpc && i < CAO_N_BANDS + CAO_MOST_QA; i++) {
        const struct cao_layer *l = i < CAO_N_BANDS ? &s->band[i] : &s->qa[i - CAO_N_BANDS].layer;
        double x[N_EDGE], y[N_EDGE];
        if (!l->path)
            continue;
        image_edge(l, x, y);
        for (int k = 0; same && k < N_EDGE; k++)
            bounds_add(b, x[k], y[k]);
        if (there && back)
            bounds_carry(b, there, back, x, y, fabs(l->geotransform[1]) + fabs(l->geotransform[2]));
        if (back && b->lost && !b->holds)
            b->holds = holds_cells(g, l, back);
    }
    OCTDestroyCoordinateTransformation(there);
    OCTDestroyCoordinateTransformation(back);
    return st;
}

/* First and last cell of [low, high] (in cells) as start and count within 0..limit. */
static int32_t clip_cells(double low, double high, int32_t limit, int32_t *start)
{
    double first = fmax(floor(low) - 1.0, 0.0), end = fmin(ceil(high) + 1.0, (double)limit);
    if (!(end > first))
        return 0;
    *start = (int32_t)first;
    return (int32_t)(end - first);
}

enum cao_status cao_grid_scene_window(const struct cao_grid *g, const struct cao_scene *s,
                                      struct cao_window *w, struct cao_error *err)
{
    struct bounds b = { HUGE_VAL, HUGE_VAL, -HUGE_VAL, -HUGE_VAL, 0, 0, false };
    struct cao_window made = { 0, 0, 0, 0 };
    enum cao_status st = scene_bounds(g, s, &b, err);
    if (st)
        return st;
    if (b.n) {
        made.cols = clip_cells((b.x_min - g->x0) / g->res_m, (b.x_max - g->x0) / g->res_m, g->cols,
                               &made.col);
        made.rows = clip_cells((g->y0 - b.y_max) / g->res_m, (g->y0 - b.y_min) / g->res_m, g->rows,
                               &made.row);
    }
    bool meets = made.cols > 0 && made.rows > 0;
    if (b.holds ||
        (meets && b.lost)) /* what the lost part of the edge bounds is not known: look at all */
        made = (struct cao_window){ 0, 0, g->cols, g->rows };
    else if (!meets)
        made = (struct cao_window){ 0, 0, 0, 0 };
    *w = made;
    return CAO_OK;
}

/* --- tiles --- */

void cao_tile_name(int32_t tile_row, int32_t tile_col, char text[32])
{
    snprintf(text, 32, "r%03dc%03d", (int)tile_row, (int)tile_col);
}

struct cao_window cao_tile_window(const struct cao_grid *g, int32_t tile_row, int32_t tile_col)
{
    int32_t col = tile_col * g->tile, row = tile_row * g->tile;
    if (tile_col < 0 || tile_row < 0 || col >= g->cols || row >= g->rows)
        return (struct cao_window){ 0, 0, 0, 0 };
    return (struct cao_window){ col, row, g->cols - col < g->tile ? g->cols - col : g->tile,
                                g->rows - row < g->tile ? g->rows - row : g->tile };
}
