/**
 * The matrix product: cuts C into tiles and chooses where the rows of op(B) are read from.
 *
 * - B as it stands is read in place, or copied eight columns at a time into a panel when its rows are so long that
 *   these columns lie in far-apart cache lines. k goes in pieces of `PIECE`, so that the rows in use stay in the
 *   first-level cache.
 * - The transpose of B goes into panels of eight columns for all rows of C. With few rows that is not worth it, and
 *   four rows of B are turned in registers instead.
 */
import { outer } from "./outer";
import { ADD, CONTINUE, START, tile1x4, tile1x16, tile4x4, tile4x8 } from "./gemm-tiles";

const PIECE = 128;

/** Rows of B longer than this are copied into panels, */
const LONG_ROW = 640;
/** when C has at least so many rows to make up for it; */
const MANY_ROWS = 16;
/** up to so many rows, the transpose of B is turned in registers. */
const FEW_ROWS = 3;

/** Room for one 4×4 tile whose columns are not all wanted. */
const spare: usize = memory.data(64, 16);

/**
 * C (M×N) = op(A)·op(B), or += when `accumulate`; leading dimensions in elements.
 * `room` is scratch for a panel, 32·K + 64 bytes, and with `accumulate` behind it for M·N elements.
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
  if (K == 1) {
    outer(M, N, a, transA ? 4 : lda << 2, b, transB ? ldb << 2 : 4, c, ldc << 2, accumulate);
    return;
  }
  const rowA: usize = transA ? 4 : lda << 2;
  const stepA: usize = transA ? lda << 2 : 4;
  const rowB = ldb << 2;
  const rowC = ldc << 2;
  const mode = accumulate ? ADD : START;
  if (transB) {
    if (M <= FEW_ROWS) {
      for (let i: usize = 0; i < <usize>M; i++) turnedRow(N, K, a + i * rowA, stepA, b, rowB, c + i * rowC, mode);
    } else {
      packed(M, N, K, a, rowA, stepA, b, rowB, c, rowC, mode, room);
    }
  } else if (K <= PIECE) {
    straight(M, N, K, a, rowA, stepA, b, rowB, c, rowC, mode, room);
  } else {
    const sums = room + (<usize>K << 5) + 64;
    const out = accumulate ? sums : c;
    const rowOut = accumulate ? <usize>N << 2 : rowC;
    for (let k = 0; k < K; k += PIECE, a += stepA * PIECE, b += rowB * PIECE) {
      straight(M, N, min(PIECE, K - k), a, rowA, stepA, b, rowB, out, rowOut, k ? CONTINUE : START, room);
    }
    if (accumulate) addRows(M, N, sums, c, rowC);
  }
}

/** C += the rows that stand at `from` without gaps. */
function addRows(M: i32, N: i32, from: usize, c: usize, rowC: usize): void {
  for (let i = 0; i < M; i++, c += rowC) {
    for (let j: usize = 0; j < <usize>N << 2; j += 4, from += 4) store<f32>(c + j, load<f32>(c + j) + load<f32>(from));
  }
}

/** All of C for a piece of k, with the rows of B in place or in panels. */
function straight(
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
  panel: usize,
): void {
  const tall = M & ~3;
  const panels = N > LONG_ROW && M >= MANY_ROWS;
  for (let j = 0; j < N; j += 8) {
    const at = <usize>j << 2;
    if (panels) {
      copyPanel(K, b + at, rowB, panel);
      stripe(tall, min(8, N - j), K, a, rowA, stepA, panel, 32, c + at, rowC, mode);
    } else {
      stripe(tall, min(8, N - j), K, a, rowA, stepA, b + at, rowB, c + at, rowC, mode);
    }
  }
  for (let i = <usize>tall; i < <usize>M; i++) {
    const row = a + i * rowA;
    const out = c + i * rowC;
    let j = 0;
    for (; j + 16 <= N; j += 16) tile1x16(K, row, stepA, b + (j << 2), rowB, out + (j << 2), mode);
    for (; j < N; j += 4) rowTile(min(4, N - j), K, row, stepA, b + (j << 2), rowB, out + (j << 2), mode);
  }
}

function copyPanel(K: i32, b: usize, rowB: usize, panel: usize): void {
  for (; K > 0; K--, b += rowB, panel += 32) {
    v128.store(panel, v128.load(b));
    v128.store(panel, v128.load(b, 16), 16);
  }
}

