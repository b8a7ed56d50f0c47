/* SPDX-License-Identifier: MIT */
#include "raster/predictor.h"

#include <string.h>

#include "base/lanes.h"

typedef uint16_t eight_numbers __attribute__((vector_size(16)));
typedef uint32_t four_words __attribute__((vector_size(16)));
typedef unsigned char sixteen_bytes __attribute__((vector_size(16)));

/* Each lane the sum of those up to it, by steps of 1, 2 and 4 lanes. What a vector adds to the next one is known
 * without what came before it, so that no vector waits for more than one addition. */
static inline eight_numbers sums_of_8(eight_numbers v)
{
    const eight_numbers none = { 0 };
    v += __builtin_shufflevector(none, v, 7, 8, 9, 10, 11, 12, 13, 14);
    v += __builtin_shufflevector(none, v, 6, 7, 8, 9, 10, 11, 12, 13);
    return v + __builtin_shufflevector(none, v, 4, 5, 6, 7, 8, 9, 10, 11);
}

static inline sixteen_bytes sums_of_16(sixteen_bytes v)
{
    const sixteen_bytes none = { 0 };
    v += __builtin_shufflevector(none, v, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
                                 29, 30);
    v += __builtin_shufflevector(none, v, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
                                 28, 29);
    v += __builtin_shufflevector(none, v, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
                                 26, 27);
    return v + __builtin_shufflevector(none, v, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
                                       21, 22, 23);
}

CAO_LANES void cao_undo_16(uint16_t *dn, size_t cols, size_t rows)
{
    for (size_t r = 0; r < rows; r++, dn += cols) {
        eight_numbers before = { 0 };
        size_t i = 0;
        for (; i + 8 <= cols; i += 8) {
            eight_numbers v;
            memcpy(&v, dn + i, sizeof v);
            v = sums_of_8(v);
            eight_numbers sum = v + before;
            memcpy(dn + i, &sum, sizeof sum);
            before += __builtin_shufflevector(v, v, 7, 7, 7, 7, 7, 7, 7, 7);
        }
        for (uint16_t sum = before[0]; i < cols; i++)
            dn[i] = sum = (uint16_t)(sum + dn[i]);
    }
}

CAO_LANES void cao_undo_8(unsigned char *bytes, size_t cols, size_t rows)
{
    for (size_t r = 0; r < rows; r++, bytes += cols) {
        sixteen_bytes before = { 0 };
        size_t i = 0;
        for (; i + 16 <= cols; i += 16) {
            sixteen_bytes v;
            memcpy(&v, bytes + i, sizeof v);
            v = sums_of_16(v);
            sixteen_bytes sum = v + before;
            memcpy(bytes + i, &sum, sizeof sum);
            before += __builtin_shufflevector(v, v, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
                                              15, 15, 15, 15);
        }
        for (unsigned char sum = before[0]; i < cols; i++)
            bytes[i] = sum = (unsigned char)(sum + bytes[i]);
    }
}

static inline four_words sums_of_4(four_words v)
{
    const four_words none = { 0 };
    v += __builtin_shufflevector(none, v, 3, 4, 5, 6);
    return v + __builtin_shufflevector(none, v, 2, 3, 4, 5);
}

void cao_undo_32(uint32_t *words, size_t cols, size_t rows)
{
    for (size_t r = 0; r < rows; r++, words += cols) {
        four_words before = { 0 };
        size_t i = 0;
        for (; i + 4 <= cols; i += 4) {
            four_words v;
            memcpy(&v, words + i, sizeof v);
            v = sums_of_4(v);
            four_words sum = v + before;
            memcpy(words + i, &sum, sizeof sum);
            before += __builtin_shufflevector(v, v, 3, 3, 3, 3);
        }
        for (uint32_t sum = before[0]; i < cols; i++)
            words[i] = sum += words[i];
    }
}

static unsigned char sum_of(const unsigned char *bytes, size_t n)
{
    unsigned char sum = 0;
    for (size_t i = 0; i < n; i++)
        sum = (unsigned char)(sum + bytes[i]);
    return sum;
}

/* The words of a row added up byte by byte, each byte by itself: four words at a time. */
static void add_up_bytes(uint32_t *words, size_t n, uint32_t start)
{
    const four_words none = { 0 };
    sixteen_bytes before = (sixteen_bytes)(four_words){ start, start, start, start };
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        four_words w;
        memcpy(&w, words + i, sizeof w);
        sixteen_bytes sum = (sixteen_bytes)w;
        sum += (sixteen_bytes)__builtin_shufflevector(none, w, 3, 4, 5, 6);
        w = (four_words)sum;
        sum += (sixteen_bytes)__builtin_shufflevector(none, w, 2, 3, 4, 5);
        w = (four_words)(sum + before);
        memcpy(words + i, &w, sizeof w);
        w = (four_words)sum;
        before += (sixteen_bytes)__builtin_shufflevector(w, w, 3, 3, 3, 3);
    }
    four_words last = (four_words)before;
    for (uint32_t sum = last[0]; i < n; i++) {
        const uint32_t low = 0x7f7f7f7f;
        sum = ((sum & low) + (words[i] & low)) ^ ((sum ^ words[i]) & ~low);
        words[i] = sum;
    }
}

/* Technical Note 3: the bytes of a row's numbers in four planes, most significant first, and of all
 * of these the differences from one to the next. What a plane begins with is the sum of those before
 * it, so all four are added up at once. */
void cao_undo_planes(const unsigned char *restrict raw, uint32_t *restrict words,
                     float *restrict values, size_t cols, size_t rows)
{
    for (size_t r = 0; r < rows; r++) {
        const unsigned char *a = raw + r * 4 * cols, *b = a + cols, *c = b + cols, *d = c + cols;
        uint32_t begin_b = sum_of(a, cols), begin_c = (begin_b + sum_of(b, cols)) & 255,
                 begin_d = (begin_c + sum_of(c, cols)) & 255;
        for (size_t i = 0; i < cols; i++)
            words[i] = (uint32_t)a[i] << 24 | (uint32_t)b[i] << 16 | (uint32_t)c[i] << 8 | d[i];
        add_up_bytes(words, cols, begin_b << 16 | begin_c << 8 | begin_d);
        memcpy(values + r * cols, words, cols * sizeof *words);
    }
}
