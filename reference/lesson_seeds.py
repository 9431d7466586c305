"""Under which of the seeds 0 … 99 lessons 08 to 11 succeed in PyTorch.

Run with `python reference/lesson_seeds.py` (about ten minutes); writes packages/lessons/test/fixtures/lesson-seeds.json.

All read AbAcAd × 50 as one-hot rows and are trained with Adam(0.1) on one-hot targets. Success means that every answer
from the second round on is right. 09 and 11 are loops over cells in the lessons; here a layer that has the cell's
weights does their work, forty times faster. 07 is 08 as a loop.
"""

import os

import torch

import fixture

fixture.FOLDER = os.path.join(os.path.dirname(fixture.FOLDER), "..", "..", "lessons", "test", "fixtures")

codes = torch.tensor(["Abcd".index(symbol) for symbol in "AbAcAd" * 50])
X = torch.nn.functional.one_hot(codes[:-1], 4).float()
y = torch.nn.functional.one_hot(codes[1:], 4).float()


def rnn():
    return torch.nn.RNN(4, 3), torch.nn.Linear(3, 4)


def lstm():
    return torch.nn.LSTM(4, 3), torch.nn.Linear(3, 4)


def own_cell():
    i2h, h2h, cook = torch.nn.Linear(4, 2), torch.nn.Linear(2, 2), torch.nn.Linear(2, 4)
    layer = torch.nn.RNN(4, 2)
    layer.weight_ih_l0.data, layer.bias_ih_l0.data = i2h.weight.data, i2h.bias.data
    layer.weight_hh_l0.data, layer.bias_hh_l0.data = h2h.weight.data, h2h.bias.data
    return layer, cook


def succeeds(make, epochs, seed):
    torch.manual_seed(seed)
    layer, head = make()
    loss_fn = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam([*layer.parameters(), *head.parameters()], lr=0.1)
    for _ in range(epochs):
        loss = loss_fn(head(layer(X)[0]), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        answers = head(layer(X)[0]).argmax(1)
    return bool((answers[6:] == codes[7:]).all())


def case(lesson, make, epochs):
    seeds = [seed for seed in range(100) if succeeds(make, epochs, seed)]
    print(f"lesson {lesson}: {len(seeds)} of 100")
    return {"lesson": lesson, "epochs": epochs, "seeds": seeds}


if __name__ == "__main__":
    fixture.write(
        __file__, [case("08", rnn, 200), case("09", own_cell, 200), case("10", lstm, 500), case("11", lstm, 100)]
    )
