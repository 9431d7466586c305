/**
 * How one element of each stored type is read and written, little endian.
 *
 * @module
 */
import { allocate, type DType, type TypedArray } from "../dtype.js";

/** The types as files name them, widest first: the order in which arrays are written. */
export type StoredDType =
  | "U64"
  | "I64"
  | "F64"
  | "F32"
  | "U32"
  | "I32"
  | "BF16"
  | "F16"
  | "U16"
  | "I16"
  | "I8"
  | "U8"
  | "BOOL";

interface StoredType {
  /** The dtype that holds every value of the stored type; only 64-bit integers need a look at the value. */
  readonly dtype: DType;
  readonly bytes: number;
  readonly get: (view: DataView, position: number) => number;
}

const low = (view: DataView, p: number): number => view.getUint32(p, true);

export const storedTypes: { readonly [S in StoredDType]: StoredType } = {
  U64: { dtype: "int64", bytes: 8, get: (view, p) => view.getUint32(p + 4, true) * 4294967296 + low(view, p) },
  I64: { dtype: "int64", bytes: 8, get: (view, p) => view.getInt32(p + 4, true) * 4294967296 + low(view, p) },
  F64: { dtype: "float64", bytes: 8, get: (view, p) => view.getFloat64(p, true) },
  F32: { dtype: "float32", bytes: 4, get: (view, p) => view.getFloat32(p, true) },
  U32: { dtype: "int64", bytes: 4, get: (view, p) => view.getUint32(p, true) },
  I32: { dtype: "int32", bytes: 4, get: (view, p) => view.getInt32(p, true) },
  BF16: { dtype: "float32", bytes: 2, get: (view, p) => floatOfBits(view.getUint16(p, true) << 16) },
  F16: { dtype: "float32", bytes: 2, get: (view, p) => halfOfBits(view.getUint16(p, true)) },
  U16: { dtype: "int32", bytes: 2, get: (view, p) => view.getUint16(p, true) },
  I16: { dtype: "int16", bytes: 2, get: (view, p) => view.getInt16(p, true) },
  I8: { dtype: "int8", bytes: 1, get: (view, p) => view.getInt8(p) },
  U8: { dtype: "uint8", bytes: 1, get: (view, p) => view.getUint8(p) },
  BOOL: { dtype: "bool", bytes: 1, get: (view, p) => view.getUint8(p) },
};

interface Writer {
  readonly stored: StoredDType;
  readonly set: (view: DataView, position: number, value: number) => void;
}

export const writers: { readonly [D in DType]: Writer } = {
  int64: {
    stored: "I64",
    set: (view, p, value) => {
      const high = Math.floor(value / 4294967296);
      view.setUint32(p, value - high * 4294967296, true);
      view.setInt32(p + 4, high, true);
    },
  },
  float64: { stored: "F64", set: (view, p, value) => view.setFloat64(p, value, true) },
  float32: { stored: "F32", set: (view, p, value) => view.setFloat32(p, value, true) },
  int32: { stored: "I32", set: (view, p, value) => view.setInt32(p, value, true) },
  int16: { stored: "I16", set: (view, p, value) => view.setInt16(p, value, true) },
  int8: { stored: "I8", set: (view, p, value) => view.setInt8(p, value) },
  uint8: { stored: "U8", set: (view, p, value) => view.setUint8(p, value) },
  bool: { stored: "BOOL", set: (view, p, value) => view.setUint8(p, value) },
};

/** A problem with the first value that the dtype cannot hold exactly, or undefined. */
function problemWith(dtype: DType, value: number, index: number): string | undefined {
  if (dtype === "int64" && !Number.isSafeInteger(value)) {
    return `expected int64 values within ±(2^53 − 1), got ${value} at element ${index}`;
  }
  if (dtype === "bool" && value !== 0 && value !== 1) {
    return `expected the bytes 0 and 1 for bool, got ${value} at element ${index}`;
  }
  return undefined;
}

/** @throws what `fail` makes of a problem */
export function readElements(
  stored: StoredDType,
  view: DataView,
  position: number,
  count: number,
  fail: (problem: string) => Error,
): TypedArray {
  const { dtype, bytes, get } = storedTypes[stored];
  const data = allocate(dtype, count);
  for (let i = 0; i < count; i++) {
    const value = get(view, position + i * bytes);
    const problem = problemWith(dtype, value, i);
    if (problem) throw fail(problem);
    data[i] = value;
  }
  return data;
}

/** @throws what `fail` makes of a problem */
export function writeElements(
  dtype: DType,
  view: DataView,
  position: number,
  data: TypedArray,
  fail: (problem: string) => Error,
): void {
  const { stored, set } = writers[dtype];
  const { bytes } = storedTypes[stored];
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    const problem = problemWith(dtype, value, i);
    if (problem) throw fail(problem);
    set(view, position + i * bytes, value);
  }
}

const scratch = new DataView(new ArrayBuffer(4));

function floatOfBits(bits: number): number {
  scratch.setInt32(0, bits);
  return scratch.getFloat32(0);
}

/** IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 of fraction. */
function halfOfBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return (sign ? -fraction : fraction) / 16777216;
  const wide = exponent === 31 ? 255 : exponent + 112;
  return floatOfBits(sign | (wide << 23) | (fraction << 13));
}
