"""
Minima of least squares, ridge regression and lasso in exact rational arithmetic, for tables that are hard in float64: columns that nearly depend on
each other, exactly dependent ones, powers, scales of 1e150. The lasso's minimiser comes from an active-set search over fractions and is accepted only
where its optimality conditions hold exactly. f* is written as two float64 numbers that sum to it to 32 digits.

Run: /usr/bin/python3 tests/reference/certificates.py
"""
from fractions import Fraction

import numpy as np

from common import write

rng = np.random.default_rng(11)


def exact(values):
    return [Fraction(float(v)) for v in values]


def solve(a, b):
    """A solution of A x = b with 0 for dependent unknowns; A symmetric positive semidefinite and b in its range."""
    n = len(b)
    rows = [list(a[i]) + [b[i]] for i in range(n)]
    pivots = []
    for k in range(n):
        row = next((i for i in range(len(pivots), n) if rows[i][k] != 0), None)
        if row is None:
            continue
        top = len(pivots)
        rows[top], rows[row] = rows[row], rows[top]
        for i in range(n):
            if i != top and rows[i][k] != 0:
                factor = rows[i][k] / rows[top][k]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[top])]
        pivots.append(k)
    x = [Fraction(0)] * n
    for i, k in enumerate(pivots):
        x[k] = rows[i][n] / rows[i][k]
    return x, len(pivots)


class Problem:
    """Gram matrix and products with the targets, the intercept a last column of ones."""

    def __init__(self, x, y, bias):
        columns = [exact(c) for c in np.asarray(x, dtype=float).T]
        if bias:
            columns.append([Fraction(1)] * len(y))
        self.y = exact(y)
        self.n = len(y)
        self.d = len(columns) - (1 if bias else 0)
        self.size = len(columns)
        self.gram = [[Fraction(0)] * self.size for _ in range(self.size)]
        for i in range(self.size):
            for j in range(i + 1):
                self.gram[i][j] = self.gram[j][i] = sum(a * b for a, b in zip(columns[i], columns[j]))
        self.right = [sum(a * b for a, b in zip(c, self.y)) for c in columns]
        self.square = sum(v * v for v in self.y)

    def value(self, w, l1, l2):
        quadratic = sum(w[i] * self.gram[i][j] * w[j] for i in range(self.size) for j in range(self.size))
        loss = (self.square - 2 * sum(a * b for a, b in zip(w, self.right)) + quadratic) / (2 * self.n)
        weights = w[: self.d]
        return loss + l1 * sum(abs(v) for v in weights) + l2 * sum(v * v for v in weights) / 2

    def slopes(self, w, l2):
        """−∂/∂w_j of the smooth part, times N."""
        return [
            self.right[j]
            - sum(self.gram[j][k] * w[k] for k in range(self.size))
            - (self.n * l2 * w[j] if j < self.d else 0)
            for j in range(self.size)
        ]

    def smooth(self, l2):
        a = [
            [self.gram[i][j] + (self.n * l2 if i == j and i < self.d else 0) for j in range(self.size)]
            for i in range(self.size)
        ]
        w, rank = solve(a, self.right)
        assert all(s == 0 for s in self.slopes(w, l2)), "not stationary"
        return w, rank == self.size

    def lasso(self, l1):
        bias = list(range(self.d, self.size))
        active, signs = [], {}
        w = [Fraction(0)] * self.size
        for _ in range(400):
            places = active + bias
            a = [[self.gram[i][j] for j in places] for i in places]
            b = [self.right[i] - (self.n * l1 * signs[i] if i < self.d else 0) for i in places]
            part, rank = solve(a, b)
            if rank < len(places):
                # The last to enter depends on the others: go along what does not change the prediction, until a weight is 0.
                last = active[-1]
                others = active[:-1] + bias
                a = [[self.gram[i][j] for j in others] for i in others]
                part, _ = solve(a, [self.gram[i][last] for i in others])
                direction = {i: -signs[last] * v for i, v in zip(others, part)}
                steps = [(-w[i] / direction[i], i) for i in active[:-1] if direction[i] * signs[i] < 0]
                step, out = min(steps)
                for i, v in direction.items():
                    w[i] += step * v
                w[last] += step * signs[last]
                w[out] = Fraction(0)
                active.remove(out)
                continue
            goal = [Fraction(0)] * self.size
            for i, v in zip(places, part):
                goal[i] = v
            crossing = [
                (w[i] / (w[i] - goal[i]) if w[i] != 0 else Fraction(0), i)
                for i in active
                if goal[i] * signs[i] <= 0
            ]
            if crossing:
                step, out = min(crossing)
                w = [u + step * (v - u) for u, v in zip(w, goal)]
                w[out] = Fraction(0)
                active.remove(out)
                continue
            w = goal
            slopes = self.slopes(w, 0)
            worst = max(range(self.d), key=lambda j: abs(slopes[j]))
            if abs(slopes[worst]) <= self.n * l1:
                break
            active.append(worst)
            signs[worst] = 1 if slopes[worst] > 0 else -1
        slopes = self.slopes(w, 0)
        for j in range(self.size):
            if j >= self.d:
                assert slopes[j] == 0
            elif w[j] == 0:
                assert abs(slopes[j]) <= self.n * l1
            else:
                assert slopes[j] == self.n * l1 * (1 if w[j] > 0 else -1)
        # The only minimiser where the columns with |slope| = N l1 are independent of each other and of the intercept.
        tight = [j for j in range(self.d) if abs(slopes[j]) == self.n * l1] + bias
        a = [[self.gram[i][j] for j in tight] for i in tight]
        _, rank = solve(a, [Fraction(0)] * len(tight))
        return w, rank == len(tight)


