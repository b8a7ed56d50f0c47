/* SPDX-License-Identifier: MIT
 * Cloud-Optimized GeoTIFF straight from memory: each block is halved, predicted and compressed once,
 * where it lies. GDAL's own writer would go through a second file that it reads again.
 *
 * What the tags mean (place, coordinate system, colours, names) is GDAL's affair all the same: it
 * writes an empty file of the same kind, whose tags are taken over. The layout is that of GDAL's
 * COG driver ("Cloud Optimized GeoTIFF layout" in its documentation): directories first, then the
 * blocks of the smallest overview up to those of the image, each with its size before it and its
 * last four bytes again behind it. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "caochu/file.h"
#include "raster/block_codec.h"
#include "raster/crs.h"
#include "raster/gdal_words.h"
#include "raster/layout.h"
#include "raster/overview.h"

/* TIFF 6.0 */
enum {
    TAG_SUBFILE = 254,
    TAG_WIDTH = 256,
    TAG_HEIGHT = 257,
    TAG_OFFSETS = 324,
    TAG_SIZES = 325,
    TYPE_LONG = 4,
    MOST_TAGS = 40,
    MOST_LEVELS = 16,
    FRAME = CAO_BLOCK_FRAME /* bytes before and behind each block */
};

struct tag {
    uint16_t id, type;
    uint32_t count;
    const void *data; /* in this machine's byte order */
};

struct level {
    const void *pixels;
    void *own; /* an overview's pixels */
    size_t cols, rows, n_blocks;
    uint32_t *offsets, *sizes;
    struct tag tags[MOST_TAGS];
    size_t n_tags;
    uint32_t width, height, reduced; /* what tags point to */
};

struct cog {
    const struct cao_raster_layout *layout;
    const char *path;
    GByte *model; /* the file whose tags are taken over */
    vsi_l_offset model_size;
    struct level level[MOST_LEVELS];
    size_t n_levels;
    struct cao_block_codec *codec;
    VSILFILE *file;
    uint64_t at;
};

/* --- the model --- */

static bool describe_band(GDALRasterBandH band, const struct cao_raster_layout *l)
{
    GDALColorTableH colors = cao_legend_colors(l);
    bool bad = l->n_legend && (!colors || GDALSetRasterColorTable(band, colors) != CE_None);
    bad |= GDALSetRasterNoDataValue(band, l->nodata) != CE_None;
    GDALSetDescription(band, l->description);
    if (l->unit && l->unit[0])
        bad |= GDALSetRasterUnitType(band, l->unit) != CE_None;
    if (l->scale != 1.0 || l->offset != 0.0) {
        bad |= GDALSetRasterScale(band, l->scale) != CE_None;
        bad |= GDALSetRasterOffset(band, l->offset) != CE_None;
    }
    if (colors)
        GDALDestroyColorTable(colors);
    return !bad;
}

static char **creation_options(const struct cao_raster_layout *l, bool zstd)
{
    char side[16], **o = NULL;
    snprintf(side, sizeof side, "%d", CAO_BLOCK);
    o = CSLSetNameValue(o, "COMPRESS", zstd ? "ZSTD" : "DEFLATE");
    o = CSLSetNameValue(o, "PREDICTOR", l->pixel == CAO_FLOAT32 ? "3" : "2");
    o = CSLSetNameValue(o, "TILED", "YES");
    o = CSLSetNameValue(o, "BLOCKXSIZE", side);
    o = CSLSetNameValue(o, "BLOCKYSIZE", side);
    o = CSLSetNameValue(o, "SPARSE_OK", "TRUE");
    o = CSLSetNameValue(o, "BIGTIFF", "NO");
    if (l->n_legend)
        o = CSLSetNameValue(o, "PHOTOMETRIC", "PALETTE");
    return o;
}

static bool has_zstd(GDALDriverH driver)
{
    const char *list = GDALGetMetadataItem(driver, GDAL_DMD_CREATIONOPTIONLIST, NULL);
    return list && strstr(list, "<Value>ZSTD</Value>");
}

