/* SPDX-License-Identifier: MIT
 * Distances against a double loop over all marked cells; lines against samples along them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/distance.h"
#include "support/support.h"

enum { COLS = 53, ROWS = 37 };

static unsigned next(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void distances_are_those_of_a_double_loop(void **state)
{
    (void)state;
    static float cells[ROWS * COLS], start[ROWS * COLS], scratch[3 * COLS + 1];
    unsigned seed = 7;
    for (unsigned marks = 0; marks < 40; marks++) {
        for (size_t i = 0; i < ROWS * COLS; i++)
            start[i] = HUGE_VALF;
        for (unsigned k = 0; k < marks; k++)
            start[next(&seed) % (ROWS * COLS)] = 0;
        memcpy(cells, start, sizeof cells);
        cao_distance_squares(cells, COLS, ROWS, scratch);
        for (int r = 0; r < ROWS; r++)
            for (int c = 0; c < COLS; c++) {
                float least = HUGE_VALF;
                for (int y = 0; y < ROWS; y++)
                    for (int x = 0; x < COLS; x++)
                        if (start[y * COLS + x] == 0.0f) {
                            float d = (float)((y - r) * (y - r) + (x - c) * (x - c));
                            least = d < least ? d : least;
                        }
                assert_true(cells[r * COLS + c] == least);
            }
    }
}

static void a_line_marks_the_cells_it_goes_through(void **state)
{
    (void)state;
    static float cells[ROWS * COLS];
    unsigned seed = 3;
    const struct cao_window w = { 100, 200, COLS, ROWS };
    for (int n = 0; n < 300; n++) {
        double p[4];
        for (int k = 0; k < 4; k++)
            p[k] = (k % 2 ? 200 : 100) - 20 + (double)(next(&seed) % 10000) * 0.0093;
        if (n % 3 == 1) /* along a column, and along a row */
            p[2] = p[0];
        else if (n % 3 == 2)
            p[3] = p[1];
        for (size_t i = 0; i < ROWS * COLS; i++)
            cells[i] = 1;
        cao_distance_mark(&w, p[0], p[1], p[2], p[3], cells);
        static bool seen[ROWS * COLS];
        memset(seen, 0, sizeof seen);
        for (int i = 0; i <= 20000; i++) {
            double t = i / 20000.0;
            double x = p[0] + t * (p[2] - p[0]) - 100, y = p[1] + t * (p[3] - p[1]) - 200;
            if (x < 0 || y < 0 || x >= COLS || y >= ROWS)
                continue;
            size_t at = (size_t)y * COLS + (size_t)x;
            seen[at] = true;
            assert_true(cells[at] == 0.0f);
        }
        int more = 0; /* corners that the samples step over */
        for (size_t i = 0; i < ROWS * COLS; i++)
            more += cells[i] == 0.0f && !seen[i];
        assert_true(more <= 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_those_of_a_double_loop),
        cmocka_unit_test(a_line_marks_the_cells_it_goes_through),
    };
    return cmocka_run_group_tests_name("distance", tests, NULL, NULL);
}
