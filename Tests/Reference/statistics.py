#!/usr/bin/env python3
"""Writes Tests/StatisticsTests/ReferenceValues.swift from scipy; run from the root of the repository."""

from fractions import Fraction
from math import comb

import numpy as np
from scipy import special, stats

PARAMETERS = [(0.5, 0.5), (0.5, 30.5), (1, 1), (3, 0.25), (9.9, 10.1), (12, 90), (190.5, 10.5), (0.7, 4000),
              (900, 101), (95000, 5001), (2.5e6, 1.25e5)]
POINTS = [1e-4, 0.02, 0.3, 0.5, 0.88, 0.95, 0.951, 0.999]
TAILS = [1e-6, 0.025, 0.05, 0.5, 0.95, 0.975]
COUNTS = [(0, 1), (1, 1), (0, 30), (30, 30), (27, 30), (190, 200), (950, 1000), (4750, 5000), (95000, 100000)]
PAIRS = [(0, 0), (0, 5), (5, 0), (1, 1), (9, 2), (2, 9), (30, 14), (75, 60), (520, 480), (5100, 4900)]
DESIGNS = [(60, .075, .015, .05), (150, .075, .015, .05), (450, .045, .015, .05), (1000, .03, .03, .05),
           (150, .2, .1, .0304), (40, 0, .1, .05)]
GROUPS = [(3, 5), (48, 60), (19, 20), (170, 200), (0, 0), (88, 90), (30, 30), (51, 75)]
DRAWS = [(0, 1, 1, 1), (1, 1, 1, 1), (1, 1, 1, 2), (3, 5, 7, 20), (5, 5, 7, 20), (0, 30, 0, 100), (12, 30, 50, 1000),
         (2, 30, 50, 1000), (27, 133, 220, 4000), (6, 133, 220, 4000), (60, 133, 220, 4000), (133, 133, 220, 4000),
         (500, 5000, 1000, 10000), (530, 5000, 1000, 10000), (900, 5000, 1000, 10000), (9990, 9995, 9995, 10000),
         (9991, 9995, 9995, 10000), (300, 2500, 9000, 10000), (2300, 2500, 9000, 10000)]
FREEDOMS = [1, 2, 3, 9, 10, 31, 99]
CHI_POINTS = [0.01, 0.5, 3, 9.5, 27.9, 80, 200]
CHI_TAILS = [0.99, 0.5, 0.05, 1e-3, 5e-7, 1e-12]
P_VALUES = [.001, .2, .012, .04, .9, .019, .026, .03, .5, .0001]


def number(x):
    return "0.0" if abs(x) < 1e-300 else repr(float(x))


def rows(name, doc, type_, lines):
    body = "".join(f"  ({', '.join(line)}),\n" for line in lines)
    return f"/// {doc}\nlet {name}: [{type_}] = [\n{body}]\n"


def beta_mixture(s, f, alpha):
    bound = -np.log(alpha)

    def excess(p):
        term = special.betaln(.5 + s, .5 + f) - special.betaln(.5, .5)
        return term - special.xlogy(s, p) - special.xlog1py(f, -p) - bound

    def root(outside, inside):
        for _ in range(200):
            middle = .5 * (outside + inside)
            outside, inside = (middle, inside) if excess(middle) >= 0 else (outside, middle)
        return outside
    share = s / (s + f)
    return (0 if s == 0 else root(0, share)), (1 if f == 0 else root(1, share))


def shrunk(groups):
    k = np.array([g[0] for g in groups], float)
    n = np.array([g[1] for g in groups], float)
    mu, seen = k.sum() / n.sum(), n > 0
    w, m = n[seen] / n.sum(), k[seen] / n[seen]
    between = max((np.sum(w * (m - mu) ** 2) - np.sum(w * (1 - w) * mu * (1 - mu) / n[seen])) / np.sum(w * (1 - w)), 1e-6)
    c = min(max(mu * (1 - mu) / between - 1, 5), 2000)
    return k + mu * c, n - k + (1 - mu) * c


def power(total, win, loss, alpha):
    result = 0.0
    for d in range(1, total + 1):
        needed = next((b for b in range(d + 1) if stats.binom.sf(b - 1, d, .5) <= alpha), None)
        if needed is not None:
            result += stats.binom.pmf(d, total, win + loss) * stats.binom.sf(needed - 1, d, win / (win + loss))
    return result


def hypergeometric_tail(count, drawn, marked, total):
    ways = sum(comb(marked, x) * comb(total - marked, drawn - x) for x in range(count, min(drawn, marked) + 1))
    tail = float(Fraction(ways, comb(total, drawn)))
    assert abs(stats.hypergeom.sf(count - 1, total, marked, drawn) - tail) <= 1e-10 * tail
    return tail


