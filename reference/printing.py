"""Printing: what PyTorch prints for tensors of all kinds.

Run with `python reference/printing.py`; writes packages/core/test/fixtures/printing.json.

A case holds a tensor (dtype, shape, and either its elements or "formula": element k is ((7k² + 29k + 53) mod 113 − 56)
· scale, computed in float64 and converted), whether it requires a gradient, the print options where they are not the
defaults, and the text.
"""

import math
import random

import torch

from fixture import number, write

random.seed(2)
DTYPES = ["float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool"]
NAN, INF = math.nan, math.inf


def stored(value):
    """-0 as text, because JSON's readers drop its sign."""
    return "-0" if isinstance(value, float) and value == 0 and math.copysign(1, value) < 0 else number(value)


def case(tensor, options=None, **more):
    torch.set_printoptions(profile="default")
    if options:
        torch.set_printoptions(**options)
    one = {"dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape)}
    if "formula" not in more:
        one["data"] = [stored(v) for v in tensor.detach().double().flatten().tolist()]
    if tensor.requires_grad:
        one["requiresGrad"] = True
    if options:
        one["options"] = options
    one.update(more)
    one["text"] = repr(tensor)
    torch.set_printoptions(profile="default")
    return one


def formula(shape, scale, dtype, options=None, requires_grad=False):
    values = [((7 * k * k + 29 * k + 53) % 113 - 56) * scale for k in range(math.prod(shape))]
    tensor = torch.tensor(values, dtype=torch.float64).reshape(shape).to(getattr(torch, dtype))
    return case(tensor.requires_grad_(requires_grad), options, formula=scale)


def cases():
    floats = ["float32", "float64"]
    plain = [
        [0.0], [-0.0], [1.0], [-1.5], [NAN], [INF], [-INF], [0.0, NAN, INF], [0.0, -0.0], [1.0, NAN, -INF], [1.5, NAN, -INF, -0.0],
        [1e-4], [9.9e-5], [1.0001e-4, 0.1], [0.1, 0.2, 0.3], [1.0, 1000.0], [1.0, 1001.0], [0.5, 500.0], [0.5, 500.5], [0.001, 1.0001],
        [1e8], [1.00000001e8], [123456789.0], [99999999.0, 1.0], [1e10, -1e10, NAN], [1e-10], [1e-45, 1.0], [3.4e38], [1e-38, 1e38],
        [0.03125, 0.09375, 0.15625], [1.00005, 2.00015], [0.00005, 1.0], [2.5, 3.5], [0.5], [-0.5, 12.25], [12345.678, 23456.789],
        [-1e-5, -1e-6], [-12.0, 7.0], [-0.0, -3.0], [1e5, 2e5], [1.03125, 2.03125, 3.09375], [-0.00004, 1.0], [99999.0, 100000.0, 1.5e7],
        [1.00003125e-6, 3.00009375e-6, 1.0], [65536.5, 131073.5], [1048577.0, 3145731.0, 2.0], [0.99995, 0.5], [9.99995, 1.0], [0.1 + 0.2, 1 / 3],
        [17.0] * 30, [0.25] * 30, [1234.5] * 12, [-1e-9] * 10, [NAN] * 25,
    ]  # fmt: skip
    for values in plain:
        for dtype in floats:
            yield case(torch.tensor(values, dtype=getattr(torch, dtype)))
    for value in [0.0, -0.0, 1.0, 3.14159265, -2.5, 1e-5, 1e9, NAN, INF, -INF, 123456.0, 100000000.0]:
        for dtype in floats:
            yield case(torch.tensor(value, dtype=getattr(torch, dtype)), **{})
    yield case(torch.tensor(2.5, requires_grad=True))
    yield case(torch.tensor(2.5, dtype=torch.float64, requires_grad=True))
    yield case(torch.tensor([1e300, 1.0], dtype=torch.float64))
    yield case(torch.tensor([5e-324], dtype=torch.float64))
    yield case(torch.tensor([2.0**53 - 1], dtype=torch.float64))

    for dtype in DTYPES[2:]:
        for values in [[0], [1], [1, 0, 1], [5, 77, 101], [0] * 40, list(range(60))]:
            yield case(torch.tensor(values).to(getattr(torch, dtype)))
        yield case(torch.tensor([[1, 0], [100, 7]]).to(getattr(torch, dtype)))
        yield case(torch.tensor(1).to(getattr(torch, dtype)))
    yield case(torch.tensor([2**53 - 1, -(2**53) + 1, 0]))
    yield case(torch.tensor([-128, 127], dtype=torch.int8))
    yield case(torch.tensor([[True, False, True], [False, False, True]]))
    yield case(torch.tensor([False, False]))
    yield case(torch.tensor([-5, 1000000]))

    for shape in [[0], [0, 3], [3, 0], [2, 0, 4], [1, 0]]:
        for dtype in DTYPES:
            yield case(torch.empty(shape, dtype=getattr(torch, dtype)))
    yield case(torch.empty(0, 3, requires_grad=True))

    shapes = [
        [3, 1], [2, 3], [1, 1], [1, 1, 1], [2, 2, 2], [3, 2, 4], [2, 1, 3, 2], [1, 2, 1, 2, 3], [7], [20], [40], [5, 20], [2, 33], [12, 12],
    ]  # fmt: skip
    for shape in shapes:
        for scale in [1 / 64, 1, 0.001, 1e-6, 12345]:
            yield formula(shape, scale, random.choice(floats), requires_grad=random.random() < 0.25)
        yield formula(shape, 1, random.choice(["int64", "int32", "int16", "int8", "uint8", "bool"]))
    for shape in [[1000], [1001], [5000], [100, 20], [20, 100], [7, 200], [6, 200], [2, 3, 400], [10, 10, 11], [4, 9, 8, 5], [1, 1, 1001], [600, 2], [2, 600], [3000, 1], [1, 3000], [40, 25], [143, 7]]:  # fmt: skip
        for scale, dtype in [(1 / 64, "float32"), (1, "float64"), (3e-5, "float32"), (1, "int64"), (1, "bool")]:
            if math.prod(shape) > 1000 or scale == 1:
                yield formula(shape, scale, dtype, requires_grad=dtype == "float32")

    options = [
        {"precision": 2}, {"precision": 0}, {"precision": 8}, {"precision": 17}, {"sci_mode": True}, {"sci_mode": False}, {"linewidth": 30}, {"linewidth": 7},
        {"linewidth": 200}, {"edgeitems": 1, "threshold": 5}, {"edgeitems": 2, "threshold": 5}, {"edgeitems": 0, "threshold": 5}, {"threshold": 0},
        {"threshold": math.inf}, {"sci_mode": True, "precision": 1}, {"sci_mode": True, "precision": 0}, {"precision": 1, "linewidth": 40},
    ]  # fmt: skip
    for chosen in options:
        for shape, scale, dtype in [([9], 1 / 64, "float32"), ([4, 9], 1 / 8, "float64"), ([3, 3, 8], 1, "float32"), ([8, 8], 1, "int64"), ([30], 1e-5, "float32")]:
            yield formula(shape, scale, dtype, chosen, requires_grad=dtype == "float64")
        yield case(torch.tensor([0.5, 1.5, 2.5, 9.5, -95.0, 0.125, 0.375, NAN, INF, -0.0]), chosen)
        yield case(torch.tensor([1e22, 1.0, -3e25], dtype=torch.float64), chosen)
        yield case(torch.tensor([1e22, 1.5, -3e25], dtype=torch.float64), chosen)
        yield case(torch.tensor(1.0), chosen)
    yield formula([1100], 1 / 64, "float32", {"threshold": math.inf})

    for _ in range(80):
        shape = random.choice([[3], [10], [4, 5], [2, 3, 2], [1, 12], [13, 1]])
        spread = random.choice([0, 1, 2, 3, 4, 8])
        n = math.prod(shape)
        values = [random.choice([-1, 1]) * random.random() * 10 ** random.uniform(-spread, spread) for _ in range(n)]
        if random.random() < 0.3:
            values = [float(round(v)) for v in values]
        for special in [0.0, NAN, INF, -INF, -0.0]:
            if random.random() < 0.1:
                values[random.randrange(n)] = special
        dtype = random.choice([torch.float32, torch.float64])
        yield case(torch.tensor(values, dtype=dtype).reshape(shape).requires_grad_(random.random() < 0.3))


if __name__ == "__main__":
    every = list(cases())
    for one in every:
        options = one.get("options", {})
        if options.get("threshold") == math.inf:
            options["threshold"] = "Infinity"
    write(__file__, every)
