/* SPDX-License-Identifier: MIT
 * Products that the project file describes, on the same road as the built-in families. */
#include "caochu/declared.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "sensor/gaofen.h"
#include "sensor/agree.h"
#include "sensor/pattern.h"
#include "sensor/sensor.h"

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        n++;
    return n;
}

enum cao_status cao_declared_check(const struct cao_declared *d, struct cao_error *err)
{
    size_t n_bands = 0, n_words = 0;
    bool per_band = count(d->files, "{band}") > 0;
    if (count(d->files, "{date}") != 1)
        return cao_fail(err, CAO_EARG, "the pattern must hold {date} once, where the date stands");
    if (count(d->files, "{band}") > 1)
        return cao_fail(err, CAO_EARG, "the pattern may hold {band} once");
    if (strchr(d->files, '/'))
        return cao_fail(err, CAO_EARG, "the pattern is of the file's name alone, without folders");
    if (count(d->files, "*") > 8)
        return cao_fail(err, CAO_EARG, "the pattern may hold at most eight '*'");
    if (!strchr(d->date, 'Y') || (!strchr(d->date, 'J') && !strchr(d->date, 'D')))
        return cao_fail(
            err, CAO_EARG,
            "the form of the date '%s' needs Y and D, or Y and J: YYYYMMDD, YYYY-MM-DD, "
            "YYYYJJJ, YYYYMMDDThhmmss",
            d->date);
    for (int b = 0; b < CAO_N_BANDS; b++) {
        n_bands += d->band[b].word[0] != '\0';
        n_words += d->band[b].word[0] && (!d->band[b].number || d->band[b].both);
    }
    if (d->qa.word[0]) {
        n_words += !d->qa.number || d->qa.both;
        n_bands++;
    }
    bool red = d->band[CAO_BAND_R].word[0],
         nir = d->band[CAO_BAND_N].word[0] || d->band[CAO_BAND_N2].word[0];
    if (!(red && nir) && !d->band[CAO_BAND_NDVI].word[0])
        return cao_fail(err, CAO_EARG, "bands needs R and N (or N2), or NDVI");
    if (!per_band && n_words)
        return cao_fail(err, CAO_EARG,
                        "bands gives names but the pattern has no {band}; give the numbers of the "
                        "file's bands, from 1");
    if (d->qa.word[0] && d->n_rules == 0)
        return cao_fail(err, CAO_EARG, "qa gives a layer but no code that means anything");
    return CAO_OK;
}

static void hash_layer(struct cao_hash *h, const struct cao_declared_layer *l)
{
    cao_hash_text(h, l->word);
    cao_hash_int(h, l->number);
    cao_hash_int(h, l->both);
}

void cao_declared_hash(const struct cao_declared *d, struct cao_hash *h)
{
    cao_hash_text(h, d->name);
    cao_hash_text(h, d->files);
    cao_hash_text(h, d->date);
    const double numbers[] = { d->utc_offset_h, d->scale,     d->offset,
                               d->nodata,       d->saturated, d->bright_above };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        cao_hash_double(h, numbers[i]);
    cao_hash_int(h, d->gaofen);
    cao_hash_int(h, (int)d->bright_band);
    for (int b = 0; b < CAO_N_BANDS; b++) {
        hash_layer(h, &d->band[b]);
        cao_hash_double(h, d->gains[b]);
    }
    hash_layer(h, &d->qa);
    for (size_t i = 0; i < d->n_rules; i++) {
        cao_hash_int(h, d->rules[i].bits);
        cao_hash_int(h, d->rules[i].equals);
        cao_hash_int(h, (int)d->rules[i].reason);
    }
}

/* Whole number at the start of *at, which is moved behind it. */
static bool number_at(const char **at, long most, long *v)
{
    char *end;
    while (**at == ' ')
        ++*at;
    if (**at < '0' || **at > '9')
        return false;
    *v = strtol(*at, &end, 10);
    *at = end;
    while (**at == ' ')
        ++*at;
    return *v <= most;
}

