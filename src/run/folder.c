/* SPDX-License-Identifier: MIT */
#include "run/folder.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The process of a draft's name; 0: not the name of a draft. */
static long draft_process(const char *name)
{
    static const char prefix[] = ".part-";
    char *end;
    if (strncmp(name, prefix, sizeof prefix - 1) != 0)
        return 0;
    const char *at = name + sizeof prefix - 1;
    if (*at < '1' || *at > '9')
        return 0;
    errno = 0;
    long pid = strtol(at, &end, 10);
    return errno == 0 && pid > 0 && end[0] == '-' && end[1] >= '0' && end[1] <= '9' ? pid : 0;
}

/* A number of our own can only be that of a process long gone: we have written nothing yet. */
static bool lives(long pid)
{
    return pid != (long)getpid() && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

static size_t sweep_one(const char *dir, const struct cao_names *names, bool only_dead)
{
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++) {
        char path[CAO_PATH_MAX];
        struct stat s;
        long pid = draft_process(names->items[i]);
        if (pid == 0 || (only_dead && lives(pid)) ||
            cao_path_join(path, dir, names->items[i], NULL) || lstat(path, &s) != 0)
            continue;
        n += S_ISREG(s.st_mode) && unlink(path) == 0;
    }
    return n;
}

static size_t sweep_tiles(const char *period)
{
    char tiles[CAO_PATH_MAX], tile[CAO_PATH_MAX];
    struct cao_names names = { 0 }, files = { 0 };
    size_t n = 0;
    if (cao_path_join(tiles, period, "tiles", NULL) || cao_list_dir(tiles, &names, NULL))
        return 0;
    for (size_t i = 0; i < names.n; i++) {
        if (cao_path_join(tile, tiles, names.items[i], NULL) || cao_list_dir(tile, &files, NULL))
            continue;
        n += sweep_one(tile, &files, false);
        cao_names_release(&files);
    }
    cao_names_release(&names);
    return n;
}

size_t cao_folder_sweep(const char *dir)
{
    struct cao_names names = { 0 }, files = { 0 };
    size_t n = 0;
    if (cao_list_dir(dir, &names, NULL))
        return 0;
    n += sweep_one(dir, &names, true);
    for (size_t i = 0; i < names.n; i++) {
        char period[CAO_PATH_MAX];
        if (cao_path_join(period, dir, names.items[i], NULL) || !cao_file_is_dir(period) ||
            cao_list_dir(period, &files, NULL))
            continue;
        n += sweep_one(period, &files, true);
        cao_names_release(&files);
        n += sweep_tiles(period);
    }
    cao_names_release(&names);
    return n;
}
