/** @file caochu/reader.h  A scene's pixels on the output grid.
 *
 *  Where the scene's grid and the target's coincide, pixels are read straight. Otherwise each
 *  target cell's centre is carried into the source: exact transforms at nodes anchored to the grid,
 *  linear between them with the error bound checked to 0.125 px; then codes are taken by nearest
 *  neighbour; reflectance by bilinear interpolation (or cubic convolution), by area average where the target cell is twice
 *  the source's or larger (of an overview or JPEG 2000 level with four pixels or more along a cell, where
 *  there is one), and as it is where each source pixel holds whole cells of the same grid (20
 *  m bands on 10 m cells: sums over an area stay those of the product). Where cells are means, masks can be
 *  laid on the pixels first, see cao_reader_masks_pixels(). The result for a cell depends on the cell alone, not on the
 *  window, so any cut gives the same bits. A raw image is met through its camera model and an elevation
 *  model, each cell exactly. One reader belongs to one worker. After a failure the
 *  window's pixels mean nothing.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_READER_H
#define CAO_READER_H
#include "caochu/arena.h"
#include "caochu/grid.h"
#include "caochu/resample.h"

struct cao_reader;

/** Register the GDAL drivers that are allowed, set cache and process-wide options. Once, from main. */
CAO_CHECKED enum cao_status cao_raster_setup(size_t cache_mb, struct cao_error *err);
/** Set the size of GDAL's block cache again. Before workers start. */
void cao_raster_cache(size_t bytes);
/** True if GDAL has the driver and it is allowed here. */
bool cao_raster_has_driver(const char *name);
/** Versions of the libraries that the numbers pass through, "GDAL 3.6.2, PROJ 9.1.1". */
void cao_raster_versions(char *text, size_t size);
/** Undo it, for leak checkers. */
void cao_raster_teardown(void);

/** What all readers of one worker share: the ways between the grid's CRS and those of scenes, which
 *  take milliseconds to find, decoded blocks of plain TIFFs, and scratch. Readers must be closed before
 *  it. @p grid is borrowed. @param cache_bytes for decoded blocks that are needed again soon */
struct cao_reader_kit;
CAO_CHECKED enum cao_status cao_reader_kit_create(const struct cao_grid *grid, size_t cache_bytes,
                                                  struct cao_reader_kit **kit,
                                                  struct cao_error *err);
/** From here on up to CAO_READER_PARKED files, of formats that GDAL decodes, stay open after their readers were
 *  closed, with what was decoded of them, for the next reader of the same file. */
enum { CAO_READER_PARKED = 48 };
void cao_reader_kit_park(struct cao_reader_kit *kit);
void cao_reader_kit_destroy(struct cao_reader_kit *kit);
/** Upper bound of what a kit allocates for itself. */
size_t cao_reader_kit_bytes(size_t cache_bytes);

/** @p scene, @p grid and @p kit are borrowed for the reader's life; @p kit NULL: one of its own. Files
 *  are opened at first use. */
CAO_CHECKED enum cao_status cao_reader_open_with(const struct cao_scene *scene,
                                                 const struct cao_grid *grid,
                                                 struct cao_reader_kit *kit,
                                                 struct cao_reader **reader, struct cao_error *err);
CAO_CHECKED enum cao_status cao_reader_open(const struct cao_scene *scene,
                                            const struct cao_grid *grid, struct cao_reader **reader,
                                            struct cao_error *err);

/** How values are taken between pixels from here on; bilinear from the start. */
void cao_reader_resampling(struct cao_reader *r, enum cao_resampling how);

/** Windows may reach that many cells beyond the grid on each side: what is near a border counts too. */
enum { CAO_READER_AROUND = 512 };

/** Codes of quality layer @p k of the scene in the window, row-major; the layer's outside code beyond
 *  the image. */
CAO_CHECKED enum cao_status cao_reader_qa(struct cao_reader *r, size_t k,
                                          const struct cao_window *w, uint16_t *qa,
                                          struct cao_error *err);
