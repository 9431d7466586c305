/** Initial weights against PyTorch, bit for bit: `fixtures/initial-weights.json`. */
import { describe, expect, test } from "vitest";
import { manualSeed, nn, rand, type Tensor, zeros } from "../src/index.js";
import { camelCase, camelOptions, loadFixture } from "./fixture-loader.js";

interface Weights {
  readonly bits: string;
  /** How many units in the last place a value may differ, where not every bit is to be equal. */
  readonly ulps?: number;
}

interface Built extends Weights {
  readonly module: [string, unknown[], Record<string, unknown>];
  readonly shapes: Record<string, number[]>;
}

interface Filled extends Weights {
  readonly init: [string, number[], Record<string, unknown>];
}

interface Case {
  readonly seed: number;
  readonly modules?: Built[];
  readonly functions?: Filled[];
  readonly next: string;
}

type FloatArray = Float32Array | Float64Array;

const fixture = loadFixture<Case>("initial-weights");

function decode(base64: string, dtype: string): FloatArray {
  const bytes = Uint8Array.from(Buffer.from(base64, "base64"));
  return dtype === "float64" ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
}

/** Distance in units in the last place of the expected value. */
function ulpsApart(actual: number, expected: number): number {
  if (Object.is(actual, expected)) return 0;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(expected));
  view.setBigInt64(0, view.getBigInt64(0) + 1n);
  return Math.abs(actual - expected) / (view.getFloat64(0) - Math.abs(expected));
}

function expectBits(what: string, tensors: readonly Tensor[], weights: Weights, dtype: string): void {
  const expected = decode(weights.bits, dtype);
  const actual = tensors.flatMap((one) => Array.from(one.toTypedArray()));
  expect(tensors.map((one) => one.dtype)).toEqual(tensors.map(() => dtype));
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i] as number, expected[i] as number];
    if (!(Object.is(a, b) || ulpsApart(a, b) <= (weights.ulps ?? 0))) {
      expect.fail(`${what}: value ${i} of ${expected.length}: expected ${b}, got ${a}`);
    }
  }
}

test("at least ten seeds, every module that has parameters", () => {
  const seeded = fixture.cases.filter(({ modules }) => modules);
  expect(new Set(seeded.map(({ seed }) => seed)).size).toBeGreaterThanOrEqual(10);
  for (const { modules } of seeded) {
    const names = new Set(modules?.map(({ module }) => module[0]));
    for (const name of ["Linear", "Embedding", "LayerNorm", "RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"]) {
      expect(names).toContain(name);
    }
  }
});

describe.each(fixture.cases.filter(({ modules }) => modules))("modules built under manualSeed($seed)", (entry) => {
  test("have PyTorch's bits, one after the other", () => {
    manualSeed(entry.seed);
    for (const { module, shapes, ...weights } of entry.modules ?? []) {
      const [name, sizes, options] = module;
      const Constructor = (nn as unknown as Record<string, new (...args: unknown[]) => nn.Module>)[name];
      if (!Constructor) throw new Error(`nn.${name} does not exist`);
      const built =
        name === "Dropout" ? new nn.Dropout(...(sizes as [number])) : new Constructor(...sizes, camelOptions(options));
      const named = [...built.namedParameters()];
      const what = `${name}(${JSON.stringify(sizes)}, ${JSON.stringify(options)}) under seed ${entry.seed}`;
      expect(Object.fromEntries(named.map(([key, parameter]) => [key, [...parameter.shape]])), what).toEqual(shapes);
      expectBits(
        what,
        named.map(([, parameter]) => parameter),
        weights,
        String(options.dtype ?? "float32"),
      );
    }
    expectBits("the next random numbers", [rand([3])], { bits: entry.next }, "float32");
  });
});

type Init = (tensor: Tensor, ...rest: unknown[]) => Tensor;
const init = nn.init as unknown as Record<string, Init>;

describe.each(fixture.cases.filter(({ functions }) => functions))("nn.init under manualSeed($seed)", (entry) => {
  test("fills with PyTorch's bits", () => {
    manualSeed(entry.seed);
    for (const { init: call, ...weights } of entry.functions ?? []) {
      const [name, shape, { dtype = "float32", val, ...given }] = call;
      const options = camelOptions(given);
      if (typeof options.mode === "string") options.mode = camelCase(options.mode);
      const target = zeros(shape, { dtype: dtype as "float32" | "float64" });
      const fill = init[camelCase(name)];
      if (!fill) throw new Error(`nn.init.${camelCase(name)} does not exist`);
      const rest = val !== undefined ? [val] : Object.keys(options).length > 0 ? [options] : [];
      const filled = fill(target, ...rest);
      expect(filled).toBe(target);
      expectBits(`${name}(${JSON.stringify(call)}) under seed ${entry.seed}`, [target], weights, String(dtype));
    }
    expectBits("the next random numbers", [rand([3])], { bits: entry.next }, "float32");
  });
});
