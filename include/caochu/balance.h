/** @file caochu/balance.h  From fresh yield to carrying capacity, overload rate and class.
 *
 *  Structure of NY/T 635-2015 (domain terms): hay = fresh / ratio; annual = hay (1 + regrowth);
 *  usable standard hay F = annual * edible * utilisation * hay coefficient; capacity in sheep units
 *  = F * area / (intake * days). On the fresh basis (DB63/T 2298-2024) F = fresh (1 + regrowth) *
 *  edible * utilisation. Pure, thread-safe. SPDX-License-Identifier: MIT */
#ifndef CAO_BALANCE_H
#define CAO_BALANCE_H
#include <stdbool.h>
#include <stddef.h>
#include "caochu/profile.h"

/** The coefficients of one type and season, resolved to plain numbers. */
struct cao_forage_terms {
    enum cao_basis basis;
    double fresh_hay_ratio, regrowth, edible_share, utilisation, hay_coefficient;
    double intake_kg_day, days;
    double grade, zone, retention; /**< shares of the use that degradation, policy and standing over
                                        leave; 1: all */
};
/** With grade and zone 1, and the profile's retention. @pre cao_profile_complete() is CAO_OK. */
struct cao_forage_terms cao_forage_terms_of(const struct cao_profile *p, size_t type,
                                            enum cao_season season);
double cao_hay_kg_ha(const struct cao_forage_terms *t, double fresh_kg_ha);
/** Usable forage: standard hay on the hay basis, edible fresh grass on the fresh basis, kg/ha. */
double cao_usable_kg_ha(const struct cao_forage_terms *t, double fresh_kg_ha);
/** Sheep units per hectare that the usable forage feeds through the season's days. */
double cao_capacity_su_ha(const struct cao_forage_terms *t, double usable_kg_ha);
/** Area units: hectares that one sheep unit needs for the season; NaN where usable is 0. */
double cao_area_unit_ha(const struct cao_forage_terms *t, double usable_kg_ha);
/** Time units: days for which @p su sheep units can graze; NaN where su is 0. */
double cao_time_unit_days(const struct cao_forage_terms *t, double usable_kg_ha, double area_ha,
                          double su);

/** Whether there is a verdict, and why not. */
enum cao_verdict {
    CAO_VERDICT_OK,
    CAO_VERDICT_NO_ANIMALS_NO_FORAGE, /**< both 0: not applicable */
    CAO_VERDICT_GRAZED_BANNED, /**< animals where grazing is banned or rested: no rate can be given */
    CAO_VERDICT_GRAZED_WITHOUT_FORAGE, /**< animals where the capacity is 0: no rate can be given */
    CAO_VERDICT_DATA_INSUFFICIENT, /**< too little was seen, or supply or reserve is not known */
    CAO_VERDICT_NO_IMAGERY,        /**< no scene covers it */
    CAO_VERDICT_NO_HERD,           /**< the livestock table has no row for it */
    CAO_VERDICT_NO_FEED,           /**< feed of a kind that has no conversion, or no amount */
    CAO_VERDICT_NO_WILDLIFE, /**< the map of wild herbivores does not tell how many there are */
    CAO_VERDICT_NO_TYPE,     /**< its grassland type is not known to the profile */
    CAO_N_VERDICTS
};
const char *cao_verdict_name(enum cao_verdict v); /**< "ok", "data-insufficient", ... */
const char *cao_verdict_zh(enum cao_verdict v);

struct cao_balance_input {
    double usable_kg;      /**< usable forage of the whole pasture for the season */
    double wildlife_share; /**< 0..1 of it kept for wildlife */
    double wild_su;    /**< sheep units kept by counts, in place of the share; NaN: by the share */
    bool wild_unknown; /**< how much wild herbivores eat is not known */
    double feed_su;    /**< sheep units that feed sustains on top; NaN: not known */
    double herd_su;    /**< sheep units kept; NaN: not known */
    double valid_share, min_valid_share;
};
/** An input of grass alone: wildlife by @p share, no feed. */
struct cao_balance_input cao_balance_grass(double usable_kg, double share, double herd_su,
                                           double valid_share, double min_valid_share);
struct cao_balance {
    double capacity_su; /**< before the wildlife reserve */
    double wildlife_su; /**< reserve, as sheep units */
    double feed_su;     /**< what feed sustains, as sheep units */
    double
        available_su; /**< capacity less reserve, not below 0, and feed: what livestock may use */
    double herd_su;
    double surplus_su;   /**< available - herd; negative is overload */
    double overload_pct; /**< (herd - available) / available * 100; NaN where undefined */
    double pressure;     /**< herd / available; NaN where undefined */
    double reduce_su;    /**< max(0, herd - available) */
    size_t class_index;  /**< into the scheme; SIZE_MAX where there is no rate */
    enum cao_verdict verdict;
};
struct cao_balance cao_balance_of(const struct cao_forage_terms *t,
                                  const struct cao_class_scheme *scheme,
                                  const struct cao_balance_input *in);
/** Where grazing is banned or rested on @p no_graze_share of the pasture and what is left is no forage, or no
 *  more than a sliver (under 1 % of the area), animals graze in no-graze land: a verdict without a rate. */
void cao_balance_ban(struct cao_balance *b, double no_graze_share);
/** Index of the class that holds @p rate_pct: a rate at a limit, to within 1e-9 % below it, belongs
 *  to the class above it. */
size_t cao_class_of(const struct cao_class_scheme *s, double rate_pct);

/** What the pastures of one herd feed: a herd must live on those of every season in turn. */
struct cao_herd_year {
    double
        a_min; /**< SU: the most that every season feeds; NaN: a season is not known, or there is none */
    enum cao_season bottleneck; /**< the season that feeds the least */
    double a_year;              /**< SU: all forage over a year of 365 days; NaN likewise */
    double days;                /**< that its seasons cover */
};
/** @param su [CAO_N_SEASONS] what each season feeds through its days  @param days of each season, 0: the herd
 *  has no pasture of it */
struct cao_herd_year cao_herd_year_of(const double su[CAO_N_SEASONS],
                                      const double days[CAO_N_SEASONS]);
#endif
