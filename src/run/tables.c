/* SPDX-License-Identifier: MIT */
#include "run/tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "caochu/layer_out.h"
#include "run/certainty.h"
#include "run/fold.h"
#include "run/groups.h"
#include "run/herd_table.h"
#include "run/masks.h"
#include "run/results.h"
#include "run/sched.h"

static const char *const files[] = { "pastures.csv", "pastures.gpkg", "groups.csv", "masks.csv",
                                     "herds.csv" };
enum { N_FILES = sizeof files / sizeof files[0], CSV = 0, GPKG, CSV_GROUPS, CSV_MASKS, CSV_HERDS };

/* --- what they are made of --- */

/* A file of the inputs; "" is none. */
static bool add_input(struct cao_hash *h, const char *path)
{
    cao_hash_text(h, path);
    return !path[0] || !cao_hash_file(h, path, NULL);
}

/* Whatever another build of the program makes of the same inputs, this one cannot know. */
static bool add_program(struct cao_hash *h)
{
    int64_t size, time;
    if (!cao_file_stat("/proc/self/exe", &size, &time))
        return false;
    cao_hash_int(h, size);
    cao_hash_int(h, time);
    return true;
}

void cao_tables_digest(const struct cao_plan *plan, const char *pastures,
                       struct cao_tables_memo *memo)
{
    const struct cao_project *p = plan->project;
    struct cao_hash *h;
    memo->digest[0] = '\0';
    if (!pastures[0] || cao_hash_create(&h, NULL))
        return;
    cao_hash_text(h, pastures);
    cao_hash_text(h, p->output_dir);
    cao_hash_text(h, plan->profile->path);
    cao_hash_text(h, plan->profile->content);
    bool known = add_program(h) && add_input(h, p->path) && add_input(h, p->livestock_file) &&
                 add_input(h, p->feed_file) && add_input(h, p->wildlife_file) &&
                 add_input(h, p->wildlife_map) && add_input(h, p->fvc_end_members);
    for (size_t i = 0; i < plan->n_jobs; i++)
        cao_hash_text(h, plan->jobs[i].digest);
    if (known)
        cao_hash_final(h, memo->digest);
    cao_hash_destroy(h);
}

/* --- what the record keeps --- */

json_object *cao_tables_json(const struct cao_tables_memo *memo, const struct cao_plan *plan,
                             const struct cao_run_summary *sum)
{
    if (!memo->digest[0])
        return NULL;
    json_object *o = json_object_new_object(), *list = json_object_new_array();
    json_object *classes = json_object_new_array(), *notes = json_object_new_array();
    json_object_object_add(o, "digest", json_object_new_string(memo->digest));
    for (size_t i = 0; i < N_FILES; i++) {
        char path[CAO_PATH_MAX];
        int64_t size = -1, time = -1;
        json_object *file = json_object_new_array();
        if (!cao_path_join(path, plan->project->output_dir, files[i], NULL) &&
            !cao_file_stat(path, &size, &time))
            size = time = -1;
        json_object_array_add(file, json_object_new_int64(size));
        json_object_array_add(file, json_object_new_int64(time));
        json_object_array_add(list, file);
    }
    json_object_object_add(o, "files", list);
    json_object_object_add(o, "verdicts", json_object_new_int64((int64_t)sum->n_verdicts));
    for (size_t i = 0; i < sum->n_classes; i++) {
        json_object *c = json_object_new_array();
        json_object_array_add(c, json_object_new_int64((int64_t)sum->classes[i].n));
        json_object_array_add(c, json_object_new_int64((int64_t)sum->classes[i].n_firm));
        json_object_array_add(c, cao_json_number(sum->classes[i].area_ha));
        json_object_array_add(classes, c);
    }
    json_object_object_add(o, "classes", classes);
    for (size_t i = 0; i < memo->n_notes; i++) {
        const struct cao_finding *f = &sum->findings.items[memo->first_note + i];
        json_object *note = json_object_new_array();
        json_object_array_add(note, json_object_new_string(f->code));
        json_object_array_add(note, json_object_new_string(f->file));
        json_object_array_add(note, json_object_new_string(f->item));
        json_object_array_add(note, json_object_new_string(f->text));
        json_object_array_add(notes, note);
    }
    json_object_object_add(o, "notes", notes);
    return o;
}

