/* SPDX-License-Identifier: MIT */
#include "caochu/fit.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include <cminpack.h>

#include "caochu/uncertainty.h"

enum { TERMS = CAO_YIELD_TERMS };

/* --- linear least squares --- */

/* Householder QR of a [m][p] matrix by columns, with b [m] brought along. @retval false rank-deficient:
 * a column is a combination of those before it, to within rounding */
static bool triangulate(double *a, double *b, size_t m, int p)
{
    for (int k = 0; k < p; k++) {
        double *col = a + (size_t)k * m, norm = 0, whole = 0;
        for (size_t i = 0; i < m; i++)
            whole += col[i] * col[i];
        for (size_t i = (size_t)k; i < m; i++)
            norm += col[i] * col[i];
        if (!(norm > whole * 1e-20) || !(norm > 0))
            return false;
        norm = sqrt(norm);
        double alpha = col[k] > 0 ? -norm : norm, head = col[k] - alpha;
        double scale = norm * norm - alpha * col[k]; /* v'v / 2 */
        col[k] = head;
        for (int j = k + 1; j <= p; j++) {
            double *other = j < p ? a + (size_t)j * m : b, dot = 0;
            if (!other)
                continue;
            for (size_t i = (size_t)k; i < m; i++)
                dot += col[i] * other[i];
            for (size_t i = (size_t)k; i < m; i++)
                other[i] -= dot / scale * col[i];
        }
        for (size_t i = (size_t)k + 1; i < m; i++)
            col[i] = 0;
        col[k] = alpha;
    }
    return true;
}

static double r_at(const double *a, size_t m, int row, int col)
{
    return a[(size_t)col * m + (size_t)row];
}

/* R t = b */
static void back_substitute(const double *a, const double *b, size_t m, int p, double t[TERMS])
{
    for (int i = p - 1; i >= 0; i--) {
        t[i] = b[i];
        for (int j = i + 1; j < p; j++)
            t[i] -= r_at(a, m, i, j) * t[j];
        t[i] /= r_at(a, m, i, i);
    }
}

/* (R'R)^-1 */
static void inverse_gram(const double *a, size_t m, int p, double out[TERMS][TERMS])
{
    double inverse[TERMS][TERMS] = { { 0 } };
    for (int c = 0; c < p; c++)
        for (int i = p - 1; i >= 0; i--) {
            double sum = i == c;
            for (int j = i + 1; j < p; j++)
                sum -= r_at(a, m, i, j) * inverse[j][c];
            inverse[i][c] = sum / r_at(a, m, i, i);
        }
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++) {
            out[i][j] = 0;
            for (int k = 0; k < p; k++)
                out[i][j] += inverse[i][k] * inverse[j][k];
        }
}

/* --- forms --- */

static double value(enum cao_yield_form form, const double t[TERMS], double x)
{
    switch (form) {
    case CAO_YIELD_LINEAR:
        return t[0] + t[1] * x;
    case CAO_YIELD_QUADRATIC:
        return t[0] + (t[1] + t[2] * x) * x;
    case CAO_YIELD_EXPONENTIAL:
        return t[0] * exp(t[1] * x);
    case CAO_YIELD_POWER:
        return t[0] * pow(x, t[1]);
    case CAO_YIELD_LOGARITHMIC:
        return t[0] + t[1] * log(x);
    case CAO_N_YIELD_FORMS:
        break;
    }
    return (double)NAN;
}

static void derivatives(enum cao_yield_form form, const double t[TERMS], double x, double d[TERMS])
{
    switch (form) {
    case CAO_YIELD_LINEAR:
    case CAO_YIELD_QUADRATIC:
        d[0] = 1;
        d[1] = x;
        d[2] = x * x;
        break;
    case CAO_YIELD_EXPONENTIAL:
        d[0] = exp(t[1] * x);
        d[1] = t[0] * x * d[0];
        break;
    case CAO_YIELD_POWER:
        d[0] = pow(x, t[1]);
        d[1] = t[0] * log(x) * d[0];
        break;
    case CAO_YIELD_LOGARITHMIC:
        d[0] = 1;
        d[1] = log(x);
        break;
    case CAO_N_YIELD_FORMS:
        break;
    }
}

static bool needs_logarithm(enum cao_yield_form form)
{
    return form == CAO_YIELD_POWER || form == CAO_YIELD_LOGARITHMIC;
}

static bool is_curved(enum cao_yield_form form)
{
    return form == CAO_YIELD_EXPONENTIAL || form == CAO_YIELD_POWER;
}

