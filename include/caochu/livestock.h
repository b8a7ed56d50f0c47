/** @file caochu/livestock.h  The livestock table of the township: heads by pasture and species.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_LIVESTOCK_H
#define CAO_LIVESTOCK_H
#include "caochu/findings.h"

/** CSV (UTF-8 with or without BOM, GB18030; comma, semicolon or tab) or XLSX. Long form: one row
 *  per pasture and species with a heads column; wide form: one column of heads per species. */
struct cao_livestock_source {
    const char *path;
    const char *sheet;         /**< XLSX: name of the sheet; NULL: the first */
    const char *id_field;      /**< column with the pasture's id */
    const char *species_field; /**< long form */
    const char *heads_field;   /**< long form */
    const char *const *species_columns;
    size_t n_species_columns; /**< wide form: headings */
};

struct cao_herd {
    char *pasture_id;
    char *species;
    double heads;
    long row; /**< line of the file, 1-based, counting the heading */
};
struct cao_herds {
    struct cao_herd *items;
    size_t n;
    char *path;
};

/** Rows with negative, fractional or non-numeric heads, or without id or species, are left out and
 *  named in the findings with file and row. Empty heads cells are skipped in silence in the wide
 *  form. @retval CAO_EARG a named column is missing: the text lists the headings that there are */
CAO_CHECKED enum cao_status cao_livestock_load(const struct cao_livestock_source *src,
                                               struct cao_herds *herds,
                                               struct cao_findings *findings,
                                               struct cao_error *err);
void cao_herds_release(struct cao_herds *h);
#endif
