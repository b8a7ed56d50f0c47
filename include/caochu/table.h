/** @file caochu/table.h  A table of typed columns, as people will read it in Excel or QGIS.
 *
 *  A cell is text, a number, or nothing; nothing is an empty cell (NULL in a GPKG), never NaN,
 *  never a zero. SPDX-License-Identifier: MIT */
#ifndef CAO_TABLE_H
#define CAO_TABLE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "caochu/status.h"

enum { CAO_SHORTEST = -1 };
enum cao_cell { CAO_CELL_TEXT, CAO_CELL_REAL, CAO_CELL_INT };

/** Borrowed texts, usually literals. */
struct cao_column {
    const char *name; /**< snake_case, with the unit where it has one: "yield_hay_kg_ha" */
    const char *zh;   /**< heading in Chinese, with the unit */
    const char *unit; /**< "" where it has none */
    const char *help; /**< what it is, in a sentence */
    enum cao_cell type;
    int decimals; /**< of a REAL as written in a CSV; CAO_SHORTEST: as few digits as read back the same */
};

/** rows x columns; texts are owned by the table. Zero-initialise. */
struct cao_table {
    struct cao_column *columns;
    size_t n_columns, n_rows;
    struct cao_value {
        bool set;
        double number;
        char *text;
    } * cells;
};
/** Copies the column records (not their texts); every cell starts as nothing. */
CAO_CHECKED enum cao_status cao_table_init(struct cao_table *t, const struct cao_column *columns,
                                           size_t n_columns, size_t n_rows, struct cao_error *err);
/** A NaN or infinite @p v leaves the cell as nothing. */
void cao_table_set_number(struct cao_table *t, size_t row, size_t column, double v);
CAO_CHECKED enum cao_status cao_table_set_text(struct cao_table *t, size_t row, size_t column,
                                               const char *text, struct cao_error *err);
/** Text of a cell as a CSV has it, "" for nothing: rounded half away from zero to the column's
 *  decimals. */
void cao_table_format(const struct cao_table *t, size_t row, size_t column, char *text,
                      size_t size);
/** RFC 4180 text with CRLF and the UTF-8 BOM that Excel wants; headings are names, or the
 *  Chinese ones. Caller free()s *out. */
CAO_CHECKED enum cao_status cao_table_csv(const struct cao_table *t, bool chinese, char **out,
                                          size_t *size, struct cao_error *err);
void cao_table_release(struct cao_table *t);
#endif
