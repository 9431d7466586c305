/**
 * Products of many rows with a small matrix, up to four by four: that stays in registers, and a row of C is one vector.
 */
import { gathered, link } from "./panels";
import { leading } from "./rows";

/** The most columns of C, and the most k. */
export const NARROW = 4;

/**
 * C (M×N) = A·op(B), or += when `accumulate`, for K of 2 to 4. Element (k, j) of op(B) stands at b + k·stepB + j·columnB. Behind C's last
 * element up to three are read and written again as they are.
 */
export function narrow(
  M: i32,
  N: i32,
  K: i32,
  a: usize,
  rowA: usize,
  b: usize,
  stepB: usize,
  columnB: usize,
  c: usize,
  rowC: usize,
  accumulate: bool,
): void {
  const o1 = columnB * <usize>min(1, N - 1);
  const o2 = columnB * <usize>min(2, N - 1);
  const o3 = columnB * <usize>(N - 1);
  const zero = f32x4.splat(0);
  const b0 = gathered(b, b + o1, b + o2, b + o3);
  b += stepB;
  const b1 = gathered(b, b + o1, b + o2, b + o3);
  if (K > 2) b += stepB;
  const b2 = gathered(b, b + o1, b + o2, b + o3);
  if (K > 3) b += stepB;
  const b3 = gathered(b, b + o1, b + o2, b + o3);
  const wanted = N < 4 ? leading(N) : f32x4.eq(zero, zero);
  for (; M > 0; M--, a += rowA, c += rowC) {
    let s = link(link(zero, a, b0), a + 4, b1);
    if (K > 2) s = link(s, a + 8, b2);
    if (K > 3) s = link(s, a + 12, b3);
    const before = v128.load(c);
    if (accumulate) s = f32x4.add(before, s);
    v128.store(c, v128.bitselect(s, before, wanted));
  }
}
