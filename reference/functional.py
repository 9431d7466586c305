"""Losses, functions and tensor operations in float64: values and gradients.

Run with `python reference/functional.py`; writes packages/core/test/fixtures/functional.json.

A case is an operation, its arguments (tensors as {dtype, shape, data}, everything else as it is) and its keyword
options. For floating outputs "grads" holds, for each argument that is a floating tensor, the gradient of
Σ output · pattern(output.shape, 43); of several outputs only the first counts. Targets of the classification losses
need no gradient. A "seed" goes to manual_seed first.
"""

import math

import torch
from torch.nn import functional as F

from fixture import described, indices, number, numbers, pattern, write

REDUCTIONS = ("none", "mean", "sum")
FIRST_ONLY = ("cross_entropy", "nll_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits")


def f64(*values):
    return torch.tensor(values, dtype=torch.float64)


def typed(dtype, *values):
    return torch.tensor(values, dtype=getattr(torch, dtype))


def losses():
    x, t = pattern([4, 3], 1, 2), indices([4], 2, 3)
    w, q = f64(0.5, 1, 2), torch.softmax(pattern([4, 3], 3), 1)
    deep, deep_t = pattern([2, 3, 4], 4, 2), indices([2, 4], 5, 3)
    for reduction in REDUCTIONS:
        r = {"reduction": reduction}
        for target in (t, q):
            yield "cross_entropy", [x, target], r
            yield "cross_entropy", [x, target], {**r, "weight": w}
            yield "cross_entropy", [x, target], {**r, "label_smoothing": 0.25}
            yield "cross_entropy", [x, target], {**r, "weight": w, "label_smoothing": 0.1}
        yield "cross_entropy", [x, t], {**r, "weight": w, "label_smoothing": 0.3, "ignore_index": 1}
        yield "cross_entropy", [x, typed("int64", 0, -100, 2, -100)], r
        yield "cross_entropy", [x, typed("int64", 1, 1, 1, 1)], {**r, "ignore_index": 1}
        yield "cross_entropy", [deep, deep_t], {**r, "weight": w}
        yield "cross_entropy", [deep, torch.softmax(pattern([2, 3, 4], 6), 1)], {**r, "weight": w}
        yield "cross_entropy", [x * 512, t], r
        yield "nll_loss", [torch.log_softmax(x, 1), t], r
        yield "nll_loss", [torch.log_softmax(x, 1), t], {**r, "weight": w, "ignore_index": 2}
        yield "nll_loss", [torch.log_softmax(deep, 1), deep_t], {**r, "weight": w}
        yield "mse_loss", [x, pattern([4, 3], 7)], r
        yield "l1_loss", [x, torch.where(pattern([4, 3], 7) > 0, x, pattern([4, 3], 7))], r
        p, yes = torch.sigmoid(x), (pattern([4, 3], 8) > 0).double()
        yield "binary_cross_entropy", [p, yes], r
        yield "binary_cross_entropy", [p, pattern([4, 3], 8).abs()], {**r, "weight": pattern([4, 3], 9).abs()}
        yield "binary_cross_entropy", [f64(0, 1, 0, 1, 0.5), f64(0, 1, 1, 0, 1)], r
        yield "binary_cross_entropy_with_logits", [x, yes], r
        weighted = {**r, "weight": pattern([4, 3], 9).abs()}
        yield "binary_cross_entropy_with_logits", [x, pattern([4, 3], 8).abs()], weighted
        yield "binary_cross_entropy_with_logits", [x, yes], {**r, "pos_weight": w}
        yield "binary_cross_entropy_with_logits", [f64(-800, -40, 40, 800, 800, -800), f64(0, 1, 1, 0, 1, 1)], r
    yield "cross_entropy", [pattern([5], 1, 2), torch.tensor(3)], {}
    yield "cross_entropy", [pattern([5], 1, 2), torch.softmax(pattern([5], 3), 0)], {"label_smoothing": 0.1}
    yield "nll_loss", [torch.log_softmax(pattern([5], 1, 2), 0), torch.tensor(2)], {}


