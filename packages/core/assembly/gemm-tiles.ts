/**
 * The innermost loops of the matrix product: tiles of C held in registers while k runs. Every element is one chain over
 * k, so the lanes of a vector are neighbouring columns, never neighbouring k.
 *
 * Pointers and steps are in bytes. Element (i, k) of op(A) stands at `a + i·rowA + k·stepA`; a row of op(B) is
 * contiguous and the next one is `stepB` further on, in B itself or in a packed panel.
 *
 * Eight sums are as many as V8 keeps in the 15 registers it has to give, with four vectors of B, one of A and the products.
 */

/** Where a tile's chains begin and end. */
export const START = 0; // from zero; C is overwritten
export const CONTINUE = 1; // from C: the next piece of k
export const ADD = 2; // from zero; then added to C

/**
 * Two rows of A as it stands (`strideA` = rowA) or, `turned`, of its transpose (stepA). Two k in one round, with a way out between
 * them: it keeps V8 from loading everything for both first, for which there are too few registers.
 */
@inline
function twoRows(
  turned: bool,
  K: i32,
  a: usize,
  strideA: usize,
  b: usize,
  stepB: usize,
  c: usize,
  rowC: usize,
  mode: i32,
): void {
  let a1 = a + strideA;
  const c1 = c + rowC;
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let t0 = s0;
  let t1 = s0;
  let t2 = s0;
  let t3 = s0;
  if (mode == CONTINUE) {
    s0 = v128.load(c);
    s1 = v128.load(c, 16);
    s2 = v128.load(c, 32);
    s3 = v128.load(c, 48);
    t0 = v128.load(c1);
    t1 = v128.load(c1, 16);
    t2 = v128.load(c1, 32);
    t3 = v128.load(c1, 48);
  }
  for (let k = K; k > 0; k -= 2) {
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
    let b2 = v128.load(b, 32);
    let b3 = v128.load(b, 48);
    let x = v128.load_splat<f32>(a);
    s0 = f32x4.add(f32x4.mul(x, b0), s0);
    s1 = f32x4.add(f32x4.mul(x, b1), s1);
    s2 = f32x4.add(f32x4.mul(x, b2), s2);
    s3 = f32x4.add(f32x4.mul(x, b3), s3);
    x = turned ? v128.load_splat<f32>(a, 4) : v128.load_splat<f32>(a1);
    t0 = f32x4.add(f32x4.mul(x, b0), t0);
    t1 = f32x4.add(f32x4.mul(x, b1), t1);
    t2 = f32x4.add(f32x4.mul(x, b2), t2);
    t3 = f32x4.add(f32x4.mul(x, b3), t3);
    b += stepB;
    if (turned) a += strideA;
    if (k == 1) break;
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    b2 = v128.load(b, 32);
    b3 = v128.load(b, 48);
    x = turned ? v128.load_splat<f32>(a) : v128.load_splat<f32>(a, 4);
    s0 = f32x4.add(f32x4.mul(x, b0), s0);
    s1 = f32x4.add(f32x4.mul(x, b1), s1);
    s2 = f32x4.add(f32x4.mul(x, b2), s2);
    s3 = f32x4.add(f32x4.mul(x, b3), s3);
    x = turned ? v128.load_splat<f32>(a, 4) : v128.load_splat<f32>(a1, 4);
    t0 = f32x4.add(f32x4.mul(x, b0), t0);
    t1 = f32x4.add(f32x4.mul(x, b1), t1);
    t2 = f32x4.add(f32x4.mul(x, b2), t2);
    t3 = f32x4.add(f32x4.mul(x, b3), t3);
    b += stepB;
    a += turned ? strideA : 8;
    a1 += 8;
  }
  if (mode == ADD) {
    s0 = f32x4.add(v128.load(c), s0);
    s1 = f32x4.add(v128.load(c, 16), s1);
    s2 = f32x4.add(v128.load(c, 32), s2);
    s3 = f32x4.add(v128.load(c, 48), s3);
    t0 = f32x4.add(v128.load(c1), t0);
    t1 = f32x4.add(v128.load(c1, 16), t1);
    t2 = f32x4.add(v128.load(c1, 32), t2);
    t3 = f32x4.add(v128.load(c1, 48), t3);
  }
  // With rowC = 0 there is one row only: the first.
  v128.store(c1, t0);
  v128.store(c1, t1, 16);
  v128.store(c1, t2, 32);
  v128.store(c1, t3, 48);
  v128.store(c, s0);
  v128.store(c, s1, 16);
  v128.store(c, s2, 32);
  v128.store(c, s3, 48);
}

export function tile2x16(K: i32, a: usize, rowA: usize, b: usize, stepB: usize, c: usize, rowC: usize, mode: i32): void {
  twoRows(false, K, a, rowA, b, stepB, c, rowC, mode);
}

/** The rows of op(A) stand side by side. */
export function turned2x16(K: i32, a: usize, stepA: usize, b: usize, stepB: usize, c: usize, rowC: usize, mode: i32): void {
  twoRows(true, K, a, stepA, b, stepB, c, rowC, mode);
}

