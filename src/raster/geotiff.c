/* SPDX-License-Identifier: MIT */
#include "caochu/geotiff.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <cpl_error.h>

#include "base/lanes.h"
#include "raster/gdal_words.h"
#include "raster/layout.h"

static const struct {
    GDALDataType gdal;
    size_t bytes;
    double low, high;
} kinds[] = {
    [CAO_UINT8] = { GDT_Byte, 1, 0.0, 255.0 },
    [CAO_UINT16] = { GDT_UInt16, 2, 0.0, 65535.0 },
    [CAO_INT16] = { GDT_Int16, 2, -32768.0, 32767.0 },
    [CAO_FLOAT32] = { GDT_Float32, 4, -HUGE_VAL, HUGE_VAL },
};

size_t cao_pixel_bytes(enum cao_pixel p)
{
    return kinds[p].bytes;
}

GDALDataType cao_pixel_gdal(enum cao_pixel p)
{
    return kinds[p].gdal;
}

void cao_pixel_range(enum cao_pixel p, double *low, double *high)
{
    *low = kinds[p].low;
    *high = kinds[p].high;
}

void cao_window_geotransform(const struct cao_grid *g, const struct cao_window *w, double t[6])
{
    t[0] = g->x0 + (double)w->col * g->res_m;
    t[1] = g->res_m;
    t[2] = 0.0;
    t[3] = g->y0 - (double)w->row * g->res_m;
    t[4] = 0.0;
    t[5] = -g->res_m;
}

GDALColorTableH cao_legend_colors(const struct cao_raster_layout *l)
{
    GDALColorTableH table = l->n_legend ? GDALCreateColorTable(GPI_RGB) : NULL;
    if (!table)
        return NULL;
    for (size_t i = 0; i < l->n_legend; i++) {
        const unsigned char *c = l->legend[i].rgb;
        GDALColorEntry entry = { c[0], c[1], c[2], 255 };
        GDALSetColorEntry(table, l->legend[i].value, &entry);
    }
    if (l->nodata >= 0.0 && l->nodata <= 255.0)
        GDALSetColorEntry(table, (int)l->nodata, &(GDALColorEntry){ 0, 0, 0, 0 });
    return table;
}

enum cao_status cao_layout_check(const struct cao_raster_layout *l, struct cao_error *err)
{
    bool is_float = l->pixel == CAO_FLOAT32;
    if (!is_float && !(l->nodata >= kinds[l->pixel].low && l->nodata <= kinds[l->pixel].high &&
                       l->nodata == rint(l->nodata)))
        return cao_fail(err, CAO_EARG, "product %s: no-data value %g is not one of its pixel type",
                        l->name, l->nodata);
    if (!(fabs(l->scale) > 0.0) || !isfinite(l->scale) || !isfinite(l->offset))
        return cao_fail(err, CAO_EARG, "product %s: scale %g and offset %g cannot be", l->name,
                        l->scale, l->offset);
    for (size_t i = 0; i < l->n_legend; i++)
        if (l->pixel != CAO_UINT8 || l->legend[i].value < 0 || l->legend[i].value > 255)
            return cao_fail(err, CAO_EARG, "product %s: class %d needs 8 bit pixels and 0..255",
                            l->name, l->legend[i].value);
    return CAO_OK;
}

/* --- floats to stored numbers --- */

struct packing {
    double scale, offset, low, high, nodata;
    double steps; /* in one unit, where these are whole; else 0 */
    bool aside;   /* nodata lies within low..high */
};

enum { LANE = 512 }; /* values on their way at once, so that each loop runs in vectors */

/* A value as a stored number with its fraction: clamped, so that the conversion is defined (NaN becomes low,
 * see below). */
static inline double step_of(const struct packing *p, float v)
{
    double x = (double)v - p->offset;
    x = p->steps != 0.0 ? x * p->steps : x / p->scale;
    x = x > p->low ? x : p->low;
    return x < p->high ? x : p->high;
}

/* Stored numbers of n values: rounded half away from zero. */
CAO_LANES static void stored(const struct packing *p, const float *restrict v, int *restrict out,
                             size_t n)
{
    const struct packing here = *p;
    for (size_t i = 0; i < n; i++) {
        double x = step_of(&here, v[i]);
        out[i] = (int)(x + copysign(0.5, x));
    }
}

/* What rounds to nodata takes the neighbour on the side where its value lies (above, where that is
 * right on it). */
static void step_aside(const struct packing *p, const float *restrict v, int *restrict k, size_t n)
{
    const int nodata = (int)p->nodata;
    for (size_t i = 0; i < n; i++)
        if (k[i] == nodata)
            k[i] += step_of(p, v[i]) < p->nodata ? -1 : 1;
}

