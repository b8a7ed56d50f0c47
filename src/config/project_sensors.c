/* SPDX-License-Identifier: MIT */
#include "config/project_sensors.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"

struct at {
    const char *file;
    struct cao_error *err;
};

CAO_PRINTF(4, 5)
static enum cao_status bad(const struct at *at, int line, const char *key, const char *fmt, ...)
{
    char text[700];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return cao_fail(at->err, CAO_EARG, "%s:%d: sensors[].%s: %s", at->file, line, key, text);
}

static enum cao_status take_text(const struct at *at, const struct cao_yaml *node, char **to)
{
    if (node->kind != CAO_YAML_SCALAR || !node->text[0])
        return bad(at, node->line, node->key, "a text is wanted");
    free(*to);
    *to = cao_text_copy(node->text);
    return *to ? CAO_OK : cao_fail(at->err, CAO_ENOMEM, "out of memory");
}

static enum cao_status take_number(const struct at *at, const struct cao_yaml *node, double low,
                                   double high, double *to)
{
    double v;
    if (node->kind != CAO_YAML_SCALAR || !cao_text_double(node->text, &v))
        return bad(at, node->line, node->key, "a number is wanted");
    if (v < low || v > high)
        return bad(at, node->line, node->key, "%s is not allowed; allowed: %g to %g", node->text,
                   low, high);
    *to = v;
    return CAO_OK;
}

static enum cao_status take_layer(const struct at *at, const struct cao_yaml *node, const char *key,
                                  struct cao_declared_layer *to)
{
    int64_t number;
    if (node->kind != CAO_YAML_SCALAR || !node->text[0] || strlen(node->text) >= CAO_DECLARED_WORD)
        return bad(
            at, node->line, key,
            "the number of a band in the file, or the word that stands for {band}, is wanted");
    snprintf(to->word, sizeof to->word, "%s", node->text);
    char *colon = strrchr(to->word, ':');
    bool is = cao_text_int64(colon ? colon + 1 : to->word, &number);
    if ((colon && !is) || colon == to->word || (is && (number < 1 || number > 1000)))
        return bad(at, node->line, key, "bands of a file count from 1: 3, or 'BOA:3'");
    to->number = is ? (int)number : 0;
    to->both = colon != NULL;
    if (colon)
        *colon = '\0';
    return CAO_OK;
}

static enum cao_status find_band(const struct at *at, const struct cao_yaml *node, const char *key,
                                 const char *word, enum cao_band *b)
{
    static const char allowed[] = "A B G Y R RE1 RE2 RE3 N N2 WV S1 S2 NDVI EVI";
    if (strcmp(word, "NDVI") == 0 || strcmp(word, "EVI") == 0)
        *b = cao_band_ready(word);
    else if (!cao_band_find(word, b) || cao_band_is_ready(*b))
        return bad(at, node->line, key, "'%.40s' is no band; allowed: %s", word, allowed);
    return CAO_OK;
}

static enum cao_status take_bands(const struct at *at, const struct cao_yaml *node,
                                  struct cao_declared *d)
{
    if (node->kind != CAO_YAML_MAP || node->n == 0)
        return bad(at, node->line, "bands", "bands by letter are wanted: {B: 1, G: 2, R: 3, N: 4}");
    for (size_t i = 0; i < node->n; i++) {
        enum cao_band b;
        const struct cao_yaml *item = &node->items[i];
        enum cao_status st = find_band(at, item, "bands", item->key, &b);
        if (!st)
            st = take_layer(at, item, "bands", &d->band[b]);
        if (st)
            return st;
    }
    return CAO_OK;
}

static enum cao_status take_rules(const struct at *at, const struct cao_yaml *node,
                                  struct cao_declared *d)
{
    enum cao_reason reason;
    struct cao_error why = { 0 };
    if (!cao_reason_find(node->key, &reason) || reason == CAO_CLEAR || reason == CAO_INVALID)
        return bad(
            at, node->line, "qa",
            "'%.40s' is not known; allowed: band, outside, saturated, cloud, shadow, cirrus, "
            "snow, water, dark, aerosol_high",
            node->key);
    size_t n = node->kind == CAO_YAML_LIST ? node->n : 1;
    for (size_t i = 0; i < n; i++) {
        const struct cao_yaml *item = node->kind == CAO_YAML_LIST ? &node->items[i] : node;
        if (item->kind != CAO_YAML_SCALAR)
            return bad(at, item->line, "qa", "a code or a list of codes is wanted");
        if (d->n_rules + 1 >= CAO_DECLARED_RULES)
            return bad(at, item->line, "qa", "more than %d codes", CAO_DECLARED_RULES - 1);
        if (cao_declared_rule(item->text, reason, &d->rules[d->n_rules++], &why))
            return bad(at, item->line, "qa", "%s", why.text);
    }
    return CAO_OK;
}

static enum cao_status take_qa(const struct at *at, const struct cao_yaml *node,
                               struct cao_declared *d)
{
    if (node->kind != CAO_YAML_MAP)
        return bad(at, node->line, "qa",
                   "a layer and its codes are wanted: {band: 5, cloud: [4], shadow: 'bit 3'}");
    for (size_t i = 0; i < node->n; i++) {
        const struct cao_yaml *item = &node->items[i];
        enum cao_status st = strcmp(item->key, "band") == 0 ? take_layer(at, item, "qa", &d->qa)
                                                            : take_rules(at, item, d);
        if (st)
            return st;
    }
    if (!d->qa.word[0])
        return bad(at, node->line, "qa", "band is missing: which layer holds the codes");
    if (d->n_rules)
        d->rules[d->n_rules++] = (struct cao_qa_rule){ 0xFFFF, CAO_DECLARED_OUTSIDE, CAO_OUTSIDE };
    return CAO_OK;
}

