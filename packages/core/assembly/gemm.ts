/**
 * The matrix product: cuts C into tiles and chooses where the rows of op(A) and op(B) are read from.
 *
 * k goes in pieces of `PIECE`. For a piece, B is read in place or, when there is enough to make up for it, copied into panels of sixteen
 * columns, so that what a tile reads lies side by side in the first-level cache; the transpose of B always is. Of the transpose of A,
 * sixteen columns at a time are copied likewise. With a single row the transpose of B is turned in registers instead.
 */
import { ADD, CONTINUE, START, tile1x16, tile1x4, tile1x8, tile2x16, tile4x4, tile4x8, turned2x16 } from "./gemm-tiles";
import { NARROW, narrow } from "./narrow";
import { outer } from "./outer";
import { copyPanel, gathered, turnPanel } from "./panels";

export const PIECE = 128;

/** B is copied when C has at least so many rows, */
const MANY_ROWS = 16;
/** the transpose of A when it has more columns. */
const MANY_COLUMNS = 16;

/** With fewer rows, bringing a small B into registers does not pay. */
const FEW_ROWS = 4;

/** Room for one 4×4 tile whose columns are not all wanted. */
const spare: usize = memory.data(64, 16);

/**
 * C (M×N) = op(A)·op(B), or += when `accumulate`; leading dimensions in elements. `room` is scratch: 64·min(K, 128)·(⌈N/16⌉ + 1) + 64
 * bytes (⌈M/16⌉ when N is 1), and with `accumulate` when K > 128 for M·N elements more.
 */
export function gemm(
  transA: bool,
  transB: bool,
  M: i32,
  N: i32,
  K: i32,
  a: usize,
  lda: usize,
  b: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  accumulate: bool,
  room: usize,
): void {
  if (N == 1 && ldc == 1 && M > 1) {
    // One column: as one row of the transposed product, lanes run over M.
    gemm(!transB, !transA, 1, M, K, b, ldb, a, lda, c, M, accumulate, room);
    return;
  }
  const rowA: usize = transA ? 4 : lda << 2;
  const stepA: usize = transA ? lda << 2 : 4;
  const rowB = ldb << 2;
  const rowC = ldc << 2;
  if (K == 1) {
    outer(M, N, a, rowA, b, transB ? rowB : 4, c, rowC, accumulate);
    return;
  }
  const mode = accumulate ? ADD : START;
  if (M == 1) {
    if (transB) turnedRow(N, K, a, stepA, b, rowB, c, mode);
    else singleRow(N, K, a, stepA, b, rowB, c, mode);
  } else if (N <= NARROW && K > 1 && K <= NARROW && !transA && M >= FEW_ROWS) {
    narrow(M, N, K, a, rowA, b, transB ? 4 : rowB, transB ? rowB : 4, c, rowC, accumulate);
  } else if (accumulate && K > PIECE) {
    const sums = room + roomFor(N) + 64;
    inPieces(transB, M, N, K, a, rowA, stepA, b, rowB, sums, <usize>N << 2, START, room);
    addRows(M, N, sums, c, rowC);
  } else {
    inPieces(transB, M, N, K, a, rowA, stepA, b, rowB, c, rowC, mode, room);
  }
}

/** What a piece of B takes in panels, with one panel of A. */
@inline
export function roomFor(N: i32): usize {
  return <usize>(PIECE * (((N + 15) >> 4) + 1)) << 6;
}

/** C += the rows that stand at `from` without gaps. */
function addRows(M: i32, N: i32, from: usize, c: usize, rowC: usize): void {
  for (let i = 0; i < M; i++, c += rowC) {
    for (let j: usize = 0; j < <usize>N << 2; j += 4, from += 4) store<f32>(c + j, load<f32>(c + j) + load<f32>(from));
  }
}

