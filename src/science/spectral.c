/* SPDX-License-Identifier: MIT */
#include "caochu/spectral.h"

#include <string.h>
#include <strings.h>

#include "base/lanes.h"

static const char *const letters[CAO_N_BANDS] = { "A",
                                                  "B",
                                                  "G",
                                                  "Y",
                                                  "R",
                                                  "RE1",
                                                  "RE2",
                                                  "RE3",
                                                  "N",
                                                  "N2",
                                                  "WV",
                                                  "S1",
                                                  "S2",
                                                  "T1",
                                                  "ready-made NDVI",
                                                  "ready-made EVI" };

const char *cao_band_letter(enum cao_band b)
{
    return (unsigned)b < CAO_N_BANDS ? letters[b] : "?";
}

bool cao_band_find(const char *letter, enum cao_band *b)
{
    for (int i = 0; i < CAO_N_BANDS; i++)
        if (strcmp(letter, letters[i]) == 0) {
            *b = (enum cao_band)i;
            return true;
        }
    return false;
}

enum cao_band cao_band_ready(const char *index_name)
{
    return strcasecmp(index_name, "NDVI") == 0  ? CAO_BAND_NDVI
           : strcasecmp(index_name, "EVI") == 0 ? CAO_BAND_EVI
                                                : CAO_N_BANDS;
}

bool cao_band_is_ready(enum cao_band b)
{
    return b == CAO_BAND_NDVI || b == CAO_BAND_EVI;
}

CAO_LANES void cao_prefer_ready(const float *restrict ready, float *restrict vi, size_t n)
{
    for (size_t i = 0; i < n; i++)
        vi[i] = ready[i] == ready[i] ? ready[i] : vi[i];
}
