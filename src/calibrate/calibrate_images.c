/* SPDX-License-Identifier: MIT */
#include "calibrate/calibrate_images.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "caochu/file.h"
#include "caochu/index.h"
#include "caochu/sample.h"

/* A raster and the days that it shows: of its date, or of a period. */
struct image {
    char *path;
    int32_t from, to; /* CAO_NO_DATE: by each band's own date */
};
struct images {
    struct image *items;
    size_t n, capacity;
};

static enum cao_status add_image(struct images *list, const char *path, int32_t from, int32_t to,
                                 struct cao_error *err)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 32;
        struct image *more = realloc(list->items, capacity * sizeof *more);
        if (!more)
            return cao_fail(err, CAO_ENOMEM, "out of memory");
        list->items = more;
        list->capacity = capacity;
    }
    char *copy = cao_text_copy(path);
    if (!copy)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    list->items[list->n++] = (struct image){ copy, from, to };
    return CAO_OK;
}

static void release_images(struct images *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->items[i].path);
    free(list->items);
}

/* --- what the words name --- */

static const char *text_of(json_object *o, const char *key)
{
    json_object *v;
    return json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : "";
}

/* OUTPUT/PERIOD/ndvi.vrt of each period of a run, with the period's days. */
static enum cao_status add_results(struct images *list, const char *dir, const char *record,
                                   const char *index, struct cao_error *err)
{
    char *text = NULL, file[64];
    size_t size, before = list->n;
    json_object *settings = NULL, *periods = NULL;
    enum cao_status st = cao_file_read(record, 256 << 20, &text, &size, err);
    json_object *root = st ? NULL : json_tokener_parse(text);
    free(text);
    snprintf(file, sizeof file, "%.50s.vrt", index);
    for (char *s = file; *s; s++)
        *s = (char)(*s == '/' ? '_' : tolower((unsigned char)*s));
    if (!st && (!root || !json_object_object_get_ex(root, "settings", &settings) ||
                !json_object_object_get_ex(settings, "periods", &periods) ||
                !json_object_is_type(periods, json_type_array)))
        st = cao_fail(err, CAO_EDATA, "%s: is no record of a run", record);
    for (size_t i = 0; !st && i < json_object_array_length(periods); i++) {
        json_object *p = json_object_array_get_idx(periods, i);
        char folder[CAO_PATH_MAX], path[CAO_PATH_MAX];
        int32_t from, to;
        if (!cao_date_parse(text_of(p, "from"), &from) || !cao_date_parse(text_of(p, "to"), &to))
            continue;
        st = cao_path_join(folder, dir, text_of(p, "name"), err);
        if (!st)
            st = cao_path_join(path, folder, file, err);
        if (!st && cao_file_stat(path, NULL, NULL))
            st = add_image(list, path, from, to, err);
    }
    if (root)
        json_object_put(root);
    if (!st && list->n == before)
        st = cao_fail(err, CAO_EDATA,
                      "%s: holds no map %s; add the index to 'indices' and run again, or name "
                      "another with --index",
                      dir, file);
    return st;
}

static enum cao_status add_folder(struct images *list, const char *dir, struct cao_error *err)
{
    static const char *const endings[] = { ".tif", ".tiff", ".vrt", ".jp2" };
    struct cao_names names = { 0 };
    size_t before = list->n;
    enum cao_status st = cao_list_dir(dir, &names, err);
    for (size_t i = 0; !st && i < names.n; i++) {
        char path[CAO_PATH_MAX];
        bool fits = false;
        for (size_t k = 0; k < sizeof endings / sizeof endings[0]; k++)
            fits |= cao_path_has_ending(names.items[i], endings[k]);
        if (!fits || names.items[i][0] == '.')
            continue;
        st = cao_path_join(path, dir, names.items[i], err);
        if (!st)
            st = add_image(list, path, CAO_NO_DATE, CAO_NO_DATE, err);
    }
    cao_names_release(&names);
    if (!st && list->n == before)
        st = cao_fail(err, CAO_EDATA,
                      "%s: is no output folder of a run and holds no .tif, .vrt or .jp2", dir);
    return st;
}

