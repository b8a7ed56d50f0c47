/* SPDX-License-Identifier: MIT
 * caochu calibrate: yield equations from field plots and images. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "caochu/calibrate.h"
#include "caochu/file.h"
#include "caochu/raster_in.h"
#include "caochu/scatter.h"
#include "caochu/yield_text.h"
#include "cli/cli.h"

static const char *const forms_zh[CAO_N_YIELD_FORMS] = { "线性", "二次", "指数", "幂", "对数" };

static const char *form_name(enum cao_yield_form f, bool chinese)
{
    return chinese ? forms_zh[f] : cao_yield_form_name(f);
}

/* Reasons by how they begin; what is behind (names, limits) stays as it is. */
static const char *const reasons[][2] = {
    { "the date is missing", "缺日期" },
    { "the date is not understood", "日期无法识别，应为 YYYY-MM-DD" },
    { "the place is missing", "缺坐标" },
    { "the place is not", "坐标不是数字，应为十进制度或米" },
    { "a weight is not", "重量不是0或以上的数字" },
    { "the weight is missing", "缺重量" },
    { "the dry weight is missing", "缺干重" },
    { "the fresh weight is missing", "缺鲜重" },
    { "the grassland type is missing", "缺草地类型" },
    { "its grassland type is not known", "草地类型不在标准配置中" },
    { "outside of the images", "在影像范围之外" },
    { "no image within", "日期窗口内无影像" },
    { "no clear value", "窗口内影像无晴空值" },
    { "its yield is outside", "产量超出本类型均值±K倍标准差" },
    { "averaged with", "与同像元样地取平均" },
    { "fewer than 5 plots", "样地少于5个" },
    { "all plots have the same index", "样地指数全部相同" },
    { "the plots have no yield", "样地无产量" },
    { "an index of 0 or below", "指数≤0，无对数" },
    { "the fit did not", "拟合不收敛" },
    { "its terms cannot", "系数无法分辨" },
    { "falls, or is below 0", "在样地范围内下降或低于0" },
    { "could not be checked", "无法交叉验证" },
};

static const char *reason(const char *text, bool chinese)
{
    for (size_t i = 0; chinese && i < sizeof reasons / sizeof reasons[0]; i++)
        if (strncmp(text, reasons[i][0], strlen(reasons[i][0])) == 0)
            return reasons[i][1];
    return text;
}

static void equation(const struct cao_fit *f, char *text, size_t size)
{
    struct cao_yield_model m = cao_fit_model(f, "");
    cao_yield_text(&m, 4, text, size);
}

/* --- as a table --- */

static void pad(struct cao_buf *out, const char *text, size_t columns)
{
    size_t n = cao_text_columns(text);
    cao_buf_add(out, "%s%*s", text, n < columns ? (int)(columns - n) : 1, "");
}

static void number(struct cao_buf *out, double v, int decimals, int width)
{
    if (isnan(v))
        cao_buf_add(out, "%*s", width, "-");
    else
        cao_buf_add(out, "%*.*f", width, decimals, v);
}

static void head_number(struct cao_buf *out, const char *text, int width)
{
    size_t n = cao_text_columns(text);
    cao_buf_add(out, "%*s%s", n < (size_t)width ? width - (int)n : 1, "", text);
}

