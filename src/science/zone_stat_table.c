/* SPDX-License-Identifier: MIT
 * The statistics: a new one is a row and, where need be, a function. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "caochu/text.h"
#include "caochu/zone_stats.h"

static double cells(cao_int128 quanta)
{
    return ldexp((double)quanta, -40);
}

static double square_metres(cao_int128 quanta)
{
    return ldexp((double)quanta, -56);
}

static bool none(const struct cao_zone_view *v)
{
    return v->record->n_valid == 0;
}

/* A stored number as the raster means it. */
static double meant(const struct cao_zone_view *v, double stored)
{
    return v->scale == 1 && v->offset == 0 ? stored : v->scale * stored + v->offset;
}

static double count(const struct cao_zone_view *v, double p)
{
    (void)p;
    return cells(v->record->valid);
}

static double touched(const struct cao_zone_view *v, double p)
{
    (void)p;
    return (double)v->record->n_valid;
}

static double coverage(const struct cao_zone_view *v, double p)
{
    (void)p;
    return cells(v->record->area);
}

static double area(const struct cao_zone_view *v, double p)
{
    (void)p;
    return square_metres(v->record->area_m2);
}

static double valid_area(const struct cao_zone_view *v, double p)
{
    (void)p;
    return square_metres(v->record->valid_m2);
}

static double missing(const struct cao_zone_view *v, double p)
{
    (void)p;
    double share = (v->polygon_cells - cells(v->record->valid)) / v->polygon_cells;
    return !(v->polygon_cells > 0) || share > 1 ? 1 : share > 1e-12 ? share : 0;
}

static double sum(const struct cao_zone_view *v, double p)
{
    (void)p;
    double stored = cao_moments_sum(&v->record->moments);
    return none(v) ? (double)NAN
           : v->scale == 1 && v->offset == 0
               ? stored
               : v->scale * stored + v->offset * cells(v->record->valid);
}

static double mean(const struct cao_zone_view *v, double p)
{
    (void)p;
    return meant(v, cao_moments_mean(&v->record->moments));
}

static double least(const struct cao_zone_view *v, double p)
{
    (void)p;
    return none(v) ? (double)NAN : meant(v, v->scale < 0 ? v->record->max : v->record->min);
}

static double most(const struct cao_zone_view *v, double p)
{
    (void)p;
    return none(v) ? (double)NAN : meant(v, v->scale < 0 ? v->record->min : v->record->max);
}

static double range(const struct cao_zone_view *v, double p)
{
    return most(v, p) - least(v, p);
}

static double variance(const struct cao_zone_view *v, double p)
{
    (void)p;
    if (none(v))
        return (double)NAN;
    return v->record->min == v->record->max
               ? 0
               : v->scale * v->scale * cao_moments_variance(&v->record->moments);
}

static double stdev(const struct cao_zone_view *v, double p)
{
    return sqrt(variance(v, p));
}

static double cv(const struct cao_zone_view *v, double p)
{
    double m = mean(v, p);
    return m == 0 ? (double)NAN : stdev(v, p) / fabs(m);
}

/* The least value that at least the share p of the area does not exceed; where p falls exactly
 * between two values, halfway. In whole numbers, so nothing is decided by rounding. */
static double quantile(const struct cao_zone_view *v, double p)
{
    cao_int128 total = 0, below = 0;
    for (size_t i = 0; i < v->n_values; i++)
        total += v->values[i].area;
    if (total == 0)
        return (double)NAN;
    int64_t millionths = llrint((v->scale < 0 ? 1 - p : p) * 1e6);
    for (size_t i = 0; i < v->n_values; i++) {
        below += v->values[i].area;
        cao_int128 over = below * 1000000 - total * millionths;
        if (over < 0)
            continue;
        double x = cao_zone_value_number(v->values[i].key);
        if (over == 0 && millionths > 0 && i + 1 < v->n_values)
            x = x / 2 + cao_zone_value_number(v->values[i + 1].key) / 2;
        return meant(v, x);
    }
    return meant(v, cao_zone_value_number(v->values[v->n_values - 1].key));
}

static double median(const struct cao_zone_view *v, double p)
{
    (void)p;
    return quantile(v, 0.5);
}

/* Of values with the same area the smallest, as the raster means them. */
static double extreme_area(const struct cao_zone_view *v, int sign)
{
    size_t best = 0;
    for (size_t i = 1; i < v->n_values; i++) {
        int64_t more = sign * (v->values[i].area - v->values[best].area);
        best = more > 0 || (more == 0 && v->scale < 0) ? i : best;
    }
    return v->n_values ? meant(v, cao_zone_value_number(v->values[best].key)) : (double)NAN;
}

static double mode(const struct cao_zone_view *v, double p)
{
    (void)p;
    return extreme_area(v, 1);
}

static double minority(const struct cao_zone_view *v, double p)
{
    (void)p;
    return extreme_area(v, -1);
}

