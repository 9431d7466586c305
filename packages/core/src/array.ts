import { allocate, castValue, type DType, type TypedArray } from "./dtype.js";
import { contiguousStrides, isContiguous, type Shape, sizeOf } from "./shape.js";

/**
 * Plain data that ops work on: numbers and how to read them. Knows nothing of gradients.
 * Element (i, j, …) is `data[offset + i·strides[0] + j·strides[1] + …]`.
 */
export interface NdArray {
  readonly dtype: DType;
  readonly data: TypedArray;
  readonly shape: Shape;
  readonly strides: Shape;
  readonly offset: number;
  /** Counts the changes made in place; shared by all arrays that look at the same numbers. */
  readonly memory: Memory;
}

export interface Memory {
  version: number;
  /** Set while the numbers as they are now stand somewhere else: copies them to where they belong. See `capture`. */
  settle?: (() => void) | undefined;
}

/** The array itself, with its numbers where they belong. */
export function settled(x: NdArray): NdArray {
  const { memory } = x;
  const { settle } = memory;
  if (settle !== undefined) {
    memory.settle = undefined;
    settle();
  }
  return x;
}

/**
 * Counts changes of any kind to tensors that were there before: of their numbers, of which numbers they have, of their place on the tape.
 * While it stands still they are as they were.
 */
export let changes = 0;

export function noteChange(): void {
  changes++;
}

/** Counts a change in place. */
export function countChange(memory: Memory): void {
  memory.version++;
  changes++;
}

/** A row-major array over `data` as a whole. */
export function ndarray(dtype: DType, data: TypedArray, shape: Shape): NdArray {
  return { dtype, data, shape, strides: contiguousStrides(shape), offset: 0, memory: { version: 0 } };
}

/** The same numbers seen with another shape, strides and offset. */
export function viewOf(x: NdArray, shape: Shape, strides: Shape, offset: number): NdArray {
  return { dtype: x.dtype, data: x.data, shape, strides, offset, memory: x.memory };
}

/** The same numbers, row-major as they must be, seen with a shape of equal size. */
export function reshaped(x: NdArray, shape: Shape): NdArray {
  return viewOf(x, shape, contiguousStrides(shape), x.offset);
}

/** A row-major array of zeros over memory of its own. */
export function emptyArray(dtype: DType, shape: Shape): NdArray {
  return ndarray(dtype, allocate(dtype, sizeOf(shape)), shape);
}

/** Elements of a block, and of the largest array that stands in one. */
const BLOCK = 1024;
const IN_BLOCK = 256;

let block = new Float32Array(BLOCK);
let used = BLOCK;
let sharing = true;

/**
 * A row-major array of zeros for the result of an op. Small ones stand side by side in blocks, because a typed array of its own costs
 * V8 more than the arithmetic of a small op; who keeps one of them keeps its block of 4 kB.
 */
export function resultArray(dtype: DType, shape: Shape): NdArray {
  const size = sizeOf(shape);
  if (size > IN_BLOCK || dtype !== "float32" || !sharing) return ndarray(dtype, allocate(dtype, size), shape);
  if (used + size > BLOCK) {
    block = new Float32Array(BLOCK);
    used = 0;
  }
  const offset = used;
  used += size;
  return { dtype, data: block, shape, strides: contiguousStrides(shape), offset, memory: { version: 0 } };
}

/** As {@link resultArray}, for kernels that take no offset: the data begin with the first element and end with the last. */
export function wholeArray(dtype: DType, shape: Shape): NdArray {
  const { data, offset } = resultArray(dtype, shape);
  const size = sizeOf(shape);
  return ndarray(dtype, data.length === size ? data : data.subarray(offset, offset + size), shape);
}

/** Elements of the arrays that wait to be lent again, at most; all of an ordinary layer's. */
const MOST_WAITING = 16 * 1024 * 1024;

const lent = new WeakSet<TypedArray>();
const waiting: Float32Array[] = [];

/**
 * A row-major array that whoever made it is going to {@link giveBack}: large ones take the system longer to find room for than to fill. What
 * stands in it is anything at all.
 */
export function lentArray(dtype: DType, shape: Shape): NdArray {
  const size = sizeOf(shape);
  if (size <= IN_BLOCK || dtype !== "float32" || !sharing) return emptyArray(dtype, shape);
  const at = waiting.findIndex(({ length }) => length === size);
  const data = at >= 0 ? (waiting.splice(at, 1)[0] as Float32Array) : new Float32Array(size);
  lent.add(data);
  return ndarray(dtype, data, shape);
}

/** Takes the data of a lent array back, to be lent again; nobody may look at it from now on. Of other arrays it does nothing. */
export function giveBack(data: TypedArray | null): void {
  if (data === null || !sharing || !lent.delete(data)) return;
  waiting.push(data as Float32Array);
  let elements = waiting.reduce((sum, { length }) => sum + length, 0);
  for (; elements > MOST_WAITING; elements -= (waiting.shift() as Float32Array).length);
}

