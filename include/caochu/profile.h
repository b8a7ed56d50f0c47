/** @file caochu/profile.h  The coefficients of a standard, as data, each with its source.
 *
 *  Profiles live in YAML files that users copy and edit; this is what they become in memory. A
 *  coefficient that a profile lacks is NaN here and is asked for by name, never guessed.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_PROFILE_H
#define CAO_PROFILE_H
#include <stddef.h>
#include "caochu/status.h"
#include "caochu/yield.h"

/** How far a number can be trusted, as marked in the profile. */
enum cao_confidence {
    CAO_VERIFIED, /**< V: read in the standard or paper named */
    CAO_COMPUTED, /**< C: computed from verified numbers */
    CAO_MEMORY,   /**< M: from memory, not seen in a document */
    CAO_UNSURE,   /**< U: a proposal; check it against your standard */
};
const char *cao_confidence_name(enum cao_confidence c); /**< "verified", ... */
const char *cao_confidence_zh(enum cao_confidence c);   /**< 已核实, ... */

/** A coefficient with its pedigree. value is NaN where the profile does not give it. */
struct cao_coefficient {
    double value;
    enum cao_confidence confidence;
    char *source;     /**< never NULL once loaded */
    double low, high; /**< range that its source gives; both 0: none */
};

enum cao_season { CAO_YEAR_ROUND, CAO_WARM, CAO_COLD, CAO_SPRING_AUTUMN, CAO_N_SEASONS };
const char *cao_season_name(
    enum cao_season s); /**< "year-round", "warm", "cold", "spring-autumn" */

/** What a sheep unit eats in a day. */
enum cao_basis { CAO_HAY, CAO_FRESH };

enum { CAO_MOST_PER_TYPE = 8 }; /**< yield equations of a type */

struct cao_grass_type {
    char *name; /**< "alpine_meadow" */
    char *zh;   /**< 高寒草甸 */
    char **aliases;
    size_t n_aliases;                       /**< further spellings found in pasture layers */
    struct cao_coefficient fresh_hay_ratio; /**< kg fresh per kg hay at 14 % water */
    struct cao_coefficient edible_share;    /**< 0..1 */
    struct cao_coefficient regrowth;        /**< share of peak yield added */
    struct cao_coefficient hay_coefficient; /**< to standard hay */
    struct cao_coefficient utilisation[CAO_N_SEASONS]; /**< proper-use rate 0..1 */
    struct cao_coefficient fvc_soil, fvc_full;         /**< NDVI end-members of vegetation cover */
    struct cao_yield_model *models;
    size_t n_models; /**< of the chosen set */
    char index[24];  /**< that the models are in; "" none */
    char *models_source;
    enum cao_confidence models_confidence;
};

/** A row of one of the profile's tables of words: an age class, a grade of degradation, a zone, a
 *  kind of feed. */
struct cao_item {
    char *name, *zh;
    char **aliases;
    size_t n_aliases;
    struct cao_coefficient value; /**< age: share of the adult; grade and zone: share of the proper
                                     use; feed: kg of standard hay (fresh basis: of fresh grass) in a kg */
    struct cao_coefficient use;   /**< feed: share that is eaten; else NaN */
};
struct cao_items {
    struct cao_item *rows;
    size_t n;
};

/** Steps: the first row whose limit is above the quantity holds; the last one's limit is infinite. */
struct cao_step {
    double below;
    struct cao_coefficient value;
};
struct cao_steps {
    struct cao_step *rows;
    size_t n; /**< 0: the profile does not give the table */
};

struct cao_species {
    char *name; /**< "yak" */
    char *zh;   /**< 牦牛 */
    char **aliases;
    size_t n_aliases;
    struct cao_coefficient su; /**< sheep units of one adult head */
    struct cao_items ages;     /**< young stock, as a share of the adult of the same species */
    struct cao_steps weights;  /**< sheep units by live weight, kg */
};

/** How a year was: the edible share moves with it where the profile says so. */
enum cao_year { CAO_YEAR_NORMAL, CAO_YEAR_DRY, CAO_YEAR_WET, CAO_N_YEARS };
const char *cao_year_name(enum cao_year y); /**< "normal", "dry", "wet" */

