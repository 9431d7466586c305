/**
 * Sums, softmax and rows of tables on float32. Sums run in float64: the products and exponentials that go in are
 * rounded to float32 first, the result is rounded once.
 *
 * @module
 */
import { exp, log } from "../../math/float32.js";

const { fround } = Math;

export function sum(
  outer: number,
  n: number,
  inner: number,
  x: Float32Array,
  xo: number,
  y: Float32Array,
  yo: number,
): void {
  if (inner === 1) {
    for (let r = 0; r < outer; r++) y[yo + r] = rowSum(n, x, xo + r * n);
    return;
  }
  for (let r = 0; r < outer; r++) {
    for (let j = 0; j < inner; j++) {
      let s = 0;
      for (let i = 0, p = xo + r * n * inner + j; i < n; i++, p += inner) s += x[p] as number;
      y[yo + r * inner + j] = s;
    }
  }
}

/** Four chains, element i going to chain i mod 4. */
function rowSum(n: number, x: Float32Array, xo: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 += x[xo + i] as number;
    s1 += x[xo + i + 1] as number;
    s2 += x[xo + i + 2] as number;
    s3 += x[xo + i + 3] as number;
  }
  if (i < n) s0 += x[xo + i] as number;
  if (i + 1 < n) s1 += x[xo + i + 1] as number;
  if (i + 2 < n) s2 += x[xo + i + 2] as number;
  return s0 + s1 + (s2 + s3);
}

/** Σ exp(x − max), float32 terms, in the order of {@link rowSum}. */
function rowSumExp(n: number, x: Float32Array, xo: number, max: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 += exp(fround((x[xo + i] as number) - max));
    s1 += exp(fround((x[xo + i + 1] as number) - max));
    s2 += exp(fround((x[xo + i + 2] as number) - max));
    s3 += exp(fround((x[xo + i + 3] as number) - max));
  }
  if (i < n) s0 += exp(fround((x[xo + i] as number) - max));
  if (i + 1 < n) s1 += exp(fround((x[xo + i + 1] as number) - max));
  if (i + 2 < n) s2 += exp(fround((x[xo + i + 2] as number) - max));
  return s0 + s1 + (s2 + s3);
}

/** Σ g·y, float32 products, in the order of {@link rowSum}. */
function rowDot(n: number, g: Float32Array, go: number, y: Float32Array, yo: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 += fround((g[go + i] as number) * (y[yo + i] as number));
    s1 += fround((g[go + i + 1] as number) * (y[yo + i + 1] as number));
    s2 += fround((g[go + i + 2] as number) * (y[yo + i + 2] as number));
    s3 += fround((g[go + i + 3] as number) * (y[yo + i + 3] as number));
  }
  if (i < n) s0 += fround((g[go + i] as number) * (y[yo + i] as number));
  if (i + 1 < n) s1 += fround((g[go + i + 1] as number) * (y[yo + i + 1] as number));
  if (i + 2 < n) s2 += fround((g[go + i + 2] as number) * (y[yo + i + 2] as number));
  return s0 + s1 + (s2 + s3);
}

/** The largest element; NaNs are passed over, the sum that follows brings them back. */
function rowMax(n: number, x: Float32Array, xo: number): number {
  let max = -Infinity;
  for (let i = 0; i < n; i++) if ((x[xo + i] as number) > max) max = x[xo + i] as number;
  return max;
}

export function softmax(rows: number, n: number, x: Float32Array, xo: number, y: Float32Array, yo: number): void {
  for (let r = 0, p = xo, q = yo; r < rows; r++, p += n, q += n) {
    const max = rowMax(n, x, p);
    for (let i = 0; i < n; i++) y[q + i] = exp(fround((x[p + i] as number) - max));
    const total = fround(rowSum(n, y, q));
    for (let i = 0; i < n; i++) y[q + i] = (y[q + i] as number) / total;
  }
}

export function softmaxGrad(
  rows: number,
  n: number,
  g: Float32Array,
  go: number,
  y: Float32Array,
  yo: number,
  dx: Float32Array,
  dxo: number,
): void {
  for (let r = 0; r < rows; r++) {
    const at = r * n;
    const dot = fround(rowDot(n, g, go + at, y, yo + at));
    for (let i = at; i < at + n; i++) {
      dx[dxo + i] = (y[yo + i] as number) * fround((g[go + i] as number) - dot);
    }
  }
}

export function logSoftmax(rows: number, n: number, x: Float32Array, xo: number, y: Float32Array, yo: number): void {
  for (let r = 0, p = xo, q = yo; r < rows; r++, p += n, q += n) {
    const max = rowMax(n, x, p);
    const logTotal = log(fround(rowSumExp(n, x, p, max)));
    for (let i = 0; i < n; i++) y[q + i] = fround((x[p + i] as number) - max) - logTotal;
  }
}

export function logSoftmaxGrad(
  rows: number,
  n: number,
  g: Float32Array,
  go: number,
  y: Float32Array,
  yo: number,
  dx: Float32Array,
  dxo: number,
): void {
  for (let r = 0; r < rows; r++) {
    const at = r * n;
    const total = fround(rowSum(n, g, go + at));
    for (let i = at; i < at + n; i++) {
      dx[dxo + i] = (g[go + i] as number) - fround(exp(y[yo + i] as number) * total);
    }
  }
}

export function gatherRows(
  count: number,
  width: number,
  table: Float32Array,
  to: number,
  index: ArrayLike<number>,
  out: Float32Array,
  oo: number,
): void {
  for (let i = 0; i < count; i++) {
    const from = to + (index[i] as number) * width;
    if (width <= 32) for (let j = 0; j < width; j++) out[oo + i * width + j] = table[from + j] as number;
    else out.set(table.subarray(from, from + width), oo + i * width);
  }
}

export function scatterAddRows(
  count: number,
  width: number,
  g: Float32Array,
  go: number,
  index: ArrayLike<number>,
  table: Float32Array,
  to: number,
): void {
  for (let i = 0; i < count; i++) {
    const at = to + (index[i] as number) * width;
    for (let j = 0; j < width; j++) table[at + j] = (table[at + j] as number) + (g[go + i * width + j] as number);
  }
}
