/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Seconds between two plain lines, and between two redraws on a terminal. */
static const double plain_every = 30, redraw_every = 0.1;

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void cao_progress_init(struct cao_progress *p, bool quiet)
{
    *p = (struct cao_progress){ .quiet = quiet, .terminal = isatty(STDERR_FILENO) == 1 };
    pthread_mutex_init(&p->lock, NULL);
}

static void clear_line(struct cao_progress *p)
{
    if (p->drawn)
        fputs("\r\033[K", stderr);
    p->drawn = false;
}

static const char *words_for(const char *what)
{
    static const struct {
        const char *what, *words;
    } table[] = {
        { "pastures", "reading pastures" },
        { "scan", "looking for scenes" },
        { "plan", "planning" },
        { "tables", "writing tables" },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].what, what) == 0)
            return table[i].words;
    return what;
}

static void duration(double s, char text[32])
{
    if (s < 90)
        snprintf(text, 32, "%.0f s", s);
    else if (s < 5400)
        snprintf(text, 32, "%.0f min", s / 60);
    else
        snprintf(text, 32, "%.1f h", s / 3600);
}

static void format_line(const struct cao_progress *p, double now, size_t done, size_t n, char *text,
                        size_t size)
{
    char left[32];
    if (n <= 1) {
        snprintf(text, size, "%s", words_for(p->what));
        return;
    }
    int at = snprintf(text, size, "%s %zu of %zu, %.0f %%", words_for(p->what), done, n,
                      100.0 * (double)done / (double)n);
    if (done > 0 && done < n && at > 0 && (size_t)at < size) {
        duration((now - p->began) / (double)done * (double)(n - done), left);
        snprintf(text + at, size - (size_t)at, ", about %s left", left);
    }
}

void cao_progress_show(void *context, const char *what, size_t done, size_t n)
{
    struct cao_progress *p = context;
    char text[160];
    if (p->quiet)
        return;
    pthread_mutex_lock(&p->lock);
    double now = seconds_now();
    bool fresh = strcmp(p->what, what) != 0;
    if (fresh) {
        snprintf(p->what, sizeof p->what, "%s", what);
        p->began = now;
    }
    bool due = fresh || done == n || now - p->last >= (p->terminal ? redraw_every : plain_every);
    if (due) {
        p->last = now;
        format_line(p, now, done, n, text, sizeof text);
        if (p->terminal) {
            clear_line(p);
            fprintf(stderr, "  %s", text);
            p->drawn = true;
            fflush(stderr);
        } else {
            fprintf(stderr, "caochu: %s\n", text);
        }
    }
    pthread_mutex_unlock(&p->lock);
}

void cao_progress_log(void *context, enum cao_level level, const char *text)
{
    struct cao_progress *p = context;
    pthread_mutex_lock(&p->lock);
    clear_line(p);
    fprintf(stderr, "caochu: %s%s\n", level == CAO_WARNING ? "warning: " : "", text);
    pthread_mutex_unlock(&p->lock);
}

void cao_progress_end(struct cao_progress *p)
{
    clear_line(p);
    pthread_mutex_destroy(&p->lock);
}
