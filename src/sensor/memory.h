/** @file sensor/memory.h  What earlier scans of a folder saw, in one file, so that a later one looks only at
 *  what changed. Another program version, a torn file or another machine's is an empty memory.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_MEMORY_H
#define CAO_SENSOR_MEMORY_H
#include "caochu/hash.h"
#include "caochu/status.h"
#include "caochu/text.h"
#include "sensor/touched.h"

struct cao_memory;
/** Of the folder @p root, kept below @p dir. @retval CAO_ENOMEM */
CAO_CHECKED enum cao_status cao_memory_open(const char *dir, const char *root,
                                            struct cao_memory **memory, struct cao_error *err);
void cao_memory_close(struct cao_memory *m);

/** An entry in the memory's bytes. */
struct cao_memory_entry {
    const char *entry, *touched, *outcome; /**< where its parts begin */
    size_t n_entry, n_touched, n_outcome;  /**< bytes */
};
/** What was remembered under a key; false: nothing. */
bool cao_memory_find(const struct cao_memory *m, const char key[CAO_HASH_TEXT],
                     struct cao_memory_entry *entry);
/** Whether all that it looked at is as it was. Any thread. */
bool cao_memory_holds(const struct cao_memory_entry *entry);

/** An entry as bytes. False where it must not be remembered: something changed within the last seconds and
 *  may change again unseen. */
CAO_CHECKED bool cao_memory_pack(const char key[CAO_HASH_TEXT], const struct cao_touched *touched,
                                 const struct cao_buf *outcome, struct cao_buf *entry);
/** Replace the memory of the folder by @p entries, which were packed or found. */
CAO_CHECKED enum cao_status cao_memory_save(const char *dir, const char *root,
                                            const struct cao_buf *entries, struct cao_error *err);
#endif
