/**
 * Matrices copied into panels of sixteen columns, 64 bytes from one k to the next, and products with a matrix that was packed once for
 * many time steps. The last panel of a matrix may be partly empty.
 */
import { stripe, turnedRow } from "./gemm";
import { ADD, START, tile1x16, tile1x32 } from "./gemm-tiles";
import { leading } from "./rows";

/** K rows of up to sixteen columns, `step` bytes from one to the next. */
export function copyPanel(K: i32, columns: i32, from: usize, step: usize, to: usize): void {
  if (columns > 12) {
    for (; K > 0; K--, from += step, to += 64) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
      v128.store(to, v128.load(from, 48), 48);
    }
  } else {
    const size = <usize>columns << 2;
    for (; K > 0; K--, from += step, to += 64) {
      for (let j: usize = 0; j < size; j += 16) v128.store(to + j, v128.load(from + j));
    }
  }
}

/** Up to sixteen rows as columns. */
export function turnPanel(K: i32, rows: i32, from: usize, step: usize, to: usize): void {
  for (; rows > 0; rows -= 4, from += step << 2, to += 16) turnRows(K, min(4, rows), from, step, to, 64);
}

/** The transpose of `rows` rows of K elements; rows are a multiple of 4. */
export function turn(K: i32, rows: i32, from: usize, to: usize): void {
  const step = <usize>K << 2;
  for (let i = 0; i < rows; i += 4, from += step << 2, to += 16) turnRows(K, 4, from, step, to, <usize>rows << 2);
}

/** Up to four rows as columns, `stepTo` from one k to the next; lanes beyond them repeat the last row. */
function turnRows(K: i32, rows: i32, from: usize, step: usize, to: usize, stepTo: usize): void {
  let b0 = from;
  let b1 = b0 + (rows > 1 ? step : 0);
  let b2 = b1 + (rows > 2 ? step : 0);
  let b3 = b2 + (rows > 3 ? step : 0);
  for (let k = K >> 2; k > 0; k--) {
    turnBlock(v128.load(b0), v128.load(b1), v128.load(b2), v128.load(b3), to, stepTo, stepTo << 1, stepTo * 3);
    to += stepTo << 2;
    b0 += 16;
    b1 += 16;
    b2 += 16;
    b3 += 16;
  }
  for (let k = K & 3; k > 0; k--, to += stepTo, b0 += 4, b1 += 4, b2 += 4, b3 += 4) {
    v128.store(to, gathered(b0, b1, b2, b3));
  }
}

/** Stores the transpose of four rows of four: its first row at `to`, the others o1, o2 and o3 bytes further on, the first one last. */
@inline
export function turnBlock(a: v128, b: v128, c: v128, d: v128, to: usize, o1: usize, o2: usize, o3: usize): void {
  const p = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const q = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const r = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const t = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to + o3, v128.shuffle<f32>(r, t, 2, 3, 6, 7));
  v128.store(to + o2, v128.shuffle<f32>(r, t, 0, 1, 4, 5));
  v128.store(to + o1, v128.shuffle<f32>(p, q, 2, 3, 6, 7));
  v128.store(to, v128.shuffle<f32>(p, q, 0, 1, 4, 5));
}

/** Four numbers from four places. */
@inline
export function gathered(b0: usize, b1: usize, b2: usize, b3: usize): v128 {
  let x = v128.load_zero<f32>(b0);
  x = v128.load_lane<f32>(b1, x, 1);
  x = v128.load_lane<f32>(b2, x, 2);
  return v128.load_lane<f32>(b3, x, 3);
}

/** What panels of so many vectors and K rows take. */
@inline
export function panelBytes(vectors: i32, K: i32): usize {
  return <usize>(((vectors + 3) >> 2) * K) << 6;
}

/** W (blocks of `height` rows, K columns) as the columns of op(B) = Wᵀ, each block padded with zeros to whole vectors. */
export function packRows(blocks: i32, height: i32, K: i32, w: usize, to: usize): void {
  const panel = <usize>K << 6;
  let vector: usize = 0;
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < height; i += 4, vector++) {
      const rows = min(4, height - i);
      const at = to + (vector >> 2) * panel + ((vector & 3) << 4);
      turnRows(K, rows, w, <usize>K << 2, at, 64);
      if (rows < 4) {
        const mask = leading(rows);
        for (let k: usize = 0; k < panel; k += 64) v128.store(at + k, v128.and(v128.load(at + k), mask));
      }
      w += (<usize>K * rows) << 2;
    }
  }
}

/** W (K rows, N columns) as op(B) = W. */
export function packColumns(K: i32, N: i32, w: usize, to: usize): void {
  for (let j = 0; j < N; j += 16, w += 64, to += <usize>K << 6) copyPanel(K, min(16, N - j), w, <usize>N << 2, to);
}

