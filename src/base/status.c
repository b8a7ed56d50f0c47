/* SPDX-License-Identifier: MIT */
#include "caochu/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A cut text must not end inside a UTF-8 sequence: file names are often Chinese. */
static void end_on_character(char *text, size_t size)
{
    size_t n = strnlen(text, size);
    if (n + 1 < size)
        return;
    while (n > 0 && ((unsigned char)text[n - 1] & 0xC0u) == 0x80u)
        n--;
    if (n > 0 && ((unsigned char)text[n - 1] & 0xC0u) == 0xC0u)
        n--;
    text[n] = '\0';
}

enum cao_status(cao_fail)(struct cao_error *err, enum cao_status code, const char *fmt, ...)
{
    if (err) {
        char text[sizeof err->text]; /* an argument may point into err->text */
        va_list args;
        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        end_on_character(text, sizeof text);
        err->code = code;
        memcpy(err->text, text, sizeof text);
    }
    return code;
}

enum cao_status(cao_within)(struct cao_error *err, enum cao_status code, const char *fmt, ...)
{
    if (err) {
        char where[512], text[sizeof err->text];
        va_list args;
        va_start(args, fmt);
        vsnprintf(where, sizeof where, fmt, args);
        va_end(args);
        end_on_character(where, sizeof where);
        memcpy(text, err->text, sizeof text);
        int n = snprintf(err->text, sizeof err->text, "%s: ", where);
        size_t used = n > 0 ? (size_t)n : 0;
        size_t left = sizeof err->text - used - 1, want = strnlen(text, sizeof text);
        if (want > left)
            want = left;
        memcpy(err->text + used, text, want);
        err->text[used + want] = '\0';
        end_on_character(err->text, sizeof err->text);
        err->code = code;
    }
    return code;
}

const char *cao_status_name(enum cao_status code)
{
    static const char *const names[CAO_N_STATUS] = {
        "ok", "usage", "data", "io", "memory", "cancelled", "busy", "too many failures"
    };
    return (unsigned)code < CAO_N_STATUS ? names[code] : "unknown";
}

enum cao_exit cao_status_exit(enum cao_status code)
{
    static const enum cao_exit exits[CAO_N_STATUS] = {
        [CAO_OK] = CAO_EXIT_DONE,       [CAO_EARG] = CAO_EXIT_USAGE,
        [CAO_EDATA] = CAO_EXIT_FAILED,  [CAO_EIO] = CAO_EXIT_FAILED,
        [CAO_ENOMEM] = CAO_EXIT_FAILED, [CAO_ECANCEL] = CAO_EXIT_STOPPED,
        [CAO_EBUSY] = CAO_EXIT_BUSY,    [CAO_EMANY] = CAO_EXIT_MANY,
    };
    return (unsigned)code < CAO_N_STATUS ? exits[code] : CAO_EXIT_FAILED;
}
