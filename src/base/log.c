/* SPDX-License-Identifier: MIT */
#include "caochu/log.h"

#include <stdarg.h>
#include <stdio.h>

void cao_log(const struct cao_log *log, enum cao_level level, const char *fmt, ...)
{
    if (!log || !log->write || level < log->least)
        return;
    char text[2048];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    log->write(log->context, level, text);
}
