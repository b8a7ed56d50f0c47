/* SPDX-License-Identifier: MIT
 * What a tile's other products and sums stand on: from the composite, rounded as it is stored, or from
 * the rasters of an earlier run. */
#include <math.h>
#include <string.h>

#include "caochu/composite.h"
#include "run/tile_products.h"

static void compute_index(const struct cao_index *ix, const float *const by_band[CAO_N_BANDS],
                          float *out, size_t n)
{
    enum cao_band ready = cao_band_ready(ix->name);
    cao_index_compute(ix, by_band, out, n);
    if (ready < CAO_N_BANDS && by_band[ready])
        cao_prefer_ready(by_band[ready], out, n);
}

static float day_of_first_year(const struct cao_plan *plan, const struct cao_tile_job *job,
                               size_t k)
{
    const struct cao_period *period = &plan->project->periods[job->period];
    int64_t time = plan->catalog->scenes[job->scenes[k]].time;
    int32_t first = period->from - cao_date_day_of_year(period->from) + 1;
    return (float)(time / 86400 - first + 1);
}

/* Where the values of a base stand, as numbers of the strip; NULL: status, which is codes,
 * and layers on which nothing else stands. */
static float *base_values(const struct cao_tile_buffers *b, size_t base, enum cao_quantity q)
{
    switch (q) {
    case CAO_Q_INDEX:
        return b->index[base];
    case CAO_Q_SNOW_SHARE:
        return b->snow;
    case CAO_Q_N_CLEAR:
        return b->clear;
    case CAO_Q_DAY:
        return b->day;
    case CAO_Q_PEAK:
        return b->peak;
    case CAO_Q_PEAK_DAY:
        return b->peak_day;
    case CAO_Q_GAP:
        return b->peak_gap;
    default:
        return NULL;
    }
}

bool cao_tile_base_is_packed(enum cao_quantity q)
{
    return q == CAO_Q_INDEX || q == CAO_Q_SNOW_SHARE || q == CAO_Q_N_CLEAR || q == CAO_Q_DAY ||
           q == CAO_Q_PEAK || q == CAO_Q_PEAK_DAY || q == CAO_Q_GAP || q == CAO_Q_STATUS;
}

static bool is_product(const struct cao_plan *plan, enum cao_quantity q)
{
    for (size_t i = 0; i < plan->products.n; i++)
        if (plan->products.items[i].quantity == q)
            return true;
    return false;
}

/* What is packed into its raster alone, and numbers that the raster holds as they are. */
static bool is_as_stored(const struct cao_product *base, const struct cao_tile_job *job)
{
    const size_t most = base->layout.pixel == CAO_UINT8 ? UINT8_MAX : UINT16_MAX;
    return base->quantity == CAO_Q_DAY || base->quantity == CAO_Q_PEAK_DAY ||
           (base->quantity == CAO_Q_N_CLEAR && job->n_scenes < most);
}

/* Put a base into its raster, and leave it in the strip as it is stored. */
static void store_base(const struct cao_tile_job *job, const struct cao_window *strip,
                       const struct cao_product *base, unsigned char *raster, float *values)
{
    size_t cols = (size_t)strip->cols, bytes = cao_pixel_bytes(base->layout.pixel);
    bool as_stored = is_as_stored(base, job);
    if (!raster) {
        if (!as_stored)
            cao_as_stored(&base->layout, values, cols * (size_t)strip->rows);
        return;
    }
    for (int32_t row = 0; row < strip->rows; row++, values += cols) {
        unsigned char *to = raster + cao_tile_place(job, strip, row) * bytes;
        cao_pack(&base->layout, values, to, cols);
        if (!as_stored)
            cao_unpack(&base->layout, to, values, cols);
    }
}

static void store_status(const struct cao_tile_job *job, const struct cao_window *strip,
                         unsigned char *raster, const uint8_t *status)
{
    size_t cols = (size_t)strip->cols;
    for (int32_t row = 0; row < strip->rows; row++)
        memcpy(raster + cao_tile_place(job, strip, row), status + (size_t)row * cols, cols);
}

static void compute_days(const struct cao_plan *plan, const struct cao_tile_job *job,
                         struct cao_tile_buffers *b, size_t n)
{
    for (size_t k = 0; k < job->n_scenes; k++)
        b->scratch[k] = day_of_first_year(plan, job, k);
    for (size_t i = 0; i < n; i++)
        b->day[i] = b->chosen[i] == CAO_NO_LOOK ? NAN : b->scratch[b->chosen[i]];
    for (size_t i = 0; b->chosen_after && i < n; i++)
        b->day[i] += b->chosen_after[i];
}

static void compute_bases(const struct cao_plan *plan, const struct cao_tile_job *job,
                          const struct cao_window *strip, struct cao_tile_buffers *b, size_t n)
{
    const float *by_band[CAO_N_BANDS] = { 0 };
    for (size_t i = 0; i < plan->n_bands; i++)
        by_band[plan->bands[i]] = b->band[i];
    for (size_t i = 0; i < plan->project->n_indices; i++)
        compute_index(plan->project->indices[i], by_band, b->index[i], n);
    for (size_t i = 0; i < n; i++)
        b->clear[i] = (float)b->n_clear[i];
    if (is_product(plan, CAO_Q_DAY))
        compute_days(plan, job, b, n);
    for (size_t i = 0; i < plan->products.n_bases; i++) {
        const struct cao_product *base = &plan->products.bases[i];
        float *values = base_values(b, i, base->quantity);
        unsigned char *raster = b->base_raster[i];
        if (values)
            store_base(job, strip, base, raster, values);
        else if (raster && base->quantity == CAO_Q_STATUS)
            store_status(job, strip, raster, b->status);
    }
}

static void recall_bases(const struct cao_plan *plan, const struct cao_tile_job *job,
                         const struct cao_window *strip, struct cao_tile_buffers *b)
{
    size_t cols = (size_t)strip->cols;
    for (size_t i = 0; i < plan->products.n_bases; i++) {
        const struct cao_product *base = &plan->products.bases[i];
        const unsigned char *raster = b->base_raster[i];
        float *values = base_values(b, i, base->quantity);
        size_t bytes = cao_pixel_bytes(base->layout.pixel);
        for (int32_t row = 0; raster && row < strip->rows; row++) {
            const unsigned char *from = raster + cao_tile_place(job, strip, row) * bytes;
            if (values)
                cao_unpack(&base->layout, from, values + (size_t)row * cols, cols);
            else if (base->quantity == CAO_Q_STATUS)
                memcpy(b->status + (size_t)row * cols, from, cols);
        }
    }
}

void cao_tile_bases(const struct cao_plan *plan, const struct cao_tile_job *job,
                    const struct cao_window *strip, struct cao_tile_buffers *b)
{
    size_t n = (size_t)strip->cols * (size_t)strip->rows;
    if (b->past)
        recall_bases(plan, job, strip, b);
    else
        compute_bases(plan, job, strip, b, n);
    for (size_t i = 0; i < n; i++)
        b->seen[i] = b->status[i] == CAO_OUTSIDE ? NAN : 1.0f;
}
