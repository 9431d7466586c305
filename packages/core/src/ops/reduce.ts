/**
 * Ops that make one number out of many along some axes.
 *
 * @module
 */
import { broadcastTo, cast, contiguous, copyOf, emptyArray, fullArray, type NdArray, reshaped } from "../array.js";
import { type DType, isFloat } from "../dtype.js";
import { ShapeError, shapeText } from "../errors.js";
import { type FloatArray, kernels } from "../kernels/index.js";
import { pow } from "../math/float64.js";
import { type Shape, sizeOf } from "../shape.js";
import { sumAxis } from "./accumulate.js";
import { binary } from "./elementwise.js";
import { defineOp, type Op } from "./op.js";

/** `axes` are sorted, without repetition, and within range; all of them when the whole array is meant. */
export interface ReduceAttrs {
  readonly axes: readonly number[];
  readonly keepdim: boolean;
}

/** The shape after reducing, with the reduced axes kept at length 1. */
export function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
}

const without = (shape: Shape, axes: readonly number[]): Shape => shape.filter((_, axis) => !axes.includes(axis));

/** Stretches `g` (reduced axes dropped or kept) back to `shape`; a view. */
function restore(g: NdArray, shape: Shape, axes: readonly number[]): NdArray {
  return broadcastTo(reshaped(contiguous(g), keptShape(shape, axes)), shape);
}

function sumOver(x: NdArray, axes: readonly number[]): NdArray {
  let y = contiguous(x);
  if (axes.length === x.shape.length && axes.length > 1) {
    const total = emptyArray(
      x.dtype,
      x.shape.map(() => 1),
    );
    kernels().sum(1, sizeOf(x.shape), 1, y.data as FloatArray, y.offset, total.data as FloatArray, 0);
    return total;
  }
  for (const axis of axes) y = sumAxis(y, axis);
  return y.memory === x.memory ? copyOf(y) : y;
}

/** Σ x over the axes. ∂x = g, stretched. Sums of integers and booleans are int64. */
export const sum = /* @__PURE__ */ defineOp<ReduceAttrs>({
  name: "sum",
  replay: {},
  reads: "nothing",
  forward: ([x], { axes, keepdim }) => {
    const from = x as NdArray;
    const total = isFloat(from.dtype) ? sumOver(from, axes) : cast(sumOver(cast(from, "float64"), axes), "int64");
    return keepdim ? total : reshaped(total, without(from.shape, axes));
  },
  backward: (g, { inputs: [x], attrs: { axes } }) => [restore(g, (x as NdArray).shape, axes)],
});

export interface AxisAttrs {
  readonly axis: number;
  readonly keepdim: boolean;
}

/** @throws ShapeError when there is nothing to choose from */
function checkSome(where: string, n: number, shape: Shape): void {
  if (n === 0)
    throw new ShapeError(`${where}: expected at least one element to choose from, got shape ${shapeText(shape)}`);
}

/** Positions of the largest (smallest) element along an axis, first one at a tie, NaN winning; int64. */
export function argExtremum(name: string, x: NdArray, axis: number, keepdim: boolean): NdArray {
  const c = contiguous(x);
  const shape = x.shape.slice();
  const n = x.shape.length === 0 ? 1 : (shape[axis] as number);
  checkSome(name, n, x.shape);
  if (x.shape.length > 0) shape[axis] = 1;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const y = emptyArray("int64", shape);
  const largest = name.endsWith("max");
  for (let i = 0; i < y.data.length; i++) {
    const start = c.offset + Math.floor(i / inner) * n * inner + (i % inner);
    let best = 0;
    let bestValue = c.data[start] as number;
    for (let k = 1; k < n && !Number.isNaN(bestValue); k++) {
      const value = c.data[start + k * inner] as number;
      if (Number.isNaN(value) || (largest ? value > bestValue : value < bestValue)) {
        best = k;
        bestValue = value;
      }
    }
    y.data[i] = best;
  }
  return keepdim || x.shape.length === 0 ? y : reshaped(y, without(x.shape, [axis]));
}