def main():
    out = ["// Written by Tests/Reference/statistics.py; do not edit.\n"]
    lines = [(number(a), number(b), number(special.betaln(a, b))) for a, b in PARAMETERS]
    out.append(rows("logBetaReference", "scipy.special.betaln(a, b).", "(a: Double, b: Double, value: Double)", lines))
    lines = [(number(x), number(a), number(b), number(special.betainc(a, b, x))) for a, b in PARAMETERS for x in POINTS]
    out.append(rows("incompleteBetaReference", "scipy.special.betainc(a, b, x).",
                    "(x: Double, a: Double, b: Double, value: Double)", lines))
    lines = [(number(p), number(a), number(b), number(special.betaincinv(a, b, p))) for a, b in PARAMETERS for p in TAILS]
    out.append(rows("inverseBetaReference", "scipy.special.betaincinv(a, b, p).",
                    "(probability: Double, a: Double, b: Double, value: Double)", lines))
    lines = []
    for k, n in COUNTS:
        exact = stats.binomtest(k, n).proportion_ci(.95, "exact")
        score = stats.binomtest(k, n).proportion_ci(.95, "wilson")
        lower = 0 if k == 0 else stats.beta.ppf(.05, k, n - k + 1)
        mixture = beta_mixture(k, n - k, .05)
        lines.append((str(k), str(n), number(exact.low), number(exact.high), number(lower), number(score.low),
                      number(score.high), number(mixture[0]), number(mixture[1])))
    out.append(rows("intervalReference", "scipy.stats.binomtest(k, n).proportion_ci, beta.ppf, and bisection on betaln.",
                    "(correct: Int, total: Int, lower: Double, upper: Double, oneSided: Double, wilsonLower: Double,\n"
                    "  wilsonUpper: Double, sequenceLower: Double, sequenceUpper: Double)", lines))
    lines = [(str(b), str(c), number(stats.binomtest(b, b + c, .5, "greater").pvalue if b + c else 1)) for b, c in PAIRS]
    out.append(rows("mcnemarReference", "scipy.stats.binomtest(b, b + c, 0.5, 'greater').",
                    "(wins: Int, losses: Int, value: Double)", lines))
    lines = [(str(d[0]), number(d[1]), number(d[2]), number(d[3]), number(power(*d))) for d in DESIGNS]
    out.append(rows("powerReference", "Enumeration with scipy.stats.binom.",
                    "(total: Int, winRate: Double, lossRate: Double, alpha: Double, value: Double)", lines))
    a, b = shrunk(GROUPS)
    lines = [(str(g[0]), str(g[1]), number(x / (x + y)), number(stats.beta.ppf(.05, x, y)),
              number(stats.beta.ppf(.95, x, y)), number(stats.beta.cdf(.85, x, y))) for g, x, y in zip(GROUPS, a, b)]
    out.append(rows("shrinkageReference", "Moment estimate in numpy, quantiles and P(below 0.85) from scipy.stats.beta.",
                    "(correct: Int, total: Int, estimate: Double, lower: Double, upper: Double, below: Double)", lines))
    adjusted = stats.false_discovery_control(P_VALUES)
    any_dependence = stats.false_discovery_control(P_VALUES, method="by")
    padded = stats.false_discovery_control(P_VALUES + [1] * 90)[:len(P_VALUES)]
    lines = [(number(p), *map(number, q)) for p, *q in zip(P_VALUES, adjusted, any_dependence, padded)]
    out.append(rows("discoveryReference", "scipy.stats.false_discovery_control: p-values and the rates they pass at; by"
                    "\n/// method=\"by\", and with 90 p-values of 1 more.",
                    "(pValue: Double, rate: Double, anyDependence: Double, ofHundred: Double)", lines))
    lines = [(str(x), str(k), str(e), str(n), number(hypergeometric_tail(x, k, e, n))) for x, k, e, n in DRAWS]
    out.append(rows("hypergeometricReference", "Enumeration with math.comb; scipy.stats.hypergeom.sf agrees to 1e-10.",
                    "(count: Int, drawn: Int, marked: Int, total: Int, tail: Double)", lines))
    lines = [(number(p), number(stats.norm.ppf(p))) for p in (1e-12, .001, .05, .5, .8, .975, .99999)]
    out.append(rows("normalReference", "scipy.stats.norm.ppf.", "(probability: Double, value: Double)", lines))
    lines = [(number(x), str(k), number(stats.chi2.sf(x, k))) for k in FREEDOMS for x in CHI_POINTS]
    out.append(rows("chiSquareTailReference", "scipy.stats.chi2.sf(x, k).",
                    "(value: Double, freedom: Int, tail: Double)", lines))
    lines = [(number(p), str(k), number(stats.chi2.isf(p, k))) for k in FREEDOMS for p in CHI_TAILS]
    out.append(rows("chiSquareQuantileReference", "scipy.stats.chi2.isf(p, k).",
                    "(tail: Double, freedom: Int, value: Double)", lines))
    with open("Tests/StatisticsTests/ReferenceValues.swift", "w", encoding="utf-8") as file:
        file.write("\n".join(out))


main()
