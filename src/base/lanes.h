/** @file base/lanes.h  Loops over pixels that are compiled for wider vectors too.
 *
 *  A function marked CAO_LANES exists twice on x86-64: for any such machine, and for those with AVX2;
 *  the loader takes the one that the machine can run. Without contraction (see the Makefile) both give
 *  the same bits. Where sanitizers are at work there is one: they are not yet up when the loader
 *  asks; and by clang, whose release 14 hides the name of such a function. Small functions that it calls are
 *  part of it where they are marked CAO_LANES_PART.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_BASE_LANES_H
#define CAO_BASE_LANES_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
#define CAO_LANES_ONE 1
#endif

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) &&       \
    !defined(CAO_LANES_ONE)
#define CAO_LANES __attribute__((target_clones("avx2", "default")))
#else
#define CAO_LANES
#endif
#define CAO_LANES_PART static inline __attribute__((always_inline))
#endif
