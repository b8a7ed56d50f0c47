/** @file raster/feed.h  A layer of a scene on its way to the grid: open, and where its pixels lie in cells.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_FEED_H
#define CAO_RASTER_FEED_H
#include "caochu/reader.h"
#include "raster/position.h"
#include "raster/reader_kit.h"
#include "raster/source.h"

/** How cells lie in pixels that each hold whole ones. */
struct cao_nest {
    int64_t col, row;     /* the first cell of the first pixel */
    int32_t across, down; /* cells along a pixel, two or more */
};

/** Zero: not open. */
struct cao_feed {
    struct cao_source source;
    bool straight;      /* pixels and cells coincide */
    int64_t col0, row0; /* straight: pixel of the grid's cell (0, 0) */
    struct cao_position position;
    double cell_x, cell_y; /* size of a cell in pixels */
    bool average;
    bool coarse;  /* an overview is read */
    bool upright; /* places go by column and by row */
    bool nested;  /* each pixel holds whole cells: a cell's value is its pixel's */
    struct cao_nest nest;
};

struct cao_reader {
    const struct cao_scene *scene;
    const struct cao_grid *grid;
    const struct cao_crs_link *link;  /* from the grid to the scene's CRS */
    struct cao_reader_kit *kit, *own; /* own: where the worker keeps none */
    struct cao_camera *camera;        /* of a raw image */
    enum cao_resampling how;
    struct cao_feed band[CAO_N_BANDS], qa[CAO_MOST_QA];
    struct cao_feed whole[CAO_N_BANDS]; /* never by an overview */
    struct cao_feed bright;             /* the band of the test of brightness, neither */
    struct {                            /* kept: whether masks are laid on pixels */
        const struct cao_removal *of;
        uint32_t bands;
        bool pixels;
    } known;
};

/** Where a layer's pixels lie; its file is not opened. @retval CAO_EARG cells far too coarse for it */
CAO_CHECKED enum cao_status cao_feed_place(struct cao_reader *r, struct cao_feed *f,
                                           const struct cao_layer *l, struct cao_error *err);
/** Open a layer where it is not open yet. @param values true: numbers that have a mean, for which an
 *  overview may stand where cells hold many pixels; codes have none */
CAO_CHECKED enum cao_status cao_feed_open(struct cao_reader *r, struct cao_feed *f,
                                          const struct cao_layer *l, bool values,
                                          struct cao_error *err);

/** Whether a window is on the grid, or near enough. @retval CAO_EARG it is not */
CAO_CHECKED enum cao_status cao_reader_check(const struct cao_reader *r, const struct cao_window *w,
                                             struct cao_error *err);
/** Cells along a chunk: as many as keep the source within its buffer where the image is not much
 *  turned against the grid; what turns out too large is to be halved. */
int32_t cao_feed_chunk(const struct cao_feed *f);
/** Source pixels that places between these limits need; width 0 where none is in the image.
 *  @param alone without neighbours */
struct cao_pixels cao_feed_pixels(const struct cao_feed *f, bool alone, double x0, double x1,
                                  double y0, double y1);
/** Where the cells of a chunk lie, and between what limits; they may be the kit's x and y. */
CAO_CHECKED enum cao_status cao_feed_places(struct cao_reader *r, const struct cao_feed *f,
                                            bool upright, const struct cao_window *c,
                                            struct cao_places *places, struct cao_error *err);
/** The spots of a chunk's cells between the pixels of the layer that they need, or the ones that hold them, by
 *  @p kind. Where those pixels are more than CAO_SOURCE_PIXELS they alone are told. The kit's x and y are used. */
CAO_CHECKED enum cao_status cao_feed_spots(struct cao_reader *r, const struct cao_feed *f,
                                           enum cao_places_kind kind, const struct cao_window *c,
                                           struct cao_places *places, struct cao_error *err);
/** Two halves across the longer side. */
void cao_window_halve(const struct cao_window *c, struct cao_window *a, struct cao_window *b);
/** Take whole pixels off the places: exact, see position.h. */
void cao_places_shift(const double *restrict from, double by, double *restrict to, size_t n);
#endif