static void print_set(const struct cao_calibration *c, const struct cao_calibrate_set *s, bool zh,
                      struct cao_buf *out)
{
    static const char *const heads[2][8] = {
        { "R2", "RMSE", "REE %", "accuracy %", "LOO RMSE", "k-fold", "bias", "residuals" },
        { "R2", "RMSE", "相对误差%", "精度%", "留一RMSE", "K折RMSE", "偏差", "残差" },
    };
    static const int widths[7] = { 9, 9, 11, 12, 11, 11, 9 };
    bool all = strcmp(s->type, "all") == 0;
    cao_buf_add(out, "\n%s%s%s%s: n %zu", all ? (zh ? "全部样地" : "all plots") : s->type,
                all ? "" : " (", all ? "" : s->zh, all ? "" : ")", s->n);
    if (s->n > 0)
        cao_buf_add(out, ", %s %.3f ~ %.3f, %s %.0f kg/ha", c->index, s->fits[0].x_min,
                    s->fits[0].x_max, zh ? "平均" : "mean", s->fits[0].mean);
    cao_buf_add(out, "\n  ");
    pad(out, zh ? "形式" : "form", 14);
    pad(out, zh ? "方程" : "equation", 34);
    for (int k = 0; k < 7; k++)
        head_number(out, heads[zh][k], widths[k]);
    cao_buf_add(out, "\n");
    for (size_t k = 0; k < CAO_N_YIELD_FORMS; k++) {
        const struct cao_fit *f = &s->fits[k];
        char text[120] = "";
        cao_buf_add(out, "%s ", k == s->pick ? "*" : " ");
        pad(out, form_name(f->form, zh), 14);
        if (f->fitted) {
            equation(f, text, sizeof text);
            pad(out, text, 34);
            const double values[7] = { f->r2,
                                       f->rmse,
                                       100 * f->relative_error,
                                       100 - 100 * f->relative_error,
                                       f->loo_rmse,
                                       f->fold_rmse,
                                       f->loo_bias };
            for (int i = 0; i < 7; i++)
                number(out, values[i], i == 0 ? 3 : 1, widths[i]);
        }
        if (f->why_not)
            cao_buf_add(out, "  %s", reason(f->why_not, zh));
        cao_buf_add(out, "\n");
    }
}

/* Rejects by reason, so that a table of hundreds stays readable. */
static void print_rejects(const struct cao_calibration *c, bool zh, struct cao_buf *out)
{
    for (size_t i = 0; i < c->plots.n; i++) {
        const struct cao_calibrate_point *p = &c->points[i];
        const char *why = reason(p->why, zh);
        bool first = p->why[0] != '\0';
        for (size_t k = 0; k < i && first; k++)
            first = strcmp(reason(c->points[k].why, zh), why) != 0;
        if (!first)
            continue;
        size_t n = 0;
        for (size_t k = i; k < c->plots.n; k++)
            n += strcmp(reason(c->points[k].why, zh), why) == 0;
        cao_buf_add(out, "  %4zu  %s:", n, why);
        size_t listed = 0;
        for (size_t k = i; k < c->plots.n && listed < 12; k++)
            if (strcmp(reason(c->points[k].why, zh), why) == 0)
                cao_buf_add(out, "%s %s", listed++ ? "," : "", c->plots.items[k].id);
        cao_buf_add(out, "%s\n", n > listed ? ", ..." : "");
    }
}

static void print_text(const struct cao_calibration *c, const struct cao_line *line,
                       struct cao_buf *out)
{
    bool zh = line->chinese;
    pad(out, zh ? "样地" : "plots", 10);
    cao_buf_add(out,
                zh ? "%zu 个：%zu 个使用，%zu 个并入同像元样地，%zu 个剔除\n"
                   : "%zu: %zu used, %zu averaged into others, %zu set aside\n",
                c->plots.n, c->n_used, c->n_merged, c->n_rejected);
    print_rejects(c, zh, out);
    pad(out, zh ? "产量" : "yield", 10);
    cao_buf_add(out, "%s, kg/ha (%s%s)\n",
                c->hay ? (zh ? "干草(含水14%)" : "hay at 14 % water") : (zh ? "鲜重" : "fresh"),
                cao_plot_unit_name(c->plots.unit),
                c->plots.unit_assumed ? (zh ? "，表头未注明单位" : " assumed: no heading says")
                                      : "");
    pad(out, zh ? "指数" : "index", 10);
    cao_buf_add(out,
                zh ? "%s，影像 %zu 幅，%d x %d 像元（%.0f m）\n"
                   : "%s, rasters: %zu, %d x %d cells of %.0f m\n",
                c->index, c->n_images, c->side, c->side, c->cell_m);
    for (size_t i = 0; i < c->n_sets; i++)
        print_set(c, &c->sets[i], zh, out);
    cao_buf_add(
        out, "\n%s\n",
        zh ? "* 留一交叉验证RMSE最小、且在样地范围内不下降的形式；R2 与 RMSE 均按产量本身计算"
           : "* lowest leave-one-out RMSE among those that do not fall; R2 and RMSE are of "
             "the yield itself");
}

