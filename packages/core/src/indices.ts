/** Whole indices as users may give them: a number, nested arrays, or an integer tensor. */
import { emptyArray, type NdArray } from "./array.js";
import type { DType } from "./dtype.js";
import { DTypeError, describe, ShapeError } from "./errors.js";
import { fixedList } from "./ops/index-range.js";
import { type Shape, sizeOf } from "./shape.js";
import { checkWhole } from "./tensor/views.js";
import { type NestedArray, Tensor } from "./tensor.js";

/** Whole numbers as a nested array or an integer tensor. */
export type Indices = Tensor | number | readonly NestedArray[];

/** The indices of integer tensors, as they were after so many changes. */
const known = new WeakMap<NdArray, { readonly index: readonly number[]; readonly version: number }>();

/**
 * Indices in row-major order with their shape. Those of a tensor that has not changed are the same list every time.
 *
 * @throws DTypeError for a floating tensor, naming the remedy
 */
export function indicesOf(where: string, value: Indices): { index: readonly number[]; shape: readonly number[] } {
  if (value instanceof Tensor) {
    checkWhole(where, value);
    // What stands in a captured function's memory is another thing in every call.
    return { index: value.lease === null ? indicesIn(value) : plain(value.toTypedArray()), shape: value.shape };
  }
  if (isFlat(value)) return { index: value.slice(), shape: [value.length] };
  const shape: number[] = [];
  for (let inner: unknown = value; Array.isArray(inner); inner = inner[0]) shape.push(inner.length);
  const index = (Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value]) as unknown[];
  if (index.length !== sizeOf(shape))
    throw new ShapeError(`${where}: expected inner arrays of one length, got ${describe(value)}`);
  for (const i of index) {
    if (typeof i !== "number" || !Number.isInteger(i))
      throw new DTypeError(`${where}: expected whole indices, got ${describe(i)}`);
  }
  return { index: index as number[], shape };
}

/** 1 at each index, 0 elsewhere and in rows whose index is none of the classes: indices of a shape (…) → (…, C). */
export function oneHotRows(index: readonly number[], shape: Shape, classes: number, dtype: DType): Tensor {
  const rows = emptyArray(dtype, [...shape, classes]);
  index.forEach((c, i) => {
    if (c >= 0 && c < classes) rows.data[i * classes + c] = 1;
  });
  return new Tensor(rows);
}

function indicesIn(x: Tensor): readonly number[] {
  const { array } = x;
  const { version } = array.memory;
  const before = known.get(array);
  if (before?.version === version) return before.index;
  const index = fixedList(plain(x.toTypedArray()));
  known.set(array, { index, version });
  return index;
}

/** Quicker than `Array.from`, which asks for one element after the other. */
function plain(x: ArrayLike<number>): number[] {
  const list = new Array<number>(x.length);
  for (let i = 0; i < x.length; i++) list[i] = x[i] as number;
  return list;
}

/** Whether this is a list of whole numbers and no more. */
function isFlat(value: unknown): value is number[] {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i++) if (!Number.isInteger(value[i])) return false;
  return true;
}