/* Points of a fit, one of them or one fold left out. */
struct points {
    const double *x, *y;
    size_t n;
    size_t leave;        /* SIZE_MAX: none */
    const double *folds; /* NULL: none */
    double fold;
};

static bool is_in(const struct points *p, size_t i)
{
    return i != p->leave && !(p->folds && p->folds[i] == p->fold);
}

static bool fit_linear(enum cao_yield_form form, const struct points *p, bool logarithms,
                       double t[TERMS], double *work)
{
    int terms = form == CAO_YIELD_QUADRATIC ? 3 : 2;
    size_t m = 0, rows = p->n;
    double *a = work, *b = work + TERMS * rows;
    for (size_t i = 0; i < p->n; i++)
        m += is_in(p, i);
    for (size_t i = 0, k = 0; i < p->n; i++) {
        double d[TERMS] = { 0 };
        if (!is_in(p, i))
            continue;
        derivatives(form, t, p->x[i], d);
        for (int j = 0; j < terms; j++)
            a[(size_t)j * m + k] = d[j];
        b[k++] = logarithms ? log(p->y[i]) : p->y[i];
    }
    if (m < (size_t)terms || !triangulate(a, b, m, terms))
        return false;
    back_substitute(a, b, m, terms, t);
    return true;
}

/* ln y against x or ln x; plots without yield have no logarithm and wait for the real fit. */
static bool start_curve(enum cao_yield_form form, const struct points *p, double t[TERMS],
                        double *work)
{
    double sx = 0, sy = 0, sxx = 0, sxy = 0, n = 0;
    (void)work;
    for (size_t i = 0; i < p->n; i++) {
        if (!is_in(p, i) || !(p->y[i] > 0))
            continue;
        double x = form == CAO_YIELD_POWER ? log(p->x[i]) : p->x[i], y = log(p->y[i]);
        n++;
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }
    double d = n * sxx - sx * sx;
    if (n < 2 || !(d > 1e-12 * n * sxx))
        return false;
    t[1] = (n * sxy - sx * sy) / d;
    t[0] = exp((sy - t[1] * sx) / n);
    return isfinite(t[0]) && isfinite(t[1]);
}

struct curve {
    enum cao_yield_form form;
    const struct points *points;
};

/* For lmder: residuals, or their derivatives. */
static int residuals(void *context, int m, int n, const double *t, double *f, double *jacobian,
                     int ld, int flag)
{
    const struct curve *c = context;
    const struct points *p = c->points;
    (void)m;
    for (size_t i = 0, k = 0; i < p->n; i++) {
        double d[TERMS] = { 0 };
        if (!is_in(p, i))
            continue;
        if (flag == 1)
            f[k] = value(c->form, t, p->x[i]) - p->y[i];
        else if (flag == 2) {
            derivatives(c->form, t, p->x[i], d);
            for (int j = 0; j < n; j++)
                jacobian[k + (size_t)j * (size_t)ld] = d[j];
        }
        k++;
    }
    return 0;
}

static bool fit_curve(enum cao_yield_form form, const struct points *p, double t[TERMS],
                      double *work)
{
    enum { P = 2, MOST_CALLS = 400 };
    struct curve c = { form, p };
    size_t m = 0;
    for (size_t i = 0; i < p->n; i++)
        m += is_in(p, i);
    double *f = work, *jacobian = f + p->n, *last = jacobian + P * p->n;
    double diag[P], qtf[P], wa1[P], wa2[P], wa3[P];
    int pivots[P], calls, jacobian_calls;
    if (m < P)
        return false;
    int info = lmder(residuals, &c, (int)m, P, t, f, jacobian, (int)m, 1e-12, 1e-12, 0, MOST_CALLS,
                     diag, 1, 100, 0, &calls, &jacobian_calls, pivots, qtf, wa1, wa2, wa3, last);
    return info >= 1 && info <= 8 && info != 5 && isfinite(t[0]) && isfinite(t[1]) && t[0] > 0;
}

/* @param t in: a start for curves, where *started; out: the terms */
static bool fit(enum cao_yield_form form, const struct points *p, bool started, double t[TERMS],
                double *work)
{
    if (!is_curved(form))
        return fit_linear(form, p, false, t, work);
    if (!started && !start_curve(form, p, t, work))
        return false;
    return fit_curve(form, p, t, work);
}

/* --- a fit's figures --- */