static double variety(const struct cao_zone_view *v, double p)
{
    (void)p;
    return (double)v->n_values;
}

static double by_class(const struct cao_zone_view *v, double p)
{
    (void)v;
    (void)p;
    return (double)NAN; /* one column a class: see cao_zone_fraction */
}

/* The date of a raster that has a value here: the first or last of all rasters is found from these. */
static double date_of(const struct cao_zone_view *v, double p)
{
    (void)p;
    return none(v) ? (double)NAN : v->date;
}

static double weighted_area(const struct cao_zone_view *v, double p)
{
    (void)p;
    return v->weighted ? cao_moments_weight(&v->weighted->moments) : (double)NAN;
}

static double weighted_mean(const struct cao_zone_view *v, double p)
{
    (void)p;
    return v->weighted ? meant(v, cao_moments_mean(&v->weighted->moments)) : (double)NAN;
}

static double weighted_sum(const struct cao_zone_view *v, double p)
{
    if (!v->weighted || v->weighted->valid == 0)
        return (double)NAN;
    double stored = cao_moments_sum(&v->weighted->moments);
    return v->scale == 1 && v->offset == 0 ? stored
                                           : v->scale * stored + v->offset * weighted_area(v, p);
}

static double weighted_variance(const struct cao_zone_view *v, double p)
{
    (void)p;
    if (!v->weighted || none(v))
        return (double)NAN;
    double all = cao_moments_variance(&v->weighted->moments);
    return v->record->min == v->record->max ? 0 * all : v->scale * v->scale * all;
}

static double weighted_stdev(const struct cao_zone_view *v, double p)
{
    return sqrt(weighted_variance(v, p));
}

static double weighted_missing(const struct cao_zone_view *v, double p)
{
    (void)p;
    double share =
        v->weighted ? (v->polygon_cells - cells(v->weighted->valid)) / v->polygon_cells : 1;
    return !(v->polygon_cells > 0) || share > 1 ? 1 : share > 1e-12 ? share : 0;
}

enum { SQ = CAO_GATHER_SQUARES, VAL = CAO_GATHER_VALUES, WT = CAO_GATHER_WEIGHTED };

static const struct cao_zone_stat table[] = {
    { "count", "", "像元数", "cells",
      "cells with a value, each counted by the share of it that the polygon covers", 0, false,
      count },
    { "cells", "", "涉及像元数", "",
      "cells with a value that the polygon touches, each counted as 1", 0, true, touched },
    { "coverage", "", "覆盖像元数", "cells",
      "cells of the raster that the polygon covers, with a value or not, by their share", 0, false,
      coverage },
    { "area", "", "覆盖面积", "m2", "ground area of the polygon inside the raster", 0, false,
      area },
    { "valid_area", "", "有效面积", "m2", "ground area of the covered cells with a value", 0, false,
      valid_area },
    { "missing_share", "missing", "缺测比例", "share",
      "share of the polygon without a value: no data, or outside of the raster", 0, false,
      missing },
    { "sum", "total", "总和", "value", "sum of value x covered share", 0, false, sum },
    { "mean", "average", "平均值", "value", "sum / count", 0, false, mean },
    { "min", "minimum", "最小值", "value", "least value of the touched cells", 0, false, least },
    { "max", "maximum", "最大值", "value", "greatest value of the touched cells", 0, false, most },
    { "range", "", "极差", "value", "max - min", 0, false, range },
    { "variance", "var", "方差", "value2",
      "of the population: mean of (value - mean)^2, weighted by covered share", SQ, false,
      variance },
    { "stdev", "std", "标准差", "value", "square root of variance", SQ, false, stdev },
    { "cv", "coefficient_of_variation", "变异系数", "", "stdev / |mean|", SQ, false, cv },
    { "median", "", "中位数", "value", "quantile(0.5)", VAL, false, median },
    { "quantile", "percentile", "分位数", "value",
      "quantile(Q), or pN for percent: the least value that at least the share Q of the area with "
      "a "
      "value does not exceed; where Q falls exactly between two values, halfway between them",
      VAL, false, quantile },
    { "mode", "majority", "众数", "value",
      "the value with the largest covered area; of equals the smallest value", VAL, false, mode },
    { "minority", "", "最少值", "value",
      "the value with the smallest covered area; of equals the smallest value", VAL, false,
      minority },
    { "variety", "", "种类数", "", "number of distinct values", VAL, true, variety },
    { "frac", "fraction", "占比", "share",
      "share of the area with a value that each value has: one column a class", VAL | CAO_PER_CLASS,
      false, by_class },
    { "first_date", "", "最早日期", "",
      "first date on which the polygon has a value, of all rasters that tell their date",
      CAO_OF_DATES, false, date_of },
    { "last_date", "", "最晚日期", "",
      "last date on which the polygon has a value, of all rasters that tell their date",
      CAO_OF_DATES, false, date_of },
    { "weights", "", "权重和", "", "sum of weight x covered share (--weights)", WT, false,
      weighted_area },
    { "weighted_sum", "", "加权总和", "value", "sum of value x weight x covered share", WT, false,
      weighted_sum },
    { "weighted_mean", "", "加权平均", "value", "weighted_sum / weights", WT, false,
      weighted_mean },
    { "weighted_variance", "", "加权方差", "value2",
      "mean of (value - weighted_mean)^2, weighted by weight x covered share", WT | SQ, false,
      weighted_variance },
    { "weighted_stdev", "", "加权标准差", "value", "square root of weighted_variance", WT | SQ,
      false, weighted_stdev },
    { "weighted_missing_share", "", "加权缺测比例", "share",
      "share of the polygon without a value or without a weight", WT, false, weighted_missing },
};
enum { N_STATS = sizeof table / sizeof table[0] };

