/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sync_file_range() */
#include "caochu/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "caochu/text.h"

const char *cao_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void cao_path_dir(char out[CAO_PATH_MAX], const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    if (!slash)
        snprintf(out, CAO_PATH_MAX, ".");
    else if (n == 0)
        snprintf(out, CAO_PATH_MAX, "/");
    else
        snprintf(out, CAO_PATH_MAX, "%.*s", (int)(n < CAO_PATH_MAX ? n : CAO_PATH_MAX - 1), path);
}

bool cao_path_has_ending(const char *name, const char *ending)
{
    size_t n = strlen(name), m = strlen(ending);
    return n >= m && strcasecmp(name + n - m, ending) == 0;
}

enum cao_status cao_path_join(char out[CAO_PATH_MAX], const char *dir, const char *name,
                              struct cao_error *err)
{
    int n;
    if (name[0] == '/' || !dir || !dir[0] || strcmp(dir, ".") == 0)
        n = snprintf(out, CAO_PATH_MAX, "%s", name);
    else
        n = snprintf(out, CAO_PATH_MAX, "%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/",
                     name);
    if (n < 0 || n >= CAO_PATH_MAX)
        return cao_fail(err, CAO_EARG, "%.200s...: the path is longer than %d bytes", name,
                        CAO_PATH_MAX);
    return CAO_OK;
}

enum cao_status cao_draft_init(struct cao_draft *d, const char *path, unsigned serial,
                               struct cao_error *err)
{
    char dir[CAO_PATH_MAX], name[CAO_PATH_MAX];
    struct cao_draft made = { "", "" };
    cao_path_dir(dir, path);
    int n =
        snprintf(name, sizeof name, ".part-%ld-%u-%s", (long)getpid(), serial, cao_path_name(path));
    if (n < 0 || n >= (int)sizeof name)
        return cao_fail(err, CAO_EARG, "%.200s...: the path is too long", path);
    enum cao_status st = cao_path_join(made.path, "", path, err);
    if (!st)
        st = cao_path_join(made.temp, dir, name, err);
    if (!st)
        *d = made;
    return st;
}

static enum cao_status sync_path(const char *path, int flags, struct cao_error *err)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return cao_fail(err, CAO_EIO, "%s: %s", path, strerror(errno));
    int bad = fsync(fd) != 0 && errno != EINVAL && errno != EROFS;
    int cause = errno;
    close(fd);
    return bad ? cao_fail(err, CAO_EIO, "%s: cannot be flushed to disk: %s", path, strerror(cause))
               : CAO_OK;
}

/* Reading stops at the first byte that differs; any trouble counts as a difference. */
static bool same_bytes(const char *a, const char *b)
{
    enum { PIECE = 65536 };
    struct stat x, y;
    if (lstat(b, &y) != 0 || !S_ISREG(y.st_mode) || stat(a, &x) != 0 || x.st_size != y.st_size)
        return false;
    FILE *f = fopen(a, "rb"), *g = fopen(b, "rb");
    char *piece = malloc(2 * (size_t)PIECE);
    bool same = f && g && piece;
    for (size_t n = PIECE; same && n == PIECE;) {
        n = fread(piece, 1, PIECE, f);
        same = fread(piece + PIECE, 1, PIECE, g) == n && memcmp(piece, piece + PIECE, n) == 0 &&
               !ferror(f) && !ferror(g);
    }
    free(piece);
    if (f)
        fclose(f);
    if (g)
        fclose(g);
    return same;
}

/* In place; *moved: the folder's own bytes are still to be synced. */
static enum cao_status put_in_place(struct cao_draft *d, bool *moved, struct cao_error *err)
{
    if (same_bytes(d->temp, d->path)) {
        cao_draft_abandon(d);
        return CAO_OK;
    }
    enum cao_status st = sync_path(d->temp, O_RDONLY, err);
    if (!st && rename(d->temp, d->path) != 0)
        st = cao_fail(err, CAO_EIO, "%s: cannot be put in place: %s", d->path, strerror(errno));
    if (st)
        cao_draft_abandon(d);
    *moved |= !st;
    return st;
}