static enum cao_status make_model(struct cog *c, const struct cao_grid *grid,
                                  const struct cao_window *w, const struct cao_tag *tags,
                                  size_t n_tags, bool zstd, struct cao_error *err)
{
    const struct cao_raster_layout *l = c->layout;
    char name[64], words[CAO_WORDS];
    double t[6];
    snprintf(name, sizeof name, "/vsimem/caochu-%p.tif", (void *)c);
    char **options = creation_options(l, zstd);
    CPLErrorReset();
    GDALDatasetH d = GDALCreate(GDALGetDriverByName("GTiff"), name, w->cols, w->rows, 1,
                                cao_pixel_gdal(l->pixel), options);
    CSLDestroy(options);
    OGRSpatialReferenceH srs = cao_srs_import(grid->crs);
    cao_window_geotransform(grid, w, t);
    bool ok = d && srs && GDALSetGeoTransform(d, t) == CE_None &&
              GDALSetSpatialRef(d, srs) == CE_None && describe_band(GDALGetRasterBand(d, 1), l);
    OSRDestroySpatialReference(srs);
    for (size_t i = 0; ok && i < n_tags; i++)
        ok = GDALSetMetadataItem(d, tags[i].key, tags[i].value, NULL) == CE_None;
    if (d)
        GDALClose(d);
    ok = ok && CPLGetLastErrorType() < CE_Failure;
    c->model = VSIGetMemFileBuffer(name, &c->model_size, TRUE);
    if (ok && c->model)
        return CAO_OK;
    return cao_fail(err, CAO_ENOMEM, "%s: cannot be prepared: %s", c->path, cao_gdal_words(words));
}

static size_t type_bytes(uint16_t type)
{
    static const unsigned char bytes[] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8 };
    return type < sizeof bytes ? bytes[type] : 0;
}

/* The tags of the model's only directory; its values stay where they are. */
static bool read_tags(const struct cog *c, struct level *l)
{
    const GByte *d = c->model;
    const uint16_t one = 1;
    const char *order = *(const char *)&one ? "II*" : "MM";
    uint32_t at;
    uint16_t n;
    if (c->model_size < 8 || memcmp(d, order, strlen(order)) != 0)
        return false;
    memcpy(&at, d + 4, 4);
    if ((uint64_t)at + 2 > c->model_size)
        return false;
    memcpy(&n, d + at, 2);
    if ((uint64_t)at + 2 + 12u * n > c->model_size || n + 1 > MOST_TAGS)
        return false;
    for (at += 2; n > 0; n--, at += 12) {
        struct tag t = { 0 };
        uint32_t place;
        memcpy(&t.id, d + at, 2);
        memcpy(&t.type, d + at + 2, 2);
        memcpy(&t.count, d + at + 4, 4);
        memcpy(&place, d + at + 8, 4);
        uint64_t size = (uint64_t)t.count * type_bytes(t.type);
        if (size == 0 || (size > 4 && place + size > c->model_size))
            return false;
        t.data = size > 4 ? d + place : d + at + 8;
        l->tags[l->n_tags++] = t;
    }
    return true;
}

/* --- directories --- */

/* An overview has what its pixels need; place, names and coordinate system are the image's. */
static bool overview_needs(uint16_t id)
{
    enum { LAST_OF_BASELINE = 339, NODATA = 42113 };
    return id <= LAST_OF_BASELINE || id == NODATA;
}

static void put_long(struct level *l, uint16_t id, const uint32_t *values, size_t n)
{
    size_t at = 0;
    while (at < l->n_tags && l->tags[at].id < id)
        at++;
    if (at == l->n_tags || l->tags[at].id != id) { /* tags stand in rising order */
        memmove(&l->tags[at + 1], &l->tags[at], (l->n_tags - at) * sizeof l->tags[0]);
        l->n_tags++;
    }
    l->tags[at] = (struct tag){ id, TYPE_LONG, (uint32_t)n, values };
}

static size_t blocks_along(size_t n)
{
    return (n + CAO_BLOCK - 1) / CAO_BLOCK;
}

static enum cao_status prepare_level(struct cog *c, size_t i, struct cao_error *err)
{
    struct level *l = &c->level[i], *image = &c->level[0];
    l->n_blocks = blocks_along(l->cols) * blocks_along(l->rows);
    l->offsets = calloc(l->n_blocks, sizeof *l->offsets);
    l->sizes = calloc(l->n_blocks, sizeof *l->sizes);
    if (!l->offsets || !l->sizes)
        return cao_fail(err, CAO_ENOMEM, "%s: out of memory", c->path);
    if (i == 0 && !read_tags(c, l))
        return cao_fail(err, CAO_EDATA, "%s: GDAL's tags are not understood", c->path);
    for (size_t k = 0; i > 0 && k < image->n_tags; k++)
        if (overview_needs(image->tags[k].id))
            l->tags[l->n_tags++] = image->tags[k];
    l->width = (uint32_t)l->cols;
    l->height = (uint32_t)l->rows;
    l->reduced = 1;
    if (i > 0)
        put_long(l, TAG_SUBFILE, &l->reduced, 1);
    put_long(l, TAG_WIDTH, &l->width, 1);
    put_long(l, TAG_HEIGHT, &l->height, 1);
    put_long(l, TAG_OFFSETS, l->offsets, l->n_blocks);
    /* release() frees both arrays, which the analyser loses sight of: NOLINTNEXTLINE */
    put_long(l, TAG_SIZES, l->sizes, l->n_blocks);
    return CAO_OK;
}

