/** @file caochu/declared.h  A family of products that the user describes in the project file.
 *
 *  Files are known by a pattern: '*' any text, {date} where the date stands, {band} where the name
 *  of the band stands (a file per band), {tile} letters and digits that name the place. Files whose
 *  names differ in {band} alone are one product. SPDX-License-Identifier: MIT */
#ifndef CAO_DECLARED_H
#define CAO_DECLARED_H
#include <stdbool.h>
#include "caochu/hash.h"
#include "caochu/mask.h"
#include "caochu/spectral.h"
#include "caochu/status.h"

enum { CAO_DECLARED_RULES = 48, CAO_DECLARED_WORD = 32, CAO_DECLARED_OUTSIDE = 0xFFFF };

/** Where a layer is: the word that stands for {band}, and which band of that file, from 1. */
struct cao_declared_layer {
    char word[CAO_DECLARED_WORD]; /**< as given, without ":N"; "": not given */
    int number;                   /**< of "WORD:N", else of a word that is a number; else 0 */
    bool both;                    /**< given as "WORD:N" */
};

/** Texts are never NULL and owned by the project. */
struct cao_declared {
    char *name, *files;
    char *date; /**< form of {date}: Y M D h m s and J (day of the year) stand for digits */
    double utc_offset_h; /**< of times in the names; counts where the form has hours */
    struct cao_declared_layer band[CAO_N_BANDS];
    bool gaofen; /**< DN of Gaofen: gain by the year, reflectance by the sun of the product's XML */
    double gains[CAO_N_BANDS]; /**< of the project, W/(m2 sr um); 0: the built-in ones */
    double scale, offset;      /**< reflectance = scale * DN + offset */
    double nodata;             /**< NaN: as the file says */
    double saturated;          /**< DN at and above which a pixel is saturated; NaN: none */
    struct cao_declared_layer qa;
    struct cao_qa_rule rules[CAO_DECLARED_RULES]; /**< the last: CAO_DECLARED_OUTSIDE is outside */
    size_t n_rules;
    enum cao_band bright_band; /**< a brightness test instead of a quality layer */
    double bright_above;       /**< reflectance above which a pixel counts as cloud; 0: no test */
};

/** Check the pattern against the bands: {date} once; {band} once where bands are words.
 *  @retval CAO_EARG with what is wrong */
CAO_CHECKED enum cao_status cao_declared_check(const struct cao_declared *d, struct cao_error *err);
/** Add all that it says to @p h. */
void cao_declared_hash(const struct cao_declared *d, struct cao_hash *h);
/** A rule's text, "7" (the code is 7), "bit 3" or "bits 8-9 = 2". @retval CAO_EARG */
CAO_CHECKED enum cao_status cao_declared_rule(const char *text, enum cao_reason reason,
                                              struct cao_qa_rule *rule, struct cao_error *err);
#endif