/** The largest (smallest) of all elements. The gradient is shared equally among ties, as in PyTorch's full reduction. */
function extremumOfAll(name: "max" | "min"): Op {
  return defineOp({
    name,
    reads: "both",
    forward: ([x]) => {
      const c = contiguous(x as NdArray);
      const best = argExtremum(name, reshaped(c, [sizeOf(c.shape)]), 0, false);
      return fullArray(c.dtype, [], c.data[c.offset + (best.data[0] as number)] as number);
    },
    backward: (g, { inputs: [x], output }) => {
      const c = contiguous(x as NdArray);
      const dx = emptyArray(g.dtype, c.shape);
      const best = output.data[output.offset] as number;
      const hit = (v: number): boolean => v === best || (Number.isNaN(v) && Number.isNaN(best));
      let ties = 0;
      for (let i = 0; i < dx.data.length; i++) if (hit(c.data[c.offset + i] as number)) ties++;
      const share = (g.data[g.offset] as number) / ties;
      for (let i = 0; i < dx.data.length; i++) if (hit(c.data[c.offset + i] as number)) dx.data[i] = share;
      return [dx];
    },
  });
}

export const maxOfAll = /* @__PURE__ */ extremumOfAll("max");
export const minOfAll = /* @__PURE__ */ extremumOfAll("min");

/** √(Σ x²) over the axes, squares summed in float64. ∂x = g·x/y, 0 where y = 0. */
export const euclideanNorm = /* @__PURE__ */ defineOp<ReduceAttrs>({
  name: "norm",
  reads: "both",
  forward: ([x], { axes, keepdim }) => {
    const wide = cast(x as NdArray, "float64");
    const squares = sumOver(binary("mul", wide, wide, wide.shape), axes);
    const y = emptyArray((x as NdArray).dtype, keepdim ? squares.shape : without(wide.shape, axes));
    for (let i = 0; i < y.data.length; i++) y.data[i] = Math.sqrt(squares.data[i] as number);
    return y;
  },
  backward: (g, { inputs: [x], output, attrs: { axes } }) => {
    const shape = (x as NdArray).shape;
    const dx = copyOf(x as NdArray);
    const gs = copyOf(restore(g, shape, axes));
    const ys = copyOf(restore(output, shape, axes));
    for (let i = 0; i < dx.data.length; i++) {
      const y = ys.data[i] as number;
      dx.data[i] = y === 0 ? 0 : ((gs.data[i] as number) * (dx.data[i] as number)) / y;
    }
    return [dx];
  },
});

/** For each element of an array of `shape`, the number of the result that it goes into. */
function resultOf(shape: Shape, axes: readonly number[]): ArrayLike<number> {
  const places = emptyArray("float64", keptShape(shape, axes));
  for (let i = 0; i < places.data.length; i++) places.data[i] = i;
  return copyOf(broadcastTo(places, shape)).data;
}

/**
 * (Σ |x|ᵖ)^(1/p) over the axes, in float64; for p = ∞ the largest |x|, NaN winning.
 * ∂x = g·sign x·(|x|/y)^(p−1), 0 where y = 0; for p = ∞ shared equally among the largest.
 */
export const powerNorm = /* @__PURE__ */ defineOp<ReduceAttrs & { readonly p: number }>({
  name: "norm",
  reads: "both",
  forward: ([x], { axes, keepdim, p }) => {
    const from = copyOf(x as NdArray);
    const to = resultOf(from.shape, axes);
    const y = emptyArray(from.dtype, keepdim ? keptShape(from.shape, axes) : without(from.shape, axes));
    if (p === Number.POSITIVE_INFINITY) checkSome("norm", countOver(from.shape, axes), from.shape);
    const total = new Float64Array(y.data.length);
    for (let i = 0; i < from.data.length; i++) {
      const size = Math.abs(from.data[i] as number);
      const k = to[i] as number;
      total[k] =
        p === Number.POSITIVE_INFINITY ? Math.max(total[k] as number, size) : (total[k] as number) + pow(size, p);
    }
    for (let k = 0; k < total.length; k++) {
      y.data[k] = p === Number.POSITIVE_INFINITY ? (total[k] as number) : pow(total[k] as number, 1 / p);
    }
    return y;
  },
  backward: (g, { inputs: [x], output, attrs: { axes, p } }) => {
    const dx = copyOf(x as NdArray);
    const to = resultOf(dx.shape, axes);
    const gs = contiguous(g);
    const ys = contiguous(output);
    const ties = new Float64Array(sizeOf(ys.shape));
    const share = (i: number): number => {
      const y = ys.data[ys.offset + (to[i] as number)] as number;
      const size = Math.abs(dx.data[i] as number);
      if (y === 0) return 0;
      if (p === Number.POSITIVE_INFINITY) return size === y || (Number.isNaN(size) && Number.isNaN(y)) ? 1 : 0;
      return pow(size / y, p - 1);
    };
    if (p === Number.POSITIVE_INFINITY) {
      for (let i = 0; i < dx.data.length; i++) {
        const k = to[i] as number;
        ties[k] = (ties[k] as number) + share(i);
      }
    } else {
      ties.fill(1);
    }
    for (let i = 0; i < dx.data.length; i++) {
      const k = to[i] as number;
      const part = share(i);
      const upstream = gs.data[gs.offset + k] as number;
      dx.data[i] = part === 0 ? 0 : (upstream * Math.sign(dx.data[i] as number) * part) / (ties[k] as number);
    }
    return [dx];
  },
});

