"""Seven small programs whose result is fixed by a seed or by weights set by hand.

Run with `python reference/lessons.py` (a minute or two); writes packages/core/test/fixtures/lessons.json.

01 to 05 are Embedding → Tanh → Linear reading a repeated text symbol by symbol, 5000 epochs of Adam(0.001). 02 starts
from weights written by hand, all others from manual_seed(43052). 09 is a cell of one's own, tanh(i2h(x) + h2h(h)) with
two units, 200 epochs of Adam(0.1) on AbAcAd. 12 is one epoch of an LSTM that was given the weights of an LSTMCell.

Each runs in float32 and again in float64 from the same float32 initial weights (module.double()). "losses" are the
losses at "epochs"; "tables" are what the trained net computes, the first rows where a row repeats; "printed" is what
print shows of the float32 tensors. "calm" belongs to the float64 run: it was repeated three times with initial weights
moved by about 1e-15, relatively, and calm[d] is the first epoch after which a parameter or the loss was further than d
away (null: never). No other implementation can be asked to agree to d beyond that epoch.
"""

import torch

from fixture import bits, described, numbers, write

EPOCHS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 3000, 4000, 4999]
DISTANCES = ("1e-12", "1e-10", "1e-8", "1e-6", "1e-4")
SEED = 43052


def encode(text):
    symbols = sorted(set(text))
    codes = torch.tensor([symbols.index(symbol) for symbol in text])
    return codes[:-1], codes[1:], len(symbols)


class Reader:
    """Embedding → Tanh → Linear: predicts the next symbol from one symbol."""

    epochs, lr = 5000, 0.001

    def __init__(self, text, units, by_hand=None):
        self.x, self.y, n = encode(text)
        if by_hand is None:
            torch.manual_seed(SEED)
        self.net = torch.nn.Sequential(torch.nn.Embedding(n, units), torch.nn.Tanh(), torch.nn.Linear(units, n))
        for parameter, values in zip(self.net.parameters(), by_hand or ()):
            parameter.data = torch.tensor(values)
        self.modules = {"net": self.net}

    def loss(self):
        return torch.nn.functional.cross_entropy(self.net(self.x), self.y)

    def tables(self):
        hidden, logits = self.net[:-1](self.x), self.net(self.x)
        shown = 2 * logits.shape[1] + 1
        return {"hidden": hidden[:shown], "logits": logits[:shown], "yhat": torch.softmax(logits, dim=1)[:shown]}

    def printed(self):
        hidden = self.net[:-1](self.x).data[:9]
        weight, bias = self.net[-1].weight.data.T, self.net[-1].bias.data
        return {"hidden": hidden, "weight.T": weight, "bias": bias, "hidden @ weight.T + bias": hidden @ weight + bias}


class OneHot:
    """The recurrent programs read AbAcAd × 50 as one-hot rows and are trained on one-hot targets."""

    def __init__(self):
        self.x, self.y, self.n = encode("AbAcAd" * 50)
        torch.manual_seed(SEED)

    def rows(self, codes):
        return torch.nn.functional.one_hot(codes, self.n).to(self.cook.weight.dtype)

    def printed(self):
        return self.tables()


class OwnCell(OneHot):
    epochs, lr = 200, 0.1

    def __init__(self):
        super().__init__()
        cell = torch.nn.Module()
        cell.i2h, cell.h2h = torch.nn.Linear(4, 2), torch.nn.Linear(2, 2)
        self.cell, self.cook = cell, torch.nn.Linear(2, 4)
        self.modules = {"cell": cell, "cook": self.cook}

    def hidden(self):
        h, states = torch.zeros(2, dtype=self.cook.weight.dtype), []
        for x in self.rows(self.x):
            h = torch.tanh(self.cell.i2h(x) + self.cell.h2h(h))
            states.append(h)
        return states

    def loss(self):
        loss, targets = 0, self.rows(self.y)
        for h, y in zip(self.hidden(), targets):
            loss = loss + torch.nn.functional.cross_entropy(self.cook(h), y)
        return loss / len(targets)

    def tables(self):
        h = torch.stack(self.hidden())
        return {"h": h, "yhat": torch.softmax(self.cook(h), dim=1)}


