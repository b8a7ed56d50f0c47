/* SPDX-License-Identifier: MIT */
#include "run/tile_products.h"
#include "run/info.h"

#include <math.h>
#include <string.h>

#include "base/lanes.h"

static size_t type_position(const struct cao_tile_job *job, size_t type)
{
    for (size_t k = 0; k < job->n_types; k++)
        if (job->types[k] == type)
            return k;
    return SIZE_MAX;
}

static const struct cao_cell_terms nothing = { NAN, NAN, NAN, NAN, NAN, 0, NAN, SIZE_MAX };

/* All of hay, usable forage and capacity are proportional to fresh yield within a part. */
static struct cao_cell_terms terms_of(const struct cao_plan *plan, const struct cao_tile_job *job,
                                      const struct cao_tile_part *part)
{
    size_t pasture = job->pastures[part->pasture], type;
    const struct cao_holding *h = &plan->holdings->items[pasture];
    struct cao_cell_terms t = nothing;
    struct cao_forage_terms terms;
    if (!cao_holding_part(plan->project, plan->profile, h, part->ground, &type, &terms))
        return t;
    double usable = cao_usable_kg_ha(&terms, 1);
    double capacity = cao_capacity_su_ha(&terms, usable);
    double area = plan->pastures->items[pasture].area_geodesic_ha, density = h->herd_su / area;
    if (h->wild_unknown) /* nor is there a pressure where nobody knows what is left for livestock */
        density = (double)NAN;
    bool counted = !isnan(h->wild_su);
    t.type = type_position(job, type);
    t.hay = (float)cao_hay_kg_ha(&terms, 1);
    t.usable = (float)usable;
    t.capacity = (float)capacity;
    /* where nothing may be used (a utilisation of 0) no herd has a pressure: the table says so too */
    double available = capacity * (1 - (counted ? 0 : plan->wildlife_share));
    t.density = (float)density;
    t.available = (float)available;
    t.extra = (float)((h->feed_su - (counted ? h->wild_su : 0)) / area);
    t.pressure = available > 0 ? (float)(density / available) : NAN;
    return t;
}

static size_t class_of(const struct cao_plan *plan, float pressure)
{
    /* a float tells rates near a limit apart to some 1e-5 %; one at the limit belongs above it */
    double rate_pct = ((double)pressure - 1) * 100 + 3e-5;
    return cao_class_of(&plan->profile->scheme, rate_pct);
}

/* The least pressure of a class or of one above it; NaN: no pressure is. Classes rise with pressure, and
 * bits of floats above 0 with their values. */
static float least_pressure(const struct cao_plan *plan, size_t class_index)
{
    float least = HUGE_VALF;
    uint32_t low = 0, high;
    memcpy(&high, &least, sizeof high);
    if (class_of(plan, least) < class_index)
        return NAN;
    if (class_of(plan, 0) >= class_index)
        return -HUGE_VALF;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        memcpy(&least, &middle, sizeof least);
        if (class_of(plan, least) < class_index)
            low = middle;
        else
            high = middle;
    }
    memcpy(&least, &high, sizeof least);
    return least;
}

void cao_tile_terms(const struct cao_plan *plan, const struct cao_tile_job *job,
                    struct cao_tile_buffers *b)
{
    b->terms[0] = nothing;
    for (size_t k = 0; k < b->n_parts; k++)
        b->terms[k + 1] = terms_of(plan, job, &b->parts[k]);
    for (size_t k = 0; k < plan->profile->scheme.n; k++)
        b->class_from[k] = least_pressure(plan, k);
    for (size_t k = 0; k < cao_zone_layers(plan); k++)
        b->scale[k] = cao_zone_layer_scale(plan->project, k);
}

static float days_of(const struct cao_plan *plan, const struct cao_tile_job *job)
{
    const struct cao_period *period = &plan->project->periods[job->period];
    return (float)(period->to - period->from + 1);
}

/* --- products of the pasture that a cell belongs to --- */

static bool is_owned(enum cao_quantity q)
{
    return cao_product_is_of_yield(q) || q == CAO_Q_FVC || q == CAO_Q_TYPE;
}

/* The stretches of a row that belong to one part each, or to none. */
static size_t owners_of(const int32_t *label, size_t n, struct cao_owner *owners)
{
    enum { AT_ONCE = 16 };
    size_t n_owners = 0;
    for (size_t at = 0, end; at < n; at = end) {
        const int32_t first = label[at];
        bool alike = true;
        for (end = at + 1; alike && end + AT_ONCE <= n; end += alike ? AT_ONCE : 0) {
            int32_t differ = 0;
            for (size_t k = 0; k < AT_ONCE; k++)
                differ |= label[end + k] ^ first;
            alike = differ == 0;
        }
        while (end < n && label[end] == first)
            end++;
        owners[n_owners++] = (struct cao_owner){ at, end - at, first };
    }
    return n_owners;
}

/* What terrain leaves of a quantity; all of it where that is not known. */
CAO_LANES static void leave(const float *restrict use, float *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] *= isnan(use[i]) ? 1.0f : use[i];
}

/* Herd density over what livestock may use, where there is any. */
CAO_LANES static void pressure_of(const struct cao_cell_terms *t, float *restrict fresh, size_t n)
{
    if (t->extra == 0.0f) {
        for (size_t i = 0; i < n; i++)
            fresh[i] = fresh[i] > 0 ? t->pressure / fresh[i] : NAN;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        float available = t->available * fresh[i] + t->extra;
        fresh[i] = available > 0 ? t->density / available : NAN;
    }
}

