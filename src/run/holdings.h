/** @file run/holdings.h  Each pasture with what the profile and the livestock table say of it.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_HOLDINGS_H
#define CAO_RUN_HOLDINGS_H
#include "caochu/balance.h"
#include "caochu/hash.h"
#include "caochu/polygon_means.h"
#include "caochu/project.h"
#include "run/ground.h"

/** One line of what a pasture is asked for or gets besides its grass, as it was reckoned. */
enum cao_demand_kind { CAO_DEMAND_HERD, CAO_DEMAND_FEED, CAO_DEMAND_WILD };
struct cao_demand_line {
    enum cao_demand_kind kind;
    char *text; /**< "yak 120 * 4 = 480.00 SU (row 3)"; NULL where words are not asked for */
    double su;
    size_t species;   /**< of the profile's domestic or wild ones; SIZE_MAX: none, or feed */
    double spread_su; /**< standard error by the range of its sheep units; 0: it has none */
    enum cao_confidence confidence;
    char *source; /**< NULL as text */
};

/** Densities of wild herbivores on each pasture, by a map. */
struct cao_wild_map {
    struct cao_polygon_mean *means; /**< [pastures * n_bands], per km2 */
    size_t n_bands;
    const char *path;
    char key[CAO_HASH_TEXT]; /**< of all that decides; "": it cannot be told */
    bool recalled;           /**< from the memory of an earlier run */
};

/** The tables that say so; NULL: there is none. */
struct cao_demand_tables {
    const struct cao_herds *herds;
    const struct cao_feeds *feeds;
    const struct cao_wildlife *wildlife;
    const struct cao_wild_map *wild_map;
    bool
        words; /**< lines of demand bear their words: those who explain want them, a run does not */
};

struct cao_holding {
    size_t type;    /**< of the profile, by the pasture's own column; SIZE_MAX: not known */
    cao_ground own; /**< type, grade and zone by its own columns */
    enum cao_season season;
    bool no_terms;                 /**< its season, grade or zone is a word that is not known */
    struct cao_forage_terms terms; /**< set where type is known; basis, intake and days always */
    double fvc_soil, fvc_full;
    double herd_su;    /**< NaN: no usable livestock row, or a row that could not be read */
    double feed_su;    /**< sheep units that feed sustains through the season; NaN: not known */
    double wild_su;    /**< sheep units of wild herbivores by counts; NaN: by the flat share */
    double mapped_su;  /**< of it by a map of densities; NaN: there is none, or it does not tell */
    bool wild_unknown; /**< a map of densities has no number for enough of it */
    struct cao_demand_line *lines;
    size_t n_lines;
    char *herd_text; /**< "yak 120; sheep 300"; "" none */
    char *note;      /**< what keeps it from a verdict; "" nothing */
};

/** Positions of another profile's types, grades and zones in this one: parts of pastures are numbered by the
 *  profile that the tiles were made with. SIZE_MAX: it has none. */
struct cao_ground_map {
    size_t type[256], grade[16], zone[16];
};

/** Type and terms of a part of the pasture. @p map NULL: parts are numbered by @p profile itself.
 *  @retval false its type is not known, is no grassland, or the profile lacks a coefficient for it */
bool cao_holding_part_mapped(const struct cao_project *project, const struct cao_profile *profile,
                             const struct cao_ground_map *map, const struct cao_holding *h,
                             cao_ground part, size_t *type, struct cao_forage_terms *terms);
bool cao_holding_part(const struct cao_project *project, const struct cao_profile *profile,
                      const struct cao_holding *h, cao_ground part, size_t *type,
                      struct cao_forage_terms *terms);

/** One per pasture, in the pastures' order. */
struct cao_holdings {
    struct cao_holding *items;
    size_t n;
};

/** Join pastures, profile and tables. What does not fit is named in @p findings: an unknown
 *  grassland type, season or species, a missing coefficient, a livestock row for an unknown
 *  pasture. A pasture one of whose livestock rows was refused (a finding "herd-row" with its id) has
 *  no herd: a part of a herd would be a wrong number.
 *  With pastures.herd the tables' ids are those of households, and a herd grazes its pastures of each season in
 *  turn: it is shared by area between those of one season. */
CAO_CHECKED enum cao_status cao_holdings_join(const struct cao_project *project,
                                              const struct cao_profile *profile,
                                              const struct cao_pastures *pastures,
                                              const struct cao_demand_tables *tables,
                                              struct cao_holdings *holdings,
                                              struct cao_findings *findings, struct cao_error *err);
void cao_holdings_release(struct cao_holdings *h);
#endif