static void errors_of(struct cao_fit *f, const double *x, const double *y, size_t n, double *work)
{
    double sse = 0, sst = 0, logs = 0, shares = 0;
    bool positive = true;
    for (size_t i = 0; i < n; i++) {
        double fitted = value(f->form, f->term, x[i]), e = fitted - y[i];
        sse += e * e;
        sst += (y[i] - f->mean) * (y[i] - f->mean);
        positive &= fitted > 0;
        logs += fitted > 0 ? log(fitted) : 0;
        shares += fitted > 0 ? e / fitted * (e / fitted) : 0;
    }
    double m = (double)n, free_n = m - f->n_terms;
    f->r2 = sst > 0 ? 1 - sse / sst : (double)NAN;
    f->rmse = sqrt(sse / m);
    f->sd = sqrt(sse / free_n);
    f->relative_error = f->rmse / f->mean;
    f->share = sqrt(shares / free_n);
    /* log-likelihoods of residuals with one standard deviation, and with one that is a share of y */
    f->proportional =
        positive && sse > 0 && -logs - m / 2 * log(shares / m) > -m / 2 * log(sse / m);
    double gram[TERMS][TERMS], *a = work;
    for (size_t i = 0; i < n; i++) {
        double d[TERMS] = { 0 };
        derivatives(f->form, f->term, x[i], d);
        for (int j = 0; j < f->n_terms; j++)
            a[(size_t)j * n + i] = d[j];
    }
    if (!triangulate(a, NULL, n, f->n_terms)) {
        f->fitted = false;
        f->why_not = "its terms cannot be told apart";
        return;
    }
    inverse_gram(a, n, f->n_terms, gram);
    double middle[TERMS][TERMS] = { { 0 } };
    for (size_t i = 0; f->proportional && i < n; i++) {
        double d[TERMS] = { 0 }, leverage = 0, e = value(f->form, f->term, x[i]) - y[i];
        derivatives(f->form, f->term, x[i], d);
        for (int j = 0; j < f->n_terms; j++)
            for (int k = 0; k < f->n_terms; k++)
                leverage += d[j] * gram[j][k] * d[k];
        e /= leverage < 1 - 1e-9 ? 1 - leverage : 1e-9;
        for (int j = 0; j < f->n_terms; j++)
            for (int k = 0; k < f->n_terms; k++)
                middle[j][k] += d[j] * d[k] * e * e;
    }
    for (int i = 0; i < f->n_terms; i++)
        for (int j = 0; j < f->n_terms; j++) {
            f->covariance[i][j] = f->proportional ? 0 : f->sd * f->sd * gram[i][j];
            for (int k = 0; f->proportional && k < f->n_terms; k++)
                for (int l = 0; l < f->n_terms; l++)
                    f->covariance[i][j] += gram[i][k] * middle[k][l] * gram[l][j];
        }
    for (int i = 0; i < f->n_terms; i++) /* rounding must not make it asymmetric */
        for (int j = 0; j < i; j++)
            f->covariance[i][j] = f->covariance[j][i];
}

void cao_fit_folds(size_t n, size_t folds, double *fold, double *work)
{
    for (size_t i = 0; i < n; i++)
        work[i] = (double)i;
    for (size_t i = n; i-- > 1;) { /* Fisher & Yates, by counted draws */
        size_t k = (size_t)(cao_draw_uniform(n, i, 0) * (double)(i + 1));
        double swap = work[i];
        work[i] = work[k];
        work[k] = swap;
    }
    for (size_t i = 0; i < n; i++)
        fold[(size_t)work[i]] = (double)(i % folds);
}

/* Predictions of points by fits that did not see them. */
static void check_unseen(struct cao_fit *f, const double *x, const double *y, size_t n,
                         size_t folds, double *work)
{
    double *fold = work, *scratch = work + n, *rest = scratch + n;
    double squares = 0, sum = 0;
    struct points p = { x, y, n, SIZE_MAX, NULL, 0 };
    f->loo_rmse = f->loo_bias = f->fold_rmse = (double)NAN;
    bool fine = n <= CAO_FIT_MOST_LOO;
    for (size_t i = 0; fine && i < n; i++) {
        double t[TERMS];
        memcpy(t, f->term, sizeof t);
        p.leave = i;
        fine = fit(f->form, &p, true, t, rest);
        double e = value(f->form, t, x[i]) - y[i];
        squares += e * e;
        sum += e;
    }
    if (fine) {
        f->loo_rmse = sqrt(squares / (double)n);
        f->loo_bias = sum / (double)n;
    }
    if (folds < 2 || folds > n)
        return;
    cao_fit_folds(n, folds, fold, scratch);
    p.leave = SIZE_MAX;
    p.folds = fold;
    squares = 0;
    fine = true;
    for (size_t k = 0; fine && k < folds; k++) {
        double t[TERMS];
        memcpy(t, f->term, sizeof t);
        p.fold = (double)k;
        fine = fit(f->form, &p, true, t, rest);
        for (size_t i = 0; i < n; i++) {
            double e = fold[i] == (double)k ? value(f->form, t, x[i]) - y[i] : 0;
            squares += e * e;
        }
    }
    if (fine)
        f->fold_rmse = sqrt(squares / (double)n);
}

