"""
Kernel machines on points that both languages compute to the last bit, x[i][j] = scale * frac((i + 1) * sqrt(prime_j)):

- kernel ridge regression on 500 of them by scipy's Cholesky solver;
- kernel logistic and softmax regression with the penalty lambda/2 tr(alpha' K alpha). K is positive definite, so the minimum of the mean loss has
  alpha = (onehot(y) - p(K alpha)) / (N lambda), which scipy.optimize.root solves; scikit-learn's LogisticRegression on the features K^(1/2)
  without intercept, C = 1/(N lambda), must have the same minimum.

Run: /usr/bin/python3 tests/reference/kernel_machines.py
"""
import numpy as np
import scipy
import sklearn
from scipy.linalg import cho_factor, cho_solve, sqrtm
from scipy.optimize import root
from scipy.spatial.distance import cdist
from scipy.special import expit, log_softmax, softmax
from sklearn.linear_model import LogisticRegression

from common import write

PRIMES = [2, 3, 5, 7, 11]


def points(n, d, scale):
    i = np.arange(1, n + 1)
    return scale * np.stack([(i * np.sqrt(p)) % 1 for p in PRIMES[:d]], axis=1)


def ridge():
    n, sigma, lam = 500, 1.0, 1e-3
    x = points(n, 3, 4.0)
    y = x[:, 0] * x[:, 1] - x[:, 2]
    k = np.exp(-cdist(x, x, "sqeuclidean") / (2 * sigma**2))
    alpha = cho_solve(cho_factor(k + n * lam * np.eye(n)), y)
    return {"n": n, "bandwidth": sigma, "lambda": lam, "alpha": alpha.tolist()}


def classes(count):
    n, sigma, lam = 60, 0.4, 0.05
    x = points(n, 2, 4.0)
    labels = np.floor(((np.arange(1, n + 1) * np.sqrt(13)) % 1) * count).astype(int)
    k = np.exp(-cdist(x, x) / sigma)
    columns = 1 if count == 2 else count
    target = labels[:, None] if count == 2 else np.eye(count)[labels]

    def probabilities(z):
        return expit(z) if count == 2 else softmax(z, axis=1)

    def stationarity(flat):
        alpha = flat.reshape(n, columns)
        return (alpha - (target - probabilities(k @ alpha)) / (n * lam)).ravel()

    found = root(stationarity, np.zeros(n * columns), tol=1e-14)
    assert np.abs(found.fun).max() < 1e-12, found.message
    alpha = found.x.reshape(n, columns)
    z = k @ alpha
    logits = np.hstack([np.zeros((n, 1)), z]) if count == 2 else z
    loss = -log_softmax(logits, axis=1)[np.arange(n), labels].mean()
    value = loss + lam / 2 * np.sum(alpha * (k @ alpha))

    half = np.real(sqrtm(k))
    fitted = LogisticRegression(C=1 / (n * lam), fit_intercept=False, tol=1e-10, max_iter=10000).fit(half, labels)
    w = fitted.coef_.T
    scores = np.hstack([np.zeros((n, 1)), half @ w]) if count == 2 else half @ w
    other = -log_softmax(scores, axis=1)[np.arange(n), labels].mean() + lam / 2 * np.sum(w**2)
    assert abs(other - value) < 1e-9, (other, value)
    return {
        "classes": count,
        "bandwidth": sigma,
        "lambda": lam,
        "labels": labels.tolist(),
        "value": float(value),
        "alpha": alpha.ravel().tolist(),
    }


write(
    "kernel_machines",
    {
        "by": f"scipy {scipy.__version__}, scikit-learn {sklearn.__version__}",
        "ridge": ridge(),
        "classification": [classes(2), classes(3)],
    },
)