/* --- as JSON --- */

static void add_number(json_object *o, const char *key, double v)
{
    json_object_object_add(o, key, cao_json_number(v));
}

static json_object *fit_json(const struct cao_fit *f, bool picked)
{
    json_object *o = json_object_new_object(), *terms = json_object_new_array();
    json_object_object_add(o, "form", json_object_new_string(cao_yield_form_name(f->form)));
    json_object_object_add(o, "picked", json_object_new_boolean(picked));
    if (f->why_not)
        json_object_object_add(o, "why_not", json_object_new_string(f->why_not));
    if (!f->fitted)
        return json_object_put(terms), o;
    json_object *covariance = json_object_new_array();
    for (int i = 0; i < f->n_terms; i++) {
        json_object *row = json_object_new_array();
        json_object_array_add(terms, cao_json_number(f->term[i]));
        for (int k = 0; k < f->n_terms; k++)
            json_object_array_add(row, cao_json_number(f->covariance[i][k]));
        json_object_array_add(covariance, row);
    }
    json_object_object_add(o, "terms", terms);
    json_object_object_add(o, "covariance", covariance);
    json_object_object_add(o, "n", json_object_new_int(f->n));
    add_number(o, "x_min", f->x_min);
    add_number(o, "x_max", f->x_max);
    add_number(o, "mean_kg_ha", f->mean);
    add_number(o, "r2", f->r2);
    add_number(o, "rmse_kg_ha", f->rmse);
    add_number(o, "residual_sd_kg_ha", f->sd);
    add_number(o, "relative_error", f->relative_error);
    add_number(o, "accuracy", 1 - f->relative_error);
    add_number(o, "loo_rmse_kg_ha", f->loo_rmse);
    add_number(o, "loo_bias_kg_ha", f->loo_bias);
    add_number(o, "kfold_rmse_kg_ha", f->fold_rmse);
    json_object_object_add(o, "residuals",
                           json_object_new_string(f->proportional ? "proportional" : "constant"));
    json_object_object_add(o, "rises", json_object_new_boolean(f->rises));
    return o;
}

static json_object *point_json(const struct cao_calibration *c, size_t i)
{
    const struct cao_plot *plot = &c->plots.items[i];
    const struct cao_calibrate_point *p = &c->points[i];
    json_object *o = json_object_new_object();
    char date[CAO_DATE_TEXT];
    json_object_object_add(o, "id", json_object_new_string(plot->id));
    json_object_object_add(o, "row", json_object_new_int64(plot->row));
    json_object_object_add(o, "quadrats", json_object_new_int(plot->quadrats));
    if (!plot->why) {
        cao_date_format(plot->date, date);
        json_object_object_add(o, "date", json_object_new_string(date));
    }
    if (p->type != SIZE_MAX)
        json_object_object_add(o, "type", json_object_new_string(c->sets[p->type].type));
    add_number(o, "index", p->index);
    add_number(o, "yield_kg_ha", p->yield_kg_ha);
    if (p->image_date != CAO_NO_DATE) {
        cao_date_format(p->image_date, date);
        json_object_object_add(o, "image_date", json_object_new_string(date));
    }
    json_object_object_add(o, "used", json_object_new_boolean(!p->why[0]));
    if (p->why[0])
        json_object_object_add(o, "why_not", json_object_new_string(p->why));
    return o;
}