enum cao_status cao_declared_rule(const char *text, enum cao_reason reason,
                                  struct cao_qa_rule *rule, struct cao_error *err)
{
    const char *at = text;
    long a = 0, b = 0, v = 0;
    bool ok = false;
    if (strncmp(text, "bits ", 5) == 0) {
        at += 5;
        ok = number_at(&at, 15, &a) && *at == '-' && (at++, number_at(&at, 15, &b)) && *at == '=' &&
             (at++, number_at(&at, 65535, &v)) && !*at && a <= b && v < 1L << (b - a + 1);
        if (ok)
            *rule = (struct cao_qa_rule){ (uint16_t)(((1UL << (b - a + 1)) - 1) << a),
                                          (uint16_t)(v << a), reason };
    } else if (strncmp(text, "bit ", 4) == 0) {
        at += 4;
        ok = number_at(&at, 15, &a) && !*at;
        if (ok)
            *rule = (struct cao_qa_rule){ (uint16_t)(1u << a), (uint16_t)(1u << a), reason };
    } else {
        ok = number_at(&at, 65535, &v) && !*at;
        if (ok)
            *rule = (struct cao_qa_rule){ 0xFFFF, (uint16_t)v, reason };
    }
    return ok ? CAO_OK
              : cao_fail(err, CAO_EARG,
                         "'%.60s' is no rule; allowed: a code such as 4, 'bit 3', 'bits 8-9 = 2'",
                         text);
}

static bool is_file(const struct cao_sensor *self, const char *name, char key[CAO_KEY_SIZE])
{
    struct cao_pattern_parts parts;
    if (!cao_pattern_fits(self->declared, name, &parts))
        return false;
    memcpy(key, parts.key, CAO_KEY_SIZE);
    return true;
}

/* The product's name: without the ending and without the place of the band. */
static void make_id(const char *key, char id[CAO_KEY_SIZE])
{
    snprintf(id, CAO_KEY_SIZE, "%s", key);
    char *dot = strrchr(id, '.'), *band = strstr(id, "{band}");
    if (dot && dot != id && (!band || dot > band))
        *dot = '\0';
    if (!band)
        return;
    size_t n = 6;
    if (band[6] && strchr("_-.", band[6]))
        n++; /* "X_{band}_Y" becomes "X_Y" */
    else if (band > id && strchr("_-.", band[-1]))
        band--, n++;
    memmove(band, band + n, strlen(band + n) + 1);
}

/* The file that holds a layer, out of the product's. */
static const char *file_of(const struct cao_sensor *self, const struct cao_place *place,
                           const struct cao_declared_layer *l)
{
    bool per_band = strstr(self->declared->files, "{band}") != NULL;
    for (size_t i = 0; i < place->names.n; i++) {
        struct cao_pattern_parts parts;
        if (!per_band || (cao_pattern_fits(self->declared, place->names.items[i], &parts) &&
                          strcmp(parts.word, l->word) == 0))
            return place->names.items[i];
    }
    return NULL;
}

/* *found is false where the product has no such file. */
static enum cao_status find_layer(const struct cao_sensor *self, const struct cao_place *place,
                                  const struct cao_declared_layer *wanted, struct cao_layer *l,
                                  struct cao_scene *s, struct cao_agreement *bands,
                                  struct cao_header *h, bool *found, struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    struct cao_agreement own = { 0 };
    int64_t size = 0;
    bool per_band = strstr(self->declared->files, "{band}") != NULL;
    const char *name = file_of(self, place, wanted);
    *found = name != NULL;
    if (!name)
        return CAO_OK;
    enum cao_status st = cao_path_join(path, place->dir, name, err);
    if (!st && (!cao_place_stat(path, &size, NULL) || size == 0))
        st = cao_fail(err, CAO_EDATA, "%s is empty; download it again", path);
    if (!st)
        st = cao_layer_init(l, path, err);
    l->file_band = !per_band || wanted->both ? wanted->number : 0;
    if (!st)
        st = cao_agreement_read(bands->n ? &own : bands, l, s, h, err);
    if (!st)
        st = cao_agreement_meet(bands, &own, err);
    if (st)
        return st;
    if (l->file_band == 0 && h->n_bands != 1)
        return cao_fail(err, CAO_EDATA, "%s holds %d bands; say which: '%s:1' is the first", name,
                        h->n_bands, wanted->word);
    if (l->file_band > h->n_bands)
        st = cao_fail(err, CAO_EDATA, "%s holds %d bands; the project wants band %d of it", name,
                      h->n_bands, l->file_band);
    return st;
}

