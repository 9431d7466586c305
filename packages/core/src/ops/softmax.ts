/**
 * Softmax, log-softmax and the losses built on them. All work on rows: the class axis is last.
 *
 * @module
 */
import { contiguous, emptyArray, type NdArray, resultArray, toFlat } from "../array.js";
import { type FloatArray, kernels } from "../kernels/index.js";
import { divisorOf } from "../kernels/reference/cross-entropy.js";
import { addInPlace } from "./accumulate.js";
import { defineMultiOp, defineOp, type GradientSink, type Op } from "./op.js";

const rowsOf = (x: NdArray): { rows: number; n: number } => {
  const n = x.shape.length === 0 ? 1 : (x.shape.at(-1) as number);
  return { rows: n === 0 ? 0 : x.shape.reduce((a, b) => a * b, 1) / n, n };
};

/** An op on rows, the last axis, by the kernel of that name and its derivative's in terms of the output. */
function rowOp(name: "softmax" | "logSoftmax", gradient: "softmaxGrad" | "logSoftmaxGrad"): Op {
  return defineOp({
    name,
    replay: {},
    reads: "output",
    forward: ([x]) => {
      const c = contiguous(x as NdArray);
      const y = emptyArray(c.dtype, c.shape);
      const { rows, n } = rowsOf(c);
      kernels()[name](rows, n, c.data as FloatArray, c.offset, y.data as FloatArray, 0);
      return y;
    },
    backward: (g, { output: y }) => {
      const c = contiguous(g);
      const dx = emptyArray(g.dtype, g.shape);
      const { rows, n } = rowsOf(c);
      const [up, out, to] = [c.data, y.data, dx.data] as [FloatArray, FloatArray, FloatArray];
      kernels()[gradient](rows, n, up, c.offset, out, y.offset, to, 0);
      return [dx];
    },
  });
}

/** yᵢ = e^(xᵢ)/Σ e^(xₖ) over the last axis. ∂x = y ⊙ (g − Σ g⊙y). */
export const softmax = /* @__PURE__ */ rowOp("softmax", "softmaxGrad");

/** yᵢ = xᵢ − ln Σ e^(xₖ) over the last axis. ∂x = g − e^y·Σ g. */
export const logSoftmax = /* @__PURE__ */ rowOp("logSoftmax", "logSoftmaxGrad");

export interface LikelihoodAttrs {
  /** The class of each row; null when the second input has a share for each class. */
  readonly index: readonly number[] | null;
  /** Whether the last input is a weight for each row, 0 for one that does not count. */
  readonly weighted: boolean;
  readonly reduction: "none" | "mean" | "sum";
  /** Whether a backward pass may follow. */
  readonly keep: boolean;
}

/** Negative log-likelihood of rows of log-probabilities (N, C) with the rows' weights u: −u·lp[index], reduced. ∂lp[index] = −g·u. */
export const negativeLogLikelihood = /* @__PURE__ */ defineOp<LikelihoodAttrs>({
  name: "nllLoss",
  reads: "nothing",
  forward: ([x, u], { index, reduction }) => {
    const lp = contiguous(x as NdArray);
    const { rows, n } = rowsOf(lp);
    const weights = u ? (toFlat(u) as FloatArray) : null;
    const y = emptyArray(lp.dtype, reduction === "none" ? [rows] : []);
    let total = 0;
    for (let r = 0; r < rows; r++) {
      const weight = weights === null ? 1 : (weights[r] as number);
      const at = lp.offset + r * n + ((index as readonly number[])[r] as number);
      const loss = weight === 0 ? 0 : -weight * (lp.data[at] as number);
      if (reduction === "none") y.data[r] = loss;
      total += loss;
    }
    if (reduction !== "none") y.data[0] = total / divisorOf(rows, weights, 0, reduction);
    return y;
  },
  backward: (g, { inputs: [x, u], attrs: { index, reduction } }) => {
    const dx = emptyArray(g.dtype, (x as NdArray).shape);
    const { rows, n } = rowsOf(dx);
    const up = contiguous(g);
    const weights = u ? (toFlat(u) as FloatArray) : null;
    const divisor = divisorOf(rows, weights, 0, reduction);
    for (let r = 0; r < rows; r++) {
      const gr = up.data[up.offset + (reduction === "none" ? r : 0)] as number;
      const weight = weights === null ? 1 : (weights[r] as number);
      if (weight !== 0) dx.data[r * n + ((index as readonly number[])[r] as number)] = (-gr * weight) / divisor;
    }
    return u ? [dx, null] : [dx];
  },
});

