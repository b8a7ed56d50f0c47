/* SPDX-License-Identifier: MIT */
#include "raster/tiff_blocks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_vsi.h>
#include <libdeflate.h>
#include <zstd.h>

#include "raster/predictor.h"

/* TIFF 6.0, and the numbers of libtiff for what came after it */
enum {
    TAG_WIDTH = 256,
    TAG_HEIGHT = 257,
    TAG_BITS = 258,
    TAG_COMPRESSION = 259,
    TAG_PHOTOMETRIC = 262,
    TAG_FILL_ORDER = 266,
    TAG_ORIENTATION = 274,
    TAG_SAMPLES = 277,
    TAG_PREDICTOR = 317,
    TAG_TILE_WIDTH = 322,
    TAG_TILE_LENGTH = 323,
    TAG_TILE_OFFSETS = 324,
    TAG_TILE_SIZES = 325,
    TAG_SAMPLE_FORMAT = 339,
    TYPE_BYTE = 1,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    TYPE_LONG8 = 16,
    COMPRESSION_NONE = 1,
    COMPRESSION_DEFLATE = 8,
    COMPRESSION_DEFLATE_OLD = 32946,
    COMPRESSION_ZSTD = 50000,
    FORMAT_UINT = 1,
    FORMAT_INT = 2,
    FORMAT_FLOAT = 3,
    MOST_ENTRIES = 512,
    MOST_BLOCKS = 1 << 20
};

struct cao_tiff {
    struct cao_tiff_shape shape;
    VSILFILE *file;
    uint64_t file_size;
    bool big;
    int compression, predictor;
    uint64_t *offsets, *sizes;
    size_t across, n_blocks;
};

struct cao_tiff_decoder {
    struct libdeflate_decompressor *deflate;
    ZSTD_DCtx *zstd;
    unsigned char *packed, *raw;
    size_t packed_room, raw_room;
};

/* --- the directory --- */

struct entry {
    uint16_t id, type;
    uint64_t count, at; /* at: where the values stand in the file */
};

static bool read_at(struct cao_tiff *t, uint64_t at, void *to, size_t n)
{
    return at <= t->file_size && n <= t->file_size - at &&
           VSIFSeekL(t->file, (vsi_l_offset)at, SEEK_SET) == 0 && VSIFReadL(to, 1, n, t->file) == n;
}

static uint64_t number(const unsigned char *from, size_t bytes)
{
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (bytes) {
    case 1:
        return from[0];
    case 2:
        memcpy(&two, from, 2);
        return two;
    case 4:
        memcpy(&four, from, 4);
        return four;
    default:
        memcpy(&eight, from, 8);
        return eight;
    }
}

static size_t type_bytes(uint16_t type)
{
    return type == TYPE_BYTE    ? 1
           : type == TYPE_SHORT ? 2
           : type == TYPE_LONG  ? 4
           : type == TYPE_LONG8 ? 8
                                : 0;
}

/* The values of an entry as numbers; NULL where they are none or not there. */
static uint64_t *values_of(struct cao_tiff *t, const struct entry *e, size_t n)
{
    size_t bytes = type_bytes(e->type);
    if (bytes == 0 || n == 0 || e->count != n)
        return NULL;
    unsigned char *raw = malloc(n * bytes);
    uint64_t *values = malloc(n * sizeof *values);
    bool ok = raw && values && read_at(t, e->at, raw, n * bytes);
    for (size_t i = 0; ok && i < n; i++)
        values[i] = number(raw + i * bytes, bytes);
    free(raw);
    if (ok)
        return values;
    free(values);
    return NULL;
}

static bool single(struct cao_tiff *t, const struct entry *e, uint64_t least, uint64_t most,
                   int *value)
{
    uint64_t *v = values_of(t, e, 1);
    bool ok = v && v[0] >= least && v[0] <= most;
    if (ok)
        *value = (int)v[0];
    free(v);
    return ok;
}

/* What the directory's entries say, beside the arrays of blocks. */
struct said {
    int bits, samples, format;
    struct entry offsets, sizes;
};

