/* SPDX-License-Identifier: MIT */
#include "caochu/calibrate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/profile_file.h"
#include "caochu/raster_in.h"
#include "calibrate/calibrate_images.h"

struct cao_calibrate_options cao_calibrate_defaults(void)
{
    return (struct cao_calibrate_options){ .index = "NDVI",
                                           .within_days = 10,
                                           .sd_limit = 3,
                                           .folds = 10,
                                           .least = 8,
                                           .profile = "nyt635-2015" };
}

static void reject(struct cao_calibrate_point *p, const char *why)
{
    if (!p->why[0])
        snprintf(p->why, sizeof p->why, "%s", why);
}

/* --- plots to points --- */

/* Yields by the basis; plots that lack it are out. */
static enum cao_status take_yields(const struct cao_calibrate_options *o, struct cao_calibration *c,
                                   struct cao_error *err)
{
    c->hay = o->basis == CAO_BASIS_HAY || (o->basis == CAO_BASIS_AUTO && !c->plots.has_fresh);
    if (c->hay ? !c->plots.has_dry : !c->plots.has_fresh)
        return cao_fail(err, CAO_EARG, "%s: --basis %s wants a column of %s weights", o->plots.path,
                        c->hay ? "hay" : "fresh", c->hay ? "dry" : "fresh");
    for (size_t i = 0; i < c->plots.n; i++) {
        const struct cao_plot *plot = &c->plots.items[i];
        struct cao_calibrate_point *p = &c->points[i];
        *p = (struct cao_calibrate_point){ .index = (double)NAN,
                                           .yield_kg_ha =
                                               c->hay ? plot->hay_kg_ha : plot->fresh_kg_ha,
                                           .image_date = CAO_NO_DATE,
                                           .image = SIZE_MAX,
                                           .type = SIZE_MAX,
                                           .into = SIZE_MAX,
                                           .merged = 1 };
        if (plot->why)
            reject(p, plot->why);
        else if (isnan(p->yield_kg_ha))
            reject(p, c->hay ? "the dry weight is missing" : "the fresh weight is missing");
    }
    return CAO_OK;
}

static enum cao_status set_of(struct cao_calibration *c, const char *type, const char *zh,
                              size_t *at, struct cao_error *err)
{
    for (*at = 0; *at < c->n_sets; ++*at)
        if (strcmp(c->sets[*at].type, type) == 0)
            return CAO_OK;
    struct cao_calibrate_set *more = realloc(c->sets, (c->n_sets + 1) * sizeof *more);
    if (!more)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    c->sets = more;
    c->sets[c->n_sets] = (struct cao_calibrate_set){ .type = cao_text_copy(type),
                                                     .zh = cao_text_copy(zh),
                                                     .pick = SIZE_MAX };
    *at = c->n_sets++;
    return c->sets[*at].type && c->sets[*at].zh ? CAO_OK
                                                : cao_fail(err, CAO_ENOMEM, "out of memory");
}

/* Types by the profile's names, whatever the table calls them. */
static enum cao_status name_types(const struct cao_calibrate_options *o, struct cao_calibration *c,
                                  struct cao_error *err)
{
    struct cao_profile profile = { 0 };
    if (!c->plots.has_type)
        return CAO_OK;
    enum cao_status st = cao_profile_load(o->profile, ".", o->data_dir, "", &profile, err);
    for (size_t i = 0; !st && i < c->plots.n; i++) {
        const char *name = c->plots.items[i].type;
        struct cao_error why = { 0 };
        size_t type;
        if (c->points[i].why[0])
            continue;
        if (!name[0])
            reject(&c->points[i], "the grassland type is missing");
        else if (cao_profile_type(&profile, name, &type, &why)) {
            reject(&c->points[i], "its grassland type is not known");
            if (cao_findings_add(&c->findings, CAO_PROBLEM, "type-unknown", o->plots.path,
                                 c->plots.items[i].row, c->plots.items[i].id, "%s", why.text))
                st = cao_fail(err, CAO_ENOMEM, "out of memory");
        } else {
            st = set_of(c, profile.types[type].name, profile.types[type].zh, &c->points[i].type,
                        err);
        }
    }
    if (!st)
        cao_profile_release(&profile);
    return st;
}