/** Stands for rows of shares without weights, made one number. */
export const shareKey = (reduction: "mean" | "sum"): number => (reduction === "mean" ? 1 : 2);

/**
 * Cross-entropy of rows of logits (N, C) or (C), reduced; `Kernels.crossEntropy` has the equations. Inputs: the logits; without `index`
 * what each class's log-probability counts for (N, C); with `weighted` the rows' weights (N). Only the logits get a gradient: g·slope.
 */
export const crossEntropy = /* @__PURE__ */ defineMultiOp<LikelihoodAttrs>({
  name: "crossEntropy",
  reads: "nothing",
  replay: {
    lists: ({ index }) => (index === null ? [] : [index]),
    own: (attrs) => ({ ...attrs, index: attrs.index && [...attrs.index] }),
    same: (a, b) =>
      (a.index === null) === (b.index === null) &&
      a.weighted === b.weighted &&
      a.reduction === b.reduction &&
      a.keep === b.keep,
    key: ({ index, weighted, reduction }) =>
      index === null && !weighted && reduction !== "none" ? shareKey(reduction) : Number.NaN,
  },
  forward: (inputs, { index, weighted, reduction, keep }) => {
    const x = contiguous(inputs[0] as NdArray);
    const target = index === null ? contiguous(inputs[1] as NdArray) : null;
    const weight = weighted ? contiguous(inputs[inputs.length - 1] as NdArray) : null;
    const n = x.shape[x.shape.length - 1] as number;
    const rows = x.shape.length === 1 ? 1 : (x.shape[0] as number);
    const loss = resultArray(x.dtype, reduction === "none" ? [rows] : []);
    const slope = keep ? resultArray(x.dtype, x.shape) : null;
    kernels().crossEntropy(
      rows,
      n,
      x.data as FloatArray,
      x.offset,
      target && (target.data as FloatArray),
      target ? target.offset : 0,
      index,
      weight && (weight.data as FloatArray),
      weight ? weight.offset : 0,
      reduction,
      loss.data as FloatArray,
      loss.offset,
      slope && (slope.data as FloatArray),
      slope ? slope.offset : 0,
    );
    return { outputs: [loss], kept: slope };
  },
  backward: (grads, { kept, attrs: { reduction }, needs }) => {
    const slope = kept as NdArray;
    const up = contiguous(grads[0] as NdArray);
    const sink = needs[0] as GradientSink;
    const more = sink.into(slope);
    const dx = more ? resultArray(slope.dtype, slope.shape) : (sink.grad as NdArray);
    const from = slope.data as FloatArray;
    const by = up.data as FloatArray;
    const to = dx.data as FloatArray;
    const { length } = slope.shape;
    const n = slope.shape[length - 1] as number;
    const rows = length === 1 ? 1 : (slope.shape[0] as number);
    const k = kernels();
    if (reduction === "none") {
      for (let r = 0; r < rows; r++)
        k.binary("mul", "scalar", n, from, slope.offset + r * n, by, up.offset + r, to, dx.offset + r * n, 0);
    } else {
      k.binary("mul", "scalar", rows * n, from, slope.offset, by, up.offset, to, dx.offset, 0);
    }
    if (more) addInPlace(sink.grad as NdArray, dx);
  },
});
