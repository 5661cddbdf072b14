"""
Softmax regression on iris: min 1/N sum_i [logsumexp(z_i) - z_i[y_i]] + lambda/2 ||W||^2, z = XW + b, X standardized,
b not penalized (its sum is free and fixed at 0 here).

scikit-learn's LogisticRegression (C = 1/(N lambda)) gives the start; scipy.optimize.root then solves gradient = 0.
Run: /usr/bin/python3 tests/reference/softmax_iris.py
"""
import numpy as np
import scipy
import sklearn
from scipy.optimize import root
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression

from common import standardized, table, write

x, species, names = table("iris")
x = standardized(x)
classes = list(dict.fromkeys(species))
labels = np.array([classes.index(s) for s in species])
n, d = x.shape
k = len(classes)
cases = []
for lam in (0.1, 0.01):
    fit = LogisticRegression(
        C=1 / (n * lam), multi_class="multinomial", solver="newton-cg", tol=1e-7, max_iter=10_000
    ).fit(x, labels)

    def unpack(theta):
        return theta[: d * k].reshape(d, k), theta[d * k :]

    def objective(theta):
        w, b = unpack(theta)
        return -log_softmax(x @ w + b, axis=1)[np.arange(n), labels].mean() + lam / 2 * (w**2).sum()

    def equations(theta):
        w, b = unpack(theta)
        slope = (softmax(x @ w + b, axis=1) - np.eye(k)[labels]) / n
        # The gradient in b sums to zero: adding the mean of b to it fixes the free sum without moving the solution.
        return np.concatenate([(x.T @ slope + lam * w).ravel(), slope.sum(axis=0) + b.mean()])

    start = np.concatenate([fit.coef_.T.ravel(), fit.intercept_ - fit.intercept_.mean()])
    solution = root(equations, start, method="hybr", options={"xtol": 1e-15})
    theta = solution.x
    assert np.abs(equations(theta)).max() < 1e-14, np.abs(equations(theta)).max()
    assert np.abs(theta - start).max() < 1e-5, np.abs(theta - start).max()
    w, b = unpack(theta)
    cases.append(
        {
            "lambda": lam,
            "weights": w.tolist(),
            "bias": b.tolist(),
            "objective": float(objective(theta)),
        }
    )
write(
    "softmax_iris",
    {
        "by": f"scikit-learn {sklearn.__version__}, SciPy {scipy.__version__}",
        "features": names,
        "classes": classes,
        "cases": cases,
    },
)
