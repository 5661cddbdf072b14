"""Minima of small convex problems with awkward numbers, to 60 digits.

Quadratic programs by a primal-dual interior-point method in mpmath at 400 digits (Boyd & Vandenberghe 2004, section 11.7), total variation of images by
the barrier method on its dual, kernel machines by linear solves and Newton's method with the kernels themselves. Each minimum is printed as two
float64 numbers that sum to it. Run: /usr/bin/python3 tests/reference/convex_minima.py > tests/reference/convex_minima.json
"""
import json
import sys

from mpmath import mp, mpf, matrix, lu_solve, sqrt, exp, log, acos, sin, pi, eye, zeros

mp.dps = 400


class Generator:
    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = self.state * 48271 % 2147483647
        return self.state / 2147483647

    def normal(self):
        return sum(self.uniform() for _ in range(12)) - 6


def pair(x):
    hi = float(x)
    return [hi, float(mpf(x) - mpf(hi))]


def quadratic_program(Q, c, G, h, A=None, b=None):
    """min ½zᵀQz + cᵀz, Gz <= h, Az = b; z and its value."""
    n, m = Q.rows, G.rows
    p = A.rows if A is not None else 0
    if m == 0:
        z = lu_solve(Q, -c)
        return z, (c.T * z)[0] / 2
    z = zeros(n, 1)
    nu = zeros(p, 1)
    s = matrix([max(h[i], 1) + 1 for i in range(m)])
    lam = matrix([1] * m)
    small = mpf(10) ** -85 * min([mpf(1)] + [abs(v) for v in c if v != 0])
    lines = [[(i, G[k, i]) for i in range(n) if G[k, i] != 0] for k in range(m)]
    for step in range(400):
        dual = Q * z + c + G.T * lam + (A.T * nu if p else zeros(n, 1))
        slack = G * z + s - h
        equal = A * z - b if p else zeros(0, 1)
        mu = sum(s[i] * lam[i] for i in range(m)) / m
        worst = max([abs(v) for v in dual] + [abs(v) for v in slack] + [abs(v) for v in equal])
        if mu < small and worst < small:
            break
        sigma = mpf(1) / 10
        H = zeros(n + p, n + p)
        for i in range(n):
            for j in range(n):
                H[i, j] = Q[i, j]
        for k, row in enumerate(lines):
            for i, u in row:
                for j, v in row:
                    H[i, j] += u * v * lam[k] / s[k]
        for k in range(p):
            for j in range(n):
                H[n + k, j] = H[j, n + k] = A[k, j]
        comp = [s[i] * lam[i] - sigma * mu for i in range(m)]
        right = zeros(n + p, 1)
        inner = matrix([(lam[i] * slack[i] - comp[i]) / s[i] for i in range(m)])
        top = dual + G.T * inner
        for i in range(n):
            right[i] = -top[i]
        for k in range(p):
            right[n + k] = -equal[k]
        try:
            d = lu_solve(H, right)
        except ZeroDivisionError:
            # A face of solutions, along which only the barrier bends.
            if mu > small * mpf(10) ** 30:
                raise
            break
        dz = matrix([d[i] for i in range(n)])
        ds = -slack - G * dz
        dl = matrix([(-comp[i] - lam[i] * ds[i]) / s[i] for i in range(m)])
        a = mpf(1)
        for i in range(m):
            if ds[i] < 0:
                a = min(a, mpf("0.995") * s[i] / -ds[i])
            if dl[i] < 0:
                a = min(a, mpf("0.995") * lam[i] / -dl[i])
        z, s, lam = z + a * dz, s + a * ds, lam + a * dl
        if p:
            nu = nu + a * matrix([d[n + k] for k in range(p)])
    else:
        if mu > small * mpf(10) ** 30 or worst > small * mpf(10) ** 30:
            raise RuntimeError(f"no convergence: {mp.nstr(mu, 5)}, {mp.nstr(worst, 5)}")
    value = (z.T * Q * z)[0] / 2 + (c.T * z)[0]
    return z, value


