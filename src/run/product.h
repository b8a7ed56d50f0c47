/** @file run/product.h  What a tile is written as, and what is summed over pastures.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_PRODUCT_H
#define CAO_RUN_PRODUCT_H
#include "caochu/geotiff.h"
#include "caochu/profile.h"
#include "caochu/project.h"
#include "caochu/zonal.h"

/** The quantities of the tile line that become rasters, in the order of writing. Bases come from the
 *  images: indices, snow share, clear looks, day and status. All others are reckoned from these as they
 *  are stored, so that anyone can reckon them again from the rasters, and a changed coefficient needs
 *  no image. */
enum cao_quantity {
    CAO_Q_INDEX, /**< one product per index of the project */
    CAO_Q_FVC,
    CAO_Q_FRESH,    /**< kg/ha */
    CAO_Q_HAY,      /**< kg/ha */
    CAO_Q_USABLE,   /**< kg/ha */
    CAO_Q_CAPACITY, /**< SU/ha */
    CAO_Q_PRESSURE, /**< herd / available */
    CAO_Q_PRESSURE_CLASS,
    CAO_Q_TYPE, /**< grassland type, where it goes by place */
    CAO_Q_USE,  /**< share of the use that terrain leaves */
    CAO_Q_SNOW_SHARE,
    CAO_Q_SNOW_DAYS,
    CAO_Q_N_CLEAR,
    CAO_Q_DAY,
    CAO_Q_STATUS,
    CAO_Q_PEAK,        /**< maximum of the smoothed index */
    CAO_Q_PEAK_DAY,    /**< its day */
    CAO_Q_GAP,         /**< most days of the peak between clear looks */
    CAO_Q_SENSOR,      /**< platform of the chosen look */
    CAO_Q_TARGET_DAYS, /**< of the chosen look, days after the target day */
    CAO_Q_N_LOOKS,     /**< overpasses that reached the place */
    CAO_Q_MASKED_SHARE,
    CAO_Q_MASK_REASON,
};

/** A code of the status map beside those of enum cao_reason: the smoothed maximum, and with it the yield,
 *  is refused. */
enum { CAO_STATUS_GAP = 100 };

struct cao_product {
    enum cao_quantity quantity;
    const struct cao_index *index; /**< of CAO_Q_INDEX; else NULL */
    bool on_demand;                /**< left out unless named, or with output.info */
    struct cao_raster_layout layout;
    char name[40], description[256], unit[40]; /**< what layout's texts point to */
};

/** The products of a project; freed with its storage by cao_products_release(). */
struct cao_products {
    struct cao_product *items;
    size_t n;
    struct cao_legend *classes;   /**< of the pressure classes */
    struct cao_legend *platforms; /**< of the sensors */
    struct cao_product *bases;    /**< the project's, whether asked for or not: its indices in their
                                     order, then others */
    size_t n_bases;
    struct cao_legend *types; /**< of the grassland types */
};
CAO_CHECKED enum cao_status cao_products_init(struct cao_products *p,
                                              const struct cao_project *project,
                                              const struct cao_profile *profile,
                                              struct cao_error *err);
void cao_products_release(struct cao_products *p);
bool cao_product_is_base(enum cao_quantity q);
/** Whether a quantity is worked out from the fresh yield of the pasture that a cell belongs to. */
bool cao_product_is_of_yield(enum cao_quantity q);

/** The step that an index is stored in: the smallest power of ten with which its range fits int16. */
double cao_index_scale(const struct cao_index *ix);

/** The layers summed per pasture: the indices, then these, then what each yield equation gave. */
enum cao_zone_layer {
    CAO_ZONE_FVC,
    CAO_ZONE_FRESH,
    CAO_ZONE_CLEAR, /**< number of clear looks */
    CAO_ZONE_SEEN,  /**< 1 where any look reached the ground's place, cloudy or not */
    CAO_ZONE_SNOW, /**< share of the looks at the ground that show snow; empty where not asked for */
    CAO_ZONE_USE,  /**< share of the use that terrain leaves; empty without terrain, as the next */
    CAO_ZONE_USED, /**< fresh yield times that share, which is 1 where it is not known */
    CAO_ZONE_PEAK, /**< maximum of the smoothed index; empty where not asked for, as is */
    CAO_ZONE_GAP,  /**< most days between clear looks in the peak */
    CAO_ZONE_OUTSIDE, /**< summed apart; 1 where the index lay beyond the range of a yield equation, else 0 */
    CAO_N_ZONE_LAYERS
};
/** How many further layers the yield equations take: for each slot (the i-th equation of a type) what
 *  it gave, where a type has more than one, and its derivatives by a, b, c, where one of the
 *  equations tells how sure its terms are. */
struct cao_yield_layers {
    size_t n_slots; /**< most equations of a type of the profile */
    bool values, slopes;
};
struct cao_yield_layers cao_yield_layers_of(const struct cao_profile *p);

struct cao_plan;
size_t cao_zone_layers(const struct cao_plan *p);
/** Position of a fixed layer behind the indices. */
size_t cao_zone_layer_at(const struct cao_project *p, enum cao_zone_layer layer);
/** Positions of the layers of a slot; SIZE_MAX: it has none. */
size_t cao_zone_value_at(const struct cao_plan *p, size_t slot);
size_t cao_zone_slope_at(const struct cao_plan *p, size_t slot, size_t term);
struct cao_zone_scale cao_zone_layer_scale(const struct cao_project *p, size_t layer);
#endif
