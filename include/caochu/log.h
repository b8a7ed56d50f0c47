/** @file caochu/log.h  Where the library says what it does: nowhere, unless given a sink.
 *
 *  Below cli/ nothing prints. A sink may be called from several threads at once and must
 *  lock for itself. SPDX-License-Identifier: MIT */
#ifndef CAO_LOG_H
#define CAO_LOG_H
#include "caochu/status.h"

enum cao_level { CAO_DEBUG, CAO_INFO, CAO_WARNING };

struct cao_log {
    void (*write)(void *context, enum cao_level level, const char *text);
    void *context;
    enum cao_level least; /**< messages under this level are dropped before formatting */
};

/** @param log may be NULL: then nothing happens. */
CAO_PRINTF(3, 4)
void cao_log(const struct cao_log *log, enum cao_level level, const char *fmt, ...);
#endif