class GivenLSTM(OneHot):
    epochs, lr = 1, 0.1

    def __init__(self):
        super().__init__()
        cell = torch.nn.LSTMCell(4, 2)
        self.cook, self.lstm = torch.nn.Linear(2, 4), torch.nn.LSTM(4, 2)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(self.lstm, f"{name}_l0").data = getattr(cell, name).data
        self.modules = {"lstm": self.lstm, "cook": self.cook}
        self.last = None

    def loss(self):
        water = torch.zeros(1, 2, dtype=self.cook.weight.dtype)
        h, self.last = self.lstm(self.rows(self.x), (water, water))
        return torch.nn.functional.cross_entropy(self.cook(h), self.rows(self.y))

    def tables(self):
        """The states are those that the one forward pass of the training returned, as the program shows them."""
        return {"hL": self.last[0], "cL": self.last[1]}


BY_HAND = [
    [[-0.3333], [-2.5000], [5.0000], [0.3333]],
    [[1.5000], [-6.0000], [-2.0000], [6.0000]],
    [0.1500, -2.0000, 0.1500, -2.000],
]
PROGRAMS = {
    "01": lambda: Reader("abc" * 100, 1),
    "02": lambda: Reader("abcd" * 100, 1, BY_HAND),
    "03": lambda: Reader("abcd" * 100, 2),
    "04": lambda: Reader("AbAcAd" * 100, 2),
    "05": lambda: Reader("abcde" * 100, 3),
    "09": OwnCell,
    "12": GivenLSTM,
}


def parameters(program):
    return {f"{m}.{n}": p for m, module in program.modules.items() for n, p in module.named_parameters()}


def train(program, watch=None):
    optimizer = torch.optim.Adam(parameters(program).values(), lr=program.lr)
    losses = []
    for epoch in range(program.epochs):
        loss = program.loss()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if watch:
            watch(epoch, loss.item(), torch.cat([p.detach().flatten() for p in parameters(program).values()]))
    return losses


def results(program, losses, epochs):
    dtype = next(iter(parameters(program).values())).dtype
    with torch.no_grad():
        tables = {name: described(table) for name, table in program.tables().items()}
    final = {name: numbers(p) for name, p in parameters(program).items()}
    return {"losses": numbers(torch.tensor([losses[e] for e in epochs], dtype=dtype)), "final": final, "tables": tables}


def calm(make, path):
    """path[epoch] = (loss, parameters) of the undisturbed run."""
    first = {distance: None for distance in DISTANCES}
    for disturbance in range(3):
        program = double(make())
        torch.manual_seed(disturbance)
        for parameter in parameters(program).values():
            parameter.data *= 1 + 1e-15 * torch.sign(torch.rand_like(parameter) - 0.5)

        def watch(epoch, loss, values):
            apart = max(abs(loss - path[epoch][0]), (values - path[epoch][1]).abs().max().item())
            for distance in DISTANCES:
                if apart > float(distance) and (first[distance] is None or epoch < first[distance]):
                    first[distance] = epoch

        train(program, watch)
    return first


def double(program):
    for module in program.modules.values():
        module.double()
    return program


def run(name, make):
    program = make()
    initial = {key: bits(p) for key, p in parameters(program).items()}
    epochs = list(range(program.epochs)) if program.epochs <= 200 else EPOCHS
    float32 = results(program, train(program), epochs)
    with torch.no_grad():
        printed = {key: str(table.detach()) for key, table in program.printed().items()}
    program, path = double(make()), []
    losses = train(program, lambda epoch, loss, values: path.append((loss, values)))
    disturbed = calm(make, path)
    print(name, float32["losses"][-1], losses[-1], disturbed)
    return {"lesson": name, "seed": None if name == "02" else SEED, "initial": initial, "epochs": epochs,
            "float32": float32, "float64": results(program, losses, epochs), "printed": printed, "calm": disturbed}


if __name__ == "__main__":
    write(__file__, [run(name, make) for name, make in PROGRAMS.items()])
