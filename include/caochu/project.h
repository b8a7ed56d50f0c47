/** @file caochu/project.h  The project file: one YAML file that says what to compute from what.
 *
 *  One table of keys (name, type, unit, default, bounds, help, source) drives parsing, every
 *  message, the template and the manual. SPDX-License-Identifier: MIT */
#ifndef CAO_PROJECT_H
#define CAO_PROJECT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "caochu/geotiff.h"
#include "caochu/bandpass.h"
#include "caochu/composite.h"
#include "caochu/declared.h"
#include "caochu/expression.h"
#include "caochu/index.h"
#include "caochu/livestock.h"
#include "caochu/pastures.h"
#include "caochu/profile.h"
#include "caochu/resample.h"
#include "caochu/smooth.h"
#include "caochu/text.h"

enum cao_fvc_form { CAO_FVC_LINEAR, CAO_FVC_SQUARED };
enum cao_counted { CAO_YEAR_END, CAO_MID_YEAR }; /**< when heads were counted */
enum cao_language { CAO_ENGLISH, CAO_CHINESE };

struct cao_period {
    char *name; /**< used in folder and file names: letters, digits, '-', '_', '.', any script */
    int32_t from, to; /**< days since 1970-01-01, both included */
    int line;         /**< of its item; pieces of one range share it */
    bool is_piece;    /**< of a range that the project has cut */
};

/** An index that the project declares as an expression, with all that its record points to. */
enum { CAO_OWN_INDEX_TEXTS = 6 };
struct cao_own_index {
    struct cao_index index;
    struct cao_program program;
    struct cao_constant *constants;
    char **constant_names; /**< to which they point */
    size_t n_constants;
    char *texts[CAO_OWN_INDEX_TEXTS];
};

/** A layer that says what the ground is, apart from the pastures' own columns: polygons with a column
 *  of words, or a raster whose codes are told what they mean. */
struct cao_ground_key {
    char *file; /**< "": not given */
    char *layer, *field, *crs;
    struct cao_code_name {
        int32_t code;
        char *name;
        int line;
    } * classes; /**< of a raster's codes */
    size_t n_classes;
};
enum cao_ground_kind { CAO_GROUND_TYPE, CAO_GROUND_GRADE, CAO_GROUND_ZONE, CAO_N_GROUND };

/** Everything a run needs to know, resolved and checked. Paths are absolute or relative to the
 *  current folder, ready to open. Texts that are not given are "". */
