/** @file sensor/touched.h  Which files and folders a description looked at, so that a later one can tell
 *  whether it would say the same. SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_TOUCHED_H
#define CAO_SENSOR_TOUCHED_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cao_touch { CAO_TOUCH_ABSENT, CAO_TOUCH_FILE, CAO_TOUCH_FOLDER };

/** Zero-initialise. */
struct cao_touched {
    struct cao_touched_item {
        char *path; /**< of the archive, for what lies inside one */
        enum cao_touch kind;
        int64_t size, mtime_ns; /**< as seen before anything was read of it */
    } * items;
    size_t n, capacity;
    bool failed; /**< out of memory: the list is not whole */
};
void cao_touched_release(struct cao_touched *t);

/** From here on what this thread looks at is noted in @p t; NULL: no longer. */
void cao_touched_note(struct cao_touched *t);
/** To be called before a file's size, time or content, or a folder's list is taken. */
void cao_touch(const char *path);
/** Kind, size and time of a path now. */
void cao_touch_look(const char *path, struct cao_touched_item *item);
#endif
