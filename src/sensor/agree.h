/** @file sensor/agree.h  Whether the images of a product lie on the same ground, and which one does not.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_AGREE_H
#define CAO_SENSOR_AGREE_H
#include "sensor/header.h"

/** Images whose headers were read. Zero-initialise. */
struct cao_agreement {
    struct cao_agreement_item {
        struct cao_layer layer; /* path borrowed */
        char crs[64];
    } items[CAO_N_BANDS + CAO_MOST_QA];
    size_t n;
};
/** cao_header_read(), and note what it said. @p header may be NULL. */
CAO_CHECKED enum cao_status cao_agreement_read(struct cao_agreement *a, struct cao_layer *layer,
                                               struct cao_scene *scene, struct cao_header *header,
                                               struct cao_error *err);
/** All noted images cover the same ground in the same coordinate system, up to a pixel of the coarser, and
 *  with @p same_pixels on the same pixels. The one that differs from most is named, of two the second.
 *  @retval CAO_EDATA one does not */
CAO_CHECKED enum cao_status cao_agreement_check(const struct cao_agreement *a, bool same_pixels,
                                                struct cao_error *err);
/** Some ground is common to the first images of both, in one coordinate system: a mask may be larger or
 *  smaller than what it masks. Where one has no image they agree.
 *  @retval CAO_EDATA there is none; that of @p b is named */
CAO_CHECKED enum cao_status cao_agreement_meet(const struct cao_agreement *a,
                                               const struct cao_agreement *b,
                                               struct cao_error *err);
#endif
