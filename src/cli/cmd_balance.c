/* SPDX-License-Identifier: MIT
 * caochu balance: verdicts again from a run's sums, under other assumptions. */
#include <stdlib.h>

#include "caochu/text.h"
#include "caochu/what_if.h"
#include "cli/cli.h"
#include "cli/progress.h"

int cao_cmd_balance(const struct cao_command *c, const struct cao_line *line)
{
    (void)c;
    struct cao_error err = { 0 };
    struct cao_run_summary summary;
    struct cao_progress progress;
    char *csv = NULL;
    size_t size = 0;
    const char **sets = calloc(line->n_given + 1, sizeof *sets);
    if (!sets)
        return cao_say_error(&err, CAO_ENOMEM);
    cao_progress_init(&progress, line->quiet);
    struct cao_log log = { cao_progress_log, &progress, line->verbose ? CAO_DEBUG : CAO_WARNING };
    struct cao_run_options run = { .project = line->words[0],
                                   .data_dir = line->data_dir,
                                   .log = &log };
    struct cao_what_if what = { .sets = sets,
                                .n_sets = cao_line_values(line, "set", sets),
                                .compare_profiles =
                                    cao_line_value(line, "compare-profiles") != NULL,
                                .by_herd = cao_line_value(line, "herds") != NULL,
                                .by_group = cao_line_value(line, "groups") != NULL,
                                .chinese = line->chinese };
    int code;
    int64_t draws = 0;
    const char *asked = cao_line_value(line, "monte-carlo");
    bool number = !asked || (cao_text_int64(asked, &draws) && draws >= 100 && draws <= 1000000);
    what.n_draws = (size_t)draws;
    if (!number) {
        code = cao_say_usage(c, "--monte-carlo: '%s' is not a number of draws from 100 to 1000000",
                             asked);
    } else if (asked && (what.compare_profiles || what.by_group || what.by_herd)) {
        code = cao_say_usage(
            c, "balance: --monte-carlo draws for pastures; leave out the other table");
    } else if (what.by_herd && (what.compare_profiles || what.by_group)) {
        code = cao_say_usage(c, "balance: --herds shows households; leave out the other table");
    } else if (what.compare_profiles && what.by_group) {
        code = cao_say_usage(c, "balance: --compare-profiles shows pastures, not groups");
    } else {
        enum cao_status st = cao_what_if_csv(&run, &what, &csv, &size, &summary, &err);
        enum { BOM = 3 }; /* a pipe is no place for it */
        size_t skip = line->output ? 0 : BOM;
        code = st ? cao_say_error(&err, st) : cao_put_output(line, csv + skip, size - skip);
        cao_run_summary_release(&summary);
    }
    cao_progress_end(&progress);
    free(csv);
    free(sets);
    return code;
}
