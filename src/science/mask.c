/* SPDX-License-Identifier: MIT */
#include "caochu/mask.h"

#include <math.h>
#include <string.h>

#include "base/lanes.h"
#include "caochu/text.h"

static const char *const names[CAO_N_REASONS] = { "clear",  "outside", "saturated",   "cloud",
                                                  "shadow", "cirrus",  "snow",        "water",
                                                  "dark",   "invalid", "aerosol_high" };

const char *cao_reason_name(enum cao_reason r)
{
    return (unsigned)r < CAO_N_REASONS ? names[r] : "unknown";
}

bool cao_reason_find(const char *name, enum cao_reason *r)
{
    for (int i = 0; i < CAO_N_REASONS; i++)
        if (strcmp(name, names[i]) == 0) {
            *r = (enum cao_reason)i;
            return true;
        }
    return false;
}

void cao_mask_table(const struct cao_qa_rule *rules, size_t n_rules, uint32_t removes,
                    uint8_t table[CAO_QA_CODES])
{
    removes |= UINT32_C(1) << CAO_OUTSIDE;
    for (uint32_t code = 0; code < CAO_QA_CODES; code++) {
        table[code] = CAO_CLEAR;
        for (size_t i = 0; i < n_rules; i++) {
            /* a reason that is not removed must not hide a later one that is */
            if ((code & rules[i].bits) != rules[i].equals || !(removes >> rules[i].reason & 1))
                continue;
            table[code] = (uint8_t)rules[i].reason;
            break;
        }
    }
}

void cao_qa_meaning(const uint8_t *reason, const uint8_t *sight, uint16_t table[CAO_QA_CODES])
{
    for (uint32_t code = 0; code < CAO_QA_CODES; code++)
        table[code] = (uint16_t)(reason[code] | (sight ? sight[code] : CAO_SIGHT_GROUND) << 8);
}

void cao_qa_translate(const uint16_t table[CAO_QA_CODES], uint16_t *codes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        codes[i] = table[codes[i]];
}

CAO_LANES size_t cao_mask_join(const uint16_t *restrict meaning, uint8_t *restrict reason, size_t n)
{
    enum { PIECE = 4096 };
    size_t all_clear = 0;
    for (size_t at = 0; at < n; at += PIECE) {
        size_t m = n - at < PIECE ? n - at : PIECE;
        const uint16_t *restrict from = meaning + at;
        uint8_t *restrict r = reason + at;
        uint8_t says[PIECE]; /* of one width with the reasons */
        uint16_t clear = 0;
        for (size_t i = 0; i < m; i++)
            says[i] = (uint8_t)from[i];
        for (size_t i = 0; i < m; i++)
            r[i] = r[i] == CAO_CLEAR ? says[i] : r[i];
        for (size_t i = 0; i < m; i++)
            clear = (uint16_t)(clear + (r[i] == CAO_CLEAR));
        all_clear += clear;
    }
    return all_clear;
}

CAO_LANES size_t cao_mask_clear(const uint8_t *reason, size_t n)
{
    enum { PIECE = 4096 };
    size_t clear = 0;
    for (size_t at = 0; at < n; at += PIECE) {
        size_t m = n - at < PIECE ? n - at : PIECE;
        uint16_t of_piece = 0;
        for (size_t i = 0; i < m; i++)
            of_piece = (uint16_t)(of_piece + (reason[at + i] == CAO_CLEAR));
        clear += of_piece;
    }
    return clear;
}

/* Numbers four times as wide as reasons are judged first, by themselves: then both loops run in vectors. */
enum { LOT = 512 };

/* Clear cells whose mark is all ones become @p reason_for. How many are clear then. */
static inline __attribute__((always_inline)) size_t drop_marked(const int32_t *restrict mark,
                                                                uint8_t reason_for,
                                                                uint8_t *restrict reason, size_t n)
{
    uint8_t bad[LOT];
    uint16_t clear = 0;
    for (size_t i = 0; i < n; i++)
        bad[i] = (uint8_t)mark[i];
    for (size_t i = 0; i < n; i++)
        reason[i] = reason[i] == CAO_CLEAR ? (uint8_t)(bad[i] & reason_for) : reason[i];
    for (size_t i = 0; i < n; i++)
        clear = (uint16_t)(clear + (reason[i] == CAO_CLEAR));
    return clear;
}

