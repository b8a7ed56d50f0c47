/* SPDX-License-Identifier: MIT */
#include "run/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/composite.h"
#include "caochu/reader.h"
#include "run/look.h"
#include "run/season.h"
#include "run/digest.h"
#include "run/tile.h"

enum {
    MEMORY_PER_WORKER = 384 << 20, /* strips are not made larger than this asks for */
    MEMORY_BESIDES = 24 << 20,     /* of a worker: overviews, the encoder, GDAL's datasets */
    LEAST_SQUARE = 128,
    OF_A_LAYER = 4 << 20,
    OF_A_TURNED_LAYER = 6 << 20,
    LEAST_CACHE = 8 << 20,
    MOST_CACHE = 192 << 20,
    FILES_OF_OUR_OWN = 64 /* libraries' databases, outputs, the lock */
};

static bool windows_meet(const struct cao_window *a, const struct cao_window *b)
{
    return a->col < b->col + b->cols && b->col < a->col + a->cols && a->row < b->row + b->rows &&
           b->row < a->row + a->rows;
}

/* How many scenes of the catalog, which is in order of time, are of an earlier day. */
static size_t scenes_before(const struct cao_catalog *c, int32_t day)
{
    size_t low = 0, high = c->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->scenes[middle].time < (int64_t)day * 86400)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether any day of the scene may be of the period. */
static bool in_period(const struct cao_scene *s, const struct cao_period *period)
{
    int64_t day = s->time / 86400;
    return day + (s->day_span > 1 ? s->day_span - 1 : 0) >= period->from && day <= period->to;
}

/* The scenes of the period that may reach the tile, in the catalog's order. */
static enum cao_status job_scenes(const struct cao_plan *plan, const struct cao_window *reach,
                                  struct cao_tile_job *job, struct cao_error *err)
{
    const struct cao_period *period = &plan->project->periods[job->period];
    const struct cao_scene *scenes = plan->catalog->scenes;
    size_t first = scenes_before(plan->catalog, period->from - CAO_MOST_DAYS);
    size_t last = scenes_before(plan->catalog, period->to + 1), n = 0;
    for (size_t i = first; i < last; i++)
        n += in_period(&scenes[i], period) && windows_meet(&reach[i], &job->window);
    job->scenes = calloc(n + 1, sizeof *job->scenes);
    if (!job->scenes)
        return cao_fail(err, CAO_ENOMEM, "out of memory for the plan");
    for (size_t i = first; i < last; i++)
        if (in_period(&scenes[i], period) && windows_meet(&reach[i], &job->window))
            job->scenes[job->n_scenes++] = i;
    if (job->n_scenes >= CAO_NO_LOOK)
        return cao_fail(err, CAO_EARG,
                        "period %s: more than %d scenes on one tile; use a shorter period",
                        period->name, CAO_NO_LOOK - 1);
    return CAO_OK;
}

static void add_type(struct cao_tile_job *job, size_t type)
{
    size_t k = 0;
    while (k < job->n_types && job->types[k] != type)
        k++;
    if (type != SIZE_MAX && k == job->n_types)
        job->types[job->n_types++] = type;
}

/* The types that a layer may bring into the tile, and what covering by its polygons takes. */
static void job_ground(const struct cao_plan *plan, struct cao_tile_job *job)
{
    for (int k = 0; k < CAO_N_GROUND; k++) {
        const struct cao_ground_layer *l = &plan->ground->layer[k];
        bool of_type[256] = { false };
        for (size_t i = 0; l->is_raster && i < 65536; i++)
            of_type[l->value[i]] = true;
        for (size_t i = 0; i < l->polygons.n; i++) {
            if (l->box[i].cols == 0 || !windows_meet(&l->box[i], &job->window))
                continue;
            struct cao_cover_need need = cao_cover_need(&l->cells[i], &job->window);
            job->ground_spans = need.spans > job->ground_spans ? need.spans : job->ground_spans;
            if (need.scratch_bytes > job->ground_scratch)
                job->ground_scratch = need.scratch_bytes;
            of_type[l->value[i]] = true;
        }
        for (size_t t = 1; k == CAO_GROUND_TYPE && t < CAO_NOT_GRASS; t++)
            if (of_type[t])
                add_type(job, t - 1);
    }
}

