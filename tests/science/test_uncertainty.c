/* SPDX-License-Identifier: MIT
 * How sure a verdict is: hand-worked variances, the worked pasture, and draws that know nothing of the
 * delta method. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/balance.h"
#include "caochu/uncertainty.h"

static struct cao_class xu_yang[] = { { "potential", "", -10, { 0 } },
                                      { "balance", "", 10, { 0 } },
                                      { "light", "", 20, { 0 } },
                                      { "moderate", "", 50, { 0 } },
                                      { "severe", "", 1e300, { 0 } } };
static const struct cao_error_terms terms = { 0.29, 0.13, 10, 100, 0.05, 0, 0.8, 0.9, 0.1 };

static const struct cao_yield_model q5 = { .id = "Q5",
                                           .form = CAO_YIELD_EXPONENTIAL,
                                           .a = 391.34,
                                           .b = 2.92,
                                           .x_max = 1,
                                           .rmse_kg_ha = 661,
                                           .r2 = 0.74,
                                           .year = 2015,
                                           .n = 108,
                                           .relative_error = 0.288 };
static const struct cao_yield_model q10 = { .id = "Q10",
                                            .form = CAO_YIELD_EXPONENTIAL,
                                            .a = 191.78,
                                            .b = 3.88,
                                            .x_max = 1,
                                            .rmse_kg_ha = 658.1,
                                            .r2 = 0.72,
                                            .year = 2016,
                                            .n = 156,
                                            .relative_error = 0.22 };

/* A profile of one or two types with the equations given; no coefficient has a range. */
struct world {
    struct cao_profile profile;
    struct cao_grass_type types[2];
    struct cao_yield_model models[2][2];
    struct cao_type_error sums[2];
};

static void make(struct world *w, const struct cao_yield_model *a, const struct cao_yield_model *b)
{
    *w = (struct world){ 0 };
    for (int i = 0; i < 2; i++) {
        w->models[i][0] = *a;
        if (b)
            w->models[i][1] = *b;
        w->types[i].models = w->models[i];
        w->types[i].n_models = b ? 2 : 1;
        for (int s = 0; s < CAO_N_SEASONS; s++)
            w->types[i].utilisation[s].value = 0.525;
        w->types[i].edible_share.value = 0.85;
        w->types[i].hay_coefficient.value = 1.05;
        w->types[i].fresh_hay_ratio.value = 3.2;
    }
    w->profile.types = w->types;
    w->profile.n_types = 2;
    w->profile.wildlife_share.value = 0.15;
    w->profile.intake_kg_day.value = 1.8;
    for (int s = 0; s < CAO_N_SEASONS; s++)
        w->profile.days[s].value = 365;
    w->profile.scheme = (struct cao_class_scheme){ .classes = xu_yang, .n = 5 };
}

/* A pasture of one type whose cells all have the index x. */
static struct cao_piece piece(const struct world *w, double x, double area_ha, double su)
{
    struct cao_piece p = { .type = 0,
                           .year = 2024,
                           .area_ha = area_ha,
                           .seen_share = 1,
                           .available_su = su,
                           .wildlife_share = 0 };
    for (size_t k = 0; k < w->types[0].n_models; k++) {
        p.value[k] = cao_yield_slope(&w->types[0].models[k], x, p.slope[k]);
        p.yield_kg_ha += p.value[k] / (double)w->types[0].n_models;
    }
    return p;
}

static struct cao_certainty certainty(struct world *w, const struct cao_piece *pieces, size_t n,
                                      const struct cao_error_terms *e, double herd)
{
    struct cao_error_sum sum;
    double su = 0;
    cao_error_start(&sum, w->sums, 2);
    for (size_t i = 0; i < n; i++) {
        cao_error_add(&sum, &w->profile, e, &pieces[i]);
        su += pieces[i].available_su;
    }
    return cao_certainty_of(&sum, &w->profile, e, su, herd,
                            cao_class_of(&w->profile.scheme, (herd / su - 1) * 100));
}

