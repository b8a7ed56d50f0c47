/* SPDX-License-Identifier: MIT
 * Predictors undone beside loops that make the differences as TIFF 6.0 says, at all lengths of a row. */
#include "raster/fixture.h"

#include "raster/predictor.h"

enum { MOST_COLS = 70, ROWS = 3, MOST = MOST_COLS * ROWS };

/* Large steps: sums wrap round. */
static uint32_t any(size_t i)
{
    return fx_noise((uint32_t)i, 11) * 2654435761u;
}

static void whole_numbers_come_back(void **state)
{
    (void)state;
    for (size_t cols = 1; cols <= MOST_COLS; cols++) {
        unsigned char of_8[MOST + 1], was_8[MOST];
        uint16_t of_16[MOST + 1], was_16[MOST];
        uint32_t of_32[MOST + 1], was_32[MOST];
        for (size_t i = 0; i < cols * ROWS; i++) {
            was_32[i] = any(i);
            was_16[i] = (uint16_t)(any(i) >> 7);
            was_8[i] = (unsigned char)(any(i) >> 11);
            bool first = i % cols == 0;
            of_32[i] = first ? was_32[i] : was_32[i] - was_32[i - 1];
            of_16[i] = (uint16_t)(first ? was_16[i] : was_16[i] - was_16[i - 1]);
            of_8[i] = (unsigned char)(first ? was_8[i] : was_8[i] - was_8[i - 1]);
        }
        of_8[cols * ROWS] = 7;
        of_16[cols * ROWS] = 7;
        of_32[cols * ROWS] = 7;
        cao_undo_8(of_8, cols, ROWS);
        cao_undo_16(of_16, cols, ROWS);
        cao_undo_32(of_32, cols, ROWS);
        assert_memory_equal(of_8, was_8, cols * ROWS * sizeof *was_8);
        assert_memory_equal(of_16, was_16, cols * ROWS * sizeof *was_16);
        assert_memory_equal(of_32, was_32, cols * ROWS * sizeof *was_32);
        assert_true(of_8[cols * ROWS] == 7 && of_16[cols * ROWS] == 7 && of_32[cols * ROWS] == 7);
    }
}

static void floats_in_planes_come_back(void **state)
{
    (void)state;
    for (size_t cols = 1; cols <= MOST_COLS; cols++) {
        unsigned char raw[4 * MOST];
        uint32_t words[MOST_COLS], was[MOST];
        float values[MOST];
        for (size_t r = 0; r < ROWS; r++) {
            unsigned char *row = raw + 4 * r * cols;
            for (size_t i = 0; i < cols; i++) {
                was[r * cols + i] = any(r * cols + i) & 0xbfffffff; /* no NaN */
                for (size_t k = 0; k < 4; k++)
                    row[k * cols + i] = (unsigned char)(was[r * cols + i] >> (24 - 8 * k));
            }
            for (size_t i = 4 * cols; i-- > 1;)
                row[i] = (unsigned char)(row[i] - row[i - 1]);
        }
        cao_undo_planes(raw, words, values, cols, ROWS);
        assert_memory_equal(values, was, cols * ROWS * sizeof *was);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_come_back),
        cmocka_unit_test(floats_in_planes_come_back),
    };
    return cmocka_run_group_tests_name("predictor", tests, NULL, NULL);
}
