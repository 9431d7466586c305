/**
 * Sums, softmax and rows of tables. Sums run in float64 in four chains, element i going to chain i mod 4: two vectors
 * of two. Positions beyond the end of a row count as zero, which changes no chain.
 *
 * Rows follow each other without gaps, so the last vector of a row reaches into the next one: what is written there is
 * overwritten when its turn comes, provided that output and input lie apart.
 */
import { EXP, exponentials, logarithms, unary } from "./elementwise";
import { lowerHalf, narrowed, upperHalf } from "./math";

/** Masks of 0, 1, 2, 3 leading elements. */
const masks: usize = memory.data<i32>([0, 0, 0, 0, -1, 0, 0, 0, -1, -1, 0, 0, -1, -1, -1, 0], 16);

/** Room for a number whose logarithm is wanted. */
const sum: usize = memory.data(16, 16);

@inline
export function leading(n: i32): v128 {
  return v128.load(masks + (<usize>(n & 3) << 4));
}

/** (s0 + s1) + (s2 + s3) */
@inline
function joined(s01: v128, s23: v128): f64 {
  return (
    f64x2.extract_lane(s01, 0) + f64x2.extract_lane(s01, 1) + (f64x2.extract_lane(s23, 0) + f64x2.extract_lane(s23, 1))
  );
}

function rowSum(n: i32, x: usize): f32 {
  let s01 = f64x2.splat(0);
  let s23 = f64x2.splat(0);
  for (let end = x + (<usize>(n & ~3) << 2); x < end; x += 16) {
    const v = v128.load(x);
    s01 = f64x2.add(s01, lowerHalf(v));
    s23 = f64x2.add(s23, upperHalf(v));
  }
  if (n & 3) {
    const v = v128.and(v128.load(x), leading(n));
    s01 = f64x2.add(s01, lowerHalf(v));
    s23 = f64x2.add(s23, upperHalf(v));
  }
  return <f32>joined(s01, s23);
}

/** y[r] = Σ of row r. */
export function sumRows(rows: i32, n: i32, x: usize, y: usize): void {
  for (let end = y + (<usize>rows << 2); y < end; y += 4, x += <usize>n << 2) store<f32>(y, rowSum(n, x));
}

/** y[r, j] = Σ over i of x[r, i, j] */
export function sumColumns(outer: i32, n: i32, inner: i32, x: usize, y: usize): void {
  const row = <usize>inner << 2;
  for (; outer > 0; outer--, x += row * n, y += row) sumDown(n, inner, x, row, y);
}

/** Sums of columns over n rows, `step` bytes from one row to the next: each one chain, those of a cache line side by side. */
export function sumDown(n: i32, columns: i32, x: usize, step: usize, y: usize): void {
  for (; columns >= 16; columns -= 16, x += 64, y += 64) {
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    let p = x;
    for (let i = 0; i < n; i++, p += step) {
      let v = v128.load(p);
      s0 = f64x2.add(s0, lowerHalf(v));
      s1 = f64x2.add(s1, upperHalf(v));
      v = v128.load(p, 16);
      s2 = f64x2.add(s2, lowerHalf(v));
      s3 = f64x2.add(s3, upperHalf(v));
      v = v128.load(p, 32);
      s4 = f64x2.add(s4, lowerHalf(v));
      s5 = f64x2.add(s5, upperHalf(v));
      v = v128.load(p, 48);
      s6 = f64x2.add(s6, lowerHalf(v));
      s7 = f64x2.add(s7, upperHalf(v));
    }
    v128.store(y, narrowed(s0, s1));
    v128.store(y, narrowed(s2, s3), 16);
    v128.store(y, narrowed(s4, s5), 32);
    v128.store(y, narrowed(s6, s7), 48);
  }
  for (; columns > 0; columns -= 4, x += 16, y += 16) {
    let s01 = f64x2.splat(0);
    let s23 = s01;
    let p = x;
    for (let i = 0; i < n; i++, p += step) {
      const v = v128.load(p);
      s01 = f64x2.add(s01, lowerHalf(v));
      s23 = f64x2.add(s23, upperHalf(v));
    }
    const s = narrowed(s01, s23);
    if (columns >= 4) {
      v128.store(y, s);
    } else {
      v128.store_lane<f32>(y, s, 0);
      if (columns > 1) v128.store_lane<f32>(y, s, 1, 4);
      if (columns > 2) v128.store_lane<f32>(y, s, 2, 8);
    }
  }
}

