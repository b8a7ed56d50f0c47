/* SPDX-License-Identifier: MIT
 * What the layers of MODIS and VIIRS land products mean. MOD09 and MOD13: user guides of collections 6 and
 * 6.1 (Vermote et al.; Didan et al.). VNP09 and VNP13: user guides of collection 2, through the tables of
 * AppEEARS (fill, valid range, scale) and of Earth Engine's catalogue (bits). */
#include "sensor/land_layers.h"

#include <math.h>
#include <string.h>

#define NONE ((double)NAN)

/* VI Quality. MODLAND (bits 0, 1): 2 most probably cloudy, 3 not produced. Usefulness (2 to 5): from 13
 * on not useful. Land and water (11 to 13): 1 land, 2 shore, 4 ephemeral water. Bit 8, next to cloud, is
 * set in most of a rainy season's pixels and is not used. */
static const struct cao_qa_rule vi_quality[] = {
    { 3u, 3u, CAO_OUTSIDE },
    { 3u, 2u, CAO_CLOUD },
    { 0xFu << 2, 13u << 2, CAO_SATURATED },
    { 0xFu << 2, 14u << 2, CAO_SATURATED },
    { 0xFu << 2, 15u << 2, CAO_SATURATED },
    { 1u << 10, 1u << 10, CAO_CLOUD },
    { 1u << 14, 1u << 14, CAO_SNOW },
    { 1u << 15, 1u << 15, CAO_SHADOW },
    { 7u << 11, 0u << 11, CAO_WATER },
    { 7u << 11, 3u << 11, CAO_WATER },
    { 7u << 11, 5u << 11, CAO_WATER },
    { 7u << 11, 6u << 11, CAO_WATER },
    { 7u << 11, 7u << 11, CAO_WATER },
    { 3u << 6, 3u << 6, CAO_AEROSOL },
};
/* Pixel reliability: 0 good, 1 marginal, 2 snow, 3 cloud, 4 estimated from other years, -1 none. */
static const struct cao_qa_rule reliability[] = {
    { 0xFF, 0xFF, CAO_OUTSIDE },
    { 0xFF, 4, CAO_OUTSIDE },
    { 0xFF, 2, CAO_SNOW },
    { 0xFF, 3, CAO_CLOUD },
};
/* State of MOD09A1, Q1 and GA. Cloud (0, 1): 1 cloudy, 2 mixed; 2 shadow; land and water (3 to 5) as
 * above; aerosol (6, 7): 3 high; cirrus (8, 9): 2 average, 3 high; 10 internal cloud; 12 and 15 snow. */
static const struct cao_qa_rule state[] = {
    { 0xFFFF, 0xFFFF, CAO_OUTSIDE },
    { 3u, 1u, CAO_CLOUD },
    { 3u, 2u, CAO_CLOUD },
    { 1u << 10, 1u << 10, CAO_CLOUD },
    { 1u << 2, 1u << 2, CAO_SHADOW },
    { 3u << 8, 2u << 8, CAO_CIRRUS },
    { 3u << 8, 3u << 8, CAO_CIRRUS },
    { 1u << 12, 1u << 12, CAO_SNOW },
    { 1u << 15, 1u << 15, CAO_SNOW },
    { 7u << 3, 0u << 3, CAO_WATER },
    { 7u << 3, 3u << 3, CAO_WATER },
    { 7u << 3, 5u << 3, CAO_WATER },
    { 7u << 3, 6u << 3, CAO_WATER },
    { 7u << 3, 7u << 3, CAO_WATER },
    { 3u << 6, 3u << 6, CAO_AEROSOL },
};
/* QC of MOD09GQ. MODLAND: 2 cloud, 3 not produced; quality of band 1 (4 to 7) and 2 (8 to 11): from 7 on
 * the detector is noisy or dead, the sun too low, or the input missing. It does not know clouds but
 * those that stopped the correction: the state word of MOD09GA stands behind it, or else a brightness test. */
static const struct cao_qa_rule gq_quality[] = {
    { 0xFFFF, 0xFFFF, CAO_OUTSIDE },
    { 3u, 3u, CAO_OUTSIDE },
    { 3u, 2u, CAO_CLOUD },
    { 8u << 4, 8u << 4, CAO_SATURATED },
    { 15u << 4, 7u << 4, CAO_SATURATED },
    { 8u << 8, 8u << 8, CAO_SATURATED },
    { 15u << 8, 7u << 8, CAO_SATURATED },
};
/* Each pixel's day of the year, without data -1 or 65535. */
enum { DAY_OF_YEAR = -1 - (CAO_MOST_QA - 1) };
#define RULES(list) list, sizeof(list) / sizeof(list)[0]