/** All of C. `mode` is that of the first piece of k, and ADD only when it is the only one. */
export function inPieces(
  transB: bool,
  M: i32,
  N: i32,
  K: i32,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  rowB: usize,
  c: usize,
  rowC: usize,
  mode: i32,
  room: usize,
): void {
  for (let left = K; ; left -= PIECE, mode = CONTINUE) {
    const n = min(PIECE, left);
    if (transB || (M >= MANY_ROWS && N > MANY_COLUMNS)) {
      const panel = <usize>n << 6;
      let to = room + panel;
      for (let j = 0; j < N; j += 16, to += panel) {
        if (transB) turnPanel(n, min(16, N - j), b + <usize>j * rowB, rowB, to);
        else copyPanel(n, min(16, N - j), b + (<usize>j << 2), rowB, to);
      }
      piece(M, N, n, a, rowA, stepA, room + panel, 64, panel, c, rowC, mode, room);
    } else {
      piece(M, N, n, a, rowA, stepA, b, rowB, 64, c, rowC, mode, room);
    }
    if (left <= PIECE) return;
    a += stepA * PIECE;
    b += transB ? <usize>PIECE << 2 : rowB * PIECE;
  }
}

/** A piece of k. `panel` is a panel's distance from the next, `room` has place for one of A. */
function piece(
  M: i32,
  N: i32,
  K: i32,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  stepB: usize,
  panel: usize,
  c: usize,
  rowC: usize,
  mode: i32,
  room: usize,
): void {
  const copies = rowA == 4 && stepA > 64 && M > 1 && N > MANY_COLUMNS;
  const block = N > 16 ? 16 : M;
  for (let i = 0; i < M; i += block, a += rowA << 4, c += rowC << 4) {
    const rows = min(block, M - i);
    if (copies) copyPanel(K, rows, a, stepA, room);
    let at = b;
    let to = c;
    for (let j = 0; j < N; j += 16, at += panel, to += 64) {
      stripe(rows, min(16, N - j), K, copies ? room : a, rowA, copies ? 64 : stepA, at, stepB, to, rowC, mode);
    }
  }
}

/** Up to sixteen columns of C, M rows. */
export function stripe(
  M: i32,
  width: i32,
  K: i32,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  stepB: usize,
  c: usize,
  rowC: usize,
  mode: i32,
): void {
  if (width == 16) {
    for (; M > 0; M -= 2, a += rowA << 1, c += rowC << 1) {
      // A last row by itself is worked out twice, in the same place.
      if (stepA == 4) tile2x16(K, a, M > 1 ? rowA : 0, b, stepB, c, M > 1 ? rowC : 0, mode);
      else turned2x16(K, a, stepA, b, stepB, c, M > 1 ? rowC : 0, mode);
    }
    return;
  }
  for (; M >= 4; M -= 4, a += rowA << 2, c += rowC << 2) {
    let at = b;
    let to = c;
    let left = width;
    if (left >= 8) {
      tile4x8(K, a, rowA, stepA, at, stepB, to, rowC, mode);
      at += 32;
      to += 32;
      left -= 8;
    }
    if (left >= 4) {
      tile4x4(K, a, rowA, stepA, at, stepB, to, rowC, mode);
      at += 16;
      to += 16;
      left -= 4;
    }
    if (left) partTile(left, K, a, rowA, stepA, at, stepB, to, rowC, mode);
  }
  for (; M > 0; M--, a += rowA, c += rowC) {
    let j = 0;
    for (; j + 8 <= width; j += 8) {
      const at = <usize>j << 2;
      tile1x8(K, a, stepA, b + at, stepB, c + at, mode);
    }
    for (; j < width; j += 4) {
      const at = <usize>j << 2;
      if (width - j >= 4) tile1x4(K, a, stepA, b + at, stepB, c + at, mode);
      else partRow(width - j, K, a, stepA, b + at, stepB, c + at, mode);
    }
  }
}

/** Four rows and 1 to 3 columns, worked out as four columns in `spare`. */
function partTile(
  width: i32,
  K: i32,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  stepB: usize,
  c: usize,
  rowC: usize,
  mode: i32,
): void {
  for (let i: usize = 0; i < 4; i++) copyRow(width, c + i * rowC, spare + (i << 4));
  tile4x4(K, a, rowA, stepA, b, stepB, spare, 16, mode);
  for (let i: usize = 0; i < 4; i++) copyRow(width, spare + (i << 4), c + i * rowC);
}