def two_numbers(value):
    high = float(value)
    return [high, float(value - Fraction(high))]


def case(name, x, y, bias=True, lasso=True):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    problem = Problem(x, y, bias)
    centred = y - y.mean() if bias else y
    top = float(np.max(np.abs((x - x.mean(axis=0) if bias else x).T @ centred)) / len(y))
    minima = []

    def add(kind, lam, found, l1, l2):
        w, unique = found
        minima.append(
            {
                "penalty": kind,
                "lambda": lam,
                "minimum": two_numbers(problem.value(w, l1, l2)),
                "minimiser": [float(v) for v in w] if unique else None,
            }
        )

    zero = Fraction(0)
    add("none", 0.0, problem.smooth(zero), zero, zero)
    ridge_scale = float(np.max(np.sum(x * x, axis=0)) / len(y)) or 1.0
    for share in [1e-14, 1e-3, 10.0]:
        lam = share * ridge_scale
        # The largest λ that the parameter admits.
        if lam > 1e6:
            continue
        add("l2", lam, problem.smooth(Fraction(lam)), zero, Fraction(lam))
    if lasso and top > 0:
        for share in [1e-10, 1e-3, 0.3, 2.0]:
            lam = share * top
            if lam > 1e6:
                continue
            add("l1", lam, problem.lasso(Fraction(lam)), Fraction(lam), zero)
    elif lasso:
        add("l1", 0.5, problem.lasso(Fraction(1, 2)), Fraction(1, 2), zero)
    return {"name": name, "features": x.tolist(), "targets": y.tolist(), "bias": bias, "minima": minima}


def normal(*shape):
    return rng.normal(size=shape)


cases = []
for k in range(3, 16):
    x1, z = normal(24), normal(24)
    cases.append(case(f"x2 = x1 + 1e-{k} z, y = x1 + z", np.stack([x1, x1 + 10.0**-k * z], 1), x1 + z))
x1, z, e = normal(24), normal(24), normal(24)
cases.append(case("x2 = x1 + 1e-9 z with noise", np.stack([x1, x1 + 1e-9 * z], 1), x1 + z + e, bias=False))
a, b = normal(20), normal(20)
third = a + b + 1e-3 * normal(20)
y = 2 * a - b + 0.3 * normal(20)
cases.append(case("three nearly dependent columns", np.stack([a, b, third], 1), y))
cases.append(case("the same columns in another order", np.stack([third, b, a], 1), y))

t = np.linspace(0, 1, 30)
wave = np.sin(3 * t) + 0.1 * normal(30)
cases.append(case("powers t to t^6", np.stack([t**k for k in range(1, 7)], 1), wave))
cases.append(case("powers t to t^12", np.stack([t**k for k in range(1, 13)], 1), wave, lasso=False))
cases.append(case("powers of years", np.stack([(2000 + 10 * t) ** k for k in range(1, 4)], 1), wave))
hilbert = np.array([[1 / (i + j + 1) for j in range(7)] for i in range(12)])
cases.append(case("Hilbert matrix", hilbert, normal(12), bias=False))

x = normal(18, 3)
y = x @ [1.0, -2.0, 0.5] + 0.2 * normal(18)
cases.append(case("a column twice", np.hstack([x, x[:, :1]]), y))
cases.append(case("a column, its double and its third", np.hstack([x, 2 * x[:, :1], x[:, 1:2] / 3]), y, lasso=False))
cases.append(case("a column and its negative", np.hstack([x, -x[:, :1]]), y))
cases.append(case("a column of zeros", np.hstack([x, np.zeros((18, 1))]), y))
cases.append(case("a constant column", np.hstack([x, np.full((18, 1), 3.7)]), y))
cases.append(case("a constant column without intercept", np.hstack([x, np.full((18, 1), 3.7)]), y, bias=False))
onehot = np.eye(3)[np.arange(18) % 3]
cases.append(case("one-hot codes", np.hstack([x[:, :1], onehot]), y, lasso=False))
counts = rng.integers(0, 9, size=(18, 2)).astype(float)
cases.append(case("counts and their sum", np.hstack([counts, counts.sum(axis=1, keepdims=True)]), y, lasso=False))
for power in [8, 150]:
    scaled = x * np.array([10.0**power, 1.0, 10.0**-power])
    cases.append(case(f"columns of sizes 1e±{power}", scaled, y))
cases.append(case("a large mean", x + np.array([1e8, 0, 0]), y))
for power in [150, -150]:
    cases.append(case(f"targets of size 1e{power}", x, y * 10.0**power))
cases.append(case("targets of zeros", x, np.zeros(18)))
cases.append(case("equal targets", x, np.full(18, 2.5)))
cases.append(case("targets in the span", x, x @ [1.0, -2.0, 0.5]))
wide = normal(5, 8)
cases.append(case("more columns than samples", wide, normal(5)))
cases.append(case("more columns than samples, no intercept", wide, normal(5), bias=False))
repeated = np.vstack([wide, wide[:2]])
first = normal(5)
cases.append(case("repeated rows that agree", repeated, np.concatenate([first, first[:2]])))
cases.append(case("repeated rows that differ", repeated, normal(7)))
cases.append(case("one sample", normal(1, 3), normal(1)))
cases.append(case("one sample, no intercept", normal(1, 3), normal(1), bias=False))
cases.append(case("one column", normal(9, 1), normal(9)))

write("certificates", {"by": "Python fractions", "cases": cases})