void cao_tables_look(const char *dir, struct cao_tables_past *past)
{
    enum { MOST = 1 << 28 };
    char path[CAO_PATH_MAX];
    json_object *from = NULL;
    if (cao_path_join(path, dir, "run.json", NULL) ||
        cao_file_read(path, MOST, &past->text, &past->size, NULL))
        return;
    past->root = json_tokener_parse(past->text);
    if (json_object_object_get_ex(past->root, "tables_from", &from))
        past->record = from;
}

void cao_tables_forget(struct cao_tables_past *past)
{
    json_object_put(past->root);
    free(past->text);
    *past = (struct cao_tables_past){ 0 };
}

/* A list of the record with @p n items; NULL: not so. */
static json_object *list_of(json_object *o, const char *key, size_t n)
{
    json_object *list;
    return json_object_object_get_ex(o, key, &list) && json_object_is_type(list, json_type_array) &&
                   (n == SIZE_MAX || json_object_array_length(list) == n)
               ? list
               : NULL;
}

static int64_t int_at(json_object *list, size_t i)
{
    return json_object_get_int64(json_object_array_get_idx(list, i));
}

/* Each is there as it was left, or is not there as before. */
static bool untouched(json_object *list, const char *dir)
{
    for (size_t i = 0; i < N_FILES; i++) {
        char path[CAO_PATH_MAX];
        int64_t size = -1, time = -1;
        json_object *file = json_object_array_get_idx(list, i);
        if (cao_path_join(path, dir, files[i], NULL) ||
            !json_object_is_type(file, json_type_array) || json_object_array_length(file) != 2)
            return false;
        if (!cao_file_stat(path, &size, &time))
            size = time = -1;
        if (int_at(file, 0) != size || int_at(file, 1) != time)
            return false;
    }
    return true;
}

static bool make_classes(const struct cao_class_scheme *scheme, struct cao_run_summary *sum)
{
    sum->classes = calloc(scheme->n + 1, sizeof *sum->classes);
    if (!sum->classes)
        return false;
    sum->n_classes = scheme->n;
    for (size_t c = 0; c < scheme->n; c++) {
        sum->classes[c].name = cao_text_copy(scheme->classes[c].name);
        sum->classes[c].zh = cao_text_copy(scheme->classes[c].zh);
    }
    return true;
}

static bool set_paths(const char *dir, struct cao_run_summary *sum)
{
    char csv[CAO_PATH_MAX], gpkg[CAO_PATH_MAX];
    if (cao_path_join(csv, dir, files[CSV], NULL) || cao_path_join(gpkg, dir, files[GPKG], NULL))
        return false;
    sum->csv = cao_text_copy(csv);
    sum->gpkg = cao_text_copy(gpkg);
    return true;
}

static const struct cao_code *code_of(json_object *note)
{
    return cao_code_find(json_object_get_string(json_object_array_get_idx(note, 0)));
}

/* Notes of four texts each, of codes that this program knows. */
static bool are_notes(json_object *notes)
{
    for (size_t i = 0; i < json_object_array_length(notes); i++) {
        json_object *note = json_object_array_get_idx(notes, i);
        for (size_t k = 0; k < 4; k++)
            if (!json_object_is_type(note, json_type_array) ||
                !json_object_is_type(json_object_array_get_idx(note, k), json_type_string))
                return false;
        if (!code_of(note))
            return false;
    }
    return true;
}

