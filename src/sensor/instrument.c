/* SPDX-License-Identifier: MIT
 * Band sets as the readers of this room find them in products. */
#include "caochu/instrument.h"

#include <string.h>
#include <strings.h>

#include "caochu/text.h"

#define BIT(letter) CAO_BAND_BIT(CAO_BAND_##letter)
enum {
    BGR = BIT(B) | BIT(G) | BIT(R),
    EDGE = BIT(RE1) | BIT(RE2) | BIT(RE3),
    SWIR = BIT(S1) | BIT(S2)
};

static const struct cao_instrument table[] = {
    { "sentinel2", "Sentinel-2 Level-2A", BIT(A) | BGR | EDGE | BIT(N) | BIT(N2) | BIT(WV) | SWIR },
    { "landsat8", "Landsat 8 and 9", BIT(A) | BGR | BIT(N2) | SWIR },
    { "landsat7", "Landsat 4 to 7", BGR | BIT(N) | SWIR },
    { "hls-s30", "HLS S30", BIT(A) | BGR | EDGE | BIT(N) | BIT(N2) | BIT(WV) | SWIR },
    { "hls-l30", "HLS L30", BIT(A) | BGR | BIT(N2) | SWIR },
    { "mod09a1", "MODIS MOD09A1, MOD09GA, MYD09A1, MYD09GA", BGR | BIT(N2) | SWIR },
    { "mod09q1", "MODIS MOD09Q1, MOD09GQ, MYD09Q1, MYD09GQ", BIT(R) | BIT(N2) },
    { "mod13", "MODIS MOD13Q1, MOD13A1, MOD13A2 and MYD13, with NDVI and EVI of their own",
      BIT(B) | BIT(R) | BIT(N2) | BIT(S2) | BIT(NDVI) | BIT(EVI) },
    { "vnp09h1", "VIIRS VNP09H1, VJ109H1, VJ209H1", BIT(R) | BIT(N2) | BIT(S1) },
    { "vnp09a1", "VIIRS VNP09A1, VJ109A1, VJ209A1", BIT(A) | BGR | BIT(N2) | SWIR },
    { "vnp13", "VIIRS VNP13A1, VNP13A2, VJ113 and VJ213, with NDVI and EVI of their own",
      BGR | BIT(N2) | SWIR | BIT(NDVI) | BIT(EVI) },
    { "gf1-wfv", "Gaofen-1 WFV", BGR | BIT(N) },
    { "gf6-wfv", "Gaofen-6 WFV", BIT(A) | BGR | BIT(Y) | BIT(RE1) | BIT(RE2) | BIT(N) },
};
enum { N_ROWS = sizeof table / sizeof table[0] };

const struct cao_instrument *cao_instrument_all(size_t *n)
{
    *n = N_ROWS;
    return table;
}

enum cao_status cao_instrument_find(const char *name, struct cao_instrument *found,
                                    struct cao_error *err)
{
    struct cao_instrument made = { 0 };
    const char *names[N_ROWS];
    size_t n = 0, length = strlen(name);
    for (size_t i = 0; i < N_ROWS; i++) {
        names[i] = table[i].name;
        if (cao_text_same(name, table[i].name)) {
            *found = table[i];
            return CAO_OK;
        }
        if (length == 0 || strncasecmp(name, table[i].name, length) != 0)
            continue;
        made = n == 0 ? table[i] : made;
        made.bands &= table[i].bands;
        n++;
    }
    if (n > 0) {
        *found = made;
        return CAO_OK;
    }
    size_t near = cao_text_nearest(name, names, N_ROWS);
    return cao_fail(err, CAO_EARG,
                    "sensor '%s' is not known%s%s%s; allowed: sentinel2, landsat8, landsat7, "
                    "hls-s30, hls-l30, mod09a1, mod09q1, mod13, vnp09h1, vnp09a1, vnp13, gf1-wfv, "
                    "gf6-wfv, or a folder of "
                    "products behind 'list indices'",
                    name, near == SIZE_MAX ? "" : "; did you mean ",
                    near == SIZE_MAX ? "" : names[near], near == SIZE_MAX ? "" : "?");
}

uint32_t cao_scene_bands(const struct cao_scene *s)
{
    uint32_t bands = 0;
    for (int b = 0; b < CAO_N_BANDS; b++)
        if (cao_scene_has(s, (enum cao_band)b))
            bands |= CAO_BAND_BIT(b);
    return bands;
}