static enum cao_status job_pastures(const struct cao_plan *plan, const struct cao_touch *t,
                                    size_t n, struct cao_tile_job *job, struct cao_error *err)
{
    job->pastures = calloc(n, sizeof *job->pastures);
    job->types = calloc(n + plan->profile->n_types, sizeof *job->types);
    if (!job->pastures || !job->types)
        return cao_fail(err, CAO_ENOMEM, "out of memory for the plan");
    for (size_t i = 0; i < n; i++) {
        job->pastures[job->n_pastures++] = t[i].pasture;
        job->n_spans += t[i].n_spans;
        if (t[i].scratch_bytes > job->scratch_bytes)
            job->scratch_bytes = t[i].scratch_bytes;
        add_type(job, plan->holdings->items[t[i].pasture].type);
    }
    job_ground(plan, job);
    return CAO_OK;
}

static enum cao_status make_jobs(struct cao_plan *plan, const struct cao_window *reach,
                                 struct cao_error *err)
{
    const struct cao_placing *place = &plan->placing;
    plan->jobs = calloc(place->n_tiles * plan->project->n_periods + 1, sizeof *plan->jobs);
    if (!plan->jobs)
        return cao_fail(err, CAO_ENOMEM, "out of memory for the plan");
    enum cao_status st = CAO_OK;
    for (size_t period = 0; !st && period < plan->project->n_periods; period++)
        for (size_t i = 0; !st && i < place->n_tiles; i++) {
            const struct cao_placed_tile *t = &place->tiles[i];
            struct cao_tile_job *job = &plan->jobs[plan->n_jobs++];
            job->period = period;
            job->tile_row = t->row;
            job->tile_col = t->col;
            job->window = cao_tile_window(&plan->grid, t->row, t->col);
            memcpy(job->part[CAO_PART_BORDERS], t->borders, sizeof t->borders);
            st = job_scenes(plan, reach, job, err);
            if (!st)
                st = job_pastures(plan, place->touches + t->first, t->n, job, err);
        }
    return st;
}

/* A product may bring an index ready-made. Such looks go into the picture of the best look, whose
 * pixels are all of one look; other composites would mix them with computed ones. */
static bool brings(const struct cao_plan *plan, const struct cao_scene *s,
                   const struct cao_index *ix)
{
    enum cao_band ready = cao_band_ready(ix->name);
    return plan->project->composite->score && ready < CAO_N_BANDS && cao_scene_has(s, ready);
}

/* The first index that the scene can neither give ready-made nor be computed for, and the band that it
 * lacks; false: none. */
static bool lacking(const struct cao_plan *plan, const struct cao_scene *s, const char **index,
                    enum cao_band *band)
{
    for (size_t i = 0; i < plan->project->n_indices; i++) {
        const struct cao_index *ix = plan->project->indices[i];
        for (int b = 0; b < CAO_N_BANDS; b++)
            if ((ix->needs & CAO_BAND_BIT(b)) && !brings(plan, s, ix) &&
                cao_scene_band(s, (enum cao_band)b) >= CAO_N_BANDS) {
                *index = ix->name;
                *band = (enum cao_band)b;
                return true;
            }
    }
    return false;
}

/* Where each scene lies on the grid. A scene that cannot be placed, or that lacks a band, is set
 * aside with its reason: all indices stand on the same looks. */
static enum cao_status reach_of(const struct cao_plan *plan, struct cao_window *reach,
                                struct cao_findings *findings)
{
    for (size_t i = 0; i < plan->catalog->n; i++) {
        const struct cao_scene *s = &plan->catalog->scenes[i];
        struct cao_error why = { 0 };
        const char *index;
        enum cao_band band;
        if (lacking(plan, s, &index, &band)) {
            enum cao_status st = cao_findings_add(
                findings, CAO_PROBLEM, "missing-band", s->path, 0, s->id,
                "lacks the band %s that %s needs; left out (leave %s out of indices to use it)",
                cao_band_letter(band), index, index);
            if (st)
                return st;
            continue;
        }
        if (cao_grid_scene_window(&plan->grid, s, &reach[i], &why) == CAO_OK)
            continue;
        reach[i] = (struct cao_window){ 0 };
        enum cao_status st =
            cao_findings_add(findings, CAO_PROBLEM, "scene-unplaced", s->path, 0, s->id,
                             "cannot be brought onto the grid: %s", why.text);
        if (st)
            return st;
    }
    return CAO_OK;
}

enum cao_status cao_plan_polygons(struct cao_plan *plan, struct cao_error *err)
{
    return plan->polygons ? CAO_OK
                          : cao_placing_polygons(plan->pastures, &plan->grid, &plan->polygons,
                                                 &plan->xy_cells, err);
}

size_t cao_plan_index_of(const struct cao_plan *plan, size_t type)
{
    const char *name = plan->profile->types[type].index;
    for (size_t i = 0; i < plan->project->n_indices; i++)
        if (cao_text_same(plan->project->indices[i]->name, name))
            return i;
    return plan->yield_index; /* of a type without equations */
}

