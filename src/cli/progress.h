/** @file cli/progress.h  A line that says how far the work is: redrawn on a terminal, plain and rare
 *  otherwise. Always on stderr. SPDX-License-Identifier: MIT */
#ifndef CAO_CLI_PROGRESS_H
#define CAO_CLI_PROGRESS_H
#include <pthread.h>
#include <stdbool.h>
#include "caochu/log.h"

struct cao_progress {
    bool quiet, terminal, drawn;
    char what[16];
    double began, last; /* seconds */
    pthread_mutex_t lock;
};
void cao_progress_init(struct cao_progress *p, bool quiet);
/** For struct cao_run_options; @p context is the struct cao_progress. */
void cao_progress_show(void *context, const char *what, size_t done, size_t n);
/** For struct cao_log: the line of progress makes way for the message. */
void cao_progress_log(void *context, enum cao_level level, const char *text);
/** Clear the line; further output starts on a clean one. */
void cao_progress_end(struct cao_progress *p);
#endif
