/** @file caochu/uncertainty.h  How sure a verdict is: from the errors of yield, coefficients and heads
 *  to an interval of the overload rate and the probability of each class.
 *
 *  The supply of a pasture is a sum of pieces, one per grassland type; each piece i gives livestock
 *  A_i sheep units from a mean yield F_i. To first order (delta method) the supply's variance is the
 *  sum of those of independent sources:
 *
 *  - terms: the equations' own terms. With K equations of mean F_k and mean derivatives g_k over the
 *    seen cells, var = sum_k (G_k' C_k G_k) / K^2, G_k = sum_i A_i g_ik / F_i, C_k the covariance of
 *    the fit; where that is not known, (r_k sqrt(p / n))^2 of what the equation gives: the mean
 *    variance of a fitted curve of p terms on n plots, r_k its residual error as a share of the yield.
 *  - year: equations of other years than the one at hand. s^2 = sum_k (V_k - V)^2 / (K - 1), V_k the
 *    supply by equation k alone, but not below (year_error V)^2; a new year lies s off the years' mean,
 *    which is itself known to s / sqrt(m) from m years: var = s^2 (1 + 1/m). Types go together: a bad
 *    year is bad for all.
 *  - residual: what a plot differs from its equation, averaged over n_eff = max(1, ha / block_ha)
 *    blocks, within which it is one: var = sum_i (A_i r_i)^2 / n_eff.
 *  - gaps: ground that was not seen is taken to yield as the rest. With u the unseen share and s_Y the
 *    spread of the yield within the pasture: var = sum_i (A_i u s_Y / F_i)^2 (1/n_unseen + 1/n_seen),
 *    n in blocks, at least 1.
 *  - coefficients: those for which the profile gives a range: var of a uniform one, (high - low)^2 / 12;
 *    the same for all pieces of its type (and season).
 *  - wildlife: what wild herbivores eat by counts or a map is known to wild_error, the same way for all of
 *    a group, and each species' sheep units to the range that the profile gives: var = (wild_error W)^2 +
 *    sum_s (W_s r_s)^2, W_s their demand, r_s = (high - low) / (sqrt(12) value).
 *  - herd: heads are counted to herd_error, the same way for all herds of a group.
 *  - sheep units: of a species with a range in the profile, as of wildlife: one number for all its herds, so
 *    that in a group H_s adds up; species are independent. var = sum_s (H_s r_s)^2, of the herd.
 *
 *  The pressure P = herd / supply is taken as log-normal about its estimate, with
 *  var ln P = ln(1 + cv_supply^2) + ln(1 + cv_herd^2) + ln(1 + cv_sheep_units^2), so that P(rate < limit) =
 *  Phi(ln((1 + limit / 100) / P) / sd). Groups are reckoned from the same sums as pastures: what is shared
 *  adds up, what is independent evens out. Pure, thread-safe, no allocation.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_UNCERTAINTY_H
#define CAO_UNCERTAINTY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "caochu/profile.h"

enum { CAO_MOST_CLASSES = 16 };

enum cao_error_source {
    CAO_ERROR_TERMS,
    CAO_ERROR_YEAR,
    CAO_ERROR_RESIDUAL,
    CAO_ERROR_GAPS,
    CAO_ERROR_COEFFICIENTS,
    CAO_ERROR_WILDLIFE, /**< the last of those of the supply */
    CAO_ERROR_HERD,
    CAO_ERROR_SHEEP_UNITS,
    CAO_N_ERRORS
};
const char *cao_error_name(enum cao_error_source s); /**< "equation terms", ... */
const char *cao_error_zh(enum cao_error_source s);

/** The profile's numbers on errors as plain ones; NaN: not given. */
struct cao_error_terms {
    double residual_error; /**< share of the yield, for equations that publish none */
    double year_error;     /**< share of the yield by which one year's equation differs */
    double plots;      /**< taken as behind an equation that tells neither plots nor covariance */
    double block_ha;   /**< within which residuals are one */
    double herd_error; /**< share of the heads */
    double wild_error; /**< share of counted or mapped wildlife; NaN: none is reckoned */
    double firm_at;    /**< probability from which a class is firm */
    double interval;   /**< probability that the interval holds */
    double outside_limit; /**< share of a pasture beyond an equation's range that is too much */
};

struct cao_error_terms cao_error_terms_of(const struct cao_profile *p);
/** Residual error of an equation as a share of the yield: its own, its RMSE over the yield, or what the
 *  profile takes for those that publish none. */
double cao_residual_error(const struct cao_yield_model *m, const struct cao_error_terms *e,
                          double yield_kg_ha);

/** One grassland type within one pasture in one period. */
struct cao_piece {
    size_t type; /**< of the profile */
    enum cao_season season;
    int year; /**< of the period: an equation of that same year needs no year error */
    double area_ha, seen_share;
    double available_su; /**< what it gives to livestock; 0 adds nothing */
    double yield_kg_ha;  /**< F, mean fresh yield of the seen cells */
    double spread_kg_ha; /**< its standard deviation over the cells */
    double wildlife_share;
    double outside_share; /**< of the seen area */
    /** Of each equation of the type: mean yield, and mean derivatives by its terms (used where it has a
     *  covariance). */
    double value[CAO_MOST_PER_TYPE], slope[CAO_MOST_PER_TYPE][CAO_YIELD_TERMS];
};

