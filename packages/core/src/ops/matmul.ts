/**
 * Matrix products, all by one kernel.
 *
 * @module
 */
import { broadcastTo, contiguous, copyOf, emptyArray, type NdArray, reshaped } from "../array.js";
import { ShapeError, shapeText } from "../errors.js";
import { type FloatArray, kernels } from "../kernels/index.js";
import { broadcastShapes, type Shape, sameShape, sizeOf } from "../shape.js";
import { sumAxis, unbroadcast } from "./accumulate.js";
import type { Op } from "./op.js";
import { permuted } from "./view.js";

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
export function product(a: NdArray, b: NdArray): NdArray {
  const c = emptyArray(a.dtype, [a.shape[0] as number, b.shape[1] as number]);
  multiplyInto(a, b, c, false);
  return c;
}

export const transposed = (x: NdArray): NdArray => {
  const rank = x.shape.length;
  return permuted(x, [...x.shape.keys()].slice(0, rank - 2).concat(rank - 1, rank - 2));
};

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
export const matmul: Op = {
  name: "matmul",
  reads: "inputs",
  forward: ([a, b]) => {
    const [p, q] = [a as NdArray, b as NdArray];
    if (p.shape.at(-1) !== q.shape.at(-2)) {
      throw new ShapeError(
        `matmul: shapes ${shapeText(p.shape)} and ${shapeText(q.shape)} cannot be multiplied: ` +
          `expected as many columns on the left as rows on the right, got ${p.shape.at(-1)} and ${q.shape.at(-2)}`,
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
};

/**
 * y = x·Wᵀ + b for x (…, I), W (O, I), b (O) or absent.
 * ∂x = g·W, ∂W = gᵀ·x, ∂b = Σ g, sums over all leading axes. Sizes have been checked.
 */
export const linear: Op = {
  name: "linear",
  reads: "inputs",
  forward: ([x, w, b]) => {
    const [from, weight] = [x as NdArray, w as NdArray];
    const y = product(asRows(from), transposed(weight));
    if (b) {
      const [n, width] = [y.data.length, weight.shape[0] as number];
      const row = contiguous(b);
      const out = y.data as FloatArray;
      if (width > 0) kernels().binary("add", "row", n, out, 0, row.data as FloatArray, row.offset, out, 0, width);
    }
    return reshaped(y, [...from.shape.slice(0, -1), weight.shape[0] as number]);
  },
  backward: (g, { inputs: [x, w, b], needs }) => {
    const rows = asRows(contiguous(g));
    const from = x as NdArray;
    const grads: (NdArray | null)[] = [
      needs[0] ? reshaped(product(rows, w as NdArray), from.shape) : null,
      needs[1] ? product(transposed(rows), asRows(from)) : null,
    ];
    if (b) grads.push(needs[2] ? reshaped(sumAxis(rows, 0), b.shape) : null);
    return grads;
  },
};

/** All leading axes flattened into one. */
function asRows(x: NdArray): NdArray {
  if (x.shape.length === 2) return x;
  const width = x.shape.at(-1) as number;
  return reshaped(contiguous(x), [width === 0 ? sizeOf(x.shape.slice(0, -1)) : sizeOf(x.shape) / width, width]);
}
