/* SPDX-License-Identifier: MIT
 * GDAL's RPC transformer does the work: heights are interpolated bilinearly between the posts of the
 * elevation model, shifted by a vertical datum where that declares one. */
#include "raster/camera.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal_alg.h>

#include "raster/gdal_words.h"

struct cao_camera {
    const struct cao_rpc *model;
    void *transformer;
    GDALRPCInfoV2 info;
};

/* The polynomials hold over the image; beyond they may turn back into it. */
static const double reach = 1.25;

static void fill_info(const struct cao_rpc *m, GDALRPCInfoV2 *info)
{
    *info = (GDALRPCInfoV2){ .dfLINE_OFF = m->line_off,
                             .dfSAMP_OFF = m->samp_off,
                             .dfLAT_OFF = m->lat_off,
                             .dfLONG_OFF = m->long_off,
                             .dfHEIGHT_OFF = m->height_off,
                             .dfLINE_SCALE = m->line_scale,
                             .dfSAMP_SCALE = m->samp_scale,
                             .dfLAT_SCALE = m->lat_scale,
                             .dfLONG_SCALE = m->long_scale,
                             .dfHEIGHT_SCALE = m->height_scale,
                             .dfMIN_LONG = -180,
                             .dfMIN_LAT = -90,
                             .dfMAX_LONG = 180,
                             .dfMAX_LAT = 90 };
    memcpy(info->adfLINE_NUM_COEFF, m->line_num, sizeof m->line_num);
    memcpy(info->adfLINE_DEN_COEFF, m->line_den, sizeof m->line_den);
    memcpy(info->adfSAMP_NUM_COEFF, m->samp_num, sizeof m->samp_num);
    memcpy(info->adfSAMP_DEN_COEFF, m->samp_den, sizeof m->samp_den);
}

enum cao_status cao_camera_open(const struct cao_scene *s, bool terrain, struct cao_camera **camera,
                                struct cao_error *err)
{
    char words[CAO_WORDS], shift[40];
    struct cao_camera *c = calloc(1, sizeof *c);
    if (!c)
        return cao_fail(err, CAO_ENOMEM, "%s: out of memory for reading", s->path);
    char **options = NULL;
    c->model = s->rpc;
    fill_info(s->rpc, &c->info);
    if (terrain) {
        snprintf(shift, sizeof shift, "%.17g", s->dem_shift_m);
        options = CSLSetNameValue(options, "RPC_DEM", s->dem);
        options = CSLSetNameValue(options, "RPC_DEMINTERPOLATION", "bilinear");
        options = CSLSetNameValue(options, "RPC_HEIGHT", shift);
    }
    CPLErrorReset();
    c->transformer = GDALCreateRPCTransformerV2(&c->info, FALSE, 0.01, options);
    CSLDestroy(options);
    if (!c->transformer) {
        cao_camera_close(c);
        return cao_fail(err, CAO_EDATA, "%s: the elevation model %s cannot be used: %s", s->path,
                        s->dem ? s->dem : "", cao_gdal_words(words));
    }
    *camera = c;
    return CAO_OK;
}

void cao_camera_close(struct cao_camera *c)
{
    if (!c)
        return;
    if (c->transformer)
        GDALDestroyRPCTransformer(c->transformer);
    free(c);
}

static bool is_near(const struct cao_rpc *m, double lon, double lat)
{
    return fabs(lon - m->long_off) <= reach * m->long_scale &&
           fabs(lat - m->lat_off) <= reach * m->lat_scale;
}

bool cao_camera_pixels(struct cao_camera *c, int n, const int *ok, double *x, double *y)
{
    enum { MOST = 64 };
    double px[MOST], py[MOST], pz[MOST] = { 0 };
    int fine[MOST], from[MOST];
    bool all = true;
    for (int begin = 0; begin < n; begin += MOST) {
        int k = 0;
        for (int i = begin; i < n && i < begin + MOST; i++) {
            bool near = ok[i] && isfinite(x[i]) && isfinite(y[i]) && is_near(c->model, x[i], y[i]);
            if (near) {
                px[k] = x[i];
                py[k] = y[i];
                pz[k] = 0;
                fine[k] = 0;
                from[k++] = i;
            }
            all &= near;
            x[i] = y[i] = (double)NAN;
        }
        if (k)
            GDALRPCTransform(c->transformer, TRUE, k, px, py, pz, fine);
        for (int i = 0; i < k; i++) {
            bool there = fine[i] && isfinite(px[i]) && isfinite(py[i]);
            x[from[i]] = there ? px[i] : (double)NAN;
            y[from[i]] = there ? py[i] : (double)NAN;
            all &= there;
        }
    }
    return all;
}

void cao_camera_ground(struct cao_camera *c, double height_m, int n, int *ok, double *x, double *y)
{
    for (int i = 0; i < n; i++) {
        double z = isnan(height_m) ? c->model->height_off : height_m;
        int fine = 0;
        if (ok[i])
            GDALRPCTransform(c->transformer, FALSE, 1, &x[i], &y[i], &z, &fine);
        ok[i] = fine && isfinite(x[i]) && isfinite(y[i]);
    }
}
