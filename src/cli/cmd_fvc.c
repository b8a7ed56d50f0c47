/* SPDX-License-Identifier: MIT
 * caochu fvc-baseline: end-members of vegetation cover from a finished run. */
#include <stdlib.h>

#include "caochu/fvc.h"
#include "caochu/text.h"
#include "cli/cli.h"
#include "cli/progress.h"

static bool percentage(const struct cao_line *line, const char *option, double *value)
{
    const char *text = cao_line_value(line, option);
    return !text || cao_text_double(text, value);
}

int cao_cmd_fvc_baseline(const struct cao_command *c, const struct cao_line *line)
{
    struct cao_error err = { 0 };
    struct cao_run_summary summary;
    struct cao_progress progress;
    struct cao_fvc_baseline baseline = { cao_line_value(line, "period"), 0.5, 99.5 };
    char *text = NULL;
    size_t size = 0;
    if (!baseline.period)
        return cao_say_usage(c, "fvc-baseline: which period? --period NAME");
    if (!percentage(line, "low", &baseline.low_pct) ||
        !percentage(line, "high", &baseline.high_pct))
        return cao_say_usage(c, "fvc-baseline: --low and --high are percentages");
    cao_progress_init(&progress, line->quiet);
    struct cao_log log = { cao_progress_log, &progress, line->verbose ? CAO_DEBUG : CAO_WARNING };
    struct cao_run_options run = { .project = line->words[0],
                                   .data_dir = line->data_dir,
                                   .log = &log };
    enum cao_status st = cao_fvc_estimate(&run, &baseline, &text, &size, &summary, &err);
    cao_progress_end(&progress);
    int code = st ? cao_say_error(&err, st) : cao_put_output(line, text, size);
    cao_run_summary_release(&summary);
    free(text);
    return code;
}