def inverse_problem(K, y, l1, l2, tv):
    """min ½‖Kx − y‖² + l1‖x‖₁ + (l2/2)‖x‖² + tv Σ|x_{i+1} − x_i|."""
    rows, n = len(K), len(K[0])
    size = max(abs(v) for row in K for v in row) or 1
    scale = mpf(max(abs(v) for v in y) or 1)
    # K = size K', y = scale y', x = (scale/size) x'.
    M = matrix([[mpf(v) / size for v in row] for row in K])
    t = matrix([mpf(v) / scale for v in y])
    w1, w2, wt = mpf(l1) / (scale * size), mpf(l2) / mpf(size) ** 2, mpf(tv) / (scale * size)
    # Numbers of at most 1 have |Kᵀr| ≤ rows², which a field of n rows² carries: larger weights have the same minimum.
    wt = min(wt, mpf(10) ** 9)
    extra = (n if l1 else 0) + (n - 1 if tv else 0)
    N = n + extra
    Q, c = zeros(N, N), zeros(N, 1)
    MM, Mt = M.T * M, M.T * t
    for i in range(n):
        c[i] = -Mt[i]
        for j in range(n):
            Q[i, j] = MM[i, j] + (w2 if i == j else 0)
    lines = []
    at = n
    if l1:
        for i in range(n):
            c[at] = w1
            for sign in (1, -1):
                lines.append({i: sign, at: -1})
            at += 1
    if tv:
        for i in range(n - 1):
            c[at] = wt
            for sign in (1, -1):
                lines.append({i + 1: sign, i: -sign, at: -1})
            at += 1
    G, h = zeros(len(lines), N), zeros(len(lines), 1)
    for k, line in enumerate(lines):
        for i, v in line.items():
            G[k, i] = v
    z, value = quadratic_program(Q, c, G, h)
    value += (t.T * t)[0] / 2
    value = value if value > small_of(w1, wt) else mpf(0)
    return value * scale**2, [z[i] * scale / size for i in range(n)]


def small_of(*weights):
    """What the method leaves of 0."""
    return mpf(10) ** -60 * min([mpf(1)] + [w for w in weights if w > 0])


def hinge(x, s, lam):
    n, d = len(x), len(x[0])
    size = mpf(max(abs(v) for row in x for v in row) or 1)
    X = [[mpf(v) / size for v in row] for row in x]
    N = d + 1 + n
    Q, c = zeros(N, N), zeros(N, 1)
    for j in range(d):
        Q[j, j] = mpf(lam) / size**2
    G, h = zeros(2 * n, N), zeros(2 * n, 1)
    for i in range(n):
        c[d + 1 + i] = mpf(1) / n
        G[2 * i, d + 1 + i] = -1
        for j in range(d):
            G[2 * i + 1, j] = -s[i] * X[i][j]
        G[2 * i + 1, d] = -s[i]
        G[2 * i + 1, d + 1 + i] = -1
        h[2 * i + 1] = -1
    return quadratic_program(Q, c, G, h)[1]


def pursuit(K, b):
    rows, n = len(K), len(K[0])
    size = mpf(max(abs(v) for row in K for v in row))
    scale = mpf(max(abs(v) for v in b) or 1)
    A, right = zeros(rows, 2 * n), matrix([mpf(v) / scale for v in b])
    for i in range(rows):
        for j in range(n):
            A[i, j] = mpf(K[i][j]) / size
            A[i, n + j] = -A[i, j]
    z, value = quadratic_program(zeros(2 * n, 2 * n), matrix([1] * (2 * n)), -eye(2 * n), zeros(2 * n, 1), A, right)
    return value * scale / size, [(z[i] - z[n + i]) * scale / size for i in range(n)]


