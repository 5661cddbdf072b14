"""
Gradient of an MLP by hand: h1 = tanh(X W1 + b1), h2 = tanh(h1 W2 + b2), z = h2 W3 + b3, loss = mean softmax
cross-entropy + lambda/2 sum ||W||^2, and the same network with one output and the loss 1/(2N) sum (z - y)^2.

Backpropagation written out in numpy, checked here against central differences of the loss.
Run: /usr/bin/python3 tests/reference/mlp_gradient.py
"""
import numpy as np
from scipy.special import log_softmax, softmax

from common import write

rng = np.random.RandomState(3)
n, lam = 12, 0.03


def forward(x, p):
    h1 = np.tanh(x @ p[0] + p[1])
    h2 = np.tanh(h1 @ p[2] + p[3])
    return h1, h2, h2 @ p[4] + p[5]


def ridge(p):
    return lam / 2 * sum((p[i] ** 2).sum() for i in (0, 2, 4))


def loss(kind, x, y, p):
    z = forward(x, p)[2]
    if kind == "softmax":
        return -log_softmax(z, axis=1)[np.arange(n), y].mean() + ridge(p)
    return ((z[:, 0] - y) ** 2).sum() / (2 * n) + ridge(p)


def gradient(kind, x, y, p):
    h1, h2, z = forward(x, p)
    if kind == "softmax":
        dz = (softmax(z, axis=1) - np.eye(z.shape[1])[y]) / n
    else:
        dz = (z - y[:, None]) / n
    d2 = (dz @ p[4].T) * (1 - h2**2)
    d1 = (d2 @ p[2].T) * (1 - h1**2)
    return [
        x.T @ d1 + lam * p[0],
        d1.sum(axis=0),
        h1.T @ d2 + lam * p[2],
        d2.sum(axis=0),
        h2.T @ dz + lam * p[4],
        dz.sum(axis=0),
    ]


cases = []
for kind, outputs in (("softmax", 3), ("squared-error", 1)):
    sizes = [3, 5, 4, outputs]
    x = rng.randn(n, sizes[0])
    y = rng.randint(0, 3, n) if kind == "softmax" else rng.randn(n)
    p = []
    for a, b in zip(sizes[:-1], sizes[1:]):
        p += [rng.randn(a, b), rng.randn(b)]
    g = gradient(kind, x, y, p)
    for part, slope in zip(p, g):
        for index in np.ndindex(part.shape):
            value = part[index]
            part[index] = value + 1e-5
            above = loss(kind, x, y, p)
            part[index] = value - 1e-5
            below = loss(kind, x, y, p)
            part[index] = value
            assert abs((above - below) / 2e-5 - slope[index]) < 1e-8
    cases.append(
        {
            "loss": kind,
            "widths": sizes[1:-1],
            "lambda": lam,
            "features": x.tolist(),
            "targets": y.tolist(),
            "parameters": [part.tolist() for part in p],
            "value": float(loss(kind, x, y, p)),
            "gradient": [part.tolist() for part in g],
        }
    )
write("mlp_gradient", {"by": f"numpy {np.__version__}", "cases": cases})
