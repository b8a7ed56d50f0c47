/* SPDX-License-Identifier: MIT */
#include "world/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"

enum { STREAM_CLOUD = 1000, STREAM_CIRRUS = 2000, STREAM_SENSOR = 3000, STREAM_SEASON = 4000 };

/* Reflectance of pure covers: a dense meadow has N .39 R .04, bare ground N .20 R .15. */
const struct world_band world_bands[WORLD_N_BANDS] = {
    { "B02", 1, 1, 0.030f, 0.090f, 0.045f, 0.86f, 0.62f, 0.010f },
    { "B03", 1, 2, 0.062f, 0.120f, 0.045f, 0.86f, 0.61f, 0.006f },
    { "B04", 1, 3, 0.040f, 0.150f, 0.030f, 0.85f, 0.62f, 0.004f },
    { "B08", 1, 7, 0.390f, 0.200f, 0.016f, 0.80f, 0.66f, 0.001f },
    { "B8A", 2, 8, 0.405f, 0.215f, 0.014f, 0.78f, 0.67f, 0.001f },
    { "B11", 2, 11, 0.190f, 0.280f, 0.007f, 0.10f, 0.40f, 0.000f },
    { "B12", 2, 12, 0.095f, 0.240f, 0.004f, 0.08f, 0.30f, 0.000f },
};

enum { SECONDS_PER_DAY = 86400 };
static const double DEGREE = 3.14159265358979323846 / 180.0;
static const double LATITUDE = 35.2, LONGITUDE = 97.9;

/* Declination and equation of time after Spencer 1971; good to a few hundredths of a degree. */
static void sun_at(int64_t seconds, double *zenith, double *azimuth)
{
    int32_t day = (int32_t)(seconds / SECONDS_PER_DAY);
    double hour = (double)(seconds % SECONDS_PER_DAY) / 3600.0;
    double g =
        2.0 * 180.0 * DEGREE / 365.0 * (cao_date_day_of_year(day) - 1 + (hour - 12.0) / 24.0);
    double decl = 0.006918 - 0.399912 * cos(g) + 0.070257 * sin(g) - 0.006758 * cos(2 * g) +
                  0.000907 * sin(2 * g) - 0.002697 * cos(3 * g) + 0.00148 * sin(3 * g);
    double minutes = 229.18 * (0.000075 + 0.001868 * cos(g) - 0.032077 * sin(g) -
                               0.014615 * cos(2 * g) - 0.040849 * sin(2 * g));
    double angle = ((hour * 60.0 + minutes + 4.0 * LONGITUDE) / 4.0 - 180.0) * DEGREE;
    double east = -cos(decl) * sin(angle);
    double north =
        sin(decl) * cos(LATITUDE * DEGREE) - cos(decl) * sin(LATITUDE * DEGREE) * cos(angle);
    double up =
        sin(decl) * sin(LATITUDE * DEGREE) + cos(decl) * cos(LATITUDE * DEGREE) * cos(angle);
    *zenith = acos(up) / DEGREE;
    *azimuth = fmod(atan2(east, north) / DEGREE + 360.0, 360.0);
}

/* Relative orbit 47 passes over the tile every ten days with each satellite, A and B five days
 * apart; 143 revolutions lie between two passes. The absolute orbits of the first passes follow
 * from those of published products of 2023. */
struct world_look world_look_make(int index)
{
    static const int offsets[] = { 0, 10, 25, 30, 35, 40 };
    int days = index < 6 ? offsets[index] : 45 + 5 * (index - 6);
    struct world_look look = { .index = index, .day = cao_date_of(2024, 7, 18) + days };
    bool a = days / 5 % 2 == 0;
    look.platform = a ? 'A' : 'B';
    look.orbit = a ? 47377 + 143 * (days / 10) : 38826 + 143 * ((days - 25) / 10);
    look.sensing = (int64_t)look.day * SECONDS_PER_DAY + 4 * 3600 + 5 * 60 + (a ? 51 : 49);
    look.generated = look.sensing + 5 * 3600 + 1234 + 61 * index;
    sun_at(look.sensing, &look.sun_zenith, &look.sun_azimuth);
    return look;
}

void world_state_release(struct world_state *s)
{
    free(s->plane[0]);
    *s = (struct world_state){ 0 };
}

static enum cao_status state_alloc(struct world_state *s, size_t size, struct cao_error *err)
{
    *s = (struct world_state){ .size = size };
    float *planes = calloc(size * size, WORLD_N_FIELDS * sizeof *planes);
    if (!planes)
        return cao_fail(err, CAO_ENOMEM, "out of memory for %zu x %zu pixels", size, size);
    for (size_t f = 0; f < WORLD_N_FIELDS; f++)
        s->plane[f] = planes + f * size * size;
    return CAO_OK;
}

/* Clouds: over 0 is cloud, the more the thicker. One bank stands over the same spot on every date,
 * so that some ground is never seen. */
