/**
 * Ops that pick and join: rows by index, elements by index, arrays side by side.
 *
 * @module
 */
import { contiguous, copyInto, copyOf, emptyArray, forEachPair, type NdArray, viewOf } from "../array.js";
import { ShapeError } from "../errors.js";
import { type FloatArray, kernels } from "../kernels/index.js";
import type { Shape } from "../shape.js";
import { addInPlace } from "./accumulate.js";
import { rangeOf } from "./index-range.js";
import { defineOp } from "./op.js";
import { selected, sliced, whole } from "./view.js";

/** @throws ShapeError naming the first index outside [0, length) */
export function checkIndices(where: string, index: ArrayLike<number>, length: number): void {
  const range = rangeOf(index);
  if (range !== undefined && range.low >= 0 && range.high < length) return;
  for (let i = 0; i < index.length; i++) {
    const value = index[i] as number;
    if (!(value >= 0 && value < length && Number.isInteger(value))) {
      throw new ShapeError(`${where}: expected whole indices from 0 to ${length - 1}, got ${value} at position ${i}`);
    }
  }
}

export interface RowsAttrs {
  /** Row-major indices, checked. */
  readonly index: readonly number[];
  /** Shape of the indices; the result has this shape followed by the row's length. */
  readonly indexShape: Shape;
  /** This row never gets a gradient (−1: none). */
  readonly paddingIndex: number;
}

/** Rows of a table (V, E) by index: y = table[index]. ∂table[i] = Σ of g where index = i, in order. */
export const rows = /* @__PURE__ */ defineOp<RowsAttrs>({
  name: "embedding",
  replay: { lists: ({ index }) => [index], own: (attrs) => ({ ...attrs, index: [...attrs.index] }) },
  reads: "nothing",
  forward: ([table], { index, indexShape }) => {
    const from = contiguous(table as NdArray);
    const width = from.shape[1] as number;
    const y = emptyArray(from.dtype, [...indexShape, width]);
    kernels().gatherRows(index.length, width, from.data as FloatArray, from.offset, index, y.data as FloatArray, 0);
    return y;
  },
  backward: (g, saved) => {
    const { index, paddingIndex } = saved.attrs;
    const target = whole(saved);
    const c = contiguous(g);
    const width = target.shape[1] as number;
    const t = target.data as FloatArray;
    const padding = paddingIndex < 0 ? null : copyOf(selected(target, 0, paddingIndex));
    kernels().scatterAddRows(index.length, width, c.data as FloatArray, c.offset, index, t, target.offset);
    if (padding !== null) copyInto(padding, selected(target, 0, paddingIndex));
  },
});

/** The reverse of {@link rows}: row i of the input goes to row index[i] of `count` rows, the others are zero. ∂x = g[index]. */
export const placeRows = /* @__PURE__ */ defineOp<{ readonly index: readonly number[]; readonly count: number }>({
  name: "placeRows",
  replay: { lists: ({ index }) => [index], own: (attrs) => ({ ...attrs, index: [...attrs.index] }) },
  reads: "nothing",
  forward: ([x], { index, count }) => {
    const from = contiguous(x as NdArray);
    const width = from.shape[1] as number;
    const y = emptyArray(from.dtype, [count, width]);
    kernels().scatterAddRows(index.length, width, from.data as FloatArray, from.offset, index, y.data as FloatArray, 0);
    return y;
  },
  backward: (g, { inputs: [x], attrs: { index } }) => {
    const c = contiguous(g);
    const dx = emptyArray(g.dtype, (x as NdArray).shape);
    kernels().gatherRows(
      index.length,
      dx.shape[1] as number,
      c.data as FloatArray,
      c.offset,
      index,
      dx.data as FloatArray,
      0,
    );
    return [dx];
  },
});

