/** @file caochu/index.h  Spectral vegetation indices of surface reflectance.
 *
 *  Reflectance is 0..1 after gain and offset (an offset left in biases every ratio). No data is
 *  NaN, in and out. SPDX-License-Identifier: MIT */
#ifndef CAO_INDEX_H
#define CAO_INDEX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "caochu/spectral.h"
#include "caochu/status.h"

struct cao_index;
struct cao_program;

/** Kernel contract: cannot fail, allocates nothing, safe from any thread.
 *  @param[in]  self its own record
 *  @param[in]  band reflectance [n] by enum cao_band; only the needed ones are read
 *  @param[out] vi   index [n], apart from all inputs. One validity for all indices: NaN where a needed
 *                   band is NaN or <= 0, where a denominator is within 1e-6 of 0, where the result is
 *                   not finite; else clamped to the record's min and max */
typedef void cao_index_fn(const struct cao_index *self, const float *const band[CAO_N_BANDS],
                          float *restrict vi, size_t n);

/** An index: of the program's own table, or an expression of the user's (expression.h). */
struct cao_index {
    const char *name;    /**< as written in papers: "NDVI" */
    const char *zh;      /**< Chinese name */
    const char *formula; /**< over band letters, as cao_expression_compile() reads it */
    const char *source;  /**< author, year, DOI or report */
    uint32_t needs;      /**< CAO_BAND_BIT of the bands read */
    float min, max;      /**< declared range */
    cao_index_fn *compute;
    const char *unit;                  /**< "1", "nm" */
    const struct cao_program *program; /**< of an expression; NULL: a kernel of the table */
};

/** What every part of the program calls: ix->compute(ix, ...). */
void cao_index_compute(const struct cao_index *ix, const float *const band[CAO_N_BANDS],
                       float *restrict vi, size_t n);

/** Whether it can be computed from the bands @p have (CAO_BAND_BIT): N and N2 stand in for each other, and
 *  a ready-made NDVI or EVI for its own. */
bool cao_index_possible(const struct cao_index *ix, uint32_t have);

/** All records, in the order of reports. */
const struct cao_index *cao_index_all(size_t *n);
/** Borrow the record of that name, ASCII case ignored.
 *  @retval CAO_EARG none; the text names the nearest; @p found is untouched */
CAO_CHECKED enum cao_status cao_index_find(const char *name, const struct cao_index **found,
                                           struct cao_error *err);

/** Fractional vegetation cover by pixel dichotomy: clamp((vi - soil) / (full - soil), 0, 1).
 *  NaN stays NaN. @pre full > soil. Source: Gutman & Ignatov 1998, IJRS 19:1533. */
void cao_index_fvc(const float *restrict vi, float soil, float full, float *restrict fvc, size_t n);
/** The same squared, as for scaled NDVI over sparse canopies: Carlson & Ripley 1997, RSE 62:241. */
void cao_index_fvc_squared(const float *restrict vi, float soil, float full, float *restrict fvc,
                           size_t n);
#endif
