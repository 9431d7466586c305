"""Initial weights: every module with parameters, one built after the other under one seed, and torch.nn.init.

Run with `python reference/initial_weights.py`; writes packages/core/test/fixtures/initial-weights.json.

A case is a seed and a list of [module, sizes, options]; manual_seed(seed) comes once, before the first module is built.
The weights of a module are its bytes (float32, or float64 where the options say so), all parameters in the order of
named_parameters, in base64. "next" are three more numbers from torch.rand, which show that the generator stands where
it should after all that. Cases of torch.nn.init have "init" instead: [function, shape, arguments] on a float32 (or
float64) tensor, again in one go under one seed.

Everything is to be compared bit for bit, except where an entry says "ulps": normal numbers in float64 go through
log, sin and cos in double, of which no two libraries round all last bits the same way.
"""

import torch

from fixture import bits, write

SEEDS = [0, 1, 42, 1234, 43052, 7, 2024, 65537, 2**31 - 1, 2**32 + 5, -1, 123456789012345]


def modules(i):
    """Every module, its sizes and options turning with the number of the seed."""
    a, b, c = 1 + i % 4, 2 + i % 5, 3 + i % 3
    layered = [
        {},
        {"num_layers": 2},
        {"bidirectional": True},
        {"num_layers": 2, "bidirectional": True, "bias": False},
        {"bias": False},
        {"num_layers": 3, "dropout": 0.5, "batch_first": True},
    ]
    option = lambda shift: layered[(i + shift) % len(layered)]  # noqa: E731
    yield from [
        ["Embedding", [3, 1], {}],
        ["Linear", [1, 3], {}],
        ["Embedding", [a + 1, b], {"padding_idx": a}],
        ["Embedding", [7, c], {"padding_idx": -1}],
        ["Linear", [b, c], {}],
        ["Linear", [c * 5, a], {"bias": False}],
        ["LayerNorm", [c], {}],
        ["LayerNorm", [[a, b]], {"bias": False}],
        ["RNN", [4, 3], {}],
        ["RNN", [a, b], option(0)],
        ["RNN", [b, 4], {**option(1), "nonlinearity": "relu"}],
        ["LSTM", [4, 3], {}],
        ["LSTM", [a, c], option(2)],
        ["LSTM", [b, 5], {**option(3), "proj_size": 1 + i % 4}],
        ["GRU", [c, b], option(4)],
        ["GRU", [a, 2], option(5)],
        ["RNNCell", [a, c], {}],
        ["RNNCell", [b, 2], {"bias": False, "nonlinearity": "relu"}],
        ["LSTMCell", [4, 2], {}],
        ["LSTMCell", [a, b], {"bias": bool(i & 1)}],
        ["GRUCell", [c, a + 1], {"bias": not i & 1}],
        ["Dropout", [0.5], {}],
        ["Embedding", [5, 4], {}],
        ["Linear", [b, a], {"dtype": "float64"}],
        ["LSTM", [a, 3], {**option(0), "dtype": "float64"}],
        ["GRU", [2, 3], {**option(1), "dtype": "float64"}],
        ["RNNCell", [3, 5], {"dtype": "float64"}],
        ["Embedding", [2, c], {"dtype": "float64"}],
        ["Embedding", [5, c], {"dtype": "float64"}],
        ["Linear", [c, 2], {}],
    ]


INIT = [
    ["uniform_", [3, 4], {}],
    ["uniform_", [5], {"a": -0.3, "b": 1.7}],
    ["normal_", [3, 4], {}],
    ["normal_", [7, 5], {"mean": 1.5, "std": 0.02}],
    ["normal_", [2, 3], {"std": 0.1}],
    ["xavier_uniform_", [3, 5], {}],
    ["xavier_uniform_", [4, 2], {"gain": 5 / 3}],
    ["xavier_normal_", [6, 5], {}],
    ["xavier_normal_", [3, 3], {"gain": 2.0}],
    ["kaiming_uniform_", [3, 5], {}],
    ["kaiming_uniform_", [4, 3], {"a": 0.2, "mode": "fan_out"}],
    ["kaiming_uniform_", [5, 3], {"nonlinearity": "relu"}],
    ["kaiming_uniform_", [5, 3], {"mode": "fan_out", "nonlinearity": "tanh"}],
    ["kaiming_normal_", [6, 4], {}],
    ["kaiming_normal_", [3, 4], {"mode": "fan_out", "nonlinearity": "linear"}],
    ["constant_", [2, 3], {"val": 0.3}],
    ["ones_", [2, 2], {}],
    ["zeros_", [3], {}],
    ["eye_", [3, 4], {}],
    ["uniform_", [4, 4], {"dtype": "float64"}],
    ["kaiming_uniform_", [3, 5], {"a": 0.5, "dtype": "float64"}],
    ["xavier_uniform_", [4, 3], {"dtype": "float64"}],
    ["normal_", [3, 2], {"dtype": "float64"}],
    ["xavier_normal_", [5, 4], {"dtype": "float64"}],
    ["uniform_", [2], {}],
]


def split(options):
    """PyTorch's dtype object, and the options without it."""
    return getattr(torch, options.get("dtype", "float32")), {k: v for k, v in options.items() if k != "dtype"}


def loose(name, dtype):
    return {"ulps": 2} if dtype == torch.float64 and ("normal" in name or name == "Embedding") else {}


def case_of_modules(i, seed):
    torch.manual_seed(seed)
    built = []
    for name, sizes, options in modules(i):
        dtype, rest = split(options)
        module = getattr(torch.nn, name)(*sizes, **rest, **({} if name == "Dropout" else {"dtype": dtype}))
        built.append({
            "module": [name, sizes, options],
            "shapes": {key: list(parameter.shape) for key, parameter in module.named_parameters()},
            "bits": bits(torch.cat([torch.empty(0, dtype=dtype), *(p.flatten() for p in module.parameters())])),
            **loose(name, dtype),
        })
    return {"seed": seed, "modules": built, "next": bits(torch.rand(3))}


def case_of_functions(seed):
    torch.manual_seed(seed)
    done = []
    for name, shape, options in INIT:
        dtype, rest = split(options)
        tensor = getattr(torch.nn.init, name)(torch.empty(shape, dtype=dtype), **rest)
        done.append({"init": [name, shape, options], "bits": bits(tensor), **loose(name, dtype)})
    return {"seed": seed, "functions": done, "next": bits(torch.rand(3))}


if __name__ == "__main__":
    cases = [case_of_modules(i, seed) for i, seed in enumerate(SEEDS)]
    write(__file__, cases + [case_of_functions(seed) for seed in (3, 99)])
