/** @file cli/listing.h  Rows of texts, printed as a table or as JSON by the same headings.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_CLI_LISTING_H
#define CAO_CLI_LISTING_H
#include "cli/cli.h"

enum { CAO_LISTING_COLUMNS = 10, CAO_LISTING_ROWS = 512 };

struct cao_listing {
    size_t n_columns, n_rows;
    const char *heading[CAO_LISTING_COLUMNS]; /**< keys of JSON, and what stands above columns */
    const char *shown[CAO_LISTING_COLUMNS];   /**< instead above a column, in Chinese; NULL: none */
    char *cell[CAO_LISTING_ROWS][CAO_LISTING_COLUMNS];
};

/** A copy of the text into the last row; column 0 begins a row. */
void cao_listing_put(struct cao_listing *l, size_t column, const char *text);
void cao_listing_print(const struct cao_listing *l, bool json);
void cao_listing_release(struct cao_listing *l);

/** The indices: all, those of --sensor, or those of the products in folders or a project.
 *  @retval an exit code */
int cao_list_indices(struct cao_listing *l, const struct cao_command *c,
                     const struct cao_line *line);
#endif
