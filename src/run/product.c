/* SPDX-License-Identifier: MIT */
#include "run/product.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"
#include "run/info.h"
#include "run/plan.h"

enum { INT16_NODATA = -32768, UINT8_NODATA = 255, PRESSURE_CLASS_BASE = 1 };

/* Why a cell has no value. Colours after ColorBrewer and Okabe & Ito (safe for the colour-blind). */
static const struct cao_legend status_legend[] = {
    { CAO_CLEAR, "clear look used", "晴空可用", { 230, 245, 208 } },
    { CAO_OUTSIDE, "never imaged", "无影像", { 64, 64, 64 } },
    { CAO_SATURATED, "saturated or defective", "饱和或坏像元", { 213, 94, 0 } },
    { CAO_CLOUD, "cloud", "云", { 240, 240, 240 } },
    { CAO_SHADOW, "cloud shadow", "云影", { 120, 94, 140 } },
    { CAO_CIRRUS, "cirrus", "卷云", { 204, 204, 255 } },
    { CAO_SNOW, "snow or ice", "雪或冰", { 86, 180, 233 } },
    { CAO_WATER, "water", "水体", { 0, 114, 178 } },
    { CAO_DARK, "dark area, terrain shadow", "暗区或地形阴影", { 150, 120, 90 } },
    { CAO_AEROSOL, "high aerosol", "气溶胶浓", { 190, 160, 110 } },
    { CAO_STATUS_GAP,
      "no clear look near the peak of the season",
      "盛草期缺晴空观测",
      { 0, 0, 0 } },
    { CAO_INVALID, "reflectance missing or not above 0", "反射率缺失或不大于0", { 204, 121, 167 } },
};

struct row {
    enum cao_quantity quantity;
    const char *name, *unit, *description;
    enum cao_pixel pixel;
    double scale;
};

static const struct row rows[] = {
    { CAO_Q_FVC, "fvc", "1", "fractional vegetation cover, pixel dichotomy of NDVI", CAO_INT16,
      1e-4 },
    { CAO_Q_FRESH, "yield_fresh", "kg/ha", "above-ground fresh yield", CAO_INT16, 1 },
    { CAO_Q_HAY, "yield_hay", "kg/ha", "above-ground hay yield, 14 % water", CAO_INT16, 0.2 },
    { CAO_Q_USABLE, "usable_forage", "kg/ha", "usable forage after edible share and proper use",
      CAO_INT16, 0.2 },
    { CAO_Q_CAPACITY, "capacity", "SU/ha",
      "carrying capacity for the season, before the wildlife reserve", CAO_INT16, 1e-3 },
    { CAO_Q_PRESSURE, "pressure", "1", "grazing pressure: herd density over what livestock may use",
      CAO_INT16, 0.01 },
    { CAO_Q_PRESSURE_CLASS, "pressure_class", "", "class of the pressure as overload rate",
      CAO_UINT8, 1 },
    { CAO_Q_TYPE, "grass_type", "", "grassland type of the profile", CAO_UINT8, 1 },
    { CAO_Q_USE, "usable_share", "1",
      "share of the use that slope, altitude and distance to water leave", CAO_INT16, 1e-4 },
    { CAO_Q_SNOW_SHARE, "snow_share", "1", "share of the looks at the ground that show snow",
      CAO_INT16, 1e-4 },
    { CAO_Q_SNOW_DAYS, "snow_days", "d", "days of snow in the period: share of looks x days",
      CAO_INT16, 0.1 },
    { CAO_Q_N_CLEAR, "n_clear", "1", "number of clear looks in the period", CAO_UINT8, 1 },
    { CAO_Q_DAY, "day", "d", "day of the chosen look, 1 = 1 January of the period's first year",
      CAO_INT16, 1 },
    { CAO_Q_STATUS, "status", "", "why there is no value: reason of the last look", CAO_UINT8, 1 },
    { CAO_Q_PEAK, "max", "1", "maximum of the smoothed curve of the period", CAO_INT16, 1e-4 },
    { CAO_Q_PEAK_DAY, "peak_day", "d",
      "day of that maximum, 1 = 1 January of the period's first year", CAO_INT16, 1 },
    { CAO_Q_GAP, "max_gap", "d", "longest stretch of the peak's days between clear looks",
      CAO_INT16, 1 },
    { CAO_Q_SENSOR, "sensor", "", "platform of the chosen look", CAO_UINT8, 1 },
    { CAO_Q_TARGET_DAYS, "days_to_target", "d",
      "days from the target day to the chosen look, negative before it", CAO_INT16, 1 },
    { CAO_Q_N_LOOKS, "n_looks", "1", "number of overpasses that reached the place", CAO_UINT8, 1 },
    { CAO_Q_MASKED_SHARE, "masked_share", "1", "share of these overpasses that was masked",
      CAO_INT16, 1e-4 },
    { CAO_Q_MASK_REASON, "mask_reason", "",
      "what most of the masked looks were lost to; clear where none was", CAO_UINT8, 1 },
};

