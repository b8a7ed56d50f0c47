/* SPDX-License-Identifier: MIT */
#include "audit/explain_words.h"

#include <string.h>

/* Sentences before the phrases within them: the first that fits at a place is taken. */
static const char *const words[][2] = {
    { "on the WGS 84 ellipsoid", "WGS 84椭球面面积" },
    { "share of the area, cloudy or not", "有影像（无论有云与否）的面积比例" },
    { "share of the area with a clear look", "至少一次晴空观测的面积比例" },
    { "share of the area with a smoothed maximum", "有季节平滑最大值的面积比例" },
    { "mean of the area", "按面积平均" },
    { "standard deviation over the valid area", "有效面积内的标准差" },
    { "maximum of the smoothed season, ", "季节平滑曲线的最大值，" },
    { "mean of the valid area", "有效面积平均" },
    { " within 0 to 1, ", "，限于0至1，" },
    { "mean over the cells of the equations' mean", "各像元多个方程的均值，再按面积平均" },
    { "mean over the cells of the equation", "各像元按方程计算，再按面积平均" },
    { "mean of its parts by their area; no grassland bears none", "各分区按面积平均，非草地为零" },
    { "mean of its parts by their area", "各分区按面积平均" },
    { "mean of slope, altitude and distance to water by terrain of the profile, weighted by yield",
      "按配置 terrain 表由坡度、海拔与离水距离折减，按产量加权平均" },
    { "fresh yield / fresh to hay", "鲜草产量 ÷ 鲜干比" },
    { "usable forage of the pasture / (intake * days)",
      "可利用牧草总量 ÷（羊单位日食量 × 放牧天数）" },
    { "usable forage * area", "可利用牧草 × 面积" },
    { "wildlife_share of the project file", "项目文件中的 wildlife_share" },
    { "not known: wildlife.map tells of too little of the pasture",
      "不明：wildlife.map 在该草场有值面积不足" },
    { "by counts, on what may be grazed", "按种群数量，限于可放牧的牧草" },
    { "capacity - for wildlife, not below 0, + sustained by feed",
      "理论载畜量 − 野生动物预留（不小于0）+ 补饲承载" },
    { "capacity - for wildlife, not below 0", "理论载畜量 − 野生动物预留（不小于0）" },
    { "capacity * share", "理论载畜量 × 预留比例" },
    { "sum of the lines", "以上各行之和" },
    { "available - herd; negative is overload", "可养家畜 − 实际载畜量，负值为超载" },
    { "(herd - available) / available", "（实际载畜量 − 可养家畜）÷ 可养家畜" },
    { "herd / available", "实际载畜量 ÷ 可养家畜" },
    { "herd above what is available", "实际载畜量超出可养家畜的部分" },
    { "of the fitted terms: their covariance, or residual * sqrt(terms / plots)",
      "方程参数误差：由协方差，或 残差 × √(参数个数 ÷ 样方数)" },
    { "between the years' equations, not below year_error; * sqrt(1 + 1 / years)",
      "年际方程之差，不小于 year_error，× √(1 + 1 ÷ 年数)" },
    { "residual / sqrt(area in blocks of block_ha)", "残差 ÷ √(面积 ÷ block_ha)" },
    { "unseen share * spread of the yield * sqrt(1 / unseen + 1 / seen blocks)",
      "未观测面积比例 × 产量离散度 × √(1 ÷ 未观测块数 + 1 ÷ 已观测块数)" },
    { "uniform within the ranges that the profile gives; share of the herd",
      "在配置所给范围内均匀分布，占实际载畜量的比例" },
    { "wild_error of counts or map, and the ranges of its sheep units",
      "野生动物数量误差（wild_error）及其羊单位取值范围" },
    { "uniform within the ranges that the profile gives", "在配置所给范围内均匀分布" },
    { "of the count; share of the herd", "家畜清点误差，占实际载畜量的比例" },
    { "of the valid area; the index is held at the end of the range there",
      "占有效面积；该处指数取方程适用范围的端点" },
    { "root of the squares of those of the supply", "供给各项平方和之根" },
    { " % of true rates lie between; log-normal pressure",
      " % 的真实超载率在此区间内；压力指数按对数正态分布" },
    { "that the herd is above what is available", "实际载畜量超过可养家畜的概率" },
    { "probability of this class", "属于该等级的概率" },
    { "firm where the class has the probability firm_at; not enough data where too little was "
      "seen, "
      "or more than outside_limit lies beyond the equations' range",
      "等级概率不低于 firm_at 为可靠；有效观测过少，或超出方程范围的面积多于 outside_limit "
      "时为资料不足" },
    { "hay * (1 + regrowth)", "干草产量 ×（1 + 再生率）" },
    { "fresh yield * (1 + regrowth)", "鲜草产量 ×（1 + 再生率）" },
    { " * edible share with drift", " × 经年景调整的可食牧草比例" },
    { " * edible share", " × 可食牧草比例" },
    { " * utilisation", " × 放牧利用率" },
    { " * to standard hay", " × 标准干草折算系数" },
    { " * left by degradation", " × 退化折减" },
    { " * left by policy", " × 政策分区折减" },
    { " * retention", " × 牧草保存率" },
    { " * left by terrain", " × 地形折减" },
};

void cao_explain_words(const char *english, char *zh, size_t size)
{
    size_t n = 0;
    while (*english && n + 1 < size) {
        const char *add = english;
        size_t taken = 1, length = 1;
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            size_t l = strlen(words[i][0]);
            if (strncmp(english, words[i][0], l) == 0) {
                add = words[i][1];
                taken = l;
                length = strlen(add);
                break;
            }
        }
        if (n + length + 1 > size)
            break;
        memcpy(zh + n, add, length);
        n += length;
        english += taken;
    }
    zh[n] = '\0';
}
