"""
Lasso paths: the knots of min 1/(2N) ||y - Xw||^2 + lambda ||w||_1 and the coefficients there, by scikit-learn's LARS.

Each knot is checked by the optimality conditions, and by coordinate descent (lasso_path) at a lambda between two knots.
Run: /usr/bin/python3 tests/reference/lasso_path.py
"""
import numpy as np
import sklearn
from sklearn.linear_model import lars_path, lasso_path

from common import standardized, table, write

rng = np.random.default_rng(0)


def case(name, x, y, given):
    n = len(y)
    alphas, _, coefficients = lars_path(x, y, method="lasso")
    for alpha, w in zip(alphas, coefficients.T):
        slope = x.T @ (y - x @ w) / n
        on = np.abs(w) > 1e-12 * np.abs(coefficients).max()
        assert np.abs(slope[on] - alpha * np.sign(w[on])).max(initial=0) < 1e-10 * alphas[0]
        assert np.abs(slope).max() < alpha + 1e-10 * alphas[0]
    middle = np.sqrt(alphas[1] * alphas[2])
    _, between, _ = lasso_path(x, y, alphas=[middle], tol=1e-14, max_iter=100_000)
    inside = [np.interp(middle, alphas[::-1], row[::-1]) for row in coefficients]
    assert np.abs(between[:, 0] - inside).max() < 1e-7 * np.abs(coefficients).max()
    return {
        "name": name,
        **given,
        "lambdas": alphas.tolist(),
        "coefficients": coefficients.T.tolist(),
    }


def small(name, n, d):
    x = rng.integers(-9, 10, (n, d)).astype(float)
    # Neighbours are alike, so that weights leave the path again.
    x[:, 1:] += x[:, :-1]
    y = rng.integers(-20, 21, n).astype(float)
    return case(name, x, y, {"x": x.tolist(), "y": y.tolist()})


x, y, _ = table("diabetes")
x = standardized(x)
y = np.array([float(v) for v in y])
cases = [
    case("diabetes", x, y - y.mean(), {}),
    small("tall", 14, 9),
    small("tall again", 12, 7),
    small("square", 8, 8),
    small("wide", 7, 12),
]
write("lasso_path", {"by": f"scikit-learn {sklearn.__version__}", "cases": cases})