static enum cao_status make_levels(struct cog *c, const struct cao_window *w, const void *pixels,
                                   struct cao_error *err)
{
    size_t bytes = cao_pixel_bytes(c->layout->pixel);
    c->level[0] =
        (struct level){ .pixels = pixels, .cols = (size_t)w->cols, .rows = (size_t)w->rows };
    for (c->n_levels = 1; c->n_levels < MOST_LEVELS; c->n_levels++) {
        const struct level *last = &c->level[c->n_levels - 1];
        if (last->cols <= CAO_BLOCK && last->rows <= CAO_BLOCK)
            break;
        struct level l = { .cols = (last->cols + 1) / 2, .rows = (last->rows + 1) / 2 };
        l.pixels = l.own = malloc(l.cols * l.rows * bytes);
        if (!l.own)
            return cao_fail(err, CAO_ENOMEM, "%s: out of memory for overviews", c->path);
        cao_overview_half(c->layout, last->pixels, last->cols, last->rows, l.own);
        c->level[c->n_levels] = l;
    }
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < c->n_levels; i++)
        st = prepare_level(c, i, err);
    return st;
}

static const char ghost[] = "LAYOUT=IFDS_BEFORE_DATA\n"
                            "BLOCK_ORDER=ROW_MAJOR\n"
                            "BLOCK_LEADER=SIZE_AS_UINT4\n"
                            "BLOCK_TRAILER=LAST_4_BYTES_REPEATED\n"
                            "KNOWN_INCOMPATIBLE_EDITION=NO\n "; /* room for GDAL to write YES */

/* All that comes before the blocks; only its size where @p to is NULL. */
static size_t write_head(const struct cog *c, GByte *to)
{
    char said[64];
    int n = snprintf(said, sizeof said, "GDAL_STRUCTURAL_METADATA_SIZE=%06zu bytes\n",
                     sizeof ghost - 1);
    size_t at = 8 + (size_t)n + sizeof ghost - 1;
    at += at % 2;
    uint32_t first = (uint32_t)at;
    if (to) {
        memcpy(to, c->model, 4);
        memcpy(to + 4, &first, 4);
        memcpy(to + 8, said, (size_t)n);
        memcpy(to + 8 + n, ghost, sizeof ghost - 1);
    }
    for (size_t i = 0; i < c->n_levels; i++) {
        const struct level *l = &c->level[i];
        size_t entry = at + 2, values = at + 2 + 12 * l->n_tags + 4;
        uint16_t n_tags = (uint16_t)l->n_tags;
        if (to)
            memcpy(to + at, &n_tags, 2);
        for (size_t k = 0; k < l->n_tags; k++, entry += 12) {
            const struct tag *t = &l->tags[k];
            size_t size = t->count * type_bytes(t->type);
            uint32_t place = (uint32_t)values;
            if (to) {
                memcpy(to + entry, &t->id, 2);
                memcpy(to + entry + 2, &t->type, 2);
                memcpy(to + entry + 4, &t->count, 4);
                if (size > 4)
                    memcpy(to + entry + 8, &place, 4);
                memcpy(to + (size > 4 ? values : entry + 8), t->data, size);
            }
            values += size > 4 ? size + size % 2 : 0;
        }
        uint32_t next = i + 1 < c->n_levels ? (uint32_t)values : 0;
        if (to)
            memcpy(to + entry, &next, 4);
        at = values;
    }
    return at;
}

/* --- blocks --- */

static enum cao_status write_failed(const struct cog *c, struct cao_error *err)
{
    char words[CAO_WORDS];
    const char *cause = CPLGetLastErrorType() != CE_None ? cao_gdal_words(words) : strerror(errno);
    return cao_fail(err, CAO_EIO, "%s: cannot be written: %s", c->path,
                    errno || CPLGetLastErrorType() != CE_None ? cause : "is the disk full?");
}

