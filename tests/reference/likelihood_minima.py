"""
Minima of logistic, softmax and Poisson regressions by Newton's method in 60 digits (mpmath): tables that are not separable, that nearly are, with nearly
dependent columns and scales of 1e±150; and infima that no weights reach, from the parts that stay (Albert & Anderson 1984).

Run: /usr/bin/python3 tests/reference/likelihood_minima.py
"""
import mpmath as mp
import numpy as np

from common import write

mp.mp.dps = 60
rng = np.random.default_rng(4)


def softmax_part(z, label):
    """Loss, slopes and curvature of one sample in the logits of all classes but the last, whose logit is 0."""
    powers = [mp.exp(v) for v in z] + [mp.mpf(1)]
    mass = sum(powers)
    p = [v / mass for v in powers]
    C = len(z)
    loss = mp.log(mass) - (z[label] if label < C else 0)
    slope = [p[c] - (1 if c == label else 0) for c in range(C)]
    w = [[p[a] * ((1 if a == b else 0) - p[b]) for b in range(C)] for a in range(C)]
    return loss, slope, w


def poisson_part(z, count):
    rate = mp.exp(z[0])
    return rate - count * z[0], [rate - count], [[rate]]


def minimum(x, outcomes, K, l2, bias, part, steps=60):
    """K classes, or 2 for one logit; the penalty is that of the least weights with the logits."""
    n, d = x.shape
    rows = [[mp.mpf(float(v)) for v in row] + ([mp.mpf(1)] if bias else []) for row in x]
    # Columns of size one, so that the linear systems keep their digits.
    sizes = [max(abs(row[j]) for row in rows) or mp.mpf(1) for j in range(len(rows[0]))]
    rows = [[v / s for v, s in zip(row, sizes)] for row in rows]
    C = K - 1
    width = len(rows[0])
    size = width * C
    metric = lambda a, b: (1 if a == b else 0) - (mp.mpf(1) / K if K > 2 else 0)
    theta = mp.matrix(size, 1)
    l2 = mp.mpf(float(l2))

    def evaluate(theta, second):
        value, gradient, hessian = mp.mpf(0), mp.matrix(size, 1), mp.matrix(size, size)
        for row, outcome in zip(rows, outcomes):
            z = [sum(row[j] * theta[j * C + c] for j in range(width)) for c in range(C)]
            loss, slope, w = part(z, outcome)
            value += loss / n
            for j in range(width):
                for a in range(C):
                    gradient[j * C + a] += row[j] * slope[a] / n
                    if second:
                        for k in range(width):
                            for b in range(C):
                                hessian[j * C + a, k * C + b] += row[j] * row[k] * w[a][b] / n
        for j in range(d):
            weight = l2 / sizes[j] ** 2
            for a in range(C):
                for b in range(C):
                    s = weight * metric(a, b)
                    value += s * theta[j * C + a] * theta[j * C + b] / 2
                    gradient[j * C + a] += s * theta[j * C + b]
                    hessian[j * C + a, j * C + b] += s
        return value, gradient, hessian

    for _ in range(steps):
        value, gradient, hessian = evaluate(theta, True)
        step = mp.lu_solve(hessian, gradient)
        decrease = sum(a * b for a, b in zip(step, gradient))
        if decrease < mp.mpf(10) ** -50:
            break
        t = mp.mpf(1)
        while evaluate(theta - t * step, False)[0] > value - t * decrease / 10:
            t /= 2
            assert t > mp.mpf(10) ** -12
        theta = theta - t * step
    else:
        raise ValueError("no convergence")
    u = [[theta[j * C + c] / sizes[j] for c in range(C)] for j in range(width)]
    if K == 2:
        weights = [row[0] for row in u]
    else:
        weights = [v for row in u for v in [*(a - sum(row) / K for a in row), -sum(row) / K]]
    return value, weights


def two_numbers(value):
    high = float(value)
    return [high, float(value - mp.mpf(high))]


cases = []


def add(name, loss, x, y, lambdas, bias=True, infimum=None, unique=True):
    x = np.asarray(x, dtype=float)
    K = int(max(y)) + 1 if loss == "classes" else 2
    minima = []
    for lam in lambdas:
        if infimum is not None and lam == 0:
            minima.append({"lambda": 0, "minimum": two_numbers(infimum), "minimiser": None, "attained": False})
            continue
        if loss == "classes":
            # One logit stands for the second class.
            outcomes = [1 - int(v) for v in y] if K == 2 else [int(v) for v in y]
            value, weights = minimum(x, outcomes, K, lam, bias, softmax_part)
        else:
            value, weights = minimum(x, [int(v) for v in y], 2, lam, bias, poisson_part)
        minima.append(
            {
                "lambda": lam,
                "minimum": two_numbers(value),
                "minimiser": [float(v) for v in weights],
                "attained": True,
            }
        )
    cases.append(
        {
            "name": name,
            "loss": loss,
            "features": x.tolist(),
            "outcomes": [int(v) for v in y],
            "classes": K,
            "bias": bias,
            "minima": minima,
        }
    )


