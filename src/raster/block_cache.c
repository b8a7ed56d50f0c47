/* SPDX-License-Identifier: MIT */
#include "raster/block_cache.h"

#include <stdlib.h>
#include <sys/stat.h>

struct kept {
    uint64_t name, used; /* used: when last */
    int col, row;
    size_t bytes;
    uint16_t *dn;
};

/* A file that was named: the same content has all of it the same. */
struct named {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
    struct cao_block_file file;
};

struct parked {
    uint64_t name, since;
    GDALDatasetH dataset;
};

enum { MOST_KEPT = 2048, MOST_NAMED = 4096 };

struct cao_block_cache {
    struct cao_tiff_decoder *decoder;
    struct kept kept[MOST_KEPT];
    size_t n, bytes, most;
    uint64_t clock, names;
    struct named named[MOST_NAMED]; /* a ring: a forgotten file gets a new name */
    size_t n_named;                 /* ever */
    struct cao_block_file unnamed;
    struct parked parked[CAO_READER_PARKED];
    bool may_park;
    size_t n_parked;
    uint16_t *passing; /* a block that is not kept */
    size_t passing_bytes;
};

struct cao_block_cache *cao_block_cache_create(size_t bytes)
{
    struct cao_block_cache *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->most = bytes;
    c->decoder = cao_tiff_decoder_create();
    if (c->decoder)
        return c;
    free(c);
    return NULL;
}

void cao_block_cache_destroy(struct cao_block_cache *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n; i++)
        free(c->kept[i].dn);
    for (size_t i = 0; i < c->n_parked; i++)
        GDALClose(c->parked[i].dataset);
    free(c->passing);
    cao_tiff_decoder_destroy(c->decoder);
    free(c);
}

size_t cao_block_cache_besides(void)
{
    enum { DECOMPRESSORS = 1 << 18, PACKED = 9 * CAO_TIFF_MOST_PIXELS / 4 };
    return sizeof(struct cao_block_cache) + DECOMPRESSORS + PACKED +
           CAO_TIFF_MOST_PIXELS * (sizeof(uint16_t) + 1);
}

struct cao_block_file *cao_block_cache_file(struct cao_block_cache *c, const char *path)
{
    struct stat s;
    if (stat(path, &s) != 0 || !S_ISREG(s.st_mode)) { /* one of GDAL's own file systems */
        c->unnamed = (struct cao_block_file){ ++c->names, 0 };
        return &c->unnamed;
    }
    size_t n = c->n_named < MOST_NAMED ? c->n_named : MOST_NAMED;
    for (size_t i = 0; i < n; i++) {
        struct named *f = &c->named[i];
        if (f->inode == s.st_ino && f->device == s.st_dev && f->size == s.st_size &&
            f->changed.tv_sec == s.st_mtim.tv_sec && f->changed.tv_nsec == s.st_mtim.tv_nsec)
            return &f->file;
    }
    struct named *f = &c->named[c->n_named++ % MOST_NAMED];
    *f = (struct named){ s.st_dev, s.st_ino, s.st_size, s.st_mtim, { ++c->names, 0 } };
    return &f->file;
}

void cao_block_cache_may_park(struct cao_block_cache *c, bool may)
{
    c->may_park = may;
}

void cao_block_cache_park(struct cao_block_cache *c, uint64_t name, GDALDatasetH dataset)
{
    if (!c->may_park) {
        GDALClose(dataset);
        return;
    }
    if (c->n_parked == CAO_READER_PARKED) {
        struct parked *oldest = &c->parked[0];
        for (size_t i = 1; i < c->n_parked; i++)
            oldest = c->parked[i].since < oldest->since ? &c->parked[i] : oldest;
        GDALClose(oldest->dataset);
        *oldest = c->parked[--c->n_parked];
    }
    c->parked[c->n_parked++] = (struct parked){ name, ++c->clock, dataset };
}

GDALDatasetH cao_block_cache_unpark(struct cao_block_cache *c, uint64_t name)
{
    for (size_t i = 0; i < c->n_parked; i++)
        if (c->parked[i].name == name) {
            GDALDatasetH dataset = c->parked[i].dataset;
            c->parked[i] = c->parked[--c->n_parked];
            return dataset;
        }
    return NULL;
}

static struct kept *find(struct cao_block_cache *c, uint64_t name, int col, int row)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->kept[i].name == name && c->kept[i].col == col && c->kept[i].row == row)
            return &c->kept[i];
    return NULL;
}

/* A place for a block of that size; its memory is the dismissed one's where that fits. */
static struct kept *room_for(struct cao_block_cache *c, size_t bytes)
{
    struct kept made = { .bytes = bytes };
    while (c->n > 0 && (c->bytes + bytes > c->most || c->n == MOST_KEPT)) {
        struct kept *oldest = &c->kept[0];
        for (size_t i = 1; i < c->n; i++)
            oldest = c->kept[i].used < oldest->used ? &c->kept[i] : oldest;
        c->bytes -= oldest->bytes;
        if (!made.dn && oldest->bytes == bytes)
            made.dn = oldest->dn;
        else
            free(oldest->dn);
        *oldest = c->kept[--c->n];
    }
    if (!made.dn)
        made.dn = malloc(bytes);
    if (!made.dn)
        return NULL;
    c->bytes += bytes;
    c->kept[c->n] = made;
    return &c->kept[c->n++];
}

static void dismiss(struct cao_block_cache *c, struct kept *k)
{
    c->bytes -= k->bytes;
    free(k->dn);
    *k = c->kept[--c->n];
}

static uint16_t *passing(struct cao_block_cache *c, size_t bytes)
{
    if (c->passing_bytes < bytes) {
        free(c->passing);
        c->passing = malloc(bytes);
        c->passing_bytes = c->passing ? bytes : 0;
    }
    return c->passing;
}

const uint16_t *cao_block_cache_get(struct cao_block_cache *c, struct cao_tiff *t, uint64_t name,
                                    int col, int row, bool keep)
{
    const struct cao_tiff_shape *p = cao_tiff_shape(t);
    size_t bytes = (size_t)p->block_cols * (size_t)p->block_rows * sizeof(uint16_t);
    struct kept *k = find(c, name, col, row);
    if (k) {
        k->used = ++c->clock;
        return k->dn;
    }
    if (!keep || bytes > c->most) {
        uint16_t *dn = passing(c, bytes);
        return dn && cao_tiff_decode(t, c->decoder, col, row, dn) ? dn : NULL;
    }
    k = room_for(c, bytes);
    if (!k)
        return NULL;
    if (!cao_tiff_decode(t, c->decoder, col, row, k->dn)) {
        dismiss(c, k);
        return NULL;
    }
    k->name = name;
    k->col = col;
    k->row = row;
    k->used = ++c->clock;
    return k->dn;
}