/* The bands to read, and where the indices that others stand on are in the project's list. */
static enum cao_status choose_bands(struct cao_plan *plan, struct cao_error *err)
{
    const struct cao_project *project = plan->project;
    uint32_t needs = CAO_BAND_BIT(CAO_BAND_R) | CAO_BAND_BIT(CAO_BAND_N);
    plan->yield_layers = cao_yield_layers_of(plan->profile);
    plan->yield_index = plan->ndvi_index = SIZE_MAX;
    for (size_t i = 0; i < project->n_indices; i++) {
        needs |= project->indices[i]->needs;
        if (cao_text_same(project->indices[i]->name, plan->profile->yield_index))
            plan->yield_index = i;
        if (cao_text_same(project->indices[i]->name, "NDVI"))
            plan->ndvi_index = i;
    }
    if (plan->yield_index == SIZE_MAX || plan->ndvi_index == SIZE_MAX)
        return cao_fail(err, CAO_EARG, "%s: indices lacks %s, which yield or cover stand on",
                        project->path,
                        plan->ndvi_index == SIZE_MAX ? "NDVI" : plan->profile->yield_index);
    for (size_t i = 0; i < project->n_indices; i++)
        for (size_t k = 0; k < plan->catalog->n; k++)
            if (brings(plan, &plan->catalog->scenes[k], project->indices[i]))
                needs |= CAO_BAND_BIT(cao_band_ready(project->indices[i]->name));
    if (project->composite->asks_haze && project->composite_settings.haze_weight > 0)
        needs |= CAO_BAND_BIT(CAO_BAND_B);
    for (int b = 0; b < CAO_N_BANDS; b++)
        if (needs & CAO_BAND_BIT(b))
            plan->bands[plan->n_bands++] = (enum cao_band)b;
    return CAO_OK;
}

/* Files of a band: for GDAL and for the way around it; twice where its cells may come from an overview and,
 * beside clouds, from the image. */
static size_t files_of(const struct cao_plan *plan, const struct cao_scene *s, enum cao_band b)
{
    enum cao_band have = cao_look_band(plan, s, b);
    if (have == CAO_N_BANDS)
        return 0;
    return plan->grid.res_m < 4 * fabs(s->band[have].geotransform[1]) ? 2 : 4;
}

/* Of the tile with the most: each look holds each band and quality layer open. */
static size_t files_per_worker(const struct cao_plan *plan)
{
    size_t most = 0;
    for (size_t i = 0; i < plan->n_jobs; i++) {
        size_t n = 0;
        for (size_t k = 0; k < plan->jobs[i].n_scenes; k++) {
            const struct cao_scene *s = &plan->catalog->scenes[plan->jobs[i].scenes[k]];
            for (size_t b = 0; b < plan->n_bands; b++)
                n += files_of(plan, s, plan->bands[b]);
            for (int q = 0; q < CAO_MOST_QA; q++)
                n += s->qa[q].layer.path ? 2 : 0;
        }
        most = n > most ? n : most;
    }
    return most;
}

static size_t most_scenes(const struct cao_plan *plan)
{
    size_t most = 0;
    for (size_t i = 0; i < plan->n_jobs; i++)
        most = plan->jobs[i].n_scenes > most ? plan->jobs[i].n_scenes : most;
    return most;
}

static bool on_the_grid(const struct cao_plan *plan, const struct cao_scene *s)
{
    return !s->rpc && strcmp(s->crs_name, plan->grid.crs_name) == 0;
}

static bool all_on_the_grid(const struct cao_plan *plan)
{
    bool all = true;
    for (size_t i = 0; i < plan->catalog->n; i++)
        all &= on_the_grid(plan, &plan->catalog->scenes[i]);
    return all;
}

/* Blocks of 20 m layers reach over several strips, those of images turned against the grid over
 * the borders of tiles too: up to eight of each layer, or twelve, are kept, half a megabyte each. Scenes
 * are gone through one after the other: of far more than can be kept nothing is left when its turn comes
 * again, so what a few scenes need is as good, and memory does not grow with the scenes. */
static size_t cache_bytes(const struct cao_plan *plan)
{
    enum { FEW = 3 };
    size_t of_a_scene =
        (plan->n_bands + 1) * (all_on_the_grid(plan) ? OF_A_LAYER : OF_A_TURNED_LAYER);
    size_t bytes = most_scenes(plan) * of_a_scene;
    if (bytes > 2 * (size_t)MOST_CACHE)
        bytes = FEW * of_a_scene;
    return bytes < LEAST_CACHE ? LEAST_CACHE : bytes < MOST_CACHE ? bytes : MOST_CACHE;
}

