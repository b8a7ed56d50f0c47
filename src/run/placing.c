/* SPDX-License-Identifier: MIT */
#include "run/placing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/arena.h"
#include "caochu/file.h"
#include "caochu/text.h"

/* --- the grid --- */

static enum cao_status make_grid(const struct cao_project *project,
                                 const struct cao_pastures *pastures, const char *crs,
                                 struct cao_grid *grid, struct cao_error *err)
{
    double box[4], res = project->grid_resolution_m, x0, y0;
    cao_pastures_bounds(pastures, box);
    if (isnan(project->grid_origin[0])) {
        cao_grid_anchor(crs, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, res,
                        project->grid_tile_px, &x0, &y0);
    } else {
        x0 = project->grid_origin[0];
        y0 = project->grid_origin[1];
    }
    /* Whole tiles on all sides, so that tiles keep their cells when pastures are added. */
    double side = res * project->grid_tile_px;
    x0 += floor((box[0] - x0) / side) * side;
    y0 += ceil((box[3] - y0) / side) * side;
    double cols = ceil((box[2] - x0) / side) * project->grid_tile_px;
    double rows = ceil((y0 - box[1]) / side) * project->grid_tile_px;
    if (!(cols >= 1 && rows >= 1 && cols < (1 << 20) && rows < (1 << 20)))
        return cao_fail(err, CAO_EARG,
                        "%s: the pastures span %.0f x %.0f km; at %g m that is more than a grid of "
                        "%d cells a side can hold; check the layer's CRS, or use a coarser "
                        "grid.resolution",
                        pastures->path, (box[2] - box[0]) / 1000, (box[3] - box[1]) / 1000, res,
                        1 << 20);
    return cao_grid_init(grid, crs, x0, y0, res, (int32_t)cols, (int32_t)rows,
                         project->grid_tile_px, err);
}

enum cao_status cao_placing_polygons(const struct cao_pastures *p, const struct cao_grid *grid,
                                     struct cao_polygon **polygons, double **xy_cells,
                                     struct cao_error *err)
{
    size_t n_points = 0;
    for (size_t i = 0; i < p->n; i++)
        n_points += p->items[i].n_rings ? p->items[i].ring_end[p->items[i].n_rings - 1] : 0;
    struct cao_polygon *made = calloc(p->n + 1, sizeof *made);
    double *xy = calloc(2 * n_points + 2, sizeof *xy), *at = xy;
    if (!made || !xy) {
        free(made);
        free(xy);
        return cao_fail(err, CAO_ENOMEM, "out of memory for the plan");
    }
    for (size_t i = 0; i < p->n; i++) {
        cao_pasture_on_grid(&p->items[i], grid, at, &made[i]);
        at += p->items[i].n_rings ? 2 * p->items[i].ring_end[p->items[i].n_rings - 1] : 0;
    }
    *polygons = made;
    *xy_cells = xy;
    return CAO_OK;
}

/* --- which pastures touch which tiles --- */

static int compare_touches(const void *a, const void *b)
{
    const struct cao_touch *x = a, *y = b;
    if (x->tile_row != y->tile_row)
        return x->tile_row < y->tile_row ? -1 : 1;
    if (x->tile_col != y->tile_col)
        return x->tile_col < y->tile_col ? -1 : 1;
    return x->pasture < y->pasture ? -1 : x->pasture > y->pasture;
}

static enum cao_status push_touch(struct cao_placing *t, struct cao_touch item,
                                  struct cao_error *err)
{
    if (t->n_touches == t->capacity) {
        size_t capacity = t->capacity ? t->capacity * 2 : 1024;
        struct cao_touch *more = realloc(t->touches, capacity * sizeof *more);
        if (!more)
            return cao_fail(err, CAO_ENOMEM, "out of memory for the plan");
        t->touches = more;
        t->capacity = capacity;
    }
    t->touches[t->n_touches++] = item;
    return CAO_OK;
}

/* A bounding box over several tiles says little about a long valley: ask for the cover itself, where the area
 * does not tell. */