struct cao_project {
    char *path, *dir; /**< the project file and its folder */
    char *name;
    char **imagery;
    size_t n_imagery;
    struct cao_declared *sensors; /**< families of products that the project declares */
    size_t n_sensors;
    char *gaofen_dem, *gaofen_gains; /**< "": none; the installed one */
    double gaofen_dem_shift_m, gaofen_cloud_above;
    bool gaofen_nearest_year;
    char *pastures_file, *pastures_layer, *pastures_id, *pastures_name, *pastures_type,
        *pastures_season, *pastures_grade, *pastures_zone, *pastures_herd, *pastures_crs,
        *pastures_encoding, *pastures_where;
    char **pastures_groups;
    size_t n_pastures_groups;
    char *livestock_file, *livestock_sheet, *livestock_id, *livestock_species, *livestock_heads,
        *livestock_age, *livestock_weight, *livestock_from, *livestock_to, *livestock_days,
        *livestock_sold, *livestock_sold_months;
    enum cao_counted livestock_counted;
    char *feed_file, *feed_sheet, *feed_id, *feed_feed, *feed_kg, *feed_area, *feed_yield,
        *feed_season;
    char *wildlife_file, *wildlife_sheet, *wildlife_species, *wildlife_heads, *wildlife_group,
        *wildlife_days, *wildlife_habitat, *wildlife_density;
    char *wildlife_map, *wildlife_map_unit, *wildlife_map_crs;
    char **wildlife_map_species; /**< of its bands, where they count heads */
    size_t n_wildlife_map_species;
    double wildlife_map_days;
    char **livestock_columns;
    size_t n_livestock_columns; /**< wide form */
    struct cao_ground_key ground[CAO_N_GROUND];
    char *terrain_dem, *terrain_water, *terrain_layer, *terrain_crs;
    enum cao_year year_type;
    char *grid_crs; /**< "auto": the UTM zone of the pastures' middle */
    double grid_resolution_m;
    double grid_origin[2]; /**< NaN: anchored by cao_grid_anchor() */
    int32_t grid_tile_px;
    struct cao_period *periods;
    size_t n_periods;
    const struct cao_composite *composite;
    struct cao_composite_settings composite_settings;
    enum cao_smooth_method smoothing_method;
    char *smoothing_index;                   /**< "": that of the yield equations */
    double smoothing_step, smoothing_lambda; /**< days; as for steps of 16 days */
    int32_t smoothing_window, smoothing_degree, smoothing_envelope;
    double smoothing_cloud_distance_m, smoothing_cloud_weight;
    char *smoothing_peak_from, *smoothing_peak_to; /**< MM-DD; "": the period's own ends */
    double smoothing_max_gap;                      /**< days; NaN: any */
    bool smoothing_yield;           /**< yield equations take the maximum of the curve */
    int32_t target_day;             /**< day of the year that the look of bap should be near to */
    enum cao_bandpass bandpass;     /**< reflectance as whose bands */
    enum cao_resampling resampling; /**< of reflectance from another grid */
    enum cao_band nir;              /**< CAO_BAND_N or CAO_BAND_N2: which near infrared "N" means */
    uint32_t mask_removes;          /**< bit per enum cao_reason */
    bool snow;                      /**< maps and column of snow too */
    double mask_least_clear;        /**< share of a cell coarser than the image */
    double mask_dilation_m;         /**< cloud and shadow are grown by that; 0: not at all */
    const struct cao_index **indices;
    size_t n_indices;                  /**< always holds the yield equations' index */
    struct cao_own_index *own_indices; /**< those of them that the project declares */
    size_t n_own_indices;
    char *fvc_end_members; /**< file of end-members of vegetation cover; "": the profile's */
    enum cao_fvc_form fvc_form;
    char *profile;          /**< name of an installed profile, or a path */
    char *yield_set;        /**< "" : the profile's default set */
    char *yield_models;     /**< file of equations over the set; "": none */
    double wildlife_share;  /**< NaN: the profile's */
    double min_valid_share; /**< NaN: the profile's */
    double herd_error;      /**< NaN: the profile's */
    double firm_at;         /**< NaN: the profile's */
    double cold_retention;  /**< NaN: the profile's */
    char *class_scheme;     /**< "" : the profile's */
    int32_t balance_date;   /**< days of forage left are told at it; CAO_NO_DAY: not asked */
    char *default_type;     /**< for pastures whose layer gives none; "" : they get no verdict */
    char *default_season;
    char *output_dir;
    char **output_products;
    size_t n_output_products; /**< names of rasters; 0: all */
    bool output_info;         /**< layers on the chosen look and on masking too */
    bool output_float32;
    enum cao_compression output_compression;
    enum cao_language language;
};

/** Read, check all keys, collect the first error. Messages read "FILE:LINE: key: what; allowed:
 *  ...; did you mean ...". Input files and folders named must exist. @retval CAO_EARG */
CAO_CHECKED enum cao_status cao_project_read(const char *path, struct cao_project *p,
                                             struct cao_error *err);
void cao_project_release(struct cao_project *p);
/** Put the index behind the project's, where it is not among them yet. @retval CAO_EARG no such index */
CAO_CHECKED enum cao_status cao_project_need_index(struct cao_project *p, const char *name,
                                                   struct cao_error *err);

/** The commented project file with every key, free() it. NULL when out of memory. */
char *cao_project_template(enum cao_language language);

/** The table of keys, for the manual and for completion. */
struct cao_key {
    const char *name; /**< dotted path: "grid.resolution"; a list item's keys: "periods[].name" */
    const char *type; /**< "text", "path", "number", "integer", "date", "choice", "list of ..." */
    const char *unit; /**< "" if none */
    const char *fallback; /**< default as written in YAML; NULL: required; "": may be left out */
    double min, max;      /**< bounds of numbers; NaN: none */
    const char *choices;  /**< of a choice, separated by '|' */
    const char *help, *help_zh;
    const char *source; /**< where a default comes from; "" if it needs none */
};
const struct cao_key *cao_project_key(size_t i); /**< NULL past the last */
#endif
