/* SPDX-License-Identifier: MIT */
#include "sensor/calibration.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "caochu/yaml.h"

struct at {
    const char *file;
    struct cao_error *err;
};

CAO_PRINTF(3, 4)
static enum cao_status bad(const struct at *at, int line, const char *fmt, ...)
{
    char text[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return cao_fail(at->err, CAO_EARG, "%s:%d: %s", at->file, line, text);
}

static enum cao_status take_word(const struct at *at, const struct cao_yaml *map, const char *key,
                                 char word[CAO_CAMERA_WORD])
{
    const struct cao_yaml *node = cao_yaml_find(map, key);
    if (!node || node->kind != CAO_YAML_SCALAR || !node->text[0] ||
        strlen(node->text) >= CAO_CAMERA_WORD)
        return bad(at, node ? node->line : map->line, "%s: a word such as GF1 is wanted", key);
    snprintf(word, CAO_CAMERA_WORD, "%s", node->text);
    return CAO_OK;
}

/* One number for each of the camera's bands. */
static enum cao_status take_numbers(const struct at *at, const struct cao_yaml *node, int n,
                                    double low, double high, double *to)
{
    if (node->kind != CAO_YAML_LIST || node->n != (size_t)n)
        return bad(at, node->line, "%s: %d numbers are wanted, one for each band",
                   node->key ? node->key : "list", n);
    for (int i = 0; i < n; i++) {
        const struct cao_yaml *item = &node->items[i];
        if (item->kind != CAO_YAML_SCALAR || !cao_text_double(item->text, &to[i]) || to[i] < low ||
            to[i] > high)
            return bad(at, item->line, "%s: a number from %g to %g is wanted", node->key, low,
                       high);
    }
    return CAO_OK;
}

static bool is_verified(const struct cao_yaml *map)
{
    const struct cao_yaml *c = cao_yaml_find(map, "confidence");
    return c && c->kind == CAO_YAML_SCALAR && strcmp(c->text, "V") == 0;
}

static enum cao_status take_bands(const struct at *at, const struct cao_yaml *map,
                                  struct cao_camera_calibration *c)
{
    const struct cao_yaml *node = cao_yaml_find(map, "bands");
    if (!node || node->kind != CAO_YAML_LIST || node->n < 1 || node->n > CAO_CAMERA_BANDS)
        return bad(at, node ? node->line : map->line,
                   "bands: 1 to %d letters are wanted, in the file's order", CAO_CAMERA_BANDS);
    c->n_bands = (int)node->n;
    for (size_t i = 0; i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        if (item->kind != CAO_YAML_SCALAR || !cao_band_find(item->text, &c->band[i]) ||
            cao_band_is_ready(c->band[i]))
            return bad(at, item->line, "bands: '%.20s' is no band",
                       item->kind == CAO_YAML_SCALAR ? item->text : "");
        for (size_t k = 0; k < i; k++)
            if (c->band[k] == c->band[i])
                return bad(at, item->line, "bands: %s stands twice", item->text);
    }
    return CAO_OK;
}

static int by_year(const void *a, const void *b)
{
    const struct cao_gains *x = a, *y = b;
    return x->year < y->year ? -1 : x->year > y->year;
}

static enum cao_status take_gains(const struct at *at, const struct cao_yaml *node,
                                  struct cao_camera_calibration *c)
{
    if (node->kind != CAO_YAML_LIST)
        return bad(at, node->line, "gains: a list is wanted: - {year: 2024, gain: [...], ...}");
    c->gains = calloc(node->n + 1, sizeof *c->gains);
    if (!c->gains)
        return cao_fail(at->err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i], *year = cao_yaml_find(item, "year"),
                              *gain = cao_yaml_find(item, "gain"),
                              *offset = cao_yaml_find(item, "offset");
        struct cao_gains *g = &c->gains[i];
        int64_t v;
        if (!year || year->kind != CAO_YAML_SCALAR || !cao_text_int64(year->text, &v) || v < 1999 ||
            v > 2100 || !gain)
            return bad(at, item->line, "gains: year and gain are wanted");
        g->year = (int)v;
        g->verified = is_verified(item);
        enum cao_status st = take_numbers(at, gain, c->n_bands, 1e-4, 20, g->gain);
        if (!st && offset)
            st = take_numbers(at, offset, c->n_bands, -200, 200, g->offset);
        if (st)
            return st;
        c->n_gains++;
    }
    qsort(c->gains, c->n_gains, sizeof *c->gains, by_year);
    for (size_t i = 1; i < c->n_gains; i++)
        if (c->gains[i].year == c->gains[i - 1].year)
            return bad(at, node->line, "gains: %d stands twice", c->gains[i].year);
    return CAO_OK;
}