enum cao_status cao_drafts_commit(struct cao_draft *d, size_t n, struct cao_error *err)
{
    char dir[CAO_PATH_MAX];
    bool moved = false;
    size_t i = 0;
    enum cao_status st = CAO_OK;
    for (; !st && i < n; i++)
        st = put_in_place(&d[i], &moved, err);
    for (; i < n; i++)
        cao_draft_abandon(&d[i]);
    if (!moved)
        return st;
    cao_path_dir(dir, d->path);
    enum cao_status synced = sync_path(dir, O_RDONLY | O_DIRECTORY, st ? NULL : err);
    return st ? st : synced;
}

enum cao_status cao_draft_commit(struct cao_draft *d, struct cao_error *err)
{
    return cao_drafts_commit(d, 1, err);
}

void cao_draft_begin_sync(const struct cao_draft *d)
{
#ifdef SYNC_FILE_RANGE_WRITE
    int fd = open(d->temp, O_RDONLY | O_CLOEXEC);
    if (fd < 0) /* commit will say why */
        return;
    (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    close(fd);
#else
    (void)d;
#endif
}

void cao_draft_rename_error(const struct cao_draft *d, struct cao_error *err)
{
    char text[sizeof err->text];
    char *at = err ? strstr(err->text, d->temp) : NULL;
    if (!at)
        return;
    memcpy(text, err->text, sizeof text);
    (void)cao_fail(err, err->code, "%.*s%s%s", (int)(at - err->text), text, d->path,
                   text + (at - err->text) + strlen(d->temp));
}

void cao_draft_abandon(struct cao_draft *d)
{
    unlink(d->temp);
}

/* Of a file that tells its size, all at once. */
static size_t first_capacity(int fd, size_t limit)
{
    enum { LEAST = 65536 };
    struct stat s;
    size_t n = fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0 ? (size_t)s.st_size : 0;
    n = n < limit ? n : limit;
    return n < LEAST - 4096 ? LEAST : n + 4096;
}

enum cao_status cao_file_read(const char *path, size_t limit, char **data, size_t *size,
                              struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    char *text = NULL;
    size_t n = 0, capacity = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cao_fail(err, CAO_EIO, "%s: %s", path, strerror(errno));
    for (;;) {
        if (capacity - n < 4096) {
            capacity = capacity ? capacity * 2 : first_capacity(fd, limit);
            char *more = realloc(text, capacity + 1);
            if (!more) {
                st = cao_fail(err, CAO_ENOMEM, "%s: out of memory", path);
                break;
            }
            text = more;
        }
        ssize_t got = read(fd, text + n, capacity - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            st = cao_fail(err, CAO_EIO, "%s: %s", path, strerror(errno));
        if (got <= 0)
            break;
        n += (size_t)got;
        if (n > limit) {
            st = cao_fail(err, CAO_EDATA, "%s: longer than %zu bytes; not read", path, limit);
            break;
        }
    }
    close(fd);
    if (st) {
        free(text);
        return st;
    }
    text[n] = '\0';
    *data = text;
    *size = n;
    return CAO_OK;
}

static enum cao_status write_all(const char *path, const void *data, size_t size,
                                 struct cao_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return cao_fail(err, CAO_EIO, "%s: cannot be written: %s", path, strerror(errno));
    for (size_t done = 0; done < size;) {
        ssize_t put = write(fd, (const char *)data + done, size - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            int cause = put < 0 ? errno : ENOSPC;
            close(fd);
            return cao_fail(err, CAO_EIO, "%s: cannot be written: %s", path, strerror(cause));
        }
        done += (size_t)put;
    }
    if (close(fd) != 0)
        return cao_fail(err, CAO_EIO, "%s: cannot be written: %s", path, strerror(errno));
    return CAO_OK;
}

enum cao_status cao_file_read_start(const char *path, size_t most, char **data, size_t *size,
                                    struct cao_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cao_fail(err, CAO_EIO, "%s: %s", path, strerror(errno));
    char *text = malloc(most + 1);
    ssize_t got = text ? 1 : 0;
    size_t n = 0;
    while (got > 0 && n < most) {
        got = read(fd, text + n, most - n);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            n += (size_t)got;
    }
    int cause = errno;
    close(fd);
    if (!text)
        return cao_fail(err, CAO_ENOMEM, "%s: out of memory", path);
    if (got < 0) {
        free(text);
        return cao_fail(err, CAO_EIO, "%s: %s", path, strerror(cause));
    }
    text[n] = '\0';
    *data = text;
    *size = n;
    return CAO_OK;
}

/* Whether the file is there with these bytes. */
static bool holds(const char *path, const void *data, size_t size)
{
    struct stat s;
    char *text;
    size_t n;
    if (lstat(path, &s) != 0 || !S_ISREG(s.st_mode) || (uint64_t)s.st_size != size ||
        cao_file_read_start(path, size + 1, &text, &n, NULL))
        return false;
    bool same = n == size && memcmp(text, data, size) == 0;
    free(text);
    return same;
}

enum cao_status cao_file_write(const char *path, const void *data, size_t size,
                               struct cao_error *err)
{
    struct cao_draft d;
    if (holds(path, data, size))
        return CAO_OK;
    enum cao_status st = cao_draft_init(&d, path, 0, err);
    if (st)
        return st;
    st = write_all(d.temp, data, size, err);
    if (st) {
        cao_draft_rename_error(&d, err);
        cao_draft_abandon(&d);
        return st;
    }
    return cao_draft_commit(&d, err);
}

enum cao_status cao_file_remove(const char *path, struct cao_error *err)
{
    char dir[CAO_PATH_MAX];
    if (unlink(path) != 0)
        return errno == ENOENT
                   ? CAO_OK
                   : cao_fail(err, CAO_EIO, "%s: cannot be removed: %s", path, strerror(errno));
    cao_path_dir(dir, path);
    return sync_path(dir, O_RDONLY | O_DIRECTORY, err);
}

bool cao_file_stat(const char *path, int64_t *size, int64_t *mtime_ns)
{
    struct stat s;
    if (stat(path, &s) != 0 || !S_ISREG(s.st_mode))
        return false;
    if (size)
        *size = (int64_t)s.st_size;
    if (mtime_ns)
        *mtime_ns = (int64_t)s.st_mtim.tv_sec * 1000000000 + s.st_mtim.tv_nsec;
    return true;
}

bool cao_file_is_dir(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

enum cao_status cao_make_dirs(const char *path, struct cao_error *err)
{
    char part[CAO_PATH_MAX];
    enum cao_status st = cao_path_join(part, "", path, err);
    if (st)
        return st;
    for (char *p = part + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char kept = *p;
        *p = '\0';
        if (mkdir(part, 0777) == 0) { /* its name is on disk before anything in it counts as done */
            char above[CAO_PATH_MAX];
            cao_path_dir(above, part);
            st = sync_path(above, O_RDONLY | O_DIRECTORY, err);
            if (st)
                return st;
        } else if (errno != EEXIST) {
            return cao_fail(err, CAO_EIO, "%s: the folder cannot be made: %s", part,
                            strerror(errno));
        }
        *p = kept;
        if (kept == '\0')
            break;
    }
    if (!cao_file_is_dir(path))
        return cao_fail(err, CAO_EIO, "%s: is in the way: not a folder", path);
    return CAO_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum cao_status cao_list_dir(const char *path, struct cao_names *names, struct cao_error *err)
{
    struct cao_names found = { 0 };
    size_t capacity = 0;
    DIR *dir = opendir(path);
    if (!dir)
        return cao_fail(err, CAO_EIO, "%s: %s", path, strerror(errno));
    for (;;) {
        errno = 0;
        struct dirent *e = readdir(dir);
        if (!e)
            break;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (found.n == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            char **more = realloc(found.items, capacity * sizeof *more);
            if (!more)
                goto no_memory;
            found.items = more;
        }
        found.items[found.n] = cao_text_copy(e->d_name);
        if (!found.items[found.n])
            goto no_memory;
        found.n++;
    }
    int cause = errno;
    closedir(dir);
    if (cause) {
        cao_names_release(&found);
        return cao_fail(err, CAO_EIO, "%s: %s", path, strerror(cause));
    }
    if (found.n > 0)
        qsort(found.items, found.n, sizeof *found.items, by_name);
    *names = found;
    return CAO_OK;
no_memory:
    closedir(dir);
    cao_names_release(&found);
    return cao_fail(err, CAO_ENOMEM, "%s: out of memory", path);
}

void cao_names_release(struct cao_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct cao_names){ 0 };
}
