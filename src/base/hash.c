/* SPDX-License-Identifier: MIT */
#include "caochu/hash.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct cao_hash {
    XXH3_state_t *state;
};

enum cao_status cao_hash_create(struct cao_hash **h, struct cao_error *err)
{
    struct cao_hash *made = calloc(1, sizeof *made);
    if (made)
        made->state = XXH3_createState();
    if (!made || !made->state) {
        free(made);
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    }
    cao_hash_reset(made);
    *h = made;
    return CAO_OK;
}

void cao_hash_destroy(struct cao_hash *h)
{
    if (!h)
        return;
    XXH3_freeState(h->state);
    free(h);
}

void cao_hash_reset(struct cao_hash *h)
{
    XXH3_128bits_reset(h->state);
}

void cao_hash_bytes(struct cao_hash *h, const void *bytes, size_t n)
{
    XXH3_128bits_update(h->state, bytes, n);
}

void cao_hash_text(struct cao_hash *h, const char *s)
{
    if (!s) {
        cao_hash_int(h, -1);
        return;
    }
    size_t n = strlen(s);
    cao_hash_int(h, (int64_t)n);
    cao_hash_bytes(h, s, n);
}

void cao_hash_int(struct cao_hash *h, int64_t v)
{
    unsigned char bytes[8]; /* little-endian on every machine */
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)v >> (8 * i));
    cao_hash_bytes(h, bytes, sizeof bytes);
}

void cao_hash_double(struct cao_hash *h, double v)
{
    if (isnan(v))
        v = (double)NAN;
    else if (v == 0)
        v = 0;
    int64_t bits;
    memcpy(&bits, &v, sizeof bits);
    cao_hash_int(h, bits);
}

void cao_hash_final(const struct cao_hash *h, char text[CAO_HASH_TEXT])
{
    XXH128_hash_t d = XXH3_128bits_digest(h->state);
    snprintf(text, CAO_HASH_TEXT, "%016llx%016llx", (unsigned long long)d.high64,
             (unsigned long long)d.low64);
}