CAO_LANES size_t cao_mask_invalid(const float *const *bands, size_t n_bands,
                                  uint8_t *restrict reason, size_t n)
{
    int32_t mark[LOT];
    size_t clear = 0;
    if (n_bands == 0)
        return cao_mask_clear(reason, n);
    for (size_t at = 0; at < n; at += LOT) {
        size_t m = n - at < LOT ? n - at : LOT;
        const float *restrict a = bands[0] + at, *restrict b = bands[n_bands > 1] + at;
        for (size_t i = 0; i < m; i++)
            mark[i] = -(!(a[i] > 0.0f) | !(b[i] > 0.0f));
        for (size_t k = 2; k < n_bands; k++) {
            const float *restrict band = bands[k] + at;
            for (size_t i = 0; i < m; i++)
                mark[i] |= -!(band[i] > 0.0f);
        }
        clear += drop_marked(mark, CAO_INVALID, reason + at, m);
    }
    return clear;
}

CAO_LANES size_t cao_mask_below(const float *restrict values, float least,
                                enum cao_reason reason_for, uint8_t *restrict reason, size_t n)
{
    size_t clear = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t r = reason[i];
        r = r == CAO_CLEAR && !(values[i] >= least) ? (uint8_t)reason_for : r;
        reason[i] = r;
        clear += r == CAO_CLEAR;
    }
    return clear;
}

CAO_LANES size_t cao_mask_missing(const float *restrict values, enum cao_reason reason_for,
                                  uint8_t *restrict reason, size_t n)
{
    int32_t mark[LOT];
    size_t clear = 0;
    for (size_t at = 0; at < n; at += LOT) {
        size_t m = n - at < LOT ? n - at : LOT;
        for (size_t i = 0; i < m; i++)
            mark[i] = -!(values[at + i] == values[at + i]);
        clear += drop_marked(mark, (uint8_t)reason_for, reason + at, m);
    }
    return clear;
}

CAO_LANES size_t cao_mask_bright(const float *restrict band, float above, uint8_t *restrict reason,
                                 size_t n)
{
    int32_t mark[LOT];
    size_t clear = 0;
    for (size_t at = 0; at < n; at += LOT) {
        size_t m = n - at < LOT ? n - at : LOT;
        for (size_t i = 0; i < m; i++)
            mark[i] = -(band[at + i] > above);
        clear += drop_marked(mark, CAO_CLOUD, reason + at, m);
    }
    return clear;
}

CAO_LANES static bool has_kind(const uint8_t *restrict wide, size_t n, uint32_t kinds)
{
    uint32_t hit = 0;
    for (size_t i = 0; i < n; i++)
        hit |= kinds >> wide[i];
    return hit & 1;
}

/* Cells to the nearest one of those kinds in the same row; false where the row has none. */
static bool row_reach(const uint8_t *restrict wide, size_t n, uint32_t kinds,
                      uint16_t *restrict reach)
{
    enum { NONE = 65535 };
    uint32_t away = NONE;
    if (!has_kind(wide, n, kinds)) {
        memset(reach, 0xff, n * sizeof *reach);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        away = kinds >> wide[i] & 1 ? 0 : away < NONE ? away + 1 : NONE;
        reach[i] = (uint16_t)away;
    }
    away = NONE;
    for (size_t i = n; i-- > 0;) {
        away = reach[i] == 0 ? 0 : away < NONE ? away + 1 : NONE;
        reach[i] = away < reach[i] ? (uint16_t)away : reach[i];
    }
    return true;
}