def functions():
    x, extreme = pattern([2, 3, 4], 11, 4), f64(-1e308, -1000, -40, -1e-9, 0, 1e-9, 0.5, 40, 1000, 1e308)
    for dim in (0, 1, 2, -1):
        yield "softmax", [x], {"dim": dim}
        yield "log_softmax", [x], {"dim": dim}
    for values in (x, extreme):
        for name in ("relu", "tanh", "sigmoid"):
            yield name, [values], {}
        yield "gelu", [values[:-1] if values is extreme else values], {}
        yield "gelu", [values[1:-1] if values is extreme else values], {"approximate": "tanh"}
    yield "softmax", [extreme], {"dim": 0}
    yield "log_softmax", [extreme], {"dim": 0}
    yield "layer_norm", [x, [4]], {}
    yield "layer_norm", [x, [4], pattern([4], 12), pattern([4], 13)], {}
    yield "layer_norm", [x, [3, 4], pattern([3, 4], 12), pattern([3, 4], 13)], {"eps": 0.25}
    yield "layer_norm", [x, [4], pattern([4], 12)], {}
    yield "layer_norm", [torch.full([2, 3], 2.5, dtype=torch.float64), [3]], {}
    yield "linear", [x, pattern([5, 4], 14), pattern([5], 15)], {}
    yield "linear", [pattern([4], 16), pattern([5, 4], 14)], {}
    yield "embedding", [typed("int64", [1, 0, 1], [3, 1, 3]), pattern([4, 3], 17)], {}
    yield "embedding", [typed("int64", [1, 0, 1], [3, 1, 3]), pattern([4, 3], 17)], {"padding_idx": 1}
    yield "one_hot", [typed("int64", [1, 0], [3, 1])], {"num_classes": 5}
    yield "one_hot", [typed("int64", 2, 0, 1)], {}
    yield "dropout", [x], {"p": 0.5}, 21
    yield "dropout", [x], {"p": 0.125}, 22
    yield "dropout", [x], {"p": 1.0}, 23
    yield "dropout", [x], {"p": 0.5, "training": False}, 24


def reductions():
    x, ties = pattern([3, 4], 21), f64([1, 3, 3], [2, 2, 1])
    for name in ("sum", "mean", "var", "std", "max", "min", "norm"):
        yield name, [x], {}
    for dim in (0, 1, -2):
        for name in ("sum", "mean", "cumsum", "max", "min", "argmax", "argmin", "norm", "var", "std"):
            yield name, [x], {"dim": dim}
    for correction in (0, 1, 2):
        for name in ("var", "std"):
            yield name, [x], {"correction": correction}
            yield name, [x], {"dim": 1, "correction": correction, "keepdim": True}
    for name in ("sum", "mean"):
        yield name, [pattern([2, 3, 4], 22)], {"dim": [0, 2]}
        yield name, [pattern([2, 3, 4], 22)], {"dim": [-1, 1], "keepdim": True}
    for p in (1.0, 2.0, 3.0, math.inf):
        yield "norm", [x], {"p": p}
        yield "norm", [x], {"p": p, "dim": 1, "keepdim": True}
    yield "norm", [torch.zeros([3], dtype=torch.float64)], {}
    for name in ("max", "min", "argmax", "argmin"):
        yield name, [ties], {}
        yield name, [ties], {"dim": 0}
        yield name, [ties], {"dim": 1, "keepdim": True}
    for name in ("max", "min", "argmax", "argmin"):
        yield name, [f64([1, float("nan"), 3], [4, 5, 6])], {"dim": 1}
    for dtype in ("int32", "uint8", "bool", "float32"):
        yield "sum", [typed(dtype, [1, 0, 1], [1, 1, 1])], {}
        yield "cumsum", [typed(dtype, [1, 0, 1], [1, 1, 1])], {"dim": 1}
    yield "sum", [torch.zeros([0, 3], dtype=torch.float64)], {"dim": 0}
    yield "mean", [torch.zeros([0], dtype=torch.float64)], {}


