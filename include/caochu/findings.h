/** @file caochu/findings.h  What a run met on its way that a person must hear of.
 *
 *  A finding is not an error of the call that meets it: the item is set aside and the rest goes on.
 *  Problems make the run end as partial (exit code 3); notes do not. Every finding names the file,
 *  and the row or item in it. Not thread-safe: each worker keeps its own list, merged in order.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_FINDINGS_H
#define CAO_FINDINGS_H
#include <stddef.h>
#include "caochu/status.h"

enum cao_severity { CAO_NOTE, CAO_PROBLEM };

struct cao_finding {
    enum cao_severity severity;
    const char *code; /**< stable short name such as "scene-superseded"; a literal, never freed */
    char *file;       /**< the input it was found in; "" where there is none */
    long row;         /**< 1-based line or row of that file; 0 where that means nothing */
    char *item;       /**< scene, pasture, tile or species it is about; "" where there is none */
    char *text;       /**< what is wrong and what to do, without file and row */
};

/** Zero-initialise; release frees the items. */
struct cao_findings {
    struct cao_finding *items;
    size_t n, capacity;
    size_t n_problems;
};

/** Append one. @p file and @p item may be NULL. Out of memory is reported through the status. */
CAO_PRINTF(7, 8)
enum cao_status cao_findings_add(struct cao_findings *f, enum cao_severity severity,
                                 const char *code, const char *file, long row, const char *item,
                                 const char *fmt, ...);

/** Move all of @p from to the end of @p to; @p from is empty afterwards. */
CAO_CHECKED enum cao_status cao_findings_take(struct cao_findings *to, struct cao_findings *from);

/** "FILE:ROW: ITEM: TEXT" into @p text, leaving out what is not set. */
void cao_finding_format(const struct cao_finding *f, char *text, size_t size);

/** What a code means and what to do about it. Codes are stable: scripts may ask for them. */
struct cao_code {
    const char *name, *meaning, *remedy;
};
/** All codes, in order of name. */
const struct cao_code *cao_code_all(size_t *n);
/** Borrow the one of that name; NULL: none. */
const struct cao_code *cao_code_find(const char *name);

void cao_findings_release(struct cao_findings *f);
#endif
