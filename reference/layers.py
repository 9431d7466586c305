"""Recurrent layers and cells: outputs, states, every gradient and ten optimiser steps.

Run with `python reference/layers.py`; writes packages/core/test/fixtures/layers.json.

A case is one layer with its options, inputs and weights by formula (fixture.pattern):

    parameter number j (from 1, in the order of named_parameters)   pattern(shape, j, 1/2)
    input, h0, c0                                                    pattern(shape, 31 | 37 | 41)
    loss = Σ output · pattern(43) + Σ h_n · pattern(47) + Σ c_n · pattern(53)

For ReLU, so that its units are not dead: parameters pattern(shape, j, 1/4) + 3/16, and the input's absolute values.

In float64, ten times forward, backward and one optimiser step after manual_seed(case number), which only dropout
notices: outputs and gradients of the first pass, ten losses, parameters after step 1 and step 10. The same first pass
again in float32. With lengths, the layer gets pack_padded_sequence(..., enforce_sorted=False) and the output is padded
again to the input's length. A cell runs over the steps of the input; its output is the stack of its h, and c_n is
the last c.
"""

import random
import warnings

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from fixture import number, numbers, pattern, write

OPTIMIZERS = [
    ("SGD", {"lr": 0.05}),
    ("SGD", {"lr": 0.02, "momentum": 0.9}),
    ("SGD", {"lr": 0.02, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.01, "momentum": 0.9, "dampening": 0.1, "maximize": True}),
    ("Adam", {"lr": 0.01}),
    ("Adam", {"lr": 0.01, "betas": [0.8, 0.95], "amsgrad": True}),
    ("Adam", {"lr": 0.01, "weight_decay": 0.1, "eps": 1e-6}),
    ("AdamW", {"lr": 0.02}),
    ("AdamW", {"lr": 0.01, "weight_decay": 0.2, "amsgrad": True}),
    ("RMSprop", {"lr": 0.01}),
    ("RMSprop", {"lr": 0.01, "alpha": 0.9, "centered": True}),
    ("RMSprop", {"lr": 0.005, "momentum": 0.9, "centered": True, "weight_decay": 0.05}),
    ("Adagrad", {"lr": 0.05}),
]

KINDS = [("RNN", {}), ("RNN", {"nonlinearity": "relu"}), ("LSTM", {}), ("LSTM", {"proj_size": True}), ("GRU", {})]
CELLS = [("RNNCell", {}), ("RNNCell", {"nonlinearity": "relu"}), ("LSTMCell", {}), ("GRUCell", {})]


def layer_cases(chance):
    """Fourteen layers of each kind. The first eight go through bias × direction × layers, the rest is drawn."""
    for turn in range(14):
        for kind, extra in KINDS:
            options = dict(extra)
            layers = 1 + (turn & 1) if turn < 8 else chance.choice([1, 2, 2, 3])
            bidirectional = bool(turn & 2) if turn < 8 else chance.random() < 0.5
            hidden = chance.randint(2, 5 if layers == 1 else 3)
            if "proj_size" in options:
                hidden = max(hidden, 3)
                options["proj_size"] = chance.randint(1, hidden - 1)
            if layers > 1:
                options["num_layers"] = layers
                if chance.random() < 0.5:
                    options["dropout"] = chance.choice([0.25, 0.5])
            if bidirectional:
                options["bidirectional"] = True
            if (turn & 4) if turn < 8 else chance.random() < 0.25:
                options["bias"] = False
            steps, batch = chance.randint(3, 6), chance.choice([None, 1, 2, 3, 3])
            if batch is not None and chance.random() < 0.5:
                options["batch_first"] = True
            lengths = None
            if batch is not None and batch > 1 and chance.random() < 0.6:
                lengths = [chance.randint(1, steps) for _ in range(batch)]
                lengths[-1] = max(lengths[-1], 2)
            yield {
                "module": kind,
                "sizes": [chance.randint(1, 4), hidden],
                "options": options,
                "steps": steps,
                "batch": batch,
                "lengths": lengths,
                "state": chance.random() < 0.5,
            }


def cell_cases(chance):
    for bias in (True, False):
        for batch in (None, 2):
            for kind, extra in CELLS:
                yield {
                    "module": kind,
                    "sizes": [chance.randint(1, 4), chance.randint(2, 5)],
                    "options": dict(extra) if bias else {**extra, "bias": False},
                    "steps": chance.randint(2, 4),
                    "batch": batch,
                    "lengths": None,
                    "state": chance.random() < 0.5,
                }


def build(case, dtype):
    module = getattr(torch.nn, case["module"])(*case["sizes"], **case["options"], dtype=dtype)
    for j, parameter in enumerate(module.parameters(), 1):
        relu = case["options"].get("nonlinearity") == "relu"
        parameter.data = pattern(parameter.shape, j, 1 / 4 if relu else 1 / 2, dtype) + (3 / 16 if relu else 0)
    return module


