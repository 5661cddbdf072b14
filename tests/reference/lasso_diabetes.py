"""
Lasso on the diabetes table: min 1/(2N) ||y - Xw - b||^2 + lambda ||w||_1, X standardized, b not penalized.

scikit-learn's coordinate descent finds the active set and the coefficients; they are then checked against the exact solution
of the optimality conditions on that set (a linear system, by numpy), to 1e-10.
Run: /usr/bin/python3 tests/reference/lasso_diabetes.py
"""
import warnings

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso

from common import standardized, table, write

x, y, names = table("diabetes")
x = standardized(x)
y = np.array([float(v) for v in y])
n = len(y)
cases = []
for alpha in (0.1, 1.0, 10.0):
    with warnings.catch_warnings():
        # tol=0 asks for sweeps until nothing moves any more; scikit-learn then warns that the gap is not 0.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = Lasso(alpha=alpha, tol=0.0, max_iter=200_000).fit(x, y)
    w = model.coef_
    active = np.flatnonzero(w)
    xa = x[:, active]
    exact = np.linalg.solve(xa.T @ xa / n, xa.T @ (y - y.mean()) / n - alpha * np.sign(w[active]))
    assert np.abs(exact - w[active]).max() < 1e-10, np.abs(exact - w[active]).max()
    residual = y - x @ w - model.intercept_
    slack = np.abs(x.T @ residual / n)
    assert np.all(slack <= alpha * (1 + 1e-10))
    objective = residual @ residual / (2 * n) + alpha * np.abs(w).sum()
    cases.append(
        {
            "lambda": alpha,
            "coefficients": w.tolist(),
            "intercept": float(model.intercept_),
            "objective": float(objective),
        }
    )
write(
    "lasso_diabetes",
    {"by": f"scikit-learn {sklearn.__version__}", "features": names, "cases": cases},
)