static enum cao_status clouds(const struct world_options *o, const struct world_look *look,
                              struct world_state *s, struct cao_error *err)
{
    static const double cover[] = { 0.20, 0.06, 0.26 };
    size_t n = s->size;
    double d = (double)n;
    const struct world_octave cumulus[] = { { 0.28 * d, 1.0f },
                                            { 0.11 * d, 0.55f },
                                            { 0.045 * d, 0.28f },
                                            { 0.018 * d + 2.0, 0.14f },
                                            { 5.0, 0.06f } };
    const struct world_octave veil[] = { { 0.45 * d, 1.0f }, { 0.13 * d, 0.35f } };
    /* a cloud 1500 m up casts its shadow away from the sun */
    double reach = 150.0 * tan(look->sun_zenith * DEGREE);
    double dx = reach * sin(look->sun_azimuth * DEGREE),
           dy = -reach * cos(look->sun_azimuth * DEGREE);
    uint64_t cloud_seed = world_hash(o->seed, STREAM_CLOUD, (uint64_t)look->index, 0);
    uint64_t veil_seed = world_hash(o->seed, STREAM_CIRRUS, (uint64_t)look->index, 0);
    for (size_t y = 0; y < n; y++) {
        double row = (double)y + 0.5;
        world_noise_row(s->plane[WORLD_CLOUD] + y * n, n, 0.5, row, cumulus, 5, cloud_seed);
        world_noise_row(s->plane[WORLD_SHADE] + y * n, n, 0.5 + dx, row + dy, cumulus, 5,
                        cloud_seed);
        world_noise_row(s->plane[WORLD_CIRRUS] + y * n, n, 0.5, row, veil, 2, veil_seed);
    }
    float level = 0.0f, veil_level = 0.0f;
    enum cao_status st =
        world_quantile(s->plane[WORLD_CLOUD], n * n, 1.0 - cover[look->index % 3], &level, err);
    if (st == CAO_OK)
        st = world_quantile(s->plane[WORLD_CIRRUS], n * n, 0.93, &veil_level, err);
    for (size_t i = 0; st == CAO_OK && i < n * n; i++) {
        float u = ((float)(i % n) + 0.5f) / (float)n, v = ((float)(i / n) + 0.5f) / (float)n;
        float bank = 0.5f - 0.5f * hypotf((u - 0.10f) / 0.05f, (v - 0.17f) / 0.08f);
        s->plane[WORLD_CLOUD][i] = fmaxf(s->plane[WORLD_CLOUD][i] - level, bank);
        s->plane[WORLD_SHADE][i] = world_step(0.0f, 0.15f, s->plane[WORLD_SHADE][i] - level);
        s->plane[WORLD_CIRRUS][i] = world_step(0.0f, 0.3f, s->plane[WORLD_CIRRUS][i] - veil_level);
    }
    return st;
}

/* Growth through the year as a share of its peak. */
static float season(float day_of_year, float peak)
{
    float d = (day_of_year - peak) / 45.0f;
    return expf(-0.5f * d * d);
}

static enum cao_status ground(const struct world_options *o, const struct world_look *look,
                              const struct world_land *land, const struct world_mosaic *m,
                              const uint16_t *labels, struct world_state *s, struct cao_error *err)
{
    static const double snow_from[] = { 0.955, 0.965, 0.97 };
    static const struct world_octave early[] = { { 70.0, 5.0f }, { 16.0, 4.0f } };
    size_t n = s->size;
    float line = 0.0f, doy = (float)cao_date_day_of_year(look->day);
    enum cao_status st =
        world_quantile(land->elevation, n * n, snow_from[look->index % 3], &line, err);
    if (st != CAO_OK)
        return st;
    float up = (float)cos(look->sun_zenith * DEGREE), side = (float)sin(look->sun_zenith * DEGREE);
    float east = side * (float)sin(look->sun_azimuth * DEGREE);
    float south = -side * (float)cos(look->sun_azimuth * DEGREE);
    for (size_t y = 0; y < n; y++) {
        float *green = s->plane[WORLD_GREEN] + y * n;
        world_noise_row(green, n, 0.5, (double)y + 0.5, early, 2, o->seed + STREAM_SEASON);
        for (size_t x = 0; x < n; x++) {
            size_t i = y * n + x;
            float vigour = labels[i] ? m->items[labels[i] - 1].vigour : 0.9f;
            float peak = 210.0f + (land->elevation[i] - 4300.0f) * 0.03f + green[x];
            green[x] = world_clamp(land->cover[i] * vigour * season(doy, peak), 0.0f, 0.98f);
            float gx = land->slope_x[i], gy = land->slope_y[i];
            float facing = (up - east * gx - south * gy) / (up * sqrtf(1.0f + gx * gx + gy * gy));
            s->plane[WORLD_LIGHT][i] = world_clamp(0.25f + 0.75f * facing, 0.15f, 1.3f);
            s->plane[WORLD_SNOW][i] = world_step(line - 8.0f, line + 8.0f, land->elevation[i]);
            s->plane[WORLD_SOIL][i] = land->texture[i];
            s->plane[WORLD_WATER][i] = land->water[i];
        }
    }
    return CAO_OK;
}

