/**
 * Element kernels on float32. Storing into a Float32Array rounds, so `Math.fround` stands only where an equation has
 * more than one operation.
 *
 * @module
 */
import { exp, log, sigmoid, tanh } from "../../math/float32.js";
import type { BinaryMode, BinaryName, UnaryName } from "../contract.js";

const { fround } = Math;

export function unary(f: UnaryName, n: number, x: Float32Array, xo: number, y: Float32Array, yo: number): void {
  switch (f) {
    case "neg":
      for (let i = 0; i < n; i++) y[yo + i] = -(x[xo + i] as number);
      break;
    case "abs":
      for (let i = 0; i < n; i++) y[yo + i] = Math.abs(x[xo + i] as number);
      break;
    case "square":
      for (let i = 0; i < n; i++) y[yo + i] = (x[xo + i] as number) * (x[xo + i] as number);
      break;
    case "sqrt":
      for (let i = 0; i < n; i++) y[yo + i] = Math.sqrt(x[xo + i] as number);
      break;
    case "reciprocal":
      for (let i = 0; i < n; i++) y[yo + i] = 1 / (x[xo + i] as number);
      break;
    case "exp":
      for (let i = 0; i < n; i++) y[yo + i] = exp(x[xo + i] as number);
      break;
    case "log":
      for (let i = 0; i < n; i++) y[yo + i] = log(x[xo + i] as number);
      break;
    case "tanh":
      for (let i = 0; i < n; i++) y[yo + i] = tanh(x[xo + i] as number);
      break;
    case "sigmoid":
      for (let i = 0; i < n; i++) y[yo + i] = sigmoid(x[xo + i] as number);
      break;
    case "relu":
      for (let i = 0; i < n; i++) y[yo + i] = (x[xo + i] as number) < 0 ? 0 : (x[xo + i] as number);
      break;
  }
}

export function binary(
  f: BinaryName,
  mode: BinaryMode,
  n: number,
  a: Float32Array,
  ao: number,
  b: Float32Array,
  bo: number,
  y: Float32Array,
  yo: number,
  width: number,
): void {
  if (mode === "row") {
    for (let i = 0; i < n; i += width) pairs(f, width, a, ao + i, 1, b, bo, 1, y, yo + i);
  } else {
    pairs(f, n, a, ao, mode === "scalarLeft" ? 0 : 1, b, bo, mode === "scalar" ? 0 : 1, y, yo);
  }
}

/** y[i] = f(a[i·da], b[i·db]): a step of 0 holds that side still. */
function pairs(
  f: BinaryName,
  n: number,
  a: Float32Array,
  ao: number,
  da: number,
  b: Float32Array,
  bo: number,
  db: number,
  y: Float32Array,
  yo: number,
): void {
  let p = ao;
  let q = bo;
  switch (f) {
    case "add":
      for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = (a[p] as number) + (b[q] as number);
      break;
    case "sub":
      for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = (a[p] as number) - (b[q] as number);
      break;
    case "mul":
      for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = (a[p] as number) * (b[q] as number);
      break;
    case "div":
      for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = (a[p] as number) / (b[q] as number);
      break;
    case "maximum":
      for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = Math.max(a[p] as number, b[q] as number);
      break;
    case "minimum":
      for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = Math.min(a[p] as number, b[q] as number);
      break;
    case "tanhGrad":
      for (let i = 0; i < n; i++, p += da, q += db) {
        const out = b[q] as number;
        y[yo + i] = (a[p] as number) * fround(1 - fround(out * out));
      }
      break;
    case "sigmoidGrad":
      for (let i = 0; i < n; i++, p += da, q += db) {
        const out = b[q] as number;
        y[yo + i] = fround((a[p] as number) * out) * fround(1 - out);
      }
      break;
    case "reluGrad":
      for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = (b[q] as number) > 0 ? (a[p] as number) : 0;
      break;
  }
}

export function axpy(n: number, alpha: number, x: Float32Array, xo: number, y: Float32Array, yo: number): void {
  const factor = fround(alpha);
  for (let i = 0; i < n; i++) y[yo + i] = (y[yo + i] as number) + fround(factor * (x[xo + i] as number));
}