static const struct cao_land_layer vi_rows[] = {
    { "ndvi", CAO_BAND_NDVI, -3000, NONE, NULL, 0, 0 },
    { "evi", CAO_BAND_EVI, -3000, NONE, NULL, 0, 0 },
    { "red_reflectance|rr", CAO_BAND_R, -1000, 10001, NULL, 0, 0 },
    { "nir_reflectance|nirr", CAO_BAND_N2, -1000, 10001, NULL, 0, 0 },
    { "blue_reflectance|br", CAO_BAND_B, -1000, 10001, NULL, 0, 0 },
    { "mir_reflectance|mirr", CAO_BAND_S2, -1000, 10001, NULL, 0, 0 },
    { "vi_quality|viq", -1, NONE, NONE, RULES(vi_quality), 0xFFFF },
    { "pixel_reliability|pr", -2, NONE, NONE, RULES(reliability), 0xFF },
    { "composite_day_of_the_year|cdoy", DAY_OF_YEAR, NONE, NONE, NULL, 0, 0xFFFF },
    { NULL, 0, 0, 0, NULL, 0, 0 },
};
static const struct cao_land_layer sr_rows[] = {
    { "sur_refl_b01|sur_refl_b01_1", CAO_BAND_R, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_b02|sur_refl_b02_1", CAO_BAND_N2, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_b03|sur_refl_b03_1", CAO_BAND_B, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_b04|sur_refl_b04_1", CAO_BAND_G, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_b06|sur_refl_b06_1", CAO_BAND_S1, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_b07|sur_refl_b07_1", CAO_BAND_S2, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_state_500m|sur_refl_state_250m|state_1km|state_1km_1|sur_refl_state", -1, NONE,
      NONE, RULES(state), 0xFFFF },
    { "sur_refl_day_of_year", DAY_OF_YEAR, NONE, NONE, NULL, 0, 0xFFFF },
    { NULL, 0, 0, 0, NULL, 0, 0 },
};

static const struct cao_land_layer gq_rows[] = {
    { "sur_refl_b01|sur_refl_b01_1", CAO_BAND_R, -28672, 16001, NULL, 0, 0 },
    { "sur_refl_b02|sur_refl_b02_1", CAO_BAND_N2, -28672, 16001, NULL, 0, 0 },
    { "qc_250m|qc_250m_1", -1, NONE, NONE, RULES(gq_quality), 0xFFFF },
    { NULL, 0, 0, 0, NULL, 0, 0 },
};

const struct cao_land_layer cao_land_second_state[] = {
    { "state_1km|state_1km_1", -2, NONE, NONE, RULES(state), 0xFFFF },
    { NULL, 0, 0, 0, NULL, 0, 0 },
};

/* --- VIIRS --- */

/* VI Quality of VNP13 (bands as Earth Engine's catalogue of VNP13A1 v002 and AppEEARS describe them): as that of
 * MOD13, but land and water (11 to 13) are 0 and 1 land, 2 inland water, 3 sea, 5 coast. */
static const struct cao_qa_rule viirs_vi_quality[] = {
    { 3u, 3u, CAO_OUTSIDE },
    { 3u, 2u, CAO_CLOUD },
    { 0xFu << 2, 13u << 2, CAO_SATURATED },
    { 0xFu << 2, 14u << 2, CAO_SATURATED },
    { 0xFu << 2, 15u << 2, CAO_SATURATED },
    { 1u << 10, 1u << 10, CAO_CLOUD },
    { 1u << 14, 1u << 14, CAO_SNOW },
    { 1u << 15, 1u << 15, CAO_SHADOW },
    { 7u << 11, 2u << 11, CAO_WATER },
    { 7u << 11, 3u << 11, CAO_WATER },
    { 3u << 6, 3u << 6, CAO_AEROSOL },
};
/* Pixel reliability: 0 excellent to 6 poor, 7 shadow, 8 snow, 9 cloud, 10 estimated, 11 from the means of other
 * years; -1 to -4 none (of 8 or of 16 bit). */
static const struct cao_qa_rule viirs_reliability[] = {
    { 0xF0, 0xF0, CAO_OUTSIDE }, { 0xFF, 10, CAO_OUTSIDE }, { 0xFF, 11, CAO_OUTSIDE },
    { 0xFF, 7, CAO_SHADOW },     { 0xFF, 8, CAO_SNOW },     { 0xFF, 9, CAO_CLOUD },
};

/* Indices lie within -10000 to 10000. No data is -15000 by the catalogues, but the maker's older series have
 * codes for its kinds from -12000 down: all below -1 is none. */