/** yₖ = Σ_{i ≤ k} xᵢ along an axis, summed in float64 and rounded at each output. ∂xᵢ = Σ_{k ≥ i} gₖ. Integers sum to int64. */
export const cumulativeSum = /* @__PURE__ */ defineOp<{ readonly axis: number }>({
  name: "cumsum",
  reads: "nothing",
  forward: ([x], { axis }) =>
    running(x as NdArray, axis, false, isFloat((x as NdArray).dtype) ? (x as NdArray).dtype : "int64"),
  backward: (g, { attrs: { axis } }) => [running(g, axis, true, g.dtype)],
});

function running(x: NdArray, axis: number, backwards: boolean, dtype: DType): NdArray {
  const c = contiguous(x);
  const y = emptyArray(dtype, x.shape);
  const n = x.shape.length === 0 ? 1 : (x.shape[axis] as number);
  const inner = sizeOf(x.shape.slice(axis + 1));
  const lines = n === 0 ? 0 : y.data.length / n;
  for (let line = 0; line < lines; line++) {
    const start = Math.floor(line / inner) * n * inner + (line % inner);
    let total = 0;
    for (let k = 0; k < n; k++) {
      const at = start + (backwards ? n - 1 - k : k) * inner;
      total += c.data[c.offset + at] as number;
      y.data[at] = total;
    }
  }
  return y;
}

/**
 * Variance over the axes: Σ (x − mean)² / (n − correction), mean and sum in float64. ∂x = g·2(x − mean)/(n − correction).
 * With n ≤ correction the result is NaN, as in PyTorch.
 */
export const variance = /* @__PURE__ */ defineOp<ReduceAttrs & { readonly correction: number }>({
  name: "var",
  reads: "inputs",
  forward: ([x], { axes, keepdim, correction }) => {
    const from = x as NdArray;
    const wide = deviations(from, axes);
    const total = sumOver(binary("mul", wide, wide, wide.shape), axes);
    const divisor = Math.max(countOver(from.shape, axes) - correction, 0);
    const y = emptyArray(from.dtype, keepdim ? total.shape : without(from.shape, axes));
    for (let i = 0; i < y.data.length; i++) y.data[i] = (total.data[i] as number) / divisor;
    return y;
  },
  backward: (g, { inputs: [x], attrs: { axes, correction } }) => {
    const from = x as NdArray;
    const wide = deviations(from, axes);
    const back = copyOf(restore(g, from.shape, axes));
    const factor = 2 / Math.max(countOver(from.shape, axes) - correction, 0);
    for (let i = 0; i < back.data.length; i++)
      back.data[i] = (back.data[i] as number) * factor * (wide.data[i] as number);
    return [back];
  },
});

export const countOver = (shape: Shape, axes: readonly number[]): number =>
  axes.reduce((n, axis) => n * (shape[axis] as number), 1);

/** x − mean over the axes, in float64. */
function deviations(x: NdArray, axes: readonly number[]): NdArray {
  const wide = cast(x, "float64");
  const mean = sumOver(wide, axes);
  const n = countOver(x.shape, axes);
  for (let i = 0; i < mean.data.length; i++) mean.data[i] = (mean.data[i] as number) / n;
  return binary("sub", wide, mean, wide.shape);
}