static void near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.9g, not %.9g", got, want);
}

/* Abramowitz & Stegun table 26.1 and 26.5; the tail from AS 241's own test values. */
static void the_normal_distribution_is_that_of_the_tables(void **state)
{
    (void)state;
    near(cao_normal_quantile(0.975), 1.959963984540054, 1e-14);
    near(cao_normal_quantile(0.9), 1.281551565544600, 1e-14);
    near(cao_normal_quantile(0.5), 0, 0);
    near(cao_normal_quantile(1e-10), -6.361340902404056, 1e-13);
    near(cao_normal_below(1), 0.841344746068543, 1e-14);
    for (double p = 0.0005; p < 1; p += 0.0107)
        near(cao_normal_below(cao_normal_quantile(p)), p, 1e-14);
    assert_true(isinf(cao_normal_quantile(0)) && isinf(cao_normal_quantile(1)));
    assert_true(isnan(cao_normal_quantile(-0.1)));
}

static void draws_have_the_moments_and_depend_on_their_numbers_alone(void **state)
{
    (void)state;
    enum { N = 200000 };
    double sum = 0, squares = 0, both = 0;
    for (uint64_t i = 0; i < N; i++) {
        double z = cao_draw_normal(7, i, 1), y = cao_draw_normal(7, i, 2);
        sum += z;
        squares += z * z;
        both += z * y;
    }
    near(sum / N, 0, 4 / sqrt(N));
    near(squares / N, 1, 4 * sqrt(2.0 / N));
    near(both / N, 0, 4 / sqrt(N));
    assert_true(cao_draw_uniform(7, 3, 1) == cao_draw_uniform(7, 3, 1));
    assert_true(cao_draw_uniform(7, 3, 1) != cao_draw_uniform(8, 3, 1));
}

/* The worked pasture: alpine meadow, 200 ha, NDVI 0.60, herd of 120 SU, utilisation 50 to 55 %. Wanted
 * numbers come from testdata/vectors/uncertainty.py, which has the formulas of the header alone. */
static void the_worked_pasture_is_borderline_under_either_equation(void **state)
{
    (void)state;
    static const struct {
        int first, second;
        double su, cv, sd, low, high, p[5];
        size_t class_index;
    } cases[] = {
        { 5,
          0,
          100.58219,
          0.27850,
          0.27785,
          -24.45952,
          88.42654,
          { 0.15517, 0.22987, 0.12329, 0.28670, 0.20497 },
          2 },
        { 10,
          0,
          87.68471,
          0.24367,
          0.24531,
          -8.58439,
          104.87833,
          { 0.04377, 0.14284, 0.10945, 0.34969, 0.35424 },
          3 },
        { 5,
          10,
          94.13345,
          0.24396,
          0.24558,
          -14.88424,
          90.92646,
          { 0.07815, 0.19594, 0.12868, 0.34339, 0.25384 },
          3 },
    };
    for (size_t i = 0; i < 3; i++) {
        struct world w;
        make(&w, cases[i].first == 5 ? &q5 : &q10, cases[i].second ? &q10 : NULL);
        for (int k = 0; k < 2; k++) {
            w.types[k].utilisation[CAO_YEAR_ROUND].low = 0.50;
            w.types[k].utilisation[CAO_YEAR_ROUND].high = 0.55;
        }
        struct cao_piece p = piece(&w, 0.6, 200, 0);
        p.available_su = p.yield_kg_ha / 3.2 * 0.85 * 0.525 * 1.05 * 200 / 657;
        near(p.available_su, cases[i].su, 5e-3);
        struct cao_certainty c = certainty(&w, &p, 1, &terms, 120);
        near(c.supply_error, cases[i].cv, 1e-5);
        near(c.sd_log, cases[i].sd, 1e-5);
        near(c.low_pct, cases[i].low, 2e-2);
        near(c.high_pct, cases[i].high, 2e-2);
        double sum = 0;
        for (int k = 0; k < 5; k++) {
            near(c.p_class[k], cases[i].p[k], 2e-4);
            sum += c.p_class[k];
        }
        near(sum, 1, 1e-12);
        assert_int_equal(cao_class_of(&w.profile.scheme, (120 / p.available_su - 1) * 100),
                         cases[i].class_index);
        assert_int_equal(c.firmness, CAO_BORDERLINE);
    }
}

