import { describe, expect, test } from "vitest";
import {
  type Matrix,
  type RnnParameters,
  rnnBackward,
  rnnCellBackward,
  rnnCellForward,
  rnnForward,
  type Sequence,
} from "../src/byhand/index.js";
import { tensor } from "../src/creation.js";
import { OptionError, ShapeError } from "../src/errors.js";
import { RNN } from "../src/nn/rnn.js";
import type { Tensor } from "../src/tensor.js";

/** Numbers by formula in [−0.9, 0.9], none of them zero. */
function numbers(salt: number): () => number {
  let k = salt * 31;
  return () => (((++k * 53) % 113) - 56.5) / 64;
}
const matrix = (rows: number, columns: number, salt: number): Matrix => {
  const next = numbers(salt);
  return Array.from({ length: rows }, () => Array.from({ length: columns }, next));
};
const sequence = (rows: number, m: number, Tx: number, salt: number): Sequence => {
  const next = numbers(salt);
  return Array.from({ length: rows }, () => Array.from({ length: m }, () => Array.from({ length: Tx }, next)));
};

const [nx, nh, ny, m, Tx] = [3, 4, 2, 2, 5];
const parameters = {
  Whx: matrix(nh, nx, 1),
  Whh: matrix(nh, nh, 2),
  Wyh: matrix(ny, nh, 3),
  bh: matrix(nh, 1, 4),
  by: matrix(ny, 1, 5),
};
const x = sequence(nx, m, Tx, 6);
const h0 = matrix(nh, m, 7);
const dh = sequence(nh, m, Tx, 8);

type Nested = number | Nested[];
const flat = (nested: Nested): number[] => (typeof nested === "number" ? [nested] : nested.flatMap(flat));
const leaf = (nested: Nested[], [first, ...rest]: number[]): { read: () => number; write: (value: number) => void } =>
  rest.length > 0
    ? leaf(nested[first as number] as Nested[], rest)
    : { read: () => nested[first as number] as number, write: (value) => (nested[first as number] = value) };
const paths = (nested: Nested): number[][] =>
  typeof nested === "number" ? [[]] : nested.flatMap((part, i) => paths(part).map((path) => [i, ...path]));
const dot = (a: Nested, b: Nested): number => {
  const bs = flat(b);
  return flat(a).reduce((sum, value, i) => sum + value * (bs[i] as number), 0);
};

/** Every entry of `gradient` against (loss(v + ε) − loss(v − ε)) / 2ε for the entry v of `variable`. */
function expectFiniteDifferences(variable: Nested[], gradient: Nested[], loss: () => number): void {
  expect(paths(gradient)).toEqual(paths(variable));
  for (const path of paths(variable)) {
    const entry = leaf(variable, path);
    const value = entry.read();
    entry.write(value + 1e-5);
    const above = loss();
    entry.write(value - 1e-5);
    const below = loss();
    entry.write(value);
    const error = Math.abs(leaf(gradient, path).read() - (above - below) / 2e-5);
    if (!(error <= 1e-9)) throw new Error(`entry ${path}: off by ${error}`);
  }
}

describe("one step", () => {
  test("a step worked out by hand", () => {
    // One unit, one feature, one sequence: z = 0.5·0.2 + 2·0.3 + 0.1 = 0.8.
    const { hNext, yPred } = rnnCellForward([[0.3]], [[0.2]], {
      Whx: [[2]],
      Whh: [[0.5]],
      bh: [[0.1]],
      Wyh: [[1], [-1]],
      by: [[0], [0]],
    });
    const h = hNext[0]?.[0] as number;
    expect(h).toBeCloseTo(0.6640367702678491, 15);
    // softmax(h, −h) has 1 / (1 + e^(−2h)) as its first entry.
    expect(yPred?.[0]?.[0]).toBeCloseTo(0.7905217972597721, 15);
    expect(yPred?.[1]?.[0]).toBeCloseTo(0.20947820274022783, 15);
    const { cache } = rnnCellForward([[0.3]], [[0.2]], { Whx: [[2]], Whh: [[0.5]], bh: [[0.1]] });
    const gradients = rnnCellBackward([[3]], cache);
    const dz = 3 * (1 - h * h);
    expect(gradients).toEqual({
      dxt: [[2 * dz]],
      dhPrev: [[0.5 * dz]],
      dWhx: [[dz * 0.3]],
      dWhh: [[dz * 0.2]],
      dbh: [[dz]],
    });
  });

  test("without output weights there is no output", () => {
    const { Whx, Whh, bh } = parameters;
    expect(rnnCellForward(matrix(nx, m, 1), h0, { Whx, Whh, bh }).yPred).toBeNull();
    expect(rnnForward(x, h0, { Whx, Whh, bh }).yPred).toBeNull();
    expect(rnnForward(x, h0, { Whx, Whh, bh }).h).toEqual(rnnForward(x, h0, parameters).h);
  });

  test("the output is a distribution for each sequence, however large the logits", () => {
    const { yPred } = rnnCellForward(matrix(nx, m, 1), h0, { ...parameters, by: [[1000], [-1000]] });
    expect(yPred).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });

  test("the gradients are finite differences'", () => {
    const xt = matrix(nx, m, 9);
    const hPrev = matrix(nh, m, 10);
    const dhNext = matrix(nh, m, 11);
    const loss = (): number => dot(rnnCellForward(xt, hPrev, parameters).hNext, dhNext);
    const gradients = rnnCellBackward(dhNext, rnnCellForward(xt, hPrev, parameters).cache);
    expectFiniteDifferences(xt, gradients.dxt, loss);
    expectFiniteDifferences(hPrev, gradients.dhPrev, loss);
    expectFiniteDifferences(parameters.Whx, gradients.dWhx, loss);
    expectFiniteDifferences(parameters.Whh, gradients.dWhh, loss);
    expectFiniteDifferences(parameters.bh, gradients.dbh, loss);
  });
});