export function tile4x8(
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
  let a0 = a;
  let a1 = a + rowA;
  let a2 = a1 + rowA;
  let a3 = a2 + rowA;
  const c0 = c;
  const c1 = c + rowC;
  const c2 = c1 + rowC;
  const c3 = c2 + rowC;
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  if (mode == CONTINUE) {
    s00 = v128.load(c0);
    s01 = v128.load(c0, 16);
    s10 = v128.load(c1);
    s11 = v128.load(c1, 16);
    s20 = v128.load(c2);
    s21 = v128.load(c2, 16);
    s30 = v128.load(c3);
    s31 = v128.load(c3, 16);
  }
  for (let k = K; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a0);
    s00 = f32x4.add(f32x4.mul(x, b0), s00);
    s01 = f32x4.add(f32x4.mul(x, b1), s01);
    x = v128.load_splat<f32>(a1);
    s10 = f32x4.add(f32x4.mul(x, b0), s10);
    s11 = f32x4.add(f32x4.mul(x, b1), s11);
    x = v128.load_splat<f32>(a2);
    s20 = f32x4.add(f32x4.mul(x, b0), s20);
    s21 = f32x4.add(f32x4.mul(x, b1), s21);
    x = v128.load_splat<f32>(a3);
    s30 = f32x4.add(f32x4.mul(x, b0), s30);
    s31 = f32x4.add(f32x4.mul(x, b1), s31);
    a0 += stepA;
    a1 += stepA;
    a2 += stepA;
    a3 += stepA;
    b += stepB;
  }
  if (mode == ADD) {
    s00 = f32x4.add(v128.load(c0), s00);
    s01 = f32x4.add(v128.load(c0, 16), s01);
    s10 = f32x4.add(v128.load(c1), s10);
    s11 = f32x4.add(v128.load(c1, 16), s11);
    s20 = f32x4.add(v128.load(c2), s20);
    s21 = f32x4.add(v128.load(c2, 16), s21);
    s30 = f32x4.add(v128.load(c3), s30);
    s31 = f32x4.add(v128.load(c3, 16), s31);
  }
  v128.store(c0, s00);
  v128.store(c0, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

export function tile4x4(
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
  let a0 = a;
  let a1 = a + rowA;
  let a2 = a1 + rowA;
  let a3 = a2 + rowA;
  const c1 = c + rowC;
  const c2 = c1 + rowC;
  const c3 = c2 + rowC;
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  if (mode == CONTINUE) {
    s0 = v128.load(c);
    s1 = v128.load(c1);
    s2 = v128.load(c2);
    s3 = v128.load(c3);
  }
  for (let k = K; k > 0; k--) {
    const b0 = v128.load(b);
    s0 = f32x4.add(f32x4.mul(v128.load_splat<f32>(a0), b0), s0);
    s1 = f32x4.add(f32x4.mul(v128.load_splat<f32>(a1), b0), s1);
    s2 = f32x4.add(f32x4.mul(v128.load_splat<f32>(a2), b0), s2);
    s3 = f32x4.add(f32x4.mul(v128.load_splat<f32>(a3), b0), s3);
    a0 += stepA;
    a1 += stepA;
    a2 += stepA;
    a3 += stepA;
    b += stepB;
  }
  if (mode == ADD) {
    s0 = f32x4.add(v128.load(c), s0);
    s1 = f32x4.add(v128.load(c1), s1);
    s2 = f32x4.add(v128.load(c2), s2);
    s3 = f32x4.add(v128.load(c3), s3);
  }
  v128.store(c, s0);
  v128.store(c1, s1);
  v128.store(c2, s2);
  v128.store(c3, s3);
}

/** A chain waits three or four cycles for each of its additions, so one row wants eight of them: two panels of B side by side. Two k in one round. */
export function tile1x32(K: i32, a: usize, b: usize, b1: usize, c: usize, mode: i32): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  if (mode == CONTINUE) {
    s0 = v128.load(c);
    s1 = v128.load(c, 16);
    s2 = v128.load(c, 32);
    s3 = v128.load(c, 48);
    s4 = v128.load(c, 64);
    s5 = v128.load(c, 80);
    s6 = v128.load(c, 96);
    s7 = v128.load(c, 112);
  }
  for (let k = K >> 1; k > 0; k--) {
    const x0 = v128.load_splat<f32>(a);
    s0 = f32x4.add(f32x4.mul(x0, v128.load(b)), s0);
    s1 = f32x4.add(f32x4.mul(x0, v128.load(b, 16)), s1);
    s2 = f32x4.add(f32x4.mul(x0, v128.load(b, 32)), s2);
    s3 = f32x4.add(f32x4.mul(x0, v128.load(b, 48)), s3);
    s4 = f32x4.add(f32x4.mul(x0, v128.load(b1)), s4);
    s5 = f32x4.add(f32x4.mul(x0, v128.load(b1, 16)), s5);
    s6 = f32x4.add(f32x4.mul(x0, v128.load(b1, 32)), s6);
    s7 = f32x4.add(f32x4.mul(x0, v128.load(b1, 48)), s7);
    const x1 = v128.load_splat<f32>(a, 4);
    s0 = f32x4.add(f32x4.mul(x1, v128.load(b, 64)), s0);
    s1 = f32x4.add(f32x4.mul(x1, v128.load(b, 80)), s1);
    s2 = f32x4.add(f32x4.mul(x1, v128.load(b, 96)), s2);
    s3 = f32x4.add(f32x4.mul(x1, v128.load(b, 112)), s3);
    s4 = f32x4.add(f32x4.mul(x1, v128.load(b1, 64)), s4);
    s5 = f32x4.add(f32x4.mul(x1, v128.load(b1, 80)), s5);
    s6 = f32x4.add(f32x4.mul(x1, v128.load(b1, 96)), s6);
    s7 = f32x4.add(f32x4.mul(x1, v128.load(b1, 112)), s7);
    a += 8;
    b += 128;
    b1 += 128;
  }
  if (K & 1) {
    const x = v128.load_splat<f32>(a);
    s0 = f32x4.add(f32x4.mul(x, v128.load(b)), s0);
    s1 = f32x4.add(f32x4.mul(x, v128.load(b, 16)), s1);
    s2 = f32x4.add(f32x4.mul(x, v128.load(b, 32)), s2);
    s3 = f32x4.add(f32x4.mul(x, v128.load(b, 48)), s3);
    s4 = f32x4.add(f32x4.mul(x, v128.load(b1)), s4);
    s5 = f32x4.add(f32x4.mul(x, v128.load(b1, 16)), s5);
    s6 = f32x4.add(f32x4.mul(x, v128.load(b1, 32)), s6);
    s7 = f32x4.add(f32x4.mul(x, v128.load(b1, 48)), s7);
  }
  if (mode == ADD) {
    s0 = f32x4.add(v128.load(c), s0);
    s1 = f32x4.add(v128.load(c, 16), s1);
    s2 = f32x4.add(v128.load(c, 32), s2);
    s3 = f32x4.add(v128.load(c, 48), s3);
    s4 = f32x4.add(v128.load(c, 64), s4);
    s5 = f32x4.add(v128.load(c, 80), s5);
    s6 = f32x4.add(v128.load(c, 96), s6);
    s7 = f32x4.add(v128.load(c, 112), s7);
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

/** A row by itself. */
export function tile1x16(K: i32, a: usize, stepA: usize, b: usize, stepB: usize, c: usize, mode: i32): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let k = K; k > 0; k--) {
    const x = v128.load_splat<f32>(a);
    s0 = f32x4.add(f32x4.mul(x, v128.load(b)), s0);
    s1 = f32x4.add(f32x4.mul(x, v128.load(b, 16)), s1);
    s2 = f32x4.add(f32x4.mul(x, v128.load(b, 32)), s2);
    s3 = f32x4.add(f32x4.mul(x, v128.load(b, 48)), s3);
    a += stepA;
    b += stepB;
  }
  if (mode == ADD) {
    s0 = f32x4.add(v128.load(c), s0);
    s1 = f32x4.add(v128.load(c, 16), s1);
    s2 = f32x4.add(v128.load(c, 32), s2);
    s3 = f32x4.add(v128.load(c, 48), s3);
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
  v128.store(c, s2, 32);
  v128.store(c, s3, 48);
}

export function tile1x4(K: i32, a: usize, stepA: usize, b: usize, stepB: usize, c: usize, mode: i32): void {
  let s = f32x4.splat(0);
  if (mode == CONTINUE) {
    s = v128.load(c);
  }
  for (let k = K; k > 0; k--) {
    s = f32x4.add(s, f32x4.mul(v128.load_splat<f32>(a), v128.load(b)));
    a += stepA;
    b += stepB;
  }
  if (mode == ADD) {
    s = f32x4.add(v128.load(c), s);
  }
  v128.store(c, s);
}

/** Two chains side by side, so that one goes on while the other waits. */
export function tile1x8(K: i32, a: usize, stepA: usize, b: usize, stepB: usize, c: usize, mode: i32): void {
  let s = f32x4.splat(0);
  let t = s;
  if (mode == CONTINUE) {
    s = v128.load(c);
    t = v128.load(c, 16);
  }
  for (let k = K; k > 0; k--) {
    const x = v128.load_splat<f32>(a);
    s = f32x4.add(f32x4.mul(x, v128.load(b)), s);
    t = f32x4.add(f32x4.mul(x, v128.load(b, 16)), t);
    a += stepA;
    b += stepB;
  }
  if (mode == ADD) {
    s = f32x4.add(v128.load(c), s);
    t = f32x4.add(v128.load(c, 16), t);
  }
  v128.store(c, s);
  v128.store(c, t, 16);
}
