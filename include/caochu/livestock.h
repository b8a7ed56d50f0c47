/** @file caochu/livestock.h  Tables of the township: livestock by pasture and species, feed, wildlife.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_LIVESTOCK_H
#define CAO_LIVESTOCK_H
#include <stdint.h>
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
    /** Long form, each NULL or "" where there is no such column: age class; live weight, kg; first and last
     *  day on the pasture; days on it; heads sold within the year; months that those were on it. */
    const char *age_field, *weight_field, *from_field, *to_field, *days_field, *sold_field,
        *sold_months_field;
};

struct cao_herd {
    char *pasture_id;
    char *species;
    double heads;
    long row;                 /**< line of the file, 1-based, counting the heading */
    char *age;                /**< never NULL, "" not told */
    double weight_kg, days;   /**< NaN: not told */
    int32_t from, to;         /**< days since 1970; CAO_NO_DAY: not told */
    double sold, sold_months; /**< NaN: not told */
};
#define CAO_NO_DAY INT32_MIN
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

/** Bought feed and sown pasture: what the herd of a pasture or household gets besides grazing. */
struct cao_feed_source {
    const char *path, *sheet;
    const char *id_field, *feed_field;
    const char *kg_field;                 /**< amount; or, where its cell is empty, */
    const char *area_field, *yield_field; /**< ha and kg/ha of sown pasture; "" : no such columns */
    const char *season_field;             /**< when it is fed; "" : no such column */
};
struct cao_feed {
    char *id, *feed, *season;
    double kg;
    long row;
};
struct cao_feeds {
    struct cao_feed *items;
    size_t n;
    char *path;
};
/** Rows without id, feed or amount are named ("feed-row", with their id) and left out.
 *  @retval CAO_EARG a named column is missing */
CAO_CHECKED enum cao_status cao_feed_load(const struct cao_feed_source *src,
                                          struct cao_feeds *feeds, struct cao_findings *findings,
                                          struct cao_error *err);
void cao_feeds_release(struct cao_feeds *f);

/** Counts of wild herbivores in an area: all pastures, or those of one group. */
struct cao_wildlife_source {
    const char *path, *sheet;
    const char *species_field, *heads_field;
    const char *group_field; /**< "" : all rows are of the whole area */
    const char *days_field;  /**< "" : all the year */
};
struct cao_wild_count {
    char *species, *group;
    double heads, days;
    long row;
};
struct cao_wildlife {
    struct cao_wild_count *items;
    size_t n;
    char *path;
};
/** Rows that cannot be used are an error: a part of the wildlife would be a wrong reserve everywhere.
 *  @retval CAO_EARG a column is missing, a count is none */
CAO_CHECKED enum cao_status cao_wildlife_load(const struct cao_wildlife_source *src,
                                              struct cao_wildlife *wildlife, struct cao_error *err);
void cao_wildlife_release(struct cao_wildlife *w);
#endif
