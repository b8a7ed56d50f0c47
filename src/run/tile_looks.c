/* SPDX-License-Identifier: MIT */
#include "run/tile_looks.h"

#include <stdlib.h>

#include "run/reach.h"

/* The look-up table of one sensor's quality codes. */
struct cao_qa_table {
    const struct cao_qa_rule *rules;
    bool idle; /* no code of it is removed: the layer need not be read */
    uint16_t meaning[CAO_QA_CODES];
};

void cao_qa_tables_release(struct cao_qa_tables *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->items[i]);
    t->n = 0;
}

static enum cao_status table_for(struct cao_qa_tables *t, const struct cao_plan *plan,
                                 const struct cao_qa *qa, const struct cao_qa_table **table,
                                 struct cao_error *err)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->items[i]->rules == qa->rules) {
            *table = t->items[i];
            return CAO_OK;
        }
    if (t->n == CAO_MOST_SENSORS)
        return cao_fail(err, CAO_EARG, "more than %d kinds of quality layer in one run",
                        CAO_MOST_SENSORS);
    uint8_t reason[CAO_QA_CODES], sight[CAO_QA_CODES];
    struct cao_qa_table *made = malloc(sizeof *made);
    if (!made)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    made->rules = qa->rules;
    cao_mask_table(qa->rules, qa->n_rules, plan->project->mask_removes, reason);
    cao_sight_table(qa->rules, qa->n_rules, sight);
    cao_qa_meaning(reason, sight, made->meaning);
    made->idle = true;
    for (size_t i = 0; made->idle && i < CAO_QA_CODES; i++)
        made->idle = reason[i] == CAO_CLEAR;
    t->items[t->n++] = made;
    *table = made;
    return CAO_OK;
}

enum cao_status cao_looks_open(struct cao_qa_tables *tables, struct cao_reader_kit *kit,
                               const struct cao_plan *plan, const struct cao_tile_job *job,
                               struct cao_looks *looks, struct cao_error *err)
{
    size_t n = job->n_scenes + 1;
    *looks =
        (struct cao_looks){ kit, calloc(n, sizeof *looks->reader), calloc(n, sizeof *looks->table),
                            calloc(n, sizeof *looks->left_out) };
    if (!looks->reader || !looks->table || !looks->left_out)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    enum cao_status st = CAO_OK;
    const struct cao_project *p = plan->project;
    const struct cao_period *period = &p->periods[job->period];
    for (size_t k = 0; k < job->n_scenes; k++) {
        looks->table[k].removal = (struct cao_removal){ .bright = p->mask_removes >> CAO_CLOUD & 1,
                                                        .dilation_m = p->mask_dilation_m,
                                                        .least_clear = p->mask_least_clear };
        int32_t day = (int32_t)(plan->catalog->scenes[job->scenes[k]].time / 86400);
        looks->table[k].from = period->from - day;
        looks->table[k].to = period->to - day;
        for (size_t q = 0; !st && q < CAO_MOST_QA; q++) {
            const struct cao_qa *qa = &plan->catalog->scenes[job->scenes[k]].qa[q];
            const struct cao_qa_table *table = NULL;
            if (qa->layer.path && qa->n_rules > 0)
                st = table_for(tables, plan, qa, &table, err);
            looks->table[k].meaning[q] = table ? table->meaning : NULL;
            looks->table[k].removes[q] = table && !table->idle;
            looks->table[k].removal.table[q] = table && !table->idle ? table->meaning : NULL;
        }
    }
    return st;
}

void cao_looks_close_one(struct cao_looks *looks, size_t k)
{
    cao_reader_close(looks->reader[k]);
    looks->reader[k] = NULL;
}

void cao_looks_close(struct cao_looks *looks, size_t n)
{
    for (size_t k = 0; looks->reader && k < n; k++)
        cao_looks_close_one(looks, k);
    free(looks->reader);
    free(looks->table);
    free(looks->left_out);
    *looks = (struct cao_looks){ 0 };
}

enum cao_status cao_looks_read(struct cao_looks *looks, const struct cao_plan *plan,
                               const struct cao_scene *s, size_t k, const struct cao_window *strip,
                               struct cao_tile_buffers *b, const atomic_int *cancel,
                               size_t *n_clear, struct cao_error *err)
{
    static const double pauses[] = { 0.1, 1, 4 };
    enum { TRIES = sizeof pauses / sizeof pauses[0] + 1 };
    enum cao_reach reach = CAO_REACH_TROUBLE;
    for (size_t i = 0;; i++) {
        enum cao_status st = CAO_OK;
        if (!looks->reader[k])
            st = cao_reader_open_with(s, &plan->grid, looks->kit, &looks->reader[k], err);
        if (!st) {
            cao_reader_resampling(looks->reader[k], plan->project->resampling);
            st = cao_look_read(plan, s, looks->reader[k], &looks->table[k], strip, b, n_clear, err);
        }
        if (st != CAO_EDATA && st != CAO_EIO)
            return st;
        cao_looks_close_one(looks, k);
        if (cancel && *cancel)
            return cao_fail(err, CAO_ECANCEL, "stopped");
        if (i > 0)
            reach = cao_scene_reach(s);
        if (reach == CAO_REACH_WHOLE)
            return err ? err->code = CAO_EDATA : CAO_EDATA;
        if (reach == CAO_REACH_GONE || i + 1 == TRIES)
            return err ? err->code = CAO_EIO : CAO_EIO;
        cao_wait(pauses[i], cancel);
    }
}
