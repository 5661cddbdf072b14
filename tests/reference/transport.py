"""
Optimal transport by POT: exact (emd2), entropic in the log domain (sinkhorn2), sliced, one-dimensional, and the assignment of SciPy.

Clouds come from a seeded NumPy generator and are stored with the results. Costs are squared Euclidean distances unless said.
Run: /usr/bin/python3 tests/reference/transport.py
"""
import numpy as np
import ot
import scipy
from scipy.optimize import linear_sum_assignment

from common import write

rng = np.random.default_rng(5)
exact, entropic = [], []
for n, m, uniform in ((60, 80, True), (40, 40, True), (25, 70, False)):
    x, y = rng.normal(size=(n, 2)), rng.normal(size=(m, 2)) * 0.5 + [1.0, -0.5]
    a = np.full(n, 1 / n) if uniform else rng.dirichlet(np.ones(n))
    b = np.full(m, 1 / m) if uniform else rng.dirichlet(np.ones(m))
    for p in (1, 2):
        cost = ot.dist(x, y, metric="euclidean") ** p
        value, log = ot.emd2(a, b, cost, log=True, return_matrix=True, numItermax=10_000_000)
        case = {
            "x": x.tolist(),
            "y": y.tolist(),
            "a": a.tolist(),
            "b": b.tolist(),
            "p": p,
            "cost": float(value),
            "nonzeros": int((log["G"] > 0).sum()),
        }
        if uniform and n == m:
            rows, columns = linear_sum_assignment(cost)
            case["assignment"] = float(cost[rows, columns].mean())
        exact.append(case)
        if p == 2:
            for share in (1.0, 0.1, 0.02):
                reg = share * cost.mean()
                plan, log = ot.sinkhorn(
                    a, b, cost, reg, method="sinkhorn_log", numItermax=200_000, stopThr=1e-13, log=True
                )
                kl = (plan * (np.log(np.maximum(plan, 1e-300)) - np.log(np.outer(a, b)))).sum()
                entropic.append(
                    {
                        "case": len(exact) - 1,
                        "share": share,
                        "cost": float((plan * cost).sum()),
                        "value": float((plan * cost).sum() + reg * kl),
                        "error": float(np.abs(plan.sum(1) - a).sum() + np.abs(plan.sum(0) - b).sum()),
                    }
                )
u, v = rng.normal(size=30), rng.normal(size=45) * 2
wu, wv = rng.dirichlet(np.ones(30)), rng.dirichlet(np.ones(45))
line = [
    {
        "u": u.tolist(),
        "v": v.tolist(),
        "a": wu.tolist(),
        "b": wv.tolist(),
        "p": p,
        "cost": float(ot.emd2_1d(u, v, wu, wv, metric="minkowski", p=p)),
    }
    for p in (1, 2)
]
px, py = rng.normal(size=(50, 3)), rng.normal(size=(50, 3)) + 0.5
directions = ot.sliced.get_random_projections(3, 20, seed=3)
sliced = {
    "x": px.tolist(),
    "y": py.tolist(),
    "directions": directions.tolist(),
    # The mean divides by n_projections even where the directions are given.
    "squared": float(
        ot.sliced_wasserstein_distance(px, py, n_projections=20, projections=directions) ** 2
    ),
}
# The same with unequal weights and numbers of points; emd2_1d along each direction is a second way.
wx, wy = rng.dirichlet(np.ones(20)), rng.dirichlet(np.ones(33))
qx, qy = rng.normal(size=(20, 3)), rng.normal(size=(33, 3)) * 1.5 - 0.5
weighted = {
    "x": qx.tolist(),
    "y": qy.tolist(),
    "a": wx.tolist(),
    "b": wy.tolist(),
    "directions": directions.tolist(),
    "squared": float(
        ot.sliced_wasserstein_distance(qx, qy, wx, wy, n_projections=20, projections=directions) ** 2
    ),
}
lines = [ot.emd2_1d(qx @ d, qy @ d, wx, wy) for d in directions.T]
assert abs(np.mean(lines) - weighted["squared"]) < 1e-12

# Dual potentials of the exact problem, which are the derivatives in the weights; unique up to a constant for generic weights.
x, y = np.array(exact[-1]["x"]), np.array(exact[-1]["y"])
a, b = np.array(exact[-1]["a"]), np.array(exact[-1]["b"])
_, log = ot.emd2(a, b, ot.dist(x, y), log=True, return_matrix=True, numItermax=10_000_000)
potentials = {"case": len(exact) - 1, "u": log["u"].tolist(), "v": log["v"].tolist()}


def regularized(a, x, b, y, reg):
    cost = ot.dist(x, y)
    plan = ot.sinkhorn(a, b, cost, reg, method="sinkhorn_log", numItermax=200_000, stopThr=1e-13)
    kl = (plan * (np.log(np.maximum(plan, 1e-300)) - np.log(np.outer(a, b)))).sum()
    return (plan * cost).sum() + reg * kl


# Debiased, for a few values of ε in units of the mean cost between the clouds, with unequal weights.
divergence = []
for share in (1.0, 0.1, 0.02):
    reg = share * ot.dist(x, y).mean()
    cross = regularized(a, x, b, y, reg)
    own = regularized(a, x, a, x, reg) / 2 + regularized(b, y, b, y, reg) / 2
    divergence.append(
        {"case": len(exact) - 1, "entropicReg": float(reg), "entropic": float(cross), "value": float(cross - own)}
    )
write(
    "transport",
    {
        "by": f"POT {ot.__version__}, SciPy {scipy.__version__}",
        "exact": exact,
        "entropic": entropic,
        "line": line,
        "sliced": sliced,
        "weighted": weighted,
        "potentials": potentials,
        "divergence": divergence,
    },
)