static bool is_tiff(const struct cao_layer *l)
{
    return !l->path || cao_path_has_ending(l->path, ".tif") || cao_path_has_ending(l->path, ".TIF");
}

static bool all_tiff(const struct cao_plan *plan)
{
    bool all = true;
    for (size_t i = 0; i < plan->catalog->n; i++)
        for (int b = 0; b < CAO_N_BANDS; b++)
            all &= is_tiff(&plan->catalog->scenes[i].band[b]);
    return all;
}

/* Squares of 512 are whole blocks of most TIFFs. Larger ones where blocks that reach over a square's border
 * are dear to decode twice: in other formats, or where those of all scenes cannot be kept. */
static int32_t first_side(const struct cao_plan *plan)
{
    enum { USUAL = 512 };
    int32_t side = all_tiff(plan) ? USUAL : plan->grid.tile;
    if (most_scenes(plan) * (plan->n_bands + 1) * OF_A_LAYER > MOST_CACHE && side < 2 * USUAL)
        side = 2 * USUAL;
    return side < plan->grid.tile ? side : plan->grid.tile;
}

/* Side of the smallest pixels of a scene. */
static double least_pixel_m(const struct cao_scene *s)
{
    double least = HUGE_VAL;
    for (int b = 0; b < CAO_N_BANDS; b++)
        if (s->band[b].path)
            least = fmin(least, fabs(s->band[b].geotransform[1]));
    return least;
}

/* Whether squares can be gone through in strips: their blocks are asked for again with each, so they must
 * be kept decoded, and files open. A square of coarse cells touches many blocks (100 m cells
 * of 10 m bands took 1.17 times as long by strips). */
static bool goes_by_strips(const struct cao_plan *plan)
{
    enum { OF_A_SQUARE = 2 << 20 }; /* of a layer: four blocks that it may touch */
    const double most_pixels = 2.5; /* along a cell */
    bool fits = plan->keep_open &&
                most_scenes(plan) * (plan->n_bands + 1) * OF_A_SQUARE <= plan->cache_bytes;
    for (size_t i = 0; fits && i < plan->catalog->n; i++)
        fits = !plan->catalog->scenes[i].rpc &&
               plan->grid.res_m < most_pixels * least_pixel_m(&plan->catalog->scenes[i]);
    return fits && all_tiff(plan);
}

/* All arrays of a strip lie in a second-level cache of 1 MB. Where masks grow, what lies around one is read
 * with it. On the images' own grid its rows are long enough to be fetched ahead; where that is turned
 * against the grid, strips are square: long ones need far more of the image. */
static void choose_strips(struct cao_plan *plan)
{
    enum { LOW = 32, SQUARE = 128, TIMES_MARGIN = 16 };
    int32_t side = plan->square_side;
    int32_t rows = TIMES_MARGIN * cao_look_margin(plan->project, plan->grid.res_m);
    bool along = all_on_the_grid(plan);
    int32_t usual = along ? LOW : SQUARE;
    rows = rows > usual ? rows : usual;
    rows = rows < side && goes_by_strips(plan) ? rows : side;
    plan->strip_rows = rows;
    plan->strip_cols = along ? side : rows;
}

/* The largest squares within @p bytes, readers included. False where none are. */
static bool fit_square(struct cao_plan *plan, size_t bytes)
{
    plan->cache_bytes = cache_bytes(plan);
    size_t most_cache = bytes / (all_on_the_grid(plan) ? 4 : 3);
    plan->cache_bytes = plan->cache_bytes < most_cache ? plan->cache_bytes : most_cache;
    for (plan->square_side = first_side(plan);; plan->square_side /= 2) {
        size_t most = 0;
        choose_strips(plan);
        for (size_t i = 0; i < plan->n_jobs; i++) {
            size_t need = cao_tile_bytes(plan, &plan->jobs[i]);
            most = need > most ? need : most;
        }
        plan->bytes_per_worker = most;
        plan->reader_bytes = cao_reader_kit_bytes(plan->cache_bytes);
        if (most + plan->reader_bytes <= bytes)
            return true;
        if (plan->square_side <= LEAST_SQUARE)
            return false;
    }
}