/* One finding a product. */
static enum cao_status note_scale(const struct cao_declared *d, const struct cao_layer *l,
                                  const struct cao_header *h, const struct cao_scene *s,
                                  struct cao_findings *findings, bool *noted, struct cao_error *err)
{
    bool scale = !isnan(h->scale) && h->scale != 1 && fabs(h->scale - d->scale) > 1e-9 * d->scale;
    bool offset =
        !isnan(h->offset) && h->offset != 0 && fabs(h->offset - d->offset) > 1e-9 * fabs(h->offset);
    if (*noted || (!scale && !offset))
        return CAO_OK;
    *noted = true;
    const char *what = scale ? "scale" : "offset";
    return cao_findings_add(
               findings, CAO_PROBLEM, scale ? "scale-differs" : "offset-differs", l->path, 0, s->id,
               "band %d of the file declares the %s %g, sensors[].%s is %g and is used",
               l->file_band > 1 ? l->file_band : 1, what, scale ? h->scale : h->offset, what,
               scale ? d->scale : d->offset)
               ? cao_fail(err, CAO_ENOMEM, "out of memory")
               : CAO_OK;
}

static enum cao_status find_bands(const struct cao_sensor *self, const struct cao_place *place,
                                  struct cao_scene *s, struct cao_agreement *bands,
                                  struct cao_findings *findings, struct cao_error *err)
{
    const struct cao_declared *d = self->declared;
    double gain[CAO_N_BANDS] = { 0 }, offset[CAO_N_BANDS] = { 0 };
    enum cao_status st =
        d->gaofen ? cao_gaofen_calibrate(d, place, place->names.items[0], s, gain, offset, err)
                  : CAO_OK;
    bool noted = false;
    if (!st && d->gaofen && cao_scene_text(&s->level, "TOA", err))
        st = CAO_ENOMEM;
    if (!st && d->gaofen)
        st = cao_findings_add(
            findings, CAO_NOTE, "top-of-atmosphere", s->path, 0, s->id,
            "calibrated to reflectance at the top of the atmosphere: haze stays in "
            "and lowers NDVI");
    for (int b = 0; !st && b < CAO_N_BANDS; b++) {
        struct cao_layer *l = &s->band[b];
        struct cao_header h = { 0 };
        bool found;
        if (!d->band[b].word[0])
            continue;
        st = find_layer(self, place, &d->band[b], l, s, bands, &h, &found, err);
        if (!st && found) {
            l->gain = d->scale;
            l->offset = d->offset;
            l->fill = isnan(d->nodata) ? h.nodata : d->nodata;
            l->saturated = d->saturated;
            if (d->gaofen) {
                l->gain = gain[b];
                l->offset = offset[b];
            } else {
                st = note_scale(d, l, &h, s, findings, &noted, err);
            }
        }
        cao_header_release(&h);
    }
    return st;
}

