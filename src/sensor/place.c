/* SPDX-License-Identifier: MIT */
#include "sensor/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "caochu/text.h"
#include "sensor/touched.h"

static bool is_inside(const char *path)
{
    return strncmp(path, "/vsizip/{", 9) == 0 || strncmp(path, "/vsitar/{", 9) == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum cao_status cao_place_list(const char *dir, struct cao_names *names, struct cao_error *err)
{
    cao_touch(dir);
    if (!is_inside(dir))
        return cao_list_dir(dir, names, err);
    CPLErrorReset();
    CPLPushErrorHandler(CPLQuietErrorHandler);
    char **list = VSIReadDir(dir);
    CPLPopErrorHandler();
    if (!list)
        return cao_fail(err, CAO_EDATA, "%s: cannot be listed: %.300s", dir,
                        CPLGetLastErrorMsg()[0] ? CPLGetLastErrorMsg() : "nothing in it");
    struct cao_names found = { calloc((size_t)CSLCount(list) + 1, sizeof *found.items), 0 };
    enum cao_status st = found.items ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    for (char **l = list; !st && *l; l++) {
        size_t n = strlen(*l);
        if (n && (*l)[n - 1] == '/')
            (*l)[n - 1] = '\0';
        if (!(*l)[0] || strcmp(*l, ".") == 0 || strcmp(*l, "..") == 0)
            continue;
        found.items[found.n] = cao_text_copy(*l);
        if (!found.items[found.n])
            st = cao_fail(err, CAO_ENOMEM, "out of memory");
        else
            found.n++;
    }
    CSLDestroy(list);
    if (st) {
        cao_names_release(&found);
        return st;
    }
    if (found.n)
        qsort(found.items, found.n, sizeof *found.items, by_name);
    *names = found;
    return CAO_OK;
}

bool cao_place_stat(const char *path, int64_t *size, int64_t *mtime_ns)
{
    VSIStatBufL s;
    cao_touch(path);
    if (!is_inside(path))
        return cao_file_stat(path, size, mtime_ns);
    if (VSIStatL(path, &s) != 0 || !VSI_ISREG(s.st_mode))
        return false;
    if (size)
        *size = (int64_t)s.st_size;
    if (mtime_ns)
        *mtime_ns = (int64_t)s.st_mtime * 1000000000;
    return true;
}

bool cao_place_is_dir(const char *path)
{
    VSIStatBufL s;
    cao_touch(path);
    if (!is_inside(path))
        return cao_file_is_dir(path);
    return VSIStatL(path, &s) == 0 && VSI_ISDIR(s.st_mode);
}

enum cao_status cao_place_read(const char *path, size_t limit, char **data, size_t *size,
                               struct cao_error *err)
{
    cao_touch(path);
    if (!is_inside(path))
        return cao_file_read(path, limit, data, size, err);
    VSILFILE *f = VSIFOpenL(path, "rb");
    if (!f)
        return cao_fail(err, CAO_EIO, "%s: cannot be opened", path);
    /* The size that an archive tells of an entry may be a lie: read as far as there is, to the limit. */
    char *text = NULL;
    size_t n = 0, capacity = 0, got;
    enum cao_status st = CAO_OK;
    do {
        if (capacity - n < 4096) {
            capacity = capacity ? capacity * 2 : 65536;
            char *more = realloc(text, capacity + 1);
            if (!more) {
                st = cao_fail(err, CAO_ENOMEM, "%s: out of memory", path);
                break;
            }
            text = more;
        }
        got = VSIFReadL(text + n, 1, capacity - n, f);
        n += got;
        if (n > limit)
            st = cao_fail(err, CAO_EDATA, "%s: longer than %zu bytes; not read", path, limit);
    } while (!st && got > 0);
    if (VSIFCloseL(f) != 0 && !st)
        st = cao_fail(err, CAO_EIO, "%s: cannot be read", path);
    if (st) {
        free(text);
        return st;
    }
    text[n] = '\0';
    *data = text;
    *size = n;
    return CAO_OK;
}

/* --- archives --- */

static bool is_packed_tar(const char *name)
{
    return cao_path_has_ending(name, ".tar.gz") || cao_path_has_ending(name, ".tgz");
}

bool cao_archive_is(const char *name)
{
    return cao_path_has_ending(name, ".zip") || cao_path_has_ending(name, ".tar") ||
           is_packed_tar(name);
}

/* A size in a tar's header: octal digits, or where it is 8 GB and more, binary with the top bit set. */
static uint64_t tar_number(const unsigned char *field)
{
    uint64_t v = 0;
    if (field[0] & 0x80) {
        for (int i = 4; i < 12; i++)
            v = v << 8 | field[i];
        return v;
    }
    for (int i = 0; i < 12 && field[i] && field[i] != ' '; i++) {
        if (field[i] < '0' || field[i] > '7')
            return UINT64_MAX;
        v = v << 3 | (uint64_t)(field[i] - '0');
    }
    return v;
}

/* Every entry lies wholly in the file: GDAL lists a torn tar as if nothing were missing. */
static enum cao_status check_tar(const char *path, struct cao_error *err)
{
    enum { BLOCK = 512, MOST_ENTRIES = 100000 };
    unsigned char head[BLOCK];
    uint64_t at = 0;
    int n = 0;
    VSILFILE *f = VSIFOpenL(path, "rb");
    if (!f)
        return cao_fail(err, CAO_EIO, "%s: cannot be opened", path);
    VSIFSeekL(f, 0, SEEK_END);
    const uint64_t size = VSIFTellL(f);
    bool whole = true, is_tar = true;
    for (; at < size && n < MOST_ENTRIES; n++) {
        if (size - at < BLOCK || VSIFSeekL(f, at, SEEK_SET) != 0 ||
            VSIFReadL(head, 1, BLOCK, f) != BLOCK) {
            whole = false;
            break;
        }
        if (head[0] == 0) /* the trailer */
            break;
        uint64_t length = tar_number(head + 124);
        is_tar = memcmp(head + 257, "ustar", 5) == 0 && length != UINT64_MAX;
        whole = is_tar && length <= size - at - BLOCK;
        if (!whole)
            break;
        at += BLOCK + (length + BLOCK - 1) / BLOCK * BLOCK;
    }
    if (VSIFCloseL(f) != 0)
        whole = false;
    if (n == 0)
        return cao_fail(err, CAO_EDATA, "%s: is not a tar archive; download it again", path);
    return whole
               ? CAO_OK
               : cao_fail(err, CAO_EDATA, "%s: the archive is incomplete; download it again", path);
}

enum cao_status cao_archive_open(const char *path, char inside[CAO_PATH_MAX], struct cao_error *err)
{
    struct cao_names names = { 0 };
    bool zip = cao_path_has_ending(path, ".zip");
    if (is_packed_tar(path))
        return cao_fail(err, CAO_EDATA, "%s: a compressed tar cannot be read in place; unpack it",
                        path);
    int n = snprintf(inside, CAO_PATH_MAX, "%s{%s}", zip ? "/vsizip/" : "/vsitar/", path);
    if (n < 0 || n >= CAO_PATH_MAX)
        return cao_fail(err, CAO_EARG, "%.200s...: the path is too long", path);
    if (!zip)
        return check_tar(path, err);
    enum cao_status st = cao_place_list(inside, &names, NULL);
    cao_names_release(&names);
    return st ? cao_fail(err, st == CAO_ENOMEM ? st : CAO_EDATA,
                         "%s: cannot be read as a zip archive; it is probably incomplete, download "
                         "it again",
                         path)
              : CAO_OK;
}
