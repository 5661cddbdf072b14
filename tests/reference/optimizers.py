"""
AdamW step by step on a linear regression, and nonlinear least squares by scipy.

AdamW is written from the description of torch.optim.AdamW: first p *= 1 - lr * weight_decay, then Adam's step; the bias is in a group
without decay. The learning rate falls along a cosine, lr * (1 + cos(pi min(k, horizon) / horizon)) / 2 in step k = 0, 1, ...
Run: /usr/bin/python3 tests/reference/optimizers.py
"""
import numpy as np
import scipy
from scipy.optimize import least_squares

from common import write

rng = np.random.default_rng(11)


def adamw():
    n, d, steps, horizon = 12, 3, 25, 20
    lr, decay, beta1, beta2, eps = 0.05, 0.4, 0.9, 0.99, 1e-8
    x = rng.normal(size=(n, d))
    y = x @ np.array([2.0, -1.0, 0.5]) + 1 + 0.1 * rng.normal(size=n)
    params = {"w": np.zeros(d), "b": np.zeros(1)}
    moments = {key: [np.zeros_like(p), np.zeros_like(p)] for key, p in params.items()}
    trajectory = []
    for k in range(steps):
        rate = lr * (1 + np.cos(np.pi * min(k, horizon) / horizon)) / 2
        error = (x @ params["w"] + params["b"] - y) / n
        gradients = {"w": x.T @ error, "b": np.array([error.sum()])}
        for key, p in params.items():
            g = gradients[key]
            if key == "w":
                p *= 1 - rate * decay
            m, v = moments[key]
            m[:] = beta1 * m + (1 - beta1) * g
            v[:] = beta2 * v + (1 - beta2) * g * g
            p -= rate * (m / (1 - beta1 ** (k + 1))) / (np.sqrt(v / (1 - beta2 ** (k + 1))) + eps)
        trajectory.append([*params["w"], *params["b"]])
    return {
        "stepSize": lr,
        "weightDecay": decay,
        "beta1": beta1,
        "beta2": beta2,
        "horizon": horizon,
        "features": x.tolist(),
        "targets": y.tolist(),
        "trajectory": trajectory,
    }


def decay():
    """a exp(-b x) + c, once without noise and once with."""
    x = np.linspace(0, 4, 30)
    true = np.array([2.0, 1.3, 0.5])
    start = np.array([1.0, 0.5, 0.0])
    model = lambda p: p[0] * np.exp(-p[1] * x) + p[2]
    cases = []
    for sigma in [0.0, 0.1]:
        y = model(true) + sigma * rng.normal(size=x.size)
        found = least_squares(lambda p: model(p) - y, start, method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15)
        cases.append(
            {
                "sigma": sigma,
                "targets": y.tolist(),
                "solution": found.x.tolist(),
                "value": float(np.sum((model(found.x) - y) ** 2) / (2 * x.size)),
            }
        )
    return {"x": x.tolist(), "start": start.tolist(), "cases": cases}


write(
    "optimizers",
    {"by": f"numpy {np.__version__}, scipy {scipy.__version__}", "adamw": adamw(), "decay": decay()},
)
