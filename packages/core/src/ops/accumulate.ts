/** Sums of gradients: the one place where broadcasting is undone and where gradients that meet are added. */
import { addStrided, contiguous, copyOf, type NdArray, reshaped, resultArray } from "../array.js";
import { type FloatArray, kernels } from "../kernels/index.js";
import { isContiguous, type Shape, sameShape, sizeOf } from "../shape.js";

/** a + b as a fresh array; shapes are equal. */
export function addArrays(a: NdArray, b: NdArray): NdArray {
  const y = resultArray(a.dtype, a.shape);
  const p = contiguous(a);
  const q = contiguous(b);
  const out = y.data as FloatArray;
  const n = sizeOf(a.shape);
  kernels().binary("add", "same", n, p.data as FloatArray, p.offset, q.data as FloatArray, q.offset, out, y.offset, 0);
  return y;
}

/** target += g, for a target of any strides. */
export function addInPlace(target: NdArray, g: NdArray): void {
  if (isContiguous(target.shape, target.strides)) {
    const q = contiguous(g);
    const t = target.data as FloatArray;
    const n = sizeOf(target.shape);
    kernels().binary("add", "same", n, t, target.offset, q.data as FloatArray, q.offset, t, target.offset, 0);
    return;
  }
  addStrided(g, target);
}

/** Sums over axis `axis` of a row-major array, which is left with length 1 there. */
export function sumAxis(x: NdArray, axis: number): NdArray {
  const shape = x.shape.slice();
  const outer = sizeOf(shape.slice(0, axis));
  const n = shape[axis] as number;
  const inner = sizeOf(shape.slice(axis + 1));
  shape[axis] = 1;
  const y = resultArray(x.dtype, shape);
  kernels().sum(outer, n, inner, x.data as FloatArray, x.offset, y.data as FloatArray, y.offset);
  return y;
}

/** Undoes broadcasting: sums `g` over every axis along which `shape` was stretched. */
export function unbroadcast(g: NdArray, shape: Shape): NdArray {
  if (sameShape(g.shape, shape)) return g;
  let y = contiguous(g);
  const lead = y.shape.length - shape.length;
  if (lead > 0) {
    const rest = y.shape.slice(lead);
    y = reshaped(sumAxis(reshaped(y, [sizeOf(y.shape.slice(0, lead)), ...rest]), 0), rest);
  }
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 1 && y.shape[axis] !== 1) y = sumAxis(y, axis);
  }
  return y.memory === g.memory ? copyOf(y) : y;
}
