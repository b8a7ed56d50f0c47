/* SPDX-License-Identifier: MIT
 * CSV is read here and not by GDAL: its driver knows neither GB18030 nor the line a record begins
 * at, and both are needed to tell a clerk which row to mend. XLSX is read by GDAL. */
#include "vector/sheet.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>
#include <ogr_api.h>

#include "caochu/file.h"
#include "caochu/text.h"

enum { LIMIT = 256 << 20, MOST_COLUMNS = 1024 };

struct builder {
    struct cao_sheet s;
    size_t capacity;
    const char *path;
    struct cao_error *err;
};

static enum cao_status no_memory(struct builder *b)
{
    return cao_fail(b->err, CAO_ENOMEM, "%s: out of memory", b->path);
}

static void free_cells(char **cells, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(cells[i]);
}

/* Take a record: the first one is the headings. @p cells are taken over. */
static enum cao_status add_record(struct builder *b, char **cells, size_t n, long line)
{
    bool blank = true;
    for (size_t i = 0; i < n; i++)
        blank &= cells[i][0] == '\0';
    if (blank) {
        free_cells(cells, n);
        return CAO_OK;
    }
    if (!b->s.headings) {
        b->s.headings = calloc(n + 1, sizeof *b->s.headings);
        if (!b->s.headings) {
            free_cells(cells, n);
            return no_memory(b);
        }
        memcpy(b->s.headings, cells, n * sizeof *cells);
        b->s.n_columns = n;
        return CAO_OK;
    }
    size_t width = b->s.n_columns;
    if (n > width) {
        free_cells(cells, n);
        return cao_fail(b->err, CAO_EDATA,
                        "%s:%ld: has %zu columns, the heading has %zu; a text with commas needs "
                        "quotes",
                        b->path, line, n, width);
    }
    if (b->s.n_rows == b->capacity) {
        size_t capacity = b->capacity ? b->capacity * 2 : 256;
        char **more = realloc(b->s.cells, capacity * width * sizeof *more);
        if (more)
            b->s.cells = more;
        long *lines = more ? realloc(b->s.line, capacity * sizeof *lines) : NULL;
        if (!lines) {
            free_cells(cells, n);
            return no_memory(b);
        }
        b->s.line = lines;
        b->capacity = capacity;
    }
    char **row = b->s.cells + b->s.n_rows * width;
    memcpy(row, cells, n * sizeof *cells);
    b->s.line[b->s.n_rows++] = line;
    for (size_t i = n; i < width; i++) {
        row[i] = cao_text_copy("");
        if (!row[i])
            return no_memory(b);
    }
    return CAO_OK;
}

static char separator_of(const char *text)
{
    static const char candidates[] = ",;\t";
    size_t best = 0, most = 0;
    for (size_t i = 0; candidates[i]; i++) {
        size_t n = 0;
        for (const char *c = text; *c && *c != '\n'; c++)
            n += *c == candidates[i];
        if (n > most) {
            most = n;
            best = i;
        }
    }
    return candidates[best];
}

/* One field at *at, which is moved behind it. *line counts the newlines within quotes. */
static enum cao_status read_field(struct builder *b, const char **at, char separator, long *line,
                                  char **out)
{
    struct cao_buf field = { 0 };
    const char *c = *at;
    long began = *line;
    cao_buf_put(&field, "", 0);
    if (*c == '"') {
        for (c++;; c++) {
            if (*c == '\0') {
                cao_buf_release(&field);
                return cao_fail(b->err, CAO_EDATA, "%s:%ld: a quote is opened and not closed",
                                b->path, began);
            }
            if (*c == '"' && c[1] != '"')
                break;
            c += *c == '"';
            *line += *c == '\n';
            cao_buf_put(&field, c, 1);
        }
        c++;
    }
    size_t n = 0;
    while (c[n] && c[n] != separator && c[n] != '\n' && c[n] != '\r')
        n++;
    cao_buf_put(&field, c, n);
    *at = c + n;
    if (field.failed || !field.text) {
        cao_buf_release(&field);
        return no_memory(b);
    }
    char *trimmed = cao_text_trim(field.text);
    memmove(field.text, trimmed, strlen(trimmed) + 1);
    *out = field.text;
    return CAO_OK;
}

static enum cao_status read_csv(struct builder *b, const char *text)
{
    char separator = separator_of(text), *cells[MOST_COLUMNS];
    long line = 1;
    enum cao_status st = CAO_OK;
    for (const char *at = text; !st && *at;) {
        size_t n = 0;
        long began = line;
        for (;;) {
            if (n == MOST_COLUMNS)
                st = cao_fail(b->err, CAO_EDATA, "%s:%ld: more than %d columns", b->path, began,
                              MOST_COLUMNS);
            else
                st = read_field(b, &at, separator, &line, &cells[n]);
            if (st)
                break;
            n++;
            if (*at != separator)
                break;
            at++;
        }
        at += *at == '\r';
        line += *at == '\n';
        at += *at == '\n';
        if (st)
            free_cells(cells, n);
        else
            st = add_record(b, cells, n, began);
    }
    return st;
}

