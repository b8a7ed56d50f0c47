/* SPDX-License-Identifier: MIT
 * HDF4 (HDF Specification and Developer's Guide, 4.2): a magic number, then blocks of data descriptors, each a
 * tag, a reference, an offset and a length, all big-endian. A variable is a Vgroup of class Var0.0, whose
 * attributes are Vdatas; those of the file hang on the Vgroup of class CDF0.0. One of these, StructMetadata.0,
 * tells HDF-EOS grids as text (HDF-EOS Library User's Guide, 1: grids). */
#include "sensor/hdf4_glance.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include "caochu/text.h"

enum {
    TAG_VH = 1962, /* description of a Vdata */
    TAG_VS = 1963, /* its bytes */
    TAG_VG = 1965, /* Vgroup */
    MOST_DESCRIPTORS = 1 << 20,
    MOST_RECORD = 1 << 16,
    MOST_TEXT = 1 << 20,
    NAME = 96
};

struct descriptor {
    uint16_t tag, ref;
    uint32_t offset, length;
};

struct vgroup {
    char name[NAME], class_name[32];
    const unsigned char *tags, *refs; /* in the record */
    size_t n;
};

struct vdata {
    char name[NAME];
    uint16_t ref;
    unsigned type, order;
};

/* A file that is being looked at. The first failure is kept. */
struct look {
    int fd;
    uint64_t size;
    struct descriptor *d; /* by tag and reference */
    size_t n;
    unsigned char *record; /* MOST_RECORD bytes: the Vgroup at hand */
    enum cao_glance state;
};

static unsigned of2(const unsigned char *b)
{
    return (unsigned)b[0] << 8 | b[1];
}

