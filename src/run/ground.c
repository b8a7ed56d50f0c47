/* SPDX-License-Identifier: MIT */
#include "run/ground.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/raster_in.h"
#include "caochu/text.h"

enum { CODES = 65536, MOST_FINE = 8, OUTSIDE = 65535, MOST_REACH = 64 };

static const char *const groups[CAO_N_GROUND] = { "type_layer", "degradation_layer", "zone_layer" };

/* The profile's number of a word: 1 + position, or CAO_NOT_GRASS. */
static enum cao_status value_of(const struct cao_profile *p, enum cao_ground_kind kind,
                                const char *word, unsigned char *value, struct cao_error *err)
{
    size_t at = 0;
    enum cao_status st = CAO_OK;
    if (kind == CAO_GROUND_TYPE && (cao_text_same(word, "none") || strcmp(word, "非草地") == 0)) {
        *value = CAO_NOT_GRASS;
        return CAO_OK;
    }
    if (kind == CAO_GROUND_TYPE)
        st = cao_profile_type(p, word, &at, err);
    else
        st = cao_profile_item(p, kind == CAO_GROUND_GRADE ? &p->grades : &p->zones,
                              kind == CAO_GROUND_GRADE ? "degradation" : "zone", word, &at, err);
    if (!st && at >= (kind == CAO_GROUND_TYPE ? (size_t)CAO_NOT_GRASS - 1 : CAO_MOST_GRADES))
        return cao_fail(err, CAO_EARG, "the profile has more %ss than can be told apart by place",
                        kind == CAO_GROUND_TYPE ? "type" : "row");
    if (!st)
        *value = (unsigned char)(at + 1);
    return st;
}

/* A raster that is no product, described as one: the reader carries its pixels onto the grid. */
static enum cao_status scene_of(const char *path, const char *crs, bool codes,
                                struct cao_scene *scene, double *pixel_m, struct cao_error *err)
{
    struct cao_raster_info info;
    enum cao_status st = cao_raster_info_read(path, crs, &info, err);
    if (st)
        return st;
    const struct cao_raster_band_info *band = &info.bands[0];
    struct cao_scene s = { 0 };
    struct cao_layer layer = { .path = cao_text_copy(path),
                               .file_band = 1,
                               .width = info.cols,
                               .height = info.rows,
                               .gain = codes ? 1 : band->scale,
                               .offset = codes ? 0 : band->offset,
                               .fill = band->has_nodata ? band->nodata : (double)NAN,
                               .saturated = (double)NAN };
    memcpy(layer.geotransform, info.geotransform, sizeof layer.geotransform);
    s.path = cao_text_copy(path);
    s.id = cao_text_copy(cao_path_name(path));
    s.platform = cao_text_copy("");
    s.level = cao_text_copy("");
    s.tile = cao_text_copy("");
    s.baseline = cao_text_copy("");
    s.crs = cao_text_copy(info.crs);
    s.crs_name = cao_text_copy(info.crs_name);
    *pixel_m = sqrt(fabs(info.geotransform[1] * info.geotransform[5] -
                         info.geotransform[2] * info.geotransform[4])) *
               (info.degrees ? 111320 : info.unit_m);
    if (codes) {
        s.qa[0].layer = layer;
        s.qa[0].outside = OUTSIDE;
    } else {
        s.band[CAO_BAND_R] = layer;
    }
    bool whole = layer.path && s.path && s.id && s.platform && s.level && s.tile && s.baseline &&
                 s.crs && s.crs_name;
    if (!whole)
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    else if (info.n_bands != 1)
        st = cao_fail(err, CAO_EARG, "%s: holds %zu bands; one is wanted", path, info.n_bands);
    cao_raster_info_release(&info);
    if (st)
        cao_scene_release(&s);
    else
        *scene = s;
    return st;
}

