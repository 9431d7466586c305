/**
 * All element, row and matrix kernels on float64: the same equations and orders of summation as on float32, with
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

export function sum(
  outer: number,
  n: number,
  inner: number,
  x: Float64Array,
  xo: number,
  y: Float64Array,
  yo: number,
): void {
  if (inner === 1) {
    for (let r = 0; r < outer; r++) y[yo + r] = fourChains(n, (i) => x[xo + r * n + i] as number);
    return;
  }
  for (let r = 0; r < outer; r++) {
    for (let j = 0; j < inner; j++) {
      let s = 0;
      for (let i = 0; i < n; i++) s += x[xo + (r * n + i) * inner + j] as number;
      y[yo + r * inner + j] = s;
    }
  }
}

/** Σ term(i), element i going to chain i mod 4. */
function fourChains(n: number, term: (i: number) => number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < n; i += 4) {
    s0 += term(i);
    if (i + 1 < n) s1 += term(i + 1);
    if (i + 2 < n) s2 += term(i + 2);
    if (i + 3 < n) s3 += term(i + 3);
  }
  return s0 + s1 + (s2 + s3);
}

/** The largest element; NaNs are passed over, the sum that follows brings them back. */
function rowMax(n: number, x: Float64Array, xo: number): number {
  let max = -Infinity;
  for (let i = 0; i < n; i++) if ((x[xo + i] as number) > max) max = x[xo + i] as number;
  return max;
}

export function softmax(rows: number, n: number, x: Float64Array, xo: number, y: Float64Array, yo: number): void {
  for (let r = 0, p = xo, q = yo; r < rows; r++, p += n, q += n) {
    const max = rowMax(n, x, p);
    for (let i = 0; i < n; i++) y[q + i] = exp((x[p + i] as number) - max);
    const total = fourChains(n, (i) => y[q + i] as number);
    for (let i = 0; i < n; i++) y[q + i] = (y[q + i] as number) / total;
  }
}

export function softmaxGrad(
  rows: number,
  n: number,
  g: Float64Array,
  go: number,
  y: Float64Array,
  yo: number,
  dx: Float64Array,
  dxo: number,
): void {
  for (let r = 0, at = 0; r < rows; r++, at += n) {
    const dot = fourChains(n, (i) => (g[go + at + i] as number) * (y[yo + at + i] as number));
    for (let i = at; i < at + n; i++) dx[dxo + i] = (y[yo + i] as number) * ((g[go + i] as number) - dot);
  }
}

export function logSoftmax(rows: number, n: number, x: Float64Array, xo: number, y: Float64Array, yo: number): void {
  for (let r = 0, p = xo, q = yo; r < rows; r++, p += n, q += n) {
    const max = rowMax(n, x, p);
    const logTotal = log(fourChains(n, (i) => exp((x[p + i] as number) - max)));
    for (let i = 0; i < n; i++) y[q + i] = (x[p + i] as number) - max - logTotal;
  }
}

export function logSoftmaxGrad(
  rows: number,
  n: number,
  g: Float64Array,
  go: number,
  y: Float64Array,
  yo: number,
  dx: Float64Array,
  dxo: number,
): void {
  for (let r = 0, at = 0; r < rows; r++, at += n) {
    const total = fourChains(n, (i) => g[go + at + i] as number);
    for (let i = at; i < at + n; i++) dx[dxo + i] = (g[go + i] as number) - exp(y[yo + i] as number) * total;
  }
}

export function gatherRows(
  count: number,
  width: number,
  table: Float64Array,
  to: number,
  index: ArrayLike<number>,
  out: Float64Array,
  oo: number,
): void {
  for (let i = 0; i < count; i++) {
    const from = to + (index[i] as number) * width;
    for (let j = 0; j < width; j++) out[oo + i * width + j] = table[from + j] as number;
  }
}

export function scatterAddRows(
  count: number,
  width: number,
  g: Float64Array,
  go: number,
  index: ArrayLike<number>,
  table: Float64Array,
  to: number,
): void {
  for (let i = 0; i < count; i++) {
    const at = to + (index[i] as number) * width;
    for (let j = 0; j < width; j++) table[at + j] = (table[at + j] as number) + (g[go + i * width + j] as number);
  }
}