static bool recall_notes(json_object *notes, struct cao_tables_memo *memo,
                         struct cao_run_summary *sum)
{
    size_t n = json_object_array_length(notes);
    memo->first_note = sum->findings.n;
    for (size_t i = 0; i < n; i++) {
        json_object *note = json_object_array_get_idx(notes, i);
        if (cao_findings_add(&sum->findings, CAO_NOTE, code_of(note)->name,
                             json_object_get_string(json_object_array_get_idx(note, 1)), 0,
                             json_object_get_string(json_object_array_get_idx(note, 2)), "%s",
                             json_object_get_string(json_object_array_get_idx(note, 3))))
            return false;
    }
    memo->n_notes = n;
    return true;
}

bool cao_tables_agree(const struct cao_tables_past *past, const struct cao_tables_memo *memo,
                      const struct cao_plan *plan)
{
    const struct cao_class_scheme *scheme = &plan->profile->scheme;
    json_object *o = past->record, *digest, *verdicts;
    json_object *list = list_of(o, "files", N_FILES), *classes = list_of(o, "classes", scheme->n);
    json_object *notes = list_of(o, "notes", SIZE_MAX);
    if (!memo->digest[0] || !json_object_object_get_ex(o, "digest", &digest) ||
        !json_object_is_type(digest, json_type_string) ||
        strcmp(json_object_get_string(digest), memo->digest) != 0 || !list || !classes || !notes ||
        !are_notes(notes) || !json_object_object_get_ex(o, "verdicts", &verdicts) ||
        !untouched(list, plan->project->output_dir))
        return false;
    for (size_t c = 0; c < scheme->n; c++)
        if (!json_object_is_type(json_object_array_get_idx(classes, c), json_type_array))
            return false;
    return true;
}

enum cao_status cao_tables_recall(const struct cao_tables_past *past, struct cao_tables_memo *memo,
                                  const struct cao_plan *plan, struct cao_run_summary *sum,
                                  struct cao_error *err)
{
    const struct cao_class_scheme *scheme = &plan->profile->scheme;
    json_object *classes = list_of(past->record, "classes", scheme->n), *verdicts;
    json_object *notes = list_of(past->record, "notes", SIZE_MAX);
    json_object_object_get_ex(past->record, "verdicts", &verdicts);
    if (!recall_notes(notes, memo, sum) || !make_classes(scheme, sum) ||
        !set_paths(plan->project->output_dir, sum))
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    sum->n_verdicts = (size_t)json_object_get_int64(verdicts);
    for (size_t c = 0; c < scheme->n; c++) {
        json_object *one = json_object_array_get_idx(classes, c);
        sum->classes[c].n = (size_t)int_at(one, 0);
        sum->classes[c].n_firm = (size_t)int_at(one, 1);
        sum->classes[c].area_ha = json_object_get_double(json_object_array_get_idx(one, 2));
    }
    return CAO_OK;
}

/* --- writing them --- */

static void count_classes(const struct cao_plan *plan, const struct cao_fold *fold,
                          struct cao_run_summary *sum)
{
    const struct cao_class_scheme *scheme = &plan->profile->scheme;
    if (!make_classes(scheme, sum))
        return;
    for (size_t i = 0; i < fold->n; i++) {
        size_t c = fold->rows[i].balance.class_index;
        if (c >= scheme->n)
            continue;
        sum->n_verdicts++;
        sum->classes[c].n++;
        sum->classes[c].n_firm += fold->rows[i].certainty.firmness == CAO_FIRM;
        sum->classes[c].area_ha += plan->pastures->items[fold->rows[i].pasture].area_geodesic_ha;
    }
}

/* The newest day of the periods stands where a format wants the present: same input, same bytes. */
static int32_t table_date(const struct cao_project *p)
{
    int32_t date = p->periods[0].to;
    for (size_t i = 1; i < p->n_periods; i++)
        date = p->periods[i].to > date ? p->periods[i].to : date;
    return date;
}