enum cao_status cao_plan_fit(struct cao_plan *plan, size_t memory, size_t files, int *workers,
                             struct cao_error *err)
{
    size_t each = files_per_worker(plan);
    size_t room = files > FILES_OF_OUR_OWN ? files - FILES_OF_OUR_OWN : 1;
    int n = *workers < 1 ? 1 : *workers;
    n = (size_t)n > plan->n_jobs && plan->n_jobs ? (int)plan->n_jobs : n;
    for (; n >= 1; n--) {
        size_t share = memory / (size_t)n;
        plan->keep_open = each * (size_t)n <= room;
        plan->parks_files = (each + CAO_READER_PARKED) * (size_t)n <= room;
        share = share > MEMORY_BESIDES ? share - MEMORY_BESIDES : 0;
        /* Large tiles of many products may need more than is liked, and still fit. */
        if (fit_square(plan, share < MEMORY_PER_WORKER ? share : (size_t)MEMORY_PER_WORKER) ||
            plan->bytes_per_worker + plan->reader_bytes <= share)
            break;
    }
    size_t need = plan->bytes_per_worker + plan->reader_bytes + MEMORY_BESIDES;
    if (n == 0)
        return cao_fail(err, CAO_EARG,
                        "a tile of %d pixels needs %.0f MB of memory and %.0f MB are left for it; "
                        "allow %.0f MB more (--memory), or choose a smaller grid.tile",
                        plan->grid.tile, (double)need / 1048576, (double)memory / 1048576,
                        ceil(((double)need - (double)memory) / 1048576));
    *workers = n;
    return CAO_OK;
}

enum cao_status cao_plan_make(const struct cao_project *project, const struct cao_profile *profile,
                              const struct cao_pastures *pastures,
                              const struct cao_holdings *holdings, struct cao_ground_layers *ground,
                              const struct cao_catalog *catalog, const char *crs,
                              const struct cao_placing_memory *memory, struct cao_plan *plan,
                              struct cao_findings *findings, struct cao_error *err)
{
    struct cao_plan p = { .project = project,
                          .profile = profile,
                          .pastures = pastures,
                          .holdings = holdings,
                          .ground = ground,
                          .catalog = catalog };
    p.wildlife_share =
        isnan(project->wildlife_share) ? profile->wildlife_share.value : project->wildlife_share;
    struct cao_window *reach = calloc(catalog->n + 1, sizeof *reach);
    enum cao_status st = reach ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory for the plan");
    if (!st)
        st = cao_placing_make(project, pastures, crs, memory, &p.placing, &p.grid, err);
    if (!st && cao_look_margin(project, project->grid_resolution_m) > CAO_READER_AROUND)
        st = cao_fail(err, CAO_EARG, "%s: %s is more than %d cells of %g m; make it smaller",
                      project->path, cao_look_margin_key(project), CAO_READER_AROUND,
                      project->grid_resolution_m);
    if (!st)
        st = cao_ground_place(ground, &p.grid, err);
    if (!st)
        st = choose_bands(&p, err);
    if (!st)
        st = cao_season_check(&p, err);
    if (!st)
        st = cao_products_init(&p.products, project, profile, err);
    for (size_t i = 0; !st && i < p.products.n; i++) {
        enum cao_quantity q = p.products.items[i].quantity;
        p.counts_reasons |= q == CAO_Q_N_LOOKS || q == CAO_Q_MASKED_SHARE || q == CAO_Q_MASK_REASON;
    }
    if (!st)
        st = reach_of(&p, reach, findings);
    if (!st)
        st = make_jobs(&p, reach, err);
    if (!st)
        st = cao_digest_jobs(&p, err);
    if (!st) {
        p.keep_open = true;
        (void)fit_square(&p, MEMORY_PER_WORKER); /* until cao_plan_fit() */
    }
    free(reach);
    if (st)
        cao_plan_release(&p);
    else
        *plan = p;
    return st;
}

void cao_plan_release(struct cao_plan *p)
{
    for (size_t i = 0; i < p->n_jobs; i++) {
        free(p->jobs[i].scenes);
        free(p->jobs[i].pastures);
        free(p->jobs[i].types);
    }
    free(p->jobs);
    free(p->polygons);
    free(p->xy_cells);
    cao_placing_release(&p->placing);
    cao_products_release(&p->products);
    cao_grid_release(&p->grid);
    *p = (struct cao_plan){ 0 };
}

enum cao_status cao_plan_tile_dir(const struct cao_plan *p, const struct cao_tile_job *job,
                                  char out[CAO_PATH_MAX], struct cao_error *err)
{
    char tile[32], part[CAO_PATH_MAX];
    cao_tile_name(job->tile_row, job->tile_col, tile);
    int n = snprintf(part, sizeof part, "%s/tiles/%s", p->project->periods[job->period].name, tile);
    if (n < 0 || n >= (int)sizeof part)
        return cao_fail(err, CAO_EARG, "the name of a period is too long");
    return cao_path_join(out, p->project->output_dir, part, err);
}
