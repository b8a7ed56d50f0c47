/** @file caochu/file.h  Files that are whole or absent, and paths.
 *
 *  Paths are UTF-8 byte strings; blanks and any script are fine. SPDX-License-Identifier: MIT */
#ifndef CAO_FILE_H
#define CAO_FILE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "caochu/status.h"

enum { CAO_PATH_MAX = 4096 };

/** An output on its way: written at .temp in the same folder, then renamed to .path. */
struct cao_draft {
    char path[CAO_PATH_MAX];
    char temp
        [CAO_PATH_MAX]; /**< ".part-PID-SERIAL-NAME" keeps the extension for drivers that look at it */
};
/** Choose the temporary name (nothing is created). @p serial tells drafts of one process apart. */
CAO_CHECKED enum cao_status cao_draft_init(struct cao_draft *d, const char *path, unsigned serial,
                                           struct cao_error *err);
/** fsync temp, rename it to path, fsync the folder. A file that is there with the same bytes is left
 *  as it is, its time included: what did not change does not look changed. On failure temp is removed. */
CAO_CHECKED enum cao_status cao_draft_commit(struct cao_draft *d, struct cao_error *err);
/** As of each in turn, all of one folder, which is synced once. On failure those that are not in place yet are
 *  removed. */
CAO_CHECKED enum cao_status cao_drafts_commit(struct cao_draft *d, size_t n, struct cao_error *err);
/** Temp is written: the disk may begin with it. Does not wait; commit does. */
void cao_draft_begin_sync(const struct cao_draft *d);
/** Where @p err names the temporary file, name the one that it was to become. */
void cao_draft_rename_error(const struct cao_draft *d, struct cao_error *err);
/** Remove temp if it is there. */
void cao_draft_abandon(struct cao_draft *d);

/** Whole file into *data (NUL-terminated past @p size, free() it).
 *  @retval CAO_EIO cannot be read  @retval CAO_EDATA longer than @p limit bytes */
CAO_CHECKED enum cao_status cao_file_read(const char *path, size_t limit, char **data, size_t *size,
                                          struct cao_error *err);
/** Its first bytes, @p most of them or all there are. As cao_file_read() otherwise. */
CAO_CHECKED enum cao_status cao_file_read_start(const char *path, size_t most, char **data,
                                                size_t *size, struct cao_error *err);
/** Write atomically through a draft. */
CAO_CHECKED enum cao_status cao_file_write(const char *path, const void *data, size_t size,
                                           struct cao_error *err);
/** Remove a file for good (its folder is flushed to disk). It is no error if it is not there. */
CAO_CHECKED enum cao_status cao_file_remove(const char *path, struct cao_error *err);
/** Size and modification time in ns; false when it is not a regular file that can be seen. */
bool cao_file_stat(const char *path, int64_t *size, int64_t *mtime_ns);
bool cao_file_is_dir(const char *path);
/** mkdir -p. */
CAO_CHECKED enum cao_status cao_make_dirs(const char *path, struct cao_error *err);

/** Names in a folder, sorted by byte order, without "." and "..". Free with cao_names_release. */
struct cao_names {
    char **items;
    size_t n;
};
CAO_CHECKED enum cao_status cao_list_dir(const char *path, struct cao_names *names,
                                         struct cao_error *err);
void cao_names_release(struct cao_names *names);

/** dir/name into out; an absolute @p name stands alone, an empty or "." @p dir gives name. */
CAO_CHECKED enum cao_status cao_path_join(char out[CAO_PATH_MAX], const char *dir, const char *name,
                                          struct cao_error *err);
/** The folder part of @p path; "." where it has none. */
void cao_path_dir(char out[CAO_PATH_MAX], const char *path);
/** The last component (a pointer into @p path). */
const char *cao_path_name(const char *path);
/** True if @p name ends in @p ending, ASCII case ignored (".jp2"). */
bool cao_path_has_ending(const char *name, const char *ending);
#endif