static const struct cao_land_layer viirs_vi_rows[] = {
    { "ndvi", CAO_BAND_NDVI, -10001, NONE, NULL, 0, 0 },
    { "evi", CAO_BAND_EVI, -10001, NONE, NULL, 0, 0 },
    { "red_reflectance", CAO_BAND_R, -1000, 10001, NULL, 0, 0 },
    { "nir_reflectance", CAO_BAND_N2, -1000, 10001, NULL, 0, 0 },
    { "blue_reflectance", CAO_BAND_B, -1000, 10001, NULL, 0, 0 },
    { "green_reflectance", CAO_BAND_G, -1000, 10001, NULL, 0, 0 },
    { "swir2_reflectance", CAO_BAND_S1, -1000, 10001, NULL, 0, 0 }, /* 1.61 um; SWIR1 is 1.24 */
    { "swir3_reflectance", CAO_BAND_S2, -1000, 10001, NULL, 0, 0 }, /* 2.25 um */
    { "vi_quality", -1, NONE, NONE, RULES(viirs_vi_quality), 0xFFFF },
    { "pixel_reliability", -2, NONE, NONE, RULES(viirs_reliability), 0xFF },
    { "composite_day_of_the_year", DAY_OF_YEAR, NONE, NONE, NULL, 0, 0xFFFF },
    { NULL, 0, 0, 0, NULL, 0, 0 },
};
/* The state word has the bits of MOD09's. */
static const struct cao_land_layer viirs_imagery_rows[] = {
    { "surfreflect_i1", CAO_BAND_R, -28672, 16001, NULL, 0, 0 },
    { "surfreflect_i2", CAO_BAND_N2, -28672, 16001, NULL, 0, 0 },
    { "surfreflect_i3", CAO_BAND_S1, -28672, 16001, NULL, 0, 0 },
    { "surfreflect_state_500m", -1, NONE, NONE, RULES(state), 0xFFFF },
    { NULL, 0, 0, 0, NULL, 0, 0 },
};
static const struct cao_land_layer viirs_moderate_rows[] = {
    { "surfreflect_m2", CAO_BAND_A, -28672, 16001, NULL, 0, 0 },
    { "surfreflect_m3", CAO_BAND_B, -28672, 16001, NULL, 0, 0 },
    { "surfreflect_m4", CAO_BAND_G, -28672, 16001, NULL, 0, 0 },
    { "surfreflect_m5", CAO_BAND_R, -28672, 16001, NULL, 0, 0 },
    { "surfreflect_m7", CAO_BAND_N2, -28672, 16001, NULL, 0, 0 },
    { "surfreflect_m10", CAO_BAND_S1, -28672, 16001, NULL, 0, 0 },
    { "surfreflect_m11", CAO_BAND_S2, -28672, 16001, NULL, 0, 0 },
    { "surfreflect_state", -1, NONE, NONE, RULES(state), 0xFFFF },
    { "surfreflect_day_of_year", DAY_OF_YEAR, NONE, NONE, NULL, 0, 0xFFFF },
    { NULL, 0, 0, 0, NULL, 0, 0 },
};

static const char vi_quality_name[] = "VI Quality or pixel reliability";
static const struct cao_land_product modis[] = {
    { "09A1", sr_rows, "sur_refl_state_500m", 8, 0 }, { "09GA", sr_rows, "state_1km", 1, 0 },
    { "09Q1", sr_rows, "sur_refl_state_250m", 8, 0 }, { "09GQ", gq_rows, "QC_250m", 1, 0.3 },
    { "13Q1", vi_rows, vi_quality_name, 16, 0 },      { "13A1", vi_rows, vi_quality_name, 16, 0 },
    { "13A2", vi_rows, vi_quality_name, 16, 0 },      { NULL, NULL, NULL, 0, 0 },
};
static const struct cao_land_product viirs[] = {
    { "09H1", viirs_imagery_rows, "SurfReflect_State_500m", 8, 0 },
    { "09A1", viirs_moderate_rows, "SurfReflect_State", 8, 0 },
    { "13A1", viirs_vi_rows, vi_quality_name, 16, 0 },
    { "13A2", viirs_vi_rows, vi_quality_name, 16, 0 },
    { NULL, NULL, NULL, 0, 0 },
};

const struct cao_land_product *cao_land_product(bool of_viirs, const char *id)
{
    const struct cao_land_product *p = of_viirs ? viirs : modis;
    while (p->name && strncmp(id + 3, p->name, 4) != 0)
        p++;
    return p->name ? p : NULL;
}

bool cao_land_layer_wanted(const char *field,
                           bool (*names_it)(const struct cao_land_layer *row, const char *field))
{
    static const struct cao_land_layer *const lists[] = { vi_rows, sr_rows, gq_rows };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (const struct cao_land_layer *row = lists[i]; row->names; row++)
            if (names_it(row, field))
                return true;
    return false;
}