const struct cao_zone_stat *cao_zone_stat_all(size_t *n)
{
    *n = N_STATS;
    return table;
}

static const struct cao_zone_stat *find(const char *name, size_t length)
{
    for (size_t i = 0; i < N_STATS; i++)
        if ((strlen(table[i].name) == length && strncmp(table[i].name, name, length) == 0) ||
            (table[i].alias[0] && strlen(table[i].alias) == length &&
             strncmp(table[i].alias, name, length) == 0))
            return &table[i];
    return NULL;
}

static enum cao_status unknown(const char *text, struct cao_error *err)
{
    const char *names[2 * N_STATS];
    size_t n = 0;
    struct cao_buf all = { 0 };
    for (size_t i = 0; i < N_STATS; i++) {
        names[n++] = table[i].name;
        if (table[i].alias[0])
            names[n++] = table[i].alias;
        cao_buf_add(&all, "%s%s", i ? ", " : "", table[i].name);
    }
    size_t near = cao_text_nearest(text, names, n);
    enum cao_status st =
        near != SIZE_MAX ? cao_fail(err, CAO_EARG, "there is no statistic '%s'; did you mean '%s'?",
                                    text, names[near])
                         : cao_fail(err, CAO_EARG,
                                    "there is no statistic '%s'; there are: %s, and pN for "
                                    "percentile N",
                                    text, all.text ? all.text : "");
    cao_buf_release(&all);
    return st;
}

/* "quantile(0.95)", "quantile=0.95", "p95", "p97.5" -> the share; false where it is none of these. */
static bool parse_quantile(const char *text, double *p, char name[32])
{
    char number[32];
    double scale = 1;
    size_t skip = 0;
    if (strncmp(text, "quantile", 8) == 0 && (text[8] == '(' || text[8] == '=')) {
        skip = 9;
    } else if (text[0] == 'p' && text[1] >= '0' && text[1] <= '9') {
        skip = 1;
        scale = 0.01;
    } else {
        return false;
    }
    size_t n = strlen(text + skip);
    if (n == 0 || n >= sizeof number)
        return false;
    memcpy(number, text + skip, n + 1);
    if (text[skip - 1] == '(') {
        if (number[n - 1] != ')')
            return false;
        number[n - 1] = '\0';
    }
    if (!cao_text_double(number, p))
        return false;
    *p = (double)llrint(*p * scale * 1e6) / 1e6;
    /* a column's name: no dots, which SQL would want quoted */
    char share[24];
    snprintf(share, sizeof share, "%.10g", *p * 100);
    for (char *c = share; *c; c++)
        *c = *c == '.' ? '_' : *c;
    snprintf(name, 32, "p%s%s", *p < 0.1 - 1e-9 && *p >= 0 ? "0" : "", share);
    return true;
}

enum cao_status cao_zone_ask_parse(const char *text, struct cao_zone_ask *ask,
                                   struct cao_error *err)
{
    struct cao_zone_ask made = { 0 };
    if (parse_quantile(text, &made.p, made.name)) {
        if (!(made.p >= 0 && made.p <= 1))
            return cao_fail(err, CAO_EARG, "'%s': a quantile lies between %s", text,
                            text[0] == 'p' ? "p0 and p100" : "0 and 1");
        made.stat = find("quantile", 8);
        *ask = made;
        return CAO_OK;
    }
    made.stat = find(text, strlen(text));
    if (!made.stat)
        return unknown(text, err);
    if (made.stat->evaluate == quantile)
        return cao_fail(err, CAO_EARG, "which quantile? write quantile(0.95) or p95");
    snprintf(made.name, sizeof made.name, "%s", made.stat->name);
    *ask = made;
    return CAO_OK;
}

double cao_zone_evaluate(const struct cao_zone_ask *ask, const struct cao_zone_view *v)
{
    return ask->stat->evaluate(v, ask->p);
}

double cao_zone_fraction(const struct cao_zone_view *v, uint64_t key)
{
    double total = 0, here = 0;
    for (size_t i = 0; i < v->n_values; i++) {
        total += (double)v->values[i].area;
        here = v->values[i].key == key ? (double)v->values[i].area : here;
    }
    return total > 0 ? here / total : (double)NAN;
}