static enum cao_status list_images(const struct cao_calibrate_options *o, struct images *list,
                                   struct cao_error *err)
{
    enum cao_status st = CAO_OK;
    for (size_t i = 0; !st && i < o->n_rasters; i++) {
        char record[CAO_PATH_MAX];
        if (!cao_file_is_dir(o->rasters[i])) {
            st = add_image(list, o->rasters[i], CAO_NO_DATE, CAO_NO_DATE, err);
            continue;
        }
        st = cao_path_join(record, o->rasters[i], "run.json", err);
        if (!st)
            st = cao_file_stat(record, NULL, NULL)
                     ? add_results(list, o->rasters[i], record, o->index, err)
                     : add_folder(list, o->rasters[i], err);
    }
    return st;
}

/* --- from images to points --- */

/* How far each plot came: what is said where it has no value. */
enum reach { NOWHERE, COVERED, DATED };

struct sampling {
    const struct cao_calibrate_options *o;
    struct cao_calibration *c;
    enum reach *reach; /* [plots] */
    double *x, *y;     /* [plots] in the raster's CRS */
    size_t n_bands;    /* images so far: an image is a band */
    bool alone;        /* there is one image in all: it may be without a date */
    double most;       /* of |value| met */
};

/* Days between the plot and what the image shows; 0 within a period. */
static int32_t days_off(int32_t day, int32_t from, int32_t to)
{
    return day < from ? from - day : day > to ? day - to : 0;
}

static enum cao_status offer(struct sampling *s, const struct cao_raster_info *info,
                             struct cao_raster_in *raster, size_t band, int side, int32_t from,
                             int32_t to, size_t i, struct cao_error *err)
{
    struct cao_calibrate_point *p = &s->c->points[i];
    int32_t off = from == CAO_NO_DATE ? 0 : days_off(s->c->plots.items[i].date, from, to);
    double value = 0;
    int32_t cell[2];
    enum cao_sampled result;
    if (p->why[0])
        return CAO_OK;
    enum cao_status st =
        cao_sample(raster, info, band, s->x[i], s->y[i], side, &value, cell, &result, err);
    if (st || result == CAO_SAMPLE_OUTSIDE)
        return st;
    s->reach[i] = s->reach[i] < COVERED ? COVERED : s->reach[i];
    if (off > s->o->within_days)
        return CAO_OK;
    s->reach[i] = DATED;
    if (result != CAO_SAMPLE_OK)
        return CAO_OK;
    s->most = fabs(value) > s->most ? fabs(value) : s->most;
    double distance = s->o->take == CAO_TAKE_MAX ? -value : off;
    if (!isnan(p->index) && distance >= p->distance)
        return CAO_OK;
    p->index = value;
    p->distance = distance;
    p->image = s->n_bands;
    p->image_date = from == to ? from : CAO_NO_DATE;
    p->cell[0] = cell[0];
    p->cell[1] = cell[1];
    return CAO_OK;
}

static enum cao_status sample_band(struct sampling *s, const struct image *image,
                                   const struct cao_raster_info *info, struct cao_raster_in *raster,
                                   size_t band, struct cao_error *err)
{
    int32_t from = image->from, to = image->to;
    if (from == CAO_NO_DATE)
        from = to = info->bands[band].date;
    if (from == CAO_NO_DATE && !s->alone)
        return cao_fail(err, CAO_EARG,
                        "%s: band %zu has no date in its name or metadata, so plots cannot be "
                        "matched with it; name the file such as ndvi_20240805.tif",
                        info->path, band + 1);
    if (from == CAO_NO_DATE &&
        cao_findings_add(&s->c->findings, CAO_NOTE, "image-undated", info->path, 0, NULL,
                         "has no date: it is taken for plots of all dates"))
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    double cell = cao_raster_cell_m(info);
    int side = s->o->side ? s->o->side : cell < 100 ? 3 : 1;
    enum cao_status st = CAO_OK;
    if (s->n_bands == 0) {
        s->c->side = side;
        s->c->cell_m = cell;
    }
    for (size_t i = 0; !st && i < s->c->plots.n; i++)
        st = offer(s, info, raster, band, side, from, to, i, err);
    s->n_bands++;
    return st;
}

