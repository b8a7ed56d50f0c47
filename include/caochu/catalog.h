/** @file caochu/catalog.h  Which products lie in some folders, and why others are refused.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_CATALOG_H
#define CAO_CATALOG_H
#include "caochu/declared.h"
#include "caochu/findings.h"
#include "caochu/log.h"
#include "caochu/scene.h"

/** Scenes sorted by time, then id: the order in which looks are offered, whatever the order on disk. */
struct cao_catalog {
    struct cao_scene *scenes;
    size_t n;
    struct cao_refused {
        char *path, *id, *sensor, *code, *reason;
    } * refused; /**< products that cannot be used, by path */
    size_t n_refused;
    struct cao_sensor *declared; /**< rows of the declared families, to which scenes point */
    size_t n_declared;
    struct cao_rule_store {
        struct cao_rule_set *sets;
        size_t n;
    } rules;             /**< rules of quality layers, to which remembered scenes point */
    size_t n_remembered; /**< candidates that nothing had changed of since an earlier scan */
};

/** How raw images, which lie on no map and hold no reflectance, are brought to both. Texts may be NULL. */
struct cao_raw_images {
    const char *dem;         /**< elevation model; NULL: raw images are refused */
    double dem_shift_m;      /**< added to its heights: that of the geoid over the ellipsoid */
    const char *calibration; /**< file of gains by camera and year; NULL: raw images are refused */
    bool nearest_year;  /**< use the gains of the nearest year where those of its own are unknown */
    double cloud_above; /**< without a cloud mask, blue reflectance above which a pixel is cloud;
                                   0: 0.25 */
};
/** What a scan is told besides folders. Zero-initialise: nothing. All of it is borrowed; what is declared,
 *  for the catalogue's life. */
struct cao_scan {
    const struct cao_declared
        *declared; /**< families of the project, which come before the built-in */
    size_t n_declared;
    struct cao_raw_images raw;
    const char *memory; /**< folder in which scans are remembered; NULL: nowhere */
    bool look_again;    /**< at everything, whatever is remembered */
    /** Whether pixels of a product of that time (seconds UTC) will be read. HDF4 files of such are opened
     *  in a process of their own, one after the other; others are only glanced at, and their scenes are
     *  unproven. NULL: all will be. */
    bool (*is_needed)(const void *context, int64_t time);
    const void *needed_context;
    /** Does work(shared, i) for each i below @p n, several at a time; NULL: one after the other. */
    enum cao_status (*run)(void *context, size_t n,
                           enum cao_status (*work)(void *shared, size_t i, struct cao_error *err),
                           void *shared, struct cao_error *err);
    void *run_context;
};

/** Look for products in and below @p paths (a path may itself be a product). Folders named like
 *  products are not searched inside. Of two processings of one acquisition (same platform, tile and
 *  time) the newer is kept, the older refused. Refusals are also added to @p findings as problems:
 *  a product of an unusable level, one with a missing or empty band or unreadable metadata, ...
 *  A path that does not exist is an error. A folder without any product is a finding "no-products".
 *  @retval CAO_EIO a path cannot be read  @retval CAO_ENOMEM */
CAO_CHECKED enum cao_status cao_catalog_scan(const char *const *paths, size_t n_paths,
                                             struct cao_catalog *catalog,
                                             struct cao_findings *findings,
                                             const struct cao_log *log, struct cao_error *err);
/** The same, told more; @p scan may be NULL. @retval CAO_EARG the calibration file is none */
CAO_CHECKED enum cao_status cao_catalog_scan_with(const struct cao_scan *scan,
                                                  const char *const *paths, size_t n_paths,
                                                  struct cao_catalog *catalog,
                                                  struct cao_findings *findings,
                                                  const struct cao_log *log, struct cao_error *err);
void cao_catalog_release(struct cao_catalog *catalog);

/** The product families that can be recognised, for `caochu list sensors`. */
struct cao_sensor_info {
    const char *name, *title, *zh, *recognised_by;
};
const struct cao_sensor_info *cao_sensor_at(size_t i); /**< NULL past the last */
/** Name of the family of a scene ("sentinel2-l2a"). */
const char *cao_scene_sensor(const struct cao_scene *s);
#endif
