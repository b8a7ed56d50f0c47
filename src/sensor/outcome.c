/* SPDX-License-Identifier: MIT */
#include "sensor/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"

void cao_refused_release(struct cao_refused *r)
{
    free(r->path);
    free(r->id);
    free(r->sensor);
    free(r->code);
    free(r->reason);
    *r = (struct cao_refused){ 0 };
}

void cao_outcome_release(struct cao_outcome *o)
{
    for (size_t i = 0; i < o->n; i++)
        cao_scene_release(&o->scenes[i]);
    for (size_t i = 0; i < o->n_refused; i++)
        cao_refused_release(&o->refused[i]);
    free(o->scenes);
    free(o->refused);
    cao_findings_release(&o->findings);
    *o = (struct cao_outcome){ 0 };
}

static enum cao_status no_memory(struct cao_error *err)
{
    return cao_fail(err, CAO_ENOMEM, "out of memory for the catalogue");
}

enum cao_status cao_outcome_keep(struct cao_outcome *o, struct cao_scene *s, struct cao_error *err)
{
    if (o->n == o->capacity) {
        size_t capacity = o->capacity ? o->capacity * 2 : 1;
        struct cao_scene *more = realloc(o->scenes, capacity * sizeof *more);
        if (!more)
            return no_memory(err);
        o->scenes = more;
        o->capacity = capacity;
    }
    o->scenes[o->n++] = *s;
    return CAO_OK;
}

enum cao_status cao_outcome_refuse(struct cao_outcome *o, const char *path, const char *id,
                                   const char *sensor, const char *code, const char *reason,
                                   struct cao_error *err)
{
    struct cao_refused r = { cao_text_copy(path), cao_text_copy(id), cao_text_copy(sensor),
                             cao_text_copy(code), cao_text_copy(reason) };
    bool room = o->n_refused < o->refused_capacity;
    if (!room) {
        size_t capacity = o->refused_capacity ? o->refused_capacity * 2 : 1;
        struct cao_refused *more = realloc(o->refused, capacity * sizeof *more);
        if (more) {
            o->refused = more;
            o->refused_capacity = capacity;
            room = true;
        }
    }
    if (!room || !r.path || !r.id || !r.sensor || !r.code || !r.reason) {
        cao_refused_release(&r);
        return no_memory(err);
    }
    o->refused[o->n_refused++] = r;
    enum cao_status st =
        cao_findings_add(&o->findings, CAO_PROBLEM, code, path, 0, NULL, "%s", reason);
    return st ? no_memory(err) : CAO_OK;
}

/* --- rules --- */

const struct cao_qa_rule *cao_rule_store_add(struct cao_rule_store *s,
                                             const struct cao_qa_rule *rules, size_t n)
{
    for (size_t i = 0; i < s->n; i++) {
        bool same = s->sets[i].n == n;
        for (size_t k = 0; same && k < n; k++)
            same = s->sets[i].rules[k].bits == rules[k].bits &&
                   s->sets[i].rules[k].equals == rules[k].equals &&
                   s->sets[i].rules[k].reason == rules[k].reason;
        if (same)
            return s->sets[i].rules;
    }
    struct cao_rule_set *more = realloc(s->sets, (s->n + 1) * sizeof *more);
    if (!more)
        return NULL;
    s->sets = more;
    struct cao_rule_set made = { malloc((n + 1) * sizeof *made.rules), n };
    if (!made.rules)
        return NULL;
    memcpy(made.rules, rules, n * sizeof *rules);
    s->sets[s->n++] = made;
    return made.rules;
}

void cao_rule_store_release(struct cao_rule_store *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->sets[i].rules);
    free(s->sets);
    *s = (struct cao_rule_store){ 0 };
}

/* --- packing --- */

enum { MOST_TEXT = 1 << 20, MOST_RULES = 256, MOST_ITEMS = 100000 };

static void put(struct cao_buf *b, const void *bytes, size_t n)
{
    cao_buf_put(b, bytes, n);
}

static void put_size(struct cao_buf *b, size_t n)
{
    uint64_t v = n;
    put(b, &v, sizeof v);
}

/* NULL is told from "". */
static void put_text(struct cao_buf *b, const char *s)
{
    put_size(b, s ? strlen(s) + 1 : 0);
    if (s)
        put(b, s, strlen(s) + 1);
}

/* Paths of one product differ in their ends: what a path shares with the product's is not repeated. */
static void put_layer(struct cao_buf *b, const struct cao_layer *l, const char *product)
{
    struct cao_layer plain = *l;
    size_t shared = 0;
    plain.path = NULL;
    while (l->path && product[shared] && l->path[shared] == product[shared])
        shared++;
    put_text(b, l->path ? l->path + shared : NULL);
    if (!l->path)
        return;
    put_size(b, shared);
    put(b, &plain, sizeof plain);
}

