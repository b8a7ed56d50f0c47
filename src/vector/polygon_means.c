/* SPDX-License-Identifier: MIT */
#include "caochu/polygon_means.h"

#include <math.h>
#include <stdlib.h>

#include "caochu/raster_in.h"
#include "vector/geometry.h"

enum { MOST_CELLS = 1 << 18 }; /* of a window at a time */

struct work {
    struct cao_raster_info info;
    struct cao_raster_in *raster;
    struct cao_frames frames;
    double *row_area; /* [info.rows] */
    double *values;   /* [MOST_CELLS or a row] */
    unsigned char *hidden;
    double *xy;
    size_t n_xy;
    void *scratch;
    size_t n_scratch;
    struct cao_span *spans;
    size_t n_spans;
};

static void work_close(struct work *w)
{
    cao_raster_in_close(w->raster);
    cao_frames_close(&w->frames);
    cao_raster_info_release(&w->info);
    free(w->row_area);
    free(w->values);
    free(w->hidden);
    free(w->xy);
    free(w->scratch);
    free(w->spans);
}

static enum cao_status work_open(struct work *w, const struct cao_pastures *p, const char *raster,
                                 const char *crs, struct cao_error *err)
{
    enum cao_status st = cao_raster_info_read(raster, crs, &w->info, err);
    if (!st)
        st = cao_raster_in_open(&w->info, &w->raster, err);
    if (st)
        return st;
    const double *t = w->info.geotransform;
    double cell = fmin(hypot(t[1], t[4]), hypot(t[2], t[5]));
    OGRSpatialReferenceH layer = OSRNewSpatialReference(NULL);
    if (OSRSetFromUserInput(layer, p->layer_crs) != OGRERR_NONE) {
        st = cao_fail(err, CAO_EDATA, "%s: its coordinate system is not understood", p->path);
    } else {
        OSRSetAxisMappingStrategy(layer, OAMS_TRADITIONAL_GIS_ORDER);
        st = cao_frames_open(&w->frames, layer, w->info.crs, cell * 0.01, err);
    }
    OSRDestroySpatialReference(layer);
    if (st)
        return cao_within(err, st, "%s", raster);
    w->frames.planar = w->frames.rings_only = true;
    size_t cells = w->info.cols > MOST_CELLS ? (size_t)w->info.cols : MOST_CELLS;
    w->row_area = malloc(((size_t)w->info.rows + 1) * sizeof *w->row_area);
    w->values = malloc(cells * sizeof *w->values);
    w->hidden = malloc(cells);
    if (!w->row_area || !w->values || !w->hidden)
        return cao_fail(err, CAO_ENOMEM, "%s: out of memory", raster);
    for (int32_t row = 0; row < w->info.rows; row++) {
        double area =
            w->info.degrees || row == 0 ? cao_raster_cell_area(&w->info, row) : w->row_area[0];
        w->row_area[row] = area > 0 ? area : 1; /* of a rotated raster in degrees: alike */
    }
    return CAO_OK;
}

static enum cao_status grow(void **at, size_t *room, size_t n, size_t size, struct cao_error *err)
{
    if (n <= *room)
        return CAO_OK;
    void *more = aligned_alloc(64, (n * size + 63) / 64 * 64);
    if (!more)
        return cao_fail(err, CAO_ENOMEM, "out of memory for a polygon");
    free(*at);
    *at = more;
    *room = n;
    return CAO_OK;
}

/* In cells of the raster; false: it lies wholly beside it. */
static enum cao_status on_raster(struct work *w, const struct cao_pasture *p, bool *meets,
                                 struct cao_error *err)
{
    size_t n = p->ring_end[p->n_rings - 1];
    void *xy = w->xy;
    enum cao_status st = grow(&xy, &w->n_xy, 2 * n, sizeof *w->xy, err);
    w->xy = xy;
    if (st)
        return st;
    const double *inv = w->info.inverse;
    double low[2] = { HUGE_VAL, HUGE_VAL }, high[2] = { -HUGE_VAL, -HUGE_VAL };
    for (size_t i = 0; i < n; i++)
        for (int axis = 0; axis < 2; axis++) {
            const double *k = inv + 3 * axis;
            double v = k[0] + k[1] * p->xy[2 * i] + k[2] * p->xy[2 * i + 1];
            w->xy[2 * i + (size_t)axis] = v;
            low[axis] = fmin(low[axis], v);
            high[axis] = fmax(high[axis], v);
        }
    const double most = 1 << 20;
    *meets = low[0] < w->info.cols && low[1] < w->info.rows && high[0] > 0 && high[1] > 0;
    if (*meets && !(low[0] > -most && low[1] > -most && high[0] < most && high[1] < most))
        return cao_fail(err, CAO_EDATA, "is more than %.0f cells of the raster large", most);
    return CAO_OK;
}

