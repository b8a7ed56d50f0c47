/* SPDX-License-Identifier: MIT
 * The distinct values of a zone, and the area of each. */
#include <math.h>
#include <string.h>

#include "caochu/zone_stats.h"

enum { BYTES = 8, FEW = 48 };
static const uint64_t sign_bit = UINT64_C(1) << 63;

/* Bits of a double, turned so that they order as the numbers do; -0 is 0. */
static uint64_t key_of(double x)
{
    uint64_t bits;
    double plain = x + 0.0;
    memcpy(&bits, &plain, sizeof bits);
    return bits & sign_bit ? ~bits : bits | sign_bit;
}

double cao_zone_value_number(uint64_t key)
{
    uint64_t bits = key & sign_bit ? key ^ sign_bit : ~key;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

size_t cao_zone_values_gather(const struct cao_span *spans, size_t n_spans,
                              const struct cao_zone_field *field, struct cao_zone_value *out)
{
    const struct cao_window *w = field->window;
    size_t n = 0;
    for (size_t i = 0; i < n_spans; i++) {
        size_t at =
            (size_t)(spans[i].row - w->row) * (size_t)w->cols + (size_t)(spans[i].col - w->col);
        int64_t area = (int64_t)(spans[i].weight * 0x1p32 + 0.5);
        for (size_t k = 0; area > 0 && k < (size_t)spans[i].n; k++) {
            double x = field->values32 ? (double)field->values32[at + k] : field->values64[at + k];
            if (!(fabs(x) < 0x1p128))
                continue;
            uint64_t key = key_of(x);
            if (n > 0 && out[n - 1].key == key) /* classes come in runs */
                out[n - 1].area += area;
            else
                out[n++] = (struct cao_zone_value){ key, area };
        }
    }
    return n;
}

static void sort_few(struct cao_zone_value *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct cao_zone_value item = v[i];
        size_t k = i;
        for (; k > 0 && v[k - 1].key > item.key; k--)
            v[k] = v[k - 1];
        v[k] = item;
    }
}

/* By bytes from the lowest, those that all share left out. Returns where the sorted list is. */
static struct cao_zone_value *sort_many(struct cao_zone_value *v, size_t n,
                                        struct cao_zone_value *scratch)
{
    size_t count[BYTES][256];
    memset(count, 0, sizeof count);
    for (size_t i = 0; i < n; i++)
        for (int b = 0; b < BYTES; b++)
            count[b][(v[i].key >> (8 * b)) & 255]++;
    for (int b = 0; b < BYTES; b++) {
        if (count[b][(v[0].key >> (8 * b)) & 255] == n)
            continue;
        size_t begin = 0;
        for (int k = 0; k < 256; k++) {
            size_t here = count[b][k];
            count[b][k] = begin;
            begin += here;
        }
        for (size_t i = 0; i < n; i++)
            scratch[count[b][(v[i].key >> (8 * b)) & 255]++] = v[i];
        struct cao_zone_value *swap = v;
        v = scratch;
        scratch = swap;
    }
    return v;
}

size_t cao_zone_values_settle(struct cao_zone_value *list, size_t n, struct cao_zone_value *scratch)
{
    if (n == 0)
        return 0;
    struct cao_zone_value *sorted = list;
    if (n <= FEW)
        sort_few(list, n);
    else
        sorted = sort_many(list, n, scratch);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        struct cao_zone_value item = sorted[i];
        if (used > 0 && list[used - 1].key == item.key)
            list[used - 1].area += item.area;
        else
            list[used++] = item;
    }
    return used;
}

size_t cao_zone_values_merge(const struct cao_zone_value *a, size_t na,
                             const struct cao_zone_value *b, size_t nb, struct cao_zone_value *out)
{
    size_t n = 0, i = 0, k = 0;
    while (i < na || k < nb) {
        if (k == nb || (i < na && a[i].key < b[k].key)) {
            out[n++] = a[i++];
        } else if (i == na || b[k].key < a[i].key) {
            out[n++] = b[k++];
        } else {
            out[n] = a[i++];
            out[n++].area += b[k++].area;
        }
    }
    return n;
}
