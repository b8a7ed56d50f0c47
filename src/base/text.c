/* SPDX-License-Identifier: MIT */
#include "caochu/text.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool cao_text_double(const char *s, double *value)
{
    while (is_blank(*s))
        s++;
    const char *p = s + (*s == '+' || *s == '-');
    if (!(isdigit((unsigned char)*p) || (*p == '.' && isdigit((unsigned char)p[1]))))
        return false; /* also refuses nan, inf */
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
        return false;
    char *end;
    double v = strtod(s, &end); /* the program never leaves the C locale */
    while (is_blank(*end))
        end++;
    if (*end || !isfinite(v))
        return false;
    *value = v;
    return true;
}

bool cao_text_int64(const char *s, int64_t *value)
{
    while (is_blank(*s))
        s++;
    bool negative = *s == '-';
    s += *s == '-' || *s == '+';
    if (!isdigit((unsigned char)*s))
        return false;
    uint64_t v = 0, limit = (uint64_t)INT64_MAX + negative;
    for (; isdigit((unsigned char)*s); s++) {
        uint64_t digit = (uint64_t)(*s - '0');
        if (v > (limit - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    while (is_blank(*s))
        s++;
    if (*s)
        return false;
    *value = negative ? -(int64_t)(v - (v > 0)) - (v > 0) : (int64_t)v;
    return true;
}

/* Days from civil date, Gregorian; algorithm of H. Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms" (2013). */
int32_t cao_date_of(int32_t year, int32_t month, int32_t day)
{
    int32_t y = year - (month <= 2);
    int32_t era = (y >= 0 ? y : y - 399) / 400;
    int32_t yoe = y - era * 400;
    int32_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int32_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static void date_split(int32_t days, int32_t *year, int32_t *month, int32_t *day)
{
    int32_t z = days + 719468;
    int32_t era = (z >= 0 ? z : z - 146096) / 146097;
    int32_t doe = z - era * 146097;
    int32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int32_t mp = (5 * doy + 2) / 153;
    *day = doy - (153 * mp + 2) / 5 + 1;
    *month = mp + (mp < 10 ? 3 : -9);
    *year = yoe + era * 400 + (*month <= 2);
}

static bool digits(const char *s, int n, int32_t *v)
{
    *v = 0;
    for (int i = 0; i < n; i++) {
        if (!isdigit((unsigned char)s[i]))
            return false;
        *v = *v * 10 + (s[i] - '0');
    }
    return true;
}

/* Parse a date at the start of s; *used is how many characters it took. */
static bool date_at(const char *s, int32_t *days, int *used)
{
    int32_t y, m, d;
    if (!digits(s, 4, &y))
        return false;
    bool dashed = s[4] == '-';
    const char *at = s + 4 + dashed;
    if (!digits(at, 2, &m) || (dashed && at[2] != '-'))
        return false;
    at += 2 + dashed;
    if (!digits(at, 2, &d) || y < 1 || m < 1 || m > 12 || d < 1)
        return false;
    int32_t day = cao_date_of(y, m, d), y2, m2, d2;
    date_split(day, &y2, &m2, &d2);
    if (m2 != m || d2 != d)
        return false; /* 31 April */
    *days = day;
    *used = (int)(at + 2 - s);
    return true;
}

bool cao_date_parse(const char *s, int32_t *days)
{
    int used;
    int32_t d;
    if (!date_at(s, &d, &used) || s[used])
        return false;
    *days = d;
    return true;
}

bool cao_time_parse(const char *s, int64_t *seconds)
{
    int used;
    int32_t day, h, m, sec;
    if (!date_at(s, &day, &used) || (s[used] != 'T' && s[used] != ' '))
        return false;
    const char *at = s + used + 1;
    if (!digits(at, 2, &h))
        return false;
    bool colons = at[2] == ':';
    at += 2 + colons;
    if (!digits(at, 2, &m) || (colons && at[2] != ':'))
        return false;
    at += 2 + colons;
    if (!digits(at, 2, &sec) || h > 23 || m > 59 || sec > 60)
        return false;
    at += 2;
    if (*at == '.')
        for (at++; isdigit((unsigned char)*at); at++)
            ;
    if (*at == 'Z')
        at++;
    if (*at)
        return false;
    *seconds = (int64_t)day * 86400 + h * 3600 + m * 60 + sec;
    return true;
}

void cao_date_format(int32_t days, char text[CAO_DATE_TEXT])
{
    int32_t y, m, d;
    date_split(days, &y, &m, &d);
    if (y < 0 || y > 9999) {
        snprintf(text, CAO_DATE_TEXT, "%04d-%02d-%02d", (int)y % 100000, (int)m % 100,
                 (int)d % 100);
        return;
    }
    /* tables have a date in each row: digit by digit costs a tenth */
    const char digits[] = { (char)('0' + y / 1000),
                            (char)('0' + y / 100 % 10),
                            (char)('0' + y / 10 % 10),
                            (char)('0' + y % 10),
                            '-',
                            (char)('0' + m / 10),
                            (char)('0' + m % 10),
                            '-',
                            (char)('0' + d / 10),
                            (char)('0' + d % 10),
                            '\0' };
    memcpy(text, digits, sizeof digits);
}

void cao_time_format(int64_t seconds, char text[CAO_TIME_TEXT])
{
    int64_t day = seconds / 86400, rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        day--;
    }
    char date[CAO_DATE_TEXT];
    cao_date_format((int32_t)day, date);
    snprintf(text, CAO_TIME_TEXT, "%sT%02d:%02d:%02dZ", date, (int)(rest / 3600),
             (int)(rest / 60 % 60), (int)(rest % 60));
}

int32_t cao_date_day_of_year(int32_t days)
{
    int32_t y, m, d;
    date_split(days, &y, &m, &d);
    return days - cao_date_of(y, 1, 1) + 1;
}

/* Optimal string alignment distance, case folded, of words up to 63 bytes; longer: no match. */
static size_t distance(const char *a, const char *b)
{
    enum { MOST = 63 };
    size_t n = strlen(a), m = strlen(b);
    size_t row[3][MOST + 1];
    if (n > MOST || m > MOST)
        return SIZE_MAX;
    for (size_t j = 0; j <= m; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
            size_t best = last[j - 1] + (x != y);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                tolower((unsigned char)a[i - 2]) == y && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[n % 3][m];
}

size_t cao_text_nearest(const char *word, const char *const *candidates, size_t n)
{
    size_t most = strlen(word) / 3, best = SIZE_MAX;
    most = most < 1 ? 1 : most > 3 ? 3 : most;
    for (size_t i = 0; i < n; i++) {
        size_t d = candidates[i] ? distance(word, candidates[i]) : SIZE_MAX;
        if (d <= most) {
            best = i;
            if (d == 0)
                break;
            most = d - 1;
        }
    }
    return best;
}

static bool grow(struct cao_buf *b, size_t more)
{
    if (b->failed)
        return false;
    if (b->capacity - b->n > more)
        return true;
    size_t capacity = b->capacity ? b->capacity : 256;
    while (capacity - b->n <= more)
        capacity *= 2;
    char *text = realloc(b->text, capacity);
    if (!text) {
        b->failed = true;
        return false;
    }
    b->text = text;
    b->capacity = capacity;
    return true;
}

void cao_buf_add(struct cao_buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n >= 0 && grow(b, (size_t)n)) {
        vsnprintf(b->text + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void cao_buf_put(struct cao_buf *b, const void *bytes, size_t n)
{
    if (!grow(b, n))
        return;
    if (n)
        memcpy(b->text + b->n, bytes, n);
    b->n += n;
    b->text[b->n] = '\0';
}

void cao_buf_release(struct cao_buf *b)
{
    free(b->text);
    *b = (struct cao_buf){ 0 };
}

char *cao_text_copy(const char *s)
{
    if (!s)
        return NULL;
    size_t n = strlen(s) + 1;
    char *copy = malloc(n);
    if (copy)
        memcpy(copy, s, n);
    return copy;
}

bool cao_text_same(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

char *cao_text_trim(char *s)
{
    while (is_blank(*s))
        s++;
    size_t n = strlen(s);
    while (n > 0 && is_blank(s[n - 1]))
        n--;
    s[n] = '\0';
    return s;
}
