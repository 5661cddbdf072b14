"""Coefficients and tables of src/lib/numerics/elementary, computed with mpmath: python3 elementary_coefficients.py > ../../src/lib/numerics/elementary/coefficients.ts (then format).

Polynomials are interpolated at Chebyshev nodes (within a bit of minimax); their error is printed on stderr, relative to the size that the
term has in the function.
"""

import sys
from mpmath import (
    mp, mpf, atanh, chebyfit, cos, erf, exp, expm1, floor, frexp, log, nint, pi, polyval, sin, sqrt, tanh, diff,
)

mp.prec = 400
LN2 = log(mpf(2))


def double(x):
    return mpf(float(x))  # float() of an mpf rounds to nearest


def number(x):
    return repr(float(x))


def chopped(x, bits_below_one):
    """x rounded to a multiple of 2^-bits_below_one."""
    scale = mpf(2) ** bits_below_one
    return nint(x * scale) / scale


def fit(f, low, high, degree):
    """Coefficients, lowest power first, and the largest error after rounding them to doubles."""
    highest_first = chebyfit(f, [low, high], degree + 1)
    c = [double(x) for x in highest_first]
    worst = max(
        abs(polyval(c, t) - f(t))
        for t in (low + (high - low) * mpf(i) / 997 + mpf(10) ** -40 for i in range(998))
    )
    return c[::-1], worst


out = []


def doc(text):
    out.append(f"/** {text} */")


def constant(name, value, text):
    doc(text)
    out.append(f"export const {name} = {number(value)};")


def array(name, values, text, typed=True):
    doc(text)
    body = ", ".join(number(v) for v in values)
    if typed:
        out.append(f"export const {name} = new Float64Array([{body}]);")
    else:
        out.append(f"export const {name} = [{body}] as const;")


def polynomial(name, f, low, high, degree, weight, text):
    """weight: the largest size of the term beside which the fit's error counts, relative to the function."""
    c, worst = fit(f, mpf(low), mpf(high), degree)
    print(f"{name}: degree {degree}, relative error {mp.nstr(worst * weight, 3)}", file=sys.stderr)
    array(name, c, text, typed=False)


out.append(
    "/**\n * Coefficients and tables of the elementary functions, for every device that computes them in float64.\n"
    " * Written by `tests/reference/elementary_coefficients.py`; not to be edited by hand.\n */"
)

# exp
N = 64
constant("STEPS_PER_LN2", N / LN2, "64/ln 2.")
step_high = chopped(LN2 / N, 42)
constant("STEP_HIGH", step_high, "ln 2/64 to 36 bits: k·STEP_HIGH is exact for |k| < 2¹⁷.")
constant("STEP_LOW", LN2 / N - step_high, "ln 2/64 − STEP_HIGH.")
half = LN2 / N / 2 * mpf("1.001")
polynomial("EXP", lambda r: (expm1(r) - r) / r**2 if r else mpf(1) / 2, -half, half, 3, half**2,
           "(eʳ − 1 − r)/r² for |r| ≤ ln 2/128, lowest power first.")
high = [double(mpf(2) ** (mpf(i) / N)) for i in range(N)]
array("EXP_HIGH", high, "2^(i/64).")
array("EXP_LOW", [mpf(2) ** (mpf(i) / N) - high[i] for i in range(N)], "2^(i/64) − EXP_HIGH[i].")
def expm1_rest(x):
    return (expm1(x) - x) / x**2 if abs(x) > mpf(10) ** -60 else mpf(1) / 2
polynomial("EXPM1", expm1_rest, -mpf(1) / 16, mpf(1) / 16, 7, mpf(1) / 16,
           "(eˣ − 1 − x)/x² for |x| ≤ 1/16, lowest power first.")
def tanh_rest(z):
    x = sqrt(abs(z))
    return (tanh(x) - x) / x**3 if x > mpf(10) ** -50 else -mpf(1) / 3
polynomial("TANH", tanh_rest, 0, mpf(1) / 256, 4, mpf(1) / 256, "(tanh x − x)/x³ in z = x² for |x| ≤ 1/16, lowest power first.")

# log
ln2_high = chopped(LN2, 42)
constant("LN2_HIGH", ln2_high, "ln 2 to 42 bits: k·LN2_HIGH is exact for |k| < 2¹¹.")
constant("LN2_LOW", LN2 - ln2_high, "ln 2 − LN2_HIGH.")
def atanh_rest(z):
    s = sqrt(abs(z))
    return (2 * atanh(s) - 2 * s) / s**3 if s > mpf(10) ** -50 else mpf(2) / 3
near = mpf(1) / 31
polynomial("LOG_NEAR", atanh_rest, 0, near**2, 4, near**2 / 2, "(2 atanh s − 2s)/s³ in z = s² for |s| ≤ 1/31, lowest power first.")
polynomial("LOG", atanh_rest, 0, mpf(2) ** -16, 3, mpf(2) ** -17, "(2 atanh s − 2s)/s³ in z = s² for |s| ≤ 2⁻⁸, lowest power first.")
# Intervals of the high word from 0x3fe6a000, 2^14 each; 1 lies inside one of them, whose centre is 1 itself.
import struct
def of_high(word):
    return mpf(struct.unpack("<d", struct.pack("<II", 0, word))[0])
