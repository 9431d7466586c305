import { describe, expect, test } from "vitest";
import {
  capture,
  DTypeError,
  functional as F,
  manualSeed,
  nn,
  optim,
  ShapeError,
  setEngine,
  type Tensor,
  tensor,
} from "../src/index.js";
import { expectSameBits } from "./kernels-helper.js";

/** Layers given indices of classes give what they give for the one-hot rows that these stand for, bit for bit. */
const I = 5;
const H = 3;
type Layer = nn.RNN | nn.LSTM | nn.GRU;
type Input = Tensor | nn.utils.PackedSequence;

const makers: readonly (readonly [string, (options: nn.RecurrentOptions) => Layer])[] = [
  ["RNN", (o) => new nn.RNN(I, H, o)],
  ["RNN relu", (o) => new nn.RNN(I, H, { ...o, nonlinearity: "relu" })],
  ["LSTM", (o) => new nn.LSTM(I, H, o)],
  ["LSTM projected", (o) => new nn.LSTM(I, H, { ...o, projSize: 2 })],
  ["GRU", (o) => new nn.GRU(I, H, o)],
];

const indices = (values: number | number[]): Tensor => tensor(values, { dtype: "int64" });
const sequence = indices([4, 0, 1, 1, 3, 2, 0, 4, 2]);
const batch = sequence.reshape([3, 3]);

/** Output and gradients of all parameters. */
function results(layer: Layer, input: Input, options: nn.LayerForwardOptions): Tensor[] {
  const [output] = (layer as nn.GRU).forward(input as Tensor, null, options) as [Input, Tensor];
  const y = output instanceof nn.utils.PackedSequence ? output.data : output;
  layer.zeroGrad();
  y.mul(y).sum().backward();
  return [y, ...layer.parameters().map((p) => p.grad as Tensor)];
}

describe("indices as input", () => {
  const cases: readonly (readonly [string, nn.RecurrentOptions, Tensor, nn.ForwardOptions])[] = [
    ["one sequence", {}, sequence, {}],
    ["a batch", {}, batch, {}],
    ["batch first", { batchFirst: true }, batch, {}],
    ["lengths", { bidirectional: true }, batch, { lengths: [2, 3, 1] }],
    ["layers", { numLayers: 2 }, batch, {}],
    ["float64", { dtype: "float64" }, batch, {}],
  ];

  test.each(makers)("%s: the same as one-hot rows", (_, make) => {
    for (const engine of ["wasm", "reference"]) {
      setEngine(engine);
      for (const [where, layerOptions, index, options] of cases) {
        manualSeed(3);
        const layer = make(layerOptions);
        const rows = F.oneHot(index, I, { dtype: layerOptions.dtype ?? "float32" });
        const found = results(layer, index, { ...options, indices: true });
        results(layer, rows, options).forEach((expected, i) => {
          expectSameBits((found[i] as Tensor).toTypedArray(), expected.toTypedArray(), `${engine}, ${where}, ${i}`);
        });
      }
    }
    setEngine("wasm");
  });

  test.each(makers)("%s: packed sequences", (_, make) => {
    const layer = make({});
    const packed = nn.utils.packPaddedSequence(batch, [3, 2, 1]);
    const rows = nn.utils.packPaddedSequence(F.oneHot(batch, I, { dtype: "float32" }), [3, 2, 1]);
    const found = results(layer, packed, { indices: true });
    results(layer, rows, {}).forEach((expected, i) => {
      expectSameBits((found[i] as Tensor).toTypedArray(), expected.toTypedArray(), `${i}`);
    });
  });

  test("captured, every call has indices of its own", () => {
    const losses = [false, true].map((captured) => {
      manualSeed(5);
      const layer = new nn.LSTM(I, H);
      const head = new nn.Linear(H, I);
      const optimizer = new optim.Adam([...layer.parameters(), ...head.parameters()], { lr: 0.1 });
      const step = (x: Tensor, y: Tensor): Tensor => {
        const [output] = layer.forward(x, null, { indices: true });
        const loss = F.crossEntropy(head.forward(output), y);
        loss.backward();
        optimizer.step();
        optimizer.zeroGrad();
        return loss;
      };
      const run = captured ? capture(step) : step;
      return Array.from({ length: 12 }, (_, i) => {
        const text = indices(Array.from({ length: 7 }, (_, t) => (i * t + t + i) % I));
        return run(text.slice(0, 0, 6), text.slice(0, 1)).item();
      });
    });
    expect(losses[1]).toEqual(losses[0]);
  });

  test.each([
    [indices([0, 5]), ShapeError, /GRU: indices: expected whole indices from 0 to 4, got 5 at position 1/],
    [indices([0, -1]), ShapeError, /got -1 at position 1/],
    [tensor([0.5, 1]), DTypeError, /GRU: indices/],
    [
      indices([0]).reshape([1, 1, 1]),
      ShapeError,
      /GRU: indices: expected shape \(T\), or \(T, B\) or \(B, T\) for a batch, got \[1, 1, 1\]/,
    ],
    [indices(0), ShapeError, /got \[\]/],
    ["abc" as never, Error, /GRU: indices/],
  ])("what is no indices is an error: %s", (input, type, message) => {
    const act = (): unknown => new nn.GRU(I, H).forward(input, null, { indices: true });
    expect(act).toThrow(type);
    expect(act).toThrow(message);
  });

  test("whole numbers without the option are taken for a mistake", () => {
    const act = (): unknown => new nn.GRU(I, H).forward(F.oneHot(sequence, I));
    expect(act).toThrow(DTypeError);
    expect(act).toThrow(
      /input dtype \(int64\) does not match weight dtype \(float32\).*\.to\("float32"\), or pass \{ indices: true \}/,
    );
    expect(() => new nn.GRU(I, H).forward(sequence, null, { indices: 1 as never })).toThrow(/indices/);
  });
});