/* Several plots in one cell see the same value: they are one, of their mean. */
static void average_cells(struct cao_calibration *c)
{
    for (size_t i = 0; i < c->plots.n; i++) {
        struct cao_calibrate_point *p = &c->points[i];
        for (size_t k = 0; k < i && !p->why[0]; k++) {
            struct cao_calibrate_point *q = &c->points[k];
            if (q->why[0] || q->into != SIZE_MAX || q->image != p->image || q->type != p->type ||
                q->cell[0] != p->cell[0] || q->cell[1] != p->cell[1])
                continue;
            q->yield_kg_ha = (q->yield_kg_ha * q->merged + p->yield_kg_ha) / (q->merged + 1);
            q->merged++;
            p->into = k;
            snprintf(p->why, sizeof p->why, "averaged with %.100s, in the same cell",
                     c->plots.items[k].id);
        }
    }
}

/* Outside mean +- k SD of its type. */
static void drop_outliers(struct cao_calibration *c, double limit)
{
    for (size_t t = 0; t <= c->n_sets && limit > 0; t++) {
        size_t type = t == c->n_sets ? SIZE_MAX : t;
        double n = 0, sum = 0, squares = 0;
        for (size_t i = 0; i < c->plots.n; i++)
            if (!c->points[i].why[0] && c->points[i].type == type) {
                n++;
                sum += c->points[i].yield_kg_ha;
            }
        double mean = n > 0 ? sum / n : 0;
        for (size_t i = 0; i < c->plots.n; i++)
            if (!c->points[i].why[0] && c->points[i].type == type)
                squares += (c->points[i].yield_kg_ha - mean) * (c->points[i].yield_kg_ha - mean);
        double sd = n > 2 ? sqrt(squares / (n - 1)) : HUGE_VAL;
        for (size_t i = 0; i < c->plots.n; i++) {
            struct cao_calibrate_point *p = &c->points[i];
            if (!p->why[0] && p->type == type && fabs(p->yield_kg_ha - mean) > limit * sd)
                snprintf(p->why, sizeof p->why,
                         "its yield is outside the mean of its type +- %g SD (%.0f to %.0f kg/ha)",
                         limit, mean - limit * sd, mean + limit * sd);
        }
    }
}

