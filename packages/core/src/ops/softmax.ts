/**
 * Softmax, log-softmax and the losses built on them. All work on rows: the class axis is last.
 *
 * @module
 */
import { contiguous, emptyArray, type NdArray } from "../array.js";
import { type FloatArray, kernels } from "../kernels/index.js";
import type { Op } from "./op.js";

const rowsOf = (x: NdArray): { rows: number; n: number } => {
  const n = x.shape.length === 0 ? 1 : (x.shape.at(-1) as number);
  return { rows: n === 0 ? 0 : x.shape.reduce((a, b) => a * b, 1) / n, n };
};

/** yᵢ = e^(xᵢ)/Σ e^(xₖ) over the last axis. ∂x = y ⊙ (g − Σ g⊙y). */
export const softmax: Op = {
  name: "softmax",
  replay: {},
  reads: "output",
  forward: ([x]) => {
    const c = contiguous(x as NdArray);
    const y = emptyArray(c.dtype, c.shape);
    const { rows, n } = rowsOf(c);
    kernels().softmax(rows, n, c.data as FloatArray, c.offset, y.data as FloatArray, 0);
    return y;
  },
  backward: (g, { output: y }) => {
    const c = contiguous(g);
    const dx = emptyArray(g.dtype, g.shape);
    const { rows, n } = rowsOf(c);
    kernels().softmaxGrad(
      rows,
      n,
      c.data as FloatArray,
      c.offset,
      y.data as FloatArray,
      y.offset,
      dx.data as FloatArray,
      0,
    );
    return [dx];
  },
};

export function logSoftmaxRows(x: NdArray): NdArray {
  const c = contiguous(x);
  const y = emptyArray(c.dtype, c.shape);
  const { rows, n } = rowsOf(c);
  kernels().logSoftmax(rows, n, c.data as FloatArray, c.offset, y.data as FloatArray, 0);
  return y;
}

function logSoftmaxGrad(g: NdArray, y: NdArray): NdArray {
  const c = contiguous(g);
  const dx = emptyArray(g.dtype, g.shape);
  const { rows, n } = rowsOf(c);
  kernels().logSoftmaxGrad(
    rows,
    n,
    c.data as FloatArray,
    c.offset,
    y.data as FloatArray,
    y.offset,
    dx.data as FloatArray,
    0,
  );
  return dx;
}

/** yᵢ = xᵢ − ln Σ e^(xₖ) over the last axis. ∂x = g − e^y·Σ g. */
export const logSoftmax: Op = {
  name: "logSoftmax",
  replay: {},
  reads: "output",
  forward: ([x]) => logSoftmaxRows(x as NdArray),
  backward: (g, { output }) => [logSoftmaxGrad(g, output)],
};

/** What a row should have been: a class, or a probability for each class (row-major, rows × classes). */
export type Target =
  | { readonly kind: "index"; readonly index: ArrayLike<number> }
  | { readonly kind: "probability"; readonly probability: ArrayLike<number> };

export interface LikelihoodAttrs {
  readonly target: Target;
  /** One weight per class, or null for ones. */
  readonly weight: ArrayLike<number> | null;
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;
  readonly reduction: "none" | "mean" | "sum";
}

/**
 * The loss is linear in the log-probabilities: l_n = Σ_c a[n,c]·lp[n,c] with
 *   class t:        a = −(1−ε)·w[t]·[c = t] − (ε/C)·w[c], nothing for an ignored row
 *   probabilities:  a = −w[c]·(q[n,c]·(1−ε) + ε/C)
 * A mean divides by Σ w[t] over rows kept, resp. by the number of rows.
 */
function coefficient(attrs: LikelihoodAttrs, n: number, c: number, classes: number): number {
  const { target, weight, labelSmoothing: eps, ignoreIndex } = attrs;
  const w = weight === null ? 1 : (weight[c] as number);
  if (target.kind === "probability")
    return -w * ((target.probability[n * classes + c] as number) * (1 - eps) + eps / classes);
  const t = target.index[n] as number;
  if (t === ignoreIndex) return 0;
  return -(c === t ? (1 - eps) * w : 0) - (eps / classes) * w;
}

