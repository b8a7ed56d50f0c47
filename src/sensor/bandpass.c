/* SPDX-License-Identifier: MIT */
#include "caochu/bandpass.h"

#include <string.h>

static const struct line {
    const char *platform;
    enum cao_band band;
    double slope, offset;
} lines[] = {
    /* HLS: the near infrared is the narrow one, B8A. */
    { "Sentinel-2A", CAO_BAND_A, 0.9959, -0.0002 },
    { "Sentinel-2A", CAO_BAND_B, 0.9778, -0.0040 },
    { "Sentinel-2A", CAO_BAND_G, 1.0053, -0.0009 },
    { "Sentinel-2A", CAO_BAND_R, 0.9765, 0.0009 },
    { "Sentinel-2A", CAO_BAND_N2, 0.9983, -0.0001 },
    { "Sentinel-2A", CAO_BAND_S1, 0.9987, -0.0011 },
    { "Sentinel-2A", CAO_BAND_S2, 1.0030, -0.0012 },
    { "Sentinel-2B", CAO_BAND_A, 0.9959, -0.0002 },
    { "Sentinel-2B", CAO_BAND_B, 0.9778, -0.0040 },
    { "Sentinel-2B", CAO_BAND_G, 1.0075, -0.0008 },
    { "Sentinel-2B", CAO_BAND_R, 0.9761, 0.0010 },
    { "Sentinel-2B", CAO_BAND_N2, 0.9966, 0.0000 },
    { "Sentinel-2B", CAO_BAND_S1, 1.0000, -0.0003 },
    { "Sentinel-2B", CAO_BAND_S2, 0.9867, 0.0004 },
    { "Sentinel-2C", CAO_BAND_A, 1.003, 0.0 },
    { "Sentinel-2C", CAO_BAND_B, 0.9851, -0.0027 },
    { "Sentinel-2C", CAO_BAND_G, 1.0038, -0.0009 },
    { "Sentinel-2C", CAO_BAND_R, 0.9718, 0.0011 },
    { "Sentinel-2C", CAO_BAND_N2, 0.9995, -0.0003 },
    { "Sentinel-2C", CAO_BAND_S1, 0.9994, -0.0007 },
    { "Sentinel-2C", CAO_BAND_S2, 0.991, 0.0004 },
    /* Roy et al. 2016, table 2. */
    { "Landsat 7", CAO_BAND_B, 0.8474, 0.0003 },
    { "Landsat 7", CAO_BAND_G, 0.8483, 0.0088 },
    { "Landsat 7", CAO_BAND_R, 0.9047, 0.0061 },
    { "Landsat 7", CAO_BAND_N, 0.8462, 0.0412 },
    { "Landsat 7", CAO_BAND_S1, 0.8937, 0.0254 },
    { "Landsat 7", CAO_BAND_S2, 0.9071, 0.0172 },
};

bool cao_bandpass_line(const char *platform, enum cao_band band, double *slope, double *offset)
{
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (lines[i].band == band && strcmp(lines[i].platform, platform) == 0) {
            *slope = lines[i].slope;
            *offset = lines[i].offset;
            return true;
        }
    return false;
}

size_t cao_bandpass_to_oli(struct cao_catalog *catalog)
{
    size_t n = 0;
    for (size_t i = 0; i < catalog->n; i++) {
        struct cao_scene *s = &catalog->scenes[i];
        bool changed = false;
        if (strncmp(s->level, "HLS", 3) == 0)
            continue;
        for (int b = 0; b < CAO_N_BANDS; b++) {
            struct cao_layer *l = &s->band[b];
            double slope, offset;
            if (!l->path || !cao_bandpass_line(s->platform, (enum cao_band)b, &slope, &offset))
                continue;
            l->gain *= slope;
            l->offset = l->offset * slope + offset;
            changed = true;
        }
        n += changed;
    }
    return n;
}
