/** @file raster/torn.h  Files that end too early. SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_TORN_H
#define CAO_RASTER_TORN_H
#include "caochu/status.h"

/** Whether a JPEG 2000 file (boxes or bare code stream) is there to its end: OpenJPEG decodes what
 *  there is of a torn one and leaves the rest 0 without a word. Reads a few dozen bytes.
 *  @retval CAO_EDATA it is not; the text names @p path and says what to do */
CAO_CHECKED enum cao_status cao_jp2_whole(const char *path, struct cao_error *err);
#endif