static enum cao_status has_share(const struct cao_polygon *p, const struct cao_window *w,
                                 const struct cao_cover_need *need, bool *any,
                                 struct cao_error *err)
{
    struct cao_arena arena = { 0 };
    *any = true;
    if (cao_cover_is_sure(p, w))
        return CAO_OK;
    enum cao_status st = cao_arena_init(&arena,
                                        cao_arena_need(need->spans, sizeof(struct cao_span)) +
                                            cao_arena_need(need->scratch_bytes, 1),
                                        err);
    if (st)
        return st;
    struct cao_span *spans = cao_arena_take(&arena, need->spans, sizeof *spans);
    void *scratch = cao_arena_take(&arena, need->scratch_bytes, 1);
    *any = !spans || !scratch || cao_cover(p, w, scratch, spans) > 0;
    cao_arena_release(&arena);
    return CAO_OK;
}

static enum cao_status touch_tiles(const struct cao_grid *grid, const struct cao_polygon *p,
                                   size_t pasture, struct cao_placing *all, struct cao_error *err)
{
    struct cao_window whole = { 0, 0, grid->cols, grid->rows };
    struct cao_window box = cao_cover_window(p, &whole);
    if (box.cols == 0 || box.rows == 0)
        return CAO_OK;
    int32_t tile = grid->tile;
    int32_t r0 = box.row / tile, r1 = (box.row + box.rows - 1) / tile;
    int32_t c0 = box.col / tile, c1 = (box.col + box.cols - 1) / tile;
    enum cao_status st = CAO_OK;
    for (int32_t r = r0; !st && r <= r1; r++)
        for (int32_t c = c0; !st && c <= c1; c++) {
            struct cao_window w = cao_tile_window(grid, r, c);
            struct cao_cover_need need = cao_cover_need(p, &w);
            struct cao_touch t = { r, c, pasture, need.spans, need.scratch_bytes };
            bool any = true;
            if (r0 != r1 || c0 != c1)
                st = has_share(p, &w, &need, &any, err);
            if (!st && any)
                st = push_touch(all, t, err);
        }
    return st;
}

static void add_border(struct cao_hash *h, const struct cao_pasture *p)
{
    cao_hash_text(h, p->id);
    cao_hash_double(h, p->area_geodesic_ha);
    cao_hash_int(h, (int64_t)p->n_rings);
    for (size_t r = 0; r < p->n_rings; r++)
        cao_hash_int(h, (int64_t)p->ring_end[r]);
    if (p->n_rings)
        cao_hash_doubles(h, p->xy, 2 * p->ring_end[p->n_rings - 1]);
}

/* Touches of one tile lie together; the borders of its pastures count for its digest. */
static enum cao_status gather_tiles(const struct cao_pastures *p, struct cao_placing *place,
                                    struct cao_error *err)
{
    struct cao_hash *h = NULL;
    place->tiles = calloc(place->n_touches + 1, sizeof *place->tiles);
    enum cao_status st = place->tiles ? cao_hash_create(&h, err)
                                      : cao_fail(err, CAO_ENOMEM, "out of memory for the plan");
    for (size_t i = 0; !st && i < place->n_touches;) {
        const struct cao_touch *t = &place->touches[i];
        struct cao_placed_tile *tile = &place->tiles[place->n_tiles++];
        tile->row =
            t->tile_row; /* one by one: what lies between the fields stays 0, in the file too */
        tile->col = t->tile_col;
        tile->first = i;
        cao_hash_reset(h);
        for (; i < place->n_touches && place->touches[i].tile_row == tile->row &&
               place->touches[i].tile_col == tile->col;
             i++)
            add_border(h, &p->items[place->touches[i].pasture]);
        tile->n = i - tile->first;
        cao_hash_final(h, tile->borders);
    }
    cao_hash_destroy(h);
    return st;
}

static enum cao_status place_all(const struct cao_pastures *p, const struct cao_grid *grid,
                                 struct cao_placing *place, struct cao_error *err)
{
    struct cao_polygon *polygons = NULL;
    double *xy = NULL;
    enum cao_status st = cao_placing_polygons(p, grid, &polygons, &xy, err);
    for (size_t i = 0; !st && i < p->n; i++)
        st = touch_tiles(grid, &polygons[i], i, place, err);
    if (!st && place->n_touches)
        qsort(place->touches, place->n_touches, sizeof *place->touches, compare_touches);
    if (!st)
        st = gather_tiles(p, place, err);
    free(polygons);
    free(xy);
    return st;
}

