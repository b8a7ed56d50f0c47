/** @file caochu/explain.h  The chain behind one pasture's verdict, from scenes to class, each number
 *  with its unit, source and confidence. Read from a finished run; no pixel is touched.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_EXPLAIN_H
#define CAO_EXPLAIN_H
#include "caochu/run.h"
#include "caochu/table.h"

/** Columns of the chain, all text: the period, the step ("imagery", "yield", ...), what it is, in both
 *  languages, its value, unit, confidence and source ("" where it has none). */
enum cao_explain_column {
    CAO_EXPLAIN_PERIOD,
    CAO_EXPLAIN_STEP,
    CAO_EXPLAIN_STEP_ZH,
    CAO_EXPLAIN_ITEM,
    CAO_EXPLAIN_ITEM_ZH,
    CAO_EXPLAIN_VALUE,
    CAO_EXPLAIN_UNIT,
    CAO_EXPLAIN_CONFIDENCE,
    CAO_EXPLAIN_CONFIDENCE_ZH,
    CAO_EXPLAIN_SOURCE,
    CAO_EXPLAIN_SOURCE_ZH, /**< formulas in Chinese; the title of a source as it is */
    CAO_N_EXPLAIN_COLUMNS
};
/** Rows in the order of the reckoning. @p run as in what_if.h. @p summary is to be released in any
 *  case. @retval CAO_EARG no pasture of that id: the text names the nearest */
CAO_CHECKED enum cao_status cao_explain(const struct cao_run_options *run, const char *pasture_id,
                                        struct cao_table *table, struct cao_run_summary *summary,
                                        struct cao_error *err);
#endif