static void print_json(const struct cao_calibration *c, struct cao_buf *out)
{
    json_object *root = json_object_new_object(), *sets = json_object_new_array(),
                *points = json_object_new_array();
    json_object_object_add(root, "name", json_object_new_string(c->name));
    json_object_object_add(root, "index", json_object_new_string(c->index));
    json_object_object_add(root, "basis", json_object_new_string(c->hay ? "hay" : "fresh"));
    json_object_object_add(root, "used", json_object_new_int64((int64_t)c->n_used));
    json_object_object_add(root, "averaged", json_object_new_int64((int64_t)c->n_merged));
    json_object_object_add(root, "set_aside", json_object_new_int64((int64_t)c->n_rejected));
    for (size_t i = 0; i < c->n_sets; i++) {
        const struct cao_calibrate_set *s = &c->sets[i];
        json_object *o = json_object_new_object(), *fits = json_object_new_array();
        json_object_object_add(o, "type", json_object_new_string(s->type));
        json_object_object_add(o, "n", json_object_new_int64((int64_t)s->n));
        if (s->id[0])
            json_object_object_add(o, "equation", json_object_new_string(s->id));
        for (size_t k = 0; k < CAO_N_YIELD_FORMS; k++)
            json_object_array_add(fits, fit_json(&s->fits[k], k == s->pick));
        json_object_object_add(o, "fits", fits);
        json_object_array_add(sets, o);
    }
    for (size_t i = 0; i < c->plots.n; i++)
        json_object_array_add(points, point_json(c, i));
    json_object_object_add(root, "types", sets);
    json_object_object_add(root, "plots", points);
    cao_buf_add(out, "%s\n",
                json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
                                                         JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(root);
}

/* --- as a picture --- */

enum { EQUATION = 200 };

static size_t panel_curves(const struct cao_calibrate_set *s, bool zh,
                           struct cao_scatter_curve curves[CAO_N_YIELD_FORMS], char *text)
{
    size_t n = 0;
    for (size_t k = 0; k < CAO_N_YIELD_FORMS; k++) {
        const struct cao_fit *f = &s->fits[k];
        if (!f->fitted)
            continue;
        bool chosen = k == s->pick;
        if (chosen) {
            char y[120];
            equation(f, y, sizeof y);
            snprintf(text, EQUATION, "y = %s, R2 %.2f, %s %.0f", y, f->r2,
                     zh ? "留一RMSE" : "LOO RMSE", f->loo_rmse);
        }
        curves[n++] = (struct cao_scatter_curve){ cao_fit_model(f, s->id), form_name(f->form, zh),
                                                  chosen ? text : "", chosen };
    }
    return n;
}

static enum cao_status write_chart(const struct cao_calibration *c, const char *path, bool zh,
                                   struct cao_error *err)
{
    struct cao_scatter_panel *panels = calloc(c->n_sets + 1, sizeof *panels);
    struct cao_scatter_curve(*curves)[CAO_N_YIELD_FORMS] = calloc(c->n_sets + 1, sizeof *curves);
    char(*texts)[EQUATION] = calloc(2 * c->n_sets + 2, sizeof *texts);
    struct cao_buf out = { 0 };
    char title[300], y_label[64];
    size_t n = 0;
    enum cao_status st = panels && curves && texts ? CAO_OK : CAO_ENOMEM;
    for (size_t i = 0; !st && i < c->n_sets; i++) {
        const struct cao_calibrate_set *s = &c->sets[i];
        bool all = i + 1 == c->n_sets;
        if (s->n == 0)
            continue;
        snprintf(texts[2 * n], EQUATION, "%s (n = %zu)",
                 all  ? (zh ? "全部样地" : "all plots")
                 : zh ? s->zh
                      : s->type,
                 s->n);
        panels[n] = (struct cao_scatter_panel){
            texts[2 * n], s->x,      s->y,
            s->n,         curves[n], panel_curves(s, zh, curves[n], texts[2 * n + 1])
        };
        n++;
    }
    snprintf(title, sizeof title, "%s", c->name);
    snprintf(y_label, sizeof y_label, "%s, kg/ha",
             c->hay ? (zh ? "干草产量" : "hay yield") : (zh ? "鲜草产量" : "fresh yield"));
    if (!st)
        cao_scatter_svg(panels, n, title, c->index, y_label, &out);
    if (!st)
        st = out.failed ? CAO_ENOMEM : cao_file_write(path, out.text, out.n, err);
    if (st == CAO_ENOMEM)
        (void)cao_fail(err, st, "out of memory for the chart");
    cao_buf_release(&out);
    free(panels);
    free(curves);
    free(texts);
    return st;
}

/* --- the command line --- */

struct request {
    struct cao_calibrate_options o;
    const char **rasters;
    char *columns[64]; /* copies of KEY=HEADING, cut apart */
    size_t n_columns;
};

static bool read_columns(const struct cao_command *c, const struct cao_line *line,
                         struct request *r)
{
    const char **values = r->rasters; /* large enough, and not yet used */
    size_t n = cao_line_values(line, "column", values);
    for (size_t i = 0; i < n && i < 64; i++) {
        char *text = cao_text_copy(values[i]), *equals = text ? strchr(text, '=') : NULL;
        int k = 0;
        r->columns[r->n_columns++] = text;
        if (equals)
            *equals = '\0';
        while (equals && k < CAO_N_PLOT_COLUMNS &&
               !cao_text_same(text, cao_plot_column_name((enum cao_plot_column)k)))
            k++;
        if (!equals || k == CAO_N_PLOT_COLUMNS) {
            cao_say_usage(c,
                          "--column: '%s' is not KEY=HEADING with KEY one of: id, date, x, y, "
                          "type, fresh, dry",
                          values[i]);
            return false;
        }
        r->o.plots.heading[k] = equals + 1;
    }
    return true;
}

static bool read_count(const struct cao_command *c, const struct cao_line *line, const char *option,
                       int64_t min, int64_t max, int64_t *v)
{
    const char *text = cao_line_value(line, option);
    if (!text)
        return true;
    if (cao_text_int64(text, v) && *v >= min && *v <= max)
        return true;
    cao_say_usage(c, "--%s: '%s' is not a whole number from %lld to %lld", option, text,
                  (long long)min, (long long)max);
    return false;
}

static bool read_word(const struct cao_command *c, const struct cao_line *line, const char *option,
                      const char *const *words, size_t n, int *v)
{
    const char *text = cao_line_value(line, option);
    for (size_t i = 0; text && i < n; i++)
        if (cao_text_same(text, words[i])) {
            *v = (int)i;
            return true;
        }
    if (text) {
        struct cao_buf all = { 0 };
        for (size_t i = 0; i < n; i++)
            cao_buf_add(&all, "%s%s", i ? ", " : "", words[i]);
        cao_say_usage(c, "--%s: '%s' is not one of: %s", option, text, all.text ? all.text : "");
        cao_buf_release(&all);
    }
    return !text;
}

static bool read_options(const struct cao_command *c, const struct cao_line *line,
                         struct request *r)
{
    static const char *const takes[] = { "nearest", "max" };
    static const char *const bases[] = { "auto", "fresh", "hay" };
    static const char *const dry[] = { "oven", "air" };
    struct cao_calibrate_options *o = &r->o;
    int64_t within = o->within_days, side = 0, folds = (int64_t)o->folds, least = (int64_t)o->least;
    int take = (int)o->take, basis = (int)o->basis, air = 0;
    if (!read_columns(c, line, r) || !read_count(c, line, "within", 0, 366, &within) ||
        !read_count(c, line, "window", 1, 15, &side) ||
        !read_count(c, line, "folds", 2, 1000, &folds) ||
        !read_count(c, line, "least-plots", CAO_FIT_FEWEST, 1000000, &least) ||
        !read_word(c, line, "take", takes, 2, &take) ||
        !read_word(c, line, "basis", bases, 3, &basis) || !read_word(c, line, "dry", dry, 2, &air))
        return false;
    if (side > 0 && side % 2 == 0) {
        cao_say_usage(c, "--window: %lld is even; 1, 3, 5, ... have a middle", (long long)side);
        return false;
    }
    const char *sd = cao_line_value(line, "sd");
    if (sd && (!cao_text_double(sd, &o->sd_limit) || o->sd_limit < 0)) {
        cao_say_usage(c, "--sd: '%s' is not a number of standard deviations; 0 leaves none out",
                      sd);
        return false;
    }
    o->within_days = (int)within;
    o->side = (int)side;
    o->folds = (size_t)folds;
    o->least = (size_t)least;
    o->take = (enum cao_take)take;
    o->basis = (enum cao_yield_basis)basis;
    o->plots.air_dry = air == 1;
    o->plots.sheet = cao_line_value(line, "sheet");
    o->plots.unit = cao_line_value(line, "unit");
    o->crs = cao_line_value(line, "crs");
    o->sensor = cao_line_value(line, "sensor");
    o->name = cao_line_value(line, "name");
    o->pooled = cao_line_value(line, "pooled") != NULL;
    o->index = cao_line_value(line, "index") ? cao_line_value(line, "index") : o->index;
    o->profile = cao_line_value(line, "profile") ? cao_line_value(line, "profile") : o->profile;
    o->data_dir = line->data_dir;
    o->n_rasters = cao_line_values(line, "raster", r->rasters);
    o->rasters = r->rasters;
    o->plots.path = line->words[0];
    for (size_t i = 1; i < line->n_words; i++)
        r->rasters[o->n_rasters++] = line->words[i];
    return true;
}

static void print_findings(const struct cao_findings *f, bool quiet)
{
    for (size_t i = 0; i < f->n; i++) {
        char text[2300];
        if (quiet && f->items[i].severity == CAO_NOTE)
            continue;
        cao_finding_format(&f->items[i], text, sizeof text);
        fprintf(stderr, "caochu: %s: %s\n",
                f->items[i].severity == CAO_PROBLEM ? "problem" : "note", text);
    }
}

static int print_result(const struct cao_calibration *c, const struct cao_line *line)
{
    struct cao_error err = { 0 };
    struct cao_buf out = { 0 }, yaml = { 0 };
    const char *chart = cao_line_value(line, "chart");
    enum cao_status st = CAO_OK;
    if (line->json)
        print_json(c, &out);
    else
        print_text(c, line, &out);
    if (out.failed || !out.text)
        st = cao_fail(&err, CAO_ENOMEM, "out of memory");
    else
        fwrite(out.text, 1, out.n, stdout);
    if (!st && chart)
        st = write_chart(c, chart, line->chinese, &err);
    if (!st && line->output)
        st = cao_calibration_yaml(c, &yaml, &err);
    if (!st && line->output)
        st = cao_file_write(line->output, yaml.text, yaml.n, &err);
    cao_buf_release(&out);
    cao_buf_release(&yaml);
    return st ? cao_say_error(&err, st) : CAO_EXIT_DONE;
}

int cao_cmd_calibrate(const struct cao_command *c, const struct cao_line *line)
{
    struct request r = { .o = cao_calibrate_defaults() };
    struct cao_calibration calibration = { 0 };
    struct cao_error err = { 0 };
    int code = CAO_EXIT_USAGE;
    r.rasters = calloc(line->n_given + line->n_words + 1, sizeof *r.rasters);
    if (!r.rasters)
        return cao_say_error(&err, CAO_ENOMEM);
    if (read_options(c, line, &r)) {
        enum cao_status st = cao_calibrate(&r.o, &calibration, &err);
        print_findings(&calibration.findings, line->quiet);
        code = st ? cao_say_error(&err, st) : print_result(&calibration, line);
        if (code == CAO_EXIT_DONE && calibration.findings.n_problems)
            code = CAO_EXIT_PARTIAL;
    }
    cao_calibration_release(&calibration);
    for (size_t i = 0; i < r.n_columns; i++)
        free(r.columns[i]);
    free(r.rasters);
    return code;
}