/* --- remembered --- */

/* Raise it with any change of what a grid, a touch or a border is, or of how it is packed. */
enum { FORM = 1, KEY = CAO_HASH_TEXT - 1, HEAD = 64, MOST_BYTES = 1 << 28 };

/* The numbers of the file, in this machine's form: the head says which. */
struct packed {
    double x0, y0, res_m;
    int64_t cols, rows, tile;
    uint64_t crs, crs_name, n_touches, n_tiles; /* of texts their lengths */
};

static void make_head(char head[HEAD])
{
    memset(head, 0, HEAD);
    snprintf(head, HEAD, "caochu tiles %d %zu %zu %zu %08x\n", FORM, sizeof(struct packed),
             sizeof(struct cao_touch), sizeof(struct cao_placed_tile), 0x01020304);
}

static enum cao_status memory_path(const struct cao_project *p, char path[CAO_PATH_MAX])
{
    return cao_path_join(path, p->output_dir, ".caochu.tiles", NULL);
}

/* The pastures' own key holds the layer's bytes and the libraries. */
static void make_key(const struct cao_project *p, const char *layer, const char *crs,
                     char key[CAO_HASH_TEXT])
{
    struct cao_hash *h = NULL;
    key[0] = '\0';
    if (!layer[0] || cao_hash_create(&h, NULL))
        return;
    cao_hash_text(h, layer);
    cao_hash_text(h, crs);
    cao_hash_double(h, p->grid_resolution_m);
    cao_hash_int(h, p->grid_tile_px);
    cao_hash_doubles(h, p->grid_origin, 2);
    cao_hash_final(h, key);
    cao_hash_destroy(h);
}

static char *text_at(const char *at, size_t n)
{
    char *s = malloc(n + 1);
    if (s) {
        memcpy(s, at, n);
        s[n] = '\0';
    }
    return s;
}

/* What another machine, a torn disk or a hand may have made of it never reaches the plan. */
static bool is_sound(const struct cao_placing *place, const struct cao_grid *g, size_t n_pastures)
{
    size_t next = 0;
    bool fine = g->res_m > 0 && g->cols > 0 && g->rows > 0 && g->tile > 0;
    for (size_t i = 0; fine && i < place->n_tiles; i++) {
        const struct cao_placed_tile *t = &place->tiles[i];
        fine = t->first == next && t->n > 0 && t->n <= place->n_touches - next && t->row >= 0 &&
               t->col >= 0 && (int64_t)t->row * g->tile < g->rows &&
               (int64_t)t->col * g->tile < g->cols && t->borders[KEY] == '\0';
        next += fine ? t->n : 0;
    }
    for (size_t i = 0; fine && i < place->n_touches; i++)
        fine = place->touches[i].pasture < n_pastures;
    return fine && next == place->n_touches;
}

static bool unpack(const char *at, const char *end, size_t n_pastures, struct cao_placing *place,
                   struct cao_grid *grid)
{
    struct packed n;
    if ((size_t)(end - at) < sizeof n)
        return false;
    memcpy(&n, at, sizeof n);
    at += sizeof n;
    size_t left = (size_t)(end - at), touch = sizeof *place->touches, tile = sizeof *place->tiles;
    if (n.crs > left || n.crs_name > left - n.crs || n.n_touches > left / touch ||
        n.n_tiles > left / tile ||
        n.crs + n.crs_name + n.n_touches * touch + n.n_tiles * tile != left || n.cols > INT32_MAX ||
        n.rows > INT32_MAX || n.tile > INT32_MAX)
        return false;
    struct cao_grid g = { .x0 = n.x0,
                          .y0 = n.y0,
                          .res_m = n.res_m,
                          .cols = (int32_t)n.cols,
                          .rows = (int32_t)n.rows,
                          .tile = (int32_t)n.tile };
    struct cao_placing made = { .n_touches = n.n_touches, .n_tiles = n.n_tiles };
    g.crs = text_at(at, n.crs);
    g.crs_name = text_at(at + n.crs, n.crs_name);
    at += n.crs + n.crs_name;
    made.touches = malloc(n.n_touches * touch + 1);
    made.tiles = malloc(n.n_tiles * tile + 1);
    bool fine = g.crs && g.crs_name && made.touches && made.tiles;
    if (fine) {
        memcpy(made.touches, at, n.n_touches * touch);
        memcpy(made.tiles, at + n.n_touches * touch, n.n_tiles * tile);
        fine = is_sound(&made, &g, n_pastures);
    }
    if (!fine) {
        cao_placing_release(&made);
        cao_grid_release(&g);
        return false;
    }
    made.recalled = true;
    memcpy(made.key, place->key, sizeof made.key);
    *place = made;
    *grid = g;
    return true;
}