/** What reduces the use of a place, by a quantity measured there. */
enum cao_terrain { CAO_SLOPE, CAO_ALTITUDE, CAO_WATER_DISTANCE, CAO_N_TERRAIN };
const char *cao_terrain_name(enum cao_terrain t); /**< "slope", "altitude", "water_distance" */
const char *cao_terrain_unit(enum cao_terrain t); /**< "degree", "m", "m" */

/** Classes of the overload rate: class i holds rates below limit[i] and at or above limit[i-1];
 *  the last one is open. */
struct cao_class_scheme {
    char *name, *source;
    enum cao_confidence confidence;
    struct cao_class {
        char *name, *zh;
        double below_pct;
        unsigned char rgb[3];
    } * classes;
    size_t n;
};

/** What is known of errors besides the equations' own: see caochu/uncertainty.h. NaN: not given, and
 *  then nothing is said of how sure a verdict is. */
struct cao_error_numbers {
    struct cao_coefficient residual_error, year_error, plots, block_ha, herd_error, wild_error,
        firm_at, interval, outside_limit;
};

struct cao_profile {
    char *name, *title, *path; /**< path: the file it was read from */
    char content[33];          /**< digest of all texts that it was read from */
    char *yield_set;           /**< the set of equations chosen */
    char *yield_index;         /**< the index that equations are in unless they say: "NDVI" */
    enum cao_basis intake_basis;
    struct cao_coefficient intake_kg_day; /**< per sheep unit and day */
    struct cao_coefficient days[CAO_N_SEASONS];
    struct cao_coefficient wildlife_share; /**< of usable forage, 0..1, kept for wild herbivores */
    struct cao_coefficient bare_below;     /**< index under which there is no sward */
    struct cao_coefficient
        min_valid_share; /**< under it a pasture's verdict is "data insufficient" */
    struct cao_grass_type *types;
    size_t n_types;
    struct cao_species *species;
    size_t n_species;
    struct cao_species *wild; /**< wild herbivores, which have no ages or weights */
    size_t n_wild;
    struct cao_items grades; /**< of degradation */
    struct cao_items zones;  /**< of policy: grazing banned, rested, balanced, rotational */
    struct cao_items feeds;  /**< bought feed and sown pasture */
    struct cao_steps terrain[CAO_N_TERRAIN]; /**< share of the use that is left */
    struct cao_coefficient retention
        [CAO_N_SEASONS]; /**< share of the peak yield that still stands; NaN: not applied */
    struct cao_coefficient edible_drift[CAO_N_YEARS]; /**< added to the edible share */
    int season_begins[CAO_N_SEASONS]; /**< day of a year without a leap day, 1..365; 0: not given */
    struct cao_error_numbers uncertainty;
    struct cao_class_scheme scheme;
};

/** Index of the type or species by name, zh or alias (ASCII case ignored).
 *  @retval CAO_EARG none; the text names the nearest known */
CAO_CHECKED enum cao_status cao_profile_type(const struct cao_profile *p, const char *name,
                                             size_t *index, struct cao_error *err);
CAO_CHECKED enum cao_status cao_profile_species(const struct cao_profile *p, const char *name,
                                                size_t *index, struct cao_error *err);
/** Index of the row by name, zh or alias. @p what names the table in the message, such as
 *  "degradation". @retval CAO_EARG none: the text names the nearest and lists the table */
CAO_CHECKED enum cao_status cao_profile_item(const struct cao_profile *p,
                                             const struct cao_items *items, const char *what,
                                             const char *name, size_t *index,
                                             struct cao_error *err);
/** As cao_profile_species(), among wild herbivores. */
CAO_CHECKED enum cao_status cao_profile_wild(const struct cao_profile *p, const char *name,
                                             size_t *index, struct cao_error *err);
/** The row of @p s that holds @p v; SIZE_MAX where the table is not given or @p v is NaN. */
size_t cao_steps_at(const struct cao_steps *s, double v);
/** All that balance accounting needs is given for the type and season; else the text names the
 *  missing coefficient by its path in the profile. */
CAO_CHECKED enum cao_status cao_profile_complete(const struct cao_profile *p, size_t type,
                                                 enum cao_season season, struct cao_error *err);
#endif