/* A layout's texts are the product's own: to be set again after it moved. */
static void point_texts(struct cao_product *p)
{
    p->layout.name = p->name;
    p->layout.unit = p->unit;
    p->layout.description = p->description;
}

static void fill(struct cao_product *p, enum cao_quantity q, const char *name, const char *unit,
                 const char *description, enum cao_pixel pixel, double scale, bool float32)
{
    snprintf(p->name, sizeof p->name, "%s", name);
    snprintf(p->unit, sizeof p->unit, "%s", unit);
    snprintf(p->description, sizeof p->description, "%s", description);
    p->quantity = q;
    p->layout = (struct cao_raster_layout){
        .pixel = pixel, .scale = scale, .nodata = pixel == CAO_INT16 ? INT16_NODATA : UINT8_NODATA
    };
    if (float32 && pixel == CAO_INT16) {
        p->layout.pixel = CAO_FLOAT32;
        p->layout.scale = 1;
        p->layout.nodata = (double)NAN;
    }
    point_texts(p);
}

double cao_index_scale(const struct cao_index *ix)
{
    double most = fmax(fabs((double)ix->min), fabs((double)ix->max)), per_unit = 1e9;
    while (most * per_unit > 32767)
        per_unit /= 10;
    return 1 / per_unit;
}

/* Two rasters and columns of one name. */
static enum cao_status check_names(const struct cao_products *p, const struct cao_project *project,
                                   struct cao_error *err)
{
    for (size_t i = 0; i < project->n_indices; i++)
        for (size_t k = i + 1; k < p->n; k++)
            if (cao_text_same(p->items[i].name, p->items[k].name))
                return cao_fail(err, CAO_EARG,
                                "%s: indices: %s would be written as '%s', which is another "
                                "product's name: give it another",
                                project->path, project->indices[i]->name, p->items[k].name);
    return CAO_OK;
}

static enum cao_status class_legend(struct cao_products *p, const struct cao_profile *profile,
                                    struct cao_product *product, struct cao_error *err)
{
    size_t n = profile->scheme.n;
    p->classes = calloc(n + 1, sizeof *p->classes);
    if (!p->classes)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        const struct cao_class *c = &profile->scheme.classes[i];
        p->classes[i] = (struct cao_legend){
            PRESSURE_CLASS_BASE + (int)i, c->name, c->zh, { c->rgb[0], c->rgb[1], c->rgb[2] }
        };
    }
    product->layout.legend = p->classes;
    product->layout.n_legend = n;
    return CAO_OK;
}

bool cao_product_is_base(enum cao_quantity q)
{
    return q == CAO_Q_INDEX || q == CAO_Q_SNOW_SHARE || q >= CAO_Q_N_CLEAR;
}

bool cao_product_is_of_yield(enum cao_quantity q)
{
    return q == CAO_Q_FRESH || q == CAO_Q_HAY || q == CAO_Q_USABLE || q == CAO_Q_CAPACITY ||
           q == CAO_Q_PRESSURE || q == CAO_Q_PRESSURE_CLASS;
}

static bool is_asked_for(const struct cao_project *project, const struct cao_product *p)
{
    for (size_t k = 0; k < project->n_output_products; k++)
        if (strcmp(project->output_products[k], p->name) == 0)
            return true;
    return p->on_demand ? project->output_info : project->n_output_products == 0;
}