static enum cao_status find_quality(const struct cao_sensor *self, const struct cao_place *place,
                                    struct cao_scene *s, struct cao_agreement *bands,
                                    struct cao_findings *findings, const char **code,
                                    struct cao_error *err)
{
    const struct cao_declared *d = self->declared;
    struct cao_header h = { 0 };
    bool found = false;
    s->bright_band = d->bright_band;
    s->bright_above = d->bright_above;
    if (!d->qa.word[0])
        return d->bright_above > 0
                   ? CAO_OK
                   : cao_findings_add(findings, CAO_NOTE, "no-quality", s->path, 0, s->id,
                                      "no quality layer and no cloud_above: clouds stay in");
    enum cao_status st =
        find_layer(self, place, &d->qa, &s->qa[0].layer, s, bands, &h, &found, err);
    if (!st && !found) {
        *code = "missing-band";
        st = cao_fail(err, CAO_EDATA, "its quality layer '%s' is missing", d->qa.word);
    }
    s->qa[0].rules = d->rules;
    s->qa[0].n_rules = d->n_rules;
    s->qa[0].outside = CAO_DECLARED_OUTSIDE;
    cao_header_release(&h);
    return st;
}

static enum cao_status describe(const struct cao_sensor *self, const struct cao_place *place,
                                struct cao_scene *s, struct cao_findings *findings,
                                const char **code, struct cao_error *err)
{
    const struct cao_declared *d = self->declared;
    struct cao_pattern_parts parts;
    struct cao_agreement bands = { 0 };
    char id[CAO_KEY_SIZE];
    if (!cao_pattern_fits(d, place->names.items[0], &parts))
        return cao_fail(err, CAO_EDATA, "its name does not fit %s", d->files);
    make_id(place->key, id);
    s->time = s->generated = parts.time;
    s->cloud_pct = (double)NAN;
    enum cao_status st = cao_scene_text(&s->id, id, err);
    if (!st)
        st = cao_scene_text(&s->platform, d->name, err);
    if (!st)
        st = cao_scene_text(&s->level, "declared", err);
    if (!st)
        st = cao_scene_text(&s->tile, parts.place, err);
    if (!st)
        st = find_bands(self, place, s, &bands, findings, err);
    if (!st)
        st = find_quality(self, place, s, &bands, findings, code, err);
    bool red = cao_scene_has(s, CAO_BAND_R) && cao_scene_band(s, CAO_BAND_N) < CAO_N_BANDS;
    if (!st && !red && !cao_scene_has(s, CAO_BAND_NDVI)) {
        *code = "missing-band";
        st = cao_fail(err, CAO_EDATA, "its red or near infrared band is missing");
    }
    if (st)
        return st;
    struct cao_buf b = { 0 };
    cao_buf_add(&b, "%s %s %.17g %.17g %.17g %.17g %d %.17g", d->files, d->date, d->scale,
                d->offset, d->nodata, d->saturated, (int)d->bright_band, d->bright_above);
    for (size_t i = 0; i < d->n_rules; i++)
        cao_buf_add(&b, " %d=%d:%d", d->rules[i].bits, d->rules[i].equals, (int)d->rules[i].reason);
    for (int i = 0; i < CAO_N_BANDS; i++)
        cao_buf_add(&b, " %s", d->band[i].word);
    for (int i = 0; i < CAO_N_BANDS && d->gaofen; i++)
        cao_buf_add(&b, " %.17g %.17g %.17g", d->gains[i], s->band[i].path ? s->band[i].gain : 0,
                    s->band[i].path ? s->band[i].offset : 0);
    cao_buf_add(&b, " %s", d->qa.word);
    st = b.failed ? cao_fail(err, CAO_ENOMEM, "out of memory")
                  : cao_scene_stamp(s, b.text, b.n, err);
    cao_buf_release(&b);
    return st;
}

void cao_sensor_declare(const struct cao_declared *d, struct cao_sensor *sensor)
{
    *sensor = (struct cao_sensor){ .info = { d->name, "declared in the project file",
                                             "项目文件中声明", d->files },
                                   .is_file = is_file,
                                   .describe = describe,
                                   .declared = d };
}
