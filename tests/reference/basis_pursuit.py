"""
Basis pursuit min |x|_1 subject to Kx = b as a linear program, by scipy.optimize.linprog (HiGHS).

K is 100 by 400 with N(0, 1/100) entries by Box-Muller from the generator of Park and Miller (multiplier 48271, modulus 2^31 - 1), which
the test repeats; x has S entries +-1 at places drawn by the same generator.
Run: /usr/bin/python3 tests/reference/basis_pursuit.py
"""
import numpy as np
import scipy
from scipy.optimize import linprog

from common import write

P, N = 100, 400


def problem(seed, nonzeros):
    state = seed

    def uniform():
        nonlocal state
        state = state * 48271 % (2**31 - 1)
        return state / (2**31 - 1)

    def normal():
        u, v = uniform(), uniform()
        return np.sqrt(-2 * np.log(u)) * np.cos(2 * np.pi * v)

    k = np.array([[normal() / np.sqrt(P) for _ in range(N)] for _ in range(P)])
    x = np.zeros(N)
    while np.count_nonzero(x) < nonzeros:
        place = int(uniform() * N)
        sign = 1.0 if uniform() < 0.5 else -1.0
        if x[place] == 0:
            x[place] = sign
    return k, x


cases = []
for nonzeros in (17, 31):
    k, x = problem(1000 + nonzeros, nonzeros)
    result = linprog(np.ones(2 * N), A_eq=np.hstack([k, -k]), b_eq=k @ x, bounds=(0, None), method="highs")
    assert result.status == 0
    z = result.x[:N] - result.x[N:]
    # The simplex method is exact up to the tolerance of its last solve; that system is solved again.
    places = np.flatnonzero(np.abs(z) > 1e-7)
    z = np.zeros(N)
    z[places] = np.linalg.lstsq(k[:, places], k @ x, rcond=None)[0]
    assert abs(np.abs(z).sum() - result.fun) < 1e-7
    cases.append(
        {
            "seed": 1000 + nonzeros,
            "nonzeros": nonzeros,
            "value": float(np.abs(z).sum()),
            "places": places.tolist(),
            "entries": z[places].tolist(),
            "error": float(np.abs(z - x).max()),
        }
    )
    print(nonzeros, result.fun, len(places), cases[-1]["error"])
write("basis_pursuit", {"by": f"scipy {scipy.__version__}", "rows": P, "columns": N, "cases": cases})