/** The same with each code replaced by what @p table has for it (see cao_qa_meaning()), the outside code too:
 *  done before pixels spread over cells, of which they may hold many. */
CAO_CHECKED enum cao_status cao_reader_meaning(struct cao_reader *r, size_t k,
                                               const struct cao_window *w, const uint16_t *table,
                                               uint16_t *meaning, struct cao_error *err);
/** The same, laid under what other layers said: what is CAO_CLEAR in @p reason becomes the code's reason, what
 *  is CAO_SIGHT_GROUND in @p sight what it shows. Either may be NULL.  @param scratch [cols * rows] */
CAO_CHECKED enum cao_status cao_reader_lay(struct cao_reader *r, size_t k,
                                           const struct cao_window *w, const uint16_t *table,
                                           uint16_t *scratch, uint8_t *reason, uint8_t *sight,
                                           struct cao_error *err);
/** Reflectance of the window, row-major; NaN where fill, saturated or beyond the image.
 *  @retval CAO_EDATA a torn file: the text has GDAL's words and the path */
CAO_CHECKED enum cao_status cao_reader_band(struct cao_reader *r, enum cao_band band,
                                            const struct cao_window *w, float *reflectance,
                                            struct cao_error *err);
/** The same for up to CAO_N_BANDS bands at once: for those that share their pixels the way from cells to
 *  pixels is worked out once. Same bits as one by one.
 *  @param reason [cols * rows] or NULL: only cells that are CAO_CLEAR in it are wanted; blocks of the
 *  files that none of them touches are not read, and are NaN
 *  @param reflectance [n] windows */
CAO_CHECKED enum cao_status cao_reader_bands(struct cao_reader *r, const enum cao_band *bands,
                                             size_t n, const struct cao_window *w,
                                             const uint8_t *reason, float *const *reflectance,
                                             struct cao_error *err);

/** What is taken out of a look by its quality layers, where it is to be laid on pixels. */
struct cao_removal {
    const uint16_t *table[CAO_MOST_QA]; /**< cao_qa_meaning() of each code; NULL: not asked */
    bool bright;                        /**< the scene's test of brightness too */
    double dilation_m;                  /**< cloud and shadow are grown by that */
    double least_clear;                 /**< share of a cell that is used, above 0, at most 1 */
};
/** Whether cells of these bands are means of pixels that the masks tell apart: then what follows is to be
 *  asked in place of cao_reader_qa() and cao_reader_bands(). False where each cell lies within one pixel of
 *  every quality layer (its code is the mask), or no band is averaged. @p m must outlive the reader. */
CAO_CHECKED enum cao_status cao_reader_masks_pixels(struct cao_reader *r,
                                                    const struct cao_removal *m,
                                                    const enum cao_band *bands, size_t n,
                                                    bool *pixels, struct cao_error *err);
/** Of each cell of the window whether the share of its area that the masks leave clear is enough.
 *  @param[out] reason  CAO_CLEAR, or what takes most of the cell
 *  @param[out] removed that of used cells too; CAO_CLEAR where nothing of the cell is taken out */
CAO_CHECKED enum cao_status cao_reader_reasons(struct cao_reader *r, const struct cao_removal *m,
                                               const struct cao_window *w, uint8_t *reason,
                                               uint8_t *removed, struct cao_error *err);
/** cao_reader_bands() of clear pixels alone. An overview stands for cells alone that are clear with
 *  the overview's pixels around them, whatever it was made by; others are read from the image itself.
 *  @param reason not NULL */
CAO_CHECKED enum cao_status cao_reader_clear_bands(struct cao_reader *r,
                                                   const struct cao_removal *m,
                                                   const enum cao_band *bands, size_t n,
                                                   const struct cao_window *w,
                                                   const uint8_t *reason, float *const *reflectance,
                                                   struct cao_error *err);
void cao_reader_close(struct cao_reader *r);
#endif
