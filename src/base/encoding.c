/* SPDX-License-Identifier: MIT
 * The encodings of text files as they come from Chinese offices: half of caochu/text.h. */
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"

/* Length of the well-formed sequence at s (RFC 3629: no overlong forms, no surrogates), 0: none. */
static size_t sequence(const unsigned char *s, size_t left)
{
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xC2 && s[0] <= 0xDF   ? 2
               : (s[0] & 0xF0u) == 0xE0       ? 3
               : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4
                                              : 0;
    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0u) != 0x80)
            return 0;
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
        return 0;
    return n;
}

bool cao_text_is_utf8(const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t step = sequence((const unsigned char *)s + i, n - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

static enum cao_status convert(const char *from, const char *in, size_t size, char **out,
                               size_t *out_size, struct cao_error *err)
{
    size_t room = size * 2 + 16, left = room; /* two bytes become at most three, four become four */
    char *text = malloc(room + 1);
    if (!text)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    iconv_t cd = iconv_open("UTF-8", from);
    if (cd == (iconv_t)-1) {
        free(text);
        return cao_fail(err, CAO_EIO, "the system cannot read the encoding %s", from);
    }
    char *source = (char *)(uintptr_t)in; /* iconv takes no const, but does not write there */
    char *target = text;
    size_t bad = iconv(cd, &source, &size, &target, &left);
    iconv_close(cd);
    if (bad == (size_t)-1) {
        free(text);
        return cao_fail(err, CAO_EDATA, "the text is neither UTF-8 nor %s", from);
    }
    *target = '\0';
    *out = text;
    *out_size = (size_t)(target - text);
    return CAO_OK;
}

enum cao_status cao_text_utf8(const void *in, size_t size, char **out, size_t *out_size,
                              enum cao_encoding *found, struct cao_error *err)
{
    const unsigned char *s = in;
    bool bom = size >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0;
    if (size >= 2 && ((s[0] == 0xFF && s[1] == 0xFE) || (s[0] == 0xFE && s[1] == 0xFF))) {
        enum cao_status st = convert(s[0] == 0xFF ? "UTF-16LE" : "UTF-16BE", (const char *)s + 2,
                                     size - 2, out, out_size, err);
        if (!st && found)
            *found = CAO_UTF16;
        return st;
    }
    if (bom || cao_text_is_utf8(in, size)) {
        size_t skip = bom ? 3 : 0;
        if (!cao_text_is_utf8((const char *)s + skip, size - skip))
            return cao_fail(err, CAO_EDATA, "the text says UTF-8 by its first bytes but is not");
        char *copy = malloc(size - skip + 1);
        if (!copy)
            return cao_fail(err, CAO_ENOMEM, "out of memory");
        memcpy(copy, s + skip, size - skip);
        copy[size - skip] = '\0';
        *out = copy;
        *out_size = size - skip;
        if (found)
            *found = bom ? CAO_UTF8_BOM : CAO_UTF8;
        return CAO_OK;
    }
    enum cao_status st = convert("GB18030", in, size, out, out_size, err);
    if (!st && found)
        *found = CAO_GB18030;
    return st;
}

size_t cao_text_columns(const char *s)
{
    size_t width = 0, n = strlen(s);
    for (size_t i = 0; i < n;) {
        const unsigned char *c = (const unsigned char *)s + i;
        size_t step = sequence(c, n - i);
        width += step >= 3 && c[0] >= 0xE1 && !(c[0] == 0xE2 && c[1] < 0xBA) ? 2 : 1;
        i += step ? step : 1;
    }
    return width;
}
