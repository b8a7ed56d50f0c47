/* SPDX-License-Identifier: MIT */
#include "run/zone_text.h"

#include <string.h>

__extension__ typedef unsigned __int128 wide;

enum { MOST = 36 };

static void put(struct cao_buf *out, cao_int128 v, char end)
{
    static const char digits[] = "0123456789abcdef";
    char text[MOST];
    size_t at = MOST;
    wide u = v < 0 ? (wide)0 - (wide)v : (wide)v;
    text[--at] = end;
    do {
        text[--at] = digits[(unsigned)(u & 15)];
        u >>= 4;
    } while (u);
    if (v < 0)
        text[--at] = '-';
    cao_buf_put(out, text + at, MOST - at);
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A number up to @p end, which is passed; NULL where there is none. */
static const char *get(const char *s, char end, cao_int128 *v)
{
    wide u = 0;
    bool negative = *s == '-';
    int n = 0;
    s += negative;
    for (; digit(*s) >= 0; s++, n++)
        u = u << 4 | (unsigned)digit(*s);
    if (n == 0 || n > 32 || *s != end)
        return NULL;
    *v = (cao_int128)(negative ? (wide)0 - u : u);
    return s + 1;
}

static cao_int128 bits_of(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static float float_of(cao_int128 v)
{
    uint32_t bits = (uint32_t)v;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

void cao_zone_text_sums(struct cao_buf *out, const struct cao_zone_sum *sums, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct cao_zone_sum *z = &sums[i];
        if (z->area == 0) {
            cao_buf_put(out, ";", 1);
            continue;
        }
        put(out, z->area, ' ');
        put(out, z->valid, ' ');
        put(out, z->sum, ' ');
        put(out, z->square, ' ');
        put(out, z->n_clamped, ' ');
        put(out, z->valid ? bits_of(z->min) : 0, ' ');
        put(out, z->valid ? bits_of(z->max) : 0, ';');
    }
}

bool cao_zone_text_read_sums(const char *s, struct cao_zone_sum *sums, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct cao_zone_sum *z = &sums[i];
        cao_int128 v[7];
        *z = (struct cao_zone_sum){ 0 };
        if (*s == ';') {
            s++;
            continue;
        }
        for (int k = 0; s && k < 7; k++)
            s = get(s, k < 6 ? ' ' : ';', &v[k]);
        if (!s)
            return false;
        z->area = v[0];
        z->valid = v[1];
        z->sum = v[2];
        z->square = v[3];
        z->n_clamped = (uint64_t)v[4];
        z->min = float_of(v[5]);
        z->max = float_of(v[6]);
    }
    return *s == '\0';
}

void cao_zone_text_numbers(struct cao_buf *out, const cao_int128 *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(out, v[i], ' ');
}

bool cao_zone_text_read_numbers(const char *s, cao_int128 *v, size_t n)
{
    for (size_t i = 0; s && i < n; i++)
        s = get(s, ' ', &v[i]);
    return s && *s == '\0';
}
