"""The same numbers as formula.mjs."""

import torch

MASK = 0xFFFFFFFF


def numbers(n, seed, scale=1.0):
    # Products that overflow 64 bits still have the right lowest 32.
    h = ((torch.arange(n, dtype=torch.int64) + seed * 7919) * 2654435761) & MASK
    h = ((h ^ (h >> 15)) * 2246822519) & MASK
    h = h ^ (h >> 13)
    return ((h.double() / 2**31 - 1) * scale).float()


def formed(shape, seed, scale=1.0):
    size = 1
    for n in shape:
        size *= n
    return numbers(size, seed, scale).reshape(shape)


def fingerprint(gradient):
    g = gradient.detach().double().flatten()
    return [g.norm().item(), (g @ numbers(g.numel(), 99).double()).item()]


def neighbours(text):
    return text[:-1], text[1:]


def abacad():
    return neighbours([[0, 1, 0, 2, 0, 3][i % 6] for i in range(300)])


def abc():
    return neighbours([i % 3 for i in range(300)])


def halves():
    sequences = []
    for k in range(10):
        digits = [(i * 7 + k * 3) % 10 for i in range(k + 1)]
        match = k % 2 == 0
        sequences.append((digits + [d if match else (d + 1) % 10 for d in digits], int(match)))
    return sequences


def symbols(n, size):
    return [(i * i + 3 * i) % size for i in range(n)]
