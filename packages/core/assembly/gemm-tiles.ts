/**
 * The innermost loops of the matrix product: tiles of C held in registers while k runs. Every element is one chain over
 * k, so the lanes of a vector are neighbouring columns, never neighbouring k.
 *
 * Pointers and steps are in bytes. Element (i, k) of op(A) stands at `a + i·rowA + k·stepA`; a row of op(B) is
 * contiguous and the next one is `stepB` further on, in B itself or in a packed panel.
 *
 * 4×8 is the largest tile that V8 keeps in the 15 registers it has to give (8 sums, 2 of B, 1 of A and the products).
 */

/** Where a tile's chains begin and end. */
export const START = 0; // from zero; C is overwritten
export const CONTINUE = 1; // from C: the next piece of k
export const ADD = 2; // from zero; then added to C

@inline
function opening(mode: i32, c: usize): v128 {
  return mode == CONTINUE ? v128.load(c) : f32x4.splat(0);
}

@inline
function close(mode: i32, c: usize, sum: v128): void {
  v128.store(c, mode == ADD ? f32x4.add(v128.load(c), sum) : sum);
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
  let s00 = opening(mode, c0);
  let s01 = opening(mode, c0 + 16);
  let s10 = opening(mode, c1);
  let s11 = opening(mode, c1 + 16);
  let s20 = opening(mode, c2);
  let s21 = opening(mode, c2 + 16);
  let s30 = opening(mode, c3);
  let s31 = opening(mode, c3 + 16);
  for (let k = K; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a0);
    s00 = f32x4.add(s00, f32x4.mul(x, b0));
    s01 = f32x4.add(s01, f32x4.mul(x, b1));
    x = v128.load_splat<f32>(a1);
    s10 = f32x4.add(s10, f32x4.mul(x, b0));
    s11 = f32x4.add(s11, f32x4.mul(x, b1));
    x = v128.load_splat<f32>(a2);
    s20 = f32x4.add(s20, f32x4.mul(x, b0));
    s21 = f32x4.add(s21, f32x4.mul(x, b1));
    x = v128.load_splat<f32>(a3);
    s30 = f32x4.add(s30, f32x4.mul(x, b0));
    s31 = f32x4.add(s31, f32x4.mul(x, b1));
    a0 += stepA;
    a1 += stepA;
    a2 += stepA;
    a3 += stepA;
    b += stepB;
  }
  close(mode, c0, s00);
  close(mode, c0 + 16, s01);
  close(mode, c1, s10);
  close(mode, c1 + 16, s11);
  close(mode, c2, s20);
  close(mode, c2 + 16, s21);
  close(mode, c3, s30);
  close(mode, c3 + 16, s31);
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
  let s0 = opening(mode, c);
  let s1 = opening(mode, c1);
  let s2 = opening(mode, c2);
  let s3 = opening(mode, c3);
  for (let k = K; k > 0; k--) {
    const b0 = v128.load(b);
    s0 = f32x4.add(s0, f32x4.mul(v128.load_splat<f32>(a0), b0));
    s1 = f32x4.add(s1, f32x4.mul(v128.load_splat<f32>(a1), b0));
    s2 = f32x4.add(s2, f32x4.mul(v128.load_splat<f32>(a2), b0));
    s3 = f32x4.add(s3, f32x4.mul(v128.load_splat<f32>(a3), b0));
    a0 += stepA;
    a1 += stepA;
    a2 += stepA;
    a3 += stepA;
    b += stepB;
  }
  close(mode, c, s0);
  close(mode, c1, s1);
  close(mode, c2, s2);
  close(mode, c3, s3);
}

export function tile1x16(K: i32, a: usize, stepA: usize, b: usize, stepB: usize, c: usize, mode: i32): void {
  let s0 = opening(mode, c);
  let s1 = opening(mode, c + 16);
  let s2 = opening(mode, c + 32);
  let s3 = opening(mode, c + 48);
  for (let k = K; k > 0; k--) {
    const x = v128.load_splat<f32>(a);
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(b, 16)));
    s2 = f32x4.add(s2, f32x4.mul(x, v128.load(b, 32)));
    s3 = f32x4.add(s3, f32x4.mul(x, v128.load(b, 48)));
    a += stepA;
    b += stepB;
  }
  close(mode, c, s0);
  close(mode, c + 16, s1);
  close(mode, c + 32, s2);
  close(mode, c + 48, s3);
}

export function tile1x4(K: i32, a: usize, stepA: usize, b: usize, stepB: usize, c: usize, mode: i32): void {
  let s = opening(mode, c);
  for (let k = K; k > 0; k--) {
    s = f32x4.add(s, f32x4.mul(v128.load_splat<f32>(a), v128.load(b)));
    a += stepA;
    b += stepB;
  }
  close(mode, c, s);
}