/** One row and 1 to 3 columns. */
function partRow(width: i32, K: i32, a: usize, stepA: usize, b: usize, stepB: usize, c: usize, mode: i32): void {
  copyRow(width, c, spare);
  tile1x4(K, a, stepA, b, stepB, spare, mode);
  copyRow(width, spare, c);
}

@inline
function copyRow(width: i32, from: usize, to: usize): void {
  store<f32>(to, load<f32>(from));
  if (width > 1) store<f32>(to, load<f32>(from, 4), 4);
  if (width > 2) store<f32>(to, load<f32>(from, 8), 8);
}

/** One row of C. */
function singleRow(N: i32, K: i32, a: usize, stepA: usize, b: usize, rowB: usize, c: usize, mode: i32): void {
  for (; N >= 16; N -= 16, b += 64, c += 64) tile1x16(K, a, stepA, b, rowB, c, mode);
  for (; N >= 4; N -= 4, b += 16, c += 16) tile1x4(K, a, stepA, b, rowB, c, mode);
  if (N) partRow(N, K, a, stepA, b, rowB, c, mode);
}

/** One row of C against the transpose of B. */
export function turnedRow(N: i32, K: i32, a: usize, stepA: usize, b: usize, rowB: usize, c: usize, mode: i32): void {
  for (; N >= 16; N -= 16, b += rowB << 4, c += 64) turned1x16(K, a, stepA, b, rowB, c, mode);
  for (; N >= 8; N -= 8, b += rowB << 3, c += 32) turned1x8(K, a, stepA, b, rowB, c, mode);
  for (; N > 0; N -= 4, b += rowB << 2, c += 16) {
    if (N >= 4) {
      turned1x4(4, K, a, stepA, b, rowB, c, mode);
    } else {
      copyRow(N, c, spare);
      turned1x4(N, K, a, stepA, b, rowB, spare, mode);
      copyRow(N, spare, c);
    }
  }
}

/** x[k], x[k+1], x[k+2], x[k+3] times the columns of a 4×4 block of B, added to the chains in this order. */
@inline
function turnedBlock(s: v128, y0: v128, y1: v128, y2: v128, y3: v128, x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const p = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
  const q = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
  const r = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
  const t = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
  s = f32x4.add(s, f32x4.mul(y0, v128.shuffle<f32>(p, q, 0, 1, 4, 5)));
  s = f32x4.add(s, f32x4.mul(y1, v128.shuffle<f32>(p, q, 2, 3, 6, 7)));
  s = f32x4.add(s, f32x4.mul(y2, v128.shuffle<f32>(r, t, 0, 1, 4, 5)));
  return f32x4.add(s, f32x4.mul(y3, v128.shuffle<f32>(r, t, 2, 3, 6, 7)));
}

/** As {@link turnedBlock}, of the block that begins at b, with x at a. */
@inline
function nextBlock(s: v128, a: usize, stepA: usize, b: usize, rowB: usize): v128 {
  return turnedBlock(
    s,
    v128.load_splat<f32>(a),
    v128.load_splat<f32>(a + stepA),
    v128.load_splat<f32>(a + (stepA << 1)),
    v128.load_splat<f32>(a + stepA * 3),
    v128.load(b),
    v128.load(b + rowB),
    v128.load(b + (rowB << 1)),
    v128.load(b + rowB * 3),
  );
}

