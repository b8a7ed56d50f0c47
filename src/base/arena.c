/* SPDX-License-Identifier: MIT */
#include "caochu/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

enum cao_status cao_arena_init(struct cao_arena *a, size_t size, struct cao_error *err)
{
    if (size > SIZE_MAX - CAO_ARENA_ALIGN)
        return cao_fail(err, CAO_ENOMEM, "a workspace of %zu bytes cannot be had", size);
    size_t whole = (size + CAO_ARENA_ALIGN - 1) / CAO_ARENA_ALIGN * CAO_ARENA_ALIGN;
    void *base = aligned_alloc(CAO_ARENA_ALIGN, whole ? whole : CAO_ARENA_ALIGN);
    if (!base)
        return cao_fail(
            err, CAO_ENOMEM,
            "a workspace of %zu MB cannot be had; use fewer workers (-j) or smaller tiles",
            whole >> 20);
    *a = (struct cao_arena){ .base = base, .size = whole };
    return CAO_OK;
}

size_t cao_arena_need(size_t n, size_t size)
{
    if (size != 0 && n > (SIZE_MAX - CAO_ARENA_ALIGN) / size)
        return SIZE_MAX;
    return (n * size + CAO_ARENA_ALIGN - 1) / CAO_ARENA_ALIGN * CAO_ARENA_ALIGN;
}

void *cao_arena_take(struct cao_arena *a, size_t n, size_t size)
{
    size_t need = cao_arena_need(n, size);
    if (need > a->size - a->used)
        return NULL;
    void *p = a->base + a->used;
    a->used += need;
    if (a->used > a->peak)
        a->peak = a->used;
    return p;
}

void cao_arena_release(struct cao_arena *a)
{
    free(a->base);
    *a = (struct cao_arena){ 0 };
}
