/** @file caochu/composite.h  One picture from many looks, the same for any order of arrival.
 *
 *  Looks are offered in the plan's order (time, then product id); ties go to the earlier look. A
 *  composite is a row of one table. Some choose a look by a score and need no other look at hand
 *  (max-ndvi, bap, latest, first), or add looks up (mean): what they keep does not grow with the number
 *  of looks. The others need all looks together (median, percentile, medoid, geomedian).
 *  Reflectance 0..1; NaN is no data, in and out. Pure, thread-safe, no allocation.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_COMPOSITE_H
#define CAO_COMPOSITE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "caochu/status.h"

/** No look has been chosen. */
enum { CAO_NO_LOOK = 0xFFFF };

/** What the rows of the table are tuned by. */
struct cao_composite_settings {
    double percentile;                            /**< 0..100 */
    double day_weight, cloud_weight, haze_weight; /**< of the sub-scores of bap, >= 0 */
    double day_spread;       /**< standard deviation of the season's Gaussian, days, > 0 */
    double cloud_distance_m; /**< from there on a cloud costs nothing; 0: no distance is at hand */
};

/** A look as a score sees it: arrays [n]. */
struct cao_look_view {
    const float *ndvi;       /**< NaN: none */
    const float *blue, *red; /**< NULL: the look has no such band */
    const float *cloud_m; /**< distance to cloud or shadow, metres, as far as it is known; NULL */
    float days;           /**< days after the target, negative before */
    uint16_t look;        /**< number of the look in order of time */
    const uint8_t *after; /**< further days of each pixel, of a composite of days; NULL: none */
};
/** The higher, the better; NaN: not to be chosen. Returns the scores [n]: @p room, or an array of the
 *  look's own. @param room [n], apart from the look's arrays */
typedef const float *cao_score_fn(const struct cao_composite_settings *set,
                                  const struct cao_look_view *look, float *restrict room, size_t n);

/** All looks of n pixels. kept[band * n_looks + look] is an array [n], NaN in all bands where the
 *  look is not clear. */
struct cao_gathered {
    const float *const *kept;
    size_t n_bands, n_looks;
    void *scratch; /**< bytes as the row's scratch() says, aligned as malloc() does */
};
/** @param[out] band n_bands arrays [n] @param[out] chosen [n], only of a composite that chooses:
 *  the look, CAO_NO_LOOK where none is clear; may be NULL for others */
typedef void cao_reduce_fn(const struct cao_composite_settings *set, const struct cao_gathered *all,
                           float *const *band, uint16_t *restrict chosen, size_t n);

/** A row of the table: it has either a score, or a reduce with its scratch, or is the mean. */
struct cao_composite {
    const char *name, *zh;
    const char *help, *help_zh, *source;
    cao_score_fn *score;
    cao_reduce_fn *reduce;
    size_t (*scratch)(size_t n_bands, size_t n_looks); /**< bytes */
    bool asks_ndvi;                                    /**< uses NDVI */
    bool chooses;    /**< a pixel is that of one look, which has a day and a sensor */
    bool asks_haze;  /**< uses blue where a look has it */
    bool asks_cloud; /**< uses the distance to clouds */
};
const struct cao_composite *cao_composites(size_t *n);
/** The names in the table's order, as a choice of the project file. */
#define CAO_COMPOSITE_NAMES "max-ndvi|bap|medoid|geomedian|median|mean|percentile|latest|first"
/** @retval CAO_EARG no such name; @p found is untouched */
CAO_CHECKED enum cao_status cao_composite_find(const char *name, const struct cao_composite **found,
                                               struct cao_error *err);

/** State of the best-look composite for n pixels: the whole spectrum of the chosen date.
 *  All arrays are the caller's, [n]. */
struct cao_best {
    float *score;       /**< of the chosen look; NaN: none yet */
    uint16_t *look;     /**< number of the chosen look; CAO_NO_LOOK: none yet */
    uint16_t *n_clear;  /**< clear looks offered so far */
    float *const *band; /**< n_bands arrays: the chosen look's bands; NaN: none yet */
    size_t n_bands;
};
/** No look yet: NaN, CAO_NO_LOOK, 0. */
void cao_best_start(const struct cao_best *best, size_t n);
/** Offer a look: where reason is CAO_CLEAR the look counts, and where its score (not NaN) is above
 *  the kept one, or none is kept, the look's bands replace the kept ones.
 *  @param reason enum cao_reason [n]  @param score e.g. NDVI [n]  @param band n_bands x [n] */
void cao_best_offer(const struct cao_best *best, const uint8_t *restrict reason,
                    const float *restrict score, const float *const *band, uint16_t look, size_t n);

/** The mean, band by band: sums are doubles, which are exact, and so free of any order, for
 *  reflectances from 1e-7 on and any number of looks up to 128. */
void cao_mean_add(const uint8_t *restrict reason, const float *const *band, double *const *sum,
                  uint16_t *restrict n_clear, size_t n_bands, size_t n);
void cao_mean_finish(double *const *sum, const uint16_t *restrict n_clear, float *const *band,
                     size_t n_bands, size_t n);

/** Bytes of scratch of the two below, for any n. */
size_t cao_median_scratch(size_t n_looks);
/** Median over looks, per pixel: the mean of the two middle values for an even count; NaN where no
 *  look has a value. @param looks n_looks arrays [n], NaN where not clear, else finite
 *  @param[out] out [n] */
void cao_median(const float *const *looks, size_t n_looks, void *scratch, float *restrict out,
                size_t n);
/** Percentile @p p (0..100) of the values that are there, between ranks by straight line (type 7 of
 *  Hyndman & Fan 1996, the default of R and numpy): the rank is (count - 1) p / 100. */
void cao_percentile(const float *const *looks, size_t n_looks, double p, void *scratch,
                    float *restrict out, size_t n);
/** A look's band as the two above and the joint ones take it: NaN where reason is not CAO_CLEAR. */
void cao_keep_clear(const uint8_t *restrict reason, float *restrict values, size_t n);
/** Count a look where it is not NaN. @param[in,out] n_looks [n] */
void cao_count_look(const float *restrict look, uint16_t *restrict n_looks, size_t n);

/** The iterations of the geometric median end when no band moves by more than CAO_GEOMEDIAN_STEP, and
 *  after CAO_GEOMEDIAN_MOST at the latest. */
enum { CAO_GEOMEDIAN_MOST = 200 };
#define CAO_GEOMEDIAN_STEP 1e-7
#endif