static enum cao_status load_raster(const struct cao_project *project,
                                   const struct cao_profile *profile, enum cao_ground_kind kind,
                                   struct cao_ground_layer *l, struct cao_error *err)
{
    const struct cao_ground_key *key = &project->ground[kind];
    double pixel_m;
    l->is_raster = true;
    l->value = calloc(CODES, 1);
    if (!l->value)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < key->n_classes; i++) {
        struct cao_error why = { 0 };
        const struct cao_code_name *c = &key->classes[i];
        if (value_of(profile, kind, c->name, &l->value[c->code], &why))
            return cao_fail(err, CAO_EARG, "%s:%d: %s.classes: %s", project->path, c->line,
                            groups[kind], why.text);
    }
    enum cao_status st = scene_of(key->file, key->crs, true, &l->scene, &pixel_m, err);
    if (!st) {
        double fine = ceil(project->grid_resolution_m / pixel_m - 0.1);
        l->fine = fine < 1 ? 1 : fine > MOST_FINE ? MOST_FINE : (int32_t)fine;
    }
    return st;
}

static enum cao_status load_polygons(const struct cao_project *project,
                                     const struct cao_profile *profile, enum cao_ground_kind kind,
                                     const char *crs, struct cao_ground_layer *l,
                                     struct cao_findings *findings, struct cao_error *err)
{
    const struct cao_ground_key *key = &project->ground[kind];
    struct cao_pasture_source src = { .path = key->file,
                                      .layer = key->layer,
                                      .type_field = key->field,
                                      .crs = key->crs,
                                      .any_id = true,
                                      .planar = true,
                                      .keys = groups[kind] };
    enum cao_status st =
        cao_pastures_load(&src, crs, project->grid_resolution_m, &l->polygons, findings, err);
    if (st)
        return st;
    l->value = calloc(l->polygons.n + 1, 1);
    if (!l->value)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < l->polygons.n; i++) {
        const struct cao_pasture *p = &l->polygons.items[i];
        struct cao_error why = { 0 };
        if (p->type[0] && value_of(profile, kind, p->type, &l->value[i], &why))
            return cao_fail(err, CAO_EARG, "%s: row %ld: %s: %s", key->file, p->row, key->field,
                            why.text);
    }
    return CAO_OK;
}

static enum cao_status load_layer(const struct cao_project *project,
                                  const struct cao_profile *profile, enum cao_ground_kind kind,
                                  const char *crs, struct cao_ground_layer *l,
                                  struct cao_findings *findings, struct cao_error *err)
{
    const struct cao_ground_key *key = &project->ground[kind];
    bool raster = key->n_classes > 0, polygons = key->field[0];
    if (!key->file[0] && (raster || polygons))
        return cao_fail(err, CAO_EARG, "%s: %s.file is missing", project->path, groups[kind]);
    if (!key->file[0])
        return CAO_OK;
    if (raster == polygons)
        return cao_fail(err, CAO_EARG,
                        "%s: %s: name the column of a polygon layer with field, or what the codes "
                        "of a raster mean with classes%s",
                        project->path, groups[kind], raster ? ", not both" : "");
    l->used = true;
    return raster ? load_raster(project, profile, kind, l, err)
                  : load_polygons(project, profile, kind, crs, l, findings, err);
}

static void stamp_of(const char *path, char stamp[64])
{
    int64_t size = 0, time = 0;
    if (path[0] && cao_file_stat(path, &size, &time))
        snprintf(stamp, 64, "%lld %lld", (long long)size, (long long)time);
}

static enum cao_status load_dem(const struct cao_project *project,
                                const struct cao_profile *profile, struct cao_ground_layers *ground,
                                struct cao_error *err)
{
    double pixel_m;
    if (!project->terrain_dem[0])
        return CAO_OK;
    if (profile->terrain[CAO_SLOPE].n == 0 && profile->terrain[CAO_ALTITUDE].n == 0)
        return cao_fail(err, CAO_EARG,
                        "profile %s lacks terrain.slope and terrain.altitude, which terrain.dem "
                        "asks for: add one to a profile of your own, such as terrain: {slope: "
                        "[{below: 25, share: 1}, {below: 35, share: 0.5}, {share: 0}]}",
                        profile->name);
    enum cao_status st =
        scene_of(project->terrain_dem, project->terrain_crs, false, &ground->dem, &pixel_m, err);
    if (st)
        return st;
    ground->has_dem = true;
    double reach = rint(pixel_m / project->grid_resolution_m);
    ground->reach = reach < 1 ? 1 : reach > MOST_REACH ? MOST_REACH : (int32_t)reach;
    stamp_of(project->terrain_dem, ground->stamp[CAO_N_GROUND]);
    return CAO_OK;
}

