/** Products of matrices for four networks at once: each element a vector, each a single chain over k that starts from 0. */

/** Up to four columns of a row of C = A·B, or D + A·B if it `adds`; with `pair` of the row below it as well. */
@inline
function tile(
  pair: bool,
  columns: i32,
  K: i32,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  columnB: usize,
  stepB: usize,
  c: usize,
  rowC: usize,
  adds: bool,
  d: usize,
  rowD: usize,
): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let t0 = s0;
  let t1 = s0;
  let t2 = s0;
  let t3 = s0;
  for (; K > 0; K--, a += stepA, b += stepB) {
    const x = v128.load(a);
    const y = pair ? v128.load(a + rowA) : x;
    const w0 = v128.load(b);
    s0 = f32x4.add(s0, f32x4.mul(x, w0));
    if (pair) t0 = f32x4.add(t0, f32x4.mul(y, w0));
    if (columns < 2) continue;
    const w1 = v128.load(b + columnB);
    s1 = f32x4.add(s1, f32x4.mul(x, w1));
    if (pair) t1 = f32x4.add(t1, f32x4.mul(y, w1));
    if (columns < 3) continue;
    const w2 = v128.load(b + (columnB << 1));
    s2 = f32x4.add(s2, f32x4.mul(x, w2));
    if (pair) t2 = f32x4.add(t2, f32x4.mul(y, w2));
    if (columns < 4) continue;
    const w3 = v128.load(b + columnB * 3);
    s3 = f32x4.add(s3, f32x4.mul(x, w3));
    if (pair) t3 = f32x4.add(t3, f32x4.mul(y, w3));
  }
  const below = c + rowC;
  if (adds) {
    const e = d + rowD;
    s0 = f32x4.add(v128.load(d), s0);
    if (columns > 1) s1 = f32x4.add(v128.load(d, 16), s1);
    if (columns > 2) s2 = f32x4.add(v128.load(d, 32), s2);
    if (columns > 3) s3 = f32x4.add(v128.load(d, 48), s3);
    if (pair) t0 = f32x4.add(v128.load(e), t0);
    if (pair && columns > 1) t1 = f32x4.add(v128.load(e, 16), t1);
    if (pair && columns > 2) t2 = f32x4.add(v128.load(e, 32), t2);
    if (pair && columns > 3) t3 = f32x4.add(v128.load(e, 48), t3);
  }
  v128.store(c, s0);
  if (columns > 1) v128.store(c, s1, 16);
  if (columns > 2) v128.store(c, s2, 32);
  if (columns > 3) v128.store(c, s3, 48);
  if (pair) v128.store(below, t0);
  if (pair && columns > 1) v128.store(below, t1, 16);
  if (pair && columns > 2) v128.store(below, t2, 32);
  if (pair && columns > 3) v128.store(below, t3, 48);
}

/** A row of C, with `pair` two of them. */
@inline
function row(
  pair: bool,
  N: i32,
  K: i32,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  columnB: usize,
  stepB: usize,
  c: usize,
  rowC: usize,
  adds: bool,
  d: usize,
  rowD: usize,
): void {
  for (; N >= 4; N -= 4, b += columnB << 2, c += 64, d += 64)
    tile(pair, 4, K, a, rowA, stepA, b, columnB, stepB, c, rowC, adds, d, rowD);
  if (N == 3) tile(pair, 3, K, a, rowA, stepA, b, columnB, stepB, c, rowC, adds, d, rowD);
  else if (N == 2) tile(pair, 2, K, a, rowA, stepA, b, columnB, stepB, c, rowC, adds, d, rowD);
  else if (N == 1) tile(pair, 1, K, a, rowA, stepA, b, columnB, stepB, c, rowC, adds, d, rowD);
}

/** C (M×N) = or += op(A)·op(B); strides in vectors. */
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
  adds: bool,
): void {
  gemmOnto(transA, transB, M, N, K, a, lda, b, ldb, c, ldc, adds, c, ldc);
}

/**
 * C (M×N) = op(A)·op(B), or D + op(A)·op(B) if it `adds`; with a stride of 0, D is one row for all. Two rows go together, so that chains do not
 * wait for themselves.
 */
export function gemmOnto(
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
  adds: bool,
  d: usize,
  ldd: usize,
): void {
  const rowA = (transA ? <usize>1 : lda) << 4;
  const stepA = (transA ? lda : <usize>1) << 4;
  const columnB = (transB ? ldb : <usize>1) << 4;
  const stepB = (transB ? <usize>1 : ldb) << 4;
  const rowC = ldc << 4;
  const rowD = ldd << 4;
  for (; M > 1; M -= 2, a += rowA << 1, c += rowC << 1, d += rowD << 1)
    row(true, N, K, a, rowA, stepA, b, columnB, stepB, c, rowC, adds, d, rowD);
  if (M) row(false, N, K, a, rowA, stepA, b, columnB, stepB, c, rowC, adds, d, rowD);
}

/** y = W·x + b for W (O×I). */
export function affine(O: i32, I: i32, x: usize, w: usize, b: usize, y: usize): void {
  gemmOnto(false, true, 1, O, I, x, I, w, I, y, O, true, b, 0);
}

/** y = (x·W_ihᵀ + (b_ih + b_hh)) + h·W_hhᵀ, as `../cell.ts`. */
export function cellSum(
  G: i32,
  I: i32,
  H: i32,
  x: usize,
  wIh: usize,
  wHh: usize,
  h: usize,
  bIh: usize,
  bHh: usize,
  y: usize,
): void {
  gemm(false, true, 1, G, I, x, I, wIh, I, y, G, false);
  if (bIh) {
    for (let g: usize = 0; g < <usize>G << 4; g += 16)
      v128.store(y + g, f32x4.add(v128.load(y + g), f32x4.add(v128.load(bIh + g), v128.load(bHh + g))));
  }
  gemm(false, true, 1, G, H, h, H, wHh, H, y, G, true);
}

/** C (O×I) += Σ gᵀ·x, as `../sum-outer.ts`; an array at address p stands at `base` + 4·p. */
export function sumOuter(plain: bool, O: i32, I: i32, count: i32, list: usize, c: usize, base: usize): void {
  const zero = f32x4.splat(plain ? -0.0 : 0);
  const end = list + (<usize>count << 5);
  for (let o: usize = 0; o < <usize>O << 4; o += 16) {
    for (let i: usize = 0; i < <usize>I << 4; i += 16, c += 16) {
      let s = f32x4.add(v128.load(c), zero);
      for (let p = list; p < end; p += 32) {
        const g = base + o + (<usize>load<u32>(p) << 2);
        const x = base + i + (<usize>load<u32>(p, 16) << 2);
        s = f32x4.add(f32x4.mul(v128.load(g), v128.load(x)), s);
      }
      v128.store(c, s);
    }
  }
}