describe("all steps", () => {
  test("are one step after the other", () => {
    const { h, yPred } = rnnForward(x, h0, parameters);
    let state = h0;
    for (let t = 0; t < Tx; t++) {
      const at = (a: Sequence | null): Matrix =>
        (a as Sequence).map((plane) => plane.map((values) => values[t] as number));
      const step = rnnCellForward(at(x), state, parameters);
      expect(at(h)).toEqual(step.hNext);
      expect(at(yPred)).toEqual(step.yPred);
      state = step.hNext;
    }
  });

  test("the gradients are finite differences'", () => {
    const loss = (): number => dot(rnnForward(x, h0, parameters).h, dh);
    const gradients = rnnBackward(dh, rnnForward(x, h0, parameters).caches);
    expectFiniteDifferences(x, gradients.dx, loss);
    expectFiniteDifferences(h0, gradients.dh0, loss);
    expectFiniteDifferences(parameters.Whx, gradients.dWhx, loss);
    expectFiniteDifferences(parameters.Whh, gradients.dWhh, loss);
    expectFiniteDifferences(parameters.bh, gradients.dbh, loss);
  });

  test("dh = Wyhᵀ(ŷ − one-hot) gives the gradients of the cross-entropy of ŷ, as the documentation says", () => {
    const target = (j: number, t: number): number => (j + t) % ny;
    const loss = (): number => {
      const { yPred } = rnnForward(x, h0, parameters);
      let sum = 0;
      for (let j = 0; j < m; j++)
        for (let t = 0; t < Tx; t++) sum -= Math.log(yPred?.[target(j, t)]?.[j]?.[t] as number);
      return sum;
    };
    const { yPred, caches } = rnnForward(x, h0, parameters);
    const error = (c: number, j: number, t: number): number =>
      (yPred?.[c]?.[j]?.[t] as number) - (target(j, t) === c ? 1 : 0);
    const outside = Array.from({ length: nh }, (_, i) =>
      Array.from({ length: m }, (_, j) =>
        Array.from({ length: Tx }, (_, t) =>
          parameters.Wyh.reduce((sum, weights, c) => sum + (weights[i] as number) * error(c, j, t), 0),
        ),
      ),
    );
    const gradients = rnnBackward(outside, caches);
    expectFiniteDifferences(parameters.Whh, gradients.dWhh, loss);
    expectFiniteDifferences(x, gradients.dx, loss);
    expectFiniteDifferences(h0, gradients.dh0, loss);
  });

  test("nothing that was passed in is changed", () => {
    const before = JSON.stringify([x, h0, parameters, dh]);
    rnnBackward(dh, rnnForward(x, h0, parameters).caches);
    expect(JSON.stringify([x, h0, parameters, dh])).toBe(before);
  });
});

describe("nn.RNN", () => {
  /** (features, batch, time) to the library's (time, batch, features). */
  const turned = (a: Sequence): number[][][] =>
    Array.from({ length: a[0]?.[0]?.length ?? 0 }, (_, t) =>
      Array.from({ length: a[0]?.length ?? 0 }, (_, j) => a.map((plane) => plane[j]?.[t] as number)),
    );
  const transposed = (a: Matrix): Matrix => (a[0] as number[]).map((_, j) => a.map((values) => values[j] as number));
  const float64 = (numbers: Nested[], requiresGrad = false): Tensor =>
    tensor(numbers as number[], { dtype: "float64", requiresGrad });

  /** The library's layer with the textbook's parameters; its two biases share bh, one part in four and three in four. */
  function layer(): RNN {
    const rnn = new RNN(nx, nh).to("float64");
    const bias = parameters.bh.flat();
    rnn.loadStateDict({
      weight_ih_l0: float64(parameters.Whx),
      weight_hh_l0: float64(parameters.Whh),
      bias_ih_l0: float64(bias.map((value) => value / 4)),
      bias_hh_l0: float64(bias.map((value) => (value * 3) / 4)),
    });
    return rnn;
  }

  function expectClose(actual: Tensor, expected: Nested): void {
    const numbers = flat(actual.toArray() as Nested);
    const wanted = flat(expected);
    expect(numbers.length).toBe(wanted.length);
    for (let i = 0; i < wanted.length; i++) {
      const error = Math.abs((numbers[i] as number) - (wanted[i] as number));
      if (!(error <= 1e-14)) throw new Error(`entry ${i}: ${numbers[i]} and ${wanted[i]}`);
    }
  }

  test("gives the same states and the same gradients", () => {
    const rnn = layer();
    const input = float64(turned(x), true);
    const start = float64([transposed(h0)], true);
    const [output, hN] = rnn.forward(input, start);
    output
      .mul(float64(turned(dh)))
      .sum()
      .backward();

    const { h, caches } = rnnForward(x, h0, parameters);
    expectClose(output, turned(h));
    expectClose(hN, [turned(h).at(-1) as Matrix]);

    const gradients = rnnBackward(dh, caches);
    const gradientOf = Object.fromEntries([...rnn.namedParameters()].map(([name, { grad }]) => [name, grad as Tensor]));
    expectClose(input.grad as Tensor, turned(gradients.dx));
    expectClose(start.grad as Tensor, [transposed(gradients.dh0)]);
    expectClose(gradientOf.weight_ih_l0 as Tensor, gradients.dWhx);
    expectClose(gradientOf.weight_hh_l0 as Tensor, gradients.dWhh);
    expectClose(gradientOf.bias_ih_l0 as Tensor, gradients.dbh);
    expectClose(gradientOf.bias_hh_l0 as Tensor, gradients.dbh);
  });
});

