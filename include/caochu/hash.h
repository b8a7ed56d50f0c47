/** @file caochu/hash.h  The 128-bit digest that says whether anything changed (XXH3; not a
 *  signature: it guards against change, not against malice). SPDX-License-Identifier: MIT */
#ifndef CAO_HASH_H
#define CAO_HASH_H
#include <stddef.h>
#include <stdint.h>
#include "caochu/status.h"

struct cao_hash; /* opaque */
enum { CAO_HASH_TEXT = 33 };

CAO_CHECKED enum cao_status cao_hash_create(struct cao_hash **h, struct cao_error *err);
void cao_hash_destroy(struct cao_hash *h);
void cao_hash_reset(struct cao_hash *h);
void cao_hash_bytes(struct cao_hash *h, const void *bytes, size_t n);
/** The text and its length, so that "ab","c" and "a","bc" differ. NULL differs from "". */
void cao_hash_text(struct cao_hash *h, const char *s);
void cao_hash_int(struct cao_hash *h, int64_t v);
/** Bits of the double, with -0 as 0 and every NaN as one. */
void cao_hash_double(struct cao_hash *h, double v);
/** As each of them in turn, at a small part of the cost. */
void cao_hash_doubles(struct cao_hash *h, const double *v, size_t n);
/** All bytes of a file. @retval CAO_EIO it cannot be read */
CAO_CHECKED enum cao_status cao_hash_file(struct cao_hash *h, const char *path,
                                          struct cao_error *err);
/** The digest of @p n bytes alone. */
CAO_CHECKED enum cao_status cao_hash_of(const void *bytes, size_t n, char text[CAO_HASH_TEXT],
                                        struct cao_error *err);
/** 32 hex digits of all that was added so far. */
void cao_hash_final(const struct cao_hash *h, char text[CAO_HASH_TEXT]);
#endif
