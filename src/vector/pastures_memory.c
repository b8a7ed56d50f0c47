/* SPDX-License-Identifier: MIT
 * Head, key, body, digest of all before it. Numbers are this machine's: the head says which. Arrays lie at multiples of
 * 8 and texts end with a 0, so that pastures are used where the file was read to, without a copy. */
#include "caochu/pastures_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cpl_string.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "caochu/file.h"
#include "caochu/text.h"

/* Raise it with any change of what becomes of a layer, or of how it is packed. */
enum { FORM = 3, MOST_BYTES = 1 << 30, KEY = CAO_HASH_TEXT - 1 };

static void make_head(char head[96])
{
    snprintf(head, 96, "caochu pastures %d %zu %zu %08x\n", FORM, sizeof(size_t), sizeof(double),
             0x01020304);
}

/* --- what decides --- */

/* Name and bytes of a file; that it is not there counts too. */
static enum cao_status add_file(struct cao_hash *h, const char *path, struct cao_error *err)
{
    int64_t size, time;
    bool there = cao_file_stat(path, &size, &time);
    cao_hash_text(h, there ? cao_path_name(path) : NULL);
    cao_hash_int(h, there ? size : -1);
    return there ? cao_hash_file(h, path, err) : CAO_OK;
}

static enum cao_status add_folder(struct cao_hash *h, const char *dir, struct cao_error *err)
{
    struct cao_names names = { 0 };
    char path[CAO_PATH_MAX];
    enum cao_status st = cao_list_dir(dir, &names, err);
    for (size_t i = 0; !st && i < names.n; i++) {
        st = cao_path_join(path, dir, names.items[i], err);
        if (!st)
            st = add_file(h, path, err);
    }
    cao_names_release(&names);
    return st;
}

/* The layer and the files beside it that drivers read with it. */
static enum cao_status add_layer(struct cao_hash *h, const char *path, struct cao_error *err)
{
    static const char *const after[] = { "-wal", "-journal" };
    static const char *const stem[] = { ".shp", ".shx", ".dbf",  ".prj", ".qpj",
                                        ".cpg", ".cst", ".SHP",  ".SHX", ".DBF",
                                        ".PRJ", ".CPG", ".csvt", ".idm", ".ind" };
    char beside[CAO_PATH_MAX];
    int64_t size, time;
    if (cao_file_is_dir(path))
        return add_folder(h, path, err);
    if (!cao_file_stat(path, &size, &time))
        return cao_fail(err, CAO_EDATA, "%s: is not a file of this machine", path);
    enum cao_status st = add_file(h, path, err);
    for (size_t i = 0; !st && i < sizeof after / sizeof after[0]; i++) {
        snprintf(beside, sizeof beside, "%s%s", path, after[i]);
        st = add_file(h, beside, err);
    }
    const char *dot = strrchr(cao_path_name(path), '.');
    int n = (int)(dot ? (size_t)(dot - path) : strlen(path));
    for (size_t i = 0; !st && i < sizeof stem / sizeof stem[0]; i++) {
        snprintf(beside, sizeof beside, "%.*s%s", n, path, stem[i]);
        st = strcmp(beside, path) == 0 ? CAO_OK : add_file(h, beside, err);
    }
    return st;
}

/* A CRS may be the name of a file that holds it. */
static enum cao_status add_crs(struct cao_hash *h, const char *crs, struct cao_error *err)
{
    int64_t size, time;
    cao_hash_text(h, crs);
    return crs && cao_file_stat(crs, &size, &time) ? add_file(h, crs, err) : CAO_OK;
}

