/** @file raster/removal.h  Masks laid on the pixels of an image whose cells are coarser.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_REMOVAL_H
#define CAO_RASTER_REMOVAL_H
#include "caochu/mask_share.h"
#include "raster/feed.h"

/** The layer whose pixels the masks lie on: the finest of those that are asked. Its file is opened where
 *  it is not open yet. */
CAO_CHECKED enum cao_status cao_removal_open(struct cao_reader *r, const struct cao_removal *m,
                                             const struct cao_feed **base, struct cao_error *err);
/** The masks' pixels under a rectangle of a layer's; they may be too many for one reading. */
struct cao_pixels cao_removal_under(const struct cao_feed *base, const struct cao_feed *f,
                                    const struct cao_pixels *p);
/** Whether that many pixels of the masks, with what is around them, fit the scratch. */
bool cao_removal_fits(const struct cao_reader *r, const struct cao_removal *m,
                      const struct cao_feed *base, const struct cao_pixels *p);
/** Cells along a chunk whose masks fit, as cao_feed_chunk(). */
int32_t cao_removal_chunk(const struct cao_reader *r, const struct cao_removal *m,
                          const struct cao_feed *base);
/** Reasons of a rectangle of the masks' pixels into the kit's reason [p->width * p->height], cloud and
 *  shadow grown. The kit's dn, value and wide are lost. */
CAO_CHECKED enum cao_status cao_removal_read(struct cao_reader *r, const struct cao_removal *m,
                                             const struct cao_feed *base,
                                             const struct cao_pixels *p, struct cao_error *err);
/** Which pixels of a layer's rectangle have anything but clear under them, into the kit's hit. */
CAO_CHECKED enum cao_status cao_removal_hit(struct cao_reader *r, const struct cao_removal *m,
                                            const struct cao_feed *f, const struct cao_pixels *p,
                                            struct cao_error *err);
#endif
