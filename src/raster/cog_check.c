/* SPDX-License-Identifier: MIT
 * The layout of a Cloud-Optimized GeoTIFF, read from the bytes: no GDAL, whose reader forgives much. */
#include "caochu/cog_check.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"

enum { TAG_WIDTH = 256, TAG_HEIGHT = 257, TAG_TILE_WIDTH = 322, TAG_TILE_HEIGHT = 323 };
enum { TAG_OFFSETS = 324, TAG_SIZES = 325, TYPE_SHORT = 3, TYPE_LONG = 4, MOST_LEVELS = 32 };

struct bytes {
    const unsigned char *data;
    size_t n;
};

static uint32_t number(const struct bytes *b, size_t at, size_t size)
{
    uint32_t v = 0;
    for (size_t i = size; i-- > 0;)
        v = v << 8 | b->data[at + i];
    return v;
}

/* Value @p i of an entry of shorts or longs; false where it lies outside. */
static bool value(const struct bytes *b, size_t entry, uint32_t i, uint32_t *v)
{
    uint32_t type = number(b, entry + 2, 2), count = number(b, entry + 4, 4);
    size_t size = type == TYPE_SHORT ? 2 : 4;
    if ((type != TYPE_SHORT && type != TYPE_LONG) || i >= count)
        return false;
    size_t at = (size_t)count * size <= 4 ? entry + 8 : number(b, entry + 8, 4);
    if (at > b->n || (b->n - at) / size <= i)
        return false;
    *v = number(b, at + i * size, size);
    return true;
}

struct level {
    uint32_t width, height, tile_width, tile_height, n_blocks;
    size_t offsets, sizes, end; /* entries; where the directory and its values end */
    uint32_t first, last;       /* of the blocks' places */
};

static const char *read_level(const struct bytes *b, size_t at, struct level *l, uint32_t *next)
{
    *l = (struct level){ 0 };
    if (at + 2 > b->n)
        return "a directory lies beyond the end";
    size_t n = number(b, at, 2), entry = at + 2;
    if ((b->n - entry) / 12 < n || b->n - entry - 12 * n < 4)
        return "a directory runs past the end";
    l->end = entry + 12 * n + 4;
    for (size_t i = 0; i < n; i++, entry += 12) {
        uint32_t *to = NULL, count = number(b, entry + 4, 4);
        switch (number(b, entry, 2)) {
        case TAG_WIDTH:
            to = &l->width;
            break;
        case TAG_HEIGHT:
            to = &l->height;
            break;
        case TAG_TILE_WIDTH:
            to = &l->tile_width;
            break;
        case TAG_TILE_HEIGHT:
            to = &l->tile_height;
            break;
        case TAG_OFFSETS:
            l->offsets = entry;
            l->n_blocks = count;
            break;
        case TAG_SIZES:
            l->sizes = entry;
            break;
        default:
            break;
        }
        if (to && !value(b, entry, 0, to))
            return "a tag of its size cannot be read";
    }
    *next = number(b, entry, 4);
    if (!l->width || !l->height || !l->tile_width || !l->tile_height || !l->offsets || !l->sizes)
        return "is not tiled";
    uint64_t across = ((uint64_t)l->width + l->tile_width - 1) / l->tile_width;
    uint64_t down = ((uint64_t)l->height + l->tile_height - 1) / l->tile_height;
    return across * down == l->n_blocks ? NULL : "does not name as many blocks as it has";
}

/* Each block inside the file, in order, with its size before it and its end repeated behind it. */
static const char *check_blocks(const struct bytes *b, struct level *l)
{
    uint32_t before = 0;
    for (uint32_t i = 0; i < l->n_blocks; i++) {
        uint32_t at, size;
        if (!value(b, l->offsets, i, &at) || !value(b, l->sizes, i, &size))
            return "the places of its blocks cannot be read";
        if (at < 4 || size < 4 || at > b->n || b->n - at < (uint64_t)size + 4)
            return "a block lies beyond the end: the file is torn";
        if (number(b, at - 4, 4) != size ||
            memcmp(b->data + at + size - 4, b->data + at + size, 4) != 0)
            return "a block lacks its leader or trailer";
        if (at <= before)
            return "its blocks are not in order";
        l->first = i == 0 ? at : l->first;
        l->last = before = at;
    }
    return NULL;
}

static const char *check_layout(const struct bytes *b)
{
    static const char ghost[] = "GDAL_STRUCTURAL_METADATA_SIZE=";
    struct level level[MOST_LEVELS];
    size_t n = 0;
    if (b->n < 64 || memcmp(b->data, "II*\0", 4) != 0)
        return "is not a little-endian TIFF";
    if (memcmp(b->data + 8, ghost, sizeof ghost - 1) != 0)
        return "does not say that it is laid out as COG";
    size_t heads_end = 0;
    for (uint32_t at = number(b, 4, 4), next = 0; at; at = next, n++) {
        if (n == MOST_LEVELS || (n > 0 && at <= number(b, 4, 4)))
            return "its directories are not in order";
        const char *bad = read_level(b, at, &level[n], &next);
        bad = bad ? bad : check_blocks(b, &level[n]);
        if (bad)
            return bad;
        heads_end = level[n].end > heads_end ? level[n].end : heads_end;
    }
    for (size_t i = 0; i < n; i++) {
        if (level[i].first < heads_end)
            return "pixels lie before a directory";
        if (i > 0 && (level[i].last >= level[i - 1].first || level[i].width > level[i - 1].width))
            return "its overviews are not in order";
    }
    return NULL;
}

enum cao_status cao_cog_check(const char *path, struct cao_error *err)
{
    struct bytes b;
    char *data;
    enum cao_status st = cao_file_read(path, UINT32_MAX, &data, &b.n, err);
    if (st)
        return st;
    b.data = (const unsigned char *)data;
    const char *bad = check_layout(&b);
    free(data);
    return bad ? cao_fail(err, CAO_EDATA, "%s: %s", path, bad) : CAO_OK;
}