static enum cao_status load_water(const struct cao_project *project,
                                  const struct cao_profile *profile, const char *crs,
                                  struct cao_ground_layers *ground, struct cao_error *err)
{
    enum { MOST_CELLS = 2048 };
    const struct cao_steps *s = &profile->terrain[CAO_WATER_DISTANCE];
    if (!project->terrain_water[0])
        return CAO_OK;
    if (s->n < 2)
        return cao_fail(
            err, CAO_EARG,
            "profile %s lacks terrain.water_distance, which terrain.water asks for: add "
            "it to a profile of your own, such as terrain: {water_distance: [{below: "
            "1600, share: 1}, {share: 0.5}]}",
            profile->name);
    double reach = ceil(s->rows[s->n - 2].below / project->grid_resolution_m);
    if (!(reach >= 1 && reach <= MOST_CELLS))
        return cao_fail(err, CAO_EARG,
                        "profile %s: terrain.water_distance: limits reach from %g to %g m on cells "
                        "of %g m",
                        profile->name, project->grid_resolution_m,
                        MOST_CELLS * project->grid_resolution_m, project->grid_resolution_m);
    struct cao_pasture_source src = { .path = project->terrain_water,
                                      .layer = project->terrain_layer,
                                      .crs = project->terrain_crs,
                                      .any_id = true,
                                      .keys = "terrain" };
    enum cao_status st = cao_lines_load(&src, crs, &ground->water, err);
    ground->has_water = st == CAO_OK;
    ground->water_reach = (int32_t)reach;
    stamp_of(project->terrain_water, ground->stamp[CAO_N_GROUND + 1]);
    return st;
}

enum cao_status cao_ground_load(const struct cao_project *project,
                                const struct cao_profile *profile, const char *crs,
                                struct cao_ground_layers *ground, struct cao_findings *findings,
                                struct cao_error *err)
{
    struct cao_ground_layers made = { 0 };
    enum cao_status st = CAO_OK;
    for (int k = 0; !st && k < CAO_N_GROUND; k++) {
        st = load_layer(project, profile, (enum cao_ground_kind)k, crs, &made.layer[k], findings,
                        err);
        made.by_cell |= made.layer[k].used;
        stamp_of(project->ground[k].file, made.stamp[k]);
    }
    if (!st)
        st = load_dem(project, profile, &made, err);
    if (!st)
        st = load_water(project, profile, crs, &made, err);
    made.has_use = made.has_dem || made.has_water;
    if (st)
        cao_ground_release(&made);
    else
        *ground = made;
    return st;
}

static enum cao_status place_polygons(struct cao_ground_layer *l, const struct cao_grid *grid,
                                      struct cao_error *err)
{
    const struct cao_pastures *p = &l->polygons;
    struct cao_window whole = { 0, 0, grid->cols, grid->rows };
    size_t n_points = 0;
    for (size_t i = 0; i < p->n; i++)
        n_points += p->items[i].n_rings ? p->items[i].ring_end[p->items[i].n_rings - 1] : 0;
    l->cells = calloc(p->n + 1, sizeof *l->cells);
    l->box = calloc(p->n + 1, sizeof *l->box);
    l->xy = calloc(2 * n_points + 2, sizeof *l->xy);
    if (!l->cells || !l->box || !l->xy)
        return cao_fail(err, CAO_ENOMEM, "out of memory for %s", p->path);
    double *at = l->xy;
    for (size_t i = 0; i < p->n; i++) {
        size_t n = p->items[i].n_rings ? p->items[i].ring_end[p->items[i].n_rings - 1] : 0;
        bool near = true; /* a layer of the whole country: cover.h wants what lies about the grid */
        cao_pasture_on_grid(&p->items[i], grid, at, &l->cells[i]);
        for (size_t k = 0; near && k < 2 * n; k++)
            near = fabs(at[k]) < (1 << 20);
        l->box[i] = near ? cao_cover_window(&l->cells[i], &whole) : (struct cao_window){ 0 };
        at += 2 * n;
    }
    return CAO_OK;
}

