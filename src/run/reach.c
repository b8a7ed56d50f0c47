/* SPDX-License-Identifier: MIT */
#include "run/reach.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static enum cao_reach reach(const char *path)
{
    char piece[16384];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? CAO_REACH_GONE : CAO_REACH_TROUBLE;
    ssize_t n;
    do {
        n = read(fd, piece, sizeof piece);
    } while (n > 0 || (n < 0 && errno == EINTR));
    close(fd);
    return n == 0 ? CAO_REACH_WHOLE : CAO_REACH_TROUBLE;
}

enum cao_reach cao_scene_reach(const struct cao_scene *s)
{
    const char *paths[CAO_N_BANDS + CAO_MOST_QA];
    size_t n = 0;
    for (int b = 0; b < CAO_N_BANDS; b++)
        if (s->band[b].path)
            paths[n++] = s->band[b].path;
    for (int q = 0; q < CAO_MOST_QA; q++)
        if (s->qa[q].layer.path)
            paths[n++] = s->qa[q].layer.path;
    for (size_t i = 0; i < n; i++) {
        /* "/vsizip/..." and "HDF4_EOS:..." are GDAL's names for parts of the product's one file */
        bool plain = strncmp(paths[i], "/vsi", 4) != 0 && strncmp(paths[i], "HDF4_", 5) != 0;
        enum cao_reach r = reach(plain ? paths[i] : s->path);
        if (r != CAO_REACH_WHOLE)
            return r;
        if (!plain)
            break;
    }
    return CAO_REACH_WHOLE;
}

void cao_wait(double seconds, const atomic_int *cancel)
{
    enum { STEPS_PER_S = 20 };
    const struct timespec step = { 0, 1000000000L / STEPS_PER_S };
    for (int i = 0; i < (int)(seconds * STEPS_PER_S) && !(cancel && *cancel); i++)
        nanosleep(&step, NULL);
}