static enum cao_status keep_bases(struct cao_products *p, const struct cao_project *project,
                                  struct cao_error *err)
{
    p->bases = calloc(p->n + 1, sizeof *p->bases);
    if (!p->bases)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < p->n; i++)
        if (cao_product_is_base(p->items[i].quantity) &&
            (!p->items[i].on_demand || is_asked_for(project, &p->items[i]))) {
            p->bases[p->n_bases] = p->items[i];
            point_texts(&p->bases[p->n_bases++]);
        }
    return CAO_OK;
}

/* Colours from Paul Tol's muted scheme, in turn. */
static enum cao_status type_legend(struct cao_products *p, const struct cao_profile *profile,
                                   struct cao_product *product, struct cao_error *err)
{
    static const unsigned char rgb[][3] = { { 17, 119, 51 },   { 221, 204, 119 }, { 153, 153, 51 },
                                            { 204, 102, 119 }, { 187, 187, 187 }, { 68, 170, 153 },
                                            { 136, 34, 85 },   { 136, 204, 238 }, { 170, 68, 153 },
                                            { 51, 34, 136 } };
    p->types = calloc(profile->n_types + 1, sizeof *p->types);
    if (!p->types)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < profile->n_types; i++) {
        const struct cao_grass_type *t = &profile->types[i];
        const unsigned char *c = rgb[i % (sizeof rgb / sizeof rgb[0])];
        p->types[i] = (struct cao_legend){ 1 + (int)i, t->name, t->zh, { c[0], c[1], c[2] } };
    }
    product->layout.legend = p->types;
    product->layout.n_legend = profile->n_types;
    return CAO_OK;
}

static enum cao_status no_such_product(const struct cao_products *p,
                                       const struct cao_project *project, const char *wanted,
                                       struct cao_error *err)
{
    struct cao_buf all = { 0 };
    const char *near = NULL;
    for (size_t i = 0; i < p->n; i++) {
        const char *name = p->items[i].layout.name;
        cao_buf_add(&all, "%s%s", i ? ", " : "", name);
        if (!near && cao_text_nearest(wanted, &name, 1) == 0)
            near = name;
    }
    enum cao_status st = cao_fail(
        err, CAO_EARG, "%s: output.products: '%s' is none of this project%s%s%s; allowed: %s",
        project->path, wanted, near ? "; did you mean " : "", near ? near : "", near ? "?" : "",
        all.text ? all.text : "");
    cao_buf_release(&all);
    return st;
}

/* Keep the rasters that the project asks for, in the order of the tables. */
static enum cao_status choose(struct cao_products *p, const struct cao_project *project,
                              struct cao_error *err)
{
    for (size_t k = 0; k < project->n_output_products; k++) {
        size_t i = 0;
        while (i < p->n && strcmp(p->items[i].layout.name, project->output_products[k]) != 0)
            i++;
        if (i == p->n)
            return no_such_product(p, project, project->output_products[k], err);
    }
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (is_asked_for(project, &p->items[i])) {
            if (n != i)
                p->items[n] = p->items[i];
            point_texts(&p->items[n++]);
        }
    p->n = n;
    return CAO_OK;
}

/* "SAVI = ..., L = 0.5; max-ndvi composite" */
static void describe_index(const struct cao_project *project, const struct cao_index *ix,
                           char *text, size_t size)
{
    size_t n = (size_t)snprintf(text, size, "%s = %s", ix->name, ix->formula);
    for (size_t i = 0; i < project->n_own_indices; i++) {
        const struct cao_own_index *own = &project->own_indices[i];
        for (size_t k = 0; ix == &own->index && k < own->n_constants && n < size; k++)
            n += (size_t)snprintf(text + n, size - n, ", %s = %g", own->constants[k].name,
                                  own->constants[k].value);
    }
    if (n < size)
        snprintf(text + n, size - n, ", %s composite", project->composite->name);
}

/* Layers on the chosen look: a median has none. */
static bool is_of_a_look(enum cao_quantity q)
{
    return q == CAO_Q_DAY || q == CAO_Q_SENSOR || q == CAO_Q_TARGET_DAYS;
}