void cao_mask_grow(const uint8_t *restrict wide, size_t cols, size_t rows, size_t margin,
                   double radius, enum cao_reason grown, uint16_t *restrict reach,
                   uint8_t *restrict reason)
{
    size_t width = cols + 2 * margin, height = rows + 2 * margin;
    bool any = false;
    for (size_t r = 0; r < height; r++)
        any |= row_reach(wide + r * width, width, UINT32_C(1) << grown, reach + r * width);
    for (size_t r = 0; any && r < rows; r++) {
        uint8_t *restrict out = reason + r * cols;
        for (size_t k = 0; k <= 2 * margin; k++) {
            double away = (double)k - (double)margin, left = radius * radius - away * away;
            const uint16_t *restrict in = reach + (r + k) * width + margin;
            if (left < 0)
                continue;
            uint16_t half = (uint16_t)(sqrt(left) + 1e-9);
            for (size_t c = 0; c < cols; c++)
                out[c] = out[c] == CAO_CLEAR && in[c] <= half ? (uint8_t)grown : out[c];
        }
    }
}

/* Least squared distance so far of a block of cells, by a row that lies dy rows away. */
CAO_LANES static void nearer(const uint16_t *restrict reach, float dy_square, float *restrict least,
                             size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float across = (float)reach[i], square = across * across + dy_square;
        least[i] = least[i] < square ? least[i] : square;
    }
}

enum {
    BLOCK = 256,     /* cells that stay in the nearest cache */
    MOST_NEAR = 180, /* cells: squares of two such sides are a sum of 16 bit */
    BEYOND = (MOST_NEAR + 1) * (MOST_NEAR + 1)
};

/* In place; what lies beyond is beyond in any row. */
CAO_LANES static void square_reach(uint16_t *reach, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t across = reach[i] <= MOST_NEAR ? reach[i] : MOST_NEAR + 1;
        reach[i] = (uint16_t)(across * across);
    }
}

/* The same of squares. */
CAO_LANES static void nearer_square(const uint16_t *restrict squares, uint16_t dy_square,
                                    uint16_t *restrict least, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t square = (uint16_t)(squares[i] + dy_square);
        least[i] = least[i] < square ? least[i] : square;
    }
}

CAO_LANES static void roots(const float *restrict squares, float cell_m, float *restrict away_m,
                            size_t n)
{
    for (size_t i = 0; i < n; i++)
        away_m[i] = sqrtf(squares[i]) * cell_m;
}

static bool any_within(const uint16_t *reach, size_t n, float most)
{
    uint16_t least = UINT16_MAX;
    for (size_t i = 0; i < n; i++)
        least = reach[i] < least ? reach[i] : least;
    return (float)least < most;
}

/* Squared distances, in cells, of a block of cells of the row below @p margin others; most where that is less. */
static void block_squares(const uint16_t *reach, size_t width, size_t margin, float most,
                          bool squares, float *restrict least, size_t n)
{
    uint16_t near[BLOCK];
    for (size_t i = 0; i < n; i++) {
        least[i] = most * most;
        near[i] = BEYOND;
    }
    for (size_t k = 0; k <= 2 * margin; k++) {
        float dy = (float)k - (float)margin;
        if (!(fabsf(dy) < most))
            continue;
        if (squares)
            nearer_square(reach + k * width, (uint16_t)(dy * dy), near, n);
        else if (any_within(reach + k * width, n, most))
            nearer(reach + k * width, dy * dy, least, n);
    }
    for (size_t i = 0; squares && i < n; i++)
        least[i] = (float)near[i] < least[i] ? (float)near[i] : least[i];
}