static enum cao_status take_camera(const struct at *at, const struct cao_yaml *map,
                                   struct cao_camera_calibration *c)
{
    static const char *const keys[] = { "satellite", "sensor", "bands", "esun", "gains", "note" };
    enum { N = sizeof keys / sizeof keys[0] };
    if (map->kind != CAO_YAML_MAP)
        return bad(at, map->line, "cameras: {satellite: ..., sensor: ..., bands: ...} is wanted");
    for (size_t i = 0; i < map->n; i++) {
        size_t k = 0;
        while (k < N && strcmp(keys[k], map->items[i].key) != 0)
            k++;
        if (k == N)
            return bad(at, map->items[i].line, "unknown key '%.40s'", map->items[i].key);
    }
    const struct cao_yaml *esun = cao_yaml_find(map, "esun"), *gains = cao_yaml_find(map, "gains");
    const struct cao_yaml *values = cao_yaml_find(esun, "value");
    enum cao_status st = take_word(at, map, "satellite", c->satellite);
    if (!st)
        st = take_word(at, map, "sensor", c->sensor);
    if (!st)
        st = take_bands(at, map, c);
    if (!st && esun && !values)
        st = bad(at, esun->line, "esun: {value: [...], source: ..., confidence: ...} is wanted");
    if (!st && values) {
        c->has_esun = true;
        c->esun_verified = is_verified(esun);
        st = take_numbers(at, values, c->n_bands, 50, 3000, c->esun);
    }
    return !st && gains ? take_gains(at, gains, c) : st;
}

enum cao_status cao_calibrations_read(const char *path, struct cao_calibrations *out,
                                      struct cao_error *err)
{
    struct at at = { path, err };
    struct cao_yaml *root = NULL;
    struct cao_calibrations made = { 0 };
    enum cao_status st = cao_yaml_read(path, &root, err);
    const struct cao_yaml *list = st ? NULL : cao_yaml_find(root, "cameras"),
                          *format = st ? NULL : cao_yaml_find(root, "format");
    if (!st && (!format || format->kind != CAO_YAML_SCALAR || strcmp(format->text, "1") != 0))
        st = bad(&at, 1, "'format: 1' is missing: is it a calibration file?");
    if (!st && (!list || list->kind != CAO_YAML_LIST))
        st = bad(&at, root->line, "cameras: a list is wanted");
    if (!st) {
        assert(list);
        made.path = cao_text_copy(path);
        made.cameras = calloc(list->n + 1, sizeof *made.cameras);
        if (!made.path || !made.cameras)
            st = cao_fail(err, CAO_ENOMEM, "out of memory");
    }
    for (size_t i = 0; !st && i < list->n; i++) {
        made.n++;
        st = take_camera(&at, &list->items[i], &made.cameras[i]);
        for (size_t k = 0; !st && k < i; k++)
            if (strcmp(made.cameras[k].satellite, made.cameras[i].satellite) == 0 &&
                strcmp(made.cameras[k].sensor, made.cameras[i].sensor) == 0)
                st = bad(&at, list->items[i].line, "%s %s stands twice", made.cameras[i].satellite,
                         made.cameras[i].sensor);
    }
    cao_yaml_destroy(root);
    if (st)
        cao_calibrations_release(&made);
    else
        *out = made;
    return st;
}

void cao_calibrations_release(struct cao_calibrations *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->cameras[i].gains);
    free(c->cameras);
    free(c->path);
    *c = (struct cao_calibrations){ 0 };
}

const struct cao_camera_calibration *cao_calibration_find(const struct cao_calibrations *c,
                                                          const char *satellite, const char *sensor)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->cameras[i].satellite, satellite) == 0 &&
            strcmp(c->cameras[i].sensor, sensor) == 0)
            return &c->cameras[i];
    return NULL;
}

const struct cao_gains *cao_calibration_gains(const struct cao_camera_calibration *camera, int year,
                                              bool nearest)
{
    const struct cao_gains *best = NULL;
    for (size_t i = 0; i < camera->n_gains; i++) {
        const struct cao_gains *g = &camera->gains[i];
        if (g->year == year)
            return g;
        if (nearest && (!best || abs(g->year - year) < abs(best->year - year)))
            best = g;
    }
    return best;
}