static enum cao_status read_book_rows(struct builder *b, OGRLayerH layer)
{
    OGRFeatureDefnH def = OGR_L_GetLayerDefn(layer);
    size_t n = (size_t)OGR_FD_GetFieldCount(def);
    char *cells[MOST_COLUMNS];
    OGRFeatureH f = NULL;
    enum cao_status st =
        n < MOST_COLUMNS ? CAO_OK : cao_fail(b->err, CAO_EDATA, "%s: too many columns", b->path);
    OGR_L_ResetReading(layer);
    for (long record = 0; !st && (record == 0 || (f = OGR_L_GetNextFeature(layer)) != NULL);
         record++) {
        long line = record == 0 ? 1 : (long)OGR_F_GetFID(f);
        size_t got = 0;
        for (; !st && got < n; got++) {
            const char *s = record == 0 ? OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(def, (int)got))
                            : OGR_F_IsFieldSetAndNotNull(f, (int)got)
                                ? OGR_F_GetFieldAsString(f, (int)got)
                                : "";
            cells[got] = cao_text_copy(s);
            if (!cells[got]) {
                st = no_memory(b);
                break;
            }
            char *trimmed = cao_text_trim(cells[got]);
            memmove(cells[got], trimmed, strlen(trimmed) + 1);
        }
        if (st)
            free_cells(cells, got);
        else
            st = add_record(b, cells, n, line);
        if (f)
            OGR_F_Destroy(f);
        f = NULL;
    }
    return st;
}

static enum cao_status read_book(struct builder *b, const char *sheet)
{
    static const char *const drivers[] = { "XLSX", "ODS", NULL };
    CPLSetThreadLocalConfigOption("OGR_XLSX_HEADERS", "FORCE");
    CPLSetThreadLocalConfigOption("OGR_XLSX_FIELD_TYPES", "STRING");
    CPLSetThreadLocalConfigOption("OGR_ODS_HEADERS", "FORCE");
    CPLSetThreadLocalConfigOption("OGR_ODS_FIELD_TYPES", "STRING");
    CPLErrorReset();
    GDALDatasetH d = GDALOpenEx(b->path, GDAL_OF_VECTOR | GDAL_OF_READONLY, drivers, NULL, NULL);
    enum cao_status st = CAO_OK;
    OGRLayerH layer = NULL;
    if (!d)
        st = cao_fail(b->err, CAO_EIO, "%s: cannot be opened as a workbook: %.300s", b->path,
                      CPLGetLastErrorMsg()[0] ? CPLGetLastErrorMsg() : "not an XLSX");
    else if (sheet && sheet[0])
        layer = GDALDatasetGetLayerByName(d, sheet);
    else
        layer = GDALDatasetGetLayer(d, 0);
    if (!st && !layer) {
        struct cao_buf names = { 0 };
        for (int i = 0; i < GDALDatasetGetLayerCount(d); i++)
            cao_buf_add(&names, "%s%s", i ? ", " : "", OGR_L_GetName(GDALDatasetGetLayer(d, i)));
        st = cao_fail(b->err, CAO_EARG, "%s: has no sheet '%s'; there are: %s", b->path,
                      sheet ? sheet : "", names.text ? names.text : "none");
        cao_buf_release(&names);
    }
    if (!st)
        st = read_book_rows(b, layer);
    if (d)
        GDALClose(d);
    CPLSetThreadLocalConfigOption("OGR_XLSX_HEADERS", NULL);
    CPLSetThreadLocalConfigOption("OGR_XLSX_FIELD_TYPES", NULL);
    CPLSetThreadLocalConfigOption("OGR_ODS_HEADERS", NULL);
    CPLSetThreadLocalConfigOption("OGR_ODS_FIELD_TYPES", NULL);
    return st;
}

enum cao_status cao_sheet_read(const char *path, const char *sheet, struct cao_sheet *s,
                               struct cao_error *err)
{
    struct builder b = { .path = path, .err = err };
    enum cao_status st;
    if (cao_path_has_ending(path, ".xlsx") || cao_path_has_ending(path, ".ods")) {
        st = read_book(&b, sheet);
    } else {
        char *raw = NULL, *text = NULL;
        size_t n, n_text;
        st = cao_file_read(path, LIMIT, &raw, &n, err);
        if (!st) {
            st = cao_text_utf8(raw, n, &text, &n_text, NULL, err);
            if (st)
                st = cao_within(err, st, "%s", path);
        }
        if (!st && strlen(text) != n_text)
            st = cao_fail(err, CAO_EDATA, "%s: is not a text file; save the table as CSV or XLSX",
                          path);
        if (!st)
            st = read_csv(&b, text);
        free(raw);
        free(text);
    }
    if (!st && !b.s.headings)
        st = cao_fail(err, CAO_EDATA, "%s: is empty; a heading line is wanted", path);
    if (st)
        cao_sheet_release(&b.s);
    else
        *s = b.s;
    return st;
}

void cao_sheet_release(struct cao_sheet *s)
{
    if (s->headings)
        free_cells(s->headings, s->n_columns);
    if (s->cells)
        free_cells(s->cells, s->n_columns * s->n_rows);
    free(s->headings);
    free(s->cells);
    free(s->line);
    *s = (struct cao_sheet){ 0 };
}
