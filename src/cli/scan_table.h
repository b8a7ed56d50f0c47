/** @file cli/scan_table.h  What a scan found, as a table: a row for each product, used or refused.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_CLI_SCAN_TABLE_H
#define CAO_CLI_SCAN_TABLE_H
#include "caochu/catalog.h"
#include "caochu/table.h"

enum cao_scan_column {
    CAO_SCAN_STATE,
    CAO_SCAN_TIME,
    CAO_SCAN_SENSOR,
    CAO_SCAN_PLATFORM,
    CAO_SCAN_LEVEL,
    CAO_SCAN_TILE,
    CAO_SCAN_CRS,
    CAO_SCAN_SIZE,
    CAO_SCAN_CLOUD,
    CAO_SCAN_BASELINE,
    CAO_SCAN_GENERATED,
    CAO_SCAN_OFFSET,
    CAO_SCAN_BANDS,
    CAO_SCAN_CLOUDS_BY,
    CAO_SCAN_MASKS,
    CAO_SCAN_PRODUCT,
    CAO_SCAN_PATH,
    CAO_SCAN_CODE,
    CAO_SCAN_REASON,
    CAO_N_SCAN_COLUMNS
};

/** Scenes in their order, then what is refused. Release the table. */
CAO_CHECKED enum cao_status cao_scan_table(const struct cao_catalog *catalog, struct cao_table *t,
                                           struct cao_error *err);
/** "codes", "brightness" or "nothing": by what clouds of a scene are told. */
const char *cao_scan_clouds_by(const struct cao_scene *s);
/** Names of all that masks can tell of a scene: "cloud shadow snow". */
void cao_scan_masks(const struct cao_scene *s, char *text, size_t size);
#endif
