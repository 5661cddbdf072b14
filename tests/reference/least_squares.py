"""
Least squares solutions: of an ill-conditioned polynomial fit in exact rational arithmetic, of dependent features by numpy's pseudoinverse, and
ridge regressions by scikit-learn with alpha = N lambda.

Run: /usr/bin/python3 tests/reference/least_squares.py
"""
from fractions import Fraction

import numpy as np
import sklearn
from sklearn.linear_model import Ridge

from common import write

rng = np.random.default_rng(5)


def solve_exactly(a, b):
    """Gaussian elimination on fractions."""
    n = len(b)
    rows = [list(a[i]) + [b[i]] for i in range(n)]
    for k in range(n):
        pivot = next(i for i in range(k, n) if rows[i][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(n):
            if i != k:
                factor = rows[i][k] / rows[k][k]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k])]
    return [float(rows[k][n] / rows[k][k]) for k in range(n)]


def polynomial():
    t = np.linspace(0, 1, 30)
    x = np.stack([t**k for k in range(1, 11)], axis=1)
    y = np.exp(t)
    design = [[Fraction(float(v)) for v in row] + [Fraction(1)] for row in x]
    target = [Fraction(float(v)) for v in y]
    p = len(design[0])
    normal = [[sum(r[i] * r[j] for r in design) for j in range(p)] for i in range(p)]
    right = [sum(r[i] * v for r, v in zip(design, target)) for i in range(p)]
    return {
        "features": x.tolist(),
        "targets": y.tolist(),
        "condition": float(np.linalg.cond(x - x.mean(axis=0))),
        "solution": solve_exactly(normal, right),
    }


def dependent():
    x = rng.normal(size=(20, 3))
    x = np.hstack([x, x[:, :1] + x[:, 1:2], x[:, 2:]])
    y = rng.normal(size=20)
    centred = x - x.mean(axis=0)
    w = np.linalg.pinv(centred) @ (y - y.mean())
    return {
        "features": x.tolist(),
        "targets": y.tolist(),
        "solution": [*w.tolist(), float(y.mean() - x.mean(axis=0) @ w)],
    }


def ridge(n, d):
    x = rng.normal(size=(n, d))
    y = x[:, 0] + rng.normal(size=n)
    solutions = []
    for lam in [1e-3, 0.7]:
        found = Ridge(alpha=n * lam, solver="svd").fit(x, y)
        solutions.append({"lambda": lam, "solution": [*found.coef_.tolist(), float(found.intercept_)]})
    return {"features": x.tolist(), "targets": y.tolist(), "solutions": solutions}


write(
    "least_squares",
    {
        "by": f"numpy {np.__version__}, scikit-learn {sklearn.__version__}",
        "polynomial": polynomial(),
        "dependent": dependent(),
        "ridge": [ridge(25, 6), ridge(8, 15)],
    },
)