static bool never_falls(const struct cao_fit *f)
{
    const double *t = f->term;
    if (value(f->form, t, f->x_min) < 0)
        return false;
    if (f->form == CAO_YIELD_QUADRATIC) /* the slope is linear: its ends tell */
        return t[1] + 2 * t[2] * f->x_min >= 0 && t[1] + 2 * t[2] * f->x_max >= 0;
    return t[1] >= 0;
}

size_t cao_fit_work(size_t n)
{
    return 7 * n +
           16; /* folds, their order, then a matrix of three terms, right side and residuals */
}

struct cao_fit cao_fit_form(enum cao_yield_form form, const double *x, const double *y, size_t n,
                            size_t folds, double *work)
{
    double nan = (double)NAN;
    struct cao_fit f = { .form = form,
                         .n_terms = (int)cao_yield_n_terms(form),
                         .n = (int)n,
                         .x_min = HUGE_VAL,
                         .x_max = -HUGE_VAL,
                         .r2 = nan,
                         .rmse = nan,
                         .sd = nan,
                         .relative_error = nan,
                         .loo_rmse = nan,
                         .loo_bias = nan,
                         .fold_rmse = nan,
                         .share = nan };
    for (size_t i = 0; i < n; i++) {
        f.x_min = x[i] < f.x_min ? x[i] : f.x_min;
        f.x_max = x[i] > f.x_max ? x[i] : f.x_max;
        f.mean += y[i] / (double)n;
    }
    struct points p = { x, y, n, SIZE_MAX, NULL, 0 };
    if (n < CAO_FIT_FEWEST)
        f.why_not = "fewer than 5 plots";
    else if (!(f.x_max > f.x_min))
        f.why_not = "all plots have the same index";
    else if (!(f.mean > 0))
        f.why_not = "the plots have no yield";
    else if (needs_logarithm(form) && !(f.x_min > 0))
        f.why_not = "an index of 0 or below has no logarithm";
    else if (!fit(form, &p, false, f.term, work))
        f.why_not = "the fit did not come to an end";
    else
        f.fitted = true;
    if (!f.fitted)
        return f;
    errors_of(&f, x, y, n, work);
    if (!f.fitted)
        return f;
    check_unseen(&f, x, y, n, folds, work);
    f.rises = never_falls(&f);
    if (!f.rises)
        f.why_not = "falls, or is below 0, within the plots' range";
    else if (isnan(cao_fit_score(&f)))
        f.why_not = "could not be checked by plots left out";
    return f;
}

double cao_fit_score(const struct cao_fit *f)
{
    return isnan(f->loo_rmse) ? f->fold_rmse : f->loo_rmse;
}

size_t cao_fit_pick(const struct cao_fit *fits, size_t n)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        if (fits[i].fitted && !fits[i].why_not &&
            (best == SIZE_MAX || cao_fit_score(&fits[i]) < cao_fit_score(&fits[best])))
            best = i;
    return best;
}

struct cao_yield_model cao_fit_model(const struct cao_fit *f, const char *id)
{
    struct cao_yield_model m = { .form = f->form,
                                 .a = f->term[0],
                                 .b = f->term[1],
                                 .c = f->n_terms > 2 ? f->term[2] : 0,
                                 .x_min = f->x_min,
                                 .x_max = f->x_max,
                                 .rmse_kg_ha = f->sd,
                                 .r2 = f->r2,
                                 .n = f->n,
                                 .relative_error = f->proportional ? f->share : 0,
                                 .has_covariance = true,
                                 .cv_rmse_kg_ha = cao_fit_score(f) };
    for (size_t i = 0; i + 1 < sizeof m.id && id[i]; i++)
        m.id[i] = id[i];
    memcpy(m.covariance, f->covariance, sizeof m.covariance);
    return m;
}
