/** @file caochu/text.h  Strict parsing of numbers, dates and encodings; near matches; text building.
 *
 *  Always in the C locale: a decimal point, whatever the user's environment says.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_TEXT_H
#define CAO_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "caochu/status.h"

/** The whole of @p s is one finite number: blanks around are allowed, hex, "nan" and "inf" are not. */
CAO_CHECKED bool cao_text_double(const char *s, double *value);
CAO_CHECKED bool cao_text_int64(const char *s, int64_t *value);

/** Days since 1970-01-01, proleptic Gregorian, from exactly YYYY-MM-DD or YYYYMMDD. */
CAO_CHECKED bool cao_date_parse(const char *s, int32_t *days);
/** Seconds since 1970-01-01T00:00Z from YYYY-MM-DDThh:mm:ss[.fff][Z]; without zone it is UTC. */
CAO_CHECKED bool cao_time_parse(const char *s, int64_t *seconds);
enum { CAO_DATE_TEXT = 16, CAO_TIME_TEXT = 32 };
void cao_date_format(int32_t days, char text[CAO_DATE_TEXT]);    /**< YYYY-MM-DD */
void cao_time_format(int64_t seconds, char text[CAO_TIME_TEXT]); /**< YYYY-MM-DDThh:mm:ssZ */
int32_t cao_date_of(int32_t year, int32_t month, int32_t day);
/** Day of the year, 1..366. */
int32_t cao_date_day_of_year(int32_t days);

/** Index of the candidate nearest to @p word (edit distance with swaps, case folded, at most a
 *  third of the word's length and at most 3), or SIZE_MAX where none is near. Ties: the first. */
size_t cao_text_nearest(const char *word, const char *const *candidates, size_t n);

enum cao_encoding { CAO_UTF8, CAO_UTF8_BOM, CAO_GB18030, CAO_UTF16 };
/** Copy @p in as UTF-8 without BOM into *out (NUL-terminated, free() it). What is not valid UTF-8
 *  is read as GB18030; a UTF-16 BOM is obeyed. @retval CAO_EDATA neither fits. */
CAO_CHECKED enum cao_status cao_text_utf8(const void *in, size_t size, char **out, size_t *out_size,
                                          enum cao_encoding *found, struct cao_error *err);
bool cao_text_is_utf8(const char *s, size_t n);

/** A growing text. Zero-initialise. After a failed allocation it stays as it was, `failed` is set
 *  and further calls do nothing: test once at the end. */
struct cao_buf {
    char *text; /**< NUL-terminated once anything was added, else NULL */
    size_t n, capacity;
    bool failed;
};
CAO_PRINTF(2, 3) void cao_buf_add(struct cao_buf *b, const char *fmt, ...);
void cao_buf_put(struct cao_buf *b, const void *bytes, size_t n);
void cao_buf_release(struct cao_buf *b);

/** malloc'd copy, or NULL when out of memory. @p s NULL gives NULL. */
char *cao_text_copy(const char *s);
/** ASCII case-insensitive equality. */
bool cao_text_same(const char *a, const char *b);
/** Cut blanks at both ends in place; returns the start. */
char *cao_text_trim(char *s);
/** Width in terminal columns of a UTF-8 text: wide East Asian characters count two. */
size_t cao_text_columns(const char *s);
#endif
