/**
 * Element and matrix kernels on float64: the same equations and orders of summation as on float32, with
 * float64's own rounding. They serve as ground truth, so they are written to be read.
 *
 * @module
 */
import { exp, log, tanh } from "../../math/float64.js";
import type { BinaryMode, BinaryName, UnaryName } from "../contract.js";

/** σ(x) = 1 / (1 + e^−x), written for x < 0 so that nothing overflows. */
function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x));
  const e = exp(x);
  return e / (1 + e);
}

const unaryFunctions: { readonly [F in UnaryName]: (x: number) => number } = {
  neg: (x) => -x,
  abs: Math.abs,
  square: (x) => x * x,
  sqrt: Math.sqrt,
  reciprocal: (x) => 1 / x,
  exp,
  log,
  tanh,
  sigmoid,
  relu: (x) => (x < 0 ? 0 : x),
};

const binaryFunctions: { readonly [F in BinaryName]: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  tanhGrad: (g, y) => g * (1 - y * y),
  sigmoidGrad: (g, y) => g * y * (1 - y),
  reluGrad: (g, y) => (y > 0 ? g : 0),
};

export function unary(name: UnaryName, n: number, x: Float64Array, xo: number, y: Float64Array, yo: number): void {
  const f = unaryFunctions[name];
  for (let i = 0; i < n; i++) y[yo + i] = f(x[xo + i] as number);
}

export function binary(
  name: BinaryName,
  mode: BinaryMode,
  n: number,
  a: Float64Array,
  ao: number,
  b: Float64Array,
  bo: number,
  y: Float64Array,
  yo: number,
  width: number,
): void {
  const f = binaryFunctions[name];
  switch (mode) {
    case "same":
      for (let i = 0; i < n; i++) y[yo + i] = f(a[ao + i] as number, b[bo + i] as number);
      break;
    case "scalar":
      for (let i = 0; i < n; i++) y[yo + i] = f(a[ao + i] as number, b[bo] as number);
      break;
    case "scalarLeft":
      for (let i = 0; i < n; i++) y[yo + i] = f(a[ao] as number, b[bo + i] as number);
      break;
    case "row":
      for (let i = 0; i < n; i++) y[yo + i] = f(a[ao + i] as number, b[bo + (i % width)] as number);
      break;
  }
}

export function axpy(n: number, alpha: number, x: Float64Array, xo: number, y: Float64Array, yo: number): void {
  for (let i = 0; i < n; i++) y[yo + i] = (y[yo + i] as number) + alpha * (x[xo + i] as number);
}

export function gemm(
  transA: boolean,
  transB: boolean,
  M: number,
  N: number,
  K: number,
  a: Float64Array,
  ao: number,
  lda: number,
  b: Float64Array,
  bo: number,
  ldb: number,
  c: Float64Array,
  co: number,
  ldc: number,
  accumulate: boolean,
): void {
  const rowA = transA ? 1 : lda;
  const stepA = transA ? lda : 1;
  const columnB = transB ? ldb : 1;
  const stepB = transB ? 1 : ldb;
  for (let i = 0; i < M; i++) {
    for (let j = 0; j < N; j++) {
      let s = 0;
      for (let k = 0, p = ao + i * rowA, q = bo + j * columnB; k < K; k++, p += stepA, q += stepB) {
        s += (a[p] as number) * (b[q] as number);
      }
      const at = co + i * ldc + j;
      c[at] = accumulate ? (c[at] as number) + s : s;
    }
  }
}
