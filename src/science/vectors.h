/** @file science/vectors.h  A function compiled twice, the loader takes what the processor can do.
 *
 *  Only for loops whose results are the same bits at any vector width: exact sums, least and greatest.
 *  Products and sums are never contracted (the Makefile says so), so one binary runs everywhere and
 *  gives the same bytes. SPDX-License-Identifier: MIT */
#ifndef CAO_SCIENCE_VECTORS_H
#define CAO_SCIENCE_VECTORS_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CAO_PLAIN_BUILD 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CAO_PLAIN_BUILD 1
#endif

/* Sanitizers are not ready yet when the loader asks which one to take. */
#if defined(__x86_64__) && defined(__linux__) && !defined(CAO_PLAIN_BUILD)
#define CAO_VECTORS __attribute__((target_clones("avx2", "default")))
#else
#define CAO_VECTORS
#endif
#endif
