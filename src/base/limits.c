/* SPDX-License-Identifier: MIT */
#include "caochu/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "caochu/file.h"

enum { SMALL_FILE = 1 << 20 };

static char *read_text(const char *root, const char *below)
{
    char path[CAO_PATH_MAX], *text;
    size_t n;
    int m = snprintf(path, sizeof path, "%s%s", root, below);
    if (m < 0 || m >= (int)sizeof path || cao_file_read(path, SMALL_FILE, &text, &n, NULL))
        return NULL;
    return text;
}

/* A number that a file of one line holds; -1: none, as "max" is. */
static int64_t read_number(const char *root, const char *dir, const char *name)
{
    char below[CAO_PATH_MAX], *end;
    int n = snprintf(below, sizeof below, "%s/%s", dir, name);
    char *text = n > 0 && n < (int)sizeof below ? read_text(root, below) : NULL;
    if (!text)
        return -1;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    bool fine = end != text && errno == 0 && v >= 0;
    free(text);
    return fine ? (int64_t)v : -1;
}

/* Page cache counts as used in a cgroup, but is given back when asked for. */
static int64_t inactive_file(const char *root, const char *dir)
{
    char below[CAO_PATH_MAX];
    static const char key[] = "inactive_file ";
    int n = snprintf(below, sizeof below, "%s/memory.stat", dir);
    char *text = n > 0 && n < (int)sizeof below ? read_text(root, below) : NULL;
    int64_t bytes = 0;
    for (char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, sizeof key - 1) == 0)
            bytes = strtoll(line + sizeof key - 1, NULL, 10);
    }
    free(text);
    return bytes;
}

static int64_t left_in(const char *root, const char *dir, const char *limit, const char *usage)
{
    int64_t most = read_number(root, dir, limit), used = read_number(root, dir, usage);
    if (most < 0 || most > INT64_MAX / 2) /* v1 says "no limit" by a huge number */
        return INT64_MAX;
    used = used < 0 ? 0 : used - inactive_file(root, dir);
    return used < 0 ? most : most > used ? most - used : 0;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The limit of each level up to the root holds. */
static int64_t left_up(const char *root, const char *mount, char *group, const char *limit,
                       const char *usage)
{
    int64_t left = INT64_MAX;
    char dir[CAO_PATH_MAX];
    for (;;) {
        int n = snprintf(dir, sizeof dir, "%s%s", mount, strcmp(group, "/") == 0 ? "" : group);
        if (n > 0 && n < (int)sizeof dir)
            left = least(left, left_in(root, dir, limit, usage));
        char *slash = strrchr(group, '/');
        if (!slash || strcmp(group, "/") == 0 || !group[0])
            return left;
        slash[slash == group] = '\0';
    }
}

/* "0::/user.slice" is v2; "5:memory:/docker/..." is v1. */
static int64_t left_in_cgroups(const char *root)
{
    char *text = read_text(root, "/proc/self/cgroup");
    int64_t left = INT64_MAX;
    for (char *line = text, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        char *names = strchr(line, ':'), *group = names ? strchr(names + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = '\0';
        if (names[1] == '\0')
            left =
                least(left, left_up(root, "/sys/fs/cgroup", group, "memory.max", "memory.current"));
        else if (strstr(names + 1, "memory"))
            left = least(left, left_up(root, "/sys/fs/cgroup/memory", group,
                                       "memory.limit_in_bytes", "memory.usage_in_bytes"));
    }
    free(text);
    return left;
}

static int64_t available_of_machine(const char *root)
{
    char *text = read_text(root, "/proc/meminfo");
    const char *at = text ? strstr(text, "MemAvailable:") : NULL;
    int64_t kb = at ? strtoll(at + sizeof "MemAvailable:" - 1, NULL, 10) : -1;
    free(text);
    return kb >= 0 ? kb * 1024 : INT64_MAX;
}

int64_t cao_memory_available_in(const char *root)
{
    return least(available_of_machine(root), left_in_cgroups(root));
}

int64_t cao_memory_available(void)
{
    struct rlimit r;
    int64_t left = cao_memory_available_in("");
    if (getrlimit(RLIMIT_AS, &r) == 0 && r.rlim_cur != RLIM_INFINITY &&
        r.rlim_cur < (rlim_t)INT64_MAX)
        left = least(left, (int64_t)r.rlim_cur);
    return left;
}

size_t cao_files_limit(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) != 0)
        return 256;
    if (r.rlim_cur < r.rlim_max) {
        struct rlimit more = { r.rlim_max, r.rlim_max };
        if (setrlimit(RLIMIT_NOFILE, &more) == 0)
            r = more;
    }
    return r.rlim_cur == RLIM_INFINITY || r.rlim_cur > 1u << 20 ? (size_t)1 << 20
                                                                : (size_t)r.rlim_cur;
}
