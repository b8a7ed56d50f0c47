/* SPDX-License-Identifier: MIT */
#include "cli/scan_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "caochu/text.h"

#define TEXT(name, zh, help)                                                                       \
    {                                                                                              \
        name, zh, "", help, CAO_CELL_TEXT, 0                                                       \
    }
static const struct cao_column columns[CAO_N_SCAN_COLUMNS] = {
    [CAO_SCAN_STATE] = TEXT("state", "状态", "used or refused"),
    [CAO_SCAN_TIME] = TEXT("time_utc", "成像时间（UTC）", "acquisition"),
    [CAO_SCAN_SENSOR] = TEXT("sensor", "产品系列", "the family that it was taken for"),
    [CAO_SCAN_PLATFORM] = TEXT("platform", "卫星", "the satellite"),
    [CAO_SCAN_LEVEL] = TEXT("level", "级别", "processing level or product"),
    [CAO_SCAN_TILE] = TEXT("tile", "分幅", "tile, path and row, or place"),
    [CAO_SCAN_CRS] = TEXT("crs", "坐标系", "coordinate system of its layers"),
    [CAO_SCAN_SIZE] = TEXT("size", "像元", "pixels and their size, of red or of ready-made NDVI"),
    [CAO_SCAN_CLOUD] = { "cloud_pct", "云量（%）", "%", "as the product states it", CAO_CELL_REAL,
                         1 },
    [CAO_SCAN_BASELINE] = TEXT("baseline", "处理版本", "processing baseline or collection"),
    [CAO_SCAN_GENERATED] = TEXT("generated_utc", "处理时间（UTC）",
                                "processing: of two of one acquisition the newer counts"),
    [CAO_SCAN_OFFSET] = TEXT("offset", "偏移", "yes where the product's reflectance has an offset"),
    [CAO_SCAN_BANDS] = TEXT("bands", "波段", "letters as indices have them"),
    [CAO_SCAN_CLOUDS_BY] = TEXT("clouds_by", "云判别", "codes, brightness or nothing"),
    [CAO_SCAN_MASKS] = TEXT("masks", "可掩膜", "what its quality layers can tell"),
    [CAO_SCAN_PRODUCT] = TEXT("product", "产品", "its name"),
    [CAO_SCAN_PATH] = TEXT("path", "路径", "where it lies"),
    [CAO_SCAN_CODE] = TEXT("code", "代码", "of the refusal; see 'caochu list errors'"),
    [CAO_SCAN_REASON] = TEXT("reason", "未采用原因", "why it is refused"),
};

const char *cao_scan_clouds_by(const struct cao_scene *s)
{
    bool codes = false, bright = s->bright_above > 0;
    for (size_t q = 0; q < CAO_MOST_QA; q++)
        for (size_t i = 0; s->qa[q].layer.path && i < s->qa[q].n_rules; i++)
            codes |= s->qa[q].rules[i].reason == CAO_CLOUD;
    return codes && bright ? "codes, brightness"
           : codes         ? "codes"
           : bright        ? "brightness"
                           : "nothing";
}

void cao_scan_masks(const struct cao_scene *s, char *text, size_t size)
{
    size_t n = 0;
    text[0] = '\0';
    for (int reason = 0; reason < CAO_N_REASONS; reason++) {
        bool told = false;
        if (reason == CAO_OUTSIDE)
            continue;
        for (size_t q = 0; q < CAO_MOST_QA; q++)
            for (size_t i = 0; s->qa[q].layer.path && i < s->qa[q].n_rules; i++)
                told |= (int)s->qa[q].rules[i].reason == reason;
        if (told && n < size)
            n += (size_t)snprintf(text + n, size - n, "%s%s", n ? " " : "",
                                  cao_reason_name((enum cao_reason)reason));
    }
}

static void list_bands(const struct cao_scene *s, char *text, size_t size)
{
    size_t n = 0;
    text[0] = '\0';
    for (int b = 0; b < CAO_N_BANDS && n < size; b++)
        if (s->band[b].path)
            n += (size_t)snprintf(text + n, size - n, "%s%s", n ? " " : "",
                                  cao_band_letter((enum cao_band)b));
}