/* y = 200 + 3000 x, var a = 90, var b = 400, cov = -150: at x = 0.5, y = 1700 and
 * var y = 90 + 2 * 0.5 * -150 + 0.25 * 400 = 40; sd / y = sqrt(40) / 1700. */
static void a_covariance_goes_through_the_mean_derivatives(void **state)
{
    (void)state;
    struct cao_yield_model m = { .form = CAO_YIELD_LINEAR,
                                 .a = 200,
                                 .b = 3000,
                                 .x_max = 1,
                                 .year = 2024,
                                 .rmse_kg_ha = 340,
                                 .has_covariance = true,
                                 .covariance = { { 90, -150 }, { -150, 400 } } };
    struct world w;
    make(&w, &m, NULL);
    struct cao_piece p = piece(&w, 0.5, 400, 50);
    struct cao_certainty c = certainty(&w, &p, 1, &terms, 50);
    near(c.relative[CAO_ERROR_TERMS], sqrt(40) / 1700, 1e-12);
    near(c.relative[CAO_ERROR_YEAR], 0, 0); /* the equation is of that very year */
    near(c.relative[CAO_ERROR_RESIDUAL], 340.0 / 1700 / 2, 1e-12); /* four blocks of 1 km2 */
    near(c.relative[CAO_ERROR_GAPS], 0, 0);
    near(c.relative[CAO_ERROR_HERD], 0.05, 0);
    p.year = 2023;
    c = certainty(&w, &p, 1, &terms, 50);
    near(c.relative[CAO_ERROR_YEAR], 0.13 * sqrt(2), 1e-12);
    /* two such equations, of 1700 and 2300 kg/ha: the mean's terms err by half of the root of both */
    struct cao_yield_model other = m;
    other.a = 800;
    make(&w, &m, &other);
    p = piece(&w, 0.5, 400, 50);
    c = certainty(&w, &p, 1, &terms, 50);
    near(c.relative[CAO_ERROR_TERMS], sqrt(80) / 2 / 2000, 1e-12);
    near(c.relative[CAO_ERROR_YEAR], 600 / sqrt(2) / 2000 * sqrt(1.5), 1e-12);
    /* a fifth unseen of 1000 ha, spread 300: 0.2 * 0.15 * sqrt(1/2 + 1/8) */
    p.area_ha = 1000;
    p.seen_share = 0.8;
    p.spread_kg_ha = 300;
    c = certainty(&w, &p, 1, &terms, 50);
    near(c.relative[CAO_ERROR_GAPS], 0.2 * 0.15 * sqrt(0.625), 1e-12);
    /* hay equations tell their residuals in hay */
    m.hay_ratio = 3.2;
    make(&w, &m, NULL);
    p = piece(&w, 0.5, 100, 50);
    c = certainty(&w, &p, 1, &terms, 50);
    near(c.relative[CAO_ERROR_RESIDUAL], 340.0 / 1700, 1e-12);
    near(c.relative[CAO_ERROR_TERMS], sqrt(40) / 1700, 1e-12);
}