static bool take_entry(struct cao_tiff *t, const struct entry *e, struct said *s)
{
    struct cao_tiff_shape *shape = &t->shape;
    int one;
    switch (e->id) {
    case TAG_WIDTH:
        return single(t, e, 1, INT32_MAX / 2, &shape->width);
    case TAG_HEIGHT:
        return single(t, e, 1, INT32_MAX / 2, &shape->height);
    case TAG_BITS:
        return single(t, e, 8, 32, &s->bits);
    case TAG_COMPRESSION:
        return single(t, e, 1, UINT16_MAX, &t->compression);
    case TAG_PHOTOMETRIC: /* white or black is 0, or a palette */
        return single(t, e, 0, 3, &one) && one != 2;
    case TAG_FILL_ORDER:
    case TAG_ORIENTATION:
        return single(t, e, 1, 1, &one);
    case TAG_SAMPLES:
        return single(t, e, 1, 1, &s->samples);
    case TAG_PREDICTOR:
        return single(t, e, 1, 3, &t->predictor);
    case TAG_TILE_WIDTH:
        return single(t, e, 1, CAO_TIFF_MOST_PIXELS, &shape->block_cols);
    case TAG_TILE_LENGTH:
        return single(t, e, 1, CAO_TIFF_MOST_PIXELS, &shape->block_rows);
    case TAG_TILE_OFFSETS:
        s->offsets = *e;
        return true;
    case TAG_TILE_SIZES:
        s->sizes = *e;
        return true;
    case TAG_SAMPLE_FORMAT:
        return single(t, e, FORMAT_UINT, FORMAT_FLOAT, &s->format);
    default:
        return true;
    }
}

static bool read_entries(struct cao_tiff *t, struct said *s)
{
    const uint16_t one = 1;
    const unsigned char order = *(const unsigned char *)&one ? 'I' : 'M';
    unsigned char head[16], *entries;
    if (!read_at(t, 0, head, sizeof head) || head[0] != order || head[1] != order)
        return false;
    uint64_t version = number(head + 2, 2), at, n;
    t->big = version == 43;
    if (version != 42 && !(t->big && number(head + 4, 2) == 8 && number(head + 6, 2) == 0))
        return false;
    at = t->big ? number(head + 8, 8) : number(head + 4, 4);
    size_t count_bytes = t->big ? 8 : 2, entry_bytes = t->big ? 20 : 12, inside = t->big ? 8 : 4;
    if (!read_at(t, at, head, count_bytes))
        return false;
    n = number(head, count_bytes);
    if (n == 0 || n > MOST_ENTRIES || !(entries = malloc((size_t)n * entry_bytes)))
        return false;
    at += count_bytes;
    bool ok = read_at(t, at, entries, (size_t)n * entry_bytes);
    for (size_t i = 0; ok && i < n; i++) {
        const unsigned char *from = entries + i * entry_bytes;
        struct entry e = { (uint16_t)number(from, 2), (uint16_t)number(from + 2, 2),
                           number(from + 4, inside), at + i * entry_bytes + 4 + inside };
        size_t bytes = type_bytes(e.type);
        if (bytes && e.count > inside / bytes)
            e.at = number(from + 4 + inside, inside);
        ok = take_entry(t, &e, s);
    }
    free(entries);
    return ok;
}

static bool is_plain_number(const struct cao_tiff *t, const struct said *s)
{
    return s->format == FORMAT_FLOAT
               ? s->bits == 32
               : t->predictor != 3 && (s->bits == 16 || (s->bits == 8 && s->format == FORMAT_UINT));
}

static bool is_plain(const struct cao_tiff *t, const struct said *s)
{
    const struct cao_tiff_shape *p = &t->shape;
    bool packed = t->compression == COMPRESSION_DEFLATE || t->compression == COMPRESSION_ZSTD ||
                  t->compression == COMPRESSION_DEFLATE_OLD;
    return p->width > 0 && p->height > 0 && p->block_cols > 0 && p->block_rows > 0 &&
           (int64_t)p->block_cols * p->block_rows <= CAO_TIFF_MOST_PIXELS &&
           is_plain_number(t, s) && s->samples == 1 &&
           (packed || (t->compression == COMPRESSION_NONE && t->predictor == 1)) && s->offsets.id &&
           s->sizes.id;
}

static bool read_directory(struct cao_tiff *t)
{
    struct said s = { .bits = 1, .samples = 1, .format = FORMAT_UINT };
    struct cao_tiff_shape *p = &t->shape;
    t->predictor = t->compression = 1;
    if (!read_entries(t, &s) || !is_plain(t, &s))
        return false;
    assert(p->block_cols > 0 && p->block_rows > 0); /* or it is not plain */
    p->bytes = s.bits / 8;
    p->is_signed = s.format == FORMAT_INT;
    p->is_float = s.format == FORMAT_FLOAT;
    t->across = ((size_t)p->width - 1) / (size_t)p->block_cols + 1;
    t->n_blocks = t->across * (((size_t)p->height - 1) / (size_t)p->block_rows + 1);
    if (t->n_blocks > MOST_BLOCKS)
        return false;
    t->offsets = values_of(t, &s.offsets, t->n_blocks);
    t->sizes = t->offsets ? values_of(t, &s.sizes, t->n_blocks) : NULL;
    return t->sizes != NULL;
}

struct cao_tiff *cao_tiff_open(const char *path)
{
    struct cao_tiff *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->file = VSIFOpenL(path, "rb");
    if (t->file && VSIFSeekL(t->file, 0, SEEK_END) == 0) {
        t->file_size = VSIFTellL(t->file);
        if (read_directory(t))
            return t;
    }
    cao_tiff_close(t);
    return NULL;
}

