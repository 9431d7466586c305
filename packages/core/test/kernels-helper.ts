/** Inputs and comparisons for the tests of kernels. */
import { expect } from "vitest";
import { createWasmKernels } from "../src/kernels/wasm.js";

/** WebAssembly for every size, also those that the engine leaves to the reference. */
export const everythingInWasm = createWasmKernels({
  light: 0,
  heavy: 0,
  gemm: 0,
  sum: 0,
  softmax: 0,
  update: 0,
  scatter: 0,
  recurrent: 0,
});

/** Lengths around the edges of lanes and tiles. */
export const edges = [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100];

/** Zeros, infinities, NaN, subnormal, least normal, huge, and numbers near the limits of exp and tanh. */
export const extremes = [
  0,
  -0,
  1,
  -1,
  Infinity,
  -Infinity,
  NaN,
  1.401298464324817e-45,
  -1.401298464324817e-45,
  1e-40,
  -1e-40,
  1.1754943508222875e-38,
  -1.1754943508222875e-38,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  1e20,
  -1e20,
  88.7,
  88.8,
  -87.4,
  -103.9,
  -104.1,
  9.01,
  -9.2,
  0.5,
  2,
];

/** A small generator of the tests' own (Steele's SplitMix32), so that inputs are the same in every run. */
export function numbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 4294967296;
  };
}

/** n numbers from −2 to 2, or one in `every` of them extreme. */
export function floats(n: number, seed: number, every = 0): Float32Array {
  const next = numbers(seed);
  return Float32Array.from({ length: n }, () => {
    const ordinary = next() * 4 - 2;
    const extreme = extremes[Math.floor(next() * extremes.length)] as number;
    return every > 0 && next() * every < 1 ? extreme : ordinary;
  });
}

/** n numbers of sizes from 1e−5 to 1e20 whose sum nearly cancels, so that the order in which they are added shows. */
export function cancelling(n: number, seed: number): Float32Array {
  const next = numbers(seed);
  const x = Float32Array.from({ length: n }, () => 10 ** (next() * 25 - 5));
  const order = Array.from({ length: n }, (_, i) => [next(), i] as const).sort((p, q) => p[0] - q[0]);
  for (let i = 0; i + 1 < n; i += 2) {
    const [from, to] = [order[i]?.[1] as number, order[i + 1]?.[1] as number];
    x[to] = -(x[from] as number);
  }
  if (n % 2 === 1) x[order[n - 1]?.[1] as number] = next();
  return x;
}

const isNegativeZero = (x: number): boolean => x === 0 && 1 / x < 0;

/** Index of the first element whose bits differ, −1 if none; a NaN equals every NaN and nothing else. */
export function firstDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Math.min(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    const a = actual[i] as number;
    const e = expected[i] as number;
    const same = a === e ? isNegativeZero(a) === isNegativeZero(e) : Number.isNaN(a) && Number.isNaN(e);
    if (!same) return i;
  }
  return -1;
}

export function expectSameBits(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  const i = firstDifference(actual, expected);
  if (i >= 0) expect.fail(`${what}: element ${i} is ${actual[i]}, expected the bits of ${expected[i]}`);
}

/** Every |actual − expected| ≤ tolerance·max(1, |expected|), written so that NaN fails. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string) {
  expect(actual.length, what).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    const e = expected[i] as number;
    const error = Math.abs((actual[i] as number) - e);
    if (!(error <= tolerance * Math.max(1, Math.abs(e)))) {
      expect.fail(`${what}: element ${i} is ${actual[i]}, expected ${e} within ${tolerance}`);
    }
  }
}

const oneFloat = new Float32Array(1);
const itsBits = new Int32Array(oneFloat.buffer);

/** The float32 with these bits. */
export function fromBits(bits: number): number {
  itsBits[0] = bits;
  return oneFloat[0] as number;
}

/** How far a float32 lies from a true value, in spacings of float32 numbers at the true value. ∞ counts as 2^128. */
export function ulpError(actual: number, truth: number): number {
  if (Number.isNaN(truth) || Number.isNaN(actual)) return Number.isNaN(truth) && Number.isNaN(actual) ? 0 : Infinity;
  const beyond = 2 ** 128;
  const clamp = (x: number): number => Math.max(-beyond, Math.min(beyond, x));
  if (actual === truth) return 0;
  const size = Math.abs(clamp(truth));
  let exponent = -126;
  while (exponent < 127 && 2 ** (exponent + 1) <= size) exponent++;
  return Math.abs(clamp(actual) - clamp(truth)) / 2 ** (exponent - 23);
}
