/** @file caochu/cog_check.h  Whether a file is laid out as a Cloud-Optimized GeoTIFF: directories first,
 *  then the blocks of the smallest overview up to those of the image, in order, each framed. Read from
 *  the bytes alone; thread-safe. SPDX-License-Identifier: MIT */
#ifndef CAO_COG_CHECK_H
#define CAO_COG_CHECK_H
#include "caochu/status.h"

/** @retval CAO_EDATA it is not one: the text says why @retval CAO_EIO */
CAO_CHECKED enum cao_status cao_cog_check(const char *path, struct cao_error *err);
#endif
