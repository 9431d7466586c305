/** Whole indices as users may give them: a number, nested arrays, or an integer tensor. */
import { isFloat } from "./dtype.js";
import { DTypeError, describe, ShapeError } from "./errors.js";
import { sizeOf } from "./shape.js";
import { type NestedArray, Tensor } from "./tensor.js";

/** Whole numbers as a nested array or an integer tensor. */
export type Indices = Tensor | number | readonly NestedArray[];

/**
 * Indices in row-major order with their shape.
 *
 * @throws DTypeError for a floating tensor, naming the remedy
 */
export function indicesOf(where: string, value: Indices): { index: number[]; shape: readonly number[] } {
  if (value instanceof Tensor) {
    if (isFloat(value.dtype) || value.dtype === "bool") {
      throw new DTypeError(
        `${where}: expected whole indices, got a ${value.dtype} tensor. Make it with tensor(…, { dtype: "int64" }) or convert it with .to("int64")`,
      );
    }
    return { index: Array.from(value.toTypedArray()), shape: value.shape };
  }
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
