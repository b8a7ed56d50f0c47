/** @file caochu/format.h  What a file is that was taken for an image and is none.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_FORMAT_H
#define CAO_FORMAT_H
#include <stdbool.h>

/** By the first bytes of @p path (on this machine or in an archive, as GDAL names it): "it is a VRT, ...",
 *  "it is a web page, ...". The text is static. NULL: it begins like a GeoTIFF or JPEG 2000 image, or
 *  cannot be told or opened. Any thread. */
const char *cao_format_words(const char *path);
/** Pixels of a JPEG 2000 file by its image header box (ISO/IEC 15444-1, I.5.3.1), a glance at its first bytes.
 *  @retval false it is none, or has that box elsewhere; then neither is touched */
bool cao_format_jp2_size(const char *path, int *width, int *height);
#endif