def elementwise():
    x, y, positive = pattern([2, 3], 31, 2), pattern([2, 3], 32), pattern([2, 3], 33).abs() + 0.25
    for name in ("add", "sub", "mul", "div", "pow"):
        yield name, [positive, y], {}
        yield name, [positive, pattern([3], 34)], {}
        yield name, [pattern([2, 1], 35).abs() + 0.5, pattern([4, 1, 3], 36)], {}
    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        yield name, [f64(1, 2, 3, float("nan")), f64(2, 2, 2, float("nan"))], {}
    for exponent in (0.0, 1.0, 2.0, 3.0, -1.0, 0.5, 2.5):
        yield "pow", [positive], {"exponent": exponent}
    yield "pow", [f64(-2, -0.5, 0, 0.5)], {"exponent": 3.0}
    yield "pow", [f64(0, 0)], {"exponent": 2.0}
    for name in ("exp", "sin", "cos", "abs"):
        yield name, [x], {}
        yield name, [x * 16], {}
    yield "abs", [f64(-1, 0, 1)], {}
    yield "log", [positive], {}
    yield "log", [f64(0, 1e-300, 1e300)], {}
    yield "sqrt", [positive], {}
    yield "sqrt", [f64(0, 1e-300, 1e300)], {}
    yield "clamp", [f64(-2, -1, 0, 1, 2)], {"min": -1.0, "max": 1.0}
    yield "clamp", [f64(-2, -1, 0, 1, 2)], {"min": 0.5}
    yield "clamp", [f64(-2, -1, 0, 1, 2)], {"max": 0.5}
    yield "where", [typed("bool", [True, False, True]), x, y], {}
    yield "where", [typed("bool", [True], [False]), x, pattern([3], 34)], {}
    for a, b in (
        ("float32", "int64"), ("int8", "uint8"), ("bool", "int32"), ("int64", "int16"), ("float64", "float32"),
    ):
        for name in ("add", "mul", "div"):
            yield name, [typed(a, 1, 0, 1), typed(b, 1, 1, 0)], {}
    yield "add", [typed("int8", 100, -100), typed("int8", 100, -100)], {}
    yield "mul", [typed("uint8", 200, 3), typed("uint8", 2, 3)], {}


def shapes():
    x = pattern([2, 3, 4], 41)
    for left, right in (
        ([4], [4]), ([3, 4], [4]), ([4], [4, 2]), ([3, 4], [4, 2]), ([2, 3, 4], [4, 2]), ([2, 3, 4], [2, 4, 2]),
        ([5, 1, 3, 4], [2, 4, 2]), ([3, 4], [2, 4, 5]), ([2, 3, 4], [4]),
    ):
        yield "matmul", [pattern(left, 42), pattern(right, 43)], {}
    yield "cat", [[pattern([2, 1], 44), pattern([2, 3], 45)]], {"dim": 1}
    yield "stack", [[pattern([2, 3], 44), pattern([2, 3], 45)]], {"dim": 1}
    yield "index_select", [x, 1, typed("int64", 2, 0, 2)], {}
    yield "gather", [pattern([3, 4], 46), 1, typed("int64", [0, 0, 3], [1, 2, 1])], {}
    yield "gather", [pattern([3, 4], 46), 0, typed("int64", [0, 2, 2, 1])], {}
    yield "flip", [x, [0, 2]], {}
    yield "permute", [x, [2, 0, 1]], {}
    yield "transpose", [x, 0, -1], {}
    yield "reshape", [x, [4, -1]], {}
    yield "expand", [pattern([3, 1], 47), [2, 3, 4]], {}
    yield "unsqueeze", [x, 1], {}
    yield "squeeze", [pattern([2, 1, 3, 1], 48)], {}
    yield "squeeze", [pattern([2, 1, 3, 1], 48), 1], {}
    yield "select", [x, 1, -1], {}


def call(name, arguments, options):
    if name in ("expand", "permute", "reshape", "flip", "squeeze", "unsqueeze", "select"):
        return getattr(arguments[0], name)(*arguments[1:], **options)
    return getattr(F if hasattr(F, name) else torch, name)(*arguments, **options)


def as_json(value):
    if isinstance(value, torch.Tensor):
        return described(value)
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return number(value) if isinstance(value, float) else value


def run(name, arguments, options, seed=None):
    """Arguments inside a list (of cat and stack) count as arguments of their own in "grads"."""
    leaves = [a for argument in arguments for a in (argument if isinstance(argument, list) else [argument])]
    leaves = leaves[:1] if name in FIRST_ONLY else leaves
    leaves = [a.requires_grad_() for a in leaves if isinstance(a, torch.Tensor) and a.is_floating_point()]
    if seed is not None:
        torch.manual_seed(seed)
    result = call(name, arguments, options)
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]
    case = {"op": name, "args": as_json(arguments), "options": {k: as_json(v) for k, v in options.items()}}
    if seed is not None:
        case["seed"] = seed
    case["outputs"] = [described(output) for output in outputs]
    if outputs[0].requires_grad:
        (outputs[0] * pattern(outputs[0].shape, 43, 1, outputs[0].dtype)).sum().backward()
        case["grads"] = [None if leaf.grad is None else numbers(leaf.grad) for leaf in leaves]
    for leaf in leaves:  # the same tensor serves in several cases
        leaf.grad = None
        leaf.requires_grad_(False)
    return case


if __name__ == "__main__":
    write(__file__, [run(*case) for table in (losses, functions, reductions, elementwise, shapes) for case in table()])
