#!/usr/bin/env python3
"""Yield equations fitted by SciPy, for tests/science/test_fit.c: prints testdata/vectors/fit.txt.

    apt-get install python3-scipy; python3 fit.py > fit.txt

Points are drawn here once (Python's Mersenne Twister, fixed seed) and printed with the fits: linear forms
by numpy.linalg.lstsq, curves by scipy.optimize.curve_fit (MINPACK through another binding, started from
the log-linear fit), covariances both classical and HC3 with numpy, leave-one-out by fitting n times."""
import random

import numpy as np
import scipy
from scipy.optimize import curve_fit

random.seed(20240815)
FORMS = {
    "linear": (2, lambda x, a, b: a + b * x),
    "quadratic": (3, lambda x, a, b, c: a + b * x + c * x * x),
    "exponential": (2, lambda x, a, b: a * np.exp(b * x)),
    "power": (2, lambda x, a, b: a * x**b),
    "logarithmic": (2, lambda x, a, b: a + b * np.log(x)),
}


def slopes(form, x, t):
    if form == "linear":
        return np.stack([np.ones_like(x), x], 1)
    if form == "quadratic":
        return np.stack([np.ones_like(x), x, x * x], 1)
    if form == "exponential":
        e = np.exp(t[1] * x)
        return np.stack([e, t[0] * x * e], 1)
    if form == "power":
        return np.stack([x ** t[1], t[0] * np.log(x) * x ** t[1]], 1)
    return np.stack([np.ones_like(x), np.log(x)], 1)


def fit(form, x, y):
    p, f = FORMS[form]
    if form in ("linear", "quadratic", "logarithmic"):
        return np.linalg.lstsq(slopes(form, x, None), y, rcond=None)[0]
    u = np.log(x) if form == "power" else x
    keep = y > 0
    b, a = np.polyfit(u[keep], np.log(y[keep]), 1)
    return curve_fit(f, x, y, p0=(np.exp(a), b), xtol=1e-14, ftol=1e-14, gtol=0, maxfev=10000)[0]


def sets():
    x = [0.15 + 0.02 * i + random.uniform(-0.01, 0.01) for i in range(34)]
    yield "meadow", x, [390 * np.exp(2.9 * v) * (1 + random.gauss(0, 0.25)) for v in x]
    yield "steppe", x, [max(250 + 2600 * v + random.gauss(0, 180), 20) for v in x]
    x = [random.uniform(0.08, 0.6) for _ in range(12)]
    yield "desert", x, [3261.3 * v**1.4281 + random.gauss(0, 60) for v in x]


print("# Made by fit.py with numpy", np.__version__, "scipy", scipy.__version__)
for name, x, y in sets():
    x, y = np.array([round(v, 6) for v in x]), np.array([round(v, 4) for v in y])
    print("set", name, len(x))
    for a, b in zip(x, y):
        print("point %.6f %.4f" % (a, b))
    for form, (p, f) in FORMS.items():
        t = fit(form, x, y)
        j, e = slopes(form, x, t), f(x, *t) - y
        gram = np.linalg.inv(j.T @ j)
        classical = e @ e / (len(x) - p) * gram
        h = np.einsum("ij,jk,ik->i", j, gram, j)
        hc3 = gram @ (j.T * (e / (1 - h)) ** 2) @ j @ gram
        loo = np.array(
            [f(x[i], *fit(form, np.delete(x, i), np.delete(y, i))) - y[i] for i in range(len(x))]
        )
        numbers = list(t) + [0] * (3 - p)
        numbers += [1 - e @ e / ((y - y.mean()) @ (y - y.mean())), np.sqrt(e @ e / len(x))]
        numbers += [np.sqrt(loo @ loo / len(x)), loo.mean()]
        numbers += [c[i, k] for c in (classical, hc3) for i in range(p) for k in range(i, p)]
        print("fit", form, " ".join("%.10g" % v for v in numbers))