/* Texts of a scene, in the order in which both sides go over them. */
enum { N_TEXTS = 9 };
static char **text_at(struct cao_scene *s, int i)
{
    char **texts[N_TEXTS] = { &s->path,     &s->id,  &s->platform, &s->level, &s->tile,
                              &s->baseline, &s->crs, &s->crs_name, &s->dem };
    return texts[i];
}

static void put_scene(struct cao_buf *b, const struct cao_scene *s)
{
    struct cao_scene copy = *s;
    put_text(b, s->sensor->info.name);
    for (int i = 0; i < N_TEXTS; i++)
        put_text(b, *text_at(&copy, i));
    put(b, &s->time, sizeof s->time);
    put(b, &s->generated, sizeof s->generated);
    put(b, &s->unproven, sizeof s->unproven);
    put(b, &s->has_offset, sizeof s->has_offset);
    put(b, &s->day_layer, sizeof s->day_layer);
    put(b, &s->day_span, sizeof s->day_span);
    put(b, &s->cloud_pct, sizeof s->cloud_pct);
    put(b, &s->dem_shift_m, sizeof s->dem_shift_m);
    put(b, &s->bright_band, sizeof s->bright_band);
    put(b, &s->bright_above, sizeof s->bright_above);
    put(b, s->stamp, sizeof s->stamp);
    put_size(b, s->rpc != NULL);
    if (s->rpc)
        put(b, s->rpc, sizeof *s->rpc);
    for (int i = 0; i < CAO_N_BANDS; i++)
        put_layer(b, &s->band[i], s->path);
    for (int q = 0; q < CAO_MOST_QA; q++) {
        put_layer(b, &s->qa[q].layer, s->path);
        put_size(b, s->qa[q].n_rules);
        put(b, s->qa[q].rules, s->qa[q].n_rules * sizeof *s->qa[q].rules);
        put(b, &s->qa[q].outside, sizeof s->qa[q].outside);
    }
}

enum cao_status cao_outcome_pack(const struct cao_outcome *o, struct cao_buf *b,
                                 struct cao_error *err)
{
    put_size(b, o->n);
    for (size_t i = 0; i < o->n; i++)
        put_scene(b, &o->scenes[i]);
    put_size(b, o->n_refused);
    for (size_t i = 0; i < o->n_refused; i++) {
        const struct cao_refused *r = &o->refused[i];
        put_text(b, r->path);
        put_text(b, r->id);
        put_text(b, r->sensor);
        put_text(b, r->code);
        put_text(b, r->reason);
    }
    put_size(b, o->findings.n);
    for (size_t i = 0; i < o->findings.n; i++) {
        const struct cao_finding *f = &o->findings.items[i];
        put_size(b, f->severity == CAO_PROBLEM);
        put_text(b, f->code);
        put_text(b, f->file);
        put_size(b, (size_t)f->row);
        put_text(b, f->item);
        put_text(b, f->text);
    }
    return b->failed ? no_memory(err) : CAO_OK;
}

/* --- unpacking --- */

struct input {
    const char *at, *end;
    bool bad, full; /* not such bytes; out of memory */
};

static void get(struct input *in, void *to, size_t n)
{
    if (in->bad || in->full || (size_t)(in->end - in->at) < n) {
        in->bad = true;
        memset(to, 0, n);
        return;
    }
    memcpy(to, in->at, n);
    in->at += n;
}

static size_t get_size(struct input *in, size_t most)
{
    uint64_t v;
    get(in, &v, sizeof v);
    in->bad |= v > most;
    return in->bad ? 0 : (size_t)v;
}

static char *get_text(struct input *in)
{
    size_t n = get_size(in, MOST_TEXT);
    if (n == 0)
        return NULL;
    if ((size_t)(in->end - in->at) < n || in->at[n - 1] != '\0' || strlen(in->at) != n - 1) {
        in->bad = true;
        return NULL;
    }
    char *s = cao_text_copy(in->at);
    in->full |= !s;
    in->at += n;
    return s;
}

static void get_layer(struct input *in, struct cao_layer *l, const char *product)
{
    char *end = get_text(in);
    if (!end)
        return;
    size_t shared = get_size(in, product ? strlen(product) : 0), n = strlen(end);
    get(in, l, sizeof *l);
    l->path = malloc(shared + n + 1);
    in->full |= !l->path;
    if (l->path) {
        if (shared)
            memcpy(l->path, product, shared);
        memcpy(l->path + shared, end, n + 1);
    }
    free(end);
}

