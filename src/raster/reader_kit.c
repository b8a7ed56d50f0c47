/* SPDX-License-Identifier: MIT */
#include "raster/reader_kit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>

#include "base/lanes.h"
#include "caochu/text.h"
#include "raster/crs.h"
#include "raster/gdal_words.h"

/* Two numbers a cell as they are, or three shorter ones. */
enum { PLACES_BYTES = CAO_CHUNK_CELLS * 2 * sizeof(double) };

enum cao_status cao_reader_kit_create(const struct cao_grid *grid, size_t cache_bytes,
                                      struct cao_reader_kit **kit, struct cao_error *err)
{
    struct cao_reader_kit *k = calloc(1, sizeof *k);
    if (!k)
        return cao_fail(err, CAO_ENOMEM, "out of memory for reading");
    k->grid = grid;
    k->blocks = cao_block_cache_create(cache_bytes);
    if (!k->blocks) {
        cao_reader_kit_destroy(k);
        return cao_fail(err, CAO_ENOMEM, "out of memory for reading");
    }
    *kit = k;
    return CAO_OK;
}

void cao_reader_kit_park(struct cao_reader_kit *k)
{
    cao_block_cache_may_park(k->blocks, true);
}

size_t cao_reader_kit_bytes(size_t cache_bytes)
{
    return sizeof(struct cao_reader_kit) + cache_bytes + cao_block_cache_besides() +
           CAO_SOURCE_PIXELS * (sizeof(uint16_t) + sizeof(float) + 3) +
           (1 + CAO_MOST_PLACES) * PLACES_BYTES;
}

enum cao_status cao_reader_kit_room(struct cao_reader_kit *k, bool places, struct cao_error *err)
{
    if (!k->dn)
        k->dn = malloc(CAO_SOURCE_PIXELS * sizeof *k->dn);
    if (!k->value)
        k->value = malloc(CAO_SOURCE_PIXELS * sizeof *k->value);
    if (places && !k->x)
        k->x = malloc(CAO_CHUNK_CELLS * sizeof *k->x);
    if (places && !k->y)
        k->y = malloc(CAO_CHUNK_CELLS * sizeof *k->y);
    return k->dn && k->value && (!places || (k->x && k->y))
               ? CAO_OK
               : cao_fail(err, CAO_ENOMEM, "out of memory for reading");
}

enum cao_status cao_reader_kit_masks(struct cao_reader_kit *k, struct cao_error *err)
{
    uint8_t **all[] = { &k->reason, &k->wide, &k->hit };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (!*all[i])
            *all[i] = malloc(CAO_SOURCE_PIXELS);
        if (!*all[i])
            return cao_fail(err, CAO_ENOMEM, "out of memory for reading");
    }
    return CAO_OK;
}

static bool same_scaling(const struct cao_scaling *s, double gain, double offset, bool is_signed)
{
    return s->gain == gain && s->offset == offset && s->is_signed == is_signed;
}

struct cao_scaling cao_reader_kit_scaling(struct cao_reader_kit *k, double gain, double offset,
                                          bool is_signed)
{
    size_t n = k->n_scalings < CAO_MOST_SCALINGS ? k->n_scalings : CAO_MOST_SCALINGS;
    for (size_t i = 0; i < n; i++)
        if (same_scaling(&k->scaling[i], gain, offset, is_signed))
            return k->scaling[i];
    struct cao_scaling made = cao_scaling_make(gain, offset, is_signed);
    k->scaling[k->n_scalings++ % CAO_MOST_SCALINGS] = made;
    return made;
}

static void link_release(struct cao_crs_link *l)
{
    OCTDestroyCoordinateTransformation(l->to_scene);
    OCTDestroyCoordinateTransformation(l->to_grid);
    OSRDestroySpatialReference(l->srs);
    free(l->crs);
    *l = (struct cao_crs_link){ 0 };
}

void cao_reader_kit_destroy(struct cao_reader_kit *k)
{
    if (!k)
        return;
    for (size_t i = 0; i < k->n_links; i++)
        link_release(&k->links[i]);
    cao_block_cache_destroy(k->blocks);
    for (size_t i = 0; i < CAO_MOST_PLACES; i++)
        free(k->places[i].memory);
    free(k->dn);
    free(k->value);
    free(k->reason);
    free(k->wide);
    free(k->hit);
    free(k->x);
    free(k->y);
    free(k);
}

