"""
Eigenvalues of symmetric matrices given by formulas that tests repeat, by LAPACK's dsyevr through scipy.

Run: /usr/bin/python3 tests/reference/symmetric_eigen.py
"""
import numpy as np
import scipy
from scipy.linalg import eigh

from common import write


def integers(n):
    i, j = np.indices((n, n))
    a = (i * j * 17 + (i + j) * 37 + (i * i + j * j) * 5) % 101 - 50
    return a.astype(float)


def hilbert(n):
    i, j = np.indices((n, n))
    return 1 / (i + j + 1)


def wilkinson(n):
    return np.diag(np.abs(np.arange(n) - (n - 1) / 2)) + np.eye(n, k=1) + np.eye(n, k=-1)


def graded(n, sign):
    """Powers of two, so that the entries are the same everywhere; from 1 to 2^-(2n - 2), downward or upward."""
    i, j = np.indices((n, n))
    place = i + j if sign < 0 else 2 * (n - 1) - i - j
    return 2.0**-place * np.where(i == j, 3, 1)


def near_identity(n):
    """All eigenvalues within 2^-40 of 1."""
    return np.eye(n) + 2.0**-46 * integers(n) / 50


cases = {
    "integers": integers(120),
    "hilbert": hilbert(40),
    "wilkinson": wilkinson(21),
    "gradedDown": graded(30, -1),
    "gradedUp": graded(30, 1),
    "nearIdentity": near_identity(40),
    "ones": np.ones((30, 30)),
}
write(
    "symmetric_eigen",
    {
        "by": f"scipy {scipy.__version__}",
        "cases": [
            {"name": name, "n": len(a), "values": eigh(a, eigvals_only=True)[::-1].tolist()}
            for name, a in cases.items()
        ],
    },
)
