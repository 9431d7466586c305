import { copyRows } from "./panels";
import { leading } from "./rows";

/**
 * What a call of a recurrence works on: numbers and addresses at one place in memory. `src/kernels/wasm-recurrent.ts` writes them in
 * this order, 32 bits each.
 *
 * Arrays are rows without gaps, as `Recurrence` in `src/kernels/contract.ts` has them, and need not begin at multiples of 16 bytes. Up to
 * 16 bytes behind an array are read; nothing behind one is written.
 */
@unmanaged
export class Recurrence {
  /** 0 tanh, 1 relu, 2 LSTM, 3 GRU */
  kind: i32;
  steps: i32;
  /** The rows of each step; 0 when all have `batch`. */
  sizes: usize;
  /** The most rows of a step, which the first has. */
  batch: i32;
  rows: i32;
  reverse: bool;
  I: i32;
  H: i32;
  P: i32;
  x: usize;
  weightIh: usize;
  weightHh: usize;
  /** 0 without */
  biasIh: usize;
  biasHh: usize;
  weightHr: usize;
  /** The first states; 0 for zeros. Forward, h and c may stand there too. */
  h0: usize;
  c0: usize;
  y: usize;
  /** 0 when nothing is to be kept for a backward pass */
  kept: usize;
  /** Scratch, as much as `recurrentRoom` says. */
  room: usize;
  /** Forward, the last states; backward, their gradients (0 for zeros), */
  h: usize;
  c: usize;
  /** and only backward the gradient of y (0 for none), */
  dy: usize;
  /** and what is wanted of the others: 0 when it is not. dh0 and dc0 may stand where h and c do. */
  dh0: usize;
  dc0: usize;
  dx: usize;
  dWeightIh: usize;
  dWeightHh: usize;
  dBiasIh: usize;
  dBiasHh: usize;
  dWeightHr: usize;
  /** Forward, where `packRecurrence` has packed the weights; 0 when it has not. */
  packed: usize;
}

export const RELU = 1;
export const LSTM = 2;
export const GRU = 3;

@inline
export function gateCount(kind: i32): i32 {
  return kind == LSTM ? 4 : kind == GRU ? 3 : 1;
}

/** Slots of a row on the way forward: i f g o c tanh(c), r z n p, or h. */
@inline
export function slotCount(kind: i32): i32 {
  return kind == LSTM ? 6 : kind == GRU ? 4 : 1;
}

/** n elements rounded up to whole vectors, in bytes. */
@inline
export function inVectors(n: i32): usize {
  return <usize>((n + 3) & ~3) << 2;
}

/** The rows of the step whose size stands at `sizes`. */
@inline
export function sizeOf(r: Recurrence, step: i32): i32 {
  return r.sizes ? load<i32>(r.sizes + (<usize>step << 2)) : r.batch;
}

/** Whether state and gates are a vector each. */
export function isSingle(r: Recurrence): bool {
  return r.batch == 1 && r.H <= 4 && !r.weightHr;
}

/** Up to so many elements of slots are worked on together; they stay in the second-level cache. */
const CHUNK = 65536;

/** Rows of `size` bytes that go through together. */
export function chunkRows(r: Recurrence, size: usize): i32 {
  return min(r.rows, max(r.batch, (CHUNK << 2) / <i32>size));
}

/** The bits of 1. */
const ONE = 0x3f800000;

/**
 * Whether every row of x, I elements each, is +0 everywhere but for one 1; then where that stands is written to `to`. A product with such a
 * row picks a row of the other factor, and its sums are those of the whole product as long as all numbers in there are finite.
 */
export function oneHots(rows: i32, I: i32, x: usize, to: usize): bool {
  const zero = i32x4.splat(0);
  for (; rows > 0; rows--, to += 4) {
    let place = -1;
    for (let j = 0; j < I; j += 4, x += 16) {
      let v = v128.load(x);
      if (I - j < 4) v = v128.and(v, leading(I - j));
      if (!v128.any_true(v)) continue;
      const bits = i32x4.bitmask(i32x4.ne(v, zero));
      const lane = ctz(bits);
      if (place >= 0 || bits != 1 << lane || load<i32>(x + (<usize>lane << 2)) != ONE) return false;
      place = j + lane;
    }
    if (place < 0) return false;
    if (I & 3) x -= <usize>(4 - (I & 3)) << 2;
    store<i32>(to, place);
  }
  return true;
}

/** Whether n numbers are neither infinite nor NaN: 0 times any of them is a zero. */
export function allFinite(n: i32, x: usize): bool {
  const zero = f32x4.splat(0);
  let s = zero;
  for (; n > 0; n -= 4, x += 16) {
    const v = f32x4.mul(v128.load(x), zero);
    s = f32x4.add(s, n < 4 ? v128.and(v, leading(n)) : v);
  }
  return i32x4.all_true(f32x4.eq(s, zero));
}

/** Where scratch is free. */
let top: usize = 0;

export function startAt(room: usize): void {
  top = (room + 15) & ~15;
}

export function take(bytes: usize): usize {
  const at = top;
  top += (bytes + 31) & ~15;
  return at;
}

export function taken(): usize {
  return top;
}

/** Zeros, where there is no array. */
export function zeros(to: usize, bytes: usize): void {
  memory.fill(to, 0, bytes);
}

/** Rows of n elements, or zeros when `from` is 0, each padded to whole vectors. */
export function rowsIn(rows: i32, n: i32, from: usize, to: usize): void {
  const row = inVectors(n);
  if (from) copyRows(rows, n, from, <usize>n << 2, to, row);
  else zeros(to, row * rows);
}

/** The first n elements of padded rows, without gaps; what stands behind them stays. */
export function rowsOut(rows: i32, n: i32, from: usize, to: usize): void {
  const row = <usize>n << 2;
  const end = to + row * rows;
  const behind = v128.load(end);
  copyRows(rows, n, from, inVectors(n), to, row);
  v128.store(end, behind);
}