/** `width` ≤ 8 columns of C, all rows. */
function stripe(
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
  for (; M >= 4; M -= 4, a += rowA << 2, c += rowC << 2) {
    if (width == 8) {
      tile4x8(K, a, rowA, stepA, b, stepB, c, rowC, mode);
    } else {
      if (width >= 4) tile4x4(K, a, rowA, stepA, b, stepB, c, rowC, mode);
      const rest = width & 3;
      if (rest) {
        const done = (<usize>width & 4) << 2;
        partTile(rest, K, a, rowA, stepA, b + done, stepB, c + done, rowC, mode);
      }
    }
  }
  for (; M > 0; M--, a += rowA, c += rowC) {
    rowTile(min(4, width), K, a, stepA, b, stepB, c, mode);
    if (width > 4) rowTile(width - 4, K, a, stepA, b + 16, stepB, c + 16, mode);
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

/** One row and up to 4 columns. */
function rowTile(width: i32, K: i32, a: usize, stepA: usize, b: usize, stepB: usize, c: usize, mode: i32): void {
  if (width == 4) {
    tile1x4(K, a, stepA, b, stepB, c, mode);
  } else {
    copyRow(width, c, spare);
    tile1x4(K, a, stepA, b, stepB, spare, mode);
    copyRow(width, spare, c);
  }
}

@inline
function copyRow(width: i32, from: usize, to: usize): void {
  store<f32>(to, load<f32>(from));
  if (width > 1) store<f32>(to, load<f32>(from, 4), 4);
  if (width > 2) store<f32>(to, load<f32>(from, 8), 8);
}

/** All of C with the transpose of B packed eight columns at a time. */
function packed(
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
  panel: usize,
): void {
  for (let j = 0; j < N; j += 8, b += rowB << 3, c += 32) {
    const width = min(8, N - j);
    packTurned(K, b, min(4, width), rowB, panel);
    if (width > 4) packTurned(K, b + (rowB << 2), width - 4, rowB, panel + 16);
    stripe(M, width, K, a, rowA, stepA, panel, 32, c, rowC, mode);
  }
}

/** Writes up to four rows of B as columns, 32 bytes from one k to the next; lanes beyond `rows` repeat the last row. */
export function packTurned(K: i32, b: usize, rows: i32, rowB: usize, panel: usize): void {
  let b0 = b;
  let b1 = b0 + (rows > 1 ? rowB : 0);
  let b2 = b1 + (rows > 2 ? rowB : 0);
  let b3 = b2 + (rows > 3 ? rowB : 0);
  for (let k = K >> 2; k > 0; k--, panel += 128) {
    const x0 = v128.load(b0);
    const x1 = v128.load(b1);
    const x2 = v128.load(b2);
    const x3 = v128.load(b3);
    const p = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
    const q = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
    const r = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
    const s = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
    v128.store(panel, v128.shuffle<f32>(p, q, 0, 1, 4, 5));
    v128.store(panel, v128.shuffle<f32>(p, q, 2, 3, 6, 7), 32);
    v128.store(panel, v128.shuffle<f32>(r, s, 0, 1, 4, 5), 64);
    v128.store(panel, v128.shuffle<f32>(r, s, 2, 3, 6, 7), 96);
    b0 += 16;
    b1 += 16;
    b2 += 16;
    b3 += 16;
  }
  for (let k = K & 3; k > 0; k--, panel += 32, b0 += 4, b1 += 4, b2 += 4, b3 += 4) {
    v128.store(panel, gathered(b0, b1, b2, b3));
  }
}

/** Four numbers from four places. */
@inline
export function gathered(b0: usize, b1: usize, b2: usize, b3: usize): v128 {
  let x = v128.load_zero<f32>(b0);
  x = v128.load_lane<f32>(b1, x, 1);
  x = v128.load_lane<f32>(b2, x, 2);
  return v128.load_lane<f32>(b3, x, 3);
}

/** One row of C against the transpose of B. */
function turnedRow(N: i32, K: i32, a: usize, stepA: usize, b: usize, rowB: usize, c: usize, mode: i32): void {
  let j = 0;
  for (; j + 8 <= N; j += 8, b += rowB << 3, c += 32) turned1x8(K, a, stepA, b, rowB, c, mode);
  for (; j < N; j += 4, b += rowB << 2, c += 16) {
    const width = min(4, N - j);
    if (width == 4) {
      turned1x4(4, K, a, stepA, b, rowB, c, mode);
    } else {
      copyRow(width, c, spare);
      turned1x4(width, K, a, stepA, b, rowB, spare, mode);
      copyRow(width, spare, c);
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

function turned1x8(K: i32, a: usize, stepA: usize, b: usize, rowB: usize, c: usize, mode: i32): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  const b1 = b + rowB;
  const b2 = b1 + rowB;
  const b3 = b2 + rowB;
  const half = rowB << 2;
  let at: usize = 0;
  for (let k = K >> 2; k > 0; k--, at += 16, a += stepA << 2) {
    const y0 = v128.load_splat<f32>(a);
    const y1 = v128.load_splat<f32>(a + stepA);
    const y2 = v128.load_splat<f32>(a + (stepA << 1));
    const y3 = v128.load_splat<f32>(a + stepA * 3);
    s0 = turnedBlock(
      s0,
      y0,
      y1,
      y2,
      y3,
      v128.load(b + at),
      v128.load(b1 + at),
      v128.load(b2 + at),
      v128.load(b3 + at),
    );
    const low = at + half;
    s1 = turnedBlock(
      s1,
      y0,
      y1,
      y2,
      y3,
      v128.load(b + low),
      v128.load(b1 + low),
      v128.load(b2 + low),
      v128.load(b3 + low),
    );
  }
  for (let k = K & 3; k > 0; k--, at += 4, a += stepA) {
    const y = v128.load_splat<f32>(a);
    s0 = f32x4.add(s0, f32x4.mul(y, gathered(b + at, b1 + at, b2 + at, b3 + at)));
    const low = at + half;
    s1 = f32x4.add(s1, f32x4.mul(y, gathered(b + low, b1 + low, b2 + low, b3 + low)));
  }
  v128.store(c, mode == ADD ? f32x4.add(v128.load(c), s0) : s0);
  v128.store(c, mode == ADD ? f32x4.add(v128.load(c, 16), s1) : s1, 16);
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
