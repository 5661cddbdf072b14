"""
The linear support vector machine 1/N sum max(0, 1 - s (x w + b)) + lambda/2 |w|^2 on overlapping points that both languages compute to the
last bit, x[i][j] = frac((i + 1) sqrt(prime_j)) + shift for the second class, by scikit-learn's SVC (libsvm). Its dual coefficients bound the
minimum from below and its weights from above; both must agree.

Run: /usr/bin/python3 tests/reference/support_vectors.py
"""
import numpy as np
import sklearn
from sklearn.svm import SVC

from common import write

PRIMES = [2, 3, 5]


def case(n, d, shift, lam):
    i = np.arange(1, n + 1)
    x = np.stack([(i * np.sqrt(p)) % 1 for p in PRIMES[:d]], axis=1)
    s = np.where(i % 3 == 0, 1.0, -1.0)
    x[s > 0] += shift
    svc = SVC(kernel="linear", C=1 / (n * lam), tol=1e-9).fit(x, s)
    w, b = svc.coef_[0], svc.intercept_[0]

    def value(w, b):
        return np.maximum(0, 1 - s * (x @ w + b)).mean() + lam / 2 * w @ w

    alpha = np.abs(svc.dual_coef_[0])
    dual = lam * (alpha.sum() - w @ w / 2)
    assert 0 <= value(w, b) - dual + 1e-15 < 1e-7, (value(w, b), dual)
    return {"n": n, "d": d, "shift": shift, "lambda": lam, "value": float(value(w, b)), "gap": float(value(w, b) - dual)}


write(
    "support_vectors",
    {
        "by": f"scikit-learn {sklearn.__version__}",
        "cases": [case(60, 2, 0.3, 0.01), case(60, 3, 0.6, 3e-3), case(40, 2, 0.0, 0.1), case(50, 2, 1.5, 1e-3)],
    },
)