/* 100 like pastures: residuals even out to a tenth, what is shared stays; merged sums say the same. */
static void in_a_group_what_is_shared_adds_up_and_the_rest_evens_out(void **state)
{
    (void)state;
    struct world w;
    make(&w, &q5, &q10);
    for (int k = 0; k < 2; k++) {
        w.types[k].utilisation[CAO_YEAR_ROUND].low = 0.50;
        w.types[k].utilisation[CAO_YEAR_ROUND].high = 0.55;
    }
    struct cao_piece many[100];
    for (int i = 0; i < 100; i++) {
        many[i] = piece(&w, 0.6, 90, 40);
        many[i].seen_share = 0.9;
        many[i].spread_kg_ha = 200;
    }
    struct cao_certainty one = certainty(&w, many, 1, &terms, 50);
    struct cao_certainty all = certainty(&w, many, 100, &terms, 5000);
    near(all.relative[CAO_ERROR_RESIDUAL], one.relative[CAO_ERROR_RESIDUAL] / 10, 1e-12);
    near(all.relative[CAO_ERROR_GAPS], one.relative[CAO_ERROR_GAPS] / 10, 1e-12);
    near(all.relative[CAO_ERROR_TERMS], one.relative[CAO_ERROR_TERMS], 1e-12);
    near(all.relative[CAO_ERROR_YEAR], one.relative[CAO_ERROR_YEAR], 1e-12);
    near(all.relative[CAO_ERROR_COEFFICIENTS], 0.05 / sqrt(12) / 0.525, 1e-12);
    assert_true(all.supply_error < one.supply_error);

    /* another type's range is another coefficient: two halves err independently of one another */
    for (int i = 50; i < 100; i++)
        many[i].type = 1;
    all = certainty(&w, many, 100, &terms, 5000);
    near(all.relative[CAO_ERROR_COEFFICIENTS], 0.05 / sqrt(12) / 0.525 / sqrt(2), 1e-12);
    near(all.relative[CAO_ERROR_YEAR], one.relative[CAO_ERROR_YEAR],
         1e-12); /* a year is one for all */

    struct cao_type_error left_types[2], right_types[2];
    struct cao_error_sum left, right;
    cao_error_start(&left, left_types, 2);
    cao_error_start(&right, right_types, 2);
    for (int i = 0; i < 100; i++)
        cao_error_add(i % 3 ? &left : &right, &w.profile, &terms, &many[i]);
    cao_error_merge(&left, &right, 2);
    struct cao_certainty merged = cao_certainty_of(&left, &w.profile, &terms, 4000, 5000, 3);
    near(merged.supply_error, all.supply_error, 1e-12);
}

static void what_the_data_cannot_tell_is_said(void **state)
{
    (void)state;
    struct world w;
    make(&w, &q5, NULL);
    struct cao_piece p = piece(&w, 0.6, 200, 100);
    struct cao_error_terms e = terms;
    p.outside_share = 0.1; /* a tenth is allowed, more is not */
    assert_int_equal(certainty(&w, &p, 1, &e, 400).firmness, CAO_FIRM);
    p.outside_share = 0.11;
    assert_int_equal(certainty(&w, &p, 1, &e, 400).firmness, CAO_NOT_ENOUGH);
    p.outside_share = 0;
    e.year_error = (double)NAN;
    struct cao_certainty c = certainty(&w, &p, 1, &e, 400);
    assert_int_equal(c.firmness, CAO_NOT_ENOUGH);
    assert_true(isnan(c.low_pct) && isnan(c.p_class[0]) && isnan(c.p_over));
    /* no herd: potential for sure; far above: severe for sure; twice what is there: more likely than not */
    c = certainty(&w, &p, 1, &terms, 0);
    assert_true(c.firmness == CAO_FIRM && c.p_class[0] == 1 && c.low_pct == -100 && c.p_over == 0);
    c = certainty(&w, &p, 1, &terms, 400);
    assert_true(c.firmness == CAO_FIRM && c.p_class[4] > 0.99 && c.p_over > 0.999);
    /* supply that is known (bought feed) makes the rate surer */
    struct cao_error_sum sum;
    cao_error_start(&sum, w.sums, 2);
    cao_error_add(&sum, &w.profile, &terms, &p);
    struct cao_certainty fed = cao_certainty_of(&sum, &w.profile, &terms, 200, 200, 1);
    near(fed.supply_error, c.supply_error / 2, 1e-12);
    /* no class: no word on it */
    c = cao_certainty_of(&sum, &w.profile, &terms, 100, (double)NAN, SIZE_MAX);
    assert_int_equal(c.firmness, CAO_NOT_SAID);
    assert_true(!isnan(c.supply_error));
}