/** Sixteen columns: four chains, so that three go on while one waits. */
function turned1x16(K: i32, a: usize, stepA: usize, b: usize, rowB: usize, c: usize, mode: i32): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const four = rowB << 2;
  for (let k = K >> 2; k > 0; k--, b += 16, a += stepA << 2) {
    s0 = nextBlock(s0, a, stepA, b, rowB);
    s1 = nextBlock(s1, a, stepA, b + four, rowB);
    s2 = nextBlock(s2, a, stepA, b + (four << 1), rowB);
    s3 = nextBlock(s3, a, stepA, b + four * 3, rowB);
  }
  for (let k = K & 3; k > 0; k--, b += 4, a += stepA) {
    const x = v128.load_splat<f32>(a);
    s0 = f32x4.add(s0, f32x4.mul(x, column4(b, rowB)));
    s1 = f32x4.add(s1, f32x4.mul(x, column4(b + four, rowB)));
    s2 = f32x4.add(s2, f32x4.mul(x, column4(b + (four << 1), rowB)));
    s3 = f32x4.add(s3, f32x4.mul(x, column4(b + four * 3, rowB)));
  }
  v128.store(c, mode == ADD ? f32x4.add(v128.load(c), s0) : s0);
  v128.store(c, mode == ADD ? f32x4.add(v128.load(c, 16), s1) : s1, 16);
  v128.store(c, mode == ADD ? f32x4.add(v128.load(c, 32), s2) : s2, 32);
  v128.store(c, mode == ADD ? f32x4.add(v128.load(c, 48), s3) : s3, 48);
}

/** Four numbers one below the other. */
@inline
function column4(b: usize, rowB: usize): v128 {
  return gathered(b, b + rowB, b + (rowB << 1), b + rowB * 3);
}

/** Eight columns: two chains, so that one goes on while the other waits. */
function turned1x8(K: i32, a: usize, stepA: usize, b: usize, rowB: usize, c: usize, mode: i32): void {
  let s = f32x4.splat(0);
  let t = s;
  const b1 = b + rowB;
  const b2 = b1 + rowB;
  const b3 = b2 + rowB;
  const b4 = b3 + rowB;
  const b5 = b4 + rowB;
  const b6 = b5 + rowB;
  const b7 = b6 + rowB;
  let at: usize = 0;
  for (let k = K >> 2; k > 0; k--, at += 16, a += stepA << 2) {
    const y0 = v128.load_splat<f32>(a);
    const y1 = v128.load_splat<f32>(a + stepA);
    const y2 = v128.load_splat<f32>(a + (stepA << 1));
    const y3 = v128.load_splat<f32>(a + stepA * 3);
    s = turnedBlock(s, y0, y1, y2, y3, v128.load(b + at), v128.load(b1 + at), v128.load(b2 + at), v128.load(b3 + at));
    t = turnedBlock(t, y0, y1, y2, y3, v128.load(b4 + at), v128.load(b5 + at), v128.load(b6 + at), v128.load(b7 + at));
  }
  for (let k = K & 3; k > 0; k--, at += 4, a += stepA) {
    const x = v128.load_splat<f32>(a);
    s = f32x4.add(s, f32x4.mul(x, gathered(b + at, b1 + at, b2 + at, b3 + at)));
    t = f32x4.add(t, f32x4.mul(x, gathered(b4 + at, b5 + at, b6 + at, b7 + at)));
  }
  v128.store(c, mode == ADD ? f32x4.add(v128.load(c), s) : s);
  v128.store(c, mode == ADD ? f32x4.add(v128.load(c, 16), t) : t, 16);
}

/** Four columns, of which `rows` exist in B; the others repeat the last. */
function turned1x4(rows: i32, K: i32, a: usize, stepA: usize, b: usize, rowB: usize, c: usize, mode: i32): void {
  let s = f32x4.splat(0);
  const b1 = b + (rows > 1 ? rowB : 0);
  const b2 = b1 + (rows > 2 ? rowB : 0);
  const b3 = b2 + (rows > 3 ? rowB : 0);
  let at: usize = 0;
  for (let k = K >> 2; k > 0; k--, at += 16, a += stepA << 2) {
    s = turnedBlock(
      s,
      v128.load_splat<f32>(a),
      v128.load_splat<f32>(a + stepA),
      v128.load_splat<f32>(a + (stepA << 1)),
      v128.load_splat<f32>(a + stepA * 3),
      v128.load(b + at),
      v128.load(b1 + at),
      v128.load(b2 + at),
      v128.load(b3 + at),
    );
  }
  for (let k = K & 3; k > 0; k--, at += 4, a += stepA) {
    s = f32x4.add(s, f32x4.mul(v128.load_splat<f32>(a), gathered(b + at, b1 + at, b2 + at, b3 + at)));
  }
  v128.store(c, mode == ADD ? f32x4.add(v128.load(c), s) : s);
}