/* Whole numbers of days stay whole numbers. */
static bool is_of_days(enum cao_quantity q)
{
    return is_of_a_look(q) || q == CAO_Q_PEAK_DAY || q == CAO_Q_GAP;
}

static bool project_has(const struct cao_project *project, enum cao_quantity q)
{
    bool snow = q == CAO_Q_SNOW_SHARE || q == CAO_Q_SNOW_DAYS;
    if (q == CAO_Q_PEAK || q == CAO_Q_PEAK_DAY || q == CAO_Q_GAP)
        return project->smoothing_method != CAO_SMOOTH_NONE;
    bool type = q == CAO_Q_TYPE, use = q == CAO_Q_USE;
    return (project->snow || !snow) && (project->composite->chooses || !is_of_a_look(q)) &&
           (!type || project->ground[CAO_GROUND_TYPE].file[0]) &&
           (!use || project->terrain_dem[0] || project->terrain_water[0]);
}

static enum cao_status set_legend(struct cao_products *p, const struct cao_project *project,
                                  const struct cao_profile *profile, struct cao_product *item,
                                  struct cao_error *err)
{
    switch (item->quantity) {
    case CAO_Q_PRESSURE_CLASS:
        return class_legend(p, profile, item, err);
    case CAO_Q_TYPE:
        return type_legend(p, profile, item, err);
    case CAO_Q_STATUS:
    case CAO_Q_MASK_REASON:
        item->layout.legend = status_legend;
        item->layout.n_legend = sizeof status_legend / sizeof status_legend[0];
        return CAO_OK;
    case CAO_Q_SENSOR:
        p->platforms = cao_platform_legend(project, &item->layout.n_legend);
        item->layout.legend = p->platforms;
        return p->platforms ? CAO_OK : cao_fail(err, CAO_ENOMEM, "out of memory");
    default:
        return CAO_OK;
    }
}

/* "ndvi_max", with the scale and unit of the index. */
static void name_peak(const struct cao_project *project, const struct cao_profile *profile,
                      struct cao_product *item)
{
    const char *of = project->smoothing_index[0] ? project->smoothing_index : profile->yield_index;
    for (size_t i = 0; i < project->n_indices; i++) {
        const struct cao_index *ix = project->indices[i];
        if (!cao_text_same(ix->name, of))
            continue;
        char name[sizeof item->name], text[sizeof item->description];
        snprintf(name, sizeof name, "%.30s_max", ix->name);
        snprintf(text, sizeof text, "%s: %.150s", ix->name, item->description);
        for (char *c = name; *c; c++)
            *c = (char)(*c == '/' ? '_' : tolower((unsigned char)*c));
        fill(item, CAO_Q_PEAK, name, ix->unit, text, CAO_INT16, cao_index_scale(ix),
             project->output_float32);
    }
}

enum cao_status cao_products_init(struct cao_products *p, const struct cao_project *project,
                                  const struct cao_profile *profile, struct cao_error *err)
{
    size_t n_rows = sizeof rows / sizeof rows[0];
    struct cao_products made = { .n = project->n_indices };
    made.items = calloc(project->n_indices + n_rows, sizeof *made.items);
    if (!made.items)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < project->n_indices; i++) {
        const struct cao_index *ix = project->indices[i];
        char name[40], text[256];
        snprintf(name, sizeof name, "%s", ix->name);
        for (char *c = name; *c; c++)
            *c = (char)(*c == '/' ? '_' : tolower((unsigned char)*c));
        describe_index(project, ix, text, sizeof text);
        fill(&made.items[i], CAO_Q_INDEX, name, ix->unit, text, CAO_INT16, cao_index_scale(ix),
             project->output_float32);
        made.items[i].index = ix;
    }
    for (size_t i = 0; i < n_rows; i++) {
        struct cao_product *item = &made.items[made.n];
        if (!project_has(project, rows[i].quantity))
            continue;
        made.n++;
        fill(item, rows[i].quantity, rows[i].name, rows[i].unit, rows[i].description, rows[i].pixel,
             rows[i].scale, project->output_float32 && !is_of_days(rows[i].quantity));
        if (rows[i].quantity == CAO_Q_FVC && project->fvc_form == CAO_FVC_SQUARED)
            snprintf(item->description, sizeof item->description, "%s, squared",
                     rows[i].description);
        item->on_demand = rows[i].quantity >= CAO_Q_SENSOR;
        if (rows[i].quantity == CAO_Q_PEAK)
            name_peak(project, profile, item);
        enum cao_status st = set_legend(&made, project, profile, item, err);
        if (st) {
            cao_products_release(&made);
            return st;
        }
    }
    for (size_t i = 0; i < made.n; i++)
        made.items[i].layout.compression = project->output_compression;
    enum cao_status st = check_names(&made, project, err);
    if (!st)
        st = keep_bases(&made, project, err);
    if (!st)
        st = choose(&made, project, err);
    if (st)
        cao_products_release(&made);
    else
        *p = made;
    return st;
}