function divisor(attrs: LikelihoodAttrs, rows: number): number {
  const { target, weight, ignoreIndex, reduction } = attrs;
  if (reduction !== "mean") return 1;
  if (target.kind === "probability") return rows;
  let total = 0;
  for (let n = 0; n < rows; n++) {
    const t = target.index[n] as number;
    if (t !== ignoreIndex) total += weight === null ? 1 : (weight[t] as number);
  }
  return total;
}

/** The loss in float64, rounded once at the end. */
function lossOf(lp: NdArray, attrs: LikelihoodAttrs): NdArray {
  const { rows, n: classes } = rowsOf(lp);
  const y = emptyArray(lp.dtype, attrs.reduction === "none" ? [rows] : []);
  const simple = attrs.target.kind === "index" && attrs.labelSmoothing === 0;
  let total = 0;
  for (let n = 0; n < rows; n++) {
    let loss = 0;
    if (simple) {
      const t = (attrs.target as { index: ArrayLike<number> }).index[n] as number;
      if (t !== attrs.ignoreIndex)
        loss = coefficient(attrs, n, t, classes) * (lp.data[lp.offset + n * classes + t] as number);
    } else {
      for (let c = 0; c < classes; c++) {
        const a = coefficient(attrs, n, c, classes);
        if (a !== 0 || attrs.target.kind === "probability")
          loss += a * (lp.data[lp.offset + n * classes + c] as number);
      }
    }
    if (attrs.reduction === "none") y.data[n] = loss;
    total += loss;
  }
  if (attrs.reduction !== "none") y.data[0] = total / divisor(attrs, rows);
  return y;
}

/** g·a, the gradient of the loss with respect to the log-probabilities. */
function gradientOf(g: NdArray, lp: NdArray, attrs: LikelihoodAttrs): NdArray {
  const { rows, n: classes } = rowsOf(lp);
  const dlp = emptyArray(lp.dtype, lp.shape);
  const c = contiguous(g);
  const scale = 1 / divisor(attrs, rows);
  const simple = attrs.target.kind === "index" && attrs.labelSmoothing === 0;
  for (let n = 0; n < rows; n++) {
    const gn = (c.data[c.offset + (attrs.reduction === "none" ? n : 0)] as number) * scale;
    if (simple) {
      const t = (attrs.target as { index: ArrayLike<number> }).index[n] as number;
      if (t !== attrs.ignoreIndex) dlp.data[n * classes + t] = gn * coefficient(attrs, n, t, classes);
    } else {
      for (let k = 0; k < classes; k++) dlp.data[n * classes + k] = gn * coefficient(attrs, n, k, classes);
    }
  }
  return dlp;
}

/** Negative log-likelihood of rows of log-probabilities. ∂lp = g·a. */
export const negativeLogLikelihood: Op<LikelihoodAttrs> = {
  name: "nllLoss",
  reads: "nothing",
  forward: ([lp], attrs) => lossOf(contiguous(lp as NdArray), attrs),
  backward: (g, { inputs: [lp], attrs }) => [gradientOf(g, contiguous(lp as NdArray), attrs)],
};

/** Cross-entropy of rows of logits: log-softmax and negative log-likelihood in one. ∂x = g·(a − softmax(x)·Σ a). */
export const crossEntropy: Op<LikelihoodAttrs & { logProbabilities?: NdArray }> = {
  name: "crossEntropy",
  reads: "nothing",
  forward: ([x], attrs) => {
    attrs.logProbabilities = logSoftmaxRows(x as NdArray);
    return lossOf(attrs.logProbabilities, attrs);
  },
  backward: (g, { attrs }) => {
    const lp = attrs.logProbabilities as NdArray;
    return [logSoftmaxGrad(gradientOf(g, lp, attrs), lp)];
  },
};
