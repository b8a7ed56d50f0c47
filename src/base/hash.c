/* SPDX-License-Identifier: MIT */
#include "caochu/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
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

/* By pieces of the same bytes that cao_hash_double() gives one number at a time. */
void cao_hash_doubles(struct cao_hash *h, const double *v, size_t n)
{
    enum { PIECE = 512 };
    unsigned char bytes[PIECE * 8];
    for (size_t at = 0; at < n; at += PIECE) {
        size_t m = n - at < PIECE ? n - at : PIECE;
        for (size_t i = 0; i < m; i++) {
            double one = isnan(v[at + i]) ? (double)NAN : v[at + i] == 0 ? 0 : v[at + i];
            uint64_t bits;
            memcpy(&bits, &one, sizeof bits);
            for (int k = 0; k < 8; k++)
                bytes[8 * i + (size_t)k] = (unsigned char)(bits >> (8 * k));
        }
        cao_hash_bytes(h, bytes, 8 * m);
    }
}

enum cao_status cao_hash_file(struct cao_hash *h, const char *path, struct cao_error *err)
{
    enum { PIECE = 1 << 16 };
    enum cao_status st = CAO_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cao_fail(err, CAO_EIO, "%s: %s", path, strerror(errno));
    char *piece = malloc(PIECE);
    if (!piece)
        st = cao_fail(err, CAO_ENOMEM, "%s: out of memory", path);
    for (ssize_t n = 1; !st && n > 0;) {
        n = read(fd, piece, PIECE);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n < 0)
            st = cao_fail(err, CAO_EIO, "%s: %s", path, strerror(errno));
        else
            cao_hash_bytes(h, piece, (size_t)n);
    }
    free(piece);
    close(fd);
    return st;
}

enum cao_status cao_hash_of(const void *bytes, size_t n, char text[CAO_HASH_TEXT],
                            struct cao_error *err)
{
    struct cao_hash *h = NULL;
    enum cao_status st = cao_hash_create(&h, err);
    if (st)
        return st;
    cao_hash_bytes(h, bytes, n);
    cao_hash_final(h, text);
    cao_hash_destroy(h);
    return CAO_OK;
}

void cao_hash_final(const struct cao_hash *h, char text[CAO_HASH_TEXT])
{
    XXH128_hash_t d = XXH3_128bits_digest(h->state);
    snprintf(text, CAO_HASH_TEXT, "%016llx%016llx", (unsigned long long)d.high64,
             (unsigned long long)d.low64);
}
