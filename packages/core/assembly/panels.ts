/**
 * Products with a matrix that is used again in every time step: it is packed once, into panels of eight columns, 32 bytes from one k
 * to the next. Widths are counted in vectors of four columns; with an odd number of them the last panel is half empty.
 *
 * Matrices that speak of gates consist of blocks, one a gate. Each block is padded to whole vectors, with zeros.
 */
import { packTurned } from "./gemm";
import { START, tile1x4, tile4x4, tile4x8 } from "./gemm-tiles";
import { leading } from "./rows";

/** W (blocks of `height` rows, K columns) as the columns of op(B) = Wᵀ. */
export function packRows(blocks: i32, height: i32, K: i32, w: usize, to: usize): void {
  const panel = <usize>K << 5;
  let vector: usize = 0;
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < height; i += 4, vector++) {
      const rows = min(4, height - i);
      const at = to + (vector >> 1) * panel + ((vector & 1) << 4);
      packTurned(K, w, rows, <usize>K << 2, at);
      if (rows < 4) {
        const mask = leading(rows);
        for (let k: usize = 0; k < panel; k += 32) v128.store(at + k, v128.and(v128.load(at + k), mask));
      }
      w += (<usize>K * rows) << 2;
    }
  }
}

/** W (blocks of `height` rows, N columns) as op(B) = W: k runs over its rows, those that fill up a block being zero. */
export function packColumns(blocks: i32, height: i32, N: i32, w: usize, to: usize): void {
  const zero = f32x4.splat(0);
  const whole = f32x4.eq(zero, zero);
  const row = <usize>N << 2;
  for (let j = 0; j < N; j += 8) {
    let from = w + (<usize>j << 2);
    const left = N - j >= 4 ? whole : leading(N - j);
    const right = N - j >= 8 ? whole : N - j > 4 ? leading(N - j - 4) : zero;
    for (let block = 0; block < blocks; block++) {
      for (let i = 0; i < height; i++, from += row, to += 32) {
        v128.store(to, v128.and(v128.load(from), left));
        v128.store(to, v128.and(v128.load(from, 16), right), 16);
      }
      for (let i = height; i & 3; i++, to += 32) {
        v128.store(to, zero);
        v128.store(to, zero, 16);
      }
    }
  }
}

/** C (M rows of `vectors`) = A·B, B packed, each element one chain over k. Rows of A are `rowA` bytes apart, its k lie side by side. */
export function product(M: i32, vectors: i32, K: i32, a: usize, rowA: usize, b: usize, c: usize, rowC: usize): void {
  const panel = <usize>K << 5;
  const tall = M & ~3;
  if (tall) {
    let at = b;
    let to = c;
    for (let v = vectors; v > 0; v -= 2, at += panel, to += 32) {
      let row = a;
      let out = to;
      for (let i = 0; i < tall; i += 4, row += rowA << 2, out += rowC << 2) {
        if (v > 1) tile4x8(K, row, rowA, 4, at, 32, out, rowC, START);
        else tile4x4(K, row, rowA, 4, at, 32, out, rowC, START);
      }
    }
    a += rowA * tall;
    c += rowC * tall;
  }
  for (let i = tall; i < M; i++, a += rowA, c += rowC) rowProduct(vectors, K, a, b, panel, c);
}

/** One row of C: eight vectors at a time, because a chain waits four cycles for each of its additions. */
export function rowProduct(vectors: i32, K: i32, a: usize, b: usize, panel: usize, c: usize): void {
  for (; vectors >= 8; vectors -= 8, b += panel << 2, c += 128) rowTile(K, a, b, panel, c);
  for (; vectors > 0; vectors -= 2, b += panel, c += 32) {
    tile1x4(K, a, 4, b, 32, c, START);
    if (vectors > 1) tile1x4(K, a, 4, b + 16, 32, c + 16, START);
  }
}

function rowTile(K: i32, a: usize, b: usize, panel: usize, c: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  let b1 = b + panel;
  let b2 = b1 + panel;
  let b3 = b2 + panel;
  for (let k = K; k > 0; k--) {
    const x = v128.load_splat<f32>(a);
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(b, 16)));
    s2 = f32x4.add(s2, f32x4.mul(x, v128.load(b1)));
    s3 = f32x4.add(s3, f32x4.mul(x, v128.load(b1, 16)));
    s4 = f32x4.add(s4, f32x4.mul(x, v128.load(b2)));
    s5 = f32x4.add(s5, f32x4.mul(x, v128.load(b2, 16)));
    s6 = f32x4.add(s6, f32x4.mul(x, v128.load(b3)));
    s7 = f32x4.add(s7, f32x4.mul(x, v128.load(b3, 16)));
    a += 4;
    b += 32;
    b1 += 32;
    b2 += 32;
    b3 += 32;
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
  v128.store(c, s2, 32);
  v128.store(c, s3, 48);
  v128.store(c, s4, 64);
  v128.store(c, s5, 80);
  v128.store(c, s6, 96);
  v128.store(c, s7, 112);
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