/** Whether small results may share blocks from now on. */
export function shareBlocks(allowed: boolean): void {
  sharing = allowed;
}

/** Whether they may; if not, everything that happens to numbers is written down. */
export const sharesBlocks = (): boolean => sharing;

export function fullArray(dtype: DType, shape: Shape, value: number): NdArray {
  const array = emptyArray(dtype, shape);
  if (value !== 0) array.data.fill(value);
  return array;
}

/** `x` itself when its elements already lie in row-major order, a row-major copy otherwise. */
export function contiguous(x: NdArray): NdArray {
  return isContiguous(x.shape, x.strides) ? x : copyOf(x);
}

/** A row-major copy that shares nothing with `x`, over memory of its own unless it goes into an array that is given. */
export function copyOf(x: NdArray, y = emptyArray(x.dtype, x.shape)): NdArray {
  copyInto(x, y);
  return y;
}

/** Somebody who is told of numbers that are about to move without a kernel; see `capture`. */
export interface ArrayObserver {
  copied(from: NdArray, to: NdArray): void;
  added(from: NdArray, to: NdArray): void;
}

let observer: ArrayObserver | null = null;

/** Puts an observer in place, or none; returns the one before. */
export function observeArrays(next: ArrayObserver | null): ArrayObserver | null {
  const before = observer;
  observer = next;
  return before;
}

/** Adds `from` to `to`, element by element, whatever their strides; shapes must be equal. */
export function addStrided(from: NdArray, to: NdArray): void {
  observer?.added(from, to);
  // The store rounds: a sum of two float32 numbers in float64, rounded to float32, is their float32 sum.
  forEachPair(from, to, (i, j) => {
    to.data[j] = (to.data[j] as number) + (from.data[i] as number);
  });
}

/** Copies `from` into `to`, element by element in row-major order; shapes must be equal, values are taken as they are. */
export function copyInto(from: NdArray, to: NdArray): void {
  observer?.copied(from, to);
  copyElements(from, to);
}

function copyElements(from: NdArray, to: NdArray): void {
  const size = sizeOf(from.shape);
  if (isContiguous(from.shape, from.strides) && isContiguous(to.shape, to.strides)) {
    if (size <= 32) {
      for (let i = 0; i < size; i++) to.data[to.offset + i] = from.data[from.offset + i] as number;
    } else {
      const whole = from.data.length === size;
      to.data.set(whole ? from.data : from.data.subarray(from.offset, from.offset + size), to.offset);
    }
    return;
  }
  forEachPair(from, to, (i, j) => {
    to.data[j] = from.data[i] as number;
  });
}

/** A row-major copy with each element converted; see {@link castValue}. */
export function cast(x: NdArray, dtype: DType): NdArray {
  if (x.dtype === dtype) return copyOf(x);
  const y = emptyArray(dtype, x.shape);
  forEachPair(x, y, (i, j) => {
    y.data[j] = castValue(x.data[i] as number, dtype);
  });
  return y;
}

/** Calls `visit` with the data index of each element in row-major order. */
export function forEach(x: NdArray, visit: (index: number) => void): void {
  forEachPair(x, x, visit);
}

/** Calls `visit` with the data indices of corresponding elements of two arrays of equal shape, in row-major order. */
export function forEachPair(x: NdArray, y: NdArray, visit: (i: number, j: number) => void): void {
  const rank = x.shape.length;
  if (sizeOf(x.shape) === 0) return;
  if (rank === 0) {
    visit(x.offset, y.offset);
    return;
  }
  const last = rank - 1;
  const length = x.shape[last] as number;
  const stepX = x.strides[last] as number;
  const stepY = y.strides[last] as number;
  const counter = new Array<number>(last).fill(0);
  let i = x.offset;
  let j = y.offset;
  for (;;) {
    for (let n = 0; n < length; n++) visit(i + n * stepX, j + n * stepY);
    let axis = last - 1;
    for (; axis >= 0; axis--) {
      const count = (counter[axis] as number) + 1;
      i += x.strides[axis] as number;
      j += y.strides[axis] as number;
      if (count < (x.shape[axis] as number)) {
        counter[axis] = count;
        break;
      }
      i -= count * (x.strides[axis] as number);
      j -= count * (y.strides[axis] as number);
      counter[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** The same numbers seen with `shape`, stretched axes getting stride 0. The caller has checked that `shape` is a broadcast of `x`'s. */
export function broadcastTo(x: NdArray, shape: Shape): NdArray {
  const lead = shape.length - x.shape.length;
  const strides = shape.map((length, axis) =>
    axis < lead || (x.shape[axis - lead] === 1 && length !== 1) ? 0 : (x.strides[axis - lead] as number),
  );
  return viewOf(x, shape, strides, x.offset);
}

/** The numbers in row-major order as an ordinary typed array (a copy). */
export function toFlat(x: NdArray): TypedArray {
  return copyOf(x).data;
}