def normal(*shape):
    return rng.normal(size=shape)


ALL = [0.0, 1e-12, 1e-2, 10.0]
x = normal(30, 2)
y = (x @ [1.5, -1.0] + 1.5 * normal(30) > 0).astype(int)
add("two classes that overlap", "classes", x, y, ALL)
add("two classes that overlap, no intercept", "classes", x, y, ALL, bias=False)
for k in [3, 6, 9, 12]:
    near = np.stack([x[:, 0], x[:, 0] + 10.0**-k * x[:, 1]], 1)
    add(f"x2 = x1 + 1e-{k} z", "classes", near, y, [0.0, 1e-2])
add("columns of sizes 1e±8", "classes", x * [1e8, 1e-8], y, [0.0, 1e-2])
add("columns of sizes 1e±150", "classes", x * [1e150, 1e-150], y, [0.0])
add("a large mean", "classes", x + [1e6, 0], y, [0.0, 1e-2])
t = np.linspace(0, 1, 24)
powers = np.stack([t**k for k in range(1, 5)], 1)
add("powers t to t^4", "classes", powers, (np.sin(9 * t) + 0.8 * normal(24) > 0).astype(int), [0.0, 1e-6])
three = normal(30, 2)
labels = np.argmax(three @ normal(2, 3) + 1.2 * normal(30, 3), axis=1)
add("three classes that overlap", "classes", three, labels, ALL)

apart = x[np.abs(x[:, 0]) > 0.2]
add("separable classes", "classes", apart, (apart[:, 0] > 0).astype(int), [0.0, 1e-6], infimum=mp.mpf(0))
add("one class alone", "classes", x[:6], [1] * 6, [0.0], infimum=mp.mpf(0))
line = np.array([-3.0, -2, -1, 0, 0, 0, 1, 2])[:, None]
# Two of three at the boundary are of one class: their best probability is 1/3.
tie = -(mp.log(mp.mpf(2) / 3) * 2 + mp.log(mp.mpf(1) / 3)) / 8
add("separated but for ties", "classes", line, [0, 0, 0, 0, 0, 1, 1, 1], [0.0, 1e-3], infimum=tie)
shifted = line * 0.3 + 0.7
add("ties at another place", "classes", shifted, [0, 0, 0, 0, 0, 1, 1, 1], [0.0], infimum=tie)
plane = np.array([[-2, 0.3], [-1, -1.0], [0, 1], [0, -1], [0, 0.5], [0, -0.2], [1, 0.4], [2, -0.7]])
sides = [0, 0, 1, 0, 0, 1, 1, 1]
inner, _ = minimum(plane[2:6, 1:], [1 - v for v in sides[2:6]], 2, 0.0, True, softmax_part)
add("ties on a line in the plane", "classes", plane, sides, [0.0], infimum=inner / 2)
far = np.vstack([three[labels != 2], three[labels == 2] + [30, 0]])
groups = np.concatenate([labels[labels != 2], labels[labels == 2]])
pair = labels != 2
inside, _ = minimum(three[pair], [1 - v for v in labels[pair]], 2, 0.0, True, softmax_part)
add("one of three classes separated", "classes", far, groups, [0.0, 1e-3], infimum=inside * int(pair.sum()) / 30)

counts = rng.poisson(np.exp(0.6 * x[:, 0] + 0.5))
add("counts", "counts", x, counts, ALL)
add("large counts", "counts", x, rng.poisson(np.exp(0.6 * x[:, 0] + 11)), [0.0, 1e-2])
add("counts of large features", "counts", x * 1e6 + 3e6, counts, [0.0])
add("counts that are all zero", "counts", x[:8], [0] * 8, [0.0], infimum=mp.mpf(0))
onehot = np.eye(3)[np.arange(12) % 3]
grouped = [3 * (i % 3) if i % 3 else 0 for i in range(12)]
rest = sum((m - m * mp.log(m)) * 4 for m in [mp.mpf(3), mp.mpf(6)]) / 12
add("a group of zero counts", "counts", onehot[:, :2], grouped, [0.0, 1e-3], infimum=rest)
write("likelihood_minima", {"by": f"mpmath {mp.__version__}, 60 digits", "cases": cases})
