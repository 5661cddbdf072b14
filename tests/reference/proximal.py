"""
Proximal operators and constrained least squares by other means: singular value thresholding through numpy's SVD (LAPACK), projections on the
simplex in exact rational arithmetic, nonnegative least squares by scipy's nnls (Lawson and Hanson), least squares on the simplex by SLSQP
and then by the linear system of its support.

Run: /usr/bin/python3 tests/reference/proximal.py
"""
from fractions import Fraction

import numpy as np
import scipy
from scipy.optimize import minimize, nnls

from common import standardized, table, write

rng = np.random.default_rng(11)


def orthogonal(m, n):
    return np.linalg.qr(rng.normal(size=(m, n)))[0]


def spectrum(m, n, values):
    k = len(values)
    return orthogonal(m, k) * np.array(values, dtype=float) @ orthogonal(n, k).T


matrices = {
    "square": rng.normal(size=(5, 5)),
    "tall": rng.normal(size=(9, 4)),
    "wide": rng.normal(size=(3, 8)),
    "one column": rng.normal(size=(6, 1)),
    "one row": rng.normal(size=(1, 6)),
    "rank 2 of 6": spectrum(8, 6, [3, 1]),
    "rank 1": np.outer(np.arange(1.0, 5), np.ones(7)),
    "repeated singular values": spectrum(6, 5, [2, 2, 2, 0.5, 0.5]),
    "orthogonal": orthogonal(7, 7),
    "zero": np.zeros((4, 3)),
    "twelve orders of magnitude": spectrum(8, 8, 10.0 ** -np.linspace(0, 12, 8)),
    "large": 1e150 * rng.normal(size=(4, 4)),
    "small": 1e-150 * rng.normal(size=(4, 4)),
    "20 by 16": rng.normal(size=(20, 16)),
}
nuclear = []
for name, a in matrices.items():
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    # Nothing, some, exactly a singular value, all but a trace of the largest, more than all.
    taus = [0.0, 0.3 * s[0], s[len(s) // 2], 0.999999 * s[0], 2 * s[0] + (s[0] == 0)]
    nuclear.append(
        {
            "name": name,
            "shape": list(a.shape),
            "matrix": a.ravel().tolist(),
            "norm": s.sum(),
            "largest": s[0],
            "taus": taus,
            "shrunk": [(u * np.maximum(s - t, 0) @ vt).ravel().tolist() for t in taus],
        }
    )


def on_simplex(v, total):
    """Held, Wolfe and Crowder 1974, by sorting, in rational arithmetic; rounded once at the end."""
    exact = [Fraction(x) for x in v]
    s = Fraction(total)
    partial, tau = Fraction(0), None
    for k, x in enumerate(sorted(exact, reverse=True), 1):
        partial += x
        if x > (partial - s) / k:
            tau = (partial - s) / k
    return [float(max(x - tau, 0)) for x in exact]


points = {
    "normal": rng.normal(size=7).tolist(),
    "one entry": [-3.5],
    "all equal": [0.3] * 6,
    "ties at the threshold": [1.0, 0.5, 0.5, 0.5, 0.0, -2.0],
    "already there": [0.25, 0.0, 0.5, 0.25],
    "a vertex": [9.0, 1.0, 1.0, -4.0],
    "far away": (1e6 * rng.normal(size=5)).tolist(),
    "close together": (1 + 1e-12 * rng.integers(0, 9, size=8)).tolist(),
    "many": rng.normal(size=120).tolist(),
    "many ties": (rng.integers(-8, 9, size=120) / 8).tolist(),
}
totals = [1.0, 0.001, 37.5]
simplex = [
    {"name": name, "v": v, "totals": totals, "projections": [on_simplex(v, t) for t in totals]}
    for name, v in points.items()
]

n, d = 40, 8
x = rng.normal(size=(n, d))
y = x @ np.array([1.5, -1, 0, 0.7, -0.4, 0, 0.1, 2]) + 0.5 * rng.normal(size=n)
nonnegative, _ = nnls(x, y)

half = lambda w: ((x @ w - y) ** 2).sum() / (2 * n)
slope = lambda w: x.T @ (x @ w - y) / n
found = minimize(
    half,
    np.full(d, 1 / d),
    jac=slope,
    bounds=[(0, None)] * d,
    constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(d)},
    method="SLSQP",
    options={"ftol": 1e-15, "maxiter": 1000},
).x
support = np.flatnonzero(found > 1e-6)
k = len(support)
xs = x[:, support]
kkt = np.block([[xs.T @ xs / n, np.ones((k, 1))], [np.ones((1, k)), np.zeros((1, 1))]])
solved = np.linalg.solve(kkt, np.append(xs.T @ y / n, 1))
shares = np.zeros(d)
shares[support] = solved[:k]
# Optimality: the multiplier is the same on the support and not smaller outside of it.
assert (shares >= 0).all() and (slope(shares) >= -solved[k] - 1e-12).all()
assert np.abs(shares - found).max() < 1e-6

# The intercept is free: with centred features it is the mean, and drops out of what is left.
diabetes, target, names = table("diabetes")
features = standardized(diabetes)
progress = np.array(target, dtype=float)
weights, length = nnls(features, progress - progress.mean())
free = np.linalg.lstsq(features, progress - progress.mean(), rcond=None)[0]

write(
    "proximal",
    {
        "by": f"numpy {np.__version__}, scipy {scipy.__version__}",
        "nuclear": nuclear,
        "simplex": simplex,
        "leastSquares": {
            "features": x.tolist(),
            "targets": y.tolist(),
            "nonnegative": nonnegative.tolist(),
            "simplex": shares.tolist(),
        },
        "diabetes": {
            "names": names,
            "nonnegative": weights.tolist(),
            "objective": length**2 / (2 * len(progress)),
            "freeInfeasibility": float(np.linalg.norm(np.minimum(free, 0))),
        },
    },
)