#define PACK(type)                                                                                 \
    CAO_LANES static void pack_##type(const struct packing *p, const float *restrict v,            \
                                      type *restrict out, size_t n)                                \
    {                                                                                              \
        int k[LANE];                                                                               \
        const int nodata = (int)p->nodata;                                                         \
        for (size_t at = 0; at < n; at += LANE) {                                                  \
            size_t m = n - at < LANE ? n - at : LANE;                                              \
            const float *restrict from = v + at;                                                   \
            stored(p, from, k, m);                                                                 \
            if (p->aside)                                                                          \
                step_aside(p, from, k, m);                                                         \
            for (size_t i = 0; i < m; i++) {                                                       \
                int whole = from[i] == from[i] ? k[i] : nodata;                                    \
                out[at + i] = (type)whole;                                                         \
            }                                                                                      \
        }                                                                                          \
    }
PACK(uint8_t)
PACK(uint16_t)
PACK(int16_t)

/* A scale of 0.0001 is not quite that in binary, but 10,000 steps in one are: with 24 bits of a float their
 * product is exact, and so is the choice between two stored numbers. */
static double whole_steps(double scale)
{
    double steps = rint(1 / scale);
    return steps >= 1 && steps <= 65536 && fabs(steps * scale - 1) < 1e-15 ? steps : 0;
}

void cao_pack(const struct cao_raster_layout *layout, const float *restrict values, void *out,
              size_t n)
{
    struct packing p = { .scale = layout->scale,
                         .offset = layout->offset,
                         .nodata = layout->nodata,
                         .steps = whole_steps(layout->scale) };
    if (layout->pixel == CAO_FLOAT32) {
        memcpy(out, values, n * sizeof *values);
        return;
    }
    assert(!cao_layout_check(layout, NULL));
    cao_pixel_range(layout->pixel, &p.low, &p.high);
    /* Where no data is an end of the range, the range ends beside it. */
    p.low += p.nodata == p.low;
    p.high -= p.nodata == p.high;
    p.aside = p.nodata >= p.low && p.nodata <= p.high;
    if (layout->pixel == CAO_UINT8)
        pack_uint8_t(&p, values, out, n);
    else if (layout->pixel == CAO_UINT16)
        pack_uint16_t(&p, values, out, n);
    else
        pack_int16_t(&p, values, out, n);
}

#define UNPACK(type)                                                                               \
    CAO_LANES static void unpack_##type(const struct cao_raster_layout *l, const type *restrict k, \
                                        float *restrict v, size_t n)                               \
    {                                                                                              \
        const double scale = l->scale, offset = l->offset;                                         \
        const int nodata = (int)l->nodata;                                                         \
        for (size_t i = 0; i < n; i++) {                                                           \
            float value = (float)((double)k[i] * scale + offset);                                  \
            v[i] = k[i] == nodata ? NAN : value;                                                   \
        }                                                                                          \
    }
UNPACK(uint8_t)
UNPACK(uint16_t)
UNPACK(int16_t)

void cao_unpack(const struct cao_raster_layout *layout, const void *stored, float *restrict values,
                size_t n)
{
    if (layout->pixel == CAO_FLOAT32)
        memcpy(values, stored, n * sizeof *values);
    else if (layout->pixel == CAO_UINT8)
        unpack_uint8_t(layout, stored, values, n);
    else if (layout->pixel == CAO_UINT16)
        unpack_uint16_t(layout, stored, values, n);
    else
        unpack_int16_t(layout, stored, values, n);
}

void cao_as_stored(const struct cao_raster_layout *layout, float *values, size_t n)
{
    uint16_t pixels[LANE]; /* the widest of the integer types */
    if (layout->pixel == CAO_FLOAT32)
        return;
    for (size_t at = 0; at < n; at += LANE) {
        size_t m = n - at < LANE ? n - at : LANE;
        cao_pack(layout, values + at, pixels, m);
        cao_unpack(layout, pixels, values + at, m);
    }
}

enum cao_status cao_cog_read(const char *path, const struct cao_window *window,
                             const struct cao_raster_layout *layout, void *pixels,
                             struct cao_error *err)
{
    static const char *const drivers[] = { "GTiff", NULL };
    char words[CAO_WORDS];
    CPLErrorReset();
    GDALDatasetH d = GDALOpenEx(path, GDAL_OF_RASTER | GDAL_OF_READONLY, drivers, NULL, NULL);
    if (!d)
        return cao_fail(err, CAO_EIO, "%s: cannot be opened: %s", path, cao_gdal_words(words));
    enum cao_status st = CAO_OK;
    GDALRasterBandH band = GDALGetRasterCount(d) == 1 ? GDALGetRasterBand(d, 1) : NULL;
    if (!band || GDALGetRasterXSize(d) != window->cols || GDALGetRasterYSize(d) != window->rows ||
        GDALGetRasterDataType(band) != cao_pixel_gdal(layout->pixel))
        st = cao_fail(err, CAO_EDATA, "%s: is not the product that it is named after", path);
    else if (GDALRasterIO(band, GF_Read, 0, 0, window->cols, window->rows, pixels, window->cols,
                          window->rows, cao_pixel_gdal(layout->pixel), 0, 0) != CE_None)
        st = cao_fail(err, CAO_EIO, "%s: cannot be read: %s", path, cao_gdal_words(words));
    GDALClose(d);
    return st;
}