static enum cao_status take_bright(const struct at *at, const struct cao_yaml *node,
                                   struct cao_declared *d)
{
    if (node->kind != CAO_YAML_MAP || node->n != 1)
        return bad(at, node->line, "cloud_above", "one band and its limit are wanted: {B: 0.25}");
    enum cao_status st = find_band(at, node, "cloud_above", node->items[0].key, &d->bright_band);
    return st ? st : take_number(at, &node->items[0], 0.01, 2, &d->bright_above);
}

static enum cao_status take_gains(const struct at *at, const struct cao_yaml *node,
                                  struct cao_declared *d)
{
    if (node->kind != CAO_YAML_MAP || node->n == 0)
        return bad(at, node->line, "gains", "gains by letter are wanted: {B: 0.17, G: 0.15, ...}");
    for (size_t i = 0; i < node->n; i++) {
        enum cao_band b;
        enum cao_status st = find_band(at, &node->items[i], "gains", node->items[i].key, &b);
        if (!st)
            st = take_number(at, &node->items[i], 1e-4, 10, &d->gains[b]);
        if (st)
            return st;
    }
    return CAO_OK;
}

static enum cao_status take_key(const struct at *at, const struct cao_yaml *node,
                                struct cao_declared *d)
{
    static const char *const keys[] = { "name",  "files",       "date",       "bands",
                                        "scale", "offset",      "nodata",     "saturated",
                                        "qa",    "cloud_above", "utc_offset", "gains" };
    enum { N = sizeof keys / sizeof keys[0] };
    size_t k = 0;
    while (k < N && strcmp(keys[k], node->key) != 0)
        k++;
    switch (k) {
    case 0:
        return take_text(at, node, &d->name);
    case 1:
        return take_text(at, node, &d->files);
    case 2:
        return take_text(at, node, &d->date);
    case 3:
        return take_bands(at, node, d);
    case 4:
        d->gaofen = node->kind == CAO_YAML_SCALAR && strcmp(node->text, "gaofen") == 0;
        if (d->gaofen)
            d->scale = 1;
        return d->gaofen ? CAO_OK : take_number(at, node, 1e-9, 1e3, &d->scale);
    case 5:
        return take_number(at, node, -1e4, 1e4, &d->offset);
    case 6:
        return take_number(at, node, -1e38, 1e38, &d->nodata);
    case 7:
        return take_number(at, node, -1e38, 1e38, &d->saturated);
    case 8:
        return take_qa(at, node, d);
    case 9:
        return take_bright(at, node, d);
    case 10:
        return take_number(at, node, -14, 14, &d->utc_offset_h);
    case 11:
        return take_gains(at, node, d);
    default:
        break;
    }
    size_t near = cao_text_nearest(node->key, keys, N);
    return bad(at, node->line, node->key, "unknown key%s%s%s",
               near == SIZE_MAX ? "" : "; did you mean ", near == SIZE_MAX ? "" : keys[near],
               near == SIZE_MAX ? "" : "?");
}

static enum cao_status read_one(const struct at *at, const struct cao_yaml *node,
                                struct cao_declared *d)
{
    struct cao_error why = { 0 };
    if (node->kind != CAO_YAML_MAP)
        return bad(at, node->line, "name",
                   "each sensor is wanted as {name: ..., files: ..., bands: ..., scale: ...}");
    d->scale = d->nodata = d->saturated = (double)NAN;
    d->date = cao_text_copy("YYYYMMDD");
    enum cao_status st = d->date ? CAO_OK : cao_fail(at->err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; !st && i < node->n; i++)
        st = take_key(at, &node->items[i], d);
    if (st)
        return st;
    const char *missing = !d->name          ? "name"
                          : !d->files       ? "files"
                          : isnan(d->scale) ? "scale"
                                            : NULL;
    if (missing)
        return bad(at, node->line, missing, "is missing%s",
                   isnan(d->scale) && d->name && d->files
                       ? ": what a digital number is multiplied with to be reflectance (1 for "
                         "reflectance itself)"
                       : "");
    if (cao_declared_check(d, &why))
        return bad(at, node->line, d->name, "%s", why.text);
    return CAO_OK;
}

enum cao_status cao_sensors_read(const char *file, const struct cao_yaml *node,
                                 struct cao_declared **list, size_t *n, struct cao_error *err)
{
    struct at at = { file, err };
    if (node->kind != CAO_YAML_LIST)
        return cao_fail(err, CAO_EARG, "%s:%d: sensors: a list is wanted: - {name: ..., ...}", file,
                        node->line);
    struct cao_declared *made = calloc(node->n + 1, sizeof *made);
    enum cao_status st = made ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; !st && i < node->n; i++) {
        st = read_one(&at, &node->items[i], &made[i]);
        for (size_t k = 0; !st && k < i; k++)
            if (cao_text_same(made[k].name, made[i].name))
                st = bad(&at, node->items[i].line, "name", "%s is given twice", made[i].name);
    }
    if (st) {
        cao_sensors_free(made, made ? node->n : 0);
        return st;
    }
    *list = made;
    *n = node->n;
    return CAO_OK;
}

void cao_sensors_free(struct cao_declared *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(list[i].name);
        free(list[i].files);
        free(list[i].date);
    }
    free(list);
}
