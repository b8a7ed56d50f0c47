/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "support/support.h"

#include "caochu/balance.h"

static struct cao_class xu_yang[] = { { "potential", "", -10, { 0 } },
                                      { "balance", "", 10, { 0 } },
                                      { "light", "", 20, { 0 } },
                                      { "moderate", "", 50, { 0 } },
                                      { "severe", "", 1e300, { 0 } } };
static const struct cao_class_scheme scheme = { .classes = xu_yang, .n = 5 };
/* 1.8 kg for 100 days: 180 kg a sheep unit */
static const struct cao_forage_terms terms = {
    CAO_HAY, 3.2, 0, 0.85, 0.525, 1.05, 1.8, 100, 1, 1, 1
};

/* Xu & Yang 2009 as printed in ChinaXiv 202102.00068: -10...<10 is balance, and so on. */
static void a_rate_at_a_limit_belongs_to_the_class_above(void **state)
{
    (void)state;
    static const struct {
        double rate;
        size_t want;
    } cases[] = {
        { -100, 0 }, { -10.001, 0 }, { -10, 1 }, { 9.999, 1 }, { 10, 2 },
        { 20, 3 },   { 49.999, 3 },  { 50, 4 },  { 1e9, 4 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(cao_class_of(&scheme, cases[i].rate), cases[i].want);
}

static struct cao_balance balance(double usable_kg, double wildlife, double herd, double valid)
{
    struct cao_balance_input in = cao_balance_grass(usable_kg, wildlife, herd, valid, 0.8);
    return cao_balance_of(&terms, &scheme, &in);
}

static void supply_reserve_and_demand_stand_side_by_side(void **state)
{
    (void)state;
    struct cao_balance b = balance(18000, 0.15, 102, 1); /* 100 SU, 85 for livestock */
    assert_int_equal(b.verdict, CAO_VERDICT_OK);
    assert_true(fabs(b.capacity_su - 100) < 1e-9 && fabs(b.wildlife_su - 15) < 1e-9 &&
                fabs(b.available_su - 85) < 1e-9);
    assert_true(fabs(b.surplus_su + 17) < 1e-9 && fabs(b.reduce_su - 17) < 1e-9);
    assert_true(fabs(b.pressure - 1.2) < 1e-9 && fabs(b.overload_pct - 20) < 1e-9);
    b = balance(18000, 0, 0, 1);
    assert_true(b.overload_pct == -100 && b.reduce_su == 0 && b.class_index == 0);
}

/* n sheep units where so many may graze that the rate is exactly 10, 20 or 50 %: n = 1.1 m, 1.2 m,
 * 1.5 m. Neither the division nor a reserve of 15 % may take such a herd one class down. */
static void whole_herds_at_a_limit_get_the_class_above(void **state)
{
    (void)state;
    static const int per_cent[] = { 10, 20, 50 };
    for (int i = 0; i < 3; i++)
        for (int m = 10; m <= 5000; m += 10) {
            double herd = m * (100 + per_cent[i]) / 100;
            assert_int_equal(balance(180.0 * m, 0, herd, 1).class_index, (size_t)i + 2);
            assert_int_equal(balance(180.0 * m / 0.85, 0.15, herd, 1).class_index, (size_t)i + 2);
            assert_int_equal(balance(180.0 * m, 0, herd - 0.001, 1).class_index, (size_t)i + 1);
        }
}

static void what_has_no_rate_says_why_and_is_never_infinite(void **state)
{
    (void)state;
    static const struct {
        double usable, herd, valid;
        enum cao_verdict want;
    } cases[] = {
        { 0, 10, 1, CAO_VERDICT_GRAZED_WITHOUT_FORAGE },
        { 0, 0, 1, CAO_VERDICT_NO_ANIMALS_NO_FORAGE },
        { 100, (double)NAN, 1, CAO_VERDICT_NO_HERD },
        { 100, 10, 0.79, CAO_VERDICT_DATA_INSUFFICIENT },
        { (double)NAN, 10, 1, CAO_VERDICT_DATA_INSUFFICIENT },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cao_balance b = balance(cases[i].usable, 0.15, cases[i].herd, cases[i].valid);
        assert_int_equal(b.verdict, cases[i].want);
        assert_true(isnan(b.overload_pct) && isnan(b.pressure));
        assert_true(b.class_index == SIZE_MAX);
    }
    assert_true(isnan(cao_area_unit_ha(&terms, 0)) && isnan(cao_time_unit_days(&terms, 100, 1, 0)));
    for (int v = 0; v < CAO_N_VERDICTS; v++) {
        assert_string_not_equal(cao_verdict_name((enum cao_verdict)v), "unknown");
        assert_string_not_equal(cao_verdict_zh((enum cao_verdict)v), "不明");
    }
}

/* DB63/T 2298-2024: 4 kg of edible fresh grass; neither the ratio nor the hay coefficient enters. */
static void the_fresh_basis_knows_no_hay(void **state)
{
    (void)state;
    const struct cao_forage_terms fresh = { CAO_FRESH, 3.2, 0, 0.85, 0.5, 1.05, 4, 365, 1, 1, 1 };
    assert_true(fabs(cao_usable_kg_ha(&fresh, 2000) - 850) < 1e-9);
    assert_true(fabs(cao_capacity_su_ha(&fresh, 850) - 850 / 1460.0) < 1e-12);
    assert_true(fabs(cao_hay_kg_ha(&fresh, 3200) - 1000) < 1e-9);
}

/* The worked pasture (705.16 kg hay, 330.41 usable) on moderately degraded ground, in winter, rested. */
static void degraded_rested_and_withered_ground_bears_less(void **state)
{
    (void)state;
    struct cao_forage_terms t = terms;
    double all = cao_usable_kg_ha(&t, 2256.5);
    assert_true(fabs(all - 330.41) < 0.01);
    t.grade = 0.5;
    assert_true(fabs(cao_usable_kg_ha(&t, 2256.5) - 165.205) < 0.01);
    t.retention = 0.65;
    assert_true(fabs(cao_usable_kg_ha(&t, 2256.5) - 107.383) < 0.01);
    t.zone = 0;
    assert_true(cao_usable_kg_ha(&t, 2256.5) == 0);
    /* animals on banned ground are no overload rate; a sliver that is left is no pasture */
    struct cao_balance_input in = cao_balance_grass(0, 0.15, 20, 1, 0.8);
    struct cao_balance b = cao_balance_of(&terms, &scheme, &in);
    cao_balance_ban(&b, 1);
    assert_int_equal(b.verdict, CAO_VERDICT_GRAZED_BANNED);
    in.usable_kg = 10;
    b = cao_balance_of(&terms, &scheme, &in);
    cao_balance_ban(&b, 0.5);
    assert_int_equal(b.verdict, CAO_VERDICT_OK);
    cao_balance_ban(&b, 0.995);
    assert_int_equal(b.verdict, CAO_VERDICT_GRAZED_BANNED);
    assert_true(isnan(b.overload_pct) && isnan(b.pressure) && b.class_index == SIZE_MAX);
    in.herd_su = 0;
    b = cao_balance_of(&terms, &scheme, &in);
    cao_balance_ban(&b, 0.995);
    assert_int_equal(b.verdict, CAO_VERDICT_NO_ANIMALS_NO_FORAGE);
}

/* 18,000 kg are 100 SU of 180 kg; 30 SU of wildlife by counts and 12 of feed leave 82 for 90 sheep. */
static void counts_and_feed_enter_the_balance(void **state)
{
    (void)state;
    struct cao_balance_input in = cao_balance_grass(18000, 0.15, 90, 1, 0.8);
    in.wild_su = 30;
    in.feed_su = 12;
    struct cao_balance b = cao_balance_of(&terms, &scheme, &in);
    assert_true(fabs(b.capacity_su - 100) < 1e-9 && b.wildlife_su == 30 && b.feed_su == 12);
    assert_true(fabs(b.available_su - 82) < 1e-9 && fabs(b.reduce_su - 8) < 1e-9);
    assert_true(fabs(b.overload_pct - 800 / 82.0) < 1e-9); /* +9.76 %: balance */
    assert_int_equal(b.class_index, 1);
    in.wild_su = 130; /* they lack 30 themselves: what is fed is all that is left */
    b = cao_balance_of(&terms, &scheme, &in);
    assert_true(b.available_su == 12);
    in.feed_su = (double)NAN;
    b = cao_balance_of(&terms, &scheme, &in);
    assert_int_equal(b.verdict, CAO_VERDICT_NO_FEED);
    assert_true(isnan(b.overload_pct) && b.wildlife_su == 130);
}

/* 300 SU for 150 warm days and 180 for 215 cold ones: no more than 180 can live there all the year, though
 * the forage of both would feed (300 x 150 + 180 x 215) / 365 = 229.3. */
static void the_leanest_season_bounds_a_herd(void **state)
{
    (void)state;
    const double su[] = { [CAO_WARM] = 300, [CAO_COLD] = 180, [CAO_SPRING_AUTUMN] = 1 };
    const double days[] = { [CAO_WARM] = 150, [CAO_COLD] = 215, [CAO_SPRING_AUTUMN] = 0 };
    struct cao_herd_year y = cao_herd_year_of(su, days);
    assert_true(y.a_min == 180);
    assert_int_equal(y.bottleneck, CAO_COLD);
    assert_true(fabs(y.a_year - 229.315068) < 1e-6);
    assert_true(y.days == 365);
    const double half[] = { [CAO_WARM] = 300, [CAO_COLD] = (double)NAN, [CAO_SPRING_AUTUMN] = 1 };
    y = cao_herd_year_of(half, days);
    assert_true(isnan(y.a_min) && isnan(y.a_year));
}

/* Huang et al. 2020: Q1 at its vertex, Q2, Q5; x is clamped, so sparser grass never yields more. */
static void equations_give_their_published_values(void **state)
{
    (void)state;
    const struct cao_yield_model q1 = { .form = CAO_YIELD_QUADRATIC,
                                        .a = 2333.9,
                                        .b = -5800.9,
                                        .c = 10332,
                                        .x_min = 0.281,
                                        .x_max = 1 };
    const struct cao_yield_model q2 = {
        .form = CAO_YIELD_POWER, .a = 3261.3, .b = 1.4281, .x_max = 1
    };
    const struct cao_yield_model q5 = {
        .form = CAO_YIELD_EXPONENTIAL, .a = 391.34, .b = 2.92, .x_max = 1
    };
    assert_true(fabs(cao_yield_at(&q1, 0.6) - 2572.88) < 0.01); /* 2333.9 - 3480.54 + 3719.52 */
    assert_true(cao_yield_at(&q1, 0.05) == cao_yield_at(&q1, 0.281));
    assert_true(fabs(cao_yield_at(&q2, 0.5) - 1211.96) <
                0.1); /* 3261.3 e^(1.4281 ln .5) = 3261.3 * 0.371619 */
    assert_true(cao_yield_at(&q2, -0.2) == 0);
    assert_true(fabs(cao_yield_at(&q5, 0.6) - 2256.5) < 0.05);
    assert_true(cao_yield_at(&q5, 1.4) == cao_yield_at(&q5, 1));
    assert_true(isnan(cao_yield_at(&q5, (double)NAN)));
    struct cao_yield_rule rule = { (const struct cao_yield_model[]){ q5, q1 }, 2, 0.10 };
    const float vi[] = { NAN, 0.09f, 0.2f, 0.6f };
    float fresh[4];
    uint64_t outside = 0;
    cao_yield_fresh(&rule, vi, fresh, &outside, 4);
    assert_true(isnan(fresh[0]) && fresh[1] == 0);
    assert_true(fabs((double)fresh[3] - (2256.5 + 2572.88) / 2) < 0.05);
    assert_int_equal(outside, 1); /* 0.2 lies left of Q1's vertex */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_at_a_limit_belongs_to_the_class_above),
        cmocka_unit_test(supply_reserve_and_demand_stand_side_by_side),
        cmocka_unit_test(whole_herds_at_a_limit_get_the_class_above),
        cmocka_unit_test(what_has_no_rate_says_why_and_is_never_infinite),
        cmocka_unit_test(the_fresh_basis_knows_no_hay),
        cmocka_unit_test(counts_and_feed_enter_the_balance),
        cmocka_unit_test(the_leanest_season_bounds_a_herd),
        cmocka_unit_test(degraded_rested_and_withered_ground_bears_less),
        cmocka_unit_test(equations_give_their_published_values),
    };
    return cmocka_run_group_tests_name("balance", tests, NULL, NULL) != 0;
}
