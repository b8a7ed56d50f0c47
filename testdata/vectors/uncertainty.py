#!/usr/bin/env python3
"""The worked pasture (alpine meadow, 200 ha, NDVI 0.60, 120 SU) under the equations Q5, Q10 and their
mean, by the formulas of caochu/uncertainty.h and nothing of the program: wanted numbers of
tests/science/test_uncertainty.c. Run it with any Python 3."""
from math import erf, exp, log, log1p, sqrt

LIMITS = (-10, 10, 20, 50)  # Xu & Yang 2009
Z95 = 1.6448536269514722    # of an interval of 0.90
HERD_ERROR, YEAR_ERROR = 0.05, 0.13
FORAGE = 0.85 * 0.525 * 1.05 / 3.2 * 200 / 657  # SU per kg/ha of fresh yield
EQUATIONS = {  # yield at 0.60, 1 - accuracy, plots
    "Q5": (391.34 * exp(2.92 * 0.6), 0.288, 108),
    "Q10": (191.78 * exp(3.88 * 0.6), 0.220, 156),
}


def below(z):
    return 0.5 * (1 + erf(z / sqrt(2)))


for names in (["Q5"], ["Q10"], ["Q5", "Q10"]):
    yields, errors, plots = zip(*(EQUATIONS[n] for n in names))
    k = len(names)
    mean = sum(yields) / k
    terms = sqrt(sum((y / mean * e * sqrt(2 / n)) ** 2 for y, e, n in zip(yields, errors, plots))) / k
    own = sqrt(sum((y - mean) ** 2 for y in yields) / (k - 1)) / mean if k > 1 else 0
    year = max(own, YEAR_ERROR) * sqrt(1 + 1 / k)
    residual = sqrt(sum(e * e for e in errors) / k) / sqrt(2)  # two blocks of 1 km2
    use = (0.55 - 0.50) / sqrt(12) / 0.525
    cv = sqrt(terms**2 + year**2 + residual**2 + use**2)
    sd = sqrt(log1p(cv * cv) + log1p(HERD_ERROR**2))
    supply = mean * FORAGE
    pressure = 120 / supply
    cuts = [0] + [below((log(1 + c / 100) - log(pressure)) / sd) for c in LIMITS] + [1]
    print(
        "+".join(names), f"supply {supply:.5f} rate {100 * (pressure - 1):.3f} cv {cv:.5f} sd {sd:.5f}",
        f"interval {100 * (pressure * exp(-Z95 * sd) - 1):.5f} {100 * (pressure * exp(Z95 * sd) - 1):.5f}",
        "classes", " ".join(f"{b - a:.5f}" for a, b in zip(cuts, cuts[1:])),
    )