def image(y, H, W, lam):
    """min ½‖x − y‖² + λ Σ ‖(Dx)_ij‖ by the barrier method on p = λπ."""
    scale = mpf(max(abs(v) for v in y) or 1)
    t = [mpf(v) / scale for v in y]
    # Values of at most 1 need no field longer than their number: larger weights have the same minimum.
    w = min(mpf(lam) / scale, mpf(1000))
    edges, groups = [], []
    for i in range(H):
        for j in range(W):
            own = []
            if i + 1 < H:
                own.append(len(edges))
                edges.append((i * W + j, i * W + j + W))
            if j + 1 < W:
                own.append(len(edges))
                edges.append((i * W + j, i * W + j + 1))
            if own:
                groups.append(own)
    m = len(edges)
    D = zeros(m, H * W)
    for k, (a, b) in enumerate(edges):
        D[k, a], D[k, b] = -1, 1
    y_ = matrix(t)
    DD, Dy = D * D.T, D * y_
    # min ½‖y − Dᵀp‖² over ‖p_g‖ ≤ w, p = w q.
    q = zeros(m, 1)
    mu = mpf(1)
    while mu > mpf(10) ** -75:
        mu /= 10
        for _ in range(60):
            g = w * (w * (DD * q) - Dy)
            Hs = w * w * DD.copy()
            for own in groups:
                r = 1 - sum(q[k] ** 2 for k in own)
                for k in own:
                    g[k] += mu * 2 * q[k] / r
                    Hs[k, k] += mu * 2 / r
                    for l in own:
                        Hs[k, l] += mu * 4 * q[k] * q[l] / r**2
            d = lu_solve(Hs, -g)
            decrement = -(g.T * d)[0]
            a = 1 / (1 + sqrt(abs(decrement) / mu))
            if decrement / mu < mpf("0.01"):
                a = mpf(1)
            while any(sum((q[k] + a * d[k]) ** 2 for k in own) >= 1 for own in groups):
                a /= 2
            q = q + a * d
            if decrement < mu * mpf(10) ** -20:
                break
    x = y_ - w * (D.T * q)
    value = sum((x[i] - t[i]) ** 2 for i in range(H * W)) / 2
    u = D * x
    value += w * sum(sqrt(sum(u[k] ** 2 for k in own)) for own in groups)
    # What the barrier leaves of 0.
    value = value if value > mpf(10) ** -60 else mpf(0)
    return value * scale**2, [v * scale for v in x]


def kernel(name, a, b, sigma, degree, offset):
    a, b, sigma = [mpf(v) for v in a], [mpf(v) for v in b], mpf(sigma)
    apart = sum((u - v) ** 2 for u, v in zip(a, b))
    if name == "gaussian":
        return exp(-apart / (2 * sigma**2))
    if name == "laplace":
        return exp(-sqrt(apart) / sigma)
    if name == "polynomial":
        return (sum(u * v for u, v in zip(a, b)) / sigma**2 + mpf(offset)) ** degree
    p, q = a + [mpf(1)], b + [mpf(1)]
    norms = sqrt(sum(u * u for u in p)) * sqrt(sum(u * u for u in q))
    theta = acos(min(mpf(1), sum(u * v for u, v in zip(p, q)) / norms))
    if name == "arc-cosine-0":
        return 1 - theta / pi
    return norms / pi * (sin(theta) + (pi - theta) * mp.cos(theta))


def matrix_of(name, x, sigma, degree, offset):
    return matrix([[kernel(name, a, b, sigma, degree, offset) for b in x] for a in x])


def kernel_ridge(K, y, lam):
    n = K.rows
    shift = n * mpf(lam)
    alpha = lu_solve(K + shift * eye(n), matrix([mpf(v) for v in y]))
    rest = K * alpha - matrix([mpf(v) for v in y])
    value = (rest.T * rest)[0] / (2 * n) + mpf(lam) / 2 * (alpha.T * K * alpha)[0]
    return value, list(alpha)