/* --- fits --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct cao_calibrate_set *)a)->type,
                  ((const struct cao_calibrate_set *)b)->type);
}

static enum cao_status sort_sets(struct cao_calibration *c, struct cao_error *err)
{
    size_t n = c->n_sets, all;
    char **names = calloc(n + 1, sizeof *names);
    if (!names)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        names[i] = c->sets[i].type;
    if (n)
        qsort(c->sets, n, sizeof *c->sets, by_name);
    for (size_t i = 0; i < c->plots.n; i++)
        for (size_t k = 0; c->points[i].type != SIZE_MAX && k < n; k++)
            if (c->sets[k].type == names[c->points[i].type]) {
                c->points[i].type = k;
                break;
            }
    free(names);
    return set_of(c, "all", "全部样地", &all, err);
}

static const char *const short_forms[CAO_N_YIELD_FORMS] = { "lin", "quad", "exp", "pow", "log" };

static enum cao_status fit_set(const struct cao_calibrate_options *o, struct cao_calibration *c,
                               size_t at, double *work, struct cao_error *err)
{
    struct cao_calibrate_set *set = &c->sets[at];
    bool all = at + 1 == c->n_sets;
    set->x = calloc(c->plots.n + 1, sizeof *set->x);
    set->y = calloc(c->plots.n + 1, sizeof *set->y);
    if (!set->x || !set->y)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    for (size_t i = 0; i < c->plots.n; i++) {
        const struct cao_calibrate_point *p = &c->points[i];
        if (p->why[0] || (!all && p->type != at))
            continue;
        set->x[set->n] = p->index;
        set->y[set->n++] = p->yield_kg_ha;
    }
    size_t folds = o->folds < set->n ? o->folds : set->n;
    for (int k = 0; k < CAO_N_YIELD_FORMS; k++)
        set->fits[k] = cao_fit_form((enum cao_yield_form)k, set->x, set->y, set->n, folds, work);
    if (set->n >= o->least)
        set->pick = cao_fit_pick(set->fits, CAO_N_YIELD_FORMS);
    if (set->pick != SIZE_MAX)
        snprintf(set->id, sizeof set->id, "%.24s_%s", set->type, short_forms[set->pick]);
    return CAO_OK;
}

static void count_plots(struct cao_calibration *c)
{
    int years[64], n_years = 0;
    for (size_t i = 0; i < c->plots.n; i++) {
        const struct cao_calibrate_point *p = &c->points[i];
        c->n_used += !p->why[0];
        c->n_merged += p->into != SIZE_MAX;
        c->n_rejected += p->why[0] && p->into == SIZE_MAX;
        if (p->why[0])
            continue;
        int32_t day = c->plots.items[i].date;
        char text[CAO_DATE_TEXT];
        cao_date_format(day, text);
        int year = (int)strtol(text, NULL, 10), k = 0;
        while (k < n_years && years[k] != year)
            k++;
        if (k == n_years && n_years < 64)
            years[n_years++] = year;
        c->first = c->n_used == 1 || day < c->first ? day : c->first;
        c->last = c->n_used == 1 || day > c->last ? day : c->last;
    }
    c->n_years = n_years;
    c->year = n_years == 1 ? years[0] : 0;
}

static void name_it(const struct cao_calibrate_options *o, struct cao_calibration *c)
{
    const char *base = o->name ? o->name : cao_path_name(o->plots.path);
    snprintf(c->name, sizeof c->name, "%s", base);
    char *dot = o->name ? NULL : strrchr(c->name, '.');
    if (dot && dot != c->name)
        *dot = '\0';
    snprintf(c->index, sizeof c->index, "%s", o->index);
    snprintf(c->sensor, sizeof c->sensor, "%s", o->sensor ? o->sensor : "");
    c->plots_path = o->plots.path;
}

enum cao_status cao_calibrate(const struct cao_calibrate_options *o, struct cao_calibration *c,
                              struct cao_error *err)
{
    struct cao_calibration made = { 0 };
    enum cao_status st = cao_plots_load(&o->plots, &made.plots, err);
    if (st)
        return st;
    made.points = calloc(made.plots.n + 1, sizeof *made.points);
    double *work = calloc(cao_fit_work(made.plots.n), sizeof *work);
    if (!made.points || !work)
        st = cao_fail(err, CAO_ENOMEM, "out of memory");
    name_it(o, &made);
    if (!st)
        st = take_yields(o, &made, err);
    if (!st)
        st = name_types(o, &made, err);
    if (!st)
        st = cao_calibrate_images(o, &made, err);
    if (!st) {
        drop_outliers(&made, o->sd_limit);
        average_cells(&made);
        count_plots(&made);
        st = sort_sets(&made, err);
    }
    made.pooled = o->pooled || !made.plots.has_type;
    for (size_t i = 0; !st && i < made.n_sets; i++)
        st = fit_set(o, &made, i, work, err);
    free(work);
    if (st)
        cao_calibration_release(&made);
    else
        *c = made;
    return st;
}

void cao_calibration_release(struct cao_calibration *c)
{
    for (size_t i = 0; i < c->n_sets; i++) {
        free(c->sets[i].type);
        free(c->sets[i].zh);
        free(c->sets[i].x);
        free(c->sets[i].y);
    }
    for (size_t i = 0; i < c->n_images; i++)
        free(c->images[i]);
    free(c->images);
    free(c->sets);
    free(c->points);
    cao_plots_release(&c->plots);
    cao_findings_release(&c->findings);
    *c = (struct cao_calibration){ 0 };
}

/* --- the file of equations --- */

static void quote(struct cao_buf *out, const char *text)
{
    cao_buf_add(out, "\"");
    for (const char *s = text; *s; s++) {
        if (*s == '"' || *s == '\\')
            cao_buf_add(out, "\\%c", *s);
        else if ((unsigned char)*s < ' ')
            cao_buf_add(out, " ");
        else
            cao_buf_put(out, s, 1);
    }
    cao_buf_add(out, "\"");
}

