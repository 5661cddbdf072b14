"""
Elementary functions at hard arguments, by mpmath with 200 bits and more.

Each function: the arguments, the float64 nearest to the value, and what is left of the exact value, in units in the last place.
Run: /usr/bin/python3 tests/reference/elementary.py
With two arguments N and DIRECTORY it writes N random arguments of each function instead, as float64 files NAME.bin of rows (arguments, value,
rest), for a sweep that is too large to store.
"""
import math
import random
import struct
import sys
from pathlib import Path

from mpmath import mp, mpf

mp.prec = 240
EXTREMES = [
    s * v
    for v in (5e-324, 1.5e-323, 1e-310, 2.2250738585072014e-308, 1e-200, 1e-30, 2.0**-54, 2.0**-53, 2.0**-27, 1e-8, 0.0625, 0.5, 1.0, 2.0)
    for s in (1, -1)
]


def near(centre, ulps):
    """The float64 numbers around a centre, `ulps` of them on each side."""
    x = float(centre)
    out = [x]
    up = down = x
    for _ in range(ulps):
        up, down = math.nextafter(up, math.inf), math.nextafter(down, -math.inf)
        out += [up, down]
    return out


def spread(rng, low, high, count):
    return [rng.uniform(low, high) for _ in range(count)]


def logspread(rng, low, high, count, signs=(1,)):
    return [rng.choice(signs) * math.exp(rng.uniform(math.log(low), math.log(high))) for _ in range(count)]


def halfway_steps(rng, count):
    """Around the places where the reduction by ln 2/64 changes its step."""
    ln2 = mp.log(2)
    return [x for _ in range(count) for x in near((rng.randint(-45000, 45000) + mpf("0.5")) * ln2 / 64, 1)]


def exp_arguments(rng):
    return (
        EXTREMES
        + near(709.782712893384, 20)
        + near(-745.1332191019411, 20)
        + near(-708.3964185322641, 20)
        + halfway_steps(rng, 150)
        + spread(rng, -745.2, -708, 250)
        + logspread(rng, 1e-18, 1, 200, (1, -1))
        + spread(rng, -2, 2, 300)
        + spread(rng, -708, 709.78, 900)
    )


def expm1_arguments(rng):
    return (
        EXTREMES
        + near(709.782712893384, 10)
        + near(0.0625, 20)
        + near(-0.0625, 20)
        + near(-37.4, 10)
        + halfway_steps(rng, 60)
        + logspread(rng, 1e-18, 1, 500, (1, -1))
        + spread(rng, -1.5, 1.5, 600)
        + spread(rng, -45, 45, 500)
        + spread(rng, 45, 709, 100)
    )


def log_arguments(rng):
    boundaries = [struct.unpack("<d", struct.pack("<II", 0, 0x3FE6A000 + i * 0x4000))[0] for i in range(65)]
    return (
        [x for x in EXTREMES if x > 0]
        + near(1, 60)
        + near(0.9375, 20)
        + near(1.0625, 20)
        + [x * 2.0 ** rng.randint(-1000, 1000) for b in boundaries for x in near(b, 1)]
        + [x for b in boundaries for x in near(b, 1)]
        + [sys.float_info.max]
        + logspread(rng, 5e-324, 2.2e-308, 150)
        + [1 + x for x in logspread(rng, 1e-15, 0.3, 400, (1, -1))]
        + spread(rng, 0.5, 2, 400)
        + logspread(rng, 1e-307, 1e308, 450)
    )


def log1p_arguments(rng):
    return (
        [x for x in EXTREMES if x > -1]
        + [x for x in near(-1, 60) if x > -1]
        + near(-0.0625, 20)
        + near(0.0625, 20)
        + logspread(rng, 1e-18, 0.99, 600, (1, -1))
        + spread(rng, -0.9999, 2, 700)
        + logspread(rng, 1, 1e308, 400)
    )


def angle_arguments(rng):
    multiples = [n for n in range(1, 60)] + [rng.randint(1, 10**5) for _ in range(80)] + [rng.randint(10**5, 10**15) for _ in range(80)]
    with mp.workprec(1400):
        hard = [x for n in multiples for x in near(n * mp.pi / 2, 1)]
    # Kahan's and Muller's worst cases of the reduction.
    hard += [6381956970095103.0 * 2.0**797, 5.31937264832654141671e255, 1.6e22, sys.float_info.max, 2.0**1023, 2.0**20, 2.0**52, 2.0**53 + 2]
    return (
        EXTREMES
        + hard
        + [-x for x in hard[::7]]
        + near(math.pi / 4, 20)
        + near(2.0**20, 20)
        + spread(rng, -math.pi, math.pi, 400)
        + spread(rng, -100, 100, 250)
        + logspread(rng, 100, 2.0**21, 150, (1, -1))
        + logspread(rng, 2.0**20, 1.7e308, 300, (1, -1))
    )