const { Wyh, by, ...hidden } = parameters;
const { caches } = rnnForward(x, h0, parameters);
test.each<[string, () => unknown, new (message: string) => Error, RegExp]>([
  [
    "features that Whx has not",
    () => rnnForward(sequence(2, m, Tx, 1), h0, parameters),
    ShapeError,
    /x of shape \(n_x, m, T_x\) = \(3, 2, 5\), got \(2, 2, 5\)/,
  ],
  [
    "a state of another batch",
    () => rnnForward(x, matrix(nh, 3, 1), parameters),
    ShapeError,
    /h0 of shape \(n_h, m\) = \(4, 2\), got \(4, 3\)/,
  ],
  [
    "a step for a sequence",
    () => rnnForward(matrix(nx, m, 1) as never, h0, parameters),
    ShapeError,
    /x to be nested arrays of numbers of shape \(n_x, m, T_x\)/,
  ],
  [
    "a sequence for a step",
    () => rnnCellForward(x as never, h0, parameters),
    ShapeError,
    /xt to be nested arrays of numbers of shape \(n_x, m\).*where a number should stand/,
  ],
  ["no steps", () => rnnForward([[[]]], h0, parameters), ShapeError, /got \[\] inside/],
  [
    "rows of unequal length",
    () => rnnCellForward([[1, 2], [1], [1, 2]], h0, parameters),
    ShapeError,
    /parts of unequal lengths, \(2\) and \(1\)/,
  ],
  [
    "a state of the wrong size",
    () => rnnCellForward(matrix(nx, m, 1), matrix(3, m, 1), parameters),
    ShapeError,
    /hPrev of shape \(n_h, m\) = \(4, 2\), got \(3, 2\)/,
  ],
  [
    "Whh not square",
    () => rnnForward(x, h0, { ...parameters, Whh: matrix(4, 3, 1) }),
    ShapeError,
    /Whh of shape \(n_h, n_h\) = \(4, 4\), got \(4, 3\)/,
  ],
  [
    "a bias that is no column",
    () => rnnForward(x, h0, { ...parameters, bh: [0, 0, 0, 0] as never }),
    ShapeError,
    /bh to be nested arrays of numbers of shape \(n_h, 1\)/,
  ],
  [
    "a bias too long",
    () => rnnForward(x, h0, { ...parameters, by: matrix(3, 1, 1) }),
    ShapeError,
    /by of shape \(n_y, 1\) = \(2, 1\), got \(3, 1\)/,
  ],
  ["output weights alone", () => rnnForward(x, h0, { ...hidden, Wyh }), OptionError, /Wyh and by together or neither/],
  ["an output bias alone", () => rnnForward(x, h0, { ...hidden, by }), OptionError, /got Wyh undefined/],
  [
    "PyTorch's name",
    () => rnnForward(x, h0, { ...hidden, weight_ih: 1 } as RnnParameters),
    OptionError,
    /unknown option 'weight_ih'/,
  ],
  ["no parameters", () => rnnForward(x, h0, null as never), OptionError, /got null/],
  [
    "a gradient of fewer steps",
    () => rnnBackward(sequence(nh, m, 4, 1), caches),
    ShapeError,
    /dh of shape \(n_h, m, T_x\) = \(4, 2, 5\), got \(4, 2, 4\)/,
  ],
  ["caches of nothing", () => rnnBackward(dh, { steps: [], x }), ShapeError, /Pass rnnForward's caches/],
  [
    "a gradient of another step",
    () => rnnCellBackward(matrix(nh, 3, 1), caches.steps[0] as never),
    ShapeError,
    /dhNext of shape \(n_h, m\) = \(4, 2\), got \(4, 3\)/,
  ],
])("%s is an error", (_, act, kind, message) => {
  expect(act).toThrow(kind);
  expect(act).toThrow(message);
});
