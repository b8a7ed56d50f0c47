/* SPDX-License-Identifier: MIT */
#include "cli/stop.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "cli/cli.h"

/* Set by the signal handler alone, read by all workers: a lock-free atomic is both safe in a handler and no race. */
static atomic_int asked;
static atomic_int in_order;

static void on_signal(int sig)
{
    static const char text[] = "\ncaochu: stopping; again to stop at once (nothing is torn either "
                               "way)\n";
    static const char last[] = "\ncaochu: stopped\n";
    (void)sig;
    if (asked || !in_order) {
        (void)!write(STDERR_FILENO, last, sizeof last - 1);
        _exit(CAO_EXIT_STOPPED);
    }
    asked = 1;
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
}

const atomic_int *cao_stop_init(void)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction on = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, was;
    sigemptyset(&on.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (sigaction(signals[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
            sigaction(signals[i], &on, NULL);
    signal(SIGPIPE, SIG_IGN); /* whoever watched the progress went away: the work goes on */
    return &asked;
}

void cao_stop_in_order(void)
{
    in_order = 1;
}