centres = []
for i in range(64):
    low = 0x3FE6A000 + i * 0x4000
    a, b = of_high(low), of_high(low + 0x4000)
    c = mpf(1) if a < 1 < b else nint((a + b) / 2 * 512) / 512
    assert (b - c) / (b + c) <= mpf(2) ** -8 and (c - a) / (c + a) <= mpf(2) ** -8, (i, a, b, c)
    centres.append(c)
array("LOG_CENTRE", centres, "Centres c of 64 intervals of [0.7070, 1.4141), in order of the high word.")
log_high = [chopped(log(c), 42) for c in centres]
array("LOG_HIGH", log_high, "ln c to 42 bits.")
array("LOG_LOW", [log(c) - h for c, h in zip(centres, log_high)], "ln c − LOG_HIGH.")
for name, x, text in (("LOG2_E", 1 / LN2, "1/ln 2"), ("LOG10_E", 1 / log(mpf(10)), "1/ln 10")):
    constant(f"{name}_HIGH", double(x), f"{text}.")
    constant(f"{name}_LOW", x - double(x), f"{text} − {name}_HIGH.")

# sin, cos
half_pi = pi / 2
rest = half_pi
parts = []
for bits in (33, 66, 99):
    part = floor(rest * mpf(2) ** (bits - 1)) / mpf(2) ** (bits - 1)
    parts.append(part)
    rest -= part
parts.append(double(rest))
constant("TWO_OVER_PI", 2 / pi, "2/π.")
array("HALF_PI", parts, "π/2 in three parts of 33 bits, so that n times a part is exact for |n| < 2²⁰, and the rest.", typed=False)
constant("HALF_PI_HIGH", double(half_pi), "π/2.")
constant("HALF_PI_LOW", half_pi - double(half_pi), "π/2 − HALF_PI_HIGH.")
quarter = (pi / 4) * mpf("1.001")
def sin_rest(z):
    x = sqrt(abs(z))
    return (sin(x) - x) / x**3 if x > mpf(10) ** -50 else -mpf(1) / 6
def cos_rest(z):
    x = sqrt(abs(z))
    return (cos(x) - 1 + x**2 / 2) / x**4 if x > mpf(10) ** -40 else mpf(1) / 24
polynomial("SIN", sin_rest, 0, quarter**2, 5, quarter**2, "(sin x − x)/x³ in z = x² for |x| ≤ π/4, lowest power first.")
polynomial("COS", cos_rest, 0, quarter**2, 5, quarter**4, "(cos x − 1 + x²/2)/x⁴ in z = x² for |x| ≤ π/4, lowest power first.")
digits = []
rest = 2 / pi
mp.prec = 1600
rest = 2 / pi
for _ in range(56):
    rest *= 2**24
    digit = floor(rest)
    digits.append(int(digit))
    rest -= digit
mp.prec = 400
doc("2/π = Σ TWO_OVER_PI_DIGITS[j]·2^(−24(j + 1)).")
out.append(f"export const TWO_OVER_PI_DIGITS = new Float64Array({digits});")

# erf
two = 2 / sqrt(pi)
def erf_rest(z):
    x = sqrt(abs(z))
    return erf(x) / x - 1 if x > mpf(10) ** -50 else two - 1
polynomial("ERF_NEAR", erf_rest, 0, mpf(1) / 4, 9, 1, "erf(x)/x − 1 in z = x² for |x| ≤ 1/2, lowest power first.")
DEGREE = 12
values, tails, rows = [], [], []
for i in range(22):
    c = mpf(1) / 2 + (mpf(i) + mpf(1) / 2) / 4
    f = lambda t: (erf(c + t) - erf(c)) / t if abs(t) > mpf(10) ** -50 else two * exp(-(c**2))
    co, worst = fit(f, -mpf(1) / 8, mpf(1) / 8, DEGREE - 2)
    print(f"erf at {mp.nstr(c, 5)}: absolute error {mp.nstr(worst / 8, 3)}", file=sys.stderr)
    values.append(double(erf(c)))
    tails.append(erf(c) - double(erf(c)))
    rows.extend([*co])
constant("ERF_DEGREE", DEGREE - 1, "Coefficients in a row of ERF.")
array("ERF_HIGH", values, "erf(c) at the centres c = 5/8, 7/8, … of the intervals of length 1/4 from 1/2 to 6.")
array("ERF_LOW", tails, "erf(c) − ERF_HIGH.")
array("ERF", rows, "(erf(c + t) − erf(c))/t for |t| ≤ 1/8, a row an interval, lowest power first.")
print("\n\n".join(out).replace(" */\n\n", " */\n"))
