/**
 * Shapes, strides and axes: functions on `number[]` and nothing else.
 *
 * @module
 */
import { describe, ShapeError, shapeText } from "./errors.js";

export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i] as number;
  return size;
}

const none: readonly number[] = [];
const dense: readonly number[] = [1];
/** Strides of matrices by the length of their rows, and shapes of vectors by their length. */
const ofRows: (readonly number[])[] = [];
const ofVectors: Shape[] = [];
/** Lengths for which they are kept. */
const KEPT = 1024;

/** The shape [length]. Not to be written to: arrays share it. Frozen it would be slower to read; one that somebody wrote to is not lent again. */
export function vectorShape(length: number): Shape {
  if (length >= KEPT) return [length];
  const known = ofVectors[length];
  if (known !== undefined && known[0] === length && known.length === 1) return known;
  const shape = [length];
  ofVectors[length] = shape;
  return shape;
}

/** A shape with another length of the last axis. */
export function withLast(from: Shape, length: number): Shape {
  if (from.length === 1) return vectorShape(length);
  const shape = from.slice();
  shape[shape.length - 1] = length;
  return shape;
}

/** Row-major strides in elements: the last axis is dense. Not to be written to: arrays share them. */
export function contiguousStrides(shape: Shape): readonly number[] {
  const rank = shape.length;
  if (rank < 2) return rank === 0 ? none : dense;
  if (rank === 2 && (shape[1] as number) < KEPT) {
    const length = Math.max(shape[1] as number, 1);
    ofRows[length] ??= [length, 1];
    return ofRows[length] as readonly number[];
  }
  const strides = new Array<number>(rank);
  let step = 1;
  for (let i = rank - 1; i >= 0; i--) {
    strides[i] = step;
    step *= Math.max(shape[i] as number, 1);
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether elements lie in row-major order without gaps (axes of length 1 may have any stride). */
export function isContiguous(shape: Shape, strides: Shape): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const length = shape[i] as number;
    if (length === 0) return true;
    if (length !== 1 && strides[i] !== step) return false;
    step *= length;
  }
  return true;
}

/**
 * The shape of `a ∘ b` after broadcasting: axes are matched from the right, a length of 1 stretches.
 *
 * @throws ShapeError naming both shapes and the axis that does not fit
 */
export function broadcastShapes(where: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const p = i <= a.length ? (a[a.length - i] as number) : 1;
    const q = i <= b.length ? (b[b.length - i] as number) : 1;
    if (p !== q && p !== 1 && q !== 1) {
      throw new ShapeError(
        `${where}: shapes ${shapeText(a)} and ${shapeText(b)} do not broadcast: expected equal lengths or 1 ` +
          `at axis ${rank - i} of the result, got ${p} and ${q}`,
      );
    }
    shape[rank - i] = p === 1 ? q : p;
  }
  return shape;
}

/**
 * Turns −1 into the last axis and so on.
 *
 * @throws ShapeError when the axis does not exist
 */
export function checkAxis(where: string, axis: number, rank: number): number {
  return within(where, "an axis", axis, Math.max(rank, 1));
}

/**
 * Turns −1 into the last index and so on.
 *
 * @throws ShapeError when the index does not exist
 */
export function checkIndex(where: string, index: number, length: number): number {
  return within(where, "a whole index", index, length);
}

function within(where: string, what: string, value: number, length: number): number {
  if (!Number.isInteger(value) || value < -length || value >= length)
    throw new ShapeError(`${where}: expected ${what} from ${-length} to ${length - 1}, got ${describe(value)}`);
  return value < 0 ? value + length : value;
}

/** @throws ShapeError unless every entry is a whole number ≥ 0 */
export function checkShape(where: string, shape: unknown): asserts shape is number[] {
  if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw new ShapeError(
      `${where}: expected a shape, an array of whole numbers ≥ 0 such as [2, 3], got ${describe(shape)}`,
    );
  }
}