def kernel_logistic(K, y, lam):
    n = K.rows
    lam = mpf(lam)
    value = lambda a, z: sum(log(1 + exp(z[i])) - y[i] * z[i] for i in range(n)) / n + lam / 2 * (a.T * z)[0]
    alpha = zeros(n, 1)
    z = K * alpha
    f = value(alpha, z)
    for _ in range(300):
        p = [1 / (1 + exp(-v)) for v in z]
        W = [v * (1 - v) for v in p]
        left = matrix([[W[i] * K[i, j] + (n * lam if i == j else 0) for j in range(n)] for i in range(n)])
        goal = lu_solve(left, matrix([W[i] * z[i] - (p[i] - y[i]) for i in range(n)]))
        d = goal - alpha
        a = mpf(1)
        while a > mpf(10) ** -30:
            nxt = alpha + a * d
            image_ = K * nxt
            reached = value(nxt, image_)
            if reached <= f:
                break
            a /= 2
        moved = f - reached
        alpha, z, f = nxt, image_, reached
        if abs(moved) < mpf(10) ** -100:
            break
    return f


def main():
    out = {"signals": [], "images": [], "inverse": [], "hinge": [], "pursuit": [], "ridge": [], "logistic": []}
    g = Generator(20240611)

    def signal(n, scale, offset=0.0):
        return [scale * (offset + (i * 3 // n) + 0.4 * g.normal()) for i in range(n)]

    for name, y, lam in [
        ("two values", [1.0, 3.0], 0.5),
        ("levels", signal(9, 1.0), 0.3),
        ("a large offset", signal(8, 1.0, 1e8), 0.3),
        ("no weight", signal(7, 1.0), 0.0),
        ("a tiny weight", signal(8, 1.0), 1e-12),
        ("a huge weight", signal(8, 1.0), 1e6),
        ("large values", signal(8, 1e8), 1e7),
        ("small values", signal(8, 1e-8), 2e-9),
        ("values of 1e150", signal(6, 1e150), 1e6),
        ("values of 1e-150", signal(6, 1e-150), 1e-3),
        ("equal values", [0.1] * 6, 0.2),
        ("ties", [1.0, 1.0, 5.0, 5.0, 1.0, 1.0], 1.0),
        ("thirds", [0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.7], 0.1),
        ("one outlier of 1e15", [0.1, 1e15, 0.3, 0.2], 0.7),
    ]:
        print(name, file=sys.stderr)
        value, x = inverse_problem([[float(i == j) for j in range(len(y))] for i in range(len(y))], y, 0, 0, lam)
        out["signals"].append({"name": name, "y": y, "lambda": lam, "minimum": pair(value), "minimiser": [float(v) for v in x]})

    for name, y, H, W, lam in [
        ("2 by 2", [0.0, 1.0, 0.3, 0.9], 2, 2, 0.1),
        ("2 by 3", signal(6, 1.0), 2, 3, 0.25),
        ("3 by 3", signal(9, 1.0), 3, 3, 0.2),
        ("a large offset", signal(6, 1.0, 1e6), 2, 3, 0.25),
        ("large values", signal(6, 1e8), 2, 3, 2e7),
        ("small values", signal(6, 1e-8), 2, 3, 2e-9),
        ("values of 1e-150", signal(4, 1e-150), 2, 2, 1e-3),
        ("a huge weight", signal(6, 1.0), 2, 3, 1e6),
        ("a tiny weight", signal(6, 1.0), 2, 3, 1e-6),
        ("equal values", [0.7] * 4, 2, 2, 0.3),
        ("one row", signal(4, 1.0), 1, 4, 0.3),
    ]:
        print("image", name, file=sys.stderr)
        value, x = image(y, H, W, lam)
        out["images"].append({"name": name, "y": y, "shape": [H, W], "lambda": lam, "minimum": pair(value), "minimiser": [float(v) for v in x]})

    def gaussian(rows, n):
        return [[g.normal() for _ in range(n)] for _ in range(rows)]

    near = gaussian(6, 4)
    for row in near:
        row[1] = row[0] + 1e-9 * g.normal()
    twice = gaussian(5, 2)
    twice = [[a, b, a, b] for a, b in twice]
    deficient = [[1.0, 2.0, 3.0, 6.0], [2.0, 4.0, 6.0, 12.0], [1.0, 0.0, 1.0, 1.0]]
    half = [[float(i == j and i % 3 != 1) for j in range(6)] for i in range(6)]
    steps = [[float(j == i + 1) - float(j == i) for j in range(5)] for i in range(4)]
    matrices = [
        ("tall", gaussian(7, 4)),
        ("wide", gaussian(3, 6)),
        ("nearly dependent columns", near),
        ("repeated columns", twice),
        ("rank one and a row", deficient),
        ("half a signal", half),
        ("differences", steps),
        ("entries of 1e8", [[1e8 * v for v in row] for row in gaussian(5, 4)]),
        ("entries of 1e-8", [[1e-8 * v for v in row] for row in gaussian(5, 4)]),
        ("columns of sizes 1e-8 to 1e8", [[v * 10.0 ** (8 * (j - 1)) for j, v in enumerate(row)] for row in gaussian(6, 3)]),
        ("one row", gaussian(1, 5)),
        ("one column", gaussian(5, 1)),
    ]
    for name, K in matrices:
        rows, n = len(K), len(K[0])
        y = [sum(K[i]) + 0.1 * max(abs(v) for v in K[i]) * g.normal() for i in range(rows)]
        if name == "half a signal":
            y = [v if i % 3 != 1 else 0.0 for i, v in enumerate(y)]
        size = max(abs(v) for row in K for v in row) * (max(abs(v) for v in y) or 1)
        for l1, l2, tv in [(0.05, 0, 0), (0.05, 0.1, 0), (0, 0, 0.05), (0, 0.1, 0.05), (0.03, 0, 0.05), (0.03, 0.02, 0.05), (0, 1e-9, 0), (0, 0.1, 0), (0, 0, 1e5)]:
            if n == 1 and tv:
                continue
            print(name, l1, l2, tv, file=sys.stderr)
            weights = [l1 * size, l2 * size if l2 != 1e-9 else l2, tv * size]
            try:
                value, _ = inverse_problem(K, y, *weights)
            except ZeroDivisionError:
                continue
            out["inverse"].append({"name": name, "matrix": K, "y": y, "l1": weights[0], "l2": weights[1], "tv": weights[2], "minimum": pair(value)})

    def classes(n, d, scale=1.0, shift=1.0):
        s = [1 if (i + 1) % 3 == 0 else -1 for i in range(n)]
        return [[scale * (g.normal() + (shift if s[i] > 0 else 0)) for _ in range(d)] for i in range(n)], s

    for name, (x, s), lam in [
        ("apart", classes(6, 2, 1.0, 9.0), 0.1),
        ("mixed", classes(8, 2), 0.1),
        ("mixed, a tiny weight", classes(7, 2), 1e-9),
        ("mixed, a huge weight", classes(7, 2), 1e6),
        ("features of 1e8", classes(7, 2, 1e8), 0.1),
        ("features of 1e-8", classes(7, 2, 1e-8), 0.1),
        ("features of 1e-20", classes(6, 2, 1e-20), 0.1),
        ("more features than samples", classes(4, 6), 0.01),
        ("repeated points", ([[1.0], [1.0], [1.0], [2.0]], [-1, 1, -1, 1]), 0.1),
        ("one point, both classes", ([[3.0], [3.0]], [1, -1]), 0.7),
        ("a constant feature", ([[1.0, v] for v in (0.1, 0.2, 0.3, 0.7, 0.9)], [1, -1, 1, -1, -1]), 0.3),
        ("nearly equal features", ([[v, v + 1e-9 * g.normal()] for v in (0.1, 0.2, 0.3, 0.7, 0.9)], [1, -1, 1, -1, -1]), 0.01),
    ]:
        print("hinge", name, file=sys.stderr)
        out["hinge"].append({"name": name, "x": x, "signs": s, "lambda": lam, "minimum": pair(hinge(x, s, lam))})

    for name, K, x in [
        ("3 of 6", gaussian(3, 6), [0, 1.0, 0, 0, -2.0, 0]),
        ("4 of 9", gaussian(4, 9), [0, 1.0, 0, 0, 0, 0, 0, 0, 3.0]),
        ("square", gaussian(4, 4), [1.0, 2.0, 3.0, 4.0]),
        ("one row", gaussian(1, 5), [0, 0, 1.0, 0, 0]),
        ("entries of 1e8", [[1e8 * v for v in row] for row in gaussian(3, 6)], [0, 1.0, 0, 0, -2.0, 0]),
        ("entries of 1e-8", [[1e-8 * v for v in row] for row in gaussian(3, 6)], [0, 1.0, 0, 0, -2.0, 0]),
        ("a small signal", gaussian(3, 6), [0, 1e-8, 0, 0, -2e-8, 0]),
        ("repeated columns", [[a, b, a, b] for a, b in gaussian(2, 2)], [1.0, 0, 0, 2.0]),
        ("nearly dependent rows", [[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0 + 1e-5]], [0, 0, 1.0, 0]),
        ("dense", gaussian(3, 6), [1.0, 2.0, -1.0, 1.0, -2.0, 0.5]),
    ]:
        b = [sum(u * v for u, v in zip(row, x)) for row in K]
        print("pursuit", name, file=sys.stderr)
        value, z = pursuit(K, b)
        out["pursuit"].append({"name": name, "matrix": K, "b": b, "minimum": pair(value), "minimiser": [float(v) for v in z]})

    clouds = [
        ("spread", [[2 * g.normal(), 2 * g.normal()] for _ in range(8)]),
        ("near", [[1 + 1e-7 * g.normal(), 1e-7 * g.normal()] for _ in range(5)]),
        ("repeated", [[0.0, 1.0], [0.0, 1.0], [2.0, -1.0], [2.0, -1.0], [0.5, 0.5], [0.0, 1.0]]),
        ("one", [[0.3, -0.2]]),
        ("of size 1e8", [[1e8 * g.normal(), 1e8 * g.normal()] for _ in range(4)]),
        ("on a line", [[float(i), 0.0] for i in range(7)]),
    ]
    kernels = [("gaussian", 1.0, 3, 1.0), ("laplace", 0.7, 3, 1.0), ("polynomial", 1.5, 3, 1.0), ("polynomial", 1.0, 1, 0.0), ("arc-cosine-0", 1.0, 3, 1.0), ("arc-cosine-1", 1.0, 3, 1.0), ("gaussian", 50.0, 3, 1.0)]
    for name, x in clouds:
        y = [g.normal() for _ in x]
        bits = [i % 2 for i in range(len(x))]
        for kind, sigma, degree, offset in kernels:
            K = matrix_of(kind, x, sigma, degree, offset)
            settings = {"name": name, "kernel": kind, "bandwidth": sigma, "degree": degree, "offset": offset, "x": x}
            for lam in (1e-3, 1e-10, 1e4):
                value, alpha = kernel_ridge(K, y, lam)
                out["ridge"].append({**settings, "y": y, "lambda": lam, "minimum": pair(value), "alpha": [float(v) for v in alpha]})
            if len(x) > 1 and name != "of size 1e8":
                for lam in (1e-2, 1e-6, 1e3):
                    out["logistic"].append({**settings, "labels": bits, "lambda": lam, "minimum": pair(kernel_logistic(K, bits, lam))})
            print(name, kind, file=sys.stderr)
    json.dump(out, sys.stdout, separators=(",", ":"))
    print()


main()
