/** @file caochu/mask.h  From a sensor's quality codes to one reason per pixel.
 *
 *  Every sensor's QA (Sentinel-2 SCL classes, Landsat QA_PIXEL bits, Fmask ...) is described by
 *  rules (code & bits) == equals -> reason; the first rule that fits decides. Pure, thread-safe.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_MASK_H
#define CAO_MASK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Why a look at a pixel is not used; CAO_CLEAR is the only one that is. Order is that of reports. */
enum cao_reason {
    CAO_CLEAR,
    CAO_OUTSIDE,   /**< no data: beyond the swath, fill */
    CAO_SATURATED, /**< saturated or defective detector */
    CAO_CLOUD,
    CAO_SHADOW, /**< cloud shadow */
    CAO_CIRRUS,
    CAO_SNOW,
    CAO_WATER,
    CAO_DARK,    /**< dark area, topographic shadow */
    CAO_INVALID, /**< a needed band is missing or its reflectance is not above 0 */
    CAO_AEROSOL, /**< high aerosol: reflectance is uncertain */
    CAO_N_REASONS
};
/** "clear", "outside", "saturated", ... as used in project files and tables. */
const char *cao_reason_name(enum cao_reason r);
/** @retval false unknown name */
bool cao_reason_find(const char *name, enum cao_reason *r);

struct cao_qa_rule {
    uint16_t bits, equals;
    enum cao_reason reason;
};

enum { CAO_QA_CODES = 65536 };
/** Fill the look-up table: for each code the reason of the first fitting rule, else CAO_CLEAR.
 *  Reasons whose bit (1u << reason) is not in @p removes become CAO_CLEAR, except CAO_OUTSIDE. */
void cao_mask_table(const struct cao_qa_rule *rules, size_t n_rules, uint32_t removes,
                    uint8_t table[CAO_QA_CODES]);
/** Turn clear pixels whose reflectance in any of the bands is NaN or <= 0 to CAO_INVALID (one validity for
 *  all indices, as HLS-VI has it); returns how many are clear afterwards. */
size_t cao_mask_invalid(const float *const *bands, size_t n_bands, uint8_t *restrict reason,
                        size_t n);
/** Turn clear pixels whose value is NaN to @p reason_for; returns how many are clear afterwards. */
size_t cao_mask_missing(const float *restrict values, enum cao_reason reason_for,
                        uint8_t *restrict reason, size_t n);
/** The same for values that are NaN or below @p least. */
size_t cao_mask_below(const float *restrict values, float least, enum cao_reason reason_for,
                      uint8_t *restrict reason, size_t n);
/** Turn clear pixels of more than @p above reflectance to CAO_CLOUD; returns how many are clear. */
size_t cao_mask_bright(const float *restrict band, float above, uint8_t *restrict reason, size_t n);
/** Turn clear cells within @p radius cells (centre to centre) of a cell of reason @p grown to it.
 *  @param[in] wide  reasons [(cols + 2 margin) * (rows + 2 margin)], the cells with @p margin around
 *  @param     reach scratch of the same size  @param[in,out] reason [cols * rows]
 *  @pre margin >= floor(radius), cols + 2 margin < 65535. Cost: 2 radius + 1 rows a cell. */
void cao_mask_grow(const uint8_t *restrict wide, size_t cols, size_t rows, size_t margin,
                   double radius, enum cao_reason grown, uint16_t *restrict reach,
                   uint8_t *restrict reason);
/** Distance in metres, centre to centre, to the nearest cell whose reason is among @p kinds (bits
 *  1u << reason), but at most @p most_m. Exact where the margin holds most_m.
 *  @param[in] wide reasons with @p margin around, as above @param reach scratch of the same size
 *  @param[out] away_m [cols * rows] @pre cols + 2 margin < 65535 */
void cao_mask_distance(const uint8_t *restrict wide, size_t cols, size_t rows, size_t margin,
                       uint32_t kinds, double cell_m, double most_m, uint16_t *restrict reach,
                       float *restrict away_m);
/** What a look shows of the ground, whatever is removed from it. */
enum cao_sight { CAO_SIGHT_GROUND, CAO_SIGHT_SNOW, CAO_SIGHT_HIDDEN };
/** For each code whether it is snow, hides the ground (outside, cloud, shadow, cirrus, saturated, aerosol)
 *  or shows it. */
void cao_sight_table(const struct cao_qa_rule *rules, size_t n_rules, uint8_t table[CAO_QA_CODES]);
/** Both tables in one, by which cao_reader_meaning() reads a quality layer: the reason below, the sight above
 *  8 bits. @param sight NULL: not asked for */
void cao_qa_meaning(const uint8_t *reason, const uint8_t *sight, uint16_t table[CAO_QA_CODES]);
/** Codes into meanings, in place. @param[in,out] codes [n] */
void cao_qa_translate(const uint16_t table[CAO_QA_CODES], uint16_t *codes, size_t n);
/** Where @p reason is CAO_CLEAR, that of the meaning; other cells keep theirs. Returns how many are clear
 *  afterwards. @param[in] meaning [n]  @param[in,out] reason enum cao_reason [n] */
size_t cao_mask_join(const uint16_t *restrict meaning, uint8_t *restrict reason, size_t n);
/** How many of n reasons are CAO_CLEAR. */
size_t cao_mask_clear(const uint8_t *reason, size_t n);
/** Where @p sight is CAO_SIGHT_GROUND, that of the meaning; other cells keep theirs. */
void cao_sight_join(const uint16_t *restrict meaning, uint8_t *restrict sight, size_t n);
/** Count a look's cells once an overpass. @param[in,out] counted 1 where one of the overpass has been
 *  @param[in,out] n_snow,n_seen looks with snow, and looks at the ground with or without [n] */
void cao_sight_count(const uint8_t *restrict sight, uint8_t *restrict counted,
                     uint16_t *restrict n_snow, uint16_t *restrict n_seen, size_t n);
/** Pixels of a composite are of different days, which a layer tells as days of the year. CAO_DAY_UNKNOWN: of no day
 *  that the composite can be of. */
enum { CAO_DAY_CODES = 367, CAO_DAY_UNKNOWN = 0xFF, CAO_MOST_DAYS = 32 };
/** For each day of the year, how many days after the composite's first it is: 0 .. @p span - 1; a day before the
 *  first is of the year after (MOD13 that begin in December end in January).
 *  @param first_day since 1970-01-01 @param span at most CAO_MOST_DAYS */
void cao_day_table(int32_t first_day, int32_t span, uint8_t table[CAO_DAY_CODES]);
/** Days after the first of each pixel, 0 where it has none. Where that is not @p from .. @p to, or there is none,
 *  the pixel is CAO_OUTSIDE and CAO_SIGHT_HIDDEN whatever it was. Returns how many are clear afterwards.
 *  @param[in] codes days of the year [n] @param[in,out] reason [n] @param[in,out] sight [n] or NULL */
size_t cao_day_apply(const uint8_t table[CAO_DAY_CODES], const uint16_t *restrict codes,
                     int32_t from, int32_t to, uint8_t *restrict after, uint8_t *restrict reason,
                     uint8_t *sight, size_t n);
/** Add the count of each reason to @p counts. */
void cao_mask_count(const uint8_t *restrict reason, size_t n, uint64_t counts[CAO_N_REASONS]);
#endif
