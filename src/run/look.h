/** @file run/look.h  One look at a strip of a tile: read, and masked. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_LOOK_H
#define CAO_RUN_LOOK_H
#include "caochu/reader.h"
#include "run/tile_products.h"

/** Cells around a strip that are looked at too, for the dilation of masks and the distance to clouds. */
int32_t cao_look_margin(const struct cao_project *project, double res_m);
/** The key of the project file that asks for it. */
const char *cao_look_margin_key(const struct cao_project *project);
/** How far the distance to clouds is asked for, metres; 0: not at all. */
double cao_look_distance_m(const struct cao_project *project);

/** Which band of the scene answers to the plan's band: the project says which near infrared.
 *  CAO_N_BANDS: none. */
enum cao_band cao_look_band(const struct cao_plan *plan, const struct cao_scene *s,
                            enum cao_band b);

/** Look-up tables of a scene's quality layers. */
struct cao_look_tables {
    const uint16_t *meaning[CAO_MOST_QA]; /**< reason and sight by code, see cao_qa_meaning() */
    bool removes[CAO_MOST_QA];            /**< something of the layer */
    struct cao_removal removal;           /**< the same, where masks are laid on pixels */
    int32_t from, to; /**< the period's first and last day, after the day of the scene's time */
};

/** Say in b->reason what the quality layers leave of scene @p s at the strip, and read the plan's bands
 *  into b->look, where they leave anything; a band that the scene lacks is NaN. Where cells are means of
 *  pixels that the quality layers tell apart, masks are laid on the pixels.
 *  b->sight is filled where the project asks for snow, and b->after where it is there: days of each cell
 *  after that of the scene's time, by the pixel at its centre.
 *  @param[out] n_clear how many cells they leave: where 0, b->look means nothing */
CAO_CHECKED enum cao_status cao_look_read(const struct cao_plan *plan, const struct cao_scene *s,
                                          struct cao_reader *reader,
                                          const struct cao_look_tables *tables,
                                          const struct cao_window *strip,
                                          struct cao_tile_buffers *b, size_t *n_clear,
                                          struct cao_error *err);
#endif
