"""PyTorch's programs, written as its tutorials write them, on one thread. The conversation is described in serve.mjs."""

import json
import resource
import sys
import time
import traceback

import torch
from formula import abacad, abc, fingerprint, formed, halves, numbers, symbols
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)


def parameters_of(modules, scale):
    parameters = [p for m in modules for p in m.parameters()]
    for i, p in enumerate(parameters):
        p.data = formed(p.shape, i + 1, scale)
    return parameters


def gradients_of(parameters):
    return [fingerprint(p.grad) for p in parameters]


# Training all but stands still after the comparison, see unroll.mjs.
STANDSTILL = 1e-7


def training(parameters, loss_of, batches=((),), lr=0.1):
    optimizer = torch.optim.Adam(parameters, lr=lr)
    turn = 0

    def step():
        nonlocal turn
        loss = loss_of(*batches[turn % len(batches)])
        turn += 1
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss.item()

    def check():
        loss_of(*batches[0]).backward()
        gradients = gradients_of(parameters)
        optimizer.zero_grad()
        result = {"losses": [step(), step(), step()], "gradients": gradients}
        for group in optimizer.param_groups:
            group["lr"] = STANDSTILL
        return result

    return check, step


LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class OwnCell(nn.Module):
    def __init__(self):
        super().__init__()
        self.i2h = nn.Linear(4, 3)
        self.h2h = nn.Linear(3, 3)

    def forward(self, x, h):
        return torch.tanh(self.i2h(x) + self.h2h(h))


class ReluNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.x2h = nn.Linear(10, 50)
        self.h2h = nn.Linear(50, 50)
        self.h2y = nn.Linear(50, 2)

    def forward(self, x):
        h = torch.zeros(1, 50)
        states = []
        for xt in x:
            h = torch.relu(self.x2h(xt.unsqueeze(0)) + self.h2h(h))
            states.append(h)
        return self.h2y(torch.cat(states))


def lesson_data():
    x, y = abacad()
    return F.one_hot(torch.tensor(x), 4).float(), F.one_hot(torch.tensor(y), 4).float()


def lesson(kind):
    X, Y = lesson_data()
    layer, linear, loss_fn = LAYERS[kind](4, 3), nn.Linear(3, 4), nn.CrossEntropyLoss()
    return training(parameters_of([layer, linear], 0.5), lambda: loss_fn(linear(layer(X)[0]), Y))


def loop(kind):
    X, Y = lesson_data()
    cell = {"own": OwnCell, "rnn": lambda: nn.RNNCell(4, 3), "lstm": lambda: nn.LSTMCell(4, 3)}[kind]()
    linear, loss_fn = nn.Linear(3, 4), nn.CrossEntropyLoss()

    def loss_of():
        loss = 0
        h = torch.zeros(3)
        c = torch.zeros(3)
        for t in range(len(X)):
            if kind == "lstm":
                h, c = cell(X[t], (h, c))
            else:
                h = cell(X[t], h)
            loss = loss + loss_fn(linear(h), Y[t])
        return loss / len(X)

    return training(parameters_of([cell, linear], 0.5), loss_of)


def embedding():
    x, y = (torch.tensor(text) for text in abc())
    net, loss_fn = nn.Sequential(nn.Embedding(3, 1), nn.Tanh(), nn.Linear(1, 3)), nn.CrossEntropyLoss()
    return training(parameters_of([net], 1), lambda: loss_fn(net(x), y), lr=0.001)


def relu(kind):
    net, loss_fn = ReluNet(), nn.CrossEntropyLoss()
    parameters = parameters_of([net], 0.14)
    batches = [(F.one_hot(torch.tensor(digits), 10).float(), torch.tensor([match])) for digits, match in halves()]
    if kind == "train":
        return training(parameters, lambda x, y: loss_fn(net(x)[-1:], y), batches, 0.001)
    turn = 0

    @torch.no_grad()
    def test():
        nonlocal turn
        turn += 1
        return net(batches[(turn - 1) % 10][0])[-1:].argmax(1).item()

    return lambda: {"losses": [test() for _ in batches], "gradients": []}, test


def lstm_step(B, T, H, V):
    lstm, linear, loss_fn = nn.LSTM(V, H, batch_first=True), nn.Linear(H, V), nn.CrossEntropyLoss()
    text = torch.tensor(symbols(B * T + 1, V))
    x = F.one_hot(text[:-1], V).float().reshape(B, T, V)
    y = text[1:]
    parameters = parameters_of([lstm, linear], H**-0.5)
    return training(parameters, lambda: loss_fn(linear(lstm(x)[0]).reshape(B * T, V), y), lr=0.001)


def layer(kind, H, B, T):
    recurrent = LAYERS[kind](H, H)
    parameters = parameters_of([recurrent], H**-0.5)
    x, g = formed((T, B, H), 50), formed((T, B, H), 51)

    def run():
        for p in parameters:
            p.grad = None
        output, _ = recurrent(x)
        output.backward(g)
        return output

    return lambda: {"losses": fingerprint(run()), "gradients": gradients_of(parameters)}, run


def sgemm(n):
    a, b, c = formed((n, n), 1), formed((n, n), 2), torch.empty(n, n)

    def run():
        return torch.mm(a, b, out=c)

    return lambda: {"losses": fingerprint(run()), "gradients": []}, run


def generate(H):
    V = 64
    lstm, linear = nn.LSTM(V, H), nn.Linear(H, V)
    parameters_of([lstm, linear], 2 * H**-0.5)
    one_hot = torch.eye(V)

    @torch.no_grad()
    def run():
        state = (torch.zeros(1, 1, H), torch.zeros(1, 1, H))
        symbol = 0
        written = []
        for _ in range(100):
            output, state = lstm(one_hot[symbol : symbol + 1].unsqueeze(0), state)
            symbol = linear(output.squeeze(0)).argmax(1).item()
            written.append(symbol)
        return written

    return lambda: {"losses": run()[:20], "gradients": []}, run


def many():
    def train():
        _, run = lesson("rnn")
        losses = [run() for _ in range(200)]
        return {"losses": losses[:10], "gradients": []}

    return train, train


WORKLOADS = {
    "lesson": lesson,
    "loop": loop,
    "embedding": embedding,
    "relu": relu,
    "lstm-step": lstm_step,
    "layer": layer,
    "sgemm": sgemm,
    "generate": generate,
    "many": many,
}


def version():
    blas = "MKL" if torch.backends.mkl.is_available() else "no MKL"
    onednn = "oneDNN" if torch.backends.mkldnn.is_available() else "no oneDNN"
    return f"{torch.__version__}, {blas}, {onednn}, {torch.get_num_threads()} thread"


def answer(words, prepared):
    verb, *rest = words
    if verb == "about":
        return {"name": "PyTorch", "version": version()}
    if verb == "peak":
        # Linux counts kilobytes, macOS bytes.
        unit = 1 if sys.platform == "darwin" else 1024
        return {"bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}
    if verb == "prepare":
        if rest[0] not in WORKLOADS:
            return {"unsupported": f"no {rest[0]}"}
        check, run = WORKLOADS[rest[0]](*(int(word) if word.isdigit() else word for word in rest[1:]))
        prepared["run"] = run
        return check()
    run = prepared["run"]
    start = time.perf_counter()
    for _ in range(int(rest[0])):
        run()
    return {"seconds": time.perf_counter() - start}


def main():
    prepared = {}
    for line in sys.stdin:
        try:
            result = answer(line.split(), prepared)
        except Exception:
            result = {"error": traceback.format_exc()}
        print(json.dumps(result), flush=True)


main()
