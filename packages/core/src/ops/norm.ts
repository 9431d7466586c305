/**
 * Layer normalisation, GELU and the other losses: arithmetic in float64, one rounding at the end.
 *
 * @module
 */
import { contiguous, emptyArray, type NdArray } from "../array.js";
import { erf, exp, log, log1p, tanh } from "../math/float64.js";
import { binary, map, mapPair, preciseOp } from "./elementwise.js";
import { defineOp } from "./op.js";

/**
 * y = (x − mean)/√(var + eps)·w + b over the last `width` elements of each row; var is the biased variance.
 * With x̂ the normalised row and u = g⊙w: ∂x = (u − mean(u) − x̂·mean(u⊙x̂))/√(var + eps), ∂w = Σ g⊙x̂, ∂b = Σ g.
 * Ba, Kiros & Hinton 2016.
 */
export const layerNorm = /* @__PURE__ */ defineOp<{
  readonly width: number;
  readonly eps: number;
  readonly affine: boolean;
  readonly bias: boolean;
}>({
  name: "layerNorm",
  reads: "inputs",
  forward: ([x, w, b], { width, eps, affine }) => {
    const c = contiguous(x as NdArray);
    const y = emptyArray(c.dtype, c.shape);
    const weight = affine ? contiguous(w as NdArray) : null;
    const bias = b ? contiguous(b) : null;
    for (let start = 0; start < y.data.length; start += width) {
      const { mean, scale } = moments(c, start, width, eps);
      for (let j = 0; j < width; j++) {
        const normal = ((c.data[c.offset + start + j] as number) - mean) * scale;
        y.data[start + j] =
          normal * (weight ? (weight.data[weight.offset + j] as number) : 1) +
          (bias ? (bias.data[bias.offset + j] as number) : 0);
      }
    }
    return y;
  },
  backward: (g, { inputs: [x, w, b], attrs: { width, eps, affine }, needs }) => {
    const c = contiguous(x as NdArray);
    const d = contiguous(g);
    const weight = affine ? contiguous(w as NdArray) : null;
    const dx = emptyArray(c.dtype, c.shape);
    const dw = new Float64Array(width);
    const db = new Float64Array(width);
    const u = new Float64Array(width);
    for (let start = 0; start < dx.data.length; start += width) {
      const { mean, scale } = moments(c, start, width, eps);
      let meanU = 0;
      let meanUx = 0;
      for (let j = 0; j < width; j++) {
        const gj = d.data[d.offset + start + j] as number;
        const normal = ((c.data[c.offset + start + j] as number) - mean) * scale;
        u[j] = gj * (weight ? (weight.data[weight.offset + j] as number) : 1);
        meanU += u[j] as number;
        meanUx += (u[j] as number) * normal;
        dw[j] = (dw[j] as number) + gj * normal;
        db[j] = (db[j] as number) + gj;
      }
      meanU /= width;
      meanUx /= width;
      for (let j = 0; j < width; j++) {
        const normal = ((c.data[c.offset + start + j] as number) - mean) * scale;
        dx.data[start + j] = ((u[j] as number) - meanU - normal * meanUx) * scale;
      }
    }
    const fill = (like: NdArray, from: Float64Array): NdArray => {
      const y = emptyArray(like.dtype, like.shape);
      y.data.set(from);
      return y;
    };
    const grads: (NdArray | null)[] = [needs[0] ? dx : null];
    if (affine) grads.push(needs[1] ? fill(w as NdArray, dw) : null);
    if (b) grads.push(needs[2] ? fill(b, db) : null);
    return grads;
  },
});

function moments(x: NdArray, start: number, width: number, eps: number): { mean: number; scale: number } {
  let sum = 0;
  for (let j = 0; j < width; j++) sum += x.data[x.offset + start + j] as number;
  const mean = sum / width;
  let squares = 0;
  for (let j = 0; j < width; j++) {
    const gap = (x.data[x.offset + start + j] as number) - mean;
    squares += gap * gap;
  }
  return { mean, scale: 1 / Math.sqrt(squares / width + eps) };
}

const ROOT_HALF = Math.SQRT1_2;
const DENSITY = 0.3989422804014327;

/** x·Φ(x), Φ the normal distribution function. ∂x = g·(Φ(x) + x·φ(x)). Hendrycks & Gimpel 2016. */
export const gelu = /* @__PURE__ */ preciseOp(
  "gelu",
  (x) => 0.5 * x * (1 + erf(x * ROOT_HALF)),
  (x) => 0.5 * (1 + erf(x * ROOT_HALF)) + x * DENSITY * exp(-0.5 * x * x),
);

const ROOT_TWO_OVER_PI = 0.7978845608028654;
const inner = (x: number): number => tanh(ROOT_TWO_OVER_PI * (x + 0.044715 * x * x * x));

/** 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), the usual approximation of gelu. */
export const geluTanh = /* @__PURE__ */ preciseOp(
  "gelu",
  (x) => 0.5 * x * (1 + inner(x)),
  (x) => {
    const t = inner(x);
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * ROOT_TWO_OVER_PI * (1 + 3 * 0.044715 * x * x);
  },
);

/** ln(1 + e⁻ˣ) without overflow. ∂x = −g·σ(−x). */
export const softplusOfNegative = /* @__PURE__ */ preciseOp(
  "binaryCrossEntropyWithLogits",
  (x) => Math.max(-x, 0) + log1p(exp(-Math.abs(x))),
  (x) => (x >= 0 ? -exp(-x) / (1 + exp(-x)) : -1 / (1 + exp(x))),
);

/**
 * −y·ln x − (1−y)·ln(1−x), logarithms held at −100 or above as in PyTorch.
 * ∂x = g·(x − y)/max(x(1−x), 1e−12), where PyTorch keeps the 1e−12 in float32.
 */
export const binaryCrossEntropy = /* @__PURE__ */ defineOp({
  name: "binaryCrossEntropy",
  reads: "inputs",
  forward: ([x, y]) => {
    const held = (v: number): number => Math.max(log(v), -100);
    return mapPair(
      x as NdArray,
      y as NdArray,
      (x as NdArray).dtype,
      (p, q) => -q * held(p) - (1 - q) * held(1 - p),
      "binaryCrossEntropy",
    );
  },
  backward: (g, { inputs: [x, y], needs }) => {
    const [p, q] = [x as NdArray, y as NdArray];
    const slope = mapPair(
      p,
      q,
      p.dtype,
      (a, b) => (a - b) / Math.max(a * (1 - a), Math.fround(1e-12)),
      "binaryCrossEntropy",
    );
    const odds = needs[1] ? map(p, (a) => log(1 - a) - log(a)) : null;
    return [needs[0] ? binary("mul", g, slope, g.shape) : null, odds ? binary("mul", g, odds, g.shape) : null];
  },
});
