"""Writes packages/core/test/fixtures/float64-mpmath.json: elementary functions at chosen float64 points, to high precision.

    pip install mpmath
    python reference/float64_functions.py

Each row is [x, y, residual] or [x, second argument, y, residual], where y is the correctly rounded value and
y + residual * ulp(y) the exact one.
"""

import json
import math
import random
from pathlib import Path

import mpmath

mpmath.mp.prec = 2400  # enough to reduce the largest float64 modulo pi
random.seed(20)


def row(arguments, exact):
    y = float(exact)  # mpmath rounds to nearest, ties to even
    residual = float((exact - mpmath.mpf(y)) / mpmath.mpf(math.ulp(y)))
    return [*arguments, y, round(residual, 6)]


def uniform(low, high, n):
    return [random.uniform(low, high) for _ in range(n)]


def magnitudes(low, high, n, signed=True):
    return [random.choice([-1, 1] if signed else [1]) * 2 ** random.uniform(low, high) for _ in range(n)]


angles = (
    uniform(-1, 1, 60)
    + uniform(-7, 7, 60)
    + magnitudes(-40, 20, 60)
    + magnitudes(20, 60, 40)
    + magnitudes(60, 1023.9, 60)
    + [k * math.pi / 2 for k in (1, 2, 3, 4, 5, 6, 7, 8, 355, 1000, 104348, 312689, 659999)]
    + [k * math.pi / 4 for k in (1, 3, 5, 7)]
    + [0.1, 0.3, 22.0, 355.0, 1e22, 6381956970095103.0 * 2.0**797, 2.0**20, 2.0**1023, 1.7976931348623157e308, 2.0**-30]
)
points = {
    "exp": uniform(-1, 1, 80) + uniform(-700, 709, 80) + magnitudes(-60, 6, 40) + [1.0, 0.5, -745.0, -720.0, 709.78],
    "expm1": uniform(-1, 1, 80) + uniform(-50, 700, 80) + magnitudes(-60, 6, 60) + [1.0, 0.35, -0.35, 1.04, -1.04, 39.0],
    "tanh": uniform(-1, 1, 80) + uniform(-22, 22, 80) + magnitudes(-40, 4, 60) + [1.0, 0.5, -1.0, 21.9],
    "erf": uniform(-1, 1, 80) + uniform(-6, 6, 80) + magnitudes(-1060, 2, 60) + [0.84375, 1.25, 1 / 0.35, -0.84, 5.9],
    "log": uniform(0.5, 2, 100) + magnitudes(-1070, 1023, 80, False) + [1 + 2.0**-21, 1 - 2.0**-22, 1.4, 2.0, 10.0, 0.1],
    "log1p": uniform(-0.9, 1, 100) + magnitudes(-60, 0, 60) + magnitudes(0, 1000, 40, False) + [-1 + 2.0**-53, 0.41, -0.3],
    "sin": angles,
    "cos": angles,
}
functions = {name: getattr(mpmath, name) for name in points}
rows = {name: [row([x], functions[name](mpmath.mpf(x))) for x in xs] for name, xs in points.items()}

pairs = (
    [(random.uniform(0, 4), random.uniform(-20, 20)) for _ in range(100)]
    + [(2 ** random.uniform(-1070, 1023), random.uniform(-1, 1) * 0.99) for _ in range(60)]
    + [(random.uniform(0.9, 1), random.uniform(0, 6000)) for _ in range(60)]
    + [(-random.uniform(0.2, 5), float(random.randint(-200, 200))) for _ in range(60)]
    + [(1 + random.uniform(-1, 1) * 2.0**-25, 2 ** random.uniform(32, 34)) for _ in range(30)]
    + [(10.0, 300.0), (10.0, -300.0), (2.0, 0.5), (3.0, 33.0), (0.999, 1.0), (1.5, 1.5), (1e-300, 1.02)]
)
rows["pow"] = [row([x, y], mpmath.power(mpmath.mpf(x), mpmath.mpf(y))) for x, y in pairs]

bases = [0.9, 0.99, 0.999, 0.9999, 0.95, 0.5, 0.1, 0.3, 1.1, 1.0000001, -0.9, 7.0, 1e-3, 1e200]
powers = [(b, n) for b in bases for n in [1, 2, 3, 5, 10, 17, 100, 299, 1000, 4999, -1, -7, -250] if abs(math.log10(abs(b)) * n) < 300]
powers += [(0.9, n) for n in range(20, 220)] + [(0.999, n) for n in range(20, 220)] + [(0.999, 100000), (1.0000001, 10**9)]
rows["powInteger"] = [row([b, n], mpmath.mpf(b) ** n) for b, n in powers]

target = Path(__file__).parent.parent / "packages/core/test/fixtures/float64-mpmath.json"
head = {"mpmath": mpmath.__version__, "script": "reference/float64_functions.py"}
body = ",\n".join(
    json.dumps(name) + ": [\n" + ",\n".join(json.dumps(r) for r in rs) + "\n]" for name, rs in rows.items()
)
target.write_text(json.dumps(head)[:-1] + ",\n" + body + "}\n")
