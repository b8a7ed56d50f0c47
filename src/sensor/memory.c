/* SPDX-License-Identifier: MIT */
#include "sensor/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "caochu/file.h"
#include "caochu/scene.h"

/* Raise it with any change of what descriptions say or how they are packed. */
enum { MEMORY_VERSION = 11, MOST_BYTES = 1 << 30, KEY = CAO_HASH_TEXT - 1 };

struct slot {
    const char *key;
    struct cao_memory_entry entry;
};
struct cao_memory {
    char *bytes;
    struct slot *slots; /* by key */
    size_t n;
};

static void make_head(char head[96])
{
    snprintf(head, 96, "caochu scan %d %zu %zu %d %d %08x\n", MEMORY_VERSION,
             sizeof(struct cao_scene), sizeof(struct cao_layer), CAO_N_BANDS, CAO_MOST_QA,
             0x01020304);
}

static enum cao_status make_path(const char *dir, const char *root, char path[CAO_PATH_MAX],
                                 struct cao_error *err)
{
    char name[CAO_HASH_TEXT + 8], digest[CAO_HASH_TEXT];
    struct cao_hash *h;
    enum cao_status st = cao_hash_create(&h, err);
    if (st)
        return st;
    char *real = realpath(root, NULL);
    cao_hash_text(h, root);
    cao_hash_text(h, real);
    cao_hash_final(h, digest);
    cao_hash_destroy(h);
    free(real);
    snprintf(name, sizeof name, "%s.scan", digest);
    return cao_path_join(path, dir, name, err);
}

static bool take_size(const char **at, const char *end, size_t *n)
{
    uint64_t v;
    if ((size_t)(end - *at) < sizeof v)
        return false;
    memcpy(&v, *at, sizeof v);
    *at += sizeof v;
    *n = (size_t)v;
    return v <= (uint64_t)(end - *at);
}

/* Key, bytes of both parts, the parts. */
static bool take_entry(const char **at, const char *end, struct slot *slot)
{
    struct cao_memory_entry *e = &slot->entry;
    e->entry = slot->key = *at;
    if (end - *at < KEY)
        return false;
    *at += KEY;
    if (!take_size(at, end, &e->n_touched))
        return false;
    e->touched = *at;
    *at += e->n_touched;
    if (!take_size(at, end, &e->n_outcome))
        return false;
    e->outcome = *at;
    *at += e->n_outcome;
    e->n_entry = (size_t)(*at - e->entry);
    return true;
}

static int by_key(const void *a, const void *b)
{
    return memcmp(((const struct slot *)a)->key, ((const struct slot *)b)->key, KEY);
}

static bool index_entries(struct cao_memory *m, const char *at, const char *end,
                          enum cao_status *st)
{
    size_t capacity = 0;
    while (at < end) {
        if (m->n == capacity) {
            capacity = capacity ? 2 * capacity : 256;
            struct slot *more = realloc(m->slots, capacity * sizeof *more);
            if (!more) {
                *st = CAO_ENOMEM;
                return false;
            }
            m->slots = more;
        }
        if (!take_entry(&at, end, &m->slots[m->n]))
            return false;
        m->n++;
    }
    if (m->n)
        qsort(m->slots, m->n, sizeof *m->slots, by_key);
    return true;
}

enum cao_status cao_memory_open(const char *dir, const char *root, struct cao_memory **memory,
                                struct cao_error *err)
{
    char path[CAO_PATH_MAX], head[96], digest[CAO_HASH_TEXT] = "";
    size_t n = 0;
    struct cao_memory *m = calloc(1, sizeof *m);
    if (!m)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    make_head(head);
    size_t n_head = strlen(head);
    enum cao_status st = make_path(dir, root, path, err);
    if (st) {
        free(m);
        return st;
    }
    /* Whatever is wrong with the file, the memory is empty and is written again. */
    bool fine = !cao_file_read(path, MOST_BYTES, &m->bytes, &n, NULL) && n >= n_head + KEY &&
                memcmp(m->bytes, head, n_head) == 0;
    if (fine)
        st = cao_hash_of(m->bytes, n - KEY, digest, err);
    fine = fine && !st && memcmp(digest, m->bytes + n - KEY, KEY) == 0 &&
           index_entries(m, m->bytes + n_head, m->bytes + n - KEY, &st);
    if (!fine)
        m->n = 0;
    if (st == CAO_ENOMEM) {
        cao_memory_close(m);
        return cao_fail(err, st, "out of memory");
    }
    *memory = m;
    return CAO_OK;
}

