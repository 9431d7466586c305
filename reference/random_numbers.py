"""Random numbers: every distribution of torch's CPU generator, and the generator's state.

Run with `python reference/random_numbers.py`; writes packages/core/test/fixtures/random-numbers.json.

A case is a seed and a list of draws made one after the other, each with its result: float numbers as their bytes in
base64, whole numbers as such. A draw is {"op", arguments…, "out"}; "state" draws nothing and gives the SHA-256 of
get_state(). Everything is to be compared bit for bit, except float64 normals and exponentials, which go through the C
library's log, log1p, sin and cos.
"""

import base64
import hashlib

import torch

from fixture import bits, write

DTYPES = {"float32": torch.float32, "float64": torch.float64}
SEEDS = [0, 1, 42, 1234, 43052]


def weights(n, dtype):
    """Unnormalised probabilities by formula: element k is (7k² + 3k + 1) mod 11, and 1/4 where that is 0."""
    return torch.tensor([max((7 * k * k + 3 * k + 1) % 11, 0.25) for k in range(n)], dtype=DTYPES[dtype])


def draw(g, op, arguments):
    dtype = DTYPES.get(arguments.get("dtype", "float32"))
    n = arguments.get("n", 0)
    match op:
        case "rand":
            return bits(torch.rand(n, dtype=dtype, generator=g))
        case "uniform":
            return bits(torch.empty(n, dtype=dtype).uniform_(arguments["from"], arguments["to"], generator=g))
        case "randn":
            return bits(torch.randn(n, dtype=dtype, generator=g))
        case "normal":
            contiguous = arguments.get("contiguous", True)
            x = torch.empty(n, dtype=dtype) if contiguous else torch.empty(n, 2, dtype=dtype)[:, 0]
            return bits(x.normal_(arguments["mean"], arguments["std"], generator=g))
        case "randint":
            return torch.randint(arguments["low"], arguments["high"], (n,), generator=g).tolist()
        case "randperm":
            return torch.randperm(n, generator=g).tolist()
        case "bernoulli":
            return torch.empty(n).bernoulli_(arguments["p"], generator=g).int().tolist()
        case "bernoulliFrom":
            return torch.bernoulli(weights(n, arguments["dtype"]) / 11, generator=g).int().tolist()
        case "dropout":  # has no generator argument: lend the default one this state
            torch.set_rng_state(g.get_state())
            kept = torch.nn.functional.dropout(torch.ones(n), arguments["p"]) != 0
            g.set_state(torch.get_rng_state())
            return kept.int().tolist()
        case "exponential":
            return bits(torch.empty(n, dtype=dtype).exponential_(arguments["lambda"], generator=g))
        case "multinomial":
            p = weights(arguments["rows"] * n, arguments["dtype"]).reshape(arguments["rows"], n)
            return torch.multinomial(p, arguments["count"], arguments["replacement"], generator=g).flatten().tolist()
        case "random64":  # what DataLoader and random_split take as a seed
            return [str(v) for v in torch.empty(n, dtype=torch.int64).random_(generator=g).tolist()]
        case "state":
            return hashlib.sha256(bytes(g.get_state().tolist())).hexdigest()
    raise ValueError(op)