/** Slices of axis `axis` in the order of `index`. ∂x: g added to the slice each came from. */
export const indexSelect = /* @__PURE__ */ defineOp<{ readonly axis: number; readonly index: readonly number[] }>({
  name: "indexSelect",
  reads: "nothing",
  forward: ([x], { axis, index }) => {
    const from = x as NdArray;
    const shape = from.shape.slice();
    shape[axis] = index.length;
    const y = emptyArray(from.dtype, shape);
    index.forEach((from_, to) => {
      copyInto(selected(from, axis, from_), selected(y, axis, to));
    });
    return y;
  },
  backward: (g, saved) => {
    const { axis, index } = saved.attrs;
    const target = whole(saved);
    index.forEach((to, from) => {
      addInPlace(selected(target, axis, to), selected(g, axis, from));
    });
  },
});

/** y[i][j][k] = x[i][index[i][j][k]][k] for axis 1, and likewise for other axes; torch.gather. Indices are checked. */
export const gather = /* @__PURE__ */ defineOp<{ readonly axis: number; readonly index: NdArray }>({
  name: "gather",
  reads: "nothing",
  forward: ([x], { axis, index }) => {
    const from = x as NdArray;
    const y = emptyArray(from.dtype, index.shape);
    eachGathered(from, axis, index, (i, j) => {
      y.data[i] = from.data[j] as number;
    });
    return y;
  },
  backward: (g, saved) => {
    const { axis, index } = saved.attrs;
    const target = whole(saved);
    const c = contiguous(g);
    eachGathered(target, axis, index, (i, j) => {
      target.data[j] = (target.data[j] as number) + (c.data[c.offset + i] as number);
    });
  },
});

/** Calls `visit` with the number of each index and the place in x's data that it points to. */
function eachGathered(x: NdArray, axis: number, index: NdArray, visit: (i: number, j: number) => void): void {
  const strides = x.strides.slice();
  const step = strides[axis] ?? 0;
  strides[axis] = 0;
  let count = 0;
  forEachPair(index, viewOf(x, index.shape, strides, x.offset), (i, j) => {
    visit(count++, j + step * (index.data[i] as number));
  });
}

/** Arrays one after the other along `axis`. ∂xᵢ = its part of g. */
export const concatenate = /* @__PURE__ */ defineOp<{ readonly axis: number }>({
  name: "cat",
  replay: { anyDType: true, key: ({ axis }) => axis },
  reads: "nothing",
  forward: (inputs, { axis }) => {
    const shape = (inputs[0] as NdArray).shape.slice();
    shape[axis] = inputs.reduce((total, x) => total + (x.shape[axis] as number), 0);
    const y = emptyArray((inputs[0] as NdArray).dtype, shape);
    eachPart(y, inputs, axis, (part, i) => copyInto(inputs[i] as NdArray, part));
    return y;
  },
  backward: (g, { inputs, attrs: { axis }, needs }) => {
    const grads: (NdArray | null)[] = [];
    eachPart(g, inputs, axis, (part, i) => grads.push(needs[i] ? part : null));
    return grads;
  },
});

function eachPart(
  y: NdArray,
  inputs: readonly NdArray[],
  axis: number,
  visit: (part: NdArray, i: number) => void,
): void {
  let start = 0;
  inputs.forEach((x, i) => {
    const length = x.shape[axis] as number;
    visit(sliced(y, axis, start, length, 1), i);
    start += length;
  });
}

/** Arrays of one shape stacked along a new first axis. ∂xᵢ = g[i]. */
export const stackFirst = /* @__PURE__ */ defineOp({
  name: "stack",
  reads: "nothing",
  replay: { anyDType: true },
  forward: (inputs) => {
    const first = inputs[0] as NdArray;
    const y = emptyArray(first.dtype, [inputs.length, ...first.shape]);
    const strides = y.strides.slice(1);
    const step = y.strides[0] as number;
    inputs.forEach((x, i) => {
      copyInto(x, viewOf(y, first.shape, strides, i * step));
    });
    return y;
  },
  backward: (g, { inputs, needs }) => {
    const c = contiguous(g);
    const size = c.shape.slice(1).reduce((a, b) => a * b, 1);
    return inputs.map((x, i) =>
      needs[i] ? { ...c, shape: x.shape, strides: c.strides.slice(1), offset: c.offset + i * size } : null,
    );
  },
});