/* Aggregates of the literature: hay of Qinghai 2016, 22.89 Mt at 562.1 kg/ha (Huang et al. 2020), half of it used
 * at 657 kg a sheep unit, is 17.4 million sheep units; the stock of 2009 (30.20 million, pressure 1.88 against
 * a capacity of 16.08) is severe overload. At the size of a province only what all pastures share is left:
 * the year and the equations' terms, and the class is firm; a single pasture of 200 ha under the same
 * pressure is less surely severe. */
static void a_province_is_as_sure_as_what_its_pastures_share(void **state)
{
    (void)state;
    struct world w;
    make(&w, &q5, &q10);
    enum { PASTURES = 20000 };
    double capacity = 22.89e9 * 0.5 / 657, herd = 1.8781 * 16.08e6;
    assert_true(capacity > 16.08e6 && capacity < 17.7e6 + 1e5);
    struct cao_piece p = piece(&w, 0.45, 38.7e6 / PASTURES, 16.08e6 / PASTURES);
    struct cao_error_sum sum;
    cao_error_start(&sum, w.sums, 2);
    for (int i = 0; i < PASTURES; i++)
        cao_error_add(&sum, &w.profile, &terms, &p);
    struct cao_certainty all = cao_certainty_of(&sum, &w.profile, &terms, 16.08e6, herd, 4);
    assert_true(all.relative[CAO_ERROR_RESIDUAL] < 0.001 && all.supply_error > 0.15 &&
                all.supply_error < 0.25);
    assert_int_equal(all.firmness, CAO_FIRM);
    assert_true(all.low_pct < 87.81 && 87.81 < all.high_pct);
    p = piece(&w, 0.45, 200, 100);
    struct cao_certainty one = certainty(&w, &p, 1, &terms, 100 * herd / 16.08e6);
    assert_true(one.p_class[4] < all.p_class[4] && one.p_class[4] > 0.5);
}

/* --- draws that do not know of the delta method --- */

enum { BLOCKS = 10, HIDDEN = 2, CELLS = 20, DRAWS = 20000 };

/* A pasture of 10 km2 in blocks of 20 cells, two blocks unseen. Each draw makes a truth: terms from
 * their covariance put into the equation cell by cell, a residual for each block, a yield of the unseen
 * blocks of their own, a year as a factor, a utilisation, a true herd; its
 * pressure is compared with the classes. */
