/* SPDX-License-Identifier: MIT */
#include "caochu/scene.h"

#include <stdlib.h>
#include <string.h>

#include "caochu/hash.h"
#include "caochu/text.h"
#include "sensor/sensor.h"

enum { METADATA_LIMIT = 16 << 20 };

bool cao_scene_has(const struct cao_scene *s, enum cao_band b)
{
    return (unsigned)b < CAO_N_BANDS && s->band[b].path != NULL;
}

enum cao_band cao_scene_band(const struct cao_scene *s, enum cao_band wanted)
{
    if (cao_scene_has(s, wanted))
        return wanted;
    if (wanted == CAO_BAND_N && cao_scene_has(s, CAO_BAND_N2))
        return CAO_BAND_N2;
    if (wanted == CAO_BAND_N2 && cao_scene_has(s, CAO_BAND_N))
        return CAO_BAND_N;
    return CAO_N_BANDS;
}

void cao_scene_release(struct cao_scene *s)
{
    free(s->path);
    free(s->id);
    free(s->platform);
    free(s->level);
    free(s->tile);
    free(s->baseline);
    free(s->crs);
    free(s->crs_name);
    free(s->rpc);
    free(s->dem);
    for (int b = 0; b < CAO_N_BANDS; b++)
        free(s->band[b].path);
    for (int q = 0; q < CAO_MOST_QA; q++)
        free(s->qa[q].layer.path);
    *s = (struct cao_scene){ 0 };
}

enum cao_status cao_scene_text(char **to, const char *text, struct cao_error *err)
{
    char *copy = cao_text_copy(text);
    if (!copy)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    free(*to);
    *to = copy;
    return CAO_OK;
}

bool cao_name_begins(const char *name, const char *form)
{
    for (; *form; name++, form++)
        if (*name == '\0' ||
            (*form == '#' ? *name < '0' || *name > '9' : *form != '?' && *form != *name))
            return false;
    return true;
}

static int number_at(const char *digits, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++)
        v = v * 10 + (digits[i] - '0');
    return v;
}

bool cao_time_ordinal(const char *text, int64_t *seconds)
{
    if (!cao_name_begins(text, "#######"))
        return false;
    int32_t year = number_at(text, 4), day = number_at(text + 4, 3);
    int32_t first = cao_date_of(year, 1, 1), next = cao_date_of(year + 1, 1, 1);
    if (year < 1900 || day < 1 || first + day - 1 >= next)
        return false;
    int64_t t = (int64_t)(first + day - 1) * 86400;
    const char *clock = text + 7 + (text[7] == 'T');
    if (cao_name_begins(clock, "######")) {
        int h = number_at(clock, 2), m = number_at(clock + 2, 2), s = number_at(clock + 4, 2);
        if (h > 23 || m > 59 || s > 60)
            return false;
        t += h * 3600 + m * 60 + s;
    }
    *seconds = t;
    return true;
}

enum cao_status cao_product_file(char out[CAO_PATH_MAX], const char *dir, const char *relative,
                                 struct cao_error *err)
{
    bool climbs = relative[0] == '/' || relative[0] == '\0' || strstr(relative, "://") != NULL;
    for (const char *at = relative; !climbs && at; at = strchr(at, '/')) {
        at += *at == '/';
        climbs = strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0');
    }
    if (climbs)
        return cao_fail(err, CAO_EDATA,
                        "its metadata names a file outside of the product: '%.200s'", relative);
    return cao_path_join(out, dir, relative, err);
}

enum cao_status cao_metadata_read(const char *path, char **text, size_t *n, struct cao_error *err)
{
    return cao_place_read(path, METADATA_LIMIT, text, n, err);
}

static void hash_layer(struct cao_hash *h, const struct cao_layer *l)
{
    int64_t size = -1, mtime = -1;
    if (!l->path)
        return;
    cao_place_stat(l->path, &size, &mtime);
    cao_hash_text(h, cao_path_name(l->path));
    cao_hash_int(h, size);
    cao_hash_int(h, mtime);
}

enum cao_status cao_scene_stamp(struct cao_scene *scene, const char *metadata, size_t n,
                                struct cao_error *err)
{
    struct cao_hash *h;
    enum cao_status st = cao_hash_create(&h, err);
    if (st)
        return st;
    cao_hash_int(h, (int64_t)n);
    cao_hash_bytes(h, metadata, n);
    for (int b = 0; b < CAO_N_BANDS; b++)
        hash_layer(h, &scene->band[b]);
    for (int q = 0; q < CAO_MOST_QA; q++)
        hash_layer(h, &scene->qa[q].layer);
    int64_t size, mtime; /* of the archive, where it is one */
    if (cao_file_stat(scene->path, &size, &mtime)) {
        cao_hash_int(h, size);
        cao_hash_int(h, mtime);
    }
    cao_hash_final(h, scene->stamp);
    cao_hash_destroy(h);
    return CAO_OK;
}
