/**
 * Matrix products, all by one kernel.
 *
 * @module
 */
import {
  broadcastTo,
  contiguous,
  copyOf,
  emptyArray,
  type NdArray,
  reshaped,
  resultArray,
  sharesBlocks,
  viewOf,
} from "../array.js";
import { ShapeError, shapeText } from "../errors.js";
import { type FloatArray, kernels } from "../kernels/index.js";
import { broadcastShapes, type Shape, sameShape, sizeOf, withLast } from "../shape.js";
import { addInPlace, unbroadcast } from "./accumulate.js";
import { defineOp, type GradientSink } from "./op.js";

/** How a 2-D array lies in memory for the kernel: as it is, or as the transpose of what is stored. */
interface Operand {
  readonly data: FloatArray;
  readonly offset: number;
  readonly transposed: boolean;
  readonly ld: number;
}

/** Rows or columns must be dense for the kernel; anything else is copied. */
function operand(x: NdArray): Operand {
  const [rows, columns] = x.shape as [number, number];
  const [rowStep, columnStep] = x.strides as [number, number];
  const data = x.data as FloatArray;
  if ((columnStep === 1 || columns === 1) && (rowStep >= columns || rows === 1)) {
    return { data, offset: x.offset, transposed: false, ld: Math.max(rows === 1 ? columns : rowStep, 1) };
  }
  if ((rowStep === 1 || rows === 1) && (columnStep >= rows || columns === 1)) {
    return { data, offset: x.offset, transposed: true, ld: Math.max(columns === 1 ? rows : columnStep, 1) };
  }
  return { data: copyOf(x).data as FloatArray, offset: 0, transposed: false, ld: columns };
}

/** C += or = A·B for 2-D arrays; C is row-major. */
function multiplyInto(a: NdArray, b: NdArray, c: NdArray, accumulate: boolean): void {
  const p = operand(a);
  const q = operand(b);
  const [M, K] = a.shape as [number, number];
  const N = b.shape[1] as number;
  const out = c.data as FloatArray;
  kernels().gemm(
    p.transposed,
    q.transposed,
    M,
    N,
    K,
    p.data,
    p.offset,
    p.ld,
    q.data,
    q.offset,
    q.ld,
    out,
    c.offset,
    N,
    accumulate,
  );
}

/** A·B for 2-D arrays. */
function product(a: NdArray, b: NdArray): NdArray {
  const c = emptyArray(a.dtype, [a.shape[0] as number, b.shape[1] as number]);
  multiplyInto(a, b, c, false);
  return c;
}

/** The last two axes swapped; a view. */
function transposed(x: NdArray): NdArray {
  const shape = x.shape.slice();
  const strides = x.strides.slice();
  const last = shape.length - 1;
  [shape[last - 1], shape[last]] = [shape[last] as number, shape[last - 1] as number];
  [strides[last - 1], strides[last]] = [strides[last] as number, strides[last - 1] as number];
  return viewOf(x, shape, strides, x.offset);
}

/** The batch axes of both sides stretched to a common shape and flattened to one; the last two axes untouched. */
function batched(x: NdArray, lead: Shape): NdArray {
  const shape = [...lead, x.shape.at(-2) as number, x.shape.at(-1) as number];
  const wide = sameShape(x.shape, shape) ? contiguous(x) : copyOf(broadcastTo(x, shape));
  return reshaped(wide, [sizeOf(lead), ...shape.slice(-2)]);
}

function part(x: NdArray, i: number): NdArray {
  const [, rows, columns] = x.shape as [number, number, number];
  return { ...x, shape: [rows, columns], strides: [columns, 1], offset: x.offset + i * rows * columns };
}

/** Batched product of arrays of ≥ 2 dimensions. */
function batchedProduct(a: NdArray, b: NdArray): NdArray {
  if (a.shape.length === 2 && b.shape.length === 2) return product(a, b);
  const lead = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
  const p = batched(a, lead);
  const q = batched(b, lead);
  const rows = a.shape.at(-2) as number;
  const columns = b.shape.at(-1) as number;
  const c = emptyArray(a.dtype, [sizeOf(lead), rows, columns]);
  for (let i = 0; i < sizeOf(lead); i++) multiplyInto(part(p, i), part(q, i), part(c, i), false);
  return reshaped(c, [...lead, rows, columns]);
}

/** A·B over the last two axes, leading axes broadcast. ∂A = g·Bᵀ, ∂B = Aᵀ·g. Both have at least two dimensions. */
export const matmul = /* @__PURE__ */ defineOp({
  name: "matmul",
  replay: {},
  reads: "inputs",
  forward: ([a, b]) => {
    const [p, q] = [a as NdArray, b as NdArray];
    if (p.shape.at(-1) !== q.shape.at(-2)) {
      throw new ShapeError(
        `matmul: expected as many columns on the left as rows on the right, got ${shapeText(p.shape)} and ${shapeText(q.shape)}, which cannot be multiplied`,
      );
    }
    return batchedProduct(p, q);
  },
  backward: (g, { inputs: [a, b], needs }) => {
    const [p, q] = [a as NdArray, b as NdArray];
    return [
      needs[0] ? unbroadcast(batchedProduct(g, transposed(q)), p.shape) : null,
      needs[1] ? unbroadcast(batchedProduct(transposed(p), g), q.shape) : null,
    ];
  },
});

