/** @file caochu/calibrate.h  From field plots and images to yield equations.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_CALIBRATE_H
#define CAO_CALIBRATE_H
#include "caochu/findings.h"
#include "caochu/fit.h"
#include "caochu/plots.h"
#include "caochu/text.h"

enum cao_take { CAO_TAKE_NEAREST, CAO_TAKE_MAX };
enum cao_yield_basis { CAO_BASIS_AUTO, CAO_BASIS_FRESH, CAO_BASIS_HAY };

struct cao_calibrate_options {
    struct cao_plots_source plots;
    const char *crs;            /**< of the plots' x and y; NULL: longitude and latitude */
    const char *const *rasters; /**< files, folders of files, or results of a run */
    size_t n_rasters;
    const char *index;  /**< name of the index in the rasters: "NDVI" */
    const char *sensor; /**< what it was seen by, for the record; NULL */
    const char *name;   /**< of the file of equations; NULL: the table's file name */
    int within_days;    /**< of the plot's date */
    enum cao_take take;
    int side;        /**< cells along the window, odd; 0: 3 where a cell is under 100 m, else 1 */
    double sd_limit; /**< times the standard deviation of a type; 0: nothing is left out */
    size_t folds, least; /**< least plots for equations of a type */
    enum cao_yield_basis basis;
    bool pooled; /**< types without equations of their own take those of all plots */
    const char *profile, *data_dir; /**< for the names of grassland types */
};
/** Defaults: NDVI, 10 days, nearest, 3 SD, 10 folds, 8 plots. */
struct cao_calibrate_options cao_calibrate_defaults(void);

/** A plot on its way into the fits. */
struct cao_calibrate_point {
    double index, yield_kg_ha; /**< NaN: none */
    int32_t image_date;        /**< CAO_NO_DATE: the raster has none */
    size_t image, type;        /**< of what it was taken from; of sets; SIZE_MAX: none */
    int32_t cell[2];
    double distance; /**< days, or the value itself, by which the best image is chosen */
    size_t into;     /**< plot with which it was averaged, being in the same cell; SIZE_MAX: none */
    int merged;      /**< plots averaged into it, itself included */
    char why[160];   /**< "" used; else why not */
};

/** The plots of one grassland type, or of all. */
struct cao_calibrate_set {
    char *type, *zh; /**< "all" for all */
    double *x, *y;
    size_t n;
    struct cao_fit fits[CAO_N_YIELD_FORMS];
    size_t pick; /**< of fits; SIZE_MAX: none is fit to be used */
    char id[32]; /**< of the picked equation */
};

struct cao_calibration {
    struct cao_plots plots;
    struct cao_calibrate_point *points; /**< [plots.n] */
    struct cao_calibrate_set *sets;     /**< types in order of name, all plots last */
    size_t n_sets;
    size_t n_used, n_merged, n_rejected;              /**< plots */
    char name[128], index[24], sensor[40], place[32]; /**< place: CRS of the plots */
    int side;
    double cell_m;
    size_t n_images;
    char **images;
    bool hay;          /**< yields are hay at 14 % water; else fresh */
    bool pooled;       /**< the file gives all types the equations of all plots */
    int year, n_years; /**< of the plots used; year 0: of several */
    int32_t first, last;
    const char *plots_path;
    struct cao_findings findings;
};
CAO_CHECKED enum cao_status cao_calibrate(const struct cao_calibrate_options *o,
                                          struct cao_calibration *c, struct cao_error *err);
void cao_calibration_release(struct cao_calibration *c);

/** The file of equations, as `yield_models` and a profile's `yield: {equations: ...}` read it.
 *  @retval CAO_EDATA no equation is fit to be used */
CAO_CHECKED enum cao_status cao_calibration_yaml(const struct cao_calibration *c,
                                                 struct cao_buf *out, struct cao_error *err);
#endif
