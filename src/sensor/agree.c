/* SPDX-License-Identifier: MIT
 * Each image tells its own place, so one of another tile fits itself: only beside the others it shows. */
#include "sensor/agree.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum cao_status cao_agreement_read(struct cao_agreement *a, struct cao_layer *l,
                                   struct cao_scene *s, struct cao_header *header,
                                   struct cao_error *err)
{
    struct cao_header own = { 0 }, *h = header ? header : &own;
    enum cao_status st = cao_header_read(l, s, h, err);
    if (!st && a->n < sizeof a->items / sizeof a->items[0]) {
        struct cao_agreement_item *item = &a->items[a->n++];
        item->layer = *l;
        snprintf(item->crs, sizeof item->crs, "%s", h->crs_name);
    }
    cao_header_release(&own);
    return st;
}

/* Codes that differ are two systems; a system without a code may be any, which the reader looks into. */
static bool same_crs(const struct cao_agreement_item *a, const struct cao_agreement_item *b)
{
    return !strchr(a->crs, ':') || !strchr(b->crs, ':') || strcmp(a->crs, b->crs) == 0;
}

static bool same_ground(const struct cao_agreement_item *x, const struct cao_agreement_item *y,
                        bool same_pixels)
{
    const struct cao_layer *a = &x->layer, *b = &y->layer;
    const double *s = a->geotransform, *t = b->geotransform;
    double pixel = fmax(fabs(s[1]), fabs(t[1]));
    if (same_pixels && (a->width != b->width || a->height != b->height))
        return false;
    return same_crs(x, y) && fabs(s[0] - t[0]) <= pixel && fabs(s[3] - t[3]) <= pixel &&
           fabs(s[0] + s[1] * a->width - t[0] - t[1] * b->width) <= pixel &&
           fabs(s[3] + s[5] * a->height - t[3] - t[5] * b->height) <= pixel;
}

enum cao_status cao_agreement_check(const struct cao_agreement *a, bool same_pixels,
                                    struct cao_error *err)
{
    size_t most = 0, n_most = 0;
    for (size_t i = 0; i < a->n; i++) {
        size_t alike = 0;
        for (size_t k = 0; k < a->n; k++)
            alike += same_ground(&a->items[i], &a->items[k], same_pixels);
        if (alike > n_most) {
            most = i;
            n_most = alike;
        }
    }
    const struct cao_agreement_item *good = &a->items[most];
    for (size_t i = 0; i < a->n; i++) {
        const struct cao_agreement_item *bad = &a->items[i];
        const struct cao_layer *l = &bad->layer, *g = &good->layer;
        if (same_ground(bad, good, same_pixels))
            continue;
        return cao_fail(err, CAO_EDATA,
                        "%s: covers other ground (%d x %d pixels from %.10g, %.10g in %s) than %s "
                        "(%d x %d from %.10g, %.10g in %s); it belongs to another product or was "
                        "cut; download it again",
                        l->path, l->width, l->height, l->geotransform[0], l->geotransform[3],
                        bad->crs, strrchr(g->path, '/') ? strrchr(g->path, '/') + 1 : g->path,
                        g->width, g->height, g->geotransform[0], g->geotransform[3], good->crs);
    }
    return CAO_OK;
}

static bool meet(double from_a, double to_a, double from_b, double to_b)
{
    return fmin(from_a, to_a) < fmax(from_b, to_b) && fmin(from_b, to_b) < fmax(from_a, to_a);
}

enum cao_status cao_agreement_meet(const struct cao_agreement *a, const struct cao_agreement *b,
                                   struct cao_error *err)
{
    if (!a->n || !b->n)
        return CAO_OK;
    const struct cao_layer *l = &a->items[0].layer, *m = &b->items[0].layer;
    const double *s = l->geotransform, *t = m->geotransform;
    if (same_crs(&a->items[0], &b->items[0]) &&
        meet(s[0], s[0] + s[1] * l->width, t[0], t[0] + t[1] * m->width) &&
        meet(s[3], s[3] + s[5] * l->height, t[3], t[3] + t[5] * m->height))
        return CAO_OK;
    return cao_fail(
        err, CAO_EDATA,
        "%s: lies elsewhere (from %.10g, %.10g in %s) than the bands (from %.10g, %.10g in %s); "
        "it belongs to another product",
        m->path, t[0], t[3], b->items[0].crs, s[0], s[3], a->items[0].crs);
}
