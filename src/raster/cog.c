/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "caochu/file.h"
#include "raster/crs.h"
#include "raster/gdal_words.h"
#include "raster/layout.h"

static enum cao_status memory_fail(const char *path, struct cao_error *err)
{
    char words[CAO_WORDS];
    return cao_fail(err, CAO_ENOMEM, "%s: cannot be prepared: %s", path, cao_gdal_words(words));
}

static bool describe_band(GDALRasterBandH band, const struct cao_raster_layout *l)
{
    GDALColorTableH colors = cao_legend_colors(l);
    bool bad = GDALSetRasterNoDataValue(band, l->nodata) != CE_None;
    GDALSetDescription(band, l->description);
    if (l->unit && l->unit[0])
        bad |= GDALSetRasterUnitType(band, l->unit) != CE_None;
    if (l->scale != 1.0 || l->offset != 0.0) {
        bad |= GDALSetRasterScale(band, l->scale) != CE_None;
        bad |= GDALSetRasterOffset(band, l->offset) != CE_None;
    }
    if (l->n_legend)
        bad |= !colors || GDALSetRasterColorTable(band, colors) != CE_None;
    if (colors)
        GDALDestroyColorTable(colors);
    return !bad;
}

/* A dataset over the caller's pixels, which are only read. */
static GDALDatasetH as_dataset(const struct cao_grid *grid, const struct cao_window *w,
                               const struct cao_raster_layout *l, const struct cao_tag *tags,
                               size_t n_tags, const void *pixels)
{
    char pointer[64];
    char *options[] = { pointer, NULL };
    double t[6];
    snprintf(pointer, sizeof pointer, "DATAPOINTER=%p", pixels);
    GDALDatasetH d =
        GDALCreate(GDALGetDriverByName("MEM"), "", w->cols, w->rows, 0, GDT_Byte, NULL);
    if (!d)
        return NULL;
    OGRSpatialReferenceH srs = cao_srs_import(grid->crs);
    cao_window_geotransform(grid, w, t);
    bool ok = srs && GDALAddBand(d, cao_pixel_gdal(l->pixel), options) == CE_None &&
              GDALSetGeoTransform(d, t) == CE_None && GDALSetSpatialRef(d, srs) == CE_None &&
              describe_band(GDALGetRasterBand(d, 1), l);
    OSRDestroySpatialReference(srs);
    for (size_t i = 0; ok && i < n_tags; i++)
        ok = GDALSetMetadataItem(d, tags[i].key, tags[i].value, NULL) == CE_None;
    if (ok)
        return d;
    GDALClose(d);
    return NULL;
}

static char **creation_options(const struct cao_raster_layout *l)
{
    const char *list =
        GDALGetMetadataItem(GDALGetDriverByName("COG"), GDAL_DMD_CREATIONOPTIONLIST, NULL);
    bool zstd = list && strstr(list, "<Value>ZSTD</Value>");
    char **o = NULL;
    o = CSLSetNameValue(o, "COMPRESS", zstd ? "ZSTD" : "DEFLATE");
    o = CSLSetNameValue(o, "LEVEL", "1");
    o = CSLSetNameValue(o, "PREDICTOR", l->pixel == CAO_FLOAT32 ? "FLOATING_POINT" : "STANDARD");
    o = CSLSetNameValue(o, "BLOCKSIZE", CPLSPrintf("%d", CAO_BLOCK));
    o = CSLSetNameValue(o, "OVERVIEWS", "AUTO");
    o = CSLSetNameValue(o, "OVERVIEW_RESAMPLING", l->n_legend ? "MODE" : "AVERAGE");
    o = CSLSetNameValue(o, "BIGTIFF", "IF_SAFER");
    o = CSLSetNameValue(o, "NUM_THREADS", "1");
    return o;
}

static void remove_pieces(const char *path)
{
    char overviews[CAO_PATH_MAX + 16];
    snprintf(overviews, sizeof overviews, "%s.ovr.tmp", path);
    VSIUnlink(overviews);
    VSIUnlink(path);
}

enum cao_status cao_cog_write(const char *path, const struct cao_grid *grid,
                              const struct cao_window *window,
                              const struct cao_raster_layout *layout, const struct cao_tag *tags,
                              size_t n_tags, const void *pixels, struct cao_error *err)
{
    char words[CAO_WORDS];
    if (window->cols < 1 || window->rows < 1)
        return cao_fail(err, CAO_EARG, "%s: an empty window", path);
    enum cao_status st = cao_layout_check(layout, err);
    if (st)
        return cao_within(err, st, "%s", path);
    CPLErrorReset();
    GDALDatasetH from = as_dataset(grid, window, layout, tags, n_tags, pixels);
    if (!from)
        return memory_fail(path, err);
    char **options = creation_options(layout);
    CPLErrorReset();
    GDALDatasetH to =
        GDALCreateCopy(GDALGetDriverByName("COG"), path, from, TRUE, options, NULL, NULL);
    bool bad = !to;
    /* Closing writes, and tells of a full disk through the error handler alone. */
    if (to)
        GDALClose(to);
    bad |= CPLGetLastErrorType() >= CE_Failure;
    if (bad)
        st = cao_fail(err, CAO_EIO, "%s: cannot be written: %s", path, cao_gdal_words(words));
    GDALClose(from);
    CSLDestroy(options);
    if (st)
        remove_pieces(path);
    return st;
}
