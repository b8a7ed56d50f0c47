/* SPDX-License-Identifier: MIT
 * Whether scenes fall into the periods of a project. */
#include "caochu/text.h"
#include "run/plan.h"

static bool has_scenes(const struct cao_plan *plan, size_t period)
{
    for (size_t j = 0; j < plan->n_jobs; j++)
        if (plan->jobs[j].period == period && plan->jobs[j].n_scenes > 0)
            return true;
    return false;
}

/* Of a range cut into many pieces some are bound to be empty: told in one line. That all of them are is as
 * surely not what was meant as with a period of its own. */
static enum cao_status check_pieces(const struct cao_plan *plan, size_t first, size_t end,
                                    struct cao_findings *findings)
{
    const struct cao_period *p = plan->project->periods;
    struct cao_buf names = { 0 };
    size_t n_empty = 0;
    for (size_t i = first; i < end; i++)
        if (!has_scenes(plan, i)) {
            cao_buf_add(&names, "%s%s", n_empty ? ", " : "", p[i].name);
            n_empty++;
        }
    enum cao_status st = CAO_OK;
    if (n_empty > 0)
        st = cao_findings_add(findings, n_empty < end - first ? CAO_NOTE : CAO_PROBLEM,
                              "period-empty", plan->project->path, p[first].line, p[first].name,
                              "no scene reaches the pastures in %zu of %zu periods: %.900s",
                              n_empty, end - first, names.text ? names.text : "");
    cao_buf_release(&names);
    return st;
}

/* Periods into which no scene falls are surely not what was meant. */
enum cao_status cao_plan_periods_check(const struct cao_plan *plan, struct cao_findings *findings)
{
    const struct cao_period *periods = plan->project->periods;
    enum cao_status st = CAO_OK;
    for (size_t p = 0, end; !st && p < plan->project->n_periods; p = end) {
        end = p + 1;
        while (periods[p].is_piece && end < plan->project->n_periods && periods[end].is_piece &&
               periods[end].line == periods[p].line)
            end++;
        if (periods[p].is_piece) {
            st = check_pieces(plan, p, end, findings);
            continue;
        }
        if (has_scenes(plan, p))
            continue;
        char from[CAO_DATE_TEXT], to[CAO_DATE_TEXT];
        cao_date_format(periods[p].from, from);
        cao_date_format(periods[p].to, to);
        st = cao_findings_add(
            findings, CAO_PROBLEM, "period-empty", plan->project->path, periods[p].line,
            periods[p].name,
            "no scene from %s to %s reaches the pastures (%zu scenes in the folders)", from, to,
            plan->catalog->n);
    }
    return st;
}
