/** @file caochu/fit.h  Yield equations fitted to plots, by least squares on the scale of the yield.
 *
 *  Linear, quadratic and logarithmic forms are linear in their terms: Householder QR. Exponential and
 *  power start from the fit of ln y (which alone would be biased, and whose R2 is that of ln y) and go on
 *  by Levenberg-Marquardt on y (cminpack's lmder). R2, RMSE and all else are on the scale of y.
 *
 *  Each fit is checked by plots that it did not see: leave one out, and k-fold with a fixed split. Pure:
 *  works in the caller's memory, thread-safe. SPDX-License-Identifier: MIT */
#ifndef CAO_FIT_H
#define CAO_FIT_H
#include <stdbool.h>
#include <stddef.h>
#include "caochu/yield.h"

struct cao_fit {
    enum cao_yield_form form;
    const char *why_not; /**< NULL: fitted; else why it could not be, or is not to be picked */
    bool fitted;
    int n_terms;
    double term[CAO_YIELD_TERMS];
    double covariance[CAO_YIELD_TERMS]
                     [CAO_YIELD_TERMS]; /**< s^2 (J'J)^-1; with proportional residuals
        the heteroscedasticity-consistent one, HC3 (MacKinnon & White 1985, J. Econometrics 29) */
    int n;
    double x_min, x_max, mean; /**< of the plots; mean of y */
    double r2, rmse;           /**< 1 - SSE / SST; sqrt(SSE / n) */
    double sd;                 /**< residual standard deviation, sqrt(SSE / (n - p)) */
    double relative_error;     /**< rmse / mean; accuracy is 1 less that */
    double loo_rmse,
        loo_bias;      /**< leave one out: of predictions less observations; NaN: not done */
    double fold_rmse;  /**< k-fold */
    bool proportional; /**< residuals grow with the yield (higher likelihood of the two) */
    double share;      /**< then: their standard deviation as a share of the fitted yield */
    bool rises;        /**< never falls from x_min to x_max, and is never below 0 there */
};

enum { CAO_FIT_FEWEST = 5, CAO_FIT_MOST_LOO = 4000 };

/** Doubles of workspace for n plots. */
size_t cao_fit_work(size_t n);
/** Fit one form to n points. Leave-one-out is done up to CAO_FIT_MOST_LOO plots.
 *  @param folds 2..n; 0: no k-fold @param work cao_fit_work(n) doubles */
struct cao_fit cao_fit_form(enum cao_yield_form form, const double *x, const double *y, size_t n,
                            size_t folds, double *work);
/** The fold of plot i, 0 .. folds - 1: plots in an order that depends on n alone, dealt out in turn.
 *  @param[out] fold [n], as doubles @param work [n] */
void cao_fit_folds(size_t n, size_t folds, double *fold, double *work);
/** RMSE by which forms are ranked: leave one out, or k-fold where that was not done. */
double cao_fit_score(const struct cao_fit *f);
/** Position of the fit with the lowest score among those that rise; SIZE_MAX: none does. */
size_t cao_fit_pick(const struct cao_fit *fits, size_t n);
/** As an equation; @p id names it. */
struct cao_yield_model cao_fit_model(const struct cao_fit *f, const char *id);
#endif