static void get_scene(struct input *in, const struct cao_finder *families,
                      struct cao_rule_store *store, struct cao_scene *s)
{
    char *sensor = get_text(in);
    s->sensor = sensor ? cao_finder_named(families, sensor) : NULL;
    in->bad |= !s->sensor;
    free(sensor);
    for (int i = 0; i < N_TEXTS; i++) {
        char **text = text_at(s, i);
        *text = get_text(in);
        in->bad |= !*text && text != &s->dem;
    }
    get(in, &s->time, sizeof s->time);
    get(in, &s->generated, sizeof s->generated);
    get(in, &s->unproven, sizeof s->unproven);
    get(in, &s->has_offset, sizeof s->has_offset);
    get(in, &s->day_layer, sizeof s->day_layer);
    get(in, &s->day_span, sizeof s->day_span);
    in->bad |= s->day_layer < 0 || s->day_layer > CAO_MOST_QA || s->day_span < 0 ||
               s->day_span > CAO_MOST_DAYS;
    get(in, &s->cloud_pct, sizeof s->cloud_pct);
    get(in, &s->dem_shift_m, sizeof s->dem_shift_m);
    get(in, &s->bright_band, sizeof s->bright_band);
    get(in, &s->bright_above, sizeof s->bright_above);
    get(in, s->stamp, sizeof s->stamp);
    in->bad |= s->stamp[sizeof s->stamp - 1] != '\0';
    if (get_size(in, 1)) {
        s->rpc = calloc(1, sizeof *s->rpc);
        in->full |= !s->rpc;
        if (s->rpc)
            get(in, s->rpc, sizeof *s->rpc);
    }
    for (int i = 0; i < CAO_N_BANDS; i++)
        get_layer(in, &s->band[i], s->path);
    for (int q = 0; q < CAO_MOST_QA; q++) {
        struct cao_qa_rule rules[MOST_RULES];
        get_layer(in, &s->qa[q].layer, s->path);
        size_t n = get_size(in, MOST_RULES);
        get(in, rules, n * sizeof *rules);
        get(in, &s->qa[q].outside, sizeof s->qa[q].outside);
        if (in->bad || in->full || n == 0)
            continue;
        s->qa[q].n_rules = n;
        s->qa[q].rules = cao_rule_store_add(store, rules, n);
        in->full |= !s->qa[q].rules;
    }
}

static void get_findings(struct input *in, struct cao_findings *to)
{
    size_t n = get_size(in, MOST_ITEMS);
    for (size_t i = 0; !in->bad && !in->full && i < n; i++) {
        size_t problem = get_size(in, 1);
        char *code = get_text(in), *file = get_text(in);
        size_t row = get_size(in, SIZE_MAX / 2);
        char *item = get_text(in), *text = get_text(in);
        const struct cao_code *known = code ? cao_code_find(code) : NULL;
        in->bad |= !known || !text;
        if (!in->bad && !in->full)
            in->full |= cao_findings_add(to, problem ? CAO_PROBLEM : CAO_NOTE, known->name, file,
                                         (long)row, item, "%s", text) != CAO_OK;
        free(code);
        free(file);
        free(item);
        free(text);
    }
}

enum cao_status cao_outcome_unpack(const char *bytes, size_t n, const struct cao_finder *families,
                                   struct cao_rule_store *rules, struct cao_outcome *o,
                                   struct cao_error *err)
{
    struct input in = { bytes, bytes + n, false, false };
    struct cao_outcome made = { 0 };
    size_t n_scenes = get_size(&in, MOST_ITEMS);
    for (size_t i = 0; !in.bad && !in.full && i < n_scenes; i++) {
        struct cao_scene s = { 0 };
        get_scene(&in, families, rules, &s);
        if (in.bad || in.full || cao_outcome_keep(&made, &s, err)) {
            in.full |= !in.bad;
            cao_scene_release(&s);
        }
    }
    size_t n_refused = get_size(&in, MOST_ITEMS);
    made.refused = calloc(n_refused + 1, sizeof *made.refused);
    in.full |= !made.refused;
    for (size_t i = 0; !in.bad && !in.full && i < n_refused; i++) {
        struct cao_refused *r = &made.refused[made.n_refused++];
        r->path = get_text(&in);
        r->id = get_text(&in);
        r->sensor = get_text(&in);
        r->code = get_text(&in);
        r->reason = get_text(&in);
        in.bad |= !r->path || !r->id || !r->sensor || !r->code || !r->reason;
    }
    get_findings(&in, &made.findings);
    if (in.full || in.bad || in.at != in.end) {
        cao_outcome_release(&made);
        return in.full ? no_memory(err) : cao_fail(err, CAO_EDATA, "not what was remembered");
    }
    *o = made;
    return CAO_OK;
}
