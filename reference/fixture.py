"""What the scripts of this folder share: numbers by formula, numbers as text, and the file that is written.

The scripts need Python 3.10 or newer with torch, numpy and nothing else; each is run by itself, for example
`python reference/layers.py`, and writes one file into packages/core/test/fixtures. A file names the version of
PyTorch that wrote it and its script, and running the script again with that version writes the same bytes.
"""

import base64
import json
import math
import os

import numpy
import torch

torch.set_num_threads(1)  # the order of sums, and with it the last bit, must not depend on the machine's cores

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "packages", "core", "test", "fixtures")


def formula(shape, salt):
    """Element k is (k³ + salt·k² + 29k + 53·salt) mod 113: whole numbers without a symmetry to hide mistakes."""
    return [(k * k * k + salt * k * k + 29 * k + 53 * salt) % 113 for k in range(math.prod(shape))]


def pattern(shape, salt, scale=1.0, dtype=torch.float64):
    """(formula − 56) / 64 · scale.

    With a scale that is a power of two these are exact in float32 and float64 alike, so whoever replays a fixture
    begins from the same bits without a single input being stored. pattern() in fixture-loader.ts is the same formula.
    """
    values = [(value - 56) / 64 * scale for value in formula(shape, salt)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape).to(dtype)


def indices(shape, salt, end):
    """formula mod end: whole numbers from 0 to end − 1."""
    return torch.tensor([value % end for value in formula(shape, salt)], dtype=torch.int64).reshape(shape)


def number(value):
    """A float as JSON can hold it: the shortest decimal that reads back as the same bits, or its name in a string."""
    value = float(value)
    return value if math.isfinite(value) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")


def numbers(tensor):
    """The elements of a tensor in row-major order, each as its shortest decimal (float32 needs at most 9 digits)."""
    flat = tensor.detach().reshape(-1)
    if flat.dtype == torch.float32:
        return [number(str(value)) for value in flat.numpy()]
    if flat.dtype == torch.float64:
        return [number(value) for value in flat.tolist()]
    return [int(value) for value in flat.tolist()]


def described(tensor):
    """A tensor with its shape and dtype, for results whose shape is part of the test."""
    return {"dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "data": numbers(tensor)}


def bits(tensor):
    """The elements' little-endian bytes in base64, for comparisons of every bit."""
    array = numpy.ascontiguousarray(tensor.detach().numpy())
    return base64.b64encode(array.astype(array.dtype.newbyteorder("<")).tobytes()).decode("ascii")


def write(script, cases, **more):
    """Writes the fixture of `script`: one line a case, so that a change of one case is a change of one line."""
    name = os.path.basename(script).removesuffix(".py")
    head = {"torch": torch.__version__, "script": f"reference/{name}.py", **more}
    lines = [json.dumps(case, separators=(",", ":"), ensure_ascii=False, allow_nan=False) for case in cases]
    text = json.dumps(head, ensure_ascii=False, allow_nan=False)[:-1] + ',"cases":[\n' + ",\n".join(lines) + "\n]}\n"
    path = os.path.normpath(os.path.join(FOLDER, f"{name.replace('_', '-')}.json"))
    os.makedirs(FOLDER, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    print(f"{path}: {len(cases)} cases, {len(text) / 1000:.0f} kB, torch {torch.__version__}")
