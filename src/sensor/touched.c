/* SPDX-License-Identifier: MIT */
#include "sensor/touched.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "caochu/file.h"
#include "caochu/text.h"

/* Descriptions run side by side, each wholly within one thread. */
static _Thread_local struct cao_touched *noted;

void cao_touched_note(struct cao_touched *t)
{
    noted = t;
}

void cao_touched_release(struct cao_touched *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->items[i].path);
    free(t->items);
    *t = (struct cao_touched){ 0 };
}

void cao_touch_look(const char *path, struct cao_touched_item *item)
{
    struct stat s;
    item->kind = CAO_TOUCH_ABSENT;
    item->size = item->mtime_ns = 0;
    if (stat(path, &s) != 0)
        return;
    item->kind = S_ISDIR(s.st_mode) ? CAO_TOUCH_FOLDER : CAO_TOUCH_FILE;
    item->size = item->kind == CAO_TOUCH_FILE ? (int64_t)s.st_size : 0;
    item->mtime_ns = (int64_t)s.st_mtim.tv_sec * 1000000000 + s.st_mtim.tv_nsec;
}

/* The file of this machine that a path stands for: an archive, an HDF4 file in GDAL's words, or itself. */
static void real_path(const char *path, char out[CAO_PATH_MAX])
{
    static const char hdf[] = "HDF4_EOS:EOS_GRID:\"";
    const char *begin = path, *end = NULL;
    if (strncmp(path, "/vsizip/{", 9) == 0 || strncmp(path, "/vsitar/{", 9) == 0) {
        begin = path + 9;
        end = strchr(begin, '}');
    } else if (strncmp(path, hdf, sizeof hdf - 1) == 0) {
        begin = path + sizeof hdf - 1;
        end = strchr(begin, '"');
    }
    size_t n = end ? (size_t)(end - begin) : strlen(begin);
    n = n < CAO_PATH_MAX ? n : CAO_PATH_MAX - 1;
    memcpy(out, begin, n);
    out[n] = '\0';
}

void cao_touch(const char *path)
{
    char real[CAO_PATH_MAX];
    struct cao_touched *t = noted;
    if (!t || t->failed)
        return;
    real_path(path, real);
    for (size_t i = t->n; i-- > 0;)
        if (strcmp(t->items[i].path, real) == 0)
            return;
    if (t->n == t->capacity) {
        size_t capacity = t->capacity ? 2 * t->capacity : 32;
        struct cao_touched_item *more = realloc(t->items, capacity * sizeof *more);
        if (!more) {
            t->failed = true;
            return;
        }
        t->items = more;
        t->capacity = capacity;
    }
    struct cao_touched_item item = { .path = cao_text_copy(real) };
    cao_touch_look(real, &item);
    t->failed = !item.path;
    if (item.path)
        t->items[t->n++] = item;
}