def inputs(case, dtype):
    """x, h0, c0 as leaves; h0 and c0 are None where the case leaves the state out or the module has no c."""
    features, hidden = case["sizes"]
    options, batch = case["options"], [] if case["batch"] is None else [case["batch"]]
    shape = [case["batch"], case["steps"]] if options.get("batch_first") else [case["steps"], *batch]
    x = pattern([*shape, features], 31, 1, dtype)
    x = (x.abs() if options.get("nonlinearity") == "relu" else x).requires_grad_()
    if not case["state"]:
        return x, None, None
    cell = case["module"].endswith("Cell")
    stack = [] if cell else [options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)]
    h0 = pattern([*stack, *batch, options.get("proj_size", hidden)], 37, 1, dtype).requires_grad_()
    if not case["module"].startswith("LSTM"):
        return x, h0, None
    return x, h0, pattern([*stack, *batch, hidden], 41, 1, dtype).requires_grad_()


def forward(case, module, x, h0, c0):
    """output, h_n, c_n (None where the module has no c)."""
    state = None if h0 is None else h0 if c0 is None else (h0, c0)
    if case["module"].endswith("Cell"):
        outputs = []
        for step in x:
            state = module(step, state)
            outputs.append(state[0] if isinstance(state, tuple) else state)
        return torch.stack(outputs), outputs[-1], state[1] if isinstance(state, tuple) else None
    if case["lengths"] is None:
        output, last = module(x, state)
    else:
        first = case["options"].get("batch_first", False)
        packed = pack_padded_sequence(x, torch.tensor(case["lengths"]), batch_first=first, enforce_sorted=False)
        output, last = module(packed, state)
        output, _ = pad_packed_sequence(output, batch_first=first, total_length=case["steps"])
    return (output, *last) if isinstance(last, tuple) else (output, last, None)


def loss_of(output, h_n, c_n):
    loss = (output * pattern(output.shape, 43, 1, output.dtype)).sum()
    loss = loss + (h_n * pattern(h_n.shape, 47, 1, h_n.dtype)).sum()
    return loss if c_n is None else loss + (c_n * pattern(c_n.shape, 53, 1, c_n.dtype)).sum()


def first_pass(module, leaves, results):
    """What one forward and backward pass leaves behind."""
    grads = {name: leaf.grad for name, leaf in zip(("x", "h0", "c0"), leaves) if leaf is not None}
    grads |= {name: parameter.grad for name, parameter in module.named_parameters()}
    values = {name: tensor for name, tensor in zip(("output", "h_n", "c_n"), results) if tensor is not None}
    return {
        "shapes": {name: list(tensor.shape) for name, tensor in values.items()},
        "values": {name: numbers(tensor) for name, tensor in values.items()},
        "grads": {name: numbers(grad) for name, grad in grads.items()},
    }


def run(number_of_case, case):
    name, options = OPTIMIZERS[number_of_case % len(OPTIMIZERS)]
    if case["options"].get("nonlinearity") == "relu":
        options = {**options, "lr": options["lr"] / 50}  # nothing bounds what a ReLU layer puts out
    module, leaves = build(case, torch.float64), inputs(case, torch.float64)
    optimizer = getattr(torch.optim, name)(module.parameters(), **options)
    torch.manual_seed(number_of_case)
    losses, after = [], {}
    for step in range(1, 11):
        results = forward(case, module, *leaves)
        loss = loss_of(*results)
        optimizer.zero_grad()
        loss.backward()
        losses.append(number(loss.item()))
        if step == 1:
            float64 = first_pass(module, leaves, results)
        optimizer.step()
        if step in (1, 10):
            after[step] = {name: numbers(parameter) for name, parameter in module.named_parameters()}

    module, leaves = build(case, torch.float32), inputs(case, torch.float32)
    torch.manual_seed(number_of_case)
    results = forward(case, module, *leaves)
    loss_of(*results).backward()
    float32 = first_pass(module, leaves, results)
    del float32["shapes"]
    return {
        **case,
        "seed": number_of_case,
        **float64,
        "optimizer": [name, options],
        "losses": losses,
        "after1": after[1],
        "after10": after[10],
        "float32": float32,
    }


if __name__ == "__main__":
    warnings.filterwarnings("error", "dropout option")  # a dropout that does nothing would be a case that tests nothing
    warnings.filterwarnings("ignore", "LSTM with projections")  # only says which of its kernels PyTorch takes
    chance = random.Random(1997)
    cases = [*layer_cases(chance), *cell_cases(chance)]
    write(__file__, [run(i, case) for i, case in enumerate(cases)])