static bool recall(const struct cao_project *p, size_t n_pastures, struct cao_placing *place,
                   struct cao_grid *grid)
{
    char path[CAO_PATH_MAX], head[HEAD], digest[CAO_HASH_TEXT] = "", *bytes = NULL;
    size_t n = 0;
    make_head(head);
    bool fine = place->key[0] && !memory_path(p, path) &&
                !cao_file_read(path, MOST_BYTES, &bytes, &n, NULL) && n >= HEAD + 2 * KEY &&
                memcmp(bytes, head, HEAD) == 0 && memcmp(bytes + HEAD, place->key, KEY) == 0 &&
                !cao_hash_of(bytes, n - KEY, digest, NULL) &&
                memcmp(bytes + n - KEY, digest, KEY) == 0 &&
                unpack(bytes + HEAD + KEY, bytes + n - KEY, n_pastures, place, grid);
    free(bytes);
    return fine;
}

void cao_placing_keep(const struct cao_project *p, const struct cao_placing *place,
                      const struct cao_grid *grid)
{
    char path[CAO_PATH_MAX], head[HEAD], digest[CAO_HASH_TEXT];
    struct cao_buf b = { 0 };
    if (!place->key[0] || place->recalled || memory_path(p, path))
        return;
    struct packed n = { .x0 = grid->x0,
                        .y0 = grid->y0,
                        .res_m = grid->res_m,
                        .cols = grid->cols,
                        .rows = grid->rows,
                        .tile = grid->tile,
                        .crs = strlen(grid->crs),
                        .crs_name = strlen(grid->crs_name),
                        .n_touches = place->n_touches,
                        .n_tiles = place->n_tiles };
    make_head(head);
    cao_buf_put(&b, head, HEAD);
    cao_buf_put(&b, place->key, KEY);
    cao_buf_put(&b, &n, sizeof n);
    cao_buf_put(&b, grid->crs, n.crs);
    cao_buf_put(&b, grid->crs_name, n.crs_name);
    cao_buf_put(&b, place->touches, place->n_touches * sizeof *place->touches);
    cao_buf_put(&b, place->tiles, place->n_tiles * sizeof *place->tiles);
    if (!b.failed && !cao_hash_of(b.text, b.n, digest, NULL)) {
        cao_buf_put(&b, digest, KEY);
        if (!b.failed && b.n <= MOST_BYTES)
            (void)!cao_file_write(path, b.text, b.n, NULL);
    }
    cao_buf_release(&b);
}

enum cao_status cao_placing_make(const struct cao_project *project,
                                 const struct cao_pastures *pastures, const char *crs,
                                 const struct cao_placing_memory *memory, struct cao_placing *place,
                                 struct cao_grid *grid, struct cao_error *err)
{
    make_key(project, memory->pastures, crs, place->key);
    if (!memory->fresh && recall(project, pastures->n, place, grid))
        return CAO_OK;
    enum cao_status st = make_grid(project, pastures, crs, grid, err);
    return st ? st : place_all(pastures, grid, place, err);
}

void cao_placing_release(struct cao_placing *place)
{
    free(place->touches);
    free(place->tiles);
    *place = (struct cao_placing){ 0 };
}