/** C (M×N) = A·B or +=, B packed. Rows of A are `rowA` bytes apart, its k lie side by side. */
export function product(
  M: i32,
  N: i32,
  K: i32,
  a: usize,
  rowA: usize,
  b: usize,
  c: usize,
  rowC: usize,
  mode: i32,
): void {
  const panel = <usize>K << 6;
  if (M == 1) {
    for (; N >= 32; N -= 32, b += panel << 1, c += 128) tile1x32(K, a, b, b + panel, c, mode);
  }
  for (; N > 0; N -= 16, b += panel, c += 64) stripe(M, min(N, 16), K, a, rowA, 4, b, 64, c, rowC, mode);
}

/** Columns of a panel that are not all wanted. */
const spare: usize = memory.data(128, 16);

/** One row: y (N) = x·B or +=, B packed. */
export function packedRow(N: i32, K: i32, x: usize, b: usize, y: usize, adds: bool): void {
  const panel = <usize>K << 6;
  for (; N >= 32; N -= 32, b += panel << 1, y += 128) tile1x32(K, x, b, b + panel, y, adds ? ADD : START);
  if (N == 0) return;
  if (N > 16) tile1x32(K, x, b, b + panel, spare, START);
  else tile1x16(K, x, 4, b, 64, spare, START);
  for (let j: usize = 0; j < <usize>N << 2; j += 4) store<f32>(y + j, adds ? load<f32>(y + j) + load<f32>(spare + j) : load<f32>(spare + j));
}

/**
 * As {@link product}, with B = Wᵀ and W (blocks of `height` rows, K columns) as it stands. A block's columns of C begin `apart` bytes behind
 * those of the one before.
 */
export function unpackedProduct(
  M: i32,
  blocks: i32,
  height: i32,
  apart: usize,
  K: i32,
  a: usize,
  rowA: usize,
  w: usize,
  c: usize,
  rowC: usize,
  mode: i32,
): void {
  const row = <usize>K << 2;
  for (; M > 0; M--, a += rowA, c += rowC) {
    let from = w;
    let to = c;
    for (let block = 0; block < blocks; block++, from += row * height, to += apart) {
      turnedRow(height, K, a, 4, from, row, to, mode);
    }
  }
}

/** The number at x times b, added to a chain. */
@inline
export function link(s: v128, x: usize, b: v128): v128 {
  return f32x4.add(f32x4.mul(v128.load_splat<f32>(x), b), s);
}

/**
 * One row of C (N columns, whole vectors) = Σ over three or four gates g, in order, of A_g·B_g, each one chain over K: all chains go on
 * side by side. A_g begins `slot` bytes behind that of the gate before, A_2 at `third`; B_g are packed, `apart` from each other.
 */
export function gatesProduct(
  four: bool,
  N: i32,
  K: i32,
  a: usize,
  slot: usize,
  third: usize,
  b: usize,
  apart: usize,
  c: usize,
): void {
  const a1 = a + slot;
  const a3 = a + slot * 3;
  const size = <usize>K << 2;
  for (let j = 0; j < N; j += 8, c += 32, b += j & 8 ? 32 : (<usize>K << 6) - 32) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let t0 = s0;
    let t1 = s0;
    let t2 = s0;
    let t3 = s0;
    let p = b;
    const two = N - j > 4;
    for (let k: usize = 0; k < size; k += 4, p += 64) {
      const p1 = p + apart;
      const p2 = p1 + apart;
      const p3 = p2 + apart;
      s0 = link(s0, a + k, v128.load(p));
      s1 = link(s1, a1 + k, v128.load(p1));
      s2 = link(s2, third + k, v128.load(p2));
      if (four) s3 = link(s3, a3 + k, v128.load(p3));
      if (!two) continue;
      t0 = link(t0, a + k, v128.load(p, 16));
      t1 = link(t1, a1 + k, v128.load(p1, 16));
      t2 = link(t2, third + k, v128.load(p2, 16));
      if (four) t3 = link(t3, a3 + k, v128.load(p3, 16));
    }
    s0 = f32x4.add(f32x4.add(s0, s1), s2);
    v128.store(c, four ? f32x4.add(s0, s3) : s0);
    if (!two) return;
    t0 = f32x4.add(f32x4.add(t0, t1), t2);
    v128.store(c, four ? f32x4.add(t0, t3) : t0, 16);
  }
}

/** Rows of `width` elements moved between steps of `stepFrom` and `stepTo` bytes; where rows get longer the rest is zero. */
export function copyRows(rows: i32, width: i32, from: usize, stepFrom: usize, to: usize, stepTo: usize): void {
  const whole = <usize>(width & ~3) << 2;
  const mask = leading(width);
  for (let i = 0; i < rows; i++, from += stepFrom, to += stepTo) {
    for (let j: usize = 0; j < whole; j += 16) v128.store(to + j, v128.load(from + j));
    if (width & 3) v128.store(to + whole, v128.and(v128.load(from + whole), mask));
  }
}
