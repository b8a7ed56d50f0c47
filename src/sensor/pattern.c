/* SPDX-License-Identifier: MIT */
#include "sensor/pattern.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "caochu/text.h"

struct span {
    const char *at;
    size_t n;
};
enum { MOST_STARS = 8, MOST_STEPS = 20000 };
struct match {
    const struct cao_declared *d;
    struct span date, band, tile, star[MOST_STARS];
    size_t n_stars;
    int steps; /* '*' can be tried in many ways: a hostile name must not take for ever */
};

static bool starts(const char *text, const char *part)
{
    return strncmp(text, part, strlen(part)) == 0;
}

static bool fits(struct match *m, const char *pattern, const char *name);

static bool date_fits(struct match *m, const char *pattern, const char *name)
{
    const char *form = m->d->date;
    size_t n = strlen(form);
    for (size_t i = 0; i < n; i++) {
        bool digit = strchr("YMDJhms", form[i]) != NULL;
        if (digit ? !isdigit((unsigned char)name[i]) : name[i] != form[i])
            return false;
    }
    m->date = (struct span){ name, n };
    return fits(m, pattern, name + n);
}

static bool word_fits(struct match *m, const struct cao_declared_layer *l, const char *pattern,
                      const char *name)
{
    if (!l->word[0] || !starts(name, l->word))
        return false;
    m->band = (struct span){ name, strlen(l->word) };
    return fits(m, pattern, name + m->band.n);
}

static bool band_fits(struct match *m, const char *pattern, const char *name)
{
    for (int b = 0; b < CAO_N_BANDS; b++)
        if (word_fits(m, &m->d->band[b], pattern, name))
            return true;
    return word_fits(m, &m->d->qa, pattern, name);
}

static bool fits(struct match *m, const char *pattern, const char *name)
{
    for (;;) {
        if (++m->steps > MOST_STEPS)
            return false;
        if (starts(pattern, "{date}"))
            return date_fits(m, pattern + 6, name);
        if (starts(pattern, "{band}"))
            return band_fits(m, pattern + 6, name);
        if (starts(pattern, "{tile}")) {
            for (size_t n = 1; isalnum((unsigned char)name[n - 1]); n++) {
                m->tile = (struct span){ name, n };
                if (fits(m, pattern + 6, name + n))
                    return true;
            }
            return false;
        }
        if (*pattern == '*') {
            size_t star = m->n_stars++;
            for (size_t n = 0; star < MOST_STARS; n++) {
                m->star[star] = (struct span){ name, n };
                if (fits(m, pattern + 1, name + n))
                    return true;
                if (!name[n])
                    break;
            }
            m->n_stars--;
            return false;
        }
        if (*pattern != *name)
            return false;
        if (!*pattern)
            return true;
        pattern++;
        name++;
    }
}

static bool read_time(const struct match *m, int64_t *time)
{
    int year = 0, month = 1, day = 1, ordinal = 0, clock[3] = { 0 };
    bool has_clock = false, has_ordinal = false, has_day = false, has_month = false;
    for (size_t i = 0; i < m->date.n; i++) {
        char c = m->d->date[i];
        int digit = m->date.at[i] - '0';
        month = c == 'M' && !has_month ? 0 : month;
        day = c == 'D' && !has_day ? 0 : day;
        has_month |= c == 'M';
        has_day |= c == 'D';
        has_ordinal |= c == 'J';
        has_clock |= c == 'h';
        int *to = c == 'Y'   ? &year
                  : c == 'M' ? &month
                  : c == 'D' ? &day
                  : c == 'J' ? &ordinal
                  : c == 'h' ? &clock[0]
                  : c == 'm' ? &clock[1]
                  : c == 's' ? &clock[2]
                             : NULL;
        if (to)
            *to = *to * 10 + digit;
    }
    char text[40];
    int32_t days;
    if (has_ordinal) {
        days = cao_date_of(year, 1, 1) + ordinal - 1;
        if (year < 1970 || ordinal < 1 || days >= cao_date_of(year + 1, 1, 1))
            return false;
    } else {
        snprintf(text, sizeof text, "%04d-%02d-%02d", year % 10000, month % 100, day % 100);
        if (!cao_date_parse(text, &days))
            return false;
    }
    if (clock[0] > 23 || clock[1] > 59 || clock[2] > 60)
        return false;
    *time = (int64_t)days * 86400;
    if (has_clock)
        *time += clock[0] * 3600 + clock[1] * 60 + clock[2] - (int64_t)(m->d->utc_offset_h * 3600);
    return true;
}

bool cao_pattern_fits(const struct cao_declared *d, const char *name,
                      struct cao_pattern_parts *parts)
{
    struct match m = { .d = d };
    if (strlen(name) + 8 >= CAO_KEY_SIZE || !fits(&m, d->files, name) || !m.date.at ||
        !read_time(&m, &parts->time))
        return false;
    parts->word[0] = '\0';
    if (m.band.at) {
        snprintf(parts->word, sizeof parts->word, "%.*s", (int)m.band.n, m.band.at);
        snprintf(parts->key, sizeof parts->key, "%.*s{band}%s", (int)(m.band.at - name), name,
                 m.band.at + m.band.n);
    } else {
        snprintf(parts->key, sizeof parts->key, "%s", name);
    }
    size_t n = 0;
    parts->place[0] = '\0';
    if (m.tile.at)
        snprintf(parts->place, sizeof parts->place, "%.*s", (int)m.tile.n, m.tile.at);
    for (size_t i = 0; !m.tile.at && i < m.n_stars; i++) {
        int more = snprintf(parts->place + n, sizeof parts->place - n, "%s%.*s",
                            n && m.star[i].n ? " " : "", (int)m.star[i].n, m.star[i].at);
        n += more > 0 ? (size_t)more : 0;
    }
    return true;
}
