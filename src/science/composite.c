/* SPDX-License-Identifier: MIT */
#include "caochu/composite.h"

#include <math.h>
#include <string.h>

#include "base/lanes.h"
#include "caochu/mask.h"
#include "science/composite_rows.h"

/* A new composite is a row and a small function beside its like. The order is that of
 * CAO_COMPOSITE_NAMES. */
static const struct cao_composite table[] = {
    { .name = "max-ndvi",
      .zh = "NDVI最大值",
      .help = "the look with the highest NDVI, all its bands together",
      .help_zh = "取NDVI最高的一次观测，各波段同期",
      .source =
          "Holben 1986, IJRS 7:1417; the Chinese practice for grass yield (Huang et al. 2020)",
      .score = cao_score_ndvi,
      .asks_ndvi = true,
      .chooses = true },
    { .name = "bap",
      .zh = "最佳可用像元",
      .help = "the look with the best score of season, distance to cloud and haze",
      .help_zh = "按季节、离云距离与霾的加权得分取最佳一次观测",
      .source = "Griffiths et al. 2013, JSTARS 6:2088; sub-scores as in FORCE (Frantz 2019, RS "
                "11:1124)",
      .score = cao_score_bap,
      .chooses = true,
      .asks_haze = true,
      .asks_cloud = true },
    { .name = "medoid",
      .zh = "中心观测",
      .help = "the look whose spectrum is nearest to those of all others, all its bands together",
      .help_zh = "取光谱与其余各次观测距离之和最小的一次，各波段同期",
      .source = "Flood 2013, RS 5:6481",
      .reduce = cao_reduce_medoid,
      .scratch = cao_medoid_scratch,
      .chooses = true },
    { .name = "geomedian",
      .zh = "几何中值",
      .help = "the spectrum with the least sum of distances to all looks",
      .help_zh = "与各次观测距离之和最小的光谱（几何中值）",
      .source =
          "Roberts et al. 2017, TGRS 55:6254; iterated after Vardi & Zhang 2000, PNAS 97:1423",
      .reduce = cao_reduce_geomedian,
      .scratch = cao_geomedian_scratch },
    { .name = "median",
      .zh = "中值",
      .help = "the median, band by band",
      .help_zh = "逐波段取中值",
      .source = "",
      .reduce = cao_reduce_median,
      .scratch = cao_rank_scratch },
    { .name = "mean",
      .zh = "均值",
      .help = "the mean, band by band",
      .help_zh = "逐波段取均值",
      .source = "" },
    { .name = "percentile",
      .zh = "百分位数",
      .help = "the percentile that the key percentile names, band by band",
      .help_zh = "逐波段取 percentile 键所定的百分位数",
      .source = "Hyndman & Fan 1996, type 7",
      .reduce = cao_reduce_percentile,
      .scratch = cao_rank_scratch },
    { .name = "latest",
      .zh = "最近一次",
      .help = "the last clear look",
      .help_zh = "取最后一次晴空观测",
      .source = "",
      .score = cao_score_latest,
      .chooses = true },
    { .name = "first",
      .zh = "最早一次",
      .help = "the first clear look",
      .help_zh = "取最早一次晴空观测",
      .source = "",
      .score = cao_score_first,
      .chooses = true },
};

const struct cao_composite *cao_composites(size_t *n)
{
    *n = sizeof table / sizeof table[0];
    return table;
}

enum cao_status cao_composite_find(const char *name, const struct cao_composite **found,
                                   struct cao_error *err)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].name, name) == 0) {
            *found = &table[i];
            return CAO_OK;
        }
    return cao_fail(err, CAO_EARG, "'%.80s' is no composite; allowed: %s", name,
                    CAO_COMPOSITE_NAMES);
}

CAO_LANES void cao_best_start(const struct cao_best *best, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        best->score[i] = NAN;
        best->look[i] = CAO_NO_LOOK;
        best->n_clear[i] = 0;
    }
    for (size_t b = 0; b < best->n_bands; b++)
        for (size_t i = 0; i < n; i++)
            best->band[b][i] = NAN;
}

/* a where the mask is all ones, b where it is 0. Chosen bit by bit: a plain choice would let the
 * compiler store under a condition, and then it uses no vectors. */
static inline float pick(int32_t mask, float a, float b)
{
    int32_t x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    x = (x & mask) | (y & ~mask);
    memcpy(&a, &x, sizeof a);
    return a;
}

CAO_LANES void cao_best_offer(const struct cao_best *best, const uint8_t *restrict reason,
                              const float *restrict score, const float *const *band, uint16_t look,
                              size_t n)
{
    enum { BLOCK = 1024 };
    int32_t take[BLOCK];
    for (size_t at = 0; at < n; at += BLOCK) { /* in blocks that stay in the nearest cache */
        size_t m = n - at < BLOCK ? n - at : BLOCK;
        float *restrict kept = best->score + at;
        const float *restrict offered = score + at;
        const uint8_t *restrict why = reason + at;
        uint16_t *restrict kept_look = best->look + at, *restrict n_clear = best->n_clear + at;
        for (size_t i = 0; i < m; i++) {
            float s = offered[i];
            int32_t better = (s == s) & !(s <= kept[i]); /* NaN kept: the comparison is false */
            take[i] = -(better & (why[i] == CAO_CLEAR));
        }
        for (size_t i = 0; i < m; i++)
            n_clear[i] = (uint16_t)(n_clear[i] + (why[i] == CAO_CLEAR));
        for (size_t i = 0; i < m; i++)
            kept[i] = pick(take[i], offered[i], kept[i]);
        for (size_t i = 0; i < m; i++)
            kept_look[i] = (uint16_t)((look & take[i]) | (kept_look[i] & ~take[i]));
        for (size_t b = 0; b < best->n_bands; b++) {
            float *restrict to = best->band[b] + at;
            const float *restrict from = band[b] + at;
            for (size_t i = 0; i < m; i++)
                to[i] = pick(take[i], from[i], to[i]);
        }
    }
}

/* In blocks, so that the sums of all bands stay in the cache while reasons are gone over once. */
CAO_LANES void cao_mean_add(const uint8_t *restrict reason, const float *const *band,
                            double *const *sum, uint16_t *restrict n_clear, size_t n_bands,
                            size_t n)
{
    for (size_t i = 0; i < n; i++)
        n_clear[i] = (uint16_t)(n_clear[i] + (reason[i] == CAO_CLEAR));
    for (size_t b = 0; b < n_bands; b++) {
        double *restrict to = sum[b];
        const float *restrict from = band[b];
        for (size_t i = 0; i < n; i++)
            to[i] += reason[i] == CAO_CLEAR ? (double)from[i] : 0.0;
    }
}

CAO_LANES void cao_mean_finish(double *const *sum, const uint16_t *restrict n_clear,
                               float *const *band, size_t n_bands, size_t n)
{
    for (size_t b = 0; b < n_bands; b++)
        for (size_t i = 0; i < n; i++)
            band[b][i] = n_clear[i] ? (float)(sum[b][i] / n_clear[i]) : NAN;
}

CAO_LANES void cao_keep_clear(const uint8_t *restrict reason, float *restrict values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int32_t clear = -(reason[i] == CAO_CLEAR);
        values[i] = pick(clear, values[i], NAN);
    }
}

CAO_LANES void cao_count_look(const float *restrict look, uint16_t *restrict n_looks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        n_looks[i] = (uint16_t)(n_looks[i] + (look[i] == look[i]));
}
