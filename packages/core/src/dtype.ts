import { checkChoice, DTypeError } from "./errors.js";

/**
 * The types an element can have. `int64` is exact to ±(2^53 − 1) and takes 8 bytes an element, as in PyTorch;
 * it is kept in a Float64Array because JavaScript numbers are exact up to there.
 */
export type DType = "float32" | "float64" | "int8" | "uint8" | "int16" | "int32" | "int64" | "bool";
export type FloatDType = "float32" | "float64";
export type TypedArray = Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Int32Array;

type ArrayType = { new (length: number): TypedArray; readonly BYTES_PER_ELEMENT: number };

/** What a dtype is kept in, and the smallest and the largest value it holds; in the order of type promotion. */
const facts: { readonly [D in DType]: readonly [ArrayType, min: number, max: number] } = {
  bool: [Uint8Array, 0, 1],
  uint8: [Uint8Array, 0, 255],
  int8: [Int8Array, -128, 127],
  int16: [Int16Array, -32768, 32767],
  int32: [Int32Array, -2147483648, 2147483647],
  int64: [Float64Array, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  float32: [Float32Array, -Infinity, Infinity],
  float64: [Float64Array, -Infinity, Infinity],
};

export const dtypes = Object.keys(facts) as readonly DType[];

export const isFloat = (dtype: DType): dtype is FloatDType => dtype === "float32" || dtype === "float64";
export const arrayTypeOf = (dtype: DType): ArrayType => facts[dtype][0];
export const bytesOf = (dtype: DType): number => facts[dtype][0].BYTES_PER_ELEMENT;

/** The smallest value that fits at place 1, the largest at place 2. */
export const rangeOf = (dtype: DType): readonly [unknown, min: number, max: number] => facts[dtype];

/** @throws OptionError when `dtype` is no data type of Unroll's */
export function checkDType(where: string, dtype: unknown): asserts dtype is DType {
  checkChoice(where, "dtype", dtype, dtypes);
}

/** @throws DTypeError unless tensors of this dtype are floating */
export function checkFloating(
  where: string,
  dtype: DType,
  remedy = 'Convert with .to("float32")',
): asserts dtype is FloatDType {
  if (!isFloat(dtype)) throw new DTypeError(`${where}: expected a float32 or float64 tensor, got ${dtype}. ${remedy}`);
}

/** The dtype of `a ∘ b`, by PyTorch's rules for two tensors: the wider type, floating over integer, and int16 for uint8 with int8. */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  if ((a === "uint8" && b === "int8") || (a === "int8" && b === "uint8")) return "int16";
  return dtypes.indexOf(a) > dtypes.indexOf(b) ? a : b;
}

export const allocate = (dtype: DType, length: number): TypedArray =>
  dtype === "float32" ? new Float32Array(length) : new facts[dtype][0](length);

/**
 * Converts one number the way PyTorch's `.to(dtype)` converts an element: floats are cut toward zero,
 * integers wrap around (300 → 44 in int8), anything but zero is true.
 *
 * @throws DTypeError when an int64 cannot hold the value exactly
 */
export function castValue(value: number, dtype: DType): number {
  switch (dtype) {
    case "float64":
      return value;
    case "float32":
      return Math.fround(value);
    case "bool":
      return value !== 0 ? 1 : 0;
    case "int64":
      return checkInt64(Math.trunc(value));
    case "int32":
      return value | 0;
    case "int16":
      return (value << 16) >> 16;
    case "int8":
      return (value << 24) >> 24;
    case "uint8":
      return value & 255;
  }
}

/** @throws DTypeError beyond ±(2^53 − 1), where a JavaScript number no longer counts one by one */
export function checkInt64(value: number): number {
  if (!Number.isSafeInteger(value)) {
    throw new DTypeError(
      `int64: expected a whole number within ±(2^53 − 1), got ${value}. Use float64 for larger values`,
    );
  }
  return value + 0;
}
