/** @file caochu/limits.h  What the machine leaves to this process. SPDX-License-Identifier: MIT */
#ifndef CAO_LIMITS_H
#define CAO_LIMITS_H
#include <stddef.h>
#include <stdint.h>

/** Bytes of memory that can be had without driving anyone into swap: the least of what the kernel
 *  says is available, what the process's cgroup (v1 or v2, all levels up) leaves, and its own limit
 *  on address space. INT64_MAX where nothing tells. */
int64_t cao_memory_available(void);
/** The same from files below @p root, for tests: ROOT/proc/meminfo, ROOT/proc/self/cgroup,
 *  ROOT/sys/fs/cgroup. */
int64_t cao_memory_available_in(const char *root);

/** How many files this process may have open; the soft limit is raised to the hard one first. */
size_t cao_files_limit(void);
#endif
