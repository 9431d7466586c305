/** Recurrent layers and cells against PyTorch: outputs, gradients and ten optimiser steps of `fixtures/layers.json`. */
import { describe, expect, test } from "vitest";
import { manualSeed, nn, optim, stack, type Tensor } from "../src/index.js";
import { camelOptions, expectClose, loadFixture, pattern, type Stored } from "./fixture-loader.js";

type Named = Record<string, Stored[]>;
type DType = "float32" | "float64";

interface Pass {
  readonly values: Named;
  readonly grads: Named;
}

interface Case extends Pass {
  readonly module: string;
  readonly sizes: [number, number];
  readonly options: Record<string, unknown>;
  readonly steps: number;
  readonly batch: number | null;
  readonly lengths: number[] | null;
  readonly state: boolean;
  readonly seed: number;
  readonly shapes: Record<string, number[]>;
  readonly optimizer: [string, Record<string, unknown>];
  readonly losses: Stored[];
  readonly after1: Named;
  readonly after10: Named;
  readonly float32: Pass;
}

type State = Tensor | [Tensor, Tensor];
interface Layer extends nn.Module {
  forward(x: unknown, state?: State, options?: { lengths: number[] }): [Tensor | nn.utils.PackedSequence, State];
}
interface Cell extends nn.Module {
  forward(x: Tensor, state?: State): State;
}

/** How sequences of different lengths are handed over; without lengths there is one way only. */
type Way = "lengths" | "packed";

const constructors = nn as unknown as Record<string, new (...sizes: unknown[]) => Layer | Cell>;
const optimizers = optim as unknown as Record<string, new (parameters: Tensor[], options: object) => optim.Optimizer>;
const isCell = (entry: Case): boolean => entry.module.endsWith("Cell");

function build(entry: Case, dtype: DType): Layer | Cell {
  const Constructor = constructors[entry.module];
  if (!Constructor) throw new Error(`nn.${entry.module} does not exist`);
  const module = new Constructor(...entry.sizes, camelOptions(entry.options)).to(dtype) as Layer | Cell;
  const relu = entry.options.nonlinearity === "relu";
  module.parameters().forEach((parameter, i) => {
    const values = pattern(parameter.shape, i + 1, relu ? 1 / 4 : 1 / 2, dtype);
    parameter.data = relu ? values.add(3 / 16) : values;
  });
  return module;
}

interface Inputs {
  readonly x: Tensor;
  readonly h0?: Tensor;
  readonly c0?: Tensor;
}

function inputs(entry: Case, dtype: DType): Inputs {
  const [features, hidden] = entry.sizes;
  const { batch_first, num_layers, bidirectional, proj_size } = entry.options as Record<string, number>;
  const batch = entry.batch === null ? [] : [entry.batch];
  const leaf = (shape: number[], salt: number, positive = false): Tensor => {
    const values = pattern(shape, salt, 1, dtype);
    const made = positive ? values.abs() : values;
    made.requiresGrad = true;
    return made;
  };
  const x = leaf(
    [...(batch_first ? [...batch, entry.steps] : [entry.steps, ...batch]), features],
    31,
    entry.options.nonlinearity === "relu",
  );
  if (!entry.state) return { x };
  const deep = isCell(entry) ? [] : [(num_layers ?? 1) * (bidirectional ? 2 : 1)];
  const h0 = leaf([...deep, ...batch, proj_size ?? hidden], 37);
  return entry.module.startsWith("LSTM") ? { x, h0, c0: leaf([...deep, ...batch, hidden], 41) } : { x, h0 };
}

function forward(entry: Case, module: Layer | Cell, { x, h0, c0 }: Inputs, way: Way): Record<string, Tensor> {
  let state: State | undefined = h0 && c0 ? [h0, c0] : h0;
  if (isCell(entry)) {
    const outputs: Tensor[] = [];
    for (let t = 0; t < entry.steps; t++) {
      state = (module as Cell).forward(x.select(0, t), state);
      outputs.push(Array.isArray(state) ? state[0] : state);
    }
    return named(stack(outputs), state as State);
  }
  const layer = module as Layer;
  if (entry.lengths === null) return named(...(layer.forward(x, state) as [Tensor, State]));
  const { lengths } = entry;
  if (way === "lengths") return named(...(layer.forward(x, state, { lengths }) as [Tensor, State]));
  const batchFirst = entry.options.batch_first === true;
  const packed = nn.utils.packPaddedSequence(x, lengths, { batchFirst, enforceSorted: false });
  const [output, last] = layer.forward(packed, state);
  return named(
    nn.utils.padPackedSequence(output as nn.utils.PackedSequence, { batchFirst, totalLength: entry.steps })[0],
    last,
  );
}