void cao_mask_distance(const uint8_t *restrict wide, size_t cols, size_t rows, size_t margin,
                       uint32_t kinds, double cell_m, double most_m, uint16_t *restrict reach,
                       float *restrict away_m)
{
    size_t width = cols + 2 * margin;
    float most = (float)(most_m / cell_m), least[BLOCK];
    bool squares = most <= MOST_NEAR;
    for (size_t r = 0; r < rows + 2 * margin; r++) {
        (void)row_reach(wide + r * width, width, kinds, reach + r * width);
        if (squares)
            square_reach(reach + r * width, width);
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < cols; c += BLOCK) {
            size_t n = cols - c < BLOCK ? cols - c : BLOCK;
            block_squares(reach + r * width + margin + c, width, margin, most, squares, least, n);
            roots(least, (float)cell_m, away_m + r * cols + c, n);
        }
}

void cao_sight_table(const struct cao_qa_rule *rules, size_t n_rules, uint8_t table[CAO_QA_CODES])
{
    cao_mask_table(rules, n_rules, UINT32_MAX, table);
    for (uint32_t code = 0; code < CAO_QA_CODES; code++)
        switch ((enum cao_reason)table[code]) {
        case CAO_SNOW:
            table[code] = CAO_SIGHT_SNOW;
            break;
        case CAO_OUTSIDE:
        case CAO_SATURATED:
        case CAO_CLOUD:
        case CAO_SHADOW:
        case CAO_CIRRUS:
        case CAO_AEROSOL:
            table[code] = CAO_SIGHT_HIDDEN;
            break;
        default:
            table[code] = CAO_SIGHT_GROUND;
        }
}

CAO_LANES void cao_sight_join(const uint16_t *restrict meaning, uint8_t *restrict sight, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sight[i] = sight[i] == CAO_SIGHT_GROUND ? (uint8_t)(meaning[i] >> 8) : sight[i];
}

void cao_sight_count(const uint8_t *restrict sight, uint8_t *restrict counted,
                     uint16_t *restrict n_snow, uint16_t *restrict n_seen, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool new = sight[i] != CAO_SIGHT_HIDDEN && !counted[i];
        n_seen[i] = (uint16_t)(n_seen[i] + new);
        n_snow[i] = (uint16_t)(n_snow[i] + (new &&sight[i] == CAO_SIGHT_SNOW));
        counted[i] |= new;
    }
}

/* Reason by reason: comparing runs in vectors, one tally by value does not. */
CAO_LANES void cao_mask_count(const uint8_t *restrict reason, size_t n,
                              uint64_t counts[CAO_N_REASONS])
{
    enum { PIECE = 4096 };
    for (size_t at = 0; at < n; at += PIECE) {
        size_t m = n - at < PIECE ? n - at : PIECE, found = 0;
        const uint8_t *restrict from = reason + at;
        for (int k = 0; found < m && k < CAO_N_REASONS; k++) { /* most pieces hold few of them */
            const uint8_t r = (uint8_t)k;
            uint16_t is = 0;
            for (size_t i = 0; i < m; i++)
                is = (uint16_t)(is + (from[i] == r));
            counts[k] += is;
            found += is;
        }
    }
}

void cao_day_table(int32_t first_day, int32_t span, uint8_t table[CAO_DAY_CODES])
{
    memset(table, CAO_DAY_UNKNOWN, CAO_DAY_CODES);
    for (int32_t k = span - 1; k >= 0; k--) /* where a span were longer than a year, the first */
        table[cao_date_day_of_year(first_day + k)] = (uint8_t)k;
}

size_t cao_day_apply(const uint8_t table[CAO_DAY_CODES], const uint16_t *restrict codes,
                     int32_t from, int32_t to, uint8_t *restrict after, uint8_t *restrict reason,
                     uint8_t *sight, size_t n)
{
    size_t clear = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t k = codes[i] < CAO_DAY_CODES ? table[codes[i]] : CAO_DAY_UNKNOWN;
        bool counts = k != CAO_DAY_UNKNOWN && k >= from && k <= to;
        after[i] = k == CAO_DAY_UNKNOWN ? 0 : k;
        reason[i] = counts ? reason[i] : CAO_OUTSIDE;
        if (sight && !counts)
            sight[i] = CAO_SIGHT_HIDDEN;
        clear += reason[i] == CAO_CLEAR;
    }
    return clear;
}
