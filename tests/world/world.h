/** @file tests/world/world.h  A small invented landscape for tests and the demo: what the parts of
 *  `make-world` share. make_world.c describes the program and what it writes.
 *
 *  Every random decision is a function of (seed, what is decided), never of the order of
 *  evaluation, so the same options give the same bytes. SPDX-License-Identifier: MIT */
#ifndef CAO_TESTS_WORLD_H
#define CAO_TESTS_WORLD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caochu/file.h"
#include "caochu/status.h"

/* The corner of the true Sentinel-2 tile T47SMU, Maduo county: 97.9 E, 35.2 N. */
#define WORLD_TILE "47SMU"
enum { WORLD_EPSG = 32647, WORLD_ULX = 399960, WORLD_ULY = 3900000, WORLD_PIXEL = 10 };

enum { WORLD_MAX_FAULTS = 8 };
struct world_fault {
    int32_t day;  /**< days since 1970-01-01 */
    char band[8]; /**< "B04", "SCL" */
};

struct world_options {
    const char *dir;
    uint64_t seed;
    int size; /**< 10 m pixels along a side, even */
    int dates, pastures;
    bool gtiff; /**< GeoTIFF in place of JPEG 2000 */
    const char *baseline;
    bool has_offset; /**< baseline 04.00 and later: DN = reflectance * 10000 + 1000 */
    bool full_names, duplicate, l1c, bad_rows, herds_gb18030, herds_xlsx, ground;
    struct world_fault truncate[WORLD_MAX_FAULTS], drop[WORLD_MAX_FAULTS];
    size_t n_truncate, n_drop;
};

/* ---- noise.c ---- */
uint64_t world_hash(uint64_t seed, uint64_t a, uint64_t b, uint64_t c);
/** In [0, 1). */
double world_uniform(uint64_t seed, uint64_t a, uint64_t b, uint64_t c);
/** Nearly Gaussian, mean 0, variance 1. */
float world_gauss(uint64_t seed, uint64_t a, uint64_t b, uint64_t c);
struct world_octave {
    double scale;
    float amplitude;
}; /**< feature size in pixels */
/** Adds smooth noise within +-sum(amplitude) to row[0..n), at (x0 + i, y). */
void world_noise_row(float *row, size_t n, double x0, double y, const struct world_octave *octaves,
                     size_t n_octaves, uint64_t seed);
float world_clamp(float v, float lo, float hi);
/** 0 at and under @p lo, 1 at and above @p hi, smooth between. */
float world_step(float lo, float hi, float v);
/** The value that the share @p q of about 16,000 values spread over v[0..n) lies under. */
enum cao_status world_quantile(const float *v, size_t n, double q, float *value,
                               struct cao_error *err);

/* ---- mosaic.c: the pastures' shapes, in metres of the tile's UTM zone ---- */
struct world_point {
    double x, y;
};
/** Closed: the last point repeats the first. A ring that is no hole starts a new part. */
struct world_ring {
    struct world_point *v;
    size_t n;
    bool hole;
};
enum { WORLD_MAX_RINGS = 4 };
enum world_kind { WORLD_PLAIN, WORLD_TWO_PARTS, WORLD_FENCED, WORLD_TINY, WORLD_OUTSIDE };
struct world_pasture {
    struct world_ring rings[WORLD_MAX_RINGS];
    size_t n_rings;
    enum world_kind kind;
    size_t serial; /**< 1.. ; the id ends in it */
    struct world_point centre;
    double area_ha;
    float vigour; /**< how green its sward is: grazing and care */
    int type;     /**< enum world_type that most of it is */
};
struct world_mosaic {
    struct world_pasture *items;
    size_t n;
};
enum cao_status world_mosaic_build(const struct world_options *o, struct world_mosaic *m,
                                   struct cao_error *err);
void world_mosaic_release(struct world_mosaic *m);
/** Number of the pasture (index + 1, 0 none) whose inside holds each pixel's centre. */
void world_mosaic_label(const struct world_mosaic *m, size_t size, uint16_t *labels);