static double true_pressure(const struct cao_yield_model *m, double x[BLOCKS][CELLS],
                            const double own[BLOCKS], uint64_t draw, double su_per_kg, double herd)
{
    struct cao_yield_model t = *m;
    double z0 = cao_draw_normal(1, draw, 1), z1 = cao_draw_normal(1, draw, 2);
    double l00 = sqrt(m->covariance[0][0]), l10 = m->covariance[0][1] / l00;
    t.a += l00 * z0;
    t.b += l10 * z0 + sqrt(m->covariance[1][1] - l10 * l10) * z1;
    double sum = 0;
    for (int i = 0; i < BLOCKS; i++) {
        double block = 0;
        for (int k = 0; k < CELLS; k++)
            block += cao_yield_at(&t, x[i][k]) / CELLS;
        block *= own[i];
        block *= 1 + m->relative_error * cao_draw_normal(1, draw, 10 + (uint64_t)i);
        sum += block / BLOCKS;
    }
    sum *= exp(0.13 * sqrt(2) * cao_draw_normal(1, draw, 3));
    sum *= (0.50 + 0.05 * cao_draw_uniform(1, draw, 4)) / 0.525;
    herd *= exp(0.05 * cao_draw_normal(1, draw, 5));
    return sum > 0 ? herd / (sum * su_per_kg) : 1e9;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void truths_drawn_cell_by_cell_agree_with_the_delta_method(void **state)
{
    (void)state;
    static double x[BLOCKS][CELLS], p[DRAWS];
    /* standard errors of some 6 % of the curve, as a local calibration of 40 plots has */
    struct cao_yield_model m = { .form = CAO_YIELD_EXPONENTIAL,
                                 .a = 250,
                                 .b = 3.7,
                                 .x_max = 1,
                                 .year = 2015,
                                 .relative_error = 0.25,
                                 .has_covariance = true,
                                 .covariance = { { 900, -5.6 }, { -5.6, 0.04 } } };
    struct world w;
    make(&w, &m, NULL);
    w.types[0].utilisation[CAO_YEAR_ROUND].low = 0.50;
    w.types[0].utilisation[CAO_YEAR_ROUND].high = 0.55;
    struct cao_piece piece_of = { .year = 2024, .area_ha = 100 * BLOCKS, .seen_share = 0.8 };
    double mean = 0, squares = 0;
    for (int i = 0; i < BLOCKS; i++)
        for (int k = 0; k < CELLS; k++) {
            x[i][k] = 0.35 + 0.3 * k / (CELLS - 1.0);
            double slope[CAO_YIELD_TERMS], y = cao_yield_slope(&m, x[i][k], slope);
            mean += y / (BLOCKS * CELLS);
            squares += y * y / (BLOCKS * CELLS);
            for (int t = 0; t < 2; t++)
                piece_of.slope[0][t] += slope[t] / (BLOCKS * CELLS);
        }
    piece_of.value[0] = piece_of.yield_kg_ha = mean;
    piece_of.spread_kg_ha = sqrt(squares - mean * mean);
    piece_of.available_su = 300;
    for (int c = 0; c < 3; c++) {
        double herd = c == 0 ? 300 : c == 1 ? 420 : 240;
        struct cao_certainty delta = certainty(&w, &piece_of, 1, &terms, herd);
        double count[5] = { 0 };
        for (uint64_t d = 0; d < DRAWS; d++) {
            double own[BLOCKS], seen = 0;
            for (int i = 0; i < BLOCKS; i++) {
                own[i] =
                    1 + piece_of.spread_kg_ha / mean * cao_draw_normal(1, d, 100 + (uint64_t)i);
                seen += i < BLOCKS - HIDDEN ? own[i] / (BLOCKS - HIDDEN) : 0;
            }
            for (int i = 0; i < BLOCKS; i++)
                own[i] += 1 - seen; /* what was seen has the mean that was seen */
            p[d] = true_pressure(&m, x, own, d, 300 / mean, herd);
            count[cao_class_of(&w.profile.scheme, (p[d] - 1) * 100)] += 1.0 / DRAWS;
        }
        qsort(p, DRAWS, sizeof *p, ascending);
        for (int k = 0; k < 5; k++)
            near(delta.p_class[k], count[k], 0.025);
        near(delta.low_pct, 100 * (p[DRAWS / 20] - 1), 4);
        near(delta.high_pct, 100 * (p[DRAWS - DRAWS / 20] - 1), 9);
    }
}

static void draws_from_the_sums_agree_with_the_delta_method(void **state)
{
    (void)state;
    static double scratch[DRAWS];
    struct world w;
    make(&w, &q5, &q10);
    for (int k = 0; k < 2; k++) {
        w.types[k].utilisation[CAO_YEAR_ROUND].low = 0.50;
        w.types[k].utilisation[CAO_YEAR_ROUND].high = 0.55;
    }
    struct cao_piece p[2] = { piece(&w, 0.6, 200, 60), piece(&w, 0.4, 400, 40) };
    p[1].type = 1;
    p[1].seen_share = 0.85;
    p[1].spread_kg_ha = 150;
    for (int c = 0; c < 4; c++) {
        double herd = 70 + 25 * c;
        struct cao_certainty delta = certainty(&w, p, 2, &terms, herd);
        struct cao_certainty drawn =
            cao_certainty_drawn(p, 2, &w.profile, &terms, 100, herd, NULL, 3, DRAWS, scratch);
        for (int k = 0; k < 5; k++)
            near(drawn.p_class[k], delta.p_class[k], 0.015);
        near(drawn.low_pct, delta.low_pct, 3);
        near(drawn.high_pct, delta.high_pct, 6);
        near(drawn.p_over, delta.p_over, 0.015);
    }
}

/* One pasture: 1,000 SU of which 300 feed wild herbivores counted to 20 %, and a species of those, 100 SU, of
 * 0.6 to 1.0 for 0.8; a herd of 400 yak SU of 4 to 5 for 4.5 and 200 sheep SU without a range. */
static void ranges_of_sheep_units_and_counts_of_wildlife_count(void **state)
{
    (void)state;
    struct world w;
    struct cao_error_terms e = terms;
    struct cao_demand_spread spread = { .wild_su = 300 };
    const struct cao_coefficient sheep = { .value = 0.8, .low = 0.6, .high = 1.0 },
                                 yak = { .value = 4.5, .low = 4, .high = 5 },
                                 fixed = { .value = 1 };
    e.wild_error = 0.2;
    near(cao_range_error(&sheep), 0.4 / sqrt(12) / 0.8, 1e-12);
    near(cao_range_error(&fixed), 0, 0);
    make(&w, &q5, NULL);
    spread.wild[2] = 100 * cao_range_error(&sheep);
    spread.herd[0] = 400 * cao_range_error(&yak);
    struct cao_piece p = piece(&w, 0.6, 1000, 1000);
    struct cao_error_sum sum;
    cao_error_start(&sum, w.sums, 2);
    cao_error_add(&sum, &w.profile, &e, &p);
    cao_error_add_demand(&sum, &spread);
    struct cao_certainty c = cao_certainty_of(&sum, &w.profile, &e, 700, 600, 1);
    double wild = sqrt(60 * 60 + 100 * 0.5 / sqrt(12) * 100 * 0.5 / sqrt(12)) / 700;
    double units = 400 / 4.5 / sqrt(12) / 600;
    near(c.relative[CAO_ERROR_WILDLIFE], wild, 1e-12);
    near(c.relative[CAO_ERROR_SHEEP_UNITS], units, 1e-12);
    near(c.sd_log * c.sd_log,
         log1p(c.supply_error * c.supply_error) + log1p(0.05 * 0.05) + log1p(units * units), 1e-12);
    assert_true(c.supply_error > wild);
    /* not told: nothing is reckoned, as before */
    e.wild_error = (double)NAN;
    spread = (struct cao_demand_spread){ .wild_su = 300 };
    cao_error_start(&sum, w.sums, 2);
    cao_error_add(&sum, &w.profile, &e, &p);
    cao_error_add_demand(&sum, &spread);
    c = cao_certainty_of(&sum, &w.profile, &e, 700, 600, 1);
    near(c.relative[CAO_ERROR_WILDLIFE], 0, 0);
    near(c.relative[CAO_ERROR_SHEEP_UNITS], 0, 0);
}

/* A village of twelve pastures of two types: the sums of a group against draws of all its pastures at once, in
 * which years, terms, coefficients, counts and sheep units are one for all, and residuals and gaps each
 * pasture's own. One equation a type: where two cross between pastures their differences cancel in the sums,
 * while draws take each pasture's own and are wider. */
static void a_group_drawn_at_once_agrees_with_its_sums(void **state)
{
    (void)state;
    enum { N = 12 };
    static double scratch[DRAWS];
    struct world w;
    struct cao_error_terms e = terms;
    const struct cao_coefficient yak = { .value = 4.5, .low = 3.8, .high = 5.2 },
                                 gazelle = { .value = 0.5, .low = 0.4, .high = 0.6 };
    make(&w, &q5, NULL);
    e.wild_error = 0.2;
    w.profile.intake_kg_day.low = 1.7;
    w.profile.intake_kg_day.high = 1.9;
    for (int k = 0; k < 2; k++) {
        w.types[k].utilisation[CAO_YEAR_ROUND].low = 0.50;
        w.types[k].utilisation[CAO_YEAR_ROUND].high = 0.55;
    }
    struct cao_piece p[N];
    struct cao_demand_spread all = { .wild_su = 0 };
    struct cao_error_sum sum, half[2];
    struct cao_type_error types[2][2];
    double supply = 0;
    cao_error_start(&sum, w.sums, 2);
    for (int h = 0; h < 2; h++)
        cao_error_start(&half[h], types[h], 2);
    for (int i = 0; i < N; i++) {
        double su = 30 + 9 * i, wild = 0.15 * su;
        p[i] = piece(&w, 0.35 + 0.03 * i, 80 + 40 * i, su);
        p[i].type = (size_t)(i % 2);
        p[i].seen_share = 0.7 + 0.02 * i;
        p[i].spread_kg_ha = 200;
        p[i].wildlife_share = (double)NAN; /* counted */
        struct cao_demand_spread own = { .wild_su = wild };
        own.herd[1] = 0.6 * su * cao_range_error(&yak);
        own.wild[0] = wild * cao_range_error(&gazelle);
        cao_error_add_demand(&half[i % 2], &own);
        cao_error_add(&half[i % 2], &w.profile, &e, &p[i]);
        all.wild_su += own.wild_su;
        all.herd[1] += own.herd[1];
        all.wild[0] += own.wild[0];
        supply += su - wild;
    }
    for (int h = 0; h < 2; h++)
        cao_error_merge(&sum, &half[h], 2);
    for (int c = 0; c < 4; c++) {
        double herd = supply * (0.8 + 0.25 * c);
        struct cao_certainty delta =
            cao_certainty_of(&sum, &w.profile, &e, supply, herd,
                             cao_class_of(&w.profile.scheme, (herd / supply - 1) * 100));
        struct cao_certainty drawn =
            cao_certainty_drawn(p, N, &w.profile, &e, supply, herd, &all, 11, DRAWS, scratch);
        for (int k = 0; k < 5; k++)
            near(drawn.p_class[k], delta.p_class[k], 0.03);
        near(drawn.low_pct, delta.low_pct, 3);
        near(drawn.high_pct, delta.high_pct, 7);
        near(drawn.p_over, delta.p_over, 0.03);
        assert_true(delta.relative[CAO_ERROR_SHEEP_UNITS] > 0.02);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_normal_distribution_is_that_of_the_tables),
        cmocka_unit_test(draws_have_the_moments_and_depend_on_their_numbers_alone),
        cmocka_unit_test(the_worked_pasture_is_borderline_under_either_equation),
        cmocka_unit_test(a_covariance_goes_through_the_mean_derivatives),
        cmocka_unit_test(in_a_group_what_is_shared_adds_up_and_the_rest_evens_out),
        cmocka_unit_test(what_the_data_cannot_tell_is_said),
        cmocka_unit_test(a_province_is_as_sure_as_what_its_pastures_share),
        cmocka_unit_test(truths_drawn_cell_by_cell_agree_with_the_delta_method),
        cmocka_unit_test(draws_from_the_sums_agree_with_the_delta_method),
        cmocka_unit_test(ranges_of_sheep_units_and_counts_of_wildlife_count),
        cmocka_unit_test(a_group_drawn_at_once_agrees_with_its_sums),
    };
    return cmocka_run_group_tests_name("uncertainty", tests, NULL, NULL);
}
