/**
 * Sums, softmax and rows for four networks at once: lane l of every vector belongs to network l, and each lane goes through the chains that
 * `src/kernels/contract.ts` prescribes for one.
 */
import { binary } from "../elementwise";
import { exp4, log4, lowerHalf, narrowed, upperHalf, widened } from "../math";
import { copy } from "./single";

/**
 * y[j] = Σ over n rows, `step` bytes apart, of column j, each a single chain in float64. Four columns go together, so that chains do not
 * wait for themselves; the last one stands in for those that are not there.
 */
export function sumsOver(n: i32, columns: i32, x: usize, step: usize, y: usize): void {
  for (; columns > 0; columns -= 4, x += 64, y += 64) {
    const o1: usize = columns > 1 ? 16 : 0;
    const o2: usize = columns > 2 ? 32 : o1;
    const o3: usize = columns > 3 ? 48 : o2;
    let a0 = f64x2.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    for (let i = n, p = x; i > 0; i--, p += step) {
      a0 = f64x2.add(a0, widened(p));
      b0 = f64x2.add(b0, widened(p + 8));
      a1 = f64x2.add(a1, widened(p + o1));
      b1 = f64x2.add(b1, widened(p + o1 + 8));
      a2 = f64x2.add(a2, widened(p + o2));
      b2 = f64x2.add(b2, widened(p + o2 + 8));
      a3 = f64x2.add(a3, widened(p + o3));
      b3 = f64x2.add(b3, widened(p + o3 + 8));
    }
    v128.store(y + o3, narrowed(a3, b3));
    v128.store(y + o2, narrowed(a2, b2));
    v128.store(y + o1, narrowed(a1, b1));
    v128.store(y, narrowed(a0, b0));
  }
}

/** y[r] = Σ of row r: element i goes to chain i mod 4, and they are joined as (s0 + s1) + (s2 + s3). */
export function sumRows(rows: i32, n: i32, x: usize, y: usize): void {
  for (; rows > 0; rows--, y += 16) {
    const zero = f64x2.splat(0);
    let a0 = zero;
    let a1 = zero;
    let a2 = zero;
    let a3 = zero;
    let b0 = zero;
    let b1 = zero;
    let b2 = zero;
    let b3 = zero;
    for (let i = 0; i < n; i++, x += 16) {
      const v = v128.load(x);
      const low = lowerHalf(v);
      const high = upperHalf(v);
      const k = i & 3;
      if (k == 0) {
        a0 = f64x2.add(a0, low);
        b0 = f64x2.add(b0, high);
      } else if (k == 1) {
        a1 = f64x2.add(a1, low);
        b1 = f64x2.add(b1, high);
      } else if (k == 2) {
        a2 = f64x2.add(a2, low);
        b2 = f64x2.add(b2, high);
      } else {
        a3 = f64x2.add(a3, low);
        b3 = f64x2.add(b3, high);
      }
    }
    const low = f64x2.add(f64x2.add(a0, a1), f64x2.add(a2, a3));
    const high = f64x2.add(f64x2.add(b0, b1), f64x2.add(b2, b3));
    v128.store(y, narrowed(low, high));
  }
}

/** y[r, j] = Σ over i of x[r, i, j], each a single chain. */
export function sumColumns(outer: i32, n: i32, inner: i32, x: usize, y: usize): void {
  const row = <usize>inner << 4;
  for (; outer > 0; outer--, x += row * n, y += row) sumsOver(n, inner, x, row, y);
}

/** As in `../elementwise.ts`; the row b is repeated at `room`. */
export function binaryRows(f: i32, n: i32, width: i32, a: usize, b: usize, y: usize, room: usize): void {
  copy(width, b, room);
  let round = width;
  for (; round < 64; round += round) copy(round, room, room + (<usize>round << 4));
  const size = <usize>round << 4;
  for (; n > 0; n -= round, a += size, y += size) binary(f, min(round, n) << 2, a, 16, room, 16, y);
}

@inline
function rowMax(size: usize, x: usize): v128 {
  let max = f32x4.splat(-Infinity);
  for (let j: usize = 0; j < size; j += 16) max = f32x4.pmax(max, v128.load(x + j));
  return max;
}

/** As `sumRows` for one row, of what stands at `x`. */
@inline
function rowSum(n: i32, x: usize): v128 {
  sumRows(1, n, x, scratch);
  return v128.load(scratch);
}

const scratch: usize = memory.data(16, 16);

export function softmax(rows: i32, n: i32, x: usize, y: usize): void {
  const size = <usize>n << 4;
  for (; rows > 0; rows--, x += size, y += size) {
    const max = rowMax(size, x);
    for (let j: usize = 0; j < size; j += 16) v128.store(y + j, exp4(f32x4.sub(v128.load(x + j), max)));
    const total = rowSum(n, y);
    for (let j: usize = 0; j < size; j += 16) v128.store(y + j, f32x4.div(v128.load(y + j), total));
  }
}

export function logSoftmax(rows: i32, n: i32, x: usize, y: usize): void {
  const size = <usize>n << 4;
  for (; rows > 0; rows--, x += size, y += size) {
    const max = rowMax(size, x);
    for (let j: usize = 0; j < size; j += 16) v128.store(y + j, exp4(f32x4.sub(v128.load(x + j), max)));
    const logTotal = log4(rowSum(n, y));
    for (let j: usize = 0; j < size; j += 16)
      v128.store(y + j, f32x4.sub(f32x4.sub(v128.load(x + j), max), logTotal));
  }
}

export function softmaxGrad(rows: i32, n: i32, g: usize, y: usize, dx: usize): void {
  const size = <usize>n << 4;
  for (; rows > 0; rows--, g += size, y += size, dx += size) {
    for (let j: usize = 0; j < size; j += 16) v128.store(dx + j, f32x4.mul(v128.load(g + j), v128.load(y + j)));
    const dot = rowSum(n, dx);
    for (let j: usize = 0; j < size; j += 16)
      v128.store(dx + j, f32x4.mul(v128.load(y + j), f32x4.sub(v128.load(g + j), dot)));
  }
}

export function logSoftmaxGrad(rows: i32, n: i32, g: usize, y: usize, dx: usize): void {
  const size = <usize>n << 4;
  for (; rows > 0; rows--, g += size, y += size, dx += size) {
    const total = rowSum(n, g);
    for (let j: usize = 0; j < size; j += 16)
      v128.store(dx + j, f32x4.sub(v128.load(g + j), f32x4.mul(exp4(v128.load(y + j)), total)));
  }
}