@inline
export function rowMax(n: i32, x: usize): v128 {
  const lowest = f32x4.splat(-Infinity);
  let m = lowest;
  for (let end = x + (<usize>(n & ~3) << 2); x < end; x += 16) m = f32x4.pmax(m, v128.load(x));
  if (n & 3) m = f32x4.pmax(m, v128.bitselect(v128.load(x), lowest, leading(n)));
  m = f32x4.pmax(m, v128.shuffle<f32>(m, m, 2, 3, 0, 1));
  return f32x4.pmax(m, v128.shuffle<f32>(m, m, 1, 0, 3, 2));
}

@inline
export function shifted(size: usize, x: usize, by: v128, y: usize): void {
  for (let i: usize = 0; i < size; i += 16) v128.store(y + i, f32x4.sub(v128.load(x + i), by));
}

/** y = softmax(x), row by row. */
export function softmax(rows: i32, n: i32, x: usize, y: usize): void {
  const size = <usize>n << 2;
  for (let r = 0; r < rows; r++, x += size, y += size) {
    shifted(size, x, rowMax(n, x), y);
    exponentials(n, y, y);
    const total = f32x4.splat(rowSum(n, y));
    for (let i: usize = 0; i < size; i += 16) v128.store(y + i, f32x4.div(v128.load(y + i), total));
  }
}

/** y = log softmax(x), row by row. */
export function logSoftmax(rows: i32, n: i32, x: usize, y: usize): void {
  const size = <usize>n << 2;
  for (let r = 0; r < rows; r++, x += size, y += size) {
    const max = rowMax(n, x);
    shifted(size, x, max, y);
    exponentials(n, y, y);
    store<f32>(sum, rowSum(n, y));
    logarithms(1, sum, sum);
    shifted(size, x, max, y);
    shifted(size, y, v128.load_splat<f32>(sum), y);
  }
}

/** dx = y·(g − Σ g·y), row by row. */
export function softmaxGrad(rows: i32, n: i32, g: usize, y: usize, dx: usize): void {
  const size = <usize>n << 2;
  for (let r = 0; r < rows; r++, g += size, y += size, dx += size) {
    for (let i: usize = 0; i < size; i += 16) v128.store(dx + i, f32x4.mul(v128.load(g + i), v128.load(y + i)));
    shifted(size, g, f32x4.splat(rowSum(n, dx)), dx);
    for (let i: usize = 0; i < size; i += 16) v128.store(dx + i, f32x4.mul(v128.load(y + i), v128.load(dx + i)));
  }
}

/** dx = g − exp(y)·Σ g, row by row. */
export function logSoftmaxGrad(rows: i32, n: i32, g: usize, y: usize, dx: usize): void {
  const size = <usize>n << 2;
  for (let r = 0; r < rows; r++, g += size, y += size, dx += size) {
    unary(EXP, n, y, dx);
    const total = f32x4.splat(rowSum(n, g));
    for (let i: usize = 0; i < size; i += 16) {
      v128.store(dx + i, f32x4.sub(v128.load(g + i), f32x4.mul(v128.load(dx + i), total)));
    }
  }
}

/** Row index[i] of the table += row i of g, for i = 0, 1, … */
export function scatterAddRows(count: i32, width: i32, g: usize, index: usize, table: usize): void {
  const whole = <usize>(width & ~3) << 2;
  const size = <usize>width << 2;
  for (let i = 0; i < count; i++, g += size, index += 4) {
    const row = table + <usize>load<i32>(index) * size;
    for (let j: usize = 0; j < whole; j += 16) {
      v128.store(row + j, f32x4.add(v128.load(row + j), v128.load(g + j)));
    }
    for (let j = whole; j < size; j += 4) store<f32>(row + j, load<f32>(row + j) + load<f32>(g + j));
  }
}
