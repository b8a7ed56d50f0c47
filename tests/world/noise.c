/* SPDX-License-Identifier: MIT */
#include "world/world.h"

#include <math.h>
#include <stdlib.h>

static uint64_t mix(uint64_t z)
{
    z += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint64_t world_hash(uint64_t seed, uint64_t a, uint64_t b, uint64_t c)
{
    return mix(mix(mix(mix(seed) ^ a) ^ b) ^ c);
}

double world_uniform(uint64_t seed, uint64_t a, uint64_t b, uint64_t c)
{
    return (double)(world_hash(seed, a, b, c) >> 11) * 0x1p-53;
}

float world_gauss(uint64_t seed, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t h = world_hash(seed, a, b, c);
    float sum = (float)((h & 0xFFFF) + ((h >> 16) & 0xFFFF) + ((h >> 32) & 0xFFFF) + (h >> 48));
    /* four uniforms on [0, 65535]: mean 2 * 65535, standard deviation 65536 / sqrt(3) */
    return (sum - 131070.0f) * (1.7320508f / 65536.0f);
}

float world_clamp(float v, float lo, float hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

float world_step(float lo, float hi, float v)
{
    float t = world_clamp((v - lo) / (hi - lo), 0.0f, 1.0f);
    return t * t * (3.0f - 2.0f * t);
}

/* Value of a lattice point in [-1, 1). */
static float lattice(uint64_t seed, int64_t ix, int64_t iy)
{
    return (float)(world_uniform(seed, (uint64_t)ix, (uint64_t)iy, 0) * 2.0 - 1.0);
}

static float lattice_column(uint64_t seed, int64_t ix, int64_t iy, float sy)
{
    float top = lattice(seed, ix, iy);
    return top + (lattice(seed, ix, iy + 1) - top) * sy;
}

static void add_octave(float *row, size_t n, double x0, double y, struct world_octave o,
                       uint64_t seed)
{
    double v = y / o.scale;
    int64_t iy = (int64_t)floor(v), ix = (int64_t)floor(x0 / o.scale);
    float sy = world_step(0.0f, 1.0f, (float)(v - (double)iy));
    float left = lattice_column(seed, ix, iy, sy), right = lattice_column(seed, ix + 1, iy, sy);
    for (size_t i = 0; i < n; i++) {
        double u = (x0 + (double)i) / o.scale;
        for (; u >= (double)(ix + 1); ix++) {
            left = right;
            right = lattice_column(seed, ix + 2, iy, sy);
        }
        row[i] +=
            o.amplitude * (left + (right - left) * world_step(0.0f, 1.0f, (float)(u - (double)ix)));
    }
}

void world_noise_row(float *row, size_t n, double x0, double y, const struct world_octave *octaves,
                     size_t n_octaves, uint64_t seed)
{
    for (size_t k = 0; k < n_octaves; k++)
        add_octave(row, n, x0, y, octaves[k], seed + k * 0x5851F42D4C957F2Du);
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

enum cao_status world_quantile(const float *v, size_t n, double q, float *value,
                               struct cao_error *err)
{
    size_t stride = n / 16384 ? n / 16384 : 1;
    stride |= 1; /* odd: does not walk along a column of a square image */
    size_t count = (n + stride - 1) / stride;
    float *sample = malloc(count * sizeof *sample);
    if (!sample)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < count; i++)
        sample[i] = v[i * stride];
    qsort(sample, count, sizeof *sample, compare_floats);
    *value = sample[(size_t)(q * (double)(count - 1))];
    free(sample);
    return CAO_OK;
}