/** What is not known of demand, in sheep units; sums are those of a group. Zero-initialise. */
enum { CAO_MOST_SPREADS = 64 }; /* species behind go together with the last */
struct cao_demand_spread {
    double herd[CAO_MOST_SPREADS], wild[CAO_MOST_SPREADS]; /**< standard errors by species */
    double wild_su; /**< counted or mapped wildlife that takes from the supply */
};

/** Sums over pieces that share errors by type, in sheep units; zero-initialise. */
struct cao_type_error {
    double su[CAO_N_SEASONS];
    double value[CAO_MOST_PER_TYPE], slope[CAO_MOST_PER_TYPE][CAO_YIELD_TERMS];
    double term_error
        [CAO_MOST_PER_TYPE]; /**< of equations without covariance: sums of r sqrt(p/n) V_k */
    double other_year;       /**< sheep units whose equations are not of their year */
};
struct cao_error_sum {
    struct cao_type_error *types; /**< [profile->n_types], the caller's */
    double su, wildlife_su; /**< supply with errors; what coefficients of wildlife change of it */
    double area_ha, outside_ha;
    double residual, gaps; /**< variances, SU^2 */
    struct cao_demand_spread demand;
};
void cao_error_add_demand(struct cao_error_sum *s, const struct cao_demand_spread *d);
/** Standard error that a coefficient's range makes, as a share of its value: 0 without one. */
double cao_range_error(const struct cao_coefficient *c);
void cao_error_start(struct cao_error_sum *s, struct cao_type_error *types, size_t n_types);
void cao_error_add(struct cao_error_sum *s, const struct cao_profile *profile,
                   const struct cao_error_terms *e, const struct cao_piece *piece);
/** Sums of two groups of pieces of the same profile. */
void cao_error_merge(struct cao_error_sum *into, const struct cao_error_sum *from, size_t n_types);

enum cao_firmness {
    CAO_NOT_SAID,   /**< there is no class, for a reason that the verdict tells */
    CAO_NOT_ENOUGH, /**< the data do not tell */
    CAO_BORDERLINE,
    CAO_FIRM,
    CAO_N_FIRMNESS
};
const char *cao_firmness_name(
    enum cao_firmness f); /**< "", "not-enough-data", "borderline", "firm" */
const char *cao_firmness_zh(enum cao_firmness f);

struct cao_certainty {
    double
        relative[CAO_N_ERRORS]; /**< standard error of each source as a share of supply or herd */
    double supply_error;        /**< of all but the herd's; NaN: not known */
    double sd_log;              /**< of ln P */
    double low_pct, high_pct;   /**< interval of the overload rate */
    double p_class[CAO_MOST_CLASSES];
    double p_over; /**< that the herd is above what is available */
    double outside_share;
    enum cao_firmness firmness;
};
/** @param available_su all supply; what is above s->su (bought feed, ...) is taken as known
 *  @param class_index the class given to the estimate; SIZE_MAX: none */
struct cao_certainty cao_certainty_of(const struct cao_error_sum *s,
                                      const struct cao_profile *profile,
                                      const struct cao_error_terms *e, double available_su,
                                      double herd_su, size_t class_index);

/** The same by N draws from the stated distributions instead of the delta method: terms multivariate
 *  normal, coefficients uniform in their ranges, year, residuals, gaps, heads and wildlife log-normal. Draws are a
 *  function of (seed, number of the draw, source) alone.
 *  @param pieces of one pasture, or of all of a group  @param demand NULL: nothing of it; supply_error, sd_log and relative are not filled in (NaN)
 *  @param pressures scratch [n_draws], n_draws >= 1 */
struct cao_certainty cao_certainty_drawn(const struct cao_piece *pieces, size_t n_pieces,
                                         const struct cao_profile *profile,
                                         const struct cao_error_terms *e, double available_su,
                                         double herd_su, const struct cao_demand_spread *demand,
                                         uint64_t seed, size_t n_draws, double *pressures);

/** What one piece's errors are, for those who draw them: shares of the yield. */
struct cao_piece_error {
    double residual, gaps;           /**< of the piece's mean */
    double year;                     /**< standard error for the year at hand */
    double curve[CAO_MOST_PER_TYPE]; /**< of equations without covariance */
};
struct cao_piece_error cao_piece_error_of(const struct cao_piece *piece,
                                          const struct cao_profile *profile,
                                          const struct cao_error_terms *e);

/** Standard normal distribution and its inverse (Wichura 1988, AS 241; 1e-15). */
double cao_normal_below(double z);
double cao_normal_quantile(double p);
/** Uniform in (0, 1) and standard normal, of a counter: splitmix64 (Steele et al. 2014) over it. */
double cao_draw_uniform(uint64_t seed, uint64_t draw, uint64_t source);
double cao_draw_normal(uint64_t seed, uint64_t draw, uint64_t source);
#endif