static uint32_t of4(const unsigned char *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool fail(struct look *k, enum cao_glance state)
{
    if (k->state == CAO_GLANCE_TOLD)
        k->state = state;
    return false;
}

static bool read_at(struct look *k, uint64_t at, void *to, size_t n)
{
    if (at > k->size || n > k->size - at)
        return fail(k, CAO_GLANCE_TORN);
    for (char *out = to; n > 0;) {
        ssize_t got = pread(k->fd, out, n, (off_t)at);
        if (got <= 0)
            return fail(k, CAO_GLANCE_UNKNOWN);
        out += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return true;
}

static int by_reference(const void *a, const void *b)
{
    const struct descriptor *x = a, *y = b;
    return x->tag != y->tag ? (x->tag < y->tag ? -1 : 1) : (x->ref > y->ref) - (x->ref < y->ref);
}

/* All descriptors; each element must lie wholly in the file. */
static bool read_descriptors(struct look *k)
{
    unsigned char head[6];
    uint64_t at = 4;
    size_t capacity = 0, n_blocks = 0;
    if (!read_at(k, 0, head, 4))
        return false;
    if (memcmp(head, "\x0e\x03\x13\x01", 4) != 0)
        return fail(k, CAO_GLANCE_UNKNOWN);
    while (at != 0) {
        if (++n_blocks > MOST_DESCRIPTORS / 4 || !read_at(k, at, head, sizeof head))
            return fail(k, CAO_GLANCE_UNKNOWN);
        size_t n = of2(head);
        if (n > 0x7FFF || k->n + n > MOST_DESCRIPTORS)
            return fail(k, CAO_GLANCE_UNKNOWN);
        if (k->n + n > capacity) {
            capacity = 2 * (k->n + n);
            struct descriptor *more = realloc(k->d, capacity * sizeof *more);
            if (!more)
                return fail(k, CAO_GLANCE_NO_MEMORY);
            k->d = more;
        }
        for (size_t i = 0; i < n; i++) {
            size_t at_once = MOST_RECORD / 12, left = n - i;
            const unsigned char *one = k->record + i % at_once * 12;
            if (i % at_once == 0 &&
                !read_at(k, at + 6 + 12 * i, k->record, 12 * (left < at_once ? left : at_once)))
                return false;
            struct descriptor d = { (uint16_t)of2(one), (uint16_t)of2(one + 2), of4(one + 4),
                                    of4(one + 8) };
            if (d.tag <= 1 || d.offset > INT32_MAX || d.length > INT32_MAX) /* empty */
                continue;
            if ((uint64_t)d.offset + d.length > k->size)
                return fail(k, CAO_GLANCE_TORN);
            k->d[k->n++] = d;
        }
        at = of4(head + 2);
    }
    if (k->n == 0)
        return fail(k, CAO_GLANCE_UNKNOWN);
    qsort(k->d, k->n, sizeof *k->d, by_reference);
    return true;
}

static const struct descriptor *find(const struct look *k, unsigned tag, unsigned ref)
{
    struct descriptor wanted = { (uint16_t)tag, (uint16_t)ref, 0, 0 };
    return bsearch(&wanted, k->d, k->n, sizeof *k->d, by_reference);
}

/* A text with its length before it; of one that is too long, as the name of the whole file may be, none. */
static bool take_text(const unsigned char **at, const unsigned char *end, char *out, size_t size)
{
    out[0] = '\0';
    if (end - *at < 2)
        return false;
    size_t n = of2(*at);
    *at += 2;
    if ((size_t)(end - *at) < n)
        return false;
    if (n < size) {
        memcpy(out, *at, n);
        out[n] = '\0';
    }
    *at += n;
    return true;
}

/* Into k->record. */
static bool read_vgroup(struct look *k, const struct descriptor *d, struct vgroup *g)
{
    if (d->length < 4 || d->length > MOST_RECORD)
        return fail(k, CAO_GLANCE_UNKNOWN);
    if (!read_at(k, d->offset, k->record, d->length))
        return false;
    const unsigned char *at = k->record + 2, *end = k->record + d->length;
    g->n = of2(k->record);
    if ((size_t)(end - at) < 4 * g->n)
        return fail(k, CAO_GLANCE_UNKNOWN);
    g->tags = at;
    g->refs = at + 2 * g->n;
    at += 4 * g->n;
    if (!take_text(&at, end, g->name, sizeof g->name) ||
        !take_text(&at, end, g->class_name, sizeof g->class_name))
        g->name[0] = g->class_name[0] = '\0'; /* of no use here */
    return true;
}

/* An attribute: a Vdata of one field and one record. */
static bool read_vdata(struct look *k, unsigned ref, struct vdata *v)
{
    unsigned char b[512];
    const struct descriptor *d = find(k, TAG_VH, ref);
    char field[NAME];
    if (!d || d->length < 20)
        return fail(k, CAO_GLANCE_UNKNOWN);
    size_t n = d->length < sizeof b ? d->length : sizeof b;
    if (!read_at(k, d->offset, b, n))
        return false;
    v->name[0] = '\0';
    v->ref = (uint16_t)ref;
    if (of4(b + 2) != 1 || of2(b + 8) != 1) /* records, fields */
        return true;
    v->type = of2(b + 10);
    v->order = of2(b + 16);
    const unsigned char *at = b + 18, *end = b + n;
    if (!take_text(&at, end, field, sizeof field) || !take_text(&at, end, v->name, sizeof v->name))
        v->name[0] = '\0';
    return true;
}

/* Its bytes with a NUL behind them; free(). */
static char *read_bytes(struct look *k, const struct vdata *v, size_t *n)
{
    const struct descriptor *d = find(k, TAG_VS, v->ref);
    if (!d || d->length > MOST_TEXT) {
        fail(k, CAO_GLANCE_UNKNOWN);
        return NULL;
    }
    char *text = malloc((size_t)d->length + 1);
    if (!text) {
        fail(k, CAO_GLANCE_NO_MEMORY);
        return NULL;
    }
    if (!read_at(k, d->offset, text, d->length)) {
        free(text);
        return NULL;
    }
    text[d->length] = '\0';
    *n = d->length;
    return text;
}

/* Numbers of the types of HDF4 (DFNT_), big-endian; a text is one where it reads as one. */
static bool number_of(const unsigned char *b, unsigned type, double *v)
{
    uint64_t wide = (uint64_t)of4(b) << 32 | of4(b + 4);
    uint32_t word = of4(b);
    float narrow;
    switch (type) {
    case 4:
        return cao_text_double((const char *)b, v);
    case 5:
        memcpy(&narrow, &word, sizeof narrow);
        *v = (double)narrow;
        return true;
    case 6:
        memcpy(v, &wide, sizeof *v);
        return true;
    case 20: /* of 8 bit GDAL has none with a sign */
    case 21:
        *v = b[0];
        return true;
    case 22:
        *v = (int16_t)of2(b);
        return true;
    case 23:
        *v = of2(b);
        return true;
    case 24:
        *v = (int32_t)word;
        return true;
    case 25:
        *v = word;
        return true;
    default:
        return false;
    }
}

static bool read_number(struct look *k, const struct vdata *v, double *number)
{
    unsigned char b[64] = { 0 };
    size_t n = 0;
    char *bytes = read_bytes(k, v, &n);
    if (!bytes)
        return false;
    bool fits = n < sizeof b && (v->order == 1 || v->type == 4);
    memcpy(b, bytes, fits ? n : 0);
    free(bytes);
    return (fits && number_of(b, v->type, number)) || fail(k, CAO_GLANCE_UNKNOWN);
}

/* Scale, offset and no data of a variable, as far as they are said. */
static bool read_variable(struct look *k, const struct vgroup *g, struct cao_hdf_field *f)
{
    struct {
        const char *name;
        double *to;
    } rows[] = { { "scale_factor", &f->scale },
                 { "add_offset", &f->offset },
                 { "_FillValue", &f->nodata } };
    f->scale = f->offset = f->nodata = (double)NAN;
    for (size_t i = 0; i < g->n; i++) {
        struct vdata v;
        if (of2(g->tags + 2 * i) != TAG_VH)
            continue;
        if (!read_vdata(k, of2(g->refs + 2 * i), &v))
            return false;
        for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
            if (strcmp(v.name, rows[r].name) == 0 && !read_number(k, &v, rows[r].to))
                return false;
    }
    /* GDAL gives both or neither */
    if (isnan(f->scale) != isnan(f->offset))
        f->scale = isnan(f->scale) ? 1 : f->scale, f->offset = isnan(f->offset) ? 0 : f->offset;
    return true;
}

/* --- what StructMetadata tells of the grids --- */

struct grid {
    char name[NAME], crs[2048];
    long width, height, zone, sphere;
    double upper_left[2], lower_right[2], parameter[13];
    enum { OTHER, UTM, SINUSOIDAL } projection;
    bool plain; /* nothing in it that is not understood */
};

static void start_grid(struct grid *g)
{
    *g = (struct grid){ .plain = true, .sphere = -1 };
}

static bool take_numbers(const char *value, double *out, size_t most, size_t least)
{
    size_t n = 0;
    if (*value++ != '(')
        return false;
    for (;;) {
        char *end;
        double v = strtod(value, &end);
        if (end == value || n == most || !isfinite(v))
            return false;
        out[n++] = v;
        if (*end == ')')
            return n >= least;
        if (*end != ',')
            return false;
        value = end + 1;
    }
}

static void take_quoted(const char *value, char out[NAME])
{
    size_t n = strlen(value);
    out[0] = '\0';
    if (n >= 2 && n - 2 < NAME && value[0] == '"' && value[n - 1] == '"' &&
        !memchr(value + 1, '"', n - 2)) {
        memcpy(out, value + 1, n - 2);
        out[n - 2] = '\0';
    }
}

static bool whole_number(const char *value, long *to)
{
    int64_t v;
    bool ok = cao_text_int64(value, &v) && v >= -1 && v <= 1 << 20;
    *to = ok ? (long)v : 0;
    return ok;
}

static void take_entry(struct grid *g, const char *key, const char *value)
{
    if (strcmp(key, "GridName") == 0)
        take_quoted(value, g->name);
    else if (strcmp(key, "XDim") == 0)
        g->plain &= whole_number(value, &g->width);
    else if (strcmp(key, "YDim") == 0)
        g->plain &= whole_number(value, &g->height);
    else if (strcmp(key, "ZoneCode") == 0)
        g->plain &= whole_number(value, &g->zone);
    else if (strcmp(key, "SphereCode") == 0)
        g->plain &= whole_number(value, &g->sphere);
    else if (strcmp(key, "UpperLeftPointMtrs") == 0)
        g->plain &= take_numbers(value, g->upper_left, 2, 2);
    else if (strcmp(key, "LowerRightMtrs") == 0)
        g->plain &= take_numbers(value, g->lower_right, 2, 2);
    else if (strcmp(key, "ProjParams") == 0)
        g->plain &= take_numbers(value, g->parameter, 13, 13);
    else if (strcmp(key, "Projection") == 0)
        g->projection = strcmp(value, "GCTP_UTM") == 0      ? UTM
                        : strcmp(value, "GCTP_SNSOID") == 0 ? SINUSOIDAL
                                                            : OTHER;
    else if (strcmp(key, "GridOrigin") == 0)
        g->plain &= strcmp(value, "HDFE_GD_UL") == 0;
    else if (strcmp(key, "PixelRegistration") == 0)
        g->plain &= strcmp(value, "HDFE_CENTER") == 0;
    else if (strcmp(key, "DimList") == 0)
        g->plain &= strncmp(value, "(\"YDim", 6) == 0 && strstr(value, "\",\"XDim") &&
                    strchr(strchr(value, ',') + 1, ',') == NULL;
}

/* As GDAL makes it of the same numbers; false: not one of the two that are known here. */
static bool make_crs(struct grid *g)
{
    bool sine = g->projection == SINUSOIDAL && g->sphere == -1 && g->parameter[0] > 6e6 &&
                g->parameter[0] < 7e6,
         utm = g->projection == UTM && g->sphere == 12 && g->zone >= 1 && g->zone <= 60;
    for (size_t i = 1; i < 13; i++) /* angles, whose units would matter */
        sine &= g->parameter[i] == 0;
    for (size_t i = 0; i < 13; i++)
        utm &= g->parameter[i] == 0;
    if (!sine && !utm)
        return false;
    char *wkt = NULL;
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    bool ok =
        OSRImportFromUSGS(srs, sine ? 16 : 1, g->zone, g->parameter, g->sphere) == OGRERR_NONE &&
        OSRExportToWkt(srs, &wkt) == OGRERR_NONE && strlen(wkt) < sizeof g->crs;
    if (ok)
        snprintf(g->crs, sizeof g->crs, "%s", wkt);
    CPLFree(wkt);
    OSRDestroySpatialReference(srs);
    return ok;
}

static bool name_field(const char *file, const struct grid *g, const char *field,
                       struct cao_hdf_field *f)
{
    if (strlen(field) >= sizeof f->name || strpbrk(g->name, " :\"") || strpbrk(field, ":\""))
        return false;
    const char *quote = strchr(field, ' ') ? "\"" : "";
    snprintf(f->name, sizeof f->name, "%s", field);
    int n = snprintf(f->path, sizeof f->path, "HDF4_EOS:EOS_GRID:\"%s\":%s:%s%s%s", file, g->name,
                     quote, field, quote);
    return n > 0 && (size_t)n < sizeof f->path;
}

/* A grid that ended: the fields that were added since @p first lie on it. */
static bool place_fields(struct grid *g, struct cao_hdf *hdf, size_t first)
{
    if (first == hdf->n)
        return true;
    if (!g->plain || g->width < 1 || g->height < 1 || !make_crs(g))
        return false;
    for (size_t i = first; i < hdf->n; i++) {
        struct cao_hdf_field *f = &hdf->fields[i];
        double *t = f->geotransform;
        memcpy(f->crs, g->crs, sizeof f->crs);
        f->width = (int)g->width;
        f->height = (int)g->height;
        t[0] = g->upper_left[0];
        t[1] = (g->lower_right[0] - g->upper_left[0]) / (double)g->width;
        t[3] = g->upper_left[1];
        t[5] = (g->lower_right[1] - g->upper_left[1]) / (double)g->height;
        if (!(t[1] > 0) || !(t[5] < 0))
            return false;
    }
    return true;
}

/* The text is cut up. @retval false it holds what is not understood */
static bool read_structure(char *text, const char *file, bool (*wanted)(const char *field),
                           struct cao_hdf *hdf)
{
    struct grid g;
    bool in_grids = false, in_grid = false, ok = true;
    size_t first = 0;
    char *next, field[NAME] = "";
    for (char *line = strtok_r(text, "\n", &next); ok && line; line = strtok_r(NULL, "\n", &next)) {
        char *key = cao_text_trim(line), *value = strchr(key, '=');
        if (!value)
            continue;
        *value++ = '\0';
        if (strcmp(key, "GROUP") == 0 && strcmp(value, "GridStructure") == 0) {
            in_grids = true;
        } else if (strcmp(key, "END_GROUP") == 0 && strcmp(value, "GridStructure") == 0) {
            in_grids = false;
        } else if (in_grids && strcmp(key, "GROUP") == 0 && strncmp(value, "GRID_", 5) == 0) {
            ok = !in_grid; /* one that did not end has fields that lie nowhere */
            start_grid(&g);
            in_grid = true;
            first = hdf->n;
        } else if (in_grid && strcmp(key, "END_GROUP") == 0 && strncmp(value, "GRID_", 5) == 0) {
            ok = place_fields(&g, hdf, first);
            in_grid = false;
        } else if (in_grid && strcmp(key, "DataFieldName") == 0) {
            take_quoted(value, field);
            if (!field[0] || wanted(field))
                ok = field[0] && hdf->n < CAO_HDF_FIELDS &&
                     name_field(file, &g, field, &hdf->fields[hdf->n]);
            hdf->n += ok && wanted(field);
        } else if (in_grid && (strcmp(key, "DimList") != 0 || wanted(field))) {
            take_entry(&g, key, value);
        }
    }
    return ok && !in_grid && hdf->n > 0;
}

/* --- all of it --- */

/* Attributes of the file: the text of its grids, and the keys that were asked for. */
static char *read_file_attributes(struct look *k, const struct vgroup *g, const char *const *keys,
                                  struct cao_hdf *hdf)
{
    char *structure = NULL;
    for (size_t i = 0; i < g->n && k->state == CAO_GLANCE_TOLD; i++) {
        struct vdata v;
        size_t n = 0;
        if (of2(g->tags + 2 * i) != TAG_VH || !read_vdata(k, of2(g->refs + 2 * i), &v))
            continue;
        if (strcmp(v.name, "StructMetadata.1") == 0 ||
            (structure && strcmp(v.name, "StructMetadata.0") == 0))
            fail(k, CAO_GLANCE_UNKNOWN);
        else if (strcmp(v.name, "StructMetadata.0") == 0)
            structure = read_bytes(k, &v, &n);
        for (int w = 0; w < CAO_HDF_KEYS && keys[w]; w++) {
            if (strcmp(v.name, keys[w]) != 0)
                continue;
            double number;
            char *text = v.type == 4 ? read_bytes(k, &v, &n) : NULL;
            if (text)
                snprintf(hdf->value[w], sizeof hdf->value[w], "%s", text);
            else if (v.type >= 20 && v.type <= 25 && read_number(k, &v, &number))
                snprintf(hdf->value[w], sizeof hdf->value[w], "%.0f", number);
            else
                fail(k, CAO_GLANCE_UNKNOWN);
            free(text);
        }
    }
    return structure;
}

static void look_at(struct look *k, const char *path, bool (*wanted)(const char *field),
                    const char *const *keys, struct cao_hdf *hdf)
{
    struct vgroup g;
    char *structure = NULL;
    bool found[CAO_HDF_FIELDS] = { false };
    if (!read_descriptors(k))
        return;
    for (size_t i = 0; i < k->n && k->state == CAO_GLANCE_TOLD; i++)
        if (k->d[i].tag == TAG_VG && read_vgroup(k, &k->d[i], &g) &&
            strcmp(g.class_name, "CDF0.0") == 0) {
            if (structure)
                fail(k, CAO_GLANCE_UNKNOWN);
            else
                structure = read_file_attributes(k, &g, keys, hdf);
        }
    if (k->state == CAO_GLANCE_TOLD &&
        (!structure || !read_structure(structure, path, wanted, hdf)))
        fail(k, CAO_GLANCE_UNKNOWN);
    free(structure);
    for (size_t i = 0; i < k->n && k->state == CAO_GLANCE_TOLD; i++) {
        if (k->d[i].tag != TAG_VG || !read_vgroup(k, &k->d[i], &g) ||
            strcmp(g.class_name, "Var0.0") != 0)
            continue;
        for (size_t f = 0; f < hdf->n; f++)
            if (strcmp(hdf->fields[f].name, g.name) == 0) {
                if (found[f]) /* which of the two is meant? */
                    fail(k, CAO_GLANCE_UNKNOWN);
                found[f] = read_variable(k, &g, &hdf->fields[f]);
            }
    }
    for (size_t f = 0; f < hdf->n; f++)
        if (!found[f])
            fail(k, CAO_GLANCE_UNKNOWN);
}

enum cao_glance cao_hdf_glance(const char *path, bool (*wanted)(const char *field),
                               const char *const *keys, struct cao_hdf *hdf)
{
    struct stat s;
    struct look k = { .fd = open(path, O_RDONLY | O_CLOEXEC), .state = CAO_GLANCE_TOLD };
    struct cao_hdf made = { .fields = calloc(CAO_HDF_FIELDS, sizeof *made.fields) };
    k.record = malloc(MOST_RECORD);
    if (!made.fields || !k.record)
        fail(&k, CAO_GLANCE_NO_MEMORY);
    else if (k.fd < 0 || fstat(k.fd, &s) != 0 || !S_ISREG(s.st_mode) || s.st_size <= 4)
        fail(&k, CAO_GLANCE_UNKNOWN);
    else {
        k.size = (uint64_t)s.st_size;
        look_at(&k, path, wanted, keys, &made);
    }
    if (k.fd >= 0)
        close(k.fd);
    free(k.record);
    free(k.d);
    if (k.state == CAO_GLANCE_TOLD)
        *hdf = made;
    else
        free(made.fields);
    return k.state;
}
