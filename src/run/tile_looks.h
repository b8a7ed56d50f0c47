/** @file run/tile_looks.h  The scenes of a tile while it is worked on: open, read with patience, left
 *  out. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_TILE_LOOKS_H
#define CAO_RUN_TILE_LOOKS_H
#include <stdatomic.h>
#include "run/look.h"

/** Look-up tables of quality codes, one per sensor met; a worker keeps them from tile to tile. */
enum { CAO_MOST_SENSORS = 64 }; /* a worker meets a handful */
struct cao_qa_tables {
    struct cao_qa_table *items[CAO_MOST_SENSORS];
    size_t n;
};
void cao_qa_tables_release(struct cao_qa_tables *t);

/** Scenes of a tile, and which of them turned out unreadable. */
struct cao_looks {
    struct cao_reader_kit *kit;    /**< the worker's */
    struct cao_reader **reader;    /**< [n_scenes]; NULL: not open */
    struct cao_look_tables *table; /**< [n_scenes] */
    bool *left_out;                /**< [n_scenes] */
};
/** Nothing is opened before it is read. @param tables, kit outlive the looks
 *  @param looks zero-initialised; closed by the caller, after a failure too */
CAO_CHECKED enum cao_status cao_looks_open(struct cao_qa_tables *tables, struct cao_reader_kit *kit,
                                           const struct cao_plan *plan,
                                           const struct cao_tile_job *job, struct cao_looks *looks,
                                           struct cao_error *err);
void cao_looks_close(struct cao_looks *looks, size_t n);
void cao_looks_close_one(struct cao_looks *looks, size_t k);

/** cao_look_read() of scene @p k, tried again after a while where it fails. A share that does not
 *  answer for a moment must not cost a scene: once more at once, then, where the system cannot read
 *  the files either, after a while. A torn file is given up after the second time.
 *  @retval CAO_EIO the system does not give the files @retval CAO_EDATA what they hold is wrong */
CAO_CHECKED enum cao_status cao_looks_read(struct cao_looks *looks, const struct cao_plan *plan,
                                           const struct cao_scene *s, size_t k,
                                           const struct cao_window *strip,
                                           struct cao_tile_buffers *b, const atomic_int *cancel,
                                           size_t *n_clear, struct cao_error *err);
#endif