/**
 * Up to this many multiplications the product of one row is a kernel of its own; not where steps are written down for `capture`, which puts
 * products and sums together in its own way.
 */
const FEW = 64;

const isSmall = (N: number, size: number): boolean => N === 1 && size <= FEW && sharesBlocks();

/** y = x·Wᵀ + b for x (…, I), W (O, I), b (O) or absent, where y is row-major. */
export function affine(x: NdArray, w: NdArray, b: NdArray | null | undefined, y: NdArray): void {
  const from = contiguous(x);
  const weight = contiguous(w);
  const O = weight.shape[0] as number;
  const I = weight.shape[1] as number;
  const N = rowCount(from);
  const out = y.data as FloatArray;
  const row = b ? contiguous(b) : null;
  if (isSmall(N, O * I)) {
    const bias = row === null ? null : (row.data as FloatArray);
    const bo = row === null ? 0 : row.offset;
    const values = weight.data as FloatArray;
    kernels().affineRow(O, I, from.data as FloatArray, from.offset, values, weight.offset, bias, bo, out, y.offset);
    return;
  }
  rowMajorProduct(false, true, N, O, I, from, weight, y, false);
  if (row === null || O === 0) return;
  const mode = N === 1 ? "same" : "row";
  kernels().binary("add", mode, N * O, out, y.offset, row.data as FloatArray, row.offset, out, y.offset, O);
}

/** Adds ∂x = g·W, ∂W = gᵀ·x, ∂b = Σ g, sums over all leading axes, to the sinks of those that are wanted. */
export function affineGrad(
  g: NdArray,
  x: NdArray,
  w: NdArray,
  b: NdArray | null | undefined,
  toX: GradientSink | null | undefined,
  toW: GradientSink | null | undefined,
  toB: GradientSink | null | undefined,
): void {
  const from = contiguous(x);
  const weight = contiguous(w);
  const up = contiguous(g);
  const O = weight.shape[0] as number;
  const I = weight.shape[1] as number;
  const N = rowCount(from);
  const row = up.data as FloatArray;
  if (toX) {
    const more = toX.into(from);
    const dx = toX.grad as NdArray;
    if (isSmall(N, O * I)) {
      const [values, out] = [weight.data as FloatArray, dx.data as FloatArray];
      kernels().rowTimes(O, I, row, up.offset, values, weight.offset, out, dx.offset, more);
    } else rowMajorProduct(false, false, N, I, O, up, weight, dx, more);
  }
  if (toW && !(N === 1 && toW.addLater(row, up.offset, O, from.data as FloatArray, from.offset, I))) {
    const more = toW.into(weight);
    rowMajorProduct(true, false, O, I, N, up, from, toW.grad as NdArray, more);
  }
  if (b && toB && !(N === 1 && toB.addLater(row, up.offset, O, null, 0, 0))) sumInto(toB, b, N, O, row, up.offset);
}

/** y = x·Wᵀ + b, as {@link affine} has it. Sizes have been checked. */
export const linear = /* @__PURE__ */ defineOp({
  name: "linear",
  replay: {},
  reads: "inputs",
  forward: (inputs) => {
    const x = inputs[0] as NdArray;
    const weight = inputs[1] as NdArray;
    const y = resultArray(x.dtype, withLast(x.shape, weight.shape[0] as number));
    affine(x, weight, inputs[2], y);
    return y;
  },
  backward: (g, { inputs, needs }) => {
    affineGrad(g, inputs[0] as NdArray, inputs[1] as NdArray, inputs[2], needs[0], needs[1], needs[2]);
  },
});

/** Adds the sum of N rows of g to the gradient of a bias. */
function sumInto(sink: GradientSink, bias: NdArray, N: number, O: number, g: FloatArray, go: number): void {
  const more = sink.into(bias);
  const db = sink.grad as NdArray;
  const k = kernels();
  if (N === 1) {
    k.axpy(O, 1, g, go, db.data as FloatArray, db.offset);
  } else if (more) {
    const total = emptyArray(bias.dtype, bias.shape);
    k.sum(1, N, O, g, go, total.data as FloatArray, 0);
    addInPlace(db, total);
  } else {
    k.sum(1, N, O, g, go, db.data as FloatArray, db.offset);
  }
}

/** C += or = op(A)·op(B) for row-major arrays that stand for matrices; see `Kernels.gemm`. */
function rowMajorProduct(
  transA: boolean,
  transB: boolean,
  M: number,
  N: number,
  K: number,
  a: NdArray,
  b: NdArray,
  c: NdArray,
  accumulate: boolean,
): void {
  kernels().gemm(
    transA,
    transB,
    M,
    N,
    K,
    a.data as FloatArray,
    a.offset,
    Math.max(transA ? M : K, 1),
    b.data as FloatArray,
    b.offset,
    Math.max(transB ? K : N, 1),
    c.data as FloatArray,
    c.offset,
    Math.max(N, 1),
    accumulate,
    b.memory.version,
  );
}

/** The number of rows when all leading axes are flattened into one. */
function rowCount(x: NdArray): number {
  let rows = 1;
  for (let axis = 0; axis < x.shape.length - 1; axis++) rows *= x.shape[axis] as number;
  return rows;
}
