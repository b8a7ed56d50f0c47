/** @file sensor/mtl.h  The MTL.txt of Landsat products: keys within groups.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_MTL_H
#define CAO_SENSOR_MTL_H
#include <stddef.h>
#include "caochu/status.h"

/** Entries in the order of the file; texts borrow from a copy that it owns. */
struct cao_mtl {
    char *text;
    struct cao_mtl_entry {
        const char *group, *key, *value;
    } * items;
    size_t n;
};
/** "KEY = VALUE" within "GROUP = NAME" ... "END_GROUP = NAME"; values lose their quotes.
 *  @retval CAO_EDATA not such a text */
CAO_CHECKED enum cao_status cao_mtl_parse(const char *text, size_t n, struct cao_mtl *m,
                                          struct cao_error *err);
/** The value of @p key in the innermost group named @p group, or NULL. */
const char *cao_mtl_find(const struct cao_mtl *m, const char *group, const char *key);
void cao_mtl_release(struct cao_mtl *m);
#endif
