/* SPDX-License-Identifier: MIT
 * caochu explain: the chain behind one pasture's verdict. */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "caochu/explain.h"
#include "caochu/text.h"
#include "cli/cli.h"
#include "cli/progress.h"

static const char *cell(const struct cao_table *t, size_t row, enum cao_explain_column column)
{
    const struct cao_value *v = &t->cells[row * t->n_columns + column];
    return v->set && v->text ? v->text : "";
}

/* Values in one column, what they rest on behind them. */
static void print_text(const struct cao_table *t, bool chinese, struct cao_buf *out)
{
    enum cao_explain_column step = chinese ? CAO_EXPLAIN_STEP_ZH : CAO_EXPLAIN_STEP,
                            item = chinese ? CAO_EXPLAIN_ITEM_ZH : CAO_EXPLAIN_ITEM;
    enum { ITEM_COLUMNS = 30, VALUE_COLUMNS = 26 };
    for (size_t i = 0; i < t->n_rows; i++) {
        bool first = i == 0 || strcmp(cell(t, i, CAO_EXPLAIN_PERIOD),
                                      cell(t, i - 1, CAO_EXPLAIN_PERIOD)) != 0;
        if (first)
            cao_buf_add(out, "%s%s\n", i ? "\n" : "", cell(t, i, CAO_EXPLAIN_PERIOD));
        if (first || strcmp(cell(t, i, step), cell(t, i - 1, step)) != 0)
            cao_buf_add(out, "%s\n", cell(t, i, step));
        const char *unit = cell(t, i, CAO_EXPLAIN_UNIT), *number = cell(t, i, CAO_EXPLAIN_VALUE);
        bool bare = !unit[0] || !number[0] || strcmp(unit, "1") == 0;
        char value[600];
        snprintf(value, sizeof value, "%s%s%s", number[0] ? number : "-", bare ? "" : " ",
                 bare ? "" : unit);
        const char *source = cell(t, i, chinese ? CAO_EXPLAIN_SOURCE_ZH : CAO_EXPLAIN_SOURCE),
                   *confidence =
                       cell(t, i, chinese ? CAO_EXPLAIN_CONFIDENCE_ZH : CAO_EXPLAIN_CONFIDENCE);
        size_t w = cao_text_columns(cell(t, i, item)), v = cao_text_columns(value);
        cao_buf_add(out, "  %s%*s%s", cell(t, i, item),
                    w < ITEM_COLUMNS ? (int)(ITEM_COLUMNS - w) : 1, "", value);
        if (source[0] || confidence[0])
            cao_buf_add(out, "%*s%s%s%s%s", v < VALUE_COLUMNS ? (int)(VALUE_COLUMNS - v) : 2, "",
                        confidence[0] ? "[" : "", confidence, confidence[0] ? "] " : "", source);
        cao_buf_add(out, "\n");
    }
}

static void print_json(const struct cao_table *t, struct cao_buf *out)
{
    json_object *list = json_object_new_array();
    for (size_t i = 0; i < t->n_rows; i++) {
        json_object *o = json_object_new_object();
        for (size_t c = 0; c < t->n_columns; c++)
            json_object_object_add(o, t->columns[c].name,
                                   json_object_new_string(cell(t, i, (enum cao_explain_column)c)));
        json_object_array_add(list, o);
    }
    cao_buf_add(out, "%s\n",
                json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY |
                                                         JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(list);
}

int cao_cmd_explain(const struct cao_command *c, const struct cao_line *line)
{
    struct cao_error err = { 0 };
    struct cao_run_summary summary;
    struct cao_table table = { 0 };
    struct cao_progress progress;
    const char *id = cao_line_value(line, "id");
    if (!id)
        return cao_say_usage(c, "explain: which pasture? --id ID");
    cao_progress_init(&progress, line->quiet);
    struct cao_log log = { cao_progress_log, &progress, line->verbose ? CAO_DEBUG : CAO_WARNING };
    struct cao_run_options run = { .project = line->words[0],
                                   .data_dir = line->data_dir,
                                   .log = &log };
    enum cao_status st = cao_explain(&run, id, &table, &summary, &err);
    cao_progress_end(&progress);
    int code = CAO_EXIT_DONE;
    if (st) {
        code = cao_say_error(&err, st);
    } else {
        struct cao_buf out = { 0 };
        if (line->json)
            print_json(&table, &out);
        else
            print_text(&table, line->chinese, &out);
        code = out.text ? cao_put_output(line, out.text, out.n) : cao_say_error(&err, CAO_ENOMEM);
        cao_buf_release(&out);
    }
    cao_table_release(&table);
    cao_run_summary_release(&summary);
    return code;
}