def tanh_arguments(rng):
    return (
        EXTREMES
        + [x for c in (0.0625, -0.0625, 18.7, 19.06, 20) for x in near(c, 15)]
        + logspread(rng, 1e-12, 1, 500, (1, -1))
        + spread(rng, -2, 2, 800)
        + spread(rng, -20, 20, 500)
    )


def sigmoid_arguments(rng):
    return (
        EXTREMES
        + [x for c in (-40, 40, 36.7, -708.4, -745.13, 0) for x in near(c, 15)]
        + spread(rng, -4, 4, 700)
        + spread(rng, -42, 42, 700)
        + spread(rng, -745, -40, 250)
        + logspread(rng, 1e-18, 1, 100, (1, -1))
    )


def softplus_arguments(rng):
    return sigmoid_arguments(rng) + [x for c in (2.772588722239781, -2.772588722239781) for x in near(c, 20)] + spread(rng, -0.5, 0.5, 100)


def erf_arguments(rng):
    corners = [1 + i / 4 for i in range(21)]
    return (
        EXTREMES
        + [x for c in corners for x in near(c, 4)]
        + near(5.92, 20)
        + logspread(rng, 1e-15, 1, 400, (1, -1))
        + spread(rng, -1, 1, 500)
        + spread(rng, -6, 6, 800)
        # Where one polynomial for |x| < 1 was 1.18 ulp off.
        + [-0.9666275599591048]
        + near(0.5, 20)
    )


def pow_arguments(rng):
    pairs = []
    for _ in range(500):
        x = math.exp(rng.uniform(-700, 700))
        pairs.append((x, rng.uniform(-1, 1) * 700 / abs(math.log(x))))
    for _ in range(400):  # near 1 with huge exponents
        x = 1 + rng.choice((1, -1)) * math.exp(rng.uniform(-36, -3))
        pairs.append((x, rng.uniform(-1, 1) * 700 / abs(math.log(x)))) if x != 1 else None
    for _ in range(300):
        pairs.append((rng.uniform(0, 20), rng.uniform(-20, 20)))
    for _ in range(250):  # integers, exact and near halfway
        pairs.append((float(rng.randint(2, 99)), float(rng.randint(-12, 30))))
    for _ in range(150):
        pairs.append((-rng.uniform(0.01, 50), float(rng.randint(-60, 60))))
    for _ in range(200):  # results below 2^-1022, and near overflow
        x = math.exp(rng.uniform(0.01, 700))
        pairs.append((x, rng.uniform(-745, -708) / math.log(x)))
        pairs.append((x, rng.uniform(709.5, 709.7827) / math.log(x)))
    for _ in range(100):  # subnormal bases
        pairs.append((rng.randint(1, 2**50) * 5e-324, rng.uniform(-0.95, 1)))
    for _ in range(100):
        pairs.append((rng.uniform(0, 1e6), rng.choice((0.5, -0.5, 1 / 3, 1.5, -1.0, 3.0, 0.2, -0.2))))
    return pairs


def hypot_arguments(rng):
    pairs = [(x, y) for x in EXTREMES for y in EXTREMES[::3]]
    for _ in range(500):
        pairs.append((rng.uniform(-2, 2), rng.uniform(-2, 2)))
    for _ in range(500):
        x = math.exp(rng.uniform(-740, 709))
        pairs.append((x, min(x * math.exp(rng.uniform(-40, 5)), 1e308)))
    for _ in range(300):
        pairs.append((1.0, math.exp(rng.uniform(-38, 38))))
    return pairs


def log_of(base):
    """With the digits that exact powers need: log₁₀ of a power of ten is an integer."""
    return lambda x: mp.log(x) / mp.log(base)


