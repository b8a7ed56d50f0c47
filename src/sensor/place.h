/** @file sensor/place.h  Files where products lie: in folders, or inside an archive without unpacking it.
 *
 *  A path that starts with "/vsizip/{" or "/vsitar/{" lies in an archive; all others are plain.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_PLACE_H
#define CAO_SENSOR_PLACE_H
#include "caochu/file.h"

struct cao_means; /* sensor/sensor.h */

/** Where a product's files lie, and which of the names there are its own. */
struct cao_place {
    const char *dir;
    struct cao_names names; /**< sorted; borrowed */
    const char *key;        /**< the beginning of all its names; "" where the folder is its own */
    const struct cao_means *means; /**< what a description may draw on besides; NULL: nothing */
};

/** Names in a folder as cao_list_dir() gives them. */
CAO_CHECKED enum cao_status cao_place_list(const char *dir, struct cao_names *names,
                                           struct cao_error *err);
bool cao_place_stat(const char *path, int64_t *size, int64_t *mtime_ns);
bool cao_place_is_dir(const char *path);
/** As cao_file_read(). */
CAO_CHECKED enum cao_status cao_place_read(const char *path, size_t limit, char **data,
                                           size_t *size, struct cao_error *err);

/** Whether the name is that of an archive (.zip .tar .tar.gz .tgz). */
bool cao_archive_is(const char *name);
/** Check that the archive is there to its end, and give the path under which its contents lie.
 *  @retval CAO_EDATA torn, or of a kind that cannot be read in place */
CAO_CHECKED enum cao_status cao_archive_open(const char *path, char inside[CAO_PATH_MAX],
                                             struct cao_error *err);
#endif