/* ---- land.c: what does not change from date to date; planes of size x size at 10 m ---- */
enum world_type { WORLD_MEADOW, WORLD_STEPPE, WORLD_MARSH, WORLD_DESERT, WORLD_N_TYPES };
struct world_land {
    size_t size;
    float *elevation, *moisture; /**< m; 0..1 */
    float *slope_x, *slope_y;    /**< rise to the east and to the south */
    float *cover;                /**< green cover at the season's peak, 0..1 */
    float *water;                /**< share of open water */
    float *texture;              /**< of soil brightness, about 1 */
    uint8_t *type;
};
enum cao_status world_land_build(const struct world_options *o, struct world_land *land,
                                 struct cao_error *err);
/** Gives each pasture the type that most of its pixels have. */
void world_land_types(const struct world_land *land, const uint16_t *labels,
                      struct world_mosaic *m);
void world_land_release(struct world_land *land);

/* ---- look.c: one acquisition ---- */
struct world_look {
    int index;
    int32_t day;
    char platform;                  /**< 'A' or 'B' */
    int orbit;                      /**< absolute */
    int64_t sensing, generated;     /**< seconds UTC */
    double sun_zenith, sun_azimuth; /**< degrees, of the middle */
    bool older;                     /**< an earlier processing of the same acquisition */
    bool l1c;                       /**< top of the atmosphere */
};
struct world_look world_look_make(int index);

enum { WORLD_N_BANDS = 7 };
struct world_band {
    const char *name;
    int step;                                    /**< in 10 m pixels */
    int id;                                      /**< band_id of the product's metadata */
    float grass, soil, water, snow, cloud, haze; /**< reflectance of the pure covers */
};
extern const struct world_band world_bands[WORLD_N_BANDS];

/** State of ground and sky on a look's day, planes of size x size. */
enum world_field {
    WORLD_GREEN,
    WORLD_SOIL,
    WORLD_WATER,
    WORLD_SNOW,
    WORLD_LIGHT,
    WORLD_CLOUD,
    WORLD_CIRRUS,
    WORLD_SHADE,
    WORLD_SEEN,
    WORLD_N_FIELDS
};
struct world_state {
    size_t size;
    float *plane[WORLD_N_FIELDS];
};
enum cao_status world_state_build(const struct world_options *o, const struct world_look *look,
                                  const struct world_land *land, const struct world_mosaic *m,
                                  const uint16_t *labels, struct world_state *s,
                                  struct cao_error *err);
/** Means of 2 x 2 pixels. */
enum cao_status world_state_halve(const struct world_state *s, struct world_state *half,
                                  struct cao_error *err);
void world_state_release(struct world_state *s);
/** @param[out] dn [size * size] of the state @p s */
void world_render_band(const struct world_options *o, const struct world_look *look,
                       const struct world_state *s, size_t band, uint16_t *dn);
/** Sen2Cor's scene classes. */
void world_render_classes(const struct world_state *s, uint16_t *classes);

/* ---- product.c and metadata.c: the SAFE folder ---- */
struct world_product {
    const struct world_options *options;
    const struct world_look *look;
    char name[128];       /**< without .SAFE */
    char granule[64];     /**< folder under GRANULE */
    uint64_t classes[12]; /**< 20 m pixels per scene class */
};
enum cao_status world_product_write(const struct world_options *o, const struct world_look *look,
                                    const struct world_state *fine,
                                    const struct world_state *coarse, struct cao_error *err);
/** Path of a band inside the product, without ending: the text of IMAGE_FILE. */
void world_image_file(const struct world_product *p, const char *band, int res_m, char *out,
                      size_t size);
enum cao_status world_metadata_write(const struct world_product *p, const char *folder,
                                     struct cao_error *err);

/* ---- vectors.c and herds.c ---- */
enum cao_status world_pastures_write(const struct world_options *o, const struct world_mosaic *m,
                                     struct cao_error *err);
enum cao_status world_herds_write(const struct world_options *o, const struct world_mosaic *m,
                                  struct cao_error *err);
/** types.tif (30 m codes: 1 meadow, 2 steppe, 3 marsh, 4 desert, 9 water), dem.tif (30 m, m), zones.gpkg (the
 *  north-west quarter banned, the rest balanced), ground.yaml over park.yaml. */
enum cao_status world_ground_write(const struct world_options *o, const struct world_land *land,
                                   struct cao_error *err);
enum { WORLD_ID_SIZE = 32 };
void world_pasture_id(size_t serial, char id[WORLD_ID_SIZE]);
#endif
