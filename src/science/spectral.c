/* SPDX-License-Identifier: MIT */
#include "caochu/spectral.h"

#include <string.h>

static const char *const letters[CAO_N_BANDS] = { "A",   "B", "G",  "Y",  "R",  "RE1", "RE2",
                                                  "RE3", "N", "N2", "WV", "S1", "S2",  "T1" };

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
