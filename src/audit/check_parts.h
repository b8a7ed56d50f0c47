/** @file audit/check_parts.h  Parts of 'caochu check'. SPDX-License-Identifier: MIT */
#ifndef CAO_AUDIT_CHECK_PARTS_H
#define CAO_AUDIT_CHECK_PARTS_H
#include "caochu/check.h"
#include "caochu/hash.h"

struct json_object;

/** Tables that run.json lists have the bytes that were written.
 *  @param record of the folder @p dir, as provenance writes it */
CAO_CHECKED enum cao_status cao_check_tables(const char *dir, struct json_object *record,
                                             struct cao_hash *hash, struct cao_findings *findings,
                                             struct cao_error *err);
/** Means of the indices and shares without a value, reckoned from maps and polygons by the zonal
 *  command's own way, are those of pastures.gpkg. Adds to *n the numbers that were compared. */
CAO_CHECKED enum cao_status cao_check_statistics(const char *dir, struct json_object *record,
                                                 size_t *n, struct cao_findings *findings,
                                                 struct cao_error *err);
#endif
