/* SPDX-License-Identifier: MIT
 * The township's livestock table, as CSV and as other offices send it. */
#include "world/world.h"

#include <iconv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>
#include <gdal.h>
#include <ogr_api.h>

#include "caochu/text.h"

enum { STREAM_HERD = 5000, MOST_ROWS = 40000 };

struct row {
    char id[WORLD_ID_SIZE];
    const char *species;
    char heads[16];
};

static void add(struct row *rows, size_t *n, const char *id, const char *species, long heads)
{
    if (*n == MOST_ROWS || heads == 0)
        return;
    struct row *r = &rows[(*n)++];
    snprintf(r->id, sizeof r->id, "%s", id);
    r->species = species;
    snprintf(r->heads, sizeof r->heads, "%ld", heads);
}

/* About half a sheep unit a hectare, from well under to well over what the grass can bear; the third
 * pasture has no row. Species are written now in Chinese, now in English. */
static size_t list_rows(const struct world_options *o, const struct world_mosaic *m,
                        struct row *rows)
{
    size_t n = 0;
    char id[WORLD_ID_SIZE];
    for (size_t i = 0; i < m->n; i++) {
        const struct world_pasture *p = &m->items[i];
        if (i == 2)
            continue;
        world_pasture_id(p->serial, id);
        double su = p->area_ha * (0.2 + 0.6 * world_uniform(o->seed, STREAM_HERD, i, 0));
        long yaks = lround(su * 0.6 / 4), sheep = lround(su * 0.35);
        add(rows, &n, id, i % 4 ? "牦牛" : "yak", yaks);
        add(rows, &n, id, "藏羊", sheep);
        if (i % 5 == 0)
            add(rows, &n, id, "horse", lround(su * 0.05 / 6));
    }
    if (o->bad_rows) {
        add(rows, &n, "0632626999", "yak", 12);
        world_pasture_id(m->items[4].serial, id);
        add(rows, &n, id, "sheep", -7);
        world_pasture_id(m->items[5].serial, id);
        add(rows, &n, id, "sheep", 1);
        snprintf(rows[n - 1].heads, sizeof rows[n - 1].heads, "abc");
    }
    return n;
}

static enum cao_status write_gb18030(const char *path, const char *text, struct cao_error *err)
{
    size_t left = strlen(text), room = 2 * left + 16, space = room;
    char *out = malloc(room), *to = out, *from = (char *)(uintptr_t)text;
    iconv_t cd = iconv_open("GB18030", "UTF-8");
    enum cao_status st = CAO_OK;
    if (!out || cd == (iconv_t)-1 || iconv(cd, &from, &left, &to, &space) == (size_t)-1)
        st = cao_fail(err, CAO_EIO, "%s: cannot be written as GB18030", path);
    if (cd != (iconv_t)-1)
        iconv_close(cd);
    if (!st)
        st = cao_file_write(path, out, (size_t)(to - out), err);
    free(out);
    return st;
}

static enum cao_status write_xlsx(const char *path, const struct row *rows, size_t n,
                                  struct cao_error *err)
{
    static const char *const names[] = { "pasture_id", "species", "heads" };
    GDALDatasetH d = GDALCreate(GDALGetDriverByName("XLSX"), path, 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH layer = d ? GDALDatasetCreateLayer(d, "牲畜", NULL, wkbNone, NULL) : NULL;
    if (!layer)
        return cao_fail(err, CAO_EIO, "%s: %s", path, CPLGetLastErrorMsg());
    bool bad = false;
    for (int i = 0; i < 3; i++) {
        OGRFieldDefnH f = OGR_Fld_Create(names[i], OFTString);
        OGR_L_CreateField(layer, f, FALSE);
        OGR_Fld_Destroy(f);
    }
    for (size_t i = 0; i < n; i++) {
        OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGR_F_SetFieldString(f, 0, rows[i].id);
        OGR_F_SetFieldString(f, 1, rows[i].species);
        OGR_F_SetFieldString(f, 2, rows[i].heads);
        bad |= OGR_L_CreateFeature(layer, f) != OGRERR_NONE;
        OGR_F_Destroy(f);
    }
    GDALClose(d);
    return bad ? cao_fail(err, CAO_EIO, "%s: %s", path, CPLGetLastErrorMsg()) : CAO_OK;
}

enum cao_status world_herds_write(const struct world_options *o, const struct world_mosaic *m,
                                  struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    struct cao_buf b = { 0 };
    struct row *rows = calloc(MOST_ROWS, sizeof *rows);
    if (!rows)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    size_t n = list_rows(o, m, rows);
    cao_buf_add(&b, "\xEF\xBB\xBFpasture_id,species,heads\r\n");
    for (size_t i = 0; i < n; i++)
        cao_buf_add(&b, "%s,%s,%s\r\n", rows[i].id, rows[i].species, rows[i].heads);
    snprintf(path, sizeof path, "%s/livestock.csv", o->dir);
    enum cao_status st = b.failed ? cao_fail(err, CAO_ENOMEM, "out of memory")
                                  : cao_file_write(path, b.text, b.n, err);
    if (!st && o->herds_gb18030) {
        snprintf(path, sizeof path, "%s/livestock_gbk.csv", o->dir);
        st = write_gb18030(path, b.text + 3, err);
    }
    if (!st && o->herds_xlsx) {
        snprintf(path, sizeof path, "%s/livestock.xlsx", o->dir);
        remove(path);
        st = write_xlsx(path, rows, n, err);
    }
    cao_buf_release(&b);
    free(rows);
    return st;
}