static enum cao_status make_link(const struct cao_grid *grid, const struct cao_scene *scene,
                                 struct cao_crs_link *l, struct cao_error *err)
{
    char words[CAO_WORDS];
    CPLErrorReset();
    l->crs = cao_text_copy(scene->crs);
    l->srs = cao_srs_import(scene->crs);
    if (!l->crs || !l->srs)
        return cao_fail(err, CAO_EDATA, "%s: its coordinate system is not understood: %s",
                        scene->path, cao_gdal_words(words));
    l->same = cao_crs_same(scene->crs, grid->crs);
    if (l->same)
        return CAO_OK;
    OGRSpatialReferenceH to = cao_srs_import(grid->crs);
    if (to) {
        l->to_scene = OCTNewCoordinateTransformation(to, l->srs);
        l->to_grid = OCTNewCoordinateTransformation(l->srs, to);
    }
    OSRDestroySpatialReference(to);
    if (l->to_scene && l->to_grid)
        return CAO_OK;
    return cao_fail(err, CAO_EDATA, "%s: cannot be carried from %s to %s: %s", scene->path,
                    scene->crs_name, grid->crs_name, cao_gdal_words(words));
}

enum cao_status cao_reader_kit_link(struct cao_reader_kit *k, const struct cao_scene *scene,
                                    const struct cao_crs_link **link, struct cao_error *err)
{
    for (size_t i = 0; i < k->n_links; i++)
        if (strcmp(k->links[i].crs, scene->crs) == 0) {
            *link = &k->links[i];
            return CAO_OK;
        }
    if (k->n_links == CAO_MOST_LINKS)
        return cao_fail(err, CAO_EARG, "%s: more than %d coordinate systems in one run",
                        scene->path, CAO_MOST_LINKS);
    struct cao_crs_link made = { 0 };
    enum cao_status st = make_link(k->grid, scene, &made, err);
    if (st) {
        link_release(&made);
        return st;
    }
    k->links[k->n_links] = made;
    *link = &k->links[k->n_links++];
    return CAO_OK;
}

/* Least and greatest of n places, in lanes that the compiler can put in vectors; NaN compares false
 * and stays out. */
CAO_LANES void cao_places_range(const double *restrict v, size_t n, double *least, double *most)
{
    enum { LANES = 64 }; /* with fewer gcc 12 unrolls them one by one */
    double low[LANES], high[LANES];
    for (int k = 0; k < LANES; k++) {
        low[k] = HUGE_VAL;
        high[k] = -HUGE_VAL;
    }
    size_t whole = n / LANES * LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            low[k] = v[i + k] < low[k] ? v[i + k] : low[k];
            high[k] = v[i + k] > high[k] ? v[i + k] : high[k];
        }
    for (size_t i = whole; i < n; i++) {
        low[0] = v[i] < low[0] ? v[i] : low[0];
        high[0] = v[i] > high[0] ? v[i] : high[0];
    }
    for (int k = 1; k < LANES; k++) {
        low[0] = low[k] < low[0] ? low[k] : low[0];
        high[0] = high[k] > high[0] ? high[k] : high[0];
    }
    *least = low[0];
    *most = high[0];
}

static bool same_window(const struct cao_window *a, const struct cao_window *b)
{
    return a->col == b->col && a->row == b->row && a->cols == b->cols && a->rows == b->rows;
}

static bool same_places(const struct cao_places *a, const struct cao_places *b)
{
    return a->kind == b->kind && a->to_layer == b->to_layer && a->width == b->width &&
           a->height == b->height && same_window(&a->window, &b->window) &&
           memcmp((const void *)a->geotransform, (const void *)b->geotransform,
                  sizeof a->geotransform) == 0;
}

struct cao_places *cao_reader_kit_places(struct cao_reader_kit *k, const struct cao_places *like)
{
    struct cao_places *place = &k->places[0];
    for (size_t i = 0; i < CAO_MOST_PLACES; i++) {
        struct cao_places *kept = &k->places[i];
        if (kept->used && same_places(kept, like)) {
            kept->used = ++k->clock;
            return kept;
        }
        place = kept->used < place->used ? kept : place;
    }
    void *memory = place->memory ? place->memory : malloc(PLACES_BYTES);
    *place = *like;
    place->used = 0;
    place->memory = memory;
    place->x = memory;
    place->y = memory ? place->x + CAO_CHUNK_CELLS : NULL;
    place->spots.at = memory;
    place->spots.u = memory ? (float *)(place->spots.at + CAO_CHUNK_CELLS) : NULL;
    place->spots.t = memory ? place->spots.u + CAO_CHUNK_CELLS : NULL;
    return memory ? place : NULL;
}

void cao_reader_kit_keep(struct cao_reader_kit *k, struct cao_places *places)
{
    places->used = ++k->clock;
}