struct sums {
    double value, area, cells;
};

static enum cao_status add_window(struct work *w, const struct cao_polygon *polygon,
                                  const struct cao_window *window, size_t band, struct sums *sums,
                                  struct cao_error *err)
{
    const struct cao_raster_band_info *info = &w->info.bands[band];
    struct cao_cover_need need = cao_cover_need(polygon, window);
    void *scratch = w->scratch, *spans = w->spans;
    enum cao_status st = grow(&scratch, &w->n_scratch, need.scratch_bytes, 1, err);
    w->scratch = scratch;
    if (!st)
        st = grow(&spans, &w->n_spans, need.spans, sizeof *w->spans, err);
    w->spans = spans;
    if (!st)
        st = cao_raster_in_read64(w->raster, band, window, w->values, w->hidden, err);
    if (st)
        return st;
    size_t n = cao_cover(polygon, window, w->scratch, w->spans);
    for (size_t i = 0; i < n; i++) {
        const struct cao_span *s = &w->spans[i];
        const double *v = w->values + (size_t)(s->row - window->row) * (size_t)window->cols +
                          (s->col - window->col);
        double area = s->weight * w->row_area[s->row];
        for (int32_t k = 0; k < s->n; k++) {
            if (!isfinite(v[k]))
                continue;
            sums->value += area * (info->scale * v[k] + info->offset);
            sums->area += area;
            sums->cells += s->weight;
        }
    }
    return CAO_OK;
}

static enum cao_status mean_of(struct work *w, const struct cao_pasture *p, size_t band,
                               struct cao_polygon_mean *mean, struct cao_error *err)
{
    struct cao_polygon polygon = { w->xy, p->ring_end, p->n_rings };
    struct cao_window whole = { 0, 0, w->info.cols, w->info.rows };
    struct cao_window at = cao_cover_window(&polygon, &whole);
    struct sums sums = { 0, 0, 0 };
    enum cao_status st = CAO_OK;
    int32_t rows = at.cols > 0 ? MOST_CELLS / at.cols : 0, end = at.row + at.rows;
    rows = rows > 0 ? rows : 1;
    for (int32_t row = at.row; !st && at.cols > 0 && row < end; row += rows) {
        struct cao_window part = { at.col, row, at.cols, end - row < rows ? end - row : rows };
        st = add_window(w, &polygon, &part, band, &sums, err);
    }
    if (st)
        return st;
    double cells = cao_polygon_area(&polygon);
    if (sums.area > 0)
        *mean = (struct cao_polygon_mean){ sums.value / sums.area, fmin(sums.cells / cells, 1) };
    return CAO_OK;
}

static enum cao_status means_of(struct work *w, const struct cao_pasture *p,
                                struct cao_polygon_mean *means, struct cao_error *err)
{
    struct cao_pasture there = { 0 };
    OGRGeometryH g = NULL;
    char repair[256];
    bool meets = false;
    enum cao_status st = CAO_OK;
    if (OGR_G_CreateFromWkb(p->wkb, NULL, &g, (int)p->wkb_size) != OGRERR_NONE)
        st = cao_fail(err, CAO_ENOMEM, "out of memory for a polygon");
    if (!st)
        st = cao_geometry_prepare(g, &w->frames, &there, repair, err);
    if (!st)
        st = on_raster(w, &there, &meets, err);
    for (size_t band = 0; !st && meets && band < w->info.n_bands; band++)
        st = mean_of(w, &there, band, &means[band], err);
    OGR_G_DestroyGeometry(g);
    free(there.xy);
    free(there.ring_end);
    return st ? cao_within(err, st, "pasture %s", p->id) : CAO_OK;
}

enum cao_status cao_polygon_means(const struct cao_pastures *p, const char *raster, const char *crs,
                                  size_t *n_bands, struct cao_polygon_mean **means,
                                  struct cao_error *err)
{
    struct work w = { 0 };
    struct cao_polygon_mean *made = NULL;
    enum cao_status st = work_open(&w, p, raster, crs, err);
    size_t n = w.info.n_bands;
    if (!st && !(made = calloc(p->n * n + 1, sizeof *made)))
        st = cao_fail(err, CAO_ENOMEM, "%s: out of memory", raster);
    for (size_t i = 0; !st && i < p->n * n; i++)
        made[i].mean = (double)NAN;
    for (size_t i = 0; !st && i < p->n; i++)
        st = means_of(&w, &p->items[i], made + i * n, err);
    work_close(&w);
    if (st) {
        free(made);
        return st;
    }
    *n_bands = n;
    *means = made;
    return CAO_OK;
}