void cao_memory_close(struct cao_memory *m)
{
    if (!m)
        return;
    free(m->bytes);
    free(m->slots);
    free(m);
}

bool cao_memory_find(const struct cao_memory *m, const char key[CAO_HASH_TEXT],
                     struct cao_memory_entry *entry)
{
    struct slot wanted = { .key = key };
    const struct slot *found =
        m->n ? bsearch(&wanted, m->slots, m->n, sizeof *m->slots, by_key) : NULL;
    if (found)
        *entry = found->entry;
    return found != NULL;
}

/* An item: kind, size, time, bytes that its path shares with the one before, the rest of it. */
struct packed {
    int64_t size, mtime_ns;
    uint16_t kind, shared, rest;
};

bool cao_memory_holds(const struct cao_memory_entry *e)
{
    char path[CAO_PATH_MAX] = "";
    const char *at = e->touched, *end = at + e->n_touched;
    while (at < end) {
        struct packed p;
        struct cao_touched_item now = { 0 };
        if ((size_t)(end - at) < sizeof p)
            return false;
        memcpy(&p, at, sizeof p);
        at += sizeof p;
        if (end - at < p.rest || p.shared > strlen(path) ||
            (size_t)p.shared + p.rest >= sizeof path)
            return false;
        memcpy(path + p.shared, at, p.rest);
        path[p.shared + p.rest] = '\0';
        at += p.rest;
        cao_touch_look(path, &now);
        if (now.kind != (enum cao_touch)p.kind || now.size != p.size || now.mtime_ns != p.mtime_ns)
            return false;
    }
    return true;
}

static void put_size(struct cao_buf *b, size_t n)
{
    uint64_t v = n;
    cao_buf_put(b, &v, sizeof v);
}

bool cao_memory_pack(const char key[CAO_HASH_TEXT], const struct cao_touched *touched,
                     const struct cao_buf *outcome, struct cao_buf *entry)
{
    /* Times of file systems are coarse: a second change within the same tick would not show. */
    const int64_t restless_ns = INT64_C(3000000000);
    int64_t now = (int64_t)time(NULL) * 1000000000;
    struct cao_buf list = { 0 };
    const char *before = "";
    if (touched->failed || touched->n == 0 || outcome->failed)
        return false;
    for (size_t i = 0; i < touched->n; i++) {
        const struct cao_touched_item *t = &touched->items[i];
        size_t shared = 0, n = strlen(t->path);
        while (before[shared] && before[shared] == t->path[shared])
            shared++;
        struct packed p;
        memset(&p, 0, sizeof p);
        p.size = t->size;
        p.mtime_ns = t->mtime_ns;
        p.kind = (uint16_t)t->kind;
        p.shared = (uint16_t)shared;
        p.rest = (uint16_t)(n - shared);
        if (n >= CAO_PATH_MAX || t->mtime_ns > now - restless_ns) {
            cao_buf_release(&list);
            return false;
        }
        cao_buf_put(&list, &p, sizeof p);
        cao_buf_put(&list, t->path + shared, n - shared);
        before = t->path;
    }
    cao_buf_put(entry, key, KEY);
    put_size(entry, list.n);
    cao_buf_put(entry, list.text, list.n);
    put_size(entry, outcome->n);
    cao_buf_put(entry, outcome->text, outcome->n);
    bool whole = !list.failed && !entry->failed;
    cao_buf_release(&list);
    return whole;
}

enum cao_status cao_memory_save(const char *dir, const char *root, const struct cao_buf *entries,
                                struct cao_error *err)
{
    char path[CAO_PATH_MAX], head[96], digest[CAO_HASH_TEXT] = "";
    struct cao_buf b = { 0 };
    make_head(head);
    cao_buf_put(&b, head, strlen(head));
    if (entries->n)
        cao_buf_put(&b, entries->text, entries->n);
    enum cao_status st = entries->failed || b.failed ? cao_fail(err, CAO_ENOMEM, "out of memory")
                                                     : cao_hash_of(b.text, b.n, digest, err);
    if (!st) {
        cao_buf_put(&b, digest, KEY);
        st =
            b.failed ? cao_fail(err, CAO_ENOMEM, "out of memory") : make_path(dir, root, path, err);
    }
    if (!st)
        st = cao_make_dirs(dir, err);
    if (!st)
        st = cao_file_write(path, b.text, b.n, err);
    cao_buf_release(&b);
    return st;
}
