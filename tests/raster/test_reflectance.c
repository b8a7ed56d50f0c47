/* SPDX-License-Identifier: MIT
 * Reflectance of every number of 16 bit beside the formula in double, bit by bit. */
#include "raster/fixture.h"

#include "raster/reflectance.h"

enum { CODES = 65536 };

struct kind {
    double gain, offset, fill, saturated;
    bool is_signed, quotient;
};

static const struct kind kinds[] = {
    { 1e-4, -0.1, 0, 65535, false, true },                     /* Sentinel-2 since 2022 */
    { 1e-4, 0, 0, 65535, false, true },                        /* and before */
    { 2.75e-5, -0.2, 0, 65536, false, false },                 /* Landsat, Collection 2 */
    { 1e-4, 0, -28672, 16001, true, true },                    /* MODIS */
    { 1e-4, -0.1, (double)NAN, (double)INFINITY, true, true }, /* neither */
    { 1, 0, 0, 65535, false, true },                           /* as it is */
    { 1e-4, -0.05, 0, 65535, false, true },                    /* 500 parts */
    { 1e-4, -0.10004, 0, 65535, false, false },                /* no whole number of parts */
    { 0.0001000001, 0, 0, 65535, false, false },
    { -1e-4, 0.5, 0, 65535, false, false },
    { 1.0 / 8192, -0.25, 7, 40000, false, true },
    { 0, 0.5, 0, 65535, false, false },
};

static void every_number_is_bit_by_bit_what_the_formula_gives(void **state)
{
    (void)state;
    static uint16_t dn[CODES];
    static float got[CODES];
    for (uint32_t i = 0; i < CODES; i++)
        dn[i] = (uint16_t)i;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        const struct kind *t = &kinds[k];
        struct cao_scaling s = cao_scaling_make(t->gain, t->offset, t->is_signed);
        assert_int_equal(s.per > 0, t->quotient);
        cao_reflectance(&s, t->fill, t->saturated, dn, got, CODES);
        for (uint32_t i = 0; i < CODES; i++) {
            int v = t->is_signed ? (int16_t)dn[i] : dn[i];
            volatile double product = t->gain * v;
            bool none = v == t->fill || v >= t->saturated || (t->fill < 0 && v <= t->fill);
            float want = none ? NAN : (float)(product + t->offset);
            assert_true(fx_same(got[i], want) || (got[i] == 0 && want == 0));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_bit_by_bit_what_the_formula_gives),
    };
    return cmocka_run_group_tests_name("reflectance", tests, NULL, NULL);
}
