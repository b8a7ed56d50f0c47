/** @file caochu/scene.h  A satellite product on disk, described: which files hold which bands, on
 *  which grid, and how digital numbers become reflectance. Nothing of its pixels is read.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_SCENE_H
#define CAO_SCENE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "caochu/mask.h"
#include "caochu/spectral.h"
#include "caochu/status.h"

/** One raster layer of a product. reflectance = gain * DN + offset. */
struct cao_layer {
    char *path;             /**< as GDAL opens it, such as "/vsizip/{S2.zip}/..."; NULL: none */
    int file_band;          /**< which band of the file, from 1; 0: the file must hold one alone */
    int width, height;      /**< pixels */
    double geotransform[6]; /**< GDAL's, corner of the first pixel */
    double gain, offset;
    double fill;      /**< DN that means no data, a negative one with all below it; NaN: none */
    double saturated; /**< DN at and above which the detector is saturated; NaN: none */
};

/** Camera model of a raw image (NIMA RPC00B): longitude and latitude in degrees and height in metres
 *  above WGS 84, each less its offset and over its scale, to line and sample; the centre of the first
 *  pixel is (0, 0). */
struct cao_rpc {
    double line_off, samp_off, lat_off, long_off, height_off;
    double line_scale, samp_scale, lat_scale, long_scale, height_scale;
    double line_num[20], line_den[20], samp_num[20], samp_den[20];
};

/** Quality layer and how to read its codes. */
struct cao_qa {
    struct cao_layer layer;
    const struct cao_qa_rule *rules; /**< borrowed from the sensor table */
    size_t n_rules;
    uint16_t outside; /**< a code that means outside, for places beyond the image */
};
enum { CAO_MOST_QA = 4 };

struct cao_sensor; /* sensor/sensor.h: one row per product family */

/** Owned by its catalog. Texts are never NULL. */
struct cao_scene {
    const struct cao_sensor *sensor;
    char *path; /**< the product's folder, archive or file; of several in one folder, FOLDER/ID */
    char *id;   /**< product name without ending */
    char *platform; /**< "Sentinel-2A", "Landsat 8" */
    char *level;    /**< "L2A", "C2 L2SP" */
    char *tile;     /**< "47SNA", "008059" */
    char *baseline; /**< processing baseline or collection; "" if none */
    int64_t time;   /**< acquisition, seconds UTC */
    int64_t
        generated; /**< processing, seconds UTC: of two products of one acquisition the newer counts */
    bool unproven; /**< no library has opened its files yet, which might crash it: not to be read */
    bool has_offset;                    /**< the product's own reflectance has an offset */
    double cloud_pct;                   /**< as the product states it; NaN unknown */
    char *crs;                          /**< WKT of all its layers */
    char *crs_name;                     /**< short: "EPSG:32647" */
    struct cao_layer band[CAO_N_BANDS]; /**< the finest layer of each band */
    struct cao_qa
        qa[CAO_MOST_QA]; /**< the first one that gives a reason decides; as far as paths */
    /** Of a composite of several days: it takes its pixels from day_span days, of which that of time is
     *  the first, and the codes of qa[day_layer - 1], which has no rules, are each pixel's day of the year;
     *  0: all pixels are of the day of time. */
    int32_t day_layer, day_span;
    /** Of a raw image, which lies on no map: all its layers share its pixels, their geotransforms hold the
     *  size of a pixel alone, and crs is WGS 84 (longitude, latitude). Owned; NULL: they lie on maps. */
    struct cao_rpc *rpc;
    char *dem;          /**< elevation model that the camera's rays meet; NULL without rpc */
    double dem_shift_m; /**< added to its heights: that of the geoid over the ellipsoid */
    enum cao_band bright_band;
    double
        bright_above; /**< without cloud codes: reflectance above which a pixel of bright_band counts
                              as cloud, a simple test that takes snow and bright soil too; 0: no test */
    char stamp[33];   /**< digest of names, sizes, times of its files and of its metadata's text */
};

bool cao_scene_has(const struct cao_scene *s, enum cao_band b);
/** The band to read for @p wanted: itself; for N, N2 where the product has no N (and the other way
 *  round); CAO_N_BANDS where it has neither. */
enum cao_band cao_scene_band(const struct cao_scene *s, enum cao_band wanted);
/** Frees what @p s owns, not @p s. */
void cao_scene_release(struct cao_scene *s);
#endif