void cao_products_release(struct cao_products *p)
{
    free(p->items);
    free(p->bases);
    free(p->classes);
    free(p->types);
    free(p->platforms);
    *p = (struct cao_products){ 0 };
}

struct cao_yield_layers cao_yield_layers_of(const struct cao_profile *p)
{
    struct cao_yield_layers l = { 0 };
    for (size_t i = 0; i < p->n_types; i++) {
        const struct cao_grass_type *t = &p->types[i];
        l.n_slots = t->n_models > l.n_slots ? t->n_models : l.n_slots;
        for (size_t k = 0; k < t->n_models; k++)
            l.slopes |= t->models[k].has_covariance;
    }
    l.values = l.n_slots > 1; /* a single one is the yield itself */
    return l;
}

size_t cao_zone_layers(const struct cao_plan *p)
{
    const struct cao_yield_layers *l = &p->yield_layers;
    size_t per_slot = (size_t)l->values + (l->slopes ? (size_t)CAO_YIELD_TERMS : 0);
    return p->project->n_indices + CAO_N_ZONE_LAYERS + l->n_slots * per_slot;
}

size_t cao_zone_layer_at(const struct cao_project *p, enum cao_zone_layer layer)
{
    return p->n_indices + (size_t)layer;
}

size_t cao_zone_value_at(const struct cao_plan *p, size_t slot)
{
    return p->yield_layers.values ? p->project->n_indices + CAO_N_ZONE_LAYERS + slot : SIZE_MAX;
}

size_t cao_zone_slope_at(const struct cao_plan *p, size_t slot, size_t term)
{
    const struct cao_yield_layers *l = &p->yield_layers;
    size_t first = p->project->n_indices + CAO_N_ZONE_LAYERS + (l->values ? l->n_slots : 0);
    return l->slopes ? first + slot * CAO_YIELD_TERMS + term : SIZE_MAX;
}

struct cao_zone_scale cao_zone_layer_scale(const struct cao_project *p, size_t layer)
{
    static const double most[CAO_N_ZONE_LAYERS] = {
        [CAO_ZONE_FVC] = 1,       [CAO_ZONE_FRESH] = 65536, /* kg/ha */
        [CAO_ZONE_CLEAR] = 65536, [CAO_ZONE_SEEN] = 1,      [CAO_ZONE_SNOW] = 1,
        [CAO_ZONE_GAP] = 65536,   [CAO_ZONE_OUTSIDE] = 1,   [CAO_ZONE_USE] = 1,
        [CAO_ZONE_USED] = 65536
    };
    if (layer < p->n_indices) {
        const struct cao_index *ix = p->indices[layer];
        return cao_zone_scale_for(fmax(fabs((double)ix->min), fabs((double)ix->max)));
    }
    size_t fixed = layer - p->n_indices;
    if (fixed == CAO_ZONE_PEAK) { /* of one of the indices */
        double high = 1;
        for (size_t i = 0; i < p->n_indices; i++)
            high = fmax(high,
                        fmax(fabs((double)p->indices[i]->min), fabs((double)p->indices[i]->max)));
        return cao_zone_scale_for(high);
    }
    return cao_zone_scale_for(fixed < CAO_N_ZONE_LAYERS ? most[fixed] : most[CAO_ZONE_FRESH]);
}
