/** @file sensor/rpb.h  Camera models as .rpb files hold them. SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_RPB_H
#define CAO_SENSOR_RPB_H
#include "caochu/scene.h"

/** @param text of an .rpb file, NUL-terminated @param path names it in messages
 *  @retval CAO_EDATA a number is missing or none, or a scale is not above 0 */
CAO_CHECKED enum cao_status cao_rpb_parse(const char *text, const char *path, struct cao_rpc *rpc,
                                          struct cao_error *err);
#endif