void cao_tiff_close(struct cao_tiff *t)
{
    if (!t)
        return;
    if (t->file)
        VSIFCloseL(t->file);
    free(t->offsets);
    free(t->sizes);
    free(t);
}

const struct cao_tiff_shape *cao_tiff_shape(const struct cao_tiff *t)
{
    return &t->shape;
}

/* --- a block --- */

struct cao_tiff_decoder *cao_tiff_decoder_create(void)
{
    struct cao_tiff_decoder *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->deflate = libdeflate_alloc_decompressor();
    d->zstd = ZSTD_createDCtx();
    if (d->deflate && d->zstd)
        return d;
    cao_tiff_decoder_destroy(d);
    return NULL;
}

void cao_tiff_decoder_destroy(struct cao_tiff_decoder *d)
{
    if (!d)
        return;
    if (d->deflate)
        libdeflate_free_decompressor(d->deflate);
    ZSTD_freeDCtx(d->zstd);
    free(d->packed);
    free(d->raw);
    free(d);
}

static bool grow(unsigned char **room, size_t *has, size_t wanted)
{
    if (*has >= wanted)
        return true;
    free(*room);
    *room = malloc(wanted);
    *has = *room ? wanted : 0;
    return *room != NULL;
}

static bool unpack(const struct cao_tiff *t, struct cao_tiff_decoder *d, size_t packed, void *to,
                   size_t size)
{
    size_t got = 0;
    if (t->compression == COMPRESSION_ZSTD)
        return ZSTD_decompressDCtx(d->zstd, to, size, d->packed, packed) == size;
    return libdeflate_zlib_decompress(d->deflate, d->packed, packed, to, size, &got) ==
               LIBDEFLATE_SUCCESS &&
           got == size;
}

/* The bytes of a block as they were before they were packed: at @p to, which has room for them. */
static bool read_block(struct cao_tiff *t, struct cao_tiff_decoder *d, int col, int row, void *to)
{
    const struct cao_tiff_shape *p = &t->shape;
    size_t i = (size_t)row * t->across + (size_t)col,
           raw = (size_t)p->block_cols * (size_t)p->block_rows * (size_t)p->bytes;
    if (col < 0 || row < 0 || (size_t)col >= t->across || i >= t->n_blocks)
        return false;
    /* offset or size 0: a block that was never written */
    uint64_t size = t->sizes[i], at = t->offsets[i];
    if (size == 0 || at == 0 || size > raw + raw / 8 + 4096)
        return false;
    if (t->compression == COMPRESSION_NONE)
        return size == raw && read_at(t, at, to, raw);
    return grow(&d->packed, &d->packed_room, (size_t)size) &&
           read_at(t, at, d->packed, (size_t)size) && unpack(t, d, (size_t)size, to, raw);
}

/* Room for a block, and for one row more. */
static bool grow_raw(const struct cao_tiff *t, struct cao_tiff_decoder *d)
{
    const struct cao_tiff_shape *p = &t->shape;
    return grow(&d->raw, &d->raw_room,
                (size_t)p->block_cols * ((size_t)p->block_rows + 1) * (size_t)p->bytes);
}

static void widen(const unsigned char *restrict from, uint16_t *restrict to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = from[i];
}

bool cao_tiff_decode(struct cao_tiff *t, struct cao_tiff_decoder *d, int col, int row, uint16_t *dn)
{
    const struct cao_tiff_shape *p = &t->shape;
    size_t cols = (size_t)p->block_cols, rows = (size_t)p->block_rows;
    bool wide = p->bytes == 2;
    if (p->is_float || (!wide && !grow_raw(t, d)) ||
        !read_block(t, d, col, row, wide ? (void *)dn : (void *)d->raw))
        return false;
    bool differences = t->predictor == 2;
    if (wide && differences)
        cao_undo_16(dn, cols, rows);
    if (!wide && differences)
        cao_undo_8(d->raw, cols, rows);
    if (!wide)
        widen(d->raw, dn, cols * rows);
    return true;
}

bool cao_tiff_decode_floats(struct cao_tiff *t, struct cao_tiff_decoder *d, int col, int row,
                            float *values)
{
    const struct cao_tiff_shape *p = &t->shape;
    size_t cols = (size_t)p->block_cols, rows = (size_t)p->block_rows;
    if (!p->is_float || !grow_raw(t, d) || !read_block(t, d, col, row, d->raw))
        return false;
    uint32_t *words = (void *)d->raw;
    if (t->predictor == 3) {
        cao_undo_planes(d->raw, words + cols * rows, values, cols, rows);
        return true;
    }
    if (t->predictor == 2)
        cao_undo_32(words, cols, rows);
    memcpy(values, words, cols * rows * sizeof *values);
    return true;
}
