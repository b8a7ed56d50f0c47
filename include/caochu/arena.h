/** @file caochu/arena.h  One sized block of memory per worker, handed out from its start.
 *
 *  Sized by the plan before any work, so a tile allocates nothing. Not thread-safe.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_ARENA_H
#define CAO_ARENA_H
#include <stddef.h>
#include "caochu/status.h"

enum { CAO_ARENA_ALIGN = 64 };

struct cao_arena {
    unsigned char *base;
    size_t size, used, peak;
};

CAO_CHECKED enum cao_status cao_arena_init(struct cao_arena *a, size_t size, struct cao_error *err);
/** @p n elements of @p size bytes, 64-byte aligned, not cleared; NULL when the arena is too small. */
void *cao_arena_take(struct cao_arena *a, size_t n, size_t size);
/** The bytes that cao_arena_take(a, n, size) uses up, for sizing; SIZE_MAX on overflow. */
size_t cao_arena_need(size_t n, size_t size);
void cao_arena_release(struct cao_arena *a);
#endif
