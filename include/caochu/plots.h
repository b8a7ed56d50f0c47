/** @file caochu/plots.h  The table of field plots: where, when, which grassland, and what was clipped.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_PLOTS_H
#define CAO_PLOTS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "caochu/status.h"

/** What is known of a column by its heading, in English or Chinese. */
enum cao_plot_column {
    CAO_PLOT_ID,
    CAO_PLOT_DATE,
    CAO_PLOT_X, /**< longitude, or x in the CRS that is named */
    CAO_PLOT_Y,
    CAO_PLOT_TYPE,
    CAO_PLOT_FRESH,
    CAO_PLOT_DRY,
    CAO_N_PLOT_COLUMNS
};
/** "id", "date", "x", "y", "type", "fresh", "dry": words for --column. */
const char *cao_plot_column_name(enum cao_plot_column c);

enum cao_plot_unit { CAO_PLOT_G_M2, CAO_PLOT_KG_HA, CAO_PLOT_KG_MU, CAO_N_PLOT_UNITS };
const char *cao_plot_unit_name(enum cao_plot_unit u); /**< "g/m2", "kg/ha", "kg/mu" */

struct cao_plots_source {
    const char *path;
    const char *sheet;                       /**< of an XLSX; NULL: the first */
    const char *heading[CAO_N_PLOT_COLUMNS]; /**< NULL: found by the headings that are usual */
    const char *unit; /**< of both weights; NULL: by the heading, else g/m2 */
    bool air_dry;     /**< dry weights are air-dry hay; else oven-dry, and hay is 1/0.86 of them */
};

/** One plot: rows with the same id and date are quadrats of it, and are averaged. */
struct cao_plot {
    char *id, *type; /**< "" where not given */
    int32_t date;
    double x, y;
    double fresh_kg_ha, hay_kg_ha; /**< NaN: not given; hay at 14 % water */
    int quadrats;
    long row;        /**< of its first quadrat */
    const char *why; /**< NULL; else why it cannot be used, a literal */
};
struct cao_plots {
    struct cao_plot *items; /**< by id and date */
    size_t n;
    bool degrees; /**< x and y are longitude and latitude by their headings or values */
    bool has_type, has_fresh, has_dry;
    enum cao_plot_unit unit;
    bool unit_assumed;                  /**< no heading names it */
    char *headings[CAO_N_PLOT_COLUMNS]; /**< as found; NULL: none */
};

/** CSV or XLSX as for livestock. Rows that lack something are kept, with why.
 *  @retval CAO_EARG no column for id, date, place or weight: the text lists the headings */
CAO_CHECKED enum cao_status cao_plots_load(const struct cao_plots_source *src,
                                           struct cao_plots *plots, struct cao_error *err);
void cao_plots_release(struct cao_plots *p);
#endif
