/** @file raster/gdal_words.h  GDAL's last error of this thread as one line.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_GDAL_WORDS_H
#define CAO_RASTER_GDAL_WORDS_H

enum { CAO_WORDS = 400 };
/** Call CPLErrorReset() before the GDAL call that this should explain. Returns @p text. */
const char *cao_gdal_words(char text[CAO_WORDS]);
#endif