static void tell_size(const struct cao_scene *s, char *text, size_t size)
{
    enum cao_band red = cao_scene_band(s, CAO_BAND_R);
    red = red < CAO_N_BANDS ? red : cao_scene_band(s, CAO_BAND_NDVI);
    text[0] = '\0';
    if (red == CAO_N_BANDS)
        return;
    const struct cao_layer *l = &s->band[red];
    bool degrees = !s->rpc && strncmp(s->crs, "GEOG", 4) == 0;
    snprintf(text, size, "%dx%d@%g%s", l->width, l->height, l->geotransform[1],
             degrees ? "deg" : "m");
}

static enum cao_status put_scene(struct cao_table *t, size_t row, const struct cao_scene *s,
                                 struct cao_error *err)
{
    char time[CAO_TIME_TEXT], made[CAO_TIME_TEXT], size[64], bands[128], masks[160];
    cao_time_format(s->time, time);
    cao_time_format(s->generated, made);
    tell_size(s, size, sizeof size);
    list_bands(s, bands, sizeof bands);
    cao_scan_masks(s, masks, sizeof masks);
    cao_table_set_number(t, row, CAO_SCAN_CLOUD, s->cloud_pct);
    const struct {
        enum cao_scan_column column;
        const char *text;
    } cells[] = {
        { CAO_SCAN_STATE, "used" },
        { CAO_SCAN_TIME, time },
        { CAO_SCAN_SENSOR, cao_scene_sensor(s) },
        { CAO_SCAN_PLATFORM, s->platform },
        { CAO_SCAN_LEVEL, s->level },
        { CAO_SCAN_TILE, s->tile },
        { CAO_SCAN_CRS, s->crs_name },
        { CAO_SCAN_SIZE, size },
        { CAO_SCAN_BASELINE, s->baseline },
        { CAO_SCAN_GENERATED, made },
        { CAO_SCAN_OFFSET, s->has_offset ? "yes" : "no" },
        { CAO_SCAN_BANDS, bands },
        { CAO_SCAN_CLOUDS_BY, cao_scan_clouds_by(s) },
        { CAO_SCAN_MASKS, masks },
        { CAO_SCAN_PRODUCT, s->id },
        { CAO_SCAN_PATH, s->path },
    };
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < sizeof cells / sizeof cells[0]; i++)
        if (cells[i].text[0])
            st = cao_table_set_text(t, row, cells[i].column, cells[i].text, err);
    return st;
}

static enum cao_status put_refused(struct cao_table *t, size_t row, const struct cao_refused *r,
                                   struct cao_error *err)
{
    enum cao_status st = cao_table_set_text(t, row, CAO_SCAN_STATE, "refused", err);
    if (!st && r->sensor[0])
        st = cao_table_set_text(t, row, CAO_SCAN_SENSOR, r->sensor, err);
    if (!st)
        st = cao_table_set_text(t, row, CAO_SCAN_PRODUCT, r->id, err);
    if (!st)
        st = cao_table_set_text(t, row, CAO_SCAN_PATH, r->path, err);
    if (!st)
        st = cao_table_set_text(t, row, CAO_SCAN_CODE, r->code, err);
    return st ? st : cao_table_set_text(t, row, CAO_SCAN_REASON, r->reason, err);
}

enum cao_status cao_scan_table(const struct cao_catalog *c, struct cao_table *t,
                               struct cao_error *err)
{
    enum cao_status st = cao_table_init(t, columns, CAO_N_SCAN_COLUMNS, c->n + c->n_refused, err);
    for (size_t i = 0; !st && i < c->n; i++)
        st = put_scene(t, i, &c->scenes[i], err);
    for (size_t i = 0; !st && i < c->n_refused; i++)
        st = put_refused(t, c->n + i, &c->refused[i], err);
    return st;
}