/* Releases, and the folders in which PROJ looks for its tables and grids. */
static void add_libraries(struct cao_hash *h)
{
    int proj[3] = { 0, 0, 0 }, geos[3] = { 0, 0, 0 };
    OSRGetPROJVersion(&proj[0], &proj[1], &proj[2]);
    OGRGetGEOSVersion(&geos[0], &geos[1], &geos[2]);
    cao_hash_text(h, GDALVersionInfo("RELEASE_NAME"));
    for (int i = 0; i < 3; i++) {
        cao_hash_int(h, proj[i]);
        cao_hash_int(h, geos[i]);
    }
    char **dirs = OSRGetPROJSearchPaths();
    for (int i = 0; i < CSLCount(dirs); i++) {
        struct stat s;
        if (stat(dirs[i], &s) != 0)
            continue;
        cao_hash_text(h, dirs[i]);
        cao_hash_int(h, (int64_t)s.st_mtim.tv_sec);
        cao_hash_int(h, (int64_t)s.st_mtim.tv_nsec);
    }
    CSLDestroy(dirs);
}

enum cao_status cao_pastures_key(const struct cao_pasture_source *src, const char *grid_crs,
                                 double res_m, char key[CAO_HASH_TEXT], struct cao_error *err)
{
    struct cao_hash *h;
    enum cao_status st = cao_hash_create(&h, err);
    if (st)
        return st;
    const char *const texts[] = {
        src->layer,        src->id_field,    src->name_field, src->type_field,
        src->season_field, src->grade_field, src->zone_field, src->herd_field,
        src->keys,         src->encoding,    src->where,
    };
    const bool flags[] = { src->crs_wins, src->any_id, src->planar, src->rings_only,
                           src->from_options };
    cao_hash_int(h, FORM);
    add_libraries(h);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cao_hash_text(h, texts[i]);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        cao_hash_int(h, flags[i]);
    cao_hash_int(h, (int64_t)src->n_groups);
    for (size_t i = 0; i < src->n_groups; i++)
        cao_hash_text(h, src->group_fields[i]);
    cao_hash_double(h, res_m);
    st = add_crs(h, grid_crs, err);
    if (!st)
        st = add_crs(h, src->crs, err);
    if (!st)
        st = add_layer(h, src->path, err);
    cao_hash_final(h, key);
    cao_hash_destroy(h);
    return st;
}

/* --- packing --- */

static void put_size(struct cao_buf *b, size_t n)
{
    cao_buf_put(b, &n, sizeof n);
}

static void put_text(struct cao_buf *b, const char *s)
{
    put_size(b, strlen(s));
    cao_buf_put(b, s, strlen(s) + 1);
}

static size_t to_eight(size_t n)
{
    return (8 - n % 8) % 8;
}

static void put_gap(struct cao_buf *b)
{
    static const char gap[8] = "";
    cao_buf_put(b, gap, to_eight(b->n));
}

/* Of a pasture all that has a fixed size. */
struct packed {
    size_t wkb_size, n_rings;
    double area_geodesic_ha, area_grid_ha;
    long row;
    size_t repaired;
};

enum { N_TEXTS = 7 };

static void put_pasture(struct cao_buf *b, const struct cao_pasture *p, size_t n_groups)
{
    const char *const texts[N_TEXTS] = { p->id,    p->name, p->type, p->season,
                                         p->grade, p->zone, p->herd };
    struct packed packed;
    memset(&packed, 0, sizeof packed);
    packed.wkb_size = p->wkb ? p->wkb_size : 0;
    packed.n_rings = p->n_rings;
    packed.area_geodesic_ha = p->area_geodesic_ha;
    packed.area_grid_ha = p->area_grid_ha;
    packed.row = p->row;
    packed.repaired = p->repaired;
    cao_buf_put(b, &packed, sizeof packed);
    for (int i = 0; i < N_TEXTS; i++)
        put_text(b, texts[i]);
    for (size_t i = 0; i < n_groups; i++)
        put_text(b, p->groups[i]);
    if (packed.wkb_size)
        cao_buf_put(b, p->wkb, packed.wkb_size);
    if (!p->n_rings)
        return;
    put_gap(b);
    cao_buf_put(b, p->ring_end, p->n_rings * sizeof *p->ring_end);
    cao_buf_put(b, p->xy, p->ring_end[p->n_rings - 1] * 2 * sizeof *p->xy);
}

