/** @file vector/sheet.h  A table of texts as it stands in a CSV or XLSX, with its line numbers.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_VECTOR_SHEET_H
#define CAO_VECTOR_SHEET_H
#include <stddef.h>
#include "caochu/status.h"

/** headings[n_columns]; rows of n_columns cells; line[row] is 1-based in the file. Texts are UTF-8,
 *  trimmed, "" for an empty cell. */
struct cao_sheet {
    char **headings, **cells;
    long *line;
    size_t n_columns, n_rows;
};
/** CSV by content (comma, semicolon or tab, whichever the heading line has most of; RFC 4180 quotes),
 *  XLSX and ODS by ending. Blank lines are passed over.
 *  @param sheet of an XLSX; NULL or "": the first */
CAO_CHECKED enum cao_status cao_sheet_read(const char *path, const char *sheet, struct cao_sheet *s,
                                           struct cao_error *err);
void cao_sheet_release(struct cao_sheet *s);
/** Where the column is (ASCII case ignored). @param key of the project file, for the message
 *  @retval CAO_EARG there is none: the text lists those there are */
CAO_CHECKED enum cao_status cao_sheet_column(const struct cao_sheet *s, const char *path,
                                             const char *key, const char *name, size_t *at,
                                             struct cao_error *err);
#endif
