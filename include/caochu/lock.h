/** @file caochu/lock.h  One writer at a time in a folder.
 *
 *  The lock is the kernel's (flock on FOLDER/.caochu.lock): it ends with the process that holds it,
 *  however that process ends, so that none is ever left behind. The file says who holds it and is
 *  removed when the lock is given back. Not for use by several threads at once.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_LOCK_H
#define CAO_LOCK_H
#include <stdbool.h>
#include "caochu/file.h"

struct cao_lock {
    int fd;     /**< 0: not held (a zero-initialised lock is not held) */
    bool blind; /**< the file system knows no locks: nothing keeps others out */
    char path[CAO_PATH_MAX];
};

/** Take the lock of @p dir without waiting. @p what is shown to whom it keeps out; may be NULL.
 *  @retval CAO_EBUSY another process holds it: the text says which, where and since when
 *  @retval CAO_EIO the file cannot be made. Where the file system knows no locks: CAO_OK, .blind. */
CAO_CHECKED enum cao_status cao_lock_take(struct cao_lock *lock, const char *dir, const char *what,
                                          struct cao_error *err);
/** Give it back and remove the file. Nothing where it is not held. */
void cao_lock_release(struct cao_lock *lock);
/** True where another process holds the lock of @p dir; @p who is its line, "" where unreadable. */
bool cao_lock_held(const char *dir, char who[256]);
#endif