static void put_model(struct cao_buf *out, const struct cao_calibration *c,
                      const struct cao_calibrate_set *s)
{
    const struct cao_fit *f = &s->fits[s->pick];
    char first[CAO_DATE_TEXT], last[CAO_DATE_TEXT];
    struct cao_buf source = { 0 };
    cao_date_format(c->first, first);
    cao_date_format(c->last, last);
    cao_buf_add(out, "  %s:\n    form: %s\n    a: %.10g\n    b: %.10g\n", s->id,
                cao_yield_form_name(f->form), f->term[0], f->term[1]);
    if (f->n_terms > 2)
        cao_buf_add(out, "    c: %.10g\n", f->term[2]);
    cao_buf_add(out, "    basis: %s\n    x_min: %.6g\n    x_max: %.6g\n", c->hay ? "hay" : "fresh",
                f->x_min, f->x_max);
    cao_buf_add(out, "    n: %d\n    r2: %.4f\n    rmse_kg_ha: %.4g\n    cv_rmse_kg_ha: %.4g\n",
                f->n, f->r2, f->sd, cao_fit_score(f));
    if (!isnan(f->fold_rmse))
        cao_buf_add(out, "    kfold_rmse_kg_ha: %.4g\n", f->fold_rmse);
    if (!isnan(f->loo_bias))
        cao_buf_add(out, "    bias_kg_ha: %.4g\n", f->loo_bias);
    cao_buf_add(out, "    mean_kg_ha: %.6g\n    accuracy: %.4f\n", f->mean, 1 - f->relative_error);
    if (f->proportional)
        cao_buf_add(out, "    relative_error: %.4f\n", f->share);
    cao_buf_add(out, "    covariance:\n");
    for (int i = 0; i < f->n_terms; i++) {
        cao_buf_add(out, "      - [");
        for (int k = 0; k < f->n_terms; k++)
            cao_buf_add(out, "%s%.12g", k ? ", " : "", f->covariance[i][k]);
        cao_buf_add(out, "]\n");
    }
    if (c->year)
        cao_buf_add(out, "    year: %d\n", c->year);
    if (c->n_years > 0)
        cao_buf_add(out, "    n_years: %d\n", c->n_years);
    cao_buf_add(&source, "%s: plots of %s to %s, mean of %d x %d cells of %.0f m",
                cao_path_name(c->plots_path), first, last, c->side, c->side, c->cell_m);
    cao_buf_add(out, "    source: ");
    quote(out, source.text ? source.text : "");
    cao_buf_add(out, "\n    confidence: C\n");
    cao_buf_release(&source);
}

enum cao_status cao_calibration_yaml(const struct cao_calibration *c, struct cao_buf *out,
                                     struct cao_error *err)
{
    size_t n = 0, all = c->n_sets - 1;
    for (size_t i = 0; i < c->n_sets; i++)
        n += (i < all || c->pooled) && c->sets[i].pick != SIZE_MAX;
    if (n == 0)
        return cao_fail(err, CAO_EDATA,
                        "%s: no equation is fit to be used: too few plots, or none that rises with "
                        "the index",
                        c->plots_path);
    cao_buf_add(out,
                "# Yield equations from plots, by caochu calibrate. A project takes them by "
                "'yield_models: FILE',\n# a profile by 'yield: {equations: FILE}'. rmse_kg_ha is "
                "the residual standard deviation;\n# cv_rmse_kg_ha is by leaving plots out.\n"
                "format: 1\nname: ");
    quote(out, c->name);
    cao_buf_add(out, "\nindex: ");
    quote(out, c->index);
    if (c->sensor[0]) {
        cao_buf_add(out, "\nsensor: ");
        quote(out, c->sensor);
    }
    cao_buf_add(out, "\nmodels:\n");
    for (size_t i = 0; i < c->n_sets; i++)
        if (c->sets[i].pick != SIZE_MAX)
            put_model(out, c, &c->sets[i]);
    cao_buf_add(out, "# Types that are not here keep the equations of the profile.\ntypes:\n");
    for (size_t i = 0; i < c->n_sets; i++)
        if ((i < all || c->pooled) && c->sets[i].pick != SIZE_MAX)
            cao_buf_add(out, "  %s: [%s]\n", c->sets[i].type, c->sets[i].id);
    return out->failed ? cao_fail(err, CAO_ENOMEM, "out of memory") : CAO_OK;
}