static enum cao_status put(struct cog *c, const void *data, size_t n, struct cao_error *err)
{
    if (VSIFWriteL(data, 1, n, c->file) != n)
        return write_failed(c, err);
    c->at += n;
    return CAO_OK;
}

/* A block's pixels; what lies beyond the image repeats its last column and row. */
static void cut_block(struct cao_block_codec *codec, const struct level *l, size_t bytes,
                      size_t col, size_t row)
{
    size_t cols = l->cols - col < CAO_BLOCK ? l->cols - col : CAO_BLOCK;
    for (size_t y = 0; y < CAO_BLOCK; y++) {
        size_t from = row + y < l->rows ? row + y : l->rows - 1;
        cao_block_row(codec, y, (const char *)l->pixels + (from * l->cols + col) * bytes, cols);
    }
}

static enum cao_status write_level(struct cog *c, struct level *l, struct cao_error *err)
{
    size_t bytes = cao_pixel_bytes(c->layout->pixel), i = 0;
    for (size_t row = 0; row < l->rows; row += CAO_BLOCK)
        for (size_t col = 0; col < l->cols; col += CAO_BLOCK, i++) {
            unsigned char *data;
            size_t size;
            cut_block(c->codec, l, bytes, col, row);
            enum cao_status st = cao_block_encode(c->codec, &data, &size, err);
            if (st)
                return cao_within(err, st, "%s", c->path);
            if (c->at + size + 2 * FRAME > UINT32_MAX)
                return cao_fail(err, CAO_EDATA,
                                "%s: would be larger than 4 GB; choose smaller tiles", c->path);
            l->offsets[i] = (uint32_t)c->at + FRAME;
            l->sizes[i] = (uint32_t)size;
            memcpy(data - FRAME, &l->sizes[i], FRAME);
            memset(data + size, 0, FRAME);
            memcpy(data + size + (size < FRAME ? FRAME - size : 0),
                   data + (size < FRAME ? 0 : size - FRAME), size < FRAME ? size : FRAME);
            st = put(c, data - FRAME, size + 2 * FRAME, err);
            if (st)
                return st;
        }
    return CAO_OK;
}

static enum cao_status write_file(struct cog *c, struct cao_error *err)
{
    size_t n = write_head(c, NULL);
    GByte *head = calloc(n, 1);
    if (!head)
        return cao_fail(err, CAO_ENOMEM, "%s: out of memory", c->path);
    CPLErrorReset();
    errno = 0;
    c->file = VSIFOpenL(c->path, "wb");
    enum cao_status st = c->file ? CAO_OK : write_failed(c, err);
    bool made = !st;
    if (!st) /* the place of the head, whose offsets are not known yet */
        st = put(c, head, n, err);
    for (size_t i = c->n_levels; !st && i-- > 0;)
        st = write_level(c, &c->level[i], err);
    write_head(c, head);
    if (!st && VSIFSeekL(c->file, 0, SEEK_SET) != 0)
        st = write_failed(c, err);
    if (!st)
        st = put(c, head, n, err);
    if (c->file && VSIFCloseL(c->file) != 0 && !st)
        st = write_failed(c, err);
    free(head);
    if (st && made)
        VSIUnlink(c->path);
    return st;
}

static void release(struct cog *c)
{
    for (size_t i = 0; i < c->n_levels; i++) {
        free(c->level[i].own);
        free(c->level[i].offsets);
        free(c->level[i].sizes);
    }
    cao_block_codec_destroy(c->codec);
    CPLFree(c->model);
}

enum cao_status cao_cog_write(const char *path, const struct cao_grid *grid,
                              const struct cao_window *window,
                              const struct cao_raster_layout *layout, const struct cao_tag *tags,
                              size_t n_tags, const void *pixels, struct cao_error *err)
{
    if (window->cols < 1 || window->rows < 1)
        return cao_fail(err, CAO_EARG, "%s: an empty window", path);
    enum cao_status st = cao_layout_check(layout, err);
    if (st)
        return cao_within(err, st, "%s", path);
    struct cog c = { .layout = layout, .path = path };
    bool zstd = layout->compression == CAO_ZSTD && has_zstd(GDALGetDriverByName("GTiff"));
    st = make_model(&c, grid, window, tags, n_tags, zstd, err);
    if (!st)
        st = make_levels(&c, window, pixels, err);
    if (!st)
        st = cao_block_codec_create(layout->pixel, zstd ? CAO_ZSTD : CAO_DEFLATE, CAO_BLOCK,
                                    &c.codec, err);
    if (!st)
        st = write_file(&c, err);
    release(&c);
    return st;
}