/* The second date's swath ends in the tile. */
static void swath(const struct world_look *look, struct world_state *s)
{
    size_t n = s->size;
    for (size_t i = 0; i < n * n; i++) {
        float u = ((float)(i % n) + 0.5f) / (float)n, v = ((float)(i / n) + 0.5f) / (float)n;
        s->plane[WORLD_SEEN][i] = look->index % 3 == 1 && u + 0.22f * v < 0.20f ? 0.0f : 1.0f;
    }
}

enum cao_status world_state_build(const struct world_options *o, const struct world_look *look,
                                  const struct world_land *land, const struct world_mosaic *m,
                                  const uint16_t *labels, struct world_state *s,
                                  struct cao_error *err)
{
    enum cao_status st = state_alloc(s, land->size, err);
    if (st == CAO_OK)
        st = clouds(o, look, s, err);
    if (st == CAO_OK)
        st = ground(o, look, land, m, labels, s, err);
    if (st != CAO_OK) {
        world_state_release(s);
        return st;
    }
    swath(look, s);
    return CAO_OK;
}

enum cao_status world_state_halve(const struct world_state *s, struct world_state *half,
                                  struct cao_error *err)
{
    size_t n = s->size, h = n / 2;
    enum cao_status st = state_alloc(half, h, err);
    for (size_t f = 0; st == CAO_OK && f < WORLD_N_FIELDS; f++)
        for (size_t y = 0; y < h; y++)
            for (size_t x = 0; x < h; x++) {
                const float *p = s->plane[f] + 2 * y * n + 2 * x;
                half->plane[f][y * h + x] = 0.25f * (p[0] + p[1] + p[n] + p[n + 1]);
            }
    return st;
}

/* Reflectance of the ground alone. */
static float surface(const struct world_state *s, const struct world_band *b, size_t i)
{
    float green = s->plane[WORLD_GREEN][i], water = s->plane[WORLD_WATER][i];
    float snow = s->plane[WORLD_SNOW][i], light = s->plane[WORLD_LIGHT][i];
    float r = b->grass * green + b->soil * s->plane[WORLD_SOIL][i] * (1.0f - green);
    r = (r * (1.0f - water) + b->water * water) * light;
    return r * (1.0f - snow) + b->snow * (0.5f + 0.5f * light) * snow;
}

static float through_air(const struct world_state *s, const struct world_band *b, size_t i,
                         bool l1c)
{
    float r = surface(s, b, i) * (1.0f - 0.6f * s->plane[WORLD_SHADE][i]);
    r += b->haze * (l1c ? 6.0f : 0.3f) + 0.05f * s->plane[WORLD_CIRRUS][i];
    float opaque = world_step(-0.03f, 0.20f, s->plane[WORLD_CLOUD][i]);
    return r * (1.0f - opaque) + b->cloud * opaque;
}

void world_render_band(const struct world_options *o, const struct world_look *look,
                       const struct world_state *s, size_t band, uint16_t *dn)
{
    const struct world_band *b = &world_bands[band];
    uint64_t stream =
        STREAM_SENSOR + (uint64_t)look->index * 64 + band * 4 + look->older * 2 + look->l1c;
    float offset = o->has_offset ? 1000.0f : 0.0f;
    for (size_t i = 0; i < s->size * s->size; i++) {
        if (s->plane[WORLD_SEEN][i] < 0.5f) {
            dn[i] = 0;
            continue;
        }
        float r = through_air(s, b, i, look->l1c);
        r += (0.0008f + 0.004f * r) * world_gauss(o->seed, stream, i % s->size, i / s->size);
        if (look->older)
            r = 1.01f * r + 0.002f;
        dn[i] = (uint16_t)world_clamp(roundf(r * 10000.0f + offset), 1.0f, 65534.0f);
    }
}

static uint16_t class_of(const struct world_state *s, size_t i)
{
    float cloud = s->plane[WORLD_CLOUD][i], water = s->plane[WORLD_WATER][i];
    float red = surface(s, &world_bands[2], i), nir = surface(s, &world_bands[3], i);
    if (s->plane[WORLD_SEEN][i] < 0.5f)
        return 0;
    if (cloud > 0.0f)
        return cloud > 0.12f ? 9 : 8;
    if (s->plane[WORLD_CIRRUS][i] > 0.3f)
        return 10;
    if (s->plane[WORLD_SHADE][i] > 0.3f)
        return 3;
    if (s->plane[WORLD_SNOW][i] > 0.5f)
        return 11;
    if (water > 0.6f)
        return 6;
    if (s->plane[WORLD_LIGHT][i] < 0.75f)
        return 2;
    if (water > 0.2f || cloud > -0.02f)
        return 7;
    return (nir - red) / (nir + red) > 0.35f ? 4 : 5;
}

void world_render_classes(const struct world_state *s, uint16_t *classes)
{
    for (size_t i = 0; i < s->size * s->size; i++)
        classes[i] = class_of(s, i);
}