static enum cao_status write_csv(const struct cao_plan *plan, const struct cao_table *t,
                                 const char *path, struct cao_error *err)
{
    char *text = NULL;
    size_t size = 0;
    enum cao_status st =
        cao_table_csv(t, plan->project->language == CAO_CHINESE, &text, &size, err);
    if (!st)
        st = cao_file_write(path, text, size, err);
    free(text);
    return st;
}

/* What the files are made of, and what each worker makes: the GeoPackage takes half of the time, so it is begun
 * first. */
struct making {
    const struct cao_plan *plan;
    const struct cao_tile_result *tiles;
    const struct cao_fold *fold;
    const struct cao_results *results;
};

static enum cao_status make_layer(const struct making *m, const char *path, struct cao_error *err)
{
    return cao_layer_write(path, "pastures", m->plan->pastures, m->results->row_pasture,
                           &m->results->table, table_date(m->plan->project), err);
}

static enum cao_status make_rows(const struct making *m, const char *path, struct cao_error *err)
{
    return write_csv(m->plan, &m->results->table, path, err);
}

static enum cao_status make_groups(const struct making *m, const char *path, struct cao_error *err)
{
    struct cao_groups groups = { 0 };
    enum cao_status st = cao_groups_make(m->plan, m->fold, &groups, err);
    if (!st)
        st = write_csv(m->plan, &groups.table, path, err);
    cao_groups_release(&groups);
    return st;
}

static enum cao_status make_masks(const struct making *m, const char *path, struct cao_error *err)
{
    struct cao_table masks = { 0 };
    enum cao_status st = cao_masks_make(m->plan, m->tiles, &masks, err);
    if (!st)
        st = write_csv(m->plan, &masks, path, err);
    cao_table_release(&masks);
    return st;
}

/* herds.csv, where the pastures tell households; else one of an earlier time goes. */
static enum cao_status make_herds(const struct making *m, const char *path, struct cao_error *err)
{
    struct cao_table herds = { 0 };
    if (!m->plan->project->pastures_herd[0])
        return cao_file_remove(path, err);
    enum cao_status st = cao_herd_table_make(m->plan, m->fold, &herds, err);
    if (!st)
        st = write_csv(m->plan, &herds, path, err);
    cao_table_release(&herds);
    return st;
}

static const struct {
    size_t file;
    enum cao_status (*make)(const struct making *m, const char *path, struct cao_error *err);
} makers[N_FILES] = {
    { GPKG, make_layer },      { CSV, make_rows },        { CSV_GROUPS, make_groups },
    { CSV_MASKS, make_masks }, { CSV_HERDS, make_herds },
};

static enum cao_status make_file(void *shared, void *worker, size_t i, struct cao_error *err)
{
    const struct making *m = shared;
    char path[CAO_PATH_MAX];
    (void)worker;
    enum cao_status st =
        cao_path_join(path, m->plan->project->output_dir, files[makers[i].file], err);
    return st ? st : makers[i].make(m, path, err);
}

enum cao_status cao_tables_write(const struct cao_plan *plan, const struct cao_tile_result *tiles,
                                 struct cao_tables_memo *memo, struct cao_run_summary *sum,
                                 struct cao_error *err)
{
    struct cao_fold fold = { 0 };
    struct cao_results results = { 0 };
    struct making making = { plan, tiles, &fold, &results };
    struct cao_job job = { .n = N_FILES, .shared = &making, .work = make_file };
    enum cao_status st = cao_fold(plan, tiles, &fold, err);
    if (!st)
        st = cao_results_make(plan, &fold, &results, err);
    if (!st)
        st = cao_sched_run(&job, sum->threads, err);
    if (!st) {
        (void)set_paths(plan->project->output_dir, sum);
        count_classes(plan, &fold, sum);
        memo->first_note = sum->findings.n;
        st = cao_certainty_note(plan, &fold, &sum->findings, err);
        memo->n_notes = sum->findings.n - memo->first_note;
    }
    cao_results_release(&results);
    cao_fold_release(&fold);
    return st;
}