/* In place: the number of the class, from 1 on. */
CAO_LANES static void classes_of(const float *restrict class_from, size_t n_classes,
                                 float *restrict pressure, size_t n)
{
    enum { PIECE = 256 };
    float number[PIECE];
    for (size_t at = 0; at < n; at += PIECE) {
        size_t m = n - at < PIECE ? n - at : PIECE;
        float *restrict p = pressure + at;
        for (size_t i = 0; i < m; i++)
            number[i] = p[i] == p[i] ? 1.0f : NAN;
        for (size_t k = 1; k < n_classes; k++) {
            const float from = class_from[k];
            for (size_t i = 0; i < m; i++)
                number[i] += p[i] >= from ? 1.0f : 0.0f;
        }
        memcpy(p, number, m * sizeof *p);
    }
}

CAO_LANES static void times(const float *restrict from, float factor, float *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = from[i] * factor;
}

static void set(float *out, float value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = value;
}

/* One product along a stretch that begins at cell @p at of the strip. */
static void owned_values(const struct cao_plan *plan, const struct cao_tile_job *job,
                         const struct cao_tile_buffers *b, enum cao_quantity quantity,
                         const struct cao_cell_terms *t, size_t at, size_t n, float *out)
{
    if (t->type == SIZE_MAX) {
        set(out, NAN, n);
        return;
    }
    const float *fresh = cao_product_is_of_yield(quantity) ? b->fresh[t->type] + at : NULL;
    const float *use = b->use_here ? b->use_here + at : NULL;
    switch (quantity) {
    case CAO_Q_FVC:
        memcpy(out, b->fvc[t->type] + at, n * sizeof *out);
        return;
    case CAO_Q_TYPE:
        set(out, 1.0f + (float)job->types[t->type], n);
        return;
    case CAO_Q_FRESH:
        memcpy(out, fresh, n * sizeof *out);
        return;
    case CAO_Q_HAY:
        times(fresh, t->hay, out, n);
        return;
    case CAO_Q_USABLE:
        times(fresh, t->usable, out, n);
        break;
    case CAO_Q_CAPACITY:
        times(fresh, t->capacity, out, n);
        break;
    default:
        memcpy(out, fresh, n * sizeof *out);
        break;
    }
    if (use)
        leave(use, out, n);
    if (quantity == CAO_Q_PRESSURE || quantity == CAO_Q_PRESSURE_CLASS)
        pressure_of(t, out, n);
    if (quantity == CAO_Q_PRESSURE_CLASS)
        classes_of(b->class_from, plan->profile->scheme.n, out, n);
}

/* Where a row of the strip begins in a product's raster. */
static void *raster_row(const struct cao_plan *plan, const struct cao_tile_job *job,
                        const struct cao_window *strip, const struct cao_tile_buffers *b,
                        size_t product, int32_t row)
{
    size_t bytes = cao_pixel_bytes(plan->products.items[product].layout.pixel);
    return (unsigned char *)b->raster[product] + cao_tile_place(job, strip, row) * bytes;
}

/* Row by row, so that a row's stretches, yield and products stay in the nearest cache. */
static void pack_owned(const struct cao_plan *plan, const struct cao_tile_job *job,
                       const struct cao_window *strip, struct cao_tile_buffers *b)
{
    size_t cols = (size_t)strip->cols;
    for (int32_t row = 0; row < strip->rows; row++) {
        size_t begin = (size_t)row * cols;
        size_t n_owners = owners_of(b->label + begin, cols, b->owners);
        for (size_t i = 0; i < plan->products.n; i++) {
            const struct cao_product *product = &plan->products.items[i];
            if (!is_owned(product->quantity))
                continue;
            for (size_t k = 0; k < n_owners; k++) {
                const struct cao_owner *o = &b->owners[k];
                owned_values(plan, job, b, product->quantity, &b->terms[o->label], begin + o->at,
                             o->n, b->value + o->at);
            }
            cao_pack(&product->layout, b->value, raster_row(plan, job, strip, b, i, row), cols);
        }
    }
}

/* --- the others --- */

/* The values of a product over the strip, maybe in b->value. */
static const float *product_values(const struct cao_plan *plan, const struct cao_tile_job *job,
                                   const struct cao_window *strip, enum cao_quantity quantity,
                                   struct cao_tile_buffers *b)
{
    float *out = b->value;
    size_t n = (size_t)strip->cols * (size_t)strip->rows;
    if (quantity == CAO_Q_USE)
        return b->use_here;
    if (quantity == CAO_Q_SNOW_DAYS)
        times(b->snow, days_of(plan, job), out, n);
    else
        (void)cao_info_values(plan, job, quantity, b, out, n);
    return out;
}

void cao_tile_strip_products(const struct cao_plan *plan, const struct cao_tile_job *job,
                             const struct cao_window *strip, struct cao_tile_buffers *b,
                             struct cao_zone_sum *sums)
{
    size_t cols = (size_t)strip->cols, n = cols * (size_t)strip->rows;
    cao_tile_bases(plan, job, strip, b);
    memset(b->label, 0, n * sizeof *b->label);
    memset(b->weight, 0, n * sizeof *b->weight);
    cao_tile_sums(plan, job, strip, b, sums);
    pack_owned(plan, job, strip, b);
    for (size_t i = 0; i < plan->products.n; i++) {
        const struct cao_product *product = &plan->products.items[i];
        bool from_past = b->past && cao_product_is_base(product->quantity);
        if (is_owned(product->quantity) || cao_tile_base_is_packed(product->quantity) || from_past)
            continue;
        const float *values = product_values(plan, job, strip, product->quantity, b);
        for (int32_t row = 0; row < strip->rows; row++)
            cao_pack(&product->layout, values + (size_t)row * cols,
                     raster_row(plan, job, strip, b, i, row), cols);
    }
}
