/* SPDX-License-Identifier: MIT */
#include "caochu/sample.h"

#include <math.h>
#include <stdlib.h>

#include <cpl_error.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "raster/crs.h"
#include "raster/gdal_words.h"

enum cao_status cao_points_to_raster(const struct cao_raster_info *info, const char *crs, double *x,
                                     double *y, size_t n, struct cao_error *err)
{
    char words[CAO_WORDS];
    OGRSpatialReferenceH from = cao_srs_import(crs), to = cao_srs_import(info->crs);
    OGRCoordinateTransformationH t = NULL;
    enum cao_status st = CAO_OK;
    CPLErrorReset();
    if (!from)
        st = cao_fail(err, CAO_EARG, "--crs: '%s' is not a coordinate system", crs);
    else if (to)
        t = OCTNewCoordinateTransformation(from, to);
    if (!st && !t)
        st = cao_fail(err, CAO_EARG, "%s: no way from %s to its CRS: %s", info->path, crs,
                      cao_gdal_words(words));
    int *done = st ? NULL : calloc(n + 1, sizeof *done);
    if (!st && !done)
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    if (!st && n > 0) {
        (void)OCTTransformEx(t, (int)n, x, y, NULL, done);
        for (size_t i = 0; i < n; i++)
            if (!done[i])
                x[i] = y[i] = (double)NAN;
    }
    free(done);
    if (t)
        OCTDestroyCoordinateTransformation(t);
    if (from)
        OSRDestroySpatialReference(from);
    if (to)
        OSRDestroySpatialReference(to);
    return st;
}

double cao_raster_cell_m(const struct cao_raster_info *info)
{
    double area = cao_raster_cell_area(info, info->rows / 2);
    return sqrt(area);
}

enum cao_status cao_sample(struct cao_raster_in *raster, const struct cao_raster_info *info,
                           size_t band, double x, double y, int side, double *value,
                           int32_t cell[2], enum cao_sampled *result, struct cao_error *err)
{
    enum { MOST_SIDE = 15 };
    double values[MOST_SIDE * MOST_SIDE];
    unsigned char hidden[MOST_SIDE * MOST_SIDE];
    const double *t = info->inverse;
    double col = floor(t[0] + x * t[1] + y * t[2]), row = floor(t[3] + x * t[4] + y * t[5]);
    *result = CAO_SAMPLE_OUTSIDE;
    if (!(col >= 0 && col < info->cols && row >= 0 && row < info->rows) || side > MOST_SIDE)
        return CAO_OK;
    cell[0] = (int32_t)col;
    cell[1] = (int32_t)row;
    int32_t half = side / 2, left = cell[0] - half, top = cell[1] - half;
    struct cao_window w = { .col = left < 0 ? 0 : left, .row = top < 0 ? 0 : top };
    w.cols = (left + side > info->cols ? info->cols : left + side) - w.col;
    w.rows = (top + side > info->rows ? info->rows : top + side) - w.row;
    enum cao_status st = cao_raster_in_read64(raster, band, &w, values, hidden, err);
    if (st)
        return st;
    double sum = 0;
    int n = 0;
    for (int32_t i = 0; i < w.cols * w.rows; i++)
        if (isfinite(values[i])) {
            sum += values[i];
            n++;
        }
    *result = 2 * n > side * side ? CAO_SAMPLE_OK : CAO_SAMPLE_NO_VALUE;
    *value = info->bands[band].scale * (sum / (n ? n : 1)) + info->bands[band].offset;
    return CAO_OK;
}
