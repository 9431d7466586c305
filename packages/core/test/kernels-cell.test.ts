import { describe, expect, test } from "vitest";
import type { FloatArray, Kernels } from "../src/kernels/contract.js";
import { referenceKernels as reference } from "../src/kernels/reference.js";
import { relaxedKernels } from "../src/kernels/relaxed.js";
import { wasmKernels } from "../src/kernels/wasm.js";
import { expectSameBits, floats } from "./kernels-helper.js";

type Arrays = readonly FloatArray[];

const sizes: readonly (readonly [n: number, H: number])[] = [1, 2, 5].flatMap((n) =>
  [1, 2, 3, 4, 5, 8, 13, 16, 33].map((H) => [n, H] as const),
);

/** Runs a kernel on copies of arrays, each with room around it, and returns what all of them hold afterwards. */
function after(k: Kernels, arrays: Arrays, run: (k: Kernels, a: Arrays) => void): FloatArray[] {
  const copies = arrays.map((x) => x.slice());
  run(k, copies);
  return copies;
}

const step = (n: number, H: number) => (k: Kernels, a: Arrays) =>
  k.lstmStep(n, H, a[0] as F, 1, a[1] as F, 2, a[2] as F, 3, a[3] as F, 1, a[4] as F, 2);
const stepGrad = (n: number, H: number) => (k: Kernels, a: Arrays) =>
  k.lstmStepGrad(n, H, a[0] as F, 1, a[1] as F, 2, a[2] as F, 3, a[3] as F, 1, a[4] as F, 2, a[5] as F, 3);
type F = FloatArray;

const stepArrays = (n: number, H: number): Float32Array[] =>
  [4, 1, 1, 1, 1].map((slots, i) => floats(slots * n * H + 7, 10 * n + H + i, 5));
const gradArrays = (n: number, H: number): Float32Array[] =>
  [1, 1, 1, 4, 1, 4].map((slots, i) => floats(slots * n * H + 7, 10 * n + H + i, 5));

describe("an LSTM's step, and its derivative", () => {
  test.each(sizes)("give the reference's bits for %i rows of %i units", (n, H) => {
    for (const [arrays, run] of [
      [stepArrays(n, H), step(n, H)],
      [gradArrays(n, H), stepGrad(n, H)],
    ] as const) {
      const expected = after(reference, arrays, run);
      after(wasmKernels, arrays, run).forEach((array, i) => {
        expectSameBits(array as Float32Array, expected[i] as Float32Array, `array ${i}`);
      });
    }
  });

  test("are what their equations say, in float64", () => {
    const [n, H] = [2, 3];
    const arrays = stepArrays(n, H).map((x) => Float64Array.from(x, (v) => (Number.isFinite(v) ? v % 3 : 0.5)));
    const [a, before] = arrays as [Float64Array, Float64Array];
    const [gates, , c, , h] = after(reference, arrays, step(n, H)) as Float64Array[];
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    for (let r = 0; r < n; r++) {
      for (let j = 0; j < H; j++) {
        const at = (slot: number): number => a[1 + r * 4 * H + slot * H + j] as number;
        const [i, f, g, o] = [sigmoid(at(0)), sigmoid(at(1)), Math.tanh(at(2)), sigmoid(at(3))];
        const cell = f * (before[2 + r * H + j] as number) + i * g;
        expect(gates?.[1 + r * 4 * H + j]).toBeCloseTo(i, 12);
        expect(c?.[3 + r * H + j]).toBeCloseTo(cell, 12);
        expect(h?.[2 + r * H + j]).toBeCloseTo(o * Math.tanh(cell), 12);
      }
    }
  });
});

describe("the sums of a cell", () => {
  const shapes = [1, 3, 12].flatMap((G) => [0, 1, 4, 9].flatMap((I) => [1, 3, 7].map((H) => [G, I, H] as const)));

  test.each(shapes)("are products and sums of the other kernels: %i gates, %i inputs, %i units", (G, I, H) => {
    for (const biased of [true, false]) {
      const arrays = [I, G * I, G * H, H, G, G, G].map((size, i) => floats(size + 5, G + I + H + i, 5));
      const run = (k: Kernels, [x, wIh, wHh, h, bIh, bHh, y]: Arrays): void => {
        const [p, q] = biased ? [bIh as F, bHh as F] : [null, null];
        k.cellSum(G, I, H, x as F, 1, wIh as F, 2, wHh as F, 3, h as F, 1, p, 2, q, 3, y as F, 1);
      };
      const inParts = (k: Kernels, [x, wIh, wHh, h, bIh, bHh, y]: Arrays): void => {
        const sum = new Float32Array(G);
        k.gemm(false, true, 1, G, I, x as F, 1, I, wIh as F, 2, I, y as F, 1, G, false);
        k.binary("add", "same", G, bIh as F, 2, bHh as F, 3, sum, 0, 0);
        if (biased) k.binary("add", "same", G, y as F, 1, sum, 0, y as F, 1, 0);
        k.gemm(false, true, 1, G, H, h as F, 1, H, wHh as F, 3, H, y as F, 1, G, true);
      };
      const expected = after(reference, arrays, inParts)[6] as Float32Array;
      for (const k of [reference, wasmKernels])
        expectSameBits(after(k, arrays, run)[6] as Float32Array, expected, k.name);
    }
  });
});

