/** @file caochu/scatter.h  Plots and fitted curves as a picture: SVG text, with nothing to load.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_SCATTER_H
#define CAO_SCATTER_H
#include <stdbool.h>
#include "caochu/text.h"
#include "caochu/yield.h"

struct cao_scatter_curve {
    struct cao_yield_model model;
    const char *label; /**< "exponential" */
    const char *text;  /**< behind the chosen one: "y = 391 e^(2.92 x), R2 0.74" */
    bool chosen;
};
struct cao_scatter_panel {
    const char *title;
    const double *x, *y;
    size_t n;
    const struct cao_scatter_curve *curves;
    size_t n_curves;
};

/** Panels in two columns, on scales of their own.
 *  @param out out->failed where memory ran out */
void cao_scatter_svg(const struct cao_scatter_panel *panels, size_t n, const char *title,
                     const char *x_label, const char *y_label, struct cao_buf *out);
#endif