enum cao_status cao_pastures_remember(const char *path, const char key[CAO_HASH_TEXT],
                                      const struct cao_pastures *p, const char *crs_wkt,
                                      const char *crs_name, const struct cao_findings *findings,
                                      size_t first, size_t n_findings, struct cao_error *err)
{
    char head[96], digest[CAO_HASH_TEXT];
    struct cao_buf b = { 0 };
    make_head(head);
    cao_buf_put(&b, head, strlen(head));
    cao_buf_put(&b, key, KEY);
    put_text(&b, crs_wkt);
    put_text(&b, crs_name);
    put_text(&b, p->layer_crs);
    put_size(&b, p->n_groups);
    for (size_t i = 0; i < p->n_groups; i++)
        put_size(&b, (size_t)p->group_types[i]);
    put_size(&b, p->n);
    for (size_t i = 0; i < p->n && b.n < MOST_BYTES; i++)
        put_pasture(&b, &p->items[i], p->n_groups);
    put_size(&b, n_findings);
    for (size_t i = 0; i < n_findings; i++) {
        const struct cao_finding *f = &findings->items[first + i];
        put_size(&b, f->severity);
        put_text(&b, f->code);
        put_size(&b,
                 strcmp(f->file, p->path) == 0); /* however the layer is reached the next time */
        put_text(&b, f->file);
        put_size(&b, (size_t)f->row);
        put_text(&b, f->item);
        put_text(&b, f->text);
    }
    enum cao_status st = b.failed ? cao_fail(err, CAO_ENOMEM, "out of memory")
                                  : cao_hash_of(b.text, b.n, digest, err);
    if (!st)
        cao_buf_put(&b, digest, KEY);
    if (!st && b.n > MOST_BYTES)
        st = cao_file_remove(path, err);
    else if (!st)
        st = b.failed ? cao_fail(err, CAO_ENOMEM, "out of memory")
                      : cao_file_write(path, b.text, b.n, err);
    cao_buf_release(&b);
    return st;
}

/* --- unpacking: what does not fit ends it --- */

struct at {
    char *begin, *at, *end;
    bool bad;
};

static void *take(struct at *a, size_t n)
{
    void *p = a->at;
    if (a->bad || n > (size_t)(a->end - a->at)) {
        a->bad = true;
        return NULL;
    }
    a->at += n;
    return p;
}

static size_t take_size(struct at *a)
{
    size_t n = 0;
    const void *p = take(a, sizeof n);
    if (p)
        memcpy(&n, p, sizeof n);
    return n;
}

/* Within what was read; never NULL where it is not bad. */
static char *take_text(struct at *a)
{
    size_t n = take_size(a);
    char *s = n < SIZE_MAX ? take(a, n + 1) : NULL;
    a->bad = a->bad || !s || s[n] != '\0' || strlen(s) != n;
    return a->bad ? NULL : s;
}

static void take_pasture(struct at *a, struct cao_pasture *p, char **groups, size_t n_groups)
{
    char **const texts[N_TEXTS] = { &p->id,    &p->name, &p->type, &p->season,
                                    &p->grade, &p->zone, &p->herd };
    struct packed packed = { 0 };
    const void *bytes = take(a, sizeof packed);
    if (bytes)
        memcpy(&packed, bytes, sizeof packed);
    p->wkb_size = packed.wkb_size;
    p->area_geodesic_ha = packed.area_geodesic_ha;
    p->area_grid_ha = packed.area_grid_ha;
    p->row = packed.row;
    p->repaired = packed.repaired != 0;
    for (int i = 0; i < N_TEXTS; i++)
        *texts[i] = take_text(a);
    p->groups = groups;
    for (size_t i = 0; !a->bad && i < n_groups; i++)
        p->groups[i] = take_text(a);
    if (packed.wkb_size)
        p->wkb = take(a, packed.wkb_size);
    if (packed.n_rings)
        (void)take(a, to_eight((size_t)(a->at - a->begin)));
    a->bad = a->bad || packed.n_rings > SIZE_MAX / 64;
    p->ring_end = a->bad ? NULL : take(a, packed.n_rings * sizeof *p->ring_end);
    for (size_t i = 1; !a->bad && i < packed.n_rings; i++)
        a->bad = p->ring_end[i] < p->ring_end[i - 1];
    size_t n = !a->bad && packed.n_rings ? p->ring_end[packed.n_rings - 1] : 0;
    a->bad = a->bad || n > SIZE_MAX / 64;
    p->xy = a->bad ? NULL : take(a, n * 2 * sizeof *p->xy);
    p->n_rings = a->bad ? 0 : packed.n_rings;
}