describe("the sums of a cell whose weights stay in the memory", () => {
  const [G, I, H] = [12, 4, 3];
  const fresh = (seed: number): Float32Array[] => [G * I, G * H, G, G].map((size, i) => floats(size, seed + i, 3));
  const [x, h] = [floats(I, 1, 3), floats(H, 2, 3)];

  function sums(k: Kernels, weights: readonly Float32Array[], version: number): Float32Array {
    const [wIh, wHh, bIh, bHh] = weights as [F, F, F, F];
    const y = new Float32Array(G);
    k.cellSum(G, I, H, x, 0, wIh, 0, wHh, 0, h, 0, bIh, 0, bHh, 0, y, 0, version);
    return y;
  }

  function expectRight(weights: readonly Float32Array[], version: number): void {
    for (let call = 0; call < 3; call++)
      expectSameBits(sums(wasmKernels, weights, version), sums(reference, weights, version), `call ${call}`);
  }

  test("follow changes that are counted", () => {
    const weights = fresh(10);
    expectRight(weights, 0);
    for (const [i, changed] of weights.entries()) {
      changed[1] = 0.5 + i;
      expectRight(weights, i + 1);
    }
  });

  test("are told from those with another array in the place of one of them", () => {
    const weights = fresh(20);
    expectRight(weights, 0);
    for (const i of weights.keys()) {
      weights[i] = fresh(30 + i)[i] as Float32Array;
      expectRight(weights, 0);
    }
  });

  test("do not get in the way of products with the same weights", () => {
    const size = 40;
    const [w, a] = [floats(size * size, 5, 3), floats(size, 6, 3)];
    const product = (k: Kernels, transposed: boolean): Float32Array => {
      const y = new Float32Array(size);
      k.gemm(false, transposed, 1, size, size, a, 0, size, w, 0, size, y, 0, size, false, 0);
      return y;
    };
    for (let round = 0; round < 4; round++) {
      for (const transposed of [true, false])
        expectSameBits(
          product(wasmKernels, transposed),
          product(reference, transposed),
          `round ${round}, ${transposed}`,
        );
      expectRight(fresh(40), 0);
    }
  });
});

describe("the products of one row", () => {
  const shapes = [1, 3, 8].flatMap((O) => [0, 1, 4, 9].map((I) => [O, I] as const));

  test.each(shapes)("are those of other kernels: %i × %i", (O, I) => {
    for (const float of [Float32Array, Float64Array]) {
      const [x, w, b, g, y] = [I, O * I, O, O, Math.max(O, I)].map((n, i) => float.from(floats(n + 5, O + I + i, 5)));
      for (const k of [reference, wasmKernels]) {
        for (const biased of [true, false]) {
          const [one] = after(k, [y as F], (_, [to]) =>
            k.affineRow(O, I, x as F, 1, w as F, 2, biased ? (b as F) : null, 3, to as F, 1),
          );
          const [other] = after(k, [y as F], (_, [to]) => {
            k.gemm(false, true, 1, O, I, x as F, 1, I, w as F, 2, I, to as F, 1, O, false);
            if (biased) k.binary("add", "same", O, to as F, 1, b as F, 3, to as F, 1, 0);
          });
          expect(one).toEqual(other);
        }
        for (const adds of [true, false]) {
          const [one] = after(k, [y as F], (_, [to]) => k.rowTimes(O, I, g as F, 2, w as F, 2, to as F, 1, adds));
          const [other] = after(k, [y as F], (_, [to]) =>
            k.gemm(false, false, 1, I, O, g as F, 2, O, w as F, 2, I, to as F, 1, I, adds),
          );
          expect(one).toEqual(other);
        }
      }
    }
  });
});

test("the relaxed engine has them too", () => {
  let relaxed: Kernels;
  try {
    relaxed = relaxedKernels();
  } catch {
    return; // A runtime without relaxed SIMD.
  }
  const arrays = stepArrays(2, 5);
  const [, , , , h] = after(relaxed, arrays, step(2, 5));
  expect(h).not.toEqual(arrays[4]);
});