FUNCTIONS = {
    "exp": (exp_arguments, mp.exp),
    "expm1": (expm1_arguments, mp.expm1),
    "log": (log_arguments, mp.log),
    "log1p": (log1p_arguments, mp.log1p),
    "log2": (lambda rng: log_arguments(rng) + [2.0**n for n in range(-1074, 1024, 37)], log_of(2)),
    "log10": (lambda rng: log_arguments(rng) + [float(f"1e{n}") for n in range(-307, 309, 7)], log_of(10)),
    "sin": (angle_arguments, mp.sin),
    "cos": (angle_arguments, mp.cos),
    "tanh": (tanh_arguments, mp.tanh),
    "sigmoid": (sigmoid_arguments, lambda x: 1 / (1 + mp.exp(-x))),
    "softplus": (softplus_arguments, lambda x: mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))),
    "erf": (erf_arguments, mp.erf),
    "pow": (pow_arguments, lambda x, y: x ** int(y) if y == int(y) and abs(y) < 10**6 else x**y),
    "hypot": (hypot_arguments, mp.hypot),
}
# Ranges of the sweep: most arguments where the functions are used, the others anywhere.
SWEEPS = {
    "exp": lambda rng: rng.uniform(-30, 30) if rng.random() < 0.7 else rng.uniform(-745, 709.7),
    "expm1": lambda rng: rng.uniform(-2, 2) if rng.random() < 0.7 else rng.uniform(-40, 100),
    "log": lambda rng: rng.uniform(0.3, 3) if rng.random() < 0.7 else math.exp(rng.uniform(-740, 709)),
    "log1p": lambda rng: rng.uniform(-0.9, 2) if rng.random() < 0.7 else math.exp(rng.uniform(-40, 700)),
    "log2": lambda rng: rng.uniform(0.3, 3) if rng.random() < 0.7 else math.exp(rng.uniform(-740, 709)),
    "log10": lambda rng: rng.uniform(0.3, 3) if rng.random() < 0.7 else math.exp(rng.uniform(-740, 709)),
    "sin": lambda rng: rng.uniform(-10, 10) if rng.random() < 0.7 else math.exp(rng.uniform(0, 700)),
    "cos": lambda rng: rng.uniform(-10, 10) if rng.random() < 0.7 else math.exp(rng.uniform(0, 700)),
    "tanh": lambda rng: rng.uniform(-3, 3) if rng.random() < 0.7 else rng.uniform(-20, 20),
    "sigmoid": lambda rng: rng.uniform(-6, 6) if rng.random() < 0.7 else rng.uniform(-700, 40),
    "softplus": lambda rng: rng.uniform(-6, 6) if rng.random() < 0.7 else rng.uniform(-700, 40),
    "erf": lambda rng: rng.uniform(-3, 3) if rng.random() < 0.7 else rng.uniform(-6, 6),
    "pow": lambda rng: (rng.uniform(0, 10), rng.uniform(-10, 10)) if rng.random() < 0.7 else (math.exp(rng.uniform(-700, 700)), rng.uniform(-1, 1)),
    "hypot": lambda rng: (rng.uniform(-3, 3), rng.uniform(-3, 3)) if rng.random() < 0.7 else (1.0, math.exp(rng.uniform(-30, 30))),
}


def evaluate(function, arguments):
    """(value, rest in units in the last place), or None where the value is no finite float64."""
    sizes = [abs(math.frexp(x)[1]) for x in arguments]
    # Angles near 2^1024 need the digits of π beyond 2^-1024.
    with mp.workprec(1300 if function in (mp.sin, mp.cos) and sizes[0] > 60 else 240):
        exact = function(*[mpf(x) for x in arguments])
        if exact == 0:
            return 0.0, 0.0
        value = float(exact)
        if math.isinf(value):
            return None
        ulp = mpf(math.ulp(value))
        return value, float((exact - mpf(value)) / ulp)


def number(x):
    return repr(int(x)) if x == int(x) and abs(x) < 1e15 else repr(x)


def main():
    lines = []
    for name, (arguments_of, function) in FUNCTIONS.items():
        rng = random.Random(name)
        arguments = [a if isinstance(a, tuple) else (a,) for a in arguments_of(rng)]
        rows = []
        for a in dict.fromkeys(arguments):
            result = evaluate(function, a)
            if result is not None:
                rows.append([*map(number, a), number(result[0]), number(round(result[1], 3))])
        print(name, len(rows))
        lines.append(f'"{name}": [\n' + ",\n".join("[" + ",".join(row) + "]" for row in rows) + "\n]")
    path = Path(__file__).with_name("elementary.json")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def sweep(count, directory):
    for name, draw in SWEEPS.items():
        rng = random.Random("sweep " + name)
        function = FUNCTIONS[name][1]
        mp.prec = 120
        with open(Path(directory) / f"{name}.bin", "wb") as file:
            for _ in range(count):
                a = draw(rng)
                a = a if isinstance(a, tuple) else (a,)
                result = evaluate(function, a)
                if result is not None:
                    file.write(struct.pack(f"<{len(a) + 2}d", *a, *result))
        print(name, flush=True)


if len(sys.argv) == 3:
    sweep(int(sys.argv[1]), sys.argv[2])
else:
    main()
