"""
Kernel ridge regression, alpha = (K + N lambda I)^-1 y, by scipy and by scikit-learn's KernelRidge with alpha = N lambda.

The arc-cosine kernels are written from their definition with arccos, on points with a further feature 1.
Run: /usr/bin/python3 tests/reference/kernel_ridge.py
"""
import numpy as np
import scipy
import sklearn
from scipy.linalg import solve
from scipy.spatial.distance import cdist
from sklearn.kernel_ridge import KernelRidge

from common import write

rng = np.random.default_rng(7)
N, lam, sigma = 40, 1e-3, 0.7
x = rng.normal(size=(N, 3))
y = np.sin(x[:, 0]) + x[:, 1] * x[:, 2] + 0.1 * rng.normal(size=N)


def arc_cosine(degree):
    lifted = np.hstack([x, np.ones((N, 1))])
    norm = np.linalg.norm(lifted, axis=1)
    product = np.outer(norm, norm)
    theta = np.arccos(np.clip(lifted @ lifted.T / product, -1, 1))
    np.fill_diagonal(theta, 0)
    if degree == 0:
        return 1 - theta / np.pi
    return product * (np.sin(theta) + (np.pi - theta) * np.cos(theta)) / np.pi


kernels = {
    "gaussian": np.exp(-cdist(x, x, "sqeuclidean") / (2 * sigma**2)),
    "laplace": np.exp(-cdist(x, x) / sigma),
    "polynomial": (x @ x.T / sigma**2 + 1) ** 3,
    "arc-cosine-0": arc_cosine(0),
    "arc-cosine-1": arc_cosine(1),
}
estimators = {
    "gaussian": dict(kernel="rbf", gamma=1 / (2 * sigma**2)),
    "polynomial": dict(kernel="poly", gamma=1 / sigma**2, coef0=1, degree=3),
}
cases = []
for name, k in kernels.items():
    alpha = solve(k + N * lam * np.eye(N), y, assume_a="pos")
    case = {"kernel": name, "alpha": alpha.tolist()}
    if name in estimators:
        fitted = KernelRidge(alpha=N * lam, **estimators[name]).fit(x, y)
        case["sklearn"] = fitted.dual_coef_.tolist()
    cases.append(case)
write(
    "kernel_ridge",
    {
        "by": f"scipy {scipy.__version__}, scikit-learn {sklearn.__version__}",
        "lambda": lam,
        "bandwidth": sigma,
        "features": x.tolist(),
        "targets": y.tolist(),
        "cases": cases,
    },
)