static enum cao_status sample_image(struct sampling *s, const struct image *image, const char *crs,
                                    struct cao_error *err)
{
    struct cao_raster_info info = { 0 };
    struct cao_raster_in *raster = NULL;
    enum cao_status st = cao_raster_info_read(image->path, NULL, &info, err);
    if (st)
        return st;
    for (size_t i = 0; i < s->c->plots.n; i++) {
        s->x[i] = s->c->plots.items[i].x;
        s->y[i] = s->c->plots.items[i].y;
    }
    st = cao_points_to_raster(&info, crs, s->x, s->y, s->c->plots.n, err);
    if (!st)
        st = cao_raster_in_open(&info, &raster, err);
    s->alone = s->alone && info.n_bands == 1;
    for (size_t b = 0; !st && b < info.n_bands; b++)
        st = sample_band(s, image, &info, raster, b, err);
    cao_raster_in_close(raster);
    cao_raster_info_release(&info);
    return st;
}

static void say_why(const struct sampling *s)
{
    for (size_t i = 0; i < s->c->plots.n; i++) {
        struct cao_calibrate_point *p = &s->c->points[i];
        if (p->why[0] || !isnan(p->index))
            continue;
        if (s->reach[i] == NOWHERE)
            snprintf(p->why, sizeof p->why, "outside of the images");
        else if (s->reach[i] == COVERED)
            snprintf(p->why, sizeof p->why, "no image within %d days", s->o->within_days);
        else
            snprintf(p->why, sizeof p->why, "no clear value in the images of its days");
    }
}

/* Whole numbers that lost their scale would give an equation that fits nothing else. */
static enum cao_status check_scale(const struct sampling *s, struct cao_error *err)
{
    const struct cao_index *ix;
    if (cao_index_find(s->o->index, &ix, NULL))
        return CAO_OK;
    double limit = 1.5 * fmax(fabs((double)ix->min), fabs((double)ix->max));
    if (s->most <= limit)
        return CAO_OK;
    return cao_fail(err, CAO_EDATA,
                    "the images hold %g, which %s (%g to %g) cannot be: their scale is not set; "
                    "gdal_edit.py -scale 0.0001 FILE sets it",
                    s->most, ix->name, (double)ix->min, (double)ix->max);
}

enum cao_status cao_calibrate_images(const struct cao_calibrate_options *o,
                                     struct cao_calibration *c, struct cao_error *err)
{
    struct images list = { 0 };
    size_t n = c->plots.n + 1;
    struct sampling s = { .o = o,
                          .c = c,
                          .reach = calloc(n, sizeof *s.reach),
                          .x = calloc(n, sizeof *s.x),
                          .y = calloc(n, sizeof *s.y) };
    enum cao_status st =
        s.reach && s.x && s.y ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    if (!st && o->n_rasters == 0)
        st = cao_fail(err, CAO_EARG,
                      "no image is named: -r RESULTS of a run, a folder, or rasters of the index");
    if (!st && !o->crs && !c->plots.degrees)
        st = cao_fail(err, CAO_EARG,
                      "%s: the places are no longitudes and latitudes; name their CRS with --crs, "
                      "such as EPSG:4525",
                      o->plots.path);
    if (!st)
        st = list_images(o, &list, err);
    s.alone = list.n == 1;
    for (size_t i = 0; !st && i < list.n; i++)
        st = sample_image(&s, &list.items[i], o->crs ? o->crs : "EPSG:4326", err);
    if (!st)
        st = check_scale(&s, err);
    if (!st) {
        say_why(&s);
        snprintf(c->place, sizeof c->place, "%s", o->crs ? o->crs : "EPSG:4326");
        c->images = calloc(list.n + 1, sizeof *c->images);
        if (!c->images)
            st = cao_fail(err, CAO_ENOMEM, "out of memory");
    }
    for (size_t i = 0; !st && i < list.n; i++) {
        c->images[c->n_images++] = list.items[i].path;
        list.items[i].path = NULL;
    }
    release_images(&list);
    free(s.reach);
    free(s.x);
    free(s.y);
    return st;
}