static enum cao_status place_water(struct cao_ground_layers *g, const struct cao_grid *grid,
                                   struct cao_error *err)
{
    g->water_box = calloc(g->water.n + 1, sizeof *g->water_box);
    if (!g->water_box)
        return cao_fail(err, CAO_ENOMEM, "out of memory for water");
    for (size_t i = 0; i < g->water.n; i++) {
        double *box = g->water_box[i];
        box[0] = box[1] = HUGE_VAL;
        box[2] = box[3] = -HUGE_VAL;
        for (size_t k = i ? g->water.end[i - 1] : 0; k < g->water.end[i]; k++) {
            double *xy = g->water.xy + 2 * k;
            xy[0] = (xy[0] - grid->x0) / grid->res_m;
            xy[1] = (grid->y0 - xy[1]) / grid->res_m;
            for (int c = 0; c < 2; c++) {
                box[c] = fmin(box[c], xy[c]);
                box[2 + c] = fmax(box[2 + c], xy[c]);
            }
        }
    }
    return CAO_OK;
}

enum cao_status cao_ground_place(struct cao_ground_layers *ground, const struct cao_grid *grid,
                                 struct cao_error *err)
{
    enum cao_status st = ground->has_water ? place_water(ground, grid, err) : CAO_OK;
    for (int k = 0; !st && k < CAO_N_GROUND; k++) {
        struct cao_ground_layer *l = &ground->layer[k];
        if (l->used && !l->is_raster)
            st = place_polygons(l, grid, err);
        else if (l->used)
            st = cao_grid_copy(&l->grid, grid, err);
        if (!st && l->used && l->is_raster) {
            l->grid.res_m /= l->fine;
            l->grid.cols *= l->fine;
            l->grid.rows *= l->fine;
            l->grid.tile *= l->fine;
        }
    }
    return st;
}

bool cao_ground_may_tell(const struct cao_ground_layers *ground, enum cao_ground_kind kind,
                         const struct cao_window *w)
{
    const struct cao_ground_layer *l = &ground->layer[kind];
    bool may = l->used && l->is_raster;
    for (size_t i = 0; l->used && !may && i < l->polygons.n; i++) {
        const struct cao_window *b = &l->box[i];
        may = b->cols > 0 && b->rows > 0 && b->col < w->col + w->cols &&
              w->col < b->col + b->cols && b->row < w->row + w->rows && w->row < b->row + b->rows;
    }
    return may;
}

void cao_ground_release(struct cao_ground_layers *ground)
{
    for (int k = 0; k < CAO_N_GROUND; k++) {
        struct cao_ground_layer *l = &ground->layer[k];
        cao_pastures_release(&l->polygons);
        cao_scene_release(&l->scene);
        cao_grid_release(&l->grid);
        free(l->value);
        free(l->cells);
        free(l->box);
        free(l->xy);
    }
    cao_scene_release(&ground->dem);
    cao_lines_release(&ground->water);
    free(ground->water_box);
    *ground = (struct cao_ground_layers){ 0 };
}

float cao_ground_near(const struct cao_profile *profile, double distance_m)
{
    const struct cao_steps *s = &profile->terrain[CAO_WATER_DISTANCE];
    return (float)s->rows[cao_steps_at(s, distance_m)].value.value;
}

float cao_ground_use(const struct cao_profile *profile, double slope_deg, double altitude_m)
{
    const double at[] = { [CAO_SLOPE] = slope_deg, [CAO_ALTITUDE] = altitude_m };
    double use = 1;
    for (int t = CAO_SLOPE; t <= CAO_ALTITUDE; t++) {
        const struct cao_steps *s = &profile->terrain[t];
        if (s->n == 0)
            continue;
        size_t i = cao_steps_at(s, at[t]);
        if (i == SIZE_MAX)
            return NAN;
        use *= s->rows[i].value.value;
    }
    return (float)use;
}