static void take_finding(struct at *a, const char *path, struct cao_findings *findings)
{
    size_t severity = take_size(a);
    char *code = take_text(a);
    bool of_layer = take_size(a) != 0;
    char *file = take_text(a);
    size_t row = take_size(a);
    char *item = take_text(a), *text = take_text(a);
    const struct cao_code *known = a->bad ? NULL : cao_code_find(code);
    a->bad = !known || severity > CAO_PROBLEM ||
             cao_findings_add(findings, (enum cao_severity)severity, known->name,
                              of_layer ? path : file, (long)row, item, "%s", text);
}

static char *copy_of(struct at *a, const char *text)
{
    char *copy = text ? cao_text_copy(text) : NULL;
    a->bad = a->bad || !copy;
    return copy;
}

static void take_all(struct at *a, const struct cao_pasture_source *src,
                     struct cao_pastures_made *made)
{
    struct cao_pastures *p = &made->pastures;
    made->crs_wkt = copy_of(a, take_text(a));
    made->crs_name = copy_of(a, take_text(a));
    p->layer_crs = copy_of(a, take_text(a));
    p->path = cao_text_copy(src->path);
    size_t n_groups = take_size(a);
    a->bad = a->bad || !p->path || n_groups != src->n_groups;
    p->group_types = a->bad ? NULL : calloc(n_groups + 1, sizeof *p->group_types);
    a->bad = a->bad || !p->group_types;
    for (size_t i = 0; !a->bad && i < n_groups; i++)
        p->group_types[i] = (enum cao_cell)take_size(a);
    p->n_groups = n_groups;
    size_t n = take_size(a);
    a->bad = a->bad || n == 0 || n > (size_t)(a->end - a->at) / sizeof(struct packed);
    p->items = a->bad ? NULL : calloc(n, sizeof *p->items);
    p->block_groups = a->bad ? NULL : calloc(n * n_groups + 1, sizeof *p->block_groups);
    a->bad = a->bad || !p->items || !p->block_groups;
    for (; !a->bad && p->n < n; p->n++)
        take_pasture(a, &p->items[p->n], p->block_groups + p->n * n_groups, n_groups);
    size_t n_findings = take_size(a);
    for (size_t i = 0; !a->bad && i < n_findings; i++)
        take_finding(a, src->path, &made->findings);
    a->bad = a->bad || a->at != a->end;
}

bool cao_pastures_recall(const char *path, const char key[CAO_HASH_TEXT],
                         const struct cao_pasture_source *src, struct cao_pastures_made *made)
{
    char head[96], digest[CAO_HASH_TEXT] = "", *bytes = NULL;
    size_t n = 0;
    make_head(head);
    size_t n_head = strlen(head);
    bool fine = !cao_file_read(path, MOST_BYTES, &bytes, &n, NULL) && n >= n_head + 2 * KEY &&
                memcmp(bytes, head, n_head) == 0 && memcmp(bytes + n_head, key, KEY) == 0 &&
                !cao_hash_of(bytes, n - KEY, digest, NULL) &&
                memcmp(bytes + n - KEY, digest, KEY) == 0;
    *made = (struct cao_pastures_made){ 0 };
    if (fine) {
        struct at a = { bytes, bytes + n_head + KEY, bytes + n - KEY, false };
        made->pastures.block = bytes; /* theirs from here on */
        bytes = NULL;
        take_all(&a, src, made);
        fine = !a.bad;
    }
    free(bytes);
    if (!fine)
        cao_pastures_made_release(made);
    return fine;
}

void cao_pastures_made_release(struct cao_pastures_made *made)
{
    cao_pastures_release(&made->pastures);
    cao_findings_release(&made->findings);
    free(made->crs_wkt);
    free(made->crs_name);
    *made = (struct cao_pastures_made){ 0 };
}
