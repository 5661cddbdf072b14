"""
Spectra of kernel matrices and of data, and what they give for ridge regression with N lambda, by numpy (LAPACK).

The effective dimension is the trace of K (K + N lambda I)^-1 by a linear solve, not a sum over eigenvalues.
Run: /usr/bin/python3 tests/reference/spectra.py
"""
import numpy as np
from scipy.spatial.distance import cdist

from common import write

rng = np.random.default_rng(11)
N, D = 60, 4
x = rng.normal(size=(N, D))
eye = np.eye(N)
cases = []
for kernel, sigma, lam in [("gaussian", 0.7, 1e-3), ("gaussian", 60.0, 1e-6), ("laplace", 0.7, 1e-2)]:
    distance = cdist(x, x)
    k = np.exp(-(distance**2) / (2 * sigma**2)) if kernel == "gaussian" else np.exp(-distance / sigma)
    shifted = k + N * lam * eye
    cases.append(
        {
            "kernel": kernel,
            "bandwidth": sigma,
            "lambda": lam,
            "eigenvalues": np.linalg.eigvalsh(k)[::-1].tolist(),
            "dimension": float(np.trace(np.linalg.solve(shifted, k))),
            "condition": float(np.linalg.cond(shifted)),
            "rank": int(np.linalg.matrix_rank(k)),
        }
    )
lam = 1e-2
# Columns of very different size, and one that is a combination of others.
data = np.hstack([x * [1, 1e-3, 1e-7, 10], x[:, :1] + 1e-3 * x[:, 1:2]])
gram = data.T @ data
write(
    "spectra",
    {
        "by": f"numpy {np.__version__}",
        "features": x.tolist(),
        "cases": cases,
        "data": {
            "features": data.tolist(),
            "lambda": lam,
            "singular": np.linalg.svd(data, compute_uv=False).tolist(),
            "dimension": float(np.trace(np.linalg.solve(gram + N * lam * np.eye(D + 1), gram))),
            "condition": float(np.linalg.cond(gram + N * lam * np.eye(D + 1))),
            "rank": int(np.linalg.matrix_rank(data)),
        },
    },
)
