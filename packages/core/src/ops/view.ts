/**
 * Views: other ways of reading the same numbers. Forward is bookkeeping on shape, strides and offset.
 *
 * A view that shows every element once (reshape, permute) sends its gradient back through the inverse view; one that
 * shows a part (select, slice) adds into that part of the input's gradient; one that repeats (expand) sums.
 *
 * @module
 */
import { broadcastTo, contiguous, copyOf, emptyArray, forEachPair, type NdArray, reshaped, viewOf } from "../array.js";
import { contiguousStrides, type Shape, sameShape, vectorShape } from "../shape.js";
import { addInPlace, unbroadcast } from "./accumulate.js";
import { defineOp, type GradientSink, type Saved } from "./op.js";

/** The same elements in the same order with another shape; copies when the input is not row-major. */
export const reshape = /* @__PURE__ */ defineOp<{ readonly shape: Shape }>({
  name: "reshape",
  replay: { anyDType: true, view: "with history", same: (a, b) => sameShape(a.shape, b.shape) },
  reads: "nothing",
  forward: ([x], { shape }) => reshaped(contiguous(x as NdArray), shape),
  backward: (g, { inputs: [x] }) => [reshaped(contiguous(g), (x as NdArray).shape)],
});

/** Axis i of the result is axis order[i] of the input. */
export const permute = /* @__PURE__ */ defineOp<{ readonly order: readonly number[] }>({
  name: "permute",
  replay: { anyDType: true, view: "with history", same: (a, b) => sameShape(a.order, b.order) },
  reads: "nothing",
  forward: ([x], { order }) => permuted(x as NdArray, order),
  backward: (g, { attrs: { order } }) => {
    const inverse = new Array<number>(order.length);
    order.forEach((from, to) => {
      inverse[from] = to;
    });
    return [permuted(g, inverse)];
  },
});

export function permuted(x: NdArray, order: readonly number[]): NdArray {
  return viewOf(
    x,
    order.map((axis) => x.shape[axis] as number),
    order.map((axis) => x.strides[axis] as number),
    x.offset,
  );
}

/** A new axis of length 1 before axis `axis`. */
export const unsqueeze = /* @__PURE__ */ defineOp<{ readonly axis: number }>({
  name: "unsqueeze",
  replay: { anyDType: true, view: "with history", same: (a, b) => a.axis === b.axis, key: ({ axis }) => axis },
  reads: "nothing",
  forward: ([x], { axis }) => {
    const from = x as NdArray;
    const rank = from.shape.length;
    const shape = new Array<number>(rank + 1);
    const strides = new Array<number>(rank + 1);
    for (let i = 0; i < rank; i++) {
      const to = i < axis ? i : i + 1;
      shape[to] = from.shape[i] as number;
      strides[to] = from.strides[i] as number;
    }
    shape[axis] = 1;
    strides[axis] = axis < rank ? (from.shape[axis] as number) * (from.strides[axis] as number) : 1;
    return viewOf(from, shape, strides, from.offset);
  },
  backward: (g, { attrs: { axis } }) => [selected(g, axis, 0)],
});

export const selectKey = (axis: number, index: number): number => axis + 64 * index;

/** Index `index` of axis `axis`, which disappears. */
export const select = /* @__PURE__ */ defineOp<{ readonly axis: number; readonly index: number }>({
  name: "select",
  replay: {
    anyDType: true,
    view: "with history",
    same: (a, b) => a.axis === b.axis && a.index === b.index,
    key: ({ axis, index }) => selectKey(axis, index),
  },
  reads: "nothing",
  forward: ([x], { axis, index }) => selected(x as NdArray, axis, index),
  backward: (g, saved) => addInPlace(selected(whole(saved), saved.attrs.axis, saved.attrs.index), g),
});

/**
 * The gradient of a whole of which an op has read a part: the op adds into that part, in place, so that a thousand small readings of one
 * large array cost a thousand small additions.
 */
export function whole({ needs, inputs }: Saved<unknown>): NdArray {
  const sink = needs[0] as GradientSink;
  sink.into(inputs[0] as NdArray);
  return sink.grad as NdArray;
}

export function selected(x: NdArray, axis: number, index: number): NdArray {
  const rank = x.shape.length - 1;
  const start = x.offset + index * (x.strides[axis] as number);
  if (rank === 1) {
    const shape = vectorShape(x.shape[1 - axis] as number);
    const step = x.strides[1 - axis] as number;
    return viewOf(x, shape, step === 1 ? contiguousStrides(shape) : [step], start);
  }
  const shape = new Array<number>(rank);
  const strides = new Array<number>(rank);
  for (let i = 0; i < rank; i++) {
    const from = i < axis ? i : i + 1;
    shape[i] = x.shape[from] as number;
    strides[i] = x.strides[from] as number;
  }
  return viewOf(x, shape, strides, start);
}

/** Indices start, start + step, … (`length` of them) of axis `axis`. */
export const slice = /* @__PURE__ */ defineOp<{
  readonly axis: number;
  readonly start: number;
  readonly length: number;
  readonly step: number;
}>({
  name: "slice",
  replay: {
    anyDType: true,
    view: "with history",
    same: (a, b) => a.axis === b.axis && a.start === b.start && a.length === b.length && a.step === b.step,
  },
  reads: "nothing",
  forward: ([x], { axis, start, length, step }) => sliced(x as NdArray, axis, start, length, step),
  backward: (g, saved) => {
    const { axis, start, length, step } = saved.attrs;
    addInPlace(sliced(whole(saved), axis, start, length, step), g);
  },
});

export function sliced(x: NdArray, axis: number, start: number, length: number, step: number): NdArray {
  const shape = x.shape.slice();
  const strides = x.strides.slice();
  shape[axis] = length;
  strides[axis] = (x.strides[axis] as number) * step;
  return viewOf(x, shape, strides, x.offset + start * (x.strides[axis] as number));
}

/** Axes of length 1 stretched without copying (stride 0). */
export const expand = /* @__PURE__ */ defineOp<{ readonly shape: Shape }>({
  name: "expand",
  replay: { anyDType: true, view: "with history", same: (a, b) => sameShape(a.shape, b.shape) },
  reads: "nothing",
  forward: ([x], { shape }) => broadcastTo(x as NdArray, shape),
  backward: (g, { inputs: [x] }) => [unbroadcast(g, (x as NdArray).shape)],
});

/** A row-major copy. ∂x = g. */
export const clone = /* @__PURE__ */ defineOp({
  name: "clone",
  replay: { anyDType: true },
  reads: "nothing",
  forward: ([x]) => copyOf(x as NdArray),
  backward: (g) => [g],
});

/** The elements in reverse order along `axes` (a copy: strides are never negative). */
export const flip = /* @__PURE__ */ defineOp<{ readonly axes: readonly number[] }>({
  name: "flip",
  reads: "nothing",
  forward: ([x], { axes }) => flipped(x as NdArray, axes),
  backward: (g, { attrs: { axes } }) => [flipped(g, axes)],
});

function flipped(x: NdArray, axes: readonly number[]): NdArray {
  const y = emptyArray(x.dtype, x.shape);
  const strides = contiguousStrides(x.shape).slice();
  let offset = 0;
  for (const axis of axes) {
    offset += ((x.shape[axis] as number) - 1) * (strides[axis] as number);
    strides[axis] = -(strides[axis] as number);
  }
  forEachPair(x, viewOf(y, x.shape, strides, offset), (i, j) => {
    y.data[j] = x.data[i] as number;
  });
  return y;
}