function named(output: Tensor, last: State): Record<string, Tensor> {
  return Array.isArray(last) ? { output, h_n: last[0], c_n: last[1] } : { output, h_n: last };
}

const salts: Readonly<Record<string, number>> = { output: 43, h_n: 47, c_n: 53 };

function lossOf(results: Record<string, Tensor>): Tensor {
  return Object.entries(results)
    .map(([name, value]) => value.mul(pattern(value.shape, salts[name] as number, 1, value.dtype as DType)).sum())
    .reduce((sum, term) => sum.add(term));
}

function gradients(module: nn.Module, given: Inputs): Record<string, Tensor | null> {
  const leaves: [string, Tensor][] = [...Object.entries(given), ...module.namedParameters()];
  return Object.fromEntries(leaves.map(([name, leaf]) => [name, leaf.grad]));
}

function expectAll(what: string, actual: Record<string, Tensor | null>, expected: Named, tolerance: number): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    expectClose(`${what} ${name}`, actual[name] ?? null, values, tolerance);
  }
}

const fixture = loadFixture<Case>("layers");

test("at least 60 configurations cover every kind and every option", () => {
  const { cases } = fixture;
  expect(cases.length).toBeGreaterThanOrEqual(60);
  for (const name of ["RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"]) {
    expect(cases.filter(({ module }) => module === name).length).toBeGreaterThanOrEqual(4);
  }
  for (const option of ["num_layers", "bias", "batch_first", "dropout", "bidirectional", "proj_size", "nonlinearity"]) {
    expect(cases.filter(({ options }) => option in options).length).toBeGreaterThanOrEqual(10);
  }
  expect(cases.filter(({ lengths }) => lengths !== null).length).toBeGreaterThanOrEqual(20);
  expect(cases.filter(({ batch }) => batch === null).length).toBeGreaterThanOrEqual(10);
  expect(new Set(cases.map(({ optimizer }) => JSON.stringify(optimizer))).size).toBeGreaterThanOrEqual(13);
});

function title(entry: Case): string {
  const given = [entry.batch === null ? "unbatched" : `batch ${entry.batch}`, entry.state ? "state given" : "no state"];
  if (entry.lengths) given.push(`lengths ${entry.lengths}`);
  return `${entry.seed} ${entry.module}(${entry.sizes}) ${JSON.stringify(entry.options)} ${given.join(", ")}`;
}

const rows = fixture.cases.flatMap((entry) =>
  (entry.lengths ? (["packed", "lengths"] as const) : (["packed"] as const)).map(
    (way) => [entry.lengths ? `${title(entry)} ${way}` : title(entry), entry, way] as const,
  ),
);

describe("float64: first pass, ten losses, parameters after one and ten steps within 1e-10", () => {
  test.each(rows)("%s", (_, entry, way) => {
    const module = build(entry, "float64");
    const given = inputs(entry, "float64");
    const [name, options] = entry.optimizer;
    const optimizer = new (optimizers[name] as (typeof optimizers)["SGD"])(module.parameters(), camelOptions(options));
    manualSeed(entry.seed);
    const losses: number[] = [];
    for (let step = 1; step <= 10; step++) {
      const results = forward(entry, module, given, way);
      const loss = lossOf(results);
      optimizer.zeroGrad();
      loss.backward();
      losses.push(loss.item());
      if (step === 1) {
        expect(Object.fromEntries(Object.entries(results).map(([key, value]) => [key, [...value.shape]]))).toEqual(
          entry.shapes,
        );
        expectAll("value of", results, entry.values, 1e-10);
        expectAll("gradient of", gradients(module, given), entry.grads, 1e-10);
      }
      optimizer.step();
      const after = step === 1 ? entry.after1 : step === 10 ? entry.after10 : null;
      if (after) expectAll(`after step ${step}`, Object.fromEntries(module.namedParameters()), after, 1e-10);
    }
    expectClose("losses", losses, entry.losses, 1e-10);
  });
});

describe("float32: one forward and backward pass within 1e-5", () => {
  test.each(rows)("%s", (_, entry, way) => {
    const module = build(entry, "float32");
    const given = inputs(entry, "float32");
    manualSeed(entry.seed);
    const results = forward(entry, module, given, way);
    lossOf(results).backward();
    expectAll("value of", results, entry.float32.values, 1e-5);
    expectAll("gradient of", gradients(module, given), entry.float32.grads, 1e-5);
  });
});
