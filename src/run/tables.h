/** @file run/tables.h  The tables of a run: written, or left where all that they are made of is as it was.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_TABLES_H
#define CAO_RUN_TABLES_H
#include <json-c/json.h>

#include "caochu/hash.h"
#include "caochu/run.h"
#include "run/tile.h"

/** What the tables of this run are made of, and which findings came with them. Zero-initialise. */
struct cao_tables_memo {
    char digest[CAO_HASH_TEXT]; /**< "": it cannot be told */
    size_t first_note, n_notes; /**< in the summary's findings */
};
/** What the record of the folder says of the tables that lie there. Zero-initialise. */
struct cao_tables_past {
    char *text; /**< of run.json; NULL: there is none */
    size_t size;
    json_object *root;
    json_object *record; /**< within root; NULL: no run ended here */
};

/** Digest of all that decides: program, project, profile, tables of herds, pastures, tiles.
 *  @param pastures digest of the layer; "": not known */
void cao_tables_digest(const struct cao_plan *plan, const char *pastures,
                       struct cao_tables_memo *memo);
/** Read the record of @p dir before it is written anew. */
void cao_tables_look(const char *dir, struct cao_tables_past *past);
void cao_tables_forget(struct cao_tables_past *past);
/** Whether the tables that lie there are those of @p memo and untouched since. @pre every tile is as it was */
CAO_CHECKED bool cao_tables_agree(const struct cao_tables_past *past,
                                  const struct cao_tables_memo *memo, const struct cao_plan *plan);
/** Give the summary what making them would have told. @pre cao_tables_agree()  @retval CAO_ENOMEM */
CAO_CHECKED enum cao_status cao_tables_recall(const struct cao_tables_past *past,
                                              struct cao_tables_memo *memo,
                                              const struct cao_plan *plan,
                                              struct cao_run_summary *sum, struct cao_error *err);
/** Fold the tiles and write all tables; the summary gets classes, paths and notes. */
CAO_CHECKED enum cao_status cao_tables_write(const struct cao_plan *plan,
                                             const struct cao_tile_result *results,
                                             struct cao_tables_memo *memo,
                                             struct cao_run_summary *summary,
                                             struct cao_error *err);
/** For the record, once they are there; NULL: nothing to say. */
json_object *cao_tables_json(const struct cao_tables_memo *memo, const struct cao_plan *plan,
                             const struct cao_run_summary *summary);
#endif