def programs():
    both = ["float32", "float64"]
    for dtype in both:
        sizes = [1, 5, 15, 16, 17, 31, 33, 100]
        yield [["rand", {"n": n, "dtype": dtype}] for n in sizes] + [["state", {}]]
        yield [["randn", {"n": n, "dtype": dtype}] for n in sizes] + [["state", {}]]
        yield [["uniform", {"n": n, "from": a, "to": b, "dtype": dtype}]
               for n, a, b in [(5, -0.5, 0.25), (40, -(3**-0.5), 3**-0.5), (33, 1e-3, 7.7), (20, 0, 3), (9, 2, 2)]]
        yield [["normal", {"n": n, "mean": m, "std": s, "contiguous": c, "dtype": dtype}]
               for n, m, s, c in [(4, 1, 0.5, True), (20, 0.1, 0.02, True), (20, 0.1, 0.02, False), (16, -3, 0, True)]]
        yield [["exponential", {"n": n, "lambda": rate, "dtype": dtype}] for n, rate in [(7, 1), (40, 0.3)]]
        yield [["bernoulliFrom", {"n": 30, "dtype": dtype}], ["rand", {"n": 2, "dtype": dtype}]]
        yield [["multinomial", {"rows": rows, "n": n, "count": k, "replacement": r, "dtype": dtype}]
               for rows, n, k, r in [(1, 4, 1, False)] * 5 + [(1, 4, 6, True), (1, 10, 10, False), (3, 7, 4, False),
                                     (3, 7, 9, True), (5, 4, 1, True), (1, 100, 20, False), (2, 100, 30, True)]]
    for n in [5, 10, 16, 17]:  # each right after seeding
        for op in ["rand", "randn"]:
            for dtype in both:
                yield [[op, {"n": n, "dtype": dtype}]]
    yield [["randint", {"low": 0, "high": 100, "n": 6}], ["randint", {"low": -7, "high": 3, "n": 20}],
           ["randint", {"low": 0, "high": 1, "n": 3}], ["rand", {"n": 1}]]
    yield [["randint", {"low": low, "high": high, "n": 8}] for low, high in [
        (0, 2**28 - 1), (0, 2**28), (-(2**27), 2**27), (-5, 2**31), (0, 2**32), (-(2**52), 2**52), (-(2**53) + 1, 2**53),
        (10**15, 10**15 + 3)]]
    yield [["randperm", {"n": 10}], ["randperm", {"n": 100}], ["randperm", {"n": 1}], ["randperm", {"n": 0}], ["rand", {"n": 1}]]
    yield [["bernoulli", {"p": 0.3, "n": 10}], ["bernoulli", {"p": 0, "n": 5}], ["bernoulli", {"p": 1, "n": 5}], ["rand", {"n": 3}]]
    yield [["dropout", {"p": 0.5, "n": 10}], ["dropout", {"p": 0.1, "n": 50}], ["dropout", {"p": 0.276, "n": 50}], ["rand", {"n": 1}]]
    # The cached normal: kept by everything that comes between, shared by both dtypes, cleared by a seed.
    yield [["randn", {"n": 1}], ["randn", {"n": 20}], ["state", {}], ["rand", {"n": 3}], ["randn", {"n": 1}], ["state", {}],
           ["randn", {"n": 3, "dtype": "float64"}], ["randn", {"n": 33, "dtype": "float64"}], ["randn", {"n": 2}],
           ["randperm", {"n": 5}], ["randn", {"n": 15}], ["randint", {"low": 0, "high": 9, "n": 2}], ["state", {}]]
    # Many words: three refills of the engine and draws that straddle them.
    yield [["rand", {"n": 623}], ["state", {}], ["rand", {"n": 1}], ["state", {}], ["random64", {"n": 3}], ["state", {}],
           ["rand", {"n": 621}], ["rand", {"n": 2, "dtype": "float64"}], ["randn", {"n": 1000}], ["state", {}]]


def cases():
    for program in programs():
        for seed in SEEDS:
            g = torch.Generator()
            g.manual_seed(seed)
            yield {"seed": seed, "draws": [{"op": op, **arguments, "out": draw(g, op, arguments)} for op, arguments in program]}
    for seed in [-1, -(2**63), 2**32 + 5, 5, 2**53 + 1, 2**64 - 1, 67280421310721]:
        g = torch.Generator()
        g.manual_seed(seed)
        state = {"op": "state", "out": draw(g, "state", {})}
        yield {"seed": str(seed), "initialSeed": str(g.initial_seed()), "draws": [state, {"op": "rand", "n": 3, "out": draw(g, "rand", {"n": 3})}]}


def states():
    """Whole states, to be read in: after a seed, in the middle of a block with a cached normal, at a block's end."""
    for op, n in [("rand", 0), ("randn", 7), ("rand", 624)]:
        g = torch.Generator()
        g.manual_seed(77)
        draw(g, op, {"n": n})
        text = base64.b64encode(bytes(g.get_state().tolist())).decode("ascii")
        yield {"state": text, "draws": [{"op": op, "n": n, "out": draw(g, op, {"n": n})} for op, n in [("randn", 3), ("rand", 4)]]}


if __name__ == "__main__":
    write(__file__, list(cases()), states=list(states()))
